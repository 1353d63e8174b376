"""What the modules of structural rows share: helpers of rules, and operands of samples."""

from collections.abc import Callable
from typing import Any

from gradcalc.ops.row import Sample, Setting
from gradcalc.ops.shapes import Axis, Shape, axes_of, reduced, size_of, spread_axes

FULL = ("slice", None, None, None)
BACKWARDS = ("slice", None, None, -1)


def own(name: str) -> Callable[..., Any]:
    """The forward of a row that is a function of the algebra itself."""

    def forward(m: Any, /, *operands: Any, **settings: Any) -> Any:
        return getattr(m, name)(*operands, **settings)

    return forward


def back_to(m: Any, g: Any, shape: Shape) -> Any:
    """What an operand of this shape gets where it was broadcast to the shape of ``g``."""
    axes = spread_axes(shape, m.shape(g))
    lead = len(m.shape(g)) - len(shape)
    if axes[lead:]:
        g = m.sum(g, axis=axes[lead:], keepdims=True)
    return m.sum(g, axis=axes[:lead]) if lead else g


def aligned(m: Any, g: Any, shape: Shape, axis: Axis, keepdims: bool = False) -> Any:
    """What belongs to the result of a reduction, so shaped that it broadcasts to the operand."""
    axes = axes_of(axis, len(shape))
    if keepdims or sorted(axes) == list(range(len(axes))):
        return g
    return m.reshape(g, shape=reduced(shape, axis, keepdims=True))


def joined_axes(m: Any, x: Any, axis: Axis) -> Any:
    """The axes of a reduction as one, the last."""
    shape = m.shape(x)
    axes = axes_of(axis, len(shape))
    rest = [i for i in range(len(shape)) if i not in axes]
    order = (*rest, *axes)
    if order != tuple(range(len(shape))):
        x = m.transpose(x, axes=order)
    return m.reshape(x, shape=(*(shape[i] for i in rest), size_of(shape[i] for i in axes)))


def parted_axes(m: Any, x: Any, shape: Shape, axis: Axis) -> Any:
    """Undo :func:`joined_axes` for an array of this shape."""
    axes = axes_of(axis, len(shape))
    order = (*(i for i in range(len(shape)) if i not in axes), *axes)
    x = m.reshape(x, shape=tuple(shape[i] for i in order))
    if order == tuple(range(len(shape))):
        return x
    return m.transpose(x, axes=tuple(order.index(i) for i in range(len(shape))))


def at(axis: int, item: Any) -> tuple[Any, ...]:
    """The key of an index along one axis."""
    return (FULL,) * axis + (item,)


VECTOR = (3.0, -1.0, 2.5)
MATRIX = ((1.0, 2.0, -3.0), (0.5, -0.25, 4.0))
TALL = ((0.5, -1.0), (2.0, 0.25), (-3.0, 1.5))
SQUARE = ((2.0, -1.0, 0.5), (0.25, 3.0, -2.0), (1.0, 0.0, 1.5))
STACK = (((1.0, 2.0), (3.0, -4.0)), ((0.5, 0.0), (-1.0, 2.0)), ((2.0, -1.0), (1.0, 1.0)))
CUBE = (MATRIX, ((7.0, 8.5, 9.0), (-1.0, 0.0, 6.0)))

AXIS = Setting("axis", "axis", None)
KEEPDIMS = Setting("keepdims", "flag", False)

#: Samples of every reduction.
REDUCED = (
    Sample((VECTOR,)),
    Sample((MATRIX,)),
    Sample((MATRIX,), {"axis": 0}),
    Sample((MATRIX,), {"axis": -1}),
    Sample((MATRIX,), {"axis": 1, "keepdims": True}),
    Sample((CUBE,), {"axis": 1}),
    Sample((CUBE,), {"axis": (2, 0)}),
    Sample((CUBE,), {"axis": (0, 1), "keepdims": True}),
    Sample((CUBE,), {"keepdims": True}),
    Sample((CUBE,), {"axis": ()}),
    Sample((((2.0,), (5.0,)),), {"axis": 1}),
    Sample((2.5,)),
)
EMPTY = Sample(((),))
#: Three rows without an entry, reduced to one.
NO_ENTRIES = Sample((((), (), ()),), {"axis": 0})
