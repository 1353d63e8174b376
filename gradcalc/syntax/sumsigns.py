"""The Greek capitals Σ and Π as the signs of sums and products: Σ_i x_i y_i, Σᵢ xᵢ, Π_{i} x_i."""

import re
from collections.abc import Collection

from gradcalc.syntax.names import SUBSCRIPT_RUN, SUBSCRIPTS, canonical

LETTERS = "ΣΠ"
_LOWERED = "".join(map(chr, SUBSCRIPTS))
_LOWERED_LETTERS = "".join(chr(code) for code, plain in SUBSCRIPTS.items() if plain.isalpha())
#: Such a letter with what is below it, if these are letters; "₌" and "=" are limits.
SIGN = re.compile(
    rf"(?<![^\W\d])[{LETTERS}](?:(?P<limits>_\{{[^{{}}]*=|[{_LOWERED}]+₌)"
    rf"|_(?P<one>[A-Za-z])(?!\w)|_\{{(?P<several>[A-Za-z, ]+)\}}"
    rf"|(?P<lowered>[{_LOWERED_LETTERS}]+))"
)
#: What stands in front of what is summed: an upper limit, and what a factor begins with.
BODY = re.compile(
    r"(?:\^(?:\{[^{}]*\}|\w)|ⁿ)?(?:[ \t]*(?=[\w({√]|\\(?!cdot|times|odot|right|q?quad)[A-Za-z])"
    r"|[ \t]+(?=[|‖]\S))"
)
#: Something with an index, and that index.
USE = re.compile(r"(\w{1,40}|[)\]}|‖'])(?:_(?:\{([^{}]*)\}|(\w+))|\^\{[(\[]([^{}]*)\})")
#: What LaTeX, which a text with sums is read as, does not have or reads otherwise: comments, loops,
#: keywords, indices in brackets, exponents with a sign or of several digits.
NATIVE = re.compile(
    r"[#%]|\bfor\b|[\w)\]]\[|\^-|\^\d\d|\d_\d|\*\*|\|_|‖_|[(,][^()\n;]*?[^=<>!()\n;]=(?!=)"
)
#: Of so many different ones it is asked whether they are sums.
MOST = 100
#: Beside these signs the capitals are names.
OTHER_SIGNS = {"Σ": ("∑", "\\sum"), "Π": ("∏", "\\prod")}


def sums(text: str, variables: Collection[str]) -> set[str]:
    """What are sums and products in a text, each with its index: ``Σ_i``.

    These have no value, stand in front of something (in a text with other native notation only if
    they have limits), and their index is that of something behind
    them, but of nothing in front of them.
    """
    if not any(letter in text for letter in LETTERS):
        return set()
    places: dict[str, int] = {}
    names = set[str]()  # what stands alone somewhere
    is_native = NATIVE.search(text)
    for found in SIGN.finditer(text):
        name = spelt(found)
        places.setdefault(name, found.start())
        if not found["limits"] and (is_native or not BODY.match(text, found.end())):
            names.add(name)
    used = _indices(text, variables)
    return {
        name
        for name, place in [*places.items()][:MOST]
        if name not in names
        and name not in variables
        and not any(sign in text for sign in OTHER_SIGNS[name[0]])
        and (letters := set(name[1:].replace("_", ""))) <= used
        and not letters & _indices(text[_start(text, place) : place], variables)
    }


def _start(text: str, place: int) -> int:
    """Where the statement begins that a place is in."""
    return max(text.rfind(end, 0, place) for end in "\n;") + 1


def instead(name: str) -> str:
    """What to write for such a letter that has neither a value nor an index; nothing for others."""
    if not name or name[0] not in LETTERS or name[1:2] not in ("", "_"):
        return ""
    if name[0] == "Σ":
        return "a sum is written Σ_{i=1}^n x_i y_i, or sum(x*y)"
    return "a product of entries is written Π_{i=1}^n x_i, or prod(x)"


def spelt(found: re.Match[str]) -> str:
    """The name that a letter is with its index; the letter alone where it has limits."""
    letters = found["one"] or found["several"] or canonical(found["lowered"] or "")
    return "_".join((found[0][0], *re.findall("[A-Za-z]", letters)))


def _indices(text: str, variables: Collection[str]) -> set[str]:
    """The letters in subscripts, but for those of names that have a value as a whole."""
    plain = SUBSCRIPT_RUN.sub("_", text).translate(SUBSCRIPTS)
    return {
        letter
        for base, *indices in USE.findall(plain)
        for letter in re.findall("[A-Za-z]", "".join(indices))
        if base[-1] not in LETTERS and "_".join((base, *filter(None, indices))) not in variables
    }
