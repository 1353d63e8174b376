"""What ``--get`` prints: single numbers and arrays, for scripts."""

from collections.abc import Iterable, Iterator, Mapping
from json import dumps

from gradcalc.render import Style
from gradcalc.report import Value, jsonable
from gradcalc.syntax.literals import format_value


def render(
    found: Iterable[Mapping[str, Value]], asked: int, format_: str, style: Style
) -> Iterator[str]:
    """The quantities of each output.

    A line for each value; several have their names in ``plain`` (``NAME<TAB>VALUE``) and in
    ``json`` (an object for each output).

    Args:
        asked: how many were asked for.
    """
    between = ""
    for quantities in found:
        if format_ == "json":
            whole = jsonable(dict(quantities))
            alone = whole if asked > 1 else next(iter(whole.values()))
            yield dumps(alone, ensure_ascii=False, allow_nan=False) + "\n"
            continue
        named = format_ == "plain" and asked > 1
        yield between if named else ""
        for name, value in quantities.items():
            yield f"{name}\t" if named else ""
            yield f"{format_value(value, style.precision)}\n"
        between = "\n"
