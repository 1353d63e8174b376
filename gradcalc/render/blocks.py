"""Arrays as blocks of lines: small ones in full, big ones by their first entries and their size.

A row of a matrix is a line, in brackets of its own: ``[ 0.1  0.5]`` above ``[-0.3  0.8]``.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gradcalc.render import Style
from gradcalc.render.rows import number

#: Arrays of more entries, or rows, than this are not shown in full.
MOST_ENTRIES, MOST_ROWS = 36, 6
#: So many digits are tried, one after the other, where the user does not say how many; the last
#: only to show all of an array.
DIGITS = (6, 4, 3, 2)
CUT = len(DIGITS)
#: So many entries of a big array are shown.
FIRST = 3
#: The local gradients of an elementwise gate are shown up to this size.
SMALL = 9


class Block(NamedTuple):
    """A number or an array as text.

    Attributes:
        fewer: 0 for all of it with all digits, 1 to 3 for fewer digits, CUT for its first entries.
        wrapped: how many lines more there are than rows.
    """

    lines: list[str]
    fewer: int = 0
    wrapped: int = 0

    @property
    def width(self) -> int:
        return max(map(len, self.lines))


class Form(NamedTuple):
    """How the entries of a row stand side by side."""

    between: str
    aligned: bool


COLUMNS, LIST = Form("  ", True), Form(", ", False)


class Blocks:
    """The blocks of one array, for columns of any width."""

    def __init__(self, array: Any, form: Form = COLUMNS) -> None:
        self.array = array
        self.form = form

    def block(self, style: Style, width: int) -> Block:
        """The array in at most ``width`` columns, if that is possible without cutting a number.

        Where the user asks for no number of digits, there are fewer of them in an array that does
        not fit otherwise, or in a vector that takes fewer lines then.
        """
        styles = [style, *map(Style, DIGITS[1:])] if style.precision is None else [style]
        small = self.array.size <= MOST_ENTRIES
        blocks = []
        if small:
            blocks = [self._whole(style, width, fewer) for fewer, style in enumerate(styles)]
        if blocks := [block for block in blocks if block.lines]:
            # A line more is worse than a digit less.
            return min(blocks, key=lambda block: (block.fewer + 1.5 * block.wrapped, block.wrapped))
        summary = Block(self._summary(styles[: CUT - 1], width), CUT)
        # If the width is not enough for that either, all of it may need no more.
        return self.block(style, summary.width) if small and summary.width > width else summary

    def _whole(self, style: Style, width: int, fewer: int) -> Block:
        """All entries; nothing where they do not fit."""
        shape = self.array.shape
        texts = [number(x, style) for x in self.array.ravel().tolist()]
        if not texts:
            return Block(["[]"])
        rows = [texts[i : i + shape[-1]] for i in range(0, len(texts), shape[-1])]
        lines = [f"[{line}]" for line in self._joined(rows)]
        if len(lines[0]) > width and len(shape) <= 2:
            lines = list(self._wrapped(rows, width))
        if len(shape) > 2:
            lines = list(_apart(lines, shape[-2]))
        fits = len(lines) <= MOST_ROWS and all(len(line) <= width for line in lines)
        return Block(lines if fits else [], fewer, len(lines) - len(rows))

    def _joined(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """The texts of each row, side by side."""
        if self.form.aligned:
            columns = max(map(len, rows))
            widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(columns)]
            rows = [[t.rjust(w) for t, w in zip(row, widths, strict=False)] for row in rows]
        return [self.form.between.join(row) for row in rows]

    def _wrapped(self, rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
        """Each row on several lines, as few as possible."""
        between, size = len(self.form.between), len(rows[0])
        longest = max(len(text) for row in rows for text in row)
        columns = max(1, (width - 2 + between) // (longest + between))
        each = -(-size // columns)
        columns = -(-size // each)
        parts = [row[i : i + columns] for row in rows for i in range(0, size, columns)]
        for place, line in enumerate(self._joined(parts)):
            start, end = place % each == 0, place % each == each - 1
            yield f"{'[' if start else ' '}{line}{']' if end else ''}"

    def _summary(self, styles: Sequence[Style], width: int) -> list[str]:
        """The first entries, the norm, the least and the greatest entry."""
        first = max((self._first(style, width) for style in styles), key=lambda found: found[0])
        for style in styles:
            norm, *ends = [f"{name} {number(x, style)}" for name, x in self._figures]
            if max(map(len, (norm, *ends))) <= width:
                break
        together = self.form.between.join(ends)
        return [first[1], norm, *([together] if len(together) <= width else ends)]

    def _first(self, style: Style, width: int) -> tuple[int, str]:
        """As many of the first entries as fit, but one at least; and how good that is."""
        texts = [number(x, style) for x in self.array.ravel()[:FIRST].tolist()]
        while True:
            line = f"[{self.form.between.join((*texts, '…'))}]"
            if len(line) <= width or len(texts) == 1:
                return (len(texts) if len(line) <= width else -len(line)), line
            texts.pop()

    @cached_property
    def _figures(self) -> tuple[tuple[str, float], ...]:
        array = self.array
        least, greatest = float(array.min()), float(array.max())
        return ("norm", norm(array)), ("min", least), ("max", greatest)


def _apart(lines: Sequence[str], rows: int) -> Iterator[str]:
    """The lines with an empty one between matrices of so many rows."""
    for place, line in enumerate(lines):
        if place and place % rows == 0:
            yield ""
        yield line


def inline(array: Any, style: Style, width: int) -> str:
    """An array as nested lists on one line; an empty text where it does not fit."""
    if array.size > MOST_ENTRIES:
        return ""
    texts = [number(x, style) for x in array.ravel().tolist()]
    for size in reversed(array.shape):
        texts = [f"[{', '.join(texts[i : i + size])}]" for i in range(0, len(texts), size or 1)]
    return texts[0] if texts and len(texts[0]) <= width else ""


def is_shown(formula: str, local: Any) -> bool:
    """Whether the entries of a local gradient are shown beside its formula."""
    try:
        float(formula)
    except ValueError:
        return bool(local.size <= SMALL)
    return False


def norm(array: Any) -> float:
    """The 2-norm of all entries; it neither overflows nor underflows where it need not."""
    with np.errstate(all="ignore"):
        values = np.abs(array, dtype=np.float64).ravel()
        largest = float(values.max())
        if not 0 < largest < np.inf:
            return largest
        return largest * float(np.linalg.norm(values / largest))
