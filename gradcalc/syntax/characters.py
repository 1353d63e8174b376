"""What to say of a character that begins no token, and what to write for it."""

import re
import unicodedata

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import UNSEEN, Source
from gradcalc.syntax.complaint import A_CHOICE, A_FUNCTION, FOREIGN, misplaced_equals

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
