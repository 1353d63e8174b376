"""A two-layer network, beside the bare matrix products that it needs, PyTorch and JAX."""

from functools import partial

from benchmarks.measure import interleave, measure
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

BATCH = 256
WEIGHTS = ("W1", "b1", "W2", "b2")
PEERS = ("PyTorch", "JAX jit", "autograd")
CASES = {
    "the weights and biases": WEIGHTS,
    "all of these and X": ("X", *WEIGHTS),
}


def run(options: Options) -> Table:
    """Measure; the clock is the one on the wall, and everybody has all cores."""
    repeats = options.repeats or 5
    rows = []
    for batch in options.sizes or (BATCH,):
        cases = [(dtype, what) for what in CASES for dtype in ("float64", "float32")]
        progress(f"network: batch of {batch}")
        outcomes = interleave(
            {
                f"{dtype} {what}": partial(
                    measure,
                    "array network",
                    10 * options.timeout,
                    dtype=dtype,
                    n=batch,
                    wrt=CASES[what],
                )
                for dtype, what in cases
            },
            repeats,
        )
        for dtype, what in cases:
            outcome, figures = outcomes[f"{dtype} {what}"], outcomes[f"{dtype} {what}"].figures
            row = [f"{dtype}, gradients by {what}", str(len(CASES[what]) + 1)]
            if outcome.failure:
                rows.append([*row, outcome.failure, *["-"] * (len(PEERS) + 1)])
                continue
            bare = figures["bare"]
            row += [seconds(bare), f"**{ratio(figures['gradcalc'], bare)}**"]
            row += [ratio(figures[p], bare) if p in figures else "missing" for p in PEERS]
            rows.append(row)
    columns = ("network", "products", "products alone", "gradcalc, from text (target ≤ 1.1)")
    after = "Times as multiples of that of the products alone. Everybody's value and gradients"
    after += " agree, to 1e-6 (float64) or 1e-3 (float32) of the greatest entry."
    return Table((*columns, *PEERS), rows, repeats, after)
