"""Peak memory of programs over big arrays, beside the values and gradients themselves."""

from functools import partial

from benchmarks.arrayprograms import PROGRAMS
from benchmarks.measure import interleave, measure
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio

WEIGHTS = ("W1", "b1", "W2", "b2")
CASES = (
    ("gates", 20, ("x",)),
    ("gates", 100, ("x",)),
    ("network", 256, WEIGHTS),
    ("network", 4096, WEIGHTS),
    ("network", 4096, ("X", *WEIGHTS)),
)
PEERS = ("PyTorch", "JAX jit", "autograd")


def run(options: Options) -> Table:
    """Measure what a run adds to the memory of its process."""
    repeats = options.repeats or 3
    rows = []
    for program, n, wrt in CASES:
        progress(f"peak: {program} {n:,}")
        outcomes = interleave(
            {
                name: partial(
                    measure,
                    "array peak",
                    options.timeout,
                    name=name,
                    program=program,
                    n=n,
                    wrt=wrt,
                )
                for name in ("gradcalc", *PEERS)
            },
            repeats,
        )
        row = [f"{PROGRAMS[program].title}, {n:,}, by {', '.join(wrt)}"]
        own = outcomes["gradcalc"]
        if own.failure:
            rows.append([*row, own.failure, *["-"] * (3 + len(PEERS))])
            continue
        figures = own.figures
        new, inputs = figures["gates"] + figures["gradients"], figures["inputs"]
        row += [_mebibytes(inputs), _mebibytes(new), _mebibytes(figures["peak"])]
        row.append(f"**{ratio(figures['peak'] + inputs, new + inputs)}**")
        row.append(ratio(figures["peak"], new))
        for name in PEERS:
            outcome = outcomes[name]
            row.append(outcome.failure or _mebibytes(outcome.figures["peak"]))
        rows.append(row)
    columns = (
        "program",
        "inputs",
        "values of the gates, and the gradients asked for",
        "gradcalc: added at the peak",
        "with the inputs / all values and gradients (target ≤ 1.5)",
        "without the inputs",
        *[f"{name}: added" for name in PEERS],
    )
    return Table(columns, rows, repeats)


def _mebibytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"
