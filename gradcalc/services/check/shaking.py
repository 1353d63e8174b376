"""How far the rounding of answers may have moved what follows from them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import Rules
from gradcalc.services.check.carried import Numbers, follow
from gradcalc.services.check.types import Key

#: Up to so many rounded numbers are moved one by one; what they do to others adds up.
SINGLES = 24
#: What is not linear in them.
SECOND_ORDER = 1.05
#: More are moved all together, so many times: each by half a unit at most and a quarter at least,
#: up or down (by equal steps a sum of two would stand still). They may have moved what follows by
#: twice the most that is seen, and an answer that is this many times further off is given up early.
SHAKES, SEED, TWICE, FAR = 24, 231, 2.0, 25.0


def reaches(
    run: Evaluation,
    rules: Rules,
    numbers: tuple[Numbers, Numbers],
    units: Mapping[Key, Any],
    here: Mapping[Key, Any],
) -> Iterator[dict[Key, Any]]:
    """By key, how far each quantity may be from what follows; the longer the more of it is known.

    Args:
        numbers: the values and the gradients that were answered, by node.
        units: half a unit in the last place of those that were rounded, by key.
        here: what follows from the numbers as they stand.
    """
    moving = {
        (kind, node): units[kind, node]
        for kind, given in zip(("value", "gradient"), numbers, strict=True)
        for node in given
        if (kind, node) in units
    }

    def moved(steps: Mapping[Key, Any]) -> dict[Key, Any]:
        """How far each quantity moves when some numbers do; nothing where an operation cannot take
        them."""
        values, gradients = (
            {node: x + steps.get((kind, node), 0.0) for node, x in given.items()}
            for kind, given in zip(("value", "gradient"), numbers, strict=True)
        )
        there = follow(run, rules, values, gradients, list(here)) or here
        return {key: abs(there[key] - x) for key, x in here.items()}

    reach = dict.fromkeys(here, 0.0)
    if not run.graph.shapes and len(moving) <= SINGLES:
        for key, unit in moving.items():
            for asked, distance in moved({key: unit}).items():
                reach[asked] += SECOND_ORDER * distance
        yield reach
        return
    draw = _draws(arrays=bool(run.graph.shapes))
    for _ in range(SHAKES):
        steps = {key: _step(unit, draw) for key, unit in moving.items()}
        for asked, distance in moved(steps).items():
            reach[asked] = _greater(reach[asked], TWICE * distance)
        yield reach


def _draws(arrays: bool) -> Callable[..., Any]:
    """``draw(low, high)``, a random number; for arrays also ``draw(low, high, shape)``."""
    if not arrays:
        from random import Random

        return Random(SEED).uniform
    import numpy as np

    draws: Callable[..., Any] = np.random.default_rng(SEED).uniform
    return draws


def _step(unit: Any, draw: Callable[..., Any]) -> Any:
    """A step up or down within the rounding, of an array entry by entry."""
    step = draw(-0.5, 0.5, unit.shape) if getattr(unit, "shape", ()) else draw(-0.5, 0.5)
    return unit * (step + (step > 0.0) - 0.5)


def _greater(one: Any, other: Any) -> Any:
    if not getattr(other, "shape", ()):
        return max(one, other)
    import numpy as np

    return np.maximum(one, other)
