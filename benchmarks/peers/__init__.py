"""The peers, each behind the same two calls.

``PEERS[name]()`` imports the peer and returns ``make``; ``make(function, values)`` prepares (what a
compiled peer calls compiling) and returns ``run``; ``run()`` returns the value and the gradients by
all inputs. ``function(x, m)`` computes the program from a list of the peer's numbers.
"""

from benchmarks.peers import arrays, scalar, symbolic
from benchmarks.peers.own import Load

PEERS: dict[str, Load] = {
    "micrograd-style": scalar.load,
    "autograd": arrays.load_autograd,
    "PyTorch": arrays.load_torch,
    "JAX": arrays.load_jax,
    "JAX jit": arrays.load_jax_jit,
    "CasADi": symbolic.load_casadi,
    "SymPy": symbolic.load_sympy,
}
#: The statement that imports each, for measuring start-up.
IMPORTS = {
    "autograd": "import autograd, autograd.numpy",
    "PyTorch": "import torch",
    "JAX": "import jax",
    "CasADi": "import casadi",
    "SymPy": "import sympy",
}
