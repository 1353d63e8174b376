"""Gradients of reductions, and of sort, at their kinks."""

from gradcalc.ops.row import Sample
from gradcalc.ops.structural.rules import CUBE

from .kinks import AtKink

_ONES = [[[1.0] * 3] * 2] * 2
_SIGNS = [[[1, 1, -1], [1, -1, 1]], [[1, 1, 1], [-1, 0, 1]]]
_HALF = (2 / 9) ** 0.5

AT_KINKS: dict[str, tuple[AtKink, ...]] = {
    "sort": (
        AtKink(
            Sample(((2.0, 1.0, 2.0, 0.0),)), (1.0, 2.0, 3.0, 4.0), ((3.0, 2.0, 4.0, 1.0),), (0, 1)
        ),
    ),
    "amax": (
        AtKink(Sample(((2.0, 5.0, 5.0, 2.0, 3.0),)), 3.0, ((0.0, 1.5, 1.5, 0.0, 0.0),), (0, 1)),
        AtKink(
            Sample((((1.0, 1.0, 0.0), (2.0, 3.0, 4.0)),), {"axis": 1}),
            (3.0, 7.0),
            (((1.5, 1.5, 0.0), (0.0, 0.0, 7.0)),),
            (0, 1),
        ),
    ),
    "amin": (
        AtKink(Sample(((2.0, 5.0, 5.0, 2.0, 3.0),)), 3.0, ((1.5, 0.0, 0.0, 1.5, 0.0),), (0, 1)),
    ),
    "std": (
        AtKink(Sample(((0.1, 0.1, 0.1),)), 3.0, ((0.0, 0.0, 0.0),), (-_HALF, _HALF)),
        AtKink(
            Sample((((3.0, 3.0), (1.0, 2.0)),), {"axis": 1}),
            (3.0, 7.0),
            (((0.0, 0.0), (-3.5, 3.5)),),
            (-0.5, 0.5),
        ),
    ),
    "norm": (
        AtKink(Sample(((0.0, 0.0),)), 3.0, ((0.0, 0.0),), (-1, 1)),
        AtKink(
            Sample((((0.0, 0.0), (3.0, 4.0)),), {"axis": 1}),
            (3.0, 5.0),
            (((0.0, 0.0), (3.0, 4.0)),),
            (-1, 1),
        ),
        AtKink(Sample((CUBE,), {"axis": ()}), _ONES, (_SIGNS,), (-1, 1)),
        AtKink(Sample(((2.0, 0.0, -1.0),), {"ord": 1.0}), 3.0, ((3.0, 0.0, -3.0),), (-1, 1)),
        AtKink(
            Sample(((2.0, 0.0, -2.0),), {"ord": float("inf")}), 3.0, ((1.5, 0.0, -1.5),), (-1, 1)
        ),
        AtKink(Sample(((0.0, 0.0),), {"ord": float("inf")}), 3.0, ((0.0, 0.0),), (-1, 1)),
    ),
}
