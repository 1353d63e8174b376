"""The loops of ``sum(x[i] for i in range(n))``: their names, and what to say of one misspelt."""

import re
from collections.abc import Iterator

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.names import canonical

GAP = r"(?:\s|#[^\r\n]*+)++"
NAME = r"[^\W\d](?:\w|[\u0300-\u036f])*+"
HEAD = re.compile(rf"(?<!\w)for{GAP}({NAME}){GAP}in(?!\w)")
#: A comment, or the head of a loop.
HEADS = re.compile(rf"#[^\r\n]*+|{HEAD.pattern}")
FOR_NAME = re.compile(rf"for{GAP}({NAME})[ \t]*([,=∈])?")
OPEN_BEHIND = re.compile(r"[ \t]*\(")
#: What a loop runs over: a word, or any other character.
OVER = re.compile(rf"{GAP}([\w.]+|\S)?")

A_LOOP = "a loop is written sum(x[i] for i in range(3))"


def loop_names(text: str, start: int, end: int) -> Iterator[str]:
    """The names that run in the loops of a text. They are used before their ``for`` is read."""
    for match in HEADS.finditer(text, start, end):
        if match.group(1):
            yield canonical(match.group(1))


def loop_name(head: str, start: int) -> tuple[str, int]:
    """The name in ``for NAME in range(``, which begins at ``start``, and its place."""
    match = HEAD.match(head)
    assert match is not None
    return match.group(1), start + match.start(1)


def check_no_loop(source: Source, start: int, end: int) -> None:
    """Raise if the word ``for`` or ``range`` that stands there was to be a loop."""
    text = source.text

    def error(message: str, start: int, end: int, help: str = A_LOOP) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=source)

    bracket = OPEN_BEHIND.match(text, end)
    if text[start:end] == "range":
        if bracket:
            help = f"{A_LOOP}; the numbers 0, 1, 2 are arange(3)"
            raise error("range(...) stands outside of a loop", start, end, help)
        return
    if head := HEAD.match(text, start):
        over = OVER.match(text, head.end())
        if over is None or over.group(1) is None:
            raise error('nothing follows "in"', head.end() - 2, head.end())
        word, at = over.group(1), over.start(1)
        help = f"write for {head.group(1)} in range(n)"
        if word.isdecimal():
            help = f"write for {head.group(1)} in range({word})"
        elif word.isidentifier() and word != "range":
            help += f", and {word}[{head.group(1)}] for the entries"
        raise error("a loop runs over range(n)", at, at + len(word), help)
    if named := FOR_NAME.match(text, start):
        if named.group(2) == ",":
            help = "write a loop for each: for i in range(2) for j in range(3)"
            raise error("a loop has one name", start, named.end(), help)
        message = f'"in" is missing behind for {canonical(named.group(1))}'
        raise error(message, start, named.end(1))
    if bracket:
        raise error('"for" is followed by a name', start, end)
