"""Big arrays, which a report does not copy but shares with its caller."""

from collections.abc import Iterable
from functools import lru_cache
from math import sqrt
from typing import Any

from gradcalc.errors import GradcalcError

#: An array of more entries is not copied without need.
BIG = 10_000
#: Where the entries are that show whether it was changed, as parts of the whole. Squares, so that
#: they are in many columns of a matrix, whatever its width.
PARTS = [k * k * sqrt(2.0) % 1.0 for k in range(1, 65)]


class Shared:
    """Samples of the big ones among arrays, by name."""

    def __init__(self, arrays: Iterable[tuple[str, Any]]) -> None:
        big = [(name, array) for name, array in arrays if getattr(array, "size", 1) > BIG]
        self._samples = [(name, array, _sample(array)) for name, array in big]

    def check(self) -> None:
        """Check that the arrays are what they were.

        Raises:
            GradcalcError: ``changed-value``.
        """
        for name, array, sample in self._samples:
            if _sample(array) != sample:
                message = f"{name} was changed in place after the report was made"
                help = f"a big array is not copied: give a copy ({name}.copy(), of a tensor"
                help += f" {name}.clone()), or ask for a report anew"
                raise GradcalcError("changed-value", message, help=help)

    def apart(self, value: Any) -> Any:
        """A value; a copy of one that is in the memory of an array, as the transpose of it is."""
        shape: tuple[int, ...] = getattr(value, "shape", ())
        if shape and self._samples:
            import numpy as np

            if any(np.may_share_memory(value, array) for _, array, _ in self._samples):
                return value.copy()
        return value


def _sample(array: Any) -> bytes:
    """Some entries, all over the array, and in columns all over a matrix of whatever width."""
    sample: bytes = array.flat[_places(array.size)].tobytes()
    return sample


@lru_cache(maxsize=64)
def _places(size: int) -> Any:
    """Where they are among so many; to make the array takes longer than to read the entries."""
    import numpy as np

    return np.array([int(part * size) for part in PARTS])
