"""Derivatives as the lexer reads them: ``∂f/∂x``, ``∂²f/∂x∂y``, ``∂/∂x(...)`` and ``df/dx``."""

import re

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.names import Scope, canonical

PARTIAL_NAME = re.compile(r"∂²?[ \t]*([^\W\d²]\w*)")
#: df/dx and d/dx(...).
QUOTIENT = re.compile(r"d([^\W\d]\w*)?[ \t]*/[ \t]*d([^\W\d]\w*)(?(1)|(?=[ \t]*\())")

#: The terminal, the names with blanks between them, and the range.
Derivative = tuple[str, tuple[str, int, int]]


def quotient(text: str, start: int, end: int, scope: Scope) -> Derivative | None:
    """``df/dx`` at ``start``, if f is known and that is no quotient of two variables."""
    match = QUOTIENT.match(text, start, end)
    if match is None:
        return None
    output, by = match.groups()
    by = canonical(by)
    if scope.is_variable(f"d{by}"):
        return None
    if output is None:
        return "DERIVATIVE_OF", (by, start, match.end())
    output = canonical(output)
    if not scope.is_variable(output) and output not in scope.functions:
        return None
    return "DERIVATIVE", (f"{output} {by}", start, match.end())


def partial(source: Source, kind: str, start: int, end: int) -> Derivative:
    """A derivative with ∂; the order that ∂² says must be that of the names.

    Raises:
        GradcalcError: ``syntax``.
    """
    word = source.text[start:end]
    names = [canonical(name.rstrip("²")) for name in PARTIAL_NAME.findall(word)]
    twice = word.endswith("²")
    order = len(names) - (kind == "DERIVATIVE") + twice
    if order != 1 + word.startswith("∂²"):
        message = "a first derivative is ∂f/∂x, a second one ∂²f/∂x² or ∂²f/∂x∂y"
        raise GradcalcError("syntax", message, [Span(start, end)], source=source)
    return kind, (" ".join([*names, *names[-1:] * twice]), start, end)
