"""What the user wrote, as messages quote it and put it beside other operands."""

import re
from typing import Protocol

from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import COMMENT
from gradcalc.syntax.printer import NUMBER, bracketed, shorten, strength_of

#: A call with its brackets. LaTeX has calls without them: ``\sin x``, ``\sum_i x_i``, ``A^{-1}``.
CALL = re.compile(r"\w+[ \t]*\(.*\)", re.DOTALL)


class Program(Protocol):
    """What has a text, and the Ast of it."""

    @property
    def ast(self) -> Ast: ...

    @property
    def source(self) -> Source: ...


def quoted(program: Program, i: int, width: int = 40) -> str:
    """What the user wrote for an Ast node, on one line."""
    text = shown(written(program, i), width)
    # A loop stands for an array; beside other arguments of a call it needs the array's brackets.
    return f"[{text}]" if program.ast.kind[i] == "for" else text


def shown(text: str, width: int = 40) -> str:
    """A part of a program, on one line."""
    return shorten(" ".join(COMMENT.sub("", text).split()), width)


def factor(program: Program, i: int, behind: bool = False, width: int = 40) -> str:
    """The same, with the brackets that it needs as a factor and to be transposed.

    Args:
        behind: whether it is pasted behind another factor, where ``[`` begins an index.
    """
    text = quoted(program, i, width)
    strength = strength_of(program.ast.kind[i])
    if program.ast.kind[i] == "call" and not CALL.fullmatch(written(program, i)):
        strength = 0
    if behind and text.startswith("["):
        strength = 0
    return "".join(bracketed((text, strength), NUMBER))


def transposed(program: Program, i: int, behind: bool = False, width: int = 40) -> str:
    """The transpose of what the user wrote; of a transpose what it is one of."""
    ast, inner = program.ast, i
    while ast.kind[inner] == "()":
        inner = ast.left[inner]
    # A row of LaTeX is a transpose without a sign that could be left out.
    if ast.kind[inner] == "transpose" and ast.end[ast.left[inner]] < ast.end[inner]:
        return factor(program, ast.left[inner], behind, width)
    return f"{factor(program, i, behind, width)}'"


def written(program: Program, i: int) -> str:
    """What the user wrote for an Ast node."""
    return program.source.text[program.ast.start[i] : program.ast.end[i]]
