"""What the rows of linear algebra must compute, written a second time, for mpmath.

Operands are object arrays of mpf numbers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp, mpf


def _of_matrices(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of matrices, for each of a stack."""

    def stacked(*stacks: Any) -> Any:
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
        whole = [np.broadcast_to(x, lead + x.shape[-2:]) for x in stacks]
        if not lead:
            return function(*whole)
        found = [np.array(function(*(x[i] for x in whole)), object) for i in np.ndindex(lead)]
        return np.reshape(np.stack(found), lead + found[0].shape)

    return stacked


def of_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with an array for its result also where that is a number."""
    return lambda *operands, **settings: np.asarray(function(*operands, **settings), object)


def _sum_of_products(x: Any, y: Any) -> Any:
    return mp.fsum(p * q for p, q in zip(x, y, strict=True))


@_of_matrices
def _product(a: Any, b: Any) -> Any:
    found = np.empty((a.shape[0], b.shape[1]), object)
    for i, j in np.ndindex(found.shape):
        found[i, j] = _sum_of_products(a[i], b[:, j])
    return found


def _matmul(a: Any, b: Any) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return _sum_of_products(a, b)
    if a.ndim == 1:
        return _product(a[None], b)[..., 0, :]
    if b.ndim == 1:
        return _product(a, b[:, None])[..., 0]
    return _product(a, b)


def _dot(x: Any, y: Any) -> Any:
    if not x.ndim or not y.ndim:
        return x * y
    columns = np.moveaxis(y, -min(y.ndim, 2), 0)
    found = np.empty(x.shape[:-1] + columns.shape[1:], object)
    for i in np.ndindex(x.shape[:-1]):
        for j in np.ndindex(columns.shape[1:]):
            found[i + j] = _sum_of_products(x[i], columns[(slice(None), *j)])
    return found


def _outer(x: Any, y: Any) -> Any:
    return np.array([[p * q for q in y] for p in x], object).reshape(len(x), len(y))


def _cross(x: Any, y: Any) -> Any:
    (a, b, c), (p, q, r) = np.moveaxis(x, -1, 0), np.moveaxis(y, -1, 0)
    return np.stack(np.broadcast_arrays(b * r - c * q, c * p - a * r, a * q - b * p), -1)


def _by_elimination(x: Any) -> Any:
    """The determinant, in so many more digits that a small pivot does no harm."""
    with mp.extradps(mp.dps):
        rows, d = [list(row) for row in x], mpf(1)
        for k in range(len(rows)):
            pivot = max(range(k, len(rows)), key=lambda i: abs(rows[i][k]))
            if not rows[pivot][k]:
                return mpf(0)
            if pivot != k:
                rows[k], rows[pivot], d = rows[pivot], rows[k], -d
            d *= rows[k][k]
            for i in range(k + 1, len(rows)):
                factor = rows[i][k] / rows[k][k]
                rows[i] = [p - factor * q for p, q in zip(rows[i], rows[k], strict=True)]
        return d


def _leibniz(x: Any) -> Any:
    """The determinant, by the first row."""
    if len(x) == 1:
        return x[0, 0]
    minors = (np.delete(x[1:], j, 1) for j in range(len(x)))
    return mp.fsum((-1) ** j * x[0, j] * _leibniz(minor) for j, minor in enumerate(minors))


def _determinant(x: Any) -> Any:
    return _leibniz(x) if len(x) < 5 else _by_elimination(x)


def _cofactors(x: Any) -> Any:
    found = np.empty(x.shape, object)
    for i, j in np.ndindex(x.shape):
        minor = np.delete(np.delete(x, i, 0), j, 1)
        found[i, j] = (-1) ** (i + j) * (_determinant(minor) if minor.size else mpf(1))
    return found


def _inverse(x: Any) -> Any:
    return _cofactors(x).T / _determinant(x)


def _solve(a: Any, b: Any) -> Any:
    inverse = _of_matrices(_inverse)(a)
    return _matmul(inverse, b)


def _cholesky(x: Any) -> Any:
    """Of the symmetric part, entry by entry."""
    x = (x + x.T) / 2
    found = np.full(x.shape, mpf(0), object)
    for i, j in np.ndindex(x.shape):
        if j < i:
            found[i, j] = (x[i, j] - _sum_of_products(found[i, :j], found[j, :j])) / found[j, j]
        elif j == i:
            found[i, i] = mp.sqrt(x[i, i] - _sum_of_products(found[i, :i], found[i, :i]))
    return found


def _cofactor_derivative(x: Any, g: Any) -> Any:
    """The difference quotient: the cofactors are polynomials, and the step is tiny."""
    with mp.extradps(2 * mp.dps):
        t = mp.mpf(10) ** (-mp.dps // 3)
        return (_cofactors(x + t * g) - _cofactors(x - t * g)) / (2 * t)


def _trace(x: Any) -> Any:
    return mp.fsum(x[i, i] for i in range(min(x.shape)))


def _logdet(x: Any) -> Any:
    return mp.log(_determinant(x))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "matmul": _matmul,
    "dot": _dot,
    "outer": _outer,
    "cross": _cross,
    "trace": _trace,
    "det": _of_matrices(_determinant),
    "logdet": _of_matrices(_logdet),
    "inv": _of_matrices(_inverse),
    "solve": _solve,
    "cholesky": _of_matrices(_cholesky),
    "cofactor": _of_matrices(_cofactors),
    "cofactor_derivative": _of_matrices(_cofactor_derivative),
}
REFERENCE = {name: of_arrays(function) for name, function in _FUNCTIONS.items()}
