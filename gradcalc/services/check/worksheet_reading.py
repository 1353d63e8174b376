"""Reading a worksheet back: the problem in the head of a file of answers, and a filled table."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gradcalc.services.check.reading import Entry
from gradcalc.source import Source

#: The lines of comments that the head is made of.
PROBLEM, OF, UPSTREAM = "# problem:", "# of:", "# upstream:"
INDENT = "#   "
FENCE = re.compile(r"^```gradcalc[ \t]*\r?\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: The first line of a table, and a cell: a bar that is escaped, or inside of code, ends none.
TABLE = re.compile(r"^[ \t]*\|[ \t]*node[ \t]*\|.*\bvalue\b.*$", re.MULTILINE)
CELL = re.compile(r"\|((?:\\.|[^|\\\r\n])*)(?=\|)")
CODE = re.compile(r"`([^`]*)`")
VALUE, GRADIENT = "value", "upstream gradient"


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
    """Whether a text is a worksheet in Markdown."""
    return TABLE.search(text) is not None


def table_entries(source: Source) -> Iterator[Entry]:
    """The answers in the tables of a worksheet in Markdown. What is code was given."""
    columns: list[str] = []
    rows = []
    start = 0
    for number, line in enumerate(source.text.splitlines(keepends=True), 1):
        here, start = start, start + len(line)
        cells = list(CELL.finditer(line)) if line.lstrip().startswith("|") else []
        if TABLE.match(line.rstrip("\r\n")):
            columns = [cell[1].strip() for cell in cells]
        elif not cells:
            columns = []
        elif columns and (node := CODE.search(cells[0][1])):
            pairs = dict(zip(columns, cells, strict=False))
            rows.append((_name(node[1]), pairs, number, here))
    # The last node is the output, which may have no name: f is what any output is called.
    names = {name for name, *_ in rows}
    output = rows[-1][0] if rows and rows[-1][0].isidentifier() else "f"
    for name, pairs, number, here in rows:
        gradient = f"d{output}/d{name}" if f"d{name}" in names else f"d{name}"
        for column, called in ((VALUE, name), (GRADIENT, gradient)):
            cell = pairs.get(column)
            text = cell[1].strip() if cell else ""
            if cell and text and not text.startswith("`"):
                at = here + cell.start(1) + cell[1].index(text)
                yield Entry(called, text, source, at, here + pairs["node"].start(1), number)


def _name(node: str) -> str:
    """What a node is called, by its cell: ``q`` of ``q = x + y``, or its expression."""
    node = node.replace("\\|", "|")
    name, equals, _ = node.partition(" = ")
    return name if equals or name.isidentifier() else f"({name})"
