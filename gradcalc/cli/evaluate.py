"""The main use: evaluate and differentiate a program."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gradcalc.cli.arguments import Arguments, add_value
from gradcalc.cli.printing import write
from gradcalc.cli.reading import read_program
from gradcalc.cli.values import read_value, read_values
from gradcalc.errors import GradcalcError, closest
from gradcalc.render import Style
from gradcalc.report import Report
from gradcalc.services.evaluate import DTYPES, SYNTAXES, evaluate, notation_called
from gradcalc.services.quantities import parts, quantity
from gradcalc.services.values import Seed, Value
from gradcalc.source import Source, visible
from gradcalc.syntax.names import canonical

if TYPE_CHECKING:
    from gradcalc.cli.documents import Document


class Renderer(NamedTuple):
    """What writes a format.

    Attributes:
        module: its module in :mod:`gradcalc.render`.
        jacobians: whether the local gradients of structural gates are shown in numbers too.
        only_nodes: whether there is no place for anything but the nodes.
    """

    module: str
    jacobians: bool
    only_nodes: bool = False


RENDERERS = {
    "table": Renderer("table", jacobians=False),
    "json": Renderer("jsonlines", jacobians=True),
    "csv": Renderer("csvtable", jacobians=True, only_nodes=True),
    "markdown": Renderer("markdown", jacobians=False),
    "latex": Renderer("latex", jacobians=False),
    "plain": Renderer("plain", jacobians=True),
}
FORMATS = tuple(RENDERERS)

#: One of these is in every document.
MARKS = ("$", r"\(", r"\[", r"\begin{", "```", "~~~")

#: A path that a shell can complete; whether it can be read is said by the one that reads it.
FILE = click.Path(allow_dash=True)

#: What every command takes that takes a program.
PROGRAM_OPTIONS = (
    click.option(
        "-f", "--file", type=FILE, metavar="FILE", help="Read the program from FILE; - is the pipe."
    ),
    click.option(
        "--set",
        "assignments",
        metavar="NAME=VALUE",
        multiple=True,
        help="A value for a name that is also an option, as in --set of=3.",
    ),
    click.option(
        "--values",
        type=FILE,
        metavar="FILE",
        help="Values by name: the object in a .json file, the arrays in a .npz file.",
    ),
    click.option("--of", metavar="NAME", help="Differentiate this definition."),
    click.option(
        "--upstream", metavar="VALUE", help="The gradient that arrives at the output. [default: 1]"
    ),
)
_OPTIONS = (
    *PROGRAM_OPTIONS,
    click.option("--wrt", metavar="NAMES", help="Only the gradients by these names: x,y."),
    click.option(
        "--jacobian", is_flag=True, help="The derivative of every entry of the output, too."
    ),
    click.option("--hessian", is_flag=True, help="The second derivatives, too."),
    click.option(
        "--jvp",
        metavar="NAME=VALUE",
        multiple=True,
        help="The change of the output along a direction of an input: --jvp x=1.",
    ),
    click.option(
        "--hvp",
        metavar="NAME=VALUE",
        multiple=True,
        help="The change of the gradients along it: Hessian times direction.",
    ),
    click.option(
        "--verify",
        is_flag=True,
        help="Compare every gradient, and every gate, with a numerical derivative.",
    ),
    click.option(
        "--explain",
        metavar="[NAME]",
        help="Explain each gradient, or that by NAME, by the chain rule.",
    ),
    click.option(
        "--symbolic", is_flag=True, help="The gradients as formulas. No values are needed."
    ),
    click.option(
        "--get",
        metavar="QUANTITY",
        help="Print just that number or array: value, x, dx or df/dx; or several: x,dx.",
    ),
    click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How to print the result.",
    ),
    click.option(
        "--precision",
        type=click.IntRange(1, 17),
        metavar="DIGITS",
        help="Significant digits of printed numbers. [default: 6 in tables, else all]",
    ),
    click.option(
        "--show-reading",
        is_flag=True,
        help="Print how the program was read, every operator written, and compute nothing.",
    ),
    click.option("--all-nodes", is_flag=True, help="Show every node of a big graph in the table."),
    click.option(
        "--syntax",
        type=click.Choice(SYNTAXES),
        default="auto",
        show_default=True,
        help="The notation of the program; auto: LaTeX if it has a command, $, ^{, _{ or sums.",
    ),
    click.option("--dtype", type=click.Choice(DTYPES), default="float64", show_default=True),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="NUMBER",
        help="Where randn and rand begin: the same numbers again.",
    ),
    click.option(
        "--strict", is_flag=True, help="An ambiguous reading, an infinity or NaN is an error."
    ),
    click.option("--quiet", is_flag=True, help="No notes on standard error."),
)


def program_options(command: Callable[..., int]) -> Callable[..., int]:
    """Decorate a click command with the options that are about the program and its values."""
    return _decorated(command, PROGRAM_OPTIONS)


def options(command: Callable[..., int]) -> Callable[..., int]:
    """Decorate a click command with the options of the main use."""
    return _decorated(command, _OPTIONS)


def _decorated(
    command: Callable[..., int], options: Sequence[Callable[..., Any]]
) -> Callable[..., int]:
    for option in reversed(options):
        command = option(command)
    return command


def run(
    ctx: click.Context,
    *,
    file: str | None,
    assignments: tuple[str, ...],
    values: str | None,
    wrt: str | None,
    of: str | None,
    upstream: str | None,
    jacobian: bool,
    hessian: bool,
    jvp: tuple[str, ...],
    hvp: tuple[str, ...],
    verify: bool,
    explain: str | None,
    symbolic: bool,
    get: str | None,
    format_: str,
    precision: int | None,
    show_reading: bool,
    all_nodes: bool,
    syntax: str,
    dtype: str,
    seed: int | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Evaluate what the command line asks for, and print it when all of it is known to be right.

    Returns the exit status: 1 where a gradient was checked and is wrong, else 0.

    Raises:
        GradcalcError: the program, a value or an option is at fault.
    """
    given: Arguments = ctx.obj
    source = program_of(given, file)
    if source is None:
        click.echo(ctx.get_usage())
        click.echo('\nTry: gradcalc "(x+y)*z" --x -2 --y 5 --z -4\nMore: gradcalc --help')
        return 0
    renderer = RENDERERS[format_]
    derived = {"jacobian": jacobian, "hessian": hessian, "jvp": jvp, "hvp": hvp, "verify": verify}
    explained = explain is not None
    if renderer.only_nodes:
        _check_only_nodes(format_, {**derived, "explain": explained, "symbolic": symbolic})
    if explained or symbolic:
        from gradcalc.cli import formulas

        others = {**derived, "get": get, "symbolic": symbolic and explained}
        formulas.check_alone("--explain" if explained else "--symbolic", others)
    random = Seed(seed)
    known = values_of(given, assignments, values, random)
    is_expression = given.words not in ([], ["-"])
    notation = notation_called(syntax)
    document = None if is_expression or notation else _document(source, file)
    if show_reading:
        return document.show(known) if document else _reading(source, known, notation, quiet)
    request: dict[str, Any] = {
        "wrt": None if wrt is None else names_in(wrt),
        "of": None if of is None else canonical(of.strip()),
        "upstream": None if upstream is None else read_value("upstream", upstream, random),
        "dtype": dtype,
        "strict": strict,
        "intermediates": (get is None and format_ != "plain" and not verify) or explained,
    }
    if symbolic:
        if document:
            help = "--show-reading prints its problems as programs"
            raise GradcalcError("usage", "--symbolic takes a program, not a document", help=help)
        asked = {**request, "notation": notation}
        formulas.symbolic(source, known, random, format_, quiet, asked)
        return 0
    if document:
        reports = document.evaluate(known, random, request)
    else:
        reports = evaluate(source, known, seed=random, notation=notation, **request)
    if explain:
        reports = formulas.with_gradient(reports, explain)
    if any(derived.values()):
        from gradcalc.cli.derive import derive

        directions = _directions("jvp", jvp, random), _directions("hvp", hvp, random)
        derive(reports, jacobian, hessian, *directions, verify, strict)
    if not renderer.jacobians:
        for report in reports:
            report.nodes.jacobians = False
    if explain is not None and format_ == "json":
        formulas.add_explanations(reports, explain, all_nodes)
    if get is not None:
        from gradcalc.render.quantities import render

        texts = parts(get)
        found = (
            document.quantities(texts)
            if document
            else [{text: quantity(report, text) for text in texts} for report in reports]
        )
        write(render(found, texts, format_, Style(precision)), format_)
    elif explain is not None and format_ != "json":
        write(formulas.explained(reports, explain, format_, Style(precision, all_nodes)))
    else:
        module = import_module(f"gradcalc.render.{renderer.module}")
        write(module.render(reports, Style(precision, all_nodes)), format_)
    sys.stdout.flush()
    if not quiet:
        # The result is out: that nobody reads standard error does not make it wrong.
        with suppress(OSError):
            document.print_notes() if document else print_notes(reports)
    failed = any(report.verification and report.verification.failed for report in reports)
    return int(failed or (document is not None and document.complain()))


def _check_only_nodes(format_: str, asked: Mapping[str, object]) -> None:
    """Raise GradcalcError where something is asked for that a table of the nodes does not have."""
    for option, given in asked.items():
        if given:
            message = f"{format_} has no place for what --{option} prints"
            help = "it is a table of the nodes; take json, plain, markdown or table"
            raise GradcalcError("usage", message, help=help)


def _document(source: Source, file: str | None) -> "Document | None":
    """The document that a text is; None if it is a program."""
    if not any(mark in source.text for mark in MARKS):
        return None
    from gradcalc.cli.documents import find

    return find(source, file)


def _reading(source: Source, values: Collection[str], notation: str | None, quiet: bool) -> int:
    from gradcalc.services.readings import read_back

    text, notes = read_back(source, values, notation)
    click.echo(text)
    for note in () if quiet else dict.fromkeys(notes):
        click.echo(f"note: {visible(note.message)}", err=True)
    return 0


def program_of(given: Arguments, file: str | None) -> Source | None:
    """The program, from wherever it comes; None where there is none and a person is at the keys.

    Raises:
        GradcalcError: ``usage``, for several; a file that cannot be read.
    """
    if len(given.words) > 1:
        ctx = click.get_current_context()
        commands = ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else ()
        near = closest(given.words[0], commands)
        help = f"did you mean the command {near}?\n" if near else ""
        raise GradcalcError(
            "usage",
            f"one expression is taken, and there are {len(given.words)}: {', '.join(given.words)}",
            help=help + 'put the expression in quotes: gradcalc "(x+y)*z" --x -2',
        )
    if given.words == ["-"] and not file:
        return read_program("-")
    if given.words and file:
        raise GradcalcError("usage", "an expression and --file are two programs; give one")
    if given.words:
        return Source(given.words[0])
    if file:
        return read_program(file)
    return None if sys.stdin is None or sys.stdin.isatty() else read_program("-")


def values_of(
    given: Arguments, assignments: Iterable[str], file: str | None, seed: Seed
) -> Mapping[str, Value]:
    """All values: those of the file, overridden by those of the command line."""
    texts = _assigned("set", assignments, dict(given.values))
    values = read_values(file, seed) if file else {}
    values.update((name, read_value(name, text, seed)) for name, text in texts.items())
    return values


def _assigned(option: str, assignments: Iterable[str], texts: dict[str, str]) -> dict[str, str]:
    """The texts with those of an option that takes NAME=VALUE added."""
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.strip():
            raise GradcalcError("usage", f"--{option} takes NAME=VALUE, not {assignment}")
        add_value(texts, name.strip(), text)
    return texts


def _directions(option: str, assignments: Iterable[str], seed: Seed) -> dict[str, Value]:
    """The directions of ``--jvp`` or ``--hvp``, by name."""
    texts = _assigned(option, assignments, {})
    return {name: read_value(f"{option} {name}", text, seed) for name, text in texts.items()}


def names_in(text: str) -> list[str]:
    """The names of ``--wrt x,y``. Raises GradcalcError for an empty one."""
    names = [canonical(name.strip()) for name in text.split(",")]
    if "" in names:
        help = "separate the names by commas: --wrt x,y"
        raise GradcalcError("usage", f"--wrt is given an empty name: {text!r}", help=help)
    return names


def print_notes(reports: Sequence[Report]) -> None:
    """Every note once, on standard error."""
    told: set[str] = set()
    several = len({report.problem for report in reports}) > 1
    for report in reports:
        where = f"problem {report.problem}: " if several else ""
        for note in report.notes:
            kind = "warning" if note.kind == "non-finite" else "note"
            line = f"{kind}: {where}{visible(note.message)}"
            if line not in told:
                told.add(line)
                click.echo(line, err=True)
