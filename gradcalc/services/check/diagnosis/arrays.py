"""Mistakes in the rules of gates on arrays: shapes, transposes, sums over axes."""

from typing import Any

from gradcalc.ops.shapes import size_of
from gradcalc.ops.structural.rules import aligned
from gradcalc.services.check.diagnosis.mistake import RULE, Gate, Mistake

PRODUCTS = ("matmul", "dot")
LOSSES = ("cross_entropy", "svm_loss")


def _ranks(g: Gate) -> tuple[int, ...]:
    return tuple(map(len, g.shapes))


def _product(g: Gate, a: Any, b: Any) -> Any:
    """The product of two arrays, None where there is none."""
    x, y = g.m.shape(a), g.m.shape(b)
    if not x or not y or x[-1] != y[-min(len(y), 2)]:
        return None
    return g.m.matmul(a, b)


def _not_transposed(g: Gate, place: int) -> Any:
    if g.op == "transpose":
        return g.up
    if max(_ranks(g)) > 2 or min(_ranks(g)) < 1 or _ranks(g) == (1, 1):
        return None
    if g.op == "outer":
        return None
    return _product(g, g.x[0], g.up) if place else _product(g, g.up, g.x[1])


def _other_order(g: Gate, place: int) -> Any:
    if _ranks(g) != (2, 2):
        return None
    t = g.m.transpose
    return _product(g, g.up, t(g.x[0])) if place else _product(g, t(g.x[1]), g.up)


def _reversed(g: Gate, place: int) -> Any:
    """The outer product the other way round, and other gradients that came out transposed."""
    ranks = _ranks(g)
    if g.op == "outer":
        return _product(g, g.up, g.x[0]) if place else _product(g, g.x[1], g.up)
    if (ranks, place) in (((2, 1), 0), ((1, 2), 1)):
        return g.m.transpose(g.true(place))
    return None


def _turned(g: Gate, place: int) -> Any:
    return g.m.transpose(g.true(place)) if _ranks(g) == (2, 2) else None


def _upstream_not_turned(g: Gate, place: int) -> Any:
    """What makes dY·A, with no transpose, of dYᵀ·A: the gradient of the B of Y = A·Bᵀ."""
    if place not in g.turned or _ranks(g) != (2, 2):
        return None
    t = g.m.transpose
    return _product(g, t(g.x[0]), t(g.up)) if place else _product(g, t(g.up), t(g.x[1]))


def _not_summed(g: Gate, place: int) -> Any:
    local = g.local(place)
    if local is None or g.shapes[place] == g.shape:
        return None
    return g.m.broadcast_to(g.m.cast(g.m.chain(g.up, local)), shape=g.shape)


def _averaged(g: Gate, place: int) -> Any:
    if g.local(place) is None or g.shapes[place] == g.shape:
        return None
    return g.true(place) * (size_of(g.shapes[place]) / max(size_of(g.shape), 1))


def _count(g: Gate) -> float:
    return size_of(g.shapes[0]) / max(size_of(g.shape), 1)


def _averaged_over(g: Gate) -> float:
    """How many entries, or examples, a mean is taken over; 1 if there are none."""
    if g.op in LOSSES:
        return max(float(g.shapes[0][0]), 1.0) if len(g.shapes[0]) == 2 else 1.0
    return _count(g) if g.op == "mean" else float(max(1, *map(size_of, g.shapes)))


def _wrong_classes(g: Gate, place: int) -> Any:
    if place or len(g.shapes[1]) == len(g.shapes[0]):
        return None
    return g.true(0) * (1.0 - g.m.one_hot(g.x[1], n=g.shapes[0][-1]))


def _labels_kept(g: Gate, place: int) -> Any:
    return None if place else g.up * g.m.softmax(g.x[0]) * (1.0 / _averaged_over(g))


def _to_all(g: Gate, place: int) -> Any:
    if g.op not in ("amax", "amin"):
        return None
    shape = g.shapes[0]
    up = aligned(g.m, g.up, shape, g.settings.get("axis"), g.settings.get("keepdims", False))
    return g.m.broadcast_to(up, shape=shape)


def _whole_axis(g: Gate) -> bool:
    return bool(g.m.shape(g.up) == g.m.shape(g.value))


def _diagonal(g: Gate, place: int) -> Any:
    if not _whole_axis(g):
        return None
    if g.op == "log_softmax":
        return g.up * (1.0 - g.m.exp(g.value))
    return g.up * g.value * (1.0 - g.value)


def _not_divided(g: Gate, place: int) -> Any:
    if g.shape:
        return None
    return g.up * g.x[0]


ROWS = (
    Mistake(
        "transpose-missing",
        "a matrix is not transposed",
        RULE,
        (*PRODUCTS, "transpose"),
        _not_transposed,
        "At {gate} the other factor is not transposed in the gradient of {operand}",
        "Of Y = A·B the gradients are dA = dY·Bᵀ and dB = Aᵀ·dY: the other factor is transposed",
        raw=True,
    ),
    Mistake(
        "product-order",
        "the factors of a matrix product stand in the wrong order",
        RULE,
        PRODUCTS,
        _other_order,
        "At {gate} upstream gradient and matrix stand in the wrong order in the gradient of"
        " {operand}",
        "Of Y = A·B the gradients are dA = dY·Bᵀ and dB = Aᵀ·dY, in this order",
        raw=True,
    ),
    Mistake(
        "outer-reversed",
        "an outer product is reversed",
        RULE,
        (*PRODUCTS, "outer"),
        _reversed,
        "At {gate} the outer product for {operand} is the wrong way round, so that it came out"
        " transposed",
        "Of y = W·x the gradient is dW = dy·xᵀ: the upstream gradient first; it has the shape of W",
        raw=True,
    ),
    Mistake(
        "gradient-transposed",
        "a gradient came out transposed",
        RULE,
        PRODUCTS,
        _turned,
        "At {gate} the gradient of {operand} came out transposed",
        "A gradient has the shape of its variable: of Y = A·B it is dA = dY·Bᵀ and dB = Aᵀ·dY",
        raw=True,
    ),
    Mistake(
        "upstream-not-transposed",
        "the upstream gradient is not transposed in the gradient of what stands under a transpose",
        RULE,
        ("matmul",),
        _upstream_not_turned,
        "At {gate} the upstream gradient is not transposed in the gradient of the matrix that"
        " {operand} is the transpose of",
        "Of Y = A·Bᵀ the gradient of B is dB = dYᵀ·A, and of Y = Aᵀ·B that of A is dA = B·dYᵀ: the"
        " upstream gradient is transposed",
    ),
    Mistake(
        "broadcast-sum-forgotten",
        "the sum over a broadcast axis is forgotten",
        RULE,
        (),
        _not_summed,
        "At {gate} the gradient of {operand} was not summed over the axis that {operand} was"
        " broadcast along",
        "What was used for every entry gets the sum of all their gradients, in its own shape",
        raw=True,
    ),
    Mistake(
        "broadcast-averaged",
        "a broadcast operand gets the mean, not the sum",
        RULE,
        (),
        _averaged,
        "At {gate} the mean of the gradients along the broadcast axis went to {operand}",
        "What was used for every entry gets the sum of all their gradients",
    ),
    Mistake(
        "mean-count-forgotten",
        "the 1/n of a mean is forgotten",
        RULE,
        ("mean", "mse", *LOSSES),
        lambda g, place: g.true(place) * _averaged_over(g),
        "At {gate} the factor 1/n is missing",
        "A mean of n entries passes upstream/n to each of them; a loss is the mean over n examples",
    ),
    Mistake(
        "label-not-subtracted",
        "the label is not subtracted from the probabilities",
        RULE,
        ("cross_entropy",),
        _labels_kept,
        "At {gate} the probabilities themselves were taken for the gradient of the scores",
        "The gradient of the scores is p - y, over the number of examples: 1 is subtracted from the"
        " probability of the right class",
    ),
    Mistake(
        "right-class-forgotten",
        "the score of the right class gets no gradient",
        RULE,
        LOSSES,
        _wrong_classes,
        "At {gate} only the scores of the wrong classes got a gradient",
        "The loss falls when the score of the right class rises: its gradient is negative",
    ),
    Mistake(
        "sum-divided",
        "a sum is differentiated like a mean",
        RULE,
        ("sum",),
        lambda g, place: g.true(place) * (1.0 / max(_count(g), 1.0)),
        "At {gate} the upstream gradient was divided by the number of entries, as at a mean",
        "A sum passes the upstream gradient to every entry as it is",
    ),
    Mistake(
        "amax-to-all",
        "the gradient of a greatest entry goes to all entries",
        RULE,
        ("amax", "amin"),
        _to_all,
        "At {gate} every entry got the upstream gradient",
        "Only the entry that was chosen gets the upstream gradient; the others get 0",
    ),
    Mistake(
        "softmax-diagonal",
        "only the diagonal of softmax's Jacobian is used",
        RULE,
        ("softmax", "log_softmax"),
        _diagonal,
        "At {gate} only the diagonal s·(1-s) of the Jacobian was used",
        "Every entry of softmax depends on every score: ds_i/dx_j = s_i·((i=j) - s_j)",
    ),
    Mistake(
        "square-norm-factor",
        "the factor 2 of a square is dropped",
        RULE,
        ("norm_squared", "mse", "squared_error"),
        lambda g, place: g.true(place) * 0.5,
        "At {gate} the factor 2 is missing",
        "The gradient of ‖x‖² is 2·x",
    ),
    Mistake(
        "norm-not-divided",
        "a norm is differentiated like its square",
        RULE,
        ("norm",),
        _not_divided,
        "At {gate} the division by the norm is missing",
        "The gradient of ‖x‖ is x/‖x‖",
    ),
)
