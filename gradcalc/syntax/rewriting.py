"""A call of another library as it is written here, if its arguments allow that."""

import re
from collections.abc import Sequence

from gradcalc.ops import REDUCTIONS
from gradcalc.ops.row import AnyRow, Row
from gradcalc.syntax.elsewhere import NUMPY, SETTINGS, TORCH, Forms, Text
from gradcalc.syntax.operands import AXES, INTEGER, KEYWORD, LONGEST_CALL, Operand, is_list

#: So many arguments a text of the tables names.
MOST_NAMED = 4
#: Values that are no operands; the first ones may be those of a setting.
SWITCH = re.compile(r"None|True|False")
NO_OPERAND = re.compile(r"None|True|False|[\"'*].*|[^(\[]*:.*")


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
    return "" if template == "{0}" else filled(template, ["..."], ["..."])


def formed(forms: Forms, arguments: Sequence[str]) -> str:
    """What to write for a call with these arguments, if it has one of the forms."""
    for parameters, template in forms.items():
        bound = _bound(parameters.split(), arguments)
        if bound and (written := filled(template, *bound)):
            return written
    return ""


def filled(text: Text, arguments: Sequence[str], rest: Sequence[str] = ()) -> str:
    """A text of the tables with these arguments."""
    if not isinstance(text, str):
        return text(arguments)
    items = ", ".join(arguments)
    if len(arguments) == 1 and is_list(items):
        items = f"{Operand(items):inner}"
    shown = map(Operand, [*arguments, *["..."] * MOST_NAMED])
    return text.format(*shown, rest=", ".join(rest), all=items)


def _bound(words: Sequence[str], arguments: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The arguments in the order of the parameters, and those of the star; None if they differ."""
    names = [word.partition("=")[0].split("/") for word in words]
    wanted = [word.partition("=")[2] for word in words]
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
        if place >= len(words) or place in placed:
            return None
        if value.strip("\"'") != wanted[place] if wanted[place] else NO_OPERAND.fullmatch(value):
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
    if "ddof" in known and is_torch and not words & {"ddof", "correction", "unbiased"}:
        placed.append("ddof=1")
    return call(name, placed) if _fits(called, known, placed) else ""


def _renamed(argument: str, known: Sequence[str]) -> str:
    """An argument by the name that its parameter has here."""
    keyword = KEYWORD.match(argument)
    if keyword and keyword[1] not in known and SETTINGS.get(keyword[1]) in known:
        value = argument[keyword.end() :]
        if keyword[1] == "unbiased":
            value = {"False": "0", "True": "1"}.get(value, value)
        return f"{SETTINGS[keyword[1]]}={value}"
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
