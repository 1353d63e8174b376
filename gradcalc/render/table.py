"""The table on the terminal, drawn by rich."""

from collections.abc import Iterable

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.rows import Row, gradients, left_out, local_text, rows, title
from gradcalc.report import Report
from gradcalc.source import visible
from gradcalc.syntax.printer import shorten


def show(reports: Iterable[Report], style: Style, console: Console | None = None) -> None:
    """Print every report to the console, by default the standard output."""
    # Text from the user is data: no markup, no emoji codes, no highlighting of what looks special.
    console = console or Console(markup=False, emoji=False, highlight=False, soft_wrap=False)
    reports = list(reports)
    several = reports[-1].problem > 1 if reports else False
    for place, report in enumerate(reports):
        if place:
            console.print()
        if several:
            console.print(Text(f"problem {report.problem}", "dim"))
        console.print(Text(visible(title(report, style, console.width)), "bold"))
        console.print(_graph(report, style, console.width))
        console.print(_gradients(report, style))
        if note := left_out(report, style):
            console.print(Text(note))


def _graph(report: Report, style: Style, width: int) -> Table:
    shown = list(rows(report, style))
    table = Table(box=ROUNDED, pad_edge=True, header_style="bold")
    numbers = max((len(r.value) for r in shown), default=0), max(
        (len(r.upstream) for r in shown), default=0
    )
    gate = max((len(r.gate) for r in shown), default=0)
    # What is left of the width for the two columns of text, next to borders and padding.
    room = width - 16 - max(5, numbers[0]) - max(8, numbers[1]) - max(4, gate)
    what_room = min(max((len(r.what) for r in shown), default=0), max(14, room * 2 // 5))
    local_room = max(18, room - what_room)
    table.add_column("node", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("local gradient", no_wrap=True)
    table.add_column("upstream", justify="right", no_wrap=True)
    table.add_column("gate")
    for row in shown:
        table.add_row(*_cells(row, what_room, local_room))
    return table


def _cells(row: Row, what_room: int, local_room: int) -> list[Text]:
    is_input = row.node.op == "input"
    local = "\n".join(visible(local_text(*local, local_room)) for local in row.local)
    return [
        Text(visible(shorten(row.what, what_room)), "bold cyan" if is_input else ""),
        Text(row.value),
        Text(local),
        Text(row.upstream, "bold cyan" if is_input else ""),
        Text(row.gate, "dim" if row.node.op == "constant" else ""),
    ]


def _gradients(report: Report, style: Style) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    shown = gradients(report, style)
    for name, at, gradient in shown if style.all_nodes else shown[:200]:
        table.add_row(
            Text(visible(name), "bold cyan"),
            Text(f"= {gradient}", "bold cyan"),
            Text(visible(f"at {at}"), "dim"),
        )
    return table
