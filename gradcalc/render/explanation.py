"""Explanations as text, Markdown and LaTeX."""

from collections.abc import Callable, Iterable, Iterator
from shutil import get_terminal_size
from typing import Any

from gradcalc.render import Style
from gradcalc.report import Report, check_report
from gradcalc.services.explain import Explanation, Line
from gradcalc.services.explain import explain as explanation_of
from gradcalc.source import visible

#: Inputs with longer values stand on lines of their own.
SHORT = 40
#: No line is broken.
ENDLESS = 10**9


def explain(report: Report, name: str | None = None) -> str:
    """The chain rule for each gradient of a report, or for that by ``name``, as text.

    Raises:
        GradcalcError: ``unknown-name``.
    """
    check_report(report, "explain")
    return "\n".join(text_lines(explanation_of(report, name), ENDLESS))


def render(
    reports: Iterable[Report], style: Style, format: str, name: str | None = None
) -> Iterator[str]:
    """The explanation of every report, in one of the formats."""
    between = ""
    for report in reports:
        found = explanation_of(
            report,
            name,
            digits=style.precision,
            exact=format == "plain" and style.precision is None,
            all_nodes=style.all_nodes,
        )
        lines: Iterable[str]
        if format == "markdown":
            lines = markdown_lines(found)
        elif format == "plain":
            lines = text_lines(found, ENDLESS, as_program=True)
        elif format == "latex":
            lines = latex_lines(found)
        else:
            lines = text_lines(found, get_terminal_size().columns)
        heading = _heading(report.place, format) if report.place else ""
        yield between + heading + "".join(f"{line}\n" for line in lines)
        between = "---\n" if format == "plain" else "\n"  # each has names of its own


def _heading(place: str, format: str) -> str:
    """Where in a document the formula stands."""
    line, _, text = place.partition(": ")
    if format == "markdown":
        return f"{line}: `{text}`\n\n"
    if format == "latex":
        from gradcalc.syntax.latex.typeset import prose, verbatim

        return f"\\noindent {prose(line)}: ${verbatim(text)}$\n\n"
    return f"# {visible(place)}\n" if format == "plain" else f"{visible(place)}\n"


def text_lines(found: Explanation, width: int, as_program: bool = False) -> Iterator[str]:
    """The lines: values, an empty one, and the derivation.

    Args:
        as_program: whether they are to be a program in the language. Terms, which have no left
            side, are identities then.
    """
    inputs: list[str] = []
    for line in found.forward:
        text = f"{line.left} = {' = '.join(line.members)}"
        if line.kind == "input" and len(text) <= SHORT:
            if inputs and len("; ".join([*inputs, text])) > min(width, 100):
                yield "; ".join(inputs)
                inputs = []
            inputs.append(text)
            continue
        if inputs:
            yield "; ".join(inputs)
            inputs = []
        yield from _wrapped(line.left, line.members, "", width)
    if inputs:
        yield "; ".join(inputs)
    if found.forward and found.backward:
        yield ""
    for line in found.backward:
        if line.kind == "term":
            first, *members = line.members
            if as_program:
                comment = _comment(line.remark, line.shapes)
                text = " ≡ ".join(line.members)
                yield f"{text}   # {comment}" if members else f"# {comment}: {text}"
                continue
            head, _, rest = line.remark.partition("; ")
            yield from _wrapped(f"  {head}: {first}", members, _comment(rest, line.shapes), width)
        else:
            yield from _wrapped(line.left, line.members, _comment(line.remark, line.shapes), width)
    if found.left_out:
        yield f"{'# ' * as_program}{found.left_out} --all-nodes shows every step."


def _comment(remark: str, shapes: str) -> str:
    return "; ".join(text for text in (shapes, remark) if text)


def _wrapped(left: str, members: Iterable[str], comment: str, width: int) -> Iterator[str]:
    """An equation, broken in front of an equals sign where it is longer than the width."""
    lines, indent = [left], " " * (len(left) if len(left) <= 20 else 4)
    for member in members:
        if len(lines[-1]) + 3 + len(member) <= width or lines[-1] == left:
            lines[-1] += f" = {member}"
        else:
            lines.append(f"{indent} = {member}")
    if comment:
        if len(lines[-1]) + 5 + len(comment) <= width:
            lines[-1] += f"   # {comment}"
        else:
            lines.append(f"{indent}   # {comment}")
    yield from lines


def markdown_lines(found: Explanation) -> Iterator[str]:
    """A list of equations in $...$."""
    latex = _latex(found)
    yield from (f"- {_inline(line, latex)}" for line in found.forward)
    yield ""
    yield from (f"- {_inline(line, latex)}" for line in found.backward)
    if found.left_out:
        yield f"\n{found.left_out}"


def _inline(line: Line, latex: Callable[[str], str]) -> str:
    from gradcalc.render.markdown import code, maths

    sides = [*([line.left] if line.left else []), *line.members]
    text = maths(" = ".join(map(latex, sides))) or code(" = ".join(sides))
    head, _, rest = line.remark.partition("; ") if line.kind == "term" else ("", "", line.remark)
    comment = _comment(rest, line.shapes)
    return (f"{head}: " if head else "") + text + (f" ({comment})" if comment else "")


def latex_lines(found: Explanation) -> Iterator[str]:
    """An ``align*`` environment for the values, and one for the derivation."""
    from gradcalc.syntax.latex.typeset import prose

    latex = _latex(found)
    for lines in (found.forward, found.backward):
        if not lines:
            continue
        yield r"\begin{align*}"
        for place, line in enumerate(lines, start=1):
            comment = "; ".join(text for text in (line.shapes, line.remark) if text)
            left = latex(line.left) if line.left else ""
            members = [latex(member) for member in line.members]
            text = f"{left} &= {' = '.join(members)}" if left else f"& {' = '.join(members)}"
            note = rf" && \text{{{prose(comment)}}}" if comment else ""
            yield f"  {text}{note}" + (r" \\" if place < len(lines) else "")
        yield r"\end{align*}"
    if found.left_out:
        yield f"% {found.left_out}"


def _latex(found: Explanation) -> Callable[[str], str]:
    from gradcalc.syntax.latex.printer import latex

    return lambda text: latex(text, found.arrays)


def to_json(found: Explanation) -> dict[str, Any]:
    """The explanation as a JSON object of texts."""
    return {
        "head": found.head,
        "forward": [_json(line) for line in found.forward],
        "backward": [_json(line) for line in found.backward],
    }


def _json(line: Line) -> dict[str, Any]:
    return line._asdict() | {"members": list(line.members)}
