"""Diagnostics: what went wrong, where, and what would have been right.

The stage that knows the span raises a :class:`GradcalcError`; :func:`render` is the one place that
turns one into text.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcalc.source import Source, visible, width

#: How many columns of a source line a diagnostic shows, and how many spans.
EXCERPT = 76
MAX_SPANS = 10


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


def render(error: GradcalcError) -> str:
    """The diagnostic as plain text of several lines, without a line break at the end."""
    return "\n".join(_lines(error))


def _lines(error: GradcalcError) -> Iterator[str]:
    yield f"error[{error.code}]: {visible(error.message)}"
    if error.source is not None and error.spans:
        source = error.source
        line, column = source.locate(error.spans[0].start)
        yield f" --> {visible(source.name)}, line {line}, column {column}"
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
            label = f" {visible(span.label)}" if span.label else ""
            yield f"{'':{margin}} | {'':{blank}}{'^' * carets}{label}"
        if len(error.spans) > MAX_SPANS:
            yield f"{'':{margin}} | ... and {len(error.spans) - MAX_SPANS} more places"
    for line_of_help in filter(None, error.help.split("\n")):
        yield f"help: {visible(line_of_help)}"


def _excerpt(source: Source, number: int, span: Span) -> tuple[str, int, int]:
    """The part of a line around a span, the columns in front of the caret run and its length."""
    start, end = source.line(number)
    last = min(max(span.end, span.start), end)
    low, high = start, end
    if high - low > EXCERPT:
        centre = (span.start + min(last, span.start + EXCERPT)) // 2
        low = max(start, min(centre - EXCERPT // 2, end - EXCERPT))
        high = min(end, low + EXCERPT)
    before = visible(source.text[low : span.start])
    under = visible(source.text[span.start : min(last, high)])
    after = visible(source.text[min(last, high) : high])
    head = "…" if low > start else ""
    tail = "…" if high < end else ""
    return head + before + under + after + tail, width(head + before), max(1, width(under))
