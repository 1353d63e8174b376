"""Results that a gate's value and its rule both need."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

#: Of arrays with more entries nothing is kept: it would take memory until the next forward pass.
MOST = 100_000

Method = Callable[..., Any]


def kept(method: Method) -> Method:
    """A method of the algebra that gives the last result again for the very same array.

    A forward pass begins with nothing: what its caller did to an array in between does not matter.
    """
    name = method.__name__

    @wraps(method)
    def once(self: Any, x: Any, *rest: Any, **settings: Any) -> Any:
        found = self.kept.get(name)
        if found is not None and found[0] is x and found[1] == (rest, settings):
            return found[2]
        result = method(self, x, *rest, **settings)
        if isinstance(x, np.ndarray) and np.size(result) <= MOST:
            self.kept[name] = x, (rest, settings), result
        return result

    return once
