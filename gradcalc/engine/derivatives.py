"""Jacobians, Hessians and their products with directions, of one evaluated output.

All of it is the gradient of :mod:`gradcalc.engine.gradient`, as a graph, evaluated: what does not
depend on the direction once, the rest for each direction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.gradient import Directional, hvp_graph, jvp_graph
from gradcalc.engine.run import depending, forward
from gradcalc.graph.graph import CONSTANT, Graph
from gradcalc.ops.shapes import Shape, size_of

SUM, MUL = ops.PLACES["sum"], ops.PLACES["mul"]


def jvp(run: Evaluation, directions: Mapping[int, Any]) -> Any:
    """The directional derivative of the output, of its shape.

    Args:
        directions: a direction for each input that moves, by node, of the input's shape.
    """
    output = run.output.node
    if not directions:
        return _zero(run, run.graph.shape(output))
    return _Ready(run, jvp_graph, run.graph, output, directions).along(directions)[output]


def hvp(run: Evaluation, directions: Mapping[int, Any], wrt: Sequence[int]) -> dict[int, Any]:
    """The Hessian of the output times a direction: for each node of ``wrt`` an array of its shape.

    Of an output that is not a scalar it is the Hessian of what is differentiated: the sum of its
    entries, weighted by the upstream gradient.
    """
    graph, output, weights = _weighted(run)
    inputs = list(dict.fromkeys([*directions, *wrt]))
    ready = _Ready(run, hvp_graph, graph, output, inputs, weights)
    found = ready.along(directions)
    return {node: found[node] for node in wrt}


def hessian(run: Evaluation, wrt: Sequence[int]) -> dict[tuple[int, int], Any]:
    """The second derivatives by each pair of nodes, of the shape of the first and then the second.

    A column at a time: as many products with the Hessian as the nodes have entries.
    """
    graph, output, weights = _weighted(run)
    ready = _Ready(run, hvp_graph, graph, output, wrt, weights)
    columns: dict[int, list[dict[int, Any]]] = {}
    for node in wrt:
        units = _units(run, graph.shape(node))
        columns[node] = [ready.along({node: unit}) for unit in units]
    return {
        (i, j): _assembled(run, [column[i] for column in columns[j]], graph, i, j)
        for i in wrt
        for j in wrt
    }


def jacobian(run: Evaluation, wrt: Sequence[int]) -> dict[int, Any]:
    """The derivative of every entry of the output by every entry of each node.

    Of the output's shape and then the node's. By rows or by columns, whichever are fewer.
    """
    rows = size_of(run.graph.shape(run.output.node))
    columns = sum(size_of(run.graph.shape(node)) for node in wrt)
    return jacobian_by_rows(run, wrt) if rows <= columns else jacobian_by_columns(run, wrt)


def jacobian_by_rows(run: Evaluation, wrt: Sequence[int]) -> dict[int, Any]:
    """The same by reverse mode, a backward pass for each entry of the output."""
    graph, m = run.graph, run.forward_pass.algebra
    shape = graph.shape(run.output.node)
    rows = [_row(run, unit, wrt) for unit in _units(run, shape)]
    if not graph.shapes:
        return rows[0]
    return {
        node: m.reshape(
            m.stack(*(row[node] for row in rows)) if rows else m.zeros(shape=(0,)),
            shape=(*shape, *graph.shape(node)),
        )
        for node in wrt
    }


def jacobian_by_columns(run: Evaluation, wrt: Sequence[int]) -> dict[int, Any]:
    """The same by forward mode, a directional derivative for each entry of the nodes."""
    graph, output = run.graph, run.output.node
    ready = _Ready(run, jvp_graph, graph, output, wrt)
    return {
        node: _assembled(
            run,
            [ready.along({node: u})[output] for u in _units(run, graph.shape(node))],
            graph,
            output,
            node,
        )
        for node in wrt
    }


def _row(run: Evaluation, upstream: Any, wrt: Sequence[int]) -> dict[int, Any]:
    """The gradient of one entry of the output, or another sum of them."""
    graph, m = run.graph, run.forward_pass.algebra
    run = Evaluation(run.forward_pass, run.output, upstream, wrt)
    if not graph.shapes:
        return {node: m.add(run.gradient(node), 0.0) for node in wrt}
    return {node: run.gradient(node) for node in wrt}


def _zero(run: Evaluation, shape: Shape) -> Any:
    return run.forward_pass.algebra.zeros(shape=shape) if shape else 0.0


def _general(shape: Shape) -> Any:
    """Numbers in general position: no sum of some of them, with signs, is 0."""
    if not shape:
        return 1.0
    import numpy as np

    return np.random.default_rng(0).uniform(1.0, 2.0, shape)


def _units(run: Evaluation, shape: Shape) -> Iterator[Any]:
    """Every unit vector of a shape."""
    if not shape:
        yield 1.0
        return
    m = run.forward_pass.algebra
    size = size_of(shape)
    for place in range(size):
        unit = m.zeros(shape=(size,))
        unit[place] = 1.0
        yield unit.reshape(shape)


def _assembled(run: Evaluation, columns: list[Any], graph: Graph, i: int, j: int) -> Any:
    """Columns, each of the shape of node ``i``, a column for each entry of node ``j``."""
    rows, by = graph.shape(i), graph.shape(j)
    if not rows and not by:
        return columns[0]
    m = run.forward_pass.algebra
    if not columns:
        return m.zeros(shape=(*rows, *by))
    return m.reshape(m.stack(*columns, axis=-1), shape=(*rows, *by))


def _weighted(run: Evaluation) -> tuple[Graph, int, dict[int, Any]]:
    """The scalar that is differentiated: the output, or the sum of its entries times the upstream
    gradient. Returns the graph, its node, and the values of new leaves."""
    graph, output = run.graph, run.output.node
    upstream, shape = run.upstream, graph.shape(output)
    if not shape and not getattr(upstream, "shape", ()) and upstream == 1.0:
        return graph, output, {}
    graph = graph.copy()
    leaf = graph.add(CONSTANT, ())
    if own := getattr(upstream, "shape", ()):
        graph.shapes[leaf] = own
    output = graph.apply(MUL, (output, leaf))
    if shape:
        output = graph.apply(SUM, (output,))
    return graph, output, {leaf: upstream}


class _Ready:
    """A graph of directional derivatives with everything computed that no direction changes.

    Args:
        build: makes it of a graph, its output and some of its inputs; the careful one if asked.
            It takes much longer than a direction does, and is kept for the next ones.
        leaves: the values of leaves that the graph has beside those of the run.
    """

    def __init__(
        self,
        run: Evaluation,
        build: Callable[..., Directional],
        graph: Graph,
        output: int,
        inputs: Iterable[int],
        leaves: Mapping[int, Any] | None = None,
        careful: bool = False,
    ) -> None:
        inputs, leaves = tuple(inputs), leaves or {}
        self._run, self._is_careful = run, careful
        self._again = partial(_Ready, run, build, graph, output, inputs, leaves, careful=True)
        self._careful: _Ready | None = None
        added = tuple([graph.shape(leaf) for leaf in leaves])
        ways, key = run.problem.ways, (build, run.output.node, inputs, added, careful)
        if key not in ways:
            ways[key] = build(graph, output, inputs, careful=careful)
        self._graph, self._directions, self._results, seed = ways[key]
        self._m = m = run.forward_pass.algebra
        graph = self._graph
        nodes = graph.ancestors(self._results.values())
        moves = depending(graph, self._directions.values())
        self._moving = [node for node in nodes if moves[node]]
        self._values = [*run.values, *[0.0] * (len(graph) - len(run.values))]
        still = [n for n in nodes if not moves[n] and n >= len(run.values)]
        with run.quiet():
            for node, value in (*graph.constants.items(), *leaves.items()):
                if node >= len(run.values):
                    self._values[node] = self._cast(value)
            if seed is not None and seed in nodes:
                self._values[seed] = self._cast(_general(graph.shape(seed)))
            forward(graph, self._values, m, still)

    def _cast(self, value: Any) -> Any:
        return self._m.cast(value) if self._graph.shapes else self._m.add(float(value), 0.0)

    def along(self, directions: Mapping[int, Any]) -> dict[int, Any]:
        """The results for a direction of some inputs; the others stay where they are."""
        graph, m = self._graph, self._m
        with self._run.quiet():
            for node, leaf in self._directions.items():
                zero = _zero(self._run, graph.shape(leaf))
                self._values[leaf] = self._cast(directions.get(node, zero))
            forward(graph, self._values, m, self._moving)
            found = {name: self._values[node] for name, node in self._results.items()}
            if self._is_careful or not any(map(_has_nan, found.values())):
                return found
        if self._careful is None:
            self._careful = self._again()
        return self._careful.along(directions)


def _has_nan(x: Any) -> bool:
    wrong = x != x
    return wrong if isinstance(wrong, bool) else bool(wrong.any())
