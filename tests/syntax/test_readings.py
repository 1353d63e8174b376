"""How texts are read: each beside an explicit one that must mean the same."""

from collections.abc import Collection
from math import inf, isnan
from typing import Any

import pytest

from gradcalc import backprop, backprop_all, ops
from gradcalc.graph.lower import Lowering
from gradcalc.services.readings import read_back
from gradcalc.services.values import Seed, derivative_node, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

VALUES = ("x", "y", "z", "w", "W", "x_1", "W2", "W1", "α")


def read(text: str, values: Collection[str] = VALUES) -> list[Ast]:
    return parse(Source(text), ops.PLACES, values)


def meaning(text: str, values: Collection[str] = VALUES) -> list[Any]:
    """The lowered graphs, as data that can be compared."""
    problems = []
    for ast in read(text, values):
        problem = Lowering(
            ast,
            Source(text),
            dict.fromkeys(values, 1.0),
            value_of_node(Seed()),
            derivative_node,
        ).run()
        graph = problem.graph
        problems.append((graph.op, graph.operands, graph.constants, graph.names, problem.outputs))
    return problems


PRECEDENCE = [
    # Left-associative but for the power.
    ("x - y - z", "(x - y) - z"),
    ("x - y + z", "(x - y) + z"),
    ("x / y / z", "(x / y) / z"),
    ("x / y * z", "(x / y) * z"),
    ("x * y / z", "(x * y) / z"),
    ("x ^ y ^ z", "x ^ (y ^ z)"),
    ("x ** y ** z", "x ^ (y ^ z)"),
    # Loosest first: comparison, sum, product, sign, power.
    ("x + y * z", "x + (y * z)"),
    ("x * y + z", "(x * y) + z"),
    ("x * y ^ z", "x * (y ^ z)"),
    ("x < y + z", "x < (y + z)"),
    ("x + y < z", "(x + y) < z"),
    ("x < y == z", "(x < y) == z"),
    ("-x^2", "-(x^2)"),
    ("-x * y", "(-x) * y"),
    ("-x + y", "(-x) + y"),
    ("x * -y", "x * (-y)"),
    ("x - -y", "x - (-y)"),
    ("x + -y * z", "x + ((-y) * z)"),
    ("--x", "-(-x)"),
    ("+x", "x"),
    ("2^-1", "2^(-1)"),
    ("x^-y^z", "x^(-(y^z))"),
    ("x^-2 y", "(x^(-2)) * y"),
    ("-2^x", "-(2^x)"),
    ("((-2))^x", "(-2)^x"),
]
SPELLINGS = [
    ("x − y", "x - y"),
    ("−x", "-x"),
    ("x × y", "x * y"),
    ("x · y", "x * y"),
    ("x ⋅ y", "x * y"),
    ("x ⊙ y", "x * y"),
    ("x ÷ y", "x / y"),
    ("x ≤ y", "x <= y"),
    ("x ≥ y", "x >= y"),
    ("x ≠ y", "x != y"),
    ("x²", "x^2"),
    ("x⁻¹", "x^(-1)"),
    ("x¹⁰", "x^10"),
    ("x⁺²", "x^2"),
    ("(x+y)²", "(x+y)^2"),
    ("-x²", "-(x^2)"),
    ("2x²", "2 * (x^2)"),
    ("sin(x)²", "(sin(x))^2"),
    ("x²y", "(x^2) * y"),
    ("|x|", "abs(x)"),
    ("|x - y|", "abs(x - y)"),
    ("|x||y|", "abs(x) * abs(y)"),
    ("|x| |y|", "abs(x) * abs(y)"),
    ("2|x|", "2 * abs(x)"),
    ("|x|y", "abs(x) * y"),
    ("|x|^2", "abs(x)^2"),
    ("|x + |y||", "abs(x + abs(y))"),
    ("||x| - y|", "abs(abs(x) - y)"),
    ("|-x|", "abs(-x)"),
    ("|(x)|", "abs(x)"),
    ("(|x|)", "abs(x)"),
    ("max(|x|, |y|)", "max(abs(x), abs(y))"),
    ("||x||", "abs(x)"),
    ("‖x‖", "abs(x)"),
    ("‖x + y‖²", "abs(x + y)^2"),
    ("norm(x)", "abs(x)"),
    ("ln(x)", "log(x)"),
    ("σ(x)", "sigmoid(x)"),
    ("arctan(x)", "atan(x)"),
    ("maximum(x, y)", "max(x, y)"),
]
PRODUCTS = [
    ("2x", "2*x"),
    ("2(x+y)", "2*(x+y)"),
    ("(x+y)z", "(x+y)*z"),
    ("(x+y)(z+w)", "(x+y)*(z+w)"),
    ("2 x y", "(2*x)*y"),
    ("x y z", "(x*y)*z"),
    ("W2 max(0, W1 x)", "W2*max(0, W1*x)"),
    ("x sin(y)", "x*sin(y)"),
    ("sin(x)cos(y)", "sin(x)*cos(y)"),
    ("sin(x) y", "sin(x)*y"),
    ("1/2x", "(1/2)*x"),
    ("x/y z", "(x/y)*z"),
    ("2^x y", "(2^x)*y"),
    ("x^2y", "(x^2)*y"),
    ("x^2 y", "(x^2)*y"),
    ("2x^2", "2*(x^2)"),
    ("x -y", "x - y"),
    ("x (-y)", "x*(-y)"),
    ("2e", "2*e"),
    ("2e3", "2000"),
    ("2 e", "2*e"),
    ("2pi x", "(2*pi)*x"),
    ("2π x", "(2*pi)*x"),
    ("e^x y", "(e^x)*y"),
    # A name in front of a bracket.
    ("x(y+1)", "x*(y+1)"),
    ("x (y+1)", "x*(y+1)"),
    ("sin (x)", "sin(x)"),
    ("xy(z)", "(x*y)*z"),
    # Names that split in just one way.
    ("xy", "x*y"),
    ("xyz", "(x*y)*z"),
    ("xx", "x*x"),
    ("Wx", "W*x"),
    ("xy^2", "x*(y^2)"),
    ("2xy", "(2*x)*y"),
    ("W1x", "W1*x"),
    ("αx", "α*x"),
    ("2pix", "(2*pi)*x"),
    ("x_1y", "x_1*y"),
]
NUMBERS = [
    (".5 x", "0.5*x"),
    ("1. + x", "1 + x"),
    ("1_000 x", "1000*x"),
    ("1e-3 x", "0.001*x"),
    ("1E3 + x", "1000 + x"),
    ("2.5e+2 + x", "250 + x"),
]
LAYOUT = [
    ("x + y # the sum", "x + y"),
    ("# first\nx + y", "x + y"),
    ("(x +\ny)", "x + y"),
    ("(x\n\n  + y)", "x + y"),
    ("max(x,\n    y)", "max(x, y)"),
    ("(x + # half of it\n y)", "x + y"),
    ("q = x + y; q*z", "q = x + y\nq*z"),
    ("q = x + y;; q*z;", "q = x + y\nq*z"),
    ("q = x + y\r\nq*z\r\n", "q = x + y\nq*z"),
    ("q = x + y\rq*z", "q = x + y\nq*z"),
    ("\n\n  q = x + y  \n\n q*z \n", "q = x + y\nq*z"),
    ("x\t+\u00a0y", "x + y"),
    ("q=x+y; q==z", "q = x + y\n(q) == (z)"),
    ("a = -2; a x", "a = -2\na*x"),
]
FUNCTIONS = [
    ("f(t) = t^2; f(x)", "x^2"),
    ("f(s, t) = s/t; f(x, y)", "x/y"),
    ("f(s; t) = s/t; f(x; y)", "x/y"),
    ("f(s) = s + y; f(x)", "x + y"),
    ("f(x) = x^2; f(y)", "y^2"),
    ("f(t) = t/2; g(t) = f(t) + t; g(x)", "x/2 + x"),
    ("f(t) = t/2; f(f(x))", "(x/2)/2"),
    ("f (t) = t/2; f (x)", "x/2"),
    ("f(t) = t^2; f(x)f(x)", "(x^2)(x^2)"),
    ("f(x₁) = x_1^2; f(y)", "y^2"),
    ("f(s,\n  t) = s/t; f(x, y)", "x/y"),
    ("f(\r\n s, # the (first) = one\r\n t # )\r\n) = s/t; f(x, y)", "x/y"),
    ("max(x,\ny); q = 3", "max(x, y); q = 3"),
    ("f(t) = max(t,\ny); f(x)", "max(x, y)"),
]


@pytest.mark.parametrize(
    ("text", "same"), [*PRECEDENCE, *SPELLINGS, *PRODUCTS, *NUMBERS, *LAYOUT, *FUNCTIONS]
)
def test_reading(text: str, same: str) -> None:
    assert meaning(text) == meaning(same)
    # What the printer writes means the same once more.
    printed = "\n---\n".join(print_program(ast) for ast in read(text))
    assert meaning(printed) == meaning(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("x - y - z", "x - (y - z)"),
        ("x / y / z", "x / (y / z)"),
        ("x ^ y ^ z", "(x ^ y) ^ z"),
        ("-x^2", "(-x)^2"),
        ("1/2x", "1/(2x)"),
        ("x + x", "2x"),
        ("x y", "y x"),
    ],
)
def test_the_other_reading_would_differ(text: str, other: str) -> None:
    assert meaning(text) != meaning(other)


def test_equal_subexpressions_stay_two_and_a_name_is_one() -> None:
    ((op, *_),) = meaning("(x + y) * (x + y)")
    assert len(op) == 5
    ((op, *_),) = meaning("q = x + y; q * q")
    assert len(op) == 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x₁", "x_1"),
        ("x₁₂", "x_12"),
        ("x_1", "x_1"),
        ("ｘ", "x"),  # full width
        ("ﬁ", "fi"),  # a ligature
        ("𝐱", "x"),  # bold of mathematics
        ("é", "é"),
        ("e\u0301", "é"),  # a combining accent
        ("θ", "θ"),
        ("Ω", "Ω"),
        ("변수", "변수"),
        ("_x", "_x"),
        ("x1", "x1"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert backprop(text, {name: 3.0}).gradients == {name: 1.0}


def test_superscripts_and_digits_are_no_part_of_a_name() -> None:
    assert backprop("x²", x=3).value == 9
    assert backprop("x2", x2=3).value == 3


def notes(text: str, **values: float) -> list[tuple[str, str]]:
    return [(note.kind, note.message) for note in backprop(text, values).notes]


def test_notes_on_readings() -> None:
    assert notes("xy", x=2, y=3) == [("split-name", "xy is read as the product x·y")]
    assert notes("1/2x", x=2) == [("division", "1/2x is read as (1/2)·x")]
    ((kind, message),) = notes("x(y+1)", x=2, y=3)
    assert kind == "product"
    assert "x is a variable" in message
    ((kind, message),) = notes("x < y < 3", x=2, y=3)
    assert kind == "chain"
    assert "(x < y) < 3" in message


def test_notes_quote_the_program_and_only_put_signs_in() -> None:
    """With arrays ``*`` and ``·`` are two products."""
    arrays: dict[str, Any] = {"A": [[1, 2], [3, 4]], "x": [1, 2]}
    text = "1/2 sum((A*A)@x)"
    report = backprop(text, arrays)
    read = "(1/2)·sum((A*A)@x)"
    message = f"{text} is read as {read}"
    assert [note.message for note in report.notes] == [message]
    assert report.value == backprop(read, arrays).value == 0.5 * (1 + 8 + 9 + 32)
    assert report.to_json()["notes"][0]["message"] == message
    assert read_back(Source(text), arrays)[1][0].message == message
    ((_, message),) = notes("1/2 sum((x - 1)**2)", x=3)
    assert message == "1/2 sum((x - 1)**2) is read as (1/2)·sum((x - 1)**2)"


@pytest.mark.parametrize(
    "text",
    [
        *("2x", "x y", "(x+y)z", "2(x)", "x/2", "1/2*x", "(1/2)x", "1/(2x)", "x/y/z", "x*(y+1)"),
        *("2pi x", "2 π x", "tau x", "e^x", "sin(x)", "x^2 y", "-x^2"),
    ],
)
def test_nothing_is_said_where_nothing_else_could_be_meant(text: str) -> None:
    values = {name: 2.0 for name in "xyz" if name in text}
    assert notes(text, **values) == []


def test_no_split_where_it_is_not_the_only_one() -> None:
    """xyx is x·y·x or xy·x where both xy and y are names."""
    from gradcalc import GradcalcError

    with pytest.raises(GradcalcError) as caught:
        backprop("q = x + y; xyx + xy", {"x": 1, "y": 2, "xy": 3})
    assert caught.value.code == "missing-value"
    # A name that has a value is that name, however it could be split.
    assert backprop("xy", xy=5).value == 5
    assert backprop("xy + x + y", {"xy": 5, "x": 1, "y": 2}).value == 8


def test_definitions_split_as_well() -> None:
    report = backprop("q = x + 1; r = 2; qr", x=2)
    assert report.value == 6
    # Later definitions are not known yet.
    assert [n.kind for n in report.notes] == ["split-name"]


def test_constants() -> None:
    from math import e, pi, tau

    assert backprop("pi").value == backprop("π").value == pi
    assert backprop("e").value == e
    assert backprop("tau").value == backprop("τ").value == tau
    assert backprop("inf").value == inf
    assert isnan(backprop("nan").value)
    assert backprop("pi").gradients == {}


def test_constants_may_be_given_a_value() -> None:
    report = backprop("2 pi", {"pi": 3})
    assert (report.value, report.gradients) == (6, {"pi": 2})
    report = backprop("e = 3; e x", x=2)
    assert (report.value, report.gradients) == (6, {"e": 2, "x": 3})
    assert backprop("pi = x + 1; pi", x=2).value == 3


def test_functions_may_be_given_a_value() -> None:
    assert backprop("sin(x+1)", {"sin": 2, "x": 3}).value == 8
    assert backprop("max = 2; max x", x=3).value == 6


@pytest.mark.parametrize(
    ("text", "x", "y", "value"),
    [
        ("x < y", 1, 2, 1),
        ("x < y", 2, 2, 0),
        ("x <= y", 2, 2, 1),
        ("x > y", 2, 1, 1),
        ("x >= y", 2, 2, 1),
        ("x == y", 2, 2, 1),
        ("x != y", 2, 2, 0),
        ("(x < y) * 5", 1, 2, 5),
    ],
)
def test_comparisons(text: str, x: float, y: float, value: float) -> None:
    report = backprop(text, x=x, y=y)
    assert report.value == value
    assert report.gradients == {"x": 0, "y": 0}


def outputs(text: str, **values: float) -> list[tuple[str | None, float]]:
    return [(report.output, report.value) for report in backprop_all(text, values)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 1", [(None, 3)]),
        ("q = x + 1", [("q", 3)]),
        ("q = x + 1; f = 2q", [("f", 6)]),
        ("q = x + 1; 2q", [(None, 6)]),
        ("2x; q = x + 1", [(None, 4)]),
        ("2x; 3x", [(None, 4), (None, 6)]),
        ("f(x) = x^2", [("f", 4)]),
        ("f(t) = t^2; g = f(x) + 1", [("g", 5)]),
        ("f(t) = t^2; f(x)", [(None, 4)]),
        # The last definition that is no plain value: those of inputs may follow.
        ("f(x, c) = c x; c = 5", [("f", 10)]),
        ("c = 5; q = c x", [("q", 10)]),
        # One function that is called, one that is not.
        ("g(t) = t + 1; f(x) = g(x)^2", [("f", 9)]),
        ("x\n---\n2x\n---\n3x", [(None, 2), (None, 4), (None, 6)]),
        ("---\nx\n-----\n\n---  # nothing\n2x\n---", [(None, 2), (None, 4)]),
    ],
)
def test_outputs(text: str, expected: list[tuple[str | None, float]]) -> None:
    assert outputs(text, x=2) == expected


def test_an_input_alone_is_an_output() -> None:
    assert outputs("x = 3") == [("x", 3)]


def test_a_dashed_line_separates_only_alone() -> None:
    # x - (-(-x))
    assert outputs("x ---x", x=2) == [(None, 0)]


def test_each_problem_has_its_own_names() -> None:
    assert outputs("q = x\nq^2\n---\nq = 3x\nq^2", x=2) == [(None, 4), (None, 36)]


def test_an_input_is_a_constant_expression() -> None:
    report = backprop("a = 1/3; b = -2^2; c = pi/4; a b c")
    assert report.inputs == {"a": 1 / 3, "b": -4, "c": 3.141592653589793 / 4}
    assert list(report.gradients) == ["a", "b", "c"]
    # What is computed from another name is no input.
    report = backprop("a = 3; b = 2a; a b")
    assert report.inputs == {"a": 3}
    assert report.gradients == {"a": 12}


def test_parameters_hide_names() -> None:
    assert backprop("f(x) = x^2; f(y) + x", x=100, y=3).value == 109
    assert backprop("f(sin) = 2 sin; f(x)", x=3).value == 6


def test_a_function_is_put_in_place_at_each_call() -> None:
    report = backprop("f(t) = t^2; f(x) + f(y)", x=2, y=3)
    assert report.gradients == {"x": 4, "y": 6}
    assert [node.op for node in report.nodes].count("pow") == 2


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("x < y < z", "(x < y) < z"),
        ("(x > 0) != 0", "(x > 0) != 0"),
        ("x == (y > z)", "x == (y > z)"),
        ("x + 1 < 2y", "x + 1 < 2 · y"),
    ],
)
def test_a_comparison_in_a_comparison_is_printed_in_brackets(text: str, printed: str) -> None:
    (ast,) = read(text)
    assert print_program(ast) == printed
    assert meaning(printed) == meaning(text)


@pytest.mark.parametrize(
    ("text", "message", "value"),
    [
        ("2^xy", "^xy is read as ^x · y: only x is in the exponent", 24),
        ("2^ - xy^2", "^-xy is read as ^-x · y: only x is in the exponent", 9 / 8),
        ("2**xyx", "**xyx is read as **x · y·x: only x is in the exponent", 72),
        ("(2^ # +\n xy)", "^xy is read as ^x · y: only x is in the exponent", 24),
        ("3x^2^xy", "^xy is read as ^x · y: only x is in the exponent", 3 * 3.0**8 * 3),
        ("2^x + xy", "xy is read as the product x·y", 17),
        ("2^(xy)", "xy is read as the product x·y", 512),
        ("2 # ^\nxy", "xy is read as the product x·y", 9),
    ],
)
def test_notes_on_words_in_exponents(text: str, message: str, value: float) -> None:
    values = {"x": 3.0, "y": 3.0}
    report = backprop_all(text, values)[-1]
    assert report.value == pytest.approx(value)
    ((kind, said),) = [(note.kind, note.message) for note in report.notes]
    assert (kind, said.partition(";")[0]) == ("split-name", message)


def test_notes_on_products_with_brackets_in_exponents() -> None:
    ((kind, message),) = notes("2^-x(y+1)", x=2, y=3)
    assert kind == "product"
    assert message.startswith("^-x(...) is read as ^-x · (...), for x is a variable: only x is")
    assert backprop("2^-x(y+1)", x=2, y=3).value == 1


@pytest.mark.parametrize("number", ["1", "2.5", ".5", "1.", "1_000", "1e-5"])
@pytest.mark.parametrize("behind", ["", " -3", " x", "*x"])
def test_note_on_a_number_without_its_exponent(number: str, behind: str) -> None:
    values = {"x": 2.0} if "x" in behind else {}
    ((kind, message),) = notes(f"3 + {number}e{behind}", **values)
    assert kind == "product"
    assert message == f"{number}e is read as the product {number}·e" + (
        f"; for a power of ten write {number}e5"
    )


def test_no_note_on_other_products_with_e() -> None:
    for text in ("2 e", "2*e", "2e^x", "2e ** x", "2e²", "2e5", "(2)e", "x2 e"):
        name = text[:2] if text[0] == "x" else "x"
        assert notes(text, **({name: 2.0} if name in text else {})) == []
    assert notes("2e", e=3) == []
    assert notes("e = 3; 2e") == []


def test_a_fraction_is_no_name() -> None:
    from gradcalc import GradcalcError

    for text in ("½", "x½", "½ = 3", "x½ = 3", "x½(2)", "x + 𐄇", "f(½) = 2", "½(x) = 2x"):
        with pytest.raises(GradcalcError) as caught:
            backprop(text, x=2)
        assert caught.value.code == "syntax"
    assert backprop("Ⅷ", VIII=2).value == 2


@pytest.mark.parametrize("text", ["f(x,\n", "f(#(\n", "2^ ", "2^xy ", "2e+"])
def test_many_unfinished_heads(text: str) -> None:
    """With a quadratic pass it would take minutes."""
    from gradcalc import GradcalcError

    with pytest.raises(GradcalcError):
        backprop(text * 30_000, x=1, y=2, z=3)


def test_listed_names() -> None:
    from gradcalc.errors import listed_names

    assert listed_names([]) == ""
    assert listed_names(["x"]) == "x"
    assert listed_names({"x": 1, "y": 2}) == "x and y"
    assert listed_names("xyz", "or") == "x, y or z"
    many = listed_names([f"x{i}" for i in range(100_000)])
    assert many.startswith("x0, x1, ")
    assert many.endswith(", x19 and 99980 more")
