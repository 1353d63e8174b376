"""Which matches together explain all wrong answers: as few as will do."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from gradcalc.services.check.diagnosis.mistake import SLIP, Match

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
        group.sort(key=lambda match: match.cost)
    whole = frozenset(nodes)
    if whole in groups:
        return [_explanation(whole, groups)]
    rest, found = set(nodes), list[Explanation]()
    likely = {e: g for e, g in groups.items() if g[0].cost < 10.0 * SLIP}
    for choice in (likely, groups):
        if not rest:
            break
        two = _two(frozenset(rest), choice)
        if two:
            return [*found, *(_explanation(explained, groups) for explained in two)]
        for explained in sorted(choice, key=lambda e: (-len(e), choice[e][0].cost)):
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
            cost = groups[explained][0].cost + groups[rest][0].cost
            if best is None or cost < best[0]:
                best = cost, explained, rest
    return None if best is None else (max(best[1:], key=max), min(best[1:], key=max))
