"""``gradcalc check``, as a script sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ended, Run
from .test_startup import imported

PROBLEM = ("(x+y)*z", "--x", "-2", "--y", "5", "--z", "-4")
RIGHT = "dx = -4; dy = -4; dz = 3"


def items(ended: Ended) -> dict[str, dict[str, Any]]:
    assert ended.err == ""
    return {item["quantity"]: item for item in json.loads(ended.out)["items"]}


def test_the_example_of_the_lecture(run: Run) -> None:
    answer = "q = 3; dq = -4; dx = -4; dy = -4; dz = 5"
    ended = run("check", *PROBLEM, "--answer", answer)
    assert ended.status == 1
    assert "✗ wrong" in ended.out
    assert "4 of 5 points" in ended.out
    assert "What went wrong" in ended.out


@pytest.mark.parametrize(
    ("program", "values", "gradient"),
    [
        ("min(det(softmax(W)))", ("--W", "[[1,0],[2,3]]"), "dW"),
        ("cumsum(floor(s))", ("--s", "2"), "ds"),
        ("logsumexp(floor(s))", ("--s", "2"), "ds"),
        ("prod(max(s))", ("--s", "2"), "ds"),
    ],
)
def test_arrays_without_axes_at_a_kink(
    run: Run, program: str, values: tuple[str, ...], gradient: str
) -> None:
    ended = run("check", program, *values, "--answer", f"{gradient} = 7")
    assert ended.status == 1
    assert "✗ wrong" in ended.out


@pytest.mark.parametrize("format", ["table", "json", "markdown", "plain"])
def test_exit_status(run: Run, format: str) -> None:
    for answer, status in ((RIGHT, 0), ("dx = -4; dy = -4; dz = 5", 1), ("dx = -4", 1)):
        ended = run("check", *PROBLEM, "--answer", answer, "--format", format)
        assert ended.status == status
        assert ended.out
    ended = run("check", "(x+y)*", "--answer", RIGHT, "--format", format)
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.parametrize(
    "text",
    [
        "dx = -4\ndy = -4 # so easy\n\n dz = 3",
        "dx=-4;dy=-4;dz=3",
        "∂f/∂x = −4\ndf/dy = -4\n  d(z) = 9/3",
        "df/dx: -4\ndy : −4  # as it was\n∇z: x + y",
        "dx: -4; dy: -4; \\frac{\\partial f}{\\partial z}: 3",
        "| q | a |\n|---|---|\n| $\\nabla_x f$ | -4 |\n| ∇y | tensor(-4.) |\n| dz | (3) |",
        '{"dx": -4, "dy": -4.0, "dz": "x + y"}',
        "dx,-4\ndy,-4\ndz,3\n",
        "quantity,answer\r\ndx,-4\r\n'dy,'-4\r\ndz,3,\r\n",
        'name;value\n"dx";"-4"\ndy;-4\ndz;3',
        "dx\t-4\ndy\t-4\ndz\t3",
        "| quantity | answer |\n| :-- | --: |\n| dx | -4 |\n| dy | -4 |\n| dz | 3 |",
        "|dx|-4|\n|dy|-4|\n|dz|3|",
        "| q | a |\n|---|---|\n| **dx** | -4 |\n| `dy` | $-4$ |\n| dz | 3 |",
        "\ufeffdx = -4\r\ndy = -4\r\ndz = 3\r\n",
    ],
)
def test_ways_to_write_answers(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "answers").write_text(text, encoding="utf-8", newline="")
    ended = run("check", *PROBLEM, "--answers", "answers", "--format", "plain")
    assert (ended.status, ended.lines[-1]) == (0, "score\tpassed\t3\t3"), ended
    again = run("check", *PROBLEM, "--answers", "-", "--format", "plain", input=text.encode())
    assert again == ended


def test_arrays_over_several_lines(run: Run) -> None:
    text = "dW = [[1, 2],   # the first row\n      [1, 2]]\ndx = [4,\n 6]\n"
    problem = ("sum(W·x)", "--W", "[[1,2],[3,4]]", "--x", "[1,2]")
    assert run("check", *problem, "--answers", "-", input=text).status == 0
    for sign in "=:":
        text = f"dx {sign} [4,\n 6]; dW {sign} array([[1,\n 2], [1, 2]])"
        assert run("check", *problem, "--answers", "-", input=text).status == 0
        text = f"dW {sign} array([[1, 2],\n [1, 2]],\n dtype=float32)\ndx {sign} [4,\n 6]"
        assert run("check", *problem, "--answers", "-", input=text).status == 0


def test_one_bad_line_hides_nothing(run: Run, tmp_path: Path) -> None:
    text = "dx = -4\ndy = (3\nfoo = 1\nhello\ndx = 5\ndz = 3\n"
    (tmp_path / "a.txt").write_text(text)
    ended = run("check", *PROBLEM, "--answers", "a.txt")
    assert ended.status == 1
    assert "2 of 3 points" in ended.out
    assert " --> a.txt, line 2, column 6\n  |\n2 | dy = (3\n  |      ^ opened here" in ended.out
    found = [line.split()[-1] for line in ended.lines if "? " in line or "≡ " in line]
    assert found == ["unknown", "repeated"]
    data = json.loads(run("check", *PROBLEM, "--answers", "a.txt", "--format", "json").out)
    assert [item["verdict"] for item in data["items"]] == [
        "right",
        "unreadable",
        "unknown",
        "unreadable",
        "repeated",
        "right",
    ]


@pytest.mark.parametrize("first", ["(1, 2", "z :(", "[1, 2"])
@pytest.mark.parametrize(
    "second",
    [
        "dy {} -4",
        "∇_y f {} -4",
        "∂f/∂y{} -4",
        "d(x + y) {}-4",
        r"\frac{\partial f}{\partial y} {} -4",
    ],
)
@pytest.mark.parametrize("sign", ["=", ":"])
def test_an_open_bracket_swallows_no_answers(run: Run, first: str, second: str, sign: str) -> None:
    text = f"dx {sign} {first}\n{second.replace('{}', sign)}\ndz {sign} 3\n"
    found = items(run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text))
    verdicts = [item["verdict"] for item in found.values()]
    assert verdicts[:3] == ["unreadable", "right", "right"]


@pytest.mark.parametrize(
    "text",
    [
        "dx: by the chain rule\ndx: -4\ndy: -4\ndz: 3",
        "dx: by the chain rule\ndx = -4\ndy = -4\ndz = 3",
        "dx: 7\ndx = -4\ndy = -4\ndz = 3",
        "x: the first input\nb: what is asked\nq: 3\ndx: dq\ndy: dq\ndz: q",
        "Name: Ada, 12345\nCourse: CS231n, 2026\ndx,-4\ndy,-4\ndz,3\n",
        "Name: Ada\nDate: Mon, 3 Nov\ndx;-4\ndx,-4\ndy,-4\ndz,3\n",
        "step (1,\ndx,-4\ndy,-4\ndz,3\n",
    ],
)
def test_prose_takes_no_answers_place(run: Run, text: str) -> None:
    ended = run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text)
    found = items(ended)
    assert [found[name]["verdict"] for name in ("dx", "dy", "dz")] == ["right"] * 3


def test_a_line_with_a_colon_is_no_answer_if_it_does_not_read(run: Run) -> None:
    text = "x: the first input\nwidth: 3\ndx: (1,  # so\n 2\ndy: -4\n"
    ended = run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text)
    found = items(ended)
    assert [(name, item["verdict"]) for name, item in found.items()] == [
        ("x: the first input", "unreadable"),
        ("width: 3", "unreadable"),
        ("dx: (1,", "unreadable"),
        ("dy", "right"),
        ("dx", "missing"),
        ("dz", "missing"),
    ]
    assert "it is no answer" in found["dx: (1,"]["remark"]
    ended = run("check", *PROBLEM, "--answers", "-", input="x: the first input\ny: the second\n")
    assert (ended.status, ended.out) == (2, "")
    assert "there are no answers" in ended.err


def test_a_bracket_that_is_not_closed_is_what_is_wrong(run: Run) -> None:
    ended = run("check", *PROBLEM, "--answer", "dz = (1, 2")
    assert 'a bracket "(" is not closed' in ended.out
    assert "plain brackets" not in ended.out


def test_a_colon_in_a_text_separates_nothing(run: Run) -> None:
    for text in ("I was ill: sorry", "Gradients:", "12: 30", "Gradients:\n  # none"):
        ended = run("check", *PROBLEM, "--answers", "-", input=text)
        assert (ended.status, ended.out) == (2, "")
        assert "there are no answers" in ended.err
    text = "Gradients:\ndx = -4\ndy = -4 : so\ndz = 3"
    found = items(run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text))
    verdicts = [item["verdict"] for item in found.values()]
    assert verdicts == ["unreadable", "right", "unreadable", "right"]


def test_one_whole_line_with_a_colon(run: Run) -> None:
    problem = ("L = a'x", "--a", "[0.5, 2]", "--x", "[1, 2]", "--require", "dx")
    for answer in ("dL/dx: [0.5, 2]", "∇_x L: (0.5, 2)", "dx: tensor([0.5, 2.], dtype=torch.half)"):
        assert run("check", *problem, "--answer", answer).status == 0


def test_did_you_mean(run: Run) -> None:
    ended = run("check", "loss = a*b", "--a", "1", "--b", "2", "--answer", "los = 2; da=2; db=1")
    assert "did you mean loss?" in ended.out


def test_the_schema(run: Run) -> None:
    answer = "dx = -4; dy = 5; zz = 1; dz = ("
    ended = run("check", *PROBLEM, "--answer", answer, "--format", "json", "--quiet")
    data = json.loads(ended.out)
    assert data["schema_version"] == 1
    assert (data["score"], data["max_score"], data["passed"]) == (1.0, 3.0, False)
    for item in data["items"]:
        assert list(item) == [
            "quantity",
            "given",
            "text",
            "expected",
            "verdict",
            "rule",
            "points",
            "max_points",
            "remark",
            "cause",
            "diagnostic",
        ]
    keys = {"mistake", "node", "gate", "explanation", "hints", "quantities", "alternatives"}
    assert data["diagnosis"]
    for finding in data["diagnosis"]:
        assert finding.keys() == keys
    assert [item["expected"] for item in data["items"]] == [-4.0, -4.0, None, 3.0]


@pytest.mark.parametrize("format", ["table", "json", "markdown", "plain"])
def test_hints_hide_the_key(run: Run, format: str) -> None:
    """The right numbers are 151 and 157, the value 23707: none of them is given away."""
    problem = ("x*y", "--x", "157", "--y", "151", "--format", format)
    for hints in ("0", "1", "2"):
        ended = run("check", *problem, "--answer", "dx = 308; dy = 150", "--hints", hints)
        assert ended.status == 1
        for number in ("151", "157", "23707"):
            assert number not in ended.out + ended.err
    ended = run("check", *problem, "--answer", "dx = 308; dy = 150", "--hints", "3")
    assert format == "plain" or "151" in ended.out
    ended = run("check", *problem, "--answer", "dx = 308; dy = 150", "--hints", "0")
    assert "went wrong" not in ended.out


def test_points_and_pass_mark(run: Run) -> None:
    points = ("--points", "dx=2,dy=2,d(x+y)=.5", "--format", "plain")
    answer = ("--answer", "dx = -4; dy = 1; d(x+y) = -4")
    ended = run("check", *PROBLEM, *answer, *points)
    assert (ended.status, ended.lines[-1]) == (1, "score\tfailed\t2.5\t4.5")
    for mark, status in (("2.5", 0), ("2.6", 1), ("55%", 0), ("56%", 1), ("0", 0)):
        assert run("check", *PROBLEM, *answer, *points, "--pass-mark", mark).status == status
    names = "abcdghk"  # 7 * (100/100) is more than 7 in floating point if 7/100 is worked out first
    seven = ("+".join(names), *(option for name in names for option in (f"--{name}", "1")))
    right = "; ".join(f"d{name} = 1" for name in names)
    assert run("check", *seven, "--answer", right, "--pass-mark", "100%").status == 0
    for mark in ("5", "101%", "many", "-1", "nan"):
        ended = run("check", *PROBLEM, *answer, *points, f"--pass-mark={mark}")
        assert (ended.status, ended.out) == (2, "")
    for wrong in ("dx", "dx=-1", "dx=1,dx=2", "nothing=1", "dx=1,df/dx=2"):
        ended = run("check", *PROBLEM, *answer, "--points", wrong)
        assert (ended.status, ended.out) == (2, "")


def test_required(run: Run) -> None:
    answer = ("--answer", "dx = -4", "--format", "plain")
    assert run("check", *PROBLEM, *answer).status == 1
    assert run("check", *PROBLEM, *answer, "--require", "dx").status == 0
    assert run("check", *PROBLEM, *answer, "--require", "dx, d(x + y)").status == 1
    assert run("check", *PROBLEM, *answer, "--points", "dx=1").status == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "usage"),
        (("--answers", "nothing.txt"), "unreadable-file"),
        (("--answer", "hello I am ill"), "bad-answers"),
        (("--answer", "{dx: 3}"), "bad-answers"),
        (("--answer", "dx = 1", "--hints", "4"), "usage"),
        (("--answer", "dx = 1", "--rtol", "nan"), "usage"),
    ],
)
def test_what_cannot_be_read_at_all(run: Run, arguments: tuple[str, ...], code: str) -> None:
    ended = run("check", *PROBLEM, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"error[{code}]: ")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("1e999", "too large for a number"),
        ("nan", "not a number"),
        ("[bold]3[/bold]", "error["),
        ("\x1b[31m3", "\\x1b"),
        ("sum(ones(100000, 100000))", "too big for an answer"),
        ("sum(i for i in range(100000000))", "too big for an answer"),
        ("1" + "+1" * 100_000, "too many for an answer"),
        ("(" * 30_000, "too many for an answer"),
        ("ones(2)/0*0", "not a number"),
        ("randn(1)", "random"),
        ("3 = 3", "error["),
        ("dx", "no name that the answer can be written with"),
        ("∂f/∂x", "says what a derivative is"),
    ],
)
def test_hostile_answers(run: Run, tmp_path: Path, answer: str, told: str) -> None:
    """Each is unreadable, and said to be; the others are judged."""
    (tmp_path / "a.txt").write_text(f"dx = {answer}\ndy = -4\ndz = 3\n")
    ended = run("check", *PROBLEM, "--answers", "a.txt", "--format", "json")
    assert ended.status == 1
    found = items(ended)
    assert [found[name]["verdict"] for name in ("dx", "dy", "dz")] == [
        "unreadable",
        "right",
        "right",
    ]
    assert told in found["dx"]["diagnostic"] + found["dx"]["remark"]
    assert "\x1b" not in run("check", *PROBLEM, "--answers", "a.txt").out


def test_a_million_lines(run: Run) -> None:
    ended = run("check", *PROBLEM, "--answers", "-", input="dx = 1\n" * 1_000_000)
    assert (ended.status, ended.out) == (2, "")
    assert "more than 10,000 answers" in ended.err


def test_formulas_of_spreadsheets(run: Run) -> None:
    text = 'dx,"=HYPERLINK(""http://a.b"")"\ndy,@SUM(1)\ndz,3\n'
    found = items(run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text))
    assert [found[name]["verdict"] for name in ("dx", "dy", "dz")] == [
        "unreadable",
        "unreadable",
        "right",
    ]


def test_json_that_is_hostile(run: Run) -> None:
    for text in ('{"dx": ' + "[" * 100_000, '{"dx": 3,}', '{"dx"}', "{"):
        ended = run("check", *PROBLEM, "--answers", "-", input=text)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith("error[bad-answers]: ")
    text = '{"dx": {"a": 1}, "dy": true, "dz": null, "value": [1, [2]]}'
    found = items(run("check", *PROBLEM, "--answers", "-", "--format", "json", input=text))
    verdicts = [found[name]["verdict"] for name in ("dx", "dy", "dz", "value")]
    assert verdicts == ["unreadable", "unreadable", "missing", "unreadable"]


def test_options_of_the_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("q = x*y\nf = q + y\n")
    (tmp_path / "v.json").write_text('{"x": 2, "y": 3}')
    base = ("check", "-f", "p.txt", "--values", "v.json", "--format", "plain")
    assert run(*base, "--answer", "dx = 3; dy = 3").status == 0
    assert run(*base, "--answer", "dx = 3; dy = 2", "--of", "q").status == 0
    assert run(*base, "--answer", "dx = 30; dy = 30", "--upstream", "10").status == 0
    assert run(*base, "--answer", "dx = 5; dy = 3", "--set", "y=5").status == 0
    assert run(*base, "--answer", "dx = 3.1; dy = 3", "--rtol", "0.1").status == 0
    assert run(*base, "--answer", "dx = 3.1", "--answer", "dy = 3", "--atol", ".2").status == 0
    assert run("check", "x*y*2", "--x", "2", "--y", "3").status == 2
    assert run("check", "x\n---\n2*x", "--x", "2", "--answer", "dx=1").status == 2


def test_the_problem_in_the_pipe(run: Run) -> None:
    ended = run("check", "--answer", "dx = 3; dy = 2", "--x", "2", "--y", "3", input="x*y")
    assert ended.status == 0
    ended = run("check", "--answers", "-", "--x", "2", input="x*y")
    assert (ended.status, ended.out) == (2, "")


def test_what_is_imported(run: Run) -> None:
    arguments = ("check", *PROBLEM, "--answer", RIGHT)
    modules = imported(run, *arguments, "--hints", "0", "--format", "json")
    assert not {"numpy", "rich", "lark"} & modules
    assert not any("diagnosis" in module for module in modules)


def test_a_filled_worksheet_is_read_back(run: Run, shell: Callable[[str], Ended]) -> None:
    program = '"q = x + y; f = q z" --x -2 --y 5 --z -4'
    for format in ("answers", "markdown"):
        line = f"gradcalc worksheet {program} --format {format} --solution > sheet.txt"
        assert shell(line).status == 0
        if format == "answers":  # the problem stands in its head
            ended = run("check", "--answers", "sheet.txt", "--format", "plain")
            assert ended.status == 0, ended


@pytest.mark.parametrize("ask", ["values,gradients", "values", "gradients"])
@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("q = x + y; f = q z", "--x -2 --y 5 --z -4"),
        ("f = norm(W x)^2 + b[0]", "--W [[0.1,0.5],[-0.3,0.8]] --x [0.2,0.4] --b [1,2]"),
        ("sigmoid(w0 x0 + w1 x1 + w2)", "--vary 3"),
        ("s = W x; cross_entropy(s, y)", "--W [[0.1,0.5],[-0.3,0.8]] --x [0.2,0.4] --y 1"),
        ("mean(relu(X W + b)^2)", "--X [[1,2],[3,4],[-5,6]] --W [[1],[3]] --b [0.5]"),
        ("f = ‖W'x‖² + sum(x y')", "--W [[1,2],[3,4]] --x [1,2] --y [3,4]"),
    ],
)
def test_a_worksheet_in_plain_text_is_read_back(
    run: Run, tmp_path: Path, ask: str, program: str, values: str
) -> None:
    sheet = ("worksheet", program, *values.split(), "--ask", ask)
    answers = run(*sheet, "--format", "answers").out
    asked = [line for line in answers.splitlines() if line.rstrip().endswith(" =")]
    (tmp_path / "problem").write_text(run(*sheet, "--format", "problem").out)
    for options, verdict in (("--solution",), "right"), ((), "missing"):
        (tmp_path / "sheet").write_text(run(*sheet, *options).out)
        ended = run("check", "-f", "problem", "--answers", "sheet", "--require=", "--format=json")
        found = items(ended)
        assert {item["verdict"] for item in found.values()} == {verdict}
        assert len(found) == len(asked) > 0


def test_a_worksheet_in_plain_text_filled_by_hand(run: Run, tmp_path: Path) -> None:
    sheet = ("worksheet", "q = x + y; f = q z", "--x", "-2", "--y", "5", "--z", "-4")
    text = run(*sheet).out.replace("______", "_-4_", 2).replace("______", "3.000000000000", 2)
    text = text.replace("= ______", "= 1").replace("______", "4", 1)
    (tmp_path / "problem").write_text(run(*sheet, "--format", "problem").out)
    (tmp_path / "sheet").write_text(text)
    ended = run("check", "-f", "problem", "--answers", "sheet", "--format", "json", "--require=")
    given = {name: (i["given"], i["verdict"]) for name, i in items(ended).items()}
    assert given == {
        "dx": (-4.0, "right"),
        "dy": (-4.0, "right"),
        "dz": (3.0, "right"),
        "q": (3.0, "right"),
        "dq": (4.0, "wrong"),
        "f": (None, "missing"),
    }


def test_points_for_powers_and_transposes(run: Run) -> None:
    problem = ("check", "f = sum(x²) + sum(X')", "--x", "[1,2]", "--X", "[[1,2],[3,4]]")
    answer = ("--answer", "d(x²) = [1,1]; Xᵀ = [[1,3],[2,4]]", "--format", "json")
    ended = run(*problem, *answer, "--points", "d(x²)=2,Xᵀ=3")
    assert (ended.status, json.loads(ended.out)["score"]) == (0, 5)
    assert run(*problem, *answer, "--require", "Xᵀ, d(x²)").status == 0
    assert run(*problem, *answer, "--require", "d(Xᵀ)").status == 1


def test_no_gradient_by_a_label_is_asked_for(run: Run) -> None:
    answer = "ds = [0.0900306, -0.755272, 0.665241]"
    problem = ("cross_entropy(s, y)", "--s", "[1,2,3]", "--y", "1")
    assert run("check", *problem, "--answer", answer, "--hints", "0").status == 0
    index = ("x[i] y", "--x", "[2,3]", "--i", "1", "--y", "4", "--answer")
    assert run("check", *index, "dx = [0, 4]; dy = 3").status == 0
    assert run("check", "x[i] i", "--x", "[2,3]", "--i", "1", "--answer", "dx = [0, 1]").status == 1


def test_several_problems(run: Run) -> None:
    ended = run("check", "x y\n---\nx^2", "--x", "1", "--y", "2", "--answer", "dx = 2")
    assert ended.status == 2
    assert "put each problem into a file of its own" in ended.err


def test_hints_that_would_give_the_number_away(run: Run) -> None:
    """A wrong sign is all but the number: the first hint is only the gate. Alternatives have
    numbers in them."""
    arguments = ("check", *PROBLEM, "--answer", "dx = 4; dy = -4; dz = 3", "--format", "json")
    for hints, remark in ("0", None), ("1", None), ("2", "the sign is wrong"):
        assert items(run(*arguments, "--hints", hints))["dx"]["remark"] == remark
    local = ("check", *PROBLEM, "--answer", "dx = 1; dy = 1; dz = 3", "--format", "json")
    for hints, some in ("2", False), ("3", True):
        (found,) = json.loads(run(*local, "--hints", hints).out)["diagnosis"]
        assert bool(found["alternatives"]) == some


def test_alternatives_are_told_once_and_not_all(run: Run) -> None:
    """The weight of a regularisation is forgotten. Three wrong upstream gradients of 1 would be the
    same, and are so in words."""
    program = "P = X W; L = sum(P^2) + lam*sum(W^2)"
    values = ("--X", "[[1, 2], [3, 4]]", "--W", "[[1, -1], [2, 3]]", "--lam", "0.1")
    arguments = ("check", program, *values, "--answer", "dW = X' dP + 2 W")
    (found,) = json.loads(run(*arguments, "--format", "json").out)["diagnosis"]
    alternatives = found["alternatives"]
    assert len(set(alternatives)) == len(alternatives) > 5
    assert sum(text.startswith("wrong-upstream at sum(W^2)") for text in alternatives) == 1
    for style in "table", "markdown":
        text = " ".join(run(*arguments, "--format", style).out.replace("\\", "").split())
        told = text.partition("It may also be: ")[2].split("; ")
        assert told[4:] == [f"and {len(alternatives) - 4} more."]
        assert [one[:20] for one in told[:4]] == [one[:20] for one in alternatives[:4]]


def test_an_answer_as_numpy_writes_it(run: Run) -> None:
    problem = ("check", "P = X W; L = sum(P^2)", "--X", "[[1,2],[3,4]]", "--W", "[[1,-1],[2,3]]")
    right = "dX = dP @ W.T; dW = X.T @ dP; dP = 2*P"
    assert run(*problem, "--answer", right).status == 0
    assert run(*problem, "--answer", right.replace("X.T @ dP", "X @ dP.T")).status == 1


def test_nothing_is_suggested_where_nothing_was_found(run: Run) -> None:
    for answer, hints in ("dx = -4; dy = -4; dz = 3", "3"), ("dx = 4; dy = 4; dz = 3", "0"):
        arguments = ("--answer", answer, "--hints", hints, "--suggest-inputs", "--format", "json")
        assert json.loads(run("check", *PROBLEM, *arguments).out)["suggestion"] is None
