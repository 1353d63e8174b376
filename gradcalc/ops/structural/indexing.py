"""Operations that choose entries: index, take_along, sort, argmax, and those that undo them."""

from typing import Any

from gradcalc.ops.row import Kink, Rule, Sample, Setting, Structural
from gradcalc.ops.shapes import (
    Misfit,
    Shape,
    broadcast,
    described,
    indexed,
    of_operand,
    one_axis,
    size_of,
    sized,
)
from gradcalc.ops.structural import freedom
from gradcalc.ops.structural.rules import CUBE, FULL, MATRIX, VECTOR, back_to, own

# shape rules


def _scattered(g: Shape, *indices: Shape, key: Any, shape: Shape) -> Shape:
    part = indexed(key, sized(shape), *indices)
    if g != part:
        raise Misfit(
            f"{of_operand(0, g)}, and the part of {described(shape)} is {described(part)}",
            places=(0,),
        )
    return tuple(shape)


def _along(name: str, x: Shape, i: Shape, axis: int) -> tuple[int, Shape]:
    """The axis, and the shape of the operands broadcast along all others, where it has size 1."""
    if len(x) != len(i):
        raise Misfit(
            f"{of_operand(0, x)} and {of_operand(1, i)}",
            f"{name} takes indices with as many axes as {{0}}",
            (0, 1),
        )
    along = one_axis(axis, len(x))
    single = [(*s[:along], 1, *s[along + 1 :]) for s in (x, i)]
    return along, broadcast(*single)


def _taken(x: Shape, i: Shape, axis: int) -> Shape:
    along, shape = _along("take_along", x, i, axis)
    return (*shape[:along], i[along], *shape[along + 1 :])


def _put(x: Shape, i: Shape, axis: int, size: int) -> Shape:
    along, shape = _along("put_along", x, i, axis)
    if i[along] != x[along]:
        raise Misfit(
            f"{of_operand(0, x)} and {of_operand(1, i)}", "an index for each entry", (0, 1)
        )
    return (*shape[:along], *sized((size,), "size"), *shape[along + 1 :])


def along_one(shape: Shape, axis: int | None) -> Shape:
    """Of an operation along one axis that keeps the shape; None flattens."""
    if axis is None:
        return (size_of(shape),)
    one_axis(axis, len(shape))
    return shape


def _best(shape: Shape, axis: int | None = None) -> Shape:
    """Of argmax and argmin."""
    along = None if axis is None else one_axis(axis, len(shape))
    if not (size_of(shape) if along is None else shape[along]):
        raise Misfit("{0} has no entries to choose from", places=(0,))
    return () if along is None else (*shape[:along], *shape[along + 1 :])


# rules


def _index_rules(place: int) -> Rule | None:
    def rule(m: Any, g: Any, v: Any, x: Any, *indices: Any, key: Any) -> Any:
        return m.scatter(g, *indices, key=key, shape=m.shape(x))

    return None if place else rule


def _scatter_rules(place: int) -> Rule | None:
    def rule(m: Any, g: Any, v: Any, x: Any, *indices: Any, key: Any, shape: Shape) -> Any:
        return m.index(g, *indices, key=key)

    return None if place else rule


def _take_rule(m: Any, g: Any, v: Any, x: Any, i: Any, axis: int) -> Any:
    shape = m.shape(x)
    return back_to(m, m.put_along(g, i, axis=axis, size=shape[axis]), shape)


def _put_rule(m: Any, g: Any, v: Any, x: Any, i: Any, axis: int, size: int) -> Any:
    return back_to(m, m.take_along(g, i, axis=axis), m.shape(x))


def _sort_rule(m: Any, g: Any, v: Any, x: Any, axis: int | None = -1) -> Any:
    along, shape = (0, m.shape(v)) if axis is None else (axis, m.shape(x))
    i = m.argsort(x, axis=axis)
    moved = m.put_along(g, i, axis=along, size=shape[along])
    return m.reshape(moved, shape=m.shape(x)) if axis is None else moved


def _equal_neighbours(x: Any, axis: int | None = -1) -> Any:
    """Which of the sorted entries are equal to the one before or behind."""
    from numpy import zeros

    lines = x.reshape(-1) if axis is None else x.swapaxes(axis, -1)
    lines = lines.copy()
    lines.sort(axis=-1)
    equal = lines[..., 1:] == lines[..., :-1]
    tied = zeros(lines.shape, bool)
    tied[..., 1:] |= equal
    tied[..., :-1] |= equal
    return tied if axis is None else tied.swapaxes(axis, -1)


ROWS: tuple[Structural, ...] = (
    Structural(
        "index",
        ("x", "i..."),
        "a part of x; routes the gradient to the entries that are taken, and 0 to the others",
        "x[i]",
        "router",
        lambda x, *i, key: indexed(key, x, *i),
        own("index"),
        _index_rules,
        (
            Sample((VECTOR,), {"key": (1,)}),
            Sample((VECTOR,), {"key": (-1,)}),
            Sample((VECTOR,), {"key": (("slice", 0, 2, None),)}),
            Sample((VECTOR,), {"key": (("slice", None, None, -2),)}),
            Sample((VECTOR,), {"key": (("slice", 2, 2, None),)}),
            Sample((VECTOR,), {"key": ()}),
            Sample((MATRIX,), {"key": (1,)}),
            Sample((MATRIX,), {"key": (FULL, -2)}),
            Sample((MATRIX,), {"key": (0, ("slice", 1, None, None))}),
            Sample((VECTOR, (2.0, 0.0, 2.0, -1.0)), {"key": ("array",)}),
            Sample((VECTOR, 1.0), {"key": ("array",)}),
            Sample((VECTOR, ((0.0, 1.0), (1.0, 1.0))), {"key": ("array",)}),
            Sample((MATRIX, (0.0, 1.0, 1.0), (2.0, 0.0, 0.0)), {"key": ("array", "array")}),
            Sample((MATRIX, (1.0, 1.0)), {"key": (FULL, "array")}),
            Sample((CUBE, (1.0, 0.0)), {"key": ("array", FULL, 0)}),
            Sample((CUBE, (1.0, 0.0)), {"key": (FULL, 1, "array")}),
            Sample(
                (CUBE, ((1.0,), (0.0,)), (2.0, 2.0, -1.0)),
                {"key": ("array", ("slice", 1, None, None), "array")},
            ),
            Sample((VECTOR, ()), {"key": ("array",)}),
        ),
        settings=(Setting("key", "key"),),
        usage="x[i, ...]",
    ),
    Structural(
        "scatter",
        ("x", "i..."),
        "zeros, x added to a part of them; undoes an index",
        "scatter(x, zeros(3)[i])",
        "mover",
        _scattered,
        own("scatter"),
        _scatter_rules,
        (
            Sample((2.5,), {"key": (1,), "shape": (3,)}),
            Sample((VECTOR,), {"key": (("slice", None, None, -2),), "shape": (6,)}),
            Sample((VECTOR,), {"key": (-1,), "shape": (2, 3)}),
            Sample((MATRIX,), {"key": (), "shape": (2, 3)}),
            Sample((VECTOR, (1.0, 0.0, -1.0)), {"key": ("array",), "shape": (2,)}),
            Sample((MATRIX, (1.0, 1.0)), {"key": ("array",), "shape": (3, 3)}),
            Sample((MATRIX, (1.0, 1.0)), {"key": ("array", FULL, 0), "shape": (2, 3, 2)}),
            Sample(((), ()), {"key": ("array",), "shape": (2,)}),
        ),
        settings=(Setting("key", "key"), Setting("shape", "sizes")),
        usage="scatter(x, zeros(n)[i, ...])",
    ),
    Structural(
        "take_along",
        ("x", "i"),
        "the entries that the indices choose along an axis, as NumPy's take_along_axis",
        "take_along(x, i)",
        "router",
        _taken,
        own("take_along"),
        (_take_rule, None),
        (
            Sample((MATRIX, ((2.0,), (0.0,))), {"axis": 1}),
            Sample((VECTOR, (2.0, 2.0, -3.0, 1.0)), {"axis": 0}),
            Sample((MATRIX, ((1.0, 0.0, 1.0),)), {"axis": -2}),
            Sample((MATRIX, ((2.0, 0.0),)), {"axis": 1}),
            Sample((((1.0, 2.0, 3.0),), ((2.0,), (0.0,))), {"axis": 1}),
        ),
        settings=(Setting("axis", "integer"),),
        aliases=("take_along_axis",),
    ),
    Structural(
        "put_along",
        ("x", "i"),
        "zeros, each entry of x added where its index says along an axis; undoes take_along",
        "put_along(x, i)",
        "mover",
        _put,
        own("put_along"),
        (_put_rule, None),
        (
            Sample((((5.0,), (7.0,)), ((2.0,), (0.0,))), {"axis": 1, "size": 3}),
            Sample((VECTOR, (1.0, -1.0, 1.0)), {"axis": 0, "size": 2}),
            Sample((MATRIX, ((1.0, 0.0, 1.0),)), {"axis": 1, "size": 4}),
            Sample((((5.0, 7.0, 9.0),), ((1.0, 0.0, 1.0),)), {"axis": 0, "size": 2}),
            Sample((((1.0, 2.0),), ((1.0, 0.0), (1.0, 1.0))), {"axis": -1, "size": 2}),
        ),
        settings=(Setting("axis", "integer"), Setting("size", "integer")),
    ),
    Structural(
        "sort",
        ("x",),
        "the entries in ascending order along an axis; routes each gradient back to its entry",
        "sort(x)",
        "router",
        along_one,
        own("sort"),
        (_sort_rule,),
        (
            Sample((VECTOR,)),
            Sample((MATRIX,)),
            Sample((MATRIX,), {"axis": 0}),
            Sample((CUBE,), {"axis": 1}),
            Sample((MATRIX,), {"axis": None}),
            Sample(((2.0, 1.0, 2.0, 0.0),)),
            Sample(((),)),
        ),
        settings=(Setting("axis", "axis", -1),),
        kink=Kink(
            _equal_neighbours,
            "a tie",
            "tied entries keep their order",
            lambda *x, **settings: (0.0, 1.0),
            freedom.exchanged,
        ),
    ),
    *(
        Structural(
            name,
            ("x",),
            doc,
            f"{name}(x)",
            "blocker",
            shape,
            own(name),
            (None,),
            samples,
            settings=(Setting("axis", "axis", axis),),
        )
        for name, doc, shape, axis, samples in (
            (
                "argsort",
                "the indices that sort the entries along an axis, ties in order; no gradient",
                along_one,
                -1,
                (
                    Sample((VECTOR,)),
                    Sample((MATRIX,), {"axis": 0}),
                    Sample((MATRIX,), {"axis": None}),
                    Sample(((2.0, 1.0, 2.0, 1.0),)),
                ),
            ),
            *(
                (
                    name,
                    f"the index of the {word} entry, the first one of a tie; no gradient",
                    _best,
                    None,
                    (
                        Sample((VECTOR,)),
                        Sample((MATRIX,), {"axis": 1}),
                        Sample((MATRIX,), {"axis": -2}),
                        Sample((MATRIX,)),
                        Sample((2.5,)),
                        Sample(((2.0, 1.0, 2.0, 1.0),)),
                    ),
                )
                for name, word in (("argmax", "greatest"), ("argmin", "least"))
            ),
        )
    ),
)
