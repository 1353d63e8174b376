"""Standard output: the whole of a result, or nothing."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain

from gradcalc.errors import GradcalcError

#: So many characters are held in memory; a longer result waits in a file.
HELD = 1 << 24


def write(pieces: Iterable[str], format_: str = "text") -> None:
    """Print a result when there is all of it: what fails on the way leaves nothing behind.

    JSON is in UTF-8, whatever the terminal has.
    """
    if format_ == "json" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    held: list[str] = []
    size = 0
    pieces = iter(pieces)
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > HELD:
            _write_by_file(chain(held, pieces))
            return
    sys.stdout.write("".join(held))


def _write_by_file(pieces: Iterable[str]) -> None:
    from tempfile import TemporaryFile

    with ExitStack() as stack:
        try:
            file = stack.enter_context(
                TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="")
            )
            file.writelines(pieces)
            file.seek(0)
        except OSError as error:
            message = f"cannot keep a long result in a temporary file: {error.strerror or error}"
            raise GradcalcError("unwritable", message) from None
        while piece := file.read(HELD):
            sys.stdout.write(piece)
