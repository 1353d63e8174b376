"""What the help of a shape error names is put into the program, which then fits."""

import re
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.syntax.ast import BINARY
from gradcalc.syntax.printer import ATOM, NUMBER, PRODUCT, UNARY, bracketed

A = np.array([[1.0, 2.0, 3.0], [4.0, 6.0, 5.0]])
VALUES = {
    "A": A,
    "B": A.T + 1,
    "C": np.array([[1.0, 2.0], [3.0, 5.0]]),
    "D": np.arange(1.0, 9).reshape(4, 2),
    "u": np.array([1.0, 2.0]),
    "v": np.array([1.0, 2.0, 3.0]),
    "s": np.array(2.0),
}
#: Operands, with how strongly their text holds together.
OPERANDS = {
    **dict.fromkeys(
        ("A", "B", "B'", "D", "u", "v", "(A)", "A'", "(B)'", "C", "A[:, :]", "exp(v)"), ATOM
    ),
    **dict.fromkeys(("C[0]", "[1, 2]", "[[1, 2, 3], [4, 5, 6]]", "[v, 2v]", "(u - 1)"), ATOM),
    **dict.fromkeys(("[u*i for i in range(3)]", "[u, u, u]'", "max(B, 0)"), ATOM),
    **dict.fromkeys(("-A", "-u", "+B", "-A'"), UNARY),
    **dict.fromkeys(("2 A", "B C", "B*u", "A/2", "B·C", "2 v"), PRODUCT),
    **dict.fromkeys(("A^2", "B²", "v^2"), BINARY["^"]),
    **dict.fromkeys(("B + C[0]", "A - 1", "B+(2 B)", "v - 1"), BINARY["+"]),
    **dict.fromkeys(("B == 1", "A > 2"), BINARY["<"]),
}
#: Every operand beside some, on both sides.
SOME = ("A", "B'", "u", "-A", "A - 1", "[[1, 2, 3], [4, 5, 6]]")
PAIRS = [*product(OPERANDS, SOME), *product(SOME, OPERANDS)]
#: Said of operands one of which is broadcast to the other.
BY_ENTRY = re.escape("; * multiplies entry by entry")
ELEMENTWISE = ("+", "-", "*", "/", "⊙", "^", "==", "<", "max", "atan2", "where", "clip")
PRODUCTS = ("juxtaposition", "·", "@", "matmul", "dot")
SQUARE = ("det", "inv", "logdet", "cholesky")


class Gate(NamedTuple):
    """The text of an operation and how strongly it holds together."""

    text: str
    strength: int


def gate(name: str, *operands: str) -> Gate:
    """An operation of operands, in the brackets that they need."""
    pieces = [(text, OPERANDS[text]) for text in operands]
    if name == "juxtaposition":
        left, right = pieces
        least = ATOM + 1 if right[0][0] == "[" else BINARY["^"]
        return Gate(" ".join(bracketed(left, PRODUCT) + bracketed(right, least)), PRODUCT)
    strength = BINARY.get(name)
    if strength is None:
        first = "A > 2, " if name == "where" else ""
        last = ", 7" if name == "clip" else ""
        return Gate(f"{name}({first}{', '.join(operands)}{last})", ATOM)
    left, right = pieces
    needs = (NUMBER, UNARY) if name == "^" else (strength + (name in "<=="), strength + 1)
    sides = "".join(bracketed(left, needs[0])), "".join(bracketed(right, needs[1]))
    return Gate(f"{sides[0]} {name} {sides[1]}", strength)


def error_of(program: str) -> GradcalcError | None:
    """What is wrong with a program."""
    try:
        run(program)
    except GradcalcError as error:
        return error
    return None


def run(program: str) -> Any:
    """The value of a program that uses some of the values."""
    names = set(re.findall(r"(?<![a-z])[A-Za-z](?![a-z0-9(])", program))
    with np.errstate(all="ignore"):
        return backprop(program, {name: VALUES[name] for name in names & VALUES.keys()}).value


def fix_of(error: GradcalcError) -> str:
    """The text that would fit; nothing if the help names none."""
    first, *_ = error.help.split("\n")  # behind it may stand how the text was read
    found = re.fullmatch(rf"(?:one entry a row: )?(.*) would (?:fit|scale)({BY_ENTRY})?", first)
    return found[1] if found else ""


def within(program: str, start: int, end: int, text: str) -> str:
    return program[:start] + text + program[end:]


def followed(program: str, error: GradcalcError) -> list[str]:
    """The programs with the fix in place of each underlined operand."""
    return [within(program, span.start, span.end, fix_of(error)) for span in error.spans]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_fix_of_one_operand_fits_in_its_place(name: str) -> None:
    said = 0
    for a, b in PAIRS:
        program = gate(name, a, b).text
        error = error_of(program)
        if error is None or not fix_of(error):
            continue
        said += 1
        fixed = followed(program, error)
        left = [error_of(text) for text in fixed]
        if name in ("where", "clip") and None not in left:
            # Of three operands another one is left: it may have a fix, too.
            (text, rest), *_ = [
                (text, found)
                for text, found in zip(fixed, left, strict=True)
                if found is not None and found.code == "shape"
            ]
            left = [error_of(last) for last in followed(text, rest)] if fix_of(rest) else [None]
        assert None in left, (program, error.help)
    assert said > 30


@pytest.mark.parametrize(
    ("name", "around"),
    [
        *product(PRODUCTS, ["{}"]),
        *product(("@", "matmul"), ["s + {}", "2*{}", "-{}", "{}'", "exp({}) + 1", "{}^2"]),
    ],
)
def test_a_fix_of_two_operands_fits_in_place_of_their_product(name: str, around: str) -> None:
    least = {"{}'": ATOM, "{}^2": ATOM, "2*{}": UNARY}.get(around, 0)
    said = 0
    for a, b in PAIRS:
        inner = gate(name, a, b)
        program = around.replace("{}", "".join(bracketed(inner, least)))
        error = error_of(program)
        if error is None or len(error.spans) < 2:
            continue
        if around == "{}" and error.code == "shape":
            entries = error_of(gate("*", a, b).text) is None
            shapes = run(a).shape, run(b).shape
            told = entries and run(gate("*", a, b).text).shape in shapes
            assert told == bool(re.search(BY_ENTRY, error.help)), (program, error.help)
        if not fix_of(error):
            continue
        said += 1
        start = program.index(inner.text)
        fixed = within(program, start, start + len(inner.text), fix_of(error))
        assert error_of(fixed) is None, (program, error.help)
        if around == "{}":
            x, y = run(a), run(b)
            sides = [(x.T, y), (x, y.T), (y, x), (x.T, y.T)]
            wanted = [f @ g for f, g in sides if f.shape[-1] == g.shape[-min(g.ndim, 2)]]
            found = run(fix_of(error))
            assert any(np.array_equal(found, want) for want in wanted), (program, error.help)
    assert said > 30


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("around", ["{}({})", "2*{}(x={})'"])
def test_a_product_fits_in_place_of_a_matrix_that_is_not_square(name: str, around: str) -> None:
    said = 0
    for a in OPERANDS:
        program = around.format(name, a)
        error = error_of(program)
        if error is None or not fix_of(error):
            continue
        said += 1
        (fixed,) = followed(program, error)
        found = error_of(fixed)
        assert found is None or found.code == "bad-value", (program, error.help)
        x = run(a)
        want = x.T @ x if len(x) > len(x.T) else x @ x.T
        np.testing.assert_array_equal(run(fix_of(error)), want)
    assert said > 20


@pytest.mark.parametrize(
    ("program", "fix", "fixed"),
    [
        ("A + B C", "(B C)'", "A + (B C)'"),
        ("A == B+s", "(B+s)'", "A == (B+s)'"),
        ("A + (B\n *u # each column\n )", "(B *u )'", "A + (B *u )'"),
        ("A - B^2", "(B^2)'", "A - (B^2)'"),
        ("u B^2", "u (B^2)'", "u (B^2)'"),
        ("A + B''", "B'", "A + B'"),
        ("A + (A')", "A", "A + A"),
        ("2 A D", "D (2 A)", "D (2 A)"),
        ("-A D", "D (-A)", "D (-A)"),
        ("B' @ [[1, 2, 3]]", "B' ([[1, 2, 3]])'", "B' ([[1, 2, 3]])'"),
        ("[v, v] D", "D ([v, v])", "D ([v, v])"),
        ("D ([v, v])'", "D ([v, v])", "D ([v, v])"),
        ("where(A > 2, B, B)", "(A > 2)'", "where((A > 2)', B, B)"),
        ("where(A > 2, u, 1)", "reshape(u, 2, 1)", "where(A > 2, reshape(u, 2, 1), 1)"),
        ("A + [u*i for i in range(3)]", "[u*i for i in range(3)]'", "A + [u*i for i in range(3)]'"),
        (
            "det([i, s] for i in range(3))",
            "[[i, s] for i in range(3)]' ([[i, s] for i in range(3)])",
            "det([[i, s] for i in range(3)]' ([[i, s] for i in range(3)]))",
        ),
        ("dot(A, A)^2", "(A' A)", "(A' A)^2"),
        ("exp(dot(A, A))", "A' A", "exp(A' A)"),
        ("A @ -s", "A * (-s)", "A * (-s)"),
        ("A @ 2", "A * 2", "A * 2"),
        ("matmul(A - 1, s)^2", "((A - 1) * s)", "((A - 1) * s)^2"),
        ("outer(x=A - 1, y=u)", "flatten(A - 1)", "outer(flatten(A - 1), u)"),
        ("outer(u, s)", "u * s", "u * s"),
        ("inv(x=A + 0)", "(A + 0) (A + 0)'", "inv((A + 0) (A + 0)')"),
        ("solve(-A, u)", "(-A) (-A)'", "solve((-A) (-A)', u)"),
        ("solve(-A, v)", "solve((-A) (-A)', (-A) v)", "solve((-A) (-A)', (-A) v)"),
        ("solve(A', 2v)", "solve(A A', A (2v))", "solve(A A', A (2v))"),
        # LaTeX, which has operations without signs and calls without brackets.
        (r"A + \mathbf{B} C", r"(\mathbf{B} C)'", r"A + (\mathbf{B} C)'"),
        (r"A + \frac{B}{2}", r"(\frac{B}{2})'", r"A + (\frac{B}{2})'"),
        (r"A + \left(B + B\right)", r"\left(B + B\right)'", r"A + \left(B + B\right)'"),
        (r"A + \sum_{i=1}^{2} B i", r"(\sum_{i=1}^{2} B i)'", r"A + (\sum_{i=1}^{2} B i)'"),
        (r"A \tanh A", r"A' (\tanh A)", r"A' (\tanh A)"),
        (r"A^\top v", r"A v", r"A v"),
        (r"{A + A} A \cdot 1", r"(A + A)' A", r"(A + A)' A \cdot 1"),
        (r"\langle A, A \rangle^2", "(A' A)", "(A' A)^2"),
        (r"\det A", "(A A')", r"\det (A A')"),
        (r"2 A^{-1}", "(A A')", "2 (A A')^{-1}"),
        (r"\begin{vmatrix} 1 & 2 & 3 \\ 2 & 3 & 5 \end{vmatrix}", "", "1"),
    ],
)
def test_what_is_pasted_has_the_brackets_that_it_needs(program: str, fix: str, fixed: str) -> None:
    error = error_of(program)
    assert error is not None
    assert (fix_of(error), error.code) == (fix, "shape")
    assert error_of(fixed) is None


@pytest.mark.parametrize(
    ("operand", "fix"),
    [
        ("exp(B + 1 + 1 + 1 + 1 + 1 + 1)*B^2/2", "(exp(B + 1 + 1 +…+ 1 + 1)*B^2/2)'"),
        ("(exp(B + 1 + 1 + 1 + 1 + 1 + 1) - 1)", "(exp(B + 1 + 1 … + 1 + 1) - 1)'"),
    ],
)
def test_a_long_operand_is_shortened_within_its_brackets(operand: str, fix: str) -> None:
    error = error_of(f"A - {operand}")
    assert error is not None
    assert fix_of(error) == fix


def test_a_bound_that_depends_on_what_has_no_value() -> None:
    text = r"s = \operatorname{sum}(A, q); \sum_i s_i"
    with pytest.raises(GradcalcError) as caught:
        backprop(text, A=[[1.0, 2.0], [3.0, 4.0]])
    assert caught.value.message == "no value for q"
