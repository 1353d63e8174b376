"""The numerical gradient check of what is an array."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.numerical.array_gates import (
    OTHERS_AGREE,
    ArrayGate,
    random_direction,
    sample,
    sizes,
)
from gradcalc.engine.numerical.differences import CANNOT_TELL, KINK, Comparison
from gradcalc.engine.numerical.gates import ALONG, steps_at
from gradcalc.engine.numerical.objective import Move
from gradcalc.engine.numerical.verification import Check
from gradcalc.ops.row import Rule

#: An array of at most so many entries is moved entry by entry; of a bigger one so many entries are.
MAX_ENTRIES, SOME_ENTRIES = 24, 8


def moves(
    name: str, node: int, value: Any, gradient: Any, directions: int
) -> tuple[Iterator[Move], str]:
    """How to move an array, and what to say of it if it is not moved in every entry."""
    generator = np.random.default_rng(0)
    whole = value.size <= MAX_ENTRIES
    finite = np.flatnonzero(np.isfinite(value))
    if not finite.size:  # so that something is said of it
        directions, finite = 0, np.arange(value.size)
    chosen = sample(finite.size, MAX_ENTRIES if whole else SOME_ENTRIES, generator)
    places = finite[chosen].tolist()
    notes = []
    if not whole:
        notes.append(f"along {directions} random directions and in {len(places)} of its")
        notes[0] += f" {value.size:,} entries"
    if finite.size < value.size:
        notes.append(f"in the entries that are finite, {finite.size:,} of {value.size:,}")
    note = f"{name} was moved {', '.join(notes)}" if notes else ""

    def found() -> Iterator[Move]:
        if not value.size:
            return
        for number in range(1, 1 if whole else directions + 1):
            direction = random_direction(value, generator)
            with np.errstate(all="ignore"):
                slope = float(np.sum(np.asarray(gradient, np.float64) * direction))
            yield Move(f"direction {number}", {node: direction}, slope, ALONG)
        size = sizes(value)
        for place in places:
            entry = np.unravel_index(place, value.shape)
            direction = np.zeros(value.shape)
            direction[entry] = 1.0
            steps = steps_at(float(value[entry]), float(size[entry]))
            label = f"[{', '.join(str(int(i)) for i in entry)}]"
            yield Move(label, {node: direction}, float(gradient[entry]), steps)

    return found(), note


def compare_gate(
    m: Any,
    op: int,
    value: Any,
    operands: Sequence[Any],
    settings: Mapping[str, Any],
    place: int,
    rule: Rule,
) -> Comparison | None:
    """The local gradient of a gate by one operand; None where there is nothing to compare."""
    generator = np.random.default_rng(0)
    return ArrayGate(m, op, value, operands, settings, generator).compare(place, rule)


def spared(run: Evaluation, gates: Sequence[Check], inputs: Collection[int]) -> list[Check]:
    """The checks of gates, where those do not count of which some entries are at a kink, the others
    (if there are any) agree, and nothing that may be chosen at the kinks reaches an input."""
    kinked = [
        check.reason.endswith(OTHERS_AGREE)
        or (check.verdict == CANNOT_TELL and check.reason.startswith(KINK))
        for check in gates
    ]
    nodes = {
        run.nodes[check.node]
        for check, is_kinked in zip(gates, kinked, strict=True)
        if is_kinked and check.node is not None
    }
    if not nodes or not _without_effect(run, nodes, inputs):
        return [*gates]
    reason = "no choice there reaches an input"
    return [
        check._replace(reason=f"{check.reason}; {reason}", counts=False) if is_kinked else check
        for check, is_kinked in zip(gates, kinked, strict=True)
    ]


def _without_effect(run: Evaluation, gates: Collection[int], inputs: Collection[int]) -> bool:
    """Whether the gradients of inputs are the same, whatever is chosen at the kinks of gates."""
    from gradcalc.services.check.carried import follow
    from gradcalc.services.check.kinks import Kinks

    rows = [ops.TABLE[run.graph.op[node]] for node in gates]
    if not all(
        row.kink and (row.kink.interval if row.elementwise else row.kink.free) for row in rows
    ):
        return False
    kinks, chance = Kinks(run), Random(0)
    if kinks.too_many:
        return False
    keys = [("gradient", node) for node in inputs]
    found = []
    for _ in range(2):
        chosen = {c: chance.uniform(c.low, c.high) for c in kinks.choices if c.node in gates}
        found.append(follow(run, kinks.rules(chosen), {}, {}, keys) or {})
    return all(_equal(*[one.get(key) for one in found]) for key in keys)


def _equal(one: Any, other: Any) -> bool:
    """Whether two gradients are the same, None for one that does not arrive."""
    return np.array_equal(0.0 if one is None else one, 0.0 if other is None else other)
