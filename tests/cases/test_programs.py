"""Programs of lectures, courses and textbooks, with the numbers that are printed there.

A case is a file ``programs/NAME.case``: where it comes from, then the sections ``--- program``,
``--- values`` and ``--- numbers``. A number is right if it is the printed one when it is rounded to
as many digits.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc import Report, backprop
from gradcalc.services.quantities import quantity
from gradcalc.services.values import constant
from gradcalc.source import Source

CASES = sorted((Path(__file__).parent / "programs").glob("*.case"))
HEADING = re.compile(r"^--- (program|values|numbers)\n", re.MULTILINE)
NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")


def sections(path: Path) -> dict[str, str]:
    _, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def assignments(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, _, value = line.partition(" = ")
        yield name, value


def rounding(digits: str) -> float:
    """Half a unit in the last place that is printed; of a whole number next to nothing."""
    _, point, decimals = digits.partition(".")
    return 0.5001 * 10.0 ** -len(decimals) if point else 1e-12


def check(case: dict[str, str]) -> Report:
    values = {name: constant(Source(text)) for name, text in assignments(case["values"])}
    report = backprop(case["program"], values)
    for name, text in assignments(case["numbers"]):
        got, want = quantity(report, name), constant(Source(text))
        assert np.shape(got) == np.shape(want), name
        for one, other, digits in zip(
            np.ravel(got), np.ravel(want), NUMBER.findall(text), strict=True
        ):
            assert abs(one - other) <= rounding(digits), f"{name} is {got}, not {text}"
    return report


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_program(path: Path) -> None:
    case = sections(path)
    report = check(case)
    # Every gradient, of an input or not, against differences along a direction.
    rng = np.random.default_rng(1)
    for name, gradient in report.gradients.items():
        x = report.inputs[name]
        d = rng.uniform(-1.0, 1.0, np.shape(x))
        if name == "y":  # labels
            continue

        def at(t: float, name: str = name, x: Any = x, d: Any = d) -> float:
            values = {**report.inputs, name: x + t * d}
            return float(np.sum(backprop(case["program"], values).value))

        h = 1e-4
        slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
        at_kink = any(note.kind == "kink" for note in report.notes)
        if not at_kink:
            size = np.sum(np.abs(gradient * d)) + abs(at(0))
            assert abs(np.sum(gradient * d) - slope) <= 1e-9 * size, name


def test_a_wrong_number_is_noticed() -> None:
    case = sections(CASES[0].parent / "lecture_vectorized.case")
    check(case)
    for right, wrong in (("0.1160", "0.1161"), ("0.0880", "0.0881"), ("-0.112", "0.112")):
        with pytest.raises(AssertionError):
            check({**case, "numbers": case["numbers"].replace(right, wrong)})
