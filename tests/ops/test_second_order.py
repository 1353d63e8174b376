"""Second and third derivatives, taken on graphs, against second differences of the references."""

import pytest
from mpmath import mp

from gradcalc import backprop
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import check_second
from .points import ordinary_points
from .reference import REFERENCE


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_second_derivatives(row: Row) -> None:
    # A row with a kink has seams where the first derivative is continuous and the second is not.
    points = [point for point in ordinary_points(row) if not row.kink or all(point)]
    points = points[:: -(-len(points) // 16)]
    assert sum(check_second(row, point) for point in points) > 0


@pytest.mark.parametrize("x", [1000.0, -800.0, 100.0, 3.0, -0.5])
@pytest.mark.parametrize("name", ["tanh", "sech", "mish", "sigmoid", "softplus", "silu", "gelu"])
def test_third_derivatives(name: str, x: float) -> None:
    """No formula of one goes by way of an infinity, where the function is nearly straight."""
    with mp.workdps(400):
        want = mp.diff(REFERENCE[name], mp.mpf(x), 3)
    got = backprop(f"f = {name}(x); ∂²f/∂x²", x=x).gradients["x"]
    assert got == pytest.approx(float(want), rel=1e-9, abs=1e-300)
