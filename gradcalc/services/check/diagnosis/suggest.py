"""Values of the inputs at which mistakes give different numbers."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from gradcalc.engine.evaluation import Evaluation, ForwardPass, compute
from gradcalc.errors import DataError
from gradcalc.graph.graph import Graph
from gradcalc.services.check.diagnosis.mistake import ANSWER, VALUE, Fault
from gradcalc.services.check.diagnosis.passes import Backward, Forward
from gradcalc.services.check.diagnosis.tape import Linear, Tape
from gradcalc.services.check.types import Finding
from gradcalc.syntax.literals import format_value

#: So many values are tried; the draws are the same every time.
TRIES, SEED = 60, 231
#: Small numbers, none of them 0 or 1: those hide mistakes.
NUMBERS = (2.0, 3.0, -2.0, 4.0, 5.0, -3.0, 0.5, 6.0, -4.0, 1.5, 7.0, -5.0)


def suggest_inputs(run: Evaluation, findings: Sequence[Finding]) -> dict[str, Any] | None:
    """Values at which the explanations that fit now differ in the inputs' gradients.

    Of the values that are tried, those that tell the most of them apart; None if none do, as with
    mistakes that always give the same numbers.
    """
    sets = [_faults(finding) for finding in findings]
    sets = [faults for faults in sets if len(faults) > 1]
    best: dict[str, Any] | None = None
    most, enough = len(sets), sum(map(len, sets))
    for values in _draws(run) if sets else ():
        found = _told_apart(run, sets, values)
        if found > most:
            best, most = values, found
            if found == enough:
                break
    return best


def suggestion(run: Evaluation, findings: Sequence[Finding]) -> str:
    """The same in words."""
    if all(len(_faults(finding)) < 2 for finding in findings):
        return "only one mistake fits: no other values are needed"
    values = suggest_inputs(run, findings)
    if values is None:
        return "no values were found at which the mistakes that fit give different gradients"
    options = " ".join(f"--{name} {_option(value)}" for name, value in values.items())
    return f"the mistakes that fit give different gradients at {options}"


def _option(value: Any) -> str:
    text = format_value(value)
    return f'"{text}"' if " " in text else text


def _faults(finding: Finding) -> list[Fault]:
    return [fault for fault in finding.faults if fault.mistake.kind != ANSWER]


def _draws(run: Evaluation) -> Iterator[dict[str, Any]]:
    """Values for all inputs."""
    random = Random(SEED)
    inputs = run.problem.inputs
    for _ in range(TRIES):
        values: dict[str, Any] = {}
        left: list[float] = []
        for name, node in inputs.items():
            shape = run.graph.shape(node)
            if shape:
                values[name] = _array(random, shape)
                continue
            # Each number once, as long as there are some.
            left = left or random.sample(NUMBERS, len(NUMBERS))
            values[name] = left.pop()
        yield values


def _array(random: Random, shape: tuple[int, ...]) -> Any:
    import numpy as np

    count = int(np.prod(shape))
    return np.array([random.choice(NUMBERS) for _ in range(count)]).reshape(shape)


def _told_apart(run: Evaluation, sets: Sequence[Sequence[Fault]], values: Mapping[str, Any]) -> int:
    """How many different predictions there are, the sets added up; 0 where something is not
    finite."""
    tape = _tape(run, values)
    if tape is None:
        return 0
    total = 0
    for faults in sets:
        seen: list[dict[int, Any]] = []
        for fault in faults:
            predicted = _predicted(tape, fault)
            if predicted is None:
                return 0
            if all(_differ(tape, predicted, other) for other in seen):
                seen.append(predicted)
        total += len(seen)
    return total


def _tape(run: Evaluation, values: Mapping[str, Any]) -> Tape | None:
    """The problem at other values; None where it has no finite numbers, or a kink."""
    problem, m = run.problem, run.forward_pass.algebra
    leaves = {node: values[name] for name, node in problem.inputs.items()}
    try:
        numbers = compute(run.graph, leaves, m)
    except DataError:
        return None
    again = Evaluation(ForwardPass(problem, numbers, m), run.output, run.upstream)
    tape = Tape(again)
    for node in tape.order:
        if not tape.numbers.finite(again.values[node]):
            return None
        if not tape.numbers.finite(again.gradient(node)):
            return None
    return None if _is_at_kink(run.graph, again) else tape


def _is_at_kink(graph: Graph, run: Evaluation) -> bool:
    from gradcalc import ops

    for node in run.nodes:
        row = ops.TABLE[graph.op[node]] if graph.op[node] >= 0 else None
        if row is not None and row.elementwise and row.kink is not None:
            x = [run.values[operand] for operand in graph.operands[node]]
            at = row.kink.at(*x)
            if bool(at.any() if hasattr(at, "any") else at):
                return True
    return False


def _predicted(tape: Tape, fault: Fault) -> dict[int, Any] | None:
    """The inputs' gradients of whoever makes this mistake."""
    faults = {fault.node: fault} if fault.mistake.kind == VALUE and fault.node is not None else {}
    try:
        forward = Forward(tape, {}, faults=faults)
    except DataError:
        return None
    linear = Linear(tape, forward.values, forward.strange)
    back = Backward(linear, {}, fault=fault)
    inputs = [node for node in tape.run.problem.inputs.values() if node in tape.users]
    found = {node: back.arriving[node] for node in inputs}
    if not all(tape.numbers.finite(gradient) for gradient in found.values()):
        return None
    return found


def _differ(tape: Tape, one: Mapping[int, Any], other: Mapping[int, Any]) -> bool:
    return any(tape.numbers.differ(one[node], other[node]) for node in one)
