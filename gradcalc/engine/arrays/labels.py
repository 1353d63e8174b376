"""Labels of classes, on NumPy arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcalc.engine.arrays.kept import kept
from gradcalc.errors import DataError


class Labels:
    """The part of the algebra on arrays that is about classes."""

    dtype: "np.dtype[Any]"
    log_softmax: Callable[..., Any]

    @kept
    def one_hot(self, y: Any, n: int) -> Any:
        """1 in the place of each label, 0 elsewhere; the classes are the last axis.

        Raises:
            DataError: a label is no whole number from 0 to n - 1.
        """
        y = np.asarray(y)
        hot = y[..., None] == np.arange(n, dtype=y.dtype)
        if np.count_nonzero(hot) != y.size:
            known = hot.any(axis=-1)
            wrong = np.ravel(~known).argmax()
            where = f"label {wrong} " if known.ndim else "the label "
            help = f"labels are whole numbers from 0 to {n - 1}" if n > 1 else "the only label is 0"
            raise DataError(f"{where}is {np.ravel(y)[wrong]:g}, which is no class", help)
        return hot.astype(self.dtype)

    def softmax_less(self, z: Any, p: Any) -> Any:
        """softmax(z) - p, as (1 - p) * softmax(z) - p * (1 - softmax(z)): for a certain class,
        where both are all but 1, the first term is 0 and the second one exact."""
        logs = self.log_softmax(z)
        return (1.0 - p) * np.exp(logs) + p * np.expm1(logs)
