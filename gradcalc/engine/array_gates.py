"""Local gradients of gates on arrays compared with differences: see gradcalc.engine.gates."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.arrays import arrays
from gradcalc.engine.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    EPS,
    Comparison,
    short_number,
)
from gradcalc.engine.gates import SPARSE, Found, compare_number, compare_twice, steps_at
from gradcalc.engine.objective import UNITS
from gradcalc.engine.run import fitted, forward_functions
from gradcalc.errors import DataError
from gradcalc.ops.row import Rule
from gradcalc.ops.shapes import size_of

#: Of a bigger array so many entries are checked.
ENTRIES = 16
#: The longest and the shortest step along a direction that is as long as the array itself.
ALONG = (0.1, 2.0**-38)
#: Two steps, to see whether the slopes on both sides meet as it shrinks.
LONG, SHORT = 2.0**-10, 2.0**-20


class ArrayGate:
    """One gate whose operands or value are arrays.

    Args:
        m: the algebra of the report, ``value`` and ``operands`` what it computed.
        seed: of random directions.
    """

    def __init__(
        self,
        m: Any,
        op: int,
        value: Any,
        operands: Sequence[Any],
        settings: Mapping[str, Any],
        seed: int = 0,
    ) -> None:
        self.m, self.op, self.value = m, op, value
        self.row = ops.TABLE[op]
        self.operands = list(operands)
        self.settings = settings
        self.generator = np.random.default_rng(seed)
        self.unit, self.least = UNITS[m.dtype.name]
        self.tolerance = tolerance_of(m.dtype.name)

    def compare(self, place: int, rule: Rule) -> Found | None:
        """The local gradient by one operand; None where there are no entries, or where the operand
        is not differentiated: a label."""
        if not np.size(self.value) or not np.size(self.operands[place]):
            return None
        with np.errstate(all="ignore"):
            if self.row.elementwise:
                return self._elementwise(place, rule)
            return self._structural(place, rule)

    # elementwise

    def _elementwise(self, place: int, rule: Rule) -> Found:
        shape = np.shape(self.value)
        left_out = np.zeros(shape, bool)
        if self.row.kink is not None:
            left_out |= np.asarray(self.row.kink.at(*self.operands), bool)
        chosen = self._chosen(place, shape, left_out)
        columns = [np.broadcast_to(x, shape)[chosen] for x in (self.value, *self.operands)]
        local = self.m.cast(rule(self.m, *columns))
        locals_ = np.broadcast_to(local, columns[0].shape).tolist()
        in_floats = partial(rule, floats)
        worst = None
        for derivative, *numbers in zip(locals_, *(c.tolist() for c in columns[1:]), strict=True):
            found = compare_number(
                self.op, numbers, place, derivative, in_floats, self.unit, self.tolerance
            )
            if worst is None or found.verdict > worst[1].verdict:
                pass
        raise NotImplementedError
