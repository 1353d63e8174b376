"""Worksheets in every format: a table with blanks, or filled in, and a file for the answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from gradcalc import ops
from gradcalc.render import Style
from gradcalc.render.markdown import code
from gradcalc.render.rows import head, is_number, local_lines, number, shape_text
from gradcalc.report import Node, Value
from gradcalc.services.check.worksheet import Cell, Line, Worksheet
from gradcalc.services.check.worksheet_reading import OF, PROBLEM, UPSTREAM
from gradcalc.source import visible
from gradcalc.syntax.literals import format_value

COLUMNS = ("node", "value", "local gradient", "upstream gradient")
BLANK = "______"
#: A blank in every entry is shown of arrays up to this size.
SMALL = 36
#: The lines of a local gradient are not broken: nothing in them is a number to be lost.
WIDTH = 100


class Local(NamedTuple):
    """A local gradient: what stands in front, its formula, and its value (empty of an array).

    Of a structural gate the formula is that of the downstream gradient, and the value None.
    """

    operand: str
    formula: str
    value: str | None


def locals_of(sheet: Worksheet, line: Line, style: Style) -> list[Local]:
    """The local gradients of a node."""
    structural = bool(line.local) and not ops.row(line.node.op).elementwise
    return [
        Local(
            sheet.report.reference(operand),
            formula,
            None if structural else number(value, style) if is_number(value) else "",
        )
        for operand, formula, value in line.local
    ]


def has_backward(sheet: Worksheet) -> bool:
    """Whether the backward pass is asked for; if not, its columns are left out."""
    return "gradients" in sheet.asked


def what(node: Node) -> str:
    """``q = x + y``."""
    return f"{node.name} = {node.expression}" if node.name and node.operands else node.expression


# Markdown


def markdown(sheets: Sequence[Worksheet], style: Style, solution: bool) -> Iterator[str]:
    """A fenced program and a table for each worksheet.

    Numbers that are given are code, so that those that were filled in can be told from them.
    """
    for place, sheet in enumerate(sheets):
        yield "\n" if place else ""
        yield f"```gradcalc\n{sheet.program}\n```\n\n"
        shapes = any(line.node.shape for line in sheet.lines)
        backward = has_backward(sheet)
        columns = [COLUMNS[0], *["shape"] * shapes, *COLUMNS[1 : 4 if backward else 2]]
        yield f"| {' | '.join(columns)} |\n"
        yield f"|{'|'.join(' ---: ' if c in COLUMNS[1::2] else ' :--- ' for c in columns)}|\n"
        for line in sheet.lines:
            cells = [code(what(line.node)), *[shape_text(line.node.shape)] * shapes]
            cells.append(_in_markdown(line.value, style, solution))
            if backward:
                cells.append("<br>".join(_locals_in_markdown(sheet, line, style, solution)))
                cells.append(_in_markdown(line.upstream, style, solution))
            yield f"| {' | '.join(cells)} |\n"


def _in_markdown(cell: Cell | None, style: Style, solution: bool) -> str:
    if cell is None:
        return ""
    if cell.asked and not solution:
        return BLANK
    text = one_line(cell.value, style)
    return text if cell.asked else code(text)


def _locals_in_markdown(
    sheet: Worksheet, line: Line, style: Style, solution: bool
) -> Iterator[str]:
    for local in locals_of(sheet, line, style):
        if not solution:
            structural = local.value is None
            yield f"{code(head(local.operand, structural))}{'' if structural else ' ='} {BLANK}"
        else:
            yield from map(code, local_lines(*local, WIDTH))


def one_line(value: Value, style: Style) -> str:
    """A number, or an array as nested lists."""
    if is_number(value):
        return number(value, style)
    if value.size > SMALL:
        return format_value(value, style.precision)
    from gradcalc.render.blocks import inline

    return inline(value, style, value.size * 30) or format_value(value, style.precision)


# The file for the answers


def problem(sheets: Sequence[Worksheet], style: Style, solution: bool) -> Iterator[str]:
    """The problems as one program, with the values of their inputs."""
    for place, sheet in enumerate(sheets):
        yield f"{'---' + chr(10) if place else ''}{sheet.program}\n"


def answers(sheets: Sequence[Worksheet], style: Style, solution: bool) -> Iterator[str]:
    """The lines ``NAME = VALUE`` for every number that is asked for, below the problem."""
    for place, sheet in enumerate(sheets):
        yield f"\n---\n{PROBLEM}\n" if place else f"{PROBLEM}\n"
        for line in sheet.program.split("\n"):
            yield f"#   {line}\n"
        if sheet.of is not None:
            yield f"{OF} {sheet.of}\n"
        if sheet.arriving is not None:
            yield f"{UPSTREAM} {format_value(sheet.arriving)}\n"
        if not place:
            yield "# Write each number behind its equals sign; what is left empty is missing.\n"
        forward = [(line, line.value) for line in sheet.lines if line.node.op != "input"]
        yield from _part("Forward pass: the values", forward, style, solution)
        if has_backward(sheet):
            # The way that backpropagation goes.
            backward = [(line, line.upstream) for line in reversed(sheet.lines) if line.upstream]
            title = f"Backward pass: the gradients of {sheet.report.output or 'the output'}"
            yield from _part(title, backward, style, solution)


def _part(
    title: str, cells: Sequence[tuple[Line, Cell]], style: Style, solution: bool
) -> Iterator[str]:
    yield f"\n# {title}\n"
    for line, cell in cells:
        node = line.node
        about = visible(what(node))
        if not cell.quantity:
            yield f"# not asked, as it has no name and is too long for one: {about}\n"
        elif not cell.asked:
            yield f"# given: {cell.quantity} = {one_line(cell.value, style)}\n"
        else:
            kind = "value" if cell is line.value else "gradient"
            shape = f" ({shape_text(node.shape)})" if node.shape else ""
            yield f"# {kind} of {about}{shape}\n"
            yield f"{cell.quantity} = {one_line(cell.value, style) if solution else ''}\n"


Renderer = Callable[[Sequence[Worksheet], Style, bool], Iterable[str]]
