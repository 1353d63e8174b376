"""Answers as other programs print vectors and arrays, in the language of values.

``array([0.1, 0.2])`` of NumPy, ``tensor([0.1, 0.2], dtype=torch.float64)`` of PyTorch, and
``(0.1, 0.2)``, which is a vector in an answer. Everything keeps its place in the text, for the
messages that point at it.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from gradcalc.syntax.parser import notation_of

#: A bracket, with what NumPy, PyTorch and JAX print in front of it, or a comma, with the head of
#: the setting behind it.
PIECE = re.compile(
    r"(?<![\w.])(?:(?:np|numpy|jnp|torch)\.)?([aA]rray|tensor|float(?:32|64))\("
    r"|[()\[\]{}]|,(\s*+[^\W\d]\w*+\s*+=(?!=))?"
)
#: An array of numbers alone: whatever has that name, it is what NumPy prints.
NUMBERS = re.compile(r"\s*array\(\[[\[\]\s,\d.eE+\-−_]*\](?:,\s*dtype=[\w.]+)?\)\s*")
#: Behind a word, or one of these, a bracket is no operand of its own.
ENDS = (")", "]", "}", "'", "’", "′", "ᵀ", "⊤", "_")
TUPLE, CALL, PRINTED, OTHER = "tuple", "call", "printed", "other"


@dataclass(slots=True)
class _Bracket:
    """A bracket that is open, from ``start``, with what is in front of it, to ``end``."""

    kind: str
    start: int
    end: int
    comma: int = -1  # the last one
    settings: int = -1  # where they begin


def spelt(text: str, taken: Container[str]) -> str:
    """The text in the language, of the same length.

    Args:
        taken: the names of the problem, which may have one that is called like an array.
    """
    if "(" not in text or notation_of(text) == "latex":
        return text
    if NUMBERS.fullmatch(text):
        taken = ()
    changes: list[tuple[int, str]] = []
    brackets: list[_Bracket] = []
    calls = end = 0
    before = ""  # the last sign that is no blank
    for match in PIECE.finditer(text):
        before = text[end : match.start()].rstrip()[-1:] or before
        end, piece = match.end(), match[0]
        if piece[0] == "," and brackets:
            brackets[-1].comma = match.start()
            if match[2] and brackets[-1].settings < 0:
                brackets[-1].settings = match.start()
        elif piece[-1] in "([{":
            kind = _kind(match, before, taken)
            calls += kind == CALL
            brackets.append(_Bracket(kind, match.start(), end))
        elif piece in ")]}" and brackets:
            bracket = brackets.pop()
            calls -= bracket.kind == CALL
            if piece == ")" and not calls:  # what is inside of a call is left as it is
                changes += _changes(bracket, match.start(), before == ",")
        before = piece[-1]
    return _changed(text, changes)


def _kind(match: re.Match[str], before: str, taken: Container[str]) -> str:
    if match[1]:
        return CALL if match[0] == f"{match[1]}(" and match[1] in taken else PRINTED
    if match[0] != "(":
        return OTHER
    return CALL if before.isalnum() or before in ENDS else TUPLE


def _changes(bracket: _Bracket, close: int, trailing: bool) -> list[tuple[int, str]]:
    """What is written anew for a bracket that is closed: places and texts; ``trailing`` says
    whether a comma is in front of its end, as in ``(x,)``."""
    start, end = bracket.start, bracket.end
    if bracket.kind == PRINTED:
        stop = close if bracket.settings < 0 else bracket.settings
        return [(start, " " * (end - start)), (stop, " " * (close + 1 - stop))]
    if bracket.kind != TUPLE or bracket.comma < 0:
        return []
    return [(start, "["), (close, "]"), *([(bracket.comma, " ")] if trailing else [])]


def _changed(text: str, changes: list[tuple[int, str]]) -> str:
    pieces, done = [], 0
    for start, new in sorted(changes, key=lambda change: (change[0], -len(change[1]))):
        if start >= done:  # what is left out altogether needs no changes
            pieces += [text[done:start], new]
            done = start + len(new)
    return "".join([*pieces, text[done:]])
