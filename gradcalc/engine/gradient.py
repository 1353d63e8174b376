"""Derivatives as graphs: reverse mode run on nodes instead of numbers.

The gradient of a graph is a graph again, and so can be differentiated again. Forward mode needs no
rules of its own: the product of a Jacobian with a *vector from the left*, uᵀJ, is linear in u, so
that its derivative by u in the direction t is J t.

Source: Pearlmutter, *Fast Exact Multiplication by the Hessian* (1994), for products with a Hessian;
Townsend, *A new trick for calculating Jacobian vector products* (2017), for forward mode.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.run import Rules, depending, reverse_arrays
from gradcalc.engine.symbols import GraphAlgebra, Term
from gradcalc.graph.graph import CONSTANT, Graph

SUM = ops.PLACES["sum"]


def gradient_graph(
    graph: Graph,
    output: int,
    wrt: Iterable[int] | None = None,
    upstream: int | None = None,
    careful: bool = False,
) -> tuple[Graph, dict[int, int]]:
    """Extend a graph by nodes that compute the derivative of ``output`` by some of its nodes.

    Args:
        wrt: the nodes to differentiate by; the inputs up to the output if not given.
        upstream: the node of the gradient that arrives at the output, of the output's shape; 1
            (in every entry) if not given.
        careful: whether a zero is to stay zero also where an infinity meets it on a way that was
            not taken, which costs more nodes.

    Returns:
        a graph whose first nodes are those of ``graph``, and the node of the derivative for each
        node of ``wrt``, of its shape. Differentiating one of those nodes again gives second
        derivatives.
    """
    extended = graph.copy()
    return extended, append_gradients(extended, output, wrt, upstream, careful)


def append_gradients(
    graph: Graph,
    output: int,
    wrt: Iterable[int] | None = None,
    upstream: int | None = None,
    careful: bool = False,
) -> dict[int, int]:
    """Append to a graph what :func:`gradient_graph` extends a copy of it by."""
    algebra = GraphAlgebra(graph, careful=careful)
    # What is behind the output, such as other derivatives, is not looked at.
    terms: list[Term] = [Term(algebra, node) for node in range(output + 1)]
    arriving: Any = algebra.term(1.0) if upstream is None else Term(algebra, upstream)
    if upstream is None and graph.shape(output):
        arriving = algebra.broadcast_to(arriving, shape=graph.shape(output))
    wanted = None
    if wrt is None:
        wrt = [node for node in range(output + 1) if graph.varies[node] and graph.op[node] < 0]
    else:
        wrt = list(wrt)
        wanted = depending(graph, [node for node in wrt if node <= output], output + 1)
    gradients: dict[int, Any] = {output: arriving}
    rules, order = Rules(graph, wanted), range(output, -1, -1)
    # Where the zeros are in what arrives from outside is not known.
    masked = careful and upstream is None
    reverse_arrays(rules, terms, gradients, order, algebra, careful=masked)
    found = {}
    for node in wrt:
        gradient = gradients.get(node)
        if gradient is None:
            gradient = algebra.term(0.0)
            if graph.shape(node):
                gradient = algebra.broadcast_to(gradient, shape=graph.shape(node))
        found[node] = algebra.term(gradient).node
    return found


class Directional(NamedTuple):
    """A graph with open ends: leaves that get a direction before it is evaluated.

    Attributes:
        directions: the leaf that holds the direction, by the node it is a direction of.
        results: the node of the result, by what it is the result for.
        seed: the leaf of what arrives at the output, if the graph has one. No result
            depends on it, but where it is 0 rules hide a nan.
    """

    graph: Graph
    directions: dict[int, int]
    results: dict[int, int]
    seed: int | None = None


def jvp_graph(
    graph: Graph, output: int, inputs: Iterable[int], careful: bool = False
) -> Directional:
    """J t: the directional derivative of the output for directions t of the inputs.

    Its cost is that of the forward pass and one more pass of that size.
    """
    extended = graph.copy()
    seed = extended.add_input(shape=graph.shape(output))
    inputs = list(inputs)
    extended, gradients = gradient_graph(extended, output, inputs, seed, careful)
    product, directions = _product(extended, gradients)
    if product is None:
        return Directional(extended, directions, {})
    extended, found = gradient_graph(extended, product, [seed], careful=careful)
    return Directional(extended, directions, {output: found[seed]}, seed)


def hvp_graph(
    graph: Graph, output: int, inputs: Iterable[int], careful: bool = False
) -> Directional:
    """H v: the derivative of the gradient, of the scalar output, in directions v of the inputs.

    No Hessian is formed: the cost is a small multiple of that of a gradient.
    """
    inputs = list(inputs)
    extended, gradients = gradient_graph(graph, output, inputs, careful=careful)
    product, directions = _product(extended, gradients)
    if product is None:
        return Directional(extended, directions, {})
    extended, found = gradient_graph(extended, product, inputs, careful=careful)
    return Directional(extended, directions, found)


def _product(graph: Graph, gradients: Mapping[int, int]) -> tuple[int | None, dict[int, int]]:
    """Append the sum of the products of each gradient with a direction of its own, a new leaf."""
    algebra = GraphAlgebra(graph)
    total: Term | None = None
    directions = {}
    for node, gradient in gradients.items():
        shape = graph.shape(node)
        leaf = graph.add(CONSTANT, ())
        if shape:
            graph.shapes[leaf] = shape
        directions[node] = leaf
        part = Term(algebra, gradient) * Term(algebra, leaf)
        if algebra.shape(part):
            part = Term(algebra, graph.apply(SUM, (part.node,)))
        total = part if total is None else total + part
    return (None if total is None else total.node), directions
