"""The options that choose what is computed and how."""

import json
import struct

import pytest

from .conftest import Ended, Run
from .test_lecture import HEADLINE, numbers

PROGRAM = "q = x*y; f = q^2 + x"
VALUES = ("--x", "2", "--y", "3")


def plain(run: Run, *arguments: str) -> dict[str, float]:
    ended = run(*arguments, "--format", "plain")
    assert ended.status == 0, ended.err
    return numbers(ended.out)


def test_wrt(run: Run) -> None:
    # q = 6, f = 38; df/dq = 2q = 12, df/dx = 12y + 1 = 37, df/dy = 12x = 24.
    assert plain(run, PROGRAM, *VALUES) == {"value": 38, "dx": 37, "dy": 24}
    assert plain(run, PROGRAM, *VALUES, "--wrt", "y") == {"value": 38, "dy": 24}
    assert plain(run, PROGRAM, *VALUES, "--wrt=y,x") == {"value": 38, "dy": 24, "dx": 37}
    assert plain(run, PROGRAM, *VALUES, "--wrt", "q , x") == {"value": 38, "dq": 12, "dx": 37}
    ended = run(PROGRAM, *VALUES, "--wrt", "w")
    assert (ended.status, ended.out) == (2, "")


def test_of(run: Run) -> None:
    assert plain(run, PROGRAM, *VALUES, "--of", "q") == {"value": 6, "dx": 3, "dy": 2}
    assert plain(run, "g(x, y) = x*y; x + y", *VALUES, "--of", "g")["value"] == 6
    ended = run(PROGRAM, *VALUES, "--of", "w")
    assert (ended.status, ended.out) == (2, "")
    assert "w" in ended.err


def test_upstream(run: Run) -> None:
    assert plain(run, "x*y", *VALUES, "--upstream", "-2") == {"value": 6, "dx": -6, "dy": -4}
    assert plain(run, "x*y", *VALUES, "--upstream=1/4") == {"value": 6, "dx": 0.75, "dy": 0.5}
    assert plain(run, "x*y", *VALUES, "--upstream", "0") == {"value": 6, "dx": 0, "dy": 0}


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("value", "38"),
        ("f", "38"),
        ("q", "6"),
        ("x", "2"),
        ("dx", "37"),
        ("dq", "12"),
        ("df/dx", "37"),
        ("∂f/∂x", "37"),
        ("∂x", "37"),
        ("df/dq", "12"),
        ("df/df", "1"),
    ],
)
def test_get(run: Run, quantity: str, number: str) -> None:
    assert run(PROGRAM, *VALUES, "--get", quantity) == (0, f"{number}\n", "")


def test_get_of_a_program_that_has_such_names(run: Run) -> None:
    arguments = ("dx * x^2", "--dx", "5", "--x", "3")
    assert run(*arguments, "--get", "dx").out == "5\n"
    assert run(*arguments, "--get", "df/dx").out == "30\n"
    assert run(*arguments, "--get", "ddx").out == "9\n"
    assert run("value + x", "--value", "5", "--x", "3", "--get", "value").out == "5\n"


def test_get_what_is_not_there(run: Run) -> None:
    ended = run(PROGRAM, *VALUES, "--get", "dw")
    assert (ended.status, ended.out) == (2, "")
    assert "dw" in ended.err
    ended = run(PROGRAM, *VALUES, "--get", "dq/dx")
    assert (ended.status, ended.out) == (2, "")
    assert "--of q" in ended.err


def test_precision(run: Run) -> None:
    arguments = ("x/3", "--x", "2")
    # All digits, where a script reads them, and six in a table.
    assert run(*arguments, "--get", "value").out == "0.6666666666666666\n"
    assert run(*arguments, "--get", "value", "--precision", "3").out == "0.667\n"
    assert run(*arguments).lines[0] == "x / 3 = 0.666667"
    assert run(*arguments, "--precision", "3").lines[0] == "x / 3 = 0.667"
    assert run(*arguments, "--precision", "17").lines[0] == "x / 3 = 0.66666666666666663"
    for wrong in ("0", "18", "x"):
        assert run(*arguments, "--precision", wrong).status == 2


def test_float32(run: Run) -> None:
    def single(x: float) -> float:
        return float(struct.unpack("f", struct.pack("f", x))[0])

    arguments = ("x/3", "--x", "0.1")
    got = plain(run, *arguments, "--dtype", "float32")
    assert got == {"value": single(single(0.1) / 3), "dx": single(1 / 3)}
    assert plain(run, *arguments, "--dtype", "float64") == {"value": 0.1 / 3, "dx": 1 / 3}
    assert run(*arguments, "--dtype", "float16").status == 2


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("1/2x", "ambiguous"),
        ("xy", "ambiguous"),
        ("x(y+1)", "ambiguous"),
        ("x < y < 3", "ambiguous"),
        ("log(x - 2) + y", "non-finite"),
        ("sqrt(x - 2) + y", "non-finite"),
        ("(x - 2)/(y - 3)", "non-finite"),
    ],
)
def test_strict(run: Run, program: str, code: str) -> None:
    values = ["--x", "2", *(["--y", "3"] if "y" in program else [])]
    loose = run(program, *values, "--format", "plain")
    assert loose.status == 0
    assert loose.err
    strict = run(program, *values, "--strict", "--format", "plain")
    assert (strict.status, strict.out) == (2, "")
    assert strict.err.startswith(f"error[{code}]: ")
    assert "^" in strict.err


@pytest.mark.parametrize(
    "program", ["2 pi x", "2x", "x y", "(x+y)x", "x^2/2", "max(x, 0)", "f(t) = t^2; f(x)", "e x"]
)
def test_strict_accepts_what_is_clear(run: Run, program: str) -> None:
    values = ["--x", "2", *(["--y", "3"] if "y" in program else [])]
    ended = run(program, *values, "--strict", "--format", "plain")
    assert (ended.status, ended.err) == (0, "")


def kink(run: Run, *options: str) -> Ended:
    return run("max(0, x) + xx", "--x", "0", "--format", "plain", *options)


def test_quiet(run: Run) -> None:
    loud, quiet = kink(run), kink(run, "--quiet")
    assert loud.out == quiet.out
    assert [line.partition(":")[0] for line in loud.err.splitlines()] == ["note", "note"]
    assert quiet.err == ""
    # Errors are no notes.
    assert run("x +", "--x", "1", "--quiet").err != ""


def test_a_warning_is_no_note(run: Run) -> None:
    ended = run("log(x)", "--x", "0", "--format", "json")
    assert ended.err.startswith("warning: log(x) is -inf")
    assert json.loads(ended.out)["notes"][0]["message"] in ended.err


def test_notes_are_said_once(run: Run) -> None:
    ended = run("relu(x); relu(x)", "--x", "0", "--format", "plain")
    assert len(ended.err.splitlines()) == 1


def test_options_only_once(run: Run) -> None:
    ended = run(*HEADLINE, "--x", "3")
    assert (ended.status, ended.out) == (2, "")
    assert "twice" in ended.err


@pytest.mark.parametrize("option", ["--get", "--wrt", "--of", "--format", "--upstream"])
def test_an_option_given_twice_is_refused(run: Run, option: str) -> None:
    ended = run("q = x", "--x", "1", option, "x", f"{option}=x")
    assert (ended.status, ended.out) == (2, "")
    assert f"{option} was given twice" in ended.err


def test_notes_say_which_problem(run: Run) -> None:
    ended = run("--x", "0", input="log(x)\n---\nx\n---\nlog(x)")
    told = [line for line in ended.err.splitlines() if line.startswith("warning: problem ")]
    assert {line.split(":")[1].strip() for line in told} == {"problem 1", "problem 3"}


@pytest.mark.parametrize(
    ("program", "x", "said"),
    [
        ("relu(x)^2", "0", "relu(x) has a kink at x = 0"),
        ("sum(relu(x)^2)", "[0, 1]", "relu(x) has a kink at x = 0"),
        ("relu(x)^2", "1", ""),
        ("sum(relu(x)^2)", "[2, 1]", ""),
    ],
)
@pytest.mark.parametrize("asked", [("--hessian",), ("--hvp", "x=1")])
def test_a_kink_that_only_second_derivatives_feel(
    run: Run, program: str, x: str, said: str, asked: tuple[str, ...]
) -> None:
    """The gradient of relu(x)^2 is 0 at 0 from both sides, its slope 0 or 2."""
    err = run(program, "--x", x, *asked).err
    assert (said in err) if said else not err
    assert run(program, "--x", x).err == ""


@pytest.mark.parametrize(
    ("program", "x", "upstream", "said"),
    [
        ("x^2", "3", "nan", "the upstream gradient given is nan"),
        ("x^2", "3", "-inf", "the upstream gradient given is -inf"),
        ("x^2", "[1, 2]", "inf", "the upstream gradient given is inf"),
        ("x^2", "[1, 2]", "[1, nan]", "the upstream gradient given is nan in 1 of 2 entries"),
    ],
)
def test_an_upstream_gradient_that_is_not_finite(
    run: Run, program: str, x: str, upstream: str, said: str
) -> None:
    arguments = program, "--x", x, "--upstream", upstream
    ended = run(*arguments)
    assert (ended.status, said in ended.err) == (0, True)
    strict = run(*arguments, "--strict")
    assert (strict.status, said in strict.err) == (2, True)


def test_a_name_of_another_problem(run: Run) -> None:
    ended = run("--x", "1", input="q = x^2\nq + 1\n---\nq + x\n")
    assert "help: the q of another problem is not known here: define it here, too" in ended.err
    assert "add --q" not in ended.err
    assert "did you mean" not in ended.err


def test_options_by_name_of_several_problems(run: Run) -> None:
    """y = 3x in the first one, and another y, with the value 5, in the second one."""
    program = ("y = 3x; a = 2y\n---\ny^2", "--x", "1", "--y", "5", "--format", "plain")
    assert run(*program).out == "value\t6\ndx\t6\n\nvalue\t25\ndy\t10\n"
    assert run(*program, "--wrt", "x").out == "value\t6\ndx\t6\n\nvalue\t25\n"
    assert run(*program, "--wrt", "y,x").out == "value\t6\ndy\t2\ndx\t6\n\nvalue\t25\ndy\t10\n"
    ended = run(*program, "--wrt", "x,q")
    assert (ended.status, ended.out) == (2, "")
    assert "the program has no q\nhelp: its names are x, y and a" in ended.err
    symbolic = run(
        "y = 3x; a = 2y\n---\ny^2 + z", "--y", "[1, 2]", "--symbolic", "--wrt", "x,y"
    ).out
    assert [line for line in symbolic.splitlines() if line[0] == "∂"] == [
        "∂a/∂x = 6",
        "∂a/∂y = 2",
        "∂L/∂y = 2 * y",
    ]
    explained = run(*program, "--explain", "da/dx").out
    assert "∂a/∂x = " in explained
    assert "y^2" not in explained
    ended = run("y = 3x\n---\nz = 2x", "--x", "1", "--y", "5")
    assert (ended.status, ended.out) == (2, "")
    assert "y was given a value, but the program computes it" in ended.err


def test_a_minus_sign_in_an_exponent(run: Run) -> None:
    """0.001 * 2 = 0.002, written with the minus sign of a page."""
    assert plain(run, "1e−3 x", "--x", "2e−0") == {"value": 0.002, "dx": 0.001}
