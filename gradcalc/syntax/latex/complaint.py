"""What to say of a token that does not fit into LaTeX."""

from collections.abc import Sequence

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.builder import TokenValue
from gradcalc.syntax.grammar import Table
from gradcalc.syntax.latex.tree import Function

OPERATORS = frozenset(("SIGN", "TIMES", "COMPARE", "AND", "POWER"))
RAISED = frozenset(("POWER", "SUBSCRIPT", "TRANSPOSE", "SUPERSCRIPT"))
OPENING = ("(", "[", "\\{", "{", "|", "‖", "⟨", "\\left", "\\big", "\\Big", "\\l")


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
    shown = " ".join(source.text[start:end].split()) or word
    end = max(end, min(start + 1, len(source.text)))
    last = values[-1] if values else None
    before = _token(last)
    written = " ".join(source.text[before[1] : before[2]].split()) if before else ""

    def error(message: str, span: Span, help: str = "") -> GradcalcError:
        return GradcalcError("syntax", message, [span], help=help, source=source)

    if "NUMBER" not in table.states[states[-1]]:
        if terminal == "COMMA":
            help = "only functions take several operands"
            return error("a comma does not fit here", Span(start, end), help)
        return error(f'"{shown}" does not fit here', Span(start, end))
    # An operand is missing.
    if isinstance(last, Function):
        name = source.text[last.start : last.end].rstrip()
        return error(f"{name} lacks its operand", Span(last.start, last.end), f"as in {name}(x)")
    heads = [v[0] for v in values[-5:] if isinstance(v, tuple) and len(v) == 2]
    if heads and (before is None or written == "}"):  # a sum, or a derivative, of nothing
        what = " ".join(source.text[heads[-1] : start].split())
        here = Span(heads[-1], max(start, heads[-1] + 1))
        return error(f"nothing follows {what}", here, "as in \\sum_{i=1}^{n} x_i")
    if before is None or not written:
        help = "an operand is missing there"
        return error(f'nothing stands in front of "{shown}"', Span(start, end), help)
    is_open = written.startswith(OPENING)
    if terminal in OPERATORS and not is_open:
        message = f'two operators side by side, "{written}" and "{shown}"'
        help = "put a number or a name between them"
        return error(message, Span(before[1], end), help)
    if terminal in OPERATORS or terminal in RAISED:
        help = "an operand is missing there"
        return error(f'nothing stands in front of "{shown}"', Span(start, end), help)
    if is_open:
        help = "put an operand between them, or leave them out"
        return error("nothing stands between the brackets", Span(before[1], end), help)
    here, help = Span(before[1], before[2]), f"add an operand, or leave out {written}"
    return error(f'an operand is missing after "{written}"', here, help)


def _token(value: object) -> TokenValue | None:
    """A value on the parser's stack that is a token, with its place."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], int):
        word, start, end = value
        return str(word), start, int(end)
    return None
