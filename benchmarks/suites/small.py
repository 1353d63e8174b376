"""Forward and reverse, a node: long programs over small arrays."""

from collections.abc import Callable
from functools import partial
from math import isclose

from benchmarks.arrayprograms import PROGRAMS
from benchmarks.measure import Outcome, interleave, measure
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

OWN = "gradcalc, from text"
PEERS = ("autograd", "PyTorch", "JAX jit")


def run(options: Options) -> Table:
    """Measure; gradcalc's engine gets the graph ready made, the peers but JAX record it."""
    repeats = options.repeats or 5
    rows = []
    for size in options.sizes or (1_000, 100_000):
        for program in ("cells", "terms"):
            progress(f"small: {program} {size:,}")
            n = size // PROGRAMS[program].each
            candidates: dict[str, Callable[[], Outcome]] = {
                name: partial(
                    measure, "array nodes", options.timeout, name=name, program=program, n=n
                )
                for name in ("gradcalc", OWN, *PEERS)
            }
            outcomes = interleave(candidates, repeats)
            own, autograd = outcomes["gradcalc"], outcomes["autograd"]
            if own.failure:
                row = [PROGRAMS[program].title, "-", own.failure, "-", *["-"] * len(PEERS)]
                rows.append(row)
                continue
            nodes = own.figures["nodes"]
            row = [PROGRAMS[program].title, f"{nodes:,.0f}"]
            row.append(seconds(own.figures["seconds"] / nodes))
            if not autograd.failure:
                share = ratio(own.figures["seconds"], autograd.figures["seconds"])
                row[-1] += f"; **{share}** of autograd's"
            row += [_cell(outcomes[name], own, nodes) for name in (OWN, *PEERS)]
            rows.append(row)
    columns = ("program", "nodes", "gradcalc's engine: time/node (target ≤ 3 of autograd's)", OWN)
    after = "The others: time as a multiple of that of gradcalc's engine; above 1 they are slower."
    return Table((*columns, *PEERS), rows, repeats, after)


def _cell(outcome: Outcome, own: Outcome, nodes: float) -> str:
    if outcome.failure:
        return outcome.failure
    figures = outcome.figures
    for key in ("value", "gradients"):
        if not isclose(figures[key], own.figures[key], rel_tol=1e-6):
            return "another result"
    cell = f"{ratio(figures['seconds'], own.figures['seconds'])}×"
    cell += f" ({seconds(figures['seconds'] / nodes)})"
    if figures["before"] > figures["seconds"]:
        cell += f", compiled in {seconds(figures['before'])} before"
    return cell
