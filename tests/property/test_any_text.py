"""Any text at all ends in an answer or in one diagnostic."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradcalc.cli.main import run

VALUES = ["--x=2", "--y=-0.5", "--z=3", "--w=1", "--A=[[1,2],[3,4]]", "--v=[1,-1]"]
#: What the language is made of, and what is near it.
PIECES = (
    *"xyzwefg0123456789+-*/^()|,;=<>.#!&%$@[]{}'\"\\?:_ \n\t\r",
    *"−×÷⊙·⋅≤≥≠‖²³⁻¹₁ασπᵀ\u0301\u200b\u202e\ufeff\u3164“…°",
    *("**", "<=", "==", "!=", "||", "---", "1e", "1e5", ".5", "\r\n", "\n---\n", "x₁", "重さ"),
    *("sin(", "max(", "sigmoid(", "f(x) = ", "f(x, y) = ", "q = ", "exp", "inf", "nan", "pi"),
    *("(x+y)", "2x", "xy", "x²", "|x|", "1/2x", "x(y+1)", "polygamma(2, ", "mod(", "if", "else"),
    *(
        "[1, 2]",
        "[x, ",
        "[[1, 2], [3, 4]]",
        "x[0]",
        "[:, 1:",
        "x'",
        "^T",
        " @ ",
        "sum(",
        "axis=",
        "[",
    ),
    *(
        " for i in range(2)",
        "for i in range(",
        "[i]",
        "(2, 1)",
        "reshape(",
        "None",
        " in ",
        "range(",
    ),
    *("A", "v", "A v", "v'", "‖v‖", "A[0]", "v[-1]", "vᵀ"),
)
VALID = (
    "(x+y)*z",
    "2(xy + max(z,w))",
    "q = x + y; f = q z; f",
    "f(x, y) = (x + y)^2\nf(x, y*z) / |w| - ||x|| # norm\n",
    "a = sigmoid(x y)\r\nb = a²\r\n---\nlog(x) 3^-y\n",
    "g(u; v) = u^v; h(u) = g(u, u); h(x) + h(2x)",
    "where(x > 0, x, y) < 1 == z\n",
    "x*sum((A·v)^2) + ‖A v - [y, z]‖²\n",
    "A[:, 0]' v + v[-1] + sum(v, axis=0)",
    "sum(A[i, j]*v[j] for i in range(2) for j in range(2))",
    "[i^2*x for i in range(3)][0]",
    "f(u; M) = sum(M @ u)\nf(v, A') + max(reshape(A, (4, 1)))",
)


class Stream(io.TextIOWrapper):
    """A standard stream in memory."""

    buffer: io.BytesIO

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")

    def written(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()


@contextmanager
def streams(data: bytes) -> Iterator[tuple[Stream, Stream]]:
    whole = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = Stream(data), Stream(), Stream()
    try:
        yield sys.stdout, sys.stderr
    finally:
        sys.stdin, sys.stdout, sys.stderr = whole


def check(arguments: list[str], data: bytes = b"") -> None:
    """Run a command line and see that it ends as every run should."""
    with streams(data) as (stdout, stderr):
        status = run(arguments)
    out, err = stdout.written(), stderr.written()
    assert status in (0, 2)
    if status == 0:
        assert out or err  # a document may have nothing to compute
        return
    assert not out
    assert err.startswith("error[")
    assert err.endswith("\n")
    assert not err.endswith("\n\n")
    # One diagnostic: a line of the source has its number in front.
    assert sum(line.startswith("error") for line in err.splitlines()) == 1
    # Nothing that a terminal obeys.
    assert all(character.isprintable() for character in err if character != "\n")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid program with a few slips of the finger."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        instead = draw(st.sampled_from(("", *PIECES)) | st.just(text[end : end + 5]))
        text = text[:start] + instead + text[end:]
    return text


PROGRAMS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | mutated()
ANY = settings(max_examples=300, deadline=2000)


@ANY
@given(st.text(), st.sampled_from(("plain", "json", "csv", "markdown", "latex")))
@example("\0", "json")
@example("\udcff", "json")
@example("x = \udcff", "csv")
@example("1" * 5000, "plain")
@example("1e99999999", "json")
@example("ß\u0345", "plain")
def test_text(text: str, form: str) -> None:
    check([*VALUES[:1], f"--format={form}", "--", text])
    check([f"--format={form}", "--", text])


@ANY
@given(PROGRAMS, st.sampled_from(("plain", "json", "csv", "markdown", "latex")), st.booleans())
def test_programs(text: str, form: str, strict: bool) -> None:
    check([*VALUES, f"--format={form}", *["--strict"] * strict, "--", text])
    check([f"--format={form}", "--quiet", "--", text])


@settings(max_examples=50, deadline=2000)
@given(PROGRAMS)
def test_tables(text: str) -> None:
    check([*VALUES, "--", text])


@ANY
@given(PROGRAMS | st.text())
def test_values(text: str) -> None:
    check(["x", f"--x={text}"])


@ANY
@given(st.binary() | PROGRAMS.map(str.encode))
@example(b"\xff\xfe")
@example(b"\xfe\xff\xd8\x00")
@example(b"\xef\xbb\xbf")
def test_bytes_through_a_pipe(data: bytes) -> None:
    check(["--x=1", "--format=plain"], data)
    check(["--format=plain"], data)


@ANY
@given(
    st.lists(
        st.sampled_from(
            (
                *(
                    "x + y",
                    "x",
                    "1",
                    "-1",
                    "--x",
                    "--y=1",
                    "--x=2",
                    "-",
                    "--",
                    "---",
                    "--=",
                    "=",
                    "",
                ),
                *("--set", "x=1", "--get", "dx", "--of", "--wrt", "x,y", "--format", "plain", "-x"),
                *("--precision", "3", "--dtype", "--upstream", "-h", "-f", "--strict", "--strct"),
                *("functions", "sin", "--é", "--x₁", "@", "@x.txt", "--set=x=1", "-format", "--2"),
            )
        )
        | st.text(max_size=3),
        max_size=6,
    )
)
def test_command_lines(arguments: list[str]) -> None:
    check(arguments, b"x")
