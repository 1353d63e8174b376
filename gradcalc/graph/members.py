"""Calls of the user's functions, among them the definitions with an index of LaTeX.

What one of these stands for, as h_3 for what h_t is for t = 3, is one quantity, however often it is
used, and so may be defined by the one before it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcalc import ops
from gradcalc.graph import complaints
from gradcalc.graph.loops import MAX_INLINED, Frame, Member
from gradcalc.ops.shapes import described
from gradcalc.syntax.ast import Reading, Statement

if TYPE_CHECKING:
    from gradcalc.graph.expressions import Expressions

NEG = ops.PLACES["neg"]
#: In place of a node: that of a member whose definition has been begun.
BEGUN = -2


def find(
    lowering: "Expressions", function: str, indices: Sequence[int], i: int
) -> tuple[int | None, Member | None]:
    """The node of what a call stands for, if it has one, and what it stands for, if it is known.

    Raises:
        GradcalcError: an index is no whole number; a member is defined by itself, or by endlessly
            many others, or used before all definitions that it needs.
    """
    base = lowering.ast.families[function]
    is_listed = function not in lowering.heads  # x_i for x_1, x_2
    if not is_listed and function not in lowering.functions:
        raise complaints.used_before_definition(function, i, lowering)
    numbers = [lowering.whole(node, i, f"an index of {base}") for node in indices]
    if None in numbers:  # a value is missing
        if not is_listed and (function, ()) not in lowering.members:
            # Once, so that all names in it are asked for.
            lowering.members[function, ()] = BEGUN
            return None, None
        return lowering.unknown(NEG, (indices[numbers.index(None)],), i), None
    member = function, tuple(number for number in numbers if number is not None)
    node = lowering.members.get(member)
    if node == BEGUN:
        raise complaints.used_before_definition(function, i, lowering)
    if node is not None:
        return node, member
    name = _name(lowering, member)
    # What begins a recurrence has a value, or a definition, of its own. Indices count from 1.
    begins = min(member[1]) < 1 and _is_inside(lowering, function)
    if is_listed or name in lowering.values or name in lowering.heads or begins:
        return lowering.variable(name, i), member
    _check_end(lowering, member, i)
    lowering.members[member] = BEGUN
    statement = lowering.functions[function]
    lowering.inlined += statement.root - statement.first + 1
    if lowering.inlined > MAX_INLINED:
        raise complaints.too_large(function, lowering.inlined, i, lowering)
    return None, member


def _is_inside(lowering: "Expressions", function: str) -> bool:
    """Whether another member is being defined."""
    return any(frame.member and frame.member[0] == function for frame in lowering.frames)


def _check_end(lowering: "Expressions", member: Member, i: int) -> None:
    """Raise GradcalcError where each member needs one with a higher index, and none begins."""
    function, numbers = member
    frames = (frame.member for frame in reversed(lowering.frames) if frame.member)
    caller = next((indices for name, indices in frames if name == function), numbers)
    steps = [number - before for number, before in zip(numbers, caller, strict=True)]
    if min(steps) < 0 or not any(steps):
        return
    base = lowering.ast.families[function]
    for name in (*lowering.values, *lowering.heads):
        ends = name.removeprefix(f"{base}_").split("_")
        is_member = len(ends) == len(numbers) and all(map(str.isdecimal, ends))
        if is_member and all(int(end) > n for end, n in zip(ends, numbers, strict=True)):
            return
    message = f"each {base} needs one with a higher index here, and none has a value"
    last = _name(lowering, (function, tuple(number + 1 for number in numbers)))
    help = f"give the last one a value, or a definition of its own: if it is {last}, {last} = 0"
    raise lowering.error_at("missing-value", message, i, help)


def body(
    lowering: "Expressions",
    function: Statement,
    arguments: Sequence[int],
    i: int,
    nested: bool,
    member: Member | None,
) -> Frame:
    """The body of a function, to be put in the place of a call."""
    name, parameters = function.name, function.parameters
    if len(arguments) != len(parameters):
        raise complaints.wrong_arity(name, parameters, len(arguments), i, lowering)
    lowering.called.add(name)
    # The size of a function has that of the calls in it.
    lowering.inlined += 0 if nested else lowering.sizes[name]
    if lowering.inlined > MAX_INLINED:
        raise complaints.too_large(name, lowering.inlined, i, lowering)
    varies = lowering.graph.varies
    if member and (_is_inside(lowering, name) or not any(varies[node] for node in arguments)):
        # As numbers: else t - 1 would depend on the t of all members behind.
        arguments = [lowering.graph.add_constant(float(number), i) for number in member[1]]
    bound = dict(zip(parameters, arguments, strict=True))
    return Frame(function.first, function.root, bound, member)


def keep(lowering: "Expressions", member: Member, node: int) -> None:
    """Keep the node of a member, under a name if nothing else has it."""
    lowering.members[member] = node
    name = _name(lowering, member)
    _note_start(lowering, member, node)
    if name.isidentifier() and name not in lowering.ast.names:
        lowering.graph.names.setdefault(node, name)
        lowering.definitions[name] = node


def _note_start(lowering: "Expressions", member: Member, node: int) -> None:
    """Note where a recurrence of arrays begins with a number: W h_0 is a matrix then."""
    function, indices = member
    shape = lowering.graph.shapes.get(node)
    start = _name(lowering, (function, tuple(index - 1 for index in indices)))
    before = lowering.inputs.get(start)
    if not shape or before is None or lowering.graph.shapes.get(before, ()) != ():
        return
    message = f"{start} is a number, and {_name(lowering, member)} is an array"
    message += f" ({described(shape)}); for a vector of zeros write zeros({shape[0]})"
    head = lowering.heads[function]
    lowering.ast.readings.append(Reading("recurrence", message, head.start, head.head_end))


def _name(lowering: "Expressions", member: Member) -> str:
    """w_1_2, or w_12 if that has a value or a definition."""
    function, indices = member
    base = lowering.ast.families[function]
    packed = f"{base}_{''.join(map(str, indices))}"
    if max(indices) < 10 and (packed in lowering.values or packed in lowering.heads):
        return packed
    return "_".join(map(str, (base, *indices)))
