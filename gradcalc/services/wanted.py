"""The names whose gradients are wanted."""

from collections.abc import Collection, Iterator, Sequence

from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.graph.lower import Problem


def own_names(
    wrt: Collection[str] | None, problem: Problem, problems: Sequence[Problem]
) -> Collection[str] | None:
    """Those of the wanted names that a problem has; all inputs (None) where none are asked for.

    Raises:
        GradcalcError: ``unknown-name``, none of the problems has it.
    """
    if wrt is None:
        return None
    known = dict.fromkeys(name for problem in problems for name in problem.definitions)
    for name in wrt:
        if name not in known:
            raise _no_name(name, list(known))
    return [name for name in wrt if name in problem.definitions]


def _no_name(name: str, known: list[str]) -> GradcalcError:
    near = closest(name, known)
    help = f"did you mean {near}?" if near else f"its names are {listed_names(known)}"
    return GradcalcError("unknown-name", f"the program has no {name}", help=help)


def wanted_nodes(problem: Problem, wrt: Collection[str] | None) -> Iterator[tuple[str, int]]:
    """The names to differentiate by, with their nodes; all inputs if ``wrt`` is None.

    Raises:
        GradcalcError: ``unknown-name``.
    """
    if wrt is None:
        yield from problem.inputs.items()
        return
    for name in wrt:
        if name not in problem.definitions:
            raise _no_name(name, list(problem.definitions))
        yield name, problem.definitions[name]
