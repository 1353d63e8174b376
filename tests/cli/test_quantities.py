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


@pytest.mark.parametrize(
    ("asked", "format_", "out"),
    [
        ("value,dx, x", "table", "-12\n-4\n-2\n"),
        ("dz;q", "table", "3\n3\n"),
        ("dx,q", "plain", "dx\t-4\nq\t3\n"),
        ("dx, dx,value,dx", "table", "-4\n-4\n-12\n-4\n"),
        ("dx,dx", "plain", "dx\t-4\ndx\t-4\n"),
        ("dx,dx", "json", '{"dx": -4.0}\n'),
        ("dx", "plain", "-4\n"),
        ("df/dx,q", "json", '{"df/dx": -4.0, "q": 3.0}\n'),
        ("dx", "json", "-4\n"),
        ("hessian[x,z],dx", "table", "1\n-4\n"),
    ],
)
def test_several_quantities(run: Run, asked: str, format_: str, out: str) -> None:
    values = ("--x", "-2", "--y", "5", "--z", "-4", "--hessian")
    ended = run("q = x + y; q z", *values, "--get", asked, "--format", format_)
    assert ended == (0, out, "")


def test_several_quantities_of_several_outputs(run: Run) -> None:
    program = ("x y; [1, 1/0] x", "--x", "2", "--y", "3", "--quiet", "--get", "value,dx")
    assert run(*program).out == "6\n3\n[2, inf]\ninf\n"
    assert run(*program, "--format", "plain").out == (
        "value\t6\ndx\t3\n\nvalue\t[2, inf]\ndx\tinf\n"
    )
    assert run(*program, "--format", "json").out == (
        '{"value": 6.0, "dx": 3.0}\n{"value": [2.0, "Infinity"], "dx": "Infinity"}\n'
    )


@pytest.mark.parametrize("asked", ["x²", "dx²"])
def test_a_power_is_no_name(run: Run, asked: str) -> None:
    ended = run("x2 y", "--x2", "2", "--y", "3", "--get", asked)
    assert (ended.status, ended.out) == (2, "")
    assert f'"{asked}" is no quantity of the program' in ended.err


@pytest.mark.parametrize("asked", ["dx,nothing", "dx,", ",", ""])
def test_one_of_several_that_is_none(run: Run, asked: str) -> None:
    ended = run("x y", "--x", "2", "--y", "3", "--get", asked)
    assert (ended.status, ended.out) == (2, "")
    assert "is no quantity of the program" in ended.err


def test_several_quantities_of_a_document(run: Run) -> None:
    """Of each formula those that it has; one that none of them has is an error."""
    text = "# First\n\n$f = x^2$ with $x = 2$.\n\n# Then\n\n$g = y^3$ with $y = 1$.\n"
    assert run("--get", "dy,dx,value", "--quiet", input=text).out == "4\n4\n3\n1\n"
    assert run("--get", "value,dx,value", "--quiet", input=text).out == "4\n4\n4\n1\n1\n"
    ended = run("--get", "dx,dz", "--quiet", input=text)
    assert (ended.status, ended.out) == (2, "")
    assert '"dz" is no quantity' in ended.err


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        (["f(x) = x^2", "--x", "3", "--get", r"\frac{\partial f(x)}{\partial x}"], "6\n"),
        (["q = x^2; q", "--x", "3", "--get", "∇_{q} f"], "1\n"),
        (["x^2 y", "--x", "2", "--y", "3", "--hessian", "--get", "hessian[x, y]"], "4\n"),
        (["x^2", "--x", "3", "--get", "d/dx"], "6\n"),
        (["x^2", "--x", "3", "--get", r"\cfrac{\partial f}{\partial x}"], "6\n"),
    ],
)
def test_other_spellings(run: Run, arguments: list[str], want: str) -> None:
    assert run(*arguments).out == want
