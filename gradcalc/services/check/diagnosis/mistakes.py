"""THE TABLE of mistakes: a row for each. The search, the texts and the documentation ask it."""

from functools import cache

from gradcalc.services.check.diagnosis import arithmetic, everywhere, functions, values
from gradcalc.services.check.diagnosis.mistake import RULE, SUM, VALUE, Mistake


@cache
def table(arrays: bool = True) -> tuple[Mistake, ...]:
    """All rows; without those about arrays if ``arrays`` is false."""
    rows: tuple[Mistake, ...] = (*arithmetic.ROWS, *functions.ROWS)
    if arrays:
        from gradcalc.services.check.diagnosis import arrays as of_arrays

        rows += of_arrays.ROWS
    return (*rows, *everywhere.ROWS, *values.ROWS)


@cache
def named(name: str) -> Mistake:
    """The row called ``name``. Raises KeyError where there is none."""
    for row in (*table(False), *table()):
        if row.name == name:
            return row
    raise KeyError(name)


@cache
def rules_at(op: str, arrays: bool) -> tuple[Mistake, ...]:
    """The faulty rules for the gates of an operation, in the order of the table."""
    return tuple(r for r in table(arrays) if r.kind == RULE and (not r.ops or op in r.ops))


@cache
def values_at(op: str) -> tuple[Mistake, ...]:
    """The faulty values for the gates of an operation."""
    return tuple(r for r in table(False) if r.kind == VALUE and (not r.ops or op in r.ops))


@cache
def sums() -> tuple[Mistake, ...]:
    """The ways to add up wrongly what arrives at a node."""
    return tuple(r for r in table(False) if r.kind == SUM)
