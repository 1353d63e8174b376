"""The notes on gates whose values are arrays: in which entries, and in how many."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

import numpy as np

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.ops.shapes import size_of
from gradcalc.report import Note
from gradcalc.services import notes
from gradcalc.syntax.printer import shorten

#: An operation that broadcasts and is not elementwise.
MSE = ops.PLACES["mse"]
#: A vector that is made of a reduction in more steps is not recognised.
STEPS = 10
#: Operations whose result has an infinity or a NaN wherever an operand has one in any entry.
SPREADING = frozenset(
    ops.PLACES[name] for name in ("add", "sub", "mul", "neg", "matmul", "dot", "outer", "sum")
)


def kinks(run: Evaluation, node: int, reached: bool) -> Iterator[Note]:
    """The note on a gate, if it is at a kink in an entry that a gradient arrives at, or none."""
    graph = run.graph
    row = ops.TABLE[graph.op[node]]
    assert row.kink is not None
    operands = graph.operands[node]
    inputs = [run.values[operand] for operand in operands]
    found = np.asarray(row.kink.at(*inputs, **graph.settings.get(node, {})))
    if not found.any():
        return
    shape = graph.shape(node)
    found = np.broadcast_to(found, shape) & ((run.gradient(node) != 0) == reached)
    if row.variadic:
        found = found & _tied(run, node)
    if not found.any():
        return
    if row.elementwise:
        first = np.unravel_index(int(np.argmax(found)), shape)
        inputs = [float(np.broadcast_to(x, shape)[first]) for x in inputs]
    yield notes.kink(run, node, row.kink, inputs, in_entries(found))


def outer_broadcasts(run: Evaluation) -> Iterator[Note]:
    """The notes on gates where a vector meets a column of as many entries: everything with
    everything, where entry by entry is usually meant."""
    graph = run.graph
    for node in run.nodes:
        operands = graph.operands[node]
        if len(operands) != 2 or not (graph.op[node] < STRUCTURAL or graph.op[node] == MSE):
            continue
        flat, column = operands if len(graph.shape(operands[0])) == 1 else operands[::-1]
        n = size_of(graph.shape(flat))
        if n > 1 and graph.shape(flat) == (n,) and graph.shape(column) == (n, 1):
            named = shorten(run.reference(column)[0], notes.TEXT)
            message = f"{notes.text(run, node)} takes every entry of a vector of {n} with every"
            message += (
                f" entry of a column of {n}; entry by entry it would be with flatten({named})"
            )
            yield Note("broadcast", run.id(node), message)


def rows_as_columns(run: Evaluation) -> Iterator[Note]:
    """The notes on gates where a square matrix, or what is made of it, meets what was found out for
    each of its rows: an entry for each row stands beside each column. Of other matrices the shapes
    would not fit.
    """
    graph = run.graph
    for node in run.nodes:
        operands = graph.operands[node]
        if len(operands) != 2 or not graph.op[node] < STRUCTURAL:
            continue
        for matrix, flat in (operands, operands[::-1]):
            n = size_of(graph.shape(flat))
            if n < 2 or graph.shape(flat) != (n,) or graph.shape(matrix)[-2:] != (n, n):
                continue
            reduction = _reduction_of_rows(run, flat, n)
            if reduction is None:
                continue
            reduced = graph.operands[reduction][0]
            if reduced in graph.ancestors([matrix]) or _share_rows(run, matrix, reduced):
                of_rows, of_node = (run.reference(k)[0] for k in (reduction, flat))
                message = f"{notes.text(run, node)} takes {shorten(of_node, notes.TEXT)}, which"
                message += " has an entry for each row, along the columns; for an entry beside its"
                message += f" row give {shorten(of_rows, notes.TEXT)} keepdims=True"
                yield Note("broadcast", run.id(node), message)


def _reduction_of_rows(run: Evaluation, node: int, n: int) -> int | None:
    """The reduction of an n×n matrix along its rows that a vector is, or is made of entry by
    entry and with numbers; None if it is no such vector."""
    graph = run.graph
    for _ in range(STEPS):
        operands = graph.operands[node]
        op = graph.op[node]
        if op >= STRUCTURAL:
            given = graph.settings.get(node, {})
            reduces = "keepdims" in given and graph.shape(operands[0]) == (n, n)
            return node if reduces and given["axis"] in (1, -1) else None
        shaped = [operand for operand in operands if graph.shape(operand)]
        if op < 0 or len(shaped) != 1:
            return None
        (node,) = shaped
    return None


def _share_rows(run: Evaluation, one: int, other: int) -> bool:
    """Whether two matrices are made of the same one entry by entry, as exp(S) and exp(S) are."""
    return not _entry_by_entry(run, one).isdisjoint(_entry_by_entry(run, other))


def _entry_by_entry(run: Evaluation, node: int) -> set[int]:
    """The matrices of the shape of a node that it is made of entry by entry, itself among them."""
    graph, found, pending = run.graph, set[int](), [node]
    while pending and len(found) < STEPS:
        node = pending.pop()
        found.add(node)
        if 0 <= graph.op[node] < STRUCTURAL:
            operands = set(graph.operands[node]) - found
            pending += [o for o in operands if graph.shape(o) == graph.shape(node)]
    return {node for node in found if graph.varies[node]}


def _tied(run: Evaluation, node: int) -> Any:
    """Where at least two of the operands are tied, and one of those varies."""
    graph, value = run.graph, run.values[node]
    tied = {o: np.equal(run.values[o], value) for o in set(graph.operands[node])}
    count = sum(mask.astype(int) for mask in tied.values())
    moving = [mask for o, mask in tied.items() if graph.varies[o]]
    return (count > 1) & np.any(np.broadcast_arrays(*moving), axis=0)


def in_entries(mask: Any) -> str:
    """`` in 3 of 512 entries, first [0, 4]``."""
    if not mask.shape:
        return ""
    count, total = int(np.count_nonzero(mask)), mask.size
    word = "entry" if total == 1 else "entries"
    return f" in {count:,} of {total:,} {word}, {_first(mask)}"


def _first(mask: Any) -> str:
    """``first [0, 4]``."""
    place = np.unravel_index(int(np.argmax(mask)), mask.shape)
    return f"first [{', '.join(str(int(i)) for i in place)}]"


def non_finite(run: Evaluation) -> Iterator[tuple[int, str]]:
    """The gates where the first value, and the first gradient, that is not finite was born."""
    graph, m = run.graph, run.forward_pass.algebra
    strange = _strange(run)
    if strange:
        taken = _taken(run)
        yield from notes.first_born(run, [n for n in strange if n in taken], _is_born, _born)
    if not np.all(np.isfinite(run.upstream)):
        yield run.output.node, f"the upstream gradient given is {_strangeness(run.upstream)}"
        return
    if not run.strange:
        return
    strange = [node for node in run.nodes if not m.finite(run.gradient(node))]
    last = strange[-1]  # the first that the backward pass meets
    for gate in run.nodes:
        if last in graph.operands[gate] and m.finite(run.gradient(gate)):
            for local in run.local(gate, jacobians=False):
                if local.operand == last:
                    message = f"the gradient of {notes.text(run, last)} is"
                    message += (
                        f" {_strangeness(run.gradient(last))}: at {notes.text(run, gate)} the"
                    )
                    message += f" local gradient is {shorten(local.symbol, notes.TEXT)}"
                    yield gate, message
                    return


def _strange(run: Evaluation) -> list[int]:
    """The nodes with an entry that is not finite, in topological order.

    Not every array is read: what went into a finite sum or product was finite. Of a network, its
    data and its weights are the biggest arrays by far.
    """
    graph, m = run.graph, run.forward_pass.algebra
    found: list[int] = []
    sound: set[int] = set()
    for node in reversed(run.nodes):
        if node in sound or m.finite(run.values[node]):
            if graph.op[node] in SPREADING:
                sound.update(graph.operands[node])
        else:
            found.append(node)
    return found[::-1]


def _is_born(run: Evaluation, node: int, inputs: Sequence[Any]) -> bool:
    """Whether an array has an infinity or NaN and nothing that it was made from has, or only
    infinities where it has a NaN; of an elementwise gate whether an entry is so."""
    result = run.values[node]
    if 0 <= run.graph.op[node] < STRUCTURAL:
        entries = np.broadcast_arrays(*inputs)
        spoilt = np.any([np.isnan(x) for x in entries], 0)
        whole = np.all([np.isfinite(x) for x in entries], 0)
        return bool(np.any((np.isnan(result) & ~spoilt) | (np.isinf(result) & whole)))
    if np.isnan(result).any():
        return not any(np.isnan(x).any() for x in inputs)
    return all(np.isfinite(x).all() for x in inputs)


def _strangeness(values: Any) -> str:
    """Which entries are not finite: how many of each kind, and where the first of them is."""
    masks = {"nan": np.isnan(values), "inf": np.equal(values, inf), "-inf": np.equal(values, -inf)}
    first, *others = [(kind, mask) for kind, mask in masks.items() if mask.any()]
    message = first[0] + in_entries(first[1])
    for kind, mask in others:
        message += f", and {kind} in {np.count_nonzero(mask):,}, {_first(mask)}"
    return message


def _taken(run: Evaluation) -> set[int]:
    """The nodes that the output is made of. A branch that is only strange where it is not taken
    does not count."""
    graph, values = run.graph, run.values
    taken = {run.output.node}
    stack = [run.output.node]
    while stack:
        gate = stack.pop()
        operands = graph.operands[gate]
        if graph.op[gate] == notes.WHERE:
            condition, chosen, other = operands
            true = np.not_equal(values[condition], 0.0)
            operands = (condition,)
            for branch, mask in ((chosen, true), (other, ~true)):
                if np.any(mask & ~np.isfinite(values[branch])):
                    operands = (*operands, branch)
        new = [operand for operand in operands if operand not in taken]
        taken.update(new)
        stack.extend(new)
    return taken


def _born(run: Evaluation, node: int, inputs: Sequence[Any]) -> str:
    message = f"{notes.subject(run, node)} is {_strangeness(run.values[node])}"
    if not inputs:
        return message
    row = ops.TABLE[run.graph.op[node]]
    if row.domain is not None and not np.all(row.domain.holds(*inputs)):
        message += notes.outside(run, node, row.domain)
    return message
