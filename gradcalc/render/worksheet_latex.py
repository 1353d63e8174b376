"""Worksheets as a LaTeX document that compiles as it is, with pdfLaTeX, XeLaTeX and LuaLaTeX."""

from collections.abc import Iterator, Mapping, Sequence

from gradcalc.render import Style
from gradcalc.render.rows import is_number, shape_text
from gradcalc.render.worksheet import (
    COLUMNS,
    SMALL,
    Local,
    has_backward,
    locals_of,
    one_line,
    what,
)
from gradcalc.report import Value
from gradcalc.services.check.worksheet import Cell, Worksheet
from gradcalc.syntax.latex.printer import formula, latex
from gradcalc.syntax.latex.typeset import prose

PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[margin=2cm]{geometry}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
\else
  \usepackage{fontspec}
\fi
\usepackage{amsmath,amssymb,booktabs,longtable}
\newcommand{\blank}{\underline{\hspace{4em}}}
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.6}
\begin{document}
"""
END = "\\end{document}\n"
#: Array axes by name, as the printer takes them.
Arrays = Mapping[str, int]


def latex_document(sheets: Sequence[Worksheet], style: Style, solution: bool) -> Iterator[str]:
    """The statements of each problem, and its table."""
    yield PREAMBLE
    for place, sheet in enumerate(sheets):
        if len(sheets) > 1:
            yield f"\n\\section*{{Problem {place + 1}}}\n"
        yield from _sheet(sheet, style, solution)
    yield END


def _sheet(sheet: Worksheet, style: Style, solution: bool) -> Iterator[str]:
    arrays = {line.node.name: len(line.node.shape) for line in sheet.lines if line.node.name}
    lines = sheet.program.split("\n")[-sheet.statements :]
    statements = " \\\\\n".join(latex(line, arrays) for line in lines)
    yield f"\n\\begin{{gather*}}\n{statements}\n\\end{{gather*}}\n\n"
    backward = has_backward(sheet)
    shapes = any(line.node.shape for line in sheet.lines)
    columns = [COLUMNS[0], *["shape"] * shapes, *COLUMNS[1 : 4 if backward else 2]]
    kinds = "".join("r" if column in COLUMNS[1::2] else "l" for column in columns)
    yield f"\\begin{{longtable}}{{@{{}}{kinds}@{{}}}}\n\\toprule\n"
    yield f"{' & '.join(columns)} \\\\\n\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n"
    for line in sheet.lines:
        cells = [_maths(latex(what(line.node), arrays))]
        if shapes:
            cells.append(_maths(shape_text(line.node.shape).replace("×", r"\times ")))
        cells.append(_cell(line.value, style, solution))
        if backward:
            found = locals_of(sheet, line, style)
            # A line of the table for each local gradient: a longtable may break between them.
            first, *others = [_local(local, solution, arrays) for local in found] or [""]
            cells += [first, _cell(line.upstream, style, solution)]
            yield f"{' & '.join(cells)} \\\\\n"
            for other in others:
                yield f"{' & ' * (len(cells) - 2)}{other} & \\\\\n"
        else:
            yield f"{' & '.join(cells)} \\\\\n"
    yield "\\end{longtable}\n"


def _maths(text: str) -> str:
    return f"${text}$" if text else ""


def _cell(cell: Cell | None, style: Style, solution: bool) -> str:
    if cell is None:
        return ""
    if cell.asked and not solution:
        return r"$\blank$"
    return _maths(_value(cell.value, style))


def _value(value: Value, style: Style) -> str:
    if not is_number(value) and value.size > SMALL:
        return r"\dots"
    return latex(one_line(value, style))


def _local(local: Local, solution: bool, arrays: Arrays) -> str:
    """``∂/∂x = z = -4``, or with a blank; of a structural gate what it passes to the operand."""
    operand = latex(local.operand, arrays)
    if local.value is None:
        if not solution:
            return rf"to ${operand}$: $\blank$"
        text = formula(local.formula, arrays)
        return rf"to ${operand}$: {_maths(text) if text else prose(local.formula)}"
    by = operand if local.operand.isidentifier() else f"({operand})"
    sides = [rf"\partial / \partial {by}"]
    if not solution:
        sides.append(r"\blank")
    else:
        sides.append(latex(local.formula, arrays))
        if local.value and local.value != local.formula:
            sides.append(latex(local.value))
    return _maths(" = ".join(sides))
