"""The functions of structural rows on NumPy arrays.

No operand is ever modified, so that a result may be a view of one. What a shape rule refuses never
arrives here.
"""

from typing import Any

import numpy as np

from gradcalc.engine.arrays.reductions import Reductions
from gradcalc.errors import DataError
from gradcalc.ops.structural.creation import steps


class Structure(Reductions):
    """The structural part of the algebra on arrays of one type.

    Attributes:
        dtype: of everything that it makes.
        generator: where random numbers come from; None where there are none to be had.
    """

    generator: Any = None

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """All entries 0."""
        return np.zeros(shape, self.dtype)

    def ones(self, shape: tuple[int, ...]) -> Any:
        """All entries 1."""
        return np.ones(shape, self.dtype)

    def eye(self, n: int, m: int | None = None) -> Any:
        """1 on the diagonal, 0 elsewhere."""
        return np.eye(n, m, dtype=self.dtype)

    def arange(self, start: float, stop: float | None = None, step: float = 1.0) -> Any:
        """Numbers at equal distances, up to but without ``stop``."""
        if stop is None:
            start, stop = 0.0, start
        return (start + step * np.arange(steps(start, stop, step))).astype(self.dtype)

    def linspace(self, start: float, stop: float, n: int = 50) -> Any:
        """Numbers at equal distances, both ends included."""
        return np.linspace(start, stop, n, dtype=self.dtype)

    def randn(self, shape: tuple[int, ...]) -> Any:
        """Numbers of the standard normal distribution."""
        return np.asarray(self.random().standard_normal(shape)).astype(self.dtype)

    def rand(self, shape: tuple[int, ...]) -> Any:
        """Numbers of the uniform distribution from 0 to 1."""
        return np.asarray(self.random().random(shape)).astype(self.dtype)

    def random(self) -> Any:
        """The generator of random numbers.

        Raises:
            DataError: there is none.
        """
        if self.generator is None:
            raise DataError(
                "random numbers are for the values of inputs",
                "an input keeps its numbers; in an expression they would change with each value",
            )
        return self.generator
