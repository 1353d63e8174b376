"""What to say of a character that begins no token, and what to write for it."""

import re
import unicodedata

from gradcalc.errors import GradcalcError, Span, listed_names
from gradcalc.source import UNSEEN, Source
from gradcalc.syntax.arguments import QUOTES, parameters, renamed
from gradcalc.syntax.complaint import misplaced_equals
from gradcalc.syntax.elsewhere import A_CHOICE, A_FUNCTION, FOREIGN, GRADIENTS
from gradcalc.syntax.foreign import call_around, dotted, instead, otherwise
from gradcalc.syntax.lexer import PRIMES
from gradcalc.syntax.names import SUBSCRIPTS, canonical
from gradcalc.syntax.operands import opening

A_TRANSPOSE = "a transpose stands behind its operand, as in x'"
#: What to write for a character.
INSTEAD = {
    "{": "group with round brackets: ( )",
    "}": "group with round brackets: ( )",
    "$": "write the formula without $",
    "&": FOREIGN["and"],
    "~": FOREIGN["not"],
    "¬": FOREIGN["not"],
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "∞": "write inf",
    "%": "the remainder is mod(x, y)",
    "?": A_CHOICE,
    ":": f"{A_CHOICE}; {A_FUNCTION}",
    "°": "angles are in radians: x*pi/180",
    "∂": GRADIENTS,
    "∇": GRADIENTS,
    "∑": "write sum(x)",
    "∏": "write prod(x)",
    "∗": "write *",
    "•": "write *",
    "∕": "write /",
    "…": "write all of it out",
    "ᵀ": A_TRANSPOSE,
    "′": A_TRANSPOSE,
    "″": "write two of ′",
    **dict.fromkeys("𝟙𝟏", "an indicator is 𝟙[x > 0], a vector of n ones is ones(n)"),
    **dict.fromkeys("‐‑‒–—―", "a minus is -"),
    **dict.fromkeys("\"'`“”„‘’‚«»‹›", "names and numbers need no quotes"),
}
#: ∇f, ∇_x f, ∇ₓ f; ∂f(x)/∂x.
SUBSCRIPT = f"(?P<sub>[{''.join(map(chr, SUBSCRIPTS))}]+)"
NABLA = re.compile(rf"∇(?:_(?P<by>[^\W_]\w*)|{SUBSCRIPT})?[ \t]*(?P<of>[^\W\d]\w*)?")
OF_A_CALL = re.compile(r"∂(?P<of>[^\W\d]\w*)[ \t]*\([^()\r\n]*\)[ \t]*/[ \t]*∂(?P<by>[^\W\d]\w*)")
_TERM = r"[-+]?(?:\w|\.(?=\w))*"
#: The operators of Matlab that work entry by entry, x.^2, with what stands behind them.
DOTTED = re.compile(
    rf"\.(?:(?P<sign>[*/^]\s?)(?P<right>{_TERM}(?:[ \t]?\.(?:[*/^][ \t]?{_TERM}|')){{0,4}})|')"
)
#: The dots of those.
DOTS = re.compile(r"\.(?=[*/^'])")
#: What stands in front of them, at the end of a text.
LEFT = re.compile(r"(?P<left>[\w.]*)(?P<blank>[ \t]?)\Z")
CALLED = re.compile(r"([^\W\d]\w*)[ \t]*\Z")
IN_BRACES = re.compile(r"\{([^{}\r\n]{0,40})\}")
#: The beginning of an array or an index, up to the end of a text.
OPEN_ARRAY = re.compile(r"\[[^\[\]]*\Z")
#: A row of LaTeX or of sets: {1, 2}.
BRACES = re.compile(r"\{[^{}]*[,;]")
LATEX = {
    "frac": "x/y",
    "cdot": "x*y",
    "times": "x*y",
    "sqrt": "sqrt(x)",
    "left": "(x + y)",
    "right": "(x + y)",
    "le": "x <= y",
    "leq": "x <= y",
    "ge": "x >= y",
    "geq": "x >= y",
    "ne": "x != y",
    "neq": "x != y",
    "ln": "log(x)",
    "sigma": "sigma, or sigmoid(x)",
    "lvert": "|x|",
    "lVert": "||x||",
}
#: A text in quotes, and the name of the argument that it is the value of.
TEXT = re.compile(r"([\"'])[^\"'\r\n]{0,40}\1")
NAMED = re.compile(r"(?<!\w)([^\W\d]\w*)[ \t]*=[ \t]*\Z")


def unknown_character(source: Source, at: int) -> GradcalcError:
    """The diagnostic for a character that begins no token."""
    text = source.text
    character = text[at]
    if character == "=":
        return misplaced_equals(source, at, at)
    after_operand = bool(re.search(r"[\w)\]'|][ \t]*\Z", text[max(0, at - 40) : at]))
    primes = PRIMES.match(text, at)
    if primes and after_operand and text[at - 1].isalnum():
        found = primes.group(1)
        help = "a derivative is asked for with --get df/dx"
        if len(found) > 1:
            help = f"only first derivatives are computed; {help}"
        message = f'"{found}" is no part of an expression'
        span = Span(at, at + len(found))
        return GradcalcError("syntax", message, [span], help=help, source=source)
    if character in QUOTES and (error := _text_argument(source, at)):
        return error
    found, help = _instead(text, at, after_operand)
    # An accent alone would sit on the quotation mark.
    shown = f"◌{found}" if unicodedata.category(character) in ("Mn", "Me") else found
    message = f'"{shown}" is no part of an expression'
    span = Span(at, at + len(found))
    return GradcalcError("syntax", message, [span], help=help, source=source)


def _text_argument(source: Source, at: int) -> GradcalcError | None:
    """The diagnostic for an argument that is a text, as in ``reduction='sum'``."""
    from gradcalc.ops import row

    text = source.text
    call, literal = call_around(text, at), TEXT.match(text, at)
    bracket = opening(text, at)
    head = CALLED.search(text, max(0, bracket - 60), max(0, bracket))
    help = instead(head[1], text, bracket) if literal and head and not call else ""
    if head and help:
        message, span = f"there is no function {head[1]}", Span(*head.span(1))
        return GradcalcError("unknown-function", message, [span], help=help, source=source)
    if call is None or literal is None:
        return None
    name, start = call
    help = otherwise(name, text, start)
    begin = max(0, at - 60)
    keyword = NAMED.search(text[begin:at])
    span = Span(begin + keyword.start() if keyword else at, literal.end())
    if keyword is None:
        message = f"{literal[0]} is a text, and {name} takes none"
        return GradcalcError("syntax", message, [span], help=help, source=source) if help else None
    known = parameters(row(name))
    code, message = "bad-value", f"the {keyword[1]} of {name} is no text"
    if renamed(keyword[1], row(name).name, known) not in known:
        code, message = "arity", f"{name} has no parameter {keyword[1]}"
        help = help or f"it has {listed_names(known)}"
    help = help or INSTEAD["'"]
    return GradcalcError(code, message, [span], help=help, source=source)


def no_name(source: Source, word: str, start: int) -> GradcalcError:
    """The diagnostic for a word with a character that is in no name, such as ½."""
    wrong = (i for i, character in enumerate(word) if not f"a{canonical(character)}".isidentifier())
    at = next(wrong, 0)
    plain = unicodedata.normalize("NFKC", word[at]).replace("⁄", "/").strip()
    if plain.isascii() and plain.isprintable() and plain:
        # 2½ is a sum.
        is_sum = "/" in plain and source.text[max(0, start + at - 1) : start + at].isdecimal()
        help = f"write {'+ ' * is_sum}{plain}"
    else:
        help = "a name has letters, digits and _"
    span = Span(start + at, start + at + 1)
    message = f"{word[at]} is no part of a name"
    return GradcalcError("syntax", message, [span], help=help, source=source)


def _instead(text: str, at: int, after_operand: bool) -> tuple[str, str]:
    """The unknown text at ``at``, and what to write for it."""
    from gradcalc.ops import PLACES

    character = text[at]
    if character == "\\":
        found = re.compile(r"\\[A-Za-z]*").match(text, at)
        assert found is not None
        word = found.group()[1:]
        plain = LATEX.get(word) or (f"{word}(x)" if word in PLACES else word)
        return found.group(), f"LaTeX is not read here; write {plain or 'x*y, x/y, x^2, sqrt(x)'}"
    if text.startswith(":=", at):
        return ":=", "a definition is q = x + y"
    if text.startswith(("&&", "||"), at):
        return text[at : at + 2], INSTEAD["&"]
    if character == "!":
        return "!", "a factorial is gamma(x + 1)" if after_operand else FOREIGN["not"]
    if character in "∂∇":
        return character, _derivative(text, at)
    if operator := DOTTED.match(text, at):
        return operator[0][:2], _without_dot(text, at, operator)
    if character == ".":
        return character, dotted(text, at)
    if character == "{" and (call := CALLED.search(text[max(0, at - 40) : at])):
        operands = IN_BRACES.match(text, at)
        if call[1] in PLACES:
            written = f"{call[1]}({operands[1] if operands else '...'})"
            return character, f"a call has round brackets: {written}"
    if character == "{" and BRACES.match(text, at):
        return character, "an array is written [1, 2]"
    if text.startswith("^", at):
        return "^⊤", A_TRANSPOSE
    if character == ":" and OPEN_ARRAY.search(text, max(0, at - 60), at):
        return character, "a slice is an index, as in x[1:3]; the numbers 1, 2, 3 are arange(1, 4)"
    category = unicodedata.category(character)
    if character in INSTEAD:
        return character, INSTEAD[character]
    if "₀" <= character <= "₎":
        return character, "a subscript stands behind a name, as in x₁"
    if category in ("Cc", "Cf", "Zl", "Zp") or UNSEEN.match(character):
        return character, "it is invisible; delete it"
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and plain.isascii() and plain.isprintable():
        return character, f"write {'^' * ('⁰' <= character <= 'ⁿ')}{plain.strip()}"
    return character, "there are numbers, names, + - * / ^ ( ) | | and comparisons"


def _derivative(text: str, at: int) -> str:
    """What to write for a derivative that is written in another way than ∂f/∂x."""
    found = OF_A_CALL.match(text, at) or NABLA.match(text, at)
    named = found.groupdict() if found else {}
    by = named.get("by") or (named.get("sub") or "").translate(SUBSCRIPTS)
    if of := named.get("of"):
        by = by or "x"
        return f"write ∂{of}/∂{by}, the gradient of {of} by {by}"
    return f"write ∂/∂{by}(...)" if by else GRADIENTS


def _without_dot(text: str, at: int, operator: re.Match[str]) -> str:
    """What to write for ``x.^2``."""
    front = LEFT.search(text[max(0, at - 40) : at])
    assert front is not None
    left = front["left"] or "..."
    if operator["sign"] is None:
        return f"write {left}'"
    if not front["left"] and not operator["right"]:
        return f"write {operator['sign'].strip()}"
    written = operator["sign"] + DOTS.sub("", operator["right"])
    return f"write {left}{front['blank']}{written}{'...' * (written.rstrip()[-1] in '*/^')}"
