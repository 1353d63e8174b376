"""What Python, NumPy and PyTorch write otherwise: functions, methods and names of settings."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from gradcalc.errors import closest
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import shorten

#: Libraries, and their parts, whose functions are written with these names in front.
LIBRARIES = (
    *("np", "numpy", "jnp", "jax", "torch", "nn", "functional", "F", "tf", "math", "scipy"),
    *("special", "linalg", "random"),
)
#: What other libraries call a parameter.
SETTINGS = {
    "dim": "axis",
    "keepdim": "keepdims",
    "dims": "axes",
    "correction": "ddof",
    "p": "ord",
    "diagonal": "k",
}
TRANSPOSE = "{0:factor}'"
TRANSPOSES = (
    "a matrix, and each matrix of a stack, is transposed by {0:factor}'"
    "; all axes are put in order by transpose({0}, (1, 0))"
)
AN_ARRAY = "an array is written [1, 2, 3]"
AN_AXIS = "an axis of size 1 is made by reshape, as in reshape({0}, 1, 3)"
A_CONSTANT = "a constant is an input of its own: give it a name and a value"
GRADIENTS = "write the formula alone: its gradients by all names are printed"
REPEATED = "a sum or a product extends its operands; otherwise write broadcast_to({0}, 2, 3)"
#: Methods and attributes by what to write for them: {0} is the array, {1} the first argument.
#: One that ends in [] has an index behind it.
METHODS = {
    **dict.fromkeys(("T", "mT", "H", "mH", "t"), TRANSPOSE),
    **dict.fromkeys(("item", "numpy", "contiguous", "tolist", "cpu", "cuda", "data", "to"), "{0}"),
    "expand": "broadcast_to({0}{rest})",
    "masked_fill": "where({1}, {2}, {0})",
    "shape[]": "size({0}, {1})",
    "view": "reshape({0}{rest})",
    "size": "size({0}{rest})",
}
#: Functions that are methods as well.
FUNCTIONS = {
    **dict.fromkeys(("bmm", "mm"), "{0:factor} @ {1:factor}"),
    **dict.fromkeys(("astype", "clone", "copy", "float"), "{0}"),
    **dict.fromkeys(("inner", "vdot"), "dot({0}{rest})"),
    "full": "{1:factor}*ones({0:inner})",
    "gather": "take_along({0}, {2}, {1})",
    "len": "size({0}, 0)",
    "nan_to_num": "where({0:factor} == {0:factor}, {0}, 0)",
    "numel": "size({0})",
    "permute": "transpose({0}, ({axes:inner}))",
    "rsqrt": "1/sqrt({0})",
    "shape()[]": "size({0}, {1})",
}
#: Of one array these are reductions, of two operands they are not.
REDUCTIONS = {"max": "amax", "min": "amin"}
#: Those for which a sentence says more.
SENTENCES = {
    **dict.fromkeys(("array", "asarray", "matrix", "tensor"), AN_ARRAY),
    **dict.fromkeys(("backward", "grad"), GRADIENTS),
    **dict.fromkeys(("detach", "stop_gradient"), A_CONSTANT),
    **dict.fromkeys(("expand_dims", "newaxis", "unsqueeze"), AN_AXIS),
    **dict.fromkeys(("moveaxis", "movedim", "swapaxes", "swapdims", "transpose"), TRANSPOSES),
    **dict.fromkeys(("repeat", "tile"), REPEATED),
    "einsum": "a product of matrices is A @ B; others are sums, as in sum(A*B, axis=0)",
    "full_like": "a number fits every array: write {1}; a matrix of it is {1:factor}*ones(m, n)",
    "hstack": "write concat({0:inner}, axis=1) for matrices, concat({0:inner}) for vectors",
    "linear": "with the matrix W of PyTorch write x W' + b",
    "ones_like": "a number fits every array: write 1; a matrix of it is ones(m, n)",
    "shape": "the size of an axis is size({0}, 0), the number of all entries size({0})",
    "squeeze": "an axis of size 1 is left out by an index, as in {0:factor}[0]",
    "vstack": "write concat({0:inner}, axis=0) for matrices, stack({0:inner}) for vectors",
    "zeros_like": "a number fits every array: write 0; a matrix of it is zeros(m, n)",
}
NO_DOTS = "a name has no dots; a product is x*y"
#: The dot of x.exp, and what stands behind it; the word in front of it, at the end of a text.
LINK = re.compile(r"\.([^\W\d]\w*)")
CALL = re.compile(r"[ \t]*\(")
LAST_WORD = re.compile(r"\w*\Z")
PREFIX = re.compile(rf"(?<![\w.])(?:(?:{'|'.join(LIBRARIES)})\.)+(?=[^\W\d]\w+)")
TRANSPOSED = re.compile(r"(?<=[\w)\]])\.m?T\b")
KEYWORD = re.compile(r"([^\W\d]\w*)[ \t]*=(?!=)[ \t]*")
INTEGER = re.compile(r"[-+]?\d+")
#: An operand that needs no brackets in a product.
FACTOR = re.compile(r"[^\W\d][\w.]*(?:\([^()]*\))?'*|\d[\d.]*")
#: A longer call or chain is not looked through, and a longer argument is cut.
LONGEST_CALL = 1000
LONGEST_CHAIN = 10
LONGEST_ARGUMENT = 40


class _Operand(str):
    """A text to be put into another one: as it is, as a ``factor``, or what is ``inner``."""

    def __format__(self, form: str) -> str:
        if form == "factor" and not FACTOR.fullmatch(self):
            return f"({self})"
        if form == "inner" and self[:1] + self[-1:] in ("()", "[]"):
            return self[1:-1]
        return str(self)


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
    name, arguments, _ = _called(name, text, bracket)
    return _instead(name, arguments)


def rewritten(name: str, text: str, start: int) -> str:
    """The call at ``start`` of a function of the language, if its settings are not written as they
    are here: ``cat((a, b), axis=0)`` for ``cat((a, b), 0)``. Else nothing."""
    _, arguments, _ = _called(name, text, start + len(name))
    if not arguments or not text.startswith(name, start):
        return ""
    written = _written(name, arguments)
    return written if written != _call(name, arguments) else ""


def dotted(text: str, at: int) -> str:
    """What to write for ``np.exp(x)``, ``x.T`` or ``x.exp().sum()``; its first dot is at ``at``."""
    from gradcalc.ops import PLACES

    if text.startswith("...", at):
        return "write a : for each axis, as in x[:, :, 0]"
    word = LAST_WORD.search(text[max(0, at - 40) : at])
    prefix = word.group() if word else ""
    links = [*islice(_links(text, at), LONGEST_CHAIN)]
    while prefix in LIBRARIES and len(links) > 1 and links[0][0] in LIBRARIES:
        prefix = links.pop(0)[0]
    if not links:
        return NO_DOTS
    name, arguments = links[0]
    is_variable = name in METHODS and (not arguments or name.endswith("[]"))
    if prefix in LIBRARIES and (name in PLACES or not is_variable):
        return _of_library(name, arguments)
    written, known = prefix or "...", 0
    for name, arguments in links:
        operands = [written, *(arguments or ())]
        if name in SENTENCES:
            return _filled(SENTENCES[name], operands)
        template = METHODS.get(name) or FUNCTIONS.get(name)
        if template is None and (name not in PLACES or arguments is None):
            break
        written = _filled(template, operands) if template else _written(name, operands)
        known += 1
    name, _ = links[0]
    if known == 1 and METHODS.get(name) == TRANSPOSE:
        return f"the transpose is {written}"
    if known:
        return f"write {written}"
    return f"functions have no prefix: write {name}(...)" if name in PLACES else NO_DOTS


def _links(text: str, at: int) -> Iterator[tuple[str, list[str] | None]]:
    """The names behind dots, each with the arguments in its brackets, if it has any."""
    while link := LINK.match(text, at):
        name, arguments, at = _called(link.group(1), text, link.end())
        yield name, arguments
        if not at:
            return


def _called(name: str, text: str, at: int) -> tuple[str, list[str] | None, int]:
    """A name and the arguments in the brackets at a place, and where they end (0: not seen).

    An index counts as one, if it has a meaning for the name, which then has its brackets.
    """
    arguments: list[str] | None = None
    bracket = CALL.match(text, at)
    if bracket:
        arguments, at = _items(text, bracket.end() - 1)
    indexed = name + "()" * bool(bracket) + "[]"
    if at and text.startswith("[", at) and (indexed in METHODS or indexed in FUNCTIONS):
        index, at = _items(text, at)
        name, arguments = indexed, [*(arguments or ()), *index]
    return name, arguments, at


def _items(text: str, at: int) -> tuple[list[str], int]:
    """What stands between the brackets at a place, and where they end (0: not seen)."""
    depth, start = 0, at + 1
    items: list[str] = []
    for place in range(at, min(len(text), at + LONGEST_CALL)):
        character = text[place]
        depth += (character in "([") - (character in ")]")
        if not depth or (depth == 1 and character == ","):
            item = PREFIX.sub("", " ".join(text[start:place].split()))
            item = TRANSPOSED.sub("'", item)
            items += [shorten(item, LONGEST_ARGUMENT)] if item else []
            start = place + 1
        if not depth:
            return items, start
    return ["..."], 0


def _instead(name: str, arguments: Sequence[str] | None) -> str:
    """What to write for a function of other languages with these arguments."""
    if name in SENTENCES:
        return _filled(SENTENCES[name], arguments or ["x"])
    return f"write {_filled(FUNCTIONS[name], arguments or ['x'])}" if name in FUNCTIONS else ""


def _filled(template: str, arguments: Sequence[str]) -> str:
    plain = [KEYWORD.sub("", argument, count=1) for argument in arguments]
    rest = "".join(f", {argument}" for argument in arguments[1:])
    axes = _Operand(", ".join(plain[1:]) or "...")
    return template.format(*map(_Operand, (*plain, "...", "...")), rest=rest, axes=axes)


def _of_library(name: str, arguments: Sequence[str] | None) -> str:
    """What to write for a function of a library, or a constant of it."""
    from gradcalc.ops import PLACES

    if name in CONSTANTS:
        return f"write {name}"
    if name in PLACES and name not in SENTENCES:
        return f"functions have no prefix: write {_written(name, arguments or ['...'])}"
    if help := _instead(name, arguments):
        return help
    if arguments is None:
        return NO_DOTS
    return f"functions have no prefix; {likely(name, PLACES) or 'gradcalc functions lists them'}"


def _call(name: str, arguments: Sequence[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def _written(name: str, arguments: Sequence[str]) -> str:
    """A call of a function of the language that other libraries have too, as it is written here."""
    from gradcalc.ops import row

    reduction = REDUCTIONS.get(name)
    called, placed = row(reduction or name), list(arguments)
    known = {*called.parameters, *(setting.name for setting in called.settings)}
    for place, argument in enumerate(placed):
        keyword = KEYWORD.match(argument)
        if keyword and keyword[1] not in known and SETTINGS.get(keyword[1]) in known:
            placed[place] = f"{SETTINGS[keyword[1]]}={argument[keyword.end() :]}"
    if len(placed) == 2 and INTEGER.fullmatch(placed[1]):
        if reduction:
            name = reduction
        elif called.variadic and "axis" in known and placed[0][:1] in ("(", "["):
            placed[1] = f"axis={placed[1]}"
    return _call(name, placed)
