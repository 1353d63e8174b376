"""Values in text files: numbers in rows and columns, or one constant expression.

NumPy reads plain numbers. Only where it cannot, the text is read a second time, cell by cell, for
numbers in quotes and truth values, and to find what is wrong with it.
"""

import re
from collections.abc import Callable, Iterator
from io import StringIO

from gradcalc.errors import GradcalcError, Span
from gradcalc.ops.shapes import counted
from gradcalc.services.values import Value
from gradcalc.source import Source
from gradcalc.syntax.printer import shorten

COMMENT = re.compile("#[^\r\n]*")
LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")
#: In quotes a doubled quote is one, and separators are text.
QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
WORD = re.compile(rf"{QUOTED.pattern}\S*|\S+")
#: Beside blanks. The first one that a file has in it is its separator.
SEPARATORS = {";": "semicolons", ",": "commas", "\t": "tabs"}
CELL = {mark: re.compile(rf" *(?:{QUOTED.pattern})?[^{mark}]*") for mark in SEPARATORS}
#: As in NumPy's files. Python, JSON and spreadsheets spell them so.
TRUTH_VALUES = dict.fromkeys(("true", "True", "TRUE"), True)
TRUTH_VALUES |= dict.fromkeys(("false", "False", "FALSE"), False)
DECIMAL_COMMA = re.compile(r"([-+]?\d+),(\d+)")
HEADER = "a header has a name for each column, and below it stand numbers"
SEPARATED = "numbers are separated by commas, semicolons, tabs or blanks"


def read_table(source: Source, expression: Callable[[], Value], headers: bool) -> Value:
    """The number or array in a text.

    A row is a line. A single row or column is a vector, a single number a scalar.

    Args:
        expression: reads the text as a constant expression.
        headers: whether the first line may be one of names.

    Raises:
        GradcalcError: it is neither numbers nor a constant expression.
    """
    text = source.text
    if "#" in text:
        text = COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    lines = (match.span() for match in LINE.finditer(text))
    first = next(lines, None)
    second = next(lines, None)
    if first is None or text[slice(*first)].lstrip().startswith("["):
        return expression()
    start = first[0]
    separator = _separator(text)
    cells = [cell for _, cell in _cells(text, *first, separator)]
    if len(cells) == 1 and not second:
        number = _number(cells[0])
        return expression() if number is None else float(number)
    below = second if headers and all(map(_is_name, cells)) else None
    if below:
        start = below[0]
    try:
        value = _numbers(source, text, start, separator)
    except GradcalcError as error:
        # 2 * pi and max(1, 2) have cells as well.
        if headers and any(map(_is_name, cells)) and error.spans[0].end <= first[1]:
            error.help = HEADER
        if second and not any(bracket in text for bracket in "(["):
            raise
        if _number(cells[0]) is None and not headers:
            return expression()
        try:
            return expression()
        except GradcalcError:
            raise error from None
    if below:
        _check_header(source, text, first, below, separator)
    return value


def _separator(text: str) -> str:
    """What separates the numbers: a character, or nothing for blanks."""
    end = len(text.rstrip())
    last = text[max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1 : end]
    # The names in a header may have whatever they like in them: the last line says it first.
    for part in (last, text):
        for separator in SEPARATORS:
            if separator in part:
                return separator
    return ""


def _cells(text: str, start: int, end: int, separator: str) -> Iterator[tuple[int, str]]:
    """Where each cell of a line starts, and the cell."""
    if not separator:
        for word in WORD.finditer(text, start, end):
            yield word.start(), word[0]
        return
    while start <= end:
        match = CELL[separator].match(text, start, end)
        assert match is not None, "a cell may be empty"
        cell = match[0]
        yield start + len(cell) - len(cell.lstrip()), cell.strip()
        start = match.end() + 1


def _content(cell: str) -> str:
    """What a cell has in its quotes, if it has any."""
    return cell[1:-1].strip() if QUOTED.fullmatch(cell) else cell


def _is_name(cell: str) -> bool:
    """Whether a cell may stand in a header: "1,5" is rather a number gone wrong."""
    cell = cell.strip("\"' ")
    return bool(cell) and cell[0] not in "0123456789.+-−" and _number(cell) is None


def _number(cell: str) -> float | None:
    cell = _content(cell)
    if cell in TRUTH_VALUES:
        return TRUTH_VALUES[cell]
    try:
        return float(cell.replace("−", "-"))
    except ValueError:
        return None


def _numbers(source: Source, text: str, start: int, separator: str) -> Value:
    """The numbers from ``start`` on."""
    import numpy as np

    try:
        file = StringIO(text[start:], newline=None)
        rows = np.loadtxt(file, delimiter=separator or None, comments=None, ndmin=2)
    except ValueError:
        rows = np.array(_rows(source, text, start, separator))
    if rows.size == 1:
        return float(rows[0, 0])
    return rows.ravel() if 1 in rows.shape else rows


def _rows(source: Source, text: str, start: int, separator: str) -> list[list[float]]:
    rows: list[list[float]] = []
    for line in LINE.finditer(text, start):
        row = []
        for place, cell in _cells(text, *line.span(), separator):
            number = _number(cell)
            if number is None:
                raise _no_number(source, place, cell, separator)
            row.append(number)
        if rows and len(row) != len(rows[0]):
            first = LINE.search(text, start)
            assert first is not None
            have, wanted = counted(len(row)), counted(len(rows[0]))
            raise GradcalcError(
                "ragged",
                f"a row has {have}, and the first row {wanted}",
                [Span(*line.span(), have), Span(*first.span(), wanted)],
                help="the entries of an array have one shape",
                source=source,
            )
        rows.append(row)
    return rows


def _check_header(
    source: Source, text: str, header: tuple[int, int], row: tuple[int, int], separator: str
) -> None:
    """Raise GradcalcError where a header has other than a name for each entry of the row below."""
    names, entries = (sum(1 for _ in _cells(text, *line, separator)) for line in (header, row))
    # Nothing separates the cells of a single column, and there may be blanks in its name.
    if names == entries or (entries == 1 and not separator):
        return
    named, have = counted(names, "name"), counted(entries)
    raise GradcalcError(
        "ragged",
        f"the header has {named}, and the first row {have}",
        [Span(*header, named), Span(*row, have)],
        help=HEADER,
        source=source,
    )


def _no_number(source: Source, place: int, cell: str, separator: str) -> GradcalcError:
    content = _content(cell)
    message, help = f'"{shorten(content, 40)}" is no number', SEPARATED
    if not content:
        message, help = "a cell is empty", "every cell has a number; nan is one"
    elif comma := DECIMAL_COMMA.fullmatch(content):
        help = f"the decimal sign is a point: {comma[1]}.{comma[2]}"
    elif separator:
        help = f"the numbers of this file are separated by {SEPARATORS[separator]}"
    spans = [Span(place, place + len(cell))]
    return GradcalcError("bad-value", message, spans, help=help, source=source)
