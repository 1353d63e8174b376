"""The product of entries, and its derivative, right for zeros and without needless overflow."""

from typing import Any

from gradcalc.ops.row import Sample, Structural
from gradcalc.ops.shapes import Axis, reduced, unchanged
from gradcalc.ops.structural.rules import (
    AXIS,
    CUBE,
    EMPTY,
    KEEPDIMS,
    MATRIX,
    NO_ENTRIES,
    REDUCED,
    VECTOR,
    aligned,
    at,
    joined_axes,
    own,
    parted_axes,
)


def _prod_rule(m: Any, g: Any, v: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return m.chain(aligned(m, g, m.shape(x), axis, keepdims), m.prod_others(x, axis=axis))


def _prod_others_rule(m: Any, g: Any, v: Any, x: Any, axis: Axis = None) -> Any:
    """The products of the others are the gradient of the product, so that their Jacobian is
    symmetric, and this is their derivative in the direction of the upstream gradient."""
    columns = joined_axes(m, x, axis)
    if m.shape(columns)[-1] < 2:
        return m.broadcast_to(0.0, shape=m.shape(x))
    _, moved = _others(m, columns, joined_axes(m, g, axis))
    return parted_axes(m, moved, m.shape(x), axis)


def _others(m: Any, x: Any, dx: Any) -> tuple[Any, Any]:
    """The products of all others along the last axis, and their derivative in a direction.

    The others of an entry are its neighbour, and the others of the pair of both. No division, so
    that it is right for zeros; and the work grows as the number of entries.
    """
    *lead, n = m.shape(x)
    if n < 2:
        return 1.0, 0.0
    if n % 2:
        x = m.concat(x, m.broadcast_to(1.0, shape=(*lead, 1)), axis=-1)
        dx = m.concat(dx, m.broadcast_to(0.0, shape=(*lead, 1)), axis=-1)
    halves = [at(len(lead), ("slice", start, None, 2)) for start in (0, 1)]
    a, b = (m.index(x, key=key) for key in halves)
    da, db = (m.index(dx, key=key) for key in halves)
    around, moved = _others(m, a * b, m.chain(db, a) + m.chain(da, b))
    pairs = (
        m.stack(around * b, around * a, axis=-1),
        m.stack(
            m.chain(db, around) + m.chain(moved, b),
            m.chain(da, around) + m.chain(moved, a),
            axis=-1,
        ),
    )
    shape = (*lead, n + n % 2)
    others, changes = (m.reshape(pair, shape=shape) for pair in pairs)
    if n % 2:
        part = at(len(lead), ("slice", None, n, None))
        others, changes = m.index(others, key=part), m.index(changes, key=part)
    return others, changes


ROWS: tuple[Structural, ...] = (
    Structural(
        "prod",
        ("x",),
        "the product of the entries; switches: each one's gradient is the product of the others",
        "prod(x)",
        "switcher",
        reduced,
        own("prod"),
        (_prod_rule,),
        (
            *REDUCED,
            EMPTY,
            NO_ENTRIES,
            Sample(((2.0, 0.0, -3.0, 5.0),)),
            Sample(((2.0, 0.0, -3.0, 0.0),)),
            Sample((((2.0, 0.0), (0.0, 0.0), (3.0, 4.0)),), {"axis": 1}),
            Sample(((1e200, 1e200, 1e-250, 1e-100, 3.0),)),
            Sample(((1e-200, 1.1e-110, 1e200),)),
        ),
        settings=(AXIS, KEEPDIMS),
    ),
    Structural(
        "prod_others",
        ("x",),
        "for each entry the product of all the others",
        "prod(x)/x",
        "switcher",
        lambda x, axis=None: unchanged(x, axis),
        own("prod_others"),
        (_prod_others_rule,),
        (
            Sample((VECTOR,)),
            Sample((MATRIX,)),
            Sample((MATRIX,), {"axis": 0}),
            Sample((MATRIX,), {"axis": -1}),
            Sample((CUBE,), {"axis": (2, 0)}),
            Sample((CUBE,), {"axis": ()}),
            NO_ENTRIES,
            Sample(((2.0, 0.0, -3.0, 5.0),)),
            Sample(((2.0, 0.0, -3.0, 0.0),)),
            Sample(((0.0, 0.0, -3.0, 0.0, 4.0),)),
            Sample(((4.0,),)),
            Sample((2.5,)),
            Sample(((),)),
        ),
        settings=(AXIS,),
    ),
)
