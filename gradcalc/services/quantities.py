"""Quantities and how they are called: ``x``, ``dx``, ``df/dx``, ``value``."""

import re

from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.report import Report, Value
from gradcalc.syntax.names import canonical

RATIO = re.compile(r"\s*[d∂](?P<of>\w*)\s*/\s*[d∂](?P<by>.+?)\s*")
GRADIENT = re.compile(r"\s*[d∂](?P<by>.+?)\s*")


def quantity(report: Report, text: str) -> Value:
    """The number or array that ``text`` names. The program's own names win.

    Raises:
        GradcalcError: ``unknown-quantity``.
    """
    name = canonical(text.strip())
    values = report.named_values()
    if name in values:
        return values[name]
    if name == "value" or (name and name == report.output):
        return report.value
    for found in report.derived:
        if found.key == text.replace(" ", ""):
            return found.value
    match = RATIO.fullmatch(text)
    if match:
        _check_output(report, canonical(match["of"]), canonical(match["by"]), text)
    else:
        match = GRADIENT.fullmatch(text)
    by = canonical(match["by"]) if match else ""
    if by in values:
        return report.gradient(by)
    known = ["value", *values, *(f"d{name}" for name in values)]
    known += [found.key for found in report.derived]
    near = closest(name, known)
    help = f"did you mean {near}?" if near else f"there are {listed_names(known)}"
    kind = name.partition("[")[0]
    if kind in ("jacobian", "hessian", "jvp", "hvp") and not report.derived:
        help = f"it is there when it is asked for: add --{kind}"
    message = f'"{name}" is no quantity of the program'
    if match and by.isidentifier() and "/" in name:
        message += f": it has no {by}"
    raise GradcalcError("unknown-quantity", message, help=help)


def _check_output(report: Report, of: str, by: str, text: str) -> None:
    # f is what the lecture calls any output.
    known = report.defines(of)
    if not of or report.is_output(of) or (of == "f" and not known):
        return
    output = f"the output is {report.output or 'the expression'}"
    if known:
        message = f"{text.strip()} is a gradient of {of}, and {output}"
        help = f"make {of} the output with --of {of}"
    else:
        message = f"{text.strip()} is a gradient of {of}, which the program does not define"
        help = f"{output}, and its gradient is d{by}"
    raise GradcalcError("unknown-quantity", message, help=help)
