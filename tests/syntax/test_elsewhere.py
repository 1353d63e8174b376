"""Each form of a call in the tables: the program that is said for it has NumPy's value."""

import re
from typing import Any

import numpy as np
import pytest
from scipy import special

from gradcalc import backprop
from gradcalc.errors import GradcalcError
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
    *((name, f"A.{name}", A.T) for name in ("T", "mT", "H", "mH")),
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
    *((name, f"v.{name}(min=0)", np.maximum(V, 0)) for name in ("clip", "clamp")),
    *((name, f"v.{name}(max=1)", np.minimum(V, 1)) for name in ("clip", "clamp")),
    ("clip", "np.clip(v, a_max=1, a_min=-0.5)", np.clip(V, -0.5, 1)),
    *((name, f"v.{name}()", V) for name in ("clone", "copy", "float")),
    *of_torch("binary_cross_entropy", "p, p", BCE),
    *of_torch("binary_cross_entropy", "input=p, target=p", BCE),
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
