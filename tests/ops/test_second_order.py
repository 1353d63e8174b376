"""Second derivatives, taken on graphs, against second differences of the references."""

import pytest

from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import check_second
from .points import ordinary_points


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_second_derivatives(row: Row) -> None:
    # A row with a kink has seams where the first derivative is continuous and the second is not.
    points = [point for point in ordinary_points(row) if not row.kink or all(point)]
    points = points[:: -(-len(points) // 16)]
    assert sum(check_second(row, point) for point in points) > 0
