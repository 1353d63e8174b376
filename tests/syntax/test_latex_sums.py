"""Sums in Unicode, as a page of text writes them: they are read by the grammar of LaTeX."""

from itertools import product
from string import ascii_letters
from time import process_time
from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.syntax.parser import notation_of
from gradcalc.syntax.sumsigns import sums, upper_limits

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
        "Σᵢⁿ uᵢ vᵢ",
        "Σ_iᴺ u_i v_i",
        "∑ᵢ₌₁² uᵢ vᵢ",
        "Σᵢ₌₁²uᵢ vᵢ",
        "∑_{i=1}² u_i v_i",
        "\\sum_{i=1}² u_i v_i",
        "Σᵢ₌₀ⁿ⁻¹ uᵢ vᵢ",
        "Σᵢ₌₁ᴺ uᵢ vᵢ",
        "Σₜ₌₁ᵀ uₜ vₜ",
        "Σ_i [u_i v_i]",
        "Σ_i[u_i v_i]",
        "Σᵢⁿ[uᵢ vᵢ]",
        "Σᵢ₌₁ⁿ[uᵢ vᵢ]",
        "Σ_i^n[u_i v_i]",
        "∑ᵢ [uᵢ vᵢ]",
        "Σ_i u_i v_i 𝟙[u_i > 0]",
        "Σ_i 1[u_i > 0] u_i v_i",
        "Σ_i 𝟙(u_i > 0) u_i v_i",
        "∑_i 𝟏_{u_i > 0} u_i v_i",
        "Σ_{i=1}^n 𝟙{u_i > 0} u_i v_i",
        "f(u, v) = Σᵢ uᵢ vᵢ",
        "Σ_{i=1}^n u_i v_i",
        "sum(u*v)",
    ],
)
def test_sums_without_limits(text: str) -> None:
    report = backprop(text, u=[1.0, 2.0], v=[3.0, 4.0])
    assert report.value == 11.0
    assert report.gradients["u"] == pytest.approx([3.0, 4.0])


@pytest.mark.parametrize(
    ("text", "given", "value"),
    [
        ("∑ᵢ₌₁ⁿ⁻¹ vᵢ", {}, 5.0),
        ("∑ᵢ₌₂³ vᵢ", {}, 8.0),
        ("Σᵢ₌₁ᵏ vᵢ", {"k": 1.0}, 2.0),
        ("Σᵢ₌₁ᵏ⁺¹ vᵢ²", {"k": 1.0}, 13.0),
        ("∏ᵢ₌₁² vᵢ", {}, 6.0),
        ("Σᵢ₌₁² Σⱼ₌₁² vᵢ vⱼ", {}, 25.0),
        ("-Σ_i [v_i log p_i]", {"p": [0.5, 0.5, 0.5]}, 10 * np.log(2.0)),
        ("Σ_i 𝟙[v_i > 2] v_i", {}, 8.0),
    ],
)
def test_limits_in_small_characters_and_what_is_summed(
    text: str, given: dict[str, object], value: float
) -> None:
    assert backprop(text, {"v": [2.0, 3.0, 5.0], **given}).value == pytest.approx(value)


@pytest.mark.parametrize("sign", ["Σ", "∑", "\\sum"])
@pytest.mark.parametrize("below", ["j≠y", "j \\ne y", "j \\neq y", "j != y"])
def test_a_condition_below_the_sign(sign: str, below: str) -> None:
    """The hinge loss of the lecture: max(0, 5.1 - 3.2 + 1) + max(0, 1.3 - 3.2 + 1)."""
    scores = [3.2, 5.1, 1.3]
    one = f"{sign}_{{{below}}} max(0, s_j - s_y + 1)"
    assert backprop(one, s=scores, y=1).value == pytest.approx(2.9)
    # With the second row: max(0, 1.3 - 4.9 + 1) + max(0, 5.5 - 4.9 + 1).
    both = f"L = {sign}_i {sign}_{{{below}_i}} max(0, s_{{ij}} - s_{{i y_i}} + 1)"
    report = backprop(both, s=[scores, [1.3, 4.9, 5.5]], y=[1, 2])
    assert report.value == pytest.approx(4.5)
    np.testing.assert_array_equal(report.gradients["s"], [[-1, 1, 0], [0, -1, 1]])


@pytest.mark.parametrize(
    ("text", "value"),
    [("Π_{j≠y} v_j", 10.0), ("Σ_{j<3} v_j", 5.0), ("Σ_{j \\le y} v_j", 5.0), ("Σ_{j>y} v_j", 5.0)],
)
def test_comparisons_below_a_capital_letter(text: str, value: float) -> None:
    given = {"y": 2.0} if "y" in text else {}
    assert backprop(text, {"v": [2.0, 3.0, 5.0], **given}).value == value


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
        ("Σᵢ² xᵢ", {"Σ_i": 3.0, "x_i": 2.0}, 18.0),
    ],
)
def test_what_has_a_value_or_a_definition_is_a_name(
    text: str, values: dict[str, object], value: float
) -> None:
    assert backprop(text, values).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Σ_k x_k", {"Σ_k"}),
        ("Σᵢ xᵢ + Π_{j} x_j", {"Σ_i", "Π_j"}),
        # One that stands alone somewhere is a name, also where something stands behind it.
        ("Σ_k + Σ_k x_k", set()),
        ("Σ_k x_k + inv(Σ_k)", set()),
        ("Σ_k + Σ_j x_j x_k", {"Σ_j"}),
        # The signs of mathematics say that the capitals are names.
        ("∑_i x_i + Σ_k x_k", set()),
        (r"\sum_i x_i + Σ_k x_k", set()),
        ("∏_i x_i + Σ_k x_k", {"Σ_k"}),
        (r"\prod_i x_i + Π_k x_k + Σ_j x_j", {"Σ_j"}),
        # The index is that of something behind, and of nothing in front in the same statement.
        ("Σ_k x_j", set()),
        ("x_k Σ_k x_k", set()),
        ("y_k; Σ_k x_k", {"Σ_k"}),
        ("Σ_j x_j Σ_k x_k Σ_j x_j", {"Σ_j", "Σ_k"}),
        ("y_i Σ_j x_j Σ_i x_i", {"Σ_j"}),
        ("y_i Σ_j x_j\ny_j Σ_i x_i", {"Σ_j", "Σ_i"}),
        ("Σᵢ² xᵢ", set()),
        ("Σᵢᵀ xᵢ", set()),
        # x[0] is an index.
        ("Σ_k[0] x_k", set()),
        ("Σ_k[x_k] + x[0]", set()),
        ("Σ_k[x_k]", {"Σ_k"}),
    ],
)
def test_which_capitals_are_signs(text: str, signs: set[str]) -> None:
    assert sums(text, ()) == signs


INDICES = [*product(ascii_letters, repeat=2)]


@pytest.mark.parametrize(
    "text",
    [
        "Σ_i x_i + f(" + 100_000 * ",",
        "Σ_i x_i + " + 30_000 * "f(a,",
        "x_{AB} " * 10_000 + " ".join(f"Σ_{{{a},{b}}} x" for a, b in INDICES),
        "".join(f"Σ_{a} " + 300 * "x_i y_j " for a in ascii_letters),
        30_000 * "Σ_{",
        50_000 * "Σᵢ",
        25_000 * "Σᵢ₌₁",
        30_000 * "Σᵢⁿ",
        30_000 * "Σᵢ[",
    ],
    ids=range(9),
)
def test_signs_are_found_in_linear_time(text: str) -> None:
    start = process_time()
    sums(text, ())
    upper_limits(text, 0, len(text))
    assert process_time() - start < 3


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


X = [[1.0, 2.0], [3.0, 5.0]]
M = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("program", "values", "value", "gradients"),
    [
        (
            r"z^{(i)} = w^T x^{(i)} \\ J = \frac12 \sum_{i=1}^2 (z^{(i)} - y^{(i)})^2",
            {"w": [1, 2], "x": X, "y": [0, 1]},
            84.5,
            {"w": [41, 70]},
        ),
        (
            r"z_i = w^T x_i \\ J = \frac12 \sum_{i=1}^2 (z_i - y_i)^2",
            {"w": [1, 2], "x": X, "y": [0, 1]},
            84.5,
            {"w": [41, 70]},
        ),
        (
            r"u^{(i)} = \frac{x^{(i)}}{\|x^{(i)}\|} \\ J = \sum_{i=1}^3 u^{(i)}_1",
            {"x": [[3, 4], [6, 8], [0, 1]]},
            1.2,
            {"x": [[0.128, -0.096], [0.064, -0.048], [1, 0]]},
        ),
        (
            r"z^{[1](i)} = W^{[1]} x^{(i)} + b^{[1]} \\ J = \sum_i \|z^{[1](i)}\|^2",
            {"W_1": M, "x": X, "b_1": [1, 1]},
            6**2 + 12**2 + 14**2 + 30**2,
            {"b_1": [40, 84]},
        ),
        (
            r"\hat{y}^{(i)} = w^T x^{(i)} = 0 \\ J = -\frac1m\sum_{i=1}^m y^{(i)} \hat y^{(i)}",
            {"w": [1, 2], "x": X, "y": [0, 1]},
            -6.5,
            {"w": [-1.5, -2.5]},
        ),
        (
            r"G_{ij} = \sum_k F_{ik} F_{jk}, \quad L = \sum_{i,j} (G_{ij} - A_{ij})^2",
            {"F": M, "A": [[1, 0], [0, 1]]},
            4**2 + 11**2 + 11**2 + 24**2,
            {"A": [[-8, -22], [-22, -48]]},
        ),
        (
            r"\mu_i = \frac1D\sum_{j=1}^D x_{ij} \\ L = \sum_k \mu_k^2",
            {"x": M},
            14.5,
            {"x": [[1.5, 1.5], [3.5, 3.5]]},
        ),
        (
            r"\mu^{(i)} = w^T x^{(i)} \\ L = \sum_{k=1}^2 (\mu^{(k)})^2",
            {"x": X, "w": [1, 2]},
            5**2 + 13**2,
            {"w": [88, 150]},
        ),
        (
            r"a_{ij} = \frac{e_{ij}}{\sum_k e_{ik}} \\ L = \sum_{i=1}^2 a_{ii}",
            {"e": M},
            1 / 3 + 4 / 7,
            {"e": [[2 / 9, -1 / 9], [-4 / 49, 3 / 49]]},
        ),
        (
            r"z_i = w x_i \\ L_i = z_i^2 - z_1 \\ \sum_{i=1}^{2} L_{i+1}",
            {"w": 2, "x": [1, 2, 3]},
            16 + 36 - 4,
            {"w": 50, "x": [-4, 16, 24]},
        ),
        (
            r"p_i = \frac{o_i}{\sum_i o_i} \\ L = p_i",
            {"o": [1, 3], "i": 2},
            0.75,
            {"o": [-3 / 16, 1 / 16]},
        ),
    ],
)
def test_a_definition_for_each_index_is_a_function_of_it(
    program: str, values: dict[str, Any], value: float, gradients: dict[str, Any]
) -> None:
    report = backprop(program, **values)
    assert report.value == pytest.approx(value)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(report.gradients[name], gradient, atol=1e-12)


def test_definitions_for_each_index_with_commas() -> None:
    """The sum of x_i y_j is 3 * 7; that of j x_j y_i is 5 * 7."""
    values = {"x": [1.0, 2.0], "y": [3.0, 4.0]}
    head = r"G_{i,j} = x_i y_j \\ J = "
    assert backprop(head + r"\sum_{i,j} G_{i,j}", values).value == 21.0
    assert backprop(head + r"\sum_{i,j} G_{j,i} j", values).value == 35.0


@pytest.mark.parametrize("again", ["z_j = x_j", "z^{(i)} = x_i", "z_{ij} = x_i y_j", "z_i = x_i"])
def test_two_definitions_for_each_index(again: str) -> None:
    """The second one does not take the place of the first."""
    program = rf"z_i = x_i y_i \\ {again} \\ J = \sum_{{i=1}}^2 z_i"
    with pytest.raises(GradcalcError):
        backprop(program, {"x": [1.0, 2.0], "y": [3.0, 4.0]})


@pytest.mark.parametrize(
    ("program", "noted"),
    [
        (
            r"\sum_{j=1}^3 W_ij x_j",
            "W_ij is read as a product with j; for two indices write W_{ij}",
        ),
        (r"\sum_{j=1}^3 W_i j x_j", ""),
        (r"\sum_{j=1}^3 W_{i}j x_j", ""),
        (r"\sum_{j=1}^3 W_ik x_j", ""),
    ],
)
def test_a_second_index_without_braces(program: str, noted: str) -> None:
    values = {"W_i": 2.0, "x": [1.0, 1.0, 1.0]} | ({"k": 1.0} if "k" in program else {})
    notes = [note.message for note in backprop(program, values).notes if note.kind == "argument"]
    assert notes == ([noted] if noted else [])


def test_the_bars_of_a_determinant() -> None:
    notes = backprop(r"\log|\Sigma|", Sigma=[[2.0, 0.0], [0.0, 3.0]]).notes
    assert any(note.message.endswith("the determinant is det(\\Sigma)") for note in notes)
    notes = backprop("|v|", v=[3.0, 4.0]).notes
    assert not any("determinant" in note.message for note in notes)
