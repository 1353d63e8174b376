"""Every combination of ranks, sizes and axes that the shape rules admit, against NumPy.

Values are NumPy's of the same name. Gradients are those of sums written out here, or differences.
What NumPy refuses is refused.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from array_checks import difference, inner, rng, size, upstream_of

from gradcalc import GradcalcError, backprop

Shape = tuple[int, ...]

#: Of every rank, with axes of size 1 in every place, and empty ones.
SHAPES: list[Shape] = [(), (1,), (3,), (0,), (1, 1), (1, 3), (2, 1), (2, 3), (2, 0), (0, 1)]
SHAPES += [(1, 1, 1), (4, 2, 3), (4, 1, 3), (1, 2, 1), (4, 2, 1), (1, 1, 3), (4, 0, 3), (2, 1, 3)]
BOTH_TYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


def positive(shape: Shape, seed: int) -> Any:
    """Numbers between 0.5 and 2, exact in single precision."""
    return rng(seed).uniform(0.5, 2.0, shape).astype(np.float32).astype(np.float64)


def back(terms: Any, shape: Shape) -> Any:
    """What an operand of this shape gets that was broadcast to the shape of the terms."""
    places = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), np.shape(terms))
    count = int(np.prod(shape, dtype=int))
    sums = np.bincount(places.ravel(), np.ravel(terms), count)
    return sums.reshape(shape)


def tolerance(dtype: str) -> float:
    return 1e-13 if dtype == "float64" else 1e-5


#: A program, NumPy's function, and its derivative by each operand.
BINARY: list[tuple[str, Callable[..., Any], tuple[Callable[..., Any], ...]]] = [
    ("x + y", np.add, (lambda x, y: 1.0, lambda x, y: 1.0)),
    ("x - y", np.subtract, (lambda x, y: 1.0, lambda x, y: -1.0)),
    ("x * y", np.multiply, (lambda x, y: y, lambda x, y: x)),
    ("x / y", np.divide, (lambda x, y: 1 / y, lambda x, y: -x / y**2)),
    ("x ^ y", np.power, (lambda x, y: y * x ** (y - 1), lambda x, y: x**y * np.log(x))),
    ("max(x, y)", np.maximum, (lambda x, y: x > y, lambda x, y: y > x)),
    ("atan2(x, y)", np.arctan2, (lambda x, y: y / (x**2 + y**2), lambda x, y: -x / (x**2 + y**2))),
    ("x < y", np.less, (lambda x, y: 0.0, lambda x, y: 0.0)),
]


@BOTH_TYPES
@pytest.mark.parametrize(("program", "function", "partials"), BINARY, ids=[b[0] for b in BINARY])
def test_elementwise(program: str, function: Callable[..., Any], partials: Any, dtype: str) -> None:
    refused = 0
    for one, other in product(SHAPES, SHAPES):
        x, y = positive(one, 1), positive(other, 2)
        try:
            shape = np.broadcast_shapes(one, other)
        except ValueError:
            refused += 1
            with pytest.raises(GradcalcError) as caught:
                backprop(program, x=x, y=y)
            assert caught.value.code == "shape"
            continue
        u = upstream_of(shape).astype(np.float32)
        report = backprop(program, x=x, y=y, upstream=u, dtype=dtype)
        assert report.shape == shape
        np.testing.assert_allclose(report.value, function(x, y), tolerance(dtype))
        for name, partial in zip("xy", partials, strict=True):
            gradient = report.gradients[name]
            assert np.shape(gradient) == np.shape(x if name == "x" else y)
            terms = np.broadcast_to(u * partial(x, y), shape)
            want = back(terms, np.shape(gradient))
            sizes = back(np.abs(terms), np.shape(gradient))
            assert np.all(np.abs(gradient - want) <= 4 * tolerance(dtype) * sizes), (one, other)
    assert refused > 50


def test_where() -> None:
    for shapes in product(SHAPES[:10], repeat=3):
        c, x, y = (positive(shape, seed) for seed, shape in enumerate(shapes))
        c = np.asarray(c > 1.2, float)
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            with pytest.raises(GradcalcError, match="shape"):
                backprop("where(c, x, y)", c=c, x=x, y=y)
            continue
        u = upstream_of(shape)
        report = backprop("where(c, x, y)", c=c, x=x, y=y, upstream=u)
        np.testing.assert_array_equal(report.value, np.where(c, x, y))
        assert not np.any(report.gradients["c"])
        for name, taken in (("x", c), ("y", 1.0 - c)):
            gradient = report.gradients[name]
            terms = np.broadcast_to(u * taken, shape)
            np.testing.assert_allclose(gradient, back(terms, np.shape(gradient)), atol=1e-14)


REDUCED: list[Shape] = [(), (3,), (1,), (0,), (2, 3), (1, 3), (2, 1), (3, 0), (2, 3, 2)]
REDUCED += [(1, 3, 1), (4, 1, 2), (2, 0, 3)]


def axes_of(ndim: int) -> Iterator[Any]:
    """Every axis argument there is: none, one from the front or the back, and every set."""
    yield None
    yield from range(-ndim, ndim)
    for count in range(ndim + 1):
        yield from combinations(range(ndim), count)
    if ndim > 1:
        yield (-1, 0)


def call(name: str, axis: Any, keepdims: bool) -> str:
    """A call with its settings, in one of the ways to write them."""
    written = str(axis) if axis != () else "[]"
    keep = ", keepdims=True" if keepdims else ""
    return f"{name}(x, axis={written}{keep})"


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "var": np.var,
    "std": np.std,
    "norm": lambda x, **settings: np.sqrt(np.sum(x * x, **settings)),
    "logsumexp": lambda x, **settings: np.log(np.sum(np.exp(x), **settings)),
}


@BOTH_TYPES
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_reductions(name: str, dtype: str) -> None:
    for shape in REDUCED:
        for axis, keepdims in product(axes_of(len(shape)), (False, True)):
            check_reduction(name, shape, axis, keepdims, dtype)


def check_reduction(name: str, shape: Shape, axis: Any, keepdims: bool, dtype: str) -> None:
    function = REDUCTIONS[name]
    settings = {"axis": axis, "keepdims": keepdims}
    x = positive(shape, 3)
    program = call(name, axis, keepdims)
    if shape == () and axis is None and not keepdims and name in ("max", "min", "norm"):
        program = program.replace(
            ", axis=None", ", axis=[]"
        )  # they take scalars element by element
    try:
        want = function(x, **settings)
    except ValueError:
        with pytest.raises(GradcalcError, match="no entries"):
            backprop(program, x=x)
        return
    u = upstream_of(np.shape(want)).astype(np.float32).astype(float)
    report = backprop(program, x=x, upstream=u, dtype=dtype)
    gradient = report.gradients["x"]
    assert (report.shape, np.shape(gradient)) == (np.shape(want), shape), program
    np.testing.assert_allclose(report.value, want, 1e-5 if dtype == "float32" else 1e-13)
    # Where one entry is all there is, the deviation has a kink.
    if not x.size or not want.size or (name in ("std", "var") and np.any(want < 1e-9)):
        return
    d = rng(5).uniform(-1.0, 1.0, shape)
    slope = difference(lambda t: inner(u, function(x + t * d, **settings)), size(u, want))
    allowed = 20 * slope.error + (1e-4 if dtype == "float32" else 1e-8) * size(gradient, d)
    assert abs(inner(gradient, d) - slope.value) <= allowed, (program, shape)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("axis", [3, -4, 1.5, (0, 0), (0, -3)])
def test_axes_that_there_are_not(name: str, axis: Any) -> None:
    with pytest.raises(GradcalcError) as error:
        backprop(call(name, axis, False), x=np.ones((2, 3, 2)))
    assert "axis" in error.value.message


#: The last axes are 2×3 times 3×2, 1×1, or empty.
LEFT: list[Shape] = [
    (3,),
    (2, 3),
    (1, 3),
    (4, 2, 3),
    (1, 2, 3),
    (5, 1, 2, 3),
    (0,),
    (2, 0),
    (4, 0, 3),
]
RIGHT: list[Shape] = [(3,), (3, 2), (3, 1), (4, 3, 2), (1, 3, 2), (4, 3, 1), (0,), (0, 2), (3, 0)]


@BOTH_TYPES
@pytest.mark.parametrize("program", ["x @ y", "x·y", "matmul(x, y)", "x y"])
def test_matrix_products(program: str, dtype: str) -> None:
    refused = 0
    for one, other in product(LEFT, RIGHT):
        x, y = positive(one, 6), positive(other, 7)
        try:
            want = np.matmul(x, y)
        except ValueError:
            refused += 1
            with pytest.raises(GradcalcError) as caught:
                backprop(program, x=x, y=y)
            assert caught.value.code == "shape" or program == "x y"
            continue
        if program == "x y" and len(one) == len(other) == 1:
            with pytest.raises(GradcalcError) as caught:
                backprop(program, x=x, y=y)
            assert caught.value.code == "ambiguous"
            continue
        u = upstream_of(np.shape(want)).astype(np.float32).astype(float)
        report = backprop(program, x=x, y=y, upstream=u, dtype=dtype)
        assert report.shape == np.shape(want)
        np.testing.assert_allclose(report.value, want, tolerance(dtype))
        # Linear in each operand: each entry of a gradient is the product for a unit of it.
        for name, operand in (("x", x), ("y", y)):
            gradient = report.gradients[name]
            assert np.shape(gradient) == operand.shape
            if operand.size > 12:
                d = rng(8).uniform(-1.0, 1.0, operand.shape)
                product_ = np.matmul(d, y) if name == "x" else np.matmul(x, d)
                near = abs(inner(gradient, d) - inner(u, product_))
                assert near <= 30 * tolerance(dtype) * size(gradient, d)
                continue
            for entry in np.ndindex(operand.shape):
                unit = np.zeros(operand.shape)
                unit[entry] = 1.0
                product_ = np.matmul(unit, y) if name == "x" else np.matmul(x, unit)
                near = abs(gradient[entry] - inner(u, product_))
                assert near <= 30 * tolerance(dtype) * size(u, product_)
    assert refused > 20


@pytest.mark.parametrize("shapes", [((), ()), ((), (3,)), ((2, 3), ()), ((), (4, 3, 2))])
@pytest.mark.parametrize("program", ["x·y", "x y", "x*y", "dot(x, y)"])
def test_a_scalar_scales(program: str, shapes: tuple[Shape, Shape]) -> None:
    x, y = (positive(shape, seed) for seed, shape in enumerate(shapes))
    u = upstream_of(np.broadcast_shapes(*shapes))
    report = backprop(program, x=x, y=y, upstream=u)
    np.testing.assert_array_equal(report.value, x * y)
    for name, other, shape in zip("xy", (y, x), shapes, strict=True):
        gradient = report.gradients[name]
        assert np.shape(gradient) == shape
        np.testing.assert_allclose(gradient, back(u * other, shape), 1e-14)


@pytest.mark.parametrize("program", ["x @ y", "matmul(x, y)"])
def test_the_product_of_matrices_takes_no_scalar(program: str) -> None:
    for values in ({"x": 2.0, "y": [1.0]}, {"x": [1.0], "y": 2.0}):
        with pytest.raises(GradcalcError, match="is a scalar"):
            backprop(program, values)


@pytest.mark.parametrize("one", [(3,), (2, 3), (4, 2, 3)])
@pytest.mark.parametrize("other", [(3,), (3, 2)])
def test_dot_is_numpys(one: Shape, other: Shape) -> None:
    x, y = positive(one, 1), positive(other, 2)
    want = np.dot(x, y)
    u = upstream_of(np.shape(want))
    report = backprop("dot(x, y)", x=x, y=y, upstream=u)
    np.testing.assert_allclose(report.value, want, 1e-14)
    d, e = rng(1).uniform(-1, 1, one), rng(2).uniform(-1, 1, other)
    assert inner(report.gradients["x"], d) == pytest.approx(inner(u, np.dot(d, y)), rel=1e-12)
    assert inner(report.gradients["y"], e) == pytest.approx(inner(u, np.dot(x, e)), rel=1e-12)


#: Keys of an array of 3×4×2, and of more.
KEYS = ["0", "-1", "2", ":", "1:", ":-1", "::2", "::-1", "2:0:-1", "5:", "[0, 2]", "[1, 1, 1]"]
KEYS += ["[[0, 1], [2, 2]]", "i", "j"]


@BOTH_TYPES
def test_indices(dtype: str) -> None:
    """One index, or two, or three: the value is NumPy's, and the gradient adds up where it went."""
    i, j = np.array([1, 0, 1, 1]), np.array([[0], [1]])
    x = positive((3, 4, 2), 4)
    names = {"i": i, "j": j, "x": x}
    keys: list[tuple[str, ...]] = [(key,) for key in KEYS]
    keys += [(one, other) for one, other in product(KEYS, KEYS) if (one, other) != ("i", "j")]
    keys += [("0", ":", "[1, 0]"), ("j", ":", "i"), (":", "i", "j"), ("::2", "-1", "::-1")]
    keys += [("i", "0", "j"), ("[0, 2]", "1:3", "1")]
    refused = 0
    for items in keys:
        text = f"x[{', '.join(items)}]"
        key = eval(f"np.index_exp[{', '.join(items)}]", {"np": np, **names})
        try:
            want = x[key]
        except IndexError:
            refused += 1
            with pytest.raises(GradcalcError):
                backprop(text, {name: value for name, value in names.items() if name in text})
            continue
        u = upstream_of(np.shape(want)).astype(np.float32).astype(float)
        values = {name: value for name, value in names.items() if name in text}
        report = backprop(text, values, upstream=u, dtype=dtype)
        assert report.shape == np.shape(want), text
        np.testing.assert_array_equal(report.value, want.astype(dtype))
        sums = np.zeros_like(x)
        np.add.at(sums, key, u)
        np.testing.assert_allclose(report.gradients["x"], sums, 1e-5, err_msg=text)
        for name in set(values) - {"x"}:
            assert not np.any(report.gradients[name])
    assert refused > 0


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_concat_and_stack(axis: int) -> None:
    shape = [2, 3, 2]
    parts = []
    for seed, count in enumerate((1, 3, 0, 2)):
        shape[axis] = count
        parts.append(positive(tuple(shape), seed))
    want = np.concatenate(parts, axis)
    u = upstream_of(want.shape)
    values = dict(zip("abcd", parts, strict=True))
    pieces = np.split(u, np.cumsum([1, 3, 0]), axis)
    for program in (f"concat(a, b, c, d, axis={axis})", f"concat([a, b, c, d], axis={axis})"):
        report = backprop(program, values, upstream=u)
        np.testing.assert_array_equal(report.value, want)
        for name, piece in zip("abcd", pieces, strict=True):
            np.testing.assert_array_equal(report.gradients[name], piece)
    x, y = positive((2, 3), 1), positive((2, 3), 2)
    want = np.stack([x, y], axis)
    u = upstream_of(want.shape)
    report = backprop(f"stack(x, y, axis={axis})", x=x, y=y, upstream=u)
    np.testing.assert_array_equal(report.value, want)
    np.testing.assert_array_equal(report.gradients["x"], np.take(u, 0, axis))
    np.testing.assert_array_equal(report.gradients["y"], np.take(u, 1, axis))
