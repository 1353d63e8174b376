"""``gradcalc worksheet``: tables with blanks, and the way back through ``gradcalc check``."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import gradcalc
from gradcalc.cli.main import run as run_here

from .conftest import Run
from .test_help import complete

LECTURE = ("q = x + y; f = q z", "--x", "-2", "--y", "5", "--z", "-4")
#: The lecture's numbers: f(x, y, z) = (x + y)z at -2, 5, -4.
RIGHT = {"q": "3", "f": "-12", "dq": "-4", "dz": "3", "dy": "-4", "dx": "-4"}

Sheet = Callable[..., str]


@pytest.fixture
def sheet(capsys: pytest.CaptureFixture[str]) -> Sheet:
    """The output of ``gradcalc worksheet ARGUMENTS``."""

    def call(*arguments: str) -> str:
        assert run_here(["worksheet", *arguments]) == 0
        return capsys.readouterr().out

    return call


def checked(path: Path, *arguments: str) -> int:
    return run_here(["check", "--answers", str(path), *arguments])


def filled(text: str, answers: dict[str, str]) -> str:
    """A file of answers with numbers behind the equals signs."""
    for name, value in answers.items():
        text, count = re.subn(rf"^{re.escape(name)} = $", f"{name} = {value}", text, flags=re.M)
        assert count == 1, name
    return text


def cells(table: str, start: str) -> list[str]:
    """The cells of the line of a Markdown table that starts with a text."""
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_table(run: Run) -> None:
    ended = run("worksheet", *LECTURE)
    assert (ended.status, ended.err) == (0, "")
    lines = [line.split() for line in ended.lines]
    assert ["x", "-2", "______"] in lines
    assert ["q", "=", "x", "+", "y", "______", "∂/∂x", "=", "______", "______"] in lines
    # What arrives at the output is given.
    assert ["f", "=", "q", "*", "z", "______", "∂/∂q", "=", "______", "1"] in lines
    assert "-12" not in ended.out


def test_solution(sheet: Sheet) -> None:
    lines = [line.split() for line in sheet(*LECTURE, "--solution").splitlines()]
    assert ["z", "-4", "3"] in lines
    assert ["q", "=", "x", "+", "y", "3", "∂/∂x", "=", "1", "-4"] in lines
    assert ["f", "=", "q", "*", "z", "-12", "∂/∂q", "=", "z", "=", "-4", "1"] in lines


def test_what_is_asked(sheet: Sheet) -> None:
    table = sheet(*LECTURE, "--ask", "gradients", "--format", "markdown")
    assert cells(table, "`q = x + y`")[1] == "`3`"
    assert cells(table, "`q = x + y`")[3] == "______"
    table = sheet(*LECTURE, "--ask", "values", "--format", "markdown")
    assert cells(table, "`q = x + y`") == ["`q = x + y`", "______"]
    answers = sheet(*LECTURE, "--ask", "gradients", "--format", "answers")
    assert "# given: q = 3\n" in answers
    assert re.findall(r"^[^#\n].*$", answers, re.M) == ["dq = ", "dz = ", "dy = ", "dx = "]
    answers = sheet(*LECTURE, "--ask", "values", "--format", "answers")
    assert re.findall(r"^[^#\n].*$", answers, re.M) == ["q = ", "f = "]


def test_only_some_gradients(sheet: Sheet) -> None:
    answers = sheet(*LECTURE, "--wrt", "x", "--format", "answers")
    assert "\ndx = \n" in answers
    assert "dy" not in answers
    table = sheet(*LECTURE, "--wrt", "x", "--format", "markdown")
    assert cells(table, "`y`") == ["`y`", "`5`", "", ""]


@pytest.mark.parametrize(("wrong", "status"), [({}, 0), ({"dx": "4"}, 1), ({"dx": ""}, 1)])
def test_a_filled_file_of_answers_is_checked(
    sheet: Sheet, tmp_path: Path, wrong: dict[str, str], status: int
) -> None:
    path = tmp_path / "filled.txt"
    path.write_text(filled(sheet(*LECTURE, "--format", "answers"), RIGHT | wrong), "utf-8")
    assert checked(path) == status  # the problem stands in the file
    assert checked(path, *LECTURE) == status


def test_what_is_left_blank_is_missing(
    sheet: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for format in ("answers", "markdown"):
        path = tmp_path / format
        path.write_text(sheet(*LECTURE, "--format", format), "utf-8")
        assert checked(path, "--format", "plain") == 1
        lines = capsys.readouterr().out.splitlines()
        assert sorted(line.split("\t")[0] for line in lines if "missing" in line) == sorted(RIGHT)


def test_a_filled_table_in_markdown_is_checked(sheet: Sheet, tmp_path: Path) -> None:
    table = sheet(*LECTURE, "--format", "markdown")
    lines = []
    for line in table.splitlines():
        for start, value, gradient in (
            ("`x`", "", "-4"),
            ("`y`", "", "-4"),
            ("`z`", "", "3"),
            ("`q = x + y`", "3", "-4"),
            ("`f = q * z`", "-12", ""),
        ):
            if line.startswith(f"| {start} |"):
                parts = line.split("|")
                parts[2] = f" {value} " if value else parts[2]
                parts[4] = f" {gradient} " if gradient else parts[4]
                line = "|".join(parts)
        lines.append(line)
    path = tmp_path / "filled.md"
    path.write_text("\n".join(lines), "utf-8")
    assert checked(path) == 0
    path.write_text("\n".join(lines).replace("| -12 |", "| 12 |"), "utf-8")
    assert checked(path) == 1


PROGRAMS = (
    "(x+y)*z",
    "2(x*y + max(z,w))",
    "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
    "(x+y)*z + (x+y)^2",
    "log(x) + sqrt(y - z)",
    "asin(x)*acosh(y)",
    "relu(a*b + c)*|d|",
    "f(x, y) = x^2*y + sin(y)",
    "value = x*y; dx = value^2; dx + x",
    "e = 2; x^e + e",
    "W = [[1,2],[3,4]]; x = [1,2]; ‖W·x‖²",
    "x2 = 3; x = [1,2]; sum(x² x')*x2²",
    "W = [[1,2],[3,4]]; x = [1,2]; ‖W'x‖²",
    "W = [[1,2],[3,4]]; b = [1,1]; x = [1,2]; y = 1; cross_entropy(max(0, W·x + b), y)",
    "x = [1,2,3]; n = 3; sum(x[i]^2 for i in range(n))/n",
    "x = 1; y = 2; z = 3; q = x + y = 3; q z",
)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("format", ["answers", "markdown"])
def test_solutions_are_right(sheet: Sheet, tmp_path: Path, program: str, format: str) -> None:
    path = tmp_path / "solution"
    path.write_text(sheet(program, "--vary", "1", "--solution", "--format", format), "utf-8")
    assert checked(path) == 0


def test_zeros_at_the_end_of_a_solution(sheet: Sheet, tmp_path: Path) -> None:
    """sin(0.201) is 0.19965, so that 0.2 has too few digits; 2.0 of what is just 2 says no more."""
    path = tmp_path / "solution"
    for format in ("answers", "markdown"):
        program = ("[2, 1e5, -1e9] sin(x)", "--x", "0.201", "--precision", "3")
        path.write_text(sheet(*program, "--solution", "--format", format), "utf-8")
        text = path.read_text("utf-8")
        assert "0.200" in text
        assert "-2.00e8" in text
        assert "2.00e4" in text
        assert "[0.2" not in text
        assert checked(path) == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_problem_is_a_program(sheet: Sheet, program: str) -> None:
    """What is solved is the problem that was given."""
    text = sheet(program, "--vary", "1", "--format", "problem")
    mine, theirs = gradcalc.backprop(text), gradcalc.backprop(program, given(text, program))
    assert mine.value == theirs.value
    assert str(mine.gradients) == str(theirs.gradients)


def given(text: str, program: str) -> dict[str, object]:
    """The inputs of a problem, without those that make a claim of the program false."""
    if "= 3;" in program:
        pytest.skip("the claim is about other inputs")
    return dict(gradcalc.backprop(text).inputs)


def test_of_and_upstream(sheet: Sheet, tmp_path: Path) -> None:
    path = tmp_path / "answers"
    more = ("--of", "q", "--upstream", "3", "--format", "answers")
    answers = sheet(*LECTURE, *more)
    assert "# given: dq = 3\n" in answers
    path.write_text(filled(answers, {"q": "3", "dx": "3", "dy": "3"}), "utf-8")
    assert checked(path) == 0


def test_several_problems(sheet: Sheet) -> None:
    text = sheet("x y\n---\nx^2\nx + 1", "--x", "3", "--y", "2")
    assert [line for line in text.splitlines() if line.startswith("problem")] == [
        "problem 1",
        "problem 2",
        "problem 3",
    ]
    answers = sheet("x y\n---\nx^2", "--x", "3", "--y", "2", "--format", "answers")
    assert answers.count("# problem:\n") == 2
    assert answers.count("\n---\n") == 1


def test_notes_on_readings(run: Run) -> None:
    assert (
        "note: xy is read as the product x·y" in run("worksheet", "xy", "--x", "2", "--y", "3").err
    )
    assert run("worksheet", "xy", "--x", "2", "--y", "3", "--quiet").err == ""


def test_latex(sheet: Sheet) -> None:
    text = sheet("q_max = x_1 + π_a; σ(q_max)^2", "--vary", "1", "--format", "latex")
    assert text.startswith(r"\documentclass")
    assert r"\usepackage{amsmath,amssymb,booktabs,longtable}" in text
    opened = re.findall(r"\\begin\{(.*?)\}", text)
    assert sorted(opened) == sorted(re.findall(r"\\end\{(.*?)\}", text))
    assert {"document", "longtable", "gather*"} <= set(opened)
    body = text.partition(r"\begin{document}")[2]
    assert body.count("{") == body.count("}")
    assert body.count("$") % 2 == 0
    # No character that LaTeX obeys has slipped through.
    assert not re.search(r"(?<!\\)[#%]", body)
    rows = re.search(r"\\endfoot\n(.*)\\end\{longtable\}", text, re.S)
    assert rows is not None
    assert {line.count(" & ") for line in rows[1].splitlines() if line.startswith("$")} == {3}
    assert r"\blank" in rows[1]
    solved = sheet(
        "q_max = x_1 + π_a; σ(q_max)^2", "--vary", "1", "--format", "latex", "--solution"
    )
    assert r"$\blank$" not in solved.partition(r"\begin{document}")[2]


def test_hostile_names(sheet: Sheet, tmp_path: Path) -> None:
    name = "a\u3164b"  # a letter that nobody sees
    arguments = (f"{name} x", "--set", f"{name}=2", "--x", "3")
    assert "a\\u{3164}b" in sheet(*arguments) or "\u3164" not in sheet(*arguments)
    table = sheet("|x| + (x > y) z", "--x", "3", "--y", "1", "--z", "2", "--format", "markdown")
    widths = {line.count("|") - line.count("\\|") for line in table.splitlines() if "|" in line}
    assert widths == {5}
    path = tmp_path / "answers"
    path.write_text(sheet(*arguments, "--format", "answers", "--solution"), "utf-8")
    assert checked(path) == 0


def test_big_graphs(sheet: Sheet) -> None:
    terms = " + ".join(f"x{i}*x{i + 1}" for i in range(300))
    text = sheet(f"s = {terms}; s^2", "--vary", "1", "--format", "answers")
    assert "\nds = \n" in text
    assert "\ndx7 = \n" in text
    assert "x7 * x8) = " not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x y", "--x", "1"), "no value for y"),
        (("x y", "--x", "1"), "let --vary SEED draw"),
        (("x y", "--vary", "1", "--ask", "gradient"), "did you mean gradients?"),
        (("x y", "--vary", "1", "--ask", ""), "cannot be asked for"),
        (("x y", "--vary", "1", "--wrt", "q"), "the program has no q"),
        (("x y +", "--vary", "1"), "an operand is missing"),
        (("sqrt(-x^2 - 1)", "--vary", "1"), "no small numbers were found"),
        (("x y", "--vary", "1", "--w", "3"), "w"),
        (("x[0] + y", "--vary", "1"), "--x [1,2]"),
        (("x y", "--vary"), "--vary needs a value"),
        (("x y", "--vary", "1", "--format", "pdf"), "pdf"),
        (("-f", "missing.txt"), "cannot read missing.txt"),
        (("x = 2; y = x = 3; y",), "error["),
    ],
)
def test_errors(run: Run, arguments: tuple[str, ...], message: str) -> None:
    ended = run("worksheet", *arguments)
    assert ended.status in ((1, 2) if "y = x = 3" in arguments[0] else (2,))
    assert ended.out == ""
    assert message in ended.err
    assert ended.err.startswith("error[")


def test_help_and_completion(run: Run) -> None:
    ended = run("worksheet", "--help")
    assert ended.status == 0
    assert max(map(len, ended.lines)) <= 80
    for option in ("--ask", "--vary", "--solution", "--format", "--wrt"):
        assert option in ended.out
    assert complete(run, "gradcalc work") == ["worksheet"]
    assert complete(run, "gradcalc worksheet --so") == ["--solution"]
    assert "worksheet" in run("--help").out


def test_the_expression_called_worksheet(run: Run) -> None:
    assert run("--worksheet", "3", "--get", "value", "--", "worksheet").out == "3\n"
