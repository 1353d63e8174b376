"""A program that is run again with values of the same shapes is not read again."""

from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.services import evaluate
from gradcalc.source import Source
from gradcalc.syntax.parser import parse


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a text was parsed, from an empty memory on."""
    monkeypatch.setattr(evaluate, "_recent", {})
    read: list[str] = []

    def counted(source: Source, *more: Any) -> Any:
        read.append(source.text)
        return parse(source, *more)

    monkeypatch.setattr("gradcalc.services.evaluate.parse", counted)
    return read


def test_other_values_of_the_same_shapes(readings: list[str]) -> None:
    W, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0])
    first = backprop("f = sum(W x)", W=W, x=x)
    second = backprop("f = sum(W x)", W=2 * W, x=x + 1.0)
    assert len(readings) == 1
    assert (first.value, second.value) == (-2.0, 16.0)
    assert first.gradients["W"].tolist() == [[1.0, -1.0], [1.0, -1.0]]
    assert second.gradients["W"].tolist() == [[2.0, 0.0], [2.0, 0.0]]


def test_the_notes_are_those_of_each_run(readings: list[str]) -> None:
    """The reading of a product is noted each time, and a kink only where it is."""
    kinds = [
        {note.kind for note in backprop("2 xy + max(x, 3)", x=x, y=2).notes} for x in (3, 4, 3)
    ]
    assert len(readings) == 1
    assert [("split-name" in k, "kink" in k) for k in kinds] == [
        (True, True),
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "f = sum(x * y) "},
        {"x": np.ones(3), "y": np.ones(3)},
        {"of": "f"},
        {"dtype": "float32"},
    ],
)
def test_what_makes_it_another_problem(readings: list[str], change: dict[str, Any]) -> None:
    usual = {"text": "f = sum(x * y)", "x": np.ones(2), "y": np.ones(2)}
    for given in (usual, {**usual, **change}):
        options = dict(given)
        backprop(options.pop("text"), **options)
    assert len(readings) == 2


def test_a_value_that_decides_a_shape(readings: list[str]) -> None:
    sizes = [backprop("sum([a * x for i in range(n)])", a=1, x=2, n=n).value for n in (2, 5)]
    assert sizes == [4.0, 10.0]
    assert len(readings) == 2


def test_values_that_the_program_gives(readings: list[str]) -> None:
    """They are part of the text, and random ones are drawn each time."""
    text = "w = randn(3); f = sum(w^2)"
    one, same, other = (backprop(text, seed=seed).value for seed in (1, 1, 2))
    assert one == same != other


def test_errors_are_found_each_time(readings: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(GradcalcError) as error:
            backprop("x * y", x=1)
        assert error.value.message == "no value for y"
    assert backprop("x * y", x=1, y=2).value == 2.0


def test_only_the_latest_are_kept(readings: list[str]) -> None:
    for n in range(3 * evaluate.RECENT):
        backprop(f"x + {n}", x=1)
    assert len(evaluate._recent) == evaluate.RECENT
    backprop("x + 0" + " " * evaluate.SHORT, x=1)
    assert len(evaluate._recent) == evaluate.RECENT
    assert all(len(str(key)) < 200 for key in evaluate._recent)
