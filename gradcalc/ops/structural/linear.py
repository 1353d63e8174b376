"""Products of vectors and matrices.

A *stack* is an array whose last two axes are those of matrices. The rules for the plain cases are
written out, because they are shown; those for stacks are made of them.
"""

from typing import Any

from gradcalc.ops.row import Rule, Sample, Structural
from gradcalc.ops.shapes import (
    Misfit,
    Shape,
    are_broadcast,
    broadcast,
    counted,
    of_operand,
    size_of,
)
from gradcalc.ops.structural.rules import SQUARE, STACK, TALL, at, back_to, own


def swapped(m: Any, x: Any) -> Any:
    """The transposed matrix, or each of a stack."""
    ndim = len(m.shape(x))
    if ndim == 2:
        return m.transpose(x)
    return m.transpose(x, axes=(*range(ndim - 2), ndim - 1, ndim - 2))


# Shapes


def _transposed(shape: Shape) -> Shape:
    return shape[::-1] if len(shape) == 2 else shape


def multiplies(a: Shape, b: Shape) -> bool:
    return a[-1] == b[-min(len(b), 2)]


def wanted_rows(count: int, b: Shape) -> str:
    """The help for a second operand that would need so many entries, or rows."""
    return f"{{1}} would need {counted(count, 'row' if len(b) > 1 else 'entry')}"


def _no_product(a: Shape, b: Shape) -> Misfit:
    """What is wrong with two operands, none of them a scalar, whose product does not exist."""
    help = ""
    if max(len(a), len(b)) < 3:
        tries = (
            ("({0})' ({1})", _transposed(a), b),
            ("({0}) ({1})'", a, _transposed(b)),
            ("({1}) ({0})", b, a),
            ("({0})' ({1})'", _transposed(a), _transposed(b)),
        )
        fits = (text for text, x, y in tries if multiplies(x, y))
        help = next((f"{text} would fit" for text in fits), "")
    if not help:
        help = wanted_rows(a[-1], b)
    if are_broadcast(a, b):
        help += "; * multiplies entry by entry"
    return Misfit(f"{of_operand(0, a)} and {of_operand(1, b)}", help)


def stack_of(a: Shape, b: Shape) -> Shape:
    """The leading axes of an operation on two stacks of matrices. Raises Misfit where they do not
    fit."""
    try:
        return broadcast(a[:-2], b[:-2])
    except Misfit:
        help = "axes in front of the last two have one size, or 1"
        raise Misfit(f"{of_operand(0, a)} and {of_operand(1, b)}", help) from None


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    for place, shape in enumerate((a, b)):
        if not shape:
            raise Misfit(f"{{{place}}} is a scalar", "({0}) * ({1}) would scale", (place,))
    if not multiplies(a, b):
        raise _no_product(a, b)
    return stack_of(a, b) + a[-2:-1] + (b[-1:] if len(b) > 1 else ())


def _dot_shape(x: Shape, y: Shape) -> Shape:
    if not x or not y:
        return x or y
    if not multiplies(x, y):
        raise _no_product(x, y)
    return x[:-1] + y[:-2] + (y[-1:] if len(y) > 1 else ())


def _outer_shape(x: Shape, y: Shape) -> Shape:
    for place, shape in enumerate((x, y)):
        if len(shape) != 1:
            help = f"flatten({{{place}}}) would fit" if shape else "({0}) * ({1}) would scale"
            raise Misfit(f"outer takes vectors, and {of_operand(place, shape)}", help, (place,))
    return x + y


def _cross_shape(x: Shape, y: Shape) -> Shape:
    for place, shape in enumerate((x, y)):
        if shape[-1:] != (3,):
            what = "cross takes vectors of 3 entries, along the last axis"
            raise Misfit(f"{what}, and {of_operand(place, shape)}", places=(place,))
    return broadcast(x, y)


def _trace_shape(x: Shape) -> Shape:
    if len(x) != 2:
        raise Misfit(f"trace takes a matrix, and {of_operand(0, x)}", places=(0,))
    return ()


# Gradients


def matmul_rule(place: int) -> Rule:
    """For each of the plain cases the gradient as textbooks have it."""

    def rule(m: Any, g: Any, v: Any, a: Any, b: Any) -> Any:
        x, y = m.shape(a), m.shape(b)
        ranks = len(x), len(y)
        if ranks == (1, 1):
            return g * (a if place else b)
        if ranks == (2, 2):
            return m.matmul(m.transpose(a), g) if place else m.matmul(g, m.transpose(b))
        if ranks == (2, 1):
            return m.matmul(m.transpose(a), g) if place else m.outer(g, b)
        if ranks == (1, 2):
            return m.outer(a, g) if place else m.matmul(b, g)
        return _stacked_rule(m, g, a, b, place)

    return rule


def _stacked_rule(m: Any, g: Any, a: Any, b: Any, place: int) -> Any:
    """The gradient where one operand is a stack: vectors are made matrices of one row or column."""
    x, y = m.shape(a), m.shape(b)
    row, column = len(x) == 1, len(y) == 1
    if row:
        a = m.reshape(a, shape=(1, *x))
    if column:
        b = m.reshape(b, shape=(*y, 1))
    rows, inner, columns = m.shape(a)[-2], x[-1], m.shape(b)[-1]
    stack = stack_of(m.shape(a), m.shape(b))
    g = m.reshape(g, shape=(*stack, rows, columns))
    if place == 0:
        found = m.matmul(g, swapped(m, b))
        return back_to(m, m.reshape(found, shape=(*stack, inner)) if row else found, x)
    if len(y) < 3:
        # One large product in place of a stack of products and their sum.
        length = size_of(stack) * rows
        a = m.reshape(a, shape=(length, inner))
        found = m.matmul(m.transpose(a), m.reshape(g, shape=(length, columns)))
        return m.reshape(found, shape=y)
    return back_to(m, m.matmul(swapped(m, a), g), y)


def _dot_rule(place: int) -> Rule:
    matmul = matmul_rule(place)

    def rule(m: Any, g: Any, v: Any, x: Any, y: Any) -> Any:
        a, b = m.shape(x), m.shape(y)
        if not a or not b:
            return back_to(m, g * (x if place else y), b if place else a)
        if max(len(a), len(b)) < 3:
            return matmul(m, g, v, x, y)
        # As one product of matrices: the axis that is summed over is the last of x and, moved
        # there, the first of y.
        n, axis = a[-1], len(b) - min(len(b), 2)
        order = (axis, *(i for i in range(len(b)) if i != axis))
        rows, columns = size_of(a[:-1]), size_of(b) // n if n else 0
        if not n:
            return m.zeros(shape=b if place else a)
        left = m.reshape(x, shape=(rows, n))
        right = m.reshape(m.transpose(y, axes=order), shape=(n, columns))
        g = m.reshape(g, shape=(rows, columns))
        if place == 0:
            return m.reshape(m.matmul(g, m.transpose(right)), shape=a)
        found = m.matmul(m.transpose(left), g)
        found = m.reshape(found, shape=tuple(b[i] for i in order))
        return m.transpose(found, axes=tuple(order.index(i) for i in range(len(b))))

    return rule


def _turned(m: Any, x: Any, by: int) -> Any:
    """The entry at i + by in the place of entry i, along the last axis."""
    axis = len(m.shape(x)) - 1
    parts = (("slice", by, None, None), ("slice", None, by, None))
    return m.concat(*(m.index(x, key=at(axis, part)) for part in parts), axis=axis)


def _crossed(m: Any, g: Any, x: Any) -> Any:
    """cross(g, x), written out: a zero of g stays zero beside an infinite factor."""
    plus = m.chain(_turned(m, g, 1), _turned(m, x, 2))
    return plus - m.chain(_turned(m, g, 2), _turned(m, x, 1))


_A = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))

_PRODUCTS = (
    Sample((_A, TALL)),
    Sample((_A, (1.0, -2.0, 0.5))),
    Sample(((2.0, -1.0), _A)),
    Sample(((1.0, 2.0, 3.0), (4.0, -5.0, 6.0))),
    Sample((((3.0,),), ((-2.0,),))),
    Sample((((3.0,), (-1.0,)), ((-2.0, 1.0),))),
    Sample((((), ()), ())),
    Sample((_A, ((1e50,), (-1e50,), (1e-50,)))),
)

ROWS = (
    Structural(
        "matmul",
        ("a", "b"),
        "matrix product; switches: each operand's gradient is the upstream one times the other",
        "a @ b",
        "switcher",
        _matmul_shape,
        own("matmul"),
        (matmul_rule(0), matmul_rule(1)),
        (
            *_PRODUCTS,
            Sample((STACK, ((1.0, -1.0, 0.5), (2.0, 0.0, 3.0)))),
            Sample((((1.0, -1.0), (2.0, 0.5)), STACK)),
            Sample((STACK, STACK)),
            Sample((STACK, (1.0, -2.0))),
            Sample(((1.0, -2.0), STACK)),
            Sample((STACK[:1], STACK)),
            Sample((STACK, STACK[1:2])),
            Sample(((STACK,), ((STACK[0],), (STACK[1],)))),
        ),
        symbol="@",
    ),
    Structural(
        "dot",
        ("x", "y"),
        "inner product of vectors; of matrices the matrix product, with a scalar a multiple",
        "dot(x, y)",
        "switcher",
        _dot_shape,
        own("dot"),
        (_dot_rule(0), _dot_rule(1)),
        (
            _PRODUCTS[3],
            *(_PRODUCTS[i] for i in (0, 1, 2, 4, 5, 6)),
            Sample((2.0, (1.0, -3.0))),
            Sample((_A, -0.5)),
            Sample((STACK, (1.0, -2.0))),
            Sample((STACK, ((1.0, -1.0, 0.5), (2.0, 0.0, 3.0)))),
            Sample(((1.0, -2.0), STACK)),
            Sample((STACK, STACK)),
        ),
        scalar="mul",
    ),
    Structural(
        "outer",
        ("x", "y"),
        "the matrix of the products of each entry of x with each of y",
        "outer(x, y)",
        "switcher",
        _outer_shape,
        own("outer"),
        (lambda m, g, v, x, y: m.matmul(g, y), lambda m, g, v, x, y: m.matmul(x, g)),
        (
            Sample(((1.0, -2.0), (3.0, 0.5, 4.0))),
            Sample(((2.0,), (-1.0,))),
            Sample(((), (1.0, 2.0))),
        ),
    ),
    Structural(
        "cross",
        ("x", "y"),
        "vector product of vectors of 3 entries, along the last axis",
        "cross(x, y)",
        "scaler",
        _cross_shape,
        own("cross"),
        (
            lambda m, g, v, x, y: back_to(m, -_crossed(m, g, y), m.shape(x)),
            lambda m, g, v, x, y: back_to(m, _crossed(m, g, x), m.shape(y)),
        ),
        (
            Sample(((1.0, 2.0, 3.0), (-4.0, 0.5, 2.0))),
            Sample((SQUARE, (1.0, -1.0, 2.0))),
            Sample(((0.0, 1.0, 0.0), (0.0, 2.0, 0.0))),
        ),
    ),
    Structural(
        "trace",
        ("x",),
        "sum of the diagonal of a matrix",
        "sum(diag(x))",
        "distributor",
        _trace_shape,
        own("trace"),
        (lambda m, g, v, x: m.chain(m.eye(n=m.shape(x)[0], m=m.shape(x)[1]), g),),
        (Sample((SQUARE,)), Sample((_A,)), Sample((TALL,)), Sample((((3.0,),),))),
        aliases=("tr",),
    ),
)
