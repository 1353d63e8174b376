"""The command line: ``python -m benchmarks [SUITE]... [--write FILE]``."""

import argparse

from benchmarks.suites import (
    Options,
    depth,
    linear,
    memory,
    network,
    nodes,
    peak,
    second,
    small,
    startup,
    tokens,
)
from benchmarks.table import markdown, write

SUITES = {
    "tokens": tokens.run,
    "memory": memory.run,
    "startup": startup.run,
    "nodes": nodes.run,
    "linear": linear.run,
    "depth": depth.run,
    "network": network.run,
    "small": small.run,
    "peak": peak.run,
    "second": second.run,
    "arrays": startup.run_arrays,
}


def _sizes(text: str) -> tuple[int, ...]:
    return tuple([int(size) for size in text.split(",")])


def main() -> None:
    """Run the suites asked for, and print or write their tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure gradcalc beside its peers. A peer that is not installed is skipped.",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(SUITES)} [all]")
    parser.add_argument("--sizes", type=_sizes, default=(), help="sizes, separated by commas")
    parser.add_argument("--repeats", type=int, default=0, help="runs of each measurement")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds a run may take [60]")
    parser.add_argument("--write", metavar="FILE", help="put the tables into this document")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    options = Options(arguments.sizes, arguments.repeats, arguments.timeout)
    for name in arguments.suites or SUITES:
        table = SUITES[name](options)
        print(f"## {name}\n\n{markdown(table, name)}\n", flush=True)
        if arguments.write:
            write(arguments.write, name, table)


if __name__ == "__main__":
    main()
