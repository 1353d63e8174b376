"""Axes as other libraries make and move them: ``x[:, None]``, ``expand_dims``, ``swapaxes``."""

import re
from collections.abc import Callable, Sequence

from gradcalc.syntax.operands import AXES, INTEGER, LONGEST_CALL, Operand, bracketed, opening, plain

NEW_AXIS = re.compile(r"None|(?:\w+\.)*newaxis")
ALL = (":", "...", "Ellipsis")
SLICE = re.compile(r"[^\[\](){}]*:[^\[\](){}]*")
#: A name in front of an index, at the end of a text.
INDEXED = re.compile(r"(?<![\w.)\]'])([^\W\d]\w{0,40})\Z")
#: Of what numbers of axes the order is said; x' is that of a matrix.
RANKS = (2, 3, 4)

Mover = Callable[[list[int], int, int], None]


def around(text: str, at: int) -> str:
    """The index around a new axis at a place of a text, as it is written here; else nothing."""
    place = opening(text, at)
    if not re.search(r"[\w)\]']\[", text[max(0, place - 1) : place + 1]):
        return ""
    name = INDEXED.search(text[max(0, place - LONGEST_CALL) : place])
    return indexed(name[1] if name else "...", bracketed(text, place)[0])


def indexed(x: str, items: Sequence[str]) -> str:
    """An index with new axes; nothing where its numbers of axes are not seen."""
    kept = [item for item in items if not NEW_AXIS.fullmatch(item)]
    if not all(item in ALL or INTEGER.fullmatch(item) or SLICE.fullmatch(item) for item in kept):
        return ""
    if not {*kept} <= {*ALL}:
        if not {*kept}.isdisjoint(ALL[1:]):
            return ""
        x = f"{Operand(x):factor}[{', '.join(kept)}]"
    left = [item for item in items if not INTEGER.fullmatch(item)]
    for place, item in enumerate(left):
        if NEW_AXIS.fullmatch(item):
            axis = place
            if not {*left[:place]}.isdisjoint(ALL[1:]):
                axis = -1 - sum(not NEW_AXIS.fullmatch(other) for other in left[place:])
            x = stacked(x, axis)
    return x


def stacked(x: str, axis: int | str) -> str:
    """With a new axis: a stack of one array."""
    return f"stack([{x}], axis={axis})"


def expanded(arguments: Sequence[str]) -> str:
    """``expand_dims(x, 1)``; nothing for several axes that are counted from the end."""
    x, axes = plain(arguments)
    if not AXES.fullmatch(axes) or INTEGER.fullmatch(axes):
        return "" if axes.startswith(("(", "[")) else stacked(x, axes)
    items = [int(item) for item in bracketed(axes, 0)[0]]
    if any(item < 0 for item in items):
        return ""
    for item in sorted(items):
        x = stacked(x, item)
    return x


def _swap(order: list[int], i: int, j: int) -> None:
    order[i], order[j] = order[j], order[i]


def _move(order: list[int], i: int, j: int) -> None:
    order.insert(j, order.pop(i))


def swapped(arguments: Sequence[str]) -> str:
    """What to write for ``swapaxes(x, 0, 1)``."""
    return _reordered(arguments, _swap)


def moved(arguments: Sequence[str]) -> str:
    """What to write for ``moveaxis(x, 0, 1)``."""
    return _reordered(arguments, _move)


def _reordered(arguments: Sequence[str], mover: Mover) -> str:
    """A sentence, for the order depends on how many axes there are."""
    x, *places = [*plain(arguments), "..."]
    if len(places) != 3 or not all(map(INTEGER.fullmatch, places[:2])):
        return (
            f"a matrix, and each matrix of a stack, is transposed by {Operand(x):factor}'"
            f"; all axes are put in order by transpose({x}, (1, 0))"
        )
    programs: dict[int, str] = {}
    i, j = map(int, places[:2])
    for rank in RANKS:
        if -rank <= min(i, j) and max(i, j) < rank:
            order = [*range(rank)]
            mover(order, i % rank, j % rank)
            programs[rank] = _in_order(x, order)
    said = [
        f"{program} for {'a matrix' if rank == 2 else f'{rank} axes'}"
        for rank, program in [*programs.items()][:2]
    ]
    if len({*programs.values()}) == 1 and len(programs) == len(RANKS):
        said = [programs[2]]
    return (
        f"write {', '.join(said)}"
        if said
        else f"all axes are put in order by transpose({x}, (1, 0))"
    )


def _in_order(x: str, order: Sequence[int]) -> str:
    """An array with its axes in an order."""
    size = len(order)
    if [*order] == [*range(size)]:
        return x
    if [*order] == [*range(size - 2), size - 1, size - 2]:
        return f"{Operand(x):factor}'"
    return f"transpose({x}, ({', '.join(map(str, order))}))"
