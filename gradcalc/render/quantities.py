"""What ``--get`` prints: single numbers and arrays, for scripts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import dumps

from gradcalc.render import Style
from gradcalc.report import Value, jsonable
from gradcalc.syntax.literals import format_value


def render(
    found: Iterable[Mapping[str, Value]], asked: Sequence[str], format_: str, style: Style
) -> Iterator[str]:
    """The quantities of each output that it has of those asked for, in that order.

    A line for each value; several have their names in ``plain`` (``NAME<TAB>VALUE``) and in
    ``json`` (an object for each output).
    """
    between, several = "", len(asked) > 1
    for quantities in found:
        if format_ == "json" and several:
            whole = jsonable(dict(quantities))
            yield dumps(whole, ensure_ascii=False, allow_nan=False) + "\n"
            continue
        named = format_ == "plain" and several
        yield between if named else ""
        for name in asked:
            if name in quantities:
                yield f"{name}\t" if named else ""
                yield f"{format_value(quantities[name], style.precision)}\n"
        between = "\n"
