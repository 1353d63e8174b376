"""The tree of a LaTeX text, as the parser finds it.

It is an arena, as the Ast is: operands have smaller numbers, and the nodes of an expression are
those from its first one to its root. Its kinds are those of the Ast, and these:

==================  ========================================  ==================================
kind                data                                      kids
==================  ========================================  ==================================
``entry``           the name that it may be, "0" for x[0]     the base, the indices
``everything``                                                none: the ":" of an index
``run``             :class:`Running`                          conditions, limits, the body
``derivative``      a list of :class:`By`                     the operand, the entries
``named``           the label of an \\underbrace              the operand
``compare``         the sign                                  left, right
``apply``           :class:`Function`                         the operand, base and power
``cases``           for each case whether it has a condition  value and condition of each
``matrix``          the environment (``transposed`` of a row   the entries
                    behind which ^T stands) and the rows'
                    lengths
``inverse``                                                   the matrix
``^T``              "T", which has a meaning of its own       the operand
``replaced``                                                  what was, until a sum went on
==================  ========================================  ==================================
"""

from typing import NamedTuple

from gradcalc.syntax.builder import TokenValue


class Running(NamedTuple):
    """``sum``, ``prod``, ``max`` or ``min`` with what runs; nodes are -1 where not given."""

    name: str
    indices: tuple[TokenValue, ...]
    lower: int
    upper: int
    conditions: tuple[int, ...]


class Function(NamedTuple):
    """The head of a call, with the nodes of its power and of the base of a logarithm, or -1."""

    name: str
    start: int
    end: int
    power: int = -1
    base: int = -1


class By(NamedTuple):
    """What is differentiated by: a name, and the node of an entry of it, or -1."""

    name: TokenValue
    entry: int = -1


class Chain(NamedTuple):
    """A statement: the head of its definition (or None) and its members."""

    head: TokenValue | None
    is_function: bool
    members: list[int]


class Tree:
    """The arena."""

    def __init__(self) -> None:
        self.kind: list[str] = []
        self.data: list[object] = []
        self.kids: list[tuple[int, ...]] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.first: list[int] = []

    def __len__(self) -> int:
        return len(self.kind)

    def columns(self, node: int) -> int:
        """How many columns a matrix has."""
        data = self.data[node]
        assert isinstance(data, tuple)
        return int(data[1])

    def add(self, kind: str, data: object, kids: tuple[int, ...], start: int, end: int) -> int:
        node = len(self.kind)
        self.kind.append(kind)
        self.data.append(data)
        self.kids.append(kids)
        self.start.append(start)
        self.end.append(end)
        self.first.append(min([self.first[kid] for kid in kids], default=node))
        return node
