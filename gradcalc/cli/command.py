"""A command that takes a program and values for its names, as the main use does."""

import click

from gradcalc.cli.arguments import sort_arguments


def without_names(command: click.Command, ctx: click.Context, args: list[str]) -> list[str]:
    """The options that click knows; ``ctx.obj`` gets the expression and the names with values."""
    takes_value = {
        name: isinstance(parameter, click.Option) and not parameter.is_flag
        for parameter in command.get_params(ctx)
        for name in parameter.opts
    }
    ctx.obj = sort_arguments(args, takes_value)
    options: list[str] = ctx.obj.options
    return options


class ProgramCommand(click.Command):
    """``gradcalc COMMAND [OPTIONS] [EXPRESSION] [--NAME VALUE]...``

    Options that click does not know are names of the program; ``ctx.obj`` has them.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            args = without_names(self, ctx, args)
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [EXPRESSION] [--NAME VALUE]...")
