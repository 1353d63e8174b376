"""Running one measurement in a fresh process, and many of them in turn."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

#: Where ``benchmarks`` can be imported from.
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: A measurement may take so much memory, so that none can take the machine down.
MEMORY_LIMIT = 12 * 2**30
#: By the clock on the wall it may take so many times the seconds that it may compute.
PATIENCE = 10
#: Variables that overrule what OpenBLAS finds out about the processor: it is to find out itself.
OVERRULING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Outcome(NamedTuple):
    """What came of a measurement: its figures, or why there are none."""

    figures: Mapping[str, float]
    failure: str = ""  #: ``missing``, ``RecursionError``, ``over 60 s`` ...


def measure(task: str, timeout: float, text: str = "", **arguments: object) -> Outcome:
    """Run a task of :mod:`benchmarks.task` in a fresh process, with ``text`` on its input.

    Args:
        timeout: in seconds of processor time, so that a busy machine fails nobody.
    """
    command = [sys.executable, "-m", "benchmarks.task", task, str(timeout), json.dumps(arguments)]
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            cwd=ROOT,
            timeout=PATIENCE * timeout,
            env={name: value for name, value in os.environ.items() if name not in OVERRULING},
        )
    except subprocess.TimeoutExpired:
        return Outcome({}, f"over {timeout:g} s")
    if done.returncode == -getattr(signal, "SIGXCPU", 0):
        return Outcome({}, f"over {timeout:g} s")
    if done.returncode < 0:
        return Outcome({}, f"crash (signal {-done.returncode})")
    lines = done.stdout.decode().splitlines()
    if done.returncode or not lines:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return Outcome({}, last[0].partition(":")[0] if last else f"exit {done.returncode}")
    answer = json.loads(lines[-1])
    return Outcome(answer.get("figures", {}), answer.get("failure", ""))


def interleave(
    candidates: Mapping[str, Callable[[], Outcome]],
    repeats: int,
    long: float = float("inf"),
) -> dict[str, Outcome]:
    """The median figures of each candidate, measured in turn so that noise hits all alike.

    A candidate that failed, or took longer than ``long`` seconds, is not run again.
    """
    figures: dict[str, list[Mapping[str, float]]] = {name: [] for name in candidates}
    failures: dict[str, str] = {}
    for _ in range(repeats):
        for name, run in candidates.items():
            if name in failures or any(figure["seconds"] > long for figure in figures[name]):
                continue
            outcome = run()
            if outcome.failure:
                failures[name] = outcome.failure
            else:
                figures[name].append(outcome.figures)
    return {
        name: Outcome({}, failures[name]) if name in failures else Outcome(_medians(figures[name]))
        for name in candidates
    }


def _medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: median([run[key] for run in runs]) for key in runs[0]}


def peak_bytes() -> int:
    """The peak resident memory of this process.

    Linux's ``VmHWM`` starts from 0; ``getrusage`` starts from the peak of the parent process.
    """
    return _status("VmHWM:") or _usage()


def resident_bytes() -> int:
    """The resident memory of this process now; its peak so far where the system has no more.

    What is free is given back to the system first, if the C library can: else what a run takes of
    it would not be seen.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
    return _status("VmRSS:") or _usage()


def _status(field: str) -> int:
    """What Linux says of this process, in bytes; 0 elsewhere."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _usage() -> int:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
