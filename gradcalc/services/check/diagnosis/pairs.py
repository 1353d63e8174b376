"""Two independent faults whose effects add up in the same answers."""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from gradcalc.services.check.diagnosis.mistake import SLIP, SPECIFIC, Fault, Match, order_of
from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.diagnosis.passes import Backward
from gradcalc.services.check.diagnosis.search import Candidate, Search

#: So many pairs are tried, and so many that fit are enough.
MAX_TRIES, ENOUGH = 150_000, 8

#: More wrong answers than these are not the work of two faults.
MOST = 40
#: Only so few faults are combined to explain a single number.
FEW = 25


class _Effect(NamedTuple):
    candidate: Candidate
    vector: tuple[float, ...]  # how far it moves each wrong answer


def pairs(search: Search) -> list[tuple[Match, Match]]:
    """The pairs of faults that together reproduce all the answers searched for, best first.

    Of scalars. For one number there are always some pairs, unless few faults come into question
    and the number has many digits.
    """
    if len(search.slips) > MOST:
        return []
    effects = []
    for candidate in search.candidates():
        if candidate.fault.mistake.rank < SLIP:
            vector = tuple([_moved(candidate, reach) for reach in search.reaches])
            if any(vector):
                effects.append(_Effect(candidate, vector))
    if len(search.slips) < 2:
        effects = [e for e in effects if e.candidate.fault.mistake.rank == SPECIFIC]
        if len(effects) > FEW or _is_short(search.slips[0]):
            return []
    effects.sort(key=lambda effect: effect.candidate.cost)
    return _Pairs(search, effects).found()


def _is_short(target: Target) -> bool:
    """Whether a number may easily come about by chance."""
    return float(target.given * 4.0).is_integer() or 0 < target.answer.digits < 4


def _moved(candidate: Candidate, reach: dict[int, float]) -> float:
    return float(sum(change * reach.get(node, 0.0) for node, change in candidate.changes.items()))


class _Pairs:
    def __init__(self, search: Search, effects: list[_Effect]) -> None:
        self.search, self.effects = search, effects
        self.back: Backward = search.back
        self.tries = 0
        self._lines: dict[int, list[tuple[Fault, float, float]]] = {}
        first = search.slips[0]
        tolerance = first.tolerance
        width = max(first.half, tolerance.atol + 2 * tolerance.rtol * abs(first.given))
        self.width = width + self.back.slack.get(first.node, 0.0)
        self.missing = [t.given - self.back.arriving[t.node] for t in search.slips]
        # By how far they move the first wrong answer, so that what is left over can be looked up.
        self.sorted = sorted(range(len(effects)), key=lambda i: effects[i].vector[0])
        self.keys = [effects[i].vector[0] for i in self.sorted]

    def found(self) -> list[tuple[Match, Match]]:
        """See :func:`pairs`."""
        found = self._independent() or self._one_below_the_other()
        return sorted(found, key=lambda pair: order_of(*pair))

    def _independent(self) -> list[tuple[Match, Match]]:
        """The pairs whose effects add up."""
        found: list[tuple[Match, Match]] = []
        width = self.width
        for i, effect in enumerate(self.effects):
            rest = self.missing[0] - effect.vector[0]
            low = bisect_left(self.keys, rest - width)
            high = bisect_right(self.keys, rest + width)
            for j in self.sorted[low:high]:
                self.tries += 1
                if j <= i:
                    continue
                other = self.effects[j]
                if self._fits(effect, other) and self._independent_of(effect, other):
                    found.append(self._matches(effect, other))
            if self.tries > MAX_TRIES or len(found) >= ENOUGH:
                break
        return found

    def _one_below_the_other(self) -> list[tuple[Match, Match]]:
        """The pairs of which one changes the upstream gradient that the other one is made with."""
        search, back = self.search, self.back
        found: list[tuple[Match, Match]] = []
        gates = set(search.gates)
        missing = self.missing[0]
        for effect in self.effects:
            upper = effect.candidate
            rest = missing - effect.vector[0]
            for node, change in search.linear.spread(upper.changes, back.pinned):
                if node not in gates or node in back.pinned or not change:
                    continue
                up = back.adjoint[node] + change
                lines = self._lines_at(node)
                self.tries += len(lines)
                for key, at_zero, slope in lines:
                    if abs(at_zero + slope * up - rest) > self.width:
                        continue
                    other = self._again(node, up, key)
                    if other is not None and self._fits(effect, other):
                        found.append(self._matches(effect, other))
            if self.tries > MAX_TRIES or len(found) >= ENOUGH:
                break
        return found

    def _lines_at(self, node: int) -> list[tuple[Fault, float, float]]:
        """For each fault at a gate how far it moves the first wrong answer, as a straight line over
        the upstream gradient: (the fault, at 0, slope). Those that are no straight line miss."""
        lines = self._lines.get(node)
        if lines is None:
            up = self.back.adjoint[node]
            ends = up + 0.5, up + 1.5
            one, other = ({c.fault: self._first(c) for c in self._at(node, end)} for end in ends)
            lines = self._lines[node] = []
            for fault, moved in one.items():
                if fault in other:
                    slope = other[fault] - moved
                    lines.append((fault, moved - slope * ends[0], slope))
        return lines

    def _at(self, node: int, up: float) -> list[Candidate]:
        found = self.search.at_gate(node, up)
        return [candidate for candidate in found if candidate.fault.mistake.rank < SLIP]

    def _first(self, candidate: Candidate) -> float:
        return _moved(candidate, self.search.reaches[0])

    def _again(self, node: int, up: float, fault: Fault) -> _Effect | None:
        """The fault at a gate with this upstream gradient."""
        for candidate in self._at(node, up):
            if candidate.fault == fault:
                vector = tuple([_moved(candidate, reach) for reach in self.search.reaches])
                return _Effect(candidate, vector)
        return None

    def _independent_of(self, a: _Effect, b: _Effect) -> bool:
        """Whether neither fault changes the upstream gradient of the other one's gate."""
        one, other = a.candidate, b.candidate
        pinned = self.back.pinned

        def moves(upper: Candidate, lower: Candidate) -> bool:
            moved = self.search.linear.spread(upper.changes, pinned)
            return any(node == lower.fault.node for node, _ in moved)

        same = one.fault.node == other.fault.node
        return not (same or moves(one, other) or moves(other, one))

    def _fits(self, a: _Effect, b: _Effect) -> bool:
        for target, first, second in zip(self.search.slips, a.vector, b.vector, strict=True):
            if not self.back.agrees(target, first + second):
                return False
        changes = dict(a.candidate.changes)
        for node, change in b.candidate.changes.items():
            changes[node] = changes.get(node, 0.0) + change
        return bool(any(b.vector) and self.search.explained(changes) is not None)

    def _matches(self, a: _Effect, b: _Effect) -> tuple[Match, Match]:
        slips = zip(self.search.slips, a.vector, b.vector, strict=True)
        exact = all(self.back.is_exactly(target, one + other) for target, one, other in slips)
        return self._match(a, exact), self._match(b, exact)

    def _match(self, effect: _Effect, exact: bool) -> Match:
        slips = zip(self.search.slips, effect.vector, strict=True)
        nodes = frozenset([target.node for target, moved in slips if moved])
        candidate = effect.candidate
        return Match(candidate.fault, nodes, candidate.cost, candidate.changes, exact)
