"""Shapes: what fits together, and how it is said.

A shape is a tuple of sizes, ``()`` of a scalar, as in NumPy.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Shape = tuple[int, ...]

#: What NumPy counts bytes, entries and indices up to.
LIMIT = 1 << 63
#: The items of the key of an index that stand for arrays of indices.
ARRAYS = ("array", "subscript")

#: The axes of a reduction; None is all of them.
Axis = int | tuple[int, ...] | None


class Misfit(Exception):
    """Operands whose shapes do not fit, or a setting that does not fit the shapes.

    Attributes:
        message: one phrase, such as ``W is 2×3 and x has 2 entries``. ``{0}`` stands for what the
            user wrote for the first operand, and so on.
        places: the operands to underline; all if empty, and no setting is underlined.
        help: what would fit; with ``{0}`` as in the message. Beside other operands it is written
            ``({0})``, and gets the brackets if it needs them.
        setting: the name of the setting to underline, if it is one that does not fit.
    """

    def __init__(
        self, message: str, help: str = "", places: Sequence[int] = (), setting: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.places = tuple(places)
        self.setting = setting


def described(shape: Shape) -> str:
    """A shape in words: ``a scalar``, ``3 entries``, ``2×3``."""
    if not shape:
        return "a scalar"
    if len(shape) == 1:
        return counted(shape[0])
    return "×".join(map(short, shape))


def of_operand(place: int, shape: Shape) -> str:
    """``{0} is 2×3``, ``{1} has 3 entries``, for a :class:`Misfit`."""
    return stated(f"{{{place}}}", shape)


def stated(what: str, shape: Shape) -> str:
    """``W is 2×3``, ``x has 3 entries``."""
    return f"{what} {'has' if len(shape) == 1 else 'is'} {described(shape)}"


def broadcast(*shapes: Shape) -> Shape:
    """The shape that NumPy broadcasts shapes to.

    Raises:
        Misfit: they do not fit.
    """
    result = _broadcast(shapes)
    if result is None:
        raise _no_broadcast(shapes)
    return result


def are_broadcast(a: Shape, b: Shape) -> bool:
    """Whether one of two shapes is broadcast to the other."""
    return _broadcast((a, b)) in (a, b)


def _broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """The same; None if they do not fit."""
    result: Shape = ()
    for shape in shapes:
        if shape == result or not shape:
            continue
        if not result:
            result = shape
            continue
        short, long = sorted((shape, result), key=len)
        lead = len(long) - len(short)
        sizes = list(long[:lead])
        for a, b in zip(long[lead:], short, strict=True):
            if a != b and 1 not in (a, b):
                return None
            sizes.append(b if a == 1 else a)
        result = tuple(sizes)
    return result


def _no_broadcast(shapes: Sequence[Shape]) -> Misfit:
    """What is wrong with the first two shapes that do not fit each other."""
    i, j = next(
        (i, j)
        for j, second in enumerate(shapes)
        for i, first in enumerate(shapes[:j])
        if _broadcast((first, second)) is None
    )
    help = _fitting(shapes, i, j)
    if not help and len(shapes[i]) == len(shapes[j]) == 1:
        help = "both need the same number of entries"
    rule = "from the last axis on, both sizes are the same, or one of them is 1"
    message = f"{of_operand(i, shapes[i])} and {of_operand(j, shapes[j])}"
    return Misfit(message, help or rule, (i, j))


def _fitting(shapes: Sequence[Shape], i: int, j: int) -> str:
    """The help for two shapes: what makes one of them, j rather than i, fit to the other.

    What makes it fit to all the shapes goes first.
    """
    helps = []
    for place, other in ((j, i), (i, j)):
        shape, wanted = shapes[place], shapes[other]
        if len(shape) == 1 and len(wanted) == 2 and shape[0] == wanted[0]:
            fitting = (*shape, 1)
            help = f"one entry a row: reshape({{{place}}}, {shape[0]}, 1) would fit"
        elif len(shape) == len(wanted) == 2 and shape == wanted[::-1]:
            fitting = wanted
            help = f"({{{place}}})' would fit"
        else:
            continue
        if _broadcast((*shapes[:place], fitting, *shapes[place + 1 :])) is not None:
            return help
        helps.append(help)
    return helps[0] if helps else ""


def axis_of(axis: int, ndim: int) -> int:
    """The axis, counted from the front. Raises Misfit where there is none."""
    if not -ndim <= axis < ndim:
        have = f"{ndim} {'axis' if ndim == 1 else 'axes'}"
        here = f"{{0}} has {have}" if ndim else "{0} is a scalar and has no axes"
        help = f"axis is one of 0 to {ndim - 1}" if ndim > 1 else ""
        if ndim < 2:
            help = "its axis is 0" if ndim else "[{0}], a vector of one entry, has axis 0"
        raise Misfit(f"there is no axis {short(axis)}: {here}", help, (0,), "axis")
    return axis + ndim if axis < 0 else axis


def one_axis(axis: int | tuple[int, ...], ndim: int) -> int:
    """The axis of an operation that takes one, counted from the front.

    Raises:
        Misfit: there is no such axis, or there are several.
    """
    if isinstance(axis, tuple):
        raise Misfit(f"one axis is taken, and here are {len(axis)}", "", (0,), "axis")
    return axis_of(axis, ndim)


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes of a reduction, counted from the front; None is all of them.

    Raises:
        Misfit: there is no such axis, or it is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(axis_of(a, ndim) for a in (axis if isinstance(axis, tuple) else (axis,)))
    if len(set(axes)) < len(axes):
        twice = next(a for a in axes if axes.count(a) > 1)
        raise Misfit(f"axis {twice} is named twice", "", (0,), "axis")
    return axes


def reduced(shape: Shape, axis: Axis = None, keepdims: bool = False) -> Shape:
    """The shape after a reduction over an axis, several, or all (None)."""
    axes = axes_of(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in axes)


def unchanged(x: Shape, axis: Axis = -1) -> Shape:
    """The shape after an operation along axes that keeps it. Raises Misfit as axes_of does."""
    axes_of(axis, len(x))
    return x


def size_of(shape: Iterable[int]) -> int:
    """The number of entries."""
    size = 1
    for n in shape:
        size *= n
    return size


def sized(shape: Sequence[int], setting: str = "shape") -> Shape:
    """A shape that somebody asks for by a setting.

    Raises:
        Misfit: a size is negative.
    """
    for size in shape:
        if size < 0:
            raise Misfit(f"{short(size)} is no size", "a size is 0 or more", setting=setting)
    return tuple(shape)


def reshaped(shape: Shape, sizes: Sequence[int]) -> Shape:
    """The sizes, the one that is -1 (if any) worked out from the number of entries.

    Raises:
        Misfit: the number of entries is another one, or -1 stands twice.
    """
    have = size_of(shape)
    if -1 in sizes:
        place = sizes.index(-1)
        rest = sized((*sizes[:place], *(n for n in sizes[place + 1 :] if n != -1)))
        if len(rest) < len(sizes) - 1:
            help = "only one size can be worked out from the others"
            raise Misfit("-1 stands twice", help, (0,), "shape")
        each = size_of(rest)
        if not each or have % each:
            raise Misfit(
                f"{{0}} has {counted(have)}, which {'×'.join(map(str, rest))} does not divide",
                f"the product of the sizes beside -1 divides {have}" if have else "",
                (0,),
                "shape",
            )
        return (*rest[:place], have // each, *rest[place:])
    want = size_of(sized(sizes))
    if want != have:
        raise Misfit(
            f"{{0}} has {counted(have)}, and {_written(sizes)} has {short(want)}",
            f"as many entries, such as {_written(_nearest(have, sizes))}",
            (0,),
            "shape",
        )
    return tuple(sizes)


def _written(sizes: Sequence[int]) -> str:
    return described(tuple(sizes)) if len(sizes) != 1 else f"a vector of {short(sizes[0])}"


def _nearest(size: int, sizes: Sequence[int]) -> Shape:
    """A shape of so many entries that differs from ``sizes`` in one of them; else a vector."""
    for place in reversed(range(len(sizes))):
        each = size_of(sizes[:place]) * size_of(sizes[place + 1 :])
        if each and size % each == 0:
            return (*sizes[:place], size // each, *sizes[place + 1 :])
    return (size,)


def spread_axes(shape: Shape, target: Sequence[int]) -> tuple[int, ...]:
    """The axes of ``target`` along which NumPy repeats a shape that is broadcast to it.

    Raises:
        Misfit: it cannot be.
    """
    sized(target)
    lead = len(target) - len(shape)
    if lead < 0 or any(a not in (1, b) for a, b in zip(shape, target[lead:], strict=True)):
        raise Misfit(
            f"{of_operand(0, shape)}, and does not spread to {_written(target)}",
            "from the last axis on, a size is the wanted one or 1",
            (0,),
            "shape",
        )
    grown = [lead + i for i, a in enumerate(shape) if a != target[lead + i]]
    return (*range(lead), *grown)


def counted(size: int, noun: str = "entry") -> str:
    """``1 entry``, ``6 entries``, ``2 axes``, ``3 rows``."""
    plural = {"entry": "entries", "axis": "axes", "index": "indices"}.get(noun, f"{noun}s")
    return f"{short(size)} {noun if size == 1 else plural}"


def short(number: int) -> str:
    """A whole number, one that nobody would read to its end roughly: ``1e19``."""
    if abs(number) < 10**15:
        return str(number)
    return f"{number:.3g}".replace("+", "") if abs(number) < 10**308 else "more than 10^308"


def indexed(key: Sequence[Any], shape: Shape, *indices: Shape) -> Shape:
    """The shape of a part of an array, by NumPy's rules.

    Args:
        key: an item for each of the leading axes: a whole number, which drops the axis,
            ``("slice", start, stop, step)``, or ``"array"`` for the next array of indices, or
            ``"subscript"`` for one of subscripts, which are not negative.
        shape: of the array.
        indices: the shapes of the arrays of indices.

    Raises:
        Misfit: there is no such part.
    """
    if not shape and key:
        raise Misfit("{0} is a scalar, and has no entries to choose from", places=(0,))
    if len(key) > len(shape):
        have = f"{{0}} has {counted(len(shape), 'axis')}"
        help = "each axis takes one index" if len(shape) > 1 else "it takes one index"
        raise Misfit(f"{have}, and here are {counted(len(key), 'index')}", help, (0,))
    kept: list[int] = []
    advanced: list[int] = []  # the places of the items that are whole numbers or arrays
    gap = 0  # how many sizes were kept in front of the first of them
    for axis, (item, size) in enumerate(zip(key, shape, strict=False)):
        if isinstance(item, tuple):
            kept.append(_length(item, size))
            continue
        if isinstance(item, int):
            _check_index(item, axis, shape)
        if not advanced:
            gap = len(kept)
        advanced.append(axis)
    rest = shape[len(key) :]
    if not indices:
        return (*kept, *rest)
    together = broadcast((), *indices)  # the array in front, so that a misfit has their places
    if advanced[-1] - advanced[0] >= len(advanced):  # a slice between them
        gap = 0
    return (*kept[:gap], *together, *kept[gap:], *rest)


def _length(item: tuple[Any, ...], size: int) -> int:
    """The number of entries of a slice."""
    _, start, stop, step = item
    if step == 0:
        raise Misfit("a slice has no step 0", "a step is 1 or more, or negative to go backwards")
    return len(range(*slice(start, stop, step).indices(size)))


def _check_index(index: int, axis: int, shape: Shape) -> None:
    size = shape[axis]
    if -size <= index < size:
        return
    if len(shape) > 1:
        has = f"axis {axis} of {{0}} has {counted(size) if size else 'no entries'}"
        last = f", 0 to {size - 1}" if size else ""
    else:
        has = f"{{0}} has {counted(size) if size else 'no entries'}"
        last = f": the last one is {{0}}[{size - 1}]" if size else ""
        if size and index < 0:
            last = f": the first one is {{0}}[0], or {{0}}[-{size}]"
    raise Misfit(f"there is no index {short(index)}", has + last, (0,))


def count_along(shape: Shape, axis: Axis) -> int:
    """How many entries a reduction makes one of."""
    return size_of(shape[i] for i in axes_of(axis, len(shape)))


def has_truth_values(value: Any) -> bool:
    """Whether a value is an array of them, which as an index is a mask to NumPy."""
    return bool(getattr(value, "shape", ())) and value.dtype.kind == "b"
