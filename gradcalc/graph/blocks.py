"""The lowering of the matrices of LaTeX, whose entries may be arrays: blocks, as mathematics joins
them. A vector is a column, a transposed one a row, and a number is a block of one entry."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph.arrays import INDEX, MATMUL, STACK, TRANSPOSE, stacked
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.graph.quotes import factor, quoted, transposed
from gradcalc.ops.shapes import described, stated

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

CONCAT, RESHAPE = ops.PLACES["concat"], ops.PLACES["reshape"]


#: How blocks may lie, each with what they have the same number of.
FIT = {"side by side": "rows", "one below the other": "columns"}


class Block(NamedTuple):
    """A block, or several that have been joined."""

    node: int
    form: str  #: ``number``, ``column``, ``row`` or ``matrix``
    rows: int
    columns: int
    place: int  #: the Ast node that it comes from


Blocks = Sequence[Sequence[Block]]


def matrix(lowering: "Expressions", nodes: Sequence[int], first: int, i: int) -> int:
    """A matrix of LaTeX: rows of blocks side by side, joined one below the other.

    A single column of numbers and vectors is a vector, a single row of numbers and transposed
    vectors a transposed one.

    Raises:
        GradcalcError: blocks do not fit.
    """
    rows, arrays, use = lowering.ast.matrices[i]
    terms = [nodes[entry - first] for row in rows for entry in row]
    shapes = lowering.graph.shapes
    if any(shapes.get(term, ()) is None for term in terms):
        return lowering.unknown(STACK, tuple(terms), i)
    blocks = [[_block(lowering, nodes[entry - first], entry) for entry in row] for row in rows]
    _check_fit(lowering, blocks)
    forms = {block.form for row in blocks for block in row}
    # Rows one below the other are the array of their arrays.
    if forms != {"number"} and (forms != {"row"} or len(rows[0]) > 1):
        lowering.ast.blocks.append(i)
    places = arrays or [i] * len(rows)
    lines = [_joined(lowering, row, 1, at) for row, at in zip(blocks, places, strict=True)]
    whole = _joined(lowering, lines, 0, i)
    if use == "determinant":
        return _as_matrix(lowering, whole).node
    if whole.form == "number":
        return stacked(lowering, [whole.node], i, [whole.place])
    # A row of numbers has been made a vector, and not yet a transposed one.
    is_vector = whole.form == "row" and whole.node not in lowering.graph.rows
    if is_vector == (use == "transposed"):
        return whole.node
    return lowering.apply(TRANSPOSE, (whole.node,), i, (i,))


def _block(lowering: "Expressions", node: int, place: int) -> Block:
    graph = lowering.graph
    shape = graph.shape(node)
    if len(shape) > 2:
        message = f"a block is a number, a vector or a matrix, and {quoted(lowering, place)} is"
        help = (
            r"\operatorname{stack}(x, y) and \operatorname{concat}(x, y) join arrays of more axes"
        )
        raise lowering.error_at("shape", f"{message} {described(shape)}", place, help)
    if not shape:
        return Block(node, "number", 1, 1, place)
    if len(shape) == 2:
        return Block(node, "matrix", *shape, place)
    if node in graph.rows:
        return Block(node, "row", 1, shape[0], place)
    if _may_be_row(lowering, node):
        text = quoted(lowering, place)
        message = f"is {text} a row or a column?"
        help = f"a vector is a column; for a row write {factor(lowering, place)}^T"
        raise lowering.error_at("ambiguous", message, place, help)
    return Block(node, "column", shape[0], 1, place)


def _may_be_row(lowering: "Expressions", node: int) -> bool:
    """Whether a vector that is none to the products is one as it is written: ``W_{i,:}``, or what
    an operation makes of a row, as in softmax(x^T)."""
    graph = lowering.graph
    op = graph.op[node]
    if op < STRUCTURAL or op in (TRANSPOSE, MATMUL):
        return False
    if op == INDEX:
        key: tuple[Any, ...] = graph.settings[node]["key"]
        if len(key) == 2 and isinstance(key[1], tuple) and not isinstance(key[0], tuple):
            return True
    vectors = [operand for operand in graph.operands[node] if graph.shapes.get(operand)]
    return bool(vectors) and all(operand in graph.rows for operand in vectors)


def _check_fit(lowering: "Expressions", blocks: Blocks) -> None:
    """Check that blocks side by side have as many rows, and blocks in a column as many columns."""
    for row in blocks:
        for block in row:
            if block.rows != row[0].rows:
                raise _misfit(lowering, row[0], block, blocks, "side by side")
    for row in blocks[1:]:
        for above, block in zip(blocks[0], row, strict=True):
            if block.columns != above.columns:
                raise _misfit(lowering, above, block, blocks, "one below the other")


def _joined(lowering: "Expressions", blocks: Sequence[Block], axis: int, i: int) -> Block:
    """Blocks that fit, side by side along axis 1, one below the other along axis 0."""
    if len(blocks) == 1:
        return blocks[0]
    along, across = ("row", "column") if axis else ("column", "row")
    forms = {block.form for block in blocks}
    places = [block.place for block in blocks]
    nodes = [block.node for block in blocks]
    form, settings = "matrix", {"axis": axis}
    if forms == {"number"}:
        form, node = along, stacked(lowering, nodes, i, places)
    elif forms <= {"number", along}:
        vectors = tuple([_as_vector(lowering, block) for block in blocks])
        form, node = along, lowering.apply(CONCAT, vectors, i, places)
    elif forms == {across} and axis == 0:
        node = stacked(lowering, nodes, i, places)
    elif forms == {across}:
        node = lowering.apply(STACK, tuple(nodes), i, places, settings)
    else:
        matrices = tuple([_as_matrix(lowering, block).node for block in blocks])
        node = lowering.apply(CONCAT, matrices, i, places, settings)
    rows, columns = blocks[0].rows, blocks[0].columns
    if axis:
        columns = sum(block.columns for block in blocks)
    else:
        rows = sum(block.rows for block in blocks)
    return Block(node, form, rows, columns, i)


def _as_vector(lowering: "Expressions", block: Block) -> int:
    """A number as a vector of one entry."""
    if block.form != "number":
        return block.node
    return stacked(lowering, [block.node], block.place, [block.place])


def _as_matrix(lowering: "Expressions", block: Block) -> Block:
    if block.form == "matrix":
        return block
    settings = {"shape": (block.rows, block.columns)}
    node = lowering.apply(RESHAPE, (block.node,), block.place, (block.place,), settings)
    return block._replace(node=node, form="matrix")


def _misfit(
    lowering: "Expressions", one: Block, other: Block, blocks: Blocks, where: str
) -> GradcalcError:
    """Two blocks that do not fit: each underlined, with its shape."""
    ast, graph = lowering.ast, lowering.graph
    pair = [(quoted(lowering, block.place), graph.shape(block.node)) for block in (one, other)]
    message = ", and ".join(stated(text, shape) for text, shape in pair)
    spans = [
        Span(ast.start[block.place], ast.end[block.place], described(graph.shape(block.node)))
        for block in (other, one)
    ]
    helps = (
        instead(lowering, block, blocks) for instead in (_zeros, _turned) for block in (other, one)
    )
    help = next(filter(None, helps), f"blocks {where} have as many {FIT[where]}")
    return GradcalcError("shape", message, spans, help=help, source=lowering.source)


def _turned(lowering: "Expressions", block: Block, blocks: Blocks) -> str:
    """What to write for a vector whose transpose would fit."""
    row, column = _lines_of(block, blocks)
    fits_row = all(other.rows == block.columns for other in row if other != block)
    fits_column = all(other.columns == block.rows for other in column if other != block)
    if block.form not in ("row", "column") or not (fits_row and fits_column):
        return ""
    text, place = quoted(lowering, block.place), block.place
    is_row = block.form == "row"
    fits = transposed(lowering, place) if is_row else f"{factor(lowering, place)}^T"
    return f"{text} is a {block.form}, and {fits} would fit"


def _zeros(lowering: "Expressions", block: Block, blocks: Blocks) -> str:
    """What to write for a 0 that stands for a block of zeros."""
    if block.form != "number" or lowering.graph.constants.get(block.node) != 0.0:
        return ""
    row, column = _lines_of(block, blocks)
    rows = next((other.rows for other in row if other.form != "number"), 1)
    columns = next((other.columns for other in column if other.form != "number"), 1)
    return rf"a block of zeros is written \operatorname{{zeros}}({rows}, {columns})"


def _lines_of(block: Block, blocks: Blocks) -> Blocks:
    """The row and the column that a block stands in."""
    row = next(row for row in blocks if block in row)
    return row, [other[row.index(block)] for other in blocks]
