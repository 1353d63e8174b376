"""The lowering of powers: those of e, and ``x^T`` where T has a meaning of its own."""

from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.graph.quotes import factor, quoted
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.names import CONSTANTS

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

EXP, POW = ops.PLACES["exp"], ops.PLACES["pow"]


def special(lowering: "Expressions", operands: tuple[int, int], i: int) -> int | None:
    """A power of e, or of ``x^T`` of a number x; None for every other one.

    Without brackets between them, powers of a number group to the right: ``x^T^2`` is ``x^(T^2)``.
    """
    ast, graph = lowering.ast, lowering.graph
    base = ast.left[i]
    if _is_e(lowering, base, operands[0]):
        return lowering.apply(EXP, operands[1:], i, (ast.right[i],))
    if ast.kind[base] != "^T" or ast.notation != "native" or not _is_power(lowering, operands[0]):
        return None
    if ast.kind[ast.left[base]] == "^T":
        message = f"{quoted(lowering, i)} has more than two powers without brackets"
        raise lowering.error_at("ambiguous", message, i, "write brackets, as in x^(T^(T^2))")
    power = operands[0]
    *front, exponent = graph.operands[power]
    raised = lowering.apply(POW, (exponent, operands[1]), i, (ast.right[base], ast.right[i]))
    places = ast.left[base], ast.right[i]
    return lowering.apply(graph.op[power], (*front, raised), i, places[-len(front) - 1 :])


def _is_power(lowering: "Expressions", node: int) -> bool:
    return lowering.graph.op[node] in (EXP, POW)


def _is_e(lowering: "Expressions", i: int, node: int) -> bool:
    """Whether an operand is the constant e. Its power is exp, which is more exact than pow."""
    ast = lowering.ast
    while ast.kind[i] in ("()", "pos"):
        i = ast.left[i]
    if ast.kind[i] != "name" or ast.names[ast.left[i]] != "e":
        return False
    if "e" in lowering.frames[-1].parameters:  # a number called e
        return False
    return lowering.graph.constants.get(node) == CONSTANTS["e"]


def raised(lowering: "Expressions", operands: tuple[int, int], i: int) -> int:
    """``x^T`` where T has a meaning of its own: of a number its power, else the transpose."""
    if lowering.graph.shapes.get(operands[0], ()) == ():
        power = special(lowering, operands, i)
        return lowering.apply(POW, operands, i) if power is None else power
    from gradcalc.graph import arrays

    ast = lowering.ast
    base = factor(lowering, ast.left[i])
    as_transpose, as_power = f"{base}'", f"{base}^(T)"
    if ast.notation == "latex":
        as_transpose, as_power = r"(...)^\top", "(...)^{(T)}"
    message = f"{quoted(lowering, i)} is read as the transpose, though T has a value"
    message += f"; write {as_transpose} for the transpose, {as_power} for the power"
    ast.readings.append(Reading("transpose", message, ast.start[i], ast.end[i]))
    return arrays.transpose(lowering, operands[0], i)
