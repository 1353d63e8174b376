"""The conditions that leave a part of a formula out: a case, and what stands behind 1[i > 1]."""

from typing import NamedTuple

from gradcalc.syntax.ast import BINARY, Ast

#: What has the value 0 or 1.
COMPARISONS = frozenset(kind for kind, strength in BINARY.items() if strength == BINARY["<"])
PRODUCTS = ("*", "juxtaposition", "·", "⊙")
#: What is 0 where its first operand is.
AS_FIRST = ("()", "neg", "pos", "/", "^")
#: Of more comparisons in one product, these are seen.
MOST = 8


class Guard(NamedTuple):
    """A condition, which stands in front of what it guards."""

    first: int  #: where in the Ast the part begins that it guards
    condition: int
    holds: bool  #: whether the part is used where the condition holds, or where it fails
    around: "Guard | None" = None  #: the next one that guards the same


def guards(ast: Ast) -> dict[int, Guard]:
    """What guards each subscript, call and loop of an Ast; those without guards are left out."""
    last = _by_part(ast)
    around: Guard | None = None
    found: dict[int, Guard] = {}
    for i in reversed(range(len(ast) if last else 0)):
        while around and around.first > i:
            around = around.around
        for guard in last.get(i, ()):
            around = guard._replace(around=around)
        if around and (i in ast.subscripts or ast.kind[i] in ("call", "for")):
            found[i] = around
    return found


def _by_part(ast: Ast) -> dict[int, list[Guard]]:
    """The guards by the last node of the parts that they guard."""
    found: dict[int, list[Guard]] = {}
    zeros: dict[int, tuple[int, ...]] = {}  # comparisons where one that fails makes a node 0
    for i, kind in enumerate(ast.kind):
        left, right = ast.left[i], ast.right[i]
        if kind in COMPARISONS:
            zeros[i] = (i,)
        elif kind in AS_FIRST and left in zeros:
            zeros[i] = zeros[left]
        elif kind in PRODUCTS and (left in zeros or right in zeros):
            of_left = zeros.get(left, ())
            found[right] = [Guard(ast.first(right), condition, True) for condition in of_left]
            zeros[i] = (*of_left, *zeros.get(right, ()))[-MOST:]
        elif kind == "call" and ast.names[left] == "where" and len(ast.arguments[right]) == 3:
            condition, value, other = ast.arguments[right]
            found[value] = [Guard(ast.first(value), condition, True)]
            found[other] = [Guard(ast.first(other), condition, False)]
    return found
