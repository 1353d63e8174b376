"""What runs in a fresh process: ``python -m benchmarks.task TASK SECONDS ARGUMENTS``.

The text, if any, is its input. The answer is a line of JSON: figures (seconds, bytes, counts) or
the name of the failure. Seconds are those of the processor, in all threads: other work on the
machine counts for less that way.
"""

import json
import sys
from collections.abc import Callable
from math import ceil
from time import process_time
from typing import Any

from benchmarks.measure import MEMORY_LIMIT, peak_bytes
from benchmarks.programs import PROGRAMS

#: An engine is run for so many seconds, at least.
ENOUGH = 1.0


def text_to_gradients(program: str, n: int) -> dict[str, float]:
    """gradcalc, from the first byte of the text to all gradients."""
    from gradcalc import backprop

    values = PROGRAMS[program].values(n)
    start = process_time()
    text = sys.stdin.buffer.read().decode()
    report = backprop(text, values)
    seconds = process_time() - start
    return {
        "seconds": seconds,
        "peak": peak_bytes(),
        "nodes": len(report.nodes),
        "value": report.value,
        "gradients": sum(report.gradients.values()),
    }


def lark_parse() -> dict[str, float]:
    """Stock Lark on the same grammar and the same text, up to a tree that nobody uses."""
    from lark import Lark, Transformer

    from gradcalc.syntax.grammar import grammar_text

    parser = Lark(grammar_text(), parser="lalr", transformer=Transformer())
    start = process_time()
    text = sys.stdin.buffer.read().decode()
    tree = parser.parse(text)
    seconds = process_time() - start
    del tree
    return {"seconds": seconds, "peak": peak_bytes()}


def lark_tokens() -> dict[str, float]:
    """How many tokens a text has: the count for both sides."""
    from lark import Lark

    from gradcalc.syntax.grammar import grammar_text

    parser = Lark(grammar_text(), parser="lalr")
    return {"tokens": sum(1 for _ in parser.lex(sys.stdin.buffer.read().decode()))}


def peer(name: str, program: str, n: int, raised: bool = False) -> dict[str, float]:
    """A peer, from the values of the inputs to the value and all gradients; import not counted."""
    from benchmarks.peers import PEERS

    if raised:
        sys.setrecursionlimit(2**30)
    make = PEERS[name]()
    chosen = PROGRAMS[program]
    values = list(chosen.values(n).values())
    start = process_time()
    value, gradients = make(lambda x, m: chosen.compute(n, x, m), values)()
    seconds = process_time() - start
    answer = {"value": float(value), "gradients": sum(map(float, gradients))}
    return {"seconds": seconds, "peak": peak_bytes(), **answer}


def engine(name: str, program: str, n: int) -> dict[str, float]:
    """Forward and reverse alone; compilation and the first run are not counted."""
    from benchmarks.peers import PEERS

    if name == "micrograd-style":
        # What is compared here is speed.
        sys.setrecursionlimit(2**30)
    chosen = PROGRAMS[program]
    values = list(chosen.values(n).values())
    if name == "gradcalc":
        from benchmarks.peers.own import engine_of

        nodes, run = engine_of(chosen.text(n), chosen.values(n))
    else:
        nodes, run = 0, PEERS[name]()(lambda x, m: chosen.compute(n, x, m), values)
    value, gradients = run()
    runs, seconds, start = 0, 0.0, process_time()
    # Some systems count processor time in hundredths of a second only.
    while seconds < ENOUGH:
        run()
        runs += 1
        seconds = process_time() - start
    answer = {"value": float(value), "gradients": sum(map(float, gradients))}
    return {"seconds": seconds / runs, "nodes": nodes, **answer}


def _on_arrays(name: str) -> Callable[..., dict[str, float]]:
    """A task of :mod:`benchmarks.arraytask`, which imports NumPy."""

    def task(**arguments: Any) -> dict[str, float]:
        from benchmarks import arraytask

        found: dict[str, float] = getattr(arraytask, name)(**arguments)
        return found

    return task


def _limit(seconds: float) -> None:
    """Bound the memory and the processor time of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    most = ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))


def main(task: str, timeout: float, arguments: dict[str, Any]) -> None:
    """Run a task and print what came of it."""
    tasks: dict[str, Callable[..., dict[str, float]]] = {
        "text": text_to_gradients,
        "lark": lark_parse,
        "tokens": lark_tokens,
        "peer": peer,
        "engine": engine,
        **{f"array {name}": _on_arrays(name) for name in ("network", "nodes", "peak", "second")},
    }
    _limit(timeout)
    try:
        answer: dict[str, object] = {"figures": tasks[task](**arguments)}
    except ModuleNotFoundError:
        answer = {"failure": "missing"}
    except MemoryError:
        answer = {"failure": "out of memory"}
    except Exception as error:
        answer = {"failure": type(error).__name__}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3]))
