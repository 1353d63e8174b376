"""What programs of arrays mean: spellings, products, functions, loops, several outputs."""

import re
from typing import Any

import numpy as np
import pytest
from array_checks import difference, inner, rng

from gradcalc import GradcalcError, backprop, backprop_all
from gradcalc.report import Report

W = np.array([[0.1, 0.5], [-0.3, 0.8]])
X = np.array([0.2, 0.4])
A = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
U, V, Z = np.array([1.0, -2.0, 3.0]), np.array([0.5, 4.0, -1.0]), np.array([2.0, 7.0])


def symbols(program: str, operation: str, **values: Any) -> list[str]:
    """The rules of the last gate of an operation."""
    nodes = [node for node in backprop(program, **values).nodes if node.op == operation]
    return [local.symbol for local in nodes[-1].local]


def test_rules_are_written_as_a_reader_would() -> None:
    transposed = symbols("sum(Q K')", "matmul", Q=A, K=A)
    assert transposed == ["upstream · K", "Qᵀ · upstream"]
    assert symbols("Q' K", "matmul", Q=A, K=A) == ["upstream · Kᵀ", "Q · upstream"]
    # What somebody wrote stays as it is.
    assert [node.expression for node in backprop("K''", K=A).nodes] == ["K", "Kᵀ", "Kᵀᵀ"]
    scores = "upstream * (softmax(s) - one_hot(y, n=3))"
    assert symbols("cross_entropy(s, y)", "cross_entropy", s=U, y=1.0) == [scores, "0"]


@pytest.mark.parametrize("name", ["max", "min", "sum", "prod", "mean", "logsumexp", "norm"])
@pytest.mark.parametrize("axis", ["", ", axis=0", ", axis=-1"])
def test_a_number_is_reduced_to_itself(name: str, axis: str) -> None:
    report = backprop(f"y = {name}(x{axis}); 3y", x=2.5)
    assert (report.value, report.gradients["x"]) == (7.5, 3.0)


def test_a_number_has_no_axis_of_its_own() -> None:
    for call in ("softmax(x)", "log_softmax(x)", "sort(x)", "size(x, 0)", "argmax(x, axis=0)"):
        with pytest.raises(GradcalcError, match="x is a scalar and has no axes"):
            backprop(call, x=2.5)
    assert backprop("f(x) = max(x) + min(x); f(a) + f(b)", a=2.0, b=-1.0).value == 2.0


def test_a_reduced_number_is_written_as_it_is_read() -> None:
    gate = backprop("max(x)", x=2.0).nodes[-1]
    assert (gate.expression, gate.op) == ("max(x)", "amax")
    with pytest.raises(GradcalcError, match="there is no axis 1"):
        backprop("max(x, axis=1)", x=2.0)


def check(report: Report, want: Any, **values: Any) -> None:
    """The value, and every gradient against differences of values of the same program, each along
    a direction of its own."""
    np.testing.assert_allclose(report.value, want, 1e-13, 1e-13)
    text = report.evaluation.problem.source.text
    for name, gradient in report.gradients.items():
        assert np.shape(gradient) == np.shape(values[name]), name
        d = rng(3).uniform(-1, 1, np.shape(gradient))

        def along(t: float, name: str = name, d: Any = d) -> float:
            moved = {**values, name: values[name] + t * d}
            return float(np.sum(backprop(text, moved, of=report.output).value))

        slope = difference(along, 1.0)
        assert abs(inner(gradient, d) - slope.value) <= 1e-8 + 20 * slope.error, (text, name)


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("W x", W @ X),
        ("W·x", W @ X),
        ("W⋅x", W @ X),
        ("W@x", W @ X),
        ("W @ x", W @ X),
        ("Wx", W @ X),
        ("matmul(W, x)", W @ X),
        ("dot(W, x)", W @ X),
        ("W*x", W * X),
        ("W ⊙ x", W * X),
        ("W × x", W * X),
        ("W/x", W / X),
        ("W ÷ x", W / X),
        ("x' W", X @ W),
        ("xᵀ W", X @ W),
        ("x^T W", X @ W),
        ("x^⊤ W", X @ W),
        ("x’ W", X @ W),
        ("transpose(x) W", X @ W),
        ("x' W x", X @ W @ X),
        ("xᵀ·W·x", X @ W @ X),
        ("x@W@x", X @ W @ X),
        ("(W x)·x", X @ W @ X),
        ("(W x)' x", X @ W @ X),
        ("x' W' W x", (W @ X) @ (W @ X)),
        ("‖W x‖²", (W @ X) @ (W @ X)),
        ("‖W·x‖^2", (W @ X) @ (W @ X)),
        ("||W x||^2", (W @ X) @ (W @ X)),
        ("|W x|**2", (W @ X) @ (W @ X)),
        ("norm(W x)^2", (W @ X) @ (W @ X)),
        ("sum((W x)^2)", (W @ X) @ (W @ X)),
        ("sum((W@x)²)", (W @ X) @ (W @ X)),
        ("(W x)'(W x)", (W @ X) @ (W @ X)),
        ("dot(W x, W x)", (W @ X) @ (W @ X)),
        ("W W x", W @ W @ X),
        ("W W' W x", W @ W.T @ W @ X),
        ("W 2x", None),
        ("2W x", 2 * W @ X),
        ("-W x", -W @ X),
        ("W x/2", W @ X / 2),
        ("W x + x", W @ X + X),
        ("W^2 x", W**2 @ X),
        ("(W W) x", W @ W @ X),
        ("x x' W", np.outer(X, X) @ W),
        ("W' x x'", np.outer(W.T @ X, X)),
        ("x' x W", X @ X * W),
        ("W[0]·x", W[0] @ X),
        ("W[0]' x", W[0] @ X),
        ("W[0] @ x", W[0] @ X),
        ("W[:, 1] x'", np.outer(W[:, 1], X)),
        ("W[0, 1] x", W[0, 1] * X),
        ("W[1][0] x", W[1, 0] * X),
        ("x[0] W[0] + x[1] W[1]", X @ W),
        ("|x[0] W|", 0.2 * np.sqrt(np.sum(W * W))),
        ("|W|", np.sqrt(np.sum(W * W))),
        ("‖W‖", np.sqrt(np.sum(W * W))),
        ("|x|", np.sqrt(X @ X)),
        ("|x[0]|", 0.2),
        ("‖x[0]‖", 0.2),
    ],
)
def test_products_of_a_matrix_and_a_vector(program: str, want: Any) -> None:
    values = {name: value for name, value in {"W": W, "x": X}.items() if name in program}
    if want is None:  # a number is no right factor
        with pytest.raises(GradcalcError):
            backprop(program, values)
        return
    check(backprop(program, values), want, **values)


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("u' v", U @ V),
        ("u·v", U @ V),
        ("u @ v", U @ V),
        ("u' @ v", U @ V),
        ("u @ v'", U @ V),
        ("u v'", np.outer(U, V)),
        ("u·v'", np.outer(U, V)),
        ("outer(u, v)", np.outer(U, V)),
        ("u z'", np.outer(U, Z)),
        ("z u' v", Z * (U @ V)),
        ("u' v z", U @ V * Z),
        ("u' v z'", U @ V * Z),
        ("(u z') z", np.outer(U, Z) @ Z),
        ("u z' z", np.outer(U, Z) @ Z),
        ("A u", A @ U),
        ("A' z", A.T @ Z),
        ("z' A u", Z @ A @ U),
        ("A A'", A @ A.T),
        ("A' A u", A.T @ A @ U),
        ("(A u)' z", A @ U @ Z),
        ("(z' A)'", Z @ A),
        ("z' A v'", None),
        ("(-u') v", -U @ V),
        ("-u' v", -U @ V),
        ("2u' v", 2 * U @ V),
        ("(u'/2) v", U @ V / 2),
        ("(u' + v') v", (U + V) @ V),
        ("(u - v)'(u + v)", (U - V) @ (U + V)),
        ("exp(v')u", np.exp(V) @ U),
        ("u''' v", U @ V),
        ("u'' v'", np.outer(U, V)),
        ("cross(u, v)", np.cross(U, V)),
        ("u ⊙ v", U * V),
        ("u' * v", U * V),
        ("u^2·v", U**2 @ V),
        ("r = u'; r v", U @ V),
        ("r = u'; v r", np.outer(V, U)),
        ("s = u v'; s' u", np.outer(V, U) @ U),
        ("f(a, b) = a' b; f(u, v) + f(z, z)", U @ V + Z @ Z),
        ("f(a; b) = a b'; f(u, z)", np.outer(U, Z)),
    ],
)
def test_products_of_vectors(program: str, want: Any) -> None:
    values = {"A": A, "u": U, "v": V, "z": Z}
    values = {name: value for name, value in values.items() if name in program}
    if want is None:
        with pytest.raises(GradcalcError, match="which product"):
            backprop(program, values)
        return
    check(backprop(program, values), want, **values)


@pytest.mark.parametrize("product", ["u v", "v u", "A u v", "A' u", "u' v'", "u'·v'", "u v^2"])
def test_vectors_side_by_side(product: str) -> None:
    values = {name: value for name, value in {"A": A, "u": U, "v": V}.items() if name in product}
    with pytest.raises(GradcalcError) as caught:
        backprop(product, values)
    assert caught.value.code in ("ambiguous", "shape")
    if caught.value.code == "ambiguous":
        assert "element by element" in caught.value.help


def test_what_the_help_on_two_vectors_says_is_right() -> None:
    """Every product that it suggests is one, and is what it says."""
    values = {"A": A, "u": U, "v": V, "z": Z}
    for program in ("u v", "A u z", "(u + v) v", "u v^2", "u' v'", "u[:] v", "exp(u) v"):
        given = {name: value for name, value in values.items() if name in program}
        with pytest.raises(GradcalcError) as caught:
            backprop(program, given)
        help = caught.value.help.removeprefix("write ")
        shapes = {"element by element": 1, "for the inner product": 0, "for the outer product": 2}
        for part in help.split(", "):
            (kind,) = [kind for kind in shapes if part.endswith(kind)]
            for suggestion in part.removesuffix(kind).split(" or "):
                assert len(backprop(suggestion, given).shape) == shapes[kind], suggestion


def test_names() -> None:
    report = backprop("Θ·θ₁ + β", {"Θ": W, "θ₁": X, "β": [1.0, 2.0]})
    assert list(report.gradients) == ["Θ", "θ_1", "β"]
    check(report, W @ X + [1, 2], Θ=W, θ_1=X, β=np.array([1.0, 2.0]))
    report = backprop("σ(W₂ max(0, W₁ x))", {"W₂": W, "W₁": W, "x": X})
    hidden = np.maximum(0, W @ X)
    check(report, 1 / (1 + np.exp(-W @ hidden)), W_1=W, W_2=W, x=X)


def test_functions_of_different_shapes() -> None:
    """One function, called with a vector, a matrix, a scalar and a stack."""
    program = "f(v) = sum(v^2)/2; f(a) + f(b) + f(c) + f(d)"
    values: dict[str, Any] = {"a": 3.0, "b": U, "c": A, "d": np.stack([A, 2 * A])}
    report = backprop(program, values)
    assert report.value == pytest.approx(sum(np.sum(np.square(x)) for x in values.values()) / 2)
    for name, value in values.items():
        np.testing.assert_array_equal(report.gradients[name], value)


def test_functions_in_functions() -> None:
    program = """
        layer(x, W, b) = max(0, W x + b)
        net(x) = layer(layer(x, W1, b1), W2, b2)
        loss(p, y) = sum((p - y)^2)
        E = loss(net(x), y)
    """
    values = {
        "x": X,
        "W1": A.T,
        "b1": V,
        "W2": A,
        "b2": Z,
        "y": np.array([1.0, -1.0]),
    }
    hidden = np.maximum(0, A.T @ X + V)
    want = np.sum((np.maximum(0, A @ hidden + Z) - values["y"]) ** 2)
    check(backprop(program, values), want, **values)


def test_keyword_arguments_of_functions() -> None:
    program = "layer(x, W, b) = W x + b; layer(W=W, x=x, b=1)"
    check(backprop(program, W=W, x=X), W @ X + 1, W=W, x=X)


def test_the_last_function_is_the_output() -> None:
    report = backprop("f(x; W) = ‖W·x‖²", W=W, x=X)
    assert report.output == "f"
    assert list(report.gradients) == ["x", "W"]
    assert report.shape == ()


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("sum(u[i]^2 for i in range(3))", U @ U),
        ("sum(u[i]*v[i] for i in range(3))", U @ V),
        ("sum(u[i] v[j] for i in range(3) for j in range(3))", np.sum(U) * np.sum(V)),
        ("sum(A[i, j] z[i] u[j] for i in range(2) for j in range(3))", Z @ A @ U),
        ("sum(sum(u[i] for i in range(j)) for j in range(4))", 3 * U[0] + 2 * U[1] + U[2]),
        ("sum(u[i] for i in range(0))", 0.0),
        ("sum(u[i] for i in range(1, 3))", U[1] + U[2]),
        ("sum(u[i] for i in range(2, -1, -2))", U[2] + U[0]),
        ("sum(A[i] for i in range(2))", A.sum(0)),
        ("sum(z[i] A[i] for i in range(2))", Z @ A),
        ("[u[i]^2 for i in range(3)]", U**2),
        ("[u[2 - i] for i in range(3)]", U[::-1]),
        ("[[A[j, i] for j in range(2)] for i in range(3)]", A.T),
        ("[u' v for i in range(2)]", [U @ V] * 2),
        ("prod(u[i] for i in range(3))", np.prod(U)),
        ("mean(u[i] for i in range(3))", np.mean(U)),
        ("max(u[i] for i in range(3))", 3.0),
        ("norm(u[i] for i in range(3))", np.sqrt(U @ U)),
        ("sum((u[i] > 0)*u[i] for i in range(3))", 4.0),
        ("sum(u[i:i+2]' z for i in range(2))", U[:2] @ Z + U[1:] @ Z),
        ("sum([i u[i] for i in range(3)])", U @ [0, 1, 2]),
        ("f(x, n) = sum(x[i] for i in range(n)); f(u, 2) + f(v, 3)", U[0] + U[1] + V.sum()),
        ("n = 2; sum(u[i] for i in range(n))", U[0] + U[1]),
        ("n = 2; m = n + 1; sum(u[i] for i in range(m))", U.sum()),
        ("i = 5; i + sum(u[i] for i in range(3))", 5 + U.sum()),
    ],
)
def test_loops(program: str, want: Any) -> None:
    values = {"A": A, "u": U, "v": V, "z": Z}
    values = {name: value for name, value in values.items() if name in program.replace("sum", "")}
    report = backprop(program, values)
    gradients = {name: value for name, value in report.gradients.items() if name in values}
    report.gradients = gradients
    check(report, want, **values)


def test_a_range_by_a_given_number() -> None:
    for n in range(4):
        report = backprop("sum(u[i] for i in range(n))", u=U, n=n)
        assert report.value == pytest.approx(U[:n].sum())
        np.testing.assert_array_equal(report.gradients["u"], np.arange(3) < n)
        assert report.gradients["n"] == 0.0


@pytest.mark.parametrize("text", ["range(2.5)", "range(u)", "range(1, 4, 0)", "range(inf)"])
def test_a_range_that_is_none(text: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop(f"sum(u[i] for i in {text})", u=U)
    assert caught.value.code == "bad-value"


def test_repeated_indices_add_up() -> None:
    report = backprop("x[i]", x=U, i=[0, 2, 2, 0, 2], upstream=[1, 2, 4, 8, 16])
    np.testing.assert_array_equal(report.gradients["x"], [9, 0, 22])
    np.testing.assert_array_equal(report.gradients["i"], np.zeros(5))
    report = backprop("A[i, j]", A=A, i=[1, 1, 0], j=[2, 2, 0], upstream=[1, 2, 4])
    np.testing.assert_array_equal(report.gradients["A"], [[4, 0, 0], [0, 0, 3]])
    # An embedding: rows of a table, some of them more than once.
    report = backprop("sum(E[words]^2)/2", E=A, words=[1, 0, 1])
    np.testing.assert_array_equal(report.gradients["E"], A * [[1], [2]])


def test_lists_of_unequal_lengths() -> None:
    for program in ("concat([a, b])", "concat(a, b)", "concatenate([a, b])", "cat([a, b], axis=0)"):
        report = backprop(program, a=[1.0, 2.0], b=[3.0], upstream=[1, 2, 4])
        np.testing.assert_array_equal(report.value, [1, 2, 3])
        np.testing.assert_array_equal(report.gradients["a"], [1, 2])
        np.testing.assert_array_equal(report.gradients["b"], [4])
    with pytest.raises(GradcalcError) as caught:
        backprop("sum([a, b])", a=[1.0, 2.0], b=[3.0])
    assert caught.value.code == "ragged"


def test_constants_of_the_program_are_overridden_by_others_of_another_shape() -> None:
    program = "x = [1, 2]; W = ones(3, 2); sum(W x)"
    assert backprop(program).value == 9.0
    report = backprop(program, x=[1.0, 2.0, 3.0], W=[[1.0, 1.0, 2.0]])
    assert report.value == 9.0
    np.testing.assert_array_equal(report.gradients["x"], [1, 1, 2])
    report = backprop(program, x=2.0, W=5.0)
    assert (report.value, report.gradients) == (10.0, {"x": 5.0, "W": 2.0})
    with pytest.raises(GradcalcError, match="W is 3×2 and x has 3 entries"):
        backprop(program, x=[1.0, 2.0, 3.0])
    report = backprop("n = 2; x = arange(n); sum(x)", n=3)
    assert (report.value, report.gradients) == (3.0, {"n": 0.0})


def test_several_outputs_of_arrays() -> None:
    program = "h = max(0, W x); sum(h); h; W[0]; y = h' h; y/2"
    reports = backprop_all(program, W=W, x=X)
    assert [report.shape for report in reports] == [(), (2,), (2,), ()]
    assert [report.output for report in reports] == [None] * 4
    outputs = ("sum(h)", "h", "W[0]", "h' h/2")
    for report, output in zip(reports, outputs, strict=True):
        one = backprop(f"h = max(0, W x); 0*sum(x) + {output}", W=W, x=X)
        np.testing.assert_array_equal(report.value, one.value)
        for name in ("W", "x"):
            np.testing.assert_allclose(report.gradients[name], one.gradients[name], 1e-15)
    assert reports[2].gradients["x"].tolist() == [0, 0]
    # The memory of one report is none of another's.
    reports[0].gradients["W"][:] = 7.0
    assert not np.any(reports[1].gradients["W"] == 7.0)


def test_of_and_wrt() -> None:
    program = "h = W x; g = tanh(h); E = sum(g^2)"
    whole = backprop(program, W=W, x=X)
    for name in ("W", "x", "h", "g", "E"):
        report = backprop(program, W=W, x=X, wrt=[name])
        assert list(report.gradients) == [name]
        np.testing.assert_array_equal(report.gradients[name], whole.gradient(name))
    assert backprop(program, W=W, x=X, of="h").shape == (2,)
    report = backprop(program, W=W, x=X, of="h", wrt=["g", "x"])
    np.testing.assert_array_equal(report.gradients["g"], [0, 0])
    np.testing.assert_allclose(report.gradients["x"], W.sum(0))


PRUNED = """
    h1 = tanh(W1 x + b1)
    h2 = max(0, W2 h1 + b2) + h1[0]
    p = softmax(W3 concat(h2, h1))
    loss = -log(p[1]) + 0.1 (sum(W1^2) + sum(W3^2)) + norm(h2) max(h1)
"""


def test_wrt_gives_what_all_gradients_are() -> None:
    """Whatever subset is asked for, and in the report's nodes, all are the same to the last bit."""
    values = {
        "W1": rng(1).normal(size=(3, 2)),
        "W2": rng(2).normal(size=(4, 3)),
        "W3": rng(3).normal(size=(3, 7)),
        "b1": rng(4).normal(size=3),
        "b2": rng(5).normal(size=4),
        "x": X,
    }
    whole = backprop(PRUNED, values)
    upstream = {node.name: node.upstream for node in whole.nodes if node.name}
    for name, gradient in whole.gradients.items():
        np.testing.assert_array_equal(upstream[name], gradient)
    names = [*values, "h1", "h2", "p"]
    for mask in range(1, 2 ** len(names)):
        wrt = [name for k, name in enumerate(names) if mask >> k & 1]
        if len(wrt) not in (1, 2, 8):
            continue
        report = backprop(PRUNED, values, wrt=wrt)
        assert list(report.gradients) == wrt
        for name in wrt:
            np.testing.assert_array_equal(report.gradients[name], upstream[name])
        again = {node.name: node.upstream for node in report.nodes if node.name}
        for name, gradient in upstream.items():
            np.testing.assert_array_equal(again[name], gradient)


def test_upstream_arrays() -> None:
    u = rng(1).normal(size=(2, 3))
    report = backprop("A*2", A=A, upstream=u)
    np.testing.assert_array_equal(report.gradients["A"], 2 * u)
    assert report.notes == ()
    for same in (u.tolist(), u.astype(np.float32).astype(float), np.asfortranarray(u), u[::1]):
        got = backprop("A*2", A=A, upstream=same).gradients["A"]
        np.testing.assert_allclose(got, 2 * u, 1e-6)
    np.testing.assert_array_equal(
        backprop("A", A=A, upstream=-3).gradients["A"], np.full((2, 3), -3)
    )
    assert backprop("sum(A)", A=A, upstream=2).gradients["A"][0, 0] == 2.0
    for wrong in ([1.0], [1.0, 2.0, 3.0], np.ones((3, 2))):
        with pytest.raises(GradcalcError) as caught:
            backprop("A", A=A, upstream=wrong)
        assert caught.value.code == "shape"
    zero = backprop("tanh(A)", A=A, upstream=np.zeros((2, 3)))
    np.testing.assert_array_equal(zero.gradients["A"], np.zeros((2, 3)))


def test_a_sum_note_where_the_output_is_no_scalar() -> None:
    notes = backprop("W x", W=W, x=X).notes
    assert [note.kind for note in notes] == ["sum"]
    assert backprop("W x", W=W, x=X, upstream=1.0).notes == ()
    assert backprop("x' W x", W=W, x=X).notes == ()


def test_the_inverse_of_a_matrix_is_asked_for_by_name() -> None:
    """A^-1 is element by element, as every power; of a square matrix a note says so."""
    for program in ("M^-1", "M⁻¹", "M**-1"):
        report = backprop(program, M=W)
        np.testing.assert_allclose(report.value, 1 / W)
        assert [note.kind for note in report.notes] == ["power", "sum"]
        assert "the inverse is inv(M)" in report.notes[0].message
    for program, value in (("M^-1", A), ("M^2", W), ("M^-1", X), ("1/M", W)):
        assert [note.kind for note in backprop(program, M=value).notes] == ["sum"]


def given(program: str, **values: Any) -> dict[str, Any]:
    """Those of the values whose one letter stands in a program."""
    return {
        name: values[name] for name in values if re.search(rf"(?<![a-z]){name}(?![a-z])", program)
    }


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("sum((M^T x)^2)/T", np.sum((W.T @ X) ** 2) / 2),
        ("x^T M x", X @ W @ X),
        ("x^T x", X @ X),
        ("x^T^2", X**2),
        ("x^T²", X**2),
        ("M^T[0]", W.T[0]),
        ("M^T^T", W),
        ("2 q x^T", 6 * X),
        ("x^T(M x)", X @ W @ X),
        ("f(M, T) = M^T; f(M, T)", W.T),
        (r"\frac1T \sum_{t=1}^T \|M^T M_t\|^2", np.sum((W @ W) ** 2) / 2),
        (r"\sum_{T=1}^{T} M^T", 2 * W.T),
        (r"{M^T}^2 \,", W.T**2),
        (r"M^{-1} M^{T}", np.linalg.inv(W) @ W.T),
        (r"\begin{bmatrix} q & 1 \end{bmatrix}^T", [3.0, 1.0]),
    ],
)
def test_an_array_is_transposed_though_t_has_a_value(program: str, want: Any) -> None:
    """The base decides; a note says so."""
    report = backprop(program, **given(program, T=2.0, M=W, x=X, q=3.0))
    np.testing.assert_allclose(report.value, want)
    assert "transpose" in [note.kind for note in report.notes]


def test_an_array_is_transposed_by_an_array_t() -> None:
    report = backprop("sum(M^T T)", M=W, T=A[:, :2])
    np.testing.assert_allclose(report.value, np.sum(W.T @ A[:, :2]))
    assert report.notes[0].message == (
        "M^T is read as the transpose, though T has a value"
        "; write M' for the transpose, M^(T) for the power"
    )
    power = backprop("M^(T)", M=W, T=W)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(power.value, W**W)


@pytest.mark.parametrize(
    ("program", "want"),
    [
        ("q^T", 9),
        ("q^T^2", 81),
        ("q^T²", 81),
        ("q^T^T", 81),
        ("(q^T)^T^0", 9),
        ("2^T q", 12),
        ("e^T^2", np.exp(4)),
        ("2^q^T", 512),
        ("q^T(q + 1)", 36),
        ("f = q^T = 9", 9),
        ("f(q, T) = q^T; f(2, 3)*q/q + T - T", 8),
        (r"\frac{q^T}{2^{T}}", 2.25),
        (r"{q^T}^2 \,", 81),
        (r"\sum_{T=1}^{T} q^T", 12),
    ],
)
def test_of_a_number_it_is_a_power(program: str, want: float) -> None:
    report = backprop(program, **given(program, T=2.0, q=3.0))
    np.testing.assert_allclose(report.value, want)
    assert "transpose" not in [note.kind for note in report.notes]


def test_a_transposed_inverse_is_no_power() -> None:
    """M^-T is one where T has a value, as every power with a sign; a note says so."""
    report = backprop("M^-T", M=np.abs(W), T=2)
    np.testing.assert_allclose(report.value, np.abs(W) ** -2.0)
    assert report.notes[0].message.endswith("the inverse, transposed, is inv(M)'")


def test_the_exponent_may_be_an_array() -> None:
    assert backprop("M^[[2, 1], [0, 3]]", M=W).value.tolist() == (W ** [[2, 1], [0, 3]]).tolist()
    assert backprop("(u + 1)^[1, 2, 3]", u=U).value.tolist() == [2, 1, 64]
