"""Every row's value and local gradients against mpmath, at its samples and at awkward points."""

import math
from functools import partial
from typing import Any

import pytest

from gradcalc import backprop
from gradcalc.engine import floats
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import check_partial, check_value
from .points import awkward_points
from .reference import REFERENCE

EVERY_ROW = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)


def test_the_references_are_of_rows() -> None:
    assert REFERENCE.keys() == {row.name for row in ELEMENTWISE}


@EVERY_ROW
def test_value(row: Row) -> None:
    for sample in row.samples:
        assert check_value(row, sample), f"{row.name} has no value at its sample {sample}"
    points = awkward_points(row)
    compared = sum(check_value(row, point) for point in points)
    assert compared >= 0.75 * len(points)


@EVERY_ROW
def test_local_gradients(row: Row) -> None:
    for sample in row.samples:
        for place in range(len(sample)):
            assert check_partial(row, sample, place), f"no derivative at the sample {sample}"
    points = [(point, place) for point in awkward_points(row) for place in range(len(point))]
    compared = sum(check_partial(row, point, place) for point, place in points)
    assert compared >= 0.75 * len(points)


@EVERY_ROW
def test_the_algebra_has_the_same_function(row: Row) -> None:
    """Forward takes an algebra's own function of the row's name: it must be the row's."""
    rule = partial(row.forward, floats)
    function = getattr(floats, row.name, rule)
    for sample in row.samples:
        own, stated = function(*sample), rule(*sample)
        assert own == stated or abs(own - stated) <= 4 * math.ulp(stated)


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("bce(p, y)", {"p": 0.0, "y": 0.0}),
        ("bce(p, y)", {"p": 1.0, "y": 1.0}),
        ("cross_entropy(s, y)", {"s": [[1000.0, -1000.0]], "y": [0]}),
        ("cross_entropy(s, y)", {"s": [1000.0, -1000.0], "y": [1.0, 0.0]}),
    ],
)
def test_a_loss_of_nothing_has_no_sign(program: str, values: dict[str, Any]) -> None:
    value = backprop(program, values).value
    assert value == 0.0
    assert math.copysign(1.0, value) == 1.0
