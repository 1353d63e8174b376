"""Operations that make an array out of nothing but settings."""

from math import ceil, isfinite
from typing import Any

from gradcalc.ops.row import Sample, Setting, Structural
from gradcalc.ops.shapes import Misfit, Shape, sized
from gradcalc.ops.structural.rules import own


def steps(start: float, stop: float, step: float) -> int:
    """How many numbers there are from ``start`` in steps up to but without ``stop``."""
    return max(0, ceil((stop - start) / step))


def _made(shape: Shape) -> Shape:
    return sized(shape)


def _square(n: int, m: int | None = None) -> Shape:
    return sized((n,), "n") + sized((n if m is None else m,), "m")


def _range(start: float, stop: float | None = None, step: float = 1.0) -> Shape:
    if stop is None:
        start, stop = 0.0, start
    if step == 0:
        help = "a step is positive, or negative to go down"
        raise Misfit("step 0 goes nowhere", help, setting="step")
    if not all(map(isfinite, (start, stop, step, (stop - start) / step))):
        raise Misfit("start, stop and step are finite numbers, and so is their number")
    return (steps(start, stop, step),)


def _points(start: float, stop: float, n: int = 50) -> Shape:
    if not isfinite(start) or not isfinite(stop):
        raise Misfit("start and stop are finite numbers")
    return sized((n,), "n")


_SHAPE = Setting("shape", "sizes")
_SHAPES = tuple(Sample((), {"shape": shape}) for shape in ((3,), (2, 3), (), (2, 0, 1)))


def _row(
    name: str,
    doc: str,
    shape: Any,
    settings: tuple[Setting, ...],
    samples: tuple[Sample, ...],
    formula: str,
) -> Structural:
    return Structural(
        name, (), doc, formula, "blocker", shape, own(name), (), samples, settings=settings
    )


ROWS: tuple[Structural, ...] = (
    _row("zeros", "an array of zeros", _made, (_SHAPE,), _SHAPES, "zeros(2, 3)"),
    _row("ones", "an array of ones", _made, (_SHAPE,), _SHAPES, "ones(2, 3)"),
    _row(
        "eye",
        "the identity matrix; with two sizes, 1 on the diagonal",
        _square,
        (Setting("n", "integer"), Setting("m", "integer", None)),
        (
            Sample((), {"n": 3}),
            Sample((), {"n": 2, "m": 4}),
            Sample((), {"n": 3, "m": 1}),
            Sample((), {"n": 0}),
        ),
        "eye(3)",
    ),
    _row(
        "arange",
        "numbers from start, up to but without stop; arange(n) is 0 to n - 1",
        _range,
        (
            Setting("start", "number"),
            Setting("stop", "number", None),
            Setting("step", "number", 1.0),
        ),
        (
            Sample((), {"start": 4.0}),
            Sample((), {"start": -1.5, "stop": 2.0}),
            Sample((), {"start": 0.0, "stop": 1.0, "step": 0.1}),
            Sample((), {"start": 5.0, "stop": 0.0, "step": -2.0}),
            Sample((), {"start": 5.0, "stop": 0.0}),
        ),
        "arange(4)",
    ),
    _row(
        "linspace",
        "n numbers at equal distances, from start to stop with both of them",
        _points,
        (Setting("start", "number"), Setting("stop", "number"), Setting("n", "integer", 50)),
        (
            Sample((), {"start": 0.0, "stop": 1.0, "n": 5}),
            Sample((), {"start": 3.0, "stop": -0.3, "n": 11}),
            Sample((), {"start": 2.0, "stop": 7.0, "n": 1}),
            Sample((), {"start": 2.0, "stop": 7.0, "n": 0}),
            Sample((), {"start": 0.0, "stop": 1e-300}),
        ),
        "linspace(0, 1, 5)",
    ),
    _row("randn", "random numbers, standard normal", _made, (_SHAPE,), _SHAPES, "randn(2, 3)"),
    _row("rand", "random numbers, uniform from 0 to 1", _made, (_SHAPE,), _SHAPES, "rand(2, 3)"),
)
