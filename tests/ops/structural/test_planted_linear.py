"""Faults planted in the rows of linear algebra are caught by the tests over all rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcalc.ops.row import Structural
from gradcalc.ops.shapes import Misfit

from .checks import check_gradients, check_value, structural

WRONG_RULES: list[tuple[str, int, Callable[..., Any]]] = [
    ("matmul", 0, lambda m, g, v, a, b: a * m.sum(g)),
    ("dot", 0, lambda m, g, v, x, y: g * x),
    ("outer", 1, lambda m, g, v, x, y: m.matmul(g, y)),
    ("cross", 0, lambda m, g, v, x, y: m.cross(g, y)),
    ("trace", 0, lambda m, g, v, x: g * m.ones(shape=m.shape(x))),
    ("det", 0, lambda m, g, v, x: g * v * m.transpose(m.inv(x))),  # nan where it is singular
    ("det", 0, lambda m, g, v, x: g * m.transpose(m.cofactor(x))),
    ("logdet", 0, lambda m, g, v, x: g * m.inv(x)),
    ("inv", 0, lambda m, g, v, x: -m.matmul(m.matmul(v, g), v)),
    ("solve", 0, lambda m, g, v, a, b: -m.outer(v, m.solve(m.transpose(a), g))),
    ("solve", 1, lambda m, g, v, a, b: m.solve(a, g)),
    ("cholesky", 0, lambda m, g, v, x: m.solve(m.transpose(v), g)),
    ("cofactor", 0, lambda m, g, v, x: m.cofactor_derivative(g, x)),
    ("cofactor_derivative", 0, lambda m, u, v, x, g: 0.0 * x),
    ("cofactor_derivative", 1, lambda m, u, v, x, g: m.cofactor_derivative(g, u)),
]


def check_everywhere(check: Callable[..., Any], row: Structural) -> None:
    for sample in row.samples:
        check(row, sample, "float64")


@pytest.mark.parametrize(("name", "place", "rule"), WRONG_RULES)
def test_a_wrong_rule_is_caught(name: str, place: int, rule: Callable[..., Any]) -> None:
    right = structural(name)
    assert not callable(right.vjps)
    wrong = right._replace(vjps=(*right.vjps[:place], rule, *right.vjps[place + 1 :]))
    with pytest.raises((AssertionError, ValueError, Misfit)):
        check_everywhere(check_gradients, wrong)


@pytest.mark.parametrize("name", ["matmul", "dot", "outer", "cross", "det", "inv", "solve"])
def test_a_rule_that_is_off_by_a_trillionth_is_caught(name: str) -> None:
    right = structural(name)
    rules = right.vjps
    assert not callable(rules)
    for place in range(len(rules)):
        off = list(rules)
        off[place] = lambda m, *x, rule=rules[place]: rule(m, *x) * (1 + 1e-12)
        with pytest.raises(AssertionError, match="by operand"):
            check_gradients(right._replace(vjps=tuple(off)), right.samples[0], "float64")


@pytest.mark.parametrize(
    ("name", "forward"),
    [
        ("matmul", lambda m, a, b: np.matmul(a, b) + 1e-12),
        ("det", lambda m, x: np.linalg.det(x)),  # -2.0000000000000004
        ("logdet", lambda m, x: m.log(m.abs(m.det(x)) + 1e-15)),
        ("cholesky", lambda m, x: np.linalg.cholesky(x)),  # of the lower triangle
        ("cofactor", lambda m, x: m.det(x) * np.swapaxes(m.inv(x), -1, -2)),
    ],
)
def test_a_wrong_value_is_caught(name: str, forward: Callable[..., Any]) -> None:
    row = structural(name)._replace(forward=forward)
    with pytest.raises((AssertionError, ValueError)):
        check_everywhere(check_value, row)
