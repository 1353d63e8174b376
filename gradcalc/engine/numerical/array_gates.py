"""Local gradients of gates on arrays, compared as in :mod:`gradcalc.engine.numerical.gates`."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.arrays import arrays
from gradcalc.engine.numerical.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    EPS,
    NOT_FINITE,
    Comparison,
    Errors,
    worst,
)
from gradcalc.engine.numerical.gates import (
    ALONG,
    AT_KINK,
    TOLERANCES,
    TOO_SPARSE,
    compare_number,
    compare_twice,
    in_double,
    steps_at,
)
from gradcalc.engine.numerical.objective import UNITS
from gradcalc.engine.run import BILINEAR, fitted, forward_functions
from gradcalc.errors import DataError
from gradcalc.ops.row import Rule

#: Of a bigger array so many entries are checked.
ENTRIES = 16
#: What is said where some entries of a gate were left out.
OTHERS_AGREE = "at a kink; the others agree"
#: From here on the shortest step may be too long for what is between the numbers of an array.
SPARSE = 2.0**40
#: Two steps, to see whether the slopes on both sides meet as it shrinks.
LONG, SHORT = 2.0**-10, 2.0**-20
#: How often the slopes along two directions are added.
PAIRS = 8


def random_direction(x: Any, generator: Any) -> Any:
    """A random direction, each entry as long as that of the array, or half of it, or twice.

    The numbers are short, so that a step along them is exact. What is not finite does not move.
    """
    _, exponents = np.frexp(sizes(x))
    direction = np.ldexp(random_numbers(np.shape(x), generator, digits=10), exponents)
    return np.where(np.isfinite(x), direction, 0.0)


def random_numbers(shape: tuple[int, ...], generator: Any, digits: int = 20) -> Any:
    """Numbers from 1/2 to 1 with either sign, of so many binary digits."""
    signs = generator.integers(0, 2, shape) * 2.0 - 1.0
    return signs * generator.integers(2 ** (digits - 1), 2**digits, shape) / 2.0**digits


def sizes(x: Any) -> Any:
    """How big each entry is; one that is 0 or not finite counts as big as the others are."""
    size = np.abs(np.asarray(x, np.float64))
    finite = size[np.isfinite(size)]
    greatest = float(finite.max(initial=0.0))
    usual = 1.0
    if greatest:
        usual = greatest * float(np.sqrt(np.mean(np.square(finite / greatest))))
    return np.where((size > 0.0) & (size < np.inf), size, usual)


def sample(count: int, most: int, generator: Any) -> list[int]:
    """Numbers below ``count``: all of them, or ``most`` at random."""
    if count <= most:
        return list(range(count))
    return sorted(generator.choice(count, most, replace=False).tolist())


class ArrayGate:
    """One gate whose operands or value are arrays.

    Args:
        m: the algebra of the report, and ``value`` and ``operands`` what it computed.
        settings: of the node.
    """

    def __init__(
        self,
        m: Any,
        op: int,
        value: Any,
        operands: Sequence[Any],
        settings: Mapping[str, Any],
        generator: Any,
    ) -> None:
        self.m, self.op, self.value = m, op, value
        self.row = ops.TABLE[op]
        self.operands = list(operands)
        self.settings = settings
        self.generator = generator
        self.unit, self.least = UNITS[m.dtype.name]
        self.tolerance = TOLERANCES[m.dtype.name]

    def with_algebra(self, m: Any, value: Any, operands: Sequence[Any]) -> "ArrayGate":
        """The same gate in another precision."""
        return ArrayGate(m, self.op, value, operands, self.settings, self.generator)

    def compare(self, place: int, rule: Rule) -> Comparison | None:
        """The local gradient by one operand; None where there are no entries, and for labels."""
        if not np.size(self.value) or not np.size(self.operands[place]):
            return None
        with np.errstate(all="ignore"):
            if self.row.elementwise:
                return self._elementwise(place, rule)
            try:
                return _Moved(self, place, rule).compare()
            except DataError as error:
                # What refuses to be moved has no gradient, unless the rule is wrong.
                gradient = self.downstream(place, rule, np.ones(np.shape(self.value)))
                if not np.any(gradient):
                    return None
                return Comparison(float(gradient.sum()), np.nan, CANNOT_TELL, error.message)

    def _elementwise(self, place: int, rule: Rule) -> Comparison:
        """Number by number, for some of the entries."""
        shape = np.shape(self.value) or (1,)
        kinked = np.zeros(shape, bool)
        if self.row.kink is not None:
            kinked |= np.asarray(self.row.kink.at(*self.operands), bool)
        columns = [np.broadcast_to(x, shape) for x in (self.value, *self.operands)]
        x = columns[1 + place]
        apart = ~(np.isfinite(columns[0]) & np.isfinite(x))
        chosen = self._entries(x, kinked if apart.all() else kinked | apart)
        columns = [column[chosen] for column in columns]
        local = np.broadcast_to(self.m.cast(rule(self.m, *columns)), columns[0].shape)
        numbers = zip(*(column.tolist() for column in columns[1:]), strict=True)
        found = worst(
            compare_number(
                self.op, one, place, derivative, partial(rule, floats), self.unit, self.tolerance
            )
            for derivative, one in zip(local.tolist(), numbers, strict=True)
        )
        count = int(np.count_nonzero(kinked))
        if found.verdict == AGREES and 0 < count < kinked.size:
            return found.instead(_left_out(count, kinked.size))
        return found.but_for_infinities() if apart.any() else found

    def _entries(self, x: Any, barred: Any) -> tuple[Any, ...]:
        """Some entries that are not barred (if there are such), the extreme ones among them."""
        places = np.flatnonzero(~barred) if not barred.all() else np.arange(barred.size)
        if places.size > ENTRIES:
            there = x[np.unravel_index(places, barred.shape)]
            extreme = [int(np.argmin(there)), int(np.argmax(there))]
            others = sample(places.size, ENTRIES - 2, self.generator)
            places = places[sorted({*extreme, *others})]
        return np.unravel_index(places, barred.shape)

    def downstream(
        self,
        place: int,
        rule: Rule,
        upstream: Any,
        value: Any = None,
        operands: Sequence[Any] | None = None,
    ) -> Any:
        """The gradient of an operand, in double precision; or of changed operands."""
        m = self.m
        operands = self.operands if operands is None else operands
        value = self.value if value is None else value
        upstream = m.cast(upstream)
        found = rule(m, upstream, value, *operands, **self.settings)
        if self.row.name in BILINEAR:  # 0 stays 0 under an infinite factor
            found = m.masked(found, rule, upstream, value, operands, place, self.settings)
        found = fitted(m, m.cast(found), np.shape(operands[place]))
        return np.asarray(found, np.float64)

    def changed(self, m: Any, operands: Sequence[Any], places: Sequence[int]) -> list[Any]:
        """Operands with rounding errors at some places."""
        unit, least = UNITS[m.dtype.name]
        found = list(operands)
        for place in places:
            x = found[place]
            signs = self.generator.integers(0, 2, np.shape(x)) * 2.0 - 1.0
            error = signs * np.maximum(unit * np.abs(x), least)
            found[place] = m.cast(np.where(np.isfinite(x), x + error, x))
        return found


class _Moved:
    """One operand of a structural gate, moved along a direction."""

    def __init__(self, gate: ArrayGate, place: int, rule: Rule) -> None:
        self.gate, self.place, self.rule = gate, place, rule
        double = arrays("float64")
        self.double = double
        self.operands = [double.cast(x) for x in gate.operands]
        self.x = self.operands[place]
        self.function = partial(forward_functions(double)[gate.op], **gate.settings)
        self.value = double.cast(self.function(*self.operands))
        finite = np.isfinite(self.value)
        #: Where the value is looked at: not where it is infinite, if there is anything else.
        self.seen = finite | ~finite.any()
        self.weights = self._new_weights()
        greatest = float(np.max(np.abs(self.value), initial=0.0, where=finite))
        if greatest > 1e200:  # so that the sum does not overflow
            self.weights = np.ldexp(self.weights, -int(np.frexp(greatest)[1]))
        self.direction = random_direction(self.x, gate.generator)

    def compare(self) -> Comparison:
        gate, row = self.gate, self.gate.row
        if not np.isfinite(self.x).any():
            return Comparison(np.nan, np.nan, CANNOT_TELL, NOT_FINITE)
        self.at(self.direction, ALONG[0])  # raises DataError for what cannot be moved
        kinked = 0
        if row.kink is not None and np.any(row.kink.at(*gate.operands, **gate.settings)):
            mask = self._kinked() & self.seen
            kinked = int(np.count_nonzero(mask))
            self.weights = np.where(mask, 0.0, self.weights)
            if kinked == np.count_nonzero(self.seen):
                return self._by_entries()
        found = self._along(self.direction, ALONG)
        size = np.abs(self.x)
        if found.verdict == DISAGREES and np.any((size >= SPARSE) & (size < np.inf)):
            return found.instead(TOO_SPARSE)
        if found.verdict == AGREES and kinked:
            return found.instead(_left_out(kinked, np.size(self.value)))
        return found if self.seen.all() else found.but_for_infinities()

    def at(self, direction: Any, step: float) -> Any:
        """The value where the operand has moved."""
        operands = list(self.operands)
        operands[self.place] = self.x + step * direction
        return self.function(*operands)

    def _along(self, direction: Any, steps: tuple[float, float]) -> Comparison:
        gate = self.gate
        gradient = gate.downstream(self.place, self.rule, self.weights)

        def f(step: float) -> float:
            return self._weighted(self.at(direction, step))

        errors = Errors(self._noise())

        def again() -> Errors:
            return errors._replace(blur=self._blur(gradient, direction))

        def compared(derivative: float) -> Comparison:
            return compare_twice(f, derivative, steps, gate.tolerance, errors, again)

        def double() -> float:
            other = gate.with_algebra(self.double, self.value, self.operands)
            return float(np.sum(other.downstream(self.place, self.rule, self.weights) * direction))

        found = compared(float(np.sum(gradient * direction)))
        return found if gate.m is self.double else in_double(found, double, compared)

    def _new_weights(self) -> Any:
        """Random ones for the entries of the value that are looked at."""
        weights = random_numbers(np.shape(self.value), self.gate.generator)
        return np.where(self.seen, weights, 0.0)

    def _weighted(self, value: Any) -> float:
        """The weighted sum of the entries that are looked at."""
        return float(np.sum(self.weights * value, where=self.seen))

    def _noise(self) -> float:
        """By how much rounding errors change the weighted sum."""
        if self.gate.row.pattern == "mover" and len(self._differentiated()) == len(self.operands):
            # It adds up nothing but its operands, of which there may be thousands.
            sizes = self.function(*map(abs, self.operands))
            return 10.0 * EPS * self._weighted(np.copysign(sizes, self.weights))
        size = self._weighted(np.copysign(self.value, self.weights))
        found = [0.0]
        for changed in self._changes(self.double, self.operands):
            change = self._weighted(self.double.cast(self.function(*changed)) - self.value)
            if np.isfinite(change):
                found.append(abs(change))
        return 2.0 * max(found) + 8.0 * EPS * size

    def _blur(self, gradient: Any, direction: Any) -> float:
        """By how much rounding errors change the derivative along the direction."""
        gate = self.gate
        found = 8.0 * gate.unit * float(np.sum(np.abs(gradient * direction)))
        function = forward_functions(gate.m)[gate.op]
        for changed in self._changes(gate.m, gate.operands):
            value = gate.m.cast(function(*changed, **gate.settings))
            other = gate.downstream(self.place, self.rule, self.weights, value, changed)
            change = abs(float(np.sum((other - gradient) * direction)))
            if np.isfinite(change):
                found += change
        return found

    def _changes(self, m: Any, operands: Sequence[Any]) -> list[list[Any]]:
        """Operands with rounding errors: all that are differentiated, or only this one, if the
        others do not take it."""
        gate = self.gate
        for places in (self._differentiated(), [self.place]):
            found = [gate.changed(m, operands, places) for _ in range(2)]
            try:
                for changed in found:
                    self.function(*map(self.double.cast, changed))
            except DataError:
                continue
            return found
        return []

    def _differentiated(self) -> list[int]:
        """The places of the operands that are: the others are indices and labels."""
        places = range(len(self.operands))
        return [place for place in places if self.gate.row.rule(place, ()) is not None]

    def _kinked(self) -> Any:
        """The entries of the value that have no derivative: where the slopes on the two sides do
        not meet, or that along a sum of directions is not the sum of those along each."""
        mask = np.zeros(np.shape(self.value), bool)
        for _ in range(PAIRS):
            one, other = (random_direction(self.x, self.gate.generator) for _ in range(2))
            slopes = []
            for direction in (one, other, one + other):
                before, _ = self._slopes(direction, LONG)
                gap, slope = self._slopes(direction, SHORT)
                mask |= gap > np.maximum(0.1 * before, self._seen(slope))
                slopes.append(slope)
            rest = np.abs(slopes[0] + slopes[1] - slopes[2])
            mask |= rest > self._seen(np.abs(slopes[0]) + np.abs(slopes[1]))
            mask |= ~np.isfinite(rest)
        return mask

    def _slopes(self, direction: Any, step: float) -> tuple[Any, Any]:
        """For each entry by how much the slopes on the two sides differ, and what lies between."""
        low, high = self.at(direction, -step), self.at(direction, step)
        gap = np.abs((high - self.value) - (self.value - low)) / step
        return gap, (high - low) / (2.0 * step)

    def _seen(self, slope: Any) -> Any:
        """What a difference of slopes exceeds that is neither rounding nor curvature."""
        return 1e-3 * np.abs(slope) + 64.0 * EPS / SHORT * np.abs(self.value)

    def _by_entries(self) -> Comparison:
        """Every entry of the value is at a kink: some entries of the operand, each moved alone."""
        gate = self.gate
        found = []
        for place in sample(np.size(self.x), ENTRIES, gate.generator):
            one = self._entry(place)
            # At a kink the slopes on the two sides may be equal by chance.
            found.append(self._entry(place) if one.verdict == DISAGREES else one)
        compared = worst(found)
        agreeing = sum(one.verdict == AGREES for one in found)
        if compared.verdict == CANNOT_TELL and agreeing:
            return compared.instead(_left_out(len(found) - agreeing, len(found)))
        return compared.instead(AT_KINK) if compared.verdict == AGREES else compared

    def _entry(self, place: int) -> Comparison:
        """The comparison where one entry moves, with new weights."""
        self.weights = self._new_weights()
        unit = np.zeros(np.size(self.x))
        unit[place] = 1.0
        x, scale = float(np.ravel(self.x)[place]), float(np.ravel(sizes(self.x))[place])
        return self._along(unit.reshape(np.shape(self.x)), steps_at(x, scale))


def _left_out(count: int, total: int) -> str:
    entries = "entry" if total == 1 else "entries"
    return f"{count:,} of {total:,} {entries} {OTHERS_AGREE}"
