"""The student's own passes: forward and backward, with the numbers that they wrote in place of the
true ones."""

from collections.abc import Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Any

from gradcalc.services.check.diagnosis.mistake import (
    FACTOR,
    RULE,
    SUM,
    UPSTREAM,
    Fault,
    Gate,
    Mistake,
)
from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.diagnosis.tape import Linear, Tape
from gradcalc.services.check.types import CARRIED, RIGHT

NOTHING: Mapping[int, Fault] = MappingProxyType({})
#: A whole number of so many digits may be rounded; a shorter one is taken as it is.
MANY = 4
#: By gradient's node, or by value's.
Targets = Mapping[int, Target]
#: The wrong gradients of a gate, by place.
Parts = dict[int, Any]


class Forward:
    """The values that follow from those the student wrote.

    Attributes:
        values: by node.
        expected: what each answered value should be, given the ones before it.
        slips: the answers that are wrong and do not follow from earlier ones.
        strange: the gates whose value is not that of their operands.
        redone: the answered values that were compared, all of them or those that a fault moves.
        contradicted: whether a hasty pass met an answer that a fault contradicts, and went no
            further.

    Args:
        targets: the answered values, by node.
        literal: whether the student went on with the numbers as written.
        faults: of kind VALUE, by node.
    """

    def __init__(
        self,
        tape: Tape,
        targets: Targets,
        literal: bool = False,
        faults: Mapping[int, Fault] = NOTHING,
    ) -> None:
        self.tape, self.targets, self.literal, self.faults = tape, targets, literal, faults
        self.expected: dict[int, Any] = {}
        self.slips: list[Target] = []
        self.strange: set[int] = set()
        self.redone: set[int] = set()
        self.contradicted = False
        self.values = list(tape.run.values)
        self._run(tape.run.nodes)

    def with_fault(self, fault: Fault, places: Mapping[int, int], hasty: bool = False) -> "Forward":
        """The same with one more fault. ``places`` says where each node stands in the order;
        ``hasty`` whether to stop at an answer that the fault contradicts."""
        assert fault.node is not None
        other = copy(self)
        other.faults = {**self.faults, fault.node: fault}
        other.values, other.expected = list(self.values), dict(self.expected)
        other.slips, other.redone, other.strange = [], set(), set(self.strange)
        other._run(self.tape.run.nodes[places[fault.node] :], True, hasty)
        kept = [target for target in self.slips if target.node not in other.redone]
        other.slips = sorted([*kept, *other.slips], key=lambda target: target.node)
        return other

    def _run(self, nodes: Sequence[int], again: bool = False, hasty: bool = False) -> None:
        touched: set[int] = set()
        tape, values, targets, faults = self.tape, self.values, self.targets, self.faults
        operands_of, differ = tape.graph.operands, tape.numbers.differ
        for node in nodes:
            moved = False
            for operand in operands_of[node]:
                if operand in touched:
                    moved = True
                    break
            if not moved and (again or node not in targets) and node not in faults:
                continue
            value = values[node]
            if moved:
                value = tape.value(node, values)
            elif node in self.expected:
                value = self.expected[node]
            right = value
            if node in faults:
                value = self.faulty(faults[node], node)
            if node in targets:
                before = self.expected.get(node)
                if hasty and differ(value, before) and not targets[node].agrees(value):
                    self.contradicted = True
                    return
                self.redone.add(node)
                value = self._own(targets[node], value)
            if value is not right and differ(value, right):
                self.strange.add(node)
            if value is not values[node] and differ(value, values[node]):
                values[node] = value
                touched.add(node)

    def faulty(self, fault: Fault, node: int) -> Any:
        """The wrong value of a gate; the right one where the mistake cannot be made."""
        tape, values = self.tape, self.values
        right = tape.value(node, values)
        gate = Gate()
        graph = tape.graph
        operands = graph.operands[node]
        gate.m, gate.op, gate.value = tape.m, tape.op(node), right
        gate.x = [values[operand] for operand in operands]
        gate.shape = graph.shape(node)
        gate.shapes = [graph.shape(operand) for operand in operands]
        wrong = fault.mistake.fault(gate)
        if wrong is None or not tape.numbers.finite(wrong):
            return right
        if tape.arrays:
            wrong = tape.m.cast(wrong)
        return wrong if tape.numbers.same_shape(wrong, right) else right

    def _own(self, target: Target, expected: Any) -> Any:
        """What the student goes on with."""
        node, tape = target.node, self.tape
        self.expected[node] = expected
        follows = target.agrees(expected)
        if not follows and target.verdict not in (RIGHT, CARRIED):
            self.slips.append(target)
        if not target.fits():
            return expected
        if not self.literal:
            if follows:
                return expected
            if target.agrees(tape.run.values[node]):
                return tape.run.values[node]
        return tape.m.cast(target.given) if tape.arrays else target.given


class Backward:
    """The gradients that follow from those the student wrote.

    Attributes:
        arriving: by node, the sum of what its gates pass to it.
        adjoint: the same, or what the student wrote there.
        parts: by node, the parts of the sum as (gate, place, part).
        slack: how much of what arrives is uncertain because the student may have rounded.
        pinned: the answers, by node.
        slips: the answers that are wrong and do not follow from earlier ones.
        changed: at how many places the fault changed something.

    Args:
        targets: the answered gradients, by node.
        literal: whether the student went on with the numbers as written; if not, with those that
            they are rounded from.
        fault: made on the way.
        hasty: whether to stop at the first slip.
    """

    def __init__(
        self,
        linear: Linear,
        targets: Targets,
        literal: bool = False,
        fault: Fault | None = None,
        hasty: bool = False,
    ) -> None:
        self.linear, self.pinned = linear, targets
        self.tape = linear.tape
        self.arriving: dict[int, Any] = {}
        self.adjoint: dict[int, Any] = {}
        self.parts: dict[int, list[tuple[int, int, Any]]] = {}
        self.slack: dict[int, Any] = {}
        self.slips: list[Target] = []
        self.changed, self.literal = 0, literal
        self._run(literal, fault, hasty)

    def _run(self, literal: bool, fault: Fault | None, hasty: bool) -> None:
        tape, linear = self.tape, self.linear
        run, arriving, parts = tape.run, self.arriving, self.parts
        operands_of, slack = tape.graph.operands, self.slack
        seed: Any = run.upstream
        if tape.arrays:
            shape = tape.graph.shape(run.output.node)
            seed = tape.m.broadcast_to(tape.m.cast(seed), shape=shape)
        for node in reversed(tape.order):
            if node == run.output.node:
                arriving[node] = seed
            elif node not in arriving:
                arriving[node] = seed * 0.0 if not tape.arrays else tape.run.gradient(node) * 0.0
            if fault is not None and fault.mistake.kind == SUM and fault.node in (None, node):
                self._add_up_wrongly(fault, node)
            up, uncertain = self._own(node, literal)
            self.adjoint[node] = up
            if hasty and self.slips:
                return
            rules = tape.rules.get(node)
            if not rules:
                continue
            wrong = self._wrong(fault, node, up) if fault is not None else {}
            for place, _ in rules:
                operand = operands_of[node][place]
                part = wrong[place] if place in wrong else linear.pull(node, place, up)
                known = parts.get(operand)
                if known is None:
                    parts[operand] = [(node, place, part)]
                    arriving[operand] = part
                else:
                    known.append((node, place, part))
                    arriving[operand] = arriving[operand] + part
                if uncertain is not None:
                    moved = tape.numbers.size(linear.pull(node, place, uncertain))
                    slack[operand] = slack.get(operand, 0.0) + moved

    def _wrong(self, fault: Fault, node: int, up: Any) -> Parts:
        """The wrong parts of a gate, if the fault is made there."""
        mistake, op = fault.mistake, self.tape.op(node)
        if mistake.kind == UPSTREAM and fault.node == node and fault.other is not None:
            wrong = {}
            up = self.adjoint.get(fault.other)
            if up is None:
                up = Backward(self.linear, self.pinned).adjoint[fault.other]
            gate = self.linear.gate(node, up)
            wrong = {place: gate.true(place) for place in gate.places}
        elif mistake.kind == FACTOR and fault.node == node and fault.other is not None:
            gate = self.linear.gate(node, up)
            factor = self.linear.values[fault.other]
            wrong = {place: gate.fit(place, up * factor) for place in fault.places}
        elif mistake.kind != RULE or (mistake.ops and op not in mistake.ops):
            return {}
        elif fault.node == node or (fault.node is None and fault.op in ("", op)):
            gate = self.linear.gate(node, up)
            wrong = faulty_parts(gate, mistake, self.tape)
            if mistake.raw:
                wrong = {p: part for p, part in wrong.items() if self._takes(gate, p, part)}
            if fault.places:
                wrong = {place: part for place, part in wrong.items() if place in fault.places}
        else:
            return {}
        self.changed += bool(wrong)
        return wrong

    def _takes(self, gate: Gate, place: int, part: Any) -> bool:
        """Whether a part can arrive at an operand: one of another shape only where nothing is added
        to it and nothing follows from it."""
        tape = self.tape
        operand = tape.graph.operands[gate.node][place]
        is_end = operand not in tape.rules and len(tape.users[operand]) == 1
        return is_end or tape.numbers.same_shape(part, gate.true(place))

    def _add_up_wrongly(self, fault: Fault, node: int) -> None:
        parts = [part for _, _, part in self.parts.get(node, ())]
        totals = list(fault.mistake.fault(parts, self.linear.values[node]))
        if fault.which < len(totals):
            total = totals[fault.which]
            if self.tape.numbers.differ(total, self.arriving[node]):
                self.arriving[node] = total
                self.changed += 1

    def _own(self, node: int, literal: bool) -> tuple[Any, Any]:
        """What the student goes on with, and how much of it is uncertain (None for nothing)."""
        expected, uncertain = self.arriving[node], self.slack.get(node)
        target = self.pinned.get(node)
        if target is None:
            return expected, uncertain
        tape = self.tape
        true = tape.run.gradient(node)
        follows = self.agrees(target)
        if not follows and target.verdict not in (RIGHT, CARRIED):
            self.slips.append(target)
        if not target.fits():
            return expected, uncertain
        given = tape.m.cast(target.given) if tape.arrays else target.given
        if literal:
            return given, None
        if follows or target.agrees(true):
            exact = expected if follows else true
            rounded = tape.numbers.size(given - exact)
            return exact, rounded if uncertain is None else rounded + uncertain
        exact = (target.answer.decimals or 0) <= 0 and target.answer.digits < MANY
        rounded = target.half if tape.arrays or not exact else 0.0
        return given, given * 0.0 + rounded if tape.numbers.any(rounded) else None

    def agrees(self, target: Target, change: Any = 0.0) -> bool:
        """Whether an answer is what arrives at its node, if that is changed."""
        node = target.node
        return target.agrees(self.arriving[node] + change, self.slack.get(node, 0.0))

    def is_exactly(self, target: Target, change: Any = 0.0) -> bool:
        """The same to the digits of the answer."""
        node = target.node
        return target.is_exactly(self.arriving[node] + change, self.slack.get(node, 0.0))


def backward(
    forward: Forward, targets: Targets, literal: bool = False, hasty: bool = False
) -> Backward:
    """The backward pass that goes with a forward pass. Where a value is wrong, the local gradients
    may have been worked out from it or from the operands: the reading that explains more."""
    tape, strange = forward.tape, forward.strange
    first = Backward(Linear(tape, forward.values, strange), targets, literal, hasty=hasty)
    if not strange or not first.slips:
        return first
    from_operands = Linear(tape, forward.values, strange, True)
    second = Backward(from_operands, targets, literal, hasty=hasty)
    return second if len(second.slips) < len(first.slips) else first


def faulty_parts(gate: Gate, mistake: Mistake, tape: Tape) -> Parts:
    """What a mistake makes of what a gate passes on, where that differs from the true parts."""
    wrong: Parts = {}
    differ = tape.numbers.differ
    for place in gate.places:
        try:
            faulty = mistake.fault(gate, place)
        except ValueError:
            continue  # the shapes do not fit: nobody could work it out
        if faulty is None:
            continue
        if not mistake.raw:
            faulty = gate.fit(place, faulty)
            if faulty is None:
                continue
        if tape.arrays:
            faulty = tape.m.cast(faulty)
        if differ(faulty, gate.true(place)) and tape.numbers.finite(faulty):
            wrong[place] = faulty
    return wrong
