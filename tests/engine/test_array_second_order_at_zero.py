"""Second derivatives of ‖x‖², and derivatives that are infinite."""

import numpy as np
import pytest

from gradcalc import backprop, hessian, hvp


@pytest.mark.parametrize("square", ["‖x‖²", "||x||^2", "(norm(x))^2", "|x|^2", "norm(x)**2"])
@pytest.mark.parametrize("x", [[0.0, 0.0], [3.0, -4.0]])
def test_the_hessian_of_a_squared_norm_is_twice_the_identity(square: str, x: list[float]) -> None:
    report = backprop(square, x=x)
    assert report.value == np.dot(x, x)
    np.testing.assert_array_equal(report.gradients["x"], 2.0 * np.array(x))
    (found,) = hessian(report)
    np.testing.assert_array_equal(found.value, 2.0 * np.eye(2))


def test_a_norm_with_a_name_is_a_gate_of_its_own() -> None:
    report = backprop("n = ‖x‖; f = n^2", x=[3.0, -4.0])
    assert [node.name for node in report.nodes] == ["x", "n", None, "f"]
    assert report.gradients["x"].tolist() == [6.0, -8.0]
    one = backprop("‖x‖²", x=[3.0, -4.0]).nodes[-1]
    assert (one.expression, one.local[0].symbol) == ("norm(x)^2", "upstream * (2 * x)")


def test_other_powers_of_a_norm() -> None:
    """The gradient of ‖x‖³ is 3‖x‖x."""
    report = backprop("‖x‖^3", x=[3.0, -4.0])
    np.testing.assert_allclose(report.gradients["x"], [45.0, -60.0], rtol=1e-15)


def test_the_difference_of_equal_vectors() -> None:
    report = backprop("‖x - y‖²", x=[1.0, 2.0], y=[1.0, 2.0])
    by_x, by_y = hvp(report, {"x": 1.0})
    assert by_x.value.tolist() == [2.0, 2.0]
    assert by_y.value.tolist() == [-2.0, -2.0]
