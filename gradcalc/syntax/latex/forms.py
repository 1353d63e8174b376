"""What is seldom written: matrices, cases, derivatives, norms and logarithms with a subscript."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcalc.syntax.ast import Matrix
from gradcalc.syntax.latex.tree import By, Function

if TYPE_CHECKING:
    from gradcalc.syntax.latex.emit import Emitter

COMPLEMENTS = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
#: What is made of a matrix, by its environment; ``transposed`` is a row behind which ^T stands.
USES = {"vmatrix": "determinant", "transposed": "transposed"}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


class Forms:
    """Writes these."""

    def __init__(self, emitter: "Emitter") -> None:
        self.emitter = emitter
        self.tree = emitter.tree
        self._kinds: dict[str, Callable[[int], None]] = {
            "norm": self._norm,
            "apply": self._apply,
            "matrix": self._matrix,
            "root": self._root,
            "inverse": self._inverse,
            "outer": self._outer,
            "note": self._note,
            "everything": self._everything,
            "cases": self._cases,
            "derivative": self._derivative,
            "compare": self._comparison,
        }

    def write(self, kind: str, node: int) -> None:
        """Write a node of one of these kinds."""
        self._kinds[kind](node)

    def _norm(self, node: int) -> None:
        order = self.tree.data[node]
        kind = f"norm_{order}" if order else "norm"
        self.emitter.then(self.tree.kids[node], self.emitter.put_around, kind, node)

    def _apply(self, node: int) -> None:
        """A function with a power, a logarithm with a base."""
        emitter, function = self.emitter, self.tree.data[node]
        assert isinstance(function, Function)
        has_power, has_base = function.power >= 0, function.base >= 0
        arguments = self.tree.kids[node][has_power + has_base :]
        if has_power:
            emitter.tasks.append((emitter.put_pair, "^", node))
            emitter.tasks.append((emitter.write, function.power))
        if has_base:
            emitter.tasks.append((emitter.put_pair, "/", node))
            emitter.then([function.base], emitter.put_call, "log", 1, node)
        emitter.then(arguments, emitter.put_call, function.name, len(arguments), node)

    def _matrix(self, node: int) -> None:
        """One column is a vector, one row the transpose of one, unless the entries are blocks."""
        data: Any = self.tree.data[node]
        environment, columns = data
        emitter, entries = self.emitter, self.tree.kids[node]
        rows = len(entries) // columns
        use = USES.get(environment, "matrix")
        if environment == "Vmatrix":
            emitter.tasks.append((emitter.put_around, "norm", node))
        if use == "determinant":
            emitter.tasks.append((emitter.put_call, "det", 1, node))
        emitter.tasks.append((self._file_matrix, use, columns))
        if use != "determinant" and columns == 1:
            emitter.then(entries, emitter.put_array, rows, node)
            return
        if use != "determinant" and rows == 1:
            emitter.tasks.append((emitter.put_around, "transpose", node))
            emitter.then(entries, emitter.put_array, columns, node)
            return
        emitter.tasks.append((emitter.put_array, rows, node))
        for begin in range(len(entries) - columns, -1, -columns):
            emitter.then(entries[begin : begin + columns], emitter.put_array, columns, node)

    def _file_matrix(self, use: str, columns: int) -> None:
        """Note in the Ast that what was written last is a matrix of LaTeX."""
        ast, root = self.emitter.ast, self.emitter.results[-1]
        inner = ast.operands(root)
        arrays: tuple[int, ...] = ()
        if use == "determinant" or columns > 1:
            arrays = inner
            rows = tuple(map(ast.operands, arrays))
        else:
            rows = (inner,) if use == "transposed" else tuple((entry,) for entry in inner)
        ast.matrices[root] = Matrix(rows, arrays, use)

    def _root(self, node: int) -> None:
        emitter, name = self.emitter, str(self.tree.data[node])
        order, operand = self.tree.kids[node]
        if name != "^":
            emitter.then([operand], emitter.put_call, name, 1, node)
            return
        emitter.tasks.append((emitter.put_pair, "^", node))
        emitter.tasks.append((emitter.put_pair, "/", node))
        emitter.tasks.append((emitter.write, order))
        emitter.then([operand], emitter.put_number, 1.0, node)

    def _inverse(self, node: int) -> None:
        self.emitter.then(self.tree.kids[node][:1], self.emitter.put_call, "inv", 1, node)

    def _outer(self, node: int) -> None:
        self.emitter.then(self.tree.kids[node], self.emitter.put_call, "outer", 2, node)

    def _note(self, node: int) -> None:
        """A function without brackets, or a derivative, of more than one factor."""
        emitter, tree = self.emitter, self.tree
        (inner,) = tree.kids[node]
        emitter.tasks.append((emitter.write, inner))
        if tree.data[node] == "argument":
            operand = tree.kids[inner][-1]
            text = emitter.source.text[tree.start[inner] : tree.start[operand]]
            message = f"{emitter.quoted(inner)} is read as {' '.join(text.split())}"
            message += f"({emitter.quoted(operand)})"
        else:
            operand = tree.kids[inner][0]
            message = f"{emitter.quoted(inner)} is read as the derivative of all of"
            message += f" {emitter.quoted(operand)}"
        emitter.note("argument", message, tree.start[node], tree.end[node])

    def _everything(self, node: int) -> None:
        self.emitter.put("slice", -1, self.emitter.list_of([-1, -1, -1]), node)

    def _comparison(self, node: int) -> None:
        """a < b < c is (a < b)*(b < c), as mathematics means it."""
        emitter, tree = self.emitter, self.tree
        left, right = tree.kids[node]
        sign = str(tree.data[node])
        if tree.kind[left] != "compare":
            emitter.then((left, right), emitter.put_pair, sign, node)
            return
        emitter.tasks.append((emitter.put_pair, "*", node))
        emitter.then((tree.kids[left][1], right), emitter.put_pair, sign, node)
        emitter.tasks.append((emitter.write, left))

    def _cases(self, node: int) -> None:
        emitter, tree, kids = self.emitter, self.tree, self.tree.kids[node]
        pairs = [(kids[i], kids[i + 1]) for i in range(0, len(kids) - 1, 2)]
        last: int | None = kids[-1] if len(kids) % 2 else None
        if last is None and len(pairs) == 2 and self._is_complement(pairs[0][1], pairs[1][1]):
            last = pairs.pop()[0]
        emitter.tasks.extend([(emitter.put_call, "where", 3, node)] * len(pairs))
        if last is None:
            message = "where none of the cases holds, the value is nan"
            emitter.note("cases", message, tree.start[node], tree.end[node])
            emitter.tasks.append((emitter.put_name, "nan", node))
        else:
            emitter.tasks.append((emitter.write, last))
        for value, condition in reversed(pairs):
            emitter.tasks.append((emitter.write, value))
            emitter.tasks.append((emitter.write, condition))

    def _is_complement(self, one: int, other: int) -> bool:
        """Whether one of two conditions holds where the other one does not."""
        tree, quoted = self.tree, self.emitter.quoted
        if tree.kind[one] != "compare" or tree.kind[other] != "compare":
            return False
        a, b = map(quoted, tree.kids[one])
        c, d = map(quoted, tree.kids[other])
        opposite, sign = COMPLEMENTS[str(tree.data[one])], str(tree.data[other])
        return (a, b, opposite) in ((c, d, sign), (d, c, MIRRORED[sign]))

    def _derivative(self, node: int) -> None:
        by: Any = self.tree.data[node]
        for one in reversed(by):
            self.emitter.tasks.append((self._by, one, node))
        operand = self.tree.kids[node][0]
        while self.tree.kind[operand] == "()":
            operand = self.tree.kids[operand][0]
        self.emitter.tasks.append((self.emitter.write, operand))

    def _by(self, by: By, node: int) -> None:
        """The derivative by a name, or by an entry of it, of what was written last."""
        emitter = self.emitter
        name, start, end = by.name
        joined, items = "", tuple[int, ...]()
        if by.entry >= 0:
            joined, items = str(self.tree.data[by.entry]), self.tree.kids[by.entry][1:]
        is_entry = bool(items) and (not joined or emitter.sums.is_active(items))
        operand = emitter.pop()
        emitter.name_at(name if is_entry else joined or name, start, end)
        emitter.put("derivative", operand, emitter.pop(), node)
        if is_entry:
            emitter.tasks.append((emitter.sums.index_of, len(items), node))
            write = emitter.sums.write_item
            emitter.tasks.extend((write, item) for item in reversed(items))
