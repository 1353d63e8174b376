"""The gradient as a graph: reverse mode run on nodes instead of numbers."""

from copy import deepcopy
from typing import Any

from gradcalc.engine.run import Rules, reverse
from gradcalc.engine.symbols import GraphAlgebra, Term
from gradcalc.graph.graph import Graph


def gradient_graph(graph: Graph, output: int) -> tuple[Graph, dict[int, int]]:
    """Extend a graph by nodes that compute the derivative of ``output`` by each of its inputs.

    Returns:
        a graph whose first nodes are those of ``graph``, and the node of the derivative for each
        input. Differentiating one of those nodes again gives second derivatives.
    """
    extended = deepcopy(graph)
    algebra = GraphAlgebra(extended)
    terms: list[Term] = [Term(algebra, node) for node in range(len(graph))]
    gradients: list[Any] = [0.0] * output + [1.0]
    reverse(Rules(extended), terms, gradients, range(output, -1, -1), algebra)
    inputs = [node for node in range(output + 1) if graph.varies[node] and not graph.operands[node]]
    return extended, {node: algebra.term(gradients[node]).node for node in inputs}
