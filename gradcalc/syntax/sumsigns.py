"""The Greek capitals Σ and Π as the signs of sums and products: Σ_i x_i y_i, Σᵢ xᵢ, Π_{i} x_i."""

import re
from collections.abc import Collection

from gradcalc.syntax.names import SUBSCRIPT_RUN, SUBSCRIPTS, canonical

LETTERS = "ΣΠ"
_LOWERED = "".join(map(chr, SUBSCRIPTS))
_COMPARED = r"(?:[=≠<>≤≥]|\\(?:ne|neq|not|lt|gt|le|leq|ge|geq)(?![A-Za-z]))"
_LOWERED_LETTERS = "".join(chr(code) for code, plain in SUBSCRIPTS.items() if plain.isalpha())
_RAISED = "²³¹⁰-⁻ⁿᴬ-ᵡ"
_RAISED_LETTERS = "ⁿᴬ-ᴿᵁ-ᵡ"  # but for the sign of a transpose
#: Such a letter with what is below it, if these are letters; with a comparison it is limits.
SIGN = re.compile(
    rf"(?<![^\W\d])[{LETTERS}](?:(?P<limits>_\{{[^{{}}]*{_COMPARED}|[{_LOWERED}]+₌)"
    rf"|_(?P<one>[A-Za-z])(?![^\W{_RAISED}])|_\{{(?P<several>[A-Za-z, ]+)\}}"
    rf"|(?P<lowered>[{_LOWERED_LETTERS}]+))"
)
_UPPER = rf"(?:\^(?:\{{[^{{}}]*\}}|\w)|[{_RAISED_LETTERS}]+)?"
_BRACKET = rf"(?=\[[^\[\]]*[_{_LOWERED}])"  # one with an index in it, as x[0] has none
#: What stands in front of what is summed: an upper limit, and what a factor begins with.
BODY = re.compile(
    rf"{_UPPER}(?:[ \t]*(?=[^\W{_RAISED}]|[({{√]|\\(?!cdot|times|odot|right|q?quad)[A-Za-z])"
    rf"|[ \t]+(?=[|‖]\S|\[)|{_BRACKET})"
)
#: A sign directly in front of a bracket around what is summed.
BRACKETED = re.compile(SIGN.pattern + _UPPER + _BRACKET)
#: A sign of sums with what is below it, and an upper limit in small characters.
LIMITED = re.compile(
    rf"(?:[{LETTERS}∑∏]|\\(?:sum|prod)(?![A-Za-z]))[ \t]*"
    rf"(?P<below>_\{{[^{{}}]*\}}|_[A-Za-z]|[{_LOWERED}₊₋₌]++)(?P<upper>[{_RAISED}]++)"
)
#: Something with an index, and that index.
USE = re.compile(r"(\w{1,40}|[)\]}|‖'])(?:_(?:\{([^{}]*)\}|(\w+))|\^\{[(\[]([^{}]*)\})")
#: What LaTeX, which a text with sums is read as, does not have or reads otherwise: comments, loops,
#: keywords, indices in brackets, exponents with a sign or of several digits.
NATIVE = re.compile(
    r"[#%]|\bfor\b|[\w)\]](?<!𝟙)(?<!𝟏)(?<!\b1)\[|\^-|\^\d\d|\d_\d|\*\*|\|_|‖_"
    # A keyword, behind a bracket or the first comma of what has no other one.
    r"|(?:\(|(?:\A|(?<=[()\n;]))[^(),\n;]*+,)[^()\n;]*?[^=<>!()\n;]=(?!=)"
)
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
    others = {letter for letter in LETTERS if any(sign in text for sign in OTHER_SIGNS[letter])}
    is_native = NATIVE.search(BRACKETED.sub(r"\g<0> ", text))
    for found in SIGN.finditer(text):
        name = spelt(found)
        places.setdefault(name, found.start())
        if not found["limits"] and (is_native or not BODY.match(text, found.end())):
            names.add(name)
    used = _indices(text, variables)
    found_sums = set[str]()
    in_front = set[str]()  # the indices in the statement so far
    done = 0
    for name, place in places.items():
        begin = max(done, *(text.rfind(end, done, place) + 1 for end in "\n;"))
        if begin > done:
            in_front = set()
        in_front |= _indices(text[begin:place], variables)
        done = place
        letters = set(name[1:].replace("_", ""))
        if (
            name not in names
            and name not in variables
            and name[0] not in others
            and letters <= used
            and not letters & in_front
        ):
            found_sums.add(name)
    return found_sums


def upper_limits(text: str, start: int, end: int) -> dict[int, int]:
    """Where upper limits in small characters begin and end, as in ``Σᵢ₌₁ⁿ⁻¹``.

    Without a lower one it is a letter: ``Σᵢ²`` is a square.
    """
    return {
        found.start("upper"): found.end("upper")
        for found in LIMITED.finditer(text, start, end)
        if not {"=", "₌"}.isdisjoint(found["below"])
        or re.fullmatch(f"[{_RAISED_LETTERS}]+", found["upper"])
    }


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
