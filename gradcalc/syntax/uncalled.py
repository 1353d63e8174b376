"""What to say of a bracket with several operands behind a name that is no function."""

import re

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.brackets import TokenValue, raw
from gradcalc.syntax.elsewhere import FOREIGN
from gradcalc.syntax.foreign import suggestion
from gradcalc.syntax.names import Scope, canonical

#: A name in front of a bracket, or of the one around it, at the end of a text.
HEAD = re.compile(r"(?<!\w)([^\W\d]\w*)[ \t]*(\([ \t]*)?\Z")
#: Plain operands in their brackets.
OPERAND = r"\s*[^\s()=,;][^()=,;\r\n]{0,40}"
INSIDE = re.compile(rf"\(({OPERAND}(?:[,;]{OPERAND}){{1,8}})\)")


def unknown_function(source: Source, opening: TokenValue, scope: Scope) -> GradcalcError | None:
    """A plain bracket behind a name that was to be a call; else None."""
    from gradcalc.ops import PLACES

    at = max(0, opening[1] - 60)
    head = HEAD.search(source.text[at : opening[1]])
    if raw(source, opening) != "(" or head is None:
        return None
    name, tuple_opening = head.groups()
    span = Span(at + head.start(1), at + head.end(1))
    bracket = at + head.start(2) if tuple_opening else opening[1]
    if scope.is_variable(canonical(name)):
        return _no_function(source, span, bracket, scope)
    functions = scope.functions
    # Of a known function a tuple is an argument, and something else is wrong.
    if tuple_opening and (name in functions or name in PLACES):
        return None
    help = FOREIGN.get(name) or suggestion(name, source.text, bracket, functions)
    help += "\n" * bool(help)
    help += f"gradcalc functions lists them; your own is defined by {name}(a, b) = ..."
    message = f"there is no function {name}"
    return GradcalcError("unknown-function", message, [span], help=help, source=source)


def _no_function(source: Source, span: Span, bracket: int, scope: Scope) -> GradcalcError:
    """A call of what is a value, with several operands: a hidden function, or rather an index."""
    from gradcalc.ops import PLACES

    name = source.text[span.start : span.end]
    inside = INSIDE.match(source.text, bracket)
    place = scope.places.get(canonical(name))
    spans = [span, *([Span(*place, "defined here")] if place else [])]
    if canonical(name) in PLACES:
        message = f"{name} is a value here, and so not the function {name}"
        help = "give the value another name"
        if not place and canonical(name) in scope.variables:
            help = f"leave out the value of {name}, or {help}"
    else:
        message = f"{name} is a value here, and no function"
        entry = ", ".join(re.split(r"\s*[,;]\s*", inside[1].strip())) if inside else "i, j"
        help = f"did you mean the entry {name}[{entry}]?\na function needs a name of its own"
    return GradcalcError("unknown-function", message, spans, help=help, source=source)
