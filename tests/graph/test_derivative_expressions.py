"""``∂f/∂x`` in a program: the gradient itself, an expression like any other."""

import math

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop


@pytest.mark.parametrize(
    ("program", "value", "gradient"),
    [
        # f = x^3 y: 3x^2 y and 6xy by hand.
        ("f = x^3 y; ∂f/∂x", 3 * 4 * 5.0, 6 * 2 * 5.0),
        ("f = x^3 y; df/dx", 60.0, 60.0),
        ("f = x^3 y; ∂²f/∂x²", 60.0, 6 * 5.0),
        ("f = x^3 y; ∂²f/∂x∂y", 12.0, 12.0),
        ("f = x^3 y; ∂/∂x(x f)", 4 * 8 * 5.0, 12 * 4 * 5.0),
        ("f = x^3 y; d/dx(x f) - df/dx", 160.0 - 60.0, 240.0 - 60.0),
        ("f = x^3 y; g = (∂f/∂x)^2; ∂g/∂x", 2 * 60 * 60.0, 2 * 60 * 60.0 + 2 * 60 * 30.0),
        ("f(x, y) = x^3 y; ∂f/∂x", 60.0, 60.0),
        ("q = x^2; f = q x y; ∂f/∂q", 10.0, 5.0),
        ("f = y^2; ∂f/∂x + 0*x", 0.0, 0.0),
        ("f = x y; g = ∂f/∂x / ∂f/∂y; g", 2.5, -1.25),
    ],
)
def test_scalars(program: str, value: float, gradient: float) -> None:
    given = {"x": 2.0, "y": 5.0}
    report = backprop(program, given)
    assert report.value == value
    assert report.gradients["x"] == pytest.approx(gradient, rel=1e-14)


def test_the_name_of_a_function_is_not_called_by_it() -> None:
    """It stays the output, and keeps its parameters as inputs."""
    report = backprop("f(x) = exp(2x); ∂f/∂x = 2exp(2x)", x=1.5)
    assert report.value == pytest.approx(math.exp(3))
    assert report.gradients == {"x": pytest.approx(2 * math.exp(3))}


def test_arrays() -> None:
    """The gradient of the squared norm by W is 2 q x', by x it is 2 W'q."""
    W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])
    program = "q = W x; f = ‖q‖²; ∂f/∂W = 2 q x'; ∂f/∂x = 2 W' q = ∂f/∂x"
    report = backprop(program, W=W, x=x)
    assert [note.kind for note in report.notes] == ["claim", "claim"]
    gradient = backprop(f"{program}; sum(∂f/∂W)", W=W, x=x)
    assert gradient.value == pytest.approx(float(np.sum(2 * np.outer(W @ x, x))))
    # The derivative of sum(2 W x x') by x: each entry of W x is multiplied by the sum of x.
    by_x = 2 * (W.T @ np.ones(2) * x.sum() + (W @ x).sum())
    assert gradient.gradients["x"] == pytest.approx(by_x)


def test_a_variable_is_what_it_is_called() -> None:
    assert backprop("f = x^2; dx = 4; df/dx", x=3, df=8).value == 2.0
    assert backprop("d = x; d/x", x=3).value == 1.0


@pytest.mark.parametrize(
    ("program", "code", "place"),
    [
        ("q = [x, 2x]; ∂q/∂x", "shape", 13),
        ("f = x^2; ∂²f/∂x", "syntax", 9),
        ("f = x^2; ∂f/∂x∂x", "syntax", 9),
        ("∂g/∂x", "missing-value", 0),
        ("f = x; ∂f/∂", "syntax", 7),
        ("f = x; ∂f", "syntax", 7),
    ],
)
def test_errors(program: str, code: str, place: int) -> None:
    with pytest.raises(GradcalcError) as error:
        backprop(program, x=2)
    assert (error.value.code, error.value.spans[0].start) == (code, place)


def test_derivatives_of_derivatives_end_in_one_error() -> None:
    program = "f0(x) = exp(x^2)"
    for k in range(60):
        program += f"; f{k + 1}(x) = ∂f{k}/∂x * x"
    with pytest.raises(GradcalcError) as error:
        backprop(program, x=0.5)
    assert error.value.code == "too-large"
