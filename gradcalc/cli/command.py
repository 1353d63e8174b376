"""A command that takes a program and values for its names, as the main use does."""

import click

from gradcalc.cli.arguments import sort_arguments


class ProgramCommand(click.Command):
    """``gradcalc COMMAND [OPTIONS] [EXPRESSION] [--NAME VALUE]...``

    Options that click does not know are names of the program; ``ctx.obj`` has them.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        takes_value = {
            name: isinstance(parameter, click.Option) and not parameter.is_flag
            for parameter in self.get_params(ctx)
            for name in parameter.opts
        }
        ctx.obj = sort_arguments(args, takes_value)
        return super().parse_args(ctx, ctx.obj.options)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [EXPRESSION] [--NAME VALUE]...")
