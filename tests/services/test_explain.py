"""--explain: the chain rule as the lecture writes it, with the numbers of the report."""

from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradcalc
from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.render.explanation import explain as text_of
from gradcalc.render.explanation import text_lines
from gradcalc.services.explain import Explanation, explain

#: What the lecture derives on its slides, and a student would by hand.
LECTURE = """\
x = -2; y = 5; z = -4
q = x + y = 3
f = q * z = -12

∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4
∂f/∂y = ∂q/∂y · ∂f/∂q = 1 · z = z = -4
∂f/∂z = q = 3"""

NEURON = """\
w0 = 2; x0 = -1; w1 = -3; x1 = -2; w2 = -3
q1 = w0 * x0 = -2
q2 = w1 * x1 = 6
q3 = q1 + q2 = 4
q4 = q3 + w2 = 1
q5 = -q4 = -1
q6 = exp(q5) = 0.367879
q7 = 1 + q6 = 1.36788
f = 1 / q7 = 0.731059

∂f/∂q7 = -1 / q7^2 = -0.534447
∂f/∂q6 = ∂q7/∂q6 · ∂f/∂q7 = 1 · (-0.534447) = -0.534447
∂f/∂q5 = ∂q6/∂q5 · ∂f/∂q6 = q6 · ∂f/∂q6 = 0.367879 · (-0.534447) = -0.196612
∂f/∂q4 = ∂q5/∂q4 · ∂f/∂q5 = -1 · (-0.196612) = 0.196612
∂f/∂q3 = ∂q4/∂q3 · ∂f/∂q4 = 1 · 0.196612 = 0.196612
∂f/∂q2 = ∂q3/∂q2 · ∂f/∂q3 = 1 · 0.196612 = 0.196612
∂f/∂q1 = ∂q3/∂q1 · ∂f/∂q3 = 1 · 0.196612 = 0.196612
∂f/∂w0 = ∂q1/∂w0 · ∂f/∂q1 = x0 · ∂f/∂q1 = -1 · 0.196612 = -0.196612
∂f/∂x0 = ∂q1/∂x0 · ∂f/∂q1 = w0 · ∂f/∂q1 = 2 · 0.196612 = 0.393224
∂f/∂w1 = ∂q2/∂w1 · ∂f/∂q2 = x1 · ∂f/∂q2 = -2 · 0.196612 = -0.393224
∂f/∂x1 = ∂q2/∂x1 · ∂f/∂q2 = w1 · ∂f/∂q2 = -3 · 0.196612 = -0.589836
∂f/∂w2 = ∂q4/∂w2 · ∂f/∂q4 = 1 · 0.196612 = 0.196612"""

NORM = """\
W = [[0.1, 0.5], [-0.3, 0.8]]; x = [0.2, 0.4]
q = W · x = [0.22, 0.26]
f = norm(q)^2 = 0.116

∂f/∂W = ∂f/∂q · xᵀ = 2 * q · xᵀ = [[0.088, 0.176], [0.104, 0.208]]   # (2) · (2)ᵀ → 2×2
∂f/∂x = Wᵀ · ∂f/∂q = Wᵀ · (2 * q) = [-0.112, 0.636]   # (2×2)ᵀ · (2) → 2"""


def test_the_lecture() -> None:
    given = {"x": -2, "y": 5, "z": -4}
    assert text_of(gradcalc.backprop("(x+y)*z", given)) == LECTURE
    assert text_of(gradcalc.backprop("q = x + y; q z", given)) == LECTURE
    given = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
    assert text_of(gradcalc.backprop("1/(1+exp(-(w0 x0 + w1 x1 + w2)))", given)) == NEURON
    arrays: dict[str, Any] = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
    assert text_of(gradcalc.backprop("‖W·x‖²", arrays)) == NORM


def derivation(program: str, values: dict[str, Any], name: str | None = None, **more: Any) -> str:
    """The lines of the backward pass."""
    return text_of(gradcalc.backprop(program, values, **more), name).partition("\n\n")[2]


def test_one_line_for_each_path_and_their_sum() -> None:
    assert derivation("x*y + x", {"x": 3, "y": 2}, "x") == (
        "  through q: ∂q/∂x · ∂f/∂q = y · 1 = y = 2\n"
        "  directly: 1\n"
        "∂f/∂x = y + 1 = 2 + 1 = 3   # x is used twice"
    )


def test_twice_in_one_gate() -> None:
    assert derivation("x*x", {"x": -3}) == (
        "  directly, as operand 1: x = -3\n"
        "  directly, as operand 2: x = -3\n"
        "∂f/∂x = x + x = 2 * x = -3 - 3 = -6   # x is used twice"
    )


def test_a_junction_is_derived_once() -> None:
    assert derivation("q = x + y; q*q", {"x": 3, "y": 1}).splitlines() == [
        "  directly, as operand 1: q = 4",
        "  directly, as operand 2: q = 4",
        "∂f/∂q = q + q = 2 * q = 4 + 4 = 8   # q is used twice",
        "∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · 8 = 8",
        "∂f/∂y = ∂q/∂y · ∂f/∂q = 1 · 8 = 8",
    ]


def test_a_partial_is_not_written_where_it_would_mean_something_else() -> None:
    """r = q*x with q = sin(x): ∂r/∂x as a whole is not the local gradient q."""
    found = derivation("q = sin(x); r = q*x; 2 r", {"x": 2.0}, "x").splitlines()
    assert found[0].startswith("  through q: ∂q/∂x · ∂r/∂q · ∂f/∂r = cos(x) · x · 2 = ")
    assert found[1].startswith("  through r: q · 2 = 2 * q = ")


@pytest.mark.parametrize(
    ("program", "values", "name", "line"),
    [
        ("2(x*y + max(z, w))", {"x": 3, "y": -4, "z": 2, "w": -1}, "x", "2 * y = -4 · 2 = -8"),
        ("log(x)", {"x": 0}, "x", "∂f/∂x = 1 / x = inf"),
        ("y*log(x)", {"x": 0, "y": 0}, "x", "= inf · 0 = 0   # an upstream gradient of 0 stays 0"),
        ("relu(x)*y", {"x": 0, "y": 2}, "x", "= 0 · 2 = 0   # at a kink of q"),
        ("max(x, y)", {"x": 1, "y": 1}, "y", "= 0.5   # at a kink of f"),
        ("q = 3 x; y^2", {"x": 1, "y": 2}, "x", "∂f/∂x = 0   # f does not depend on x"),
        ("floor(x) + y", {"x": 1.5, "y": 2}, "x", "∂f/∂x = ∂q/∂x · ∂f/∂q = 0 · 1 = 0"),
        ("x", {"x": 2}, "x", "∂x/∂x = 1"),
        ("f*x", {"x": 2, "f": 3}, "x", "∂g/∂x = f = 3"),
        ("J(u) = u^2", {"u": 3}, "u", "∂J/∂u = 2 * u = 6"),
        ("q = x + y; q z", {"x": 1, "y": 2, "z": 3}, "q", "∂f/∂q = z = 3"),
        ("q = x*y; q + z", {"x": 1, "y": 2, "z": 3}, "q", "∂f/∂q = 1"),
    ],
)
def test_lines(program: str, values: dict[str, float], name: str, line: str) -> None:
    assert derivation(program, values, name).splitlines()[-1].endswith(line)


def test_another_gradient_arrives() -> None:
    found = text_of(gradcalc.backprop("x*y^2", {"x": 1, "y": 3}, upstream=2), "y")
    assert "L = 2 * f" in found.splitlines()
    assert found.splitlines()[-2:] == [
        "∂L/∂f = 2   # what arrives at the output",
        "∂L/∂y = ∂q/∂y · ∂f/∂q · ∂L/∂f = 2 * y · x · ∂L/∂f = 6 · 1 · 2 = 12",
    ]


def test_an_output_that_is_an_array() -> None:
    given: dict[str, Any] = {"W": [[1, 2], [3, 4]], "x": [1, 1], "b": [0, 1]}
    found = text_of(gradcalc.backprop("W x + b", given)).splitlines()
    assert "L = sum(f)" in found
    assert "∂L/∂f = [1, 1]   # 2; what arrives at the output" in found
    assert "∂L/∂b = ∂L/∂f = [1, 1]   # 2" in found
    weighted = text_of(gradcalc.backprop("W x + b", given, upstream=[1, -1])).splitlines()
    assert "L = sum([1, -1] * f)" in weighted
    assert weighted[-1] == "∂L/∂b = ∂L/∂f = [1, -1]   # 2"


def test_broadcast_operands_and_products_of_arrays() -> None:
    given: dict[str, Any] = {"x": [1, 2], "b": 3, "W": [[1, 2, 3], [0, 1, 0]]}
    # By hand: the sum of the columns of W is [6, 1], and ∂f/∂b that times x.
    found = derivation("sum(W' (x*b))", given, "b").splitlines()
    assert found[-1] == "∂f/∂b = sum(x * ∂f/∂q1) = 8"


def test_a_zero_has_no_sign() -> None:
    found = derivation("sum(W·x)", {"W": [[1, 2]], "x": [-1, 0]}, "W").splitlines()
    found += derivation("q = -W; sum(q * x)", {"W": [[1, 2]], "x": [-1, 0]}, "W").splitlines()
    assert found[-1].endswith("= [[1, 0]]   # 1×2")
    assert not any("-0" in line for line in found)


NETWORK = "h = max(0, W1 x); s = W2 h; L = sum((s - y)^2)"


def test_a_network_a_gate_a_line() -> None:
    given: dict[str, Any] = {"W1": [[1, 2], [3, 4], [5, 6]], "x": [1, 2], "y": [1, 2]}
    given["W2"] = [[1, 2, 3], [1, 2, 3]]
    found = derivation(NETWORK, given).splitlines()
    assert found == [
        "∂L/∂q3 = broadcast_to(1, 2) = [1, 1]   # 2",
        "∂L/∂q2 = 2 * q2 * ∂L/∂q3 = [154, 152]   # 2",
        "∂L/∂s = ∂L/∂q2 = [154, 152]   # 2",
        "∂L/∂h = W2ᵀ · ∂L/∂s = [306, 612, 918]   # (2×3)ᵀ · (2) → 3",
        "∂L/∂q1 = (q1 > 0) * ∂L/∂h = [306, 612, 918]   # 3",
        "∂L/∂W1 = ∂L/∂q1 · xᵀ = [[306, 612], [612, 1224], [918, 1836]]   # (3) · (2)ᵀ → 3×2",
        "∂L/∂x = W1ᵀ · ∂L/∂q1 = [6732, 8568]   # (3×2)ᵀ · (3) → 2",
        "∂L/∂W2 = ∂L/∂s · hᵀ = [[770, 1694, 2618], [760, 1672, 2584]]   # (2) · (3)ᵀ → 2×3",
        "∂L/∂y = -∂L/∂q2 = [-154, -152]   # 2",
    ]


def test_thirty_named_gates() -> None:
    program = "; ".join(["g0 = sin(x)", *(f"g{i} = sin(g{i - 1})" for i in range(1, 30))])
    found = derivation(program, {"x": 1.0}).splitlines()
    assert len(found) == 30
    assert found[0] == "∂g29/∂g28 = cos(g28) = 0.955598"
    assert found[1] == "∂g29/∂g27 = ∂g28/∂g27 · ∂g29/∂g28 = cos(g27) · ∂g29/∂g28 = " + (
        "0.954217 · 0.955598 = 0.911848"
    )
    assert found[-1].startswith("∂g29/∂x = ∂g0/∂x · ∂g29/∂g0 = cos(x) · ∂g29/∂g0 = 0.540302 · ")


def test_names_that_are_taken() -> None:
    found = text_of(gradcalc.backprop("q1*(q + f)^2 + L", {"q": 1, "q1": 2, "f": 3, "L": 4}))
    names = [line.partition(" = ")[0] for line in found.partition("\n\n")[0].splitlines()[1:]]
    assert names == ["q2", "q3", "q4", "g"]


def test_what_only_chooses_has_no_gradient() -> None:
    """The output depends on it none the less."""
    scores = {"s": [[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]], "y": [0, 2]}
    assert derivation("svm_loss(s, y)", scores, "y").endswith("# 2; no gradient reaches y")
    assert derivation("x[i]", {"x": [1, 2], "i": 1}, "i").endswith("# no gradient reaches i")
    assert derivation("q = x*y; f = 2x", {"x": 1, "y": 1}, "y").endswith("# f does not depend on y")


def test_a_gradient_may_be_asked_for_by_its_own_name() -> None:
    report = gradcalc.backprop("q = x*y; f = q^2", x=1, y=2)
    for name in ("dx", "df/dx", "∂f/∂x", " ∇_x f"):
        assert explain(report, name) == explain(report, "x"), name
    # A program's own name wins.
    report = gradcalc.backprop("dx = x*y; dx^2", x=1, y=2)
    assert explain(report, "dx") != explain(report, "x") == explain(report, "df/dx")


@pytest.mark.parametrize(
    ("name", "code"), [("z", "unknown-name"), ("dz", "unknown-name"), ("dg/dx", "unknown-quantity")]
)
def test_unknown_names(name: str, code: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        explain(gradcalc.backprop("x*y", x=1, y=2), name)
    assert caught.value.code == code


def longest(found: Explanation) -> int:
    return max(map(len, text_lines(found, 10**6)))


@pytest.mark.parametrize("all_nodes", [False, True])
@pytest.mark.parametrize("name", ["sum", "chain", "deep", "shared"])
def test_big_graphs(name: str, all_nodes: bool) -> None:
    n = 10_000 if all_nodes else 100_000
    program, values = {
        "sum": (
            "+".join(f"x{i}*w" for i in range(n // 20)),
            {f"x{i}": 1.0 for i in range(n // 20)},
        ),
        "chain": ("; ".join(["g0 = x", *(f"g{i} = g{i - 1}*y" for i in range(1, n))]), {"x": 1.0}),
        "deep": ("sin(" * n + "x" + ")" * n, {"x": 1.0}),
        "shared": ("+".join(["x"] * n), {"x": 1.0}),
    }[name]
    values |= {"sum": {"w": 2.0}, "chain": {"y": 1.0}}.get(name, {})
    report = gradcalc.backprop(program, values)
    found = explain(report, all_nodes=all_nodes)
    assert longest(found) < 400
    if all_nodes:
        assert not found.left_out
        derived = {line.left for line in found.backward}
        assert len(derived) >= len(report.nodes) // 2 - 2
    else:
        assert len(found.backward) < 2000
        assert "steps; shown: " in found.left_out
    assert found.backward[-1].kind != "term"


# Against the report, and read again


UNARY = ("-{}", "sin({})", "exp(-{}^2)", "1/(1 + {}^2)", "({})^3", "tanh({})/2", "relu({})", "2*{}")
BINARY = ("{} + {}", "{} - {}", "{}*{}", "{}/(1 + {}^2)", "max({}, {})", "hypot({}, 1 + {}^2)")


def random_expression(random: Random, size: int) -> str:
    if size <= 0:
        return random.choice(("x", "y", "z", "p", "2"))
    if random.random() < 0.5:
        return random.choice(UNARY).format(f"({random_expression(random, size - 1)})")
    left, right = (random_expression(random, size - random.choice((1, 2))) for _ in range(2))
    return random.choice(BINARY).format(f"({left})", f"({right})")


@settings(max_examples=200, deadline=None)
@given(
    random=st.randoms(use_true_random=False),
    size=st.integers(0, 4),
    at=st.lists(st.integers(-20, 20), min_size=3, max_size=3),
)
def test_explanations_hold(random: Random, size: int, at: list[int]) -> None:
    """Every equation is claimed in a program of its own, whose claims are checked: each member, the
    names of derivatives among them, has the value of the others."""
    program = f"p = x*y + z\nf = {random_expression(random, size)} + 0*(x + p)"
    values = {name: v / 8 + 1 / 16 for name, v in zip("xyz", at, strict=True)}
    report = gradcalc.backprop(program, values)
    assume(not any(note.kind in ("kink", "non-finite") for note in report.notes))
    assume(all(abs(n.value) * (1 + abs(n.upstream or 0)) < 1e6 for n in report.nodes))
    found = explain(report, exact=True)
    text = "\n".join(text_lines(found, 10**6, as_program=True))
    again = gradcalc.backprop(text, values)
    assert again.value == report.value
    for line in found.backward:
        if line.kind in ("gradient", "sum") and line.of in report.gradients:
            assert float(line.members[-1]) == report.gradients[line.of]


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("q = pi x*3.141592653589793; q x", {"pi": 2.0}),
        ("inf max(x, -1e999) + min(x, 1e999)", {"inf": 2.0}),
        ("v = [x, -2]; norm ‖v‖ + ‖v‖_1 x + ‖v‖_inf + ‖v‖²", {"norm": 2.0}),
    ],
)
def test_names_of_the_language_that_a_program_has_taken(
    program: str, values: dict[str, float]
) -> None:
    report = gradcalc.backprop(program, {"x": 3.0, **values})
    text = "\n".join(text_lines(explain(report, exact=True), 10**6, as_program=True))
    again = gradcalc.backprop(text, {"x": 3.0, **values})
    assert again.value == report.value


@pytest.mark.parametrize("row", ops.ELEMENTWISE, ids=lambda row: row.name)
def test_every_elementwise_row(row: Any) -> None:
    names = [name.removesuffix("...") for name in row.parameters]
    point = dict(zip(names, row.samples[0], strict=False))
    call = f"{row.name}({', '.join(names)})"
    if row.name in ("sinc_derivative", "polygamma"):
        call = f"{row.name}({point.pop('n')}, x)"
    report = gradcalc.backprop(f"3 {call} + 1", point)
    found = explain(report, exact=True)
    values = {line.of: float(line.members[-1]) for line in found.backward if line.left}
    assert {name: values[name] for name in report.gradients} == report.gradients


def test_terms_add_up_in_arrays() -> None:
    import numpy as np

    given: dict[str, Any] = {"x": [0.5, -1.0, 2.0], "W": [[1.0, 2, 3], [0, 1, 0], [2, 2, 2]]}
    report = gradcalc.backprop("sum(x*(W x)) + x[0]*x[2] + sum(tanh(x))", given)
    found = explain(report, "x", exact=True)
    terms = [line for line in found.backward if line.of == "x" and line.kind == "term"]
    at: list[Any] = [gradcalc.backprop(line.members[-1]).value for line in terms]
    assert len(at) == 5
    np.testing.assert_allclose(sum(at), report.gradients["x"], rtol=1e-12)
