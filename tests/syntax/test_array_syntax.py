"""Arrays, indices, transposes, arguments with names and loops: how they are read and written."""

from collections.abc import Collection

import pytest

from gradcalc import GradcalcError, backprop, ops
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import compose, print_program

N = 100_000
#: Kinds that mean the same.
SAME = {"juxtaposition": "·", "||": "norm"}
VALUES = ("x", "y", "z", "q", "W", "X", "W1", "W2", "n")
FUNCTIONS = {*ops.PLACES, "sum", "reshape", "zeros", "leaky_relu"}


def read(text: str, values: Collection[str] = VALUES) -> Ast:
    (ast,) = parse(Source(text), FUNCTIONS, values)
    return ast


def tree(ast: Ast, node: int) -> str:
    """A small expression with its operands in brackets: ``+(x, 2)``.

    Brackets leave no trace, and a product without a sign is one with ·.
    """
    kind, operands = ast.kind[node], [tree(ast, operand) for operand in ast.operands(node)]
    if kind == "()":
        return operands[0]
    if kind == "number":
        return f"{ast.numbers[ast.left[node]]:g}"
    if kind == "name":
        return ast.names[ast.left[node]]
    if kind == "slice":
        given = iter(operands)
        operands = [next(given) if part >= 0 else "" for part in ast.arguments[ast.right[node]]]
        return ":".join(operands)
    if kind == "keyword":
        return f"{ast.names[ast.right[node]]}={operands[0]}"
    if kind == "for":
        loops = [
            f"for {loop.name} in ({', '.join(tree(ast, a) for a in loop.arguments)})"
            for loop in ast.loops[node]
        ]
        return " ".join((operands[0], *loops))
    if kind == "array":
        return f"[{', '.join(operands)}]"
    if kind == "call":
        kind = ast.names[ast.left[node]]
    kind = SAME.get(kind, kind)
    return f"{kind}({', '.join(operands)})"


def last(text: str) -> str:
    """The tree of the last statement."""
    ast = read(text)
    return tree(ast, ast.statements[-1].root)


ARRAYS = [
    ("[1, 2, 3]", "[1, 2, 3]"),
    ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"),
    ("[]", "[]"),
    ("[x + 1, 2y]", "[+(x, 1), ·(2, y)]"),
    ("[-1, x]", "[neg(1), x]"),
    ("[\n1, # one\n\n2\n]", "[1, 2]"),
    ("W = [[1, 2],\n     [3, 4]]\nW", "W"),
    ("2[1, 2]", "·(2, [1, 2])"),
    ("2 [1, 2]", "·(2, [1, 2])"),
    ("x + [1]", "+(x, [1])"),
    ("[1, 2](x)", "·([1, 2], x)"),
    ("|[1, 2]|", "norm([1, 2])"),
    ("-[1]^2", "neg(^([1], 2))"),
    ("max([x], [y])", "max([x], [y])"),
    ("x^[1, 2]", "^(x, [1, 2])"),
    ("x^2[1]", "·(^(x, 2), [1])"),
]
INDICES = [
    ("x[0]", "index(x, 0)"),
    ("x[-1]", "index(x, neg(1))"),
    ("x[0, 1]", "index(x, 0, 1)"),
    ("x[0][1]", "index(index(x, 0), 1)"),
    ("X[:, 0]", "index(X, ::, 0)"),
    ("x[1:2]", "index(x, 1:2:)"),
    ("x[1:2:3]", "index(x, 1:2:3)"),
    ("x[::2, 1:, :3, :, ::]", "index(x, ::2, 1::, :3:, ::, ::)"),
    ("x[:n - 1]", "index(x, :-(n, 1):)"),
    ("x[-2:]", "index(x, neg(2)::)"),
    ("x[[0, 2]]", "index(x, [0, 2])"),
    ("x[y[0]]", "index(x, index(y, 0))"),
    ("x[|y|:2]", "index(x, norm(y):2:)"),
    ("x[max(0, 1)]", "index(x, max(0, 1))"),
    ("(x + y)[0]", "index(+(x, y), 0)"),
    ("sin(x)[0]", "index(sin(x), 0)"),
    ("|x|[0]", "index(norm(x), 0)"),
    ("‖x‖[0]", "index(norm(x), 0)"),
    ("[1, 2][0]", "index([1, 2], 0)"),
    ("x'[0]", "index(transpose(x), 0)"),
    ("x²[0]", "index(^(x, 2), 0)"),
    ("x[0]²", "^(index(x, 0), 2)"),
    ("x[0]^2", "^(index(x, 0), 2)"),
    ("y^x[0]", "^(y, index(x, 0))"),
    ("-x[0]", "neg(index(x, 0))"),
    ("W[0]x", "·(index(W, 0), x)"),
    ("W[0](x)", "·(index(W, 0), x)"),
    ("Wx[0]", "·(W, index(x, 0))"),
    ("2x[0]", "·(2, index(x, 0))"),
    ("x [0]", "index(x, 0)"),
    ("(x\n[0])", "index(x, 0)"),
    ("x\n[0]", "[0]"),
]
TRANSPOSES = [
    ("x'", "transpose(x)"),
    ("x’", "transpose(x)"),
    ("x′", "transpose(x)"),
    ("xᵀ", "transpose(x)"),
    ("x^T", "transpose(x)"),
    ("x^ T", "transpose(x)"),
    ("x^⊤", "transpose(x)"),
    ("x'^2", "^(transpose(x), 2)"),
    ("x'²", "^(transpose(x), 2)"),
    ("x²'", "transpose(^(x, 2))"),
    ("x^y'", "^(x, transpose(y))"),
    ("-x'", "neg(transpose(x))"),
    ("W''", "transpose(transpose(W))"),
    ("W^T^T", "transpose(transpose(W))"),
    ("x.T", "transpose(x)"),
    ("x.T.T^2", "^(transpose(transpose(x)), 2)"),
    ("T = 3; x.T y.T(z)", "·(·(transpose(x), transpose(y)), z)"),
    ("2.T", "·(2, T)"),
    ("x[0]'", "transpose(index(x, 0))"),
    ("(x + y)'", "transpose(+(x, y))"),
    ("sin(x)'", "transpose(sin(x))"),
    ("|x|'", "transpose(norm(x))"),
    ("[1, 2]'", "transpose([1, 2])"),
    ("x'y", "·(transpose(x), y)"),
    ("x' y'", "·(transpose(x), transpose(y))"),
    ("x'·y", "·(transpose(x), y)"),
    ("2 q x'", "·(·(2, q), transpose(x))"),
    ("xᵀ W x", "·(·(transpose(x), W), x)"),
    ("x^T W x", "·(·(transpose(x), W), x)"),
    ("Wx'", "·(W, transpose(x))"),
    ("x'(y + 1)", "·(transpose(x), +(y, 1))"),
    ("x^T(y + 1)", "·(transpose(x), +(y, 1))"),
    ("sin(x)'(y)", "·(transpose(sin(x)), y)"),
    # T with a meaning of its own.
    ("T = 3; x^T", "^T(x, T)"),
    ("T = 3; x^T'", "transpose(^T(x, T))"),
    ("T = 3; x^T^2", "^(^T(x, T), 2)"),
    ("T = 3; x^T[0]", "index(^T(x, T), 0)"),
    ("T = 3; 2 q x^T", "·(·(2, q), ^T(x, T))"),
    ("T = 3; x^T(y)", "·(^T(x, T), y)"),
    ("T = 3; x**T", "^(x, T)"),
    ("T = 3; x^-T", "^(x, neg(T))"),
    ("T(s) = 2s; x^T(y)", "^(x, T(y))"),
    ("f(x, T) = x^T", "^T(x, T)"),
    ("f(x, T) = x^T; y^T", "transpose(y)"),
    ("x^T2", "^(x, T2)"),
    ("x^(T)", "^(x, T)"),
    ("x**T", "^(x, T)"),
    ("2^T", "^(2, T)"),
]
PRODUCTS = [
    ("W @ x", "@(W, x)"),
    ("W@x@y", "@(@(W, x), y)"),
    ("W @ x + y", "+(@(W, x), y)"),
    ("2x @ y", "@(·(2, x), y)"),
    ("W @ x^2", "@(W, ^(x, 2))"),
    ("x * W @ y / 2", "/(@(*(x, W), y), 2)"),
    ("W @ -x", "@(W, neg(x))"),
    ("‖W·x‖²", "^(norm(·(W, x)), 2)"),
    ("||W x||^2", "^(norm(·(W, x)), 2)"),
    ("sum((W@x)^2)", "sum(^(@(W, x), 2))"),
    ("f(x; W) = ‖W·x‖²", "^(norm(·(W, x)), 2)"),
    ("W2 max(0, W1 x)", "·(W2, max(0, ·(W1, x)))"),
]
ARGUMENTS = [
    ("sum(x, axis=0)", "sum(x, axis=0)"),
    ("sum(x; axis=0; keepdims=1)", "sum(x, axis=0, keepdims=1)"),
    ("sum(x, axis = -1)", "sum(x, axis=neg(1))"),
    ("sum(x,\n  axis=0,\n  keepdims=1)", "sum(x, axis=0, keepdims=1)"),
    ("zeros(shape=3)", "zeros(shape=3)"),
    ("leaky_relu(x, slope=y == 1)", "leaky_relu(x, slope===(y, 1))"),
    ("sum(x, axis=None, keepdims=True)", "sum(x, axis=None, keepdims=True)"),
    ("sum(x, axis=(0, 1))", "sum(x, axis=[0, 1])"),
    ("sum(x, axis=(0,))", "sum(x, axis=[0])"),
    ("sum(x, axis=(0))", "sum(x, axis=0)"),
    ("sum((x, y))", "sum([x, y])"),
    ("zeros((3,))", "zeros([3])"),
    ("reshape(x, (2, -1))", "reshape(x, [2, neg(1)])"),
    ("reshape(x, (2, (3)))", "reshape(x, [2, 3])"),
    ("sum(x, axis=sum(y, axis=0))", "sum(x, axis=sum(y, axis=0))"),
    ("max((x)(y), z)", "max(·(x, y), z)"),
    ("f(t) = t; f(t=x)", "f(t=x)"),
]
LOOPS = [
    ("[i^2 for i in range(3)]", "[^(i, 2) for i in (3)]"),
    ("sum(x[i]*y[i] for i in range(n))", "sum(*(index(x, i), index(y, i)) for i in (n))"),
    ("sum(x[k] for k in range(1, n, 2))", "sum(index(x, k) for k in (1, n, 2))"),
    ("[i + j for i in range(2) for j in range(i)]", "[+(i, j) for i in (2) for j in (i)]"),
    ("[[i for i in range(2)] for j in range(3)]", "[[i for i in (2)] for j in (3)]"),
    ("[xk for k in range(3)]", "[·(x, k) for k in (3)]"),
    ("[k(x) for k in range(3)]", "[·(k, x) for k in (3)]"),
    ("[k'(x) for k in range(3)]", "[·(transpose(k), x) for k in (3)]"),
    ("sum(x\nfor\ti # i\n in\n range (3))", "sum(x for i in (3))"),
    ("sum(x[i₁] for i₁ in range(3))", "sum(index(x, i_1) for i_1 in (3))"),
    ("2sum(2for i in range(3))", "·(2, sum(2 for i in (3)))"),
    # Plain names.
    ("for + in + range", "+(+(for, in), range)"),
    ("for = 3; for x", "·(for, x)"),
    ("range = 3; range(x)", "·(range, x)"),
    ("f(x) = 2x # for t in range(3)\ntx", "tx"),
]


@pytest.mark.parametrize(
    ("text", "expected"), [*ARRAYS, *INDICES, *TRANSPOSES, *PRODUCTS, *ARGUMENTS, *LOOPS]
)
def test_reading(text: str, expected: str) -> None:
    assert last(text) == expected
    # What the printer writes says the same once more.
    printed = print_program(read(text))
    assert last(printed) == expected
    assert print_program(read(printed)) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[ 1,2 ,x y]", "[1, 2, x · y]"),
        ("(x + y)'[0]", "(x + y)ᵀ[0]"),
        ("(x[0])'", "x[0]ᵀ"),
        ("(x^2)'", "(x^2)ᵀ"),
        ("(2)[0]", "(2)[0]"),
        ("x[1::2, :, (3)]", "x[1::2, :, 3]"),
        ("sum(x, axis=(0, 1))", "sum(x, axis=[0, 1])"),
        ("[i for i in range(1,2) for j in range(3)]", "[i for i in range(1, 2) for j in range(3)]"),
        ("x^(T)", "x^(T)"),
        ("|x| ||y|| ‖z‖", "‖x‖ · ‖y‖ · ‖z‖"),
        ("index(x) = 2x; transpose(x) = x; index(transpose(y))",) * 2,
    ],
)
def test_printing(text: str, printed: str) -> None:
    printed = printed.replace("; ", "\n").replace("2x", "2 · x")
    assert print_program(read(text)) == printed


def test_composing_texts() -> None:
    """As for the nodes of a graph, whose pieces are texts."""
    x, product = ("x", 9), ("x * y", 3)
    assert compose("transpose", [x]) == (["x", "ᵀ"], 9)
    assert compose("transpose", [product]) == (["(", "x * y", ")", "ᵀ"], 9)
    assert compose("index", [product, ("1:3", 9), ("0", 8)]) == (
        ["(", "x * y", ")", "[", "1:3", ", ", "0", "]"],
        9,
    )
    assert compose("@", [x, product]) == (["x", " @ ", "(", "x * y", ")"], 3)


def notes(text: str) -> list[tuple[str, str, str]]:
    return [(r.kind, r.message, text[r.start : r.end]) for r in read(text).readings]


def test_note_on_an_index_behind_a_blank() -> None:
    message = "x [1] is read as the entry x[1]; for a product write x·[1]"
    assert notes("y + x [1]") == [("index", message, "x [1]")]
    ((_, message, _),) = notes("(x + y)\t[1, 2]")
    assert message.startswith("(x + y) [1, 2] is read as the entry (x + y)[1, 2];")
    assert notes("x[1] + 2 [1] + x [1:2]") == []


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("𝟙[x > 0]", "(x > 0)"),
        ("y * 1[x > 0]", "y * (x > 0)"),
        ("y 1[x > 0]^2", "y (x > 0)^2"),
        ("-1{x > 0}[0]", "-(x > 0)[0]"),
        ("𝟏{(x > 0)*(y > 0)}", "(x > 0)*(y > 0)"),
        ("1 [1[x > 0] + y > 1]", "((x > 0) + y > 1)"),
        ("|𝟙{x[0] > 0}|", "|(x[0] > 0)|"),
        ("𝟙(x > 0) y", "(x > 0) y"),
        ("2𝟙[x > 0] + 2𝟏(y > 0)", "2*(x > 0) + 2*(y > 0)"),
        ("‖𝟙 (x[0] > 0)^2‖", "‖(x[0] > 0)^2‖"),
        ("sum(1[x[i] > 0] for i in range(3))", "sum((x[i] > 0) for i in range(3))"),
        # These are arrays.
        ("1[x, y > 0]", "1*[x, y > 0]"),
        ("1[[x > 0]]", "1*[[x > 0]]"),
        ("1[x[y > 0]]", "1*[x[y > 0]]"),
        ("1[x > i for i in range(2)]", "1*[x > i for i in range(2)]"),
        ("2[x > 0]", "2*[x > 0]"),
    ],
)
def test_an_indicator(text: str, same: str) -> None:
    one, other = read(text), read(same)
    assert tree(one, len(one) - 1).replace("·", "*") == tree(other, len(other) - 1).replace(
        "·", "*"
    )


def test_note_on_an_indicator() -> None:
    message = "1[x > 0] is read as the indicator (x > 0), 1 where that holds"
    assert notes("y*1[x > 0]") == [
        ("indicator", f"{message}; for an array write 1*[x > 0]", "1[x > 0]")
    ]
    assert notes("𝟙[x > 0] + 1{x > 0} + 1[x, y]") == []


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("‖x‖_2", "‖x‖"),
        ("‖x‖₂²", "‖x‖^2"),
        ("||W||_F^2", "‖W‖^2"),
        ("|x|_1", "‖x‖_1"),
        ("‖x‖₁ + 1", "‖x‖_1 + 1"),
        ("‖x‖_∞", "‖x‖_inf"),
        ("|‖x‖_inf y|", "‖‖x‖_inf · y‖"),
        ("|||x||₂ - y|", "‖‖x‖ - y‖"),
        ("‖‖x‖₂‖₁ + ||‖x‖₁||₂", "‖‖x‖‖_1 + ‖‖x‖_1‖"),
        ("‖‖x‖²₁‖^2₁ + ||‖x‖^2_∞||", "‖‖x‖_1^2‖_1^2 + ‖‖x‖_inf^2‖"),
        ("‖x‖_1(y + |z|)", "‖x‖_1 · (y + ‖z‖)"),
        ("∂x/∂y = ‖x‖_2(y) = 3", "∂x/∂y = ‖x‖ · y = 3"),
        ("‖x‖^2_2", "‖x‖^2"),
        ("||x||^2_2", "‖x‖^2"),
        ("|x|**2_1 y", "‖x‖_1^2 · y"),
        ("‖x‖²_2", "‖x‖^2"),
        ("‖x‖²₂", "‖x‖^2"),
        ("‖x‖^2₂", "‖x‖^2"),
        ("‖W‖^2_F + ‖W‖²_F", "‖W‖^2 + ‖W‖^2"),
        ("‖x‖_1^2 + ‖x‖^2_1 + ||x||²₁", "‖x‖_1^2 + ‖x‖_1^2 + ‖x‖_1^2"),
        ("‖x‖^2_∞ ‖x‖²_∞ ‖x‖_∞²", "‖x‖_inf^2 · ‖x‖_inf^2 · ‖x‖_inf^2"),
        ("‖x‖⁻¹₁ + ‖x‖^-1.5_inf", "‖x‖_1^-1 + ‖x‖_inf^-1.5"),
        ("|||x||^2_2 - y|", "‖‖x‖^2 - y‖"),
        ("‖‖x‖²₂ y‖^2₂", "‖‖x‖^2 · y‖^2"),
        ("‖x‖^2_F(y)", "‖x‖^2 · y"),
        ("∂x/∂y = ‖x‖²_F(y) = 3", "∂x/∂y = ‖x‖^2 · y = 3"),
    ],
)
def test_a_norm_with_a_subscript(text: str, same: str) -> None:
    """In front of a power or behind it; what is printed reads back as the same."""
    (program,) = parse(Source(text), FUNCTIONS, VALUES)
    assert print_program(program) == same
    (again,) = parse(Source(same), FUNCTIONS, VALUES)
    assert print_program(again) == same


@pytest.mark.parametrize(
    ("text", "names", "value"),
    [
        ("‖x‖_∞ + inf", ["inf"], 6.0),
        ("‖x‖_1 + norm", ["norm"], 9.0),
        ("‖x‖² + norm ‖x‖_inf + inf", ["inf", "norm"], 35.0),
        ("norm(x) = sum(x); ‖x‖_1 + norm(x)", [], 6.0),
        ("norm(x) = sum(x); inf(x) = x; ‖x‖ + ‖x‖_∞", [], 9.0),
        (r"\operatorname{norm}(x) = 2 x; \|x\|_1 + \|x\|_\infty + \|x\|^2", [], 36.0),
    ],
)
def test_norms_do_not_depend_on_the_names_of_a_program(
    text: str, names: list[str], value: float
) -> None:
    values = {"x": [3.0, -4.0], **dict.fromkeys(names, 2.0)}
    assert backprop(text, values).value == value


def test_the_norms_of_a_number_are_its_absolute_value() -> None:
    report = backprop("‖x‖_1 + ‖x‖_inf + ‖x‖^2_2", x=-3.0)
    assert report.value == 15.0
    assert report.gradients == {"x": -8.0}


def test_underscores_elsewhere_group_the_digits_of_a_number() -> None:
    (program,) = parse(Source("x^2_2 + 10_000 + (‖x‖)^2_2"), FUNCTIONS, VALUES)
    assert print_program(program) == "x^22 + 10000 + ‖x‖^22"


@pytest.mark.parametrize("entry", ["x y", "1 -2", "x +y", "2 x", "x y z", "x [0] y", "x\ny"])
def test_note_on_entries_without_a_comma(entry: str) -> None:
    shown = " ".join(entry.split())
    message = f"{shown} is read as one entry; entries are separated by commas"
    assert ("entry", message, entry) in notes(f"[1, {entry}, 2]")


@pytest.mark.parametrize("entry", ["x*y", "1 - 2", "x+y", "2x", "-x", "(x y)", "x", "max(x, y z)"])
def test_no_note_on_entries_that_are_clear(entry: str) -> None:
    assert notes(f"[1, {entry}, 2]") == []


def test_note_on_a_transpose_in_front_of_a_bracket() -> None:
    ((kind, message, place),) = notes("2 + x''(y + 1)")
    assert kind == "product"
    assert message.startswith("x''(...) is read as the product x''·(...) with the transpose of x")
    assert place == "x''("
    assert notes("x' (y) + x'*(y) + (x)'(y) + xᵀ(y) + x^T(y)") == []


@pytest.mark.parametrize("text", ["f'(x)", "f''(x)", "sin'(x)", "2 sigmoid′(x)", "f(t) = t; f'(x)"])
def test_a_prime_of_a_function_is_a_derivative(text: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        read(text)
    assert "a derivative is asked for with --get df/dx" in caught.value.help


def test_words_for_settings_are_no_products() -> None:
    ast = read("sum(x, axis=None, a=True)", ("x", "N", "o", "n", "ne", "Tr", "ue", "None_"))
    assert tree(ast, ast.statements[0].root) == "sum(x, axis=None, a=True)"
    assert not ast.readings


def test_ranges_in_the_source() -> None:
    text = "2 + sum(x[1:, 0]'*y for k in range(2) for j₁ in range(k, 3)) + max(x, axis=(0, 1))"
    ast = read(text)
    shown = {
        (kind, text[ast.start[node] : ast.end[node]])
        for node, kind in enumerate(ast.kind)
        if kind in ("index", "slice", "transpose", "for", "keyword", "array")
    }
    assert shown == {
        ("index", "x[1:, 0]"),
        ("slice", "1:"),
        ("transpose", "x[1:, 0]'"),
        ("for", "x[1:, 0]'*y for k in range(2) for j₁ in range(k, 3)"),
        ("keyword", "axis=(0, 1)"),
        ("array", "(0, 1)"),
    }
    ((node, loops),) = ast.loops.items()
    assert [text[loop.start : loop.end] for loop in loops] == ["k", "j₁"]
    assert [loop.name for loop in loops] == ["k", "j_1"]
    assert ast.operands(node)[1:] == loops[0].arguments + loops[1].arguments


@pytest.mark.parametrize(
    "text",
    [
        *("x[0]", "[x, 2][1:]", "sum(y for i in range(3))", "sum()", "[]", "x[:]", "-(x + 2)'"),
        *("[sum(i for i in range(2)) for j in range(3)]", "max(2, y)[1, x]", "sum(a=x)"),
    ],
)
def test_subexpressions_are_contiguous(text: str) -> None:
    ast = read(f"z + {text}")
    # The whole is z, then all the nodes of the text, then the sum.
    root = len(ast) - 2
    assert ast.first(root) == 1
    for node in range(len(ast)):
        below = {node}
        for other in range(node, -1, -1):
            if other in below:
                below.update(ast.operands(other))
        assert below == {*range(ast.first(node), node + 1)}


DEEP = {
    "arrays": "[" * N + "x" + "]" * N,
    "indices": "x" + "[0]" * N,
    "indices in indices": "x[" * N + "0" + "]" * N,
    "transposes": "x" + "'" * N,
    "transposes by power": "x" + "^T" * N,
    "tuples": "max(" + "max((" * (N // 2) + "x" + ", 1))" * (N // 2) + ")",
    "keywords": "sum(a=" * N + "x" + ")" * N,
    "loops": "sum(" * N + "x" + " for i in range(2))" * N,
    "loops in ranges": "[x for i in range(" * N + "2" + ")]" * N,
    "many loops": "[x" + " for i in range(2)" * N + "]",
    "slices": "x[" * N + "0" + ":]" * N,
    "products": "x" + " @ x" * N,
    "entries": f"[{', '.join(['x'] * N)}]",
}


@pytest.mark.parametrize("name", DEEP)
def test_depth(name: str) -> None:
    ast = read(DEEP[name])
    # What is printed has the same operations in the same order.
    assert read(print_program(ast)).kind == ast.kind
    for node in reversed(ast.loops):
        assert ast.first(ast.left[node]) == ast.first(node)


@pytest.mark.parametrize(
    "part",
    [
        "[",
        "x[",
        "x'",
        "x^T",
        "[1 ",
        "[x for i in range(",
        "for i ",
        "for i in ",
        "x [",
        "sum(a=",
    ],
)
def test_what_is_not_finished_ends(part: str) -> None:
    """With a quadratic pass it would take minutes."""
    many = part * 30_000
    for text in (many, many + "]", many + ")", many + " $"):
        with pytest.raises(GradcalcError):
            read(text + "\n= ")


@pytest.mark.parametrize("text", ["1[where(x > 0, 2, 3)]", "1[max(x > 0, x)]"])
def test_a_call_is_no_condition(text: str) -> None:
    assert backprop(text, x=1.0).shape == (1,)
