"""What an explanation derives, and in which order."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import depending
from gradcalc.graph.graph import INPUT
from gradcalc.services.steps import Use
from gradcalc.services.symbols import free, numbered, taken

#: A way of so many gates is written as one product: of numbers, and of arrays.
SHORT, SHORT_ARRAYS = 3, 2
#: So many lines are written at most in that way, and so many in all.
FEW, MOST = 40, 200
#: Of a node that is used more often, the terms are not all written, but so many.
TERMS, SHOWN = 8, 6
#: To look for a second way from a node to a gate stops after so many nodes.
SEARCH = 300


class Way(NamedTuple):
    """From a node to the next one whose gradient is derived by itself, or the output."""

    uses: list[Use]
    end: int


class Plan:
    """Which gradients of an evaluation are derived.

    Attributes:
        uses: how each node on a way from a target to the output is used on one.
        junctions: those that are used more than once.
        is_short: whether every way is written as one product.
        nodes: the nodes whose gradients are derived, in the order of the backward pass.
        left_out: what is not shown, in words.

    Args:
        targets: the nodes to explain.
        all_nodes: whether to derive all of a big graph.
    """

    def __init__(self, run: Evaluation, targets: Sequence[int], all_nodes: bool) -> None:
        self.run, self.graph, self.output = run, run.graph, run.output.node
        self.targets, self.all_nodes = targets, all_nodes
        self.uses = self._uses()
        self.junctions = {node for node, uses in self.uses.items() if len(uses) > 1}
        self.is_short = self._is_short(SHORT_ARRAYS if self.graph.shapes else SHORT)
        self.nodes, self.left_out = self._derived()

    def _uses(self) -> dict[int, list[Use]]:
        """How each node on a way from a target to the output is used on one."""
        graph, rules = self.graph, self.run.forward_pass.rules
        on_way = depending(graph, self.targets)
        found: dict[int, list[Use]] = {}
        for gate in self.run.nodes:
            if not on_way[gate] or not graph.operands[gate]:
                continue
            for place, rule in rules[gate]:
                operand = graph.operands[gate][place]
                if on_way[operand]:
                    found.setdefault(operand, []).append(Use(gate, place, rule))
        # Inputs may be there that the output does not depend on, and definitions behind it.
        reached = {self.output}
        for node in reversed(self.run.nodes):
            kept = [use for use in found.pop(node, ()) if use.gate in reached]
            if node == self.output:
                kept = []
            if kept:
                found[node] = kept
                reached.add(node)
        return found

    def _is_short(self, limit: int) -> bool:
        """Whether every way can be written as one product."""
        length: dict[int, int] = {}  # to the output, or the next junction
        lines = 0
        for node in reversed(self.run.nodes):
            uses = self.uses.get(node)
            if not uses:
                continue
            longest = max(1 + length.get(use.gate, 0) for use in uses)
            if longest > limit and (node in self.junctions or node in self.targets):
                return False
            if node in self.junctions or node in self.targets:
                lines += len(uses)
            # At a junction another derivation ends.
            length[node] = 0 if node in self.junctions else longest
        return lines <= FEW

    def _derived(self) -> tuple[list[int], str]:
        """The nodes whose gradients are derived, in the order of the backward pass; what is left
        out."""
        targets = dict.fromkeys(self.targets)
        order = [node for node in reversed(self.run.nodes) if node in self.uses]
        if self.is_short:
            order = [node for node in order if node in self.junctions]
        inner = [node for node in order if node not in targets or self.graph.op[node] != INPUT]
        inner += [node for node in targets if node not in inner and self.graph.op[node] != INPUT]
        inner.sort(reverse=True)
        inputs = [node for node in targets if self.graph.op[node] == INPUT]
        nodes = [*inner, *inputs]
        if self.all_nodes or len(nodes) <= MOST:
            return nodes, ""
        total, names = len(nodes), self.graph.names
        inner = [node for node in inner if node in names or node in targets]
        inputs = inputs[: MOST - min(len(inner), MOST // 2)]
        nodes = [*inner[: MOST - len(inputs)], *inputs]
        return nodes, f"{total:,} steps; shown: {len(nodes):,}, of inputs and definitions."

    def shown(self, node: int) -> list[Use]:
        """The uses of a node that are written."""
        uses = self.uses.get(node, [])
        return uses if self.all_nodes or len(uses) <= TERMS else uses[:SHOWN]

    def gates(self) -> Iterator[int]:
        """The gates that the derivation mentions."""
        for node in self.nodes:
            for use in self.shown(node):
                for step in self.way(use).uses:
                    yield step.gate

    def names(self) -> dict[int, str]:
        """Names for all nodes that the derivation mentions, those of the program among them."""
        names, used = dict(self.graph.names), taken(self.run.problem)
        if self.output not in names or self.run.output.name:
            names[self.output] = self.run.output.name or free("fghFG", used)
        used |= set(names.values())
        unnamed = {*self.nodes, *self.gates()}
        unnamed = {node for node in unnamed if node not in names}
        letters = numbered("q", used)
        if len(unnamed) == 1:
            letters = iter([free("qpst", used)])
        names.update(zip(sorted(unnamed), letters, strict=False))
        return names

    def way(self, use: Use) -> Way:
        """From a use on, as far as one product goes."""
        way = [use]
        if self.is_short:
            while (gate := way[-1].gate) != self.output and gate not in self.junctions:
                way += self.uses[gate]
        return Way(way, way[-1].gate)

    def has_other_way(self, node: int, use: Use) -> bool:
        if len(self.uses[node]) > SEARCH:
            return True
        others = [other for other in self.uses[node] if other is not use]
        seen = {other.gate for other in others if other.gate <= use.gate}
        stack = list(seen)
        while stack:
            if use.gate in seen or len(seen) > SEARCH:
                return True
            for other in self.uses.get(stack.pop(), ()):
                if other.gate <= use.gate and other.gate not in seen:
                    seen.add(other.gate)
                    stack.append(other.gate)
        return use.gate in seen
