"""concat and stack of a list, a loop or an array: the arrays that they join, as in NumPy."""

from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop

X = np.arange(1.0, 7.0).reshape(2, 3)
T = np.arange(24.0).reshape(2, 3, 4) ** 2
LISTS: list[tuple[str, Any]] = [
    ("stack([X[i]^2 for i in range(2)])", np.stack([X[0] ** 2, X[1] ** 2])),
    ("stack(X[i]^2 for i in range(2))", np.stack([X[0] ** 2, X[1] ** 2])),
    ("stack([X[:, i] for i in range(3)], axis=1)", np.stack([X[:, i] for i in range(3)], axis=1)),
    ("stack([X[1] for i in range(1)])", X[1:]),
    ("stack([X])", X[None]),
    ("concat([X[i] for i in range(2)])", X.ravel()),
    ("concat(X[i] for i in range(2))", X.ravel()),
    ("concat([X[i, i:] for i in range(2)])", np.array([1.0, 2.0, 3.0, 5.0, 6.0])),
    ("concat([X[:, i:i+1] for i in range(3)], axis=1)", X),
    ("concat([X[0], X[1]])", X.ravel()),
    ("concat([X])", X),
    ("concat([concat([X[i], [j]]) for i in range(2) for j in range(2)])",
     np.concatenate([[*X[i], j] for i in range(2) for j in range(2)])),
    ("f(A) = concat([A[i] for i in range(2)]); f(X) + f(2X)", 3 * X.ravel()),
]  # fmt: skip


@pytest.mark.parametrize(("program", "want"), LISTS)
def test_a_list_and_a_loop_are_the_operands(program: str, want: Any) -> None:
    value = backprop(program, {"X": X}).value
    assert value.shape == want.shape
    np.testing.assert_array_equal(value, want)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize(("name", "join"), [("concat", np.concatenate), ("stack", np.stack)])
def test_an_array_is_the_list_of_its_parts(name: str, join: Any, axis: int) -> None:
    weights = np.random.default_rng(0).normal(size=join(T, axis=axis).shape)
    for text in (f"{name}(T, axis={axis})", f"h = [T[0], T[1]]; {name}(h, axis={axis})"):
        report = backprop(text, {"T": T}, upstream=weights)
        np.testing.assert_array_equal(report.value, join(T, axis=axis))
        parts = np.split(weights, 2, axis) if name == "concat" else np.moveaxis(weights, axis, 0)
        np.testing.assert_array_equal(report.gradients["T"], np.stack(parts))


def test_the_parts_of_a_vector_are_numbers() -> None:
    np.testing.assert_array_equal(backprop("stack(x)", x=X[0]).value, X[0])
    np.testing.assert_array_equal(backprop("stack(2^i for i in range(3))").value, [1, 2, 4])


@pytest.mark.parametrize("program", ["concat(X, axis=1)", "stack(X, axis=2)", "concat(X, axis=-2)"])
def test_an_axis_that_the_joined_parts_do_not_have(program: str) -> None:
    with pytest.raises(GradcalcError) as error:
        backprop(program, X=X)
    assert error.value.code == "shape"
    span = error.value.spans[0]
    assert program[span.start : span.end] == program[program.index("axis") : -1]


def test_a_gradient_by_the_list_itself() -> None:
    report = backprop("h = [x, x^2]; sum(concat(h) * [1, 2, 3, 4])", x=[2.0, 3.0], wrt=["h", "x"])
    np.testing.assert_array_equal(report.gradients["h"], [[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(report.gradients["x"], [1 + 3 * 4, 2 + 4 * 6])


@pytest.mark.parametrize("name", ["concat", "stack", "cat"])
def test_a_function_of_that_name_takes_an_array(name: str) -> None:
    """A definition's own name wins, and a list in its call is an array."""
    report = backprop(f"{name}(a) = sum(a^2); {name}([x, y])", x=3.0, y=4.0)
    assert report.value == 25.0
    assert report.gradients == {"x": 6.0, "y": 8.0}


@pytest.mark.parametrize(
    ("program", "value", "gradient"),
    [
        ("f(a, n) = sum(stack(a[i] for i in range(n))); f(x, 2) + f(x, 0)", 3.0, [1.0, 1.0]),
        ("sum(sum(stack(x[i] for i in range(j))) for j in range(2, -1, -1))", 4.0, [2.0, 1.0]),
        ("sum(sum(concat([x[i:i+1] for i in range(j)])) for j in range(2, -1, -1))", 4, [2.0, 1.0]),
    ],
)
def test_a_loop_without_turns_behind_one_with_some(
    program: str, value: float, gradient: list[float]
) -> None:
    report = backprop(program, x=[1.0, 2.0])
    assert report.value == value
    np.testing.assert_array_equal(report.gradients["x"], gradient)
