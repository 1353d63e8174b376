"""Documentation that is made, or made anew, by running what it shows.

A ``console`` block of a page is a session: each line with the prompt ``$`` is a command, the lines
below it are what it prints, on either stream. The commands of a page run one after the other in one
folder, so that a later one finds the files of an earlier one; the variables of one are not those of
another.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from gradcalc.ops import activations, arithmetic, elementary, special
from gradcalc.ops.structural import (
    convolution,
    creation,
    linear,
    losses,
    matrices,
    normalisation,
    reductions,
    shaping,
)
from gradcalc.services.functions import describe

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FUNCTIONS = ROOT / "docs" / "functions.md"

SESSION = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
#: A command goes on with ``> ``, as shells show it.
PROMPT, MORE = "$ ", "> "
#: What would make a session look different on another machine.
SENSITIVE = ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "LC_ALL", "LANG", "LC_CTYPE")


def run(command: str, folder: Path) -> str:
    """What a command prints in an 80-column terminal, without blanks at the ends of the lines."""
    kept = {name: value for name, value in os.environ.items() if name not in SENSITIVE}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept.get("PATH", "")))
    done = subprocess.run(
        ["sh", "-c", f"exec 2>&1\n{command}"],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "COLUMNS": "80"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def commands(session: str) -> Iterator[str]:
    """The commands of a session, each with its prompts."""
    lines: list[str] = []
    for line in session.splitlines(keepends=True):
        if line.startswith(PROMPT):
            if lines:
                yield "".join(lines)
            lines = [line]
        elif line.startswith(MORE) and lines:
            lines.append(line)
    if lines:
        yield "".join(lines)


def refreshed(page: str, folder: Path) -> str:
    """A page with what its commands print now."""

    def again(match: re.Match[str]) -> str:
        parts = []
        for shown in commands(match.group()):
            command = "".join(line[2:] for line in shown.splitlines(keepends=True))
            parts.append(shown + run(command, folder))
        return "".join(parts)

    return SESSION.sub(again, page)


GROUPS: tuple[tuple[str, ModuleType], ...] = (
    ("Arithmetic, comparisons and choices", arithmetic),
    ("Elementary functions", elementary),
    ("Activations and losses", activations),
    ("Special functions", special),
    ("Shapes and indices", shaping),
    ("New arrays", creation),
    ("Sums and other reductions", reductions),
    ("Products of vectors and matrices", linear),
    ("Determinants, inverses and equations", matrices),
    ("Losses and labels", losses),
    ("Normalisation", normalisation),
    ("Convolution and pooling", convolution),
)
INTRODUCTION = """\
# Functions

Every function of the language, with its definition in the language itself, its local gradients, and
what it does where it is not smooth. `gradcalc functions NAME` prints the same for one of them. What
has a value here, such as `slope=0.01` or `axis=None`, may be left out.

The functions of the first groups work element by element on arrays. For the others, whose local
gradient is a whole Jacobian, the rule is given instead: the gradient that the gate passes `to` each
operand, made from the `upstream` one. It is written for operands of the shapes of the example.

This page is made from the table that the calculator computes with: `python -m tests.docs.update`.
"""
#: Labels whose text is for people; the others are in the language, or commands.
PROSE = ("gate", "domain", "kink")


def functions_page() -> str:
    """The text of docs/functions.md."""
    lines = [INTRODUCTION]
    for title, module in GROUPS:
        lines.append(f"## {title}\n")
        for row in module.ROWS:
            (_, signature), (_, doc), *about = describe(row)
            lines.append(f"### `{signature}`\n\n{doc[0].upper()}{doc[1:]}.\n")
            for label, text in about:
                lines.append(f"- {label}: {text if label in PROSE else f'`{text}`'}")
            lines.append("")
    return "\n".join(lines)
