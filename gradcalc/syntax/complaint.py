"""What to say of a token that does not fit."""

import re
from collections.abc import Sequence

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.brackets import CLOSING, TokenValue, bracket_complaint, is_loop
from gradcalc.syntax.brackets import raw as _raw
from gradcalc.syntax.elsewhere import A_FUNCTION, FOREIGN
from gradcalc.syntax.grammar import Table
from gradcalc.syntax.names import Scope
from gradcalc.syntax.printer import shorten
from gradcalc.syntax.uncalled import unknown_function

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
    "EQUALS": '"="',
    "DERIVATIVE": "a derivative",
    "DERIVATIVE_OF": "a derivative",
    "ARRAY_OPEN": '"["',
    "INDEX_OPEN": "an index",
    "BRACKET_CLOSE": '"]"',
    "INDICATOR": "an indicator",
    "BRACE_CLOSE": '"}"',
    "COLON": '":"',
    "TRANSPOSE": "a transpose",
    "KEYWORD": "an argument with a name",
    "FOR": "a loop",
    "$END": "the end",
}
OPERATORS = ("SIGN", "TIMES", "POWER", "COMPARE")
#: A power of a name.
A_POWER = re.compile(r"[^\W\d]\w*?\s*(?:(?:\^|\*\*)\s*[-+−]?[\d.]+|[⁺⁻]?[²³¹⁰⁴-⁹]+)")
OPERATOR = re.compile(r"[-+−*×/÷⊙·⋅@^<>≤≥≠]|\*\*|[<>=!]=")
ENDS = ("SEPARATOR", "$END")
#: Where an operand must have been complete.
STOPS = (*ENDS, "CLOSE", "BRACKET_CLOSE", "BRACE_CLOSE", "COMMA", "COLON", "FOR")
OPENINGS = ("(", "[", "{", "|", "‖")
CLOSINGS = (")", "]", "}", "|", "‖")

A_DEFINITION = "a definition is q = x + y or f(x, y) = x*y; a comparison is =="


def complaint(
    table: Table,
    source: Source,
    states: Sequence[int],
    values: Sequence[object],
    terminal: str,
    value: TokenValue,
    scope: Scope,
) -> GradcalcError:
    """The diagnostic for a token that the parser cannot take in this state.

    Args:
        scope: what the names mean up to here.
    """
    _, start, end = value
    before = next((v for v in reversed(values[-1:]) if isinstance(v, tuple)), None)
    expected = accepted(table, states)
    operand_wanted = "NUMBER" in expected
    opening = _innermost_opening(source, values, operand_wanted)
    raw = _raw(source, value)
    found = "the end of the line" if raw in ("", "\n", "\r", "\r\n") else f'"{raw}"'

    def error(message: str, *spans: Span, help: str = "", code: str = "syntax") -> GradcalcError:
        return GradcalcError(code, message, spans or [Span(start, end)], help=help, source=source)

    if operand_wanted and raw in ("<", ">") and source.text[start - 1 : start] == "=":
        return misplaced_equals(source, start, start - 1, opening)
    if operand_wanted and before and (operator := _operator(source, before)):
        if terminal in OPERATORS:
            message = f'two operators side by side, "{operator}" and {found}'
            help = "put a number or a name between them"
            if operator == raw == "/":
                help = "the whole part of a quotient is floor(x/y)"
            return error(message, Span(before[1], end), help=help)
        if terminal in STOPS:
            here = Span(before[1], before[2], f'nothing follows this "{operator}"')
            help = f'add an operand, or leave out "{operator}"'
            if found == "the end of the line" and terminal == "SEPARATOR":
                help = "a statement ends with its line; put it in brackets to go on"
            return error(f'an operand is missing after "{operator}"', here, help=help)
    if operand_wanted and before and terminal in STOPS and _raw(source, before).endswith("="):
        here = Span(before[2] - 1, before[2])
        help = "a definition is x = -2 or q = x + y"
        if opening is not None:
            help = "an argument with a name is written sum(x, axis=0)"
        return error('nothing follows "="', here, help=help)
    named = terminal == "KEYWORD" and "COMMA" in expected and "TIMES" in expected
    if terminal in ("DEFINE", "DEFINE_FUNCTION", "EQUALS") or named:
        return misplaced_equals(source, start, end - 1, opening, scope)
    about = bracket_complaint(source, opening, before, expected, terminal, value)
    if about is not None:
        return about
    if terminal == "SEPARATOR" and raw == ";" and opening is not None:
        if _raw(source, opening)[-1] == "(":
            return _comma(source, opening, value, scope)
        return _unclosed(source, opening, None, Span(start, end, "still open here"))
    if terminal in (*ENDS, "CLOSE", "BRACKET_CLOSE") and opening is not None:
        bracket = _raw(source, opening)[-1]
        if terminal != "CLOSE" or bracket != "(":
            return _unclosed(source, opening, before if operand_wanted else None)
    if terminal in ("CLOSE", "BRACKET_CLOSE") and opening is None:
        help = f'leave it out, or add "{"(" if raw == ")" else "["}" in front'
        return error(f'"{raw}" closes nothing', help=help, code="unclosed")
    if terminal == "CLOSE":
        assert opening is not None
        if before == opening:
            help = "put an operand between them, or leave them out"
            return error(
                "nothing stands between the brackets", Span(opening[2] - 1, end), help=help
            )
        return error("an operand is missing here", help="operands are separated by one comma each")
    if terminal == "COMMA" and before and _raw(source, before) == ",":
        return error("an operand is missing here", help="operands are separated by one comma each")
    if terminal == "COMMA":
        return _comma(source, opening, value, scope)
    if terminal in ("BAR_CLOSE", "NORM_CLOSE") and opening is not None:
        bar = _raw(source, opening)
        spans = (Span(start, end), Span(opening[1], opening[2], "opened here"))
        return error(f'"{bar}" is closed by {found}', *spans, help=f'close it by "{bar}"')
    if terminal == "NUMBER" and not operand_wanted:
        return _number(source, value)
    if operand_wanted and terminal in (*OPERATORS, "SUPERSCRIPT"):
        help = "an operand is missing there"
        if terminal == "SUPERSCRIPT":
            help = "a superscript is a power, as in x²"
        elif before and _raw(source, before) in ("\n", "\r", "\r\n"):
            help = "a statement ends with its line; put it in brackets to go on"
        elif raw == "@":
            help = "a file is the value of a name: --W @weights.npy"
        return error(f"nothing stands in front of {found}", help=help)
    if before and expected == {"OPEN"}:
        operator = _raw(source, before)
        return error(f"{operator} stands in front of brackets", help=f"write {operator}(...)")
    wanted = [WORDS[t] for t in WORDS if t in expected and t != "$END"]
    if operand_wanted:
        wanted = ["an operand"]
    return error(f"{found} does not fit here", help=f"expected {' or '.join(wanted[:4])}")


def _unclosed(
    source: Source, opening: TokenValue, before: TokenValue | None, *more: Span
) -> GradcalcError:
    """A bracket or bar open at the end; ``before`` is the token after which nothing came."""
    bracket = _raw(source, opening)
    closing = CLOSING.get(bracket[-1], bracket)
    is_bar = closing == bracket
    what = f'a bar "{bracket}"' if is_bar else f'a bracket "{bracket[-1]}"'
    place = Span(opening[2] - len(closing), opening[2], "opened here")
    if before and is_bar and before[1] <= opening[1] and bracket == "|":
        first = source.text[opening[1] - 1 : opening[1]] == "|"
        if first:
            span = Span(opening[1] - 1, opening[2])
            help = "put an operand between them, or leave them out"
            message = "nothing stands between the bars"
            return GradcalcError("syntax", message, [span], help=help, source=source)
    help = f'add an operand and "{closing}"' if before else f'add "{closing}"'
    message = f"{what} is not closed"
    return GradcalcError("unclosed", message, [place, *more], help=help, source=source)


def _number(source: Source, value: TokenValue) -> GradcalcError:
    """A number behind an operand."""
    _, start, end = value
    number = source.text[start:end]
    help = f"write *{number} for a product, ^{number} for a power"
    message = f"a number cannot follow an operand: {number}"
    head = re.search(r"([\w.]*)[ \t]*\Z", source.text[max(0, start - 60) : start])
    word = head.group(1) if head else ""
    if word in FOREIGN:
        help, message = FOREIGN[word], f'"{word}" is no word of the language'
        assert head is not None
        end = start - (len(head.group()) - len(word))
        start = end - len(word)
    elif number.startswith(".") and word[-1:].isdigit() and head and head.group() == word:
        start -= len(word)
        help, message = "leave the others out", "a number has one decimal point"
    return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)


def _comma(
    source: Source, opening: TokenValue | None, value: TokenValue, scope: Scope
) -> GradcalcError:
    text = source.text
    comma = Span(value[1], value[2])
    decimal = ""
    whole = re.search(r"(?<![\w.])\d+\Z", text[max(0, comma.start - 40) : comma.start])
    part = re.compile(r"\d+").match(text, comma.end)
    if whole and part and text[comma.start] == ",":
        decimal = f"the decimal sign is a point: {whole.group()}.{part.group()}\n"
    if opening is None:
        message = "a comma outside of a call"
        help = f"{decimal}an array is written [1, 2]\n" if source.name.startswith("--") else decimal
        help += "a function takes several operands, as in max(x, y)"
        if not decimal:
            help += "; statements are separated by ;"
        return GradcalcError("syntax", message, [comma], help=help, source=source)
    if (unknown := unknown_function(source, opening, scope)) is not None:
        return unknown
    bracket = _raw(source, opening)
    if bracket == "(" and (text[comma.start] == ";" or not _is_closed(text, opening[2])):
        return _unclosed(source, opening, None, Span(comma.start, comma.end, "still open here"))
    if bracket == "(":
        message = "a comma inside plain brackets"
        help = "only functions take several operands; an array is written [1, 2]"
    elif bracket.endswith("("):
        message, help = "an operand is missing here", "operands are separated by one comma each"
    else:
        message, help = "a comma between bars", "bars enclose one expression"
    return GradcalcError("syntax", message, [comma], help=decimal + help, source=source)


def _is_closed(text: str, at: int) -> bool:
    """Whether a round bracket that is open at a place is closed behind it."""
    depth = 1
    for bracket in re.finditer(r"[()]", text[at:]):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return True
    return False


def misplaced_equals(
    source: Source,
    start: int,
    equals: int,
    opening: TokenValue | None = None,
    scope: Scope | None = None,
) -> GradcalcError:
    """A ``=`` at ``equals`` that defines nothing; what it seems to define begins at ``start``."""
    text = source.text

    def error(message: str, *spans: Span, help: str = A_DEFINITION) -> GradcalcError:
        return GradcalcError("syntax", message, spans, help=help, source=source)

    if (swapped := text[equals + 1 : equals + 2]) in ("<", ">"):
        help = f"write {swapped}=" + f"; {A_FUNCTION}" * (swapped == ">")
        return error(f'"={swapped}" is no operator', Span(equals, equals + 2), help=help)
    begin = source.line(source.locate(equals)[0])[0]
    begin += text[begin:start].rfind(";") + 1
    side = text[begin:equals]
    begin += len(side) - len(side.lstrip())
    side = side.strip()
    here = Span(equals, equals + 1)
    continues = text[:begin].rstrip().endswith(",")
    if opening is not None and opening[1] < begin == start and not continues:
        return _unclosed(source, opening, None, Span(start, equals + 1, "still open here"))
    word = text[start:equals]
    if opening is not None and scope is not None and "(" not in word:
        unknown = unknown_function(source, opening, scope)
        if unknown is not None:
            return unknown
    call = _raw(source, opening) if opening is not None else ""
    if call[1:].endswith("(") and not is_loop(call) and "(" not in word:
        message = f'a comma is missing in front of "{word.rstrip()}="'
        help = "arguments are separated by commas, as in sum(x, axis=0)"
        return error(message, Span(start, equals + 1), help=help)
    if opening is not None or any(side.count(a) > side.count(b) for a, b in CLOSING.items()):
        return error('"=" stands inside brackets', here)
    if not side:
        return error('nothing stands in front of "="', here, help="a definition is x = -2")
    symbols = re.search(r"([-+−*×/÷@^<>=!|])(\s*)\Z", text[begin:equals])
    if symbols:
        operator, blanks = symbols.groups()
        span = Span(equals - len(blanks) - 1, equals + 1)
        if operator in "<>!":
            return error(
                f'"{operator}" and "=" are apart', span, help=f"write {operator}= without a blank"
            )
        if operator == "=":
            return error('one "=" too many', here)
        help = "a name is defined once: give the new value a name of its own"
        return error(f'"{operator}=" is no operator', span, help=help)
    first = re.search(r"(?<![<>=!])=(?!=)", side)
    if first:
        between = text[begin + first.end() : start].strip()
        if between:
            message, help = "a second definition in one statement", "separate definitions by ;"
            return error(message, Span(start, equals + 1), help=help)
        message, help = "two names for one value", "give each its definition: b = 3; a = b"
        return error(message, Span(start, equals + 1), help=help)
    message = f'"{shorten(side, 40)}" cannot be defined: it is no name and no function of names'
    help = A_DEFINITION
    if A_POWER.fullmatch(side):
        letter = next((v for v in "vuq" if not re.search(rf"\b{v}\b", text)), "v")
        help = f"what is defined is a name: write {letter} = ... and {letter} for {side}"
    return error(message, Span(begin, begin + len(side)), help=help)


def accepted(table: Table, states: Sequence[int]) -> set[str]:
    """The terminals that the parser could take in this state, after the reductions they cause."""
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


def _innermost_opening(
    source: Source, values: Sequence[object], operand_wanted: bool
) -> TokenValue | None:
    """The last bracket or bar on the stack that is not closed."""
    closed = False  # all closed ones but the last have become part of an operand
    for place, value in enumerate(reversed(values)):
        if not isinstance(value, tuple):
            continue
        last = source.text[value[2] - 1 : value[2]]
        if place == 0 and not operand_wanted and last in CLOSINGS:
            closed = True
        elif last in OPENINGS and closed:
            closed = False
        elif last in OPENINGS:
            return value
    return None


def _operator(source: Source, value: TokenValue) -> str:
    """The text of a token that is an operator, else nothing."""
    raw = _raw(source, value)
    return raw if OPERATOR.fullmatch(raw) else ""
