"""The text of local gradients: the rules, run on nodes of a graph, and printed."""

from collections.abc import Callable
from typing import NamedTuple

from gradcalc.engine.symbols import GraphAlgebra, Term
from gradcalc.graph.graph import Graph
from gradcalc.graph.text import node_pieces
from gradcalc.ops.row import Rule
from gradcalc.syntax.printer import TextPiece

WIDTH = 200
#: A rule on given constants gives one formula; this many of them are remembered.
REMEMBERED = 10_000


class Formula(NamedTuple):
    """A local gradient as a graph.

    ``leaves`` says of an input of the graph which operand it stands for; -1 is the node's value.
    """

    graph: Graph
    root: int
    leaves: dict[int, int]


def formula(rule: Rule, constants: tuple[float | None, ...]) -> Formula:
    """Run a rule on symbols. ``constants`` has the value of each operand that is a constant."""
    graph = Graph()
    algebra = GraphAlgebra(graph)
    leaves: dict[int, int] = {}
    terms: list[Term] = []
    for place, constant in enumerate((None, *constants), start=-1):
        if constant is None:
            leaves[graph.add_input()] = place
            terms.append(Term(algebra, len(graph) - 1))
        else:
            terms.append(algebra.term(constant))
    root = algebra.term(rule(algebra, *terms)).node
    return Formula(*_without_leftovers(graph, root, leaves))


def _without_leftovers(
    graph: Graph, root: int, leaves: dict[int, int]
) -> tuple[Graph, int, dict[int, int]]:
    """Only what the root depends on: simplification leaves nodes behind."""
    small = Graph()
    moved: dict[int, int] = {}
    for node in graph.ancestors([root]):
        if node in graph.constants:
            moved[node] = small.add_constant(graph.constants[node])
        elif node in leaves:
            moved[node] = small.add_input()
        else:
            operands = tuple(moved[operand] for operand in graph.operands[node])
            moved[node] = small.add(graph.op[node], operands)
    return small, moved[root], {moved[n]: place for n, place in leaves.items() if n in moved}


class LocalFormulas:
    """The texts of the local gradients of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[tuple[Rule, tuple[float | None, ...]], Formula] = {}

    def text(self, node: int, place: int, rule: Rule, reference: Callable[[int], TextPiece]) -> str:
        """The local gradient of a node by its operand at ``place``, written with its operands."""
        graph = self._graph
        operands = graph.operands[node]
        key = (rule, tuple([graph.constants.get(operand) for operand in operands]))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = formula(*key)

        def leaf(symbol: int) -> TextPiece:
            operand = found.leaves[symbol]
            return reference(node if operand < 0 else operands[operand])

        return node_pieces(found.graph, WIDTH, leaf)[found.root][0]
