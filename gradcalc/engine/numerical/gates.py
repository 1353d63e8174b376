"""Local gradients compared with differences of the operation itself.

An elementwise operation is moved in one operand, number by number, also where its operands are
arrays. Any other one is moved along a random direction of one operand, and of its entries a random
sum is taken: a wrong entry of the Jacobian makes the sum wrong.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, isfinite, nextafter, ulp

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.numerical.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    EPS,
    HIDES,
    JUMP,
    KINK,
    NOT_LEFT,
    NOT_RIGHT,
    TOLERANCE,
    Comparison,
    Errors,
    compare,
)
from gradcalc.engine.run import forward_functions

#: From here on a difference may leap over what is between two whole numbers: the shortest step is
#: longer.
SPARSE = 2.0**41
AT_KINK = "a kink, where the gradient is a convention"
TOO_SPARSE = "floats are too far apart here for differences"
#: How the reason begins where rounding in single precision makes a right rule wrong.
TOO_FEW_DIGITS = "float32 has too few digits"
#: The relative error up to which derivatives of each type agree.
TOLERANCES = {"float64": TOLERANCE, "float32": 1e-4}
#: What is said of a derivative that agrees with the slope on one side only.
ONE_SIDED = "on the side on which f is finite"
#: On which side there is a slope where a function ends.
SIDES = {NOT_LEFT: 1.0, NOT_RIGHT: -1.0}
#: The first step, as a part of the argument.
STEP = 0.1
#: How far rounding of the argument allows a step to shrink, in its units in the last place.
SHORTEST = 512.0
#: The longest and the shortest step along a direction that is as long as what moves.
ALONG = (STEP, 2.0**-40)


def steps_at(x: float, scale: float = 1.0) -> tuple[float, float]:
    """The longest and the shortest step for an argument, or for a scale where that is 0."""
    return STEP * (abs(x) or scale), SHORTEST * ulp(x) if x else 0.0


def compare_twice(
    f: Callable[[float], float],
    derivative: float,
    steps: tuple[float, float],
    tolerance: float,
    errors: Errors,
    again: Callable[[], Errors],
) -> Comparison:
    """Compare, and where that fails again, with errors that are better known and cost more.

    Where the function ends at the point, the slope on the side on which there is one may confirm a
    derivative, but says nothing against it: that may be a convention.
    """
    found = _compare_twice(f, derivative, steps, tolerance, errors, again)
    side = SIDES.get(found.reason)
    if side is None:
        return found
    start = f(0.0)

    def turned(step: float) -> float:
        """The function, and in place of what is missing the same about the point."""
        return f(step) if step * side >= 0.0 else 2.0 * start - f(-step)

    one = _compare_twice(turned, derivative, steps, tolerance, errors, again)
    if one.verdict != AGREES:
        return found
    return one._replace(reason=f"{one.reason}, {ONE_SIDED}" if one.reason else ONE_SIDED)


def _compare_twice(
    f: Callable[[float], float],
    derivative: float,
    steps: tuple[float, float],
    tolerance: float,
    errors: Errors,
    again: Callable[[], Errors],
) -> Comparison:
    step, shortest = steps
    once = partial(compare, f, derivative, step=step, shortest=shortest, tolerance=tolerance)
    found = once(errors=errors)
    if found.verdict == AGREES or not isfinite(derivative) or not isfinite(step):
        return found
    better = again()
    other = once(errors=better)
    if other.verdict == CANNOT_TELL:
        # At a kink or a jump, rounding may do anything.
        if found.verdict == CANNOT_TELL and found.reason.startswith((KINK, JUMP)):
            return found
        if other.reason.startswith(HIDES) and step < STEP:
            # The argument is as good as 0: sin(pi), or the mean of centred data. What is seen from
            # farther away may confirm a derivative, but says nothing against it.
            wider = once(errors=better, step=STEP)
            return wider if wider.verdict == AGREES else other
    return other


def in_double(
    found: Comparison, double: Callable[[], float], compared: Callable[[float], Comparison]
) -> Comparison:
    """A comparison in single precision. Where it fails, but not for what the same rules give in
    double precision, there are too few digits to tell.

    Args:
        double: the derivative in double precision.
        compared: the same comparison, of another derivative.
    """
    if found.verdict != DISAGREES:
        return found
    derivative = double()
    if compared(derivative).verdict == DISAGREES:
        return found
    return found.instead(f"{TOO_FEW_DIGITS}: in float64 the gradient is {derivative:.6g}")


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

    errors = Errors(4.0 * EPS * abs(value))

    def again() -> Errors:
        # With a zero derivative, such as cos at pi/2, nearby arguments tell what rounding does.
        blur, noise = unit * abs(derivative), errors.noise
        for sign in (-unit, unit):
            moved = [number * (1.0 + sign) for number in operands]
            blur += abs(rule(function(*moved), *moved) - derivative)
        for nearby in (nextafter(x, -inf), nextafter(x, inf)):
            noise = max(noise, abs(function(*before, nearby, *after) - value))
        return Errors(noise if noise < inf else errors.noise, 0.0, blur if blur < inf else 0.0)

    scales = [1.0]
    if not x:  # 0 has no scale: that of the others may be it
        others = [abs(other) for other in operands if other and isfinite(other)]
        scales = list({max(others, default=1.0), 1.0})

    def compared(derivative: float) -> Comparison:
        for scale in scales:
            found = compare_twice(f, derivative, steps_at(x, scale), tolerance, errors, again)
            if found.verdict != CANNOT_TELL:
                break
        return found

    found = compared(derivative)
    if unit > EPS:
        found = in_double(found, lambda: rule(value, *operands), compared)
    if found.verdict != DISAGREES:
        return found
    if row.kink is not None and row.kink.at(*operands):
        return found.instead(AT_KINK)
    return found.instead(TOO_SPARSE) if abs(x) >= SPARSE else found
