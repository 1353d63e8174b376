"""THE TABLE: one row for each operation. Everything else asks it."""

from gradcalc.ops import activations, arithmetic, elementary, special
from gradcalc.ops.row import Row

TABLE: tuple[Row, ...] = (*arithmetic.ROWS, *elementary.ROWS, *activations.ROWS, *special.ROWS)

#: Place in the table by name and by alias.
PLACES: dict[str, int] = {}
for _place, _row in enumerate(TABLE):
    for _name in (_row.name, *_row.aliases):
        PLACES[_name] = _place

#: Place in the table by operator. The products of mathematics are one for scalars.
OPERATORS: dict[str, int] = {row.symbol: place for place, row in enumerate(TABLE) if row.symbol}


def row(name: str) -> Row:
    """The row called ``name``, or with that alias. Raises KeyError where there is none."""
    return TABLE[PLACES[name]]
