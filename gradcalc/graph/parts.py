"""Parts of a graph as graphs of their own."""

from collections.abc import Collection

from gradcalc.graph.graph import Graph


def part(
    graph: Graph, roots: Collection[int], leaves: Collection[int] = ()
) -> tuple[Graph, dict[int, int]]:
    """What the roots depend on as a graph of its own, and where in it each node is.

    Args:
        leaves: nodes that become inputs. Inputs have no names in the new graph.
    """
    needed, stack = set(roots), list(roots)
    while stack:
        node = stack.pop()
        for operand in () if node in leaves else graph.operands[node]:
            if operand not in needed:
                needed.add(operand)
                stack.append(operand)
    small, moved = Graph(), dict[int, int]()
    for node in sorted(needed):
        if node in leaves:
            new = small.add_input()
        elif node in graph.constants:
            new = small.add_constant(graph.constants[node])
        elif not graph.operands[node] and graph.op[node] < 0:
            new = small.add_input()
        else:
            new = small.add(graph.op[node], tuple(moved[n] for n in graph.operands[node]))
        if node in graph.shapes:
            small.shapes[new] = graph.shapes[node]
        if node in graph.settings:
            small.settings[new] = graph.settings[node]
        if node in graph.rows:
            small.rows.add(new)
        moved[node] = new
    return small, moved
