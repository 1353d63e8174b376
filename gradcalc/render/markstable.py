"""Marks as a table on the terminal, drawn by rich."""

from collections.abc import Iterator

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.marks import Line, diagnosis, heading, remarks, total
from gradcalc.render.table import NARROWEST, printed
from gradcalc.services.check.marks import ALL, Marks
from gradcalc.source import visible

COLOURS = {"right": "green", "carried": "yellow", "missing": "", "repeated": "yellow"}


def render(marks: Marks, style: Style) -> Iterator[str]:
    """The marks, for the terminal."""
    return printed(lambda console: _show(marks, style, console))


def _show(marks: Marks, style: Style, console: Console) -> None:
    console.width = max(console.width, NARROWEST)
    console.print(Text(visible(heading(marks)), "bold"))
    table = Table(box=HORIZONTALS, header_style="bold", padding=(0, 1, 0, 0))
    key = marks.hints >= ALL
    table.add_column("quantity", overflow="fold")
    table.add_column("given", justify="right", overflow="fold")
    if key:
        table.add_column("expected", justify="right", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for item in marks.items:
        line = Line(item, style)
        cells = [line.quantity, line.given, *([line.expected] if key else [])]
        colour = COLOURS.get(item.verdict, "red")
        table.add_row(*map(Text, cells), Text(line.verdict, colour), Text(line.points))
    console.print(table)
    console.print(Text(total(marks), "bold"))
    for title, lines in (("", [*remarks(marks)]), ("What went wrong", [*diagnosis(marks)])):
        if lines:
            console.print()
        if lines and title:
            console.print(Text(title, "bold"))
        for text in lines:
            console.print(Text(text), soft_wrap=not title)
