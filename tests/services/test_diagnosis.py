"""Which mistake was made: single cases, by hand. Many students are in tests/simulator."""

from typing import Any

import numpy as np
import pytest

from gradcalc.services.check.diagnosis import mistakes
from gradcalc.services.check.diagnosis.mistake import ANSWER, FACTOR, RULE, SUM, UPSTREAM, VALUE
from gradcalc.services.check.diagnosis.suggest import suggest_inputs, suggestion
from gradcalc.services.check.grade import DEFAULT, _entry, check, grade
from gradcalc.services.check.types import Finding
from gradcalc.services.evaluate import backprop, evaluate
from gradcalc.source import Source

LECTURE = {"x": -2, "y": 5, "z": -4}


def found(program: str, answers: str, **values: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """The mistake, the gate and the quantities of each finding."""
    marks = check(program, answers, values)
    return [(f.mistake, f.gate, f.quantities) for f in marks.diagnosis]


# The table


@pytest.mark.parametrize("row", mistakes.table(), ids=lambda row: row.name)
def test_rows_are_complete(row: Any) -> None:
    assert row.kind in (RULE, SUM, UPSTREAM, FACTOR, VALUE, ANSWER)
    assert row.title
    assert row.title[0].islower() or not row.title[0].isalpha()
    assert row.rule
    assert any(place in row.explanation for place in ("{gate}", "{node}"))
    assert (row.fault is None) == (row.kind in (UPSTREAM, FACTOR, ANSWER))


def test_names_are_unique() -> None:
    names = [row.name for row in mistakes.table()]
    assert len(set(names)) == len(names)
    assert all(mistakes.named(name).name == name for name in names)


# Single mistakes, by hand


def test_the_example_of_the_command() -> None:
    answers = "q = 3; dq = -4; dx = -4; dy = -4; dz = 5"
    # dz is q = 3; 5 is y, which is only a part of it.
    assert found("q = x+y; q*z", answers, **LECTURE) == [("wrong-factor", "q * z", ("dz",))]


@pytest.mark.parametrize(
    ("program", "values", "answers", "mistake", "gate"),
    [
        # f = xy: df/dx = y.
        ("x*y", {"x": 2, "y": 3}, "dx = 2; dy = 3", "mul-not-swapped", "x * y"),
        # a(x + y): the sum passes a to both.
        ("a*(x + y)", {"a": 7, "x": 2, "y": 3}, "dx = 21; dy = 14", "add-multiplies", "x + y"),
        ("a*(x - y)", {"a": 7, "x": 2, "y": 3}, "dx = 7; dy = 7", "sub-sign-lost", "x - y"),
        # -x/y² = -2/16 for the denominator.
        ("x/y", {"x": 2, "y": 4}, "dx = 0.25; dy = 0.125", "div-sign-lost", "x / y"),
        ("x/y", {"x": 2, "y": 4}, "dx = 0.25; dy = -0.5", "div-square-lost", "x / y"),
        ("x^3*y", {"x": 2, "y": 5}, "dx = 120; dy = 8", "power-not-reduced", "x ^ 3"),
        ("x^3*y", {"x": 2, "y": 5}, "dx = 20; dy = 8", "power-factor-dropped", "x ^ 3"),
        ("sqrt(x)*y", {"x": 4, "y": 6}, "dx = 3; dy = 2", "sqrt-half-dropped", "sqrt(x)"),
        ("max(x, y)*z", {"x": 2, "y": 5, "z": 3}, "dx = 3; dy = 0", "max-to-loser", "max(x, y)"),
        ("max(x, y)*z", {"x": 2, "y": 5, "z": 3}, "dx = 3; dy = 3", "max-to-both", "max(x, y)"),
        ("relu(x)*y", {"x": 2, "y": -3}, "dx = 0; dy = 2", "relu-upstream-mask", "relu(x)"),
        ("q = x*y; q*q", {"x": 2, "y": 3}, "dq = 6; dx = 18; dy = 12", "overwritten", "q = x * y"),
        ("q = x + y; q*z", LECTURE, "dx = 1; dy = 1; dz = 3", "local-only", "q = x + y"),
        ("(3*x + 1)^2", {"x": 2}, "dx = 14", "inner-derivative-dropped", "3 * x"),
        # A quotient by a constant and a sign are no functions of what stands in them.
        ("sin(x)/4", {"x": 2}, "dx = 0.25", "upstream-only", "sin(x)"),
        ("-sin(x)", {"x": 2}, "dx = -1", "upstream-only", "sin(x)"),
    ],
)
def test_a_mistake(
    program: str, values: dict[str, float], answers: str, mistake: str, gate: str
) -> None:
    ((first, place, _),) = found(program, answers, **values)
    assert (first, place.replace("**", "^").replace(" ^ ", "^")) == (
        mistake,
        gate.replace(" ^ ", "^"),
    )


def test_a_value_of_the_forward_pass() -> None:
    # 2 + 3 for 2·3; what follows from it is carried.
    answers = "p = 5; f = 25; dp = 10; dx = 30; dy = 20"
    assert found("p = x*y; f = p^2", answers, x=2, y=3) == [("value-added", "p = x * y", ("p",))]


def test_a_value_that_was_not_handed_in() -> None:
    # q = x - y = -7 for the sum 3; the gradient of z shows it.
    assert found("q = x+y; q*z", "dx = -4; dy = -4; dz = -7", **LECTURE) == [
        ("value-subtracted", "q = x + y", ("dz",))
    ]


@pytest.mark.parametrize(("program", "value"), [("q = x+y; q*z", 7), ("q = x-y; q*z", -3)])
def test_the_sign_of_an_operand_is_lost(program: str, value: float) -> None:
    """2 in the place of x = -2."""
    answers = f"q = {value}; dz = {value}; dq = -4"
    assert found(program, answers, **LECTURE) == [
        ("value-first-sign", f"q = x {program[5]} y", ("q",))
    ]


def test_a_slip_of_the_pen() -> None:
    marks = check("x*y", "dx = 3.41; dy = 2", x=2, y=3.14)
    ((mistake, _, _),) = [(f.mistake, f.node, f.gate) for f in marks.diagnosis]
    assert mistake == "answer-digit" or mistake == "answer-digits-exchanged"


def test_a_gradient_in_the_shape_of_the_broadcast_value() -> None:
    X, b = [[1, 0], [0, 1]], [0, 1]
    # dS = 2S = [[2, 2], [0, 4]]; db is the sum of its rows.
    assert found("S = X + b; sum(S^2)", "db = [[2, 2], [0, 4]]", X=X, b=b) == [
        ("broadcast-sum-forgotten", "S = X + b", ("db",))
    ]


def test_a_transposed_outer_product() -> None:
    # q = W·x = [-1, -1]; dW = 2q·x' = [[-2, 2], [-2, 2]].
    answers = "dW = [[-2, -2], [2, 2]]"
    assert found("q = W·x; sum(q^2)", answers, W=[[1, 2], [3, 4]], x=[1, -1])[0][:2] == (
        "outer-reversed",
        "q = W · x",
    )


@pytest.mark.parametrize(
    ("program", "answer", "gate"),
    [
        # Of Y = Q·K' it is dK = dY'·Q, of Y = K'·Q it is dK = Q·dY'.
        ("Y = Q K'; sum(u*Y)", "dK = u Q", "Y = Q · Kᵀ"),
        ("S = Q K'/sqrt(2); sum(u*softmax(S))", "dK = dS Q/sqrt(2)", "Q · Kᵀ"),
        ("T = K'; Y = Q T; sum(u*Y)", "dK = u Q", "Y = Q · T"),
        ("Y = K' Q; sum(v*Y)", "dK = Q v", "Y = Kᵀ · Q"),
    ],
)
def test_an_upstream_gradient_that_is_not_transposed(program: str, answer: str, gate: str) -> None:
    values = {
        "Q": [[1, 2], [-1, 0.5], [0.3, -2]],
        "K": [[0.1, 0.2], [-0.1, 0.5], [0.3, -0.2]],
        "u": [[1, 2, 4], [-0.5, 0.3, 1], [0.7, -1, 0]],
        "v": [[1, 2], [-0.5, 0.3]],
    }
    used = {name: value for name, value in values.items() if name in program.replace("sum", "")}
    ((mistake, place, _),) = found(program, answer, **used)
    assert (mistake, place) == ("upstream-not-transposed", gate)


def test_a_wrong_formula_is_diagnosed_by_its_value() -> None:
    assert found("x*y", "dx = x; dy = y", x=2, y=3)[0][0] == "mul-not-swapped"


# Several


def test_two_independent_mistakes() -> None:
    program = "q = x + y; r = u/v; q*z + r"
    # dz is q = 3, not z itself; dv is -u/v² = -1.5.
    answers = "dx = -4; dy = -4; dz = -4; du = 0.5; dv = 1.5"
    assert found(program, answers, **LECTURE, u=6, v=2) == [
        ("mul-not-swapped", "q * z", ("dz",)),
        ("div-sign-lost", "r = u / v", ("dv",)),
    ]


def test_two_mistakes_in_the_same_numbers() -> None:
    # dq is z = -4; with q itself, 3, and the summands' product: 3·5 and 3·(-2).
    answers = "dx = 15; dy = -6; dz = 3"
    names = [mistake for mistake, _, _ in found("q = x+y; q*z", answers, **LECTURE)]
    assert sorted(names) == ["add-multiplies", "mul-not-swapped"]


def test_a_habit() -> None:
    # At both products the factors are not switched.
    answers = "dx = 2; dy = 3; da = 5; db = 7"
    (finding,) = check("p = x*y; q = a*b; p + q", answers, x=2, y=3, a=5, b=7).diagnosis
    where = finding.mistake, finding.node, finding.gate
    assert where == ("mul-not-swapped", None, "every mul gate")


def test_alternatives_are_told_apart() -> None:
    marks = check("x^2*y", "dx = 6; dy = 4", x=2, y=3)
    (finding,) = marks.diagnosis
    # At x = 2, x itself (without the factor 2) and the factor 2 (without x) are the same.
    assert finding.mistake == "power-factor-dropped"
    assert any(text.startswith("power-base-dropped at x^2") for text in finding.alternatives)


#: The variance has all but no part in a product that its epsilon is a factor of.
NORM = """mu = mean(x, axis=0)
xc = x - mu
v = mean(xc^2, axis=0)
s = sqrt(v + 1e-5)
xhat = xc/s
sum(u*(gamma*xhat + beta))"""
NORM_VALUES: dict[str, Any] = {
    "x": [[1, 2], [-1, 0.5], [0.3, -2]],
    "gamma": [2, -1],
    "beta": [0.1, 0.2],
    "u": [[1, 2], [-0.5, 0.3], [0.7, -1]],
}


def _norm_answer() -> Any:
    """dxc, the variance taken as constant."""
    x, gamma, u = (np.array(NORM_VALUES[name]) for name in ("x", "gamma", "u"))
    return gamma * u / np.sqrt(x.var(axis=0) + 1e-5)


@pytest.mark.parametrize("decimals", [None, 8, 12])
def test_what_fits_to_the_last_digit_comes_before_what_comes_near(decimals: int | None) -> None:
    answer = "gamma*u/s"
    if decimals is not None:
        answer = str(np.round(_norm_answer(), decimals).tolist())
    (finding,) = check(NORM, {"dxc": answer}, NORM_VALUES).diagnosis
    assert finding.mistake == "one-path-only"
    assert finding.alternatives[-1].startswith("add-multiplies at v + 1e-5")


def test_the_digits_of_short_answers_tell_nothing_apart() -> None:
    answer = str(np.round(_norm_answer(), 4).tolist())
    (finding,) = check(NORM, {"dxc": answer}, NORM_VALUES).diagnosis
    assert finding.mistake == "add-multiplies"
    assert finding.alternatives[0].startswith("one-path-only at xc")


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("3", "mul-not-swapped"),
        ("3.000", "mul-not-swapped"),
        ("3.0002", "mul-not-swapped"),
        ("x", "mul-not-swapped"),
        ("3.0000", "sign-slip"),
        ("-y", "sign-slip"),
    ],
)
def test_the_digits_of_a_number_count(answer: str, mistake: str) -> None:
    """The factor itself is x = 3.0002, the right one with the other sign 3: near to each other."""
    findings = check("x*y", {"dx": answer}, x=3.0002, y=-3).diagnosis
    assert findings[0].mistake == mistake


def _findings(program: str, answers: dict[str, str], **values: float) -> tuple[Any, list[Finding]]:
    report = evaluate(Source(program, "program"), values, intermediates=True)[-1]
    entries = [_entry(name, text) for name, text in answers.items()]
    marks = grade(report, entries, tolerance=DEFAULT)
    return report.evaluation, list(marks.diagnosis)


def test_suggested_inputs_tell_mistakes_apart() -> None:
    run, findings = _findings("x^2*y", {"dx": "6", "dy": "4"}, x=2.0, y=3.0)
    values = suggest_inputs(run, findings)
    assert values is not None
    assert values["x"] != 2.0  # the only value at which they agree
    assert f"--x {values['x']:g} --y {values['y']:g}" in suggestion(run, findings)
    # With y times the one, and y times the other, the gradients are really different.
    report = backprop("x^2*y", values)
    one, other = values["x"] * values["y"], 2 * values["y"]
    assert len({report.gradients["x"], one, other}) == 3


def test_what_cannot_be_told_apart_is_said() -> None:
    run, findings = _findings("x*y", {"dx": "2", "dy": "3"}, x=2.0, y=3.0)
    assert suggest_inputs(run, [f._replace(faults=f.faults[:2]) for f in findings]) is None


# Nothing


def test_nobody_who_is_right_is_accused() -> None:
    assert not found("q = x+y; q*z", "q = 3; dq = -4; dx = -4; dy = -4; dz = 3", **LECTURE)


def test_what_no_mistake_explains_is_left_alone() -> None:
    assert not found("x*y", "dx = 117.31; dy = 2", x=2, y=3)


def test_hints_go_from_the_gate_to_the_number() -> None:
    (finding,) = check("x*y", "dx = 2; dy = 2", x=2, y=3).diagnosis
    where, rule, number = finding.hints
    assert "x * y" in where
    assert "3" not in where + rule
    assert "1 · 3 = 3" in number


# Size


@pytest.mark.parametrize("gates", [50, 1000])
@pytest.mark.parametrize("everything", [False, True])
def test_big_problems_full_of_mistakes(gates: int, everything: bool) -> None:
    lines = ["n0 = x*y"]
    for i in range(1, gates):
        op = ("{0}*y", "{0} + x", "sigmoid({0})", "{0} - y", "tanh({0})", "3*{0}")[i % 6]
        lines.append(f"n{i} = {op.format(f'n{i - 1}')}")
    program = "; ".join(lines)
    report = backprop(program, x=0.5, y=-1.25)
    answers = {"dx": f"{report.gradients['x'] + 1.7}", "dy": f"{report.gradients['y'] - 0.9}"}
    if everything:
        for node in report.nodes:
            if node.name and node.name[0] == "n":
                answers[f"d{node.name}"] = repr(1.3 * float(node.upstream or 0) + 0.01)
    marks = check(program, answers, x=0.5, y=-1.25)
    assert len(marks.items) == len(answers)
    assert not marks.passed


# What nothing follows from


def test_an_array_for_a_number() -> None:
    marks = check("(x+y)*z", "dx = [1, 2]; dy = -4; dz = -3", LECTURE)
    assert [item.verdict for item in marks.items] == ["wrong", "right", "wrong"]
    assert marks.items[0].remark == "it has another shape: 2 entries where there is a scalar"
    assert [f.mistake for f in marks.diagnosis] == ["sign-slip"]


@pytest.mark.parametrize(
    ("program", "answers"),
    [
        ("cross_entropy(x, y)", "dx = [1, 2, 3]"),
        ("q = argmax(x, axis=1) + sum(x); sum(q^2)", "dq = 2q; dx = [1, 2, 3]; q = [1, 2]"),
    ],
)
def test_no_mistakes_in_empty_arrays(program: str, answers: str) -> None:
    definitions = "x = zeros(0, 3); y = zeros(0)"
    marks = check(f"{definitions}; {program}", answers, require=[])
    assert marks.items[-1].verdict == "wrong"
    assert not marks.diagnosis


@pytest.mark.parametrize("label", [-4, 0.5, 10])
def test_a_label_that_is_none(label: float) -> None:
    """The loss cannot be worked out with what was written for y; ds = softmax(s) without the 1."""
    answers = f"y = {label}; ds = [0.0900306, 0.2447285, 0.6652410]"
    marks = check("cross_entropy(s, y)", answers, {"s": [1, 2, 3], "y": 1})
    assert [item.verdict for item in marks.items] == ["wrong", "wrong"]


def test_a_label_worked_out_with_a_mistake() -> None:
    """2 + 2 is no class: that somebody multiplied cannot be tried."""
    marks = check("cross_entropy(s, a + b)", "ds = [1, 2, 3]", {"s": [1, 2, 3], "a": 2, "b": 0})
    assert [item.verdict for item in marks.items][:1] == ["wrong"]


def test_a_slip_in_a_value_is_about_the_value() -> None:
    marks = check("(x+y)*z", "x = 2; dx = -4; dy = -4; dz = 3", LECTURE)
    (finding,) = marks.diagnosis
    assert finding.explanation == "x has the right size and the wrong sign."
    assert finding.hints[::2] == ("Look at x once more.", "The value of x is -2.")


def test_transposes_everywhere_in_a_network() -> None:
    """As a habit the mistake cannot be made: the transposes do not fit on the way down."""
    values = {"X": [[1, 2], [3, 4], [5, 6]], "V": [[1, 2], [3, 4]], "W": [[1, 2], [3, 5]]}
    answers = "dV = [[1, 2], [3, 7]]; dW = [[1, 2], [3, 4]]"
    marks = check("h = tanh(X V); sum((h W)^2)", answers, values)
    assert [item.verdict for item in marks.items] == ["wrong", "wrong", "missing"]


def test_numbers_that_hang_on_wrong_ones_say_so() -> None:
    marks = check("(x+y)*z", "d(x+y) = 4; dx = 4; dy = 5; dz = 3", LECTURE)
    hints = {finding.quantities: finding.hints[2] for finding in marks.diagnosis}
    assert hints["dy",] == "dy is 4, going by your numbers before it."
    assert hints["d(x + y)",] == "From this gate x + y gets 1 · -4 = -4."


def test_badly_rounded_numbers_are_no_mistakes() -> None:
    """All of them are right to one digit: σ'(1) = 0.196612."""
    values = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
    answers = "dw2 = 0.2; dw0 = -0.2; dw1 = -.4; dx0 = 0.4; dx1 = -0.58"
    marks = check("sigmoid(w0 x0 + w1 x1 + w2)", answers, values)
    assert {item.verdict for item in marks.items} == {"wrong"}
    assert marks.items[4].remark == "it is cut off, not rounded"
    assert not marks.diagnosis
    assert not marks.unexplained


def test_an_exchange_is_told_once() -> None:
    remarks = {item.remark for item in check("x*y", "dx = 3; dy = -4", x=3, y=-4).items}
    assert remarks == {"dx and dy are exchanged"}
