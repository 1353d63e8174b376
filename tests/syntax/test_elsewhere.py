"""Each form of a call in the tables: the program that is said for it has NumPy's value."""

import re
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop
from gradcalc.errors import GradcalcError
from gradcalc.syntax.elsewhere import FUNCTIONS, METHODS

A = np.array([[1.0, 2.0, -4.0], [3.0, 0.5, 5.0], [0.25, -1.0, 6.0]])
B = np.array([[2.0, -1.0, 3.0], [0.25, 1.0, 6.0], [4.0, 2.0, 1.5]])
V = np.array([3.0, -1.0, 2.0])
W = np.array([-2.0, 0.5, 7.0])
P = np.array([0.25, 0.5, 0.75])
Z = np.arange(16.0).reshape(1, 1, 4, 4) ** 2
C = Z.reshape(1, 1, 16)
S = 2.5
VALUES = {"A": A, "B": B, "v": V, "w": W, "p": P, "C": C, "Z": Z, "s": np.array(S)}
WINDOWS = np.lib.stride_tricks.sliding_window_view(Z[0, 0], (2, 2)).reshape(1, 9, 4)
MEAN_BCE = -np.mean(P * np.log(P) + (1 - P) * np.log(1 - P))

Call = tuple[str, str, Any]

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
    ("binary_cross_entropy", "F.binary_cross_entropy(p, p)", MEAN_BCE),
    ("binary_cross_entropy", "F.binary_cross_entropy(input=p, target=p)", MEAN_BCE),
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
    ("numel", "A.numel()", 9),
    ("permute", "A.permute(1, 0)", A.T),
    ("permute", "torch.permute(A, dims=(1, 0))", A.T),
    ("rsqrt", "p.rsqrt()", P**-0.5),
    ("shape()[]", "np.shape(A)[1]", 3),
    ("unfold", "F.unfold(Z, 2)", WINDOWS.transpose(0, 2, 1)),
    ("vdot", "np.vdot(A + B, B)", np.vdot(A + B, B)),
    ("vdot", "np.vdot(v, w)", np.vdot(V, W)),
]


def _values(text: str) -> dict[str, Any]:
    return {name: value for name, value in VALUES.items() if re.search(rf"\b{name}\b", text)}


def _suggested(text: str) -> str:
    with pytest.raises(GradcalcError) as caught:
        backprop(text, _values(text))
    said = re.search(r"(?:write|leave out|the transpose is) (.*)", caught.value.help)
    assert said, caught.value.help
    return said[1]


@pytest.mark.parametrize(("entry", "text", "value"), [*METHOD_CALLS, *FUNCTION_CALLS])
def test_a_suggestion_has_the_value(entry: str, text: str, value: Any) -> None:
    program = _suggested(text)
    found = backprop(program, _values(program)).value
    np.testing.assert_allclose(found, value, rtol=1e-12)


def test_every_form_has_a_call() -> None:
    for table, calls in ((METHODS, METHOD_CALLS), (FUNCTIONS, FUNCTION_CALLS)):
        assert {name for name, forms in table.items() if forms} == {name for name, _, _ in calls}
        for name, forms in table.items():
            assert len(forms) <= sum(entry == name for entry, _, _ in calls)
