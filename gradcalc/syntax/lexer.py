"""Text to tokens, by the terminals of the grammar.

What a terminal's regular expression cannot say is decided here, where the names known so far are at
hand: whether ``x(`` calls or multiplies, whether a word is a name or a product of names, whether a
bar opens or closes, whether ``[`` is an index or an array, and whether a line break ends a
statement.
"""

import re
from collections.abc import Iterator
from copy import copy

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.bars import BARS, CLOSING, CLOSING_BARS, INDEXABLE, ORDER, match_bars
from gradcalc.syntax.grammar import Table
from gradcalc.syntax.heads import COMMENT, is_setting, parameters
from gradcalc.syntax.names import LONGEST_NORMALISED, Scope, canonical

#: A terminal with its text (or the name it stands for) and its range in the source.
Token = tuple[str, tuple[str, int, int]]

#: Terminals that are what they look like.
PLAIN = frozenset(("SIGN", "TIMES", "NUMBER", "COMMA", "COMPARE", "SUPERSCRIPT", "EQUALS"))
#: Behind one of these a name is an operand, even in front of "=".
OPERATORS = frozenset(("SIGN", "TIMES", "POWER"))
DERIVATIVES = ("DERIVATIVE", "DERIVATIVE_OF")
#: Words that mean nothing outside of a loop.
LOOP_WORDS = ("for", "range")
#: What may stand between "^" and the first factor of its exponent.
SIGNS = re.compile(r"(?:[\s+−-]|#[^\r\n]*+)*+")
#: A power, "^" or a superscript.
POWER = re.compile(r"[ \t]*+(?:\^|\*\*|[⁺⁻²³¹⁰⁴-⁹])")
#: What is said of a variable in front of a bracket.
FACTOR = "{0}(...) is read as the product {0}·(...), for {0} is a variable"
#: Primes in front of a bracket: a derivative, or the transpose of a variable and a product.
PRIMES = re.compile(r"(['’′]+)\(")
#: A number at the end of a text.
LAST_NUMBER = re.compile(r"(?<![\w.])(?=\.?\d)[\d_.]+(?:[eE][+-]?\d+)?\Z")


class Lexer:
    """The tokens of one problem: ``source.text[start:end]``."""

    def __init__(self, table: Table, source: Source, start: int, end: int, scope: Scope) -> None:
        # Two terminals with one pattern are told apart here, by what stands around them.
        patterns: dict[str, str] = {}
        for name, pattern in table.terminals:
            patterns.setdefault(pattern, name)
        self._loops = source.text.find("for", start, end) >= 0
        if self._loops:
            from gradcalc.syntax.loops import loop_names

            scope.variables.update(loop_names(source.text, start, end))
        groups = [
            f"(?P<{name}>{pattern})"
            for pattern, name in patterns.items()
            if name != "FOR" or self._loops
        ]
        self._pattern = re.compile("|".join([*groups, "(?P<UNKNOWN>.)"]), re.DOTALL)
        self._ignored = table.ignored
        self._source = source
        self._start = start
        self._end = end
        self._scope = scope
        self.readings: list[Reading] = []
        #: Where the last "^" is that no word has been looked at behind.
        self._power: tuple[int, int] | None = None

    def __iter__(self) -> Iterator[Token]:
        text, scope = self._source.text, self._scope
        ignored = self._ignored
        bars: dict[int, tuple[str, int]] | None = None
        indicators: frozenset[int] | None = None
        bars_done = 0  # a norm that starts at the second bar of "|||" reaches into the next match
        spellings: dict[str, str] = {}
        #: The terminals of the brackets that are open, and that of the one closed last.
        brackets: list[str] = []
        closed = name = last = ""
        #: What the statement under way defines, known only behind it.
        defines = ""
        defines_function = False
        matches = self._pattern.finditer(text, self._start, self._end)
        done = 0  # the end of what was read before it matched
        for match in matches:
            kind = match.lastgroup or ""
            if kind in ignored:
                continue
            start, end = match.span()
            word = match.group()
            if start < done:
                if end <= done:
                    continue
                if kind == "NUMBER":  # 2_2.5, of which 2_2 was the power and the order of a norm
                    yield from self._part(done, end)
                    continue
                # The last name of df/dx is also the head of "dx =", "dx(" or "dx(y) =", and so is
                # the order of a norm.
                if kind == "DEFINE_FUNCTION":
                    yield from self._part(done, end - 1)
                start, word = end - 1, word[-1]
                kind = "OPEN" if word == "(" else "EQUALS"
            before, last = last, kind
            if kind == "NAME":
                known = spellings.get(word)
                if known is None:
                    known = spellings[word] = self._name(word, start)
                name = known
                if scope.is_variable(name):
                    yield "NAME", (name, start, end)
                elif word[0] == "d" and (derivative := self._quotient(start)):
                    kind, (_, _, done) = derivative
                    last = "NAME"
                    yield derivative
                else:
                    yield from self._unknown(name, start, end)
            elif kind in PLAIN:
                yield kind, (word, start, end)
            elif kind == "CALL":
                raw = word[:-1].rstrip()
                head = self._name(raw, start)
                if scope.is_function(head):
                    brackets.append(kind)
                    yield kind, (head, start, end)
                else:
                    brackets.append("OPEN")
                    yield from self._factor(head, start, start + len(raw), end)
                    yield "OPEN", ("(", end - 1, end)
            elif kind == "OPEN":
                brackets.append(kind)
                yield kind, (word, start, end)
            elif kind in CLOSING and (kind != "BRACE_CLOSE" or brackets[-1:] == ["BRACE_OPEN"]):
                if brackets:
                    closed = brackets.pop()
                yield kind, (word, start, end)
            elif kind == "SEPARATOR":
                if not brackets:
                    if defines:
                        (scope.functions if defines_function else scope.variables).add(defines)
                        defines, scope.parameters = "", {}
                    yield kind, (word, start, end)
                elif word == ";":
                    yield "COMMA" if brackets[-1] == "CALL" else kind, (word, start, end)
                else:
                    last = before
            elif kind == "DEFINE":
                head = self._name(word[:-1].rstrip(), start)
                # Behind a ";" it is rather that the call was not closed, but for an axis.
                if brackets[-1:] == ["CALL"] and (before != "SEPARATOR" or is_setting(head)):
                    kind = "KEYWORD"
                elif before in OPERATORS or (
                    before not in ("", "SEPARATOR")
                    and (scope.is_variable(head) or word[:-1].rstrip() in spellings)
                ):
                    after = start + len(word[:-1].rstrip())
                    spellings[word[:-1].rstrip()] = head
                    if scope.is_variable(head):
                        yield "NAME", (head, start, after)
                    else:
                        yield from self._unknown(head, start, after)
                    kind, head, start = "EQUALS", "=", end - 1
                else:
                    defines, defines_function = head, False
                    scope.places[head] = start, end
                yield kind, (head, start, end)
            elif kind == "DEFINE_FUNCTION":
                head, _, rest = word.partition("(")
                name = self._name(head.rstrip(), start)
                if not brackets and before not in ("", "SEPARATOR") and self._is_known(name):
                    yield from self._part(start, end - 1)
                    last = "EQUALS"
                    yield last, ("=", end - 1, end)
                    continue
                defines, defines_function = name, True
                scope.parameters = parameters(self._source, rest, start + len(head) + 1)
                yield kind, (" ".join((defines, *scope.parameters)), start, end)
            elif kind in BARS:
                if bars is None:
                    bars = match_bars(self._pattern, ignored, text, self._start, self._end)
                while bars_done < end:
                    bars_done = max(bars_done, start)
                    kind, length = bars[bars_done]
                    bars_done += length
                    yield (
                        kind,
                        (text[bars_done - length : bars_done], bars_done - length, bars_done),
                    )
                last = kind
                if kind in CLOSING_BARS and (order := ORDER.match(text, bars_done, self._end)):
                    done = order.end()
                    for token in self._order(order):
                        last = token[0]
                        yield token
            elif kind == "POWER":
                self._power = start, end
                yield kind, (word, start, end)
            elif kind == "ARRAY_OPEN":
                if before in INDEXABLE:
                    kind = last = "INDEX_OPEN"
                    if before == "BRACKET_CLOSE" and brackets[-1:] == [closed] == ["ARRAY_OPEN"]:
                        self._check_rows(start)
                brackets.append(kind)
                yield kind, (word, start, end)
            elif kind == "INDICATOR":
                if indicators is None:
                    from gradcalc.syntax.indicators import indicators_in

                    indicators = indicators_in(self._pattern, text, self._start, self._end)
                if start in indicators:
                    brackets.append("BRACE_OPEN" if word[-1] == "{" else kind)
                    yield kind, (word, start, end)
                    continue
                if word[0] != "1":
                    help = "as in 𝟙[x > 0]; several are multiplied: 𝟙[(x > 0)*(y > 0)]"
                    message = "an indicator has one condition in its brackets"
                    raise self._error("syntax", message, start, end, help)
                if word[-1] == "{":
                    raise self._unknown_character(end - 1)
                yield "NUMBER", (word[0], start, start + 1)
                last = "ARRAY_OPEN"
                brackets.append(last)
                yield last, ("[", end - 1, end)
            elif kind == "TRANSPOSE" and word == "^":
                # Where T has a meaning of its own, the shape in front of it decides.
                if before not in INDEXABLE or scope.is_function("T"):
                    self._power, last = (start, end), "POWER"
                    yield "POWER", (word, start, end)
                    continue
                # The T is the next match, alone or at the head of another terminal.
                following = next(match for match in matches if match.lastgroup not in ignored)
                kind, place = following.lastgroup or "", following.start() + 1
                yield "TRANSPOSE", ("T" if scope.is_variable("T") else "", start, place)
                if kind == "CALL":
                    if scope.is_variable("T"):
                        self._power = start, end
                        self._note_factor("T", place - 1, following.end())
                    last = "OPEN"
                    brackets.append(last)
                    yield last, ("(", following.end() - 1, following.end())
                elif kind in ("DEFINE", "DEFINE_FUNCTION"):  # of nothing: a claim, as in x^T = 8
                    end = following.end()
                    yield from self._part(place, end - 1)
                    last = "EQUALS"
                    yield last, ("=", end - 1, end)
                elif kind != "NAME":
                    yield kind, (following.group(), *following.span())
            elif kind == "TRANSPOSE":
                if before not in INDEXABLE:
                    raise self._unknown_character(start)
                if before == "NAME":
                    self._check_primes(name, start)
                yield kind, (word, start, end)
            elif kind == "FOR":
                from gradcalc.syntax.loops import loop_name

                brackets.append(kind)
                head, start = loop_name(word, start)
                yield kind, (self._name(head, start), start, end)
            elif kind in DERIVATIVES:
                last = "NAME"
                from gradcalc.syntax.partials import partial

                yield partial(self._source, kind, start, end)
            elif kind == "COLON" and brackets[-1:] == ["INDEX_OPEN"]:
                yield kind, (word, start, end)
            else:
                raise self._unknown_character(start)

    def _part(self, start: int, end: int) -> "Lexer":
        """A lexer of a part of the text, in the same scope."""
        part = copy(self)
        part._start, part._end = start, end
        return part

    def _order(self, found: re.Match[str]) -> Iterator[Token]:
        """The order of a norm, and then the power in front of it, if there is one."""
        start, end = found.span("second")
        if start >= 0:
            help = "as in ‖x‖_2^2, which is ‖x‖^2_2 too"
            raise self._error("syntax", "this norm has a second order", start, end, help)
        which = "order" if found["order"] else "behind"
        yield "ORDER", (found[which], *found.span(which))
        if found["raised"]:
            *rest, (kind, (word, start, _)) = self._part(*found.span("raised"))
            yield from rest
            yield kind, (word, start, found.end())

    def _unknown_character(self, start: int) -> GradcalcError:
        from gradcalc.syntax.characters import unknown_character

        return unknown_character(self._source, start)

    def _name(self, word: str, start: int) -> str:
        """The one spelling of a word, which must be that of a name."""
        name = canonical(word)
        if not word.isascii() and len(word) <= LONGEST_NORMALISED and not name.isidentifier():
            from gradcalc.syntax.characters import no_name

            raise no_name(self._source, word, start)
        return name

    def _is_known(self, name: str) -> bool:
        """Whether the program, or a value for it, gives a name a meaning."""
        return self._scope.is_variable(name) or self._scope.is_function(name)

    def _exponent(self, start: int) -> str:
        """The "^", with its signs, whose exponent begins at ``start``; else nothing."""
        if self._power is None:
            return ""
        text = self._source.text
        (at, end), self._power = self._power, None
        if not SIGNS.fullmatch(text, end, start):
            return ""
        return text[at:end] + "".join(COMMENT.sub("", text[end:start]).split())

    def _quotient(self, start: int) -> Token | None:
        from gradcalc.syntax.partials import quotient

        return quotient(self._source.text, start, self._end, self._scope)

    def _unknown(self, name: str, start: int, end: int) -> Iterator[Token]:
        """A name without a value so far: a product of known names, or left to the lowering."""
        if name == "e":
            self._check_number(start, end)
        if name in LOOP_WORDS:
            from gradcalc.syntax.loops import check_no_loop

            check_no_loop(self._source, start, end)
        pieces = self._scope.product(name) if len(name) > 1 else []
        if len(pieces) < 2:  # a constant such as pi is no product
            yield "NAME", (name, start, end)
            return
        product = "·".join(pieces)
        message = f"{name} is read as the product {product}"
        if power := self._exponent(start):
            message = f"{power}{name} is read as {power}{pieces[0]} · {'·'.join(pieces[1:])}"
            message += f": only {pieces[0]} is in the exponent"
            message += f"; for the whole product write {power}({product})"
        self.readings.append(Reading("split-name", message, start, end))
        exact = self._source.text[start:end] == name
        for piece in pieces:
            yield "NAME", (piece, start, start + len(piece) if exact else end)
            start += len(piece) if exact else 0

    def _factor(self, name: str, start: int, end: int, bracket: int) -> Iterator[Token]:
        """A name in front of a bracket, which ends at ``bracket``, that is no function."""
        if not self._scope.is_variable(name):
            yield from self._unknown(name, start, end)
            return
        self._note_factor(name, start, bracket)
        yield "NAME", (name, start, end)

    def _note_factor(self, name: str, start: int, bracket: int) -> None:
        """Note that a variable in front of a bracket, which ends at ``bracket``, is a factor."""
        message = FACTOR.format(name)
        if power := self._exponent(start):
            message = f"{power}{name}(...) is read as {power}{name} · (...)"
            message += f", for {name} is a variable: only {name} is in the exponent"
            message += f"; for the whole product write {power}({name}·(...))"
        self.readings.append(Reading("product", message, start, bracket))

    def _check_primes(self, name: str, start: int) -> None:
        """A prime behind a name and in front of a bracket: a derivative, but for a variable."""
        text = self._source.text
        primes = PRIMES.match(text, start, self._end)
        if primes is None or not text[start - 1].isalnum():
            return
        if not self._scope.is_variable(name):
            if len(self._scope.product(name)) < 2:
                raise self._unknown_character(start)
            return
        transpose = f"{name}{primes.group(1)}"
        message = f"{transpose}(...) is read as the product {transpose}·(...) with the transpose"
        message += f" of {name}, for {name} is a variable"
        self.readings.append(Reading("product", message, start - len(name), primes.end()))

    def _check_rows(self, start: int) -> None:
        """An array behind another one in an array is a row of which the comma is missing."""
        if self._source.text[start - 1].isspace():
            from gradcalc.syntax.brackets import missing_comma

            raise missing_comma(self._source, start, start + 1)

    def _check_number(self, start: int, end: int) -> None:
        """Note the constant e directly behind a number: a power of ten without its exponent?"""
        text = self._source.text
        before = LAST_NUMBER.search(text[max(self._start, start - 64) : start])
        # 2e^x is clear.
        if before and not POWER.match(text, end, self._end):
            number = before.group()
            message = f"{number}e is read as the product {number}·e"
            message += f"; for a power of ten write {number}e5"
            self.readings.append(Reading("product", message, start - len(number), end))

    def _error(
        self, code: str, message: str, start: int, end: int, help: str = ""
    ) -> GradcalcError:
        return GradcalcError(code, message, [Span(start, end)], help=help, source=self._source)
