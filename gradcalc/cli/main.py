"""The entry point: which command it is, and how every run ends."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from gradcalc import __version__
from gradcalc.cli import evaluate
from gradcalc.cli.command import without_names
from gradcalc.errors import GradcalcError

#: Each command is a module of this package with a click command of the same name.
COMMANDS = ("check", "functions", "worksheet")


class CannotWriteError(Exception):
    """The output cannot be written: the reader has gone, or the disk is full."""


class Gradcalc(click.Group):
    """``gradcalc [OPTIONS] [EXPRESSION] [--NAME VALUE]...`` and ``gradcalc COMMAND ...``.

    Options that click does not know are names of the program.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"gradcalc.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not (args and args[0] in COMMANDS) and not ctx.resilient_parsing:
            args = without_names(self, ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OSError as error:
            # click itself would end with status 1 where the reader has gone.
            raise CannotWriteError from error

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [EXPRESSION] [--NAME VALUE]...")
        formatter.write_usage(ctx.command_path, "COMMAND ...")


@click.command(
    cls=Gradcalc,
    name="gradcalc",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The language is described in docs/language.md; Python users call gradcalc.backprop.",
)
@evaluate.options
@click.version_option(__version__, "--version", message="gradcalc %(version)s")
@click.pass_context
def gradcalc(ctx: click.Context, /, **options: Any) -> int:
    """Gradients of an expression, with every step shown.

    \b
    gradcalc "(x+y)*z" --x -2 --y 5 --z -4
    gradcalc "2(xy + max(z,w))" --x 3 --y -4 --z 2 --w -1
    gradcalc "q = x + y; f = q z" --x -2 --y 5 --z -4 --of f
    gradcalc "f(x; W) = ‖W·x‖²" --W "[[0.1,0.5],[-0.3,0.8]]" --x "[0.2,0.4]"
    gradcalc -f network.txt --values inputs.json --format json
    gradcalc -f notes.md --x 3            # LaTeX formulas, in a text or alone
    echo "sigmoid(w0 x0 + w1)" | gradcalc --w0 2 --x0 -1 --w1 3
    test "$(gradcalc '(x+y)*z' --x -2 --y 5 --z -4 --get dx)" = -4

    EXPRESSION is a formula, or a program: definitions such as "q = x + y" on lines of their own or
    separated by ";". Every name in it is an option: its VALUE is a number, an array or a constant
    expression (-2, [1,2], pi/4), or @FILE (.npy, .csv, .txt, .json). Without EXPRESSION the program
    is read from a pipe.

    Exit status: 0 fine, 1 a gradient, claim or answer is wrong, 2 the input is at fault, 130
    interrupted.
    """
    if ctx.invoked_subcommand is None:
        return evaluate.run(ctx, **options)
    return 0


def run(arguments: list[str]) -> int:
    """Run a command line and return its status.

    It is 0 where all is fine, 1 where something was checked and is wrong, 2 where the input is at
    fault, 130 after an interruption.
    """
    # A stream that was closed by the caller is None.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # Whatever the user typed can be shown, even on a terminal that knows only ASCII.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = gradcalc.main(arguments, prog_name="gradcalc", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except GradcalcError as error:
        text = error.source.text.strip() if error.source else ""
        if text in arguments and os.path.isfile(text):
            error.help = f"{text} is a file: its program is read with -f {text}"
        return complain(error)
    except click.UsageError as error:
        help = f"{error.ctx.command_path if error.ctx else 'gradcalc'} --help lists the options"
        return complain(GradcalcError("usage", error.format_message(), help=help))
    except (OSError, CannotWriteError) as error:
        # Nothing may be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, BrokenPipeError):
            return 0  # whoever read our output has seen enough
        reason = getattr(cause, "strerror", None) or cause
        return complain(GradcalcError("unwritable", f"cannot write the result: {reason}"))
    except (KeyboardInterrupt, click.Abort):
        return 130
    except MemoryError:
        return complain(GradcalcError("too-large", "the program does not fit into memory"))


def complain(error: GradcalcError) -> int:
    """Print a diagnostic to standard error and return the exit status."""
    first, _, rest = str(error).partition("\n")
    wanted = os.environ.get("FORCE_COLOR") or sys.stderr.isatty()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colour = wanted and not plain
    text = f"{click.style(first, bold=True) if colour else first}\n{rest}".rstrip("\n")
    # Where standard error cannot be written either, the status has to say it all.
    with suppress(OSError):
        click.echo(text, err=True, color=True if colour else None)
    return 1 if error.code == "false-claim" else 2
