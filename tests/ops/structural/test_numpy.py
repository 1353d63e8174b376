"""The rows that have NumPy's names do what NumPy does, for many shapes, axes and keys."""

import warnings
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from gradcalc.engine.arrays import Arrays, arrays
from gradcalc.ops.shapes import Misfit

from .checks import structural

SHAPES = [
    (),
    (1,),
    (4,),
    (0,),
    (2, 3),
    (1, 3),
    (3, 0),
    (2, 1, 3),
    (2, 3, 2),
    (2, 1, 2, 3),
    (64, 2),
    (8, 9, 3),
]
Call = tuple[str, tuple[Any, ...], dict[str, Any]]


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def m() -> Arrays:
    return arrays("float64")


def array(shape: tuple[int, ...], seed: int = 0) -> Any:
    """Numbers some of which are equal."""
    x = np.random.default_rng(seed).integers(-4, 5, shape) / 2
    return x if shape else np.float64(x)


def agree(name: str, function: Callable[..., Any], *operands: Any, **settings: Any) -> None:
    """Value and shape rule are as NumPy has them, or both refuse."""
    row = structural(name)
    given = {setting.name: setting.default for setting in row.settings} | settings
    what = f"{name} of {[np.shape(x) for x in operands]} with {settings}"
    try:
        want = function(*operands, **settings)
    except (ValueError, IndexError, TypeError):
        with pytest.raises(Misfit):
            row.shape(*map(np.shape, operands), **given)
        return
    assert row.shape(*map(np.shape, operands), **given) == np.shape(want), what
    got = row.forward(arrays("float64"), *operands, **given)
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14, err_msg=what)


def axes_of(ndim: int, several: bool) -> Iterator[Any]:
    """Every axis and, if wanted, every set of axes; and some that there are not."""
    yield None
    yield from range(-ndim - 1, ndim + 1)
    if several:
        for count in range(ndim + 1):
            yield from combinations(range(ndim), count)
        yield from [(0, 0), (-1, ndim - 1), (-1, 0), (0, ndim)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sum", np.sum),
        ("mean", lambda x, **settings: np.add.reduce(x, **settings) / _count(x, settings["axis"])),
        ("prod", np.prod),
        ("amax", np.max),
        ("amin", np.min),
        ("var", lambda x, **settings: _quietly(np.var, x, **settings)),
        ("std", lambda x, **settings: _quietly(np.std, x, **settings)),
        ("norm", lambda x, **settings: np.sqrt(np.sum(x * x, **settings))),
        ("logsumexp", lambda x, **settings: np.log(np.sum(np.exp(x), **settings))),
    ],
)
def test_reductions(
    name: str, function: Callable[..., Any], keepdims: bool, shape: tuple[int, ...]
) -> None:
    for axis in axes_of(len(shape), several=True):
        if shape or axis not in (0, -1):  # NumPy gives a scalar an axis here
            agree(name, function, array(shape), axis=axis, keepdims=keepdims)


def _count(x: Any, axis: Any) -> Any:
    return (
        np.sum(np.ones_like(x), axis)
        if axis is None
        else np.sum(np.ones_like(x), axis).max(initial=0)
    )


def _quietly(function: Callable[..., Any], *operands: Any, **settings: Any) -> Any:
    """NumPy warns of means of nothing by Python's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*operands, **settings)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ddof", [1, 2])
def test_ddof(ddof: int, shape: tuple[int, ...]) -> None:
    for axis in axes_of(len(shape), several=True):
        try:
            count = np.zeros(shape).size if axis is None else np.sum(np.ones(shape), axis).max()
        except ValueError:
            continue
        if count > ddof:
            agree("var", np.var, array(shape), axis=axis, ddof=ddof)
            agree("std", np.std, array(shape), axis=axis, ddof=ddof)


@pytest.mark.parametrize("order", [1.0, 2.0, float("inf")])
def test_norms_of_vectors(order: float) -> None:
    for shape in SHAPES[1:]:
        for axis in range(len(shape)):
            if order == float("inf") and not shape[axis]:
                continue  # 0 here; NumPy before 2.3 refuses
            for keepdims in (False, True):
                settings = {"ord": order, "axis": axis, "keepdims": keepdims}
                agree("norm", np.linalg.norm, array(shape), **settings)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sort", np.sort),
        ("argsort", lambda x, axis: np.argsort(x, axis, kind="stable")),
        ("argmax", np.argmax),
        ("argmin", np.argmin),
        ("cumsum", np.cumsum),
    ],
)
def test_along_an_axis(name: str, function: Callable[..., Any], shape: tuple[int, ...]) -> None:
    for axis in axes_of(len(shape), several=False):
        if shape == () and axis in (0, -1) and name != "sort":
            continue  # NumPy gives a scalar an axis here
        if shape == () and axis is None and name == "cumsum":
            assert structural(name).shape((), axis=None) == (1,)
        agree(name, function, array(shape), axis=axis)


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: tuple[int, ...]) -> None:
    x = array(shape)
    for sizes in [
        (),
        (1,),
        (6,),
        (-1,),
        (2, -1),
        (-1, 3),
        (3, 2),
        (1, -1, 1),
        (0, -1),
        (4, 1),
        (-1, -1),
    ]:
        agree("reshape", lambda x, shape: np.reshape(x, shape), x, shape=sizes)
    agree("flatten", np.ravel, x)
    agree("transpose", np.transpose, x)
    for axes in [(0,), (1, 0), (0, 1), (2, 0, 1), (-1, 0, 1), (0, 0), (0, 1, 3), (3, 1, 0, 2)]:
        agree("transpose", np.transpose, x, axes=axes)
    for target in SHAPES:
        agree("broadcast_to", np.broadcast_to, x, shape=target)
    if len(shape) in (1, 2):
        agree("diag", np.diag, x)
    if len(shape) > 1:
        for k in (-2, -1, 0, 1, 3):
            agree("tril", np.tril, x, k=k)
            agree("triu", np.triu, x, k=k)


def test_joining() -> None:
    for first in SHAPES:
        for second in SHAPES:
            for axis in range(-3, 3):
                x, y = array(first), array(second, 1)
                agree("concat", lambda *x, axis: np.concatenate(x, axis), x, y, axis=axis)
                agree("stack", lambda *x, axis: np.stack(x, axis), x, y, axis=axis)


def test_taking_along() -> None:
    rng = np.random.default_rng(2)
    for shape in [(4,), (2, 3), (1, 3), (2, 3, 2)]:
        for other in [(4,), (2,), (2, 5), (2, 1), (1, 3), (1, 1), (2, 3, 2), (1, 3, 4), (2, 3)]:
            for axis in range(-len(shape), len(shape)):
                i = rng.integers(-shape[axis], shape[axis], other)
                agree(
                    "take_along",
                    lambda x, i, axis: np.take_along_axis(x, i.astype(int), axis),
                    array(shape),
                    i.astype(float),
                    axis=axis,
                )


def random_key(rng: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """A key as the rows have it, its arrays, and the key as NumPy writes it."""
    together = [(), (2,), (1,), (3, 2), (3, 1), (0,)][rng.integers(6)]
    key: list[Any] = []
    indices: list[Any] = []
    written: list[Any] = []
    for size in shape[: rng.integers(len(shape) + 1)]:
        kind = rng.integers(3)
        if kind == 0 and size:
            key.append(int(rng.integers(-size, size)))
            written.append(key[-1])
        elif kind == 1 or not size:
            ends = [None, *range(-size - 1, size + 2)]
            start, stop = (ends[rng.integers(len(ends))] for _ in "ab")
            step = [None, 1, 2, -1, -2][rng.integers(5)]
            key.append(("slice", start, stop, step))
            written.append(slice(start, stop, step))
        else:
            own = tuple(n if rng.integers(4) else 1 for n in together)
            i = rng.integers(-size, size, own[rng.integers(len(own) + 1) :])
            key.append("array")
            indices.append(i.astype(float) if i.ndim else np.float64(i))
            written.append(i)
    return tuple(key), tuple(indices), tuple(written)


@pytest.mark.parametrize("seed", range(300))
def test_index_and_scatter(m: Arrays, seed: int) -> None:
    """Index is NumPy's, and scatter is its transpose."""
    rng = np.random.default_rng(seed)
    shape = [(4,), (2, 3), (3, 2, 4), (2, 3, 1, 2), (3, 0)][rng.integers(5)]
    key, indices, written = random_key(rng, shape)
    agree("index", lambda x, *i, key: x[written], array(shape), *indices, key=key)
    x = rng.uniform(-1, 1, shape)
    part = m.index(x, *indices, key=key)
    g = rng.uniform(-1, 1, np.shape(part))
    row = structural("scatter")
    settings = {"key": key, "shape": shape}
    assert row.shape(np.shape(g), *map(np.shape, indices), **settings) == shape
    spread = m.scatter(g if g.ndim else g[()], *indices, **settings)
    assert np.vdot(g, part) == pytest.approx(np.vdot(spread, x), rel=1e-12, abs=1e-12)


def test_scalars_along_no_axis() -> None:
    """NumPy lets a scalar have an axis in places. Here it has none."""
    for name in ("argsort", "argmax", "argmin", "cumsum"):
        with pytest.raises(Misfit, match="has no axes"):
            structural(name).shape((), axis=0)
