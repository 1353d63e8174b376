"""What the reverse pass takes for granted about arrays that it does not read."""

import numpy as np
import pytest

from gradcalc import backprop
from gradcalc.engine.evaluation import Evaluation

LARGE = 200


def matrices() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.standard_normal((3, LARGE)), rng.standard_normal((LARGE, LARGE))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_product_that_overflows_is_noticed(dtype: str) -> None:
    """dW = Xᵀ dY with factors of 1e30 (float32) or 1e200: their product is infinite."""
    big = 1e30 if dtype == "float32" else 1e200
    X, W = matrices()
    report = backprop("sum(c*(X W))", X=X * big, W=W / big, c=big, dtype=dtype)
    assert not np.isfinite(report.gradients["W"]).any()
    assert [note.kind for note in report.notes] == ["non-finite"]


@pytest.mark.parametrize("strange", [np.inf, np.nan])
def test_an_infinite_factor_is_noticed(strange: float) -> None:
    """0 times infinity stays 0 where a relu has let nothing through."""
    X, W = matrices()
    X[1, 7] = strange
    c = np.array([[1.0], [0.0], [2.0]])
    report = backprop("sum(c*(X W))", X=X, W=W, c=c)
    want = X.T[:, [0, 2]] @ np.broadcast_to(c[[0, 2]], (2, LARGE))
    np.testing.assert_allclose(report.gradients["W"], want)


@pytest.mark.parametrize("strange", [np.inf, np.nan])
def test_an_infinite_second_factor_is_noticed(strange: float) -> None:
    """The same for the first operand, whose gradient has the factor W."""
    W, X = (x.T.copy() for x in matrices())
    W[7, 1] = strange
    c = np.array([1.0, 0.0, 2.0])
    report = backprop("sum(c*(X W))", X=X, W=W, c=c)
    want = np.broadcast_to(c[[0, 2]], (LARGE, 2)) @ W[:, [0, 2]].T
    np.testing.assert_allclose(report.gradients["X"], want)


@pytest.mark.parametrize("terms", ["sum(X W), {0}, {0}", "{0}, {0}, sum(X W)"])
def test_a_leaf_that_is_used_again_is_read(terms: str) -> None:
    """Two of its gradients are finite, and their sum is not."""
    X, _ = matrices()
    program = terms.format("c*sum(W)").replace(",", " +")
    report = backprop(program, X=X, W=np.zeros((LARGE, LARGE)), c=1e308)
    assert report.value == 0.0
    assert np.isinf(report.gradients["W"]).all()
    assert report.evaluation.strange


def test_an_upstream_gradient_may_be_changed_in_place() -> None:
    """A relu that is closed lets no infinity through."""
    x, upstream = np.ones((LARGE, LARGE)), np.ones((LARGE, LARGE))
    x[:, ::2] = -1.0
    run = backprop("relu(x)", x=x).evaluation
    for arriving in (0.0, 2.0, np.inf):
        upstream[:] = arriving
        again = Evaluation(run.forward_pass, run.output, upstream)
        want = np.where(x > 0.0, arriving, 0.0)
        np.testing.assert_array_equal(again.gradient(run.problem.inputs["x"]), want)


def test_an_upstream_gradient_is_read_again() -> None:
    upstream = np.ones((LARGE, LARGE))
    run = backprop("x + 1", x=np.ones((LARGE, LARGE))).evaluation
    for arriving in (1.0, np.nan):
        upstream[:] = arriving
        again = Evaluation(run.forward_pass, run.output, upstream)
        assert again.strange == np.isnan(arriving)


def test_scores_may_be_changed_in_place() -> None:
    """A leaf is the operand of the loss itself; the same array comes again with other numbers."""
    z, y = np.zeros((4, 3)), np.array([0, 1, 2, 0])
    for scale in (1.0, 5.0):
        z[:] = scale * np.eye(4, 3)
        fresh = backprop("cross_entropy(z, y)", z=z.copy(), y=y.copy())
        again = backprop("cross_entropy(z, y)", z=z, y=y)
        assert again.value == fresh.value
        np.testing.assert_array_equal(again.gradients["z"], fresh.gradients["z"])
    big = np.zeros((5000, 3))
    for scale in (1.0, 5.0):  # too big to be copied when it is given
        big[:, 0] = scale
        found = backprop("cross_entropy(z, y)", z=big, y=np.zeros(5000)).value
        want = np.log(np.exp(scale) + 2.0) - scale
        assert abs(found - want) < 1e-12


def test_notes_are_found_when_they_are_asked_for() -> None:
    report = backprop("relu(x)", x=0)
    assert report._notes is None
    assert [note.kind for note in report.notes] == ["kink"]
