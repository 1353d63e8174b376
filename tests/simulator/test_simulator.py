"""The diagnosis finds out what students did wrong, and accuses nobody who did not.

``python -m tests.simulator`` does more of the same, and prints the figures.
"""

import pytest

from . import campaign, faulty, sheets
from .campaign import MODES, Tally

#: Half of the graphs each: the inputs' gradients and everything, in full and rounded.
TURNS = (MODES[:1] + MODES[2:3], MODES[1:2] + MODES[3:])
#: Every mistake is made on so many graphs. Of arrays there are many sizes and several networks.
GRAPHS = 40
ARRAYS = 12

#: Filled by the tests, and looked at by the last one.
figures: dict[str, Tally] = {}


@pytest.mark.parametrize("name", faulty.names())
def test_a_mistake_is_found(name: str) -> None:
    tally = figures[name] = campaign.scalars(name, GRAPHS, TURNS)
    assert tally.made >= GRAPHS
    assert tally.found >= 0.95 * tally.made, tally.missed[:3]


@pytest.mark.parametrize(("name", "kind"), list(sheets.FAULTS))
def test_a_mistake_in_an_array_is_found(name: str, kind: str) -> None:
    tally = figures[f"{name} {kind}"] = campaign.arrays(name, kind, ARRAYS, TURNS)
    assert tally.made >= ARRAYS
    assert tally.found >= 0.9 * tally.made, tally.missed[:3]


def test_the_true_mistake_is_first_or_among_equals() -> None:
    total = Tally()
    for tally in figures.values():
        total.add(tally)
    print(f"\n{total.found} of {total.made} found, {total.first} of them as the very first")
    assert total.made > 3000 or len(figures) < len(faulty.names())  # one test alone may be run
    assert total.found >= 0.98 * total.made
    assert not total.uncarried
    assert not total.unnoticed


def test_nobody_is_accused_who_is_right() -> None:
    accused, refused, seen = campaign.accusations(10_000)
    assert not accused, seen[:3]
    assert not refused, seen[:3]


@pytest.mark.parametrize(("everything", "least"), [(True, 0.9), (False, 0.6)])
def test_two_mistakes_are_found(everything: bool, least: float) -> None:
    # Where both show in one number only, they cannot be told from anything else.
    made, found, otherwise, missed = campaign.two_at_once(80, everything)
    assert found + otherwise >= least * made, missed[:3]
    assert found >= (least - 0.1) * made, missed[:3]


@pytest.mark.parametrize("everything", [True, False])
def test_two_mistakes_in_arrays_are_found(everything: bool) -> None:
    made, found, otherwise, missed = campaign.two_in_arrays(100, everything)
    assert found + otherwise >= 0.97 * made, missed[:3]
    assert found >= 0.9 * made, missed[:3]


def test_habits_are_found() -> None:
    made, found, missed = campaign.habits(80)
    assert found >= 0.95 * made, missed[:3]
