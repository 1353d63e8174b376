"""Chains of equals: every member is computed, and all must agree."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, Report, backprop


def claims(report: Report) -> list[str]:
    return [note.message for note in report.notes if note.kind == "claim"]


LECTURE = """
f(x, y, z) = (x + y) z
x = -2; y = 5; z = -4
∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4
∂f/∂z = x + y = 3
"""


def test_the_lecture() -> None:
    report = backprop(LECTURE)
    assert claims(report) == [
        "confirmed: ∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4 (-4)",
        "confirmed: ∂f/∂z = x + y = 3 (3)",
    ]
    assert [note.kind for note in report.notes] == ["gate", "claim", "claim"]
    assert "q, which has no definition, is read as x + y" in report.notes[0].message
    assert report.value == -12.0


@pytest.mark.parametrize(
    "chain",
    [
        "q = x + y = 3",
        "q = x + y = 3 = 6/2",
        "f(x, y) = x^2 y = x (x y)",
        "(x + y)^2 ≡ x^2 + 2 x y + y^2",
        "f = x/y; ∂f/∂x = 1/y = 0.2",
        "f = y/15; g = x + f = -1.667",
        "f = y/15; g = x + f = -1.7",
        "f = 4e4/3*y; g = x + f = 6.7e4",
        "f = x y; ∂f/∂y = x = -2",
        "q = x + y = y + x; f = q^2; ∂f/∂q = 2 q = 6",
        "f = x^y = -32; f^2",
        "f = 2(x/10 + y/7) - x/5 - 2y/7 = 0",  # but for rounding
    ],
)
def test_what_holds(chain: str) -> None:
    assert claims(backprop(chain, {"x": -2, "y": 5}))


@pytest.mark.parametrize(
    "chain",
    [
        r"(X^{T})^{-1} = X^{-T}",
        r"X^{-1} = X^{{-1}} = (X^{{T}})^{{-\mathsf{T}}}",
        r"X^T = X^{\top} = (X)^{\mathsf T} = X^{\prime} = X^{{T}}",
        r"\frac{\partial \log\det X}{\partial X} = X^{-T}",
    ],
)
def test_a_member_is_quoted_with_its_last_brace(chain: str) -> None:
    report = backprop(chain, X=[[2, 1], [0.5, 3]])
    assert [message.rpartition(" ([[")[0] for message in claims(report)] == [f"confirmed: {chain}"]


def test_the_index_of_a_layer_is_quoted_with_its_transpose() -> None:
    (claim,) = claims(backprop(r"W^{[1]T} = W^{[1]\top}", {"W_1": [[1, 2]]}))
    assert claim == r"confirmed: W^{[1]T} = W^{[1]\top} ([[1], [2]])"


@pytest.mark.parametrize(
    ("chain", "wrong", "right"),
    [
        ("q = x + y = 4", "4", "q = x + y"),
        ("f = x y; ∂f/∂x = y = x", "x", "∂f/∂x"),
        ("f = x y; ∂f/∂x = 4 = y = 5", "4", "∂f/∂x"),
        ("f = x y; ∂f/∂x = y = 5 = 6", "6", "∂f/∂x"),
        ("f = x y; ∂f/∂x = x = -2 = -1 - 1", "∂f/∂x", "x"),
        ("f = y/15; g = x + f = -1.6", "-1.6", "g = x + f"),
        ("f = y/15; g = x + f = -2", "-2", "g = x + f"),
        ("x + y ≡ 3.0000001", "3.0000001", "x + y"),
        ("q = [x, y] = [x, y, 1]", "[x, y, 1]", "q = [x, y]"),
    ],
)
def test_what_does_not(chain: str, wrong: str, right: str) -> None:
    """The member that differs from the others is named, and the one that it should equal."""
    with pytest.raises(GradcalcError) as error:
        backprop(chain, {"x": -2, "y": 5})
    assert error.value.code == "false-claim"
    assert [chain[span.start : span.end] for span in error.value.spans] == [wrong, right]


def test_a_gate_that_is_written_anew_is_another_one() -> None:
    program = "f(x, y, z) = (x + y)z; q = x + y; "
    zero = "∂f/∂q is 0, for f is computed without q"
    with pytest.raises(GradcalcError) as error:
        backprop(program + "∂f/∂x = ∂q/∂x · ∂f/∂q = z", x=-2, y=5, z=-4)
    assert error.value.help == zero
    report = backprop(program + "∂f/∂q", x=-2, y=5, z=-4)
    assert [note.message for note in report.notes if note.kind == "gate"] == [zero]
    report = backprop("q = x + y; f = q z; ∂f/∂q; ∂f/∂x; ∂q/∂z", x=-2, y=5, z=-4)
    assert not report.notes


def test_arrays_and_what_is_not_finite() -> None:
    W = np.arange(6.0).reshape(2, 3)
    assert claims(backprop("A = W W' = (W W')'", W=W))
    assert claims(backprop("f = log(x) = -inf; g = f - f = nan", x=0))
    with pytest.raises(GradcalcError, match="differ"):
        backprop("f = log(x) = -1e308", x=0)


def test_single_precision() -> None:
    assert claims(backprop("f = 0.1 x = x/10", x=3, dtype="float32"))


@pytest.mark.parametrize(
    "text",
    [
        "x + y = 3",
        "x[0] = 2",
        "x' = 3",
        "3 = x",
        "f(g(x)) = x",
        "(x = 3)",
        "a = b = 3",
        "x == 3 = 4",
    ],
)
def test_what_is_rather_a_slip(text: str) -> None:
    """Without a definition or a derivative the sign of a claim is ≡."""
    with pytest.raises(GradcalcError) as error:
        backprop(text, {"x": 3, "y": 0})
    assert error.value.code in ("syntax", "value-of-definition")


def test_two_gates_are_not_guessed() -> None:
    with pytest.raises(GradcalcError, match="no value for q"):
        backprop("f = sin((x + y) z); ∂f/∂x = ∂q/∂x · ∂f/∂q", {"x": 1, "y": 2, "z": 3})


@pytest.mark.parametrize(
    ("chain", "status"), [("∂f/∂x = y", 0), ("∂f/∂x = x", 1), ("∂f/∂x = )", 2)]
)
def test_the_exit_status(chain: str, status: int) -> None:
    command = [sys.executable, "-m", "gradcalc", f"f = x y; {chain}", "--x", "2", "--y", "5"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == status
    assert bool(run.stdout) == (status == 0)


def test_a_claim_takes_no_function_from_the_output() -> None:
    """A function that only claims call is still what the program is about."""
    report = backprop("f(x, y) = x*y; x = 4; y = -3; f(x, y) ≡ -12; f(y, x) ≡ f(x, y)")
    assert (report.value, report.gradients) == (-12.0, {"x": -3.0, "y": 4.0})
    report = backprop("s(x) = 1/(1 + e^(-x)); ∂/∂x(s(x)) = s(x)*(1 - s(x)) = 0.25", x=0)
    assert (report.value, report.gradients) == (0.5, {"x": 0.25})


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_cancels(dtype: str) -> None:
    """What is left of (0.4 + 0.6 - 1, 1.2 + 0.3 - 1.5) is rounding errors, whose size is known."""
    values = {"W": np.array([[0.1, 0.2], [0.3, 0.1]]), "x": np.array([4.0, 3.0])}
    least = 1e-14 if dtype == "float64" else 1e-5
    for other, holds in (("0", True), (f"{least}", False)):
        chain = f"z = W x*1.1 - [1.1, 1.65] = [0, {other}]"
        if holds:
            assert claims(backprop(chain, values, dtype=dtype))
        else:
            with pytest.raises(GradcalcError) as caught:
                backprop(chain, values, dtype=dtype)
            assert caught.value.code == "false-claim"


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("f = floor(x) = 2", {"x": 3}),
        ("f = mean(p > 0.5) = 1", {"p": [0.5, 0.5, 0.9, 0.9]}),
        ("f = mod(x, 3) = 3", {"x": 3}),
        ("f = where(x >= 1, 5, 0) = 0", {"x": 1}),
        ("f = sign(x - 1) = 1", {"x": 1}),
        ("f = sin(x) = 0.3", {"x": 1e16}),
        ("f = sin(x) = sin(x) + 0.001", {"x": 1e14}),
        ("f = x^2 - (x - 1)(x + 1) = 1.0001", {"x": 1e6}),
        ("f = exp(x) - exp(x) = 1", {"x": 40}),
        ("f = [1e16 x - 1e16 y, z] = [0, 1.5]", {"x": 0.1, "y": 0.1, "z": 1}),
        ("f = [1e16 x - 1e16 y, z] = [0, z, 0]", {"x": 0.1, "y": 0.1, "z": 1}),
    ],
)
def test_what_rounding_does_not_explain(program: str, values: dict[str, Any]) -> None:
    """A jump is no rounding error, nor has an input one, nor what is computed twice two."""
    with pytest.raises(GradcalcError) as caught:
        backprop(program, values)
    assert caught.value.code == "false-claim"


def test_what_rounding_explains_in_each_entry() -> None:
    assert claims(backprop("u = 3x - 3y - 3(x - y); f = [u, -u] = [0, 0]", x=0.1, y=0.7))


@pytest.mark.parametrize(
    "chain",
    [
        "f = y/15; g = x + f = (-1.667)",
        "f = y/15; g = x + f = -(1.667)",
        "f = [x*sqrt(2)^2, inf] = [2x, inf]",
        "f = [nan, sqrt(2)^2 - 2, x] = [nan, 0, x]",
    ],
)
def test_what_holds_but_for_rounding(chain: str) -> None:
    assert claims(backprop(chain, {"x": -2, "y": 5} if "y" in chain else {"x": 3}))


def test_the_help_of_a_false_claim() -> None:
    with pytest.raises(GradcalcError) as error:
        backprop("f(x, y, z) = (x + y)z; q = x + y; ∂f/∂q = z", x=-2, y=5, z=-4)
    assert error.value.help == "∂f/∂q is 0, for f is computed without q"
    with pytest.raises(GradcalcError) as error:
        backprop("f = x + 1 = 1/2x", x=3)
    assert error.value.help == ""


def test_a_chain_of_nine() -> None:
    (claim,) = claims(backprop("f = y + 0 = y = y = y = y = y = y = y = y", y=2.0))
    assert claim.endswith("= … (2)")
