"""Roots, norms, sums, braces with labels, indicators, and brackets that are not the usual ones."""

from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.units import BRACKETS, Item, Unit, Units
from gradcalc.syntax.lexer import Token

#: The norms that have no number below.
EUCLIDEAN = ("", "2", "F", "Fro", "fro", "Frobenius")
CONDITION_WORDS = ("", "if", "for", "when", "where", "all")


def sqrt(units: Units, place: int, hi: int) -> Unit:
    """\\sqrt[n]{x}."""
    pieces: list[Item] = [("ROOT", units.value(place))]
    group = place + 1
    if units.tokens[group][0] == "optopen":
        order = units.inside(group)
        group = order[1] + 1
        pieces = [("ROOT_OF", units.value(place)), order, units.close(order[1])]
        pieces.append(("GROUP_OPEN", units.value(group)))
    inner = units.inside(group)
    return [*pieces, inner, units.close(inner[1])], inner[1] + 1


def norm(units: Units, place: int, hi: int) -> Unit:
    """\\|x\\|_1^2, \\|x\\|^2_1 and ‖x‖²₁."""
    tokens = units.tokens
    closing = units.partners[place]
    after, order = closing + 1, None
    raised: list[Item] = []
    while after < hi and (kind := tokens[after][0]) in ("_", "^", "superscript"):
        if kind == "superscript":
            raised.append(("SUPERSCRIPT", units.value(after)))
            after += 1
            continue
        inner = units.inside(after + 1)
        if kind == "^":
            raised += units.power(inner)
        elif order is None:
            order = _order(units, inner)
        else:
            start, end = tokens[inner[0]][2], tokens[inner[1] - 1][3]
            help = "as in \\|x\\|_2^2, which is \\|x\\|^2_2 too"
            raise units.error("this norm has a second order", start, end, help)
        after = inner[1] + 1
    order = order or ""
    opening: Token = ("NORM_OPEN", (order, *tokens[place][2:]))
    last = closing if raised else after - 1
    closed: Token = ("NORM_CLOSE", (order, tokens[closing][2], tokens[last][3]))
    return [opening, (place + 1, closing), closed, *raised], after


def _order(units: Units, inner: Range) -> str:
    """The order of a norm: 1, inf, or nothing for the usual one."""
    order = units.names.part_of_name(*inner) or ""
    if order in EUCLIDEAN:
        return ""
    if order not in ("1", "inf"):
        start, end = units.tokens[inner[0]][2], units.tokens[inner[1] - 1][3]
        help = "norms are \\|x\\|_1, \\|x\\|_2, \\|x\\|_\\infty and \\|A\\|_F"
        raise units.error("this norm is not known", start, end, help)
    return order


def bracket(units: Units, place: int, hi: int) -> Unit:
    """⌊x⌋, ⌈x⌉, ⟨x, y⟩ and the brackets that \\left. and \\right. leave out."""
    tokens = units.tokens
    _, word, start, end = tokens[place]
    inner = units.inside(place)
    after = inner[1] + 1
    close: Token = ("CLOSE", units.value(inner[1]))
    if "." in (word, tokens[inner[1]][1]):
        content = place + 1
        is_one = tokens[content][0] == "begin" and units.partners[content] == inner[1] - 1
        if word == "\\{" and is_one:
            from gradcalc.syntax.latex.environments import cases

            return cases(units, content)[0], after
        if tokens[inner[1]][1] == "|":
            help = "give the point as values of the inputs"
            raise units.error("a value at a point cannot be read", *tokens[inner[1]][2:], help)
        help = "close it by the bracket that fits"
        raise units.error(f"{units.source.text[start:end]} is not closed", start, end, help)
    if word == "⟨":
        return [("INNER_OPEN", (word, start, end)), inner, close], after
    function = "floor" if word == "⌊" else "ceil"
    pieces: list[Item] = [("FUNCTION", (function, start, end)), ("ARGUMENTS", (word, start, end))]
    return [*pieces, inner, close], after


def big(units: Units, place: int, hi: int) -> Unit:
    """\\sum, \\prod, and \\max with something below it."""
    tokens = units.tokens
    _, word, start, end = tokens[place]
    found = units.limits.get(place)
    if found is None:
        shown = units.source.text[start:end]
        help = f"as in {shown}_{{i=1}}^{{n}} x_i, or {shown}_i x_i; of all entries {word}(x)"
        raise units.error(f"{shown} has no index", start, end, help)
    if found.after < hi and tokens[found.after][0] == "superscript":
        at, stop = tokens[found.after][2:]
        message = f"{units.source.text[at:stop]} is neither summed nor a limit"
        raise units.error(message, at, stop, "limits are written Σᵢ₌₁³ xᵢ or \\sum_{i=1}^{3} x_i")
    pieces: list[Item] = [("REACHING", (word, start, tokens[found.after - 1][3]))]
    pieces += [("INDEX", units.value(index)) for index in found.indices]
    for terminal, limit in (("LOWER", found.lower), ("UPPER", found.upper)):
        if limit is not None:
            (lo, stop), sign = limit
            at = tokens[lo][2]
            pieces += [(terminal, ("", at, at)), (lo, stop)]
            if sign:
                pieces += [("SIGN", (sign, at, at)), ("NUMBER", ("1", at, at))]
            pieces.append(units.close(stop))
    for lo, stop in found.conditions:
        pieces += [("CONDITION", units.value(lo)), (lo, stop), units.close(stop)]
    return pieces, found.after


def brace(units: Units, place: int, hi: int) -> Unit:
    """\\underbrace{W_1 x}_h."""
    tokens = units.tokens
    inner = units.inside(place + 1)
    after, label = inner[1] + 1, ""
    if after < hi and tokens[after][0] == tokens[place][1]:
        lo, stop = units.names.strip(*units.inside(after + 1))
        after = units.partners[after + 1] + 1
        name = units.quiet_name(lo, stop) if lo < stop and tokens[lo][0] == "name" else None
        if name is not None and name.after == stop and not name.tail:
            label = name.joined
    start, end = tokens[place][2], tokens[after - 1][3]
    if not label:
        opening: Token = ("GROUP_OPEN", ("{", start, start))
        return [opening, inner, ("GROUP_CLOSE", ("}", end, end))], after
    units.scope.variables.add(label)
    return [("NAMED", (label, start, end)), inner, units.close(inner[1])], after


def indicator(units: Units, place: int, hi: int) -> Unit:
    """\\mathbb{1}[x > 0]: a comparison is 1 or 0 anyway."""
    tokens = units.tokens
    start, end = tokens[place][2:]
    after = place + 1
    if after < hi and tokens[after][0] == "_":
        after += 1
    if after >= hi or (tokens[after][0] != "{" and tokens[after][1] not in BRACKETS):
        help = "an indicator is \\mathbb{1}[x > 0], a vector of n ones is \\operatorname{ones}(n)"
        raise units.error("nothing follows the indicator", start, end, help)
    closing = units.partners[after]
    opening: Token = ("OPEN", ("(", start, tokens[after][3]))
    pieces = _condition(units, after + 1, closing)
    return [opening, *pieces, ("CLOSE", units.value(closing))], closing + 1


def _condition(units: Units, lo: int, hi: int) -> list[Item]:
    """A condition, in which commas and words are a logical and."""
    pieces: list[Item] = []
    begin = place = lo
    partners = units.partners
    while place < hi:
        kind, word, start, end = units.tokens[place]
        if kind in (",", "text"):
            pieces += [(begin, place)] * (begin < place)
            words = word.strip(" ,.:").lower()
            if kind == "," or words == "and":
                if pieces and place + 1 < hi:
                    pieces.append(("AND", (word, start, end)))
            elif words not in CONDITION_WORDS:
                units.skip(place)
            begin = place + 1
        place = partners[place] + 1 if partners[place] > place else place + 1
    return [*pieces, *[(begin, hi)] * (begin < hi)]
