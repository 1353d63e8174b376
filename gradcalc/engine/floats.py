"""The algebra on Python floats: what derivative rules call when values are floats.

The module itself is the algebra: a rule receives it as ``m`` and calls ``m.exp(x)``,
``m.where(c, a, b)`` and so on. No function raises for any float: where the ``math``
module would raise, these return what IEEE 754, C99 Annex F and NumPy return (an
infinity or a nan). On the ordinary path each is one ``try`` and one call, and a
``try`` that catches nothing is free. Names bound to a library function need neither,
because that function never raises.

Several names shadow builtins (``abs``, ``pow``, ``round``); this module uses none of
those builtins.
"""

from __future__ import annotations

import math
import operator
from contextlib import nullcontext

from gradcalc.engine import special

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the cost of importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_INF = math.inf
_NAN = math.nan
_NORMAL = 2.2250738585072014e-308  # below, floats lose digits
_INTEGRAL = 4503599627370496.0  # 2**52: every float at least this large is an integer

# Never raise for floats, so they are used as they are.
add = operator.add
sub = operator.sub
mul = operator.mul
neg = operator.neg
abs = math.fabs
atan = math.atan
atan2 = math.atan2
asinh = math.asinh
tanh = math.tanh
hypot = math.hypot
erf = math.erf
erfc = math.erfc

sinc = special.sinc
sinc_derivative = special.sinc_derivative
lgamma = special.lgamma
digamma = special.digamma
polygamma = special.polygamma
gaussian = special.gaussian
normal_cdf = special.normal_cdf
normal_pdf = special.normal_pdf


# The C functions, under names that nothing below shadows.
_pow = math.pow
_exp = math.exp
_log = math.log
_log1p = math.log1p
_cbrt = math.cbrt
_gamma = math.gamma
_sinh = math.sinh
_atanh = math.atanh
_copysign = math.copysign
_fabs = math.fabs
_isnan = math.isnan


def _guard(
    function: Callable[[float], float],
    error: type[ArithmeticError | ValueError],
    value: float,
    at_zero: float = _NAN,
) -> Callable[[float], float]:
    """The function, with a value in place of an error."""

    def guarded(x: float) -> float:
        try:
            return function(x)
        except error:
            return value if x else at_zero

    return guarded


sqrt = _guard(math.sqrt, ValueError, _NAN)
sin = _guard(math.sin, ValueError, _NAN)
cos = _guard(math.cos, ValueError, _NAN)
tan = _guard(math.tan, ValueError, _NAN)
asin = _guard(math.asin, ValueError, _NAN)
acos = _guard(math.acos, ValueError, _NAN)
acosh = _guard(math.acosh, ValueError, _NAN)
exp = _guard(math.exp, OverflowError, _INF)
exp2 = _guard(math.exp2, OverflowError, _INF)
expm1 = _guard(math.expm1, OverflowError, _INF)
cosh = _guard(math.cosh, OverflowError, _INF)
log = _guard(math.log, ValueError, _NAN, -_INF)
log2 = _guard(math.log2, ValueError, _NAN, -_INF)
log10 = _guard(math.log10, ValueError, _NAN, -_INF)


def quiet() -> AbstractContextManager[None]:
    """A context in which nothing is printed about infinities, as floats never do."""
    return nullcontext()


def div(x: float, y: float) -> float:
    """x / y, with signed infinities (or nan for 0/0) where y is zero."""
    try:
        return x / y
    except ZeroDivisionError:
        if x == 0.0 or _isnan(x):
            return _NAN
        return _copysign(_INF, x) * _copysign(1.0, y)


def sech(x: float) -> float:
    """1 / cosh(x), also where cosh(x) is beyond the range."""
    y = math.exp(-math.fabs(x))
    return 2.0 * y / (1.0 + y * y)


def cathetus(c: float, a: float) -> float:
    """sqrt(c*c - a*a), without overflow and exact where the two are close."""
    product = (c - a) * (c + a)
    if c > 0.0 and _NORMAL < product < _INF:
        return math.sqrt(product)
    return sqrt(c - a) * sqrt(c + a)


def reciprocal(x: float) -> float:
    """1 / x, with a signed infinity where x is zero."""
    try:
        return 1.0 / x
    except ZeroDivisionError:
        return _copysign(_INF, x)


def cbrt(x: float) -> float:
    """Real cube root. A Newton step makes the C library's exact for perfect cubes."""
    y = _cbrt(x)
    return y - (y - x / (y * y)) / 3.0 if y != 0.0 and y - y == 0.0 else y


def square(x: float) -> float:
    """x * x."""
    return x * x


def pow(x: float, y: float, shift: float = 0.0) -> float:
    """x ** (y + shift) as C99 (F.9.4.4) and NumPy have it: never complex, nan for a negative
    base with a fractional exponent, infinities for overflow and at zero.

    Where y + shift is rounded, the power makes log(x) times as much of that: it is put back, by
    x ** (total + rest) = x ** total * (1 + rest * log(x) + ...).
    """
    if shift:
        total = y + shift
        rest = y - (total - shift)
        power = pow(x, total)
        if 0.0 < _fabs(rest) < 1.0 and 0.0 < x < _INF and 0.0 < power < _INF:
            return power + power * (rest * _log(x))
        return power
    try:
        return _pow(x, y)
    except OverflowError:
        return -_INF if x < 0.0 and y % 2.0 == 1.0 else _INF
    except ValueError:
        if x != 0.0:
            return _NAN
        return _copysign(_INF, x) if y % 2.0 == 1.0 else _INF


def log1p(x: float) -> float:
    """log(1 + x): -inf at -1, nan below."""
    try:
        return _log1p(x)
    except ValueError:
        return -_INF if x == -1.0 else _NAN


def sinh(x: float) -> float:
    """Hyperbolic sine, infinities on overflow."""
    try:
        return _sinh(x)
    except OverflowError:
        return _copysign(_INF, x)


def atanh(x: float) -> float:
    """Inverse hyperbolic tangent: infinities at -1 and 1, nan outside."""
    try:
        return _atanh(x)
    except ValueError:
        return x * _INF if x * x == 1.0 else _NAN


def sign(x: float) -> float:
    """-1.0, 0.0 or 1.0; nan stays nan."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x


def floor(x: float) -> float:
    """The integer at or below x; unlike math.floor keeps inf, nan and -0.0."""
    return x // 1.0 if -_INTEGRAL < x < _INTEGRAL else x


def ceil(x: float) -> float:
    """The integer at or above x; unlike math.ceil keeps inf, nan and -0.0."""
    return -(-x // 1.0) if -_INTEGRAL < x < _INTEGRAL else x


def round(x: float) -> float:
    """The nearest integer, ties to even; keeps inf, nan and the sign of zero."""
    size = _fabs(x)
    # Adding 2**52 leaves no fraction bits: the addition does the rounding.
    return _copysign(size + _INTEGRAL - _INTEGRAL, x) if size < _INTEGRAL else x


def mod(x: float, y: float) -> float:
    """x - floor(x / y) * y, with the sign of y; nan where y is zero."""
    try:
        return x % y
    except ZeroDivisionError:
        return _NAN


def maximum(x: float, y: float) -> float:
    """The larger; nan if either is nan."""
    return x if x >= y or _isnan(x) else y


def minimum(x: float, y: float) -> float:
    """The smaller; nan if either is nan."""
    return x if x <= y or _isnan(x) else y


def where(c: float, a: float, b: float) -> float:
    """a where c is true (not zero; nan is true), else b."""
    return a if c else b


def lt(x: float, y: float) -> float:
    """1.0 if x < y, else 0.0."""
    return 1.0 if x < y else 0.0


def le(x: float, y: float) -> float:
    """1.0 if x <= y, else 0.0."""
    return 1.0 if x <= y else 0.0


def gt(x: float, y: float) -> float:
    """1.0 if x > y, else 0.0."""
    return 1.0 if x > y else 0.0


def ge(x: float, y: float) -> float:
    """1.0 if x >= y, else 0.0."""
    return 1.0 if x >= y else 0.0


def eq(x: float, y: float) -> float:
    """1.0 if x == y, else 0.0."""
    return 1.0 if x == y else 0.0


def ne(x: float, y: float) -> float:
    """1.0 if x != y, else 0.0 (nan differs from everything)."""
    return 1.0 if x != y else 0.0


def gamma(x: float) -> float:
    """The gamma function: a signed infinity at 0, nan at negative integers."""
    try:
        return _gamma(x)
    except OverflowError:
        return _copysign(_INF, x)
    except ValueError:
        return _copysign(_INF, x) if x == 0.0 else _NAN


def sigmoid(x: float, shift: float = 0.0) -> float:
    """1 / (1 + exp(-x - shift)), from the exponential that cannot overflow.

    The rounding of x + shift, which the exponential would make that many times larger, is put back
    by the first derivative (its size by Knuth's two-sum).
    """
    if shift:
        total = x + shift
        part = total - x
        rest = (x - (total - part)) + (shift - part)
        value = sigmoid(total)
        return value + value * sigmoid(-total) * rest if rest == rest else value
    if x >= 0.0:
        return 1.0 / (1.0 + _exp(-x))
    z = _exp(x)
    return z / (1.0 + z)


def softplus(x: float) -> float:
    """log(1 + exp(x)), from the exponential that cannot overflow."""
    return x + _log1p(_exp(-x)) if x > 0.0 else _log1p(_exp(x))


def log_sigmoid(x: float) -> float:
    """log(sigmoid(x)) = -softplus(-x)."""
    return -softplus(-x)


def silu(x: float) -> float:
    """x * sigmoid(x), of two roots of exp(x): where x is far below 0 it has lost its digits."""
    if x >= 0.0:
        return x / (1.0 + _exp(-x))
    root = _exp(0.5 * x)
    return x * root * root / (1.0 + root * root) if root else 0.0


def mish(x: float) -> float:
    """x * tanh(softplus(x)), which is x * z * (2 + z) / (2 + z * (2 + z)) for z = exp(x)."""
    if x >= 0.0:
        z = _exp(-x)
        return x * ((1.0 + 2.0 * z) / (1.0 + 2.0 * z * (1.0 + z)))
    root = _exp(0.5 * x)
    z = root * root
    return x * root * (root * ((2.0 + z) / (2.0 + z * (2.0 + z)))) if root else 0.0


def gelu_tanh(x: float) -> float:
    """x * sigmoid(u), the rounding of u put back."""
    if -40.0 < x < 40.0:
        return x * sigmoid(*special.gelu_exponent(x))
    return 0.0 if x < 0.0 else x


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow."""
    if a < b:
        a, b = b, a
    # Equal infinities have no difference.
    value = a + (_log1p(_exp(b - a)) if a != b else 0.6931471805599453)
    return special.log_of_sum(value, a, b) if -8.0 * _fabs(value) > a else value


def chain(upstream: float, local: float) -> float:
    """The product, but 0.0 where upstream is zero: no gradient passes an infinite local."""
    return 0.0 if upstream == 0.0 else upstream * local


def over(x: float, y: float) -> float:
    """x / y, but 0.0 where x is zero, even over zero (nan where y is nan)."""
    if x == 0.0:
        return _NAN if _isnan(y) else 0.0
    return div(x, y)
