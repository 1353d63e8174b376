"""Pieces of LaTeX, and how operations join them with no more brackets than a reader needs."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gradcalc.syntax.latex import typeset
from gradcalc.syntax.printer import format_number

#: How strongly a piece holds together. A fraction is an atom, but for a superscript.
LOOSE, COMPARISON, SUM, PRODUCT, UNARY, POWER, FRACTION, NUMBER, ATOM = range(9)
#: The number of axes of an array about which nothing is known; it may be a number, too.
UNKNOWN = -1


class Piece(NamedTuple):
    """An operand as LaTeX.

    Attributes:
        parts: texts, and lists of parts in turn.
        start: what it begins with: ``sign``, ``digit``, ``letter``, ``word`` (several letters),
            ``function``, ``open`` (a bracket, a bar), or something else.
        end: what it ends with: ``digit``, ``letter``, ``word``, ``bracket``, ``open`` (a sum, which
            goes on as far as it can), or something else.
        tall: whether brackets around it must grow.
        rank: how many axes it has; 0 for a number.
        function: the command of a function of one operand that may have an exponent.
    """

    parts: Sequence[object]
    strength: int
    start: str = ""
    end: str = ""
    tall: bool = False
    rank: int = 0
    function: str = ""


def name(text: str, rank: int) -> Piece:
    """A name. Infinity and NaN, which are names of the language, as symbols."""
    if text in ("inf", "nan"):
        return Piece([typeset.number(text)], ATOM, "word", "word")
    kind = "letter" if typeset.is_letter(text) else "word"
    # d x would be a differential.
    return Piece([typeset.symbol(text)], ATOM, kind, "word" if text == "d" else kind, rank=rank)


def number(value: float) -> Piece:
    """A number, in full precision."""
    native = format_number(value)
    text = typeset.number(native)
    negative = native.startswith("-")
    strength = NUMBER
    if "times" in text:
        strength = PRODUCT
    elif negative:
        strength = UNARY
    elif "e" in native:
        strength = POWER
    end = "digit" if text[-1].isdecimal() else ""
    return Piece([text], strength, "sign" if negative else "digit", end)


def row(items: Iterable[Piece], separator: str = ", ") -> list[object]:
    """Pieces side by side."""
    parts: list[object] = []
    for item in items:
        if parts:
            parts.append(separator)
        parts.append(item.parts)
    return parts


def next_row(*first: Piece) -> str:
    """What separates rows; a bracket behind it would be taken for an option."""
    return r" \\ {}" if first and first[0].start == "array" else r" \\ "


def enclosed(opening: str, items: Sequence[Piece], closing: str) -> Piece:
    """Pieces in delimiters, which grow where the pieces are tall."""
    tall = any(item.tall for item in items)
    if tall:
        opening, closing = rf"\left{opening}", rf"\right{closing}"
    if opening[-1].isalpha():  # a command, which ends where the letters end
        opening, closing = f"{opening} ", f" {closing}"
    return Piece([opening, *row(items), closing], ATOM, "open", tall=tall)


def bracketed(piece: Piece, least: int) -> Piece:
    """A piece in brackets if it does not hold together as strongly as is asked for."""
    if piece.strength >= least:
        return piece
    return enclosed("(", [piece], ")")._replace(end="bracket", rank=piece.rank)


def negative(operand: Piece) -> Piece:
    """The piece with its sign changed. -(x y) is (-x) y, to the last bit: it needs no brackets."""
    if operand.start == "sign":
        operand = bracketed(operand, ATOM)
    operand = bracketed(operand, PRODUCT)
    strength = min(operand.strength, UNARY)
    return operand._replace(
        parts=["-", operand.parts], strength=strength, start="sign", function=""
    )


def plus(left: Piece, sign: str, right: Piece) -> Piece:
    """A sum or a difference."""
    left = bracketed(left, SUM)
    right = bracketed(right, ATOM if right.start == "sign" else PRODUCT)
    parts = [left.parts, f" {sign} ", right.parts]
    return Piece(parts, SUM, left.start, right.end, left.tall or right.tall, of_all(left, right))


def product(left: Piece, sign: str, right: Piece) -> Piece:
    """A product; one without a sign has a dot where it would be misread otherwise."""
    left = bracketed(left, ATOM if left.end == "open" else PRODUCT)
    right = bracketed(right, ATOM if right.start == "sign" else UNARY)
    if not sign and not _may_touch(left, right):
        sign = r"\cdot"
    parts = [left.parts, f" {sign} " if sign else " ", right.parts]
    return Piece(parts, PRODUCT, left.start, right.end, left.tall or right.tall)


def _may_touch(left: Piece, right: Piece) -> bool:
    """Whether two factors are read as such when nothing but a blank is between them.

    Not 2 3, nor 2 1/2, nor x(y + z), which may be a call, nor names of several letters.
    """
    if left.end == "digit":
        return right.start in ("letter", "word", "function", "open")
    if right.start == "open":
        return left.end == "bracket"
    return right.start in ("letter", "function") and left.end != "word"


def of_all(*operands: Piece) -> int:
    """The rank of what is made of operands entry by entry."""
    ranks = [operand.rank for operand in operands]
    return UNKNOWN if UNKNOWN in ranks else max(ranks, default=0)


def of_product(left: Piece, right: Piece) -> int:
    """The rank of a product as mathematics writes it."""
    ranks = sorted((left.rank, right.rank))
    if ranks[0] == 0:
        return ranks[1]
    # Of two vectors it is a number, or a matrix.
    return {(1, 2): 1, (2, 2): 2}.get((ranks[0], ranks[1]), UNKNOWN)


def of_index(base: Piece, slices: int, items: Sequence[Piece]) -> int:
    """The rank of a part of an array.

    Args:
        slices: how many of the items are slices.
    """
    if base.rank == UNKNOWN or any(item.rank for item in items):
        return UNKNOWN
    return max(0, base.rank - len(items) + slices)
