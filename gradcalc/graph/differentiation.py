"""The lowering of ``∂f/∂x``: the nodes of the gradient, in the graph of the program itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcalc.graph import complaints
from gradcalc.graph.loops import MAX_INLINED
from gradcalc.ops.shapes import described
from gradcalc.syntax.ast import Ast, Reading
from gradcalc.syntax.names import CONSTANTS

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions


def derivative(lowering: "Expressions", nodes: Sequence[int], first: int, i: int) -> int:
    """The node of a derivative, of the shape of what it is taken by.

    Raises:
        GradcalcError: ``shape``, where it would be a Jacobian; ``too-large``.
    """
    ast, graph = lowering.ast, lowering.graph
    output, by = (nodes[operand - first] for operand in ast.operands(i))
    if any(graph.shapes.get(node, ()) is None for node in (output, by)):
        # The name without a value will be complained about.
        return lowering.unknown(graph.op[output], (output, by), i)
    if shape := graph.shape(output):
        what = " ".join(lowering.source.text[ast.start[i] : ast.end[i]].split())
        matrix = "Jacobian"
        if ast.kind[ast.left[i]] == "derivative":
            matrix = "Hessian"
        message = f"{what} is a {matrix}, for what is differentiated is an array"
        help = "differentiate a scalar, such as a sum of its entries, or leave it out and ask for "
        help += f"--{matrix.lower()}"
        message += f" ({described(shape)})"
        raise lowering.error_at("shape", message, i, help)
    _note_zero(lowering, output, by, i)
    before = len(graph)
    node = lowering.differentiate(graph, output, by)
    graph.origin[before:] = type(graph.origin)("i", [i]) * (len(graph) - before)
    if len(graph) > MAX_INLINED:
        raise complaints.too_large("a derivative", len(graph), i, lowering)
    return node


def _note_zero(lowering: "Expressions", output: int, by: int, i: int) -> None:
    """Beside f = (x + y)*z a definition q = x + y is a gate of its own, which f does not use."""
    ast, graph = lowering.ast, lowering.graph
    name = graph.names.get(by, "")
    if not name or name in lowering.inputs or by in graph.ancestors([output]):
        return
    what = " ".join(lowering.source.text[ast.start[i] : ast.end[i]].split())
    of = "what is differentiated"
    if ast.kind[ast.left[i]] == "name":
        of = ast.names[ast.left[ast.left[i]]]
    message = f"{what} is 0, for {of} is computed without {name}"
    reading = Reading("gate", message, ast.start[i], ast.end[i])
    if reading not in ast.readings:
        ast.readings.append(reading)


def is_part(ast: Ast, i: int) -> bool:
    """Whether a name is what is differentiated, or what by."""
    after = ast.kind[i + 1 : i + 3]
    if after[:1] == ["derivative"]:
        return ast.right[i + 1] == i
    return after[1:] == ["derivative"] and ast.left[i + 2] == i


def name_gates(lowering: "Expressions", first: int, root: int) -> None:
    """Find what is meant by a name without a definition in ``∂f/∂x = ∂g/∂x * ∂f/∂g``.

    Where there is just one gate without a name on the way from x to f, g is that gate.
    """
    ast = lowering.ast
    unknown: dict[str, int] = {}
    ends: list[tuple[int, int]] = []
    for i in range(first, root + 1):
        if ast.kind[i] != "name" or not is_part(ast, i):
            continue
        name = ast.names[ast.left[i]]
        if _means_nothing(lowering, name):
            unknown.setdefault(name, i)
        elif ast.kind[i + 1] == "name" and is_part(ast, i + 1):
            by = ast.names[ast.left[i + 1]]
            if not _means_nothing(lowering, by):
                ends.append((lowering.variable(name, i), lowering.variable(by, i + 1)))
    if len(unknown) != 1 or not ends:
        return
    ((name, i),) = unknown.items()
    between = _gates_between(lowering, *ends[0])
    if len(between) == 1:
        lowering.definitions[name] = between[0]
        origin = lowering.graph.origin[between[0]]
        text = " ".join(lowering.source.text[ast.start[origin] : ast.end[origin]].split())
        message = f"{name}, which has no definition, is read as {text}"
        message += ", the only gate without a name on the way"
        ast.readings.append(Reading("gate", message, ast.start[i], ast.end[i]))


def _means_nothing(lowering: "Expressions", name: str) -> bool:
    known = (lowering.definitions, lowering.heads, lowering.values, CONSTANTS)
    return not any(name in names for names in known)


def _gates_between(lowering: "Expressions", output: int, by: int) -> list[int]:
    """The gates without a name that the output depends on, and that depend on ``by``."""
    graph = lowering.graph
    found = {by}
    for node in graph.ancestors([output]):
        if not found.isdisjoint(graph.operands[node]):
            found.add(node)
    return sorted(node for node in found - {by, output} if node not in graph.names)
