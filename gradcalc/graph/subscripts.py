"""The subscripts of LaTeX, which count from 1: there is no entry 0, and none from the end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradcalc.errors import GradcalcError, Missed, Span
from gradcalc.graph.quotes import Program, factor, quoted, shown
from gradcalc.ops.shapes import LIMIT, Shape, described

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: The kinds of Ast nodes that labels are, and not sums.
LABELS = ("name", "index")


def number(
    lowering: "Expressions", nodes: Sequence[int], first: int, i: int, axis: int
) -> int | None:
    """The value of a subscript that is one constant number; None if it is not known.

    Args:
        nodes: the graph nodes of the Ast nodes from ``first`` on.
        i: the Ast node of the whole index.
        axis: which of its items it is.

    Raises:
        GradcalcError: there is no such entry, and it is not left out.
    """
    base, *items = lowering.ast.operands(i)
    index = lowering.known(nodes[items[axis] - first])
    if index is None:
        return None
    shape = lowering.graph.shapes.get(nodes[base - first]) or ()
    if index == index // 1 and 0 <= index < (shape[axis] if axis < len(shape) else LIMIT):
        return int(index)
    if index != index // 1 or is_used(lowering, nodes, first, items[axis]):
        raise no_entry(lowering, i, Missed(index, axis, shape, True), "shape")
    return 0  # any entry will do


def is_used(lowering: "Expressions", nodes: Sequence[int], first: int, item: int) -> bool:
    """Whether an entry is not left out, as by the condition of a sum.

    Args:
        nodes: the graph nodes of the Ast nodes from ``first`` on.
        item: the subscript.
    """
    for guard, holds in lowering.ast.subscripts[item].guards:
        value = lowering.known(nodes[guard - first]) if guard >= first else None
        if value is not None and not np.any(np.not_equal(value, 0) == holds):
            return False
    return True


def no_entry(
    program: Program, i: int, missed: Missed, too_large: str = "bad-value"
) -> GradcalcError:
    """A subscript without an entry, in the numbers of the formula.

    Args:
        i: the Ast node of the whole index.
        too_large: the code of the error if the subscript is too large.
    """
    index, axis, shape, alone = missed
    ast = program.ast
    base, *items = ast.operands(i)
    first, start, end, _ = ast.subscripts[items[axis]]
    texts, spans = [_text(program, item) for item in items], [Span(start, end)]
    subscript = texts[axis]
    value = f"{index + first:.15g}"
    what = f"{subscript} is" if alone else f"an entry of {subscript} is"
    code, help = "bad-value", _entries(program, base, axis, first, shape)
    if index != index // 1:
        message, help = f"a subscript is a whole number, and {what} {value}", ""
    elif index < 0:
        message, code = f"{what} {value}, and subscripts count from {first}", "syntax"
        if index == -1 and first and _is_label(program, items[axis]):
            texts[axis] += "+1"
            entry = _entry(program, base, ",".join(texts))
            help = f"labels that count from 0 need {texts[axis]}: {entry}"
    else:
        message, code = f"there is no entry {value}", too_large
        spans.append(Span(ast.start[base], ast.end[base], described(shape)))
    return GradcalcError(code, message, spans, help=help, source=program.source)


def _text(program: Program, item: int) -> str:
    """An item of an index as the user wrote it."""
    if item not in program.ast.subscripts:
        return quoted(program, item)
    _, start, end, _ = program.ast.subscripts[item]
    return shown(program.source.text[start:end])


def _is_label(program: Program, item: int) -> bool:
    """Whether a subscript, which as an item has 1 subtracted, is a name or an entry."""
    ast = program.ast
    if ast.kind[item] != "-":
        return False
    label = ast.left[item]
    return ast.kind[label] in LABELS and ast.end[label] == ast.end[item]


def _entries(program: Program, base: int, axis: int, first: int, shape: Shape) -> str:
    """Which entries there are."""
    if axis >= len(shape):
        return ""
    size, array = shape[axis], quoted(program, base)
    if not size:
        return f"{array} has no entries"
    last = size - 1 + first
    if len(shape) > 1:
        return f"subscript {axis + 1} of {array} goes from {first} to {last}"
    if program.ast.kind[base] != "name":
        return f"{array} has {described(shape)}, {first} to {last}"
    ends = [_entry(program, base, str(number)) for number in (first, last)]
    return f"{array} has {described(shape)}: the first one is {ends[0]}, the last one {ends[1]}"


def _entry(program: Program, base: int, subscript: str) -> str:
    """An entry as LaTeX writes it; what has a subscript itself needs braces."""
    array = factor(program, base)
    array = f"{{{array}}}" if "_" in array else array
    return f"{array}_{subscript}" if len(subscript) == 1 else f"{array}_{{{subscript}}}"
