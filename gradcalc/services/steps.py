"""The steps of a backward pass, one gate at a time: as formulas and as numbers.

Both come from the rules that computed the gradient, run on nodes of a graph here, and there on the
values of the report.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import NOTHING, Rules, fitted, reverse, reverse_arrays
from gradcalc.engine.simplify import Simplifier
from gradcalc.engine.symbols import MUL, GraphAlgebra, Term
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.graph.parts import part
from gradcalc.graph.text import NAMES, PRODUCTS, node_pieces
from gradcalc.ops import TABLE
from gradcalc.ops.row import Rule
from gradcalc.ops.shapes import Shape
from gradcalc.report import own
from gradcalc.syntax.printer import ATOM, UNARY, TextPiece

#: Longer texts are cut in the middle.
WIDTH = 200


class Use(NamedTuple):
    """A node is the operand of ``gate`` at ``place``; the rule is that of its gradient."""

    gate: int
    place: int
    rule: Rule


class _One(Rules):
    """The rule of one use alone."""

    def __init__(self, run: Evaluation, use: Use) -> None:
        super().__init__(run.graph)
        self._pair = use.place, use.rule

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        return [self._pair]


class Steps:
    """The steps of one evaluation.

    Args:
        names: of all nodes that are called by a name.
        head: the name of what is differentiated.
    """

    def __init__(self, run: Evaluation, names: Mapping[int, str], head: str) -> None:
        self.run = run
        self.head = head
        self.names = names
        named = run.graph.copy()
        named.names = dict(names)
        self._taken = NAMES.intersection(names.values())
        self.pieces = node_pieces(named, WIDTH)
        self.working = run.graph.copy()
        self._algebra = GraphAlgebra(self.working, shown=True)
        program = range(len(run.graph))
        constants = run.graph.constants
        self._program = frozenset(node for node in program if node not in constants)
        self._upstream: dict[int, int] = {}  # the leaf that stands for the gradient of a node
        self._leaves: dict[int, int] = {}  # and the other way round
        self._simplifier = Simplifier(self.working, self._program)

    # Formulas: nodes of the working graph

    def is_scalar(self, use: Use) -> bool:
        """Whether the gate is one of numbers, whose local gradient is a number."""
        graph = self.run.graph
        nodes = (use.gate, *graph.operands[use.gate])
        return graph.op[use.gate] < STRUCTURAL and not any(graph.shape(node) for node in nodes)

    def upstream(self, node: int) -> int:
        """The leaf that stands for the gradient of a node."""
        if node not in self._upstream:
            leaf = self.working.add_input(shape=self.run.graph.shape(node))
            self._upstream[node] = leaf
            self._leaves[leaf] = node
        return self._upstream[node]

    def local(self, use: Use) -> int:
        """The local gradient of a gate of numbers."""
        return self._node(use.rule(self._algebra, *self._terms(use)))

    def passed(self, use: Use, upstream: int | float) -> int:
        """What the gate passes to the operand.

        Args:
            upstream: what arrives at it, as a node or a number.
        """
        m, graph = self._algebra, self.run.graph
        arriving = upstream if isinstance(upstream, float) else Term(m, upstream)
        value, *inputs = self._terms(use)
        if graph.op[use.gate] >= STRUCTURAL:
            settings = graph.settings.get(use.gate, NOTHING)
            found = use.rule(m, m.term(arriving), value, *inputs, **settings)
        else:
            found = m.apply(MUL, use.rule(m, value, *inputs), arriving)
        operand = graph.operands[use.gate][use.place]
        return self._node(fitted(m, m.term(found), graph.shape(operand)))

    def product(self, factors: Sequence[int]) -> int:
        """The product of formulas."""
        term = Term(self._algebra, factors[0])
        for factor in factors[1:]:
            term = term * Term(self._algebra, factor)
        return term.node

    def sum(self, terms: Sequence[int]) -> int:
        """The sum of formulas."""
        total = Term(self._algebra, terms[0])
        for term in terms[1:]:
            total = total + Term(self._algebra, term)
        return total.node

    def constant(self, value: float) -> int:
        """A number."""
        return self.working.add_constant(value)

    def is_constant(self, node: int) -> bool:
        """Whether a formula is nothing but a number."""
        return node in self.working.constants

    def simplified(self, node: int) -> int:
        """The same formula, shorter."""
        return self._simplifier.run([node])[node]

    def _terms(self, use: Use) -> list[Term]:
        return [
            Term(self._algebra, node) for node in (use.gate, *self.run.graph.operands[use.gate])
        ]

    def _node(self, found: Any) -> int:
        return self._algebra.term(found).node

    # Texts

    def piece(self, node: int) -> TextPiece:
        """A formula of the working graph as text."""
        return self._written(node, self._leaf)

    def shapes(self, node: int) -> str:
        """A product of arrays with shapes in place of its operands; empty for another formula."""
        small, _ = part(self.working, [node], self._program)
        kinds = {TABLE[op].symbol or TABLE[op].name for op in small.op if op >= STRUCTURAL}
        if kinds.isdisjoint(PRODUCTS):
            return ""
        return self._written(node, lambda leaf: (_shape(self.working.shape(leaf)), ATOM))[0]

    def name(self, node: int) -> str:
        """What a node is called: its name, or its operation."""
        return self.names.get(node) or self.pieces[node][0]

    def by(self, of: str, node: int) -> str:
        """``∂q/∂x``."""
        name = self.names.get(node)
        return f"∂{of}/∂{name}" if name else f"∂{of}/∂({self.pieces[node][0]})"

    def _leaf(self, node: int) -> TextPiece:
        if node in self._leaves:
            # Bracketed only where it is transposed, indexed, or a base.
            return self.by(self.head, self._leaves[node]), UNARY
        name = self.names.get(node)
        return (name, ATOM) if name else self.pieces[node]

    def _written(self, node: int, leaf: Any) -> TextPiece:
        small, moved = part(self.working, [node], self._program)
        back = {new: old for old, new in moved.items()}
        pieces = node_pieces(small, WIDTH, lambda new: leaf(back[new]), (), self._taken)
        return pieces[moved[node]]

    # Numbers

    def local_value(self, use: Use) -> float:
        """The local gradient of a gate of numbers."""
        run = self.run
        inputs = [run.values[node] for node in run.graph.operands[use.gate]]
        return float(use.rule(run.forward_pass.algebra, run.values[use.gate], *inputs))

    def passed_value(self, use: Use) -> Any:
        """What the gate passed to the operand, in the loop that computed the gradient."""
        run, m = self.run, self.run.forward_pass.algebra
        operand = run.graph.operands[use.gate][use.place]
        gradients: dict[int, Any] = {use.gate: run.gradient(use.gate)}
        rules, order = _One(run, use), [use.gate]
        if not run.graph.shapes:
            gradients[operand] = 0.0
            reverse(rules, run.values, gradients, order, m)
            return own(gradients[operand])
        with m.quiet():
            reverse_arrays(rules, run.values, gradients, order, m, careful=run.strange)
        found = gradients.get(operand)
        if found is None:
            found = m.zeros(shape=run.graph.shape(operand))
        return own(found)


def _shape(shape: Shape) -> str:
    return f"({'×'.join(map(str, shape))})" if shape else "1"
