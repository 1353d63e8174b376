"""What every structural row must compute, written a second time.

A function of arrays of mpmath's numbers and the settings. A new row needs an entry in one of the
modules that this one collects, and one in ``expected.AT_KINKS`` if it has a kink.
"""

from collections.abc import Callable
from typing import Any

from . import reference_linear, reference_networks, reference_reductions, reference_shaping

REFERENCE: dict[str, Callable[..., Any]] = {
    **reference_shaping.REFERENCE,
    **reference_reductions.REFERENCE,
    **reference_linear.REFERENCE,
    **reference_networks.REFERENCE,
}
