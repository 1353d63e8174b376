"""A call of another library as it is written here, if its arguments allow that."""

import re
from collections.abc import Sequence

from gradcalc.ops import REDUCTIONS
from gradcalc.ops.row import AnyRow, Row
from gradcalc.syntax.elsewhere import NUMPY, SETTINGS, TORCH, Forms

TRANSPOSED = re.compile(r"(?<=[\w)\]])\.m?T\b")
KEYWORD = re.compile(r"([^\W\d]\w*)[ \t]*=(?!=)[ \t]*")
INTEGER = re.compile(r"[-+]?\d+")
AXES = re.compile(r"[-+]?\d+|[(\[][-+\d, ]*[)\]]")
NUMBER = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?")
#: Values that are no operands; the first ones may be those of a setting.
SWITCH = re.compile(r"None|True|False")
NO_OPERAND = re.compile(r"None|True|False|[\"'*].*|[^(\[]*:.*")
#: What an operand that needs no brackets in a product begins with.
ATOM = re.compile(r"\d[\d.]*\Z|[^\W\d][\w.]*|(?=[(\[])")
#: A longer call is not looked through.
LONGEST_CALL = 1000


class Operand(str):
    """A text to be put into another one: as it is, as a ``factor``, or what is ``inner``."""

    def __format__(self, form: str) -> str:
        if form == "factor" and not is_factor(self):
            return f"({self})"
        if form == "inner" and _is_bracketed(self):
            return self[1:-1].rstrip(", ") or "..."
        return str(self)


def bracketed(text: str, at: int) -> tuple[list[str], int]:
    """What stands between the brackets at a place, and where they end (0: not seen)."""
    depth, start = 0, at + 1
    items: list[str] = []
    for place in range(at, min(len(text), at + LONGEST_CALL)):
        character = text[place]
        depth += (character in "([") - (character in ")]")
        if not depth or (depth == 1 and character == ","):
            item = TRANSPOSED.sub("'", " ".join(text[start:place].split()))
            items += [item] if item else []
            start = place + 1
        if not depth:
            return items, start
    return ["..."], 0


def _is_bracketed(text: str) -> bool:
    """Whether a text begins with a bracket that is closed at its end."""
    return text.startswith(("(", "[")) and bracketed(text, 0)[1] == len(text)


def is_list(text: str) -> bool:
    """Whether a text is a list of operands: in brackets, with a comma, and not of numbers."""
    if not _is_bracketed(text):
        return False
    items, _ = bracketed(text, 0)
    return (len(items) > 1 or text[:-1].endswith(",")) and not any(map(NUMBER.fullmatch, items))


def is_factor(text: str) -> bool:
    """Whether a text needs no brackets in a product: a number, a name, a call, an index."""
    atom = ATOM.match(text)
    if not atom:
        return False
    at = atom.end()
    for bracket in ("(", "["):
        while text.startswith(bracket, at):
            _, at = bracketed(text, at)
            if not at:
                return False
            if bracket == "(":
                break
    return not text[at:].strip("'")


def program_for(
    name: str, arguments: Sequence[str], forms: Forms | None, libraries: Sequence[str] = ()
) -> str:
    """What to write for a call with these forms, or of a function of the language; else nothing.

    Args:
        libraries: what stands in front of its name.
    """
    from gradcalc.ops import PLACES

    written = ""
    if forms is not None:
        written = formed(forms, arguments)
    elif name in PLACES:
        written = as_here(name, arguments, libraries)
    if written or name in PLACES:
        return written or f"{name}(...)"
    template = next(iter((forms or {}).values()), "{0}")
    return "" if template == "{0}" else _filled(template, ["..."] * 3, ["..."])


def formed(forms: Forms, arguments: Sequence[str]) -> str:
    """What to write for a call with these arguments, if it has one of the forms."""
    for parameters, template in forms.items():
        if bound := _bound(parameters.split(), arguments):
            return _filled(template, *bound)
    return ""


def _filled(template: str, arguments: Sequence[str], rest: Sequence[str]) -> str:
    return template.format(*map(Operand, arguments), rest=", ".join(rest))


def _bound(words: Sequence[str], arguments: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The arguments in the order of the parameters, and those of the star; None if they differ."""
    names = [word.rstrip("=").split("/") for word in words]
    starred = words[-1] in ("*", "+")
    placed: dict[int, str] = {}
    rest: list[str] = []
    for place, argument in enumerate(arguments):
        keyword = KEYWORD.match(argument)
        value = argument[keyword.end() :] if keyword else argument
        if keyword:
            place = next((k for k, known in enumerate(names) if keyword[1] in known), len(words))
        elif place >= len(words) - 1 and starred:
            if words[-1] == "+" and "-" in value:
                return None
            rest.append(value)
            continue
        elif place >= len(words) or words[place].endswith("="):
            return None
        if place >= len(words) or place in placed or NO_OPERAND.fullmatch(value):
            return None
        placed[place] = value
    if len(placed) != len(words) - starred or starred != bool(rest):
        return None
    return [placed[place] for place in sorted(placed)], rest


def as_here(name: str, arguments: Sequence[str], libraries: Sequence[str] = ()) -> str:
    """A call of a function of the language that other libraries have too, as it is written here.

    Nothing, if it does not take the arguments.
    """
    from gradcalc.ops import row

    by_place = [argument for argument in arguments if not KEYWORD.match(argument)]
    second = by_place[1] if len(by_place) > 1 else ""
    is_axis = AXES.fullmatch(second) or (second and not {*NUMPY}.isdisjoint(libraries))
    name = REDUCTIONS.get(name, name) if is_axis else name
    called = row(name if second else REDUCTIONS.get(name, name))
    known = [parameter.removesuffix("...") for parameter in called.parameters]
    known += (setting.name for setting in called.settings)
    placed = [_renamed(argument, known) for argument in arguments]
    if called.variadic and not called.elementwise and second:
        if len(by_place) > 2 or not (is_list(by_place[0]) and INTEGER.fullmatch(second)):
            return ""
        placed[1] = f"axis={second}"
    words = {keyword[1] for argument in arguments if (keyword := KEYWORD.match(argument))}
    is_torch = not {*TORCH}.isdisjoint(libraries) or words & {"dim", "keepdim"}
    if "ddof" in known and is_torch and not words & {"ddof", "correction"}:
        placed.append("ddof=1")
    return call(name, placed) if _fits(called, known, placed) else ""


def _renamed(argument: str, known: Sequence[str]) -> str:
    """An argument by the name that its parameter has here."""
    keyword = KEYWORD.match(argument)
    if keyword and keyword[1] not in known and SETTINGS.get(keyword[1]) in known:
        return f"{SETTINGS[keyword[1]]}={argument[keyword.end() :]}"
    return argument


def _fits(called: AnyRow, known: Sequence[str], arguments: Sequence[str]) -> bool:
    """Whether an operation, with these parameters, takes the arguments."""
    if "..." in arguments[1:]:
        return True
    count, given = 0, set[str]()
    operands = len(called.parameters)
    for argument in arguments:
        keyword = KEYWORD.match(argument)
        word = keyword[1] if keyword else known[min(count, len(known) - 1)]
        value = argument[keyword.end() :] if keyword else argument
        is_switch = SWITCH.fullmatch(value) and keyword and word in known[operands:]
        if word not in known or (NO_OPERAND.fullmatch(value) and not is_switch):
            return False
        if keyword and word in given:
            return False
        given.add(word)
        count += not keyword
    by_place = operands
    for setting in called.settings:
        by_place += LONGEST_CALL if setting.kind == "sizes" else not setting.named
    optional = len(called.defaults) if isinstance(called, Row) else called.optional
    needed = {*known[: operands - optional]}
    needed |= {setting.name for setting in called.settings if setting.default is ...}
    return needed <= given and (called.variadic or count <= by_place)


def call(name: str, arguments: Sequence[str]) -> str:
    return f"{name}({', '.join(arguments)})"
