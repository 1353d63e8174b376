"""What reductions and softmax compute, on arrays of mpmath's numbers, by their definitions."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np
from mpmath import mp, mpf

Numbers = Sequence[Any]
Axis = int | tuple[int, ...] | None


def _columns(x: Any, axis: Axis) -> tuple[Any, tuple[int, ...]]:
    """What is reduced as the last axis, and the axes."""
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(a % x.ndim for a in axes)
    moved = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    rest = moved.shape[: x.ndim - len(axes)]
    size = int(np.prod([x.shape[a] for a in axes], dtype=int))
    return moved.reshape((*rest, size)), axes


def _reduction(f: Callable[..., Any]) -> Callable[..., Any]:
    """Of a function of a sequence of numbers."""

    def reference(x: Any, axis: Axis = None, keepdims: bool = False, **settings: Any) -> Any:
        columns, axes = _columns(x, axis)
        out = np.empty(columns.shape[:-1], object)
        for place in np.ndindex(out.shape):
            out[place] = f(list(columns[place]), **settings)
        return np.expand_dims(out, sorted(axes)) if keepdims else out

    return reference


def _along(f: Callable[[Numbers], Numbers], usual: Axis) -> Callable[..., Any]:
    """Of a function that makes of a sequence another one of that length."""

    def reference(x: Any, axis: Axis = usual) -> Any:
        columns, axes = _columns(x, axis)
        out = np.empty(columns.shape, object)
        for place in np.ndindex(out.shape[:-1]):
            out[place] = f(list(columns[place]))
        rest = columns.shape[:-1]
        parted = out.reshape((*rest, *(x.shape[a] for a in axes)))
        return np.moveaxis(parted, range(len(rest), x.ndim), axes)

    return reference


def _product(x: Numbers) -> Any:
    product = mpf(1)
    for factor in x:
        product = product * factor
    return product


def _others(x: Numbers) -> Numbers:
    return [_product([*x[:i], *x[i + 1 :]]) for i in range(len(x))]


def _mean(x: Numbers) -> Any:
    return mp.fsum(x) / len(x) if x else mp.nan


def _var(x: Numbers, ddof: int = 0) -> Any:
    mean = _mean(x)
    return mp.fsum((a - mean) ** 2 for a in x) / (len(x) - ddof) if x else mp.nan


def _norm(x: Numbers, ord: float = 2.0) -> Any:
    if ord == inf:
        return max((abs(a) for a in x), default=mpf(0))
    return mp.fsum(abs(a) ** int(ord) for a in x) ** (1 / mpf(ord))


def _softmax(x: Numbers) -> Numbers:
    e = [mp.exp(a) for a in x]
    return [a / mp.fsum(e) for a in e]


REFERENCE: dict[str, Callable[..., Any]] = {
    "sum": _reduction(mp.fsum),
    "mean": _reduction(_mean),
    "size": lambda x, axis=None: np.array(mpf(_columns(x, axis)[0].shape[-1]), object),
    "prod": _reduction(_product),
    "amax": _reduction(max),
    "amin": _reduction(min),
    "centred": _along(lambda x: [a - _mean(x) for a in x], None),
    "var": _reduction(_var),
    "std": _reduction(lambda x, ddof=0: mp.sqrt(_var(x, ddof))),
    "norm": _reduction(_norm),
    "norm_squared": _reduction(lambda x: mp.fsum(a * a for a in x)),
    "logsumexp": _reduction(lambda x: mp.log(mp.fsum(mp.exp(a) for a in x))),
    "softmax": _along(_softmax, -1),
    "log_softmax": _along(lambda x: [mp.log(p) for p in _softmax(x)], -1),
    "prod_others": _along(_others, None),
    "less_mean": lambda x, p: x - (x * p).sum(axis=-1, keepdims=True),
    "less_share": lambda x, p: x - x.sum(axis=-1, keepdims=True) * p,
}
