"""The tasks of :mod:`benchmarks.task` on programs over arrays."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.arrayprograms import PROGRAMS, Values, products
from benchmarks.measure import peak_bytes, resident_bytes
from benchmarks.peers.tensors import PEERS, Answer, Run

#: What is measured side by side runs so often in a row, each time that it is its turn ...
BURST = 5
#: ... and has so many turns. Once is enough of what takes more than so many seconds.
TURNS = 7
LONG = 0.2
#: What takes less than so many seconds is run again.
ENOUGH = 1.0
#: How far apart the answers of two candidates may be, relative to the greatest entry.
TOLERANCE = {"float64": 1e-6, "float32": 1e-3}


class DifferentAnswers(Exception):
    """Two candidates did not compute the same."""


def network(dtype: str, n: int, wrt: Sequence[str]) -> dict[str, float]:
    """The network's value and gradients by everyone in turn, by the clock on the wall.

    Each runs a few times in a row. The first of them does not count: then threads of the one before
    may still be waiting busily for more work.
    """
    program = PROGRAMS["network"]
    values = program.typed(n, dtype)
    runs: dict[str, Callable[[], Any]] = {"gradcalc": _from_text("network", n, values, wrt, dtype)}
    for name, load in PEERS.items():
        try:
            peer = load()
        except ModuleNotFoundError:
            continue
        runs[name] = peer.gradients(partial(program.compute, n), values, wrt)
    _check_same([run() for run in runs.values()], TOLERANCE[dtype])
    runs["bare"] = products(values, list(wrt))
    seconds = _in_turn(runs)
    return {**seconds, "seconds": seconds["gradcalc"]}


def nodes(name: str, program: str, n: int) -> dict[str, float]:
    """One candidate on one program: seconds a run, and ``before`` what compilation took."""
    chosen = PROGRAMS[program]
    values = chosen.values(n)
    wrt = list(values)
    figures: dict[str, float] = {"before": 0.0}
    if name == "gradcalc":
        count, run = _engine(chosen.text(n), values)
        figures["nodes"] = count
    elif name == "gradcalc, from text":
        run = _from_text(program, n, values, wrt, "float64")
    else:
        peer = PEERS[name]()
        start = process_time()
        run = peer.gradients(partial(chosen.compute, n), values, wrt)
        figures["before"] = process_time() - start
    value, gradients = run()
    figures["value"] = float(value)
    figures["gradients"] = sum(float(np.abs(np.asarray(g)).sum()) for g in gradients)
    figures["seconds"] = _repeated(run)
    return figures


def peak(name: str, program: str, n: int, wrt: Sequence[str]) -> dict[str, float]:
    """What one run adds to the memory of the process at its peak.

    Whatever is imported or compiled on the way is there before: a run on a small program, or the
    peer's compilation.
    """
    chosen = PROGRAMS[program]
    values = chosen.values(n)
    figures: dict[str, float] = {}
    if name == "gradcalc":
        small = {key: x[:1] if key in ("X", "x", "y") else x for key, x in values.items()}
        _from_text(program, 1, small, wrt, "float64")()
        figures = _bytes(chosen.text(n), values, wrt)
        run = _from_text(program, n, values, wrt, "float64")
    else:
        peer = PEERS[name]()
        if name == "JAX jit":
            run = peer.gradients(partial(chosen.compute, n), values, wrt)
        else:
            small = {key: x[:1] if key in ("X", "x", "y") else x for key, x in values.items()}
            peer.gradients(partial(chosen.compute, 1), small, wrt)()
            run = peer.gradients(partial(chosen.compute, n), values, wrt)
    before = resident_bytes()
    start = process_time()
    answer = run()
    figures["seconds"] = process_time() - start
    figures["peak"] = peak_bytes() - before
    del answer
    return figures


def second(name: str, program: str, n: int) -> dict[str, float]:
    """A gradient, and a product of the Hessian with a direction, by one candidate.

    gradcalc's gradient is from text; its product is of a report that is there.
    """
    chosen = PROGRAMS[program]
    values = chosen.values(n)
    wrt = [key for key, value in values.items() if value.dtype.kind == "f" and key != "X"]
    random = np.random.default_rng(1)
    directions = {key: random.standard_normal(values[key].shape) for key in wrt}
    if name == "gradcalc":
        gradient = _from_text(program, n, values, wrt, "float64")
        product = _own_product(program, n, values, wrt, directions)
    else:
        peer = PEERS[name]()
        compute = partial(chosen.compute, n)
        gradient = peer.gradients(compute, values, wrt)
        product = peer.product(compute, values, wrt, directions)
    _, found = product()
    seconds = _in_turn({"gradient": gradient, "product": product})
    total = sum(float(np.abs(np.asarray(x)).sum()) for x in found)
    return {**seconds, "seconds": seconds["product"], "total": total}


def _from_text(program: str, n: int, values: Values, wrt: Sequence[str], dtype: str) -> Run:
    """gradcalc from the text to all gradients."""
    from gradcalc import backprop

    text = PROGRAMS[program].text(n)

    def run() -> Answer:
        report = backprop(text, values, wrt=wrt, dtype=dtype)
        return report.value, [report.gradients[name] for name in wrt]

    return run


def _engine(text: str, values: Values) -> tuple[int, Run]:
    """Forward and reverse alone, and the number of nodes."""
    from gradcalc.engine.evaluation import Evaluation
    from gradcalc.services.evaluate import problems_of, run_forward
    from gradcalc.services.values import Seed
    from gradcalc.source import Source

    random = Seed()
    problem = problems_of(Source(text), values, None, random)[0]
    output, inputs = problem.outputs[-1], list(problem.inputs.values())
    names = list(problem.inputs)
    order = [names.index(name) for name in values]

    def run() -> Answer:
        forward_pass = run_forward(problem, values, "float64", random)
        evaluation = Evaluation(forward_pass, output, 1.0, inputs)
        gradients = [evaluation.gradient(inputs[i]) for i in order]
        return forward_pass.values[output.node], gradients

    return len(problem.graph), run


def _own_product(
    program: str, n: int, values: Values, wrt: Sequence[str], directions: Values
) -> Run:
    from gradcalc import backprop
    from gradcalc.services.derivatives import hvp

    report = backprop(PROGRAMS[program].text(n), values, wrt=wrt)
    return lambda: (None, [derived.value for derived in hvp(report, directions)])


def _bytes(text: str, values: Values, wrt: Sequence[str]) -> dict[str, float]:
    """The bytes of the values of all gates, of the inputs, and of the gradients asked for."""
    from gradcalc.ops.shapes import size_of
    from gradcalc.services.evaluate import problems_of
    from gradcalc.services.values import Seed
    from gradcalc.source import Source

    problem = problems_of(Source(text), values, None, Seed())[0]
    graph = problem.graph
    gates = sum(size_of(graph.shape(node)) for node in range(len(graph)) if graph.operands[node])
    return {
        "gates": 8 * gates,
        "inputs": sum(value.nbytes for value in values.values()),
        "gradients": sum(values[name].nbytes for name in wrt),
    }


def _in_turn(runs: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """The median seconds of each, by the clock on the wall."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(TURNS):
        for name, run in runs.items():
            if taken[name] and max(taken[name]) > LONG:
                continue
            for turn in range(BURST):
                start = perf_counter()
                run()
                if turn:
                    taken[name].append(perf_counter() - start)
    return {name: median(times) for name, times in taken.items()}


def _repeated(run: Run) -> float:
    """Seconds of processor time a run."""
    runs, seconds, start = 0, 0.0, process_time()
    while seconds < ENOUGH:
        run()
        runs += 1
        seconds = process_time() - start
    return seconds / runs


def _check_same(answers: Iterable[Answer], tolerance: float) -> None:
    reference, *others = [[np.asarray(x) for x in (value, *found)] for value, found in answers]
    for other in others:
        for a, b in zip(reference, other, strict=True):
            if a.shape != b.shape or np.abs(a - b).max() > tolerance * np.abs(a).max():
                raise DifferentAnswers
