"""What a check comes to."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcalc.report import Note, Value, jsonable
from gradcalc.services.check.types import RIGHT, WRONG, Finding

SCHEMA_VERSION = 1
#: How much of the key is given away: the verdicts, the gates, the rules, all of it.
VERDICTS, GATES, RULES, ALL = range(4)


class Item(NamedTuple):
    """One quantity, or one answer that is none.

    Attributes:
        quantity: its one name; as it was written if it is unknown.
        given: the answer as it was written; None for none.
        value: its number or array; None of what has none.
        expected: the right number or array; None if it is not known, or not to be shown.
        verdict: ``right``, ``carried``, ``wrong``, ``missing``, ``repeated``, ``unknown`` or
            ``unreadable``.
        rule: what decided: ``tolerance``, ``rounded``, ``formula``, ``subgradient``, ``rounded
            steps``, ``carried``; None where the answer is not right.
        points, max_points: what it gets, of how many.
        remark: a sentence, or None.
        cause: the quantity of the first wrong answer, that a carried one follows from.
        diagnostic: of an answer that cannot be read: where and why, in several lines.
    """

    quantity: str
    given: str | None
    value: Value | None
    expected: Value | None
    verdict: str
    rule: str | None
    points: float
    max_points: float
    remark: str | None = None
    cause: str | None = None
    diagnostic: str | None = None


class Marks(NamedTuple):
    """The marks for one submission.

    Attributes:
        expression, output: of the problem: the output's operation and name.
        items: in the order of the answers; what is missing behind them.
        diagnosis: the mistakes found.
        score, max_score: points.
        pass_mark: the points that are enough; None if all answers have to be right.
        passed: whether they are.
        hints: how much is given away, from 0 (the verdicts) to 3 (everything).
        suggestion: values of the inputs that would tell the mistakes apart that fit now, in words;
            None if nobody asked.
        notes: what is worth knowing about the problem, as in a report.
    """

    expression: str
    output: str | None
    items: Sequence[Item]
    diagnosis: Sequence[Finding]
    score: float
    max_score: float
    pass_mark: float | None
    passed: bool
    hints: int
    notes: Sequence[Note]
    suggestion: str | None = None

    @property
    def all_right(self) -> bool:
        """Whether nothing is wrong, missing or left unread."""
        return all(item.verdict == RIGHT for item in self.items)

    @property
    def unexplained(self) -> list[str]:
        """The wrong answers that no mistake was found for, and that nothing else is said of; none
        where that is not told."""
        known = {name for finding in self.diagnosis for name in finding.quantities}
        wrong = [item for item in self.items if item.verdict == WRONG and not item.remark]
        return [
            item.quantity for item in wrong if self.hints >= RULES and item.quantity not in known
        ]

    def to_json(self) -> dict[str, Any]:
        """The marks as the object that ``--format json`` writes."""
        whole = {
            "schema_version": SCHEMA_VERSION,
            "expression": self.expression,
            "output": self.output,
            "score": self.score,
            "max_score": self.max_score,
            "pass_mark": self.pass_mark,
            "passed": self.passed,
            "hints": self.hints,
            "items": [_item(item) for item in self.items],
            "diagnosis": [_finding(finding, self.hints) for finding in self.diagnosis],
            "unexplained": self.unexplained,
            "suggestion": self.suggestion,
            "notes": [note._asdict() for note in self.notes],
        }
        result = jsonable(whole)
        assert isinstance(result, dict)
        return result


def _item(item: Item) -> dict[str, Any]:
    found = item._asdict()
    found["text"] = found.pop("given")
    found["given"] = found.pop("value")
    keys = ("quantity", "given", "text", "expected", "verdict", "rule", "points", "max_points")
    return {key: found[key] for key in (*keys, "remark", "cause", "diagnostic")}


def told(finding: Finding, hints: int) -> list[str]:
    """What is said of a mistake: which gate, then which rule, then the number."""
    if hints >= ALL:
        return [finding.explanation, finding.hints[2]]
    return list(finding.hints[:hints])


def _finding(finding: Finding, hints: int) -> dict[str, Any]:
    return {
        "mistake": finding.mistake if hints >= RULES else None,
        "node": finding.node,
        "gate": finding.gate,
        "explanation": finding.explanation if hints >= ALL else " ".join(told(finding, hints)),
        "hints": list(finding.hints[:hints]),
        "quantities": list(finding.quantities),
        "alternatives": list(finding.alternatives) if hints >= ALL else [],
    }
