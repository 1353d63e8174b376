"""Numerical derivatives: what they are, and what is said where there are none."""

import math
from collections.abc import Callable
from math import inf, nan, pi

import mpmath as mp
import pytest

from gradcalc.engine.numerical.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    EPS,
    HIDDEN,
    WITHIN,
    Comparison,
    Errors,
    compare,
    short_number,
    worst,
)

Function = Callable[[float], float]


def check(
    f: Function, x: float, derivative: float, noise: float | None = None, blur: float = 0.0
) -> Comparison:
    """Compare a derivative at x, with a step of the scale of x."""
    if noise is None:
        value = f(x)
        noise = 2.0 * EPS * abs(value) if value - value == 0.0 else 0.0
    return compare(
        lambda step: f(x + step),
        derivative,
        step=0.1 * (abs(x) or 1.0),
        shortest=512.0 * math.ulp(x) if x else 0.0,
        errors=Errors(noise, 0.0, blur),
    )


def exact(derivative: Callable[..., object], x: float) -> float:
    """A derivative, evaluated by mpmath in 60 digits."""
    with mp.workdps(60):
        return float(derivative(mp.mpf(x)))  # type: ignore[arg-type]


def guarded(f: Function, error: type[Exception], value: float) -> Function:
    def function(x: float) -> float:
        try:
            return f(x)
        except error:
            return value

    return function


EXP = guarded(math.exp, OverflowError, inf)
LOG = guarded(math.log, ValueError, nan)
SQRT = guarded(math.sqrt, ValueError, nan)
ACOSH = guarded(math.acosh, ValueError, nan)

#: A function, where, and its derivative for mpmath.
SMOOTH: list[tuple[Function, float, Callable[..., object]]] = [
    (lambda x: x * x, 3.0, lambda x: 2 * x),
    (lambda x: x * x, 1e150, lambda x: 2 * x),
    (lambda x: 3.0 * x, 1e300, lambda x: 3),
    (lambda x: 1e200 * x, 3.0, lambda x: 1e200),
    (EXP, 0.5, mp.exp),
    (EXP, -700.0, mp.exp),
    (EXP, 709.0, mp.exp),  # a longer step overflows
    (LOG, 1e-300, lambda x: 1 / x),
    (LOG, 0.9999999, lambda x: 1 / x),
    (SQRT, 1e-200, lambda x: 1 / (2 * mp.sqrt(x))),
    (ACOSH, 1.0000001, lambda x: 1 / mp.sqrt(x**2 - 1)),  # a longer step leaves the domain
    (math.sin, 1e6, mp.cos),
    (lambda x: math.sin(1e6 * x), 1.0, lambda x: 10**6 * mp.cos(10**6 * x)),
    (math.erf, 0.5, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-(x**2))),
    (math.tanh, -2.5, lambda x: mp.sech(x) ** 2),
    (lambda x: 1.0 / (x * x), 1e-100, lambda x: -2 / x**3),
    (lambda x: abs(x - 1.0), 1.0 + 1e-6, lambda x: 1),  # a kink, but within long steps only
    (lambda x: x**3 - 2.0 * x, 1e-8, lambda x: 3 * x**2 - 2),
]


@pytest.mark.parametrize("place", range(len(SMOOTH)))
def test_derivatives(place: int) -> None:
    f, x, slope = SMOOTH[place]
    derivative = exact(slope, x)
    found = check(f, x, derivative, noise=1e6 * EPS if x == 1.0 else None)
    assert found.verdict == AGREES
    assert found.numeric == pytest.approx(derivative, rel=1e-7)
    assert found.error <= 1e-7


@pytest.mark.parametrize("factor", [1.0001, 0.9, 2.0, -1.0, 0.0, 1e10])
@pytest.mark.parametrize("place", range(len(SMOOTH)))
def test_wrong_derivatives_are_caught(place: int, factor: float) -> None:
    f, x, slope = SMOOTH[place]
    derivative = exact(slope, x)
    if derivative * factor - derivative * factor != 0.0:
        return  # infinite
    found = check(f, x, derivative * factor, noise=1e6 * EPS if x == 1.0 else None)
    assert found.verdict == DISAGREES
    assert found.numeric == pytest.approx(derivative, rel=1e-7)


#: Functions whose derivative at a point is 0, though not around it, and in the last cases around
#: it too.
STATIONARY: list[tuple[Function, float]] = [
    (lambda x: x * x, 0.0),
    (math.cos, 0.0),
    (lambda x: (3.0 * x - 1.0) ** 2, 1.0 / 3.0),
    (lambda x: max(x, 0.0), -2.0),
    (lambda x: 5.0, 1.0),
    (lambda x: math.sin(x) ** 2 + math.cos(x) ** 2, 0.7),
    (math.floor, 2.5),
    (lambda x: math.floor(1e3 * x), 1.2345678),  # long steps see a slope of 1e3
    (lambda x: min(1.0, max(0.0, x / 6.0 + 0.5)), -3.32),  # the first step reaches a kink
]


@pytest.mark.parametrize("place", range(len(STATIONARY)))
def test_zero(place: int) -> None:
    f, x = STATIONARY[place]
    assert check(f, x, 0.0, 4.0 * EPS).verdict == AGREES
    assert check(f, x, 0.01, 4.0 * EPS).verdict == DISAGREES


def test_a_derivative_that_is_nothing_but_rounding() -> None:
    """cos'(pi) in floats is -1.2e-16, which no difference can tell from 0."""
    derivative = -math.sin(pi)
    assert check(math.cos, pi, derivative).verdict == CANNOT_TELL
    found = check(math.cos, pi, derivative, blur=4e-16)
    assert found.verdict == AGREES
    assert found.reason == WITHIN


#: A function, where, a derivative that a convention might give, how the reason begins.
NO_DERIVATIVE: list[tuple[Function, float, float, str]] = [
    (abs, 0.0, 0.0, "a kink: the slope is -1 on the left and 1 on the right"),
    (abs, 0.0, 1.0, "a kink"),
    (lambda x: 1.0 + abs(x), 0.0, 0.0, "a kink"),
    (lambda x: abs(x) + 100.0 * x * x, 0.0, 0.0, "a kink: the slope is -1 on"),
    (lambda x: abs(x) + 1e4 * x * x, 0.0, 0.0, "a kink: the slope is -1 on"),
    (lambda x: max(x, 2.0), 2.0, 0.5, "a kink: the slope is 0 on the left and 1 on the right"),
    (lambda x: x if x > 0.0 else 0.01 * x, 0.0, 0.01, "a kink: the slope is 0.01 on the left"),
    (lambda x: x + 1.0 if x > 0.0 else x, 0.0, 1.0, "f jumps"),
    (math.floor, 3.0, 0.0, "f jumps"),
    (lambda x: 1.0 if x == 2.0 else 0.0, 2.0, 0.0, "f jumps"),
    (SQRT, 0.0, inf, "the gradient is inf"),
    (SQRT, 0.0, 1.0, "f is not finite to the left"),
    (lambda x: SQRT(-x), 0.0, 1.0, "f is not finite to the right"),
    (LOG, -1.0, 1.0, "the value is nan"),
    (lambda x: 0.0 if x == 1.0 else nan, 1.0, 1.0, "f is not finite on either side"),
    (math.asin, 1.0 - EPS / 2.0, 6.7e7, "f is not finite to the right"),
    (math.cbrt, 0.0, 1.0, "the slope grows without bound"),
    (lambda x: math.sqrt(abs(x)), 0.0, 0.0, "the slope grows without bound"),
    (lambda x: abs(x) ** (4.0 / 3.0), 0.0, 0.0, "the differences do not settle"),
    (lambda x: 1e16 + x, 1.0, 1.0, "rounding errors hide the slope"),
    (lambda x: 1.0 / (1.0 + math.exp(-x)), 40.0, 4.25e-18, "rounding errors hide the slope"),
    (lambda x: x * x, 1e-300, 2e-300, "rounding errors hide the slope"),  # underflows
    (math.sin, 1e22, math.cos(1e22), ""),  # floats are further apart than the period
    (lambda x: math.floor(3e12 * x), 1.2345678, 0.0, ""),
    (lambda x: max(0.0, x - 1.0), 1.0 + 1e-12, 1.0, ""),
    (lambda x: sum(0.5**k * math.cos(3**k * pi * x) for k in range(40)), 0.3, 1.0, ""),
]


@pytest.mark.parametrize("place", range(len(NO_DERIVATIVE)))
def test_where_one_cannot_tell(place: int) -> None:
    f, x, derivative, reason = NO_DERIVATIVE[place]
    found = check(guarded(f, ValueError, nan), x, derivative)
    assert found.verdict == CANNOT_TELL
    assert found.reason.startswith(reason)


def test_steps_that_are_whole_periods() -> None:
    """Several steps in a row are: the slope of 0 that they see is not the last word."""
    frequency = pi * 2.0**20
    found = check(lambda x: math.sin(frequency * x), 1.0, frequency, noise=1e-9)
    assert found.verdict == AGREES


def test_an_isolated_point() -> None:
    """The derivative of the rest is 1, and a rule that only looks at the point says 0."""
    found = check(lambda x: 0.0 if x == 0.0 else x, 0.0, 0.0)
    assert found.verdict == DISAGREES
    assert found.numeric == 1.0


def test_differences_that_show_nothing() -> None:
    found = check(lambda x: 1.0 / (1.0 + math.exp(-x)), 40.0, 1.0)
    assert found.verdict == DISAGREES
    assert found.reason == HIDDEN


def test_noise_is_respected() -> None:
    """A function with an error of 1e-6: its slope is known to some digits, and no more is asked."""

    def rough(x: float) -> float:
        return math.exp(x) + 1e-6 * math.sin(1e9 * x)

    assert check(rough, 1.0, math.e, noise=1e-6).verdict == AGREES
    assert check(rough, 1.0, 1.2 * math.e, noise=1e-6).verdict == DISAGREES
    assert check(rough, 1.0, 1.001 * math.e, noise=1e-3).verdict == CANNOT_TELL


@pytest.mark.parametrize(("blur", "verdict"), [(0.024, DISAGREES), (0.026, CANNOT_TELL)])
def test_how_far_off_a_wrong_derivative_is(blur: float, verdict: str) -> None:
    """20 times the errors: 6.5 is 0.5 away from 6, and 0.5/20 is 0.025."""
    assert check(lambda x: x * x, 3.0, 6.5, blur=blur).verdict == verdict


@pytest.mark.parametrize(("noise", "reason"), [(1.5e-4, "a kink"), (1.6e-4, "rounding errors")])
def test_how_clear_a_kink_is(noise: float, reason: str) -> None:
    """20 times the errors, at three steps: the third one is 0.1/16, where noise/0.00625 is to be
    at most 0.5/20."""
    found = check(lambda x: x if x > 0.0 else 0.5 * x, 0.0, 0.5, noise=noise)
    assert found.verdict == CANNOT_TELL
    assert found.reason.startswith(reason)


def test_arguments_that_are_not_finite() -> None:
    found = compare(lambda step: step, 1.0, step=inf)
    assert (found.verdict, found.reason) == (CANNOT_TELL, "the argument is not finite")


def test_relative_errors() -> None:
    assert Comparison(1.0, 4.0, DISAGREES).error == 0.75
    assert Comparison(1e308, -1e308, DISAGREES).error == 2.0
    assert Comparison(0.0, 0.0, AGREES).error == 0.0
    assert math.isnan(Comparison(1.0, nan, CANNOT_TELL).error)


def test_the_worst() -> None:
    agreeing, unsure = Comparison(1.0, 1.1, AGREES), Comparison(1.0, nan, CANNOT_TELL)
    wrong, worse = Comparison(1.0, 1.1, DISAGREES), Comparison(1.0, 2.0, DISAGREES)
    assert worst([agreeing, unsure]) is unsure
    assert worst([wrong, worse, unsure, agreeing]) is worse


@pytest.mark.parametrize("x", [0.1, 0.3, 7.0, 1e-300, 1e300])
def test_short_numbers(x: float) -> None:
    short = short_number(x)
    numerator, denominator = short.as_integer_ratio()
    assert 0.95 * x <= short <= 1.05 * x
    while numerator % 2 == 0:
        numerator //= 2
    assert numerator < 64
    assert denominator & (denominator - 1) == 0
