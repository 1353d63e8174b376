"""What the tables of every format say, in words."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gradcalc import ops
from gradcalc.ops.row import PATTERNS
from gradcalc.ops.shapes import Shape, spread_axes
from gradcalc.render import Style
from gradcalc.report import Node, Report, Value
from gradcalc.syntax.printer import format_number, shorten

#: A graph up to this size is shown whole.
WHOLE = 200
DIGITS = 6
#: Whole numbers below this are shown in full all the same.
EXACT = 1e10
#: An operand is called by so many characters where it is only mentioned.
MENTION = 10
#: A value that is the same in all entries of an array.
SPREAD = re.compile(r"broadcast_to\((.+?)((?:, \d+)+)\)")


class Row(NamedTuple):
    """One node: its texts for the columns, the local gradients as (operand, formula, value).

    The value of a local gradient is empty if it is an array, and None of a structural gate, whose
    formula is that of the downstream gradient.
    """

    node: Node
    what: str
    value: str
    local: tuple[tuple[str, str, str | None], ...]
    upstream: str
    gate: str


def rows(
    report: Report, style: Style, array: Callable[[Value], str] | None = None
) -> Iterator[Row]:
    """A row for each node that is to be shown.

    Args:
        array: how an array is written; not at all if not given.
    """
    for node in shown(report, style):
        yield row(report, node, style, array)


def shown(report: Report, style: Style) -> Iterable[Node]:
    """All nodes, or of a big graph the inputs, definitions and the output, WHOLE at the most."""
    nodes = report.nodes
    if style.all_nodes or len(nodes) <= WHOLE:
        return nodes
    landmarks = report.landmarks()
    return [nodes[id] for id in (*landmarks[: WHOLE - 1], *landmarks[WHOLE - 1 :][-1:])]


def left_out(report: Report, style: Style) -> str:
    """What to say of the nodes that are not shown; an empty text if all are."""
    total = len(report.nodes)
    if style.all_nodes or total <= WHOLE:
        return ""
    landmarks = len(report.landmarks())
    which = "inputs, definitions and the output"
    if landmarks > WHOLE:
        which = f"{WHOLE} of {landmarks:,} {which}"
    return f"{total:,} nodes; shown: {which}. --all-nodes shows every node, --format json too."


def row(
    report: Report, node: Node, style: Style, array: Callable[[Value], str] | None = None
) -> Row:
    """The texts of one node."""

    def text(value: Value) -> str:
        if is_number(value):
            return number(value, style)
        return array(value) if array else ""

    structural = bool(node.local) and not ops.row(node.op).elementwise
    return Row(
        node=node,
        what=f"{node.name} = {node.expression}" if node.name and node.operands else node.expression,
        value=text(node.value),
        local=tuple(
            (report.reference(o), "".join(passed(node, formula)), None)
            if structural
            else (report.reference(o), formula, number(value, style) if is_number(value) else "")
            for o, formula, value in node.local
        ),
        upstream="" if node.upstream is None else text(node.upstream),
        gate=_gate(report, node),
    )


def is_number(value: Value) -> bool:
    """Whether a value is a number, and no array."""
    return not getattr(value, "shape", ())


def _gate(report: Report, node: Node) -> str:
    if node.op == "constant":
        return "constant"
    words = PATTERNS.get(node.pattern or "", "") if node.op != "input" else "input"
    if node.shape and node.local and ops.row(node.op).elementwise:
        words = "; ".join((words, *_spread(report, node)))
    uses = report.nodes.uses(node.id)
    return f"{words}; adds up {uses}" if uses > 1 and node.upstream is not None else words


def _spread(report: Report, node: Node) -> Iterator[str]:
    """What happens to the gradient of each operand that was broadcast to the shape of the gate."""
    for operand in dict.fromkeys(local.operand for local in node.local):
        shape = report.nodes.shape(operand)
        if axes := spread_axes(shape, node.shape):
            where = "axis" if len(axes) == 1 else "axes"
            where = f"{where} {', '.join(map(str, axes))}"
            if len(axes) == len(node.shape):
                where = "all axes"
            yield f"adds up {shorten(report.reference(operand), MENTION)} over {where}"


def passed(node: Node, formula: str) -> tuple[str, ...]:
    """What a structural gate passes to an operand, in the words of a person: a formula, and then
    words and formulas in turn."""
    if node.op == "index":
        return "upstream", " at ", node.expression, ", 0 elsewhere"
    match = SPREAD.fullmatch(formula)
    if match and _is_balanced(match[1]):
        return match[1], f", spread to {match[2][2:].replace(', ', '×')}"
    return (formula,)


def _is_balanced(text: str) -> bool:
    """Whether no bracket is closed that was opened outside of the text."""
    depth = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if depth < 0:
            return False
    return True


def shape_text(shape: Shape) -> str:
    """``2×3``, ``4``; nothing for a scalar."""
    return "×".join(map(str, shape))


class Gradient(NamedTuple):
    """A gradient that was asked for: ``df/dx``, ``x``, the value of x, the gradient."""

    label: str
    name: str
    at: Value
    value: Value


def gradients(report: Report) -> list[Gradient]:
    """The gradients that were asked for."""
    values = report.named_values()
    of = report.output or "f"
    return [
        Gradient(f"d{of}/d{name}", name, values[name], gradient)
        for name, gradient in report.gradients.items()
    ]


def title(report: Report, style: Style, width: int) -> str:
    """``f = q * z = -12``; of a big array ``f = W · x (100)``."""
    name = f"{report.output} = " if report.output not in (None, report.expression) else ""
    if report.shape:
        from gradcalc.render.blocks import inline

        text = shorten(report.expression, max(20, width - len(name) - 20))
        value = inline(report.value, style, width - len(name) - len(text) - 3)
        if not value:
            return f"{name}{text} ({shape_text(report.shape)})"
    else:
        value = number(report.value, style)
        text = shorten(report.expression, max(20, width - len(name) - len(value) - 3))
    return f"{name}{text} = {value}" if text != value else f"{name}{value}"


def head(operand: str, structural: bool) -> str:
    """What stands in front of a formula: ``∂/∂z`` of an operand, or ``to z:``."""
    operand = operand if operand.isidentifier() else f"({operand})"
    return f"to {operand}:" if structural else f"∂/∂{operand}"


def local_lines(operand: str, formula: str, value: str | None, width: int = 500) -> list[str]:
    """``∂/∂z = q = 3``, broken in front of an ``=`` where it is longer than the width.

    Of a structural gate ``to W: upstream · xᵀ``, what it passes to the operand.
    """
    operand = head(operand, structural=value is None)
    if value is None:
        if len(operand) + 1 + len(formula) <= width:
            return [f"{operand} {formula}"]
        return [shorten(operand, width), f"  {shorten(formula, width - 2)}"]
    lines = [shorten(operand, max(8, width - len(value) - 3) if formula == value else width)]
    for part in (value,) if formula == value else (formula, value) if value else (formula,):
        if len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f" = {part}"
        else:
            lines.append(f"  = {shorten(part, width - 4)}")
    return lines


def number(value: float, style: Style) -> str:
    """A number with the digits that the user asks for, or 6; a whole one in full."""
    if style.precision is None and value == value // 1 and abs(value) < EXACT:
        return format_number(value)
    digits = DIGITS if style.precision is None else style.precision
    text = format_number(value, digits)
    return _filled(text, digits) if style.zeros and float(text) != value else text


def _filled(text: str, digits: int) -> str:
    """A number with zeros at the end, up to so many digits."""
    mantissa, e, exponent = text.partition("e")
    missing = digits - len(mantissa.lstrip("-0.").replace(".", ""))
    if missing <= 0 or not mantissa[-1].isdigit():  # inf and nan
        return text
    point = "" if "." in mantissa else "."
    return f"{mantissa}{point}{'0' * missing}{e}{exponent}"
