"""A product of the Hessian with a direction, beside a gradient."""

from functools import partial

from benchmarks.arrayprograms import PROGRAMS
from benchmarks.measure import Outcome, interleave, measure
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

CASES = (("network", 256), ("cells", 40), ("neurons", 50), ("neurons", 2_500))
PEERS = ("JAX jit", "PyTorch", "autograd")


def run(options: Options) -> Table:
    """Measure, by the clock on the wall."""
    repeats = options.repeats or 3
    rows = []
    for program, n in CASES:
        progress(f"second: {program} {n:,}")
        outcomes = interleave(
            {
                name: partial(
                    measure, "array second", options.timeout, name=name, program=program, n=n
                )
                for name in ("gradcalc", *PEERS)
            },
            repeats,
        )
        row = [f"{PROGRAMS[program].title}, {n:,}"]
        own = outcomes["gradcalc"]
        row += [_cell(outcomes[name], own) for name in outcomes]
        rows.append(row)
    columns = ("program", *[f"{name}: product / gradient" for name in ("gradcalc", *PEERS)])
    after = "In brackets the time of both. The first product, which makes the graph of it, is not"
    after += " among them, nor is JAX's compilation."
    return Table(columns, rows, repeats, after)


def _cell(outcome: Outcome, own: Outcome) -> str:
    if outcome.failure:
        return outcome.failure
    figures = outcome.figures
    if not own.failure and abs(figures["total"] / own.figures["total"] - 1.0) > 1e-6:
        return "another result"
    share = ratio(figures["product"], figures["gradient"])
    return f"{share} ({seconds(figures['product'])} / {seconds(figures['gradient'])})"
