"""Given arrays, and which arrays they agree with. Marks are given with NumPy's warnings off."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradcalc.services.check.diagnosis.numbers import LOST, Target
from gradcalc.services.check.rounding import half_units
from gradcalc.services.check.types import Answer, Tolerance, Verdicts


class ArrayTarget(Target):
    """An answer that is an array, or a number in a problem with arrays."""

    __slots__ = ("_rounding", "shape")

    def __init__(
        self, answer: Answer, verdict: str, tolerance: Tolerance, shape: tuple[int, ...]
    ) -> None:
        super().__init__(answer, verdict, tolerance)
        self.given = np.asarray(self.given, float)
        self.shape = shape
        if self.given.size and len(answer.entries) == self.given.size:
            short = tolerance._replace(digits=0)
            self.half = np.reshape(half_units(answer.entries, tolerance), self.given.shape)
            self.unit = 2.0 * np.reshape(half_units(answer.entries, short), self.given.shape)
        self._rounding = self.half * (1 + 1e-9)

    def agrees(self, value: Any, slack: Any = 0.0) -> bool:
        """Whether every entry may be meant to be that of ``value``, which has the same shape."""
        close = self._close(value, slack)
        return close is not None and bool(close.all())

    def is_exactly(self, value: Any, slack: Any = 0.0) -> bool:
        """Whether every entry is that of ``value`` as far as its digits go, not only within what is
        tolerated."""
        value = np.asarray(value, float)
        lost = LOST * max(1.0, np.abs(value).max(initial=0.0, where=np.isfinite(value)))
        close = self._near(value, np.maximum(self.unit, lost), slack)
        return close is not None and bool(close.all())

    def differing(self, value: Any) -> int | None:
        """How many entries cannot be meant to be those of ``value``; None if the shapes differ."""
        close = self._close(value, 0.0)
        return None if close is None else int(close.size - np.count_nonzero(close))

    def _close(self, value: Any, slack: Any) -> Any:
        value = np.asarray(value, float)
        if value.shape != self.given.shape:
            return None
        bound = self.tolerance.rtol * np.abs(value) + self.tolerance.atol
        return self._near(value, np.maximum(bound, self._rounding), slack)

    def _near(self, value: Any, bound: Any, slack: Any) -> Any:
        """Which entries are within the bound, of which ``slack`` comes on top; None if the shapes
        differ."""
        given = self.given
        if value.shape != given.shape:
            return None
        if getattr(slack, "shape", ()) not in ((), value.shape):
            slack = 0.0
        close = np.abs(given - value) <= bound + slack
        if close.all():
            return close
        # Infinities and NaNs are near to nothing.
        return close | (given == value) | (np.isnan(given) & np.isnan(value))

    def fits(self) -> bool:
        """Whether it has the shape of its node, and is finite."""
        return self.given.shape == self.shape and bool(np.isfinite(self.given).all())


class Arrays:
    """See :class:`gradcalc.services.check.diagnosis.numbers.Scalars`."""

    def __init__(self, shape: Any) -> None:
        self._shape = shape

    def targets(
        self, answers: Iterable[Answer], verdicts: Verdicts, tolerance: Tolerance
    ) -> dict[tuple[str, int], Target]:
        """The answers that are numbers or arrays, by key."""
        return {
            answer.quantity.key: ArrayTarget(
                answer,
                verdicts[answer.quantity.key],
                tolerance,
                self._shape(answer.quantity.node),
            )
            for answer in answers
            if answer.given is not None and answer.quantity.key in verdicts
        }

    @staticmethod
    def differ(a: Any, b: Any) -> bool:
        """Whether two arrays differ by more than what arithmetic loses, or in their shapes."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            return True
        if a is b:
            return False
        one, other = np.abs(a), np.abs(b)
        scale = max(one.max(initial=1e-12), other.max(initial=1e-12))
        near = np.abs(a - b) <= 1e-9 * scale
        return not bool(near.all() or (near | (a == b)).all())

    @staticmethod
    def finite(a: Any) -> bool:
        """Whether all its entries can be worked with."""
        return bool(np.isfinite(a).all())

    @staticmethod
    def any(a: Any) -> bool:
        """Whether an entry is not 0."""
        return bool(np.any(a))

    @staticmethod
    def size(a: Any) -> Any:
        """The absolute values."""
        return np.abs(a)

    @staticmethod
    def same_shape(a: Any, b: Any) -> bool:
        """Whether two values can be added without being broadcast."""
        return bool(np.shape(a) == np.shape(b))
