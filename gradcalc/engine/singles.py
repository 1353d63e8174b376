"""The algebra on single-precision floats: every result rounded to 32 bits.

Rounding a double result of ``+ - * / sqrt`` to single gives the correctly rounded single result,
because a double has more than twice the digits (Figueroa 1995). Other functions are rounded from
values that are right to a few units in the last place of a double.
"""

from collections.abc import Callable
from struct import pack, unpack
from typing import Any

from gradcalc.engine import floats

quiet = floats.quiet

LARGEST = 3.4028234663852886e38
#: Between LARGEST and the next power of two.
HALFWAY = 3.4028235677973366e38


class Single(float):
    """A float that holds a single-precision value and whose arithmetic stays single."""

    __slots__ = ()

    def __new__(cls, value: float) -> "Single":
        if -LARGEST <= value <= LARGEST:
            value = unpack("f", pack("f", value))[0]
        elif -HALFWAY < value < HALFWAY:  # not abs(): this module's own comes to hide it
            value = LARGEST if value > 0 else -LARGEST
        elif value == value:
            value = float("inf") if value > 0 else float("-inf")
        return super().__new__(cls, value)

    def __add__(self, other: float) -> "Single":
        return Single(float.__add__(self, other))

    def __sub__(self, other: float) -> "Single":
        return Single(float.__sub__(self, other))

    def __mul__(self, other: float) -> "Single":
        return Single(float.__mul__(self, other))

    def __radd__(self, other: float) -> "Single":
        return Single(float.__add__(self, other))

    def __rsub__(self, other: float) -> "Single":
        return Single(float.__rsub__(self, other))

    def __rmul__(self, other: float) -> "Single":
        return Single(float.__mul__(self, other))

    def __neg__(self) -> "Single":
        return Single(float.__neg__(self))


def __getattr__(name: str) -> Callable[..., Single]:
    """The function of the same name in double precision, its result rounded."""
    function = getattr(floats, name)

    def rounded(*operands: Any) -> Single:
        return Single(function(*operands))

    globals()[name] = rounded
    return rounded
