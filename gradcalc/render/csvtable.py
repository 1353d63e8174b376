"""CSV: a row for each node of each report."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from gradcalc.render import Style
from gradcalc.report import Report
from gradcalc.syntax.printer import format_number

COLUMNS = (
    "problem",
    "output",
    "id",
    "name",
    "expression",
    "op",
    "operands",
    "value",
    "local",
    "upstream",
    "pattern",
)
#: A cell that starts with one of these is a formula to a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """A header and a line for each node. Operands and local gradients are separated by ``;``."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for node in report.nodes:
            upstream = node.upstream
            writer.writerow(
                (
                    report.problem,
                    _text(report.output),
                    node.id,
                    _text(node.name),
                    _text(node.expression),
                    node.op,
                    ";".join(map(str, node.operands)),
                    format_number(node.value, style.precision),
                    ";".join(format_number(local.value, style.precision) for local in node.local),
                    "" if upstream is None else format_number(upstream, style.precision),
                    node.pattern or "",
                )
            )
            if buffer.tell() > 1 << 16:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()


def _text(text: str | None) -> str:
    """A text cell that no spreadsheet takes for a formula: a leading sign gets an apostrophe."""
    text = text or ""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
