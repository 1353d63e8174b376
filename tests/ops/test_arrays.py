"""Every elementwise row on arrays: equal to the row on floats, or as close to the true value."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice, product
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest

from gradcalc import ops
from gradcalc.engine import arrays as module
from gradcalc.engine import floats
from gradcalc.engine.arrays import Arrays, algebra, arrays, special
from gradcalc.ops.row import Row

from .checks import float_value, local_gradient, rules, same
from .expected import AT_KINKS, OUTSIDE
from .measure import error, true_partial, true_value
from .points import MEANINGFUL, at_kink, awkward_points, in_domain
from .reference import Operands
from .tolerance import VALUE, allowed

EVERY_ROW = pytest.mark.parametrize("row", ops.ELEMENTWISE, ids=lambda row: row.name)
BOTH_TYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])
#: Arrays of few elements and of many go different ways.
FEW_AND_MANY = pytest.mark.parametrize("least", [1, module.FEW + 1], ids=["few", "many"])

#: Near 0, in the tails and at the ends of the range of single precision.
AWKWARD_SINGLE = (
    *(sign * x for sign in (1.0, -1.0) for x in (1e-42, 1e-38, 1e-20, 1e-8, 1e-3, 0.25, 0.9, 1.0)),
    *(sign * x for sign in (1.0, -1.0) for x in (1.3, 2.7, 5.3, 8.7, 9.3, 13.1, 17.0, 44.3, 88.3)),
    *(sign * x for sign in (1.0, -1.0) for x in (90.1, 103.0, 200.0, 1e4, 1e15, 1e25, 1e38)),
    0.0,
)
AWKWARD_PAIRED_SINGLE = (-2.5, -1.0, -1e-3, 0.0, 1e-8, 0.3, 1.0, 2.0, 40.5, 88.3, -1e25, 1e-30)

#: A unit in the last place of single precision, in units of double precision.
COARSER = 2.0**29
LEAST_SINGLE = 2.0**-149
#: As tolerance.FLOORS: 1/(1 + x^2) where x^2 overflows.
FLOORS_SINGLE = {("atan", 0): 1e-38}


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick forms are for all arrays of more than FEW elements."""
    monkeypatch.setattr(algebra, "MANY", {})


def column(numbers: Sequence[float], dtype: str) -> np.ndarray:
    """An array that nobody can change."""
    result = np.array(numbers, dtype)
    result.flags.writeable = False
    return result


def columns(points: Sequence[Operands], dtype: str) -> list[np.ndarray]:
    return [column(numbers, dtype) for numbers in zip(*points, strict=True)]


def repeated(points: Sequence[Operands], least: int) -> list[Operands]:
    """The points, and again from the first until there are so many."""
    return list(islice(cycle(points), max(len(points), least)))


def by_length(points: Sequence[Operands]) -> list[list[Operands]]:
    """Points of operations with any number of operands, each number by itself."""
    return [[p for p in points if len(p) == n] for n in sorted({len(p) for p in points})]


def forward(m: Arrays, row: Row, *operands: Any) -> Any:
    return (getattr(m, row.name, None) or partial(row.forward, m))(*operands)


def spread(result: Any, shape: tuple[int, ...], dtype: str) -> list[float]:
    """The elements, of a result that must be of the type unless it is a constant of a rule."""
    assert type(result) is float or result.dtype == dtype, (result, type(result))
    return [float(x) for x in np.broadcast_to(result, shape).ravel()]


def equal(one: float, other: float) -> bool:
    return one == other or (isnan(one) and isnan(other))


def single_points(row: Row) -> list[Operands]:
    """The awkward points of single precision, rounded to it."""
    pool = AWKWARD_SINGLE if len(row.parameters) == 1 else AWKWARD_PAIRED_SINGLE
    pools = [MEANINGFUL.get((row.name, name), pool) for name in row.parameters]
    grid = [*row.samples, *(product(*pools) if len(pools) < 3 else ())]
    rounded = [tuple(float(np.float32(x)) for x in point) for point in grid]
    finite = [p for p in rounded if all(abs(x) < inf for x in p)]
    return list(dict.fromkeys(p for p in finite if in_domain(row, p)))


def check_double(row: Row, point: Operands, place: int, got: float, by_floats: float) -> None:
    """Equal to the value or local gradient on floats, or else within the bound that floats have."""
    if equal(got, by_floats):
        return
    if place == VALUE:
        want = true_value(row.name, point)
    else:
        want = None if at_kink(row, point) else true_partial(row.name, point, place)
    what = f"operand {place} of {row.name}{point} is {got!r}, not {by_floats!r}"
    if want is None:
        assert same(got, by_floats, 1e-15), what
    else:
        assert error(got, want) <= allowed(row.name, place, point, want), what


def check_single(row: Row, point: Operands, place: int, got: float, want: float) -> None:
    """As near to the result in double precision as single precision allows."""
    nearest = float(np.float32(want))
    if equal(got, nearest):
        return
    what = f"operand {place} of {row.name}{point} is {got!r}, not {nearest!r}"
    assert abs(want) < inf, what
    bound = allowed(row.name, place, point, want) * COARSER + FLOORS_SINGLE.get(
        (row.name, place), 0.0
    )
    if abs(want) < 1e-37:
        bound += LEAST_SINGLE * (8 + min(max(1.0, *map(abs, point)), 1e3))
    assert abs(got - want) <= bound, what


@FEW_AND_MANY
@EVERY_ROW
def test_value(row: Row, least: int) -> None:
    m = arrays("float64")
    for points in by_length(awkward_points(row)):
        operands = columns(repeated(points, least), "float64")
        found = spread(forward(m, row, *operands), operands[0].shape, "float64")
        for point, got in zip(points, found, strict=False):
            check_double(row, point, VALUE, got, float_value(row, point))


@FEW_AND_MANY
@EVERY_ROW
def test_local_gradients(row: Row, least: int) -> None:
    m = arrays("float64")
    for points in by_length(awkward_points(row)):
        operands = columns(repeated(points, least), "float64")
        value = forward(m, row, *operands)
        for place, rule in enumerate(rules(row, len(operands))):
            if rule is None:
                continue
            found = spread(rule(m, value, *operands), operands[0].shape, "float64")
            for point, got in zip(points, found, strict=False):
                check_double(row, point, place, got, local_gradient(row, point, place))


@FEW_AND_MANY
@EVERY_ROW
def test_single_precision(row: Row, least: int) -> None:
    m = arrays("float32")
    for points in by_length(single_points(row)):
        operands = columns(repeated(points, least), "float32")
        shape = operands[0].shape
        value = forward(m, row, *operands)
        assert value.dtype == "float32"
        for point, got in zip(points, spread(value, shape, "float32"), strict=False):
            check_single(row, point, VALUE, got, float_value(row, point))
        for place, rule in enumerate(rules(row, len(operands))):
            if rule is None:
                continue
            found = spread(rule(m, value, *operands), shape, "float32")
            for point, got in zip(points, found, strict=False):
                check_single(row, point, place, got, local_gradient(row, point, place))


def strange_points(row: Row) -> list[Operands]:
    """Infinities, NaN, and points at kinks and outside of the domain."""
    strange = (inf, -inf, nan, 0.0, 2.0, -1.5)
    count = max(2, len(row.parameters)) if row.variadic else len(row.parameters)
    told = [point for point, _ in OUTSIDE.get(row.name, ())]
    told += [tuple(at.values.values()) for at in AT_KINKS.get(row.name, ())]
    return [*product(strange, repeat=count), *(p for p in told if len(p) == count)]


@BOTH_TYPES
@EVERY_ROW
def test_infinities_and_nan(row: Row, dtype: str) -> None:
    m = arrays(dtype)
    points = strange_points(row)
    operands = columns(points, dtype)
    shape = operands[0].shape
    value = forward(m, row, *operands)
    tolerance = 1e-14 if dtype == "float64" else 1e-5
    for point, got in zip(points, spread(value, shape, dtype), strict=True):
        point = tuple(float(np.dtype(dtype).type(x)) for x in point)
        want = float_value(row, point)
        assert same(got, want, tolerance, 1e-30), f"{row.name}{point} is {got!r}, not {want!r}"
    for place, rule in enumerate(rules(row, len(operands))):
        if rule is None:
            continue
        for point, got in zip(points, spread(rule(m, value, *operands), shape, dtype), strict=True):
            point = tuple(float(np.dtype(dtype).type(x)) for x in point)
            want = local_gradient(row, point, place)
            assert same(got, want, tolerance, 1e-30), (
                f"by operand {place} {row.name}{point} is {got!r}, not {want!r}"
            )


def mixtures(row: Row, dtype: str) -> Iterator[list[Any]]:
    """Operands of different shapes, numbers and empty arrays among them."""
    points = [row.samples[i % len(row.samples)] for i in range(4)]
    points = [p if len(p) == len(points[0]) else points[0] for p in points]
    full = columns(points, dtype)
    upright = [x[:3].reshape(3, 1) for x in full]
    count = len(full)
    for first in range(2):
        yield [upright[k] if k % 2 == first else full[k] for k in range(count)]
    for k in range(count):
        yield [x if place == k else x[0] for place, x in enumerate(full)]  # NumPy scalars
        yield [x if place == k else float(x[1]) for place, x in enumerate(full)]
        yield [x if place == k else x[2:3].reshape(()) for place, x in enumerate(full)]
        yield [x[:0] if place == k else x[:1] for place, x in enumerate(full)]
    yield [x[0] for x in full]
    yield [x[:1].reshape(()) for x in full]
    yield [x[:0].reshape(0, 3) for x in full]
    yield [x.reshape(2, 2).T for x in full]
    yield [np.broadcast_to(x, (2, 4))[:, ::-2] for x in full]


@BOTH_TYPES
@EVERY_ROW
def test_broadcasting(row: Row, dtype: str) -> None:
    """Every element is what the operation gives for the operands spread to one shape."""
    m = arrays(dtype)
    tolerance = 1e-14 if dtype == "float64" else 1e-5
    for operands in mixtures(row, dtype):
        shape = np.broadcast_shapes(*[np.shape(x) for x in operands])
        flat = [np.broadcast_to(np.asarray(x, dtype), shape).ravel() for x in operands]
        value, alone = forward(m, row, *operands), forward(m, row, *flat)
        assert value.shape == shape
        assert value.dtype == dtype
        partials = filter(None, rules(row, len(operands)))
        results = [(rule(m, value, *operands), rule(m, alone, *flat)) for rule in partials]
        for got, want in [(value, alone), *results]:
            elements = np.broadcast_to(got, shape).ravel().tolist()
            wanted = spread(want, flat[0].shape, dtype)
            for one, other in zip(elements, wanted, strict=True):
                assert same(one, other, tolerance), (row.name, operands, got, want)


@BOTH_TYPES
@EVERY_ROW
def test_predicates(row: Row, dtype: str) -> None:
    points = [*awkward_points(row), *strange_points(row)]
    predicates = [*([row.domain.holds] if row.domain else []), *([row.kink.at] if row.kink else [])]
    for same_length in by_length(points):
        operands = columns(same_length, dtype)
        rounded = list(zip(*[x.tolist() for x in operands], strict=True))
        for holds in predicates:
            found = holds(*operands)
            assert found.dtype == bool
            assert found.tolist() == [holds(*point) for point in rounded]
            assert all(type(holds(*point)) is bool for point in rounded)


@pytest.mark.parametrize(
    ("points", "tied"),
    [
        ([(1.0, 2.0, 2.0), (2.0, 2.0, 2.0), (1.0, 1.0, 2.0), (3.0, 2.0, 2.0)], [1, 1, 0, 0]),
        ([(inf, inf, 0.0), (-inf, -inf, 0.0), (nan, 1.0, 1.0), (0.0, -0.0, -1.0)], [1, 0, 0, 1]),
    ],
)
def test_ties_of_the_greatest(points: list[Operands], tied: list[int]) -> None:
    for name, sign in (("max", 1.0), ("min", -1.0)):
        kink = ops.row(name).kink
        assert kink is not None
        found = kink.at(*[sign * x for x in columns(points, "float64")])
        assert found.tolist() == [x == 1 for x in tied]


#: (row, place of the operand or VALUE, wrong rule)
WRONG: list[tuple[str, int, Callable[..., Any]]] = [
    ("sigmoid", VALUE, lambda m, x: m.div(m.exp(x), 1.0 + m.exp(x))),  # overflows in one tail
    ("expm1", VALUE, lambda m, x: m.exp(x) - 1.0),
    ("lgamma", VALUE, lambda m, x: m.log(m.abs(m.gamma(x)))),
    ("gaussian", VALUE, lambda m, x: m.exp(-x * x)),
    ("mul", 0, lambda m, v, x, y: x),
    ("tanh", 0, lambda m, v, x: 1.0 - v * v),
    ("hypot", 0, lambda m, v, x, y: m.div(x, v)),
    ("pow", 0, lambda m, v, x, y: y * m.pow(x, y, -1.0)),
    ("relu", 0, lambda m, v, x: m.ge(x, 0.0)),
]


@pytest.mark.parametrize(("name", "place", "wrong"), WRONG)
def test_a_wrong_rule_is_caught(name: str, place: int, wrong: Callable[..., Any]) -> None:
    """The checks above are checked: only the rule on arrays is wrong."""
    row = ops.row(name)
    assert isinstance(row, Row)
    m = arrays("float64")
    points = awkward_points(row)
    operands = columns(points, "float64")
    value = forward(m, row, *operands)

    def check(function: Callable[..., Any]) -> None:
        result = function(*operands) if place == VALUE else function(value, *operands)
        for point, got in zip(points, spread(result, value.shape, "float64"), strict=True):
            right = float_value(row, point) if place == VALUE else local_gradient(row, point, place)
            check_double(row, point, place, got, right)

    rule = row.rule(place, (True,) * len(operands))
    assert rule is not None
    check(partial(forward, m, row) if place == VALUE else partial(rule, m))
    with pytest.raises(AssertionError, match="operand"):
        check(partial(wrong, m))


@pytest.mark.parametrize(
    ("name", "low", "high", "left"),
    [
        ("lgamma", 0.5, 2.5, 0.0),
        ("lgamma", -3.9, -0.1, 0.5),
        ("digamma", -9.9, -0.1, 0.35),
        ("sinc_derivative", 0.6, 30.0, 0.03),
    ],
)
def test_the_quick_form(name: str, low: float, high: float, left: float) -> None:
    """It leaves few entries, of what does not cancel, to the slow function of floats."""
    points = np.linspace(low, high, 2001)
    order = (1.0,) if name == "sinc_derivative" else ()
    operands = [*(np.full(points.shape, n) for n in order), points]
    found = getattr(special, name)(*operands)
    assert np.mean(np.isnan(found)) <= left
    wanted = np.array([getattr(floats, name)(*order, x) for x in points.tolist()])
    known = np.isfinite(found)
    np.testing.assert_array_max_ulp(found[known], wanted[known], 7)
