"""Linear algebra on NumPy arrays.

Small matrices are worked out exactly (:mod:`gradcalc.ops.structural.exact`): that is what a reader
of a textbook example expects of det and inv. Larger ones go to LAPACK. A matrix that has no
inverse, or is not positive definite, gives nan.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcalc.ops.shapes import Shape
from gradcalc.ops.structural import exact


class LinearAlgebra:
    """The part of the algebra on arrays that is about matrices, and stacks of them."""

    dtype: "np.dtype[Any]"
    prod_others: Callable[..., Any]

    # BLAS takes transposed views as they are: no copies.
    matmul = staticmethod(np.matmul)
    dot = staticmethod(np.dot)
    outer = staticmethod(np.multiply.outer)
    trace = staticmethod(np.trace)
    cross = staticmethod(np.cross)

    def det(self, x: Any) -> Any:
        """The determinant."""
        return self._each(exact.det, np.linalg.det, (), x)

    def logdet(self, x: Any) -> Any:
        """log(det(x)): -inf for a singular matrix, nan for a negative determinant."""
        return self._each(exact.logdet, _logdet, (), x)

    def inv(self, x: Any) -> Any:
        """The inverse."""
        return self._each(exact.inv, np.linalg.inv, x.shape[-2:], x)

    def solve(self, a: Any, b: Any) -> Any:
        """The solution of a @ x = b, where b is a vector if it has one axis."""
        if b.ndim == 1:
            return self.solve(a, b[:, None])[..., 0]
        return self._each(exact.solve, np.linalg.solve, b.shape[-2:], a, b, columns=b.shape[-1])

    def cholesky(self, x: Any) -> Any:
        """The lower triangular factor of the symmetric part, of each of a stack."""
        return _or_nan(np.linalg.cholesky, (x + x.swapaxes(-1, -2)) / 2)

    def cofactor(self, x: Any) -> Any:
        """The cofactors, of singular matrices too."""
        return self._each(exact.cofactor, self._cofactor, x.shape[-2:], x)

    def cofactor_derivative(self, x: Any, g: Any) -> Any:
        """The derivative of the cofactors in the direction g."""
        shape = x.shape[-2:]
        return self._each(exact.cofactor_derivative, self._cofactor_derivative, shape, x, g)

    def _cofactor(self, x: Any) -> Any:
        """For x = U S Vᵀ the cofactors are det(U) det(V) U C Vᵀ, where C is diagonal and has, in
        the place of each singular value, the product of the others."""
        u, s, v, sign = _singular(x)
        found = (u * self.prod_others(s, axis=-1)[..., None, :]) @ v
        return (sign * found).astype(self.dtype)

    def _cofactor_derivative(self, x: Any, g: Any) -> Any:
        """In the basis of the singular vectors, where g is H and P_ij is the product of the
        singular values other than s_i and s_j, the entries are -H_ji P_ij, and on the diagonal the
        sum of H_jj P_ij over the j other than i."""
        u, s, v, sign = _singular(x)
        h = np.swapaxes(u, -1, -2) @ g @ np.swapaxes(v, -1, -2)
        diagonal = np.eye(s.shape[-1], dtype=bool)
        p = self.prod_others(np.where(diagonal, 1.0, s[..., None, :]), axis=-1)
        p = np.where(diagonal, 0.0, p)
        turned = p @ np.diagonal(h, axis1=-2, axis2=-1)[..., None]
        inner = np.where(diagonal, turned, -np.swapaxes(h, -1, -2) * p)
        return (sign * (u @ inner @ v)).astype(self.dtype)

    def _each(
        self,
        exactly: Callable[..., Any],
        roughly: Callable[..., Any],
        shape: Shape,
        *stacks: Any,
        columns: int = 0,
    ) -> Any:
        """A function of small matrices in exact arithmetic, for each of a stack whose numbers are
        all finite; of the others by LAPACK. None changes what another one gives.

        Args:
            shape: of the result for one matrix.
            columns: the right-hand sides of each.
        """
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
        if not exact.is_small((*lead, *stacks[0].shape[-2:]), columns):
            return _or_nan(roughly, *stacks)
        if not lead:
            if not all(np.isfinite(x).all() for x in stacks):
                return _or_nan(roughly, *stacks)
            return np.asarray(exactly(*(x.tolist() for x in stacks)), self.dtype).reshape(shape)[()]
        each = [np.broadcast_to(x, lead + x.shape[-2:]) for x in stacks]
        finite = np.all([np.isfinite(x).all((-1, -2)) for x in each], axis=0)
        found = np.empty(lead + shape, self.dtype)
        if finite.any():
            found[finite] = self._exactly(exactly, shape, *(x[finite] for x in each))
        if not finite.all():
            found[~finite] = _or_nan(roughly, *(x[~finite] for x in each))
        return found[()]

    def _exactly(self, function: Callable[..., Any], shape: Shape, *stacks: Any) -> Any:
        """A function of matrices in exact arithmetic, for each of a stack with one leading axis."""
        matrices = [x.tolist() for x in stacks]
        found = [function(*operands) for operands in zip(*matrices, strict=True)]
        return np.reshape(np.array(found, self.dtype), (len(found), *shape))


def _logdet(x: Any) -> Any:
    sign, size = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, size)[()]  # for a singular matrix, size is -inf


def _or_nan(function: Callable[..., Any], *stacks: Any) -> Any:
    """A function of matrices, nan where it has no value.

    The result for one matrix has the shape of the last operand.
    """
    try:
        return function(*stacks)
    except np.linalg.LinAlgError:
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
        if not lead:
            return np.full_like(stacks[-1], np.nan)
        stacks = tuple([np.broadcast_to(x, lead + x.shape[-2:]) for x in stacks])
        found = np.empty(stacks[-1].shape, stacks[-1].dtype)
        for place in np.ndindex(lead):
            found[place] = _or_nan(function, *(x[place] for x in stacks))
        return found


def _singular(x: Any) -> tuple[Any, Any, Any, Any]:
    """The singular value decomposition u s v, and det(u) det(v), which is 1 or -1."""
    if not np.isfinite(x).all():
        raise np.linalg.LinAlgError("LAPACK may look for singular values of an infinity for ever")
    u, s, v = np.linalg.svd(x.astype(np.float64))
    sign = np.sign(np.linalg.det(u) * np.linalg.det(v))
    return u, s, v, sign[..., None, None]
