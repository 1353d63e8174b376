"""Answers that are formulas: what may occur in them, and whether they are the right function."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, ForwardPass, compute
from gradcalc.engine.run import CHOOSES, depending
from gradcalc.errors import DataError, GradcalcError
from gradcalc.graph.graph import INPUT, STRUCTURAL, Graph
from gradcalc.ops.row import Structural
from gradcalc.services.check.names import Names
from gradcalc.services.check.scratch import Expression, Scratch
from gradcalc.services.check.types import Quantity
from gradcalc.source import Source

#: At so many points a formula is compared, and so many are drawn to find them.
POINTS, DRAWN = 5, 60
SEED = 231
#: The draws start far from the given point and come nearer, to stay on its side of every kink.
FAR = (2.0, 1.0, 0.5, 0.2, 0.05)

Compare = Callable[[Any, Any], bool]


class Formulas:
    """The formulas of one problem's answers."""

    def __init__(self, run: Evaluation, scratch: Scratch, names: Names) -> None:
        self._run = run
        self._scratch = scratch
        self._names = names
        self._gradients: dict[int, int] = {}  # the leaf for the gradient of a node
        self._points: list[Evaluation] | None = None

    def read(self, quantity: Quantity, source: Source) -> Expression:
        """An answer that is an expression.

        A value may be written with what it is made of, a gradient with all values and with the
        gradients between it and the output.

        Raises:
            GradcalcError: it cannot be read.
        """
        run, definitions = self._run, self._names.definitions
        node = quantity.node
        later: bytearray = depending(run.graph, [node])
        later[node] = 0
        if quantity.kind == "value":
            before = set(run.graph.ancestors([node])) - {node}
            names = {name: n for name, n in definitions.items() if n in before}
        else:
            names = dict(definitions)
            names.update(
                (name, run.output.node) for name in self._names.outputs if name not in names
            )
            for name, n in definitions.items():
                if later[n] and f"d{name}" not in definitions:
                    names[f"d{name}"] = self._leaf(n)

        def gradient(graph: Graph, output: int, by: int) -> int:
            """What a derivative in an answer is. Raises GradcalcError if it may not be there."""
            if quantity.kind == "gradient" and output == run.output.node and later[by]:
                return self._leaf(by)
            message = "an answer says what a derivative is, and may only be written with those"
            message += f" between {quantity.name} and the output"
            raise GradcalcError("bad-value", message)

        return self._scratch.lower(source, names, gradient)

    def _leaf(self, node: int) -> int:
        if node not in self._gradients:
            graph = self._scratch.graph
            leaf = graph.add_input(shape=self._run.graph.shape(node))
            # Shapes may not depend on a gradient; its name is one that nobody can write.
            graph.names[leaf] = name = f"d #{node}"
            self._scratch.values[name] = self._run.gradient(node)
            self._gradients[node] = leaf
        return self._gradients[node]

    def value(self, node: int, run: Evaluation | None = None) -> Any:
        """The value of a formula at the point of a run, the given one or another; None for none."""
        run = run or self._run
        leaves = {leaf: run.gradient(n) for n, leaf in self._gradients.items()}
        return self._scratch.value(node, run.values, leaves)

    def is_constant(self, node: int) -> bool:
        """Whether an expression is a number or an array, with no names in it."""
        return not self._scratch.depends(node)

    def agrees(self, quantity: Quantity, node: int, same: Compare) -> tuple[bool, int]:
        """Whether a formula is the quantity, as functions of the inputs, and at how many random
        points both are finite and were compared."""
        compared = 0
        for run in self._at_random():
            of = quantity.node
            true = run.values[of] if quantity.kind == "value" else run.gradient(of)
            found = self.value(node, run)
            if found is None or not (_is_finite(true) and _is_finite(found)):
                continue
            compared += 1
            if not same(found, true):
                return False, compared
        return True, compared

    def _at_random(self) -> list[Evaluation]:
        if self._points is None:
            self._points = list(self._draw())
        return self._points

    def _draw(self) -> Iterator[Evaluation]:
        """The same problem at other inputs, of the same shapes and on the same side of each kink:
        a formula need not say what would hold elsewhere."""
        run = self._run
        graph = run.graph
        fixed = _fixed(graph)
        side = _side(run)
        found = 0
        draw = _drawer()
        for attempt in range(DRAWN):
            far = FAR[attempt * len(FAR) // DRAWN]
            leaves = {
                node: run.values[node] if fixed[node] else draw(run.values[node], far)
                for node in range(len(graph))
                if graph.op[node] == INPUT
            }
            algebra = run.forward_pass.algebra
            try:
                values = compute(graph, leaves, algebra)
            except DataError:
                continue
            other = Evaluation(ForwardPass(run.problem, values, algebra), run.output, run.upstream)
            if _is_finite(values[run.output.node]) and _same_side(side, _side(other)):
                yield other
                found += 1
                if found == POINTS:
                    return


def _fixed(graph: Graph) -> bytearray:
    """A 1 for each node that a label or an index is made of: these stay whole numbers."""
    roots: list[int] = []
    for node, op in enumerate(graph.op):
        row = ops.TABLE[op] if op >= STRUCTURAL else None
        if isinstance(row, Structural) and not callable(row.vjps):
            operands = graph.operands[node]
            # An index has any number of items behind the array; none of them gets a gradient.
            rules = [*row.vjps, *[None] * len(operands)]
            roots += [o for o, rule in zip(operands, rules, strict=False) if rule is None]
    fixed = bytearray(len(graph))
    for node in graph.ancestors(roots):
        fixed[node] = 1
    return fixed


def _drawer() -> Callable[[Any, float], Any]:
    """A function of (value, how far): a value near it, of its shape."""
    from random import Random

    chance = Random(SEED)

    def draw(value: Any, far: float) -> Any:
        if not getattr(value, "shape", ()):
            return float(value) + far * chance.gauss(0.0, 1.0) * (abs(float(value)) or 1.0)
        import numpy as np

        noise = np.random.default_rng(chance.randrange(1 << 30)).standard_normal(value.shape)
        scale = np.where(value == 0.0, 1.0, np.abs(value))
        return value + far * noise * scale

    return draw


def _side(run: Evaluation) -> Mapping[int, Any]:
    """At every gate that chooses: what it passes on of its value to each of its operands."""
    graph, m = run.graph, run.forward_pass.algebra
    found: dict[int, Any] = {}
    for node in run.nodes:
        op = graph.op[node]
        if op < 0:
            continue
        row = ops.TABLE[op]
        if not (op in CHOOSES or row.kink or row.pattern == "router"):
            continue
        inputs = [run.values[operand] for operand in graph.operands[node]]
        if op >= STRUCTURAL:
            if row.pattern != "router":
                continue
            ones = m.broadcast_to(m.cast(1.0), shape=graph.shape(node))
            settings = graph.settings.get(node, {})
            with m.quiet():
                found[node] = [
                    rule(m, ones, run.values[node], *inputs, **settings) != 0
                    for _, rule in run.forward_pass.rules[node]
                ]
            continue
        with m.quiet():
            found[node] = [
                _sign(rule(m, run.values[node], *inputs))
                for _, rule in run.forward_pass.rules[node]
            ] or [run.values[node]]
            if len(inputs) == 1 or row.kink:
                found[node].append(_sign(inputs[0]))
    return found


def _sign(x: Any) -> Any:
    # NumPy subtracts no truth values.
    return (x > 0) * 2 + (x < 0)


def _same_side(one: Mapping[int, Any], other: Mapping[int, Any]) -> bool:
    for node, signs in one.items():
        for a, b in zip(signs, other[node], strict=True):
            same = a == b
            if not (bool(same.all()) if getattr(same, "shape", ()) else same):
                return False
    return True


def _is_finite(value: Any) -> bool:
    if not getattr(value, "shape", ()):
        return isfinite(value)
    import numpy as np

    return bool(np.isfinite(value).all())
