"""What is written otherwise elsewhere: the help says a program, and it has NumPy's value."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop
from gradcalc.errors import GradcalcError
from gradcalc.syntax.elsewhere import A_TYPE, FUNCTIONS, METHODS, SENTENCES
from gradcalc.syntax.elsewhere_arguments import KNOWN as KNOWN_ARGUMENTS
from gradcalc.syntax.elsewhere_arguments import NAMES
from gradcalc.syntax.elsewhere_functions import KNOWN

A = np.array([[1.0, 2.0, -4.0], [3.0, 0.5, 5.0]])
B = np.array([[2.0, -1.0, 3.0], [0.25, 1.0, 6.0]])
X = np.array([3.0, -1.0, 2.0])
VALUES = {"A": A, "B": B, "x": X, "F": A}

TRANSPOSED = "write A' for a matrix, transpose(A, (1, 0, 2)) for 3 axes"
IN_ORDER = (
    "a matrix, and each matrix of a stack, is transposed by A'"
    "; all axes are put in order by transpose(A, (1, 0))"
)
AN_AXIS = "an axis of size 1 is made by stack: write "

Program = tuple[str, str, Any]

#: (what other languages write, what the help says, its value)
METHOD_CALLS: list[Program] = [
    ("A.shape[1]", "write size(A, 1)", 3),
    ("A.shape[-1]", "write size(A, -1)", 3),
    ("F.shape[0]", "write size(F, 0)", 2),
    ("A.size", "write size(A)", 6),
    ("A.size(0)", "write size(A, 0)", 2),
    ("A.numel()", "write size(A)", 6),
    ("A.T.mm(B)", "write A.T @ B", A.T @ B),
    ("A.mm(B.T)", "write A @ B'", A @ B.T),
    ("A.t()", "the transpose is A'", A.T),
    ("A.mT", "the transpose is A'", A.T),
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
    ("x.size()[0]", "write size(x, 0)", 3),
    ("A.size(dim=0)", "write size(A, 0)", 2),
    ("x.where(x > 0, 7)", "write where(x > 0, x, 7)", np.where(X > 0, X, 7)),
    ("x.clamp(min=0)", "write max(x, 0)", np.maximum(X, 0)),
    ("x.clamp(max=1)", "write min(x, 1)", np.minimum(X, 1)),
    ("x.clamp(max=1, min=0)", "write clip(x, 0, 1)", np.clip(X, 0, 1)),
    ("A.exp()[0]", "write exp(A)[0]", np.exp(A[0])),
    ("A.mm(B.T)[0].sum()", "write sum((A @ B')[0])", (A @ B.T)[0].sum()),
    ("2*A.mm(B.T)", "write (A @ B')", A @ B.T),
    ("A.std(dim=1)", "write std(A, axis=1, ddof=1)", A.std(1, ddof=1)),
    ("A.var(1)", "write var(A, 1); that of PyTorch has ddof=1", A.var(1)),
    ("F.mean(0)", "write mean(F, 0)", A.mean(0)),
    ("F.max(dim=1)", "write max(F, axis=1)", A.max(1)),
    ("A.max((0, 1))", "write amax(A, (0, 1))", 5),
    ("A.max(dim=1)[0]", "write amax(A, axis=1)", A.max(1)),
    ("A.max(1).values", "write amax(A, 1)", A.max(1)),
    ("A.min(dim=0)[1]", "write argmin(A, axis=0)", A.argmin(0)),
    ("A.min(0).indices.sum()", "write sum(argmin(A, 0))", A.argmin(0).sum()),
    ("x.sort()[0][1]", "write sort(x)[1]", 2),
    ("A.max()", "write max(A)", 5),
    ("x.unsqueeze(1)", "write stack([x], axis=1)", X[:, None]),
    ("x.unsqueeze(-1).sum(0)", "write sum(stack([x], axis=-1), 0)", [4]),
    ("x.exp()[:, None]", "write stack([exp(x)], axis=1)", np.exp(X)[:, None]),
    (
        "x.exp()[None, :, None]",
        "write stack([stack([exp(x)], axis=0)], axis=2)",
        np.exp(X[None, :, None]),
    ),
    ("A[:, np.newaxis]", f"{AN_AXIS}stack([A], axis=1)", A[:, None]),
    ("A[None, 1:] - A", f"{AN_AXIS}stack([A[1:]], axis=0)", A[None, 1:]),
    ("A[0, :, None]", f"{AN_AXIS}stack([A[0, :]], axis=1)", A[0, :, None]),
    ("A[..., None]", "write stack([A], axis=-1)", A[..., None]),
    ("A[..., None, :]", "write stack([A], axis=-2)", A[..., None, :]),
    ("x[None]", f"{AN_AXIS}stack([x], axis=0)", X[None]),
    ("x.var(0, unbiased=False)", "write var(x, 0, ddof=0)", X.var()),
    ("x.var(unbiased=True)", "write var(x, ddof=1)", X.var(ddof=1)),
    ("x.var(correction=0)", "write var(x, ddof=0)", X.var()),
    ("A.max(1, keepdim=True)", "write amax(A, 1, keepdims=True)", A.max(1, keepdims=True)),
]
PREFIX = "functions have no prefix: write "
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
    ("torch.sum(A, 1).mean()", f"{PREFIX}mean(sum(A, 1))", A.sum(1).mean()),
    ("torch.square(x).sum()", f"{PREFIX}sum(square(x))", (X**2).sum()),
    ("torch.clone(A)[0].sum()", "write sum(A[0])", A[0].sum()),
    ("np.sum(np.max(A, 1))", f"{PREFIX}sum(amax(A, 1))", A.max(1).sum()),
    (
        "np.exp(-np.log(np.exp(A.T), 2))",
        f"{PREFIX}exp(-(log(exp(A'))/log(2)))",
        np.exp(-np.log2(np.exp(A.T))),
    ),
    ("np.exp(np.full(2, 1))", f"{PREFIX}exp(1*ones(2))", np.exp(np.ones(2))),
    ("math.log(8, 2)", f"{PREFIX}log(8)/log(2)", 3),
    ("math.log(4)", f"{PREFIX}log(4)", np.log(4)),
    ("1/math.log(8, 2)", f"{PREFIX}(log(8)/log(2))", 3),
    ("np.linspace(0, 1, num=5)", f"{PREFIX}linspace(0, 1, n=5)", np.linspace(0, 1, 5)),
    ("torch.full((3,), 2)", "write 2*ones(3)", np.full(3, 2)),
    ("torch.full(fill_value=2, size=(3, 1))", "write 2*ones(3, 1)", np.full((3, 1), 2)),
    ("torch.std(A, 1)", f"{PREFIX}std(A, 1, ddof=1)", A.std(1, ddof=1)),
    ("np.std(A, 1)", f"{PREFIX}std(A, 1)", A.std(1)),
    ("np.std(A, ddof=1)", f"{PREFIX}std(A, ddof=1)", A.std(ddof=1)),
    ("np.vdot(A, B)", "write sum(A*B)", np.vdot(A, B)),
    ("torch.max(A, dim=1)[0]", f"{PREFIX}amax(A, axis=1)", A.max(1)),
    ("torch.max(A, 1)[1]", f"{PREFIX}argmax(A, 1)", A.argmax(1)),
    ("torch.max(A, B)[0]", f"{PREFIX}max(A, B)[0]", np.maximum(A, B)[0]),
    ("torch.exp(A).min(1)[0]", f"{PREFIX}amin(exp(A), 1)", np.exp(A).min(1)),
    ("torch.sort(x)[0]", f"{PREFIX}sort(x)", np.sort(X)),
    ("torch.sort(x, dim=0).indices", f"{PREFIX}argsort(x, axis=0)", np.argsort(X)),
    ("np.sort(x)[0]", f"{PREFIX}sort(x)[0]", -1),
    ("np.max(A, 1)[0]", f"{PREFIX}amax(A, 1)[0]", 2),
    ("torch.std(x, unbiased=False)", f"{PREFIX}std(x, ddof=0)", X.std()),
    ("np.expand_dims(x, (0, 1))", "write stack([stack([x], axis=0)], axis=1)", X[None, None]),
    ("np.transpose(A, (1, 0))", f"{PREFIX}transpose(A, (1, 0))", A.T),
    ("np.clip(x, 0, 1)", f"{PREFIX}clip(x, 0, 1)", np.clip(X, 0, 1)),
    ("np.full((2, 2), -3)", "write (-3)*ones(2, 2)", np.full((2, 2), -3)),
]
CALLS: list[Program] = [
    ("2*sort(x, descending=True)^2", "write (-sort(-x))", [3, 2, -1]),
    ("(sort(x, descending=True))", "write -sort(-x)", [3, 2, -1]),
    ("2*sum(A, dim=1)", "write sum(A, axis=1)", A.sum(1)),
    ("len(A)", "write size(A, 0)", 2),
    ("shape(A)[1]", "write size(A, 1)", 3),
    ("full((2, 3), 4)", "write 4*ones(2, 3)", np.full((2, 3), 4)),
    ("full(shape=(2, 3), fill_value=4)", "write 4*ones(2, 3)", np.full((2, 3), 4)),
    ("full(2, 4)", "write 4*ones(2)", np.full(2, 4)),
    ("nan_to_num(x)", "write where(x == x, x, 0)", X),
    ("nan_to_num(x, nan=1)", "write where(x == x, x, 1)", X),
    ("mm(A', 2 B)", "write A' @ (2 B)", 2 * A.T @ B),
    ("rsqrt(x^2)", "write 1/sqrt(x^2)", 1 / np.abs(X)),
    ("float(x > 0)", "write x > 0", X > 0),
    ("average(x)", "write mean(x)", 4 / 3),
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
    program = re.sub(r".*?(?:write|the transpose is) |;.*", "", help)
    np.testing.assert_allclose(backprop(program, _values(program)).value, value, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("A.shape", "the size of an axis is size(A, 0), the number of all entries size(A)"),
        ("x.unsqueeze()", "an axis of size 1 is made by stack, as in stack([x], axis=1)"),
        ("x.expand_dims((0, -1))", "an axis of size 1 is made by stack, as in stack([x], axis=1)"),
        ("(x + x)[:, np.newaxis]", f"{AN_AXIS}stack([...], axis=1)"),
        ("[np.newaxis, 1]", "an axis of size 1 is made by stack, as in stack([x], axis=1)"),
        ("[None, 1]", "it is the value of a setting, as in sum(x, axis=None)"),
        ("x[X, None]", "it is the value of a setting, as in sum(x, axis=None)"),
        ("A[..., None, 0]", "write a : for each axis, as in x[:, :, 0]"),
        ("A.max(1)[0]", "write amax(A, 1) for the values, argmax(A, 1) for their places"),
        (
            "torch.topk(x, 2)",
            "the greatest of a vector are -sort(-x)[:2], their places argsort(-x)[:2]",
        ),
        ("zeros_like(A)", "a number fits every array: write 0; a matrix of it is zeros(m, n)"),
        ("ones_like(A)", "a number fits every array: write 1; a matrix of it is ones(m, n)"),
        ("full_like(A, 2)", "a number fits every array: write 2; a matrix of it is 2*ones(m, n)"),
        ("hstack((A, B))", "write concat(A, B, axis=1) for matrices, concat(A, B) for vectors"),
        ("np.array([1, 2])", "an array is written [1, 2, 3]"),
        ("torch.transpose(A, 0, 1)", TRANSPOSED),
        ("A.swapaxes(0, 1)", TRANSPOSED),
        ("A.swapaxes(x, 1)", IN_ORDER),
        ("A.swapaxes(8, 1)", "all axes are put in order by transpose(A, (1, 0))"),
        ("torch.transpose(A, 1, 2)", "write A' for 3 axes, transpose(A, (0, 2, 1, 3)) for 4 axes"),
        ("np.moveaxis(A, 0, -1)", "write A' for a matrix, transpose(A, (1, 2, 0)) for 3 axes"),
        ("hstack(A, B)", "write concat(A, B, axis=1) for matrices, concat(A, B) for vectors"),
        ("np.vstack([A, B])", "write concat(A, B, axis=0) for matrices, stack(A, B) for vectors"),
        (
            "dstack((x, x))",
            "write stack(x, x, axis=2) for matrices, stack([stack(x, x, axis=1)]) for vectors",
        ),
        (
            "column_stack((x, x))",
            "write concat(x, x, axis=1) for matrices, stack(x, x, axis=1) for vectors",
        ),
        ("inner(x)", "write dot(x, ...) for vectors, x @ (...)' for matrices"),
        (
            "kl_div(x, x)",
            "of probabilities p and q it is sum(p*log(p/q)); PyTorch's kl_div(log(q), p) is that",
        ),
        ("slogdet(A)", "gradcalc functions lists them"),
        ("torch.kron(A, B)", "functions have no prefix; gradcalc functions lists them"),
        ("f = sum(x^2); grad(f, x)", "write ∂/∂x(f)"),
        ("quantiles(v, w) = v^2; quantile(x, x)", "did you mean quantiles?"),
        ("if(x > 0, x, 1)", "a choice is where(x > 0, a, b)"),
        ("(x + 1).t()", "the transpose is (...)'"),
        ("(x + 1).T.sum()", "write sum(...)"),
        ("torch.maen(x)", "functions have no prefix; did you mean mean?"),
        ("np.quantile(x, 2)", "functions have no prefix; gradcalc functions lists them"),
        ("x.foo()", "a name has no dots; a product is x*y"),
        ("x.exp", "functions have no prefix: write exp(...)"),
        ("x.exp().foo", "write exp(x) for what stands in front of .foo"),
        ("x.exp()[x, None]", "write exp(x) for what stands in front of [x, None]"),
        ("np.exp(x).foo()", "write exp(x) for what stands in front of .foo"),
        ("x.reshape(2, 3", "write reshape(x, ...)"),
        ("(x + x).item()", "leave out .item()"),
        ("x.item(0)", "a name has no dots; a product is x*y"),
        ("np.inner(A, B)", "write dot(A, B) for vectors, A @ B' for matrices"),
        ("x.astype(int)", A_TYPE.format("x")),
        (f"{'a' * 41}.sum()", "write sum(...)"),
        (f"{'a' * 40}.sum()", f"write sum({'a' * 40})"),
        ("np.sum(np.tril(A, 1, 2))", f"{PREFIX}sum(np.tril(A, 1, 2))"),
        ("torch.where(x > 0)", f"{PREFIX}where(...)"),
        ("torch.flatten(A, 2)", f"{PREFIX}flatten(...)"),
        (
            "np.diag(A, -1)",
            "write diag(A[1:, :]) for a matrix"
            ", scatter(diag(A), zeros(n + 1, n + 1)[1:, :n]) for a vector of n entries",
        ),
        ("x.argmax(keepdim=True)", "write argmax(...)"),
        ("np.linalg.norm(A, 2)", f"{PREFIX}norm(...)"),
        ("torch.clamp(x, None, None)", f"{PREFIX}clamp(...)"),
        ("F.layer_norm(A, (2, 3))", f"{PREFIX}layer_norm(...)"),
        (
            "F.batch_norm(A, x, x)",
            "it is by the mean and the variance of the batch; by others it is"
            " gamma*(x - mean)/sqrt(var + eps) + beta",
        ),
        ("F.unfold(A, 2, 1, 0, 2)", f"{PREFIX}unfold(...)"),
        ("np.cat(A, 0)", f"{PREFIX}cat(...)"),
        ("np.random.gamma(2)", "functions have no prefix; gradcalc functions lists them"),
        ("x.expand(-1, 3)", "write broadcast_to(..., ...)"),
        ("A.shape[1:]", "write size(..., ...)"),
    ],
)
def test_what_is_said(text: str, help: str) -> None:
    assert _help(text)[0] == help


CONV = "for a filter of 3×3, (f - 1)/2 for one of f×f, f odd and stride=1"


@pytest.mark.parametrize(
    ("text", "code", "message", "help"),
    [
        ("mse(x, x, reduction='foo')", "arity", "mse has no parameter reduction", "it has p and y"),
        (
            'conv2d(A, A, padding="same")',
            "bad-value",
            "the padding of conv2d is no text",
            f"it is a number: padding=1 keeps the size {CONV}",
        ),
        (
            "sum(x, axis='a')",
            "bad-value",
            "the axis of sum is no text",
            "names and numbers need no quotes",
        ),
        (
            "norm(A, 'nuc')",
            "syntax",
            "'nuc' is a text, and norm takes none",
            "the singular values of a matrix have no function here",
        ),
        (
            "exp('x')",
            "syntax",
            '"\'" is no part of an expression',
            "names and numbers need no quotes",
        ),
        (
            "linspace(0, 1, stpo=5)",
            "arity",
            "linspace has no parameter stpo",
            "did you mean stop?",
        ),
        (
            "sum(x, weights=2)",
            "arity",
            "sum has no parameter weights",
            "it has x, axis and keepdims",
        ),
        ("exp(x, out=x)", "arity", "exp has no parameter out", "it has x"),
        (
            "max_pool(A, kernel_size=2, ceil_mode=True)",
            "arity",
            "max_pool has no parameter kernel_size",
            "did you mean size?",
        ),
        (
            "f(x, step) = x*step; f(x, steps=1)",
            "arity",
            "f has no parameter steps",
            "did you mean step?",
        ),
        (
            "sum(x) = x; sum(True)",
            "syntax",
            "True is no value",
            "it is the value of a setting, as in sum(x, axis=None)",
        ),
    ],
)
def test_arguments_that_are_none_here(text: str, code: str, message: str, help: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop(text, _values(text))
    assert (caught.value.code, caught.value.message, caught.value.help) == (code, message, help)


@pytest.mark.parametrize("word", sorted(KNOWN_ARGUMENTS))
def test_what_others_call_an_argument_is_no_slip_for_another(word: str) -> None:
    for text in (
        f"linspace(0, 1, {word}=5)",
        f"layer_norm(A, {word}=2)",
        f"conv2d(A, A, {word}=1)",
    ):
        with suppress(GradcalcError):
            backprop(text, _values(text))
            continue
        with pytest.raises(GradcalcError) as caught:
            backprop(text, _values(text))
        near = re.fullmatch(r"did you mean (\w+)\?", caught.value.help)
        assert not near or near[1] in NAMES[word]


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *METHODS, *SENTENCES, *KNOWN}))
def test_any_number_of_arguments_has_an_answer(name: str) -> None:
    for count in range(5):
        for call in (f"np.{name}", f"torch.{name}", f"x.{name}", name):
            text = f"{call}({', '.join(['A'] * count)})"
            with suppress(GradcalcError):
                backprop(text, _values(text))


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_what_others_have_is_no_slip_for_another_function(name: str) -> None:
    for text in (f"{name}(x)", f"{name}(A, B)", f"np.{name}(A)"):
        with pytest.raises(GradcalcError) as caught:
            backprop(text, _values(text))
        assert caught.value.code == "missing-value" or "did you mean" not in caught.value.help


@pytest.mark.parametrize(
    "text",
    ["f(a, b) = a b; f([x, A], 0)", "cat(a, b) = a b; cat([x, A], 0)", "max([x, A], 0)"],
)
def test_other_lists_are_no_lists_of_operands(text: str) -> None:
    assert _help(text) == ["the entries of an array have one shape"]


@pytest.mark.parametrize(
    "text", ["concat((1 - x)*x, 0)", "concat([1, 2], 3)", "concat((x)*(x), 0)"]
)
def test_a_bracket_is_a_list_if_all_of_it_is_one(text: str) -> None:
    assert _help(text) == ["all of them have as many axes"]


def test_long_chains_are_cut() -> None:
    assert _help("x" + ".exp()" * 100_000)[0].startswith(f"write {'exp(' * 10}x{')' * 10} for what")
    assert len(_help("x" + ".nan_to_num()" * 100)[0]) < 200
    assert _help("np.exp(" * 100_000)[0] == "functions have no prefix: write exp(...)"
    assert _help("x.exp(" + "(" * 100_000)[0] == "write exp(x, ...)"


def test_what_is_foreign_is_no_function_of_the_language() -> None:
    from gradcalc.ops import PLACES

    assert {name for name in (*METHODS, *FUNCTIONS, *SENTENCES) if name in PLACES} == {
        *("binary_cross_entropy", "clamp", "clip", "gelu", "log", "size", "transpose", "where"),
        *("batch_norm", "fold", "layer_norm", "unfold"),  # they take their operands in other orders
    }
