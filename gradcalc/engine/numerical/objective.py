"""The output of a problem as a function of inputs that move, and how exact it is.

Rules are not asked: only the forward pass is run, in double precision whatever the type of the
report, and of that only what depends on what moves.

How much rounding errors change the output, and its gradients, is found by doing it: the pass is run
again with every result changed at random by a unit in the last place. What changes by as much as it
is has no digits.

Source: Vignes, "A stochastic arithmetic for reliable scientific computation" (1993).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import isfinite
from random import Random
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, ForwardPass, algebra_of
from gradcalc.engine.numerical.choices import any_of
from gradcalc.engine.numerical.differences import EPS, TINY, Comparison, Errors
from gradcalc.engine.numerical.gates import TOLERANCES, compare_twice, in_double
from gradcalc.engine.run import depending, forward
from gradcalc.errors import DataError
from gradcalc.graph.graph import INPUT

#: How often the pass is run with random rounding errors.
TRIES = 4
#: Where on the first step rounding errors are looked at again.
AWAY = 1.0 / 64.0
MOD = ops.PLACES["mod"]
#: Gates of these patterns hand numbers on as they are: they do not round.
EXACT = ("router", "mover", "copier", "blocker")
#: The unit in the last place, and the least number, of each type.
UNITS = {"float64": (EPS, TINY), "float32": (2.0**-23, 2.0**-149)}


class Move(NamedTuple):
    """One way to move nodes.

    Attributes:
        part: which of several ways it is.
        directions: by node.
        derivative: what is claimed to be the derivative of the objective.
        steps: the longest and the shortest step.
    """

    part: str
    directions: Mapping[int, Any]
    derivative: float
    steps: tuple[float, float]


class Objective:
    """The sum of the entries of the output, each times what arrives at it.

    Attributes:
        values: of every node, in double precision.
        nodes: those that the output depends on, in topological order.
        dtype: the type of the report.
        held: the nodes that stay as they are, whatever moves.
    """

    def __init__(self, run: Evaluation) -> None:
        self.run = run
        self.graph = run.graph
        self.m = algebra_of(run.graph, "float64")
        self.nodes = run.graph.ancestors([run.output.node])
        double = run.forward_pass.algebra is self.m
        self.dtype = "float64" if double else "float32"
        self.values = run.values if double else self._in_double()
        self.held: frozenset[int] = frozenset()

    def _in_double(self) -> list[Any]:
        """The values computed again, from the same inputs and constants."""
        cast = self.m.cast if self.graph.shapes else float
        values = [cast(value) for value in self.run.values]
        varies, operations = self.graph.varies, self.graph.op
        with self.m.quiet():
            again = [node for node in self.nodes if varies[node] and operations[node] >= 0]
            forward(self.graph, values, self.m, again)
        return values

    def total(self, values: Sequence[Any]) -> float:
        """The number that is differentiated."""
        value = values[self.run.output.node]
        if not self.graph.shapes:
            return float(self.m.mul(float(self.run.upstream), value))
        with self.m.quiet():
            return float((self.run.upstream * value).sum())

    def along(self, directions: Mapping[int, Any]) -> Callable[[float], float]:
        """The objective where nodes move along directions, as a function of how far.

        Raises, when it is called:
            DataError: a value has moved to where an operation does not take it.
        """
        graph, m, values = self.graph, self.m, list(self.values)
        path = self._path_along(directions)
        starts = [(node, values[node], direction) for node, direction in directions.items()]

        def f(t: float) -> float:
            with m.quiet():
                for node, start, direction in starts:
                    values[node] = start + t * direction
                forward(graph, values, m, path)
            return self.total(values)

        return f

    def jumps(self, directions: Mapping[int, Any], step: float) -> int | None:
        """A gate that jumps within a step; None if there is none."""
        graph, m, path = self.graph, self.m, self._path_along(directions)
        for distance in (-step, step):
            values = list(self.values)
            with m.quiet():
                for node, direction in directions.items():
                    values[node] = values[node] + distance * direction
                forward(graph, values, m, path)
                for node in path:
                    if any_of(self._piece(node, values) != self._piece(node, self.values)):
                        return node
        return None

    def _piece(self, node: int, values: Sequence[Any]) -> Any:
        """What is constant until a gate jumps; nothing changes for gates that do not."""
        op, value = self.graph.op[node], values[node]
        if op == MOD:
            x, y = (values[operand] for operand in self.graph.operands[node])
            return self.m.round(self.m.div(x - value, y))
        return value if ops.TABLE[op].pattern == "blocker" else 0.0

    def compare(
        self, directions: Mapping[int, Any], derivative: float, steps: tuple[float, float]
    ) -> Comparison:
        """A derivative along directions, compared with differences.

        Args:
            steps: the longest and the shortest step.

        Raises:
            DataError: as :meth:`along`.
        """
        f, tolerance = self.along(directions), TOLERANCES[self.dtype]
        errors = Errors(self.noise)

        def again() -> Errors:
            return self._errors(directions, steps[0])

        def compared(derivative: float) -> Comparison:
            return compare_twice(f, derivative, steps, tolerance, errors, again)

        found = compared(derivative)
        if self.dtype == "float64":
            return found
        # The values themselves may be others than in double precision.
        return in_double(found, lambda: self._slope(self.m, self.values, directions), compared)

    def _slope(self, m: Any, values: list[Any], directions: Mapping[int, Any]) -> float:
        """The derivative along directions by backpropagation, from values of the nodes."""
        run = self.run
        shared = ForwardPass(run.problem, values, m)
        # A single-precision number makes all that it meets single-precision.
        upstream = run.upstream if self.graph.shapes else m.mul(1.0, float(run.upstream))
        other = Evaluation(shared, run.output, upstream, list(directions))
        with self.m.quiet():
            return _dot(other, directions)

    @cached_property
    def noise(self) -> float:
        """By how much rounding errors may change the objective; of all nodes, inputs included."""
        inputs = [node for node in self.nodes if self.graph.op[node] == INPUT]
        return self._change(inputs, self.values)

    def _errors(self, directions: Mapping[int, Any], step: float) -> Errors:
        """What rounding errors of that alone do that depends on what moves."""
        moved = list(directions)
        noise = self._change(moved, self.values)
        away = step * AWAY
        values = list(self.values)
        with self.m.quiet():
            for node, direction in directions.items():
                values[node] = values[node] + away * direction
        farther = self._change(moved, values)
        drift = max(0.0, farther - 2.0 * noise) / away
        return Errors(noise, drift if isfinite(drift) else 0.0, self._blur(directions))

    def _change(self, moved: Sequence[int], values: Sequence[Any]) -> float:
        """By how much rounding errors change the objective, for other values of some nodes."""
        path = self._path(moved)
        start = list(values)
        with self.m.quiet():
            forward(self.graph, start, self.m, path)
        total = self.total(start)
        totals = map(self.total, self._rounded(self.m, "float64", values, moved, path))
        changes = [abs(other - total) for other in totals]
        finite = [change for change in changes if isfinite(change)]
        # Where operations refuse changed operands, what is left is a guess.
        return 2.0 * max(finite) if finite else 64.0 * EPS * abs(total)

    def _blur(self, directions: Mapping[int, Any]) -> float:
        """By how much rounding errors may change the derivative that the report gives."""
        run, moved = self.run, list(directions)
        m, path = run.forward_pass.algebra, self._path(moved)
        with self.m.quiet():
            slope = _dot(run, directions)
        changed = self._rounded(m, self.dtype, run.values, moved, path)
        if self.graph.shapes:
            from gradcalc.engine.numerical.inexact import Inexact

            others = [
                self._slope(Inexact(self.dtype, seed), values, directions)
                for seed, values in enumerate(changed)
            ]
        else:
            others = [self._slope(m, values, directions) for values in changed]
        changes = [abs(other - slope) for other in others]
        return 2.0 * max(filter(isfinite, changes), default=0.0)

    def moving(self, moved: Iterable[int]) -> bytearray:
        """A 1 for each node that moves when others do."""
        return depending(self.graph, moved, None, self.held)

    def part(self, node: int, x: Any) -> Any:
        """Of an array like its operand the part that a node takes of that; None if that depends on
        values, or it takes none."""
        if ops.TABLE[self.graph.op[node]].name != "index" or len(self.graph.operands[node]) > 1:
            return None
        return self.m.index(x, **self.graph.settings[node])

    def _path(self, moved: Iterable[int]) -> list[int]:
        """The nodes that depend on others, those left out."""
        moved = frozenset(moved)
        moves = self.moving(moved)
        return [node for node in self.nodes if moves[node] and node not in moved]

    def _path_along(self, directions: Mapping[int, Any]) -> list[int]:
        """Of these nodes those that move along directions: where one entry of an array moves, a
        loop reads many others."""
        operands = self.graph.operands
        readers = [node for node in self.nodes if not directions.keys().isdisjoint(operands[node])]
        moves = self.moving(
            node for node in readers if node not in self.held and not self._stays(node, directions)
        )
        return [node for node in self.nodes if moves[node] and node not in directions]

    def _stays(self, node: int, directions: Mapping[int, Any]) -> bool:
        """Whether a node is a part of an array of which no entry moves."""
        part = self.part(node, directions.get(self.graph.operands[node][0]))
        return part is not None and not any_of(part != 0.0)

    def _rounded(
        self, m: Any, dtype: str, values: Sequence[Any], moved: Sequence[int], path: Sequence[int]
    ) -> Iterator[list[Any]]:
        """The values with random rounding errors, several times.

        What moves is changed too, if that is possible: a number that was typed in stands for those
        around it. It is not where they are labels, or at the edge of what is defined.
        """
        for seed in range(TRIES):
            for leaves in (moved, ()):
                changed = list(values)
                error = _rounding(m, dtype, seed)
                try:
                    with m.quiet():
                        for node in leaves:
                            changed[node] = error(changed[node])
                        for node in path:
                            forward(self.graph, changed, m, (node,))
                            if ops.TABLE[self.graph.op[node]].pattern not in EXACT:
                                changed[node] = error(changed[node])
                except DataError:
                    continue
                if _finite(changed[self.run.output.node]):
                    yield changed
                    break


def _rounding(m: Any, dtype: str, seed: int) -> Callable[[Any], Any]:
    """A function that changes a value by a unit in the last place, up or down at random."""
    unit, least = UNITS[dtype]
    sign = Random(seed).choice
    generator: Any = None

    def error(x: Any) -> Any:
        nonlocal generator
        if not getattr(x, "shape", ()):
            change = sign((-1.0, 1.0)) * max(unit * abs(float(x)), least)
            return m.add(x, change) if isfinite(x) else x
        import numpy as np

        if generator is None:
            generator = np.random.default_rng(seed)
        changes = np.maximum(unit * np.abs(x), least)
        changes *= generator.integers(0, 2, x.shape) * 2.0 - 1.0
        return m.cast(np.where(np.isfinite(x), x + changes, x))

    return error


def _dot(run: Evaluation, directions: Mapping[int, Any]) -> float:
    """The derivative along directions, by the gradients of an evaluation."""
    total = 0.0
    for node, direction in directions.items():
        product = run.gradient(node) * direction
        total += float(product.sum() if getattr(product, "shape", ()) else product)
    return total


def _finite(x: Any) -> bool:
    if getattr(x, "shape", ()):
        import numpy as np

        return bool(np.isfinite(x).all())
    return isfinite(x)
