"""Telling the program's own options (``--x -2``) from gradcalc's (``--format json``)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gradcalc.errors import GradcalcError
from gradcalc.syntax.names import canonical


class Arguments(NamedTuple):
    """A command line, sorted.

    Attributes:
        options: gradcalc's own options with their values, for click.
        values: the texts given for names of the program.
        words: what is left: the expression.
    """

    options: list[str]
    values: dict[str, str]
    words: list[str]


def sort_arguments(arguments: Sequence[str], takes_value: Mapping[str, bool]) -> Arguments:
    """Sort a command line.

    click cannot do this: it takes the value ``-2`` for an option, and ``-3e-12`` for six.

    Args:
        takes_value: gradcalc's own options, and whether a value follows.

    Raises:
        GradcalcError: ``usage``, for an option without its value or a name given twice.
    """
    result = Arguments([], {}, [])
    rest = list(reversed(arguments))
    while rest:
        word = rest.pop()
        option, equals, text = word.partition("=")
        if word == "--":
            result.words.extend(reversed(rest))
            break
        if option in takes_value and (option.startswith("--") or not equals):
            result.options.append(word)
            if takes_value[option] and not equals:
                if not rest:
                    raise GradcalcError("usage", f"{option} needs a value")
                result.options.append(rest.pop())
        elif word.startswith("--") and len(option) > 2 and canonical(option[2:]).isidentifier():
            if not equals:
                if not rest or (rest[-1].startswith("--") and rest[-1][2:3].isalpha()):
                    help = f"write {option} -2 or {option}=-2"
                    raise GradcalcError("usage", f"{option} needs a value", help=help)
                text = rest.pop()
            add_value(result.values, option[2:], text)
        else:
            result.words.append(word)
    return result


def add_value(values: dict[str, str], name: str, text: str) -> None:
    """Note the value of a name. Raises GradcalcError if it has one."""
    name = canonical(name)
    if name in values:
        message = f"{name} was given twice: {values[name]} and {text}"
        raise GradcalcError("usage", message, help=f"leave out one --{name}")
    values[name] = text
