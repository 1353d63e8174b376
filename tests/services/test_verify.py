"""The numerical gradient check of whole programs."""

import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import numpy as np
import pytest
from planting import Plant
from rich.console import Console

import gradcalc
from gradcalc import ops
from gradcalc.engine import run
from gradcalc.engine.numerical import objective
from gradcalc.engine.numerical.array_gates import ArrayGate
from gradcalc.engine.numerical.differences import AGREES, CANNOT_TELL, DISAGREES
from gradcalc.engine.numerical.objective import Objective
from gradcalc.engine.numerical.verification import Check, Verification
from gradcalc.ops.row import Rule
from gradcalc.render import Style
from gradcalc.render import verification as render
from gradcalc.services import verify as service
from gradcalc.services.verify import verify

RANDOM = np.random.default_rng(3)


def checked(program: str, values: dict[str, Any], dtype: str = "float64") -> Verification:
    return verify(gradcalc.backprop(program, values, dtype=dtype))


def the_input(found: Verification, name: str) -> Check:
    (check,) = [check for check in found.by_input() if check.what == name]
    return check


def twice(right: Rule, *operands: Any, **settings: Any) -> Any:
    """A wrong rule."""
    return 2.0 * right(*operands, **settings)


NEURON = "s = w0 x0 + w1 x1 + w2; f = sigmoid(s)"
AT = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
LECTURE = {"x": -2.0, "y": 5.0, "z": -4.0}
X, W, V = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(3, 5)), RANDOM.normal(size=5)
LABELS = np.array([0.0, 4.0, 2.0, 2.0])
TENTHS = 0.1 * np.arange(24.0).reshape(12, 2)
THREE = np.array([0, 1, 2] * 4)
IMAGES = RANDOM.normal(size=(2, 1, 6, 6))
KERNELS = RANDOM.normal(size=(3, 1, 3, 3))
#: Attention in which the first may not look at the second.
SCORES = {"S": np.array([[0.3, -1.0], [0.7, 0.4]]), "V": np.array([[1.0, 2.0], [-0.5, 3.0]])}
MASK = {**SCORES, "M": np.array([[1.0, -1.0], [1.0, 1.0]])}
BIAS = {**SCORES, "B": np.array([[0.0, -np.inf], [0.0, 0.0]])}

#: Programs all of whose gradients can be told.
PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("(x+y)*z", {"x": -2.0, "y": 5.0, "z": -4.0}),
    (NEURON, AT),
    ("q = x y; f = q^2 + q", {"x": 2.0, "y": -3.0}),
    ("x", {"x": 2.0}),
    ("0 y + 3", {"y": 1.0}),
    ("x^2", {"x": 0.0}),
    ("max(0, x) y + relu(-x)", {"x": 2.0, "y": 5.0}),
    ("where(x > 0, x, 0.01x)", {"x": -1.0}),  # the condition is 0, and no quantity
    ("where(x > 0, x, 0.01x)", {"x": 1.0}),
    ("|x - 1|", {"x": 1.000001}),  # a kink nearby
    ("sin(1e6 x)", {"x": 3.0}),
    ("cos(x)", {"x": math.pi}),
    ("sin(x)^2 + cos(x)^2", {"x": 0.7}),
    ("(x y - 1)^2", {"x": 3.0, "y": 1.0 / 3.0}),
    ("(0.1x - 0.3)^2", {"x": 3.0}),  # 0.1*3 - 0.3 is 5.6e-17
    ("3x + y", {"x": 1e300, "y": 1e299}),
    # All but 0, where a tenth of it is nothing to what is added.
    ("(sin(t) + 2) * 3", {"t": math.pi}),
    ("sigmoid(x) + 1", {"x": 1e-13}),
    ("sum(exp(v))", {"v": np.array([5.5e-17, 1.0, 2.0])}),
    ("q = v - mean(v); mean(q) + sum(q^2)", {"v": np.array([0.1, 0.2, 0.7])}),
    ("log(x)", {"x": 1e-200}),
    ("floor(10x) y", {"x": 0.34, "y": 2.0}),
    ("exp(x)", {"x": 709.0}),
    ("sum((X @ W)^2)", {"X": X, "W": W}),
    ("X W v", {"X": X, "W": W, "v": V}),  # no scalar
    ("h = max(0, X W); cross_entropy(h, y)", {"X": X, "W": W, "y": LABELS}),
    ("svm_loss(X W + v, y)", {"X": X, "W": W, "v": V, "y": LABELS}),
    ("sum(layer_norm(X W, v, v)^3)", {"X": X, "W": W, "v": V}),
    ("sum(relu(conv2d(x, k)))", {"x": IMAGES, "k": KERNELS}),
    ("norm(solve(A, b))", {"A": W[:, :3], "b": X[0]}),
    ("sum(X[i])", {"X": X, "i": 2.0}),
    ("s * sum(v) + v[1]", {"s": 2.0, "v": V}),
    ("softmax(v)[0]", {"v": np.array([1.0, 2.0, -3.0])}),
    ("sum(v)", {"v": np.zeros(0)}),
    # Entries that are not finite, beside others.
    ("P = softmax(where(M > 0, S, -inf)); sum((P V)^2)", MASK),
    ("P = softmax((S + B)', axis=0)'; sum((P V)^2)", BIAS),
    ("E = exp(where(M > 0, S, -inf)); P = E / sum(E, axis=1, keepdims=1); sum((P V)^2)", MASK),
    ("A = where(M > 0, S, -inf); sum(max(A, axis=1)^2) + V[0] logsumexp(A[1])", MASK),
    ("P = softmax(concat(where(M > 0, 0 - S, inf), V, axis=1) * -1); sum(P^2)", MASK),
    ("sum(where(m > 0, v, 0)^2)", {"v": np.array([1.5, math.nan]), "m": np.array([2.0, -3.0])}),
    ("sum(B^-2)", {"B": np.append(np.arange(1.0, 41.0), np.inf)}),
    # Gradients that cancel, each over the batch.
    (
        "cross_entropy(X w + b, y)",
        {"X": TENTHS, "w": np.zeros((2, 3)), "b": np.zeros(3), "y": THREE},
    ),
    ("svm_loss(X w + b, y)", {"X": TENTHS, "w": np.zeros((2, 3)), "b": np.zeros(3), "y": THREE}),
]


@pytest.mark.parametrize("place", range(len(PLAIN)))
def test_what_is_right_agrees(place: int) -> None:
    program, values = PLAIN[place]
    found = checked(program, values)
    assert found.verdict == AGREES, [c for c in (*found.inputs, *found.gates) if c.reason]
    assert not found.failed_gates()


@pytest.mark.parametrize("place", range(len(PLAIN)))
def test_single_precision(place: int) -> None:
    program, values = PLAIN[place]
    if program != "exp(x)" and all(np.max(np.abs(x), initial=0.0) < 1e30 for x in values.values()):
        found = checked(program, values, "float32")
        assert found.verdict != DISAGREES
        assert sum(check.verdict == AGREES for check in found.inputs) >= len(found.inputs) - 1


#: A program, values, an input, how the reason begins.
UNKNOWN: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "relu(x) y",
        {"x": 0.0, "y": 3.0},
        "x",
        "a kink: the slope is 0 on the left and 3 on the right",
    ),
    ("relu(x) - relu(-x)", {"x": 0.0}, "x", "relu(x) is at a kink, x = 0"),
    ("max(x, y)", {"x": 2.0, "y": 2.0}, "x", "a kink"),
    ("where(x > 0, x, 0.01x)", {"x": 0.0}, "x", "a kink: the slope is 0.01 on the left"),
    ("where(x == 0, 0, x)", {"x": 0.0}, "x", "x == 0 jumps"),
    ("floor(x)", {"x": 3.0}, "x", "floor(x) jumps, x an integer"),
    ("sum(floor(v))", {"v": np.array([1.0, 1.5])}, "v", "floor(v) jumps, v an integer"),
    ("sum(max(v, 0)) + floor(sum(v))", {"v": np.array([0.0, 1.0])}, "v", "floor(sum(v)) jumps"),
    ("sum(v - mean(v))", {"v": np.array([0.1, 0.2, 0.4])}, "v", "rounding errors hide the slope"),
    ("sqrt(x)", {"x": 0.0}, "x", "the gradient is inf"),
    ("log(x)", {"x": -1.0}, "x", "the value is nan"),
    ("1e16 + x", {"x": 1.0}, "x", "rounding errors hide the slope"),
    ("1 + |x|", {"x": 1e-18}, "x", "rounding errors hide the slope"),
    ("sin(1e22 x)", {"x": 1.0}, "x", ""),
    ("sigmoid(x)", {"x": 40.0}, "x", "rounding errors hide the slope"),
    ("x^2", {"x": 1e-300}, "x", "rounding errors hide the slope"),
    ("exp(x)", {"x": 800.0}, "x", "the gradient is inf"),
    ("round(x y)", {"x": 2.0, "y": 1e200}, "x", "floats are too far apart"),
    ("round(lgamma(x) y)", {"x": 2.0, "y": 1e200}, "x", "round(lgamma(x) * y) jumps within"),
    ("sinc(mod(x, 1e-8 z))", {"x": 0.88, "z": 0.84}, "z", "jumps within every step"),
    ("max(v)", {"v": np.array([1.0, 2.0, 2.0])}, "v", "a kink"),
    ("norm(v)", {"v": np.zeros(2)}, "v", "a kink"),
    ("sum(exp(v))", {"v": np.array([1.0, 800.0])}, "v", "the value is inf"),
    ("sum(log(v)) - sum(1/v)", {"v": np.zeros(30)}, "v", "the gradient is nan"),
    ("round(sum(v))", {"v": np.array([np.inf, 1.0])}, "v", "the value is inf"),
    ("round(sum(v))", {"v": np.array([np.inf])}, "v", "the argument is not finite"),
]


@pytest.mark.parametrize("place", range(len(UNKNOWN)))
def test_where_one_cannot_tell(place: int) -> None:
    program, values, name, reason = UNKNOWN[place]
    found = checked(program, values)
    assert found.verdict == CANNOT_TELL
    check = the_input(found, name)
    assert check.verdict == CANNOT_TELL
    assert reason in check.reason


def test_kinks_hide_nothing_else(plant: Plant) -> None:
    """A rule that is wrong in all entries is found in those that are at no kink."""
    values = {"v": np.array([0.0, 0.0, 2.0, -3.0])}
    found = checked("sum(relu(v))", values)
    (check,) = found.failed_gates()
    assert (check.verdict, check.what) == (CANNOT_TELL, "relu(v)")
    assert check.reason == "2 of 4 entries at a kink; the others agree"
    plant("relu", 0, lambda right, m, v, x: 1.0)
    found = checked("sum(relu(v))", values)
    assert found.failed_gates()[0].verdict == DISAGREES


def test_a_kink_that_no_input_feels(plant: Plant) -> None:
    """Where the zeros of relu tie in a pool, what is chosen ends at them. A rule that is wrong in
    the other entries is still found."""
    random = np.random.default_rng(0)
    values = {"X": random.normal(size=(2, 1, 6, 6)), "w": random.normal(size=(2, 1, 3, 3))}
    program = "sum(max_pool(relu(conv2d(X, w, padding=1)), 2)^2)"
    for text in (program, program.replace("^2", "")):
        found = checked(text, values)
        assert found.verdict == AGREES
        (check,) = found.failed_gates()
        assert (check.verdict, check.counts) == (CANNOT_TELL, False)
        assert "at a kink; the others agree; no choice there reaches an input" in check.reason
    plant("max_pool", 0, lambda right, *operands, **settings: 1.01 * right(*operands, **settings))
    found = checked(program, values)
    assert found.verdict == DISAGREES
    assert found.failed_gates()[0].verdict == DISAGREES


def test_all_entries_at_a_kink_that_no_input_feels() -> None:
    """What relu' may be at 0 meets a gradient that is 0."""
    found = checked("sum(relu(v)^2)", {"v": np.zeros(3)})
    assert found.verdict == AGREES
    (check,) = found.failed_gates()
    assert (check.what, check.verdict, check.counts) == ("relu(v)", CANNOT_TELL, False)
    assert check.reason.endswith("no choice there reaches an input")
    assert checked("sum(relu(v))", {"v": np.zeros(3)}).verdict == CANNOT_TELL


@pytest.mark.parametrize(
    ("program", "values", "name", "gradient"),
    [
        ("bce(p, 1)", {"p": 1.0}, "p", -1.0),
        ("sum(bce(p, 1))", {"p": np.ones(2)}, "p", -1.0),
        ("x^1.5 + 2x", {"x": 0.0}, "x", 2.0),
        ("(x - 1) acosh(x) - x", {"x": 1.0}, "x", -1.0),
    ],
)
def test_where_f_ends_one_side_may_confirm(
    plant: Plant, program: str, values: dict[str, Any], name: str, gradient: float
) -> None:
    check = the_input(checked(program, values), name)
    assert (check.verdict, check.analytic) == (AGREES, gradient)
    assert check.numeric == pytest.approx(gradient, rel=1e-4)
    assert check.reason.endswith("on the side on which f is finite")


def test_where_f_ends_nothing_is_said_against_a_gradient(plant: Plant) -> None:
    """It may be a convention: sqrt(x)^2 is x, but no gradient passes an infinite slope where none
    arrives."""
    check = the_input(checked("sqrt(x)^2", {"x": 0.0}), "x")
    assert (check.verdict, check.reason) == (CANNOT_TELL, "f is not finite to the left")
    plant("bce", 0, lambda right, m, *operands: -1.1)
    found = checked("bce(p, 1)", {"p": 1.0})
    assert {check.verdict for check in (*found.inputs, *found.gates)} == {CANNOT_TELL}


def test_a_kink_that_an_input_feels() -> None:
    """Both choices may be made so that the inputs feel them, though their sum agrees."""
    found = checked("sum(relu(v)) - sum(relu(v))", {"v": np.array([0.0, 1.0, -2.0])})
    assert {check.verdict for check in found.inputs} == {AGREES}
    assert found.verdict == CANNOT_TELL
    assert all(check.counts for check in found.gates)


def test_more_choices_at_kinks_than_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are too many to be tried, nothing is known of what an input feels."""
    program = "sum(relu(v)) - sum(relu(v))"
    monkeypatch.setattr("gradcalc.services.check.kinks.MOST", 1)
    found = checked(program, {"v": np.array([0.0, 0.0, 1.0, -2.0])})
    assert found.verdict == CANNOT_TELL
    assert all(check.counts for check in found.gates)


@pytest.mark.parametrize(
    ("program", "values", "name", "wrong"),
    [
        ("P = softmax(where(M > 0, S, -inf)); sum(P V)", MASK, "where", lambda right, *x: 1.01),
        ("P = softmax(S + B); sum((P V)^2)", BIAS, "add", lambda right, *x: 0.5),
        ("A = where(M > 0, S, -inf); V[0]·max(A, axis=1)", MASK, "amax", twice),
        ("A = where(M > 0, S, -inf); sum(exp(sort(A, axis=0)) V)", MASK, "sort", twice),
        ("A = S + B; sum(exp(cumsum(A, axis=1)) V)", BIAS, "cumsum", twice),
        ("P = softmax((S + B)'); sum(P V)", BIAS, "transpose", lambda right, m, g, *x, **s: g),
    ],
)
def test_infinities_hide_nothing_else(
    plant: Plant, program: str, values: dict[str, Any], name: str, wrong: Callable[..., Any]
) -> None:
    found = checked(program, values)
    assert found.verdict == AGREES
    assert any("in the entries that are finite" in note for note in found.notes)
    plant(name, 1 if name == "where" else 0, wrong)
    found = checked(program, values)
    assert any(check.verdict == DISAGREES for check in found.failed_gates())
    assert the_input(found, "S").verdict == DISAGREES


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("sum(exp(concat(a, v)))", {"a": np.full(2, -np.inf), "v": np.ones(2)}),
        ("sum(exp(-diag(a)))", {"a": np.full(2, np.inf)}),
        ("sum(a')", {"a": np.array([1.0, np.inf])}),
    ],
)
def test_nothing_is_known_of_what_cannot_be_moved_or_seen(
    program: str, values: dict[str, Any]
) -> None:
    found = checked(program, values)
    assert found.verdict == CANNOT_TELL
    reasons = [check.reason for check in found.failed_gates()]
    assert any(reason in ("the argument is not finite", "the value is inf") for reason in reasons)


def test_gates_with_infinities_are_counted() -> None:
    found = checked("s = cumsum(cumsum(a)); s[0]^2", {"a": np.array([1.0, np.inf, 2.0])})
    assert [check.reason for check in found.gates][:2] == ["in the entries that are finite"] * 2
    assert found.notes[0] == "2 local gradients were checked in the entries that are finite"


def test_infinities_are_no_kinks() -> None:
    """Equal infinite entries are left out like others, and are no ties."""
    for program, values in (
        ("sum(exp(sort(a)))", {"a": np.array([3.0, -np.inf, 1.0, -np.inf])}),
        ("sum(exp(max(a, axis=1)))", {"a": np.array([[3.0, 1.0], [-np.inf, -np.inf]])}),
        ("v = A x; v[0]", {"A": np.array([[1.0, 2.0], [3.0, -np.inf]]), "x": np.array([0.5, 2.0])}),
        ("sum(cumsum(a)[0])", {"a": np.array([1.0, np.inf, 2.0])}),
        ("c = a * 1e308; reshape(c, 41)[3] * 1e-308", {"a": np.append(np.ones(40), np.inf)}),
    ):
        found = checked(program, values)
        assert found.verdict == AGREES, (program, [c for c in found.gates if c.reason])


def test_entries_of_inputs_that_are_not_finite_are_told() -> None:
    found = checked("P = softmax(S + B); sum((P V)^2)", BIAS)
    assert "B was moved in the entries that are finite, 3 of 4" in found.notes
    moved = [check.part for check in found.inputs if check.what == "B"]
    assert moved == ["[0, 0]", "[1, 0]", "[1, 1]"]
    found = checked("sum(b^-2)", {"b": np.append(np.arange(1.0, 41.0), np.inf)})
    assert found.notes == (
        "1 local gradient was checked in the entries that are finite",
        "b was moved along 3 random directions and in 8 of its 41 entries, in the entries that are"
        " finite, 40 of 41",
    )
    found = checked("sum(b^-2)", {"b": np.full(30, np.inf)})
    assert {check.verdict for check in found.inputs} == {CANNOT_TELL}


def test_a_wrong_rule_does_not_agree_from_farther_away(plant: Plant) -> None:
    plant("sigmoid", 0, lambda right, *x: 1.001 * right(*x))
    found = checked("sigmoid(x) + 1", {"x": 1e-13})
    assert [check.verdict for check in found.inputs] == [CANNOT_TELL]


#: A row, an operand, a wrong rule; a program that uses it.
PLANTED: list[tuple[str, int, Callable[..., Any], str, dict[str, Any]]] = [
    ("mul", 0, lambda r, m, v, x, y: x, "z = 3 x y + y", {"x": 2.0, "y": 5.0}),
    ("add", 1, lambda r, m, v, x, y: -1.0, "(x + y) z", {"x": -2.0, "y": 5.0, "z": -4.0}),
    ("sigmoid", 0, lambda r, m, v, x: v * m.sigmoid(x), NEURON, AT),
    ("sigmoid", 0, lambda r, *x: 1.0003 * r(*x), NEURON, AT),
    ("relu", 0, lambda r, m, v, x: 1.0, "relu(x) + x", {"x": -2.0}),
    ("pow", 1, lambda r, m, v, x, y: v, "x^y", {"x": 3.0, "y": 2.0}),
    ("exp", 0, lambda r, m, v, x: x, "sum(exp(v))", {"v": V}),
    (
        "matmul",
        0,
        lambda r, m, g, v, a, b: m.matmul(g, b),
        "sum((A @ B)^2)",
        {"A": X[:3], "B": W[:, :3]},
    ),
    ("softmax", 0, lambda r, m, g, v, x, **s: m.chain(g, v), "softmax(v)[1]", {"v": V}),
    ("sum", 0, lambda r, *x, **s: 2.0 * r(*x, **s), "sum(X^2)", {"X": X}),
    (
        "conv2d",
        1,
        lambda r, *x, **s: np.flip(r(*x, **s)),
        "sum(conv2d(x, k)^2)",
        {"x": IMAGES, "k": KERNELS},
    ),
    ("amax", 0, lambda r, *x, **s: 0.0 * r(*x, **s), "sum(max(X, axis=1))", {"X": X}),
]


@pytest.mark.parametrize("place", range(len(PLANTED)))
def test_a_wrong_rule_is_found_and_named(place: int, plant: Plant) -> None:
    name, operand, wrong, program, values = PLANTED[place]
    assert checked(program, values).verdict == AGREES
    plant(name, operand, wrong)
    report = gradcalc.backprop(program, values)
    found = verify(report)
    assert found.verdict == DISAGREES
    failed = [check for check in found.failed_gates() if check.verdict == DISAGREES]
    assert failed
    for check in failed:
        assert check.node is not None
        node = report.nodes[check.node]
        assert node.op == name
        assert node.expression == check.what
    assert {check.verdict for check in found.gates} <= {AGREES, DISAGREES}
    blamed = [check for check in found.inputs if check.verdict == DISAGREES]
    assert blamed
    assert all(check.reason.startswith("through ") for check in blamed)
    assert any(failed[0].what in check.reason for check in blamed)


def test_an_error_of_the_backward_pass_is_found() -> None:
    """The rules are right, and what is made of them is not."""
    report = gradcalc.backprop("(x + y) z", x=-2, y=5, z=-4)
    report.gradients["x"] = 4.0
    found = verify(report)
    check = the_input(found, "x")
    assert (check.verdict, check.analytic, check.numeric) == (DISAGREES, 4.0, -4.0)
    assert check.error == 2.0
    assert check.reason == "though no rule that was checked disagrees"
    assert the_input(found, "y").verdict == AGREES
    assert not found.failed_gates()


@pytest.mark.parametrize(
    ("program", "x"),
    [
        ("sinc(1e10 + x)", 1.4892737972780803),  # in float32 the sum is 1e10
        ("log1p(((x^3)^2)^2)", -6.642558456886648e-08),  # underflows
    ],
)
def test_single_precision_is_no_error(program: str, x: float) -> None:
    """Where float32 has too few digits, its gradient is not the one of the differences."""
    (check,) = checked(program, {"x": x}, "float32").inputs
    assert check.verdict == CANNOT_TELL
    assert check.reason.startswith("float32 has too few digits")


@pytest.mark.parametrize(
    ("program", "values"),
    [
        # Terms of size 1 cancel to 1e-5.
        ("cross_entropy(x, [0.25, 0.25, 0.5])", {"x": np.array([0.0, 0.0, np.log(2) + 1e-5])}),
        ("cross_entropy(x, c)", {"x": np.array([100.0, 0.0]), "c": 0.0}),  # e^-100 is subnormal
    ],
)
def test_rounding_of_a_rule_in_single_precision_is_no_error(
    program: str, values: dict[str, Any]
) -> None:
    (check,) = checked(program, values, "float32").gates
    assert check.verdict == CANNOT_TELL
    assert check.reason.startswith(("float32 has too few digits", "rounding errors hide the slope"))


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("layer_norm(x)", {"x": np.array([1.0, 2.0])}),
        ("batch_norm(X)", {"X": np.array([[1.0, 2.0], [3.0, 5.0]])}),
    ],
)
def test_two_normalised_entries_in_single_precision(program: str, values: dict[str, Any]) -> None:
    """The gradient is the share of eps, about 1e-5: no digits are lost on the way to it."""
    (check,) = checked(program, values, "float32").gates
    assert check.verdict == AGREES


@pytest.mark.parametrize("seed", range(8))
def test_small_batches_in_single_precision_are_never_accused(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = {"X": generator.normal(size=(2, 3)), "W": generator.normal(size=(3, 2))}
    found = checked("norm(batch_norm(X W))", values, "float32")
    assert found.verdict != DISAGREES, found.failed_gates()


@pytest.mark.parametrize("program", ["layer_norm(x)", "batch_norm(x)", "exp(x)"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_wrong_rule_is_found_where_rounding_is_great(
    plant: Plant, program: str, dtype: str
) -> None:
    plant(program.partition("(")[0], 0, twice)
    x = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]])
    (check,) = checked(program, {"x": x}, dtype).gates
    assert check.verdict == DISAGREES


def test_numbers() -> None:
    found = checked(NEURON, AT)
    assert [check.what for check in found.inputs] == ["w0", "x0", "w1", "x1", "w2"]
    # The slope of the logistic function at 1, by hand: e/(1 + e)^2.
    slope = math.e / (1.0 + math.e) ** 2
    w0 = the_input(found, "w0")
    assert w0.analytic == pytest.approx(-slope, rel=1e-12)
    assert w0.numeric == pytest.approx(-slope, rel=1e-9)
    assert w0.error is not None
    assert w0.error < 1e-9
    assert len(found.gates) == 9
    assert found.notes == ()


def test_gates_are_named_by_id() -> None:
    report = gradcalc.backprop("q = x y; f = relu(q)", x=0.0, y=3.0)
    (check,) = verify(report).failed_gates()
    assert check.node is not None
    assert report.nodes[check.node].expression == check.what == "relu(q)"
    assert check.part == "q"


def test_wrt() -> None:
    """Also by what is no input."""
    report = gradcalc.backprop("q = x y; f = q^2", x=2.0, y=3.0, wrt=["q", "x"])
    found = verify(report)
    assert [check.what for check in found.inputs] == ["q", "x"]
    assert [check.numeric for check in found.inputs] == pytest.approx([12.0, 36.0])


def test_upstream() -> None:
    weights = RANDOM.normal(size=(4, 5))
    report = gradcalc.backprop("X @ W", X=X, W=W, upstream=weights)
    found = verify(report)
    assert found.verdict == AGREES
    entry = next(check for check in found.inputs if check.part == "[0, 1]")
    assert entry.numeric == pytest.approx(float(weights[0] @ W[1]))


def test_small_arrays_are_checked_in_every_entry() -> None:
    found = checked("sum(X^2)", {"X": X})
    assert len(found.inputs) == X.size
    assert [check.part for check in found.inputs][:2] == ["[0, 0]", "[0, 1]"]
    assert found.notes == ()


def test_large_arrays_are_sampled() -> None:
    found = checked("sum(tanh(X))", {"X": RANDOM.normal(size=(40, 50))})
    assert found.verdict == AGREES
    directions = [check for check in found.inputs if check.part.startswith("direction")]
    assert (len(directions), len(found.inputs)) == (3, 11)
    assert found.notes == ("X was moved along 3 random directions and in 8 of its 2,000 entries",)


def test_a_wrong_entry_is_found_along_a_direction() -> None:
    values = RANDOM.normal(size=(40, 50))
    report = gradcalc.backprop("sum(tanh(X))", X=values)
    report.gradients["X"][17, 23] *= -1.0
    found = verify(report)
    assert the_input(found, "X").verdict == DISAGREES


def test_it_is_the_same_each_time() -> None:
    values = {"X": RANDOM.normal(size=(40, 50))}
    assert checked("sum(tanh(X))", values) == checked("sum(tanh(X))", values)


def test_labels_are_left_alone() -> None:
    found = checked("cross_entropy(X W, y)", {"X": X, "W": W, "y": LABELS})
    assert {check.what for check in found.inputs} == {"X", "W"}
    (note,) = found.notes
    assert note.startswith("y was not checked: when it moves, label 0 is ")


ATTENTION = {"S": SCORES["S"], "M": np.array([[1.0, 0.0], [1.0, 1.0]])}
SVM = {"X": X, "W": W[:, :3], "y": np.array([0.0, 2.0, 1.0, 1.0])}
HINGES = "for i in range(4) for j in range(3)"
CLASSES = {"p": np.array([0.3, 0.9, 0.6]), "t": np.array([1.0, 0.0, 1.0])}
COMPARED, CONDITION = "compared", "a condition"
BOTH = "compared and used as an index or a label"
#: Programs with a mask or labels, which of the inputs that is, and what it only is.
CHOSEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("P = softmax(where(M, S, -inf)); sum(P^2)", ATTENTION, "M", CONDITION),
    ("P = softmax(where(M, S, -1e9)); sum(P^2)", ATTENTION, "M", CONDITION),
    ("P = softmax(where(M == 0, -1e9, S)); sum(P^2)", ATTENTION, "M", COMPARED),
    ("P = softmax(where(1 - M, -inf, S)); sum(P^2)", ATTENTION, "M", CONDITION),
    ("P = softmax(where(-2 M', -1, S)); sum(P^2)", ATTENTION, "M", CONDITION),
    (
        "sum(where(m, p*log(p), 0))",
        {"p": np.array([0.5, 0.5, 0.0]), "m": np.array([1.0, 1.0, 0.0])},
        "m",
        CONDITION,
    ),
    ("sum(where(t > 0, p, 0)^2)", CLASSES, "t", COMPARED),
    ("mean(log(where(t == 1, p, 1 - p)))", CLASSES, "t", COMPARED),
    ("where(t == 1, p, 1 - p)", {"p": 0.3, "t": 1.0}, "t", COMPARED),
    ("where(t == 1, p, 1 - p) + where(1 - t, p, 0)", {"p": 0.3, "t": 1.0}, "t", ""),
    ("sum(where(reshape(y, 4, 1) == arange(3), 0, max(0, X W - 1)))", SVM, "y", COMPARED),
    (f"s = X W; sum(max(0, s[i,j] - s[i,y[i]] + 1) * (j != y[i]) {HINGES})", SVM, "y", BOTH),
    ("s = X W; cross_entropy(s, y) + sum((y == 1) * s[:, 0])", SVM, "y", BOTH),
]


@pytest.mark.parametrize("place", range(len(CHOSEN)))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_masks_and_labels_are_left_alone(place: int, dtype: str) -> None:
    program, values, name, how = CHOSEN[place]
    found = checked(program, values, dtype)
    assert found.verdict == AGREES, [c for c in (*found.inputs, *found.gates) if c.reason]
    assert {check.what for check in found.inputs} == set(values) - {name}
    (note,) = [note for note in found.notes if note.startswith(f"{name} was not checked")]
    assert note == (
        f"{name} was not checked: it is only {how or 'compared and a condition'}, its gradient is"
        " 0 by convention, and where it moves, the value jumps"
    )
    assert name not in {check["input"] for check in render.to_json(found)["inputs"]}
    assert note in render.to_json(found)["notes"]


#: Rows of two numbers and a class, which is 0 or 1.
TABLE = np.array([[0.3, -1.2, 1.0], [0.9, 0.4, 0.0], [0.6, 0.7, 1.0]])
#: Programs in which the class of each row only chooses, and how the note on it begins.
LABELLED = {
    "y = D[:, 2]; cross_entropy(D[:, :2], y)": "y was held: it only chooses, its gradient is",
    "y = D[:, 2]; mean(where(y == 1, D[:, 0], D[:, 1]^2))": "y was held: it only chooses, its",
    "y = D[:, 2] - 1; cross_entropy(D[:, :2], y + 1)": "D[:, 2] was held: it only chooses, its",
    "sum(D[i, D[i, 2]]^3 for i in range(3))": "D[0, 2], D[1, 2], D[2, 2] were held: they only",
    "sum(where(D[i, 2] == 1, D[i, 0]^2, D[i, 1]) for i in range(3))": "D[0, 2], D[2, 2] were held",
    "sum(D[i, D[i, 2]]^3 for i in range(3)) + sum(where(D[:, 2], 1, 2))": (
        "D[0, 2], D[1, 2], D[2, 2] and 1 more were held: they only choose, their gradients are"
    ),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("program", LABELLED)
def test_a_column_of_labels_is_held(program: str, dtype: str) -> None:
    """The rest of the data is checked."""
    found = checked(program, {"D": TABLE}, dtype)
    assert found.verdict == AGREES, [c for c in (*found.inputs, *found.gates) if c.reason]
    assert [check.part for check in found.inputs] == [
        f"[{i}, {j}]" for i in range(3) for j in range(3)
    ]
    (note,) = [note for note in found.notes if "held" in note]
    assert note.startswith(LABELLED[program])


@pytest.mark.parametrize(("place", "verdict"), [((1, 1), DISAGREES), ((1, 2), CANNOT_TELL)])
def test_a_wrong_gradient_beside_or_of_a_column_of_labels(
    place: tuple[int, int], verdict: str
) -> None:
    report = gradcalc.backprop("y = D[:, 2]; cross_entropy(D[:, :2], y)", D=TABLE)
    report.gradients["D"][place] += 1.0
    found = verify(report)
    assert found.verdict == verdict
    assert [c.part for c in found.inputs if c.verdict == verdict] == [f"[{place[0]}, {place[1]}]"]


def test_entries_that_refuse_to_move() -> None:
    """The others are checked all the same."""
    found = checked("cross_entropy(D[:, :2], D'[2])", {"D": TABLE})
    assert [check.part for check in found.inputs] == [
        f"[{i}, {j}]" for i in range(3) for j in (0, 1)
    ]
    (note,) = found.notes
    assert note.startswith(
        "D was not checked in 3 of the entries: when it moves there, label 0 is "
    )


def test_what_is_a_number_too_is_not_held() -> None:
    program = "y = D[1]; where(y == 1, 2, 3) D[0] + sum(D)"
    assert checked(program, {"D": np.array([2.0, 1.0])}).verdict == CANNOT_TELL


@pytest.mark.parametrize("dtype", [bool, int])
def test_masks_of_other_types(dtype: type) -> None:
    values = {**ATTENTION, "M": ATTENTION["M"].astype(dtype)}
    assert checked("P = softmax(where(M, S, -inf)); sum(P^2)", values).verdict == AGREES


def test_rules_that_lead_to_nothing_that_is_asked_for() -> None:
    """One cannot tell of them, and that does not matter; if they are wrong, it does."""
    program = f"s = X W; sum(max(0, s[i,j] - s[i,y[i]] + 1) * (j != y[i]) {HINGES})"
    found = verify(gradcalc.backprop(program, SVM, wrt=["W"]))
    assert found.verdict == AGREES
    assert found.notes == (
        "4 local gradients that one cannot tell were left out: they lead to no gradient that is"
        " checked",
    )
    assert render.to_json(found)["local"] == {"checked": len(found.gates), "failed": []}
    found = verify(gradcalc.backprop("relu(x) y", x=0.0, y=3.0, wrt=["y"]))
    assert found.verdict == AGREES
    assert found.notes == (
        "1 local gradient that one cannot tell was left out: it leads to no gradient that is"
        " checked",
    )
    assert verify(gradcalc.backprop("relu(x) y", x=0.0, y=3.0, wrt=["x"])).verdict == CANNOT_TELL


#: A program, values, and the inputs of which one cannot tell, though there are comparisons.
QUANTITIES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("x > 0", {"x": 0.0}, {"x"}),  # no gradient of anything else is asked for
    ("where(x > 0, 1, -1)", {"x": 0.0}, {"x"}),
    ("where(x > 0, x, 0) y", {"x": 0.0, "y": 2.0}, {"x"}),
    ("where(x > 0.5, y, 0)", {"x": 0.5, "y": 2.0}, {"x"}),
    ("where(x > 1, y, 2y)", {"x": 1.0, "y": 2.0}, {"x"}),
    ("where(x > 0, 1, 0) y", {"x": 0.0, "y": 2.0}, {"x"}),
    ("where(p - q > 0, y, 2y)", {"p": 100.0, "q": 100.0, "y": 2.0}, {"p", "q"}),
    ("sum(where(t > 1, p, 0))", {"t": np.array([1.0, 2.0]), "p": np.array([0.5, 2.0])}, {"t"}),
    ("where(x > y, y, 3)", {"x": 2.0, "y": 2.0}, {"x", "y"}),
    ("where(w x + b > 0, y, -y)", {"w": 0.0, "x": 2.0, "b": 0.0, "y": 2.0}, {"w", "b"}),
    ("floor(x) + y", {"x": 3.0, "y": 2.0}, {"x"}),
    ("sign(x) y", {"x": 0.0, "y": 2.0}, {"x"}),
    ("relu(x) y", {"x": 0.0, "y": 2.0}, {"x"}),
    ("where(m, y, 2y)", {"m": np.array([0.5, 0.0]), "y": 2.0}, {"m"}),
]


@pytest.mark.parametrize("place", range(len(QUANTITIES)))
def test_quantities_in_comparisons_are_none_the_less_checked(place: int) -> None:
    program, values, names = QUANTITIES[place]
    found = checked(program, values)
    assert found.verdict == CANNOT_TELL
    assert {c.what for c in found.by_input() if c.verdict == CANNOT_TELL} == names


@pytest.mark.parametrize(
    ("program", "values", "name"),
    [
        ("cross_entropy(X W, y)", {"X": X, "W": W, "y": LABELS}, "y"),
        ("sum(X[i]^2)", {"X": X, "i": [0, 2]}, "i"),
    ],
)
def test_labels_alone(program: str, values: dict[str, Any], name: str) -> None:
    """Nothing is checked, and so nothing agrees."""
    assert verify(gradcalc.backprop(program, values)).verdict == AGREES
    found = verify(gradcalc.backprop(program, values, wrt=[name]))
    assert (found.verdict, found.inputs) == (CANNOT_TELL, ())


def test_a_mask_alone() -> None:
    """Where only its gradient is asked for, the reason is the jump."""
    report = gradcalc.backprop("P = softmax(where(M, S, -inf)); sum(P^2)", ATTENTION, wrt=["M"])
    found = verify(report)
    assert found.verdict == CANNOT_TELL
    assert the_input(found, "M").reason == "where(M, S, -inf) jumps"


def test_what_is_flat_before_it_is_compared_is_no_mask() -> None:
    """Where x moves, nothing jumps."""
    for program, x in (
        ("where(relu(x) > 0, y^2, y)", -3),
        ("where(clip(x, 0, 3) == 3, y^2, y)", 7),
    ):
        found = checked(program, {"x": x, "y": 2.0})
        assert [check.verdict for check in found.inputs] == [AGREES, AGREES]
        assert not any("was not checked" in note for note in found.notes)


def test_masks_that_are_at_no_jump_are_checked() -> None:
    found = checked("where(m > 0, y, 2y)", {"m": 2.0, "y": 3.0})
    assert [check.verdict for check in found.inputs] == [AGREES, AGREES]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("name", "place", "program", "values"),
    [
        ("gt", 0, "sum(where(t > 0, p, 0)^2) + sum((t > 0) * p)", CLASSES),
        ("eq", 0, "mean(log(p)^2 * (t == 1))", CLASSES),
        ("ne", 1, f"s = X W; sum(s[i,j] * (j != y[i]) {HINGES})", SVM),
        ("eq", 0, "s = X W; sum((reshape(y, 4, 1) == arange(3)) * s)", SVM),
        ("where", 1, "sum(where(t, p, 0)^2)", CLASSES),
    ],
)
def test_masks_hide_no_wrong_rules(
    plant: Plant, name: str, place: int, program: str, values: dict[str, Any]
) -> None:
    assert checked(program, values).verdict == AGREES
    plant(name, place, lambda right, *operands: 0.5 + 0.0 * operands[1])
    report = gradcalc.backprop(program, values)
    failed = [gate for gate in verify(report).failed_gates() if gate.verdict == DISAGREES]
    assert failed
    assert {report.nodes[gate.node or 0].op for gate in failed} == {name}


def test_a_mask_with_a_gradient_is_not_left_alone(plant: Plant) -> None:
    plant("where", 0, lambda right, *operands: 0.5)
    found = checked("where(t, p, 0)^2", {"t": 0.0, "p": 0.5})
    assert found.verdict == AGREES  # what arrives at the condition is 0
    found = checked("where(t, p, 1)^2", {"t": 0.0, "p": 0.5})
    assert found.verdict == CANNOT_TELL
    assert the_input(found, "t").reason == "where(t, p, 1) jumps"


def test_many_masks() -> None:
    names = [f"m{i}" for i in range(250)]
    program = " + ".join(f"({name} == 1) x" for name in names)
    found = checked(program, {"x": 2.0, **dict.fromkeys(names, 1.0)})
    assert found.verdict == AGREES
    assert [check.what for check in found.inputs] == ["x"]
    assert found.notes[-1] == (
        "m0, m1, m2 and 247 more were not checked: they are only compared, their gradients are 0"
        " by convention, and where they move, the value jumps"
    )


def test_many_scalar_inputs() -> None:
    names = [f"x{i}" for i in range(300)]
    found = checked(" + ".join(f"sin({x})" for x in names), dict.fromkeys(names, 0.5))
    assert found.verdict == AGREES
    assert len(found.inputs) == 40 + 3
    assert found.notes == (
        "40 of 300 scalar inputs were moved one by one, and all of them along 3 random directions",
    )


def test_only_what_moves_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a loop over an array, where one entry moves, the turns that read it."""
    report = gradcalc.backprop(
        "sum((x[i] w[i])^2 for i in range(50)) + sum(x)^2", x=np.arange(50.0), w=np.ones(50)
    )
    direction = np.zeros(50)
    direction[3] = 1.0
    computed: list[int] = []

    def forward(graph: Any, values: Any, m: Any, nodes: list[int]) -> None:
        computed.extend(nodes)
        run.forward(graph, values, m, nodes)

    monkeypatch.setattr(objective, "forward", forward)
    f = Objective(report.evaluation).along({report.evaluation.problem.inputs["x"]: direction})
    assert f(1.0) - f(0.0) == (4**2 - 3**2) + (1226**2 - 1225**2)
    # Twice the index, the product, the square, and what follows the loop.
    assert len(computed) <= 2 * 9


def test_a_gate_of_many_operands(monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    """What only moves them is not computed with rounding errors in each of them, time and again."""
    program = f"[{', '.join(f'x{i}' for i in range(500))}]"
    values = {f"x{i}": 1.0 + i for i in range(500)}
    changes: list[int] = []

    def changed(gate: ArrayGate, m: Any, operands: Any, places: list[int]) -> Any:
        changes.extend(places)
        return found(gate, m, operands, places)

    found = ArrayGate.changed
    monkeypatch.setattr(ArrayGate, "changed", changed)
    assert verify(gradcalc.backprop(program, values)).verdict == AGREES
    assert not changes
    plant("stack", 1, lambda right, *operands, **settings: 2.0 * right(*operands, **settings))
    assert checked("[x, y]^2", {"x": 1.0, "y": 2.0}).verdict == DISAGREES


def test_many_gates(monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    """A sample has every operation: the one wrong rule among many is found."""
    monkeypatch.setattr(service, "MAX_GATES", 50)
    program = " + ".join(["cos(y)", *["sin(x)"] * 200])
    found = checked(program, {"x": 1.0, "y": 0.5})
    assert found.verdict == AGREES
    assert found.notes == ("33 of 401 gates were checked, some of each operation",)
    plant("cos", 0, lambda right, m, v, x: m.sin(x))
    (failed,) = checked(program, {"x": 1.0, "y": 0.5}).failed_gates()
    assert failed.what == "cos(y)"


def test_equal_gates_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop makes the same index again and again; each is counted."""
    compared = []
    right = service._Verifier._gate

    def counted(self: Any, node: int, place: int, rule: Rule) -> Any:
        compared.append(self.graph.op[node])
        return right(self, node, place, rule)

    monkeypatch.setattr(service._Verifier, "_gate", counted)
    found = checked("sum(X[i,0] X[j,1] for i in range(4) for j in range(4))", {"X": X})
    assert found.verdict == AGREES
    assert compared.count(ops.PLACES["index"]) == 8
    assert sum(check.part == "X" for check in found.gates) == 32


def test_gates_of_many_operands() -> None:
    names = [f"x{i}" for i in range(40)]
    values = {name: float(i) for i, name in enumerate(names)}
    found = checked(f"max({', '.join(names)})", values)
    assert found.verdict == AGREES
    assert len(found.gates) == 16
    assert found.notes == ("of gates with more, 16 operands were checked",)


def test_the_noise_of_a_program() -> None:
    """1e16 + x is a multiple of 2; x + y of numbers about 1 has the errors of one rounding."""
    report = gradcalc.backprop("1e16 + x", x=1.0)
    assert 1.0 <= Objective(report.evaluation).noise <= 16.0
    report = gradcalc.backprop("x + y", x=1.0, y=0.7)
    assert 1e-16 <= Objective(report.evaluation).noise <= 2e-15


UNARY = (
    "-({})", "sin({})", "tanh({})", "exp({})", "log(abs({}))", "sqrt(abs({}))", "relu({})",
    "({})^2", "1/({})", "floor({})", "cbrt({})", "1e6*({})", "hard_tanh({})", "round({})",
)  # fmt: skip
BINARY = (
    "({})+({})", "({})-({})", "({})*({})", "({})/({})", "max({},{})", "hypot({},{})",
    "where(({})<({}),x,y)", "abs({})^({})", "clip({},-1,{})", "mod({},{})",
)  # fmt: skip


def random_program(rnd: random.Random, depth: int) -> str:
    if not depth or rnd.random() < 0.15:
        return rnd.choice(("x", "y", "z", "0.5", "2", "1e10"))
    if rnd.random() < 0.5:
        return rnd.choice(UNARY).format(random_program(rnd, depth - 1))
    parts = (random_program(rnd, depth - 1) for _ in range(2))
    return rnd.choice(BINARY).format(*parts)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_random_programs_are_never_accused(dtype: str) -> None:
    """At ordinary points, and at kinks, edges and extremes."""
    rnd = random.Random(7)
    agreeing = total = 0
    for _ in range(600):
        program = f"0*x + 0*y + 0*z + {random_program(rnd, rnd.randint(1, 5))}"
        extremes = (0.0, 1.0, -1.0, 2.0, 1e-6, 1e6, 1e-30, 1e30)
        values = {
            name: rnd.choice(extremes) if rnd.random() < 0.3 else rnd.gauss(0, 1) for name in "xyz"
        }
        found = checked(program, values, dtype)
        assert found.verdict != DISAGREES, (program, values, found.failed_gates())
        agreeing += sum(check.verdict == AGREES for check in found.inputs)
        total += len(found.inputs)
    assert agreeing > 0.8 * total


# rendering


def shown(found: Verification, width: int = 80) -> str:
    console = Console(width=width, record=True, file=StringIO())
    render.show(found, Style(), console)
    return console.export_text()


def test_the_table(plant: Plant) -> None:
    found = checked("(x + y) z", LECTURE)
    assert [line.split() for line in shown(found).splitlines() if line.startswith(" x")] == [
        ["x", "-4", "-4", "<", "1e-7", "✓", "agrees"]
    ]
    assert shown(found).startswith("gradient check: ✓ agrees\n")
    assert shown(found).endswith("\nall 4 local gradients agree\n")
    plant("add", 0, lambda right, m, v, x, y: -1.0)
    text = " ".join(shown(checked("(x + y) z", LECTURE)).split())
    assert "✗ the rule of x + y for the operand x disagrees: -1 by the rule, 1 by" in text
    assert "✗ x: through x + y" in text
    assert "3 of 4 local gradients agree" in text


def test_reasons_are_given() -> None:
    text = " ".join(shown(checked("relu(x) y", {"x": 0.0, "y": 3.0})).split())
    assert "? x: a kink: the slope is 0 on the left and 3 on the right" in text
    assert "? the rule of relu(x) for the operand x: a kink" in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_widths(width: int) -> None:
    """Names are cut, numbers are not."""
    name = "a_name_that_is_rather_long_for_a_column"
    text = shown(checked(f"exp({name}) + X[0]", {name: 1.2345678, "X": X[0]}), width)
    assert "3.43689" in text
    assert "✓ agrees" in text
    assert max(map(len, text.splitlines())) <= max(width, 66)


def test_plain() -> None:
    found = checked("relu(x) y + sum(v)", {"x": 0.0, "y": 3.0, "v": np.array([1.0, 2.0])})
    lines = [line.split("\t") for line in "".join(render.plain(found, Style())).splitlines()]
    assert lines[0] == ["verify", "cannot tell"]
    assert lines[1] == ["verify dx", "0", "nan", "nan", "cannot tell"]
    assert lines[2][0] == "verify dy"
    assert lines[3][4:] == ["agrees", "[0]"]


def test_json() -> None:
    found = checked("relu(x) y", {"x": 0.0, "y": 3.0})
    whole = render.to_json(found)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert whole["verdict"] == CANNOT_TELL
    assert whole["inputs"][0]["input"] == "x"
    assert whole["inputs"][0]["numeric"] is None
    assert whole["local"]["checked"] == 3
    assert [gate["expression"] for gate in whole["local"]["failed"]] == ["relu(x)"]
    assert render.to_json(checked("sqrt(x)", {"x": 0.0}))["inputs"][0]["analytic"] == "Infinity"


def test_markdown() -> None:
    text = "".join(render.markdown(checked("(x + y) z", LECTURE), Style()))
    assert "| `x` | -4 | -4 | < 1e-7 | ✓ agrees |" in text
    assert "- all 4 local gradients agree" in text


def test_scalar_programs_need_no_numpy() -> None:
    program = (
        "import sys, gradcalc\n"
        "from gradcalc.services.verify import verify\n"
        "verify(gradcalc.backprop('(x + y) z', x=1, y=2, z=3))\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
