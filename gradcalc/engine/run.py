"""Forward and reverse: the two loops, over any algebra.

An algebra is an object that knows the functions that rules call, such as the module
:mod:`gradcalc.engine.floats`. What the values are, only the algebra knows.
"""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from functools import cache, partial
from typing import Any

from gradcalc import ops
from gradcalc.graph.graph import Graph
from gradcalc.ops.row import Rule

#: Operations that hand the gradient to some operands and nothing to the others. There, local 0
#: means "not taken", and stays 0 even under an infinite upstream gradient.
CHOOSES = frozenset(
    place for place, row in enumerate(ops.TABLE) if row.pattern in ("router", "blocker")
)


@cache
def forward_functions(m: Any) -> tuple[Callable[..., Any], ...]:
    """For each row of the table the function of its operands, in the algebra ``m``.

    A function that the algebra has under the row's own name is taken as it is.
    """
    return tuple(getattr(m, row.name, None) or partial(row.forward, m) for row in ops.TABLE)


def forward(graph: Graph, values: list[Any], m: Any) -> None:
    """Compute the value of every operation. ``values`` holds those of the leaves, by node."""
    functions = forward_functions(m)
    operations = graph.op
    for node, operands in enumerate(graph.operands):
        if not operands:
            continue
        function = functions[operations[node]]
        if len(operands) == 2:
            a, b = operands
            values[node] = function(values[a], values[b])
        elif len(operands) == 1:
            values[node] = function(values[operands[0]])
        else:
            values[node] = function(*[values[operand] for operand in operands])


class Rules:
    """The rules for the operands of a node that vary: ``rules[node]`` is [(operand, rule), ...]."""

    __slots__ = ("_known", "graph")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[tuple[int, tuple[bool, ...]], list[tuple[int, Rule]]] = {}

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        """Pairs of (place of the operand, its rule)."""
        graph = self.graph
        varies = tuple([graph.varies[operand] != 0 for operand in graph.operands[node]])
        key = (graph.op[node], varies)
        found = self._known.get(key)
        if found is None:
            row = ops.TABLE[graph.op[node]]
            pairs = [(k, row.partial(k, varies)) for k, moves in enumerate(varies) if moves]
            found = self._known[key] = [(k, rule) for k, rule in pairs if rule is not None]
        return found


def reverse(
    rules: Rules,
    values: Sequence[Any],
    gradients: MutableMapping[int, Any] | list[Any],
    order: Iterable[int],
    m: Any,
) -> None:
    """Backpropagation: add up the upstream gradient of every node.

    Zero upstream gradients are not followed: a branch that was not taken is never differentiated.

    Args:
        rules: of the graph.
        values: of every node.
        gradients: by node; what arrives at the output, and 0.0 for every other node in ``order``
            and every operand of one. Filled in place.
        order: the nodes to visit, an operand behind each gate that uses it.

    Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 3.2; CS231n lecture 4.
    """
    graph = rules.graph
    chain = m.chain
    for node in order:
        operands = graph.operands[node]
        gradient = gradients[node]
        if not operands or gradient == 0.0:
            continue
        value = values[node]
        inputs = [values[operand] for operand in operands]
        for place, rule in rules[node]:
            local = rule(m, value, *inputs)
            downstream = chain(gradient, local)
            if downstream != downstream and local == 0.0 and graph.op[node] in CHOOSES:
                continue
            operand = operands[place]
            gradients[operand] = gradients[operand] + downstream
