"""A call of another library as it is written here, if its arguments allow that."""

from collections.abc import Sequence

from gradcalc.ops import REDUCTIONS
from gradcalc.ops.row import AnyRow, Row
from gradcalc.syntax.arguments import meaning, parameters, told_apart
from gradcalc.syntax.elsewhere import NUMPY, TORCH, Forms, Text
from gradcalc.syntax.operands import (
    AXES,
    INTEGER,
    LONGEST_CALL,
    NO_OPERAND,
    ONE_SIZE,
    SWITCH,
    Operand,
    is_list,
    parted,
)

#: So many arguments a text of the tables names.
MOST_NAMED = 4


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
    for words, template in forms.items():
        bound = _bound(words.split(), arguments)
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
        word, value = parted(argument)
        if word:
            place = next((k for k, known in enumerate(names) if word in known), len(words))
        elif place >= len(words) - 1 and starred:
            if words[-1] == "+" and "-" in value:
                return None
            rest.append(value)
            continue
        elif place >= len(words) or words[place].endswith("="):
            return None
        if place >= len(words) or place in placed:
            return None
        if not _is_wanted(value, wanted[place]):
            return None
        placed[place] = value
    if len(placed) != len(words) - starred or starred != bool(rest):
        return None
    return [placed[place] for place in sorted(placed)], rest


def _is_wanted(value: str, wanted: str) -> bool:
    """Whether a value is one that a form has."""
    if wanted == "#":
        return bool(ONE_SIZE.fullmatch(value))
    return wanted in ("?", value.strip("\"'")) if wanted else not NO_OPERAND.fullmatch(value)


def as_here(name: str, arguments: Sequence[str], libraries: Sequence[str] = ()) -> str:
    """A call of a function of the language that other libraries have too, as it is written here.

    Nothing, if it does not take the arguments.
    """
    from gradcalc.ops import row

    words = [parted(argument)[0] for argument in arguments]
    by_place = [argument for argument, word in zip(arguments, words, strict=True) if not word]
    second = by_place[1] if len(by_place) > 1 else ""
    is_axis = AXES.fullmatch(second) or (second and not {*NUMPY}.isdisjoint(libraries))
    name = REDUCTIONS.get(name, name) if is_axis else name
    called = row(name if second else REDUCTIONS.get(name, name))
    known = parameters(called)
    found = told_apart(called, arguments)
    placed = found.kept
    if called.variadic and not called.elementwise and second:
        is_listed = len(by_place) == 2 and is_list(by_place[0]) and INTEGER.fullmatch(second)
        if is_listed:
            placed[1] = f"axis={second}"
        elif len(by_place) == len(arguments):
            return ""
    is_torch = not {*TORCH}.isdisjoint(libraries) or not {"dim", "keepdim"}.isdisjoint(words)
    if "ddof" in known and is_torch and {"ddof", "correction", "unbiased"}.isdisjoint(words):
        placed.append("ddof=1")
    if not _fits(called, known, placed):
        return ""
    negated = call(name, [f"-{Operand(placed[0]):factor}", *placed[1:]]) if placed else ""
    return meaning(called, found, call(name, placed), negated)


def _fits(called: AnyRow, known: Sequence[str], arguments: Sequence[str]) -> bool:
    """Whether an operation, with these parameters, takes the arguments."""
    if "..." in arguments[1:]:
        return True
    count, given = 0, set[str]()
    operands = len(called.parameters)
    last = (operands if called.variadic else len(known)) - 1
    for argument in arguments:
        keyword, value = parted(argument)
        word = keyword or known[min(count, last)]
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
