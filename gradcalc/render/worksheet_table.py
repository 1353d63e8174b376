"""Worksheets as plain text, drawn by rich: to be printed, or sent in a message."""

from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import Literal

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.rows import head, is_number, local_lines, number, shape_text
from gradcalc.render.worksheet import (
    BLANK,
    COLUMNS,
    SMALL,
    has_backward,
    locals_of,
    what,
)
from gradcalc.report import Value
from gradcalc.services.check.worksheet import Cell, Line, Worksheet
from gradcalc.source import visible, width
from gradcalc.syntax.printer import shorten

#: On a narrower terminal, lines run over its edge: better than numbers cut short.
NARROWEST = 60
#: What the local gradients, and an array, take at most.
LOCAL, ARRAY = 34, 40
#: What the texts of the nodes get at least, if they need it.
NODE = 20
MOST_ROWS = 6


def text(sheets: Sequence[Worksheet], style: Style, solution: bool) -> Iterator[str]:
    """The statements of each problem, and its table."""
    columns = max(NARROWEST, Console().width)
    for place, sheet in enumerate(sheets):
        yield "\n" if place else ""
        if len(sheets) > 1:
            yield f"problem {place + 1}\n"
        for line in sheet.program.split("\n")[-sheet.statements :]:
            yield f"{visible(line)}\n"
        yield _drawn(_table(sheet, style, solution, columns))


def _drawn(table: Table) -> str:
    """The table as text, wider than the terminal where it does not fit."""
    out = StringIO()
    Console(file=out, width=10_000, color_system=None, force_terminal=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _table(sheet: Worksheet, style: Style, solution: bool, columns: int) -> Table:
    shapes = any(line.node.shape for line in sheet.lines)
    backward = has_backward(sheet)
    # Whoever reads it back is to know what was given.
    value = COLUMNS[1] if "values" in sheet.asked else f"given {COLUMNS[1]}"
    titles = [COLUMNS[0], *["shape"] * shapes, value, *(COLUMNS[2:] if backward else ())]
    rows = []
    for line in sheet.lines:
        cells = [[visible(what(line.node))], *[[shape_text(line.node.shape)]] * shapes]
        cells.append(_cell(line.value, style, solution))
        if backward:
            cells.append([visible(text) for text in _locals(sheet, line, style, solution)])
            cells.append(_cell(line.upstream, style, solution))
        rows.append(cells)
    table = Table(box=HORIZONTALS, padding=(0, 1, 0, 0))
    widths = [
        max(map(width, (title, *chain(*cells))))
        for title, *cells in zip(titles, *rows, strict=True)
    ]
    # The text of the nodes gets what the numbers leave of the width.
    room = columns - sum(widths[1:]) - 2 * len(widths) - 1
    table.add_column(
        titles[0], overflow="fold", width=max(min(widths[0], room), min(widths[0], NODE))
    )
    for title, needed in zip(titles[1:], widths[1:], strict=True):
        side: Literal["left", "right"] = "right" if title in (value, COLUMNS[3]) else "left"
        table.add_column(title, justify=side, width=needed)
    for row in rows:
        table.add_row(*(Text("\n".join(lines)) for lines in row))
    return table


def _cell(cell: Cell | None, style: Style, solution: bool) -> list[str]:
    if cell is None:
        return []
    return _blanks(cell.value) if cell.asked and not solution else _value(cell.value, style)


def _value(value: Value, style: Style) -> list[str]:
    if is_number(value):
        return [number(value, style)]
    from gradcalc.render.blocks import Blocks

    return Blocks(value).block(style, ARRAY).lines


def _blanks(value: Value) -> list[str]:
    """A blank for a number, and for every entry of a small array."""
    shape = () if is_number(value) else value.shape
    if not shape or len(shape) > 2 or value.size > SMALL or not value.size:
        return [BLANK]
    rows = shape[0] if len(shape) == 2 else 1
    columns = shape[-1]
    if rows > MOST_ROWS or columns > MOST_ROWS:
        return [BLANK]
    return [f"[{'  '.join(['____'] * columns)}]"] * rows


def _locals(sheet: Worksheet, line: Line, style: Style, solution: bool) -> Iterator[str]:
    for local in locals_of(sheet, line, style):
        if solution:
            yield from local_lines(*local, LOCAL)
            continue
        structural = local.value is None
        operand = shorten(head(local.operand, structural), LOCAL - len(BLANK) - 3)
        yield f"{operand}{'' if structural else ' ='} {BLANK}"
