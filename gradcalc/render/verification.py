"""The numerical gradient check as a table, as Markdown, as lines for scripts, and for JSON."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gradcalc.engine.numerical.differences import AGREES, CANNOT_TELL, DISAGREES, KINK
from gradcalc.engine.numerical.verification import NOISE, Check, Verification
from gradcalc.render import Style
from gradcalc.render.rows import WHOLE, number
from gradcalc.report import jsonable
from gradcalc.source import visible
from gradcalc.syntax.printer import format_number, shorten

if TYPE_CHECKING:
    from rich.console import Console

SYMBOLS = {AGREES: "✓", DISAGREES: "✗", CANNOT_TELL: "?"}
#: So many reasons, and gates, are given.
MOST = 20
#: So many names of inputs are given in a sentence.
FEW = 3
#: The longest name of an input, and operation of a gate, in the text.
NAME, GATE = 24, 60
#: What the column of names gets at least, and the blanks between and around the columns.
NARROWEST, GAPS = 8, 11
HEADERS = ("input", "analytic", "numeric", "relative error", "verdict")


def show(verification: Verification, style: Style, console: "Console") -> None:
    """Print to the console."""
    # Imported when needed: only a terminal needs it.
    from rich.box import HORIZONTALS
    from rich.table import Table
    from rich.text import Text

    console.print(Text(title(verification), "bold"))
    checks = verification.by_input()
    if checks:
        table = Table(box=HORIZONTALS, header_style="bold", padding=(0, 1, 0, 0))
        for place, header in enumerate(HEADERS):
            justify: Any = "right" if 0 < place < 4 else "left"
            table.add_column(header, justify=justify, no_wrap=True)
        rows = [cells(check, style) for check in checks[:WHOLE]]
        names, *others = zip(HEADERS, *rows, strict=True)
        taken = GAPS + sum(map(_widest, others))
        # Numbers and verdicts are never cut.
        room = max(NARROWEST, console.width - taken)
        console.width = max(console.width, taken + min(room, _widest(names)))
        for name, *rest in rows:
            table.add_row(*(Text(visible(cell)) for cell in (shorten(name, room), *rest)))
        console.print(table)
    for line in lines(verification, style):
        console.print(Text(visible(line)))


def markdown(verification: Verification, style: Style) -> Iterator[str]:
    """A heading, a table and a list."""
    yield f"**{title(verification)}**\n\n"
    yield f"| {' | '.join(HEADERS)} |\n| :--- | ---: | ---: | ---: | :--- |\n"
    for check in verification.by_input()[:WHOLE]:
        name, *rest = cells(check, style)
        yield f"| {_code(name)} | {' | '.join(rest)} |\n"
    yield "\n"
    for line in lines(verification, style):
        yield f"- {line}\n"


def plain(verification: Verification, style: Style) -> Iterator[str]:
    """``verify<TAB>VERDICT``; then for each input ``verify dNAME``, what backpropagation says and
    what the differences, the relative error, the verdict and, of an array, the part that is meant.
    What the differences do not tell is ``nan``."""
    yield f"verify\t{verification.verdict}\n"
    for check in verification.by_input():
        numbers = (check.analytic, check.numeric, check.error)
        told = [format_number(float("nan") if x is None else x, style.precision) for x in numbers]
        what = f"d{check.what}" if check.what.isidentifier() else check.what
        columns = (f"verify {what}", *told, check.verdict, check.part)
        yield "\t".join(columns).rstrip("\t") + "\n"


def to_json(verification: Verification) -> dict[str, Any]:
    """An object for JSON: the verdict, every check of an input, the gates that do not agree."""
    failed = verification.failed_gates()
    found = jsonable(
        {
            "verdict": verification.verdict,
            "inputs": [
                {"input": check.what, "part": check.part or None, **_numbers(check)}
                for check in verification.inputs
            ],
            "local": {
                "checked": len(verification.gates),
                "failed": [
                    {
                        "node": check.node,
                        "expression": check.what,
                        "operand": check.part,
                        **_numbers(check),
                    }
                    for check in failed
                ],
            },
            "notes": list(verification.notes),
        }
    )
    assert isinstance(found, dict)
    return found


def _numbers(check: Check) -> dict[str, Any]:
    return {
        "analytic": check.analytic,
        "numeric": check.numeric,
        "error": check.error,
        "verdict": check.verdict,
        "reason": check.reason or None,
    }


def title(verification: Verification) -> str:
    """The verdict on everything."""
    return f"gradient check: {_verdict(verification.verdict)}"


def cells(check: Check, style: Style) -> tuple[str, ...]:
    """The row of a table for one input."""
    return (
        shorten(label(check), NAME),
        number(check.analytic, style),
        "" if check.numeric is None else number(check.numeric, style),
        _error(check.error),
        _verdict(check.verdict),
    )


def _error(error: float | None) -> str:
    if error is None:
        return ""
    return f"< {format_number(NOISE)}" if error < NOISE else format_number(error, 2)


def label(check: Check) -> str:
    """An input, and which part of it: ``W[0, 3]``, ``W, direction 1``."""
    separator = "" if check.part.startswith("[") or not check.part else ", "
    return f"{check.what}{separator}{check.part}"


def lines(verification: Verification, style: Style) -> Iterator[str]:
    """What a table does not say: the reasons, the gates, and what was not checked."""
    inputs = verification.by_input()
    if len(inputs) > WHOLE:
        yield f"{len(inputs) - WHOLE:,} more inputs"
    told = [
        f"{SYMBOLS[check.verdict]} {shorten(label(check), NAME)}: {check.reason}"
        for check in inputs
        if check.reason
    ]
    yield from _first(told, "inputs")
    failed = verification.failed_gates()
    yield from _first([_gate(check, style) for check in failed], "local gradients")
    total, agree = len(verification.gates), len(verification.gates) - len(failed)
    if total:
        gradients = "local gradient" if total == 1 else "local gradients"
        verb = "agrees" if agree == 1 or total == 1 else "agree"
        which = f"the {gradients}" if total == agree == 1 else f"all {agree:,} {gradients}"
        yield f"{which if not failed else f'{agree:,} of {total:,} {gradients}'} {verb}"
    if any(check.counts and _is_kinked(check) for check in (*inputs, *failed)):
        moved = [shorten(check.what, NAME) for check in inputs if _is_kinked(check)]
        what = ", ".join(moved) if 0 < len(moved) <= FEW else "the inputs"
        yield f"to check what holds beside a kink, change {what} by a little"
    if any(check.part for check in inputs):
        yield "of an array, one of the things that were checked is shown, the worst if they differ"
    yield from verification.notes


def _gate(check: Check, style: Style) -> str:
    rule = f"the rule of {shorten(check.what, GATE)} for the operand {shorten(check.part, NAME)}"
    if check.verdict != DISAGREES or check.numeric is None:
        return f"{SYMBOLS[check.verdict]} {rule}: {check.reason}"
    numbers = f"{number(check.analytic, style)} by the rule, {number(check.numeric, style)}"
    return f"{SYMBOLS[DISAGREES]} {rule} disagrees: {numbers} by differences"


def _is_kinked(check: Check) -> bool:
    return check.verdict == CANNOT_TELL and KINK in check.reason


def _first(told: list[str], what: str) -> Iterator[str]:
    yield from told[:MOST]
    if len(told) > MOST:
        yield f"{len(told) - MOST:,} more {what} like these"


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts))


def _verdict(verdict: str) -> str:
    return f"{SYMBOLS[verdict]} {verdict}"


def _code(text: str) -> str:
    """Text as code, safe in a cell."""
    return f"`{text.replace('|', chr(92) + '|')}`"
