"""Forward and reverse: the two loops, over any algebra.

An algebra is an object that knows the functions that rules call, such as the module
:mod:`gradcalc.engine.floats`. What the values are, only the algebra knows.
"""

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.errors import DataError
from gradcalc.graph.graph import STRUCTURAL, Graph
from gradcalc.ops.row import Rule, Structural
from gradcalc.ops.shapes import Shape

#: Operations that hand the gradient to some operands and nothing to the others. There, local 0
#: means "not taken", and stays 0 even under an infinite upstream gradient.
CHOOSES = frozenset(
    place for place, row in enumerate(ops.ELEMENTWISE) if row.pattern in ("router", "blocker")
)
#: Of these the first operand, where it is 0, is all that matters: the second one gets nothing then.
SHIELDS = frozenset(ops.PLACES[name] for name in ("chain", "over"))
#: Structural operations each of whose values is a sum (nothing is subtracted) of products with a
#: factor from each operand.
BILINEAR = frozenset(("matmul", "dot", "outer", "conv1d", "conv2d"))
NOTHING: Mapping[str, Any] = {}


@lru_cache(maxsize=8)  # an algebra with random numbers is there for one value only
def forward_functions(m: Any) -> tuple[Callable[..., Any], ...]:
    """For each row of the table the function of its operands, in the algebra ``m``.

    A function that the algebra has under the row's own name is taken as it is.
    """
    table = ops.load() if hasattr(m, "dtype") else ops.TABLE  # scalars have no structural rows
    return tuple(getattr(m, row.name, None) or partial(row.forward, m) for row in table)


class Kind(NamedTuple):
    """What the reverse pass has to know of an operation, beside its rules.

    Attributes:
        structural: whether its rules take the upstream gradient and give the downstream one.
        splits: whether it has one function for the downstream gradients of all operands.
        is_index: whether it takes entries of its first operand.
        bilinear, routes, shields: see BILINEAR, CHOOSES and SHIELDS.
    """

    structural: bool
    splits: bool
    is_index: bool
    bilinear: bool
    routes: bool
    shields: bool


@cache
def kinds(loaded: int) -> tuple[Kind, ...]:
    """The kind of each row of the table, of which so many are loaded."""
    return tuple(
        Kind(
            structural=op >= STRUCTURAL,
            splits=isinstance(row, Structural) and row.split is not None,
            is_index=row.name == "index",
            bilinear=row.name in BILINEAR,
            routes=op in CHOOSES,
            shields=op in SHIELDS,
        )
        for op, row in enumerate(ops.TABLE[:loaded])
    )


def forward(
    graph: Graph,
    values: MutableMapping[int, Any] | list[Any],
    m: Any,
    nodes: Iterable[int] | None = None,
) -> None:
    """Compute the value of every operation. ``values`` holds those of the leaves, by node.

    Args:
        nodes: which to compute, in topological order; all of them if not given.

    Raises:
        DataError: an operation cannot take its values; it says at which node.
    """
    functions = forward_functions(m)
    operations = graph.op
    if graph.shapes:
        _forward_arrays(graph, values, m, range(len(graph)) if nodes is None else nodes)
        return
    for node, operands in enumerate(graph.operands) if nodes is None else _with(graph, nodes):
        if not operands:
            continue
        function = functions[operations[node]]
        if len(operands) == 2:
            a, b = operands
            values[node] = function(values[a], values[b])
        elif len(operands) == 1:
            values[node] = function(values[operands[0]])
        else:
            values[node] = function(*[values[operand] for operand in operands])


def _with(graph: Graph, nodes: Iterable[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    return ((node, graph.operands[node]) for node in nodes)


def _forward_arrays(
    graph: Graph, values: MutableMapping[int, Any] | list[Any], m: Any, nodes: Iterable[int]
) -> None:
    """The same for operations with settings, and on values that may be arrays."""
    functions = forward_functions(m)
    operations, operands, settings = graph.op, graph.operands, graph.settings
    dtype = m.dtype
    m.forget()
    for node in nodes:
        op = operations[node]
        if op < 0:
            continue
        inputs = [values[operand] for operand in operands[node]]
        try:
            if node in settings:
                value = functions[op](*inputs, **settings[node])
            else:
                value = functions[op](*inputs)
        except DataError as error:
            error.node = node
            raise
        # A rule's own constants may have made a float32 value a float64 one.
        if value.__class__ is float or value.dtype is not dtype:
            value = m.cast(value)
        values[node] = value


class Rules:
    """The rules for the operands of a node that vary: ``rules[node]`` is [(operand, rule), ...].

    ``wanted`` has a 1 for each node whose gradient is wanted, or needed for one that is; if it is
    given, the other operands are left out. What is done at a tie still depends on all that vary.
    """

    __slots__ = ("_known", "_of_nodes", "graph", "wanted")

    def __init__(self, graph: Graph, wanted: bytearray | None = None) -> None:
        self.graph = graph
        self.wanted = wanted
        self._known: dict[tuple[int, tuple[bool, ...]], list[tuple[int, Rule]]] = {}
        #: Of the nodes that have been asked for; only where ``wanted`` tells nodes apart.
        self._of_nodes: list[list[tuple[int, Rule]] | None] = [None] * len(wanted or ())

    def __reduce__(self) -> tuple[Any, ...]:
        # Rules are found again where a report arrives; functions cannot be sent.
        return Rules, (self.graph, self.wanted)

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        """Pairs of (place of the operand, its rule)."""
        if self.wanted is None:
            return self._of_all(node)
        found = self._of_nodes[node]
        if found is None:
            wanted, operands = self.wanted, self.graph.operands[node]
            found = [pair for pair in self._of_all(node) if wanted[operands[pair[0]]]]
            self._of_nodes[node] = found
        return found

    def _of_all(self, node: int) -> list[tuple[int, Rule]]:
        graph = self.graph
        varies = tuple([graph.varies[operand] != 0 for operand in graph.operands[node]])
        key = (graph.op[node], varies)
        found = self._known.get(key)
        if found is None:
            row = ops.TABLE[graph.op[node]]
            pairs = [(k, row.rule(k, varies)) for k, moves in enumerate(varies) if moves]
            found = self._known[key] = [(k, rule) for k, rule in pairs if rule is not None]
        return found


def depending(
    graph: Graph,
    roots: Iterable[int],
    stop: int | None = None,
    without: Collection[int] = (),
) -> bytearray:
    """A 1 for each node, of those up to ``stop``, that depends on one of the roots or is one.

    ``without`` has nodes through which nothing depends on anything.
    """
    nodes = range(len(graph) if stop is None else stop)
    found = bytearray(len(nodes))
    for root in roots:
        found[root] = 1
    for node, operands in zip(nodes, graph.operands, strict=False):
        for operand in operands:
            if found[operand]:
                found[node] = node not in without
                break
    return found


def reverse(
    rules: Rules,
    values: Sequence[Any],
    gradients: MutableMapping[int, Any] | list[Any],
    order: Iterable[int],
    m: Any,
) -> None:
    """Backpropagation: add up the upstream gradient of every node.

    Zero upstream gradients are not followed: a branch that was not taken is never differentiated.

    Args:
        rules: of the graph.
        values: of every node.
        gradients: by node; what arrives at the output, and 0.0 for every other node in ``order``
            and every operand of one. Filled in place.
        order: the nodes to visit, an operand behind each gate that uses it.

    Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 3.2; CS231n lecture 4.
    """
    graph = rules.graph
    chain = m.chain
    for node in order:
        operands = graph.operands[node]
        gradient = gradients[node]
        if not operands or gradient == 0.0:
            continue
        value = values[node]
        inputs = [values[operand] for operand in operands]
        for place, rule in rules[node]:
            local = rule(m, value, *inputs)
            downstream = chain(gradient, local)
            if downstream != downstream and local == 0.0 and graph.op[node] in CHOOSES:
                continue
            operand = operands[place]
            gradients[operand] = gradients[operand] + downstream


def reverse_arrays(
    rules: Rules,
    values: Sequence[Any],
    gradients: MutableMapping[int, Any],
    order: Iterable[int],
    m: Any,
    *,
    keep: Collection[int] | None = None,
    careful: bool = False,
    strange: list[int] | None = None,
    unread: dict[int, tuple[float, int]] | None = None,
) -> None:
    """Backpropagation where values may be arrays, or nodes of a graph whose values will be.

    The broadcasting of operands is undone here, once for all rules.

    Args:
        rules, values, order: as in :func:`reverse`.
        gradients: by node; what arrives at the output, and nothing for nodes that nothing has
            arrived at. Filled in place.
        keep: the nodes whose gradients are kept when they have been used; all of them if None.
        careful: whether a zero in the upstream gradient is kept zero also where an infinite factor
            of a product of matrices meets it. It costs more products.
        strange: gets the nodes whose gradients have an entry that is not finite.
        unread: gets the leaves, each with the sum of the squares of the upstream gradient and the
            node of the other factor, whose gradients nobody looked at: products of finite factors.
            They are not finite only where such a product is beyond the range.
    """
    graph = rules.graph
    shapes, settings = graph.shapes, graph.settings
    known, chain = kinds(len(ops.TABLE)), m.chain
    add_part = getattr(m, "add_part", None)
    own: set[int] = set()  # the nodes whose gradient was made here, and may be added to
    last: Any = None  # a gradient that goes through a gate as it is is not looked at again
    some = finite = True
    unread = {} if unread is None else unread
    m.look_again()
    for node in order:
        gradient = gradients.get(node)
        if gradient is None:
            continue
        operands = graph.operands[node]
        if node in unread:
            some, finite, last = True, True, gradient
        elif gradient is not last and (operands or strange is not None):
            some, finite = m.survey(gradient)
            last = gradient
        if strange is not None and not finite:
            strange.append(node)
        if keep is not None and node not in keep:
            del gradients[node]
        if not operands:
            continue
        if not some:
            continue
        value = values[node]
        inputs = [values[operand] for operand in operands]
        op = graph.op[node]
        structural, splits, is_index, bilinear, routes, shields = known[op]
        parts: Sequence[Any] = ()
        if structural:
            given = settings.get(node, NOTHING)
            if is_index and operands[0] in own and add_part:
                # A loop takes entry after entry: an array for each would be mostly zeros.
                add_part(gradients[operands[0]], gradient, *inputs[1:], **given)
                last = None
                continue
            if splits:
                row: Any = ops.TABLE[op]
                parts = row.split(m, gradient, *map(m.shape, inputs), **given)
        for place, rule in rules[node]:
            if parts:
                downstream = parts[place]
            elif structural:
                downstream = rule(m, gradient, value, *inputs, **given)
                if careful and bilinear:
                    downstream = m.masked(downstream, rule, gradient, value, inputs, place, given)
            else:
                local = rule(m, value, *inputs)
                if local.__class__ is float and local == 0.0:
                    continue
                if routes or (place and shields):
                    spare = finite and all(local is not x for x in (value, *inputs))
                    downstream = m.routed(gradient, local, spare)
                else:
                    downstream = chain(gradient, local)
            operand = operands[place]
            # A rule's own constants may have made a float32 gradient a float64 one.
            shape = shapes.get(operand, ()) or ()
            if not m.fits(downstream, shape):
                downstream = m.cast(fitted(m, downstream, shape))
            total = gradients.get(operand)
            if unread:
                unread.pop(operand, None)
            if total is None:
                gradients[operand] = downstream
                if is_index:
                    own.add(operand)
                elif (
                    strange is not None
                    and finite
                    and bilinear
                    and not graph.operands[operand]
                    and m.is_finite_factor(inputs, 1 - place, value, downstream, ops.TABLE[op].name)
                ):
                    unread[operand] = m.squares(gradient), operands[1 - place]
            elif operand in own:
                gradients[operand] = m.add_into(total, downstream)
                last = None
            else:
                gradients[operand] = total + downstream
                own.add(operand)


def fitted(m: Any, x: Any, shape: Shape) -> Any:
    """A gradient in the shape of its variable: summed over the axes that were broadcast."""
    have = m.shape(x)
    if have == shape:
        return x
    lead = len(have) - len(shape)
    axes = tuple(i for i in range(len(have)) if i < lead or (shape[i - lead] == 1 != have[i]))
    if axes:
        x = m.sum(x, axis=axes, keepdims=False)
    if lead < 0 or any(have[i + lead] != n for i, n in enumerate(shape) if n != 1):
        return m.broadcast_to(x, shape=shape)
    return m.reshape(x, shape=shape) if m.shape(x) != shape else x
