"""The table on the terminal, of programs with arrays."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcalc.render import Style
from gradcalc.render.blocks import CUT, Block, Blocks, is_shown
from gradcalc.render.rows import (
    WHOLE,
    Gradient,
    Row,
    gradients,
    head,
    is_number,
    local_lines,
    number,
    shape_text,
)
from gradcalc.report import Report, Value
from gradcalc.source import visible
from gradcalc.syntax.printer import shorten

#: Columns of the terminal that lie between those of the table; each of them adds GAP.
EDGES, GAP = 1, 2
#: What the columns of text get at least, if they need it.
NARROWEST_NODE, NARROWEST_LOCAL = 12, 20
#: What a gate does is broken below a node if it is longer.
WIDEST_GATE = 17
#: A text is written on so many lines, and cut in the middle where they are not enough.
MOST_LINES = 4
#: The same of the formula of a local gradient.
MOST_FORMULA_LINES = 8
#: Where a text may be broken, and where a long word is.
WORD, PIECE = re.compile(r"\S*\s*"), re.compile(r"[^(,]*[(,]?\s*")

Cell = Block | Blocks


class Layout(NamedTuple):
    """How the columns share the width of the terminal; ``gate`` is 0 where there is no such column.

    ``values`` and ``upstreams`` are the cells of these columns.
    """

    node: int
    shape: int
    values: list[Block]
    local: int
    upstreams: list[Block]
    gate: int

    @property
    def lacking(self) -> int:
        """How much is missing to show every array with three digits, a row a line, and a column for
        the gates.

        An array is worth more than the column: what the gates do stands below the nodes then.
        """
        blocks = (*self.values, *self.upstreams)
        lines = sum(block.wrapped for block in blocks)
        digits = sum(block.fewer for block in blocks if block.fewer >= CUT - 1)
        return lines + digits + 3 * (not self.gate)

    @property
    def width(self) -> int:
        """The columns of the terminal that all of them take."""
        widths = [self.node, self.shape, _width(self.values, "value"), self.local]
        widths += [_width(self.upstreams, "upstream"), *([self.gate] if self.gate else [])]
        return EDGES + sum(widths) + GAP * len(widths)


def show(report: Report, shown: Sequence[Row], style: Style, console: Console) -> None:
    """Print the table of nodes and the gradients of a report."""
    values = [_cell(row.node.value, style) for row in shown]
    upstreams = [_cell(row.node.upstream, style) for row in shown]
    layouts = [
        _layout(shown, values, upstreams, style, console.width, with_gate=with_gate)
        for with_gate in (True, False)
    ]
    width = console.width
    best = min(layouts, key=lambda layout: (max(width, layout.width), layout.lacking))
    console.width = max(width, best.width)  # numbers are never cut
    console.print(_graph(shown, style, best))
    console.width = width
    for line in _gradients(report, style, width):
        console.print(line, soft_wrap=True)


def _cell(value: Value | None, style: Style) -> Cell:
    if value is None:
        return Block([""])
    return Block([number(value, style)]) if is_number(value) else Blocks(value)


def _layout(
    shown: Sequence[Row],
    values: Sequence[Cell],
    upstreams: Sequence[Cell],
    style: Style,
    width: int,
    *,
    with_gate: bool,
) -> Layout:
    shape = _widest("shape", (shape_text(row.node.shape) for row in shown))
    gate = _widest("gate", (line for row in shown for line in _gate(row))) if with_gate else 0
    room = width - EDGES - shape - gate - GAP * (6 if with_gate else 5)
    below = [] if with_gate else [line for row in shown for line in _gate_below(row)]
    node = _widest("node", (*below, *(row.what for row in shown)))
    local = _widest("local gradient", (line for row in shown for line in _local(row, style, 500)))
    narrowest = max(NARROWEST_NODE, width // 8, min(WIDEST_GATE, _widest("", below)))
    numbers = [f"  = {value}" for row in shown for *_, value in row.local if value]
    widest = max(NARROWEST_LOCAL, width // 5, *map(len, numbers))
    texts = min(node, narrowest), min(local, widest)
    room -= sum(texts)
    # The two columns of numbers have the same claim; what one does not need is for the other.
    blocks = _blocks(values, style, room // 2)
    behind = _blocks(upstreams, style, room - _width(blocks, "value"))
    blocks = _blocks(values, style, room - _width(behind, "upstream"))
    room += sum(texts) - _width(blocks, "value") - _width(behind, "upstream")
    local = max(texts[1], min(local, room - texts[0], max(room * 2 // 3, room - node)))
    local = _widest("local gradient", (line for row in shown for line in _local(row, style, local)))
    node = min(node, max(texts[0], room - local))
    return Layout(node, shape, blocks, local, behind, gate)


def _blocks(cells: Iterable[Cell], style: Style, width: int) -> list[Block]:
    return [cell.block(style, width) if isinstance(cell, Blocks) else cell for cell in cells]


def _width(blocks: Iterable[Block], title: str = "") -> int:
    return max(len(title), *(block.width for block in blocks))


def _widest(title: str, texts: Iterable[str]) -> int:
    return max(len(title), *map(len, texts), 0)


def _gate(row: Row) -> list[str]:
    """What a gate does, in short lines."""
    return row.gate.replace("; ", "\n").replace(" over ", "\nover ").split("\n")


def _gate_below(row: Row) -> list[str]:
    """The same below the node, where leaves are known by having no operation."""
    leaf = row.node.op in ("input", "constant")
    return [f"  {line}" for line in _gate(row)[1 if leaf else 0 :]]


def folded(text: str, width: int, indent: str = "  ", most: int = MOST_LINES) -> list[str]:
    """A text on ``most`` lines at the most, those behind the first indented."""
    room = width * most
    while True:
        lines = [""]
        for piece in _pieces(shorten(text, room), width - len(indent)):
            if lines[-1].strip() and len(lines[-1]) + len(piece.rstrip()) > width:
                lines.append(indent)
            lines[-1] += piece
        if len(lines) <= most or room <= width:
            return [line.rstrip() for line in lines]
        room -= 1


def _pieces(text: str, width: int) -> Iterator[str]:
    """The words of a text, none of them longer than the width."""
    for word in WORD.findall(text):
        for piece in [word] if len(word.rstrip()) <= width else PIECE.findall(word):
            for start in range(0, len(piece), width):
                yield piece[start : start + width]


def _graph(shown: Sequence[Row], style: Style, layout: Layout) -> Table:
    table = Table(box=HORIZONTALS, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("node", no_wrap=True)
    table.add_column("shape", no_wrap=True)
    value_width = _width(layout.values, "value")
    upstream_width = _width(layout.upstreams, "upstream")
    table.add_column("value".rjust(value_width), no_wrap=True, min_width=value_width)
    table.add_column("local gradient", no_wrap=True)
    table.add_column("upstream".rjust(upstream_width), no_wrap=True, min_width=upstream_width)
    if layout.gate:
        table.add_column("gate", no_wrap=True)
    for row, value, upstream in zip(shown, layout.values, layout.upstreams, strict=True):
        of_input = "bold cyan" if row.node.op == "input" else ""
        node = folded(row.what, layout.node)
        if not layout.gate:
            node += [
                part for line in _gate_below(row) for part in folded(line, layout.node, "    ")
            ]
        cells = [
            Text(_text(node), of_input),
            Text(shape_text(row.node.shape)),
            Text(_text(_to_the_right(value, value_width))),
            Text(_text(_local(row, style, layout.local))),
            Text(_text(_to_the_right(upstream, upstream_width)), of_input),
        ]
        if layout.gate:
            cells.append(Text(_text(_gate(row))))
        table.add_row(*cells)
    return table


def _to_the_right(block: Block, width: int) -> Iterator[str]:
    """The lines of a block, which stand one below the other as they were."""
    for line in block.lines:
        yield " " * (width - block.width) + line


def _text(lines: Iterable[str]) -> str:
    return "\n".join(map(visible, lines))


def _local(row: Row, style: Style, width: int) -> Iterator[str]:
    """The lines of the local gradients; of arrays the formulas, and the values of small ones."""
    for (operand, formula, text), local in zip(row.local, row.node.local, strict=True):
        if text:
            yield from local_lines(operand, formula, text, width)
            continue
        start = head(operand, structural=text is None)
        lines = [f"{start} {formula}" if text is None else f"{start} = {formula}"]
        if text is not None and len(lines[0]) > width:
            lines = [*folded(start, width), f"  = {formula}"]
        *others, last = lines
        yield from others
        indent = "    " if others else "  "
        block = Block([])
        if text is not None and is_shown(formula, local.value):
            block = Blocks(local.value).block(style, width - 4)
        if block.fewer == CUT or not block.lines:
            yield from folded(last, width, indent, MOST_FORMULA_LINES)
        elif len(block.lines) == 1 and len(last) + 3 + block.width <= width:
            yield f"{last} = {block.lines[0]}"
        else:
            yield from folded(last, width, indent, MOST_FORMULA_LINES)
            for place, line in enumerate(block.lines):
                yield f"{'    ' if place else '  = '}{line}"


def _gradients(report: Report, style: Style, width: int) -> Iterator[Text]:
    """The gradients, each beside the value that it belongs to and of the same shape.

    Where that takes away from an array, the one stands below the other.
    """
    asked = gradients(report)
    asked = asked if style.all_nodes else asked[:WHOLE]
    if not asked:
        return
    labels = [visible(_labelled(gradient)) for gradient in asked]
    names = [f"at {visible(gradient.name)}" for gradient in asked]
    label, name = max(map(len, labels)), max(map(len, names))
    values = [_cell(gradient.value, style) for gradient in asked]
    ats = [_cell(gradient.at, style) for gradient in asked]
    room = width - label - name - len("  =   = ") - 1
    left = _blocks(values, style, room // 2)
    right = _blocks(ats, style, room - _width(left))
    left = _blocks(values, style, room - _width(right))
    left_alone, right_alone = (_blocks(c, style, width - label - 4) for c in (values, ats))
    if _lacking(left, right) > _lacking(left_alone, right_alone):
        label = max(label, name + 2)
        for text, value, at_name, at in zip(labels, left_alone, names, right_alone, strict=True):
            for line in _beside(f"{text:{label}}  = ", value.lines):
                yield Text(line, "bold cyan")
            for line in _beside(f"  {at_name:{label - 2}}  = ", at.lines):
                yield Text(line)
        return
    column = _width(left)
    for text, value, at_name, at in zip(labels, left, names, right, strict=True):
        first = _beside(f"{text:{label}}  = ", value.lines)
        second = _beside(f"{at_name} = ", at.lines)
        for a, b in zip_longest(first, second, fillvalue=""):
            both = Text.assemble((f"{a:{label + 4 + column}}", "bold cyan"), f"  {b}")
            both.rstrip()
            yield both


def _beside(head: str, lines: Sequence[str]) -> list[str]:
    """The lines of a block behind its head."""
    return [f"{' ' * len(head) if place else head}{line}" for place, line in enumerate(lines)]


def _lacking(*columns: Iterable[Block]) -> int:
    return sum(block.fewer + block.wrapped for column in columns for block in column)


def _labelled(gradient: Gradient) -> str:
    """``df/dW (2×2)``."""
    label, value = gradient.label, gradient.value
    return label if is_number(value) else f"{label} ({shape_text(value.shape)})"
