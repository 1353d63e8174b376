"""Reading answers: which texts there are, and which quantity each is said to be.

Lines ``NAME = VALUE`` (several on a line, separated by ``;``), a JSON object, or a table of two
columns, of a spreadsheet or in Markdown; where it is none of them, lines ``NAME: VALUE``. Which of
them a text is shows itself. What the names and values mean is not known here.
"""

import re
from collections.abc import Container, Iterator
from itertools import islice
from typing import Any, NamedTuple

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source, visible
from gradcalc.syntax.printer import shorten

#: More answers than this are refused, and longer texts.
MOST, LONGEST = 10_000, 50_000_000
#: Lists in JSON are not nested deeper.
DEEPEST = 32
FORMS = "answers are lines such as dx = -4, a JSON object, or a table of two columns"
#: The words in the first line of a table that are a heading, and no answer.
HEADINGS = ("name", "names", "quantity", "variable", "symbol", "answer", "item", "what", "node")
SEPARATORS = (",", ";", "\t")
PIECE = re.compile(r"[()\[\]{};#,\t\"=:]|\r\n?|\n")
PAIRS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
#: A bracket that is closed in the same line.
CLOSED = (
    r"\((?:[^()\r\n;]|\([^()\r\n;]*\))*\)|\[(?:[^\[\]\r\n;]|\[[^\[\]\r\n;]*\])*\]"
    r"|\{(?:[^{}\r\n;]|\{[^{}\r\n;]*\})*\}"
)
#: The name of an answer and the sign behind it, up to the end of the line, even where a bracket in
#: front of it was not closed.
BEGINNING = re.compile(
    rf"[ \t]*(?:[^\W\d](?:{CLOSED}|[^\s=:;#()\[\]{{}}])*|[∂∇\\](?:{CLOSED}|[^\r\n=:;#()\[\]{{}}])*)"
    r"[ \t]*(?P<sign>=(?!=)|:)[^\r\n]*"
)
#: Some words, and no name of a quantity.
WORDS = re.compile(r"\w+(?:[ \t]+\w+)+")
#: Something that stands behind a colon.
FILLED = re.compile(r"[ \t]*[^\s;#]")
#: The places of a sign that was not met yet, and of one that separates nothing.
NOT_MET, NONE = -1, -2
NO_ANSWER = "it is no answer: an answer is NAME = VALUE, such as dx = -4"
#: What a cell of a table in Markdown may be dressed in.
MARKUP = " \t*`$"
#: The line below the heading of such a table.
RULE = re.compile(r"\s*\|[|:\-\s]*-[|:\-\s]*")
#: What stands where an answer is to be filled in.
BLANK = re.compile(r"[\s_?…]*|\.{2,}")


class Entry(NamedTuple):
    """An answer as text.

    Attributes:
        name, value: without blanks around them.
        source: where they were read; ``start`` is the place of the value in it, ``name_start`` that
            of the name.
        line: from 1.
        wrong: why it is no answer; empty if it is one.
        colon: whether a colon is all that says that it is one, so that it may be prose.
    """

    name: str
    value: str
    source: Source
    start: int
    name_start: int
    line: int
    wrong: str = ""
    colon: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in."""
        return not self.wrong and BLANK.fullmatch(self.value) is not None

    def as_prose(self) -> "Entry":
        """The same text as a line that is no answer."""
        start, end = self.name_start, self.start + len(self.value)
        text = self.source.text[start:end].partition("#")[0].strip()
        return self._replace(name=text, value="", start=start, wrong=NO_ANSWER, colon=False)


def read_entries(source: Source) -> list[Entry]:
    """The answers in a text, in order.

    Raises:
        GradcalcError: ``too-large``; ``bad-answers``, where there is nothing but what is none.
    """
    if len(source.text) > LONGEST:
        raise _too_many(source, f"{len(source.text):,} characters")
    found: list[Entry] = []
    text = source.text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        found = list(_json(source))
    elif ("|" in text or "───" in text) and _is_worksheet(text):
        from gradcalc.services.check.worksheet_reading import table_entries

        found = list(table_entries(source))
    else:
        found = _lines_or_table(source)
        if found and all(entry.wrong for entry in found):
            raise no_answers(found[0])
    return found


def no_answers(first: Entry) -> GradcalcError:
    """The error for a text with nothing but what is no answer, such as its ``first``."""
    span = Span(first.name_start, first.name_start + len(first.name))
    message = f"there are no answers in {visible(first.source.name)}"
    return GradcalcError("bad-answers", message, [span], help=FORMS, source=first.source)


def _lines_or_table(source: Source) -> list[Entry]:
    """A table, or lines with ``=``, or else lines with colons, which might be prose otherwise."""
    separator = _separator(source.text)
    first: list[Entry] | None = None
    if separator:
        first = _at_most(_table(source, separator), source)
        if separator == "|" or any(map(_is_row, first)):
            return first
    for sign in "=:":
        found = _at_most(_lines(source, sign), source)
        if not all(entry.wrong for entry in found):
            return found
        first = found if first is None else first
    return first or []


def _at_most(entries: Iterator[Entry], source: Source) -> list[Entry]:
    found = list(islice(entries, MOST + 1))
    if len(found) > MOST:
        raise _too_many(source, f"more than {MOST:,} answers")
    return found


def _is_row(entry: Entry) -> bool:
    """Whether a row of a table may be an answer: it is no line ``NAME = VALUE`` with a separator in
    the value, and no rest of such a one."""
    name, value = entry.name, entry.value.partition("#")[0]
    has_letter = any(sign.isalpha() for sign in name)
    balanced = not any(sum(PAIRS.get(sign, 0) for sign in text) for text in (name, value))
    return has_letter and balanced and not entry.wrong and not _separator_of(name, "=:")


def _is_worksheet(text: str) -> bool:
    from gradcalc.services.check.worksheet_reading import is_table

    return is_table(text)


def _too_many(source: Source, what: str) -> GradcalcError:
    message = f"{visible(source.name)} has {what}"
    return GradcalcError("too-large", message, help="give the answers to one problem")


def _separator(text: str) -> str:
    """What separates the columns of a table; an empty text where the text is none.

    The first line that is not empty decides, or the second, if the first one is a heading: it has
    the separator outside of brackets, and no ``=`` and no words in front of it.
    """
    if text.lstrip().startswith("|"):
        return "|"
    lines = (line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#")
    return next(filter(None, (_separator_of(line, SEPARATORS) for line in islice(lines, 2))), "")


def _separator_of(line: str, separators: Container[str]) -> str:
    """The first of the separators outside of brackets, if no ``=`` and no words are in front."""
    depth, quoted = 0, False
    for match in PIECE.finditer(line):
        piece = match[0]
        if piece == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif piece in PAIRS:
            depth += PAIRS[piece]
        elif depth <= 0 and piece in separators:
            name = line[: match.start()].strip()
            return "" if not name or WORDS.fullmatch(name) else piece
        elif depth <= 0 and piece in "=#":
            return ""
    return ""


def _lines(source: Source, sign: str) -> Iterator[Entry]:
    """Answers ``NAME = VALUE``, or with colons; ``sign`` says which. Inside of brackets a line goes
    on."""
    text = source.text
    start = depth = 0
    separator = NOT_MET
    skip = 0  # the end of a comment
    for match in PIECE.finditer(text):
        if match.start() < skip:
            continue
        piece = match[0]
        if piece in PAIRS:
            depth = max(0, depth + PAIRS[piece])
        elif piece == "#":
            end = re.compile(r"[\r\n]|\Z").search(text, match.start())
            skip = end.start() if end else len(text)
            if not text[start : match.start()].strip():
                start = skip
        elif piece == sign and separator == NOT_MET and depth == 0:
            if sign == ":":  # no other one separates
                separator = match.start() if _separates(text, start, match.start()) else NONE
            elif _is_single(text, match.start()):
                separator = match.start()
        elif piece[0] in ";\r\n" and (depth == 0 or _begins(text, match.end(), sign)):
            yield from _entry(source, start, separator, match.start())
            start, separator, depth = match.end(), NOT_MET, 0
    yield from _entry(source, start, separator, len(text))


def _separates(text: str, start: int, colon: int) -> bool:
    """Whether what stands in front of a colon may name a quantity, and is no text, and something
    stands behind it."""
    line = text[start : colon + 1]
    has_letter = any(sign.isalpha() for sign in line)
    is_first = _separator_of(line, (*SEPARATORS, ":")) == ":"
    return has_letter and is_first and FILLED.match(text, colon + 1) is not None


def _is_single(text: str, at: int) -> bool:
    return text[at + 1 : at + 2] != "=" and text[at - 1 : at] not in ("=", "<", ">", "!")


def _begins(text: str, at: int, sign: str) -> bool:
    """Whether an answer begins here: ``NAME =``, or with a colon, and no bracket is closed behind
    it that was opened before."""
    line = BEGINNING.match(text, at)
    if line is None or line["sign"] != sign:
        return False
    return line[0].count(")") <= line[0].count("(") and line[0].count("]") <= line[0].count("[")


def _entry(source: Source, start: int, separator: int, end: int) -> Iterator[Entry]:
    """The answer in a range; ``separator`` is the place of its ``=`` or colon, or negative."""
    text = source.text
    if separator < 0:
        line = text[start:end]
        if content := line.partition("#")[0].strip():
            at = start + line.index(content)
            yield Entry(content, "", source, at, at, source.locate(at)[0], NO_ANSWER)
        return
    name, value = text[start:separator], text[separator + 1 : end]
    value_start = separator + 1 + len(value) - len(value.lstrip())
    name_start = start + len(name) - len(name.lstrip())
    if "#" in value:
        value = re.sub(r"#[^\r\n]*", lambda match: " " * len(match[0]), value)
    wrong = "" if name.strip() else "the name of the quantity is missing"
    line_number = source.locate(name_start)[0]
    colon = text[separator] == ":"
    name, value = name.strip(), value.strip()
    yield Entry(name, value, source, value_start, name_start, line_number, wrong, colon)


def _table(source: Source, separator: str) -> Iterator[Entry]:
    """Two columns, quoted as spreadsheets do, or between bars as in Markdown."""
    start = 0
    first = True
    lines = source.text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        here, start = start, start + len(line)
        if not line.strip() or line.lstrip().startswith("#") or RULE.fullmatch(line):
            continue
        name, value = _cells(line.strip(), separator)
        heading = first and name.lower() in HEADINGS and not any(c.isdigit() for c in value)
        heading = heading or (number < len(lines) and RULE.fullmatch(lines[number]) is not None)
        first = False
        if heading:
            continue
        wrong = ""
        if value.startswith(("=", "@")):
            wrong = "a formula of a spreadsheet is no answer: write what it comes to"
        elif not name:
            wrong = "the name of the quantity is missing"
        elif separator != "," and re.fullmatch(r"[-+]?\d+,\d+", value):
            wrong = "numbers have a point for the decimals: 0.5"
        at = line.rfind(value) if value else len(line.rstrip())
        name_at = here + max(0, line.find(name))
        yield Entry(name, value, source, here + max(0, at), name_at, number, wrong)


def _cells(line: str, separator: str) -> tuple[str, str]:
    """The two cells of a line; what stands behind more separators belongs to the second."""
    if separator == "|":
        name, _, value = line.strip("| ").partition("|")
        return name.strip(MARKUP), value.strip(MARKUP)
    line = line.rstrip(separator + " ") if separator != "\t" else line.rstrip()
    if '"' in line:
        import csv

        try:
            cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            cells = [line]
        name, value = cells[0] if cells else "", separator.join(cells[1:])
    else:
        depth, name, value = 0, line, ""
        for match in PIECE.finditer(line):
            depth += PAIRS.get(match[0], 0)
            if depth <= 0 and match[0] == separator:
                name, value = line[: match.start()], line[match.end() :]
                break
    # An apostrophe in front keeps a spreadsheet from reading a text as a formula.
    return name.strip().removeprefix("'"), value.strip().removeprefix("'")


class _Raw(str):
    """A number of JSON as it was written."""

    __slots__ = ()


def _json(source: Source) -> Iterator[Entry]:
    from json import JSONDecodeError, loads

    def no_answers(message: str, spans: list[Span]) -> GradcalcError:
        help = 'an object of names, such as {"dx": -4, "dW": [[1, 2], [3, 4]], "dy": "z"}'
        return GradcalcError("bad-answers", message, spans, help=help, source=source)

    name = visible(source.name)
    try:
        pairs = loads(
            source.text.lstrip("\ufeff"),
            object_pairs_hook=list,
            parse_int=_Raw,
            parse_float=_Raw,
            parse_constant=_Raw,
        )
    except JSONDecodeError as error:
        span = [Span(error.pos, error.pos + 1)]
        raise no_answers(f"{name} is no JSON from here on", span) from None
    except RecursionError:
        raise no_answers(f"{name} is nested too deeply", []) from None
    if len(pairs) > MOST:
        raise _too_many(source, f"more than {MOST:,} answers")
    for key, value in pairs:
        text, wrong = _json_text(value)
        # Its place in the file is not known: the value is a source of its own.
        own = Source(text, f"{source.name}, {shorten(key, 40)}")
        yield Entry(key.strip(), text, own, 0, 0, 1, wrong)


def _json_text(value: Any, depth: int = 0) -> tuple[str, str]:
    """A value of JSON in the language of values, and what is wrong with it."""
    if value is None:
        return "", ""
    if isinstance(value, _Raw):
        return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(value, str(value)), ""
    if isinstance(value, str):
        return value.strip(), ""
    if depth > DEEPEST:
        return "…", "it is nested too deeply"
    if isinstance(value, list) and not any(isinstance(item, tuple) for item in value):
        pieces = [_json_text(item, depth + 1) for item in value]
        wrong = next((piece[1] for piece in pieces if piece[1]), "")
        return f"[{', '.join(piece[0] for piece in pieces)}]", wrong
    return "…", "an answer is a number, an array or a text"
