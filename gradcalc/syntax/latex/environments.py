"""Matrices and cases."""

from gradcalc.syntax.latex.commands import CASES, MATRICES
from gradcalc.syntax.latex.statements import Range
from gradcalc.syntax.latex.units import Item, Unit, Units

#: Words in front of the condition of a case.
IF = frozenset(("", "if", "for", "when", "where", "in case", "if and only if", "whenever"))
OTHERWISE = frozenset(
    ("otherwise", "else", "if otherwise", "o.w", "ow", "in all other cases", "if not", "default")
)


def _rows(units: Units, place: int) -> list[list[list[Range]]]:
    """The rows of an environment, each of cells, each of ranges."""
    tokens, partners = units.tokens, units.partners
    rows: list[list[list[Range]]] = []
    cells: list[list[Range]] = [[]]
    begin = lo = place + 1
    hi = partners[place]
    while lo < hi:
        kind = tokens[lo][0]
        if kind in ("&", "\\\\", "skip"):
            if begin < lo:
                cells[-1].append((begin, lo))
            if kind == "&":
                cells.append([])
            elif kind == "\\\\":
                rows.append(cells)
                cells = [[]]
            begin = lo + 1
        lo = partners[lo] + 1 if partners[lo] > lo else lo + 1
    if begin < hi:
        cells[-1].append((begin, hi))
    rows.append(cells)
    return [row for row in rows if any(row)]


def begin(units: Units, place: int, hi: int) -> Unit:
    """\\begin, of whatever it is."""
    name = units.tokens[place][1]
    if name in CASES:
        return cases(units, place)
    if name in MATRICES:
        return matrix(units, place)
    return [units.inside(place)], units.partners[place] + 1


def matrix(units: Units, place: int) -> Unit:
    """\\begin{bmatrix} ... \\end{bmatrix}: MATRIX, entries with COLUMN and ROW between them."""
    tokens = units.tokens
    closing = units.partners[place]
    pieces: list[Item] = [("MATRIX", units.value(place))]
    rows = _rows(units, place)
    if not rows:
        start, end = tokens[place][2], tokens[closing][3]
        raise units.error(f"{tokens[place][1]} has no entries", start, end, "add some")
    for number, cells in enumerate(rows):
        if number:
            pieces.append(("ROW", units.value(cells[0][0][0] if cells[0] else closing)))
        for column, ranges in enumerate(cells):
            at = tokens[ranges[0][0]][2] if ranges else tokens[closing][2]
            if not ranges:
                lo = cells[column - 1][-1][1] if column and cells[column - 1] else place
                start, end = tokens[lo][2:]
                raise units.error("an entry is missing here", start, end, "each entry has a value")
            if column:
                pieces.append(("COLUMN", ("&", at, at)))
            pieces += ranges
    pieces.append(("ENVIRONMENT_CLOSE", units.value(closing)))
    return pieces, closing + 1


def cases(units: Units, place: int) -> Unit:
    """\\begin{cases}: CASES, then for each row a value with IF and its condition, or ELSE."""
    tokens, partners = units.tokens, units.partners
    closing = partners[place]
    pieces: list[Item] = [("CASES", units.value(place))]
    rows = _rows(units, place)
    for number, cells in enumerate(rows):
        if number:
            at = tokens[cells[0][0][0]][2] if cells[0] else tokens[place][2]
            pieces.append(("ROW", ("\\\\", at, at)))
        value: list[Item] = []
        condition: list[Item] = []
        otherwise = False
        for column, ranges in enumerate(cells):
            for lo, hi in ranges:
                begin, where = lo, lo
                while where <= hi:
                    kind, word = tokens[where][:2] if where < hi else ("end", "")
                    words = word.strip(" .,:;").lower()
                    text = kind == "text" or (kind == "name" and words in OTHERWISE)
                    if text or kind in ("end", ",", "."):
                        if begin < where:
                            (condition if column or condition else value).append((begin, where))
                        begin = where + 1
                    if text and words in OTHERWISE:
                        otherwise = True
                    elif text and words == "and" and condition:
                        condition.append(("AND", ("and", *tokens[where][2:])))
                    elif text and words in IF:
                        column = max(column, 1)
                    elif text:
                        units.skip(where)
                    elif kind == "," and column and condition and where + 1 < hi:
                        following = tokens[where + 1][0]
                        if following != "text":
                            condition.append(("AND", (",", *tokens[where][2:])))
                    if where >= hi:
                        break
                    where = partners[where] + 1 if partners[where] > where else where + 1
        if not value:
            start, end = tokens[place][2:] if not cells[0] else tokens[cells[0][0][0]][2:]
            raise units.error("a case has no value", start, end, "as in x & \\text{if } x > 0")
        pieces += value
        at = tokens[cells[-1][-1][1] - 1][3] if cells[-1] else tokens[place][3]
        if otherwise and not condition:
            pieces.append(("ELSE", ("", at, at)))
        elif condition:
            pieces += [("IF", ("", at, at)), *condition]
    pieces.append(("ENVIRONMENT_CLOSE", units.value(closing)))
    return pieces, closing + 1
