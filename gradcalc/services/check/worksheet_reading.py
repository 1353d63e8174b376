"""Reading a worksheet back: the problem in the head of a file of answers, and a filled table."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcalc.services.check.reading import BLANK, Entry
from gradcalc.source import Source
from gradcalc.syntax.names import is_name
from gradcalc.syntax.printer import shorten

#: The lines of comments that the head is made of.
PROBLEM, OF, UPSTREAM = "# problem:", "# of:", "# upstream:"
INDENT = "#   "
FENCE = re.compile(r"^```gradcalc[ \t]*\r?\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: The first line of a table, and a cell: a bar that is escaped, or inside of code, ends none.
TABLE = re.compile(r"^[ \t]*\|[ \t]*node[ \t]*\|.*\bvalue\b.*$", re.MULTILINE)
CELL = re.compile(r"\|((?:\\.|[^|\\\r\n])*)(?=\|)")
CODE = re.compile(r"`([^`]*)`")
VALUE, GRADIENT = "value", "upstream gradient"
#: The first line of a table in plain text, the lines around it, a cell, and one of the local
#: gradients.
DRAWN = re.compile(
    r"^ ?node +(?:shape +)?(?:given )?value(?: +local gradient +upstream gradient)? *$",
    re.MULTILINE,
)
RULE = "───"
DRAWN_CELL = re.compile(r"(?:\[[^\]]{0,999}\]|\S)+(?: (?:\[[^\]]{0,999}\]|\S)+)*")
LOCAL = re.compile(r"∂/∂|to |= ")


class Head(NamedTuple):
    """What the answers in a file are about.

    Attributes:
        program: the problems with the values of their inputs.
        of: the definition that is the output; empty if that is clear.
        upstream: what arrives at the output, as text; empty for 1.
    """

    program: str
    of: str = ""
    upstream: str = ""


def head(text: str) -> Head | None:
    """The problems of a worksheet, from the comments of a file of answers or from the fenced
    programs of a Markdown file; None where there are none."""
    problems: list[list[str]] = []
    of = upstream = ""
    inside = False
    for line in text.splitlines():
        if line.rstrip() == PROBLEM:
            problems.append([])
            inside = True
        elif inside and line.startswith(INDENT):
            problems[-1].append(line.removeprefix(INDENT))
        else:
            inside = False
            if line.startswith(OF):
                of = line.removeprefix(OF).strip()
            elif line.startswith(UPSTREAM):
                upstream = line.removeprefix(UPSTREAM).strip()
    programs = ["\n".join(lines) for lines in problems]
    if not programs and TABLE.search(text):
        programs = [match[1].rstrip() for match in FENCE.finditer(text)]
    return Head("\n---\n".join(programs), of, upstream) if programs else None


def is_table(text: str) -> bool:
    """Whether a text is a worksheet in Markdown, or one in plain text."""
    return TABLE.search(text) is not None or DRAWN.search(text) is not None


def table_entries(source: Source) -> Iterator[Entry]:
    """The answers in the tables of a worksheet. What was given is left out: in Markdown what is
    code, in plain text the values of the inputs and what arrives at the output."""
    drawn = TABLE.search(source.text) is None
    rows = list(_drawn_rows(source) if drawn else _markdown_rows(source))
    # The last node is the output, which may have no name: f is what any output is called.
    names = {row.name for row in rows}
    output = rows[-1].name if rows and is_name(rows[-1].name) else "f"
    for name, values in rows:
        gradient = f"d{output}/d{name}" if f"d{name}" in names else f"d{name}"
        for column, called in ((VALUE, name), (GRADIENT, gradient)):
            if column in values:
                yield values[column]._replace(name=called)


class _Row(NamedTuple):
    """What was filled in for a node, by column."""

    name: str
    answers: dict[str, Entry]


class _Drawn(NamedTuple):
    """A row of the table in plain text: the lines of its node, and of its cells by column."""

    node: list[str]
    cells: dict[str, list[str]]
    line: int

    def goes_on(self) -> bool:
        """Whether the expression of the node does not end with its line."""
        text = " ".join(self.node).rstrip()
        opened = sum(map(text.count, "([")) - sum(map(text.count, ")]"))
        return opened > 0 or text[-1:] in tuple("+-*/·^=,")


def _markdown_rows(source: Source) -> Iterator[_Row]:
    columns: list[str] = []
    start = 0
    for number, line in enumerate(source.text.splitlines(keepends=True), 1):
        here, start = start, start + len(line)
        cells = list(CELL.finditer(line)) if line.lstrip().startswith("|") else []
        if TABLE.match(line.rstrip("\r\n")):
            columns = [cell[1].strip() for cell in cells]
        elif not cells:
            columns = []
        elif columns and (node := CODE.search(cells[0][1])):
            answers = {}
            for column, cell in zip(columns, cells, strict=False):
                text = _filled(cell[1].strip())
                if text and not text.startswith("`"):
                    at = here + cell.start(1) + cell[1].index(text)
                    name_at = here + cells[0].start(1)
                    answers[column] = Entry("", text, source, at, name_at, number)
            yield _Row(_name(node[1]), answers)


def _drawn_rows(source: Source) -> Iterator[_Row]:
    """The rows of the table in plain text."""
    lines = source.text.splitlines()
    first = next(number for number, line in enumerate(lines) if DRAWN.match(line))
    header = lines[first]
    rows: list[_Drawn] = []
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if line.lstrip().startswith(RULE):
            if rows:
                break
        elif line.strip():
            node, cells, arrays = _drawn_cells(line, header)
            has_numbers = bool(cells[VALUE] or cells[GRADIENT])
            if not rows or (node and has_numbers and not rows[-1].goes_on()):
                rows.append(_Drawn([node], cells, number))
            else:  # the node, or its arrays, take several lines
                rows[-1].node.append(node)
                known = rows[-1].cells
                columns = [c for c in (VALUE, GRADIENT) if "[" in "".join(known[c])]
                for column, array in zip(columns, arrays, strict=False):
                    known[column].append(array)
    for row in rows:
        node = " ".join(filter(None, row.node))
        answers = {}
        for column, texts in row.cells.items():
            is_given = "given" in header or is_name(node)
            if column == GRADIENT:
                is_given = row is rows[-1]
            if texts and not is_given:
                text = _number(texts)
                own = Source(text, f"{source.name}, {shorten(node, 40)}")
                answers[column] = Entry("", text, own, 0, 0, row.line)
        yield _Row(_name(node), answers)


def _drawn_cells(line: str, header: str) -> tuple[str, dict[str, list[str]], list[str]]:
    """The node of a line, what stands in its columns, and all its arrays.

    Cells are at least two blanks apart. Only the node and the shape still stand where they stood:
    something of any length may have been written into the others.
    """
    found = list(DRAWN_CELL.finditer(line))
    node = "" if found[0].start() > header.index("node") else found.pop(0)[0]
    if found and found[0].start() == header.find("shape"):
        found.pop(0)
    texts = [cell[0] for cell in found]
    local = next((i for i, text in enumerate(texts) if LOCAL.match(text)), 1)
    numbers = [text for text in texts if not LOCAL.match(text)]
    before = numbers[:local][:1]
    cells = {VALUE: before, GRADIENT: numbers[len(before) :][:1]}
    return node, cells, [text for text in numbers if text.startswith("[")]


def _number(lines: Sequence[str]) -> str:
    """The text of a number, or of an array that was drawn without commas; of one with nothing but
    blanks in it an empty text."""
    if not lines[0].startswith("["):
        return _filled(lines[0])
    rows = [list(map(_filled, line.strip("[]").replace(",", " ").split())) for line in lines]
    if all(BLANK.fullmatch(entry) for row in rows for entry in row):
        return ""
    texts = [f"[{', '.join(row)}]" for row in rows]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _filled(text: str) -> str:
    """What was written into a blank, without what is left of that around it."""
    return text.strip("_ ") or text


def _name(node: str) -> str:
    """What a node is called, by its cell: ``q`` of ``q = x + y``, or its expression."""
    node = node.replace("\\|", "|")
    name, equals, _ = node.partition(" = ")
    return name if equals or is_name(name) else f"({name})"
