"""Help, version, completion, and the list of functions."""

import shlex
import shutil
import subprocess

import pytest

import gradcalc
from gradcalc import ops
from gradcalc.cli.main import run as run_here
from gradcalc.ops.row import Row
from gradcalc.services.functions import example

from .conftest import COMMAND, Run, environment


@pytest.mark.parametrize("command", [COMMAND, ("gradcalc",)], ids=["python -m", "installed"])
def test_version(run: Run, command: tuple[str, ...]) -> None:
    assert run("--version", command=command) == (0, f"gradcalc {gradcalc.__version__}\n", "")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(run: Run, option: str) -> None:
    ended = run(option)
    assert (ended.status, ended.err) == (0, "")
    for option in (
        "--file",
        "--set",
        "--values",
        "--wrt",
        "--of",
        "--upstream",
        "--get",
        "--format",
        "--precision",
        "--dtype",
        "--strict",
        "--quiet",
        "--version",
        "functions",
    ):
        assert option in ended.out
    assert max(map(len, ended.lines)) <= 80


def help_examples() -> list[str]:
    done = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, check=True, env=environment()
    )
    lines = [line.strip() for line in done.stdout.splitlines()]
    return [line for line in lines if "gradcalc " in line and "Usage" not in line and '"' in line]


def test_help_teaches_by_examples(run: Run, tmp_path: object) -> None:
    examples = help_examples()
    assert len(examples) >= 4
    assert 'gradcalc "(x+y)*z" --x -2 --y 5 --z -4' in examples
    for line in examples:
        ended = run("-c", line, command=("sh",))
        assert (ended.status, "error" in ended.err) == (0, False), line


def test_help_of_a_command(run: Run) -> None:
    ended = run("functions", "--help")
    assert ended.status == 0
    assert "gradcalc functions sigmoid" in ended.out


def complete(run: Run, words: str) -> list[str]:
    changes = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "_GRADCALC_COMPLETE": "bash_complete",
    }
    return [line.partition(",")[2] for line in run(env=changes).lines]


def test_completion_of_options(run: Run) -> None:
    assert complete(run, "gradcalc --for") == ["--format"]
    assert complete(run, "gradcalc x*y --x 3 --up") == ["--upstream"]
    assert {"--file", "--set", "--wrt", "--quiet"} <= set(complete(run, "gradcalc --"))
    formats = ["table", "json", "csv", "markdown", "latex", "plain"]
    assert complete(run, "gradcalc --format ") == formats
    assert complete(run, "gradcalc fun") == ["functions"]


def test_completion_of_functions_and_files(run: Run) -> None:
    assert complete(run, "gradcalc functions sigm") == ["sigmoid"]
    assert {"max", "maximum"} <= set(complete(run, "gradcalc functions ma"))
    words = {"COMP_WORDS": "gradcalc --file p", "COMP_CWORD": "2"}
    ended = run(env={**words, "_GRADCALC_COMPLETE": "bash_complete"})
    assert ended.out == "file,p\n"  # the shell looks for files that begin like this


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    ended = run(env={"_GRADCALC_COMPLETE": f"{shell}_source"}, command=("gradcalc",))
    assert (ended.status, ended.err) == (0, "")
    assert f"_GRADCALC_COMPLETE={shell}_complete" in ended.out
    if shutil.which(shell):
        checked = run("-n", input=ended.out, command=(shell,))
        assert (checked.status, checked.err) == (0, "")


def test_functions(run: Run) -> None:
    ended = run("functions")
    assert (ended.status, ended.err) == (0, "")
    starts = [line.split("  ")[0] for line in ended.lines if not line.startswith(" ")]
    assert starts == [row.signature for row in ops.TABLE]
    (line,) = [line for line in ended.lines if "leaky_relu(x, slope=0.01) " in line]
    assert line.endswith(ops.row("leaky_relu").doc)


def test_one_function(run: Run) -> None:
    by_label = {}
    for line in run("functions", "sigmoid").lines:
        label, _, text = line.partition("  ")
        by_label[label] = text.strip()
    assert by_label["function"] == "sigmoid(x)"
    assert by_label["formula"] == "1/(1 + e^-x)"
    assert by_label["∂/∂x"] == "sigmoid(x) * sigmoid(-x)"
    assert "σ" in by_label["also called"]
    assert run("functions", "σ").out == run("functions", "sigmoid").out
    assert run("functions", "+").out == run("functions", "add").out


def test_no_such_function(run: Run) -> None:
    ended = run("functions", "sigmoyd")
    assert (ended.status, ended.out) == (2, "")
    assert "did you mean sigmoid?" in ended.err


@pytest.mark.parametrize("row", ops.TABLE, ids=lambda row: row.name)
def test_every_example_runs(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    program, *arguments = shlex.split(example(row))
    assert program == "gradcalc"
    assert run_here([*arguments, "--format", "plain"]) == 0
    out, err = capsys.readouterr()
    # The first sample is an ordinary one: no kink, nothing infinite.
    assert all("the output is an array" in line for line in err.splitlines())
    assert out.startswith("value\t")
    assert run_here(["functions", row.name]) == 0
    assert example(row) in capsys.readouterr().out
