"""The callbacks of the LaTeX grammar: they build the tree from which ``emit.py`` writes the Ast."""

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.builder import SUPERSCRIPTS, TokenValue
from gradcalc.syntax.latex.tree import By, Chain, Function, Running, Tree
from gradcalc.syntax.printer import shorten

#: What may end in a sum that is not in brackets.
ENDS_IN_SUM = frozenset(("run", "juxtaposition", "·", "*", "⊙", "@", "neg", "pos", "+", "-"))
#: So much of the base of a power is looked at.
NEAR = 200


class TreeBuilder:
    """Builds the tree of one problem; its methods are named by the aliases of the grammar."""

    def __init__(self, source: Source, readings: list[Reading]) -> None:
        self.tree = Tree()
        self._readings = readings
        self.chains: list[Chain] = []
        self._runs = False  # whether there is any sum
        self._source = source

    def _add(self, kind: str, data: object, kids: tuple[int, ...], start: int, end: int) -> int:
        return self.tree.add(kind, data, kids, start, end)

    def _over(self, kind: str, data: object, left: int, right: int) -> int:
        return self._add(kind, data, (left, right), self.tree.start[left], self.tree.end[right])

    def start(self, *_: object) -> None:
        """Statements are filed when they are complete; there is nothing to collect."""

    blank = start

    def statement(self, chain: Chain) -> None:
        self.chains.append(chain)

    def output(self, root: int) -> Chain:
        return Chain(None, False, [root])

    def definition(self, head: TokenValue, root: int) -> Chain:
        return Chain(head, " " in head[0], [root])

    def member(self, chain: Chain, _: TokenValue, root: int) -> Chain:
        chain.members.append(root)
        return chain

    def name(self, token: TokenValue) -> int:
        return self._add("name", token[0], (), token[1], token[2])

    def number(self, token: TokenValue) -> int:
        return self._add("number", float(token[0]), (), token[1], token[2])

    def group(self, _: TokenValue, inner: int, closing: TokenValue) -> int:
        return inner

    def parentheses(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        return self._add("()", None, (inner,), opening[1], closing[2])

    def absolute(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        return self._add("||", None, (inner,), opening[1], closing[2])

    def norm(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        return self._add("norm", opening[0], (inner,), opening[1], closing[2])

    def inner(
        self, opening: TokenValue, left: int, _: TokenValue, right: int, closing: TokenValue
    ) -> int:
        return self._add("call", "dot", (left, right), opening[1], closing[2])

    def several(
        self,
        opening: TokenValue,
        entry: int,
        _: TokenValue,
        entries: list[int],
        closing: TokenValue,
    ) -> int:
        return self._add("array", opening[0], (entry, *entries), opening[1], closing[2])

    def sign(self, token: TokenValue, operand: int) -> int:
        kind = "pos" if token[0] == "+" else "neg"
        return self._add(kind, None, (operand,), token[1], self.tree.end[operand])

    def binary(self, left: int, token: TokenValue, right: int) -> int:
        if token[0] in ("+", "-") and self._runs and self.tree.kind[left] in ENDS_IN_SUM:
            extended = self._extended(left, token, right)
            if extended is not None:
                return extended
        return self._over(token[0], token, left, right)

    def _extended(self, left: int, token: TokenValue, right: int) -> int | None:
        """A sum that goes on over + or -, because its index stands behind it; None if it ends."""
        tree, path = self.tree, [left]
        while tree.kind[path[-1]] in ENDS_IN_SUM:
            path.append(tree.kids[path[-1]][-1])
        used = self._free_indices(right)
        while path:
            running = tree.data[path[-1]]
            names = {index[0] for index in running.indices} if isinstance(running, Running) else ()
            if used.intersection(names):
                break
            path.pop()
        if not path:
            return None
        start, end = tree.start[right], tree.end[right]
        index = ", ".join(sorted(used.intersection(names)))
        text = " ".join(shorten(self._source.text[token[1] : end], 40).split())
        message = f"the sum over {index} goes on over {text}, for {index} stands there, too"
        self._readings.append(Reading("sum-goes-on", message, start, end))
        node = self._over(token[0], token, tree.kids[path[-1]][-1], right)
        for above in reversed(path):
            kids = (*tree.kids[above][:-1], node)
            node = self._add(tree.kind[above], tree.data[above], kids, tree.start[above], end)
            tree.kind[above], tree.data[above] = "replaced", None
        return node

    def _free_indices(self, root: int) -> set[str]:
        """The names in the indices of an expression, but for those that run in it."""
        tree, used, bound = self.tree, set[str](), set[str]()
        for node in range(tree.first[root], root + 1):
            data = tree.data[node]
            if isinstance(data, Running):
                bound.update(index[0] for index in data.indices)
            elif tree.kind[node] == "entry":
                base, last = tree.kids[node][0], tree.kids[node][-1]
                nodes = range(base + 1, last + 1)
                used.update(str(tree.data[n]) for n in nodes if tree.kind[n] == "name")
        return used - bound

    def number_behind(self, left: int, right: int) -> int:
        """A number behind an operand, such as (1 - p)0."""
        tree = self.tree
        text = self._source.text[tree.start[left] : tree.end[right]]
        number = self._source.text[tree.start[right] : tree.end[right]]
        shown = " ".join(shorten(text, 40).split())
        message = f"the number in {shown} is read as a factor: ... · {number}"
        self._readings.append(Reading("product", message, tree.start[left], tree.end[right]))
        return self.juxtaposition(left, right)

    def juxtaposition(self, left: int, right: int) -> int:
        return self._over("juxtaposition", None, left, right)

    def conjunction(self, left: int, _: TokenValue, right: int) -> int:
        return self._over("*", None, left, right)

    def comparison(self, left: int, token: TokenValue, right: int) -> int:
        return self._over("compare", token[0], left, right)

    def power(self, base: int, token: TokenValue, exponent: int, closing: TokenValue) -> int:
        start, end = self.tree.start[base], max(closing[2], self.tree.end[exponent])
        if token[0] == "inverse" or (self._is_minus_one(exponent) and self._is_matrix(base)):
            shown = " ".join(shorten(self._source.text[start:end], 40).split())
            self._readings.append(Reading("inverse", f"{shown} is read as the inverse", start, end))
            return self._add("inverse", None, (base, exponent), start, end)
        return self._add("^", None, (base, exponent), start, end)

    def _is_minus_one(self, node: int) -> bool:
        tree = self.tree
        return tree.kind[node] == "neg" and tree.data[tree.kids[node][0]] == 1.0

    def _is_matrix(self, node: int) -> bool:
        """Whether an operand looks like a matrix: capital letters, or something transposed."""
        tree = self.tree
        return any(
            tree.kind[n] in ("transpose", "^T", "matrix")
            or (tree.kind[n] == "name" and str(tree.data[n])[0].isupper())
            for n in range(max(tree.first[node], node - NEAR), node + 1)
        )

    def superscript(self, base: int, token: TokenValue) -> int:
        text, start, end = token
        exponent = self._add("number", float(text.translate(SUPERSCRIPTS)), (), start, end)
        return self._over("^", None, base, exponent)

    def transpose(self, operand: int, token: TokenValue) -> int:
        tree, start = self.tree, self.tree.start[operand]
        end, kids = max(token[2], start), tree.kids[operand]
        if token[0] == "T":
            return self._add("^T", token[0], (operand,), start, end)
        if tree.kind[operand] == "matrix" and len(kids) == tree.columns(operand) > 1:
            # A row, transposed, is the vector.
            return self._add("matrix", ("transposed", 1), kids, start, end)
        return self._add("transpose", None, (operand,), start, end)

    def fraction(
        self,
        opening: TokenValue,
        left: int,
        _: TokenValue,
        __: TokenValue,
        right: int,
        closing: TokenValue,
    ) -> int:
        return self._add("/", None, (left, right), opening[1], closing[2])

    def root(self, opening: TokenValue, operand: int, closing: TokenValue) -> int:
        return self._add("call", "sqrt", (operand,), opening[1], closing[2])

    def root_of(
        self,
        opening: TokenValue,
        order: int,
        _: TokenValue,
        __: TokenValue,
        operand: int,
        closing: TokenValue,
    ) -> int:
        place = (opening[1], closing[2])
        if self.tree.kind[order] == "number" and self.tree.data[order] in (2.0, 3.0):
            name = "sqrt" if self.tree.data[order] == 2 else "cbrt"
            return self._add("root", name, (order, operand), *place)
        return self._add("root", "^", (order, operand), *place)

    def named(self, token: TokenValue, operand: int, closing: TokenValue) -> int:
        return self._add("named", token[0], (operand,), token[1], token[2])

    # Indices.

    def first_item(self, item: int) -> list[int]:
        return [item]

    def next_item(self, items: list[int], _: TokenValue, item: int) -> list[int]:
        items.append(item)
        return items

    def everything(self, token: TokenValue) -> int:
        return self._add("everything", None, (), token[1], token[2])

    def subscript(self, base: int, token: TokenValue, items: list[int], end: TokenValue) -> int:
        start = self.tree.start[base]
        return self._add("entry", token[0], (base, *items), start, max(end[2], token[2]))

    # Functions.

    def function(self, token: TokenValue) -> Function:
        return Function(*token)

    def function_power(
        self, function: Function, _: TokenValue, power: int, closing: TokenValue
    ) -> Function:
        return function._replace(power=power, end=closing[2])

    def function_base(
        self, function: Function, _: TokenValue, base: int, closing: TokenValue
    ) -> Function:
        return function._replace(base=base, end=closing[2])

    def call(
        self, function: Function, _: TokenValue, arguments: list[int], closing: TokenValue
    ) -> int:
        return self._call(function, arguments, function.start, closing[2])

    def _call(self, function: Function, arguments: list[int], start: int, end: int) -> int:
        more = tuple(node for node in (function.power, function.base) if node >= 0)
        if not more:
            return self._add("call", function.name, tuple(arguments), start, end)
        if function.base >= 0 and len(arguments) > 1:
            message = "a logarithm has one operand"
            raise self._error(message, self.tree.start[arguments[1]], end)
        return self._add("apply", function, (*more, *arguments), start, end)

    def application(self, function: Function, operand: int) -> int:
        node = self._call(function, [operand], function.start, self.tree.end[operand])
        if self.tree.kind[operand] == "juxtaposition":
            self.tree.add("note", "argument", (node,), function.start, self.tree.end[operand])
            return len(self.tree) - 1
        return node

    def signed_application(self, function: Function, token: TokenValue, operand: int) -> int:
        if token[0] == "+":
            name = self._source.text[function.start : function.end]
            raise self._error(f"{name} lacks its operand", function.start, function.end)
        return self.application(function, self.sign(token, operand))

    # Derivatives, sums.

    def first_by(self, token: TokenValue) -> list[By]:
        return [By(token)]

    def next_by(self, by: list[By], token: TokenValue) -> list[By]:
        return by + self.first_by(token)

    def by_entry(
        self, by: list[By], token: TokenValue, items: list[int], _: TokenValue
    ) -> list[By]:
        base = self.name(by[-1].name)
        by[-1] = By(by[-1].name, self._add("entry", token[0], (base, *items), *token[1:]))
        return by

    def derivative(
        self, token: TokenValue, operand: int, _: TokenValue, by: list[By], __: TokenValue
    ) -> int:
        return self._derivative(by, operand, token[1], token[2])

    def _derivative(self, by: list[By], operand: int, start: int, end: int) -> int:
        entries = tuple(one.entry for one in by if one.entry >= 0)
        return self._add("derivative", tuple(by), (operand, *entries), start, end)

    def differentiate(self, token: TokenValue, by: list[By], _: TokenValue) -> tuple[int, list[By]]:
        return token[1], by

    def gradient_of(self, head: tuple[int, list[By]], operand: int) -> int:
        return self._derivative(head[1], operand, head[0], self.tree.end[operand])

    def reaching(self, token: TokenValue) -> tuple[int, Running]:
        self._runs = True
        return token[1], Running(token[0], (), -1, -1, ())

    def index(self, head: tuple[int, Running], token: TokenValue) -> tuple[int, Running]:
        start, running = head
        return start, running._replace(indices=(*running.indices, token))

    def lower(
        self, head: tuple[int, Running], _: TokenValue, node: int, __: TokenValue
    ) -> tuple[int, Running]:
        return head[0], head[1]._replace(lower=node)

    def upper(
        self, head: tuple[int, Running], _: TokenValue, node: int, __: TokenValue
    ) -> tuple[int, Running]:
        if self.tree.data[node] == "inf":
            start, end = self.tree.start[node], self.tree.end[node]
            raise self._error("a sum of infinitely many terms cannot be computed", start, end)
        return head[0], head[1]._replace(upper=node)

    def condition(
        self, head: tuple[int, Running], _: TokenValue, node: int, __: TokenValue
    ) -> tuple[int, Running]:
        return head[0], head[1]._replace(conditions=(*head[1].conditions, node))

    def reach(self, head: tuple[int, Running | list[By]], body: int) -> int:
        start, what = head
        end = self.tree.end[body]
        if isinstance(what, list):
            node = self._derivative(what, body, start, end)
            if self.tree.kind[body] in ("juxtaposition", "·", "*"):
                node = self._add("note", "reach", (node,), start, end)
            return node
        kids = [node for node in (what.lower, what.upper, *what.conditions) if node >= 0]
        return self._add("run", what, (*kids, body), start, end)

    # Matrices and cases.

    def first_row(self, row: list[int]) -> list[list[int]]:
        return [row]

    def next_row(self, rows: list[list[int]], _: TokenValue, row: list[int]) -> list[list[int]]:
        rows.append(row)
        return rows

    def matrix(self, opening: TokenValue, rows: list[list[int]], closing: TokenValue) -> int:
        for row in rows:
            if len(row) != len(rows[0]):
                start, end = self.tree.start[row[0]], self.tree.end[row[-1]]
                message = f"a row of length {len(row)} in a matrix with rows of {len(rows[0])}"
                raise self._error(message, start, end)
        data = opening[0], len(rows[0])
        entries = tuple(entry for row in rows for entry in row)
        return self._add("matrix", data, entries, opening[1], closing[2])

    def case(self, value: int, _: TokenValue, condition: int) -> list[int]:
        return [value, condition]

    def otherwise(self, value: int, _: TokenValue | None = None) -> list[int]:
        return [value]

    def cases(self, opening: TokenValue, rows: list[list[int]], closing: TokenValue) -> int:
        for row in rows[:-1]:
            if len(row) == 1:
                start, end = self.tree.start[row[0]], self.tree.end[row[0]]
                message = "this case has no condition, and is not the last one"
                raise self._error(message, start, end)
        kids = tuple(node for row in rows for node in row)
        return self._add("cases", len(rows), kids, opening[1], closing[2])

    def _error(self, message: str, start: int, end: int) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], source=self._source)
