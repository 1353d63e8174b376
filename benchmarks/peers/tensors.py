"""The peers on arrays: HIPS autograd, PyTorch and JAX, each behind the same two calls.

``load()`` imports the peer. Of what it returns, ``gradients(function, values, wrt)`` prepares (what
a compiled peer calls compiling) and returns what computes the value and the gradients by the names
in ``wrt``; ``product(function, values, wrt, directions)`` likewise for the product of the Hessian
with directions. ``function(x, m)`` computes the program from the peer's arrays, by name.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from benchmarks.arrayprograms import Functions, Values
from benchmarks.peers.own import imported, total

Function = Callable[[Mapping[str, Any], Functions], Any]
#: The value (None where there is only a product), and an array for each name.
Answer = tuple[Any, Sequence[Any]]
Run = Callable[[], Answer]


class Peer(Protocol):
    """What a peer can do."""

    def gradients(self, function: Function, values: Values, wrt: Sequence[str]) -> Run: ...

    def product(
        self, function: Function, values: Values, wrt: Sequence[str], directions: Values
    ) -> Run: ...


class Autograd:
    """HIPS autograd."""

    def __init__(self) -> None:
        autograd, anp = imported("autograd"), imported("autograd.numpy")
        logsumexp = imported("autograd.scipy.special").logsumexp

        def cross_entropy(z: Any, y: Any) -> Any:
            return anp.mean(logsumexp(z, axis=1) - z[anp.arange(len(y)), y])

        self._autograd = autograd
        self._functions: Functions = {
            "sin": anp.sin,
            "tanh": anp.tanh,
            "relu": lambda x: anp.maximum(x, 0.0),
            "sum": anp.sum,
            "total": total,
            "cross_entropy": cross_entropy,
        }

    def _of_list(self, function: Function, values: Values, wrt: Sequence[str]) -> Any:
        """The program as a function of the list of what is differentiated by."""

        def of_list(x: Any) -> Any:
            inputs = {**values, **{name: x[i] for i, name in enumerate(wrt)}}
            return function(inputs, self._functions)

        return of_list

    def gradients(self, function: Function, values: Values, wrt: Sequence[str]) -> Run:
        both = self._autograd.value_and_grad(self._of_list(function, values, wrt))
        return lambda: both([values[name] for name in wrt])

    def product(
        self, function: Function, values: Values, wrt: Sequence[str], directions: Values
    ) -> Run:
        gradient = self._autograd.grad(self._of_list(function, values, wrt))
        moves, add = [directions[name] for name in wrt], self._functions["sum"]

        # Its own hessian_vector_product takes a single array.
        def slope(x: Any) -> Any:
            return total(add(g * move) for g, move in zip(gradient(x), moves, strict=True))

        along = self._autograd.grad(slope)
        return lambda: (None, along([values[name] for name in wrt]))


class Torch:
    """PyTorch in its eager mode, on all cores."""

    def __init__(self) -> None:
        torch = imported("torch")

        torch.set_num_threads(os.cpu_count() or 1)
        self._torch = torch
        self._functions: Functions = {
            "sin": torch.sin,
            "tanh": torch.tanh,
            "relu": torch.relu,
            "sum": torch.sum,
            "total": total,
            "cross_entropy": torch.nn.functional.cross_entropy,
        }

    def gradients(self, function: Function, values: Values, wrt: Sequence[str]) -> Run:
        torch, functions = self._torch, self._functions
        x = {name: torch.as_tensor(value) for name, value in values.items()}

        def run() -> Answer:
            leaves = [x[name].detach().requires_grad_() for name in wrt]
            output = function({**x, **dict(zip(wrt, leaves, strict=True))}, functions)
            return output.item(), torch.autograd.grad(output, leaves)

        return run

    def product(
        self, function: Function, values: Values, wrt: Sequence[str], directions: Values
    ) -> Run:
        torch, functions = self._torch, self._functions
        x = {name: torch.as_tensor(value) for name, value in values.items()}
        moves = tuple(torch.as_tensor(directions[name]) for name in wrt)

        def of_leaves(*leaves: Any) -> Any:
            return function({**x, **dict(zip(wrt, leaves, strict=True))}, functions)

        gradient = torch.func.grad(of_leaves, argnums=tuple(range(len(wrt))))

        def run() -> Answer:
            return None, torch.func.jvp(gradient, tuple(x[name] for name in wrt), moves)[1]

        return run


class Jax:
    """JAX, the whole program compiled by XLA beforehand."""

    def __init__(self) -> None:
        jax = imported("jax")

        jax.config.update("jax_enable_x64", True)

        def cross_entropy(z: Any, y: Any) -> Any:
            chosen = jax.numpy.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1)
            return -jax.numpy.mean(chosen)

        self._jax = jax
        self._functions: Functions = {
            "sin": jax.numpy.sin,
            "tanh": jax.numpy.tanh,
            "relu": jax.nn.relu,
            "sum": jax.numpy.sum,
            "total": total,
            "cross_entropy": cross_entropy,
        }

    def _parts(
        self, function: Function, values: Values, wrt: Sequence[str]
    ) -> tuple[Any, list[Any], dict[str, Any]]:
        x = {name: self._jax.numpy.asarray(value) for name, value in values.items()}
        leaves = [x[name] for name in wrt]
        rest = {name: value for name, value in x.items() if name not in wrt}

        def of_list(leaves: list[Any], rest: dict[str, Any]) -> Any:
            return function({**rest, **dict(zip(wrt, leaves, strict=True))}, self._functions)

        return of_list, leaves, rest

    def gradients(self, function: Function, values: Values, wrt: Sequence[str]) -> Run:
        jax = self._jax
        of_list, leaves, rest = self._parts(function, values, wrt)
        compiled = jax.jit(jax.value_and_grad(of_list)).lower(leaves, rest).compile()
        return lambda: jax.block_until_ready(compiled(leaves, rest))

    def product(
        self, function: Function, values: Values, wrt: Sequence[str], directions: Values
    ) -> Run:
        jax = self._jax
        of_list, leaves, rest = self._parts(function, values, wrt)
        moves = [jax.numpy.asarray(directions[name]) for name in wrt]

        def along(leaves: list[Any], rest: dict[str, Any], moves: list[Any]) -> Any:
            return jax.jvp(lambda x: jax.grad(of_list)(x, rest), (leaves,), (moves,))[1]

        compiled = jax.jit(along).lower(leaves, rest, moves).compile()
        return lambda: (None, jax.block_until_ready(compiled(leaves, rest, moves)))


PEERS: dict[str, Callable[[], Peer]] = {"autograd": Autograd, "PyTorch": Torch, "JAX jit": Jax}
