"""What the rows of networks must compute, written a second time, for mpmath.

Operands are object arrays of mpf numbers. Windows are gone through one by one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from mpmath import mp, mpf

from .reference_linear import of_arrays


def _one_hot(y: Any, n: int) -> Any:
    found = np.empty((*y.shape, n), object)
    for i in np.ndindex(found.shape):
        found[i] = mpf(_label(y[i[:-1]]) == i[-1])
    return found


def _examples(scores: Any, y: Any) -> list[tuple[Any, Any]]:
    """Pairs of the scores of one example and what is known of its class."""
    return list(zip(scores, y, strict=True)) if scores.ndim == 2 else [(scores, y)]


def _label(known: Any) -> int:
    """A label as a whole number; an infinitesimal change of it changes nothing."""
    return int(mp.nint(np.asarray(known, object).item()))


def _mean(numbers: list[Any]) -> Any:
    return mp.fsum(numbers) / len(numbers)


def _cross_entropy(z: Any, y: Any) -> Any:
    losses = []
    for scores, known in _examples(z, y):
        total = mp.fsum(mp.exp(s) for s in scores)
        costs = [-mp.log(mp.exp(s) / total) for s in scores]
        if np.ndim(known):
            losses.append(mp.fsum(p * cost for p, cost in zip(known, costs, strict=True)))
        else:
            losses.append(costs[_label(known)])
    return _mean(losses)


def _softmax_less(z: Any, p: Any) -> Any:
    exponentials = np.frompyfunc(mp.exp, 1, 1)(z)
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True) - p


def _svm_loss(s: Any, y: Any, delta: float = 1.0) -> Any:
    losses = []
    for scores, known in _examples(s, y):
        label = _label(known)
        margins = [x - scores[label] + mpf(delta) for x in scores]
        losses.append(mp.fsum(max(x, 0) for j, x in enumerate(margins) if j != label))
    return _mean(losses)


def _mse(p: Any, y: Any) -> Any:
    p, y = np.broadcast_arrays(p, y)
    return _mean([(a - b) ** 2 for a, b in zip(p.flat, y.flat, strict=True)])


def _normalised(x: Any, eps: float) -> Any:
    """Of a vector."""
    mean = _mean(list(x))
    return (x - mean) / mp.sqrt(_mean([(a - mean) ** 2 for a in x]) + mpf(eps))


def _layer_norm(x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-5) -> Any:
    v = np.empty(x.shape, object)
    for i in np.ndindex(x.shape[:-1]):
        v[i] = _normalised(x[i], eps)
        v[i] = v[i] if gamma is None else v[i] * gamma
        v[i] = v[i] if beta is None else v[i] + beta
    return v


def _batch_norm(x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-5) -> Any:
    v = np.empty(x.shape, object)
    for c in range(x.shape[1]):
        channel = _normalised(x[:, c].ravel(), eps)
        channel = channel if gamma is None else channel * gamma[c]
        channel = channel if beta is None else channel + beta[c]
        v[:, c] = channel.reshape(x[:, c].shape)
    return v


def _pair(sizes: Any) -> tuple[int, int]:
    sizes = sizes if isinstance(sizes, tuple) else (sizes,)
    return sizes[0], sizes[-1]


def _padded(x: Any, padding: Any, filler: Any) -> Any:
    above, left = _pair(padding)
    shape = (*x.shape[:-2], x.shape[-2] + 2 * above, x.shape[-1] + 2 * left)
    found = np.full(shape, filler, object)
    found[..., above : above + x.shape[-2], left : left + x.shape[-1]] = x
    return found


def _corners(shape: Any, window: tuple[int, int], stride: Any) -> Iterator[tuple[int, int]]:
    """The upper left corners of the windows, row by row."""
    down, right = _pair(stride)
    for i in range(0, shape[-2] - window[0] + 1, down):
        for j in range(0, shape[-1] - window[1] + 1, right):
            yield i, j


def _count(shape: Any, window: tuple[int, int], stride: Any) -> tuple[int, int]:
    corners = list(_corners(shape, window, stride))
    rows = len({i for i, _ in corners})
    return rows, len(corners) // rows


def _unfold(x: Any, kernel: Any, stride: Any = 1, padding: Any = 0) -> Any:
    x, (h, w) = _padded(x, padding, mpf(0)), _pair(kernel)
    columns = [x[..., i : i + h, j : j + w] for i, j in _corners(x.shape, (h, w), stride)]
    return np.stack([column.reshape(*x.shape[:-3], -1) for column in columns], -1)


def _fold(x: Any, size: Any, kernel: Any, stride: Any = 1, padding: Any = 0) -> Any:
    (h, w), (above, left), (height, width) = _pair(kernel), _pair(padding), _pair(size)
    whole = (*x.shape[:-2], x.shape[-2] // (h * w), height + 2 * above, width + 2 * left)
    found = np.full(whole, mpf(0), object)
    for column, (i, j) in enumerate(_corners(whole, (h, w), stride)):
        found[..., i : i + h, j : j + w] += x[..., column].reshape(*whole[:-2], h, w)
    return found[..., above : above + height, left : left + width]


def _conv2d(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
    if x.ndim == w.ndim:
        if x.ndim == 2:
            b = None if b is None else np.reshape(b, 1)
            return _conv2d(x[None], w[None, None], b, stride, padding)[0]
        return np.stack([_conv2d(image, w, b, stride, padding) for image in x])
    x, window = _padded(x, padding, mpf(0)), (w.shape[2], w.shape[3])
    found = [
        mp.fsum((x[:, i : i + window[0], j : j + window[1]] * kernel).flat)
        + (0 if b is None else b[o])
        for o, kernel in enumerate(w)
        for i, j in _corners(x.shape, window, stride)
    ]
    return np.array(found, object).reshape(len(w), *_count(x.shape, window, stride))


def _conv1d(x: Any, w: Any, b: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
    """The sum over channels c and places k of x[c, t*stride + k - padding] * w[o, c, k]."""
    if x.ndim == w.ndim == 1:
        b = None if b is None else np.reshape(b, 1)
        return _conv1d(x[None], w[None, None], b, stride, padding)[0]
    if x.ndim == 3:
        return np.stack([_conv1d(line, w, b, stride, padding) for line in x])
    (step, _), (pad, _) = _pair(stride), _pair(padding)
    length, k = x.shape[1], w.shape[2]
    found = []
    for o in range(len(w)):
        for start in range(-pad, length + pad - k + 1, step):
            inside = [n for n in range(k) if 0 <= start + n < length]
            total = mp.fsum(x[c, start + n] * w[o, c, n] for c in range(len(x)) for n in inside)
            found.append(total + (0 if b is None else b[o]))
    return np.array(found, object).reshape(len(w), -1)


def _pooled(pool: Callable[..., Any], filler: Any) -> Callable[..., Any]:
    def pooling(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
        window, stride = _pair(size), size if stride is None else stride
        x = _padded(x, padding, filler)
        images = x.reshape(-1, *x.shape[-2:])
        found = [
            pool(list(image[i : i + window[0], j : j + window[1]].flat))
            for image in images
            for i, j in _corners(x.shape, window, stride)
        ]
        shape = (*x.shape[:-2], *_count(x.shape, window, stride))
        return np.array(found, object).reshape(shape)

    return pooling


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "one_hot": _one_hot,
    "cross_entropy": _cross_entropy,
    "softmax_less": _softmax_less,
    "svm_loss": _svm_loss,
    "mse": _mse,
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "unfold": _unfold,
    "fold": _fold,
    "conv1d": _conv1d,
    "conv2d": _conv2d,
    "max_pool": _pooled(max, mpf("-inf")),
    "avg_pool": _pooled(_mean, mpf(0)),
}
REFERENCE = {name: of_arrays(function) for name, function in _FUNCTIONS.items()}
