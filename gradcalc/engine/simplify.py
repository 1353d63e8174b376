"""Light simplification of formulas: a graph made again, with equal parts shared.

Products are written as one number times powers of their factors, and sums as multiples of their
terms: 2*(2*x) is 4*x, x/y/y is x/y^2, and z + z is 2*z. In a gradient, x/x cancels. Nothing is
multiplied out. All of it are identities of the real numbers, not of rounded ones.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from math import gcd
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.run import NOTHING
from gradcalc.engine.symbols import (
    ADD,
    CHAIN,
    COMPARISONS,
    DIV,
    MUL,
    NEG,
    OVER,
    POW,
    SUB,
    WHERE,
    GraphAlgebra,
    Term,
)
from gradcalc.graph.expressions import shape_of
from gradcalc.graph.graph import CONSTANT, STRUCTURAL, Graph
from gradcalc.graph.text import WELL_KNOWN
from gradcalc.ops.shapes import Shape, axes_of, size_of

PRODUCTS = frozenset((MUL, CHAIN, DIV, OVER))
SUMS = frozenset((ADD, SUB))
SPREAD = ops.PLACES["broadcast_to"]
#: A product that is used more than once is taken apart up to so many factors, for it is written
#: once for each use; and any product or sum up to so many parts, which keeps the time linear.
FEW, MANY = 3, 12
ENDLESS = 10**9
#: Powers up to this one are collected.
MOST = 100
#: Operations that are finite wherever their operands are.
TAME = frozenset(
    place for place, row in enumerate(ops.ELEMENTWISE) if not (row.domain or row.infinite)
)


class Product(NamedTuple):
    """number/divisor times powers: (node, whether it divides) → exponent, a natural number."""

    number: float
    divisor: float
    powers: Mapping[tuple[int, bool], int]


#: A sum: node → coefficient. The number that is added has the node NUMBER.
Sum = Mapping[int, float]
NUMBER = -1


class Simplifier:
    """Makes formulas again at the end of a graph, which it extends.

    Args:
        opaque: nodes that are left as they are, as inputs are.
        later: from this node on it is a backward pass, which adds up in the opposite order.
    """

    def __init__(self, graph: Graph, opaque: Collection[int] = (), later: int = ENDLESS) -> None:
        self.graph = graph
        self.later = later
        self.opaque = opaque
        self._algebra = GraphAlgebra(graph, shown=True)
        self._known: dict[Hashable, int] = {}  # by what it is made of
        self._products: dict[int, Product] = {}
        self._sums: dict[int, Sum] = {}
        self._again: dict[int, int] = {}

    def run(self, roots: Iterable[int]) -> dict[int, int]:
        """What the nodes that the roots depend on have become, the roots included."""
        graph = self.graph
        needed, uses = self._needed(roots)
        for node in needed:
            if node in self._again:
                continue
            if not graph.operands[node] or node in self.opaque:
                self._again[node] = self._leaf(node)
            else:
                self._again[node] = self._operation(node, uses)
        return self._again

    def _needed(self, roots: Iterable[int]) -> tuple[list[int], dict[int, int]]:
        """The nodes to make, in topological order, and how often each is used."""
        uses = dict.fromkeys(roots, 1)
        stack = list(uses)
        while stack:
            node = stack.pop()
            for operand in () if node in self.opaque else self.graph.operands[node]:
                if operand not in uses:
                    uses[operand] = 0
                    stack.append(operand)
                uses[operand] += 1
        return sorted(uses), uses

    def _leaf(self, node: int) -> int:
        value = self.graph.constants.get(node)
        if value is None or shape_of(value):
            return node
        return self._known.setdefault(repr(float(value)), node)

    def _operation(self, node: int, uses: Mapping[int, int]) -> int:
        graph, op = self.graph, self.graph.op[node]
        old = graph.operands[node]
        operands = [self._again[operand] for operand in old]
        shape = graph.shape(node)
        alike = all(graph.shape(operand) in ((), shape) for operand in operands)
        if alike and op in PRODUCTS:
            left, right = (
                self._product(operand, uses[before])
                for operand, before in zip(operands, old, strict=True)
            )
            if op in (DIV, OVER):
                right = Product(
                    right.divisor,
                    right.number,
                    {(n, not b): k for (n, b), k in right.powers.items()},
                )
            cancels = node >= self.later and not shape
            return self._write_product(self._multiplied(left, right, cancels), shape)
        if op == NEG:
            whole = self._product(operands[0], uses[old[0]])
            return self._write_product(whole._replace(number=-whole.number), shape)
        if op == POW and (exponent := self._exponent(operands[1])):
            power = Product(1.0, 1.0, {(operands[0], exponent < 0): abs(exponent)})
            return self._write_product(power, shape)
        if alike and op in SUMS:
            sign = -1.0 if op == SUB else 1.0
            first, second = (
                self._terms(operand, uses[before])
                for operand, before in zip(operands, old, strict=True)
            )
            if node >= self.later and sign == 1 and NUMBER not in (*first, *second):
                first, second = second, first
            return self._added(first, second, sign, shape)
        if op >= STRUCTURAL:
            return self._structural(op, operands, graph.settings.get(node, {}))
        return self._make(op, operands)

    def _structural(self, op: int, operands: Sequence[int], settings: Mapping[str, Any]) -> int:
        graph = self.graph
        if ops.TABLE[op].name == "sum" and not settings["keepdims"]:
            shape = graph.shape(operands[0])
            if settings["axis"] is None or len(axes_of(settings["axis"], len(shape))) == len(shape):
                if self._is_spread(operands[0]):
                    return self._multiple(graph.operands[operands[0]][0], float(size_of(shape)))
                settings = {**settings, "axis": None}
        return self._make(op, operands, settings)

    # Products

    def _product(self, node: int, uses: int) -> Product:
        value = self._number(node)
        if value is not None:
            return Product(value, 1.0, {})
        found = self._products.get(node)
        if found and len(found.powers) <= (FEW if uses > 1 else MANY):
            return found
        return Product(1.0, 1.0, {(node, False): 1})

    def _multiplied(self, left: Product, right: Product, cancels: bool) -> Product:
        powers = dict(left.powers)
        for (node, below), exponent in right.powers.items():
            key, other = (node, below), (node, not below)
            if self.graph.op[node] in COMPARISONS and key in powers and not below:
                continue  # 0 or 1
            if cancels and other in powers:
                common = min(exponent, powers[other])
                exponent -= common
                powers[other] -= common
                if not powers[other]:
                    del powers[other]
            if exponent:
                powers[key] = powers.get(key, 0) + exponent
        return Product(left.number * right.number, left.divisor * right.divisor, powers)

    def _write_product(self, whole: Product, shape: Shape) -> int:
        """The node of a product: -2 * x^2 * y / (3 * z)."""
        whole, spread = self._without_spread(whole, shape)
        if spread:
            node = self._write_product(whole, ())
            return self._make(SPREAD, [node], {"shape": shape})
        number, divisor = _reduced(whole.number, whole.divisor)
        whole = Product(number, divisor, whole.powers)
        if not shape and (number == 0 or (divisor == 1 and not whole.powers)):
            return self._constant(number + 0.0)
        if (chosen := self._chosen(whole, shape)) is not None:
            return chosen
        above = [self._power(node, n) for (node, below), n in whole.powers.items() if not below]
        below = [self._power(node, n) for (node, below), n in whole.powers.items() if below]
        if not above:  # -1 / x, and not -(1 / x)
            above, number = [self._constant(number)], 1.0
        elif abs(number) != 1:
            above, number = [self._constant(number), *above], 1.0
        if divisor != 1:
            below.insert(0, self._constant(divisor))
        node = self._chained(above)
        if below:
            node = self._make(DIV, [node, self._chained(below)])
        if number < 0:
            node = self._make(NEG, [node])
        if whole.powers != {(node, False): 1}:
            self._products.setdefault(node, whole)
        return node

    def _chosen(self, whole: Product, shape: Shape) -> int | None:
        """A product with conditions, each 0 or 1, as where(condition, rest, 0), if the rest may be
        infinite where the condition fails: the product would be nan then."""
        graph = self.graph
        rest, holding, failing = dict(whole.powers), [], []
        for node, below in whole.powers:
            if below or graph.shape(node) != shape:
                continue
            terms = self._sums.get(node, {})
            if graph.op[node] in COMPARISONS:
                holding.append(node)
            elif len(terms) == 2 and terms.get(NUMBER) == 1:
                (inner,) = terms.keys() - {NUMBER}
                if terms[inner] != -1 or graph.op[inner] not in COMPARISONS:
                    continue
                failing.append(inner)
            else:
                continue
            del rest[node, below]
        if not (holding or failing) or not self._is_wild(rest):
            return None
        inner = self._write_product(whole._replace(powers=rest), shape)
        for condition in failing:
            inner = self._make(WHERE, [condition, self._constant(0.0), inner])
        if holding:
            inner = self._make(WHERE, [self._chained(holding), inner, self._constant(0.0)])
        self._products.setdefault(inner, whole)
        return inner

    def _without_spread(self, whole: Product, shape: Shape) -> tuple[Product, bool]:
        """The product with numbers that were spread to an array as numbers. Whether it has no other
        array: then it is to be spread itself."""
        if not shape:
            return whole, False
        spread = {
            key: self.graph.operands[key[0]][0]
            for key in whole.powers
            if self._is_spread(key[0]) and self.graph.shape(key[0]) == shape
        }
        if not spread or (len(whole.powers) == 1 and whole.number == whole.divisor == 1):
            return whole, False
        number, divisor, powers = whole.number, whole.divisor, dict[tuple[int, bool], int]()
        for key, exponent in whole.powers.items():
            inner = Product(1.0, 1.0, {(key[0], False): 1})
            if key in spread:
                inner = self._product(spread[key], 1)
            above, below = inner.number**exponent, inner.divisor**exponent
            if key[1]:
                above, below = below, above
            number, divisor = number * above, divisor * below
            for (factor, under), n in inner.powers.items():
                place = factor, under != key[1]
                powers[place] = powers.get(place, 0) + n * exponent
        full = any(self.graph.shape(node) == shape for node, _ in powers)
        return Product(number, divisor, powers), not full

    def _is_spread(self, node: int) -> bool:
        return self.graph.op[node] == SPREAD and not self.graph.shape(self.graph.operands[node][0])

    def _is_wild(self, powers: Iterable[tuple[int, bool]]) -> bool:
        """Whether a factor may be infinite where its operands are not, as far as its outer
        operations say."""
        graph = self.graph
        for node, below in powers:
            inner = [node, *graph.operands[node]]
            if below or any(graph.op[n] >= 0 and graph.op[n] not in TAME for n in inner):
                return True
        return False

    def _power(self, node: int, exponent: int) -> int:
        return node if exponent == 1 else self._make(POW, [node, self._constant(float(exponent))])

    def _chained(self, factors: Sequence[int]) -> int:
        node = factors[0]
        for factor in factors[1:]:
            node = self._make(MUL, [node, factor])
        return node

    def _exponent(self, node: int) -> int:
        """A whole exponent; 0 for another one."""
        value = self._number(node)
        return int(value) if value and abs(value) <= MOST and value == int(value) else 0

    # Sums

    def _terms(self, node: int, uses: int) -> Sum:
        value = self._number(node)
        if value is not None:
            return {NUMBER: value}
        found = self._sums.get(node)
        if found and uses == 1 and len(found) <= MANY:
            return found
        product = self._products.get(node)
        if product is None or product.number == 1 or not product.powers:
            return {node: 1.0}
        bare = self._write_product(product._replace(number=1.0), self.graph.shape(node))
        return {bare: product.number}

    def _added(self, first: Sum, second: Sum, sign: float, shape: Shape) -> int:
        terms = dict(first)
        for node, coefficient in second.items():
            terms[node] = terms.get(node, 0.0) + sign * coefficient
        if not shape:
            terms = {node: n for node, n in terms.items() if n}
        else:
            full = [n for n in terms if n != NUMBER and self.graph.shape(n) == shape]
            if any(not self._is_spread(n) for n in full):
                terms = self._narrowed(terms)
        # 1 - x rather than -x + 1.
        order = sorted(terms, key=lambda node: terms[node] < 0) if terms else []
        if terms and terms[next(iter(terms))] > 0:
            order = list(terms)
        total: int | None = None
        for node in order:
            coefficient = terms[node]
            minus = total is not None and coefficient < 0
            part = self._multiple(node, -coefficient if minus else coefficient)
            op = SUB if minus else ADD
            total = part if total is None else self._make(op, [total, part])
        if total is None:
            return self._constant(0.0)
        if len(terms) > 1:
            self._sums.setdefault(total, terms)
        return total

    def _narrowed(self, terms: Sum) -> dict[int, float]:
        """Numbers that were spread to an array are numbers beside another array."""
        found: dict[int, float] = {}
        for node, coefficient in terms.items():
            inner: Sum = {node: 1.0}
            if node != NUMBER and self._is_spread(node):
                inner = self._terms(self.graph.operands[node][0], 1)
            for term, n in inner.items():
                found[term] = found.get(term, 0.0) + n * coefficient
        return found

    def _multiple(self, node: int, coefficient: float) -> int:
        if node == NUMBER:
            return self._constant(coefficient)
        if coefficient == 1:
            return node
        shape = self.graph.shape(node)
        product = self._product(node, 1)
        return self._write_product(product._replace(number=product.number * coefficient), shape)

    # Nodes

    def _number(self, node: int) -> float | None:
        value = self.graph.constants.get(node)
        if value is None or shape_of(value):
            return None
        return None if value in WELL_KNOWN else float(value)

    def _constant(self, value: float) -> int:
        node = self._known.get(repr(value))
        if node is None:
            node = self._known[repr(value)] = self.graph.add_constant(value)
        return node

    def _make(self, op: int, operands: Sequence[int], settings: Mapping[str, Any] = NOTHING) -> int:
        """An operation, or what it is equal to; the same node for the same operation."""
        algebra, graph = self._algebra, self.graph
        terms = [Term(algebra, operand) for operand in operands]
        node = algebra.apply(op, *terms, **settings).node
        if graph.op[node] == CONSTANT:
            return self._leaf(node)
        key = graph.op[node], graph.operands[node], repr(graph.settings.get(node))
        return self._known.setdefault(key, node)


def _reduced(number: float, divisor: float) -> tuple[float, float]:
    """Both divided by what they have in common."""
    if divisor < 0:
        number, divisor = -number, -divisor
    whole = number - number == 0 == divisor - divisor and number == int(number)
    if whole and divisor and divisor == int(divisor) and abs(number) < 2**53 > divisor:
        common = gcd(int(number), int(divisor))
        return number / common, divisor / common
    return number, divisor
