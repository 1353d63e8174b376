"""The students' mistakes, each written down independently of the package."""

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random

from .paper import FUNCTIONS, OPERATIONS, Line, Paper, Slip, sigmoid

Rule = Callable[..., Sequence[float]]

#: By name: the operation that it is about, and what each operand gets: (up, value, *operands).
RULES: dict[tuple[str, str], Rule] = {
    ("mul-not-swapped", "mul"): lambda u, v, a, b: (u * a, u * b),
    ("mul-exchanged", "mul"): lambda u, v, a, b: (u * a, u * b),
    ("add-multiplies", "add"): lambda u, v, a, b: (u * b, u * a),
    ("sub-sign-lost", "sub"): lambda u, v, a, b: (u, u),
    ("sub-sign-lost", "neg"): lambda u, v, a: (u,),
    ("div-sign-lost", "div"): lambda u, v, a, b: (u / b, u * a / b**2),
    ("div-square-lost", "div"): lambda u, v, a, b: (u / b, -u * a / b),
    ("div-numerator-dropped", "div"): lambda u, v, a, b: (u / b, -u / b**2),
    ("div-multiplies", "div"): lambda u, v, a, b: (u * b, -u * a / b**2),
    ("div-sign-lost", "inverse"): lambda u, v, a: (u / a**2,),
    ("div-square-lost", "inverse"): lambda u, v, a: (-u / a,),
    ("reciprocal-sign", "reciprocal"): lambda u, v, a: (u / a**2,),
    ("reciprocal-square", "reciprocal"): lambda u, v, a: (-u / a,),
    ("reciprocal-as-logarithm", "reciprocal"): lambda u, v, a: (u * math.log(abs(a)),),
    ("power-not-reduced", "cube"): lambda u, v, a: (u * 3 * a**3,),
    ("power-not-reduced", "square"): lambda u, v, a: (u * 2 * a**2,),
    ("power-factor-dropped", "cube"): lambda u, v, a: (u * a**2,),
    ("power-factor-dropped", "square"): lambda u, v, a: (u * a,),
    ("power-exponent-dropped", "cube"): lambda u, v, a: (u * 3 * a,),
    ("power-base-dropped", "square"): lambda u, v, a: (u * 2,),
    ("power-raised", "cube"): lambda u, v, a: (u * 3 * a**4,),
    ("exp-as-power", "exp"): lambda u, v, a: (u * a * math.exp(a - 1),),
    ("log-as-one-over-upstream", "log"): lambda u, v, a: (1 / u,),
    ("log-of-value", "log"): lambda u, v, a: (u / math.log(a),),
    ("sigmoid-as-value", "sigmoid"): lambda u, v, a: (u * sigmoid(a),),
    ("sigmoid-as-rest", "sigmoid"): lambda u, v, a: (u * (1 - sigmoid(a)),),
    ("sigmoid-twice", "sigmoid"): lambda u, v, a: (
        u * sigmoid(sigmoid(a)) * (1 - sigmoid(sigmoid(a))),
    ),
    ("sigmoid-of-operand", "sigmoid"): lambda u, v, a: (u * a * (1 - a),),
    ("tanh-square-forgotten", "tanh"): lambda u, v, a: (u * (1 - math.tanh(a)),),
    ("tanh-of-operand", "tanh"): lambda u, v, a: (u * (1 - a * a),),
    ("max-to-loser", "max"): lambda u, v, a, b: (u, 0) if a < b else (0, u),
    ("max-to-loser", "min"): lambda u, v, a, b: (u, 0) if a > b else (0, u),
    ("max-to-both", "max"): lambda u, v, a, b: (u, u),
    ("max-value-as-factor", "max"): lambda u, v, a, b: (u * a, 0) if a > b else (0, u * b),
    ("max-value-as-factor", "relu"): lambda u, v, a: (u * v,),
    ("relu-upstream-mask", "relu"): lambda u, v, a: (u if u > 0 else 0,),
    ("relu-mask-missing", "relu"): lambda u, v, a: (u,),
    ("relu-inverted", "relu"): lambda u, v, a: (u if a < 0 else 0,),
    ("abs-sign-lost", "abs"): lambda u, v, a: (u,),
    ("sqrt-half-dropped", "sqrt"): lambda u, v, a: (u / math.sqrt(a),),
    ("sqrt-not-inverted", "sqrt"): lambda u, v, a: (u * math.sqrt(a) / 2,),
    ("cos-sign-lost", "cos"): lambda u, v, a: (u * math.sin(a),),
    ("sin-sign", "sin"): lambda u, v, a: (-u * math.cos(a),),
    ("trigonometric-unchanged", "sin"): lambda u, v, a: (u * math.sin(a),),
}
#: The faulty values: (name, operation), of the operands.
VALUES: dict[tuple[str, str], Callable[..., float]] = {
    ("value-added", "mul"): lambda a, b: a + b,
    ("value-multiplied", "add"): lambda a, b: a * b,
    ("value-subtracted", "add"): lambda a, b: a - b,
    ("value-not-subtracted", "sub"): lambda a, b: a + b,
    ("value-first-sign", "add"): lambda a, b: -a + b,
    ("value-first-sign", "sub"): lambda a, b: -a - b,
    ("value-reversed", "sub"): lambda a, b: b - a,
    ("value-reversed", "div"): lambda a, b: b / a,
    ("value-not-divided", "div"): lambda a, b: a * b,
    ("value-not-negated", "neg"): lambda a: a,
    ("value-times-exponent", "cube"): lambda a: 3 * a,
    ("value-not-raised", "square"): lambda a: a,
    ("value-other-chosen", "max"): min,
    ("value-not-cut", "relu"): lambda a: a,
    ("value-other-sign", "sigmoid"): lambda a: sigmoid(-a),
    ("value-halved", "sqrt"): lambda a: a / 2,
    ("value-sine-cosine", "sin"): math.cos,
    ("value-degrees", "sin"): lambda a: math.sin(math.radians(a)),
    ("value-sign-slip", "mul"): lambda a, b: -a * b,
}
#: What a student makes of the parts that arrive at a name that is used more than once.
SUMS: dict[str, Callable[[list[float], float], float]] = {
    "overwritten": lambda parts, v: parts[-1],
    "one-path-only": lambda parts, v: parts[0],
    "path-forgotten": lambda parts, v: sum(parts[1:]),
    "path-twice": lambda parts, v: sum(parts) + parts[0],
}
#: Of these the package has a row for every gate.
GENERAL = (
    "local-only",
    "upstream-only",
    "value-as-gradient",
    "inner-derivative-dropped",
    "wrong-upstream",
    "sign-slip",
    "decimal-slip",
)


def names() -> list[str]:
    """All the mistakes that the students make."""
    known = [name for name, _ in (*RULES, *VALUES)]
    return list(dict.fromkeys([*known, *SUMS, *GENERAL]))


def operations(name: str) -> list[str]:
    """The operations at which a mistake is made; none for one that is made anywhere."""
    return [op for known, op in (*RULES, *VALUES) if known == name]


def slips(name: str, paper: Paper, random: Random) -> Iterator[Slip]:
    """The ways to make a mistake on this paper, in random order."""
    lines = list(paper.lines)
    random.shuffle(lines)
    if name in SUMS:
        used = [n for n in paper.values if n != paper.output and paper.uses(n) > 1]
        random.shuffle(used)
        for used_name in used:
            if name != "path-forgotten" or paper.uses(used_name) > 2:
                yield Slip(name, used_name, adds_up=SUMS[name])
        return
    for line in lines:
        if (name, line.op) in RULES:
            yield Slip(name, line.name, passes=RULES[name, line.op])
        elif (name, line.op) in VALUES:
            yield Slip(name, line.name, value=VALUES[name, line.op])
        elif name in GENERAL:
            yield from _general(name, line, paper)


def _general(name: str, line: Line, paper: Paper) -> Iterator[Slip]:
    partials = OPERATIONS[line.op][2]
    rules: dict[str, Rule] = {
        "local-only": lambda u, v, *x: partials(*x),
        "upstream-only": lambda u, v, *x: [u for _ in x],
        "inner-derivative-dropped": lambda u, v, *x: [u for _ in x],
        "sign-slip": lambda u, v, *x: [-u * d for d in partials(*x)],
        "decimal-slip": lambda u, v, *x: [10 * u * d for d in partials(*x)],
    }
    if name == "value-as-gradient":
        if line.name != paper.output:
            yield Slip(name, line.name, adds_up=lambda parts, value: value)
        return
    users = [other for other in paper.lines if line.name in other.operands]
    if name == "wrong-upstream":
        for user in users:
            if user.name != paper.output:
                yield Slip(name, line.name, upstream=user.name)
            yield from (
                Slip(name, line.name, upstream=other)
                for other in user.operands
                if other != line.name and not _below(line.name, other, paper)
            )
        return
    if name == "inner-derivative-dropped" and not (
        len(users) == 1 and users[0].op in FUNCTIONS and paper.uses(line.name) == 1
    ):
        return
    yield Slip(name, line.name, passes=rules[name])


def _below(gate: str, name: str, paper: Paper) -> bool:
    """Whether the gradient of a name needs that of the gate: there the student cannot start."""
    todo = [line for line in paper.lines if line.name == gate]
    seen: set[str] = set()
    while todo:
        line = todo.pop()
        for operand in line.operands:
            if operand == name:
                return True
            if operand not in seen:
                seen.add(operand)
                todo += [other for other in paper.lines if other.name == operand]
    return False
