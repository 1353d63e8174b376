"""The callbacks of the grammar: each appends what was just read to the Ast.

A token comes as ``(text, start, end)``, an expression as its number in the arena.
"""

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast, Reading, Statement
from gradcalc.syntax.printer import shorten

TokenValue = tuple[str, int, int]

#: Other spellings of the operators.
SPELLINGS = {
    "−": "-",
    "×": "*",
    "÷": "/",
    "⋅": "·",
    "**": "^",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
}
SUPERSCRIPTS = dict(zip(map(ord, "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹"), "+-0123456789", strict=True))
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))


class Builder:
    """Builds the Ast of one problem; its methods are named by the aliases of the grammar."""

    def __init__(self, source: Source) -> None:
        self.ast = Ast()
        self._source = source
        self._places: dict[str, int] = {}

    def start(self, *_: object) -> None:
        """Statements are filed when they are complete; there is nothing to collect."""

    blank = start

    def output(self, root: int) -> None:
        start = self.ast.start[root]
        self._statement("output", ("", start, start), root)

    def definition(self, head: TokenValue, root: int) -> None:
        self._statement("definition", head, root)

    def function(self, head: TokenValue, root: int) -> None:
        self._statement("function", head, root)

    def _statement(self, kind: str, head: TokenValue, root: int) -> None:
        ast = self.ast
        words, start, head_end = head
        name, *parameters = words.split() or [""]
        first = ast.statements[-1].root + 1 if ast.statements else 0
        ast.statements.append(
            Statement(kind, name, tuple(parameters), first, root, start, ast.end[root], head_end)
        )

    def name(self, token: TokenValue) -> int:
        name, start, end = token
        return self.ast.add("name", self._place(name), -1, start, end)

    def _place(self, name: str) -> int:
        """The place of a name in the Ast's names."""
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = len(self.ast.names)
            self.ast.names.append(name)
        return place

    def number(self, token: TokenValue) -> int:
        text, start, end = token
        return self._number(float(text), start, end)

    def _number(self, value: float, start: int, end: int) -> int:
        self.ast.numbers.append(value)
        return self.ast.add("number", len(self.ast.numbers) - 1, -1, start, end)

    def superscript(self, base: int, token: TokenValue) -> int:
        text, start, end = token
        exponent = self._number(float(text.translate(SUPERSCRIPTS)), start, end)
        return self.ast.add("^", base, exponent, self.ast.start[base], end)

    def parentheses(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        return self.ast.add("()", inner, -1, opening[1], closing[2])

    def absolute(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        return self.ast.add("||", inner, -1, opening[1], closing[2])

    def norm(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        if len(opening[0]) != len(closing[0]) or opening[0][0] != closing[0][0]:
            raise GradcalcError(
                "syntax",
                f"{opening[0]} is closed by {closing[0]}",
                [Span(closing[1], closing[2]), Span(opening[1], opening[2], "opened here")],
                source=self._source,
            )
        return self.ast.add("norm", inner, -1, opening[1], closing[2])

    def sign(self, token: TokenValue, operand: int) -> int:
        kind = "pos" if token[0] == "+" else "neg"
        return self.ast.add(kind, operand, -1, token[1], self.ast.end[operand])

    def binary(self, left: int, token: TokenValue, right: int) -> int:
        ast = self.ast
        kind = SPELLINGS.get(token[0], token[0])
        if kind in COMPARISONS and ast.kind[left] in COMPARISONS:
            a, b = self._quote(left), self._quote(right)
            self._reading("chain", f"{a} {kind} {b} is read as ({a}) {kind} {b}", left, right)
        return ast.add(kind, left, right, ast.start[left], ast.end[right])

    def juxtaposition(self, left: int, right: int) -> int:
        ast = self.ast
        if ast.kind[left] == "/":
            whole = self._source.text[ast.start[left] : ast.end[right]]
            message = f"{_on_one_line(whole)} is read as ({self._quote(left)})*{self._quote(right)}"
            self._reading("division", message, left, right)
        return ast.add("juxtaposition", left, right, ast.start[left], ast.end[right])

    def call(self, head: TokenValue, arguments: list[int], closing: TokenValue) -> int:
        name, start, _ = head
        place = self._place(name)
        self.ast.arguments.append(tuple(arguments))
        return self.ast.add("call", place, len(self.ast.arguments) - 1, start, closing[2])

    def empty_call(self, head: TokenValue, closing: TokenValue) -> int:
        return self.call(head, [], closing)

    def first_argument(self, argument: int) -> list[int]:
        return [argument]

    def next_argument(self, arguments: list[int], _: TokenValue, argument: int) -> list[int]:
        arguments.append(argument)
        return arguments

    def _quote(self, node: int) -> str:
        return _on_one_line(self._source.text[self.ast.start[node] : self.ast.end[node]])

    def _reading(self, kind: str, message: str, left: int, right: int) -> None:
        start, end = self.ast.start[left], self.ast.end[right]
        self.ast.readings.append(Reading(kind, message, start, end))


def _on_one_line(text: str) -> str:
    return " ".join(shorten(text, 40).split())
