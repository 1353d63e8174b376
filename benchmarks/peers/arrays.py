"""Peers made for arrays, here with a number in each: HIPS autograd, PyTorch, JAX."""

from typing import Any

from benchmarks.peers.own import Function, Functions, Make, Run, imported, total


def load_autograd() -> Make:
    """HIPS autograd."""
    autograd, anp = imported("autograd"), imported("autograd.numpy")

    functions: Functions = {"sin": anp.sin, "tanh": anp.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        # The array is taken apart once: of a tuple, or at each use, that would cost far more.
        places = range(len(values))
        gradient = autograd.value_and_grad(lambda x: function([x[i] for i in places], functions))
        return lambda: gradient(anp.array(values))

    return make


def load_torch() -> Make:
    """PyTorch in its eager mode, in double precision."""
    torch = imported("torch")

    functions: Functions = {"sin": torch.sin, "tanh": torch.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        def run() -> tuple[Any, list[Any]]:
            x = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
            output = function(x, functions)
            output.backward()
            return output.item(), [number.grad.item() for number in x]

        return run

    return make


def load_jax() -> Make:
    """JAX, every operation dispatched by itself, in double precision."""
    jax = imported("jax")

    jax.config.update("jax_enable_x64", True)
    functions: Functions = {"sin": jax.numpy.sin, "tanh": jax.numpy.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        gradient = jax.value_and_grad(lambda x: function(x, functions))
        return lambda: gradient(values)

    return make


def load_jax_jit() -> Make:
    """JAX, the whole program compiled by XLA beforehand."""
    jax = imported("jax")

    jax.config.update("jax_enable_x64", True)
    functions: Functions = {"sin": jax.numpy.sin, "tanh": jax.numpy.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        gradient = jax.jit(jax.value_and_grad(lambda x: function(x, functions)))
        compiled = gradient.lower(values).compile()
        return lambda: compiled(values)

    return make
