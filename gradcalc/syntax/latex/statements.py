"""Where the statements of a LaTeX text begin and end, and their members: a = b = c."""

from collections.abc import Callable, Sequence

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.latex.commands import TRANSPARENT, Tok

Range = tuple[int, int]
#: What ends a statement if it is complete and what follows does not go on with it.
SOFT = frozenset(("newline", "\\\\", "shift"))
#: A statement that ends with one of these is not complete; one that begins so goes on.
GOES_ON = frozenset(("times", "sign", "compare", "=", "and", "in"))
INCOMPLETE = GOES_ON | {"function", "big", "partial", "nabla", "indicator"}
CONTINUES = GOES_ON | {"^", "_", "'", "superscript", "approx"}


class Member:
    """One member of a chain: its tokens, as ranges, and the "=" in front of it."""

    def __init__(self, equals: Tok | None) -> None:
        self.equals = equals
        self.ranges: list[Range] = []


class Statements:
    """Splits a text into statements.

    Args:
        partners: of brackets and environments, by place; -1 for other tokens.
    """

    def __init__(
        self,
        tokens: Sequence[Tok],
        partners: Sequence[int],
        source: Source,
        readings: list[Reading],
    ) -> None:
        self.tokens = tokens
        self.partners = partners
        self.source = source
        self.readings = readings
        self.found: list[list[Member]] = []
        self._members: list[Member] = []
        self._begin = 0  # of the range under way
        self._closed = True  # whether the last statement cannot go on
        self._arrays: dict[int, bool] = {}  # whether each has statements in it
        self._chains = self._chains_ahead()

    def error(self, message: str, token: Tok, help: str) -> GradcalcError:
        span = Span(token[2], token[3])
        return GradcalcError("syntax", message, [span], help=help, source=self.source)

    def split(self) -> list[list[Member]]:
        """The members of every statement. Raises GradcalcError for a ``=`` in front of nothing."""
        tokens, partners = self.tokens, self.partners
        handlers: dict[str, Callable[[int], int | None]] = {
            "=": self._equals,
            ",": self._comma,
            ";": self._end,
            ".": self._end,
            "text": self._text,
            "arrow": self._end,
            "quad": self._quad,
            "&": self._skip,
            "skip": self._skip,
            "approx": self._approximate,
            **dict.fromkeys(SOFT, self._soft),
        }
        place = 0
        while place < len(tokens):
            kind = tokens[place][0]
            if kind in ("begin", "end") and self._is_transparent(place):
                self._soft(place)
            elif partners[place] > place:
                place = partners[place]
            elif kind in handlers:
                place = handlers[kind](place) or place
            place += 1
        self._flush(len(tokens))
        self._finish()
        return self.found

    def _is_transparent(self, place: int) -> bool:
        """Whether the rows of an environment are statements: those of an array may be, too."""
        word, partner = self.tokens[place][1], self.partners[place]
        if word != "array":
            return word in TRANSPARENT
        lo, hi = sorted((place, partner))
        if lo not in self._arrays:
            self._arrays[lo] = self._has_equals(lo + 1, hi)
        return self._arrays[lo]

    def _has_equals(self, lo: int, hi: int) -> bool:
        while lo < hi:
            if self.tokens[lo][0] == "=":
                return True
            lo = self.partners[lo] + 1 if self.partners[lo] > lo else lo + 1
        return False

    def _flush(self, place: int) -> None:
        """End the range under way at a place."""
        if self._begin < place:
            if not self._members:
                self._members.append(Member(None))
            self._members[-1].ranges.append((self._begin, place))
        self._begin = place + 1

    def _finish(self) -> None:
        if self._members:
            self.found.append(self._members)
            self._members = []
            self._closed = False

    def _skip(self, place: int) -> None:
        self._flush(place)

    def _end(self, place: int) -> None:
        self._flush(place)
        self._finish()
        self._closed = True

    def _comma(self, place: int) -> None:
        if self.tokens[place][1] == "decimal":
            token = self.tokens[place]
            help = "the decimal sign is a point: 3.14; write 1{,}000 for 1000, and a blank behind a"
            raise self.error("a comma between two numbers", token, f"{help} comma")
        self._end(place)

    def _text(self, place: int) -> None:
        self._end(place)

    def _last(self) -> str:
        """The kind of the last token of the statement under way."""
        member = self._members[-1] if self._members else None
        if member is None or not member.ranges:
            return "=" if member is not None and member.equals else ""
        return self.tokens[member.ranges[-1][1] - 1][0]

    def _next(self, place: int) -> int:
        """The next token that means something."""
        tokens, place = self.tokens, place + 1
        while place < len(tokens) and (
            tokens[place][0] in SOFT
            or tokens[place][0] in ("&", "skip", "quad")
            or (tokens[place][0] in ("begin", "end") and self._is_transparent(place))
        ):
            place += 1
        return place

    def _soft(self, place: int) -> None:
        self._flush(place)
        if not self._members or self._last() in INCOMPLETE:
            return
        following = self._next(place)
        if following < len(self.tokens):
            kind, word, start, end = self.tokens[following]
            if kind in CONTINUES:
                if kind == "sign" and self.tokens[place][0] == "newline":
                    message = f'the line that begins with "{word}" goes on with the one before'
                    self.readings.append(Reading("line", message, start, end))
                return
        self._finish()

    def _equals(self, place: int) -> None:
        self._flush(place)
        token = self.tokens[place]
        if not self._members:
            if not self.found or self._closed:
                help = "a definition is x = -2"
                raise self.error('nothing stands in front of "="', token, help)
            self._members = self.found.pop()
        if not self._members[-1].ranges:
            raise self.error('an operand is missing in front of "="', token, "put one there")
        self._members.append(Member(token))

    def _chains_ahead(self) -> list[bool]:
        """For each token whether a "=" follows before the statement ends for certain."""
        ahead = [False] * (len(self.tokens) + 1)
        seen, place = False, len(self.tokens) - 1
        while place >= 0:
            kind = self.tokens[place][0]
            partner = self.partners[place]
            if 0 <= partner < place and kind != "end":
                ahead[partner:place] = [seen] * (place - partner)
                place = partner
            elif kind == "=":
                seen = True
            elif kind in (",", ";", "text", "quad", "arrow", "\\\\", "newline"):
                seen = False
            ahead[place] = seen
            place -= 1
        return ahead

    def _quad(self, place: int) -> int | None:
        """Wide space: it separates ``a = b`` from ``c = d``, or a formula from its number."""
        self._flush(place)
        tokens, following = self.tokens, self._next(place)
        if following == len(tokens):
            return None
        partner = self.partners[following]
        if (
            partner == following + 2
            and tokens[following][:2] == ("open", "(")
            and tokens[following + 1][0] == "number"
            and (partner + 1 == len(tokens) or tokens[partner + 1][0] in (*SOFT, "end"))
        ):
            self._begin = partner + 1
            return partner
        chained = len(self._members) > 1 and self._chains[following]
        if chained and self._last() not in INCOMPLETE and tokens[following][0] not in CONTINUES:
            self._finish()
        return None

    def _approximate(self, place: int) -> int:
        """What is only about equal is no claim: it is left out, up to the end of the statement."""
        self._flush(place)
        tokens, stop = self.tokens, place + 1
        while stop < len(tokens) and tokens[stop][0] not in (
            *SOFT,
            ",",
            ";",
            "text",
            "quad",
            "=",
            "end",
        ):
            partner = self.partners[stop]
            stop = partner + 1 if partner > stop else stop + 1
        start, end = tokens[place][2], tokens[stop - 1][3]
        words = " ".join(self.source.text[start:end].split())
        message = f"{words} is left out: only what is equal can be checked"
        self.readings.append(Reading("approximate", message, start, end))
        self._begin = stop
        return stop - 1
