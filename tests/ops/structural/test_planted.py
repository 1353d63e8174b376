"""Faults planted on purpose: a test that does not see them is worth nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from gradcalc.ops.row import Kink, Structural
from gradcalc.ops.structural import ROWS as STRUCTURAL

from .checks import at_kink, check_gradients, check_kink, check_value, rule, structural, values

EVERY_ROW = pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: row.name)


def check_everywhere(row: Structural, dtype: str = "float64") -> None:
    for sample in row.samples:
        if at_kink(row, values(sample, dtype), sample):
            check_kink(row, sample, dtype)
        else:
            check_gradients(row, sample, dtype)


def check_values(row: Structural) -> None:
    for sample in row.samples:
        check_value(row, sample, "float64")


def kept(m: Any, g: Any, x: Any, axis: Any) -> Any:
    """The upstream gradient of a reduction, so shaped that it broadcasts to the operand."""
    return m.reshape(g, shape=m.shape(m.sum(x, axis=axis, keepdims=True)))


def with_rule(row: Structural, wrong: Callable[..., Any], place: int = 0) -> Structural:
    if callable(row.vjps):
        return row._replace(vjps=lambda k: wrong if k == place else rule(row, k))
    return row._replace(vjps=(*row.vjps[:place], wrong, *row.vjps[place + 1 :]))


#: Each is near the truth: right for many operands or settings.
WRONG_RULES: list[tuple[str, Callable[..., Any]]] = [
    ("reshape", lambda m, g, v, x, shape: m.reshape(m.transpose(g), shape=m.shape(x))),
    ("transpose", lambda m, g, v, x, axes=None: m.transpose(g, axes=axes)),
    ("cumsum", lambda m, g, v, x, axis=None: m.reshape(m.cumsum(g, axis=axis), shape=m.shape(x))),
    ("diag", lambda m, g, v, x: m.broadcast_to(m.sum(g), shape=m.shape(x))),
    ("tril", lambda m, g, v, x, k: g),
    ("triu", lambda m, g, v, x, k: m.triu(g)),
    ("sort", lambda m, g, v, x, axis=-1: m.reshape(g, shape=m.shape(x))),
    (
        "sort",  # the order instead of its inverse
        lambda m, g, v, x, axis=-1: m.reshape(
            m.take_along(g, m.argsort(x, axis=axis), axis=0 if axis is None else axis),
            shape=m.shape(x),
        ),
    ),
    ("take_along", lambda m, g, v, x, i, axis: m.broadcast_to(0.0, shape=m.shape(x))),
    ("sum", lambda m, g, v, x, axis=None, keepdims=False: m.broadcast_to(1.0, shape=m.shape(x))),
    ("mean", structural("sum").vjps[0]),  # type: ignore[index,list-item]
    ("amin", lambda m, g, v, x, axis=None, keepdims=False: m.broadcast_to(0.0, shape=m.shape(x))),
    (
        "amax",  # the whole gradient to each of the tied
        lambda m, g, v, x, axis=None, keepdims=False: m.where(
            m.eq(x, m.amax(x, axis=axis, keepdims=True)), kept(m, g, x, axis), 0.0
        ),
    ),
    (
        "prod",  # 0/0 at a zero
        lambda m, g, v, x, axis=None, keepdims=False: (
            m.div(m.prod(x, axis=axis, keepdims=True), x) * kept(m, g, x, axis)
        ),
    ),
    (
        "var",  # n - 1 or n, without regard to ddof
        lambda m, g, v, x, axis=None, ddof=0, keepdims=False: structural("var").vjps[0](  # type: ignore[index,misc]
            m, g, v, x, axis=axis, ddof=0, keepdims=keepdims
        ),
    ),
    (
        "norm",  # 0/0 at 0
        lambda m, g, v, x, ord=2.0, axis=None, keepdims=False: (
            m.div(x, m.norm(x, ord=ord, axis=axis, keepdims=True)) * kept(m, g, x, axis)
        ),
    ),
    (
        "softmax",  # cancels for a probability close to 1
        lambda m, g, v, x, axis=-1: v * (g - m.sum(g * v, axis=axis, keepdims=True)),
    ),
    (
        "log_softmax",
        lambda m, g, v, x, axis=-1: (
            g - m.softmax(x, axis=axis) * m.sum(g, axis=axis, keepdims=True)
        ),
    ),
    (
        "logsumexp",  # the exponent is rounded
        lambda m, g, v, x, axis=None, keepdims=False: (
            m.exp(x - m.logsumexp(x, axis=axis, keepdims=True)) * kept(m, g, x, axis)
        ),
    ),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG_RULES)
def test_a_wrong_rule_is_caught(name: str, wrong: Callable[..., Any]) -> None:
    row = structural(name)
    check_everywhere(row)
    with pytest.raises(AssertionError, match=r"by operand|has shape|the gradient of"):
        check_everywhere(with_rule(row, wrong))


@EVERY_ROW
def test_a_rule_that_is_off_by_a_trillionth_is_caught(row: Structural) -> None:
    """In every row, so that no bound is too wide and no operand is left out."""
    count = max(len(sample.operands) for sample in row.samples)
    for place in range(count if row.parameters else 0):
        right = rule(row, place)
        if right is None:
            continue

        def off(m: Any, *x: Any, right: Any = right, **settings: Any) -> Any:
            return right(m, *x, **settings) * m.cast(1 + 1e-12)

        with pytest.raises(AssertionError, match="by operand"):
            check_everywhere(with_rule(row, off, place))


@EVERY_ROW
def test_a_value_that_is_off_by_a_trillionth_is_caught(row: Structural) -> None:
    def off(m: Any, /, *x: Any, **settings: Any) -> Any:
        return row.forward(m, *x, **settings) * m.cast(1 + 1e-12) + m.cast(1e-300)

    with pytest.raises(AssertionError, match=f"{row.name}.* is "):
        check_values(row._replace(forward=off))


@pytest.mark.parametrize(
    ("name", "forward"),
    [
        ("var", lambda m, x, **s: m.mean(x * x, axis=s["axis"]) - m.square(m.mean(x))),
        ("centred", lambda m, x, axis: x - m.mean(x, axis=axis, keepdims=True)),
        ("norm", lambda m, x, **s: m.sqrt(m.sum(x * x, axis=s["axis"], keepdims=s["keepdims"]))),
        (
            "logsumexp",
            lambda m, x, axis, keepdims: m.log(m.sum(m.exp(x), axis=axis, keepdims=keepdims)),
        ),
        ("log_softmax", lambda m, x, axis: m.log(m.softmax(x, axis=axis))),
        ("scatter", lambda m, x, *i, key, shape: m.scatter(x * 2.0, *i, key=key, shape=shape)),
        ("std", lambda m, x, axis, ddof, keepdims: m.sqrt(m.var(x, axis=axis, keepdims=keepdims))),
    ],
)
def test_a_wrong_value_is_caught(name: str, forward: Callable[..., Any]) -> None:
    row = structural(name)._replace(forward=forward)
    with pytest.raises(AssertionError, match=name):
        check_values(row)


@EVERY_ROW
def test_a_wrong_shape_rule_is_caught(row: Structural) -> None:
    def off(*shapes: Any, **settings: Any) -> Any:
        return (*row.shape(*shapes, **settings), 1)

    with pytest.raises(AssertionError, match="the shape of"):
        check_value(row._replace(shape=off), row.samples[0], "float64")


def test_a_value_of_another_type_is_caught() -> None:
    row = structural("mean")
    wrong = row._replace(forward=lambda m, x, **settings: m.mean(x, **settings).astype(float))
    check_value(wrong, row.samples[0], "float64")
    with pytest.raises(AssertionError, match="makes float64"):
        check_value(wrong, row.samples[0], "float32")


def test_a_modified_operand_is_caught() -> None:
    def changed(m: Any, x: Any) -> Any:
        x *= 1.0
        return m.flatten(x)

    with pytest.raises(ValueError, match="read-only"):
        check_value(
            structural("flatten")._replace(forward=changed),
            structural("flatten").samples[0],
            "float64",
        )


def test_a_row_without_a_reference_is_caught() -> None:
    row = structural("sum")._replace(name="total")
    with pytest.raises(AssertionError, match="has no reference"):
        check_value(row, row.samples[0], "float64")


@pytest.mark.parametrize("name", ["amax", "std", "norm"])
def test_a_kink_that_is_not_told_is_caught(name: str) -> None:
    with pytest.raises(AssertionError, match="tells of no kink"):
        check_everywhere(structural(name)._replace(kink=None))


def test_a_wrong_interval_is_caught() -> None:
    kink = structural("std").kink
    assert kink is not None
    wrong = structural("std")._replace(kink=kink._replace(interval=lambda *x, **s: (-1.0, 1.0)))
    with pytest.raises(AssertionError, match="the interval of std"):
        check_everywhere(wrong)


def test_a_kink_at_the_wrong_place_is_caught() -> None:
    wrong = Kink(lambda x, **settings: x.size > 2, "a tie", "none", lambda *x, **s: (0.0, 1.0))
    with pytest.raises(ValueError, match="not enough values"):
        check_everywhere(structural("amax")._replace(kink=wrong))
