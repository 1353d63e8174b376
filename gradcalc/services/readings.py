"""How a program was read: the same program in the native notation, every operator written."""

from collections.abc import Collection

from gradcalc import ops
from gradcalc.report import Note
from gradcalc.source import Source
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program


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
    return "\n---\n".join(map(print_program, asts)), notes
