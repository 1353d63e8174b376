"""Settings that vary: an operation that is given one is lowered to operations of which it is an
operand, and so has a gradient.

Only numbers can vary so. Sizes, axes, the order of a norm and the like are choices.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcalc import ops
from gradcalc.ops.row import Structural
from gradcalc.ops.shapes import Shape

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: What is appended for a call, the settings that vary, and the shape of the result; None where the
#: result does not depend on them but by its shape.
Formula = Callable[["Call", set[str], Shape], int | None]


class Call(NamedTuple):
    """A call of an operation.

    Attributes:
        operands: graph nodes.
        settings: the values of all settings.
        nodes: the graph nodes of those that are given and are numbers, by name.
        i: its Ast node.
    """

    lowering: "Expressions"
    row: Structural
    operands: tuple[int, ...]
    settings: Mapping[str, Any]
    nodes: Mapping[str, int]
    i: int

    def shape(self, node: int) -> Shape:
        """The shape of a node."""
        return self.lowering.graph.shape(node)

    def constant(self, value: float) -> int:
        """A number as a node."""
        return self.lowering.graph.add_constant(value, self.i)

    def setting(self, name: str) -> int:
        """The node of a setting that is a number."""
        node = self.nodes.get(name)
        return self.constant(self.settings[name]) if node is None else node

    def apply(self, name: str, *operands: int, **settings: Any) -> int:
        """Append an operation."""
        places = [self.i] * len(operands)
        return self.lowering.apply(ops.PLACES[name], operands, self.i, places, settings)


def lowered(call: Call) -> int | None:
    """The node of a call of which a setting varies; None where there is no such setting.

    Raises:
        Misfit: as the operation does.
    """
    graph = call.lowering.graph
    write = FORMULAS.get(call.row.name)
    varying = {name for name, node in call.nodes.items() if graph.varies[node]}
    shapes = [graph.shapes.get(operand, ()) for operand in call.operands]
    if write is None or not varying or None in shapes:
        return None
    return write(call, varying, call.row.shape(*shapes, **call.settings))


def _linspace(call: Call, varying: set[str], shape: Shape) -> int:
    """The mean of both ends, with weights: the ends are exact."""
    share = call.apply("linspace", start=0.0, stop=1.0, n=shape[0])
    rest = call.apply("sub", call.constant(1.0), share)
    first = call.apply("mul", rest, call.setting("start"))
    return call.apply("add", first, call.apply("mul", share, call.setting("stop")))


def _arange(call: Call, varying: set[str], shape: Shape) -> int | None:
    is_stop = call.settings["stop"] is None  # arange(n)
    if varying <= {"start" if is_stop else "stop"}:  # how many there are is a size
        return None
    steps = call.apply("mul", call.setting("step"), call.apply("arange", start=float(shape[0])))
    return steps if is_stop else call.apply("add", call.setting("start"), steps)


def _svm_loss(call: Call, varying: set[str], shape: Shape) -> int:
    """The loss without a margin of scores that are counted from that of the right class, and lower
    by delta there."""
    s, y = call.operands
    right = call.apply("one_hot", y, n=call.shape(s)[-1])
    zero = call.constant(0.0)
    score = call.apply("sum", call.apply("where", right, s, zero), axis=-1, keepdims=True)
    lower = call.apply("where", right, call.setting("delta"), zero)
    distances = call.apply("sub", call.apply("sub", s, score), lower)
    return call.apply("svm_loss", distances, y, delta=0.0)


def _normalisation(features: int, axes: Callable[[int], Any]) -> Formula:
    """(x - mean) / spread(std, eps) * gamma + beta.

    Args:
        features: the axis along which gamma and beta have their entries.
        axes: those of the mean, by the number of the axes of x.
    """

    def write(call: Call, varying: set[str], shape: Shape) -> int:
        x, *scales = call.operands
        ndim = len(shape)
        deviation = call.apply("std", x, axis=axes(ndim), keepdims=True)
        spread = call.apply("spread", deviation, call.setting("eps"))
        found = call.apply("div", call.apply("centred", x, axis=axes(ndim)), spread)
        for name, scale in zip(("mul", "add"), scales, strict=False):
            after = ndim - 1 - features % ndim
            if after:
                sizes = (*call.shape(scale), *(1,) * after)
                scale = call.apply("reshape", scale, shape=sizes)
            found = call.apply(name, found, scale)
        return found

    return write


#: How an operation is written of which a setting varies, by its name.
FORMULAS: Mapping[str, Formula] = {
    "linspace": _linspace,
    "arange": _arange,
    "svm_loss": _svm_loss,
    "layer_norm": _normalisation(-1, lambda ndim: -1),
    "batch_norm": _normalisation(1, lambda ndim: 0 if ndim == 2 else (0, *range(2, ndim))),
}
