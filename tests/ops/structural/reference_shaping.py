"""What the rows that move, choose and make entries compute: NumPy's own, on arrays of objects."""

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mpf

Reference = Callable[..., Any]


def real(x: Any) -> Any:
    """An array of mpmath's numbers."""
    return np.asarray(np.frompyfunc(mpf, 1, 1)(x), object)


def whole(x: Any) -> Any:
    return np.asarray(x).astype(int)


def _key(key: tuple[Any, ...], indices: tuple[Any, ...]) -> tuple[Any, ...]:
    """As NumPy writes it."""
    arrays = iter(indices)
    items: list[Any] = []
    for item in key:
        if item == "array":
            items.append(whole(next(arrays)))
        else:
            items.append(slice(*item[1:]) if isinstance(item, tuple) else item)
    return tuple(items)


def _scatter(x: Any, *indices: Any, key: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    out = real(np.zeros(shape))
    np.add.at(out, _key(key, indices), x)
    return out


def _put_along(x: Any, i: Any, axis: int, size: int) -> Any:
    x, i = np.broadcast_arrays(x, whole(i))
    shape = list(x.shape)
    shape[axis] = size
    out = real(np.zeros(shape))
    for place in np.ndindex(x.shape):
        target = list(place)
        target[axis] = i[place]
        out[tuple(target)] += x[place]
    return out


def _arange(start: float, stop: float | None = None, step: float = 1.0) -> Any:
    size = len(np.arange(start) if stop is None else np.arange(start, stop, step))
    first = mpf(0 if stop is None else start)
    return real([first + i * mpf(step) for i in range(size)])


def _linspace(start: float, stop: float, n: int = 50) -> Any:
    distance = mpf(stop) - mpf(start)
    return real([mpf(start) + distance * i / max(n - 1, 1) for i in range(n)])


def _random(draw: Callable[[Any, Any], Any]) -> Reference:
    """The numbers of the generator that the tests give to the algebra."""
    return lambda shape: real(draw(np.random.default_rng(0), shape))


REFERENCE: dict[str, Reference] = {
    "reshape": lambda x, shape: np.reshape(x, shape),
    "flatten": lambda x: np.ravel(x),
    "transpose": lambda x, axes=None: np.transpose(x, (axes,) if axes == 0 else axes),
    "index": lambda x, *i, key: np.asarray(x[_key(key, i)], object),
    "scatter": _scatter,
    "concat": lambda *x, axis=0: np.concatenate(x, axis),
    "stack": lambda *x, axis=0: np.stack(x, axis),
    "broadcast_to": lambda x, shape: np.broadcast_to(x, shape),
    "diag": lambda x: real(np.diag(x)),
    "tril": lambda x, k: real(np.tril(x, k)),
    "triu": lambda x, k: real(np.triu(x, k)),
    "take_along": lambda x, i, axis: np.take_along_axis(x, whole(i), axis),
    "put_along": _put_along,
    "sort": lambda x, axis=-1: np.sort(x, axis),
    "argsort": lambda x, axis=-1: real(np.argsort(x, axis, kind="stable")),
    "argmax": lambda x, axis=None: real(np.argmax(x, axis)),
    "argmin": lambda x, axis=None: real(np.argmin(x, axis)),
    "cumsum": lambda x, axis=None: np.cumsum(x, axis),
    "zeros": lambda shape: real(np.zeros(shape)),
    "ones": lambda shape: real(np.ones(shape)),
    "eye": lambda n, m=None: real(np.eye(n, m)),
    "arange": _arange,
    "linspace": _linspace,
    "randn": _random(lambda generator, shape: generator.standard_normal(shape)),
    "rand": _random(lambda generator, shape: generator.random(shape)),
}
