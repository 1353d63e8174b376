"""Two faults in a graph of arrays, of which one may change the upstream gradient of the other."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from gradcalc.services.check.diagnosis.mistake import SPECIFIC, Match, order_of
from gradcalc.services.check.diagnosis.passes import Backward
from gradcalc.services.check.diagnosis.search import Candidate, Search
from gradcalc.services.check.types import WRONG

#: So many steps are made (candidates, and nodes of backward passes), and so many pairs that fit are
#: enough.
MAX_WORK, ENOUGH = 2_500, 8

#: With fewer right digits in all the wrong answers some pair fits by chance.
LEAST_DIGITS = 8.0

Pair = tuple[Match, Match]


def array_pairs(search: Search) -> list[Pair]:
    """The pairs of faults that together reproduce all the answers searched for, best first.

    The upper fault is put into the backward pass; what is wrong then has to be the work of a single
    fault further down. One of the two at least is a mistake in a gate's own rule.
    """
    if sum(map(_digits, search.slips)) < LEAST_DIGITS:
        return []
    steps = islice(_steps(search), MAX_WORK)
    found = list(islice((pair for pair in steps if pair is not None), ENOUGH))
    return sorted(found, key=lambda pair: order_of(*pair))


def _digits(target: Any) -> float:
    """How many digits an answer is compared to, those of all entries together."""
    size = np.abs(target.given)
    tolerance = target.tolerance
    width = np.maximum(target.half, tolerance.atol + tolerance.rtol * size)
    return float(np.log10(np.maximum(size / width, 1.0)).sum())


def _steps(search: Search) -> Iterator[Pair | None]:
    """Each step of the search, with the pair that it found."""
    uppers = [candidate for candidate in search.candidates() if candidate.raw is None]
    uppers.sort(key=lambda candidate: candidate.cost)
    nodes = {target.node for target in search.slips}
    for upper in uppers:
        again = Backward(search.linear, search.back.pinned, search.back.literal, upper.fault)
        yield from [None] * len(search.tape.order)
        left = [target for target in again.slips if target.node in nodes]
        moved = _moved(search, again)
        if not moved or not left or not _is_consistent(search.back, again):
            continue
        rest = frozenset(target.node for target in left)
        alone = [target for target in search.slips if target.node in moved - rest]
        exact = all(map(again.is_exactly, alone))
        first = Match(upper.fault, moved, upper.cost, upper.changes, exact)
        below = Search(again, left)
        covered = _covered(below)
        below.region = {node for node in below.region if rest <= covered[node]}
        below.gates = [gate for gate in below.gates if rest <= _passed(below, gate, covered)]
        for lower in below.candidates():
            match = _match(below, lower, upper)
            yield (first, match) if match is not None and match.explained == rest else None


def _match(below: Search, lower: Candidate, upper: Candidate) -> Match | None:
    one, other = upper.fault, lower.fault
    if SPECIFIC not in (one.mistake.rank, other.mistake.rank):
        return None
    if one.node is None or other.node is None:
        return None
    return below.check(lower) if other.node < one.node else None


def _moved(search: Search, again: Backward) -> frozenset[int]:
    """The answers that a fault has to do with."""
    back, differ = search.back, search.numbers.differ
    nodes = [target.node for target in search.slips]
    return frozenset(n for n in nodes if differ(back.arriving[n], again.arriving[n]))


def _is_consistent(back: Backward, again: Backward) -> bool:
    """Whether all answers that a fault moves are wrong: a second fault would have to set them
    right again."""
    return not any(
        target.verdict != WRONG and back.agrees(target) and not again.agrees(target)
        for target in back.pinned.values()
    )


def _covered(search: Search) -> Mapping[int, set[int]]:
    """By node, the answers that it passes something to."""
    found: dict[int, set[int]] = {}
    for target in search.slips:
        for node in search.above([target.node]):
            found.setdefault(node, set()).add(target.node)
    return found


def _passed(search: Search, gate: int, covered: Mapping[int, set[int]]) -> set[int]:
    """The answers that a gate passes something to."""
    operands = search.tape.graph.operands[gate]
    return set().union(*(covered.get(operand, ()) for operand in operands))
