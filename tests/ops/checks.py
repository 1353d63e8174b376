"""The checkers: each raises AssertionError where a row does not do what it should."""

import re
from collections.abc import Sequence
from itertools import product
from math import inf, isclose, isfinite, isnan, nan

import gradcalc
from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.engine.gradient import gradient_graph
from gradcalc.engine.run import forward, forward_functions
from gradcalc.graph.graph import Graph
from gradcalc.ops.row import Row, Rule

from .expected import EDGES
from .measure import as_float, error, true_partial, true_second, true_value
from .points import at_kink, operand_names
from .reference import REFERENCE, Operands
from .tolerance import VALUE, allowed


def float_value(row: Row, operands: Operands) -> float:
    """What the engine computes: its own function of that name, else the row's."""
    function = forward_functions(floats)[ops.PLACES[row.name]]
    return float(function(*operands))


def rules(row: Row, count: int) -> list[Rule | None]:
    """The rules of so many operands that all vary."""
    return [row.rule(place, (True,) * count) for place in range(count)]


def local_gradient(row: Row, operands: Operands, place: int) -> float:
    """The local gradient on floats; nan for an operand that is not differentiated."""
    rule = rules(row, len(operands))[place]
    value = row.forward(floats, *operands)
    return float(rule(floats, value, *operands)) if rule else nan


def check_value(row: Row, operands: Operands) -> bool:
    """The value is the true one. Returns whether there is a true one."""
    assert row.name in REFERENCE, f"{row.name} has no reference"
    want = true_value(row.name, operands)
    if want is None:
        return False
    bound = allowed(row.name, VALUE, operands, want)
    for got in (float_value(row, operands), float(row.forward(floats, *operands))):
        assert error(got, want) <= bound, f"{row.name}{operands} is {got!r}, not {as_float(want)!r}"
    return True


def check_partial(row: Row, operands: Operands, place: int) -> bool:
    """The local gradient is the derivative. Returns whether there is a derivative."""
    if at_kink(row, operands) or rules(row, len(operands))[place] is None:
        return True  # the one is tested elsewhere, the other has no derivative by design
    got = local_gradient(row, operands, place)
    edge = EDGES.get((row.name, operands))
    want = true_partial(row.name, operands, place) if edge is None else edge[place]
    if want is None:
        return False
    bound = allowed(row.name, place, operands, want) if edge is None or isfinite(want) else 0.0
    assert error(got, want) <= bound, (
        f"by operand {place} {row.name}{operands} is {got!r}, not {as_float(want)!r}"
    )
    return True


def constant_choices(row: Row, count: int) -> list[tuple[bool, ...]]:
    """Which operands may be constants: every choice that leaves one that varies."""
    fixed = [rule is None for rule in rules(row, count)]
    choices = product(*[(True,) if must else (False, True) for must in fixed])
    return [choice for choice in choices if not all(choice)]


def call(row: Row, operands: Operands, constants: Sequence[bool]) -> tuple[str, dict[str, float]]:
    """A call of the row as a program, and the values of its inputs."""
    names = operand_names(row, len(operands))
    told = [
        repr(x) if fixed else name
        for name, x, fixed in zip(names, operands, constants, strict=True)
    ]
    values = {n: x for n, x, fixed in zip(names, operands, constants, strict=True) if not fixed}
    return f"{row.name}({', '.join(told)})", values


def evaluate(text: str, values: dict[str, float]) -> float:
    """The value of an expression, given more names than it may use."""
    used = set(re.findall(r"[^\W\d]\w*", text))
    return float(gradcalc.backprop(text, {n: x for n, x in values.items() if n in used}).value)


def same(got: float, want: float, relative: float, absolute: float = 0.0) -> bool:
    """Equal to so much, infinities and nan to themselves."""
    if isnan(want) or abs(want) == inf:
        return isnan(got) if isnan(want) else got == want
    return isclose(got, want, rel_tol=relative, abs_tol=absolute)


def check_texts(row: Row, operands: Operands, constants: Sequence[bool]) -> None:
    """The text of each local gradient, read and evaluated, is its number."""
    program, values = call(row, operands, constants)
    report = gradcalc.backprop(program, values)
    gate = report.nodes[-1]
    assert len(gate.local) == len(values), f"{program} lacks a local gradient"
    for local in gate.local:
        got = evaluate(local.symbol, values)
        assert same(got, local.value, 1e-12, 1e-320), (
            f"in {program} at {values}: {local.symbol} is {got!r}, not {local.value!r}"
        )


def check_formula(row: Row, operands: Operands) -> None:
    """The formula of the row is its value, to the digits that a plain definition keeps."""
    names = operand_names(row, len(row.parameters))
    want = float_value(row, operands)
    formula = row.formula
    for name, rule, x in zip(names, rules(row, len(operands)), operands, strict=True):
        if rule is None:  # must be a number
            formula = re.sub(rf"\b{name}\b", repr(x), formula)
    got = evaluate(formula, dict(zip(names, operands, strict=True)))
    assert same(got, want, 1e-9, 1e-12), f"{row.formula} at {operands} is {got!r}, not {want!r}"


def second_derivatives(row: Row, operands: Operands) -> dict[tuple[int, int], float]:
    """Both derivatives taken on graphs, and evaluated on floats."""
    graph, inputs = Graph(), []
    for rule, x in zip(rules(row, len(operands)), operands, strict=True):
        inputs.append(graph.add_constant(x) if rule is None else graph.add_input())
    output = graph.add(ops.PLACES[row.name], tuple(inputs))
    first, slopes = gradient_graph(graph, output)
    found = {}
    for i, slope in slopes.items():
        second, curvatures = gradient_graph(first, slope)
        values = [second.constants.get(node, 0.0) for node in range(len(second))]
        for node, x in zip(inputs, operands, strict=True):
            values[node] = x
        forward(second, values, floats)
        for j in slopes:
            # An input behind the slope in the graph cannot be one that the slope depends on.
            found[inputs.index(i), inputs.index(j)] = (
                values[curvatures[j]] if j in curvatures else 0.0
            )
    return found


def check_second(row: Row, operands: Operands) -> bool:
    """Second derivatives on graphs are the true ones. Returns whether there are true ones."""
    compared = False
    if at_kink(row, operands):
        return compared
    for (i, j), got in second_derivatives(row, operands).items():
        want = true_second(row.name, operands, i, j)
        if want is None:
            continue
        compared = True
        assert same(got, as_float(want), 1e-9, 1e-12), (
            f"by operands {i} and {j} {row.name}{operands} is {got!r}, not {as_float(want)!r}"
        )
    return compared
