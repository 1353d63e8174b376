"""Derivatives in LaTeX: \\frac{\\partial f}{\\partial x}, df/dx, \\nabla_x f."""

from gradcalc.syntax.latex.names import Name
from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.units import Item, Unit, Units

#: So many tokens may be between the ∂ and the / of ∂f/∂x.
NEAR = 60
#: What the f of ∂f/∂x is made of.
OPERAND = frozenset(("name", "accent", "{", "open", "_", "^", "'", "function", "skip"))


def quotient(units: Units, place: int, numerator: Range, denominator: Range) -> list[Item] | None:
    """The derivative that a fraction is; None if it is none.

    Raises:
        GradcalcError: ``syntax``, if the orders above and below differ.
    """
    sign = _sign(units, denominator[0], denominator[1])
    if not sign or _sign(units, *numerator) != sign:
        return None
    by = _names(units, denominator[0], denominator[1], sign)
    if not by or by[0][1] != denominator[1]:
        return None
    lo, order = _order(units, numerator[0] + 1, numerator[1])
    names = [name for name, _ in by]
    start, end = units.tokens[place][2], units.tokens[denominator[1]][3]
    if order != len(names):
        message = f"the derivative is of order {order} above and {len(names)} below"
        help = "as in \\frac{\\partial^2 f}{\\partial x \\partial y}"
        raise units.error(message, start, end, help)
    if lo == numerator[1]:
        return _by(units, ("DIFFERENTIATE", start, end), names)
    return _derivative(units, start, end, (lo, numerator[1]), names)


def after_point(units: Units, after: int, hi: int, pieces: list[Item]) -> int:
    """The token behind df/dx(x): what it is a function of need not be said again."""
    names = [
        str(piece[1][0]) for piece in pieces if piece[0] == "BY" and isinstance(piece[1], tuple)
    ]
    tokens = units.tokens
    if after < hi and tokens[after][:2] == ("open", "(") and pieces[0][0] == "DERIVATIVE":
        lo, stop = units.inside(after)
        name = units.quiet_name(lo, stop) if lo < stop else None
        if name is not None and name.after == stop and name.text in names and not name.tail:
            return stop + 1
    return after


def _derivative(
    units: Units, start: int, end: int, operand: Range, names: list[Name]
) -> list[Item]:
    close: Item = ("GROUP_CLOSE", ("", units.tokens[operand[1] - 1][3], end))
    opening: Item = ("DERIVATIVE", ("", start, end))
    return [opening, operand, close, *_by(units, None, names, end)]


def _by(
    units: Units, head: tuple[str, int, int] | None, names: list[Name], end: int = 0
) -> list[Item]:
    pieces: list[Item] = []
    if head is not None:
        terminal, start, end = head
        pieces.append((terminal, ("", start, end)))
    for name in names:
        text = name.text
        pieces.append(("BY", (text, name.start, name.end)))
        if name.entry:
            pieces += units.entry(name.entry, name.joined, name.start, name.end)
    pieces.append(("GROUP_CLOSE", ("", end, end)))
    return pieces


def _sign(units: Units, lo: int, hi: int) -> str:
    """The d or ∂ that a range begins with; nothing if there is none."""
    if lo >= hi:
        return ""
    kind, word, _, _ = units.tokens[lo]
    if kind == "partial":
        return "∂"
    return "d" if (kind, word) == ("name", "d") and not units.scope.is_variable("d") else ""


def _order(units: Units, place: int, hi: int) -> tuple[int, int]:
    """The order of a derivative that is written above its ∂, and the token behind it."""
    tokens, partners = units.tokens, units.partners
    if place < hi and tokens[place][0] == "superscript" and tokens[place][1] == "²":
        return place + 1, 2
    if place < hi and tokens[place][0] == "^":
        lo, stop = units.names.strip(place + 2, partners[place + 1])
        if stop - lo == 1 and tokens[lo][0] == "number" and tokens[lo][1] in ("1", "2", "3"):
            return partners[place + 1] + 1, int(tokens[lo][1])
    return place, 1


def _names(units: Units, place: int, hi: int, sign: str) -> list[tuple[Name, int]]:
    """What is differentiated by: ``∂x∂y`` or ``∂x^2``, each with the token behind all of them."""
    tokens, found = units.tokens, list[Name]()
    after = place
    while place < hi and _sign(units, place, hi) == sign:
        name = units.quiet_name(place + 1, hi) if place + 1 < hi else None
        if name is None:
            break
        times = 1
        for kind, inner in name.tail:
            lo, stop = units.names.strip(*inner)
            word = tokens[lo][1] if stop - lo == 1 else ""
            if (kind, word) in (("^", "2"), ("^", "3")):
                times = int(word)
            elif (kind, word) == ("superscript", "²"):
                times = 2
            elif not (kind == "^" and units.names.is_transpose(lo, stop)):
                return []
        found += [name] * times
        after = place = name.after
    return [(name, after) for name in found]


def partial(units: Units, place: int, hi: int) -> Unit:
    """A ∂ that is not in a fraction."""
    unit = inline(units, place, hi)
    assert unit is not None
    return unit


def inline(units: Units, place: int, hi: int) -> Unit | None:
    """``∂f/∂x``; None for a d that begins no derivative.

    Raises:
        GradcalcError: ``syntax``, for a ∂ that begins none.
    """
    tokens, partners = units.tokens, units.partners
    sign = _sign(units, place, hi)
    lo, order = _order(units, place + 1, hi)
    stop, limit = lo, min(hi, lo + NEAR)
    while (
        stop < limit and tokens[stop][0] in OPERAND and (stop == lo or not _sign(units, stop, hi))
    ):
        stop = partners[stop] + 1 if partners[stop] > stop else stop + 1
    if sign and stop < hi - 1 and tokens[stop][:2] == ("times", "/"):
        by = _names(units, stop + 1, hi, sign)
        names = [name for name, _ in by]
        if by and len(names) == order:
            after = by[0][1]
            start, end = tokens[place][2], tokens[after - 1][3]
            if stop == lo:
                return _by(units, ("DIFFERENTIATE", start, end), names), after
            pieces = _derivative(units, start, end, (lo, stop), names)
            return pieces, after_point(units, after, hi, pieces)
    if tokens[place][0] == "partial":
        help = "a derivative is \\frac{\\partial f}{\\partial x}"
        raise units.error("\\partial begins no derivative", *tokens[place][2:], help)
    return None


def nabla(units: Units, place: int, hi: int) -> Unit:
    """\\nabla_x in front of what it differentiates."""
    tokens, partners = units.tokens, units.partners
    start, end = tokens[place][2:]
    if place + 1 < hi and tokens[place + 1][0] == "_":
        lo, stop = units.names.strip(place + 3, partners[place + 2])
        name = units.quiet_name(lo, stop) if lo < stop else None
        after = partners[place + 2] + 1
        if name is not None and name.after == stop and not name.tail:
            return _by(units, ("GRADIENT", start, tokens[after - 1][3]), [name]), after
        end = tokens[after - 1][3]
    help = "write \\nabla_x f"
    raise units.error("the gradient does not say by what", start, end, help)
