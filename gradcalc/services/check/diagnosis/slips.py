"""Slips of the pen in one answer: a sign, the decimal point, a digit."""

from typing import Any

from gradcalc.services.check.diagnosis import mistakes
from gradcalc.services.check.diagnosis.mistake import Fault, Match, cost_of
from gradcalc.services.check.diagnosis.numbers import Target

#: So far a decimal point is looked for.
PLACES = (1, -1, 2, -2, 3, -3)


def slip(target: Target, expected: Any) -> Match | None:
    """The slip that makes the answer of what should be there; None if there is none."""
    name, exact = _name(target, expected)
    if not name:
        return None
    fault = Fault(mistakes.named(name), target.node)
    return Match(fault, frozenset((target.node,)), cost_of(fault), {}, exact)


def _name(target: Target, expected: Any) -> tuple[str, bool]:
    """The name of the slip, and whether it makes the answer to its last digit. One in a digit or an
    entry says nothing of what stands there instead."""
    is_zero = not getattr(target.given, "shape", ()) and target.given == 0.0
    if target.agrees(-expected) and not is_zero:
        return "answer-sign", target.is_exactly(-expected)
    for places in () if is_zero else PLACES:
        shifted = expected * 10.0**places
        if target.agrees(shifted):
            return "answer-decimal", target.is_exactly(shifted)
    if getattr(target.given, "shape", ()) or getattr(expected, "shape", ()):
        return _of_entries(target, expected), False
    return _digits(target, float(expected)), False


def _of_entries(target: Any, expected: Any) -> str:
    """One entry of several that is wrong."""
    if expected.size < 3:
        return ""
    return "answer-entry" if target.differing(expected) == 1 else ""


def _digits(target: Target, expected: float) -> str:
    decimals = target.answer.decimals
    if decimals is None or decimals > 15 or decimals < 0 or target.given * expected < 0.0:
        return ""
    if not abs(expected) < 1e15:
        return ""
    given, true = f"{abs(target.given):.{decimals}f}", f"{abs(expected):.{decimals}f}"
    # A number of one digit differs in one digit from every other.
    if len(given) != len(true) or len(given.strip("0.")) < 2:
        return ""
    different = [i for i, (a, b) in enumerate(zip(given, true, strict=True)) if a != b]
    if len(different) == 1:
        return "answer-digit"
    if len(different) == 2:
        first, second = different
        between = given[first + 1 : second].strip(".")
        if not between and given[first] == true[second] and given[second] == true[first]:
            return "answer-digits-exchanged"
    return ""
