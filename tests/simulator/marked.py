"""Handing in: from a student's numbers to what the package says about them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from gradcalc.services.check.grade import DEFAULT, _entry, grade
from gradcalc.services.check.marks import Marks
from gradcalc.services.evaluate import evaluate
from gradcalc.source import Source


class Work(Protocol):
    """A problem that was worked on."""

    @property
    def text(self) -> str: ...
    @property
    def inputs(self) -> Mapping[str, Any]: ...


class Marked(NamedTuple):
    """What came back.

    Attributes:
        findings: for each, the names of the mistakes it lists and where, the first one first. A
            place is the name of a line; empty for every line.
    """

    marks: Marks
    findings: list[list[tuple[str, str]]]


def hand_in(work: Work, answers: Mapping[str, Any], written: Callable[[Any], str]) -> Marked:
    """Let the answers be marked."""
    report = evaluate(Source(work.text, "problem"), work.inputs)[-1]
    texts = {name: written(number) for name, number in answers.items()}
    marks = grade(report, [_entry(n, text) for n, text in texts.items()], tolerance=DEFAULT)
    names = report.evaluation.graph.names
    findings = [
        [(f.mistake.name, "" if f.node is None else names.get(f.node, "?")) for f in one.faults]
        for one in marks.diagnosis
    ]
    return Marked(marks, findings)


def in_full(number: float) -> str:
    return repr(float(number))


def to_digits(digits: int) -> Callable[[float], str]:
    """Rounded to so many significant digits, as on paper."""
    return lambda number: f"{number:#.{digits}g}"
