"""gradcalc.engine.arrays: the functions of floats on arrays, and what only arrays need."""

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as some_array
from mpmath import mp, mpf
from test_floats import ANY_TWO, BINARY, EDGES, ONE, TWO, UNARY, ulps

from gradcalc.engine import floats
from gradcalc.engine.arrays import FEW, Arrays, algebra, arrays
from gradcalc.engine.arrays.passes import ALONE

INF, NAN = math.inf, math.nan
DOUBLE = arrays("float64")
SINGLE = arrays("float32")
BOTH = pytest.mark.parametrize("m", [DOUBLE, SINGLE], ids=lambda m: m.dtype.name)

#: Units in the last place that the functions of NumPy and SciPy may be off where floats are not.
MORE = 3


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"), mp.workdps(50):
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick forms are for all arrays of more than FEW elements."""
    monkeypatch.setattr(algebra, "MANY", {})


def test_every_function_of_floats_is_there() -> None:
    for name in {*UNARY, *BINARY, "where"}:
        assert callable(getattr(DOUBLE, name)), name


def test_one_algebra_for_each_type() -> None:
    assert arrays("float32") is SINGLE
    assert (DOUBLE.dtype.name, SINGLE.dtype.name) == ("float64", "float32")


@pytest.mark.parametrize("least", [1, FEW + 1])
@pytest.mark.parametrize("name", ONE)
@pytest.mark.usefixtures("quick")
def test_one_argument(name: str, least: int) -> None:
    reference, bound, points = ONE[name]
    found = getattr(DOUBLE, name)(np.resize(points, max(len(points), least)))
    for x, got in zip(points, found.tolist(), strict=False):
        assert ulps(got, reference(mpf(x))) <= bound + MORE, x


@pytest.mark.parametrize("least", [1, FEW + 1])
@pytest.mark.parametrize("name", TWO)
@pytest.mark.usefixtures("quick")
def test_two_arguments(name: str, least: int) -> None:
    reference, bound, points = TWO[name]
    points = points or ANY_TWO
    size = max(len(points), least)
    if name == "sinc_derivative":
        size = len(points)  # the high orders take their time
    found = getattr(DOUBLE, name)(*[np.resize(x, size) for x in zip(*points, strict=True)])
    for (x, y), got in zip(points, found.tolist(), strict=False):
        first = int(x) if name == "sinc_derivative" else mpf(x)
        assert ulps(got, reference(first, mpf(y))) <= bound + MORE, (x, y)


@pytest.mark.usefixtures("quick")
def test_special_functions_of_many() -> None:
    """The quick forms are as good as floats, also beside the places where they are not used."""
    x = np.concatenate([np.linspace(-6.0, 12.0, 2001) + 1e-3, np.geomspace(1e-305, 1e300, 300)])
    assert x.size > FEW
    for name in ("erf", "erfc", "normal_cdf", "gamma", "lgamma", "digamma", "sinc"):
        want = np.array([getattr(floats, name)(one) for one in x.tolist()])
        np.testing.assert_array_max_ulp(getattr(DOUBLE, name)(x), want, 7)
    x = np.concatenate([np.linspace(1e-3, 20.0, 1001), np.geomspace(1e-305, 1e300, 50)])
    for name, n in (("polygamma", 1.0), ("polygamma", 2.0), ("sinc_derivative", 1.0)):
        want = np.array([getattr(floats, name)(n, one) for one in x.tolist()])
        np.testing.assert_array_max_ulp(getattr(DOUBLE, name)(n, x), want, 7)


@BOTH
@pytest.mark.parametrize(("name", "args", "want"), EDGES)
def test_edge(name: str, args: tuple[float, ...], want: float, m: Arrays) -> None:
    if m is SINGLE and any(math.isfinite(x) and float(np.float32(x)) != x for x in args):
        return  # other operands, which may be no edge
    operands = [np.full((2, 3), x, m.dtype) for x in args]
    got = getattr(m, name)(*operands)
    assert got.dtype == m.dtype
    # Signs of zeros are those of IEEE 754; what is 0 by a rule of ours may have either.
    if want == 0.0 and name not in ("maximum", "minimum", "chain", "over", "sign"):
        assert (np.signbit(got) == np.signbit(want)).all()
    np.testing.assert_allclose(got, np.full((2, 3), want), rtol=2 * np.finfo(m.dtype).eps, atol=0)


#: A result that is a difference is as near as its terms.
ROOTS = {"lgamma": 1e-14, "digamma": 0.0}
ORDINARY = st.floats(-700.0, 700.0) | st.floats(-3.0, 3.0) | st.floats()


def check_as_floats(name: str, *operands: np.ndarray) -> None:
    got = getattr(DOUBLE, name)(*operands)
    points = zip(*[x.ravel().tolist() for x in operands], strict=True)
    want = np.array([getattr(floats, name)(*point) for point in points])
    for point, one, other in zip(operands[0], got.ravel().tolist(), want.tolist(), strict=True):
        close = abs(one - other) <= 7 * math.ulp(other) + ROOTS.get(name, 0.0) * (1 + abs(other))
        assert close or one == other or (one != one and other != other), (name, point, one, other)


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=60, deadline=None)
@given(x=some_array(np.float64, st.integers(0, 20), elements=ORDINARY))
def test_one_argument_as_floats(name: str, x: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        check_as_floats(name, x)


@pytest.mark.parametrize("name", sorted({*BINARY} - {"sinc_derivative", "polygamma"}))
@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(0, 20))
def test_two_arguments_as_floats(name: str, data: st.DataObject, size: int) -> None:
    operands = [data.draw(some_array(np.float64, size, elements=ORDINARY)) for _ in "xy"]
    with np.errstate(all="ignore"):
        check_as_floats(name, *operands)


@BOTH
@pytest.mark.parametrize(
    "exponent", [3.0, -3.0, 4.0, -2.0, 7.0, 1e3, 2.0**24 + 1.0, 2.0**53, 2.5, INF]
)
def test_whole_powers_of_many_numbers_of_either_sign(exponent: float, m: Arrays) -> None:
    x = np.resize([-3.0, 2.0, -0.0, 0.0, INF, -INF, NAN, -1.0, -1.25, 0.3, -1e-30], 220)
    x = x.astype(m.dtype)
    limits = np.finfo(m.dtype)
    for y in (exponent, m.dtype.type(exponent)):
        found = m.pow(x, y)
        assert found.dtype == m.dtype
        for base, got in zip(x.tolist(), found.tolist(), strict=True):
            want = float(m.dtype.type(floats.pow(base, float(m.dtype.type(exponent)))))
            assert math.copysign(1.0, got) == math.copysign(1.0, want) or want != want
            np.testing.assert_allclose(got, want, 2 * limits.eps, 2 * limits.smallest_subnormal)


@BOTH
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_cbrt_of_cubes_is_exact(m: Arrays, side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where NumPy's is off by a unit in the last place: that depends on the processor."""
    roots = np.arange(-99.0, 100.0, dtype=m.dtype)
    near = np.nextafter(roots, side * np.inf, dtype=m.dtype) if side else np.cbrt(roots**3)
    monkeypatch.setattr(np, "cbrt", lambda x: near)
    np.testing.assert_array_equal(m.cbrt(roots**3)[roots != 0], roots[roots != 0])


@BOTH
def test_functions_of_numbers_keep_the_type_of_arrays(m: Arrays) -> None:
    """m.sqrt(2.0) * x in a rule has the type of x."""
    x = np.ones(3, m.dtype)
    for name in {*UNARY, *BINARY, "where"} - {"chain"}:
        function = getattr(floats, name)
        count = 1 if name in UNARY else 3 if name == "where" else 2
        operands = (1.0, 2.0, 3.0)[:count]
        got = getattr(m, name)(*operands)
        assert (got * x).dtype == m.dtype, name
        assert got == pytest.approx(function(*operands), rel=1e-6, nan_ok=True), name


@BOTH
def test_optional_arguments(m: Arrays) -> None:
    x = np.array([0.3, -1.25, 2.0], m.dtype)
    tolerance = 1e-15 if m is DOUBLE else 3e-7
    for name, y in (("gaussian", 0.5), ("sigmoid", 0.7), ("sigmoid", -900.0)):
        want = [getattr(floats, name)(one, y) for one in x.tolist()]
        assert getattr(m, name)(x, y).tolist() == pytest.approx(want, rel=tolerance, abs=0)
    assert m.gaussian(x, 0.5).dtype == m.dtype


SHIFTED = [(1e300, 0.1, -1.0), (1e-200, 0.9, -2.0), (7.0, 100.5, -1.0), (0.3, 0.7, -1.0)]
SHIFTED += [
    (1.0, INF, -1.0),
    (1.0, NAN, -1.0),
    (0.0, 0.5, -1.0),
    (INF, 0.1, -1.0),
    (-2.0, 3.0, -1.0),
]


@pytest.mark.parametrize(("x", "y", "shift"), SHIFTED)
def test_a_shifted_exponent_loses_nothing(x: float, y: float, shift: float) -> None:
    want = floats.pow(x, y, shift)
    for exponent in (y, np.float64(y), np.full(2, y)):
        got = DOUBLE.pow(np.full(2, x), exponent, shift)
        np.testing.assert_array_max_ulp(got, np.full(2, want), 2)
    assert DOUBLE.pow(x, y, shift) == pytest.approx(want, rel=1e-15, abs=0, nan_ok=True)


def test_the_exponent_of_single_precision_is_rounded_once() -> None:
    """x^(y - 1) belongs to the y of single precision, whose y - 1 is not the nearest to -0.9."""
    x, y = 1e30, float(np.float32(0.1))
    got = SINGLE.pow(np.full(2, x, np.float32), 0.1, -1.0)
    assert got.dtype == np.float32
    assert got.tolist() == pytest.approx([float(np.float32(x)) ** (y - 1.0)] * 2, rel=2e-7, abs=0)


@pytest.mark.parametrize(("x", "y"), [(0.3, 700.3), (-700.1, 0.7), (1e-20, 30.0), (INF, 3.0)])
def test_a_shifted_sigmoid_loses_nothing(x: float, y: float) -> None:
    want = floats.sigmoid(x, -y)
    got = DOUBLE.sigmoid(np.full(2, x), np.full(2, -y))
    np.testing.assert_array_max_ulp(got, np.full(2, want), 4)


@BOTH
class TestChain:
    def test_one_is_no_work(self, m: Arrays) -> None:
        u = np.array([1.0, INF, NAN, 0.0], m.dtype)
        assert m.chain(u, 1.0) is u
        np.testing.assert_array_equal(m.chain(u, -1.0), -u)

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_zero_stays_zero(self, m: Arrays, order: Any) -> None:
        u = np.array([[0.0, 0.0, -0.0, 2.0], [0.0, NAN, INF, 2.0]], m.dtype, order=order)
        local = np.array([[INF, NAN, -INF, INF], [3.0, 0.0, 0.0, NAN]], m.dtype, order=order)
        want = np.array([[0.0, 0.0, 0.0, INF], [0.0, NAN, NAN, NAN]])
        kept = u.copy(), local.copy()
        got = m.chain(u, local)
        assert got.dtype == m.dtype
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal((u, local), kept)

    def test_broadcast(self, m: Arrays) -> None:
        u = np.array([[0.0], [2.0]], m.dtype)
        local = np.array([INF, 3.0], m.dtype)
        np.testing.assert_array_equal(m.chain(u, local), [[0.0, 0.0], [INF, 6.0]])
        np.testing.assert_array_equal(m.chain(0.0, local), [0.0, 0.0])
        np.testing.assert_array_equal(m.chain(u, NAN), [[0.0], [NAN]])
        np.testing.assert_array_equal(m.chain(m.dtype.type(0.0), local), [0.0, 0.0])

    def test_scalars(self, m: Arrays) -> None:
        zero, two = m.dtype.type(0.0), m.dtype.type(2.0)
        assert m.chain(zero, m.dtype.type(NAN)) == 0.0
        assert m.chain(zero, INF).dtype == m.dtype
        assert m.chain(two, two).dtype == m.dtype
        assert m.chain(two, INF) == INF
        assert m.chain(two, 1.0) is two
        assert math.isnan(m.chain(two, NAN))

    @pytest.mark.parametrize("x", [1e-30, 1e30])
    def test_squares_out_of_range_do_no_harm(self, m: Arrays, x: float) -> None:
        u = np.array([x**5, 0.0] if m is DOUBLE else [x, 0.0], m.dtype)
        np.testing.assert_array_equal(m.chain(u, np.ones(2, m.dtype)), u)
        np.testing.assert_array_equal(m.chain(u, np.array([1.0, INF], m.dtype)), u)


@BOTH
def test_over(m: Arrays) -> None:
    x = np.array([0.0, -0.0, 0.0, 1.0, NAN, INF, 0.0], m.dtype)
    y = np.array([0.0, 2.0, NAN, 0.0, 0.0, INF, INF], m.dtype)
    np.testing.assert_array_equal(m.over(x, y), [0.0, 0.0, NAN, INF, NAN, NAN, 0.0])
    np.testing.assert_array_equal(m.over(0.0, y), [0.0, 0.0, NAN, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(m.over(x, 0.0), [0.0, 0.0, 0.0, INF, NAN, INF, 0.0])
    assert m.over(0.0, 0.0) == 0.0
    assert m.over(x[0], y[0]) == 0.0
    assert math.isnan(m.over(x[0], y[2]))
    assert m.over(x, y).dtype == m.over(x[0], y[0]).dtype == m.dtype


@BOTH
def test_what_fits_has_the_shape_and_the_type(m: Arrays) -> None:
    other = DOUBLE if m is SINGLE else SINGLE
    assert m.fits(np.zeros((2, 3), m.dtype), (2, 3))
    assert m.fits(m.dtype.type(1.0), ())
    assert not m.fits(np.zeros((2, 3), other.dtype), (2, 3))
    assert not m.fits(np.zeros((2, 3), m.dtype), (3,))
    assert not m.fits(1.0, ())


LARGE = 10_001
#: Large, and without a rest of its rows.
WHOLE = 2 * ALONE
#: entries of an array that is 0 elsewhere, whether any is not 0, and whether all are finite
ENTRIES = [
    ({}, False, True),
    ({0: -0.0, -1: -0.0}, False, True),
    ({0: 1.0}, True, True),
    ({-1: -1.0}, True, True),
    ({-1: 1e-45}, True, True),  # the square is 0
    ({0: 3e38, 3: -3e38, -1: 3e38}, True, True),  # the squares are infinite
    ({-1: NAN}, True, False),
    ({-1: INF}, True, False),
    ({2: -INF}, True, False),
    ({1: -INF, -1: INF}, True, False),
    ({1: NAN, -1: 3e38}, True, False),
    ({1: 3e38, 2: NAN}, True, False),
]


@BOTH
@pytest.mark.parametrize("size", [5, 100, LARGE, WHOLE])
@pytest.mark.parametrize(("entries", "some", "finite"), ENTRIES)
def test_survey(m: Arrays, size: int, entries: dict[int, float], some: bool, finite: bool) -> None:
    x = np.zeros(size, m.dtype)
    for place, value in entries.items():
        x[place] = value * value if m is DOUBLE and 1e300 > value > 1 else value
    for shaped in (x, x.reshape(1, -1), np.broadcast_to(x, (3, size)).T, np.repeat(x, 2)[::2]):
        assert m.survey(shaped) == (some, finite)
        assert m.finite(shaped) is finite


@BOTH
@pytest.mark.parametrize("x", [0.0, -0.0, 1e-45, -2.0, INF, -INF, NAN])
def test_survey_of_scalars(m: Arrays, x: float) -> None:
    number = m.dtype.type(x)
    for scalar in (x, number, np.array(number)):
        assert m.survey(scalar) == (x != 0.0, math.isfinite(x))
        assert m.finite(scalar) is math.isfinite(x)


@BOTH
def test_nothing_in_an_empty_array(m: Arrays) -> None:
    empty = np.zeros((0, 3), m.dtype)
    assert m.survey(empty) == (False, True)
    assert m.finite(empty)
    assert m.chain(empty, empty).shape == m.over(empty, empty).shape == (0, 3)


@BOTH
def test_conditions(m: Arrays) -> None:
    c = np.array([0.0, -0.0, NAN, -3.0], m.dtype)
    assert m.where(c, 1.0, 2.0).tolist() == [2.0, 2.0, 1.0, 1.0]
    assert m.where(c, 1.0, 2.0).dtype == m.where(1.0, 1.0, c).dtype == m.dtype
    assert m.ge(c, 0.0).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert m.ge(c, 0.0).dtype == m.ne(c[0], c[1]).dtype == m.dtype


def test_scipy_is_not_imported_for_little() -> None:
    program = f"""
import sys, numpy as np
from gradcalc.engine.arrays import arrays
m = arrays("float64")
m.erf(np.float64(2.5)), m.polygamma(1.0, np.full({FEW}, 2.5))
for name, many in {algebra.MANY}.items():
    getattr(m, name)(np.full(many, 2.5))
assert "scipy" not in sys.modules
m.digamma(np.full({algebra.MANY["digamma"] + 1}, 2.5))
assert "scipy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
