"""The diagnostics of the lowering: everything that can be wrong with a name or a call."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.syntax.ast import Statement
from gradcalc.syntax.names import CONSTANTS

if TYPE_CHECKING:
    from gradcalc.graph.lower import Lowering


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that the user may have meant, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:64], list(known), n=1, cutoff=0.6)), "")


def missing_values(lowerings: Sequence["Lowering"]) -> GradcalcError:
    """All inputs of all problems that have no value, at once."""
    places: dict[str, Span] = {}
    known: set[str] = set()
    for lowering in lowerings:
        ast = lowering.ast
        for name, i in lowering.missing.items():
            places.setdefault(name, Span(ast.start[i], ast.end[i], f"{name} has no value"))
        known.update(lowering.definitions.keys() - lowering.missing.keys())
    shown = list(places)[:20]
    more = f", and {len(places) - 20} more" if len(places) > 20 else ""
    options = " ".join(f"--{name} VALUE" for name in shown)
    help = f"add {options}{' ...' if more else ''}"
    for name in shown:
        if near := closest(name, known):
            help += f"\nor did you mean {near} by {name}?"
    return GradcalcError(
        "missing-value",
        f"no value for {_listed(shown)}{more}",
        list(places.values()),
        help=help,
        source=lowerings[0].source,
    )


def check_is_no_function(name: str, i: int, lowering: "Lowering") -> None:
    """Raise if an undefined name is, or looks like, that of a function."""
    start, end = lowering.ast.start[i], lowering.ast.end[i]
    functions = {*ops.PLACES, *lowering.functions}
    if name in functions:
        raise lowering.error(
            "function-as-value",
            f"{name} is a function and has no operand here",
            start,
            end,
            help=f"write {name}(...); for a variable of that name give a value: --{name} VALUE",
        )
    if not lowering.source.text[end : end + 40].lstrip(" \t").startswith("("):
        return
    near = closest(name, functions)
    if near or (len(name) > 2 and name.isalpha()):
        guess = f"did you mean {near}? " if near else ""
        raise lowering.error(
            "unknown-function",
            f"there is no function {name}",
            start,
            end,
            help=f"{guess}gradcalc functions lists them; "
            f"a product with a variable {name} is written {name}*(...)",
        )


def no_such_definition(name: str, lowering: "Lowering") -> GradcalcError:
    known = [*lowering.definitions, *lowering.functions]
    near = closest(name, known)
    help = f"did you mean {near}?" if near else f"the program defines {_listed(known) or 'no names'}"
    return GradcalcError("unknown-name", f"the program defines no {name}", help=help)


def value_for_definition(statement: Statement, lowering: "Lowering") -> GradcalcError:
    name = statement.name
    return lowering.error(
        "bad-value",
        f"{name} was given a value, but the program computes it",
        statement.start,
        statement.end,
        "defined here",
        help=f"leave out --{name}, or the definition",
    )


def redefinition(first: Statement, second: Statement, lowering: "Lowering") -> GradcalcError:
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


def used_before_definition(name: str, i: int, lowering: "Lowering") -> GradcalcError:
    ast, head = lowering.ast, lowering.heads[name]
    use = Span(ast.start[i], ast.end[i], f"{name} is used")
    if head.start <= use.start < head.end:
        return GradcalcError(
            "used-before-definition",
            f"{name} is used in its own definition",
            [use],
            help="give the new value a name of its own",
            source=lowering.source,
        )
    return GradcalcError(
        "used-before-definition",
        f"{name} is used before its definition",
        [use, Span(head.start, head.head_end, "defined here")],
        help="put the definition in front of its first use",
        source=lowering.source,
    )


def wrong_arity(
    name: str, parameters: Sequence[str], given: int, i: int, lowering: "Lowering"
) -> GradcalcError:
    if parameters and parameters[-1].endswith("..."):
        wanted = "two operands or more"
    else:
        defaults = 0 if name in lowering.functions else len(ops.row(name).defaults)
        most, least = len(parameters), len(parameters) - defaults
        wanted = f"{least} to {most} operands" if defaults else f"{most} operand{'s' * (most != 1)}"
    help = f"its operands are {name}({', '.join(parameters)})"
    return lowering.error(
        "arity",
        f"{name} takes {wanted}, and got {given or 'none'}",
        lowering.ast.start[i],
        lowering.ast.end[i],
        help=help,
    )


def must_be_constant(name: str, parameter: str, i: int, lowering: "Lowering") -> GradcalcError:
    return lowering.error(
        "not-differentiable",
        f"{name} cannot be differentiated by its operand {parameter}",
        lowering.ast.start[i],
        lowering.ast.end[i],
        help=f"write the value of {parameter} as a number",
    )


def too_large(name: str, size: int, i: int, lowering: "Lowering") -> GradcalcError:
    return lowering.error(
        "too-large",
        f"with the calls of {name} put in place, the program has over {size:,} nodes",
        lowering.ast.start[i],
        lowering.ast.end[i],
        help="define what is used twice by a name: it is then computed once",
    )


def unused_values(unused: Sequence[str], known: Iterable[str]) -> GradcalcError:
    """Values for names that the program does not have."""
    known = [name for name in known if name not in CONSTANTS]
    options = _listed([f"--{name}" for name in unused])
    message = f"{options} {'was' if len(unused) == 1 else 'were'} given, the program has no "
    message += _listed(list(unused), "or")
    near = closest(unused[0], known)
    if near:
        help = f"did you mean --{near}?"
    else:
        help = f"its names are {_listed(known[:20])}" if known else "it has no names"
    return GradcalcError("unused-option", message, help=help)


def _listed(words: Sequence[str], last: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
