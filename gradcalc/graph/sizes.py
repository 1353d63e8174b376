"""How big the arrays of a program will be: what cannot fit is refused beforehand."""

from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.graph import misfits
from gradcalc.graph.graph import INPUT, Graph
from gradcalc.machine import room
from gradcalc.ops.row import Structural
from gradcalc.ops.shapes import LIMIT, Shape, size_of

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: NumPy has at most 64, and a Jacobian has the axes of two arrays.
MAX_AXES = 32
#: Bytes that need no asking whether they are there.
SURELY_THERE = 1 << 28


def check(lowering: "Expressions", node: int, i: int) -> None:
    """Refuse what cannot be, or does not fit, before anything of it is there.

    Raises:
        GradcalcError: ``too-large``.
    """
    if shape := lowering.graph.shapes.get(node):
        if len(shape) > MAX_AXES:
            raise misfits.too_many_axes(len(shape), MAX_AXES, i, lowering)
        if 0 in shape and lowering.itemsize * size_of(filter(None, shape)) >= LIMIT:
            raise misfits.sizes_too_large(shape, i, lowering)
        graph = lowering.graph
        times = 2 if graph.op[node] == INPUT else 1  # an input has a gradient, too
        lowering.bytes += times * lowering.itemsize * size_of(shape)
        work = _work(graph, node, shape)
        size = lowering.bytes + (lowering.itemsize * size_of(work) if work else 0)
        if size > SURELY_THERE and size > room():
            raise misfits.too_large_array(work or shape, size, i, lowering)


def _work(graph: Graph, node: int, shape: Shape) -> Shape:
    """The shape of the big array that an operation makes on its way; ``()`` if there is none."""
    row = ops.TABLE[graph.op[node]] if graph.op[node] >= 0 else None
    if not isinstance(row, Structural) or row.work is None:
        return ()
    operands = [graph.shape(operand) for operand in graph.operands[node]]
    return row.work(shape, *operands, **graph.settings[node])
