"""Reading what the user points at: files and standard input, as bytes and as text."""

import os
import sys

from gradcalc.errors import GradcalcError, Span, closest
from gradcalc.source import Source

#: So many bytes are looked at before the rest of a file is read.
SAMPLE = 1 << 16


def read_program(path: str) -> Source:
    """The program in a file; ``-`` is the standard input.

    Raises:
        GradcalcError: ``unreadable-file``, ``binary-file``.
    """
    if path == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    return read_text(path)


def read_text(path: str) -> Source:
    """The text in a file.

    Raises:
        GradcalcError: ``unreadable-file``, ``binary-file``.
    """
    return decode(read_bytes(path), path)


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises GradcalcError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            start = file.read(SAMPLE)
            # A device may never end: what is no text from its start on is not read further.
            return start if len(start) == SAMPLE and not start.strip(b"\0") else start + file.read()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> GradcalcError:
    """The diagnostic for a file that cannot be opened or read."""
    reason = getattr(error, "strerror", None) or str(error)
    message = f"cannot read {path}: {reason}"
    help = "" if os.path.exists(path) else _file_help(path)
    return GradcalcError("unreadable-file", message, help=help)


def _file_help(path: str) -> str:
    """The file that a path that leads nowhere may have meant, or else where it was looked for."""
    folder, name = os.path.split(path)
    here = folder or "."
    try:
        names = os.listdir(here)
    except (OSError, ValueError):
        return f"there is no folder {here}" if not os.path.isdir(here) else ""
    files = sorted(name for name in names if os.path.isfile(os.path.join(here, name)))
    stem, suffix = os.path.splitext(name)
    # In both the stem and the suffix a name is hardly ever wrong.
    files = [file for file in files if stem == os.path.splitext(file)[0] or file.endswith(suffix)]
    near = closest(name, files) if name else ""
    if near and near != name:
        return f"did you mean {os.path.join(folder, near)}?"
    return f"it was looked for in the folder {os.path.abspath(here)}"


def decode(data: bytes, name: str) -> Source:
    """Text of UTF-8, or of UTF-16 with a byte-order mark, as Windows shells write it.

    Raises:
        GradcalcError: ``binary-file``.
    """
    encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "UTF-8"
    help = "save it as plain text in UTF-8"
    try:
        text = data.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GradcalcError(
            "binary-file",
            f"{name} is no text: byte {data[error.start]:#04x} in line {line} is not {encoding}",
            help=help,
        ) from None
    if text[1:2] and text[1:64:2].strip("\0") == "" != text[0:64:2].strip("\0"):
        message = f"{name} looks like UTF-16 without a byte-order mark"
        raise GradcalcError("binary-file", message, help=help)
    source = Source(text, name)
    nul = text.find("\0")
    if nul >= 0:
        raise GradcalcError(
            "binary-file",
            f"{name} is no text: there is a NUL character",
            [Span(nul, nul + 1)],
            help=help,
            source=source,
        )
    return source
