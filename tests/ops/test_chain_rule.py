"""The chain rule: rows composed with rows, against differences of the composed references."""

from collections.abc import Callable
from math import isfinite
from random import Random
from typing import Any

import pytest
from mpmath import mp, mpf

import gradcalc
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import float_value, same
from .expected import EDGES
from .measure import as_float, difference
from .points import ORDINARY, at_kink, in_domain
from .reference import REFERENCE, Operands

UNARY = [row for row in ELEMENTWISE if len(row.parameters) - len(row.defaults) == 1]
BINARY = [
    row
    for row in ELEMENTWISE
    if len(row.parameters) == 2
    and not row.defaults
    and (callable(row.partials) or all(row.partials))
]
DIGITS = 160


def safe(row: Row, *operands: float | None) -> float | None:
    """The value; None at an edge, and where an operand or the value would magnify rounding."""
    if None in operands:
        return None
    point = (*(x for x in operands if x is not None), *row.defaults)
    if not all(abs(x) > 1e-3 for x in point):
        return None
    if not in_domain(row, point) or at_kink(row, point) or at_edge(row, point):
        return None
    value = float_value(row, point)
    return value if isfinite(value) and abs(value) < 20 else None


def at_edge(row: Row, point: Operands) -> bool:
    """Whether it is a point of the domain from which not every way leads on in it."""
    beside = (
        tuple([y + (side if k == place else 0.0) for k, y in enumerate(point)])
        for place in range(len(point))
        for side in (-1e-9, 1e-9)
    )
    return (row.name, point) in EDGES or not all(in_domain(row, other) for other in beside)


def reference(row: Row) -> Callable[..., Any]:
    """The reference with the row's defaults."""
    return lambda *x: REFERENCE[row.name](*x, *map(mpf, row.defaults))


def check(program: str, true: Callable[[Any], Any], x: float) -> bool:
    """The gradient of a program is the difference of a function. Returns whether there is one."""
    with mp.workdps(DIGITS):
        want = difference(true, [mpf(x)], 0)
    if want is None:
        return False
    got = gradcalc.backprop(program, x=x).gradients["x"]
    assert same(got, as_float(want), 1e-9, 1e-11), (
        f"the gradient of {program} at {x} is {got!r}, not {as_float(want)!r}"
    )
    return True


def test_most_rows_are_composed() -> None:
    assert len(UNARY) + len(BINARY) > 0.9 * len(ELEMENTWISE)


@pytest.mark.parametrize("outer", UNARY, ids=lambda row: row.name)
def test_unary_of_unary(outer: Row) -> None:
    compared = 0
    for inner in UNARY:
        f, g = reference(outer), reference(inner)

        def true(x: Any, f: Callable[..., Any] = f, g: Callable[..., Any] = g) -> Any:
            return f(g(x))

        for x in ORDINARY:
            if safe(outer, safe(inner, x)) is not None:
                compared += check(f"{outer.name}({inner.name}(x))", true, x)
                break
    assert compared > len(UNARY) / 3


@pytest.mark.parametrize("outer", BINARY, ids=lambda row: row.name)
def test_binary_of_two_unary(outer: Row) -> None:
    """An input that is used twice receives the sum of both."""
    random = Random(outer.name)
    compared = 0
    for _ in range(60):
        left, right = random.sample(UNARY, 2)
        x = random.choice(ORDINARY)
        if safe(outer, safe(left, x), safe(right, x)) is None:
            continue
        b, f, g = reference(outer), reference(left), reference(right)

        def true(
            x: Any,
            b: Callable[..., Any] = b,
            f: Callable[..., Any] = f,
            g: Callable[..., Any] = g,
        ) -> Any:
            return b(f(x), g(x))

        compared += check(f"{outer.name}({left.name}(x), {right.name}(x))", true, x)
    assert compared >= 5
