"""Reading what the user points at: program files, value files, standard input."""

import sys

from gradcalc.errors import GradcalcError, Span
from gradcalc.services.evaluate import constant
from gradcalc.source import Source
from gradcalc.syntax.names import canonical


def read_program(path: str) -> Source:
    """The program in a file; ``-`` is the standard input.

    Raises:
        GradcalcError: ``unreadable-file``, ``binary-file``.
    """
    if path == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    return decode(read_bytes(path), path)


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises GradcalcError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GradcalcError("unreadable-file", f"cannot read {path}: {reason}") from None


def decode(data: bytes, name: str) -> Source:
    """Text of UTF-8, or of UTF-16 with a byte-order mark, as Windows shells write it.

    Raises:
        GradcalcError: ``binary-file``.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GradcalcError(
            "binary-file",
            f"{name} is no text: byte {data[error.start]:#04x} in line {line} is not {encoding[:5]}",
            help="save the program as plain text in UTF-8",
        ) from None
    source = Source(text, name)
    nul = text.find("\0")
    if nul >= 0:
        raise GradcalcError(
            "binary-file",
            f"{name} is no text: there is a NUL character",
            [Span(nul, nul + 1)],
            help="save the program as plain text in UTF-8",
            source=source,
        )
    return source


def read_value(name: str, text: str) -> float:
    """The value of ``--NAME TEXT``: a constant expression, or ``@FILE`` with one in it.

    Raises:
        GradcalcError: ``bad-value`` and whatever is wrong with the expression or the file.
    """
    if not text.startswith("@"):
        return constant(Source(text, f"--{name}"))
    path = text[1:]
    suffix = path.rpartition(".")[2].lower()
    if suffix not in ("txt", "csv", "json"):
        raise GradcalcError(
            "bad-value",
            f"--{name} cannot be read from {path}",
            help="a value is read from a .txt, .csv or .json file that holds one number",
        )
    return constant(decode(read_bytes(path), path))


def read_values(path: str) -> dict[str, float]:
    """The values in a JSON file, an object of names and numbers (or constant expressions as text).

    Raises:
        GradcalcError: ``bad-value``, ``unreadable-file``, ``binary-file``.
    """
    from json import JSONDecodeError, loads

    if not path.lower().endswith(".json"):
        message = f"cannot read values from {path}"
        raise GradcalcError("bad-value", message, help="values are read from a .json file")
    source = decode(read_bytes(path), path)
    try:
        values = loads(source.text)
    except JSONDecodeError as error:
        span = Span(error.pos, error.pos + 1)
        raise GradcalcError("bad-value", f"no JSON: {error.msg}", [span], source=source) from None
    except RecursionError:
        raise GradcalcError("bad-value", f"{path} is nested too deeply") from None
    if not isinstance(values, dict):
        help = 'such as {"x": -2, "y": 5}'
        raise GradcalcError("bad-value", f"{path} holds no JSON object", help=help)
    return {canonical(name): _from_json(name, value, path) for name, value in values.items()}


def _from_json(name: str, value: object, path: str) -> float:
    if isinstance(value, str):
        return constant(Source(value, f"{name} in {path}"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    raise GradcalcError("bad-value", f"the value of {name} in {path} is no number: {value!r:.60}")
