"""Gradients as formulas: text, ``NAME<TAB>FORMULA`` lines, JSON Lines, Markdown and LaTeX."""

from collections.abc import Iterable, Iterator
from json import JSONEncoder

from gradcalc.report import SCHEMA_VERSION
from gradcalc.services.symbolic import Symbolic

_encode = JSONEncoder(ensure_ascii=False).encode


def render(found: Iterable[Symbolic], format: str) -> Iterator[str]:
    """The formulas of every output, in one of the formats."""
    write = {"plain": _plain, "markdown": _markdown, "latex": _latex}.get(format, _text)
    between = ""
    for one in found:
        if format == "json":
            yield _json(one)
            continue
        yield between + "".join(f"{line}\n" for line in write(one))
        between = "---\n" if write is _text else "\n"  # each has names of its own


def _text(found: Symbolic) -> Iterator[str]:
    """A program: definitions, and an equation for each gradient."""
    yield from (f"{left} = {right}" for left, right in found.equations())


def _plain(found: Symbolic) -> Iterator[str]:
    yield from (f"{name}\t{text}" for name, text in found.definitions.items())
    yield from (f"d{name}\t{text}" for name, text in found.gradients.items())


def _json(found: Symbolic) -> str:
    whole = {
        "schema_version": SCHEMA_VERSION,
        "problem": found.problem,
        "expression": found.expression,
        "output": found.output,
        "head": found.head,
        "definitions": found.definitions,
        "symbolic": found.gradients,
        "notes": [note._asdict() for note in found.notes],
    }
    return _encode(whole) + "\n"


def _markdown(found: Symbolic) -> Iterator[str]:
    from gradcalc.render.markdown import code, maths
    from gradcalc.syntax.latex.printer import latex

    for left, right in found.equations():
        formula = f"{latex(left, found.arrays)} = {latex(right, found.arrays)}"
        yield f"- {maths(formula) or code(f'{left} = {right}')}"


def _latex(found: Symbolic) -> Iterator[str]:
    from gradcalc.syntax.latex.printer import latex

    yield r"\begin{align*}"
    equations = [
        f"  {latex(left, found.arrays)} &= {latex(right, found.arrays)}"
        for left, right in found.equations()
    ]
    yield " \\\\\n".join(equations)
    yield r"\end{align*}"
