"""THE TABLE: one row for each operation. Everything else asks it."""

from gradcalc.ops import (
    activations,
    arithmetic,
    convolution,
    creation,
    elementary,
    linear,
    losses,
    matrices,
    normalisation,
    reductions,
    shaping,
    special,
)
from gradcalc.ops.row import AnyRow, Row, Structural

#: The rows that work element by element, and those that do not.
ELEMENTWISE: tuple[Row, ...] = (
    *arithmetic.ROWS,
    *elementary.ROWS,
    *activations.ROWS,
    *special.ROWS,
)
STRUCTURAL: tuple[Structural, ...] = (
    *shaping.ROWS,
    *creation.ROWS,
    *reductions.ROWS,
    *linear.ROWS,
    *matrices.ROWS,
    *losses.ROWS,
    *normalisation.ROWS,
    *convolution.ROWS,
)
TABLE: tuple[AnyRow, ...] = (*ELEMENTWISE, *STRUCTURAL)

#: Place in the table by name and by alias.
PLACES: dict[str, int] = {}
for _place, _row in enumerate(TABLE):
    for _name in (_row.name, *_row.aliases):
        PLACES[_name] = _place

#: Place in the table by operator. The products of mathematics are one for scalars.
OPERATORS: dict[str, int] = {row.symbol: place for place, row in enumerate(TABLE) if row.symbol}


def row(name: str) -> AnyRow:
    """The row called ``name``, or with that alias. Raises KeyError where there is none."""
    return TABLE[PLACES[name]]
