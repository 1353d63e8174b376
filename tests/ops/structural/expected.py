"""Gradients at kinks, worked out by hand, by row."""

from . import expected_networks, expected_reductions
from .kinks import AtKink

AT_KINKS: dict[str, tuple[AtKink, ...]] = {
    **expected_reductions.AT_KINKS,
    **expected_networks.AT_KINKS,
}
