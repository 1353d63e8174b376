"""A Markdown table, for GitHub and notebooks."""

from collections.abc import Iterable, Iterator

from gradcalc.render import Style
from gradcalc.render.rows import gradients, left_out, local_lines, rows, title
from gradcalc.report import Report

WIDTH = 120


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """A heading, the table of nodes and the table of gradients of every report."""
    between = ""
    for report in reports:
        yield f"{between}**{_code(title(report, style, WIDTH))}**\n\n"
        yield "| node | value | local gradient | upstream | gate |\n"
        yield "| :--- | ---: | :--- | ---: | :--- |\n"
        for row in rows(report, style):
            lines = [line for local in row.local for line in local_lines(*local, WIDTH)]
            local = "<br>".join(map(_code, lines))
            cells = (_code(row.what), row.value, local, row.upstream, row.gate)
            yield f"| {' | '.join(cells)} |\n"
        yield "\n| gradient | value | at |\n| :--- | ---: | :--- |\n"
        for name, at, gradient in gradients(report, style):
            yield f"| {_code(name)} | {gradient} | {_code(at)} |\n"
        if note := left_out(report, style):
            yield f"\n{note}\n"
        between = "\n"


def _code(text: str) -> str:
    """Text as code, safe in a cell. The printer writes no backticks."""
    return f"`{text.replace('|', chr(92) + '|')}`"
