"""What a statement defines: the names in front of its first "="."""

from collections.abc import Collection

from gradcalc.syntax.latex.names import Name
from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.units import Units

HEAD_BRACKETS = (("open", "("), ("open", "["))


def head_of(units: Units, ranges: list[Range], defined: Collection[str]) -> tuple[str, int] | None:
    """The names ``f x y`` of a head f(x, y), and where it begins.

    None if it defines nothing, because it is no name, or one that is defined already.

    Args:
        ranges: what stands in front of the "=".
    """
    if len(ranges) != 1:
        return None
    lo, hi = units.names.strip(*ranges[0])
    tokens = units.tokens
    if tokens[lo][0] == "function":
        text, after, start = tokens[lo][1], lo + 1, tokens[lo][2]
    else:
        found = units.quiet_name(lo, hi)
        if found is None or found.tail:
            return None
        text, after, start = found.joined, found.after, found.start
        names, base = units.names, found.text
        is_array = base in names.arrays and not units.scope.is_variable(base)
        if found.entry and (base in names.families or is_array):
            text = _member(units, found) or text
    if not text or text in defined:
        return None
    if after == hi:
        return text, start
    opens = tokens[after][:2] in HEAD_BRACKETS and units.partners[after] == hi - 1
    if opens and text not in units.scope.variables:
        parameters = _parameters(units, after + 1, hi - 1)
        if parameters:
            return " ".join((text, *parameters)), start
    return None


def _member(units: Units, name: Name) -> str | None:
    """The name of h_0 where h_t is defined for each t, and of x_1 beside x_i if x has no value."""
    (lo, hi), *others = name.entry
    number = units.names.part_of_name(lo, hi)
    if others or not number or not number.replace("_", "").isdigit():
        return None
    return f"{name.text}_{number}"


def _parameters(units: Units, lo: int, hi: int) -> list[str]:
    """The names in the brackets of a function's head; nothing if there is anything else."""
    found: dict[str, None] = {}
    while lo < hi:
        name = units.quiet_name(lo, hi)
        if name is None or name.tail or not name.joined or name.joined in found:
            return []
        found[name.joined] = None
        lo = name.after
        if lo < hi and units.tokens[lo][0] not in (",", ";"):
            return []
        lo += 1
    return list(found)
