"""gradcalc's engine behind the call of the peers, and what that call is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from importlib import import_module
from operator import add
from typing import Any

Run = Callable[[], tuple[Any, Sequence[Any]]]
Functions = Mapping[str, Callable[[Any], Any]]
Function = Callable[[list[Any], Functions], Any]
Make = Callable[[Function, list[float]], Run]
Load = Callable[[], Make]


def imported(name: str) -> Any:
    """A peer, which may be missing, and whose types may be too."""
    return import_module(name)


def total(terms: Iterable[Any]) -> Any:
    """A sum, one ``+`` after the other."""
    return reduce(add, terms)


def engine_of(text: str, values: Mapping[str, float]) -> tuple[int, Run]:
    """Forward and reverse alone, over the graph of a program that was read and lowered before.

    Returns:
        the number of nodes of that graph, and what runs it.
    """
    from gradcalc.engine import floats
    from gradcalc.engine.evaluation import Evaluation, ForwardPass
    from gradcalc.engine.run import forward
    from gradcalc.services.evaluate import problems_of
    from gradcalc.services.values import Seed
    from gradcalc.source import Source

    problem = problems_of(Source(text), values, None, Seed())[0]
    graph, output = problem.graph, problem.outputs[-1]
    leaves = {**graph.constants, **{n: values[name] for name, n in problem.inputs.items()}}

    def run() -> tuple[Any, Sequence[Any]]:
        numbers: list[Any] = [0.0] * len(graph)
        for leaf, value in leaves.items():
            numbers[leaf] = value
        forward(graph, numbers, floats)
        evaluation = Evaluation(ForwardPass(problem, numbers, floats), output, 1.0)
        return numbers[output.node], [evaluation.gradient(n) for n in problem.inputs.values()]

    return len(graph), run
