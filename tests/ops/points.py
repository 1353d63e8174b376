"""Where rows are tested: their samples, and awkward points that every row gets."""

from itertools import product

from gradcalc import ops
from gradcalc.ops.row import Row

from .reference import Operands

#: Subnormal, tiny, near 0, ordinary, in tails where 1 - sigmoid and 1 - tanh^2 cancel, at the edges
#: of exp, erfc and gaussian, huge.
AWKWARD = (
    *(sign * x for sign in (1.0, -1.0) for x in (1e-310, 1e-300, 1e-150, 1e-20, 1e-8, 1e-3, 0.25)),
    *(sign * x for sign in (1.0, -1.0) for x in (0.9, 1.0, 1.1, 1.3, 2.7, 5.3, 8.7, 17.0, 25.5)),
    *(sign * x for sign in (1.0, -1.0) for x in (36.5, 50.3, 350.0, 709.0, 745.0, 1e5, 1e10)),
    *(0.0, 1e155, -1e155, 1e300, -1e300),
)
AWKWARD_PAIRED = (-2.5, -1.0, -1e-3, 0.0, 1e-8, 0.3, 1.0, 2.0, 40.5, 700.3, -1e155, 1e-200)
_FRACTION = (0.0, 1.0, 0.25)
_ORDER = (0.0, 1.0, 4.0)

#: Operands that mean something only among these: labels, orders, slopes.
MEANINGFUL: dict[tuple[str, str], tuple[float, ...]] = {
    ("bce", "y"): _FRACTION,
    ("bce_with_logits", "y"): _FRACTION,
    ("hinge", "y"): (-1.0, 1.0),
    ("leaky_relu", "slope"): (0.01, 0.3),
    ("elu", "alpha"): (1.0, 0.7),
    ("sinc_derivative", "n"): _ORDER,
    ("polygamma", "n"): _ORDER,
}
#: No quotient of two is close to an integer, where mod jumps.
ORDINARY = (0.31, -0.37, 1.73, -0.61, 2.47, -3.32, 0.07, 5.23)


def awkward_points(row: Row) -> list[Operands]:
    """The samples of a row and the awkward points of its domain."""
    pool = AWKWARD if len(row.parameters) == 1 else AWKWARD_PAIRED
    return _within_domain(row, pool)


def ordinary_points(row: Row) -> list[Operands]:
    """Points at which nothing is close to overflow, to cancelling or to an edge."""
    points = _within_domain(row, ORDINARY)
    return [point for point in points if all(not x or 1e-3 < abs(x) < 30 for x in point)]


def _within_domain(row: Row, pool: tuple[float, ...]) -> list[Operands]:
    pools = [MEANINGFUL.get((row.name, name), pool) for name in row.parameters]
    # Three operands choose between each other: the samples have the cases.
    grid = product(*pools) if len(pools) < 3 else ()
    return list(dict.fromkeys([*row.samples, *(p for p in grid if in_domain(row, p))]))


def in_domain(row: Row, point: Operands) -> bool:
    """Whether the row is defined at a point."""
    return row.domain is None or row.domain.holds(*point)


def at_kink(row: Row, point: Operands) -> bool:
    """Whether the row says that it has no derivative at a point."""
    return row.kink is not None and row.kink.at(*point)


def operand_names(row: Row, count: int) -> list[str]:
    """A name for each of so many operands: those of the row, and further letters if it repeats."""
    names = [name.removesuffix("...") for name in row.parameters]
    return [*names, *"zuvw"][:count]


def elementwise(name: str) -> Row:
    """The row of that name, which works element by element."""
    row = ops.row(name)
    assert isinstance(row, Row)
    return row
