"""Documents: lecture notes as they stand, and other texts with formulas in them."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from gradcalc.cli.documents import find
from gradcalc.source import Source

from .conftest import Ended, Run

ROOT = Path(__file__).resolve().parents[2]
NOTES = ROOT / "docs" / "examples" / "lecture-notes.md"


@pytest.fixture
def notes(run: Run, tmp_path: Path) -> Any:
    """Run gradcalc on the notes."""
    (tmp_path / "notes.md").write_bytes(NOTES.read_bytes())
    return lambda *arguments: run("-f", "notes.md", *arguments)


def numbers(ended: Ended) -> list[dict[str, Any]]:
    """The reports of ``--format plain``."""
    return [
        {name: json.loads(value) for name, value in (line.split("\t") for line in part.split("\n"))}
        for part in ended.out.strip().split("\n\n")
        if part
    ]


def flat(rows: list[list[float]]) -> list[float]:
    return [entry for row in rows for entry in row]


def said(ended: Ended) -> dict[int, list[str]]:
    """The notes on standard error, by line."""
    found: dict[int, list[str]] = {}
    for line, message in re.findall(r"^note: line (\d+): (.*)$", ended.err, re.MULTILINE):
        found.setdefault(int(line), []).append(message)
    return found


def test_the_lecture_notes_as_they_stand(notes: Any) -> None:
    ended = notes("--format", "json")
    assert ended.status == 0
    reports = [json.loads(line) for line in ended.lines]
    # f(x, y, z) = (x + y)z with the values in the same line; then its three derivatives.
    headline, *derivatives = reports
    assert headline["inputs"] == {"x": -2, "y": 5, "z": -4}
    assert headline["value"] == -12
    assert headline["gradients"] == {"x": -4, "y": -4, "z": 3}
    assert [report["value"] for report in derivatives] == [-4, -4, 3]
    places = [note["message"] for r in reports for note in r["notes"] if note["kind"] == "place"]
    assert places == [
        "line 13: f(x, y, z) = (x + y)z",
        r"line 18: \frac{\partial f}{\partial x}",
        r"line 18: \frac{\partial f}{\partial y}",
        r"line 18: \frac{\partial f}{\partial z}",
    ]
    told = said(ended)
    # The two derivations that end in -4.
    for line, name in ((22, "x"), (24, "y")):
        chain = f"∂f/∂{name} = ∂g/∂{name} · ∂f/∂g = 1 · z = z = -4"
        assert f"confirmed: {chain}" in told[line]
    assert any("is read as x + y" in message for message in told[22])
    # What the others need.
    assert told[44] == [
        r"2(xy + \max(z, w)) needs values for x, y, z and w:"
        " --x VALUE --y VALUE --z VALUE --w VALUE"
    ]
    assert told[49][0].endswith("needs values for x and W: --x VALUE --W VALUE")
    assert told[55] == ["f = Wx needs values for W and x: --W VALUE --x VALUE"]
    assert told[57] == [
        r"f = W_2 \max(0, \underbrace{W_1 x}_h) needs values for W_2, W_1 and x:"
        " --W_2 VALUE --W_1 VALUE --x VALUE"
    ]
    # What no values make whole.
    assert told[28] == [
        r"\frac{\partial z}{\partial x}, \frac{\partial z}{\partial y} needs a definition of z"
    ]
    for line in (33, 35):
        assert told[line][0].endswith("needs definitions of L and z")
    assert set(told) == {22, 24, 28, 33, 35, 44, 49, 55, 57}


def test_patterns_in_backward_flow(notes: Any) -> None:
    ended = notes("--x", "3", "--y", "-4", "--z", "2", "--w", "-1", "--format", "plain")
    assert ended.status == 0
    # 2(3*-4 + max(2, -1)) = -20; the values that the text gives stay.
    assert numbers(ended)[0] == {"value": -12, "dx": -4, "dy": -4, "dz": 3}
    assert numbers(ended)[-1] == {"value": -20, "dx": -8, "dy": 6, "dz": 2, "dw": 0}
    assert 44 not in said(ended)


def test_vectors(notes: Any) -> None:
    ended = notes(
        "--W",
        "[[0.1, 0.5], [-0.3, 0.8]]",
        "--x",
        "[0.2, 0.4]",
        "--W_1",
        "[[1, 2], [3, 4]]",
        "--W_2",
        "[[1, 1]]",
        "--format",
        "plain",
    )
    assert ended.status == 0
    norm, linear, network = numbers(ended)[-3:]
    # W·x = (0.22, 0.26): the lecture's own numbers.
    assert norm["value"] == pytest.approx(0.116)
    assert flat(norm["dW"]) == pytest.approx([0.088, 0.176, 0.104, 0.208])
    assert norm["dx"] == pytest.approx([-0.112, 0.636])
    assert linear["value"] == pytest.approx([0.22, 0.26])
    # h = (1, 2.2), f = 3.2; df/dW_2 = h', df/dW_1 = W_2' x', df/dx = W_1' W_2'.
    assert network["value"] == pytest.approx([3.2])
    assert flat(network["dW_2"]) == pytest.approx([1, 2.2])
    assert flat(network["dW_1"]) == pytest.approx([0.2, 0.4, 0.2, 0.4])
    assert network["dx"] == pytest.approx([4, 6])
    assert any(m.startswith("confirmed: f(x, W) = ‖W · x‖^2 = sum(") for m in said(ended)[49])


def test_a_wrong_claim(run: Run, tmp_path: Path) -> None:
    text = NOTES.read_text(encoding="utf-8").replace("z = z = -4", "z = z = -5", 1)
    (tmp_path / "notes.md").write_text(text, encoding="utf-8")
    ended = run("-f", "notes.md", "--format", "plain")
    assert ended.status == 1
    assert numbers(ended)[0]["dx"] == -4
    assert "error[false-claim]: " in ended.err
    assert " --> notes.md, line 22, column " in ended.err
    assert any(m.startswith("confirmed: ∂f/∂y") for m in said(ended)[24])
    quiet = run("-f", "notes.md", "--quiet")
    assert (quiet.status, "error[false-claim]" in quiet.err) == (1, True)
    assert "note: " not in quiet.err


def test_formats(notes: Any) -> None:
    table = notes()
    assert table.lines[:2] == ["line 13: f(x, y, z) = (x + y)z", "f = (x + y) * z = -12"]
    markdown = notes("--format", "markdown")
    assert markdown.lines[0] == "line 13: `f(x, y, z) = (x + y)z`"
    csv = notes("--format", "csv")
    assert csv.lines[1].startswith("1,f,0,x,")
    assert csv.lines[-1].startswith("4,")
    reading = notes("--show-reading")
    assert reading.lines[:5] == [
        "# lines 13, 18, 22 and 24",
        "x = -2",
        "y = 5",
        "z = -4",
        "f(x, y, z) = (x + y) · z",
    ]
    for name in ("table", "json", "markdown", "latex", "plain", "csv"):
        assert notes("--format", name).status == 0


def test_explanations(notes: Any) -> None:
    ended = notes("--explain", "x", "--of", "f")
    assert ended.lines[0] == "line 13: f(x, y, z) = (x + y)z"
    assert ended.lines[-1] == "∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4"
    plain = notes("--explain", "--of", "f", "--format", "plain")
    assert plain.lines[0] == "# line 13: f(x, y, z) = (x + y)z"
    markdown = notes("--explain", "--of", "f", "--format", "markdown")
    assert markdown.lines[0] == "line 13: `f(x, y, z) = (x + y)z`"
    # A name that only some of the problems have.
    ended = notes("--explain", "w", "--x", "3", "--y", "-4", "--z", "2", "--w", "-1")
    assert ended.status == 0
    assert [line for line in ended.lines if line.startswith("line")] == [
        r"line 44: 2(xy + \max(z, w))"
    ]
    assert "usage" in notes("--symbolic").err


def test_the_reading_is_the_same_program(notes: Any, run: Run) -> None:
    reading = notes("--show-reading").out.split("---\n")[0]
    again = run("--format", "plain", "--of", "f", input=reading)
    assert (again.status, numbers(again)[0]) == (0, numbers(notes("--format", "plain"))[0])


def test_get(notes: Any) -> None:
    assert notes("--get", "dz", "--quiet") == (0, "3\n1\n1\n0\n", "")
    assert notes("--of", "f", "--get", "dz", "--quiet") == (0, "3\n", "")
    ended = notes("--get", "dq")
    assert (ended.status, ended.out) == (2, "")
    assert "unknown-quantity" in ended.err


def test_of_and_wrt(notes: Any) -> None:
    ended = notes("--of", "f", "--format", "plain", "--wrt", "z")
    assert numbers(ended) == [{"value": -12, "dz": 3}]
    assert notes("--of", "nothing").status == 2
    assert notes("--wrt", "nothing").status == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--v", "1"), "v was given a value, but the document has no v"),
        (("--W_3", "1"), "did you mean --W_"),
    ],
)
def test_options_that_nothing_needs(notes: Any, arguments: tuple[str, ...], message: str) -> None:
    ended = notes(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err


@pytest.mark.parametrize(
    ("text", "file", "document"),
    [
        ("Let $x = 2$.", None, True),
        ("Let $x = 2$.", "a.txt", True),
        ("$$x^2$$", "a.txt", False),
        ("$$x^2$$", None, False),
        ("$$x^2$$", "a.md", True),
        ("$x = 2$; $x^2$.", None, False),
        ("x = 2  # for $x$\nx^2", None, False),
        ("# Title $x$\n\nand $x^2$", None, True),
        ("x = 2  # for $x$\nx^2", "a.md", True),
        ("x^2", "a.md", False),
        (r"\frac{x}{2}", None, False),
        (r"\frac{x}{2}", "a.tex", False),
        (r"\begin{document}$x$\end{document}", None, True),
        ("```math\nx\n```", "a.md", True),
        ("```gradcalc\nx\n```\nis it", None, True),
        ("```python\nx\n```", None, False),
    ],
)
def test_what_a_document_is(text: str, file: str | None, document: bool) -> None:
    assert (find(Source(text), file) is not None) is document


def test_an_expression_is_never_a_document(run: Run) -> None:
    assert run("$x^2$", "--x", "3", "--get", "value").out == "9\n"


def test_standard_input(run: Run) -> None:
    text = "Wir nehmen $f(x) = x^2$ bei $x = 3$."
    for arguments in ((), ("-",), ("-f", "-")):
        assert run(*arguments, "--get", "dx", input=text) == (0, "6\n", "")


def test_nothing_to_read(run: Run) -> None:
    ended = run(input=r"A text with $x +* y$ in it.")
    assert (ended.status, ended.out) == (2, "")
    assert " --> standard input, line 1, column " in ended.err
    ended = run(input="Let $x$ be $5$.")
    note = "note: no formula of the document has something to compute\n"
    assert (ended.status, ended.out, ended.err) == (0, "", note)


def test_windows_line_ends_and_byte_order_mark(run: Run, tmp_path: Path) -> None:
    text = NOTES.read_text(encoding="utf-8").replace("\n", "\r\n")
    (tmp_path / "notes.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    ended = run("-f", "notes.md", "--format", "plain")
    assert (ended.status, numbers(ended)[0]["value"]) == (0, -12)
    assert set(said(ended)) == {22, 24, 28, 33, 35, 44, 49, 55, 57}


TEX = r"""\documentclass{article}
\begin{document}
% $f = 100$
The score is $s = wx + b$, % with $w = 7$
where $w = 2$, $x = -1$ and $b = 3$.
\begin{align}
L &= (s - 4)^2 \\
\frac{\partial L}{\partial s} &= 2(s - 4) = -6
\end{align}
\end{document}
"""


def test_tex(run: Run, tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_text(TEX)
    ended = run("-f", "paper.tex", "--format", "plain")
    assert ended.status == 0, ended.err
    # s = 1, L = 9, dL/ds = -6.
    assert numbers(ended) == [{"value": 9, "dw": 6, "dx": -12, "db": -6}]
    assert said(ended)[8] == ["confirmed: ∂L/∂s = 2 · (s - 4) = -6"]


# fmt: off
PIECES = [
    "$", "$$", r"\[", r"\]", r"\(", r"\)", "```", "```math", "```gradcalc", "~~~", "`", "<!--",
    "-->", "> ", "- ", "1. ", "# ", "---", r"\$", "%", "&", r"\\", "{", "}", "한", "x", "y", "=",
    "f(x)", "2", "+", "^", ",", ";", "^{", r"\begin{align}", r"\end{align}",
    r"\frac{\partial f}{\partial x}", r"\sum_{i=1}^n", r"\max(", "|", "\n", "\n\n", "\r\n",
]
# fmt: on


@pytest.mark.parametrize("seed", range(4))
def test_any_text(seed: int, run: Run, tmp_path: Path) -> None:
    generator = random.Random(seed)
    for name in ("any.md", "any.tex", "any.txt"):
        text = "words $1 + 1$ " + " ".join(generator.choices(PIECES, k=400))
        (tmp_path / name).write_text(text, encoding="utf-8")
        ended = run("-f", name, "--format", "plain")
        assert ended.status in (0, 1, 2)
        assert "Traceback" not in ended.err


@pytest.mark.parametrize("seed", range(2))
def test_any_bytes(seed: int, run: Run, tmp_path: Path) -> None:
    (tmp_path / "any.md").write_bytes(b"$x^2$ " + random.Random(seed).randbytes(2000))
    ended = run("-f", "any.md", "--format", "plain")
    assert ended.status == 2
    assert ended.err.startswith("error[binary-file]")


def test_a_big_document(run: Run, tmp_path: Path) -> None:
    lines = ["Text and more text, at $5 and $10 apiece."] * 20_000
    lines[10_000:10_000] = ["", "$f(x) = x^2$ with $x = 3$", "", "$$ not closed"]
    (tmp_path / "big.md").write_text("\n".join(lines))
    ended = run("-f", "big.md", "--get", "dx")
    assert (ended.status, ended.out) == (0, "6\n")
    assert said(ended)[10_004] == ["$$ is not closed in its paragraph"]


def test_thousands_of_formulas(run: Run, tmp_path: Path) -> None:
    lines = [f"Number {i}: $x = {i}$ and $x^2$.\n" for i in range(2000)]
    (tmp_path / "many.md").write_text("\n".join(lines))
    ended = run("-f", "many.md", "--get", "value")
    assert ended.lines == [str(i * i) for i in range(2000)]
