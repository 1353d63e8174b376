"""Local gradients compared with differences of the operation itself.

An elementwise operation is moved in one operand, number by number, also where its operands are
arrays. Any other one is moved along a random direction of one operand, and of its entries a random
sum is taken: a wrong entry of the Jacobian makes the sum wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf, nan, ulp
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    EPS,
    TOLERANCE,
    Comparison,
    compare,
)
from gradcalc.engine.run import forward_functions

#: From here on floats are further apart than 1, and a difference may leap over what is between.
SPARSE = 2.0**52
#: The first step, as a part of the argument.
STEP = 0.1
#: How far rounding of the argument allows a step to shrink, in its units in the last place.
SHORTEST = 512.0


def steps_at(x: float, scale: float = 1.0) -> tuple[float, float]:
    """The longest and the shortest step for an argument; ``scale`` takes its place where it is 0."""
    return STEP * (abs(x) or scale), SHORTEST * ulp(x) if x else 0.0


def compare_twice(
    f: Callable[[float], float],
    derivative: float,
    steps: tuple[float, float],
    noise: float,
    tolerance: float,
    blur: Callable[[], float],
) -> Comparison:
    """Compare, and where that fails again, with regard to the rounding errors of the derivative."""
    step, shortest = steps

    def once(blurred: float) -> Comparison:
        return compare(
            f,
            derivative,
            step=step,
            shortest=shortest,
            noise=noise,
            blur=blurred,
            tolerance=tolerance,
        )

    found = once(0.0)
    if found.verdict == AGREES or derivative - derivative != 0.0:
        return found
    return once(blurred) if (blurred := blur()) else found


def compare_number(
    op: int,
    operands: Sequence[float],
    place: int,
    derivative: float,
    rule: Callable[..., float],
    unit: float = EPS,
    tolerance: float = TOLERANCE,
) -> Comparison:
    """Compare the local gradient of an elementwise operation on numbers.

    Args:
        rule: the derivative for other operands, on floats.
        unit: the relative rounding error of ``derivative``.
    """
    row, function = ops.TABLE[op], forward_functions(floats)[op]
    before, x, after = operands[:place], operands[place], operands[place + 1 :]
    value = function(*operands)

    def f(step: float) -> float:
        return float(function(*before, x + step, *after))

    def blur() -> float:
        # With a zero derivative, such as cos at pi/2, nearby arguments tell what rounding does.
        found = unit * abs(derivative)
        for sign in (-unit, unit):
            moved = [number * (1.0 + sign) for number in operands]
            found += abs(rule(function(*moved), *moved) - derivative)
        return found if found < inf else 0.0

    scale = max((abs(other) for other in operands if other), default=1.0)
    steps = steps_at(x, scale)
    found = compare_twice(f, derivative, steps, 4.0 * EPS * abs(value), tolerance, blur)
    if found.verdict != DISAGREES:
        return found
    if row.kink is not None and row.kink.at(*operands):
        reason = "a kink, where the local gradient is a convention"
        return Comparison(found.numeric, CANNOT_TELL, reason)
    if abs(x) >= SPARSE:
        reason = "floats are too far apart here for differences"
        return Comparison(found.numeric, CANNOT_TELL, reason)
    return found
