"""By how much rounding errors may change the difference of two nodes."""

from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, ForwardPass
from gradcalc.engine.numerical.objective import EXACT, UNITS
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.graph.lower import Output
from gradcalc.ops.shapes import size_of

#: Of arrays with more entries it is not found out.
ENTRIES = 64
#: By so many units in the last place the result of a gate may be off.
MARGIN = 2.0
#: Up to here whole numbers are added and multiplied without an error, by these gates.
WHOLE = {"float64": 2.0**53, "float32": 2.0**24}
ARITHMETIC = frozenset(("add", "sub", "mul", "neg", "square", "pow", "sum", "dot", "matmul"))


class Roundings:
    """The rounding errors in the values of a problem. The values of inputs have none."""

    def __init__(self, forward_pass: ForwardPass, dtype: str) -> None:
        self._pass = forward_pass
        self._unit, self._whole = UNITS[dtype][0], WHOLE[dtype]
        self._alike = self._find_alike()

    def between(self, one: int, other: int) -> list[float]:
        """For each entry of the difference of two nodes what the errors of all gates do to it.

        The error of a gate reaches the difference times the gradient by it. What is computed twice
        in the same way has the same error twice, which may cancel. Empty for a big array.

        Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 2.3.
        """
        shape = self._pass.graph.shape(one)
        size = size_of(shape)
        if size > ENTRIES or self._pass.graph.shape(other) != shape:
            return []
        m = self._pass.algebra
        units = [m.reshape(unit, shape=shape) for unit in m.eye(n=size)] if shape else [1.0]
        return [self._sum(one, other, unit) for unit in units]

    def _sum(self, one: int, other: int, upstream: Any) -> float:
        graph, values = self._pass.graph, self._pass.values
        changes: dict[tuple[int, int], Any] = {}
        for sign, output in ((1.0, one), (-1.0, other)):
            run = Evaluation(self._pass, Output(None, output), upstream)
            with run.quiet():
                for node in run.nodes:
                    if not self._is_exact(node):
                        # Of a sum, or of products with a matrix, each term adds its own error.
                        terms = graph.operands[node] if graph.op[node] >= STRUCTURAL else ()
                        for part in (node, *terms):
                            key = self._alike[node], self._alike[part]
                            change = sign * run.gradient(part) * values[part]
                            changes[key] = changes.get(key, 0.0) + change
        total = 0.0
        for change in changes.values():
            size = abs(change)
            total += float(size.sum() if graph.shapes else size)
        return total * self._unit * MARGIN

    def _is_exact(self, node: int) -> bool:
        graph, values = self._pass.graph, self._pass.values
        if graph.op[node] < 0 or ops.TABLE[graph.op[node]].pattern in EXACT:
            return True
        if ops.TABLE[graph.op[node]].name not in ARITHMETIC:
            return False
        return all(map(self._is_whole, (values[node], *(values[n] for n in graph.operands[node]))))

    def _is_whole(self, x: Any) -> bool:
        found = (abs(x) < self._whole) & (x % 1.0 == 0.0)
        return bool(found.all() if getattr(found, "shape", ()) else found)

    def _find_alike(self) -> list[int]:
        """For each node the first one that is computed in the same way."""
        graph = self._pass.graph
        first: dict[Any, int] = {}
        found: list[int] = []
        for node, operands in enumerate(graph.operands):
            key: Any = ("leaf", node)
            if graph.op[node] >= 0:
                settings = repr(graph.settings.get(node))
                key = graph.op[node], tuple([found[operand] for operand in operands]), settings
            elif isinstance(number := graph.constants.get(node), float):
                key = number
            found.append(first.setdefault(key, node))
        return found
