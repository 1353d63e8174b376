"""CSV: a row for each node of each report."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from gradcalc.render import Style
from gradcalc.report import Report, Value
from gradcalc.syntax.literals import format_value

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
    "shape",
)
#: A cell that starts with one of these is a formula to a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """A header and a line for each node; operands, local gradients and sizes are lists with ``;``.

    Arrays are nested lists. A Jacobian that is too big to be worked out is an empty text.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for node in report.nodes:
            writer.writerow(
                (
                    report.problem,
                    _text(report.output),
                    node.id,
                    _text(node.name),
                    _text(node.expression),
                    node.op,
                    ";".join(map(str, node.operands)),
                    format_value(node.value, style.precision),
                    ";".join(_number(local.value, style) for local in node.local),
                    _number(node.upstream, style),
                    node.pattern or "",
                    ";".join(map(str, node.shape)),
                )
            )
            if buffer.tell() > 1 << 16:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()


def _number(value: Value | None, style: Style) -> str:
    return "" if value is None else format_value(value, style.precision)


def _text(text: str | None) -> str:
    """A text cell that no spreadsheet takes for a formula: a leading sign gets an apostrophe."""
    text = text or ""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
