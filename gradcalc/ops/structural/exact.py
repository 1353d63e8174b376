"""Small matrices in exact arithmetic, every entry of the result rounded once.

A float is a whole number times a power of two, so that the determinant, the cofactors and the
inverse of a matrix of floats are known to the last digit, and it is known whether the matrix is
singular. That costs much more than floating-point arithmetic, and is for matrices of a few rows.
"""

from collections.abc import Iterable, Sequence
from math import inf, log, log1p, nan

from gradcalc.ops.shapes import Shape, size_of

Floats = Sequence[Sequence[float]]  #: a matrix, by rows
Matrix = list[list[int]]

#: As many products of whole numbers as take about a millisecond: one matrix of 8 rows.
WORK = 4096


def is_small(shape: Shape, columns: int = 0) -> bool:
    """Whether exact arithmetic is for a matrix of this shape, or a stack of matrices.

    ``columns`` is the number of right-hand sides of each.
    """
    n = shape[-1]
    return size_of(shape[:-2]) * n * n * (n * n + columns) <= WORK


def sign(a: Floats) -> float:
    """The sign of the determinant; 0 for a singular matrix."""
    d = adjugate(_whole(a)[0])[0]
    return float((d > 0) - (d < 0))


def det(a: Floats) -> float:
    """The determinant."""
    whole, exponent = _whole(a)
    return _rounded(adjugate(whole)[0], 1, len(a) * exponent)


def logdet(a: Floats) -> float:
    """The logarithm of the determinant: -inf for a singular matrix, nan for a negative one."""
    whole, exponent = _whole(a)
    d, exponent = adjugate(whole)[0], len(a) * exponent
    if d <= 0:
        return nan if d else -inf
    value = _rounded(d, 1, exponent)
    if 0.5 < value < 2.0:
        return log1p(_rounded(d - (1 << -exponent), 1, exponent))
    return log(value) if 1e-300 < value < inf else log(d) + exponent * log(2.0)


def inv(a: Floats) -> list[list[float]]:
    """The inverse; nan for a singular matrix."""
    whole, exponent = _whole(a)
    d, adj = adjugate(whole)
    return _all_rounded(adj, d, -exponent)


def solve(a: Floats, b: Floats) -> list[list[float]]:
    """The solution of a @ x = b; nan for a singular matrix."""
    (a_whole, a_exponent), (b_whole, b_exponent) = _whole(a), _whole(b)
    d, adj = adjugate(a_whole)
    return _all_rounded(_product(adj, b_whole), d, b_exponent - a_exponent)


def cofactor(a: Floats) -> list[list[float]]:
    """The matrix of cofactors."""
    whole, exponent = _whole(a)
    _, adj = adjugate(whole)
    return _all_rounded(zip(*adj, strict=True), 1, (len(a) - 1) * exponent)


def cofactor_derivative(a: Floats, g: Floats) -> list[list[float]]:
    """The derivative of the matrix of cofactors in the direction ``g``."""
    (a_whole, a_exponent), (g_whole, g_exponent) = _whole(a), _whole(g)
    adj = adjugate_derivative(a_whole, g_whole)
    exponent = (len(a) - 2) * a_exponent + g_exponent
    return _all_rounded(zip(*adj, strict=True), 1, exponent)


def adjugate(a: Matrix) -> tuple[int, Matrix]:
    """The determinant of a square matrix and its adjugate, the transpose of its cofactors.

    It is right for singular matrices too.

    Source: the method of Faddeev and LeVerrier; Gantmacher, *The Theory of Matrices* (1959), IV.5.
    """
    n, m, c = len(a), _diagonal(len(a), 0), 1
    for k in range(1, n + 1):
        m = _sum(_product(a, m), _diagonal(n, c))
        c = -_trace(a, m) // k
    sign = -1 if n % 2 else 1
    return sign * c, [[-sign * x for x in row] for row in m]


def adjugate_derivative(a: Matrix, g: Matrix) -> Matrix:
    """The derivative of the adjugate in the direction ``g``: each step of :func:`adjugate`, and
    its derivative."""
    n, m, c = len(a), _diagonal(len(a), 0), 1
    dm, dc = m, 0
    for k in range(1, n + 1):
        dm = _sum(_sum(_product(g, m), _product(a, dm)), _diagonal(n, dc))
        m = _sum(_product(a, m), _diagonal(n, c))
        dc = -(_trace(g, m) + _trace(a, dm)) // k
        c = -_trace(a, m) // k
    return [[x if n % 2 else -x for x in row] for row in dm]


def _whole(a: Floats) -> tuple[Matrix, int]:
    """Whole numbers, and the exponent of the power of two that they are to be multiplied by."""
    ratios = [[x.as_integer_ratio() for x in row] for row in a]
    # The denominators are powers of two.
    bits = max((d.bit_length() - 1 for row in ratios for _, d in row), default=0)
    return [[n << bits + 1 - d.bit_length() for n, d in row] for row in ratios], -bits


def _rounded(numerator: int, denominator: int, exponent: int) -> float:
    """The nearest float to numerator / denominator * 2**exponent; an infinity beyond the range."""
    if not numerator or not denominator:
        return 0.0 if denominator else nan  # and not 0 / -1 = -0.0
    if exponent < 0:
        denominator <<= -exponent
    else:
        numerator <<= exponent
    try:
        return numerator / denominator
    except OverflowError:
        return inf if (numerator > 0) == (denominator > 0) else -inf


def _all_rounded(a: Iterable[Iterable[int]], denominator: int, exponent: int) -> list[list[float]]:
    return [[_rounded(x, denominator, exponent) for x in row] for row in a]


def _diagonal(n: int, x: int) -> Matrix:
    return [[x if i == j else 0 for j in range(n)] for i in range(n)]


def _sum(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)]


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum(map(int.__mul__, row, column)) for column in columns] for row in a]


def _trace(a: Matrix, b: Matrix) -> int:
    """The trace of the product."""
    columns = zip(*b, strict=True)
    return sum(sum(map(int.__mul__, row, column)) for row, column in zip(a, columns, strict=True))
