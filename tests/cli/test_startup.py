"""What is imported when: starting is most of what a small run does."""

import sys

import pytest

from .conftest import Run
from .test_lecture import HEADLINE

#: Prints the modules that are loaded when a command line has been run.
PROBE = """
import sys
from gradcalc.cli.main import run
status = run(sys.argv[1:])
print("\\nmodules", *sys.modules)
sys.exit(status)
"""


def imported(run: Run, *arguments: str, status: int = 0) -> set[str]:
    ended = run("-c", PROBE, *arguments, command=(sys.executable,))
    assert ended.status == status
    return set(ended.lines[-1].split()[1:])


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown", "latex", "plain"])
def test_a_scalar_problem(run: Run, format: str) -> None:
    modules = imported(run, *HEADLINE, "--format", format)
    assert not {"numpy", "lark", "gradcalc.ops.structural"} & modules
    assert ("rich" in modules) == (format == "table")


def test_other_uses(run: Run) -> None:
    for arguments in ((*HEADLINE, "--get", "dx"), ("functions",), ("--help",)):
        assert not {"numpy", "lark", "rich"} & imported(run, *arguments)
    assert not {"numpy", "lark", "rich"} & imported(run, "x +", "--x", "1", status=2)


def test_python_api(run: Run) -> None:
    code = "import sys, gradcalc; print(*sys.modules)"
    modules = set(run("-c", code, command=(sys.executable,)).out.split())
    assert not {"click", "rich", "lark", "numpy", "gradcalc.ops"} & modules
    code = "import sys, gradcalc; gradcalc.backprop('x', x=1).to_json(); print(*sys.modules)"
    modules = set(run("-c", code, command=(sys.executable,)).out.split())
    assert not {"click", "rich", "lark", "numpy"} & modules


def test_the_reading_of_latex(run: Run) -> None:
    plain = (*HEADLINE, "--format", "plain")
    assert not [name for name in imported(run, *plain) if "syntax.latex" in name]
    modules = imported(run, r"\frac{x}{2}", "--x", "1", "--format", "plain")
    assert "gradcalc.syntax.latex.lexer" in modules
    assert not {"numpy", "lark", "rich", "gradcalc.syntax.latex.running"} & modules
