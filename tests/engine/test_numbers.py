"""Numbers: infinities and where they are born, kinks and their conventions, single precision."""

from math import inf, isnan, log, nan
from struct import pack, unpack

import pytest
from mpmath import mp

from gradcalc import GradcalcError, Note, Report, backprop
from gradcalc.cli.main import run
from gradcalc.services.evaluate import evaluate
from gradcalc.source import Source


def warnings(report: Report) -> list[Note]:
    return [note for note in report.notes if note.kind == "non-finite"]


def kinks(report: Report) -> list[Note]:
    return [note for note in report.notes if note.kind == "kink"]


def node_of(report: Report, note: Note) -> str:
    assert note.node is not None
    return report.nodes[note.node].expression


@pytest.mark.parametrize(
    ("program", "x", "value", "born"),
    [
        ("2 + log(x)", 0, -inf, "log(x)"),
        ("2 + log(x)", -1, nan, "log(x)"),
        ("1/x + 1", 0, inf, "1 / x"),
        ("1/x + 1", -0.0, -inf, "1 / x"),
        ("x/x", 0, nan, "x / x"),
        ("sqrt(x) * 2", -1, nan, "sqrt(x)"),
        ("exp(x) + 1", 1000, inf, "exp(x)"),
        ("exp(x) - exp(x)", 1000, nan, "exp(x)"),
        ("x * x - 1", 1e200, inf, "x * x"),
        ("x^0.5", -1, nan, "x^0.5"),
        ("asin(x)", 2, nan, "asin(x)"),
    ],
)
def test_where_a_value_was_born(program: str, x: float, value: float, born: str) -> None:
    report = backprop(program, x=x)
    assert report.value == value or (isnan(report.value) and isnan(value))
    first = warnings(report)[0]
    assert node_of(report, first) == born
    assert born in first.message


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("min(x, inf)", None),
        ("max(-inf, x)", None),
        ("x + exp(-inf)", None),
        ("x * where(x > 0, 1, -inf)", None),
        ("x + inf", "a number in the program is inf"),
        ("max(x, 1e999)", "a number in the program is inf"),
        ("min(x, inf) + log(0)", "log(0) is -inf: log(x) is defined for x > 0"),
        ("x * (inf - inf)", "inf - inf is nan"),
        # The value is finite, and the gradient is not.
        ("(x - 1)^inf", "the gradient of x - 1 is inf: at (x - 1)^inf the local gradient is"),
        ("max(x, -inf) + sqrt(x - 2)", "the gradient of x - 2 is inf: at sqrt(x - 2) the local"),
        ("y = -inf; max(x, y)", None),
        ("y = inf; 1/(x + y)", None),
        ("y = inf; x + y", "the value given for y is inf"),
    ],
)
def test_an_infinity_of_the_program_is_meant(program: str, message: str | None) -> None:
    found = [note.message for note in warnings(backprop(program, x=2))]
    assert bool(found) == (message is not None)
    assert not found or found[0].startswith(str(message))


@pytest.mark.parametrize(
    ("program", "x", "gradient", "gate"),
    [
        ("sqrt(x) + 1", 0, inf, "sqrt(x)"),  # 1/(2 sqrt 0)
        ("cbrt(x)", 0, inf, "cbrt(x)"),
        ("2 * x^0.5", 0, inf, "x^0.5"),
        ("asin(x) + 1", 1, inf, "asin(x)"),  # 1/sqrt(1 - 1)
        ("1e200 * (1e200 * x)", 1e-300, inf, "1e200 * x"),  # the value is 1e100
    ],
)
def test_where_a_gradient_was_born(program: str, x: float, gradient: float, gate: str) -> None:
    """The values are all finite, the gradient is not."""
    report = backprop(program, x=x)
    assert report.value - report.value == 0
    assert report.gradients == {"x": gradient}
    (note,) = warnings(report)
    assert node_of(report, note) == gate
    assert "gradient" in note.message


@pytest.mark.parametrize("program", ["log(x)", "x/x", "sqrt(x) * 2", "1/x"])
def test_strict_makes_it_an_error(program: str) -> None:
    with pytest.raises(GradcalcError) as caught:
        evaluate(Source(program), {"x": 0.0}, strict=True)
    assert caught.value.code == "non-finite"
    assert caught.value.spans
    # An infinity that nothing is computed from is an error nowhere.
    assert evaluate(Source("x + 1"), {"x": 1.0}, strict=True)[0].value == 2.0


def test_what_has_no_path_from_an_input_is_not_differentiated() -> None:
    # d(x^2) = 2x; the exponent is constant, log(-3) is never taken.
    report = backprop("x^2", x=-3)
    assert report.gradients == {"x": -6.0}
    assert report.notes == ()
    # log(0) in a constant is a value of -inf, and its own business: the derivative of x + c is 1.
    assert backprop("x + log(0)", x=1).gradients == {"x": 1.0}
    # 0^y = 0 for y > 0, and so is its derivative: 0^y log(0) = 0.
    assert backprop("x^y", x=0, y=2).gradients == {"x": 0.0, "y": 0.0}


@pytest.mark.parametrize(
    ("program", "gradient"),
    [
        ("where(x > 0, log(x), x)", 1.0),
        ("where(x > 0, sqrt(x), 3x)", 3.0),
        ("max(x, 0) * log(x + 1)", 0.0),  # relu'(0)·log 1 + relu(0)·1
        ("0 * log(x)", 0.0),
        ("0 * sqrt(x) + 2x", 2.0),
        ("0 * (1/x) + x", 1.0),
    ],
)
def test_a_zero_upstream_gradient_stays_zero(program: str, gradient: float) -> None:
    assert backprop(program, x=0).gradients == {"x": gradient}


def test_zero_upstream_from_outside() -> None:
    assert backprop("sqrt(x)", x=0, upstream=0).gradients == {"x": 0.0}


@pytest.mark.parametrize(
    ("program", "inputs", "gradients"),
    [
        ("abs(x)", {"x": 0}, {"x": 0}),
        ("|x|", {"x": 0}, {"x": 0}),
        ("||x||", {"x": 0}, {"x": 0}),
        ("norm(x)", {"x": 0}, {"x": 0}),
        ("relu(x)", {"x": 0}, {"x": 0}),
        ("max(0, x)", {"x": 0}, {"x": 0}),
        ("max(x, 0)", {"x": 0}, {"x": 0}),
        ("min(0, x)", {"x": 0}, {"x": 0}),
        ("max(x, y)", {"x": 2, "y": 2}, {"x": 1 / 2, "y": 1 / 2}),
        ("min(x, y)", {"x": 2, "y": 2}, {"x": 1 / 2, "y": 1 / 2}),
        ("max(x, y, z)", {"x": 2, "y": 2, "z": 2}, {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}),
        ("max(x, y, z)", {"x": 2, "y": 1, "z": 2}, {"x": 1 / 2, "y": 0, "z": 1 / 2}),
        ("max(x, y, 2)", {"x": 2, "y": 2}, {"x": 0, "y": 0}),
        ("max(x, y)", {"x": 2, "y": 1}, {"x": 1, "y": 0}),
        ("clip(x, -1, 1)", {"x": 1}, {"x": 0}),
    ],
)
def test_conventions_at_kinks(
    program: str, inputs: dict[str, float], gradients: dict[str, float]
) -> None:
    report = backprop(program, inputs)
    assert report.gradients == pytest.approx(gradients, rel=1e-16)
    tied = len(inputs) == 1 or len(set(inputs.values())) < len(inputs)
    assert len(kinks(report)) == tied


@pytest.mark.parametrize("x", [-3.0, -1e-300, -0.0, 0.0, 1e-300, 3.0])
def test_relu_is_max_with_zero(x: float) -> None:
    want = 1.0 if x > 0 else 0.0
    for program in ("relu(x)", "max(0, x)", "max(x, 0)", "maximum(x, 0)", "where(x > 0, x, 0)"):
        assert backprop(program, x=x).gradients == {"x": want}


def test_a_kink_is_told() -> None:
    """The node, the convention, and every value that would be valid."""
    report = backprop("1 + relu(2x)", x=0)
    (note,) = kinks(report)
    assert node_of(report, note) == "relu(2 * x)"
    assert note.message == (
        "relu(2 * x) has a kink at 2 * x = 0: relu'(0) = 0; valid is anything from 0 to 1"
    )
    (note,) = kinks(backprop("3|x|", x=0))
    assert "abs'(0) = 0" in note.message
    assert "from -1 to 1" in note.message


def test_a_kink_that_does_not_matter_is_not_told() -> None:
    assert kinks(backprop("relu(x)", x=1e-300)) == []
    assert kinks(backprop("0 * relu(x) + x", x=0)) == []
    assert kinks(backprop("relu(3 - 3) + x", x=1)) == []


def test_comparisons_have_no_gradient() -> None:
    report = backprop("x * (x > 1) + (x == 2)", x=2)
    assert (report.value, report.gradients) == (3.0, {"x": 1.0})


@pytest.mark.parametrize(
    ("program", "x", "value", "gradient"),
    [
        ("sigmoid(x)", 1000, 1.0, 0.0),
        ("sigmoid(x)", -1000, 0.0, 0.0),
        ("softplus(x)", 1000, 1000.0, 1.0),
        ("softplus(x)", -1000, 0.0, 0.0),
        ("logaddexp(x, x)", 1e5, 1e5 + log(2), 1.0),
        ("log1p(x)", 1e-20, 1e-20, 1.0),
        ("expm1(x)", 1e-20, 1e-20, 1.0),
        ("hypot(x, x)", 1e300, 2**0.5 * 1e300, 2**0.5),
        ("tanh(x)", 1000, 1.0, 0.0),
    ],
)
def test_stable_forms(program: str, x: float, value: float, gradient: float) -> None:
    report = backprop(program, x=x)
    assert report.value == pytest.approx(value, rel=4e-16, abs=0)
    assert report.gradients["x"] == pytest.approx(gradient, rel=4e-16, abs=0)
    assert report.notes == ()


def single(x: float) -> float:
    """The nearest number of 32 bits."""
    return float(unpack("f", pack("f", x))[0])


def test_single_precision() -> None:
    x, y = single(0.1), single(0.7)
    report = backprop("x*y + x/y - sqrt(x)", x=0.1, y=0.7, dtype="float32")
    assert report.inputs == {"x": x, "y": y}
    # Every gate rounds its result once.
    product, quotient, root = single(x * y), single(x / y), single(x**0.5)
    assert report.value == single(single(product + quotient) - root)
    by_gate = {node.expression: node.value for node in report.nodes}
    assert (by_gate["x * y"], by_gate["x / y"], by_gate["sqrt(x)"]) == (product, quotient, root)
    for number in (report.value, *report.gradients.values()):
        assert number == single(number)
    # df/dx = y + 1/y - 1/(2 sqrt(x)), df/dy = x - x/y^2: right to a few units of 2^-24.
    wanted = {"x": y + 1 / y - 0.5 / x**0.5, "y": x - x / y**2}
    assert report.gradients == pytest.approx(wanted, rel=8 * 2**-24)


def test_single_precision_overflows_at_its_own_bounds() -> None:
    largest = (2 - 2**-23) * 2.0**127
    assert backprop("x", x=largest, dtype="float32").value == largest
    assert backprop("2x", x=largest, dtype="float32").value == inf
    assert backprop("x", x=1e39, dtype="float32").value == inf
    assert backprop("x", x=-1e39, dtype="float32").value == -inf
    assert backprop("x", x=2.0**-149, dtype="float32").value == 2.0**-149
    assert backprop("x", x=2.0**-151, dtype="float32").value == 0.0
    # 16777216 + 1 is a tie, and goes to the even neighbour.
    assert backprop("x + 1", x=2.0**24, dtype="float32").value == 2.0**24
    assert backprop("x + 1", x=2.0**24).value == 2.0**24 + 1


def test_a_node_tied_with_itself_is_no_kink() -> None:
    """max(x, x) is x."""
    report = backprop("max(x, x)", x=2)
    assert report.gradients == {"x": 1}
    assert kinks(report) == []


@pytest.mark.parametrize("x", [0.5, 30.25, 700.0, -181.125, -700.0])
def test_powers_of_e_are_exact(x: float) -> None:
    """e^x is exp(x): as a power of the double nearest to e it would be 300 units off at 700."""
    report = backprop("e^x", x=x)
    with mp.workdps(40):
        want = mp.exp(x)
        assert abs(report.value - want) <= abs(want) * 2**-52
        assert abs(report.gradients["x"] - want) <= abs(want) * 2**-52


def test_e_as_a_variable_is_a_variable() -> None:
    """d(e^x)/de = x e^(x - 1)."""
    assert backprop("e^x", e=2, x=3).gradients["e"] == 12


def test_a_strict_run_refuses_infinite_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["x + 1", "--x", "inf", "--strict"]) == 2
    assert "the value given for x is inf" in capsys.readouterr().err


@pytest.mark.parametrize("base", ["e", "(e)", "(+e)", "((e))"])
def test_powers_of_e(base: str) -> None:
    """exp(700) by mpmath; pow(e, 700) is 300 units off."""
    value = backprop(f"{base}^x", x=700.0).value
    assert value == pytest.approx(1.0142320547350045e304, rel=1e-15)


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("f(e) = e^2; f(3)", 9.0),
        ("f(e, y) = y^e + e^y; f(3, 2)", 17.0),
        ("f(e) = e² + e**2 + pow(e, 2) + e^x; f(3)", 30.0),
        ("sum(e^2 for e in range(3))", 5.0),
        ("f(x) = e^x; f(1)", 2.718281828459045),
        (r"\sum_{e=1}^{2} e^2", 5.0),
    ],
)
def test_a_parameter_with_the_name_of_e(program: str, value: float) -> None:
    values = {"x": 1.0} if "x" in program and "f(x)" not in program else {}
    assert backprop(program, values).value == pytest.approx(value, rel=1e-15)
