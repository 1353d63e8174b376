"""A student's sheet of paper: a graph of numbers, worked through by hand, with mistakes.

It has nothing in common with the package. A line is ``(name, operation, operands)``; the gradient
of a name is asked for, and asks in turn for the gradients of the lines that use the name.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """One step: ``name = op(operands)``."""

    name: str
    op: str
    operands: tuple[str, ...]


def sigmoid(t: float) -> float:
    return 1 / (1 + math.exp(-t))


#: By operation: how it is written, its value, and its derivative by each operand.
OPERATIONS: dict[str, tuple[str, Callable[..., float], Callable[..., tuple[float, ...]]]] = {
    "add": ("{0} + {1}", lambda a, b: a + b, lambda a, b: (1, 1)),
    "sub": ("{0} - {1}", lambda a, b: a - b, lambda a, b: (1, -1)),
    "mul": ("{0} * {1}", lambda a, b: a * b, lambda a, b: (b, a)),
    "div": ("{0} / {1}", lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "neg": ("-{0}", lambda a: -a, lambda a: (-1,)),
    "triple": ("3 * {0}", lambda a: 3 * a, lambda a: (3,)),
    "shift": ("{0} + 2", lambda a: a + 2, lambda a: (1,)),
    "square": ("{0}^2", lambda a: a**2, lambda a: (2 * a,)),
    "cube": ("{0}^3", lambda a: a**3, lambda a: (3 * a**2,)),
    "reciprocal": ("reciprocal({0})", lambda a: 1 / a, lambda a: (-1 / a**2,)),
    "inverse": ("1 / {0}", lambda a: 1 / a, lambda a: (-1 / a**2,)),
    "exp": ("exp({0})", math.exp, lambda a: (math.exp(a),)),
    "log": ("log({0})", math.log, lambda a: (1 / a,)),
    "sqrt": ("sqrt({0})", math.sqrt, lambda a: (0.5 / math.sqrt(a),)),
    "sigmoid": ("sigmoid({0})", sigmoid, lambda a: (sigmoid(a) * (1 - sigmoid(a)),)),
    "tanh": ("tanh({0})", math.tanh, lambda a: (1 - math.tanh(a) ** 2,)),
    "relu": ("relu({0})", lambda a: max(a, 0.0), lambda a: (1.0 if a > 0 else 0.0,)),
    "max": ("max({0}, {1})", max, lambda a, b: (float(a >= b), float(b > a))),
    "min": ("min({0}, {1})", min, lambda a, b: (float(a <= b), float(b < a))),
    "abs": ("abs({0})", abs, lambda a: (math.copysign(1, a),)),
    "sin": ("sin({0})", math.sin, lambda a: (math.cos(a),)),
    "cos": ("cos({0})", math.cos, lambda a: (-math.sin(a),)),
}
FUNCTIONS = frozenset(
    "square cube reciprocal inverse exp log sqrt sigmoid tanh sin cos".split()  # noqa: SIM905
)


class Slip(NamedTuple):
    """A mistake of the student.

    Attributes:
        name: what the table of the package calls it.
        at: the line where it is made; empty for every line with the operation ``op``.
        passes: the wrong rule: ``passes(up, value, *operands)``, what each operand gets.
        adds_up: the wrong sum of the parts that arrive, the last line's first.
        value: the wrong value, of the operands.
        upstream: the name whose gradient is taken for that of ``at``.
        op: of a habit.
    """

    name: str
    at: str = ""
    passes: Callable[..., Sequence[float]] | None = None
    adds_up: Callable[[list[float], float], float] | None = None
    value: Callable[..., float] | None = None
    upstream: str = ""
    op: str = ""


class Paper:
    """The work of a student.

    Attributes:
        values: by name, as the student worked them out.
        output: the last name.

    Args:
        rounds: what the student does to each number before going on with it.
    """

    def __init__(
        self,
        inputs: Mapping[str, float],
        lines: Sequence[Line],
        slips: Sequence[Slip] = (),
        rounds: Callable[[float], float] = float,
    ) -> None:
        self.inputs, self.lines, self.slips, self._rounds = inputs, lines, slips, rounds
        self.output = lines[-1].name
        self.values = dict(inputs)
        for line in lines:
            work = OPERATIONS[line.op][1]
            for slip in slips:
                if slip.value and slip.at == line.name:
                    work = slip.value
            self.values[line.name] = rounds(work(*(self.values[o] for o in line.operands)))
        self._known: dict[str, float] = {}

    @property
    def text(self) -> str:
        """The problem, in the language."""
        lines = [f"{n} = {OPERATIONS[op][0].format(*o)}" for n, op, o in self.lines]
        return "; ".join([*lines, self.output]) if len(lines) > 1 else lines[0]

    def gradient(self, name: str) -> float:
        """The gradient of the output by a name."""
        if name not in self._known:
            if name == self.output:
                return 1.0
            parts = [
                self._passed(line)[place]
                for line in reversed(self.lines)
                for place, operand in enumerate(line.operands)
                if operand == name
            ]
            total = sum(parts)
            for slip in self.slips:
                if slip.adds_up and slip.at in ("", name):
                    total = slip.adds_up(parts, self.values[name])
            self._known[name] = self._rounds(total)
        return self._known[name]

    def _passed(self, line: Line) -> Sequence[float]:
        x = [self.values[operand] for operand in line.operands]
        up = self.gradient(line.name)
        for slip in self.slips:
            if slip.at == line.name or (not slip.at and slip.op == line.op):
                if slip.upstream:
                    up = self.gradient(slip.upstream)
                if slip.passes:
                    return slip.passes(up, self.values[line.name], *x)
        return [up * local for local in OPERATIONS[line.op][2](*x)]

    def uses(self, name: str) -> int:
        """How often a name is used."""
        return sum(line.operands.count(name) for line in self.lines)

    def slipped(self, slip: Slip) -> set[str]:
        """The names of the answers that a mistake at one place is made in."""
        if slip.value:
            return {slip.at}
        if slip.adds_up:
            return {f"d{slip.at}"}
        return {f"d{o}" for line in self.lines if line.name == slip.at for o in line.operands}

    def answers(self, everything: bool) -> dict[str, float]:
        """What the student hands in: the gradients of the inputs, or all numbers."""
        found = {f"d{name}": self.gradient(name) for name in self.inputs}
        if everything:
            for line in self.lines:
                found[line.name] = self.values[line.name]
                found[f"d{line.name}"] = self.gradient(line.name)
        return found
