"""The suites. Each is a function of :class:`Options` that returns a table."""

from typing import NamedTuple


class Options(NamedTuple):
    """What the user asked for; 0 and () stand for what the suite thinks best."""

    sizes: tuple[int, ...] = ()
    repeats: int = 0
    timeout: float = 60.0
