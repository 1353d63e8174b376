"""Reductions: sum, mean, max, norm and their like."""

from collections.abc import Callable
from math import inf
from typing import Any

from gradcalc.ops.row import Kink, Rule, Sample, Setting, Structural
from gradcalc.ops.shapes import (
    Axis,
    Misfit,
    Shape,
    axes_of,
    count_along,
    counted,
    described,
    reduced,
    unchanged,
)
from gradcalc.ops.structural import freedom, products, softmax
from gradcalc.ops.structural.rules import (
    AXIS,
    EMPTY,
    KEEPDIMS,
    MATRIX,
    NO_ENTRIES,
    REDUCED,
    VECTOR,
    aligned,
    own,
)

# shape rules


def _scalar(x: Shape, axis: Axis = None) -> Shape:
    axes_of(axis, len(x))
    return ()


def _deviating(x: Shape, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Shape:
    """Of var and std."""
    n = count_along(x, axis)
    if ddof < 0:
        raise Misfit("ddof is 0 or more", "0 divides by n, 1 by n - 1", setting="ddof")
    if 0 < ddof >= n:
        raise Misfit(
            f"ddof={ddof} divides by n - {ddof}, which is {n - ddof} for {counted(n)}",
            f"ddof is less than {n}" if n > 1 else "ddof=0 divides by n",
            (0,),
            "ddof",
        )
    return reduced(x, axis, keepdims)


def _extreme(x: Shape, axis: Axis = None, keepdims: bool = False) -> Shape:
    if not count_along(x, axis):
        raise Misfit("{0} has no entries to choose from", places=(0,))
    return reduced(x, axis, keepdims)


def _normed(x: Shape, ord: float = 2.0, axis: Axis = None, keepdims: bool = False) -> Shape:
    if ord not in (1, 2, inf):
        raise Misfit(
            f"there is no norm of order {ord:g}",
            "ord=1 sums the sizes, ord=2 is the length, ord=inf takes the greatest size",
            setting="ord",
        )
    axes = axes_of(axis, len(x))
    if ord != 2 and len(axes) > 1:
        raise Misfit(
            f"{{0}} is {described(x)}, and ord={ord:g} is for vectors",
            "axis=0 takes the norm of each column, axis=1 of each row",
            (0,),
            "ord",
        )
    return reduced(x, axis, keepdims)


# rules


def _sum_rule(m: Any, g: Any, v: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    shape = m.shape(x)
    return m.broadcast_to(aligned(m, g, shape, axis, keepdims), shape=shape)


def _mean_rule(m: Any, g: Any, v: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    each = m.div(g, float(count_along(m.shape(x), axis)))
    return _sum_rule(m, each, v, x, axis, keepdims)


def _var_rule(
    m: Any, g: Any, v: Any, x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False
) -> Any:
    shape = m.shape(x)
    each = m.div(2.0 * g, float(count_along(shape, axis) - ddof))
    return m.chain(aligned(m, each, shape, axis, keepdims), m.centred(x, axis=axis))


def _std_rule(
    m: Any, g: Any, v: Any, x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False
) -> Any:
    shape = m.shape(x)
    n = count_along(shape, axis)
    if n == 1:  # 0 wherever the entry is
        return m.broadcast_to(0.0, shape=shape)
    each = aligned(m, m.div(g, float(n - ddof)), shape, axis, keepdims)
    return m.chain(each, m.over(m.centred(x, axis=axis), aligned(m, v, shape, axis, keepdims)))


def _tie_rule(sizes: Callable[[Any, Any], Any], routed: Callable[[Any, Any, Any], Any]) -> Rule:
    """The gradient goes in even shares to the entries whose size is the result."""

    def rule(m: Any, g: Any, v: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        shape = m.shape(x)
        tied = m.eq(sizes(m, x), aligned(m, v, shape, axis, keepdims))
        share = m.over(g, m.sum(tied, axis=axis, keepdims=keepdims))
        return m.where(tied, routed(m, aligned(m, share, shape, axis, keepdims), x), 0.0)

    return rule


_extreme_rule = _tie_rule(lambda m, x: x, lambda m, share, x: share)
_size_rule = _tie_rule(lambda m, x: m.abs(x), lambda m, share, x: share * m.sign(x))


def _norm_rule(
    m: Any,
    g: Any,
    v: Any,
    x: Any,
    ord: float = 2.0,
    axis: Axis = None,
    keepdims: bool = False,
) -> Any:
    if ord == inf:
        return _size_rule(m, g, v, x, axis, keepdims)
    shape = m.shape(x)
    upstream = aligned(m, g, shape, axis, keepdims)
    if ord == 1:
        return m.chain(upstream, m.sign(x))
    return m.chain(upstream, m.over(x, aligned(m, v, shape, axis, keepdims)))


# kinks: of arrays, by their own methods; in the shape of the value, or False for nowhere


def _tied(greatest: bool) -> Callable[..., Any]:
    def at_kink(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        best = x.max if greatest else x.min
        return (x == best(axis=axis, keepdims=True)).sum(axis=axis, keepdims=keepdims) > 1

    return at_kink


def _constant(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    if count_along(x.shape, axis) < 2:
        return False
    return x.max(axis=axis, keepdims=keepdims) == x.min(axis=axis, keepdims=keepdims)


def _norm_kink(x: Any, ord: float = 2.0, axis: Axis = None, keepdims: bool = False) -> Any:
    if not x.size:
        return False
    if ord == 2:
        return (x == 0).all(axis=axis, keepdims=keepdims)
    if ord == 1:
        return (x == 0).any(axis=axis, keepdims=keepdims)
    sizes = abs(x)
    tied = sizes == sizes.max(axis=axis, keepdims=True)
    is_zero = (x == 0).all(axis=axis, keepdims=keepdims)
    return (tied.sum(axis=axis, keepdims=keepdims) > 1) | is_zero


def _std_interval(
    x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False
) -> tuple[float, float]:
    n = count_along(x.shape, axis)
    bound = float((1 - 1 / n) / (n - ddof)) ** 0.5
    return -bound, bound


_DDOF = Setting("ddof", "integer", 0)

ROWS: tuple[Structural, ...] = (
    Structural(
        "sum",
        ("x",),
        "the sum of the entries; distributes the gradient to all of them",
        "sum(x)",
        "distributor",
        reduced,
        own("sum"),
        (_sum_rule,),
        (*REDUCED, EMPTY, NO_ENTRIES),
        settings=(AXIS, KEEPDIMS),
    ),
    Structural(
        "size",
        ("x",),
        "how many entries there are, or how many along an axis; no gradient",
        "size(x, 0)",
        "blocker",
        _scalar,
        lambda m, x, axis=None: m.cast(float(count_along(m.shape(x), axis))),
        (None,),
        (
            Sample((VECTOR,)),
            Sample((MATRIX,)),
            Sample((MATRIX,), {"axis": 1}),
            Sample((MATRIX,), {"axis": (0, -1)}),
            Sample((2.5,)),
        ),
        settings=(AXIS,),
    ),
    Structural(
        "mean",
        ("x",),
        "the mean of the entries",
        "mean(x)",
        "scaler",
        reduced,
        own("mean"),
        (_mean_rule,),
        (*REDUCED, NO_ENTRIES, Sample(((1e308, 1.5e308, 1e308),))),
        settings=(AXIS, KEEPDIMS),
    ),
    *(
        Structural(
            name,
            ("x",),
            f"the {word} entry; routes the upstream gradient to it",
            f"{name}(x)",
            "router",
            _extreme,
            own(name),
            (_extreme_rule,),
            (
                *REDUCED,
                Sample(((2.0, 5.0, 5.0, 2.0, 3.0),)),
                Sample((((1.0, 1.0, 0.0), (2.0, 3.0, 4.0)),), {"axis": 1}),
                Sample((((), ()),), {"axis": 0}),
            ),
            settings=(AXIS, KEEPDIMS),
            kink=Kink(
                _tied(name == "amax"),
                "a tie",
                "the tied entries share the gradient evenly",
                lambda *x, **settings: (0.0, 1.0),
                freedom.tied(name == "amax"),
            ),
        )
        for name, word in (("amax", "greatest"), ("amin", "least"))
    ),
    Structural(
        "centred",
        ("x",),
        "the distances from the mean, right where that is large beside them",
        "x - mean(x)",
        "scaler",
        lambda x, axis=None: unchanged(x, axis),
        own("centred"),
        (lambda m, g, v, x, axis=None: m.centred(g, axis=axis),),
        (
            Sample((VECTOR,)),
            Sample((MATRIX,), {"axis": 1}),
            Sample((MATRIX,), {"axis": (0, 1)}),
            Sample(((0.1, 0.1, 0.1),)),
            Sample(((1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4, 1e9),)),
            Sample(((1e308, 1.5e308, 1e308),)),
            EMPTY,
        ),
        settings=(AXIS,),
    ),
    Structural(
        "var",
        ("x",),
        "the variance: the mean square distance from the mean; ddof=1 divides by n - 1",
        "mean((x - mean(x))^2)",
        "scaler",
        _deviating,
        own("var"),
        (_var_rule,),
        (
            *REDUCED,
            Sample((MATRIX,), {"axis": 1, "ddof": 1}),
            Sample((VECTOR,), {"ddof": 2}),
            Sample(((4.0, 4.0, 4.0),)),
            Sample(((0.1, 0.1, 0.1),)),
            Sample(((1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4, 1e9),)),
            Sample(((1e16, 1e16 + 2.0, 1e16 + 4.0, 1e16 + 8.0),)),
            EMPTY,
        ),
        settings=(AXIS, _DDOF, KEEPDIMS),
    ),
    Structural(
        "std",
        ("x",),
        "the standard deviation: the root of the variance",
        "sqrt(var(x))",
        "scaler",
        _deviating,
        own("std"),
        (_std_rule,),
        (
            *REDUCED,
            Sample((MATRIX,), {"axis": 1, "ddof": 1}),
            Sample(((0.1, 0.1, 0.1),)),
            Sample((((3.0, 3.0), (1.0, 2.0)),), {"axis": 1}),
            Sample(((1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4, 1e9),)),
            Sample(((1e200, -2e200, 3e199),)),
            Sample(((1e-200, -2e-200, 3e-201),)),
        ),
        settings=(AXIS, _DDOF, KEEPDIMS),
        kink=Kink(_constant, "equal entries", "std' = 0", _std_interval, freedom.constant),
    ),
    Structural(
        "norm",
        ("x",),
        "the length sqrt(sum(x^2)), of a matrix the Frobenius norm; ord=1 or ord=inf of a vector",
        "sqrt(sum(x^2))",
        "scaler",
        _normed,
        own("norm"),
        (_norm_rule,),
        (
            Sample(((3.0, -4.0),)),
            *REDUCED[1:-1],
            Sample((VECTOR,), {"ord": 1.0}),
            Sample((VECTOR,), {"ord": inf}),
            Sample((MATRIX,), {"ord": 1.0, "axis": 0}),
            Sample((MATRIX,), {"ord": inf, "axis": 1, "keepdims": True}),
            Sample(((3e200, -4e200),)),
            Sample(((3e-200, -4e-200, 0.0),)),
            Sample((((3e200, 4e200), (3.0, 4.0), (3e-200, 4e-200)),), {"axis": 1}),
            Sample(((5e-324, 0.0),)),
            Sample(((0.0, 0.0),)),
            Sample((((0.0, 0.0), (3.0, 4.0)),), {"axis": 1}),
            Sample(((2.0, 0.0, -1.0),), {"ord": 1.0}),
            Sample(((2.0, 0.0, -2.0),), {"ord": inf}),
            Sample(((0.0, 0.0),), {"ord": inf}),
            EMPTY,
            Sample(((),), {"ord": inf}),
        ),
        settings=(Setting("ord", "number", 2.0), AXIS, KEEPDIMS),
        scalar="abs",
        kink=Kink(
            _norm_kink,
            "x = 0 (for ord=1 at any zero, for ord=inf at a tie)",
            "norm' = 0 at zeros, and tied entries share the gradient evenly",
            lambda *x, **settings: (-1.0, 1.0),
            freedom.normed,
        ),
    ),
    Structural(
        "norm_squared",
        ("x",),
        "the square of norm(x), smooth at 0 too; norm(x)^2 is this gate",
        "sum(x^2)",
        "scaler",
        lambda x: reduced(x, None),
        lambda m, x: m.sum(m.square(x)),
        (lambda m, g, v, x: m.chain(g, 2.0 * x),),
        (
            Sample(((3.0, -4.0),)),
            Sample((MATRIX,)),
            Sample(((0.0, 0.0),)),
            Sample((2.5,)),
            EMPTY,
        ),
    ),
    *products.ROWS,
    *softmax.ROWS,
)
