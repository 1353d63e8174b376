"""The parts of a report as LaTeX formulas, for the formats that have mathematics."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gradcalc import ops
from gradcalc.render import Style
from gradcalc.render.rows import WHOLE, gradients, is_number, number, passed
from gradcalc.report import Derived, Node, Report, Value
from gradcalc.syntax.latex.printer import formula, latex
from gradcalc.syntax.latex.typeset import number as number_in_latex
from gradcalc.syntax.latex.typeset import symbol
from gradcalc.syntax.printer import shorten

#: The longest text that is set as a formula in a cell, and the longest array.
WIDTH, CELL = 60, 60
#: The longest value that is.
RESULT = 120
#: What brackets must grow around.
TALL = re.compile(r"\\(?:frac|begin|sum|prod)\b")
#: How many axes each name has.
Arrays = Mapping[str, int]


class Equation(NamedTuple):
    """A left side, and how its value follows: ``= -4``, or ``\\in \\mathbb{R}^{2 \\times 3}``."""

    left: str
    right: str


def arrays_of(report: Report) -> dict[str, int]:
    """How many axes each name has that is an array."""
    ranks = ((name, len(getattr(v, "shape", ()))) for name, v in report.named_values().items())
    return {name: rank for name, rank in ranks if rank}


def value(found: Value, style: Style) -> str:
    """A number or a small array; an empty text for another one."""
    if is_number(found):
        return number_in_latex(number(found, style))
    if not found.size:
        return "[]"
    from gradcalc.render.blocks import DIGITS, inline

    styles = [style] if style.precision is not None else [style, *map(Style, DIGITS[1:])]
    texts = (inline(found, style, CELL) for style in styles)
    return next((latex(text) for text in texts if text), "")


def space(shape: tuple[int, ...]) -> str:
    """The arrays of a shape."""
    return rf"\mathbb{{R}}^{{{size(shape)}}}"


def size(shape: tuple[int, ...]) -> str:
    """``2 \\times 3``."""
    return r" \times ".join(map(str, shape))


def gradient(report: Report, name: str) -> str:
    """The name of a gradient."""
    return rf"\frac{{\partial {symbol(report.output or 'f')}}}{{\partial {symbol(name)}}}"


def what(node: Node, arrays: Arrays) -> str | None:
    """A node, with its name; None where it is too long, or has no formula."""
    text = f"{node.name} = {node.expression}" if node.name and node.operands else node.expression
    return formula(text, arrays) if len(text) <= WIDTH else None


class Local(NamedTuple):
    """A local gradient, or what a structural gate passes to an operand.

    Attributes:
        head: ``\\partial / \\partial x``; of a structural gate the operand alone.
        parts: formulas and, at the odd places, words.
    """

    head: str
    structural: bool
    parts: tuple[str, ...]


def local_gradients(
    report: Report, node: Node, style: Style, arrays: Arrays
) -> Iterator[Local | None]:
    """Those of a node, in order; None where one has no formula."""
    structural = bool(node.local) and not ops.row(node.op).elementwise
    known = {**arrays, "upstream": len(node.shape)}
    for operand, text, found in node.local:
        reference = report.reference(operand)
        by = formula(reference, known) if len(reference) <= WIDTH else None
        if structural:
            told = passed(node, text)
            parts = [part if i % 2 else _short(part, known) for i, part in enumerate(told)]
        else:
            parts = [_short(text, known)]
            shown = _shown(text, found, style)
            if shown != parts[0]:
                parts[0] = f"{parts[0]} = {shown}" if shown and parts[0] else parts[0]
        if by is None or not all(parts):
            yield None
            continue
        if not structural:
            if not reference.isidentifier():
                by = rf"\left({by}\right)" if TALL.search(by) else f"({by})"
            by = rf"\partial / \partial {by}"
        yield Local(by, structural, tuple(parts))


def _short(text: str, arrays: Arrays) -> str:
    return (formula(text, arrays) if len(text) <= WIDTH else None) or ""


def _shown(text: str, found: Value, style: Style) -> str:
    """The value of a local gradient, but of big arrays."""
    if is_number(found):
        return value(found, style)
    from gradcalc.render.blocks import is_shown

    return value(found, style) if is_shown(text, found) else ""


def outcome(report: Report, style: Style, arrays: Arrays) -> Equation:
    """The output and its value."""
    text = report.expression
    short = text if len(text) <= RESULT else shorten(text, WIDTH)
    left, right = latex(short, arrays), _right(report.value, style)
    if right == f"= {left}":
        right = ""
    if report.output not in (None, text):
        left = f"{symbol(report.output or '')} = {left}"
    return Equation(left, right)


def results(report: Report, style: Style) -> Iterator[Equation]:
    """The value, the gradients and the other derivatives."""
    arrays = arrays_of(report)
    yield outcome(report, style, arrays)
    asked = gradients(report)
    for found in asked if style.all_nodes else asked[:WHOLE]:
        yield Equation(gradient(report, found.name), _right(found.value, style))
    for derived in report.derived:
        yield Equation(label(report, derived), _right(derived.value, style))


def _right(found: Value, style: Style) -> str:
    if text := value(found, style):
        return f"= {text}"
    from gradcalc.render.blocks import norm

    length = number_in_latex(number(norm(found), style))
    return rf"\in {space(found.shape)}, \quad \lVert \cdot \rVert = {length}"


def label(report: Report, found: Derived) -> str:
    """A derivative beyond the gradients."""
    of = symbol(report.output or "f")
    names = [rf"\partial {symbol(name)}" for name in found.names]
    if found.kind == "jacobian":
        return rf"\frac{{\partial {of}}}{{{names[0]}}}"
    if found.kind == "hessian":
        first, second = names
        below = f"{first}^{{2}}" if first == second else f"{first} {second}"
        return rf"\frac{{\partial^{{2}} {of}}}{{{below}}}"
    of = gradient(report, found.names[0]) if found.kind == "hvp" else of
    return rf"\text{{change of }} {of}"
