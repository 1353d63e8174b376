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
from gradcalc.ops import REDUCTIONS
from gradcalc.ops.row import RANDOM
from gradcalc.syntax import axes
from gradcalc.syntax.arguments import parameters, sentence
from gradcalc.syntax.elsewhere import (
    FUNCTIONS,
    LIBRARIES,
    METHODS,
    PAIRS,
    PARTS,
    SENTENCES,
    TORCH,
    TRANSPOSE,
    Forms,
)
from gradcalc.syntax.elsewhere_functions import KNOWN
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.operands import (
    AXES,
    LONGEST_CALL,
    Operand,
    bracketed,
    opening,
    parted,
    plain,
)
from gradcalc.syntax.printer import shorten
from gradcalc.syntax.rewriting import as_here, call, filled, formed, program_for

NO_DOTS = "a name has no dots; a product is x*y"
#: The dot of x.exp, and what stands behind it; the word in front of it, at the end of a text.
LINK = re.compile(r"\.([^\W\d]\w*)")
CALL = re.compile(r"[ \t]*\(")
HEAD = re.compile(r"(?<![\w.])([^\W\d]\w*)[ \t]*\(\Z")
LAST_WORD = re.compile(r"(?:(?<![\w.])\w+(?:\.T)*)?\Z")
PREFIX = re.compile(rf"(?<![\w.])(?:(?:{'|'.join(LIBRARIES)})\.)+(?=[^\W\d]\w+)")
#: What a method that needs no other operand has in its brackets.
AN_AXIS = re.compile(rf"{AXES.pattern}|(?:axis|dim|keepdims?)[ \t]*=.*")
#: What only PyTorch calls so.
OF_TORCH = re.compile(r"(?:dim|keepdim|descending|stable)[ \t]*=")
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
    """The function that a name may be a slip for.

    One that other libraries have is no slip for another one of the language.
    """
    from gradcalc.ops import PLACES

    if name in KNOWN or name in FUNCTIONS or name in METHODS or name in SENTENCES:
        known = [own for own in known if own not in PLACES]
    near = closest(name, known)
    return f"did you mean {near}?" if near else ""


def instead(name: str, text: str, bracket: int) -> str:
    """What to write for a call of a function of other languages."""
    from gradcalc.ops import PLACES

    name, arguments, _ = _called(name, text, bracket)
    forms = FUNCTIONS.get(name)
    if written := formed(forms or {}, arguments or ()):
        return f"write {_cut(written)}"
    if name in SENTENCES:
        return _sentence(name, arguments or ["x"])
    if forms is None or name in PLACES:
        return ""
    return f"write {_cut(program_for(name, arguments or ['x'], forms))}"


def otherwise(name: str, text: str, start: int) -> str:
    """What to write for the call at ``start`` of a function of the language, if its arguments are
    not written as they are here: ``cat((a, b), axis=0)`` for ``cat((a, b), 0)``. Else nothing."""
    from gradcalc.ops import row

    _, arguments, end = _called(name, text, start + len(name))
    if not arguments or not text.startswith(name, start):
        return ""
    if said := sentence(row(name), arguments):
        return said
    written = formed(FUNCTIONS.get(name, {}), arguments) or as_here(name, arguments)
    if written in ("", call(name, arguments)):
        return ""
    names, values = zip(*map(parted, arguments), strict=True)
    if {*names} <= {"", *parameters(row(name))} and written == call(name, values):
        return ""  # the same, its arguments by place
    if _is_beside(text, start, end):
        written = f"{Operand(written):factor}"
    return f"write {_cut(written)}"


def call_around(text: str, at: int) -> tuple[str, int] | None:
    """The function of the language whose call a place of a text is in, and where it begins."""
    from gradcalc.ops import PLACES

    bracket = opening(text, at)
    head = HEAD.search(text[max(0, bracket - LONGEST_ARGUMENT) : bracket + 1])
    return (head[1], bracket + 1 - len(head[0])) if head and head[1] in PLACES else None


def dotted(text: str, at: int) -> str:
    """What to write for ``np.exp(x)``, ``x.T`` or ``x.exp().sum()``; its first dot is at ``at``."""
    if text.startswith("...", at):
        if index := axes.around(text, at):
            return f"write {_cut(index)}"
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
    links = _paired(links, libraries)
    known = 0
    for link in links[:LONGEST_CHAIN]:
        operands = [*filter(None, [written]), *(link.arguments or ())]
        forms = _forms(link, libraries, bool(written))
        if link.name == "newaxis" and (index := new_axis(text, start)):
            return _Chain(index)
        if said := _said_of(link.name, operands, forms):
            return _Chain(said)
        if _may_be_pair(links[known:], libraries):
            return _Chain(_either(link, operands))
        program = _linked(link, operands or ["..."], forms, libraries, bool(written))
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


def _paired(links: Sequence[_Link], libraries: Sequence[str]) -> list[_Link]:
    """The links, with ``max(x, 1)[0]`` of PyTorch, one of a pair, as a call of its own."""
    found: list[_Link] = []
    for place, link in enumerate(links):
        part = _part(link)
        of_torch = not {*TORCH}.isdisjoint(libraries) or link.name != "[]"
        is_whole = bool(found) and found[-1] is links[place - 1]
        if part is not None and is_whole and _is_pair(found, libraries, of_torch):
            found[-1] = found[-1]._replace(name=PAIRS[found[-1].name][part], end=link.end)
        else:
            found.append(link)
    return found


def _part(link: _Link) -> int | None:
    """Which of a pair is taken, if it is one."""
    index = link.arguments[0] if link.name == "[]" and link.arguments else ""
    return PARTS.get(index or link.name) if index or link.arguments is None else None


def _is_pair(links: Sequence[_Link], libraries: Sequence[str], of_torch: bool) -> bool:
    """Whether the last of the links gives a pair in PyTorch, and is known to be of PyTorch."""
    name, arguments, _ = links[-1]
    if name not in PAIRS or arguments is None:
        return False
    behind = arguments[1:] if libraries and len(links) == 1 else arguments
    named = any(map(OF_TORCH.match, behind))
    if name == "sort":
        return of_torch or named or not libraries
    return named or (of_torch and any(map(AXES.fullmatch, behind)))


def _may_be_pair(links: Sequence[_Link], libraries: Sequence[str]) -> bool:
    """Whether ``x.max(1)[0]`` is the first greatest of NumPy, or all of them of PyTorch."""
    if libraries or len(links) < 2 or _part(links[1]) is None:
        return False
    return links[0].name in REDUCTIONS and _is_pair(links[:1], libraries, of_torch=True)


def _either(link: _Link, operands: Sequence[str]) -> str:
    """What is said of what may be one of a pair."""
    values, places = (as_here(name, operands) for name in PAIRS[link.name])
    return f"write {values} for the values, {places} for their places"


def _said(written: str, links: Sequence[_Link], libraries: Sequence[str]) -> str:
    """The help with a program for all of a chain."""
    from gradcalc.ops import PLACES

    names = {link.name for link in links}
    if len(links) == 1 and METHODS.get(links[0].name) is TRANSPOSE:
        return f"the transpose is {written}"
    help = f"write {_cut(written)}"
    if libraries and links[0].name in PLACES:
        help = f"functions have no prefix: {help}"
    if not libraries and names & {"std", "var"} and not any(map(written.count, ("ddof", "..."))):
        help += "; that of PyTorch has ddof=1"
    return help


def _forms(link: _Link, libraries: Sequence[str], is_method: bool) -> Forms | None:
    """The forms of a call of this name."""
    forms = METHODS.get(link.name) if is_method else None
    for key in (*(f"{library}.{link.name}" for library in libraries), link.name):
        forms = FUNCTIONS.get(key) if forms is None else forms
    return forms


def _linked(
    link: _Link,
    operands: Sequence[str],
    forms: Forms | None,
    libraries: Sequence[str],
    is_method: bool,
) -> str:
    """The program for a link of a chain, whose operands include what stands in front of it."""
    from gradcalc.ops import PLACES

    name, arguments, _ = link
    if name == "[]":
        if NEW_AXIS.search(operands[1]):
            return axes.indexed(operands[0], bracketed(operands[1], 0)[0])
        return f"{Operand(operands[0]):factor}{operands[1]}"
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


def _said_of(name: str, operands: Sequence[str], forms: Forms | None) -> str:
    """The sentence for a call in a chain, if it has no program."""
    from gradcalc.ops import PLACES, row

    if name in SENTENCES and not formed(forms or {}, operands):
        return _sentence(name, operands or ["x"])
    return sentence(row(name), operands) if name in PLACES else ""


def _sentence(name: str, arguments: Sequence[str]) -> str:
    """What is said of a function for which there is a sentence."""
    shown = [shorten(argument, LONGEST_ARGUMENT) for argument in plain(arguments)]
    return filled(SENTENCES[name], shown)


def new_axis(text: str, at: int) -> str:
    """What to write for an index with a new axis at a place; nothing where that is no index."""
    index = axes.around(text, at)
    return f"an axis of size 1 is made by stack: write {_cut(index)}" if index else ""


def _cut(program: str) -> str:
    return shorten(program, LONGEST_PROGRAM)
