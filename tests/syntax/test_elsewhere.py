"""Each form of a call in the tables: the program that is said for it has NumPy's value."""

import re
from typing import Any

import numpy as np
import pytest
from scipy import special

from gradcalc import backprop
from gradcalc.errors import GradcalcError
from gradcalc.syntax import elsewhere_arguments as arguments
from gradcalc.syntax.elsewhere import FUNCTIONS, METHODS, TORCH

A = np.array([[1.0, 2.0, -4.0], [3.0, 0.5, 5.0], [0.25, -1.0, 6.0]])
B = np.array([[2.0, -1.0, 3.0], [0.25, 1.0, 6.0], [4.0, 2.0, 1.5]])
V = np.array([3.0, -1.0, 2.0])
W = np.array([-2.0, 0.5, 7.0])
P = np.array([0.25, 0.5, 0.75])
Z = np.arange(16.0).reshape(1, 1, 4, 4) ** 2
C = Z.reshape(1, 1, 16)
S = 2.5
T = np.arange(24.0).reshape(2, 3, 4) ** 2
Q = np.exp(A - B) / np.exp(A - B).sum(1, keepdims=True)
VALUES = {
    "A": A,
    "B": B,
    "v": V,
    "w": W,
    "p": P,
    "C": C,
    "Z": Z,
    "s": np.array(S),
    "T": T,
    "Q": Q,
    "k": np.array([2, 0, 1]),
}
WINDOWS = np.lib.stride_tricks.sliding_window_view(Z[0, 0], (2, 2)).reshape(1, 9, 4)
BCE = -P * np.log(P) - (1 - P) * np.log(1 - P)
BCE_WITH_LOGITS = np.logaddexp(0, V) - V * P
#: Of each row of Q the probability of its label.
OF_LABELS = Q[[0, 1, 2], [2, 0, 1]]
LOG_SOFTMAX = A - special.logsumexp(A, axis=-1, keepdims=True)
COSINES = np.sum(A * B, 1) / np.sqrt(np.sum(A**2, 1) * np.sum(B**2, 1))
KL = P * np.log(P) - P * V
#: By columns, and by rows, as PyTorch's layers do.
BY_BATCH = (A - A.mean(0)) / np.sqrt(A.var(0) + 1e-5)
BY_LAYER = (A - A.mean(1, keepdims=True)) / np.sqrt(A.var(1, keepdims=True) + 1e-5)

Call = tuple[str, str, Any]


def of_torch(name: str, arguments: str, entries: Any) -> list[Call]:
    """The calls of a loss of PyTorch, which averages."""
    return [
        (name, f"F.{name}({arguments})", np.mean(entries)),
        (name, f"F.{name}({arguments}, reduction='mean')", np.mean(entries)),
        (name, f"F.{name}({arguments}, reduction='sum')", np.sum(entries)),
        (name, f"F.{name}({arguments}, reduction='none')", entries),
    ]


#: (the entry, the call, its value): the forms of an entry are those of its calls.
METHOD_CALLS: list[Call] = [
    *((name, f"A.{name}", A.T) for name in ("mT", "H", "mH")),
    ("T", "A.exp().T", np.exp(A.T)),
    ("t", "A.t()", A.T),
    ("data", "v.data", V),
    *((name, f"v.{name}()", V) for name in ("contiguous", "cpu", "cuda", "numpy", "tolist")),
    *((name, f"v.{name}(0)", V) for name in ("contiguous", "cpu", "cuda")),
    ("item", "s.item()", S),
    ("expand", "v.expand(2, 3)", np.broadcast_to(V, (2, 3))),
    ("expand", "v.expand((2, 3))", np.broadcast_to(V, (2, 3))),
    ("shape[]", "A.shape[0]", 3),
    ("size", "A.size", 9),
    ("size", "A.size(1)", 3),
    ("size()[]", "A.size()[-1]", 3),
    ("view", "A.view(1, -1)", A.reshape(1, -1)),
    ("where", "v.where(v > w, w)", np.where(V > W, V, W)),
    ("where", "v.where(condition=v > w, other=w)", np.where(V > W, V, W)),
]
FUNCTION_CALLS: list[Call] = [
    *((name, f"{name}(A + B, B)", (A + B) @ B) for name in ("bmm", "mm")),
    ("mv", "torch.mv(A, vec=v - w)", A @ (V - W)),
    *((name, f"v.{name}(0, 1)", np.clip(V, 0, 1)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, min=0)", np.maximum(V, 0)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, max=1)", np.minimum(V, 1)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, 0)", np.maximum(V, 0)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, 0, None)", np.maximum(V, 0)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, None, 1)", np.minimum(V, 1)) for name in ("clip", "clamp")),
    *((name, f"{name}(v, max=1, min=-1)", np.clip(V, -1, 1)) for name in ("clip", "clamp")),
    *((name, f"v.{name}(min=0)", np.maximum(V, 0)) for name in ("clip", "clamp")),
    *((name, f"v.{name}(max=1)", np.minimum(V, 1)) for name in ("clip", "clamp")),
    ("clip", "np.clip(v, a_max=1, a_min=-0.5)", np.clip(V, -0.5, 1)),
    *((name, f"v.{name}()", V) for name in ("clone", "copy", "float")),
    *of_torch("binary_cross_entropy", "p, p", BCE),
    *of_torch("binary_cross_entropy", "input=p, target=p", BCE),
    ("batch_norm", "batch_norm(A, None, None, training=True)", BY_BATCH),
    ("batch_norm", "batch_norm(A, None, None, v, w, True)", BY_BATCH * V + W),
    ("batch_norm", "F.batch_norm(A, w, p, v, w, training=True, momentum=0.1)", BY_BATCH * V + W),
    (
        "batch_norm",
        "batch_norm(A, None, None, v, w, True, 0.1, 0.5)",
        (A - A.mean(0)) / np.sqrt(A.var(0) + 0.5) * V + W,
    ),
    ("layer_norm", "layer_norm(A, 3)", BY_LAYER),
    ("layer_norm", "layer_norm(A, normalized_shape=(3,))", BY_LAYER),
    ("layer_norm", "layer_norm(A, (3,), v, w)", BY_LAYER * V + W),
    ("layer_norm", "layer_norm(A, [3], weight=v, bias=w)", BY_LAYER * V + W),
    ("layer_norm", "F.layer_norm(A, (3,), v, w, 1e-5)", BY_LAYER * V + W),
    ("layer_norm", "layer_norm(A, (3,), None, None, 1e-5)", BY_LAYER),
    ("layer_norm", "layer_norm(A, (3,), eps=1e-5)", BY_LAYER),
    ("linalg.norm", "np.linalg.norm(A, 'fro')", np.linalg.norm(A)),
    ("fold", "F.fold(C, (4, 4), 1)", Z),
    ("full", "full((2, 3), s)", np.full((2, 3), S)),
    ("full", "np.full(fill_value=s, shape=(3,))", np.full(3, S)),
    ("gather", "A.gather(0, [[0, 2, 1]])", [[1, -1, 5]]),
    ("gather", "torch.gather(index=[[0, 2, 1]], dim=0, input=A)", [[1, -1, 5]]),
    ("len", "len(A)", 3),
    ("linalg.norm", "np.linalg.norm(A)", np.linalg.norm(A)),
    ("linalg.norm", "np.linalg.norm(A, axis=1)", np.linalg.norm(A, axis=1)),
    ("linalg.norm", "np.linalg.norm(A, 1, axis=0)", np.linalg.norm(A, 1, axis=0)),
    ("log", "p.log()", np.log(P)),
    ("log", "math.log(s + 1, 2)", np.log2(S + 1)),
    ("masked_fill", "v.masked_fill(v > 0, s)", np.where(V > 0, S, V)),
    ("masked_fill", "torch.masked_fill(v, value=0, mask=v > 2)", np.where(V > 2, 0, V)),
    ("nan_to_num", "nan_to_num(v - w)", V - W),
    ("nan_to_num", "np.nan_to_num(v - w, nan=1)", V - W),
    *((name, f"torch.{name}(A, 1)", A[:, None]) for name in ("unsqueeze", "expand_dims")),
    ("grad", "torch.autograd.grad(log(s), s)", 1 / S),
    *((name, f"T.{name}(-1, -2)", T.swapaxes(1, 2)) for name in ("swapaxes", "swapdims")),
    *((name, f"T.{name}(-2, -1)", T.swapaxes(1, 2)) for name in ("swapaxes", "swapdims")),
    ("transpose", "np.transpose(T)", T.T),
    ("transpose", "np.transpose(T, (0, 2, 1))", T.swapaxes(1, 2)),
    ("transpose", "np.transpose(T, axes=[2, 0, 1])", T.transpose(2, 0, 1)),
    ("transpose", "T.transpose(0, 2, 1)", T.swapaxes(1, 2)),
    ("transpose", "Z.transpose(0, 2, 3, 1)", Z.transpose(0, 2, 3, 1)),
    ("transpose", "torch.transpose(T, -1, -2)", T.swapaxes(1, 2)),
    ("transpose", "torch.transpose(T, -2, -1)", T.swapaxes(1, 2)),
    ("numel", "A.numel()", 9),
    ("permute", "A.permute(1, 0)", A.T),
    ("permute", "torch.permute(A, dims=(1, 0))", A.T),
    ("rsqrt", "p.rsqrt()", P**-0.5),
    ("shape()[]", "np.shape(A)[1]", 3),
    ("unfold", "F.unfold(Z, 2)", WINDOWS.transpose(0, 2, 1)),
    ("vdot", "np.vdot(A + B, B)", np.vdot(A + B, B)),
    ("vdot", "np.vdot(v, w)", np.vdot(V, W)),
]
LOSS_CALLS: list[Call] = [
    *of_torch("binary_cross_entropy_with_logits", "v, p", BCE_WITH_LOGITS),
    ("binary_crossentropy", "keras.losses.binary_crossentropy(p, p)", BCE.mean()),
    (
        "categorical_crossentropy",
        "categorical_crossentropy(Q, Q)",
        -np.sum(Q * np.log(Q), axis=-1),
    ),
    ("cosine_similarity", "cosine_similarity(v, w)", V @ W / np.sqrt((V @ V) * (W @ W))),
    ("cosine_similarity", "cosine_similarity(A, B, axis=1)", COSINES),
    *of_torch(
        "hinge_embedding_loss", "v - w, sign(w)", np.where(W > 0, V - W, np.maximum(0, 1 - V + W))
    ),
    *of_torch("huber_loss", "v, w", special.huber(1, V - W)),
    *of_torch("huber_loss", "v, w, delta=2", special.huber(2, V - W)),
    *of_torch("l1_loss", "v, w - p", np.abs(V - W + P)),
    ("log_cosh", "keras.losses.log_cosh(v, w)", np.log(np.cosh(V - W)).mean()),
    *((name, f"{name}(v, w)", np.abs(V - W).mean()) for name in ("mae", "mean_absolute_error")),
    *of_torch("margin_ranking_loss", "v, w, sign(v)", np.maximum(0, -np.sign(V) * (V - W))),
    *of_torch(
        "margin_ranking_loss",
        "v, w, sign(v), margin=2",
        np.maximum(0, 2 - np.sign(V) * (V - W)),
    ),
    ("multi_margin_loss", "F.multi_margin_loss(v, 2)", (2 + 0) / 3),
    *of_torch("multilabel_soft_margin_loss", "v, p", BCE_WITH_LOGITS),
    *of_torch("nll_loss", "log(Q), k", -np.log(OF_LABELS)),
    *of_torch("poisson_nll_loss", "v, p", np.exp(V) - P * V),
    ("rmse", "rmse(v, w)", np.sqrt(np.mean((V - W) ** 2))),
    (
        "sigmoid_cross_entropy_with_logits",
        "tf.nn.sigmoid_cross_entropy_with_logits(labels=p, logits=v)",
        BCE_WITH_LOGITS,
    ),
    *of_torch("smooth_l1_loss", "v, w", special.huber(1, V - W)),
    *of_torch("smooth_l1_loss", "v, w, beta=2", special.huber(2, V - W) / 2),
    *of_torch("soft_margin_loss", "v, sign(w)", np.logaddexp(0, -np.sign(W) * V)),
    (
        "softmax_cross_entropy_with_logits",
        "tf.nn.softmax_cross_entropy_with_logits(labels=Q, logits=A)",
        -np.sum(Q * LOG_SOFTMAX, axis=-1),
    ),
    (
        "sparse_categorical_crossentropy",
        "sparse_categorical_crossentropy(k, Q)",
        -np.log(OF_LABELS),
    ),
    (
        "sparse_softmax_cross_entropy_with_logits",
        "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=A)",
        -LOG_SOFTMAX[[0, 1, 2], [2, 0, 1]],
    ),
    ("squared_hinge", "squared_hinge(sign(v), w)", np.mean(np.maximum(0, 1 - np.sign(V) * W) ** 2)),
    *((f"{library}.kl_div", f"{library}.kl_div(v, p)", KL.mean()) for library in TORCH),
    *(
        (f"{library}.kl_div", f"{library}.kl_div(v, p, reduction='{reduction}')", value)
        for library in TORCH
        for reduction, value in (
            *(("mean", KL.mean()), ("sum", KL.sum()), ("none", KL)),
            ("batchmean", KL.sum() / 3),
        )
    ),
    *(
        (f"{library}.cosine_similarity", f"{library}.cosine_similarity(A, B)", COSINES)
        for library in TORCH
    ),
    *(
        (f"{library}.cosine_similarity", f"{library}.cosine_similarity(A, B, dim=-1)", COSINES)
        for library in TORCH
    ),
]
SOFTMIN = special.softmax(-A, axis=-1)
FORMULA_CALLS: list[Call] = [
    ("celu", "F.celu(v)", np.where(V > 0, V, np.expm1(V))),
    ("celu", "F.celu(v, alpha=2)", np.where(V > 0, V, 2 * np.expm1(V / 2))),
    ("gelu", "F.gelu(v)", V * special.ndtr(V)),
    (
        "gelu",
        "F.gelu(v, approximate='tanh')",
        V / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (V + 0.044715 * V**3))),
    ),
    ("hardshrink", "F.hardshrink(w)", np.where(np.abs(W) > 0.5, W, 0)),
    ("hardshrink", "F.hardshrink(w, lambd=3)", np.where(np.abs(W) > 3, W, 0)),
    *(
        (name, f"F.{name}(v)", V * np.clip(V + 3, 0, 6) / 6)
        for name in ("hard_silu", "hard_swish", "hardswish")
    ),
    ("normalize", "F.normalize(A)", A / np.sqrt(np.sum(A**2, axis=1, keepdims=True))),
    ("normalize", "F.normalize(A, dim=0)", A / np.sqrt(np.sum(A**2, axis=0))),
    ("pairwise_distance", "F.pairwise_distance(A, B)", np.sqrt(np.sum((A - B + 1e-6) ** 2, 1))),
    ("prelu", "F.prelu(v, p)", np.where(V > 0, V, P * V)),
    ("relu6", "F.relu6(w)", np.clip(W, 0, 6)),
    ("softmin", "F.softmin(A)", SOFTMIN),
    ("softmin", "F.softmin(A, dim=-1)", SOFTMIN),
    ("softshrink", "F.softshrink(v)", np.sign(V) * np.maximum(0, np.abs(V) - 0.5)),
    ("softshrink", "F.softshrink(v, 2)", np.sign(V) * np.maximum(0, np.abs(V) - 2)),
    ("tanhshrink", "F.tanhshrink(v)", V - np.tanh(V)),
    ("threshold", "F.threshold(v, 1, 20)", np.where(V > 1, V, 20)),
    ("beta", "special.beta(p, s)", special.beta(P, S)),
    ("betaln", "special.betaln(p, s)", special.betaln(P, S)),
    *((name, f"{name}(4.5, s)", special.binom(4.5, S)) for name in ("binom", "comb")),
    ("entr", "entr([0, 1, 2])", special.entr([0, 1, 2])),
    ("exp10", "special.exp10(s)", 10**S),
    ("exprel", "special.exprel([0, 1, 2])", special.exprel([0, 1, 2])),
    ("factorial", "factorial(4)", 24),
    ("log_expit", "special.log_expit(v)", special.log_expit(V)),
    ("sigma", "sigma(v)", special.expit(V)),
    ("log_ndtr", "special.log_ndtr(v)", special.log_ndtr(V)),
    ("logit", "logit(p)", special.logit(P)),
    ("logit", "p.logit()", special.logit(P)),
    ("lse", "lse(v)", special.logsumexp(V)),
    ("rel_entr", "rel_entr([0, 1, 2], p)", special.rel_entr([0, 1, 2], P)),
    ("special.huber", "special.huber(2, v)", special.huber(2, V)),
    ("special.kl_div", "special.kl_div([0, 1, 2], p)", special.kl_div([0, 1, 2], P)),
    ("xlog1py", "special.xlog1py([0, 1, 2], p)", special.xlog1py([0, 1, 2], P)),
    ("xlogy", "torch.xlogy([0, 1, 2], p)", special.xlogy([0, 1, 2], P)),
    *((name, f"torch.{name}(v, A, w)", V + A @ W) for name in ("addmm", "addmv", "baddbmm")),
    ("all", "np.all(A > 0)", 0),
    ("all", "np.all(A > 0, axis=0)", np.all(A > 0, axis=0)),
    ("any", "np.any(A > 5)", 1),
    ("any", "A.any(dim=1)", np.any(A, axis=1)),
    ("around", "np.around(p)", np.round(P)),
    ("average", "np.average(A)", A.mean()),
    ("average", "np.average(A, axis=1)", A.mean(1)),
    ("average", "average(v, weights=p)", np.average(V, weights=P)),
    ("cot", "cot(s)", 1 / np.tan(S)),
    ("count_nonzero", "np.count_nonzero(A > 0)", 7),
    ("count_nonzero", "np.count_nonzero(A > 0, 1)", [2, 3, 2]),
    ("csc", "csc(s)", 1 / np.sin(S)),
    *((name, f"np.{name}(v)", np.radians(V)) for name in ("deg2rad", "radians")),
    *((name, f"np.{name}(v)", np.degrees(V)) for name in ("rad2deg", "degrees")),
    ("diagonal", "A.diagonal()", A.diagonal()),
    ("fabs", "np.fabs(v)", np.abs(V)),
    *((name, f"np.{name}(w)", np.trunc(W)) for name in ("fix", "trunc")),
    ("float_power", "np.float_power(p, v)", P**V),
    ("floor_divide", "np.floor_divide(v, w)", V // W),
    ("fmax", "np.fmax(v, w)", np.maximum(V, W)),
    ("fmin", "np.fmin(v, w)", np.minimum(V, W)),
    ("ger", "torch.ger(v, w)", np.outer(V, W)),
    ("heaviside", "np.heaviside([-2, 0, 2], s)", [0, S, 1]),
    ("identity", "np.identity(2)", np.eye(2)),
    ("isfinite", "np.isfinite([1, inf, nan])", [1, 0, 0]),
    ("isinf", "np.isinf([1, -inf, nan])", [0, 1, 0]),
    ("isnan", "np.isnan([1, inf, nan])", [0, 0, 1]),
    ("logaddexp2", "np.logaddexp2(v, w)", np.logaddexp2(V, W)),
    ("logical_and", "np.logical_and(v > 0, w > 0)", [0, 0, 1]),
    ("logical_not", "np.logical_not(v > 0)", [0, 1, 0]),
    ("logical_or", "np.logical_or(v > 0, w > 0)", [1, 1, 1]),
    ("logical_xor", "np.logical_xor(v > 0, w > 0)", [1, 1, 0]),
    ("logspace", "np.logspace(0, 1)", np.logspace(0, 1)),
    ("logspace", "np.logspace(0, 1, num=3)", np.logspace(0, 1, 3)),
    ("ptp", "np.ptp(A)", 10),
    ("ptp", "np.ptp(A, axis=1)", np.ptp(A, axis=1)),
    ("rint", "np.rint(w)", np.rint(W)),
    ("sec", "sec(s)", 1 / np.cos(S)),
    ("sgn", "torch.sgn(v)", np.sign(V)),
    ("sumsq", "sumsq(v)", V @ V),
    ("true_divide", "np.true_divide(v, w)", V / W),
]
SCORED = -LOG_SOFTMAX[[0, 1, 2], [2, 0, 1]]
WEIGHTED = np.average(SCORED, weights=P[[2, 0, 1]])
GELU_TANH = V / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (V + 0.044715 * V**3)))
GELU = V * special.ndtr(V)
#: Of each window of Z the sum, and the greatest entry.
SUMS = WINDOWS.sum(-1).reshape(1, 1, 3, 3)
GREATEST = WINDOWS.max(-1).reshape(1, 1, 3, 3)[..., ::2, ::2]
FILTER = "ones(1, 1, 2, 2)"
PADDED = np.lib.stride_tricks.sliding_window_view(np.pad(Z[0, 0], 1), (2, 2)).sum((2, 3))
#: (the function, the argument as it is in the table, the call, its value)
ARGUMENT_CALLS: list[tuple[str, str, str, Any]] = [
    ("add", "alpha", "add(v, w - p, alpha=2)", V + 2 * (W - P)),
    ("sub", "alpha", "sub(v, w - p, alpha=2)", V - 2 * (W - P)),
    *(
        (name, key, f"{name}(A, {given})", getattr(np, name)(A, **wanted))
        for name in ("argmax", "argmin")
        for key, given, wanted in (
            ("keepdims=True", "axis=1, keepdims=True", {"axis": 1, "keepdims": True}),
            ("keepdims=True", "0, True", {"axis": 0, "keepdims": True}),
            ("keepdims=True", "dim=-1, keepdim=True", {"axis": -1, "keepdims": True}),
            ("keepdims=False", "axis=1, keepdims=False", {"axis": 1}),
        )
    ),
    ("argsort", "descending=True", "argsort(v, descending=True)", np.argsort(-V)),
    ("sort", "descending=True", "sort(v, descending=True)", -np.sort(-V)),
    ("sort", "descending=True", "sort(A, dim=0, descending=True)", -np.sort(-A, 0)),
    ("sort", "descending=True", "sort(v - w, 0, True)", -np.sort(W - V)),
    ("avg_pool", "count_include_pad=True", "avg_pool(Z, 2, 1, 0, False, True)", SUMS / 4),
    ("avg_pool", "divisor_override=None", "avg_pool(Z, 2, 1, divisor_override=None)", SUMS / 4),
    *(
        (name, f"reduction={reduction}", f"{name}({operands}, reduction='{reduction}')", value)
        for name, operands, entries in (
            ("bce", "p, p", BCE),
            ("bce_with_logits", "v, p", BCE_WITH_LOGITS),
            ("cross_entropy", "A, k", SCORED),
            ("cross_entropy", "A[0], 2", SCORED[:1]),
            ("mse", "v, w - p", (V - W + P) ** 2),
        )
        for reduction, value in (
            *(("sum", entries.sum()), ("mean", entries.mean()), ("none", entries)),
        )
        if (operands, reduction) != ("A[0], 2", "none")
    ),
    (
        "cross_entropy",
        "reduction=sum",
        "cross_entropy(A, Q, reduction='sum')",
        -np.sum(Q * LOG_SOFTMAX),
    ),
    ("cross_entropy", "ignore_index=-100", "cross_entropy(A, k, ignore_index=-100)", SCORED.mean()),
    *(
        (
            "cross_entropy",
            f"label_smoothing={no}",
            f"cross_entropy(A, k, label_smoothing={no})",
            SCORED.mean(),
        )
        for no in ("0", "0.0")
    ),
    (
        "cross_entropy",
        "label_smoothing",
        "cross_entropy(A, k, label_smoothing=0.1)",
        0.9 * SCORED.mean() - 0.1 * LOG_SOFTMAX.mean(),
    ),
    (
        "cross_entropy",
        "weight",
        "cross_entropy(A, k, weight=p)",
        WEIGHTED,
    ),
    *(
        ("conv2d", key, f"conv2d(Z, {FILTER}, {given})", SUMS)
        for key, given in (
            ("dilation=1", "dilation=1"),
            ("dilation=1", "None, 1, 0, 1, 1"),
            ("padding=valid", "padding='valid'"),
            ("padding=VALID", 'padding="VALID"'),
        )
    ),
    ("conv2d", "dilation=1", f"conv2d(Z, {FILTER}, None, 1, 1, dilation=1)", PADDED[None, None]),
    *(
        ("conv1d", key, f"conv1d(C, ones(1, 1, 2), {given})", C[..., 1:] + C[..., :-1])
        for key, given in (
            ("dilation=1", "dilation=1"),
            ("padding=valid", "padding='valid'"),
            ("padding=VALID", "padding='VALID'"),
        )
    ),
    ("diag", "k=0", "diag(v, 0)", np.diag(V)),
    ("flatten", "start_dim=0", "flatten(T, 0)", T.reshape(-1)),
    ("flatten", "end_dim=-1", "flatten(T, 0, -1)", T.reshape(-1)),
    ("flatten", "start_dim=1", "flatten(T, 1)", T.reshape(2, -1)),
    ("flatten", "start_dim=1", "torch.flatten(T, start_dim=1)", T.reshape(2, -1)),
    *(
        ("fold", key, f"fold(unfold(Z, 2, stride=2), (4, 4), 2, stride=2, {given})", Z)
        for key, given in (
            ("dilation=1", "dilation=1"),
            ("padding=valid", "padding='valid'"),
            ("padding=VALID", "padding='VALID'"),
        )
    ),
    *(
        ("unfold", key, f"unfold(Z, {given})", WINDOWS.transpose(0, 2, 1))
        for key, given in (
            ("dilation=1", "kernel_size=2, dilation=1"),
            ("dilation=1", "2, 1, 0, 1"),
            ("padding=valid", "2, padding='valid'"),
            ("padding=VALID", "2, padding='VALID'"),
        )
    ),
    ("gelu", "approximate=none", "gelu(v, approximate='none')", GELU),
    ("gelu", "approximate=False", "gelu(v, approximate=False)", GELU),
    ("gelu", "approximate=tanh", 'gelu(v, approximate="tanh")', GELU_TANH),
    ("gelu", "approximate=True", "gelu(v, True)", GELU_TANH),
    ("hard_tanh", "min_val", "hardtanh(v, -2)", np.clip(V, -2, 1)),
    ("hard_tanh", "max_val", "hardtanh(v, -2, 2)", np.clip(V, -2, 2)),
    ("hard_tanh", "max_val", "hardtanh(v, min_val=-2, max_val=2)", np.clip(V, -2, 2)),
    ("max_pool", "dilation=1", "max_pool(Z, 2, None, 0, 1)", GREATEST),
    ("max_pool", "dilation=1", "max_pool2d(Z, kernel_size=2, dilation=1)", GREATEST),
    ("max_pool", "return_indices=False", "max_pool(Z, 2, return_indices=False)", GREATEST),
    ("linspace", "endpoint=False", "linspace(0, 1, 4, endpoint=False)", np.arange(4) / 4),
    ("linspace", "endpoint=True", "linspace(0, 1, num=5, endpoint=True)", np.arange(5) / 4),
    ("norm", "ord=None", "norm(A, None, 1)", np.linalg.norm(A, axis=1)),
    ("norm", "ord=fro", "norm(A, 'fro')", np.linalg.norm(A)),
    ("norm", "ord=fro", "norm(A, p='fro', dim=1)", np.linalg.norm(A, axis=1)),
    ("round", "decimals", "round(v/7, 2)", np.round(V / 7, 2)),
    ("softplus", "beta", "softplus(v, 2)", np.logaddexp(0, 2 * V) / 2),
    ("softplus", "threshold=20", "softplus(v, 2, 20)", np.logaddexp(0, 2 * V) / 2),
    ("sum", "initial", "sum(v, initial=s)", V.sum() + S),
    *(("", word, f"sum(v, {word}=True)", V.sum()) for word in ("device", "dtype")),
    ("", "inplace=True", "relu(v, True)", np.maximum(V, 0)),
    ("", "inplace=False", "leaky_relu(v, 0.5, inplace=False)", np.maximum(V, V / 2)),
    ("", "requires_grad", "ones((2, 3), requires_grad=True)", np.ones((2, 3))),
    ("", "stable", "sort(v, stable=True)", np.sort(V)),
    ("", "ceil_mode=False", "max_pool(Z, 2, ceil_mode=False)", GREATEST),
    ("", "descending=False", "sort(v, descending=False)", np.sort(V)),
    ("", "groups=1", f"conv2d(Z, {FILTER}, groups=1)", SUMS),
    ("", "out=None", "sum(A, 1, out=None)", A.sum(1)),
    *(
        ("", f"{word}=None", f"cross_entropy(A, k, {word}=None)", SCORED.mean())
        for word in ("reduce", "size_average", "weight")
    ),
    ("", "mode=valid", f"conv2d(Z, {FILTER}, mode='valid')", SUMS),
    *(("", f"order={o}", f"reshape(A, (1, 9), order='{o}')", A.reshape(1, 9)) for o in "CK"),
    ("", "where=True", "sum(v, where=True)", V.sum()),
]
#: Names of arguments, and places that they do not have here.
NAMED_CALLS: list[tuple[str, Any]] = [
    ("linspace(0, 1, steps=5)", np.linspace(0, 1, 5)),
    ("sum(v, None)", V.sum()),
    ("sum(A, 1, True)", A.sum(1, keepdims=True)),
    ("var(A, 0, False)", A.var(0)),
    ("var(v, unbiased=False)", V.var()),
    ("std(A, 1, unbiased=True)", A.std(1, ddof=1)),
    ("conv2d(Z, ones(1, 1, 2, 2), bias=[s])", SUMS + S),
    ("layer_norm(A, weight=v, bias=w)", BY_LAYER * V + W),
    ("where(v > 0, input=w, other=0)", np.where(V > 0, W, 0)),
    ("concat(A, B, dim=1)", np.concatenate((A, B), 1)),
    ("pow(v, exponent=2)", V**2),
    ("arange(0, end=3)", np.arange(3)),
    ("transpose(T, 0, 2, 1)", T.swapaxes(1, 2)),
    ("np.sum(A, axis=0, out=None)", A.sum(0)),
]


ALL_FUNCTION_CALLS = [*FUNCTION_CALLS, *LOSS_CALLS, *FORMULA_CALLS]


def _values(text: str) -> dict[str, Any]:
    return {name: value for name, value in VALUES.items() if re.search(rf"\b{name}\b", text)}


def _suggested(text: str) -> str:
    with pytest.raises(GradcalcError) as caught:
        backprop(text, _values(text))
    said = re.search(r"(?:write|leave out|the transpose is) ([^;\n]*)", caught.value.help)
    assert said, caught.value.help
    return said[1]


@pytest.mark.parametrize(("entry", "text", "value"), [*METHOD_CALLS, *ALL_FUNCTION_CALLS])
def test_a_suggestion_has_the_value(entry: str, text: str, value: Any) -> None:
    program = _suggested(text)
    found = backprop(program, _values(program)).value
    np.testing.assert_allclose(found, value, rtol=1e-12)


def test_every_form_has_a_call() -> None:
    for table, calls in ((METHODS, METHOD_CALLS), (FUNCTIONS, ALL_FUNCTION_CALLS)):
        assert {name for name, forms in table.items() if forms} == {name for name, _, _ in calls}
        for name, forms in table.items():
            assert len(forms) <= sum(entry == name for entry, _, _ in calls)


@pytest.mark.parametrize(("name", "key", "text", "value"), ARGUMENT_CALLS)
def test_an_argument_has_its_meaning(name: str, key: str, text: str, value: Any) -> None:
    program = re.sub(" for labels.*", "", _suggested(text))
    found = backprop(program, _values(program)).value
    np.testing.assert_allclose(found, value, rtol=1e-12)


@pytest.mark.parametrize(("text", "value"), NAMED_CALLS)
def test_arguments_get_their_names_here(text: str, value: Any) -> None:
    program = _suggested(text)
    np.testing.assert_allclose(backprop(program, _values(program)).value, value, rtol=1e-12)


def test_every_meaning_has_a_call() -> None:
    tables = {"": arguments.GENERAL, **arguments.FUNCTIONS}
    keys = {(name, key) for name, table in tables.items() for key in table}
    assert keys <= {(name, key) for name, key, _, _ in ARGUMENT_CALLS}


@pytest.mark.parametrize("k", [-2, -1, 1, 2])
def test_diagonals_beside_the_main_one(k: int) -> None:
    for name, x, end in (("A", A, " for a matrix"), ("v", V, " for a vector of n entries")):
        with pytest.raises(GradcalcError) as caught:
            backprop(f"diag({name}, {k})", {name: x})
        said = caught.value.help.removeprefix("write ").replace("diag(v[", "diag(A[")
        program = next(part for part in re.split(r"(?<=matrix), ", said) if part.endswith(end))
        values = {name: x} | ({"n": 3} if name == "v" else {})
        found = backprop(program.removesuffix(end), values).value
        np.testing.assert_array_equal(found, np.diag(x, k))


def test_scores_of_more_axes() -> None:
    y = [[0, 2, 1, 1], [2, 2, 0, 1]]
    with pytest.raises(GradcalcError) as caught:
        backprop("cross_entropy(x, y)", x=T / 99, y=y)
    program = caught.value.help.partition("write ")[2]
    nll = (
        special.logsumexp(T / 99, axis=1)
        - np.take_along_axis(T / 99, np.array(y)[:, None], 1)[:, 0]
    )
    np.testing.assert_allclose(backprop(program, x=T / 99, y=y).value, nll.mean())
