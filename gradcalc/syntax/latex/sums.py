"""Sums, products and lists with a running index, which mathematics counts from 1."""

from bisect import bisect_right
from collections.abc import Sequence

from gradcalc.syntax.ast import Ast, Loop
from gradcalc.syntax.latex import pieces
from gradcalc.syntax.latex.pieces import ATOM, PRODUCT, UNARY, Piece, bracketed, enclosed
from gradcalc.syntax.latex.typeset import symbol

COMMANDS = {"sum": r"\sum", "prod": r"\prod"}


class Unprintable(Exception):
    """There is no LaTeX for a part of the text."""


class Bound:
    """Where in an Ast a name is the running index of a loop."""

    def __init__(self, ast: Ast) -> None:
        ranges: dict[str, list[tuple[int, int]]] = {}
        for node, loops in ast.loops.items():
            body = ast.left[node]
            for loop in loops:
                ranges.setdefault(loop.name, []).append((ast.first(body), body))
        #: By name the starts and the ends of ranges of nodes, which do not overlap.
        self._ranges = {name: _merged(found) for name, found in ranges.items()}

    def holds(self, name: str, node: int) -> bool:
        """Whether a name is a running index at a node."""
        if name not in self._ranges:
            return False
        starts, ends = self._ranges[name]
        place = bisect_right(starts, node) - 1
        return place >= 0 and node <= ends[place]


def _merged(ranges: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Ranges without those inside of others: loops are apart, or one is in the other."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(ranges):
        if not ends or start > ends[-1]:
            starts.append(start)
            ends.append(end)
        else:
            ends[-1] = max(ends[-1], end)
    return starts, ends


def subscripts(ast: Ast, node: int, printed: Sequence[Piece]) -> list[Piece]:
    """The items of an index, counted from 1; none where one is no whole number from 0 on."""
    items = ast.operands(node)[1:]
    if any(ast.kind[item] in ("slice", "neg", "array") for item in items):
        return []
    return [_shifted(ast, item, printed, 1) for item in items]


def _shifted(ast: Ast, node: int, printed: Sequence[Piece], by: int) -> Piece:
    """A whole number with 1 added (or subtracted), simplified: ``i`` for ``i - 1``."""
    kind, left, right = ast.kind[node], ast.left[node], ast.right[node]
    if kind == "number":
        return pieces.number(ast.numbers[left] + by)
    rest = printed[node]
    if kind in ("+", "-") and ast.kind[right] == "number":
        number = ast.numbers[ast.left[right]]
        rest, by = printed[left], by + int(number if kind == "+" else -number)
    elif kind == "-" and ast.kind[left] == "number":
        return pieces.plus(pieces.number(ast.numbers[ast.left[left]] + by), "-", printed[right])
    if not by:
        return rest
    return pieces.plus(rest, "-" if by < 0 else "+", pieces.number(float(abs(by))))


def summed(name: str, ast: Ast, node: int, printed: Sequence[Piece]) -> Piece | None:
    """A call of ``sum`` or ``prod`` whose one argument is the node ``for``; None of another one."""
    if name not in COMMANDS:
        return None
    body = printed[ast.left[node]]
    body = bracketed(body, ATOM if body.start == "sign" else PRODUCT)
    parts: list[object] = []
    for loop in ast.loops[node]:
        parts += [COMMANDS[name], *_limits(ast, loop, printed), " "]
    return Piece([*parts, body.parts], UNARY, "function", "open", True, body.rank)


def listed(ast: Ast, node: int, printed: Sequence[Piece]) -> Piece:
    """An array of the values of the body."""
    inside = enclosed("[", [printed[ast.left[node]]], "]")
    parts: list[object] = [inside.parts]
    for loop in ast.loops[node]:
        parts += _limits(ast, loop, printed)
    return Piece(parts, ATOM, "array", tall=True, rank=pieces.UNKNOWN)


def _limits(ast: Ast, loop: Loop, printed: Sequence[Piece]) -> list[object]:
    """``_{i=1}^{n}`` for ``range(1, n + 1)``."""
    *start, stop = loop.arguments[:2]
    step = loop.arguments[2:]
    if step and not (ast.kind[step[0]] == "number" and ast.numbers[ast.left[step[0]]] == 1):
        raise Unprintable
    first: object = printed[start[0]].parts if start else "0"
    last = _shifted(ast, stop, printed, -1).parts
    return ["_{", symbol(loop.name), "=", first, "}^{", last, "}"]
