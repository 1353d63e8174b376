"""Sums of arrays as they may have been rounded: terms that cancel leave the errors of the terms."""

from typing import Any

import numpy as np

from gradcalc.engine.arrays.algebra import Arrays


class Inexact(Arrays):
    """The algebra on arrays with random errors in sums and products of matrices.

    Source: Higham, *Accuracy and Stability of Numerical Algorithms* (2002), sections 3.1 and 4.2:
    the error of a sum is a multiple of the unit roundoff times the sum of the absolute terms.
    """

    def __init__(self, dtype: str, seed: int) -> None:
        super().__init__(dtype)
        self._generator = np.random.default_rng(seed)
        for name in ("sum", "matmul"):
            setattr(self, name, self._inexact(getattr(self, name)))

    def _inexact(self, function: Any) -> Any:
        def changed(*operands: Any, **settings: Any) -> Any:
            exact = function(*operands, **settings)
            sizes = function(*map(np.abs, operands), **settings)
            signs = 2.0 * self._generator.integers(0, 2, np.shape(exact)) - 1.0
            return self.cast(exact + np.finfo(self.dtype).eps * signs * sizes)

        return changed
