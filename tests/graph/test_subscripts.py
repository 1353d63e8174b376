"""Subscripts of LaTeX that have no entry: they count from 1, and none from the end."""

from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop, symbolic

SOFTMAX = r"L = -\log\left(\frac{e^{f_y}}{\sum_j e^{f_j}}\right)"
MEAN = r"\frac{1}{N} \sum_{i=1}^N \left( -\log \frac{e^{s_{i,y_i}}}{\sum_j e^{s_{ij}}} \right)"
HINGE = r"\sum_{j \ne y_i} \max(0, s_j - s_{y_i} + 1)"
CASE = r"\begin{cases} %s & \text{if } %s \\ 0 & \text{otherwise} \end{cases}"
SCORES = np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]])


def refused(text: str, **values: Any) -> tuple[GradcalcError, str]:
    """The error, and what its first caret is under."""
    with pytest.raises(GradcalcError) as caught:
        backprop(text, **values)
    start, end, _ = caught.value.spans[0]
    return caught.value, text[start:end]


@pytest.mark.parametrize(
    ("text", "values", "subscript", "message", "help"),
    [
        (SOFTMAX, {"f": SCORES[0], "y": 0}, "y", "y is 0", "y+1: f_{y+1}"),
        (SOFTMAX, {"f": SCORES[0], "y": -1}, "y", "y is -1", "f_1, the last one f_3"),
        (MEAN, {"s": SCORES, "y": [1, 0], "N": 2}, "y_i", "y_i is 0", "y_i+1: s_{i,y_i+1}"),
        (MEAN, {"s": SCORES, "y": [-2, 1], "N": 2}, "y_i", "y_i is -2", "2 of s goes from 1 to 3"),
        (HINGE, {"s": SCORES[0], "y_i": 0}, "y_i", "y_i is 0", "y_i+1: s_{y_i+1}"),
        (
            r"\operatorname{sum}(f_y) + \sum_j f_j",
            {"f": SCORES[0], "y": [1, 0]},
            "y",
            "an entry of y is 0",
            "y+1: f_{y+1}",
        ),
        (
            r"\operatorname{softmax}(z)_{k+1}",
            {"z": SCORES[0], "k": -1},
            "k+1",
            "k+1 is 0",
            "has 3 entries, 1 to 3",
        ),
        (
            r"\sum_{i=1}^{2} x_{2i-2}",
            {"x": SCORES[0]},
            "2i-2",
            "2i-2 is 0",
            "x_1, the last one x_3",
        ),
    ],
)
def test_no_entry_in_front_of_the_first(
    text: str, values: dict[str, Any], subscript: str, message: str, help: str
) -> None:
    error, place = refused(text, **values)
    assert (error.code, place) == ("syntax", subscript)
    assert error.message == f"{message}, and subscripts count from 1"
    assert error.help.split("\n")[0].endswith(help)


def test_labels_that_count_from_one() -> None:
    shares = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
    report = backprop(MEAN, s=SCORES, y=[3, 2], N=2)
    assert report.value == pytest.approx(-np.log(shares[[0, 1], [2, 1]]).mean())
    expected = (shares - [[0, 0, 1], [0, 1, 0]]) / 2
    np.testing.assert_allclose(report.gradients["s"], expected)


@pytest.mark.parametrize(
    ("text", "values", "code", "subscript", "help"),
    [
        (
            r"\sum_{i=1}^{3} (x_{i+1} - x_i)^2",
            {"x": [1.0, 2.0, 4.0]},
            "shape",
            "i+1",
            "x has 3 entries: the first one is x_1, the last one x_3",
        ),
        (
            r"\sum_j f_j + f_y",
            {"f": SCORES[0], "y": 4},
            "bad-value",
            "y",
            "f has 3 entries: the first one is f_1, the last one f_3",
        ),
        (
            r"\sum_j s_{1,j} + s_{1,y}",
            {"s": SCORES, "y": 4},
            "bad-value",
            "y",
            "subscript 2 of s goes from 1 to 3",
        ),
        (r"\operatorname{softmax}(z)_4", {"z": SCORES[0]}, "shape", "4", None),
    ],
)
def test_no_entry_behind_the_last(
    text: str, values: dict[str, Any], code: str, subscript: str, help: str | None
) -> None:
    error, place = refused(text, **values)
    assert (error.code, error.message, place) == (code, "there is no entry 4", subscript)
    assert error.help.split("\n")[0] == help or help is None


def test_a_sum_that_counts_from_zero() -> None:
    error, place = refused(r"\sum_{i=0}^{2} x_{i-1}", x=[1.0, 2.0, 4.0])
    assert (error.message, place) == ("i-1 is -1, and subscripts count from 0", "i-1")
    assert error.help == "x has 3 entries: the first one is x_0, the last one x_2"


def test_a_subscript_that_is_not_whole() -> None:
    error, place = refused(SOFTMAX, f=SCORES[0], y=1.5)
    assert (error.code, place) == ("bad-value", "y")
    assert error.message == "a subscript is a whole number, and y is 1.5"


def test_an_entry_that_a_condition_leaves_out_need_not_exist() -> None:
    """a_1 b_1 of i = 2, and a_1 b_2 + a_2 b_1 of i = 3."""
    text = r"\sum_{i=1}^{3} \sum_{j < i} a_j b_{i-j}"
    report = backprop(text, a=[1.0, 2.0, 3.0], b=[10.0, 20.0, 30.0])
    assert report.value == 10.0 + 20.0 + 20.0
    np.testing.assert_array_equal(report.gradients["b"], [1.0 + 2.0, 1.0, 0.0])
    error, place = refused(text.replace("j < i", r"j \le i"), a=[1.0, 2.0], b=[3.0, 4.0])
    assert (error.message, place) == ("i-j is 0, and subscripts count from 1", "i-j")


def test_an_entry_of_another_case_need_not_exist() -> None:
    text = r"\begin{cases} 5 & y < 1 \\ (2f)_y & \text{otherwise} \end{cases}"
    assert backprop(text, f=SCORES[0], y=0).value == 5.0
    assert backprop(text, f=SCORES[0], y=2).value == 4.0
    error, _ = refused(text.replace("y < 1", "y < 0"), f=SCORES[0], y=0)
    assert error.message == "y is 0, and subscripts count from 1"


@pytest.mark.parametrize(
    ("text", "values", "missing"),
    [
        (r"\sum_i x_i", {}, "x"),
        (r"\prod_i x_i", {}, "x"),
        (r"\max_i x_i", {}, "x"),
        (r"\sum_i x_i y_i", {"y": [1.0, 2.0]}, "x"),
        (r"\sum_i (W x)_i", {"x": [1.0, 2.0]}, "W"),
        (r"\sum_i \sum_j A_{ij}", {}, "A"),
        (r"\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2", {}, "y and y_hat"),
        (r"-\log \frac{e^{f_y}}{\sum_j e^{f_j}}", {"y": 1.0}, "f"),
        (r"\sum_{i=1}^{3} x_{i-1}", {}, "x"),
        (r"\sum_{i=1, i > k}^{3} x_{i-1}", {"x": SCORES[0]}, "k"),
        (r"\sum_{i=1}^{3} " + CASE % ("x_{i+1}", "x_i > k"), {"x": SCORES[0]}, "k"),
        (r"\sum_{i=1}^{n} \operatorname{leaky\_relu}(x_1, i) + \sum_j x_j", {"x": SCORES[0]}, "n"),
    ],
)
def test_what_is_not_known_is_no_wrong_subscript(
    text: str, values: dict[str, Any], missing: str
) -> None:
    error, _ = refused(text, **values)
    assert (error.code, error.message) == ("missing-value", f"no value for {missing}")


DIFFERENCES = r"d(k) = x_k - x_{k-1}, L = \sum_j 0 x_j + "


@pytest.mark.parametrize(
    "text",
    [
        DIFFERENCES + r"\sum_{i=1, i > 1}^{3} d(i)^2",
        DIFFERENCES + r"\sum_{i=1}^{3} " + CASE % ("d(i)^2", "i > 1"),
        DIFFERENCES + r"\sum_{i=1}^{3} \mathbb{1}[i > 1] d(i)^2",
        r"\sum_{i=1}^{3} " + CASE % (r"\sum_{j=1}^{1} (x_{i+j-1} - x_{i-j})^2", "i > 1"),
        r"\sum_{i=1, i < n}^{n} (x_{i+1} - x_i)^2",
    ],
)
def test_conditions_reach_into_functions_and_loops(text: str) -> None:
    """(2 - 1)² + (4 - 2)²."""
    report = backprop(text, x=[1.0, 2.0, 4.0])
    assert report.value == 5.0
    np.testing.assert_array_equal(report.gradients["x"], [-2.0, -2.0, 4.0])


@pytest.mark.parametrize(
    ("text", "y"),
    [
        (CASE % ("s_{y_i}", "y_i < 4"), [1.0, 4.0, 3.0]),
        (CASE % ("s_{y_i}", r"y_i \ge 1"), [1.0, -100.0, 3.0]),
        (
            r"\begin{cases} 0 & \text{if } y_i < 1 \\ s_{y_i} & \text{otherwise} \end{cases}",
            [1, 0, 3],
        ),
        (r"\mathbb{1}[y_i > 0] s_{y_i}", [1.0, 0.0, 3.0]),
        (r"\mathbb{1}[i < 9] \mathbb{1}[y_i > 0] \cdot (s_{y_i})", [1.0, 0.0, 3.0]),
        (r"-\mathbb{1}[y_i > 0] (-s_{y_i}) \cdot 1", [1.0, 0.0, 3.0]),
    ],
)
def test_a_label_that_is_left_out_need_not_exist(text: str, y: list[float]) -> None:
    report = backprop(rf"\sum_{{i=1}}^{{3}} {text}", s=SCORES[0], y=y)
    assert report.value == 1.0 + 3.0
    np.testing.assert_array_equal(report.gradients["s"], [1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("text", "values", "want", "by_x"),
    [
        # An entry from the end is in the place of the one left out: nothing becomes 0/0.
        (
            r"\sum_i \mathbb{1}[y_i > 0] \log x_{y_i}",
            {"x": [0.0, 0.5], "y": [0, 2]},
            -np.log(2),
            2.0,
        ),
        (r"\sum_i \mathbb{1}[i > y] \frac{1}{x_i - x_{i-y}}", {"x": [1.0, 2.0], "y": 1}, 1.0, -1.0),
        # Several conditions, and what is 0 where one fails.
        (r"\sum_i \mathbb{1}[1 < y_i \le 2] x_{y_i-1}", {"x": [5.0, 0.0], "y": [1, 2]}, 5.0, 0.0),
        (
            r"\sum_i \mathbb{1}[y_i > 1, y_i < 3] x_{y_i-1}",
            {"x": [5.0, 0.0], "y": [1, 2]},
            5.0,
            0.0,
        ),
        (
            r"\sum_i \mathbb{1}[y_i > 1] \mathbb{1}[y_i < 3] x_{y_i-1}",
            {"x": [5.0, 0.0], "y": [1, 2]},
            5.0,
            0.0,
        ),
        (r"\sum_i \mathbb{1}[y_i > 0] \odot x_{y_i}", {"x": [1.0, 2.0], "y": [0, 2]}, 2.0, 1.0),
        (r"\sum_i \frac{\mathbb{1}[y_i > 0]}{2} x_{y_i}", {"x": [1.0, 2.0], "y": [0, 2]}, 1.0, 0.5),
        (r"\sum_i \mathbb{1}[y_i > 0]^2 x_{y_i}", {"x": [1.0, 2.0], "y": [0, 2]}, 2.0, 1.0),
    ],
)
def test_an_entry_behind_an_indicator_need_not_exist(
    text: str, values: dict[str, Any], want: float, by_x: float
) -> None:
    """``by_x`` is the gradient by the second entry, by hand."""
    report = backprop(text, values)
    assert report.value == pytest.approx(want, rel=1e-15)
    assert report.gradients["x"][1] == pytest.approx(by_x, rel=1e-15)


def test_a_condition_that_holds_leaves_nothing_out() -> None:
    error, place = refused(r"\sum_i \mathbb{1}[i > 0] x_{y_i}", x=[1.0, 2.0], y=[0, 2])
    assert (error.message, place) == ("y_i is 0, and subscripts count from 1", "y_i")


def test_a_number_that_is_left_out_need_not_exist() -> None:
    text = r"\sum_i x_i + " + CASE % ("x_k", "k < 4")
    assert backprop(text, x=SCORES[0], k=9).value == 6.0
    assert backprop(text, x=SCORES[0], k=2).value == 8.0
    assert backprop(rf"k = 9 \\ {text}", x=SCORES[0]).value == 6.0
    error, place = refused(text, x=SCORES[0], k=0)
    assert (error.message, place) == ("k is 0, and subscripts count from 1", "k")


def test_each_label_of_an_array_may_be_left_out() -> None:
    text = r"\operatorname{sum}(%s) + \sum_i 0 s_i" % (CASE % ("s_y", "y > 0"))
    report = backprop(text, s=SCORES[0], y=[0, 3, 1, 3])
    assert report.value == 3.0 + 1.0 + 3.0
    np.testing.assert_array_equal(report.gradients["s"], [1.0, 0.0, 2.0])


def test_a_formula_with_an_entry_left_out_is_that_formula() -> None:
    text = r"\sum_{i=1}^{3} " + CASE % ("s_{y_i}", "y_i < 4")
    found = symbolic(text, s=SCORES[0], y=[1.0, 4.0, 3.0])
    assert "where(y[1] < 4, s[where(y[1] < 4, y[1] - 1, 0)], 0)" in found.definitions["f"]


def test_a_condition_on_entries_leaves_out_no_number() -> None:
    error, place = refused(r"\sum_{i=1}^3 " + CASE % ("x_{i+1}", "x_i < 3"), x=SCORES[0])
    assert (error.message, place) == ("there is no entry 4", "i+1")


@pytest.mark.parametrize(
    ("index", "help"),
    [
        (r"W^{(1)}_{i,y_i}", r"W^{(1)}_{i,y_i+1}"),
        (r"W_{i,y_i}^{(1)}", r"W_{i,y_i+1}^{(1)}"),
        (r"W^{(1)}_{y_i i}", r"W^{(1)}_{y_i+1, i}"),
        (r"W^{(1)}_{i y_i}", r"W^{(1)}_{i,y_i+1}"),
    ],
)
def test_the_help_has_the_array_as_it_is_written(index: str, help: str) -> None:
    error, _ = refused(rf"\sum_{{i=1}}^{{2}} {index}", W_1=SCORES[:, :2], y=[1.0, 0.0])
    assert error.help.split("\n")[0] == f"labels that count from 0 need y_i+1: {help}"


def test_the_help_names_the_array_as_it_is_written() -> None:
    error, _ = refused(r"\sum_{i=1}^{2} h^{[2]}_{i,y_i}", h_2=SCORES, y=[1.0, -3.0])
    assert error.help.split("\n")[0] == "subscript 2 of h^{[2]} goes from 1 to 3"
    error, _ = refused(r"\sum_{i=1}^{2} {W^*}_{y_i}", W_star=SCORES[0], y=[1.0, 4.0])
    assert error.help == "{W^*} has 3 entries: the first one is {W^*}_1, the last one {W^*}_3"


def test_square_brackets_count_as_numpy_does() -> None:
    assert backprop(r"\sum_i x_i + x[0]", x=SCORES[0]).value == 6.0 + 1.0
    assert backprop("x[y]", x=SCORES[0], y=-1).value == 3.0
    report = backprop("x[y - 1]", x=SCORES[0], y=[0, 1])
    np.testing.assert_array_equal(report.value, [3.0, 1.0])
