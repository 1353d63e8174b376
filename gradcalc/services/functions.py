"""What the op table says of a function, as text."""

from collections.abc import Iterator
from typing import Any

from gradcalc import ops
from gradcalc.engine.formulas import UPSTREAM, Symbols, formula
from gradcalc.errors import GradcalcError, closest
from gradcalc.graph.text import node_pieces, structural
from gradcalc.ops.row import PATTERNS, RANDOM, AnyRow, Row, Sample
from gradcalc.syntax.names import canonical
from gradcalc.syntax.printer import ATOM, TextPiece, format_number

#: Longer texts of rules are cut.
WHOLE = 2000
#: (label, text) pairs.
Description = list[tuple[str, str]]


def listing() -> Iterator[tuple[str, str]]:
    """The signature and one line on every function, in the order of the table."""
    for row in ops.load():
        yield row.signature, row.doc


def names_from(start: str) -> list[str]:
    """The names and aliases of functions that begin like this."""
    return [name for name in ops.PLACES if name.startswith(start)]


def find(name: str) -> AnyRow:
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


def describe(row: AnyRow) -> Description:
    """All there is to say about a function."""
    about = [("function", row.signature), ("", row.doc), ("formula", row.formula)]
    label = "∂/∂" if isinstance(row, Row) else "to "
    about += [(f"{label}{name}", text) for name, text in local_gradients(row)]
    if row.parameters:
        about.append(("gate", f"{row.pattern}: {PATTERNS[row.pattern]} the upstream gradient"))
    if row.symbol:
        about.append(("operator", row.symbol))
    if row.aliases:
        about.append(("also called", ", ".join(row.aliases)))
    if row.parameters:
        about.append(("domain", row.domain.text if row.domain else "every number"))
    if row.kink:
        about.append(("kink", f"at {row.kink.text}: {row.kink.convention}"))
    about.append(("example", example(row)))
    return about


def operands(row: AnyRow) -> tuple[str, ...]:
    """The names of the operands; two for an operation that takes any number."""
    return tuple(name.removesuffix("...") for name in row.parameters)


def local_gradients(row: AnyRow) -> Iterator[tuple[str, str]]:
    """For each operand that may vary: its name and the formula of the local gradient.

    Of a structural operation it is that of the downstream gradient, for operands of the shapes of
    its example.
    """
    names = operands(row)
    varies = (
        tuple(callable(row.partials) or rule is not None for rule in _rules(row))
        if isinstance(row, Row)
        else ()
    )
    for place, name in enumerate(names[: len(_example_operands(row))]):
        rule = row.rule(place, varies)
        if rule is None:
            continue
        if isinstance(row, Row):
            found = formula(rule, (None,) * len(names))
        else:
            shapes = tuple(_shape(operand) for operand in row.samples[0].operands)
            settings = {s.name: s.default for s in row.settings} | dict(row.samples[0].settings)
            found = Symbols(row.shape(*shapes, **settings), shapes).formula(rule, settings)

        def leaf(node: int, leaves: dict[int, int] = found.leaves) -> TextPiece:
            place = leaves[node]
            if place == UPSTREAM:
                return "upstream", ATOM
            return (f"{row.name}({', '.join(names)})" if place < 0 else names[place]), ATOM

        yield name, node_pieces(found.graph, WHOLE, leaf)[found.root][0]


def _rules(row: Row) -> tuple[object, ...]:
    return row.parameters if callable(row.partials) else row.partials


def _example_operands(row: AnyRow) -> tuple[Any, ...]:
    sample = row.samples[0]
    return sample.operands if isinstance(sample, Sample) else sample


def _shape(operand: Any) -> tuple[int, ...]:
    """The shape of nested tuples of numbers."""
    shape = []
    while isinstance(operand, tuple):
        shape.append(len(operand))
        if not operand:
            break
        operand = operand[0]
    return tuple(shape)


def example(row: AnyRow) -> str:
    """A command line that shows the function at its first sample."""
    names, sample = operands(row), _example_operands(row)
    # An operand that cannot be differentiated is written as a number.
    written = [False] * len(sample)
    if isinstance(row, Row):
        written = [rule is None for rule in _rules(row)]
    shown = [
        (_literal(value) if fixed else name, _literal(value))
        for name, fixed, value in zip(_repeated(names, len(sample)), written, sample, strict=True)
    ]
    pieces = [(name, ATOM) for name, _ in shown]
    values = " ".join(f"--{name} {_quoted(value)}" for name, value in shown if name != value)
    if isinstance(row, Row):
        call = f"{row.name}({', '.join(name for name, _ in shown)})"
    else:
        settings = {s.name: s.default for s in row.settings} | dict(row.samples[0].settings)
        shapes = [_shape(operand) for operand in sample]
        call = structural(row.symbol or row.name, pieces, settings, row, shapes)[0]
    if not row.parameters:  # an array that is made is the value of an input
        seed = " --seed 1" if row.name in RANDOM else ""
        return f'gradcalc "sum(x)" --x "{call}"{seed}'
    return f'gradcalc "{call}" {values}'.rstrip()


def _repeated(names: tuple[str, ...], count: int) -> list[str]:
    """Names for so many operands, further letters where one repeats."""
    return [*names, *(name for name in "yzuvw" if name not in names)][:count]


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return format_number(value)


def _quoted(text: str) -> str:
    return f'"{text}"' if text.startswith("[") else text
