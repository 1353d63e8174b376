"""Quantities and how they are called: ``x``, ``dx``, ``df/dx``, ``∇_x f``, ``value``."""

import re
from collections.abc import Callable

from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.report import Report, Value
from gradcalc.services.values import input_name
from gradcalc.source import Source
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import notation_of, parse

RATIO = re.compile(r"\s*[d∂](?P<of>\w*)\s*/\s*[d∂](?P<by>.+?)\s*")
GRADIENT = re.compile(r"\s*[d∂](?P<by>.+?)\s*")
#: What is respelled as one of them: commands of LaTeX, fractions, and ∇.
COMMANDS = (
    (re.compile(r"(?:\\partial(?![A-Za-z])|∂)\s*"), "∂"),
    (re.compile(r"\\nabla(?![A-Za-z])"), "∇"),
    (re.compile(r"\\(?:mathrm|operatorname|text)\s*\{\s*d\s*\}\s*"), "d"),
)
FRACTION = re.compile(r"\\[dtc]?frac\s*\{\s*([d∂])(?P<of>.*?)\}\s*\{\s*\1(?P<by>.+)\}")
QUOTIENT = re.compile(r"∂(?P<of>[^/]*)/\s*∂(?P<by>.+)")
NABLA = re.compile(
    r"∇\s*_?\s*(?P<by>\\?\w+|\{(?:[^{}]|\{[^{}]*\})+\}|\([^()]+\))\s*(?P<of>.*)", re.DOTALL
)
#: f(x) is f.
ARGUMENTS = re.compile(r"(?<=\w)\s*\([^()]*\)\Z")


def parts(text: str) -> list[str]:
    """The quantities of a list: what is between commas and semicolons that stand in no brackets."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character in ",;" and depth <= 0:
            found.append("")
        else:
            found[-1] += character
    return [part.strip() for part in found]


def plainly(name: str, is_output: Callable[[str], bool]) -> str:
    """A name of a gradient in LaTeX or with ∇, such as ``\\frac{\\partial f}{\\partial x}`` or
    ``∇_x f``, as ``∂f/∂x``; every other as it is. (∇f does not say by what.)"""
    plain = name.strip()
    for command, sign in COMMANDS:
        plain = command.sub(sign, plain)
    match = FRACTION.fullmatch(plain) or QUOTIENT.fullmatch(plain) or NABLA.fullmatch(plain)
    if match is None:
        return plain
    of, by = _plain_name(ARGUMENTS.sub("", match["of"])), _plain_name(match["by"])
    if of:
        return f"∂{of}/∂{by}"
    return plain if is_output(by) else f"∂{by}"


def _plain_name(text: str) -> str:
    """A name as the language spells it, where it is one of LaTeX: ``\\theta``, ``W_{1}``."""
    text = text.strip()
    if text[:1] == "{" and text[-1:] == "}":
        text = text[1:-1].strip()
    if notation_of(text) != "latex":
        return text
    try:
        ast = parse(Source(text), ())[0]
    except GradcalcError:
        return text
    return ast.names[0] if list(ast.kind) == ["name"] else text


def similar(name: str, known: list[str], gradients: list[str]) -> tuple[str, list[str]]:
    """The quantity that an unknown name may mean, or nothing, and those that it may be at all: of
    what is plainly called a gradient, with ∂ or as a quotient, only these."""
    if name[:1] == "∇":  # it does not say by what
        return "", gradients
    match = RATIO.fullmatch(name) or (GRADIENT.fullmatch(name) if name[:1] == "∂" else None)
    if match is None:
        return closest(name, known), known
    return closest(f"d{match['by']}", gradients), gradients


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
    plain = plainly(text, lambda name: _is_output(report, name))
    by = _variable(report, plain, text)
    if by in values:
        return report.gradient(by)
    gradients = [f"d{name}" for name in values]
    known = ["value", *values, *gradients, *(found.key for found in report.derived)]
    near, known = similar(canonical(plain.strip()), known, gradients)
    help = f"did you mean {near}?" if near else f"there are {listed_names(known)}"
    kind = name.partition("[")[0]
    if kind in ("jacobian", "hessian", "jvp", "hvp") and not report.derived:
        help = f"it is there when it is asked for: add --{kind}"
    message = f'"{name}" is no quantity of the program'
    if by.isidentifier() and "/" in name:
        message += f": it has no {by}"
    raise GradcalcError("unknown-quantity", message, help=help)


def variable(report: Report, text: str) -> str:
    """The name that a gradient is by: ``x`` of ``dx`` and ``df/dx``; a name itself.

    Raises:
        GradcalcError: ``unknown-quantity``, where it is the gradient of something else; ``usage``,
            it is no text.
    """
    name, known = input_name(text).strip(), report.evaluation.problem.definitions
    if name in known:
        return name
    by = _variable(report, plainly(text, lambda name: _is_output(report, name)), text)
    return by if by in known else name


def _variable(report: Report, plain: str, text: str) -> str:
    """What a quantity is plainly a gradient by; nothing where it is no gradient."""
    match = RATIO.fullmatch(plain)
    if match:
        _check_output(report, canonical(match["of"]), canonical(match["by"]), text)
    else:
        match = GRADIENT.fullmatch(plain)
    return canonical(match["by"]) if match else ""


def _is_output(report: Report, name: str) -> bool:
    # f is what the lecture calls any output.
    return report.is_output(name) or (name == "f" and not report.defines(name))


def _check_output(report: Report, of: str, by: str, text: str) -> None:
    if not of or _is_output(report, of):
        return
    known = report.defines(of)
    output = f"the output is {report.output or 'the expression'}"
    if known:
        message = f"{text.strip()} is a gradient of {of}, and {output}"
        help = f"make {of} the output with --of {of}"
    else:
        message = f"{text.strip()} is a gradient of {of}, which the program does not define"
        help = f"{output}, and its gradient is d{by}"
    raise GradcalcError("unknown-quantity", message, help=help)
