"""A Markdown table, for GitHub and notebooks."""

from collections.abc import Iterable, Iterator
from functools import partial

from gradcalc.render import Style, derived
from gradcalc.render.rows import (
    Row,
    gradients,
    is_number,
    left_out,
    local_lines,
    number,
    rows,
    shape_text,
    title,
)
from gradcalc.report import Report, Value

WIDTH = 120
#: What an array takes at most, in a cell.
CELL = 60


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """A heading, the table of nodes and the table of gradients of every report."""
    between = ""
    for report in reports:
        yield f"{between}**{_code(title(report, style, WIDTH))}**\n\n"
        between = "\n"
        if report.verification:
            from gradcalc.render.verification import markdown

            yield from markdown(report.verification, style)
            continue
        yield from _nodes(report, style)
        yield from _gradients(report, style)
        yield from _derived(report, style)
        if note := left_out(report, style):
            yield f"\n{note}\n"


def _nodes(report: Report, style: Style) -> Iterator[str]:
    shown = list(rows(report, style, partial(_array, style=style)))
    # Only programs with arrays have a column for shapes.
    shapes = any(row.node.shape for row in shown)
    yield f"| node |{' shape |' * shapes} value | local gradient | upstream | gate |\n"
    yield f"| :--- |{' :--- |' * shapes} ---: | :--- | ---: | :--- |\n"
    for row in shown:
        local = "<br>".join(map(_code, _local(row, style)))
        cells = [_code(row.what), row.value, local, row.upstream, row.gate]
        if shapes:
            cells.insert(1, shape_text(row.node.shape))
        yield f"| {' | '.join(cells)} |\n"


def _local(row: Row, style: Style) -> Iterator[str]:
    """The lines of the local gradients; of arrays the formulas, and the values of small ones."""
    for (operand, formula, text), local in zip(row.local, row.node.local, strict=True):
        if text == "":
            from gradcalc.render.blocks import inline, is_shown

            if is_shown(formula, local.value):
                text = inline(local.value, style, CELL)
        yield from local_lines(operand, formula, text, WIDTH)


def _gradients(report: Report, style: Style) -> Iterator[str]:
    asked = gradients(report)
    shapes = not all(is_number(gradient.value) for gradient in asked)
    yield f"\n| gradient |{' shape |' * shapes} value | at |\n"
    yield f"| :--- |{' :--- |' * shapes} ---: | :--- |\n"
    for label, name, at, value in asked:
        if is_number(value):
            cells = [_code(label), number(value, style), _code(f"{name} = {number(at, style)}")]
        else:
            cells = [_code(label), _array(value, style), f"{_code(name)} = {_array(at, style)}"]
        if shapes:
            cells.insert(1, "" if is_number(value) else shape_text(value.shape))
        yield f"| {' | '.join(cells)} |\n"


def _derived(report: Report, style: Style) -> Iterator[str]:
    if not report.derived:
        return
    yield "\n| derivative | shape | value |\n| :--- | :--- | ---: |\n"
    for found in report.derived:
        value = found.value
        shape = "" if is_number(value) else shape_text(value.shape)
        cell = number(value, style) if is_number(value) else _array(value, style)
        yield f"| {_code(derived.label(report, found))} | {shape} | {cell} |\n"


def _array(value: Value, style: Style) -> str:
    """An array, a row a line, as code."""
    from gradcalc.render.blocks import LIST, Blocks

    return "<br>".join(map(_code, Blocks(value, LIST).block(style, CELL).lines))


def _code(text: str) -> str:
    """Text as code, safe in a cell. The printer writes no backticks."""
    return f"`{text.replace('|', chr(92) + '|')}`"
