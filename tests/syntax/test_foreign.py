"""What is written otherwise elsewhere: the help says a program, and it has NumPy's value."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop
from gradcalc.errors import GradcalcError
from gradcalc.syntax.foreign import FUNCTIONS, METHODS, SENTENCES

A = np.array([[1.0, 2.0, -4.0], [3.0, 0.5, 5.0]])
B = np.array([[2.0, -1.0, 3.0], [0.25, 1.0, 6.0]])
X = np.array([3.0, -1.0, 2.0])
VALUES = {"A": A, "B": B, "x": X, "F": A}

TRANSPOSED = (
    "a matrix, and each matrix of a stack, is transposed by A'"
    "; all axes are put in order by transpose(A, (1, 0))"
)

Program = tuple[str, str, Any]

#: (what other languages write, what the help says, its value)
METHOD_CALLS: list[Program] = [
    ("A.shape[1]", "write size(A, 1)", 3),
    ("A.shape[-1]", "write size(A, -1)", 3),
    ("F.shape[0]", "write size(F, 0)", 2),
    ("A.size", "write size(A)", 6),
    ("A.size(0)", "write size(A, 0)", 2),
    ("A.numel()", "write size(A)", 6),
    ("A.T.mm(B)", "write A' @ B", A.T @ B),
    ("A.mm(B.T)", "write A @ B'", A @ B.T),
    ("A.t()", "the transpose is A'", A.T),
    ("A.mT", "the transpose is A'", A.T),
    ("F.T", "the transpose is F'", A.T),
    ("A.view(-1)", "write reshape(A, -1)", A.reshape(-1)),
    ("A.reshape(3, 2)", "write reshape(A, 3, 2)", A.reshape(3, 2)),
    ("A.reshape((3, 2))", "write reshape(A, (3, 2))", A.reshape(3, 2)),
    ("A.permute(1, 0)", "write transpose(A, (1, 0))", A.T),
    ("A.permute((1, 0))", "write transpose(A, (1, 0))", A.T),
    ("A.sum(dim=1, keepdim=True)", "write sum(A, axis=1, keepdims=True)", A.sum(1, keepdims=True)),
    ("A.max(0)", "write amax(A, 0)", A.max(0)),
    ("A.min(dim=1)", "write min(A, axis=1)", A.min(1)),
    ("x.clone().exp().sum()", "write sum(exp(x))", np.exp(X).sum()),
    ("A.masked_fill(A > 2, 0)", "write where(A > 2, 0, A)", np.where(A > 2, 0, A)),
    ("x.expand(2, 3)", "write broadcast_to(x, 2, 3)", np.broadcast_to(X, (2, 3))),
    ("x.item()", "write x", X),
    ("x.inner(x)", "write dot(x, x)", X @ X),
]
LIBRARY_CALLS: list[Program] = [
    ("np.linalg.norm(x, axis=0)", "functions have no prefix: write norm(x, axis=0)", 14**0.5),
    ("torch.nn.functional.relu(x)", "functions have no prefix: write relu(x)", np.maximum(X, 0)),
    ("np.sum(np.exp(x))", "functions have no prefix: write sum(exp(x))", np.exp(X).sum()),
    ("np.max(A, 1)", "functions have no prefix: write amax(A, 1)", A.max(1)),
    ("np.maximum(A, 1)", "functions have no prefix: write maximum(A, 1)", np.maximum(A, 1)),
    (
        "torch.cat((A, B), 1)",
        "functions have no prefix: write cat((A, B), axis=1)",
        np.concatenate((A, B), 1),
    ),
    ("np.shape(A)[1]", "write size(A, 1)", 3),
    ("torch.clone(x)", "write x", X),
    ("x*np.pi", "write pi", np.pi),
    ("np.full((2, 2), -3)", "write (-3)*ones(2, 2)", np.full((2, 2), -3)),
]
CALLS: list[Program] = [
    ("len(A)", "write size(A, 0)", 2),
    ("shape(A)[1]", "write size(A, 1)", 3),
    ("full((2, 3), 4)", "write 4*ones(2, 3)", np.full((2, 3), 4)),
    ("full(shape=(2, 3), fill_value=4)", "write 4*ones(2, 3)", np.full((2, 3), 4)),
    ("full(2, 4)", "write 4*ones(2)", np.full(2, 4)),
    ("nan_to_num(x)", "write where(x == x, x, 0)", X),
    ("mm(A', 2 B)", "write A' @ (2 B)", 2 * A.T @ B),
    ("rsqrt(x^2)", "write 1/sqrt(x^2)", 1 / np.abs(X)),
    ("float(x > 0)", "write x > 0", X > 0),
    ("gather(A, 1, [[0], [2]])", "write take_along(A, [[0], [2]], 1)", [[1], [5]]),
]


def _help(text: str) -> Sequence[str]:
    with pytest.raises(GradcalcError) as caught:
        backprop(text, _values(text))
    return caught.value.help.split("\n")


def _values(text: str) -> dict[str, Any]:
    return {name: value for name, value in VALUES.items() if re.search(rf"\b{name}\b", text)}


@pytest.mark.parametrize(("text", "help", "value"), [*METHOD_CALLS, *LIBRARY_CALLS, *CALLS])
def test_the_help_says_a_program(text: str, help: str, value: Any) -> None:
    assert _help(text)[0] == help
    program = re.sub(r".*?(?:write|the transpose is) ", "", help, count=1)
    np.testing.assert_allclose(backprop(program, _values(program)).value, value, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("A.shape", "the size of an axis is size(A, 0), the number of all entries size(A)"),
        ("x.unsqueeze(0)", "an axis of size 1 is made by reshape, as in reshape(x, 1, 3)"),
        ("x[:, np.newaxis]", "an axis of size 1 is made by reshape, as in reshape(x, 1, 3)"),
        ("zeros_like(A)", "a number fits every array: write 0; a matrix of it is zeros(m, n)"),
        ("ones_like(A)", "a number fits every array: write 1; a matrix of it is ones(m, n)"),
        ("full_like(A, 2)", "a number fits every array: write 2; a matrix of it is 2*ones(m, n)"),
        ("hstack((A, B))", "write concat(A, B, axis=1) for matrices, concat(A, B) for vectors"),
        ("np.array([1, 2])", "an array is written [1, 2, 3]"),
        ("torch.transpose(A, 0, 1)", TRANSPOSED),
        ("A.swapaxes(0, 1)", TRANSPOSED),
        ("if(x > 0, x, 1)", "a choice is where(x > 0, a, b)"),
        ("(x + 1).T", "the transpose is (...)'"),
        ("torch.maen(x)", "functions have no prefix; did you mean mean?"),
        ("np.quantile(x, 2)", "functions have no prefix; gradcalc functions lists them"),
        ("x.foo()", "a name has no dots; a product is x*y"),
        ("x.exp", "functions have no prefix: write exp(...)"),
        ("x.exp().foo", "write exp(x)"),
        ("x.reshape(2, 3", "write reshape(x, ...)"),
    ],
)
def test_what_is_said(text: str, help: str) -> None:
    assert _help(text)[0] == help


@pytest.mark.parametrize(
    "text",
    ["f(a, b) = a b; f([x, A], 0)", "cat(a, b) = a b; cat([x, A], 0)", "max([x, A], 0)"],
)
def test_other_lists_are_no_lists_of_operands(text: str) -> None:
    assert _help(text) == ["the entries of an array have one shape"]


def test_long_chains_are_cut() -> None:
    assert _help("x" + ".exp()" * 100_000)[0].count("exp") == 10
    assert _help("x.exp(" + "(" * 100_000)[0] == "write exp(x, ...)"


def test_what_is_foreign_is_no_function_of_the_language() -> None:
    from gradcalc.ops import PLACES

    assert {name for name in (*METHODS, *FUNCTIONS, *SENTENCES) if name in PLACES} == {
        "size",  # an attribute of NumPy's
        "transpose",  # which takes two axes in PyTorch
    }
