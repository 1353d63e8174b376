"""What quantities are called: ``q``, ``dq``, ``df/dq``, ``∇_q f``, ``value``, ``d(x + y)``."""

from gradcalc.engine.evaluation import Evaluation
from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.graph.graph import CONSTANT, Graph
from gradcalc.services.check.scratch import Scratch
from gradcalc.services.check.types import Quantity
from gradcalc.services.quantities import GRADIENT, RATIO, plainly, similar
from gradcalc.source import Source
from gradcalc.syntax.names import canonical, is_name
from gradcalc.syntax.printer import shorten

#: A longer name is none; a longer one that the program does not have is no name of a gate.
LONGEST, LONGEST_GATE = 2_000, 2
#: What the lecture calls the gate in the middle.
LECTURE = "q"


class Names:
    """The quantities of one output, by what they are called."""

    def __init__(self, run: Evaluation, scratch: Scratch) -> None:
        self._run = run
        self._scratch = scratch
        #: The nodes by name; a name that only the answers have is added when it is met.
        self.definitions = dict(run.problem.definitions)
        statements = run.problem.ast.statements
        #: The functions of the program.
        self.functions = {s.name for s in statements if s.kind == "function"}
        #: The name that the answers have for a gate without one, and the gate.
        self.named: tuple[str, int] | None = None
        output = run.output.name
        #: What the output is called. f is what the lecture calls any output.
        self.outputs = {name for name in (output, "f") if name and name not in self.definitions}
        if output:
            self.outputs.add(output)

    def find(self, text: str) -> list[Quantity]:
        """The quantities that a text may mean: several where an expression was written twice.

        Raises:
            GradcalcError: ``unknown-quantity``.
        """
        name = canonical(text.strip())
        if len(name) > LONGEST:
            raise self._unknown(text, name)
        if found := self._called(name, text):
            return found
        plain = plainly(name, self.outputs.__contains__)
        if plain != name and (found := self._called(plain, text)):
            return found
        raise self._unknown(text, plain)

    def unname(self) -> None:
        """Forget the name that an answer has given to a gate: it turned out to be none."""
        if self.named:
            name, self.named = self.named[0], None
            del self.definitions[name], self._scratch.values[name]

    def taken(self) -> set[str]:
        """Every name of the problem."""
        return self.functions | self.definitions.keys()

    def _called(self, name: str, text: str) -> list[Quantity]:
        """The quantities of a name, which was written as ``text``; none if it is unknown."""
        output = self._run.output.node
        if name in self.definitions:
            return [self.value(self.definitions[name], text)]
        if name == "value" or name in self.outputs:
            return [self.value(output, text)]
        match = RATIO.fullmatch(name)
        if match and match["of"] and match["of"] not in self.outputs:
            of = self.definitions.get(match["of"])
            if of is not None and of != output:
                raise self._other_output(text, match["of"])
            match = match if of is not None else None
        match = match or GRADIENT.fullmatch(name)
        by = match["by"].strip() if match else ""
        if by in self.definitions:
            return [self.gradient(self.definitions[by], text)]
        if by == "value" or by in self.outputs:
            return [self.gradient(output, text)]
        for kind, expression in (("gradient", by), ("value", name)):
            # One letter that is no name is no expression either.
            nodes = self._nodes(expression) if len(expression) > 1 else []
            if nodes:
                make = self.gradient if kind == "gradient" else self.value
                return [make(node, text) for node in nodes]
        # A gradient alone names no gate, but by the lecture's name for it: dw may be a slip
        # of the pen.
        for make, called in ((self.value, name), (self.gradient, by if by == LECTURE else "")):
            if self._name_gate(called):
                return [make(self.definitions[called], text)]
        return []

    def _name_gate(self, name: str) -> bool:
        """Take a name that the program does not have, such as the q of the lecture, for that of the
        only gate without a name, if there is just one. Returns whether it is."""
        run = self._run
        graph = run.graph
        if self.named or not is_name(name) or len(name) > LONGEST_GATE:
            return False
        if closest(name, self.definitions):
            return False
        if name[0] == "d" and is_name(name[1:]):
            return False  # it is rather a gradient
        gates = [
            node
            for node in run.nodes
            if graph.op[node] >= 0 and node not in graph.names and node != run.output.node
        ]
        if len(gates) != 1:
            return False
        self.named = name, gates[0]
        self.definitions[name] = gates[0]
        self._scratch.values[name] = run.values[gates[0]]
        return True

    def value(self, node: int, text: str = "") -> Quantity:
        """The value of a node; ``text`` is what it is called, if somebody did."""
        name = self._label(node)
        if node == self._run.output.node and node not in self._run.graph.names:
            name = self._run.output.name or "value"
        return Quantity("value", node, text.strip() or name, name)

    def gradient(self, node: int, text: str = "") -> Quantity:
        """The gradient of a node."""
        label = self._label(node)
        name = f"d{label}" if self._own_name(node) else f"d({label})"
        if node == self._run.output.node and not self._own_name(node) and self.outputs:
            name = f"d{self._run.output.name or 'f'}"
        if name in self.definitions:
            name = f"df/{name}"
        return Quantity("gradient", node, text.strip() or name, name)

    def _label(self, node: int) -> str:
        return self._own_name(node) or self._run.expression(node)

    def _own_name(self, node: int) -> str:
        if self.named and self.named[1] == node:
            return self.named[0]
        return self._run.graph.names.get(node, "")

    def _nodes(self, expression: str) -> list[int]:
        """The nodes that an expression is."""

        def no_derivative(graph: Graph, output: int, by: int) -> int:
            """Refuse it, by a GradcalcError."""
            raise GradcalcError("unknown-quantity", "a derivative is no node")

        try:
            source = Source(expression)
            node = self._scratch.lower(source, self.definitions, no_derivative).node
        except GradcalcError:
            return []
        graph = self._run.graph
        return [n for n in self._scratch.equal_nodes(node) if graph.op[n] != CONSTANT]

    def _unknown(self, text: str, name: str) -> GradcalcError:
        gradients = [f"d{known}" for known in self.definitions]
        near, known = similar(name, [*self.definitions, *gradients, "value"], gradients)
        help = f"did you mean {near}?" if near else f"there are {listed_names(known)}"
        help += "" if near else ", and expressions as they stand in the problem"
        message = f"{shorten(text.strip(), 60)} is no quantity of the problem"
        return GradcalcError("unknown-quantity", message, help=help)

    def _other_output(self, text: str, of: str) -> GradcalcError:
        output = self._run.output.name or "the expression"
        message = f"{text.strip()} is a gradient of {of}, and what is differentiated is {output}"
        return GradcalcError("unknown-quantity", message, help=f"with --of {of} it is {of}")
