"""What to say of a token that does not fit into an array, an index, a call or a loop."""

import re
from collections.abc import Collection

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.loops import A_LOOP

TokenValue = tuple[str, int, int]

CLOSING = {"(": ")", "[": "]", "{": "}"}
#: An array or an index of plain entries, and one of them, as in [1 -x; 3 4].
PLAIN_ARRAY = re.compile(r"\[([^\[\](){}=#|]{1,60})\]")
PLAIN_ENTRY = re.compile(r"[-+]?[\w.]+")
#: A name at the end of a text, in front of an index.
LAST_WORD = re.compile(r"([^\W\d]\w*)[ \t]*\Z")
ROWS = "[[1, 2], [3, 4]]"
#: What does not fit where a comma has nothing behind it, and the comma.
LAST_COMMA = ("BRACKET_CLOSE", ",")


def raw(source: Source, value: TokenValue) -> str:
    """The text of a token as it stands in the source."""
    return source.text[value[1] : value[2]]


def bracket_complaint(
    source: Source,
    opening: TokenValue | None,
    before: TokenValue | None,
    expected: Collection[str],
    terminal: str,
    value: TokenValue,
) -> GradcalcError | None:
    """The diagnostic of a token that does not fit, if it is about one of these; else None.

    Args:
        opening: the innermost bracket or bar that is open.
        before: the token in front; None where that is a whole operand.
        expected: the terminals that would fit.
    """
    _, start, end = value
    found = raw(source, value)
    bracket = raw(source, opening) if opening else ""
    inside = bracket[-1:]
    operand_wanted = "NUMBER" in expected

    def error(
        message: str, help: str, *more: Span, start: int = start, end: int = end
    ) -> GradcalcError:
        spans = (Span(start, end), *more)
        return GradcalcError("syntax", message, spans, help=help, source=source)

    if terminal in ("CLOSE", "BRACKET_CLOSE", "BRACE_CLOSE"):
        if opening and inside in CLOSING and found != CLOSING[inside]:
            there = Span(opening[2] - 1, opening[2], "opened here")
            help = f'close it by "{CLOSING[inside]}"'
            return error(f'"{inside}" is closed by "{found}"', help, there)
        if before and before == opening and inside == "[":
            help = "the first entry is x[0], the last one x[-1], all of them are x[:]"
            return error("an index is missing between the brackets", help, start=before[1])
        if before and before == opening and is_loop(bracket):
            return error("range has no operand", A_LOOP, start=before[2] - 1)
    if not operand_wanted and terminal not in ("SEPARATOR", "$END"):
        if set(expected) <= {"COMMA", "CLOSE"}:
            help = "a tuple is an argument by itself; an array is written [1, 2]"
            return error(f'"{found}" cannot follow a tuple', help)
        if "FOR" in expected and "TIMES" not in expected:
            return _behind_loop(source, value, inside)
    if terminal == "KEYWORD":
        help = "an argument with a name stands behind a comma, as in sum(x, axis=0)"
        return error(f'"{found}" does not fit here', help)
    if terminal == "FOR":
        at = source.text.rindex("for", 0, start)
        if operand_wanted:
            return error("nothing stands in front of the loop", A_LOOP, start=at)
        if "COMMA" in expected and (inside == "[" or len(bracket) > 1):
            what = "entry of its array" if inside == "[" else "argument of its call"
            help = "put it into an array of its own, as in [x[i] for i in range(3)]"
            return error(f"a loop is the only {what}", help, start=at)
        help = f"{A_LOOP} or [x[i] for i in range(3)]"
        return error("a loop stands outside of a call and an array", help, start=at)
    if terminal in ("TRANSPOSE", "INDEX_OPEN"):
        what = "transpose" if terminal == "TRANSPOSE" else "entries"
        return error(f"a number has no {what}", "leave it out, or write * for a product")
    return _in_array(source, opening, before, expected, terminal, value) if inside == "[" else None


def _in_array(
    source: Source,
    opening: TokenValue | None,
    before: TokenValue | None,
    expected: Collection[str],
    terminal: str,
    value: TokenValue,
) -> GradcalcError | None:
    """The same in the brackets of an array or an index."""
    assert opening is not None
    _, start, end = value
    text, found = source.text, raw(source, value)
    what = "index" if "COLON" in expected or terminal == "COLON" else "entry"

    def error(message: str, help: str, start: int = start, end: int = end) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)

    if terminal == "COLON":
        help = "a slice is x[start:stop] or x[start:stop:step]"
        return error("a slice has three parts at most", help)
    if found == ";" and "=" not in text[end : text.find("]", end)] and "]" in text[end:]:
        if what == "index":
            help = "separate them by commas, as in x[0, 1]"
            return error('";" separates no indices', f"{_joined(text, opening[1])}{help}")
        help = f"write {with_commas(text, opening[1]) or ROWS}"
        return error('";" separates no rows', f"{help}\n{_joined(text, opening[1])}")
    if terminal == "NUMBER":
        return missing_comma(source, start, end, opening[1])
    if before and (terminal == "COMMA" or (terminal, raw(source, before)) == LAST_COMMA):
        help = "leave the comma out, or add an entry"
        if what == "index":
            help = "all of an axis is :, as in x[:, 0]"
        if terminal == "BRACKET_CLOSE":
            start, end = before[1:]
        return error(f"an {what} is missing here", help, start, end)
    return None


def missing_comma(source: Source, start: int, end: int, opening: int = -1) -> GradcalcError:
    """The entry that begins with the token from ``start`` to ``end`` needs a comma in front."""
    text = source.text
    found = text[start:end]
    rewritten = with_commas(text, opening) if opening >= 0 else ROWS if found == "[" else ""
    help = "entries are separated by commas" + f": {rewritten}" * bool(rewritten)
    message = f"a comma is missing in front of {found}"
    return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)


def _joined(text: str, opening: int) -> str:
    """What to write for ``W [h; x]``, of arrays one below the other; nothing of numbers."""
    match = PLAIN_ARRAY.match(text, opening)
    entries = [entry.strip() for entry in match[1].split(";")] if match else []
    if not all(entry.isidentifier() for entry in entries):
        return ""
    joined = f"concat({', '.join(entries)})"
    factor = LAST_WORD.search(text[max(0, opening - 60) : opening])
    product = f"; a product with that is {factor[1]} {joined}" if factor else ""
    return f"arrays are joined by {joined}{product}\n" if entries else ""


def with_commas(text: str, opening: int) -> str:
    """An array of plain entries with its commas, and brackets around its rows; else nothing."""
    match = PLAIN_ARRAY.match(text, opening)
    if match is None:
        return ""
    rows = [re.split(r"[,\s]+", row.strip(", \t\r\n")) for row in match.group(1).split(";")]
    if not all(PLAIN_ENTRY.fullmatch(entry) for row in rows for entry in row):
        return ""
    written = [f"[{', '.join(row)}]" for row in rows]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def _behind_loop(source: Source, value: TokenValue, inside: str) -> GradcalcError:
    """What stands between a loop and the bracket that closes it."""
    _, start, end = value
    found = raw(source, value)
    message, help = f'"{found}" cannot follow a loop', A_LOOP
    if found == ",":
        what = "entry of its array" if inside == "[" else "argument of its call"
        message = f"a loop is the only {what}"
        help = "put it into an array of its own: sum([x[i] for i in range(3)], axis=0)"
    elif re.match(r"if\b", found):
        message = "a loop has no condition"
        help = "multiply by the condition, as in sum((x[i] > 0)*x[i] for i in range(3))"
    return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)


def is_loop(opening: str) -> bool:
    """Whether an opening bracket is that of ``i in range(``."""
    return len(opening.split()) > 2
