"""What is worth knowing about a result: readings, kinks, and where infinities were born."""

from collections.abc import Iterator
from math import isfinite

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.errors import GradcalcError, Span
from gradcalc.report import Note
from gradcalc.syntax.printer import format_number, shorten

WHERE = ops.PLACES["where"]
#: So many notes of one kind are given in full.
MOST = 20
TEXT = 60


def notes_of(run: Evaluation, strict: bool) -> list[Note]:
    """The notes on one output.

    Raises:
        GradcalcError: ``non-finite``, if ``strict`` and a value or gradient is not finite.
    """
    readings = sorted(run.problem.ast.readings, key=lambda reading: reading.start)
    notes = list(dict.fromkeys(Note(r.kind, None, r.message) for r in readings))
    notes = _first(notes, "readings")
    notes += _first(list(_kinks(run)), "kinks")
    for node, message in _non_finite(run):
        if strict:
            raise _as_error(run, node, message)
        notes.append(Note("non-finite", run.id(node), message))
    return notes


def _first(notes: list[Note], what: str) -> list[Note]:
    if len(notes) <= MOST:
        return notes
    more = Note(notes[0].kind, None, f"{len(notes) - MOST} more {what} like these")
    return [*notes[:MOST], more]


def _kinks(run: Evaluation) -> Iterator[Note]:
    graph, values = run.graph, run.values
    kinked = {place for place, row in enumerate(ops.TABLE) if row.kink}
    for node in run.nodes:
        if graph.op[node] not in kinked or not graph.varies[node] or not run.gradient(node):
            continue
        row = ops.TABLE[graph.op[node]]
        inputs = [values[operand] for operand in graph.operands[node]]
        if row.kink is None or not row.kink.at(*inputs):
            continue
        varying = [values[o] for o in graph.operands[node] if graph.varies[o]]
        if row.variadic and values[node] not in varying:
            continue  # only constants are tied
        message = f"{_text(run, node)} has a kink at {row.kink.text}: {row.kink.convention}"
        if row.kink.interval is None:
            message = f"{_text(run, node)} jumps at {row.kink.text}: {row.kink.convention}"
        else:
            low, high = row.kink.interval(*inputs)
            message += f"; valid is anything from {format_number(low)} to {format_number(high, 6)}"
        yield Note("kink", run.id(node), message)


def _non_finite(run: Evaluation) -> Iterator[tuple[int, str]]:
    """The gate where the first value, and the first gradient, that is not finite was born."""
    graph, values = run.graph, run.values
    strange = [node for node in run.nodes if graph.operands[node] and not isfinite(values[node])]
    taken = _taken(run) if strange else set()
    for node in strange:
        if node not in taken:
            continue
        inputs = [values[operand] for operand in graph.operands[node]]
        if all(map(isfinite, inputs)):
            yield node, _born(run, node, inputs)
            return
    for node in reversed(run.nodes):
        if isfinite(run.gradient(node)):
            continue
        for gate in run.nodes:
            if node not in graph.operands[gate] or not isfinite(run.gradient(gate)):
                continue
            for local in run.local(gate):
                product = local.value * run.gradient(gate)
                if local.operand == node and not isfinite(product):
                    yield (
                        gate,
                        f"the gradient of {_text(run, node)} is {run.gradient(node)}: at"
                        f" {_text(run, gate)} the local gradient is"
                        f" {shorten(local.symbol, TEXT)} = {format_number(local.value, 6)}",
                    )
                    return


def _taken(run: Evaluation) -> set[int]:
    """The nodes that the output is made of: those it depends on, without branches not taken."""
    graph, values = run.graph, run.values
    taken = {run.output.node}
    stack = [run.output.node]
    while stack:
        gate = stack.pop()
        operands = graph.operands[gate]
        if graph.op[gate] == WHERE:
            condition, chosen, other = operands
            operands = (condition, chosen if values[condition] else other)
        new = [operand for operand in operands if operand not in taken]
        taken.update(new)
        stack.extend(new)
    return taken


def _born(run: Evaluation, node: int, inputs: list[float]) -> str:
    row = ops.TABLE[run.graph.op[node]]
    message = f"{_text(run, node)} is {format_number(run.values[node])}"
    if row.domain is not None and not row.domain.holds(*inputs):
        what = row.formula if row.symbol else row.signature
        message += f": {what} is defined for {row.domain.text}"
    operands = run.graph.operands[node]
    told = [
        f"{shorten(run.reference(o)[0], TEXT)} = {format_number(run.values[o], 6)}"
        for o in dict.fromkeys(operands)
        if o not in run.graph.constants
    ]
    return f"{message}; here {', '.join(told[:5])}" if told else message


def _text(run: Evaluation, node: int) -> str:
    return shorten(run.expression(node), TEXT)


def _as_error(run: Evaluation, node: int, message: str) -> GradcalcError:
    ast, i = run.problem.ast, run.graph.origin[node]
    return GradcalcError(
        "non-finite", message, [Span(ast.start[i], ast.end[i])], source=run.problem.source
    )
