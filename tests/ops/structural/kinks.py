"""The type of what is expected at a kink."""

from typing import Any, NamedTuple

from gradcalc.ops.row import Sample


class AtKink(NamedTuple):
    """A sample at a kink, the upstream gradient, and the gradient of each operand by convention."""

    sample: Sample
    upstream: Any
    gradients: tuple[Any, ...]
    interval: tuple[float, float]
