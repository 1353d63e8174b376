"""The Ast: what the user wrote, as columns in an arena.

Node ``i`` is ``kind[i]``, ``left[i]``, ``right[i]`` and the source range ``start[i]:end[i]``.
Operands have smaller numbers than the node that uses them, so every pass over an expression,
however deep, is a loop. What ``left`` and ``right`` hold depends on the kind:

======================  ==========================  ====================================
kind                    left                        right
======================  ==========================  ====================================
``number``              place in ``numbers``        -1
``name``                place in ``names``          -1
``call``                place in ``names``          place in ``arguments``
``()``, ``||``,         operand                     -1
``norm``, ``neg``,
``pos``
any of ``BINARY``       left operand                right operand
======================  ==========================  ====================================
"""

from array import array
from typing import NamedTuple

#: The binary kinds, each with its binding strength (see :mod:`gradcalc.syntax.printer`).
BINARY = {
    "<": 1,
    "<=": 1,
    ">": 1,
    ">=": 1,
    "==": 1,
    "!=": 1,
    "+": 2,
    "-": 2,
    "*": 3,
    "/": 3,
    "·": 3,
    "⊙": 3,
    "juxtaposition": 3,
    "^": 5,
}


class Statement(NamedTuple):
    """One statement. Its expression is the Ast nodes ``first`` to ``root``, both included."""

    kind: str  #: ``output``, ``definition`` or ``function``
    name: str  #: the name it defines; empty for an output
    parameters: tuple[str, ...]  #: of a function
    first: int
    root: int
    start: int  #: the source range, from the name that it defines to the end
    end: int
    head_end: int  #: where the head (``q =``) ends


class Reading(NamedTuple):
    """A place that a reader could have understood otherwise, and how it was read."""

    kind: str
    message: str
    start: int
    end: int


class Ast:
    """One problem: the arena of its expressions and the list of its statements."""

    __slots__ = (
        "arguments",
        "end",
        "kind",
        "left",
        "names",
        "numbers",
        "readings",
        "right",
        "start",
        "statements",
    )

    def __init__(self) -> None:
        self.kind: list[str] = []
        self.left = array("i")
        self.right = array("i")
        self.start = array("q")
        self.end = array("q")
        self.numbers = array("d")
        self.names: list[str] = []
        self.arguments: list[tuple[int, ...]] = []
        self.statements: list[Statement] = []
        self.readings: list[Reading] = []

    def __len__(self) -> int:
        return len(self.kind)

    def add(self, kind: str, left: int, right: int, start: int, end: int) -> int:
        """Append a node and return its number."""
        self.kind.append(kind)
        self.left.append(left)
        self.right.append(right)
        self.start.append(start)
        self.end.append(end)
        return len(self.kind) - 1

    def operands(self, node: int) -> tuple[int, ...]:
        """The operands of a node, from left to right."""
        kind = self.kind[node]
        if kind in BINARY:
            return self.left[node], self.right[node]
        if kind == "call":
            return self.arguments[self.right[node]]
        return () if kind in ("number", "name") else (self.left[node],)
