"""Bad inputs and the whole of what gradcalc says to each.

A case is a file ``bad/TOPIC/NAME.case``: a line on what it shows, then sections.

``--- command``
    the command line, quoted as for a shell
``--- stdin``, ``--- file PATH``
    what stands on standard input (nothing, if not given) and in files of the working directory
``--- stderr``
    the whole diagnostic, with ``/FOLDER`` for the working directory

A heading that ends in ``escaped`` has Python's escapes in its text (``\\x1b``, ``\\udcff``), and
line breaks only where it says ``\\n``; in a file the escapes up to ``\\xff`` are bytes.

After a message was changed, rewrite all the snapshots and read the difference::

    python tests/cases/test_bad.py
"""

import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest

from gradcalc.cli.main import gradcalc, run
from gradcalc.graph.complaints import OPTIONS

FOLDER = Path(__file__).parent / "bad"
CASES = sorted(FOLDER.rglob("*.case"))
#: What stands in a diagnostic for the working directory.
HERE = "/FOLDER"
#: What every machine has here.
MEMORY = "gradcalc.machine.memory", lambda: 25_200_000_000
HEADING = re.compile(r"^--- (command|stdin|file \S+|stderr)( escaped)?\n", re.MULTILINE)


class Outcome(NamedTuple):
    """How a run ended."""

    status: int
    stdout: str
    stderr: str


def sections(text: str) -> dict[str, str]:
    """The sections of a case by their headings, escapes resolved."""
    _, *parts = HEADING.split(text)
    found = {}
    for heading, escaped, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if escaped:
            raw = body.replace("\n", "").encode("latin-1", "backslashreplace")
            body = raw.decode("unicode_escape")
        found[heading + (escaped or "")] = body
    return found


def _bytes(case: dict[str, str], heading: str) -> bytes:
    if f"{heading} escaped" in case:
        return case[f"{heading} escaped"].encode("latin-1")
    return case.get(heading, "").encode()


def outcome(case: dict[str, str]) -> Outcome:
    """Run a case in a folder of its own."""
    command = case.get("command escaped") or case["command"]
    program, *arguments = shlex.split(command)
    assert program == "gradcalc"
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        here = os.getcwd()
        for heading in case:
            if heading.startswith("file "):
                path = Path(heading.split()[1])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_bytes(case, heading.removesuffix(" escaped")))
        with _streams(_bytes(case, "stdin")) as (stdout, stderr), patch(*MEMORY):
            status = run(arguments)
            for stream in (stdout, stderr):
                stream.flush()
    told = stderr.buffer.getvalue().decode().replace(here, HERE)
    return Outcome(status, stdout.buffer.getvalue().decode(), told)


class _Stream(io.TextIOWrapper):
    buffer: io.BytesIO

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[_Stream, _Stream]]:
    """Standard streams in memory."""
    whole = sys.stdin, sys.stdout, sys.stderr
    stdout, stderr = _Stream(), _Stream()
    sys.stdin, sys.stdout, sys.stderr = _Stream(stdin), stdout, stderr
    try:
        yield stdout, stderr
    finally:
        sys.stdin, sys.stdout, sys.stderr = whole


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_bad_input(path: Path) -> None:
    case = sections(path.read_text(encoding="utf-8"))
    assert outcome(case) == Outcome(2, "", case["stderr"])


def test_there_are_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("[" * 1_000_000, "v.json is nested too deeply"),
        ('{"x": ' * 1_000_000, "v.json is nested too deeply"),
        ('{"x": ' + "7" * 5000 + "}", "v.json has a number with too many digits"),
    ],
    ids=("arrays", "objects", "digits"),
)
def test_monstrous_values(values: str, message: str) -> None:
    result = outcome({"command": "gradcalc x --values v.json", "file v.json": values})
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error[bad-value]: {message}\n")


def test_options_are_known_to_the_complaints() -> None:
    """The graph's complaints cannot see the command line, and keep a list of its options."""
    known = {"help"}
    known.update(name for parameter in gradcalc.params for name in parameter.opts)
    assert sorted(OPTIONS) == sorted(name.removeprefix("--") for name in known if name[:2] != "-f")


def update() -> None:
    """Write what gradcalc says now into every case."""
    for path in CASES:
        text = path.read_text(encoding="utf-8")
        result = outcome(sections(text))
        head = text.partition("--- stderr\n")[0]
        path.write_text(f"{head}--- stderr\n{result.stderr}", encoding="utf-8")
        if result.status != 2 or result.stdout:
            print(f"{os.path.relpath(path)}: status {result.status}, {result.stdout!r:.60}")


if __name__ == "__main__":
    update()
