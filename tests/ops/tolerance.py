"""How far a value or a local gradient may be from the true one, and why further in places.

The bound is 8 units in the last place of the true result. It is wider only in the ways below, each
of which no rule in double precision with one rounding after another can do without.
"""

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

from .measure import unit
from .reference import Operands

UNITS = 8
LEAST = 5e-324
#: In place of an operand: the value of the row.
VALUE = -1


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


#: A result that is a difference of terms has a root, and near the root the error is one of the
#: terms: units of this term are allowed besides those of the result.
TERMS: dict[tuple[str, int], Callable[..., Any]] = {
    ("silu", 0): _sigmoid,
    ("mish", 0): _sigmoid,
    ("gelu", 0): mp.ncdf,
    ("gelu_tanh", 0): _sigmoid,
    ("bce", 0): lambda p, y: y / p if 0 < y < 1 else 0,
    ("bce", 1): lambda p, y: mp.log(p) if 0 < p < 1 else 0,
    ("bce_with_logits", 0): lambda z, y: y * _sigmoid(-z) if 0 < y < 1 else 0,
    # At negative x, lgamma is reflected, and has roots there.
    ("lgamma", VALUE): lambda x: mp.loggamma(-x) if x < 0 else 0,
}

#: Squares that overflow where the result is at the bottom of the range: absolute.
FLOORS: dict[tuple[str, int], float] = {
    ("atan", 0): 1e-307,  # 1/(1 + x^2) from x = 1.3e154 on
}


def allowed(name: str, place: int, operands: Operands, want: Any) -> float:
    """The largest absolute error of the value, or of the local gradient by an operand."""
    last, exact = unit(want), [mpf(x) for x in operands]
    bound = UNITS * last + FLOORS.get((name, place), 0.0)
    if (name, place) in TERMS:
        bound += UNITS * unit(TERMS[name, place](*exact))
    if abs(want) < 1e-307:
        # A factor below the normal range is off by half a unit, and an operand multiplies that.
        bound += LEAST * min(max(1.0, *map(abs, operands)), 1e3)
    return bound
