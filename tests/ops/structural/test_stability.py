"""Infinities, huge and tiny numbers, large arrays, and zeros in the upstream gradient."""

from collections.abc import Callable, Iterator
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from gradcalc.engine.arrays import arrays
from gradcalc.engine.arrays.moves import SMALL

from .checks import structural

m = arrays("float64")

ENTRY_BY_ENTRY = ("softmax", "log_softmax", "layer_norm")


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def run(name: str, x: Any, g: Any = None, **settings: Any) -> tuple[Any, Any]:
    """The value, and the gradient for an upstream gradient (of ones)."""
    row = structural(name)
    x = np.array(x, float)
    x.flags.writeable = False
    settings = {setting.name: setting.default for setting in row.settings} | settings
    value = row.forward(m, x, **settings)
    rule = row.rule(0, ())
    assert rule is not None
    upstream = np.ones_like(value) if g is None else np.array(g, float)
    return value, rule(m, upstream[()], value, x, **settings)


def test_logsumexp_of_infinities() -> None:
    for x, want, gradient in [
        ([-inf, 0.0, -inf], 0.0, [0.0, 1.0, 0.0]),
        ([-inf, -inf], -inf, [nan, nan]),
        ([inf, 0.0], inf, [nan, nan]),
        ([nan, 0.0], nan, [nan, nan]),
        ([-inf, 1e4], 1e4, [0.0, 1.0]),
    ]:
        value, got = run("logsumexp", x)
        np.testing.assert_equal(value, want)
        np.testing.assert_equal(got, gradient)
    assert run("logsumexp", [])[0] == -inf


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("more", [0.0, 1e-10, -1e-6, 1e-3, 0.02])
def test_logsumexp_near_zero(more: float, dtype: str) -> None:
    """Logarithms of probabilities, which add up to 1 but for rounding errors or a bit more."""
    algebra = arrays(dtype)
    rows = np.log(np.random.default_rng(4).dirichlet(np.ones(5), 8)).astype(dtype)
    rows += np.array(more, dtype)
    rows[0, :] = [-inf, 0.0, -inf, -inf, -40.0]  # close to it, and no difference
    rows[1] = 3.0
    exact = [[mpf(float(x)) for x in row] for row in rows]
    with mp.workdps(80):
        wanted = [mp.log(mp.fsum(mp.exp(x) for x in row)) for row in exact]
        for laid_out, axis in ((rows, -1), (np.ascontiguousarray(rows.T), 0)):
            found = algebra.logsumexp(laid_out, axis=axis)
            assert found.dtype == dtype
            for got, want in zip(found, wanted, strict=True):
                units = 16 if abs(want) > 1e-15 else 1024
                assert abs(mpf(float(got)) - want) <= units * np.finfo(dtype).eps * abs(want)
        alone = algebra.logsumexp(rows[2])
        assert abs(mpf(float(alone)) - wanted[2]) <= 1024 * np.finfo(dtype).eps * abs(wanted[2])
    kept = algebra.logsumexp(rows, axis=1, keepdims=True)
    assert kept.shape == (8, 1)
    np.testing.assert_array_equal(kept[:, 0], algebra.logsumexp(rows, axis=1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("distance", [1e-3, 1.0, 3e3, 1e7])
def test_the_gradient_of_two_normalised_entries(distance: float, dtype: str) -> None:
    """(g - mean(g)) * eps / (d^2 + eps)^(3/2), d being half of the distance: by hand."""
    x, g = np.array([0.0, distance], dtype), np.array([1.0, 0.25], dtype)
    half = mpf(float(x[1])) / 2
    eps = mpf(float(np.array(0.1, dtype)))
    want = mpf(0.375) * eps / mp.sqrt(half * half + eps) ** 3
    for name, shape in (("layer_norm", (2,)), ("batch_norm", (2, 1))):
        row, algebra = structural(name), arrays(dtype)
        rule = row.rule(0, ())
        assert rule is not None
        operand, upstream = x.reshape(shape), g.reshape(shape)
        value = row.forward(algebra, operand, eps=0.1)
        found = rule(algebra, upstream, value, operand, eps=0.1).ravel()
        for got, sign in zip(found, (1, -1), strict=True):
            assert abs(mpf(float(got)) * sign - want) <= 8 * np.finfo(dtype).eps * want


def test_softmax_of_infinities() -> None:
    value, gradient = run("softmax", [-inf, 0.0, 0.0], [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(value, [0.0, 0.5, 0.5])
    np.testing.assert_array_equal(gradient, [0.0, -0.5, 0.5])
    value, gradient = run("log_softmax", [-inf, 0.0, 0.0], [0.0, 1.0, 0.0])
    np.testing.assert_allclose(value, [-inf, -np.log(2), -np.log(2)], rtol=1e-15)
    np.testing.assert_allclose(gradient, [0.0, 0.5, -0.5], rtol=1e-15)
    for name in ("softmax", "log_softmax"):
        for x in ([-inf, -inf], [inf, 0.0], [nan, 0.0]):
            assert np.isnan(run(name, x)[0]).any()


@pytest.mark.parametrize(
    "name", ["logsumexp", "softmax", "log_softmax", "amax", "prod", "var", "norm"]
)
def test_a_zero_upstream_gradient_stays_zero(name: str) -> None:
    """A row of infinities that nothing depends on does not spoil the gradient of the others."""
    x = [[-inf, -inf], [inf, 0.0], [nan, inf], [1.0, 3.0]]
    value, _ = run(name, x, axis=1)
    g = np.zeros_like(value)
    g[3] = 2.0
    if name == "log_softmax":
        g[3, 1] = 1.0
    _, gradient = run(name, x, g, axis=1)
    np.testing.assert_array_equal(gradient[:3], np.zeros((3, 2)))
    assert np.isfinite(gradient[3]).all()


def test_an_infinite_upstream_gradient_reaches_only_the_greatest() -> None:
    _, gradient = run("amax", [1.0, 3.0, 2.0], inf)
    np.testing.assert_array_equal(gradient, [0.0, inf, 0.0])


def test_equal_entries_have_no_variance() -> None:
    rng = np.random.default_rng(0)
    for x in rng.uniform(-1, 1, 50) * 10.0 ** rng.integers(-200, 200, 50):
        for n in (2, 3, 7, 10, 49, 1000):
            same = np.full(n, x)
            for name in ("var", "std"):
                value, gradient = run(name, same)
                assert value == 0.0
                assert not gradient.any()


def test_norms_at_the_ends_of_the_range() -> None:
    for scale in (1e-320, 1e-300, 1e-150, 1.0, 1e150, 1e300):
        value, gradient = run("norm", [3 * scale, -4 * scale, 0.0])
        assert value == pytest.approx(5 * scale, rel=1e-3 if scale < 1e-310 else 1e-15)
        np.testing.assert_allclose(
            gradient, [0.6, -0.8, 0.0], rtol=1e-3 if scale < 1e-310 else 1e-15
        )
    assert run("norm", [1.7e308, 1.7e308])[0] == inf
    assert run("norm", [inf, 1.0])[0] == inf
    assert np.isnan(run("norm", [nan, 1.0])[0])


def test_products_at_the_ends_of_the_range() -> None:
    x = np.array([1e300, 1e300, 1e-300, 1e-300] * 25 + [2.0, 3.0])
    value, gradient = run("prod", x)
    assert value == pytest.approx(6.0, rel=1e-12)
    np.testing.assert_allclose(gradient, value / x, rtol=1e-12)
    assert run("prod", [1e300, 1e300])[0] == inf
    assert run("prod", [-1e300, 1e300])[0] == -inf
    assert run("prod", [1e-300, 1e-300])[0] == 0.0
    assert np.isnan(run("prod", [0.0, inf])[0])
    assert run("prod", np.full(10**5, 1.001))[0] == pytest.approx(1.001**100_000, rel=1e-10)
    np.testing.assert_allclose(
        m.prod_others(np.array([1e200, 1e200, 1e-250, 1e-100, 3.0])),
        [3e-150, 3e-150, 3e300, 3e150, 1e50],
        rtol=1e-14,
    )


def test_many_zeros_in_a_product() -> None:
    for n in range(1, 12):
        for zeros in range(min(n, 4)):
            x = np.arange(1.0, n + 1)
            x[:zeros] = 0.0
            want = [np.prod(np.delete(x, i)) for i in range(n)]
            value, gradient = run("prod", x)
            assert value == np.prod(x)
            np.testing.assert_allclose(gradient, want, rtol=1e-14)
            hessian = [
                [0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)]
                for i in range(n)
            ]
            g = np.linspace(-1, 2, n)
            np.testing.assert_allclose(
                run("prod_others", x, g)[1], g @ np.array(hessian), rtol=1e-12, atol=1e-300
            )


def test_large_arrays_go_other_ways_to_the_same_result() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (100, 101))
    assert x.size > SMALL
    for name in ("sum", "mean", "var", "std", "norm", "logsumexp", "amax"):
        value, gradient = run(name, x, axis=1)
        for row in (0, 57):
            alone, its_gradient = run(name, x[row])
            assert value[row] == pytest.approx(alone, rel=1e-14)
            np.testing.assert_allclose(gradient[row], its_gradient, rtol=1e-13)
    spread = m.broadcast_to(np.float64(2.5), shape=(100, 101))
    assert spread.shape == (100, 101)
    assert (spread == 2.5).all()
    assert arrays("float32").broadcast_to(1.0, shape=(100, 101)).dtype == "float32"


def test_sums_of_many_numbers_keep_their_digits() -> None:
    x = np.full(10**6, 0.1)
    assert m.sum(x) == pytest.approx(1e5, rel=1e-15)
    assert m.mean(x) == pytest.approx(0.1, rel=1e-15)
    assert m.norm(x) == pytest.approx(100.0, rel=1e-15)
    assert m.var(np.array([1e16, 1e16 + 2, 1e16 + 4])) == pytest.approx(8 / 3, rel=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_do_not_grow_with_the_number_of_rows(dtype: str) -> None:
    """The second way of each is the naive one, in long double."""
    algebra, wide = arrays(dtype), np.longdouble
    x = (3.0 + np.random.default_rng(1).standard_normal((100_000, 2))).astype(dtype)
    rows = x.astype(wide)
    centred = rows - rows.mean(0)
    for got, want in (
        (algebra.sum(x, axis=0), rows.sum(0)),
        (algebra.mean(x, axis=0), rows.mean(0)),
        (algebra.var(x, axis=0), (centred**2).mean(0)),
        (algebra.std(x, axis=0), np.sqrt((centred**2).mean(0))),
        (algebra.norm(x, axis=0), np.sqrt((rows**2).sum(0))),
        (algebra.logsumexp(x, axis=0), np.log(np.exp(rows).sum(0))),
    ):
        error = np.abs(got - want).max() / np.abs(want).max()
        assert error < 8 * np.finfo(dtype).eps


LONG_SHAPES = [(1024, 3), (1300, 2), (70_000, 1), (2, 600, 3), (3, 700), (513, 1100), (600, 2, 3)]


@pytest.mark.parametrize("shape", LONG_SHAPES)
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sum", np.sum),
        ("mean", np.mean),
        ("var", np.var),
        ("std", np.std),
        ("amax", np.max),
        ("amin", np.min),
        ("norm", lambda x, **settings: np.sqrt(np.sum(x * x, **settings))),
        ("logsumexp", lambda x, **settings: np.log(np.sum(np.exp(x), **settings))),
    ],
)
def test_reductions_along_long_axes(
    name: str, function: Callable[..., Any], shape: tuple[int, ...]
) -> None:
    x = np.random.default_rng(3).integers(-8, 9, shape) / 4.0
    every = tuple(range(len(shape)))
    for axis in (None, *every, every, every[1:], every[::2]):
        for keepdims in (False, True):
            for laid_out in (x, np.asfortranarray(x), x[::-1], np.repeat(x, 2, 0)[::2]):
                got = getattr(m, name)(laid_out, axis=axis, keepdims=keepdims)
                want = function(laid_out, axis=axis, keepdims=keepdims)
                np.testing.assert_allclose(got, want, 1e-12, 1e-13)


@pytest.mark.parametrize("shape", [(80, 3), (3, 30, 2), (70, 1)])
@pytest.mark.parametrize(
    "name", ["sum", "mean", "var", "std", "norm", "amax", "amin", "logsumexp", *ENTRY_BY_ENTRY]
)
def test_many_narrow_rows_are_as_each_alone(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    rows = rng.integers(-6, 7, shape) / 4.0 * 10.0 ** rng.integers(-2, 3, (*shape[:-1], 1))
    width = shape[-1]
    each = rows.reshape(-1, width)
    each[0] = inf
    each[1, 0] = -inf
    each[2, -1] = nan
    upstream = np.array([1.0, -2.0, 0.5])[:width] if name in ENTRY_BY_ENTRY else np.ones(())
    many = np.broadcast_to(upstream, shape[:-1] + upstream.shape)
    settings = {} if name == "layer_norm" else {"axis": -1}
    alone = [run(name, row, upstream, **settings) for row in each]
    values, gradients = (np.array(found) for found in zip(*alone, strict=True))
    for x in (rows, np.asfortranarray(rows)):
        value, gradient = run(name, x, many, **settings)
        np.testing.assert_allclose(value.ravel(), values.ravel(), 1e-14, 1e-15)
        np.testing.assert_allclose(gradient.ravel(), gradients.ravel(), 1e-13, 1e-14)
