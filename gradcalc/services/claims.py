"""Chains of equals: whether all members have the value of the first."""

from functools import cache
from typing import Any

from gradcalc.engine.evaluation import ForwardPass
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph.lower import Claim, Member
from gradcalc.ops.shapes import stated
from gradcalc.report import Note
from gradcalc.services.check.rounding import half_unit, written
from gradcalc.services.check.types import Tolerance
from gradcalc.services.roundings import Roundings
from gradcalc.services.values import shape_of
from gradcalc.syntax.literals import format_value
from gradcalc.syntax.printer import shorten

#: How far members may be apart, relative to the greater one: rounding adds up along a chain.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
#: So many members are candidates for the right one.
MOST = 20
TEXT = 60
DIGITS = 12


def check_claims(forward_pass: ForwardPass, dtype: str) -> list[Note]:
    """A note on each chain of the problem.

    A number that is written out may be rounded: it is right if it is the value to its digits.

    Raises:
        GradcalcError: ``false-claim``, at the first member that differs from what most are.
    """
    return [check_claim(claim, forward_pass, dtype) for claim in forward_pass.problem.claims]


def check_claim(claim: Claim, forward_pass: ForwardPass, dtype: str) -> Note:
    """A note on one chain. Raises GradcalcError ``false-claim`` where its members differ."""
    problem, values = forward_pass.problem, forward_pass.values
    members = claim.members
    tolerance = TOLERANCE[dtype]

    @cache
    def roundings() -> Roundings:
        return Roundings(forward_pass, dtype)

    def agree(one: Member, other: Member) -> bool:
        margin = max(_rounding(one, forward_pass), _rounding(other, forward_pass))
        pair = values[one.node], values[other.node]
        if _close(*pair, tolerance, margin):
            return True
        # Of what cancels, as 2(x + y) - 2x - 2y does, nothing is left but rounding errors.
        return _within(*pair, roundings().between(one.node, other.node))

    # Of 3 = 4 = 4 it is the first that is wrong.
    found = [[agree(one, other) for other in members] for one in members[:MOST]]
    most = max(range(len(found)), key=lambda place: sum(found[place]))
    right = members[most]
    wrong = next((m for m, same in zip(members, found[most], strict=True) if not same), None)
    texts = [shorten(_text(member, forward_pass), TEXT) for member in members]
    if wrong is None:
        value = format_value(values[right.node], DIGITS)
        chain = " = ".join(texts[:8]) + (" = …" if len(texts) > 8 else "")
        return Note("claim", None, f"confirmed: {chain} ({shorten(value, TEXT)})")
    named = texts[members.index(wrong)], texts[most]
    shapes = [shape_of(values[member.node]) for member in (wrong, right)]
    if shapes[0] != shapes[1]:
        told = [stated(text, shape) for text, shape in zip(named, shapes, strict=True)]
    else:
        shown = [format_value(values[member.node], DIGITS) for member in (wrong, right)]
        told = [
            text if text == value else f"{text} is {shorten(value, TEXT)}"
            for text, value in zip(named, shown, strict=True)
        ]
    spans = [Span(wrong.start, wrong.end), Span(right.start, right.end, "should equal this")]
    message = f"the two sides differ: {told[0]}, and {told[1]}"
    gates = [
        reading.message
        for reading in problem.ast.readings
        if reading.kind == "gate" and any(m.start <= reading.start < m.end for m in members)
    ]
    help = "\n".join(gates[:MOST])
    raise GradcalcError("false-claim", message, spans, help=help, source=problem.source)


def _close(x: Any, y: Any, tolerance: float, margin: float) -> bool:
    shape = shape_of(x)
    if shape != shape_of(y):
        return False
    if not shape:
        return _near(float(x), float(y), tolerance, margin)
    pairs = zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)
    largest = max([abs(v) for v in (*x.ravel().tolist(), *y.ravel().tolist()) if v == v] or [0.0])
    margin = max(margin, tolerance * largest) if largest < float("inf") else margin
    return all(_near(a, b, tolerance, margin) for a, b in pairs)


def _near(x: float, y: float, tolerance: float, margin: float) -> bool:
    if x == y or (x != x and y != y):
        return True
    return abs(x - y) <= max(margin, tolerance * max(abs(x), abs(y))) < float("inf")


def _within(x: Any, y: Any, margins: list[float]) -> bool:
    """Whether each entry is as near as its margin; if there are margins."""
    if not margins:
        return False
    differences = (x - y).ravel().tolist() if shape_of(x) else [x - y]
    pairs = zip(differences, margins, strict=True)
    return all(d == 0.0 or abs(d) <= margin < float("inf") for d, margin in pairs)


def _rounding(member: Member, forward_pass: ForwardPass) -> float:
    """Half a unit in the last place of a number with decimals that is written out, else 0."""
    ast = forward_pass.problem.ast
    root = member.root
    while root >= 0 and ast.kind[root] in ("neg", "()"):
        root = ast.left[root]
    if root < 0 or ast.kind[root] != "number":
        return 0.0
    text = forward_pass.problem.source.text[ast.start[root] : ast.end[root]]
    number = written(text)
    if number is None or "." not in text:
        return 0.0
    return half_unit(number.decimals, 1, Tolerance(digits=1))


def _text(member: Member, forward_pass: ForwardPass) -> str:
    return " ".join(forward_pass.problem.source.text[member.start : member.end].split())
