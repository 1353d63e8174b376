"""What to say of a token that does not fit."""

from collections.abc import Sequence

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.grammar import Table

#: How the terminals are called in messages.
WORDS = {
    "NUMBER": "a number",
    "NAME": "a name",
    "CALL": "a function",
    "OPEN": '"("',
    "CLOSE": '")"',
    "COMMA": '","',
    "SIGN": '"+" or "-"',
    "TIMES": '"*" or "/"',
    "POWER": '"^"',
    "COMPARE": "a comparison",
    "SUPERSCRIPT": "a superscript",
    "BAR_OPEN": '"|"',
    "BAR_CLOSE": 'a closing "|"',
    "NORM_OPEN": '"||"',
    "NORM_CLOSE": 'a closing "||"',
    "SEPARATOR": "the end of the line",
    "DEFINE": "a definition",
    "DEFINE_FUNCTION": "a definition",
    "$END": "the end",
}
OPERATORS = ("SIGN", "TIMES", "POWER", "COMPARE")
OPERANDS = ("NUMBER", "NAME", "CALL", "OPEN", "BAR_OPEN", "NORM_OPEN")

TokenValue = tuple[str, int, int]


def complaint(
    table: Table,
    source: Source,
    states: Sequence[int],
    values: Sequence[object],
    terminal: str,
    value: TokenValue,
) -> GradcalcError:
    """The diagnostic for a token that the parser cannot take in this state."""
    text, start, end = value
    opening = _innermost_opening(source, values)
    before = values[-1] if values else None
    expected = accepted(table, states)
    operand_wanted = "NUMBER" in expected

    def error(
        message: str, *spans: Span, help: str = "", code: str = "syntax"
    ) -> GradcalcError:
        return GradcalcError(code, message, spans or [Span(start, end)], help=help, source=source)

    found = "the end of the line" if terminal in ("SEPARATOR", "$END") else f'"{_raw(source, value)}"'
    if operand_wanted and isinstance(before, tuple) and _is_operator(source, before):
        operator = _raw(source, before)
        here = Span(before[1], before[2], f'nothing follows this "{operator}"')
        if terminal in ("SEPARATOR", "$END") or terminal in ("CLOSE", "COMMA"):
            message = f'an operand is missing after "{operator}"'
            line_break = terminal == "SEPARATOR" and text != ";"
            help = "a statement ends with its line; put it in brackets to go on" if line_break else ""
            return error(message, here, help=help)
        if terminal in OPERATORS:
            double = Span(before[1], end)
            message = f'two operators side by side, "{operator}" and {found}'
            help = "equality is ==" if text == "=" else "put a number or a name between them"
            return error(message, double, help=help)
    if terminal in ("SEPARATOR", "$END", "CLOSE") and opening is not None:
        bracket = _raw(source, opening)[-1]
        if terminal != "CLOSE" or bracket != "(":
            closing = {"(": ")"}.get(bracket, bracket)
            if bracket == "(" and not operand_wanted:
                message, help = 'a bracket "(" is not closed', 'add ")"'
            elif bracket == "(":
                message, help = 'a bracket "(" is not closed', 'add an operand and ")"'
            else:
                message, help = f'a bar "{bracket}" is not closed', f'add "{closing}"'
            return error(
                message, Span(opening[2] - 1, opening[2], "opened here"), help=help, code="unclosed"
            )
    if terminal == "CLOSE" and opening is None:
        return error('")" closes nothing', help='leave it out, or add "(" in front', code="unclosed")
    if terminal == "CLOSE":
        if before == opening:
            return error("nothing stands between the brackets", Span(opening[1], end))
        return error("an operand is missing here", help="operands are separated by one comma each")
    if terminal in ("DEFINE", "DEFINE_FUNCTION"):
        equals = Span(end - 1, end)
        if opening is not None:
            message = '"=" stands inside brackets'
        else:
            message = 'what stands left of "=" is neither a name nor a function'
        help = "a definition is q = x + y or f(x, y) = x*y; a comparison is =="
        return error(message, equals, help=help)
    if terminal == "COMMA":
        return _comma(source, opening, value)
    if terminal == "NUMBER" and not operand_wanted:
        number = source.text[start:end]
        help = f"write *{number} for a product, ^{number} for a power"
        return error(f"a number cannot follow an operand: {number}", help=help)
    if operand_wanted and terminal in OPERATORS:
        return error(f"nothing stands in front of {found}", help="an operand is missing there")
    wanted = [WORDS[t] for t in WORDS if t in expected and t != "$END"]
    if operand_wanted:
        wanted = ["an operand"]
    return error(f"{found} does not fit here", help=f"expected {' or '.join(wanted[:4])}")


def _comma(source: Source, opening: TokenValue | None, value: TokenValue) -> GradcalcError:
    comma = Span(value[1], value[2])
    if opening is None:
        help = "operands of a function stand in brackets: max(x, y); statements are separated by ;"
        return GradcalcError("syntax", "a comma outside of a call", [comma], help=help, source=source)
    head = source.text[max(0, opening[1] - 60) : opening[1]].rstrip(" \t")
    name_start = len(head)
    while name_start and (head[name_start - 1].isalnum() or head[name_start - 1] == "_"):
        name_start -= 1
    name = head[name_start:]
    if opening[0] == "(" and name and not name[0].isdigit():
        from gradcalc.ops import PLACES
        from difflib import get_close_matches

        near = get_close_matches(name, list(PLACES), n=1, cutoff=0.6)
        at = opening[1] - (len(source.text[max(0, opening[1] - 60) : opening[1]]) - name_start)
        return GradcalcError(
            "unknown-function",
            f"there is no function {name}",
            [Span(at, at + len(name))],
            help=f"did you mean {near[0]}?" if near else "gradcalc functions lists them",
            source=source,
        )
    if opening[0] == "(" and source.text[opening[1] : opening[2]] == "(":
        message, help = "a comma inside plain brackets", "only functions take several operands"
    else:
        message, help = "an operand is missing here", "operands are separated by one comma each"
    return GradcalcError("syntax", message, [comma], help=help, source=source)


def accepted(table: Table, states: Sequence[int]) -> set[str]:
    """The terminals that the parser could take in this state, after all the reductions they cause."""
    found = set()
    for terminal in WORDS:
        stack = list(states)
        while True:
            action = table.states[stack[-1]].get(terminal)
            if action is None:
                break
            if action >= 0:
                found.add(terminal)
                break
            rule = table.rules[~action]
            if rule.size:
                del stack[-rule.size :]
            stack.append(table.states[stack[-1]][rule.head])
    return found


def _innermost_opening(source: Source, values: Sequence[object]) -> TokenValue | None:
    """The last bracket or bar on the stack: closed ones have become part of an operand."""
    for value in reversed(values):
        if isinstance(value, tuple) and source.text[value[2] - 1 : value[2]] in ("(", "|", "‖"):
            return value
    return None


def _is_operator(source: Source, value: TokenValue) -> bool:
    return source.text[value[1] : value[2]] != "" and not (
        source.text[value[2] - 1] in "(|‖=,;" and value[0] not in ("<=", ">=", "==", "!=")
    )


def _raw(source: Source, value: TokenValue) -> str:
    return source.text[value[1] : value[2]]
