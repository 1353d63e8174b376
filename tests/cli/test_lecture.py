"""The examples of the lecture, with the numbers of its blackboard."""

import json
from math import exp
from pathlib import Path
from typing import Any

import pytest
from mpmath import mp, mpf

from .conftest import COMMAND, Run

HEADLINE = ("(x+y)*z", "--x", "-2", "--y", "5", "--z", "-4")
#: f = (x + y) z: df/dx = df/dy = z = -4, df/dz = x + y = 3.
HEADLINE_PLAIN = "value\t-12\ndx\t-4\ndy\t-4\ndz\t3\n"

NEURON = ("--w0", "2", "--x0", "-1", "--w1", "-3", "--x1", "-2", "--w2", "-3")
SCORE = "w0 x0 + w1 x1 + w2"


def read(text: str) -> Any:
    return json.loads(text)


def numbers(text: str) -> dict[str, float]:
    """The lines of ``--format plain``."""
    pairs = (line.split("\t") for line in text.splitlines())
    return {name: float(value) for name, value in pairs}


@pytest.mark.parametrize("command", [COMMAND, ("gradcalc",)], ids=["python -m", "installed"])
def test_headline(run: Run, command: tuple[str, ...]) -> None:
    assert run(*HEADLINE, "--format", "plain", command=command) == (0, HEADLINE_PLAIN, "")


def test_headline_node(run: Run) -> None:
    (node,) = [n for n in read(run(*HEADLINE, "--format", "json").out)["nodes"] if n["id"] == 2]
    assert node["expression"] == "x + y"
    assert (node["value"], node["upstream"]) == (3.0, -4.0)


@pytest.mark.parametrize(
    "program",
    [
        "f(x, y, z) = (x+y)z",
        "f(x, y; z) = (x + y) z",
        "q = x + y; f = q z",
        "q = x + y\nf = q*z",
        "x = -2; y = 5; z = -4; q = x + y; f = q z",
        "(x+y)·z",
        "z(x+y)",
    ],
)
def test_ways_to_write_the_headline(run: Run, program: str) -> None:
    values = HEADLINE[1:] if "x = -2" not in program else ()
    ended = run(program, *values, "--format", "plain", "--quiet")
    # The order of the gradients is that of the program's names.
    assert (ended.status, numbers(ended.out)) == (0, {"value": -12, "dx": -4, "dy": -4, "dz": 3})


def test_staged_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lecture.txt").write_text("q = x + y\nf = q z  # the output\n")
    assert run("-f", "lecture.txt", *HEADLINE[1:], "--format", "plain").out == HEADLINE_PLAIN
    names = read(run("-f", "lecture.txt", *HEADLINE[1:], "--format", "json").out)
    assert names["output"] == "f"
    assert [node["name"] for node in names["nodes"]] == ["x", "y", "q", "z", "f"]


def test_inputs_in_the_file_are_overridden_by_options(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lecture.txt").write_text("x = -2\ny = 5\nz = -4\nq = x + y\nf = q z\n")
    assert run("-f", "lecture.txt", "--format", "plain").out == HEADLINE_PLAIN
    # (1 + 5)*-4 = -24, df/dz = 6
    changed = run("-f", "lecture.txt", "--x", "1", "--format", "plain")
    assert numbers(changed.out) == {"value": -24, "dx": -4, "dy": -4, "dz": 6}


def test_patterns_in_backward_flow(run: Run) -> None:
    values = ("--x", "3", "--y", "-4", "--z", "2", "--w", "-1")
    ended = run("2(xy + max(z,w))", *values, "--format", "json", "--quiet")
    report = read(ended.out)
    # 2(3*-4 + max(2, -1)) = 2(-12 + 2); add distributes 2, mul switches, max routes to z.
    assert report["value"] == -20
    assert report["gradients"] == {"x": -8, "y": 6, "z": 2, "w": 0}
    patterns = {node["op"]: node["pattern"] for node in report["nodes"] if node["operands"]}
    assert patterns == {"mul": "switcher", "max": "router", "add": "distributor"}


@pytest.mark.parametrize(
    "program", [f"1/(1 + e^(-({SCORE})))", f"1/(1+exp(-({SCORE})))", f"sigmoid({SCORE})"]
)
def test_sigmoid_neuron(run: Run, program: str) -> None:
    ended = run(program, *NEURON, "--format", "plain")
    assert (ended.status, ended.err) == (0, "")
    # The score is -2 + 6 - 3 = 1, and the local gradient of the sigmoid at 1 is s(1 - s).
    s = 1 / (1 + exp(-1))
    gradient = s * (1 - s)
    assert gradient == pytest.approx(0.19661193, abs=5e-9)
    wanted = {
        "value": s,
        "dw0": -1 * gradient,
        "dx0": 2 * gradient,
        "dw1": -2 * gradient,
        "dx1": -3 * gradient,
        "dw2": gradient,
    }
    assert numbers(ended.out) == pytest.approx(wanted, rel=1e-15, abs=0)
    printed = [0.7310585786300049, -0.19661193, 0.39322387, -0.39322387, -0.58983580, 0.19661193]
    assert list(numbers(ended.out).values()) == pytest.approx(printed, abs=5e-9)


def test_staged_neuron_shows_the_gates_of_the_lecture(run: Run) -> None:
    program = f"s = {SCORE}; n = -s; E = e^n; d = 1 + E; f = 1/d"
    report = read(run(program, *NEURON, "--format", "json").out)
    named = {node["name"]: node for node in report["nodes"] if node["name"]}
    # From the lecture's figure: 1.00, -1.00, 0.37, 1.37, 0.73 and 0.20, -0.20, -0.53, -0.53, 1.00.
    values = {"s": 1.0, "n": -1.0, "E": exp(-1), "d": 1 + exp(-1), "f": 1 / (1 + exp(-1))}
    square = -1 / (1 + exp(-1)) ** 2
    upstream = {"f": 1.0, "d": square, "E": square, "n": square * exp(-1), "s": -square * exp(-1)}
    for name, value in values.items():
        assert named[name]["value"] == pytest.approx(value, rel=1e-15)
        assert named[name]["upstream"] == pytest.approx(upstream[name], rel=1e-14)


def test_the_assignment_with_two_sigmoids(run: Run) -> None:
    program = "(x + σ(y)) / (σ(x) + (x+y)^2)"
    ended = run(program, "--x", "3", "--y", "-4", "--format", "plain")
    with mp.workdps(30):

        def f(x: Any, y: Any) -> Any:
            def s(u: Any) -> Any:
                return 1 / (1 + mp.exp(-u))

            return (x + s(y)) / (s(x) + (x + y) ** 2)

        at = (mpf(3), mpf(-4))
        wanted = {
            "value": float(f(*at)),
            "dx": float(mp.diff(f, at, (1, 0))),
            "dy": float(mp.diff(f, at, (0, 1))),
        }
    assert list(wanted.values()) == pytest.approx(
        [1.5456448841066441, 2.0595697955721652, 1.5922327514838093], rel=1e-15
    )
    assert numbers(ended.out) == pytest.approx(wanted, rel=2e-15, abs=0)
