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
``array``               -1                          place in ``arguments``: the entries
``index``               the array                   place in ``arguments``: the items
``slice``               -1                          place in ``arguments``: start, stop and
                                                    step; -1 for what is left out
``keyword``             operand                     place in ``names``
``for``                 the body                    place in ``arguments``: the operands of
                                                    all ``range(...)``
``()``, ``neg``,        operand                     -1
``pos``, ``transpose``,
any of ``NORMS``
``derivative``          what is differentiated      the name to differentiate by
``^T``                  operand                     the name T, which has a meaning of its
                                                    own: a transpose, or of a number a power
any of ``BINARY``       left operand                right operand
======================  ==========================  ====================================

A tuple is an ``array``. A ``slice`` is an item of an ``index``, a ``keyword`` an argument of a
call, a ``for`` the one argument of a call or the one entry of an array; its loops are in ``loops``.
"""

from array import array
from math import inf
from typing import NamedTuple

from gradcalc.source import Slotted

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
    "@": 3,
    "juxtaposition": 3,
    "^": 5,
}
#: The kinds in bars, each with the order of the norm that it is of an array. They are no calls of
#: ``norm``, so that they mean the same where a program has a name ``norm`` or ``inf`` of its own.
NORMS = {"||": 2.0, "norm": 2.0, "norm_1": 1.0, "norm_inf": inf}


class Statement(NamedTuple):
    """One statement. Its expression is the Ast nodes ``first`` to ``root``, both included."""

    #: ``output``, ``definition`` or ``function``; ``claim``, a bare expression that begins a chain
    #: of equals; ``member``, a further member of the chain that begins with an earlier statement
    kind: str
    name: str  #: the name it defines, if it does
    parameters: tuple[str, ...]  #: of a function
    first: int
    root: int
    start: int  #: the source range, from the name that it defines to the end
    end: int
    head_end: int  #: where the head (``q =``) ends


class Reading(NamedTuple):
    """A place that a reader could have understood otherwise, and how it was read.

    The message quotes the user. Where it puts in the sign of a product, that is ``·``, which is
    what no sign means, of numbers and of arrays.
    """

    kind: str
    message: str
    start: int
    end: int


class Loop(NamedTuple):
    """``for name in range(arguments)``, with the source range of the name."""

    name: str
    arguments: tuple[int, ...]
    start: int
    end: int


class Subscript(NamedTuple):
    """How an item of an index counts that is a subscript of LaTeX. There are no negative ones."""

    first: int  #: what the first entry is called, as a rule 1; the item itself counts from 0
    start: int  #: the source range, of which the item may be a part
    end: int


class Matrix(NamedTuple):
    """How an array was written that is a matrix of LaTeX, whose entries may be blocks.

    Its node is an ``array``, or the ``transpose`` of one for a single row.
    """

    rows: tuple[tuple[int, ...], ...]  #: the entries
    arrays: tuple[int, ...]  #: the nodes that are its rows, where these are nodes
    #: What is made of it: ``matrix``, ``transposed``, or ``determinant``, which needs two axes
    #: of a single row and column as well.
    use: str


class Ast(Slotted):
    """One problem: the arena of its expressions and the list of its statements."""

    __slots__ = (
        "_firsts",
        "arguments",
        "blocks",
        "end",
        "families",
        "kind",
        "left",
        "loops",
        "matrices",
        "names",
        "notation",
        "numbers",
        "readings",
        "right",
        "start",
        "statements",
        "subscripts",
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
        self.loops: dict[int, tuple[Loop, ...]] = {}  #: of each node ``for``, from left to right
        self.subscripts: dict[int, Subscript] = {}  #: by the items of indices
        self.matrices: dict[int, Matrix] = {}
        self.blocks: list[int] = []  #: those of them of which the lowering has joined blocks
        #: Functions that are definitions for each index in LaTeX, and what the index stands at.
        self.families: dict[str, str] = {}
        self.notation = "native"  #: that it was written in: ``native`` or ``latex``
        self._firsts: dict[int, int] = {}

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
        if kind in BINARY or kind in ("derivative", "^T"):
            return self.left[node], self.right[node]
        if kind in ("number", "name"):
            return ()
        if kind in ("call", "array"):
            return self.arguments[self.right[node]]
        if kind in ("index", "for"):
            return self.left[node], *self.arguments[self.right[node]]
        if kind == "slice":
            return tuple(part for part in self.arguments[self.right[node]] if part >= 0)
        return (self.left[node],)

    def recurrence(self) -> Statement | None:
        """What has no native notation: a definition for each index that is made of itself, or of
        others below; and a use of x_i where only x_1, x_2 ... are known."""
        above = set[str]()
        for statement in self.statements if self.families else ():
            for i in range(statement.first, statement.root + 1):
                name = self.names[self.left[i]] if self.kind[i] == "call" else ""
                if name in self.families and name not in above:
                    return statement
            above.add(statement.name)
        return None

    def first(self, node: int) -> int:
        """The first node of a subexpression, which is all the nodes from there to ``node``."""
        firsts = self._firsts
        first, passed = node, []
        while first not in firsts and (operands := self.operands(first)):
            if self.kind[first] == "for":
                passed.append(first)
            first = operands[0]
        first = firsts.get(first, first)
        # Loops in loops are asked for one after the other: each way is gone once.
        firsts.update(dict.fromkeys(passed, first))
        return first
