"""Mistakes in the values of the forward pass."""

from collections.abc import Callable
from typing import Any

from gradcalc.ops.shapes import size_of
from gradcalc.services.check.diagnosis.mistake import SLIP, VALUE, Gate, Mistake


def _exponent(g: Gate) -> Any:
    return 2.0 if g.op == "square" else g.x[1]


def _opposite(g: Gate) -> Any:
    """The operand that the gate does not choose, of two."""
    if len(g.x) != 2:
        return None
    return g.x[0] + g.x[1] - g.value


def _untransposed(g: Gate) -> Any:
    shapes = g.shapes
    if len(shapes[0]) == 2 and shapes[0][0] == shapes[0][1]:
        return g.m.matmul(g.m.transpose(g.x[0]), g.x[1])
    return None


def _entry_by_entry(g: Gate) -> Any:
    if len(g.shapes[0]) == 2 and g.shapes[0] == g.shapes[1]:
        return g.x[0] * g.x[1]
    return None


def _count(g: Gate) -> float:
    return size_of(g.shapes[0]) / max(size_of(g.shape), 1)


def _row(
    name: str,
    title: str,
    ops: tuple[str, ...],
    fault: Callable[[Gate], Any],
    explanation: str,
    rule: str,
    rank: int = 0,
) -> Mistake:
    return Mistake(name, title, VALUE, ops, fault, explanation, rule, rank, habit=False)


ROWS = (
    _row(
        "value-added",
        "added instead of multiplied",
        ("mul",),
        lambda g: g.x[0] + g.x[1],
        "The value of {gate} is the sum of the factors, not their product",
        "The gate multiplies",
    ),
    _row(
        "value-multiplied",
        "multiplied instead of added",
        ("add",),
        lambda g: g.x[0] * g.x[1],
        "The value of {gate} is the product of the summands, not their sum",
        "The gate adds",
    ),
    _row(
        "value-subtracted",
        "subtracted instead of added",
        ("add",),
        lambda g: g.x[0] - g.x[1],
        "The value of {gate} is the difference of the summands, not their sum",
        "The gate adds; look at the signs",
    ),
    _row(
        "value-not-subtracted",
        "added instead of subtracted",
        ("sub",),
        lambda g: g.x[0] + g.x[1],
        "The value of {gate} is a sum, not a difference",
        "The gate subtracts; look at the signs",
    ),
    _row(
        "value-first-sign",
        "the sign of the first operand is lost in a value",
        ("add", "sub"),
        lambda g: g.x[1] - g.x[0] if g.op == "add" else -g.x[0] - g.x[1],
        "In the value of {gate} the first operand has the wrong sign",
        "Put the numbers in with their signs, in brackets: (-2) + 5",
    ),
    _row(
        "value-reversed",
        "a difference or quotient is the wrong way round",
        ("sub", "div"),
        lambda g: g.x[1] - g.x[0] if g.op == "sub" else g.m.div(g.x[1], g.x[0]),
        "The value of {gate} is the wrong way round",
        "The first operand comes first: x - y, x / y",
    ),
    _row(
        "value-not-divided",
        "multiplied instead of divided",
        ("div",),
        lambda g: g.x[0] * g.x[1],
        "The value of {gate} is a product, not a quotient",
        "The gate divides",
    ),
    _row(
        "value-not-negated",
        "a minus is lost in a value",
        ("neg",),
        lambda g: g.x[0],
        "The minus is lost in the value of {gate}",
        "The gate changes the sign",
    ),
    _row(
        "value-times-exponent",
        "a power is taken for a product with its exponent",
        ("pow", "square"),
        lambda g: g.x[0] * _exponent(g),
        "The value of {gate} is base times exponent, not a power",
        "xⁿ is n factors x",
    ),
    _row(
        "value-not-raised",
        "a power is left out",
        ("pow", "square"),
        lambda g: g.x[0],
        "The value of {gate} is the base alone",
        "xⁿ is n factors x",
    ),
    _row(
        "value-other-chosen",
        "the wrong operand is chosen",
        ("max", "min"),
        _opposite,
        "The value of {gate} is the operand that the gate does not choose",
        "Max chooses the greatest operand, min the least one",
    ),
    _row(
        "value-not-cut",
        "relu lets a negative number through",
        ("relu",),
        lambda g: g.x[0],
        "The value of {gate} is its operand, although that is negative",
        "relu(x) is x where x is positive, and 0 elsewhere",
    ),
    _row(
        "value-other-sign",
        "a function is taken of -x",
        ("sigmoid", "exp"),
        lambda g: g.m.sigmoid(-g.x[0]) if g.op == "sigmoid" else g.m.exp(-g.x[0]),
        "The value of {gate} is the one for the operand with the opposite sign",
        "Look at the sign of the operand",
    ),
    _row(
        "value-halved",
        "a root is taken for a half",
        ("sqrt",),
        lambda g: 0.5 * g.x[0],
        "The value of {gate} is half its operand, not the root",
        "√x times √x is x",
    ),
    _row(
        "value-sine-cosine",
        "sine and cosine are exchanged",
        ("sin", "cos"),
        lambda g: g.m.cos(g.x[0]) if g.op == "sin" else g.m.sin(g.x[0]),
        "The value of {gate} is that of the other of sine and cosine",
        "Sine of 0 is 0, cosine of 0 is 1",
    ),
    _row(
        "value-degrees",
        "an angle is taken in degrees",
        ("sin", "cos", "tan"),
        lambda g: getattr(g.m, g.op)(g.x[0] * (3.141592653589793 / 180.0)),
        "The value of {gate} is the one for an angle in degrees",
        "Angles are in radians",
    ),
    _row(
        "value-not-averaged",
        "a mean is not divided by n",
        ("mean",),
        lambda g: g.value * _count(g),
        "The value of {gate} is the sum, not the mean",
        "A mean is the sum divided by the number of entries",
    ),
    _row(
        "value-averaged",
        "a sum is divided by n",
        ("sum",),
        lambda g: g.value * (1.0 / max(_count(g), 1.0)),
        "The value of {gate} is the mean, not the sum",
        "A sum is not divided by the number of entries",
    ),
    _row(
        "value-transposed",
        "the matrix of a product is transposed",
        ("matmul", "dot"),
        _untransposed,
        "In the value of {gate} the matrix is transposed",
        "Entry i of W·x is row i of W times x",
    ),
    _row(
        "value-entry-by-entry",
        "a matrix product is taken entry by entry",
        ("matmul", "dot"),
        _entry_by_entry,
        "The value of {gate} is the product entry by entry, not the matrix product",
        "Entry i, j of A·B is row i of A times column j of B",
    ),
    _row(
        "value-sign-slip",
        "a value has the wrong sign",
        (),
        lambda g: -g.value,
        "The value of {gate} has the wrong sign",
        "Work the value out again, signs first",
        SLIP,
    ),
    _row(
        "value-decimal-slip",
        "the decimal point of a value is in the wrong place",
        (),
        lambda g: g.value * 10.0,
        "The value of {gate} is ten times too great",
        "Work the value out again, with an eye on the decimal point",
        SLIP,
    ),
    _row(
        "value-decimal-slip-down",
        "the decimal point of a value is in the wrong place",
        (),
        lambda g: g.value * 0.1,
        "The value of {gate} is ten times too small",
        "Work the value out again, with an eye on the decimal point",
        SLIP,
    ),
)
