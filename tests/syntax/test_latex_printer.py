"""Native text to LaTeX: as expected by hand, and read back as the same values."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc import ops
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row, Structural
from gradcalc.source import Source
from gradcalc.syntax.latex import calls
from gradcalc.syntax.latex.commands import LETTER_FUNCTIONS
from gradcalc.syntax.latex.printer import formula, latex
from gradcalc.syntax.latex.typeset import number, prose, symbol, verbatim
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

#: By what they are about: native text and LaTeX.
PRINTED = {
    # Brackets, and which products have a sign.
    "(x + y) * z": "(x + y) z",
    "x * (y + z)": r"x \cdot (y + z)",
    "(x + y) * (z + w)": "(x + y) (z + w)",
    "2 * (x + y)": "2 (x + y)",
    "2 * 3 * x": r"2 \cdot 3 x",
    "x * 2": r"x \cdot 2",
    "2 * (1 / 2)": r"2 \cdot \frac{1}{2}",
    "x * -2 + y - -z": r"x \cdot (-2) + y - (-z)",
    "-(x * y)": "-x y",
    "-(x + y)": "-(x + y)",
    "--x": "-(-x)",
    "x - (y - z)": "x - (y - z)",
    "1 · z": r"1 \cdot z",
    "W @ x ⊙ y": r"W @ x \odot y",
    "loss * weight * x": r"\mathrm{loss} \cdot \mathrm{weight} \cdot x",
    "2 * loss": r"2 \mathrm{loss}",
    "d * x": r"d \cdot x",
    "x * d": "x d",
    # Fractions, roots, powers.
    "a / b * c": r"\frac{a}{b} c",
    "a / (b * c)": r"\frac{a}{b c}",
    "(a / b)^2": r"\left(\frac{a}{b}\right)^{2}",
    "x^2^y": "x^{2^{y}}",
    "(x^2)^y": "(x^{2})^{y}",
    "(-2)^2 - 2^-1": "(-2)^{2} - 2^{-1}",
    "-x^2": "-x^{2}",
    "sqrt(x + 1)": r"\sqrt{x + 1}",
    "x^(T)": "x^{T}",
    "xᵀ · yᵀ": r"x^{\top} \cdot y^{\top}",
    "(x^2)ᵀ": r"(x^{2})^{\top}",
    # Functions.
    "sin(x)^2 + exp(x)^2": r"\sin^{2}(x) + \exp(x)^{2}",
    "sin(x)^-1": r"\sin(x)^{-1}",
    "max(0, x / 2)": r"\max\left(0, \frac{x}{2}\right)",
    "sigmoid(x) * sigmoid(-x)": r"\sigma(x) \sigma(-x)",
    "sigma * sigmoid(x)": r"\sigma \operatorname{sigmoid}(x)",
    "softmax(z)": r"\operatorname{softmax}(z)",
    "leaky_relu(x, slope=0.1)": r"\operatorname{leaky\_relu}(x, \mathrm{slope} = 0.1)",
    "abs(x) * floor(y)": r"\lvert x \rvert \cdot \lfloor y \rfloor",
    "abs(x / y)": r"\left\lvert \frac{x}{y} \right\rvert",
    "norm(q)^2": r"\lVert q \rVert^{2}",
    "norm(x, 1)": r"\lVert x \rVert_{1}",
    "f(x) * g_1(y)": "f(x) g_{1}(y)",
    # Choices.
    "1 - (x >= 0)": r"1 - \mathbf{1}[x \ge 0]",
    "(a < b) < c": r"\mathbf{1}[\mathbf{1}[a < b] < c]",
    "where(x != 0, x^2, -x)": (
        r"\begin{cases} x^{2} & \text{if } x \ne 0 \\ -x & \text{otherwise} \end{cases}"
    ),
    "2 * where(c, a, [1])": (
        r"2 \left(\begin{cases} a & \text{if } c \ne 0 \\ {}[1] & \text{otherwise} \end{cases}"
        r"\right)"
    ),
    # Names and numbers.
    "W_h1 + x_ij + x_max": r"W_{h1} + x_{ij} + x_{\mathrm{max}}",
    "learning_rate": r"\mathrm{learning_{rate}}",
    "a_b_c + _": r"\mathrm{a\_b\_c} + \mathrm{\_}",
    "α * beta * γ_1": r"\alpha \beta \gamma_{1}",
    "ŷ + y_hat + x̄": r"\hat{y} + \hat{y} + \bar{x}",
    "重さ + é": r"\text{重さ} + \text{é}",
    "1.5e-7 * x": r"1.5 \times 10^{-7} x",
    "x * 1.5e-7": r"x \cdot (1.5 \times 10^{-7})",
    "1e16^2": r"(10^{16})^{2}",
    "inf - nan": r"\infty - \mathrm{nan}",
    # Arrays.
    "[1, 2, 3]": "[1, 2, 3]",
    "[[1, 2], [3, 4]]": r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
    "x[0] + W[1, :2]": r"x[0] + W[1, {:}2]",
    "(W · x)[0]": r"(W \cdot x)_{1}",
    "sum(x[i - 1] for i in range(1, n + 1))": r"\sum_{i=1}^{n} x_{i}",
    "prod(x[i]^2 for i in range(n))": r"\prod_{i=0}^{n - 1} x_{i + 1}^{2}",
    "2 * sum((W · x)[i - 1]^2 for i in range(1, n + 1)) * y": (
        r"\left(2 \sum_{i=1}^{n} (W \cdot x)_{i}^{2}\right) y"
    ),
    "sum(W[i, 2 - j] + 1 for i in range(3) for j in range(2))": (
        r"\sum_{i=0}^{2} \sum_{j=0}^{1} (W_{i + 1, 3 - j} + 1)"
    ),
    # Derivatives, statements, chains.
    "∂f/∂x": r"\frac{\partial f}{\partial x}",
    "∂²f/∂x∂y + ∂²f/∂x²": (
        r"\frac{\partial^{2} f}{\partial x \partial y} + \frac{\partial^{2} f}{\partial x^{2}}"
    ),
    "∂/∂x(x * y)": r"\frac{\partial}{\partial x}(x y)",
    "q = x + y": "q = x + y",
    "f(x, y) = x * y": "f(x, y) = x y",
    "∂f/∂x = 1 · z = -4": r"\frac{\partial f}{\partial x} = 1 \cdot z = -4",
}


@pytest.mark.parametrize(("text", "expected"), PRINTED.items(), ids=PRINTED)
def test_printed(text: str, expected: str) -> None:
    assert latex(text) == expected


PAGE = Path(__file__).parents[2] / "docs" / "latex-output.md"


def test_the_page_about_it_tells_the_truth() -> None:
    """Its table has as many texts in the one notation as in the other, and they match."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## How formulas are written")
    rows = re.findall(r"^\| (`.*) \| (`.*) \|$", section, re.MULTILINE)
    assert len(rows) > 10
    for native, written in rows:
        texts = re.findall("`([^`]+)`", native)
        for text, expected in zip(texts, re.findall("`([^`]+)`", written), strict=False):
            arrays = {"x": 1, "y": 1} if r"\odot" in expected else {}
            assert latex(text, arrays) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("concat(W, W, 2W, axis=1)", r"\begin{bmatrix} W & W & 2 W \end{bmatrix}"),
        ("concat(W, W + W)", r"\begin{bmatrix} W \\ W + W \end{bmatrix}"),
        ("stack(x, y, axis=1)", r"\begin{bmatrix} x & y \end{bmatrix}"),
        ("concat(x, y)", r"\operatorname{concat}(x, y)"),  # of rows it would be another matrix
        ("concat(W, V, axis=1)", r"\operatorname{concat}(W, V, \mathrm{axis} = 1)"),
        ("concat(x, y, axis=1)", r"\operatorname{concat}(x, y, \mathrm{axis} = 1)"),
        ("stack(W, W, axis=1)", r"\operatorname{stack}(W, W, \mathrm{axis} = 1)"),
    ],
)
def test_joined_matrices_are_blocks(text: str, expected: str) -> None:
    assert latex(text, {"x": 1, "y": 1, "W": 2, "V": -1}) == expected


def test_products_of_arrays() -> None:
    arrays = {"x": 1, "y": 1, "W": 2}
    assert latex("x * y + s * x + W[0] * x", arrays) == r"x \odot y + s x + W[0] \odot x"
    assert latex("sum(x) * y + x[0] * y[0]", arrays) == r"\operatorname{sum}(x) y + x[0] y[0]"
    assert latex("relu(W · x) * y", arrays) == r"\operatorname{relu}(W \cdot x) \odot y"
    # Bars around an array are its norm.
    assert latex("abs(x) + |x| + |x[0]|", arrays) == (
        r"\operatorname{abs}(x) + \lVert x \rVert + \lvert x[0] \rvert"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a + … + b",
        "x +",
        r"\input{secret}",
        "$x$",
        "",
        "x\x1b[2J",
        "sum(x for i in range(0, 9, 2))",
    ],
)
def test_what_cannot_be_read_comes_as_it_is(text: str) -> None:
    assert formula(text) is None
    written = latex(text)
    # Everything is in \texttt{}, but single characters that are commands of their own.
    rest = re.sub(
        r"\\texttt\{[^\\{}$#%&_^~]*\}|\\[a-z]+ ?|\\[#$%&_{}]|\{[<>]\}|\^\{[^{}]*\}", "", written
    )
    assert not rest.strip()
    assert r"\input" not in written


@pytest.mark.parametrize(
    "name", ["a_b_c", "_", "__", "x_", "重", "é_1", "loss_α", "\u3164", "x_\u3164"]
)
def test_names_are_escaped(name: str) -> None:
    written = symbol(name)
    assert not re.search(r"(?<!\\)[#$%&~]", written)
    assert written.count("{") - written.count(r"\{") == written.count("}") - written.count(r"\}")
    if "_" in written.replace(r"\_", ""):
        assert re.fullmatch(r".+_\{.+\}+", written)


def test_numbers_and_prose() -> None:
    texts = ("-4", "1.5e-7", "-1e16", "inf", "-inf", "nan", "0.1")
    assert [number(text) for text in texts] == [
        "-4",
        r"1.5 \times 10^{-7}",
        "-10^{16}",
        r"\infty",
        r"-\infty",
        r"\mathrm{nan}",
        "0.1",
    ]
    assert prose("50% of a_1 & x < 3") == r"50\% of a\_1 \& x ${<}$ 3"
    assert verbatim("a_1 {") == r"\texttt{a}\_ \texttt{1 }\{"


# What is printed reads back as LaTeX.

U, V = np.array([1.0, 2.0, -3.0]), np.array([0.5, -1.0, 2.0])
W = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0], [2.0, 2.0, 5.0]])
VALUES: dict[str, Any] = {
    **{"x": 1.3, "y": 2.1, "z": -0.7, "a": 0.4, "b": 1.9, "T": 2.0, "n": 3.0, "d": 0.3},
    **{"loss": 2.0, "x_1": 1.1, "learning_rate": 0.1, "alpha": 1.5, "y_hat": 0.6},
    **{"u": U, "v": V, "W": W},
}
WORD = re.compile(r"[^\W\dᵀ][^\Wᵀ]*+(?!\()")


def value(text: str, values: Mapping[str, Any], words: str) -> Any:
    """The value and the gradients, with values for the words that are in a text."""
    used = {name: values[name] for name in WORD.findall(words) if name in values}
    report = gradcalc.backprop(text, used)
    return report.value, report.gradients


def check_same(text: str, values: Mapping[str, Any] = VALUES) -> None:
    """A text and its LaTeX have the same value and gradients."""
    ranks = {name: np.ndim(found) for name, found in values.items() if np.ndim(found)}
    written = latex(text, ranks)
    expected, gradients = value(text, values, text)
    found, its_gradients = value(f"${written}$", values, text)
    np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=written, strict=True)
    assert its_gradients.keys() == gradients.keys()
    for name, gradient in gradients.items():
        np.testing.assert_allclose(its_gradients[name], gradient, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    "text",
    [
        *("x*y*z + 2*x - 3*(x + y) - -z", "-(x*y) - (-x)*y + x*-2", "a/b*y/x^2", "d*x + x*d"),
        *("(a/b)^2 + sqrt(x/y)^3 + (x^2)^3", "x^y^z", "(x^y)^z", "1/x/y", "(x*y)^2*z", "x^(T)"),
        *("sin(x)^2 + exp(x)^2 + sin(x)^-1", "sin(x)^(1/2) + log(x)^2 + ln(x)^3 + tan(x)*y"),
        *("loss * x + 2*loss + x_1*learning_rate*y_hat", "alpha + gamma(x)*y", "(a < b) < x"),
        *("where(x > 0, x^2, -x) + 1", "where(a, b, where(x == 0, 1, 2))", "(x > 0)*(y != 3)"),
        *("abs(x)*floor(x)*ceil(y)", "log2(x) + log10(x) + cbrt(x) + normal_cdf(x)"),
        *("asin(a) + acos(a) + atan2(a, b)", "leaky_relu(x, 0.1)^2", "1.5e-7*x + x*1e-7 + 1e16"),
        *("u*v", "x*u*v", "W · u + v", "Wᵀ · u", "W @ u", "W[0]*u", "sum(u)*v", "softmax(u)*v"),
        *("u · vᵀ", "abs(u)*v", "mean((W·u - v)^2)", "det(W) + trace(W)", "[1, 2, 3] + u"),
        *("[[1, 2], [3, 4]]", "where(x <= y, [1, 2], [3, 4])", "(W·u)[0] + u[1] + W[0, 1]"),
        *("‖u‖^2 + |x/y| + norm(v, 1) + norm(v)", "2*sum((W·u)[i-1]^2 for i in range(1, n+1)) + 1"),
        *("sum(W[i,j] for i in range(n) for j in range(1, 3))", "prod(u[i] for i in range(3))"),
        *("sum(u[2-i]*x^i for i in range(3)) * 2", "sum(-u[i] for i in range(3)) - x"),
        *(
            "sum(sum(W[i,j]*u[j] for j in range(3)) for i in range(3))",
            "sum(i*u[i] for i in range(3))",
        ),
    ],
)
def test_reads_back(text: str) -> None:
    check_same(text)


BINARY = st.sampled_from(
    ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} · {})", "max({}, {})"]
)
UNARY = st.sampled_from(
    ["(-{})", "({})^2", "2^({})", "sin({})", "exp(-({})^2)", "abs({})", "sigmoid({})", "({} > 0)"]
)
NAMES = ("x", "y", "a", "loss", "x_1", "alpha", "d", "T", "2", "0.5", "1.5e-7", "10", "3e20")
EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: (
        st.builds(str.format, BINARY, inner, inner)
        | st.builds(str.format, UNARY, inner)
        | st.builds("where({} < {}, {}, {})".format, inner, inner, inner, inner)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=2000)
@given(EXPRESSIONS)
@example("(x * (-y)) / (2^(2^x))")
@example("((x / y)^2)^2")
@example("2^(2 * 0.5)")
def test_random_expressions_read_back(text: str) -> None:
    """Of sums and products, functions, powers, choices."""
    check_same(text)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_local_gradients_of_every_function_read_back(row: Row) -> None:
    parameters = [name.removesuffix("...") for name in row.parameters]
    point = row.samples[0]
    values = {**dict(zip(parameters, point, strict=False))}
    # What cannot be differentiated is a number in the text.
    constant = [row.rule(i, (True,) * len(point)) is None for i in range(len(point))]
    plain = [str(x) if c else name for x, c, name in zip(point, constant, parameters, strict=False)]
    values = {name: x for name, x in values.items() if name in plain}
    report = gradcalc.backprop(f"{row.name}({', '.join(plain)})", values)
    for local in report.nodes[-1].local:
        if not math.isfinite(local.value):
            continue
        used = {name: values[name] for name in WORD.findall(local.symbol) if name in values}
        text = latex(local.symbol)
        found = gradcalc.backprop(f"${text}$", used)
        assert found.value == pytest.approx(local.value, rel=1e-12), text


STRUCTURAL = [row for row in ops.load() if isinstance(row, Structural)]


@pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: row.name)
def test_texts_of_every_structural_function_have_a_form(row: Structural) -> None:
    """Their values, and what they pass on, have a form in LaTeX."""
    from gradcalc.services.functions import describe

    texts = [
        text for label, text in describe(row)[2:] if label.startswith("to ") or label == "formula"
    ]
    for text in texts:
        if "…" in text:
            continue
        assert formula(text), text


N = 100_000


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        *(("(", ")"), ("sin(", ")"), ("-(", ")"), ("1/(", ")"), ("[", "]"), ("where(x, y, ", ")")),
        *(("", "'"), ("", "[0]"), ("", " + x"), ("", "^x"), ("", "*x"), ("x > (", ")")),
    ],
)
def test_deep_expressions(opening: str, closing: str) -> None:
    written = latex(N * opening + "x" + N * closing)
    assert r"\texttt" not in written


#: Of one operand; by the name that they are read as.
WRITTEN = {*calls.COMMANDS, *calls.LETTERS, *calls.DELIMITERS} - {"max", "min", "det"}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_functions_with_a_sign_of_their_own_are_read_back(name: str) -> None:
    text = formula(f"{name}(x)")
    assert text
    assert "operatorname" not in text
    (ast,) = parse(Source(text), ops.PLACES, (), "latex")
    assert ops.row(print_program(ast).partition("(")[0]) is ops.row(name)


@pytest.mark.parametrize("name", ["sigmoid", "σ", "normal_cdf", "Φ", "gamma", "Γ"])
def test_functions_that_are_letters(name: str) -> None:
    letters = {row: letter for letter, row in LETTER_FUNCTIONS.items()}
    assert formula(f"{name}(x)") == rf"\{letters[ops.row(name).name]}(x)"
