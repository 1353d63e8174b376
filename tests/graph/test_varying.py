"""Settings that depend on inputs: they have gradients, as operands do."""

from typing import Any

import numpy as np
import pytest

import gradcalc
from gradcalc.services.verify import verify

S = np.array([3.0, 2.0, 1.5])
X = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 3.0]])
WEIGHTS = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
BATCH = np.stack([X, X[::-1] ** 2, 0.3 * X + 1.0])

#: Programs, values of their inputs, and gradients by hand.
BY_HAND: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # The numbers are a + k(b - a)/4: 1, 1.25, 1.5, 1.75, 2; each counts 2x(1 - k/4) and 2x k/4.
    ("sum(linspace(a, b, 5)^2)", {"a": 1.0, "b": 2.0}, {"a": 6.25, "b": 8.75}),
    ("sum(linspace(a, 2, n=1)^2)", {"a": 3.0}, {"a": 6.0}),
    ("sum(linspace(2, b, 1)^2)", {"b": 3.0}, {"b": 0.0}),
    # .25, .75, ... 2.75: a counts 2 sum(x) = 18, and s the sum of 2x k.
    ("sum(arange(a, 3, s)^2)", {"a": 0.25, "s": 0.5}, {"a": 18.0, "s": 62.5}),
    ("sum(arange(0, b, s))", {"b": 1.0, "s": 0.3}, {"b": 0.0, "s": 6.0}),
    ("sum(arange(3, step=s))", {"s": 1.5}, {"s": 1.0}),
    ("sum(arange(n)^2)", {"n": 4.0}, {"n": 0.0}),
    # The margins of the label 1 are 1 + d and -.5 + d.
    ("svm_loss(s, 1, delta=d)", {"s": S, "d": 0.7}, {"s": [1, -2, 1], "d": 2.0}),
    ("svm_loss(s, 1, d^2) + d", {"s": S, "d": 0.5}, {"s": [1, -1, 0], "d": 2.0}),
    ("d = 0.7; svm_loss([s, s], [1, 0], d)", {"s": S}, {"d": 1.0}),
]


@pytest.mark.parametrize(("program", "values", "gradients"), BY_HAND)
def test_by_hand(program: str, values: dict[str, Any], gradients: dict[str, Any]) -> None:
    report = gradcalc.backprop(program, values)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(report.gradients[name], gradient, 1e-14, err_msg=name)


#: A normalisation with all its operands, and the same with NumPy.
NORMALISATIONS: dict[str, tuple[dict[str, Any], Any, int]] = {
    "layer_norm": ({"x": X}, -1, 1),
    "batch_norm": ({"x": X}, 0, 1),
    "layer_norm ": ({"x": BATCH}, -1, 2),
    "batch_norm ": ({"x": BATCH}, (0, 2), 1),
}


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_eps(name: str) -> None:
    """Its gradient by differences; everything else is as with a number for eps."""
    values, axes, features = NORMALISATIONS[name]
    x = values["x"]
    size = x.shape[features]
    scales = {"g": np.linspace(0.5, 2.0, size), "b": np.linspace(-1.0, 1.0, size)}
    upstream = np.resize(WEIGHTS, x.shape)
    text = f"{name.strip()}(x, g, b, eps"
    found = gradcalc.backprop(f"{text})", values | scales | {"eps": 0.3}, upstream=upstream)
    fixed = gradcalc.backprop(f"{text}=0.3)", values | scales, upstream=upstream)
    np.testing.assert_allclose(found.value, fixed.value, 1e-13)
    for key, gradient in fixed.gradients.items():
        np.testing.assert_allclose(found.gradients[key], gradient, 1e-12, 1e-13)

    def loss(eps: float) -> float:
        spread = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
        broad = [scales[k].reshape([-1] + [1] * (x.ndim - 1 - features)) for k in ("g", "b")]
        unit = (x - x.mean(axis=axes, keepdims=True)) / spread
        return float(np.sum(upstream * (broad[0] * unit + broad[1])))

    h = 1e-4
    slope = (8 * (loss(0.3 + h) - loss(0.3 - h)) - loss(0.3 + 2 * h) + loss(0.3 - 2 * h)) / (12 * h)
    assert found.gradients["eps"] == pytest.approx(slope, rel=1e-9)


def test_eps_alone() -> None:
    """By hand: of (-1, 1)/sqrt(1 + eps), weighted with 0 and 1."""
    report = gradcalc.backprop("layer_norm([1, 3], eps=e)[1]", e=3.0)
    assert report.value == 0.5
    assert report.gradients["e"] == pytest.approx(-0.5 / 8, rel=1e-14)


@pytest.mark.parametrize(
    ("dtype", "scale"), [("float64", 1e200), ("float64", 1e-200), ("float32", 1e20)]
)
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm"])
def test_eps_beside_huge_and_tiny_numbers(name: str, dtype: str, scale: float) -> None:
    """By hand: 1, 2 and 3 have the variance 2/3, so that each is 1.5^0.5 from the mean, and the
    gradient of the first is ((1, 0, 0) - 1/3 - 1.5^0.5 (-1, 0, 1) (-1.5^0.5)/3)/(2/3)^0.5."""
    x = scale * np.array([1.0, 2.0, 3.0])
    shape = (3, 1) if name == "batch_norm" else (3,)
    first = np.eye(3)[0].reshape(shape)
    values = {"x": x.reshape(shape), "c": 1e-5 if scale > 1 else 0.0}
    report = gradcalc.backprop(f"{name}(x, eps=c)", values, dtype=dtype, upstream=first)
    assert [note for note in report.notes if note.node == report.nodes[-1].id] == []
    root = 1.5**0.5
    limit = 8 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(np.ravel(report.value), [-root, 0.0, root], limit, limit)
    slopes = np.ravel(report.gradients["x"]) * scale
    np.testing.assert_allclose(slopes, np.array([1 / 6, -1 / 3, 1 / 6]) * root, limit)


def test_eps_of_zero() -> None:
    """By hand: of (-1, 1)/sqrt(1 + eps) the derivative is (1, -1)/2 there."""
    report = gradcalc.backprop("layer_norm([1, 3], eps=c)[1]", c=0.0)
    assert (report.value, report.gradients["c"]) == (1.0, -0.5)


def test_the_gradient_check_moves_settings() -> None:
    """The numerical derivative is that of the whole: were it not, both would be 0."""
    found = verify(gradcalc.backprop("x = linspace(a, b, 101); mean(x^2) (b - a)", a=0.0, b=2.0))
    assert found.verdict == "agrees"
    (check,) = [check for check in found.inputs if check.what == "b"]
    assert check.numeric == pytest.approx(4.02, rel=1e-9)


@pytest.mark.parametrize(
    ("program", "values", "words"),
    [
        ("layer_norm(x, eps=e)", {"x": S, "e": -1.0}, "eps is -1"),
        ("svm_loss(s, y, d)", {"s": S, "y": [0.0, 1.0], "d": 1.0}, "s has 3 entries"),
        ("arange(0, 1, s)", {"s": 0.0}, "step 0 goes nowhere"),
    ],
)
def test_wrong_ones(program: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(gradcalc.GradcalcError, match=words):
        gradcalc.backprop(program, values)


@pytest.mark.parametrize(
    ("dtype", "scores", "delta"), [("float32", 20000001.0, 1.0), ("float64", 1e16, 1.0)]
)
def test_a_margin_beside_large_scores(dtype: str, scores: float, delta: float) -> None:
    """Two other classes come too close by delta each."""
    values = {"s": [scores] * 3, "y": 0.0, "d": delta}
    report = gradcalc.backprop("svm_loss(s, y, d)", values, dtype=dtype)
    assert report.value == 2.0
    np.testing.assert_array_equal(report.gradients["s"], [-2.0, 1.0, 1.0])
    assert report.gradients["d"] == 2.0


def test_a_margin_without_end() -> None:
    report = gradcalc.backprop("svm_loss(s, y, d)", s=[3.0, 2.0, 4.0], y=1.0, d=np.inf)
    assert report.value == np.inf


def test_eps_of_images() -> None:
    random = np.random.default_rng(5)
    x, upstream = random.normal(size=(2, 3, 4, 5)), random.normal(size=(2, 3, 4, 5))
    scales = {"g": [0.5, 1.0, 2.0], "b": [-1.0, 0.0, 1.0]}
    program = "batch_norm(x, g, b, eps)"
    report = gradcalc.backprop(program, {"x": x, **scales}, eps=0.3, upstream=upstream)
    g, b = (np.array(scale)[:, None, None] for scale in scales.values())
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    spread = x.var(axis=(0, 2, 3), keepdims=True) + 0.3
    np.testing.assert_allclose(report.value, centred / np.sqrt(spread) * g + b, 1e-12)
    slope = np.sum(upstream * g * centred * -0.5 * spread**-1.5)
    assert report.gradients["eps"] == pytest.approx(slope, rel=1e-12)


def test_a_missing_operand() -> None:
    with pytest.raises(gradcalc.GradcalcError) as caught:
        gradcalc.backprop("layer_norm(x, eps=c)", c=1.0)
    assert caught.value.code == "missing-value"
