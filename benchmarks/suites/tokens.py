"""Tokens a second from text to gradients, beside stock Lark that only parses the same text."""

from functools import partial

from benchmarks.measure import interleave, measure
from benchmarks.programs import PROGRAMS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio

CASES = (
    ("products", 10_000),
    ("products", 100_000),
    ("products", 1_000_000),
    ("brackets", 100_000),
    ("chain", 100_000),
    ("definitions", 100_000),
    ("neurons", 100_000),
)


def run(options: Options) -> Table:
    """Measure; the text comes through a pipe, the tokens are counted by Lark's lexer for both."""
    repeats = options.repeats or 5
    cases = [("products", n) for n in options.sizes] or CASES
    rows = []
    for program, n in cases:
        progress(f"tokens: {program} {n:,}")
        text = PROGRAMS[program].text(n)
        # Stock Lark is slow and the limit is meant for peers that are stuck.
        timeout = 10 * options.timeout
        counted = measure("tokens", timeout, text)
        if counted.failure:
            rows.append([f"{PROGRAMS[program].title}, {n:,}", counted.failure, "-", "-", "-"])
            continue
        tokens = counted.figures["tokens"]
        outcomes = interleave(
            {
                "gradcalc": partial(measure, "text", timeout, text, program=program, n=n),
                "lark": partial(measure, "lark", timeout, text),
            },
            repeats if n < 1_000_000 else min(repeats, 3),
        )
        own, lark = outcomes["gradcalc"], outcomes["lark"]
        row = [f"{PROGRAMS[program].title}, {n:,}", f"{tokens:,.0f}"]
        row += [o.failure or f"{tokens / o.figures['seconds']:,.0f}" for o in (own, lark)]
        if own.failure or lark.failure:
            row.append("-")
        else:
            row.append(f"**{ratio(lark.figures['seconds'], own.figures['seconds'])}**")
        rows.append(row)
    columns = (
        "program",
        "tokens",
        "gradcalc, text to gradients: tokens/s",
        "Lark, parsing only: tokens/s",
        "ratio (target ≥ 1.5)",
    )
    return Table(columns, rows, repeats, "Programs of a million terms are run 3 times.")
