"""Which vectors are rows, how products are written, and programs of which values are missing."""

import re
from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop, ops
from gradcalc.graph.graph import Graph
from gradcalc.graph.text import node_pieces

#: What is written as something else that means the same.
OTHERWISE = {
    "x @ y": "x · y",
    "outer(x, yᵀ)": "x · yᵀ",
}


def graph_of(**shapes: tuple[int, ...]) -> tuple[Graph, dict[str, int]]:
    graph = Graph()
    return graph, {name: graph.add_input(name, shape=shape) for name, shape in shapes.items()}


def apply(graph: Graph, name: str, *operands: int, **settings: Any) -> int:
    return graph.apply(ops.PLACES[name], operands, settings)


def test_rows() -> None:
    graph, nodes = graph_of(x=(3,), y=(3,), s=(), A=(3, 2))
    x, y, s, a = nodes.values()
    row = apply(graph, "transpose", x)
    other = apply(graph, "transpose", y)
    rows = [
        row,
        other,
        apply(graph, "neg", row),
        apply(graph, "mul", s, row),
        apply(graph, "div", row, s),
        apply(graph, "add", row, other),
        apply(graph, "exp", row),
        apply(graph, "matmul", row, a),
        apply(graph, "concat", row, other),
        apply(graph, "transpose", apply(graph, "transpose", row)),
    ]
    columns = [
        x,
        apply(graph, "transpose", row),
        apply(graph, "mul", row, y),
        apply(graph, "matmul", a, apply(graph, "index", x, key=(("slice", 0, 2, None),))),
        apply(graph, "cumsum", row),
        apply(graph, "concat", row, y),
        apply(graph, "dot", row, y),
        apply(graph, "outer", x, y),
        apply(graph, "transpose", a),
    ]
    assert [node in graph.rows for node in rows] == [True] * len(rows)
    assert [node in graph.rows for node in columns] == [False] * len(columns)
    assert graph.copy().rows == graph.rows
    graph.copy().rows.clear()
    assert graph.rows


@pytest.mark.parametrize(
    "program",
    [
        "x · y",
        "x @ yᵀ",
        "xᵀ · y",
        "x · yᵀ",
        "outer(xᵀ, y)",
        "outer(x, yᵀ)",
        "xᵀ · A",
        "A · z",
        "A · Aᵀ",
        "S · x",
        "S · S",
        "x @ y",
        "dot(S, S)",
        "dot(x, S)",
        "Sᵀ",
        "transpose(S)",
        "transpose(S, axes=(1, 0, 2))",
        "(A + A)ᵀ",
        "x[0]",
        "x[:]",
        "A[1, ::-1]",
        "S[:, [0, 1], 2]",
        "A[[0, 1]]",
        "scatter(z, zeros(3)[0:2])",
        "scatter(x, zeros(2, 3)[1])",
        "scatter(x, zeros(4)[[0, 1, 1]])",
        "sum(x)",
        "sum(A, axis=0)",
        "sum(A, axis=(0, 1), keepdims=1)",
        "sum(A, axis=[])",
        "sum(A, keepdims=1)",
        "max(A, axis=1)",
        "max(s)",
        "min(s)",
        "softmax(A, axis=None)",
        "norm(x, ord=inf)",
        "norm(x, ord=1)",
        "var(x, ddof=1)",
        "reshape(A, 2, 3)",
        "reshape(s, 1, 1)",
        "reshape(A[0, 0], [])",
        "broadcast_to(s, 2, 2)",
        "concat(x, y)",
        "concat([x])",
        "concat([[x, y]])",
        "concat(A, A, axis=1)",
        "stack(x, y, axis=1)",
        "[x, y]",
        "[[s, 2], [3, s]]",
        "zeros([])",
        "eye(2, 3)",
        "arange(1, 5, 2)",
        "linspace(0, 1, 3)",
        "one_hot(s, n=3)",
        "cumsum(A, axis=0)",
        "take_along(A, [[0, 0]], axis=0)",
        "layer_norm(A)",
        "layer_norm(A, z, eps=0.1)",
        "where(x > y, x, 0)",
        "max(x, y)",
        "-(x + y)ᵀ",
        "(-x)ᵀ · y",
        "x * yᵀ",
    ],
)
def test_a_text_is_written_as_it_is_read(program: str) -> None:
    """The text of the output is the program again, and is read as the same."""
    rng = np.random.default_rng(1)
    values = {"x": rng.normal(size=3), "y": rng.normal(size=3), "z": rng.normal(size=2), "s": 2.0}
    values |= {"A": rng.normal(size=(3, 2)), "S": rng.normal(size=(2, 3, 3))}
    given = used(program, values)
    report = backprop(program, given)
    assert report.expression == OTHERWISE.get(program, program)
    np.testing.assert_array_equal(backprop(report.expression, given).value, report.value)


@pytest.mark.parametrize(
    ("program", "written"),
    [
        ("sum(A, axis=(0,))", "sum(A, axis=0)"),
        ("transpose(x, (0,))", "transpose(x, axes=0)"),
        ("norm(x, axis=[-1])", "norm(x, axis=-1)"),
        ("conv1d(x, z, stride=(2,))", "conv1d(x, z, stride=2)"),
        ("conv2d(A, A, 0, [1], 1)", "conv2d(A, A, 0, stride=1, padding=1)"),
        ("max_pool(A, 2, (2, 1))", "max_pool(A, size=2, stride=(2, 1))"),
        ("fold(A, (3,), 2, padding=1)", "fold(A, size=3, kernel=2, padding=1)"),
    ],
)
def test_a_tuple_of_one_number_is_written_as_the_number(program: str, written: str) -> None:
    given = used(program, {"A": np.ones((4, 16)), "x": np.arange(3.0), "z": np.ones(2)})
    report, again = backprop(program, given), backprop(written, given)
    assert report.expression == again.expression == written
    settings = [list(found.evaluation.graph.settings.values()) for found in (report, again)]
    assert settings[0] == settings[1]
    np.testing.assert_array_equal(report.value, again.value)


def used(program: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values of the names of a program."""
    words = set(re.findall(r"[^\Wᵀ]+", program))
    return {name: value for name, value in values.items() if name in words}


@pytest.mark.parametrize(
    ("program", "missing"),
    [
        ("W u + b", {"u", "b"}),
        ("W[:n] x", {"n"}),
        ("x[:n] + [1, 2]", {"n"}),
        ("x[n:] W", {"n"}),
        ("zeros(n) + [1, 2]", {"n"}),
        ("y = ones(n, 2); y W", {"n"}),
        ("reshape(x, n, 1) + [1, 2]", {"n"}),
        ("sum(W, axis=k) + [1, 2, 3, 4]", {"k"}),
        ("sum(x[i] for i in range(n))", {"n"}),
        ("one_hot(i, n) W", {"i", "n"}),
        ("f(v) = W v; f(u)", {"u"}),
        ("u' W v", {"u", "v"}),
        ("u v", {"u", "v"}),
        ("[u, v, x[0]]", {"u", "v"}),
        ("where(c, x, W)", {"c"}),
        ("concat(x, u) + [1, 2]", {"u"}),
        ("x[i] + [1, 2, 3]", {"i"}),
        ("svm_loss(x, 0, delta=d)", {"d"}),
        ("scatter(u, zeros(3)[i])", {"u", "i"}),
        ("sum(u, axis=1, keepdims=1)", {"u"}),
        ("transpose(u, (0, 2, 1))", {"u"}),
        ("‖u‖ + |v|", {"u", "v"}),
        ("u^T v'", {"u", "v"}),
    ],
)
def test_missing_values_are_named_all_at_once(program: str, missing: set[str]) -> None:
    """What depends on them is not judged: a shape that is not known is no misfit."""
    values = {"W": np.ones((2, 3)), "x": np.ones(3)}
    with pytest.raises(GradcalcError) as caught:
        backprop(program, used(program, values))
    error = caught.value
    assert error.code == "missing-value", error
    named = error.message.removeprefix("no value for ").replace(" and ", ", ").split(", ")
    assert set(named) == missing


@pytest.mark.parametrize(
    ("program", "values", "value"),
    [
        ("sum(sum(sum(x for i in range(9^4)) for j in range(9^4)) for k in range(0))", {}, 0.0),
        ("sum(sum(sum(x for i in range(9000)) for j in range(9000)) for k in range(0))", {}, 0.0),
        # An n, a j and an i of their own.
        ("f(n) = sum(sum(x for i in range(n)) for j in range(n)); f(3) + 0n", {"n": 1e9}, 18.0),
        (
            "sum(sum(sum(x for k in range(i)) for i in range(3)) for j in range(2)) i",
            {"i": 1e9},
            12e9,
        ),
    ],
)
def test_turns_that_are_not_made(program: str, values: dict[str, Any], value: float) -> None:
    assert backprop(program, x=2.0, **values).value == value


def test_an_empty_loop_has_its_inputs() -> None:
    report = backprop("sum(x[i] y for i in range(n))", x=[1.0, 2.0], y=3.0, n=0)
    assert report.value == 0.0
    assert report.gradients["y"] == 0.0
    assert report.gradients["x"].tolist() == [0.0, 0.0]
    report = backprop("sum(sum(x[i] z[j] for j in range(0)) for i in range(0))", x=[1.0], z=[2.0])
    assert list(report.gradients) == ["x", "z"]
    with pytest.raises(GradcalcError, match="w was given a value"):
        backprop("sum(x[i] for i in range(0))", x=[1.0], w=2.0)


def test_texts_of_names_and_shapes() -> None:
    graph, nodes = graph_of(x=(3,), W=(2, 3))
    h = apply(graph, "matmul", nodes["W"], nodes["x"])
    graph.names[h] = "h"
    apply(graph, "transpose", apply(graph, "outer", h, nodes["x"]))
    assert [text for text, _ in node_pieces(graph, 100)][2:] == ["W · x", "h · xᵀ", "(h · xᵀ)ᵀ"]


def test_a_function_shows_where_it_was_called() -> None:
    program = "f(x, W) = W x\ng(u) = f(u, A) + 1\nf(v, A') + g(v)"
    with pytest.raises(GradcalcError) as caught:
        backprop(program, v=[1.0, 2.0], A=np.ones((2, 3)))
    spans = [(program[span.start : span.end], span.label) for span in caught.value.spans]
    assert spans == [
        ("W", "2×3"),
        ("x", "2 entries"),
        ("f(u, A)", "called here"),
        ("g(v)", "called here"),
    ]
