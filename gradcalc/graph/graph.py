"""The computational graph, as columns in an arena.

Node ``i`` applies ``ops.TABLE[op[i]]`` to the nodes ``operands[i]``, all of them smaller than
``i``: the graph is in topological order by construction, so that forward is a loop and reverse the
same loop backwards.
"""

from array import array
from collections.abc import Iterable

#: In place of an operation: a leaf.
INPUT = -1
CONSTANT = -2


class Graph:
    """A computational graph.

    Attributes:
        op, operands: the columns described above; a leaf has no operands.
        varies: 1 for a node on a path from an input, the only ones that are differentiated.
        origin: the Ast node that a node comes from, -1 for none.
        constants: the value of each constant leaf, by node.
        names: what the user calls a node, by node.
    """

    __slots__ = ("constants", "names", "op", "operands", "origin", "varies")

    def __init__(self) -> None:
        self.op: list[int] = []
        self.operands: list[tuple[int, ...]] = []
        self.varies = bytearray()
        self.origin = array("i")
        self.constants: dict[int, float] = {}
        self.names: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.op)

    def add(self, op: int, operands: tuple[int, ...], origin: int = -1) -> int:
        """Append an operation and return its node."""
        varies = self.varies
        for operand in operands:
            if varies[operand]:
                varies.append(1)
                break
        else:
            varies.append(0)
        self.op.append(op)
        self.operands.append(operands)
        self.origin.append(origin)
        return len(self.op) - 1

    def add_input(self, name: str = "", origin: int = -1) -> int:
        """Append a leaf that receives a gradient."""
        node = self.add(INPUT, (), origin)
        self.varies[node] = 1
        if name:
            self.names[node] = name
        return node

    def add_constant(self, value: float, origin: int = -1) -> int:
        """Append a leaf that does not."""
        node = self.add(CONSTANT, (), origin)
        self.constants[node] = value
        return node

    def ancestors(self, roots: Iterable[int]) -> list[int]:
        """The nodes that the roots depend on, themselves included, in topological order."""
        seen = set(roots)
        stack = list(seen)
        while stack:
            for operand in self.operands[stack.pop()]:
                if operand not in seen:
                    seen.add(operand)
                    stack.append(operand)
        return sorted(seen)
