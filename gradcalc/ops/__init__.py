"""THE TABLE: one row for each operation. Everything else asks it.

The structural rows, those that are not elementwise, are only loaded when one of them is asked for:
a program of scalars does without. They come last in the table.
"""

from collections.abc import Iterator, Mapping

from gradcalc.ops import activations, arithmetic, elementary, special
from gradcalc.ops.row import AnyRow, Row

#: The rows that work element by element.
ELEMENTWISE: tuple[Row, ...] = (
    *arithmetic.ROWS,
    *elementary.ROWS,
    *activations.ROWS,
    *special.ROWS,
)
#: All rows that are loaded: a node's operation is a place in it. See :func:`load`.
TABLE: list[AnyRow] = list(ELEMENTWISE)
#: Of one array max and min are rows of their own.
REDUCTIONS = {"max": "amax", "min": "amin"}
#: Place in the table by operator. The products of mathematics are one for scalars.
OPERATORS: dict[str, int] = {row.symbol: place for place, row in enumerate(TABLE) if row.symbol}


def load() -> list[AnyRow]:
    """The whole table, the structural rows included."""
    if len(TABLE) == len(ELEMENTWISE):
        from gradcalc.ops import structural

        for row in structural.ROWS:
            PLACES.add(row, len(TABLE))
            TABLE.append(row)
            if row.symbol:
                OPERATORS[row.symbol] = len(TABLE) - 1
    return TABLE


class _Places(Mapping[str, int]):
    """Place in the table by name and by alias, of all rows."""

    def __init__(self) -> None:
        self._loaded: dict[str, int] = {}
        for place, row in enumerate(ELEMENTWISE):
            self.add(row, place)

    def add(self, row: AnyRow, place: int) -> None:
        for name in (row.name, *row.aliases):
            self._loaded[name] = place

    def __getitem__(self, name: str) -> int:
        if name not in self._loaded:
            load()
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._loaded or (bool(load()) and name in self._loaded)

    def __iter__(self) -> Iterator[str]:
        load()
        return iter(self._loaded)

    def __len__(self) -> int:
        load()
        return len(self._loaded)


PLACES = _Places()


def row(name: str) -> AnyRow:
    """The row called ``name``, or with that alias. Raises KeyError where there is none."""
    return TABLE[PLACES[name]]
