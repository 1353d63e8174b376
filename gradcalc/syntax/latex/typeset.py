"""Names, numbers and text in LaTeX, with everything escaped that LaTeX would obey."""

import unicodedata
from itertools import groupby

from gradcalc.source import visible

#: The Greek letters that have a command, with its name. The others look like Latin letters.
GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta"},
    **{"η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu"},
    **{"ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi"},
    **{"χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta"},
    **{"Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi"},
    **{"Ψ": "Psi", "Ω": "Omega"},
}
COMMANDS = frozenset(GREEK.values())
#: Accents on a letter, by the character that combines with it.
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u0308": "ddot"}
#: Subscripts of more letters than this are words, and upright.
ITALIC = 2

#: Characters of formulas and of prose that are commands of LaTeX, or that its fonts lack.
SPECIAL = {
    **{character: f"\\{character}" for character in "#$%&_{}"},
    "\\": r"\backslash",
    "^": r"\wedge",
    "~": r"\sim",
    "|": r"\vert",
    "<": "{<}",
    ">": "{>}",
    "…": r"\ldots",
    "→": r"\to",
    "·": r"\cdot",
    "×": r"\times",
    "⊙": r"\odot",
    "∂": r"\partial",
    "‖": r"\Vert",
    "∞": r"\infty",
    "²": "^{2}",
    "ᵀ": r"^{\top}",
    "✓": r"\checkmark",
    "✗": r"\times",
    **{letter: f"\\{name}" for letter, name in GREEK.items()},
}


def symbol(name: str) -> str:
    """A name of the language in maths mode: ``x_1`` is ``x_{1}``, ``loss`` is ``\\mathrm{loss}``.

    Different names may look the same (``α`` and ``alpha``, ``ŷ`` and ``y_hat``), as on paper.
    """
    head, _, sub = name.partition("_")
    if not head or not sub or "_" in sub:
        return _word(name)
    first = _word(head)
    if first.startswith(r"\mathrm"):
        return f"\\mathrm{{{head}_{{{sub}}}}}" if sub.isascii() else _word(name)
    if sub in ACCENTS.values():
        return f"\\{sub}{{{first}}}"
    return f"{first}_{{{_subscript(sub)}}}"


def is_letter(name: str) -> bool:
    """Whether a name is set as one letter, its subscript aside, that can stand beside another."""
    return not symbol(name).startswith((r"\mathrm", r"\text"))


def _word(name: str) -> str:
    """A name without a subscript."""
    name = GREEK.get(name, name)
    if name in COMMANDS:
        return f"\\{name}"
    if len(name) == 1 and name.isascii() and name.isalpha():
        return name
    decomposed = unicodedata.normalize("NFD", name)
    if len(decomposed) == 2 and decomposed[1] in ACCENTS:
        return f"\\{ACCENTS[decomposed[1]]}{{{_word(decomposed[0])}}}"
    if visible(name) != name:
        return verbatim(name)
    return " ".join(_run(font, "".join(run)) for font, run in groupby(name, _font))


def _font(character: str) -> str:
    if character in GREEK:
        return ""
    return r"\mathrm" if character.isascii() else r"\text"


def _run(font: str, run: str) -> str:
    """Characters of a name that are set alike. Letters of other scripts are in text fonts only."""
    if not font:
        return " ".join(f"\\{GREEK[character]}" for character in run)
    escaped = run.replace("_", r"\_")
    return f"{font}{{{escaped}}}"


def _subscript(sub: str) -> str:
    if sub.isascii() and (sub.isdecimal() or len(sub) <= ITALIC):
        return sub
    return _word(sub)


def number(text: str) -> str:
    """A number as :func:`gradcalc.syntax.printer.format_number` writes it, in maths mode."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if digits == "inf":
        return rf"{sign}\infty"
    if digits == "nan":
        return r"\mathrm{nan}"
    mantissa, e, exponent = digits.partition("e")
    if not e:
        return text
    power = f"10^{{{int(exponent)}}}"
    return f"{sign}{power}" if mantissa == "1" else rf"{sign}{mantissa} \times {power}"


def verbatim(text: str) -> str:
    """Any text as it is, in maths mode: in the font of a typewriter, and escaped."""
    return "".join(
        " ".join(SPECIAL[character] for character in run) + " "
        if special
        else rf"\texttt{{{''.join(run)}}}"
        for special, run in groupby(visible(text), SPECIAL.__contains__)
    ).strip()


def prose(text: str) -> str:
    """A sentence in text mode, escaped."""
    return "".join(map(_in_text, visible(text)))


def _in_text(character: str) -> str:
    command = SPECIAL.get(character, character)
    return command if command in (character, f"\\{character}") else f"${command}$"
