"""Which 1 in front of a bracket is the indicator of lectures, as in ``1[x > 0]``."""

import re

from gradcalc.syntax.bars import CLOSING, OPENING
from gradcalc.syntax.brackets import CLOSING as CLOSED_BY

#: What stands in a list, an index or a loop, and in no condition.
LISTING = ("COMMA", "COLON", "SEPARATOR", "FOR")


def indicators_in(pattern: re.Pattern[str], text: str, start: int, end: int) -> frozenset[int]:
    """The places of the indicators in ``text[start:end]``: a 1, and brackets with a condition.

    A condition is one expression with a comparison in it; ``1[x, y > 0]`` is a number and an array.

    Args:
        pattern: the terminals of the grammar.
    """
    found = set[int]()
    #: Of each bracket that is open its terminal, its match, and what has been seen in it.
    opened: list[tuple[str, re.Match[str]]] = []
    compares, lists = [False], [False]
    for match in pattern.finditer(text, start, end):
        kind = match.lastgroup or ""
        if kind == "COMPARE":
            compares[-1] = True
        elif kind in LISTING and match.group() not in ("\n", "\r", "\r\n"):
            lists[-1] = True
        if kind in OPENING:
            opened.append((kind, match))
            compares.append(False)
            lists.append(False)
        elif kind in CLOSING and opened:
            opening, head = opened.pop()
            compared, listed = compares.pop(), lists.pop()
            fits = opening == "INDICATOR" and CLOSED_BY[head.group()[-1]] == match.group()
            if fits and compared and not listed:
                found.add(head.start())
            compares[-1] |= compared and opening == "OPEN"
    return frozenset(found)
