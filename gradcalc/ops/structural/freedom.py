"""What may be chosen at the kinks of structural rows: their generalised derivatives.

Each function is the ``free`` of a :class:`gradcalc.ops.row.Kink`: of the value of a gate at a kink,
its operands (arrays) and settings it yields the numbers that may be chosen there.

Source: Clarke, *Optimization and Nonsmooth Analysis* (1983), section 2.3; for norms the unit ball
of the dual norm, Rockafellar, *Convex Analysis* (1970), section 23.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from math import inf
from typing import Any

from gradcalc.ops.row import BALL, CENTRED, CROSS, SHARE, Entry, Freedom
from gradcalc.ops.shapes import Axis, count_along
from gradcalc.ops.structural.windows import Sizes, pooling_settings

#: So many equal entries may come in any order when they are sorted.
MOST_TIED = 4


def _entries(mask: Any) -> Iterator[Entry]:
    from numpy import argwhere

    for entry in argwhere(mask):
        yield tuple(entry.tolist())


def _reduced(rank: int, axis: Axis, keepdims: bool) -> Callable[[Entry], Entry]:
    """The entry of a value that an entry of the operand goes into."""
    axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
    along = {k % rank for k in axes}
    if keepdims:
        return lambda entry: tuple(0 if k in along else i for k, i in enumerate(entry))
    return lambda entry: tuple(i for k, i in enumerate(entry) if k not in along)


def tied(greatest: bool) -> Callable[..., Iterator[Freedom]]:
    """Of the greatest or least entries: tied ones share the gradient in any way."""

    def free(v: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Iterator[Freedom]:
        best = x.max if greatest else x.min
        return _shares(x == best(axis=axis, keepdims=True), axis, keepdims)

    return free


def _shares(ties: Any, axis: Axis, keepdims: bool, signs: Any = None) -> Iterator[Freedom]:
    counts = ties.sum(axis=axis, keepdims=True) + 0 * ties
    value_entry = _reduced(ties.ndim, axis, keepdims)
    for entry in _entries(ties & (counts > 1)):
        at = value_entry(entry)
        factor = 1.0 if signs is None else float(signs[entry])
        yield Freedom(((entry, at, factor),), 0.0, 1.0, 1.0 / float(counts[entry]), at, SHARE)


def tied_windows(x: Any, size: Sizes, stride: Any = None, padding: Sizes = 0) -> Any:
    """In which windows of max_pool the greatest entry stands more than once."""
    from numpy import inf, pad
    from numpy.lib.stride_tricks import sliding_window_view

    window, (down, right), (above, left) = pooling_settings(size, stride, padding)
    edges = ((0, 0),) * (x.ndim - 2) + ((above, above), (left, left))
    windows = sliding_window_view(pad(x, edges, constant_values=-inf), window, axis=(-2, -1))
    windows = windows[..., ::down, ::right, :, :]
    greatest = windows.max(axis=(-2, -1), keepdims=True)
    return (windows == greatest).sum(axis=(-2, -1)) > 1


def pooled(
    v: Any, x: Any, size: Sizes, stride: Sizes | None = None, padding: Sizes = 0
) -> Iterator[Freedom]:
    """Of the windows of max_pool: the tied entries of each share its gradient in any way."""
    (high, wide), (down, right), (above, left) = pooling_settings(size, stride, padding)
    for at in _entries(tied_windows(x, size, stride, padding)):
        *image, i, j = at
        top, side = i * down - above, j * right - left
        window = [
            (*image, row, column)
            for row in range(max(top, 0), min(top + high, x.shape[-2]))
            for column in range(max(side, 0), min(side + wide, x.shape[-1]))
        ]
        best = [entry for entry in window if x[entry] == v[at]]
        for entry in best:
            yield Freedom(((entry, at, 1.0),), 0.0, 1.0, 1.0 / len(best), at, SHARE)


def hinged(v: Any, s: Any, y: Any, delta: float = 1.0) -> Iterator[Freedom]:
    """Of margins of exactly 0 in svm_loss: any part of the score's gradient."""
    if not s.size:
        return
    from numpy import arange, take_along_axis

    labels = y.astype(int)[..., None]
    margins = s - take_along_axis(s, labels, -1) + delta
    weight = 1.0 / (s.shape[0] if s.ndim == 2 else 1)
    for entry in _entries((margins == 0) & (arange(s.shape[-1]) != labels)):
        right = (*entry[:-1], int(labels[entry[:-1]][0]))
        yield Freedom(((entry, (), weight), (right, (), -weight)), 0.0, 1.0, 0.0)


def normed(
    v: Any, x: Any, ord: float = 2.0, axis: Axis = None, keepdims: bool = False
) -> Iterator[Freedom]:
    """Of norms: at 0 any vector whose dual norm is at most 1."""
    sizes = abs(x)
    value_entry = _reduced(x.ndim, axis, keepdims)
    whole = sizes.max(axis=axis, keepdims=True, initial=0.0)
    if ord == inf:
        from numpy import sign

        yield from _shares((sizes == whole) & (whole > 0), axis, keepdims, sign(x))
    for entry in _entries((x == 0) & ((whole == 0) | (ord == 1))):
        at = value_entry(entry)
        group, limit = (None, "") if ord == 1 else (at, BALL if ord == 2 else CROSS)
        yield Freedom(((entry, at, 1.0),), -1.0, 1.0, 0.0, group, limit)


def constant(
    v: Any, x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False
) -> Iterator[Freedom]:
    """Of std, the length of x - mean(x) over sqrt(n - ddof): any vector of length 1 at most that
    adds up to 0, over that root."""
    n = count_along(x.shape, axis)
    if n < 2 or n <= ddof or not x.size:
        return
    equal = x.max(axis=axis, keepdims=True) == x.min(axis=axis, keepdims=True)
    value_entry = _reduced(x.ndim, axis, keepdims)
    scale = float(n - ddof) ** -0.5
    for entry in _entries(equal & (x == x)):
        at = value_entry(entry)
        yield Freedom(((entry, at, scale),), -1.0, 1.0, 0.0, at, CENTRED)


def exchanged(v: Any, x: Any, axis: int | None = -1) -> Iterator[Freedom]:
    """Of equal entries that are sorted: a share for each order that they may come in (Birkhoff:
    every doubly stochastic matrix is an average of permutations). Of more than MOST_TIED only the
    usual order."""
    if not x.size:
        return
    from numpy import argsort, moveaxis, ndindex, unravel_index

    lines = x.reshape(1, -1) if axis is None else moveaxis(x, axis, -1)
    order = argsort(lines, axis=-1, kind="stable")

    def operand(line: Entry, i: int) -> Entry:
        if axis is None:
            return tuple(int(k) for k in unravel_index(i, x.shape))
        return _inserted(line, axis % x.ndim, i)

    def value(line: Entry, i: int) -> Entry:
        return (i,) if axis is None else _inserted(line, axis % x.ndim, i)

    for line in ndindex(lines.shape[:-1]):
        places = order[line].tolist()
        for start, stop in _runs(lines[line][order[line]].tolist()):
            if not 1 < stop - start <= MOST_TIED:
                continue
            tied = range(start, stop)
            for permuted in permutations(tied):
                parts = [
                    (operand(line, places[i]), value(line, k), 1.0)
                    for i, k in zip(tied, permuted, strict=True)
                ]
                usual = float(permuted == tuple(tied))
                yield Freedom(tuple(parts), 0.0, 1.0, usual, (*line, start), SHARE)


def _runs(ordered: list[float]) -> Iterator[tuple[int, int]]:
    """Where equal numbers begin and end."""
    start = 0
    for i in range(1, len(ordered) + 1):
        if i == len(ordered) or ordered[i] != ordered[start]:
            yield start, i
            start = i


def _inserted(line: Entry, place: int, i: int) -> Entry:
    return (*line[:place], i, *line[place:])
