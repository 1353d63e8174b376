"""Reports as text, a module for each format. ``render(reports, style)`` yields pieces of it."""

from typing import NamedTuple


class Style(NamedTuple):
    """How to render.

    Attributes:
        precision: significant digits of numbers; None for the format's own choice.
        all_nodes: whether a long table shows every node.
        zeros: whether a number that is rounded keeps its digits that are zeros at the end.
    """

    precision: int | None = None
    all_nodes: bool = False
    zeros: bool = False
