"""The conditions that leave a part of a formula out: a case, and what stands behind 1[i > 1]."""

from typing import NamedTuple

from gradcalc.syntax.ast import BINARY, Ast

#: What has the value 0 or 1.
COMPARISONS = frozenset(kind for kind, strength in BINARY.items() if strength == BINARY["<"])
PRODUCTS = ("*", "juxtaposition", "·")


class Guard(NamedTuple):
    """A condition, which stands in front of what it guards."""

    first: int  #: where in the Ast the part begins that it guards
    condition: int
    holds: bool  #: whether the part is used where the condition holds, or where it fails


def guards(ast: Ast) -> dict[int, tuple[Guard, ...]]:
    """What guards each subscript, call and loop of an Ast; those without guards are left out."""
    last, around = _by_part(ast), list[Guard]()
    found: dict[int, tuple[Guard, ...]] = {}
    for i in reversed(range(len(ast) if last else 0)):
        while around and around[-1].first > i:
            around.pop()
        if i in last:
            around.append(last[i])
        if around and (i in ast.subscripts or ast.kind[i] in ("call", "for")):
            found[i] = tuple(around)
    return found


def _by_part(ast: Ast) -> dict[int, Guard]:
    """The guards by the last node of the parts that they guard."""
    found: dict[int, Guard] = {}
    indicators: dict[int, int] = {}  # a factor of each product that is a comparison
    for i, kind in enumerate(ast.kind):
        left, right = ast.left[i], ast.right[i]
        if kind in COMPARISONS:
            indicators[i] = i
        elif kind in ("()", "neg", "pos") and left in indicators:
            indicators[i] = indicators[left]
        elif kind in PRODUCTS:
            if left in indicators:
                found[right] = Guard(ast.first(right), indicators[left], True)
            if right in indicators or left in indicators:
                indicators[i] = indicators.get(right, indicators.get(left, i))
        elif kind == "call" and ast.names[left] == "where" and len(ast.arguments[right]) == 3:
            condition, value, other = ast.arguments[right]
            found[value] = Guard(ast.first(value), condition, True)
            found[other] = Guard(ast.first(other), condition, False)
    return found
