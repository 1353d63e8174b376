"""Tokens of LaTeX to terminals of the grammar.

A text is a list of tokens with its brackets matched. Its units (a name with its subscript, a
command with its arguments) are rewritten from the left to the right: each becomes terminals, and
ranges of tokens that are still to be rewritten. They wait on a list, so that no depth of braces is
too deep. What is seldom needed is in modules of its own.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from gradcalc.errors import GradcalcError
from gradcalc.source import Source
from gradcalc.syntax.latex import commands as table
from gradcalc.syntax.latex.families import Family, family_of
from gradcalc.syntax.latex.heads import head_of
from gradcalc.syntax.latex.names import Name
from gradcalc.syntax.latex.statements import Member, Range, Statements
from gradcalc.syntax.latex.units import BRACKETS, Item, Unit, Units
from gradcalc.syntax.lexer import Token
from gradcalc.syntax.names import CONSTANTS, Scope

#: Tokens that are one terminal each.
PLAIN = {
    "number": "NUMBER",
    "times": "TIMES",
    "sign": "SIGN",
    "compare": "COMPARE",
    "and": "AND",
    "superscript": "SUPERSCRIPT",
    "'": "TRANSPOSE",
    ",": "COMMA",
    ";": "COMMA",
}
#: The modules that rewrite other units, each with a function of that name.
MODULES = {
    "function": "functions",
    "partial": "derivatives",
    "nabla": "derivatives",
    "begin": "environments",
    **dict.fromkeys(("sqrt", "big", "brace", "indicator", "norm", "bracket"), "constructs"),
}
#: Inside of brackets these mean nothing.
SKIPPED = frozenset(
    ("skip", "&", "\\\\", "newline", "quad", "shift", "text", "begin", "end", "approx")
)
INTEGERS = frozenset(("number", "sign", ":", ","))


class Lexer(Units):
    """The terminals of one problem: ``source.text[start:end]``.

    Raises:
        GradcalcError: when it is made, or while it is read.
    """

    def __init__(self, source: Source, start: int, end: int, scope: Scope) -> None:
        super().__init__(source, start, end, scope)
        self._defined: set[str] = set()
        self._heads: set[str] = set()  # all names that are defined somewhere
        #: What is defined for each value of an index, by the name that the index stands at.
        self.families: dict[str, Family] = {}
        self._last: Token = ("", ("", 0, 0))
        self._handlers: dict[str, Callable[[int, int], Unit]] = {
            "name": self._name,
            "accent": self._name,
            "{": self._group,
            "open": self._bracket,
            "^": self._superscript,
            "_": self._subscript,
            "frac": self._fraction,
            "=": self._equality,
        }

    def __iter__(self) -> Iterator[Token]:
        statements = Statements(self.tokens, self.partners, self.source, self.readings).split()
        firsts = (head_of(self, members[0].ranges, ()) for members in statements if members[1:])
        self._heads = {first[0].split()[0] for first in firsts if first is not None}
        if self.names.arrays:
            from gradcalc.syntax.latex.families import listed

            variables = self.scope.variables
            self.families = {f.base: f for f in listed(self.names, variables, self._heads)}
        for members in statements:
            for part in self._parts(members):
                yield from self._statement(part)
                _, (_, _, end) = self._last
                yield "SEPARATOR", ("", end, end)

    def _parts(self, members: list[Member]) -> Iterator[list[Member]]:
        """``y = f(x) = x^2`` defines f, and then y."""
        defined = 0
        while len(members) - defined > 2 and self._defines(members, defined):
            defined += 1
        yield members[defined:]
        for place in range(defined - 1, -1, -1):
            yield members[place : place + 2]

    def _defines(self, members: list[Member], place: int) -> bool:
        """Whether a member, and the one behind it too, defines something new."""
        if head_of(self, members[place].ranges, self._defined) is None:
            return False
        second = head_of(self, members[place + 1].ranges, self._defined)
        if second is None:
            return False
        name = second[0].split()[0]
        return not (
            name in self._heads
            or name in table.LETTER_FUNCTIONS
            or name in CONSTANTS
            or self.scope.is_variable(name)
            or (len(name) > 1 and "_" not in name and self.scope.is_function(name))
        )

    def _statement(self, members: list[Member]) -> Iterator[Token]:
        head = head_of(self, members[0].ranges, self._defined) if len(members) > 1 else None
        scope, defines, parameters = self.scope, "", list[str]()
        family: Family | None = None
        if head is not None:
            equals = members[1].equals
            assert equals is not None
            names, start = head
            defines, *parameters = names.split()
            family = family_of(self, members) if not parameters else None
            if family is not None:
                known = self.families.setdefault(family.base, family)
                if known is not family and known.name != family.name:
                    at = self.tokens[members[0].ranges[0][0]][2], equals[2]
                    message = f"{family.base} has a definition for each {', '.join(known.indices)}"
                    raise self.error(message, *at, "give this one a name of its own")
                self.called.add(defines)
                parameters = family.indices
                names = " ".join((defines, *parameters))
                members = members[: self._leave_out_claims(members)]
            scope.parameters = dict.fromkeys(parameters)
            yield "DEFINE_FUNCTION" if parameters else "DEFINE", (names, start, equals[3])
            members = members[1:]
        for number, member in enumerate(members):
            if member.equals is not None and number:
                yield "EQUALS", (member.equals[1], *member.equals[2:])
            if not member.ranges:
                assert member.equals is not None
                place = member.equals[2:]
                raise self.error('nothing follows "="', *place, "a definition is x = -2")
            yield from self._walk(member.ranges)
        if defines:
            self._defined.add(defines)
            if family is None:
                (scope.functions if parameters else scope.variables).add(defines)
            scope.parameters = {}

    def _leave_out_claims(self, members: list[Member]) -> int:
        """How many members a definition for each value of an index has: claims are left out."""
        for member in members[2:]:
            assert member.equals is not None
            place = member.equals[2], self.tokens[member.ranges[-1][1] - 1][3]
            shown = self.names.written(*place)
            message = f"{shown} is left out: what is defined for every index is not compared"
            self.names.note("approximate", message, *place)
        return 2

    def _walk(self, ranges: list[Range]) -> Iterator[Token]:
        """The terminals of ranges of tokens."""
        agenda: list[Item] = [*reversed(ranges)]
        tokens = self.tokens
        while agenda:
            item = agenda.pop()
            if isinstance(item[0], str):
                self._last = item
                yield item
                continue
            lo, hi = item
            while lo < hi:
                kind = tokens[lo][0]
                if kind in PLAIN:
                    self._last = PLAIN[kind], self.value(lo)
                    yield self._last
                    lo += 1
                elif kind in self._handlers or kind in MODULES:
                    pieces, lo = self._rewritten(kind, lo, hi)
                    if lo < hi:
                        agenda.append((lo, hi))
                    agenda.extend(reversed(pieces))
                    break
                elif kind in SKIPPED:
                    lo = self.skip(lo)
                else:
                    raise self._misplaced(lo)

    def _rewritten(self, kind: str, place: int, hi: int) -> Unit:
        handler = self._handlers.get(kind)
        if handler is not None:
            return handler(place, hi)
        module = import_module(f"gradcalc.syntax.latex.{MODULES[kind]}")
        unit: Unit = getattr(module, kind)(self, place, hi)
        return unit

    def _misplaced(self, place: int) -> GradcalcError:
        kind, _, start, end = self.tokens[place]
        shown = self.source.text[start:end]
        if kind == "dots":
            return self.error(f"{shown} leaves out terms", start, end, table.A_RANGE)
        helps = {
            "top": "a transpose is x^\\top",
            "in": "the shape of a name is that of its value",
            "over": "write \\frac{a}{b}",
        }
        help = helps.get(kind, "leave it out")
        return self.error(f"{shown} does not fit here", start, end, help)

    def _group(self, place: int, hi: int) -> Unit:
        if self.names.find(place, hi) is not None:
            return self._name(place, hi)
        opening: Token = ("GROUP_OPEN", self.value(place))
        inner = self.inside(place)
        return [opening, inner, self.close(inner[1])], inner[1] + 1

    def _name(self, place: int, hi: int) -> Unit:
        tokens, scope = self.tokens, self.scope
        if tokens[place][:2] == ("name", "d"):
            from gradcalc.syntax.latex.derivatives import inline

            if (unit := inline(self, place, hi)) is not None:
                return unit
        name = self.names.find(place, hi)
        assert name is not None
        if name.entry and name.joined in scope.functions:
            name.text, name.entry = name.joined, []
        after = name.after
        opens = after < hi and tokens[after][0] == "open" and tokens[after][1] in BRACKETS
        if not name.entry and not scope.is_variable(name.text):
            if name.text in scope.functions and opens and not name.tail:
                return self.call(name.text, name.start, name.end, [], after)
            if opens and name.tail and name.tail[0][0] == "'":
                shown = self.source.text[name.start : self.tokens[name.tail[0][1][0]][2]]
                raise self.primed(name.start, tokens[after][2], f"{shown}(x)")
            braced = after < hi and tokens[after][:2] == ("{", "{")
            if name.plain and (letter := self._letter_function(name, opens, braced)):
                return self.call(letter, name.start, name.end, [], after)
        end = name.letters_end if name.entry or name.tail else name.end
        pieces: list[Item] = [("NAME", (name.text, name.start, end))]
        if name.entry:
            pieces += self.entry(name.entry, name.joined, name.start, name.end)
        for kind, inner in name.tail:
            pieces += self.power(inner) if kind == "^" else [(PLAIN[kind], self.value(inner[0]))]
        if opens and not name.tail and not name.entry:
            if self._is_position(after):
                inner = self.inside(after)
                pieces.append(("SUBSCRIPT", ("0", *tokens[after][2:])))
                pieces += [*self.items(inner), self.close(inner[1])]
                after = inner[1] + 1
            elif tokens[after][1] == "(":
                self._note_product(name, after)
        return pieces, after

    def _letter_function(self, name: Name, opens: bool, braced: bool) -> str:
        """The function that a Greek letter is in front of a bracket."""
        function = table.LETTER_FUNCTIONS.get(name.text, "")
        return function if not name.tail and (opens or braced) else ""

    def _note_product(self, name: Name, after: int) -> None:
        if name.text in self.names.bound:
            return
        known = "a variable" if self.scope.is_variable(name.text) else "no function"
        message = f"{name.text}(...) is read as the product {name.text}·(...)"
        message += f", for {name.text} is {known}"
        self.names.note("product", message, name.start, self.tokens[after][3])

    def _is_position(self, place: int) -> bool:
        """Whether a bracket is an index as programs write it: x[0], W[:, 1]."""
        lo, hi = self.inside(place)
        return (
            self.tokens[place][1] == "["
            and lo < hi
            and all(kind in INTEGERS and "." not in word for kind, word, _, _ in self.tokens[lo:hi])
        )

    def _superscript(self, place: int, hi: int) -> Unit:
        after = self.partners[place + 1] + 1
        if after < hi and self.tokens[after][0] == "^":
            place = after
            help = "write x^{a^b} or (x^a)^b"
            raise self.error("a second superscript", *self.tokens[place][2:], help)
        is_number = place > 0 and self.tokens[place - 1][0] == "number"
        return self.power(self.inside(place + 1), may_transpose=not is_number), after

    def _subscript(self, place: int, hi: int) -> Unit:
        """A subscript of what is no name: an index."""
        after = self.partners[place + 1] + 1
        end = self.tokens[after - 1][3]
        return self.entry([self.inside(place + 1)], "", self.tokens[place][2], end), after

    def _fraction(self, place: int, hi: int) -> Unit:
        numerator = self.inside(place + 1)
        denominator = self.inside(numerator[1] + 1)
        after = denominator[1] + 1
        lo = numerator[0]
        if self.tokens[lo][0] == "partial" or self.tokens[lo][:2] == ("name", "d"):
            from gradcalc.syntax.latex.derivatives import after_point, quotient

            derivative = quotient(self, place, numerator, denominator)
            if derivative is not None:
                return derivative, after_point(self, after, hi, derivative)
        pieces: list[Item] = [("FRACTION", self.value(place)), numerator]
        pieces += [self.close(numerator[1]), ("GROUP_OPEN", self.value(denominator[0] - 1))]
        return [*pieces, denominator, self.close(denominator[1])], after

    def _bracket(self, place: int, hi: int) -> Unit:
        _, word, start, end = self.tokens[place]
        inner = self.inside(place)
        value = self.value(inner[1])
        if word == "‖":
            return self._rewritten("norm", place, hi)
        if value[0] == "." or word not in (*BRACKETS, "|"):
            return self._rewritten("bracket", place, hi)
        if word == "|":
            return [("BAR_OPEN", (word, start, end)), inner, ("BAR_CLOSE", value)], inner[1] + 1
        return [("OPEN", (word, start, end)), inner, ("CLOSE", value)], inner[1] + 1

    def _equality(self, place: int, hi: int) -> Unit:
        """A "=" in brackets compares."""
        return [("COMPARE", ("==", *self.tokens[place][2:]))], place + 1
