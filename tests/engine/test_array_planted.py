"""The checkers check: each kind of wrong rule, planted on purpose, is caught."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_checks import (
    Case,
    cases,
    check_gradients,
    check_jacobians,
    check_second_order,
    check_texts,
    check_ties,
)
from planting import Plant

from gradcalc import backprop, ops
from gradcalc.engine import run
from gradcalc.engine.arrays import Arrays
from gradcalc.engine.formulas import LocalFormulas
from gradcalc.engine.symbols import GraphAlgebra
from gradcalc.ops.row import AnyRow, Rule


def check_everything(name: str) -> None:
    for case in cases(ops.row(name)):
        if not case.at_kink and case.moving:
            check_gradients(case)
            check_jacobians(case)
            check_second_order(case)


def is_moving(row: AnyRow, place: int) -> bool:
    return any("abcdefgh"[place] in case.moving for case in cases(row))


#: Rows that a program writes as others.
WRITTEN_OTHERWISE = ("chain", "over", "softmax_less", "less_mean", "less_share")
EVERY_OPERAND = [
    (row.name, place)
    for row in ops.TABLE
    for place in range(2 if row.variadic else len(row.parameters))
    if row.pattern != "blocker"
    and row.name not in WRITTEN_OTHERWISE
    and is_moving(row, place)
    and (row.name, place) != ("where", 0)  # the gradient by a condition is 0
]


@pytest.mark.parametrize(("name", "place"), EVERY_OPERAND)
def test_a_factor_is_caught(plant: Plant, name: str, place: int) -> None:
    def wrong(right: Rule, m: Any, *operands: Any, **settings: Any) -> Any:
        return m.mul(1.001, right(m, *operands, **settings))

    plant(name, place, wrong)
    with pytest.raises(AssertionError, match="<gradient by"):
        check_everything(name)


A = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, -2.0], [1.0, 0.0, 1.5]])
B = np.array([[0.5, 1.0, -1.0], [2.0, 0.25, 1.0], [-3.0, 1.5, 2.0]])
X, Y = A[0], B[0]

#: A row, its operands and settings, the operand whose rule is wrong, and the wrong rule.
WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], int, Callable[..., Any]]] = [
    # a transpose forgotten
    ("matmul", (A, B), {}, 0, lambda m, g, v, a, b: m.matmul(g, b)),
    ("matmul", (A, B), {}, 1, lambda m, g, v, a, b: m.matmul(a, g)),
    ("matmul", (A, X), {}, 1, lambda m, g, v, a, b: m.matmul(a, g)),
    ("outer", (X, Y), {}, 0, lambda m, g, v, x, y: m.matmul(y, g)),
    ("transpose", (A,), {}, 0, lambda m, g, v, x, axes: g),
    ("inv", (A,), {}, 0, lambda m, g, v, x: -m.matmul(m.matmul(v, g), v)),
    ("solve", (A, X), {}, 1, lambda m, g, v, a, b: m.solve(a, g)),
    # 1/n, a factor 2, a sign, a mean, a sum
    ("mean", (A,), {}, 0, lambda m, g, v, x, axis, keepdims: m.broadcast_to(g, shape=m.shape(x))),
    ("mse", (A, B), {}, 0, lambda m, g, v, p, y: g * (p - y)),
    ("var", (X,), {}, 0, lambda m, g, v, x, **s: m.div(2.0 * g, 3.0) * x),
    ("std", (X,), {}, 0, lambda m, g, v, x, **s: m.div(g, 2.0 * v) * (x - m.mean(x))),
    ("cross", (X, Y), {}, 1, lambda m, g, v, x, y: m.cross(x, g)),
    ("softmax", (A,), {}, 0, lambda m, g, v, x, axis: g * v * (1.0 - v)),
    ("logsumexp", (X,), {}, 0, lambda m, g, v, x, axis, keepdims: g * m.exp(x)),
    ("layer_norm", (A, X, Y), {}, 1, lambda m, g, v, x, *scales, eps: m.sum(g * x, axis=0)),
    ("layer_norm", (A, X, Y), {}, 2, lambda m, g, v, x, *scales, eps: m.sum(g, axis=1)),
    # the order of entries
    ("cumsum", (X,), {"axis": 0}, 0, lambda m, g, v, x, axis: m.cumsum(g, axis=0)),
    (
        "reshape",
        (A,),
        {"shape": (9,)},
        0,
        lambda m, g, v, x, shape: m.transpose(m.reshape(g, shape=(3, 3))),
    ),
    ("sort", (X,), {}, 0, lambda m, g, v, x, axis: g),
    ("stack", (X, Y), {}, 1, lambda m, g, v, x, y, axis: m.index(g, key=(0,))),
    # an entry for another, all for one
    ("amax", (X,), {}, 0, lambda m, g, v, x, axis, keepdims: m.broadcast_to(g, shape=(3,))),
    ("prod", (X,), {}, 0, lambda m, g, v, x, axis, keepdims: g * m.prod(x)),
    ("norm", (A,), {}, 0, lambda m, g, v, x, ord, axis, keepdims: g * x),
    ("trace", (A,), {}, 0, lambda m, g, v, x: m.broadcast_to(g, shape=(3, 3))),
    ("det", (A,), {}, 0, lambda m, g, v, x: g * m.inv(x)),
]


@pytest.mark.parametrize(("name", "operands", "settings", "place", "wrong"), WRONG)
def test_a_wrong_rule_is_caught(
    plant: Plant,
    name: str,
    operands: tuple[Any, ...],
    settings: dict[str, Any],
    place: int,
    wrong: Callable[..., Any],
) -> None:
    row = ops.row(name)
    case = Case(row, operands, {s.name: s.default for s in row.settings} | settings)
    assert all(check_gradients(case).values())
    plant(name, place, lambda right, *given, **settings: wrong(*given, **settings))
    with pytest.raises(AssertionError, match="gradient by"):
        check_gradients(case)


def test_a_forgotten_tie_is_caught(plant: Plant) -> None:
    def first_only(m: Any, g: Any, v: Any, x: Any, **settings: Any) -> Any:
        return m.scatter(g, m.argmax(x), key=("array",), shape=m.shape(x))

    values = {"x": np.array([2.0, 2.0, 2.0])}
    check_ties("max(x)", "x", values)
    plant("amax", 0, lambda right, *given, **settings: first_only(*given, **settings))
    with pytest.raises(AssertionError, match="the tied get"):
        check_ties("max(x)", "x", values)


def test_a_tie_that_gives_each_the_whole_is_caught(plant: Plant) -> None:
    def whole(m: Any, g: Any, v: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return m.chain(g, m.eq(x, v))

    plant("amax", 0, lambda right, *given, **settings: whole(*given, **settings))
    with pytest.raises(AssertionError, match="3"):
        check_ties("max(x)", "x", {"x": np.array([2.0, 2.0, 2.0])})


@pytest.mark.parametrize(
    ("name", "helper"),
    [("index", "scatter"), ("unfold", "fold"), ("take_along", "put_along"), ("det", "cofactor")],
)
def test_a_wrong_rule_of_a_gate_that_only_gradients_have_is_caught(
    plant: Plant, name: str, helper: str
) -> None:
    """Forward mode, and second order, differentiate the gradient of the row."""

    def wrong(right: Rule, m: Any, *operands: Any, **settings: Any) -> Any:
        return m.mul(1.001, right(m, *operands, **settings))

    plant(helper, 0, wrong)
    for case in cases(ops.row(name)):
        check_gradients(case)
    with pytest.raises(AssertionError):
        check_everything(name)


def test_a_broadcast_that_is_not_summed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "fitted", lambda m, x, shape: x)
    with pytest.raises(AssertionError, match="has another shape"):
        check_everything("add")


def test_a_broadcast_that_is_averaged_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = run.fitted

    def averaged(m: Any, x: Any, shape: tuple[int, ...]) -> Any:
        found = right(m, x, shape)
        many = np.prod(m.shape(x)) / max(np.prod(shape), 1)
        return m.div(found, float(many)) if many > 1 else found

    monkeypatch.setattr(run, "fitted", averaged)
    with pytest.raises(AssertionError, match="gradient by"):
        check_everything("mul")


@pytest.mark.parametrize("algebra", [Arrays, GraphAlgebra])
def test_uses_that_are_not_added_up_are_caught(
    algebra: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """layer_norm's gradient uses its operand several times, and a program may."""
    monkeypatch.setattr(algebra, "add_into", lambda self, total, part: part)
    if algebra is Arrays:
        got = backprop("sum(x + x*x + x)", x=[1.0, 2.0]).gradients["x"]
        assert not np.allclose(got, [4.0, 6.0])
    else:
        with pytest.raises(AssertionError):
            check_everything("layer_norm")


def test_a_text_with_another_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    report = backprop("W x", W=np.eye(2), x=[1.0, 2.0])
    assert check_texts(report) == 2
    right = LocalFormulas.text
    for wrong in ("upstream · x", "upstream xᵀ/2", "upstream xᵀ + W"):
        monkeypatch.setattr(
            LocalFormulas,
            "text",
            lambda *given, wrong=wrong: right(*given).replace("upstream · xᵀ", wrong),
        )
        with pytest.raises(AssertionError):
            check_texts(report)


def test_a_rule_that_is_not_linear_is_caught(plant: Plant) -> None:
    """The gradient for one upstream gradient may be right, and the Jacobian wrong."""

    def wrong(right: Rule, m: Any, g: Any, *operands: Any, **settings: Any) -> Any:
        return m.abs(right(m, g, *operands, **settings))

    plant("sum", 0, wrong)
    with pytest.raises(AssertionError):
        check_everything("sum")
