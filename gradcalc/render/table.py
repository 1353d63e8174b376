"""The table on the terminal, drawn by rich."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.rows import (
    WHOLE,
    Row,
    gradients,
    left_out,
    local_lines,
    number,
    rows,
    title,
)
from gradcalc.report import Report
from gradcalc.source import visible
from gradcalc.syntax.printer import shorten

#: Columns of the terminal that lie between those of the table.
GAPS = 11
#: What the two columns of text get at least.
NARROWEST_NODE, NARROWEST_LOCAL = 12, 18
#: On a narrower terminal, lines run over its edge: better than numbers cut short.
NARROWEST = 60


def printed(show: Callable[[Console], None]) -> Iterator[str]:
    """What is shown, as the console of the standard output has it."""
    # Text from the user is data: no markup, no emoji codes, no highlighting of what looks special.
    console = Console(markup=False, emoji=False, highlight=False)
    with console.capture() as text:
        show(console)
    yield text.get()


def render(reports: Sequence[Report], style: Style) -> Iterator[str]:
    """Every report, for the terminal."""
    return printed(lambda console: show(reports, style, console))


def show(reports: Sequence[Report], style: Style, console: Console) -> None:
    """Print every report to the console."""
    if console.width < NARROWEST:
        console.width = NARROWEST
    several = len({report.problem for report in reports}) > 1
    for place, report in enumerate(reports):
        if place:
            console.print()
        if report.place:
            console.print(Text(visible(shorten(report.place, console.width))))
        elif several:
            console.print(Text(f"problem {report.problem}"))
        console.print(Text(visible(title(report, style, console.width)), "bold"))
        if report.verification:
            from gradcalc.render import verification

            verification.show(report.verification, style, console)
            continue
        shown = list(rows(report, style))
        if any(row.node.shape for row in shown):
            from gradcalc.render import arraytable

            arraytable.show(report, shown, style, console)
        else:
            width = console.width
            console.width = max(width, _least_width(shown))
            console.print(_graph(shown, width))
            console.width = width
            console.print(_gradients(report, style))
        if report.derived:
            from gradcalc.render import derived

            for line in derived.lines(report, style, console.width):
                console.print(Text(visible(line)), soft_wrap=True)
        if note := left_out(report, style):
            console.print(Text(note))


def _least_width(shown: Sequence[Row]) -> int:
    """The width below which a number would have to be cut."""
    return (
        GAPS
        + len("node")
        + _widest("value", (row.value for row in shown))
        + _widest("upstream", (row.upstream for row in shown))
        + _widest_local(shown)
    )


def _widest_local(shown: Iterable[Row]) -> int:
    """What a number in the column of local gradients takes, on a line of its own."""
    return max(
        (len(f"  = {value}") for row in shown for *_, value in row.local if value), default=0
    )


def _graph(shown: Sequence[Row], width: int) -> Table:
    """The table of nodes; the columns of text share what the numbers leave of the width.

    Numbers are never cut. Where too little is left beside them, what the gates do is left out.
    """
    value = _widest("value", (row.value for row in shown))
    upstream = _widest("upstream", (row.upstream for row in shown))
    gate = _widest("gate", (line for row in shown for line in row.gate.split("; ")))
    numbers = _widest_local(shown)
    narrowest = max(NARROWEST_LOCAL, numbers)
    room = width - GAPS - value - upstream - gate
    with_gate = room >= NARROWEST_NODE + narrowest
    if not with_gate:
        room += gate + 2
    node = max(len(row.what) for row in shown)
    local = max((len(local_lines(*local)[0]) for row in shown for local in row.local), default=0)
    # Each column gets what it needs, the node's at least a third where there is not enough.
    node_room = max(NARROWEST_NODE, min(node, max(room // 3, room - local)))
    local_room = max(narrowest, room - node_room)
    table = Table(box=HORIZONTALS, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("node", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True, min_width=value)
    table.add_column("local gradient", no_wrap=True, min_width=numbers)
    table.add_column("upstream", justify="right", no_wrap=True, min_width=upstream)
    if with_gate:
        table.add_column("gate", no_wrap=True)
    for row in shown:
        cells = list(_cells(row, node_room, local_room))
        table.add_row(*cells if with_gate else cells[:-1])
    return table


def _widest(title: str, texts: Iterable[str]) -> int:
    return max(len(title), *map(len, texts))


def _cells(row: Row, node_room: int, local_room: int) -> Iterable[Text]:
    of_input = "bold cyan" if row.node.op == "input" else ""
    lines = [line for local in row.local for line in local_lines(*local, local_room)]
    yield Text(visible(shorten(row.what, node_room)), of_input)
    yield Text(row.value)
    yield Text("\n".join(map(visible, lines)))
    yield Text(row.upstream, of_input)
    yield Text(row.gate.replace("; ", "\n"))


def _gradients(report: Report, style: Style) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    shown = gradients(report)
    for label, name, at, gradient in shown if style.all_nodes else shown[:WHOLE]:
        table.add_row(
            Text(visible(label), "bold cyan"),
            Text(f"= {number(gradient, style)}", "bold cyan"),
            Text(visible(f"at {name} = {number(at, style)}")),
        )
    return table
