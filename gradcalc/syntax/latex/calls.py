"""Calls of functions, as mathematics writes them."""

from collections.abc import Collection, Sequence

from gradcalc import ops
from gradcalc.ops.shapes import Misfit
from gradcalc.syntax.latex.commands import LETTER_FUNCTIONS
from gradcalc.syntax.latex.pieces import ATOM, LOOSE, UNKNOWN, Piece, enclosed, next_row, of_all
from gradcalc.syntax.latex.typeset import is_letter, symbol

#: Functions that have a command.
COMMANDS = {
    **{name: f"\\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log")},
    **{name: f"\\{name}" for name in ("ln", "max", "min", "det", "arcsin", "arccos", "arctan")},
    **{"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"},
    **{"log10": r"\log_{10}", "log2": r"\log_{2}"},
}
#: Those whose exponent stands in front of the bracket: sin^2(x) is the square of sin(x).
WITH_EXPONENT = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
#: Functions that are letters, unless these are names of variables.
LETTERS = {function: f"\\{letter}" for letter, function in LETTER_FUNCTIONS.items()}
#: Functions that are delimiters.
DELIMITERS = {"floor": (r"\lfloor", r"\rfloor"), "ceil": (r"\lceil", r"\rceil")}


def call(name: str, operands: Sequence[Piece], plain: bool, taken: Collection[str]) -> Piece:
    """A call.

    Args:
        plain: whether no argument has a name in front.
        taken: commands of letters that are variables.
    """
    rank = _rank(name, operands if plain else ())
    if plain and (found := _special(name, operands)):
        return found._replace(rank=rank)
    head = LETTERS.get(name) or COMMANDS.get(name) or _head(name)
    if head in taken:
        head = rf"\operatorname{{{ops.row(name).name}}}"
    arguments = enclosed("(", operands, ")")
    function = head if name in WITH_EXPONENT and len(operands) == 1 else ""
    start = "letter" if head[0] != "\\" else "function"
    return Piece([head, arguments.parts], ATOM, start, "", arguments.tall, rank, function)


def cases(condition: Piece, one: Piece, other: Piece) -> Piece:
    """``where(condition, one, other)``."""
    parts = [r"\begin{cases} ", one.parts, r" & \text{if } ", condition.parts, next_row(other)]
    parts += [other.parts, r" & \text{otherwise} \end{cases}"]
    return Piece(parts, LOOSE, tall=True, rank=of_all(condition, one, other))


def _head(name: str) -> str:
    if is_letter(name):
        return symbol(name)
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}" if name.isascii() else symbol(name)


def _special(name: str, operands: Sequence[Piece]) -> Piece | None:
    """What is not written as a name in front of a bracket."""
    if name == "norm" and len(operands) == 2:
        bars = enclosed(r"\lVert", operands[:1], r"\rVert")
        return bars._replace(parts=[bars.parts, "_{", operands[1].parts, "}"])
    if len(operands) != 1:
        return None
    (operand,) = operands
    if name == "sqrt":
        return Piece([r"\sqrt{", operand.parts, "}"], ATOM, "function", tall=operand.tall)
    if name == "abs" and not operand.rank:  # bars around an array are its norm
        return enclosed(r"\lvert", operands, r"\rvert")
    if name == "norm":
        return enclosed(r"\lVert", operands, r"\rVert")
    if name in DELIMITERS:
        opening, closing = DELIMITERS[name]
        return enclosed(opening, operands, closing)
    return None


def _rank(name: str, operands: Sequence[Piece]) -> int:
    """How many axes the value of a call has, as far as its row says without the sizes."""
    if name not in ops.PLACES:
        return UNKNOWN if of_all(*operands) else 0
    row = ops.row(name)
    if row.elementwise:
        return of_all(*operands)
    defaults = {setting.name: setting.default for setting in row.settings}
    if len(operands) != 1 or len(row.parameters) != 1 or ... in defaults.values():
        return UNKNOWN
    if operands[0].rank == UNKNOWN:
        return UNKNOWN
    try:
        return len(row.shape((2,) * operands[0].rank, **defaults))
    except Misfit:
        return UNKNOWN
