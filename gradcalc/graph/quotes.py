"""What the user wrote, as messages quote it and put it beside other operands."""

import re
from typing import TYPE_CHECKING

from gradcalc.syntax.parser import COMMENT
from gradcalc.syntax.printer import NUMBER, bracketed, shorten, strength_of

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: A call with its brackets. LaTeX has calls without them: ``\sin x``, ``\sum_i x_i``, ``A^{-1}``.
CALL = re.compile(r"\w+[ \t]*\(.*\)", re.DOTALL)


def quoted(lowering: "Expressions", i: int, width: int = 40) -> str:
    """What the user wrote for an Ast node, on one line."""
    text = shorten(" ".join(COMMENT.sub("", written(lowering, i)).split()), width)
    # A loop stands for an array; beside other arguments of a call it needs the array's brackets.
    return f"[{text}]" if lowering.ast.kind[i] == "for" else text


def factor(lowering: "Expressions", i: int, behind: bool = False, width: int = 40) -> str:
    """The same, with the brackets that it needs as a factor and to be transposed.

    Args:
        behind: whether it is pasted behind another factor, where ``[`` begins an index.
    """
    text = quoted(lowering, i, width)
    strength = strength_of(lowering.ast.kind[i])
    if lowering.ast.kind[i] == "call" and not CALL.fullmatch(written(lowering, i)):
        strength = 0
    if behind and text.startswith("["):
        strength = 0
    return "".join(bracketed((text, strength), NUMBER))


def transposed(lowering: "Expressions", i: int, behind: bool = False, width: int = 40) -> str:
    """The transpose of what the user wrote; of a transpose what it is one of."""
    ast, inner = lowering.ast, i
    while ast.kind[inner] == "()":
        inner = ast.left[inner]
    # A row of LaTeX is a transpose without a sign that could be left out.
    if ast.kind[inner] == "transpose" and ast.end[ast.left[inner]] < ast.end[inner]:
        return factor(lowering, ast.left[inner], behind, width)
    return f"{factor(lowering, i, behind, width)}'"


def written(lowering: "Expressions", i: int) -> str:
    """What the user wrote for an Ast node."""
    return lowering.source.text[lowering.ast.start[i] : lowering.ast.end[i]]
