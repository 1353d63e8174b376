"""Mistakes in the rules of sums, products, quotients and powers."""

from typing import Any

from gradcalc.services.check.diagnosis.mistake import RULE, Gate, Mistake

POWERS = ("pow", "square")


def _own_factor(g: Gate, place: int) -> Any:
    if g.op != "mul" and not len(g.shapes[0]) == len(g.shapes[1]) == 1:
        return None
    return g.up * g.x[place]


def _as_product(g: Gate, place: int) -> Any:
    return g.up * g.x[1 - place]


def _exponent(g: Gate) -> Any:
    return 2.0 if g.op == "square" else g.x[1]


def _power(faulty: Any) -> Any:
    """A fault at the base of a power with this exponent: ``faulty(m, value, base, exponent)``."""

    def fault(g: Gate, place: int) -> Any:
        if place:
            return None
        return g.up * faulty(g.m, g.value, g.x[0], _exponent(g))

    return fault


def _numerator(g: Gate) -> Any:
    return 1.0 if g.op == "reciprocal" else g.x[0]


def _below(faulty: Any) -> Any:
    """A fault in the gradient of a denominator: ``faulty(m, numerator, denominator)``."""

    def fault(g: Gate, place: int) -> Any:
        if g.op == "div" and place == 0:
            return None
        return g.up * faulty(g.m, _numerator(g), g.x[-1])

    return fault


ROWS = (
    Mistake(
        "mul-not-swapped",
        "a product's factors are not switched",
        RULE,
        ("mul", "matmul", "dot"),
        _own_factor,
        "At {gate} the factors were not switched: upstream times the operand itself, not times the"
        " other factor, was taken for the gradient of {operand}",
        "A product switches: the gradient of each factor is upstream times the other factor",
    ),
    Mistake(
        "mul-exchanged",
        "a product's two gradients are exchanged",
        RULE,
        ("mul", "matmul", "dot"),
        _own_factor,
        "At {gate} each factor got the gradient that belongs to the other one",
        "A product switches: the gradient of each factor is upstream times the other factor",
        together=True,
    ),
    Mistake(
        "add-multiplies",
        "a sum is differentiated like a product",
        RULE,
        ("add",),
        _as_product,
        "At {gate} the upstream gradient was multiplied by the other summand, as at a product",
        "A sum distributes: every summand gets the upstream gradient as it is",
    ),
    Mistake(
        "sub-sign-lost",
        "the minus of a difference is lost",
        RULE,
        ("sub", "neg"),
        lambda g, place: g.up if place or g.op == "neg" else None,
        "At {gate} the minus is lost: {operand} got the upstream gradient with its sign unchanged",
        "What is subtracted gets the upstream gradient with the opposite sign",
    ),
    Mistake(
        "div-sign-lost",
        "the minus in the derivative of a quotient is lost",
        RULE,
        ("div",),
        _below(lambda m, a, b: m.div(m.div(a, b), b)),
        "At {gate} the minus in the gradient of the denominator {operand} is missing",
        "The derivative of a/b by b is -a/b²",
    ),
    Mistake(
        "div-square-lost",
        "the square in the derivative of a quotient is lost",
        RULE,
        ("div",),
        _below(lambda m, a, b: -m.div(a, b)),
        "At {gate} the gradient of the denominator {operand} was divided by {operand} once, not"
        " twice",
        "The derivative of a/b by b is -a/b²: the denominator is squared",
    ),
    Mistake(
        "div-numerator-dropped",
        "the numerator in the derivative of a quotient is dropped",
        RULE,
        ("div",),
        _below(lambda m, a, b: -m.div(m.div(1.0, b), b)),
        "At {gate} the numerator is missing in the gradient of the denominator {operand}",
        "The derivative of a/b by b is -a/b²: the numerator stays",
    ),
    Mistake(
        "div-multiplies",
        "a quotient is differentiated like a product",
        RULE,
        ("div",),
        lambda g, place: g.up * g.x[1] if place == 0 else None,
        "At {gate} the gradient of the numerator was multiplied by the denominator instead of"
        " divided",
        "The derivative of a/b by a is 1/b",
    ),
    Mistake(
        "reciprocal-sign",
        "the minus in the derivative of 1/x is lost",
        RULE,
        ("reciprocal",),
        _below(lambda m, a, b: m.div(m.div(1.0, b), b)),
        "At {gate} the minus is missing: 1/x² was taken for the derivative of 1/x",
        "The derivative of 1/x is -1/x²",
    ),
    Mistake(
        "reciprocal-square",
        "the square in the derivative of 1/x is lost",
        RULE,
        ("reciprocal",),
        _below(lambda m, a, b: -m.div(1.0, b)),
        "At {gate} the square is missing: -1/x was taken for the derivative of 1/x",
        "The derivative of 1/x is -1/x²",
    ),
    Mistake(
        "reciprocal-as-logarithm",
        "1/x is integrated, not differentiated",
        RULE,
        ("reciprocal", "div"),
        _below(lambda m, a, b: a * m.log(m.abs(b))),
        "At {gate} log(x), the integral of 1/x, was taken for its derivative",
        "The derivative of 1/x is -1/x²",
    ),
    Mistake(
        "power-not-reduced",
        "the exponent is not reduced",
        RULE,
        POWERS,
        _power(lambda m, v, x, n: n * v),
        "At {gate} the exponent was not reduced by 1",
        "The derivative of xⁿ is n·xⁿ⁻¹",
    ),
    Mistake(
        "power-factor-dropped",
        "the exponent in front of a power is dropped",
        RULE,
        POWERS,
        _power(lambda m, v, x, n: m.pow(x, n - 1.0)),
        "At {gate} the factor that the exponent becomes is missing",
        "The derivative of xⁿ is n·xⁿ⁻¹: the exponent comes down as a factor",
    ),
    Mistake(
        "power-exponent-dropped",
        "the reduced exponent is dropped",
        RULE,
        ("pow",),
        _power(lambda m, v, x, n: n * x),
        "At {gate} the exponent n-1 is missing: the local gradient is n·x, not n·xⁿ⁻¹",
        "The derivative of xⁿ is n·xⁿ⁻¹",
    ),
    Mistake(
        "power-base-dropped",
        "only the exponent is left of a power",
        RULE,
        POWERS,
        _power(lambda m, v, x, n: n + 0.0 * x),
        "At {gate} only the factor n was kept of the local gradient n·xⁿ⁻¹",
        "The derivative of xⁿ is n·xⁿ⁻¹",
    ),
    Mistake(
        "power-raised",
        "the exponent is raised instead of reduced",
        RULE,
        POWERS,
        _power(lambda m, v, x, n: n * m.pow(x, n + 1.0)),
        "At {gate} the exponent went up by 1, not down",
        "The derivative of xⁿ is n·xⁿ⁻¹, for negative n too",
    ),
)
