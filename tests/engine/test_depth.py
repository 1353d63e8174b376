"""Nothing recurses over the user's expression: every pass at depth and at size 100,000."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from gradcalc import Report, backprop, ops
from gradcalc.engine import floats
from gradcalc.engine.gradient import gradient_graph
from gradcalc.engine.run import forward
from gradcalc.graph.lower import Lowering, Problem
from gradcalc.render import Style, csvtable, jsonlines, markdown, plain
from gradcalc.services.quantities import quantity
from gradcalc.services.values import Seed, derivative_node, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

N = 100_000

#: name -> (program, value and derivative at x = 3)
PROGRAMS: dict[str, tuple[str, float, float]] = {
    "brackets": ("(" * N + "x" + ")" * N, 3.0, 1.0),
    "operations in brackets": ("(" * N + "x" + "+1)" * N, 3.0 + N, 1.0),
    "brackets to the right": ("(1+" * N + "x" + ")" * N, 3.0 + N, 1.0),
    "signs": ("-" * N + "x", 3.0, 1.0),
    "calls": ("abs(" * N + "x" + ")" * N, 3.0, 1.0),
    "bars": ("|" * N + "x" + "|" * N, 3.0, 1.0),
    "powers": ("x" + "^1" * N, 3.0, 1.0),
    "sum": ("+".join(["x"] * N), 3.0 * N, N),
    "differences": ("x" + "-1" * N, 3.0 - N, 1.0),
    "product": ("x" + "*1" * N, 3.0, 1.0),
    "juxtaposition": ("x" + " (1)" * N, 3.0, 1.0),
    # x < 1 is 0, 0 < 1 is 1, 1 < 1 is 0, ...: after an even number of comparisons 1.
    "comparisons": ("x + (x" + " < 1" * N + ")", 3.0 + (N + 1) % 2, 1.0),
    "definitions": (
        "a0 = x + x\n" + "\n".join(f"a{i} = a{i - 1} + x" for i in range(1, N)),
        3.0 * (N + 1),
        N + 1.0,
    ),
    "functions": (
        "f0(x) = x + 1\n" + "\n".join(f"f{i}(x) = f{i - 1}(x) + 1" for i in range(1, 20_000)),
        3.0 + 20_000,
        1.0,
    ),
    # One call, whose ties are counted among all its operands.
    "arguments": (f"max({','.join(['x'] * 1000)})", 3.0, 1.0),
    "lines in brackets": ("(" + "\n" * N + "x)", 3.0, 1.0),
}


@pytest.fixture(autouse=True)
def no_deeper_than_usual() -> Iterator[None]:
    """Whoever raises the limit of recursion instead of doing without is found out."""
    before = sys.getrecursionlimit()
    yield
    assert sys.getrecursionlimit() == before


def read(program: str) -> Ast:
    (ast,) = parse(Source(program), ops.PLACES, ["x"])
    return ast


def lowered(program: str) -> Problem:
    source, compute = Source(program), value_of_node(Seed())
    return Lowering(read(program), source, {"x": 1.0}, compute, derivative_node).run()


@pytest.mark.parametrize("name", PROGRAMS)
def test_value_and_gradient(name: str) -> None:
    program, value, gradient = PROGRAMS[name]
    report = backprop(program, x=3)
    assert report.value == value
    assert report.gradients["x"] == pytest.approx(gradient, rel=1e-12)


def test_a_tower_of_powers_to_the_right() -> None:
    """x^(1^(1^...)): right-associative, so the exponent is the deep side."""
    report = backprop("x" + "^x" * N, x=1)
    # d(x^u) at x = u = 1 is u + log(x) u' = 1.
    assert (report.value, report.gradients) == (1.0, {"x": 1.0})


@pytest.mark.parametrize("name", PROGRAMS)
def test_printing(name: str) -> None:
    """What is printed parses, and prints the same."""
    text = print_program(read(PROGRAMS[name][0]))
    assert print_program(read(text)) == text


def test_printing_keeps_what_is_there() -> None:
    assert print_program(read("(" * N + "x" + ")" * N)) == "x"
    assert print_program(read("+".join(["x"] * N))) == " + ".join(["x"] * N)
    assert print_program(read("-" * N + "x")) == "-" * N + "x"


@pytest.fixture(scope="module")
def big() -> Report:
    """A sum of N terms: N - 1 gates in a chain."""
    return backprop("+".join(["x"] * N), x=3)


@pytest.fixture(scope="module")
def staged() -> Report:
    """N definitions."""
    return backprop(PROGRAMS["definitions"][0], x=3)


def test_nodes(big: Report, staged: Report) -> None:
    assert len(big.nodes) == N
    assert len(staged.nodes) == N + 1
    # x is used twice by the first sum, and once by each of the others; every gate has upstream 1.
    assert big.nodes.uses(0) == N
    assert big.nodes[0].upstream == N
    assert {node.upstream for node in big.nodes[1:]} == {1.0}
    assert [node.name for node in staged.nodes[:3]] == ["x", "a0", "a1"]
    assert staged.nodes[-1].value == 3.0 * (N + 1)
    assert max(len(node.expression) for node in big.nodes) <= 200


def test_json(big: Report, staged: Report) -> None:
    written = json.loads("".join(jsonlines.render([big], Style())))
    assert len(written["nodes"]) == N
    assert written["nodes"][-1]["value"] == 3.0 * N
    whole = staged.to_json()
    assert len(whole["nodes"]) == N + 1
    assert whole["nodes"][-1]["value"] == 3.0 * (N + 1)
    assert whole["nodes"][1]["local"] == [{"operand": 0, "symbol": "1", "value": 1.0}] * 2


def test_csv(big: Report) -> None:
    rows = list(csv.reader(StringIO("".join(csvtable.render([big], Style())))))
    assert len(rows) == N + 1
    assert rows[-1][7] == str(3 * N)


def test_plain(big: Report) -> None:
    assert "".join(plain.render([big], Style())) == f"value\t{3 * N}\ndx\t{N}\n"


def test_quantities(staged: Report) -> None:
    assert quantity(staged, "value") == 3.0 * (N + 1)
    assert quantity(staged, "a7") == 27.0
    assert quantity(staged, "da7") == 1.0


def test_tables_are_shortened(big: Report, staged: Report) -> None:
    for report in (big, staged):
        text = "".join(markdown.render([report], Style()))
        assert len(text) < 100_000
        assert f"{len(report.nodes):,} nodes" in text
        assert len(table(report, Style())) < 200_000


def table(report: Report, style: Style) -> str:
    from rich.console import Console

    from gradcalc.render.table import show

    file = StringIO()
    show([report], style, Console(file=file, width=100, markup=False, emoji=False, highlight=False))
    return file.getvalue()


def test_tables_of_all_nodes() -> None:
    report = backprop("+".join(["x"] * 10_000), x=3)
    text = "".join(markdown.render([report], Style(all_nodes=True)))
    assert text.count("distributes") == 9_999
    assert table(report, Style(all_nodes=True)).count("distributes") == 9_999


@pytest.mark.parametrize(
    "name", ["operations in brackets", "sum", "definitions", "calls", "product"]
)
def test_gradient_as_a_graph(name: str) -> None:
    program, _, gradient = PROGRAMS[name]
    problem = lowered(program)
    graph, derivatives = gradient_graph(problem.graph, problem.outputs[0].node)
    (node,) = derivatives.values()
    values = [3.0 if op == -1 else graph.constants.get(i, 0.0) for i, op in enumerate(graph.op)]
    forward(graph, values, floats)
    assert values[node] == gradient


def test_notes_of_a_deep_program() -> None:
    """Kinks and infinities are looked for in loops as well."""
    report = backprop("+".join(["relu(x)"] * N), x=0)
    assert len(report.notes) <= 21
    assert f"{N - 20} more" in report.notes[-1].message
    report = backprop("log(x)" + "+x" * N, x=0)
    assert "log(x) is -inf" in report.notes[0].message
    report = backprop("+".join(["1/2x"] * 10_000), x=1)
    assert len(report.notes) <= 21


def test_errors_at_the_end_of_a_deep_program() -> None:
    from gradcalc import GradcalcError

    for program in (
        "(" * N + "x",
        "x" + ")" * N,
        "+".join(["x"] * N) + "+",
        "(" * N + "y" + ")" * N,
    ):
        with pytest.raises(GradcalcError) as caught:
            backprop(program, x=3)
        assert len(str(caught.value)) < 2000


class Counting:
    """The algebra on floats, counting what is asked of it."""

    def __init__(self) -> None:
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(floats, name)

        def counted(*operands: Any) -> Any:
            self.calls += 1
            return function(*operands)

        return counted


def work(size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """The calls of forward and reverse for a sum of ``size`` terms."""
    m = Counting()
    monkeypatch.setattr("gradcalc.services.evaluate.algebra_of", lambda graph, dtype: m)
    backprop("+".join(["sigmoid(x*x)"] * size), x=3)
    return m.calls


def test_linear_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further term costs the same, whatever the size. Counted, not timed."""
    small, double, large = (work(size, monkeypatch) for size in (100, 200, 2000))
    assert large - double == 18 * (double - small)
    # A term has 3 gates, one call each forward; the gradient is a small multiple of that
    # (Baur and Strassen: 4).
    assert 3 * 2000 <= large <= 5 * 3 * 2000


def test_texts_grow_linearly() -> None:
    """An expression is written whole only where it is short: the JSON of N gates is no N^2."""
    small, large = (
        sum(map(len, jsonlines.render([backprop("+".join(["x"] * n), x=1)], Style())))
        for n in (1000, 2000)
    )
    assert large < 2.2 * small
