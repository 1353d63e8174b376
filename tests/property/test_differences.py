"""Random programs: every gradient against a difference quotient in fifty digits.

The reference knows nothing of gradcalc: it evaluates the same random tree with mpmath and
differentiates by central differences with a step of 1e-20, whose error is far below a double's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath as mp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradcalc

NAMES = ("x", "y", "z")
STEP = mp.mpf(10) ** -20


class Tree(NamedTuple):
    """A random expression: its text, and the same as a function on mpmath numbers."""

    text: str
    value: Callable[[dict[str, Any]], Any]


def unary(text: str, function: Callable[[Any], Any]) -> Callable[[Tree], Tree]:
    def build(a: Tree) -> Tree:
        return Tree(text.format(a=f"({a.text})"), lambda at: function(a.value(at)))

    return build


def binary(text: str, function: Callable[[Any, Any], Any]) -> Callable[[Tree, Tree], Tree]:
    def build(a: Tree, b: Tree) -> Tree:
        texts = {"a": f"({a.text})", "b": f"({b.text})"}
        return Tree(text.format(**texts), lambda at: function(a.value(at), b.value(at)))

    return build


#: Operations that are defined everywhere and do not grow too fast to be composed at random.
UNARY = (
    unary("-{a}", lambda a: -a),
    unary("sin{a}", mp.sin),
    unary("cos{a}", mp.cos),
    unary("tanh{a}", mp.tanh),
    unary("atan{a}", mp.atan),
    unary("sigmoid{a}", lambda a: 1 / (1 + mp.exp(-a))),
    unary("softplus{a}", lambda a: mp.log1p(mp.exp(a))),
    unary("exp(-{a}^2)", lambda a: mp.exp(-(a**2))),
    unary("sqrt(1 + {a}^2)", lambda a: mp.sqrt(1 + a**2)),
    unary("log(2 + {a}²)", lambda a: mp.log(2 + a**2)),
    unary("erf{a}", mp.erf),
    unary("asinh{a}", mp.asinh),
    unary("{a}/(1 + |{a}|)", lambda a: a / (1 + abs(a))),
    unary("gelu{a}", lambda a: a * mp.ncdf(a)),
    unary("1.5^tanh{a}", lambda a: mp.mpf(1.5) ** mp.tanh(a)),
)
BINARY = (
    binary("{a} + {b}", lambda a, b: a + b),
    binary("{a} - {b}", lambda a, b: a - b),
    binary("{a}*{b}", lambda a, b: a * b),
    binary("{a}{b}", lambda a, b: a * b),
    binary("{a}/(1 + {b}^2)", lambda a, b: a / (1 + b**2)),
    binary("max({a}, {b})", max),
    binary("min({a}, {b})", min),
    binary("where({a} < {b}, {a}^3, {b})", lambda a, b: a**3 if a < b else b),
    binary("hypot(1 + {a}^2, {b})", lambda a, b: mp.sqrt((1 + a**2) ** 2 + b**2)),
    binary("logaddexp({a}, {b})", lambda a, b: mp.log(mp.exp(a) + mp.exp(b))),
    binary("atan2({a}, 1 + {b}^2)", lambda a, b: mp.atan2(a, 1 + b**2)),
)


def leaf() -> st.SearchStrategy[Tree]:
    def named(name: str) -> Tree:
        return Tree(name, lambda at: at[name])

    def constant(value: float) -> Tree:
        return Tree(repr(value), lambda at: mp.mpf(value))

    return st.sampled_from(NAMES).map(named) | st.sampled_from((0.5, 2.0, 3.25)).map(constant)


def trees() -> st.SearchStrategy[Tree]:
    def grow(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.builds(lambda op, a: op(a), st.sampled_from(UNARY), children) | st.builds(
            lambda op, a, b: op(a, b), st.sampled_from(BINARY), children, children
        )

    return st.recursive(leaf(), grow, max_leaves=12)


def numbers() -> st.SearchStrategy[float]:
    return st.floats(-3, 3, allow_nan=False, width=16)


@settings(max_examples=300, deadline=None)
@given(tree=trees(), x=numbers(), y=numbers(), z=numbers())
def test_gradients_agree_with_differences(tree: Tree, x: float, y: float, z: float) -> None:
    words = "".join(c if c.isalnum() else " " for c in tree.text).split()
    at = {name: v for name, v in zip(NAMES, (x, y, z), strict=True) if name in words}
    report = gradcalc.backprop(tree.text, at)
    # Near a kink one side's difference is not the derivative; intermediate growth costs digits.
    assume(not any(note.kind == "kink" for note in report.notes))
    values = [node.value for node in report.nodes]
    for node in report.nodes:
        if node.op in ("lt", "max", "min"):
            assume(abs(values[node.operands[0]] - values[node.operands[1]]) > 1e-9)
    size = max([1.0, *(abs(node.value) * (1 + abs(node.upstream or 0)) for node in report.nodes)])
    assume(size < 1e6)
    with mp.workdps(50):
        exact = {name: mp.mpf(v) for name, v in at.items()}
        assert abs(tree.value(exact) - report.value) <= 1e-12 * size
        for name in at:
            above = tree.value(exact | {name: exact[name] + STEP})
            below = tree.value(exact | {name: exact[name] - STEP})
            slope = (above - below) / (2 * STEP)
            assert abs(slope - report.gradients[name]) <= 1e-11 * size
