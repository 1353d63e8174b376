"""The structural rows are complete, and one that lacks a field is refused."""

from math import inf
from typing import Any

import pytest

from gradcalc.ops.row import Domain, Kink, Sample, Setting, Structural
from gradcalc.ops.structural import ROWS as STRUCTURAL

from .checks import structural
from .completeness import missing


@pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: row.name)
def test_complete(row: Structural) -> None:
    assert missing(row) == []


GOOD = structural("mean")
RULE = GOOD.rule(0, ())


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"name": "average"},  # has no reference
        {"doc": ""},
        {"doc": "the mean."},
        {"formula": "mean(x"},
        {"formula": "mean(t)"},
        {"pattern": "averages"},
        {"pattern": "scaler", "vjps": (None,)},
        {"parameters": ("x", "x")},
        {"parameters": ("axis",)},
        {"parameters": ("x...",)},
        {"shape": None},
        {"forward": None},
        {"vjps": ()},
        {"vjps": (1.0,)},
        {"vjps": (RULE, RULE)},
        {"vjps": lambda place: RULE},
        {"samples": ()},
        {"samples": (Sample(((1.0, 2.0), (1.0, 2.0))),)},
        {"samples": (Sample(((1, 2),)),)},
        {"samples": (Sample(((1.0, inf),)),)},
        {"samples": (Sample(((1.0, 2.0),), {"axes": 0}),)},
        {"samples": (Sample(((1.0, 2.0),), {"axis": 0.0}),)},
        {"samples": (Sample(((1.0, 2.0),), {"axis": 1}),)},
        {"samples": (Sample(((1.0, 2.0),), {"keepdims": 1}),)},
        {"settings": (Setting("axis", "axes", None),)},
        {"settings": (Setting("axis", "axis"), Setting("keepdims", "flag", False))},
        {"settings": (Setting("axis", "axis", None), Setting("keepdims", "flag", 0))},
        {"optional": 2},
        {"scalar": "identity"},
        {"scalar": "sum"},
        {"domain": Domain(lambda x, **settings: x > 0, "x > 0")},
        {"kink": Kink(lambda x, **settings: False, "x = 1", "0", None)},
    ],
    ids=repr,
)
def test_an_incomplete_row_is_refused(fault: dict[str, Any]) -> None:
    assert missing(GOOD) == []
    assert missing(GOOD._replace(**fault))


@pytest.mark.parametrize(
    "fault",
    [
        {"kink": None},  # though gradients at one are expected
        {"kink": Kink(lambda x, **settings: False, "", "0", None)},
        {"scalar": "absolute value"},
    ],
    ids=repr,
)
def test_a_row_without_its_kink_is_refused(fault: dict[str, Any]) -> None:
    good = structural("norm")
    assert missing(good) == []
    assert missing(good._replace(**fault))
