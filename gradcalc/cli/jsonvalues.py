"""Values in JSON: numbers, arrays as nested lists, and constant expressions as text.

Python's own reader finds out whether it is JSON, and NumPy whether the lists make an array. As
in NumPy's files, ``true`` and ``false`` are 1 and 0. Only where one of the two says no, or finds
something else than numbers, the text is read a second time, to know the places.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf, nan

from gradcalc.cli.values import constant_of, name_of
from gradcalc.errors import GradcalcError, Span
from gradcalc.ops.shapes import Shape, described
from gradcalc.services.values import Seed, Value, real_array
from gradcalc.source import Source

OBJECT = 'it holds an object of names, such as {"x": -2, "y": [1, 2]}'
VALUE = "it holds a number, or an array as nested lists: [[1, 2], [3, 4]]"
ENTRY = 'a value is a number, an array of numbers or a constant expression, such as -2 or "pi/4"'
ROWS = "the entries of an array have one shape"
#: How JSON written by gradcalc says what JSON cannot.
NAMES = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}
TOKEN = re.compile(r'\s*(?:[\[\],]|"(?:[^"\\]|\\.)*"|[^\s\[\],"]+)')
#: As many axes as NumPy can count.
MOST_AXES = 64


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its keys in order, doubled ones included."""


def read_json(source: Source, name: str, seed: Seed) -> Value:
    """The number or array that a JSON text holds.

    Raises:
        GradcalcError: ``bad-value``.
    """
    value = _loaded(source, VALUE)
    if isinstance(value, _Pairs):
        message = f"{source.name} holds an object"
        help = f"--values {source.name} reads values by name"
        raise GradcalcError("bad-value", message, help=help)
    return _value(source, lambda: 0, value, name, seed)


def read_json_object(source: Source, seed: Seed) -> dict[str, Value]:
    """The values that a JSON object holds, by name.

    Raises:
        GradcalcError: ``bad-value``.
    """
    pairs = _loaded(source, OBJECT)
    if not isinstance(pairs, _Pairs):
        raise GradcalcError("bad-value", f"{source.name} holds no JSON object", help=OBJECT)
    values: dict[str, Value] = {}
    for key, value in pairs:
        name = name_of(key)
        if not name:
            help = "a name has letters, digits and _, and begins with no digit"
            raise _bad_key(source, key, f'"{key}" is no name', help)
        if name in values:
            raise _bad_key(source, key, f"{name} was given twice", "leave out one of them", -1)
        values[name] = _value(source, partial(_value_start, source, key), value, name, seed)
    return values


def _loaded(source: Source, help: str) -> object:
    from json import JSONDecodeError, loads

    if not source.text.strip():
        raise GradcalcError("bad-value", f"{source.name} is empty", help=help)
    try:
        return loads(source.text, object_pairs_hook=_Pairs)
    except JSONDecodeError as error:
        raise _no_json(source, error.pos, help) from None
    except RecursionError:
        raise GradcalcError("bad-value", f"{source.name} is nested too deeply", help=help) from None
    except ValueError:
        # Python refuses integers of more than some thousand digits.
        message = f"{source.name} has a number with too many digits"
        raise GradcalcError("bad-value", message, help="write it with an exponent: 1e400") from None


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


def _place(source: Source, key: str, which: int = 0) -> tuple[int, int]:
    """Where a key of an object starts, and where its value does. ``which`` of several: 0 or -1."""
    from json import dumps

    quoted = {dumps(key), dumps(key, ensure_ascii=False)}
    # A key may also be written with escapes that nobody needs: then it is not found.
    found = re.finditer(rf"({'|'.join(map(re.escape, quoted))})\s*:\s*", source.text)
    places = [(match.start(), match.end()) for match in found]
    return places[which] if places else (-1, -1)


def _value_start(source: Source, key: str) -> int:
    return _place(source, key)[1]


def _span(source: Source, start: int) -> Span:
    """The key or value that starts there."""
    from json import JSONDecoder

    return Span(start, JSONDecoder().raw_decode(source.text, start)[1])


def _bad_key(source: Source, key: str, message: str, help: str, which: int = 0) -> GradcalcError:
    start = _place(source, key, which)[0]
    spans = [_span(source, start)] if start >= 0 else []
    return GradcalcError("bad-value", message, spans, help=help, source=source)


def _value(source: Source, start: Callable[[], int], value: object, name: str, seed: Seed) -> Value:
    """One value, which starts at ``start()`` of the text; -1 if it is not found."""
    if value.__class__ is list:
        return _array(source, start, value, name, seed)
    if isinstance(value, str):
        if value in NAMES:
            return NAMES[value]
        return constant_of(Source(value, f"{name} in {source.name}"), name, seed)
    if isinstance(value, int | float):
        return _float(value)
    raise _no_number(source, start(), f"the value of {name} is no number")


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def _no_number(source: Source, start: int, message: str) -> GradcalcError:
    spans = [_span(source, start)] if start >= 0 else []
    return GradcalcError("bad-value", message, spans, help=ENTRY, source=source)


def _array(source: Source, start: Callable[[], int], value: object, name: str, seed: Seed) -> Value:
    import numpy as np

    with suppress(ValueError):  # the lists make no array
        array = np.array(value)
        if array.dtype.kind in "biuf":
            return real_array(name, array)
    begin = start()
    if begin < 0:
        from json import dumps

        source, begin = Source(dumps(value), f"{name} in {source.name}"), 0
    entries, shape = _Scan(source, name, seed).array(begin)
    if len(shape) > MOST_AXES:
        message = f"{source.name} is nested too deeply: an array has at most {MOST_AXES} axes"
        raise GradcalcError("bad-value", message)
    return np.array(entries, dtype=np.float64).reshape(shape)


class _Open:
    """A list that has not ended yet: where it starts, how many items it has, and the first one."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.items = 0
        self.shape: Shape = ()
        self.span = Span(start, start)


class _Scan:
    """Reading the text of a JSON value again, place by place."""

    def __init__(self, source: Source, name: str, seed: Seed) -> None:
        self.source = source
        self.name = name
        self.seed = seed

    def array(self, start: int) -> tuple[list[float], Shape]:
        """The entries and the shape of the nested lists that start at ``start``.

        Raises:
            GradcalcError: a row has another shape than the first one, or an entry is no number.
        """
        entries: list[float] = []
        lists: list[_Open] = []
        end = start
        while True:
            match = TOKEN.match(self.source.text, end)
            assert match is not None, "the text is JSON"
            token, end = match[0].lstrip(), match.end()
            shape: Shape = ()
            begin = end - len(token)
            if token == "[":
                lists.append(_Open(begin))
                continue
            if token == ",":
                continue
            if token == "]":
                closed = lists.pop()
                begin, shape = closed.start, (closed.items, *closed.shape)
                if not lists:
                    return entries, shape
            else:
                entries.append(self._entry(begin, token))
            row = lists[-1]
            if not row.items:
                row.shape, row.span = shape, Span(begin, end)
            elif shape != row.shape:
                raise self._ragged(Span(begin, end), shape, row)
            row.items += 1

    def _ragged(self, span: Span, shape: Shape, row: _Open) -> GradcalcError:
        """The diagnostic for an item of a list that has another shape than the first one."""
        have, first = _in_words(shape), _in_words(row.shape)
        message = f"an entry is {have}, and the first one is {first}"
        if len(shape) == len(row.shape) == 1:
            message = f"a row has {described(shape)}, and the first row {described(row.shape)}"
        spans = [span._replace(label=have), row.span._replace(label=first)]
        return GradcalcError("ragged", message, spans, help=ROWS, source=self.source)

    def _entry(self, start: int, token: str) -> float:
        from json import loads

        if token[0] in "{n":
            raise _no_number(self.source, start, f"an entry of {self.name} is no number")
        value = loads(token)
        if not isinstance(value, str):
            return _float(value)
        found = _value(self.source, lambda: start, value, self.name, self.seed)
        if getattr(found, "shape", ()):
            raise _no_number(self.source, start, f"an entry of {self.name} is an array as text")
        return float(found)


def _in_words(shape: Shape) -> str:
    """What a nested list, or a number, is in another one."""
    if len(shape) == 1:
        return f"a row of {described(shape)}"
    return described(shape) if shape else "a number"
