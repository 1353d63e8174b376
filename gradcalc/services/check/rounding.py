"""Numbers as they were written, and whether they are right."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcalc.services.check.types import Tolerance
from gradcalc.syntax.ast import Ast

NUMBER = re.compile(
    r"([+\-−]?)[ \t]*(?=\.?\d)(\d[\d_]*)?(?:\.([\d_]*))?(?:[eE]([+\-−]?\d{1,9}))?(?![\w.])"
)
#: An array that is written with numbers only.
ARRAY = re.compile(r"\[[\[\]\s,\d.eE+\-−_]*\]")
#: An entry of it, perhaps with blanks behind it.
ENTRY = re.compile(r"[^\[\],\s][^\[\],]*")
#: The blanks that NumPy prints for commas.
BLANKS = re.compile(r"(?<=[\d.\]])\s(\s*)(?=[\[\d.+\-−])")
#: The rounding of the true value to a double, in units of half a last place.
SLACK = 1e-6
#: What decided that an answer is right.
TOLERANCE, ROUNDED = "tolerance", "rounded"


class Written(NamedTuple):
    """A number as it was written: see :class:`gradcalc.services.check.types.Answer`."""

    value: float
    decimals: int
    digits: int


def written(text: str) -> Written | None:
    """The number that a text is; None if it is something else."""
    match = NUMBER.fullmatch(text)
    return _written(match) if match and len(text) < 1000 else None


def _written(match: re.Match[str], filled: bool = False) -> Written:
    """A number; ``filled`` says whether zeros at its end mean nothing."""
    sign, whole, part, exponent = match.groups()
    whole, part = (whole or "").replace("_", ""), (part or "").replace("_", "")
    part = part.rstrip("0") if filled else part
    exponent = (exponent or "0").replace("−", "-")
    value = float(f"{whole or 0}.{part or 0}e{exponent}")
    digits = len((whole + part).lstrip("0"))
    return Written(-value if sign in ("-", "−") else value, len(part) - int(exponent), digits)


def written_array(text: str) -> tuple[Any, list[Written]] | None:
    """The array of numbers that a text is, and each of them; None if it is something else.

    Where there are no commas it is read as NumPy prints arrays. (To the language ``[3 -1]`` is a
    difference.)
    """
    text = with_commas(text)
    if not ARRAY.fullmatch(text):
        return None
    import json

    import numpy as np

    matches = [NUMBER.fullmatch(entry.strip()) for entry in ENTRY.findall(text)]
    numbers = _entries([match for match in matches if match])
    if len(numbers) < len(matches):
        return None
    try:
        nested = json.loads(ENTRY.sub("0", text))
        shape = np.array(nested, dtype=np.float64).shape
    except (ValueError, RecursionError):
        return None
    array = np.array([number.value for number in numbers], dtype=np.float64)
    return (array.reshape(shape), numbers) if array.size == np.prod(shape) else None


def with_commas(text: str) -> str:
    """A text without commas as it is with those that NumPy prints blanks for, of the same
    length."""
    return text if "," in text or "[" not in text else BLANKS.sub(r",\1", text)


def _entries(matches: Sequence[re.Match[str]]) -> list[Written]:
    # Where all have exponents NumPy fills up with zeros: -2.000e-03 is -0.002.
    filled = all(match[4] for match in matches)
    return [_written(match, filled) for match in matches]


def written_literal(text: str, ast: Ast) -> list[Written]:
    """The numbers that an expression is made of, in the order of the entries of its value, if it is
    a number or an array under signs, brackets and transposes; else none.

    Args:
        text: what the places in the Ast are places of.
    """
    import numpy as np

    statement = ast.statements[-1]
    matches: list[re.Match[str]] = []
    places: dict[int, Any] = {}  # of each node, which numbers its entries are
    entries = {entry for m in ast.matrices.values() for row in m.rows for entry in row}
    for node in range(statement.first, statement.root + 1):
        kind = ast.kind[node]
        operands = [places[operand] for operand in ast.operands(node)]
        if kind == "number":
            match = NUMBER.fullmatch(text, ast.start[node], ast.end[node])
            if match is None:
                return []
            places[node] = np.array(len(matches))
            matches.append(match)
        elif kind == "array" and operands:
            places[node] = np.stack(operands)
        elif kind in ("transpose", "^T"):
            matrix = operands[0]
            places[node] = matrix if matrix.ndim < 2 else matrix.swapaxes(-1, -2)
        elif kind in ("()", "neg", "pos"):
            places[node] = operands[0]
        else:
            return []
        if node in entries and places[node].shape:
            return []  # a block of a matrix
    order = places[statement.root]
    numbers = _entries(matches) if order.shape else [_written(match) for match in matches]
    return [numbers[place] for place in order.ravel()]


def is_whole(value: Any) -> bool:
    """Whether every entry is a whole number."""
    whole = value == value // 1
    return bool(whole.all() if getattr(whole, "shape", ()) else whole)


def largest(value: Any) -> float:
    """The greatest absolute value of the entries; 0 of none."""
    return float(abs(value).max(initial=0.0)) if getattr(value, "shape", ()) else abs(float(value))


def half_unit(decimals: int | None, digits: int, tolerance: Tolerance) -> float:
    """Half a unit in the last place of a number that may be rounded, else 0."""
    if decimals is None or digits < tolerance.digits:
        return 0.0
    return float(0.5 * 10.0 ** -max(-300, min(300, decimals)))


def half_units(entries: Sequence[tuple[int | None, int]], tolerance: Tolerance) -> list[float]:
    """Half a unit in the last place of each entry of an array.

    An array is printed with as many decimals for every entry, zeros at the end left out: in
    ``[0.245, 0.09, 0.1]`` the 0.1 has three. So an entry of too few digits has the unit of the
    finest one, if the greatest has enough digits with that.

    Args:
        entries: the (decimals, digits) of each.
    """
    halves = [half_unit(*entry, tolerance) for entry in entries]
    decimals = max((decimals for decimals, _ in entries if decimals is not None), default=0)
    most = max((n + decimals - (d or 0) for d, n in entries if n), default=0)
    finest = half_unit(decimals, most, tolerance) if decimals > 0 else 0.0
    return [half or finest for half in halves]


def near(given: float, true: float, tolerance: Tolerance) -> bool:
    """Whether a number is the true one but for the tolerance."""
    if given == true:
        return True
    return bool(abs(given - true) <= tolerance.atol + tolerance.rtol * abs(true) < float("inf"))


def rule_of(given: float, true: float, unit: float, tolerance: Tolerance) -> str:
    """What makes a number right: the tolerance, or its rounding; an empty text if it is wrong.

    Args:
        unit: half a unit in its last place, 0 if it is not rounded. A true value that lies just in
            the middle may be rounded to either side.
    """
    if near(given, true, tolerance):
        return TOLERANCE
    if unit and abs(given - true) <= unit * (1.0 + SLACK):
        return ROUNDED
    return ""


def is_short(given: float, decimals: int | None, digits: int, true: float, t: Tolerance) -> bool:
    """Whether a number is the true one rounded to fewer digits than have to be written."""
    if decimals is None or decimals <= 0 or digits >= t.digits:
        return False
    return abs(given - true) <= 0.5 * 10.0 ** -min(300, decimals)


def is_short_array(given: Any, entries: Sequence[tuple[int | None, int]], true: Any) -> bool:
    """Whether the entries of an array are the true ones, rounded to too few digits."""
    import numpy as np

    if len(entries) != np.size(true) or not any(decimals for decimals, _ in entries):
        return False
    most = max(decimals or 0 for decimals, _ in entries)
    return bool((np.abs(given - true) <= 0.5 * 10.0 ** -min(300, most)).all())


def is_cut(given: float, decimals: int | None, digits: int, true: float, t: Tolerance) -> bool:
    """Whether a number is the true one cut off behind its last digit, not rounded."""
    if decimals is None or decimals <= 0 or digits < t.digits:
        return False
    return abs(given - true) < 10.0 ** -min(300, decimals) and abs(given) < abs(true)


def rule_of_array(given: Any, true: Any, units: Sequence[float], tolerance: Tolerance) -> str:
    """The same for arrays of one shape; ``units`` is for each entry, or empty."""
    import numpy as np

    distance = np.abs(given - true)
    bound = tolerance.atol + tolerance.rtol * np.abs(true)
    close = (distance <= bound) & (bound < np.inf)
    if close.all() or (close := close | (given == true)).all():
        return TOLERANCE
    if units:
        close |= distance <= np.reshape(units, np.shape(given)) * (1.0 + SLACK)
    return ROUNDED if close.all() else ""
