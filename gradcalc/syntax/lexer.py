"""Text to tokens, by the terminals of the grammar.

What a terminal's regular expression cannot say is decided here, where the names known so far are at
hand: whether ``x(`` calls or multiplies, whether a word is a name or a product of names, whether a
bar opens or closes, and whether a line break ends a statement.
"""

import re
from collections.abc import Iterator

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.grammar import Table
from gradcalc.syntax.names import LONGEST_NORMALISED, Scope, canonical

#: A terminal with its text (or the name it stands for) and its range in the source.
Token = tuple[str, tuple[str, int, int]]

#: Single bars, then double ones, each opening and closing.
BARS = ("BAR_OPEN", "BAR_CLOSE", "NORM_OPEN", "NORM_CLOSE")
#: After one of these an operand has just ended.
OPERAND_ENDS = ("NUMBER", "NAME", "CLOSE", "SUPERSCRIPT")
COMMENT = re.compile(r"#[^\r\n]*")
#: What may stand between "^" and the first factor of its exponent.
SIGNS = re.compile(r"(?:[\s+−-]|#[^\r\n]*+)*+")
#: A power, "^" or a superscript.
POWER = re.compile(r"[ \t]*+(?:\^|\*\*|[⁺⁻²³¹⁰⁴-⁹])")
#: A number at the end of a text.
LAST_NUMBER = re.compile(r"(?<![\w.])(?=\.?\d)[\d_.]+(?:[eE][+-]?\d+)?\Z")


class Lexer:
    """The tokens of one problem: ``source.text[start:end]``."""

    def __init__(self, table: Table, source: Source, start: int, end: int, scope: Scope) -> None:
        patterns = [f"(?P<{name}>{pattern})" for name, pattern in table.terminals]
        self._pattern = re.compile("|".join([*patterns, "(?P<UNKNOWN>.)"]), re.DOTALL)
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
        bars_done = 0  # a norm that starts at the second bar of "|||" reaches into the next match
        spellings: dict[str, str] = {}
        depth = 0
        #: What the statement under way defines, known only behind it.
        defines = ""
        defines_function = False
        for match in self._pattern.finditer(text, self._start, self._end):
            kind = match.lastgroup or ""
            if kind in ignored:
                continue
            start, end = match.span()
            word = match.group()
            if kind == "NAME":
                name = spellings.get(word)
                if name is None:
                    name = spellings[word] = self._name(word, start)
                if scope.is_variable(name):
                    yield "NAME", (name, start, end)
                else:
                    yield from self._unknown(name, start, end)
            elif kind == "CALL":
                depth += 1
                yield from self._call(word, start, end)
            elif kind == "OPEN":
                depth += 1
                yield kind, (word, start, end)
            elif kind == "CLOSE":
                depth -= 1
                yield kind, (word, start, end)
            elif kind == "SEPARATOR":
                if depth <= 0:
                    depth = 0
                    if defines:
                        (scope.functions if defines_function else scope.variables).add(defines)
                        defines, scope.parameters = "", {}
                    yield kind, (word, start, end)
                elif word == ";":
                    yield "COMMA", (word, start, end)
            elif kind == "DEFINE":
                defines, defines_function = self._name(word[:-1].rstrip(), start), False
                yield kind, (defines, start, end)
            elif kind == "DEFINE_FUNCTION":
                head, _, rest = word.partition("(")
                defines, defines_function = self._name(head.rstrip(), start), True
                scope.parameters = self._parameters(rest, start + len(head) + 1)
                yield kind, (" ".join((defines, *scope.parameters)), start, end)
            elif kind in BARS:
                if bars is None:
                    bars = self._match_bars()
                while bars_done < end:
                    bars_done = max(bars_done, start)
                    kind, length = bars[bars_done]
                    bars_done += length
                    yield (
                        kind,
                        (text[bars_done - length : bars_done], bars_done - length, bars_done),
                    )
            elif kind == "POWER":
                self._power = start, end
                yield kind, (word, start, end)
            elif kind == "UNKNOWN":
                from gradcalc.syntax.characters import unknown_character

                raise unknown_character(self._source, start)
            else:
                yield kind, (word, start, end)

    def _name(self, word: str, start: int) -> str:
        """The one spelling of a word, which must be that of a name."""
        name = canonical(word)
        if not word.isascii() and len(word) <= LONGEST_NORMALISED and not name.isidentifier():
            from gradcalc.syntax.characters import no_name

            raise no_name(self._source, word, start)
        return name

    def _exponent(self, start: int) -> str:
        """The "^", with its signs, whose exponent begins at ``start``; else nothing."""
        if self._power is None:
            return ""
        text = self._source.text
        (at, end), self._power = self._power, None
        if not SIGNS.fullmatch(text, end, start):
            return ""
        return text[at:end] + "".join(COMMENT.sub("", text[end:start]).split())

    def _unknown(self, name: str, start: int, end: int) -> Iterator[Token]:
        """A name without a value so far: a product of known names, or left to the lowering."""
        if name == "e":
            self._check_number(start, end)
        pieces = self._scope.product(name) if len(name) > 1 else []
        if len(pieces) < 2:  # a constant such as pi is no product
            yield "NAME", (name, start, end)
            return
        product = "*".join(pieces)
        message = f"{name} is read as the product {product}"
        if power := self._exponent(start):
            message = f"{power}{name} is read as {power}{pieces[0]} * {'*'.join(pieces[1:])}"
            message += f": only {pieces[0]} is in the exponent"
            message += f"; for the whole product write {power}({product})"
        self.readings.append(Reading("split-name", message, start, end))
        exact = self._source.text[start:end] == name
        for piece in pieces:
            yield "NAME", (piece, start, start + len(piece) if exact else end)
            start += len(piece) if exact else 0

    def _call(self, word: str, start: int, end: int) -> Iterator[Token]:
        raw = word[:-1].rstrip()
        name, name_end = self._name(raw, start), start + len(raw)
        if self._scope.is_function(name):
            yield "CALL", (name, start, end)
            return
        if self._scope.is_variable(name):
            message = f"{name}(...) is read as the product {name}*(...), for {name} is a variable"
            if power := self._exponent(start):
                message = f"{power}{name}(...) is read as {power}{name} * (...)"
                message += f", for {name} is a variable: only {name} is in the exponent"
                message += f"; for the whole product write {power}({name}*(...))"
            self.readings.append(Reading("product", message, start, end))
            yield "NAME", (name, start, name_end)
        else:
            yield from self._unknown(name, start, name_end)
        yield "OPEN", ("(", end - 1, end)

    def _check_number(self, start: int, end: int) -> None:
        """Note the constant e directly behind a number: a power of ten without its exponent?"""
        text = self._source.text
        before = LAST_NUMBER.search(text[max(self._start, start - 64) : start])
        # 2e^x is clear.
        if before and not POWER.match(text, end, self._end):
            number = before.group()
            message = f"{number}e is read as the product {number}*e"
            message += f"; for a power of ten write {number}e5"
            self.readings.append(Reading("product", message, start - len(number), end))

    def _parameters(self, text: str, start: int) -> dict[str, None]:
        """The names of ``x, y; W) =``, the rest of a function's head, which begins at ``start``."""
        text = COMMENT.sub(lambda match: " " * len(match.group()), text)
        names: dict[str, None] = {}
        for match in re.finditer(r"([^,;)]*)[,;)]", text):
            word = match.group(1).strip()
            at = start + match.start(1) + len(match.group(1)) - len(match.group(1).lstrip())
            name = canonical(word)
            if not name.isidentifier():
                shown = " ".join(word.split())
                raise self._error(
                    "syntax",
                    f'"{shown}" is no parameter name' if word else "a parameter is missing here",
                    at,
                    at + max(1, len(word)),
                    help="name the parameters, separated by commas, as in f(x, y) = x*y"
                    + "; a definition without any is f = 3" * (text.lstrip().startswith(")")),
                )
            if name in names:
                message = f"the parameter {name} stands there twice"
                help = "give each parameter a name of its own"
                raise self._error("redefinition", message, at, at + len(word), help)
            names[name] = None
        return names

    def _match_bars(self) -> dict[int, tuple[str, int]]:
        """For the place of each bar: its terminal and its length.

        A bar that follows an operand closes the innermost bar that is open in the same brackets,
        any other opens. Two that open side by side and close side by side are a norm.
        """
        roles: dict[int, tuple[str, int]] = {}
        closed_by: dict[int, int] = {}
        # The places of the open bars, a list for each level of brackets.
        levels: list[list[int]] = [[]]
        after_operand = False
        for match in self._pattern.finditer(self._source.text, self._start, self._end):
            kind = match.lastgroup or ""
            if kind in BARS:
                double = match.group() == "‖"
                for place in range(match.start(), match.end()):
                    closing = after_operand and bool(levels[-1])
                    if closing:
                        closed_by[levels[-1].pop()] = place
                    else:
                        levels[-1].append(place)
                    after_operand = closing
                    roles[place] = (BARS[2 * double + closing], 1)
            elif kind not in self._ignored:
                after_operand = kind in OPERAND_ENDS
                if kind in ("OPEN", "CALL"):
                    levels.append([])
                elif kind == "CLOSE" and len(levels) > 1:
                    levels.pop()
                elif kind == "SEPARATOR" and len(levels) == 1:
                    levels = [[]]
        for outer, close in closed_by.items():
            inner = closed_by.get(outer + 1, -1)
            if inner == close - 1 and roles[outer] == roles[outer + 1] == (BARS[0], 1):
                roles[outer] = ("NORM_OPEN", 2)
                roles[inner] = ("NORM_CLOSE", 2)
        return roles

    def _error(
        self, code: str, message: str, start: int, end: int, help: str = ""
    ) -> GradcalcError:
        return GradcalcError(code, message, [Span(start, end)], help=help, source=self._source)
