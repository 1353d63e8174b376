"""Zeros, infinities and ties in arrays: what is not taken stays 0, in every derivative."""

import re
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop, ops
from gradcalc.engine import derivatives
from gradcalc.engine.arrays import arrays
from gradcalc.report import Report
from gradcalc.services.derivatives import hessian, hvp
from gradcalc.syntax.literals import format_value


def kinds(report: Report) -> list[str]:
    return [note.kind for note in report.notes if note.kind != "sum"]


def messages(report: Report) -> list[str]:
    return [note.message for note in report.notes if note.kind != "sum"]


def layer_norm_gradient(x: Any, upstream: Any) -> Any:
    """The gradient of layer_norm as the projection that it is."""
    deviations = x - np.mean(x)
    spread = np.sqrt(np.mean(deviations**2) + 1e-5)
    unit = deviations / spread
    return (upstream - np.mean(upstream) - unit * np.mean(upstream * unit)) / spread


#: A program, its values, and its gradients: in the entries that are not taken they would be nan.
NOT_TAKEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("where(x > 0, log(x), 0)", {"x": [-1, 0, 2]}, {"x": [0, 0, 0.5]}),
    ("where(x > 0, sqrt(x), 0)", {"x": [-1, 0, 4]}, {"x": [0, 0, 0.25]}),
    ("where(x > 0, x*log(x), 0)", {"x": [0, 1]}, {"x": [0, 1]}),
    ("where(x == 0, 1, sin(x)/x)", {"x": [0, 2]}, {"x": [0, np.cos(2) / 2 - np.sin(2) / 4]}),
    ("max(0, where(x > 0, 1/x, 0))", {"x": [0, 2]}, {"x": [0, -0.25]}),
    ("where(c, x, y)", {"c": [1, 0], "x": [1, nan], "y": [inf, 2]}, {"x": [1, 0], "y": [0, 1]}),
    (
        "where(m, A x, 0)",
        {"m": [1, 0], "A": [[1, 2], [inf, 3]], "x": [1, 2]},
        {"A": [[1, 2], [0, 0]], "x": [1, 2]},
    ),
    (
        "where(m, A x, 0)",  # 0*inf in the product itself
        {"m": [1, 0], "A": [[1, 2], [inf, nan]], "x": [0, 2]},
        {"A": [[0, 2], [0, 0]], "x": [1, 2]},
    ),
    (
        "where(m, A x, 0)",
        {"m": [1, 0], "A": [[[1, 2], [inf, 3]]], "x": [1, 2]},
        {"A": [[[1, 2], [0, 0]]], "x": [1, 2]},
    ),
    (
        "where(m, A B, 0)",
        {"m": [[1, 0], [1, 0]], "A": [[1, 2], [3, 4]], "B": [[1, inf], [2, -inf]]},
        {"A": [[1, 2], [1, 2]], "B": [[4, 0], [6, 0]]},
    ),
    (
        "where(m, x y', 0)",
        {"m": [[1, 0], [1, 0]], "x": [1, 2], "y": [3, inf]},
        {"x": [3, 3], "y": [3, 0]},
    ),
    (
        "where(m, cross(x, y), 0)",  # x2 y0 - x0 y2 alone
        {"m": [0, 1, 0], "x": [1, inf, 2], "y": [3, nan, 4]},
        {"x": [-4, 0, 3], "y": [2, 0, -1]},
    ),
    (
        "sum(w*cross(x, y))",  # an infinity of each sign, and a zero of w beside another
        {"w": [1, 1, 0], "x": [1, 2, 3], "y": [1, inf, inf]},
        {"x": [-inf, inf, -inf], "y": [3, -3, 1]},
    ),
    (
        "sum(w*cross(x, y))",  # x is broadcast over infinities of both signs
        {"w": [[1, 1, 0], [0, 0, 0]], "x": [1, 2, 3], "y": [[1, 2, inf], [inf, nan, -inf]]},
        {"x": [-inf, inf, -1], "y": [[3, -3, 1], [0, 0, 0]]},
    ),
    (
        "sum(where(w, layer_norm(x, c), 0))",
        {"w": [0, 1, 1], "x": [1, 2, 3], "c": [inf, 1, 1]},
        {"x": layer_norm_gradient([1, 2, 3], [0, 1, 1])},
    ),
    ("where(c, mse(x, 0), 0)", {"c": 0, "x": [inf, 1]}, {"x": [0, 0]}),
    (
        "where(m, conv1d(x, w), 0)",
        {"m": [[1, 0]], "x": [[1, 2, inf]], "w": [[[3, 4]]]},
        {"x": [[3, 4, 0]], "w": [[[1, 2]]]},
    ),
    (
        "sum(relu(W x))",  # an infinity that arrives beside one that does not
        {"W": [[inf, 3], [-inf, 3]], "x": [1, 2]},
        {"W": [[1, 2], [0, 0]], "x": [inf, 3]},
    ),
    ("sum(relu(x @ W))", {"W": [[inf, -inf], [3, 3]], "x": [1, 2]}, {"x": [inf, 3]}),
    ("(T x)[0, 0]", {"T": [[[-inf, 3], [inf, 3]]], "x": [1, 2]}, {"x": [-inf, 3]}),
    ("(W x)[0]", {"W": [[nan, 3], [inf, 3]], "x": [1, 2]}, {"x": [nan, 3]}),
    ("sum(W x)", {"W": [[inf, 3], [-inf, 3]], "x": [1, 2]}, {"x": [nan, 6]}),
    (
        "sum(relu(outer(x, y)))",
        {"x": [1, -2], "y": [inf, -inf]},
        {"x": [inf, -inf], "y": [1, -2]},
    ),
    (
        "where(m, conv1d(x, w, b), 0)",
        {"m": [[1, 0]], "x": [[1, 2, inf]], "w": [[[3, 4]]], "b": [5]},
        {"x": [[3, 4, 0]], "w": [[[1, 2]]], "b": [1]},
    ),
    (
        "sum(c*conv1d(x, w, b))",
        {"c": [[inf, 0, -inf]], "x": [[1, 2, 3, 4]], "w": [[[1, 2]]], "b": [2]},
        {"x": [[inf, inf, -inf, -inf]], "w": [[[nan, nan]]], "b": [nan]},
    ),
    ("x[0]^2", {"x": [3, inf]}, {"x": [6, 0]}),
    ("sum(x[:2]) + 0*y", {"x": [3, 1, nan], "y": 1}, {"x": [1, 1, 0], "y": 0}),
    ("max(x)", {"x": [3, -inf, 1]}, {"x": [1, 0, 0]}),
    ("logsumexp(x)", {"x": [0, -inf]}, {"x": [1, 0]}),
    ("softmax(x)[0]", {"x": [0, -inf]}, {"x": [0, 0]}),
    ("cross_entropy(z, 0)", {"z": [0, -inf]}, {"z": [0, 0]}),
    ("relu(x) y", {"x": [-1, 2], "y": inf}, {"x": [0, inf]}),
    ("min(x, 2)*[1, 0]", {"x": [1, -inf]}, {"x": [1, 0]}),
    ("norm(x[1:])", {"x": [inf, 3, 4]}, {"x": [0, 0.6, 0.8]}),
    ("clip(x, 0, 1)", {"x": [inf, 0.5, -inf]}, {"x": [0, 1, 0]}),
]

#: The same, but a warning says that a value is nan.
NOT_TAKEN_BUT_NAN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "sum(solve(A, b)[0])",  # the other matrix is singular
        {"A": [[[2, 0], [0, 3]], [[0, 0], [0, 0]]], "b": [1, 2]},
        {
            "A": [[[-1 / 4, -1 / 3], [-1 / 6, -2 / 9]], [[0, 0], [0, 0]]],
            "b": [1 / 2, 1 / 3],
        },
    ),
    (
        "sum(solve(A, B)[:, 0])",
        {"A": [[2, 0], [0, 2]], "B": [[1, inf], [2, nan]]},
        {"A": [[-1 / 4, -1 / 2], [-1 / 4, -1 / 2]], "B": [[1 / 2, 0], [1 / 2, 0]]},
    ),
    (
        "sum(inv(A)[0])",
        {"A": [[[2, 0], [0, 3]], [[0, 0], [0, 0]]]},
        {"A": [[[-1 / 4, -1 / 6], [-1 / 6, -1 / 9]], [[0, 0], [0, 0]]]},
    ),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("program", "values", "want"), NOT_TAKEN + NOT_TAKEN_BUT_NAN)
def test_what_is_not_taken_stays_zero(
    program: str, values: dict[str, Any], want: dict[str, Any], dtype: str
) -> None:
    report = backprop(program, values, wrt=list(want), dtype=dtype)
    for name, gradient in want.items():
        got = report.gradients[name]
        assert np.shape(got) == np.shape(values[name])
        np.testing.assert_allclose(got, gradient, 2e-7, 1e-7, err_msg=name)
    # The gradients of all nodes, which the report works out when they are asked for, agree.
    for node in report.nodes:
        if node.name in want:
            np.testing.assert_array_equal(node.upstream, report.gradients[node.name])


@pytest.mark.parametrize(
    ("program", "values", "want"),
    [
        found
        for found in NOT_TAKEN
        if not any((~np.isfinite(want)).any() for want in found[2].values())
    ],
)
def test_the_other_derivatives_agree(
    program: str, values: dict[str, Any], want: dict[str, Any]
) -> None:
    """Forward mode, and the Jacobian by columns, have the same zeros; a product with the Hessian
    has no nan."""
    report = backprop(program, values)
    run = report.evaluation
    nodes = {run.problem.inputs[name]: name for name in want}
    finite = {node: np.isfinite(values[name]) for node, name in nodes.items()}
    directions = {node: np.where(mask, 0.5, 0.0)[()] for node, mask in finite.items()}
    along = sum(np.sum(want[name] * directions[node]) for node, name in nodes.items())
    assert np.sum(derivatives.jvp(run, directions)) == pytest.approx(along, abs=1e-12)
    columns = derivatives.jacobian_by_columns(run, list(nodes))
    for node, name in nodes.items():
        lead = tuple(range(len(report.shape)))
        np.testing.assert_allclose(np.sum(columns[node], lead), want[name], 1e-12, 1e-12)
    for product in derivatives.hvp(run, directions, list(nodes)).values():
        assert not np.any(np.isnan(product))


@pytest.mark.parametrize(
    ("name", "place", "upstream", "operands"),
    [
        ("mse", 0, 0.0, ([inf, 1.0], [0.0, 0.0])),
        ("mse", 1, 0.0, ([inf, 1.0], [0.0, 0.0])),
        ("cross_entropy", 0, 0.0, ([inf, 1.0], 0.0)),
        ("layer_norm", 0, [0.0, 0.0], ([1.0, 2.0], [inf, 1.0])),
        ("less_mean", 1, [0.0, 0.0], ([inf, 1.0], [0.5, 0.5])),
        ("less_share", 1, [0.0, 0.0], ([inf, 1.0], [0.5, 0.5])),
    ],
)
def test_a_rule_keeps_a_zero_gradient_zero(
    name: str, place: int, upstream: Any, operands: tuple[Any, ...]
) -> None:
    row = ops.row(name)
    rule = row.rule(place, ())
    assert rule is not None
    m = arrays("float64")
    settings = {"eps": 1e-5} if name == "layer_norm" else {}
    with m.quiet():
        inputs = [m.cast(x) for x in operands]
        found = rule(m, m.cast(upstream), row.forward(m, *inputs, **settings), *inputs, **settings)
    np.testing.assert_array_equal(found, np.zeros(np.shape(operands[place])))


def test_the_jacobian_of_a_product_is_the_matrix() -> None:
    """Each row of it, whatever infinities the others have."""
    W = [[inf, 3.0], [-inf, nan]]
    report = backprop("W x", W=W, x=[1, 2])
    node = report.evaluation.problem.inputs["x"]
    np.testing.assert_array_equal(derivatives.jacobian(report.evaluation, [node])[node], W)
    np.testing.assert_array_equal(report.nodes[-1].local[1].value, W)


def test_an_infinite_gradient_reaches_only_the_diagonal_that_a_trace_takes() -> None:
    report = backprop("y*trace(x)", x=[[1, 2], [3, 4]], y=inf)
    np.testing.assert_array_equal(report.gradients["x"], [[inf, 0], [0, inf]])


def test_zero_times_infinity_is_nan_where_it_is_taken() -> None:
    """What is taken is not hidden: IEEE's answer, and a warning that names the gate."""
    report = backprop("A x", A=[[1, 2], [inf, 3]], x=[0, 2])
    np.testing.assert_array_equal(report.value, [4, nan])
    np.testing.assert_array_equal(report.gradients["x"], [inf, 5])
    assert kinds(report) == ["non-finite", "non-finite"]
    assert messages(report)[0] == "the value given for A is inf in 1 of 4 entries, first [1, 0]"
    report = backprop("prod(x)", x=[inf, 0, 3])
    np.testing.assert_array_equal(report.gradients["x"], [0, inf, nan])


@pytest.mark.parametrize(
    ("program", "values", "want"),
    [
        ("max(x)", {"x": [1, 3, 3]}, {"x": [0, 0.5, 0.5]}),
        ("min(x)", {"x": [1, 1, 1, 3]}, {"x": [1 / 3, 1 / 3, 1 / 3, 0]}),
        ("max(x, axis=0)", {"x": [[1, 2], [1, 0]]}, {"x": [[0.5, 1], [0.5, 0]]}),
        ("max(x, y)", {"x": [1, 2], "y": [1, 0]}, {"x": [0.5, 1], "y": [0.5, 0]}),
        ("max(x, y, z)", {"x": [1], "y": [1], "z": 1}, {"x": [1 / 3], "y": [1 / 3], "z": 1 / 3}),
        ("max(0, x)", {"x": [0, 1, -1]}, {"x": [0, 1, 0]}),
        ("relu(x)", {"x": [0, 1, -1]}, {"x": [0, 1, 0]}),
        ("max(x, 1)", {"x": [1, 2]}, {"x": [0, 1]}),
        ("min(x, [1, 1])", {"x": [1, 2]}, {"x": [0, 0]}),
        ("max(x, x)", {"x": [1, 2]}, {"x": [1, 1]}),
        ("max_pool(x, size=2)", {"x": [[[1, 1], [1, 1]]]}, {"x": [[[0.25, 0.25], [0.25, 0.25]]]}),
        ("norm(x)", {"x": [0, 0]}, {"x": [0, 0]}),
        ("norm(x, axis=1)", {"x": [[0, 0], [3, 4]]}, {"x": [[0, 0], [0.6, 0.8]]}),
        ("norm(x, ord=1)", {"x": [0, -2]}, {"x": [0, -1]}),
        ("norm(x, ord=inf)", {"x": [2, -2, 1]}, {"x": [0.5, -0.5, 0]}),
        ("‖x‖", {"x": [[0, 0], [0, 0]]}, {"x": [[0, 0], [0, 0]]}),
        ("abs(x)", {"x": [0, -2]}, {"x": [0, -1]}),
        ("std(x)", {"x": [2, 2]}, {"x": [0, 0]}),
        ("sum(sort(x)*[1, 2, 3])", {"x": [5, 1, 5]}, {"x": [2, 1, 3]}),
        ("svm_loss(s, 0)", {"s": [3, 2, -1]}, {"s": [0, 0, 0]}),
    ],
)
def test_ties(program: str, values: dict[str, Any], want: dict[str, Any]) -> None:
    report = backprop(program, values)
    for name, gradient in want.items():
        np.testing.assert_allclose(report.gradients[name], gradient, 1e-15, err_msg=name)
    is_smooth = program == "max(x, x)"
    assert [kind for kind in kinds(report) if kind != "norm"] == ["kink"] * (not is_smooth)


@pytest.mark.parametrize(
    ("program", "values", "want"),
    [
        (
            "relu(x)",
            {"x": [[1, 0, -1], [0, 0, 2]]},
            "relu(x) has a kink at x = 0 in 3 of 6 entries, first [0, 1]: relu'(0) = 0;"
            " valid is anything from 0 to 1",
        ),
        (
            "max(x, b)",
            {"x": [[1, 2], [3, 4]], "b": [0, 4]},
            "max(x, b) has a kink at a tie in 1 of 4 entries, first [1, 1]: the tied operands share"
            " the gradient evenly, and get none where a constant is tied;"
            " valid is anything from 0 to 1",
        ),
        (
            "sum(floor(x))",
            {"x": [1.5, 2]},
            "floor(x) jumps at x an integer in 1 of 2 entries, first [1]: 0, though it jumps there",
        ),
        (
            "std(x, axis=1)",
            {"x": [[1, 1], [2, 3]]},
            "std(x, axis=1) has a kink at equal entries in 1 of 2 entries, first [0]: std' = 0;"
            " valid is anything from -0.5 to 0.5",
        ),
        (
            "std(x, ddof=1)",
            {"x": [1, 1]},
            "std(x, ddof=1) has a kink at equal entries: std' = 0;"
            " valid is anything from -0.707107 to 0.707107",
        ),
        (
            "max(x, axis=1, keepdims=1)",
            {"x": [[1, 2], [3, 3]]},
            "max(x, axis=1, keepdims=1) has a kink at a tie in 1 of 2 entries, first [1, 0]:"
            " the tied entries share the gradient evenly; valid is anything from 0 to 1",
        ),
        (
            "sort(x, axis=0)",
            {"x": [[3, 2], [1, 2], [3, 1]]},
            "sort(x, axis=0) has a kink at a tie in 4 of 6 entries, first [1, 0]:"
            " tied entries keep their order; valid is anything from 0 to 1",
        ),
        (
            "max_pool(x, size=[1, 2])",
            {"x": [[1, 2, 3, 3]]},
            "max_pool(x, size=(1, 2)) has a kink at a tie in 1 of 2 entries, first [0, 1]:"
            " the tied entries of a window share its gradient evenly;"
            " valid is anything from 0 to 1",
        ),
        (
            "norm(x, axis=0)",
            {"x": [[0, 3], [0, 4]]},
            "norm(x, axis=0) has a kink at x = 0 (for ord=1 at any zero, for ord=inf at a tie)"
            " in 1 of 2 entries, first [0]: norm' = 0 at zeros, and tied entries share the gradient"
            " evenly; valid is anything from -1 to 1",
        ),
    ],
)
def test_the_note_on_a_kink_counts_its_entries(
    program: str, values: dict[str, Any], want: str
) -> None:
    assert want in messages(backprop(program, values))


@pytest.mark.parametrize(
    ("program", "noted"),
    [
        ("mse(v, c)", "mse(v, c)"),
        ("mse(c, v)", "mse(c, v)"),
        ("sum((v - c)^2)", "v - c"),
        ("sum(v*flatten(c))", ""),
        ("sum(v + r)", ""),
        ("sum(v + s)", ""),
        ("sum(v + c2)", ""),
        ("sum(outer(v, flatten(c)))", ""),
    ],
)
def test_a_vector_that_meets_a_column(program: str, noted: str) -> None:
    known = {"v": [1, 2, 3], "c": [[1], [2], [3]], "r": [[1, 2, 3]], "s": 2.0, "c2": [[1], [2]]}
    values = {name: x for name, x in known.items() if re.search(rf"\b{name}\b", program)}
    found = [note.message for note in backprop(program, values).notes if note.kind == "broadcast"]
    assert [message.startswith(noted) for message in found] == ([True] if noted else [])
    assert all(message.endswith("entry by entry it would be with flatten(c)") for message in found)


@pytest.mark.parametrize(
    ("program", "noted"),
    [
        ("S/sum(S, axis=1)", ["S / sum(S, axis=1)"]),
        ("p = exp(S); p*max(p, axis=-1)", ["p * max(p, axis=-1)"]),
        ("-sqrt(2 + var(S, axis=1)) + S", ["-sqrt(2 + var(S, axis=1)) + S"]),
        ("exp(S)/sum(exp(S), axis=1)", ["exp(S) / sum(exp(S), axis=1)"]),
        ("n = sum(exp(S - 1), axis=1); exp(S)/n", ["exp(S) / n"]),
        ("A = S S'/2; exp(A)/sum(exp(A), axis=1)", ["exp(A) / sum(exp(A), axis=1)"]),
        ("S/sum(S', axis=1)", []),
        ("exp(S)/sum(exp(S S), axis=1)", []),
        ("S/sum(S, axis=1, keepdims=True)", []),
        ("S - mean(S, axis=0)", []),
        ("S/sum([[1, 2], [3, 4]], axis=1)", []),
        ("S + S[:, 1] + cumsum(S, axis=1)[0] + S @ S[0]", []),
    ],
)
def test_a_square_matrix_that_meets_what_was_found_out_for_its_rows(
    program: str, noted: list[str]
) -> None:
    notes = backprop(program, S=[[1, 2], [3, 5]]).notes
    found = [note.message for note in notes if note.kind == "broadcast"]
    assert [message.partition(" takes ")[0] for message in found] == noted
    assert all(message.endswith("keepdims=True") for message in found)


def test_no_note_on_a_kink_that_nothing_arrives_at() -> None:
    assert kinds(backprop("sum(relu(x)*[0, 1])", x=[0.0, 1.0])) == []
    assert kinds(backprop("relu(x)[1]", x=[0.0, 1.0])) == []
    assert kinds(backprop("norm(x)*0", x=[0.0, 0.0])) == []
    tied = [[1.0, 1.0], [2.0, 3.0]]
    for name in ("max", "std", "norm"):
        assert kinds(backprop(f"{name}(x - [[1], [0]], axis=1)[1]", x=tied)) == []
    assert kinds(backprop("norm(x, ord=1, axis=1)[1]", x=[[0.0, 1.0], [2.0, 3.0]])) == []
    assert kinds(backprop("norm(x, ord=inf, axis=1)[1]", x=tied)) == []
    assert kinds(backprop("sort(x)[0]", x=[1.0, 2.0, 2.0])) == []
    assert kinds(backprop("sort(x, axis=None)[3]", x=[[1.0, 2.0], [1.0, 0.5]])) == []
    assert kinds(backprop("max_pool(x, size=[1, 2])[1, 0]", x=tied)) == []
    # An entry that is tied with itself only, or a constant with a constant.
    assert kinds(backprop("max(x, [1, 2], [1, 0])", x=[0.0, 3.0])) == []


@pytest.mark.parametrize(
    ("program", "values", "want"),
    [
        (
            "log(x)",
            {"x": [1, -1, 0]},
            "log(x) is nan in 1 of 3 entries, first [1], and -inf in 1, first [2], as it is",
        ),
        (
            "sum(x)",
            {"x": [[1, inf], [-inf, nan], [-inf, nan]]},
            "the value given for x is nan in 2 of 6 entries, first [1, 1], and inf in 1,"
            " first [0, 1], and -inf in 2, first [1, 0]",
        ),
        ("q = x/y; q + 1", {"x": [1, 0], "y": 0}, "x / y is nan in 1 of 2 entries, first [1]"),
        ("sum(exp(x))", {"x": [[1, 1000]]}, "exp(x) is inf in 1 of 2 entries, first [0, 1]"),
        ("inv(A)", {"A": [[1, 2], [2, 4]]}, "inv(A) is nan in 4 of 4 entries, first [0, 0]"),
        ("x + 1", {"x": [1, inf]}, "the value given for x is inf in 1 of 2 entries, first [1]"),
        ("W x", {"W": [[1e200]], "x": [1e200]}, "W · x is inf in 1 of 1 entry, first [0]"),
        ("mean(x)", {"x": []}, "mean(x) is nan"),
    ],
)
def test_the_warning_names_the_gate_of_the_first_infinity(
    program: str, values: dict[str, Any], want: str
) -> None:
    assert messages(backprop(program, values))[0].startswith(want)


def test_the_warning_names_the_gate_of_the_first_infinite_gradient() -> None:
    report = backprop("h = sqrt(x); sum(3h)", x=[0.0, 4.0])
    (message,) = messages(report)
    assert message.startswith("the gradient of x is inf in 1 of 2 entries, first [0]: at sqrt(x)")
    (note,) = report.notes
    assert note.node is not None
    assert report.nodes[note.node].name == "h"


@pytest.mark.parametrize(
    ("program", "warnings"),
    [
        ("softmax(where(M, s, -inf))[1]", []),
        ("softmax(s + [-inf, 0, 0])[1]", []),
        ("min(s, [inf, inf, 2])[0] + log(0)", ["log(0) is -inf: log(x) is defined for x > 0"]),
        ("sum(s + [-inf, 0, 0])", ["a number in the program is inf"]),
    ],
)
def test_the_infinities_of_a_mask_are_meant(program: str, warnings: list[str]) -> None:
    """As in attention: -inf takes the place of a number that is masked, and exp makes it 0."""
    values = {"M": [0, 1, 1]} if "M" in program else {}
    assert messages(backprop(program, values, s=[3, 1, 2])) == warnings


@pytest.mark.parametrize(
    ("program", "born"),
    [
        ("exp(where(M, s, -inf))[1]", "exp(where(M, s, -inf)) is inf in 1 of 3 entries, first [1]"),
        ("sum(1/where(M, t, inf))", "1 / where(M, t, inf) is inf in 1 of 3 entries, first [1]"),
        ("sum(log([-inf, -1, inf] + 0t))", "log("),
    ],
)
def test_an_entry_that_was_born_beside_the_infinities_of_a_mask(program: str, born: str) -> None:
    values = {"M": [0, 1, 1]} if "M" in program else {}
    name = "s" if "s)" in program or ", s," in program else "t"
    values[name] = [0, 1000, 2] if name == "s" else [1, 0, 2]
    assert messages(backprop(program, values))[0].startswith(born)


def test_no_warning_for_what_is_not_taken() -> None:
    for program, values, want in NOT_TAKEN:
        numbers = [values[name] for name in want] + list(want.values())
        finite = all(np.isfinite(array).all() for array in numbers)
        if finite and "relu" not in program:
            assert "non-finite" not in kinds(backprop(program, values)), program


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """NumPy's own warnings of infinities are said by gradcalc: here a warning is an error."""
    huge = np.array([1e200, -2e200])
    for program in ("sum(x^2)", "norm(x)", "std(x)", "x*1e200", "x' x", "exp(x)", "softmax(x)"):
        report = backprop(program, x=huge)
        report.to_json()
        run = report.evaluation
        node = run.problem.inputs["x"]
        derivatives.jvp(run, {node: huge})
        derivatives.hessian(run, [node])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3), (2, 0, 3), (0, 0)])
def test_an_empty_array_is_written_with_its_shape(shape: tuple[int, ...]) -> None:
    text = format_value(np.zeros(shape))
    assert np.shape(backprop(f"x = {text}; x").value) == shape


@pytest.mark.parametrize(
    ("column", "upstream", "want"),
    [
        ([inf, inf], [0, -1], -inf),
        ([inf, -inf], [0, -1], inf),
        ([inf, -2], [0, inf], -inf),
        ([inf, -2], [0, -inf], inf),
        ([inf, 1], [0, nan], nan),
        ([inf, 0], [0, nan], nan),
        ([inf, 0], [0, inf], nan),
        ([inf, 0], [0, -inf], nan),
        ([inf, nan], [0, -1], nan),
    ],
)
def test_what_meets_no_zero_is_as_ieee_says(
    column: list[float], upstream: list[float], want: float
) -> None:
    report = backprop("A x", A=[[entry] for entry in column], x=[1.0], upstream=upstream)
    np.testing.assert_equal(report.gradients["x"], [want])


def test_a_negative_upstream_beside_a_singular_matrix() -> None:
    """x = (1/2, 1/4), db = A'^-1 g = (-1/2, -1/2), and dA = -db x'."""
    matrices = [[[2, 0], [0, 4]], [[1, 2], [2, 4]]]
    report = backprop("solve(A, b)", A=matrices, b=[1, 1], upstream=[[-1, -2], [0, 0]])
    np.testing.assert_array_equal(report.gradients["b"], [-0.5, -0.5])
    np.testing.assert_array_equal(report.gradients["A"], [[[0.25, 0.125]] * 2, [[0, 0]] * 2])


def test_the_hessian_of_what_is_not_taken() -> None:
    """2 a a' with a = (1, 2)."""
    program = "sum(where(m, (A x)^2, 0))"
    report = backprop(program, m=[1, 0], A=[[1, 2], [inf, 3]], x=[1, 2], wrt=["x"])
    np.testing.assert_array_equal(hessian(report)[0].value, [[2, 4], [4, 8]])
    np.testing.assert_array_equal(hvp(report, {"x": [1, 0]})[0].value, [2, 4])
