"""Which numbers somebody took at kinks: those that explain the most answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gradcalc.engine.run import Rules
from gradcalc.ops.row import BALL, CENTRED, CROSS, REST, SHARE
from gradcalc.services.check.kinks import Choice, Chosen, Kinks, shared, within
from gradcalc.services.check.types import Key

#: Up to so many choices are tried one by one, with so many values for each.
FEW, TRIED = 32, 8
#: Of so many answers at most each is left out once.
LEFT_OUT = 8
#: Up to so many are solved for all at once. Of more, all take the same end of their range.
SOLVED = 256
#: So many steps are made where that is not linear.
NEWTON = 4
#: So many nodes are visited on the way, of scalars and of arrays.
WORK, ARRAY_WORK = 200_000, 10_000
#: So many entries take as long as a node.
ENTRIES = 400
#: Numbers that differ by less are the same.
SLACK = 1e-9
#: So many points nearby are looked at, and so many where there are many choices: a gradient there
#: is always one of those that are right here.
NEARBY, NEARBY_MANY = 48, 32

#: How many answers are right as a whole, and with the shares of the others.
Count = tuple[int, float]
NONE: Count = (-1, -1.0)
Follow = Callable[[Rules], Mapping[Key, Any] | None]


class Fit:
    """The search for the numbers that were chosen.

    Args:
        given: the answers that are gradients.
        follows: the gradients that follow by other rules, by key (None where nothing does): from
            the true ones, and from the answers.
        count: how many of the answers agree with some rules, and how many do in all their entries.
        slack: how far the rounding of the answers may have moved what they say of a choice.
    """

    def __init__(
        self,
        kinks: Kinks,
        given: Mapping[Key, Any],
        follows: Sequence[Follow],
        count: Callable[[Rules], Count],
        slack: float,
    ) -> None:
        self.kinks, self.given, self.slack = kinks, given, slack
        self._follows, self._count = follows, count
        run = kinks.run
        work = ARRAY_WORK if run.graph.shapes else WORK
        entries = sum(getattr(run.values[node], "size", 1) for node in run.nodes)
        self._left = work // max(1, len(run.nodes), entries // ENTRIES)

    def best(self) -> Rules | None:
        """The rules that explain the most answers; None if those of the op table explain as
        many."""
        choices = self.kinks.choices
        starts = [shared(choices, pick) for pick in (_usual, _low, _high, within)]
        usual = most = self.count(self.kinks.run.forward_pass.rules)
        best = None
        for rules in self._ways(starts):
            agreed = self.count(rules)
            if agreed > most:
                best, most = rules, agreed
            if most[0] >= len(self.given) or self._left < 0:
                break
        return best if most[0] > usual[0] else None

    def count(self, rules: Rules) -> Count:
        """How many of the answers agree with some rules: all of them, and in part."""
        self._left -= len(self._follows)
        return self._count(rules)

    def _counted(self, chosen: Chosen) -> Count:
        return self.count(self.kinks.rules(chosen)) if self._is_valid(chosen) else NONE

    def _ways(self, starts: list[dict[Choice, float]]) -> Iterator[Rules]:
        """Rules, the quickest to find first."""
        yield from map(self.kinks.rules, filter(self._is_valid, starts))
        yield from self.kinks.nearby(NEARBY if len(starts[0]) <= SOLVED else NEARBY_MANY)
        yield from map(self.kinks.rules, filter(self._is_valid, self._chosen(starts)))

    def _is_valid(self, chosen: Chosen) -> bool:
        """Whether numbers are as the kinks allow, but for rounding."""
        groups: dict[tuple[str, Any], list[float]] = {}
        for choice, x in chosen.items():
            if not choice.low - self.slack <= x <= choice.high + self.slack:
                return False
            if choice.limit:
                groups.setdefault((choice.limit, choice.group), []).append(x)
        return all(
            _goes(limit, numbers, self.slack * len(numbers))
            for (limit, _), numbers in groups.items()
        )

    def _chosen(self, starts: list[dict[Choice, float]]) -> Iterator[dict[Choice, float]]:
        count = len(starts[0])
        for choice in starts[0] if count <= FEW else ():
            if choice.limit == SHARE:
                yield _with(starts[0], choice, 1.0, set())
        for start in starts if count <= FEW else starts[:1] if count <= SOLVED else ():
            for follow in self._follows:
                yield from self._steps(start, follow)
        for start in starts if count <= FEW else ():
            yield self._settled(start)

    def _steps(self, start: Chosen, follow: Follow) -> Iterator[dict[Choice, float]]:
        """Newton's method: where a kink lies behind another, products of choices matter."""
        for _ in range(NEWTON):
            solved = self._solved(start, follow)
            yield from solved
            if not solved or all(abs(solved[0][c] - x) < SLACK for c, x in start.items()):
                return
            start = solved[0]

    def _flat(self, chosen: Chosen, follow: Follow) -> Any:
        import numpy as np

        self._left -= 1
        found = follow(self.kinks.rules(chosen))
        if found is None:
            return None
        return np.array([x for key in self.given for x in _entries(found[key])])

    def _solved(self, start: Chosen, follow: Follow) -> list[dict[Choice, float]]:
        """The choices at which all answers are right, by least squares: what follows is linear in
        them where no kink lies behind another. Then those for all but one answer. Nothing where
        nothing follows, or it takes too long."""
        if self._left < len(start):
            return []
        import numpy as np

        with np.errstate(all="ignore"):  # answers to a program of numbers, too, may be infinite
            return list(self._least_squares(start, follow))

    def _least_squares(self, start: Chosen, follow: Follow) -> Iterator[dict[Choice, float]]:
        import numpy as np

        base = self._flat(start, follow)
        moved = [self._flat({**start, c: value + 1.0}, follow) for c, value in start.items()]
        if base is None or any(column is None for column in moved):
            return
        matrix = np.stack([column - base for column in moved], axis=1)
        flat = [_entries(answer) for answer in self.given.values()]
        rest = np.array([x for entries in flat for x in entries]) - base
        groups = {choice.group for choice in start if choice.limit == SHARE}
        sums = [[float(choice.group == group) for choice in start] for group in groups]
        # The shares of a tie go on adding up to 1.
        scale = 1e3 * (1.0 + float(np.abs(matrix).max(initial=0.0)))
        matrix = np.concatenate([matrix, scale * np.reshape(sums, (len(sums), len(start)))])
        rest = np.concatenate([rest, np.zeros(len(sums))])
        if not (np.isfinite(matrix).all() and np.isfinite(rest).all()):
            return
        here = np.array(list(start.values()))
        bounds = np.array([(choice.low, choice.high) for choice in start])
        of = np.repeat(np.arange(len(flat)), list(map(len, flat)))
        of = np.concatenate([of, np.full(len(sums), -1)])
        others = range(len(flat)) if 1 < len(flat) <= LEFT_OUT and len(start) <= FEW else ()
        for left_out in (-2, *others):
            rows = of != left_out
            found = _bounded(matrix[rows], rest[rows], here, bounds)
            yield dict(zip(start, found.tolist(), strict=True))

    def _settled(self, start: Chosen) -> dict[Choice, float]:
        """The choices one after the other, each so that the most answers are right."""
        chosen = dict(start)
        settled: set[Choice] = set()
        for choice in start:
            if self._left < 0:
                break
            best, most = chosen, self._counted(chosen)
            for value in self._candidates(choice, chosen, settled):
                tried = _with(chosen, choice, value, settled)
                agreed = self._counted(tried)
                if agreed > most:
                    best, most = tried, agreed
            chosen = best
            settled.add(choice)
        return chosen

    def _candidates(self, choice: Choice, chosen: Chosen, settled: set[Choice]) -> list[float]:
        """The values at which one of the answers would be right: what follows is linear in it."""
        low, high = choice.low, choice.high
        if choice.limit in (SHARE, REST):
            others = [other for other in chosen if other.group == choice.group and other != choice]
            if choice.limit == SHARE and settled.issuperset(others):
                return []  # it gets what they leave
            group = [other for other in settled if other.group == choice.group]
            high = min(high, 1.0 - sum(chosen[other] for other in group))
        ends = [self.kinks.rules(_with(chosen, choice, x, settled)) for x in (0.0, 1.0)]
        found: list[float] = []
        slack = SLACK + self.slack * (high - low)
        for value in self._crossings(ends):
            if low - slack <= value <= high + slack:
                value = min(max(value, low), high)
                if all(abs(value - other) > SLACK for other in found):
                    found.append(value)
            if len(found) == TRIED:
                break
        return found

    def _crossings(self, ends: Sequence[Rules]) -> Iterator[float]:
        """Where the lines through what follows at 0 and at 1 meet the answers."""
        for follow in self._follows:
            self._left -= len(ends)
            at_zero, at_one = map(follow, ends)
            if at_zero is None or at_one is None:
                continue
            for key, answer in self.given.items():
                numbers = map(_entries, (at_zero[key], at_one[key], answer))
                for zero, one, here in zip(*numbers, strict=False):
                    slope = one - zero
                    if slope and slope == slope:
                        yield (here - zero) / slope


def _bounded(matrix: Any, rest: Any, here: Any, bounds: Any) -> Any:
    """The numbers within their bounds for which ``matrix @ (numbers - here)`` is near ``rest``: by
    least squares, those that come out beyond a bound held there and the others solved for again."""
    import numpy as np

    found, free = here.copy(), np.ones(len(here), bool)
    while free.any():
        known = matrix[:, ~free] @ (found - here)[~free]
        found[free] = here[free] + np.linalg.lstsq(matrix[:, free], rest - known, rcond=None)[0]
        clipped = np.clip(found, bounds[:, 0], bounds[:, 1])
        beyond = np.abs(found - clipped) > SLACK
        found = clipped
        if not (beyond & free).any():
            break
        free &= ~beyond
    return found


def _usual(choice: Choice, count: int) -> float:
    return choice.usual


def _low(choice: Choice, count: int) -> float:
    return choice.usual if choice.limit not in ("", REST) else choice.low


def _high(choice: Choice, count: int) -> float:
    return choice.usual if choice.limit not in ("", REST) else choice.high / count


def _goes(limit: str, numbers: list[float], slack: float) -> bool:
    """Whether the numbers of a group go together."""
    total = sum(numbers)
    if limit == SHARE and total < 1.0 - slack:
        return False
    if limit == CENTRED and abs(total) > slack:
        return False
    size = sum(x * x for x in numbers) ** 0.5 if limit in (BALL, CENTRED) else total
    return (sum(map(abs, numbers)) if limit == CROSS else size) <= 1.0 + slack


def _with(
    chosen: Chosen, choice: Choice, value: float, settled: set[Choice]
) -> dict[Choice, float]:
    """The choices with one of them changed, and what is left shared by the others of its group."""
    changed = {**chosen, choice: value}
    if choice.limit != SHARE:
        return changed
    group = [other for other in chosen if other.group == choice.group]
    free = [other for other in group if other not in settled and other != choice]
    rest = 1.0 - sum(changed[other] for other in group if other not in free)
    return changed | {other: rest / len(free) for other in free}


def _entries(value: Any) -> list[float]:
    if not getattr(value, "shape", ()):
        return [float(value)]
    flat: list[float] = value.ravel().tolist()
    return flat
