"""The text of local gradients: the rules, run on nodes of a graph, and printed."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

from gradcalc.engine.symbols import GraphAlgebra, Term
from gradcalc.graph.graph import STRUCTURAL, Graph
from gradcalc.graph.text import node_pieces
from gradcalc.ops.row import Rule
from gradcalc.ops.shapes import Shape
from gradcalc.syntax.printer import ATOM, TextPiece

WIDTH = 200
#: A rule on given constants gives one formula; this many of them are remembered.
REMEMBERED = 10_000


#: What an input of a formula stands for, when it is no operand.
VALUE, UPSTREAM = -1, -2


class Formula(NamedTuple):
    """A local gradient, or the downstream gradient of a structural gate, as a graph.

    ``leaves`` says of an input of the graph which operand it stands for, or that it is the value of
    the node or its upstream gradient.
    """

    graph: Graph
    root: int
    leaves: dict[int, int]


def formula(rule: Rule, constants: tuple[float | None, ...]) -> Formula:
    """Run a rule on symbols. ``constants`` has the value of each operand that is a constant."""
    graph = Graph()
    algebra = GraphAlgebra(graph, shown=True)
    leaves: dict[int, int] = {}
    terms: list[Term] = []
    for place, constant in enumerate((None, *constants), start=VALUE):
        if constant is None:
            leaves[graph.add_input()] = place
            terms.append(Term(algebra, len(graph) - 1))
        else:
            terms.append(algebra.term(constant))
    root = algebra.term(rule(algebra, *terms)).node
    return Formula(*_without_leftovers(graph, root, leaves))


def structural_formula(
    rule: Rule, value: Shape, operands: tuple[Shape, ...], settings: Mapping[str, Any]
) -> Formula:
    """Run a structural rule on symbols of the given shapes."""
    graph = Graph()
    algebra = GraphAlgebra(graph, shown=True)
    leaves: dict[int, int] = {}
    terms: list[Term] = []
    shapes = {UPSTREAM: value, VALUE: value, **dict(enumerate(operands))}
    for place, shape in shapes.items():
        terms.append(Term(algebra, graph.add_input(shape=shape)))
        leaves[terms[-1].node] = place
    root = algebra.term(rule(algebra, *terms, **settings)).node
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
            moved[node] = small.add_input(shape=graph.shape(node))
        else:
            operands = tuple(moved[operand] for operand in graph.operands[node])
            moved[node] = small.apply(graph.op[node], operands, graph.settings.get(node))
    return small, moved[root], {moved[n]: place for n, place in leaves.items() if n in moved}


class LocalFormulas:
    """The texts of the local gradients of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[Hashable, Formula] = {}

    def text(self, node: int, place: int, rule: Rule, reference: Callable[[int], TextPiece]) -> str:
        """The local gradient of a node by its operand at ``place``, written with its operands.

        Of a structural gate it is the downstream gradient, written with ``upstream``.
        """
        graph = self._graph
        operands = graph.operands[node]
        key = self._key(node, rule)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            if graph.op[node] >= STRUCTURAL:
                shapes = tuple([graph.shape(operand) for operand in operands])
                settings = graph.settings.get(node, {})
                found = structural_formula(rule, graph.shape(node), shapes, settings)
            else:
                found = formula(rule, self._constants(node))
            self._known[key] = found

        def leaf(symbol: int) -> TextPiece:
            operand = found.leaves[symbol]
            if operand == UPSTREAM:
                return "upstream", ATOM
            return reference(node if operand == VALUE else operands[operand])

        meant = {VALUE: node, **dict(enumerate(operands))}
        rows = [n for n, place in found.leaves.items() if meant.get(place) in graph.rows]
        return node_pieces(found.graph, WIDTH, leaf, rows)[found.root][0]

    def _key(self, node: int, rule: Rule) -> Hashable:
        """What a formula depends on."""
        graph = self._graph
        if graph.op[node] < STRUCTURAL:
            return rule, self._constants(node)
        shapes = tuple([graph.shape(operand) for operand in graph.operands[node]])
        return rule, shapes, tuple(graph.settings.get(node, {}).items())

    def _constants(self, node: int) -> tuple[float | None, ...]:
        """The value of each operand that is a constant number."""
        constants = self._graph.constants
        values = [constants.get(operand) for operand in self._graph.operands[node]]
        return tuple([None if getattr(value, "shape", ()) else value for value in values])
