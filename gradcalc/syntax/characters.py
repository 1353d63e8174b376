"""What to say of a character that begins no token, and what to write for it."""

import re
import unicodedata

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import UNSEEN, Source
from gradcalc.syntax.complaint import A_CHOICE, A_FUNCTION, FOREIGN, misplaced_equals
from gradcalc.syntax.names import canonical

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
    "∂": "write the formula alone: its gradients by all names are printed",
    "∇": "write the formula alone: its gradients by all names are printed",
    "∑": "write the sum out: x1 + x2 + x3",
    "∏": "write the product out: x1*x2*x3",
    "∗": "write *",
    "•": "write *",
    "∕": "write /",
    "…": "write all of it out",
    **dict.fromkeys("‐‑‒–—―", "a minus is -"),
    **dict.fromkeys("\"'`“”„‘’‚«»‹›", "names and numbers need no quotes"),
}
#: A derivative: f'(x).
PRIMES = re.compile(r"(['’′]+)\(")
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


def unknown_character(source: Source, at: int) -> GradcalcError:
    """The diagnostic for a character that begins no token."""
    text = source.text
    character = text[at]
    if character == "=":
        return misplaced_equals(source, at, at)
    after_operand = bool(re.search(r"[\w)\]'|][ \t]*\Z", text[max(0, at - 40) : at]))
    if character == "]" and (opening := _open_bracket(text, at)) >= 0:
        return GradcalcError(
            "syntax",
            '"(" is closed by "]"',
            [Span(at, at + 1), Span(opening, opening + 1, "opened here")],
            help='close it by ")"',
            source=source,
        )
    primes = PRIMES.match(text, at)
    if primes and after_operand and text[at - 1].isalnum():
        found = primes.group(1)
        help = "a derivative is asked for with --get df/dx"
        if len(found) > 1:
            help = f"only first derivatives are computed; {help}"
        message = f'"{found}" is no part of an expression'
        span = Span(at, at + len(found))
        return GradcalcError("syntax", message, [span], help=help, source=source)
    if character in "[]@ᵀ" or (character == "'" and after_operand):
        message = f"arrays are not supported yet, and {character} is for arrays"
        return GradcalcError(
            "unsupported",
            message,
            [Span(at, at + 1)],
            help="every value is a number",
            source=source,
        )
    found, help = _instead(text, at, after_operand)
    # An accent alone would sit on the quotation mark.
    shown = f"◌{found}" if unicodedata.category(character) in ("Mn", "Me") else found
    message = f'"{shown}" is no part of an expression'
    span = Span(at, at + len(found))
    return GradcalcError("syntax", message, [span], help=help, source=source)


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


def _open_bracket(text: str, at: int) -> int:
    """The place of the innermost bracket that is open at ``at``, or -1."""
    opened = []
    for match in re.compile(r"#[^\r\n]*|[()]").finditer(text, 0, at):
        if match.group() == "(":
            opened.append(match.start())
        elif match.group() == ")" and opened:
            opened.pop()
    return opened[-1] if opened else -1


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
    if character == ".":
        prefix = re.search(r"\w+\Z", text[max(0, at - 40) : at])
        name = re.compile(r"\w+").match(text, at + 1)
        if prefix and name and name.group() in PLACES:
            return ".", f"functions have no prefix: write {name.group()}(...)"
        return ".", "a name has no dots; a product is x*y"
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
