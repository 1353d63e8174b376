"""--explain and --symbolic on the command line: what they take, print, and refuse."""

import json

import pytest

from .conftest import Run

LECTURE = ("(x+y)*z", "--x", "-2", "--y", "5", "--z", "-4")
LINE = "∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4"


@pytest.mark.parametrize(
    "arguments",
    [
        (*LECTURE, "--explain"),
        ("--explain", *LECTURE),
        (*LECTURE[:3], "--explain", *LECTURE[3:]),
        (*LECTURE, "--explain", "--quiet"),
        ("--explain=", *LECTURE),
    ],
)
def test_all_gradients(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.err) == (0, "")
    assert ended.lines[4] == LINE
    assert [line.partition(" = ")[0] for line in ended.lines[4:]] == ["∂f/∂x", "∂f/∂y", "∂f/∂z"]


@pytest.mark.parametrize(
    "option",
    [
        *(("--explain", name) for name in ("x", "dx", "df/dx", "∂f/∂x")),
        *(("--explain=x",), ("--explain=df/dx",), ("--wrt", "x", "--explain")),
    ],
)
def test_one_gradient(run: Run, option: tuple[str, ...]) -> None:
    for arguments in ((*LECTURE, *option), (*option, *LECTURE)):
        ended = run(*arguments)
        assert ended.lines[-1] == LINE
        assert sum(line.startswith("∂") for line in ended.lines) == 1


def test_the_program_may_come_from_elsewhere(run: Run) -> None:
    ended = run("--explain", "--x", "-2", "--y", "5", "--z", "-4", input="(x+y)*z")
    assert ended.lines[4] == LINE
    assert run("--explain", "y", "--x", "2", "--y", "3", input="x*y").lines[-1] == "∂f/∂y = x = 2"


def test_several_problems(run: Run) -> None:
    ended = run("--explain", "--x", "2", input="x^2\n---\n3 x")
    assert ended.lines[-5:] == ["", "x = 2", "f = 3 * x = 6", "", "∂f/∂x = 3"]


@pytest.mark.parametrize("program", ["2x; 3x^2", "x^2\n---\n3 x"])
def test_several_outputs_are_a_program_of_several_problems(run: Run, program: str) -> None:
    values = run("--x", "3", "--format", "plain", input=program).out
    written = run("--x", "3", "--explain", "--format", "plain", input=program)
    again = run("--format", "plain", input=written.out)
    assert (again.status, again.out) == (0, values)
    formulas = run("--symbolic", input=program)
    again = run("--x", "3", "--format", "plain", input=formulas.out)
    assert (again.status, again.out) == (0, values)


def test_plain_is_a_program_that_is_confirmed(run: Run) -> None:
    written = run("x*y + sin(x)", "--x", "-2", "--y", "5", "--explain", "--format", "plain")
    again = run("--format", "plain", input=written.out)
    assert again.status == 0
    assert again.err.count("note: confirmed: ") == 7
    wrong = written.out.replace("= y + cos(x) =", "= y - cos(x) =")
    assert wrong != written.out
    assert run("--format", "plain", input=wrong).status == 1


def test_lines_fit_the_terminal(run: Run) -> None:
    program = "sum(softmax(W x)*y)", "--W", "[[1,2],[3,4]]", "--x", "[1,2]", "--y", "[0,1]"
    for columns in (60, 100):
        ended = run(*program, "--explain", env={"COLUMNS": str(columns)})
        lines = [line for line in ended.lines if line.count(" = ") > 1]
        assert lines
        assert max(map(len, lines)) <= columns


def test_json(run: Run) -> None:
    plain = json.loads(run(*LECTURE, "--format", "json").out)
    told = json.loads(run(*LECTURE, "--format", "json", "--explain", "x").out)
    found = told.pop("explanation")
    assert told == plain
    assert found["head"] == "f"
    assert [line["left"] for line in found["forward"]] == ["x", "y", "z", "q", "f"]
    (line,) = found["backward"]
    assert line["members"] == ["∂q/∂x · ∂f/∂q", "1 · z", "z", "-4"]
    assert (line["kind"], line["of"], line["left"]) == ("gradient", "x", "∂f/∂x")


def test_markdown(run: Run) -> None:
    ended = run(*LECTURE, "--format", "markdown", "--explain", "x")
    assert ended.lines[-1] == (
        r"- $\frac{\partial f}{\partial x} = \frac{\partial q}{\partial x} \cdot "
        r"\frac{\partial f}{\partial q} = 1 \cdot z = z = -4$"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*LECTURE, "--explain", "w"), "the program has no w"),
        ((*LECTURE, "--explain", "--get", "dx"), "--explain prints formulas, and --get something"),
        ((*LECTURE, "--explain", "--format", "csv"), "csv has no place"),
        (("x*y", "--hvp", "x=1", "--format", "csv"), "csv has no place for what --hvp prints"),
        ((*LECTURE, "--explain", "--verify"), "--explain prints formulas, and --verify something"),
        ((*LECTURE, "--explain", "--explain"), "--explain was given twice"),
        (("x*y", "--symbolic", "--get", "dx"), "--symbolic prints formulas, and --get something"),
        (("x*y", "--symbolic", "--explain"), "--explain prints formulas, and --symbolic something"),
        (("x*y", "--symbolic", "--format", "csv"), "csv has no place"),
        (("x*y", "--symbolic", "--z", "1"), "z"),
        (("x*y", "--symbolic", "--wrt", "z"), "the program has no z"),
        (("1/2x", "--symbolic", "--strict"), "1/2x is read as"),
        (("sum(x^k for k in range(n))", "--symbolic"), "add --n VALUE"),
        (("x*", "--symbolic"), "syntax"),
    ],
)
def test_refused(run: Run, arguments: tuple[str, ...], words: str) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_symbolic(run: Run) -> None:
    ended = run("(x+y)*z", "--symbolic")
    assert ended == (0, "f = (x + y) * z\n∂f/∂x = z\n∂f/∂y = z\n∂f/∂z = x + y\n", "")
    again = run("--x", "1", "--y", "2", "--z", "3", "--format", "plain", input=ended.out)
    assert again.out == "value\t9\ndx\t3\ndy\t3\ndz\t3\n"
    assert again.err.count("note: confirmed: ") == 3


def test_symbolic_formats(run: Run) -> None:
    assert run("x*y", "--symbolic", "--format", "plain").out == "f\tx * y\ndx\ty\ndy\tx\n"
    found = json.loads(run("J(x, y) = x*y", "--symbolic", "--format", "json").out)
    assert found == {
        "schema_version": 1,
        "problem": 1,
        "expression": "x * y",
        "output": "J",
        "head": "J",
        "definitions": {"J": "x * y"},
        "symbolic": {"x": "y", "y": "x"},
        "notes": [],
    }
    lines = run("x*y", "--symbolic", "--format", "markdown").lines
    assert lines[1] == r"- $\frac{\partial f}{\partial x} = y$"


def test_symbolic_needs_shapes_only(run: Run) -> None:
    ended = run("‖W·x‖²", "--W", "zeros(3, 2)", "--x", "zeros(2)", "--symbolic", "--wrt", "W")
    assert ended.lines == ["f = norm(W · x)^2", "∂f/∂W = 2 * (W · x) · xᵀ"]
    ended = run("f(x; y) = 1/2x y", "--symbolic", "--wrt", "y")
    assert ended.lines[-1] == "∂f/∂y = x / 2"
    assert ended.err.startswith("note: 1/2x")


def test_symbolic_takes_the_notation(run: Run) -> None:
    assert run("--symbolic", "--syntax", "latex", "xy + x").lines[1:] == [
        "∂f/∂x = 1 + y",
        "∂f/∂y = x",
    ]
