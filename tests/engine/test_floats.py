"""gradcalc.engine.floats against mpmath, against IEEE 754 by hand, and against any float."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from gradcalc.engine import floats as m

INF = math.inf
NAN = math.nan
TINY = 5e-324
HUGE = 1.7976931348623157e308


@pytest.fixture(autouse=True)
def fifty_digits() -> Iterator[None]:
    with mp.workdps(50):
        yield


def ulps(got: float, want: Any) -> float:
    """The error of a float in units in the last place of the true value."""
    try:
        nearest = float(want)
    except OverflowError:
        nearest = INF if want > 0 else -INF
    if math.isinf(nearest):
        return 0.0 if got == nearest else INF
    if not math.isfinite(got):
        return INF
    return float(abs(mpf(got) - want) / mpf(math.ulp(nearest)))


def derivative_of_sinc(n: Any, x: Any) -> Any:
    """By Leibniz from sin(pi x) and 1 / (pi x), with digits to spare."""
    if x == 0:
        return mpf(0) if n % 2 else (-1) ** (n // 2) * mp.pi**n / (n + 1)
    with mp.workdps(60 + int(n * (2 + 4 * abs(mp.log10(abs(x)))))):
        wave = (mp.sinpi(x), mp.cospi(x), -mp.sinpi(x), -mp.cospi(x))
        return mp.fsum(
            mp.binomial(n, k)
            * mp.pi ** (n - k)
            * wave[(n - k) % 4]
            * (-1) ** k
            * mp.factorial(k)
            / (mp.pi * x ** (k + 1))
            for k in range(n + 1)
        )


def precise(function: Callable[..., Any]) -> Callable[..., Any]:
    """mpmath cancels in some tails and near 0 unless it has digits for the argument too."""

    def at_high_precision(*args: Any) -> Any:
        with mp.workdps(400):
            return function(*args)

    return at_high_precision


NEAR_ZERO = (TINY, -TINY, 1e-310, 1e-300, -1e-300, 1e-20, -1e-10, 1e-10, 1e-5, -0.001)
ORDINARY = (0.1, -0.3, 0.5, -0.5, 0.75, 1.0, -1.0, 1.3, -1.9, 2.0, 3.7, -6.5, 11.25, -20.1)
LARGE = (100.0, -345.6, 700.0, -700.0, 1e5, -1e10, 1e17, 1e300, -HUGE)
REAL = NEAR_ZERO + ORDINARY + LARGE
SMALL = NEAR_ZERO + ORDINARY + (100.0, -345.6, 700.0, -700.0, 709.7, -708.0, -740.0)
POSITIVE = (*(x for x in REAL if x > 0), 1 - 1e-16, 1 + 3e-16, 0.99, 1.01, HUGE)
UNIT = (*(x for x in REAL if abs(x) <= 1), 1 - 1e-16, -1 + 1e-16, 0.999, -0.99)
INSIDE = tuple(x for x in UNIT if abs(x) < 1)
TAIL = (5.0, -5.1, 9.7, -12.3, 25.0, 26.0, -26.5, 27.2, -37.0, -37.5, -38.4, 38.3)
GAMMA = (
    *(1e-300, 1e-10, -1e-10, 0.1, 0.25, 0.4999, 0.5, 0.9, 1 - 1e-10, 1 - 1e-16, 1.0),
    *(1 + 3e-16, 1 + 1e-8, 1.2, 1.4616321449683622, 1.4616321449683625, 1.46, 1.5),
    *(1.75, 2 - 3e-16, 2.0, 2 + 5e-16, 2.2, 2.6, 3.0, 3.9, 7.5, 9.99, 10.0, 33.3, 100.5),
    *(-0.1, -0.25, -0.4, -0.75, -1 - 1e-10, -1.3, -1.9, -3.25, -7.6, -20.1, -99.7),
)
BEYOND = (171.5, 1000.25, 1e10, 1e100, 1e305, 1e-308)
SINC = (
    *(0.0, 1e-300, -1e-10, 1e-3, -0.3, 0.9, 1.0, -1.43029665312, 2.0, 3.7),
    *(-4.5, 10.0, 33.3, -1000.25, 1e7, 1e15 + 0.5, -1e17, 1e100),
)
DIGAMMA_ROOTS = (-0.5040830082644554, -1.5734984731623904, -2.6107208684441448, -10.30178)

# name: (reference, bound in ulps, points)
ONE = {
    "exp": (mp.exp, 2, SMALL),
    "exp2": (lambda x: mpf(2) ** x, 2, (*SMALL, 1023.9, -1060.3)),
    "expm1": (precise(lambda x: mp.exp(x) - 1), 4, SMALL),
    "log": (mp.log, 2, POSITIVE),
    "log2": (lambda x: mp.log(x) / mp.log(2), 2, POSITIVE),
    "log10": (lambda x: mp.log(x) / mp.log(10), 3, POSITIVE),
    "log1p": (precise(lambda x: mp.log(1 + x)), 2, POSITIVE + INSIDE),
    "sqrt": (mp.sqrt, 0.51, POSITIVE),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), 1.1, REAL),
    "square": (lambda x: x * x, 0.51, REAL),
    "reciprocal": (lambda x: 1 / x, 0.51, REAL),
    "sin": (mp.sin, 2, (*REAL, math.pi, 22.0, 355.0, 6381956970095103 * 2.0**797)),
    "cos": (mp.cos, 2, (*REAL, math.pi / 2, 11.0)),
    "tan": (mp.tan, 2, (*REAL, math.pi, math.pi / 2)),
    "asin": (mp.asin, 2, UNIT),
    "acos": (mp.acos, 2, UNIT),
    "atan": (mp.atan, 2, REAL),
    "sinh": (precise(mp.sinh), 4, SMALL),
    "cosh": (mp.cosh, 4, SMALL),
    "sech": (mp.sech, 4, SMALL),
    "tanh": (precise(mp.tanh), 4, SMALL),
    "asinh": (precise(lambda x: mp.sign(x) * mp.asinh(abs(x))), 4, SMALL + LARGE),
    "acosh": (mp.acosh, 4, tuple(x for x in POSITIVE if x >= 1)),
    "atanh": (precise(mp.atanh), 4, INSIDE),
    "sinc": (lambda x: mp.sincpi(x), 4, (*REAL, 3.0000001, -85.66258427085657)),
    "erf": (precise(mp.erf), 4, SMALL),
    "erfc": (mp.erfc, 6, NEAR_ZERO + ORDINARY + TAIL),
    "gaussian": (lambda x: mp.exp(-x * x), 3, NEAR_ZERO + ORDINARY + TAIL),
    "normal_pdf": (
        lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
        4,
        NEAR_ZERO + ORDINARY + TAIL,
    ),
    "normal_cdf": (lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, 8, NEAR_ZERO + ORDINARY + TAIL),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), 4, SMALL),
    "silu": (lambda x: x / (1 + mp.exp(-x)), 4, (*SMALL, -720.3, -745.1)),
    "mish": (precise(lambda x: x * mp.tanh(mp.log1p(mp.exp(x)))), 5, (*SMALL, -720.3, -745.1)),
    "gelu_tanh": (
        lambda x: x / (1 + mp.exp(-mp.sqrt(8 / mp.pi) * (x + mpf("0.044715") * x**3))),
        5,
        NEAR_ZERO + ORDINARY,
    ),
    "softplus": (precise(lambda x: mp.log(1 + mp.exp(x))), 4, (*SMALL, -50.0, 50.0)),
    "log_sigmoid": (precise(lambda x: -mp.log(1 + mp.exp(-x))), 4, (*SMALL, -50.0, 50.0)),
    "gamma": (mp.gamma, 16, (*GAMMA, 150.25, 171.5, -170.5, -180.3)),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))), 10, GAMMA),
    "digamma": (mp.digamma, 8, GAMMA + BEYOND + DIGAMMA_ROOTS),
}
TWO = {
    "add": (lambda x, y: x + y, 0.51, None),
    "sub": (lambda x, y: x - y, 0.51, None),
    "mul": (lambda x, y: x * y, 0.51, None),
    "div": (lambda x, y: x / y, 0.51, None),
    "atan2": (mp.atan2, 2, None),
    "hypot": (lambda x, y: mp.sqrt(x * x + y * y), 2, None),
    "cathetus": (
        lambda c, a: mp.sqrt((c - a) * (c + a)),
        3,
        (
            *((5.0, 3.0), (5.0, -3.0), (1.0, 0.9999999999), (1.0, -0.9999999999999999)),
            *((1e300, -6e299), (1e-200, 6e-201), (3e-310, 1e-310), (2.0, 0.0), (1e20, 1.0)),
        ),
    ),
    "pow": (
        lambda x, y: x**y,
        2,
        (
            *((2.0, 0.5), (0.1, -3.0), (-2.0, 3.0), (-1.5, -4.0), (1 + 1e-15, 1e17)),
            *((1e-5, 64.3), (10.0, 308.0), (10.0, 309.0), (-10.0, 309.0), (0.3, 600.0)),
        ),
    ),
    "mod": (
        precise(lambda x, y: x - mp.floor(x / y) * y),
        0.51,
        ((7.0, 3.0), (-7.0, 3.0), (7.0, -3.0), (5.5, 0.1), (1e300, 7.0), (-1e-300, -2.0)),
    ),
    "logaddexp": (
        precise(lambda x, y: mp.log(mp.exp(x) + mp.exp(y))),
        4,
        (
            *((0.0, 0.0), (1.0, 2.0), (-700.0, -800.0), (750.0, 751.5), (0.0, -40.0)),
            *((3.0, -50.0), (-0.7, -0.6863456), (-2.3, -0.1055), (math.log(0.5), math.log(0.5))),
        ),
    ),
    "polygamma": (
        lambda n, x: mp.psi(int(n), x),
        2,
        tuple((n, x) for n in (1.0, 2.0, 3.0, 6.0) for x in GAMMA)
        + tuple((n, x) for n in (0.0, 1.0, 2.0) for x in (*BEYOND, -0.9999, -1000.5))
        + ((2.0, -1.4999), (2.0, -2.5), (40.0, 1e-3), (40.0, 50.5), (200.0, 1e3)),
    ),
    "sinc_derivative": (
        derivative_of_sinc,
        4,
        (
            *((n, x) for n in (0.0, 1.0, 2.0, 3.0, 4.0, 9.0, 10.0) for x in SINC),
            *((60.0, 0.01), (60.0, 19.0), (60.0, 19.5), (121.0, -3.0)),
        ),
    ),
}
ANY_TWO = ((3.0, 4.0), (-0.1, 7.0), (1e-300, 1e-10), (1e200, -1e200), (2.5, -1e-5), (-1.0, -3.0))


@pytest.mark.parametrize(("name", "x"), [(n, x) for n, row in ONE.items() for x in row[2]])
def test_one_argument(name: str, x: float) -> None:
    reference, bound, _ = ONE[name]
    assert ulps(getattr(m, name)(x), reference(mpf(x))) <= bound


@pytest.mark.parametrize(
    ("name", "x", "y"), [(n, x, y) for n, row in TWO.items() for x, y in row[2] or ANY_TWO]
)
def test_two_arguments(name: str, x: float, y: float) -> None:
    reference, bound, _ = TWO[name]
    first = int(x) if name == "sinc_derivative" else mpf(x)
    assert ulps(getattr(m, name)(x, y), reference(first, mpf(y))) <= bound


@pytest.mark.parametrize("x", [-2.4570247382208006, -2.7476826467274127, -3.1435808883499798])
def test_lgamma_at_negative_zeros(x: float) -> None:
    """There the error is small compared with 1, not with the result."""
    assert abs(m.lgamma(x) - mp.log(abs(mp.gamma(mpf(x))))) < 1e-15


def test_logaddexp_where_it_cancels() -> None:
    x, y = math.log(0.3), math.log(0.7)
    want = mp.log(mp.exp(mpf(x)) + mp.exp(mpf(y)))
    assert abs(m.logaddexp(x, y) - want) < abs(want) * 1e-12


def test_cbrt_of_cubes_is_exact() -> None:
    assert [m.cbrt(float(n**3)) for n in range(-99, 100)] == [float(n) for n in range(-99, 100)]


EDGES = [
    *(("div", (1.0, 0.0), INF), ("div", (-1.0, 0.0), -INF), ("div", (1.0, -0.0), -INF)),
    *(("div", (0.0, 0.0), NAN), ("div", (NAN, 0.0), NAN), ("div", (-INF, -0.0), INF)),
    *(("div", (0.0, -3.0), -0.0), ("div", (1.0, -INF), -0.0), ("div", (INF, INF), NAN)),
    *(("reciprocal", (0.0,), INF), ("reciprocal", (-0.0,), -INF), ("reciprocal", (-INF,), -0.0)),
    *(("add", (INF, -INF), NAN), ("sub", (INF, INF), NAN), ("mul", (INF, 0.0), NAN)),
    *(("neg", (0.0,), -0.0), ("abs", (-0.0,), 0.0), ("abs", (-INF,), INF), ("abs", (-3.0,), 3.0)),
    *(("pow", (-8.0, 1 / 3), NAN), ("pow", (0.0, -1.0), INF), ("pow", (-0.0, -1.0), -INF)),
    *(("pow", (-0.0, -2.0), INF), ("pow", (-0.0, -0.5), INF), ("pow", (0.0, -INF), INF)),
    *(("pow", (0.0, 0.0), 1.0), ("pow", (NAN, 0.0), 1.0), ("pow", (1.0, NAN), 1.0)),
    *(("pow", (-1.0, INF), 1.0), ("pow", (-INF, 3.0), -INF), ("pow", (-0.0, 3.0), -0.0)),
    *(("pow", (-1e200, 3.0), -INF), ("pow", (-1e200, 2.0), INF), ("pow", (1e-200, -2.0), INF)),
    *(("exp", (1000.0,), INF), ("exp", (-1000.0,), 0.0), ("exp", (-INF,), 0.0)),
    *(("exp2", (1024.0,), INF), ("exp2", (10.0,), 1024.0), ("exp2", (-INF,), 0.0)),
    *(("expm1", (1000.0,), INF), ("expm1", (-INF,), -1.0), ("expm1", (-0.0,), -0.0)),
    *(("log", (0.0,), -INF), ("log", (-0.0,), -INF), ("log", (-1.0,), NAN), ("log", (INF,), INF)),
    *(("log2", (0.0,), -INF), ("log2", (-1.0,), NAN), ("log2", (-INF,), NAN)),
    *(("log10", (0.0,), -INF), ("log10", (-1.0,), NAN), ("log10", (1000.0,), 3.0)),
    *(("log1p", (-1.0,), -INF), ("log1p", (-2.0,), NAN), ("log1p", (-0.0,), -0.0)),
    *(("sqrt", (-1.0,), NAN), ("sqrt", (-0.0,), -0.0), ("sqrt", (INF,), INF)),
    *(("cbrt", (-27.0,), -3.0), ("cbrt", (-0.0,), -0.0), ("cbrt", (-INF,), -INF)),
    *(("sin", (INF,), NAN), ("cos", (-INF,), NAN), ("tan", (INF,), NAN), ("sin", (-0.0,), -0.0)),
    *(("asin", (1.1,), NAN), ("acos", (-1.1,), NAN), ("acos", (1.0,), 0.0), ("acos", (INF,), NAN)),
    *(("atan", (-INF,), -math.pi / 2), ("atan2", (0.0, -0.0), math.pi)),
    *(("atan2", (-0.0, 0.0), -0.0), ("atan2", (1.0, 0.0), math.pi / 2)),
    *(("sinh", (-1000.0,), -INF), ("sinh", (1000.0,), INF), ("cosh", (-1000.0,), INF)),
    *(("sech", (-1000.0,), 0.0), ("sech", (INF,), 0.0), ("sech", (0.0,), 1.0)),
    *(("tanh", (-1000.0,), -1.0), ("asinh", (-INF,), -INF), ("acosh", (0.5,), NAN)),
    *(("acosh", (1.0,), 0.0), ("acosh", (-INF,), NAN), ("acosh", (0.0,), NAN)),
    *(("atanh", (1.0,), INF), ("atanh", (-1.0,), -INF), ("atanh", (2.0,), NAN)),
    *(("atanh", (-INF,), NAN), ("atanh", (-0.0,), -0.0), ("atanh", (1 + 3e-16,), NAN)),
    *(("sinc", (0.0,), 1.0), ("sinc", (3.0,), 0.0), ("sinc", (INF,), NAN)),
    *(("sinc_derivative", (1.0, 0.0), 0.0), ("sinc_derivative", (0.0, 0.0), 1.0)),
    *(("sinc_derivative", (1.5, 1.0), NAN), ("sinc_derivative", (-1.0, 1.0), NAN)),
    *(("sinc_derivative", (1.0, INF), NAN), ("sinc_derivative", (NAN, 1.0), NAN)),
    *(("cathetus", (1.0, 1.0), 0.0), ("cathetus", (1.0, 2.0), NAN), ("cathetus", (5.0, -3.0), 4.0)),
    *(("cathetus", (INF, 1.0), INF), ("cathetus", (-2.0, 1.0), NAN)),
    *(("hypot", (INF, NAN), INF), ("hypot", (-3.0, 4.0), 5.0), ("hypot", (1e300, HUGE), HUGE)),
    *(("sign", (-0.0,), 0.0), ("sign", (-TINY,), -1.0), ("sign", (INF,), 1.0)),
    *(("sign", (NAN,), NAN), ("floor", (-0.5,), -1.0), ("floor", (-0.0,), -0.0)),
    *(("floor", (0.7,), 0.0), ("floor", (INF,), INF), ("floor", (NAN,), NAN)),
    *(("floor", (-HUGE,), -HUGE), ("floor", (-4503599627370495.5,), -4503599627370496.0)),
    *(("ceil", (-0.5,), -0.0), ("ceil", (0.5,), 1.0), ("ceil", (-INF,), -INF)),
    *(("ceil", (TINY,), 1.0), ("ceil", (4503599627370495.5,), 4503599627370496.0)),
    *(("round", (0.5,), 0.0), ("round", (1.5,), 2.0), ("round", (2.5,), 2.0)),
    *(("round", (-0.4,), -0.0), ("round", (-3.5,), -4.0), ("round", (-INF,), -INF)),
    *(("round", (0.49999999999999994,), 0.0), ("round", (NAN,), NAN), ("round", (1e300,), 1e300)),
    *(("round", (4503599627370495.5,), 4503599627370496.0), ("round", (2.6,), 3.0)),
    *(("mod", (5.0, 0.0), NAN), ("mod", (-1.0, 3.0), 2.0), ("mod", (1.0, -3.0), -2.0)),
    *(("mod", (INF, 2.0), NAN), ("mod", (5.0, INF), 5.0), ("mod", (-5.0, INF), INF)),
    *(("maximum", (1.0, NAN), NAN), ("maximum", (NAN, 1.0), NAN), ("maximum", (1.0, 2.0), 2.0)),
    *(("maximum", (-INF, -1.0), -1.0), ("maximum", (2.0, 1.0), 2.0)),
    *(("minimum", (1.0, NAN), NAN), ("minimum", (NAN, 1.0), NAN), ("minimum", (1.0, 2.0), 1.0)),
    *(("minimum", (2.0, 1.0), 1.0), ("minimum", (-INF, INF), -INF)),
    *(("where", (0.0, 1.0, 2.0), 2.0), ("where", (-0.0, 1.0, 2.0), 2.0)),
    *(("where", (NAN, 1.0, 2.0), 1.0), ("where", (-3.0, 1.0, 2.0), 1.0)),
    *(("lt", (1.0, 2.0), 1.0), ("lt", (1.0, 1.0), 0.0), ("lt", (NAN, 1.0), 0.0)),
    *(("le", (1.0, 1.0), 1.0), ("le", (2.0, 1.0), 0.0), ("gt", (2.0, 1.0), 1.0)),
    *(("gt", (1.0, 1.0), 0.0), ("ge", (1.0, 1.0), 1.0), ("ge", (1.0, 2.0), 0.0)),
    *(("eq", (0.0, -0.0), 1.0), ("eq", (NAN, NAN), 0.0), ("eq", (1.0, 2.0), 0.0)),
    *(("ne", (NAN, NAN), 1.0), ("ne", (1.0, 1.0), 0.0), ("ne", (1.0, 2.0), 1.0)),
    *(("erf", (INF,), 1.0), ("erf", (-INF,), -1.0), ("erfc", (INF,), 0.0), ("erfc", (-INF,), 2.0)),
    *(("gamma", (0.0,), INF), ("gamma", (-0.0,), -INF), ("gamma", (-1.0,), NAN)),
    *(("gamma", (-INF,), NAN), ("gamma", (INF,), INF), ("gamma", (172.0,), INF)),
    *(("gamma", (-TINY,), -INF), ("gamma", (5.0,), 24.0)),
    *(("lgamma", (0.0,), INF), ("lgamma", (-1.0,), INF), ("lgamma", (-INF,), INF)),
    *(("lgamma", (HUGE,), INF), ("lgamma", (1.0,), 0.0), ("lgamma", (2.0,), 0.0)),
    *(("digamma", (0.0,), -INF), ("digamma", (-0.0,), INF), ("digamma", (-3.0,), NAN)),
    *(("digamma", (INF,), INF), ("digamma", (-INF,), NAN), ("digamma", (TINY,), -INF)),
    *(("polygamma", (1.0, 0.0), INF), ("polygamma", (2.0, 0.0), -INF)),
    *(("polygamma", (2.0, -0.0), INF), ("polygamma", (1.0, -2.0), INF)),
    *(("polygamma", (2.0, -2.0), NAN), ("polygamma", (1.0, INF), 0.0)),
    *(("polygamma", (0.0, INF), INF), ("polygamma", (0.5, 1.0), NAN)),
    *(("polygamma", (-1.0, 1.0), NAN), ("polygamma", (2.0, 1e-200), -INF)),
    *(("polygamma", (2.0, -1e-200), INF), ("polygamma", (1.0, -1e-200), INF)),
    *(("gaussian", (INF,), 0.0), ("gaussian", (-1e200,), 0.0), ("gaussian", (0.0,), 1.0)),
    *(("normal_cdf", (-INF,), 0.0), ("normal_cdf", (INF,), 1.0), ("normal_cdf", (0.0,), 0.5)),
    *(("normal_pdf", (INF,), 0.0), ("sigmoid", (INF,), 1.0), ("sigmoid", (-INF,), 0.0)),
    *(("sigmoid", (0.0,), 0.5), ("softplus", (INF,), INF), ("softplus", (-INF,), 0.0)),
    *(("log_sigmoid", (-INF,), -INF), ("log_sigmoid", (INF,), -0.0)),
    *(("logaddexp", (INF, INF), INF), ("logaddexp", (-INF, -INF), -INF)),
    *(("logaddexp", (-INF, INF), INF), ("logaddexp", (-INF, 3.0), 3.0)),
    *(("logaddexp", (NAN, INF), NAN), ("logaddexp", (0.0, 1000.0), 1000.0)),
    *(("chain", (0.0, INF), 0.0), ("chain", (-0.0, 5.0), 0.0), ("chain", (0.0, NAN), 0.0)),
    *(("chain", (NAN, 0.0), NAN), ("chain", (2.0, 3.0), 6.0), ("chain", (-2.0, INF), -INF)),
    *(("over", (0.0, 0.0), 0.0), ("over", (-0.0, 2.0), 0.0), ("over", (0.0, NAN), NAN)),
    *(("over", (1.0, 0.0), INF), ("over", (1.0, 4.0), 0.25), ("over", (NAN, 0.0), NAN)),
]


@pytest.mark.parametrize(("name", "args", "want"), EDGES)
def test_edge(name: str, args: tuple[float, ...], want: float) -> None:
    got = getattr(m, name)(*args)
    assert isinstance(got, float)
    # repr also tells 0.0 from -0.0 and compares nan equal to itself.
    assert repr(got) == repr(want)


BINARY = sorted({*TWO, "maximum", "minimum", "lt", "le", "gt", "ge", "eq", "ne", "chain", "over"})
UNARY = sorted({*ONE, "neg", "abs", "sign", "floor", "ceil", "round"})
NAN_AWARE = {"lt", "le", "gt", "ge", "eq", "ne", "pow", "hypot", "chain"}
ANY = st.floats()
ORDER = st.integers(min_value=0, max_value=12).map(float) | ANY


def test_every_function_is_tested() -> None:
    public = {name for name, value in vars(m).items() if name[0] != "_" and callable(value)}
    # What is imported, and the context of a run, are no functions of floats.
    assert public - {"annotations", "nullcontext", "quiet"} == {*BINARY, *UNARY, "where"}


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=60, deadline=None)
@given(x=ANY)
def test_one_argument_never_raises(name: str, x: float) -> None:
    got = getattr(m, name)(x)
    assert type(got) is float
    assert math.isnan(got) or not math.isnan(x)


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_two_arguments_never_raise(name: str, data: st.DataObject) -> None:
    x = data.draw(ORDER if name in ("polygamma", "sinc_derivative") else ANY)
    y = data.draw(ANY)
    got = getattr(m, name)(x, y)
    assert type(got) is float
    assert math.isnan(got) or not (math.isnan(x) or math.isnan(y)) or name in NAN_AWARE


@given(c=ANY, a=ANY, b=ANY)
def test_where_never_raises(c: float, a: float, b: float) -> None:
    assert repr(m.where(c, a, b)) == repr(b if c == 0.0 else a)


def test_integers_are_accepted() -> None:
    """A Python int that slips in gives the same value as the float."""
    for name in UNARY:
        assert getattr(m, name)(3) == pytest.approx(getattr(m, name)(3.0), nan_ok=True), name
    for name in BINARY:
        assert getattr(m, name)(2, 3) == pytest.approx(getattr(m, name)(2.0, 3.0), nan_ok=True), (
            name
        )


@pytest.mark.parametrize(
    ("x", "y", "shift"),
    [
        (1e300, 0.1, -1.0),
        (1e-200, 0.9, -2.0),
        (7.0, 100.5, -1.0),
        (0.3, 0.7, -1.0),
        (3.0, 2.0, -1.0),
    ],
)
def test_a_shifted_exponent_loses_nothing(x: float, y: float, shift: float) -> None:
    """y + shift is rounded, and the power makes log(x) times as much of it."""
    assert ulps(m.pow(x, y, shift), mp.power(mpf(x), mpf(y) + shift)) <= 2


@pytest.mark.parametrize(("y", "power"), [(INF, 1.0), (NAN, 1.0), (0.5, 1.0)])
def test_shifted_powers_of_one(y: float, power: float) -> None:
    """C99, F.9.4.4: pow(1, y) is 1 for any y, even a NaN."""
    assert m.pow(1.0, y, -1.0) == power


@pytest.mark.parametrize(("x", "y"), [(0.3, 700.3), (-700.1, 0.7), (0.1, 0.3), (1e-20, 30.0)])
def test_a_shifted_sigmoid_loses_nothing(x: float, y: float) -> None:
    """x - y is rounded, and the exponential makes |x - y| times as much of it."""
    want = precise(lambda a, b: 1 / (1 + mp.exp(b - a)))(mpf(x), mpf(y))
    assert ulps(m.sigmoid(x, -y), want) <= 4
