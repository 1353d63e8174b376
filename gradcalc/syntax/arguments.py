"""The arguments of a call, told apart: those that there are here, and what the others mean.

The tables are in :mod:`gradcalc.syntax.elsewhere_arguments`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from gradcalc.ops.row import AnyRow, Row
from gradcalc.syntax.elsewhere_arguments import (
    FUNCTIONS,
    GENERAL,
    LEFT_OUT,
    NAMES,
    NAMES_IN,
    ORDERS,
    SENTENCES,
)
from gradcalc.syntax.operands import INTEGER, NO_OPERAND, SWITCH, Operand, parted

QUOTES = "\"'"


class Argument(NamedTuple):
    """One argument, with the name that it has here.

    Attributes:
        name: as it is here, or there if it is none of the language; nothing for one too many.
        text: all that is written for it, and ``word`` the name in it.
    """

    name: str
    value: str
    text: str
    word: str


class Meant(NamedTuple):
    """The arguments that there are here, as they are written, and the others."""

    kept: list[str]
    others: list[Argument]
    values: dict[str, Operand]  #: by their names, for the texts of the tables


def parameters(called: AnyRow) -> list[str]:
    """The names of all arguments of an operation."""
    operands = [parameter.removesuffix("...") for parameter in called.parameters]
    return operands + [setting.name for setting in called.settings]


def told_apart(called: AnyRow, arguments: Sequence[str]) -> Meant:
    """The arguments of a call of an operation, as other libraries give them."""
    known, here = parameters(called), FUNCTIONS.get(called.name, {})
    found = Meant([], [], {})
    in_order = True
    for argument in _named(called, arguments):
        name, value, text, word = argument
        key = _key(called, argument)
        if key in here or (name not in known and key in GENERAL):
            found.others.append(argument)
        elif value == "None" and _is_optional(called, name):
            continue
        elif not name:
            found.kept.append(text)
        else:
            written = _switched(called, name, value)
            is_next = known[len(found.kept) : len(found.kept) + 1] == [name]
            in_order = in_order and is_next and not word and not SWITCH.fullmatch(value)
            found.values[name] = Operand(written)
            is_same = word == name and written == value
            found.kept.append(text if is_same else written if in_order else f"{name}={written}")
    return found


def meaning(called: AnyRow, found: Meant, call: str, negated: str) -> str:
    """What to write for a call with the others; nothing where that needs what is not given."""
    for argument in found.others:
        key = _key(called, argument)
        text = FUNCTIONS.get(called.name, {}).get(key) or GENERAL[key]
        if text == LEFT_OUT:
            continue
        if key == argument.name and NO_OPERAND.fullmatch(argument.value):
            return ""
        parts = {"call": Operand(call), "negated": negated, "value": Operand(argument.value)}
        others = {other.name: Operand(other.value) for other in found.others}
        try:
            call = text.format_map({**found.values, **others, **parts})
        except KeyError:
            return ""
    return call


def sentence(called: AnyRow, arguments: Sequence[str]) -> str:
    """What is said of an argument for which there is a sentence."""
    sentences = SENTENCES.get(called.name, {})
    named = _named(called, arguments) if sentences else []
    for name, value, *_ in named:
        text = sentences.get(f"{name}={value.strip(QUOTES)}") or sentences.get(name)
        parts = {other.name: Operand(other.value) for other in named}
        if isinstance(text, str):
            return text.format_map(parts)
        if text and INTEGER.fullmatch(value) and int(value):
            return text(int(value), parts[called.parameters[0]])
    return ""


def _named(called: AnyRow, arguments: Sequence[str]) -> list[Argument]:
    """The arguments by the names that they have here."""
    known = parameters(called)
    order = ORDERS.get(called.name, " ".join(known)).split()
    if called.variadic or any(setting.kind == "sizes" for setting in called.settings):
        order = []
    found = []
    for place, text in enumerate(arguments):
        word, value = parted(text)
        name = word or (order[place] if place < len(order) else "")
        found.append(Argument(renamed(name, called.name, [*known, *order]), value, text, word))
    return found


def renamed(word: str, name: str, known: Sequence[str]) -> str:
    """The name of the parameter, of those known, that others call so; else the word itself."""
    word = NAMES_IN.get(name, {}).get(word, word)
    own = () if word in known else NAMES.get(word, ())
    return next((parameter for parameter in own if parameter in known), word)


def _key(called: AnyRow, argument: Argument) -> str:
    """Under what an argument stands in the tables."""
    key = f"{argument.name}={argument.value.strip(QUOTES)}"
    return key if key in FUNCTIONS.get(called.name, ()) or key in GENERAL else argument.name


def _is_optional(called: AnyRow, name: str) -> bool:
    """Whether None is what an argument is that is not given."""
    if name in called.parameters:
        optional = len(called.defaults) if isinstance(called, Row) else called.optional
        return called.parameters.index(name) >= len(called.parameters) - optional
    return any(own.name == name and own.default is None for own in called.settings)


def _switched(called: AnyRow, name: str, value: str) -> str:
    """True and False as the numbers that a setting may be."""
    kinds = {setting.name: setting.kind for setting in called.settings}
    return {"False": "0", "True": "1"}.get(value, value) if kinds.get(name) == "integer" else value
