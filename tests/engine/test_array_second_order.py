"""Jacobians, Hessians and their products with directions, of programs: against what is known of
them by hand, and against second differences at high precision."""

import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from array_checks import rng
from mpmath import mp, mpf

from gradcalc import GradcalcError, backprop, backprop_all
from gradcalc.engine import derivatives as engine
from gradcalc.engine.gradient import hvp_graph
from gradcalc.report import Report
from gradcalc.services.derivatives import hessian, hvp, jacobian, jvp

A = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0], [0.0, 1.5, 2.0]])
W = np.array([[0.1, 0.5, -1.0], [-0.3, 0.8, 0.25]])
X, Y, Z = np.array([0.2, -0.4, 1.5]), np.array([1.0, 2.0, -0.5]), np.array([0.7, -1.2])


def blocks(report: Report) -> dict[tuple[str, ...], Any]:
    return {derived.names: derived.value for derived in hessian(report)}


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("x' A x", {("x", "x"): A + A.T}),
        ("‖A x‖²", {("x", "x"): 2 * A.T @ A}),
        ("sum((A x)^2)/2", {("x", "x"): A.T @ A}),
        ("x' A y", {("x", "y"): A, ("y", "x"): A.T, ("x", "x"): np.zeros((3, 3))}),
        ("sum(x*x*y)", {("x", "x"): np.diag(2 * Y), ("x", "y"): np.diag(2 * X)}),
        ("sum(x)^2", {("x", "x"): np.full((3, 3), 2.0)}),
        ("sum(x[0] x)", {("x", "x"): [[2, 1, 1], [1, 0, 0], [1, 0, 0]]}),
        ("prod(x)", {("x", "x"): [[0, 1.5, -0.4], [1.5, 0, 0.2], [-0.4, 0.2, 0]]}),
        ("sum(sin(x))", {("x", "x"): np.diag(-np.sin(X))}),
        ("var(x)", {("x", "x"): 2 / 3 * (np.eye(3) - 1 / 3)}),
        ("max(0, x)' x", {("x", "x"): np.diag([2.0, 0, 2])}),
        ("x'(A x)", {("A", "x"): None, ("A", "A"): np.zeros((3, 3, 3, 3))}),
        ("3", {}),
        ("sum(x)", {("x", "x"): np.zeros((3, 3))}),
    ],
)
def test_hessians_known_by_hand(program: str, want: Mapping[tuple[str, ...], Any]) -> None:
    values = {"A": A, "x": X, "y": Y}
    values = {n: v for n, v in values.items() if n in program.replace("max", "")}
    found = blocks(backprop(program, values))
    for names, block in want.items():
        if block is None:
            # d/dA_ij of (A + A')x, by entry k: x_j where k is i, and x_i where k is j.
            unit = np.eye(3)
            block = np.einsum("ik,j->ijk", unit, X) + np.einsum("jk,i->ijk", unit, X)
        np.testing.assert_allclose(found[names], block, 1e-12, 1e-14, err_msg=str(names))
    for (one, other), block in found.items():
        axes = [*range(block.ndim)]
        split = np.ndim(values[one])
        turned = np.transpose(block, axes[split:] + axes[:split])
        np.testing.assert_allclose(found[other, one], turned, 1e-12, 1e-14)


Exact = Callable[..., Any]


def mp_cross_entropy(w: Any, x: Any) -> Any:
    scores = [sum(w[i, j] * x[j] for j in range(3)) for i in range(2)]
    return mp.log(sum(map(mp.exp, scores))) - scores[1]


def mp_network(w: Any, x: Any, z: Any) -> Any:
    hidden = [mp.tanh(sum(w[i, j] * x[j] for j in range(3)) + z[i]) for i in range(2)]
    return mp.sqrt(sum(h**2 for h in hidden))


def mp_standardised(x: Any, y: Any) -> Any:
    mean = sum(x) / 3
    spread = mp.sqrt(sum((e - mean) ** 2 for e in x) / 3)
    return sum(b * ((e - mean) / spread) ** 3 for e, b in zip(x, y, strict=True))


def mp_logdet(a: Any) -> Any:
    return mp.log(mp.det(mp.matrix(a.tolist()) * mp.matrix(a.tolist()).T + mp.eye(3)))


PROGRAMS: list[tuple[str, Exact, dict[str, Any]]] = [
    ("cross_entropy(w x, 1)", mp_cross_entropy, {"w": W, "x": X}),
    ("-log(softmax(w x)[1])", mp_cross_entropy, {"w": W, "x": X}),
    ("logsumexp(w x) - (w x)[1]", mp_cross_entropy, {"w": W, "x": X}),
    ("‖tanh(w x + z)‖", mp_network, {"w": W, "x": X, "z": Z}),
    ("y' ((x - mean(x))/std(x))^3", mp_standardised, {"x": X, "y": Y}),
    ("layer_norm(x, eps=0)^3·y", mp_standardised, {"x": X, "y": Y}),
    ("logdet(a a' + eye(3))", mp_logdet, {"a": A}),
    ("log(det(a a' + eye(3)))", mp_logdet, {"a": A}),
]


@pytest.mark.parametrize(("program", "exact", "values"), PROGRAMS, ids=[p for p, *_ in PROGRAMS])
def test_hessians_at_high_precision(program: str, exact: Exact, values: dict[str, Any]) -> None:
    """Along random directions, by second differences of 60 digits."""
    report = backprop(program, values)
    d = {name: rng(k).uniform(-1, 1, value.shape) for k, (name, value) in enumerate(values.items())}
    e = {name: rng(k + 9).uniform(-1, 1, v.shape) for k, (name, v) in enumerate(values.items())}
    with mp.workdps(60):
        step = mpf("1e-15")

        def at(s: int, t: int) -> Any:
            moved = []
            for name, value in values.items():
                far = s * step * _exact(d[name]) + t * step * _exact(e[name])
                moved.append(_exact(value) + far)
            return exact(*moved)

        want = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * step**2)
        slope = (at(1, 0) - at(-1, 0)) / (2 * step)
    found = blocks(report)
    products = {derived.names[0]: derived.value for derived in hvp(report, e)}
    total = sum(
        np.tensordot(np.tensordot(d[i], found[i, j], d[i].ndim), e[j], e[j].ndim)
        for i in values
        for j in values
    )
    along = sum(np.sum(d[i] * products[i]) for i in values)
    assert float(total) == pytest.approx(float(want), rel=1e-11)
    assert float(along) == pytest.approx(float(want), rel=1e-11)
    (derived,) = jvp(report, d)
    assert derived.value == pytest.approx(float(slope), rel=1e-12)


def _exact(x: Any) -> Any:
    return np.vectorize(mpf, otypes=[object])(x)


@pytest.mark.parametrize(
    ("program", "values", "want"),
    [
        ("A x", {"A": A, "x": X}, {"x": A, "A": np.einsum("ij,k->ijk", np.eye(3), X)}),
        ("x", {"x": X}, {"x": np.eye(3)}),
        ("x'", {"x": A}, {"x": np.einsum("il,jk->ijkl", np.eye(3), np.eye(3))}),
        ("x*y", {"x": X, "y": Y}, {"x": np.diag(Y), "y": np.diag(X)}),
        ("x*s", {"x": X, "s": 2.0}, {"x": 2 * np.eye(3), "s": X}),
        ("sum(x)", {"x": X}, {"x": np.ones(3)}),
        ("cumsum(x)", {"x": X}, {"x": np.tril(np.ones((3, 3)))}),
        ("x[1:]", {"x": X}, {"x": np.eye(3)[1:]}),
        ("x y'", {"x": X, "y": Y}, {"x": np.einsum("ik,j->ijk", np.eye(3), Y)}),
        ("s^2", {"s": 3.0}, {"s": 6.0}),
        ("softmax(x)", {"x": np.zeros(2)}, {"x": [[0.25, -0.25], [-0.25, 0.25]]}),
    ],
)
def test_jacobians_known_by_hand(program: str, values: dict[str, Any], want: Any) -> None:
    for dtype in ("float64", "float32"):
        report = backprop(program, values, upstream=0.5, dtype=dtype)  # has no part in it
        found = {derived.names[0]: derived.value for derived in jacobian(report)}
        for name, matrix in want.items():
            np.testing.assert_allclose(found[name], matrix, 1e-6 if dtype == "float32" else 1e-14)
            assert np.shape(found[name]) == (*report.shape, *np.shape(values[name]))


def test_by_definitions_too() -> None:
    report = backprop("h = A x; sum(h^2)", A=A, x=X, wrt=["h"])
    (found,) = jacobian(report)
    assert found.names == ("h",)
    np.testing.assert_allclose(found.value, 2 * A @ X)
    with pytest.raises(GradcalcError, match="h is no input"):
        hessian(report)
    with pytest.raises(GradcalcError, match="h is no input"):
        jvp(report, {"h": X})


def test_the_upstream_gradient_weighs_the_entries() -> None:
    """Of an output that is no scalar the Hessian is that of the weighted sum of its entries."""
    u = np.array([2.0, -1.0, 0.5])
    report = backprop("x^3", x=X, upstream=u)
    np.testing.assert_allclose(blocks(report)["x", "x"], np.diag(6 * X * u))
    (found,) = hvp(report, {"x": Y})
    np.testing.assert_allclose(found.value, 6 * X * u * Y)
    report = backprop("x^3", x=X)
    np.testing.assert_allclose(blocks(report)["x", "x"], np.diag(6 * X))
    report = backprop("s^3", s=2.0, upstream=-3.0)
    assert blocks(report) == {("s", "s"): -36.0}


def test_directions() -> None:
    report = backprop("x' A y", A=A, x=X, y=Y)
    (derived,) = jvp(report, {"x": 1.0})  # one number for every entry
    assert derived.value == pytest.approx(np.sum(A @ Y))
    (derived,) = jvp(report, {"x": Y, "y": X})
    assert derived.value == pytest.approx(Y @ A @ Y + X @ A @ X)
    assert {d.names: np.shape(d.value) for d in hvp(report, {"y": X})} == {
        ("x",): (3,),
        ("A",): (3, 3),
        ("y",): (3,),
    }
    with pytest.raises(GradcalcError, match="x has 2 entries, and x has 3 entries") as caught:
        jvp(report, {"x": Z})
    assert caught.value.code == "shape"


def test_directions_are_values_of_inputs() -> None:
    matrix = backprop("sum(x^2)", x=[[1, 2], [3, 4]])
    for derive in (jvp, hvp):
        for direction, code in (([1, 0], "shape"), ("a", "bad-value"), (None, "bad-value")):
            with pytest.raises(GradcalcError) as caught:
                derive(matrix, {"x": direction})
            assert caught.value.code == code
    assert jvp(matrix, {"x": [[1, 0], [0, 1]]})[0].value == 10


def test_no_direction() -> None:
    report = backprop("x^2", x=X, dtype="float32")
    for derive in (jvp, hvp):
        value = derive(report, {})[0].value
        np.testing.assert_array_equal(value, np.zeros(3))
        assert value.dtype == np.float32
    assert [derived.value for derived in hvp(backprop("x^2", x=3), {})] == [0.0]
    assert [derived.value for derived in jvp(backprop("x^2", x=3), {})] == [0.0]


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("inv(A)", {}),
        ("solve(A, [1, 2])", {}),
        ("sum(solve(A, [1, 2]))", {}),
        ("inv(A + diag(x))", {"x": [0.0, float("nan")]}),
    ],
)
def test_no_derivatives_of_what_is_nan(program: str, values: dict[str, Any]) -> None:
    report = backprop(program, A=[[1, 2], [2, 4]], **values)
    derived = [*jvp(report, {"A": 1.0}), *hvp(report, {"A": 1.0}), *jacobian(report)]
    for found in (report.gradients["A"], *(one.value for one in derived)):
        assert np.isnan(found).any()
    # The sum of both has no gradient, each of them has one.
    opposite = backprop("y = inv(A)[0, 0]; [y, -y]", A=[[1, 2], [2, 4]])
    assert np.isnan(jvp(opposite, {"A": 1.0})[0].value).all()
    each = backprop("inv(A)", A=[[[1, 2], [2, 4]], [[2, 0], [0, 2]]])
    (found,) = jvp(each, {"A": 1.0})  # -inv(A) · ones · inv(A)
    np.testing.assert_array_equal(found.value[0], np.full((2, 2), np.nan))
    np.testing.assert_allclose(found.value[1], np.full((2, 2), -0.25), 1e-15)


def test_empty_and_constant() -> None:
    report = backprop("x^2", x=np.zeros((0, 2)))
    assert jacobian(report)[0].value.shape == (0, 2, 0, 2)
    assert hessian(report)[0].value.shape == (0, 2, 0, 2)
    assert jvp(report, {"x": np.zeros((0, 2))})[0].value.shape == (0, 2)
    report = backprop("0*x[:1] + [1, 2]", x=X)
    np.testing.assert_array_equal(jacobian(report)[0].value, np.zeros((2, 3)))
    report = backprop("y = 2x; x", x=X, of="x")
    np.testing.assert_array_equal(jacobian(report)[0].value, np.eye(3))
    report = backprop("floor(x)", x=X)
    np.testing.assert_array_equal(jvp(report, {"x": Y})[0].value, np.zeros(3))
    np.testing.assert_array_equal(hvp(report, {"x": Y})[0].value, np.zeros(3))


def test_single_precision() -> None:
    report = backprop("cross_entropy(W x, 1)", W=W, x=X, dtype="float32")
    double = backprop("cross_entropy(W x, 1)", W=W, x=X)
    for one, other in zip(
        [*hessian(report), *jvp(report, {"x": Y}), *jacobian(report)],
        [*hessian(double), *jvp(double, {"x": Y}), *jacobian(double)],
        strict=True,
    ):
        if np.shape(one.value):
            assert one.value.dtype == np.float32
        np.testing.assert_allclose(one.value, other.value, 1e-5, 1e-6)


def test_both_modes_are_used() -> None:
    """Rows where the output has fewer entries than the inputs, columns where it has more."""
    used: list[str] = []
    calls = {}
    for name in ("jacobian_by_rows", "jacobian_by_columns"):
        calls[name] = getattr(engine, name)
    try:
        for name, call in calls.items():

            def noted(*given: Any, name: str = name, call: Any = call) -> Any:
                used.append(name)
                return call(*given)

            setattr(engine, name, noted)
        jacobian(backprop("sum(x)", x=X))
        jacobian(backprop("x s", x=X, s=1.0, wrt=["s"]))
    finally:
        for name, call in calls.items():
            setattr(engine, name, call)
    assert used == ["jacobian_by_rows", "jacobian_by_columns"]


def test_axes_that_are_rotated_twice() -> None:
    """The Hessian of the sum of c y^2 is 2c, where y is x with its axes rotated."""
    c = np.arange(24.0).reshape(4, 2, 3)
    text = "sum(c*transpose(transpose(x, axes=[1, 2, 0]), axes=[1, 2, 0])^2)"
    report = backprop(text, x=np.ones((2, 3, 4)), c=c, wrt=["x"])
    (found,) = hvp(report, {"x": np.ones((2, 3, 4))})
    np.testing.assert_array_equal(found.value, 2 * np.transpose(c, (1, 2, 0)))


def test_a_direction_beside_wrt() -> None:
    """The derivative of 2xy by y is 2x."""
    found = hvp(backprop("x^2 y", x=3.0, y=2.0, wrt=["x"]), {"y": 1.0})
    assert [(derived.names, derived.value) for derived in found] == [(("x",), 6.0)]


def test_the_graph_of_second_derivatives_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """sum(w x^3) has the second derivatives 6 w x on its diagonal."""
    made = []

    def counted(*arguments: Any, **options: Any) -> Any:
        made.append(arguments)
        return hvp_graph(*arguments, **options)

    monkeypatch.setattr("gradcalc.engine.derivatives.hvp_graph", counted)
    for w, x, v in ([1, 5], [1, 2], [3, 1]), ([2, 1], [4, 3], [1, 1]), ([2, 1], [4, 3], [0, 2]):
        (found,) = hvp(backprop("x^3", x=x, upstream=w), {"x": v})
        np.testing.assert_array_equal(found.value, 6 * np.array(w) * x * v)
    assert len(made) == 1


def test_second_derivatives_of_several_outputs_and_weights() -> None:
    """sum(w x^3) and sum(w y x^2): 6 w x and 2 w y on the diagonal, 2 w x by x and y."""
    program, values = "x^3; y*x^2", {"x": [4.0, 3.0], "y": [1.0, 1.0]}
    direction = {"x": [1.0, 2.0]}
    for w in None, 3.0, [1.0, 5.0], None:
        cubes, squares = backprop_all(program, values, wrt="x", upstream=w)
        weights = np.array(1.0 if w is None else w) * [1.0, 2.0]
        for report, want in (cubes, 6 * weights * [4, 3]), (squares, 2 * weights):
            again = pickle.loads(pickle.dumps(report))
            for one in report, again:
                np.testing.assert_array_equal(hvp(one, direction)[0].value, want)
    for number in None, 3.0, None:
        (found,) = hvp(backprop("sum(x^3)", x=[4.0, 3.0], upstream=number), direction)
        np.testing.assert_array_equal(found.value, [24 * (number or 1), 36 * (number or 1)])
    by_both = hvp(backprop(program, values), direction)
    assert [list(found.value) for found in by_both] == [[2.0, 4.0], [8.0, 12.0]]
