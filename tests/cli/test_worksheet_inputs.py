"""``gradcalc worksheet --vary``: inputs that are small, allowed, and tell mistakes apart."""

import os
import subprocess
from math import isfinite
from typing import Any

import pytest

import gradcalc
from gradcalc.services.check import worksheet_inputs
from gradcalc.services.check.worksheet import Request, Worksheet, worksheets
from gradcalc.services.values import given
from gradcalc.source import Source

from .conftest import COMMAND, environment

SEEDS = [str(seed) for seed in range(20)]


def drawn(program: str, seed: str, **values: Any) -> dict[str, Any]:
    """The inputs of a worksheet."""
    return dict(sheet(program, seed, **values).report.inputs)


def sheet(program: str, seed: str, **values: Any) -> Worksheet:
    known = {name: given(name, value) for name, value in values.items()}
    return worksheets(Source(program), Request(known, vary=seed))[-1]


@pytest.mark.parametrize(
    "program",
    [
        "(x+y)*z",
        "2(x*y + max(z,w))",
        "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
        "log(x)*sqrt(y - z)",
        "asin(x) + acosh(y) + atanh(z)",
        "relu(a*b + c)*|d - a|",
        "log(-a) + log(-b) + log(-c) + log(-d) + log(e1) + log(f1) + log(g) + log(h)",
        "x^y",
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_inputs_are_small_and_allowed(program: str, seed: str) -> None:
    inputs = drawn(program, seed)
    for x in inputs.values():
        assert 0 < abs(x) <= 6
        assert 2 * x == int(2 * x)
    report = gradcalc.backprop(program, inputs)
    assert not [note for note in report.notes if note.kind in ("kink", "non-finite")]
    for node in report.nodes:
        assert isfinite(node.value)
        assert node.upstream is None or isfinite(node.upstream)
    assert isfinite(report.value)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_wrong_rule_is_right_at_a_product(seed: str) -> None:
    x, y = drawn("x*y", seed).values()
    # dx = y. Not swapped, the value, upstream only, and the same with a wrong sign:
    assert not {abs(y)} & {abs(x), abs(x * y), 1.0}
    assert not {abs(x)} & {abs(y), abs(x * y), 1.0}
    # The gate taken for a sum or a difference.
    assert abs(x * y) not in (abs(x + y), abs(x - y))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_wrong_rule_is_right_at_a_power(seed: str) -> None:
    (x,) = drawn("x^2", seed).values()
    right = abs(2 * x)
    # The value; not reduced; the factor dropped; upstream only; the exponent alone.
    wrong = [abs(x * x), abs(2 * x * x), abs(x), 1.0, 2.0]
    assert right not in wrong
    assert len(set(wrong)) == len(wrong)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_ties_and_no_zeros(seed: str) -> None:
    x, y, z = drawn("max(x, y) z", seed).values()
    assert x != y
    value, dz = max(x, y) * z, max(x, y)
    assert len({abs(n) for n in (value, dz, x if dz == y else y, z)}) == 4


def test_coincidences_would_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the tests above can fail: without looking at coincidences there are some."""
    monkeypatch.setattr(worksheet_inputs, "_coincidences", lambda here, there: 0)
    found = [drawn("x*y", seed) for seed in SEEDS]
    assert any(abs(d["x"]) == abs(d["y"]) or 1.0 in map(abs, d.values()) for d in found)


def test_everybody_gets_others() -> None:
    found = [tuple(drawn("q = x + y; f = q*z", seed).values()) for seed in SEEDS]
    assert len(set(found)) >= 18
    assert found == [tuple(drawn("q = x + y; f = q*z", seed).values()) for seed in SEEDS]
    # A name is a seed as well.
    assert drawn("x*y*z", "anna") != drawn("x*y*z", "ben")


def test_the_same_in_every_run() -> None:
    program = "h = relu(W·x); sum(h^2)"
    arguments = ("worksheet", program, "--W", "[[1,2],[3,4]]", "--x", "[1,2]", "--vary", "anna")
    outs = {
        subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            check=True,
            env=environment(PYTHONHASHSEED=seed) | {"HOME": os.environ.get("HOME", "")},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outs) == 1


def test_shapes_are_kept() -> None:
    inputs = drawn("‖W·x + b‖²", "1", W=[[1, 2, 3], [4, 5, 6]], x=[1, 2, 3], b=[0, 0])
    assert [inputs[name].shape for name in "Wxb"] == [(2, 3), (3,), (2,)]
    assert all(entry and 2 * entry == int(2 * entry) for x in inputs.values() for entry in x.flat)
    assert inputs["W"].tolist() != [[1, 2, 3], [4, 5, 6]]


def test_labels_indices_and_sizes_are_kept() -> None:
    program = "y = [2, 0]; cross_entropy(X, y)"
    made = sheet(program, "1", X=[[1, 2, 3], [4, 5, 6]])
    assert made.report.inputs["y"].tolist() == [2, 0]
    assert made.report.inputs["X"].tolist() != [[1, 2, 3], [4, 5, 6]]
    # No gradient by a label is asked for.
    (label,) = [line for line in made.lines if line.node.name == "y"]
    assert label.upstream is None
    inputs = drawn("x = [1, 2, 3]; n = 3; sum(x[i]^2 for i in range(n))/n", "1")
    assert inputs["n"] == 3
    inputs = drawn("x = [5, 6, 7]; i = 1; x[i]^2", "1")
    assert inputs["i"] == 1


def test_the_outputs_of_a_problem_share_inputs() -> None:
    first, second = worksheets(Source("x*y\nx + z"), Request({}, vary="1"))
    assert first.report.inputs["x"] == second.report.inputs["x"]
    assert second.report.inputs["z"] == gradcalc.backprop(second.program).inputs["z"]


def test_problems_have_inputs_of_their_own() -> None:
    first, second = worksheets(Source("x*y\n---\nx*y"), Request({}, vary="1"))
    assert first.report.inputs != second.report.inputs
