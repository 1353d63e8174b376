"""What the op table says of a function, as text."""

from collections.abc import Iterator

from gradcalc import ops
from gradcalc.engine.formulas import formula
from gradcalc.errors import GradcalcError, closest
from gradcalc.graph.text import node_pieces
from gradcalc.ops.row import PATTERNS, Row
from gradcalc.syntax.names import canonical
from gradcalc.syntax.printer import ATOM, TextPiece, format_number

#: (label, text) pairs.
Description = list[tuple[str, str]]


def listing() -> Iterator[tuple[str, str]]:
    """The signature and one line on every function, in the order of the table."""
    for row in ops.TABLE:
        yield row.signature, row.doc


def names_from(start: str) -> list[str]:
    """The names and aliases of functions that begin like this."""
    return [name for name in ops.PLACES if name.startswith(start)]


def find(name: str) -> Row:
    """The row of a function by its name, alias or operator.

    Raises:
        GradcalcError: ``unknown-function``.
    """
    place = ops.PLACES.get(canonical(name), ops.OPERATORS.get(name))
    if place is None:
        near = closest(name, ops.PLACES)
        help = f"did you mean {near}?" if near else "gradcalc functions lists them"
        raise GradcalcError("unknown-function", f"there is no function {name}", help=help)
    return ops.TABLE[place]


def describe(row: Row) -> Description:
    """All there is to say about a function."""
    about = [("function", row.signature), ("", row.doc), ("formula", row.formula)]
    about += [(f"∂/∂{name}", text) for name, text in local_gradients(row)]
    about.append(("gate", f"{row.pattern}: {PATTERNS[row.pattern]} the upstream gradient"))
    if row.symbol:
        about.append(("operator", row.symbol))
    if row.aliases:
        about.append(("also called", ", ".join(row.aliases)))
    about.append(("domain", row.domain.text if row.domain else "every number"))
    if row.kink:
        about.append(("kink", f"at {row.kink.text}: {row.kink.convention}"))
    about.append(("example", example(row)))
    return about


def operands(row: Row) -> tuple[str, ...]:
    """The names of the operands; two for an operation that takes any number."""
    return tuple(name.removesuffix("...") for name in row.parameters)


def local_gradients(row: Row) -> Iterator[tuple[str, str]]:
    """For each operand that may vary: its name and the formula of the local gradient."""
    names = operands(row)
    varies = tuple(callable(row.partials) or rule is not None for rule in _rules(row))
    for place, name in enumerate(names):
        rule = row.partial(place, varies)
        if rule is None:
            continue
        found = formula(rule, (None,) * len(names))

        def leaf(node: int, leaves: dict[int, int] = found.leaves) -> TextPiece:
            place = leaves[node]
            return (f"{row.name}({', '.join(names)})" if place < 0 else names[place]), ATOM

        yield name, node_pieces(found.graph, 200, leaf)[found.root][0]


def _rules(row: Row) -> tuple[object, ...]:
    return row.parameters if callable(row.partials) else row.partials


def example(row: Row) -> str:
    """A command line that shows the function at its first sample."""
    names, sample = operands(row), row.samples[0]
    # An operand that cannot be differentiated is written as a number.
    shown = [
        name if rule is not None else format_number(value)
        for name, rule, value in zip(names, _rules(row), sample, strict=True)
    ]
    values = " ".join(
        f"--{name} {format_number(value)}"
        for name, text, value in zip(names, shown, sample, strict=True)
        if text == name
    )
    return f'gradcalc "{row.name}({", ".join(shown)})" {values}'
