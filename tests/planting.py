"""To put a wrong rule where the engine finds it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from gradcalc import ops
from gradcalc.ops.row import AnyRow, Row, Rule
from gradcalc.services import evaluate

Plant = Callable[[str, int, Callable[..., Any]], None]


def use_table(monkeypatch: pytest.MonkeyPatch, rows: Iterable[AnyRow]) -> None:
    """Replace the op table. Programs that were run lately remember the rules of the other one."""
    monkeypatch.setattr(ops, "TABLE", tuple(rows))
    monkeypatch.setattr(evaluate, "_recent", {})


def planter(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """``plant(name, place, wrong)`` puts a wrong rule for one operand of a row into the table.
    ``wrong`` gets the right rule first."""

    def call(name: str, place: int, wrong: Callable[..., Any]) -> None:
        row = ops.row(name)

        def planted(where: int, varies: tuple[bool, ...]) -> Rule | None:
            right = row.rule(where, varies)
            if where != place or right is None:
                return right
            return lambda *operands, **settings: wrong(right, *operands, **settings)

        changed: AnyRow
        if isinstance(row, Row):
            changed = row._replace(partials=planted)  # type: ignore[arg-type]
        elif row.split:
            changed = row._replace(split=partial(_wrongly_split, row.split, place, wrong))
        elif row.variadic:
            changed = row._replace(vjps=lambda where: planted(where, ()))
        else:
            places = range(len(row.parameters))
            changed = row._replace(vjps=tuple(planted(where, ()) for where in places))
        table = list(ops.TABLE)
        table[ops.PLACES[name]] = changed
        use_table(monkeypatch, table)

    return call


def _wrongly_split(
    split: Callable[..., Any],
    place: int,
    wrong: Callable[..., Any],
    m: Any,
    g: Any,
    *shapes: Any,
    **settings: Any,
) -> list[Any]:
    parts = list(split(m, g, *shapes, **settings))
    if place < len(parts):
        right = parts[place]
        parts[place] = wrong(lambda *given, **settings: right, m, g, None, *shapes, **settings)
    return parts
