"""Sums of exponentials: logsumexp, softmax and its logarithm."""

from typing import Any

from gradcalc.ops.row import Rule, Sample, Setting, Structural
from gradcalc.ops.shapes import Axis, Misfit, Shape, of_operand, reduced, size_of, unchanged
from gradcalc.ops.structural.rules import (
    AXIS,
    CUBE,
    KEEPDIMS,
    MATRIX,
    REDUCED,
    VECTOR,
    aligned,
    joined_axes,
    own,
    parted_axes,
)


def _logsumexp_rule(
    m: Any, g: Any, v: Any, x: Any, axis: Axis = None, keepdims: bool = False
) -> Any:
    return m.chain(aligned(m, g, m.shape(x), axis, keepdims), m.softmax(x, axis=axis))


def _along_last(rule: Rule) -> Rule:
    """A rule of softmax or log_softmax along the last axis, for any axes."""

    def moved(m: Any, g: Any, v: Any, x: Any, axis: Axis = -1) -> Any:
        shape = m.shape(x)
        if axis in (-1, len(shape) - 1):
            return rule(m, g, v, x)
        g, v, x = (joined_axes(m, y, axis) for y in (g, v, x))
        return parted_axes(m, rule(m, g, v, x), shape, axis)

    return moved


@_along_last
def _softmax_rule(m: Any, g: Any, v: Any, x: Any) -> Any:
    return m.chain(m.less_mean(g, v), v)


@_along_last
def _log_softmax_rule(m: Any, g: Any, v: Any, x: Any) -> Any:
    return m.less_share(g, m.softmax(x, axis=-1))


def _greatest(m: Any, v: Any) -> Any:
    """The index of the greatest entry along the last axis, which stays with size 1."""
    return m.reshape(m.argmax(v, axis=-1), shape=(*m.shape(v)[:-1], 1))


def _less_mean(m: Any, x: Any, p: Any) -> Any:
    """What all entries have in common drops out, and the one of a probability close to 1 would
    drown the others: it is taken away first."""
    if not size_of(m.shape(x)):
        return x
    x = x - m.take_along(x, _greatest(m, p), axis=-1)
    return x - m.sum(m.chain(x, p), axis=-1, keepdims=True)


def _less_share(m: Any, x: Any, p: Any) -> Any:
    """For the greatest probability, which may be close to 1, the difference cancels: it gets what
    the others lose, because all of them add up to 0."""
    if not size_of(m.shape(x)):
        return x
    *lead, n = m.shape(x)
    one = m.broadcast_to(1.0, shape=(*lead, 1))
    first = m.put_along(one, _greatest(m, p), axis=-1, size=n)
    others = m.where(first, 0.0, x - m.chain(m.sum(x, axis=-1, keepdims=True), p))
    return m.where(first, -m.sum(others, axis=-1, keepdims=True), others)


def _same(x: Shape, p: Shape) -> Shape:
    if x != p or not x:
        raise Misfit(f"{of_operand(0, x)} and {of_operand(1, p)}", "both have the same axes")
    return x


_ALONG = (
    Sample((VECTOR,)),
    Sample((MATRIX,)),
    Sample((MATRIX,), {"axis": 0}),
    Sample((CUBE,), {"axis": 1}),
    Sample((CUBE,), {"axis": (0, 2)}),
    Sample((MATRIX,), {"axis": None}),
    Sample((2.5,), {"axis": None}),
    Sample(((1e4, -1e4, 0.0),)),
    Sample(((1e4, 1e4 - 2.0),)),
    Sample(((-1e4, -1e4 - 50.0, -1e4),)),
    Sample(((0.0, -45.0, -50.0),)),
    Sample(((7.0,),)),
    Sample(((),)),
)

#: Of powers of two, so that the probabilities add up to 1.
_WEIGHTED = (
    Sample(((3.0, -1.0, 2.5), (0.25, 0.5, 0.25))),
    Sample((((3.0, -1.0), (2.5, 0.5)), ((0.75, 0.25), (0.125, 0.875)))),
)

ROWS: tuple[Structural, ...] = (
    Structural(
        "logsumexp",
        ("x",),
        "the logarithm of the sum of the exponentials, without overflow",
        "log(sum(exp(x)))",
        "scaler",
        reduced,
        own("logsumexp"),
        (_logsumexp_rule,),
        (
            *REDUCED,
            Sample(((1e4, 1e4 - 1.0, -1e4),)),
            Sample(((-1e4, -1e4),)),
            Sample(((0.0, -45.0, -50.0),)),
        ),
        settings=(AXIS, KEEPDIMS),
    ),
    Structural(
        "softmax",
        ("x",),
        "exponentials divided by their sum: probabilities",
        "exp(x)/sum(exp(x))",
        "scaler",
        unchanged,
        own("softmax"),
        (_softmax_rule,),
        _ALONG,
        settings=(Setting("axis", "axis", -1),),
    ),
    Structural(
        "log_softmax",
        ("x",),
        "the logarithm of softmax, exact for probabilities close to 0 and 1",
        "x - logsumexp(x)",
        "scaler",
        unchanged,
        own("log_softmax"),
        (_log_softmax_rule,),
        _ALONG,
        settings=(Setting("axis", "axis", -1),),
    ),
    Structural(
        "less_mean",
        ("x", "p"),
        "x without its mean by the probabilities p, along the last axis",
        "x - sum(x * p, axis=-1, keepdims=1)",
        "scaler",
        _same,
        _less_mean,
        (
            lambda m, g, v, x, p: m.less_share(g, p),
            lambda m, g, v, x, p: -m.chain(m.sum(g, axis=-1, keepdims=True), x),
        ),
        _WEIGHTED,
    ),
    Structural(
        "less_share",
        ("x", "p"),
        "x without its sum, shared out by the probabilities p, along the last axis",
        "x - sum(x, axis=-1, keepdims=1) * p",
        "scaler",
        _same,
        _less_share,
        (
            lambda m, g, v, x, p: m.less_mean(g, p),
            lambda m, g, v, x, p: -m.chain(g, m.sum(x, axis=-1, keepdims=True)),
        ),
        _WEIGHTED,
    ),
)
