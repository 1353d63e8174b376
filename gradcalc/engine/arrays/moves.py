"""The functions of NumPy arrays that move and choose entries.

No operand of an operation is modified, so a result may be a view of one; only ``add_part`` changes
an array, a gradient that the backward pass has made itself. What a settings check or a shape rule
refuses never arrives here.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from gradcalc.errors import DataError, Missed, NoEntry
from gradcalc.ops.shapes import ARRAYS, LIMIT, Axis, counted, size_of

#: The most entries that are copied where a view without a copy would do, because making a view by
#: numpy.broadcast_to takes longer.
SMALL = 4096


@lru_cache(maxsize=1024)
def _numpy_key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key of an index in NumPy's own words, but for the arrays."""
    return tuple(slice(*item[1:]) if isinstance(item, tuple) else item for item in key)


def whole(x: Any) -> Any:
    """Whole numbers that are floats, as integers.

    Raises:
        DataError: one is not whole.
    """
    x = np.asarray(x)
    integers = x.astype(np.intp)
    wrong = integers != x
    if wrong.any():
        raise DataError(f"an index is a whole number, and {x[wrong].flat[0]:g} is not")
    return integers


def _described(index: float, size: int, axis: int) -> tuple[str, str]:
    """What is wrong with an index, and what would be right."""
    if not (abs(index) < LIMIT and index == index // 1):
        return f"an index is a whole number, and {index:g} is not", ""
    last = f", 0 to {size - 1}" if size else ""
    return f"there is no index {int(index)}", f"axis {axis} has {counted(size)}{last}"


def _in_range(x: Any, size: int, axis: int) -> Any:
    """Indices along an axis, as integers."""
    indices = whole(x)
    if indices.size and not -size <= indices.min() <= indices.max() < size:
        wrong = indices[(indices < -size) | (indices >= size)].flat[0]
        raise DataError(*_described(wrong, size, axis))
    return indices


def _part(x: Any, key: tuple[Any, ...], indices: Sequence[Any]) -> Any:
    """The part of an array that a key with arrays of indices names."""
    if "subscript" in key and (fault := _first_fault(x.shape, key, indices)):
        raise fault
    arrays = iter(indices)
    try:
        items = [whole(next(arrays)) if item in ARRAYS else item for item in _numpy_key(key)]
        return x[tuple(items)]
    except (IndexError, DataError):
        raise _first_fault(x.shape, key, indices) or IndexError from None


def _first_fault(
    shape: tuple[int, ...], key: tuple[Any, ...], indices: Sequence[Any]
) -> NoEntry | None:
    """What is wrong with arrays of indices, if anything is."""
    arrays = iter(indices)
    for axis, (item, size) in enumerate(zip(key, shape, strict=False)):
        if item in ARRAYS:
            index = np.asarray(next(arrays))
            least = 0 if item == "subscript" else -size
            wrong = index[~((np.floor(index) == index) & (least <= index) & (index < size))]
            if wrong.size:
                missed = Missed(float(wrong[0]), axis, shape, not index.ndim)
                return NoEntry(*_described(missed.number, size, axis), missed)
    return None


class Moves:
    """Moving and choosing entries, in the algebra on arrays of one type.

    Attributes:
        dtype: of everything that it makes.
    """

    dtype: Any
    _read: Any

    def shape(self, x: Any) -> tuple[int, ...]:
        """The shape of a value."""
        return getattr(x, "shape", ())

    # moving entries

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        """The entries in another shape."""
        return x.reshape(shape)

    def flatten(self, x: Any) -> Any:
        """The entries as a vector."""
        return x.reshape(-1)

    def transpose(self, x: Any, axes: Axis = None) -> Any:
        """The axes in another order."""
        return x.T if axes is None else x.transpose(axes)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        """The entries repeated; a view where that saves much."""
        if size_of(shape) > SMALL:
            return np.broadcast_to(np.asarray(x, self.dtype), shape)
        out = np.empty(shape, self.dtype)
        out[...] = x
        return out

    def index(self, x: Any, *indices: Any, key: tuple[Any, ...]) -> Any:
        """The part of ``x`` that a key names."""
        if not indices:
            return x[_numpy_key(key)]
        return _part(x, key, indices)

    def scatter(self, x: Any, *indices: Any, key: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        """Zeros with ``x`` added to the part that a key names."""
        if not indices:
            out = np.zeros(shape, self.dtype)
            out[_numpy_key(key)] = x
            return out
        places = _part(np.arange(size_of(shape)).reshape(shape), key, indices)
        return self._added(x, places, shape)

    def add_part(self, total: Any, x: Any, *indices: Any, key: tuple[Any, ...]) -> None:
        """Add ``x`` to the part of an array that a key names, in place."""
        self._read = None
        if not indices:
            total[_numpy_key(key)] += x
            return
        arrays = iter(indices)
        items = [whole(next(arrays)) if item in ARRAYS else item for item in _numpy_key(key)]
        np.add.at(total, tuple(items), x)

    def _added(self, x: Any, places: Any, shape: tuple[int, ...]) -> Any:
        """Zeros with ``x`` added at places of the flat array; the same place may come again."""
        sums = np.bincount(np.ravel(places), np.ravel(x), size_of(shape))
        return sums.reshape(shape).astype(self.dtype, copy=False)

    def concat(self, *x: Any, axis: int = 0) -> Any:
        """Arrays one behind the other."""
        return np.concatenate(x, axis)

    def stack(self, *x: Any, axis: int = 0) -> Any:
        """Arrays along a new axis."""
        return np.array(x, self.dtype) if axis == 0 else np.stack(x, axis)

    def diag(self, x: Any) -> Any:
        """The diagonal of a matrix, the diagonal matrix of a vector."""
        return np.diag(x)

    def tril(self, x: Any, k: int = 0) -> Any:
        """Zeros above the diagonal."""
        return np.tril(x, k)

    def triu(self, x: Any, k: int = 0) -> Any:
        """The entries on and above a diagonal; zeros elsewhere."""
        return np.triu(x, k)

    def take_along(self, x: Any, i: Any, axis: int) -> Any:
        """numpy.take_along_axis."""
        return np.take_along_axis(x, _in_range(i, x.shape[axis], axis), axis)

    def put_along(self, x: Any, i: Any, axis: int, size: int) -> Any:
        """Zeros, each entry of ``x`` added where its index says along the axis."""
        i = _in_range(i, size, axis)
        x, i = np.broadcast_arrays(x, i % size if size else i)
        x, i = x.swapaxes(axis, -1), i.swapaxes(axis, -1)
        starts = (size * np.arange(size_of(i.shape[:-1]))).reshape(*i.shape[:-1], 1)
        shape = (*i.shape[:-1], size)
        return self._added(x, starts + i, shape).swapaxes(axis, -1)

    def sort(self, x: Any, axis: int | None = -1) -> Any:
        """In ascending order."""
        return np.sort(x, axis)

    def argsort(self, x: Any, axis: int | None = -1) -> Any:
        """The indices that sort, ties in order."""
        return self._indices(np.argsort(x, axis, kind="stable"), x)

    def argmax(self, x: Any, axis: int | None = None) -> Any:
        """The first index of the greatest entry."""
        return self._indices(np.argmax(x, axis), x)

    def argmin(self, x: Any, axis: int | None = None) -> Any:
        """The first index of the least entry."""
        return self._indices(np.argmin(x, axis), x)

    def _indices(self, i: Any, x: Any) -> Any:
        """Indices as numbers of the type."""
        if x.size > 2 / float(np.finfo(self.dtype).eps):
            raise DataError(
                f"{self.dtype} has no numbers for the indices of {x.size} entries",
                "float64 has",
            )
        return i.astype(self.dtype)

    def cumsum(self, x: Any, axis: int | None = None) -> Any:
        """Running sums."""
        return np.add.accumulate(x.reshape(-1) if axis is None else x, 0 if axis is None else axis)
