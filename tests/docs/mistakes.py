"""docs/mistakes.md: the table of mistakes, as a page."""

from gradcalc.services.check.diagnosis import arithmetic, arrays, everywhere, functions, values
from gradcalc.services.check.diagnosis.mistake import GENERIC, SLIP, Mistake

from .pages import ROOT

PAGE = ROOT / "docs" / "mistakes.md"
GROUPS = (
    ("Sums, products, quotients and powers", arithmetic.ROWS),
    ("Functions and choices", functions.ROWS),
    ("Arrays", arrays.ROWS),
    ("Everywhere", everywhere.ROWS),
    ("Values", values.ROWS),
)
INTRODUCTION = """\
# Mistakes

What `gradcalc check` looks for where an answer is wrong: it runs backpropagation again with one of
these mistakes made at one gate, or at every gate of a kind, and reports those that reproduce the
numbers. Where several do, one that reproduces them to their last digit, as written or as a formula
gives it, goes before one that only comes within the tolerance. Of those that do equally well, the
one that is about the gate's own rule is named first, then those that can be made anywhere, and
slips of the pen last; the others are its alternatives. Nothing is said of a number that no mistake
explains. `mistake` in the JSON output is one of these names.

Everything is worked out from the student's own numbers. So one mistake is found once, where it was
made, and two in one submission are found independently of each other. Mistakes in values are
searched before those in gradients.

This page is made from the table that is searched: `python -m tests.docs.update`.
"""


def mistakes_page() -> str:
    """The text of the page."""
    lines = [INTRODUCTION]
    for title, rows in GROUPS:
        lines.append(f"## {title}\n")
        lines.append("| mistake | what was done | gates | what is right |")
        lines.append("|---|---|---|---|")
        lines += [_line(row) for row in rows]
        lines.append("")
    return "\n".join(lines)


def _line(row: Mistake) -> str:
    gates = ", ".join(f"`{op}`" for op in row.ops) or "all"
    kind = {GENERIC: "; general", SLIP: "; a slip"}.get(row.rank, "")
    cells = (f"`{row.name}`", f"{row.title}{kind}", gates, row.rule)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
