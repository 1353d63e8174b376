"""The checkers are checked: wrong rules, planted on purpose, are caught by them."""

from collections.abc import Callable
from typing import Any

import pytest
from planting import use_table

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.ops.row import Row

from .checks import check_formula, check_partial, check_second, check_texts, check_value
from .points import awkward_points, elementwise, ordinary_points

#: (row, place of the operand, wrong rule)
WRONG_RULES: list[tuple[str, int, Callable[..., Any]]] = [
    ("add", 1, lambda m, v, x, y: -1.0),
    ("sub", 1, lambda m, v, x, y: 1.0),
    ("mul", 0, lambda m, v, x, y: x),
    ("div", 1, lambda m, v, x, y: -m.div(x, y)),
    ("neg", 0, lambda m, v, x: 1.0),
    ("pow", 0, lambda m, v, x, y: m.pow(x, y, -1.0)),
    ("pow", 1, lambda m, v, x, y: v),
    ("square", 0, lambda m, v, x: x),
    ("mod", 1, lambda m, v, x, y: -m.floor(m.div(x, y))),  # wrong by one where x/y rounds up
    ("exp2", 0, lambda m, v, x: v),
    ("log", 0, lambda m, v, x: m.div(1.0, m.abs(x) + 1e-9)),
    ("log1p", 0, lambda m, v, x: m.div(1.0, x)),
    ("sqrt", 0, lambda m, v, x: m.div(1.0, v)),
    ("cos", 0, lambda m, v, x: m.sin(x)),
    ("acos", 0, lambda m, v, x: -m.div(1.0, m.sqrt(1.0 - x * x))),  # cancels at the edge
    ("tanh", 0, lambda m, v, x: 1.0 - v),
    ("tanh", 0, lambda m, v, x: 1.0 - v * v),  # cancels in the tails
    ("sigmoid", 0, lambda m, v, x: v * (1.0 - v)),  # cancels in one tail
    ("sigmoid", 0, lambda m, v, x: v * m.sigmoid(x)),
    ("softplus", 0, lambda m, v, x: m.sigmoid(-x)),
    ("relu", 0, lambda m, v, x: 1.0),
    ("leaky_relu", 1, lambda m, v, x, slope: x),
    ("erf", 0, lambda m, v, x: m.gaussian(x)),
    ("erf", 0, lambda m, v, x: 1.1283791671 * m.gaussian(x)),  # 2/sqrt(pi) to ten digits
    ("gelu", 0, lambda m, v, x: m.normal_cdf(x)),
    ("hypot", 0, lambda m, v, x, y: m.div(x, m.sqrt(x * x + y * y))),  # overflows
    ("atan2", 0, lambda m, v, y, x: m.div(x, x * x + y * y)),  # overflows
    ("bce", 0, lambda m, v, p, y: m.over(p - y, p * (1.0 - p))),  # 0/0 at p = y = 1
    ("lgamma", 0, lambda m, v, x: m.log(x)),
    ("polygamma", 1, lambda m, v, n, x: m.polygamma(n, x)),
]


#: Operands that are not differentiated.
NO_GRADIENT = {("where", 0), ("sinc_derivative", 0), ("polygamma", 0)}


def with_rule(row: Row, place: int, rule: Callable[..., Any]) -> Row:
    partials = row.partials
    assert not callable(partials)
    return row._replace(partials=(*partials[:place], rule, *partials[place + 1 :]))


def check_everywhere(row: Row, place: int) -> None:
    for point in awkward_points(row):
        check_partial(row, point, place)


@pytest.mark.parametrize(("name", "place", "rule"), WRONG_RULES)
def test_a_wrong_rule_is_caught(name: str, place: int, rule: Callable[..., Any]) -> None:
    right = elementwise(name)
    check_everywhere(right, place)
    with pytest.raises(AssertionError, match="by operand"):
        check_everywhere(with_rule(right, place, rule), place)


@pytest.mark.parametrize("row", ops.ELEMENTWISE, ids=lambda row: row.name)
def test_a_rule_that_is_off_by_a_trillionth_is_caught(row: Row) -> None:
    """In every row, so that no bound is too wide and no operand is left out."""

    def off(place: int, varies: tuple[bool, ...]) -> Any:
        rule = row.rule(place, varies)
        return rule and (lambda m, *x: rule(m, *x) * (1 + 1e-12))

    for place in range(len(row.parameters)):
        if row.pattern == "blocker" or (row.name, place) in NO_GRADIENT:
            continue
        with pytest.raises(AssertionError, match="by operand"):
            check_everywhere(row._replace(partials=off), place)


@pytest.mark.parametrize(
    ("name", "forward"),
    [
        ("expm1", lambda m, x: m.exp(x) - 1.0),
        ("log1p", lambda m, x: m.log(1.0 + x)),
        ("hypot", lambda m, x, y: m.sqrt(x * x + y * y)),
        ("softplus", lambda m, x: m.log1p(m.exp(x))),
        ("erfc", lambda m, x: 1.0 - m.erf(x)),
        ("sub", lambda m, x, y: y - x),
    ],
)
def test_a_wrong_value_is_caught(name: str, forward: Callable[..., Any]) -> None:
    row = elementwise(name)._replace(forward=forward)
    with pytest.raises(AssertionError, match=name):
        sum(check_value(row, point) for point in awkward_points(row))


def test_a_row_without_a_reference_is_caught() -> None:
    with pytest.raises(AssertionError, match="has no reference"):
        check_value(elementwise("exp")._replace(name="expo"), (1.0,))


def test_a_wrong_formula_is_caught() -> None:
    with pytest.raises(AssertionError, match="is "):
        check_formula(elementwise("softsign")._replace(formula="x/(1 + x^2)"), (-2.0,))


def plant(monkeypatch: pytest.MonkeyPatch, name: str, place: int, rule: Callable[..., Any]) -> Row:
    """Put a wrong rule into the table that the engine reads."""
    wrong = with_rule(elementwise(name), place, rule)
    use_table(monkeypatch, [wrong if row.name == name else row for row in ops.TABLE])
    return wrong


def test_a_text_that_is_not_the_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    row = plant(monkeypatch, "sin", 0, lambda m, v, x: m.cos(x) if m is floats else -m.cos(x))
    with pytest.raises(AssertionError, match="-cos"):
        check_texts(row, (0.5,), [False])


@pytest.mark.parametrize(("name", "place", "rule"), [WRONG_RULES[i] for i in (2, 9, 12, 15, 18)])
def test_a_wrong_second_derivative_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str, place: int, rule: Callable[..., Any]
) -> None:
    row = plant(monkeypatch, name, place, rule)
    with pytest.raises(AssertionError, match="by operands"):
        sum(check_second(row, point) for point in ordinary_points(row))
