"""Every structural row's value, shape and gradients, at its samples, against the references."""

import pytest

from gradcalc.ops.row import Structural
from gradcalc.ops.structural import ROWS as STRUCTURAL

from .checks import at_kink, check_gradients, check_kink, check_value, in_range, rule, values
from .expected import AT_KINKS
from .reference import REFERENCE

EVERY_ROW = pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: row.name)
BOTH_TYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


def test_the_references_are_of_rows() -> None:
    assert REFERENCE.keys() == {row.name for row in STRUCTURAL}


@EVERY_ROW
@BOTH_TYPES
def test_value(row: Structural, dtype: str) -> None:
    samples = [sample for sample in row.samples if in_range(sample, dtype)]
    assert samples == list(row.samples) or dtype == "float32"
    for sample in samples:
        check_value(row, sample, dtype)


@EVERY_ROW
@BOTH_TYPES
def test_gradients(row: Structural, dtype: str) -> None:
    differentiated = any(rule(row, place) for place in range(len(row.parameters)))
    compared = 0
    for sample in row.samples:
        if not in_range(sample, dtype):
            continue
        if not at_kink(row, values(sample, dtype), sample):
            compared += check_gradients(row, sample, dtype)
        elif at_kink(row, values(sample, "float64"), sample):
            check_kink(row, sample, dtype)
    assert compared or not differentiated


@EVERY_ROW
def test_samples_at_kinks_are_expected(row: Structural) -> None:
    samples = [s for s in row.samples if at_kink(row, values(s, "float64"), s)]
    expected = [known.sample for known in AT_KINKS.get(row.name, ())]
    assert [sample for sample in samples if sample not in expected] == []
    assert [sample for sample in expected if sample not in samples] == []
