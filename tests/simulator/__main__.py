"""The figures: ``python -m tests.simulator [GRAPHS]``."""

import sys

from . import campaign, faulty, sheets
from .campaign import MODES, Tally


def main() -> None:
    """Make every mistake on so many graphs, handed in in every way."""
    graphs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    total = Tally()
    print(f"{'mistake':28} {'made':>6} {'found':>6} {'first':>6}  taken for")
    for name in faulty.names():
        _row(name, campaign.scalars(name, graphs, (MODES,)), total)
    for name, kind in sheets.FAULTS:
        _row(f"{name} ({kind})", campaign.arrays(name, kind, graphs, (MODES,)), total)
    _row("all", total, Tally())
    print(f"answers that follow and got no credit: {total.uncarried}")
    print(f"slips that went through: {total.unnoticed}")
    accused, refused, _ = campaign.accusations(10_000)
    print(f"10000 right submissions: {accused} accused, {refused} not all right")
    for everything in (True, False):
        made, found, otherwise, _ = campaign.two_at_once(300, everything)
        what = "all numbers" if everything else "inputs only"
        print(
            f"two mistakes, {what}: {found} of {made} found, {otherwise} as others just like them"
        )
        made, found, otherwise, _ = campaign.two_in_arrays(300, everything)
        print(f"the same of arrays: {found} of {made} found, {otherwise} as others just like them")
    made, found, _ = campaign.habits(200)
    print(f"habits: {found} of {made} found")


def _row(name: str, tally: Tally, total: Tally) -> None:
    taken = [findings[0][0][0] if findings else "nothing" for _, findings, _ in tally.missed]
    counts = (
        ", ".join(f"{n} ({taken.count(n)})" for n in dict.fromkeys(taken)) if name != "all" else ""
    )
    print(f"{name:28} {tally.made:6} {tally.found:6} {tally.first:6}  {counts}")
    total.add(tally)


if __name__ == "__main__":
    main()
