"""Words, fonts and environments in LaTeX: \\mathrm{loss}, \\text{if }, \\mathbf{x}, cases."""

import re
import unicodedata
from typing import TYPE_CHECKING

from gradcalc.errors import GradcalcError, closest
from gradcalc.syntax.latex import commands as table
from gradcalc.syntax.names import canonical

if TYPE_CHECKING:
    from gradcalc.syntax.latex.tokens import Tokens

ONE = re.compile(r"\s*\{\s*1\s*\}|\s*1(?![0-9.])")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*\Z")
#: What does not count in a word.
THIN = re.compile(r"\\[,;:! ]|[{}\s~]")
SPACE = re.compile(r"~|\\[,;:! ]|\\q?quad")
BEHIND = re.compile(r"[ \t]*(?:\\left|\\[bB]igg?l?)?[ \t]*(?:\(|\[|\\\{)|_")
NAME = re.compile(r"\s*\{\s*([^{}]*?)\s*\}")
PLACE = re.compile(r"\s*\[[a-z]\]")
DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\[{}|]|\S)")
#: A word of letters that are neither Latin nor Greek.
FOREIGN = re.compile(r"[^\W\d_a-zA-Z\u0370-\u03ff][^\W_]*")
#: Names of functions that are no numbers.
INDICES = ("argmax", "argmin")


def no_command(tokens: "Tokens", name: str, start: int, end: int) -> GradcalcError:
    """The diagnostic for a command that cannot be read."""
    if name in table.UNSUPPORTED:
        message, help = table.UNSUPPORTED[name]
        return tokens.error(message, start, end, help)
    if not name:
        return tokens.error("a backslash stands at the end", start, end, "leave it out")
    help = _known_without(tokens, name)
    if not help and name.isalpha():
        known = (
            *(*table.NAME_LETTERS, *table.OPERATORS, *table.FUNCTIONS, *table.FONTS),
            *(*table.ACCENTS, *table.WORDS, "begin", "end", "left", "right", "text"),
        )
        near = closest(name, (word for word in known if word.isascii()))
        help = f"a name of several letters is written \\mathrm{{{name}}}"
        help = f"did you mean \\{near}?" if near else help
    return tokens.error(f"\\{name} is no command that is known", start, end, help)


def _known_without(tokens: "Tokens", name: str) -> str:
    """What to write for a command that is called like a function, or a variable; or nothing."""
    word = known_word(tokens, name)
    if word is None:
        return ""
    command = "operatorname" if word[0] == "function" else "mathrm"
    return f"write \\{command}{{{name}}}"


def font(tokens: "Tokens", name: str, start: int, end: int) -> int:
    """``\\mathbf{x}``, which is x; ``\\mathbb{1}``. Where to go on."""
    one = ONE.match(tokens.text, end, tokens.end)
    if one is not None and name.startswith(("math", "bm", "bold", "Bbb")):
        tokens.add("indicator", "1", start, one.end())
        return one.end()
    inner = tokens.group(end)
    content = tokens.content(inner).strip()
    if name == "mathbb" and content in ("I", "E", "P") and inner is not None:
        after = BEHIND.match(tokens.text, inner[1] + 1)
        if content == "I" and after:
            tokens.add("indicator", "I", start, inner[1] + 1)
            return inner[1] + 1
        if after:
            what = "an expectation" if content == "E" else "a probability"
            help = "a mean over data is \\frac{1}{n} \\sum_{i=1}^{n} x_i"
            raise tokens.error(f"{what} cannot be read", start, inner[1] + 1, help)
    if inner is not None and len(content) > 1 and WORD.match(content):
        word = known_word(tokens, content)
        if word is not None:
            tokens.add(*word, start, inner[1] + 1)
            return inner[1] + 1
    tokens.add("font", name, start, end)
    return end


def known_word(tokens: "Tokens", word: str) -> tuple[str, str] | None:
    """Kind and name of a word that has a meaning as a whole: a variable or a function."""
    scope = tokens.scope
    if scope.is_variable(word) or word in tokens.heads:
        return "name", word
    lower = table.OTHER_NAMES.get(word.lower(), word.lower())
    for name in (word, lower, lower.replace("_", "")):
        if len(name) > 1 and scope.is_function(name):
            return "function", name
    return None


def word_of(tokens: "Tokens", command: str, start: int, end: int) -> int:
    """``\\mathrm{loss}``, ``\\text{if }``, ``\\operatorname{softmax}``."""
    inner = tokens.group(end)
    if inner is None:
        tokens.add("font", command, start, end)
        return end
    raw, after = tokens.content(inner), inner[1] + 1
    if command in table.TEXTS:
        if "$" in raw:
            _formulas(tokens, start, inner, raw)
            return after
        content = SPACE.sub(" ", raw).strip().replace("\\_", "_")
        if not WORD.match(content) or content.lower() in table.PROSE:
            tokens.add("text", " ".join(SPACE.sub(" ", raw).split()), start, after)
            return after
    else:
        content = THIN.sub("", raw).replace("\\_", "_")
    if content == "1":
        tokens.add("indicator", "1", start, after)
        return after
    if not WORD.match(content) and not content.isidentifier():
        tokens.add("font", command, start, end)
        return end
    content = content.replace("-", "_")
    if content in INDICES and not tokens.scope.is_variable(content):
        raise tokens.error(f"{content} is no number", start, after, table.UNSUPPORTED["arg"][1])
    kind, name = known_word(tokens, content) or ("name", canonical(content))
    tokens.add(kind, name, start, after)
    return after


def _formulas(tokens: "Tokens", start: int, inner: tuple[int, int], raw: str) -> None:
    """Formulas in a text: \\text{if $x > 0$}."""
    first = inner[0] + raw.index("$")
    tokens.add("text", tokens.text[inner[0] : first].strip(), start, first)
    inside = tokens.part(first, inner[1])
    tokens.found += [token for token in inside.read() if token[0] != "shift"]
    tokens.readings += inside.readings


def environment(tokens: "Tokens", command: str, start: int, end: int) -> int:
    """``\\begin`` or ``\\end`` with the name of the environment. Where to go on."""
    found = NAME.match(tokens.text, end, tokens.end)
    if found is None:
        help = f"as in \\{command}{{bmatrix}}"
        raise tokens.error(f"\\{command} lacks the name of its environment", start, end, help)
    name, after = found.group(1).rstrip("*"), found.end()
    known = table.TRANSPARENT | table.MATRICES | table.CASES
    if name not in known:
        near = closest(name, known)
        help = f"did you mean {near}?" if near else "matrices, cases and aligned rows are read"
        raise tokens.error(f"{name} is no environment that is known", start, after, help)
    if command == "begin":
        if name in ("array", "alignat", "alignedat"):
            columns = tokens.group(after)
            after = after if columns is None else columns[1] + 1
        place = PLACE.match(tokens.text, after, tokens.end)
        after = place.end() if place else after
    tokens.add(command, name, start, after)
    return after


def delimiter(tokens: "Tokens", size: str, start: int, end: int) -> int:
    """``\\left(`` and the like, which are one token."""
    found = DELIMITER.match(tokens.text, end, tokens.end)
    word = found.group(1) if found else ""
    role = table.SIZES[size]
    if found is None or word not in table.DELIMITERS:
        help = f"as in \\{size}{')' if role == 'close' else '('}"
        raise tokens.error(f"\\{size} is not followed by a bracket or bar", start, end, help)
    kind, text = table.DELIMITERS[word]
    if word == "." and role == "close":
        kind = "close"
    elif kind == "bar" and role:
        kind = role
    tokens.add(kind, text, start, found.end())
    return found.end()


def small(tokens: "Tokens", word: str, start: int) -> None:
    """Small characters below or above the line: xᵢ is x_{i}, xⁿ is x^{n}."""
    is_raised = word == "ⁿ"
    _put_small(tokens, "^" if is_raised else "_", "n" if is_raised else word, start)


def raised(tokens: "Tokens", start: int, end: int) -> int:
    """The upper limit of a sum in small characters: Σᵢ₌₁ⁿ⁻¹. Where to go on."""
    plain = unicodedata.normalize("NFKC", tokens.text[start:end]).replace("−", "-")
    _put_small(tokens, "^", plain, start)
    return end


def _put_small(tokens: "Tokens", sign: str, word: str, start: int) -> None:
    end = start + len(word)
    tokens.add(sign, sign, start, start)
    tokens.add("{", "{", start, start)
    for piece in re.finditer("[0-9]+|.", word.translate(table.SMALL)):
        kind = {"+": "sign", "-": "sign", "=": "="}.get(piece[0])
        kind = kind or ("number" if piece[0].isdigit() else "name")
        tokens.add(kind, piece[0], start + piece.start(), start + piece.end())
    tokens.add("}", "}", end, end)


def letter(tokens: "Tokens", start: int, end: int) -> int:
    """A letter that is not Latin: a Greek one is a name, others are part of a word."""
    letter = canonical(tokens.text[start:end])
    if letter in table.LETTER_NAMES:
        tokens.add("name", tokens.greek(table.LETTER_NAMES[letter]), start, end)
        return end
    if letter.isascii():
        tokens.add("name", letter, start, end)
        return end
    run = FOREIGN.match(tokens.text, start, tokens.end)
    if run is not None:
        end = run.end()
    name = canonical(tokens.text[start:end])
    if not name.isidentifier():
        raise tokens.unknown_character(start)
    tokens.add("name", name, start, end)
    return end
