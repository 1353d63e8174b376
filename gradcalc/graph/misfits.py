"""The diagnostics of shapes, settings and sizes: what can be wrong with arrays in the lowering."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcalc import ops
from gradcalc.errors import DataError, GradcalcError, NoEntry, Span, closest, listed_names
from gradcalc.graph import quotes
from gradcalc.graph.graph import Graph
from gradcalc.machine import room, shown_bytes
from gradcalc.ops.row import Setting, Structural
from gradcalc.ops.shapes import Misfit, Shape, described, short, size_of
from gradcalc.source import Source
from gradcalc.syntax.ast import BINARY, Ast
from gradcalc.syntax.printer import PRODUCT, format_number

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions
    from gradcalc.graph.loops import Frame

#: What stands for an operand in the text of a Misfit: as it is, or beside others, or transposed.
PLACEHOLDER = re.compile(r"(?<!\w)\(\{(?P<beside>\d+)\}\)(?P<mark>'?)|\{(?P<plain>\d+)\}")
#: A help that is a product of operands.
PRODUCT_FITS = re.compile(r"(\(\{\d+\}\)'?(?: \*)? \(\{\d+\}\)'?)( would .*)")
#: What an operand, or an operation, stands between that a product can be put in place of.
OPENING, CLOSING = ("([{,=;\n+-", ")]},;\n+-")
#: So many characters of an operand are shown.
SHOWN = 30
#: Errors in the body of a function that its arguments may be the cause of.
OF_ARGUMENTS = ("ambiguous", "ragged", "shape")
#: Errors that arguments written as in other libraries may be the cause of.
OF_FOREIGN = ("arity", "bad-value", "shape")
#: So many readings are said with an error.
MAX_READINGS = 3
#: So many calls are shown around an error in the body of a function.
MAX_CALLS = 3


def misfit(
    found: Misfit,
    shapes: Sequence[Shape | None],
    places: Sequence[int],
    i: int,
    lowering: "Expressions",
    settings: Mapping[str, Sequence[int]],
) -> GradcalcError:
    """Operands that do not fit: each underlined, with its shape, as far as it matters.

    Args:
        settings: the Ast nodes of the settings that are given.
    """
    ast = lowering.ast
    places = [ast.left[k] if ast.kind[k] == "keyword" else k for k in places]
    given = settings.get(found.setting)
    which = found.places or (() if given else range(len(places)))
    spans = [
        Span(ast.start[places[k]], ast.end[places[k]], described(shapes[k] or ()))
        for k in which
        if k < len(places)
    ]
    if given:
        spans.insert(0, Span(ast.start[given[0]], ast.end[given[-1]]))
    spans = spans or [Span(ast.start[i], ast.end[i])]
    message, help = _filled(found.message, places, lowering), found.help
    whole = ast.start[i], ast.end[i]
    if PLACEHOLDER.search(help) and any((ast.start[k], ast.end[k]) == whole for k in places):
        help = ""  # the operand of \begin{vmatrix} has no text of its own to be put elsewhere
    if (product := PRODUCT_FITS.fullmatch(help)) and _is_beside(product[1], places, i, lowering):
        help = f"({product[1]}){product[2]}"
    help = _filled(help, places, lowering)
    return GradcalcError("shape", message, spans, help=help, source=lowering.source)


def as_written_here(code: str, i: int, lowering: "Expressions") -> str:
    """The help for a call that other libraries write so, and that means something else here.

    Args:
        code: that of the error that it ended in.
    """
    from gradcalc.syntax.foreign import otherwise

    ast = lowering.ast
    name = ast.names[ast.left[i]] if ast.kind[i] == "call" else ""
    if name in lowering.functions or name not in ops.PLACES:
        return ""
    if ops.row(name).elementwise and code in ("ragged", "shape"):
        return ""
    return otherwise(name, lowering.source.text, ast.start[i])


def _filled(text: str, places: Sequence[int], lowering: "Expressions") -> str:
    """The text of a Misfit, with what the user wrote in place of {0}, {1} ..."""

    def operand(match: re.Match[str]) -> str:
        place = int(match["plain"] or match["beside"])
        if place >= len(places):
            return "it"
        if match["plain"]:
            return quotes.quoted(lowering, places[place], SHOWN)
        write = quotes.transposed if match["mark"] else quotes.factor
        behind = text[: match.start()].endswith((") ", "' "))
        return write(lowering, places[place], behind, SHOWN)

    return PLACEHOLDER.sub(operand, text)


def _is_beside(product: str, places: Sequence[int], i: int, lowering: "Expressions") -> bool:
    """Whether what a product is to be put in place of stands beside what would tear it apart.

    A product of one operand is put in its place, one of several in that of the operation.
    """
    named = {int(match["beside"]) for match in PLACEHOLDER.finditer(product)}
    if len(named) > 1 and BINARY.get(lowering.ast.kind[i]) == PRODUCT:
        return False
    node = places[named.pop()] if len(named) == 1 else i
    text = lowering.source.text
    before, behind = text[: lowering.ast.start[node]], text[lowering.ast.end[node] :]
    return before.rstrip(" \t")[-1:] not in OPENING or behind.lstrip(" \t")[:1] not in CLOSING


class Placed:
    """While a graph is computed: values that an operation cannot take are reported where it stands.

    Raises:
        GradcalcError: ``bad-value``, for a DataError.
    """

    def __init__(self, graph: Graph, ast: Ast, source: Source) -> None:
        self._graph, self.ast, self.source = graph, ast, source

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DataError):
            raise self._placed(error) from None

    def _placed(self, error: DataError) -> GradcalcError:
        i = self._graph.origin[error.node]
        found = self._at(error, i)
        say_reading(found, i, self)
        return found

    def _at(self, error: DataError, i: int) -> GradcalcError:
        ast = self.ast
        items = ast.operands(i)[1:] if ast.kind[i] == "index" else ()
        if isinstance(error, NoEntry) and items and items[error.missed.axis] in ast.subscripts:
            from gradcalc.graph import subscripts

            return subscripts.no_entry(self, i, error.missed)
        spans = [Span(ast.start[i], ast.end[i])]
        return GradcalcError("bad-value", error.message, spans, help=error.help, source=self.source)


def no_parameter(
    keyword: str, name: str, parameters: Sequence[str], i: int, lowering: "Expressions"
) -> GradcalcError:
    """A named argument that is none, or is given twice."""
    from gradcalc.syntax.arguments import renamed
    from gradcalc.syntax.elsewhere_arguments import KNOWN

    known = [parameter.removesuffix("...") for parameter in parameters]
    message = f"{name} has no parameter {keyword}"
    if keyword in known:
        message = f"the parameter {keyword} of {name} is given twice"
        help = "leave out one of them"
    else:
        near = "" if name in lowering.functions else renamed(keyword, name, known)
        if near not in known:
            near = "" if near in KNOWN else closest(keyword, known)
        help = f"did you mean {near}?" if near else f"it has {listed_names(known)}"
    return lowering.error_at("arity", message, i, help)


def skipped(
    parameter: str, keyword: str, name: str, i: int, lowering: "Expressions"
) -> GradcalcError:
    """A named operand behind one that is left out."""
    message = f"{name} is given {keyword}, but not {parameter}, which comes before it"
    return lowering.error_at("arity", message, i, f"add {parameter}=...")


def no_value(word: str, i: int, lowering: "Expressions") -> GradcalcError:
    """``None``, ``True`` or ``False`` where it is no setting."""
    from gradcalc.syntax.foreign import call_around, new_axis, otherwise

    text, at = lowering.source.text, lowering.ast.start[i]
    help = new_axis(text, at) if word == "None" else ""
    if not help and (found := call_around(text, at)) and found[0] not in lowering.functions:
        help = otherwise(found[0], text, found[1])
    help = help or "it is the value of a setting, as in sum(x, axis=None)"
    return lowering.error_at("syntax", f"{word} is no value", i, help)


def setting_missing(
    row: Structural, setting: Setting, i: int, lowering: "Expressions"
) -> GradcalcError:
    help = f"it is written {row.signature.replace('...', ', ...')}"
    return lowering.error_at("arity", f"{row.name} needs its {setting.name}", i, help)


def needs_name(row: Structural, i: int, lowering: "Expressions") -> GradcalcError:
    """An argument in the place of a setting that is given by its name only."""
    names = listed_names([setting.name for setting in row.settings if setting.named])
    help = f"it is written {row.signature}"
    return lowering.error_at("arity", f"{row.name} takes {names} by name only", i, help)


def bad_setting(
    row: Structural, setting: Setting, value: Any, i: int, lowering: "Expressions"
) -> GradcalcError:
    """A setting of another kind than it should be; ``value`` is what it is, if that says more."""
    wanted = {
        "axis": "a whole number, or several as in (0, 1)",
        "integers": "a whole number, or two as in (2, 3)",
        "sizes": "made of whole numbers",
        "integer": "a whole number",
        "flag": "0 or 1",
    }.get(setting.kind, "one number")
    message = f"the {setting.name} of {row.name} is {wanted}"
    if value is None or isinstance(value, float):
        message += f", not {'None' if value is None else format_number(value)}"
    help = ""
    if setting.kind == "axis" and not row.variadic and hasattr(value, "shape"):
        help = f"{row.name} takes one array; settings are best named, as in {row.name}(x, axis=0)"
    if setting.kind == "sizes":
        help = f"as in {row.name}({', '.join([*row.parameters, '2', '3'])})"
    return lowering.error_at("bad-value", message, i, help)


def too_many_turns(turns: int, size: int, i: int, lowering: "Expressions") -> GradcalcError:
    """A loop that with all its turns is too large."""
    message = f"the loop has {_thousands(turns)} turns, and with it the program more than "
    message += f"{_thousands(size - 1)} nodes"
    help = "what works on whole arrays is one node: sum(x^2) for sum(x[i]^2 for i in range(n))"
    return lowering.error_at("too-large", message, i, help)


def too_large_array(shape: Shape, size: int, i: int, lowering: "Expressions") -> GradcalcError:
    """An array, or all arrays up to it together, that do not fit into memory."""
    own, all_of_them = map(shown_bytes, (lowering.itemsize * size_of(shape), size))
    message = f"an array of {_counted(shape)} takes {own}"
    if own != all_of_them:
        message += f", all arrays up to here {all_of_them}"
    message += f", and there is room for {shown_bytes(room())}"
    return lowering.error_at("too-large", message, i)


def _counted(shape: Shape) -> str:
    """A large shape in words."""
    sizes = [_thousands(n) for n in shape]
    return f"{sizes[0]} entries" if len(sizes) == 1 else "×".join(sizes)


def _thousands(number: int) -> str:
    """A large whole number, as a person reads it."""
    return f"{number:,}" if number < 10**15 else short(number)


def sizes_too_large(shape: Shape, i: int, lowering: "Expressions") -> GradcalcError:
    """An array without entries that still has a size that NumPy cannot count with."""
    message = f"an array of {_counted(shape)} has no entries, and still its sizes are too large"
    return lowering.error_at("too-large", message, i)


def setting_too_large(
    row: Structural, setting: Setting, value: float, i: int, lowering: "Expressions"
) -> GradcalcError:
    """A whole number that no array has a place for."""
    message = f"the {setting.name} of {row.name} is out of range: {format_number(value)}"
    return lowering.error_at("too-large", message, i)


def too_many_axes(count: int, most: int, i: int, lowering: "Expressions") -> GradcalcError:
    message = f"an array of {count:,} axes, and {most} are the most"
    return lowering.error_at("too-large", message, i)


def explain(error: GradcalcError, frames: Sequence["Frame"], lowering: "Expressions") -> None:
    """Show how what does not fit was read, and where the functions are called that it stands in.

    Args:
        frames: what is being lowered, the innermost one last.
    """
    ast = lowering.ast
    i = frames[-1].first + len(frames[-1].nodes)
    if ast.kind[i] == "call" and error.code in OF_FOREIGN:
        error.help = as_written_here(error.code, i, lowering) or error.help
    say_reading(error, i, lowering)
    if error.code not in OF_ARGUMENTS:
        return
    calls = [frame.next - 1 for frame in frames[-2::-1]]
    calls = [i for i in calls if ast.kind[i] == "call"][:MAX_CALLS]
    error.spans += tuple([Span(ast.start[i], ast.end[i], "called here") for i in calls])


def say_reading(error: GradcalcError, i: int, program: quotes.Program) -> None:
    """Add to an error at an Ast node how that, or a part that the error names, was read."""
    ast, whole = program.ast, (program.ast.start[i], program.ast.end[i])
    start = min((span.start for span in error.spans), default=whole[0])
    end = max((span.end for span in error.spans), default=whole[1])
    said = [
        reading.message
        for reading in ast.readings
        if (start <= reading.start and reading.end <= end) or reading[2:] == whole
    ]
    error.help = "\n".join(filter(None, [error.help, *[*dict.fromkeys(said)][:MAX_READINGS]]))
