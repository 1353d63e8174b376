"""The diagnostics of the lowering: everything that can be wrong with a name or a call.

What can be wrong with arrays is in :mod:`gradcalc.graph.misfits`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from keyword import iskeyword
from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.errors import MAX_NAMES, GradcalcError, Span, closest, listed_names
from gradcalc.ops.row import MAX_OPERANDS, Structural
from gradcalc.source import Source
from gradcalc.syntax.ast import Statement
from gradcalc.syntax.printer import shorten

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions


#: gradcalc's own options: a name of the program that is one of them is given by --set.
OPTIONS = (
    "all-nodes",
    "dtype",
    "explain",
    "file",
    "format",
    "get",
    "help",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "of",
    "precision",
    "quiet",
    "seed",
    "set",
    "show-reading",
    "strict",
    "symbolic",
    "syntax",
    "upstream",
    "values",
    "verify",
    "version",
    "wrt",
)
#: The arguments of the functions of Python: a name that is one of them is given in ``values``.
ARGUMENTS = ("dtype", "of", "program", "seed", "syntax", "upstream", "values", "wrt")
#: What people write for the inverse of a function, with its operand.
INVERSE = re.compile(
    r"[ \t]*(?:(?:\^|\*\*)[ \t]*(?:[-−][ \t]*1|\([ \t]*[-−][ \t]*1[ \t]*\))|⁻¹)[ \t]*"
    r"\((?:([^()\r\n]*)\))?"
)
#: What people write for a derivative of what follows.
A_DERIVATIVE = re.compile(r"\bd[ \t]*/[ \t]*(d[^\W\d]\w*)")
#: A name that looks like an entry.
INDEXED = re.compile(r"([^\W_]+)_\w{1,2}")
#: What stands in front of an exponent.
POWER_SIGN = re.compile(r"(?:\^|\*\*)[ \t]*\Z")


def option(name: str, value: str = "VALUE") -> str:
    """How the command line gives a value to a name."""
    return f"--set {name}={value}" if name in OPTIONS else f"--{name} {value}"


def assignments(names: Sequence[str], source: Source, value: str = "") -> str:
    """How names are given values: ``--x VALUE --y VALUE``, or ``x=..., y=...`` in Python."""
    if not source.from_python:
        return " ".join(option(name, value or "VALUE") for name in names)
    value = value or "..."
    is_mapped = {name: iskeyword(name) or name in ARGUMENTS for name in names}
    written = [f"{name}={value}" for name, mapped in is_mapped.items() if not mapped]
    if mapped := [f'"{name}": {value}' for name, mapped in is_mapped.items() if mapped]:
        written.append(f"values={{{', '.join(mapped)}}}")
    return ", ".join(written)


def named(name: str, source: Source) -> str:
    """What a value is given to: ``--x``, or ``x`` in Python."""
    return name if source.from_python else f"--{name}"


def missing_values(lowerings: Sequence["Expressions"]) -> GradcalcError:
    """All inputs of all problems that have no value, at once."""
    from gradcalc.syntax.elsewhere import FOREIGN
    from gradcalc.syntax.sumsigns import instead

    places: dict[str, Span] = {}
    known: dict[str, bool] = {}  # and whether it is an array
    powers: dict[str, str] = {}  # what to write where only a power of a name is defined
    for lowering in lowerings:
        for name, (start, end, _) in lowering.missing.items():
            places.setdefault(name, Span(start, end, f"{name} has no value"))
        for name, span in _raised_heads(lowering):
            places[name] = span
            letter = next((v for v in "vuq" if v not in lowering.ast.names), "v")
            power = shorten(" ".join(lowering.source.text[span.start : span.end].split()), 40)
            powers[name] = (
                f"what is defined is a name: write {letter} = ... and {letter} for {power}"
            )
        members = set(lowering.members.values())
        for name, node in lowering.definitions.items():
            if name not in lowering.missing and node not in members:
                known[name] = bool(lowering.graph.shapes.get(node))
    shown = list(places)[:MAX_NAMES]
    source = lowerings[0].source
    if len(places) > MAX_NAMES:
        way = "a file: --values FILE, with a JSON object"
        if source.from_python:
            way = "values, a dictionary"
        help = f'give them in {way} such as {{"{shown[0]}": -2, "{shown[1]}": 5, ...}}'
    else:
        to_give = [name for name in shown if name not in powers and name not in known]
        help = f"add {assignments(to_give, source)}" if to_give else ""
    help = "\n".join(filter(None, (help, *(powers.get(name) for name in shown))))
    for name in shown:
        if name in powers:
            continue
        if name in FOREIGN and FOREIGN[name] not in help:
            help += f'\n"{name}" is no word of the language: {FOREIGN[name]}'
        elif (index := INDEXED.fullmatch(name)) and known.get(whole := index[1]):
            help += f"\n{name} is a name of its own here, and no part of {whole}:"
            help += f" for all of {whole} write {whole}, for an entry {whole}[0]"
        elif name in known:
            help += f"\nthe {name} of another problem is not known here: define it here, too"
        elif name not in FOREIGN and (near := closest(name, known)):
            help += f"\ndid you mean {near} instead of {name}?"
    text = source.text
    if "d" in places and (derivative := A_DERIVATIVE.match(text, places["d"].start)):
        help = f"what is differentiated has brackets: {derivative[0]}(...)"
        help += "; written alone, a formula has its gradients printed as well"
    if "T" in shown and POWER_SIGN.search(text[max(0, places["T"].start - 9) : places["T"].start]):
        help += "\n^T is a transpose where what stands in front of it is an array"
    for name in shown:
        before = text[max(0, places[name].start - 9) : places[name].start]
        if name[0] == "T" and len(name) > 1 and POWER_SIGN.search(before):
            help += f"\nfor a transpose put a blank behind it: ^T {name[1:]}"
        if (sum_of := instead(text[places[name].start : places[name].end])) not in help:
            help += f"\n{sum_of}"
    message = f"no value for {listed_names(places)}"
    spans = list(places.values())
    return GradcalcError("missing-value", message, spans, help=help, source=source)


def _raised_heads(lowering: "Expressions") -> Iterator[tuple[str, Span]]:
    """The names without a value of which a power stands in front of a "=", as in \\sigma^2 = ...,
    and the place of that; not where the name stands behind the "=", too."""
    ast = lowering.ast
    for place, head in enumerate(ast.statements):
        base = ast.left[head.root]
        if head.kind != "claim" or ast.kind[head.root] != "^" or ast.kind[base] != "name":
            continue
        name = ast.names[ast.left[base]]
        if name not in lowering.missing or ast.kind[ast.right[head.root]] != "number":
            continue
        members = takewhile(lambda s: s.kind == "member", ast.statements[place + 1 :])
        behind = (i for member in members for i in range(member.first, member.root + 1))
        if not any(ast.kind[i] == "name" and ast.names[ast.left[i]] == name for i in behind):
            yield name, Span(head.start, head.end, f"this defines no {name}")


def check_is_no_function(name: str, i: int, lowering: "Expressions") -> None:
    """Raise if an undefined name is, or looks like, that of a function."""
    start, end = lowering.ast.start[i], lowering.ast.end[i]
    if name in ops.PLACES:
        raise function_as_value(name, i, lowering)
    if not lowering.source.text[end : end + 40].lstrip(" \t").startswith("("):
        return
    from gradcalc.syntax import sumsigns
    from gradcalc.syntax.elsewhere import FOREIGN
    from gradcalc.syntax.foreign import instead, likely

    if name in FOREIGN:
        message = f'"{name}" is no word of the language'
        raise lowering.error("syntax", message, start, end, help=FOREIGN[name])
    help = likely(name, [*lowering.functions, *ops.PLACES])
    help = help and (sumsigns.instead(name) or help)
    text = lowering.source.text
    # A product with a name of several words rather has a blank.
    if _is_of_words(name) and ("_" not in name or text.startswith("(", end)):
        help = instead(name, text, text.index("(", end)) or help or "gradcalc functions lists them"
    if help:
        raise lowering.error(
            "unknown-function",
            f"there is no function {name}",
            start,
            end,
            help=f"{help}\nfor a product with a variable {name} write {name}*(...)",
        )


def _is_of_words(name: str) -> bool:
    """Whether a name in front of a bracket is rather that of a function: not x1, W_2 or dL_dx."""
    words = name.split("_")
    return max(map(len, words)) > 2 and all(len(w) > 1 and w.isalpha() for w in words)


def function_as_value(name: str, i: int, lowering: "Expressions") -> GradcalcError:
    start, end = lowering.ast.start[i], lowering.ast.end[i]
    behind = lowering.source.text[end : end + 40]
    if name in lowering.functions:
        call, variable = f"{name}({', '.join(lowering.functions[name].parameters)})", ""
    else:
        given = assignments([name], lowering.source)
        call, variable = f"{name}(...)", f"; for a variable {name} add {given}"
    inverse = "" if name in lowering.functions else f"a{name}"
    if inverse in ops.PLACES and (power := INVERSE.match(behind)):
        operand = (power.group(1) or "").strip() or "..."
        call = f"{inverse}({operand}) for the inverse, {name}({operand})^-1 for 1/{name}({operand})"
    elif power := re.match(r"[ \t]*(\^[-\w]+|[⁺⁻]?[²³¹⁰⁴-⁹]+)[ \t]*\(", behind):
        call = f"{name}(...){power.group(1)}"
    elif word := re.match(r"[ \t]*([^\W\d]\w*)\b(?![ \t]*\()", behind):
        call = f"{name}({word.group(1)})"
    message = f"{name} is a function and has no operand here"
    help = f"write {call}{variable}"
    return lowering.error("function-as-value", message, start, end, help=help)


def no_such_definition(name: str, lowering: "Expressions") -> GradcalcError:
    known = [*lowering.definitions, *lowering.functions]
    near = closest(name, known)
    names = listed_names(known) or "no names"
    help = f"did you mean {near}?" if near else f"the program defines {names}"
    return GradcalcError("unknown-name", f"the program defines no {name}", help=help)


def value_for_definition(statement: Statement, lowering: "Expressions") -> GradcalcError:
    name = statement.name
    return lowering.error(
        "bad-value",
        f"{name} was given a value, but the program computes it",
        statement.start,
        statement.end,
        "defined here",
        help=f"leave out {named(name, lowering.source)}, or the definition",
    )


def redefinition(first: Statement, second: Statement, lowering: "Expressions") -> GradcalcError:
    return GradcalcError(
        "redefinition",
        f"{second.name} is defined twice",
        [
            Span(second.start, second.head_end, "defined again"),
            Span(first.start, first.head_end, "first defined here"),
        ],
        help="a name has one meaning; give the second definition another name",
        source=lowering.source,
    )


def used_before_definition(name: str, i: int, lowering: "Expressions") -> GradcalcError:
    ast, head = lowering.ast, lowering.heads[name]
    if name in lowering.functions and head.end <= ast.start[i]:
        return function_as_value(name, i, lowering)
    use = Span(ast.start[i], ast.end[i], f"{name} is used")
    there = Span(head.start, head.head_end, "defined here")
    if head.start <= use.start < head.end:
        message = f"{name} is used in its own definition"
        spans, help = [use], "give the new value a name of its own"
    elif name not in ast.families and _needs(head, i, lowering):
        message = f"{name} is used for its own definition"
        spans, help = [use, there], "a definition uses what stands above it only"
    else:
        message = f"{name} is used before its definition"
        spans, help = [use, there], "put the definition in front of its first use"
    if head.kind == "function" and "own" in message:
        help = "a function is a formula: it cannot call itself"
        if name in ast.families:
            help = "each may be defined by the one before it, as in h_t = w h_{t-1}"
    code = "used-before-definition"
    return GradcalcError(code, message, spans, help=help, source=lowering.source)


def _needs(head: Statement, i: int, lowering: "Expressions") -> bool:
    """Whether a definition needs, by way of others, the statement that Ast node ``i`` is in."""
    ast, seen = lowering.ast, {head.name}
    stack = [head]
    while stack:
        statement = stack.pop()
        if statement.first <= i <= statement.root:
            return True
        for j in range(statement.first, statement.root + 1):
            if ast.kind[j] in ("name", "call"):
                name = ast.names[ast.left[j]]
                if name in lowering.heads and name not in seen:
                    seen.add(name)
                    stack.append(lowering.heads[name])
    return False


def wrong_arity(
    name: str, parameters: Sequence[str], given: int, i: int, lowering: "Expressions"
) -> GradcalcError:
    call = f"{name}({', '.join(parameters)})"
    most = least = len(parameters)
    if name not in lowering.functions:
        row = ops.row(name)
        call = f"{name}{row.signature.removeprefix(row.name)}".replace("...", ", ...")
        least -= row.optional if isinstance(row, Structural) else len(row.defaults)
    if parameters and parameters[-1].endswith("..."):
        wanted = f"2 to {MAX_OPERANDS:,} operands"
        if name in ops.REDUCTIONS:
            wanted = f"one array, or {wanted}"
            call = f"{name}(x) or {call}"
        if not ops.row(name).elementwise:
            wanted = "at least one operand"
    elif least < most:
        wanted = f"{least} {'or' if most == least + 1 else 'to'} {most} operands"
    else:
        wanted = f"{most} operand{'s' * (most != 1)}"
    if name in ops.PLACES and name not in lowering.functions and given > most:
        settings = len(ops.row(name).settings)
        if settings:
            wanted = f"at most {most + settings} argument{'s' * (most + settings != 1)}"
    help = f"it is written {call}"
    start, end = lowering.ast.start[i], lowering.ast.end[i]
    if name not in lowering.functions:
        from gradcalc.syntax.foreign import instead

        if otherwise := instead(name, lowering.source.text, start + len(name)):
            help += f"\n{otherwise}"
    message = f"{name} takes {wanted}, and got {given or 'none'}"
    return lowering.error("arity", message, start, end, help=help)


def must_be_constant(name: str, parameter: str, i: int, lowering: "Expressions") -> GradcalcError:
    ast = lowering.ast
    operand = ast.operands(i)[ops.row(name).parameters.index(parameter)]
    return lowering.error(
        "not-differentiable",
        f"{name} cannot be differentiated by its operand {parameter}",
        ast.start[operand],
        ast.end[operand],
        help=f"write {parameter} as a number in the expression",
    )


def too_large(name: str, size: int, i: int, lowering: "Expressions") -> GradcalcError:
    return lowering.error(
        "too-large",
        f"with the calls of {name} put in place, the program has more than {size - 1:,} nodes",
        lowering.ast.start[i],
        lowering.ast.end[i],
        help="define what is used twice by a name: it is then computed once",
    )


def unused_values(unused: Sequence[str], known: Iterable[str], source: Source) -> GradcalcError:
    """Values for names that are no inputs of the program, which has the inputs ``known``."""
    known = list(known)
    message = f"{listed_names(unused)} {'was' if len(unused) == 1 else 'were'} given a value"
    message += ", but the program"
    message += f" has no {unused[0]}" if len(unused) == 1 else " does not have them"
    inputs = f"{'its inputs are' if len(known) > 1 else 'its input is'} "
    inputs += listed_names(known)
    others = ARGUMENTS if source.from_python else OPTIONS
    if near := closest(unused[0], known) or closest(unused[0], others):
        help = f"did you mean {named(near, source)}?"
    else:
        help = inputs if known else "it has no inputs"
    if own := next((name for name in known if name.startswith(f"{unused[0]}_")), ""):
        help += f"\n{own} is a name of its own here, and no part of {unused[0]}"
    return GradcalcError("unused-option", message, help=help)
