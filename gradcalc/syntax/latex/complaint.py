"""What to say of a token that does not fit into LaTeX."""

from collections.abc import Sequence

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.builder import TokenValue
from gradcalc.syntax.grammar import Table
from gradcalc.syntax.latex.builder import Function

#: Terminals behind which an operand stands, with what is said if there is none.
OPERATORS = ("SIGN", "TIMES", "COMPARE", "AND")
STOPS = frozenset(
    ("SEPARATOR", "$END", "CLOSE", "GROUP_CLOSE", "COMMA", "BAR_CLOSE", "NORM_CLOSE", "ROW")
) | {"ENVIRONMENT_CLOSE", "COLUMN", "IF", "ELSE", "EQUALS", "AND", "COMPARE"}
OPENING = frozenset(("(", "[", "\\{", "{", "|", "‖", "⟨"))


def complaint(
    table: Table,
    source: Source,
    states: Sequence[int],
    values: Sequence[object],
    terminal: str,
    value: TokenValue,
) -> GradcalcError:
    """The diagnostic for a token that the parser cannot take in this state."""
    word, start, end = value
    shown = " ".join(source.text[start:end].split())
    row = table.states[states[-1]]
    operand_wanted = "NUMBER" in row
    last = values[-1] if values else None
    before = (
        last if isinstance(last, tuple) and len(last) == 3 and isinstance(last[1], int) else None
    )
    written = source.text[before[1] : before[2]] if before else ""

    def error(message: str, span: Span, help: str = "") -> GradcalcError:
        return GradcalcError("syntax", message, [span], help=help, source=source)

    if operand_wanted and isinstance(last, Function):
        name, here = source.text[last.start : last.end], Span(last.start, last.end)
        return error(f"{name} lacks its operand", here, f"as in {name.rstrip()}(x)")
    heads = [v[0] for v in values[-5:] if isinstance(v, tuple) and len(v) == 2]
    if operand_wanted and heads and (before is None or written == "}"):
        # A sum, or a derivative, of nothing.
        what = " ".join(source.text[heads[-1] : start].split())
        here = Span(heads[-1], max(start, heads[-1] + 1))
        return error(f"nothing follows {what}", here, "as in \\sum_{i=1}^{n} x_i")
    if operand_wanted and before is not None:
        here = Span(before[1], before[2])
        what = " ".join(written.split())
        if what.startswith(("\\frac", "\\dfrac", "\\tfrac")):
            return error(f"the numerator of {what} is empty", here, "put an operand there")
        if what.startswith("\\sqrt"):
            return error(f"nothing stands under {what}", here, "as in \\sqrt{x}")
        if terminal in STOPS and (what in OPENING or what.startswith(("\\left", "\\big", "\\Big"))):
            help = "put an operand between them, or leave them out"
            return error("nothing stands between the brackets", Span(before[1], end), help)
        if terminal in STOPS and what:
            help = f"add an operand, or leave out {what}"
            return error(f'an operand is missing after "{what}"', here, help)
        if terminal in (*OPERATORS, "POWER") and what:
            message = f'two operators side by side, "{what}" and "{shown}"'
            if what in OPENING:
                return error(f'nothing stands in front of "{shown}"', Span(start, end))
            return error(message, Span(before[1], end), "put a number or a name between them")
    if operand_wanted and terminal in OPERATORS:
        help = "an operand is missing there"
        return error(f'nothing stands in front of "{shown}"', Span(start, end), help)
    if terminal == "NUMBER":
        help = (
            f"write \\cdot {shown} for a product, ^{{{shown}}} for a power, _{{{shown}}} for a name"
        )
        return error(f"a number cannot follow an operand: {shown}", Span(start, end), help)
    if terminal == "COMMA":
        help = "only functions take several operands"
        return error("a comma does not fit here", Span(start, end), help)
    if terminal in ("POWER", "SUBSCRIPT", "TRANSPOSE", "SUPERSCRIPT"):
        message = f'nothing stands in front of "{shown or word}"'
        return error(message, Span(start, max(end, start + 1)), "an operand is missing there")
    if terminal in ("$END", "SEPARATOR"):
        return error("the formula ends too soon", Span(start, end), "an operand is missing there")
    if operand_wanted and terminal in STOPS and shown:
        return error(f'an operand is missing in front of "{shown}"', Span(start, end))
    return error(f'"{shown or word}" does not fit here', Span(start, max(end, start + 1)))
