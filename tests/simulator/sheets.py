"""Students who work with arrays: small networks, layer by layer, with mistakes.

Nothing is shared with the package; each layer has its forward and its backward step as in the
lecture's notes, and the mistakes replace backward steps.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
Step = Callable[..., Any]


class Layer(NamedTuple):
    """``name = kind(operands)``."""

    name: str
    kind: str
    operands: tuple[str, ...]


def _spread(up: Array, like: Array) -> Array:
    """Sum away the axes that were broadcast."""
    while up.ndim > like.ndim:
        up = up.sum(0)
    for axis, size in enumerate(like.shape):
        if size == 1 and up.shape[axis] != 1:
            up = up.sum(axis, keepdims=True)
    return up


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())


def _first(s: Array) -> Array:
    """1 for the first class of each example."""
    return np.eye(s.shape[1])[np.zeros(len(s), int)]


def _active(s: Array) -> Array:
    """1 where the margin of a wrong class is too small."""
    return np.asarray((s - s[:, :1] + 1 > 0) * (1 - _first(s)))


#: By kind: how it is written, the forward step, and the backward step (up, value, *operands).
KINDS: dict[str, tuple[str, Step, Step]] = {
    "matvec": (
        "{0} @ {1}",
        lambda w, x: w @ x,
        lambda u, v, w, x: (np.outer(u, x), w.T @ u),
    ),
    "matmat": (
        "{0} @ {1}",
        lambda a, b: a @ b,
        lambda u, v, a, b: (u @ b.T, a.T @ u),
    ),
    "add": ("{0} + {1}", lambda a, b: a + b, lambda u, v, a, b: (_spread(u, a), _spread(u, b))),
    "sub": ("{0} - {1}", lambda a, b: a - b, lambda u, v, a, b: (_spread(u, a), -_spread(u, b))),
    "mul": (
        "{0} * {1}",
        lambda a, b: a * b,
        lambda u, v, a, b: (_spread(u * b, a), _spread(u * a, b)),
    ),
    "turned": ("{0} @ {1}'", lambda a, b: a @ b.T, lambda u, v, a, b: (u @ b, u.T @ a)),
    "relu": ("relu({0})", lambda x: np.maximum(x, 0), lambda u, v, x: (u * (x > 0),)),
    "sigmoid": (
        "sigmoid({0})",
        lambda x: 1 / (1 + np.exp(-x)),
        lambda u, v, x: (u * v * (1 - v),),
    ),
    "tanh": ("tanh({0})", np.tanh, lambda u, v, x: (u * (1 - v**2),)),
    "square": ("{0}^2", lambda x: x**2, lambda u, v, x: (u * 2 * x,)),
    "softmax": ("softmax({0})", _softmax, lambda u, v, x: (v * (u - (u * v).sum()),)),
    "sum": ("sum({0})", lambda x: x.sum(), lambda u, v, x: (u * np.ones_like(x),)),
    "mean": ("mean({0})", lambda x: x.mean(), lambda u, v, x: (u * np.ones_like(x) / x.size,)),
    # The first class is the right one of every example.
    "xent": (
        "cross_entropy({0}, zeros(size({0}, axis=0)))",
        lambda s: -np.log(np.apply_along_axis(_softmax, 1, s)[:, 0]).mean(),
        lambda u, v, s: (u * (np.apply_along_axis(_softmax, 1, s) - _first(s)) / len(s),),
    ),
    "svm": (
        "svm_loss({0}, zeros(size({0}, axis=0)))",
        lambda s: np.maximum(0, s[:, 1:] - s[:, :1] + 1).sum() / len(s),
        lambda u, v, s: (u * (_active(s) - _active(s).sum(1, keepdims=True) * _first(s)) / len(s),),
    ),
    "sqnorm": ("norm({0})^2", lambda x: (x**2).sum(), lambda u, v, x: (u * 2 * x,)),
}

#: The mistakes: (name, kind) and the wrong backward step.
FAULTS: dict[tuple[str, str], Step] = {
    ("transpose-missing", "matvec"): lambda u, v, w, x: (np.outer(u, x), w @ u),
    ("transpose-missing", "matmat"): lambda u, v, a, b: (u @ b, a @ u),
    ("product-order", "matmat"): lambda u, v, a, b: (b.T @ u, u @ a.T),
    ("upstream-not-transposed", "turned"): lambda u, v, a, b: (u @ b, u @ a),
    ("outer-reversed", "matvec"): lambda u, v, w, x: (np.outer(x, u), w.T @ u),
    ("broadcast-averaged", "add"): lambda u, v, a, b: (_spread(u, a), u.mean(0)),
    ("broadcast-sum-forgotten", "add"): lambda u, v, a, b: (_spread(u, a), u),
    ("mean-count-forgotten", "mean"): lambda u, v, x: (u * np.ones_like(x),),
    ("mean-count-forgotten", "xent"): lambda u, v, s: (KINDS["xent"][2](u, v, s)[0] * len(s),),
    ("mean-count-forgotten", "svm"): lambda u, v, s: (KINDS["svm"][2](u, v, s)[0] * len(s),),
    ("label-not-subtracted", "xent"): lambda u, v, s: (
        u * np.apply_along_axis(_softmax, 1, s) / len(s),
    ),
    ("right-class-forgotten", "svm"): lambda u, v, s: (u * _active(s) / len(s),),
    ("right-class-forgotten", "xent"): lambda u, v, s: (
        u * np.apply_along_axis(_softmax, 1, s) * (1 - _first(s)) / len(s),
    ),
    ("sum-divided", "sum"): lambda u, v, x: (u * np.ones_like(x) / x.size,),
    ("softmax-diagonal", "softmax"): lambda u, v, x: (u * v * (1 - v),),
    ("square-norm-factor", "sqnorm"): lambda u, v, x: (u * x,),
    ("relu-mask-missing", "relu"): lambda u, v, x: (u,),
    ("relu-upstream-mask", "relu"): lambda u, v, x: (u * (u > 0),),
    ("sigmoid-as-value", "sigmoid"): lambda u, v, x: (u * v,),
    ("sigmoid-as-rest", "sigmoid"): lambda u, v, x: (u * (1 - v),),
    ("tanh-square-forgotten", "tanh"): lambda u, v, x: (u * (1 - v),),
    ("power-not-reduced", "square"): lambda u, v, x: (u * 2 * x**2,),
    ("power-factor-dropped", "square"): lambda u, v, x: (u * x,),
    ("sub-sign-lost", "sub"): lambda u, v, a, b: (_spread(u, a), _spread(u, b)),
    ("mul-not-swapped", "mul"): lambda u, v, a, b: (_spread(u * a, a), _spread(u * b, b)),
    ("local-only", "sigmoid"): lambda u, v, x: (v * (1 - v),),
    ("upstream-only", "tanh"): lambda u, v, x: (u,),
    ("sign-slip", "relu"): lambda u, v, x: (-u * (x > 0),),
}

#: Networks, as kinds of layers with names; the sizes are drawn. Of the inputs the shapes are given
#: by letters.
NETWORKS: tuple[tuple[Mapping[str, str], str], ...] = (
    ({"W": "mn", "x": "n"}, "q matvec W x; f sqnorm q"),
    ({"W": "nn", "x": "n"}, "q matvec W x; f sqnorm q"),
    ({"W": "nn", "x": "n", "b": "n"}, "p matvec W x; s add p b; h relu s; f sum h"),
    ({"W": "nn", "x": "n", "y": "n"}, "p matvec W x; h sigmoid p; r sub h y; e square r; f mean e"),
    (
        {"U": "nn", "V": "nn", "x": "n"},
        "a matvec U x; h tanh a; s matvec V h; g relu s; f sqnorm g",
    ),
    ({"X": "mn", "W": "nn", "b": "n"}, "P matmat X W; S add P b; H relu S; E square H; f sum E"),
    ({"X": "nn", "W": "nn", "b": "n"}, "P matmat X W; S add P b; H sigmoid S; f mean H"),
    ({"X": "nn", "W": "nn", "b": "n"}, "P matmat X W; S add P b; H tanh S; E square H; f sum E"),
    ({"X": "mn", "W": "nn", "b": "n"}, "P matmat X W; S add P b; f xent S"),
    ({"X": "mn", "W": "nn"}, "P matmat X W; H relu P; f xent H"),
    ({"X": "mn", "W": "nn", "b": "n"}, "P matmat X W; S add P b; f svm S"),
    ({"Q": "nm", "K": "nm"}, "S turned Q K; H tanh S; E square H; f mean E"),
    ({"W": "nn", "x": "n", "t": "n"}, "s matvec W x; p softmax s; c mul p t; f sum c"),
    ({"x": "n", "y": "n", "z": "n"}, "p mul x y; h tanh p; d sub h z; e square d; f mean e"),
)


class Sheet:
    """The work of a student.

    Args:
        faults: by name of the layer, the wrong backward steps.
    """

    def __init__(
        self,
        inputs: Mapping[str, Array],
        layers: list[Layer],
        faults: Mapping[str, Step] | None = None,
    ) -> None:
        self.inputs, self.layers, self.faults = inputs, layers, faults or {}
        self.values: dict[str, Array] = dict(inputs)
        for layer in layers:
            forward = KINDS[layer.kind][1]
            self.values[layer.name] = forward(*(self.values[o] for o in layer.operands))
        self.gradients: dict[str, Array] = {layers[-1].name: np.float64(1.0)}  # type: ignore[dict-item]
        for layer in reversed(layers):
            backward = self.faults.get(layer.name) or KINDS[layer.kind][2]
            x = [self.values[o] for o in layer.operands]
            parts = backward(self.gradients[layer.name], self.values[layer.name], *x)
            for operand, part in zip(layer.operands, parts, strict=True):
                self.gradients[operand] = self.gradients.get(operand, 0.0) + part

    @property
    def text(self) -> str:
        """The problem, in the language."""
        return "; ".join(f"{n} = {KINDS[k][0].format(*o)}" for n, k, o in self.layers)

    def slipped(self) -> set[str]:
        """The names of the answers that mistakes are made in."""
        return {
            f"d{o}" for layer in self.layers if layer.name in self.faults for o in layer.operands
        }

    def answers(self, everything: bool) -> dict[str, Array]:
        """The gradients of the inputs, or those of every layer as well."""
        names = list(self.inputs)
        if everything:
            names += [layer.name for layer in self.layers]
        return {f"d{name}": self.gradients[name] for name in names}


def _drawn(
    networks: list[tuple[Mapping[str, str], str]], random: np.random.Generator
) -> tuple[dict[str, Array], list[Layer], bool]:
    """The inputs and layers of a network of any sizes; and whether it works on a batch."""
    shapes, text = networks[random.integers(len(networks))]
    sizes = dict(zip("mn", random.permutation((2, 3, 4))[:2], strict=True))
    inputs = {
        letter: np.round(random.uniform(-2, 2, [sizes[s] for s in shape]), 1)
        for letter, shape in shapes.items()
    }
    layers = []
    for part in text.split(";"):
        layer, kind, *operands = part.split()
        layers.append(Layer(layer, kind, tuple(operands)))
    return inputs, layers, "X" in shapes


def sheets(name: str, kind: str, random: np.random.Generator) -> Iterator[tuple[Sheet, Sheet, str]]:
    """Right and wrong work with a mistake, and the layer where it is made, without end."""
    fault = FAULTS[name, kind]
    fitting = [network for network in NETWORKS if f" {kind} " in network[1]]
    if name.startswith("broadcast"):
        fitting = [network for network in fitting if "X" in network[0]]
    while True:
        inputs, layers, _ = _drawn(fitting, random)
        at = [layer.name for layer in layers if layer.kind == kind]
        place = at[random.integers(len(at))]
        try:
            wrong = Sheet(inputs, layers, {place: fault})
        except ValueError:
            continue  # the wrong product does not exist for these shapes
        yield Sheet(inputs, layers), wrong, place


def with_two(random: np.random.Generator) -> Iterator[tuple[list[Sheet], dict[str, str]]]:
    """Work with two mistakes, that with each of them alone and right work; and the mistakes by
    layer. Without end."""
    while True:
        inputs, layers, batch = _drawn(list(NETWORKS), random)
        ways = [
            (layer.name, name, fault)
            for layer in layers
            for (name, kind), fault in FAULTS.items()
            if kind == layer.kind and (batch or not name.startswith("broadcast"))
        ]
        (at, one, first), (other_at, other, second) = (
            ways[i] for i in random.choice(len(ways), 2, replace=len(ways) < 2)
        )
        if at == other_at:
            continue
        both = {at: first, other_at: second}
        alone: list[dict[str, Step]] = [{at: first}, {other_at: second}, {}]
        try:
            work = [Sheet(inputs, layers, faults) for faults in (both, *alone)]
            yield work, {at: one, other_at: other}
        except ValueError:
            continue
