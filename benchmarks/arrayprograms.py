"""The programs over arrays that are measured: as text for gradcalc, and as a loop for its peers.

As in :mod:`benchmarks.programs`, no gradient in them vanishes, however long they are.
"""

from collections.abc import Callable, Mapping
from math import cos, sin
from typing import Any, NamedTuple

import numpy as np

Values = dict[str, Any]
#: ``sin``, ``tanh``, ``relu``, ``sum`` (of all entries), ``total`` (of many arrays) and
#: ``cross_entropy``, on whatever arrays a peer computes with.
Functions = Mapping[str, Callable[..., Any]]

FEATURES, HIDDEN, CLASSES = 3072, 512, 10
#: The inputs that long programs are over.
NAMES = 100
#: The entries of the arrays in a chain of elementwise gates.
ENTRIES = 2**18


class ArrayProgram(NamedTuple):
    """A family of programs, one for each size ``n``.

    Attributes:
        text: the program in gradcalc's notation.
        values: of the inputs, by name, in double precision; labels are integers.
        compute: the same by a loop over a peer's arrays.
        each: about how many nodes a unit of the size has.
    """

    title: str
    text: Callable[[int], str]
    values: Callable[[int], Values]
    compute: Callable[[int, Mapping[str, Any], Functions], Any]
    each: int = 1

    def typed(self, n: int, dtype: str) -> Values:
        """The values in another precision."""
        return {
            name: value.astype(dtype) if value.dtype.kind == "f" else value
            for name, value in self.values(n).items()
        }


def products(values: Values, wrt: list[str]) -> Callable[[], tuple[Any, ...]]:
    """The products of matrices that the network's value and gradients need, and nothing else."""
    x, w1, w2 = values["X"], values["W1"], values["W2"]
    h = np.maximum(x @ w1 + values["b1"], 0.0)
    ds = h @ w2
    matmul = np.matmul

    def run() -> tuple[Any, ...]:
        found = (matmul(x, w1), matmul(h, w2), matmul(h.T, ds), matmul(ds, w2.T), matmul(x.T, h))
        return (*found, matmul(h, w1.T)) if "X" in wrt else found

    return run


def _network_values(n: int) -> Values:
    random = np.random.default_rng(n)
    return {
        "X": random.standard_normal((n, FEATURES)),
        "W1": 0.02 * random.standard_normal((FEATURES, HIDDEN)),
        "b1": 0.1 * random.standard_normal(HIDDEN),
        "W2": 0.05 * random.standard_normal((HIDDEN, CLASSES)),
        "b2": 0.1 * random.standard_normal(CLASSES),
        "y": random.integers(0, CLASSES, n),
    }


def _network(n: int, x: Mapping[str, Any], m: Functions) -> Any:
    h = m["relu"](x["X"] @ x["W1"] + x["b1"])
    return m["cross_entropy"](h @ x["W2"] + x["b2"], x["y"])


def _gates_text(n: int) -> str:
    lines = [f"t{i} = 1.1*sin(t{i - 1})" for i in range(1, n + 1)]
    return "\n".join(["t0 = sin(x)", *lines, f"sum(t{n})"])


def _gates(n: int, x: Mapping[str, Any], m: Functions) -> Any:
    value = m["sin"](x["x"])
    for _ in range(n):
        value = 1.1 * m["sin"](value)
    return m["sum"](value)


def _several(n: int) -> int:
    return min(n, NAMES)


def _cells_text(n: int) -> str:
    lines = [f"h{i} = Q@h{i - 1} + tanh(W@x{i % _several(n)} + b)" for i in range(1, n + 1)]
    return "\n".join(["h0 = x0", *lines, f"sum(h{n})"])


def _vectors(count: int) -> Values:
    random = np.random.default_rng(count)
    return {f"x{i}": 0.5 * random.standard_normal(3) for i in range(count)}


def _cells_values(n: int) -> Values:
    # A rotation: what goes through it, forwards or backwards, keeps its length.
    axis = np.array([[0.0, -1.0, 0.5], [1.0, 0.0, -0.25], [-0.5, 0.25, 0.0]])
    axis /= np.sqrt(1.0 + 0.5**2 + 0.25**2)
    rotation = np.eye(3) + sin(1.0) * axis + (1.0 - cos(1.0)) * axis @ axis
    w = np.array([[0.5, -0.2, 0.1], [0.3, 0.4, -0.6], [-0.1, 0.2, 0.7]])
    return {"Q": rotation, "W": w, "b": np.array([0.1, -0.2, 0.3]), **_vectors(_several(n))}


def _cells(n: int, x: Mapping[str, Any], m: Functions) -> Any:
    tanh, q, w, b = m["tanh"], x["Q"], x["W"], x["b"]
    h = x["x0"]
    for i in range(1, n + 1):
        h = q @ h + tanh(w @ x[f"x{i % _several(n)}"] + b)
    return m["sum"](h)


def _factors(n: int) -> list[tuple[str, str]]:
    """The factors of each product, every input among them."""
    count = _several(n)
    return [(f"M{i % count}", f"x{(i + i // count) % count}") for i in range(n)]


def _terms_text(n: int) -> str:
    return f"sum({' + '.join([f'{a}@{b}' for a, b in _factors(n)])})"


def _terms_values(n: int) -> Values:
    random = np.random.default_rng(n)
    matrices = {f"M{i}": random.standard_normal((3, 3)) for i in range(_several(n))}
    return matrices | _vectors(_several(n))


def _terms(n: int, x: Mapping[str, Any], m: Functions) -> Any:
    return m["sum"](m["total"](x[a] @ x[b] for a, b in _factors(n)))


def _neurons_text(n: int) -> str:
    lines = [f"t{i} = t{i - 1} + tanh(0.9*x{i % _several(n)} + x0)" for i in range(1, n + 1)]
    return "\n".join(["t0 = x0", *lines])


def _neurons_values(n: int) -> Values:
    return {f"x{i}": np.float64(0.5 + 0.25 * i / _several(n)) for i in range(_several(n))}


def _neurons(n: int, x: Mapping[str, Any], m: Functions) -> Any:
    value = x["x0"]
    for i in range(1, n + 1):
        value = value + m["tanh"](0.9 * x[f"x{i % _several(n)}"] + x["x0"])
    return value


PROGRAMS = {
    "network": ArrayProgram(
        "two-layer network",
        lambda n: "h = max(0, X W1 + b1); s = h W2 + b2; f = cross_entropy(s, y)",
        _network_values,
        _network,
    ),
    "gates": ArrayProgram(
        "chain of elementwise gates `t2 = 1.1*sin(t1)`",
        _gates_text,
        lambda n: {"x": np.linspace(0.1, 1.0, ENTRIES)},
        _gates,
        each=2,
    ),
    "cells": ArrayProgram(
        "lines of cells `h2 = Q@h1 + tanh(W@x2 + b)`", _cells_text, _cells_values, _cells, each=5
    ),
    "terms": ArrayProgram(
        "sum of products `M1@x1 + M2@x2 + …`", _terms_text, _terms_values, _terms, each=2
    ),
    "neurons": ArrayProgram(
        "scalars: lines of neurons `t2 = t1 + tanh(0.9*x2 + x0)`",
        _neurons_text,
        _neurons_values,
        _neurons,
        each=4,
    ),
}
