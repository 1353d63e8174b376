"""Finding formulas in texts: what is one, what is not, and where each stands."""

import pytest

from gradcalc.services.documents.extract import Formula, extract, is_prose, lines_of
from gradcalc.source import Source


def formulas(text: str, *, tex: bool = False) -> list[str]:
    return [formula.text.strip() for formula in extract(Source(text), tex).formulas]


def notes(text: str, *, tex: bool = False) -> list[tuple[int, str]]:
    return [(told.line, told.message) for told in extract(Source(text), tex).skipped]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$x^2$", ["x^2"]),
        ("a $x$ b $y$ c", ["x", "y"]),
        ("a $$x$$ b", ["x"]),
        (r"a \(x\) b \[y\] c", ["x", "y"]),
        (r"a \\(x\\) b \\[y\\] c", ["x", "y"]),
        ("$`x_1`$", ["x_1"]),
        ("$$\nx\n+ y\n$$", ["x\n+ y"]),
        (r"\begin{equation} x \end{equation}", ["x"]),
        ("\\begin{align*}\na &= b \\\\\nc &= d\n\\end{align*}", ["a &= b \\\\\nc &= d"]),
        (r"\begin{multline}x\end{multline} \begin{gather}y\end{gather}", ["x", "y"]),
        ("```math\nx^2\n```", ["x^2"]),
        ("```latex\nx\n```\n~~~tex\ny\n~~~\n``` gradcalc\nz\n```", ["x", "y", "z"]),
        ("```latex\nsome $x$ and \\[y\\]\n```", ["x", "y"]),
        ("````math\nx\n```\ny\n````", ["x\n```\ny"]),
        ("| $x$ | $y$ |\n|---|---|\n| $z$ | |", ["x", "y", "z"]),
        ("- one $x$\n  - two\n    $$y$$\n", ["x", "y"]),
        ("한국어 $x$ 그리고 中文$y$和 العربية $z$", ["x", "y", "z"]),
        (r"$a \$ b$", [r"a \$ b"]),
        ("$x$, $y$. ($z$)", ["x", "y", "z"]),
        ("$f(x)\n= x^2$", ["f(x)\n= x^2"]),
        ("line\r\n$$\r\nx\r\n$$\r\n", ["x"]),
    ],
)
def test_formulas(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "no formula at all",
        "it costs $5 and $10",
        "$5, or 5$0",
        r"\$x\$ and \$5",
        "$ x$ and $x $",
        "$\u00a0x$",
        "one $x\n\nand$ the next paragraph",
        "- costs $5\n- earns 5$ more",
        "| $5 | 6$ |\n| 7$ | $8 |",
        "`$x$` and ``a ` $x$``",
        "```python\n$x$\n```",
        "~~~\n$x$\n```\n~~~",
        "<!-- $x$ -->",
        "---\ntitle: $x$\n---\n",
        "$$$$ and $$ $$",
        r"\alpha \\ \{ \} [ ] ( )",
        r"\[ not closed, and \( neither",
    ],
)
def test_no_formulas(text: str) -> None:
    assert formulas(text) == []


def test_a_price_in_front_of_a_formula() -> None:
    assert formulas("it costs $5 and $x^2$ more") == ["x^2"]


def test_places_are_those_of_the_document() -> None:
    text = "\ufeffé $x$\r\n\r\n> $$\r\n> y +\r\n> z\r\n> $$\r\n"
    one, two = extract(Source(text)).formulas
    assert text[one.start : one.end] == "x"
    assert (one.line, one.last_line) == (1, 1)
    # The marks of the quotation are no part of the formula, and every character keeps its place.
    assert len(two.text) == two.end - two.start
    assert two.text.split() == ["y", "+", "z"]
    for letter in "yz":
        assert text[two.start + two.text.index(letter)] == letter
    assert (two.line, two.last_line) == (4, 6)


def test_odd_blanks_become_blanks() -> None:
    (formula,) = extract(Source("a $x\u00a0+\t\u200by$ b")).formulas
    assert formula.text == "x +  y"


def test_native_formulas() -> None:
    found = extract(Source("```gradcalc\nx*y\n```\n$z$")).formulas
    assert [(formula.native, formula.fenced) for formula in found] == [(True, True), (False, False)]


def test_what_stands_in_one_line() -> None:
    text = "$a$ and $b$\nthen $c$\n\n$$d$$ $e$\n```math\nf\n```\n$$g\n+ g$$ with $h$"
    lines = [[formula.text.strip() for formula in line] for line in _lines(text)]
    assert lines == [["a", "b"], ["c"], ["d", "e"], ["f"], ["g\n+ g", "h"]]


def _lines(text: str) -> list[list[Formula]]:
    return list(lines_of(extract(Source(text)).formulas))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n\n$$ x\n\n$y$", [(3, "$$ is not closed in its paragraph")]),
        (
            "\\begin{align}\nx\n\nb",
            [(1, r"\begin{align} is not closed in its paragraph")],
        ),
        ("```math\nx", [(1, "the block that begins with ```math is not closed")]),
        ("a\n```python\nx\n```", [(2, "a block of code (python) is no formula")]),
        ("```\nx\n```", [(1, "a block of code is no formula")]),
        ("a\nb `$x$`", [(2, "code is no formula")]),
    ],
)
def test_what_is_skipped_is_said(text: str, told: list[tuple[int, str]]) -> None:
    assert notes(text) == told


def test_the_rest_goes_on_behind_what_is_not_closed() -> None:
    assert formulas("$$ x\n\n$y$ and\n\n```math\n$$z$$\n") == ["y", "z"]


TEX = r"""\documentclass{article} $no$
% $no$
\begin{document}
Text $ x % $no$
 + y$, 5\% of \$6, \verb|$no$| and
\begin{verbatim}
$no$
\end{verbatim}
\begin{equation}
z
\end{equation}
\end{document}
$no$
"""


def test_tex() -> None:
    assert [text.split() for text in formulas(TEX, tex=True)] == [["x", "+", "y"], ["z"]]
    assert notes(TEX, tex=True) == [(6, "verbatim is no formula")]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("5 and earn 10", True),
        ("손실 함수", True),
        (r"5, or \$6", True),
        ("x y z", False),
        ("xy zw", False),
        (r"\sin x + \max (a, b)", False),
        (r"x \text{ if this is so}", False),
        (r"\alpha beta", False),
    ],
)
def test_prose(text: str, prose: bool) -> None:
    assert is_prose(Formula(0, len(text), text, 1, 1)) is prose


@pytest.mark.parametrize("words", ["some words", "1", "한"])
def test_words_outside(words: str) -> None:
    assert extract(Source(f"$x$ {words} $y$")).words
    assert extract(Source(f"{words} $y$")).words
    assert extract(Source(f"$y$ {words}")).words
    assert not extract(Source("$x = 2$;\n$y$.")).words


#: A million characters that might each begin, or end, something.
HOSTILE = (
    "$",
    "$$",
    "$x$ ",
    "$ ",
    r"\[",
    r"\(x",
    "`",
    "` ``",
    "```\n",
    "```math\n",
    "~~~\n````\n",
    "\\begin{align}\n",
    "\\",
    "$$\\",
    "<!--",
    "> ",
    "- ",
    "1. ",
    " ",
    "1",
    "\n",
    "\n\n$",
    "$a\n> ",
    "%\\",
)


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("tex", [False, True], ids=["markdown", "tex"])
def test_it_ends(piece: str, tex: bool) -> None:
    """With a quadratic pass it would take minutes."""
    source = Source(piece * (320_000 // len(piece)))
    assert all(0 <= formula.start <= formula.end for formula in extract(source, tex)[0])
