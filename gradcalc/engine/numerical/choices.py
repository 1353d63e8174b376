"""Which nodes only choose: masks, labels and indices are no quantities, and differences of them say
nothing.

A comparison, the condition of where, an index and the labels of a loss are constant until they
jump. What reaches the output through nothing else is what somebody has chosen, not what a quantity
happens to be, if it is whole numbers, and stays so on its way there: entries may be moved, picked
and added, as in 1 - M. A weight that is 0 is no mask: its products with inputs are quantities. Nor
is what is compared by size, as a price with a threshold, unless it is an array of 0 and 1 alone.
"""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.symbols import COMPARISONS, EQ, NE
from gradcalc.graph.graph import STRUCTURAL, Graph

WHERE = ops.PLACES["where"]
BY_SIZE = COMPARISONS - {EQ, NE}
#: What makes masks of masks, and labels of labels: operations of these patterns, those that pick
#: entries, and multiples.
KEEPING = ("distributor", "mover", "copier")
MULTIPLES = frozenset(ops.PLACES[name] for name in ("mul", "neg"))
#: The uses of what only chooses.
COMPARED, CONDITION, LABEL = "compared", "a condition", "used as an index or a label"


class Choice(NamedTuple):
    """What is known of a node that only chooses.

    Attributes:
        uses: some of COMPARED, CONDITION and LABEL, in this order.
        jumps: whether it is equal to what it is compared with, or 0 in a condition.
    """

    uses: tuple[str, ...]
    jumps: bool


def choices(graph: Graph, values: Sequence[Any], nodes: Sequence[int], m: Any) -> dict[int, Choice]:
    """The nodes that only choose.

    Args:
        nodes: those that the output depends on, in topological order; the output is the last one.
        m: the algebra of the values.
    """
    found: dict[int, Choice] = {}
    numbers = {nodes[-1]}
    uses: dict[int, set[str]] = {}
    jumping: set[int] = set()
    for node in reversed(nodes):
        if not graph.varies[node]:
            continue
        if node in numbers or any_of(m.floor(values[node]) != values[node]):
            numbers.add(node)
        else:
            ordered = tuple(use for use in (COMPARED, CONDITION, LABEL) if use in uses[node])
            found[node] = Choice(ordered, node in jumping)
        hands_on = node in found and _keeps(graph, node)
        for place, operand in enumerate(graph.operands[node]):
            use = _use(graph, node, place)
            if graph.op[node] in BY_SIZE and not _is_mask(graph, values, operand):
                numbers.add(operand)
            elif use:
                uses.setdefault(operand, set()).add(use)
                if is_at_jump(graph, values, node):
                    jumping.add(operand)
            elif not hands_on:
                numbers.add(operand)
            else:
                uses.setdefault(operand, set()).update(uses[node])
                if node in jumping:
                    jumping.add(operand)
    return found


def sliding(graph: Graph, nodes: Sequence[int], roots: Iterable[int]) -> set[int]:
    """The nodes that may change by as little as one likes when the roots do."""
    found = set(roots)
    for node in nodes:
        operands = graph.operands[node]
        if operands and ops.TABLE[graph.op[node]].pattern != "blocker":
            taken = operands[1:] if graph.op[node] == WHERE else operands
            if not found.isdisjoint(taken):
                found.add(node)
    return found


def is_at_jump(graph: Graph, values: Sequence[Any], node: int) -> bool:
    """Whether a comparison is one of equal numbers, or a condition is 0."""
    operands = [values[operand] for operand in graph.operands[node]]
    if graph.op[node] == WHERE:
        return any_of(operands[0] == 0.0)
    if graph.op[node] in COMPARISONS:
        x, y = operands
        return any_of((x == y) & (abs(x) < inf))
    return False


def any_of(found: Any) -> bool:
    """Whether something holds, or holds of some entry."""
    return bool(found.any()) if getattr(found, "shape", ()) else bool(found)


def _is_mask(graph: Graph, values: Sequence[Any], node: int) -> bool:
    """Whether it is an array of 0 and 1 alone."""
    x = values[node]
    return bool(graph.shape(node)) and not any_of((x != 0.0) & (x != 1.0))


def _keeps(graph: Graph, node: int) -> bool:
    """Whether what an operation makes of masks is one, if it is whole numbers."""
    op = graph.op[node]
    if op in MULTIPLES:
        return sum(graph.varies[operand] for operand in graph.operands[node]) == 1
    if op < 0:
        return False
    row = ops.TABLE[op]
    # What picks entries by their size, as amax does, has a kink where two are equal.
    picks = op >= STRUCTURAL and row.pattern == "router" and row.kink is None
    return picks or row.pattern in KEEPING


def _use(graph: Graph, node: int, place: int) -> str:
    """As what a node takes an operand; empty for a number."""
    op = graph.op[node]
    if op in COMPARISONS:
        return COMPARED
    if op == WHERE:
        return "" if place else CONDITION
    if op < STRUCTURAL:
        return ""
    row = ops.TABLE[op]
    if row.rule(place, ()) is None:
        return LABEL
    if row.name == "cross_entropy" and place:  # else these are probabilities
        scores, y = map(graph.shape, graph.operands[node])
        return LABEL if len(y) < len(scores) else ""
    return ""
