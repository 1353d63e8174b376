"""Evaluate and differentiate a program: the main use."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, ForwardPass, algebra_of, compute
from gradcalc.errors import GradcalcError, Span, listed_names
from gradcalc.graph import complaints, misfits
from gradcalc.graph.lower import Lowering, Output, Problem
from gradcalc.ops.shapes import described, has_truth_values, size_of, stated
from gradcalc.report import Note, Report
from gradcalc.services.notes import notes_of
from gradcalc.services.values import (
    Seed,
    Value,
    derivative_node,
    given,
    input_name,
    program_source,
    shape_of,
    value_of_node,
)
from gradcalc.services.wanted import check_names, wanted_nodes
from gradcalc.source import Source
from gradcalc.syntax.grammar import NOTATIONS
from gradcalc.syntax.parser import parse

DTYPES = ("float64", "float32")
SYNTAXES = ("auto", *NOTATIONS)
#: Problems that were lowered lately, by all that they were made from; the newest last. A graph is
#: never changed once it is lowered.
_recent: dict[Hashable, list[Problem]] = {}
#: So many are kept, of texts that are at most so long.
RECENT = 16
SHORT = 2000


def backprop(
    program: str,
    values: Mapping[str, Value] | None = None,
    *,
    wrt: Iterable[str] | None = None,
    of: str | None = None,
    upstream: Value | None = None,
    dtype: str = "float64",
    seed: int | None = None,
    syntax: str = "auto",
    **inputs: Value,
) -> Report:
    """Evaluate a program and differentiate its output by its inputs.

        >>> backprop("(x+y)*z", x=-2, y=5, z=-4).gradients
        {'x': -4.0, 'y': -4.0, 'z': 3.0}

    Args:
        program: an expression, or several statements (see the language reference).
        values: of inputs, by name, for names that are no Python identifiers or clash with another
            argument. ``inputs`` are the same as keyword arguments. A value is a number, an array of
            any shape, or nested lists of numbers. An array of more than 10,000 entries is not
            copied: leave it as it is while the report is in use. A change of much of it is noticed
            (``changed-value``).
        wrt: the names whose gradients to report; all inputs if not given.
        of: the definition to differentiate; of several outputs the last if not given.
        upstream: the gradient that arrives at the output, a number or of the output's shape; 1 if
            not given, in every entry of an output that is not a scalar.
        dtype: ``float64`` or ``float32``.
        seed: of ``randn`` and ``rand`` in the program; drawn anew, and noted, if not given.
        syntax: ``native`` or ``latex``, the notation of the program; by its text, if ``auto``.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    reports = backprop_all(
        program,
        values,
        wrt=wrt,
        of=of,
        upstream=upstream,
        dtype=dtype,
        seed=seed,
        syntax=syntax,
        **inputs,
    )
    return reports[-1]


def backprop_all(
    program: str,
    values: Mapping[str, Value] | None = None,
    *,
    wrt: Iterable[str] | None = None,
    of: str | None = None,
    upstream: Value | None = None,
    dtype: str = "float64",
    seed: int | None = None,
    syntax: str = "auto",
    **inputs: Value,
) -> list[Report]:
    """Like :func:`backprop`, with a report for each output of each problem of the program.

    Raises:
        GradcalcError: as :func:`backprop`.
    """
    source = program_source(program)
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",")]
    if not isinstance(wrt, Iterable | None):
        raise GradcalcError("usage", f"wrt is a name, or several, and here is {wrt!r:.60}")
    if not isinstance(values, Mapping | None):
        raise GradcalcError("bad-value", f"values are by name, and here is {values!r:.60}")
    return evaluate(
        source,
        {
            input_name(name): given(name, value)
            for name, value in {**(values or {}), **inputs}.items()
        },
        wrt=None if wrt is None else [input_name(name) for name in wrt],
        of=None if of is None else input_name(of),
        upstream=None if upstream is None else given("upstream", upstream),
        dtype=dtype,
        seed=seed,
        notation=notation_called(syntax),
    )


def notation_called(syntax: str) -> str | None:
    """The notation that ``syntax`` stands for; None where the text decides.

    Raises:
        GradcalcError: ``usage``.
    """
    if syntax not in SYNTAXES:
        raise GradcalcError("usage", f"syntax is {listed_names(SYNTAXES, 'or')}, not {syntax}")
    return None if syntax == "auto" else syntax


def evaluate(
    source: Source,
    values: Mapping[str, Value],
    *,
    wrt: Collection[str] | None = None,
    of: str | None = None,
    upstream: Value | None = None,
    dtype: str = "float64",
    seed: Seed | int | None = None,
    strict: bool = False,
    intermediates: bool = False,
    notation: str | None = None,
) -> list[Report]:
    """A report for each output of each problem, in the order of the text.

    Args:
        values: of the inputs. Every name must be one of the program.
        seed: of random values. A :class:`Seed` may be the one that values were drawn with already.
        strict: whether a reading that might have been meant otherwise, and a value that is not
            finite, are errors.
        intermediates: whether the gradients of all nodes will be asked for; if not, those of
            arrays are worked out when they are.
        notation: ``native`` or ``latex``; by the text, if not given.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    dtype = getattr(dtype, "name", getattr(dtype, "__name__", dtype))  # NumPy has types of its own
    if dtype not in DTYPES:
        raise GradcalcError("usage", f"dtype is {' or '.join(DTYPES)}, not {dtype}")
    random = seed if isinstance(seed, Seed) else Seed(seed)
    reports = []
    itemsize = 8 if dtype == "float64" else 4
    problems = problems_of(source, values, of, random, itemsize, notation)
    check_names(wrt, problems)
    for number, problem in enumerate(problems, start=1):
        if strict:
            refuse_readings(problem)
        forward_pass = run_forward(problem, values, dtype, random)
        claims = _claims(forward_pass, dtype)
        for report in reports_of(
            forward_pass, number, wrt, upstream, random, strict, intermediates
        ):
            if claims:
                report.notes += tuple(claims)
            reports.append(report)
    return reports


def reports_of(
    forward_pass: ForwardPass,
    number: int,
    wrt: Collection[str] | None,
    upstream: Value | None,
    random: Seed,
    strict: bool,
    intermediates: bool,
) -> Iterator[Report]:
    """A report for each output of a problem; see :func:`evaluate`."""
    wanted = wanted_nodes(forward_pass.problem, wrt)
    for output in forward_pass.problem.outputs:
        run = Evaluation(
            forward_pass,
            output,
            _arriving(1.0 if upstream is None else upstream, output, forward_pass),
            None if intermediates else list(wanted.values()),
        )
        gradients = {name: run.gradient(node) for name, node in wanted.items()}
        others = (*(_summed(run) if upstream is None else ()), *_seeded(random))
        notes: Callable[[], Iterable[Note]] = partial(_notes, run, others)
        if strict:  # what is an error is found out at once
            notes = partial(tuple, (*notes_of(run, strict), *others))
        yield Report(run, problem=number, gradients=gradients, notes=notes)


def _notes(run: Evaluation, others: Iterable[Note]) -> Iterable[Note]:
    return *notes_of(run, strict=False), *others


def refuse_readings(problem: Problem) -> None:
    """Raise GradcalcError where a text could have been understood otherwise."""
    if not problem.ast.readings:
        return
    reading = problem.ast.readings[0]
    help = {
        "power": "write the one that is meant",
        "norm": "write the one that is meant",
        "transpose": "write the one that is meant",
        "own-name": "for an entry write square brackets, as in x[0]; or give the name no index",
        "scalar": "give the shapes of arrays, and of numbers a number such as 1",
    }.get(reading.kind, "write the operator, or put brackets")
    raise GradcalcError(
        "ambiguous",
        reading.message,
        [Span(reading.start, reading.end)],
        help=help,
        source=problem.source,
    )


def problems_of(
    source: Source,
    values: Mapping[str, Value],
    of: str | None,
    random: Seed,
    itemsize: int = 8,
    notation: str | None = None,
) -> list[Problem]:
    """The problems of a program, ready to be evaluated: every input has a value.

    A program that is run again with values of the same shapes and kinds is not read again.
    """
    kinds = tuple((name, shape_of(v), has_truth_values(v)) for name, v in values.items())
    key = (source.text, source.name, of, itemsize, notation, kinds)
    known = _recent.get(key)
    if known:
        return known
    asts = parse(source, ops.PLACES, values, notation)
    compute_node = value_of_node(random)
    lowerings = [
        Lowering(ast, source, values, compute_node, derivative_node, itemsize=itemsize)
        for ast in asts
    ]
    problems = [lowering.run(of, alone=len(asts) == 1) for lowering in lowerings]
    _check_values(lowerings, problems, values)
    if len(source.text) <= SHORT and not any(lowering.by_value for lowering in lowerings):
        _recent[key] = problems
        for oldest in list(_recent)[:-RECENT]:
            _recent.pop(oldest, None)
    return problems


def _claims(forward_pass: ForwardPass, dtype: str) -> list[Note]:
    """What there is to say of chains of equals, if they hold."""
    if not forward_pass.problem.claims:
        return []
    from gradcalc.services.claims import check_claims

    return check_claims(forward_pass, dtype)


def _summed(run: Evaluation) -> Iterator[Note]:
    """What is differentiated where the output is no scalar."""
    shape = run.graph.shape(run.output.node)
    if size_of(shape) != 1:
        message = f"the output is an array ({described(shape)}): the gradients are those of the sum"
        message += " of its entries; --upstream gives each entry a weight"
        yield Note("sum", run.id(run.output.node), message)


def _seeded(random: Seed) -> Iterator[Note]:
    if random.drawn:
        message = f"random values were drawn with the seed {random.value}"
        yield Note("seed", None, f"{message}; --seed {random.value} gives the same again")


def _arriving(upstream: Value, output: Output, forward_pass: ForwardPass) -> Any:
    """The gradient that arrives at an output, which must have its shape or none."""
    graph = forward_pass.graph
    shape, have = graph.shape(output.node), shape_of(upstream)
    if have and have != shape:
        message = f"{stated('the upstream gradient', have)}, and {stated('the output', shape)}"
        help = "it has the shape of the output, or is one number for every entry"
        raise GradcalcError("shape", message, help=help)
    return upstream if graph.shapes else forward_pass.algebra.mul(1.0, upstream)


def _check_values(
    lowerings: Sequence[Lowering], problems: Sequence[Problem], values: Collection[str]
) -> None:
    """Every input needs a value, and every value an input."""
    source = lowerings[0].source
    unused = [name for name in values if all(name not in p.inputs for p in problems)]
    refuse_computed(unused, lowerings)
    missing = {name for lowering in lowerings for name in lowering.missing}
    # wx without a value, and w with one that nothing uses: it is x that was forgotten.
    factors = {
        (given, name.removeprefix(given)): None
        for name in sorted(missing)
        for given in unused
        if name.startswith(given)
        and name.removeprefix(given).isidentifier()
        # x_1 is not the product of x and _1.
        and not name.removeprefix(given).startswith("_")
    }
    # What stands for another value at each index is not known where the index is not.
    unknown = any((name, ()) in low.members for low in lowerings for name in low.ast.families)
    if missing and (factors or not unused or unknown):
        error = complaints.missing_values(lowerings)
        for given, rest in list(factors)[:5]:
            added = complaints.assignments([rest], source)
            error.help += f"\nfor the product {given}*{rest} add {added}"
        raise error
    if unused:
        known = dict.fromkeys(name for problem in problems for name in problem.inputs)
        raise complaints.unused_values(unused, known, source)


def refuse_computed(unused: Collection[str], lowerings: Sequence[Lowering]) -> None:
    """Raise GradcalcError for a value that is no input's, where a problem computes its name."""
    for lowering in lowerings:
        for name in unused:
            if name in lowering.definitions:
                raise complaints.value_for_definition(lowering.heads[name], lowering)


def run_forward(
    problem: Problem, values: Mapping[str, Value], dtype: str, random: Seed
) -> ForwardPass:
    """Evaluate every node of a problem.

    Raises:
        GradcalcError: ``bad-value``, where an operation cannot take its values.
    """
    leaves = {}
    for name, node in problem.inputs.items():
        if name in values:
            leaves[node] = values[name]
        else:
            constants, compute_node = problem.givens[name], value_of_node(random)
            with misfits.Placed(constants, problem.ast, problem.source):
                leaves[node] = compute_node(constants, {}, len(constants) - 1, name)
    algebra = algebra_of(problem.graph, dtype)
    with misfits.Placed(problem.graph, problem.ast, problem.source):
        return ForwardPass(problem, compute(problem.graph, leaves, algebra), algebra)
