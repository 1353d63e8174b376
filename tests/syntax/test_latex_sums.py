"""Sums in Unicode, as a page of text writes them: they are read by the grammar of LaTeX."""

import numpy as np
import pytest

from gradcalc import backprop

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
