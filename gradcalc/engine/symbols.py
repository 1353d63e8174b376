"""The algebra on nodes of a graph: what a rule is run on to get a formula instead of a number.

Run on it, a rule appends to a graph the nodes that compute the local gradient. Printed, they are
the text of the local gradient; evaluated, its value; differentiated, the second order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.zeros import Zeros
from gradcalc.graph.graph import STRUCTURAL, Graph
from gradcalc.ops import arithmetic
from gradcalc.ops.shapes import Shape

ADD, SUB, MUL, DIV, NEG, POW = (
    ops.PLACES[name] for name in ("add", "sub", "mul", "div", "neg", "pow")
)
SIGMOID, CATHETUS = ops.PLACES["sigmoid"], ops.PLACES["cathetus"]
CHAIN, OVER, WHERE = (ops.PLACES[name] for name in ("chain", "over", "where"))
EQ, NE = ops.PLACES["eq"], ops.PLACES["ne"]
COMPARISONS = frozenset(ops.PLACES[name] for name in arithmetic.COMPARISONS)
#: Operations of constants that are worked out; log(2) or 2/sqrt(pi) say more than their digits.
FOLDED = COMPARISONS | {ADD, SUB, MUL, NEG, CHAIN}


class Term:
    """A node of a graph, as an operand of a rule."""

    __slots__ = ("algebra", "node")

    def __init__(self, algebra: "GraphAlgebra", node: int) -> None:
        self.algebra = algebra
        self.node = node

    def __add__(self, other: Any) -> "Term":
        return self.algebra.apply(ADD, self, other)

    def __radd__(self, other: Any) -> "Term":
        return self.algebra.apply(ADD, other, self)

    def __sub__(self, other: Any) -> "Term":
        return self.algebra.apply(SUB, self, other)

    def __rsub__(self, other: Any) -> "Term":
        return self.algebra.apply(SUB, other, self)

    def __mul__(self, other: Any) -> "Term":
        return self.algebra.apply(MUL, self, other)

    def __rmul__(self, other: Any) -> "Term":
        return self.algebra.apply(MUL, other, self)

    def __neg__(self) -> "Term":
        return self.algebra.apply(NEG, self)


class GraphAlgebra(Zeros):
    """Functions that append nodes to ``graph`` and return them as terms, lightly simplified.

    Simplification is by identities that hold for every value: 1*x, x + 0, -(-x), x^1, and, because
    the products are of upstream and local gradients, 0*x. A graph that is ``shown`` as a formula,
    and not evaluated, has x/y^2 for (x/y)/y too, which overflows where the other does not, and
    for cathetus what it is. In one that is made with ``careful`` no infinity passes a gate that has
    not chosen it.
    """

    def __init__(self, graph: Graph, shown: bool = False, careful: bool = False) -> None:
        self.graph = graph
        self.shown = shown
        self.careful = careful

    def __getattr__(self, name: str) -> Callable[..., Term]:
        try:
            op = ops.PLACES[name]
        except KeyError:
            raise AttributeError(name) from None
        return lambda *operands, **settings: self.apply(op, *operands, **settings)

    def shape(self, x: Any) -> Shape:
        """The shape of a term or number."""
        return self.graph.shape(x.node) if isinstance(x, Term) else ()

    def look_again(self) -> None:
        """Begin a reverse pass."""

    def survey(self, x: Any) -> tuple[bool, bool]:
        """Whether a gradient may be other than 0, and that nothing is known to be infinite."""
        return (self._number(x) if isinstance(x, Term) else x) != 0.0, True

    def cast(self, x: Any) -> Any:
        """The term itself: terms have no type."""
        return x

    def fits(self, x: Any, shape: Shape) -> bool:
        """Whether it is of this shape."""
        return x.__class__ is Term and self.shape(x) == shape

    def routed(self, upstream: Any, local: Any, spare: bool = False) -> Any:
        """The downstream gradient of a gate that routes."""
        downstream = self.chain(upstream, local)
        if not self.careful or not isinstance(local, Term) or self._number(local) is not None:
            return downstream
        return self.apply(WHERE, local, downstream, 0.0)

    def whole(self, x: Any) -> bool:
        """Whether zeros that meet infinities are left as they are."""
        return not self.careful

    def add_into(self, total: Any, part: Any) -> Any:
        """The sum."""
        return total + part

    def pow(self, x: Any, y: Any, shift: float = 0.0) -> Term:
        """x^(y + shift)."""
        return self.apply(POW, x, self.term(y) + shift if shift else y)

    def sigmoid(self, x: Any, shift: Any = 0.0) -> Term:
        """sigmoid(x + shift)."""
        return self.apply(SIGMOID, self.term(x) + shift)

    def square(self, x: Any) -> Term:
        """x^2."""
        return self.apply(POW, x, 2.0)

    def term(self, operand: Any) -> Term:
        """A term as it is, a number as a constant."""
        if isinstance(operand, Term):
            return operand
        return Term(self, self.graph.add_constant(float(operand)))

    def apply(self, op: int, *operands: Any, **settings: Any) -> Term:
        """The operation on terms and numbers."""
        terms = [self.term(operand) for operand in operands]
        graph = self.graph
        if op >= STRUCTURAL:
            return self._structural(op, terms, settings)
        values = [self._number(term) for term in terms]
        simple = self._simplified(op, terms, values)
        if simple is not None:
            if not graph.shapes:
                return self.term(simple)
            # A simpler form of another shape will not do: 0*x has the entries of x.
            shapes = [graph.shape(term.node) for term in terms]
            if self.shape(simple) == ops.TABLE[op].shape(*shapes):
                return self.term(simple)
        return Term(self, graph.apply(op, tuple([term.node for term in terms])))

    def _structural(self, op: int, terms: list[Term], settings: Mapping[str, Any]) -> Term:
        graph = self.graph
        x = terms[0] if terms else None
        if x is not None:
            shape = graph.shape(x.node)
            name = ops.TABLE[op].name
            if name in ("reshape", "broadcast_to") and settings["shape"] == shape:
                return x
            if name == "transpose" and self._op(x) == op:
                mine, its = settings.get("axes"), graph.settings.get(x.node, {}).get("axes")
                if mine == its and (mine is None or _swaps(mine)):
                    return self._operand(x, 0)
        return Term(self, graph.apply(op, tuple([term.node for term in terms]), settings))

    def _simplified(
        self, op: int, terms: list[Term], values: list[float | None]
    ) -> Term | float | None:
        """A term or number that is equal to the operation on the terms; None if there is none."""
        if op in FOLDED and None not in values:
            return ops.TABLE[op].forward(floats, *values)  # type: ignore[no-any-return]
        x, a = terms[0], values[0]
        if op == NEG:
            if self._op(x) == NEG:
                return self._operand(x, 0)
            if self._op(x) == SUB:
                return self._operand(x, 1) - self._operand(x, 0)
            return None
        if len(terms) == 3:
            return None if op != WHERE or a is None else terms[1] if a else terms[2]
        if len(terms) != 2:
            return None
        y, b = terms[1], values[1]
        if op == CATHETUS and self.shown:
            return self.sqrt(x - y) * self.sqrt(x + y)
        if op == ADD:
            if a == 0 or b == 0:
                return y if a == 0 else x
            if b is not None and b < 0:
                return x - -b
            return x - self._operand(y, 0) if self._op(y) == NEG else None
        if op == SUB:
            if a == 0 or b == 0:
                return -y if a == 0 else x
            return x + self._operand(y, 0) if self._op(y) == NEG else None
        if op in (MUL, CHAIN):
            return self._product(op, x, a, y, b)
        if op in (DIV, OVER):
            return self._quotient(op, x, a, y, b)
        if op == POW and b in (0.0, 1.0):
            return x if b else 1.0
        if op == NE and b == 0 and self._op(x) in COMPARISONS:
            return x
        if op == EQ and b == 0 and self._op(x) in COMPARISONS:
            return 1.0 - x
        return None

    def _product(
        self, op: int, x: Term, a: float | None, y: Term, b: float | None
    ) -> Term | float | None:
        if a == 0 or b == 0:
            return 0.0
        if a == 1 or b == 1:
            return y if a == 1 else x
        if a == -1 or b == -1:
            return -(y if a == -1 else x)
        for one, other, left in ((x, y, True), (y, x, False)):
            if self._op(one) == NEG:
                inner = self._operand(one, 0)
                return -(self.apply(op, inner, other) if left else self.apply(op, other, inner))
        return y * x if b is not None and a is None else None

    def _quotient(
        self, op: int, x: Term, a: float | None, y: Term, b: float | None
    ) -> Term | float | None:
        if b == 1 or a == 0:
            return x if b == 1 else 0.0
        if self._op(x) == NEG:
            return -self.apply(op, self._operand(x, 0), y)
        if self.shown and self._op(x) == op and self._operand(x, 1).node == y.node:
            return self.apply(op, self._operand(x, 0), self.square(y))
        return None

    def _number(self, term: Term) -> float | None:
        """The value of a constant that is a number."""
        value = self.graph.constants.get(term.node)
        return None if getattr(value, "shape", ()) else value

    def _op(self, term: Term) -> int:
        return self.graph.op[term.node]

    def _operand(self, term: Term, place: int) -> Term:
        return Term(self, self.graph.operands[term.node][place])


def _swaps(axes: tuple[int, ...]) -> bool:
    """Whether a permutation is its own inverse."""
    return all(axes[axis] == place for place, axis in enumerate(axes))
