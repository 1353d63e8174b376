"""Whole processes, from start to exit: the headline command, imports, and peers."""

import os
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measure import Outcome, interleave
from benchmarks.peers import IMPORTS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

EXPRESSION = ("(x+y)*z", "--x", "-2", "--y", "5", "--z", "-4")
BASELINE = "import click, lark, rich.console, rich.table"
NORM = ("f(x; W) = ‖W·x‖²", "--W", "[[0.1,0.5],[-0.3,0.8]]", "--x", "[0.2,0.4]")
ARRAY_BASELINE = "import numpy, click, rich.console, rich.table"
HEAVY = ("numpy", "scipy", "lark", "rich", "json")
PRINT_MODULES = (
    "import sys; from gradcalc.cli.main import run; run(sys.argv[1:]);"
    f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
)
#: The same gradient, from the start of the process, as a user of the peer would write it.
GRADIENTS = {
    "autograd": "from autograd import grad;"
    "print(grad(lambda x, y, z: (x + y)*z, argnum=(0, 1, 2))(-2.0, 5.0, -4.0))",
    "PyTorch": "import torch;"
    "x, y, z = [torch.tensor(v, requires_grad=True) for v in (-2., 5., -4.)];"
    "((x + y)*z).backward(); print(x.grad, y.grad, z.grad)",
    "JAX": "import jax;print(jax.grad(lambda x, y, z: (x + y)*z, argnums=(0, 1, 2))(-2., 5., -4.))",
    "CasADi": "from casadi import *; x = SX.sym('x', 3); e = (x[0] + x[1])*x[2];"
    "print(Function('f', [x], [gradient(e, x)])([-2, 5, -4]))",
    "SymPy": "from sympy import *; e = sympify('(x + y)*z'); v = {'x': -2, 'y': 5, 'z': -4};"
    "print([diff(e, s).subs(v) for s in ('x', 'y', 'z')])",
}


ARRAY_GRADIENTS = {
    "autograd": "import autograd.numpy as np; from autograd import grad;"
    "W, x = np.array([[.1, .5], [-.3, .8]]), np.array([.2, .4]);"
    "print(grad(lambda W, x: np.sum((W @ x)**2), argnum=(0, 1))(W, x))",
    "PyTorch": "import torch; W = torch.tensor([[.1, .5], [-.3, .8]], requires_grad=True);"
    "x = torch.tensor([.2, .4], requires_grad=True); ((W @ x)**2).sum().backward();"
    "print(W.grad, x.grad)",
    "JAX": "import jax; W = jax.numpy.array([[.1, .5], [-.3, .8]]); x = jax.numpy.array([.2, .4]);"
    "print(jax.grad(lambda W, x: ((W @ x)**2).sum(), argnums=(0, 1))(W, x))",
}


def run(options: Options) -> Table:
    """Measure the command on numbers."""
    table, plain = '`gradcalc "(x+y)*z" --x -2 --y 5 --z -4`', "the same with `--format plain`"
    commands = {
        table: [*EXPRESSION],
        plain: [*EXPRESSION, "--format", "plain"],
        "the same with `--format json`": [*EXPRESSION, "--format", "json"],
        "the same with `--get dx`": [*EXPRESSION, "--get", "dx"],
    }
    codes = (BASELINE, "pass", *IMPORTS.values())
    repeats, outcomes, loaded = _measured(commands, codes, GRADIENTS, options)
    result = _table(outcomes, BASELINE, repeats)
    result.rows[0][2] = f"**{result.rows[0][2]}** (target ≤ 1.0)"
    result.rows[1][2] = f"**{result.rows[1][2]}** (target ≤ 0.7)"
    return result._replace(after=loaded)


def run_arrays(options: Options) -> Table:
    """Measure a command on a vector and a matrix."""
    commands = {
        f"`gradcalc {shlex.join(NORM)}`": [*NORM],
        "the same with `--format plain`": [*NORM, "--format", "plain"],
    }
    codes = (ARRAY_BASELINE, "import numpy", "pass")
    repeats, outcomes, loaded = _measured(commands, codes, ARRAY_GRADIENTS, options)
    return _table(outcomes, ARRAY_BASELINE, repeats)._replace(after=loaded)


def _measured(
    commands: Mapping[str, Sequence[str]],
    codes: Iterable[str],
    gradients: Mapping[str, str],
    options: Options,
) -> tuple[int, dict[str, Outcome], str]:
    """All in turn: gradcalc's commands, imports, and peers.

    Returns:
        how often each was run, what came of it, and what gradcalc's first two commands import.
    """
    repeats = options.repeats or 21
    script = os.path.join(sysconfig.get_path("scripts"), "gradcalc")
    processes = {name: [script, *arguments] for name, arguments in commands.items()}
    processes |= {f'`python -c "{code}"`': _python(code) for code in dict.fromkeys(codes)}
    processes |= {f"the same gradients by {name}": _python(c) for name, c in gradients.items()}
    progress("startup")
    with TemporaryDirectory() as folder:
        for process in processes.values():
            _process(process, folder, options.timeout)  # the first run fills the caches
        outcomes = interleave(
            {name: partial(_process, p, folder, options.timeout) for name, p in processes.items()},
            repeats,
        )
        table, plain = [
            subprocess.run(
                [*_python(PRINT_MODULES), *arguments], capture_output=True, text=True, cwd=folder
            ).stderr.split()
            for arguments in list(commands.values())[:2]
        ]
    loaded = f"The first command imports, of {', '.join(HEAVY)}: {', '.join(table) or 'none'}."
    loaded += f" With `--format plain`: {', '.join(plain) or 'none'}."
    return repeats, outcomes, loaded


def _table(outcomes: Mapping[str, Outcome], baseline: str, repeats: int) -> Table:
    unit = outcomes[f'`python -c "{baseline}"`'].figures.get("seconds", 0.0)
    rows = [
        [name, outcome.failure or seconds(outcome.figures["seconds"])]
        + (["-"] if outcome.failure else [ratio(outcome.figures["seconds"], unit)])
        for name, outcome in outcomes.items()
    ]
    return Table(("process", "time", f"ratio to `{baseline}`"), rows, repeats)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _environment(folder: str) -> dict[str, str]:
    """The compiled modules are kept, as those of an installed program are, but in the folder."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _process(command: list[str], folder: str, timeout: float) -> Outcome:
    start = perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, cwd=folder, timeout=timeout, env=_environment(folder)
        )
    except FileNotFoundError:
        return Outcome({}, "missing")
    except subprocess.TimeoutExpired:
        return Outcome({}, f"over {timeout:g} s")
    taken = perf_counter() - start
    if done.returncode:
        missing = b"ModuleNotFoundError" in done.stderr
        return Outcome({}, "missing" if missing else f"exit {done.returncode}")
    return Outcome({"seconds": taken})
