"""What every row must compute, written a second time, for mpmath.

A new row needs one line in REFERENCE; one in ``expected.OUTSIDE`` if it has a domain, and one in
``expected.AT_KINKS`` if it has a kink. The definitions are those of the literature.
"""

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

Operands = tuple[float, ...]

_SELU_SCALE = "1.0507009873554804934193349852946"
_SELU_ALPHA = "1.6732632423543772848170429916717"


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def _gelu_tanh(x: Any) -> Any:
    u = mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)
    return x * _sigmoid(2 * u) if abs(u) < 1e6 else max(x, 0)


def _selu(x: Any) -> Any:
    return mpf(_SELU_SCALE) * (x if x > 0 else mpf(_SELU_ALPHA) * mp.expm1(x))


def _bce(p: Any, y: Any) -> Any:
    if not 0 <= p <= 1:
        return mp.nan
    likely = y * mp.log(p) if y else 0
    return -likely - ((1 - y) * mp.log(1 - p) if y != 1 else 0)


def _cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _sinc(x: Any) -> Any:
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


def _sinc_derivative(n: Any, x: Any) -> Any:
    """Term by term from the power series; from 0.5 on by Leibniz' rule."""
    n = int(n)
    if abs(x) > 0.5:
        waves = (mp.sinpi(x), mp.cospi(x), -mp.sinpi(x), -mp.cospi(x))
        powers = ((-1) ** k * mp.factorial(k) / (mp.pi * x ** (k + 1)) for k in range(n + 1))
        return mp.fsum(
            mp.binomial(n, k) * mp.pi ** (n - k) * waves[(n - k) % 4] * power
            for k, power in enumerate(powers)
        )
    total, k = mpf(0), (n + 1) // 2
    while True:
        size = mp.factorial(2 * k) / mp.factorial(2 * k - n) / mp.factorial(2 * k + 1)
        term = (-1) ** k * mp.pi ** (2 * k) * size * x ** (2 * k - n)
        total += term
        if abs(term) <= abs(total) * mp.eps:
            return total
        k += 1


REFERENCE: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": lambda x, y: mp.power(x, y),
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "lt": lambda x, y: mpf(x < y),
    "le": lambda x, y: mpf(x <= y),
    "gt": lambda x, y: mpf(x > y),
    "ge": lambda x, y: mpf(x >= y),
    "eq": lambda x, y: mpf(x == y),
    "ne": lambda x, y: mpf(x != y),
    "where": lambda c, a, b: a if c else b,
    "max": lambda *x: max(x),
    "min": lambda *x: min(x),
    "clip": lambda x, lo, hi: min(max(x, lo), hi),
    "abs": lambda x: abs(x),
    "sign": lambda x: mp.sign(x),
    "floor": lambda x: mp.floor(x),
    "ceil": lambda x: mp.ceil(x),
    "round": lambda x: mp.nint(x),
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "chain": lambda u, l: u * l,  # noqa: E741
    "over": lambda x, y: x / y,
    "exp": lambda x: mp.exp(x),
    "exp2": lambda x: mp.power(2, x),
    "expm1": lambda x: mp.expm1(x),
    "log": lambda x: mp.log(x),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": lambda x: mp.log1p(x),
    "sqrt": lambda x: mp.sqrt(x),
    "cbrt": _cbrt,
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "cathetus": lambda c, a: mp.sqrt((c - a) * (c + a)) if c >= abs(a) else mp.nan,
    "spread": lambda s, eps: mp.sqrt(s * s + eps),
    "sin": lambda x: mp.sin(x),
    "cos": lambda x: mp.cos(x),
    "tan": lambda x: mp.tan(x),
    "asin": lambda x: mp.asin(x),
    "acos": lambda x: mp.acos(x),
    "atan": lambda x: mp.atan(x),
    "atan2": lambda y, x: mp.atan2(y, x),
    "sinh": lambda x: mp.sinh(x),
    "cosh": lambda x: mp.cosh(x),
    "tanh": lambda x: mp.tanh(x),
    "sech": lambda x: mp.sech(x),
    "asinh": lambda x: mp.asinh(x),
    "acosh": lambda x: mp.acosh(x),
    "atanh": lambda x: mp.atanh(x),
    "sinc": _sinc,
    "sinc_derivative": _sinc_derivative,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
    "selu": _selu,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -_softplus(-x),
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * mp.tanh(_softplus(x)),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu_tanh": _gelu_tanh,
    "hard_sigmoid": lambda x: min(max((x + 3) / 6, 0), 1),
    "hard_tanh": lambda x: min(max(x, -1), 1),
    "bce": _bce,
    "bce_with_logits": lambda z, y: (1 - y) * _softplus(z) + y * _softplus(-z),
    "hinge": lambda s, y: max(0, 1 - y * s),
    "squared_error": lambda p, y: (p - y) ** 2,
    "erf": lambda x: mp.erf(x),
    "erfc": lambda x: mp.erfc(x),
    "gaussian": lambda x: mp.exp(-x * x),
    "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "normal_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "gamma": lambda x: mp.gamma(x),
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": lambda x: mp.digamma(x),
    "polygamma": lambda n, x: mp.psi(int(n), x),
}
