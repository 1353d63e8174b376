"""Special functions of float64 arrays: those that NumPy lacks, composed of what it and SciPy have.

Each gives nan where it is not right to a few units in the last place: there the function of
:mod:`gradcalc.engine.special` is asked, one element after the other.
"""

from math import fsum, pi
from typing import Any

import numpy as np

from gradcalc.engine.special import exp_parts, gelu_exponent, lgamma2p, two_sum

#: Of so many numbers at once exponentials are taken to twice the digits.
LONGEST = 10_000


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
    """SciPy's, but as of floats near the roots 1 and 2, and at negative x, where that does not
    cancel."""
    size = np.abs(x)
    found = np.where(size > 1e-150, _scipy().gammaln(size), np.nan)
    near = (size > 0.5) & (size < 2.5)
    base: Any = size[near]
    below = base < 1.5
    more = np.log1p(np.where(below, base - 1.0, 0.0))
    found[near] = lgamma2p(base - np.where(below, 1.0, 2.0)) - more
    left = (x < 0.0) & (x > -1e15)
    there, right = x[left], found[left]
    reflected = np.log(pi / np.abs(there * _sinpi(there))) - right
    accurate = np.abs(reflected) > np.maximum(np.abs(right), 0.5)
    found[left] = np.where(accurate, reflected, np.nan)
    return np.where(x > -1e15, found, np.nan)


def digamma(x: np.ndarray) -> Any:
    """SciPy's; at negative x reflected where that does not cancel."""
    left = x < 0.0
    found = _scipy().psi(np.where(left, 1.0 - x, np.where(x > 0.0, x, np.nan)))
    there, above = x[left], found[left]
    below = above - pi * _sinpi(there + 0.5) / _sinpi(there)
    accurate = np.abs(below) > np.maximum(np.abs(above), 0.25)
    accurate &= (there > -1e15) & (there != np.rint(there))
    found[left] = np.where(accurate, below, np.nan)
    return found


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
    value = sinc(x)
    difference = cos - value
    accurate = np.abs(difference) > np.minimum(np.abs(value), 0.25)
    elsewhere = np.where(accurate, difference / x, np.nan)
    return np.where(n == 1.0, np.where(np.abs(x) < 0.5, series, elsewhere), np.nan)


def gaussian(x: np.ndarray, scale: float = 1.0) -> Any:
    """exp(-scale * x**2), for a scale from 0.5 on that is a power of 2.

    The exponential multiplies the rounding error of x**2 by x**2. So x is split into a part of
    single precision, whose square is exact, and the small rest.
    """
    x = np.minimum(np.abs(x), 40.0)  # where the result is 0
    head = x.astype(np.float32).astype(np.float64)
    return np.exp(-scale * head * head) * np.exp(-scale * ((x - head) * (x + head)))


def gelu_tanh(x: np.ndarray) -> Any:
    """x * sigmoid(u); far below 0, where the rounding of u becomes large, it is put back."""
    near = np.clip(x, -40.0, 40.0)
    u = 1.5957691216057308 * near * (1.0 + 0.044715 * near * near)
    found = np.asarray(np.where(x < -40.0, 0.0, x / (1.0 + np.exp(-u))))
    far = np.asarray((x < -2.0) & (x > -40.0))
    chosen: Any = x[far]
    u, rest = gelu_exponent(chosen)
    e = np.exp(u)
    found[far] = chosen * (e + e * rest) / (1.0 + e)
    return found


def put_logs_of_sums(found: np.ndarray, doubtful: Any, rows: np.ndarray) -> Any:
    """In these places of ``found`` the logarithms of the sums of the exponentials, of which they
    are all but the last digits: see special.log_of_sum. Of long rows they stay as they are."""
    n = rows.shape[-1]
    if n > LONGEST:
        return found
    rows, near = rows[doubtful].astype(np.float64), found[doubtful].astype(np.float64)
    for start in range(0, len(near), LONGEST // n):
        part = slice(start, start + LONGEST // n)
        x, rest = two_sum(np.maximum(rows[part], -1000.0), -near[part, None])
        sums = np.concatenate(exp_parts(x, rest), -1).tolist()
        near[part] += np.log1p([fsum((-1.0, *numbers)) for numbers in sums])
    found[doubtful] = near
    return found


def normal_pdf(x: np.ndarray) -> Any:
    return 0.3989422804014327 * gaussian(x, 0.5)
