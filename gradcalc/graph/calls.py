"""The lowering of calls: which arguments are operands, and which settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcalc import ops
from gradcalc.graph import complaints
from gradcalc.ops.row import Setting, Structural

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: max and min of one array are these.
REDUCTIONS = {"max": "amax", "min": "amin"}
#: Only the value of an input may be random.
RANDOM = ("randn", "rand")
#: Of these a part belongs to the call that is written x[i].
KEYED = ("index", "scatter")


def operation(
    lowering: "Expressions",
    name: str,
    arguments: Sequence[int],
    nodes: Sequence[int],
    first: int,
    i: int,
) -> int:
    """A call of an operation of the table.

    Args:
        arguments: Ast nodes; those of kind ``keyword`` are named.
        nodes: the graph nodes of the Ast nodes from ``first`` on.

    Raises:
        GradcalcError: ``arity``, ``shape``, ``bad-value`` and their kin.
    """
    ast = lowering.ast
    row = ops.row(name)
    positional = [a for a in arguments if ast.kind[a] != "keyword"]
    named: dict[str, int] = {}
    for a in arguments:
        if ast.kind[a] == "keyword":
            named[ast.names[ast.right[a]]] = a
    loop = len(positional) == 1 and ast.kind[positional[0]] == "for"
    if reduction := REDUCTIONS.get(row.name):
        alone = nodes[positional[0] - first] if len(positional) == 1 else -1
        if lowering.graph.shapes.get(alone, ()) != () or "axis" in named:
            row = ops.row(reduction)
    if row.elementwise:
        order = _ordered(lowering, name, row.parameters, positional, named, i)
        return lowering.elementwise(name, tuple(nodes[a - first] for a in order), i, order)
    assert isinstance(row, Structural)
    if row.name in KEYED:
        return _keyed(lowering, row, arguments, nodes, first, i)
    if row.name in RANDOM and not lowering.giving:
        help = f"give it a name of its own: noise = {row.name}(...)"
        message = "random numbers are values of inputs, not parts of a formula"
        raise lowering.error_at("bad-value", message, i, help)
    if row.variadic and len(positional) == 1 and positional[0] in lowering.spread:
        positional = list(ast.arguments[ast.right[positional[0]]])
    most = len(positional) if row.variadic else len(row.parameters)
    operands, rest = positional[:most], positional[most:]
    for parameter in row.parameters[len(operands) :]:
        if parameter not in named:
            break
        operands.append(named.pop(parameter))
    if len(operands) < (1 if row.variadic else len(row.parameters) - row.optional):
        raise complaints.wrong_arity(name, row.parameters, len(operands), i, lowering)
    settings = _settings(lowering, row, rest, named, nodes, first, i)
    graph_operands = tuple(nodes[a - first] for a in operands)
    if loop and "axis" not in settings and any(s.name == "axis" for s in row.settings):
        settings["axis"] = 0  # sum(... for i in range(n)) adds the turns
    if row.scalar and not settings and lowering.graph.shapes.get(graph_operands[0], ()) == ():
        return lowering.elementwise(row.scalar, graph_operands, i, operands)
    if None in (lowering.graph.shapes.get(o, ()) for o in graph_operands):
        settings = {key: value for key, value in settings.items() if value is not None}
    return lowering.apply(ops.PLACES[row.name], graph_operands, i, operands, settings)


def _keyed(
    lowering: "Expressions",
    row: Structural,
    arguments: Sequence[int],
    nodes: Sequence[int],
    first: int,
    i: int,
) -> int:
    """``scatter(x, zeros(3)[i])``: zeros of the shape of an array, with x in a part of it."""
    graph, ast = lowering.graph, lowering.ast
    part = arguments[-1] if arguments else -1
    if row.name == "index" or len(arguments) != 2 or ast.kind[part] != "index":
        what = "an index is written x[i]"
        if row.name == "scatter":
            what = "scatter takes an array and the part that it goes to"
        help = "as in x[0], x[1, :] or x[i]; scatter(g, zeros(3)[i]) puts g into a part of zeros"
        raise lowering.error_at("arity", what, i, help)
    node = nodes[part - first]
    base, *indices = graph.operands[node]
    shape = graph.shapes.get(base, ())
    places = [arguments[0], *(part for _ in indices)]
    settings = {"key": graph.settings[node]["key"] if node in graph.settings else ()}
    operands = (nodes[arguments[0] - first], *indices)
    return lowering.apply(
        ops.PLACES["scatter"], operands, i, places, settings | {"shape": shape or ()}
    )


def in_order(
    lowering: "Expressions", name: str, arguments: Sequence[int], nodes: Sequence[int], first: int
) -> tuple[int, ...]:
    """The nodes of the arguments of a user's function, some of them named."""
    ast, parameters = lowering.ast, lowering.functions[name].parameters
    given: dict[str, int] = {}
    for place, argument in enumerate(arguments):
        key = parameters[place] if place < len(parameters) else f"{place}"
        if ast.kind[argument] == "keyword":
            key = ast.names[ast.right[argument]]
            if key not in parameters or key in given:
                raise complaints.no_parameter(key, name, parameters, argument, lowering)
        given[key] = nodes[argument - first]
    found = [given.pop(parameter) for parameter in parameters if parameter in given]
    return (*found, *given.values())


def _ordered(
    lowering: "Expressions",
    name: str,
    parameters: Sequence[str],
    positional: Sequence[int],
    named: dict[str, int],
    i: int,
) -> list[int]:
    """The arguments in the order of the parameters."""
    order = list(positional)
    for parameter in parameters[len(order) :]:
        if parameter not in named:
            break
        order.append(named.pop(parameter))
    for keyword, argument in named.items():
        raise complaints.no_parameter(keyword, name, parameters, argument, lowering)
    return order


def _settings(
    lowering: "Expressions",
    row: Structural,
    rest: Sequence[int],
    named: dict[str, int],
    nodes: Sequence[int],
    first: int,
    i: int,
) -> dict[str, Any]:
    """The settings that are given, by place or by name."""
    given: dict[str, list[int]] = {}
    left = list(rest)
    for setting in row.settings:
        if not left or setting.kind == "key":
            break
        if setting.name in named:
            continue
        take = len(left) if setting.kind == "sizes" else 1
        given[setting.name], left = left[:take], left[take:]
    names = [setting.name for setting in row.settings if setting.kind != "key"]
    if left:
        count = len(row.parameters) + len(rest)
        raise complaints.wrong_arity(row.name, row.parameters, count, i, lowering)
    for keyword, argument in named.items():
        if keyword not in names:
            known = [*row.parameters, *names]
            raise complaints.no_parameter(keyword, row.name, known, argument, lowering)
        given[keyword] = [argument]
    found: dict[str, Any] = {}
    for setting in row.settings:
        if setting.name in given:
            places = given[setting.name]
            parts = [nodes[a - first] for a in places]
            found[setting.name] = _value(lowering, row, setting, parts, places)
        elif setting.default is ...:
            raise complaints.setting_missing(row, setting, i, lowering)
    return found


def _value(
    lowering: "Expressions",
    row: Structural,
    setting: Setting,
    nodes: Sequence[int],
    places: Sequence[int],
) -> Any:
    """The value of a setting; None where it needs the value of a name that has none."""
    what = f"the {setting.name} of {row.name}"
    if nodes[0] < 0:  # None
        if setting.default is not None and setting.kind != "axis":
            raise lowering.error_at("bad-value", f"{what} is no None", places[0])
        return None
    if setting.kind in ("axis", "integers", "sizes"):
        numbers: list[int] = []
        several = len(nodes) > 1 or setting.kind != "axis"
        for node, place in zip(nodes, places, strict=True):
            value = lowering.known(node)
            if value is None:
                return None
            entries = value.ravel().tolist() if getattr(value, "shape", ()) else [float(value)]
            several = several or bool(getattr(value, "shape", ()))
            for entry in entries:
                if entry != entry // 1 or entry - entry != 0:
                    message = f"{what} is made of whole numbers"
                    raise lowering.error_at("bad-value", message, place)
                numbers.append(int(entry))
        return tuple(numbers) if several else numbers[0]
    if setting.kind in ("integer", "flag"):
        whole = lowering.whole(nodes[0], places[0], what)
        return bool(whole) if setting.kind == "flag" and whole is not None else whole
    value = lowering.known(nodes[0])
    if getattr(value, "shape", ()):
        raise lowering.error_at("bad-value", f"{what} is one number", places[0])
    return None if value is None else float(value)
