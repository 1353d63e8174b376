"""Answers at kinks, where more than one gradient is right.

At a kink every number of an interval is a derivative in a wider sense (a subgradient of a convex
function; Clarke's generalised gradient). Which one somebody took shows in the answers, and all of
them have to follow from the same.

Source: Clarke, *Optimization and Nonsmooth Analysis* (1983), section 2.1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import Rules
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.ops.row import Rule
from gradcalc.ops.shapes import Shape

#: So many numbers are tried one by one, with so many values for each; more are solved for all at
#: once; of still more all or none take the end of their range; beyond that it is the convention.
FEW, TRIED, SOLVED, MOST = 32, 8, 256, 20_000
#: Of exact answers, and of rounded ones.
SLACK, ROUNDED = 1e-9, 1e-2

#: What holds for the numbers of a group: they add up to 1, or to 1 at most; the root of the sum of
#: their squares is 1 at most, or the sum of their absolute values.
SHARE, REST, BALL, CROSS = "share", "rest", "ball", "cross"
#: How the limits measure the numbers of a group.
NORMS: Mapping[str, Callable[[Sequence[float]], float]] = {
    BALL: lambda numbers: sum(x * x for x in numbers) ** 0.5,
    CROSS: lambda numbers: sum(map(abs, numbers)),
}

Key = tuple[str, int]
Entry = tuple[int, ...]
#: How many of the answers agree with the numbers that follow.
Count = Callable[[Mapping[Key, Any]], float]
#: ``follow(rules)``: the gradients that follow from the answers, by key.
Follow = Callable[[Rules], Mapping[Key, Any] | None]


class Choice(NamedTuple):
    """A number that may be chosen at a gate, in the gradient of one operand.

    Attributes:
        parts: of a structural gate, as in :class:`gradcalc.services.check.freedom.Freedom`, which
            the rest is as well.
        entry: of an elementwise gate, of the local gradient.
    """

    node: int
    place: int
    low: float
    high: float
    usual: float
    group: tuple[int, Entry] | None
    limit: str
    parts: tuple[tuple[Entry, Entry, float], ...] = ()
    entry: Entry = ()


class Chosen(Rules):
    """The rules of a graph with some numbers chosen."""

    __slots__ = ("_choices", "_shapes")

    def __init__(self, run: Evaluation, chosen: Mapping[Choice, float]) -> None:
        super().__init__(run.graph, run.forward_pass.rules.wanted)
        self._choices: dict[tuple[int, int], dict[Choice, float]] = {}
        for choice, value in chosen.items():
            self._choices.setdefault((choice.node, choice.place), {})[choice] = value
        self._shapes = run.graph.shapes

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        pairs = super().__getitem__(node)
        structural = self.graph.op[node] >= STRUCTURAL
        shape = self._shapes.get(node) or ()
        return [
            (place, rule)
            if (node, place) not in self._choices
            else (place, _moved(rule, self._choices[node, place]))
            if structural
            else (place, _chosen(rule, self._choices[node, place], shape))
            for place, rule in pairs
        ]


def _chosen(rule: Rule, chosen: Mapping[Choice, float], shape: Shape) -> Rule:
    if not shape:
        (value,) = chosen.values()
        return lambda m, v, *operands: value

    def local(m: Any, v: Any, *operands: Any) -> Any:
        whole = m.cast(m.broadcast_to(m.cast(rule(m, v, *operands)), shape=shape)).copy()
        for choice, value in chosen.items():
            whole[choice.entry] = value
        return whole

    return local


def _moved(rule: Rule, chosen: Mapping[Choice, float]) -> Rule:
    """The rule of a structural gate with other numbers in the place of the usual ones."""

    def downstream(m: Any, upstream: Any, *operands: Any, **settings: Any) -> Any:
        whole = m.cast(rule(m, upstream, *operands, **settings)).copy()
        for choice, value in chosen.items():
            for entry, at, factor in choice.parts:
                whole[entry] += factor * (value - choice.usual) * _entry(upstream, at)
        return whole

    return downstream


def choices(run: Evaluation) -> list[Choice]:
    """What may be chosen, from the output to the inputs; nothing where that is too much."""
    found: list[Choice] = []
    for node in reversed(run.nodes):
        op = run.graph.op[node]
        if op >= 0 and ops.TABLE[op].kink and run.graph.varies[node]:
            for choice in _at_gate(run, node) if op < STRUCTURAL else _in_array(run, node):
                found.append(choice)
                if len(found) > MOST:
                    return []
    return found


def _at_gate(run: Evaluation, node: int) -> Iterator[Choice]:
    graph, m = run.graph, run.forward_pass.algebra
    row = ops.TABLE[graph.op[node]]
    operands = graph.operands[node]
    kink, shape = row.kink, graph.shape(node)
    if kink is None or kink.interval is None or not (shape or run.gradient(node)):
        return
    rules = dict(run.forward_pass.rules[node])
    inputs = [run.values[operand] for operand in operands]
    for entry, point in _points(inputs, run.gradient(node), shape, kink.at):
        low, high = kink.interval(*point)
        value = _entry(run.values[node], entry)
        tied = [k for k, x in enumerate(point) if x == value] if row.variadic else [0]
        free = [k for k in tied if k in rules]
        if not free or (row.variadic and len(tied) < 2):
            continue
        group = (node, entry) if row.variadic else None
        limit = "" if group is None else SHARE if len(free) == len(tied) else REST
        for place in free:
            local = float(rules[place](m, value, *point))
            yield Choice(node, place, low, high, local, group, limit, entry=entry)


def _in_array(run: Evaluation, node: int) -> Iterator[Choice]:
    from gradcalc.services.check.freedom import FREE

    graph, arriving = run.graph, run.gradient(node)
    free = FREE.get(ops.TABLE[graph.op[node]].name)
    if free is None or not graph.varies[graph.operands[node][0]]:
        return
    inputs = [run.values[operand] for operand in graph.operands[node]]
    for one in free(run.values[node], *inputs, **graph.settings.get(node, {})):
        if any(_entry(arriving, at) for _, at, _ in one.parts):
            group = None if one.group is None else (node, one.group)
            yield Choice(node, 0, one.low, one.high, one.usual, group, one.limit, one.parts)


def _points(
    inputs: Sequence[Any], upstream: Any, shape: Shape, at: Callable[..., Any]
) -> Iterator[tuple[tuple[int, ...], list[float]]]:
    """The entries at a kink that a gradient arrives at, and the operands there."""
    if not shape:
        if at(*inputs):
            yield (), [float(x) for x in inputs]
        return
    import numpy as np

    arrays = [np.broadcast_to(x, shape) for x in inputs]
    places = np.argwhere(np.broadcast_to(at(*inputs), shape) & (upstream != 0))
    for place in places[: MOST + 1].tolist():
        entry = tuple(place)
        yield entry, [float(x[entry]) for x in arrays]


def _entry(value: Any, entry: Entry) -> float:
    return float(value[entry] if entry else value)


def fit(
    run: Evaluation,
    open_: Sequence[Choice],
    given: Mapping[Key, Any],
    follow: Follow,
    count: Count,
) -> dict[Choice, float]:
    """The choices that explain the most answers.

    Args:
        given: the answers that are gradients.
        count: how many of the answers the numbers that follow agree with.
    """
    usual = {choice: choice.usual for choice in open_}
    if len(open_) > SOLVED:
        ends = [{c: x if c.limit else (c.low, c.high)[i] for c, x in usual.items()} for i in (0, 1)]
        return max((usual, *ends), key=lambda chosen: _counted(run, chosen, follow, count))
    at_once = _solved(run, usual, given, follow)
    if len(open_) > FEW:
        return at_once or usual
    step_by_step = _settled(run, open_, given, follow, count)
    found = (step_by_step, at_once) if at_once else (step_by_step,)
    return max(found, key=lambda chosen: _counted(run, chosen, follow, count))


def _solved(
    run: Evaluation, usual: Mapping[Choice, float], given: Mapping[Key, Any], follow: Follow
) -> dict[Choice, float] | None:
    """The choices at which all answers are right, by least squares: what follows is linear in them
    where no kink lies behind another. None where there are none in the valid range."""
    import numpy as np

    def flat(chosen: Mapping[Choice, float]) -> Any:
        found = follow(Chosen(run, chosen))
        if found is None:
            return None
        return np.array([x for key in given for x in _flat(found[key])])

    base = flat(usual)
    moved = [flat({**usual, choice: value + 1.0}) for choice, value in usual.items()]
    if base is None or any(column is None for column in moved):
        return None
    open_ = list(usual)
    matrix = np.stack([column - base for column in moved], axis=1)
    rest = np.array([x for key in given for x in _flat(given[key])]) - base
    groups = {choice.group for choice in open_ if choice.limit == SHARE}
    sums = [[float(choice.group == group) for choice in open_] for group in groups]
    scale = 1e3 * (1.0 + float(np.abs(matrix).max(initial=0.0)))
    if sums:  # the shares of a tie go on adding up to 1
        matrix = np.concatenate([matrix, scale * np.array(sums)])
        rest = np.concatenate([rest, np.zeros(len(sums))])
    if not (np.isfinite(matrix).all() and np.isfinite(rest).all()):
        return None
    steps = np.linalg.lstsq(matrix, rest, rcond=None)[0].tolist()
    found = {choice: usual[choice] + step for choice, step in zip(open_, steps, strict=True)}
    if not _valid(found):
        return None
    return {choice: min(max(x, choice.low), choice.high) for choice, x in found.items()}


def _valid(chosen: Mapping[Choice, float]) -> bool:
    """Whether numbers are as the kinks allow, but for rounding."""
    groups: dict[Any, list[float]] = {}
    for choice, x in chosen.items():
        if not choice.low - ROUNDED <= x <= choice.high + ROUNDED:
            return False
        if choice.limit in NORMS:
            groups.setdefault((choice.limit, choice.group), []).append(x)
    return all(NORMS[limit](group) <= 1.0 + ROUNDED for (limit, _), group in groups.items())


def _settled(
    run: Evaluation,
    open_: Sequence[Choice],
    given: Mapping[Key, Any],
    follow: Follow,
    count: Count,
) -> dict[Choice, float]:
    """The choices one after the other, each so that the most answers are right."""
    chosen = {choice: choice.usual for choice in open_}
    settled: set[Choice] = set()
    for choice in open_:
        if choice in settled:
            continue
        candidates = _candidates(run, choice, chosen, settled, given, follow)
        best, most = chosen, _counted(run, chosen, follow, count)
        for value in candidates:
            tried = _with(chosen, choice, value, settled)
            agreed = _counted(run, tried, follow, count) if _valid(tried) else -1
            if agreed > most:
                best, most = tried, agreed
        chosen = best
        settled.add(choice)
    return chosen


def _counted(
    run: Evaluation,
    chosen: Mapping[Choice, float],
    follow: Follow,
    count: Count,
) -> float:
    found = follow(Chosen(run, chosen))
    return count(found) if found is not None else -1


def _with(
    chosen: Mapping[Choice, float], choice: Choice, value: float, settled: set[Choice]
) -> dict[Choice, float]:
    """The choices with one of them changed, and what is left shared by the others of its group."""
    changed = {**chosen, choice: value}
    if choice.limit != SHARE:
        return changed
    group = [other for other in chosen if other.group == choice.group]
    free = [other for other in group if other not in settled and other != choice]
    rest = 1.0 - sum(changed[other] for other in group if other not in free)
    return changed | {other: rest / len(free) for other in free}


def _candidates(
    run: Evaluation,
    choice: Choice,
    chosen: Mapping[Choice, float],
    settled: set[Choice],
    given: Mapping[Key, Any],
    follow: Follow,
) -> list[float]:
    """The values at which one of the answers would be right: what follows is linear in it."""
    low, high = choice.low, choice.high
    if choice.limit in (SHARE, REST):
        others = [other for other in chosen if other.group == choice.group and other != choice]
        if choice.limit == SHARE and settled.issuperset(others):
            return []  # it gets what they leave
        group = [other for other in settled if other.group == choice.group]
        high = min(high, 1.0 - sum(chosen[other] for other in group))
    ends = [follow(Chosen(run, _with(chosen, choice, x, settled))) for x in (0.0, 1.0)]
    if ends[0] is None or ends[1] is None:
        return []
    found: list[float] = []
    for key, answer in given.items():
        for at_zero, at_one, here in zip(
            *map(_flat, (ends[0][key], ends[1][key], answer)), strict=False
        ):
            slope = at_one - at_zero
            if not slope or slope != slope:
                continue
            value = (here - at_zero) / slope
            slack = SLACK + ROUNDED * (high - low)
            if low - slack <= value <= high + slack:
                value = min(max(value, low), high)
                if all(abs(value - other) > SLACK for other in found):
                    found.append(value)
            if len(found) == TRIED:
                return found
    return found


def _flat(value: Any) -> list[float]:
    if not getattr(value, "shape", ()):
        return [float(value)]
    flat: list[float] = value.ravel().tolist()
    return flat
