"""Colours, widths, encodings, and text that a terminal would obey."""

import os
import pty
import re
import subprocess
from unicodedata import east_asian_width

import pytest

from .conftest import COMMAND, Ended, Run, environment
from .test_lecture import HEADLINE, NEURON, SCORE

ESCAPE = "\x1b["
NEURON_WRITTEN_OUT = (f"1/(1 + e^(-({SCORE})))", *NEURON)


def on_terminal(*arguments: str, **changes: str) -> Ended:
    """Run with all three streams on a terminal; what it printed is ``out``."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**{"TERM": "xterm-256color", **changes}),
        close_fds=True,
    ) as process:
        os.close(theirs)
        chunks = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
        process.wait(timeout=30)
    os.close(ours)
    return Ended(process.returncode, b"".join(chunks).decode(), "")


def test_no_expression_on_a_terminal_gives_short_help() -> None:
    ended = on_terminal()
    assert ended.status == 0
    assert "Usage: gradcalc [OPTIONS] [EXPRESSION]" in ended.out
    assert "gradcalc --help" in ended.out
    assert len(ended.lines) < 12


def test_no_expression_from_nowhere_is_an_error(run: Run) -> None:
    ended = run(input="")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error[empty-program]")


def test_colour() -> None:
    assert ESCAPE in on_terminal(*HEADLINE).out


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour(changes: dict[str, str]) -> None:
    """Bold text is no colour; a dumb terminal knows neither."""
    colours = re.compile(r"\x1b\[[\d;]*?(?:3[0-8]|4[0-8]|9\d|10[0-7])[\d;]*m")
    for arguments in (HEADLINE, ("x +", "--x", "1"), ("relu(x)", "--x", "0")):
        out = on_terminal(*arguments, **changes).out
        assert not colours.search(out)
        assert ESCAPE not in out or "TERM" not in changes


def test_no_colour_in_a_pipe(run: Run) -> None:
    for arguments in (HEADLINE, ("x +", "--x", "1"), ("--help",)):
        ended = run(*arguments, env={"TERM": "xterm-256color"})
        assert ESCAPE not in ended.out + ended.err


def test_forced_colour(run: Run) -> None:
    assert ESCAPE in run(*HEADLINE, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).out
    # Data for programs is never coloured.
    for format in ("json", "csv", "plain", "markdown", "latex"):
        assert ESCAPE not in run(*HEADLINE, "--format", format, env={"FORCE_COLOR": "1"}).out


def columns(line: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("arguments", [HEADLINE, NEURON_WRITTEN_OUT], ids=["headline", "neuron"])
def test_width(run: Run, width: int, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments, env={"COLUMNS": str(width)})
    assert max(map(columns, ended.lines)) <= width
    # No number is cut: every one that there is can be found.
    flat = " ".join(ended.out.split())
    for value in ("0.731059", "-0.589836", "-0.534447") if len(arguments) > 7 else ("-12", "-4"):
        assert value in flat
    assert not re.search(r"\d\.?\d*…", re.sub(r"\([^()]*…[^()]*\)|\S*…[^│]*\)", "", flat))


@pytest.mark.parametrize("width", [60, 40, 20, 1])
def test_narrow_terminals(run: Run, width: int) -> None:
    """There is no room for everything, but no number is cut."""
    ended = run(*NEURON_WRITTEN_OUT, env={"COLUMNS": str(width)})
    assert (ended.status, ended.err) == (0, "")
    for number in ("0.731059", "0.367879", "-0.534447", "-0.196612", "0.393224", "-0.589836"):
        assert number in ended.out


@pytest.mark.parametrize("width", [80, 60, 20])
def test_no_digit_is_cut(run: Run, width: int) -> None:
    program = ("sin(x) y / 3", "--x", "1/3e100", "--y", "-2/7e-100", "--precision", "17")
    numbers = run(*program, "--format", "csv", env={"COLUMNS": str(width)}).lines[1:]
    out = run(*program, env={"COLUMNS": str(width)}).out
    for line in numbers:
        value, local, upstream = line.split(",")[7:10]
        for number in (value, *local.split(";"), upstream):
            assert f"{number} " in out.replace("\n", " ") or not number


def test_a_wide_terminal_shows_texts_whole(run: Run) -> None:
    ended = run(*NEURON_WRITTEN_OUT, env={"COLUMNS": "200"})
    assert "…" not in ended.out


@pytest.mark.parametrize(
    "changes",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=lambda changes: next(iter(changes)),
)
@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown", "latex", "plain"])
def test_poor_encodings(run: Run, changes: dict[str, str], format: str) -> None:
    ended = run("relu(x) + 0", "--x", "0", "--format", format, env=changes)
    assert ended.status == 0
    assert "Traceback" not in ended.err
    # Read from a file, so that no command line is in the way.
    ended = run("--wrt", "x", "--format", format, env=changes, input="α = 2\nx = 0\nσ(α)*x")
    assert ended.status == 0
    ended = run("--format", format, env=changes, input="σ(α) +")
    assert (ended.status, ended.out) == (2, "")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("x + \x1b[31mred", "--x", "1"),
        ("\x1b[31m", "--x", "1"),
        ("x", "--x", "\x1b[31m3"),
        ("x", "--\x1b[31m", "3"),
        ("x", "--format", "\x1b[31m"),
        ("x", "--x", "1", "--get", "\x1b[31m"),
        ("x", "--x", "1", "--wrt", "\x1b[31m"),
        ("x", "--x", "1", "--of", "\x1b[31m"),
        ("-f", "\x1b[31m"),
        ("x", "--x", "@\x1b[31m.txt"),
        ("x", "--values", "\x1b[31m.json"),
        ("x", "--set", "\x1b[31m"),
        ("functions", "\x1b[31m"),
    ],
)
def test_escape_codes_in_errors_are_shown(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.status == 2
    assert "\x1b" not in ended.err
    assert r"\x1b[31m" in ended.err


def test_escape_codes_in_comments_stay_there(run: Run) -> None:
    ended = run("--x", "1", input="x^2 # \x1b[31mred [bold]text[/bold]\nxx")
    assert ended.status == 0
    assert "\x1b" not in ended.out + ended.err


def test_markup_is_text(run: Run) -> None:
    """What rich would take for markup, emoji codes or links."""
    ended = run("x + [bold]y[/bold]", "--x", "1")
    assert "x + [bold]y[/bold]" in ended.err
    ended = run("x", "--x", "1", "--get", "[red]:smile:[/red]")
    assert "[red]:smile:[/red]" in ended.err


def test_overrides_of_the_reading_direction_are_shown(run: Run) -> None:
    ended = run("x + \u202ey", "--x", "1")
    assert ended.status == 2
    assert "\u202e" not in ended.err
    assert r"\u{202e}" in ended.err
