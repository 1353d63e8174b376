"""What the forward and the reverse pass ask of the algebra on arrays, beside its functions."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from math import isfinite
from typing import Any
from weakref import ref

import numpy as np

from gradcalc import ops
from gradcalc.engine.zeros import Zeros
from gradcalc.ops.shapes import Shape

#: An array with more elements is big: it is not read twice without need.
SMALL = 10_000
#: The dot product of so many numbers is computed by one thread. To wait for a second one, for which
#: there may be no free core, takes up to a hundred times as long.
ALONE = 8192


class Passes(Zeros):
    """The part of the algebra on arrays that the loops of :mod:`gradcalc.engine.run` call."""

    dtype: "np.dtype[Any]"
    generator: Any
    kept: dict[str, Any]
    #: What was read last: an array, and the sum of its squares.
    _read: "tuple[ref[np.ndarray], Any] | None" = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """An operation of the table that is made of others."""
        if name not in ops.PLACES:
            raise AttributeError(name)
        return partial(ops.row(name).forward, self)

    def quiet(self) -> Any:
        """A context in which nothing is printed about infinities: gradcalc says it itself."""
        return np.errstate(all="ignore")

    def with_generator(self, generator: Any) -> Any:
        """The same algebra with random numbers from a generator."""
        other = copy(self)
        other.generator = generator
        return other

    def forget(self) -> None:
        """Begin a forward pass: see :mod:`gradcalc.engine.arrays.kept`."""
        self.kept.clear()
        self.look_again()

    def look_again(self) -> None:
        """Begin a reverse pass: its caller may have changed the array that was read last."""
        self._read = None

    def cast(self, x: Any) -> Any:
        """A value as an array, or NumPy scalar, of this algebra's type."""
        dtype = getattr(x, "dtype", None)
        if dtype is not None and dtype == self.dtype:  # to NumPy, None is float64
            return x
        x = np.asarray(x, self.dtype)
        return x if x.ndim else x[()]

    def fits(self, x: Any, shape: Shape) -> bool:
        """Whether it is of this shape and this algebra's type."""
        return x.__class__ is not float and x.dtype is self.dtype and x.shape == shape

    def whole(self, x: Any) -> bool:
        """Whether nothing is nan."""
        if isinstance(x, np.ndarray):
            x = self._squares(x)
        return bool(x == x)

    def _squares(self, x: np.ndarray) -> Any:
        """The sum of all squares, by BLAS: NaN if there is a NaN, else infinite if an element is.

        The quickest way to read an array once. It may overflow and underflow. Of a big array it is
        remembered, for it may be asked for again.
        """
        big = x.size > SMALL
        last = self._read
        if big and last is not None and last[0]() is x:
            return last[1]
        flat = x if x.ndim == 1 else x.ravel("K")
        if not big:
            return flat.dot(flat)
        rows = flat[: flat.size // ALONE * ALONE].reshape(-1, ALONE)
        rest = flat[rows.size :]
        total = np.vecdot(rows, rows).sum() + rest.dot(rest)
        self._read = ref(x), total
        return total

    def survey(self, x: Any) -> tuple[bool, bool]:
        """Whether some element is not 0 (nan is not), and whether all are finite."""
        if not isinstance(x, np.ndarray):
            return bool(x != 0.0), isfinite(x)
        if not x.size:
            return False, True
        total = float(self._squares(x))
        # Squares overflow and underflow, so that they prove nothing when their sum is inf or 0.
        some = total != 0.0 or bool(x.any())
        return some, total == total and (total < np.inf or self.finite(x))

    def is_finite_factor(
        self, inputs: Sequence[Any], place: int, value: Any, product: Any, name: str
    ) -> bool:
        """Whether a factor of a product is finite; not asked where it is quicker to read the
        product.

        Args:
            inputs, value: of the bilinear gate of that name; the factor is its operand at
                ``place``.
        """
        factor = inputs[place]
        if name == "matmul" and factor.ndim == inputs[1 - place].ndim == 2:
            # An entry that is not finite makes all of its row, or column, of the value so.
            factor = value[0] if place else value[:, :1]
        if not np.size(factor) or np.size(product) <= np.size(factor) + SMALL:
            return False
        return self.finite(factor)

    def squares(self, x: Any) -> float:
        """The sum of the squares of all elements; infinite where that is beyond the range."""
        return float(self._squares(np.asarray(x)))

    def is_bounded(self, squares: float, x: Any) -> bool:
        """Whether a sum of products of entries of ``x`` and of another array, of which the sum of
        the squares is known, is finite for sure.

        No entry is more than the product of their lengths (Cauchy and Schwarz).
        """
        return bool(squares * self.squares(x) < np.finfo(self.dtype).max)

    def finite(self, x: Any) -> bool:
        """Whether all elements are finite."""
        if not isinstance(x, np.ndarray):
            return isfinite(x)
        total = float(self._squares(x))
        if total == np.inf:  # an infinity, or numbers whose squares overflow
            return bool(np.max(x) < np.inf and np.min(x) > -np.inf)
        return total == total

    def add_into(self, total: Any, part: Any) -> Any:
        """The sum, in the place of ``total`` if that is an array, which the caller has made."""
        if isinstance(total, np.ndarray):
            self._read = None
            total += part
            return total
        return total + part
