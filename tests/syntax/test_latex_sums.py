"""Sums in Unicode, as a page of text writes them: they are read by the grammar of LaTeX."""

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.syntax.parser import notation_of

W = np.array([[0.1, 0.5], [-0.3, 0.8]])
x = np.array([0.2, 0.4])


@pytest.mark.parametrize(
    "text",
    [
        "Σ_{i=1..n} (W·x)_i²",
        "∑_{i=1}^n (W·x)_i²",
        "∑_i (W·x)_i^2",
        "Σ_{i=1..2} (W x)_i (W x)_i",
        "f(x; W) = ‖W·x‖² = Σ_{i=1..n} (W·x)_i²",
    ],
)
def test_the_vectorised_example(text: str) -> None:
    """0.116 is on the lecture's slide."""
    report = backprop(text, W=W, x=x)
    assert report.value == pytest.approx(0.116)
    assert report.gradients["x"] == pytest.approx([-0.112, 0.636])


def test_products_and_where_they_begin() -> None:
    assert backprop("Π_{i=1..3} v_i", v=[2.0, 3.0, 5.0]).value == 30.0
    assert backprop("Σ_{i=2..3} v_i", v=[2.0, 3.0, 5.0]).value == 8.0
    assert backprop("\\sum_{i=2 \\dots 3} v_i", v=[2.0, 3.0, 5.0]).value == 8.0


def test_a_capital_letter_is_a_name_elsewhere() -> None:
    assert backprop("Σ_1 + Π", {"Σ_1": 2.0, "Π": 3.0}).value == 5.0


@pytest.mark.parametrize(
    "text",
    [
        "Σ_i u_i v_i",
        "Σᵢ uᵢ vᵢ",
        "Σ_{i} u_i v_i",
        "∑ᵢ uᵢ vᵢ",
        "∑ᵢ₌₁ⁿ uᵢ vᵢ",
        "Σᵢ₌₁ⁿ uᵢ vᵢ",
        "Σ_i^n u_i v_i",
        "f(u, v) = Σᵢ uᵢ vᵢ",
        "Σ_{i=1}^n u_i v_i",
        "sum(u*v)",
    ],
)
def test_sums_without_limits(text: str) -> None:
    report = backprop(text, u=[1.0, 2.0], v=[3.0, 4.0])
    assert report.value == 11.0
    assert report.gradients["u"] == pytest.approx([3.0, 4.0])


def test_products_and_several_indices() -> None:
    assert backprop("Π_i v_i", v=[2.0, 3.0, 5.0]).value == 30.0
    assert backprop("Σᵢⱼ Wᵢⱼ", W=W).value == pytest.approx(1.1)
    assert backprop("Σᵢ Σⱼ Wᵢⱼ xⱼ", W=W, x=x).value == pytest.approx(0.48)


C = np.array([[2.0, 1.0], [1.0, 3.0]])


@pytest.mark.parametrize(
    ("text", "values", "value"),
    [
        ("x' Σ x", {"Σ": C, "x": x}, 0.72),
        ("x' inv(Σ) x", {"Σ": np.eye(2), "x": x}, 0.2),
        ("(x - μ_k)' Σ_k (x - μ_k)", {"Σ_k": C, "x": x, "μ_k": 0.0}, 0.72),
        ("Σ_k = [[2, 1], [1, 3]]; x' Σ_k x + 0*μ_k", {"x": x, "μ_k": 0.0}, 0.72),
        ("sum(Σ_k x_k)", {"Σ_k": C, "x_k": x}, 2.2),
        ("f(Σ_k) = sum(Σ_k x_k); f(C)", {"C": C, "x_k": x}, 2.2),
    ],
)
def test_what_has_a_value_or_a_definition_is_a_name(
    text: str, values: dict[str, object], value: float
) -> None:
    assert backprop(text, values).value == pytest.approx(value)


def test_an_index_in_front_of_the_letter_is_none_of_a_sum() -> None:
    with pytest.raises(GradcalcError, match="no value for x, μ_k and Σ_k"):
        backprop("(x - μ_k)' Σ_k (x - μ_k)")


@pytest.mark.parametrize(
    "text",
    [
        "A[0][1] + Σ_i x_i",
        "s = softmax(x)[0]; t = Σ_i x_i; s t",
        "s = sum(A, axis=0); Σ_i s_i",
        "L = Σ_i x_i  # the total",
        "Σ_i x_i + sum(x[k] for k in range(2))",
        "Σ_i x_i % 2",
        "Σ_i x_i^10",
        "2^-1 + Σ_i x_i",
    ],
)
def test_a_sign_of_sums_does_not_change_what_native_text_means(text: str) -> None:
    """LaTeX would read the indices, keywords, comments and exponents otherwise, silently."""
    assert notation_of(text) == "native"
