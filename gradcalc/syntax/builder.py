"""The callbacks of the grammar: each appends what was just read to the Ast.

A token comes as ``(text, start, end)``, an expression as its number in the arena.
"""

import re

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast, Loop, Reading, Statement
from gradcalc.syntax.names import canonical
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
#: The subscripts of norms: the usual one, and the others.
EUCLIDEAN = ("2", "F")
ORDERS = {"1": "norm_1", "inf": "norm_inf", "∞": "norm_inf"}
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))


class Builder:
    """Builds the Ast of one problem; its methods are named by the aliases of the grammar."""

    def __init__(self, source: Source) -> None:
        self.ast = Ast()
        self._source = source
        self._places: dict[str, int] = {}
        self._keywords: set[int] = set()

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

    def member(self, _: None, equals: TokenValue, root: int) -> None:
        """Another member of a chain such as ``f = 1*z = -4``."""
        statements = self.ast.statements
        if statements[-1].kind == "output":
            if equals[0] == "=" and not self._may_claim(statements[-1].root):
                from gradcalc.syntax.complaint import misplaced_equals

                raise misplaced_equals(self._source, equals[1], equals[1])
            statements[-1] = statements[-1]._replace(kind="claim")
        start = self.ast.start[root]
        self._statement("member", ("", start, start), root)

    def _may_claim(self, root: int) -> bool:
        """Whether an expression in front of "=" begins a chain of equals."""
        return self.ast.kind[root] == "derivative"

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
        return self._number(float(text.replace("−", "-")), start, end)

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

    def indicator(self, opening: TokenValue, inner: int, closing: TokenValue) -> int:
        """``1[x > 0]``: a comparison is 1 or 0 anyway."""
        node = self.parentheses(opening, inner, closing)
        if opening[0][0] == "1" and closing[0] == "]":
            x = self._quote(inner)
            message = f"{self._quote(node)} is read as the indicator ({x}), 1 where that holds"
            self._reading("indicator", f"{message}; for an array write 1*[{x}]", node, node)
        return node

    def norm(
        self,
        opening: TokenValue,
        inner: int,
        closing: TokenValue,
        order: TokenValue | None = None,
    ) -> int:
        if len(opening[0]) != len(closing[0]) or opening[0][0] != closing[0][0]:
            here, there = Span(*closing[1:]), Span(*opening[1:], "opened here")
            raise self._error(f"{opening[0]} is closed by {closing[0]}", here, "", there)
        ast, start, end = self.ast, opening[1], closing[2]
        if order and order[1] == end:  # else a power stands between them
            end = order[2]
        name = canonical(order[0]).removeprefix("_") if order else ""
        if order is None or name in EUCLIDEAN:
            return ast.add("norm", inner, -1, start, end)
        if name not in ORDERS:
            help = "norms are ‖x‖_1, ‖x‖_2, ‖x‖_inf and ‖W‖_F"
            raise self._error("this norm is not known", Span(*order[1:]), help)
        return ast.add(ORDERS[name], inner, -1, start, end)

    def derivative(self, token: TokenValue) -> int:
        """``∂f/∂x``; the token has the names, separated by blanks."""
        names, start, end = token
        output, *by = names.split()
        return self._differentiated(self.name((output, start, end)), by, start, end)

    def derivative_of(
        self, token: TokenValue, _: TokenValue, operand: int, closing: TokenValue
    ) -> int:
        return self._differentiated(operand, token[0].split(), token[1], closing[2])

    def _differentiated(self, operand: int, by: list[str], start: int, end: int) -> int:
        """A derivative by one name after the other."""
        for name in by:
            operand = self.ast.add("derivative", operand, self.name((name, start, end)), start, end)
        return operand

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
            message = f"{_on_one_line(whole)} is read as ({self._quote(left)})·{self._quote(right)}"
            self._reading("division", message, left, right)
        return ast.add("juxtaposition", left, right, ast.start[left], ast.end[right])

    def call(self, head: TokenValue, arguments: list[int], closing: TokenValue) -> int:
        name, start, _ = head
        if self._keywords:
            self._check_keywords(arguments)
        place = self._place(name)
        return self.ast.add("call", place, self._arguments(arguments), start, closing[2])

    def empty_call(self, head: TokenValue, closing: TokenValue) -> int:
        return self.call(head, [], closing)

    def first_item(self, item: int) -> list[int]:
        return [item]

    def next_item(self, items: list[int], _: TokenValue, item: int) -> list[int]:
        items.append(item)
        return items

    def keyword(self, head: TokenValue, value: int) -> int:
        name, start, _ = head
        node = self.ast.add("keyword", value, self._place(name), start, self.ast.end[value])
        self._keywords.add(node)
        return node

    def _check_keywords(self, arguments: list[int]) -> None:
        """Keywords stand behind all the other arguments of a call, each of them once."""
        ast, seen = self.ast, dict[str, int]()
        for argument in arguments:
            if argument not in self._keywords:
                if seen:
                    message = "an argument without a name behind one with a name"
                    help = "arguments with names, as in sum(x, axis=0), come last"
                    raise self._error(message, Span(ast.start[argument], ast.end[argument]), help)
                continue
            name, start = ast.names[ast.right[argument]], ast.start[argument]
            if name in seen:
                here = Span(start, ast.end[argument])
                there = Span(ast.start[seen[name]], ast.end[seen[name]], "first given here")
                raise self._error(f"{name} is given twice", here, "leave one of them out", there)
            seen[name] = argument

    def array(self, opening: TokenValue, entries: list[int], closing: TokenValue) -> int:
        for entry in entries:
            if self._looks_like_two(entry):
                message = f"{self._quote(entry)} is read as one entry"
                self._reading("entry", f"{message}; entries are separated by commas", entry, entry)
        return self._array(entries, opening[1], closing[2])

    def _array(self, entries: list[int], start: int, end: int) -> int:
        return self.ast.add("array", -1, self._arguments(entries), start, end)

    def empty_array(self, opening: TokenValue, closing: TokenValue) -> int:
        return self._array([], opening[1], closing[2])

    def singleton(self, opening: TokenValue, entry: int, _: TokenValue, closing: TokenValue) -> int:
        return self._array([entry], opening[1], closing[2])

    def several(
        self,
        opening: TokenValue,
        entry: int,
        _: TokenValue,
        entries: list[int],
        closing: TokenValue,
    ) -> int:
        return self._array([entry, *entries], opening[1], closing[2])

    def _looks_like_two(self, entry: int) -> bool:
        """Whether an entry is like ``x y`` or ``1 -2``, in which a comma may be missing."""
        ast = self.ast
        if ast.kind[entry] not in ("juxtaposition", "+", "-"):
            return False
        between = self._source.text[ast.end[ast.left[entry]] : ast.start[ast.right[entry]]]
        return between[:1].isspace() and (between.isspace() or not between[-1].isspace())

    def index(self, base: int, opening: TokenValue, items: list[int], closing: TokenValue) -> int:
        ast = self.ast
        node = ast.add("index", base, self._arguments(items), ast.start[base], closing[2])
        if ast.end[base] < opening[1] and not any(ast.kind[item] == "slice" for item in items):
            key = _on_one_line(self._source.text[opening[1] : closing[2]])
            message = f"{self._quote(node)} is read as the entry {self._quote(base)}{key}"
            message += f"; for a product write {self._quote(base)}·{key}"
            self._reading("index", message, node, node)
        return node

    def slice_item(self, *given: int | TokenValue) -> int:
        parts = [-1]
        for part in given:
            if isinstance(part, int):
                parts[-1] = part
            else:
                parts.append(-1)
        ast = self.ast
        start = ast.start[given[0]] if isinstance(given[0], int) else given[0][1]
        end = ast.end[given[-1]] if isinstance(given[-1], int) else given[-1][2]
        parts.extend([-1] * (3 - len(parts)))
        return ast.add("slice", -1, self._arguments(parts), start, end)

    def transpose(self, operand: int, token: TokenValue) -> int:
        name, _, end = token
        start = self.ast.start[operand]
        if name == "T":
            return self.ast.add("^T", operand, self.name((name, end - 1, end)), start, end)
        return self.ast.add("transpose", operand, -1, start, end)

    def first_loop(
        self, head: TokenValue, operands: list[int], closing: TokenValue
    ) -> list[tuple[Loop, int]]:
        name, start, end = head
        if len(operands) > 3:
            span = Span(self.ast.start[operands[3]], self.ast.end[operands[-1]])
            help = "it is written range(stop), range(start, stop) or range(start, stop, step)"
            raise self._error("range takes 1 to 3 operands", span, help)
        word = re.match(r"[^\s#]+", self._source.text[start:end])
        assert word is not None
        return [(Loop(name, tuple(operands), start, start + word.end()), closing[2])]

    def next_loop(
        self,
        loops: list[tuple[Loop, int]],
        head: TokenValue,
        operands: list[int],
        closing: TokenValue,
    ) -> list[tuple[Loop, int]]:
        loops += self.first_loop(head, operands, closing)
        return loops

    def comprehension(self, body: int, loops: list[tuple[Loop, int]]) -> list[int]:
        ast = self.ast
        operands = [operand for loop, _ in loops for operand in loop.arguments]
        node = ast.add("for", body, self._arguments(operands), ast.start[body], loops[-1][1])
        ast.loops[node] = tuple(loop for loop, _ in loops)
        return [node]

    def _arguments(self, nodes: list[int]) -> int:
        """The place of a list of nodes in the Ast's arguments."""
        self.ast.arguments.append((*nodes,))
        return len(self.ast.arguments) - 1

    def _error(self, message: str, here: Span, help: str, *more: Span) -> GradcalcError:
        return GradcalcError("syntax", message, [here, *more], help=help, source=self._source)

    def _quote(self, node: int) -> str:
        return _on_one_line(self._source.text[self.ast.start[node] : self.ast.end[node]])

    def _reading(self, kind: str, message: str, left: int, right: int) -> None:
        start, end = self.ast.start[left], self.ast.end[right]
        self.ast.readings.append(Reading(kind, message, start, end))


def _on_one_line(text: str) -> str:
    return " ".join(shorten(text, 40).split())
