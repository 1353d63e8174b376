"""The arguments of commands, each put in braces, and which bracket closes which.

TeX takes the one token behind a command as its argument where there are no braces: ``\\frac12``
is ``\\frac{1}{2}``, and ``x^23`` is ``x^{2}3``. One pass from the right to the left finds them, so
that arguments of arguments are known before they are needed.
"""

from collections import defaultdict

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.latex.commands import ARGUMENTS, CLOSED_BY, Tok

ORDINALS = ("first", "second")
#: What is no argument.
NO_ARGUMENT = frozenset(
    ("&", "\\\\", "shift", "}", "close", "end", "^", "_", "=", ",", ";", "text")
)
OPERATORS = frozenset(("sign", "times", "compare"))
#: What a function in front of its bracket ends with.
HEADS = ("name", "}", "function")
AT_POINT = "give the point as values of the inputs"
#: What breaks a line.
BREAKS = frozenset(("&", "\\\\", "newline", "quad", "skip"))
OPERANDS = frozenset(
    ("name", "number", "close", "}", "'", "superscript", "end", "star", "indicator")
)


def put_in_braces(tokens: list[Tok], source: Source, readings: list[Reading]) -> list[Tok]:
    """The tokens with every argument in braces.

    Raises:
        GradcalcError: ``syntax``, where a command lacks an argument.
    """
    out: list[Tok] = []  # from the right to the left
    closes: dict[int, int] = defaultdict(int)  # braces to close behind a token of out
    opens: dict[int, int] = defaultdict(int)  # and to open in front of one
    rests: dict[int, list[Tok]] = {}  # what stands behind those
    #: For each level of braces the ranges in out, (first, last), of what may be an argument, and
    #: where the square brackets are closed.
    levels: list[tuple[list[tuple[int, int]], list[int]]] = [([], [])]
    brackets: dict[int, int] = {}
    closers: list[int] = []  # the places in out of the closing braces
    empty: set[int] = set()  # the braces with nothing between them
    for token in reversed(tokens):
        kind, word, start, end = token
        here = len(out)
        out.append(token)
        units, squares = levels[-1]
        if kind == "}":
            closers.append(here)
            levels.append(([], []))
            continue
        if kind == "{":
            if not closers:
                raise _error(source, 'a brace "{" is not closed', start, end, 'add "}"')
            levels.pop()
            levels[-1][0].append((closers.pop(), here))
            if levels[-1][0][-1][0] == here - 1:
                empty.update((here - 1, here))
            continue
        if kind == "close" and word == "]":
            squares.append(here)
        elif kind == "open" and word == "[" and squares:
            brackets[here] = squares.pop()
        count = ARGUMENTS.get(kind, 0)
        if count > 1 and _is_long(out[here - 1 :][:1]) and units and units[-1][1] == here - 1:
            # Its first argument is one digit, and so is its second.
            _, digits, at, stop = out[here - 1]
            units.pop()
            del out[here - 1 :]
            pieces = [("number", digits[0], at, at + 1), ("number", digits[1], at + 1, at + 2)]
            if len(digits) > 2:
                pieces += _behind(digits[2:], at + 2, stop)
                _note(readings, source, start, stop, digits[2:])
            for piece in reversed(pieces):
                units.append((len(out), len(out)))
                out.append(piece)
            here = len(out)
            out.append(token)
        last = before = here
        if kind == "sqrt" and out[here - 1][:2] == ("open", "[") and here - 1 in brackets:
            closing = brackets[here - 1]
            out[here - 1] = ("optopen", *out[here - 1][1:])
            out[closing] = ("optclose", *out[closing][1:])
            before = closing
            while units and units[-1][1] >= closing:
                units.pop()
        for number in range(count):
            found = out[units[-1][1]][0] if units else "}"
            if found in NO_ARGUMENT or (found in OPERATORS and kind not in ("^", "_")):
                raise _lacking(source, token, number, count)
            if kind == "^" and found == "sign":
                help = "write x^{-1}"
                raise _error(source, "a sign is no exponent", start, out[units[-1][1]][3], help)
            first, top = units.pop()
            if top in empty:
                raise _empty(source, token, number, count, out[first])
            before -= 1
            while before > top and out[before][0] == "newline":
                out[before] = ("skip", *out[before][1:])
                before -= 1
            before = first
            last = first
            argument = out[top]
            if argument[0] == "{":
                continue
            opens[top] += 1
            if _is_long([argument]):
                _, digits, at, stop = argument
                out[top] = ("number", digits[0], at, at + 1)
                rests[top] = _behind(digits[1:], at + 1, stop)
                _note(readings, source, start, stop, digits[1:])
            closes[first] += 1
        if kind != "newline":
            units.append((last, here))
    if closers:
        _, _, start, end = out[closers[-1]]
        raise _error(source, 'a brace "}" closes nothing', start, end, "leave it out")
    result: list[Tok] = []
    begin = -1  # of a font, which its braces take the place of
    for place in range(len(out) - 1, -1, -1):
        token = out[place]
        if place in empty:
            continue
        result.extend([("{", "virtual", token[2], token[2])] * opens.get(place, 0))
        if token[0] == "font":
            begin = token[2] if begin < 0 else begin
        elif begin >= 0 and token[0] != "skip":
            if opens.get(place, 0):
                result[-1] = ("{", "font", begin, token[2])
            else:
                token = (token[0], "font", begin, token[3])
            begin = -1
        if token[0] not in ("font", "skip"):
            result.append(token)
        result.extend([("}", "virtual", token[3], token[3])] * closes.get(place, 0))
        result.extend(rests.get(place, ()))
    return result


def _is_long(tokens: list[Tok]) -> bool:
    """Whether there is a number of several digits, of which TeX takes the first."""
    return any(
        kind == "number" and word[:2].isdigit() and len(word) > 1 for kind, word, _, _ in tokens
    )


def _behind(digits: str, start: int, end: int) -> list[Tok]:
    return [("times", "·", start, start), ("number", digits, start, end)]


def _note(readings: list[Reading], source: Source, start: int, end: int, rest: str) -> None:
    written = source.text[start:end]
    head = written[: len(written) - len(rest)]
    message = f"{written} is read as {head} {rest}, as TeX does; for a longer argument use braces"
    readings.append(Reading("argument", message, start, end))


def _lacking(source: Source, token: Tok, number: int, count: int) -> GradcalcError:
    kind, _, start, end = token
    command = source.text[start:end]
    if kind == "^":
        message, help = f'nothing follows "{command}"', "an exponent is x^2 or x^{n+1}"
    elif kind == "_":
        message, help = 'nothing follows "_"', "a subscript is x_1 or x_{ij}"
    else:
        which = f"{ORDINALS[number]} argument" if count > 1 else "argument"
        message = f"{command} lacks its {which}"
        example = {"frac": "{a}{b}", "sqrt": "{x}", "brace": "{W x}_h"}.get(kind, "{x}")
        help = f"as in {command}{example}"
    return _error(source, message, start, end, help)


def spread_over(tokens: list[Tok]) -> list[Tok]:
    """The tokens with ``{a \\over b}`` as ``\\frac{a}{b}``."""
    if not any(token[0] == "over" for token in tokens):
        return tokens
    opened: list[int] = []
    overs: dict[int, tuple[int, int]] = {}  # by closing brace: the opening one, and the \\over
    inside: dict[int, int] = {}
    for place, token in enumerate(tokens):
        if token[0] == "{":
            opened.append(place)
        elif token[0] == "}" and opened:
            opening = opened.pop()
            if opening in inside:
                overs[place] = opening, inside[opening]
        elif token[0] == "over" and opened:
            inside.setdefault(opened[-1], place)
    starts = dict(overs.values())
    signs = set(starts.values())
    result: list[Tok] = []
    for place, token in enumerate(tokens):
        start, end = token[2:]
        if place in signs:
            result += [("}", "}", start, start), ("{", "{", end, end)]
        elif place in overs:
            result += [("}", "}", start, start), token]
        elif place in starts:
            over = tokens[starts[place]]
            result += [token, ("frac", "", over[2], over[3]), ("{", "{", end, end)]
        else:
            result.append(token)
    return result


def _empty(source: Source, token: Tok, number: int, count: int, closing: Tok) -> GradcalcError:
    command = source.text[token[2] : token[3]]
    which = f"{ORDINALS[number]} argument" if count > 1 else "argument"
    message = f"the {which} of {command} is empty"
    return _error(source, message, token[2], closing[3], "put an operand there")


def leave_out_null(tokens: list[Tok]) -> list[Tok]:
    """The tokens without ``\\right. \\\\ \\left.``, between which a line is broken."""
    result: list[Tok] = []
    place = 0
    while place < len(tokens):
        kind, word = tokens[place][:2]
        if (kind, word) == ("close", "."):
            after = place + 1
            while after < len(tokens) and tokens[after][0] in BREAKS:
                after += 1
            if after < len(tokens) and tokens[after][:2] == ("open", "."):
                place = after + 1
                continue
        result.append(tokens[place])
        place += 1
    return result


def leave_out_breaks(tokens: list[Tok]) -> list[Tok]:
    """The tokens without the line breaks that are in brackets, environments and formulas."""
    kept, depth, shifts = [], 0, 0
    for token in tokens:
        kind = token[0]
        if kind in ("{", "open", "begin", "optopen"):
            depth += 1
        elif kind in ("}", "close", "end", "optclose"):
            depth -= 1
        elif kind == "shift":
            shifts += 1
        if kind != "newline" or not (depth > 0 or shifts % 2):
            kept.append(token)
    return kept


def match_brackets(tokens: list[Tok], source: Source) -> list[int]:
    """For each bracket, bar and environment the place of its partner; -1 for other tokens.

    Bars become ``open`` and ``close``: one that follows an operand closes the one that is open in
    the same brackets, any other opens. ``||`` around something is a norm.

    Raises:
        GradcalcError: ``unclosed``, for one without a partner.
    """
    partners = [-1] * len(tokens)
    stack: list[int] = []
    before = ""
    for place, (kind, word, start, end) in enumerate(tokens):
        if kind == "newline":
            continue
        if kind == "bar":
            closing = before in OPERANDS and stack and tokens[stack[-1]][:2] == ("open", word)
            kind = "close" if closing else "open"
            tokens[place] = (kind, word, start, end)
            if kind == "open" and place + 1 < len(tokens) and tokens[place + 1][0] == "_":
                raise _error(source, "a value at a point cannot be read", start, end, AT_POINT)
        if kind in ("{", "open", "begin", "optopen"):
            stack.append(place)
        elif kind in ("}", "close", "end", "optclose"):
            if not stack or not _fits(tokens[stack[-1]], tokens[place]):
                raise _mismatch(tokens, stack, place, source)
            partners[stack[-1]] = place
            partners[place] = stack.pop()
        before = kind
    if stack:
        raise _unclosed(tokens[stack[-1]], source, None)
    for place, (kind, word, start, end) in enumerate(tokens[:-1]):
        partner = partners[place]
        if (kind, word) == ("open", "|") == tokens[place + 1][:2] and end == tokens[place + 1][2]:
            inner = partners[place + 1]
            if inner == partner - 1 and tokens[inner][3] == tokens[partner][2]:
                tokens[place] = ("open", "‖", start, tokens[place + 1][3])
                tokens[partner] = ("close", "‖", tokens[inner][2], tokens[partner][3])
                tokens[place + 1] = ("skip", "", *tokens[place + 1][2:])
                tokens[inner] = ("skip", "", *tokens[inner][2:])
                partners[place + 1] = partners[inner] = -1
    return partners


def _fits(opening: Tok, closing: Tok) -> bool:
    if opening[0] == "open":
        if closing[0] != "close":
            return False
        return closing[1] == CLOSED_BY.get(opening[1], "") or "." in (opening[1], closing[1])
    if opening[0] == "begin":
        return closing[0] == "end" and closing[1] == opening[1]
    return closing[0] == {"{": "}", "optopen": "optclose"}[opening[0]]


def _mismatch(tokens: list[Tok], stack: list[int], place: int, source: Source) -> GradcalcError:
    kind, word, start, end = tokens[place]
    shown = source.text[start:end]
    if not stack:
        if kind == "end":
            message, help = f"\\end{{{word}}} ends nothing", f"add \\begin{{{word}}} in front"
        else:
            message, help = f'"{shown}" closes nothing', "leave it out"
        return _error(source, message, start, end, help, "unclosed")
    error = _unclosed(tokens[stack[-1]], source, tokens[place])
    if (pair := _separated(tokens, stack, place, source)) and error.help:
        error.help = f"operands are separated by a comma, as in {pair}; for bars {error.help}"
    return error


def _separated(tokens: list[Tok], stack: list[int], place: int, source: Source) -> str:
    """The operands that a bar rather separates, with a comma: (P, Q) for (P \\| Q); or nothing."""
    bar = stack[-1]
    if tokens[bar][1] not in ("|", "‖") or tokens[bar - 1][0] not in OPERANDS:
        return ""
    if len(stack) < 2 or tokens[stack[-2] - 1][0] not in HEADS:
        return ""
    if not _fits(tokens[stack[-2]], tokens[place]):
        return ""
    begin, stop = tokens[stack[-2]][2], tokens[place][3]
    first, second = source.text[begin : tokens[bar][2]], source.text[tokens[bar][3] : stop]
    return " ".join(f"{first.rstrip()}, {second.lstrip()}".split()) if stop - begin <= 60 else ""


def _unclosed(opening: Tok, source: Source, found: Tok | None) -> GradcalcError:
    kind, word, start, end = opening
    if kind == "begin":
        message, closing = f"\\begin{{{word}}} is not closed", f"\\end{{{word}}}"
    else:
        shown = source.text[start:end]
        what = "a bar" if word in ("|", "‖") else "a brace" if kind == "{" else "a bracket"
        message = f'{what} "{shown}" is not closed'
        closing = shown if what == "a bar" else CLOSED_BY.get(word, "}")
        if shown.startswith("\\left"):
            closing = f"\\right{CLOSED_BY.get(word, '.')}"
            message = f"{shown} is not closed"
        elif word == "\\{":
            closing = "\\}"
    error = _error(source, message, start, end, f"add {closing}", "unclosed")
    if found is not None:
        error.spans = (*error.spans, Span(found[2], found[3], "still open here"))
    return error


def _error(
    source: Source, message: str, start: int, end: int, help: str, code: str = "syntax"
) -> GradcalcError:
    return GradcalcError(code, message, [Span(start, end)], help=help, source=source)
