"""Which gradient ``--get`` gives, where the names could mislead."""

import pytest

from .conftest import Run


@pytest.mark.parametrize(
    ("program", "quantity", "number"),
    [
        ("f(x,y) = x*y; g(x,y) = x + y", "dg/dx", "1"),
        ("loss = x^2; y; loss", "dloss/dx", None),
        ("loss = x^2 + y; loss", "dloss/dx", "4"),
        ("loss(x, y) = x^2 y", "loss", "12"),
        ("x^2 y", "df/dx", "12"),
        ("x^2 y", "∇x", "12"),
        ("loss = x^2 y; loss", "∇_x loss", "12"),
        ("loss = x^2 y; loss", r"\frac{\partial loss}{\partial x}", "12"),
        ("y; loss = x^2 y; loss", "∇loss", None),
    ],
)
def test_the_function_named_is_the_one_differentiated(
    run: Run, program: str, quantity: str, number: str | None
) -> None:
    ended = run(program, "--x", "2", "--y", "3", "--get", quantity)
    if number is None:  # y is an output too, and loss is not it
        assert (ended.status, ended.out) == (2, "")
    else:
        assert (ended.status, ended.out) == (0, f"{number}\n")


@pytest.mark.parametrize(
    "program", ["f(x,y) = x*y; g(x,y) = x + y", "f(t) = t^2; f(x) + y", "f = x y; g = f + x"]
)
def test_the_gradient_of_another_function_is_refused(run: Run, program: str) -> None:
    """By hand df/dx is 3, 4 and 3; the output is another one, with derivative 1, 4 and 4."""
    ended = run(program, "--x", "2", "--y", "3", "--get", "df/dx")
    assert (ended.status, ended.out) == (2, "")
    assert "the output is" in ended.err


def test_all_or_nothing(run: Run) -> None:
    """A quantity that only some problems have: nothing is printed of the others."""
    problems = "x*y\n---\nx + y\n---\nz\n"
    ended = run("--x", "2", "--y", "3", "--z", "1", "--get", "dx", input=problems)
    assert (ended.status, ended.out) == (2, "")
