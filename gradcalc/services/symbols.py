"""Names for what a program has no name for: the output f, inner nodes q1, q2, formulas t1, t2."""

from collections.abc import Collection, Iterator
from itertools import count

from gradcalc import ops
from gradcalc.graph.lower import Problem
from gradcalc.syntax.names import CONSTANTS


def taken(problem: Problem) -> set[str]:
    """The names that mean something in a program, or to the language."""
    heads = {statement.name for statement in problem.ast.statements}
    return {*problem.ast.names, *problem.definitions, *heads, *ops.PLACES, *CONSTANTS}


def free(candidates: str, used: Collection[str]) -> str:
    """The first letter that is free, or the first one with a number."""
    for letter in candidates:
        if letter not in used:
            return letter
    return next(numbered(candidates[0], used))


def numbered(letter: str, used: Collection[str]) -> Iterator[str]:
    """``q1``, ``q2`` and so on, without those that are used."""
    return (name for n in count(1) if (name := f"{letter}{n}") not in used)
