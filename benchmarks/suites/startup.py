"""Whole processes, from start to exit: the headline command, imports, and peers."""

import os
import subprocess
import sys
import sysconfig
from functools import partial
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measure import Outcome, interleave
from benchmarks.peers import IMPORTS
from benchmarks.suites import Options
from benchmarks.table import Table, progress, ratio, seconds

EXPRESSION = ("(x+y)*z", "--x", "-2", "--y", "5", "--z", "-4")
BASELINE = "import click, lark, rich.console, rich.table"
HEAVY = ("numpy", "lark", "rich", "json")
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


def run(options: Options) -> Table:
    """Measure all commands in turn."""
    repeats = options.repeats or 21
    script = os.path.join(sysconfig.get_path("scripts"), "gradcalc")
    commands = {
        '`gradcalc "(x+y)*z" --x -2 --y 5 --z -4`': [script, *EXPRESSION],
        "the same with `--format plain`": [script, *EXPRESSION, "--format", "plain"],
        "the same with `--format json`": [script, *EXPRESSION, "--format", "json"],
        "the same with `--get dx`": [script, *EXPRESSION, "--get", "dx"],
    }
    codes = {BASELINE: BASELINE, "pass": "pass", **{code: code for code in IMPORTS.values()}}
    commands |= {f'`python -c "{code}"`': _python(code) for code in codes}
    commands |= {f"the same gradients by {name}": _python(code) for name, code in GRADIENTS.items()}
    progress("startup")
    with TemporaryDirectory() as folder:
        for command in commands.values():
            _process(command, folder, options.timeout)  # the first run fills the caches
        outcomes = interleave(
            {name: partial(_process, c, folder, options.timeout) for name, c in commands.items()},
            repeats,
        )
        loaded = [
            subprocess.run(
                [*_python(PRINT_MODULES), *EXPRESSION, "--format", form],
                capture_output=True,
                text=True,
                cwd=folder,
            ).stderr.split()
            for form in ("table", "plain")
        ]
    unit = outcomes[f'`python -c "{BASELINE}"`'].figures.get("seconds", 0.0)
    rows = [
        [name, outcome.failure or seconds(outcome.figures["seconds"])]
        + (["-"] if outcome.failure else [ratio(outcome.figures["seconds"], unit)])
        for name, outcome in outcomes.items()
    ]
    rows[0][2] = f"**{rows[0][2]}** (target ≤ 1.0)"
    rows[1][2] = f"**{rows[1][2]}** (target ≤ 0.7)"
    table, plain = [", ".join(modules) or "none" for modules in loaded]
    after = f"The headline command imports, of {', '.join(HEAVY)}: {table}."
    after += f" With `--format plain`: {plain}."
    return Table(("process", "time", f"ratio to `{BASELINE}`"), rows, repeats, after)


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
