"""The numerical gradient check: every gradient of a report compared with differences.

Nothing is taken from the rules: the differences are of the forward pass alone. The advice is that
of CS231n's notes on gradient checks: central differences, the relative error, double precision, a
step that fits the scale, and an eye on kinks.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import frexp, inf, ldexp, nan
from random import Random
from typing import Any

from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.numerical.choices import (
    LABEL,
    Choice,
    any_of,
    choices,
    is_at_jump,
    sliding,
)
from gradcalc.engine.numerical.differences import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    FINITE,
    HIDDEN,
    JUMP,
    KINK,
    Comparison,
)
from gradcalc.engine.numerical.gates import (
    ALONG,
    SPARSE,
    TOLERANCES,
    TOO_SPARSE,
    compare_number,
    steps_at,
)
from gradcalc.engine.numerical.objective import UNITS, Move, Objective
from gradcalc.engine.numerical.verification import Check, Verification, check_of
from gradcalc.engine.run import depending
from gradcalc.errors import DataError
from gradcalc.ops.row import Rule
from gradcalc.report import Report, check_report
from gradcalc.services import notes

#: Random directions along which everything moves at once, where there is too much to move alone.
DIRECTIONS = 3
#: Scalar inputs are moved one by one up to this many, and up to this much work: inputs times nodes.
MAX_INPUTS, MAX_WORK = 200, 4_000_000
#: Of more of them so many, if the work allows.
SOME_INPUTS = 40
#: Gates are all checked up to this many, operands of one gate up to this many.
MAX_GATES, MAX_OPERANDS = 10_000, 16
#: So many names are given of what is left alone or held.
NAMES = 3


def verify(report: Report) -> Verification:
    """Compare the gradients of a report, and the local gradients of its gates, with differences.

    What is random is the same each time. The cost is about ten to twenty forward passes for each
    input, or each of the entries and directions of an array, of only what depends on it; and as
    many calls of each gate.
    """
    check_report(report, "verify")
    return _Verifier(report).run()


class _Verifier:
    """The check of one report."""

    def __init__(self, report: Report) -> None:
        self.gradients = report.gradients
        self.evaluation = report.evaluation
        self.graph = self.evaluation.graph
        definitions = self.evaluation.problem.definitions
        self.nodes = {name: definitions[name] for name in report.gradients}
        self.objective = Objective(self.evaluation)
        self.random = Random(0)
        self.notes: list[str] = []
        self.choices = self._choices()
        self.left = self._left_alone()
        self.objective.held = self._held()
        checked = [node for name, node in self.nodes.items() if name not in self.left]
        #: What leads to a gradient that is checked: what depends on one of these.
        self.counts = self.objective.moving(checked)

    def _choices(self) -> dict[int, Choice]:
        """What only chooses; there is nothing if no gradient of a quantity is asked for."""
        objective = self.objective
        found = choices(self.graph, objective.values, objective.nodes, objective.m)
        reached = set(objective.nodes)
        if all(node in found or node not in reached for node in self.nodes.values()):
            return {}
        return found

    def _left_alone(self) -> dict[str, tuple[str, ...]]:
        """The names of what only chooses and is where the choice changes, with how it is used."""
        found = self.choices
        return {
            name: found[node].uses
            for name, node in self.nodes.items()
            if node in found and found[node].jumps and not any_of(self.gradients[name] != 0.0)
        }

    def _held(self) -> frozenset[int]:
        """The parts of inputs that only choose, as a column of labels beside those of the data."""
        names = {node: name for name, node in self.nodes.items() if name not in self.left}
        held = set()
        for node, choice in self.choices.items():
            operands = self.graph.operands[node]
            if operands and operands[0] in names and (choice.jumps or LABEL in choice.uses):
                part = self.objective.part(node, self.gradients[names[operands[0]]])
                if part is not None and not any_of(part != 0.0):
                    held.add(node)
        return frozenset(held)

    def run(self) -> Verification:
        gates = list(self._gates())
        inputs = [self._explained(check, gates) for check in self._inputs()]
        if inputs and all(check.verdict == AGREES for check in inputs) and self.graph.shapes:
            from gradcalc.services.verify_arrays import spared

            gates = spared(self.evaluation, gates, [*self.nodes.values()])
        return Verification(tuple(inputs), tuple(gates), tuple(self.notes))

    # inputs

    def _inputs(self) -> Iterator[Check]:
        moved = {name: node for name, node in self.nodes.items() if name not in self.left}
        scalars = [name for name, node in moved.items() if not self.graph.shape(node)]
        chosen = self._some_inputs(scalars)
        for name, node in moved.items():
            if self.graph.shape(node):
                from gradcalc.services.verify_arrays import moves

                value = self.objective.values[node]
                found, note = moves(name, node, value, self.gradients[name], DIRECTIONS)
                yield from self._compared(name, found, note)
            elif name in chosen:
                x = float(self.objective.values[node])
                move = Move("", {node: 1.0}, self.gradients[name], steps_at(x))
                yield from self._compared(name, [move])
        if len(chosen) < len(scalars):
            note = f"{len(chosen):,} of {len(scalars):,} scalar inputs were moved one by one, and"
            note += f" all of them along {DIRECTIONS} random directions"
            yield from self._compared("all scalar inputs", self._directions(scalars), note)
        self._tell_what_is_left()
        self._tell_what_is_held()

    def _tell_what_is_left(self) -> None:
        """A note on what only chooses, for each way in which it does."""
        by_use: dict[tuple[str, ...], list[str]] = {}
        for name, uses in self.left.items():
            by_use.setdefault(uses, []).append(name)
        for uses, names in by_use.items():
            how = " and ".join(uses)
            if len(names) == 1:
                note = f"{names[0]} was not checked: it is only {how}, its gradient is 0 by"
                note += " convention, and where it moves, the value jumps"
            else:
                note = (
                    f"{_some(names)} were not checked: they are only {how}, their gradients are 0"
                )
                note += " by convention, and where they move, the value jumps"
            self.notes.append(note)

    def _tell_what_is_held(self) -> None:
        """A note on the parts of inputs that stayed as they are."""
        names = [self.evaluation.reference(node)[0] for node in sorted(self.objective.held)]
        if len(names) == 1:
            self.notes.append(
                f"{names[0]} was held: it only chooses, its gradient is 0 by convention"
            )
        elif names:
            note = (
                f"{_some(names)} were held: they only choose, their gradients are 0 by convention"
            )
            self.notes.append(note)

    def _some_inputs(self, names: Sequence[str]) -> frozenset[str]:
        """The scalar inputs to move one by one."""
        affordable = MAX_WORK // len(self.objective.nodes)
        if len(names) <= min(MAX_INPUTS, max(affordable, DIRECTIONS)):
            return frozenset(names)
        count = min(SOME_INPUTS, max(affordable, DIRECTIONS))
        return frozenset(self.random.sample(list(names), count))

    def _directions(self, names: Sequence[str]) -> Iterator[Move]:
        """Random directions of all scalar inputs, each as long as the input, or half of that."""
        for number in range(1, DIRECTIONS + 1):
            directions = {}
            for name in names:
                node = self.nodes[name]
                _, exponent = frexp(float(self.objective.values[node]) or 1.0)
                length = self.random.choice((-1.0, 1.0)) * self.random.randrange(33, 64)
                directions[node] = ldexp(length, exponent - 6)
            slope = sum(self.gradients[name] * directions[self.nodes[name]] for name in names)
            yield Move(f"direction {number}", directions, slope, ALONG)

    def _compared(self, what: str, moves: Iterable[Move], note: str = "") -> Iterator[Check]:
        """A check for each move. What refuses to move, and has no gradient, has none."""
        refused, others = [], 0
        for move in moves:
            try:
                found = self.objective.compare(move.directions, move.derivative, move.steps)
            except DataError as error:
                if move.derivative == 0.0:
                    refused.append(error.message)
                    continue
                found = Comparison(move.derivative, nan, CANNOT_TELL, error.message)
            if found.verdict != AGREES:
                with self.objective.m.quiet():
                    found = self._excused(found, move)
            others += 1
            yield check_of(what, move.part, found)
        if refused:
            where = f" in {len(refused):,} of the entries" if others else ""
            message = f"{what} was not checked{where}: when it moves{' there' if others else ''}"
            self.notes.append(f"{message}, {refused[0]}")
        if note and others:
            self.notes.append(note)

    def _excused(self, found: Comparison, move: Move) -> Comparison:
        """A comparison that fails, if there is a reason why differences may be wrong: what lies
        between what moves and the output."""
        moves = self.objective.moving(move.directions)
        told = dict(self._special(moves, move, conditions=found.verdict == CANNOT_TELL))
        if told:
            # Beside a jump, what differences there are is chance.
            jumps = True in told
            reason = told[jumps]
            if found.verdict == DISAGREES:
                return found.instead(f"{reason}, and the gradient there is a convention")
            if found.reason.startswith((KINK, JUMP)):
                return found.instead(f"{found.reason}; {reason}")
            if jumps:
                return found._replace(numeric=nan).instead(reason)
            return found.instead(f"{reason}; {found.reason}")
        if found.verdict == DISAGREES:
            if self._is_sparse(moves):
                return found.instead(TOO_SPARSE)
            gate = self.objective.jumps(move.directions, found.step)
            if gate is not None:
                text = notes.text(self.evaluation, gate)
                return found.instead(f"{text} jumps within every step that tells")
        return found

    def _special(
        self, moves: Sequence[int], move: Move, *, conditions: bool
    ) -> Iterator[tuple[bool, str]]:
        """The gates that have no derivative, of those that move: whether it jumps, and what to
        say of it. The last one is the first that the inputs reach.

        Args:
            conditions: whether a condition that is 0 in some entry is such a gate.
        """
        run, graph, values = self.evaluation, self.graph, self.evaluation.values
        slides = sliding(graph, self.objective.nodes, move.directions) if conditions else ()
        for node in reversed(self.objective.nodes):
            operands = graph.operands[node]
            if not moves[node] or not operands or node in move.directions:
                continue
            row = ops.TABLE[graph.op[node]]
            inputs = [values[operand] for operand in operands]
            kink = row.kink
            if kink is not None and any_of(kink.at(*inputs, **graph.settings.get(node, {}))):
                where = notes.instance(run, node, kink.text)
                jumps = kink.interval is None
                text = f"{'jumps' if jumps else 'is at a kink'}, {where}"
            elif is_at_jump(graph, values, node) and (
                graph.op[node] != notes.WHERE or operands[0] in slides
            ):
                jumps, text = True, "jumps"
            else:
                continue
            yield jumps, f"{notes.text(run, node)} {text}"

    def _is_sparse(self, moves: Sequence[int]) -> bool:
        """Whether a value that moves is so big that floats around it are far apart."""
        return any(
            moves[node] and any_of((size >= SPARSE) & (size < inf))
            for node in self.objective.nodes
            for size in [abs(self.evaluation.values[node])]
        )

    def _explained(self, check: Check, gates: Sequence[Check]) -> Check:
        """A check that fails, with the rules that are to blame. If there are none, but some that
        could not be checked, one cannot tell."""
        if check.verdict != DISAGREES:
            return check
        if check.what in self.nodes:
            moves = depending(self.graph, [self.nodes[check.what]])
            gates = [gate for gate in gates if moves[self.evaluation.nodes[gate.node or 0]]]
        wrong = dict.fromkeys(gate.what for gate in gates if gate.verdict == DISAGREES)
        if wrong:
            return check._replace(reason=f"through {', '.join([*wrong][:3])}")
        for gate in gates:
            if gate.verdict == CANNOT_TELL:
                reason = f"{gate.what} could not be checked"
                return check._replace(verdict=CANNOT_TELL, reason=reason)
        if check.reason == HIDDEN:  # it may vary quickly by less than that
            return check._replace(verdict=CANNOT_TELL)
        return check._replace(reason="though no rule that was checked disagrees")

    # gates

    def _gates(self) -> Iterator[Check]:
        run, graph, rules = self.evaluation, self.graph, self.evaluation.forward_pass.rules
        few, partly, beside = False, 0, 0
        known: dict[Any, Comparison | None] = {}  # a loop may have X[0] a hundred times
        for node in self._some_gates():
            pairs = [
                (place, rule)
                for place, rule in rules[node]
                if (graph.op[node], place) != (notes.WHERE, 0)  # a choice is no quantity
            ]
            if len(pairs) > MAX_OPERANDS:
                pairs, few = self.random.sample(pairs, MAX_OPERANDS), True
            for place, rule in pairs:
                key = self._key(node, place)
                if key not in known:
                    known[key] = self._gate(node, place, rule)
                found = known[key]
                if found is None:
                    continue
                if found.verdict == CANNOT_TELL and not self.counts[graph.operands[node][place]]:
                    beside += 1
                else:
                    partly += found.reason == FINITE
                    operand = run.reference(graph.operands[node][place])[0]
                    yield check_of(run.expression(node), operand, found, run.id(node))
        if few:
            self.notes.append(f"of gates with more, {MAX_OPERANDS} operands were checked")
        if partly:
            gradients = "local gradient was" if partly == 1 else "local gradients were"
            self.notes.append(f"{partly:,} {gradients} checked {FINITE}")
        if beside:
            gradients = "local gradient that" if beside == 1 else "local gradients that"
            verbs = "was left out: it leads" if beside == 1 else "were left out: they lead"
            note = f"{beside:,} {gradients} one cannot tell {verbs} to no gradient that is checked"
            self.notes.append(note)

    def _some_gates(self) -> list[int]:
        """The gates to check: all, or some of each operation and choice of operands that vary."""
        graph = self.graph
        gates = [n for n in self.evaluation.nodes if graph.varies[n] and graph.operands[n]]
        if len(gates) <= MAX_GATES:
            return gates
        kinds: dict[Any, list[int]] = {}
        for node in gates:
            varies = tuple([graph.varies[operand] for operand in graph.operands[node]])
            kinds.setdefault((graph.op[node], varies), []).append(node)
        chosen = []
        for nodes in kinds.values():
            share = max(1, MAX_GATES // len(kinds))
            chosen += nodes if len(nodes) <= share else self.random.sample(nodes, share)
        self.notes.append(
            f"{len(chosen):,} of {len(gates):,} gates were checked, some of each operation"
        )
        return sorted(chosen)

    def _key(self, node: int, place: int) -> tuple[Any, ...]:
        """What a local gradient depends on."""
        graph = self.graph
        settings = graph.settings.get(node, {}).items()
        return graph.op[node], place, graph.operands[node], tuple(settings)

    def _gate(self, node: int, place: int, rule: Rule) -> Comparison | None:
        """One local gradient; None where there is nothing to compare."""
        run, graph = self.evaluation, self.graph
        m = run.forward_pass.algebra
        op, value = graph.op[node], run.values[node]
        operands = [run.values[operand] for operand in graph.operands[node]]
        try:
            if graph.shapes:
                from gradcalc.services.verify_arrays import compare_gate

                settings = graph.settings.get(node, {})
                return compare_gate(m, op, value, operands, settings, place, rule)
            dtype = self.objective.dtype
            derivative = float(rule(m, value, *operands))
            numbers = [float(x) for x in operands]
            unit, tolerance = UNITS[dtype][0], TOLERANCES[dtype]
            in_floats = partial(rule, floats)
            return compare_number(op, numbers, place, derivative, in_floats, unit, tolerance)
        except DataError:
            return None  # it is not differentiated


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    return f"{', '.join(names[:NAMES])}{more}"
