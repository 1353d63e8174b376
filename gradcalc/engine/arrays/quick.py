"""Quick forms of special functions, for float64 arrays: nan where they are not right to a few units
in the last place.
"""

from math import pi
from typing import Any

import numpy as np


def _scipy() -> Any:
    # Imported on first use: it takes longer than all else that a run imports.
    from scipy import special

    return special


def erf(x: np.ndarray) -> Any:
    return _scipy().erf(x)


def normal_cdf(x: np.ndarray) -> Any:
    """(1 + erf(x / sqrt(2))) / 2, where that does not cancel."""
    return np.where(x > -0.7, 0.5 + 0.5 * _scipy().erf(0.7071067811865476 * x), np.nan)


def lgamma(x: np.ndarray) -> Any:
    # Between 0.5 and 2.2 are the roots, to the left of 0 others.
    accurate = (x >= 2.2) | ((x > 1e-300) & (x <= 0.5))
    return np.where(accurate, _scipy().gammaln(x), np.nan)


def digamma(x: np.ndarray) -> Any:
    return np.where(x > 0.0, _scipy().psi(x), np.nan)


def polygamma(n: np.ndarray, x: np.ndarray) -> Any:
    """n! zeta(n + 1, x) up to its sign (DLMF 25.11.12), for small n."""
    accurate = ((n == 1.0) | (n == 2.0)) & (x > 1e-100) & (x < 1e100)
    sign_and_factorial = np.where(n == 1.0, 1.0, -2.0)
    return np.where(accurate, sign_and_factorial * _scipy().zeta(n + 1.0, x), np.nan)


def _reduced(x: np.ndarray) -> Any:
    """x - 2k for the integer k with a result from -1 to 1; exact."""
    return x - 2.0 * np.rint(0.5 * x)


def _sinpi(x: np.ndarray) -> Any:
    """sin(pi x), exactly 0 at integers."""
    x = _reduced(x)
    size = np.abs(x)
    return np.copysign(np.sin(pi * np.minimum(size, 1.0 - size)), x)


def sinc(x: np.ndarray) -> Any:
    # Adding 0.0 turns -0.0 into 0.0.
    return np.where(np.abs(x) <= 1e-9, 1.0, _sinpi(x) / (pi * x) + 0.0)


def sinc_derivative(n: np.ndarray, x: np.ndarray) -> Any:
    """The first derivative: a power series near 0, elsewhere (cos(pi x) - sinc(x)) / x where
    that does not cancel."""
    square = (pi * x) ** 2
    series = np.zeros_like(x)
    for k in range(12, 0, -1):
        # The term in t**(2k - 1) has (-1)**k 2k / (2k + 1)!; in Horner's order.
        series = 1.0 - series * square * ((k + 1.0) / (k * (2.0 * k + 2.0) * (2.0 * k + 3.0)))
    series *= -pi * pi / 3.0 * x
    cos = _sinpi(0.5 - np.abs(_reduced(x)))
    difference = cos - sinc(x)
    elsewhere = np.where(np.abs(difference) > 0.25, difference / x, np.nan)
    return np.where(n == 1.0, np.where(np.abs(x) < 0.5, series, elsewhere), np.nan)


def gaussian(x: np.ndarray, scale: float = 1.0) -> Any:
    """exp(-scale * x**2), for a scale from 0.5 on that is a power of 2.

    The exponential multiplies the rounding error of x**2 by x**2. So x is split into a part of
    single precision, whose square is exact, and the small rest.
    """
    x = np.minimum(np.abs(x), 40.0)  # where the result is 0
    head = x.astype(np.float32).astype(np.float64)
    return np.exp(-scale * head * head) * np.exp(-scale * ((x - head) * (x + head)))


def normal_pdf(x: np.ndarray) -> Any:
    return 0.3989422804014327 * gaussian(x, 0.5)
