"""The text of local gradients: the rules, run on nodes of a graph, and printed."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from gradcalc.engine.symbols import GraphAlgebra, Term
from gradcalc.graph.graph import STRUCTURAL, Graph
from gradcalc.graph.text import NAMES, node_pieces
from gradcalc.ops.row import Rule
from gradcalc.ops.shapes import Shape
from gradcalc.syntax.printer import ATOM, TextPiece

#: Longer texts are cut in the middle.
WIDTH = 1000
#: A rule on given constants gives one formula; this many of them are remembered.
REMEMBERED = 10_000
#: The formulas of a structural gate with more operands are not remembered.
MANY = 16


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


class Symbols:
    """What structural rules are run on to get formulas: the upstream gradient, the value and the
    operands, of the given shapes."""

    def __init__(self, value: Shape, operands: Iterable[Shape]) -> None:
        self._graph = Graph()
        self._algebra = GraphAlgebra(self._graph, shown=True)
        self._leaves: dict[int, int] = {}
        self._terms: list[Term] = []
        shapes = {UPSTREAM: value, VALUE: value, **dict(enumerate(operands))}
        for place, shape in shapes.items():
            self._terms.append(Term(self._algebra, self._graph.add_input(shape=shape)))
            self._leaves[self._terms[-1].node] = place

    def formula(self, rule: Rule, settings: Mapping[str, Any]) -> Formula:
        """Run a rule."""
        root = self._algebra.term(rule(self._algebra, *self._terms, **settings)).node
        return Formula(*_without_leftovers(self._graph, root, self._leaves))


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
    return small, moved[root], {new: leaves[old] for old, new in moved.items() if old in leaves}


class LocalFormulas:
    """The texts of the local gradients of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[Hashable, Formula] = {}
        self._wide: tuple[int, Symbols] | None = None  # of the last node with many operands

    @cached_property
    def _taken(self) -> frozenset[str]:
        return NAMES.intersection(self._graph.names.values())

    def text(self, node: int, rule: Rule, reference: Callable[[int], TextPiece]) -> str:
        """The local gradient of a node by one of its operands, written with its operands.

        Of a structural gate it is the downstream gradient, written with ``upstream``.
        """
        graph = self._graph
        operands = graph.operands[node]
        found = self._formula(node, rule)

        def leaf(symbol: int) -> TextPiece:
            operand = found.leaves[symbol]
            if operand == UPSTREAM:
                return "upstream", ATOM
            return reference(node if operand == VALUE else operands[operand])

        def is_row(symbol: int) -> bool:
            operand = found.leaves[symbol]
            node_of_it = node if operand == VALUE else operands[operand] if operand >= 0 else -1
            return node_of_it in graph.rows

        rows = [symbol for symbol in found.leaves if is_row(symbol)]
        return node_pieces(found.graph, WIDTH, leaf, rows, self._taken)[found.root][0]

    def _formula(self, node: int, rule: Rule) -> Formula:
        graph = self._graph
        settings = graph.settings.get(node, {})
        if graph.op[node] >= STRUCTURAL and len(graph.operands[node]) > MANY:
            # A key of all their shapes for each of them would take quadratic memory.
            if self._wide is None or self._wide[0] != node:
                self._wide = node, self._symbols(node)
            return self._wide[1].formula(rule, settings)
        key = self._key(node, rule)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            if graph.op[node] >= STRUCTURAL:
                found = self._symbols(node).formula(rule, settings)
            else:
                found = formula(rule, self._constants(node))
            self._known[key] = found
        return found

    def _symbols(self, node: int) -> Symbols:
        shape = self._graph.shape
        return Symbols(shape(node), [shape(operand) for operand in self._graph.operands[node]])

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
