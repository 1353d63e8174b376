"""What the units of LaTeX have in common: names, superscripts, indices, calls."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.latex import commands as table
from gradcalc.syntax.latex.arguments import (
    leave_out_breaks,
    leave_out_null,
    match_brackets,
    put_in_braces,
    spread_over,
)
from gradcalc.syntax.latex.names import Name, Names
from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.tokens import Tokens
from gradcalc.syntax.lexer import Token
from gradcalc.syntax.names import Scope

if TYPE_CHECKING:
    from gradcalc.syntax.latex.limits import Limits

#: A terminal, or a range of tokens that are still to be rewritten.
Item = Token | Range
#: A unit as it was rewritten, and the token behind it.
Unit = tuple[list[Item], int]

#: Functions that run like a sum where something stands below them.
RUNNING = ("max", "min")
BRACKETS = frozenset(("(", "[", "\\{"))
#: What an index of its own begins with, where it stands beside another one.
OPERANDS = frozenset(("name", "number", "accent", "{", "open", "frac"))


class Units:
    """The tokens of one problem, ``source.text[start:end]``, and what is often asked about them.

    Attributes:
        partners: of brackets and environments, by place; -1 for other tokens.
        limits: of each sum, by its place.
        called: the functions that are called.

    Raises:
        GradcalcError: for what is no LaTeX, or has a bracket that is not closed.
    """

    def __init__(self, source: Source, start: int, end: int, scope: Scope) -> None:
        self.source, self.scope = source, scope
        self.readings: list[Reading] = []
        raw = Tokens(source, start, end, scope)
        tokens = spread_over(leave_out_null(raw.read()))
        tokens = put_in_braces(tokens, source, self.readings)
        self.readings += raw.readings
        self.tokens = leave_out_breaks(tokens)
        self.partners = match_brackets(self.tokens, source)
        self.limits: dict[int, Limits] = {}
        if any(kind == "big" or word in RUNNING for kind, word, _, _ in self.tokens):
            from gradcalc.syntax.latex.limits import find_limits

            self.limits = find_limits(self.tokens, self.partners, source)
        bound = {self.tokens[i][1] for limits in self.limits.values() for i in limits.indices}
        self.names = self._names(bound)
        if any(kind == "=" for kind, _, _, _ in self.tokens):
            from gradcalc.syntax.latex.families import heads_with_index

            bases, indices = heads_with_index(self.names)
            if bases:
                self.names = self._names(bound | indices, bases)
        self.called: set[str] = set()

    def _names(self, bound: set[str], families: Collection[str] = ()) -> Names:
        scope, readings = self.scope, self.readings
        return Names(
            self.tokens, self.partners, self.source, scope, frozenset(bound), readings, families
        )

    def error(self, message: str, start: int, end: int, help: str) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=self.source)

    def value(self, place: int) -> tuple[str, int, int]:
        _, word, start, end = self.tokens[place]
        return word, start, end

    def close(self, place: int) -> Token:
        """The end of a group; of an argument without braces it has no length."""
        return "GROUP_CLOSE", self.value(place)

    def inside(self, place: int) -> Range:
        """The range in the braces that begin at a token."""
        return place + 1, self.partners[place]

    def quiet_name(self, lo: int, hi: int) -> Name | None:
        """A name, without what there is to note about it."""
        count = len(self.readings)
        found = self.names.find(lo, hi)
        del self.readings[count:]
        return found

    def skip(self, place: int) -> int:
        kind, word, start, end = self.tokens[place]
        if kind == "text" and word.strip(" .,:;"):
            help = "a name is a word, as in \\text{loss}; other text stands between formulas"
            raise self.error(f'the text "{word}" is no part of a formula', start, end, help)
        return place + 1

    def power(self, inner: Range, may_transpose: bool = True) -> list[Item]:
        """What stands above something.

        Args:
            may_transpose: whether it is a transpose where it looks like one; no number has one.
        """
        lo, hi = self.names.strip(*inner)
        tokens = self.tokens
        first, last = self.names.around(lo, hi)
        value = "^", tokens[first][2], tokens[first][3]
        close: Token = ("GROUP_CLOSE", self.value(last))

        def transpose(place: int) -> Item:
            name = "T" if self.names.may_be_power(place) else ""
            return "TRANSPOSE", (name, tokens[place][2], tokens[last][3])

        if not may_transpose:
            return [("POWER", value), (lo, hi), close]
        if self.names.is_transpose(lo, hi) or (hi - lo == 1 and tokens[lo][0] == "'"):
            return [transpose(lo)]
        if (
            hi - lo == 2
            and tokens[lo][:2] == ("sign", "-")
            and self.names.is_transpose(lo + 1, hi)
            and not self.names.may_be_power(lo + 1)
        ):
            minus: list[Item] = [("POWER", ("inverse", *value[1:])), ("NUMBER", ("1", *value[1:]))]
            return [*minus, close, transpose(lo + 1)]
        return [("POWER", value), (lo, hi), close]

    def entry(self, ranges: list[Range], joined: str, start: int, end: int) -> list[Item]:
        pieces: list[Item] = [("SUBSCRIPT", (joined, start, end))]
        for number, inner in enumerate(ranges):
            if number:
                pieces.append(("COMMA", (",", end, end)))
            pieces += self.items(inner)
        pieces.append(("GROUP_CLOSE", ("}", end, end)))
        return pieces

    def items(self, inner: Range) -> list[Item]:
        """The indices of a subscript: in x_{ij} there is no comma between them."""
        lo, hi = self.names.strip(*inner)
        tokens, partners = self.tokens, self.partners
        pieces: list[Item] = []
        begin, before = lo, ""
        while lo < hi:
            kind, word, start, end = tokens[lo]
            operand = kind in OPERANDS
            beside = operand and (before == ")" or before == kind == "number")
            if before and kind != "," and (beside or ":" in (before, kind)):
                pieces += [(begin, lo)] * (begin < lo)
                pieces.append(("COMMA", (",", start, start)))
                begin = lo
            after = partners[lo] + 1 if partners[lo] > lo else lo + 1
            if kind in ("name", "accent"):
                name = self.quiet_name(lo, hi)
                after = name.after if name else after
            for _ in range(table.ARGUMENTS.get(kind, 0)):
                if after < hi and partners[after] > after:
                    after = partners[after] + 1
            if kind == ":":
                pieces += [(begin, lo)] * (begin < lo)
                pieces.append(("COLON", (word, start, end)))
                begin = after
            if kind != "skip":
                before = kind if kind in (":", "number") else ")" if operand else ""
            lo = after
        return [*pieces, *[(begin, hi)] * (begin < hi)]

    def call(self, name: str, start: int, end: int, raised: list[Item], bracket: int) -> Unit:
        """A function with its operands in the brackets at ``bracket``."""
        tokens, partners = self.tokens, self.partners
        self.called.add(name)
        closing = partners[bracket]
        lo, hi = self.inside(bracket)
        if tokens[bracket][0] == "{":  # \max{(0, x)}
            lo, hi = self.names.strip(lo, hi)
            if (
                lo < hi
                and partners[lo] == hi - 1
                and tokens[lo][:2] in (("open", "("), ("open", "["))
            ):
                lo, hi = lo + 1, hi - 1
        head: list[Item] = [("FUNCTION", (name, start, end)), *raised]
        opening: Token = ("ARGUMENTS", self.value(bracket))
        return [*head, opening, (lo, hi), ("CLOSE", self.value(closing))], closing + 1

    def primed(self, start: int, end: int, call: str) -> GradcalcError:
        shown = self.source.text[start:end]
        help = f"write \\frac{{\\partial}}{{\\partial x}} {call}"
        return self.error(f"{shown} is a derivative by what is not said", start, end, help)
