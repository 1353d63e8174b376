"""Reductions of NumPy arrays, and the operations that go along axes as they do."""

from typing import Any

import numpy as np

from gradcalc.engine.arrays.kept import kept
from gradcalc.engine.arrays.moves import Moves
from gradcalc.engine.arrays.special import put_logs_of_sums
from gradcalc.ops.shapes import Axis, axes_of, reduced, size_of
from gradcalc.ops.structural.rules import joined_axes, parted_axes

# Of (array, axis, None, None, keepdims, initial). By place, which is faster than by keyword.
_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce
_maximum: Any = np.maximum.reduce
_minimum: Any = np.minimum.reduce

#: Rows along the last axis of at most so many bytes are reduced more quickly as columns ...
NARROW = 64
#: ... if there are so many of them, but not of an array so big that a copy takes longer: bytes of a
#: row, times bytes of the array.
MANY = 64
BIG = 1 << 31
#: Along an axis that is longer, so many entries are added at a time ...
LONG, PART = 512, 128
#: ... those of a few rows, or of rows of less than so many bytes the same entry of many parts.
WIDE = 1 << 12
#: An exponent of two beyond every float's.
BEYOND = 1 << 14


class Reductions(Moves):
    """The reductions of the algebra on arrays of one type."""

    def sum(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The sum of the entries."""
        return _sum(x, axis, keepdims)

    def mean(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The mean of the entries, also where their sum overflows; nan of none."""
        n = _count(x, axis)
        mean = _sum(x, axis, keepdims) / self.dtype.type(n)
        if n and not np.isfinite(mean).all():
            return _sum(x / n, axis, keepdims)
        return mean

    def var(self, x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """The mean square distance from the mean, in two passes."""
        d = self.centred(x, axis)
        d *= d
        return _sum(d, axis, keepdims) / self.dtype.type(_count(x, axis) - ddof)

    def std(self, x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """The root of the variance, also where that is beyond the range."""
        d = self.centred(x, axis)
        return self._root_mean_square(d, axis, _count(x, axis) - ddof, keepdims)

    def centred(self, x: Any, axis: Axis = None) -> Any:
        """The distances from the mean, in an array of their own.

        The mean is rounded, by much where it is large beside the distances or the sum of many
        numbers: these are centred a second time. Of equal entries the distances are 0.
        """
        x = _columns(x, axis)
        d = np.asarray(x - self.mean(x, axis, True))
        d -= self.mean(d, axis, True)
        return d

    def norm(self, x: Any, ord: float = 2.0, axis: Axis = None, keepdims: bool = False) -> Any:
        """The sum of the sizes, the root of the sum of the squares, or the greatest size."""
        x = _columns(x, axis)
        if ord == 2:
            return self._root_mean_square(x, axis, 1, keepdims)
        if ord == 1:
            return _sum(np.abs(x), axis, keepdims)
        return _maximum(np.abs(x), axis, None, None, keepdims, 0.0)

    def _root_mean_square(self, x: Any, axis: Axis, n: int, keepdims: bool) -> Any:
        """The root of an ``n``-th of the sum of the squares; where a square is beyond the range,
        of numbers scaled by a power of two."""
        divisor = self.dtype.type(n)
        squares = _sum(x * x, axis, keepdims)
        limits = np.finfo(self.dtype)
        # So far from the least number, what was lost below it is no part of the result.
        if ((squares > limits.tiny / limits.eps**2) & (squares < np.inf)).all():
            return np.sqrt(squares / divisor)
        greatest = _maximum(np.abs(x), axis, None, None, True, 0.0)
        exponents = np.where(np.isfinite(greatest), np.frexp(greatest)[1], 0)
        scaled = np.ldexp(x, -exponents)
        scaled *= scaled
        squares = _sum(scaled, axis, keepdims)
        return np.ldexp(np.sqrt(squares / divisor), exponents.reshape(squares.shape))

    # products

    def prod(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The product of the entries, also where a part of it is beyond the range."""
        if self._product_is_safe(x, _count(x, axis)):
            return _multiply(x, axis, None, None, keepdims)
        mantissas, exponents = np.frexp(joined_axes(self, x, axis))
        exponents = _add(exponents, -1, np.int64)
        while mantissas.shape[-1] > 1:
            pairs = _paired(mantissas, 1.0)
            mantissas, carried = np.frexp(pairs[..., 0] * pairs[..., 1])
            exponents = exponents + _add(carried, -1, np.int64)
        return _ldexp(_multiply(mantissas, -1), exponents).reshape(reduced(x.shape, axis, keepdims))

    def _product_is_safe(self, x: Any, n: int) -> bool:
        """Whether no product of ``n`` or fewer entries is beyond the range."""
        sizes = np.abs(x)
        greatest = sizes.max(initial=1.0)
        least = sizes.min(initial=1.0, where=sizes > 0.0)
        bound = n * max(np.log2(greatest), -np.log2(least))
        return bool(bound < -np.finfo(self.dtype).minexp)

    def prod_others(self, x: Any, axis: Axis = None) -> Any:
        """For each entry the product of all the others along the axes."""
        mantissas, exponents = np.frexp(joined_axes(self, x, axis))
        products = _ldexp(*_others(mantissas, exponents.astype(np.int64)))
        return parted_axes(self, products, x.shape, axis)

    # extremes and exponentials

    def amax(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The greatest entry."""
        return _maximum(_fewer(_maximum, _columns(x, axis), axis), axis, None, None, keepdims)

    def amin(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The least entry."""
        return _minimum(_fewer(_minimum, _columns(x, axis), axis), axis, None, None, keepdims)

    def logsumexp(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        """The logarithm of the sum of the exponentials."""
        greatest, _, rest = self._exponentials(x, axis)
        result = np.where(np.isfinite(greatest), greatest + np.log1p(rest), greatest)
        doubtful = -8.0 * np.abs(result) > greatest
        if doubtful.any():
            rows = joined_axes(self, x, axis)
            shape = rows.shape[:-1]
            result = put_logs_of_sums(result.reshape(shape), doubtful.reshape(shape), rows)
            result = result.reshape(greatest.shape)
        return result if keepdims else result.reshape(reduced(x.shape, axis))[()]

    def softmax(self, x: Any, axis: Axis = -1) -> Any:
        """Exponentials, divided by their sum."""
        x = _columns(x, axis, 2 * NARROW)
        e = np.asarray(x - _greatest(x, axis))
        np.exp(e, e)
        e /= _sum(e, axis, True)
        return e

    @kept
    def log_softmax(self, x: Any, axis: Axis = -1) -> Any:
        """The logarithm of softmax."""
        _, distances, rest = self._exponentials(x, axis)
        return distances - np.log1p(rest)

    def _exponentials(self, x: Any, axis: Axis) -> tuple[Any, Any, Any]:
        """The greatest entry, the (negative) distances of all from it, and the sum of the
        exponentials of these distances without one that is 0, so without its 1. The distances and
        the sum are nan where the greatest entry is not finite.

        Near 1, the logarithm of the sum would lose what is smaller than an ulp of 1.
        """
        x = _columns(x, axis, 2 * NARROW)
        greatest = _greatest(x, axis)
        distances = x - greatest
        e = np.asarray(np.exp(distances))
        first = np.equal(distances, 0.0, out=np.empty_like(e))
        e -= first
        ties = _sum(first, axis, True) - 1.0
        return greatest, distances, _sum(e, axis, True) + ties


def _sum(x: Any, axis: Axis, keepdims: bool) -> Any:
    return _add(_fewer(_add, _columns(x, axis), axis), axis, None, None, keepdims)


def _greatest(x: Any, axis: Axis) -> Any:
    """The greatest entries, with axes of size 1; -inf of none."""
    return _maximum(_fewer(_maximum, x, axis), axis, None, None, True, -np.inf)


def _fewer(reduce: Any, x: Any, axis: Axis) -> Any:
    """An array with the same sum (or whatever ``reduce`` makes) along these axes, now shorter.

    NumPy adds pairwise in the direction of the memory. In another one it adds row after row, so
    that the error grows with their number, and calls a loop for each row, however narrow. Here the
    error grows with the logarithm (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002,
    section 4.2), and rows that are narrow are added side by side.
    """
    if axis is None or x.ndim < 2 or x.size <= LONG:
        return x
    for a in axes_of(axis, x.ndim):
        while x.shape[a] > LONG and x.strides[a] != x.itemsize:
            x = _folded(reduce, x, a)
    return x


def _folded(reduce: Any, x: Any, axis: int) -> Any:
    """Along the axis one entry for every PART."""
    before, n, behind = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    parts = n // PART
    wide = x.itemsize * size_of(behind) > WIDE
    sizes = (parts, PART) if wide else (PART, parts)
    every = (slice(None),) * axis
    whole, rest = x[(*every, slice(parts * PART))], x[(*every, slice(parts * PART, None))]
    found = reduce(whole.reshape(*before, *sizes, *behind), axis + wide)
    if parts * PART == n:
        return found
    return np.concatenate([found, reduce(rest, axis, None, None, True)], axis)


def _columns(x: Any, axis: Axis, narrow: int = NARROW) -> Any:
    """The array itself, or where its last axis is narrow and the one to reduce, a copy with that
    axis outermost in memory.

    NumPy reduces one row after the other, and the call for a row takes as long as twenty entries.
    """
    if axis is None or not isinstance(x, np.ndarray) or x.ndim < 2:
        return x
    last = x.ndim - 1
    width = x.shape[last]
    row = width * x.itemsize
    if axis not in (-1, last) or width < 2 or row > narrow:
        return x
    if x.size < MANY * width or row * x.nbytes > BIG:
        return x
    columns = np.ascontiguousarray(x.transpose(last, *range(last)))
    return columns.transpose(*range(1, x.ndim), 0)


def _count(x: Any, axis: Axis) -> int:
    """How many entries a reduction makes one of."""
    if axis is None:
        return int(x.size)
    if isinstance(axis, int):
        return int(x.shape[axis])
    return size_of(x.shape[a] for a in axes_of(axis, x.ndim))


def _paired(x: Any, filler: float) -> Any:
    """Neighbours along the last axis, in an axis of their own; the last one of an odd number with
    a filler."""
    if x.shape[-1] % 2:
        x = np.concatenate([x, np.full((*x.shape[:-1], 1), filler, x.dtype)], -1)
    return x.reshape(*x.shape[:-1], x.shape[-1] // 2, 2)


def _others(mantissas: Any, exponents: Any) -> tuple[Any, Any]:
    """The products of all other numbers along the last axis, numbers as mantissa and exponent.

    The others of a number are its neighbour, and the others of the pair of both.
    """
    n = mantissas.shape[-1]
    if n < 2:
        return np.ones_like(mantissas), np.zeros_like(exponents)
    m, e = _paired(mantissas, 1.0), _paired(exponents, 0)
    product, carried = np.frexp(m[..., 0] * m[..., 1])
    around, power = _others(product, e[..., 0] + e[..., 1] + carried)
    m = around[..., None] * m[..., ::-1]
    e = power[..., None] + e[..., ::-1]
    shape = (*m.shape[:-2], 2 * m.shape[-2])
    return m.reshape(shape)[..., :n], e.reshape(shape)[..., :n]


def _ldexp(mantissas: Any, exponents: Any) -> Any:
    return np.ldexp(mantissas, np.clip(exponents, -BEYOND, BEYOND).astype(np.intc))
