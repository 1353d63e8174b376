"""Parts of an Ast that are lowered more than once, or otherwise than where they stand."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gradcalc import ops
from gradcalc.graph import misfits
from gradcalc.syntax.ast import Ast

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

NEG = ops.PLACES["neg"]
#: Calls and loops may multiply a small program by a lot. Beyond this many nodes it is refused
#: beforehand.
MAX_INLINED = 5_000_000


#: The name of a definition with an index, and values of its indices: h_t for t = 3.
Member = tuple[str, tuple[int, ...]]


class Frame:
    """A range of the Ast that is being lowered: a statement, or the body of a called function, or
    of a loop, which is lowered again for each of its ``turns``."""

    __slots__ = ("first", "loop", "member", "next", "nodes", "parameters", "root", "terms", "turns")

    def __init__(
        self,
        first: int,
        root: int,
        parameters: Mapping[str, int],
        member: Member | None = None,
    ) -> None:
        self.first = first
        self.root = root
        self.next = first
        self.nodes: list[int] = []  # the graph node of each Ast node, counted from ``first``
        self.parameters = parameters
        self.loop = -1  # the Ast node of the loop that it is the body of
        self.turns: Iterator[Mapping[str, int]] | None = None  # the parameters of each turn left
        self.terms: list[int] = []  # what the turns so far came to
        self.member = member  # what it is the definition of

    def again(self) -> bool:
        """Begin the next turn of a loop, if there is one."""
        turn = next(self.turns, None) if self.turns is not None else None
        if turn is None:
            return False
        self.parameters, self.next, self.nodes = turn, self.first, []
        return True


class Loops:
    """Where the bodies of the loops of an Ast are: they are not lowered where they stand.

    Attributes:
        sizes: of each loop how many Ast nodes are lowered in one turn, those of the turns of inner
            loops among them as far as these are known beforehand.
    """

    def __init__(self, ast: Ast, values: Mapping[str, Any]) -> None:
        self._bodies = [(ast.first(ast.left[i]), ast.left[i], i) for i in sorted(ast.loops)]
        self._known: dict[tuple[int, int], bytearray | None] = {}
        # What is no input inside of a loop or a function.
        names = {loop.name for loops in ast.loops.values() for loop in loops}
        names.update(*(statement.parameters for statement in ast.statements))
        self.sizes: dict[int, int] = {}
        outermost: list[tuple[int, int]] = []  # loops so far, each with the nodes of all its turns
        for first, root, i in self._bodies:
            size = root - first + 1
            while outermost and outermost[-1][0] >= first:
                inner, nodes = outermost.pop()
                size += nodes if inner <= root else 0
            self.sizes[i] = min(size, 2 * MAX_INLINED)
            outermost.append((i, self.sizes[i] * _turns(ast, i, values, names)))

    def skipped(self, first: int, root: int) -> bytearray | None:
        """A 1 for each Ast node of the range that is in the body of a loop of the range."""
        if (first, root) not in self._known:
            self._known[first, root] = self._find(first, root)
        return self._known[first, root]

    def _find(self, first: int, root: int) -> bytearray | None:
        found: bytearray | None = None
        # The loop that the range is itself the body of comes behind it.
        begin = bisect_left(self._bodies, first, key=itemgetter(2))
        behind = bisect_right(self._bodies, root, key=itemgetter(2))
        for start, end, _ in self._bodies[begin:behind]:
            if first <= start:
                found = found or bytearray(root - first + 1)
                found[start - first : end - first + 1] = b"\1" * (end - start + 1)
        return found


def _turns(ast: Ast, i: int, values: Mapping[str, Any], names: Collection[str]) -> int:
    """How many turns a loop has for sure: all, if its ranges are numbers or inputs with values."""
    turns = 1
    for loop in ast.loops[i]:
        bounds = []
        for a in loop.arguments:
            name = ast.names[ast.left[a]] if ast.kind[a] == "name" else ""
            value = ast.numbers[ast.left[a]] if ast.kind[a] == "number" else None
            if name and name not in names:
                value = values.get(name)
            if not isinstance(value, float) or not value.is_integer():
                return 0
            bounds.append(int(value))
        if bounds[2:] == [0]:
            return 0
        turns *= _length(range(*bounds))
    return turns


def _length(numbers: range) -> int:
    """Its length, which len() cannot say of a long one."""
    return max(0, -((numbers.start - numbers.stop) // numbers.step))


def first_turn(
    lowering: "Expressions", i: int, nodes: list[int], first: int, parameters: Mapping[str, int]
) -> Frame | None:
    """The first turn of a loop; None if it has none."""
    ast = lowering.ast
    ranges, unknown = [], {}
    _check_ranges(lowering, i)
    for loop in ast.loops[i]:
        bounds = [lowering.whole(nodes[a - first], a, "a bound of a range") for a in loop.arguments]
        if None in bounds:  # a value is missing; one turn shows what else is
            missing = nodes[loop.arguments[bounds.index(None)] - first]
            unknown[loop.name] = _number_by(lowering, missing, i)
            bounds = [1]
        elif len(bounds) == 3 and bounds[2] == 0:
            place = loop.arguments[2]
            raise lowering.error_at("bad-value", "the step of a range is 0", place)
        ranges.append(range(*(bound for bound in bounds if bound is not None)))
    body, turns = ast.left[i], prod(map(_length, ranges))
    assert lowering.loops
    size = lowering.inlined + turns * lowering.loops.sizes[i]
    if size > MAX_INLINED:
        raise misfits.too_many_turns(turns, size, i, lowering)
    lowering.inlined += turns * (body - ast.first(body) + 1)
    names = [loop.name for loop in ast.loops[i]]

    def bound(numbers: tuple[int, ...]) -> Mapping[str, int]:
        leaves = [lowering.graph.add_constant(float(number), i) for number in numbers]
        return {**parameters, **dict(zip(names, leaves, strict=True)), **unknown}

    if not turns:
        _name_inputs(lowering, ast.first(body), body, {*names, *parameters})
        return None
    frame = Frame(ast.first(body), body, parameters)
    frame.loop, frame.turns = i, map(bound, product(*ranges))
    frame.again()
    return frame


def _number_by(lowering: "Expressions", node: int, i: int) -> int:
    """A constant number whose value is not known, for it depends on that of another node."""
    graph = lowering.graph
    constant = graph.add(NEG, (node,), i)
    graph.varies[constant] = 0
    return constant


def _check_ranges(lowering: "Expressions", i: int) -> None:
    """The range of a loop does not depend on the other loops of the same comprehension."""
    ast, outer = lowering.ast, set[str]()
    for loop in ast.loops[i]:
        for argument in loop.arguments if outer else ():
            for node in range(ast.first(argument), argument + 1):
                name = ast.names[ast.left[node]] if ast.kind[node] == "name" else ""
                if name in outer:
                    message = f"the range of {loop.name} depends on {name}"
                    help = f"put the loop over {loop.name} inside the other one: "
                    help += f"sum(sum(... for {loop.name} in range({name})) for {name} in range(n))"
                    raise lowering.error_at("bad-value", message, argument, help)
        outer.add(loop.name)


def _name_inputs(lowering: "Expressions", first: int, root: int, others: Iterable[str]) -> None:
    """The names in the body of a loop without turns are inputs all the same: nothing depends on
    them, but they may be given a value."""
    ast = lowering.ast
    inner = {loop.name for i in range(first, root) for loop in ast.loops.get(i, ())}
    for i in range(first, root + 1):
        name = ast.names[ast.left[i]] if ast.kind[i] == "name" else ""
        if name in lowering.values and name not in inner and name not in others:
            lowering.variable(name, i)


def spread_lists(ast: Ast) -> dict[int, list[tuple[int, int]]]:
    """The arrays and loops of an Ast that are the list of the operands of a call, as in
    concat([a, b]) and stack(a[i] for i in range(2)), and the rows of the matrices of LaTeX, each
    with no operands yet.

    They are not lowered to arrays. Their operands are kept as pairs (Ast node, graph node).
    """
    own = {statement.name for statement in ast.statements if statement.kind == "function"}
    found: dict[int, list[tuple[int, int]]] = {}
    for matrix in ast.matrices.values():
        found.update((row, []) for row in matrix.arrays)
    for i, kind in enumerate(ast.kind):
        if kind != "call" or (name := ast.names[ast.left[i]]) in own:
            continue
        row = ops.TABLE[ops.PLACES.get(name, 0)]
        positional = [a for a in ast.arguments[ast.right[i]] if ast.kind[a] != "keyword"]
        if row.elementwise or not row.variadic or len(positional) != 1:
            continue
        (only,) = positional
        entries = ast.arguments[ast.right[only]] if ast.kind[only] == "array" else ()
        if ast.kind[only] == "for" or entries:
            found[only] = []
        if entries and ast.kind[entries[0]] == "for":
            found[entries[0]] = found[only]  # [a[i] for i in range(2)]
    return found
