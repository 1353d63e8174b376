"""The subscripts of LaTeX, which count from 1: there is no entry 0, and none from the end."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcalc import ops
from gradcalc.errors import GradcalcError, Missed, Span
from gradcalc.graph.quotes import Program, shown
from gradcalc.ops.shapes import LIMIT, Shape, described

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

INDEX = ops.PLACES["index"]
#: The kinds of Ast nodes that labels are, and not sums.
LABELS = ("name", "index")
#: What stands between an array and its first subscript, and around a subscript among others.
OPENING = re.compile(r"(?:[\s_^{(]|\\left)+\Z")
BEFORE, BEHIND = re.compile(r"[_{(,]\s*\Z"), re.compile(r"\s*(?:[,)}]|\Z)")


def item(
    lowering: "Expressions", node: int, i: int, axis: int, shape: Shape | None
) -> tuple[int, int | str | None]:
    """A subscript: its node, and what stands for it in the key of the index operation; None for a
    constant that is not known.

    Args:
        i: the Ast node of the whole index.
        axis: which of its items it is.
        shape: of what has the subscript; None if it is not known.

    Raises:
        GradcalcError: a constant one has no entry.
    """
    graph = lowering.graph
    size = shape[axis] if shape is not None and axis < len(shape) else None
    index = _constant(lowering, node)
    from_end = False
    if size is not None and (index is None or not 0 <= index < size):
        node, from_end = _existing(lowering, node, lowering.ast.operands(i)[1 + axis], size)
        index = _constant(lowering, node)
    if graph.varies[node] or graph.shapes.get(node, ()) != ():
        return node, "array" if from_end else "subscript"
    if index is None:
        return node, None
    exists = size is None or from_end or 0 <= index < size  # there may be no such axis
    if index != index // 1 or abs(index) >= LIMIT or not exists:
        raise no_entry(lowering, i, Missed(index, axis, shape or (), True), "shape")
    return node, int(index)


def _constant(lowering: "Expressions", node: int) -> float | None:
    """The value of a constant number; None if it is none, or is not known."""
    graph = lowering.graph
    if graph.varies[node] or graph.shapes.get(node, ()) != ():
        return None
    value: float | None = lowering.known(node)
    return value


def _existing(lowering: "Expressions", node: int, item: int, size: int) -> tuple[int, bool]:
    """The node of a subscript, and whether it may be negative, for conditions leave all out that
    are: an entry counted from the end takes their place. Where they leave out some that are too
    large, the node is one that is 0 there.

    Args:
        item: the subscript in the Ast.
        size: how many entries there are.
    """
    guards = list(_guards(lowering, item))
    index = _known(lowering, node) if guards else None
    if index is None:
        return node, False
    index = np.asarray(index)
    missed = ~((index >= 0) & (index < size))
    used, conditions = missed, []
    if missed.any():
        for guard, holds in guards:
            fails = _fails(lowering, node, guard, holds)
            if np.shape(fails) in ((), missed.shape) and np.any(missed & fails):
                used = used & ~np.asarray(fails)
                conditions.append((guard, holds))
    if missed.any() and not used.any() and np.all(~missed | ((index < 0) & (index >= -size))):
        return node, True
    zero = lowering.graph.add_constant(0.0, item) if conditions else node
    for guard, holds in conditions:
        node = lowering.elementwise(
            "where", (guard, *((node, zero) if holds else (zero, node))), item
        )
    return node, False


def _fails(lowering: "Expressions", node: int, guard: int, holds: bool) -> Any:
    """Where a condition leaves a subscript out; also if it is not known."""
    condition = _known(lowering, guard)
    if condition is None:
        return True
    # With other entries x_i < 3 may hold: then there must be an x_{i+1}, unless what is in the
    # subscript is an entry itself.
    graph = lowering.graph
    if not graph.varies[node] and INDEX in {graph.op[n] for n in graph.ancestors([guard])}:
        return False
    return np.not_equal(condition, 0) != holds


def _guards(lowering: "Expressions", item: int) -> Iterator[tuple[int, bool]]:
    """The nodes of the conditions that a subscript is used under, and whether they are to hold:
    those around it, and around the loops and the calls that it is in the bodies of."""
    if not lowering.guards:
        return
    *outer, innermost = lowering.frames
    for frame, place in [(innermost, item), *((frame, frame.next - 1) for frame in outer)]:
        guard = lowering.guards.get(place)
        while guard:
            if guard.condition >= frame.first:  # the others are in an outer frame
                yield frame.nodes[guard.condition - frame.first], guard.holds
            guard = guard.around


def _known(lowering: "Expressions", node: int) -> Any:
    """The value of a node; None if it needs one that was not given."""
    graph, missing = lowering.graph, lowering.missing
    if missing and any(graph.names.get(n) in missing for n in graph.ancestors([node])):
        return None
    return lowering.known(node)


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
    first, start, end = ast.subscripts[items[axis]]
    subscript, spans = shown(program.source.text[start:end]), [Span(start, end)]
    value = f"{index + first:.15g}"
    what = f"{subscript} is" if alone else f"an entry of {subscript} is"
    code, help = "bad-value", _entries(program, i, axis, first, shape)
    if index != index // 1:
        message, help = f"a subscript is a whole number, and {what} {value}", ""
    elif index < 0:
        message, code = f"{what} {value}, and subscripts count from {first}", "syntax"
        if index == -1 and first and _is_label(program, items[axis]):
            label = f"{subscript}+1"
            entry = _with_subscript(program, i, axis, label)
            help = f"labels that count from 0 need {label}: {entry}"
    else:
        message, code = f"there is no entry {value}", too_large
        spans.append(Span(ast.start[base], ast.end[base], described(shape)))
    return GradcalcError(code, message, spans, help=help, source=program.source)


def _is_label(program: Program, item: int) -> bool:
    """Whether a subscript, which as an item has 1 subtracted, is a name or an entry."""
    ast = program.ast
    if ast.kind[item] != "-":
        return False
    label = ast.left[item]
    return ast.kind[label] in LABELS and ast.end[label] == ast.end[item]


def _with_subscript(program: Program, i: int, axis: int, subscript: str) -> str:
    """An index as the user wrote it, with another subscript."""
    ast, text = program.ast, program.source.text
    _, start, end = ast.subscripts[ast.operands(i)[1 + axis]]
    before, behind = text[ast.start[i] : start], text[end : ast.end[i]]
    if before.rstrip().endswith("_"):
        subscript = f"{{{subscript}}}"
    elif not BEFORE.search(before):  # x_{ij}
        before = f"{before.rstrip()},"
    comma = "" if BEHIND.match(behind) else ","
    return shown(_opened(f"{before}{subscript}{comma}{behind}"), 60)


def _entries(program: Program, i: int, axis: int, first: int, shape: Shape) -> str:
    """Which entries there are."""
    if axis >= len(shape):
        return ""
    size, array = shape[axis], _array(program, i)
    if not size:
        return f"{array} has no entries"
    last = size - 1 + first
    if len(shape) > 1:
        return f"subscript {axis + 1} of {array} goes from {first} to {last}"
    if program.ast.kind[program.ast.left[i]] != "name":
        return f"{array} has {described(shape)}, {first} to {last}"
    ends = [f"{array}_{n}" if n < 10 else f"{array}_{{{n}}}" for n in (first, last)]
    return f"{array} has {described(shape)}: the first one is {ends[0]}, the last one {ends[1]}"


def _array(program: Program, i: int) -> str:
    """What the user wrote in front of the subscripts of an index."""
    ast, text = program.ast, program.source.text
    items = ast.operands(i)[1:]
    end = min(ast.subscripts[item].start for item in items if item in ast.subscripts)
    return shown(_opened(OPENING.sub("", text[ast.start[i] : end])))


def _opened(text: str) -> str:
    """A text with the braces around an array, which are in front of where it begins in the Ast."""
    return "{" * (text.count("}") - text.count("{")) + text
