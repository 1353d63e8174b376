"""What a numerical check found out."""

from collections.abc import Iterable
from typing import NamedTuple

from gradcalc.engine.numerical.differences import AGREES, CANNOT_TELL, DISAGREES, Comparison

VERDICTS = (AGREES, CANNOT_TELL, DISAGREES)
#: A smaller relative error says nothing: the differences themselves are not better than that.
NOISE = 1e-7


class Check(NamedTuple):
    """One derivative, compared with differences.

    Attributes:
        what: the name of the input, or the operation of the gate.
        part: of an array the entry, or which direction; of a gate the operand; else empty.
        node: the id of the gate; None for an input.
        analytic: what backpropagation, or the rule of the gate, says.
        numeric: what the differences say; None if nothing.
        error: |analytic - numeric| / max(|analytic|, |numeric|), or None.
        verdict: ``agrees``, ``disagrees`` or ``cannot tell``.
        reason: one phrase, empty if they agree; but ``within rounding errors`` where the relative
            error says nothing, such as that of a gradient that is 0, ``in the entries that are
            finite`` where others were left out, and ``on the side on which f is finite``.
        counts: whether it says anything about the gradients of the inputs.
    """

    what: str
    part: str
    node: int | None
    analytic: float
    numeric: float | None
    error: float | None
    verdict: str
    reason: str
    counts: bool = True

    @property
    def badness(self) -> tuple[int, float]:
        """To sort by: what says most against a derivative comes last."""
        error = self.error or 0.0
        harmless = self.verdict == AGREES and self.reason
        return VERDICTS.index(self.verdict), 0.0 if harmless or error < NOISE else error


class Verification(NamedTuple):
    """All checks of one output.

    Attributes:
        inputs: of each input one check, or several where it is an array.
        gates: of each gate one for each operand that varies: its local gradient.
        notes: what was not checked, or only in part; a sentence each.
    """

    inputs: tuple[Check, ...]
    gates: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """``disagrees`` if any check that counts does; else ``cannot tell`` if that is so for any,
        or if everything that was to be checked was left alone."""
        verdict = worst_verdict([*self.inputs, *[gate for gate in self.gates if gate.counts]])
        left_alone = self.notes and not self.inputs
        return CANNOT_TELL if left_alone and verdict == AGREES else verdict

    @property
    def failed(self) -> bool:
        """Whether something disagrees."""
        return self.verdict == DISAGREES

    def by_input(self) -> list[Check]:
        """For each input the check that says most against its gradient."""
        found: dict[str, Check] = {}
        for check in self.inputs:
            other = found.get(check.what)
            if other is None or check.badness > other.badness:
                found[check.what] = check
        return list(found.values())

    def failed_gates(self) -> list[Check]:
        """The gates that do not agree, those that disagree first."""
        failed = [check for check in self.gates if check.verdict != AGREES]
        return sorted(failed, key=lambda check: -VERDICTS.index(check.verdict))


def worst_verdict(checks: Iterable[Check]) -> str:
    """The verdict on several things together."""
    return VERDICTS[max((VERDICTS.index(check.verdict) for check in checks), default=0)]


def check_of(what: str, part: str, found: Comparison, node: int | None = None) -> Check:
    """The check for a comparison."""
    known = found.numeric == found.numeric
    error = found.error
    return Check(
        what=what,
        part=part,
        node=node,
        analytic=found.derivative,
        numeric=found.numeric if known else None,
        error=error if error == error else None,
        verdict=found.verdict,
        reason=found.reason,
    )
