"""Numerical derivatives, and what they say about a derivative that was worked out.

A derivative at one point is the limit of difference quotients. They are wrong by the curvature
where the step is long, and by rounding errors where it is short. So the step starts long, is
divided by 4 again and again, and the quotients are extrapolated to step 0; the estimate is the one
whose error, judged by its neighbours in the tableau and by what rounding may do, is least.

Nothing is known of the function but its values. It may have a kink at the point or near it, jump,
be defined on one side only, or vary within every step that floats allow. Then there is nothing to
compare with, and the verdict is that one cannot tell.

Sources: Ridders, "Accurate computation of F'(x) and F'(x)F''(x)" (1982); Press et al., *Numerical
Recipes* (2007), section 5.7.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import frexp, inf, isfinite, ldexp, nan
from typing import NamedTuple

AGREES, DISAGREES, CANNOT_TELL = "agrees", "disagrees", "cannot tell"

EPS = 2.0**-52
#: The least float above 0: what underflow may lose.
TINY = 5e-324
#: The relative error up to which two derivatives agree.
TOLERANCE = 1e-5
#: A derivative with a greater relative error than this says nothing.
USEFUL = 5e-3
#: Two slopes meet if they differ by no more than this.
MEETING = 0.02
#: A derivative below so many tolerances, compared with how steep the function is elsewhere, may be
#: a rounded zero.
ZERO = 10.0
#: Errors are at most so much of a difference that decides: that a derivative is wrong, or a kink.
CLEAR = 0.05
#: Each step is the last one divided by this.
RATIO = 4.0
#: Columns of the tableau.
COLUMNS = 6
MOST_STEPS = 36
#: Quotients that have to confirm an estimate before a derivative is called wrong.
WITNESSES = 3


class Comparison(NamedTuple):
    """A derivative compared with differences of the function.

    Attributes:
        derivative: what was compared.
        numeric: the derivative by differences; nan where there is none.
        verdict: AGREES, DISAGREES or CANNOT_TELL.
        reason: one phrase if one cannot tell; also WITHIN where they agree only as far as rounding
            lets, FINITE where some entries were left out, and HIDDEN.
        step: if they disagree, the shortest step that says so.
    """

    derivative: float
    numeric: float
    verdict: str
    reason: str = ""
    step: float = 0.0

    @property
    def error(self) -> float:
        """|a - n| / max(|a|, |n|), as CS231n has it; 0 where both are 0, nan where n is nan."""
        a, n = self.derivative, self.numeric
        greater = max(abs(a), abs(n)) or 1.0
        return abs(a / greater - n / greater)

    def instead(self, reason: str) -> "Comparison":
        """The same numbers, but one cannot tell."""
        return self._replace(verdict=CANNOT_TELL, reason=reason)

    def but_for_infinities(self) -> "Comparison":
        """The same, but if they agree, it is said that not all entries were looked at."""
        return self._replace(reason=FINITE) if self.verdict == AGREES else self


def worst(comparisons: Iterable[Comparison]) -> Comparison:
    """The comparison that says most against a derivative: of equal verdicts, the greatest error."""

    def badness(found: Comparison) -> tuple[int, float]:
        error = found.error
        return (AGREES, CANNOT_TELL, DISAGREES).index(found.verdict), error if error >= 0.0 else 0.0

    return max(comparisons, key=badness)


class Errors(NamedTuple):
    """What rounding may do.

    Attributes:
        noise: by how much it changes the function at the point.
        drift: by how much more away from the point, for each unit of the distance.
        blur: by how much it has changed the derivative that is compared.
    """

    noise: float = 0.0
    drift: float = 0.0
    blur: float = 0.0


NO_ERRORS = Errors()
#: The reason of a great relative error where derivatives agree.
WITHIN = "within rounding errors"
#: ... and where infinite entries, and those that are not a number, say nothing.
FINITE = "in the entries that are finite"
#: The reason where differences that show nothing are against a derivative.
HIDDEN = "f does not change by more than rounding errors"
#: The reason where nothing can be moved.
NOT_FINITE = "the argument is not finite"
#: The reasons where a function ends.
NOT_LEFT, NOT_RIGHT = "f is not finite to the left", "f is not finite to the right"
#: How reasons begin where there is no derivative.
KINK, JUMP = "a kink", "f jumps here"
#: ... and where the function changes by less than rounding does.
HIDES = "rounding errors hide the slope"


class Quotient(NamedTuple):
    """What one step says.

    Attributes:
        central: the slope from one end of the step to the other.
        left, right: the slopes from the one end to the middle and on to the other end.
        change: the greater change of the function.
        doubt: by how much rounding may have changed ``central``.
    """

    step: float
    central: float
    left: float
    right: float
    change: float
    doubt: float

    @property
    def gap(self) -> float:
        return self.right - self.left

    @property
    def slope(self) -> float:
        return max(abs(self.left), abs(self.right))


class Differences:
    """Difference quotients at 0 for ever shorter steps, and what they are extrapolated to.

    Attributes:
        taken: the quotients, the longest step first.
        value, error: the estimate; nan and inf while there is none.
        smooth: whether the slopes on the two sides are seen to meet.
        undefined: at how many steps the function has no value on the left, and on the right.

    Args:
        f: the function, of the distance from the point.
        step: the longest step.
        shortest: the shortest step that rounding of the argument allows.
    """

    def __init__(
        self, f: Callable[[float], float], step: float, shortest: float, errors: Errors
    ) -> None:
        self.f = f
        self.start = f(0.0)
        self.step = self.longest = short_number(step)
        self.shortest = shortest
        self.noise, self.drift = errors.noise + TINY, errors.drift
        self.taken: list[Quotient] = []
        self.value, self.error = nan, inf
        self.smooth = False
        self.undefined = [0, 0]
        self.stale = 0  # steps since the estimate became better
        self._row: list[float] = []
        self._best: Quotient | None = None  # at the step that made the estimate
        self._corner = inf  # what the gap between the two slopes is extrapolated to

    @property
    def usual_slope(self) -> float:
        """How steep the function is around here, or would be if it fell to 0 over a step."""
        slopes = [taken.slope for taken in (self.taken[0], self._best) if taken is not None]
        return max(abs(self.start) / self.longest, *slopes)

    @property
    def flat(self) -> bool:
        """Whether no step has changed the function."""
        return not any(taken.change for taken in self.taken)

    def shrink(self) -> bool:
        """Take the next step. False if there is none."""
        step = self.step
        if step < self.shortest or not step or len(self.taken) + max(self.undefined) > MOST_STEPS:
            return False
        low, high = self.f(-step), self.f(step)
        up, down = high - self.start, self.start - low
        central = (0.5 * high - 0.5 * low) / step
        found = Quotient(
            step,
            central,
            down / step,
            up / step,
            max(abs(up), abs(down)),
            (self.noise + 4.0 * EPS * max(abs(low), abs(high))) / step + self.drift,
        )
        if not (isfinite(found.gap) and isfinite(central) and isfinite(found.doubt)):
            for side, value in enumerate((low, high)):
                self.undefined[side] += not isfinite(value)
            self.step = step / (RATIO * RATIO)
            self._row = []
            return True
        self.step = step / RATIO
        self._extrapolate(found)
        self._look_for_corner(found)
        self.taken.append(found)
        return True

    def _extrapolate(self, found: Quotient) -> None:
        if self._best is not None and not self._fits(found):
            self.value, self.error, self._best, self._row = nan, inf, None, []
        self.stale += 1
        row, factor = [found.central], RATIO * RATIO
        for older in self._row[: COLUMNS - 1]:
            newer = row[-1] + (row[-1] - older) / (factor - 1.0)
            error = max(abs(newer - row[-1]), abs(newer - older)) + found.doubt
            if error < 0.5 * self.error:
                self.value, self.error, self._best, self.stale = newer, error, found, 0
            row.append(newer)
            factor *= RATIO * RATIO
        self._row = row

    def _fits(self, found: Quotient) -> bool:
        """Whether a quotient for a shorter step is as close to the estimate as it should be."""
        assert self._best is not None
        bend = abs(self._best.central - self.value) * found.step / self._best.step
        limit = 4.0 * (bend + self.error) + 16.0 * found.doubt + 1e-9 * abs(self.value)
        return abs(found.central - self.value) <= limit

    def _look_for_corner(self, found: Quotient) -> None:
        """See whether the slopes on the two sides meet as the step goes to 0.

        The gap between them is the step times the curvature, so that it is extrapolated to 0. At a
        kink it is not. Where rounding hides it, what was seen before stands.
        """
        if not self.taken:
            return
        corner = _corner(self.taken[-1], found)
        blur, gap = 8.0 * found.doubt, 0.1 * abs(found.gap)
        small = MEETING * abs(found.central)
        if blur <= max(small, gap):
            shrinks = corner <= gap + blur and corner <= 0.25 * self._corner + blur
            self.smooth = shrinks or corner <= small + blur
        elif abs(found.gap) <= blur:
            # Rounding hides it. It is gone if it was never seen, or is now far below what it was.
            seen = max((abs(q.gap) for q in self.taken if abs(q.gap) > 8.0 * q.doubt), default=inf)
            self.smooth = self.smooth or blur <= 0.01 * seen
        self._corner = corner

    def against(self, derivative: float) -> float:
        """The shortest step that is for the estimate and against another derivative, if all those
        are that rounding lets decide, and they are enough; else 0."""
        best = self._best
        if best is None:
            return 0.0
        apart, scale = abs(derivative - self.value), max(abs(self.value), best.slope)
        near = 0.25 * min(apart, scale)
        heard = [q for q in self.taken if q.step <= best.step and q.doubt <= CLEAR * apart]
        sizes = [abs(self.start), *(taken.change for taken in self.taken)]
        sure = (
            len(heard) >= WITNESSES
            and all(abs(q.central - self.value) <= near + 4.0 * q.doubt for q in heard)
            and self._corner_within(0.1 * apart)
            # Else it varies in ways that no step sees: it has no digits, or the steps are too long.
            and (self.flat or self.noise <= 1e-3 * max(sizes))
            and self.error <= max(0.05 * scale, 8.0 * best.doubt)
        )
        return heard[-1].step if sure else 0.0

    def _corner_within(self, bound: float) -> bool:
        """Whether the slopes on the two sides come that close."""
        corners = [_corner(a, b) for a, b in pairwise(self.taken) if 8.0 * b.doubt <= bound]
        return bool(corners) and corners[-1] <= 2.0 * bound


def _corner(longer: Quotient, shorter: Quotient) -> float:
    """The gap between the slopes on the two sides, extrapolated to step 0."""
    ratio = longer.step / shorter.step
    return abs(ratio * shorter.gap - longer.gap) / (ratio - 1.0)


def compare(
    f: Callable[[float], float],
    derivative: float,
    *,
    step: float,
    shortest: float = 0.0,
    errors: Errors = NO_ERRORS,
    tolerance: float = TOLERANCE,
) -> Comparison:
    """Compare a derivative at 0 with differences of the function.

    They agree if they differ by no more than ``tolerance`` of the greater one, or than the errors
    of both, where those are much smaller. A derivative that is 0, but for rounding, agrees with
    differences that are. It is called wrong only if the differences settle elsewhere, and stay
    there for as many shorter steps as rounding errors permit: a derivative is a limit.

    Args:
        f: the function, of the distance from the point.
        derivative: what to compare.
        step: the longest step; such as a tenth of the argument.
        shortest: the shortest step that rounding of the argument allows.
        errors: those of rounding.
    """
    if not isfinite(derivative):
        return Comparison(derivative, nan, CANNOT_TELL, f"the gradient is {derivative:g}")
    if not isfinite(step):
        return Comparison(derivative, nan, CANNOT_TELL, NOT_FINITE)
    blur = errors.blur
    found = Differences(f, step, shortest, errors)
    if not isfinite(found.start):
        return Comparison(derivative, nan, CANNOT_TELL, f"the value is {found.start:g}")
    while found.shrink():
        if len(found.taken) < WITNESSES:
            continue
        if _agree(found, derivative, blur, tolerance):
            enough = 1e-10 if found.stale < 2 else tolerance
            if found.error <= enough * abs(found.value) or abs(derivative) <= 4.0 * blur:
                break
        if all(q.doubt > 0.2 * max(abs(derivative), q.slope) for q in found.taken[-WITNESSES:]):
            break  # nothing but noise from here on
    if _agree(found, derivative, blur, tolerance):
        result = Comparison(derivative, found.value, AGREES)
        return result if result.error <= tolerance else result._replace(reason=WITHIN)
    step = found.against(derivative)
    if step and found.error + blur < CLEAR * abs(derivative - found.value):
        hidden = abs(found.value) <= 4.0 * found.error
        return Comparison(derivative, found.value, DISAGREES, HIDDEN if hidden else "", step)
    return _trouble(found, derivative, blur)


def _agree(found: Differences, derivative: float, blur: float, tolerance: float) -> bool:
    error = found.error + blur
    scale = max(abs(derivative), abs(found.value))
    if not found.smooth or error == inf:
        return False
    if error <= USEFUL * scale:
        return abs(derivative - found.value) <= max(tolerance * scale, 4.0 * error)
    if abs(derivative) > 4.0 * blur or abs(found.value) > 4.0 * error:
        return False
    return found.flat or error <= ZERO * tolerance * found.usual_slope


def _trouble(found: Differences, derivative: float, blur: float) -> Comparison:
    """Why there is nothing to compare with."""
    if not found.taken:
        low, high = found.undefined
        one = NOT_LEFT if low else NOT_RIGHT if high else "the slope overflows"
        both = "f is not finite on either side"
        return Comparison(derivative, nan, CANNOT_TELL, both if low and high else one)
    clear = [taken for taken in found.taken if taken.change > 8.0 * taken.doubt * taken.step]
    if _settled([taken.change for taken in clear]):
        return Comparison(derivative, nan, CANNOT_TELL, JUMP)
    greatest = [taken.slope for taken in clear[-WITNESSES - 1 :]]
    if len(greatest) > WITNESSES and all(
        steeper > 1.2 * slope for slope, steeper in pairwise(greatest)
    ):
        reason = "the slope grows without bound as the step shrinks"
        return Comparison(derivative, nan, CANNOT_TELL, reason)
    clear = [taken for taken in clear if taken.doubt <= CLEAR * abs(taken.gap)]
    if _settled([taken.gap for taken in clear]):
        left, right = clear[-1].left, clear[-1].right
        reason = f"{KINK}: the slope is {left:.4g} on the left and {right:.4g} on the right"
        return Comparison(derivative, nan, CANNOT_TELL, reason)
    error, least = found.error + blur, min(taken.doubt for taken in found.taken)
    if found.smooth and error <= 100.0 * (least + blur):
        reason = f"{HIDES}: it is {found.value:.3g} ± {error:.1g}"
    elif least > TOLERANCE * max([abs(derivative), *greatest]):
        reason = f"{HIDES}: they may be {least:.1g}"
    else:
        reason = "the differences do not settle as the step shrinks"
    return Comparison(derivative, found.value, CANNOT_TELL, reason)


def _settled(numbers: Sequence[float]) -> bool:
    """Whether numbers have come to one that is not 0."""
    last = numbers[-WITNESSES:]
    return (
        len(numbers) >= WITNESSES
        and last[-1] != 0.0
        and all(abs(x - last[-1]) <= 0.1 * abs(last[-1]) for x in last)
    )


def short_number(x: float) -> float:
    """A number close to ``x``, or a little less, of six binary digits, the last of them 1: adding
    it is exact for all but the greatest arguments, and no multiple of it is a whole period of
    what has periods."""
    mantissa, exponent = frexp(x)
    return ldexp(int(mantissa * 64.0) | 1, exponent - 6)
