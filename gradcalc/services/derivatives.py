"""Jacobians, Hessians and directional derivatives of a report's output."""

from collections.abc import Mapping, Sequence

from gradcalc.engine import derivatives
from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.machine import room, shown_bytes
from gradcalc.ops.shapes import LIMIT, Shape, size_of, stated
from gradcalc.report import Derived, Report, Value, check_report, own
from gradcalc.services.values import given, input_name, shape_of


def jacobian(report: Report) -> list[Derived]:
    """The derivative of every entry of the output by every entry of each name of the gradients.

    The names are those that the report has gradients of, inputs and definitions. Of the output's
    shape, and then the name's.

    Raises:
        GradcalcError: ``too-large``.
    """
    check_report(report, "jacobian")
    run = report.evaluation
    nodes = {name: run.problem.definitions[name] for name in report.gradients}
    _check_size("Jacobian", [(*report.shape, *run.graph.shape(n)) for n in nodes.values()])
    found = derivatives.jacobian(run, list(nodes.values()))
    return [Derived("jacobian", (name,), own(found[node])) for name, node in nodes.items()]


def hessian(report: Report) -> list[Derived]:
    """The second derivatives by each pair of the inputs that have a gradient in the report.

    Of the shape of the first, and then of the second. An output that is not a scalar is
    differentiated as the sum of its entries, weighted by the upstream gradient.

    Raises:
        GradcalcError: ``too-large``; ``unknown-name`` for a name that is no input.
    """
    check_report(report, "hessian")
    run = report.evaluation
    nodes = _inputs_of_gradients(report)
    shapes = [run.graph.shape(n) for n in nodes.values()]
    _check_size("Hessian", [(*first, *second) for first in shapes for second in shapes])
    found = derivatives.hessian(run, list(nodes.values()))
    return [
        Derived("hessian", (first, second), own(found[nodes[first], nodes[second]]))
        for first in nodes
        for second in nodes
    ]


def jvp(report: Report, directions: Mapping[str, Value]) -> list[Derived]:
    """The directional derivative of the output, of its shape: Jacobian times direction.

    Args:
        directions: of the inputs, each of the input's shape, or a number for every entry; inputs
            that are not named stay where they are.

    Raises:
        GradcalcError: ``unknown-name``, ``shape``, ``bad-value``.
    """
    check_report(report, "jvp")
    found = derivatives.jvp(report.evaluation, _directions(report, directions))
    return [Derived("jvp", (), own(found))]


def hvp(report: Report, directions: Mapping[str, Value]) -> list[Derived]:
    """Hessian times direction: the change of each gradient along a direction of the inputs.

    The gradients are those of the report, all of inputs. Takes and raises what :func:`jvp` does.
    """
    check_report(report, "hvp")
    nodes = _inputs_of_gradients(report)
    moves = _directions(report, directions)
    found = derivatives.hvp(report.evaluation, moves, list(nodes.values()))
    return [Derived("hvp", (name,), own(found[node])) for name, node in nodes.items()]


def _inputs_of_gradients(report: Report) -> dict[str, int]:
    """The nodes of the names that the report has gradients of, which are to be inputs."""
    inputs, names = report.evaluation.problem.inputs, list(report.gradients)
    wanted = [name for name in names if name in inputs] or inputs
    return _inputs(report, names, f"second derivatives are by inputs: --wrt {','.join(wanted)}")


def _inputs(report: Report, names: Sequence[str], help: str = "") -> dict[str, int]:
    """The nodes of inputs. A name that is none is an error, with this help or one that is near."""
    inputs = report.evaluation.problem.inputs
    for name in names:
        if name not in inputs:
            near = closest(name, inputs)
            have = "its inputs are" if len(inputs) > 1 else "its input is"
            help = help or (f"did you mean {near}?" if near else f"{have} {listed_names(inputs)}")
            raise GradcalcError("unknown-name", f"{name} is no input of the program", help=help)
    return {name: inputs[name] for name in names}


def _directions(report: Report, directions: Mapping[str, Value]) -> dict[int, Value]:
    if not isinstance(directions, Mapping):
        message = f"directions are by name, such as {{'x': 1}}, and here is {directions!r:.60}"
        raise GradcalcError("bad-value", message)
    run = report.evaluation
    directions = {
        input_name(name): given(f"the direction of {name}", value)
        for name, value in directions.items()
    }
    found = {}
    for name, node in _inputs(report, list(directions)).items():
        direction = directions[name]
        shape, have = run.graph.shape(node), shape_of(direction)
        if have and have != shape:
            message = f"{stated(f'the direction of {name}', have)}, and {stated(name, shape)}"
            help = "a direction has the shape of its input, or is one number for every entry"
            raise GradcalcError("shape", message, help=help)
        if shape and not have:
            with run.quiet():
                direction = run.forward_pass.algebra.broadcast_to(direction, shape=shape)
        found[node] = direction
    return found


def _check_size(what: str, shapes: Sequence[Shape]) -> None:
    """Refuse what cannot fit, before any of it is there."""
    entries = sum(map(size_of, shapes))
    # An array without entries may still be too much for NumPy, which multiplies the other sizes.
    entries = max([entries, *(n for n in map(_nominal, shapes) if n >= LIMIT // 8)])
    if 8 * entries > room():
        message = f"the {what} has {entries:,} entries, which take {shown_bytes(8 * entries)}"
        message += f", and there is room for {shown_bytes(room())}"
        help = "limit it by --wrt, or ask for its product with a direction: --jvp, --hvp"
        raise GradcalcError("too-large", message, help=help)


def _nominal(shape: Shape) -> int:
    """The product of the sizes other than 0."""
    return size_of(filter(None, shape))
