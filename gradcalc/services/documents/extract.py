"""Finding the formulas of a document: what stands between delimiters of mathematics.

One pass over the text; every search for a closing delimiter ends with the paragraph, and one that
failed is not repeated, so that the time is linear whatever the text is.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gradcalc.source import Source
from gradcalc.syntax.heads import COMMENT

#: Environments of LaTeX that are displayed formulas.
ENVIRONMENTS = "equation|align|alignat|aligned|gather|multline|eqnarray|displaymath|math|flalign"
#: What a fence of code says that it is, where it is a formula.
MATHS = ("math", "latex", "tex", "gradcalc")

#: What may begin something; the first alternative that fits counts.
MARKDOWN = re.compile(
    r"(?P<fence>^[ \t>]*+(?:(?:[-*+]|\d++[.)])[ \t]++)*+(?P<ticks>`{3,}+|~{3,}+)"
    r"(?P<info>[^`\n]*+)(?:\n|\Z))"
    r"|(?P<heading>^#{1,6}[ \t])"
    r"|(?P<comment><!--)"
    r"|(?P<code>`++)"
    rf"|(?P<begin>\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}})"
    r"|(?P<bracket>\\{1,2}[(\[])"
    r"|(?P<escape>\\.)"
    r"|(?P<display>\$\$)"
    r"|(?P<inline>\$)",
    re.MULTILINE | re.DOTALL,
)
TEX = re.compile(
    r"(?P<verbatim>\\begin\{(?P<what>verbatim|lstlisting|minted|comment)\*?\})"
    r"|(?P<heading>\\(?:sub)*section\b)"
    r"|(?P<verb>\\verb\*?(?P<mark>[^\w\s*]))"
    rf"|(?P<begin>\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}})"
    r"|(?P<bracket>\\[(\[])"
    r"|(?P<escape>\\.)"
    r"|(?P<display>\$\$)"
    r"|(?P<inline>\$)",
    re.DOTALL,
)
#: Where a paragraph ends, and with it every formula that was not closed.
PARAGRAPH_END = re.compile(r"\n[ \t\r>]*+(?=\n|\Z)")
#: Where a formula within a line of text ends at the latest: there, or at the next item of a list,
#: heading or row of a table.
LINE_END = re.compile(r"\n[ \t\r>]*+(?=\n|\Z|[|]|#{1,6}[ \t]|(?:[-*+]|\d++[.)])[ \t]|`{3}|~{3})")
FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?s:.*?)^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
QUOTE = re.compile(r"^[ \t]*+>[ \t>]*+", re.MULTILINE)
PERCENT = re.compile(r"(?<!\\)(?:\\\\)*+(%[^\n]*+)")
#: Spaces that a formula can do without being told of.
SPACES = str.maketrans(dict.fromkeys("\t\r\u00a0\u2007\u202f\u3000\u200b\ufeff\u2060", " "))
WORD = re.compile(r"\w")
#: Words that belong to a formula, and two words of plain letters that do not.
LABEL = re.compile(r"\\(?:text\w*|mbox|mathrm|operatorname)\*?[ ]*+\{[^{}]*+\}")
PROSE = re.compile(r"(?<![\\\w])[^\W\d_]{2,}+[,.]?+[ \n]++[^\W\d_]{2,}+(?![\w}(])")
#: A longer run of backticks is no beginning of code.
MOST_TICKS = 16


class Formula(NamedTuple):
    """A formula as it stands in the document.

    Attributes:
        start, end: the range of its text in the document.
        text: of the length of that range; what is no part of the formula is blank.
        line: where it begins, from 1.
        last_line: where it ends.
        native: whether it is in the notation of gradcalc, not in LaTeX.
        fenced: whether it is a block of its own, not part of a line of text.
    """

    start: int
    end: int
    text: str
    line: int
    last_line: int
    native: bool = False
    fenced: bool = False


class Told(NamedTuple):
    """Something to say about a line of the document: what was skipped, and why.

    Attributes:
        kind: ``note`` or ``warning``.
    """

    line: int
    message: str
    kind: str = "note"


class Extraction(NamedTuple):
    """The formulas of a text.

    Attributes:
        words: whether there are words outside of them.
        headings: the lines of headings.
    """

    formulas: list[Formula]
    skipped: list[Told]
    words: bool
    headings: list[int]


def extract(source: Source, tex: bool = False) -> Extraction:
    """Find the formulas of a text, in Markdown or, with ``tex``, in LaTeX."""
    scanner = _Scanner(source, tex)
    scanner.scan(*scanner.body())
    return Extraction(scanner.formulas, scanner.skipped, scanner.words, scanner.headings)


class _Scanner:
    """One pass over a text."""

    def __init__(self, source: Source, tex: bool) -> None:
        self.source = source
        self.text = PERCENT.sub(_blanked, source.text) if tex else source.text
        self.tex = tex
        self.formulas: list[Formula] = []
        self.skipped: list[Told] = []
        self.words = False
        self.headings: list[int] = []
        self._ends: dict[re.Pattern[str], tuple[int, int]] = {}
        self._missed: dict[str, tuple[int, int]] = {}

    def body(self) -> tuple[int, int]:
        """The range in which formulas are looked for."""
        if self.tex:
            begin = self.text.find(r"\begin{document}")
            end = self.text.find(r"\end{document}", max(begin, 0))
            self.words = begin >= 0
            return max(begin, 0), end if end >= 0 else len(self.text)
        matter = FRONT_MATTER.match(self.text)
        self.words = matter is not None
        return (matter.end() if matter else 0), len(self.text)

    def scan(self, start: int, end: int) -> None:
        """Find everything between two places."""
        grammar = TEX if self.tex else MARKDOWN
        place = start
        while match := grammar.search(self.text, place, end):
            if not self.words:
                self.words = WORD.search(self.text, place, match.start()) is not None
            kind = match.lastgroup
            # The last group of a fence, and the like, is a part of it.
            kind = {"info": "fence", "name": "begin", "what": "verbatim", "mark": "verb"}.get(
                kind or "", kind
            )
            place = getattr(self, f"_{kind}")(match, end)
        if not self.words:
            self.words = WORD.search(self.text, place, end) is not None

    def _fence(self, match: re.Match[str], end: int) -> int:
        ticks = match["ticks"]
        line = self._line(match.start("ticks"))
        word = (match["info"].replace("{", " ").replace("}", " ").split() or [""])[0]
        word = word.lstrip(".").lower()
        closing = self._search(
            rf"(?m)^[ \t>]*+{ticks[0]}{{{len(ticks)},}}[ \t]*\r?$", match.end(), end
        )
        if closing is None:
            if word in MATHS:
                self._skip(line, f"the block that begins with {ticks}{word} is not closed")
            return match.end()
        if word not in MATHS:
            self.words = True
            what = f"a block of code ({word})" if word else "a block of code"
            self._skip(line, f"{what} is no formula")
        elif word in ("latex", "tex") and self._has_delimiters(match.end(), closing.start()):
            self.tex = True
            self.scan(match.end(), closing.start())
            self.tex = False
        else:
            native = word == "gradcalc"
            self._add(match.end(), closing.start(), match.start(), native, fenced=True)
        return closing.end()

    def _has_delimiters(self, start: int, end: int) -> bool:
        for match in TEX.finditer(self.text, start, end):
            if match.lastgroup in ("name", "bracket", "display", "inline"):
                return True
        return False

    def _heading(self, match: re.Match[str], end: int) -> int:
        self.headings.append(self._line(match.start()))
        return match.end()

    def _comment(self, match: re.Match[str], end: int) -> int:
        closing = self._search("-->", match.end(), end)
        return closing.end() if closing else match.end()

    def _code(self, match: re.Match[str], end: int) -> int:
        ticks = len(match[0])
        if ticks > MOST_TICKS:
            return match.end()
        limit = self._limit(PARAGRAPH_END, match.end(), end)
        closing = self._search(rf"(?<!`)`{{{ticks}}}(?!`)", match.end(), limit)
        if closing is None:
            return match.end()
        if any(sign in match.string[match.end() : closing.start()] for sign in ("$", "\\(")):
            self._skip(self._line(match.start()), "code is no formula")
        self.words = True
        return closing.end()

    def _begin(self, match: re.Match[str], end: int) -> int:
        name = match["name"]
        return self._displayed(match, rf"\\end\{{{re.escape(name)}\}}", end)

    def _bracket(self, match: re.Match[str], end: int) -> int:
        closing = re.escape(match[0][:-1]) + (r"\)" if match[0][-1] == "(" else r"\]")
        return self._displayed(match, closing, end, missing_is_text=True)

    def _escape(self, match: re.Match[str], end: int) -> int:
        return match.end()

    def _display(self, match: re.Match[str], end: int) -> int:
        return self._displayed(match, r"\$\$", end)

    def _displayed(
        self, match: re.Match[str], closing: str, end: int, missing_is_text: bool = False
    ) -> int:
        """A formula between two delimiters that say which is which."""
        limit = self._limit(PARAGRAPH_END, match.end(), end)
        found = self._search(rf"(?<!\\)(?:\\\\)*?(?P<closing>{closing})", match.end(), limit)
        if found is None:
            if not missing_is_text:
                self._skip(self._line(match.start()), f"{match[0]} is not closed in its paragraph")
            return match.end()
        self._add(match.end(), found.start("closing"), match.start(), native=False)
        return found.end()

    def _inline(self, match: re.Match[str], end: int) -> int:
        """A formula between two dollar signs, or a price.

        As in Pandoc, no blank follows the first one, and neither a blank precedes nor a digit
        follows the second one.
        """
        text, start = self.text, match.end()
        # GitHub's way to write one that Markdown leaves alone: $`x`$.
        quoted = text.startswith("`", start) and not self.tex
        if not self.tex and text[start : start + 1].isspace():
            return start
        limit = self._limit(PARAGRAPH_END if self.tex else LINE_END, start, end)
        closing = self._search(r"\\.|\$", start, limit, escapes=True)
        if closing is None:
            return start
        stop = closing.start()
        if not self.tex and (text[stop - 1].isspace() or text[stop + 1 : stop + 2].isdigit()):
            return start
        if " | " in text[start:stop] and self._line_start(start).startswith("|"):
            return start  # a formula does not go on in the next cell of a table
        if quoted and stop - start > 2 and text[stop - 1] == "`":
            self._add(start + 1, stop - 1, match.start(), native=False)
        else:
            self._add(start, stop, match.start(), native=False)
        return stop + 1

    def _verbatim(self, match: re.Match[str], end: int) -> int:
        closing = self._search(rf"\\end\{{{match['what']}\*?\}}", match.end(), end)
        self._skip(self._line(match.start()), f"{match['what']} is no formula")
        return closing.end() if closing else match.end()

    def _verb(self, match: re.Match[str], end: int) -> int:
        closing = self.text.find(match["mark"], match.end(), min(end, match.end() + 1000))
        return closing + 1 if closing >= 0 else match.end()

    def _add(
        self, start: int, end: int, opening: int, native: bool, *, fenced: bool = False
    ) -> None:
        text = self.text[start:end]
        if not text or text.isspace():
            return
        if self._line_start(opening).startswith(">"):
            # The first line stands behind the opening delimiter, unless it is that of a fence.
            head = 0 if fenced else text.find("\n") + 1 or len(text)
            text = text[:head] + QUOTE.sub(lambda quote: " " * len(quote[0]), text[head:])
        if not native and "%" in text:
            text = PERCENT.sub(_blanked, text)
        text = text.translate(SPACES)
        begin = start + len(text) - len(text.lstrip())
        line, last = self._line(begin), self._line(end - 1)
        self.formulas.append(Formula(start, end, text, line, last, native, fenced))

    def _skip(self, line: int, message: str) -> None:
        self.skipped.append(Told(line, message))

    def _line_start(self, place: int) -> str:
        """The first characters of the line of a place, blanks left out."""
        start = place - self.source.locate(place)[1] + 1
        return self.text[start : start + 100].lstrip()

    def _line(self, place: int) -> int:
        return self.source.locate(place)[0]

    def _limit(self, pattern: re.Pattern[str], start: int, end: int) -> int:
        """Where the first match of an end begins, at ``end`` at the latest."""
        known = self._ends.get(pattern)
        if known is None or not known[0] <= start <= known[1]:
            match = pattern.search(self.text, start)
            known = self._ends[pattern] = start, match.start() if match else len(self.text)
        return min(known[1], end)

    def _search(
        self, pattern: str, start: int, end: int, escapes: bool = False
    ) -> re.Match[str] | None:
        """The first match between two places; what is escaped is none."""
        low, high = self._missed.get(pattern, (0, -1))
        if low <= start and end <= high:
            return None
        for match in re.compile(pattern, re.DOTALL).finditer(self.text, start, end):
            if not (escapes and match[0][0] == "\\"):
                return match
        self._missed[pattern] = start, end
        return None


def _blanked(match: re.Match[str]) -> str:
    kept = match.start(1) - match.start()
    return match[0][:kept] + " " * (len(match[0]) - kept)


def is_prose(formula: Formula) -> bool:
    """Whether a formula has two words beside each other: text between the dollars of prices."""
    if formula.native:
        return False
    text = LABEL.sub("", formula.text)
    words = (match[0].split() for match in PROSE.finditer(text))
    # Two words of two Latin letters are rather products, as in "xy zw".
    return "\\$" in text or any(
        max(map(len, pair)) > 2 or not "".join(pair).isascii() for pair in words
    )


def lines_of(formulas: list[Formula]) -> Iterator[list[Formula]]:
    """The formulas that stand in one line of text, one list after the other."""
    line: list[Formula] = []
    for formula in formulas:
        apart = formula.fenced or (line and (line[-1].fenced or formula.line > line[-1].last_line))
        if line and apart:
            yield line
            line = []
        line.append(formula)
    if line:
        yield line


def without_comments(text: str) -> str:
    """A program of gradcalc without its comments."""
    return COMMENT.sub("", text)
