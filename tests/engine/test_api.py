"""The Python API: what ``import gradcalc`` offers."""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc import GradcalcError, Report, backprop, backprop_all
from gradcalc.cli.main import run


@pytest.fixture
def report() -> Report:
    return backprop("(x+y)*z", x=-2, y=5, z=-4)


def test_backprop(report: Report) -> None:
    assert report.value == -12.0
    assert report.gradients == {"x": -4.0, "y": -4.0, "z": 3.0}
    assert report.inputs == {"x": -2.0, "y": 5.0, "z": -4.0}
    assert (report.output, report.expression, report.shape) == (None, "(x + y) * z", ())
    assert report.problem == 1
    assert report.notes == ()
    assert repr(report) == "Report(value=-12.0, gradients={'x': -4.0, 'y': -4.0, 'z': 3.0})"


def test_node(report: Report) -> None:
    node = report.nodes[2]
    assert node.id == 2
    assert node.name is None
    assert node.expression == "x + y"
    assert node.op == "add"
    assert node.operands == (0, 1)
    assert node.shape == ()
    assert node.value == 3.0
    assert node.upstream == -4.0
    assert node.pattern == "distributor"
    assert [tuple(local) for local in node.local] == [(0, "1", 1.0), (1, "1", 1.0)]
    local = report.nodes[4].local[0]
    assert (local.operand, local.symbol, local.value) == (2, "z", -4.0)


def test_nodes_are_a_sequence(report: Report) -> None:
    nodes = report.nodes
    assert isinstance(nodes, Sequence)
    assert len(nodes) == 5
    assert [node.id for node in nodes] == [0, 1, 2, 3, 4]
    assert [node.name for node in nodes[:2]] == ["x", "y"]
    assert [node.id for node in nodes[::-2]] == [4, 2, 0]
    assert nodes[-1] == nodes[4]
    assert nodes[2] in nodes
    assert nodes[7:] == []
    for beyond in (5, -6):
        with pytest.raises(IndexError):
            nodes[beyond]


def test_nodes_are_made_when_asked_for() -> None:
    """Each access makes its node anew; a thousand others are never made."""
    nodes = backprop("+".join(["x"] * 1000), x=1).nodes
    assert nodes[500] == nodes[500]
    assert nodes[500] is not nodes[500]
    assert next(iter(nodes)).name == "x"


def test_values_by_mapping_and_by_keyword() -> None:
    assert backprop("of * x", {"of": 3}, x=2).gradients == {"of": 2.0, "x": 3.0}
    assert backprop("x₁ + α", {"x₁": 3, "α": 1}).value == 4.0
    assert backprop("lambda_ * x", {"lambda_": 2}, x=5).value == 10.0
    assert backprop("x", {"x": 1}, x=2).value == 2.0
    assert backprop("3").value == 3.0


def test_values_of_other_number_types() -> None:
    from decimal import Decimal
    from fractions import Fraction

    for half in (0.5, Decimal("0.5"), Fraction(1, 2), "0.5"):
        value: Any = half
        assert backprop("2x", x=value).value == 1.0
    assert backprop("2x", x=True).value == 2.0


def test_arguments() -> None:
    program = "q = x*y; f = q^2 + x"
    assert backprop(program, x=2, y=3, wrt=["q", "x"]).gradients == {"q": 12.0, "x": 37.0}
    assert backprop(program, x=2, y=3, wrt="y").gradients == {"y": 24.0}
    assert backprop(program, x=2, y=3, of="q").gradients == {"x": 3.0, "y": 2.0}
    assert backprop(program, x=2, y=3, upstream=-2).gradients == {"x": -74.0, "y": -48.0}
    assert backprop(program, x=2, y=3, dtype="float32").value == 38.0
    assert backprop("values + x", {"values": 1, "x": 2}).value == 3.0


def test_several_outputs() -> None:
    reports = backprop_all("x^2; q = 3x; q + 1", x=2)
    assert [r.value for r in reports] == [4.0, 7.0]
    assert [r.gradients["x"] for r in reports] == [4.0, 3.0]
    assert backprop("x^2; q = 3x; q + 1", x=2).value == 7.0
    assert [r.output for r in backprop_all("q = 3x; f = q^2", x=2)] == ["f"]
    problems = backprop_all("x^2\n---\ny = 3x\n", x=2)
    assert [(r.problem, r.output, r.value) for r in problems] == [(1, None, 4.0), (2, "y", 6.0)]


@pytest.mark.parametrize(
    "program",
    [
        "(x+y)*z",
        "relu(x - x); xz",
        "q = x/y\nf = log(q - q) + z y",
        "2(xy + max(z, x))\n---\nx y z",
    ],
)
def test_to_json_is_what_the_command_writes(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {name: float(n) for n, name in enumerate("xyz", start=2) if name in program}
    options = [f"--{name}={value}" for name, value in values.items()]
    assert run([program, *options, "--format", "json", "--quiet"]) == 0
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report.to_json() for report in backprop_all(program, values)] == written


def test_to_json_is_plain_data(report: Report) -> None:
    whole = report.to_json()
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert backprop("log(x)", x=0).to_json()["value"] == "-Infinity"


def fails(program: str, *arguments: Any, **inputs: Any) -> GradcalcError:
    with pytest.raises(GradcalcError) as caught:
        backprop(program, *arguments, **inputs)
    return caught.value


def test_names_from_an_iterator() -> None:
    assert backprop("x^2*y", x=1, y=2, wrt=iter("xy")).gradients == {"x": 4.0, "y": 1.0}


@pytest.mark.parametrize(
    "arguments",
    [{"wrt": 5}, {"wrt": [1]}, {"of": 5}, {"values": {5: 1}}, {"values": 5}, {"values": ["x"]}],
)
def test_arguments_of_another_type(arguments: dict[str, Any]) -> None:
    value = next(iter(arguments.values()))
    error = fails("x^2", **{"values": {"x": 3}, **arguments})
    assert str(next(iter(value)) if isinstance(value, list | dict) else value) in error.message


def test_errors() -> None:
    error = fails("(x+y)*z", x=-2)
    assert error.code == "missing-value"
    assert error.message == "no value for y and z"
    assert [(span.start, span.end) for span in error.spans] == [(3, 4), (6, 7)]
    assert str(error).splitlines() == [
        "error[missing-value]: no value for y and z",
        " --> program, line 1, column 4",
        "  |",
        "1 | (x+y)*z",
        "  |    ^ y has no value",
        "  |       ^ z has no value",
        "help: add y=..., z=...",
    ]


@pytest.mark.parametrize(
    ("program", "inputs", "help"),
    [
        ("set*of*None_", {"None_": 1}, 'add set=..., values={"of": ...}'),
        ("w x", {"w": 1, "y": 2}, "its inputs are w and x"),
        ("x", {"y": 2, "x": 1}, "its input is x"),
        ("alpha*x", {"alpah": 1, "alpha": 1, "x": 2}, "did you mean alpha?"),
        ("wx", {"w": 1}, "add wx=...\nfor the product w*x add x=..."),
        ("exp*x", {"x": 1}, "write exp(...); for a variable exp add exp=..."),
        ("q = x", {"x": 1, "q": 2}, "leave out q, or the definition"),
        (
            " + ".join(f"x_{i}" for i in range(30)),
            {},
            'give them in values, a dictionary such as {"x_0": -2, "x_1": 5, ...}',
        ),
    ],
)
def test_values_are_given_by_name(program: str, inputs: dict[str, Any], help: str) -> None:
    assert fails(program, **inputs).help == help


def test_an_array_of_a_formula_is_given_by_name() -> None:
    with pytest.raises(GradcalcError, match=r"as in x=numpy\.zeros\(\(3, 2\)\)"):
        gradcalc.symbolic("sum(x, axis=1)")
    with pytest.raises(GradcalcError, match=r"help: add n=\.\.\."):
        gradcalc.symbolic("zeros(n)*x")


@pytest.mark.parametrize(
    ("program", "inputs", "code"),
    [
        ("x +", {"x": 1}, "syntax"),
        ("(x", {"x": 1}, "unclosed"),
        ("", {}, "empty-program"),
        ("x", {"x": 1, "y": 2}, "unused-option"),
        ("x", {"x": "one"}, "bad-value"),
        ("x", {"x": [[1], [1, 2]]}, "bad-value"),
        ("x", {"x": [1j]}, "bad-value"),
        ("x", {"x": None}, "bad-value"),
        ("x", {"x": 1, "wrt": ["y"]}, "unknown-name"),
        ("x", {"x": 1, "of": "y"}, "unknown-name"),
        ("x", {"x": 1, "dtype": "float16"}, "usage"),
        ("x", {"x": 1, "upstream": "one"}, "bad-value"),
        ("x", {"x": 1, "seed": "one"}, "bad-value"),
        ("x", {"x": 1, "seed": 1.5}, "bad-value"),
        ("q = x; q = x", {"x": 1}, "redefinition"),
        ("p = q; q = x", {"x": 1}, "used-before-definition"),
        ("sin(x, x)", {"x": 1}, "arity"),
        ("sgimoid(x)", {"x": 1}, "unknown-function"),
        ("sin + x", {"x": 1}, "function-as-value"),
        ("[x, [x]]", {"x": 1}, "ragged"),
    ],
)
def test_error_codes(program: str, inputs: dict[str, Any], code: str) -> None:
    error = fails(program, **inputs)
    assert error.code == code
    assert error.message in str(error)
    assert str(error).startswith(f"error[{code}]: ")
    assert all(0 <= span.start <= span.end <= len(program) for span in error.spans)


def test_values_that_are_nested_too_deeply() -> None:
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    endless: list[Any] = []
    endless.append(endless)
    for value in (deep, endless):
        assert fails("x", x=value).message == "the value of x is no array: it is nested too deeply"


class Recorded:
    """Refuses to be an array, as a tensor of PyTorch that records gradients does."""

    shape = (3,)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("use detach() first")


class Tensor(Recorded):
    def detach(self) -> list[float]:
        return [1, 2, 4]


def test_what_does_not_give_its_numbers() -> None:
    assert "use detach() first" in fails("sum(x)", x=Recorded()).message


def test_a_tensor_that_records_gradients() -> None:
    found = backprop("sum(a x)", a=2, x=Tensor(), upstream=Tensor.detach(Tensor())[1])
    assert (found.value, list(found.gradients["x"])) == (14, [4, 4, 4])


def test_a_big_array_that_is_changed_in_place() -> None:
    """It is not copied, and so the report cannot answer any more."""
    weights, upstream = np.ones((200, 100)), np.ones((200, 100))
    report = backprop("sin(W)^2", W=weights, upstream=upstream)
    again = backprop("sin(W)^2", W=weights, upstream=upstream)
    nodes, gradient = report.nodes, report.gradients["W"].copy()
    assert len(nodes) == 4
    weights -= 0.5 * report.gradients["W"]
    for ask in (
        lambda: report.inputs,
        lambda: report.nodes,
        lambda: report.notes,
        lambda: report.gradient("W"),
        lambda: report.to_json(),
        lambda: gradcalc.hvp(report, {"W": 1}),
        lambda: gradcalc.verify(report),
        lambda: gradcalc.explain(report),
    ):
        with pytest.raises(GradcalcError, match="W was changed in place") as caught:
            ask()
        assert caught.value.code == "changed-value"
    np.testing.assert_array_equal(report.gradients["W"], gradient)
    weights[...] = 1
    assert gradcalc.verify(again).verdict == "agrees"
    upstream[:, ::2] = 2
    with pytest.raises(GradcalcError, match="upstream was changed in place"):
        gradcalc.verify(again)


@pytest.mark.parametrize(
    "program", ["A", "A'", "flatten(A)", "A[:, 1:]", "B = A; B", "f(x) = x; f(A)", "A[0, 0]", "2A"]
)
def test_the_value_stays_when_the_input_is_changed(program: str) -> None:
    array = np.ones((200, 100))
    report = backprop(program, A=array)
    value = np.array(report.value)
    array += 1
    np.testing.assert_array_equal(report.value, value)
    np.testing.assert_array_equal(np.unique(report.gradients["A"])[-1], 2 if program == "2A" else 1)


@pytest.mark.parametrize("columns", [*range(2, 30), 64, 100, 512, 1000])
def test_a_change_of_all_columns_but_one_is_noticed(columns: int) -> None:
    """As of the weights of all units but one, or of data with a column of ones."""
    for rows in range(10_000 // columns + 1, 10_000 // columns + 40):
        for column in (0, columns // 2, columns - 1):
            x = np.ones((rows, columns))
            report = backprop("sum(x)", x=x)
            x[:, :column] = 2
            x[:, column + 1 :] = 2
            with pytest.raises(GradcalcError, match="x was changed"):
                _ = report.notes


def test_a_small_array_is_copied() -> None:
    weights = np.ones((100, 100))
    report = backprop("sum(sin(W)^2)", W=weights)
    weights -= 0.5
    assert gradcalc.verify(report).verdict == "agrees"
    np.testing.assert_array_equal(report.inputs["W"], np.ones((100, 100)))


class Held:
    """Gives the very array that it has, and knows no ``copy``, as NumPy's older guests do."""

    def __init__(self, held: Any) -> None:
        self.held, self.shape = held, held.shape

    def __array__(self, dtype: Any = None) -> Any:
        return self.held


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [Held, np.ma.asarray, memoryview])
def test_what_has_an_array_is_copied_without_a_warning(kind: Callable[[Any], Any]) -> None:
    held = np.ones((2, 3))
    report = backprop("sum(x)", x=kind(held))
    held[0, 0] = 7
    assert report.nodes[0].value.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_a_copy_has_the_order_of_what_was_given() -> None:
    value = backprop("sum(x)", x=Held(np.ones((2, 3), order="F"))).nodes[0].value
    assert value.flags.f_contiguous


@pytest.mark.filterwarnings("error")
def test_a_longer_float_that_is_too_large_is_an_infinity() -> None:
    value = np.array([np.longdouble("1e308") * 100])
    report = backprop("sum(x)", x=value)
    assert report.value == np.inf
    assert [note.kind for note in report.notes] == ["non-finite"]


PICKLED = [
    ("q = x*y; f = relu(q)^2 + 1/x", {"x": 2.0, "y": 0.0}),
    ("sum(softmax(W x)^2) + logdet(W) + max(x)", {"W": [[1, 2], [3, 14]], "x": [2, 2]}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("program", "values"), PICKLED)
def test_a_report_can_be_sent(program: str, values: dict[str, Any], dtype: str) -> None:
    report = backprop(program, values, dtype=dtype)
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    sent = [pickle.loads(pickle.dumps(report, protocol)) for protocol in protocols]
    for again in (*sent, deepcopy(report)):
        assert again.to_json() == report.to_json()
        assert again.notes == report.notes
        (found,) = gradcalc.jvp(again, {"x": values["x"]})
        np.testing.assert_array_equal(
            found.value, gradcalc.jvp(report, {"x": values["x"]})[0].value
        )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_can_be_sent(protocol: int) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop("2(x", x=1)
    again = pickle.loads(pickle.dumps(caught.value, protocol))
    assert str(again) == str(caught.value)


@pytest.mark.parametrize(("program", "values"), PICKLED)
def test_a_report_arrives_in_a_new_process(program: str, values: dict[str, Any]) -> None:
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).to_json())"
    report = backprop(program, values)
    ended = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(report), capture_output=True, check=False
    )
    assert (ended.stderr, ended.stdout.decode().strip()) == (b"", str(report.to_json()))


@pytest.mark.parametrize("product", [gradcalc.jvp, gradcalc.hvp])
def test_directions_are_by_name(product: Callable[..., Any]) -> None:
    report = gradcalc.backprop("x^2", x=2)
    with pytest.raises(GradcalcError, match="directions are by name"):
        product(report, [1.0])


def test_an_error_of_a_deep_program_is_short() -> None:
    assert len(str(fails("(" * 10_000 + "x", x=1))) < 1000


def test_public_names() -> None:
    assert sorted(gradcalc.__all__) == gradcalc.__all__ == dir(gradcalc)
    for name in gradcalc.__all__:
        assert getattr(gradcalc, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        gradcalc.nonsense  # noqa: B018
    assert (files("gradcalc") / "py.typed").is_file()
    assert issubclass(GradcalcError, Exception)


@pytest.mark.parametrize("name", ["verify", "explain", "jacobian", "hessian", "jvp", "hvp"])
def test_a_program_where_a_report_should_be(name: str) -> None:
    more = [{"x": 1.0}] if name in ("jvp", "hvp") else []
    with pytest.raises(GradcalcError) as caught:
        getattr(gradcalc, name)("x^2", *more)
    assert caught.value.code == "bad-value"
    assert caught.value.message == f"{name} takes a report, and here is 'x^2'"
    assert caught.value.help == f"as in {name}(backprop(program, ...))"


def test_a_program_that_is_no_text() -> None:
    for function in (gradcalc.backprop, gradcalc.symbolic):
        with pytest.raises(GradcalcError, match="a program is a text, not 3"):
            function(3)  # type: ignore[arg-type]
    with pytest.raises(GradcalcError, match="a program is a text, not 3"):
        gradcalc.check(3, "dx = 1")  # type: ignore[arg-type]


def test_names_and_answers_that_are_no_text() -> None:
    report = backprop("sum(x^2)", x=[1.0, 2.0])
    for function in (gradcalc.jvp, gradcalc.hvp, gradcalc.explain):
        with pytest.raises(GradcalcError, match="a name is a text, and here is 1"):
            function(report, 1 if function is gradcalc.explain else {1: 1.0})  # type: ignore
    for answers in (None, [1], 5):
        with pytest.raises(GradcalcError, match="answers are a text, or numbers by name, and here"):
            gradcalc.check("x^2", answers, x=1)  # type: ignore[arg-type]
    with pytest.raises(GradcalcError, match="a name is a text, and here is 1"):
        gradcalc.check("x^2", {1: 2}, x=1)  # type: ignore[dict-item]


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("float32"), "float32"])
def test_types_of_numpy(dtype: Any) -> None:
    assert backprop("x / 3", x=1.0, dtype=dtype).value == float(np.float32(1) / np.float32(3))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"12", "the value of x is no number: b'12'"),
        (10**400, "the value of x is beyond the range of a float"),
        ("pi/4", "the value of x is no number: 'pi/4'"),
    ],
)
def test_values_that_are_no_numbers(value: Any, message: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop("x", x=value)
    assert caught.value.message == message


def test_the_pattern_of_leaves() -> None:
    nodes = backprop("x*pi + sin(x) + pi", x=3.0).nodes
    found = {n.name or n.expression: n.pattern for n in nodes if not n.operands}
    assert found == {"x": "adder", "pi": None}
