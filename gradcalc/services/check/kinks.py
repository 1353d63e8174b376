"""Gates at kinks, where more than one gradient is right, and what may be chosen there.

At a kink every number of an interval is a derivative in a wider sense (a subgradient of a convex
function; Clarke's generalised gradient). Which one somebody took shows in the answers, and all of
them have to follow from the same: see :mod:`gradcalc.services.check.fitting`.

Source: Clarke, *Optimization and Nonsmooth Analysis* (1983), section 2.1.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import ceil, log10, prod
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import BILINEAR, Rules, forward
from gradcalc.errors import DataError
from gradcalc.graph.graph import INPUT, STRUCTURAL
from gradcalc.ops.row import BALL, CENTRED, CROSS, REST, SHARE, Entry, Rule
from gradcalc.ops.shapes import Shape
from gradcalc.services.check.rounding import is_whole, largest

#: With more entries at kinks the convention of the op table is taken everywhere.
MOST = 20_000
#: So often it is asked again what arrives, for kinks behind kinks.
ROUNDS = 8
#: How far off points nearby are, and where their random steps start.
NUDGE, SEED = 1e-6, 231
#: A number that is smaller than what it was summed from by so many digits is taken to be 0, and
#: numbers that agree in so many to be tied: 0.1 + 0.2 ties with 0.3.
DIGITS = {"float64": 13, "float32": 5}

#: ``arriving(node)``: its upstream gradient.
Arriving = Callable[[int], Any]


class Choice(NamedTuple):
    """A number that may be chosen at a gate, in the gradient of one operand.

    Attributes:
        parts: of a structural gate, as in :class:`gradcalc.ops.row.Freedom`, which the rest is as
            well.
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


Chosen = Mapping[Choice, float]


class Kinks:
    """The kinks of a run.

    Attributes:
        values: of every node, without what only rounding has left.
        choices: what may be chosen, from the output to the inputs; nothing where that is too much,
            which ``too_many`` says.

    Args:
        written: the nodes whose values do not follow from their operands.
    """

    def __init__(self, run: Evaluation, written: Collection[int] = ()) -> None:
        self.run = run
        graph = run.graph
        self._written = written
        self._kinked = kinked = [
            node
            for node in reversed(run.nodes)
            if graph.op[node] >= 0 and graph.varies[node] and ops.TABLE[graph.op[node]].kink
        ]
        self.values: Sequence[Any] = _tidied(run, written) if kinked else run.values
        self.choices: list[Choice] = []
        self.too_many = False
        arriving: Arriving = run.gradient
        for _ in range(ROUNDS):
            found = self._choices(kinked, arriving)
            if len(found) == len(self.choices):
                break
            self.choices = found
            if not found:  # there are none, or too many
                break
            arriving = self._arriving(kinked)

    def rules(self, chosen: Chosen) -> Rules:
        """The rules of the graph with these numbers chosen."""
        return _ChosenRules(self.run, chosen, self.values)

    def nearby(self, count: int) -> Iterator[Rules]:
        """The rules at so many random points nearby, where there is no kink."""
        from random import Random

        graph, chance = self.run.graph, Random(SEED)
        free = [n for n in self.run.nodes if n in self._written or graph.op[n] == INPUT]
        for _ in range(count):
            now = self._moved(free, chance)
            if now is None:
                # What is a whole number may be a label, or an index.
                free = [node for node in free if not is_whole(self.values[node])]
                now = self._moved(free, chance)
            if now is None:
                return
            yield _NearbyRules(self.run, self._kinked, now)

    def _moved(self, free: Iterable[int], chance: Any) -> list[Any] | None:
        """The values at a random point nearby; None if some gate cannot take its operands there."""
        graph, m = self.run.graph, self.run.forward_pass.algebra
        gates = [n for n in range(len(graph)) if graph.op[n] >= 0]
        now = list(self.values)
        for node in free:
            now[node] = _nudged(now[node], chance)
        try:
            with m.quiet():
                if self._written:  # the rules of those gates take their operands, too
                    forward(graph, list(now), m, gates)
                forward(graph, now, m, [n for n in gates if n not in self._written])
        except DataError:
            return None
        return now

    def _choices(self, kinked: Iterable[int], arriving: Arriving) -> list[Choice]:
        found: list[Choice] = []
        for node in kinked:
            elementwise = self.run.graph.op[node] < STRUCTURAL
            for choice in (self._at_gate if elementwise else self._in_array)(node, arriving(node)):
                found.append(choice)
                if len(found) > MOST:
                    self.too_many = True
                    return []
        return found

    def _arriving(self, kinked: Sequence[int]) -> Arriving:
        """What arrives at the gates where a gradient passes every kink: behind one that passes
        nothing by the convention there may be others."""
        from gradcalc.services.check.carried import follow

        keys = [("gradient", node) for node in kinked]
        rules = self.rules(shared(self.choices, within))
        found = follow(self.run, rules, {}, {}, keys) or {}
        return lambda node: found.get(("gradient", node), 0.0)

    def _at_gate(self, node: int, arriving: Any) -> Iterator[Choice]:
        graph, m = self.run.graph, self.run.forward_pass.algebra
        row = ops.TABLE[graph.op[node]]
        operands = graph.operands[node]
        kink, shape = row.kink, graph.shape(node)
        if kink is None or kink.interval is None or not (shape or arriving):
            return
        rules = dict(self.run.forward_pass.rules[node])
        real = [self.run.values[operand] for operand in operands]
        tidy = [self.values[operand] for operand in operands]
        for entry, at in _points(tidy, arriving, shape, kink.at):
            low, high = kink.interval(*at)
            value = _entry(self.values[node], entry)
            tied = [k for k, x in enumerate(at) if x == value] if row.variadic else [0]
            free = [k for k in tied if k in rules]
            if not free or (row.variadic and len(tied) < 2):
                continue
            group = (node, entry) if row.variadic else None
            limit = "" if group is None else SHARE if len(free) == len(tied) else REST
            point = [_of_shape(x, shape, entry) for x in real]
            for place in free:
                local = float(rules[place](m, _entry(self.run.values[node], entry), *point))
                yield Choice(node, place, low, high, local, group, limit, entry=entry)

    def _in_array(self, node: int, arriving: Any) -> Iterator[Choice]:
        graph = self.run.graph
        kink = ops.TABLE[graph.op[node]].kink
        if kink is None or kink.free is None or not graph.varies[graph.operands[node][0]]:
            return
        inputs = [self.values[operand] for operand in graph.operands[node]]
        for one in kink.free(self.values[node], *inputs, **graph.settings.get(node, {})):
            if any(_entry(arriving, at) for _, at, _ in one.parts):
                group = None if one.group is None else (node, one.group)
                yield Choice(node, 0, one.low, one.high, one.usual, group, one.limit, one.parts)


def shared(choices: Iterable[Choice], pick: Callable[[Choice, int], float]) -> dict[Choice, float]:
    """A number for each choice; ``pick`` is told how many are in its group."""
    choices = list(choices)
    sizes: dict[Any, int] = {}
    for choice in choices:
        sizes[choice.group] = sizes.get(choice.group, 0) + 1
    return {c: pick(c, 1 if c.group is None else sizes[c.group]) for c in choices}


def within(choice: Choice, count: int) -> float:
    """A number from within the range, which does not stop a gradient."""
    if choice.limit in (BALL, CENTRED, REST, CROSS):
        return 0.5 / count
    return 1.0 / count if choice.limit == SHARE else 0.25 * choice.low + 0.75 * choice.high


def _tidied(run: Evaluation, written: Collection[int]) -> Sequence[Any]:
    """The values, with 0 where only rounding has left something of a sum."""
    graph, m = run.graph, run.forward_pass.algebra
    digits = DIGITS[str(getattr(m, "dtype", "float64"))]
    now = list(run.values)
    gates = [n for n in range(len(graph)) if graph.op[n] >= 0 and n not in written]
    cast = m.cast if graph.shapes else float

    def tidying() -> Iterator[int]:
        for node in gates:
            yield node
            operands = [now[operand] for operand in graph.operands[node]]
            size = max(largest(now[node]), _size_of_terms(graph.op[node], operands))
            now[node] = cast(_tidy(now[node], size, digits))

    try:
        with m.quiet():
            forward(graph, now, m, tidying())
    except DataError:
        return run.values
    return now


def _size_of_terms(op: int, operands: Sequence[Any]) -> float:
    """How big what a gate adds up is: where little is left of it, that is rounding. 0 of a gate
    that adds up nothing."""
    row = ops.TABLE[op]
    sizes = [largest(operand) for operand in operands]
    if row.name in BILINEAR:
        return max(prod(sizes[:2]), *sizes[2:], 0.0)
    return max(sizes) if row.pattern == "distributor" or row.name == "mean" else 0.0


def _tidy(value: Any, scale: float, digits: int) -> Any:
    """A value rounded to so many digits of a number of this size."""
    if not 1e-200 < scale < 1e200:
        return value
    places = digits - ceil(log10(scale))
    if not getattr(value, "shape", ()):
        return round(float(value), places)
    import numpy as np

    return np.round(value, places)


def _nudged(value: Any, chance: Any) -> Any:
    """A value a little off, every entry by another step."""
    if not getattr(value, "shape", ()):
        return value + NUDGE * max(1.0, abs(value)) * chance.uniform(-1.0, 1.0)
    import numpy as np

    steps = np.random.default_rng(chance.getrandbits(32)).uniform(-1.0, 1.0, value.shape)
    return value + NUDGE * np.maximum(1.0, np.abs(value)) * steps


class _NearbyRules(Rules):
    """The rules of a graph, at some gates with other values of these and of their operands."""

    __slots__ = ("_gates", "_values")

    def __init__(self, run: Evaluation, gates: Iterable[int], values: Sequence[Any]) -> None:
        super().__init__(run.graph, run.forward_pass.rules.wanted)
        self._gates, self._values = frozenset(gates), values

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        pairs = super().__getitem__(node)
        if node not in self._gates:
            return pairs
        operands = [self._values[operand] for operand in self.graph.operands[node]]
        values = (self._values[node], *operands)
        structural = self.graph.op[node] >= STRUCTURAL
        return [(place, _at(rule, values, structural)) for place, rule in pairs]


def _at(rule: Rule, values: Sequence[Any], structural: bool) -> Rule:
    """A rule at these values, whatever it is asked for."""
    if structural:
        return lambda m, upstream, *_, **settings: rule(m, upstream, *values, **settings)
    return lambda m, *_: rule(m, *values)


class _ChosenRules(Rules):
    """The rules of a graph with some numbers chosen."""

    __slots__ = ("_choices", "_shapes", "_values")

    def __init__(self, run: Evaluation, chosen: Chosen, values: Sequence[Any]) -> None:
        super().__init__(run.graph, run.forward_pass.rules.wanted)
        self._choices: dict[tuple[int, int], dict[Choice, float]] = {}
        for choice, value in chosen.items():
            self._choices.setdefault((choice.node, choice.place), {})[choice] = value
        self._shapes = run.graph.shapes
        self._values = values

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        pairs = super().__getitem__(node)
        return [
            (place, self._with(rule, node, chosen))
            if (chosen := self._choices.get((node, place)))
            else (place, rule)
            for place, rule in pairs
        ]

    def _with(self, rule: Rule, node: int, chosen: Chosen) -> Rule:
        if self.graph.op[node] < STRUCTURAL:
            return _chosen(rule, chosen, self._shapes.get(node) or ())
        operands = [self._values[operand] for operand in self.graph.operands[node]]
        return _moved(_at(rule, (self._values[node], *operands), structural=True), chosen)


def _chosen(rule: Rule, chosen: Chosen, shape: Shape) -> Rule:
    if not shape:
        (value,) = chosen.values()
        return lambda m, v, *operands: value

    def local(m: Any, v: Any, *operands: Any) -> Any:
        whole = m.cast(m.broadcast_to(m.cast(rule(m, v, *operands)), shape=shape)).copy()
        for choice, value in chosen.items():
            whole[choice.entry] = value
        return whole

    return local


def _moved(rule: Rule, chosen: Chosen) -> Rule:
    """The rule of a structural gate with other numbers in the place of the usual ones."""

    def downstream(m: Any, upstream: Any, *values: Any, **settings: Any) -> Any:
        whole = m.cast(rule(m, upstream, *values, **settings)).copy()
        for choice, value in chosen.items():
            for entry, at, factor in choice.parts:
                whole[entry] += factor * (value - choice.usual) * _entry(upstream, at)
        return whole

    return downstream


def _points(
    inputs: Sequence[Any], upstream: Any, shape: Shape, at: Callable[..., Any]
) -> Iterator[tuple[Entry, list[float]]]:
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


def _of_shape(value: Any, shape: Shape, entry: Entry) -> float:
    """An entry of a value that is broadcast to a shape."""
    if not shape:
        return float(value)
    import numpy as np

    return float(np.broadcast_to(value, shape)[entry])


def _entry(value: Any, entry: Entry) -> float:
    return float(value[entry] if entry else value)
