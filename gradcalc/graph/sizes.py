"""How big the arrays of a program will be: what cannot fit is refused beforehand."""

from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.graph import misfits
from gradcalc.graph.graph import INPUT, Graph
from gradcalc.machine import room
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
        lowering.bytes += (
            lowering.itemsize * size_of(shape) * (1 + (lowering.graph.op[node] == INPUT))
        )
        padded = _padded(lowering.graph, node, shape) if node in lowering.graph.settings else ()
        size = lowering.bytes + (lowering.itemsize * size_of(padded) if padded else 0)
        if size > SURELY_THERE and size > room():
            raise misfits.too_large_array(padded or shape, size, i, lowering)


def _padded(graph: Graph, node: int, shape: Shape) -> Shape:
    """The shape of the padded images that an operation makes on its way; ``()`` if none."""
    padding = graph.settings[node].get("padding")
    if not padding:
        return ()
    from gradcalc.ops.structural.windows import padded

    name = ops.TABLE[graph.op[node]].name
    image = shape if name == "fold" else graph.shape(graph.operands[node][0])
    return padded(image, padding, 1 if name == "conv1d" else 2)
