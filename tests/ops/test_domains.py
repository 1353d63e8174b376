"""Outside of a domain: what IEEE 754 has, and a warning; and zero that stays zero."""

from math import isfinite, isnan

import pytest

import gradcalc
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import call, rules
from .expected import OUTSIDE
from .points import elementwise, in_domain
from .reference import Operands

CASES = [(name, *case) for name, cases in OUTSIDE.items() for case in cases]


@pytest.mark.parametrize(("name", "point", "value"), CASES)
def test_outside(name: str, point: Operands, value: float) -> None:
    row = elementwise(name)
    assert row.domain is not None
    assert not row.domain.holds(*point)
    program, values = call(row, point, [rule is None for rule in rules(row, len(point))])
    report = gradcalc.backprop(program, values)
    assert report.value == value or (isnan(value) and isnan(report.value))
    (note,) = [note for note in report.notes if note.kind == "non-finite"][:1]
    gate = report.nodes[-1]
    assert note.node == gate.id
    assert gate.expression in note.message
    # atan2(0, 0) is 0, and only its gradient is undefined.
    assert row.domain.text in note.message or isfinite(value)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_no_warning_inside(row: Row) -> None:
    for sample in row.samples:
        assert in_domain(row, sample)
        program, values = call(row, sample, [rule is None for rule in rules(row, len(sample))])
        report = gradcalc.backprop(program, values)
        finite = all(map(isfinite, (report.value, *report.gradients.values())))
        assert finite == (not [note for note in report.notes if note.kind == "non-finite"])


@pytest.mark.parametrize(
    ("program", "x"),
    [
        ("where(x > 0, log(x), 0)", -1.0),
        ("where(x > 0, log(x), 0)", 0.0),
        ("where(x > 0, sqrt(x), 0)", 0.0),
        ("where(x == 0, 1, sin(x)/x)", 0.0),
        ("max(2, -1/x^2)", 0.0),
        ("relu(log(x))", 0.0),
        ("0*log(x)", 0.0),
        ("floor(x/4)*sqrt(x)", 0.0),
    ],
)
def test_a_branch_not_taken_has_gradient_zero(program: str, x: float) -> None:
    assert gradcalc.backprop(program, x=x).gradients == {"x": 0.0}


def test_a_constant_exponent_is_not_differentiated() -> None:
    report = gradcalc.backprop("x^2", x=-3.0)
    assert report.gradients == {"x": -6.0}
    assert report.notes == ()
