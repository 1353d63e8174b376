"""Fresh inputs for a worksheet: small numbers at which a mistake does not give the right number.

Good inputs are searched for: random ones, then changes of the best ones that were found. What
counts against inputs is what a lecturer would not want: zeros, numbers that are hard to write down,
and *coincidences*, numbers that are equal here but not a little further on, such as ``2 * 2`` and
``2 + 2``. Ties, kinks and what is not defined are ruled out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf, log10, nan
from random import Random
from typing import Any

from gradcalc.engine.evaluation import Evaluation, algebra_of
from gradcalc.errors import DataError, GradcalcError
from gradcalc.graph.graph import Graph
from gradcalc.graph.lower import Problem
from gradcalc.report import Value
from gradcalc.services.check.diagnosis import mistakes
from gradcalc.services.check.diagnosis.mistake import Gate, Mistake
from gradcalc.services.check.diagnosis.tape import Linear, Tape
from gradcalc.services.check.labels import is_label
from gradcalc.services.evaluate import problems_of, run_forward
from gradcalc.services.notes import notes_of
from gradcalc.services.values import Seed, shape_of
from gradcalc.source import Source

#: How many inputs are tried: as many as take this many nodes to evaluate, within the limits.
WORK, FEWEST, MOST = 100_000, 60, 600
#: The search ends when so many changes, one after the other, were for nothing: so many, and more
#: for each number to be drawn.
STALE, STALE_EACH = 50, 8
#: So many repairs of inputs that are not allowed, before others are drawn.
REPAIRS = 25
#: Numbers outside of this are hard to write down.
LEAST, GREATEST = 0.05, 60.0
#: What counts against inputs, and how much.
ZERO, AT_A_GATE, ELSEWHERE, HARD = 6.0, 3.0, 1.0, 1.0
#: Numbers that differ by less are the same number computed in two ways; by less than NEAR they
#: could be taken for each other when they are rounded.
SAME, NEAR = 1e-9, 0.01
#: How far it is to the point where numbers that are equal by chance differ.
ASIDE = 1e-3
#: The entries of arrays that are looked at.
ENTRIES = 36
#: What is drawn: (share of whole numbers, greatest whole number, how many halves, signs).
Kind = tuple[float, int, int, tuple[int, ...]]
#: With their shares: of any number, and of one in the place of another that is not allowed.
Kinds = tuple[tuple[float, Kind], ...]
ANY: Kind = (0.75, 6, 4, (-1, 1))
POSITIVE: Kind = (0.75, 6, 4, (1,))
SMALL: Kind = (0.4, 2, 2, (-1, 1))
BELOW_ONE: Kind = (0.0, 1, 1, (-1, 1))
FREE: Kinds = ((0.8, ANY), (0.2, POSITIVE))
BOUND: Kinds = ((0.45, ANY), (0.25, POSITIVE), (0.15, SMALL), (0.15, BELOW_ONE))


def draw(
    source: Source,
    known: Mapping[str, Value],
    fixed: Collection[str],
    of: str | None,
    upstream: Value | None,
    seed: str,
) -> dict[str, Value]:
    """New values for the inputs of a program of one problem and one output.

    Inputs that no gradient arrives at (labels, indices, sizes) keep their values.

    Args:
        known: the values of all inputs, whose shapes are kept.
        fixed: the inputs whose values are kept, too.
        seed: any text; the same one gives the same values.

    Raises:
        GradcalcError: ``no-inputs``, where nothing was found.
    """
    (problem,) = problems_of(source, {}, of, Seed(0))
    with algebra_of(problem.graph, "float64").quiet():
        search = _Search(problem, known, fixed, of, upstream, Random(seed))
        return search.run() if search.names else {}


class _Search:
    def __init__(
        self,
        problem: Problem,
        known: Mapping[str, Value],
        fixed: Collection[str],
        of: str | None,
        upstream: Value | None,
        random: Random,
    ) -> None:
        self.problem, self.source = problem, problem.source
        self.known, self.of = known, of
        self.upstream = 1.0 if upstream is None else upstream
        self.random = random
        self.names = [name for name in self._free() if name not in fixed]
        graph = self.problem.graph
        self.nodes = graph.ancestors([self.problem.outputs[0].node])

    def _free(self) -> Iterator[str]:
        """The inputs to draw."""
        graph, run = self.problem.graph, self._run(self.known, careful=False)
        assert run is not None
        reached = {self.problem.outputs[0].node}
        for node in reversed(range(len(graph))):
            if node in reached:
                operands = graph.operands[node]
                reached.update(operands[place] for place, _ in run.forward_pass.rules[node])
        for name, node in self.problem.inputs.items():
            label = node in reached and is_label(run, node)
            if node in reached and not label and not self._decides(name):
                yield name

    def _decides(self, name: str) -> bool:
        """Whether the graph is another one where the input is another number."""
        if shape_of(self.known[name]):
            return False
        for other in (self.known[name] + 1.0, 0.5):
            values = {name: other}
            try:
                (problem,) = problems_of(self.source, values, self.of, Seed(0))
            except GradcalcError:
                return True
            if not _is_same(problem.graph, self.problem.graph):
                return True
        return False

    def run(self) -> dict[str, Value]:
        """The best values that were found."""
        best: dict[str, Value] = {}
        least, stale, repairs = inf, 0, 0
        values = self._fresh()
        entries = sum(getattr(self.known[name], "size", 1) for name in self.names)
        patience = STALE + STALE_EACH * entries
        for _ in range(max(FEWEST, min(MOST, WORK // len(self.nodes)))):
            here = self._run(values)
            culprits = self._culprits(here) if here else self.names
            if here is None or culprits:
                repairs += 1
                if repairs % REPAIRS:
                    values = self._changed(values, culprits, BOUND)
                else:
                    values = self._changed(best, self.names) if best else self._fresh()
                continue
            cost = self._cost(here, values, least)
            stale = 0 if cost < least else stale + 1
            if cost <= least:
                best, least = values, cost
            if least == 0.0 or stale >= patience:
                break
            # Now and then from somewhere else: all that is near may be worse.
            values = self._changed(best, self.names) if stale % 10 < 9 else self._fresh()
        if not best:
            message = "no small numbers were found at which everything is defined and smooth"
            help = "give values yourself, without --vary"
            raise GradcalcError("no-inputs", message, help=help, source=self.source)
        return best

    # drawing

    def _fresh(self) -> dict[str, Value]:
        return {name: self._value(name, FREE) for name in self.names}

    def _changed(
        self, values: Mapping[str, Value], among: Sequence[str], kinds: Kinds = FREE
    ) -> dict[str, Value]:
        """The values with one or two of the inputs, or an entry of an array, drawn again."""
        changed = dict(values)
        for _ in range(1 + (self.random.random() < 0.3)):
            name = among[self._below(len(among))]
            value = changed[name]
            if shape_of(value) and value.size and self.random.random() < 0.6:
                value = value.copy()
                value.flat[self._below(value.size)] = self._number(self._kind(kinds))
                changed[name] = value
            else:
                changed[name] = self._value(name, kinds)
        return changed

    def _value(self, name: str, kinds: Kinds) -> Value:
        shape, kind = shape_of(self.known[name]), self._kind(kinds)
        if not shape:
            return self._number(kind)
        import numpy as np

        size = self.known[name].size
        return np.array([self._number(kind) for _ in range(size)]).reshape(shape)

    def _kind(self, kinds: Kinds) -> Kind:
        share = self.random.random()
        for part, kind in kinds:
            share -= part
            if share < 0.0:
                return kind
        return ANY

    def _number(self, kind: Kind) -> float:
        whole, most, halves, signs = kind
        sign = signs[self._below(len(signs))]
        if self.random.random() < whole:
            return sign * (1.0 + self._below(most))
        return sign * (0.5 + self._below(halves))

    def _below(self, count: int) -> int:
        # Of a generator's methods this is the one whose numbers are promised to stay.
        return int(self.random.random() * count)

    # judging

    def _run(self, values: Mapping[str, Value], careful: bool = True) -> Evaluation | None:
        """The problem at these values; None where an operation cannot take them."""
        try:
            forward_pass = run_forward(self.problem, values, "float64", Seed(0))
        except (GradcalcError, DataError):
            if careful:
                return None
            raise
        return Evaluation(forward_pass, self.problem.outputs[0], self.upstream)

    def _culprits(self, run: Evaluation) -> list[str]:
        """The inputs of the first gate that is not defined, or at a kink; none if all is well."""
        for note in notes_of(run, strict=False):
            if note.kind in ("kink", "non-finite"):
                if note.node is None:
                    return self.names
                above = set(self.problem.graph.ancestors([run.nodes[note.node]]))
                inputs = self.problem.inputs
                return [name for name in self.names if inputs[name] in above] or self.names
        return []

    def _cost(self, here: Evaluation, values: Mapping[str, Value], least: float) -> float:
        """What speaks against inputs that are allowed; a part of it, if that is more than the least
        so far: what could be confused at the gates takes long to find out."""
        aside = {name: self._aside(value) for name, value in values.items()}
        tape = Tape(here)
        numbers = _numbers(tape)
        difficulty = sum(map(_difficulty, numbers))
        if difficulty > least + SAME:
            return difficulty
        there = self._run(aside)
        if there is None:
            return inf
        tapes = tape, Tape(there)
        others = _numbers(tapes[1])
        elsewhere = ELSEWHERE * _coincidences(numbers, others)
        if difficulty + elsewhere > least + SAME:
            return difficulty + elsewhere
        cost = difficulty
        for one, other in zip(*map(_gates, tapes), strict=True):
            cost += AT_A_GATE * _coincidences(one, other)
        return cost + elsewhere

    def _aside(self, value: Value) -> Value:
        """A value close by, where nothing is equal by chance."""
        shape = shape_of(value)
        if not shape:
            return value * (1.0 + ASIDE * (self.random.random() + 0.5))
        import numpy as np

        moves = [1.0 + ASIDE * (self.random.random() + 0.5) for _ in range(value.size)]
        return value * np.array(moves).reshape(shape)


def _is_same(one: Graph, other: Graph) -> bool:
    columns = ("op", "operands", "constants", "shapes", "settings")
    return all(_equal(getattr(one, column), getattr(other, column)) for column in columns)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except ValueError:  # of constants that are arrays
        return str(one) == str(other)


def _numbers(tape: Tape) -> list[float]:
    """The values and gradients of all nodes."""
    run, found = tape.run, list[float]()
    for node in tape.order:
        found += _entries(run.values[node])
        found += _entries(run.gradient(node))
    return found


def _gates(tape: Tape) -> list[list[float]]:
    """The numbers at each gate that a student could take for each other."""
    run = tape.run
    graph, values = run.graph, run.values
    linear = Linear(tape, values)
    groups: list[list[float]] = []
    for node in tape.order:
        if len(tape.users[node]) > 1:
            groups.append(_sums(tape, linear, node))
        operands = graph.operands[node]
        if not operands:
            continue
        group = [*_entries(values[node]), *_entries(run.gradient(node))]
        for operand in dict.fromkeys(operands):
            group += _entries(values[operand])
        gate = linear.gate(node, run.gradient(node))
        for place in gate.places:
            group += [
                x
                for x in (gate.local(place), gate.true(place))
                if not shape_of(x) and x is not None
            ]
            faulty = [_made(m, gate, place) for m in mistakes.rules_at(gate.op, tape.arrays)]
            groups.append([_one_number(x) for x in (gate.true(place), *faulty)])
        groups.append(group)
        faulty = [_made(m, gate) for m in mistakes.values_at(gate.op)]
        groups.append([_one_number(x) for x in (values[node], *faulty)])
    return groups


def _made(mistake: Mistake, gate: Gate, *place: int) -> Any:
    """What a mistake at a gate makes of a number; None where it cannot be made."""
    try:
        return mistake.fault(gate, *place)
    except (ValueError, ArithmeticError):  # the shapes do not fit
        return None


def _sums(tape: Tape, linear: Linear, node: int) -> list[float]:
    """What arrives at a node that is used more than once, added up rightly and wrongly."""
    run = tape.run
    parts = [linear.pull(gate, place, run.gradient(gate)) for gate, place in tape.users[node]]
    wrong = [x for m in mistakes.sums() for x in m.fault(parts, run.values[node])]
    return [_one_number(x) for x in (run.gradient(node), *wrong)]


def _one_number(x: Any) -> float:
    """A number that is the same for arrays that are the same, and not for others; NaN for none."""
    if x is None:
        return nan
    if not shape_of(x):
        return float(x)
    import numpy as np

    return float(x.ravel() @ np.sqrt(np.arange(2.0, x.size + 2.0)))


def _entries(value: Any) -> list[float]:
    if not shape_of(value):
        return [float(value)]
    found: list[float] = value.ravel()[:ENTRIES].tolist()
    return found


def _difficulty(x: float) -> float:
    """What it counts that a number has to be written down."""
    size = abs(x)
    if size == 0.0:
        return ZERO
    if size > GREATEST:
        return HARD * log10(size / GREATEST)
    return HARD * log10(LEAST / size) if size < LEAST else 0.0


def _coincidences(here: Sequence[float], there: Sequence[float]) -> int:
    """How many numbers are the same but for their sign, or nearly so, as others that they have
    nothing to do with: which are others a little further on."""
    pairs = sorted(
        (abs(x), abs(y)) for x, y in zip(here, there, strict=True) if x - x == 0.0 == y - y
    )
    return sum(
        b - a <= NEAR * b and (b - a > SAME * b or abs(d - c) > SAME * max(c, d))
        for (a, c), (b, d) in pairwise(pairs)
        if b
    )
