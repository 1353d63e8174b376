"""Values and gradients at infinity, where they have limits: worked out by hand."""

from math import inf, isnan

import pytest

import gradcalc

AT_INFINITY = [
    # program, x, value, dx
    ("softsign(x)", inf, 1.0, 0.0),
    ("softsign(x)", -inf, -1.0, 0.0),
    ("silu(x)", inf, inf, 1.0),
    ("silu(x)", -inf, 0.0, 0.0),
    ("mish(x)", inf, inf, 1.0),
    ("mish(x)", -inf, 0.0, 0.0),
    ("gelu(x)", inf, inf, 1.0),
    ("gelu(x)", -inf, 0.0, 0.0),
    ("gelu_tanh(x)", inf, inf, 1.0),
    ("gelu_tanh(x)", -inf, 0.0, 0.0),
    ("gaussian(x)", inf, 0.0, 0.0),
    ("gaussian(x)", -inf, 0.0, 0.0),
    ("normal_pdf(x)", inf, 0.0, 0.0),
    ("normal_pdf(x)", -inf, 0.0, 0.0),
    ("normal_cdf(x)", inf, 1.0, 0.0),
    ("normal_cdf(x)", -inf, 0.0, 0.0),
    ("hypot(x, 1)", inf, inf, 1.0),
    ("hypot(x, 1)", -inf, inf, -1.0),
    ("hypot(1, x)", -inf, inf, -1.0),
    ("sigmoid(x)", -inf, 0.0, 0.0),
    ("softplus(x)", inf, inf, 1.0),
    ("tanh(x)", inf, 1.0, 0.0),
    ("erf(x)", -inf, -1.0, 0.0),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("program", "x", "value", "gradient"), AT_INFINITY)
def test_at_infinity(program: str, x: float, value: float, gradient: float, dtype: str) -> None:
    report = gradcalc.backprop(program, {"x": x}, dtype=dtype)
    assert (report.value, report.gradients["x"]) == (value, gradient)


@pytest.mark.parametrize("x", [inf, -inf])
def test_one_infinite_side(x: float) -> None:
    assert gradcalc.backprop("hypot(x, y)", x=x, y=1.0).gradients["y"] == 0.0
    # Two infinite sides have every ratio.
    both = gradcalc.backprop("hypot(x, y)", x=x, y=x).gradients
    assert isnan(both["x"])
    assert isnan(both["y"])


@pytest.mark.parametrize("program", sorted({program for program, *_ in AT_INFINITY}))
def test_nan_stays(program: str) -> None:
    assert isnan(gradcalc.backprop(program, x=float("nan")).value)


def test_texts() -> None:
    texts = {
        "silu(x)": "sigmoid(x) + sigmoid(-x) * silu(x)",
        "gaussian(x)": "-2 * gaussian(x) * x",
        "normal_pdf(x)": "-(normal_pdf(x) * x)",
        "hypot(x, 1)": "x / hypot(x, 1)",
        "softsign(x)": "(1 / (1 + abs(x)))^2",
    }
    for program, text in texts.items():
        (local,) = gradcalc.backprop(program, x=0.5).nodes[-1].local
        assert local.symbol == text
