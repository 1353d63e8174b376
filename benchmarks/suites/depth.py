"""Deep and long programs: who survives, and in what time."""

from collections.abc import Callable
from functools import partial
from math import isclose

from benchmarks.measure import Outcome, interleave, measure
from benchmarks.programs import PROGRAMS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

CASES = (
    ("sum", 10_000),
    ("sum", 100_000),
    ("sum", 1_000_000),
    ("brackets", 100_000),
    ("chain", 100_000),
    ("tower", 100_000),
    ("definitions", 100_000),
)
PEERS = ("micrograd-style", "autograd", "PyTorch", "CasADi", "JAX", "SymPy")
#: A peer that takes longer than this is measured once.
LONG = 10.0


def run(options: Options) -> Table:
    """Measure; a peer that runs into Python's recursion limit gets another try without it."""
    repeats = options.repeats or 3
    cases = [("sum", n) for n in options.sizes] or CASES
    rows = []
    too_slow: set[tuple[str, str]] = set()  # who need not be tried on a longer program of the kind
    for program, n in cases:
        progress(f"depth: {program} {n:,}")
        text = PROGRAMS[program].text(n)
        candidates: dict[str, Callable[[], Outcome]] = {
            name: partial(measure, "peer", options.timeout, name=name, program=program, n=n)
            for name in PEERS
            if (program, name) not in too_slow
        }
        own = partial(measure, "text", options.timeout, text, program=program, n=n)
        outcomes = interleave({"gradcalc": own, **candidates}, repeats, long=LONG)
        reference = outcomes.pop("gradcalc")
        row = [f"{PROGRAMS[program].title}, {n:,}"]
        row.append(reference.failure or seconds(reference.figures["seconds"]))
        for name in PEERS:
            outcome = outcomes.get(name, Outcome({}, "over the limit before"))
            cell = _cell(outcome, reference)
            if outcome.failure.startswith("over"):
                too_slow.add((program, name))
            if outcome.failure == "RecursionError":
                again = measure(
                    "peer", options.timeout, name=name, program=program, n=n, raised=True
                )
                cell += f"; limit raised: {_cell(again, reference)}"
            row.append(cell)
        rows.append(row)
    after = "Peers: time as a multiple of gradcalc's, or how they fail."
    return Table(("program", "gradcalc, from text", *PEERS), rows, repeats, after)


def _cell(outcome: Outcome, reference: Outcome) -> str:
    if outcome.failure or reference.failure:
        return outcome.failure or "survives"
    if not all(_close(outcome.figures[k], reference.figures[k]) for k in ("value", "gradients")):
        return "another result"
    return f"{ratio(outcome.figures['seconds'], reference.figures['seconds'])}×"


def _close(a: float, b: float) -> bool:
    return isclose(a, b, rel_tol=1e-6, abs_tol=1e-12)
