"""One output of one problem, evaluated and differentiated: all numbers that a report can show."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.formulas import LocalFormulas
from gradcalc.engine.run import Rules, reverse
from gradcalc.graph.graph import CONSTANT, INPUT
from gradcalc.graph.lower import Output, Problem
from gradcalc.graph.text import node_pieces
from gradcalc.syntax.printer import ATOM, TextPiece

#: The longest text of a subexpression that is kept.
TEXT_WIDTH = 200


class Local(NamedTuple):
    """The local gradient of a node by one operand: its formula and its value."""

    operand: int  #: the id of the operand
    symbol: str
    value: float


class Evaluation:
    """The values and upstream gradients of one output.

    Attributes:
        values, gradients: by node of the problem's graph.
        nodes: the nodes that the output depends on and all inputs, in topological order. A node's
            *id* is its place in this list.
    """

    def __init__(
        self, problem: Problem, output: Output, values: list[Any], upstream: float, algebra: Any
    ) -> None:
        self.problem = problem
        self.output = output
        self.values = values
        self.algebra = algebra
        self.graph = problem.graph
        self.nodes = self.graph.ancestors([output.node, *problem.inputs.values()])
        self.gradients: dict[int, Any] = dict.fromkeys(self.nodes, 0.0)
        self.gradients[output.node] = upstream
        reverse(self.graph, values, self.gradients, reversed(self.nodes), algebra)
        self._rules = Rules(self.graph)
        self._formulas = LocalFormulas(self.graph)
        self._pieces: list[TextPiece] | None = None
        self._ids: dict[int, int] | None = None

    def gradient(self, node: int) -> float:
        """The upstream gradient of a node; 0 where the output does not depend on it."""
        return float(self.gradients.get(node, 0.0))

    def id(self, node: int) -> int:
        """The place of a node of the graph among the nodes of this output."""
        if self._ids is None:
            self._ids = {node: place for place, node in enumerate(self.nodes)}
        return self._ids[node]

    def expression(self, node: int) -> str:
        """The operation of a node as text, cut in the middle to TEXT_WIDTH characters."""
        return self._texts()[node][0]

    def op(self, node: int) -> str:
        """The name of its operation, ``input`` or ``constant``."""
        op = self.graph.op[node]
        return "input" if op == INPUT else "constant" if op == CONSTANT else ops.TABLE[op].name

    def local(self, node: int) -> Iterator[Local]:
        """The local gradients by the operands that vary, the only ones that are differentiated."""
        graph = self.graph
        operands = graph.operands[node]
        if not operands:
            return
        inputs = [self.values[operand] for operand in operands]
        for place, rule in self._rules[node]:
            value = rule(self.algebra, self.values[node], *inputs)
            symbol = self._formulas.text(node, place, rule, self.reference)
            yield Local(operands[place], symbol, float(value))

    def reference(self, node: int) -> TextPiece:
        """A node as an operand: its name, else its operation."""
        name = self.graph.names.get(node)
        return (name, ATOM) if name else self._texts()[node]

    def _texts(self) -> list[TextPiece]:
        if self._pieces is None:
            self._pieces = node_pieces(self.graph, TEXT_WIDTH)
        return self._pieces
