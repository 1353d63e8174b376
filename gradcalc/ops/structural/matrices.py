"""Square matrices: determinants, inverses, equations, factors."""

from typing import Any

from gradcalc.ops.row import Domain, Rule, Sample, Structural
from gradcalc.ops.shapes import Misfit, Shape, of_operand
from gradcalc.ops.structural.linear import matmul_rule, multiplies, stack_of, swapped, wanted_rows
from gradcalc.ops.structural.rules import SQUARE, STACK, TALL, back_to, own


def _square(name: str, shape: Shape, fitting: str | None = None) -> Shape:
    """The shape of a square matrix, or a stack of them. Raises Misfit for any other.

    Args:
        fitting: what would fit in place of a single one; its product with its transpose, if not
            given.
    """
    if len(shape) < 2 or shape[-1] != shape[-2]:
        what = "a square matrix" if len(shape) < 3 else "square matrices"
        if len(shape) != 2:
            fitting = ""
        elif fitting is None:
            fitting = _normal(shape)
        help = f"{fitting} would fit" if fitting else ""
        raise Misfit(f"{name} takes {what}, and {of_operand(0, shape)}", help, (0,))
    return shape


def _normal(shape: Shape) -> str:
    """The smaller product of a matrix with its transpose: only this one can have an inverse."""
    return "({0})' ({0})" if shape[0] > shape[1] else "({0}) ({0})'"


def _cofactor_derivative_shape(x: Shape, g: Shape) -> Shape:
    if x != g:
        raise Misfit(f"{of_operand(0, x)} and {of_operand(1, g)}", "they need the same shape")
    return _square("cofactor_derivative", x, "")


def _solve_shape(a: Shape, b: Shape) -> Shape:
    _square("solve", a, _solvable(a, b))
    if not b or not multiplies(a, b):
        raise Misfit(f"{of_operand(0, a)} and {of_operand(1, b)}", wanted_rows(a[-1], b))
    if len(b) == 1:
        return a[:-1]
    return stack_of(a, b) + b[-2:]


def _solvable(a: Shape, b: Shape) -> str | None:
    """What would fit in place of equations whose matrix is not square."""
    rows = b[-2:][:1]
    if len(a) != 2 or rows == (min(a),):
        return None
    if rows != (max(a),):
        return ""
    side = "({0})'" if a[0] > a[1] else "({0})"
    return f"solve({_normal(a)}, {side} ({{1}}))"


# Gradients


def _each(m: Any, g: Any) -> Any:
    """A gradient of one number a matrix, to multiply matrices by."""
    return m.reshape(g, shape=(*m.shape(g), 1, 1)) if m.shape(g) else g


def _inv_rule(m: Any, g: Any, v: Any, x: Any) -> Any:
    found = -m.matmul(m.matmul(swapped(m, v), g), swapped(m, v))
    return m.silenced(g, found, axis=(-2, -1))  # of a singular one all is nan


#: The gradient by a of the product a @ v.
PRODUCT = matmul_rule(0)


def _solve_rule(place: int) -> Rule:
    def rule(m: Any, g: Any, v: Any, a: Any, b: Any) -> Any:
        x, y = m.shape(a), m.shape(b)
        vector, many = len(y) == 1, len(x) > 2
        if vector and many:  # one column for each matrix
            g = m.reshape(g, shape=(*m.shape(g), 1))
            v = m.reshape(v, shape=(*m.shape(v), 1))
        back = m.silenced(g, m.solve(swapped(m, a), g), axis=-1 if vector and not many else -2)
        if place:
            return back_to(m, m.reshape(back, shape=x[:-1]) if vector and many else back, y)
        return -m.masked(PRODUCT(m, back, None, a, v), PRODUCT, back, None, (a, v), 0, {})

    return rule


def _cholesky_rule(m: Any, g: Any, v: Any, x: Any) -> Any:
    # Murray, "Differentiation of the Cholesky decomposition" (2016), equations 7 to 10.
    n = m.shape(x)[-1]
    inner = m.tril(m.matmul(swapped(m, v), g))
    inner = inner - 0.5 * m.chain(m.eye(n=n, m=n), inner)
    half = m.solve(swapped(m, v), swapped(m, inner))
    whole = m.solve(swapped(m, v), swapped(m, half))
    return 0.5 * (whole + swapped(m, whole))


def _cofactor_derivative_by_x(m: Any, u: Any, v: Any, x: Any, g: Any) -> Any:
    """The second derivative of the cofactors in the directions g and u, because third derivatives
    of det are symmetric: each step of :func:`gradcalc.ops.structural.exact.adjugate`, and its
    derivatives."""
    n = m.shape(x)[-1]
    eye, zero = m.eye(n=n, m=n), m.zeros(shape=m.shape(x))

    def trace(*products: Any) -> Any:
        diagonals = sum(a * swapped(m, b) for a, b in products)
        return m.sum(diagonals, axis=(-2, -1), keepdims=True)

    a, by_g, by_u, by_both = eye, zero, zero, zero
    for k in range(1, n):
        c = m.div(trace((x, a)), -float(k))
        c_g = m.div(trace((g, a), (x, by_g)), -float(k))
        c_u = m.div(trace((u, a), (x, by_u)), -float(k))
        c_both = m.div(trace((g, by_u), (u, by_g), (x, by_both)), -float(k))
        by_both = m.matmul(g, by_u) + m.matmul(u, by_g) + m.matmul(x, by_both) + c_both * eye
        by_g = m.matmul(g, a) + m.matmul(x, by_g) + c_g * eye
        by_u = m.matmul(u, a) + m.matmul(x, by_u) + c_u * eye
        a = m.matmul(x, a) + c * eye
    return swapped(m, by_both if n % 2 else -by_both)


# Domains: the operands are arrays.


def _determinant_signs(x: Any) -> Any:
    """The sign of the determinant of a matrix, or each of a stack; 0 for a singular one."""
    import numpy as np

    from gradcalc.ops.structural import exact

    if not exact.is_small(x.shape) or not np.isfinite(x).all():
        return np.linalg.slogdet(x)[0]
    signs = [exact.sign(matrix) for matrix in x.reshape(-1, *x.shape[-2:]).tolist()]
    return np.reshape(signs, x.shape[:-2])


def _is_positive_definite(x: Any) -> bool:
    import numpy as np

    try:
        np.linalg.cholesky((x + x.swapaxes(-1, -2)) / 2)
    except np.linalg.LinAlgError:
        return False
    return True


_SINGULAR = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0))
_RANK_1 = ((1.0, 2.0, 0.0), (2.0, 4.0, 0.0), (-1.0, -2.0, 0.0))
_NEAR_SINGULAR = ((1.0, 1.0), (1.0, 1.0 + 2.0**-20))
_POSITIVE = ((4.0, 2.0, -1.0), (2.0, 3.0, 0.5), (-1.0, 0.5, 2.0))


ROWS = (
    Structural(
        "det",
        ("x",),
        "determinant; its gradient, the cofactors, is right for singular matrices too",
        "det(x)",
        "scaler",
        lambda x: _square("det", x)[:-2],
        own("det"),
        (lambda m, g, v, x: m.chain(_each(m, g), m.cofactor(x)),),
        (
            Sample((((1.0, 2.0), (3.0, 4.0)),)),
            Sample((SQUARE,)),
            Sample((_SINGULAR,)),
            Sample((_RANK_1,)),
            Sample((((0.0, 0.0), (0.0, 0.0)),)),
            Sample((((-3.0,),),)),
            Sample((_NEAR_SINGULAR,)),
            Sample((((1e200, 3.0), (2.0, 1e-200)),)),
            Sample((STACK,)),
        ),
    ),
    Structural(
        "logdet",
        ("x",),
        "logarithm of the determinant, which may itself be beyond the range of floats",
        "log(det(x))",
        "scaler",
        lambda x: _square("logdet", x)[:-2],
        own("logdet"),
        (lambda m, g, v, x: m.chain(_each(m, g), swapped(m, m.inv(x))),),
        (
            Sample((SQUARE,)),
            Sample((((1e-50, 2e-50), (-1e-50, 1e-50)),)),
            Sample((((2.0, 1.0), (1.0, 1.0 + 2.0**-20)),)),
            Sample((((3.0,),),)),
            Sample((STACK[1:],)),
        ),
        domain=Domain(lambda x: _determinant_signs(x) > 0, "det(x) > 0"),
    ),
    Structural(
        "inv",
        ("x",),
        "inverse of a square matrix; of a number its reciprocal",
        "inv(x)",
        "scaler",
        lambda x: _square("inv", x),
        own("inv"),
        (_inv_rule,),
        (
            Sample((((1.0, 2.0), (3.0, 4.0)),)),
            Sample((SQUARE,)),
            Sample((((1.0, 0.0), (0.0, 1e-15)),)),
            Sample((_NEAR_SINGULAR,)),
            Sample((((-4.0,),),)),
            Sample((STACK,)),
        ),
        aliases=("inverse",),
        scalar="reciprocal",
        domain=Domain(lambda x: _determinant_signs(x) != 0, "det(x) != 0"),
    ),
    Structural(
        "solve",
        ("a", "b"),
        "the x for which a @ x = b, for a vector b or a matrix of columns",
        "inv(a) @ b",
        "scaler",
        _solve_shape,
        own("solve"),
        (_solve_rule(0), _solve_rule(1)),
        (
            Sample((((1.0, 2.0), (3.0, 4.0)), (5.0, 6.0))),
            Sample((SQUARE, TALL)),
            Sample((((2.0,),), (3.0,))),
            Sample((STACK, (1.0, -2.0))),
            Sample((STACK, ((1.0, -2.0, 3.0), (0.0, 1.0, 0.5)))),
            Sample((STACK, STACK)),
            Sample((STACK[0], STACK)),
        ),
        domain=Domain(lambda a, b: _determinant_signs(a) != 0, "det(a) != 0"),
    ),
    Structural(
        "cholesky",
        ("x",),
        "the lower triangular l for which l @ l' is (the symmetric part of) x, for each of a stack",
        "cholesky(x)",
        "scaler",
        lambda x: _square("cholesky", x),
        own("cholesky"),
        (_cholesky_rule,),
        (
            Sample((((4.0, 2.0), (2.0, 3.0)),)),
            Sample((_POSITIVE,)),
            Sample((((9.0,),),)),
            Sample((((4.0, 3.0), (1.0, 3.0)),)),
            Sample(((((4.0, 2.0), (2.0, 3.0)), ((2.0, -1.0), (-1.0, 5.0))),)),
        ),
        domain=Domain(_is_positive_definite, "x positive definite"),
    ),
    Structural(
        "cofactor",
        ("x",),
        "the matrix of cofactors, the gradient of det(x): det(x) * inv(x)' where that exists",
        "cofactor(x)",
        "scaler",
        lambda x: _square("cofactor", x),
        own("cofactor"),
        (lambda m, g, v, x: m.cofactor_derivative(x, g),),
        (
            Sample((SQUARE,)),
            Sample((((1.0, 2.0), (2.0, 4.0)),)),
            Sample((_SINGULAR,)),
            Sample((_RANK_1,)),
            Sample((((0.0, 0.0, 0.0),) * 3,)),
            Sample((((-3.0,),),)),
            Sample((STACK,)),
        ),
    ),
    Structural(
        "cofactor_derivative",
        ("x", "g"),
        "derivative of cofactor(x) in the direction g",
        "cofactor_derivative(x, g)",
        "scaler",
        _cofactor_derivative_shape,
        own("cofactor_derivative"),
        (_cofactor_derivative_by_x, lambda m, g, v, x, h: m.cofactor_derivative(x, g)),
        (
            Sample((SQUARE, _SINGULAR)),
            Sample((_RANK_1, SQUARE)),
            Sample((((-3.0,),), ((2.0,),))),
            Sample((STACK, STACK[::-1])),
        ),
    ),
)
