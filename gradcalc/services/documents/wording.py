"""How the formulas of a document are quoted, and what is said of what they lack."""

from collections.abc import Iterable, Sequence

from gradcalc.errors import MAX_NAMES, GradcalcError, Span, listed_names
from gradcalc.graph import complaints
from gradcalc.services.documents.extract import Formula
from gradcalc.services.documents.formulas import Unit, merge
from gradcalc.services.documents.grouping import Grouping
from gradcalc.services.documents.needs import Needs
from gradcalc.source import Source
from gradcalc.syntax.printer import print_program, shorten

#: So many characters of a formula are quoted.
TEXT = 60
#: What the native notation has between the members of a chain.
EQUAL = " ≡ "


def shown(source: Source, start: int, end: int) -> str:
    """A part of the document on one line."""
    return shorten(" ".join(source.text[start:end].split()), TEXT)


def quote(source: Source, what: Formula | Unit) -> str:
    """A formula as it stands in the document; a long one as it was read."""
    text = " ".join(source.text[what.start : what.end].split())
    if len(text) > TEXT and isinstance(what, Unit):
        text = native(what)
    return shorten(text, TEXT)


def between(source: Source, first: Unit, last: Unit) -> str:
    """Several statements of a formula as they stand in the document."""
    text = " ".join(source.text[first.start : last.end].split())
    return text if len(text) <= TEXT else f"{quote(source, first)} … {quote(source, last)}"


def native(unit: Unit) -> str:
    """A statement as it was read, in the native notation."""
    return print_program(merge([unit]).ast).replace(EQUAL, " = ")


def needed(needs: Needs) -> str:
    """``needs values for x, y: --x VALUE --y VALUE``."""
    if needs.definitions:
        several = "definitions" if len(needs.definitions) > 1 else "a definition"
        return f"needs {several} of {listed_names(needs.definitions)}"
    several = "values" if len(needs.values) > 1 else "a value"
    options = " ".join(complaints.option(name) for name in list(needs.values)[:MAX_NAMES])
    more = " ..." if len(needs.values) > MAX_NAMES else ""
    return f"needs {several} for {listed_names(needs.values)}: {options}{more}"


def unused_values(
    source: Source, unused: Sequence[str], grouping: Grouping, wanted: Iterable[str]
) -> GradcalcError:
    """The diagnostic for values that no formula needs, where ``wanted`` are those that some do."""
    name = unused[0]
    for group in grouping.groups:
        unit = group.values.get(name) or group.definitions.get(name)
        if unit is not None:
            message = f"{name} was given a value, and the document has one for it"
            if unit.kind != "value":
                message = f"{name} was given a value, but the document computes it"
            spans = [Span(unit.start, unit.end)]
            help = f"leave out --{name}, or change the document"
            return GradcalcError("unused-option", message, spans, help=help, source=source)
    error = complaints.unused_values(unused, wanted, source)
    error.message = error.message.replace("the program", "the document")
    return error
