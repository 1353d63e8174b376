"""Forward and reverse alone, a node: engines on a scalar graph of about 100,000 nodes."""

from collections.abc import Callable
from functools import partial

from benchmarks.measure import Outcome, interleave, measure
from benchmarks.programs import PROGRAMS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

#: A program and about how many nodes a unit of its size has.
CASES = (("products", 2), ("neurons", 5))
PEERS = ("micrograd-style", "autograd", "PyTorch", "CasADi", "JAX jit")


def run(options: Options) -> Table:
    """Measure; gradcalc and CasADi get the graph ready made, the others build it as they run."""
    repeats = options.repeats or 5
    rows = []
    for size in options.sizes or (100_000,):
        for program, each in CASES:
            progress(f"nodes: {program} {size:,}")
            n = size // each
            candidates: dict[str, Callable[[], Outcome]] = {
                name: partial(measure, "engine", options.timeout, name=name, program=program, n=n)
                for name in ("gradcalc", *PEERS)
            }
            outcomes = interleave(candidates, repeats)
            own = outcomes.pop("gradcalc")
            if own.failure:
                rows.append([PROGRAMS[program].title, "-", own.failure, *["-"] * len(PEERS)])
                continue
            nodes = own.figures["nodes"]
            row = [PROGRAMS[program].title, f"{nodes:,.0f}"]
            row.append(seconds(own.figures["seconds"] / nodes))
            for outcome in outcomes.values():
                if outcome.failure:
                    row.append(outcome.failure)
                else:
                    share = ratio(outcome.figures["seconds"], own.figures["seconds"])
                    row.append(f"{share}× ({seconds(outcome.figures['seconds'] / nodes)})")
            rows.append(row)
    after = "Peers: time as a multiple of gradcalc's; above 1 they are slower."
    return Table(("program", "nodes", "gradcalc: time/node", *PEERS), rows, repeats, after)
