"""What the forward and the reverse pass ask of the algebra on arrays, beside its functions."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any

import numpy as np

from gradcalc import ops


class Passes:
    """The part of the algebra on arrays that the loops of :mod:`gradcalc.engine.run` call."""

    dtype: "np.dtype[Any]"
    generator: Any
    whole: Callable[[Any], bool]

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

    def cast(self, x: Any) -> Any:
        """A value as an array, or NumPy scalar, of this algebra's type."""
        dtype = getattr(x, "dtype", None)
        if dtype is not None and dtype == self.dtype:  # to NumPy, None is float64
            return x
        x = np.asarray(x, self.dtype)
        return x if x.ndim else x[()]

    def chosen(self, downstream: Any, local: Any) -> Any:
        """The downstream gradient of a gate that routes: where it hands nothing on, 0 and not the
        nan of an infinite gradient times 0."""
        if self.whole(downstream):
            return downstream
        return np.where(np.equal(local, 0.0), self.dtype.type(0.0), downstream)

    def add_into(self, total: Any, part: Any) -> Any:
        """The sum, in the place of ``total`` if that is an array, which the caller has made."""
        if isinstance(total, np.ndarray):
            total += part
            return total
        return total + part

    def masked(
        self,
        downstream: Any,
        rule: Callable[..., Any],
        upstream: Any,
        value: Any,
        inputs: Sequence[Any],
        settings: Mapping[str, Any],
    ) -> Any:
        """The downstream gradient of a bilinear gate, without the nan of zero times infinity.

        An entry is infinite or nan only if some factor of one that is not 0 is: those are counted
        by the same rule, run on zeros and ones.
        """
        if self.whole(downstream):
            return downstream
        finite = [np.where(np.isfinite(x), x, 0.0) for x in inputs]
        strange = [np.where(np.isfinite(x), 0.0, 1.0) for x in inputs]
        counted = rule(self, np.not_equal(upstream, 0.0) * 1.0, value, *strange, **settings)
        return np.where(counted > 0, downstream, rule(self, upstream, value, *finite, **settings))
