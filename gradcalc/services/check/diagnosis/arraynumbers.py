"""Given arrays, and which arrays they agree with."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.rounding import half_unit
from gradcalc.services.check.types import Answer, Tolerance, Verdicts


class ArrayTarget(Target):
    """An answer that is an array, or a number in a problem with arrays."""

    __slots__ = ("shape",)

    def __init__(
        self, answer: Answer, verdict: str, tolerance: Tolerance, shape: tuple[int, ...]
    ) -> None:
        super().__init__(answer, verdict, tolerance)
        self.given = np.asarray(self.given, float)
        self.shape = shape
        halves = [half_unit(*entry, tolerance) for entry in answer.entries]
        if len(halves) == self.given.size and halves:
            self.half = np.reshape(halves, self.given.shape)

    def agrees(self, value: Any, slack: Any = 0.0) -> bool:
        """Whether every entry may be meant to be that of ``value``, which has the same shape."""
        value = np.asarray(value, float)
        if value.shape != self.given.shape:
            return False
        slack = np.asarray(slack)
        if slack.shape not in ((), value.shape):
            slack = np.asarray(0.0)
        with np.errstate(all="ignore"):
            difference = np.abs(self.given - value)
            close = self.tolerance.atol + self.tolerance.rtol * np.abs(value)
            near = difference <= np.maximum(close, self.half * (1 + 1e-9)) + slack
        same = (self.given == value) | (np.isnan(self.given) & np.isnan(value))
        return bool((near | same).all())

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
        with np.errstate(all="ignore"):
            scale = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0), 1e-12)
            near = np.abs(a - b) <= 1e-9 * scale
        return not bool((near | (a == b)).all())

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
