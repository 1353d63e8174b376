"""Gradients of the rows of networks at kinks, worked out by hand."""

from gradcalc.ops.row import Sample

from .kinks import AtKink

_TIED = ((1.0, 2.0, 2.0, 0.0), (2.0, 2.0, -1.0, 0.0), (3.0, 0.0, 0.0, 0.0))

AT_KINKS: dict[str, tuple[AtKink, ...]] = {
    "svm_loss": (
        # The margins are 0 and -3.
        AtKink(Sample(((3.0, 2.0, -1.0), 0.0)), 3.0, ((0.0, 0.0, 0.0),), (0, 1)),
        # The margins are 0 and 2 in the first example, 0 and 0 in the second.
        AtKink(
            Sample(
                (((3.0, 2.0, 4.0), (0.0, 0.0, 1.0)), (0.0, 2.0)),
            ),
            4.0,
            (((-2.0, 0.0, 2.0), (0.0, 0.0, 0.0)),),
            (0, 0.5),
        ),
    ),
    "max_pool": (
        AtKink(
            Sample((_TIED,), {"size": (2,), "stride": (1,)}),
            ((3.0, 6.0, 1.0), (2.0, 5.0, 9.0)),
            (((0.0, 3.0, 3.0, 0.0), (1.0, 8.0, 0.0, 3.0), (2.0, 0.0, 3.0, 3.0)),),
            (0, 1),
        ),
    ),
}
