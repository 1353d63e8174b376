"""The search for the faults that explain wrong values of the forward pass."""

from collections.abc import Iterator, Mapping, Sequence

from gradcalc.errors import DataError
from gradcalc.services.check.diagnosis import mistakes
from gradcalc.services.check.diagnosis.mistake import Fault, Match, cost_of
from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.diagnosis.passes import Backward, Forward, Targets, backward
from gradcalc.services.check.diagnosis.tape import Tape

#: So many (fault, node) pairs are tried where no wrong value says where to look.
MAX_HIDDEN_WORK = 60_000


def places_of(tape: Tape) -> dict[int, int]:
    """Where each node stands in the order of the run."""
    return {node: place for place, node in enumerate(tape.run.nodes)}


def value_matches(base: Forward, slips: Sequence[Target]) -> list[Match]:
    """The faults at one gate that reproduce wrong values."""
    tape = base.tape
    region: set[int] = set()
    stack = [target.node for target in slips]
    while stack:
        node = stack.pop()
        if node in region:
            continue
        region.add(node)
        stack += [o for o in tape.graph.operands[node] if o not in base.targets]
    nodes = {target.node for target in slips}
    found = []
    places = places_of(tape)
    for fault in _faults(tape, sorted(region, reverse=True)):
        again = _with_fault(base, fault, places, hasty=True)
        if again is None or again.contradicted:
            continue
        explained = _explained(base, again, nodes)
        if explained:
            assert fault.node is not None
            changes = {fault.node: again.values[fault.node]}
            exact = all(base.targets[node].is_exactly(again.expected[node]) for node in explained)
            found.append(Match(fault, explained, cost_of(fault), changes, exact))
    return found


def _faults(tape: Tape, nodes: Sequence[int]) -> Iterator[Fault]:
    for node in nodes:
        if tape.graph.operands[node]:
            for mistake in mistakes.values_at(tape.op(node)):
                yield Fault(mistake, node)


def _with_fault(
    base: Forward, fault: Fault, places: Mapping[int, int], hasty: bool = False
) -> Forward | None:
    """The pass with a fault; None where an operation cannot take what comes of it."""
    try:
        return base.with_fault(fault, places, hasty)
    except DataError:
        return None


def _explained(base: Forward, again: Forward, slips: set[int]) -> frozenset[int]:
    """The wrong values that the second pass explains; nothing if it contradicts an answer."""
    explained = []
    for node in again.redone:
        expected = again.expected[node]
        if not base.tape.numbers.differ(expected, base.expected[node]):
            continue
        if not base.targets[node].agrees(expected):
            return frozenset()
        if node in slips:
            explained.append(node)
    return frozenset(explained)


def hidden_matches(base: Forward, targets: Targets, slips: Sequence[Target]) -> list[Match]:
    """The faulty values, none of them answered, from which all wrong gradients follow."""
    tape = base.tape
    nodes = {target.node for target in slips}
    gates = [n for n in tape.run.nodes if tape.graph.operands[n] and n not in base.targets]
    found = []
    places = places_of(tape)
    work = 0
    for fault in sorted(_faults(tape, gates[::-1]), key=lambda fault: fault.mistake.rank):
        work += len(tape.order)
        if work > MAX_HIDDEN_WORK:
            break
        assert fault.node is not None
        again = _with_fault(base, fault, places)
        if again is None or again.slips:
            continue
        if not tape.numbers.differ(again.values[fault.node], base.values[fault.node]):
            continue
        back = backward(again, targets, hasty=True)
        if not back.slips and all(_follows(back, target) for target in targets.values()):
            changes = {fault.node: again.values[fault.node]}
            exact = all(back.is_exactly(target) for target in slips)
            found.append(Match(fault, frozenset(nodes), cost_of(fault), changes, exact))
    return found


def _follows(back: Backward, target: Target) -> bool:
    return target.verdict != "wrong" or back.agrees(target)
