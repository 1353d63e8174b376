"""Expected values worked out by hand: outside of domains, at their edges, and at kinks."""

from math import inf, nan
from typing import NamedTuple

from .reference import Operands

#: Points outside of each domain, with the value that IEEE 754 and C99 (annex F) give there.
OUTSIDE: dict[str, tuple[tuple[Operands, float], ...]] = {
    "div": (((1.0, 0.0), inf), ((-1.0, 0.0), -inf), ((0.0, 0.0), nan)),
    "pow": (((-2.0, 0.5), nan), ((0.0, -1.0), inf), ((-8.0, 1 / 3), nan)),
    "reciprocal": (((0.0,), inf),),
    "mod": (((5.0, 0.0), nan),),
    "log": (((0.0,), -inf), ((-1.0,), nan)),
    "log2": (((0.0,), -inf), ((-1.0,), nan)),
    "log10": (((0.0,), -inf), ((-1.0,), nan)),
    "log1p": (((-1.0,), -inf), ((-2.0,), nan)),
    "sqrt": (((-1.0,), nan), ((-1e-300,), nan)),
    "cathetus": (((1.0, 2.0), nan), ((1.0, -2.0), nan), ((-2.0, 1.0), nan)),
    "spread": (((1.0, -1.0), nan), ((0.0, 0.0), 0.0)),
    "asin": (((1.5,), nan), ((-2.0,), nan)),
    "acos": (((1.5,), nan), ((-2.0,), nan)),
    "atan2": (((0.0, 0.0), 0.0),),
    "acosh": (((0.5,), nan), ((-2.0,), nan)),
    "atanh": (((1.0,), inf), ((-1.0,), -inf), ((2.0,), nan)),
    "bce": (((1.5, 0.5), nan), ((-0.5, 0.5), nan), ((3.0, 1.0), nan), ((-2.0, 0.0), nan)),
    "gamma": (((0.0,), inf), ((-1.0,), nan), ((-2.0,), nan)),
    "lgamma": (((0.0,), inf), ((-1.0,), inf)),
    "digamma": (((0.0,), -inf), ((-1.0,), nan)),
    "polygamma": (((1.0, 0.0), inf), ((1.0, -2.0), inf), ((1.5, 2.0), nan), ((-1.0, 2.0), nan)),
}

#: Local gradients at points where there is no two-sided derivative but where a row with no note of
#: a kink has to say something: the one-sided limit at the edge of a domain, 0 for a comparison.
EDGES: dict[tuple[str, Operands], tuple[float, ...]] = {
    ("sqrt", (0.0,)): (inf,),
    ("cbrt", (0.0,)): (inf,),
    ("cathetus", (1.0, 1.0)): (inf, -inf),
    ("cathetus", (1.0, -1.0)): (inf, inf),
    ("asin", (1.0,)): (inf,),
    ("asin", (-1.0,)): (inf,),
    ("acos", (1.0,)): (-inf,),
    ("acos", (-1.0,)): (-inf,),
    ("acosh", (1.0,)): (inf,),
    ("bce", (1.0, 1.0)): (-1.0, -inf),  # -log(p) for y = 1
    ("bce", (0.0, 0.0)): (1.0, inf),  # -log(1 - p) for y = 0
    ("where", (0.0, 3.0, 5.0)): (0.0, 0.0, 1.0),
    ("pow", (0.0, 2.0)): (0.0, 0.0),
    ("pow", (0.0, 1.0)): (1.0, 0.0),
    ("pow", (0.0, 0.5)): (inf, 0.0),
    **{(name, (2.0, 2.0)): (0.0, 0.0) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
}


class AtKink(NamedTuple):
    """A program whose output is a kinked gate at its kink.

    ``interval`` is the valid one that the note must state, None where the gate jumps.
    """

    program: str
    values: dict[str, float]
    gradients: dict[str, float]
    interval: tuple[float, float] | None


_SCALE = 1.0507009873554804934
_SELU_LEFT = _SCALE * 1.6732632423543772848

AT_KINKS: dict[str, tuple[AtKink, ...]] = {
    "abs": (AtKink("abs(x)", {"x": 0.0}, {"x": 0.0}, (-1, 1)),),
    "relu": (AtKink("relu(x)", {"x": 0.0}, {"x": 0.0}, (0, 1)),),
    "max": (
        AtKink("max(x, y)", {"x": 2.0, "y": 2.0}, {"x": 0.5, "y": 0.5}, (0, 1)),
        AtKink("max(0, x)", {"x": 0.0}, {"x": 0.0}, (0, 1)),
        AtKink("max(x, 0)", {"x": 0.0}, {"x": 0.0}, (0, 1)),
        AtKink(
            "max(x, y, z)",
            {"x": 1.0, "y": 1.0, "z": 1.0},
            {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3},
            (0, 1),
        ),
        AtKink(
            "max(x, y, z)",
            {"x": 4.0, "y": 1.0, "z": 4.0},
            {"x": 0.5, "y": 0.0, "z": 0.5},
            (0, 1),
        ),
        AtKink("max(x, y, 1)", {"x": 1.0, "y": 1.0}, {"x": 0.0, "y": 0.0}, (0, 1)),
    ),
    "min": (
        AtKink("min(x, y)", {"x": -2.0, "y": -2.0}, {"x": 0.5, "y": 0.5}, (0, 1)),
        AtKink("min(3, x)", {"x": 3.0}, {"x": 0.0}, (0, 1)),
        AtKink(
            "min(x, y, z)",
            {"x": 1.0, "y": 1.0, "z": 1.0},
            {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3},
            (0, 1),
        ),
    ),
    "clip": (
        AtKink("clip(x, -1, 1)", {"x": 1.0}, {"x": 0.0}, (0, 1)),
        AtKink("clip(x, -1, 1)", {"x": -1.0}, {"x": 0.0}, (0, 1)),
        AtKink("clip(x, lo, 5)", {"x": 2.0, "lo": 2.0}, {"x": 0.5, "lo": 0.5}, (0, 1)),
        AtKink("clip(x, 0, hi)", {"x": 2.0, "hi": 2.0}, {"x": 0.5, "hi": 0.5}, (0, 1)),
    ),
    "leaky_relu": (
        AtKink("leaky_relu(x)", {"x": 0.0}, {"x": 0.01}, (0.01, 1)),
        AtKink("leaky_relu(x, 0.2)", {"x": 0.0}, {"x": 0.2}, (0.2, 1)),
    ),
    "elu": (
        AtKink("elu(x, 0.5)", {"x": 0.0}, {"x": 0.5}, (0.5, 1)),
        AtKink("elu(x, 2)", {"x": 0.0}, {"x": 1.0}, (1, 2)),
    ),
    "selu": (AtKink("selu(x)", {"x": 0.0}, {"x": _SCALE}, (_SCALE, _SELU_LEFT)),),
    "hard_tanh": (
        AtKink("hard_tanh(x)", {"x": 1.0}, {"x": 0.0}, (0, 1)),
        AtKink("hard_tanh(x)", {"x": -1.0}, {"x": 0.0}, (0, 1)),
    ),
    "hard_sigmoid": (
        AtKink("hard_sigmoid(x)", {"x": 3.0}, {"x": 0.0}, (0, 1 / 6)),
        AtKink("hard_sigmoid(x)", {"x": -3.0}, {"x": 0.0}, (0, 1 / 6)),
    ),
    "hinge": (
        AtKink("hinge(s, 1)", {"s": 1.0}, {"s": 0.0}, (-1, 0)),
        AtKink("hinge(s, -1)", {"s": -1.0}, {"s": 0.0}, (0, 1)),
    ),
    "hypot": (AtKink("hypot(x, y)", {"x": 0.0, "y": 0.0}, {"x": 0.0, "y": 0.0}, (-1, 1)),),
    "sign": (AtKink("sign(x)", {"x": 0.0}, {"x": 0.0}, None),),
    "floor": (AtKink("floor(x)", {"x": 3.0}, {"x": 0.0}, None),),
    "ceil": (AtKink("ceil(x)", {"x": -2.0}, {"x": 0.0}, None),),
    "round": (AtKink("round(x)", {"x": 2.5}, {"x": 0.0}, None),),
    "mod": (AtKink("mod(x, y)", {"x": 6.0, "y": 2.0}, {"x": 1.0, "y": -3.0}, None),),
    "atan2": (AtKink("atan2(y, x)", {"y": 0.0, "x": -2.0}, {"y": -0.5, "x": 0.0}, None),),
}
