"""The gates of one output, so laid out that a backward pass can be run with a mistake in it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import CHOOSES, NOTHING, SHIELDS, fitted, forward_functions
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.ops.row import Structural
from gradcalc.services.check.diagnosis.mistake import Gate
from gradcalc.services.check.diagnosis.numbers import Scalars

#: Operations that scale one operand, but that nobody calls a function of what stands in them.
_NO_FUNCTION = frozenset(("div", "neg"))
#: Local gradients that people work out from the value of the gate, and the table from more.
BY_VALUE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda v: v * (1.0 - v),
    "tanh": lambda v: 1.0 - v * v,
}


class Tape:
    """What does not depend on anybody's numbers.

    Attributes:
        run: the output, evaluated.
        m: its algebra.
        numbers: how to compare.
        order: the nodes with a gradient, in topological order: those on a path from an input to the
            output.
        rules: by gate, pairs of (place of an operand that varies, its rule).
        users: by node, the (gate, place) pairs that use it, the last gate first: in the order in
            which they pass gradients to it.
        inner: the gates inside a function.
    """

    def __init__(self, run: Evaluation) -> None:
        self.run = run
        graph = self.graph = run.graph
        self.m = run.forward_pass.algebra
        self.arrays = bool(graph.shapes)
        self.numbers: Any
        if self.arrays:
            from gradcalc.services.check.diagnosis.arraynumbers import Arrays

            self.numbers = Arrays(graph.shape)
        else:
            self.numbers = Scalars()
        varies = graph.varies
        self.order = [n for n in graph.ancestors([run.output.node]) if varies[n]]
        self.rules: dict[int, list[tuple[int, Any]]] = {}
        self.users: dict[int, list[tuple[int, int]]] = {n: [] for n in self.order}
        self.inner: set[int] = set()
        for node in reversed(self.order):
            operands = graph.operands[node]
            if not operands:
                continue
            rules = self.rules[node] = run.forward_pass.rules[node]
            outer = self.users[node]
            if len(outer) == 1:
                gate = outer[0][0]
                if gate in self.inner or self._is_function(gate):
                    self.inner.add(node)
            for place, _ in rules:
                self.users[operands[place]].append((node, place))

    def _is_function(self, gate: int) -> bool:
        """Whether it is a function of one number: what stands in it has an inner derivative."""
        row = ops.TABLE[self.graph.op[gate]]
        if self.graph.op[gate] >= STRUCTURAL or row.pattern != "scaler":
            return False
        return row.name not in _NO_FUNCTION and len(self.rules[gate]) == 1

    def op(self, node: int) -> str:
        """The name of an operation."""
        return ops.TABLE[self.graph.op[node]].name

    def value(self, node: int, values: Sequence[Any]) -> Any:
        """The value of a gate, given those of its operands."""
        graph = self.graph
        function = forward_functions(self.m)[graph.op[node]]
        x = [values[operand] for operand in graph.operands[node]]
        if not self.arrays:
            return function(*x)
        with self.m.quiet():
            return self.m.cast(function(*x, **graph.settings.get(node, NOTHING)))


class Linear:
    """The backward pass at given values: what each gate makes of an upstream gradient.

    Attributes:
        values: of all nodes.
        locals: by gate, the local gradients by place, of elementwise gates.

    Args:
        strange: the gates whose value is not that of their operands.
        from_operands: whether the local gradients of those are worked out from the operands; if
            not, from the value, as σ·(1-σ).
    """

    def __init__(
        self,
        tape: Tape,
        values: Sequence[Any],
        strange: Collection[int] = (),
        from_operands: bool = False,
    ) -> None:
        self.tape, self.values = tape, values
        self._strange = strange if from_operands else ()
        self.graph, self.m = tape.graph, tape.m
        self.locals: dict[int, dict[int, Any]] = {}
        self._gates: dict[int, Gate] = {}
        graph, m = self.graph, self.m
        for node, rules in tape.rules.items():
            if graph.op[node] < STRUCTURAL:
                x = [values[operand] for operand in graph.operands[node]]
                value = self.value(node)
                self.locals[node] = {place: rule(m, value, *x) for place, rule in rules}
                if node in strange and not from_operands and tape.op(node) in BY_VALUE:
                    self.locals[node] = {0: BY_VALUE[tape.op(node)](value)}
            else:
                self.locals[node] = {}

    def value(self, node: int) -> Any:
        """The value that the local gradients of a gate are worked out with."""
        if node in self._strange:
            return self.tape.value(node, self.values)
        return self.values[node]

    def pull(self, node: int, place: int, up: Any) -> Any:
        """What a gate passes to an operand for an upstream gradient."""
        graph, m = self.graph, self.m
        op = graph.op[node]
        if op >= STRUCTURAL:
            operands = graph.operands[node]
            x = [self.values[operand] for operand in operands]
            given = graph.settings.get(node, NOTHING)
            row = ops.TABLE[op]
            if isinstance(row, Structural) and row.split:
                found = row.split(m, up, *map(m.shape, x), **given)[place]
            else:
                rule = next(r for p, r in self.tape.rules[node] if p == place)
                found = rule(m, up, self.value(node), *x, **given)
            return m.cast(fitted(m, found, graph.shape(operands[place])))
        local = self.locals[node][place]
        if not self.tape.arrays:
            downstream = m.chain(up, local)
            if downstream != downstream and local == 0.0 and op in CHOOSES:
                return 0.0
            return downstream
        routes = op in CHOOSES or (place and op in SHIELDS)
        downstream = m.routed(up, local) if routes else m.chain(up, local)
        return m.cast(fitted(m, downstream, graph.shape(graph.operands[node][place])))

    def gate(self, node: int, up: Any) -> Gate:
        """A gate with this upstream gradient."""
        gate = self._gates.get(node)
        if gate is None:
            gate = self._gates[node] = self._made(node)
        gate.up = up
        return gate

    def _made(self, node: int) -> Gate:
        graph, gate = self.graph, Gate()
        gate.m, gate.node = self.m, node
        gate.op = self.tape.op(node)
        gate.value = self.value(node)
        operands = graph.operands[node]
        gate.x = [self.values[operand] for operand in operands]
        gate.places = [place for place, _ in self.tape.rules.get(node, ())]
        gate.locals = self.locals.get(node, {})
        gate.shape = graph.shape(node)
        gate.shapes = [graph.shape(operand) for operand in operands]
        gate.settings = graph.settings.get(node, NOTHING)
        gate.inner = node in self.tape.inner
        gate.turned = [p for p in gate.places if self.tape.op(operands[p]) == "transpose"]
        if self.tape.arrays or graph.op[node] in CHOOSES:
            gate.pull = lambda place, up: self.pull(node, place, up)
        else:
            chain, local = self.m.chain, gate.locals
            gate.pull = lambda place, up: chain(up, local[place])
        return gate

    def spread(
        self, changes: Mapping[int, Any], pinned: Mapping[int, Any]
    ) -> Iterator[tuple[int, Any]]:
        """Each node at which changes of what arrives at nodes change something, from the output to
        the inputs, and how far.

        Args:
            changes: by node.
            pinned: the nodes whose gradients are given, so that nothing changes below them.
        """
        moved = dict(changes)
        heap = [-node for node in moved]
        heap.sort()
        operands_of = self.graph.operands
        while heap:
            node = -heappop(heap)
            change = moved[node]
            yield node, change
            if node in pinned:
                continue
            for place, _ in self.tape.rules.get(node, ()):
                operand = operands_of[node][place]
                part = self.pull(node, place, change)
                known = moved.get(operand)
                if known is None:
                    heappush(heap, -operand)
                    moved[operand] = part
                else:
                    moved[operand] = known + part

    def reach(self, root: int, pinned: Mapping[int, Any]) -> dict[int, float]:
        """For each node how much what arrives at ``root`` changes with what arrives there; 0 is
        left out. Of scalars only."""
        found = {root: 1.0}
        users, locals_, operands_of = self.tape.users, self.locals, self.graph.operands
        heap = [gate for gate, _ in users[root]]
        heap.sort()
        done = -1
        while heap:
            node = heappop(heap)
            if node == done:
                continue
            done = node
            if node in pinned:
                continue
            operands = operands_of[node]
            total = 0.0
            for place, local in locals_[node].items():
                if local:
                    total += local * found.get(operands[place], 0.0)
            if total:
                found[node] = total
                for gate, _ in users[node]:
                    heappush(heap, gate)
        return found
