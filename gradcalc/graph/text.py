"""The nodes of a graph as text."""

from collections.abc import Callable

from gradcalc import ops
from gradcalc.graph.graph import CONSTANT, INPUT, Graph
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import ATOM, COMPARISON, TextPiece, compose, number, shorten

KINDS = tuple(row.symbol or row.name for row in ops.TABLE)
#: Products and quotients that differ from the plain ones only where an operand is 0.
WRITTEN = {"chain": "*", "over": "/"}

#: Numbers that are known by name.
WELL_KNOWN = {CONSTANTS[name]: name for name in ("pi", "e", "tau")}


def node_pieces(
    graph: Graph, width: int, leaf: Callable[[int], TextPiece] | None = None
) -> list[TextPiece]:
    """Every node by its operation, its operands by their names or operations in turn.

    Args:
        width: longer texts are cut in the middle, and made from texts already cut: the whole takes
            time and memory linear in the graph.
        leaf: how to write an input; by its name if not given.
    """
    pieces: list[TextPiece] = []
    # What stands for a node where it is an operand: its name, if it has one.
    references: list[TextPiece] = []
    names = graph.names
    for node, op in enumerate(graph.op):
        if op == INPUT:
            piece = leaf(node) if leaf else (names.get(node, ""), ATOM)
        elif op == CONSTANT:
            value = graph.constants[node]
            piece = (WELL_KNOWN[value], ATOM) if value in WELL_KNOWN else number(value)
        else:
            kind = KINDS[op]
            operands = [references[operand] for operand in graph.operands[node]]
            if leaf and _asks_for_zero(graph, node, kind) and operands[0][1] == COMPARISON:
                # Only here is it seen that an input stands for a comparison, which is 0 or 1.
                if kind == "!=":
                    pieces.append(operands[0])
                    references.append(operands[0])
                    continue
                kind, operands = "-", [number(1.0), operands[0]]
            parts, strength = compose(WRITTEN.get(kind, kind), operands)
            piece = shorten("".join(parts), width), strength
        pieces.append(piece)
        references.append((names[node], ATOM) if node in names else piece)
    return pieces


def _asks_for_zero(graph: Graph, node: int, kind: str) -> bool:
    """Whether a node is ``... == 0`` or ``... != 0``."""
    return kind in ("==", "!=") and graph.constants.get(graph.operands[node][1]) == 0.0
