"""``--format latex``, and the mathematics of ``--format markdown``."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Run
from .latexcheck import Bad, check
from .test_formats import markdown_table
from .test_lecture import HEADLINE

LECTURE = r"""% in the preamble: \usepackage{booktabs,amsmath,amssymb}

\begin{center}
\begin{tabular}{@{}lrlrl@{}}
\toprule
node & value & local gradient & upstream & gate \\
\midrule
$x$ & $-2$ &  & $-4$ & input \\
$y$ & $5$ &  & $-4$ & input \\
$x + y$ & $3$ & $\partial / \partial x = 1$ & $-4$ & distributes \\
 &  & $\partial / \partial y = 1$ &  &  \\
$z$ & $-4$ &  & $3$ & input \\
$(x + y) z$ & $-12$ & $\partial / \partial (x + y) = z = -4$ & $1$ & switches \\
 &  & $\partial / \partial z = x + y = 3$ &  &  \\
\bottomrule
\end{tabular}
\end{center}
\begin{align*}
(x + y) z &= -12 \\
\frac{\partial f}{\partial x} &= -4 \\
\frac{\partial f}{\partial y} &= -4 \\
\frac{\partial f}{\partial z} &= 3
\end{align*}
"""

LONG = " + ".join(f"learning_rate*sin(x_{i})^2" for i in range(12))
#: Command lines whose output must be LaTeX.
PROGRAMS: dict[str, tuple[str, ...]] = {
    "lecture": HEADLINE,
    "definitions": ("q = x + y; f = q*z", *HEADLINE[1:]),
    "constant": ("2^10",),
    "only an input": ("x", "--x", "3"),
    "sigmoid": (
        "1/(1 + e^-(w0 x0 + w1 x1 + w2))",
        *("--w0=2", "--x0=-1", "--w1=-3", "--x1=-2", "--w2=-3"),
    ),
    "choices": ("where(x > 0, x^2, -x)/|x - 5| + max(0, x)", "--x", "3", "--hessian"),
    "choice of arrays": ("sum(where(x > 0, x, [1, 2]))", "--x", "[3, -1]"),
    "numbers": ("exp(1000 x) + 1e-7x", "--x", "3"),
    "not a number": ("log(x)/0", "--x", "-1"),
    "names": (
        "loss weight_1 + a_b_c*_ + α β_1 + ŷ y_hat",
        *(f"--{n}=2" for n in ("loss", "weight_1", "a_b_c", "_", "α", "β_1", "ŷ", "y_hat")),
    ),
    "long": (LONG, "--learning_rate=.1", *(f"--x_{i}={i}" for i in range(12))),
    "norm": ("q = W·x; f = ‖q‖²", "--W", "[[0.1, 0.5], [-0.3, 0.8]]", "--x", "[0.2, 0.4]"),
    "big arrays": (
        "s = X·W + b; sum(sigmoid(s)*s)",
        "--X=randn(30, 20)",
        "--W=randn(20, 4)",
        "--b=zeros(4)",
        "--seed=1",
    ),
    "jacobian": ("W·x", "--W", "[[1, 2], [3, 4]]", "--x", "[5, 6]", "--jacobian"),
    "products": ("x^2*y", "--x", "2", "--y", "3", "--jvp", "x=1", "--hvp", "x=1"),
    "parts": ("x[1]*sum(x[:2]) + W[0, 1]", "--x", "[1, 2, 3]", "--W", "[[1, 2], [3, 4]]"),
    "comprehension": ("sum(x[i]^2 for i in range(3))", "--x", "[1, 2, 3]"),
    "stacks": ("sum(x^2)", "--x", "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]"),
    "empty": ("sum(x)", "--x", "zeros(0)"),
    "verification": ("x^2/y + relu(z)", "--x", "3", "--y", "2", "--z", "0", "--verify"),
    "two outputs": ("x*y; x + y", "--x", "2", "--y", "3"),
    "two problems": ("x^2\n---\nx^3", "--x", "2"),
    "broadcast": ("mean((X + b)*c)", "--X", "[[1, 2], [3, 4]]", "--b", "[1, 2]", "--c", "3"),
    "network": (
        "cross_entropy(relu(X @ W), y)",
        "--X",
        "[[1, 2]]",
        "--W",
        "[[1, 2], [3, 4]]",
        "--y",
        "[1]",
    ),
}


def test_the_lecture(run: Run) -> None:
    ended = run(*HEADLINE, "--format", "latex")
    assert (ended.status, ended.out, ended.err) == (0, LECTURE, "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_latex(run: Run, name: str) -> None:
    ended = run(*PROGRAMS[name], "--format", "latex", "--quiet")
    assert ended.status == 0, ended.err
    check(ended.out)
    # One of them is longer than a page.
    assert (r"\begin{longtable}" in ended.out) == (name == "long")
    assert (r"\begin{tabular}" in ended.out) == (name != "long")


@pytest.mark.parametrize("way", [("--explain",), ("--symbolic",), ("--verify",)])
@pytest.mark.parametrize("name", ["a_b", "é", "x\u0302", "α_t", "end"])
def test_other_formulas(run: Run, way: tuple[str, ...], name: str) -> None:
    values = (f"--set={name}=2", "--format", "latex", "--quiet")
    ended = run(f"q = {name}^2 + 3{name}; f = |q|*exp({name})", *values, *way)
    assert ended.status == 0, ended.err
    check(ended.out)


WORKSHEETS = (
    *(f"{name} = 2; q = {name}^2 + 3{name}; f = |q|*exp({name})" for name in ("a_b", "é", "重さ")),
    *(f"{name} = 2; {name}^2" for name in ("__", "x\u0302", "\u3164", "W_out_2", "end", "α_t")),
    "W = [[1, 2], [3, 4]]; x = [1, 2]; sum(max(0, W x)^2)",
    "x = [1, 2, 3]; sum(x[i]^2 for i in range(3)) + x'*x",
    "x = 2  # 50% & a_b\ny = 3\n[x, y]*2\n---\nx = 0\n1/x + inf*x + where(x > 1, x, mod(x, 3))",
)


@pytest.mark.parametrize("more", [(), ("--solution",), ("--ask", "values")])
@pytest.mark.parametrize("program", WORKSHEETS)
def test_worksheets(run: Run, program: str, more: tuple[str, ...]) -> None:
    ended = run("worksheet", "--format", "latex", "--quiet", *more, input=program)
    assert ended.status == 0, ended.err
    check(ended.out)


@pytest.mark.parametrize(
    "name", ["a_b", "__", "重さ", "é", "x\u0302", "\u3164", "x_\u3164_", "K", "end", "input"]
)
def test_hostile_names(run: Run, name: str) -> None:
    for format in ("latex", "markdown"):
        ended = run(f"{name}^2 + {name}*|{name}|", f"--set={name}=3", "--format", format, "--quiet")
        assert ended.status == 0, ended.err
        if format == "latex":
            check(ended.out)
        else:
            head, _, *rows = markdown_table(ended.out, "node")
            assert {len(row) for row in rows} == {len(head)}


def test_arrays(run: Run) -> None:
    out = run(*PROGRAMS["norm"], "--format", "latex").out
    assert r"\begin{tabular}{@{}llrlrl@{}}" in out
    matrix = r"\begin{bmatrix} 0.1 & 0.5 \\ -0.3 & 0.8 \end{bmatrix}"
    assert rf"$W$ & $2 \times 2$ & ${matrix}$ &" in out
    assert r"to $W$: $\mathrm{upstream} \cdot x^{\top}$" in out
    assert r"\frac{\partial f}{\partial x} &= [-0.112, 0.636]" in out


def test_big_arrays_are_shown_by_their_size(run: Run) -> None:
    out = run(*PROGRAMS["big arrays"], "--format", "latex").out
    assert re.search(r"\$X\$ & \$30 \\times 20\$ & norm \$[\d.]+\$ &", out)
    assert r"\frac{\partial f}{\partial X} &\in \mathbb{R}^{30 \times 20}, \quad" in out
    assert r"\odot" in out  # two arrays entry by entry


def test_derivatives_beyond_the_gradients(run: Run) -> None:
    out = run("x^3*y", "--x", "2", "--y", "3", "--hessian", "--jvp", "x=1", "--format", "latex").out
    assert r"\frac{\partial^{2} f}{\partial x^{2}} &= 36 \\" in out
    assert r"\frac{\partial^{2} f}{\partial x \partial y} &= 12 \\" in out
    assert r"\text{change of } f &= 36" in out


def test_verification(run: Run) -> None:
    out = run("x^2/y", "--x", "3", "--y", "2", "--verify", "--format", "latex").out
    assert r"x & $3$ & $3$ & ${<}$ 1e-7 & $\checkmark$ agrees \\" in out
    assert r"\item all 3 local gradients agree" in out


def test_precision(run: Run) -> None:
    out = run("x/3", "--x", "1", "--precision", "3", "--format", "latex").out
    assert r"\frac{x}{3} &= 0.333 \\" in out


def test_a_big_graph_is_shortened(run: Run) -> None:
    ended = run("--x", "1", "--format", "latex", input=" + ".join(["x"] * 300))
    assert len(ended.lines) < 30
    assert r"--all-nodes" in ended.out
    check(ended.out)


@pytest.mark.parametrize(
    "text",
    [
        *(r"$\frac{1}{2$", "a_1", "$x^2$", "$x", r"$\unknown$", "50%", "a & b", r"$\left( x)$"),
        *(r"\begin{center}", r"\end{center}", r"$\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}$", "#"),
        *(r"$\begin{cases} a & b \\ [1] & c \end{cases}$", "\x1b", r"$\text{a_{1}}$", "$α$"),
        r"\begin{tabular}{@{}lr@{}} a & b & c \\ \end{tabular}",
        r"\begin{tabular}{@{}lr@{}} a & b \\ c \\ \end{tabular}",
    ],
)
def test_the_check_finds_faults(text: str) -> None:
    with pytest.raises(Bad):
        check(text)


ENGINES = [name for name in ("pdflatex", "xelatex", "lualatex", "tectonic") if shutil.which(name)]
DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,longtable,amsmath,amssymb}
\begin{document}
%s
\end{document}
"""


@pytest.mark.skipif(not ENGINES, reason="no TeX is installed")
@pytest.mark.parametrize("name", PROGRAMS)
def test_tex_compiles_it(run: Run, tmp_path: Path, name: str) -> None:
    """In one run: nothing in it refers to anything."""
    engine = ENGINES[0]
    output = run(*PROGRAMS[name], "--format", "latex", "--quiet").out
    (tmp_path / "it.tex").write_text(DOCUMENT % output, encoding="utf-8")
    options = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run(
        [engine, *options, "it.tex"],
        cwd=tmp_path,
        env={**os.environ, "max_print_line": "1000"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "it.pdf").stat().st_size > 1000


# Markdown


def test_markdown_results(run: Run) -> None:
    out = run(*HEADLINE, "--format", "markdown").out
    assert out.startswith("$(x + y) z = -12$\n\n| node | value |")
    assert out.endswith(
        "\n\n$$\n\\begin{aligned}\n"
        "\\frac{\\partial f}{\\partial x} &= -4 & \\text{at } x &= -2 \\cr\n"
        "\\frac{\\partial f}{\\partial y} &= -4 & \\text{at } y &= 5 \\cr\n"
        "\\frac{\\partial f}{\\partial z} &= 3 & \\text{at } z &= -4\n"
        "\\end{aligned}\n$$\n"
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_formulas_survive_markdown(run: Run, name: str) -> None:
    """Nothing between dollar signs means anything to Markdown, which GitHub reads first."""
    out = run(*PROGRAMS[name], "--format", "markdown", "--quiet").out
    for table in re.findall(r"(?:^\|.*\n)+", out, re.MULTILINE):
        head, rule, *rows = (re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines())
        assert {len(row) for row in rows} | {len(rule)} == {len(head)}
    lines = re.sub(r"^\$\$\n.*?^\$\$\n", "", out, flags=re.MULTILINE | re.DOTALL)
    without_code = re.sub(r"(`+).*?\1", "", lines).replace(r"\$", "")
    formulas = without_code.split("$")[1::2]
    assert without_code.count("$") % 2 == 0
    displays = re.findall(r"^\$\$\n(.*?)^\$\$\n", out, re.MULTILINE | re.DOTALL)
    for formula in (*formulas, *displays):
        assert "operatorname" not in formula
        assert not re.search(r"\\[^A-Za-z]|[*`|~$]|\]\(", formula)
        # An underscore behind a letter or digit opens no emphasis.
        assert not re.search(r"(?<![A-Za-z0-9])_", formula)
    for display in displays:
        assert "\n\n" not in display


def test_what_markdown_would_read_stays_code(run: Run) -> None:
    out = run("leaky_relu(a_b_c)", "--a_b_c", "3", "--format", "markdown").out
    assert "| `leaky_relu(a_b_c, 0.01)` |" in out
    assert "| `df/da_b_c` | 1 | `a_b_c = 3` |" in out


def test_words_of_gates_are_escaped(run: Run) -> None:
    program = ("sum([1, 2] + (a_x_ < b_x_))", "--a_x_", "3", "--b_x_", "4", "--format", "markdown")
    out = run(*program, "--quiet").out
    assert r"distributes; adds up a\_x\_ …b\_x\_ over all axes |" in out
