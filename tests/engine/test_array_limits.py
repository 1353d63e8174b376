"""Large and deep programs of arrays: time linear in their size, and what cannot be is refused
before any of it is there."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.engine import derivatives
from gradcalc.graph import sizes
from gradcalc.services.derivatives import hessian, jacobian

DEEP = 100_000
LESS = 20_000
#: Deep enough for what makes several nodes of each.
DEEP_GRAPH = 10_000

MILLION = np.zeros(10**6)
IMAGE = np.ones((1, 1, 3, 3))

TOO_LARGE: list[tuple[str, dict[str, Any]]] = [
    ("zeros(1000000, 1000000)", {}),
    ("x = zeros(1000000, 1000000); sum(x)", {}),
    ("x = randn(10^5, 10^6); sum(x)", {}),
    ("ones(10^20)", {}),
    ("ones(1e300)", {}),
    ("eye(10^6)", {}),
    # The windows, as columns of a matrix, are 1,600 times as big as the image.
    ("x = ones(3000, 3000); k = ones(40, 40); conv2d(x, k)", {}),
    ("x = ones(3000, 3000); max_pool(x, 60, stride=1)", {}),
    ("arange(10^15)", {}),
    ("arange(0, 1, 1e-300)", {}),
    ("linspace(0, 1, 10^15)", {}),
    ("one_hot(y, 10^9)", {"y": [0.0, 1.0, 2.0, 3.0]}),
    ("one_hot(y, n=10^18)", {"y": 1.0}),
    ("outer(x, x)", {"x": MILLION}),
    ("x x'", {"x": MILLION}),
    ("sum(x[:, 0] + x)", {"x": MILLION.reshape(-1, 1)}),
    ("reshape(x, 1000000, 1)*x", {"x": MILLION}),
    ("broadcast_to(x, 10^6, 10^6)", {"x": 1.0}),
    ("put_along(x, i, axis=0, size=10^12)", {"x": [1.0], "i": [0.0]}),
    ("unfold(x, kernel=100)", {"x": np.zeros((1, 3000, 3000))}),
    ("diag(x)", {"x": MILLION}),
    ("conv2d(x, k, stride=10^9, padding=10^9)", {"x": IMAGE, "k": IMAGE}),
    ("conv1d(x, k, stride=10^12, padding=10^12)", {"x": [1.0, 2.0], "k": [1.0]}),
    ("max_pool(x, 10^9, stride=10^9, padding=5*10^8)", {"x": IMAGE}),
    ("conv2d(x, k, padding=10^18)", {"x": np.zeros((0, 1, 3, 3)), "k": IMAGE}),
    ("zeros(0, 1e19)", {}),
    ("zeros(0, 10^10, 10^10)", {}),
    ("broadcast_to(x, 0, 1e300)", {"x": 1.0}),
    ("reshape(x, 10^10, 0, 10^10)", {"x": np.zeros(0)}),
    ("one_hot(y, 2^62)", {"y": np.zeros(0)}),
    ("zeros(1e18, 1e18) + x", {"x": 1.0}),
    ("sum(1 for i in range(10^9))", {}),
    ("sum(1 for i in range(1e19))", {}),
    ("sum(x for i in range(-1e300, 1e300))", {"x": 1.0}),
    ("sum(x for i in range(10^4) for j in range(10^4))", {"x": 1.0}),
    ("sum([x*i for i in range(10^12)])", {"x": 1.0}),
    (
        "g0(x) = x + x\n"
        + "\n".join(f"g{i}(x) = g{i - 1}(x) + g{i - 1}(x)" for i in range(1, 40))
        + "\nsum(g39(x))",
        {"x": [1.0]},
    ),
]


@pytest.mark.parametrize(("program", "values"), TOO_LARGE, ids=[p for p, _ in TOO_LARGE])
def test_what_does_not_fit_is_refused_at_once(program: str, values: dict[str, Any]) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop(program, values)
    assert caught.value.code in ("too-large", "shape")
    assert caught.value.spans
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("x[:1e300]", [1, 2, 3]),
        ("x[1e300::-1]", [3, 2, 1]),
        ("x[1e300:-1e300:-1]", [3, 2, 1]),
        ("x[-1e300::1e300]", [1]),
        ("x[::-1e300]", [3]),
        ("x[-1e300:0:-1]", []),
    ],
)
def test_bounds_of_slices_may_be_anywhere(program: str, value: list[float]) -> None:
    report = backprop(program, x=[1, 2, 3])
    np.testing.assert_array_equal(report.value, value)
    assert len(report.nodes[-1].expression) < 12


def test_a_loop_of_huge_numbers() -> None:
    assert backprop("sum(x for i in range(1e300, 1, -6e299))", x=1).value == 2
    assert backprop("sum(x for i in range(1e300, 1) for j in range(1e300))", x=1).value == 0


def test_all_arrays_together_have_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values and gradients of inputs are counted, by the size of a number."""
    monkeypatch.setattr(sizes, "SURELY_THERE", 0)
    monkeypatch.setattr(sizes, "room", lambda: 2 * 8000 + 3 * 8000)
    x = np.zeros(1000)
    assert backprop("exp(exp(exp(x)))", x=x).shape == (1000,)
    with pytest.raises(GradcalcError, match=r"takes 8\.0 kB, all arrays up to here 48\.0 kB"):
        backprop("exp(exp(exp(exp(x))))", x=x)
    assert backprop("exp(exp(exp(exp(x))))", x=x, dtype="float32").shape == (1000,)


@pytest.mark.parametrize("derive", [hessian, jacobian])
def test_a_hessian_that_does_not_fit_is_refused(derive: Callable[..., Any]) -> None:
    program = "sum(x^2)" if derive is hessian else "x^2"
    report = backprop(program, x=MILLION)
    with pytest.raises(GradcalcError) as caught:
        derive(report)
    assert caught.value.code == "too-large"
    assert "1,000,000,000,000 entries, which take 8.0 TB" in caught.value.message


def test_local_jacobians_that_are_big_are_left_out() -> None:
    report = backprop("sum(exp(x)[1:])", x=np.ones(5000))
    locals_ = {node.op: node.local[0] for node in report.nodes if node.local}
    assert locals_["index"].value is None
    assert locals_["index"].symbol == "scatter(upstream, zeros(5000)[1:])"
    assert locals_["sum"].value is None
    assert locals_["exp"].value.shape == (5000,)


@pytest.mark.parametrize(
    "program",
    [
        "[" * 1000 + "x" + "]" * 1000,
        "[" * 1000 + "2" + "]" * 1000 + "x",
        f"reshape(x{', 1' * 40})",
        f"a = {'[' * 1000}2{']' * 1000}; a x",
    ],
    ids=["literal", "constant", "reshape", "input"],
)
def test_there_is_an_end_to_axes(program: str) -> None:
    with pytest.raises(GradcalcError, match="axes, and 32 are the most") as caught:
        backprop(program, x=1.0)
    assert caught.value.code == "too-large"


def test_as_many_axes_as_there_may_be() -> None:
    deep = backprop("[" * 32 + "x" + "]" * 32, x=2.0)
    assert (len(deep.shape), deep.gradients) == (32, {"x": 1.0})
    report = backprop("transpose(x)*2", x=np.ones((1,) * 32))
    report.to_json()
    run = report.evaluation
    assert derivatives.jacobian(run, [0])[0].shape == (1,) * 64
    with pytest.raises(GradcalcError, match="33 axes"):
        backprop("x", x=np.ones((1,) * 33))


X = np.array([1.0, 2.0])
SWAP = np.array([[0.0, 1.0], [1.0, 0.0]])

#: A deep program, its values, its value and gradients. The first three tell of the loops of the
#: passes, the others of one kind of node each.
CHAINS: dict[str, tuple[str, dict[str, Any], Any, dict[str, Any]]] = {
    "definitions": (
        "y0 = x\n" + "\n".join(f"y{i} = y{i - 1}*a" for i in range(1, DEEP)),
        {"x": X, "a": np.ones(2)},
        X,
        {"x": np.ones(2), "a": X * (DEEP - 1)},
    ),
    "sum": (" + ".join(["x"] * DEEP), {"x": X}, X * DEEP, {"x": np.full(2, float(DEEP))}),
    "brackets": ("-(" * DEEP + "x" + ")" * DEEP, {"x": X}, X, {"x": np.ones(2)}),
    "products": ("W " * LESS + "x", {"W": SWAP, "x": X}, X, {"x": np.ones(2)}),
    "calls": ("max(0, " * LESS + "x" + ")" * LESS, {"x": X}, X, {"x": np.ones(2)}),
    "transposes": ("x" + "'" * LESS, {"x": SWAP}, SWAP, {"x": np.ones((2, 2))}),
    "indices": ("x" + "[:]" * LESS, {"x": X}, X, {"x": np.ones(2)}),
    "reductions": ("sum(" * LESS + "x" + ")" * LESS, {"x": X}, 3.0, {"x": np.ones(2)}),
    "functions": (
        "f0(x) = x + 1\n" + "\n".join(f"f{i}(x) = f{i - 1}(x)*1" for i in range(1, LESS)),
        {"x": X},
        X + 1,
        {"x": np.ones(2)},
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_depth(name: str) -> None:
    program, values, value, gradients = CHAINS[name]
    report = backprop(program, values)
    np.testing.assert_array_equal(report.value, value)
    for key, want in gradients.items():
        np.testing.assert_array_equal(report.gradients[key], want)
    node = report.nodes[len(report.nodes) // 2]
    assert len(node.expression) <= 200


def test_a_long_list_of_entries() -> None:
    n = LESS
    report = backprop(f"sum([{', '.join(['x', 'y'] * n)}])", x=1.0, y=2.0)
    assert (report.value, report.gradients) == (3.0 * n, {"x": float(n), "y": float(n)})
    report = backprop("sum(x[i]^2 for i in range(n))", x=np.ones(n), n=n)
    assert report.value == n
    np.testing.assert_array_equal(report.gradients["x"], np.full(n, 2.0))


@pytest.mark.parametrize(
    "program", ["sin(" * DEEP_GRAPH + "x" + ")" * DEEP_GRAPH, "W " * DEEP_GRAPH + "x"]
)
def test_depth_of_second_derivatives(program: str) -> None:
    values = {name: value for name, value in {"W": SWAP, "x": X}.items() if name in program}
    report = backprop(program, values)
    run = report.evaluation
    node = run.problem.inputs["x"]
    along = derivatives.jvp(run, {node: np.ones(2)})
    np.testing.assert_allclose(np.sum(along), np.sum(report.gradients["x"]), 1e-9)
    assert derivatives.hvp(run, {node: np.ones(2)}, [node])[node].shape == (2,)


MANY = pytest.mark.parametrize(
    "make",
    [
        lambda n: (" + ".join(["x"] * n), {"x": X}),
        lambda n: ("W " * n + "x", {"W": SWAP, "x": X}),
        lambda n: (f"sum(x[i] for i in range({n}))", {"x": np.ones(n)}),
        lambda n: (f"concat([{', '.join(['x'] * n)}])", {"x": X}),
    ],
    ids=["sum", "products", "loop", "concat"],
)
Make = Callable[[int], tuple[str, dict[str, Any]]]


@MANY
def test_it_ends(make: Make) -> None:
    program, values = make(50_000)
    assert set(backprop(program, values).gradients) == set(values)


def lines_run(program: str, values: dict[str, Any]) -> int:
    """How many lines of Python a gradient takes."""
    count = 0

    def trace(frame: Any, event: str, given: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        assert backprop(program, values).gradients
    finally:
        sys.settrace(before)
    return count


@MANY
def test_no_pass_is_quadratic(make: Make) -> None:
    """Eight times the operands are eight times the work."""
    backprop(*make(10))  # what is done once only
    few, many = (lines_run(*make(n)) for n in (500, 4000))
    assert many <= 9 * few


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about GNU's malloc")
def test_memory_that_is_freed_is_used_again() -> None:
    program = """
import resource
import numpy as np
from gradcalc import backprop
x = np.ones((500, 256))
def faults():
    backprop("sum(layer_norm(x) * w)", {"x": x, "w": x}, wrt=["x"])
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    before = faults()
assert faults() - before < x.nbytes / resource.getpagesize(), "an array was mapped anew"
"""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    subprocess.run([sys.executable, "-c", program], check=True, env=variables)
