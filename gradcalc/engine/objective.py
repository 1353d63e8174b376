"""The output of a problem as a function of inputs that move, and how exact it is.

Rules are not asked: only the forward pass is run, in double precision whatever the type of the
report, and of that only what depends on what moves.

How much rounding errors change the output, and its gradients, is found by doing it: the pass is run
again with every result changed at random by a unit in the last place. What changes by as much as it
is has no digits.

Source: Vignes, "A stochastic arithmetic for reliable scientific computation" (1993).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from math import isfinite
from random import Random
from typing import Any

from gradcalc import ops
from gradcalc.engine.differences import EPS, TINY
from gradcalc.engine.evaluation import Evaluation, ForwardPass, algebra_of
from gradcalc.engine.run import depending, forward
from gradcalc.errors import DataError
from gradcalc.graph.graph import INPUT

#: How often the pass is run with random rounding errors.
TRIES = 4
#: Gates of these patterns hand numbers on as they are: they do not round.
EXACT = ("router", "mover", "copier", "blocker")
#: The unit in the last place, and the least number, of each type.
UNITS = {"float64": (EPS, TINY), "float32": (2.0**-23, 2.0**-149)}


class Objective:
    """The sum of the entries of the output, each times what arrives at it.

    Attributes:
        values: of every node, in double precision.
        wanted: the nodes whose gradients are compared.
    """

    def __init__(self, run: Evaluation, wanted: Sequence[int]) -> None:
        self.run = run
        self.graph = run.graph
        self.m = algebra_of(run.graph, "float64")
        self.wanted = list(wanted)
        self.nodes = run.graph.ancestors([run.output.node])
        self.double = run.forward_pass.algebra is self.m
        self.values = run.values if self.double else self._in_double()

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
        moves = depending(graph, directions)
        path = [node for node in self.nodes if moves[node] and node not in directions]
        starts = [(node, values[node], direction) for node, direction in directions.items()]

        def f(t: float) -> float:
            with m.quiet():
                for node, start, direction in starts:
                    values[node] = start + t * direction
                forward(graph, values, m, path)
            return self.total(values)

        return f

    @cached_property
    def noise(self) -> float:
        """By how much rounding errors may change the objective."""
        start = self.total(self.values)
        unit, least = UNITS["float64"]
        totals = map(self.total, self._wobbled(self.m, self.values, unit, least))
        changes = [abs(total - start) for total in totals]
        finite = [change for change in changes if isfinite(change)]
        # An operation that refuses changed operands gets them unchanged: what is left is a guess.
        return 2.0 * max(finite) if finite else 64.0 * EPS * abs(start)

    def blur(self, directions: Mapping[int, Any]) -> float:
        """By how much rounding errors may change the derivative along directions that the report
        gives."""
        changes = [
            abs(sum(float(_dot(changed[node], direction)) for node, direction in directions.items()))
            for changed in self._changes
        ]
        return 2.0 * max(changes, default=0.0)

    @cached_property
    def _changes(self) -> list[dict[int, Any]]:
        """For each try the change of every wanted gradient."""
        run = self.run
        algebra = run.forward_pass.algebra
        unit, least = UNITS["float64" if self.double else "float32"]
        found = []
        for values in self._wobbled(algebra, run.values, unit, least):
            other = Evaluation(
                ForwardPass(run.problem, values, algebra), run.output, run.upstream, self.wanted
            )
            with self.m.quiet():
                changes = {n: other.gradient(n) - run.gradient(n) for n in self.wanted}
            if all(_finite(change) for change in changes.values()):
                found.append(changes)
        return found

    def _wobbled(
        self, m: Any, values: Sequence[Any], unit: float, least: float
    ) -> Iterator[list[Any]]:
        """The values with random rounding errors, several times.

        The inputs are changed too, if that is possible: a number that was typed in stands for those
        around it. It is not where they are labels, or at the edge of what is defined.
        """
        for seed in range(TRIES):
            for leaves in (True, False):
                try:
                    changed = self._wobble(m, values, unit, least, seed, leaves)
                except DataError:
                    continue
                if _finite(changed[self.run.output.node]):
                    yield changed
                    break

    def _wobble(
        self, m: Any, values: Sequence[Any], unit: float, least: float, seed: int, leaves: bool
    ) -> list[Any]:
        graph, changed = self.graph, list(values)
        error = _errors(m, unit, least, seed)
        with m.quiet():
            for node in self.nodes:
                op = graph.op[node]
                if not graph.varies[node]:
                    continue
                if op >= 0:
                    forward(graph, changed, m, (node,))
                    if ops.TABLE[op].pattern in EXACT:
                        continue
                elif op != INPUT or not leaves:
                    continue
                if graph.shape(node) or isfinite(changed[node]):
                    changed[node] = error(changed[node])
        return changed


def _errors(m: Any, unit: float, least: float, seed: int) -> Callable[[Any], Any]:
    """A function that changes a value by a random unit in the last place."""
    sign = Random(seed).choice
    both = (-1.0, 1.0)
    generator: Any = None

    def error(x: Any) -> Any:
        nonlocal generator
        if not getattr(x, "shape", ()):
            return m.add(x, sign(both) * max(unit * abs(float(x)), least))
        import numpy as np

        if generator is None:
            generator = np.random.default_rng(seed)
        size = np.maximum(unit * np.abs(x), least)
        signs = generator.integers(0, 2, x.shape) * 2.0 - 1.0
        return m.cast(np.where(np.isfinite(x), x + signs * size, x))

    return error


def _dot(gradient: Any, direction: Any) -> Any:
    product = gradient * direction
    return product.sum() if getattr(product, "shape", ()) else product


def _finite(x: Any) -> bool:
    if getattr(x, "shape", ()):
        import numpy as np

        return bool(np.isfinite(x).all())
    return isfinite(x)
