"""Arithmetic, powers, comparisons, and the operations that choose between their operands."""

from functools import reduce
from operator import and_
from typing import Any

from gradcalc.ops.row import Domain, Kink, Row, Rule

INF = float("inf")


def _zero(m: Any, v: Any, *operands: Any) -> float:
    return 0.0


def _tie_rule(beats: str, place: int, varies: tuple[bool, ...]) -> Rule:
    """The rule of max (``beats`` is ``gt``) or min (``lt``) for one operand.

    The minimum-norm subgradient: operands that are tied share evenly, and get nothing where a
    constant is tied with them, because then 0 is a subgradient.
    """
    rivals = [i for i, moves in enumerate(varies) if moves and i != place]
    bounds = [i for i, moves in enumerate(varies) if not moves]

    def rule(m: Any, v: Any, *x: Any) -> Any:
        wins = getattr(m, beats)
        if len(x) == 2:
            (other,) = rivals or bounds
            ahead = wins(x[place], x[other])
            return m.where(m.eq(x[place], x[other]), 0.5, ahead) if rivals else ahead
        share = m.eq(x[place], v)
        if rivals:
            tied = share
            for i in rivals:
                tied = tied + m.eq(x[i], v)
            # Where a constant is ahead, no operand that varies is tied.
            share = m.over(share, m.maximum(tied, 1.0) if bounds else tied)
        for i in bounds:
            share = share * wins(v, x[i])
        return share

    return rule


def _max_rule(place: int, varies: tuple[bool, ...]) -> Rule:
    return _tie_rule("gt", place, varies)


def _min_rule(place: int, varies: tuple[bool, ...]) -> Rule:
    return _tie_rule("lt", place, varies)


def _max(m: Any, first: Any, *rest: Any) -> Any:
    for x in rest:
        first = m.maximum(first, x)
    return first


def _min(m: Any, first: Any, *rest: Any) -> Any:
    for x in rest:
        first = m.minimum(first, x)
    return first


def _clip_rule(place: int, varies: tuple[bool, ...]) -> Rule:
    """clip(x, lo, hi) = min(max(x, lo), hi), each of the two with its own ties."""
    x_moves, lo_moves, hi_moves = varies
    inner_moves = x_moves or lo_moves

    def rule(m: Any, v: Any, x: Any, lo: Any, hi: Any) -> Any:
        inner = m.maximum(x, lo)
        if place == 2:
            return _tie_rule("lt", 1, (inner_moves, True))(m, v, inner, hi)
        below = _tie_rule("lt", 0, (True, hi_moves))(m, v, inner, hi)
        if place == 0 and not lo_moves and not hi_moves:
            return m.gt(x, lo) * m.lt(x, hi)
        return _tie_rule("gt", place, (x_moves, lo_moves))(m, inner, x, lo) * below

    return rule


def _tied(*x: Any) -> Any:
    """Whether more than one operand is the greatest."""
    if len(x) == 2:
        return x[0] == x[1]
    return sum(reduce(and_, [one >= other for other in x]) for one in x) > 1


def _tied_least(*x: Any) -> Any:
    """Whether more than one operand is the least."""
    return _tied(*[-one for one in x])


_PAIRS = ((3.0, 2.0), (-2.0, 5.0), (1e-300, 1e200), (0.1, -0.3), (1e200, 3e150))

#: By name the operator, and what NumPy calls it.
COMPARISONS = {
    "lt": ("<", "less"),
    "le": ("<=", "less_equal"),
    "gt": (">", "greater"),
    "ge": (">=", "greater_equal"),
    "eq": ("==", "equal"),
    "ne": ("!=", "not_equal"),
}

ROWS = (
    Row(
        "add",
        ("x", "y"),
        "sum; the gate hands the upstream gradient on to both operands",
        "x + y",
        "distributor",
        lambda m, x, y: x + y,
        (lambda m, v, x, y: 1.0, lambda m, v, x, y: 1.0),
        _PAIRS,
        symbol="+",
    ),
    Row(
        "sub",
        ("x", "y"),
        "difference; distributes, the second operand with its sign changed",
        "x - y",
        "distributor",
        lambda m, x, y: x - y,
        (lambda m, v, x, y: 1.0, lambda m, v, x, y: -1.0),
        _PAIRS,
        aliases=("subtract",),
        symbol="-",
    ),
    Row(
        "mul",
        ("x", "y"),
        "product; switches: each operand's gradient is the upstream one times the other operand",
        "x * y",
        "switcher",
        lambda m, x, y: x * y,
        (lambda m, v, x, y: y, lambda m, v, x, y: x),
        _PAIRS,
        aliases=("multiply",),
        symbol="*",
    ),
    Row(
        "div",
        ("x", "y"),
        "quotient",
        "x / y",
        "scaler",
        lambda m, x, y: m.div(x, y),
        (lambda m, v, x, y: m.div(1.0, y), lambda m, v, x, y: -m.div(m.div(x, y), y)),
        ((3.0, 2.0), (-2.0, 5.0), (1e-300, 1e-200), (1e300, 1e200), (0.1, -0.3)),
        aliases=("divide",),
        symbol="/",
        domain=Domain(lambda x, y: y != 0, "y != 0"),
    ),
    Row(
        "neg",
        ("x",),
        "the number with its sign changed",
        "-x",
        "scaler",
        lambda m, x: -x,
        (lambda m, v, x: -1.0,),
        ((3.0,), (-0.5,), (1e300,)),
        aliases=("negative",),
    ),
    Row(
        "pow",
        ("x", "y"),
        "power; the exponent is differentiated only where it varies",
        "x ^ y",
        "scaler",
        lambda m, x, y: m.pow(x, y),
        (
            lambda m, v, x, y: m.chain(y, m.pow(x, y, -1.0)),
            lambda m, v, x, y: m.chain(v, m.log(x)),
        ),
        (
            (3.0, 2.0),
            (2.0, -1.0),
            (0.5, 0.5),
            (1e300, 0.1),
            (1e-300, 0.3),
            (7.0, 100.5),
            (1.5, 0.0),
        ),
        aliases=("power",),
        symbol="^",
        domain=Domain(
            lambda x, y: (x > 0) | ((x < 0) & (y == y // 1)) | ((x == 0) & (y >= 0)),
            "x > 0, x = 0 and y >= 0, or x < 0 and y an integer",
        ),
    ),
    Row(
        "square",
        ("x",),
        "second power",
        "x^2",
        "scaler",
        lambda m, x: x * x,
        (lambda m, v, x: 2.0 * x,),
        ((3.0,), (-0.1,), (1e-200,), (1e150,)),
    ),
    Row(
        "reciprocal",
        ("x",),
        "one over x",
        "1/x",
        "scaler",
        lambda m, x: m.div(1.0, x),
        (lambda m, v, x: -m.div(m.div(1.0, x), x),),
        ((2.0,), (-0.3,), (1e-150,), (1e100,)),
        domain=Domain(lambda x: x != 0, "x != 0"),
    ),
    *(
        Row(
            name,
            ("x", "y"),
            f"1 where x {symbol} y, 0 elsewhere; no gradient",
            f"x {symbol} y",
            "blocker",
            lambda m, x, y, name=name: getattr(m, name)(x, y),
            (_zero, _zero),
            ((3.0, 2.0), (2.0, 3.0), (2.0, 2.0)),
            symbol=symbol,
            aliases=(alias,),
        )
        for name, (symbol, alias) in COMPARISONS.items()
    ),
    Row(
        "where",
        ("c", "a", "b"),
        "a where c is not 0, else b; the branch not taken gets gradient 0",
        "where(c, a, b)",
        "router",
        lambda m, c, a, b: m.where(c, a, b),
        (_zero, lambda m, v, c, a, b: m.ne(c, 0.0), lambda m, v, c, a, b: m.eq(c, 0.0)),
        ((1.0, 3.0, 5.0), (0.0, 3.0, 5.0)),
    ),
    Row(
        "max",
        ("x", "y..."),
        "the greatest operand; routes the upstream gradient to it",
        "where(x >= y, x, y)",
        "router",
        _max,
        _max_rule,
        ((3.0, 2.0), (-1.0, 2.0), (2.0, 2.0), (1.0, 4.0, 2.0), (4.0, 1.0, 4.0)),
        aliases=("maximum",),
        kink=Kink(
            _tied,
            "a tie",
            "the tied operands share the gradient evenly, and get none where a constant is tied",
            lambda *x: (0.0, 1.0),
        ),
    ),
    Row(
        "min",
        ("x", "y..."),
        "the least operand; routes the upstream gradient to it",
        "where(x <= y, x, y)",
        "router",
        _min,
        _min_rule,
        ((3.0, 2.0), (-1.0, 2.0), (2.0, 2.0), (1.0, 4.0, 0.5), (1.0, 1.0, 4.0)),
        aliases=("minimum",),
        kink=Kink(
            _tied_least,
            "a tie",
            "the tied operands share the gradient evenly, and get none where a constant is tied",
            lambda *x: (0.0, 1.0),
        ),
    ),
    Row(
        "clip",
        ("x", "lo", "hi"),
        "x, but at least lo and at most hi",
        "min(max(x, lo), hi)",
        "router",
        lambda m, x, lo, hi: m.minimum(m.maximum(x, lo), hi),
        _clip_rule,
        ((0.5, -1.0, 1.0), (-3.0, -1.0, 1.0), (3.0, -1.0, 1.0), (1.0, -1.0, 1.0)),
        aliases=("clamp",),
        kink=Kink(
            lambda x, lo, hi: (x == lo) | (x == hi),
            "x = lo or x = hi",
            "0 for x at constant bounds; a tie with a bound that varies is shared evenly",
            lambda x, lo, hi: (0.0, 1.0),
        ),
    ),
    Row(
        "abs",
        ("x",),
        "absolute value; |x|",
        "where(x < 0, -x, x)",
        "router",
        lambda m, x: m.abs(x),
        (lambda m, v, x: m.sign(x),),
        ((-3.0,), (2.0,), (0.0,), (1e-300,)),
        aliases=("absolute",),
        kink=Kink(lambda x: x == 0, "x = 0", "abs'(0) = 0", lambda x: (-1.0, 1.0)),
    ),
    Row(
        "sign",
        ("x",),
        "-1, 0 or 1",
        "(x > 0) - (x < 0)",
        "blocker",
        lambda m, x: m.sign(x),
        (_zero,),
        ((-3.0,), (2.0,), (0.0,)),
        kink=Kink(lambda x: x == 0, "x = 0", "sign'(0) = 0, though it jumps there", None),
    ),
    Row(
        "floor",
        ("x",),
        "the greatest integer that is not above x",
        "floor(x)",
        "blocker",
        lambda m, x: m.floor(x),
        (_zero,),
        ((2.7,), (-0.5,), (3.0,)),
        kink=Kink(lambda x: x == x // 1, "x an integer", "0, though it jumps there", None),
    ),
    Row(
        "ceil",
        ("x",),
        "the least integer that is not below x",
        "-floor(-x)",
        "blocker",
        lambda m, x: m.ceil(x),
        (_zero,),
        ((2.2,), (-0.5,), (3.0,)),
        kink=Kink(lambda x: x == x // 1, "x an integer", "0, though it jumps there", None),
    ),
    Row(
        "round",
        ("x",),
        "the nearest integer, the even one of two",
        "round(x)",
        "blocker",
        lambda m, x: m.round(x),
        (_zero,),
        ((2.7,), (-0.2,), (2.5,), (3.5,)),
        kink=Kink(
            lambda x: x % 1 == 0.5, "x half an odd integer", "0, though it jumps there", None
        ),
    ),
    Row(
        "mod",
        ("x", "y"),
        "the remainder of x by y, with the sign of y",
        "x - y*floor(x/y)",
        "scaler",
        lambda m, x, y: m.mod(x, y),
        # x/y rounds up to an integer that the quotient does not reach, as in 1/0.1: not floor(x/y).
        (lambda m, v, x, y: 1.0, lambda m, v, x, y: -m.round(m.div(x - v, y))),
        ((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (0.3, 5.0)),
        aliases=("remainder",),
        domain=Domain(lambda x, y: y != 0, "y != 0"),
        kink=Kink(
            # Python refuses to divide by 0.
            lambda x, y: (y != 0) & (x % (y + (y == 0)) == 0),
            "x a multiple of y",
            "the derivative from the right, though it jumps there",
            None,
        ),
    ),
    Row(
        "chain",
        ("u", "l"),
        "upstream times local: the product, but 0 where u is 0, whatever l is",
        "where(u == 0, 0, u*l)",
        "switcher",
        lambda m, u, l: m.chain(u, l),  # noqa: E741
        (lambda m, v, u, l: l, lambda m, v, u, l: u),  # noqa: E741
        ((3.0, 2.0), (0.0, 2.0), (-1.5, 1e200)),
    ),
    Row(
        "over",
        ("x", "y"),
        "the quotient, but 0 where x is 0, whatever y is",
        "where(x == 0, 0, x/y)",
        "scaler",
        lambda m, x, y: m.over(x, y),
        (lambda m, v, x, y: m.div(1.0, y), lambda m, v, x, y: -m.over(m.over(x, y), y)),
        ((3.0, 2.0), (0.0, 2.0), (-1.5, 1e200)),
        infinite=True,
    ),
)
