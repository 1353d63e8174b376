"""Operations that move entries: reshape, transpose, concat, broadcast_to and their like."""

from itertools import accumulate, pairwise
from typing import Any

from gradcalc.ops.row import Rule, Sample, Setting, Structural
from gradcalc.ops.shapes import (
    Misfit,
    Shape,
    axis_of,
    counted,
    of_operand,
    reshaped,
    size_of,
    spread_axes,
)
from gradcalc.ops.structural import indexing
from gradcalc.ops.structural.rules import BACKWARDS, CUBE, MATRIX, VECTOR, at, back_to, own

# shape rules


def _transposed(shape: Shape, axes: Any = None) -> Shape:
    if axes is None:
        return shape[::-1]
    order = _order(axes, len(shape))
    return tuple(shape[axis] for axis in order)


def _order(axes: Any, ndim: int) -> tuple[int, ...]:
    """A permutation of the axes, counted from the front."""
    given = axes if isinstance(axes, tuple) else (axes,)
    order = tuple(axis_of(a, ndim) if -ndim <= a < ndim else ndim for a in given)
    if sorted(order) != list(range(ndim)):
        listed = ", ".join(map(str, range(ndim)))
        raise Misfit(
            f"axes {', '.join(map(str, axes)) if isinstance(axes, tuple) else axes}: "
            f"{{0}} has {counted(ndim, 'axis')}",
            f"each of {listed} once, in the new order",
            (0,),
            "axes",
        )
    return order


def _joined(*shapes: Shape, axis: int = 0) -> Shape:
    first = shapes[0]
    if not first:
        help = "stack, or brackets as in [x, y], makes an array of scalars"
        raise Misfit("{0} is a scalar and has no axes", help, (0,))
    along = axis_of(axis, len(first))
    total = 0
    for place, shape in enumerate(shapes):
        if len(shape) != len(first) or any(
            a != b for i, (a, b) in enumerate(zip(first, shape, strict=True)) if i != along
        ):
            help = f"all axes but axis {along} have the same size"
            if len(shape) != len(first):
                help = _with_as_many_axes(first, place, shape)
            raise Misfit(f"{of_operand(0, first)} and {of_operand(place, shape)}", help, (0, place))
        total += shape[along]
    return (*first[:along], total, *first[along + 1 :])


def _with_as_many_axes(first: Shape, place: int, shape: Shape) -> str:
    """The help for an array with other axes than those of the first one."""
    if len(shape) == 1 and len(first) == 2 and shape[0] in first:
        row = shape[0] == first[1]
        sizes = f"1, {shape[0]}" if row else f"{shape[0]}, 1"
        return f"reshape({{{place}}}, {sizes}) is a matrix of one {'row' if row else 'column'}"
    return "all of them have as many axes"


def _stacked(*shapes: Shape, axis: int = 0) -> Shape:
    first = shapes[0]
    ndim = len(first) + 1
    if not -ndim <= axis < ndim:
        raise Misfit(
            f"there is no axis {axis}: the stack has {counted(ndim, 'axis')}",
            f"axis is one of 0 to {ndim - 1}",
            (0,),
            "axis",
        )
    along = axis % ndim
    for place, shape in enumerate(shapes):
        if shape != first:
            raise Misfit(
                f"{of_operand(0, first)} and {of_operand(place, shape)}",
                "what is stacked has one shape",
                (0, place),
            )
    return (*first[:along], len(shapes), *first[along:])


def _spread(x: Shape, shape: Shape) -> Shape:
    spread_axes(x, shape)
    return tuple(shape)


def _diagonal(shape: Shape) -> Shape:
    if len(shape) == 1:
        return shape * 2
    if len(shape) == 2:
        return (min(shape),)
    raise Misfit(of_operand(0, shape), "diag takes a vector or a matrix", (0,))


def _triangular(name: str, side: str) -> Structural:
    """Of the entries on one side of a diagonal."""

    def unchanged(shape: Shape, k: int) -> Shape:
        """The same. Raises Misfit for a vector."""
        if len(shape) < 2:
            raise Misfit(of_operand(0, shape), f"{name} takes a matrix, or a stack of them", (0,))
        return shape

    def rule(m: Any, g: Any, v: Any, x: Any, k: int) -> Any:
        return getattr(m, name)(g, k=k)

    return Structural(
        name,
        ("x",),
        f"a matrix with zeros {side} its diagonal, or {side} the k-th one to the right of it",
        f"{name}(x)",
        "router",
        unchanged,
        own(name),
        (rule,),
        (
            Sample((((1.0, 2.0), (3.0, 4.0)),)),
            Sample((MATRIX,)),
            Sample((CUBE,)),
            Sample((MATRIX,), {"k": 1}),
            Sample((CUBE,), {"k": -1}),
            Sample((MATRIX,), {"k": 5}),
        ),
        settings=(Setting("k", "integer", 0),),
    )


# rules


def _transpose_rule(m: Any, g: Any, v: Any, x: Any, axes: Any = None) -> Any:
    if axes is None:
        return m.transpose(g)
    order = _order(axes, len(m.shape(x)))
    back = tuple(order.index(axis) for axis in range(len(order)))
    return m.transpose(g, axes=back)


def _concat_split(m: Any, g: Any, *shapes: Shape, axis: int = 0) -> list[Any]:
    along = axis_of(axis, len(m.shape(g)))
    stops = accumulate(shape[along] for shape in shapes)
    slices = pairwise((0, *stops))
    return [m.index(g, key=at(along, ("slice", *ends, None))) for ends in slices]


def _stack_split(m: Any, g: Any, *shapes: Shape, axis: int = 0) -> list[Any]:
    along = axis_of(axis, len(m.shape(g)))
    return [m.index(g, key=at(along, place)) for place in range(len(shapes))]


def _concat_rule(place: int) -> Rule:
    def rule(m: Any, g: Any, v: Any, *x: Any, axis: int = 0) -> Any:
        along = axis_of(axis, len(m.shape(g)))
        start = sum(m.shape(before)[along] for before in x[:place])
        stop = start + m.shape(x[place])[along]
        return m.index(g, key=at(along, ("slice", start, stop, None)))

    return rule


def _stack_rule(place: int) -> Rule:
    def rule(m: Any, g: Any, v: Any, *x: Any, axis: int = 0) -> Any:
        return m.index(g, key=at(axis_of(axis, len(m.shape(g))), place))

    return rule


def _diag_rule(m: Any, g: Any, v: Any, x: Any) -> Any:
    shape = m.shape(x)
    square = m.diag(g)
    if len(shape) == 1 or shape[0] == shape[1]:
        return square
    corner = ("slice", None, min(shape), None)
    return m.scatter(square, key=(corner, corner), shape=shape)


def _cumsum_rule(m: Any, g: Any, v: Any, x: Any, axis: int | None = None) -> Any:
    shape = m.shape(x)
    along = 0 if axis is None else axis_of(axis, len(shape))
    back = at(along, BACKWARDS)
    later = m.index(m.cumsum(m.index(g, key=back), axis=along), key=back)
    return m.reshape(later, shape=shape) if axis is None else later


ROWS: tuple[Structural, ...] = (
    *indexing.ROWS,
    Structural(
        "reshape",
        ("x",),
        "the same entries in another shape, row by row; one size may be -1",
        "reshape(x, -1)",
        "mover",
        lambda x, shape: reshaped(x, shape),
        own("reshape"),
        (lambda m, g, v, x, shape: m.reshape(g, shape=m.shape(x)),),
        (
            Sample((MATRIX,), {"shape": (3, 2)}),
            Sample((VECTOR,), {"shape": (-1, 1)}),
            Sample((CUBE,), {"shape": (3, -1)}),
            Sample((2.5,), {"shape": (1, 1)}),
            Sample((((4.0,),),), {"shape": ()}),
            Sample(((),), {"shape": (0, 3)}),
        ),
        settings=(Setting("shape", "sizes"),),
    ),
    Structural(
        "flatten",
        ("x",),
        "the entries as a vector, row by row",
        "reshape(x, -1)",
        "mover",
        lambda x: (size_of(x),),
        own("flatten"),
        (lambda m, g, v, x: m.reshape(g, shape=m.shape(x)),),
        (Sample((MATRIX,)), Sample((VECTOR,)), Sample((CUBE,)), Sample((2.5,)), Sample(((),))),
        aliases=("ravel",),
    ),
    Structural(
        "transpose",
        ("x",),
        "the axes in reverse order, or in the order of axes; a vector is its own transpose",
        "transpose(x)",
        "mover",
        _transposed,
        own("transpose"),
        (_transpose_rule,),
        (
            Sample((MATRIX,)),
            Sample((VECTOR,)),
            Sample((2.5,)),
            Sample((CUBE,)),
            Sample((CUBE,), {"axes": (1, 2, 0)}),
            Sample((CUBE,), {"axes": (0, -1, -2)}),
            Sample((VECTOR,), {"axes": 0}),
        ),
        settings=(Setting("axes", "axis", None),),
    ),
    Structural(
        "concat",
        ("x...",),
        "arrays one behind the other along an axis that they have",
        "concat(x)",
        "mover",
        _joined,
        own("concat"),
        _concat_rule,
        (
            Sample((VECTOR, (5.0,), ())),
            Sample((MATRIX, MATRIX)),
            Sample((MATRIX, ((5.0,), (6.0,))), {"axis": 1}),
            Sample((MATRIX, MATRIX, ((5.0,), (6.0,))), {"axis": -1}),
            Sample((VECTOR,)),
        ),
        settings=(Setting("axis", "integer", 0),),
        aliases=("concatenate", "cat"),
        split=_concat_split,
    ),
    Structural(
        "stack",
        ("x...",),
        "arrays of one shape (or scalars) along a new axis",
        "stack(x)",
        "mover",
        _stacked,
        own("stack"),
        _stack_rule,
        (
            Sample((2.0, -1.0, 0.5)),
            Sample((VECTOR, (5.0, 6.0, 7.0))),
            Sample((VECTOR, (5.0, 6.0, 7.0)), {"axis": 1}),
            Sample((MATRIX, MATRIX), {"axis": -2}),
            Sample((VECTOR,)),
        ),
        settings=(Setting("axis", "integer", 0),),
        split=_stack_split,
    ),
    Structural(
        "broadcast_to",
        ("x",),
        "x repeated to fill a shape, as NumPy broadcasts; adds up what its copies get",
        "broadcast_to(x)",
        "copier",
        _spread,
        own("broadcast_to"),
        (lambda m, g, v, x, shape: back_to(m, g, m.shape(x)),),
        (
            Sample((VECTOR,), {"shape": (2, 3)}),
            Sample((2.5,), {"shape": (2, 3)}),
            Sample((((1.0,), (2.0,)),), {"shape": (2, 3)}),
            Sample((((1.0,), (2.0,)),), {"shape": (2, 2, 3)}),
            Sample((((1.0,),),), {"shape": (1, 1)}),
            Sample((((1.0,),),), {"shape": (2, 0)}),
            Sample((2.5,), {"shape": ()}),
        ),
        settings=(Setting("shape", "sizes"),),
    ),
    Structural(
        "diag",
        ("x",),
        "the diagonal of a matrix, or the matrix with a vector as its diagonal",
        "diag(x)",
        "mover",
        _diagonal,
        own("diag"),
        (_diag_rule,),
        (
            Sample((VECTOR,)),
            Sample((((1.0, 2.0), (3.0, 4.0)),)),
            Sample((MATRIX,)),
            Sample((((1.0,), (2.0,)),)),
        ),
    ),
    _triangular("tril", "above"),
    _triangular("triu", "below"),
    Structural(
        "cumsum",
        ("x",),
        "the running sums along an axis; of all entries, row by row, without one",
        "cumsum(x)",
        "distributor",
        indexing.along_one,
        own("cumsum"),
        (_cumsum_rule,),
        (
            Sample((VECTOR,)),
            Sample((MATRIX,)),
            Sample((MATRIX,), {"axis": 0}),
            Sample((CUBE,), {"axis": -2}),
            Sample((2.5,)),
            Sample(((),)),
        ),
        settings=(Setting("axis", "axis", None),),
    ),
)
