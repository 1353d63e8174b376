"""Mistakes in the rules of functions, and of the gates that choose."""

from typing import Any

from gradcalc.services.check.diagnosis.mistake import RULE, Gate, Mistake

#: A gate that hands the gradient to one of its operands.
CHOICES = ("max", "min", "where")
#: Gates that let the gradient through or not, by the sign of an operand.
MASKS = ("relu", "leaky_relu", "clip", "hard_tanh")


def _by(local: Any) -> Any:
    """A fault that puts another local gradient in the place of the true one: upstream · local."""

    def fault(g: Gate, place: int) -> Any:
        return g.up * local(g.m, g.value, *g.x)

    return fault


def _as_power(g: Gate, place: int) -> Any:
    """What the power rule makes of b^x."""
    if g.op == "pow":
        return g.up * g.x[1] * g.m.pow(g.x[0], g.x[1] - 1.0) if place == 1 else None
    base = g.m.exp(1.0) if g.op == "exp" else 2.0
    return g.up * g.x[0] * g.m.pow(base, g.x[0] - 1.0)


def _no_logarithm(g: Gate, place: int) -> Any:
    if g.op == "pow":
        return g.up * g.value if place == 1 else None
    if g.op == "exp2":
        return g.up * g.value
    return g.m.div(g.up, g.x[0])


def _to_loser(g: Gate, place: int) -> Any:
    local = g.local(place)
    if local is None or (g.op == "where" and place == 0):
        return None
    return g.up * (1.0 - local)


def _through(g: Gate, place: int) -> Any:
    """The upstream gradient, as if the gate were open."""
    if (place and g.op in MASKS) or (g.op == "where" and place == 0):
        return None
    return g.up


def _times_operand(g: Gate, place: int) -> Any:
    local = g.local(place)
    if local is None or (place and g.op in MASKS) or (g.op == "where" and place == 0):
        return None
    return g.up * local * g.x[place]


def _upstream_mask(g: Gate, place: int) -> Any:
    if g.op == "max" and not _is_relu(g):
        return None
    return g.m.where(g.m.gt(g.up, 0.0), g.up, 0.0) if not place or g.op == "max" else None


def _is_relu(g: Gate) -> bool:
    """Whether a max is one with the constant 0."""
    if len(g.x) != 2 or len(g.places) != 1:
        return False
    other = g.x[1 - g.places[0]]
    return not g.shapes[1 - g.places[0]] and bool(other == 0.0)


def _other_side(g: Gate, place: int) -> Any:
    local = g.local(place)
    return None if local is None or place else g.up * (1.0 - local)


ROWS = (
    Mistake(
        "exp-as-power",
        "an exponential is differentiated as a power",
        RULE,
        ("exp", "exp2", "pow"),
        _as_power,
        "At {gate} the rule for powers was used, which is for a variable base",
        "The derivative of eˣ is eˣ, and that of bˣ is bˣ·log(b)",
    ),
    Mistake(
        "base-logarithm-dropped",
        "the logarithm of the base is dropped",
        RULE,
        ("exp2", "pow", "log2", "log10"),
        _no_logarithm,
        "At {gate} the natural logarithm of the base is missing in the local gradient",
        "The derivative of bˣ is bˣ·log(b), that of the logarithm to the base b is 1/(x·log(b))",
    ),
    Mistake(
        "log-as-one-over-upstream",
        "a logarithm's gradient is 1/upstream",
        RULE,
        ("log", "log2", "log10", "log1p"),
        lambda g, place: g.m.div(1.0, g.up),
        "At {gate} the gradient is 1 over the upstream gradient, not upstream times 1/x",
        "The derivative of log(x) is 1/x: x is the operand of the logarithm",
    ),
    Mistake(
        "log-of-value",
        "a logarithm's gradient is divided by its value",
        RULE,
        ("log",),
        _by(lambda m, v, x: m.div(1.0, v)),
        "At {gate} the upstream gradient was divided by log(x), not by x",
        "The derivative of log(x) is 1/x: x is the operand of the logarithm",
    ),
    Mistake(
        "sigmoid-as-value",
        "σ′ is taken to be σ",
        RULE,
        ("sigmoid",),
        _by(lambda m, v, x: v),
        "At {gate} the local gradient was taken to be σ itself",
        "The derivative of σ is σ·(1-σ)",
    ),
    Mistake(
        "sigmoid-as-rest",
        "σ′ is taken to be 1-σ",
        RULE,
        ("sigmoid",),
        _by(lambda m, v, x: 1.0 - v),
        "At {gate} the local gradient was taken to be 1-σ",
        "The derivative of σ is σ·(1-σ)",
    ),
    Mistake(
        "sigmoid-twice",
        "σ′ is worked out at the gate's output",
        RULE,
        ("sigmoid",),
        _by(lambda m, v, x: m.sigmoid(v) * m.sigmoid(-v)),
        "At {gate} σ was applied once more: σ(v)·(1-σ(v)) with v the gate's output",
        "The gate's output is σ already: the local gradient is output·(1-output)",
    ),
    Mistake(
        "sigmoid-of-operand",
        "σ′ is worked out with the operand for σ",
        RULE,
        ("sigmoid",),
        _by(lambda m, v, x: x * (1.0 - x)),
        "At {gate} the operand was put in the place of σ: x·(1-x)",
        "The derivative of σ is σ·(1-σ), with the gate's output for σ",
    ),
    Mistake(
        "tanh-square-forgotten",
        "tanh′ is taken to be 1-tanh",
        RULE,
        ("tanh",),
        _by(lambda m, v, x: 1.0 - v),
        "At {gate} the square is missing: 1-tanh was taken for the derivative",
        "The derivative of tanh is 1-tanh²",
    ),
    Mistake(
        "tanh-of-operand",
        "tanh′ is worked out with the operand for tanh",
        RULE,
        ("tanh",),
        _by(lambda m, v, x: 1.0 - x * x),
        "At {gate} the operand was put in the place of tanh: 1-x²",
        "The derivative of tanh is 1-tanh², with the gate's output for tanh",
    ),
    Mistake(
        "max-to-loser",
        "the gradient is routed to the wrong operand",
        RULE,
        CHOICES,
        _to_loser,
        "At {gate} the upstream gradient went to the operand that was not chosen",
        "The gate routes the whole upstream gradient to the operand that it chose, and 0 to the"
        " others",
        together=True,
    ),
    Mistake(
        "max-to-both",
        "the gradient is routed to every operand",
        RULE,
        CHOICES,
        _through,
        "At {gate} every operand got the upstream gradient",
        "The gate routes the whole upstream gradient to the operand that it chose, and 0 to the"
        " others",
        together=True,
    ),
    Mistake(
        "max-value-as-factor",
        "the routed gradient is multiplied by the value",
        RULE,
        (*CHOICES, *MASKS),
        _times_operand,
        "At {gate} the upstream gradient was multiplied by the value of {operand}",
        "The gate routes: the operand that it chose gets the upstream gradient as it is",
    ),
    Mistake(
        "relu-mask-missing",
        "relu's mask is missing",
        RULE,
        (*MASKS, "hinge"),
        lambda g, place: _through(g, place) if g.op != "hinge" else -g.up * g.x[1 - place],
        "At {gate} the gradient passed although the gate is closed for this operand",
        "Relu passes the upstream gradient where its operand is positive, and 0 elsewhere",
    ),
    Mistake(
        "relu-upstream-mask",
        "relu's mask is taken from the upstream gradient",
        RULE,
        ("relu", "leaky_relu", "max"),
        _upstream_mask,
        "At {gate} the sign of the upstream gradient decided what passes, not the sign of the"
        " operand",
        "Relu passes the upstream gradient where its operand is positive, whatever sign that"
        " gradient has",
    ),
    Mistake(
        "relu-inverted",
        "relu's mask is inverted",
        RULE,
        ("relu", "hard_tanh"),
        _other_side,
        "At {gate} the gradient passed where the operand is negative, and not where it is positive",
        "Relu passes the upstream gradient where its operand is positive, and 0 elsewhere",
    ),
    Mistake(
        "abs-sign-lost",
        "the sign in the derivative of |x| is lost",
        RULE,
        ("abs",),
        lambda g, place: g.up,
        "At {gate} the sign of the operand is missing in the local gradient",
        "The derivative of |x| is 1 for a positive x and -1 for a negative one",
    ),
    Mistake(
        "sqrt-half-dropped",
        "the 1/2 in the derivative of a root is dropped",
        RULE,
        ("sqrt",),
        _by(lambda m, v, x: m.div(1.0, v)),
        "At {gate} the factor 1/2 is missing",
        "The derivative of √x is 1/(2·√x)",
    ),
    Mistake(
        "sqrt-not-inverted",
        "a root is not brought below the line",
        RULE,
        ("sqrt",),
        _by(lambda m, v, x: 0.5 * v),
        "At {gate} √x/2 was taken for the derivative: the root belongs below the line",
        "The derivative of √x is 1/(2·√x)",
    ),
    Mistake(
        "cos-sign-lost",
        "the minus in the derivative of the cosine is lost",
        RULE,
        ("cos",),
        _by(lambda m, v, x: m.sin(x)),
        "At {gate} the minus is missing: the derivative of cos is -sin",
        "The derivative of cos(x) is -sin(x)",
    ),
    Mistake(
        "sin-sign",
        "sine gets the minus that belongs to the cosine",
        RULE,
        ("sin",),
        _by(lambda m, v, x: -m.cos(x)),
        "At {gate} there is a minus too many: the derivative of sin is cos",
        "The derivative of sin(x) is cos(x)",
    ),
    Mistake(
        "trigonometric-unchanged",
        "sine or cosine is left as it is",
        RULE,
        ("sin", "cos"),
        _by(lambda m, v, x: v),
        "At {gate} the value of the function was taken for its derivative",
        "The derivative of sin(x) is cos(x), that of cos(x) is -sin(x)",
    ),
)
