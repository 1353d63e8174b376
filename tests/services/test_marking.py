"""Verdicts on submissions that are made here, with a backward pass of its own."""

import math
import random
from collections.abc import Callable, Collection
from functools import partial
from operator import mul

import pytest

from gradcalc.services.check.grade import check
from gradcalc.services.check.marks import Marks

#: Each operation: how it is written, its value, and its derivatives by its operands.
UNARY: dict[str, tuple[str, Callable[[float], float], Callable[[float], float]]] = {
    "sigmoid": (
        "sigmoid({})",
        lambda x: 1 / (1 + math.exp(-x)),
        lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
    ),
    "tanh": ("tanh({})", math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "sin": ("sin({})", math.sin, math.cos),
    "square": ("{}^2", lambda x: x * x, lambda x: 2 * x),
    "neg": ("-{}", lambda x: -x, lambda x: -1.0),
}
BINARY: dict[
    str,
    tuple[str, Callable[[float, float], float], Callable[[float, float], tuple[float, float]]],
] = {
    "add": ("{} + {}", lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
    "sub": ("{} - {}", lambda x, y: x - y, lambda x, y: (1.0, -1.0)),
    "mul": ("{} * {}", lambda x, y: x * y, lambda x, y: (y, x)),
    "div": ("{} / {}", lambda x, y: x / y, lambda x, y: (1 / y, -x / y / y)),
}

Gate = tuple[str, str, tuple[str, ...]]


class Exercise:
    """A random problem of named gates, and a student who works it out.

    ``student(spoil)`` returns what is written down: ``spoil(name, number)`` is called with each
    number as it comes out by the true rule from what was written before, and returns what is
    written.
    """

    def __init__(self, seed: int, gates: int = 7) -> None:
        chance = random.Random(seed)
        self.inputs = {
            f"x{i}": chance.choice((-1, 1)) * chance.randrange(3, 30) / 8 for i in range(3)
        }
        self.gates: list[Gate] = []
        names = list(self.inputs)
        unused = dict.fromkeys(names)
        for i in range(gates):
            last = i == gates - 1
            if len(unused) > gates - i or chance.random() < 0.6 or last:
                operands = tuple(chance.sample(list(unused), min(2, len(unused))))
                while len(operands) < 2:
                    operands += (chance.choice([n for n in names if n not in operands]),)
                op = chance.choice(list(BINARY))
            else:
                operands = (chance.choice(list(unused)),)
                op = chance.choice(list(UNARY))
            name = f"g{i}"
            self.gates.append((name, op, operands))
            for operand in operands:
                unused.pop(operand, None)
            unused[name] = None
            names.append(name)
        self.output = f"g{gates - 1}"

    def reaching(self) -> set[str]:
        """The names that the output depends on."""
        found = {self.output}
        for name, _, operands in reversed(self.gates):
            if name in found:
                found.update(operands)
        return found

    def program(self) -> str:
        lines = []
        for name, op, operands in self.gates:
            form = UNARY[op][0] if op in UNARY else BINARY[op][0]
            lines.append(f"{name} = {form.format(*operands)}")
        return "\n".join(lines)

    def student(self, spoil: Callable[[str, float], float]) -> dict[str, float]:
        values = dict(self.inputs)
        written: dict[str, float] = {}
        for name, op, operands in self.gates:
            given = [values[operand] for operand in operands]
            value = UNARY[op][1](*given) if op in UNARY else BINARY[op][1](*given)
            written[name] = values[name] = spoil(name, value)
        gradients = dict.fromkeys(values, 0.0)
        gradients[self.output] = 1.0
        reaching = self.reaching()
        for name, op, operands in reversed(self.gates):
            if name not in reaching:
                continue
            if name != self.output:
                written[f"d{name}"] = gradients[name] = spoil(f"d{name}", gradients[name])
            given = [values[operand] for operand in operands]
            local = (UNARY[op][2](*given),) if op in UNARY else BINARY[op][2](*given)
            for operand, derivative in zip(operands, local, strict=True):
                gradients[operand] += gradients[name] * derivative
        for name in self.inputs:
            written[f"d{name}"] = spoil(f"d{name}", gradients[name])
        return written

    def is_tame(self) -> bool:
        """Whether no number is too big or small to be written with a few digits."""
        try:
            numbers = self.student(exactly).values()
        except (ZeroDivisionError, OverflowError):
            return False
        return all(x == 0 or 1e-3 < abs(x) < 1e4 for x in numbers)


def slip(
    victims: Collection[str], wrong: Callable[[float], float]
) -> Callable[[str, float], float]:
    """What is written by somebody who gets some of the numbers wrong."""
    return lambda name, x: wrong(x) if name in victims else x


def exactly(name: str, x: float) -> float:
    return x


EXERCISES = [e for e in map(Exercise, range(400)) if e.is_tame()][:120]


def rounded(x: float, digits: int) -> str:
    """A number as people write it, to so many significant digits: 120 has three, 1.2e2 has two."""
    if x == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(x)))
    return f"{x:.{places}f}" if places >= 0 else f"{x:.{digits - 1}e}"


def marked(exercise: Exercise, written: dict[str, str]) -> Marks:
    return check(exercise.program(), written, exercise.inputs, hints=0)


def verdicts(marks: Marks) -> dict[str, str]:
    return {item.quantity: item.verdict for item in marks.items}


def test_there_are_enough_exercises() -> None:
    assert len(EXERCISES) == 120


@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_a_right_submission_is_right(digits: int) -> None:
    """Worked out exactly, and every number rounded when it is written down."""
    for exercise in EXERCISES:
        written = exercise.student(exactly)
        marks = marked(exercise, {name: rounded(x, digits) for name, x in written.items()})
        assert set(verdicts(marks).values()) == {"right"}, (exercise.program(), marks.items)
        assert marks.passed


@pytest.mark.parametrize("digits", [3, 4, 5])
def test_rounding_on_the_way_is_no_mistake(digits: int) -> None:
    """Every step starts from the rounded numbers of the steps before."""
    for exercise in EXERCISES:
        written = exercise.student(lambda name, x: float(rounded(x, digits)))
        marks = marked(exercise, {name: rounded(x, digits) for name, x in written.items()})
        assert set(verdicts(marks).values()) == {"right"}, (exercise.program(), marks.items)


def test_rounding_explains_no_more_than_it_can() -> None:
    """q = 1.3 is from 1.25 to 1.35, so that dy = q/4 is 0.3375 at most; true is 0.3131."""
    values = {"x": 0.95, "y": 0.9, "z": -0.63}
    for answer, verdict in (("0.337", "right"), ("0.344", "wrong")):
        answers = {"q": "1.3", "dy": answer}
        marks = check("p = z/(2+x^2); q = exp(y/4)", answers, values, require=[])
        assert verdicts(marks)["dy"] == verdict


def test_zero_for_next_to_nothing_is_no_slip_of_the_decimal_point() -> None:
    """dy is 2.9e-7."""
    marks = check("tanh(y^3)", {"dy": "0.0"}, y=2.12)
    (item,) = marks.items
    assert item.remark == "0.0 has too few digits: write 2 at least"
    assert not marks.diagnosis


def test_a_slip_is_charged_once() -> None:
    """One number is wrong, and all behind it follow from it by the true rules."""
    carried = 0
    for seed, exercise in enumerate(EXERCISES):
        true = exercise.student(exactly)
        chance = random.Random(seed)
        victim = chance.choice([name for name in true if abs(true[name]) > 0.01])
        factor = chance.choice((-1.0, 2.0, 0.5, 10.0))
        try:
            written = exercise.student(slip([victim], partial(mul, factor)))
        except (ZeroDivisionError, OverflowError):
            continue
        marks = marked(exercise, {name: repr(x) for name, x in written.items()})
        for item in marks.items:
            if 0 < abs(written[item.quantity] - true[item.quantity]) < 1e-6:
                continue  # nearly within the absolute tolerance
            right = math.isclose(
                written[item.quantity], true[item.quantity], rel_tol=1e-4, abs_tol=1e-8
            )
            expected = "right" if right else "wrong" if item.quantity == victim else "carried"
            assert item.verdict == expected, (exercise.program(), victim, item)
            assert item.cause == (victim if expected == "carried" else None)
            carried += expected == "carried"
        assert sum(item.verdict == "wrong" for item in marks.items) <= 1
    assert carried > 100


def test_a_slip_with_rounded_numbers_is_charged_once() -> None:
    for seed, exercise in enumerate(EXERCISES):
        true = exercise.student(exactly)
        chance = random.Random(seed)
        victim = chance.choice([name for name in true if abs(true[name]) > 0.01])
        exact = exercise.student(slip([victim], partial(mul, -2)))
        marks = marked(exercise, {name: rounded(x, 4) for name, x in exact.items()})
        wrong = [item.quantity for item in marks.items if item.verdict == "wrong"]
        assert wrong == [victim], (exercise.program(), marks.items)


def test_two_slips_are_charged_twice() -> None:
    tried = 0
    for seed, exercise in enumerate(EXERCISES):
        true = exercise.student(exactly)
        chance = random.Random(seed)
        gradients = [name for name in true if name[0] == "d" and abs(true[name]) > 0.01]
        if len(gradients) < 3:
            continue
        victims = chance.sample(gradients, 2)
        written = exercise.student(slip(victims, lambda x: 3.0 * x + 0.5))
        marks = marked(exercise, {name: repr(x) for name, x in written.items()})
        wrong = {item.quantity for item in marks.items if item.verdict == "wrong"}
        assert wrong == set(victims), (exercise.program(), victims, marks.items)
        tried += 1
    assert tried > 50


def test_what_was_not_written_is_worked_out() -> None:
    """Only dg, wrong, and the inputs' gradients are written: the rest goes through by the rules."""
    marks = check(
        "g = x*y; h = g + z; f = h^2",
        {"dh": 5, "dx": 15, "dy": 10, "dz": 5},
        x=2,
        y=3,
        z=1,
    )
    # True is dh = 14, dx = 42, dy = 28, dz = 14.
    assert verdicts(marks) == {"dh": "wrong", "dx": "carried", "dy": "carried", "dz": "carried"}
    assert {item.cause for item in marks.items} == {None, "dh"}


def test_arrays_are_carried() -> None:
    """By hand: q = [0.22, 0.26], dq = 2q; with dq = q, dW = q xᵀ and dx = Wᵀ q."""
    marks = check(
        "q = W·x; f = ‖q‖²",
        "dq = [0.22, 0.26]; dW = [[0.044, 0.088], [0.052, 0.104]]; dx = [-0.056, 0.318]",
        W=[[0.1, 0.5], [-0.3, 0.8]],
        x=[0.2, 0.4],
    )
    assert verdicts(marks) == {"dq": "wrong", "dW": "carried", "dx": "carried"}


@pytest.mark.parametrize(("dn", "dx"), [("2", "0"), ("0", "2"), ("1", "1"), ("0.5", "1.5")])
def test_a_tie_that_only_the_own_numbers_have(dn: str, dx: str) -> None:
    """max(2, 1) was taken to be 1, which ties with x: any share of dk = 2k = 2 follows."""
    answers = f"n = 1; k = 1; dk = 2; dn = {dn}; dx = {dx}; dy = {dn}; dz = 0"
    marks = check("n = max(z, y); k = max(n, x); k^2", answers, x=1, y=2, z=1)
    verdict = {**dict.fromkeys(("k", "dk", "dn", "dx", "dy"), "carried"), "n": "wrong"}
    # By the true numbers dx and dz are 0.
    assert verdicts(marks) == {**verdict, "dz": "right", **({"dx": "right"} if dx == "0" else {})}


def test_a_tie_of_the_own_numbers_has_no_shares_beyond_the_whole() -> None:
    answers = "n = 1; k = 1; dk = 2; dn = 2; dx = 2"
    marks = check("n = max(z, y); k = max(n, x); k^2", answers, x=1, y=2, z=1, require=[])
    assert verdicts(marks)["dx"] == "wrong"


@pytest.mark.parametrize("zero", ["0", "0.000", "0.0000"])
def test_a_sum_that_cancels_is_zero_though_its_rounded_parts_do_not(zero: str) -> None:
    """df = 1/3; with -2/3 for dp, dq = df + dp/2 = 0, and 0.3333 - 0.6667/2 = -0.00005."""
    answers = f"df = 0.3333; dp = -0.6667; dq = {zero}; dx = {zero}"
    marks = check("q = 3x; p = q/2; f = q - p; f*z", answers, x=1.0, z=1 / 3, require=[])
    assert verdicts(marks) == {"df": "right", "dp": "wrong", "dq": "carried", "dx": "carried"}


def test_arrays_are_carried_from_rounded_entries() -> None:
    """dP is wrong; dw = Xᵀ dP, with what dP was before it was rounded to two digits, 0.1249,
    0.1151, 0.1349, 0.1151. Entries that are rounded to one side would cancel."""
    marks = check(
        "P = X·w; c·P",
        "dP = [0.12, 0.12, 0.13, 0.12]; dw = [0.0296, -0.0296]",
        X=[[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]],
        w=[1.0, 1.0],
        c=[0.5, 0.25, 0.75, 0.125],
        require=[],
    )
    assert verdicts(marks) == {"dP": "wrong", "dw": "carried"}


def test_a_thousand_nodes() -> None:
    lines = ["g0 = x * y"]
    lines += [f"g{i} = sin(g{i - 1}) + x * {i}" for i in range(1, 400)]
    answers = "\n".join(f"dg{i} = 1" for i in range(399)) + "\ndx = 3; dy = 4"
    marks = check("\n".join(lines), answers, x=0.1, y=0.2, hints=0)
    assert len(marks.items) == 401
