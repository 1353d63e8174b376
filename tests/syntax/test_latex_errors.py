"""LaTeX that cannot be read: what is said, and where; and texts that were made to break it."""

import pytest

from gradcalc import GradcalcError, ops
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program


def read(text: str) -> Ast:
    (ast,) = parse(Source(text), ops.PLACES, (), "latex")
    return ast


def outcome(text: str) -> str:
    """The reading of a text, or the error."""
    try:
        return print_program(read(text)) or "nothing"
    except GradcalcError as error:
        return str(error)


#: Each text with the place of the error, its message and a part of the help.
ERRORS = [
    (r"\frac{x}", r"\frac", r"\frac lacks its second argument", r"\frac{a}{b}"),
    (r"1 + \frac", r"\frac", r"\frac lacks its first argument", r"\frac{a}{b}"),
    (r"\frac{}{x}", r"\frac{}", r"the first argument of \frac is empty", "operand"),
    (r"x^", "^", 'nothing follows "^"', "x^2"),
    (r"x_", "_", 'nothing follows "_"', "x_1"),
    (r"\sqrt{}", r"\sqrt{}", r"the argument of \sqrt is empty", "operand"),
    (r"\foo{x}", r"\foo", r"\foo is no command that is known", r"\mathrm{foo}"),
    (r"\alhpa", r"\alhpa", r"\alhpa is no command that is known", r"did you mean \alpha?"),
    (r"\softmax(x)", r"\softmax", "is no command", r"\operatorname{softmax}"),
    (r"\sigmoid(x)", r"\sigmoid", "is no command", r"\operatorname{sigmoid}"),
    (r"\mean(x)", r"\mean", "is no command", r"\operatorname{mean}"),
    (r"\std(x)", r"\std", "is no command", r"\operatorname{std}"),
    (r"\ReLU(x)", r"\ReLU", "is no command", r"\operatorname{ReLU}"),
    (r"\lse(x)", r"\lse", "is no command", r"\operatorname{lse}"),
    (r"D_{KL}(P \| Q) = P", r"\|", "is not closed", "a comma, as in (P, Q); for bars add"),
    (r"p(x \mid \mu) = x", r"\mid", "is not closed", r"a comma, as in (x, \mu)"),
    (r"f(x + \mid y)", r"\mid", "is not closed", r"add \mid"),
    (r"\begin{pmatrix} x", r"\begin{pmatrix}", "is not closed", r"\end{pmatrix}"),
    (r"\begin{pmatrx} x", r"\begin{pmatrx}", "no environment", "did you mean pmatrix?"),
    (r"x \end{cases}", r"\end{cases}", r"\end{cases} ends nothing", r"\begin{cases}"),
    (r"2 \cdot {x", "{", 'a brace "{" is not closed', "}"),
    (r"\alpha}", "}", 'a brace "}" closes nothing', "leave it out"),
    (r"\left( x", r"\left(", r"\left( is not closed", r"\right)"),
    (r"x \right)", r"\right)", "closes nothing", "leave it out"),
    (r"\alpha (x", "(", 'a bracket "(" is not closed', ")"),
    (r"\|x", r"\|", r'a bar "\|" is not closed', r"\|"),
    (r"x \pm y", r"\pm", r"\pm stands for two values", "one with -"),
    (r"\int x", r"\int", "an integral cannot be read", ""),
    (r"\lim_{x} x", r"\lim", "a limit cannot be read", ""),
    (r"\sigma'(x)", r"\sigma'", "is a derivative", r"\frac{\partial}{\partial x} \sigma(x)"),
    (r"\alpha f'(x)", "f'", "is a derivative", r"\frac{\partial}{\partial x} f(x)"),
    (r"\sin + x", r"\sin", r"\sin lacks its operand", ""),
    (r"\alpha +", "+", 'an operand is missing after "+"', "leave out +"),
    (r"x + \cdot y", r"+ \cdot", "two operators side by side", "between them"),
    (r"\cdot x", r"\cdot", r'nothing stands in front of "\cdot"', "missing"),
    (r"\max()", "()", "nothing stands between the brackets", "put an operand"),
    (r"\max(x,,y)", ",", 'an operand is missing after ","', ""),
    (r"\sum x_i", r"\sum", r"\sum has no index", r"\sum_{i=1}^{n} x_i"),
    (r"\sum_i y", "i", "nothing says how far i runs", r"\sum_{i=1}^{n}"),
    (r"x^-1 \,", "^-", "a sign is no exponent", "x^{-1}"),
    (r"\frac{x} + y", r"\frac", r"\frac lacks its second argument", ""),
    (r"\sum_i (x_i - x_{i+1})", "i", "how far i runs is not clear", r"\sum_{i=1}^{n}"),
    (r"\sum_{i=1}^{3}", r"\sum_{i=1}^{3}", r"nothing follows \sum_{i=1}^{3}", ""),
    (r"\sum_{i \in S} x_i", r"i \in S", "a sum over a set cannot be read", ""),
    (r"\sum_{k=1}^\infty x_k", r"\infty", "infinitely many terms", ""),
    (r"\sum_{i=1}^{n} x_{i,0}", "0", "there is no entry 0", "the index 1"),
    (r"x_{i}_{j}", "_", "a second subscript", "x_{ij}"),
    (r"x^2^3", "^", "a second superscript", "x^{a^b}"),
    (r"\|x\|_3", "3", "this norm is not known", r"\|x\|_1"),
    (r"\nabla f", r"\nabla", "the gradient does not say by what", r"\nabla_x f"),
    (r"\partial x", r"\partial", r"\partial begins no derivative", r"\frac{\partial f}"),
    (r"\mathbb{E}[x]", r"\mathbb{E}", "an expectation cannot be read", ""),
    (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "3", "a row of length 1", ""),
    (r"\begin{bmatrix} 1 & & 2 \end{bmatrix}", "&", "an entry is missing here", ""),
    (r"\begin{cases} x \\ y & x > 0 \end{cases}", "x", "this case has no condition", ""),
    (r"x + \ldots + y", r"\ldots", r"\ldots leaves out terms", r"\sum_{i=1}^{n}"),
    (r"$x", "$", "$ is not closed", "$"),
    (r"$$x$", "$", "$$ is closed by $", "$$"),
    (r"\alpha = ", "=", 'nothing follows "="', ""),
    (r"= \alpha", "=", 'nothing stands in front of "="', ""),
    (r"3,14 \alpha", ",", "a comma between two numbers", "3.14"),
    (r"(x \text{ such that } y)", r"\text{ such that }", "no part of a formula", ""),
    (r"\left. x \right|_{x = 1}", r"\right|", "a value at a point cannot be read", ""),
    (r"\hat{2}", r"\hat{2}", r"\hat stands over what is no name", r"\hat{y}"),
    (r"\operatorname{argmax}(x)", r"\operatorname{argmax}", "argmax is no number", ""),
    (r"x \in \mathbb{R}", r"\in", r"\in does not fit here", "shape"),
    (r"\newcommand{\x}{x}", r"\newcommand", "macros are not expanded", ""),
    ("$x'' + y$", "''", "x'' is a derivative by what is not said", r"\partial^2"),
    (r"\frac{x}{2}\bigg|_{x=3}", r"\bigg|", "a value at a point cannot be read", "values"),
    (r"x + \top", r"\top", r"\top does not fit here", r"x^\top"),
    ("x \\", "\\", "a backslash stands at the end", ""),
]


@pytest.mark.parametrize(
    ("text", "place", "message", "help"), ERRORS, ids=[error[0] for error in ERRORS]
)
def test_errors_name_the_construct(text: str, place: str, message: str, help: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        read(text)
    error = caught.value
    span = error.spans[0]
    assert text[span.start : span.end] == place
    assert message in error.message
    assert help in error.help


def test_an_error_shows_its_place() -> None:
    with pytest.raises(GradcalcError) as caught:
        read("f = \\alpha \\\\\n    \\frac{x} + y")
    assert str(caught.value).splitlines() == [
        r"error[syntax]: \frac lacks its second argument",
        " --> expression, line 2, column 5",
        "  |",
        r"2 |     \frac{x} + y",
        "  |     ^^^^^",
        r"help: as in \frac{a}{b}",
    ]


DEEP = 20_000
#: What is done so many times, and for how many nodes of the Ast it is good.
NESTED = {
    "braces": ("{", "x", "}"),
    "brackets": ("(", "x", ")"),
    "sized brackets": (r"\left(", "x", r"\right)"),
    "fractions": (r"\frac{1}{", "x", "}"),
    "numerators": (r"\frac{", "x", "}{2}"),
    "fractions without braces": (r"\frac1", "x", ""),
    "roots": (r"\sqrt{", "x", "}"),
    "orders of roots": (r"\sqrt[", "x", "]{2}"),
    "powers": ("x^{", "x", "}"),
    "subscripts": ("x_{", "1", "}"),
    "fonts": (r"\mathbf{", "x", "}"),
    "words": (r"\mathrm{", "x", "}"),
    "marks": (r"\hat{", "x", "}"),
    "bars": ("|", "x", "|"),
    "norms": (r"\|", "x", r"\|"),
    "cases": (r"\begin{cases}", "x", r"\end{cases}"),
    "rows of cases": (r"\begin{cases} x & x > 0 \\", "0", r"\end{cases}"),
    "matrices": (r"\begin{matrix}", "x", r"\end{matrix}"),
    "functions": (r"\sin ", "x", ""),
    "calls": (r"\sin(", "x", ")"),
    "bases": (r"\log_{", "2", "} x"),
    "indicators": (r"\mathbb{1}[", "x", "]"),
    "derivatives": (r"\frac{d}{dx}", "x", ""),
    "derivatives of derivatives": (r"\frac{\partial ", "f", r"}{\partial x}"),
    "gradients": (r"\nabla_x ", "f", ""),
    "over": ("{", "x", r"\over 2}"),
}


@pytest.mark.parametrize(("opening", "inner", "closing"), NESTED.values(), ids=NESTED)
def test_deep_nesting_is_read(opening: str, inner: str, closing: str) -> None:
    ast = read(opening * DEEP + inner + closing * DEEP)
    assert print_program(ast)


#: Sums in sums: only every so often, for each takes longer.
RUNNING = (r"\sum_i x_i ", r"\sum_{i=1}^{n} x_i", r"\max_i x_i ", r"\underbrace{x + ")


def test_parts_with_the_same_label_are_read() -> None:
    nested = r"\underbrace{" * DEEP + "x" + "}_h" * DEEP
    assert outcome(nested) == "h = x\nh"


@pytest.mark.parametrize("opening", RUNNING)
def test_sums_of_sums_are_read(opening: str) -> None:
    closing = "}_h" if opening.endswith("+ ") else ""
    assert print_program(read(opening * 1000 + "x_i" + closing * 1000))


#: Texts with this many times the same.
REPEATED = ["{", "}", "}{", "$", "^", "_", "&", "\\", "[", r"\left(", r"\right)", "|", r"\|", "'"]
REPEATED += [r"\begin{align}", r"\end{cases}", r"\frac", r"\partial ", r"\text{", r"\label{", "="]
REPEATED += [r"\left. x \right|_1", r"\quad (", r"x_{", r"\sum_{i=", r"\over", r"\\", "x^", "%{"]


@pytest.mark.parametrize("text", REPEATED)
def test_unbalanced_text_ends_in_an_answer_or_one_error(text: str) -> None:
    result = outcome(text * DEEP)
    assert not result.startswith("error[") or len(result) < 1000


LONG = [
    "$" + "+".join("x" * 1 for _ in range(DEEP)) + "$",
    "$" + "=".join("x" for _ in range(DEEP)) + "$",
    "$" + "<".join("x" for _ in range(DEEP)) + "$",
    "$" + "x" * DEEP + "$",
    "$" + "d" * DEEP + "$",
    r"x = 1 \quad " * DEEP,
    "x \\\\\n" * DEEP,
    r"\text{ $x$ and } " * DEEP,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:20] for text in LONG])
def test_long_texts_are_read(text: str) -> None:
    assert read(text).statements


def test_what_is_copied_is_limited() -> None:
    # Each length is that of a sum which has one in turn.
    text = "x"
    for _ in range(40):
        text = rf"(\sum_i ({text})_i z_i)"
    assert "take too much room" in outcome(text)
