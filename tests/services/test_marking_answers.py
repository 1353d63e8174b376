"""What is right: digits, kinks, formulas, names."""

import math
from typing import Any

import pytest

from gradcalc import GradcalcError, check, ops
from gradcalc.ops.row import Structural
from gradcalc.services.check.types import Tolerance


def verdict(program: str, answers: str, **values: Any) -> list[tuple[str, str, str | None]]:
    marks = check(program, answers, hints=0, require=[], **values)
    return [(item.quantity, item.verdict, item.rule) for item in marks.items]


def rule(program: str, answer: str, **values: Any) -> str | None:
    """What decides that the one answer is right; None if it is not."""
    ((_, found, by),) = verdict(program, answer, **values)
    assert (found == "right") == (by is not None)
    return by


@pytest.mark.parametrize(
    ("answer", "by"),
    [
        ("0.19661193", "tolerance"),
        ("0.20", "rounded"),
        ("0.197", "rounded"),
        ("1.97e-1", "rounded"),
        (".20", "rounded"),
        ("+0.20", "rounded"),
        ("0.2", None),  # one digit
        ("0.19", None),  # cut off
        ("0.196", None),
        ("-0.20", None),
        ("0", None),
        ("0.00", None),
        ("1/5", None),  # no number that was rounded
        ("0.2000", None),
    ],
)
def test_digits(answer: str, by: str | None) -> None:
    """σ'(1) = 0.196611933..."""
    assert rule("sigmoid(x)", f"dx = {answer}", x=1) == by


@pytest.mark.parametrize(
    ("answer", "quantity", "found"),
    [
        ("d(x²) = [1, 1]", "d(x^2)", "right"),
        ("df/d(x²) = [1, 1]", "d(x^2)", "right"),
        ("x² = [1, 4]", "x^2", "right"),
        ("x² = 7", "x^2", "wrong"),  # which is x2
        ("x2 = 7", "x2", "right"),
        ("x₂ = 5", "x_2", "right"),
        ("dx₂ = 1", "dx_2", "right"),
        ("Xᵀ = [[1, 3], [2, 4]]", "Xᵀ", "right"),
        ("∂f/∂(Xᵀ) = [[1, 1], [1, 1]]", "d(Xᵀ)", "right"),
        ("x yᵀ = [[3, 4], [6, 8]]", "x · yᵀ", "right"),
        ("d(x · yᵀ) = [[1, 1], [1, 1]]", "d(x · yᵀ)", "right"),
        ("qᵀ = 1", "qᵀ", "unknown"),
    ],
)
def test_what_is_raised_is_no_part_of_a_name(answer: str, quantity: str, found: str) -> None:
    program = "f = sum(x²) + sum(X') + sum(x y') + x₂ + x2"
    values = {"x": [1, 2], "y": [3, 4], "X": [[1, 2], [3, 4]], "x_2": 5, "x2": 7}
    assert verdict(program, answer, **values)[0][:2] == (quantity, found)


def test_halves_round_either_way() -> None:
    """The gradient is 0.125."""
    for answer in ("0.12", "0.13"):
        assert rule("x/8", f"dx = {answer}", x=1) == "rounded"
    assert rule("x/8", "dx = 0.14", x=1) is None


def test_big_whole_numbers() -> None:
    for answer, by in (("1235", "rounded"), ("1.2e3", "rounded"), ("1230", None), ("1200", None)):
        assert rule("x*y", f"dx = {answer}", x=1, y=1234.7) == by


def test_the_tolerance_is_the_users() -> None:
    def points(answer: str, tolerance: Tolerance) -> float:
        return check("x*y", answer, x=1, y=100, tolerance=tolerance, require=["dx"]).score

    assert points("dx = 101.0", Tolerance(rtol=0.01)) == 1
    assert points("dx = 101.1", Tolerance(rtol=0.01)) == 0
    assert points("dx = 100.5", Tolerance(atol=0.5, rtol=0)) == 1
    assert points("dx = 100.3", Tolerance(digits=5)) == 0
    assert points("dx = 1e2", Tolerance(digits=1)) == 1


def test_arrays_entry_by_entry() -> None:
    assert rule("sum(sigmoid(x))", "dx = [0.20, 0.25]", x=[1, 0]) == "rounded"
    assert rule("sum(sigmoid(x))", "dx = [0.2, 0.25]", x=[1, 0]) == "rounded"
    assert rule("sum(sigmoid(x))", "dx = [0.2, 0.2]", x=[1, 0]) is None
    assert rule("sum(x^2)", "dx = [2, 4]'", x=[1, 2]) == "tolerance"
    assert rule("sum(x^2)", "dx = [[2], [4]]", x=[1, 2]) == "tolerance"
    assert rule("sum(x^2)", "dx = [2, 4, 6]", x=[1, 2]) is None
    assert rule("sum(x^2)", "dx = 2", x=[1, 2]) is None


@pytest.mark.parametrize(
    ("program", "answer", "right"),
    [
        ("x*y*z", "dx = y*z", True),
        ("x*y*z", "dx = 6", True),
        ("x*y*z", "dx = x*6", False),  # right here, where x is 1
        ("x*y*z", "dx = y + 4", False),  # y*z and y + 4 are 6
        ("q = x*y; q*z", "dx = y dq", True),
        ("q = x*y; q*z", "dx = ∂f/∂q y", True),
        ("q = x*y; q*z", "dx = z*y + 0*q", True),
        ("log(x)*y*z", "dx = y*z/x", True),
        ("sqrt(x - 0.5)*y*z", "dx = y z/(2 sqrt(x - 0.5))", True),
        ("max(x, y)*z", "dy = z", True),  # on this side of the tie
        ("max(x, y)*z", "dy = z*x", False),
        ("x*y*z", "(x*y) = y*x", True),
        ("f(t) = t^2; f(x)*y*z", "dx = 2x y z", True),
        ("f(t) = t^2; f(x)*y*z", "d(f(x)) = y*z", True),
        ("exp(x*y)/z", "dx = y*exp(x*y)/z", True),
    ],
)
def test_formulas(program: str, answer: str, right: bool) -> None:
    found = rule(program, answer, x=1, y=2, z=3)
    assert (found is not None) == right
    if right and "6" not in answer:
        assert found == "formula"


def test_formulas_of_arrays() -> None:
    """∇‖Wx‖² by W is 2 W x xᵀ, by x it is 2 Wᵀ W x."""
    values: dict[str, Any] = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
    program = "q = W·x; f = ‖q‖²"
    for answer in ("dW = 2 q x'", "dx = W' dq", "dx = 2 W' W x", "dq = 2q", "dW = dq x'"):
        assert rule(program, answer, **values) == "formula"
    for answer in ("dW = 2 x q'", "dx = W dq", "dq = q"):
        assert rule(program, answer, **values) is None


@pytest.mark.parametrize(
    ("program", "answer", "values"),
    [
        ("h = max(0, x); L = sum(h)", "dx = (x > 0)", {"x": [1, -2]}),
        ("sum(max(m, x))", "dx = (x > m)", {"x": [1, -2], "m": 0.5}),
        ("max(0, x[1] - x[0]) + max(0, x[2])", "dx = [-1, 1, 0]*(x[1] > 0)", {"x": [3, 5, -2]}),
        ("|m| sum(x)", "dx = [m, m]/|m| m", {"x": [1, -2], "m": 2}),
        ("x'x + max(0, 3)", "dx = 2x", {"x": [1, -2]}),
    ],
)
def test_formulas_beside_a_number_at_a_kink(
    program: str, answer: str, values: dict[str, Any]
) -> None:
    assert rule(program, answer, **values) == "formula"


def test_labels_stay_whole_numbers_at_random_points() -> None:
    program = "s = W·x; L = -log(softmax(s)[y])"
    values = {"W": [[1.0, 2.0], [0.5, -1.0]], "x": [1.0, 0.5], "y": 1.0}
    marks = check(program, "ds = softmax(s) - [0, 1]", values, require=[])
    assert [item.verdict for item in marks.items] == ["right"]


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        ("[0.1, 0.002, -0.02]", None),  # to three decimals, as NumPy prints it
        ("[0.1, 0.0021, -0.02]", ""),  # to four, and then 0.1 is 0.1000
        ("[0.0996, 0.0021, -0.0204]", None),
        ("[0.1, 0, 0]", "it has too few digits: write 2 at least"),
        ("[0.10, 0, -0.02]", None),
        ("[0.10, 0, 0]", ""),
        ("[0.1, 0.2, -0.02]", ""),
        ("[100, 0, 0]", ""),
    ],
)
def test_the_decimals_of_an_array_go_for_all_its_entries(answer: str, remark: str | None) -> None:
    c = [0.0996, 0.0021, -0.0204]
    (item,) = check("c·x", f"dx = {answer}", x=[1, 2, 3], c=c, require=[]).items
    assert (item.verdict == "right") == (remark is None)
    assert remark is None or (item.remark or "") == remark


@pytest.mark.parametrize(
    "literal",
    [
        "[0.123, -0.654]'",
        "[0.123, -0.654]ᵀ",
        "[0.123, -0.654]^T",
        "([0.123, -0.654])",
        "-[-0.123, 0.654]",
        "-(-[0.123, -0.654]^T)",
        "+[0.123, -(0.654)]",
        "[[0.123], [-0.654]]^T",
        "[[0.123, -0.654]]^T",
        "(0.123, -0.654)",
        "-(-0.123, 0.654)'",
        r"\begin{pmatrix} 0.123 \\ -0.654 \end{pmatrix}",
        r"\begin{bmatrix} 0.123 & -0.654 \end{bmatrix}^T",
    ],
)
def test_the_digits_of_a_literal_under_signs_brackets_and_transposes(literal: str) -> None:
    c = [0.123456, -0.654321]
    assert rule("c·x", f"dx = {literal}", x=[1, 2], c=c) == "rounded"
    assert rule("c·x", f"dx = {literal.replace('3', '4', 1)}", x=[1, 2], c=c) is None
    short = literal.replace("23", "").replace("54", "")  # 0.1 and 0.6
    assert rule("c·x", f"dx = {short}", x=[1, 2], c=c) is None


def test_each_entry_of_a_transposed_matrix_has_its_own_digits() -> None:
    """To the unit in the last place 0.012 is 0.01234, 5.7 is 5.68 and 1.20 is 1.2; 5.68 has no
    third decimal."""
    c = [[0.01234, 5.68], [1.2, 3.0], [20.0, 0.5]]
    x = [[1, 1], [1, 1], [1, 1]]
    for entry, by in (("5.7", "rounded"), ("5.6", None), ("5.70", None)):
        answer = f"[[0.012, 1.20, 20], [{entry}, 3, 0.5]]"
        assert rule("sum(c*x)", f"dx = {answer}^T", x=x, c=c) == by
        assert rule("sum(c*x)", f"dx = -(-{answer}')", x=x, c=c) == by
        stack = {"x": [x], "c": [c]}
        assert rule("sum(c*x)", f"dx = [{answer}]'", **stack) == by


@pytest.mark.parametrize(
    ("answer", "by"),
    [
        ("(0.20)", "rounded"),
        ("-(-0.20)", "rounded"),
        ("[0.20]'", "rounded"),
        ("tensor(0.197, grad_fn=<MulBackward0>)", "rounded"),
        ("np.float64(0.197)", "rounded"),
        ("(0.2)", None),
        ("-(0.20)", None),
        ("(1/5)", None),
    ],
)
def test_the_digits_of_a_number_under_signs_and_brackets(answer: str, by: str | None) -> None:
    """σ'(1) = 0.196611933..."""
    assert rule("sigmoid(x)", f"dx = {answer}", x=1) == by
    if "[" not in answer:
        assert rule("sum(sigmoid(x))", f"dx = {answer}", x=[1]) == by


def test_a_power_is_no_transpose() -> None:
    """T is a variable here; of an array it is a transpose all the same."""
    assert rule("x·0.35^T", "dx = [0.35^T]", x=[1], T=2) == "formula"
    assert rule("x·[0.35]^T", "dx = [0.35]^T", x=[1], T=2) == "tolerance"
    assert rule("x·[0.1225]", "dx = [0.35]^T", x=[1]) is None


def test_zeros_that_numpy_fills_up_with_are_no_digits() -> None:
    """np.round(c, 3), printed with exponents because one entry is small."""
    c = [-5.839911, 1.369148, -0.001611, 0.0909]
    printed = "[-5.840e+00,  1.369e+00, -2.000e-03,  9.100e-02]"
    assert rule("c·x", f"dx = {printed}", x=[1, 1, 1, 1], c=c) == "rounded"
    wrong = printed.replace("1.369", "1.368")
    assert rule("c·x", f"dx = {wrong}", x=[1, 1, 1, 1], c=c) is None


@pytest.mark.parametrize(
    "printed",
    [
        "[ 3.   -1.25  0.5 ]",
        "[3. -1.25 0.5]",
        "array([ 3.  , -1.25,  0.5 ])",
        "np.array([3, -1.25, 0.5], dtype=float32)",
        "[ 3.00e+00 -1.25e+00  5.00e-01]",
        "tensor([ 3.0000, -1.2500,  0.5000])",
        "tensor([3.0000, -1.2500,\n        0.5000], dtype=torch.float64, requires_grad=True)",
        "tensor([3., -1.25, 0.5], device='cuda:0', grad_fn=<AddBackward0>)",
        "-torch.tensor([-3, 1.25, -0.5])",
        "(tensor([3., -1.25, 0.5]),)",
        "[tensor(3.), tensor(-1.25), tensor(0.5)]",
        "Array([ 3.  , -1.25,  0.5 ], dtype=float32)",
        "(3, -1.25, 0.5)",
        "(3, -1.25, 0.5)^T",
        "((3), -1.25, 2/4)",
        "(3, -5/4, sum([[1, 1], [1, 1]], axis=(0, 1))/8)",
    ],
)
def test_arrays_as_others_write_them(printed: str) -> None:
    assert rule("k·x", f"dx = {printed}", x=[1, 1, 1], k=[3, -1.25, 0.5]) == "tolerance"
    assert rule("k·x", f"dx = {printed}", x=[1, 1, 1], k=[3, -1.25, 0.7]) is None
    # To the language it is an array of one difference.
    assert rule("c·x", "dx = [3 -1]", x=[1], c=[2]) == "tolerance"


@pytest.mark.parametrize(
    "printed",
    [
        "-[-1.246 -0.732]",
        "+[ 1.246  0.732]",
        "[1.246 0.732]'",
        "[1.246\n 0.732]ᵀ",
        "([1.246 0.732])",
        "-(-[[1.246 0.732]]^T)",
        "-array([-1.246 -0.732])",
    ],
)
def test_blanks_for_commas_under_signs_brackets_and_transposes(printed: str) -> None:
    c = [[1.24591], [0.73226]] if "[[" in printed else [1.24591, 0.73226]
    x = [[1], [1]] if "[[" in printed else [1, 1]
    assert rule("sum(c*x)", f"dx = {printed}", x=x, c=c) == "rounded"
    assert rule("sum(c*x)", f"dx = {printed.replace('32', '33')}", x=x, c=c) is None
    # To the language it is an array of one difference.
    assert rule("c·x", "dx = -[3 -1]", x=[1], c=[-2]) == "tolerance"


@pytest.mark.parametrize(
    ("entry", "by"),
    [
        ("0.12", "rounded"),
        ("--0.12", "rounded"),
        ("-+-0.12", "rounded"),
        ("- 0.12", None),
        ("---0.12", None),
        ("9.0.12", None),
        ("1..12", None),
        ("3e0.12", None),
        ("0.12.3", None),
        ("1 0.12", None),
    ],
)
def test_the_entries_of_a_literal_are_whole_numbers(entry: str, by: str | None) -> None:
    for form in ("[{}, -0.65]", "({}, -0.65)", "tensor([{}, -0.65])", "[{}, ---0.65]"):
        answer = f"dx = {form.format(entry)}"
        assert rule("c·x", answer, x=[1, 2], c=[0.123456, -0.654321]) == by, answer
    assert rule("c·x", f"dx = [{entry}, --0.65]", x=[1, 2], c=[0.123456, -0.654321]) is None


def test_a_tuple_of_formulas() -> None:
    assert rule("x[0]^2 + y*x[1]", "dx = (2x[0], y)", x=[3, 2], y=4) == "formula"
    ((_, found, _),) = verdict("x[0]^2 + y*x[1]", "dx = y (1, 2)", x=[3, 2], y=4)
    assert found == "unreadable"


@pytest.mark.parametrize("name", ["tensor", "array", "Array", "float32", "float64"])
def test_a_name_of_the_program_is_a_factor_as_ever(name: str) -> None:
    program, values = f"{name}*(y+1)*x", {name: 5, "y": 2, "x": 3}
    assert rule(program, f"dx = {name}(y+1)", **values) == "formula"
    assert rule(program, f"dy = {name}(15)", **values) is None
    # What NumPy prints is an array whatever is called so.
    assert rule(f"{name}·x", f"dx = np.{name}([1, 2])", x=[3, 4], **{name: [1, 2]}) == "tolerance"
    assert rule("array·x", "dx = array([1, 2])", x=[3, 4], array=[1, 2]) == "tolerance"


def test_a_function_of_the_program_is_called_as_ever() -> None:
    assert rule("tensor(x) = 2x; x[0]*c", "dx = tensor([1, 0])", x=[1, 1], c=2) == "tolerance"


def test_the_place_of_what_is_wrong_in_a_tensor() -> None:
    (item,) = check(
        "sum(x)", "dx = tensor([1., z], dtype=torch.float64)", x=[1, 2], require=[]
    ).items
    assert item.diagnostic is not None
    assert "column 18" in item.diagnostic


def test_a_printed_matrix() -> None:
    program, c = "sum(c*x)", [[3, -1.25], [0.5, 20]]
    printed = "[[ 3.   -1.25]\n [ 0.5  20.  ]]"
    assert rule(program, f"dx = {printed}", x=[[1, 1], [1, 1]], c=c) == "tolerance"


@pytest.mark.parametrize(
    ("program", "values", "answers"),
    [
        ("norm(x)", {"x": [0, 0]}, "dx = [1.000, 0.100]"),  # of length 1.005
        ("norm(x)", {"x": [0, 0]}, "dx = [0.8, 0.63]"),
        ("max(x, y, 0)", {"x": 0, "y": 0}, "dx = 0.5040; dy = 0.5050"),
        ("max(x, y)", {"x": 0, "y": 0}, "dx = 0.504; dy = 0.505"),
        ("norm(x, ord=inf)", {"x": [0, 0]}, "dx = [0.5, 0.509]"),
        ("std(x)", {"x": [2, 2]}, "dx = [0.5, -0.495]"),
        ("relu(x)", {"x": 0}, "dx = 1.009"),
    ],
)
def test_just_beyond_what_is_valid(program: str, values: dict[str, Any], answers: str) -> None:
    assert not check(program, answers, values, require=[]).all_right


def test_the_key_is_the_usual_one_where_no_choice_explains_an_answer() -> None:
    (item,) = check("norm(x)", "dx = [1, 0.5]", x=[0, 0]).items
    assert not any(item.expected)  # type: ignore[arg-type]
    assert "other answers" not in (item.remark or "")


@pytest.mark.parametrize(
    ("answers", "verdicts"),
    [
        ("q = 3; dq = -4", ["right", "right"]),
        ("dp = -4; p = 3", ["right", "right"]),
        ("dq = -4", ["right"]),  # the lecture's name for it
        ("dw = -4; dx = -4", ["unknown", "right"]),
        ("w = 3; dw = -4; dp = -4", ["right", "right", "unknown"]),
    ],
)
def test_the_name_of_the_only_gate_without_one(answers: str, verdicts: list[str]) -> None:
    found = verdict("(x+y)*z", answers, x=-2, y=5, z=-4)
    assert [kind for _, kind, _ in found] == verdicts


def test_an_open_bracket_hides_no_other_answer() -> None:
    found = verdict("(x+y)*z", "dx = )(; dq2 = 7; dy = max(1; dz = 3", x=-2, y=5, z=-4)
    assert [kind for _, kind, _ in found] == ["unreadable", "unknown", "unreadable", "right"]


def test_circles_are_no_answers() -> None:
    program = "q = x + y; q*z"
    for answer in ("dx = dx", "dx = dy", "dq = dx", "q = q", "x = q", "dx = ∂f/∂x"):
        ((_, found, _),) = verdict(program, answer, x=1, y=2, z=3)
        assert found == "unreadable", answer


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        ("dx = 1.5; dy = 1.5", True),
        ("dx = 3; dy = 0", True),
        ("dx = 0; dy = 3", True),
        ("dx = 1; dy = 2", True),
        ("dx = 0.99; dy = 2.01", True),
        ("dx = 3; dy = 3", False),
        ("dx = 0; dy = 0", False),
        ("dx = 4; dy = -1", False),
    ],
)
def test_a_tie(answers: str, right: bool) -> None:
    """Of max(x, y)*z the two sides share z = 3."""
    marks = check("max(x, y)*z", answers, x=2, y=2, z=3, require=[])
    assert marks.all_right == right


@pytest.mark.parametrize(
    ("program", "answers", "right"),
    [
        ("relu(x)", "dx = 0.3", True),
        ("relu(x)", "dx = 1", True),
        ("relu(x)", "dx = 1.1", False),
        ("relu(x)", "dx = -0.1", False),
        ("|x|", "dx = -1", True),
        ("|x|", "dx = 0.5", True),
        ("|x|", "dx = 2", False),
        ("max(0, x)", "dx = 1", True),
        ("max(x, x + y, y)", "dx = 1; dy = 1", True),  # the middle one gets it all
        ("max(x, x + y, y)", "dx = 0.5; dy = 0.5", True),
        ("max(x, x + y, y)", "dx = 0.2; dy = 0.2", False),  # dx + dy is 1 at least
        ("relu(2x + 3y)", "dx = 1; dy = 1.5", True),
        ("relu(2x + 3y)", "dx = 1; dy = 2", False),  # not the same choice
        ("sign(x)", "dx = 1", False),  # it jumps: no subgradient
        ("relu(x + 2y)", "dx = 1; dy = 0", False),  # dy is right with relu'(0) = 0 only
        ("max(x, y, 0)", "dx = 1; dy = 1", False),  # no shares of 1
        ("max(x, y, 0)", "dx = 0.75; dy = 0.25", True),
        ("max(x, y, 0)", "dx = 0.25; dy = 0.25", True),
        ("3 relu(max(x, y))", "dx = 3; dy = 0", True),  # one kink behind the other
        ("3 relu(max(x, y))", "dx = 1; dy = 1", True),
        ("3 relu(max(x, y))", "dx = 3; dy = 1", False),
        ("relu(relu(x))", "dx = 0.5", True),
        ("relu(relu(x))", "dx = 1.5", False),
        ("max(0, |x| - |y|)", "dx = 1; dy = -1", True),
        ("a = max(x, y, 0); b = max(a, x); max(b, y)", "dx = 1", True),  # where x is the greatest
        ("q = 2*relu(x); max(x, -q, q)", "dx = 2", True),
        ("q = 2*relu(x); max(x, -q, q)", "dx = 2.5", False),
    ],
)
def test_kinks(program: str, answers: str, right: bool) -> None:
    values = {name: 0 for name in ("x", "y") if name in program}
    marks = check(program, answers, values, require=[])
    assert marks.all_right == right, marks.items


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        ("dx = 0; dy = 0; dz = 1", True),
        ("dx = 0.5; dy = 0.5; dz = 0.5", True),
        ("dx = 1; dy = 1; dz = 0", True),
        ("dx = 1; dy = 1; dz = 1", False),
        ("dx = 0; dy = 1; dz = 0", False),
    ],
)
def test_a_tie_on_paper_that_binary_numbers_miss(answers: str, right: bool) -> None:
    """0.1 + 0.2 is 0.30000000000000004, and still 0.3."""
    marks = check("max(x + y, z)", answers, x=0.1, y=0.2, z=0.3, require=[])
    assert marks.all_right == right
    answers = answers.replace("dx", "da").replace("dy", "db").replace("dz", "dc")
    values = {"a": [0.1, 7.0], "b": [0.2, 0.0], "c": [0.3, 0.0]}
    answers = "; ".join(
        f"{name} = [{share}, {int('c' not in name)}]"
        for name, share in (answer.split(" = ") for answer in answers.split("; "))
    )
    assert check("sum(max(a + b, c))", answers, values, require=[]).all_right == right


def test_a_wrong_gradient_above_does_not_hide_a_choice_below() -> None:
    """dw = -1 + 4·relu'(0) = 3, and dq = 1001 is plainly wrong."""
    marks = check("q = |x - w|; q + 4 relu(w)", {"dw": 3, "dq": 1001}, x=1, w=0, require=[])
    assert [item.verdict for item in marks.items] == ["right", "wrong"]


def test_a_wrong_answer_does_not_spoil_the_ball_of_a_norm() -> None:
    """q = 0; dx = z·u and dy = -z·u with |u| = 1 at most; one entry of dq is wrong."""
    answers = {"dx": [1.2, 0.0, -1.6], "dy": [-1.2, 0.0, 1.6], "dq": [901.2, 0.0, -1.6]}
    values = {"x": [1, 1, 2], "y": [1, 1, 2], "z": 2}
    marks = check("q = x - y; norm(q)*z", answers, values, require=[])
    assert [item.verdict for item in marks.items] == ["right", "right", "wrong"]


def test_one_slip_among_many_kinks() -> None:
    """All with relu'(0) = 1, but for one entry."""
    x = [0] * 40
    marks = check("sum(relu(x + b))", {"dx": [1] * 40, "db": [7] + [1] * 39}, x=x, b=x)
    assert [item.verdict for item in marks.items] == ["right", "wrong"]
    W, b = [[1, 2], [3, 4]], [-3, -7]
    answers = "db = [0, 0]; dx = [4, 6]; dW = [[1, 1], [1, 1]]"
    marks = check("sum(relu(W x + b))", answers, W=W, b=b, x=[1, 1])
    assert [item.verdict for item in marks.items] == ["wrong", "right", "right"]


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("sum(sort(x))", {"x": "zeros(0)"}),
        ("sum(sort(x))", {"x": "zeros(3, 0)"}),
        ("std(x) + norm(x) + sum(x)", {"x": "zeros(0)"}),
        ("svm_loss(x, y)", {"x": "zeros(0, 3)", "y": "zeros(0)"}),
    ],
)
def test_no_kinks_in_empty_arrays(program: str, values: dict[str, str]) -> None:
    definitions = "; ".join(f"{name} = {value}" for name, value in values.items())
    marks = check(f"{definitions}; {program}", "dx = 1", require=[])
    assert [item.verdict for item in marks.items] == ["wrong"]


@pytest.mark.parametrize(
    ("program", "values", "answers"),
    [
        ("norm(x) s^2", {"x": [0, 0], "s": 3}, "dx = [9, 0]; ds = [0, 0]"),
        ("abs(A[0, 0])*max(s, 0)", {"A": [[0, -2]], "s": 2}, "dA = [[1, 0]]; ds = []"),
    ],
)
def test_another_shape_beside_a_choice_at_a_kink(
    program: str, values: dict[str, Any], answers: str
) -> None:
    marks = check(program, answers, values, require=[])
    assert [item.verdict for item in marks.items] == ["right", "wrong"]
    assert (marks.items[1].remark or "").startswith("it has another shape")


@pytest.mark.parametrize(
    ("answers", "verdicts"),
    [
        # Any number up to 1 for the margin of 0 that x[0] has.
        ("f = 0; dx = [1, -1]; df = 1", ["right", "right", "right"]),
        ("f = 0; dx = [0.25, -0.25]; df = -1", ["right", "right", "wrong"]),
        ("f = 0; dx = [1, 0]", ["right", "wrong"]),
        ("dx = [1, 0]; df = 1", ["wrong", "right"]),
    ],
)
def test_labels_beside_a_kink(answers: str, verdicts: list[str]) -> None:
    """A label is not moved to find out what gradients there are near the kink."""
    marks = check("f = svm_loss(x, y)", answers, {"x": [1, 2], "y": 1}, require=[])
    assert [item.verdict for item in marks.items] == verdicts


def test_nothing_is_said_of_infinities_on_standard_error() -> None:
    """A warning would be an error here."""
    for x in ([1e200, 2.0], [math.inf, 0.0], [math.nan, -0.0]):
        for answer in ("dx = [inf, 1]", "dx = [1, nan]", "dx = [1e300, 1e-300]"):
            for dtype in ("float64", "float32"):
                check("sum(relu(x)) + norm(x) + max(x)", answer, x=x, dtype=dtype, require=[])


def test_kinks_in_arrays() -> None:
    def all_right(answers: str) -> bool:
        return check("sum(c*relu(x))", answers, x=[1, 0, 0], c=[1, 2, 3], require=[]).all_right

    assert all_right("dx = [1, 0, 0]")
    assert all_right("dx = [1, 1.5, 3]")
    assert not all_right("dx = [1, 2.5, 0]")
    assert not all_right("dx = [0.5, 0, 0]")


def test_ties_within_an_array() -> None:
    def all_right(program: str, answers: str) -> bool:
        return check(program, answers, X=[[1, 2, 2], [5, 5, 3]], require=[]).all_right

    assert all_right("3*sum(max(X, axis=1))", "dX = [[0, 1.5, 1.5], [1.5, 1.5, 0]]")
    assert all_right("3*sum(max(X, axis=1))", "dX = [[0, 3, 0], [1, 2, 0]]")
    assert not all_right("3*sum(max(X, axis=1))", "dX = [[0, 3, 3], [1, 2, 0]]")
    assert not all_right("3*sum(max(X, axis=1))", "dX = [[3, 0, 0], [1, 2, 0]]")
    assert all_right("max(X)", "dX = [[0, 0, 0], [0.25, 0.75, 0]]")
    assert not all_right("max(X)", "dX = [[0, 0, 0], [1.25, -0.25, 0]]")


@pytest.mark.parametrize(
    ("program", "values", "right", "wrong"),
    [
        pytest.param(  # three entries share the window's 3
            "3*sum(max_pool(x, 2))",
            {"x": [[1, 1], [1, 0]]},
            ("[[3, 0], [0, 0]]", "[[1, 1], [1, 0]]", "[[0, 2.5], [0.5, 0]]"),
            ("[[3, 3], [0, 0]]", "[[1, 1], [0, 1]]", "[[4, 0], [-1, 0]]", "[[1, 1], [0.5, 0]]"),
            id="max_pool",
        ),
        pytest.param(  # a tie in the lower one of two windows
            "sum(max_pool(x, 2))",
            {"x": [[1, 0], [0, 0], [2, 2], [1, 1]]},
            ("[[1,0],[0,0],[0,1],[0,0]]", "[[1,0],[0,0],[0.25,0.75],[0,0]]"),
            ("[[1,0],[0,0],[1,1],[0,0]]", "[[1,0],[0,0],[0,0],[1,0]]"),
            id="max_pool of a high image",
        ),
        pytest.param(  # two windows with 1 and 2 overlap in the middle: t, 1 - t + 2s, 2 - 2s
            "sum(c*max_pool(x, [1, 2], stride=1))",
            {"x": [[1, 1, 1]], "c": [[1, 2]]},
            ("[[1, 0, 2]]", "[[0, 3, 0]]", "[[1, 1, 1]]", "[[0.25, 1.75, 1]]"),
            ("[[2, 1, 0]]", "[[0, 0, 3]]", "[[1, 1, 0]]"),
            id="overlapping windows",
        ),
        pytest.param(  # the window at the corner holds one entry and padding
            "sum(max_pool(x, 2, stride=2, padding=1))",
            {"x": [[1, 0, 0], [5, 6, 7], [5, 8, 9]]},
            ("[[1, 1, 0], [1, 0, 0], [0, 0, 1]]", "[[1, 0.5, 0.5], [0.5, 0, 0], [0.5, 0, 1]]"),
            ("[[1, 1, 1], [1, 0, 0], [0, 0, 1]]", "[[2, 0, 0], [1, 0, 0], [0, 0, 1]]"),
            id="padded windows",
        ),
        pytest.param(  # the margins are 0 and -3: the loss rises with any part of the first
            "svm_loss(x, 0)",
            {"x": [3, 2, -1]},
            ("[0, 0, 0]", "[-1, 1, 0]", "[-0.25, 0.25, 0]"),
            ("[1, -1, 0]", "[-1, 0, 0]", "[-2, 2, 0]", "[-1, 0, 1]"),
            id="svm_loss",
        ),
        pytest.param(  # of two examples half each
            "svm_loss(x, [0, 2])",
            {"x": [[3, 2, -1], [0, 0, 4]]},
            ("[[-0.5, 0.5, 0], [0, 0, 0]]", "[[0, 0, 0], [0, 0, 0]]"),
            ("[[-1, 1, 0], [0, 0, 0]]", "[[0, 0, 0], [0.5, 0, -0.5]]"),
            id="svm_loss of two",
        ),
        pytest.param(  # the unit ball
            "2*norm(x)",
            {"x": [0, 0]},
            ("[1.2, 1.6]", "[-2, 0]", "[0, 0]", "[0.1, -0.3]"),
            ("[1.6, 1.6]", "[2.5, 0]"),
            id="norm",
        ),
        pytest.param(
            "norm(x, ord=1)",
            {"x": [0, 0, 3]},
            ("[1, -1, 1]", "[0.5, 0, 1]"),
            ("[1.5, 0, 1]", "[0, 0, 0.5]"),
            id="norm 1",
        ),
        pytest.param(  # the ball of the norm 1
            "norm(x, ord=inf)",
            {"x": [0, 0]},
            ("[0.5, -0.5]", "[1, 0]", "[0.2, 0.1]"),
            ("[1, 1]", "[0.75, -0.5]"),
            id="norm inf",
        ),
        pytest.param(
            "norm(x, ord=inf)",
            {"x": [2, -2, 1]},
            ("[0.3, -0.7, 0]", "[1, 0, 0]", "[0, -1, 0]"),
            ("[0.5, 0.5, 0]", "[1, -1, 0]", "[0.5, -0.4, 0.1]"),
            id="norm inf, a tie",
        ),
        pytest.param(  # rows by themselves
            "sum(norm(x, axis=1))",
            {"x": [[0, 0], [3, 4], [0, 0]]},
            ("[[0.6, 0.8], [0.6, 0.8], [0, -1]]",),
            ("[[0.9, 0.8], [0.6, 0.8], [0, 0]]", "[[0, 0], [1, 0], [0, 0]]"),
            id="norms of rows",
        ),
        pytest.param(  # ±1/2 is where the entries differ by nothing else
            "std(x)",
            {"x": [3, 3]},
            ("[0, 0]", "[0.5, -0.5]", "[-0.25, 0.25]"),
            ("[0.6, -0.6]", "[0.5, 0.5]", "[0.5, 0]"),
            id="std",
        ),
        pytest.param(
            "sum(c*sort(x))",
            {"x": [2, 1, 2], "c": [5, 1, 3]},
            ("[1, 5, 3]", "[3, 5, 1]", "[2, 5, 2]"),
            ("[4, 5, 0]", "[1, 5, 1]", "[5, 1, 3]"),
            id="sort",
        ),
        pytest.param(
            "sum(c*sort(x, axis=0))",
            {"x": [[2, 0], [2, 1]], "c": [[1, 1], [3, 3]]},
            ("[[1, 1], [3, 3]]", "[[3, 1], [1, 3]]"),
            ("[[3, 3], [1, 1]]",),
            id="sort columns",
        ),
        pytest.param(  # averages of the orders of 1, 2, 3
            "sum(c*sort(x))",
            {"x": [5, 5, 5], "c": [1, 2, 3]},
            ("[3, 2, 1]", "[2, 2, 2]", "[2, 3, 1]", "[1.5, 2, 2.5]"),
            ("[3, 3, 0]", "[3, 3, 3]", "[1, 4, 1]"),
            id="sort three",
        ),
        pytest.param(  # one kink behind the other
            "2*relu(max(x))",
            {"x": [0, 0]},
            ("[2, 0]", "[0, 0]", "[0.5, 1]", "[0, 2]"),
            ("[2, 2]", "[3, 0]", "[-1, 0]"),
            id="relu of a tie",
        ),
        pytest.param(
            "norm(relu(x))",
            {"x": [0, 0]},
            ("[0.6, 0.8]", "[0, 0]"),
            ("[1, 1]",),
            id="norm of relu",
        ),
        pytest.param(
            "sum(relu(max_pool(x, 2)))",
            {"x": [[0, 0], [0, 0]]},
            ("[[1, 0], [0, 0]]", "[[0, 0], [0.5, 0]]"),
            ("[[1, 0], [0, 1]]",),
            id="relu of max_pool",
        ),
        pytest.param(
            "sum(relu(x))",
            {"x": [0] * 100},
            (str([1] * 100), str([0.25, 0.75] * 50)),
            (str([1] * 99 + [2]), str([-1] + [0] * 99)),
            id="many kinks",
        ),
        pytest.param(  # one choice for all of them
            "sum(relu(x))",
            {"x": [0] * 1000},
            (str([1] * 1000), str([0] * 1000)),
            (str([1] * 999 + [2]), str([-1] * 1000)),
            id="too many kinks",
        ),
    ],
)
def test_every_generalised_gradient_is_right(
    program: str, values: dict[str, list[object]], right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    for answer in right:
        assert check(program, f"dx = {answer}", values, require=[]).all_right, answer
    for answer in wrong:
        assert not check(program, f"dx = {answer}", values, require=[]).all_right, answer


def test_every_structural_kink_has_its_freedom() -> None:
    rows = [row for row in ops.TABLE if isinstance(row, Structural)]
    kinked = {row.name: row.kink for row in rows if row.kink}
    assert len(kinked) == 7
    for name, kink in kinked.items():
        assert (kink.interval is None) == (kink.free is None), name


def test_what_follows_at_a_kink_is_carried() -> None:
    """dq = 8 is wrong (it is 4); of it the tie passes on 1 and 7."""
    marks = check("q = max(x, y); q^2", "dq = 8; dx = 1; dy = 7", x=2, y=2)
    assert [item.verdict for item in marks.items] == ["wrong", "carried", "carried"]


def test_names() -> None:
    program = "q = x + y; f = q*z"
    quantities = ("q", "dq", "df/dq", "∂f/∂q", "d(q)", "∂q", "x+y", "(y + x)", "d(x+y)", "value")
    values = ("3", "-4", "-4", "-4", "-4", "-4", "3", "3", "-4", "-12")
    for quantity, value in zip(quantities, values, strict=True):
        marks = check(program, f"{quantity} = {value}", x=-2, y=5, z=-4, require=[])
        assert marks.all_right, quantity
    for quantity in ("zz", "dzz", "d(x*y)", "dg/dq", "dq/dx", "4", "d4", "x+"):
        ((_, found, _),) = verdict(program, f"{quantity} = 3", x=-2, y=5, z=-4)
        assert found == "unknown", quantity


@pytest.mark.parametrize(
    "quantity",
    [
        "∇q",
        "∇_q f",
        "∇_q",
        "∇_{q} f(x, y)",
        "∇(x + y)",
        "∂ f / ∂ q",
        r"\nabla_q f",
        r"\nabla_{q} f(x)",
        r"\partial f / \partial q",
        r"\frac{\partial f}{\partial q}",
        r"\dfrac{ \partial f }{ \partial q }",
        r"\tfrac{df}{dq}",
        r"\frac{\mathrm{d} f}{\mathrm{d} q}",
        r"\frac{\partial f}{\partial (x + y)}",
    ],
)
def test_names_of_gradients_in_other_notations(quantity: str) -> None:
    """Whether the problem is in LaTeX or not."""
    for program in ("q = x + y; f = q*z", r"q = x + y \\ f = q \cdot z"):
        marks = check(program, f"{quantity} = -4", x=-2, y=5, z=-4, require=["dq"])
        assert marks.all_right


def test_names_of_gradients_with_names_in_latex() -> None:
    program = r"\mathcal{L} = \theta^2 W_{1}"
    for of in (r"\mathcal{L}", "L", "f"):
        for by, value in ((r"\theta", 12), ("W_{1}", 9), ("W_1", 9)):
            for name in (rf"\frac{{\partial {of}}}{{\partial {by}}}", rf"\nabla_{{{by}}} {of}"):
                assert check(program, f"{name} = {value}", theta=3, W_1=2, require=[]).all_right


def test_a_gradient_that_does_not_say_by_what() -> None:
    for quantity in ("∇f", "∇L", r"\nabla f"):
        (item,) = check("L = x*x", {quantity: 6}, x=3, require=[]).items
        assert item.verdict == "unknown"
        assert "there are dx and dL" in (item.remark or "")


@pytest.mark.parametrize(
    ("quantity", "meant"),
    [
        ("∇wieght", "dweight"),
        ("∂f/∂wieght", "dweight"),
        ("df/dwieght", "dweight"),
        ("dg/dweight", "dweight"),
        (r"\frac{\partial f}{\partial wieght}", "dweight"),
        ("wieght", "weight"),
    ],
)
def test_what_looks_like_a_gradient_means_one(quantity: str, meant: str) -> None:
    (item,) = check("weight^2", {quantity: 6}, weight=3, require=[]).items
    assert f"did you mean {meant}?" in (item.remark or "")
    (item,) = check("x^2", {"∇y": 6}, x=3, require=[]).items
    assert "there are dx, and expressions" in (item.remark or "")


def test_the_programs_own_name_wins() -> None:
    """dx is an input here: 7 is its value, and its gradient is x."""
    assert rule("dx*x", "dx = 7", x=3, dx=7) == "tolerance"
    assert rule("dx*x", "df/dx = 7", x=3, dx=7) == "tolerance"
    assert rule("dx*x", "d(dx) = 3", x=3, dx=7) == "tolerance"
    assert rule("dx*x", "∇x = 7", x=3, dx=7) == "tolerance"
    # A quotient of products, as it stands in the problem.
    quotient = r"\frac{d a}{d x}"
    assert rule(rf"{quotient} + a", f"{quotient} = 2", d=3, a=4, x=2) == "tolerance"


def test_an_expression_that_stands_there_twice() -> None:
    """Of (x+y)*(x+y)*z the two sums have gradients that are equal; with z in one they are not."""
    program = "sin(x+y) + 2*(x+y)"
    assert [v for _, v, _ in verdict(program, "d(x+y) = 2; d(x+y) = 1", x=1, y=-1)] == [
        "right",
        "right",
    ]
    found = verdict(program, "d(x+y) = 1; d(x+y) = 2; d(x+y) = 2", x=1, y=-1)
    assert [v for _, v, _ in found] == ["right", "right", "repeated"]


def test_remarks() -> None:
    def remark(program: str, answers: str, **values: Any) -> str | None:
        return check(program, answers, require=[], **values).items[0].remark

    assert remark("x*y", "dx = -3", x=2, y=3) == "the sign is wrong"
    matrix: dict[str, Any] = {"W": [[1, 2], [3, 4]], "x": [5, 7]}
    answer = "dW = [[5, 5], [7, 7]]"
    assert remark("sum(W·x)", answer, **matrix) == "it is the transpose of the right array"
    assert remark("x^2 y", "dx = 9; dy = 18", x=3, y=3) == "dx and dy are exchanged"
    assert remark("x^2 y", "dx = 9", x=3, y=3) == "this is dy"
    assert "too few digits" in (remark("sigmoid(x)", "dx = 0.2", x=1) or "")
    assert "cut off" in (remark("sigmoid(x)", "dx = 0.196", x=1) or "")
    assert "this point only" in (remark("x*y", "dx = 3x", x=1, y=3) or "")


def test_single_precision() -> None:
    marks = check("sigmoid(x)*y", "dx = 0.39322; dy = 0.731", x=1, y=2, dtype="float32")
    assert marks.all_right


def test_what_is_at_fault() -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("x*", {"x": 1}),
        ("x", {}),
        ("x", {"x": 1, "points": {"y": 1}}),
        ("x", {"x": 1, "require": ["y z"]}),
        ("x", {"x": 1, "pass_mark": 5}),
    ]
    for program, more in wrong:
        with pytest.raises(GradcalcError):
            check(program, "dx = 1", **more)
