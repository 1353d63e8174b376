"""Tables and formulas to be put into a LaTeX document."""

from collections.abc import Iterable, Iterator, Sequence

from gradcalc.render import Style, equations
from gradcalc.render.equations import WIDTH, Arrays, arrays_of, local_gradients, size, what
from gradcalc.render.rows import WHOLE, Row, left_out, local_lines, rows
from gradcalc.report import Report, Value
from gradcalc.syntax.latex.typeset import number, prose, verbatim
from gradcalc.syntax.printer import shorten

#: The longest text in the font of a typewriter.
VERBATIM = 40
#: The most lines of a table that is kept on one page.
PAGE = 45
PREAMBLE = "% in the preamble: \\usepackage{booktabs,amsmath,amssymb}\n"


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """The table of nodes of every report, and below it the value and the gradients."""
    reports = list(reports)
    yield PREAMBLE
    several = len({report.problem for report in reports}) > 1
    for report in reports:
        yield "\n"
        if several:
            yield f"\\paragraph{{Problem {report.problem}}}\n\n"
        if report.place:
            line, _, text = report.place.partition(": ")
            yield f"\\noindent {prose(line)}: ${verbatim(text)}$\n\n"
        if report.verification:
            yield from _verification(report, style)
            continue
        yield from _nodes(report, style)
        yield from _results(report, style)
        if note := left_out(report, style):
            yield f"\n\\noindent {prose(note)}\n"


def _nodes(report: Report, style: Style) -> Iterator[str]:
    shown = list(rows(report, style))
    arrays = arrays_of(report)
    # Only programs with arrays have a column for shapes.
    shapes = any(row.node.shape for row in shown)
    lines = (line for row in shown for line in _lines(report, row, style, arrays))
    head = ["node", "shape", "value", "local gradient", "upstream", "gate"]
    yield from _table("llrlrl", head, lines, leave_out=() if shapes else (1,))


def _table(
    columns: str, head: Sequence[str], lines: Iterable[Sequence[str]], leave_out: Sequence[int] = ()
) -> Iterator[str]:
    """A table; one of more lines than a page has goes on on the next."""
    kept = [place for place in range(len(columns)) if place not in leave_out]
    told = [f"{' & '.join(line[place] for place in kept)} \\\\\n" for line in (head, *lines)]
    letters = "".join(columns[place] for place in kept)
    name, before, behind = "tabular", "\\begin{center}\n", "\\end{center}\n"
    if len(told) > PAGE:
        name, before, behind = "longtable", "% needs \\usepackage{longtable} as well\n", ""
    yield f"{before}\\begin{{{name}}}{{@{{}}{letters}@{{}}}}\n\\toprule\n{told[0]}\\midrule\n"
    if not behind:
        yield "\\endhead\n"
    yield from told[1:]
    yield f"\\bottomrule\n\\end{{{name}}}\n{behind}"


def _lines(report: Report, row: Row, style: Style, arrays: Arrays) -> Iterator[list[str]]:
    """A node: a line for each of its local gradients, one at least."""
    node = row.node
    found = what(node, arrays)
    local = [*_local(report, row, style, arrays)]
    first = [
        f"${found or verbatim(shorten(row.what, VERBATIM))}$",
        f"${size(node.shape)}$" if node.shape else "",
        _value(node.value, style),
        local[0] if local else "",
        "" if node.upstream is None else _value(node.upstream, style),
        prose(row.gate),
    ]
    yield first
    for text in local[1:]:
        yield ["", "", "", text, "", ""]


def _value(value: Value, style: Style) -> str:
    """A number, a small array, or of a big one its norm."""
    if text := equations.value(value, style):
        return f"${text}$"
    from gradcalc.render.blocks import norm

    return f"norm ${equations.value(norm(value), style)}$"


def _local(report: Report, row: Row, style: Style, arrays: Arrays) -> Iterator[str]:
    found = local_gradients(report, row.node, style, arrays)
    for local, (operand, text, value) in zip(found, row.local, strict=True):
        if local is None:
            lines = local_lines(operand, text, value, WIDTH)
            yield f"${verbatim(shorten(' '.join(map(str.strip, lines)), VERBATIM))}$"
        elif local.structural:
            parts = (
                f"${part}$" if i % 2 == 0 else prose(part) for i, part in enumerate(local.parts)
            )
            yield f"to ${local.head}$: {''.join(parts)}"
        else:
            yield f"${local.head} = {local.parts[0]}$"


def _results(report: Report, style: Style) -> Iterator[str]:
    lines = [f"{left} &{right}" for left, right in equations.results(report, style)]
    yield "\\begin{align*}\n"
    yield " \\\\\n".join(lines)
    yield "\n\\end{align*}\n"


def _verification(report: Report, style: Style) -> Iterator[str]:
    from gradcalc.render.verification import HEADERS, cells, lines, title

    verification = report.verification
    assert verification is not None
    yield f"\\noindent {prose(title(verification))}\n"
    checks = verification.by_input()
    told = (_check(*cells(check, style)) for check in checks[:WHOLE])
    yield from _table("lrrrl", HEADERS, told)
    notes = [*lines(verification, style)]
    if notes:
        yield "\\begin{itemize}\n"
        yield from (f"\\item {prose(note)}\n" for note in notes)
        yield "\\end{itemize}\n"


def _check(name: str, analytic: str, numeric: str, error: str, verdict: str) -> list[str]:
    """The check of one input."""
    numbers = [f"${number(text)}$" if text else "" for text in (analytic, numeric)]
    return [prose(name), *numbers, prose(error), prose(verdict)]
