"""Arrays from outside: whatever NumPy understands, never modified, and never shared."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_checks import rng

from gradcalc import GradcalcError, backprop
from gradcalc.report import Report
from gradcalc.services import derivatives
from gradcalc.syntax.literals import format_array, format_value

X = np.array([[0.5, -2.0, 3.0], [4.0, 0.25, -1.0]])

#: The same numbers in other forms.
FORMS: dict[str, Any] = {
    "list": X.tolist(),
    "tuples": tuple(map(tuple, X.tolist())),
    "list of arrays": [X[0], X[1]],
    "Fortran": np.asfortranarray(X),
    "strided": np.repeat(np.repeat(X, 2, 0), 3, 1)[::2, ::3],
    "reversed": X[::-1, ::-1].copy()[::-1, ::-1],
    "transposed": X.T.copy().T,
    "big-endian": X.astype(">f8"),
    "little-endian": X.astype("<f8"),
    "float16": X.astype(np.float16),
    "float32": X.astype(np.float32),
    "longdouble": X.astype(np.longdouble),
    "object": X.astype(object),
    "masked": np.ma.array(X),
    "with a mask that masks nothing": np.ma.array(X, mask=np.zeros_like(X, bool)),
    "unaligned": np.frombuffer(b"x" + X.tobytes(), np.float64, offset=1).reshape(2, 3),
}
#: Of other numbers.
OTHERS: dict[str, Any] = {
    "int64": np.arange(6).reshape(2, 3),
    "int8": np.arange(6, dtype=np.int8).reshape(2, 3),
    "uint64": np.arange(6, dtype=np.uint64).reshape(2, 3),
    "bool": np.array([[True, False, True], [False, False, True]]),
    "ranges": [range(3), range(3, 6)],
    "ints": [[1, 2, 3], [4, 5, 6]],
    "mixed": [[1, 2.5, True], [np.float32(4), np.int8(5), 6]],
    "empty": np.zeros((0, 3)),
    "empty list": [],
    "empty lists": [[], []],
    "broadcast": np.broadcast_to(np.float64(3.0), (2, 3)),
    "0-d": np.array(3.0),
    "0-d int": np.array(3),
    "numpy float": np.float64(3.0),
    "numpy single": np.float32(3.0),
    "numpy int": np.int64(3),
    "numpy bool": np.True_,
}
PROGRAM = "sum(sin(x)*x + x^2/3)"


def read_only(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.flags.owndata:
        x.flags.writeable = False
    return x


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("form", [*FORMS, *OTHERS])
def test_every_form_of_an_array(form: str, dtype: str) -> None:
    given = read_only({**FORMS, **OTHERS}[form])
    x = np.asarray(given, float)
    report = backprop(PROGRAM, x=given, dtype=dtype)
    gradient = report.gradients["x"]
    assert np.shape(gradient) == x.shape
    tolerance = 1e-14 if dtype == "float64" else 1e-6
    assert report.value == pytest.approx(np.sum(np.sin(x) * x + x**2 / 3), rel=tolerance * 4)
    want = np.cos(x) * x + np.sin(x) + 2 * x / 3
    np.testing.assert_allclose(gradient, want, tolerance, tolerance)
    if x.shape:
        assert gradient.dtype == report.inputs["x"].dtype == dtype
    else:
        assert isinstance(gradient, float)


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_an_upstream_gradient(form: str) -> None:
    want = backprop("tanh(x)", x=X, upstream=X).gradients["x"]
    got = backprop("tanh(x)", x=X, upstream=FORMS[form]).gradients["x"]
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    "value",
    [
        "abc",
        ["a"],
        [[1, 2], [3]],
        [1, None],
        [1j, 2],
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        [{}, 1],
        {"x": 1},
        {1, 2},
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        [[1], 2],
        ["1"],
        np.ma.array([1.0, 2.0], mask=[False, True]),
        np.ma.array(2.0, mask=True),
        np.ma.masked,
    ],
    ids=repr,
)
def test_what_is_no_array_of_real_numbers(value: Any) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop("sum(x)", x=value)
    assert caught.value.code == "bad-value"
    assert "x" in caught.value.message


#: Programs whose gradients could be views of an input, of each other, or of what arrives.
SHARING = [
    "x",
    "x + y",
    "y - x",
    "x + y + x",
    "x'",
    "reshape(x, 3, 2)",
    "x[0]",
    "x[:, 1:]",
    "x*1",
    "concat(x, y)",
    "x*y",
    "y*sum(x)",
    "where(1, x, y)",
    "sum(x) + sum(y)",
    "broadcast_to(sum(x) + y[0, 0], 100, 100)",
    "max(x, y)",
    "flatten(x) + flatten(y)",
    "stack(x, y)",
    "-(-x)",
]


def everything(report: Report) -> list[Any]:
    """Every number that a report has."""
    found = [report.value, *report.inputs.values(), *report.gradients.values()]
    for node in report.nodes:
        found += [node.value, node.upstream, *(local.value for local in node.local)]
    return [np.array(x) for x in found if x is not None]


@pytest.mark.parametrize("program", SHARING)
def test_nothing_is_modified_and_nothing_shared(program: str) -> None:
    x, y = X.copy(), X.copy() + 0.5
    y[0, 0] = x[0, 0] + 1
    u = rng(1).normal(size=backprop(program, _used(program, x, y)).shape)
    given = [x, y, u]
    kept = [array.copy() for array in given]
    report = backprop(program, _used(program, x, y), upstream=u)
    before = everything(report)
    for array, copy in zip(given, kept, strict=True):
        np.testing.assert_array_equal(array, copy)
    # What the caller does to the arrays that went in, and to the gradients, changes nothing else.
    for array in given:
        if array.ndim:
            array[...] = 99.0
    gradients = [g for g in report.gradients.values() if isinstance(g, np.ndarray)]
    for place, gradient in enumerate(gradients):
        others = [g.copy() for g in gradients[place + 1 :]]
        gradient[...] = -77.0
        for other, was in zip(gradients[place + 1 :], others, strict=True):
            np.testing.assert_array_equal(other, was)
    again = backprop(program, _used(program, kept[0], kept[1]), upstream=kept[2])
    report.gradients = again.gradients
    for one, other in zip(everything(report), before, strict=True):
        np.testing.assert_array_equal(one, other)


def _used(program: str, x: Any, y: Any) -> dict[str, Any]:
    found = {"x": x, "y": y}
    return {name: value for name, value in found.items() if name in program.replace("max", "")}


def test_what_a_report_keeps_is_read_only() -> None:
    report = backprop("h = x*y; sum(h) + h", x=X, y=X)
    node = report.nodes[-1]
    kept = [report.value, report.inputs["x"], node.value, node.upstream, node.local[0].value]
    for array in map(np.asanyarray, kept):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    report.gradients["x"][0] = 1.0  # the caller's own


def test_gradients_can_be_written_to() -> None:
    """As a training loop does, also those that were only views."""
    for program in (*SHARING, "sum(x)", "mean(x)"):
        report = backprop(program, _used(program, X, X + 1))
        for gradient in report.gradients.values():
            gradient *= 0.5


@pytest.mark.parametrize(
    ("program", "derive"),
    [
        ("x", lambda report, d: derivatives.jvp(report, {"x": d})),
        ("sum(x*y)", lambda report, d: derivatives.hvp(report, {"x": d})),
        # The same array for x and for y.
        ("sum((x + y)^2)", lambda report, d: derivatives.hvp(report, {"x": d})),
        ("x'", lambda report, d: derivatives.jacobian(report)),
        ("sum(x*x)", lambda report, d: derivatives.hessian(report)),
    ],
)
def test_derived_arrays_are_the_callers_own(
    program: str, derive: Callable[[Report, Any], list[Any]]
) -> None:
    report = backprop(program, _used(program, X, X))
    d = X.copy()
    derived = derive(report, d)
    kept = [found.value.copy() for found in derived]
    d[...] = 99.0
    for place, found in enumerate(derived):
        np.testing.assert_array_equal(found.value, kept[place])
        found.value[...] = -1.0
        for later, was in zip(derived[place + 1 :], kept[place + 1 :], strict=True):
            np.testing.assert_array_equal(later.value, was)
    np.testing.assert_array_equal(derive(report, X)[0].value, kept[0])


#: Their derivatives have zeros that would have a sign, and numbers of NumPy.
SIGNED = np.array([-0.0, 2.0, 3.0])
DERIVED: list[tuple[str, dict[str, Any], Callable[[Report], list[Any]]]] = [
    ("x*y", {"x": X[0], "y": SIGNED}, derivatives.jacobian),
    ("sum(x)^2*y", {"x": X[0], "y": 2.0}, derivatives.jacobian),
    ("-sum(x)^2*y", {"x": X[0], "y": 0.0}, derivatives.hessian),
    ("-x", {"x": X[0]}, lambda report: derivatives.jvp(report, {"x": SIGNED * 0})),
    ("sum(x*y)", {"x": X[0], "y": X[0]}, lambda report: derivatives.jvp(report, {"x": SIGNED})),
    (
        "-sum(x)^2*y",
        {"x": X[0], "y": 0.0},
        lambda report: derivatives.hvp(report, {"x": SIGNED * 0}),
    ),
]


@pytest.mark.parametrize(("program", "values", "derive"), DERIVED)
def test_derived_numbers_are_plain(
    program: str, values: dict[str, Any], derive: Callable[[Report], list[Any]]
) -> None:
    for found in derive(backprop(program, values)):
        assert type(found.value) is (np.ndarray if np.ndim(found.value) else float)
        zeros = np.asarray(found.value) == 0
        assert not np.any(np.signbit(found.value) & zeros)


def test_a_program_may_be_run_again() -> None:
    """Nothing is left behind by a run: the same again, also of another type in between."""
    program = "softmax(W max(0, x)) + norm(x)"
    values = {"W": rng(1).normal(size=(2, 3)), "x": rng(2).normal(size=3)}
    first = everything(backprop(program, values))
    backprop(program, values, dtype="float32")
    for one, other in zip(everything(backprop(program, values)), first, strict=True):
        np.testing.assert_array_equal(one, other)


def test_truth_values_are_no_index() -> None:
    """They are for NumPy, where 0 and 1 are places; the program is the same."""
    mask = np.array([True, False, True])
    for m in ([1, 0, 1], mask.astype(int), mask.astype(float)):
        np.testing.assert_array_equal(backprop("2x[m]", x=X[0], m=m).value, 2 * X[0, [1, 0, 1]])
    with pytest.raises(GradcalcError, match="m has truth values") as caught:
        backprop("2x[m]", x=X[0], m=mask)
    assert [(span.start, span.end) for span in caught.value.spans] == [(3, 4)]
    with pytest.raises(GradcalcError, match="m has truth values"):
        backprop("2x[m]", x=X[0], m=mask.astype(object))
    assert backprop("m' x[i]", x=X[0], m=mask, i=[2, 1, 0]).value == X[0, 2] + X[0, 0]


@pytest.mark.parametrize(
    "mask",
    [
        "x > 1",
        "(x > 1)*(x < 3)",
        "max(x > 2, x < 2)",
        "reshape(x > 1, -1)",
        "(x > 1)[::-1]",
        "where(x > 1, x > 2, x > 0)",
        "sort(x > 1)",
        "take_along(x > 1, [2, 0, 1], 0)",
        "(x > 1)[[2, 0, 1]]",
        "[x[0] > 1, x[1] > 1, x[2] > 1]",
        "(m*(x > 1))'",
    ],
)
def test_masks_are_no_index(mask: str) -> None:
    """They are for NumPy, also moved and combined, and would silently be 0 and 1 here."""
    values = {"m": np.array([True, False, True])} if "m*" in mask else {}
    with pytest.raises(GradcalcError, match=r"no index|truth values") as caught:
        backprop(f"sum(x[{mask}])", values, x=[3, 1, 2])
    assert caught.value.code == "bad-value"


@pytest.mark.parametrize(
    "numbers", ["(x > 1)*[1, 0, 1]", "1 - (x > 1)", "(x > 1)*1", "cumsum(x > 3)"]
)
def test_numbers_made_of_a_mask_are_an_index(numbers: str) -> None:
    """As they are for NumPy."""
    x = np.array([3, 1, 2])
    index = eval(numbers.replace("cumsum", "np.cumsum").replace("[1, 0, 1]", "np.array([1, 0, 1])"))
    np.testing.assert_array_equal(backprop(f"x[{numbers}]", x=x).value, x[index])


def test_a_sum_of_comparisons_counts() -> None:
    """In which bin each number is."""
    found = backprop("w[(t > 1) + (t > 2)]", w=[10, 20, 30], t=[0.5, 1.5, 2.5])
    np.testing.assert_array_equal(found.value, [10, 20, 30])


def test_an_index_of_no_entries() -> None:
    assert backprop("sum(x[m])", x=[1, 2], m=np.array([], object)).value == 0


def test_truth_values_are_written_as_numbers() -> None:
    """In a worksheet, say, which is read back as a program."""
    assert format_value(np.array([[True], [False]])) == "[[1], [0]]"
    assert format_array(np.array([True, False, True]), 2) == "[1, …]"
