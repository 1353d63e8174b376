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


class ForwardPass:
    """The values of one problem, and what its outputs share besides: rules and texts.

    Attributes:
        values: by node of the problem's graph.
    """

    def __init__(self, problem: Problem, values: list[Any], algebra: Any) -> None:
        self.problem = problem
        self.graph = problem.graph
        self.values = values
        self.algebra = algebra
        self.rules = Rules(self.graph)
        self.formulas = LocalFormulas(self.graph)
        self._pieces: list[TextPiece] | None = None

    def texts(self) -> list[TextPiece]:
        """Every node by its operation, cut in the middle to TEXT_WIDTH characters."""
        if self._pieces is None:
            self._pieces = node_pieces(self.graph, TEXT_WIDTH)
        return self._pieces


class Evaluation:
    """The upstream gradients of one output, and the values that they belong to.

    Attributes:
        values, gradients: by node of the problem's graph.
        nodes: the nodes that the output depends on and all inputs, in topological order. A node's
            *id* is its place in this list.
    """

    def __init__(self, forward_pass: ForwardPass, output: Output, upstream: float) -> None:
        self.forward_pass = forward_pass
        self.problem = forward_pass.problem
        self.graph = forward_pass.graph
        self.values = forward_pass.values
        self.output = output
        self.nodes = self.graph.ancestors([output.node, *self.problem.inputs.values()])
        self.gradients: dict[int, Any] = dict.fromkeys(self.nodes, 0.0)
        self.gradients[output.node] = upstream
        reverse(
            forward_pass.rules,
            self.values,
            self.gradients,
            reversed(self.nodes),
            forward_pass.algebra,
        )
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
        return self.forward_pass.texts()[node][0]

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
        shared = self.forward_pass
        for place, rule in shared.rules[node]:
            value = rule(shared.algebra, self.values[node], *inputs)
            symbol = shared.formulas.text(node, place, rule, self.reference)
            yield Local(operands[place], symbol, float(value))

    def reference(self, node: int) -> TextPiece:
        """A node as an operand: its name, else its operation."""
        name = self.graph.names.get(node)
        return (name, ATOM) if name else self.forward_pass.texts()[node]
