"""The one printer: from operations to text that parses back to them.

It adds only the brackets that the grammar needs. ``compose`` knows how one operation is written;
the passes over an Ast or a graph are loops that call it.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from gradcalc.syntax.ast import BINARY, NORMS, Ast

#: How strongly a text holds together, beside the strengths in BINARY.
COMPARISON, PRODUCT, UNARY, QUOTIENT, NUMBER, ATOM = 1, 3, 4, 7, 8, 9

T = TypeVar("T")
#: A printed operand: what it is (a text, or parts of one) and how strongly it holds together.
Piece = tuple[T, int]
TextPiece = tuple[str, int]


def compose(kind: str, operands: Sequence[Piece[T]]) -> Piece[list[str | T]]:
    """One operation as a list of parts.

    Args:
        kind: an operator, ``neg``, ``transpose``, ``index``, or a function's name.
        operands: of an index the array and its items, as they are to be written.
    """
    strength = BINARY.get(kind)
    if strength is not None:
        left, right = operands
        # Left-associative, but for the power: its base is an atom, its exponent may have a sign.
        least = (NUMBER, UNARY) if kind == "^" else (strength, strength + 1)
        if strength == COMPARISON:  # a < b < c is read as here, and misread by people
            least = (strength + 1, strength + 1)
        parts = bracketed(left, least[0])
        parts.append(kind if kind == "^" else f" {kind} ")
        parts.extend(bracketed(right, least[1]))
        return parts, strength
    if kind == "neg":
        (operand,) = operands
        # -2 is a number, -(2) a number with its sign changed.
        inner = ["(", operand[0], ")"] if operand[1] == NUMBER else bracketed(operand, UNARY)
        return ["-", *inner], UNARY
    if kind == "transpose":
        return [*bracketed(operands[0], ATOM), "ᵀ"], ATOM
    if kind == "index":
        return [*bracketed(operands[0], ATOM), *_enclosed("[", operands[1:], "]")], ATOM
    return _enclosed(f"{kind}(", operands, ")"), ATOM


def _enclosed(opening: str, operands: Sequence[Piece[T]], closing: str) -> list[str | T]:
    parts: list[str | T] = [opening]
    for operand in operands:
        if len(parts) > 1:
            parts.append(", ")
        parts.append(operand[0])
    parts.append(closing)
    return parts


def bracketed(operand: Piece[T], least: int) -> list[str | T]:
    """An operand, in brackets if it holds together less strongly than ``least``."""
    if operand[1] < least:
        return ["(", operand[0], ")"]
    return [operand[0]]


def bars(operand: T, order: float) -> list[str | T]:
    """A norm, in the notation that no name of a program changes."""
    return ["‖", operand, "‖" if order == 2.0 else f"‖_{format_number(order)}"]


def strength_of(kind: str) -> int:
    """How strongly the text that a user wrote for an Ast node of this kind holds together."""
    loose = {"neg": UNARY, "pos": UNARY, "derivative": QUOTIENT, "number": NUMBER}
    return BINARY.get(kind) or loose.get(kind, ATOM)


def number(value: float) -> TextPiece:
    """A number as a piece: the shortest text that reads back as the same value."""
    text = format_number(value)
    return text, UNARY if text.startswith("-") else ATOM if text in ("inf", "nan") else NUMBER


def format_number(value: float, digits: int | None = None) -> str:
    """A number in its shortest form, ``-4`` and not ``-4.0``, with at most ``digits`` digits."""
    text = repr(float(value)) if digits is None else f"{value:.{digits}g}"
    if text.endswith(".0"):
        text = text[:-2]
    # In one form for both: 1e+16 and 1e-05 as 1e16 and 1e-5.
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def shorten(text: str, width: int) -> str:
    """The text, cut in the middle to ``width`` characters."""
    if len(text) <= width:
        return text
    head = width // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def flatten(parts: Iterable[object]) -> str:
    """The text of nested lists of parts, however deep."""
    fragments: list[str] = []
    stack = [iter(parts)]
    while stack:
        for part in stack[-1]:
            if isinstance(part, str):
                fragments.append(part)
            else:
                assert isinstance(part, list)
                stack.append(iter(part))
                break
        else:
            stack.pop()
    return "".join(fragments)


def print_program(ast: Ast) -> str:
    """The program in the native notation, every operator explicit, a statement a line.

    A product without a sign is written with ·, which means the same.
    """
    pieces: list[Piece[list[object]]] = []
    lines: list[str] = []
    claims, first = False, 0  # of the chain under way
    statements = iter(ast.statements)
    statement = next(statements, None)
    for node, kind in enumerate(ast.kind):
        operands = [pieces[operand] for operand in ast.operands(node)]
        if kind == "number":
            pieces.append(_literal(ast.numbers[ast.left[node]]))
        elif kind == "name":
            name = ast.names[ast.left[node]]
            # x^T is a transpose, and x^(T) a power.
            pieces.append(([name], PRODUCT if name == "T" else ATOM))
        elif kind == "neg" and ast.kind[ast.left[node]] == "number":
            pieces.append(_literal(-ast.numbers[ast.left[ast.left[node]]]))
        elif kind in ("()", "pos"):
            pieces.append(operands[0])
        elif kind == "juxtaposition":
            pieces.append(compose("·", operands))
        elif kind in NORMS:
            pieces.append((bars(operands[0][0], NORMS[kind]), ATOM))
        elif kind == "call":
            pieces.append((_enclosed(f"{ast.names[ast.left[node]]}(", operands, ")"), ATOM))
        elif kind == "array":
            pieces.append((_enclosed("[", operands, "]"), ATOM))
        elif kind == "slice":
            pieces.append(_slice(ast, node, pieces))
        elif kind == "keyword":
            pieces.append(([f"{ast.names[ast.right[node]]}=", operands[0][0]], ATOM))
        elif kind == "for":
            pieces.append(_loops(ast, node, pieces))
        elif kind == "^T":
            # x^T^2 is (x^T)^2 or x^(T^2), by what x is; LaTeX says which.
            strength = ATOM if ast.notation == "native" else BINARY["^"]
            pieces.append(([*bracketed(operands[0], ATOM), "^T"], strength))
        elif kind == "derivative":
            (output, _), (by, _) = operands
            is_name = ast.kind[ast.left[node]] == "name"
            text: list[object] = ["∂", output, "/∂", by]
            if not is_name:
                text = ["∂/∂", by, "(", output, ")"]
            # ∂f/∂x^2 would be taken for a second derivative.
            pieces.append((text, QUOTIENT if is_name else ATOM))
        else:
            pieces.append(compose(kind, operands))
        if statement is not None and node == statement.root:
            written = flatten(pieces[node][0])
            if statement.kind == "member":
                sign = "≡" if claims and ast.kind[first] != "derivative" else "="
                lines[-1] += f" {sign} {written}"
            else:
                claims, first = statement.kind == "claim", node
                lines.append(_head(statement.name, statement.parameters) + written)
            statement = next(statements, None)
    return "\n".join(lines)


def _slice(ast: Ast, node: int, pieces: Sequence[Piece[list[object]]]) -> Piece[list[object]]:
    *bounds, step = ast.arguments[ast.right[node]]
    parts: list[object] = []
    for part in bounds if step < 0 else (*bounds, step):
        parts.append(pieces[part][0] if part >= 0 else "")
        parts.append(":")
    return parts[:-1], ATOM


def _loops(ast: Ast, node: int, pieces: Sequence[Piece[list[object]]]) -> Piece[list[object]]:
    parts: list[object] = [pieces[ast.left[node]][0]]
    for loop in ast.loops[node]:
        parts.append(f" for {loop.name} in ")
        parts.extend(_enclosed("range(", [pieces[operand] for operand in loop.arguments], ")"))
    return parts, ATOM


def _literal(value: float) -> Piece[list[object]]:
    """A number that the user wrote; one too large for a float is no constant called inf."""
    text = format_number(value).replace("inf", "1e999")
    return [text], UNARY if text.startswith("-") else NUMBER


def _head(name: str, parameters: tuple[str, ...]) -> str:
    if parameters:
        return f"{name}({', '.join(parameters)}) = "
    return f"{name} = " if name else ""
