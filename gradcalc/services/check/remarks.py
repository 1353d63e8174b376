"""What is worth saying about single answers, right or wrong."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradcalc.engine.evaluation import Evaluation
from gradcalc.ops.shapes import described
from gradcalc.services.check.rounding import (
    half_unit,
    half_units,
    is_cut,
    is_short,
    is_short_array,
    near,
    rule_of,
    rule_of_array,
)
from gradcalc.services.check.types import WRONG, Answer, Key, Tolerance

if TYPE_CHECKING:
    from gradcalc.services.check.marking import Judged

TOO_SHORT = "has too few digits"
SIGN, TRANSPOSE = "the sign is wrong", "it is the transpose of the right array"


def remarked(
    judged: Mapping[Key, "Judged"],
    run: Evaluation,
    tolerance: Tolerance,
    formulas: Mapping[Key, int],
    true: Mapping[Key, Any],
) -> dict[Key, "Judged"]:
    """The verdicts with remarks.

    Args:
        formulas: the answers that are formulas.
        true: the right gradients at a kink.
    """
    names = _other_names(judged, run, tolerance)
    found = {}
    for key, one in judged.items():
        remark = _shape(one) if one.verdict == WRONG else ""
        if one.verdict == WRONG and not remark:
            remark = names.get(key, "") or _number(one, tolerance)
            if _at_kink(key, run, true):
                remark = "it does not go with the derivative that the other answers take at the"
                remark += " kink"
            elif not remark and key in formulas and _same(one.answer, one.expected, tolerance):
                what = "value" if key[0] == "value" else "gradient"
                remark = f"it is right at this point only, and no formula for the {what}"
        telling = remark in (SIGN, TRANSPOSE, names.get(key))
        found[key] = one._replace(remark=remark, telling=telling)
    return found


def _at_kink(key: Key, run: Evaluation, true: Mapping[Key, Any]) -> bool:
    """Whether the gradient is another one for what the other answers take at a kink."""
    found = true.get(key)
    if found is None or key[0] != "gradient":
        return False
    other = found != run.gradient(key[1])
    return bool(other.any()) if hasattr(other, "any") else bool(other)


def _same(answer: Answer, true: Any, tolerance: Tolerance) -> bool:
    given = answer.given
    if given is None or getattr(given, "shape", ()) != getattr(true, "shape", ()):
        return False
    if getattr(true, "shape", ()):
        return bool(rule_of_array(given, true, (), tolerance))
    return near(float(given), float(true), tolerance)


def _shape(one: "Judged") -> str:
    """What is said of an answer of another shape."""
    given, true = one.answer.given, one.expected
    if given is None:
        return "it has no value here"
    have, want = getattr(given, "shape", ()), getattr(true, "shape", ())
    if have == want:
        return ""
    if (
        len(want) == 2
        and have == want[::-1]
        and bool(rule_of_array(given.T, true, (), Tolerance()))
    ):
        return TRANSPOSE
    return f"it has another shape: {described(have)} where there is {described(want)}"


def _number(one: "Judged", tolerance: Tolerance) -> str:
    """What is said of a number that is nearly right."""
    answer, true = one.answer, one.expected
    given = answer.given
    if getattr(true, "shape", ()):
        if true.ndim == 2 and true.shape[0] == true.shape[1]:
            units = _units(answer, tolerance, transposed=True)
            if rule_of_array(given.T, true, units, tolerance):
                return TRANSPOSE
        units = _units(answer, tolerance)
        if rule_of_array(-given, true, units, tolerance):
            return SIGN
        short = is_short_array(given, answer.entries, true)
        return f"it {TOO_SHORT}: write {tolerance.digits} at least" if short else ""
    if true and rule_of(
        -given, true, half_unit(answer.decimals, answer.digits, tolerance), tolerance
    ):
        return SIGN
    number = given, answer.decimals, answer.digits, true, tolerance
    if is_short(*number):
        return f"{answer.text} {TOO_SHORT}: write {tolerance.digits} at least"
    return "it is cut off, not rounded" if is_cut(*number) else ""


def _units(answer: Answer, tolerance: Tolerance, transposed: bool = False) -> list[float]:
    units = half_units(answer.entries, tolerance)
    if transposed and units:
        rows, columns = answer.given.shape
        return [units[j * columns + i] for i in range(columns) for j in range(rows)]
    return units


def _other_names(
    judged: Mapping[Key, "Judged"], run: Evaluation, tolerance: Tolerance
) -> dict[Key, str]:
    """The wrong answers that are right under another name, one that is not answered right."""
    right: dict[Key, tuple[str, Any]] = {}
    for name, node in run.problem.definitions.items():
        for kind in ("gradient", "value"):
            number = run.values[node] if kind == "value" else run.gradient(node)
            right[kind, node] = name if kind == "value" else f"d{name}", number
    known = _Numbers({key: number for key, (_, number) in right.items()}, tolerance)
    found: dict[Key, str] = {}
    for key, one in judged.items():
        if one.verdict != WRONG or one.answer.formula is not None or one.answer.given is None:
            continue
        fits = [
            other
            for other in known.near(key[0], one.answer.given)
            if other != key and _is_it(one, right[other][1], tolerance)
        ]
        if len(fits) != 1:
            continue
        (found_as,) = fits
        back = judged.get(found_as)
        if back is not None and back.verdict != WRONG:
            continue
        name, number = right[found_as]
        if back is not None and _is_it(back, one.expected, tolerance):
            own = one.answer.quantity.name
            found[key] = found.get(found_as) or f"{own} and {name} are exchanged"
        elif back is not None or _is_telling(number):
            found[key] = f"this is {name}"
    return found


class _Numbers:
    """Right numbers, to be looked up by an answer; arrays go by their shape and first entry."""

    def __init__(self, numbers: Mapping[Key, Any], tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self._sorted: dict[tuple[str, Any], list[tuple[float, Key]]] = {}
        for key, number in numbers.items():
            if (first := _first(number)) is not None:
                place = key[0], getattr(number, "shape", ())
                self._sorted.setdefault(place, []).append((first, key))
        for entries in self._sorted.values():
            entries.sort()

    def near(self, kind: str, given: Any) -> list[Key]:
        """The keys of the numbers of a kind that an answer may be, in order."""
        first, entries = _first(given), self._sorted.get((kind, getattr(given, "shape", ())), [])
        if first is None:
            return []
        from bisect import bisect_left

        width = self._tolerance.atol + 1.1 * self._tolerance.rtol * abs(first)
        found = []
        for number, key in entries[bisect_left(entries, (first - width,)) :]:
            if number > first + width:
                break
            found.append(key)
        return sorted(found)


def _first(number: Any) -> float | None:
    """The first entry; None if there is none, or it is NaN."""
    if getattr(number, "shape", ()):
        if not number.size:
            return None
        number = number.flat[0]
    return float(number) if number == number else None


def _is_it(one: "Judged", number: Any, tolerance: Tolerance) -> bool:
    """Whether an answer is a number that it was not asked for, and that is not the right one."""
    return _same(one.answer, number, tolerance) and not _same(
        one.answer._replace(given=number), one.expected, tolerance
    )


def _is_telling(number: Any) -> bool:
    """Whether a number is not one that turns up everywhere."""
    return bool(getattr(number, "shape", ())) or abs(float(number)) not in (0.0, 1.0, 2.0)
