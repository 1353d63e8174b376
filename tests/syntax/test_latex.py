"""How LaTeX is read: each text beside its reading in the native notation."""

import pytest

from gradcalc import GradcalcError, backprop, ops
from gradcalc.source import Source
from gradcalc.syntax.latex import commands
from gradcalc.syntax.parser import notation_of, parse
from gradcalc.syntax.printer import print_program


def reading(text: str, variables: tuple[str, ...] = (), notation: str = "latex") -> str:
    asts = parse(Source(text), ops.PLACES, variables, notation)
    return "\n---\n".join(map(print_program, asts))


def notes(text: str, variables: tuple[str, ...] = ()) -> list[str]:
    (ast,) = parse(Source(text), ops.PLACES, variables, "latex")
    return [f"{reading.kind}: {reading.message}" for reading in ast.readings]


FRACTIONS = [
    (r"\frac{a}{b}", "a / b"),
    (r"\dfrac{a}{b} + \tfrac{c}{d}", "a / b + c / d"),
    (r"\frac12 + \frac1x + \frac\alpha2 + \frac{a}2", "1 / 2 + 1 / x + alpha / 2 + a / 2"),
    (r"{a \over b + c}", "a / (b + c)"),
    (r"\frac{a}{b} c", "a / b · c"),
    (
        r"\sqrt{x} + \sqrt[2]{x} + \sqrt[3]{x} + \sqrt[n]{x} + \sqrt2",
        "sqrt(x) + sqrt(x) + cbrt(x) + x^(1 / n) + sqrt(2)",
    ),
    (r"x^\frac{1}{2}", "x^(1 / 2)"),
    (r"x^\frac12", "x^(1 / 2)"),
]

OPERATORS = [
    (r"a \cdot b", "a · b"),
    (r"a \times b \div c \ast d", "a * b / c * d"),
    (r"a \odot b + a \circ b", "a ⊙ b + a ⊙ b"),
    ("a b + 2 a b - 2xy", "a · b + 2 · a · b - 2 · x · y"),
    ("W x", "W · x"),
    ("a < b", "a < b"),
    (r"(a \le b) + (a \leq b) + (a \geqslant b)", "(a <= b) + (a <= b) + (a >= b)"),
    (
        r"(a \ge b) + (a \ne b) + (a \neq b) + (a \lt b) + (a \gt b)",
        "(a >= b) + (a != b) + (a != b) + (a < b) + (a > b)",
    ),
    (r"0 \le x < 1", "(0 <= x) * (x < 1)"),
    ("a − b × c ÷ d · e ⊙ f", "a - b * c / d · e ⊙ f"),
    ("-x^2 + {-x}^2", "-x^2 + (-x)^2"),
    (r"a \otimes b", "outer(a, b)"),
    (r"\frac{1}{x^2}2x", "1 / x^2 · 2 · x"),
    ("(1 - p)0", "(1 - p) · 0"),
]

POWERS = [
    ("e^{-x}", "e^-x"),
    ("x^2 + x^{n+1} + x^{y^z}", "x^2 + x^(n + 1) + x^y^z"),
    (r"x^{-1} + x^\alpha + x²", "x^-1 + x^alpha + x^2"),
    ("x_1^2 + x^2_1", "x_1^2 + x_1^2"),
    ("(x + y)^2", "(x + y)^2"),
    ("x'", "xᵀ"),
    (r"A^T B^{T} C^\top D^{\mathsf T} E^{\mathrm{T}} F^\intercal", "Aᵀ · Bᵀ · Cᵀ · Dᵀ · Eᵀ · Fᵀ"),
    ("A^{-1} + x^{-1} + (X^T X)^{-1} + A^{-T}", "inv(A) + x^-1 + inv(Xᵀ · X) + inv(A)ᵀ"),
    (r"\mathbf{w}^* + \theta^\star", "w_star + theta_star"),
]

BRACKETS = [
    (r"\left( x + y \right) z", "(x + y) · z"),
    (r"\big( x \big) \Bigl[ y \Bigr] \biggl\{ z \biggr\}", "x · y · z"),
    (r"[x + y] z + \{ x + y \}", "(x + y) · z + (x + y)"),
    ("{x + y}", "x + y"),
    (r"2 \left[ x \right]", "2 · x"),
    (r"\left( a + \right. \\ \left. b \right) c", "(a + b) · c"),
]

NORMS = [
    (
        r"|x| + \left| x \right| + \lvert x \rvert + \vert x \vert + \mid x \mid",
        "‖x‖ + ‖x‖ + ‖x‖ + ‖x‖ + ‖x‖",
    ),
    (
        r"\|x\| + \lVert x \rVert + \Vert x \Vert + \left\| x \right\| + ||x||",
        "‖x‖ + ‖x‖ + ‖x‖ + ‖x‖ + ‖x‖",
    ),
    (r"\|W \cdot x\|^2", "‖W · x‖^2"),
    (
        r"\|x\|_1 + \|x\|_2 + \|A\|_F + \|x\|_\infty",
        "‖x‖_1 + ‖x‖ + ‖A‖ + ‖x‖_inf",
    ),
    (r"\|x\|_2^2 + \|x\|^2_1", "‖x‖^2 + ‖x‖_1^2"),
    ("|x||y| + ||x| - 1|", "‖x‖ · ‖y‖ + ‖‖x‖ - 1‖"),
    (r"\langle x, y \rangle", "dot(x, y)"),
    (r"\lfloor x \rfloor + \lceil x \rceil", "floor(x) + ceil(x)"),
]

NAMES = [
    ("w_{0} x_{0} + W_1", "w_0 · x_0 + W_1"),
    ("x_{ij} + x_{i,j} + x_{1,2}", "x_ij + x_i_j + x_1_2"),
    (
        r"\alpha + \beta_1 + \Gamma + \varepsilon + \vartheta",
        "alpha + beta_1 + Gamma + epsilon + theta",
    ),
    (
        r"\mathbf{x} + \boldsymbol{\theta} + \bm{W}_1 + \vec{v} + \mathcal{L} + {\bf y}",
        "x + theta + W_1 + v + L + y",
    ),
    (
        r"\mathrm{loss} + \text{loss}_1 + \mathit{loss} + \mathsf{loss} + \operatorname{loss}",
        "loss + loss_1 + loss + loss + loss",
    ),
    (
        r"\hat{y} + \bar{x}_1 + \tilde{\mathbf{z}} + \dot{q} + \overline{u}",
        "y_hat + x_bar_1 + z_tilde + q_dot + u_bar",
    ),
    (
        r"L_{\text{reg}} + L_{\mathrm{CE}} + x_{\max} + h_{t-1}",
        "L_reg + L_CE + x_max + h_t_minus_1",
    ),
    ("W^{(1)} + a^{[2]} + W^{(2)}_{ij}", "W_1 + a_2 + W_2_ij"),
    (
        "h^{(l)} h^{(l-1)} + a^{[l+1]} + W^{(ij)} + x^{(1,2)}",
        "h_l · h_l_minus_1 + a_l_plus_1 + W_ij + x_1_2",
    ),
    (r"a^{[2](i)} + X^{\{t\}} + W^{(\text{in})}", "a_2_i + X_t + W_in"),
    (r"W^{[1]T} x + W^{(1)\top} x + W^{[1]^T} x", "W_1ᵀ · x + W_1ᵀ · x + W_1ᵀ · x"),
    (r"{W^{[1]}}^T + (W^{[1]})^T + W^{[1]\mathsf{T}}", "W_1ᵀ + W_1ᵀ + W_1ᵀ"),
    ("W^{[1](i)T} + w^{(i)2} + w^{[1]*}", "W_1_iᵀ + w_i^2 + w_1_star"),
    ("2^{(n-1)} + e^{(n-1)} + (x + y)^{(n-1)}", "2^(n - 1) + e^(n - 1) + (x + y)^(n - 1)"),
    ("x^{(a+b)/2} + x^{(-1)} + x^{a+1}", "x^((a + b) / 2) + x^-1 + x^(a + 1)"),
    (r"x₁ + xᵢⱼ + xⁿ + \frac12", "x_1 + x_ij + x^n + 1 / 2"),
    (r"\pi r^2 + \infty", "pi · r^2 + inf"),
    (r"{x}_1 + {\mathbf{x}}_2", "x_1 + x_2"),
    ("α + β_1", "alpha + beta_1"),
    (r"\text{val\_loss} + \text{my-loss}", "val_loss + my_loss"),
]

FUNCTIONS = [
    (r"\exp(x) + \log x + \ln x + \tanh(x)", "exp(x) + log(x) + log(x) + tanh(x)"),
    (r"\log_2 x + \log_{10}(x) + \log_b x", "log2(x) + log10(x) + log(x) / log(b)"),
    (r"\sin x \cos y", "sin(x) · cos(y)"),
    (r"\sin^2 x + \sin^{2}(x)", "sin(x)^2 + sin(x)^2"),
    (r"\sin^{-1} x + \tanh^{-1}(x)", "arcsin(x) + arctanh(x)"),
    (r"\sin 2x + y", "sin(2 · x) + y"),
    (r"\sin \frac{x}{2} + \sin -x", "sin(x / 2) + sin(-x)"),
    (r"\sin(x) y + \sin\left(x\right)^2", "sin(x) · y + sin(x)^2"),
    (r"\max(0, W_1 x)", "max(0, W_1 · x)"),
    (
        r"\max\{a, b\} + \min(a, b, c) + \max\left(a, b\right)",
        "max(a, b) + min(a, b, c) + max(a, b)",
    ),
    (r"\sigma(x) + \sigma x + \sigma_1", "sigmoid(x) + sigma · x + sigma_1"),
    (r"\sigma\left(w^\top x\right)", "sigmoid(wᵀ · x)"),
    (
        r"\operatorname{softmax}(z) + \mathrm{ReLU}(x) + \text{Sigmoid}(x)",
        "softmax(z) + relu(x) + sigmoid(x)",
    ),
    (r"relu(x) + max(0, x) + \pi", "relu(x) + max(0, x) + pi"),
    (r"\log\sigma(x) + \log \sin x", "log(sigmoid(x)) + log(sin(x))"),
    (r"\exp{x} + \exp{(x)} + \max{(a, b)}", "exp(x) + exp(x) + max(a, b)"),
    (r"2x\cos(x) + 2xsin(x)", "2 · x · cos(x) + 2 · x · sin(x)"),
    (r"\det(A) + \operatorname{tr}(A) + \det A", "det(A) + tr(A) + det(A)"),
    (r"\log|x| + \exp \|x\|", "log(‖x‖) + exp(‖x‖)"),
    (r"\Gamma(x) + \Phi(x)", "gamma(x) + normal_cdf(x)"),
    (r"\abs{x} + \norm{x}", "abs(x) + norm(x)"),
]

MATRICES = [
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[[1, 2], [3, 4]]"),
    (r"\begin{pmatrix} a \\ b \end{pmatrix}", "[a, b]"),
    (r"\begin{bmatrix} a & b \end{bmatrix}", "[a, b]ᵀ"),
    (r"\begin{bmatrix} a & b \end{bmatrix}^\top", "[a, b]"),
    (r"\left[ \begin{array}{cc} a & b \\ c & d \\ \end{array} \right]", "[[a, b], [c, d]]"),
    (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", "det([[a, b], [c, d]])"),
    (r"x = [1, 2, 3] + \alpha", "x = [1, 2, 3] + alpha"),
    (r"\begin{matrix} \frac{a}{b} & x_{12} \\ -1 & |x| \end{matrix}", "[[a / b, x_12], [-1, ‖x‖]]"),
]

CASES = [
    (
        r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "where(x > 0, x, 0)",
    ),
    (r"\begin{cases} x, & x \ge 0 \\ -x, & x < 0 \end{cases}", "where(x >= 0, x, -x)"),
    (
        r"\begin{cases} 1 & x > 1 \\ x & 0 < x \le 1 \\ 0 & \text{else} \end{cases}",
        "where(x > 1, 1, where((0 < x) * (x <= 1), x, 0))",
    ),
    (r"\begin{cases} 1 & x > 1 \\ 0 & x < 0 \end{cases}", "where(x > 1, 1, where(x < 0, 0, nan))"),
    (
        r"\left\{ \begin{array}{ll} a & \text{if } x = 1 \\ b & \text{else} \end{array} \right.",
        "where(x == 1, a, b)",
    ),
    (
        r"\begin{cases} a \text{ if } x > 0 \text{ and } y > 0 \\ b \text{ otherwise} \end{cases}",
        "where((x > 0) * (y > 0), a, b)",
    ),
    (
        r"\begin{cases} a & \text{if $x > 0$} \\ b & \text{otherwise} \end{cases}",
        "where(x > 0, a, b)",
    ),
    (
        r"\mathbb{1}[x > 0] + \mathbf{1}\{y = 2\} + \mathbb{I}(x > 0, y > 0) + \mathbb{1}_{x < 1}",
        "(x > 0) + (y == 2) + (x > 0) * (y > 0) + (x < 1)",
    ),
]

NUMBERS = [
    (r"1{,}000 + 0.5 + .5 \alpha", "1000 + 0.5 + 0.5 · alpha"),
    (r"3 \times 10^{-3}", "3 * 10^-3"),
    (r"x^23 + \alpha", "x^2 · 3 + alpha"),
    (r"2 \pi", "2 · pi"),
    (r"1e-3 \, x", "0.001 · x"),
]

SPACES = [
    (r"x \, y \; z \: u \! v \quad w ~ t \hspace{1cm} s", "x · y · z · u · v · w · t · s"),
    (
        r"\displaystyle \sum\nolimits_{i=1}^{2} x_i \phantom{abc}",
        "sum(x[i - 1] for i in range(1, 3))",
    ),
    (r"\textcolor{red}{x} + \boxed{y}", "x + y"),
]

ALL = [
    *FRACTIONS,
    *OPERATORS,
    *POWERS,
    *BRACKETS,
    *NORMS,
    *NAMES,
    *FUNCTIONS,
    *MATRICES,
    *CASES,
    *NUMBERS,
    *SPACES,
]


@pytest.mark.parametrize(("text", "native"), ALL, ids=[text for text, _ in ALL])
def test_reading(text: str, native: str) -> None:
    assert reading(text) == native


@pytest.mark.parametrize("native", sorted({native for _, native in ALL}))
def test_a_reading_is_read_back(native: str) -> None:
    assert reading(native, notation="native") == native


#: With names that have a value from outside.
GIVEN = [
    (r"loss + \alpha", ("loss",), "loss + alpha"),
    (r"\mathrm{loss}", ("loss",), "loss"),
    (r"\alpha + β", ("α", "β"), "α + β"),
    (r"x1 + \alpha", ("x1",), "x1 + alpha"),
    (r"x^T \,", ("T",), "x^T"),
    (r"x^{T} + {x^T}^2 + 2^T \,", ("T",), "x^T + (x^T)^2 + 2^(T)"),
    (r"W^{[1]T} + x^{-T} + (x)^{(T)} \,", ("T",), "W_1^T + x^-(T) + x^(T)"),
    (r"\sum_{T=1}^{3} x^T + y^T", (), "sum(x^T for T in range(1, 4)) + yᵀ"),
    (r"\sigma(x)", ("sigma",), "sigma · x"),
    (r"\sigma(x)", ("σ",), "σ · x"),
    (r"x(y + 1) \,", ("x", "y"), "x · (y + 1)"),
    (r"\sum_{i=1}^{n} x_i", ("n", "x"), "sum(x[i - 1] for i in range(1, n + 1))"),
    (r"\sum_i x_i + x_1", ("x", "x_1"), "sum(x[i - 1] for i in range(1, size(x, 0) + 1)) + x_1"),
    (
        r"\sum_i x_i \cdot s_i",
        ("x", "s_i"),
        "sum(x[i - 1] · s_i for i in range(1, size(x, 0) + 1))",
    ),
    (r"\frac{dx}{dy}", ("d", "x", "y"), "d · x / (d · y)"),
    (r"e^x + \pi", ("e",), "e^x + pi"),
    (r"\mathrm{relu}(x)", ("relu",), "relu · x"),
    (r"x'", ("x_prime",), "x_prime"),
]


@pytest.mark.parametrize(("text", "variables", "native"), GIVEN)
def test_names_from_outside(text: str, variables: tuple[str, ...], native: str) -> None:
    assert reading(text, variables) == native


#: What is said where there was a choice.
NOTES = [
    (r"x^23", "argument: ^23 is read as ^2 3, as TeX does"),
    (r"\sin^{-1} x", r"inverse: \sin^{-1} is read as arcsin, the inverse function"),
    (r"\sin 2x", r"argument: \sin 2x is read as \sin(2x)"),
    (r"\frac{1}{x^2}2x", r"product: the number in \frac{1}{x^2}2 is read as a factor"),
    (r"f(x + 1) \,", "product: f(...) is read as the product f·(...), for f is no function"),
    (r"1/2x + \alpha", "division: 1/2x is read as (1/2)·x"),
    (r"A^{-1}", "inverse: A^{-1} is read as the inverse"),
    (r"W^{(1)} x", "name: W^{(1)} is read as the name W_1, not as a power"),
    (r"W^{(t)} x", "name: W^{(t)} is read as the name W_t, not as a power"),
    (r"h^{(l)} + h^{(l-1)}", "name: h^{(l-1)} is read as the name h_l_minus_1, not as a power"),
    (r"W^{[1]T} x", "name: the index in W^{[1]T} is read as part of the name W_1"),
    (r"\sum_i a^{[2](i)}", "name: a^{[2](i)} is read as an entry of a_2, not as a power"),
    (r"W^{[1]-1} x", "power: W^{[1]-1} is read as a power; an index is written W_{1}"),
    (r"x^{(i)^2}", "power: x^{(i)^2} is read as a power; an index is written x_{i}"),
    (r"\sum_i a^{(x_i)}", "power: a^{(x_i)} is read as a power; an index is written a_{x_i}"),
    (r"n = 3, x^{(n-1)}", "power: x^{(n-1)} is read as a power, for n has a value"),
    (r"x'", "transpose: x' is read as the transpose of x"),
    (r"\sin(x)^2", r"power: the power behind \sin(x) is read as that of the whole"),
    ("x\n- y \\cdot z", 'line: the line that begins with "-" goes on with the one before'),
    (r"f = x \approx 3", r"approximate: \approx 3 is left out"),
    (r"so $x$", "text: so stands outside of $…$ and is left out"),
    (r"x = (1, 2) \,", "array: (1, 2) is read as an array"),
    (r"\sum_i x_i", "length: i runs from 1 to the length of x"),
    (r"\sum_{i=1}^n x_i", "length: n is read as the length of x"),
    (r"\sum_{i=0}^2 x_i", "index: the index i counts from 0 here"),
    (r"\sum_i x_i + y_i", "sum-goes-on: the sum over i goes on over + y_i"),
    (r"\sum_j s_j - s_y", "entry: s_y is read as an entry of s"),
    (
        r"L_i = 2 y, \sum_{i=1}^3 L_i",
        "own-name: L_i is a name of its own here, the same for every i",
    ),
    (r"w_{ij} = 2, \sum_{i=1}^2 \sum_{j=1}^2 w_{ij}", "own-name: w_ij is a name of its own here"),
    (r"\sum_i \underbrace{x_i}_{q}", "label: q is no node of its own, for it depends on i"),
    (r"f(x) = 3x_1 \,", "parameter: nothing in the formula of f depends on x"),
    (r"\frac{d}{dx} x y", r"argument: \frac{d}{dx} x y is read as the derivative of all of x y"),
    (r"\begin{cases} 1 & x > 1 \\ 0 & x < 0 \end{cases}", "cases: where none of the cases holds"),
    (r"1e-3 \, x", "number: 1e-3 is read as the number 0.001"),
    (r"2xcos(x) + \alpha", r"name: xcos is read as x \cos"),
    (r"sin x + \alpha", r"name: sin is read as the function \sin"),
    (r"y \sin x/2", r"argument: y \sin x/2 is read as (\sin x)/2"),
    (r"\underbrace{x}_q \underbrace{y}_q", "label: q is the name of another part already"),
]


@pytest.mark.parametrize(("text", "note"), NOTES, ids=[text for text, _ in NOTES])
def test_notes(text: str, note: str) -> None:
    assert any(said.startswith(note) for said in notes(text))


#: Not those whose power could only be meant so.
TAKING_POWERS = sorted({*commands.FUNCTIONS} - {*("abs", "norm", "max", "min", "det", "Tr", "tr")})
TAKING_POWERS += ["log_2", "sin^{-1}", "tanh^{-1}", "mathrm{sinh}"]


@pytest.mark.parametrize("function", TAKING_POWERS)
def test_a_power_behind_a_call(function: str) -> None:
    text = rf"\{function}(x)"
    assert f"power: the power behind {text} is read as that of the whole" in notes(text + "^2")


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "exp", "log", "ln", "sinh", "cosh", "tanh"])
def test_functions_without_a_backslash(name: str) -> None:
    assert reading(rf"{name} x + \alpha") == f"{commands.FUNCTIONS[name]}(x) + alpha"


QUIET = [r"\frac{1}{2} x", r"W_2 \max(0, W_1 x)", r"(x + y)z", r"\sigma(w x + b)", r"e^{-x}", "$x$"]
QUIET += [r"\frac{\sin x}{2}", r"\sin(x)/2", r"\sin\frac{x}{y}/2", r"\log_2 x / \log_2 y"]
QUIET += [r"x_{in} = 2, \sum_{i=1}^3 x_{in} y_i", r"x_i = 2, x_i + \sum_{i=1}^3 y_i"]
QUIET += [r"\max(x, y)^2", r"\det(A)^2", r"\operatorname{norm}(x)^2", r"\sinh^2(x)"]


@pytest.mark.parametrize("text", QUIET)
def test_no_notes_where_there_is_no_choice(text: str) -> None:
    assert notes(text) == []


LATEX = [
    r"\alpha",
    r"x \cdot y",
    r"\(x\)",
    r"\{x\}",
    r"\|x\|",
    "x \\\\ y",
    "$x$",
    "$$x$$",
    r"\[x\]",
    r"x\,y",
    r"x\ y",
    "e^{-x}",
    "w_{0}x",
    "∑_i x_i",
]


@pytest.mark.parametrize("text", LATEX)
def test_latex_is_recognized(text: str) -> None:
    assert notation_of(text) == "latex"


@pytest.mark.parametrize("text", ["x + y", "‖x‖ · α", "f(x) = x²", "∂f/∂x", r"x # \frac", "x # 5$"])
def test_native_text_is_recognized(text: str) -> None:
    assert notation_of(text) == "native"


def test_spans_are_those_of_the_source() -> None:
    text = r"f = \frac{a + b}{\sqrt{c_1}}"
    (ast,) = parse(Source(text), ops.PLACES, ())
    quoted = {text[ast.start[i] : ast.end[i]] for i in range(len(ast))}
    assert quoted == {"a", "b", "a + b", "c_1", r"\sqrt{c_1}", r"\frac{a + b}{\sqrt{c_1}}"}


def test_python() -> None:
    assert backprop(r"\frac{x}{y}", x=1, y=4).gradients == {"x": 0.25, "y": -0.0625}
    assert backprop("(x+y)z", x=1, y=2, z=3, syntax="latex").value == 9


def test_the_power_of_a_matrix_is_noted() -> None:
    A = [[2.0, 1.0], [0.0, 4.0]]
    report = backprop(r"\mathbf{A}^2 b", A=A, b=[1.0, 2.0])
    assert report.value.tolist() == [6.0, 32.0]
    kinds = [note.kind for note in report.notes]
    assert kinds.count("power") == 1
    for quiet in ("A^2", r"A \odot A", r"\sum_{i,j} A_{ij}^2"):
        assert "power" not in [note.kind for note in backprop(quiet, A=A).notes]


def test_a_name_with_a_subscript_is_no_product() -> None:
    with pytest.raises(GradcalcError) as error:
        backprop(r"\sqrt{x_1}", x=2)
    assert "x*" not in error.value.help


def test_an_exponent_in_brackets_whose_letters_have_a_value_is_a_power() -> None:
    report = backprop("x^{(n-1)}", x=2.0, n=4.0)
    assert report.value == 8.0
    assert [note.kind for note in report.notes] == ["power"]
    assert backprop("x^{(n-1)} n", n=4.0, x_n_minus_1=3.0).value == 12.0
    assert backprop("x_{n-1} n", n=4.0, x_n_minus_1=3.0).value == 12.0


def test_a_layer_and_an_example() -> None:
    """Cross-entropy of two examples: -(log(1 - 0.2) + log(0.7))/2."""
    text = r"J = -\frac{1}{m} \sum_{i=1}^m (y^{(i)}\log(a^{[2](i)})"
    text += r" + (1-y^{(i)})\log(1 - a^{[2](i)}))"
    report = backprop(text, y=[0.0, 1.0], a_2=[0.2, 0.7])
    assert report.value == pytest.approx(0.2899092476264711)
    assert report.gradients["a_2"] == pytest.approx([0.625, -1 / 1.4])
    with pytest.raises(GradcalcError, match="its inputs are y and a_2"):
        backprop(text, y=[0.0, 1.0], a=[0.2, 0.7])


def test_the_layer_is_part_of_the_name_that_has_entries() -> None:
    assert reading(r"\sum_{i=1}^{2} a^{[2](i)} a_1 a^{[2]}_1") == (
        "sum(a_2[i - 1] · a_1 · a_2[0] for i in range(1, 3))"
    )


def test_powers_of_e_are_no_entries_unless_e_is_defined() -> None:
    assert reading(r"\sum_{j=1}^2 e^{(x_j)}") == "sum(e^x[j - 1] for j in range(1, 3))"
    text = r"e^{(i)} = y^{(i)} - 1, \sum_{i=1}^2 (e^{(i)})^2"
    assert backprop(text, y=[3.0, 2.0]).value == 5.0
