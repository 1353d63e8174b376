"""Big arrays, which a report does not copy but shares with its caller."""

from collections.abc import Iterable
from typing import Any

from gradcalc.errors import GradcalcError

#: An array of more entries is not copied without need.
BIG = 10_000
#: So many entries of it, or some more, show whether it was changed.
SAMPLE = 16


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
                help = f"a big array is not copied: give a copy, such as {name}.copy(),"
                help += " or ask for a report anew"
                raise GradcalcError("changed-value", message, help=help)


def _sample(array: Any) -> bytes:
    """Some entries, all over the array: a step of training changes nearly all."""
    # With an odd step they are not all in one column of a matrix.
    sample: bytes = array.flat[:: array.size // SAMPLE | 1].tobytes()
    return sample
