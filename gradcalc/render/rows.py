"""What the tables of every format say, in words."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gradcalc.ops.row import PATTERNS
from gradcalc.render import Style
from gradcalc.report import Node, Report
from gradcalc.syntax.printer import format_number, shorten

#: A graph up to this size is shown whole.
WHOLE = 200
DIGITS = 6
#: Whole numbers below this are shown in full all the same.
EXACT = 1e10


class Row(NamedTuple):
    """One node: its texts for the columns, the local gradients as (operand, formula, value)."""

    node: Node
    what: str
    value: str
    local: tuple[tuple[str, str, str], ...]
    upstream: str
    gate: str


def rows(report: Report, style: Style) -> Iterator[Row]:
    """A row for each node that is to be shown."""
    for node in shown(report, style):
        yield row(report, node, style)


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


def row(report: Report, node: Node, style: Style) -> Row:
    """The texts of one node."""
    return Row(
        node=node,
        what=f"{node.name} = {node.expression}" if node.name and node.operands else node.expression,
        value=_number(node.value, style),
        local=tuple(
            (report.reference(local.operand), local.symbol, _number(local.value, style))
            for local in node.local
        ),
        upstream="" if node.upstream is None else _number(node.upstream, style),
        gate=_gate(report, node),
    )


def _gate(report: Report, node: Node) -> str:
    if node.op == "constant":
        return "constant"
    words = PATTERNS.get(node.pattern or "", "") if node.op != "input" else "input"
    uses = report.nodes.uses(node.id)
    return f"{words}; adds up {uses}" if uses > 1 and node.upstream is not None else words


def gradients(report: Report, style: Style) -> list[tuple[str, str, str]]:
    """For each gradient asked for: its name, the value of the input, the gradient."""
    values = report.named_values()
    of = report.output or "f"
    return [
        (f"d{of}/d{name}", f"{name} = {_number(values[name], style)}", _number(gradient, style))
        for name, gradient in report.gradients.items()
    ]


def title(report: Report, style: Style, width: int) -> str:
    """``f = q * z = -12``."""
    value = _number(report.value, style)
    name = f"{report.output} = " if report.output not in (None, report.expression) else ""
    text = shorten(report.expression, max(20, width - len(name) - len(value) - 3))
    return f"{name}{text} = {value}" if text != value else f"{name}{value}"


def local_lines(operand: str, formula: str, value: str, width: int = 500) -> list[str]:
    """``∂/∂z = q = 3``, broken in front of an ``=`` where it is longer than the width."""
    operand = f"∂/∂{operand}" if operand.isidentifier() else f"∂/∂({operand})"
    lines = [shorten(operand, max(8, width - len(value) - 3) if formula == value else width)]
    for part in (value,) if formula == value else (formula, value):
        if len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f" = {part}"
        else:
            lines.append(f"  = {shorten(part, width - 4)}")
    return lines


def _number(value: float, style: Style) -> str:
    if style.precision is None and value == value // 1 and abs(value) < EXACT:
        return format_number(value)
    return format_number(value, DIGITS if style.precision is None else style.precision)
