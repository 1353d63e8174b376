"""Which matches together explain all wrong answers: as few as will do."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from gradcalc.services.check.diagnosis.mistake import SLIP, Match, order_of

#: So many different sets of answers are combined.
MAX_SETS = 400


class Explanation(NamedTuple):
    """Faults each of which explains the same answers, the likeliest first."""

    explained: frozenset[int]
    matches: tuple[Match, ...]


def cover(matches: Sequence[Match], nodes: Collection[int]) -> list[Explanation]:
    """The explanations of the answers at ``nodes``, as far as there are any.

    One fault that explains all of them is better than two, two are better than three. Slips of the
    pen explain what nothing else does.
    """
    groups: dict[frozenset[int], list[Match]] = {}
    for match in matches:
        groups.setdefault(match.explained, []).append(match)
    for group in groups.values():
        group.sort(key=order_of)
    whole = frozenset(nodes)
    if whole in groups:
        return [_explanation(whole, groups)]
    rest, found = set(nodes), list[Explanation]()
    likely = {e: g for e, g in groups.items() if min(m.cost for m in g) < 10.0 * SLIP}
    for choice in (likely, groups):
        if not rest:
            break
        two = _two(frozenset(rest), choice)
        if two:
            return [*found, *(_explanation(explained, groups) for explained in two)]
        for explained in sorted(choice, key=lambda e: (-len(e), order_of(choice[e][0]))):
            if explained <= rest:
                found.append(_explanation(explained, groups))
                rest -= explained
    return found


def _explanation(
    explained: frozenset[int], groups: dict[frozenset[int], list[Match]]
) -> Explanation:
    return Explanation(explained, tuple(groups[explained]))


def _two(
    whole: frozenset[int], groups: dict[frozenset[int], list[Match]]
) -> tuple[frozenset[int], frozenset[int]] | None:
    """Two sets of answers that together are all, the likeliest."""
    best = None
    for explained in list(groups)[:MAX_SETS]:
        rest = whole - explained
        if explained < whole and rest in groups:
            order = order_of(groups[explained][0], groups[rest][0])
            if best is None or order < best[0]:
                best = order, explained, rest
    return None if best is None else (max(best[1:], key=max), min(best[1:], key=max))
