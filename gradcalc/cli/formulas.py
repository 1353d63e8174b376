"""The options that print formulas: ``--explain`` and ``--symbolic``."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import click

from gradcalc.cli.printing import write
from gradcalc.errors import GradcalcError
from gradcalc.render import Style
from gradcalc.report import Report
from gradcalc.services.quantities import variable
from gradcalc.services.values import Seed, Value
from gradcalc.source import Source, visible


def check_alone(option: str, others: Mapping[str, object]) -> None:
    """Raise GradcalcError where an option would print something else at the same time."""
    for other, given in others.items():
        if given:
            message = f"{option} prints formulas, and --{other} something else"
            raise GradcalcError("usage", message, help=f"leave out {option} or --{other}")


def with_gradient(reports: Sequence[Report], text: str) -> list[Report]:
    """The reports that have the gradient that a text names; all if none has it."""
    found = []
    for report in reports:
        with suppress(GradcalcError):
            if variable(report, text) in report.evaluation.problem.definitions:
                found.append(report)
    return found or list(reports)


def explained(reports: Sequence[Report], name: str, format_: str, style: Style) -> Iterator[str]:
    """The explanations of the reports.

    Args:
        name: what gradient to explain; all of them if it is empty.
    """
    from gradcalc.render.explanation import render

    return render(reports, style, format_, name or None)


def add_explanations(reports: Sequence[Report], name: str, all_nodes: bool) -> None:
    """Put the explanations into what is written as JSON."""
    from gradcalc.render.explanation import to_json
    from gradcalc.services.explain import explain

    for report in reports:
        found = explain(report, name or None, exact=True, all_nodes=all_nodes)
        report.extra["explanation"] = to_json(found)


def symbolic(
    source: Source,
    values: Mapping[str, Value],
    seed: Seed,
    format_: str,
    quiet: bool,
    request: Mapping[str, Any],
) -> None:
    """Print the gradients as formulas, and then the notes on standard error.

    Args:
        request: what is asked for, as of :func:`gradcalc.services.evaluate.evaluate`.
    """
    from gradcalc.render.formulas import render
    from gradcalc.services.symbolic import derive

    asked = {option: request[option] for option in ("wrt", "of", "upstream", "strict", "notation")}
    found = derive(source, values, seed=seed, **asked)
    write(render(found, format_), format_)
    sys.stdout.flush()
    for note in () if quiet else dict.fromkeys(note for one in found for note in one.notes):
        click.echo(f"note: {visible(note.message)}", err=True)
