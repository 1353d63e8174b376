"""Reading what the user points at: program files, value files, standard input."""

import os
import re
import sys

from gradcalc.errors import GradcalcError, Span, closest
from gradcalc.graph.complaints import OPTIONS
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
        message = f"cannot read {path}: {reason}"
        raise GradcalcError("unreadable-file", message, help=_file_help(path)) from None


def _file_help(path: str) -> str:
    """The file that a wrong path may have meant."""
    folder, name = os.path.split(path)
    try:
        files = sorted(entry.name for entry in os.scandir(folder or ".") if entry.is_file())
    except (OSError, ValueError):
        return f"there is no folder {folder}" if not os.path.isdir(folder) else ""
    near = closest(name, files) if name else ""
    return f"did you mean {os.path.join(folder, near)}?" if near and near != name else ""


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
    if text[1:64:2].strip("\0") == "" != text[0:64:2].strip("\0"):
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


def read_value(name: str, text: str) -> float:
    """The value of ``--NAME TEXT``: a constant expression, or ``@FILE`` with one in it.

    Raises:
        GradcalcError: ``bad-value`` and whatever is wrong with the expression or the file.
    """
    if not text.startswith("@"):
        return _constant(Source(text, f"--{name}"), name)
    path = text[1:]
    suffix = path.rpartition(".")[2].lower()
    if suffix not in ("txt", "csv", "json"):
        raise GradcalcError(
            "bad-value",
            f"--{name} cannot be read from {path or 'a file without a name'}",
            help="a value is read from a .txt, .csv or .json file that holds one number",
        )
    return _constant(decode(read_bytes(path), path), name)


def _constant(source: Source, name: str) -> float:
    """The value of a constant expression that is given to ``name``."""
    try:
        return constant(source)
    except GradcalcError as error:
        if error.code == "empty-program":
            message = f"the value of {name} is empty"
            help = "give a constant expression, such as -2, 1/3, 2e-5 or pi/4"
            raise GradcalcError("bad-value", message, help=help) from None
        long = [option for option in OPTIONS if len(option) > 3]
        if source.name == f"--{name}" and (near := closest(name, long)) != name:
            error.help += f"\ndid you mean the option --{near}?" if near else ""
        raise


def read_values(path: str) -> dict[str, float]:
    """The values in a JSON file, an object of names and numbers (or constant expressions as text).

    Raises:
        GradcalcError: ``bad-value``, ``unreadable-file``, ``binary-file``.
    """
    if not path.lower().endswith(".json"):
        message = f"cannot read values from {path}"
        raise GradcalcError("bad-value", message, help="values are read from a .json file")
    source = decode(read_bytes(path), path)
    values: dict[str, float] = {}
    for key, value in _json_object(source):
        name = canonical(key)
        if not name.isidentifier():
            help = "a name has letters, digits and _, and begins with no digit"
            raise _bad_value(source, key, f'"{key}" is no name', help)
        if name in values:
            raise _bad_value(source, key, f"{name} was given twice", "leave out one of them", -1)
        values[name] = _from_json(name, key, value, source)
    return values


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its keys in order, doubled ones included."""


def _json_object(source: Source) -> _Pairs:
    from json import JSONDecodeError, loads

    help = 'it holds an object of names, such as {"x": -2, "y": 5}'
    if not source.text.strip():
        raise GradcalcError("bad-value", f"{source.name} is empty", help=help)
    try:
        values = loads(source.text, object_pairs_hook=_Pairs)
    except JSONDecodeError as error:
        raise _no_json(source, error.pos, help) from None
    except RecursionError:
        raise GradcalcError("bad-value", f"{source.name} is nested too deeply", help=help) from None
    except ValueError:
        # Python refuses integers of more than some thousand digits.
        message = f"{source.name} has a number with too many digits"
        raise GradcalcError("bad-value", message, help="write it with an exponent: 1e400") from None
    if not isinstance(values, _Pairs):
        raise GradcalcError("bad-value", f"{source.name} holds no JSON object", help=help)
    return values


def _no_json(source: Source, at: int, help: str) -> GradcalcError:
    """The diagnostic for what is no JSON from ``at`` on."""
    text = source.text
    message = f"{source.name} is no JSON from here on"
    front = text[:at].rstrip()
    if text[at : at + 1] in ("}", "]") and front.endswith(","):
        at = len(front) - 1
    if text[at : at + 1] == "," and text[at + 1 :].lstrip()[:1] in ("}", "]"):
        message, help = "a comma too many", "behind the last value stands no comma"
    elif text[at : at + 1] == "'":
        message, help = "JSON has other quotes", 'names stand in double quotes: "x"'
    return GradcalcError("bad-value", message, [Span(at, at + 1)], help=help, source=source)


def _bad_value(
    source: Source, key: str, message: str, help: str, which: int = 0, *, at_value: bool = False
) -> GradcalcError:
    """A diagnostic at a key of a JSON file, or at its value. ``which`` of several: 0 or -1."""
    from json import JSONDecoder, dumps

    quoted = {dumps(key), dumps(key, ensure_ascii=False)}
    places = list(re.finditer(rf"({'|'.join(map(re.escape, quoted))})\s*:\s*", source.text))
    spans = []
    if places:
        start, end = places[which].span(1)
        if at_value:
            start = places[which].end()
            end = JSONDecoder().raw_decode(source.text, start)[1]
        spans = [Span(start, end)]
    return GradcalcError("bad-value", message, spans, help=help, source=source)


def _from_json(name: str, key: str, value: object, source: Source) -> float:
    if isinstance(value, str):
        return _constant(Source(value, f"{name} in {source.name}"), name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    help = 'a value is a number or a constant expression, such as -2 or "pi/4"'
    message = f"the value of {name} is no number"
    raise _bad_value(source, key, message, help, at_value=True)
