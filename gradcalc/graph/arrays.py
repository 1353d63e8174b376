"""The lowering of what only arrays have: literals, indices, transposes and the products of
mathematics."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph import misfits, sizes
from gradcalc.graph.graph import INPUT, STRUCTURAL, Graph
from gradcalc.graph.quotes import factor, quoted, transposed
from gradcalc.ops.arithmetic import COMPARISONS
from gradcalc.ops.shapes import ARRAYS, LIMIT, Shape, described, has_truth_values, stated
from gradcalc.syntax.ast import Ast, Reading

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

MUL, DIV, MATMUL, DOT, OUTER = (
    ops.PLACES[name] for name in ("mul", "div", "matmul", "dot", "outer")
)
INDEX, STACK, TRANSPOSE, ZEROS = (
    ops.PLACES[name] for name in ("index", "stack", "transpose", "zeros")
)
#: What makes a mask of masks: it combines them (a sum counts), or moves and picks their entries.
COMBINING = ("mul", "max", "min", "where")
PICKING = ("mover", "copier", "router")
#: One that is made by more operations is not recognised.
STEPS = 100
KEEP = "to keep some entries and make others 0 write where({}, {}, 0)"
#: The products of mathematics, and the quotient, by which a transposed vector stays one.
PRODUCTS = ("juxtaposition", "·", "@", "*", "/")


def product(lowering: "Expressions", kind: str, operands: tuple[int, int], i: int) -> int:
    """A product as mathematics writes it, chosen by the shapes.

    A scalar scales. Of two vectors the first one transposed makes it the inner product, the second
    one the outer product. Everything else is a product of matrices.
    """
    shapes, rows = lowering.graph.shapes, lowering.graph.rows
    left, right = (shapes.get(operand, ()) for operand in operands)
    if kind in ("*", "/") or (kind != "@" and not (left and right)):
        return lowering.apply(DIV if kind == "/" else MUL, operands, i)
    if left is None or right is None:
        return lowering.apply(MATMUL, operands, i)
    if len(left) == len(right) == 1:
        if kind == "@" or (operands[0] in rows and operands[1] not in rows):
            return lowering.apply(DOT, operands, i)
        if operands[1] in rows and operands[0] not in rows:
            return lowering.apply(OUTER, operands, i)
        if kind == "juxtaposition" or operands[0] in rows:
            lengths = left[0], right[0]
            raise _two_vectors(lowering, i, [operand in rows for operand in operands], lengths)
        return lowering.apply(DOT, operands, i)
    return lowering.apply(MATMUL, operands, i)


def _two_vectors(
    lowering: "Expressions", i: int, rows: Sequence[bool], lengths: tuple[int, int]
) -> GradcalcError:
    ast = lowering.ast
    left, right = ast.operands(i)
    a, b = quoted(lowering, left), quoted(lowering, right)
    # What is written is a row or a column, and its transpose is the other one.
    x = factor(lowering, left), transposed(lowering, left)
    y = factor(lowering, right, behind=True), transposed(lowering, right, behind=True)
    inner, outer = f"{x[not rows[0]]} {y[rows[1]]}", f"{x[rows[0]]} {y[not rows[1]]}"
    spans = [
        Span(ast.start[k], ast.end[k], f"a vector of {length}")
        for k, length in zip((left, right), lengths, strict=True)
    ]
    if lengths[0] != lengths[1] and 1 not in lengths:
        message = "two vectors of different lengths have no product but the outer one"
        help = f"for that write {outer}"
        return GradcalcError("shape", message, spans, help=help, source=lowering.source)
    plain = "" if any(rows) else f"{a}·{b} or "
    help = f"write {a}*{b} element by element, {plain}{inner} for the inner product"
    help += f", {outer} for the outer product"
    message = "which product of two vectors is meant?"
    return GradcalcError("ambiguous", message, spans, help=help, source=lowering.source)


def transpose(lowering: "Expressions", operand: int, i: int) -> int:
    """``x'``. A vector stays as it is (as in NumPy), but is a row to the products."""
    shape = lowering.graph.shapes.get(operand, ())
    end = lowering.ast.end[i]
    dotted = lowering.source.text[end - 2 : end] == ".T"
    if shape == ():
        if not dotted:
            _check_power(lowering, i)
        return operand
    settings = None
    if shape is not None and len(shape) > 2:
        if dotted:
            raise _which_transpose(lowering, i, shape)
        last = len(shape)
        settings = {"axes": (*range(last - 2), last - 1, last - 2)}  # of each matrix of the stack
    return lowering.apply(TRANSPOSE, (operand,), i, settings=settings)


def squared_norm(lowering: "Expressions", operands: tuple[int, int], i: int) -> int | None:
    """``‖x‖²`` is one gate, as the lecture draws it: its gradient is 2x, at 0 as well.

    None where it is another power. A norm that has a name is a node of its own.
    """
    graph, ast = lowering.graph, lowering.ast
    base = ast.left[i]
    while ast.kind[base] == "()":
        base = ast.left[base]
    norm = operands[0]
    if ast.kind[base] == "name" or _number(graph, operands[1]) != 2.0:
        return None
    plain = {"ord": 2.0, "axis": None, "keepdims": False}
    if graph.op[norm] != ops.PLACES["norm"] or graph.settings.get(norm) != plain:
        return None
    return lowering.apply(ops.PLACES["norm_squared"], graph.operands[norm], i, (base,))


def _number(graph: Graph, node: int) -> float | None:
    """The value of a constant that is one number."""
    return None if graph.shapes.get(node, ()) else graph.constants.get(node)


def note_norm(lowering: "Expressions", operand: int, i: int) -> None:
    """Of an array, |x| is the norm, and not the absolute values."""
    ast = lowering.ast
    whole, x = quoted(lowering, i), quoted(lowering, ast.left[i])
    message = f"{whole} is read as the norm of {x}; the absolute values are abs({x})"
    shape = lowering.graph.shapes.get(operand) or ()
    if len(shape) == 2 and shape[0] == shape[1]:
        message += f", the determinant is det({x})"
    ast.readings.append(Reading("norm", message, ast.start[i], ast.end[i]))


def note_power(lowering: "Expressions", operands: tuple[int, int], i: int) -> None:
    """Of a square matrix A, A^-1 is as often the inverse as it is 1/A, and in LaTeX A^2 is A A."""
    graph, ast = lowering.graph, lowering.ast
    shape = graph.shapes.get(operands[0]) or ()
    if len(shape) != 2 or shape[0] != shape[1]:
        return
    exponent = _number(graph, operands[1])
    whole, base = quoted(lowering, i), quoted(lowering, ast.left[i])
    if exponent == -1.0:
        message = f"{whole} is read element by element, as 1/{base}; the inverse is inv({base})"
    elif exponent == 2.0 and ast.notation == "latex":
        message = f"{whole} is read element by element; the product of matrices is {base} {base}"
    elif _is_minus_t(ast, ast.right[i]):
        message = f"{whole} is read element by element, for T has a value"
        message += f"; the inverse, transposed, is inv({base})'"
    else:
        return
    ast.readings.append(Reading("power", message, ast.start[i], ast.end[i]))


def _is_minus_t(ast: Ast, i: int) -> bool:
    """Whether an exponent is -T, without brackets."""
    inner = ast.left[i]
    return ast.kind[i] == "neg" and ast.kind[inner] == "name" and ast.names[ast.left[inner]] == "T"


def _check_power(lowering: "Expressions", i: int) -> None:
    """Of a scalar, x^T is rather a power whose exponent has no value."""
    end = lowering.ast.end[i]
    if lowering.source.text[end - 1 : end] == "T":
        lowering.missing.setdefault("T", Span(end - 1, end))


def _which_transpose(lowering: "Expressions", i: int, shape: Shape) -> GradcalcError:
    """NumPy turns all axes around, and PyTorch is about to stop taking it for more than two."""
    operand = quoted(lowering, lowering.ast.left[i])
    message = f"{stated(operand, shape)}, and .T is of a matrix"
    help = f"write transpose({operand}) for all axes the other way round"
    help += f", {factor(lowering, lowering.ast.left[i])}' for the transpose of each matrix"
    return lowering.error_at("ambiguous", message, i, help)


def entries(lowering: "Expressions", nodes: Sequence[int], first: int, i: int) -> int:
    """What is made of entries, or has entries taken out."""
    if i in lowering.ast.matrices:
        from gradcalc.graph import blocks

        return blocks.matrix(lowering, nodes, first, i)
    return (literal if lowering.ast.kind[i] == "array" else index)(lowering, nodes, first, i)


def literal(lowering: "Expressions", nodes: Sequence[int], first: int, i: int) -> int:
    """``[a, b, c]``: a constant if all entries are, else a stack of them."""
    ast = lowering.ast
    entries = ast.arguments[ast.right[i]]
    if len(entries) == 1 and ast.kind[entries[0]] == "for":
        return nodes[entries[0] - first]
    return listed(lowering, [nodes[entry - first] for entry in entries], i, entries)


def listed(lowering: "Expressions", terms: list[int], i: int, places: Sequence[int]) -> int:
    """The entries of a literal, or the turns of a loop: an array, or the operands of a call."""
    if i in lowering.spread:
        lowering.spread[i][:] = zip(places, terms, strict=True)
        if terms:
            return terms[-1]
    return stacked(lowering, terms, i, places)


def stacked(lowering: "Expressions", terms: list[int], i: int, places: Sequence[int]) -> int:
    """The array of the given entries, which come from the Ast nodes ``places``."""
    graph = lowering.graph
    if not terms:
        return lowering.apply(ZEROS, (), i, (), {"shape": (0,)})
    shapes = [graph.shapes.get(term, ()) for term in terms]
    for shape, place in zip(shapes, places, strict=True):
        if shape is not None and shapes[0] is not None and shape != shapes[0]:
            raise _ragged(lowering, i, places[0], shapes[0], place, shape)
    if all(term in graph.constants for term in terms):
        import numpy as np

        values = [graph.constants[term] for term in terms]
        node = graph.add_constant(np.array(values, dtype=np.float64), i)
        sizes.check(lowering, node, i)
        return node
    return lowering.apply(STACK, tuple(terms), i, places)


def _ragged(
    lowering: "Expressions", i: int, first: int, shape: Any, place: int, other: Any
) -> GradcalcError:
    ast = lowering.ast
    if len(shape) == len(other) == 1:
        have, has = f"{described(other)}", f"the first row {described(shape)}"
        message = f"a row has {have}, and {has}"
    else:
        message = f"{stated('an entry', other)}, and {stated('the first one', shape)}"
    spans = [
        Span(ast.start[place], ast.end[place], described(other)),
        Span(ast.start[first], ast.end[first], described(shape)),
    ]
    call = next(
        (k for k in range(i, len(ast)) if ast.kind[k] == "call" and i in ast.operands(k)), i
    )
    help = misfits.as_written_here("ragged", call, lowering)
    help = help or "the entries of an array have one shape"
    return GradcalcError("ragged", message, spans, help=help, source=lowering.source)


def index(lowering: "Expressions", nodes: Sequence[int], first: int, i: int) -> int:
    """``x[i, j]``: constant numbers and slices are part of the node, other items operands."""
    ast, graph = lowering.ast, lowering.graph
    base, *items = ast.operands(i)
    key: list[Any] = []
    operands = [nodes[base - first]]
    places = [base]
    unknown = False
    shape = graph.shapes.get(operands[0], ())
    for item in items:
        node, axis = nodes[item - first], len(key)
        if item in ast.subscripts:
            from gradcalc.graph import subscripts

            node, place = subscripts.item(lowering, node, i, axis, shape)
            key.append(place)
        elif ast.kind[item] == "slice":
            size = shape[axis] if shape is not None and axis < len(shape) else 0
            bounds, known = _bounds(lowering, nodes, first, item, size)
            unknown = unknown or not known
            key.append(("slice", *bounds))
        else:
            _check_is_place(lowering, node, base, item)
            varies = graph.varies[node] or graph.shapes.get(node, ()) != ()
            key.append("array" if varies else lowering.whole(node, item, "an index"))
        if key[-1] in ARRAYS:
            operands.append(node)
            places.append(item)
    if len(operands) > len(key) > 1:  # every item is an operand
        _note_joined(lowering, i, operands[1:])
    if unknown:
        return lowering.unknown(INDEX, tuple(operands), i)
    return lowering.apply(INDEX, tuple(operands), i, places, {"key": tuple(key)})


def _note_joined(lowering: "Expressions", i: int, operands: Sequence[int]) -> None:
    """Of arrays ``W [h, x]`` is rather the product of W with both of them joined."""
    ast, graph = lowering.ast, lowering.graph
    base, *items = ast.operands(i)
    if any(graph.shapes.get(operand, ()) == () for operand in operands):
        return
    start, end = ast.start[i], ast.end[i]
    # Readings of the text are in its order; those of the lowering follow.
    first = bisect_left(ast.readings, start, key=lambda reading: reading.start)
    for place, reading in enumerate(ast.readings[first : first + 2], first):
        if reading.kind == "index" and (reading.start, reading.end) == (start, end):
            whole, joined = quoted(lowering, i), ", ".join(quoted(lowering, k) for k in items)
            message = f"{whole} is read as the entries {quoted(lowering, base)}[{joined}]; for the"
            message += f" product with the arrays joined write {factor(lowering, base)}"
            ast.readings[place] = reading._replace(message=f"{message}·concat({joined})")


def _check_is_place(lowering: "Expressions", node: int, base: int, item: int) -> None:
    """Refuse a mask, which is not the place of an entry."""
    graph = lowering.graph
    if not _is_mask(lowering, node):
        return
    help = KEEP.format(quoted(lowering, item), quoted(lowering, base))
    if graph.op[node] == INPUT:
        message = f"{graph.names[node]} has truth values, and an index is the place of an entry"
        raise lowering.error_at("bad-value", message, item, help)
    is_one = ops.TABLE[graph.op[node]].name in COMPARISONS
    message = f"{'a comparison is' if is_one else 'truth values are'} no index"
    help = f"an index is the place of an entry; {help}"
    raise lowering.error_at("bad-value", message, item, help)


def _is_mask(lowering: "Expressions", node: int) -> bool:
    """Whether it is a comparison, or NumPy would have truth values there."""
    graph = lowering.graph
    nodes = [node]
    seen: set[int] = set()
    while nodes and len(seen) < STEPS:
        node = nodes.pop()
        seen.add(node)
        op, operands = graph.op[node], graph.operands[node]
        name = ops.TABLE[op].name if op >= 0 else ""
        if name in COMPARISONS:
            continue
        picks = op >= STRUCTURAL and ops.TABLE[op].pattern in PICKING
        if (picks or name in COMBINING) and graph.shapes.get(node, ()):
            row = ops.TABLE[op]
            parts = [part for k, part in enumerate(operands) if not picks or row.rule(k, ())]
            nodes += [part for part in parts[name == "where" :] if part not in seen]
        elif op != INPUT or not has_truth_values(lowering.values.get(graph.names.get(node, ""))):
            return False
    return not nodes


def _bounds(
    lowering: "Expressions", nodes: Sequence[int], first: int, i: int, size: int
) -> tuple[list[int | None], bool]:
    """The start, stop and step of a slice, and whether all that are given are known.

    Args:
        size: of the axis; bounds far beyond it are moved to just beyond it.
    """
    ast = lowering.ast
    parts = ast.arguments[ast.right[i]]
    bounds: list[int | None] = []
    for part in parts:
        bound = None
        if part >= 0:
            bound = lowering.whole(nodes[part - first], part, "a bound of a slice")
            if bound is not None and abs(bound) >= LIMIT:
                bound = size + 1 if bound > 0 else -size - 1
        bounds.append(bound)
    if bounds[2] == 0:
        raise lowering.error_at("bad-value", "the step of a slice is 0", parts[2])
    known = all(bound is not None or part < 0 for bound, part in zip(bounds, parts, strict=True))
    return bounds, known
