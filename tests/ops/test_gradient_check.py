"""The numerical gradient check, run on every row: it never accuses a right rule, it agrees with it
wherever that can be told, and it finds a wrong one."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
import pytest

from gradcalc import ops
from gradcalc.engine import floats, singles
from gradcalc.engine.arrays import arrays
from gradcalc.engine.numerical.array_gates import ArrayGate
from gradcalc.engine.numerical.differences import AGREES, CANNOT_TELL, DISAGREES, Comparison
from gradcalc.engine.numerical.gates import TOLERANCES, compare_number
from gradcalc.engine.numerical.objective import UNITS
from gradcalc.engine.run import forward_functions
from gradcalc.ops import structural
from gradcalc.ops.row import Row, Rule, Sample, Structural

from .points import at_kink, awkward_points, ordinary_points
from .reference import Operands
from .structural import checks
from .test_planted import WRONG_RULES

#: Their second operand is meant to be probabilities: they use that it adds up to 1.
PROBABILITIES = {("less_mean", 1), ("less_share", 1)}
ALGEBRAS: dict[str, Any] = {"float64": floats, "float32": singles}
#: A choice, which is no quantity.
CHOICE = ("where", 0)


def rules(row: Row, operands: Operands) -> Iterator[tuple[int, Rule]]:
    """The rules for operands that all vary."""
    for place in range(len(operands)):
        rule = row.rule(place, (True,) * len(operands))
        if rule is not None and (row.name, place) != CHOICE:
            yield place, rule


def compared(
    row: Row, operands: Operands, place: int, rule: Rule, dtype: str = "float64"
) -> Comparison:
    """The local gradient by one operand, compared with differences."""
    m, op = ALGEBRAS[dtype], ops.PLACES[row.name]
    numbers = [m.add(x, 0.0) for x in operands]
    derivative = float(rule(m, forward_functions(m)[op](*numbers), *numbers))
    unit, _ = UNITS[dtype]
    return compare_number(
        op,
        [float(x) for x in numbers],
        place,
        derivative,
        partial(rule, floats),
        unit,
        TOLERANCES[dtype],
    )


@pytest.mark.parametrize("dtype", ALGEBRAS)
@pytest.mark.parametrize("row", ops.ELEMENTWISE, ids=lambda row: row.name)
def test_no_right_rule_is_accused(row: Row, dtype: str) -> None:
    for operands in awkward_points(row):
        for place, rule in rules(row, operands):
            found = compared(row, operands, place, rule, dtype)
            assert found.verdict != DISAGREES, f"{row.name}{operands} by {place}: {found}"


def test_right_rules_agree_at_ordinary_points() -> None:
    verdicts: Counter[str] = Counter()
    for row in ops.ELEMENTWISE:
        for operands in ordinary_points(row):
            tied = row.pattern == "blocker" and len(set(operands)) < len(operands)
            if tied or at_kink(row, operands):
                continue
            for place, rule in rules(row, operands):
                if not at_edge(row, operands, place):
                    verdicts[compared(row, operands, place, rule).verdict] += 1
    assert verdicts[DISAGREES] == 0
    # The others are samples in tails where only rounding is left.
    assert verdicts[CANNOT_TELL] <= 0.005 * verdicts.total()


def test_at_kinks_one_cannot_tell() -> None:
    for row in ops.ELEMENTWISE:
        for operands in row.samples:
            if at_kink(row, operands):
                found = [compared(row, operands, *pair) for pair in rules(row, operands)]
                assert {one.verdict for one in found} <= {AGREES, CANNOT_TELL}
                assert any(one.verdict == CANNOT_TELL for one in found), f"{row.name}{operands}"


#: Rules that are wrong in tails, at edges or after ten digits only: no difference tells.
INVISIBLE = {
    ("mod", 1), ("log", 0), ("acos", 0), ("hypot", 0), ("atan2", 0), ("bce", 0),
}  # fmt: skip


@pytest.mark.parametrize(("name", "place", "wrong"), WRONG_RULES)
def test_wrong_rules_are_found(name: str, place: int, wrong: Callable[..., Any]) -> None:
    row = ops.row(name)
    assert isinstance(row, Row)
    right = row.rule(place, (True,) * len(row.parameters))
    assert right is not None
    found = 0
    for operands in ordinary_points(row):
        value = floats_value(row, operands)
        a, b = (float(rule(floats, value, *operands)) for rule in (right, wrong))
        if abs(a - b) <= 1e-4 * max(abs(a), abs(b)) or at_kink(row, operands):
            continue
        if not isfinite(b):
            continue
        if max(abs(a), abs(b)) < 1e-9 * abs(value):
            continue  # less than rounding
        verdict = compared(row, operands, place, wrong).verdict
        if at_edge(row, operands, place):
            assert verdict != AGREES
            continue
        assert verdict == DISAGREES, f"{name}{operands}: {b!r} for {a!r}"
        found += 1
    assert found or (name, place) in INVISIBLE or name in ("tanh", "sigmoid", "erf")


def at_edge(row: Row, operands: Operands, place: int) -> bool:
    """Whether the function ends here: there is no difference of the values on both sides."""
    beside = [list(operands), list(operands)]
    beside[0][place] -= 1e-9
    beside[1][place] += 1e-9
    return not all(isfinite(floats_value(row, tuple(point))) for point in beside)


def floats_value(row: Row, operands: Operands) -> float:
    return float(forward_functions(floats)[ops.PLACES[row.name]](*operands))


@pytest.mark.parametrize("row", ops.ELEMENTWISE, ids=lambda row: row.name)
def test_a_rule_that_is_off_by_a_thousandth_is_found(row: Row) -> None:
    """For every operand, at the first sample where it has a gradient."""
    for place in range(len(row.parameters)):
        for operands in (*row.samples, *ordinary_points(row)):
            pairs = dict(rules(row, operands))
            if place not in pairs or at_kink(row, operands):
                continue
            right = pairs[place]
            if not 1e-3 < abs(right(floats, floats_value(row, operands), *operands)) < 1e3:
                continue
            off = lambda m, *x, right=right: right(m, *x) * 1.001  # noqa: E731
            assert compared(row, operands, place, off).verdict == DISAGREES
            break


def gates(dtype: str) -> Iterator[tuple[Structural, Sample, int, Callable[..., Any]]]:
    """Every sample of every structural row, and for each operand a function from a rule to its
    comparison."""
    m = arrays(dtype)
    for row in structural.ROWS:
        for sample in row.samples:
            if not row.parameters or not checks.in_range(sample, dtype):
                continue
            op, settings = ops.PLACES[row.name], checks.settings(row, sample)
            operands = checks.values(sample, dtype)
            with np.errstate(all="ignore"):
                value = m.cast(forward_functions(m)[op](*operands, **settings))
            for place in range(len(operands)):
                if row.rule(place, ()) is not None and (row.name, place) not in PROBABILITIES:
                    generator = np.random.default_rng(0)
                    gate = ArrayGate(m, op, value, operands, settings, generator)
                    yield row, sample, place, partial(gate.compare, place)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_structural_rules(dtype: str) -> None:
    verdicts: Counter[str] = Counter()
    for row, sample, place, compare in gates(dtype):
        found = compare(row.rule(place, ()))
        if found is None:
            continue
        assert found.verdict != DISAGREES, f"{row.name}{sample} by {place}: {found}"
        if not checks.at_kink(row, checks.values(sample, dtype), sample):
            verdicts[found.verdict] += 1
    assert verdicts[CANNOT_TELL] <= 0.01 * verdicts.total()


def test_wrong_structural_rules_are_found() -> None:
    """A gradient that is too long, one that is mixed up, and none at all: unless it is right."""
    verdicts: Counter[str] = Counter()
    for row, sample, place, compare in gates("float64"):
        right = row.rule(place, ())
        operands = checks.values(sample, "float64")
        if right is None or checks.at_kink(row, operands, sample):
            continue
        if max([np.max(np.abs(x), initial=0.0) for x in operands]) > 1e6:
            continue  # not found where floats are far apart
        for wrong in (
            lambda *x, right=right, **s: 1.01 * right(*x, **s),
            lambda *x, right=right, **s: np.flip(right(*x, **s)),
            lambda *x, right=right, **s: 0.0 * right(*x, **s),
        ):
            found = compare(wrong)
            if found is None or found.numeric == pytest.approx(found.derivative, rel=1e-5):
                continue  # the flipped gradient is the same, or all of it is 0
            verdicts[found.verdict] += 1
    assert verdicts[AGREES] == 0
    assert verdicts[CANNOT_TELL] <= 0.03 * verdicts.total()
