"""What stands below and above a sum: \\sum_{i=1}^{n}, \\sum_{i,j}, \\sum_{j \\ne y}."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.latex.commands import Tok
from gradcalc.syntax.latex.units import RUNNING

Range = tuple[int, int]


class Limits(NamedTuple):
    """The limits of a sum.

    Attributes:
        indices: the places of the names that run.
        lower, upper: what they run from and to, with what is to be added; None if not given.
        conditions: comparisons that the terms fulfil.
        after: the token behind the limits.
    """

    indices: tuple[int, ...]
    lower: tuple[Range, str] | None
    upper: tuple[Range, str] | None
    conditions: tuple[Range, ...]
    after: int


def find_limits(
    tokens: Sequence[Tok], partners: Sequence[int], source: Source
) -> dict[int, Limits]:
    """The limits of every sum, by its place. Raises GradcalcError for some that cannot be read."""
    found = {}
    for place, (kind, word, _, _) in enumerate(tokens):
        if kind == "big" or (kind == "function" and word in RUNNING):
            limits = _limits(tokens, partners, source, place)
            if limits is not None:
                found[place] = limits
    return found


def _limits(
    tokens: Sequence[Tok], partners: Sequence[int], source: Source, place: int
) -> Limits | None:
    """The limits behind the sign of a sum at ``place``; None if there is nothing below it.

    Raises:
        GradcalcError: ``syntax``, for limits that cannot be read.
    """
    below: Range | None = None
    above: Range | None = None
    after = place + 1
    while after < len(tokens) and tokens[after][0] in ("_", "^"):
        inner = after + 2, partners[after + 1]
        if tokens[after][0] == "_":
            below = below or inner
        else:
            above = above or inner
        after = partners[after + 1] + 1
    if below is None:
        return None
    indices: list[int] = []
    lower: tuple[Range, str] | None = None
    upper = (above, "") if above else None
    conditions: list[Range] = []

    def error(message: str, inner: Range, help: str) -> GradcalcError:
        start, end = tokens[inner[0]][2], tokens[max(inner[0], inner[1] - 1)][3]
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)

    for lo, hi in _pieces(tokens, partners, below):
        signs = [
            (k, tokens[k]) for k in _top(partners, lo, hi) if tokens[k][0] in ("=", "compare", "in")
        ]
        kinds = [sign[0] for _, sign in signs]
        names = _names(tokens, partners, lo, signs[0][0] if signs else hi)
        if not signs and names:
            indices += names
        elif kinds == ["="] and names:
            indices += names
            lower = (signs[0][0] + 1, hi), ""
            dots = [k for k in range(signs[0][0] + 2, hi - 1) if tokens[k][0] == "dots"]
            if dots:  # 1..n
                lower, upper = ((signs[0][0] + 1, dots[0]), ""), ((dots[0] + 1, hi), "")
        elif kinds == ["compare", "compare"] and all(s[1][0] == "<" for _, s in signs):
            (first, one), (second, two) = signs
            names = _names(tokens, partners, first + 1, second)
            if not names:
                raise error("no name runs here", (lo, hi), "as in \\sum_{i=1}^{n}")
            indices += names
            lower = (lo, first), "+" if one[1] == "<" else ""
            upper = (second + 1, hi), "-" if two[1] == "<" else ""
        elif kinds == ["compare"]:
            known = {tokens[k][1] for k in indices}
            right = _names(tokens, partners, signs[0][0] + 1, hi)
            sides = {tokens[k][1] for k in (*names, *right)}
            if not known & sides:
                if not names:
                    raise error("no name runs here", (lo, hi), "as in \\sum_{j \\ne i}")
                indices += names[:1]
            conditions.append((lo, hi))
        elif "in" in kinds:
            help = "name the limits, as in \\sum_{i=1}^{n}"
            raise error("a sum over a set cannot be read", (lo, hi), help)
        else:
            raise error("these limits cannot be read", (lo, hi), "as in \\sum_{i=1}^{n}")
    return Limits(tuple(dict.fromkeys(indices)), lower, upper, tuple(conditions), after)


def _top(partners: Sequence[int], lo: int, hi: int) -> Iterator[int]:
    """The places of a range that are in no brackets of their own."""
    while lo < hi:
        yield lo
        lo = partners[lo] + 1 if partners[lo] > lo else lo + 1


def _pieces(tokens: Sequence[Tok], partners: Sequence[int], inner: Range) -> list[Range]:
    """The parts between commas."""
    lo, hi = inner
    pieces, begin = [], lo
    for place in _top(partners, lo, hi):
        if tokens[place][0] in (",", ";", "text", "\\\\"):
            pieces.append((begin, place))
            begin = place + 1
    pieces.append((begin, hi))
    return [(a, b) for a, b in pieces if a < b]


def _names(tokens: Sequence[Tok], partners: Sequence[int], lo: int, hi: int) -> list[int]:
    """The places of the names of a range, if there is nothing else in it."""
    found = []
    while lo < hi:
        kind = tokens[lo][0]
        if kind == "name":
            found.append(lo)
            lo += 1
        elif kind == "{" and partners[lo] == lo + 2 and tokens[lo + 1][0] == "name":
            found.append(lo + 1)
            lo += 3
        elif kind in ("skip", ","):
            lo += 1
        else:
            return []
    return found
