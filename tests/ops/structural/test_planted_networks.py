"""Faults planted in the rows of networks are caught by the tests over all rows."""

from collections.abc import Callable
from typing import Any

import pytest

from gradcalc.ops.row import Structural
from gradcalc.ops.shapes import Misfit

from .checks import at_kink, check_gradients, check_kink, check_value, structural, values


def wrong_by_x(m: Any, g: Any, v: Any, x: Any, *rest: Any, eps: float) -> Any:
    """Without the term that the variance adds."""
    return m.div(g - m.mean(g, axis=-1, keepdims=True), m.std(x, axis=-1, keepdims=True))


def wrong_pooling(m: Any, g: Any, v: Any, x: Any, *, size: Any, stride: Any, padding: Any) -> Any:
    """The whole gradient to each of the tied, as far as windows do not overlap."""
    rule = structural("max_pool").rule(0, ())
    assert rule is not None
    routed = rule(m, g, v, x, size=size, stride=stride, padding=padding)
    return m.where(m.eq(routed, 0.0), 0.0, 1.0)


def off(name: str, place: int, **changed: Any) -> Callable[..., Any]:
    """The right rule for other settings."""
    rule = structural(name).rule(place, ())
    assert rule is not None
    return lambda m, *operands, **settings: rule(m, *operands, **(settings | changed))


WRONG_RULES: list[tuple[str, int, Callable[..., Any]]] = [
    ("cross_entropy", 0, lambda m, g, v, z, y: g * m.softmax(z)),
    ("cross_entropy", 0, lambda m, g, v, z, y: g * m.softmax_less(z, m.one_hot(y, n=3))),
    ("cross_entropy", 1, lambda m, g, v, z, y: g * m.log_softmax(z)),
    ("softmax_less", 0, lambda m, g, v, z, p: g * m.softmax(z)),
    ("softmax_less", 1, lambda m, g, v, z, p: g),
    ("svm_loss", 0, lambda m, g, v, s, y, delta: g * m.gt(s, 0.0)),
    ("svm_loss", 0, off("svm_loss", 0, delta=2.0)),
    ("mse", 0, lambda m, g, v, p, y: g * (p - y)),
    ("mse", 1, lambda m, g, v, p, y: m.div(2.0 * g * (p - y), 12.0)),
    ("layer_norm", 0, wrong_by_x),
    ("layer_norm", 0, off("layer_norm", 0, eps=1e-4)),
    ("layer_norm", 1, lambda m, g, v, x, *rest, eps: m.sum(g * x, axis=0)),
    ("batch_norm", 0, off("layer_norm", 0)),
    ("batch_norm", 2, lambda m, g, v, x, *rest, eps: m.sum(g, axis=0)),
    ("unfold", 0, lambda m, g, v, x, **settings: x),
    ("unfold", 0, off("unfold", 0, padding=0)),
    ("fold", 0, lambda m, g, v, x, **settings: x),
    ("conv1d", 0, off("conv1d", 0, stride=1)),
    ("conv2d", 1, lambda m, g, v, x, w, *b, **settings: w),
    ("conv2d", 2, lambda m, g, v, x, w, b, **settings: m.sum(g) * m.ones(shape=m.shape(b))),
    ("max_pool", 0, wrong_pooling),
    ("max_pool", 0, lambda m, g, v, x, **settings: m.ones(shape=m.shape(x))),
    ("avg_pool", 0, lambda m, g, v, x, **settings: m.ones(shape=m.shape(x))),
]


def check_everywhere(row: Structural) -> None:
    for sample in row.samples:
        if at_kink(row, values(sample, "float64"), sample):
            check_kink(row, sample, "float64")
        else:
            check_gradients(row, sample, "float64")


@pytest.mark.parametrize(("name", "place", "rule"), WRONG_RULES)
def test_a_wrong_rule_is_caught(name: str, place: int, rule: Callable[..., Any]) -> None:
    right = structural(name)
    assert not callable(right.vjps)
    wrong = right._replace(vjps=(*right.vjps[:place], rule, *right.vjps[place + 1 :]))
    with pytest.raises((AssertionError, ValueError, Misfit)):
        check_everywhere(wrong)


def without(*names: str) -> Callable[..., Any]:
    """The forward of a convolution or pooling that forgets some settings."""

    def forward(name: str) -> Callable[..., Any]:
        right = structural(name)
        defaults = {setting.name: setting.default for setting in right.settings}
        forgotten = {name: defaults[name] for name in names}
        return lambda m, *operands, **settings: right.forward(m, *operands, **settings | forgotten)

    return forward


@pytest.mark.parametrize(
    ("name", "forward"),
    [
        ("cross_entropy", lambda m, z, y: -m.mean(m.log_softmax(z))),
        ("cross_entropy", lambda m, z, y: 4.0 * structural("cross_entropy").forward(m, z, y)),
        ("softmax_less", lambda m, z, p: m.softmax(z)),
        ("svm_loss", lambda m, s, y, delta: structural("svm_loss").forward(m, s, y, delta=1.0)),
        ("mse", lambda m, p, y: m.mean(m.square(p - y)) * 1.000001),
        ("layer_norm", lambda m, x, *rest, eps: m.div(x, m.std(x, axis=-1, keepdims=True))),
        ("batch_norm", lambda m, x, *rest, eps: structural("batch_norm").forward(m, x, eps=eps)),
        ("conv1d", without("stride")("conv1d")),
        ("conv2d", without("padding")("conv2d")),
        ("max_pool", without("stride")("max_pool")),
        ("avg_pool", without("padding")("avg_pool")),
        ("avg_pool", lambda m, x, **settings: structural("max_pool").forward(m, x, **settings)),
    ],
)
def test_a_wrong_value_is_caught(name: str, forward: Callable[..., Any]) -> None:
    row = structural(name)._replace(forward=forward)
    with pytest.raises((AssertionError, ValueError)):
        check_values(row)


def check_values(row: Structural) -> None:
    for sample in row.samples:
        check_value(row, sample, "float64")
