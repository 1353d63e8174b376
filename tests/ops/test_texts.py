"""What a row says of itself as text, its formula and its local gradients, is what it computes."""

import pytest

import gradcalc
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import check_formula, check_texts, constant_choices
from .expected import EDGES
from .points import at_kink, ordinary_points
from .reference import Operands

EVERY_ROW = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
MOST = 12


@EVERY_ROW
def test_texts_of_local_gradients(row: Row) -> None:
    for point in [*row.samples, *ordinary_points(row)[:MOST]]:
        # The text is mathematics: x/y^2 underflows at y = 1e-200 where the rule (x/y)/y does not,
        # and 0/0 is 0 in a rule by convention.
        if at_kink(row, point) or (row.name, point) in EDGES or not moderate(point):
            continue
        for constants in constant_choices(row, len(point)):
            check_texts(row, point, constants)


def moderate(point: Operands) -> bool:
    return all(not x or 1e-100 < abs(x) < 1e100 for x in point)


@EVERY_ROW
def test_formula(row: Row) -> None:
    points = [p for p in ordinary_points(row) if len(p) == len(row.parameters)]
    assert points
    for point in points:
        if (row.name, point) not in EDGES:
            check_formula(row, point)


def test_constants_make_the_text_shorter() -> None:
    report = gradcalc.backprop("x^2", x=-3.0)
    (local,) = report.nodes[-1].local
    assert (local.symbol, local.value) == ("2 * x", -6.0)


@pytest.mark.parametrize(("x", "taken"), [(2.0, 1), (-2.0, 0)])
def test_a_comparison_says_itself_whether_it_is_zero(x: float, taken: int) -> None:
    told = gradcalc.backprop("where(x > 0, x^2, -x)", x=x).nodes[-1].local[-2:]
    assert [local.symbol for local in told] == ["x > 0", "1 - (x > 0)"]
    assert [local.value for local in told] == [taken, 1 - taken]


@pytest.mark.parametrize("program", ["c = x > 0; where(c, x^2, -x)", "where(c - x, x^2, -x)"])
def test_another_condition_is_compared_with_zero(program: str) -> None:
    values = {"x": 2.0} if "=" in program else {"x": 2.0, "c": 1.0}
    told = gradcalc.backprop(program, values).nodes[-1].local[-2:]
    condition = "c" if "=" in program else "c - x"
    assert [local.symbol for local in told] == [f"{condition} != 0", f"{condition} == 0"]
