"""What NumPy would say of infinities in arrays, with the path of a module, nobody gets to see.

The command runs in this process, where a warning is an error.
"""

import pytest

from gradcalc.cli.main import run

LABELS = "sign(sum(x > y)) / (max(s, c) * (x[0] * sum(W)))"
STRANGE = "sum(log(b x))", "--b", "1", "--x", "[1,2]"
SINGLE = *STRANGE, "--dtype", "float32"
ROOT = "f = log1p(square(mean(x)^0.5))", "--x", "[-1,0,0.001]"


@pytest.mark.parametrize(
    "arguments",
    [
        (*ROOT, "--explain"),
        (*ROOT, "--explain", "--format", "latex"),
        (*SINGLE, "--upstream", "1e200"),
        (*SINGLE, "--jvp", "x=[1e200,1]"),
        (*SINGLE, "--jvp", "x=1e200"),
        (*SINGLE, "--hvp", "x=[1e200,1]"),
        (*SINGLE, "--upstream", "1e200", "--hvp", "x=1"),
        (*SINGLE, "--upstream", "1e200", "--hessian"),
        ("worksheet", "log(A)", "--A", "[[0.5,2],[4,4]]", "--vary", "1"),
        ("worksheet", "batch_norm(W)", "--W", "zeros(0, 2)", "--vary", "1", "--ask", "gradients"),
        ("worksheet", "sum(x / y)", "--x", "[1,0,inf]", "--y", "[0,0,inf]"),
        ("worksheet", "sum(x / y)", "--x", "[1,0,inf]", "--y", "[0,0,inf]", "--vary", "3"),
        (
            *("worksheet", LABELS, "--W", "zeros(0, 4)", "--x", "[2,-0.3,0,4]"),
            *("--y", "[inf,0,-2,3]", "--s", "-1e-200", "--c", "0", "--solution"),
        ),
    ],
)
def test_numpy_says_nothing(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.out
    assert "RuntimeWarning" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("f = |s|", "--s", "0", "--answer", "ds = [0]; f = _; df = inf", "--require", "ds,f"),
        ("f = s", "--s", "1", "--dtype", "float32", "--answer", "ds = [1e200]"),
    ],
)
def test_nor_of_answers(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out
    assert "RuntimeWarning" not in captured.err
