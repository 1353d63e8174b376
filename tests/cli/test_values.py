"""Where programs and values come from."""

import json
from math import pi
from pathlib import Path

import pytest

from .conftest import Run
from .test_lecture import numbers


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (("--x=-2",), -2.0),
        (("--x", "-2"), -2.0),
        (("--x", " -2 "), -2.0),
        (("--x", "-3e-12"), -3e-12),
        (("--x", "-.5"), -0.5),
        (("--x=-.5",), -0.5),
        (("--x", "1_000"), 1000.0),
        (("--x", "1/3"), 1 / 3),
        (("--x", "pi/4"), pi / 4),
        (("--x", "-(1+2)^2"), -9.0),
        (("--x", "−2"), -2.0),
        (("--set", "x=-2"), -2.0),
        (("--set=x=-2",), -2.0),
        (("--set", "x = 1/4"), 0.25),
    ],
)
def test_a_value(run: Run, arguments: tuple[str, ...], value: float) -> None:
    ended = run("x", *arguments, "--get", "x")
    assert (ended.status, float(ended.out), ended.err) == (0, value, "")


def test_infinite_values(run: Run) -> None:
    assert run("x + y", "--x", "inf", "--y", "-2", "--get", "value").out == "inf\n"
    assert run("x + y", "--x", "-inf", "--y", "-2", "--get", "value").out == "-inf\n"
    assert run("x + y", "--x", "nan", "--y", "-2", "--get", "value").out == "nan\n"


def test_options_may_come_first(run: Run) -> None:
    assert run("--format", "plain", "--x", "3", "x*x").out == "value\t9\ndx\t6\n"


def test_set_is_for_names_that_are_options(run: Run) -> None:
    ended = run("of * set", "--set", "of=3", "--set", "set=5", "--format", "plain")
    assert numbers(ended.out) == {"value": 15, "dof": 5, "dset": 3}


@pytest.mark.parametrize(
    ("file", "text"), [("x.txt", "-2\n"), ("x.csv", "-2\n"), ("x.json", "-2"), ("x.txt", "\n-4/2")]
)
def test_a_value_from_a_file(run: Run, tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    assert run("x^2", "--x", f"@{file}", "--format", "plain").out == "value\t4\ndx\t-4\n"


def test_values_from_one_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text('{"x": -2, "y": 5, "z": "-8/2"}')
    ended = run("(x+y)*z", "--values", "values.json", "--format", "plain")
    assert ended.out == "value\t-12\ndx\t-4\ndy\t-4\ndz\t3\n"
    # The command line wins: (3 + 5)*-4 = -32.
    ended = run("(x+y)*z", "--values", "values.json", "--x", "3", "--get", "value")
    assert ended.out == "-32\n"


def test_names_of_any_script(run: Run) -> None:
    assert run("α β²", "--α", "2", "--β", "3", "--format", "plain").out == (
        "value\t18\ndα\t9\ndβ\t12\n"
    )
    assert run("x₁ + x_1", "--x₁", "3", "--format", "plain").out == "value\t6\ndx_1\t2\n"


def test_programs_from_files_and_pipes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text("x*x\n")
    wanted = (0, "value\t9\ndx\t6\n", "")
    options = ("--x", "3", "--format", "plain")
    assert run("-f", "net.txt", *options) == wanted
    assert run("--file", "net.txt", *options) == wanted
    assert run("--file=net.txt", *options) == wanted
    assert run(*options, input="x*x\n") == wanted
    assert run("-f", "-", *options, input="x*x\n") == wanted
    assert run("-", *options, input="x*x\n") == wanted


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfx*x\r\n", "x*x".encode("utf-16"), b"# a comment\r\nx*x\r\n", b"x*x\r"]
)
def test_programs_as_other_systems_write_them(run: Run, data: bytes) -> None:
    assert run("--x", "3", "--get", "dx", input=data) == (0, "6\n", "")


def test_a_command_name_as_an_expression(run: Run) -> None:
    """``check`` is a name as long as it stands behind ``--``."""
    assert run("--check", "3", "--get", "dcheck", "--", "check") == (0, "1\n", "")
    assert run("--functions", "3", "--get", "value", "--", "functions") == (0, "3\n", "")
    ended = run("--", "check")
    assert ended.status == 2
    assert "no value for check" in ended.err
    # An expression that starts with a minus needs no care.
    assert run("-x^2", "--x", "3", "--get", "value").out == "-9\n"
    assert run("--x", "3", "--get", "value", "--", "-x^2").out == "-9\n"


def test_several_outputs(run: Run) -> None:
    ended = run("x*y; x+y", "--x", "2", "--y", "3", "--format", "plain")
    assert ended.out == "value\t6\ndx\t3\ndy\t2\n\nvalue\t5\ndx\t1\ndy\t1\n"
    assert run("x*y; x+y", "--x", "2", "--y", "3", "--get", "dx").out == "3\n1\n"
    objects = run("x*y; x+y", "--x", "2", "--y", "3", "--format", "json").lines
    assert [json.loads(line)["value"] for line in objects] == [6, 5]


def test_problems(run: Run) -> None:
    program = "y = x^2\n---\ny = 3*x\n--- # another one\ny + x\n"
    ended = run("--x", "2", "--y", "7", "--format", "json", input="y + x\n---\nx^2\n")
    assert [json.loads(line)["problem"] for line in ended.lines] == [1, 2]
    # Each problem has its own names: y is defined in two of the three, and asked for in the third.
    ended = run("--x", "2", "--format", "json", input=program)
    assert (ended.status, ended.out) == (2, "")
    assert "no value for y" in ended.err
    ended = run("--x", "2", "--format", "json", input=program.rpartition("---")[0])
    assert [json.loads(line)["value"] for line in ended.lines] == [4, 6]
    ended = run("--x", "2", input="x^2\n---\n3x\n")
    assert [line for line in ended.lines if line.startswith("problem")] == [
        "problem 1",
        "problem 2",
    ]
