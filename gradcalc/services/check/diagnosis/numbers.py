"""Given numbers, and which numbers they agree with; of arrays see :mod:`.arraynumbers`."""

from collections.abc import Iterable
from math import inf
from typing import Any

from gradcalc.services.check.rounding import half_unit
from gradcalc.services.check.types import Answer, Key, Tolerance, Verdicts

#: What arithmetic may lose of a number that is worked out with all its digits, and of a sum of such
#: numbers about 1.
LOST = 1e-12


class Target:
    """An answer that is a number.

    Attributes:
        given: the number.
        half: half a unit of the last digit that was written, 0 where it is not known or the number
            is too short.
        unit: a unit of that digit, which may be rounded or cut off, however short the number is.
        verdict: of marking.
    """

    __slots__ = ("answer", "given", "half", "tolerance", "unit", "verdict")

    def __init__(self, answer: Answer, verdict: str, tolerance: Tolerance) -> None:
        self.answer = answer
        self.given: Any = answer.given
        self.verdict = verdict
        self.tolerance = tolerance
        self.half: Any = half_unit(answer.decimals, answer.digits, tolerance)
        short = tolerance._replace(digits=0)
        self.unit: Any = 2.0 * half_unit(answer.decimals, answer.digits, short)

    @property
    def key(self) -> Key:
        """Of its quantity."""
        return self.answer.quantity.key

    @property
    def node(self) -> int:
        """The node of the graph that it is about."""
        return self.answer.quantity.node

    def agrees(self, value: Any, slack: Any = 0.0) -> bool:
        """Whether the answer may be meant to be ``value``, of which ``slack`` is uncertain."""
        close = self.tolerance.atol + self.tolerance.rtol * abs(value)
        return self._is_near(value, max(close, self.half * (1 + 1e-9)) + slack)

    def is_exactly(self, value: Any, slack: Any = 0.0) -> bool:
        """Whether the answer is ``value`` as far as its digits go, not only within what is
        tolerated."""
        return self._is_near(value, max(self.unit, LOST * max(1.0, abs(value))) + slack)

    def _is_near(self, value: Any, bound: Any) -> bool:
        difference = abs(self.given - value)
        if difference != difference or difference == inf:
            return bool(self.given == value or (self.given != self.given and value != value))
        return bool(difference <= bound)

    def fits(self) -> bool:
        """Whether it can stand for the number of its node in what follows."""
        return bool(self.given - self.given == 0.0)


class Scalars:
    """What the search asks of numbers; :class:`.arraynumbers.Arrays` answers it for arrays."""

    @staticmethod
    def targets(
        answers: Iterable[Answer], verdicts: Verdicts, tolerance: Tolerance
    ) -> dict[Key, Target]:
        """The answers that are numbers, by key. Of an array nothing follows."""
        return {
            answer.quantity.key: Target(answer, verdicts[answer.quantity.key], tolerance)
            for answer in answers
            if answer.given is not None
            and not getattr(answer.given, "shape", ())
            and answer.quantity.key in verdicts
        }

    @staticmethod
    def differ(a: Any, b: Any) -> bool:
        """Whether two numbers differ by more than what arithmetic loses."""
        if a == b:
            return False
        return not abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-12)

    @staticmethod
    def finite(a: Any) -> bool:
        """Whether it is a number that can be worked with."""
        return bool(a - a == 0.0)

    @staticmethod
    def any(a: Any) -> bool:
        """Whether it is not 0."""
        return bool(a != 0.0)

    @staticmethod
    def size(a: Any) -> Any:
        """The absolute value."""
        return abs(a)

    @staticmethod
    def same_shape(a: Any, b: Any) -> bool:
        """Whether two values can be added without being broadcast."""
        return True
