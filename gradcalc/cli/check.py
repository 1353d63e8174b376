"""``gradcalc check``: what is right of the answers to a problem."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from gradcalc.cli.arguments import Arguments
from gradcalc.cli.command import ProgramCommand
from gradcalc.cli.evaluate import (
    FILE,
    print_notes,
    program_of,
    program_options,
    values_of,
)
from gradcalc.cli.printing import write
from gradcalc.cli.reading import read_program
from gradcalc.cli.values import read_value
from gradcalc.errors import GradcalcError
from gradcalc.render import Style
from gradcalc.services.check.grade import grade
from gradcalc.services.check.reading import Entry, read_entries
from gradcalc.services.check.types import Tolerance
from gradcalc.services.evaluate import DTYPES, evaluate
from gradcalc.services.quantities import parts
from gradcalc.services.values import Seed
from gradcalc.source import Source
from gradcalc.syntax.names import canonical

if TYPE_CHECKING:
    from gradcalc.services.check.marks import Marks
    from gradcalc.services.check.worksheet_reading import Head

ONE_BY_ONE = """put each problem into a file of its own, and the answers to it into another;
csplit cuts a file of worksheets: docs/worksheets.md"""
FORMATS = ("table", "json", "markdown", "plain")
_POSITIVE = click.FloatRange(min=0, max=1e300)


@click.command(
    cls=ProgramCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="docs/homework.md is a guide for students and one for teaching assistants.",
)
@click.option(
    "--answer", "texts", metavar="ANSWERS", multiple=True, help='Answers: "q = 3; dq = -4".'
)
@click.option(
    "--answers",
    "answers_file",
    type=FILE,
    metavar="FILE",
    help="Read answers from FILE, - is the pipe: lines NAME = VALUE, a JSON object, a table of"
    " two columns or a filled worksheet.",
)
@program_options
@click.option(
    "--require",
    metavar="NAMES",
    help="What has to be answered: dx,dq. [default: what has --points, else the gradients of all"
    " inputs]",
)
@click.option(
    "--points", metavar="POINTS", help='What counts, and how much: "dx=2,dy=1". [default: 1 each]'
)
@click.option(
    "--pass-mark", metavar="POINTS", help="So many points are enough; 60% of them with a %."
)
@click.option(
    "--hints",
    type=click.IntRange(0, 3),
    default=3,
    show_default=True,
    help="How much to give away: 0 verdicts only, 1 at which gate a mistake is, 2 which one, 3 the"
    " right numbers.",
)
@click.option(
    "--suggest-inputs",
    is_flag=True,
    help="Where several mistakes fit, look for values at which their numbers differ.",
)
@click.option("--rtol", type=_POSITIVE, default=1e-4, show_default=True, metavar="NUMBER")
@click.option(
    "--atol",
    type=_POSITIVE,
    default=1e-8,
    show_default=True,
    metavar="NUMBER",
    help="A number is right within atol + rtol*|number|,",
)
@click.option(
    "--digits",
    type=click.IntRange(1, 17),
    default=2,
    show_default=True,
    metavar="DIGITS",
    help="or if it is rounded to so many digits at least.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How to print the result.",
)
@click.option(
    "--precision",
    type=click.IntRange(1, 17),
    metavar="DIGITS",
    help="Significant digits of printed numbers. [default: 6]",
)
@click.option("--dtype", type=click.Choice(DTYPES), default="float64", show_default=True)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="NUMBER", help="Where randn and rand begin."
)
@click.option(
    "--strict", is_flag=True, help="An ambiguous reading, an infinity or NaN is an error."
)
@click.option("--quiet", is_flag=True, help="No notes on standard error.")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    *,
    texts: tuple[str, ...],
    answers_file: str | None,
    file: str | None,
    assignments: tuple[str, ...],
    values: str | None,
    of: str | None,
    upstream: str | None,
    require: str | None,
    points: str | None,
    pass_mark: str | None,
    hints: int,
    suggest_inputs: bool,
    rtol: float,
    atol: float,
    digits: int,
    format_: str,
    precision: int | None,
    dtype: str,
    seed: int | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Check answers: values and gradients that somebody worked out by hand.

    \b
    gradcalc check "(x+y)*z" --x -2 --y 5 --z -4 --answer "q = 3; dx = -4; dy = -4; dz = 3"
    gradcalc check -f problem.txt --answers student.txt && echo passed
    gradcalc check -f problem.txt --answers - --hints 0 --format plain < student.txt

    An answer is NAME = VALUE: x or q is a value, dx, df/dx, ∂f/∂x or ∇x a gradient, also of an
    expression, as in d(x+y); VALUE is a number, an array or a formula, such as dx = z.

    Exit status: 0 all is right, or the pass mark is reached, 1 it is not, 2 the problem or the
    answers cannot be read.
    """
    given: Arguments = ctx.obj
    if rtol != rtol or atol != atol:
        raise GradcalcError("usage", "a tolerance is a number, and no nan")
    if not texts and answers_file is None:
        help = 'give --answer "dx = -4; dy = -4" or --answers FILE'
        raise GradcalcError("usage", "there are no answers to check", help=help)
    entries, head = _entries(texts, answers_file)
    source = head and Source(head.program, f"the problem in {answers_file}")
    if given.words or file or head is None:
        if answers_file == "-" and (file == "-" or not (given.words or file)):
            message = "the program and the answers cannot both come from the standard input"
            raise GradcalcError("usage", message, help="read the program with --file")
        source, head = program_of(given, file), None
    if source is None:
        help = 'give it, as in gradcalc check "(x+y)*z" --x -2 --y 5 --z -4 --answer "dx = -4"'
        raise GradcalcError("usage", "there is no problem to check the answers to", help=help)
    if head is not None:
        of, upstream = of or head.of or None, upstream or head.upstream or None
    random = Seed(seed)
    reports = evaluate(
        source,
        values_of(given, assignments, values, random),
        of=None if of is None else canonical(of.strip()),
        upstream=None if upstream is None else read_value("upstream", upstream, random),
        dtype=dtype,
        seed=random,
        strict=strict,
    )
    if reports[-1].problem > 1:
        message = f"there are {reports[-1].problem} problems, and a check is of the answers to one"
        raise GradcalcError("usage", message, help=ONE_BY_ONE)
    wanted = None if require is None else _names(require)
    if head is not None and wanted is None and points is None:
        wanted = []  # what a worksheet asks for stands in it, filled in or not
    marks = grade(
        reports[-1],
        entries,
        tolerance=Tolerance(rtol, atol, digits),
        points=None if points is None else _points(points),
        require=wanted,
        pass_mark=pass_mark,
        hints=hints,
        suggest=suggest_inputs,
    )
    style = Style(precision)
    write(_renderer(format_)(marks, style), format_)
    sys.stdout.flush()
    if not quiet:
        with suppress(OSError):
            print_notes(reports[-1:])
    return int(not marks.passed)


def _renderer(format_: str) -> Callable[["Marks", Style], Iterable[str]]:
    if format_ == "table":
        from gradcalc.render import markstable

        return markstable.render
    from gradcalc.render import marks

    return {"json": marks.json, "markdown": marks.markdown, "plain": marks.plain}[format_]


def _entries(texts: Sequence[str], path: str | None) -> tuple[list[Entry], "Head | None"]:
    """The answers, and the problem that a worksheet has at its head."""
    entries: list[Entry] = []
    head = None
    for text in texts:
        entries += read_entries(Source(text, "--answer"))
    if path is not None:
        source = read_program(path)
        entries += read_entries(source)
        if "# problem:" in source.text or "```gradcalc" in source.text:
            from gradcalc.services.check.worksheet_reading import head as head_of

            head = head_of(source.text)
    return entries, head


def _names(text: str) -> list[str]:
    """The names of ``--require dx,dq``."""
    return [name for name in parts(text) if name]


def _points(text: str) -> dict[str, float]:
    """The points of ``--points "dx=2,dy=1"``."""
    found: dict[str, float] = {}
    for part in filter(None, parts(text)):
        name, _, number = part.rpartition("=")
        try:
            worth = float(number)
        except ValueError:
            worth = -1.0
        if not name.strip() or not worth >= 0 or name.strip() in found:
            help = 'each quantity once, with a number: --points "dx=2,dy=1"'
            raise GradcalcError("usage", f"--points cannot be read: {part}", help=help)
        found[name.strip()] = worth
    return found
