"""--symbolic: formulas that are short, that are read again, and that are the gradient."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc.errors import GradcalcError
from gradcalc.services.symbolic import Symbolic, derive, symbolic
from gradcalc.source import Source

#: Programs whose gradients have been derived by hand.
BY_HAND = {
    "(x+y)*z": {"x": "z", "y": "z", "z": "x + y"},
    "x*y + x": {"x": "1 + y", "y": "x"},
    "x*x": {"x": "2 * x"},
    "z*x + z*x": {"z": "2 * x", "x": "2 * z"},
    "q = x + y; q*q": {"x": "2 * (x + y)", "y": "2 * (x + y)"},
    "1/x": {"x": "-1 / x^2"},
    "x/y": {"x": "1 / y", "y": "-(x / y^2)"},
    "x^3": {"x": "3 * x^2"},
    "x - y - x": {"x": "0", "y": "-1"},
    "x/y/y*2*3*x": {"x": "12 * x / y^2", "y": "-12 * x^2 / y^3"},
    "log(x)": {"x": "1 / x"},
    "x*log(x)": {"x": "log(x) + 1"},
    "x^n/n": {"x": "x^(n - 1)", "n": "x^n * log(x) / n - x^n / n^2"},
    "exp(-x)": {"x": "-exp(-x)"},
    "x^n": {"x": "n * x^(n - 1)", "n": "x^n * log(x)"},
    "2(x*y + max(0, z))": {"x": "2 * y", "y": "2 * x", "z": "2 * (z > 0)"},
    "where(x > 0, log(x), 3)": {"x": "where(x > 0, 1 / x, 0)"},
    "where(x > 0, 3, log(-x))": {"x": "where(x > 0, 0, 1 / x)"},
    "pi*x + 2*pi": {"x": "pi"},
    "5": {},
    "x": {"x": "1"},
    "floor(x)*y": {"x": "0", "y": "floor(x)"},
}

#: The same with arrays: shapes are known from values.
X, W, B = [0.2, 0.4], [[0.1, 0.5], [-0.3, 0.8], [1.0, 2.0]], 3.0
OF_ARRAYS = {
    "‖W·x‖²": {"W": "2 * (W · x) · xᵀ", "x": "Wᵀ · (2 * (W · x))"},
    "sum(W·x)": {"W": "broadcast_to(1, 3) · xᵀ", "x": "Wᵀ · broadcast_to(1, 3)"},
    "sum(x*b)": {"x": "broadcast_to(b, 2)", "b": "sum(x)"},
    "x*b": {"x": "broadcast_to(b, 2)", "b": "sum(x)"},
    "sum(x + b)": {"x": "broadcast_to(1, 2)", "b": "2"},
    "sum(x^2)": {"x": "2 * x"},
    "cross_entropy(W·x, 2)": {
        "W": "(softmax(W · x) - one_hot(2, n=3)) · xᵀ",
        "x": "Wᵀ · (softmax(W · x) - one_hot(2, n=3))",
    },
}


@pytest.mark.parametrize("program", BY_HAND)
def test_gradients_by_hand(program: str) -> None:
    assert symbolic(program).gradients == BY_HAND[program]


@pytest.mark.parametrize("program", OF_ARRAYS)
def test_gradients_of_arrays(program: str) -> None:
    values = {n: v for n, v in (("x", X), ("W", W), ("b", B)) if n in program}
    found = symbolic(program, values)
    assert found.gradients == OF_ARRAYS[program]
    check(found, program, values)


def check(
    found: Symbolic, program: str, values: Mapping[str, Any], tolerance: float = 1e-9
) -> None:
    """The text as a whole is a program, whose claims hold; and each formula is the gradient."""
    import numpy as np

    report = gradcalc.backprop(program, values)
    definitions = [f"{left} = {text}" for left, text in found.definitions.items()]
    for name, gradient in report.gradients.items():
        formula = "\n".join((*definitions, found.gradients[name]))
        got = gradcalc.backprop(formula, values).value
        assert np.shape(got) == np.shape(gradient)
        np.testing.assert_allclose(got, gradient, rtol=tolerance, atol=tolerance)
    again = gradcalc.backprop(str(found), values)
    claimed = {note.message for note in again.notes if note.kind == "claim"}
    assert len(claimed) == len(found.gradients)


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("inf ‖x‖_∞ + ‖x‖^2_2", "inf"),
        ("norm ‖x‖_1 ‖x‖ + ‖x‖² + norm ‖x‖_∞", "norm"),
        ("norm = ‖x‖; sum(x/norm) ‖x‖₁ ‖x‖²", ""),
        ("inf sum(max(x, -1e999)) + sum(min(x, 1e999)) + inf norm(x, ord=1e999, axis=0)", "inf"),
        ("inf sum(min(x, [1, 1e999]))", "inf"),
        ("pi*3.141592653589793 + tau*3.141592653589793 sum(x)", "pi tau"),
    ],
)
def test_names_of_the_language_that_a_program_has_taken(program: str, names: str) -> None:
    values = {**dict.fromkeys(names.split(), 1.5), "x": [3.0, -4.0]}
    check(symbolic(program, values), program, values)


def test_networks() -> None:
    program = "h = max(0, W1 x); s = W2 h; L = sum((s - y)^2)"
    values = {"W1": W, "x": X, "W2": [[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]], "y": [1.0, -2.0]}
    found = symbolic(program, values)
    assert found.head == found.output == "L"
    assert found.gradients["y"] == "-2 * (W2 · max(0, W1 · x) - y)"
    check(found, program, values)


def test_the_neuron_of_the_lecture() -> None:
    program = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
    s = "-(w0 * x0 + w1 * x1 + w2)"
    found = symbolic(program)
    assert found.gradients["w2"] == f"exp({s}) / (1 + exp({s}))^2"
    check(found, program, {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0})


def test_names_of_wrt_are_names() -> None:
    assert symbolic("2(xy + max(z, w))", wrt="x,y").gradients == {"x": "2 * y", "y": "2 * x"}
    assert list(symbolic("2(xy + z)").gradients) == ["xy", "z"]
    assert symbolic("q = x + y; q z", wrt="q,x,z").gradients == {"q": "z", "x": "z", "z": "x + y"}


def test_the_output_has_a_name() -> None:
    assert str(symbolic("x^2")) == "f = x^2\n∂f/∂x = 2 * x"
    assert str(symbolic("f*x")) == "g = f * x\n∂g/∂f = x\n∂g/∂x = f"
    assert str(symbolic("J(u) = u^2")) == "J = u^2\n∂J/∂u = 2 * u"
    assert str(symbolic("x^2", upstream=3)) == "L = 3 * x^2\n∂L/∂x = 6 * x"
    assert str(symbolic("x^2", {"x": [1, 2]})) == "L = sum(x^2)\n∂L/∂x = 2 * x"
    weighted = symbolic("x^2", {"x": [1, 2]}, upstream=[3, 4])
    assert weighted.gradients == {"x": "2 * [3, 4] * x"}


def test_values_that_the_program_gives_are_not_used() -> None:
    assert symbolic("x = 3; y = 2; x*y").gradients == {"x": "y", "y": "x"}


def test_a_variable_in_front_of_a_bracket() -> None:
    """It is a product, as with a value, and that is said."""
    found = symbolic("x(y + 1)")
    assert found.gradients == {"x": "y + 1", "y": "x"}
    said = "x(...) is read as the product x·(...), for x is a variable"
    assert [note.message for note in found.notes] == [said]
    assert [note.message for note in symbolic("x(y + 1)", wrt="x").notes] == [said]
    said = said.replace("x", "g")
    assert [note.message for note in symbolic("f(x) = g(x)").notes] == [said]
    with pytest.raises(GradcalcError, match="read as the product"):
        derive(Source("f(x) = g(x)"), {}, strict=True)


@pytest.mark.parametrize(
    ("program", "where"),
    [
        ("‖X w - y‖²", "X w"),
        ("‖x‖", "‖x‖"),
        ("f(u) = ‖u‖²; f(2 x)", "‖u‖"),
        ("x^T A x", "x^T"),
        ("2 W1 h + b", "2 W1 h"),
        ("x·y", "x·y"),
        (r"\|w\|^2", r"\|w\|"),
        ("w x + |b| + R I + 2·x + W*x", ""),
    ],
)
def test_a_text_that_says_arrays(program: str, where: str) -> None:
    """Where the names have no values, that they are numbers is said."""
    said = [note.message for note in symbolic(program).notes if note.kind == "scalar"]
    assert bool(said) == bool(where)
    if where:
        assert said[0].startswith(f"{where} is read with numbers: ")
        assert said[0].endswith("=numpy.zeros((3, 2))")


def test_a_text_that_says_arrays_with_their_shapes() -> None:
    values = {"X": [[0, 0], [0, 0], [0, 0]], "w": [0, 0], "y": [0, 0, 0]}
    assert symbolic("‖X w - y‖²", values).notes == ()


def test_what_may_be_an_array_without_a_value() -> None:
    for program, name, said in [
        ("x[0]", "x", "x has no value, and so is a number here"),
        ("det(a b)", "a", "a and b have no values, and so are numbers here"),
    ]:
        help = f"{said}; of an array give the shape, as in "
        with pytest.raises(GradcalcError) as caught:
            symbolic(program)
        assert caught.value.help == f"{help}{name}=numpy.zeros((3, 2))"
        with pytest.raises(GradcalcError) as caught:
            derive(Source(program), {})
        assert caught.value.help == f'{help}--{name} "zeros(3, 2)"'
    with pytest.raises(GradcalcError) as caught:
        symbolic("det(a)", a=[1, 2])
    assert "value" not in caught.value.help


@pytest.mark.parametrize(
    ("program", "values", "code", "words"),
    [
        ("x*y", {"z": 1.0}, "unused-option", "z"),
        ("sum(x^k for k in range(n))", {}, "missing-value", "depends on n"),
        ("zeros((n,))[0]*x", {}, "missing-value", "depends on n"),
        ("x[0]", {}, "shape", "x"),
        ("x*", {}, "syntax", ""),
    ],
)
def test_errors(program: str, values: Mapping[str, Any], code: str, words: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        symbolic(program, values)
    assert words in caught.value.message
    assert "Traceback" not in str(caught.value)
    assert caught.value.code == code


def test_unknown_names() -> None:
    with pytest.raises(GradcalcError) as caught:
        symbolic("x*y", wrt="x,q")
    assert caught.value.code == "unknown-name"


#: Programs whose formulas would be long, as trees exponentially long, or deep.
LONG = {
    "sum": "+".join(f"x{i}*w{i}" for i in range(2000)),
    "chain": "\n".join(["q0 = sin(x)", *(f"q{i} = sin(q{i - 1})*y" for i in range(1, 1000))]),
    "product": "*".join(f"(1 + x{i}/1000)" for i in range(500)),
    "twice": "\n".join(
        ["q0 = x/9", *(f"q{i} = q{i - 1}*q{i - 1} + q{i - 1}/2" for i in range(1, 300))]
    ),
    "deep": "tanh(" * 3000 + "x" + ")" * 3000,
}


@pytest.mark.parametrize("name", LONG)
def test_long_programs_stay_linear(name: str) -> None:
    program = LONG[name]
    found = symbolic(program)
    text = str(found)
    assert len(text) < 60 * len(program)
    assert max(map(len, text.splitlines())) < 400
    names = list(found.gradients)
    values = {n: 0.3 + 0.01 * (i % 7) for i, n in enumerate(names)}
    report = gradcalc.backprop(program, values)
    definitions = "\n".join(f"{left} = {text}" for left, text in found.definitions.items())
    for name in {names[0], names[-1]}:
        got = gradcalc.backprop(f"{definitions}\n{found.gradients[name]}", values).value
        assert got == pytest.approx(report.gradients[name], rel=1e-9, abs=1e-300)


def test_parts_have_the_names_of_the_program() -> None:
    program = "h = tanh(a x + b y + c); k = tanh(a h + b h^2 + c h^3 + h x y); k^2 + h k"
    found = symbolic(program)
    assert {"h", "k", "f"} <= found.definitions.keys()
    check(found, program, {"a": 0.3, "x": 0.5, "b": -0.7, "y": 0.2, "c": 1.1})


UNARY = (
    *("-{}", "sin({})", "exp(-{}^2)", "1/(1 + {}^2)", "({})^3", "log(2 + {}^2)", "tanh({})/2"),
    *("relu({})", "|{}|", "sqrt(1 + {}^2)", "2*{}", "{}*3", "({})/7", "pi*{}", "sigmoid({})"),
)
BINARY = (
    *("{} + {}", "{} - {}", "{}*{}", "{}/(1 + {}^2)", "max({}, {})", "hypot({}, 1 + {}^2)"),
    *("where({} > {}, x, y^2)", "{}*{}*x", "{} + {} + 1", "{} - 2*({})"),
)


def random_expression(random: Random, size: int) -> str:
    if size <= 0:
        return random.choice(("x", "y", "z", "x", "2", "0.5"))
    if random.random() < 0.5:
        return random.choice(UNARY).format(f"({random_expression(random, size - 1)})")
    left, right = (random_expression(random, size - random.choice((1, 2))) for _ in range(2))
    return random.choice(BINARY).format(f"({left})", f"({right})")


@settings(max_examples=300, deadline=None)
@given(
    random=st.randoms(use_true_random=False),
    at=st.lists(st.floats(-2, 2, width=16), min_size=3, max_size=3),
)
def test_random_formulas_are_the_gradient(random: Random, at: list[float]) -> None:
    program = "q = " + random_expression(random, 3) + "\nq*y + " + random_expression(random, 4)
    report = gradcalc.backprop(program + " + 0*(x + y + z)", dict(zip("xyz", at, strict=True)))
    assume(not any(note.kind in ("kink", "non-finite") for note in report.notes))
    size = max([abs(n.value) * (1 + abs(n.upstream or 0)) for n in report.nodes])
    assume(size < 1e6)
    found = symbolic(program + " + 0*(x + y + z)")
    definitions = "\n".join(f"{left} = {text}" for left, text in found.definitions.items())
    for name, gradient in report.gradients.items():
        padded = f"{definitions}\n{found.gradients[name]} + 0*(x + y + z)"
        got = gradcalc.backprop(padded, report.inputs).value
        assert got == pytest.approx(gradient, rel=1e-9, abs=1e-9 * max(1, size))
