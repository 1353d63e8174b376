"""Evaluate and differentiate a program: the main use."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.evaluation import Evaluation, ForwardPass
from gradcalc.engine.run import forward
from gradcalc.errors import GradcalcError, Span, closest, listed_names
from gradcalc.graph import complaints
from gradcalc.graph.graph import Graph
from gradcalc.graph.lower import Lowering, Problem
from gradcalc.report import Report
from gradcalc.services.notes import notes_of
from gradcalc.source import Source
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import parse

DTYPES = ("float64", "float32")


def backprop(
    program: str,
    values: Mapping[str, float] | None = None,
    *,
    wrt: Collection[str] | None = None,
    of: str | None = None,
    upstream: float | None = None,
    dtype: str = "float64",
    **inputs: float,
) -> Report:
    """Evaluate a program and differentiate its output by its inputs.

        >>> backprop("(x+y)*z", x=-2, y=5, z=-4).gradients
        {'x': -4.0, 'y': -4.0, 'z': 3.0}

    Args:
        program: an expression, or several statements (see the language reference).
        values: of inputs, by name, for names that are no Python identifiers or clash with another
            argument. ``inputs`` are the same as keyword arguments.
        wrt: the names whose gradients to report; all inputs if not given.
        of: the definition to differentiate; of several outputs the last if not given.
        upstream: the gradient that arrives at the output, 1 if not given.
        dtype: ``float64`` or ``float32``.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    reports = backprop_all(
        program, values, wrt=wrt, of=of, upstream=upstream, dtype=dtype, **inputs
    )
    return reports[-1]


def backprop_all(
    program: str,
    values: Mapping[str, float] | None = None,
    *,
    wrt: Collection[str] | None = None,
    of: str | None = None,
    upstream: float | None = None,
    dtype: str = "float64",
    **inputs: float,
) -> list[Report]:
    """Like :func:`backprop`, with a report for each output of each problem of the program."""
    given = {
        canonical(name): _number(name, value)
        for name, value in {**(values or {}), **inputs}.items()
    }
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",")]
    return evaluate(
        Source(program, "program"),
        given,
        wrt=None if wrt is None else [canonical(name) for name in wrt],
        of=None if of is None else canonical(of),
        upstream=1.0 if upstream is None else _number("upstream", upstream),
        dtype=dtype,
    )


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        message = f"the value of {name} is no number: {value!r:.60}"
        raise GradcalcError("bad-value", message) from None


def evaluate(
    source: Source,
    values: Mapping[str, float],
    *,
    wrt: Collection[str] | None = None,
    of: str | None = None,
    upstream: float = 1.0,
    dtype: str = "float64",
    strict: bool = False,
) -> list[Report]:
    """A report for each output of each problem, in the order of the text.

    Args:
        values: of the inputs. Every name must be one of the program.
        strict: whether a reading that might have been meant otherwise, and a value that is not
            finite, are errors.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    algebra = _algebra(dtype)
    asts = parse(source, ops.PLACES, values)
    lowerings = [Lowering(ast, source, values) for ast in asts]
    problems = [lowering.run(of) for lowering in lowerings]
    _check_values(lowerings, problems, values)
    reports = []
    for number, problem in enumerate(problems, start=1):
        if strict and problem.ast.readings:
            reading = problem.ast.readings[0]
            span = Span(reading.start, reading.end)
            help = "write the operator, or put brackets"
            raise GradcalcError("ambiguous", reading.message, [span], help=help, source=source)
        forward_pass = ForwardPass(problem, _run(problem, values, algebra), algebra)
        for output in problem.outputs:
            run = Evaluation(forward_pass, output, algebra.mul(1.0, upstream))
            gradients = {name: run.gradient(node) for name, node in _wanted(problem, wrt)}
            notes = notes_of(run, strict)
            reports.append(Report(run, problem=number, gradients=gradients, notes=notes))
    return reports


def _check_values(
    lowerings: Sequence[Lowering], problems: Sequence[Problem], values: Collection[str]
) -> None:
    """Every input needs a value, and every value an input."""
    unused = [name for name in values if all(name not in p.inputs for p in problems)]
    missing = {name for lowering in lowerings for name in lowering.missing}
    # wx without a value, and w with one that nothing uses: it is x that was forgotten.
    factors = {
        (given, name.removeprefix(given)): None
        for name in sorted(missing)
        for given in unused
        if name.startswith(given) and name.removeprefix(given).isidentifier()
    }
    if missing and (factors or not unused):
        error = complaints.missing_values(lowerings)
        for given, rest in list(factors)[:5]:
            error.help += f"\nfor the product {given}*{rest} add --{rest} VALUE"
        raise error
    if unused:
        known = dict.fromkeys(name for problem in problems for name in problem.inputs)
        raise complaints.unused_values(unused, known)


def constant(source: Source) -> float:
    """The value of a constant expression. Raises GradcalcError where it is none."""
    asts = parse(source, ops.PLACES)
    statements = [statement for ast in asts for statement in ast.statements]
    lowering = Lowering(asts[0], source, ())
    if len(statements) != 1 or statements[0].kind != "output":
        raise GradcalcError(
            "bad-value",
            "a value is one constant expression",
            [Span(0, len(source.text))],
            help="such as -2, 1/3, 2e-5 or pi/4",
            source=source,
        )
    lowering.run()
    if lowering.missing:
        name, (start, end, _) = next(iter(lowering.missing.items()))
        raise lowering.error(
            "bad-value",
            f"a value is a constant expression, and {name} is a name",
            start,
            end,
            help="such as -2, 1/3, 2e-5 or pi/4",
        )
    for reading in asts[0].readings:
        span = Span(reading.start, reading.end)
        raise GradcalcError("bad-value", reading.message, [span], source=source)
    return _value(lowering.graph)


def _algebra(dtype: str) -> Any:
    if dtype not in DTYPES:
        raise GradcalcError("usage", f"dtype is {' or '.join(DTYPES)}, not {dtype}")
    if dtype == "float64":
        return floats
    from gradcalc.engine import singles

    return singles


def _run(problem: Problem, values: Mapping[str, float], algebra: Any) -> list[Any]:
    """The value of every node."""
    leaves = dict(problem.graph.constants)
    for name, node in problem.inputs.items():
        leaves[node] = values[name] if name in values else _value(problem.givens[name])
    numbers: list[Any] = [0.0] * len(problem.graph)
    for node, value in leaves.items():
        numbers[node] = algebra.add(value, 0.0) if value else value
    forward(problem.graph, numbers, algebra)
    return numbers


def _value(graph: Graph) -> float:
    """The value of the last node of a graph without inputs."""
    numbers = [graph.constants.get(node, 0.0) for node in range(len(graph))]
    forward(graph, numbers, floats)
    return numbers[-1]


def _wanted(problem: Problem, wrt: Collection[str] | None) -> Iterator[tuple[str, int]]:
    if wrt is None:
        yield from problem.inputs.items()
        return
    for name in wrt:
        if name not in problem.definitions:
            known = list(problem.definitions)
            near = closest(name, known)
            help = f"did you mean {near}?" if near else f"its names are {listed_names(known)}"
            raise GradcalcError("unknown-name", f"the program has no {name}", help=help)
        yield name, problem.definitions[name]
