"""Programs with arrays: every format, values in and out."""

import csv
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from gradcalc.render import Style
from gradcalc.render.blocks import Blocks

from .conftest import Ended, Run
from .test_formats import markdown_table, objects
from .test_startup import imported

#: The lecture's example of vectors, with the numbers of its blackboard: f(x, W) = ‖W·x‖².
W, X = "[[0.1, 0.5], [-0.3, 0.8]]", "[0.2, 0.4]"
VALUES = ("--W", W, "--x", X)
LECTURE = ("q = W·x; f = ‖q‖²", *VALUES)
#: A layer of a network whose bias is added to each row.
LAYER = (
    *("h = relu(X @ W + b)\nsum(h * c)", "--X", "[[1, 2], [3, -4]]", "--W", "[[1, 0], [2, 1]]"),
    *("--b", "[0.5, 1]", "--c", "2"),
)
ATTENTION = (
    *("q = x Wq; k = x Wk; A = softmax(q k'); sum(A^2)", "--x", "[[1, 0.5], [-1, 2]]"),
    *("--Wq", "[[0.1, 0.2], [0.3, -0.4]]", "--Wk", "[[0.5, -0.1], [0.2, 0.6]]"),
)
BIG = ("sum(sin(X))", "--X", "randn(100, 30)", "--seed", "1")
PROGRAMS = {
    "lecture": LECTURE,
    "layer": LAYER,
    "big": BIG,
    "ugly numbers": ("‖tanh(W·x + b)‖", "--W", "randn(3, 3)", "--x", "randn(3)", "--b", "1/3"),
    "more axes": ("sum(T * T[0])", "--T", "randn(2, 2, 2)"),
    "a long vector": ("sum(exp(x)) * x[1]", "--x", "linspace(0, 1, 10)"),
    "many digits": ("‖x‖", "--x", "[1/3, -1e-300/7, 1e200]", "--precision", "17"),
    "nothing": ("sum(x)", "--x", "zeros(0)"),
}


def numbers_in(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d[\d.]*(?:e[-+]?\d+)?", text)]


def test_lecture(run: Run) -> None:
    ended = run(*LECTURE, "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    (report,) = objects(ended.out)
    assert report["value"] == pytest.approx(0.116)
    assert report["shape"] == []
    assert report["inputs"] == {"W": json.loads(W), "x": json.loads(X)}
    assert report["gradients"]["x"] == pytest.approx([-0.112, 0.636])
    np.testing.assert_allclose(report["gradients"]["W"], [[0.088, 0.176], [0.104, 0.208]])
    (q,) = [node for node in report["nodes"] if node["name"] == "q"]
    assert (q["op"], q["shape"], q["pattern"]) == ("matmul", [2], "switcher")
    assert q["value"] == pytest.approx([0.22, 0.26])
    assert q["upstream"] == pytest.approx([0.44, 0.52])
    # The full Jacobians: of q by W, and by x.
    by_w, by_x = q["local"]
    assert np.shape(by_w["value"]) == (2, 2, 2)
    np.testing.assert_allclose(by_w["value"][0], [[0.2, 0.4], [0.0, 0.0]])
    assert by_x["value"] == json.loads(W)
    assert (by_w["symbol"], by_x["symbol"]) == ("upstream · xᵀ", "Wᵀ · upstream")


def test_lecture_as_a_table(run: Run) -> None:
    lines = [" ".join(line.split()) for line in run(*LECTURE).lines]
    assert lines[0].endswith("= 0.116")
    assert "node shape value local gradient upstream" in lines
    for line in (
        "W 2×2 [ 0.1 0.5] [0.088 0.176]",
        "[-0.3 0.8] [0.104 0.208]",
        "x 2 [0.2 0.4] [-0.112 0.636]",
        "q = W · x 2 [0.22 0.26] to W: upstream · xᵀ [0.44 0.52]",
        "switches to x: Wᵀ · upstream",
        "df/dW (2×2) = [0.088 0.176] at W = [ 0.1 0.5]",
        "df/dx (2) = [-0.112 0.636] at x = [0.2 0.4]",
    ):
        assert line in lines
    # Where there is room, what the gates do has a column of its own.
    wide = [" ".join(line.split()) for line in run(*LECTURE, env={"COLUMNS": "100"}).lines]
    assert "node shape value local gradient upstream gate" in wide
    assert "q = W · x 2 [0.22 0.26] to W: upstream · xᵀ [0.44 0.52] switches" in wide


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
@pytest.mark.parametrize("arguments", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_width(run: Run, width: int, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments, "--quiet", env={"COLUMNS": str(width)})
    assert ended.status == 0, ended.err
    # No digit is left out, even if there is no room.
    if width >= 80 and not (width < 140 and "--precision" in arguments):
        assert max(map(len, ended.lines)) <= width
    table = ended.out.partition(" ─")[2]
    # rich writes … where it cuts, which is only for texts.
    assert not re.search(r"\d…|…\d", table)


def test_the_shape_of_the_gradient_is_shown(run: Run) -> None:
    lines = run(*LAYER).lines[-6:]
    assert [line.split("=")[0].strip() for line in lines if line.startswith("df")] == [
        "df/dX (2×2)",
        "df/dW (2×2)",
        "df/db (2)",
        "df/dc",
    ]


def test_broadcasting_is_said(run: Run) -> None:
    out = run(*LAYER, env={"COLUMNS": "120"}).out
    words = " ".join(out.split())
    assert "distributes" in words
    assert "adds up b" in words
    assert "over axis 0" in words
    assert "adds up c" in words
    assert "over all axes" in words
    cells = markdown_table(run(*LAYER, "--format", "markdown").out, "node")
    gates = {row[0]: row[-1] for row in cells}
    assert gates[r"$X \cdot W + b$"] == "distributes; adds up b over axis 0"
    assert gates["$h c$"] == "switches; adds up c over all axes"
    assert gates[r"$h = \mathrm{relu}(X \cdot W + b)$"] == "routes"


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_small_matrices_are_never_summarised(run: Run, width: int) -> None:
    """With two digits, or on more lines, there is room for four entries."""
    out = run(*ATTENTION, env={"COLUMNS": str(width)}).out
    assert "…" not in out
    assert "norm" not in out


def test_a_matrix_with_long_rows_is_on_more_lines() -> None:
    blocks = Blocks(np.array([[0.066, -0.065, 7.0], [-0.1, 0.22, 80.0]]))
    assert blocks.block(Style(), 20).lines == ["[0.066  -0.065   7]", "[ -0.1    0.22  80]"]
    assert blocks.block(Style(), 16).lines == [
        "[0.066  -0.065",
        "     7]",
        "[ -0.1    0.22",
        "    80]",
    ]


def test_big_arrays_are_summarised(run: Run) -> None:
    ended = run(*BIG)
    assert ended.status == 0
    assert len(ended.lines) < 30
    assert "100×30" in ended.out
    assert "…" in ended.out
    values = json.loads(run(*BIG, "--format", "json").out)["inputs"]["X"]
    norm, least, greatest = np.linalg.norm(values), np.min(values), np.max(values)
    for name, number in (("norm", norm), ("min", least), ("max", greatest)):
        assert f"{name} {number:.6g}" in ended.out


def test_summaries_neither_overflow_nor_hide(run: Run) -> None:
    assert "norm 1e201\n" in run("sum(x)", "--x", "1e200 ones(100)").out.replace("  ", "\n")
    out = run("sum(x)", "--x", "concat(ones(99), [nan])", "--quiet").out
    assert "norm nan" in out
    assert "max nan" in out


def test_markdown(run: Run) -> None:
    text = run(*LECTURE, "--format", "markdown").out
    head, rule, *rows = markdown_table(text, "node")
    assert head == ["node", "shape", "value", "local gradient", "upstream", "gate"]
    assert {len(row) for row in rows} == {len(head)} == {len(rule)}
    assert rows[2] == [
        r"$q = W \cdot x$",
        "2",
        "`[0.22, 0.26]`",
        r"to $W$: $\mathrm{upstream} \cdot x^{\top}$ <br> "
        r"to $x$: $W^{\top} \cdot \mathrm{upstream}$",
        "`[0.44, 0.52]`",
        "switches",
    ]
    matrix = r"\begin{bmatrix} 0.088 & 0.176 \cr 0.104 & 0.208 \end{bmatrix}"
    at = r"\begin{bmatrix} 0.1 & 0.5 \cr -0.3 & 0.8 \end{bmatrix}"
    assert rf"\frac{{\partial f}}{{\partial W}} &= {matrix} & \text{{at }} W &= {at}" in text


def test_markdown_of_big_arrays(run: Run) -> None:
    """They have no formula, and are in a table."""
    _, _, *gradients = markdown_table(run(*BIG, "--format", "markdown").out, "gradient")
    assert [row[:2] for row in gradients] == [["`df/dX`", "100×30"]]
    assert "norm" in gradients[0][2]
    assert gradients[0][3].startswith("`X` = `[")


def test_local_gradients_of_small_arrays(run: Run) -> None:
    program = ("sum(sin(x) * y)", "--x", "[0, pi]", "--y", "[2, 3]")
    cells = {
        row[0]: row[3] for row in markdown_table(run(*program, "--format", "markdown").out, "node")
    }
    assert cells[r"$\sin(x)$"] == r"$\partial / \partial x = \cos(x) = [1, -1]$"
    assert cells[r"$\mathrm{sum}(\sin(x) \odot y)$"] == (
        r"to $\sin(x) \odot y$: $\mathrm{upstream}$, spread to 2"
    )
    out = " ".join(run(*program, env={"COLUMNS": "120"}).out.split())
    assert "∂/∂x = cos(x) = [1 -1]" in out
    # A formula that is a number says it all.
    assert "∂/∂x = 1 [" in " ".join(run("sum(x + y)", *program[1:]).out.split())


def test_the_rule_of_softmax_stands_whole_at_80_columns(run: Run) -> None:
    program = "sum(softmax(x) * w)", "--x", "[1, 2, 3]", "--w", "[1, 0, 2]"
    lines = run(*program, env={"COLUMNS": "80"}).lines
    start = next(i for i, line in enumerate(lines) if "to x: " in line)
    column = lines[start].index("to x: ")
    cell = " ".join(line[column:].split("  [")[0].strip() for line in lines[start:][:6])
    assert cell == "to x: (upstream - sum(upstream * softmax(x), axis=-1, keepdims=1)) * softmax(x)"


def test_csv(run: Run) -> None:
    text = run(*LECTURE, "--format", "csv").out
    rows = {row["expression"]: row for row in csv.DictReader(StringIO(text))}
    assert rows["W"]["shape"] == "2;2"
    assert rows["W"]["value"] == W
    assert rows["W · x"]["shape"] == "2"
    by_w, by_x = map(json.loads, rows["W · x"]["local"].split(";"))
    np.testing.assert_allclose(by_w, [[[0.2, 0.4], [0.0, 0.0]], [[0.0, 0.0], [0.2, 0.4]]])
    assert by_x == json.loads(W)
    assert json.loads(rows["W · x"]["upstream"]) == pytest.approx([0.44, 0.52])
    square = rows["norm(q)^2"]
    assert (square["shape"], square["upstream"]) == ("", "1")


def test_jacobians_that_are_too_big(run: Run) -> None:
    program = ("sum((X @ Y)^2)", "--X", "randn(9, 9)", "--Y", "randn(9, 9)", "--seed", "0")
    (report,) = objects(run(*program, "--format", "json").out)
    (product,) = [node for node in report["nodes"] if node["op"] == "matmul"]
    assert [local["value"] for local in product["local"]] == [None, None]
    assert [local["symbol"] for local in product["local"]] == ["upstream · Yᵀ", "Xᵀ · upstream"]
    rows = list(csv.DictReader(StringIO(run(*program, "--format", "csv").out)))
    (row,) = [row for row in rows if row["op"] == "matmul"]
    assert row["local"] == ";"


def test_json_infinities(run: Run) -> None:
    ended = run("log(x)", "--x", "[0, 1, -1]", "--format", "json", "--quiet")
    (report,) = objects(ended.out)
    assert report["value"] == ["-Infinity", 0.0, "NaN"]
    assert report["gradients"]["x"] == ["Infinity", 1.0, -1.0]
    assert report["shape"] == [3]


def test_json_of_single_precision(run: Run) -> None:
    (report,) = objects(run(*LECTURE, "--format", "json", "--dtype", "float32").out)
    values = np.array(report["gradients"]["W"])
    assert (values == values.astype(np.float32)).all()
    np.testing.assert_allclose(values, [[0.088, 0.176], [0.104, 0.208]], rtol=1e-5)


def test_plain(run: Run) -> None:
    program = ("W·x", "--W", "[[1, 2], [3, 4], [5, 6]]", "--x", "[1, -1]")
    ended = run(*program, "--format", "plain", "--quiet")
    assert ended.out == "value\t[-1, -1, -1]\ndW\t[[1, -1], [1, -1], [1, -1]]\ndx\t[9, 12]\n"
    assert run(*program, "--get", "dx", "--quiet").out == "[9, 12]\n"
    assert run(*LECTURE, "--get", "q", "--precision", "1").out == "[0.2, 0.3]\n"
    assert run(*LECTURE, "--get", "df/dq", "--precision", "3").out == "[0.44, 0.52]\n"


def test_what_is_printed_can_be_given(shell: Callable[[str], Ended]) -> None:
    """A step down the gradient, and another one."""
    step = 'gradcalc "‖W·x‖²; W - 0.1 g" --W "$W" --x "[0.2, 0.4]" --g "$g"'
    ended = shell(
        f'W="{W}"; g="$(gradcalc "‖W·x‖²" --W "$W" --x "[0.2, 0.4]" --get dW)"\n'
        f'W="$({step} --get value --quiet | tail -n 1)"; echo "$W"\n'
        'gradcalc "‖W·x‖²" --W "$W" --x "[0.2, 0.4]" --get value'
    )
    assert (ended.status, ended.err) == (0, "")
    weights, value = ended.lines
    np.testing.assert_allclose(json.loads(weights), [[0.0912, 0.4824], [-0.3104, 0.7792]])
    assert 0 < float(value) < 0.116


def test_gradients_in_json_are_values(run: Run, tmp_path: Path) -> None:
    (report,) = objects(run("sum(log(x))", "--x", "[0, 1]", "--format", "json", "--quiet").out)
    (tmp_path / "v.json").write_text(json.dumps({"x": report["gradients"]["x"]}))
    assert run("x", "--values", "v.json", "--get", "x", "--quiet").out == "[inf, 1]\n"


def test_values_from_files(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "W.npy", json.loads(W))
    (tmp_path / "x.csv").write_text("x1,x2\n0.2,0.4\n")
    wanted = run(*LECTURE, "--format", "plain").out
    program = LECTURE[0]
    assert run(program, "--W", "@W.npy", "--x", "@x.csv", "--format", "plain").out == wanted
    np.savez(tmp_path / "v.npz", W=json.loads(W), x=[0, 0])
    ended = run(program, "--values", "v.npz", "--x", X, "--format", "plain")
    assert (ended.out, ended.err) == (wanted, "")
    (tmp_path / "v.json").write_text(f'{{"W": {W}, "x": "[1/5, 2/5]"}}')
    assert run(program, "--values", "v.json", "--format", "plain").out == wanted


def test_upstream(run: Run, tmp_path: Path) -> None:
    program = ("W·x", *VALUES, "--get", "dx")
    ended = run(*program, "--upstream", "[1, 0]")
    assert (ended.out, ended.err) == ("[0.1, 0.5]\n", "")
    (tmp_path / "u.txt").write_text("0 1\n")
    assert run(*program, "--upstream", "@u.txt").out == "[-0.3, 0.8]\n"
    # One number for every entry: the sum of all of them.
    assert run(*program, "--upstream", "2", "--precision", "3").out == "[-0.4, 2.6]\n"
    ended = run(*program)
    assert "the gradients are those of the sum" in ended.err
    ended = run(*program, "--upstream", "[1, 2, 3]")
    assert (ended.status, ended.out) == (2, "")
    assert "3 entries" in ended.err
    assert "2 entries" in ended.err


def test_seed(run: Run) -> None:
    program = ("noise = randn(2); x + noise", "--x", "randn(2)", "--get", "value")
    first = run(*program, "--seed", "3", "--quiet")
    assert run(*program, "--seed", "3", "--quiet").out == first.out
    assert run(*program, "--seed", "4", "--quiet").out != first.out
    drawn = run(*program)
    (seed,) = re.findall(r"--seed (\d+) gives the same again", drawn.err)
    assert run(*program, "--seed", seed).out == drawn.out
    # The numbers of a name do not depend on what other names there are.
    (x,) = run("x", "--x", "randn(2)", "--get", "x", "--seed", "3", "--quiet").lines
    assert run("x + y", "--y", "randn(2)", *program[1:3], "--get", "x", "--seed", "3").lines == [x]
    assert run("x", "--x", "1", "--seed", "-1").status == 2
    assert run("x", "--x", "1", "--seed", "1").err == ""


def test_imports(run: Run, tmp_path: Path) -> None:
    for format in ("json", "csv", "markdown", "latex", "plain"):
        assert not {"rich", "lark"} & imported(run, *LECTURE, "--format", format)
    # A number is a number, wherever it comes from.
    for name, text in (("x.csv", "2\n"), ("x.txt", "2 # two\n"), ("x.json", "2")):
        (tmp_path / name).write_text(text)
        assert "numpy" not in imported(run, "x^2", "--x", f"@{name}", "--format", "plain")
    (tmp_path / "v.json").write_text('{"x": 2, "y": "1/2"}')
    assert "numpy" not in imported(run, "x*y", "--values", "v.json")


@pytest.mark.parametrize("format", ["table", "markdown", "latex", "csv", "json", "plain"])
def test_programs_of_numbers_have_no_shapes(run: Run, format: str) -> None:
    """But for CSV, where scripts rely on the columns, and JSON, where every key is always there."""
    out = run("x*y", "--x", "2", "--y", "3", "--format", format).out
    assert ("shape" in out) == (format in ("csv", "json"))


def test_structural_gates_on_numbers(run: Run) -> None:
    for format in ("table", "markdown", "latex"):
        out = run("sum(x)", "--x", "3", "--format", format).out
        assert "to x: upstream" in out.replace(r"\mathrm{upstream}", "upstream").replace("$", "")
    assert run("sum(x)", "--x", "3", "--format", "plain").out == "value\t3\ndx\t1\n"


def test_a_number_is_its_own_transpose(run: Run) -> None:
    for spelling in ("x.T", "x'", "xᵀ"):
        assert run(f"3 {spelling}", "--x", "2", "--get", "value,dx").out == "6\n3\n"


@pytest.mark.parametrize("size", [1, 2, 6, 7])
def test_small_matrices_are_there_in_full(run: Run, size: int) -> None:
    value = np.arange(1, size * size + 1).reshape(size, size)
    ended = run("sum(X)", "--X", str(value.tolist()), env={"COLUMNS": "120"})
    rows = re.findall(r"at X = (\[.*)", ended.out)
    assert (len(numbers_in(rows[0])) == size) == (size <= 6)
    assert ("…" in ended.out) == (size > 6)
