"""--symbolic over the op table: each formula is read again, and is the gradient of the report."""

from collections.abc import Mapping
from itertools import product
from math import pi
from typing import Any

import pytest

import gradcalc
from gradcalc import ops
from gradcalc.engine import floats
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import RANDOM, Row, Structural
from gradcalc.ops.structural import ROWS as STRUCTURAL
from gradcalc.services.symbolic import Symbolic, symbolic

from .expected import EDGES
from .points import at_kink, operand_names, ordinary_points
from .reference import Operands
from .structural.checks import at_kink as at_a_kink
from .structural.checks import values as operands_of

EVERY_ROW = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
MOST = 8
#: Their first operand must be a constant.
BY_WHOLE_NUMBER = ("sinc_derivative", "polygamma")


def evaluated(found: Symbolic, name: str, values: Mapping[str, Any]) -> Any:
    """The formula of a gradient, read again together with the definitions."""
    program = "\n".join(f"{left} = {text}" for left, text in found.definitions.items())
    text = found.gradients[name]
    # Every input stands in the definition of the output, so that its value is one of a name.
    return gradcalc.backprop(f"{program}\n{text}", values).value


def moderate(point: Operands) -> bool:
    return all(not x or 1e-100 < abs(x) < 1e100 for x in point)


@EVERY_ROW
def test_formulas_of_elementwise_rows(row: Row) -> None:
    """Inside of another gate, too: the upstream gradient is not 1."""
    compared = 0
    for point in [*row.samples, *ordinary_points(row)[:MOST]]:
        if at_kink(row, point) or (row.name, point) in EDGES or not moderate(point):
            continue
        names = operand_names(row, len(point))
        values = dict(zip(names, point, strict=True))
        call = f"{row.name}({', '.join(names)})"
        if row.name in BY_WHOLE_NUMBER:
            call = f"{row.name}({values.pop('n')}, x)"
        for program in (call, f"k = {call}; 3 k + k^2"):
            report = gradcalc.backprop(program, values)
            if any(value - value != 0 for value in report.gradients.values()):
                continue
            found = symbolic(program)
            for name, gradient in report.gradients.items():
                assert evaluated(found, name, values) == pytest.approx(gradient, rel=1e-9, abs=0)
                compared += 1
    assert compared


@EVERY_ROW
def test_a_factor_that_may_be_infinite_is_shielded(row: Row) -> None:
    """The gradient of relu is (t > 0) times the other factor, which is nan where that is infinite
    and t is not positive."""
    names = operand_names(row, len(row.samples[0]))
    if row.name in BY_WHOLE_NUMBER:
        names = ["1", *names[1:]]
    formula = symbolic(f"relu(t)*{row.name}({', '.join(names)})", wrt="t").gradients["t"]
    assert formula.startswith("where(t > 0, ") == (row.domain is not None or row.infinite)


@EVERY_ROW
def test_rows_say_whether_they_are_infinite(row: Row) -> None:
    """Some function values at points of moderate size, the pole of tan among them."""
    some = 0.0, 0.5, -1.0, 2000.0, -2000.0, pi / 2
    points: list[tuple[float, ...]] = [some] * len(row.samples[0])
    if row.name in BY_WHOLE_NUMBER:
        points[0] = (1.0,)
    if row.domain is None:
        greatest = max(abs(row.forward(floats, *point)) for point in product(*points))
        assert (greatest > 1e9) == row.infinite


@pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: row.name)
def test_formulas_of_structural_rows(row: Structural) -> None:
    """Written as the row's own nodes: the text of a gate is that of a report."""
    if row.name in RANDOM:
        return
    import numpy as np

    from gradcalc.engine.evaluation import Evaluation, ForwardPass, algebra_of, compute
    from gradcalc.graph.graph import Graph
    from gradcalc.graph.lower import Output, Problem
    from gradcalc.services.symbolic import formulas
    from gradcalc.source import Source
    from gradcalc.syntax.ast import Ast

    for sample in row.samples:
        # The text is mathematics: norm(x) at 0 has x / norm(x), where the rule says 0.
        if at_a_kink(row, operands_of(sample, "float64"), sample):
            continue
        graph = Graph()
        names = {}
        values = {}
        for place, operand in enumerate(sample.operands):
            array = np.array(operand, float)
            names[f"a{place}"] = node = graph.add_input(f"a{place}", shape=array.shape)
            values[node] = array if array.ndim else float(array)
        output = graph.apply(ops.PLACES[row.name], tuple(names.values()), sample.settings)
        problem = Problem(graph, Ast(), Source(""), names, names, {}, (), (), {})
        m = algebra_of(graph, "float64")
        forward_pass = ForwardPass(problem, compute(graph, values, m), m)
        run = Evaluation(forward_pass, Output(None, output), 1.0)
        found = formulas(problem, Output(None, output))
        given = {name: values[node] for name, node in names.items()}
        for name, node in names.items():
            rule = row.rule(node, (True,) * len(names))
            want = np.asarray(run.gradient(node))
            if rule is None or not np.isfinite(want).all():
                continue
            got = evaluated(found, name, given)
            assert np.shape(got) == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
