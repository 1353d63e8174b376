"""The programs that are measured: each as text for gradcalc, and as a loop for its peers.

No gradient in them vanishes, however long they are: gradcalc skips zeros, and its peers do not. The
loop is what a user of an operator-overloading library writes by hand; it spares the peers all
parsing, and Python's own limits on how deeply an expression may be nested.
"""

from collections.abc import Callable, Mapping
from math import e, exp
from random import Random
from typing import Any, NamedTuple

#: The names that big sums are over.
NAMES = 1000

#: ``sin`` and ``tanh`` of whatever numbers a peer computes with, and ``sum`` of many.
Functions = Mapping[str, Callable[[Any], Any]]


class Program(NamedTuple):
    """A family of programs, one for each size ``n``.

    Attributes:
        text: the program in gradcalc's notation.
        inputs: how many inputs it has; they are ``x0``, ``x1`` ...
        compute: the same from a list of inputs, by a loop over a peer's numbers.
        value: of the first input; the others are near it.
    """

    title: str
    text: Callable[[int], str]
    inputs: Callable[[int], int]
    compute: Callable[[int, list[Any], Functions], Any]
    value: float = 0.5

    def values(self, n: int) -> dict[str, float]:
        """A value for every input."""
        count = self.inputs(n)
        return {f"x{i}": self.value + 0.25 * i / count for i in range(count)}


def _one(n: int) -> int:
    return 1


def _several(n: int) -> int:
    return min(n, NAMES)


def _pairs(n: int) -> list[tuple[int, int]]:
    """The factors of each product, random but the same in every run, every name among them."""
    random, count = Random(n), _several(n)
    return [(i % count, random.randrange(count)) for i in range(n)]


def _products_text(n: int) -> str:
    return " + ".join([f"x{i}*x{j}" for i, j in _pairs(n)])


def _products(n: int, x: list[Any], m: Functions) -> Any:
    return m["sum"](x[i] * x[j] for i, j in _pairs(n))


def _sum_text(n: int) -> str:
    count = _several(n)
    return " + ".join([f"x{i % count}" for i in range(n)])


def _sum(n: int, x: list[Any], m: Functions) -> Any:
    count = len(x)
    return m["sum"](x[i % count] for i in range(n))


def _horner(n: int, x: list[Any], m: Functions) -> Any:
    inner = x[0]
    for _ in range(n):
        inner = 1.0 + x[0] * inner
    return inner


def _chain(n: int, x: list[Any], m: Functions) -> Any:
    sin, value = m["sin"], x[0]
    for _ in range(n):
        value = sin(value)
    return value


def _tower(n: int, x: list[Any], m: Functions) -> Any:
    power = x[0]
    for _ in range(n - 1):
        power = x[0] ** power
    return power


def _definitions_text(n: int) -> str:
    return "\n".join(["t0 = x0*x1", *[f"t{i + 1} = t{i} + x{i & 1}*0.5" for i in range(n - 1)]])


def _definitions(n: int, x: list[Any], m: Functions) -> Any:
    value = x[0] * x[1]
    for i in range(n - 1):
        value = value + x[i & 1] * 0.5
    return value


def _neurons_text(n: int) -> str:
    count = _several(n)
    return "\n".join(
        ["t0 = x0", *[f"t{i} = t{i - 1} + tanh(0.9 x{i % count} + x0)" for i in range(1, n)]]
    )


def _neurons(n: int, x: list[Any], m: Functions) -> Any:
    tanh, count = m["tanh"], len(x)
    value = x[0]
    for i in range(1, n):
        value = value + tanh(0.9 * x[i % count] + x[0])
    return value


PROGRAMS = {
    "products": Program("sum of products `x12*x345 + …`", _products_text, _several, _products),
    "sum": Program("sum of terms `x1 + x2 + …`", _sum_text, _several, _sum),
    "brackets": Program(
        "nested brackets `(1 + x*(1 + x*(…)))`",
        lambda n: "(1 + x0*" * n + "x0" + ")" * n,
        _one,
        _horner,
        value=1.0,
    ),
    "chain": Program(
        "nested functions `sin(sin(…))`", lambda n: "sin(" * n + "x0" + ")" * n, _one, _chain
    ),
    "tower": Program(
        "power tower `x^x^x^…`",
        lambda n: "^".join(["x0"] * n),
        _one,
        _tower,
        value=exp(1 / e),  # where a tower of any height is finite and its gradient is not lost
    ),
    "definitions": Program(
        "lines of definitions `t2 = t1 + x1*0.5`", _definitions_text, lambda n: 2, _definitions
    ),
    "neurons": Program(
        "lines of neurons `t2 = t1 + tanh(0.9 x2 + x0)`", _neurons_text, _several, _neurons
    ),
}
