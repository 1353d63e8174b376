"""Evaluate and differentiate a program: the main use."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import forward
from gradcalc.errors import GradcalcError, Span
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
    if unused := [name for name in values if all(name not in p.inputs for p in problems)]:
        known = dict.fromkeys(name for problem in problems for name in problem.inputs)
        raise complaints.unused_values(unused, known)
    if any(lowering.missing for lowering in lowerings):
        raise complaints.missing_values(lowerings)
    reports = []
    for number, problem in enumerate(problems, start=1):
        if strict and problem.ast.readings:
            reading = problem.ast.readings[0]
            span = Span(reading.start, reading.end)
            help = "write the operator, or put brackets"
            raise GradcalcError("ambiguous", reading.message, [span], help=help, source=source)
        numbers = _run(problem, values, algebra)
        for output in problem.outputs:
            run = Evaluation(problem, output, numbers, algebra.mul(1.0, upstream), algebra)
            gradients = {name: run.gradient(node) for name, node in _wanted(problem, wrt)}
            notes = notes_of(run, strict)
            reports.append(Report(run, problem=number, gradients=gradients, notes=notes))
    return reports


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
        name, i = next(iter(lowering.missing.items()))
        raise lowering.error(
            "bad-value",
            f"a value is a constant expression, and {name} is a name",
            asts[0].start[i],
            asts[0].end[i],
            help="such as -2, 1/3, 2e-5 or pi/4",
        )
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
            near = complaints.closest(name, known)
            help = f"did you mean {near}?" if near else f"its names are {', '.join(known[:20])}"
            raise GradcalcError("unknown-name", f"the program has no {name}", help=help)
        yield name, problem.definitions[name]
