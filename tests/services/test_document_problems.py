"""Which formulas of a document belong together, and what is said of those that lack something."""

import pytest

from gradcalc import GradcalcError
from gradcalc.services.documents.extract import extract
from gradcalc.services.documents.run import Request, Result, read_back, run_document
from gradcalc.services.values import Seed
from gradcalc.source import Source


def evaluated(text: str, request: Request | None = None, **values: float) -> Result:
    source = Source(text, "notes.md")
    return run_document(source, extract(source), values, request or Request(), Seed())


def values(text: str, **given: float) -> list[float]:
    return [report.value for report in evaluated(text, None, **given).reports]


def told(text: str, **given: float) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in evaluated(text, None, **given).told]


def native(*programs: str) -> str:
    """A document with programs in gradcalc's own language, each a block of four lines."""
    return "".join(f"```gradcalc\n{program}\n```\n\n" for program in programs)


def problems(text: str) -> list[list[str]]:
    source = Source(text)
    found = read_back(source, extract(source), ())
    parts = found.split("---\n") if found else []
    return [[line for line in part.splitlines() if line[:1] != "#"] for part in parts]


@pytest.mark.parametrize(
    ("programs", "together"),
    [
        # By the name of a definition, by a call, by a derivative; not by the name of an input.
        (("q = x + y", "f = q*z"), [["q = x + y", "f = q * z"]]),
        (("f(x) = x^2", "f(3) + 1"), [["f(x) = x^2", "f(3) + 1"]]),
        (("f = x^2", "∂f/∂x = 2x"), [["f = x^2", "∂f/∂x = 2 · x"]]),
        (("f = x^2", "x + 1"), [["f = x^2"], ["x + 1"]]),
        (("x = 2", "f = x^2", "x + 1"), [["x = 2", "f = x^2"], ["x + 1"]]),
        # The last definition counts, and a new one begins a problem.
        (("f = x", "f = y", "f + 1"), [["f = x"], ["f = y", "f + 1"]]),
        (("q = x", "f = q", "f = q + 1"), [["q = x", "f = q"], ["q = x", "f = q + 1"]]),
        # What is defined by others is made one problem.
        (("p = x", "q = y", "p*q"), [["p = x", "q = y", "p * q"]]),
        # Values go to the nearest above that lacks one, or to what comes below.
        (("x^2", "x = 3"), [["x = 3", "x^2"]]),
        (("x^2", "x^3", "x = 3"), [["x^2"], ["x = 3", "x^3"]]),
        (("x^2", "y^3", "x = 3"), [["x = 3", "x^2"], ["y^3"]]),
        (("x^2 + y", "x = 3", "y = 4"), [["x = 3", "y = 4", "x^2 + y"]]),
        (("f(x) = x^2", "x = 3"), [["x = 3", "f(x) = x^2"]]),
        (("x = 3", "y^2", "x^2"), [["y^2"], ["x = 3", "x^2"]]),
        (("x = 3\nx^2", "x = 4", "x^3"), [["x = 3", "x^2"], ["x = 4", "x^3"]]),
        # A definition that the one above lacks.
        (("f = q*z", "q = x + y"), [["q = x + y", "f = q * z"]]),
        (("f = z", "q = x + y"), [["f = z"], ["q = x + y"]]),
        # A number for what is defined is a claim.
        (("f = x^2", "f = 4"), [["f = x^2", "f ≡ 4"]]),
        # New values for a problem that has some are another point.
        (
            ("x = 1\nf = x^2", "x = 2", "∂f/∂x = 4"),
            [["x = 1", "f = x^2"], ["x = 2", "f = x^2", "∂f/∂x = 4"]],
        ),
        # ... unless another formula took them.
        (
            ("x = 1\nf = x^2", "x = 2\ny = 3", "x*y", "∂f/∂x = 2"),
            [["x = 1", "f = x^2", "∂f/∂x = 2"], ["x = 2", "y = 3", "x * y"]],
        ),
        (("x*y\n---\nx = 1\nx + 1",), [["x * y"], ["x = 1", "x + 1"]]),
    ],
)
def test_what_belongs_together(programs: tuple[str, ...], together: list[list[str]]) -> None:
    assert problems(native(*programs)) == together


def test_one_line() -> None:
    assert values("$f = x y$ with $x = 2$ and $y = 3$\n\n$x + 1$, where $x = 5$") == [6.0, 6.0]
    assert values("$x = 2$: $x^2$ and $x^3$.") == [4.0, 8.0]


def test_where_each_stands() -> None:
    result = evaluated("a\n\n$f(x) = x^2$\n\nfor $x = 3$. And $2 + 3$")
    assert [report.place for report in result.reports] == ["line 3: f(x) = x^2", "line 5: 2 + 3"]
    assert [report.problem for report in result.reports] == [1, 2]
    assert ("place", "line 3: f(x) = x^2") in [(n.kind, n.message) for n in result.reports[0].notes]


def test_needs() -> None:
    text = native("f = a*x", "g = f + b", "x = 1", "∂f/∂x = a", "h = 2", "sin(x)^2 + h")
    assert told(text) == [
        (2, "f = a*x needs a value for a: --a VALUE"),
        (6, "g = f + b needs values for a and b: --a VALUE --b VALUE"),
        (14, "∂f/∂x = a needs a value for a: --a VALUE"),
        (22, "sin(x)^2 + h needs a value for x: --x VALUE"),
    ]
    assert [m for _, m in told(text, a=3.0, b=1.0)] == [
        "confirmed: ∂f/∂x = a",
        "sin(x)^2 + h needs a value for x: --x VALUE",
    ]
    # The first problem has an x of its own.
    assert values(text, a=3.0, b=1.0, x=0.0) == [4.0, 2.0]


def test_names_that_are_options_are_given_by_set() -> None:
    assert told(native("of^2"))[0][1] == "of^2 needs a value for of: --set of=VALUE"


def test_a_formula_that_lacks_something_leaves_the_others_alone() -> None:
    text = native("x = 2\nf = x^2", "g = f*u", "∂f/∂x = 4", "∂g/∂x = 1", "f = 4")
    result = evaluated(text)
    assert [report.value for report in result.reports] == [4.0]
    assert [(one.line, one.message) for one in result.told] == [
        (7, "g = f*u needs a value for u: --u VALUE"),
        (11, "confirmed: ∂f/∂x = 4"),
        (15, "∂g/∂x = 1 needs a value for u: --u VALUE"),
        (19, "confirmed: f = 4"),
    ]


def test_what_does_not_fit_leaves_the_others_alone() -> None:
    text = native("x = [1, 2]\nf = sum(x)\nx + [1, 2, 3]", "∂f/∂x = [1, 1]", "f + foo(f)")
    result = evaluated(text)
    assert [report.value for report in result.reports] == [3.0]
    lines = {one.line: one.message for one in result.told}
    assert lines[4].startswith("x + [1, 2, 3]: ")
    assert lines[8].startswith("confirmed")
    assert lines[12] == "f + foo(f) needs a value for foo: --foo VALUE"


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ("f = 4", False),
        ("f = 5", True),
        ("∂f/∂x = 2x = 4", False),
        ("∂f/∂x = 2x = 5", True),
        ("q = f + 1 = 5", False),
        ("q = f + 1 = 6", True),
    ],
)
def test_claims(claim: str, wrong: bool) -> None:
    result = evaluated(native("x = 2\nf = x^2", claim))
    assert bool(result.wrong) is wrong
    assert [report.value for report in result.reports] == [5.0 if claim[0] == "q" else 4.0]
    if wrong:
        (error,) = result.wrong
        assert error.code == "false-claim"
        assert " --> notes.md, line 7, column" in str(error)


def test_a_wrong_claim_does_not_hide_the_others() -> None:
    result = evaluated(native("x = 2\nf = x^2", "f = 5", "f = 4", "f = 6", "2x"))
    assert [str(error).count("line 7") + str(error).count("line 15") for error in result.wrong] == [
        1,
        1,
    ]
    assert [one.message for one in result.told if "confirmed" in one.message] == [
        "confirmed: f = 4"
    ]
    assert len(result.reports) == 1


def test_a_gate_without_a_name() -> None:
    text = native("x = -2\ny = 5\nz = -4\nf(x, y, z) = (x + y)z", "∂f/∂x = ∂g/∂x*∂f/∂g = z = -4")
    result = evaluated(text)
    assert not result.wrong
    messages = [one.message for one in result.told]
    assert any(m.startswith("g, which has no definition, is read as x + y") for m in messages)
    assert any(m.startswith("confirmed: ∂f/∂x = ∂g/∂x * ∂f/∂g = z = -4") for m in messages)


def test_a_gate_that_may_be_several_is_not_checked() -> None:
    text = native("x = 2\ny = 3\nf = sin((x + y)*y)", "∂f/∂x = ∂g/∂x*∂f/∂g = y*cos(x*y + y^2)")
    result = evaluated(text)
    assert not result.wrong
    messages = [one.message for one in result.told]
    assert (
        "∂g/∂x*∂f/∂g is not checked: nothing defines g, and it is not clear which gate it is"
        in messages
    )
    assert "confirmed: ∂f/∂x = y * cos(x * y + y^2)" in messages
    wrong = evaluated(text.replace("cos(", "sin("))
    assert len(wrong.wrong) == 1


def test_the_chain_rule_itself_needs_definitions() -> None:
    text = native("x = 1\nz = 2\nx + z", "∂L/∂x = ∂L/∂z*∂z/∂x", "∂z/∂x\n∂z/∂x")
    assert told(text) == [
        (8, "∂L/∂x = ∂L/∂z*∂z/∂x needs definitions of L and z"),
        (12, "∂z/∂x ∂z/∂x needs a definition of z"),
    ]


def test_mentions_are_no_outputs() -> None:
    result = evaluated("Let $f(x) = x^2$. Then $f(x)$ at $x = 3$, and $x$, $-x$ and $5$.")
    assert [report.place for report in result.reports] == ["line 1: f(x) = x^2"]
    assert told("Pairs $(x_i, y_i)$ for $g(x)$, where $h(2) + 1$ is $2 + 2$.") == [
        (1, "h(2) + 1 needs a value for h: --h VALUE"),
    ]


def test_values_that_nothing_uses() -> None:
    assert told(native("x^2", "x = 2", "n = 10")) == [(10, "n = 10 is used by no formula")]
    assert values(native("b = sin(0) + 2")) == [2.0]
    assert evaluated(native("b = sin(0) = 1")).wrong


def test_values_of_the_text_stay() -> None:
    with pytest.raises(GradcalcError, match="unused-option") as caught:
        evaluated(native("x = 2\nx^2"), x=3.0)
    assert "the document has one for it" in caught.value.message
    with pytest.raises(GradcalcError) as caught:
        evaluated(native("x = 2\nf = x^2"), f=3.0)
    assert "the document computes it" in caught.value.message
    with pytest.raises(GradcalcError) as caught:
        evaluated(native("alpha^2"), alpa=3.0)
    assert caught.value.help == "did you mean --alpha?"


def test_of_and_wrt() -> None:
    text = native("x = 2\ny = 3\nq = x*y\nf = q^2", "z = 1\nz + 1")
    (report,) = evaluated(text, Request(of="q")).reports
    assert (report.output, report.value) == ("q", 6.0)
    found = evaluated(text, Request(wrt=["x"])).reports
    assert [dict(report.gradients) for report in found] == [{"x": 36.0}, {}]
    for request in (Request(of="g"), Request(wrt=["u"])):
        with pytest.raises(GradcalcError, match="unknown-name"):
            evaluated(text, request)


def test_nothing_that_can_be_read() -> None:
    with pytest.raises(GradcalcError) as caught:
        evaluated(native("x + * y"))
    assert " --> notes.md, line 2, column 3" in str(caught.value)
    assert told(native("x + * y", "1 + 1"))[0][0] == 2


def test_circles() -> None:
    result = evaluated("$x = 1$ and $p = q + x$, $q = p$, and $x^2$.")
    assert [report.value for report in result.reports] == [1.0]
    assert result.told


@pytest.mark.parametrize(
    "piece",
    [
        "$x = 1$ and $x^2$\n\n",
        "$q = x$\n\n",
        "$x = 1$\n\n",
        "$q = x$\n\n$q + 1$\n\n",
        "$x + 1$ ",
        "$a$ text $x +$ \n",
    ],
)
def test_it_ends(piece: str) -> None:
    """With a quadratic pass it would take minutes."""
    result = evaluated("Text $2 + 2$.\n\n" + piece * 1000)
    assert result.reports[0].value == 4.0


def test_long_chains_of_definitions() -> None:
    lines = ["$$x_0 = 1$$\n"]
    lines += [f"$$x_{{{i}}} = x_{{{i - 1}}} + 1$$\n" for i in range(1, 1000)]
    (report,) = evaluated("\n".join(["Text.", *lines])).reports
    assert report.value == 1000.0


def test_parameters_that_only_say_what_it_is_about() -> None:
    text = (
        r"$f(w, x) = \frac{1}{1 + e^{-(w_0 x_0 + b)}}$ with $w_0 = 2, x_0 = -1, b = 2$: $f = 0.5$"
    )
    (report,) = evaluated(text).reports
    assert report.value == 0.5
    assert dict(report.gradients) == {"w_0": -0.25, "x_0": 0.5, "b": 0.25}
    assert (1, "confirmed: f = 0.5") in told(text)
    assert values(native("w0 = 2\nf(w, x) = w0^2")) == [4.0]


def test_a_function_at_its_inputs_is_a_claim() -> None:
    text = "Take $f(x, y) = xy$.\n\nIf $x = 4, y = -3$ then $f(x, y) = -12$ and $"
    assert [m for _, m in told(text + r"\frac{\partial f}{\partial x} = -3$.")] == [
        "confirmed: f = -12",
        "confirmed: ∂f/∂x = -3",
    ]
    (error,) = evaluated(text.replace("-12", "12") + "x$").wrong
    assert "line 3, column" in str(error)
    text = native("x = 3\nf(x) = x^2", "f(x) = 9", "f(x) = 8")
    assert told(text)[0] == (7, "confirmed: f = 9")
    assert len(evaluated(text).wrong) == 1


def test_what_a_problem_takes_over_is_reported_once() -> None:
    result = evaluated(native("x = 1\nq = x + 1\nf = q^2", "f = 4", "x = 2\n∂q/∂x = 1\nf = 9"))
    # At the second point f is another result; at the first one, there is one report of it.
    assert [(report.place, report.value) for report in result.reports] == [
        ("line 4: f = q^2", 4.0),
        ("line 4: f = q^2, with the values of line 12", 9.0),
    ]
    result = evaluated(native("x = 1\nq = x + 1", "f = q^2", "f = 3q"))
    assert [report.value for report in result.reports] == [4.0, 6.0]
    result = evaluated(native("x = 1\nq = 2x\nf = q^2", "f = x + 4\n∂q/∂x = 2"))
    assert [report.value for report in result.reports] == [4.0, 5.0]


def test_values_are_kept_up_to_the_next_heading() -> None:
    text = "Let $x = 2$.\n\n{}\n\nThen $x^2$."
    assert values(text.format("Text")) == [4.0]
    assert told(text.format("## Heading")) == [
        (1, "x = 2 is used by no formula"),
        (5, "x^2 needs a value for x: --x VALUE"),
    ]


def test_an_input_without_a_value_is_no_gate() -> None:
    text = native("x = 1\nf = g*x", "∂f/∂x = ∂f/∂g*∂g/∂x")
    assert told(text)[-1] == (7, "∂f/∂x = ∂f/∂g*∂g/∂x needs a definition of g")


def test_subscripts_without_an_entry_are_told() -> None:
    text = "$a = [1, 2, 3]$ and\n\n$L = \\sum_j a_j + a_y$"
    assert values(text, y=1.0) == [7.0]
    assert told(text, y=0.0) == [
        (3, "L = \\sum_j a_j + a_y: y is 0, and subscripts count from 1"),
    ]
    # What a condition leaves out need not exist.
    assert values("$a = [1, 2, 3]$ and\n\n$\\sum_{i=1}^3 \\sum_{j < i} a_j a_{i-j}$") == [5.0]


def test_a_power_of_values_that_the_document_gives() -> None:
    text = "Take $x = 2$ and $n = 3$.\n\nThen $n x^{(n-1)} = 12$, and $x^{(n-1)} = 5$.\n"
    (error,) = evaluated(text).wrong
    assert error.message == "the two sides differ: 5, and x^{(n-1)} is 4"


def test_a_power_of_a_matrix_of_the_document() -> None:
    text = "Let $A = \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$.\n\nThen $\\operatorname{sum}(A^2)$."
    said = "A^2 is read element by element; the product of matrices is A A"
    assert (3, said) in told(text)
