"""Whether time and memory grow in proportion to the program: at n and at 4n."""

from functools import partial

from benchmarks.measure import interleave, measure
from benchmarks.programs import PROGRAMS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

TINY = 2


def run(options: Options) -> Table:
    """Measure every program from text to gradients."""
    repeats = options.repeats or 5
    rows = []
    for n in options.sizes or (50_000,):
        for name, program in PROGRAMS.items():
            progress(f"linear: {name} {n:,}")
            outcomes = interleave(
                {
                    str(size): partial(
                        measure, "text", options.timeout, program.text(size), program=name, n=size
                    )
                    for size in (TINY, n, 4 * n)
                },
                repeats,
            )
            failure = "".join(outcome.failure for outcome in outcomes.values())
            if failure:
                rows.append([program.title, f"{n:,}", failure, "-", "-", "-"])
                continue
            tiny, once, four = [outcome.figures for outcome in outcomes.values()]
            small, big = once["peak"] - tiny["peak"], four["peak"] - tiny["peak"]
            rows.append(
                [
                    program.title,
                    f"{n:,}",
                    seconds(once["seconds"]),
                    ratio(four["seconds"], once["seconds"]),
                    f"{small / 2**20:.0f} MiB",
                    ratio(big, small),
                ]
            )
    columns = ("program", "n", "time", "time at 4n / time", "memory", "memory at 4n / memory")
    return Table(columns, rows, repeats, "In proportion means 4.")
