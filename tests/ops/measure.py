"""True values and derivatives of the references, and how far a float is from them."""

from collections.abc import Callable
from math import inf, isfinite, ulp
from typing import Any

from mpmath import mp, mpf

from .reference import REFERENCE, Operands

#: 1 - tanh(350) is 1e-304, and so are 1e-300 and its neighbour after a step of 1e-40 of it: hundreds
#: of digits make the plain definitions exact enough where doubles need a stable form.
DIGITS = 700
STEP = mpf("1e-40")


def true_value(name: str, operands: Operands) -> Any:
    """The real value, None where there is none."""
    with mp.workdps(DIGITS):
        return _real(REFERENCE[name], [mpf(x) for x in operands])


def true_partial(name: str, operands: Operands, place: int) -> Any:
    """The derivative by one operand, by central differences; None where there is none.

    Two steps must agree, so that a kink, an edge of the domain, or too few digits give None.
    """
    with mp.workdps(DIGITS):
        x = [mpf(operand) for operand in operands]
        f = REFERENCE[name]
        coarse = _difference(f, x, place, STEP)
        fine = _difference(f, x, place, STEP / 1024)
        if coarse is None or fine is None or abs(coarse - fine) > abs(fine) * mpf("1e-25"):
            return None
        return fine


def _difference(f: Callable[..., Any], x: list[Any], place: int, step: Any) -> Any:
    h = abs(x[place]) * step if x[place] else step
    below, above = list(x), list(x)
    below[place] -= h
    above[place] += h
    low, middle, high = _real(f, below), _real(f, x), _real(f, above)
    if low is None or middle is None or high is None:
        return None
    left, right = (middle - low) / h, (high - middle) / h
    # The halves of a kink differ; those of a smooth function by about the step.
    scale = max(abs(left), abs(right))
    if abs(left - right) > scale * mpf("1e-20"):
        return None
    return (left + right) / 2


def _real(f: Callable[..., Any], x: list[Any]) -> Any:
    try:
        value = mp.mpmathify(f(*x))
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return value if isinstance(value, mpf) and mp.isfinite(value) else None


def as_float(x: Any) -> float:
    """Rounded to the nearest float, or to an infinity."""
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf


def ulps(got: float, want: Any) -> float:
    """The error of a float in units in the last place of the true value.

    Below the normal range a unit is the smallest subnormal number, so that bounds in units have an
    absolute floor of so many of those.
    """
    nearest = as_float(want)
    if not isfinite(nearest) or not isfinite(got):
        return 0.0 if got == nearest else inf
    with mp.workdps(50):
        return float(abs(mpf(got) - want) / mpf(ulp(nearest)))
