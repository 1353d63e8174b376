"""The problems that students get: those of the lecture, of textbooks, and random ones."""

import math
from collections.abc import Sequence
from random import Random

from .paper import OPERATIONS, Line, Paper

#: (inputs, lines): CS231n lecture 4, and the kind of graphs that textbooks have.
KNOWN: tuple[tuple[dict[str, float], str], ...] = (
    # CS231n, lecture 4: f = (x + y)z.
    ({"x": -2, "y": 5, "z": -4}, "q add x y; f mul q z"),
    # The sigmoid neuron, gate by gate and with a sigmoid gate.
    (
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
        "a mul w0 x0; b mul w1 x1; c add a b; d add c w2; n neg d; e exp n; s shift e; f inverse s",
    ),
    (
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
        "a mul w0 x0; b mul w1 x1; c add a b; d add c w2; f sigmoid d",
    ),
    # Patterns in backward flow: add, max, mul.
    ({"x": 3, "y": -4, "z": 2, "w": -1}, "p mul x y; m max z w; s add p m; f triple s"),
    # CS231n notes, staged computation: (x + σ(y)) / (σ(x) + (x + y)²).
    (
        {"x": 3, "y": -4},
        "sy sigmoid y; num add x sy; sx sigmoid x; xy add x y; sq square xy; den add sx sq;"
        " f div num den",
    ),
    # Least squares of one example, a tanh unit with the same loss, a relu unit.
    ({"w": 1.5, "x": 2, "b": -0.5, "y": 1}, "p mul w x; s add p b; r sub s y; f square r"),
    (
        {"w": 0.5, "x": 2, "b": 0.3, "y": 1},
        "p mul w x; s add p b; t tanh s; r sub t y; f square r",
    ),
    ({"w": 1.5, "x": 2, "b": 1, "v": -2}, "p mul w x; s add p b; h relu s; f mul v h"),
    # Logarithmic loss of a sigmoid; a Gaussian; a distance; a product used twice.
    ({"w": 0.5, "x": 3}, "p mul w x; s sigmoid p; l log s; f neg l"),
    ({"x": 1.2, "m": 0.5}, "d sub x m; s square d; n neg s; f exp n"),
    ({"x": 3, "y": 4}, "a square x; b square y; c add a b; f sqrt c"),
    ({"x": 2, "y": 3}, "p mul x y; s add p x; f mul p s"),
)


def known() -> list[Paper]:
    """The problems that are written down."""
    found = []
    for inputs, text in KNOWN:
        lines = []
        for part in text.split(";"):
            name, op, *operands = part.split()
            lines.append(Line(name, op, tuple(operands)))
        found.append(Paper({name: float(x) for name, x in inputs.items()}, lines))
    return found


def drawn(random: Random, needs: Sequence[str] = (), size: int = 0) -> Paper:
    """A random problem in which every line is used, with one of the operations ``needs``."""
    while True:
        paper = _draw(random, random.choice(list(needs)) if needs else "", size)
        if paper is not None:
            return paper


def _draw(random: Random, need: str, size: int) -> Paper | None:
    inputs = {
        name: random.choice((-1, 1)) * random.randint(3, 35) / 10
        for name in "xyzw"[: random.randint(2, 4)]
    }
    steps = size or random.randint(3, 9)
    lines: list[Line] = []
    values = dict(inputs)
    unused = list(inputs)
    ops = list(OPERATIONS)
    where = random.randrange(steps) if need else -1
    while len(lines) < steps or len(unused) > 1:
        if len(lines) > 3 * steps + 10:
            return None
        op = need if len(lines) == where else random.choice(ops)
        if len(lines) >= steps:
            op = random.choice(("add", "sub", "mul"))
        count = OPERATIONS[op][0].count("{")
        # Mostly what was not used yet, so that the graph hangs together.
        pool = unused if random.random() < 0.7 and len(unused) >= count else list(values)
        if len(pool) < count:
            pool = list(values)
        operands = tuple(random.sample(pool, count))
        x = [values[operand] for operand in operands]
        if not _in_range(op, x):
            if len(lines) == where:
                return None
            continue
        name = f"n{len(lines) + 1}"
        values[name] = OPERATIONS[op][1](*x)
        lines.append(Line(name, op, operands))
        unused = [n for n in unused if n not in operands] + [name]
    return Paper(inputs, lines)


def _in_range(op: str, x: Sequence[float]) -> bool:
    """Whether the value is a number that a student would like to work with."""
    if op in ("log", "sqrt") and x[0] < 0.2:
        return False
    if op == "log" and abs(x[0] - 1) < 0.1:
        return False
    if op in ("exp", "sigmoid", "tanh") and abs(x[0]) > 3:
        return False
    if len(x) == 2 and abs(x[0] - x[1]) < 0.05:
        return False
    if op in ("div", "reciprocal", "inverse", "abs", "relu") and abs(x[-1]) < 0.2:
        return False
    value = OPERATIONS[op][1](*x)
    if op == "relu":
        return math.isfinite(value)
    return 0.03 < abs(value) < 60
