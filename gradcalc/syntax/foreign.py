"""What to write for what Python, NumPy and PyTorch write otherwise: their calls and methods.

What is said is a program with the same value. Where the arguments do not allow one, or where the
same call is another thing for a matrix, it is the name with ... in its brackets, or a sentence.
The tables are in :mod:`gradcalc.syntax.elsewhere`, one call is rewritten in
:mod:`gradcalc.syntax.rewriting`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from gradcalc.errors import closest
from gradcalc.ops.row import RANDOM
from gradcalc.syntax.elsewhere import FUNCTIONS, LIBRARIES, METHODS, SENTENCES, TRANSPOSE
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import shorten
from gradcalc.syntax.rewriting import (
    AXES,
    KEYWORD,
    LONGEST_CALL,
    Operand,
    as_here,
    bracketed,
    call,
    formed,
    program_for,
)

NO_DOTS = "a name has no dots; a product is x*y"
#: The dot of x.exp, and what stands behind it; the word in front of it, at the end of a text.
LINK = re.compile(r"\.([^\W\d]\w*)")
CALL = re.compile(r"[ \t]*\(")
LAST_WORD = re.compile(r"\w*\Z")
PREFIX = re.compile(rf"(?<![\w.])(?:(?:{'|'.join(LIBRARIES)})\.)+(?=[^\W\d]\w+)")
#: What a method that needs no other operand has in its brackets.
AN_AXIS = re.compile(rf"{AXES.pattern}|(?:axis|dim|keepdims?)[ \t]*=.*")
NEW_AXIS = re.compile(r"\b(?:None|newaxis)\b")
#: What stands beside a part of a text that needs no brackets there.
OPENING, CLOSING = ("", "(", "[", ",", "=", "\n", ";"), ("", ")", "]", ",", "\n", ";")
#: A longer chain or name is not looked through, and what is said of them is cut.
LONGEST_CHAIN = 10
LONGEST_ARGUMENT = 40
LONGEST_PROGRAM = 120


class _Link(NamedTuple):
    """A name behind a dot, with the arguments in its brackets, if it has any.

    An index is one with the name [] and its text for an argument. ``end`` is where it ends, 0 if
    that is not seen.
    """

    name: str
    arguments: list[str] | None
    end: int


class _Chain(NamedTuple):
    """What to say for ``np.exp(x).sum()``; the program alone, if there is one for all of it."""

    help: str
    program: str = ""
    end: int = 0


def suggestion(name: str, text: str, bracket: int, functions: Collection[str]) -> str:
    """What to write for a call with several arguments of a function that there is none of.

    Args:
        bracket: where the bracket is in ``text`` that the name stands in front of.
        functions: those of the program.
    """
    from gradcalc.ops import load

    known = [*functions]
    for row in load():
        if len(row.parameters) + len(row.settings) > 1 or row.signature.endswith("...)"):
            known += (row.name, *row.aliases)
    return instead(name, text, bracket) or likely(name, known)


def likely(name: str, known: Iterable[str]) -> str:
    """The function that a name may be a slip for."""
    near = closest(name, known)
    return f"did you mean {near}?" if near else ""


def instead(name: str, text: str, bracket: int) -> str:
    """What to write for a call of a function of other languages."""
    from gradcalc.ops import PLACES

    name, arguments, _ = _called(name, text, bracket)
    if name in SENTENCES:
        return _filled(SENTENCES[name], arguments or ["x"])
    forms = FUNCTIONS.get(name)
    if forms is None or (name in PLACES and not formed(forms, arguments or ())):
        return ""
    return f"write {_cut(program_for(name, arguments or ['x'], forms))}"


def rewritten(name: str, text: str, start: int) -> str:
    """The call at ``start`` of a function of the language, if its settings are not written as they
    are here: ``cat((a, b), axis=0)`` for ``cat((a, b), 0)``. Else nothing."""
    _, arguments, _ = _called(name, text, start + len(name))
    if not arguments or not text.startswith(name, start):
        return ""
    written = as_here(name, arguments)
    return _cut(written) if written != call(name, arguments) else ""


def dotted(text: str, at: int) -> str:
    """What to write for ``np.exp(x)``, ``x.T`` or ``x.exp().sum()``; its first dot is at ``at``."""
    if text.startswith("...", at):
        return "write a : for each axis, as in x[:, :, 0]"
    return _chain(text[:at] + _translated(text[at : at + LONGEST_CALL]), at).help


def _translated(text: str) -> str:
    """The text with all calls of libraries as they are written here, from the inner ones on."""
    for prefix in reversed([*PREFIX.finditer(text)]):
        chain = _chain(text, text.index(".", prefix.start()))
        if chain.program and len(text) <= 2 * LONGEST_CALL:
            text = text[: prefix.start()] + chain.program + text[chain.end :]
    return text


def _chain(text: str, at: int) -> _Chain:
    """What to write for a chain whose first dot is at ``at``."""
    start, written, libraries, links = _opened(text, at)
    if not links:
        return _Chain(NO_DOTS)
    if libraries and links[0].name in CONSTANTS:
        return _Chain(f"write {links[0].name}", links[0].name, links[0].end)
    known = 0
    for link in links[:LONGEST_CHAIN]:
        operands = [*filter(None, [written]), *(link.arguments or ())]
        if link.name in SENTENCES:
            return _Chain(_filled(SENTENCES[link.name], operands or ["x"]))
        program = _linked(link, operands or ["..."], libraries, bool(written))
        if not program or len(program) > LONGEST_CALL:
            break
        written = program
        known += 1
    if not known:
        return _Chain(_unknown(links[0], libraries))
    if known < len(links):
        name, arguments, _ = links[known]
        behind = "".join(arguments or ()) if name == "[]" else f".{name}"
        return _Chain(f"write {_cut(written)} for what stands in front of {behind}")
    end = links[-1].end
    if written == "...":
        return _Chain(f"leave out {text[at:end]}")
    if _is_beside(text, start, end):
        written = f"{Operand(written):factor}"
    return _Chain(_said(written, links, libraries), "" if "..." in written else written, end)


def _opened(text: str, at: int) -> tuple[int, str, list[str], list[_Link]]:
    """Where a chain starts, the variable that it starts with or the libraries, and its links."""
    from gradcalc.ops import PLACES

    word = LAST_WORD.search(text[max(0, at - LONGEST_ARGUMENT - 1) : at])
    front = word.group() if word else ""
    start = at - len(front)
    links = [*islice(_links(text, at), LONGEST_CHAIN + 1)]
    libraries = [front]
    while libraries[-1] in LIBRARIES and len(links) > 1 and links[0].name in LIBRARIES:
        libraries.append(links.pop(0).name)
    if links and libraries[-1] in LIBRARIES:
        name, arguments, _ = links[0]
        is_variable = name in METHODS and (not arguments or name.endswith("[]"))
        is_letter = len(front) == 1 and all(map(AN_AXIS.fullmatch, arguments or ()))
        if (name in PLACES and not is_letter) or not (is_variable or is_letter):
            return start, "", libraries, links
    return start, front if 0 < len(front) <= LONGEST_ARGUMENT else "...", [], links


def _said(written: str, links: Sequence[_Link], libraries: Sequence[str]) -> str:
    """The help with a program for all of a chain."""
    from gradcalc.ops import PLACES

    names = {link.name for link in links}
    if len(links) == 1 and METHODS.get(links[0].name) is TRANSPOSE:
        return f"the transpose is {written}"
    help = f"write {_cut(written)}"
    if libraries and links[0].name in PLACES:
        help = f"functions have no prefix: {help}"
    if not libraries and names & {"std", "var"} and "ddof" not in written:
        help += "; that of PyTorch has ddof=1"
    return help


def _linked(link: _Link, operands: Sequence[str], libraries: Sequence[str], is_method: bool) -> str:
    """The program for a link of a chain, whose operands include what stands in front of it."""
    from gradcalc.ops import PLACES

    name, arguments, _ = link
    if name == "[]":
        if NEW_AXIS.search(operands[1]):
            return ""
        return f"{Operand(operands[0]):factor}{operands[1]}"
    forms = METHODS.get(name) if is_method else None
    for key in (*(f"{library}.{name}" for library in libraries), name):
        forms = FUNCTIONS.get(key) if forms is None else forms
    if name in PLACES and (
        (is_method and arguments is None and name not in METHODS)
        or ("random" in libraries and name not in RANDOM)
    ):
        return ""
    return program_for(name, operands, forms, libraries)


def _unknown(link: _Link, libraries: Sequence[str]) -> str:
    """What to say where the first name behind a dot is no function or method that is known."""
    from gradcalc.ops import PLACES

    if not libraries:
        is_function = link.name in PLACES
        return f"functions have no prefix: write {link.name}(...)" if is_function else NO_DOTS
    if link.arguments is None:
        return NO_DOTS
    near = likely(link.name, PLACES) if link.name not in PLACES else ""
    return f"functions have no prefix; {near or 'gradcalc functions lists them'}"


def _links(text: str, at: int) -> Iterator[_Link]:
    """The names behind dots, and the indices behind them."""
    while link := LINK.match(text, at):
        found = _called(link.group(1), text, link.end())
        yield found
        at = found.end
        while at and text.startswith("[", at):
            start, (_, at) = at, bracketed(text, at)
            yield _Link("[]", [text[start:at] if at else "[...]"], at)
        if not at:
            return


def _called(name: str, text: str, at: int) -> _Link:
    """A name and the arguments in the brackets at a place.

    An index counts as one, if it has a meaning for the name, which then has its brackets.
    """
    arguments: list[str] | None = None
    bracket = CALL.match(text, at)
    if bracket:
        arguments, at = bracketed(text, bracket.end() - 1)
    indexed = name + "()" * bool(bracket) + "[]"
    if at and text.startswith("[", at) and (indexed in METHODS or indexed in FUNCTIONS):
        index, at = bracketed(text, at)
        name, arguments = indexed, [*(arguments or ()), *index]
    return _Link(name, arguments, at)


def _is_beside(text: str, start: int, end: int) -> bool:
    """Whether a part of a text stands beside an operator."""
    before = text[max(0, start - LONGEST_ARGUMENT) : start].rstrip(" \t")[-1:]
    behind = text[end : end + LONGEST_ARGUMENT].lstrip(" \t")[:1]
    return bool(end) and (before not in OPENING or behind not in CLOSING)


def _filled(sentence: str, arguments: Sequence[str]) -> str:
    plain = [KEYWORD.sub("", argument, count=1) for argument in arguments]
    shown = [Operand(shorten(argument, LONGEST_ARGUMENT)) for argument in plain]
    return sentence.format(*shown, "...", Operand("..."))


def _cut(program: str) -> str:
    return shorten(program, LONGEST_PROGRAM)
