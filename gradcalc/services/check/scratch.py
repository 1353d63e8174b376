"""Expressions in answers, brought down to nodes beside those of the problem."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, algebra_of
from gradcalc.engine.run import forward
from gradcalc.errors import DataError, GradcalcError, Span
from gradcalc.graph.graph import CONSTANT, INPUT, Graph
from gradcalc.graph.loops import MAX_INLINED
from gradcalc.graph.lower import Lowering
from gradcalc.services.values import Seed, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse

#: A longer expression is refused, one that comes to more nodes, and one with bigger arrays: nobody
#: means it, and a check is to come to its end.
LONGEST = 20_000
MOST_NODES = 200_000
#: Numbers in arrays are counted as so many bytes, that little room is enough for an answer.
ITEMSIZE = 8 * 500
COMMUTATIVE = frozenset(ops.PLACES[name] for name in ("add", "mul"))

Differentiate = Callable[[Graph, int, int], int]


class Expression(NamedTuple):
    """An expression that was read: its Ast with the text that has its places, and its node."""

    text: str
    ast: Ast
    node: int


class Scratch:
    """A copy of a graph on which answers are written down.

    Attributes:
        graph: the nodes of the problem, and behind them those of the answers.
        own: how many of them are those of the problem.
    """

    def __init__(self, run: Evaluation) -> None:
        self.graph: Graph = run.graph.copy()
        self.own = len(run.graph)
        self._dtype = "float64"
        if run.forward_pass.algebra is not algebra_of(run.graph, "float64"):
            self._dtype = "float32"
        problem = run.problem
        functions = [s for s in problem.ast.statements if s.kind == "function"]
        texts = [problem.source.text[s.start : s.end] for s in functions]
        # An answer may call the functions of the program.
        self._prefix = "".join(f"{text}\n" for text in texts)
        if "\\" in self._prefix or "$" in self._prefix:
            self._prefix = ""
        #: Of names, for what shapes depend on.
        self.values = {name: run.values[node] for name, node in problem.definitions.items()}
        self._classes: list[int] = []
        self._known: dict[Hashable, int] = {}
        self._members: dict[int, list[int]] = {}  # of the problem's nodes

    def lower(
        self,
        source: Source,
        names: Mapping[str, int],
        differentiate: Differentiate,
    ) -> Expression:
        """Read an expression.

        Args:
            names: what may occur in it, and the nodes that are meant.
            differentiate: the node for a derivative of one node by another.

        Raises:
            GradcalcError: it cannot be read; the place is one in ``source``.
        """
        if len(source.text) > LONGEST:
            message = f"it has {len(source.text):,} characters: too many for an answer"
            raise GradcalcError("too-large", message)
        whole = [Span(0, len(source.text))]
        prefix = self._prefix if "(" in source.text else ""
        try:
            whole_text = Source(prefix + source.text, source.name)
            found = self._lower(whole_text, names, differentiate)
        except GradcalcError as error:
            if error.code == "too-large":
                message = "it is too big for an answer: it comes to too many numbers"
                raise GradcalcError("too-large", message, whole, source=source) from None
            error.spans = tuple(
                Span(start - len(prefix), end - len(prefix), label)
                for start, end, label in error.spans
                if start >= len(prefix)
            )
            error.source = source
            raise
        if found is None:
            message = "an answer is one number, array or expression"
            raise GradcalcError("bad-value", message, whole, source=source)
        return found

    def _lower(
        self, source: Source, names: Mapping[str, int], differentiate: Differentiate
    ) -> Expression | None:
        asts = parse(source, ops.PLACES, names)
        statements = [statement for ast in asts for statement in ast.statements]
        kinds = [statement.kind for statement in statements if statement.kind != "function"]
        if len(asts) != 1 or kinds != ["output"]:
            return None
        compute = value_of_node(Seed(0))
        # Every other name is unknown.
        values = {name: self.values[name] for name in names if name in self.values}
        lowering = Lowering(asts[0], source, values, compute, differentiate, itemsize=ITEMSIZE)
        lowering.graph, lowering.definitions = self.graph, dict(names)
        lowering.inlined = MAX_INLINED - MOST_NODES
        before = len(self.graph)
        problem = lowering.run()
        if lowering.missing:
            name, span = next(iter(lowering.missing.items()))
            message = f"{name} is no name that the answer can be written with"
            help = "a value is written with what it is made of, a gradient with all values and with"
            help += " the gradients between it and the output"
            raise GradcalcError("unknown-name", message, [span], help=help, source=source)
        if len(self.graph) - before > MOST_NODES:
            raise GradcalcError("too-large", "it is too long")
        return Expression(source.text, asts[0], problem.outputs[0].node)

    def equal_nodes(self, node: int) -> list[int]:
        """The nodes of the problem that are the same operation of the same operands."""
        graph, own = self.graph, self.own
        for place in range(len(self._classes), len(graph)):
            key = self._key(place)
            found = self._known.setdefault(key, len(self._known))
            self._classes.append(found)
            if place < own:
                self._members.setdefault(found, []).append(place)
        return self._members.get(self._classes[node], [])

    def _key(self, node: int) -> Hashable:
        graph = self.graph
        op = graph.op[node]
        if op == INPUT:
            return INPUT, node
        if op == CONSTANT:
            value = graph.constants[node]
            if shape := getattr(value, "shape", ()):
                return CONSTANT, shape, value.tobytes()
            return CONSTANT, float(value)
        classes = [self._classes[operand] for operand in graph.operands[node]]
        if op in COMMUTATIVE:
            classes.sort()
        return op, tuple(classes), tuple(graph.settings.get(node, {}).items())

    def depends(self, node: int) -> bool:
        """Whether the value of a node of an answer depends on a node of the problem, or a leaf."""
        graph = self.graph
        return any(n < self.own or graph.op[n] == INPUT for n in graph.ancestors([node]))

    def value(self, node: int, known: Sequence[Any], leaves: Mapping[int, Any]) -> Any:
        """The value of a node of an answer.

        Args:
            known: the values of the nodes of the problem.
            leaves: those of leaves that were added.

        Returns:
            a float, or an array; None where an operation cannot take its values.
        """
        graph, own = self.graph, self.own
        needed = graph.ancestors([node])
        new = [n for n in needed if n >= own]
        algebra = algebra_of(graph, self._dtype)
        cast = algebra.cast if graph.shapes else float
        values = {n: known[n] for n in needed if n < own}
        fixed: Iterable[tuple[int, Any]] = (
            (n, graph.constants[n] if n in graph.constants else leaves.get(n))
            for n in new
            if graph.op[n] < 0
        )
        with algebra.quiet():
            for n, value in fixed:
                values[n] = cast(value)
            if graph.shapes:
                values = {n: cast(value) for n, value in values.items()}
            try:
                forward(graph, values, algebra, [n for n in new if graph.op[n] >= 0])
            except DataError:
                return None
        found = values[node]
        return found if getattr(found, "shape", ()) else float(found)
