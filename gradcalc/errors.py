"""Diagnostics: what went wrong, where, and what would have been right.

The stage that knows the span raises a :class:`GradcalcError`; :func:`render` is the one place that
turns one into text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from gradcalc.source import Source, visible, width

#: How many columns of a source line a diagnostic shows, and how many spans.
EXCERPT = 76
MAX_SPANS = 10
#: So many names are given in full.
MAX_NAMES = 20
#: A word, such as a name, that is longer than a line.
LONG_WORD = re.compile(r"(\S{60})\S{20,}(\S{20})")


class Span(NamedTuple):
    """A half-open range of offsets in a source, with a label for the caret under it."""

    start: int
    end: int
    label: str = ""


class GradcalcError(Exception):
    """Input at fault. ``str()`` is the whole diagnostic, with the source line and its caret.

    Attributes:
        code: a stable word for the kind of error, such as ``syntax`` or ``missing-value``.
        message: one sentence: what was found.
        spans: where, as offsets in the source; the first is the place of the error.
        help: what would have been right.
        source: the text that the spans point into; None where there is none to show.
    """

    def __init__(
        self,
        code: str,
        message: str,
        spans: Sequence[Span] = (),
        *,
        help: str = "",
        source: Source | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.spans = tuple(spans)
        self.help = help
        self.source = source

    def __str__(self) -> str:
        return render(self)


class DataError(Exception):
    """Values that an operation cannot take, such as an index out of range.

    Raised by an algebra, which does not know the place; the forward pass adds the node, and the
    service makes a :class:`GradcalcError` of it.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.node = -1


class Missed(NamedTuple):
    """An index that an array does not have."""

    number: float  #: counted from 0
    axis: int
    shape: tuple[int, ...]
    alone: bool  #: whether it is one index, and not one of an array of them


class NoEntry(DataError):
    """An index without an entry; a formula may count its entries otherwise than the message."""

    def __init__(self, message: str, help: str, missed: Missed) -> None:
        super().__init__(message, help)
        self.missed = missed


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that the user may have meant, or an empty string."""
    word = word[:64].casefold()
    # Of a great many it is not worth the time.
    folded = {name.casefold(): name for name in islice(known, 1000)}
    if word in folded:
        return folded[word]
    if len(word) < 2:
        return ""  # of one letter every other is as close
    from difflib import get_close_matches

    near = get_close_matches(word, list(folded), n=1, cutoff=0.65)
    return folded[near[0]] if near else ""


def listed_names(names: Collection[str], last: str = "and") -> str:
    """``x, y and z``; of a great many names the first, and how many more there are."""
    words = list(islice(names, MAX_NAMES))
    if len(names) > len(words):
        words.append(f"{len(names) - len(words)} more")
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def render(error: GradcalcError) -> str:
    """The diagnostic as plain text of several lines, without a line break at the end."""
    return "\n".join(_lines(error))


def _lines(error: GradcalcError) -> Iterator[str]:
    yield f"error[{error.code}]: {_shown(error.message)}"
    if error.source is not None and error.spans:
        source = error.source
        line, column = source.locate(error.spans[0].start)
        yield f" --> {_shown(source.name)}, line {line}, column {column}"
        shown = error.spans[:MAX_SPANS]
        margin = len(str(max(source.locate(span.start)[0] for span in shown)))
        yield f"{'':{margin}} |"
        previous = None
        for span in shown:
            number = source.locate(span.start)[0]
            excerpt, blank, carets = _excerpt(source, number, span)
            if (number, excerpt) != previous:
                yield f"{number:{margin}} | {excerpt}".rstrip()
            previous = (number, excerpt)
            label = f" {_shown(span.label)}" if span.label else ""
            yield f"{'':{margin}} | {'':{blank}}{'^' * carets}{label}"
        if len(error.spans) > MAX_SPANS:
            yield f"{'':{margin}} | ... and {len(error.spans) - MAX_SPANS} more places"
    for line_of_help in filter(None, error.help.split("\n")):
        yield f"help: {_shown(line_of_help)}"


def _shown(text: str) -> str:
    """Text of one line, words that nobody would read to their end cut."""
    return LONG_WORD.sub(r"\1…\2", visible(text))


def _excerpt(source: Source, number: int, span: Span) -> tuple[str, int, int]:
    """The part of a line around a span, the columns in front of the caret run and its length."""
    start, end = source.line(number)
    text = source.text
    first = min(span.start, end)  # the place of what is missing may be a line break
    last = min(max(span.end, first), end)
    # A character shows as one column or more: what is further away than EXCERPT is out of sight.
    under = visible(text[first : min(last, first + EXCERPT)])
    before = visible(text[max(start, first - EXCERPT) : first])
    after = visible(text[last : min(end, last + EXCERPT)])
    far_before, far_after = first - EXCERPT > start, last + EXCERPT < end
    far_under = last - first > EXCERPT
    if far_before or far_after or far_under or width(before + under + after) > EXCERPT:
        cut = _cut(under, EXCERPT)
        under, far_under = cut, far_under or len(cut) < len(under)
        room = EXCERPT - width(under)
        # Half the room to each side, and what one side leaves over to the other.
        cut = _cut(after, max(room // 2, room - width(before)))
        after, far_after = cut, far_after or len(cut) < len(after)
        cut = _cut(before[::-1], room - width(after))[::-1]
        before, far_before = cut, far_before or len(cut) < len(before)
    head = "…" if far_before else ""
    tail = "…" if far_under or far_after else ""
    blank, carets = width(head + before), width(under)
    # An accent has no column of its own: the caret belongs under its letter.
    if under and not carets:
        blank = max(0, blank - 1)
    return head + before + under + after + tail, blank, max(1, carets)


def _cut(text: str, columns: int) -> str:
    """As much of the beginning of a visible text as fits."""
    if text.isascii():
        return text[:columns]
    used = 0
    for place, character in enumerate(text):
        used += width(character)
        if used > columns:
            return text[:place]
    return text
