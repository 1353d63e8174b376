"""The computational graph, as columns in an arena.

Node ``i`` applies ``ops.TABLE[op[i]]`` to the nodes ``operands[i]``, all of them smaller than
``i``: the graph is in topological order by construction, so that forward is a loop and reverse the
same loop backwards.
"""

from array import array
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from gradcalc import ops
from gradcalc.ops.shapes import Shape
from gradcalc.source import Slotted

#: In place of an operation: a leaf.
INPUT = -1
CONSTANT = -2
#: The first of the operations that are not elementwise.
STRUCTURAL = len(ops.ELEMENTWISE)


class Graph(Slotted):
    """A computational graph.

    Attributes:
        op, operands: the columns described above; a leaf has no operands.
        varies: 1 for a node on a path from an input, the only ones that are differentiated.
        origin: the Ast node that a node comes from, -1 for none.
        constants: the value of each constant leaf, by node.
        names: what the user calls a node, by node.
        shapes: the shape of each node that is not simply a scalar made of scalars, by node. None
            for one that depends on a name without a value. Empty for a program of scalars.
        settings: of the structural operations that have some, by node.
        rows: the vectors that are rows to the products of mathematics: transposed ones, and what is
            made of such. (To NumPy a vector is neither a row nor a column.)
    """

    __slots__ = (
        "constants",
        "names",
        "op",
        "operands",
        "origin",
        "rows",
        "settings",
        "shapes",
        "varies",
    )

    def __init__(self) -> None:
        self.op: list[int] = []
        self.operands: list[tuple[int, ...]] = []
        self.varies = bytearray()
        self.origin = array("i")
        self.constants: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.shapes: dict[int, Shape | None] = {}
        self.settings: dict[int, Mapping[str, Any]] = {}
        self.rows: set[int] = set()

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

    def apply(
        self,
        op: int,
        operands: tuple[int, ...],
        settings: Mapping[str, Any] | None = None,
        origin: int = -1,
    ) -> int:
        """Append an operation on operands of any shape and return its node.

        Raises:
            Misfit: the shapes do not fit; nothing was appended.
        """
        row = ops.TABLE[op]
        shapes = [self.shapes.get(operand, ()) for operand in operands]
        if op < STRUCTURAL:
            if not any(shapes) and None not in shapes:
                return self.add(op, operands, origin)
        elif row.settings:
            settings = {
                setting.name: (settings or {}).get(setting.name, setting.default)
                for setting in row.settings
            }
        known = [shape for shape in shapes if shape is not None]
        shape = row.shape(*known, **settings or {}) if len(known) == len(shapes) else None
        node = self.add(op, operands, origin)
        self.shapes[node] = shape
        if settings:
            self.settings[node] = settings
        if (self.rows or row.name == "transpose") and shape is not None and len(shape) == 1:
            self._note_row(node, row.name)
        return node

    def _note_row(self, node: int, name: str) -> None:
        """Note whether a vector is a row."""
        operands, rows = self.operands[node], self.rows
        if name == "transpose":
            is_row = operands[0] not in rows
        elif name == "matmul":
            is_row = operands[0] in rows
        else:
            # Element by element, or one behind the other, of rows and scalars.
            kinds = {operand in rows for operand in operands if self.shapes.get(operand)}
            is_row = (self.op[node] < STRUCTURAL or name == "concat") and kinds == {True}
        if is_row:
            rows.add(node)

    def shape(self, node: int) -> Shape:
        """The shape of a node; it must be known."""
        shape = self.shapes.get(node, ())
        assert shape is not None
        return shape

    def add_input(self, name: str = "", origin: int = -1, shape: Shape | None = ()) -> int:
        """Append a leaf that receives a gradient."""
        node = self.add(INPUT, (), origin)
        self.varies[node] = 1
        if name:
            self.names[node] = name
        if shape != ():
            self.shapes[node] = shape
        return node

    def add_constant(self, value: Any, origin: int = -1) -> int:
        """Append a leaf that does not."""
        node = self.add(CONSTANT, (), origin)
        self.constants[node] = value
        if shape := getattr(value, "shape", ()):
            self.shapes[node] = shape
        return node

    def copy(self) -> "Graph":
        """A graph that can be extended; the values of constants are shared."""
        other = Graph()
        for column in self.__slots__:
            setattr(other, column, copy(getattr(self, column)))
        return other

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
