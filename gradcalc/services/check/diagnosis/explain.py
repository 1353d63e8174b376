"""From wrong answers to explanations: values first, then gradients, each on the student's own
numbers."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from gradcalc.services.check.diagnosis import slips
from gradcalc.services.check.diagnosis.cover import Explanation, cover
from gradcalc.services.check.diagnosis.mistake import SLIP, Match, order_of
from gradcalc.services.check.diagnosis.numbers import Target
from gradcalc.services.check.diagnosis.pairs import pairs
from gradcalc.services.check.diagnosis.passes import Backward, Forward, Targets, backward
from gradcalc.services.check.diagnosis.search import Search
from gradcalc.services.check.diagnosis.tape import Tape
from gradcalc.services.check.diagnosis.valuesearch import hidden_matches, places_of, value_matches

#: So many faulty values that explain the same wrong answer are tried out on the gradients.
MAX_BRANCHES = 5


class Explained(NamedTuple):
    """An explanation, and the numbers that it is about.

    Attributes:
        kind: ``value`` or ``gradient``, of the answers that it explains.
        linear, back: the passes on the student's numbers.
    """

    kind: str
    explanation: Explanation
    back: Backward


def explain(tape: Tape, values: Targets, gradients: Targets) -> list[Explained]:
    """The explanations of what is wrong, those of values first."""
    forward = Forward(tape, values)
    of_values: list[Explanation] = []
    if forward.slips:
        forward, of_values = _explain_values(forward, gradients)
    back = backward(forward, gradients)
    found = [Explained("value", explanation, back) for explanation in of_values]
    wrong = _still_wrong(back, forward)
    if not wrong:
        return found
    explanations = _explain_gradients(Search(back, wrong), wrong)
    told = len(explanations) == 1 and len(nodes_of(explanations)) == len(wrong)
    if not of_values and not (told and tape.arrays):
        hidden = hidden_matches(forward, gradients, wrong)
        if hidden:
            explanations = _with_hidden(explanations, hidden, wrong)
    return [*found, *(Explained("gradient", e, back) for e in explanations)]


def nodes_of(explanations: Sequence[Explanation]) -> set[int]:
    """The nodes of the answers that are explained."""
    return set().union(*(explanation.explained for explanation in explanations))


def _still_wrong(back: Backward, forward: Forward) -> list[Target]:
    """The slips; without those that follow from the numbers just as they are written."""
    if not back.slips:
        return []
    rounded = Forward(back.tape, forward.targets, literal=True, faults=forward.faults)
    literal = backward(rounded, back.pinned, literal=True)
    nodes = {target.node for target in literal.slips}
    return [target for target in back.slips if target.node in nodes]


def _explain_values(forward: Forward, gradients: Targets) -> tuple[Forward, list[Explanation]]:
    """The explanations of wrong values, and the forward pass with the likeliest."""
    tape = forward.tape
    wrong = forward.slips
    nodes = {target.node for target in wrong}
    explanations = cover(value_matches(forward, wrong), nodes)
    rest = nodes - nodes_of(explanations)
    places = places_of(tape)
    result = forward
    for place, explanation in enumerate(explanations):
        branches = []
        for match in explanation.matches[:MAX_BRANCHES]:
            branch = result.with_fault(match.fault, places)
            back = backward(branch, gradients)
            branches.append((len(back.slips), branch, match))
        best = min(branches, key=lambda branch: branch[0])
        result = best[1]
        others = [match for match in explanation.matches if match is not best[2]]
        explanations[place] = Explanation(explanation.explained, (best[2], *others))
    for target in wrong:
        if target.node in rest:
            slipped = slips.slip(target, forward.expected[target.node])
            if slipped is not None:
                explanations.append(Explanation(slipped.explained, (slipped,)))
    return result, explanations


def _explain_gradients(search: Search, wrong: Sequence[Target]) -> list[Explanation]:
    nodes = {target.node for target in wrong}
    matches = [*search.singles(), *search.habits()]
    slipped = {m.explained for m in matches if m.cost >= 10.0 * SLIP}
    for target in wrong:
        match = slips.slip(target, search.back.arriving[target.node])
        if match is not None and match.explained not in slipped:
            matches.append(match)
    likely = [match for match in matches if match.cost < 10.0 * SLIP]
    whole = [match for match in matches if match.explained == nodes]
    if whole:
        return cover(whole, nodes)
    explanations = cover(likely, nodes)
    rest = nodes - nodes_of(explanations)
    if len(explanations) > 2 or (rest and explanations):
        # Perhaps two faults do what would take three, each for itself.
        explanations = _pair(search, wrong) or explanations
        rest = nodes - nodes_of(explanations)
    if not rest:
        return explanations
    left = [target for target in wrong if target.node in rest]
    return explanations + (_pair(search, left) or cover(_within(matches, rest), rest))


def _pair(search: Search, left: Sequence[Target]) -> list[Explanation]:
    """Two faults whose effects add up; what may stand in the place of one of them is an
    alternative."""
    narrowed = search if len(left) == len(search.slips) else Search(search.back, left)
    if search.tape.arrays:
        from gradcalc.services.check.diagnosis.arraypairs import array_pairs

        found = array_pairs(narrowed)
    else:
        found = pairs(narrowed)
    if not found:
        return []
    one, other = found[0]
    ones = [a for a, b in found if b.fault == other.fault]
    others = [b for a, b in found if a.fault == one.fault]
    return [
        Explanation(one.explained, tuple(ones)),
        Explanation(other.explained, tuple(others)),
    ]


def _within(matches: Sequence[Match], nodes: Collection[int]) -> list[Match]:
    return [match for match in matches if match.explained <= set(nodes)]


def _with_hidden(
    explanations: Sequence[Explanation], hidden: Sequence[Match], wrong: Sequence[Target]
) -> list[Explanation]:
    """The explanations, or a wrong value that was not answered, if that says it more simply."""
    nodes = frozenset(target.node for target in wrong)
    if len(explanations) == 1 and explanations[0].explained == nodes:
        matches: Any = sorted([*explanations[0].matches, *hidden], key=order_of)
        return [Explanation(nodes, tuple(matches))]
    return [Explanation(nodes, tuple(sorted(hidden, key=order_of)))]
