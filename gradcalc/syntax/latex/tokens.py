"""LaTeX to tokens: commands, letters, numbers, delimiters. What only decorates is left out."""

import re
from copy import copy

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.latex import commands as table
from gradcalc.syntax.latex.commands import Tok
from gradcalc.syntax.latex.defined import defined_words, is_given
from gradcalc.syntax.names import Scope
from gradcalc.syntax.sumsigns import SIGN, spelt, sums, upper_limits

TOKEN = re.compile(
    r"(?P<command>\\(?:operatorname\*|[A-Za-z]+|(?s:.)|\Z))"
    r"|(?P<number>(?:[0-9]+(?:(?:\{,\}|\\,)[0-9]{3})*+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<blank>[ \t\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000~]+|%[^\r\n]*)"
    r"|(?P<newline>\r?\n|\r)"
    r"|(?P<shift>\$\$?)"
    r"|(?P<compare>[<>]=?|[=!]=|[≤≥≠])"
    r"|(?P<equals>:?=|≡)"
    r"|(?P<primes>['’′]+|ᵀ)"
    r"|(?P<superscript>[⁺⁻]?[²³¹⁰⁴-⁹]+)"
    rf"|(?P<small>[{''.join(map(chr, table.SMALL))}]+|ⁿ)"
    r"|(?P<power>\*\*)"
    r"|(?P<letter>[^\W\d_][\u0300-\u036f]*)"
    r"|(?P<other>(?s:.))"
)
#: Characters that are a token each.
CHARACTERS = {
    **{c: (c, c) for c in "{}^_&,;:."},
    **dict.fromkeys("+-−", ("sign", "+")),
    "-": ("sign", "-"),
    "−": ("sign", "-"),
    **dict.fromkeys("*×∗", ("times", "*")),
    **dict.fromkeys("·⋅", ("times", "·")),
    **dict.fromkeys("⊙∘", ("times", "⊙")),
    **dict.fromkeys("/÷", ("times", "/")),
    "⊗": ("times", "outer"),
    "@": ("times", "@"),
    "∧": ("and", "and"),
    "∂": ("partial", "∂"),
    "∇": ("nabla", "∇"),
    "∑": ("big", "sum"),
    "∏": ("big", "prod"),
    "√": ("function", "sqrt"),
    "∞": ("name", "inf"),
    "⊤": ("top", "⊤"),
    **dict.fromkeys("𝟙𝟏", ("indicator", "1")),
    "∈": ("in", ""),
    "≈": ("approx", ""),
    "…": ("dots", ""),
    "⋯": ("dots", ""),
    **table.DELIMITERS,
}
del CHARACTERS["."], CHARACTERS["/"]
CHARACTERS["."], CHARACTERS["/"] = (".", "."), ("times", "/")
COMPARISONS = {"≤": "<=", "≥": ">=", "≠": "!="}
ROW_SPACE = re.compile(r"\*?(?:[ \t]*\[-?[0-9.]+[ \t]*(?:pt|em|ex|cm|mm|in|\\\w+)\])?")
#: A function at the end of a run of letters, directly in front of its bracket: 2x\cos(x).
GLUED = re.compile(
    r"([A-Za-z]+?)(arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|exp|log|ln|max|min)\Z"
)
#: Signs that begin or end a formula in prose.
MATHS = re.compile(r"(?<!\\)(?:\$\$?|\\[\[\]()])")
#: The same, but for those in texts inside of formulas.
MARKS = re.compile(rf"\\(?:text|mbox|textrm)\s*\{{[^{{}}]*\}}|({MATHS.pattern})")
ENVIRONMENTS = re.compile(
    MATHS.pattern
    + r"|\\begin\{(?:equation|align|gather|eqnarray|multline|displaymath|flalign|alignat)\*?\}"
)
CLOSING_MATHS = {"$": "$", "$$": "$$", "\\[": "\\]", "\\(": "\\)"}
BRACES = re.compile(r"%[^\r\n]*|\\.|[{}]", re.DOTALL)
#: Longer texts in braces are no words.
LONGEST = 300
OPENS = re.compile(r"[ \t]*(?:\\(?:left|[bB]igg?l?))?[ \t]*(?:\(|\[|\\\{)")
BRACKET = re.compile(r"[ \t]*(?:\\left|\\[bB]igg?l?)?[ \t]*\(")


class Tokens:
    """The tokens of ``source.text[start:end]``, with what was noted on the way.

    Args:
        scope: knows the names from outside and the functions of the language.
    """

    def __init__(self, source: Source, start: int, end: int, scope: Scope) -> None:
        self.source = source
        self.text = source.text
        self.start, self.end = start, end
        self.scope = scope
        self.readings: list[Reading] = []
        self.found: list[Tok] = []
        self.heads = defined_words(self.text, start, end, scope)
        self._sums = sums(self.text[start:end], scope.variables)
        self._uppers = upper_limits(self.text, start, end)
        self._variants = self._find_variants()
        self._opened, self._opened_at = "", start  # the sign that began the formula under way
        self._braces: dict[int, int] | None = None  # where each is closed

    def part(self, start: int, end: int) -> "Tokens":
        """Those of a part of the text."""
        part = copy(self)
        part.start, part.end = start, end
        part.found, part.readings = [], []
        part._opened = ""
        return part

    def _is_sum(self, position: int) -> bool:
        """Whether a Greek capital is the sign of a sum or product: Σ_{i=1}, Σ_i."""
        found = SIGN.match(self.text, position, self.end)
        return found is not None and bool(found["limits"] or spelt(found) in self._sums)

    def _find_variants(self) -> frozenset[str]:
        """The variants of Greek letters that stand beside the letters themselves."""
        text = self.text
        return frozenset(
            variant
            for variant, name in table.VARIANTS.items()
            if "\\var" in text and f"\\{variant}" in text and re.search(rf"\\{name}(?![a-z])", text)
        )

    def error(self, message: str, start: int, end: int, help: str = "") -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=self.source)

    def read(self) -> list[Tok]:
        """All tokens. Raises GradcalcError for what is no LaTeX that can be read."""
        text, tokens, position = self.text, self.found, self.start
        match = TOKEN.match
        # Where there are signs of mathematics, what is outside of them is prose.
        prose = any(mark.group(1) for mark in MARKS.finditer(text, position, self.end))
        while position < self.end:
            if prose and not self._opened:
                position = self._enter(position)
                continue
            if position in self._uppers:
                from gradcalc.syntax.latex.words import raised

                position = raised(self, position, self._uppers[position])
                continue
            found = match(text, position, self.end)
            assert found is not None
            kind, word, after = found.lastgroup, found.group(), found.end()
            if kind == "blank":
                pass
            elif kind == "command":
                after = self._command(word, position, after)
            elif kind == "letters":
                self._letters(word, position, after)
            elif kind == "number":
                after = self._number(word, position, after)
            elif kind == "other" and text.startswith("..", position):
                after = position + (3 if text.startswith("...", position) else 2)
                tokens.append(("dots", "", position, after))
            elif kind == "other":
                if word not in CHARACTERS:
                    raise self.unknown_character(position)
                tokens.append((*CHARACTERS[word], position, after))
            elif kind == "letter" and self._is_sum(position):
                tokens.append(("big", "sum" if word[0] == "Σ" else "prod", position, position + 1))
                after = position + 1
            elif kind == "small":
                from gradcalc.syntax.latex.words import small

                small(self, word, position)
            elif kind == "letter":
                from gradcalc.syntax.latex.words import letter

                after = letter(self, position, after)
            elif kind == "compare":
                tokens.append(("compare", COMPARISONS.get(word, word), position, after))
            elif kind == "equals":
                tokens.append(("=", "=", position, after))
            elif kind == "primes":
                tokens.append(("'", word, position, after))
            elif kind == "power":
                tokens.append(("^", "^", position, after))
            elif kind == "shift":
                after = self._leave(word, position, after)
            else:
                tokens.append((str(kind), word, position, after))
            position = after
        if self._opened:
            start = self._opened_at
            closing = CLOSING_MATHS.get(self._opened, self._opened.replace("\\begin", "\\end"))
            message = f"{self._opened} is not closed"
            raise self.error(message, start, start + len(self._opened), f"add {closing}")
        return tokens

    def _enter(self, position: int) -> int:
        """Skip prose; where the next formula begins."""
        found = ENVIRONMENTS.search(self.text, position, self.end)
        stop = found.start() if found else self.end
        words = " ".join(self.text[position:stop].split())
        if words.strip(" ,.;:"):
            shown = words if len(words) <= 40 else f"{words[:39]}…"
            message = f"{shown} stands outside of $…$ and is left out"
            self.readings.append(Reading("text", message, position, stop))
        if found is None:
            return stop
        word = found.group()
        self._opened, self._opened_at = word, stop
        if word.startswith("\\begin"):
            return self._command("\\begin", stop, stop + len("\\begin"))
        if word not in CLOSING_MATHS:
            raise self.error(f"{word} closes nothing", stop, found.end(), "leave it out")
        self.add("shift", word, stop, found.end())
        return found.end()

    def _leave(self, word: str, start: int, end: int) -> int:
        """The end of a formula; where it ends."""
        if self._opened.startswith("\\begin"):
            raise self.error(f"{word} inside of {self._opened}", start, end, "leave it out")
        if word == "$$" and self._opened == "$":  # the next one begins at once
            word, end = "$", start + 1
        if not self._opened:
            raise self.error(f"{word} closes nothing", start, end, "leave it out")
        if word != CLOSING_MATHS[self._opened]:
            there = Span(self._opened_at, self._opened_at + len(self._opened), "opened here")
            help = f"close it by {CLOSING_MATHS[self._opened]}"
            error = self.error(f"{self._opened} is closed by {word}", start, end, help)
            error.spans = (*error.spans, there)
            raise error
        self._opened = ""
        self.add("shift", word, start, end)
        return end

    def unknown_character(self, position: int) -> GradcalcError:
        from gradcalc.syntax.characters import unknown_character

        return unknown_character(self.source, position)

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        self.found.append((kind, text, start, end))

    def _number(self, word: str, start: int, end: int) -> int:
        before = self.found[-1] if self.found else ("", "", -1, -1)
        if before[0] == "name" and before[3] == start and len(before[1]) == 1:
            name = f"{before[1]}{word}"
            if self.scope.is_variable(name):
                self.found[-1] = ("name", name, before[2], end)
                return end
        if (
            before[0] == self.text[start - 1 : start] == ","
            and self.text[start - 2 : start - 1].isdigit()
            and self.found[-2][0] == "number"
        ):
            # Whether it separates two operands is known when the brackets are.
            self.found[-1] = (",", "decimal", before[2], before[3])
        digits = word.replace("{,}", "").replace("\\,", "")
        if "e" in word.lower():
            message = f"{word} is read as the number {float(digits):g}"
            self.readings.append(Reading("number", message, start, end))
        self.add("number", digits, start, end)
        return end

    def _letters(self, word: str, start: int, end: int) -> None:
        """A run of plain letters: a name each, unless the run is a name that is known."""
        scope = self.scope
        if len(word) == 1:
            self.add("name", word, start, end)
            return
        whole = word in self.heads or is_given(word, self.text, end, scope)
        if not whole and BRACKET.match(self.text, end) and self._is_function(word):
            self.add("function", table.OTHER_NAMES.get(word, word), start, end)
            return
        if whole:
            if all(scope.is_variable(letter) for letter in word):
                message = f"{word} is read as one name; for the product write {' '.join(word)}"
                self.readings.append(Reading("name", message, start, end))
            self.add("name", word, start, end)
            return
        if word in table.PLAIN_FUNCTIONS or (
            word in ("max", "min") and OPENS.match(self.text, end) is not None
        ):
            if word not in ("max", "min"):
                message = f"{word} is read as the function \\{word}"
                self.readings.append(Reading("name", message, start, end))
            self.add("function", table.OTHER_NAMES.get(word, word), start, end)
            return
        glued = GLUED.match(word) if BRACKET.match(self.text, end) else None
        if glued is not None:
            message = f"{word} is read as {' '.join(glued.group(1))} \\{glued.group(2)}"
            self.readings.append(Reading("name", message, start, end))
        for place, letter in enumerate(glued.group(1) if glued else word, start):
            self.add("name", letter, place, place + 1)
        if glued is not None:
            name = table.OTHER_NAMES.get(glued.group(2), glued.group(2))
            self.add("function", name, start + glued.start(2), end)

    def _is_function(self, word: str) -> bool:
        return word in self.heads or self.scope.is_function(word)

    def greek(self, name: str) -> str:
        """The name of a Greek letter; the letter itself, if it is that which has a value."""
        letter = table.NAME_LETTERS.get(name, name)
        if name not in self.scope.variables and letter in self.scope.variables:
            return letter
        return name

    def _command(self, command: str, start: int, end: int) -> int:
        """The token of a command; where to go on."""
        name = command[1:]
        if command in table.DELIMITERS:
            kind, text = table.DELIMITERS[command]
            self.add(kind, text, start, end)
        elif name in table.OPERATORS:
            self.add(*table.OPERATORS[name], start, end)
        elif name in table.NAME_LETTERS:
            self.add("name", self.greek(name), start, end)
        elif name in table.VARIANTS:
            plain = name if name in self._variants else table.VARIANTS[name]
            self.add("name", self.greek(plain), start, end)
        elif name in table.FUNCTIONS:
            self.add("function", table.FUNCTIONS[name], start, end)
        elif name in table.ACCENTS:
            self.add("accent", table.ACCENTS[name], start, end)
        elif name in table.DROPPED:
            inner = self.group(end)
            if name == "hspace":
                self.add("quad", "", start, end)
            return end if inner is None else inner[1] + 1
        elif name in ("textcolor", "colorbox"):
            inner = self.group(end)
            self.add("font", "", start, end)
            return end if inner is None else inner[1] + 1
        elif name == "\\":
            space = ROW_SPACE.match(self.text, end, self.end)
            end = space.end() if space else end
            self.add("\\\\", "", start, end)
        elif name in ("[", "(", "]", ")"):
            return self._leave(command, start, end)
        elif name in table.BLANKS or (name and name[0] in ",;:!> \t\n/-"):
            pass
        else:
            return self._with_words(name, start, end)
        return end

    def _with_words(self, name: str, start: int, end: int) -> int:
        """A command that has a word as its argument, such as a font; where to go on."""
        from gradcalc.syntax.latex import words

        if name in table.SIZES:
            return words.delimiter(self, name, start, end)
        if name in table.FONTS:
            return words.font(self, name, start, end)
        if name in table.WORDS or name in table.TEXTS:
            return words.word_of(self, name, start, end)
        if name not in ("begin", "end"):
            raise words.no_command(self, name, start, end)
        after = words.environment(self, name, start, end)
        if name == "end" and self._opened.startswith("\\begin"):
            opened = self._opened[len("\\begin{") : -1].rstrip("*")
            self._opened = "" if opened == self.found[-1][1] else self._opened
        return after

    def group(self, position: int) -> tuple[int, int] | None:
        """Where the text in the braces at a position begins and ends; None without braces."""
        text = self.text
        while position < self.end and text[position] in " \t\r\n":
            position += 1
        if position >= self.end or text[position] != "{":
            return None
        if self._braces is None:
            self._braces = {}
            opened = []
            for brace in BRACES.finditer(text, self.start, self.end):
                if brace.group() == "{":
                    opened.append(brace.start())
                elif brace.group() == "}" and opened:
                    self._braces[opened.pop()] = brace.start()
        if position not in self._braces:
            raise self.error('a brace "{" is not closed', position, position + 1, 'add "}"')
        return position + 1, self._braces[position]

    def content(self, inner: tuple[int, int] | None) -> str:
        """What stands in the braces, if it may be a word."""
        if inner is None:
            return ""
        return self.text[inner[0] : inner[1]] if inner[1] - inner[0] < LONGEST else "…"
