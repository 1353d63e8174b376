"""True values and derivatives of the references, and how far a float is from them."""

from collections.abc import Callable, Sequence
from functools import cache
from math import inf, isfinite, log10, ulp
from typing import Any

from mpmath import mp, mpf

from .reference import REFERENCE, Operands

STEP = mpf("1e-40")
SMALL_STEP = mpf("1e-80")

Function = Callable[..., Any]


def digits(operands: Operands) -> int:
    """So many that a plain definition is exact where doubles need a stable form.

    1 - tanh(350) is 1e-304 and e^(-x^2) smaller still; 1e-300 and its neighbour one STEP further
    differ in the 340th digit, and their cosines in the 640th.
    """
    return 120 + sum(int(2 * abs(log10(abs(x))) + min(x * x, 360)) for x in operands if x)


@cache
def true_value(name: str, operands: Operands) -> Any:
    """The real value, None where there is none."""
    with mp.workdps(digits(operands)):
        return _real(REFERENCE[name], [mpf(x) for x in operands])


@cache
def true_partial(name: str, operands: Operands, place: int) -> Any:
    """The derivative by one operand; None where there is none."""
    with mp.workdps(digits(operands)):
        return difference(REFERENCE[name], [mpf(x) for x in operands], place)


def true_second(name: str, operands: Operands, first: int, second: int) -> Any:
    """The derivative by one operand and then another; None where there is none."""

    def partial(*x: Any) -> Any:
        return difference(REFERENCE[name], x, first, SMALL_STEP)

    with mp.workdps(2 * digits(operands)):
        return difference(partial, [mpf(x) for x in operands], second)


def difference(f: Function, x: Sequence[Any], place: int, step: Any = STEP) -> Any:
    """The derivative of ``f`` by one operand, by a central difference at the current precision.

    None at a kink, a jump and an edge of the domain, where the two halves differ or are not real.
    """
    h = step * min([mpf(1), *(abs(operand) for operand in x if operand)])
    below, above = list(x), list(x)
    below[place] -= h
    above[place] += h
    low, middle, high = _real(f, below), _real(f, x), _real(f, above)
    if low is None or middle is None or high is None:
        return None
    left, right = (middle - low) / h, (high - middle) / h
    # The halves of a smooth function differ by about the step.
    if abs(left - right) > max(abs(left) * mpf("1e-20"), mp.sqrt(h)):
        return None
    return (left + right) / 2


def _real(f: Function, x: Sequence[Any]) -> Any:
    try:
        value = f(*x)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    if isinstance(value, int):
        return mpf(value)
    return value if isinstance(value, mpf) and mp.isfinite(value) else None


def as_float(x: Any) -> float:
    """Rounded to the nearest float, or to an infinity."""
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf


def error(got: float, want: Any) -> float:
    """The absolute error of a float; 0 for an infinity where the true value overflows to it."""
    nearest = as_float(want)
    if not isfinite(nearest) or not isfinite(got):
        return 0.0 if got == nearest else inf
    with mp.workdps(50):
        return as_float(abs(mpf(got) - want))


def unit(x: Any) -> float:
    """The unit in the last place of a real number; below the normal range the least subnormal."""
    nearest = as_float(x)
    return ulp(nearest) if isfinite(nearest) else 0.0
