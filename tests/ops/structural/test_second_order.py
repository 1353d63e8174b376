"""Directional derivatives and second derivatives of every row, taken on graphs.

Both come from the rules for gradients alone: they are right only if every operation that a rule
uses has a right rule itself, linear where it has to be.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from planting import use_table

from gradcalc import ops
from gradcalc.engine.arrays import arrays
from gradcalc.engine.gradient import Directional, hvp_graph, jvp_graph
from gradcalc.engine.run import forward
from gradcalc.graph.graph import CONSTANT, Graph
from gradcalc.ops.row import Sample, Structural
from gradcalc.ops.structural import ROWS as STRUCTURAL
from gradcalc.ops.structural.rules import MATRIX

from ..measure import as_float
from .checks import DIGITS, at_kink, rule, settings, structural, values
from .reference import REFERENCE
from .reference_shaping import real

DIFFERENTIATED = pytest.mark.parametrize(
    "row", [row for row in STRUCTURAL if rule(row, 0)], ids=lambda row: row.name
)
STEP = mpf("1e-40")
SMALL_STEP = mpf("1e-80")
MUL, SUM = ops.PLACES["mul"], ops.PLACES["sum"]


def ordinary(sizes: Any, bound: float = 1e6) -> Any:
    return (sizes > 1 / bound) & (sizes < bound)


class Problem:
    """A row at a sample: a graph of it, and a direction for each operand that has a gradient."""

    def __init__(self, row: Structural, sample: Sample) -> None:
        self.row, self.sample = row, sample
        self.operands = values(sample, "float64")
        self.moving = [place for place in range(len(self.operands)) if rule(row, place)]
        rng = np.random.default_rng(3)
        self.directions = {
            place: rng.uniform(-1, 1, np.shape(self.operands[place])) * self._size(place)
            for place in self.moving
        }
        self.graph = Graph()
        self.inputs = [
            self.graph.add_input(shape=np.shape(operand))
            if place in self.moving
            else self.graph.add_constant(operand)
            for place, operand in enumerate(self.operands)
        ]
        self.output = self.graph.apply(
            ops.PLACES[row.name], tuple(self.inputs), settings(row, sample)
        )
        self.weights = rng.uniform(-1, 1, self.graph.shape(self.output))

    def _size(self, place: int) -> Any:
        """1, but for operands so large or small that 1 would be another world."""
        sizes = np.abs(np.asarray(self.operands[place]))
        zeros = sizes == 0
        sizes = np.where(zeros, np.min(sizes, initial=1.0, where=~zeros), sizes)
        return np.where(ordinary(sizes), 1.0, sizes)

    @property
    def noise(self) -> float:
        """What a result may be off for rounding, beside its own digits."""
        return 1e-13 if self.within(1e6) else 0.0

    def within(self, bound: float) -> bool:
        """Whether the operands, but for zeros, are as far as that from the ends of the range."""
        sizes = [np.abs(np.ravel(operand)) for operand in self.operands]
        return all(bool(ordinary(x[x != 0], bound).all()) for x in sizes)

    def evaluate(self, directional: Directional, leaves: Mapping[int, Any]) -> dict[int, Any]:
        """The results, given the values of more leaves."""
        graph, m = directional.graph, arrays("float64")
        found: list[Any] = [0.0] * len(graph)
        for node, value in (*graph.constants.items(), *leaves.items()):
            found[node] = m.cast(value)
        for node, operand in zip(self.inputs, self.operands, strict=True):
            found[node] = m.cast(operand)
        for place, direction in self.directions.items():
            leaf = directional.directions.get(self.inputs[place])
            if leaf is not None:
                found[leaf] = m.cast(direction)
        with np.errstate(all="ignore"):
            forward(graph, found, m, graph.ancestors(directional.results.values()))
        return {name: found[node] for name, node in directional.results.items()}

    def moved(self, step: Any) -> list[Any]:
        """The operands, so many steps along their directions."""
        exact = [real(operand) for operand in self.operands]
        for place, direction in self.directions.items():
            exact[place] = np.asarray(exact[place] + step * real(direction), object)
        return exact

    def true_value(self, operands: Sequence[Any]) -> Any:
        value = REFERENCE[self.row.name](*operands, **settings(self.row, self.sample))
        return np.asarray(value, object)

    def true_directional(self) -> Any:
        """J t by a central difference."""
        with mp.workdps(DIGITS):
            high, low = self.true_value(self.moved(STEP)), self.true_value(self.moved(-STEP))
            return np.asarray((high - low) / (2 * STEP), object)

    def true_gradient(self, operands: Sequence[Any], place: int) -> Any:
        """Of the weighted sum of the entries of the value."""
        x = operands[place]
        gradient = np.empty(x.shape, object)
        weights = real(self.weights)
        scale = min([abs(number) for number in x.flat if number], default=mpf(1))
        for entry in np.ndindex(x.shape):
            step = SMALL_STEP * (abs(x[entry]) or scale)
            sides = []
            for side in (step, -step):
                moved = x.copy()
                moved[entry] += side
                value = self.true_value([*operands[:place], moved, *operands[place + 1 :]])
                sides.append(np.sum(weights * value, initial=mpf(0)))
            gradient[entry] = (sides[0] - sides[1]) / (2 * step)
        return gradient

    def true_second(self, place: int) -> Any:
        """H v, a central difference of gradients."""
        with mp.workdps(2 * DIGITS):
            high = self.true_gradient(self.moved(STEP), place)
            low = self.true_gradient(self.moved(-STEP), place)
            return np.asarray((high - low) / (2 * STEP), object)


def close(problem: Problem, got: Any, want: Any) -> None:
    """Equal to ten digits of the greatest entry."""
    what = f"{problem.row.name}{problem.sample}"
    assert np.shape(got) == np.shape(want), f"the derivative of {what} has shape {np.shape(got)}"
    expected = np.array([as_float(x) for x in np.ravel(want)]).reshape(np.shape(want))
    greatest = np.max(np.abs(expected), initial=0.0)
    slack = greatest * 1e-10 + problem.noise
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=slack, err_msg=what)


def problems(row: Structural) -> list[Problem]:
    """The samples that have a derivative, and something to differentiate by."""
    return [
        Problem(row, sample)
        for sample in row.samples
        if all(map(np.size, sample.operands))
        and not at_kink(row, values(sample, "float64"), sample)
    ]


@DIFFERENTIATED
def test_directional_derivatives(row: Structural) -> None:
    for problem in problems(row):
        inputs = [problem.inputs[place] for place in problem.moving]
        got = problem.evaluate(jvp_graph(problem.graph, problem.output, inputs), {})
        close(problem, got[problem.output], problem.true_directional())


def weighted(problem: Problem) -> tuple[Graph, int, int]:
    """The graph with the sum of the entries of the output, each with a weight, and the leaf
    of the weights."""
    graph = problem.graph.copy()
    weights = graph.add(CONSTANT, ())
    graph.shapes[weights] = np.shape(problem.weights)
    node = graph.apply(MUL, (problem.output, weights))
    return graph, graph.apply(SUM, (node,)), weights


def seconds(problem: Problem) -> Mapping[int, Any]:
    """H v for each operand that has a gradient."""
    inputs = [problem.inputs[place] for place in problem.moving]
    graph, output, weights = weighted(problem)
    got = problem.evaluate(hvp_graph(graph, output, inputs), {weights: problem.weights})
    return {place: got.get(problem.inputs[place], 0.0) for place in problem.moving}


@DIFFERENTIATED
def test_second_derivatives(row: Structural) -> None:
    # Squares of the others are beyond the range.
    found = [problem for problem in problems(row) if problem.within(1e100)]
    assert found
    for problem in found:
        for place, got in seconds(problem).items():
            close(problem, got, problem.true_second(place))


def plant(
    monkeypatch: pytest.MonkeyPatch, name: str, rounded: Callable[[Any, Any, Any], tuple[Any, Any]]
) -> Structural:
    """Put into the table a rule whose gradients are right for quarters."""
    right = structural(name)
    first = rule(right, 0)
    assert first is not None

    def wrong(m: Any, g: Any, v: Any, x: Any, **given: Any) -> Any:
        g, x = rounded(m, g, x)
        return first(m, g, v, x, **given)

    planted = right._replace(vjps=(wrong,), samples=(Sample((MATRIX,)),))
    use_table(monkeypatch, [planted if row.name == name else row for row in ops.TABLE])
    return planted


@pytest.mark.parametrize("name", ["sum", "norm", "softmax", "prod"])
def test_a_rule_that_is_not_linear_is_caught(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    row = plant(monkeypatch, name, lambda m, g, x: (m.round(g * 4.0) * 0.25, x))
    with pytest.raises(AssertionError, match="Not equal"):
        test_directional_derivatives(row)


@pytest.mark.parametrize("name", ["var", "norm", "logsumexp", "prod"])
def test_a_rule_without_a_derivative_is_caught(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    row = plant(monkeypatch, name, lambda m, g, x: (g, m.round(x * 4.0) * 0.25))
    test_directional_derivatives(row)
    with pytest.raises(AssertionError, match="Not equal"):
        test_second_derivatives(row)
