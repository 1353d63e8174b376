"""Heads of functions: ``f(x, y; W) =``, and the names in calls that look like definitions."""

import re
from functools import cache

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.names import canonical, is_name

#: To the end of the line.
COMMENT = re.compile(r"#[^\r\n]*")


def parameters(source: Source, text: str, start: int) -> dict[str, None]:
    """The names of ``x, y; W) =``, the rest of a function's head, which begins at ``start``.

    Raises:
        GradcalcError: ``syntax``, ``redefinition``.
    """
    text = COMMENT.sub(lambda match: " " * len(match.group()), text)
    names: dict[str, None] = {}
    for match in re.finditer(r"([^,;)]*)[,;)]", text):
        word = match.group(1).strip()
        at = start + match.start(1) + len(match.group(1)) - len(match.group(1).lstrip())
        name = canonical(word)
        if not is_name(name):
            shown = " ".join(word.split())
            raise _error(
                source,
                "syntax",
                f'"{shown}" is no parameter name' if word else "a parameter is missing here",
                at,
                at + max(1, len(word)),
                help="name the parameters, separated by commas, as in f(x, y) = x*y"
                + "; a definition without any is f = 3" * (text.lstrip().startswith(")")),
            )
        if name in names:
            message = f"the parameter {name} stands there twice"
            help = "give each parameter a name of its own"
            raise _error(source, "redefinition", message, at, at + len(word), help)
        names[name] = None
    return names


def is_setting(name: str) -> bool:
    """Whether an operation has a setting of this name, as in ``sum(x; axis=0)``."""
    return name in _settings()


@cache
def _settings() -> frozenset[str]:
    from gradcalc.ops import load

    return frozenset(setting.name for row in load() for setting in row.settings)


def _error(
    source: Source, code: str, message: str, start: int, end: int, help: str
) -> GradcalcError:
    return GradcalcError(code, message, [Span(start, end)], help=help, source=source)
