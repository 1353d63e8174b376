"""Where there is no derivative: the stated convention, and a note that tells it."""

import re

import pytest

import gradcalc

from .expected import AT_KINKS, AtKink

POINTS = [point for points in AT_KINKS.values() for point in points]


@pytest.mark.parametrize("point", POINTS, ids=lambda p: f"{p.program} at {p.values}")
def test_convention_and_note(point: AtKink) -> None:
    report = gradcalc.backprop(point.program, point.values)
    assert report.gradients == pytest.approx(point.gradients, rel=1e-15, abs=0)
    (note,) = [note for note in report.notes if note.kind == "kink"]
    gate = report.nodes[-1]
    assert note.node == gate.id
    assert note.message.startswith(gate.expression)
    stated = re.search(r"from (\S+) to (\S+)$", note.message)
    if point.interval is None:
        assert "jumps" in note.message
        assert stated is None
    else:
        assert stated is not None, note.message
        assert tuple(map(float, stated.groups())) == pytest.approx(point.interval, rel=1e-5)


@pytest.mark.parametrize("point", POINTS, ids=lambda p: f"{p.program} at {p.values}")
def test_the_convention_lies_in_the_interval(point: AtKink) -> None:
    if point.interval is not None:
        low, high = point.interval
        assert all(low <= gradient <= high for gradient in point.gradients.values())


@pytest.mark.parametrize("point", POINTS, ids=lambda p: f"{p.program} at {p.values}")
def test_no_note_beside_the_kink(point: AtKink) -> None:
    moved = {name: x + 0.3 + 0.1 * i for i, (name, x) in enumerate(point.values.items())}
    report = gradcalc.backprop(point.program, moved)
    assert [note for note in report.notes if note.kind == "kink"] == []


@pytest.mark.parametrize(
    ("one", "other", "x"),
    [
        ("max(0, x)", "relu(x)", 0.0),
        ("max(x, -x)", "abs(x)", 0.0),
        ("min(x, 1)", "clip(x, -1, 1)", 1.0),
        ("clip(x, -1, 1)", "hard_tanh(x)", -1.0),
        ("max(-x, x)", "hypot(x, 0)", 0.0),
    ],
)
def test_two_ways_to_write_a_function_agree(one: str, other: str, x: float) -> None:
    assert gradcalc.backprop(one, x=x).gradients == gradcalc.backprop(other, x=x).gradients


def test_tied_constants_are_no_kink() -> None:
    """Only a tie with an operand that varies leaves the derivative open."""
    assert not gradcalc.backprop("max(x, 1, 1)", x=0.0).notes
    assert gradcalc.backprop("max(x, 1, 1)", x=1.0).notes[0].kind == "kink"
