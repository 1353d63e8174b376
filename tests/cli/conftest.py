"""Running gradcalc in a process of its own, with an environment that is the same everywhere."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

COMMAND = (sys.executable, "-m", "gradcalc")

#: What may change how gradcalc prints; tests set it on purpose or not at all.
SENSITIVE = (
    "COLUMNS",
    "FORCE_COLOR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LINES",
    "NO_COLOR",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "TERM",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)


class Ended(NamedTuple):
    """How a run ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Ended]


def environment(**changes: str) -> dict[str, str]:
    """The environment for a run: UTF-8, 80 columns, and the changes."""
    kept = {name: value for name, value in os.environ.items() if name not in SENSITIVE}
    # The gradcalc command of this very Python comes first, for tests that go through a shell.
    path = os.pathsep.join((str(Path(sys.executable).parent), kept.get("PATH", "")))
    return {**kept, "PATH": path, "PYTHONUTF8": "1", "COLUMNS": "80", **changes}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``gradcalc ARGUMENTS`` in an empty folder: ``run("x*y", "--x", "2", ..., input="")``."""

    def call(
        *arguments: str,
        input: str | bytes = "",
        env: dict[str, str] | None = None,
        command: tuple[str, ...] = COMMAND,
    ) -> Ended:
        done = subprocess.run(
            [*command, *arguments],
            input=input if isinstance(input, bytes) else input.encode(),
            capture_output=True,
            cwd=tmp_path,
            env=environment(**(env or {})),
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def shell(run: Run) -> Callable[[str], Ended]:
    """Run a line of shell, with ``gradcalc`` on its path."""

    def call(line: str) -> Ended:
        return run("-c", line, command=("sh",))

    return call
