"""From texts to answers: what each is an answer to, and its number, array or formula."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from gradcalc.errors import GradcalcError, Span
from gradcalc.ops.shapes import Shape, size_of
from gradcalc.services.check.formulas import Formulas
from gradcalc.services.check.names import Names
from gradcalc.services.check.reading import Entry, no_answers
from gradcalc.services.check.rounding import (
    Written,
    with_commas,
    written,
    written_array,
    written_literal,
)
from gradcalc.services.check.scratch import Expression
from gradcalc.services.check.spelling import spelt
from gradcalc.services.check.types import (
    MISSING,
    REPEATED,
    UNKNOWN,
    UNREADABLE,
    Answer,
    Key,
    Quantity,
)
from gradcalc.source import Source
from gradcalc.syntax.printer import shorten

#: So many characters of an answer are repeated.
SHOWN = 200
NOT_A_NUMBER = "it is not a number"


class Refused(NamedTuple):
    """What was answered and cannot be judged.

    Attributes:
        verdict: ``missing`` (a blank), ``repeated``, ``unknown`` or ``unreadable``.
        name: the quantity as it was written.
        quantity: None where it is not known.
        given: the value as it was written, cut if it is long.
        message: why, in one sentence.
        diagnostic: the same with the place; empty where the place says nothing more.
    """

    verdict: str
    name: str
    quantity: Quantity | None
    given: str
    message: str
    diagnostic: str = ""


class Answers(NamedTuple):
    """Everything that was handed in, in order.

    Attributes:
        items: an :class:`Answer` or a :class:`Refused` each.
        nodes: of an answer that is a formula its node among the formulas, by key.
    """

    items: list[Answer | Refused]
    nodes: dict[Key, int]

    def readable(self) -> list[Answer]:
        """Those that can be judged."""
        return [item for item in self.items if isinstance(item, Answer)]


def read_answers(
    entries: Iterable[Entry],
    names: Names,
    formulas: Formulas,
    shape: Callable[[int], Shape],
    is_right: Callable[[Answer], bool],
) -> Answers:
    """Read every answer; what is wrong with one has no effect on the others.

    Args:
        shape: of a node.
        is_right: whether an answer is right as it stands. Of an expression that was written twice
            in the program, it is the gate that decides which of them is meant.
    """
    found = Answers([], {})
    first: dict[Key, Entry] = {}
    entries = _without_prose(list(entries), names, formulas, shape)
    meanings = [_meaning(entry, names) for entry in entries]
    if names.named:  # by one of them, perhaps behind another that is about the same gate
        meanings = [_meaning(entry, names) for entry in entries]
    for entry, meant in zip(entries, meanings, strict=True):
        name, value = shorten(entry.name, SHOWN), shorten(entry.value, SHOWN)
        if entry.wrong:
            name = name or f"line {entry.line}"
            diagnostic = _diagnostic(GradcalcError("bad-value", entry.wrong), entry)
            quantity = None
            if isinstance(meant, list) and meant[0].key not in first:
                quantity = meant[0]
                first[quantity.key] = entry
            found.items.append(Refused(UNREADABLE, name, quantity, value, entry.wrong, diagnostic))
            continue
        if isinstance(meant, GradcalcError):
            message = "; ".join(filter(None, (meant.message, meant.help.split("\n")[0])))
            found.items.append(Refused(UNKNOWN, name, None, value, message))
            continue
        free = [quantity for quantity in meant if quantity.key not in first]
        if entry.blank:
            if free:
                message = "nothing is filled in"
                found.items.append(Refused(MISSING, name, free[0], value, message))
            continue
        if not free:
            line = first[meant[0].key].line
            message = f"{meant[0].name} was answered before"
            message += f", in line {line}; the first answer counts" if line != entry.line else ""
            found.items.append(Refused(REPEATED, name, meant[0], value, message))
            continue
        try:
            answers = [_read(entry, quantity, names, formulas, shape) for quantity in free[:20]]
        except GradcalcError as error:
            first[free[0].key] = entry
            diagnostic = _diagnostic(error, entry)
            found.items.append(Refused(UNREADABLE, name, free[0], value, error.message, diagnostic))
            continue
        chosen = 0
        if len(answers) > 1:
            chosen = next((i for i, (answer, _) in enumerate(answers) if is_right(answer)), 0)
        answer, node = answers[chosen]
        first[answer.quantity.key] = entry
        found.items.append(answer)
        if node is not None:
            found.nodes[answer.quantity.key] = node
    return found


def _without_prose(
    entries: list[Entry], names: Names, formulas: Formulas, shape: Callable[[int], Shape]
) -> list[Entry]:
    """The entries, where a line with a colon is an answer only if it reads as one.

    Raises:
        GradcalcError: ``bad-answers``, if nothing is left.
    """

    def checked(entry: Entry) -> Entry:
        if not entry.colon:
            return entry
        named = names.named
        try:
            meant = names.find(entry.name)
            if not entry.blank:
                for quantity in meant[:20]:
                    _read(entry, quantity, names, formulas, shape)
        except GradcalcError:
            if names.named != named:
                names.unname()
            return entry.as_prose()
        return entry

    found = [checked(entry) for entry in entries]
    if names.named:  # by one of them, perhaps behind another that is about the same gate
        found = [checked(entry) for entry in entries]
    if found != entries and all(entry.wrong for entry in found):
        raise no_answers(found[0])
    return found


def _meaning(entry: Entry, names: Names) -> list[Quantity] | GradcalcError:
    if entry.wrong and not entry.value:
        return GradcalcError("bad-value", entry.wrong)
    try:
        return names.find(entry.name)
    except GradcalcError as error:
        return error


def _diagnostic(error: GradcalcError, entry: Entry) -> str:
    """The text of what is wrong with an answer, pointing at its place among the answers."""
    shift = entry.start if error.source is not None else 0
    spans = [Span(start + shift, end + shift, label) for start, end, label in error.spans]
    if not spans:
        at = entry.start if entry.value else entry.name_start
        length = len(entry.value.split("\n")[0]) or len(entry.name) or 1
        spans = [Span(at, at + length)]
    shown = GradcalcError(error.code, error.message, spans, help=error.help, source=entry.source)
    return str(shown)


def _read(
    entry: Entry,
    quantity: Quantity,
    names: Names,
    formulas: Formulas,
    shape: Callable[[int], Shape],
) -> tuple[Answer, int | None]:
    """One answer, and the node of one that is a formula.

    Raises:
        GradcalcError: it cannot be read.
    """
    span = entry.start, entry.start + len(entry.value)
    answer = Answer(quantity, None, entry.value, line=entry.line, span=span)
    want = shape(quantity.node)
    text = spelt(entry.value, names.taken())
    if number := written(text.strip()):
        if abs(number.value) == float("inf"):
            help = "the greatest number is about 1.8e308; infinity is written inf"
            message = f"{shorten(text, 40)} is too large for a number"
            raise GradcalcError("bad-value", message, help=help)
        return _literal(answer, number.value, [number], want), None
    array = written_array(text.strip())
    if array and ("," in text or array[0].shape == want):
        return _literal(answer, *array, want), None
    found = _printed(text, quantity, formulas, want)
    found = found or formulas.read(quantity, Source(text, entry.source.name))
    source, ast, node = found
    value = formulas.value(node)
    if formulas.is_constant(node):
        if value is None or _has_nan(value):
            raise GradcalcError("bad-value", NOT_A_NUMBER)
        return _literal(answer, value, written_literal(source, ast), want), None
    return answer._replace(given=fitted(value, want), formula=ast), node


def _printed(text: str, quantity: Quantity, formulas: Formulas, shape: Shape) -> Expression | None:
    """An array as NumPy prints it, with blanks for commas, under signs, brackets and transposes;
    None if the text is none of this shape."""
    commas = with_commas(text)
    if commas == text:
        return None
    try:
        found = formulas.read(quantity, Source(commas))
    except GradcalcError:
        return None
    value = formulas.value(found.node) if written_literal(found.text, found.ast) else None
    return found if getattr(value, "shape", None) == shape else None


def _literal(answer: Answer, value: Any, numbers: Sequence[Written], shape: Shape) -> Answer:
    """An answer that is a value, with the digits of the numbers that it was written with."""
    given = fitted(value, shape)
    if len(numbers) == 1 and not getattr(given, "shape", ()):
        (number,) = numbers
        return answer._replace(given=given, decimals=number.decimals, digits=number.digits)
    entries = tuple([(number.decimals, number.digits) for number in numbers])
    return answer._replace(given=given, entries=entries)


def fitted(value: Any, shape: Shape) -> Any:
    """A value in the shape of its quantity, where only axes of one entry differ: a vector may be
    written as a column. Everything else is left as it is."""
    have: Shape = getattr(value, "shape", ())
    if have == shape or value is None or size_of(have) != size_of(shape):
        return value
    if [n for n in have if n != 1] != [n for n in shape if n != 1]:
        return value
    if not shape:
        return float(value.reshape(()))
    import numpy as np

    return np.reshape(value, shape)


def _has_nan(value: Any) -> bool:
    wrong = value != value
    return bool(wrong.any()) if hasattr(wrong, "any") else bool(wrong)
