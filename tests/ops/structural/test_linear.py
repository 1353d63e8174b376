"""Linear algebra: what the tests over all rows do not cover."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from math import inf, log, nan
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop, hvp
from gradcalc.engine.arrays import arrays
from gradcalc.ops.shapes import Misfit
from gradcalc.ops.structural import exact

from .checks import structural

m = arrays("float64")

SINGULAR = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
RANK_1 = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [-1.0, -2.0, -3.0]])
REGULAR = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, -2.0], [1.0, 0.0, 1.5]])
STACK = np.stack([REGULAR, SINGULAR, 2.0 * REGULAR])


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@pytest.fixture(params=["exact", "lapack"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """In exact arithmetic, and as larger matrices are treated."""
    if request.param == "lapack":
        monkeypatch.setattr(exact, "WORK", 0)
    return str(request.param)


def gradient(name: str, place: int, g: Any, *operands: Any) -> Any:
    row = structural(name)
    rule = row.rule(place, ())
    assert rule is not None
    return rule(m, g, row.forward(m, *operands), *operands)


def random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


# Shapes


@pytest.mark.parametrize(
    ("name", "shapes", "message", "help", "places"),
    [
        (
            "matmul",
            [(2, 3), (2,)],
            "{0} is 2×3 and {1} has 2 entries",
            "({0})' ({1}) would fit",
            (),
        ),
        ("matmul", [(2, 3), (2, 3)], "{0} is 2×3 and {1} is 2×3", "fit; * multiplies entry by", ()),
        ("matmul", [(4, 3), (5, 3)], "{0} is 4×3 and {1} is 5×3", "({0}) ({1})' would fit", ()),
        (
            "matmul",
            [(3,), (2, 3)],
            "{0} has 3 entries and {1} is 2×3",
            "({0}) ({1})' would fit",
            (),
        ),
        ("matmul", [(2, 3), (4, 2)], "{0} is 2×3 and {1} is 4×2", "({1}) ({0}) would fit", ()),
        ("matmul", [(2, 3), (4, 5)], "{0} is 2×3 and {1} is 4×5", "{1} would need 3 rows", ()),
        ("matmul", [(1,), (2, 3)], "{0} has 1 entry and {1} is 2×3", "{1} would need 1 row", ()),
        ("matmul", [(2, 3), (4,)], "{1} has 4 entries", "{1} would need 3 entries", ()),
        ("matmul", [(2, 1), (4,)], "{1} has 4 entries", "{1} would need 1 entry", ()),
        ("matmul", [(2, 3), ()], "{1} is a scalar", "({0}) * ({1}) would scale", (1,)),
        ("matmul", [(), (3,)], "{0} is a scalar", "({0}) * ({1}) would scale", (0,)),
        ("matmul", [(5, 2, 3), (2, 3)], "{0} is 5×2×3", "{1} would need 3 rows", ()),
        ("matmul", [(5, 2, 3), (4, 3, 2)], "{0} is 5×2×3 and {1} is 4×3×2", "in front of", ()),
        ("dot", [(2, 3), (2,)], "{0} is 2×3 and {1} has 2 entries", "({0})' ({1}) would fit", ()),
        ("dot", [(2,), (3,)], "{0} has 2 entries", "{1} would need 2 entries", ()),
        ("outer", [(2, 2), (2,)], "vectors, and {0} is 2×2", "flatten({0}) would fit", (0,)),
        ("outer", [(2,), ()], "vectors, and {1} is a scalar", "({0}) * ({1}) would scale", (1,)),
        ("cross", [(3,), (2,)], "3 entries, along the last axis, and {1} has 2", "", (1,)),
        ("cross", [(4, 3), (2, 3)], "{0} is 4×3 and {1} is 2×3", "one of them is 1", (0, 1)),
        ("trace", [(3,)], "trace takes a matrix, and {0} has 3 entries", "", (0,)),
        ("det", [(2, 3)], "a square matrix, and {0} is 2×3", "({0}) ({0})' would fit", (0,)),
        ("det", [(3, 2)], "a square matrix, and {0} is 3×2", "({0})' ({0}) would fit", (0,)),
        ("det", [()], "a square matrix, and {0} is a scalar", "", (0,)),
        ("inv", [(5, 2, 3)], "inv takes square matrices, and {0} is 5×2×3", "", (0,)),
        ("logdet", [(4,)], "logdet takes a square matrix, and {0} has 4 entries", "", (0,)),
        ("cofactor", [(4,)], "cofactor takes a square matrix", "", (0,)),
        ("cofactor_derivative", [(2, 2), (3, 3)], "{0} is 2×2 and {1} is 3×3", "same shape", ()),
        ("cholesky", [(2, 2, 3)], "cholesky takes square matrices, and {0} is 2×2×3", "", (0,)),
        ("cholesky", [(2, 3)], "a square matrix, and {0} is 2×3", "({0}) ({0})' would fit", (0,)),
        ("cofactor_derivative", [(2, 3), (2, 3)], "a square matrix, and {0} is 2×3", "", (0,)),
        ("solve", [(2, 3), (2,)], "a square matrix, and {0} is 2×3", "({0}) ({0})' would", (0,)),
        ("solve", [(2, 3), (3, 4)], "{0} is 2×3", "solve(({0}) ({0})', ({0}) ({1}))", (0,)),
        ("solve", [(3, 2), (2,)], "{0} is 3×2", "({0})' ({0}) would fit", (0,)),
        ("solve", [(3, 2), (3,)], "{0} is 3×2", "solve(({0})' ({0}), ({0})' ({1})) would", (0,)),
        ("solve", [(3, 2), (4,)], "a square matrix, and {0} is 3×2", "", (0,)),
        ("solve", [(2, 2), (3,)], "{1} has 3 entries", "{1} would need 2 entries", ()),
        ("solve", [(2, 2), (3, 4)], "{1} is 3×4", "{1} would need 2 rows", ()),
        ("solve", [(2, 2), ()], "{1} is a scalar", "{1} would need 2 entries", ()),
        ("solve", [(3, 2, 2), (4, 2, 1)], "{0} is 3×2×2 and {1} is 4×2×1", "in front of", ()),
    ],
)
def test_misfits(
    name: str, shapes: list[Any], message: str, help: str, places: tuple[int, ...]
) -> None:
    with pytest.raises(Misfit) as caught:
        structural(name).shape(*shapes)
    assert message in caught.value.message
    assert help in caught.value.help
    assert bool(help) == bool(caught.value.help)
    assert caught.value.places == places


BY_ENTRY = "; * multiplies entry by entry"


def broadcast_shapes(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that NumPy broadcasts two to; None if there is none."""
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def help_of(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """The help of two operands that have no product; nothing of those that have."""
    try:
        structural("matmul").shape(a, b)
    except Misfit as misfit:
        return misfit.help
    return ""


def test_what_is_said_to_fit_fits() -> None:
    shapes = [(n,) for n in (1, 2, 3)] + list(product((1, 2, 3), (1, 2, 3)))
    said = set()
    for a, b in product(shapes, shapes):
        help = help_of(a, b)
        if not help:
            continue
        text = help.removesuffix(BY_ENTRY)
        assert (text != help) == (broadcast_shapes(a, b) in (a, b)), (a, b)
        if "would fit" in text:
            first, second = text.removesuffix(" would fit").split()
            operands = {"({0})": a, "({0})'": a[::-1], "({1})": b, "({1})'": b[::-1]}
            structural("matmul").shape(operands[first], operands[second])
        else:
            structural("matmul").shape(a, (a[-1],) if len(b) == 1 else (a[-1], b[-1]))
        said.add(text)
    fits = {"({0})' ({1}) would fit", "({0}) ({1})' would fit", "({1}) ({0}) would fit"}
    assert fits <= said


@pytest.mark.parametrize("name", ["matmul", "dot"])
def test_products_are_those_of_numpy(name: str) -> None:
    shapes = [(), (1,), (2,), (3,), (0,), (2, 3), (3, 2), (3, 3), (0, 3), (3, 0), (4, 2, 3)]
    shapes += [(4, 3, 2), (1, 3, 2), (5, 1, 2, 3), (4, 0, 3), (0, 3, 2)]
    refused = 0
    for i, (a, b) in enumerate(product(shapes, shapes)):
        x, y = random(*a, seed=i), random(*b, seed=i + 1000)
        try:
            want = getattr(np, name)(x, y)
        except ValueError:
            refused += 1
            with pytest.raises(Misfit):
                structural(name).shape(a, b)
            continue
        assert structural(name).shape(a, b) == want.shape, (a, b)
        np.testing.assert_array_equal(structural(name).forward(m, x, y), want)
        g = random(*want.shape, seed=i)
        for place, operand in enumerate((x, y)):
            got = gradient(name, place, g, x, y)
            assert np.shape(got) == operand.shape, (a, b, place)
            direction = random(*operand.shape, seed=i + 2000)
            moved = (direction, y) if place == 0 else (x, direction)
            change = np.sum(g * getattr(np, name)(*moved))  # a product is linear in each operand
            np.testing.assert_allclose(np.sum(got * direction), change, rtol=1e-9, atol=1e-12)
    assert refused


def test_a_product_is_one_call_of_numpy() -> None:
    assert m.matmul is np.matmul  # nothing is copied in front of it


def test_a_weight_matrix_gets_its_gradient_in_one_product() -> None:
    calls = []

    class Counting(type(m)):  # type: ignore[misc]
        def matmul(self, a: Any, b: Any) -> Any:
            calls.append((a.shape, b.shape))
            return np.matmul(a, b)

    x, w, g = random(5, 4, 3), random(3, 2), random(5, 4, 2)
    rule = structural("matmul").rule(1, ())
    assert rule is not None
    got = rule(Counting("float64"), g, x @ w, x, w)
    np.testing.assert_allclose(got, np.einsum("nij,nik->jk", x, g), rtol=1e-12)
    assert calls == [((3, 20), (20, 2))]


# Determinants and inverses


def test_textbook_examples_are_exact() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert m.det(x) == -2.0
    np.testing.assert_array_equal(m.inv(x), [[-2.0, 1.0], [1.5, -0.5]])
    np.testing.assert_array_equal(m.solve(x, np.array([5.0, 6.0])), [-4.0, 4.5])
    np.testing.assert_array_equal(m.cofactor(x), [[4.0, -3.0], [-2.0, 1.0]])
    assert m.det(SINGULAR) == 0.0
    third = m.inv(np.array([[3.0, 0.0], [1e-300, 7.0]]))
    np.testing.assert_array_equal(third, [[1 / 3, 0.0], [-1e-300 / 21, 1 / 7]])


def test_a_determinant_is_rounded_once() -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 6):
        x = rng.normal(size=(n, n)) * 10.0 ** rng.integers(-9, 9, (n, n))
        a = [[Fraction(entry) for entry in row] for row in x.tolist()]

        def expand(rows: list[list[Fraction]]) -> Fraction:
            if not rows:
                return Fraction(1)
            minors = ([row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows)))
            terms = zip(rows[0], minors, strict=True)
            return sum(
                ((-1) ** j * x * expand(minor) for j, (x, minor) in enumerate(terms)), Fraction(0)
            )

        assert m.det(x) == float(expand(a))


def test_determinants_beyond_the_range() -> None:
    assert m.det(np.diag([1e200, 1e200])) == inf
    assert m.det(np.diag([1e200, -1e200])) == -inf
    assert m.det(np.diag([1e-200, 1e-200])) == 0.0
    assert m.det(np.diag([1e200, 1e200, 1e-300])) == pytest.approx(1e100, rel=1e-15)
    assert m.logdet(np.diag([1e200, 1e200])) == pytest.approx(400 * log(10), rel=1e-15)
    assert m.logdet(np.diag([1e-200, 1e-200])) == pytest.approx(-400 * log(10), rel=1e-15)
    assert m.logdet(np.array([[2.0, 1.0], [1.0, 1.0 + 2.0**-40]])) == np.log1p(2.0**-39)
    assert m.inv(np.array([[1e-310]])) == inf
    assert m.inv(np.array([[-1e-310]])) == -inf


def test_the_gradient_of_det_at_singular_matrices(both_ways: str) -> None:
    # By hand: the cofactors of SINGULAR, in which no minor is 0.
    want = [[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]]
    np.testing.assert_allclose(gradient("det", 0, 1.0, SINGULAR), want, atol=1e-13)
    np.testing.assert_allclose(gradient("det", 0, 1.0, RANK_1), np.zeros((3, 3)), atol=1e-13)
    twice = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(gradient("det", 0, 3.0, twice), [[12, -6], [-6, 3]], atol=1e-13)
    np.testing.assert_array_equal(gradient("det", 0, 1.0, np.array([[0.0]])), [[1.0]])
    got = gradient("det", 0, np.array([1.0, 2.0, 0.0]), STACK)
    np.testing.assert_allclose(got[1], np.multiply(2.0, want), atol=1e-12)
    np.testing.assert_array_equal(got[2], np.zeros((3, 3)))


def test_second_derivatives_of_det_at_singular_matrices(both_ways: str) -> None:
    # By hand: d²det/dx_ij dx_kl is plus or minus the entry left when two rows and columns go.
    for x in (SINGULAR, RANK_1, np.zeros((3, 3))):
        direction = np.zeros((3, 3))
        direction[0, 0] = 1.0
        got = m.cofactor_derivative(x, direction)
        want = [[0.0, 0.0, 0.0], [0.0, x[2, 2], -x[2, 1]], [0.0, -x[1, 2], x[1, 1]]]
        np.testing.assert_allclose(got, want, atol=1e-13)


def test_singular_values_are_not_looked_for_where_an_entry_is_infinite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    svd = np.linalg.svd

    def finite_only(x: Any) -> Any:
        assert np.isfinite(x).all(), "LAPACK may never return"
        return svd(x)

    monkeypatch.setattr(np.linalg, "svd", finite_only)
    beyond = np.array([[inf, 1.0, 2.0], [0.0, 1.0, 2.0], [1.0, 2.0, 3.0]])
    assert m.det(beyond) == -inf
    assert np.isnan(m.cofactor(beyond)).all()
    assert np.isnan(m.cofactor_derivative(beyond, SINGULAR)).all()
    of_stack = m.cofactor(np.stack([beyond, SINGULAR]))
    assert np.isnan(of_stack[0]).all()
    np.testing.assert_allclose(of_stack[1], m.cofactor(SINGULAR), atol=1e-13)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (5, 5), (2, 4, 4), (2, 3, 2, 2)])
def test_lapack_agrees_with_exact_arithmetic(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, g, b = random(*shape), random(*shape, seed=1), random(*shape[:-1], 2, seed=2)
    positive = x @ np.swapaxes(x, -1, -2)
    calls: list[Callable[[], Any]] = [
        lambda: m.det(x),
        lambda: m.logdet(positive),
        lambda: m.inv(x),
        lambda: m.solve(x, b),
        lambda: m.solve(x, b[..., 0].reshape(-1)[: shape[-1]]),
        lambda: m.cofactor(x),
        lambda: m.cofactor_derivative(x, g),
    ]
    want = [call() for call in calls]
    monkeypatch.setattr(exact, "WORK", 0)
    for call, value in zip(calls, want, strict=True):
        got = call()
        assert np.shape(got) == np.shape(value)
        np.testing.assert_allclose(got, value, rtol=1e-10, atol=1e-12 * np.abs(value).max())


def test_large_matrices() -> None:
    x = random(30, 30) + 4.0 * np.eye(30)
    assert m.det(x) == pytest.approx(np.linalg.det(x), rel=1e-12)
    np.testing.assert_allclose(m.cofactor(x), np.linalg.det(x) * np.linalg.inv(x).T, rtol=1e-9)
    x[-1] = 2.0 * x[0]
    cofactors = m.cofactor(x)
    # Along the row that makes the matrix singular, the cofactors are those of x without it.
    for j in range(30):
        minor = np.linalg.det(np.delete(x[:-1], j, 1))
        assert cofactors[-1, j] == pytest.approx((-1) ** (29 + j) * minor, rel=1e-8)


def test_stacks_are_those_of_numpy() -> None:
    x, b = random(50, 3, 3), random(50, 3, 2, seed=1)  # too many for exact arithmetic
    np.testing.assert_allclose(m.inv(x), np.linalg.inv(x), rtol=1e-9)
    np.testing.assert_allclose(m.det(x), np.linalg.det(x), rtol=1e-9)
    np.testing.assert_allclose(m.solve(x, b), np.linalg.solve(x, b), rtol=1e-9)
    np.testing.assert_allclose(m.solve(x[0], b), np.linalg.solve(x[0], b), rtol=1e-9)
    np.testing.assert_allclose(m.solve(x, b[0]), np.linalg.solve(x, b[0]), rtol=1e-9)
    np.testing.assert_allclose(m.solve(x, b[0, :, 0]), m.solve(x, b[0])[..., 0], rtol=1e-9)
    for shape in ((0, 0), (0, 3, 3), (2, 0, 0)):
        empty = np.zeros(shape)
        assert m.inv(empty).shape == shape
        np.testing.assert_array_equal(m.det(empty), np.linalg.det(empty))


@pytest.mark.parametrize("strange", [inf, -inf, nan])
@pytest.mark.parametrize("name", ["det", "inv", "logdet", "solve", "cholesky"])
def test_a_matrix_gives_in_a_stack_what_it_gives_alone(name: str, strange: float) -> None:
    """Also beside one that is not finite: value, gradient and second derivatives."""
    matrices = [[[3.0, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, 4.0]], [[1e-3, 0.3], [0.1, 30.0]]]
    stack = np.array([*matrices, [[strange, 1.0], [0.0, 1.0]]])
    program = "solve(A, [[1, 2, 3], [0, -1, 2]])" if name == "solve" else f"{name}(A)"
    direction = np.array([[1.0, 0.5], [2.0, -1.0]])

    def results(a: np.ndarray) -> list[np.ndarray]:
        report = backprop(program, A=a)
        (product,) = hvp(report, {"A": np.broadcast_to(direction, a.shape)})
        return [report.value, report.gradients["A"], product.value]

    together = results(stack)
    for place, matrix in enumerate(stack):
        for alone, one in zip(results(matrix), together, strict=True):
            np.testing.assert_array_equal(one[place], alone)


def test_singular_matrices_have_no_inverse(both_ways: str) -> None:
    twice = np.array([[1.0, 2.0], [2.0, 4.0]])
    b = np.array([1.0, 2.0])
    assert np.isnan(m.inv(twice)).all()
    assert np.isnan(m.solve(twice, b)).all()
    assert m.solve(twice, b).shape == (2,)
    assert m.logdet(twice) == -inf
    np.testing.assert_equal(m.logdet(np.diag([1.0, -1.0])), nan)
    stack = np.stack([twice, np.eye(2)])
    np.testing.assert_array_equal(np.isnan(m.inv(stack)).any((-1, -2)), [True, False])
    np.testing.assert_array_equal(m.inv(stack)[1], np.eye(2))
    np.testing.assert_array_equal(m.solve(stack, b)[1], b)
    assert np.isnan(m.solve(stack, b)[0]).all()
    np.testing.assert_array_equal(m.logdet(stack), [-inf, 0.0])


def test_no_factor_without_positive_definiteness() -> None:
    for x in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 2.0], [2.0, 4.0]], [[-1.0]], [[0.0]]):
        assert np.isnan(m.cholesky(np.array(x))).all()
        assert not structural("cholesky").domain.holds(np.array(x))  # type: ignore[union-attr]
    np.testing.assert_array_equal(m.cholesky(np.array([[9.0]])), [[3.0]])


def test_cholesky_is_of_the_symmetric_part() -> None:
    x = np.array([[4.0, 3.0], [1.0, 3.0]])
    np.testing.assert_allclose(m.cholesky(x), np.linalg.cholesky((x + x.T) / 2), rtol=1e-15)
    got = gradient("cholesky", 0, random(2, 2), x)
    np.testing.assert_array_equal(got, got.T)


def test_cholesky_of_a_stack_is_that_of_each_matrix() -> None:
    stack = np.array([[[4.0, 2.0], [2.0, 3.0]], [[1.0, 2.0], [2.0, 1.0]], [[9.0, 3.0], [1.0, 5.0]]])
    upstreams = random(3, 2, 2)
    found = backprop("cholesky(A)", A=stack, upstream=upstreams)
    for x, upstream, value, gradient in zip(
        stack, upstreams, found.value, found.gradients["A"], strict=True
    ):
        one = backprop("cholesky(A)", A=x, upstream=upstream)
        np.testing.assert_array_equal(value, one.value)
        np.testing.assert_allclose(gradient, one.gradients["A"], rtol=1e-14)
    assert np.isnan(found.value[1]).all()  # not positive definite
    assert np.isfinite(found.value[::2]).all()


def test_nan_and_infinity_are_passed_on() -> None:
    for bad, n in product((nan, inf), (2, 9)):
        x = np.eye(n)
        x[0, 1] = bad
        for function in (m.det, m.logdet, m.cofactor, m.inv):
            assert not np.isfinite(function(x)).all()
        assert np.isnan(m.solve(x, np.ones(n))).any()
        assert np.isnan(m.cofactor_derivative(np.eye(n), x)).any()
        assert np.isnan(m.cholesky(x)).any()


def test_domains(both_ways: str) -> None:
    twice = np.array([[1.0, 2.0], [2.0, 4.0]])
    stack = np.stack([twice, np.eye(2), np.diag([1.0, -1.0])])
    domains = {name: structural(name).domain for name in ("inv", "solve", "logdet")}
    for name, want in [
        ("inv", [False, True, True]),
        ("solve", [False, True, True]),
        ("logdet", [False, True, False]),
    ]:
        domain = domains[name]
        assert domain is not None
        rest = [np.ones(2)] if name == "solve" else []
        np.testing.assert_array_equal(domain.holds(stack, *rest), want)
        assert bool(domain.holds(stack[0], *rest)) == want[0]


def test_exact_arithmetic_is_for_small_matrices() -> None:
    assert exact.is_small((8, 8))
    assert not exact.is_small((9, 9))
    assert not exact.is_small((100, 3, 3))
    assert not exact.is_small((5, 5), columns=1000)
    assert exact.is_small((0, 0))


@pytest.mark.parametrize("name", ["det", "inv", "logdet", "cofactor", "cholesky"])
@pytest.mark.parametrize("n", [3, 9])
def test_types(name: str, n: int) -> None:
    x = (random(n, n) + 9.0 * np.eye(n)).astype(np.float32)
    single = arrays("float32")
    assert getattr(single, name)(x).dtype == np.float32
    assert single.cofactor_derivative(x, x).dtype == np.float32
    assert single.solve(x, x[0]).dtype == np.float32


def test_the_inverse_of_a_number_is_its_reciprocal() -> None:
    report = backprop("inv(x)", x=4)
    assert (report.value, report.gradients["x"]) == (0.25, -0.0625)
