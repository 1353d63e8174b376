"""What follows from the numbers that somebody wrote down, by the true rules.

Both passes run as ever, but at a node that was answered the answer takes the place of what came
out: the numbers behind it follow from it, and the slip in it is not charged twice.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import Evaluation, ForwardPass
from gradcalc.engine.run import Rules, depending, forward, reverse, reverse_arrays
from gradcalc.errors import DataError
from gradcalc.graph.graph import STRUCTURAL
from gradcalc.ops.row import Rule
from gradcalc.services.check.types import RIGHT, WRONG, Key, Verdicts

#: Derivatives that people take from the value of the gate.
BY_VALUE: Mapping[int, Rule] = {
    ops.PLACES["sigmoid"]: lambda m, v, x: v * (1.0 - v),
    ops.PLACES["tanh"]: lambda m, v, x: 1.0 - v * v,
}
#: By node.
Numbers = Mapping[int, Any]


def follow(
    run: Evaluation,
    rules: Rules,
    values: Numbers,
    gradients: Numbers,
    asked: Collection[Key],
) -> dict[Key, Any] | None:
    """What each quantity that is asked for comes to, from the answers given before it.

    Args:
        rules: of the graph of the run.
        values, gradients: the answers, by node, in the shapes of the nodes.

    Returns:
        the numbers by key; None where an operation cannot take the values.
    """
    graph, m = run.graph, run.forward_pass.algebra
    cast = m.cast if graph.shapes else float
    found: dict[Key, Any] = {
        (kind, node): run.values[node] for kind, node in asked if kind == "value"
    }
    now = _onwards(run, values, found) if values else run.values
    if now is None:
        return None
    if not any(kind == "gradient" for kind, _ in asked):
        return found

    output = run.output.node
    arriving = {node: cast(gradient) for node, gradient in gradients.items()}
    back: dict[int, Any] = {} if graph.shapes else dict.fromkeys(run.nodes, 0.0)
    upstream = cast(run.upstream)
    if graph.shapes and m.shape(upstream) != graph.shape(output):
        upstream = m.broadcast_to(upstream, shape=graph.shape(output))
    back[output] = upstream

    def backwards() -> Iterator[int]:
        for node in reversed(run.nodes):
            found["gradient", node] = back.get(node)
            if node in arriving:
                back[node] = arriving[node]
            yield node

    if graph.shapes:
        with m.quiet():
            reverse_arrays(rules, now, back, backwards(), m, careful=run.strange)
    else:
        reverse(rules, now, back, backwards(), m)
    for key in asked:
        if found.get(key) is None:
            shape = graph.shape(key[1])
            found[key] = m.zeros(shape=shape) if shape else 0.0
    return found


def _onwards(run: Evaluation, values: Numbers, found: dict[Key, Any]) -> list[Any] | None:
    """The value of every node that follows from those that were answered; ``found`` gets what the
    answered ones should be by the others. None where an operation cannot take the values."""
    graph, m = run.graph, run.forward_pass.algebra
    cast = m.cast if graph.shapes else float
    written = {node: cast(value) for node, value in values.items()}
    now = [
        written[node] if node in written and graph.op[node] < 0 else value
        for node, value in enumerate(run.values)
    ]

    def onwards(order: Iterable[int]) -> Iterator[int]:
        for node in order:
            yield node
            found["value", node] = now[node]
            if node in written:
                now[node] = written[node]

    moves = depending(graph, written)
    gates = [node for node in range(len(graph)) if moves[node] and graph.op[node] >= 0]
    try:
        with m.quiet():
            forward(graph, now, m, onwards(gates))
    except DataError:
        return None
    return now


def own_run(run: Evaluation, values: Numbers) -> Evaluation | None:
    """The problem with the values that were written down and what follows from them; None where an
    operation cannot take them."""
    now = _onwards(run, values, {})
    if now is None:
        return None
    forward_pass = ForwardPass(run.problem, now, run.forward_pass.algebra)
    return Evaluation(forward_pass, run.output, run.upstream)


class OwnValue(Rules):
    """The rules of a graph, for gates whose own value was answered wrong.

    The derivative of σ may be had from the value that was written down, as v(1 - v), or from what
    the gate was applied to: both follow from what was written. (The op table has forms that are
    exact, which are a mixture of the two.)

    Args:
        rules: of the graph.
        values: by node, the values that the operands come to; None for derivatives by the value.
    """

    __slots__ = ("rules", "values")

    def __init__(self, rules: Rules, values: Numbers | None) -> None:
        super().__init__(rules.graph, rules.wanted)
        self.rules = rules
        self.values = values

    def __getitem__(self, node: int) -> list[tuple[int, Rule]]:
        pairs = self.rules[node]
        if self.values is None:
            by_value = BY_VALUE.get(self.graph.op[node])
            return pairs if by_value is None else [(place, by_value) for place, _ in pairs]
        if node not in self.values:
            return pairs
        at = 1 if self.graph.op[node] < STRUCTURAL else 2  # behind the algebra and the upstream
        value = self.values[node]
        return [(place, _with_value(rule, at, value)) for place, rule in pairs]


def _with_value(rule: Rule, at: int, value: Any) -> Rule:
    """A rule that is told another value of the gate, its argument ``at``."""

    def told(*arguments: Any, **settings: Any) -> Any:
        return rule(*arguments[:at], value, *arguments[at + 1 :], **settings)

    return told


class Blame:
    """Which wrong answer the others follow from.

    Args:
        verdicts: of the answers so far; one that is neither right nor wrong is passed through.
    """

    def __init__(self, run: Evaluation, verdicts: Verdicts) -> None:
        self._order = {key: place for place, key in enumerate(_steps(run))}
        graph = run.graph
        self.found: dict[Key, Key | None] = {}
        passed: dict[Key, Key | None] = {}

        def settle(key: Key, causes: Iterable[Key | None]) -> None:
            cause = self._first(causes)
            self.found[key] = cause
            verdict = verdicts.get(key)
            passed[key] = key if verdict == WRONG else None if verdict == RIGHT else cause

        for node in range(len(graph)):
            settle(("value", node), (passed["value", o] for o in graph.operands[node]))
        users: dict[int, list[int]] = {}
        for gate in run.nodes:
            for operand in dict.fromkeys(graph.operands[gate]):
                users.setdefault(operand, []).append(gate)
        for node in reversed(run.nodes):
            causes: list[Key | None] = []
            for gate in users.get(node, ()):
                causes.append(passed["gradient", gate])
                if ops.TABLE[graph.op[gate]].pattern != "distributor":
                    operands = graph.operands[gate]
                    causes += [passed["value", n] for n in (gate, *operands)]
            settle(("gradient", node), causes)

    def _first(self, keys: Iterable[Key | None]) -> Key | None:
        known = [key for key in keys if key is not None]
        return min(known, key=self._order.__getitem__, default=None)


def _steps(run: Evaluation) -> Iterator[Key]:
    """Every number in the order in which it is worked out."""
    for node in range(len(run.graph)):
        yield "value", node
    for node in reversed(run.nodes):
        yield "gradient", node
