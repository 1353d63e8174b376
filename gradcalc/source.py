"""A text that was read, where it came from, and how an offset in it becomes line and column."""

import re
import unicodedata
from bisect import bisect_right
from operator import index
from typing import Any, SupportsIndex

#: Letters and accents without a shape: fillers, joiners, variation selectors.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


class Slotted:
    """What has ``__slots__``, and can be pickled by every protocol: 0 and 1 do not know them."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return super().__reduce_ex__(max(index(protocol), 2))


class Source(Slotted):
    """A text with a name to show in diagnostics (a path, ``expression``, ``--x``).

    ``from_python`` says that there are no options to tell its reader of.
    """

    __slots__ = ("_line_starts", "from_python", "name", "text")

    def __init__(self, text: str, name: str = "expression", from_python: bool = False) -> None:
        self.text = text
        self.name = name
        self.from_python = from_python
        self._line_starts: list[int] | None = None

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1. Lines end with LF, CRLF or CR."""
        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> tuple[int, int]:
        """Where line ``number`` (from 1) starts and ends, its line break left out."""
        starts = self._starts()
        end = starts[number] if number < len(starts) else len(self.text)
        while end > starts[number - 1] and self.text[end - 1] in "\r\n":
            end -= 1
        return starts[number - 1], end

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            self._line_starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", self.text))]
        return self._line_starts


def visible(text: str) -> str:
    """The text with every character that a terminal would obey, or not show, written out.

    Control and formatting characters (escape codes, bidirectional overrides, zero-width spaces),
    blank letters and lone surrogates become ``\\x1b``-like escapes; tabs and the
    many other blanks become plain ones.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    if category == "Zs":
        return " " * width(character)
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn") or UNSEEN.match(character):
        code = ord(character)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"
    return character


def width(text: str) -> int:
    """How many terminal columns a (visible) text takes."""
    if text.isascii():
        return len(text)
    return sum(
        # Accents and enclosing marks, and the vowels of Hangul that complete a syllable.
        0
        if unicodedata.category(c) in ("Mn", "Me") or "\u1160" <= c <= "\u11ff"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )
