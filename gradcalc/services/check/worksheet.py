"""Worksheets: a problem as a table with blanks, and the numbers that belong there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gradcalc import ops
from gradcalc.engine.evaluation import Local
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph.lower import Lowering, Problem
from gradcalc.report import Node, Note, Report, Value
from gradcalc.services.check.labels import is_label
from gradcalc.services.evaluate import evaluate, problems_of
from gradcalc.services.values import Seed, derivative_node, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.literals import format_value
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

#: What can be asked for: the forward pass, whose values are given if not; and the backward pass,
#: which the worksheet is silent about if not.
ASKED = ("values", "gradients")
#: The inputs, definitions and the output of a graph of more nodes are all that is asked.
WHOLE = 200
#: It stands where a text is cut.
CUT = "…"


class Cell(NamedTuple):
    """A number of the table.

    Attributes:
        quantity: its name among the answers: ``q``, ``dq``, ``d(x + y)``; of two nodes that are
            written alike it is the same. Empty where it would be too long.
        value: a float or an array.
        asked: whether it is left blank.
    """

    quantity: str
    value: Value
    asked: bool


class Line(NamedTuple):
    """A node of the table.

    Attributes:
        upstream: None where no gradient is asked for, as of labels, or of inputs that are not
            among the ``wrt``.
        local: its local gradients by the operands that a gradient is asked for.
    """

    node: Node
    value: Cell
    upstream: Cell | None
    local: tuple[Local, ...]


class Worksheet(NamedTuple):
    """One output of one problem.

    Attributes:
        program: the problem as a program that needs nothing else: the values of the inputs, then
            the statements, one a line.
        statements: how many of these lines are statements; those in front give values.
        of: the definition that is the output, if that had to be said.
        arriving: the gradient that arrives at the output, if it is not 1.
        report: the right numbers.
        asked: those of ``ASKED`` that are asked for.
        lines: the nodes, in topological order, constants left out.
    """

    program: str
    statements: int
    of: str | None
    arriving: Value | None
    report: Report
    asked: frozenset[str]
    lines: tuple[Line, ...]


class Request(NamedTuple):
    """What worksheets are to be about.

    Attributes:
        values, wrt, of, upstream, seed: as for ``evaluate``.
        asked: some of ``ASKED``.
        vary: where new inputs begin, any text; None for those of the problem.
    """

    values: Mapping[str, Value]
    wrt: Collection[str] | None = None
    of: str | None = None
    upstream: Value | None = None
    seed: Seed | None = None
    asked: Collection[str] = ASKED
    vary: str | None = None


def worksheets(source: Source, request: Request) -> list[Worksheet]:
    """A worksheet for each output of each problem.

    Raises:
        GradcalcError: the program or a value is at fault; ``no-inputs``, where no new inputs were
            found at which everything is defined and smooth.
    """
    seed = request.seed or Seed()
    values, of = dict(request.values), request.of
    if request.vary is None:
        try:
            evaluate(source, values, wrt=request.wrt, of=of, upstream=request.upstream, seed=seed)
        except GradcalcError as error:
            if error.code == "missing-value":
                error.help += "\nor let --vary SEED draw numbers"
            raise
        problems = problems_of(source, values, of, seed)
    else:
        missing = _missing(source, values, seed)
        try:
            problems = problems_of(source, values | dict.fromkeys(missing, 1.0), of, seed)
        except GradcalcError as error:
            if missing:
                error.help += f"\n{missing[0]} has no value, and --vary draws a number for it;"
                error.help += f" give an array, whose shape is kept: --{missing[0]} [1,2]"
            raise
    found: list[Worksheet] = []
    for number, problem in enumerate(problems, start=1):
        given = _givens(problem, values, seed)
        inputs = {name: given.get(name, 1.0) for name in problem.inputs}
        drawn: dict[str, Value] = {}
        for output in range(len(problem.outputs)):
            statements = _statements(problem, output)
            if request.vary is not None:
                from gradcalc.services.check.worksheet_inputs import draw

                # The outputs of one problem share their inputs.
                inputs |= drawn
                program = Source(_program(inputs, statements), "worksheet")
                place = f"{request.vary}/{number}"
                drawn |= draw(program, inputs, drawn, of, request.upstream, place)
                inputs |= drawn
            sheet = _worksheet(inputs, statements, request)
            readings = [Note(r.kind, None, r.message) for r in problem.ast.readings]
            sheet.report.problem = number
            sheet.report.notes = (*dict.fromkeys(readings), *sheet.report.notes)
            found.append(sheet)
    return found


def _missing(source: Source, values: Mapping[str, Value], seed: Seed) -> list[str]:
    """The inputs without a value."""
    missing: dict[str, None] = {}
    for ast in parse(source, ops.PLACES, values):
        lowering = Lowering(ast, source, values, value_of_node(seed), derivative_node)
        lowering.run()
        missing.update(dict.fromkeys(lowering.missing))
    return list(missing)


def _givens(problem: Problem, values: Mapping[str, Value], seed: Seed) -> dict[str, Value]:
    """The values of the inputs, as far as there are any."""
    compute = value_of_node(seed)
    given = {}
    for name in problem.inputs:
        if name in values:
            given[name] = values[name]
        elif name in problem.givens:
            constants = problem.givens[name]
            given[name] = compute(constants, {}, len(constants) - 1, name)
    return given


def _statements(problem: Problem, output: int) -> list[str]:
    """The statements of a problem for one of its outputs, without values and chains of equals:
    a chain would give the answer away."""
    ast = problem.ast
    if ast.blocks:  # what a list of arrays is depends on their shapes
        span = Span(ast.start[ast.blocks[0]], ast.end[ast.blocks[0]])
        message = "a worksheet is in the native notation, which has no matrices of blocks"
        help = "write it there, as in concat(A, B, axis=1) for A beside B"
        raise GradcalcError("shape", message, [span], help=help, source=problem.source)
    if recurrence := ast.recurrence():
        span = Span(recurrence.start, recurrence.end)
        message = "a worksheet is in the native notation, which has no h_t of h_{t-1}, and no x_i"
        message += " for x_1, x_2"
        help = "write a definition for each step, as in h_2 = tanh(w h_1), and sums term by term"
        raise GradcalcError("usage", message, [span], help=help, source=problem.source)
    texts = iter(_heads(ast))
    kept, bare = [], []
    for statement in ast.statements:
        if statement.kind == "member":
            continue
        text = next(texts)
        if statement.kind == "output":
            bare.append(text)
        elif statement.kind != "claim" and not (
            statement.kind == "definition" and statement.name in problem.inputs
        ):
            kept.append(text)
        elif statement.kind == "claim" and not any(s.name for s in ast.statements):
            bare.append(text)
    if bare and problem.outputs[output].name is None:
        kept.append(bare[output])
    return kept


def _heads(ast: Ast) -> list[str]:
    """Each statement in the native notation, without the members of its chain."""
    plain = Ast()
    for column in Ast.__slots__:
        setattr(plain, column, getattr(ast, column))
    plain.statements = [
        statement._replace(kind="output" if statement.kind == "claim" else statement.kind)
        for statement in ast.statements
        if statement.kind != "member"
    ]
    return print_program(plain).split("\n")


def _program(inputs: Mapping[str, Value], statements: Sequence[str]) -> str:
    return "\n".join((*(f"{name} = {format_value(v)}" for name, v in inputs.items()), *statements))


def _worksheet(
    inputs: Mapping[str, Value], statements: Sequence[str], request: Request
) -> Worksheet:
    program = _program(inputs, statements)
    (report,) = evaluate(
        Source(program, "worksheet"),
        {},
        wrt=request.wrt,
        of=request.of,
        upstream=request.upstream,
        seed=request.seed,
        intermediates=True,
    )
    report.nodes.jacobians = False
    asked = frozenset(request.asked)
    with report.evaluation.quiet():
        lines = tuple(_lines(report, asked, request.wrt))
    return Worksheet(
        program,
        len(statements),
        request.of,
        request.upstream,
        report,
        asked,
        lines,
    )


def _lines(report: Report, asked: Collection[str], wrt: Collection[str] | None) -> Iterator[Line]:
    output = report.evaluation.id(report.evaluation.output.node)
    reached = _reached(report)
    if wrt is not None:
        reached -= {report.evaluation.id(n) for name, n in _inputs(report) if name not in wrt}
    for node in _shown(report):
        if node.op == "constant":
            continue
        name = node.name or ""
        if not name and CUT not in node.expression:
            name = f"({node.expression})"
        called = name
        if node.id == output and not node.name and not report.defines("value"):
            called = "value"
        upstream = None
        if node.id in reached:
            upstream = Cell(_gradient(report, name), node.upstream, node.id != output)
        local = tuple(one for one in node.local if one.operand in reached)
        blank = "values" in asked and node.op != "input"
        yield Line(node, Cell(called, node.value, blank), upstream, local)


def _inputs(report: Report) -> Iterable[tuple[str, int]]:
    return report.evaluation.problem.inputs.items()


def _shown(report: Report) -> Iterable[Node]:
    if len(report.nodes) <= WHOLE:
        return report.nodes
    return [report.nodes[id] for id in report.landmarks()]


def _reached(report: Report) -> set[int]:
    """The ids of the nodes that a gradient arrives at. At labels and indices none does."""
    run = report.evaluation
    reached = {run.output.node} if run.graph.varies[run.output.node] else set()
    for node in reversed(run.nodes):
        if node in reached:
            operands = run.graph.operands[node]
            reached.update(operands[place] for place, _ in run.forward_pass.rules[node])
    for _, node in _inputs(report):
        if node in reached and is_label(run, node):
            reached.remove(node)
    return {run.id(node) for node in reached}


def _gradient(report: Report, name: str) -> str:
    """What the gradient by a node is called: ``dq``, or ``df/dq`` where ``dq`` is a name."""
    if not name:
        return ""
    if report.defines(f"d{name}"):
        return f"d{report.output or 'f'}/d{name}"
    return f"d{name}"
