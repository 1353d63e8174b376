"""Markdown tables and formulas, for GitHub and notebooks.

A formula stands between dollar signs where nothing in it means something to Markdown, and else as
code in the native notation: GitHub reads the Markdown before the formula, and notebooks do not.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from gradcalc.render import Style, derived, equations
from gradcalc.render.equations import Arrays, arrays_of, local_gradients
from gradcalc.render.rows import (
    WHOLE,
    Gradient,
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
from gradcalc.source import visible
from gradcalc.syntax.latex.typeset import symbol

WIDTH = 120
#: What an array takes at most, in a cell.
CELL = 60
#: What Markdown would take for an escape, emphasis, code or the end of a cell or formula. (An
#: underscore behind a letter begins no emphasis.)
MARKUP = re.compile(r"\\[^A-Za-z]|(?<![A-Za-z0-9])_|[*`|$~]|\]\(")

#: What is escaped in a sentence.
MEANINGFUL = re.compile(r"[\\`*_\[\]<>|$~]")


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """A heading, the table of nodes and the table of gradients of every report."""
    between = ""
    for report in reports:
        yield between
        if report.place:
            line, _, formula = report.place.partition(": ")
            yield f"{line}: {code(formula)}\n\n"
        yield f"{_title(report, style)}\n\n"
        between = "\n"
        if report.verification:
            from gradcalc.render.verification import markdown

            yield from markdown(report.verification, style)
            continue
        yield from _nodes(report, style)
        yield from _results(report, style)
        if note := left_out(report, style):
            yield f"\n{note}\n"


def _title(report: Report, style: Style) -> str:
    """The output and its value."""
    left, right = equations.outcome(report, style, arrays_of(report))
    return maths(f"{left} {right}") or f"**{code(title(report, style, WIDTH))}**"


def _nodes(report: Report, style: Style) -> Iterator[str]:
    shown = list(rows(report, style, partial(_array, style=style)))
    arrays = arrays_of(report)
    # Only programs with arrays have a column for shapes.
    shapes = any(row.node.shape for row in shown)
    yield f"| node |{' shape |' * shapes} value | local gradient | upstream | gate |\n"
    yield f"| :--- |{' :--- |' * shapes} ---: | :--- | ---: | :--- |\n"
    for row in shown:
        local = " <br> ".join(_local(report, row, style, arrays))
        what = maths(equations.what(row.node, arrays)) or code(row.what)
        cells = [what, row.value, local, row.upstream, MEANINGFUL.sub(r"\\\g<0>", row.gate)]
        if shapes:
            cells.insert(1, shape_text(row.node.shape))
        yield f"| {' | '.join(cells)} |\n"


def _local(report: Report, row: Row, style: Style, arrays: Arrays) -> Iterator[str]:
    """The lines of the local gradients; of arrays the formulas, and the values of small ones."""
    found = local_gradients(report, row.node, style, arrays)
    for local, one, (operand, formula, text) in zip(found, row.node.local, row.local, strict=True):
        if local and (line := _formula(local)):
            yield line
            continue
        if text == "":
            from gradcalc.render.blocks import inline, is_shown

            if is_shown(formula, one.value):
                text = inline(one.value, style, CELL)
        yield from map(code, local_lines(operand, formula, text, WIDTH))


def _formula(local: equations.Local) -> str:
    """A local gradient; nothing where a part of it cannot be a formula here."""
    if not local.structural:
        return maths(f"{local.head} = {local.parts[0]}")
    formulas = [maths(part) for part in (local.head, *local.parts[::2])]
    if not all(formulas):
        return ""
    head, *rest = formulas
    words = [*local.parts[1::2], ""]
    return f"to {head}: " + "".join(a + b for a, b in zip(rest, words, strict=False))


def _results(report: Report, style: Style) -> Iterator[str]:
    """The gradients and other derivatives: as formulas, and what has none here in tables."""
    asked = gradients(report)
    shown = asked if style.all_nodes else asked[:WHOLE]
    lines: list[str] = []
    others: list[Gradient] = []
    for found in shown:
        line = _equation(equations.gradient(report, found.name), found.value, style)
        at = maths(symbol(found.name)) and equations.value(found.at, style)
        if line and at:
            lines.append(rf"{line} & \text{{at }} {symbol(found.name)} &= {at}")
        else:
            others.append(found)
    rest = []
    for one in report.derived:
        if line := _equation(equations.label(report, one), one.value, style):
            lines.append(line)
        else:
            rest.append(one)
    if lines:
        inside = " \\cr\n".join(line.replace(r" \\ ", r" \cr ") for line in lines)
        yield f"\n$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$\n"
    if len(shown) < len(asked):
        yield f"\n{len(asked) - len(shown):,} more gradients\n"
    yield from _gradients(others, style)
    if rest:
        yield "\n| derivative | shape | value |\n| :--- | :--- | ---: |\n"
    for one in rest:
        value = one.value
        shape = "" if is_number(value) else shape_text(value.shape)
        cell = number(value, style) if is_number(value) else _array(value, style)
        yield f"| {code(derived.label(report, one))} | {shape} | {cell} |\n"


def _equation(left: str, value: Value, style: Style) -> str:
    """A derivative and its value; nothing where the one or the other cannot be a formula here."""
    text = equations.value(value, style)
    return f"{left} &= {text}" if text and maths(left) else ""


def _gradients(asked: Iterable[Gradient], style: Style) -> Iterator[str]:
    asked = list(asked)
    if not asked:
        return
    shapes = not all(is_number(gradient.value) for gradient in asked)
    yield f"\n| gradient |{' shape |' * shapes} value | at |\n"
    yield f"| :--- |{' :--- |' * shapes} ---: | :--- |\n"
    for label, name, at, value in asked:
        if is_number(value):
            cells = [code(label), number(value, style), code(f"{name} = {number(at, style)}")]
        else:
            cells = [code(label), _array(value, style), f"{code(name)} = {_array(at, style)}"]
        if shapes:
            cells.insert(1, "" if is_number(value) else shape_text(value.shape))
        yield f"| {' | '.join(cells)} |\n"


def _array(value: Value, style: Style) -> str:
    """An array, a row a line, as code."""
    from gradcalc.render.blocks import LIST, Blocks

    return "<br>".join(map(code, Blocks(value, LIST).block(style, CELL).lines))


def code(text: str) -> str:
    """Text as code, safe in a cell."""
    text = visible(text).replace("|", r"\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"


def maths(formula: str | None) -> str:
    """LaTeX between dollar signs; nothing where Markdown would read some of it."""
    if not formula:
        return ""
    # GitHub knows no operatorname, and what stands in a line needs no backslash for a new row.
    formula = formula.replace(r"\operatorname{", r"\mathrm{").replace(r" \\ ", r" \cr ")
    return "" if MARKUP.search(formula) else f"${formula}$"
