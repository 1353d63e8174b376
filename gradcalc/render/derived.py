"""Jacobians, Hessians and their products with directions, below a table."""

from collections.abc import Iterator

from gradcalc.render import Style
from gradcalc.render.rows import is_number, number, shape_text
from gradcalc.report import Derived, Report, Value


def label(report: Report, found: Derived) -> str:
    """Its name for people: ``∂²f/∂x∂y``. ∂f/∂x alone is the gradient."""
    of = report.output or "f"
    if found.kind == "jacobian":
        return f"Jacobian ∂{of}/∂{found.names[0]}"
    if found.kind == "hessian":
        first, second = found.names
        return f"∂²{of}/∂{first}²" if first == second else f"∂²{of}/∂{first}∂{second}"
    if found.kind == "hvp":
        return f"change of d{of}/d{found.names[0]}"
    return f"change of {of}"


def lines(report: Report, style: Style, width: int) -> Iterator[str]:
    """Each with its value, a matrix a row a line."""
    labels = [_labelled(label(report, found), found.value) for found in report.derived]
    longest = max(map(len, labels), default=0)
    for text, found in zip(labels, report.derived, strict=True):
        head = f"{text:{longest}}  = "
        for place, line in enumerate(block(found.value, style, width - len(head))):
            yield (" " * len(head) if place else head) + line


def _labelled(text: str, value: Value) -> str:
    return text if is_number(value) else f"{text} ({shape_text(value.shape)})"


def block(value: Value, style: Style, width: int) -> list[str]:
    """The lines of a number or an array."""
    if is_number(value):
        return [number(value, style)]
    from gradcalc.render.blocks import Blocks

    return Blocks(value).block(style, width).lines
