"""How runs end: exit statuses, where the text goes, interruptions, closed pipes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, Ended, Run, environment
from .test_lecture import HEADLINE

FORMATS = ("table", "json", "csv", "markdown", "latex", "plain")

AT_FAULT: dict[str, tuple[str, ...]] = {
    "syntax": ("x +", "--x", "1"),
    "bracket": ("(x", "--x", "1"),
    "missing value": ("x*y", "--x", "1"),
    "unknown function": ("sgimoid(x)", "--x", "1"),
    "unknown option": ("x", "--x", "1", "--nosuch", "3"),
    "unknown short option": ("x", "--x", "1", "-q"),
    "no value": ("x", "--x"),
    "empty value": ("x", "--x="),
    "bad value": ("x", "--x", "y"),
    "bad format": ("x", "--x", "1", "--format", "xml"),
    "two expressions": ("x", "y", "--x", "1"),
    "expression and file": ("x", "-f", "net.txt", "--x", "1"),
    "no file": ("-f", "nosuch.txt"),
    "a folder": ("-f", "."),
    "no value file": ("x", "--x", "@nosuch.txt"),
    "no values file": ("x", "--values", "nosuch.json"),
    "bad set": ("x", "--set", "x"),
    "value of a definition": ("q = x^2; q + 1", "--x", "1", "--q", "3"),
    "defined twice": ("q = x; q = x + 1", "--x", "1"),
    "cycle": ("q = q + x", "--x", "1"),
    "empty": ("",),
    "only a comment": ("# nothing",),
    "arity": ("sin(x, x)", "--x", "1"),
    "ragged array": ("[[1, 2], [3]]",),
    "shapes": ("x + y", "--x", "[1, 2]", "--y", "[1, 2, 3]"),
    "shape of the upstream gradient": ("x", "--x", "[1, 2]", "--upstream", "[1, 2, 3]"),
    "bad array file": ("x", "--x", "@nosuch.npy"),
    "bad seed": ("x", "--x", "1", "--seed", "-1"),
}


@pytest.mark.parametrize("arguments", AT_FAULT.values(), ids=AT_FAULT.keys())
def test_input_at_fault(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("error[")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_partial_on_standard_output(run: Run, format: str) -> None:
    """The first problem is fine, the second is not."""
    ended = run("--x", "2", "--format", format, input="x^2\n---\nx*\n")
    assert (ended.status, ended.out) == (2, "")
    ended = run("--x", "2", "--format", format, "--strict", input="x^2\n---\nlog(x - 2)\n")
    assert (ended.status, ended.out) == (2, "")


def test_errors_point(run: Run) -> None:
    ended = run("(x+y)*z", "--x", "-2")
    assert ended.err.splitlines() == [
        "error[missing-value]: no value for y and z",
        " --> expression, line 1, column 4",
        "  |",
        "1 | (x+y)*z",
        "  |    ^ y has no value",
        "  |       ^ z has no value",
        "help: add --y VALUE --z VALUE",
    ]


def test_an_option_without_its_value_is_named(run: Run) -> None:
    """Where no value was meant to be given, an empty program is not what is wrong."""
    for arguments in (("x*y", "--y", "1", "--x="), ("x*y", "--x", "--y", "1")):
        ended = run(*arguments)
        first = ended.err.splitlines()[0]
        assert re.search(r"\bx\b", first)
        assert "value" in first


def test_an_unknown_short_option_is_named(run: Run) -> None:
    assert "-q" in run("x", "--x", "1", "-q").err.splitlines()[0]
    assert "option" in run("x", "--x", "1", "-q").err


@pytest.mark.parametrize("format", FORMATS)
def test_results_and_notes_go_different_ways(run: Run, format: str) -> None:
    ended = run("relu(x)", "--x", "0", "--format", format)
    assert ended.status == 0
    assert ended.err.startswith("note: relu(x) has a kink")
    assert "kink at" not in ended.out or format == "json"
    assert "0" in ended.out


def test_interrupted(tmp_path: Path) -> None:
    """Opening a FIFO returns when its other end is opened: gradcalc is then about to read."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with (
        subprocess.Popen(
            [*COMMAND, "-f", str(fifo)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process,
        fifo.open("w"),
    ):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err


def big_program() -> str:
    return "\n".join(["a0 = 1x", *(f"a{i} = a{i - 1} + x" for i in range(1, 3000))])


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown", "latex"])
def test_a_closed_pipe_ends_quietly(
    shell: Callable[[str], Ended], tmp_path: Path, format: str
) -> None:
    """The status is neither that of a wrong answer nor that of an input at fault."""
    (tmp_path / "big.txt").write_text(big_program())
    line = f"gradcalc -f big.txt --x 1 --all-nodes --format {format}"
    ended = shell(f"{{ {line}; echo $? > status; }} | head -1 | wc -l")
    assert (ended.out.strip(), ended.err) == ("1", "")
    assert (tmp_path / "status").read_text() == "0\n"


def test_a_full_disk_is_told(run: Run) -> None:
    """Linux has a device that is always full."""
    if not Path("/dev/full").exists():
        return
    for format in ("table", "json", "csv"):
        line = f"gradcalc x --x 1 --format {format} > /dev/full"
        ended = run("-c", line, command=("sh",))
        assert ended.status == 2
        assert ended.err.startswith("error[")
        assert "Traceback" not in ended.err


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_closed_streams(shell: Callable[[str], Ended], closed: str) -> None:
    ended = shell(f"gradcalc 'max(x, 0)' --x 0 --format plain {closed}")
    assert "Traceback" not in ended.err
    ended = shell(f"gradcalc 'x*y' --x 0 {closed}; echo $?")
    assert "Traceback" not in ended.err
    assert ended.out == "2\n"


def test_get_in_a_shell(shell: Callable[[str], Ended]) -> None:
    command = "gradcalc '(x+y)*z' --x -2 --y 5 --z -4"
    assert shell(f'echo "dx is $({command} --get dx)"').out == "dx is -4\n"
    assert shell(f'test "$({command} --get dx)" = -4 && echo right').out == "right\n"
    assert shell(f'test "$({command} --get dz)" = -4 || echo wrong').out == "wrong\n"
    assert shell(f"echo $(( $({command} --get value) * 2 ))").out == "-24\n"
    assert shell("gradcalc 'x*' --x 3 2> /dev/null || echo bad input").out == "bad input\n"
    assert shell("cat net.txt 2>/dev/null | gradcalc --x 1 2>/dev/null; echo $?").out == "2\n"
    assert shell("echo 'x y' | gradcalc --x 3 --y 4 --get dx").out == "4\n"


def test_steps_of_gradient_descent_in_a_shell(shell: Callable[[str], Ended]) -> None:
    """x <- x - (x - 3)·2·0.25 halves the distance from 3: 1, 2, 2.5, 2.75."""
    step = "x=$(gradcalc \"x - 0.25*$(gradcalc '(x-3)^2' --x $x --get dx)\" --x $x --get value)"
    assert shell(f"x=1; for i in 1 2 3; do {step}; done; echo $x").out == "2.75\n"


def test_headline_status(run: Run) -> None:
    assert run(*HEADLINE).status == 0


def test_a_full_standard_error_changes_no_status(run: Run) -> None:
    """An error stays 2, a result 0, where standard error cannot be written."""
    for program, status in (("x y", 2), ("relu(x)", 0)):
        command = f"{sys.executable} -m gradcalc '{program}' --x 0 --format plain 2>/dev/full"
        ended = subprocess.run(command, shell=True, check=False, capture_output=True)
        assert ended.returncode == status
