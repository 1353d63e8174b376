"""Losses of classifiers and of regression, averaged over the examples, as in PyTorch.

The labels of N examples are whole numbers from 0 to C - 1; the scores have shape (N, C). For one
example they are a scalar and (C,).
"""

from typing import Any

from gradcalc.ops.row import Kink, Sample, Setting, Structural
from gradcalc.ops.shapes import Misfit, Shape, broadcast, counted, of_operand, size_of
from gradcalc.ops.structural import freedom
from gradcalc.ops.structural.rules import back_to, own


def _one_hot_shape(y: Shape, *, n: int) -> Shape:
    if n < 1:
        raise Misfit(f"n is {n}", "n is the number of classes, at least 1", setting="n")
    return (*y, n)


def _are_labels(scores: Shape, y: Shape) -> bool:
    """Whether y has labels; else it has the shape of the scores."""
    return len(y) < len(scores)


def _check_scores(name: str, scores: Shape) -> None:
    if len(scores) not in (1, 2):
        help = "scores of shape (N, C), or (C,) for one example"
        if len(scores) == 3:
            rows = f"reshape(transpose({{0}}, (0, 2, 1)), -1, {scores[1]})"
            help += f"; for those of shape (N, C, d) write {name}({rows}, flatten({{1}}))"
        raise Misfit(f"{name} takes scores, and {of_operand(0, scores)}", help, (0,))
    if not scores[-1]:
        raise Misfit(f"{name} is of at least one class, and {of_operand(0, scores)}", "", (0,))


def _labels_wanted(scores: Shape) -> str:
    if len(scores) == 1:
        return f"{{1}} would be a label, from 0 to {scores[0] - 1}"
    return f"{{1}} would need {counted(scores[0], 'label')}"


def _cross_entropy_shape(z: Shape, y: Shape) -> Shape:
    _check_scores("cross_entropy", z)
    if y not in (z, z[:-1]):
        help = f"{_labels_wanted(z)}, or probabilities in the shape of {{0}}"
        raise Misfit(f"{of_operand(0, z)} and {of_operand(1, y)}", help)
    return ()


def _svm_loss_shape(s: Shape, y: Shape, *, delta: float) -> Shape:
    _check_scores("svm_loss", s)
    if y != s[:-1]:
        raise Misfit(f"{of_operand(0, s)} and {of_operand(1, y)}", _labels_wanted(s))
    return ()


def _mse_shape(p: Shape, y: Shape) -> Shape:
    broadcast(p, y)
    return ()


def _per_example(m: Any, total: Any, scores: Shape) -> Any:
    """A sum over all examples, divided by their number."""
    return m.div(total, float(scores[0])) if len(scores) == 2 and scores[0] != 1 else total


def _probabilities(m: Any, z: Any, y: Any) -> Any:
    """The probabilities of the classes, of which labels make one certain."""
    shape = m.shape(z)
    return m.one_hot(y, n=shape[-1]) if _are_labels(shape, m.shape(y)) else y


def _cross_entropy(m: Any, z: Any, y: Any) -> Any:
    # What is impossible costs nothing, even where its score is -inf.
    costs = m.chain(_probabilities(m, z, y), m.log_softmax(z))
    # Subtracted, so that no cost is 0 and not -0.
    return _per_example(m, 0.0 - m.sum(costs), m.shape(z))


def _cross_entropy_by_scores(m: Any, g: Any, v: Any, z: Any, y: Any) -> Any:
    shape = m.shape(z)
    slope = m.softmax_less(z, _probabilities(m, z, y))
    if not _are_labels(shape, m.shape(y)):
        # Their sum is 1, but what its derivative is does not depend on that.
        slope = slope + (m.sum(y, axis=-1, keepdims=True) - 1.0) * m.softmax(z)
    return m.chain(_per_example(m, g, shape), slope)


def _softmax_less_shape(z: Shape, p: Shape) -> Shape:
    if z != p or not z:
        raise Misfit(f"{of_operand(0, z)} and {of_operand(1, p)}", "vectors of the same shape")
    return z


def _softmax_less_by_scores(m: Any, g: Any, v: Any, z: Any, p: Any) -> Any:
    s = m.softmax(z)
    return s * m.less_mean(g, s)


def _cross_entropy_by_probabilities(m: Any, g: Any, v: Any, z: Any, y: Any) -> Any:
    if _are_labels(m.shape(z), m.shape(y)):
        return m.zeros(shape=m.shape(y))
    return -m.chain(_per_example(m, g, m.shape(z)), m.log_softmax(z))


def _margins(m: Any, s: Any, y: Any, delta: float) -> tuple[Any, Any]:
    """One-hot labels, and by how much each score comes too close to that of the right class."""
    right = m.one_hot(y, n=m.shape(s)[-1])
    score = m.sum(m.chain(right, s), axis=-1, keepdims=True)
    return right, m.where(right, 0.0, s - score + delta)


def _svm_loss(m: Any, s: Any, y: Any, *, delta: float) -> Any:
    _, margins = _margins(m, s, y, delta)
    return _per_example(m, m.sum(m.maximum(margins, 0.0)), m.shape(s))


def _svm_loss_rule(m: Any, g: Any, v: Any, s: Any, y: Any, *, delta: float) -> Any:
    right, margins = _margins(m, s, y, delta)
    active = m.gt(margins, 0.0)
    slope = active - right * m.sum(active, axis=-1, keepdims=True)
    return m.chain(slope, _per_example(m, g, m.shape(s)))


def _at_hinge(s: Any, y: Any, delta: float = 1.0) -> bool:
    from numpy import arange, take_along_axis

    labels = y.astype(int)[..., None]
    margins = s - take_along_axis(s, labels, -1) + delta
    return bool(((margins == 0) & (arange(s.shape[-1]) != labels)).any())


def _mse_rule(place: int) -> Any:
    def rule(m: Any, g: Any, v: Any, p: Any, y: Any) -> Any:
        count = size_of(broadcast(m.shape(p), m.shape(y)))
        found = m.chain(m.div(2.0 * g, float(count)), (y - p) if place else (p - y))
        return back_to(m, found, m.shape(y if place else p))

    return rule


_SCORES = ((3.0, 5.0, -2.0), (1.0, 4.5, 2.0), (2.0, -1.0, 0.25), (0.0, 0.0, 0.0))
_LABELS = (0.0, 1.0, 2.0, 1.0)
_PROBABILITIES = ((0.25, 0.5, 0.25), (0.0, 1.0, 0.0), (0.1, 0.2, 0.7), (1.0, 0.0, 0.0))

ROWS = (
    Structural(
        "one_hot",
        ("y",),
        "1 in the place of the label y, 0 elsewhere; no gradient",
        "one_hot(y, n)",
        "blocker",
        _one_hot_shape,
        own("one_hot"),
        (None,),
        (
            Sample((_LABELS,), {"n": 3}),
            Sample((1.0,), {"n": 2}),
            Sample((((0.0, 1.0), (1.0, 0.0)),), {"n": 2}),
        ),
        settings=(Setting("n", "integer"),),
    ),
    Structural(
        "cross_entropy",
        ("z", "y"),
        "mean cost -log(softmax(z)) of the labels y, or of classes with the probabilities y",
        "mean(-sum(y * log_softmax(z), axis=-1))",
        "scaler",
        _cross_entropy_shape,
        _cross_entropy,
        (_cross_entropy_by_scores, _cross_entropy_by_probabilities),
        (
            Sample((_SCORES, _LABELS)),
            Sample((_SCORES, _PROBABILITIES)),
            Sample(((1.0, -2.0, 0.5), 2.0)),
            Sample(((1.0, -2.0, 0.5), (0.5, 0.25, 0.5))),
            Sample(((1000.0, -1000.0, 0.0), 0.0)),
            Sample(((40.0, 0.0, -3.0), 0.0)),
            Sample((((700.0, -700.0), (-30.0, 30.0)), (1.0, 1.0))),
            Sample((((2.0,),), (0.0,))),
        ),
    ),
    Structural(
        "softmax_less",
        ("z", "p"),
        "softmax(z) - p, which keeps its digits where both are all but 1",
        "softmax(z) - p",
        "scaler",
        _softmax_less_shape,
        own("softmax_less"),
        (_softmax_less_by_scores, lambda m, g, v, z, p: -g),
        (
            Sample(((1.0, -2.0, 0.5), (0.0, 0.0, 1.0))),
            Sample((_SCORES, _PROBABILITIES)),
        ),
    ),
    Structural(
        "svm_loss",
        ("s", "y"),
        "mean of the sums of max(0, s_j - s_y + delta) over the classes j other than the label y",
        "svm_loss(s, y)",
        "router",
        _svm_loss_shape,
        _svm_loss,
        (_svm_loss_rule, None),
        (
            Sample((_SCORES, _LABELS)),
            Sample((_SCORES, _LABELS), {"delta": 0.3}),
            Sample(((3.2, 5.1, -1.7), 0.0)),
            Sample(((3.0, 2.0, -1.0), 0.0)),
            Sample((((3.0, 2.0, 4.0), (0.0, 0.0, 1.0)), (0.0, 2.0))),
        ),
        settings=(Setting("delta", "number", 1.0),),
        kink=Kink(
            _at_hinge,
            "a margin of 0",
            "a score with a margin of exactly 0 adds nothing",
            lambda s, y, delta=1.0: (0.0, 1.0 / (s.shape[0] if s.ndim == 2 else 1)),
            freedom.hinged,
        ),
    ),
    Structural(
        "mse",
        ("p", "y"),
        "mean squared error",
        "mean((p - y)^2)",
        "scaler",
        _mse_shape,
        lambda m, p, y: m.mean(m.square(p - y)),
        (_mse_rule(0), _mse_rule(1)),
        (
            Sample((_SCORES, _PROBABILITIES)),
            Sample(((1.0, 2.0, -3.0), 0.5)),
            Sample((2.0, (1.0, 2.0, -3.0))),
            Sample((_SCORES, (0.5, 1.0, 0.0))),
            Sample((3.0, 5.0)),
        ),
        aliases=("mse_loss", "mean_squared_error"),
    ),
)
