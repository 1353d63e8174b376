"""Second and third derivatives, taken on graphs, against second differences of the references."""

from math import inf, nan

import numpy as np
import pytest
from mpmath import mp

from gradcalc import backprop, hessian, hvp
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Row

from .checks import check_second, same
from .points import ordinary_points
from .reference import REFERENCE


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_second_derivatives(row: Row) -> None:
    # A row with a kink has seams where the first derivative is continuous and the second is not.
    points = [point for point in ordinary_points(row) if not row.kink or all(point)]
    points = points[:: -(-len(points) // 16)]
    assert sum(check_second(row, point) for point in points) > 0


#: Of the functions of one operand whose domain has an edge: the edge, and the first and the second
#: derivative there.
AT_EDGES = [
    ("sqrt", 0.0, inf, -inf),
    ("log", 0.0, inf, -inf),
    ("log2", 0.0, inf, -inf),
    ("log10", 0.0, inf, -inf),
    ("log1p", -1.0, inf, -inf),
    ("reciprocal", 0.0, -inf, inf),
    ("asin", 1.0, inf, inf),
    ("asin", -1.0, inf, -inf),
    ("acos", 1.0, -inf, -inf),
    ("acos", -1.0, -inf, inf),
    ("acosh", 1.0, inf, -inf),
    ("lgamma", 0.0, -inf, inf),
    ("digamma", 0.0, inf, -inf),
    # The slope is infinite on both sides, its own slope of either sign.
    ("cbrt", 0.0, inf, nan),
]


@pytest.mark.parametrize("shape", ["", "array"])
@pytest.mark.parametrize(("name", "x", "first", "second"), AT_EDGES)
def test_at_the_edge_of_a_domain(
    name: str, x: float, first: float, second: float, shape: str
) -> None:
    """They are the limits from within the domain."""
    report = backprop(f"{name}(x)", x=[x] if shape else x)
    (found,) = hessian(report)
    (product,) = hvp(report, {"x": 1.0})
    assert report.gradients["x"] == first
    for got in (found.value, product.value):
        assert same(float(np.sum(got)), second, 0.0)


def test_every_edge_is_tested() -> None:
    domains = {row.name for row in ELEMENTWISE if row.domain and len(row.parameters) == 1}
    # The values of gamma on the two sides of a pole have different signs. Of atanh the edge is no
    # part of the domain, and the rule is more exact as it is.
    assert domains - {name for name, *_ in AT_EDGES} == {"atanh", "gamma"}


@pytest.mark.parametrize("x", [1000.0, -800.0, 100.0, 3.0, -0.5])
@pytest.mark.parametrize("name", ["tanh", "sech", "mish", "sigmoid", "softplus", "silu", "gelu"])
def test_third_derivatives(name: str, x: float) -> None:
    """No formula of one goes by way of an infinity, where the function is nearly straight."""
    with mp.workdps(400):
        want = mp.diff(REFERENCE[name], mp.mpf(x), 3)
    got = backprop(f"f = {name}(x); ∂²f/∂x²", x=x).gradients["x"]
    assert got == pytest.approx(float(want), rel=1e-9, abs=1e-300)
