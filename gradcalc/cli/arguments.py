"""Telling the program's own options (``--x -2``) from gradcalc's (``--format json``)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gradcalc.errors import GradcalcError, closest
from gradcalc.syntax.names import canonical, is_name

#: Options that may be given more than once.
REPEATABLE = ("--set", "--jvp", "--hvp", "--answer")
#: Options whose value, a name, may be left out.
OPTIONAL = ("--explain",)
#: A gradient as a quotient, df/dx.
QUOTIENT = re.compile(r"[d∂]\w+/[d∂]\w+")


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
            return result
        if option in takes_value and (option.startswith("--") or not equals):
            if takes_value[option] and option not in REPEATABLE and option in result.options:
                raise GradcalcError("usage", f"{option} was given twice", help="leave out one")
            result.options.extend((option, text) if equals and takes_value[option] else (word,))
            if option in OPTIONAL and not equals:
                word = canonical(rest[-1]) if rest else ""
                takes = is_name(word) or QUOTIENT.fullmatch(word)
                result.options.append(rest.pop() if takes else "")
            elif takes_value[option] and not equals:
                if not rest or _is_option(rest[-1], takes_value):
                    help = "gradcalc --help lists the options"
                    raise GradcalcError("usage", f"{option} needs a value", help=help)
                result.options.append(rest.pop())
        elif word.startswith("--") and len(option) > 2 and is_name(canonical(option[2:])):
            if not equals:
                if not rest or _is_option(rest[-1], takes_value):
                    help = f"write {option} -2 or {option}=-2"
                    if near := meant(option, takes_value):
                        help = f"did you mean {near}?"
                    raise GradcalcError("usage", f"{option} needs a value", help=help)
                text = rest.pop()
            add_value(result.values, option[2:], text)
        elif near := meant(option, takes_value):
            help = f'did you mean {near}?\nan expression stands behind --: gradcalc -- "{word}"'
            raise GradcalcError("usage", f"there is no option {option}", help=help)
        else:
            result.words.append(word)
    if len(result.words) > 1:
        _check_hyphens(result.words, takes_value)
    return result


def meant(option: str, options: Iterable[str]) -> str:
    """The built-in option that a misspelt one (``--formt``) may stand for, or nothing."""
    if not option.startswith("--"):
        return ""
    # Of two or three letters, too many names are as close.
    near = closest(option[2:], [known[2:] for known in options if len(known) > 5])
    return f"--{near}" if near else ""


def _is_option(word: str, takes_value: Mapping[str, bool]) -> bool:
    """Whether a word is an option rather than a value such as ``-2``, ``-x`` or ``--2``."""
    return word in takes_value or (word.startswith("--") and word[2:3].isalpha())


def _check_hyphens(words: Sequence[str], takes_value: Mapping[str, bool]) -> None:
    """Raise if one of several expressions is rather an option with a single hyphen."""
    for word in words:
        option = "-" + word.partition("=")[0]
        if option.startswith("--") and is_name(canonical(option[2:])):
            near = meant(option, takes_value) or option
            message = f"there is no option {word}"
            raise GradcalcError("usage", message, help=f"did you mean {near}?")


def add_value(values: dict[str, str], name: str, text: str) -> None:
    """Note the value of a name. Raises GradcalcError if it is no name, or has one."""
    name = canonical(name)
    if not is_name(name):
        help = "a name has letters, digits and _, and begins with no digit"
        raise GradcalcError("usage", f'"{name}" is no name', help=help)
    if name in values:
        message = f"{name} was given twice: {values[name]} and {text}"
        raise GradcalcError("usage", message, help="leave out one of them")
    values[name] = text
