"""Peak memory, from text to gradients, in bytes a node of the graph."""

from collections.abc import Callable
from functools import partial

from benchmarks.measure import Outcome, interleave, measure
from benchmarks.programs import PROGRAMS
from benchmarks.suites import Options
from benchmarks.table import Table, progress

CASES = (
    ("products", 10_000),
    ("products", 100_000),
    ("products", 1_000_000),
    ("sum", 100_000),
    ("brackets", 100_000),
    ("chain", 100_000),
    ("definitions", 100_000),
    ("neurons", 100_000),
)
PEERS = ("micrograd-style", "PyTorch", "CasADi")
TINY = 2


def run(options: Options) -> Table:
    """Measure the peak of a run less that of a tiny run, over the nodes of gradcalc's graph."""
    repeats, timeout = options.repeats or 3, options.timeout
    cases = [("products", n) for n in options.sizes] or CASES
    rows = []
    for program, n in cases:
        progress(f"memory: {program} {n:,}")
        candidates: dict[str, Callable[[], Outcome]] = {}
        for size in (TINY, n):
            text = PROGRAMS[program].text(size)
            candidates[f"gradcalc {size}"] = partial(
                measure, "text", 10 * timeout, text, program=program, n=size
            )
            for name in PEERS:
                candidates[f"{name} {size}"] = partial(
                    measure, "peer", timeout, name=name, program=program, n=size, raised=True
                )
        outcomes = interleave(candidates, repeats if n < 1_000_000 else 1)
        nodes = outcomes[f"gradcalc {n}"].figures.get("nodes", 0)
        row = [f"{PROGRAMS[program].title}, {n:,}", f"{nodes:,.0f}"]
        for name in ("gradcalc", *PEERS):
            tiny, whole = outcomes[f"{name} {TINY}"], outcomes[f"{name} {n}"]
            if tiny.failure or whole.failure:
                row.append(whole.failure or tiny.failure)
            else:
                row.append(f"{(whole.figures['peak'] - tiny.figures['peak']) / nodes:,.0f}")
        row[2] = f"**{row[2]}**"
        rows.append(row)
    columns = ("program", "nodes", "gradcalc, text to gradients: bytes/node (target ≤ 600)", *PEERS)
    return Table(columns, rows, repeats, "Programs of a million terms are run once.")
