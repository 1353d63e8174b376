"""Which bars open and which close, and what order a norm has behind one that closes."""

import re
from collections.abc import Collection

from gradcalc.syntax.names import RAISED, SUBSCRIPT_CHARACTERS

#: Single bars, then double ones, each opening and closing.
BARS = ("BAR_OPEN", "BAR_CLOSE", "NORM_OPEN", "NORM_CLOSE")
CLOSING_BARS = BARS[1::2]
OPENING = ("OPEN", "CALL", "FOR", "ARRAY_OPEN", "INDICATOR")
CLOSING = ("CLOSE", "BRACKET_CLOSE", "BRACE_CLOSE")
#: After one of these an operand has just ended that may have an index or be transposed.
INDEXABLE = frozenset(("NAME", "SUPERSCRIPT", "TRANSPOSE", "ORDER", *CLOSING_BARS, *CLOSING))
OPERAND_ENDS = INDEXABLE | {"NUMBER", "DERIVATIVE"}
_SUBSCRIPT = rf"_(?:[^\W{RAISED}]|∞)*|[{SUBSCRIPT_CHARACTERS}]+"
_POWER = r"[ \t]*(?:(?:\^|\*\*)[ \t]*[+−-]?[ \t]*(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|[⁺⁻]?[²³¹⁰⁴-⁹]+)"
#: The subscript of a norm behind its bar: ``_2``, ``_inf``, ``_∞``, ``₂``. With a power, which is a
#: number, it may stand on either side of that: ``_2^2``, ``^2_2``, ``²₂``.
ORDER = re.compile(
    rf"(?P<order>{_SUBSCRIPT})(?:(?P<power>{_POWER})(?P<second>{_SUBSCRIPT}))?"
    rf"|(?P<raised>{_POWER})(?P<behind>{_SUBSCRIPT})"
)


def match_bars(
    pattern: re.Pattern[str], ignored: Collection[str], text: str, start: int, end: int
) -> dict[int, tuple[str, int]]:
    """For the place of each bar: its terminal and its length.

    A bar that follows an operand closes the innermost bar that is open in the same brackets, any
    other opens. Two that open side by side and close side by side are a norm.

    Args:
        pattern: the terminals of the grammar; ``ignored`` are those that never reach the parser.
    """
    roles: dict[int, tuple[str, int]] = {}
    closed_by: dict[int, int] = {}
    # The places of the open bars, a list for each level of brackets.
    levels: list[list[int]] = [[]]
    after_operand = False
    done = start  # the end of the order of a norm, which belongs to its bar
    for match in pattern.finditer(text, start, end):
        kind = match.lastgroup or ""
        if match.end() <= done:
            continue
        if kind in BARS:
            double = match.group() == "‖"
            for place in range(match.start(), match.end()):
                closing = after_operand and bool(levels[-1])
                if closing:
                    closed_by[levels[-1].pop()] = place
                else:
                    levels[-1].append(place)
                after_operand = closing
                roles[place] = (BARS[2 * double + closing], 1)
            if after_operand and (order := ORDER.match(text, match.end(), end)):
                done = order.end()
        elif kind == "SEPARATOR" and len(levels) > 1 and match.group() != ";":
            continue
        elif kind not in ignored:
            after_operand = kind in OPERAND_ENDS
            if kind in OPENING:
                levels.append([])
            elif kind in CLOSING and len(levels) > 1:
                levels.pop()
            elif kind == "SEPARATOR" and len(levels) == 1:
                levels = [[]]
    for outer, close in closed_by.items():
        inner = closed_by.get(outer + 1, -1)
        if inner == close - 1 and roles[outer] == roles[outer + 1] == (BARS[0], 1):
            roles[outer] = ("NORM_OPEN", 2)
            roles[inner] = ("NORM_CLOSE", 2)
    return roles
