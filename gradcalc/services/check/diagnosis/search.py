"""The search for the faults that explain wrong gradients.

A fault at one gate changes what arrives at the gate's operands, and what arrives further down is
linear in that. So every (mistake, gate) needs only the change at the operands, times how far each
wrong answer moves with it. An answer cuts the way: what is below it follows from what was written.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from gradcalc.services.check.diagnosis import mistakes
from gradcalc.services.check.diagnosis.mistake import (
    GENERIC,
    RULE,
    SLIP,
    SUM,
    Fault,
    Match,
    Mistake,
    cost_of,
)
from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.diagnosis.passes import Backward, faulty_parts

#: So many candidates of arrays, each of which needs a part of the backward pass, times the nodes of
#: the graph.
MAX_ARRAY_WORK = 300_000
#: A node used more often has its paths tried one by one no more.
MAX_PATHS = 50


WRONG_UPSTREAM = mistakes.named("wrong-upstream")

WRONG_FACTOR = mistakes.named("wrong-factor")


class Candidate:
    """A fault at a gate, and what it changes there.

    Attributes:
        changes: what arrives at nodes on account of it, less what should.
        raw: of a gradient in a wrong shape, the node and the gradient.
    """

    __slots__ = ("changes", "cost", "fault", "raw")

    def __init__(
        self,
        fault: Fault,
        cost: float,
        changes: dict[int, Any],
        raw: tuple[int, Any] | None = None,
    ) -> None:
        self.fault, self.cost, self.changes, self.raw = fault, cost, changes, raw


class Search:
    """The search at one backward pass of the student's numbers.

    Args:
        slips: the answers to explain.
    """

    def __init__(self, back: Backward, slips: Sequence[Target]) -> None:
        self.back, self.slips = back, slips
        self.linear, self.tape = back.linear, back.tape
        self.numbers = self.tape.numbers
        self.by_node = {target.node: target for target in slips}
        self.reaches: list[dict[int, float]] = []
        if self.tape.arrays:
            self.region = self.above([target.node for target in slips])
        else:
            self.reaches = [self.linear.reach(t.node, back.pinned) for t in slips]
            self.region = set().union(*self.reaches)
        # By node, which wrong answers move with what arrives there, and how far.
        self.moving: dict[int, list[tuple[int, float]]] = {}
        for place, reach in enumerate(self.reaches):
            for node, slope in reach.items():
                self.moving.setdefault(node, []).append((place, slope))
        self.gates = self._gates()

    def above(self, nodes: Sequence[int]) -> set[int]:
        """The nodes from which something arrives at these ones, without passing an answer."""
        found, stack = set(nodes), list(nodes)
        while stack:
            for gate, _ in self.tape.users[stack.pop()]:
                if gate not in found and gate not in self.back.pinned:
                    found.add(gate)
                    stack.append(gate)
        return found

    def _gates(self) -> list[int]:
        """The gates that pass something to the region, the output first."""
        users = self.tape.users
        return sorted({gate for node in self.region for gate, _ in users[node]}, reverse=True)

    # Candidates

    def candidates(self) -> Iterator[Candidate]:
        """Every fault at one gate that may have to do with the answers."""
        for node in self.gates:
            yield from self.at_gate(node, self.back.adjoint[node])
        for node in sorted(self.region, reverse=True):
            yield from self._at_sum(node)

    def at_gate(self, node: int, up: Any) -> Iterator[Candidate]:
        """Every fault at a gate at which ``up`` arrives."""
        tape = self.tape
        gate = self.linear.gate(node, up)
        for mistake in mistakes.rules_at(gate.op, tape.arrays):
            wrong = faulty_parts(gate, mistake, tape)
            if wrong:
                true = {place: gate.true(place) for place in wrong}
                yield from self._variants(mistake, node, wrong, true)
        yield from self._other_upstreams(node, up)
        if gate.op == "mul":
            yield from self._other_factors(node, up)

    def _variants(
        self, mistake: Mistake, node: int, wrong: dict[int, Any], true: dict[int, Any]
    ) -> Iterator[Candidate]:
        """The mistake made for all operands, and for one of them."""
        if mistake.raw:
            for place in wrong:
                if not self.numbers.same_shape(wrong[place], true[place]):
                    fault = Fault(mistake, node, (place,))
                    operand = self.tape.graph.operands[node][place]
                    yield Candidate(fault, cost_of(fault), {}, (operand, wrong[place]))
            wrong = {p: w for p, w in wrong.items() if self.numbers.same_shape(w, true[p])}
            if not wrong:
                return
        choices: list[tuple[int, ...]] = [tuple(wrong)]
        if len(wrong) > 1 and not mistake.together:
            choices += [(place,) for place in wrong]
        operands = self.tape.graph.operands[node]
        for places in choices:
            fault = Fault(mistake, node, places)
            changes: dict[int, Any] = {}
            for place in places:
                operand = operands[place]
                change = wrong[place] - true[place]
                changes[operand] = changes[operand] + change if operand in changes else change
            # A rule is wrong for all operands at once, a slip of the pen happens to one.
            partial = len(places) > 1 if mistake.rank == SLIP else len(places) < len(wrong)
            yield Candidate(fault, cost_of(fault, partial), changes)

    def _other_upstreams(self, node: int, own: Any) -> Iterator[Candidate]:
        """The upstream gradient of a node nearby in the place of the gate's own."""
        tape, back = self.tape, self.back
        operands_of = tape.graph.operands
        near: dict[int, None] = {}
        for gate, _ in tape.users[node]:
            near.update(dict.fromkeys((gate, *operands_of[gate])))
            for next_gate, _ in tape.users[gate]:
                near.update(dict.fromkeys((next_gate, *operands_of[next_gate])))
        for other in near:
            up = back.adjoint.get(other)
            if other == node or up is None or not self.numbers.same_shape(up, own):
                continue
            if not self.numbers.differ(up, own):
                continue
            fault = Fault(WRONG_UPSTREAM, node, other=other)
            changes: dict[int, Any] = {}
            for place, _ in tape.rules[node]:
                operand = operands_of[node][place]
                change = self.linear.pull(node, place, up - own)
                changes[operand] = changes[operand] + change if operand in changes else change
            yield Candidate(fault, cost_of(fault), changes)

    def _other_factors(self, node: int, up: Any) -> Iterator[Candidate]:
        """A value from nearby in the place of the other factor of a product."""
        graph, values = self.tape.graph, self.linear.values
        operands = graph.operands[node]
        for place, _ in self.tape.rules[node]:
            right, own = operands[1 - place], operands[place]
            for other in dict.fromkeys((*graph.operands[right], *graph.operands[own])):
                factor = values[other]
                if other in (right, own) or not self.numbers.same_shape(factor, values[right]):
                    continue
                if self.numbers.differ(factor, values[right]):
                    gate = self.linear.gate(node, up)
                    faulty = gate.fit(place, up * factor)
                    fault = Fault(WRONG_FACTOR, node, (place,), other=other)
                    yield Candidate(fault, cost_of(fault), {own: faulty - gate.true(place)})

    def _at_sum(self, node: int) -> Iterator[Candidate]:
        parts = [part for _, _, part in self.back.parts.get(node, ())]
        arriving = self.back.arriving[node]
        for mistake in mistakes.sums():
            if mistake.rank != GENERIC and not 1 < len(parts) <= MAX_PATHS:
                continue
            value = self.linear.values[node]
            for which, total in enumerate(mistake.fault(parts, value)):
                if self.numbers.finite(total) and self.numbers.differ(total, arriving):
                    fault = Fault(mistake, node, which=which)
                    yield Candidate(fault, cost_of(fault), {node: total - arriving})

    # Checking

    def singles(self) -> list[Match]:
        """The faults at one gate that reproduce the answers they have to do with."""
        found = []
        work = 0
        for candidate in self.candidates():
            if self.tape.arrays:
                work += len(self.region) + 10
                if work > MAX_ARRAY_WORK:
                    break
            match = self.check(candidate)
            if match is not None:
                found.append(match)
        return found

    def check(self, candidate: Candidate) -> Match | None:
        """The match of a candidate: no answer contradicts it, and it explains at least one."""
        if candidate.raw is not None:
            return self._check_raw(candidate, *candidate.raw)
        changes = candidate.changes
        if not self.tape.arrays:
            some = False
            for place, effect in self.effects(changes).items():
                target = self.slips[place]
                if effect and self._moves(target.node, effect):
                    if not self.back.agrees(target, effect):
                        return None
                    some = True
            if not some:
                return None
        explained = self.explained(changes)
        if not explained:
            return None
        return Match(
            candidate.fault, explained, candidate.cost, changes, self.is_exact(explained, changes)
        )

    def is_exact(self, explained: Collection[int], changes: dict[int, Any]) -> bool:
        """Whether the answers at these nodes are what changes make of them, to their digits."""
        back = self.back
        effects = dict(self.linear.spread(changes, back.pinned))
        return all(back.is_exactly(self.by_node[node], effects[node]) for node in explained)

    def effects(self, changes: dict[int, Any]) -> dict[int, float]:
        """How far changes move the wrong answers, by place among them. Of scalars only."""
        found: dict[int, float] = {}
        for node, change in changes.items():
            for place, slope in self.moving.get(node, ()):
                found[place] = found.get(place, 0.0) + change * slope
        return found

    def explained(self, changes: dict[int, Any]) -> frozenset[int] | None:
        """The nodes of the wrong answers that changes explain; None if an answer contradicts."""
        back = self.back
        explained = []
        for node, effect in self.linear.spread(changes, back.pinned):
            if node not in back.pinned or not self._moves(node, effect):
                continue
            if not back.agrees(back.pinned[node], effect):
                return None
            if node in self.by_node:
                explained.append(node)
        return frozenset(explained)

    def _moves(self, node: int, effect: Any) -> bool:
        arriving = self.back.arriving[node]
        return bool(self.numbers.differ(arriving, arriving + effect))

    def _check_raw(self, candidate: Candidate, node: int, gradient: Any) -> Match | None:
        """A gradient in a wrong shape goes no further than its own answer."""
        target = self.by_node.get(node)
        if target is None or len(self.back.parts[node]) != 1 or not target.agrees(gradient):
            return None
        exact = target.is_exactly(gradient)
        return Match(candidate.fault, frozenset((node,)), candidate.cost, {}, exact)

    # Habits

    def habits(self) -> list[Match]:
        """The faults made at every gate of a kind that reproduce the answers."""
        counts: dict[str, int] = {}
        for node in self.tape.rules:
            op = self.tape.op(node)
            counts[op] = counts.get(op, 0) + 1
        found = []
        for mistake in mistakes.table(self.tape.arrays):
            if not mistake.habit or mistake.kind not in (RULE, SUM):
                continue
            here = [op for op in counts if not mistake.ops or op in mistake.ops]
            kinds = [""] if len(here) > 1 or mistake.kind == SUM else []
            if mistake.kind == RULE:
                kinds += [op for op in here if counts[op] > 1]
            for op in kinds:
                match = self._habit(Fault(mistake, None, op=op))
                if match is not None:
                    found.append(match)
        return found

    def _habit(self, fault: Fault) -> Match | None:
        back = self.back
        again = Backward(self.linear, back.pinned, back.literal, fault)
        if again.changed < 2:
            return None
        explained = []
        for node, target in back.pinned.items():
            if not self.numbers.differ(again.arriving[node], back.arriving[node]):
                continue
            if not again.agrees(target):
                return None
            if node in self.by_node:
                explained.append(node)
        if not explained:
            return None
        changes = {
            node: again.arriving[node] - back.arriving[node]
            for node in self.tape.order
            if self.numbers.same_shape(again.arriving[node], back.arriving[node])
        }
        exact = all(again.is_exactly(self.by_node[node]) for node in explained)
        return Match(fault, frozenset(explained), cost_of(fault), changes, exact)
