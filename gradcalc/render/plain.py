"""``NAME<TAB>VALUE`` a line: ``value``, then ``dNAME`` for each gradient. For scripts."""

from collections.abc import Iterable, Iterator

from gradcalc.render import Style
from gradcalc.report import Report
from gradcalc.syntax.literals import format_value


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """The lines of every report, arrays as nested lists; an empty line between reports."""
    between = ""
    for report in reports:
        yield f"{between}value\t{format_value(report.value, style.precision)}\n"
        for name, gradient in report.gradients.items():
            yield f"d{name}\t{format_value(gradient, style.precision)}\n"
        for found in report.derived:
            yield f"{found.key}\t{format_value(found.value, style.precision)}\n"
        if report.verification:
            from gradcalc.render.verification import plain

            yield from plain(report.verification, style)
        between = "\n"
