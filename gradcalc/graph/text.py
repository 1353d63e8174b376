"""The nodes of a graph as text."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gradcalc import ops
from gradcalc.graph.graph import CONSTANT, INPUT, STRUCTURAL, Graph
from gradcalc.ops.row import AnyRow
from gradcalc.ops.shapes import ARRAYS, Shape
from gradcalc.syntax.ast import BINARY
from gradcalc.syntax.literals import format_array
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import (
    ATOM,
    COMPARISON,
    NUMBER,
    TextPiece,
    bars,
    compose,
    number,
    shorten,
)

#: Products and quotients that differ from the plain ones only where an operand is 0.
WRITTEN = {"chain": "*", "over": "/"}

#: Products of vectors and matrices, which are written x·y, or x·yᵀ.
PRODUCTS = ("@", "dot", "outer")
#: Operations that are called by another name than that of their row.
CALLED = {row: called for called, row in ops.REDUCTIONS.items()}
#: Operations that only exist to keep digits that their formula would lose.
SPELT_OUT = ("softmax_less", "less_mean", "less_share")
WORD = re.compile(r"[^\W\d]\w*")
#: So many entries of a constant array are written.
MOST_ENTRIES = 12
#: Numbers that are known by name.
WELL_KNOWN = {CONSTANTS[name]: name for name in ("pi", "e", "tau")}
#: What is read as infinity where a program has a name ``inf`` of its own.
INFINITY = "1e999"
#: The names that formulas are written with and that a program may have given another meaning.
NAMES = frozenset((*WELL_KNOWN.values(), "inf", "norm"))


def node_pieces(
    graph: Graph,
    width: int,
    leaf: Callable[[int], TextPiece] | None = None,
    rows: Collection[int] = (),
    taken: Collection[str] = (),
) -> list[TextPiece]:
    """Every node by its operation, its operands by their names or operations in turn.

    Args:
        width: longer texts are cut in the middle, and made from texts already cut: the whole takes
            time and memory linear in the graph.
        leaf: how to write an input; by its name if not given.
        rows: the inputs that stand for row vectors.
        taken: those of NAMES with another meaning, beside those that nodes of the graph have.
    """
    pieces: list[TextPiece] = []
    # What stands for a node where it is an operand: its name, if it has one.
    references: list[TextPiece] = []
    names = graph.names
    taken = NAMES.intersection(names.values()).union(taken)
    for node, op in enumerate(graph.op):
        if op == INPUT:
            piece = leaf(node) if leaf else (names.get(node, ""), ATOM)
        elif op == CONSTANT:
            piece = constant(graph.constants[node], taken)
        else:
            kind = ops.TABLE[op].symbol or ops.TABLE[op].name
            operands = [references[operand] for operand in graph.operands[node]]
            if op >= STRUCTURAL:
                given = graph.operands[node]
                shapes = [graph.shapes.get(operand) or () for operand in given]
                if leaf and (plain := _plainer(graph, node, kind, operands)):
                    pieces.append(plain)
                    references.append(plain)
                    continue
                are_rows = [operand in graph.rows or operand in rows for operand in given]
                settings = graph.settings.get(node, {})
                row = ops.TABLE[op]
                piece = structural(kind, operands, settings, row, shapes, are_rows, taken)
                pieces.append((shorten(piece[0], width), piece[1]))
                references.append((names[node], ATOM) if node in names else pieces[-1])
                continue
            if leaf and _asks_for_zero(graph, node, kind) and operands[0][1] == COMPARISON:
                # Only here is it seen that an input stands for a comparison, which is 0 or 1.
                if kind == "!=":
                    pieces.append(operands[0])
                    references.append(operands[0])
                    continue
                kind, operands = "-", [number(1.0), operands[0]]
            parts, strength = compose(WRITTEN.get(kind, kind), operands)
            piece = shorten("".join(parts), width), strength
        pieces.append(piece)
        references.append((names[node], ATOM) if node in names else piece)
    return pieces


def _plainer(graph: Graph, node: int, kind: str, operands: Sequence[TextPiece]) -> TextPiece | None:
    """A shorter text in a formula that nobody wrote: 0 for a scalar of zeros, and for the transpose
    of what an input stands for, if that is written as a transpose, what is transposed there."""
    if kind == "zeros" and not graph.shape(node):
        return number(0.0)
    if kind == "transpose" and graph.op[graph.operands[node][0]] == INPUT:
        text, strength = operands[0]
        if strength == ATOM and text.endswith("ᵀ"):
            return text[:-1], ATOM
    return None


def constant(value: Any, taken: Collection[str]) -> TextPiece:
    """A constant: by its name if it has one that is not taken."""
    if getattr(value, "shape", ()):
        text = format_array(value, MOST_ENTRIES)
        return (text.replace("inf", INFINITY) if "inf" in taken else text), ATOM
    if (name := WELL_KNOWN.get(value)) and name not in taken:
        return name, ATOM
    text, strength = number(value)
    if "inf" in taken and "inf" in text:
        return text.replace("inf", INFINITY), min(strength, NUMBER)
    return text, strength


def structural(
    kind: str,
    operands: Sequence[TextPiece],
    settings: Mapping[str, Any],
    row: AnyRow,
    shapes: Sequence[Shape],
    rows: Sequence[bool] = (False, False),
    taken: Collection[str] = (),
) -> TextPiece:
    """A structural operation with its settings, as the language writes it.

    A matrix product is written as mathematics does, the outer product as x·yᵀ, and a norm in bars
    where a call would be read otherwise.

    Args:
        shapes: of the operands.
        rows: which of the operands are row vectors.
        taken: those of NAMES that the program has given another meaning.
    """
    pieces = list(operands)
    if kind in PRODUCTS and (found := _product(kind, pieces, shapes, rows)):
        return found
    if kind == "transpose" and _swaps_last_two(settings.get("axes"), len(shapes[0])):
        return _composed("transpose", pieces)
    if kind == "index":
        return _part(pieces[0], pieces[1:], settings["key"])
    if kind == "scatter":
        zeros = f"zeros({_sizes(settings['shape'])})", ATOM
        pieces = [pieces[0], _part(zeros, pieces[1:], settings["key"])]
        return _call("scatter", pieces)
    if kind == "norm_squared":
        norm = structural("norm", pieces, {}, ops.row("norm"), shapes, rows, taken)
        return _composed("^", [norm, number(2.0)])
    if kind == "norm" and not {"norm", "inf"}.isdisjoint(taken):
        plain = {setting.name: setting.default for setting in row.settings}
        if {**plain, **settings, "ord": 2.0} == plain:
            return "".join(bars(pieces[0][0], settings.get("ord", 2.0))), ATOM
    if kind in SPELT_OUT:
        return _spelt_out(row, pieces)
    if kind == "stack" and not settings.get("axis"):
        return f"[{', '.join(text for text, _ in pieces)}]", ATOM
    if row.variadic and len(pieces) == 1:
        pieces = [(f"[{pieces[0][0]}]", ATOM)]  # the list of its operands
    told = False  # from the first setting that is left out on, they need their names
    for setting in row.settings:
        value = settings.get(setting.name, setting.default)
        if value == setting.default:
            told = True
        elif setting.kind == "sizes" and not told:
            pieces.append((_sizes(value), ATOM))
        else:
            text = _setting(value, taken)
            pieces.append((f"{setting.name}={text}" if told or operands else text, ATOM))
    return _call(CALLED.get(kind, kind), pieces)


def _spelt_out(row: AnyRow, pieces: Sequence[TextPiece]) -> TextPiece:
    """The formula of an operation, a difference, with its operands in place of their names."""
    operands = dict(zip(row.parameters, pieces, strict=True))

    def operand(match: re.Match[str]) -> str:
        if match[0] not in operands:
            return match[0]
        text, strength = operands[match[0]]
        before, behind = row.formula[: match.start()][-1:], row.formula[match.end() :][:1]
        alone = before == "(" and behind in ("", ",", ")")
        return text if strength == ATOM or alone else f"({text})"

    return WORD.sub(operand, row.formula), BINARY["-"]


def _composed(kind: str, pieces: Sequence[TextPiece]) -> TextPiece:
    parts, strength = compose(kind, pieces)
    return "".join(parts), strength


def _call(name: str, pieces: Sequence[TextPiece]) -> TextPiece:
    return f"{name}({', '.join(text for text, _ in pieces)})", ATOM


def _product(
    kind: str, pieces: Sequence[TextPiece], shapes: Sequence[Shape], rows: Sequence[bool]
) -> TextPiece | None:
    """A product with a sign; None where the sign would be read as another product."""
    if kind == "outer":
        row = pieces[1]
        if rows[0] or (rows[1] and not row[0].endswith("ᵀ")):
            return None
        return _composed("·", [pieces[0], row if rows[1] else _composed("transpose", [row])])
    if kind == "dot" and not len(shapes[0]) == len(shapes[1]) == 1:
        # Of a scalar it is a multiple, which a sign is too; of stacks it is no matrix product.
        if all(shapes) and max(map(len, shapes)) > 2:
            return None
    elif len(shapes[0]) == len(shapes[1]) == 1 and rows[1]:
        return _composed("@", pieces)
    return _composed("·", pieces)


def _swaps_last_two(axes: int | tuple[int, ...] | None, ndim: int) -> bool:
    """Whether it is what ᵀ does: of an array of more than two axes it swaps the last two."""
    if axes is None:
        return ndim < 3
    return axes == (*range(ndim - 2), ndim - 1, ndim - 2)


def _part(base: TextPiece, indices: Sequence[TextPiece], key: Sequence[Any]) -> TextPiece:
    """The part of an array that the key of an index names, all of it if that is empty."""
    rest = iter(indices)
    items = [next(rest) if item in ARRAYS else _item(item) for item in key]
    return _composed("index", [base, *(items or [(":", ATOM)])])


def _item(item: Any) -> TextPiece:
    """An item of an index: a number, or a slice."""
    if isinstance(item, int):
        return number(item)
    _, start, stop, step = item
    text = f"{'' if start is None else start}:{'' if stop is None else stop}"
    return (text if step is None else f"{text}:{step}"), ATOM


def _sizes(shape: Shape) -> str:
    """A shape as the last arguments of a call."""
    return ", ".join(map(str, shape)) or "[]"


def _setting(value: Any, taken: Collection[str]) -> str:
    if isinstance(value, tuple):
        if len(value) == 1:  # a number by itself means the same
            return _setting(value[0], taken)
        return f"({', '.join(_setting(part, taken) for part in value)})" if value else "[]"
    if isinstance(value, float):
        return constant(value, taken)[0]
    return str(int(value) if isinstance(value, bool) else value)


def _asks_for_zero(graph: Graph, node: int, kind: str) -> bool:
    """Whether a node is ``... == 0`` or ``... != 0``."""
    return kind in ("==", "!=") and graph.constants.get(graph.operands[node][1]) == 0.0
