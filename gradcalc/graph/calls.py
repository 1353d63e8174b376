"""The lowering of calls: which arguments are operands, and which settings."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.graph import complaints, misfits
from gradcalc.ops.row import RANDOM, Setting, Structural
from gradcalc.ops.shapes import LIMIT, Misfit, counted

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

#: In place of a value that is not known, because a name has none.
UNKNOWN = object()
#: Of these a part belongs to the call that is written x[i].
KEYED = ("index", "scatter")
RESHAPE, TRANSPOSE = ops.PLACES["reshape"], ops.PLACES["transpose"]


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
    if len(positional) == 1 or "axis" in named:
        row = ops.row(ops.REDUCTIONS.get(row.name, row.name))
    if row.elementwise:
        order = _ordered(lowering, name, row.parameters, positional, named)
        return lowering.elementwise(name, tuple(nodes[a - first] for a in order), i, order)
    assert isinstance(row, Structural)
    if row.name in KEYED:
        return _keyed(lowering, row, arguments, nodes, first, i)
    if row.name in RANDOM and not lowering.giving:
        help = f"give it a name of its own: noise = {row.name}(3)"
        if any(s.root == i and s.kind == "definition" for s in ast.statements):
            help = f"an input has sizes that are numbers: noise = {row.name}(3)"
        message = "random numbers are values of inputs, not parts of a formula"
        raise lowering.error_at("bad-value", message, i, help)
    most = len(positional) if row.variadic else len(row.parameters)
    operands, rest = positional[:most], positional[most:]
    _take_named(lowering, name, row.parameters, operands, named)
    if len(operands) < (1 if row.variadic else len(row.parameters) - row.optional):
        raise complaints.wrong_arity(name, row.parameters, len(operands), i, lowering)
    given = _given(lowering, row, rest, named, i)
    graph_operands = tuple(nodes[a - first] for a in operands)
    listed = lowering.spread.get(operands[0]) if operands else None
    if listed:
        operands, graph_operands = [a for a, _ in listed], tuple(node for _, node in listed)
    settings: dict[str, Any] = {}
    for setting in row.settings:
        if places := given.get(setting.name):
            parts = [nodes[a - first] for a in places]
            settings[setting.name] = _value(lowering, row, setting, parts, places)
        elif setting.default is ...:
            raise misfits.setting_missing(row, setting, i, lowering)
    if UNKNOWN in settings.values():
        return lowering.unknown(ops.PLACES[row.name], graph_operands, i)
    if loop and "axis" not in settings and any(s.name == "axis" for s in row.settings):
        settings["axis"] = 0  # sum(... for i in range(n)) adds the turns
    number = bool(operands) and lowering.graph.shapes.get(graph_operands[0], ()) == ()
    if number and _is_all(row, settings):
        settings["axis"] = None
    if row.scalar and not settings and number:
        return lowering.elementwise(row.scalar, graph_operands, i, operands)
    of_settings = {
        setting.name: nodes[given[setting.name][0] - first]
        for setting in row.settings
        if setting.kind == "number" and settings.get(setting.name) is not None
    }
    if any(lowering.graph.varies[node] for node in of_settings.values()):
        varying = _varying(lowering, row, graph_operands, operands, settings, of_settings, given, i)
        if varying is not None:
            return varying
    if row.variadic and len(operands) == 1 and not listed:
        return _of_parts(lowering, row, graph_operands[0], operands[0], settings, given, i)
    return lowering.apply(ops.PLACES[row.name], graph_operands, i, operands, settings, given)


def _varying(
    lowering: "Expressions",
    row: Structural,
    operands: tuple[int, ...],
    places: Sequence[int],
    settings: Mapping[str, Any],
    nodes: Mapping[str, int],
    given: Mapping[str, Sequence[int]],
    i: int,
) -> int | None:
    """A call with a setting that varies, lowered to operations of which it is an operand."""
    from gradcalc.graph import varying

    whole = {s.name: settings.get(s.name, s.default) for s in row.settings}
    try:
        return varying.lowered(varying.Call(lowering, row, operands, whole, nodes, i))
    except Misfit as misfit:
        shapes = [lowering.graph.shapes.get(operand, ()) for operand in operands]
        raise misfits.misfit(misfit, shapes, places, i, lowering, given) from None


def _is_all(row: Structural, settings: Mapping[str, Any]) -> bool:
    """Whether a reduction of a number is along an axis that stands for all of it, as 0 and -1 do
    in NumPy and PyTorch."""
    reduces = any(setting.name == "keepdims" for setting in row.settings)
    return reduces and settings.get("axis") in (0, -1)


def _of_parts(
    lowering: "Expressions",
    row: Structural,
    operand: int,
    place: int,
    settings: Mapping[str, Any],
    given: Mapping[str, Sequence[int]],
    i: int,
) -> int:
    """``concat(X)`` and ``stack(X)`` of one array, which is the list of its parts, as in NumPy."""
    shape, axis = lowering.graph.shapes.get(operand, ()), settings.get("axis", 0)
    joins = row.name == "concat"
    if shape is None or len(shape) < 1 + joins:
        op = ops.PLACES[row.name]
        return lowering.apply(op, (operand,), i, (place,), settings, given)
    ndim = len(shape) - joins  # of the result
    if not -ndim <= axis < ndim:
        message = f"there is no axis {axis}: {row.name} joins the parts of an array of "
        message += f"{counted(len(shape), 'axis')}, which gives {counted(ndim, 'axis')}"
        raise lowering.error_at("shape", message, given["axis"][0])
    along = axis % ndim
    order = list(range(1, len(shape)))
    order.insert(along, 0)
    if along:
        operand = lowering.apply(TRANSPOSE, (operand,), i, (place,), {"axes": tuple(order)})
    if joins:
        sizes = [shape[other] for other in order]
        sizes[along : along + 2] = [sizes[along] * sizes[along + 1]]
        operand = lowering.apply(RESHAPE, (operand,), i, (place,), {"shape": tuple(sizes)})
    return operand


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
                raise misfits.no_parameter(key, name, parameters, argument, lowering)
        given[key] = nodes[argument - first]
    found = [given.pop(parameter) for parameter in parameters if parameter in given]
    return (*found, *given.values())


def _ordered(
    lowering: "Expressions",
    name: str,
    parameters: Sequence[str],
    positional: Sequence[int],
    named: dict[str, int],
) -> list[int]:
    """The arguments in the order of the parameters."""
    order = list(positional)
    _take_named(lowering, name, parameters, order, named)
    for keyword, argument in named.items():
        raise misfits.no_parameter(keyword, name, parameters, argument, lowering)
    return order


def _take_named(
    lowering: "Expressions",
    name: str,
    parameters: Sequence[str],
    operands: list[int],
    named: dict[str, int],
) -> None:
    """Put the operands that are named behind those by place."""
    rest = parameters[len(operands) :]
    for place, parameter in enumerate(rest):
        if parameter not in named:
            for other in rest[place:]:
                if other in named:
                    raise misfits.skipped(parameter, other, name, named[other], lowering)
            return
        operands.append(named.pop(parameter))


def _given(
    lowering: "Expressions", row: Structural, rest: Sequence[int], named: dict[str, int], i: int
) -> dict[str, list[int]]:
    """The arguments that are settings, by place or by name."""
    given: dict[str, list[int]] = {}
    left = list(rest)
    for setting in row.settings:
        if not left or setting.kind == "key" or setting.named:
            break
        take = len(left) if setting.kind == "sizes" else 1
        given[setting.name], left = left[:take], left[take:]
    names = [setting.name for setting in row.settings if setting.kind != "key"]
    if left and any(setting.named for setting in row.settings):
        raise misfits.needs_name(row, left[0], lowering)
    if left:
        count = len(row.parameters) + len(rest)
        raise complaints.wrong_arity(row.name, row.parameters, count, i, lowering)
    for keyword, argument in named.items():
        if keyword not in names or keyword in given:
            known = [*row.parameters, *names]
            raise misfits.no_parameter(keyword, row.name, known, argument, lowering)
        given[keyword] = [argument]
    return given


def _value(
    lowering: "Expressions",
    row: Structural,
    setting: Setting,
    nodes: Sequence[int],
    places: Sequence[int],
) -> Any:
    """The value of a setting; UNKNOWN where it needs the value of a name that has none."""

    def error(value: Any, place: int = places[0]) -> GradcalcError:
        return misfits.bad_setting(row, setting, value, place, lowering)

    if nodes[0] < 0:  # None
        if setting.default is not None and (setting.kind != "axis" or setting.default is ...):
            raise error(None)
        return None
    if setting.kind not in ("axis", "integers", "sizes"):
        value = lowering.known(nodes[0])
        if value is None:
            return UNKNOWN
        if getattr(value, "shape", ()):
            raise error(value)
        number = float(value)
        if setting.kind == "number":
            return number
        if number % 1 or number - number != 0 or (setting.kind == "flag" and number not in (0, 1)):
            raise error(number)
        if abs(number) >= LIMIT:
            raise misfits.setting_too_large(row, setting, number, places[0], lowering)
        return bool(number) if setting.kind == "flag" else int(number)
    numbers: list[int] = []
    for node, place in zip(nodes, places, strict=True):
        value = lowering.known(node)
        if value is None:
            return UNKNOWN
        shape = getattr(value, "shape", ())
        if len(shape) > 1 or (shape and setting.kind == "axis" and lowering.graph.varies[node]):
            raise error(value, place)
        for entry in value.tolist() if shape else [float(value)]:
            if entry % 1 or entry - entry != 0:
                raise error(entry, place)
            if abs(entry) >= LIMIT:
                raise misfits.setting_too_large(row, setting, entry, place, lowering)
            numbers.append(int(entry))
    return numbers[0] if setting.kind == "axis" and len(numbers) == 1 else tuple(numbers)
