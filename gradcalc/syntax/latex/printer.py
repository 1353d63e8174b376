"""From the native notation to LaTeX: the text is parsed, and its Ast printed in one loop.

Only the brackets that a reader needs are written. What is written is maths mode, needs amsmath and
amssymb, and has no ``$``, ``|`` or ``*``, so that it can stand in Markdown.
"""

import re
from collections.abc import Mapping, Sequence

from gradcalc.errors import GradcalcError
from gradcalc.source import Source
from gradcalc.syntax.ast import BINARY, NORMS, Ast, Statement
from gradcalc.syntax.latex import pieces
from gradcalc.syntax.latex.calls import LETTERS, call, cases
from gradcalc.syntax.latex.pieces import (
    ATOM,
    COMPARISON,
    FRACTION,
    LOOSE,
    NUMBER,
    POWER,
    UNKNOWN,
    Piece,
    bracketed,
    enclosed,
    next_row,
    of_all,
    of_index,
    of_product,
    row,
)
from gradcalc.syntax.latex.sums import Bound, Unprintable, listed, subscripts, summed
from gradcalc.syntax.latex.typeset import symbol, verbatim
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import flatten

#: A word, and whether a bracket follows. Superscripts are letters to Python.
WORD = re.compile(r"[^\W\d²³¹⁰-ⁿᴬ-ᵡ][^\W²³¹⁰-ⁿᴬ-ᵡ]*+(?=(\()?)")
SIGNS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
#: What joins arrays and is written as a matrix, by its name and axis, with the rank of the arrays.
BLOCKS = {("concat", 0.0): 2, ("concat", 1.0): 2, ("stack", 1.0): 1}
PRODUCTS = {"·": r"\cdot", "⊙": r"\odot", "@": "@"}


def latex(text: str, arrays: Mapping[str, int] | None = None) -> str:
    """A text in the native notation as LaTeX, for maths mode.

    A text that cannot be read, such as one that was shortened, comes as it is, in the font of a
    typewriter.

    Args:
        text: an expression, or statements. In front of a bracket a word is a function.
        arrays: how many axes each name that is an array has. A product ``*`` of arrays is
            ``\\odot``, that of numbers has no sign where none is needed.
    """
    return formula(text, arrays) or verbatim(text)


def formula(text: str, arrays: Mapping[str, int] | None = None) -> str | None:
    """The same; None for a text that cannot be read, or has no form in LaTeX."""
    if "…" in text:
        return None
    words = {match[0]: bool(match[1]) for match in WORD.finditer(text)}
    functions = [word for word, called in words.items() if called]
    variables = [word for word, called in words.items() if not called]
    try:
        (ast,) = parse(Source(text), functions, variables, "native")
        return _Printer(ast, arrays or {}).text()
    except (GradcalcError, Unprintable, ValueError):
        return None


class _Printer:
    """Prints the nodes of one Ast, each from its operands."""

    def __init__(self, ast: Ast, arrays: Mapping[str, int]) -> None:
        self.ast = ast
        self.arrays = arrays
        self.pieces: list[Piece] = []
        self.bound = Bound(ast)
        #: Of each node, whether a running index is in it.
        self.runs: list[bool] = []
        self.conditions: dict[int, Piece] = {}
        names = (
            ast.names[place]
            for place, kind in zip(ast.left, ast.kind, strict=True)
            if kind == "name"
        )
        self.taken = {*map(symbol, names)} & {*LETTERS.values()}

    def text(self) -> str:
        print_node = {
            **dict.fromkeys(BINARY, self._product),
            **dict.fromkeys(SIGNS, self._comparison),
            **dict.fromkeys("+-", self._sum),
            "number": self._number,
            "name": self._name,
            "neg": self._negative,
            "pos": self._same,
            "()": self._same,
            "/": self._quotient,
            "^": self._power,
            "transpose": self._transpose,
            "^T": self._raised,
            **dict.fromkeys(NORMS, self._bars),
            "index": self._index,
            "slice": self._slice,
            "array": self._array,
            "call": self._call,
            "keyword": self._keyword,
            "for": self._body,
            "derivative": self._derivative,
        }
        for node, kind in enumerate(self.ast.kind):
            self.pieces.append(print_node[kind](node))
            self.runs.append(self._runs(node, kind))
        return "".join(map(self._statement, self.ast.statements, range(len(self.ast.statements))))

    def _runs(self, node: int, kind: str) -> bool:
        ast = self.ast
        if kind == "name":
            return self.bound.holds(ast.names[ast.left[node]], node)
        return any(self.runs[operand] for operand in ast.operands(node))

    def _statement(self, statement: Statement, place: int) -> str:
        text = flatten(self.pieces[statement.root].parts)
        if statement.kind == "member":
            return f" = {text}"
        between = r",\quad " if place else ""
        if not statement.name:
            return f"{between}{text}"
        parameters = ", ".join(map(symbol, statement.parameters))
        head = symbol(statement.name) + (f"({parameters})" if parameters else "")
        return f"{between}{head} = {text}"

    def operands(self, node: int) -> list[Piece]:
        return [self.pieces[operand] for operand in self.ast.operands(node)]

    def _number(self, node: int) -> Piece:
        return pieces.number(self.ast.numbers[self.ast.left[node]])

    def _name(self, node: int) -> Piece:
        name = self.ast.names[self.ast.left[node]]
        return pieces.name(name, self.arrays.get(name, 0))

    def _same(self, node: int) -> Piece:
        return self.pieces[self.ast.left[node]]

    def _negative(self, node: int) -> Piece:
        ast = self.ast
        operand = ast.left[node]
        if ast.kind[operand] == "number":
            return pieces.number(-ast.numbers[ast.left[operand]])
        return pieces.negative(self.pieces[operand])

    def _sum(self, node: int) -> Piece:
        left, right = self.operands(node)
        return pieces.plus(left, self.ast.kind[node], right)

    def _product(self, node: int) -> Piece:
        kind = self.ast.kind[node]
        left, right = self.operands(node)
        sign = PRODUCTS.get(kind, "")
        rank = of_all(left, right) if kind in ("*", "⊙") else of_product(left, right)
        if kind == "*" and left.rank and right.rank:
            sign = r"\odot"
        return pieces.product(left, sign, right)._replace(rank=rank)

    def _quotient(self, node: int) -> Piece:
        left, right = self.operands(node)
        parts = [r"\frac{", left.parts, "}{", right.parts, "}"]
        return Piece(parts, FRACTION, "fraction", tall=True, rank=of_all(left, right))

    def _power(self, node: int) -> Piece:
        ast = self.ast
        base, exponent = self.operands(node)
        by = ast.right[node]
        while ast.kind[by] == "()":
            by = ast.left[by]
        rank = of_all(base, exponent)
        if base.function and ast.kind[by] == "number" and ast.numbers[ast.left[by]] % 1 == 0:
            # sin^2(x) for sin(x)^2, which some read as the sine of x^2; sin^{-1} is another thing.
            parts = [base.function, "^{", exponent.parts, "}", base.parts[1:]]
            return base._replace(parts=parts, strength=POWER, function="", rank=rank)
        base = bracketed(base, NUMBER)
        parts = [base.parts, "^{", exponent.parts, "}"]
        return Piece(parts, POWER, base.start, "", base.tall, rank)

    def _transpose(self, node: int) -> Piece:
        return self._with_sign(self.pieces[self.ast.left[node]], r"\top")

    def _raised(self, node: int) -> Piece:
        """A transpose, or of a number a power."""
        return self._with_sign(self.pieces[self.ast.left[node]], "T")

    def _with_sign(self, operand: Piece, sign: str) -> Piece:
        base = bracketed(operand, ATOM)
        rank = operand.rank if operand.rank in (0, 2) else UNKNOWN
        return Piece([base.parts, f"^{{{sign}}}"], POWER, base.start, "", base.tall, rank)

    def _comparison(self, node: int) -> Piece:
        """A value, 1 or 0: the indicator of a condition."""
        left, right = self.operands(node)
        rank = of_all(left, right)
        parts = [
            *bracketed(left, COMPARISON + 1).parts,
            f" {SIGNS[self.ast.kind[node]]} ",
            *bracketed(right, COMPARISON + 1).parts,
        ]
        condition = Piece(parts, COMPARISON, tall=left.tall or right.tall, rank=rank)
        self.conditions[node] = condition
        inside = enclosed("[", [condition], "]")
        return inside._replace(parts=[r"\mathbf{1}", inside.parts], start="digit", rank=rank)

    def _condition(self, node: int) -> Piece:
        """What decides between two cases: a comparison, or whether a number is not 0."""
        while self.ast.kind[node] in ("()", "pos"):
            node = self.ast.left[node]
        if node in self.conditions:
            return self.conditions[node]
        piece = self.pieces[node]
        parts = [*bracketed(piece, COMPARISON + 1).parts, r" \ne 0"]
        return Piece(parts, COMPARISON, tall=piece.tall)

    def _bars(self, node: int) -> Piece:
        (operand,) = self.operands(node)
        kind = self.ast.kind[node]
        bar = "vert" if kind == "||" and not operand.rank else "Vert"
        closing = {"norm_1": "_{1}", "norm_inf": r"_{\infty}"}.get(kind, "")
        return enclosed(rf"\l{bar}", [operand], rf"\r{bar}{closing}")

    def _index(self, node: int) -> Piece:
        """An entry: in square brackets counted from 0, as here; as a subscript from 1, as on paper.

        ``x_{1}`` is a name, and ``(x + y)[z]`` a product: the one is for a running index, and for
        what is not a name, the other for names.
        """
        ast = self.ast
        base, *items = self.operands(node)
        kinds = [ast.kind[item] for item in ast.operands(node)]
        rank = of_index(base, kinds[1:].count("slice"), items)
        is_name = kinds[0] == "name"
        found: list[Piece] = []
        if not is_name or any(self.runs[item] for item in ast.operands(node)[1:]):
            found = subscripts(ast, node, self.pieces)
        if found:
            if not is_name or base.start != "letter" or "_" in flatten(base.parts):
                base = bracketed(base, ATOM + 1)
            parts = [base.parts, "_{", *row(found), "}"]
            return Piece(parts, ATOM, base.start, tall=base.tall, rank=rank)
        base = bracketed(base, ATOM)
        entries = enclosed("[", items, "]")
        tall = base.tall or entries.tall
        return Piece([base.parts, entries.parts], ATOM, base.start, tall=tall, rank=rank)

    def _slice(self, node: int) -> Piece:
        ast = self.ast
        *bounds, step = ast.arguments[ast.right[node]]
        parts: list[object] = []
        for part in bounds if step < 0 else (*bounds, step):
            parts += [self.pieces[part].parts if part >= 0 else "", "{:}"]
        return Piece(parts[:-1], ATOM)

    def _array(self, node: int) -> Piece:
        """A vector as a list, so that it is not taken for a row or a column; a matrix as such."""
        ast = self.ast
        items, entries = ast.operands(node), self.operands(node)
        if len(items) == 1 and ast.kind[items[0]] == "for":
            return listed(ast, items[0], self.pieces)
        rank = of_all(*entries)
        rank = rank if rank == UNKNOWN else rank + 1
        if rank == 2 and all(ast.kind[item] == "array" for item in items):
            lines = [[self.pieces[entry] for entry in ast.operands(item)] for item in items]
            if not any(entry.strength == LOOSE for line in lines for entry in line):
                return _matrix(lines)
        return enclosed("[", entries, "]")._replace(start="array", rank=rank)

    def _keyword(self, node: int) -> Piece:
        (operand,) = self.operands(node)
        name = symbol(self.ast.names[self.ast.right[node]])
        return Piece([f"{name} = ", operand.parts], LOOSE, tall=operand.tall)

    def _body(self, node: int) -> Piece:
        """The body of loops. What they are, the sum or the list around them writes."""
        return self.pieces[self.ast.left[node]]

    def _call(self, node: int) -> Piece:
        ast = self.ast
        name, items, operands = ast.names[ast.left[node]], ast.operands(node), self.operands(node)
        if len(items) == 1 and ast.kind[items[0]] == "for":
            if found := summed(name, ast, items[0], self.pieces):
                return found
            operands = [listed(ast, items[0], self.pieces)]
        if found := self._blocks(name, items):
            return found
        plain = all(ast.kind[item] != "keyword" for item in items)
        if name == "where" and len(items) == 3 and plain:
            return cases(self._condition(items[0]), *operands[1:])
        return call(name, operands, plain, self.taken)

    def _blocks(self, name: str, items: Sequence[int]) -> Piece | None:
        """Matrices joined, or vectors put side by side, as a matrix of blocks; None for others."""
        ast = self.ast
        axis, parts = 0.0, list(items)
        if items and ast.kind[items[-1]] == "keyword" and ast.kind[ast.left[items[-1]]] == "number":
            keyword = parts.pop()
            if ast.names[ast.right[keyword]] != "axis":
                return None
            axis = ast.numbers[ast.left[ast.left[keyword]]]
        pieces = [self.pieces[part] for part in parts]
        rank = BLOCKS.get((name, axis))
        if len(pieces) < 2 or any(
            piece.rank != rank or piece.strength == LOOSE for piece in pieces
        ):
            return None
        return _matrix([pieces] if axis else [[piece] for piece in pieces])

    def _derivative(self, node: int) -> Piece:
        ast = self.ast
        inner, by = ast.left[node], symbol(ast.names[ast.left[ast.right[node]]])
        order, below = "", rf"\partial {by}"
        if ast.kind[inner] == "derivative" and ast.kind[ast.left[inner]] == "name":
            first = symbol(ast.names[ast.left[ast.right[inner]]])
            below = rf"{below}^{{2}}" if first == by else rf"\partial {first} {below}"
            order, inner = "^{2}", ast.left[inner]
        rank = UNKNOWN if self.pieces[ast.right[node]].rank else 0
        if ast.kind[inner] == "name":
            above = symbol(ast.names[ast.left[inner]])
            whole = rf"\frac{{\partial{order} {above}}}{{{below}}}"
            return Piece([whole], FRACTION, "fraction", "", True, rank)
        inside = enclosed("(", [self.pieces[inner]], ")")
        parts = [rf"\frac{{\partial{order}}}{{{below}}}", inside.parts]
        return Piece(parts, POWER, "fraction", "", True, rank)


def _matrix(lines: Sequence[Sequence[Piece]]) -> Piece:
    """The rows of a matrix."""
    parts: list[object] = []
    for line in lines:
        parts.append(next_row(*line[:1]) if parts else r"\begin{bmatrix} ")
        parts += row(line, " & ")
    return Piece([*parts, r" \end{bmatrix}"], ATOM, "array", tall=True, rank=2)
