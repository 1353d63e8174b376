"""Values and local gradients to a few units in the last place where a plain form loses digits: by
a factor below the normal range, the rounding of an exponent, a difference that all but vanishes.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcalc.engine import floats
from gradcalc.engine.arrays import arrays

from .checks import float_value, local_gradient
from .measure import error, true_partial, true_value, unit
from .points import elementwise
from .reference import Operands

LOG_HALF = math.log(0.5)

#: By row; below -709 e^x is subnormal, and -746 * e^-746 is not 0 though e^-746 is.
FAR: dict[str, tuple[float, ...]] = {
    "silu": (-36.6, -700.3, -710.0, -715.3, -730.7, -744.6, -745.13, -746.0, -751.0),
    "mish": (-0.3, -36.6, -700.3, -710.0, -715.3, -730.7, -744.6, -745.13, -746.0, -751.0),
    "gelu_tanh": (-2.1, -4.51, -6.28, -9.0, -12.3, -17.0, -19.0, -19.1, -21.069, 2.3, 9.0),
}
FAR_SINGLE: dict[str, tuple[float, ...]] = {
    "silu": (-20.5, -87.5, -90.25, -95.0, -101.5, -104.0),
    "mish": (-20.5, -87.5, -90.25, -95.0, -101.5, -104.0),
    "gelu_tanh": (-2.25, -4.5, -6.25, -8.0, -9.5),
}
#: Near the curve e^x + e^y = 1, and on it but for the last digit.
NEAR: tuple[Operands, ...] = (
    (LOG_HALF, LOG_HALF),
    (LOG_HALF, LOG_HALF + 1e-9),
    (LOG_HALF + 1e-3, LOG_HALF),
    (LOG_HALF, LOG_HALF - 0.05),
    (math.log(0.3), math.log(0.7)),
    (math.log(0.9), math.log(0.1) - 1e-6),
    (-1e-6, math.log(1e-6)),
    (math.log(1e-12), -1e-12),
    (-28.5, -1e-13),
    (-1e-40, -40 * math.log(10.0) - 1e-3),
)
#: A unit of single precision in units of double precision.
COARSER = 2.0**29


def on_arrays(name: str, dtype: str) -> Callable[..., float]:
    def value(*operands: float) -> float:
        with np.errstate(all="ignore"):
            result = getattr(arrays(dtype), name)(*[np.full(2, x, dtype) for x in operands])
        assert result.dtype == dtype
        return float(result[1])

    return value


def close(got: float, want: Any, units: float = 8.0) -> bool:
    return error(got, want) <= units * unit(want)


@pytest.mark.parametrize(("name", "x"), [(name, x) for name in FAR for x in FAR[name]])
def test_far_below_zero(name: str, x: float) -> None:
    row = elementwise(name)
    want = true_value(name, (x,))
    assert close(float_value(row, (x,)), want)
    assert close(on_arrays(name, "float64")(x), want)
    slope = true_partial(name, (x,), 0)
    assert close(local_gradient(row, (x,), 0), slope)
    rule = row.rule(0, (True,))
    assert rule is not None
    m, column = arrays("float64"), np.full(2, x)
    with np.errstate(all="ignore"):
        assert close(float(rule(m, row.forward(m, column), column)[1]), slope)


@pytest.mark.parametrize(
    ("name", "x"), [(name, x) for name in FAR_SINGLE for x in FAR_SINGLE[name]]
)
def test_far_below_zero_in_single_precision(name: str, x: float) -> None:
    want = true_value(name, (x,))
    # Below the normal range the units are all the same.
    bound = max(8.0 * COARSER * unit(want), 8.0 * 2.0**-149)
    assert error(on_arrays(name, "float32")(x), want) <= bound
    row, m, column = elementwise(name), arrays("float32"), np.full(2, x, "float32")
    rule = row.rule(0, (True,))
    assert rule is not None
    slope = true_partial(name, (x,), 0)
    bound = max(8.0 * COARSER * unit(slope), 8.0 * 2.0**-149)
    with np.errstate(all="ignore"):
        got = float(rule(m, row.forward(m, column), column)[1])
    assert error(got, slope) <= bound


@pytest.mark.parametrize("point", NEAR)
def test_logaddexp_near_zero(point: Operands) -> None:
    want = true_value("logaddexp", point)
    assert want != 0
    for got in (floats.logaddexp(*point), floats.logaddexp(*point[::-1])):
        # Where 16 digits of the sum cancel, 15 of twice as many are left.
        assert close(got, want, 8.0 if abs(want) > 1e-16 * max(map(abs, point)) else 1024.0)
    assert on_arrays("logaddexp", "float64")(*point) == floats.logaddexp(*point)
    single = tuple(float(np.float32(x)) for x in point)
    want = true_value("logaddexp", single)
    got = on_arrays("logaddexp", "float32")(*single)
    assert error(got, want) <= max(8.0 * COARSER * unit(want), 2.0**-149)


def test_logaddexp_of_a_big_array_near_zero() -> None:
    """Of the doubtful entries none is forgotten, and of the others none is changed."""
    p = np.linspace(0.001, 0.999, 12_001)
    x, y = np.log(p), np.log1p(-p)
    y[::2] += 3.0
    found = arrays("float64").logaddexp(x, y)
    for i in range(0, p.size, 100):
        assert close(float(found[i]), true_value("logaddexp", (float(x[i]), float(y[i]))))
    for i in range(1, p.size, 100):
        assert float(found[i]) == floats.logaddexp(float(x[i]), float(y[i]))
    np.testing.assert_allclose(found[::2], np.logaddexp(x, y)[::2], 1e-14)
