"""Normalisation: to mean 0 and variance 1, over the entries of a layer or of a batch.

The spread, sqrt(var(x) + eps), is taken as hypot(std(x), sqrt(eps)), which does not overflow where
the variance does.

Sources: Ba, Kiros and Hinton, *Layer Normalization* (2016); Ioffe and Szegedy, *Batch
Normalization* (2015).
"""

from typing import Any

from gradcalc.ops.row import Sample, Setting, Structural
from gradcalc.ops.shapes import Misfit, Shape, count_along, counted, of_operand

Axes = int | tuple[int, ...]


def _layer_axes(x: Shape) -> Axes:
    """The axis along which layer_norm takes mean and variance."""
    if not x:
        raise Misfit("layer_norm is along the last axis, and {0} is a scalar", places=(0,))
    return -1


def _batch_axes(x: Shape) -> Axes:
    """The axes of batch_norm: all but that of the channels."""
    if len(x) not in (2, 3, 4):
        help = "its shape is (N, C), (N, C, L) or (N, C, H, W)"
        raise Misfit(f"batch_norm takes a batch, and {of_operand(0, x)}", help, (0,))
    return 0 if len(x) == 2 else (0, *range(2, len(x)))


class _Normalisation:
    """The rules of one kind of normalisation.

    Args:
        axes: those to take mean and variance over, by the shape of x.
        features: the axis along which gamma and beta have their entries.
    """

    def __init__(self, name: str, axes: Any, features: int) -> None:
        self.name = name
        self.axes = axes
        self.features = features

    def shape(self, x: Shape, *scales: Shape, eps: float) -> Shape:
        """That of x. Raises Misfit where gamma or beta does not fit."""
        if eps < 0:
            raise Misfit(f"eps is {eps:g}", "eps is at least 0", setting="eps")
        self.axes(x)
        size = x[self.features]
        for place, scale in enumerate(scales, start=1):
            if scale != (size,):
                help = f"{{{place}}} would need {counted(size)}"
                message = f"{of_operand(0, x)} and {of_operand(place, scale)}"
                raise Misfit(message, help, (0, place))
        return x

    def _along(self, m: Any, scale: Any, x: Any) -> Any:
        """gamma or beta, to be broadcast over x."""
        after = len(m.shape(x)) - 1 - self.features % len(m.shape(x))
        return m.reshape(scale, shape=(*m.shape(scale), *(1,) * after)) if after else scale

    def _spread(self, m: Any, x: Any, eps: float) -> Any:
        """What the distances from the mean are divided by."""
        spread = m.std(x, axis=self.axes(m.shape(x)), keepdims=True)
        return m.hypot(spread, m.sqrt(eps)) if eps else spread

    def _unit(self, m: Any, x: Any, eps: float) -> Any:
        """x normalised, by the operation itself: the text of a rule is shorter for it."""
        return getattr(m, self.name)(x, eps=eps)

    def forward(self, m: Any, x: Any, gamma: Any = None, beta: Any = None, *, eps: float) -> Any:
        v = m.div(m.centred(x, axis=self.axes(m.shape(x))), self._spread(m, x, eps))
        if gamma is not None:
            v = self._along(m, gamma, x) * v
        return v if beta is None else v + self._along(m, beta, x)

    def by_x(
        self, m: Any, g: Any, v: Any, x: Any, gamma: Any = None, beta: Any = None, *, eps: float
    ) -> Any:
        axes = self.axes(m.shape(x))
        unit = v
        if gamma is not None:
            g = m.chain(g, self._along(m, gamma, x))
            unit = self._unit(m, x, eps)
        inner, spread = m.centred(g, axis=axes), self._spread(m, x, eps)
        if count_along(m.shape(x), axes) == 2:
            # All of it is along the unit, and would cancel but for the share of eps.
            inner = m.chain(inner, m.square(m.div(m.sqrt(eps), spread)))
        else:
            inner = inner - m.chain(m.mean(m.chain(g, unit), axis=axes, keepdims=True), unit)
        return m.chain(inner, m.div(1.0, spread))

    def by_gamma(
        self, m: Any, g: Any, v: Any, x: Any, gamma: Any, beta: Any = None, *, eps: float
    ) -> Any:
        return self.by_beta(m, m.chain(g, self._unit(m, x, eps)), v, x, eps=eps)

    def by_beta(self, m: Any, g: Any, v: Any, x: Any, *scales: Any, eps: float) -> Any:
        ndim = len(m.shape(x))
        others = tuple(axis for axis in range(ndim) if axis != self.features % ndim)
        return m.sum(g, axis=others if len(others) > 1 else others[0]) if others else g


_X = ((1.0, 2.0, -0.5), (4.0, -1.0, 0.25), (0.0, 3.0, 2.0), (-2.0, 0.5, 1.5))
_FAR = (1000.25, 1000.5, 1001.0)
_BATCH = (_X, (_X[1], _X[0], _X[3], _X[2]))
_CHANNELS = (2.0, -1.0, 0.5, 1.0)
_SHIFTS = (0.1, 0.2, -0.3, 4.0)

ROWS = tuple(
    Structural(
        rules.name,
        ("x", "gamma", "beta"),
        doc,
        f"gamma * (x - mean(x, {axes})) / sqrt(var(x, {axes}) + eps) + beta",
        "scaler",
        rules.shape,
        rules.forward,
        (rules.by_x, rules.by_gamma, rules.by_beta),
        samples,
        settings=(Setting("eps", "number", 1e-5),),
        optional=2,
    )
    for rules, doc, axes, samples in (
        (
            _Normalisation("layer_norm", _layer_axes, -1),
            "x with mean 0 and variance 1 along the last axis, times gamma, plus beta",
            "axis=-1, keepdims=1",
            (
                Sample((_X, (2.0, -1.0, 0.5), (0.1, 0.2, -0.3))),
                Sample((_X,)),
                Sample((_X[0], _X[1])),
                Sample((_BATCH, (2.0, -1.0, 0.5), (4.0, 8.0, -7.0)), {"eps": 0.1}),
                Sample((_X[0],), {"eps": 0.0}),
                Sample(((2.0, 2.0),)),
                Sample((_FAR,)),
                Sample(((1e200, -3e200, 2e199),)),
            ),
        ),
        (
            _Normalisation("batch_norm", _batch_axes, 1),
            "x with mean 0 and variance 1 over the batch, by channel, times gamma, plus beta",
            "axis=0",
            (
                Sample((_X, (2.0, -1.0, 0.5), (0.1, 0.2, -0.3))),
                Sample((_X,)),
                Sample((_BATCH, _CHANNELS, _SHIFTS)),
                Sample(((_BATCH, _BATCH), (2.0, -1.0), (0.5, 0.0)), {"eps": 0.1}),
                Sample((_X, (2.0, -1.0, 0.5)), {"eps": 0.0}),
                Sample((tuple((x,) for x in _FAR),)),
            ),
        ),
    )
)
