"""``gradcalc functions``: the op table, for users."""

import sys

import click

from gradcalc.services.functions import Description, describe, find, listing, names_from


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "name", required=False, shell_complete=lambda ctx, parameter, start: names_from(start)
)
def functions(name: str | None) -> None:
    """List the functions of the language, or tell all about one.

    \b
    gradcalc functions
    gradcalc functions sigmoid
    """
    if name is None:
        formatter = click.HelpFormatter(max_width=100)
        formatter.write_dl(list(listing()))
        click.echo(formatter.getvalue(), nl=False)
        return
    _print(describe(find(name)))


def _print(about: Description) -> None:
    width = max(len(label) for label, _ in about)
    for label, text in about:
        sys.stdout.write(f"{label:<{width}}  {text}\n")
