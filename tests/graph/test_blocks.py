r"""Matrices of LaTeX whose entries are arrays: blocks, compared with NumPy's."""

from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop, check

A = np.array([[1.0, 2.0], [3.0, 4.0]])
B = np.array([[5.0, 6.0], [7.0, 8.0]])
U, V = np.array([1.0, 2.0]), np.array([-3.0, 0.5])
T = np.array([4.0, 5.0, 6.0])
VALUES = {"A": A, "B": B, "u": U, "v": V, "t": T, "c": 9.0, "W": np.arange(10.0).reshape(2, 5)}
COLUMN = U[:, None]
BLOCKS: list[tuple[str, Any]] = [
    ("A & B", np.hstack([A, B])),
    (r"A \\ B", np.vstack([A, B])),
    (r"A & B \\ B & 2A", np.block([[A, B], [B, 2 * A]])),
    (r"A & u \\ v^T & c", np.block([[A, COLUMN], [V, 9.0]])),
    ("u & A", np.hstack([COLUMN, A])),
    (r"v^T \\ A", np.vstack([V, A])),
    ("u & v", np.column_stack([U, V])),
    (r"u & v \\ 0 & c", np.array([[1.0, -3.0], [2.0, 0.5], [0.0, 9.0]])),
    (r"u^T \\ v^T", np.array([U, V])),
    (r"u^T \\ \begin{matrix} 1 & 2 \end{matrix}", np.array([U, [1.0, 2.0]])),
    (r"u \\ t", np.concatenate([U, T])),
    (r"u \\ c \\ t \\ 1", np.array([1.0, 2.0, 9.0, 4.0, 5.0, 6.0, 1.0])),
    ("u^T & t^T", np.concatenate([U, T])),
    ("u^T & c", np.array([1.0, 2.0, 9.0])),
    ("A", A),
    ("u^T", U),
    ("5", np.array([5.0])),
    (r"A & \operatorname{zeros}(2, 3)", np.hstack([A, np.zeros((2, 3))])),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "want"), BLOCKS)
@pytest.mark.parametrize("environment", ["bmatrix", "pmatrix"])
def test_blocks_are_joined(entries: str, want: Any, environment: str) -> None:
    text = rf"\begin{{{environment}}} {entries} \end{{{environment}}}"
    used = {name: value for name, value in VALUES.items() if _stands(name, entries)}
    value = backprop(text, used).value
    assert np.shape(value) == want.shape
    np.testing.assert_array_equal(value, want)
    transposed = np.asarray(backprop(text + r"^\top", used).value)
    np.testing.assert_array_equal(transposed, want.T)


def bmatrix(text: str) -> str:
    """A text with matrices in place of what stands in < >."""
    return text.replace("<", r"\begin{bmatrix} ").replace(">", r" \end{bmatrix}")


PRODUCTS: list[tuple[str, Any]] = [
    (r"\|<A & B> <u \\ v>\|^2",
     np.sum((np.hstack([A, B]) @ np.concatenate([U, V])) ** 2)),
    (r"\tanh(W <u \\ t>)", np.tanh(np.arange(10.0).reshape(2, 5) @ [1, 2, 4, 5, 6])),
    # A row of transposed vectors is a transposed vector.
    (r"<u^T & t^T> <v \\ t>", U @ V + T @ T),
    (r"<u^T & 1> <v^T & c>^T", U @ V + 9.0),
    (r"t <u^T & v^T>", np.outer(T, np.concatenate([U, V]))),
    (r"\det <A & B \\ 2B & A>", np.linalg.det(np.block([[A, B], [2 * B, A]]))),
    (r"\begin{vmatrix} A & B \\ 2B & A \end{vmatrix}",
     np.linalg.det(np.block([[A, B], [2 * B, A]]))),
    (r"\begin{vmatrix} u & v \end{vmatrix}", np.linalg.det(np.column_stack([U, V]))),
    (r"\begin{vmatrix} A \end{vmatrix}", -2.0),
    (r"<(u^T)^T & v>", np.column_stack([U, V])),
    (r"<\operatorname{concat}(u^T, v) \\ 1>", np.concatenate([U, V, [1.0]])),
    (r"\begin{vmatrix} c \end{vmatrix}", 9.0),
    (r"\begin{Vmatrix} A & B \end{Vmatrix}", np.linalg.norm(np.hstack([A, B]))),
    (r"f(z) = <z \\ 1>; f(u)^T f(u) + f(t)^T f(t)", U @ U + T @ T + 2.0),
    # A name that is defined as a row stays one.
    (r"p = <1 & 2>; q = <3 & 4>; <p \\ q>", A),
    (r"p = <1 & 2>; p v", U @ V),
]  # fmt: skip


@pytest.mark.parametrize(("text", "want"), PRODUCTS)
def test_blocks_in_formulas(text: str, want: Any) -> None:
    used = {name: value for name, value in VALUES.items() if _stands(name, text)}
    value = backprop(bmatrix(text), used).value
    np.testing.assert_allclose(value, want, rtol=1e-13)


def _stands(name: str, text: str) -> bool:
    """Whether a name of one letter stands in a text, and not in a word."""
    around = f" {text} "
    return any(
        around[k] == name and not around[k - 1].isalpha() and not around[k + 1].isalpha()
        for k in range(1, len(around) - 1)
    )


def test_gradients_of_blocks() -> None:
    """Of the sum of squares the gradient of each entry is twice its value, where it stands once."""
    text = r"\|<A & u \\ v^T & c>\|^2"
    report = backprop(bmatrix(text), A=A, u=U, v=V, c=9.0)
    for name, value in {"A": A, "u": U, "v": V, "c": 9.0}.items():
        np.testing.assert_allclose(report.gradients[name], 2 * np.asarray(value))


@pytest.mark.parametrize(
    ("entries", "code", "message", "help"),
    [
        (r"u & t", "shape", "u has 2 entries, and t has 3 entries", "as many rows"),
        (r"A & t", "shape", "A is 2×2, and t has 3 entries", "as many rows"),
        (r"A \\ v", "shape", "A is 2×2, and v has 2 entries", "v is a column, and v^T would fit"),
        (r"A & u^T", "shape", "A is 2×2, and u^T has 2 entries", "u^T is a row, and u would fit"),
        (r"A & u \\ v & A", "shape", "A is 2×2, and v has 2 entries", "as many columns"),
        (r"A & 0 \\ 0 & B", "shape", "A is 2×2, and 0 is a scalar", r"\operatorname{zeros}(2, 2)"),
        (r"\operatorname{softmax}(u^T) \\ v^T", "ambiguous", "a row or a column?", "^T"),
    ],
)
def test_blocks_that_do_not_fit(entries: str, code: str, message: str, help: str) -> None:
    used = {name: VALUES[name] for name in "ABuvt" if _stands(name, entries)}
    with pytest.raises(GradcalcError) as caught:
        backprop(bmatrix(f"<{entries}>"), used)
    assert (caught.value.code, message in caught.value.message) == (code, True)
    assert help in caught.value.help


def test_a_part_of_a_matrix_that_is_written_as_a_row() -> None:
    text = bmatrix(r"\sum_{i=1}^2 \|<A_{i,:} \\ 1>\|^2")
    with pytest.raises(GradcalcError, match="a row or a column"):
        backprop(text, A=A)


def test_more_than_two_axes() -> None:
    with pytest.raises(GradcalcError, match="a number, a vector or a matrix, and C is 1×2×2"):
        backprop(bmatrix("<C & C>"), C=[A])


def test_an_answer_of_blocks() -> None:
    answer = bmatrix(r"<<2 \\ 4> \\ 6>")
    assert check("x'x", f"dx = {answer}", x=[1, 2, 3], require=[]).items[0].verdict == "right"


def test_a_vector_of_ones() -> None:
    """What is said of a bold 1 that is no indicator."""
    value = backprop(r"b_1 \operatorname{ones}(3)^T", b_1=U).value
    np.testing.assert_array_equal(value, [[1, 1, 1], [2, 2, 2]])


def test_a_block_without_a_value() -> None:
    with pytest.raises(GradcalcError, match="no value for B"):
        backprop(bmatrix("<A & B>"), A=A)


def test_the_determinant_of_a_column() -> None:
    with pytest.raises(GradcalcError, match="det takes a square matrix"):
        backprop(r"\begin{vmatrix} u \\ v \end{vmatrix}", u=U, v=V)


def test_only_a_zero_stands_for_zeros() -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop(bmatrix(r"<A & 5 \\ 5 & B>"), A=A, B=B)
    assert "zeros" not in caught.value.help
