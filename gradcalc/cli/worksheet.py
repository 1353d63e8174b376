"""``gradcalc worksheet``: a problem as a table to be filled in."""

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from gradcalc.cli.command import ProgramCommand
from gradcalc.cli.evaluate import (
    names_in,
    print_notes,
    program_of,
    program_options,
    values_of,
)
from gradcalc.cli.printing import write
from gradcalc.cli.values import read_value
from gradcalc.errors import GradcalcError, closest
from gradcalc.render import Style
from gradcalc.services.check.worksheet import ASKED, Request, worksheets
from gradcalc.services.values import Seed
from gradcalc.syntax.names import canonical

if TYPE_CHECKING:
    from gradcalc.render.worksheet import Renderer

FORMATS = ("text", "markdown", "latex", "answers", "problem")


@click.command(
    cls=ProgramCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="docs/worksheets.md has a script that makes a worksheet for every student.",
)
@program_options
@click.option("--wrt", metavar="NAMES", help="Of the inputs, ask only for these gradients: x,y.")
@click.option(
    "--ask",
    metavar="WHAT",
    default=",".join(ASKED),
    show_default=True,
    help="What is left blank: values, gradients, or both. The rest is given.",
)
@click.option(
    "--vary",
    metavar="SEED",
    help="Draw new inputs, the same for the same SEED: a number or a word.",
)
@click.option("--solution", is_flag=True, help="Fill the blanks in.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What to print: answers is a file to be filled in, problem a program.",
)
@click.option(
    "--precision",
    type=click.IntRange(1, 17),
    metavar="DIGITS",
    help="Significant digits of printed numbers. [default: 6]",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="NUMBER", help="Where randn and rand begin."
)
@click.option("--quiet", is_flag=True, help="No notes on standard error.")
@click.pass_context
def worksheet(
    ctx: click.Context,
    /,
    *,
    file: str | None,
    assignments: tuple[str, ...],
    values: str | None,
    of: str | None,
    wrt: str | None,
    upstream: str | None,
    ask: str,
    vary: str | None,
    solution: bool,
    format_: str,
    precision: int | None,
    seed: int | None,
    quiet: bool,
) -> int:
    """Print a problem as a table to be filled in.

    \b
    gradcalc worksheet "q = x + y; f = q z" --x -2 --y 5 --z -4
    gradcalc worksheet "q = x + y; f = q z" --vary 17 --format answers
    gradcalc worksheet -f problem.txt --ask gradients --format latex

    The values of inputs are given; with --vary they need not be. "gradcalc check" reads the file of
    answers, and the tables in Markdown and plain text, when they are filled in.
    """
    source = program_of(ctx.obj, file)
    if source is None:
        click.echo(ctx.get_usage())
        click.echo('\nTry: gradcalc worksheet "(x+y)*z" --vary 1')
        return 0
    random = Seed(seed)
    request = Request(
        values_of(ctx.obj, assignments, values, random),
        wrt=None if wrt is None else names_in(wrt),
        of=None if of is None else canonical(of.strip()),
        upstream=None if upstream is None else read_value("upstream", upstream, random),
        seed=random,
        asked=_asked(ask),
        vary=vary,
    )
    sheets = worksheets(source, request)
    # Who marks a solution counts its digits.
    write(renderer(format_)(sheets, Style(precision, zeros=solution), solution))
    sys.stdout.flush()
    if not quiet:
        with suppress(OSError):
            print_notes([sheet.report for sheet in sheets])
    return 0


def renderer(format_: str) -> "Renderer":
    """The function that prints worksheets in a format."""
    if format_ == "text":
        from gradcalc.render.worksheet_table import text

        return text
    if format_ == "latex":
        from gradcalc.render.worksheet_latex import latex_document

        return latex_document
    from gradcalc.render import worksheet as plain

    return {"markdown": plain.markdown, "answers": plain.answers, "problem": plain.problem}[format_]


def _asked(text: str) -> list[str]:
    """What ``--ask`` names."""
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in ASKED:
            near = closest(word, ASKED)
            help = f"did you mean {near}?" if near else f"ask for {' or '.join(ASKED)}, or both"
            raise GradcalcError("usage", f'"{word}" cannot be asked for', help=help)
    return words
