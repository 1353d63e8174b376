"""Tables of results: on the terminal, and in Markdown between two markers of a document."""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """The result of a suite."""

    columns: Sequence[str]
    rows: list[list[str]]
    repeats: int
    after: str = ""  #: a sentence below the table


def ratio(of: float, to: float) -> str:
    """``of / to`` with three digits."""
    return f"{of / to:.3g}" if to else "-"


def seconds(value: float) -> str:
    """A time in the unit that reads best."""
    if value < 1e-6:
        return f"{value * 1e9:.0f} ns"
    if value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def progress(text: str) -> None:
    """Tell, on standard error, what is being measured."""
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    """What the numbers depend on, without saying whose machine it is."""
    cores = os.cpu_count()
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
        f" ({platform.machine()}), {cores} cores"
    )


def markdown(table: Table, suite: str) -> str:
    """The table with the command that makes it."""
    lines = [_line(table.columns), _line(["---"] * len(table.columns))]
    lines += map(_line, table.rows)
    if table.after:
        lines += ["", table.after]
    lines += ["", f"`python -m benchmarks {suite}`, {machine()}; medians of {table.repeats} runs."]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(path: str, suite: str, table: Table) -> None:
    """Put the table between the two markers of its suite, which are added where there are none."""
    opening, closing = f"<!-- {suite} -->\n", f"<!-- /{suite} -->\n"
    text = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
    if opening not in text:
        text += f"\n{opening}{closing}"
    before, _, rest = text.partition(opening)
    _, _, after = rest.partition(closing)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{opening}\n{markdown(table, suite)}\n\n{closing}{after}")
