"""What is worth knowing about a result: readings, kinks, and where infinities were born."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from math import isfinite
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, Local
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph.graph import CONSTANT
from gradcalc.graph.lower import Problem
from gradcalc.ops.row import Domain, Kink
from gradcalc.report import Note
from gradcalc.syntax.printer import ATOM, format_number, shorten

WHERE = ops.PLACES["where"]
#: So many notes of one kind are given in full.
MOST = 20
TEXT = 60


def notes_of(run: Evaluation, strict: bool) -> list[Note]:
    """The notes on one output.

    Raises:
        GradcalcError: ``non-finite``, if ``strict`` and a value or gradient is not finite.
    """
    notes = readings_of(run.problem)
    # What NumPy would say of infinities on standard error is said here.
    with run.quiet():
        if run.graph.shapes:
            from gradcalc.services import array_notes

            broadcasts = *array_notes.outer_broadcasts(run), *array_notes.rows_as_columns(run)
            notes += _first(list(broadcasts), "gates")
        notes += _first(list(_kinks(run)), "kinks")
        strange = list(_non_finite(run))
    for node, message in strange:
        if strict:
            raise _as_error(run, node, message)
        notes.append(Note("non-finite", run.id(node), message))
    return notes


def readings_of(problem: Problem) -> list[Note]:
    """How the text was read where it could have been understood otherwise."""
    notes = [Note(r.kind, None, r.message) for r in problem.ast.readings]
    return _first(list(dict.fromkeys(notes)), "readings")


def _first(notes: list[Note], what: str) -> list[Note]:
    if len(notes) <= MOST:
        return notes
    more = Note(notes[0].kind, None, f"{len(notes) - MOST} more {what} like these")
    return [*notes[:MOST], more]


@cache
def _kinked(loaded: int) -> frozenset[int]:
    """The rows with a kink, of so many rows of the table that are loaded."""
    return frozenset(place for place, row in enumerate(ops.TABLE[:loaded]) if row.kink)


def second_order(run: Evaluation) -> list[Note]:
    """The kinks that no gradient arrives at, but second derivatives may: relu(x)^2 at 0."""
    with run.quiet():
        notes = [
            note._replace(message=f"{note.message}; second derivatives take it as smooth")
            for note in _kinks(run, reached=False)
        ]
    return _first(notes, "kinks")


def _kinks(run: Evaluation, reached: bool = True) -> Iterator[Note]:
    """The gates at a kink that a gradient arrives at, or none."""
    graph, values = run.graph, run.values
    kinked = _kinked(len(ops.TABLE))
    for node in run.nodes:
        if graph.op[node] not in kinked or not graph.varies[node]:
            continue
        if graph.shapes:
            from gradcalc.services import array_notes

            yield from array_notes.kinks(run, node, reached)
            continue
        if (run.gradient(node) != 0.0) is not reached:
            continue
        row = ops.TABLE[graph.op[node]]
        inputs = [values[operand] for operand in graph.operands[node]]
        if row.kink is None or not row.kink.at(*inputs):
            continue
        tied = {o for o in graph.operands[node] if values[o] == values[node]}
        if row.variadic and (len(tied) < 2 or not any(graph.varies[o] for o in tied)):
            continue  # only constants are tied, or a node with itself
        yield kink(run, node, row.kink, inputs)


def kink(run: Evaluation, node: int, found: Kink, inputs: Sequence[Any], entries: str = "") -> Note:
    """The note on a gate at a kink, for the operands there."""
    where = instance(run, node, found.text) + entries
    if found.interval is None:
        message = f"{text(run, node)} jumps at {where}: {found.convention}"
    else:
        interval = found.interval(*inputs, **run.graph.settings.get(node, {}))
        low, high = (format_number(end, 6) for end in interval)
        message = f"{text(run, node)} has a kink at {where}: {found.convention}"
        message += f"; valid is anything from {low} to {high}"
    return Note("kink", run.id(node), message)


def _non_finite(run: Evaluation) -> Iterator[tuple[int, str]]:
    """The gates where the first value, and the first gradient, that is not finite was born."""
    if run.graph.shapes:
        from gradcalc.services import array_notes

        yield from array_notes.non_finite(run)
        return
    graph, values = run.graph, run.values
    strange = [node for node in run.nodes if not isfinite(values[node])]
    if strange:
        taken = _taken(run)
        strange = [node for node in strange if node in taken]
        yield from first_born(run, strange, lambda _, n, inputs: _is_born(values[n], inputs), _born)
    if not isfinite(run.upstream):
        yield run.output.node, f"the upstream gradient given is {run.upstream}"
        return
    strange = [node for node in run.nodes if not isfinite(run.gradient(node))]
    if not strange:
        return
    last = strange[-1]  # the first that the backward pass meets
    for gate in run.nodes:
        if last not in graph.operands[gate]:
            continue
        upstream = run.gradient(gate)
        for local in run.local(gate):
            if local.operand == last and _is_born(upstream * local.value, (upstream,)):
                yield (
                    gate,
                    f"the gradient of {text(run, last)} is {format_number(run.gradient(last))}:"
                    f" at {text(run, gate)} the local gradient is {_equation(local)}",
                )
                return


def first_born(
    run: Evaluation,
    strange: Sequence[int],
    is_born: Callable[[Evaluation, int, Sequence[Any]], bool],
    born: Callable[[Evaluation, int, Sequence[Any]], str],
) -> Iterator[tuple[int, str]]:
    """The first of the values that are not finite that was made of others that are.

    An infinity that stands in the program, such as that of a mask, is meant. It counts where it
    reaches the output and no gate is the reason.

    Args:
        strange: the nodes whose values are not finite, in topological order.
        is_born, born: whether a value was born of those of its operands, and what to say of it.
    """
    graph, values = run.graph, run.values
    written = []
    for node in strange:
        inputs = [values[operand] for operand in graph.operands[node]]
        if graph.op[node] == CONSTANT or graph.names.get(node) in run.problem.givens:
            written.append(node)
        elif is_born(run, node, inputs):
            yield node, born(run, node, inputs)
            return
    reaching = {run.output.node}
    for node in reversed(strange):
        if node in reaching:
            reaching.update(graph.operands[node])
    for node in written:
        if node in reaching:
            yield node, born(run, node, ())
            return


def subject(run: Evaluation, node: int) -> str:
    """What a value that is not finite is the value of."""
    if run.graph.operands[node]:
        return text(run, node)
    name = run.graph.names.get(node)
    return f"the value given for {name}" if name else "a number in the program"


def _equation(local: Local) -> str:
    value = format_number(local.value, 6)
    return value if local.symbol == value else f"{shorten(local.symbol, TEXT)} = {value}"


def _is_born(result: float, inputs: Iterable[float]) -> bool:
    """Whether a number is infinite or NaN and nothing that it was made from is, or is as bad."""
    if result != result:
        return all(x == x for x in inputs)
    return not isfinite(result) and all(map(isfinite, inputs))


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


def _born(run: Evaluation, node: int, inputs: Sequence[float]) -> str:
    message = f"{subject(run, node)} is {format_number(run.values[node])}"
    if not inputs:
        return message
    row = ops.TABLE[run.graph.op[node]]
    if row.domain is not None and not row.domain.holds(*inputs):
        message += outside(run, node, row.domain)
    operands = run.graph.operands[node]
    told = [
        f"{shorten(run.reference(o)[0], TEXT)} = {format_number(run.values[o], 6)}"
        for o in dict.fromkeys(operands)
        if o not in run.graph.constants
    ]
    return f"{message}; here {', '.join(told[:5])}" if told else message


def outside(run: Evaluation, node: int, domain: Domain) -> str:
    """What to say of a node whose operands are outside of its domain."""
    row = ops.TABLE[run.graph.op[node]]
    operands = dict(zip(row.parameters, run.graph.operands[node], strict=False))
    words = re.findall(r"\w+", domain.text)
    if any(operands.get(word) in run.graph.constants for word in words):
        # With numbers in it, a condition reads like a false statement: 0 != 0.
        return f": {row.signature} is defined for {domain.text}"
    return f", as it is defined for {instance(run, node, domain.text)}"


def instance(run: Evaluation, node: int, condition: str) -> str:
    """A condition of the op table, such as ``x > 0``, with the operands in place of their names."""
    parameters = ops.TABLE[run.graph.op[node]].parameters
    operands = dict(zip(parameters, run.graph.operands[node], strict=False))

    def operand(match: re.Match[str]) -> str:
        word = match[0]
        if word not in operands:
            return word
        reference, strength = run.reference(operands[word])
        reference = shorten(reference, TEXT // 2)
        return (
            reference if strength == ATOM or condition.startswith(f"{word} ") else f"({reference})"
        )

    return re.sub(r"\w+", operand, condition)


def text(run: Evaluation, node: int) -> str:
    """What a node is called in a note."""
    return shorten(run.expression(node), TEXT)


def _as_error(run: Evaluation, node: int, message: str) -> GradcalcError:
    ast, i = run.problem.ast, run.graph.origin[node]
    return GradcalcError(
        "non-finite", message, [Span(ast.start[i], ast.end[i])], source=run.problem.source
    )
