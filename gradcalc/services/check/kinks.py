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

#: So many numbers are found out, and so many values tried for each. At more kinks the convention of
#: the op table is taken.
MOST, TRIED = 32, 8
SLACK = 1e-9
#: The structural operations at whose kinks another choice is known; at others it is the usual one.
REDUCTIONS = ("amax", "amin")

Key = tuple[str, int]
#: How many of the answers agree with the numbers that follow.
Count = Callable[[Mapping[Key, Any]], float]
#: ``follow(rules)``: the gradients that follow from the answers, by key.
Follow = Callable[[Rules], Mapping[Key, Any] | None]


class Choice(NamedTuple):
    """A local gradient that may be chosen: of a gate by one operand, in one entry.

    Those of one ``group`` (the tied operands of a max) add up to 1, or to at most 1 if a constant
    is ``tied`` as well.
    """

    node: int
    place: int
    entry: tuple[int, ...]
    low: float
    high: float
    usual: float
    group: tuple[int, tuple[int, ...]] | None
    sums: bool


class Chosen(Rules):
    """The rules of a graph with some local gradients chosen, by (node, place) and entry."""

    __slots__ = ("local", "shapes")

    def __init__(self, run: Evaluation, chosen: Mapping[Choice, float]) -> None:
        super().__init__(run.graph, run.forward_pass.rules.wanted)
        self.local: dict[tuple[int, int], dict[tuple[int, ...], float]] = {}
        for choice, value in chosen.items():
            self.local.setdefault((choice.node, choice.place), {})[choice.entry] = value
        self.shapes = run.graph.shapes

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        pairs = super().__getitem__(node)
        if self.graph.op[node] >= STRUCTURAL:
            return [
                (place, _shared(rule, self.local[node, place]))
                if (node, place) in self.local
                else (place, rule)
                for place, rule in pairs
            ]
        shape = self.shapes.get(node) or ()
        return [
            (place, _chosen(rule, self.local[node, place], shape))
            if (node, place) in self.local
            else (place, rule)
            for place, rule in pairs
        ]


def _chosen(rule: Rule, local: Mapping[tuple[int, ...], float], shape: Shape) -> Rule:
    if not shape:
        (value,) = local.values()
        return lambda m, v, *operands: value

    def chosen(m: Any, v: Any, *operands: Any) -> Any:
        whole = m.cast(m.broadcast_to(m.cast(rule(m, v, *operands)), shape=shape)).copy()
        for entry, value in local.items():
            whole[entry] = value
        return whole

    return chosen


def _shared(rule: Rule, shares: Mapping[tuple[int, ...], float]) -> Rule:
    """The rule of a reduction by max or min, which shares evenly among tied entries, with other
    shares for some of them. (Where nothing arrives there is nothing to share.)"""

    def shared(m: Any, upstream: Any, v: Any, x: Any, **settings: Any) -> Any:
        whole = m.cast(rule(m, upstream, v, x, **settings)).copy()
        ones = m.broadcast_to(m.cast(1.0), shape=m.shape(v))
        usual = rule(m, ones, v, x, **settings)
        for entry, share in shares.items():
            whole[entry] *= share / usual[entry]
        return whole

    return shared


def choices(run: Evaluation) -> list[Choice]:
    """What may be chosen, from the output to the inputs; nothing where that is too much."""
    found: list[Choice] = []
    for node in reversed(run.nodes):
        op = run.graph.op[node]
        if op >= 0 and ops.TABLE[op].kink and run.graph.varies[node]:
            if op >= STRUCTURAL and ops.TABLE[op].name not in REDUCTIONS:
                continue
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
        for place in free:
            local = float(rules[place](m, value, *point))
            yield Choice(node, place, entry, low, high, local, group, sums=len(free) == len(tied))


def _in_array(run: Evaluation, node: int) -> Iterator[Choice]:
    """The tied entries of an array whose greatest or least is taken, along some axes."""
    import numpy as np

    m = run.forward_pass.algebra
    (operand,) = run.graph.operands[node]
    x, settings = run.values[operand], run.graph.settings.get(node, {})
    axes = settings.get("axis")
    axes = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    along = {axis % x.ndim for axis in axes}
    ones = m.broadcast_to(m.cast(1.0), shape=run.graph.shape(node))
    for place, rule in run.forward_pass.rules[node]:
        shares = rule(m, ones, run.values[node], x, **settings)
        for entry in map(tuple, np.argwhere((shares > 0.0) & (shares < 1.0))[: MOST + 1].tolist()):
            rest = tuple(i for axis, i in enumerate(entry) if axis not in along)
            usual = float(shares[entry])
            yield Choice(node, place, entry, 0.0, 1.0, usual, (node, rest), sums=True)


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


def _entry(value: Any, entry: tuple[int, ...]) -> float:
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
    at_once = _solved(run, usual, given, follow)
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
    groups = {choice.group for choice in open_ if choice.group is not None and choice.sums}
    sums = [[float(choice.group == group) for choice in open_] for group in groups]
    scale = 1e3 * (1.0 + float(np.abs(matrix).max(initial=0.0)))
    if sums:  # the shares of a tie go on adding up to 1
        matrix = np.concatenate([matrix, scale * np.array(sums)])
        rest = np.concatenate([rest, np.zeros(len(sums))])
    if not (np.isfinite(matrix).all() and np.isfinite(rest).all()):
        return None
    steps = np.linalg.lstsq(matrix, rest, rcond=None)[0].tolist()
    found = {choice: usual[choice] + step for choice, step in zip(open_, steps, strict=True)}
    slack = 1e-2  # of rounded answers
    if any(not c.low - slack <= x <= c.high + slack for c, x in found.items()):
        return None
    return {choice: min(max(x, choice.low), choice.high) for choice, x in found.items()}


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
            agreed = _counted(run, tried, follow, count)
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
    if choice.group is None or not choice.sums:
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
    if choice.group is not None:
        others = [other for other in chosen if other.group == choice.group and other != choice]
        if choice.sums and settled.issuperset(others):
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
            slack = SLACK + 1e-2 * (high - low)  # of rounded answers
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
