"""Quantities and how they are called: ``x``, ``dx``, ``df/dx``, ``value``."""

import re

from gradcalc.errors import GradcalcError
from gradcalc.graph.complaints import closest
from gradcalc.report import Report
from gradcalc.syntax.names import canonical

RATIO = re.compile(r"\s*[d∂](?P<of>\w*)\s*/\s*[d∂](?P<by>.+?)\s*")
GRADIENT = re.compile(r"\s*[d∂](?P<by>.+?)\s*")


def quantity(report: Report, text: str) -> float:
    """The number that ``text`` names. The program's own names win.

    Raises:
        GradcalcError: ``unknown-quantity``.
    """
    name = canonical(text.strip())
    values = report.named_values()
    if name in values:
        return values[name]
    if name == "value":
        return report.value
    match = RATIO.fullmatch(text)
    if match:
        _check_output(report, canonical(match["of"]), text)
    else:
        match = GRADIENT.fullmatch(text)
    by = canonical(match["by"]) if match else ""
    if by in values:
        return report.gradient(by)
    known = ["value", *values, *(f"d{name}" for name in values)]
    near = closest(name, known)
    help = f"did you mean {near}?" if near else f"there are {', '.join(known[:20])}"
    raise GradcalcError("unknown-quantity", f"the program has no quantity {name}", help=help)


def _check_output(report: Report, of: str, text: str) -> None:
    # f is what the lecture calls any output.
    if of not in ("", "f", report.output) or (
        of == "f" != report.output and of in report.named_values()
    ):
        output = report.output or "the expression"
        raise GradcalcError(
            "unknown-quantity",
            f"{text.strip()} is a gradient of {of}, and the output is {output}",
            help=f"make it the output with --of {of}",
        )
