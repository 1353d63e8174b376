"""One output of one problem, evaluated and differentiated: all numbers that a report can show."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.formulas import LocalFormulas
from gradcalc.engine.run import (
    BILINEAR,
    Rules,
    depending,
    fitted,
    forward,
    reverse,
    reverse_arrays,
)
from gradcalc.graph.graph import CONSTANT, INPUT, STRUCTURAL, Graph
from gradcalc.graph.lower import Output, Problem
from gradcalc.graph.text import node_pieces
from gradcalc.ops.row import Rule, Structural
from gradcalc.ops.shapes import size_of
from gradcalc.syntax.printer import ATOM, TextPiece

#: The longest text of a subexpression that is kept.
TEXT_WIDTH = 200


#: A Jacobian of more entries than this is not worked out for a report.
MAX_JACOBIAN = 4096


class Local(NamedTuple):
    """The local gradient of a node by one operand: its formula and its value.

    Of an elementwise gate on arrays the value is the derivative entry by entry, in the shape of
    the node. Of a structural gate the formula is that of the downstream gradient, and the value the
    Jacobian, in the shape of the node followed by that of the operand; None for a big one.
    """

    operand: int  #: the id of the operand
    symbol: str
    value: Any


def algebra_of(graph: Graph, dtype: str) -> Any:
    """The algebra for the values of a graph: NumPy is imported only for arrays."""
    if graph.shapes:
        from gradcalc.engine.arrays import arrays

        return arrays(dtype)
    if dtype == "float32":
        from gradcalc.engine import singles

        return singles
    return floats


def compute(
    graph: Graph,
    leaves: Mapping[int, Any],
    algebra: Any,
    nodes: Sequence[int] | None = None,
) -> Any:
    """The value of every node (or of ``nodes``, in topological order), given those of the inputs.

    Raises:
        DataError: an operation cannot take its values.
    """
    values: MutableMapping[int, Any] | list[Any] = {}
    constants: Iterable[tuple[int, Any]] = graph.constants.items()
    if nodes is None:
        values = [0.0] * len(graph)
    else:
        constants = [(n, graph.constants[n]) for n in nodes if n in graph.constants]
    leaf_values = (*constants, *leaves.items())
    if not graph.shapes:
        for node, value in leaf_values:
            values[node] = algebra.add(value, 0.0) if value else value
        forward(graph, values, algebra, nodes)
        return values
    with algebra.quiet():
        for node, value in leaf_values:
            values[node] = algebra.cast(value)
        forward(graph, values, algebra, nodes)
    return values


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
        self.rules = self.rules_to(None)
        self.formulas = LocalFormulas(self.graph)
        self._pieces: list[TextPiece] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # An algebra is a thing of the process; its functions cannot be sent to another one.
        double = self.algebra is algebra_of(self.graph, "float64")
        return _arrived, (self.problem, self.values, "float64" if double else "float32")

    def nodes(self, output: int) -> list[int]:
        """The nodes that an output depends on and all inputs, in topological order."""
        found: list[int] | None = self.problem.ways.get(output)
        if found is None:
            roots = [output, *self.problem.inputs.values()]
            found = self.problem.ways[output] = self.graph.ancestors(roots)
        return found

    def rules_to(self, wanted: Sequence[int] | None) -> Rules:
        """The rules as far as they lead to a gradient that is wanted; all of them if None."""
        key = None if wanted is None else tuple(wanted)
        found: Rules | None = self.problem.ways.get(key)
        if found is None:
            graph = self.graph
            found = Rules(graph, None if wanted is None else depending(graph, wanted))
            self.problem.ways[key] = found
        return found

    def texts(self) -> list[TextPiece]:
        """Every node by its operation, cut in the middle to TEXT_WIDTH characters."""
        if self._pieces is None:
            self._pieces = node_pieces(self.graph, TEXT_WIDTH)
        return self._pieces


def _arrived(problem: Problem, values: list[Any], dtype: str) -> ForwardPass:
    """A forward pass that was pickled."""
    if problem.graph.shapes:
        ops.load()
    return ForwardPass(problem, values, algebra_of(problem.graph, dtype))


class Evaluation:
    """The upstream gradients of one output, and the values that they belong to.

    Attributes:
        values: by node of the problem's graph.
        nodes: the nodes that the output depends on and all inputs, in topological order. A node's
            *id* is its place in this list.

    Args:
        upstream: what arrives at the output, of its shape or a scalar.
        wanted: the nodes whose gradients are asked for; all of them if None. Of arrays, no other
            gradient is worked out, or kept, before somebody asks for it.
    """

    def __init__(
        self,
        forward_pass: ForwardPass,
        output: Output,
        upstream: Any,
        wanted: Sequence[int] | None = None,
    ) -> None:
        self.forward_pass = forward_pass
        self.problem = forward_pass.problem
        self.graph = forward_pass.graph
        self.values = forward_pass.values
        self.output = output
        self.nodes = forward_pass.nodes(output.node)
        self._ids: dict[int, int] | None = None
        self.upstream = upstream
        self._kept: frozenset[int] | None = None  # whose gradients are known; None for all
        self._unread: dict[int, tuple[float, int]] = {}
        self.gradients: dict[int, Any]
        if self.graph.shapes:
            self._reverse_arrays(wanted)
            return
        self.gradients = dict.fromkeys(self.nodes, 0.0)
        self.gradients[output.node] = upstream
        reverse(
            forward_pass.rules,
            self.values,
            self.gradients,
            reversed(self.nodes),
            forward_pass.algebra,
        )

    def _reverse_arrays(self, wanted: Sequence[int] | None) -> None:
        graph, m = self.graph, self.forward_pass.algebra
        rules = self.forward_pass.rules_to(wanted)
        self._kept = None if wanted is None else frozenset(wanted)
        shape = graph.shape(self.output.node)
        with self.quiet():
            arriving = m.cast(self.upstream)
            if m.shape(arriving) != shape:
                arriving = m.broadcast_to(arriving, shape=shape)
            for careful in (False, True):
                strange: list[int] = []
                self._unread = {}
                self.gradients = {self.output.node: arriving}
                reverse_arrays(
                    rules,
                    self.values,
                    self.gradients,
                    reversed(self.nodes),
                    m,
                    keep=self._kept,
                    careful=careful,
                    strange=strange,
                    unread=self._unread,
                )
                if not strange:
                    break
        self._strange = bool(strange)

    def quiet(self) -> Any:
        """A context in which NumPy says nothing about infinities: notes do."""
        return self.forward_pass.algebra.quiet()

    @property
    def strange(self) -> bool:
        """Whether an entry of a gradient of arrays is not finite."""
        m = self.forward_pass.algebra
        unread, self._unread = self._unread, {}
        for leaf, (squares, factor) in unread.items():
            if not (m.is_bounded(squares, self.values[factor]) or m.finite(self.gradient(leaf))):
                self._strange = True
        return self._strange

    def gradient(self, node: int) -> Any:
        """The upstream gradient of a node; 0 where the output does not depend on it."""
        found = self.gradients.get(node)
        if found is None and self._kept is not None and node not in self._kept:
            self._reverse_arrays(None)
            found = self.gradients.get(node)
        if not self.graph.shapes:
            return float(0.0 if found is None else found)
        if found is None:
            m = self.forward_pass.algebra
            return m.zeros(shape=self.graph.shape(node))
        return found

    def release(self, node: int, gradient: Any) -> bool:
        """Give up an array that is the gradient of a node, and of nothing else; it is worked out
        again if it is asked for. Returns whether it could be given up."""
        if self._kept is None or gradient.base is not None or not gradient.flags.writeable:
            return False
        others = (self.upstream, *self.values, *self.gradients.values())
        if sum(other is gradient for other in others) > 1 or gradient is self.upstream:
            return False
        self._kept -= {node}
        return self.gradients.pop(node, None) is not None

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

    def local(self, node: int, jacobians: bool = True) -> Iterator[Local]:
        """The local gradients by the operands that vary, the only ones that are differentiated.

        Args:
            jacobians: whether to work out those of structural gates.
        """
        graph = self.graph
        operands = graph.operands[node]
        if not operands:
            return
        inputs = [self.values[operand] for operand in operands]
        shared = self.forward_pass
        rules = shared.rules[node]
        values: Iterable[Any]
        if not graph.shapes:
            values = (float(rule(shared.algebra, self.values[node], *inputs)) for _, rule in rules)
        elif graph.op[node] < STRUCTURAL:
            values = self._entry_by_entry(node, rules, inputs)
        else:
            values = self._jacobians(node, rules, inputs) if jacobians else (None for _ in rules)
        for (place, rule), value in zip(rules, values, strict=True):
            symbol = shared.formulas.text(node, rule, self.reference)
            yield Local(operands[place], symbol, value)

    def _entry_by_entry(
        self, node: int, rules: Iterable[tuple[int, Rule]], inputs: Sequence[Any]
    ) -> Iterator[Any]:
        """The derivatives of an elementwise gate on arrays, in its shape."""
        m, shape = self.forward_pass.algebra, self.graph.shape(node)
        for _, rule in rules:
            with m.quiet():
                local = m.broadcast_to(m.cast(rule(m, self.values[node], *inputs)), shape=shape)
            yield local

    def _jacobians(
        self, node: int, rules: Sequence[tuple[int, Rule]], inputs: Sequence[Any]
    ) -> Iterator[Any]:
        """The Jacobians of a structural gate, a row at a time; None for a big one."""
        graph, m = self.graph, self.forward_pass.algebra
        op, shape, settings = graph.op[node], graph.shape(node), graph.settings.get(node, {})
        size = size_of(shape)
        by = [graph.shape(operand) for operand in graph.operands[node]]
        known = {place for place, _ in rules if size * size_of(by[place]) <= MAX_JACOBIAN}
        units = m.reshape(m.eye(n=size), shape=(size, *shape)) if known else ()
        row = ops.TABLE[op]
        parts: list[Sequence[Any]] = []
        with m.quiet():
            if isinstance(row, Structural) and row.split:
                parts = [row.split(m, unit, *by, **settings) for unit in units]
        for place, rule in rules:
            if place not in known:
                yield None
                continue
            rows = [part[place] for part in parts]
            with m.quiet():
                for unit in () if parts else units:
                    found = rule(m, unit, self.values[node], *inputs, **settings)
                    if row.name in BILINEAR:
                        value = self.values[node]
                        found = m.masked(found, rule, unit, value, inputs, place, settings)
                    rows.append(fitted(m, m.cast(found), by[place]))
            whole = (*shape, *by[place])
            yield m.reshape(m.stack(*rows), shape=whole) if rows else m.zeros(shape=whole)

    def reference(self, node: int) -> TextPiece:
        """A node as an operand: its name, else its operation."""
        name = self.graph.names.get(node)
        return (name, ATOM) if name else self.forward_pass.texts()[node]
