"""Statements, sums and derivatives in LaTeX, each beside its reading in the native notation."""

import pytest

from gradcalc import backprop, backprop_all, ops
from gradcalc.source import Source
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program


def reading(text: str, notation: str = "latex") -> str:
    asts = parse(Source(text), ops.PLACES, ("z",), notation)
    return "\n---\n".join(map(print_program, asts))


DEFINITIONS = [
    (r"f(x, y, z) = (x + y)z \,", "f(x, y, z) = (x + y) · z"),
    (r"f(x; W) = \|W x\|", "f(x, W) = ‖W · x‖"),
    (r"x = -2, y = 5, z = -4 \,", "x = -2\ny = 5\nz = -4"),
    (r"a = 1 \quad b = 2 \qquad c = 3", "a = 1\nb = 2\nc = 3"),
    (r"a = 1; b = 2 \text{ and } c = 3", "a = 1\nb = 2\nc = 3"),
    (r"q = x + y = 3 \,", "q = x + y = 3"),
    (r"f(x) = x^2 \\ f(3) + f(y)", "f(x) = x^2\nf(3) + f(y)"),
    (r"y = f(x) = x^2 \,", "f(x) = x^2\ny = f(x)"),
    (r"\hat{y} = z_2 = \sigma(a)", "z_2 = sigmoid(a)\ny_hat = z_2"),
    (r"\text{loss} = -\log(p)", "loss = -log(p)"),
    ("f = x +\n  \\alpha\ng = f^2", "f = x + alpha\ng = f^2"),
    ("f = \\alpha\n= 2", "alpha = 2\nf = alpha"),
    (r"x - y \\ z", "x - y\nz"),
    (r"f(x) = 3x_1 + x_2 \,", "f = 3 · x_1 + x_2"),
    (r"h' = 2h \, \\ h' + 1", "h_prime = 2 · h\nh_prime + 1"),
    (r"\text{ReLU}(x) = \max(0, x)", "relu(x) = max(0, x)"),
    (r"f = x^2. \quad (3)", "f = x^2"),
    (r"f = x \approx 3", "f = x"),
]

ENVIRONMENTS = [
    (r"\begin{align} f &= x + y \\ &= 3 \\ g &= f^2 \end{align}", "f = x + y = 3\ng = f^2"),
    (r"\begin{equation} \label{eq:1} f = x^2 \tag{1} \end{equation}", "f = x^2"),
    (r"\begin{aligned} f &= a \\ &\quad + b \\ g &= c \end{aligned}", "f = a + b\ng = c"),
    (r"\begin{gather*} f = x \nonumber \\ g = f \end{gather*}", "f = x\ng = f"),
    (r"\[ f = x^2 \]", "f = x^2"),
    (r"\( x + 1 \)", "x + 1"),
    ("$f = x$", "f = x"),
    ("$$f = x$$", "f = x"),
    ("$f = x$ and $g = 2f$", "f = x\ng = 2 · f"),
    ("x % a comment\n+ y \\cdot z", "x + y · z"),
    (r"\begin{array}{l} a = 1 \\ b = a \end{array}", "a = 1\nb = a"),
    (r"Let \begin{equation} f = x \end{equation} and $g = f$", "f = x\ng = f"),
]

SUMS = [
    (r"\sum_{i=1}^{3} x_i", "sum(x[i - 1] for i in range(1, 4))"),
    (
        r"\sum_{i=1}^n (W \cdot x)_i^2",
        "n = size(W · x, 0)\nsum((W · x)[i - 1]^2 for i in range(1, n + 1))",
    ),
    (r"\sum_i x_i^2", "sum(x[i - 1]^2 for i in range(1, size(x, 0) + 1))"),
    (
        r"\sum_{i,j} A_{ij}",
        "sum(A[i - 1, j - 1] for i in range(1, size(A, 0) + 1) for j in range(1, size(A, 1) + 1))",
    ),
    (
        r"\sum_{ij} A_{i,j}",
        "sum(A[i - 1, j - 1] for i in range(1, size(A, 0) + 1) for j in range(1, size(A, 1) + 1))",
    ),
    (
        r"\sum_{i=1}^{2} \sum_{j=1}^{3} w_{ij} x_j",
        "sum(sum(w[i - 1, j - 1] · x[j - 1] for j in range(1, 4)) for i in range(1, 3))",
    ),
    (r"\sum_i x_i y_i + 1", "sum(x[i - 1] · y[i - 1] for i in range(1, size(x, 0) + 1)) + 1"),
    (
        r"\sum_i a x_i \cdot \frac{y_i}{b}",
        "sum(a · x[i - 1] · (y[i - 1] / b) for i in range(1, size(x, 0) + 1))",
    ),
    (r"\prod_{k=1}^{3} k", "prod(k for k in range(1, 4))"),
    (
        r"\sum_{j \ne y} \max(0, s_j - s_y + 1)",
        "sum(where(j != y, max(0, s[j - 1] - s[y - 1] + 1), 0) for j in range(1, size(s, 0) + 1))",
    ),
    (
        r"\sum_{j \neq y_i} \max(0, s_j - s_{y_i} + 1)",
        "sum(where(j != y_i, max(0, s[j - 1] - s[y_i - 1] + 1), 0)"
        " for j in range(1, size(s, 0) + 1))",
    ),
    (r"\sum_{i=0}^{n-1} x_i", "n = size(x, 0)\nsum(x[i] for i in range(0, n))"),
    (
        r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)",
        "n = size(x, 0)\nsum(x[i] - x[i - 1] for i in range(1, n))",
    ),
    (
        r"\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2",
        "n = size(y, 0)\n1 / n · sum((y[i - 1] - y_hat[i - 1])^2 for i in range(1, n + 1))",
    ),
    (
        r"\sum_i x^{(i)} + \sum_i \|x^{(i)}\|^2",
        "sum(x[i - 1] for i in range(1, size(x, 0) + 1))"
        " + sum(‖x[i - 1]‖^2 for i in range(1, size(x, 0) + 1))",
    ),
    (
        r"\sum_{i=1}^{m} y^{(i)} x_j^{(i)}",
        "m = size(y, 0)\nsum(y[i - 1] · x[i - 1, j - 1] for i in range(1, m + 1))",
    ),
    (
        r"\log \sum_j e^{z_j} - z_k",
        "log(sum(e^z[j - 1] for j in range(1, size(z, 0) + 1))) - z[k - 1]",
    ),
    (r"-\sum_i p_i \log q_i", "-sum(p[i - 1] · log(q[i - 1]) for i in range(1, size(p, 0) + 1))"),
    (
        r"\max_i x_i + \min_{j} (x_j + 1)",
        "max(x[i - 1] for i in range(1, size(x, 0) + 1))"
        " + min(x[j - 1] + 1 for j in range(1, size(x, 0) + 1))",
    ),
    (
        r"\sum_{1 \le i \le 3} x_i + \sum_{0 < i < 3} x_i",
        "sum(x[i - 1] for i in range(1, 4)) + sum(x[i - 1] for i in range(0 + 1, 3 - 1 + 1))",
    ),
    (
        r"\sum_i x_{i,:} + \sum_j W_{:,j}",
        "sum(x[i - 1, :] for i in range(1, size(x, 0) + 1))"
        " + sum(W[:, j - 1] for j in range(1, size(W, 1) + 1))",
    ),
    (
        r"\sum_{i=1}^{n} y_i \log a_i + (1 - y_i) \log (1 - a_i)",
        "n = size(y, 0)\n"
        "sum(y[i - 1] · log(a[i - 1]) + (1 - y[i - 1]) · log(1 - a[i - 1])"
        " for i in range(1, n + 1))",
    ),
    (
        r"f(x) = \frac{1}{n}\sum_{i=1}^{n} x_i",
        "f(x) = 1 / size(x, 0) · sum(x[i - 1] for i in range(1, size(x, 0) + 1))",
    ),
    (r"(W x)_1 + x_1 \alpha", "(W · x)[0] + x_1 · alpha"),
    (r"x[0] + W[1, 2] \alpha", "x[0] + W[1, 2] · alpha"),
    (r"\sum_i x_i + y_i z", "sum(x[i - 1] + y[i - 1] · z for i in range(1, size(x, 0) + 1))"),
    (r"\sum\limits_{i=1}^{2} x_i", "sum(x[i - 1] for i in range(1, 3))"),
]

DERIVATIVES = [
    (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
    (r"\frac{df}{dx} + \frac{\mathrm{d} f}{\mathrm{d} x}", "∂f/∂x + ∂f/∂x"),
    (r"\partial f / \partial x + ∂f/∂x", "∂f/∂x + ∂f/∂x"),
    (r"df/dx \,", "∂f/∂x"),
    (r"\frac{\partial}{\partial x} (x y)", "∂/∂x(x · y)"),
    (r"\frac{\partial (xy)}{\partial x}", "∂/∂x(x · y)"),
    (r"\frac{\partial^2 f}{\partial x^2}", "∂/∂x(∂f/∂x)"),
    (r"\frac{\partial^2 f}{\partial x \partial y}", "∂/∂y(∂f/∂x)"),
    (r"\nabla_x f + \nabla_{W} L", "∂f/∂x + ∂L/∂W"),
    (
        r"\frac{\partial f}{\partial x} = "
        r"\frac{\partial q}{\partial x} \cdot \frac{\partial f}{\partial q}"
        r" = 1 \cdot z = z = -4",
        "∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4",
    ),
    (r"\frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}", "∂f/∂x\n∂f/∂y"),
    (r"\frac{\partial L}{\partial W_1} x", "∂L/∂W_1 · x"),
    (r"\frac{df}{dx}(x) = 2x", "∂f/∂x = 2 · x"),
    (r"\frac{d}{dx} x^2 y", "∂/∂x(x^2 · y)"),
    (
        r"\sum_i \frac{\partial f}{\partial x_i}",
        "sum((∂f/∂x)[i - 1] for i in range(1, size(x, 0) + 1))",
    ),
    (r"\frac{d}{d + 1}", "d / (d + 1)"),
]

LABELS = [
    (r"f = W_2 \max(0, \underbrace{W_1 x}_h)", "h = W_1 · x\nf = W_2 · max(0, h)"),
    (r"\underbrace{\underbrace{x + y}_{q} z}_{f}", "q = x + y\nf = q · z\nf"),
    (r"\overbrace{w x}^{v} + b", "v = w · x\nv + b"),
    (r"\underbrace{x}_{\text{local gradient}} y", "x · y"),
    (r"\underbrace{x + y}_{\text{hidden}}", "hidden = x + y\nhidden"),
    (r"\sum_i \underbrace{x_i^2}_{s}", "sum(x[i - 1]^2 for i in range(1, size(x, 0) + 1))"),
]

ALL = [*DEFINITIONS, *ENVIRONMENTS, *SUMS, *DERIVATIVES, *LABELS]


@pytest.mark.parametrize(("text", "native"), ALL, ids=[text for text, _ in ALL])
def test_reading(text: str, native: str) -> None:
    assert reading(text) == native


@pytest.mark.parametrize("native", sorted({native for _, native in ALL}))
def test_a_reading_is_read_back(native: str) -> None:
    assert reading(native, "native") == native


def test_problems() -> None:
    assert reading("q = \\alpha\n---\nq = \\beta") == "q = alpha\n---\nq = beta"


#: Sums, with their values by hand.
SUMS_BY_HAND = [
    (r"\sum_{i=1}^{3} i x_i", {"x": [1, 2, 4]}, 17, {"x": [1, 2, 3]}),
    (r"\sum_{i=1}^{n} x_i^2", {"x": [1, 2, 4]}, 21, {"x": [2, 4, 8]}),
    (r"\frac{1}{n} \sum_{i=1}^{n} x_i", {"x": [1, 2, 6]}, 3, {"x": [1 / 3] * 3}),
    (r"\sum_i \sum_j W_{ij} x_j", {"W": [[1, 2], [3, 4]], "x": [5, 6]}, 56, {"x": [4, 6]}),
    (r"\sum_{j \ne 2} x_j", {"x": [1, 2, 4]}, 5, {"x": [1, 0, 1]}),
    (r"\prod_{i=1}^{n} x_i", {"x": [2, 3, 4]}, 24, {"x": [12, 8, 6]}),
    (r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", {"x": [1, 2, 4]}, 5, {"x": [-2, -2, 4]}),
    (r"\sum_{i=0}^{n-1} 2^i x_i", {"x": [1, 1, 1]}, 7, {"x": [1, 2, 4]}),
    (r"\max_i x_i", {"x": [1, 5, 2]}, 5, {"x": [0, 1, 0]}),
    (r"\max_{j \ne 2} x_j", {"x": [1, 5, 2]}, 2, {"x": [0, 0, 1]}),
    (r"x_2 \sum_i x_i", {"x": [1, 2, 4]}, 14, {"x": [2, 9, 2]}),
    (r"\sum_{1 \le i \le 2} x_i", {"x": [1, 2, 4]}, 3, {"x": [1, 1, 0]}),
    (r"\sum_{0 < i < 3} x_i", {"x": [1, 2, 4]}, 3, {"x": [1, 1, 0]}),
    (r"\sum_{k=1}^{K} \sum_{l=1}^{L} W_{kl}^2", {"W": [[1, 2, 3], [4, 5, 6]]}, 91, {}),
]


@pytest.mark.parametrize(("text", "values", "value", "gradients"), SUMS_BY_HAND)
def test_sums(
    text: str, values: dict[str, object], value: float, gradients: dict[str, list[float]]
) -> None:
    report = backprop(text, values)
    assert report.value == pytest.approx(value, rel=1e-15)
    for name, gradient in gradients.items():
        assert report.gradients[name] == pytest.approx(gradient, rel=1e-15)


def test_a_length_is_no_input() -> None:
    report = backprop(r"\frac{1}{n} \sum_{i=1}^{n} x_i", x=[1, 2, 6])
    assert list(report.gradients) == ["x"]


LECTURE = r"""
f(x, y, z) = (x + y)z \qquad x = -2, y = 5, z = -4

\frac{\partial f}{\partial x} = \frac{\partial g}{\partial x} \cdot \frac{\partial f}{\partial g}
= 1 \cdot z = z = -4
"""


def test_the_lecture() -> None:
    report = backprop(LECTURE)
    assert report.value == -12
    assert report.gradients == {"x": -4, "y": -4, "z": 3}
    assert [note.kind for note in report.notes if note.kind == "claim"] == ["claim"]


def test_a_label_is_a_node() -> None:
    report = backprop(r"f = W_2 \max(0, \underbrace{W_1 x}_h)", W_1=2, W_2=3, x=4)
    assert report.value == 24
    assert "h" in [node.name for node in report.nodes]


def test_several_outputs() -> None:
    text = r"f = x^2 y \\ \frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}"
    assert [report.value for report in backprop_all(text, x=2, y=3)] == [12, 4]


def test_second_order() -> None:
    text = r"f = x^3 y, \quad \frac{\partial^2 f}{\partial x \partial y}"
    assert backprop(text, x=2, y=5).value == 12


def test_functions_are_called() -> None:
    text = r"s(t) = \frac{1}{1 + e^{-t}}, \quad s(w x) s(-w x)"
    assert backprop(text, w=2, x=0).value == 0.25


def test_a_word_with_an_index_is_defined() -> None:
    text = r"dZ^{[2]} = A^{[2]} - Y \\ dW^{[2]} = dZ^{[2]} A^{[1]T} \\ db_2 = 3 dZ^{[2]}"
    assert reading(text).splitlines() == [
        "dZ_2 = A_2 - Y",
        "dW_2 = dZ_2 · A_1ᵀ",
        "db_2 = 3 · dZ_2",
    ]


def test_a_word_with_an_index_has_a_value() -> None:
    text = r"\begin{align} dW^{[1]} &= dZ^{[l-1]} x \end{align}"
    assert backprop(text, dZ_l_minus_1=2.0, x=3.0).gradients == {"dZ_l_minus_1": 3.0, "x": 2.0}


def test_letters_with_values_are_a_product_also_before_an_equals() -> None:
    text = r"f = x y z_1, \frac{\partial f}{\partial x} = yz_1 = 12"
    assert backprop(text, x=1.0, y=3.0, z_1=4.0).value == 12.0
