"""The output formats."""

import csv
import json
from io import StringIO
from typing import Any

from .conftest import Run
from .test_lecture import HEADLINE, HEADLINE_PLAIN

KEYS = [
    "schema_version",
    "problem",
    "expression",
    "output",
    "value",
    "shape",
    "inputs",
    "gradients",
    "nodes",
    "notes",
]
NODE_KEYS = [
    "id",
    "name",
    "expression",
    "op",
    "operands",
    "shape",
    "value",
    "upstream",
    "local",
    "pattern",
]


def refuse(word: str) -> Any:
    """Python reads Infinity and NaN as numbers; JSON knows no such words."""
    raise AssertionError(word)


def objects(text: str) -> list[dict[str, Any]]:
    assert text.endswith("\n")
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def test_json_headline(run: Run) -> None:
    (report,) = objects(run(*HEADLINE, "--format", "json").out)
    nodes = report.pop("nodes")
    assert report == {
        "schema_version": 1,
        "problem": 1,
        "expression": "(x + y) * z",
        "output": None,
        "value": -12.0,
        "shape": [],
        "inputs": {"x": -2.0, "y": 5.0, "z": -4.0},
        "gradients": {"x": -4.0, "y": -4.0, "z": 3.0},
        "notes": [],
    }
    assert nodes[2] == {
        "id": 2,
        "name": None,
        "expression": "x + y",
        "op": "add",
        "operands": [0, 1],
        "shape": [],
        "value": 3.0,
        "upstream": -4.0,
        "pattern": "distributor",
        "local": [
            {"operand": 0, "symbol": "1", "value": 1.0},
            {"operand": 1, "symbol": "1", "value": 1.0},
        ],
    }
    assert [node["op"] for node in nodes] == ["input", "input", "add", "input", "mul"]
    assert nodes[4]["local"] == [
        {"operand": 2, "symbol": "z", "value": -4.0},
        {"operand": 3, "symbol": "x + y", "value": 3.0},
    ]


def test_json_has_every_key_always(run: Run) -> None:
    programs = "x; 3; q = x; relu(x)\n---\nf(t) = t^2\n---\nc = 2\nc*x"
    text = run("--x", "0", "--t", "1", "--format", "json", input=programs).out
    reports = objects(text)
    assert len(reports) == 5
    for report in reports:
        assert list(report) == KEYS
        for place, node in enumerate(report["nodes"]):
            assert list(node) == NODE_KEYS
            assert node["id"] == place
            assert all(operand < place for operand in node["operands"])
            for local in node["local"]:
                assert list(local) == ["operand", "symbol", "value"]
                assert local["operand"] in node["operands"]
        for note in report["notes"]:
            assert list(note) == ["kind", "node", "message"]


def test_json_of_what_is_not_differentiated(run: Run) -> None:
    (report,) = objects(run("c^2 * x + log(3)", "--x", "1", "--c", "2", "--format", "json").out)
    leaves = [node for node in report["nodes"] if node["op"] == "constant"]
    assert [node["value"] for node in leaves] == [2.0, 3.0]
    (log,) = [node for node in report["nodes"] if node["op"] == "log"]
    for node in (*leaves, log):
        assert node["upstream"] is None
        assert node["local"] == []


def test_json_infinities(run: Run) -> None:
    program = "log(x); -log(x); x/y; x*x"
    reports = objects(run(program, "--x", "0", "--y", "0", "--format", "json").out)
    assert [report["value"] for report in reports] == ["-Infinity", "Infinity", "NaN", 0.0]
    assert reports[0]["gradients"] == {"x": "Infinity", "y": 0.0}
    (log,) = [node for node in reports[0]["nodes"] if node["op"] == "log"]
    assert log["local"] == [{"operand": 0, "symbol": "1 / x", "value": "Infinity"}]
    assert reports[0]["notes"][0]["kind"] == "non-finite"


def test_json_names_outputs(run: Run) -> None:
    def output(program: str) -> Any:
        return objects(run(program, "--x", "2", "--format", "json").out)[0]["output"]

    assert output("q = x + 1; f = q^2") == "f"
    assert output("f(x) = x^2") == "f"
    assert output("q = x + 1; q^2") is None


def test_json_keeps_all_digits_and_all_letters(run: Run) -> None:
    ended = run("σ(α)", "--α", "1/3", "--format", "json", "--precision", "2")
    (report,) = objects(ended.out)
    assert report["inputs"] == {"α": 1 / 3}
    assert "α" in ended.out


def test_csv(run: Run) -> None:
    rows = list(csv.DictReader(StringIO(run(*HEADLINE, "--format", "csv").out)))
    assert [row["id"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert rows[0]["name"] == "x"
    assert rows[2] == {
        "problem": "1",
        "output": "",
        "id": "2",
        "name": "",
        "expression": "x + y",
        "op": "add",
        "operands": "0;1",
        "value": "3",
        "local": "1;1",
        "upstream": "-4",
        "pattern": "distributor",
        "shape": "",
    }


def test_csv_holds_no_formulas(run: Run) -> None:
    text = run("-x + y", "--x", "1", "--y", "2", "--format", "csv").out
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["expression"] for row in rows] == ["x", "'-x", "y", "'-x + y"]
    # Numbers stay numbers.
    assert [row["value"] for row in rows] == ["1", "-1", "2", "1"]
    for row in rows:
        for column in ("output", "name", "expression", "op", "pattern"):
            assert not row[column].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_quotes_commas(run: Run) -> None:
    rows = list(csv.reader(StringIO(run("max(x, 1)", "--x", "2", "--format", "csv").out)))
    assert {len(row) for row in rows} == {12}
    assert rows[-1][4] == "max(x, 1)"


def test_csv_has_one_header(run: Run) -> None:
    ended = run("x; 2x; 3x", "--x", "1", "--format", "csv")
    assert [line.startswith("problem,") for line in ended.lines].count(True) == 1


def test_plain(run: Run) -> None:
    assert run(*HEADLINE, "--format", "plain").out == HEADLINE_PLAIN
    # No input at all: only the value.
    assert run("2^10", "--format", "plain").out == "value\t1024\n"


def markdown_table(text: str, title: str) -> list[list[str]]:
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {title} "))
    table = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        cells = line.replace("\\|", "\0").strip("|").split("|")
        table.append([cell.strip().replace("\0", "|") for cell in cells])
    return table


def test_markdown(run: Run) -> None:
    text = run(*HEADLINE, "--format", "markdown").out
    head, rule, *rows = markdown_table(text, "node")
    assert all(set(cell) <= {"-", ":"} for cell in rule)
    assert {len(row) for row in rows} == {len(head)}
    local = r"$\partial / \partial x = 1$ <br> $\partial / \partial y = 1$"
    assert ["$x + y$", "3", local, "-4", "distributes"] in rows
    for line in (r"x} &= -4 & \text{at } x &= -2", r"y} &= -4 & \text{at } y &= 5"):
        assert rf"\frac{{\partial f}}{{\partial {line}" in text


def test_markdown_cells_stay_cells(run: Run) -> None:
    text = run("|x| <= y", "--x", "-3", "--y", "4", "--format", "markdown").out
    head, _, *rows = markdown_table(text, "node")
    assert {len(row) for row in rows} == {len(head)}


def test_table(run: Run) -> None:
    ended = run(*HEADLINE)
    assert (ended.status, ended.err) == (0, "")
    lines = [" ".join(line.replace("│", " ").split()) for line in ended.lines]
    assert lines[0] == "(x + y) * z = -12"
    assert {
        "node value local gradient upstream gate",
        "x + y 3 ∂/∂x = 1 -4 distributes",
        "x -2 -4 input",
        "∂/∂z = x + y = 3",
        "df/dx = -4 at x = -2",
        "df/dz = 3 at z = -4",
    } <= set(lines)


def test_table_tells_nothing_by_colour_alone(run: Run) -> None:
    """Of inputs, constants, gates and the copy gate, each is named."""
    words = run("2 x x", "--x", "3").out
    for word in ("input", "constant", "switches", "adds up 2"):
        assert word in words


def test_a_big_graph_is_shortened(run: Run) -> None:
    program = " + ".join(["x"] * 150 + ["y"] * 150)
    ended = run("--x", "1", "--y", "2", input=program)
    assert ended.status == 0
    assert len(ended.lines) < 30
    # 2 inputs and 299 sums
    assert "301 nodes" in ended.out
    assert "--all-nodes" in ended.out
    assert "= 450" in ended.lines[0]
    whole = run("--x", "1", "--y", "2", "--all-nodes", input=program)
    assert len(whole.lines) > 300
    assert "--all-nodes" not in whole.out


def test_a_program_of_many_definitions_is_shortened(run: Run) -> None:
    program = "a0 = 1x\n" + "\n".join(f"a{i} = a{i - 1} + x" for i in range(1, 300))
    ended = run("--x", "1", input=program)
    assert len(ended.lines) < 450
    assert "302 nodes" in ended.out
    assert "--all-nodes" in ended.out
    assert "da299/dx" in ended.out
    markdown = run("--x", "1", "--format", "markdown", input=program)
    assert len(markdown.lines) < 450
    assert "--all-nodes" in markdown.out
