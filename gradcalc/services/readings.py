"""How a program was read: the same program in the native notation, every operator written."""

from collections.abc import Collection

from gradcalc import ops
from gradcalc.report import Note
from gradcalc.source import Source
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

BLOCKS = (
    "a matrix is written as a list here, which is another one where its entries are arrays: these"
)
BLOCKS += " are blocks in LaTeX, and joined by concat(A, B, axis=1) here"
RECURRENCE = "h_t of h_{t-1}, and x_i where x_1, x_2 ... are known, have no native notation"


def read_back(
    source: Source, variables: Collection[str], notation: str | None = None
) -> tuple[str, list[Note]]:
    """The program as text that parses to the same program, and what could be read otherwise.

    Args:
        variables: the names that have a value from outside, which a word may be a product of.
        notation: ``native`` or ``latex``; by the text, if not given.

    Raises:
        GradcalcError: ``syntax`` and its kin.
    """
    asts = parse(source, ops.PLACES, variables, notation)
    notes = [Note(r.kind, None, r.message) for ast in asts for r in ast.readings]
    for ast in asts:
        for matrix in ast.matrices.values():
            entries = [entry for row in matrix.rows for entry in row]
            if any(ast.kind[n] == "name" for e in entries for n in range(ast.first(e), e + 1)):
                notes.append(Note("matrix", None, BLOCKS))
                break
        if ast.recurrence():
            notes.append(Note("recurrence", None, RECURRENCE))
    return "\n---\n".join(map(print_program, asts)), notes
