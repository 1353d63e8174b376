"""Marks as text: in Markdown, as lines with tabs, as JSON, and what the table says in words."""

from collections.abc import Iterator, Sequence

from gradcalc.errors import listed_names
from gradcalc.render import Style
from gradcalc.render.rows import is_number, number
from gradcalc.services.check.marks import ALL, Item, Marks, told
from gradcalc.source import visible
from gradcalc.syntax.literals import format_array
from gradcalc.syntax.printer import format_number, shorten

#: A verdict is a sign and a word.
SIGNS = {
    "right": "✓",
    "carried": "↪",
    "wrong": "✗",
    "missing": "∅",
    "repeated": "≡",
    "unknown": "?",
    "unreadable": "!",
}
#: What is said of answers that are right by a rule that is not the plain one.
RULES = {
    "rounded": "right to the digits given",
    "rounded steps": "right but for the rounding of the numbers before",
}
#: What an answer and an array take in a cell.
CELL, MOST_ENTRIES = 40, 9
#: So many alternatives of a mistake are told, the likeliest.
LIKELIEST = 4
#: A longer text is not printed as one line.
LINE = 200
#: Characters that Markdown would obey.
OBEYED = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~&!$"})


class Line:
    """The texts of one item."""

    def __init__(self, item: Item, style: Style) -> None:
        self.quantity = shown(item.quantity)
        self.given = "" if item.given is None else shown(item.given)
        self.expected = ""
        if item.expected is not None:
            value = item.expected
            self.expected = (
                number(value, style)
                if is_number(value)
                else format_array(value, MOST_ENTRIES, style.precision or 6)
            )
        self.verdict = f"{SIGNS[item.verdict]} {item.verdict}"
        self.points = ""
        if item.max_points or item.points:
            self.points = f"{format_number(item.points, 6)}/{format_number(item.max_points, 6)}"


def shown(text: str, width: int = CELL) -> str:
    """Text of the user on one line."""
    return shorten(visible(" ".join(text.split())), width)


def remarks(marks: Marks) -> Iterator[str]:
    """What is said below the table of those items that there is something to say of. The first line
    is a sentence; those behind it point at a place."""
    same: dict[str, list[str]] = {}
    for item in marks.items:
        name = shown(item.quantity, 60)
        if item.diagnostic:
            same[f"{item.verdict}\n{item.diagnostic}"] = [name]
        elif remark := item.remark or RULES.get(item.rule or ""):
            same.setdefault(visible(remark), []).append(name)
    for remark, names in same.items():
        yield f"{', '.join(names)}: {remark}"


def diagnosis(marks: Marks) -> Iterator[str]:
    """What went wrong, a sentence a line."""
    for place, finding in enumerate(marks.diagnosis, 1):
        sentences = " ".join(visible(text) for text in told(finding, marks.hints))
        yield f"{place}. {sentences}" if len(marks.diagnosis) > 1 else sentences
        if finding.alternatives and marks.hints >= ALL:
            yield f"   It may also be: {_likeliest(finding.alternatives)}."
    if marks.unexplained:
        names = listed_names([shown(name) for name in marks.unexplained])
        yield f"No mistake that is known explains {names}."
    if marks.suggestion:
        yield f"To tell mistakes apart: {visible(marks.suggestion)}."


def _likeliest(alternatives: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    told = [visible(text) for text in alternatives[:LIKELIEST]]
    more = len(alternatives) - len(told)
    return "; ".join([*told, f"and {more} more"] if more else told)


def total(marks: Marks) -> str:
    """``3 of 5 points, not passed``."""
    text = f"{format_number(marks.score, 6)} of {format_number(marks.max_score, 6)} points"
    if marks.pass_mark is not None:
        least = format_number(marks.pass_mark, 6)
        text += f", {'passed' if marks.passed else 'not passed'} ({least} are enough)"
    elif marks.passed:
        text += ", all right"
    return text


def heading(marks: Marks) -> str:
    """What the problem is, without its value."""
    text = shorten(marks.expression, 70)
    return f"{marks.output} = {text}" if marks.output not in (None, marks.expression) else text


def plain(marks: Marks, style: Style) -> Iterator[str]:
    """A line for each item: quantity, verdict, points, most points; at last the score."""
    for item in marks.items:
        most = f"{format_number(item.points)}\t{format_number(item.max_points)}"
        yield f"{shown(item.quantity, LINE)}\t{item.verdict}\t{most}\n"
    passed = "passed" if marks.passed else "failed"
    yield f"score\t{passed}\t{format_number(marks.score)}\t{format_number(marks.max_score)}\n"


def json(marks: Marks, style: Style) -> Iterator[str]:
    """One object on one line."""
    from json import dumps

    yield dumps(marks.to_json(), ensure_ascii=False) + "\n"


def markdown(marks: Marks, style: Style) -> Iterator[str]:
    """A heading, the table and what is said below it."""
    yield f"**{_code(visible(heading(marks)))}**\n\n"
    key = marks.hints >= ALL
    yield f"| quantity | given |{' expected |' * key} verdict | points |\n"
    yield f"| :--- | ---: |{' ---: |' * key} :--- | ---: |\n"
    for item in marks.items:
        line = Line(item, style)
        cells = [line.quantity, line.given, *([line.expected] if key else [])]
        texts = [_code(cell) if cell else "" for cell in cells]
        yield f"| {' | '.join((*texts, line.verdict, line.points))} |\n"
    yield f"\n{total(marks)}\n"
    for place, remark in enumerate(remarks(marks)):
        first, *rest = remark.split("\n")
        yield f"{'' if place else chr(10)}- {_safe(first)}\n"
        if rest:  # as code: nothing in it can end an indented block
            yield "\n" + "".join(f"      {line}\n" for line in rest) + "\n"
    found = [*diagnosis(marks)]
    if found:
        yield "\n**What went wrong**\n\n"
        yield from (f"{_safe(line)}\n" for line in found)


def _safe(text: str) -> str:
    return text.translate(OBEYED)


def _code(text: str) -> str:
    """Text as code, safe in a cell."""
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`"
