"""Functions in LaTeX: \\sin x, \\sin^2 x, \\log_2 x, \\max(a, b), \\operatorname{softmax}(z)."""

from gradcalc.syntax.latex.commands import FUNCTIONS, INVERSES
from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.units import Item, Unit, Units

#: \\log_2 and \\log_{10} are functions of their own.
LOGARITHMS = {"2": "log2", "10": "log10", "e": "log"}
#: \\sin(x)^2 could be meant as \\sin(x^2). Not so where the operand is an array, or has bars.
POWERS_BEHIND = frozenset((*FUNCTIONS.values(), *INVERSES.values(), *LOGARITHMS.values())) - {
    *("abs", "norm", "max", "min", "det", "trace")
}
OPENING = frozenset(("(", "[", "\\{"))


def function(units: Units, place: int, hi: int) -> Unit:
    """A function with what stands above and below it, and its operands if they are in brackets."""
    tokens, partners = units.tokens, units.partners
    _, name, start, end = tokens[place]
    if name in ("max", "min") and tokens[place + 1 : place + 2] and place in units.limits:
        from gradcalc.syntax.latex.constructs import big

        return big(units, place, hi)
    after = place + 1
    below: Range | None = None
    above: Range | None = None
    while after < hi and tokens[after][0] in ("_", "^", "'"):
        if tokens[after][0] == "'":
            raise units.primed(start, tokens[after][3], f"{units.source.text[start:end]}(x)")
        inner = partners[after + 1]
        if tokens[after][0] == "_":
            below = after + 2, inner
        else:
            above = units.names.strip(after + 2, inner)
        after = inner + 1
    end = tokens[after - 1][3]
    opens = after < hi and (
        tokens[after][:2] == ("{", "{")
        or (tokens[after][0] == "open" and tokens[after][1] in OPENING)
    )
    raised: list[Item] = []
    behind: list[Item] = []
    if below is not None:
        label = units.names.part_of_name(*below)
        if name in ("log", "ln") and label in LOGARITHMS:
            name = LOGARITHMS[label]
        elif name in ("log", "ln"):
            raised += [("BASE", units.value(below[0])), below, units.close(below[1])]
        elif label and units.scope.is_function(f"{name}_{label}"):
            name = f"{name}_{label}"
        elif opens:
            behind = units.entry([below], "", *tokens[below[0]][2:])
        else:
            help = f"as in {units.source.text[start : start + 12]}(z)_i"
            raise units.error("an index stands behind the operands", start, end, help)
    if above is not None:
        minus_one = above[1] - above[0] == 2 and [t[1] for t in tokens[above[0] : above[1]]] == [
            "-",
            "1",
        ]
        if minus_one and name in INVERSES:
            written = units.source.text[start:end]
            message = f"{written} is read as {INVERSES[name]}, the inverse function"
            units.names.note("inverse", message, start, end)
            name = INVERSES[name]
        elif minus_one:
            written = units.source.text[start:end]
            help = f"write 1/{name}(x) for the reciprocal"
            raise units.error(f"{written} may be an inverse function", start, end, help)
        else:
            raised += units.power(above)
    if opens:
        pieces, after = units.call(name, start, end, raised, after)
        if not raised and after < hi and tokens[after][0] == "^":
            lo, stop = tokens[place][2], tokens[partners[after + 1]][3]
            call = " ".join(units.source.text[lo : tokens[after][2]].split())
            if len(call) <= 40 and units.source.text[lo] == "\\" and name in POWERS_BEHIND:
                message = f"the power behind {call} is read as that of the whole"
                units.names.note("power", message, lo, stop)
        return [*pieces, *behind], after
    return [("FUNCTION", (name, start, end)), *raised], after
