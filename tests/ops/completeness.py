"""What is missing in a row of the table."""

from collections.abc import Iterator, Sequence
from math import isfinite

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.ops.row import PATTERNS, AnyRow, Row
from gradcalc.source import Source
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import parse

from .expected import AT_KINKS, OUTSIDE
from .points import in_domain
from .reference import REFERENCE


def missing(row: Row) -> list[str]:
    """Everything that is wrong with a row, one phrase each; nothing for a good one."""
    if not row.parameters:
        return ["no parameters"]
    return [*_texts(row), *_operands(row), *_samples(row), *_expectations(row)]


def clashes(table: Sequence[AnyRow]) -> list[str]:
    """Names, aliases and operators that more than one row has, or that cannot be written."""
    names = [name for row in table for name in (row.name, *row.aliases)]
    names += [row.symbol for row in table if row.symbol]
    twice = {f"{name} twice" for name in names if names.count(name) > 1}
    return sorted(twice) + [f"{n} is never looked up" for n in names if canonical(n) != n]


def _texts(row: Row) -> Iterator[str]:
    if not row.name:
        yield "no name"
    if not row.doc.strip() or "\n" in row.doc or row.doc.endswith("."):
        yield "doc is one line without a full stop"
    if row.pattern not in PATTERNS:
        yield f"unknown pattern {row.pattern!r}"
    try:
        asts = parse(Source(row.formula, "formula"), ops.PLACES)
    except GradcalcError as error:
        yield f"the formula is no expression: {error.message}"
    else:
        unknown = set(asts[0].names) - ops.PLACES.keys() - {"pi", "e", ""}
        unknown -= {name.removesuffix("...") for name in row.parameters}
        yield from (f"the formula has {name}, which is no parameter" for name in unknown)
    for part in filter(None, (row.domain, row.kink)):
        if not all(part[1:3]):
            yield "a domain or kink without a text"


def _operands(row: Row) -> Iterator[str]:
    if len(set(row.parameters)) < len(row.parameters):
        yield "parameters are different names"
    if any(not name.removesuffix("...").isidentifier() for name in row.parameters):
        yield "a parameter is a name"
    if len(row.defaults) >= len(row.parameters) and row.defaults:
        yield "more defaults than parameters that may have one"
    if not callable(row.forward):
        yield "no forward"
    if not callable(row.partials):
        if len(row.partials) != len(row.parameters):
            yield "a rule for each operand"
        if not any(callable(rule) for rule in row.partials):
            yield "no operand is differentiated"
        if any(rule is not None and not callable(rule) for rule in row.partials):
            yield "a rule is a function"


def _samples(row: Row) -> Iterator[str]:
    if not row.samples:
        yield "no samples"
    for sample in row.samples:
        fits = len(sample) == len(row.parameters) or (
            row.variadic and len(sample) >= len(row.parameters)
        )
        if not fits or not all(isinstance(x, float) and isfinite(x) for x in sample):
            yield f"the sample {sample} does not fit the parameters"
        elif not in_domain(row, sample):
            yield f"the sample {sample} is outside of the domain"


def _expectations(row: Row) -> Iterator[str]:
    """What the tests need to be told of a row."""
    if row.name not in REFERENCE:
        yield "no reference"
    if (row.domain is None) != (row.name not in OUTSIDE):
        yield "points outside of the domain"
    if (row.kink is None) != (row.name not in AT_KINKS):
        yield "expected gradients at the kink"
    if row.domain is not None:
        for point, _ in OUTSIDE.get(row.name, ()):
            if row.domain.holds(*point):
                yield f"{point} is inside of the domain"
