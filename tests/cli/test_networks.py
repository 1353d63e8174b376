"""The example programs of docs/examples: networks, losses on real data, and training them."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcalc import Report, backprop
from gradcalc.services.verify import verify

from .conftest import Run

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.txt"))
IRIS = EXAMPLES / "iris.csv"


def program(name: str) -> str:
    return (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")


def iris() -> Any:
    return np.loadtxt(IRIS, delimiter=",", skiprows=1)


def values_of(path: Path) -> dict[str, Any]:
    return {"data": iris()} if "@iris.csv" in path.read_text(encoding="utf-8") else {}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_command_that_an_example_gives(run: Run, path: Path) -> None:
    """Each example says how to run it; so it does, without a warning, and in every format."""
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = [line.removeprefix("#     ") for line in lines if line.startswith("#     gradcalc ")]
    assert shown
    for command in shown:
        words = command.replace("@iris.csv", f"@{IRIS}").replace(path.name, str(path)).split()
        ended = run(*words[1:])
        assert ended.status == 0, ended.err
        assert ended.out
        assert "warning" not in ended.err
        assert "is read as" not in ended.err
    if not {"--get", "--format"} & {*words}:
        (report,) = map(json.loads, run(*words[1:], "--format", "json").out.splitlines())
        assert report["nodes"]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_gradients_of_the_examples_by_differences(path: Path) -> None:
    report = backprop(path.read_text(encoding="utf-8"), values_of(path), seed=1)
    inputs = dict(report.inputs)
    rng = np.random.default_rng(2)
    if path.stem.startswith("iris") and path.stem != "iris_network":
        # At weights of 0 all scores are tied; somewhere else nothing is.
        inputs.update({"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)})
    at = backprop(path.read_text(encoding="utf-8"), inputs)
    assert not [note for note in at.notes if note.kind == "kink"]
    for name, gradient in at.gradients.items():
        x = np.asarray(inputs[name])
        d = rng.uniform(-1.0, 1.0, x.shape) * np.maximum(1e-2, np.abs(x))
        if name == "data":
            d[:, 4] = 0.0  # species
        slope = derivative(path, inputs, name, d)
        size = np.sum(np.abs(gradient * d)) + abs(float(np.sum(at.value)))
        assert abs(np.sum(gradient * d) - slope) <= 1e-8 * size, name


@pytest.mark.parametrize("name", ["iris_softmax", "iris_svm", "iris_network"])
def test_the_gradient_check_of_the_iris_programs(name: str) -> None:
    """By the data too, which have the species for a column."""
    values = {"data": iris()}
    if name != "iris_network":  # somewhere else than at 0 no scores are tied
        rng = np.random.default_rng(3)
        values |= {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
    found = verify(backprop(program(name), values, seed=1))
    assert found.verdict == "agrees"
    assert "data" in {check.what for check in found.inputs}


def derivative(path: Path, inputs: dict[str, Any], name: str, d: Any) -> float:
    """Of the sum of the outputs, along a direction of one input."""
    h = 1e-5
    text = path.read_text(encoding="utf-8")
    sums = []
    for step in (-2, -1, 1, 2):
        moved = {**inputs, name: inputs[name] + step * h * d}
        sums.append(float(np.sum(backprop(text, moved, wrt=[]).value)))
    return (8 * (sums[2] - sums[1]) - (sums[3] - sums[0])) / (12 * h)


def test_mazur_in_both_forms() -> None:
    """The numbers that the article prints, in tests/cases/programs; here that both are the same."""
    one, other = backprop(program("mazur")), backprop(program("mazur_matrix"))
    assert one.value == pytest.approx(0.298371109, abs=5e-10)
    assert other.value == pytest.approx(one.value, rel=1e-15)
    scalars = one.gradients
    matrices = {
        "W": [["w1", "w2"], ["w3", "w4"]],
        "V": [["w5", "w6"], ["w7", "w8"]],
        "i": ["i1", "i2"],
        "target": ["target1", "target2"],
        "b1": "b1",
        "b2": "b2",
    }
    for name, names in matrices.items():
        want = np.vectorize(scalars.get)(names)
        np.testing.assert_allclose(other.gradients[name], want, 1e-13)


def test_mazur_trained() -> None:
    """After one step the article has these weights. (Its errors from then on, 0.291027924 and after
    10,000 steps 0.0000351085, and its outputs 0.015912196 and 0.984065734 are those of another
    program, and a little off.) The biases stay as they are."""
    text = program("mazur_matrix")
    weights: dict[str, Any] = {
        "W": np.array([[0.15, 0.20], [0.25, 0.30]]),
        "V": np.array([[0.40, 0.45], [0.50, 0.55]]),
    }
    errors = []
    for _ in range(2500):
        report = backprop(text, weights, wrt=["W", "V"])
        errors.append(report.value)
        for name, gradient in report.gradients.items():
            weights[name] = weights[name] - 0.5 * gradient
        if len(errors) == 1:
            first = {name: value.ravel().tolist() for name, value in weights.items()}
    assert first["W"] == pytest.approx([0.149780716, 0.19956143, 0.24975114, 0.29950229], abs=5e-9)
    assert first["V"] == pytest.approx(
        [0.35891648, 0.408666186, 0.511301270, 0.561370121], abs=5e-9
    )
    assert errors[1] == pytest.approx(0.291027924, abs=5e-7)
    # The other 7,500 steps in NumPy, as anybody would write them.
    i, target = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    w, v = weights["W"], weights["V"]
    for _ in range(7500):
        h = 1 / (1 + np.exp(-(w @ i + 0.35)))
        o = 1 / (1 + np.exp(-(v @ h + 0.6)))
        do = (o - target) * o * (1 - o)
        dh = v.T @ do * h * (1 - h)
        w, v = w - 0.5 * np.outer(dh, i), v - 0.5 * np.outer(do, h)
    end = backprop(text, W=w, V=v)
    assert end.value == pytest.approx(0.0000351085, rel=5e-4)
    outputs = end.named_values()["o"]
    assert outputs.tolist() == pytest.approx([0.015912196, 0.984065734], abs=2e-6)


def test_the_iris_data() -> None:
    """As Fisher has them: the published means of the species, and three rows."""
    data = iris()
    assert data.shape == (150, 5)
    means = [data[data[:, 4] == k, :4].mean(0) for k in range(3)]
    np.testing.assert_allclose(means[0], [5.006, 3.428, 1.462, 0.246], atol=1e-9)
    np.testing.assert_allclose(means[1], [5.936, 2.770, 4.260, 1.326], atol=1e-9)
    np.testing.assert_allclose(means[2], [6.588, 2.974, 5.552, 2.026], atol=1e-9)
    # The rows that are wrong in the copy of the UCI repository.
    assert data[34].tolist() == [4.9, 3.1, 1.5, 0.2, 0]
    assert data[37].tolist() == [4.9, 3.6, 1.4, 0.1, 0]
    assert data[149].tolist() == [5.9, 3.0, 5.1, 1.8, 2]


@pytest.mark.parametrize("name", ["iris_softmax", "iris_svm"])
def test_losses_at_zero_weights(name: str) -> None:
    """CS231n's sanity checks: log(C) and C - 1. By hand, the gradient of the weights of a species
    is a third of the mean of all flowers less that of the species; of the svm three times that."""
    report = backprop(program(name), data=iris())
    is_softmax = name == "iris_softmax"
    assert report.value == pytest.approx(np.log(3) if is_softmax else 2.0, rel=1e-14)
    means = np.array([[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326]])
    means = np.vstack([means, [6.588, 2.974, 5.552, 2.026]]).T
    want = (means.mean(1, keepdims=True) - means) / 3
    np.testing.assert_allclose(report.gradients["W"], want * (1 if is_softmax else 3), 1e-9, 1e-12)
    np.testing.assert_allclose(report.gradients["b"], np.zeros(3), atol=1e-14)
    assert report.gradients["reg"] == 0.0
    # The gradient by labels, and by what is not used of the data, is 0.
    assert not np.any(report.gradients["data"][:, 4])


def train(text: str, values: dict[str, Any], names: list[str], steps: int, rate: float) -> Report:
    """Gradient descent; the loss falls all along, but for a step here and there."""
    losses: list[float] = []
    for _ in range(steps):
        report = backprop(text, values, wrt=names)
        losses.append(report.value)
        for name, gradient in report.gradients.items():
            values[name] = values[name] - rate * gradient
    falls = sum(one > other for one, other in pairwise(losses))
    assert falls > 0.9 * (steps - 1)
    return backprop(text, values)


def accuracy(scores: Any, labels: Any) -> float:
    return float(np.mean(np.argmax(scores, 1) == labels))


def test_training_of_a_softmax_classifier() -> None:
    values = {"data": iris(), "W": np.zeros((4, 3)), "b": np.zeros(3)}
    end = train(program("iris_softmax"), values, ["W", "b"], 600, 0.05)
    assert end.value < 0.4
    assert accuracy(end.named_values()["scores"], iris()[:, 4]) > 0.95


def test_training_of_a_network() -> None:
    text = program("iris_network")
    start = backprop(text, data=iris(), seed=3)
    names = ["W1", "b1", "W2", "b2"]
    values = {"data": iris(), **{name: start.inputs[name] for name in names}}
    end = train(text, values, names, 400, 0.05)
    assert start.value == pytest.approx(np.log(3), abs=0.1)
    assert end.value < 0.3


def test_training_on_a_spiral() -> None:
    """The case study of CS231n, "Putting it together": a line separates about half of the points of
    three spirals, and a network with one hidden layer nearly all."""
    rng = np.random.default_rng(0)
    count, points, labels = 40, [], []
    for k in range(3):
        radius = np.linspace(0.0, 1.0, count)
        angle = np.linspace(k * 4, (k + 1) * 4, count) + rng.normal(size=count) * 0.1
        points.append(np.c_[radius * np.sin(angle), radius * np.cos(angle)])
        labels.append(np.full(count, float(k)))
    data = {"X": np.vstack(points), "y": np.concatenate(labels)}
    linear = """
        scores = X W + b
        loss = cross_entropy(scores, y) + 0.0005 sum(W^2)
    """
    values = {**data, "W": 0.01 * rng.normal(size=(2, 3)), "b": np.zeros(3)}
    end = train(linear, values, ["W", "b"], 150, 1.0)
    assert end.value == pytest.approx(0.78, abs=0.08)
    assert 0.4 < accuracy(end.named_values()["scores"], data["y"]) < 0.65
    network = """
        hidden = max(0, X W + b)
        scores = hidden W2 + b2
        loss = cross_entropy(scores, y) + 0.0005 (sum(W^2) + sum(W2^2))
    """
    values = {**data, "W": 0.5 * rng.normal(size=(2, 60)), "b": np.zeros(60)}
    values |= {"W2": 0.1 * rng.normal(size=(60, 3)), "b2": np.zeros(3)}
    losses = []
    for _ in range(600):
        report = backprop(network, values, wrt=["W", "b", "W2", "b2"])
        losses.append(report.value)
        for name, gradient in report.gradients.items():
            values[name] = values[name] - 0.5 * gradient
    end = backprop(network, values)
    assert losses[0] == pytest.approx(np.log(3), abs=0.3)
    assert end.value < 0.4
    assert accuracy(end.named_values()["scores"], data["y"]) > 0.9


def test_values_of_a_layer_on_the_command_line(run: Run) -> None:
    """A layer as a user's function, its matrix as an option, one example and a minibatch."""
    layer = "layer(x, W, b) = max(0, x W + b); f = layer(x, W, b)"
    weights = ("--W", "[[1, -2], [0.5, 3]]", "--b", "[0.5, -1]")
    one = run(layer, "--x", "[2, 1]", *weights, "--format", "json", "--quiet")
    many = run(layer, "--x", "[[2, 1], [0, 1]]", *weights, "--format", "json", "--quiet")
    # x W + b = [3, -2], and [1, 2] for the second example.
    report = json.loads(one.out)
    assert report["value"] == [3, 0]
    assert report["gradients"]["W"] == [[2, 0], [1, 0]]
    assert report["gradients"]["x"] == [1, 0.5]
    report = json.loads(many.out)
    assert report["value"] == [[3, 0], [1, 2]]
    assert report["gradients"]["W"] == [[2, 0], [2, 1]]
    assert report["gradients"]["b"] == [2, 1]
    assert report["gradients"]["x"] == [[1, 0.5], [-1, 3.5]]
