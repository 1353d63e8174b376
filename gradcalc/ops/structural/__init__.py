"""The rows of the table that are not elementwise."""

from gradcalc.ops.row import Structural
from gradcalc.ops.structural import (
    convolution,
    creation,
    linear,
    losses,
    matrices,
    normalisation,
    reductions,
    shaping,
)

ROWS: tuple[Structural, ...] = (
    *shaping.ROWS,
    *creation.ROWS,
    *reductions.ROWS,
    *linear.ROWS,
    *matrices.ROWS,
    *losses.ROWS,
    *normalisation.ROWS,
    *convolution.ROWS,
)
