"""The names whose gradients are wanted."""

from collections.abc import Collection, Sequence

from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.graph.lower import Problem


def check_names(wrt: Collection[str] | None, problems: Sequence[Problem]) -> None:
    """Check that each wanted name is that of a node of one of the problems.

    Raises:
        GradcalcError: ``unknown-name``.
    """
    if wrt is None:
        return
    known = dict.fromkeys(name for problem in problems for name in problem.definitions)
    for name in wrt:
        if name not in known:
            near = closest(name, list(known))
            help = f"did you mean {near}?" if near else f"its names are {listed_names(list(known))}"
            raise GradcalcError("unknown-name", f"the program has no {name}", help=help)


def wanted_nodes(problem: Problem, wrt: Collection[str] | None) -> dict[str, int]:
    """The nodes to differentiate by: of the wanted names those that the problem has, of all inputs
    if ``wrt`` is None."""
    if wrt is None:
        return problem.inputs
    return {name: problem.definitions[name] for name in wrt if name in problem.definitions}
