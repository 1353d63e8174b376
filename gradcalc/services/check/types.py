"""What is passed between reading answers, marking them and finding the mistake."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gradcalc.syntax.ast import Ast

#: Which number of which node: the kind of a quantity, and the node.
Key = tuple[str, int]

RIGHT, CARRIED, WRONG, MISSING = "right", "carried", "wrong", "missing"
#: Of these there is no quantity, or no value.
REPEATED, UNKNOWN, UNREADABLE = "repeated", "unknown", "unreadable"


class Quantity(NamedTuple):
    """A number that can be asked for.

    Attributes:
        kind: ``value`` or ``gradient``.
        node: of the graph of the run.
        text: as whoever answers wrote it; the name where nobody did.
        name: the one name that it has in reports: ``q``, ``dq``, ``d(x + y)``.
    """

    kind: str
    node: int
    text: str
    name: str

    @property
    def key(self) -> Key:
        """What it is, however it is written."""
        return self.kind, self.node


class Answer(NamedTuple):
    """One answer that could be read.

    Attributes:
        given: the number or array (of floats; it has the shape of the node, or the answer is
            wrong). Of a formula it is the value at the point of the problem, None without one.
        text: the value as it was written.
        decimals: for a number written as such, how many digits stand behind the point (negative:
            ``1.5e3`` has -2); None for everything else (``1/3``, a formula, an array).
        digits: its significant digits as written, zeros at the end included; 0 where ``decimals``
            is None.
        formula: the Ast of a formula, an answer in names of the problem; None for a constant.
        line: of the file, from 1.
        span: the place of the value in the source that it was read from.
        entries: of an array written as a literal, the (decimals, digits) of each entry in order.
    """

    quantity: Quantity
    given: Any
    text: str
    decimals: int | None = None
    digits: int = 0
    formula: Ast | None = None
    line: int = 1
    span: tuple[int, int] = (0, 0)
    entries: tuple[tuple[int | None, int], ...] = ()


#: ``right``, ``carried`` or ``wrong``, by ``Quantity.key``, for every answer that could be read.
Verdicts = Mapping[Key, str]


class Finding(NamedTuple):
    """One mistake that explains answers.

    Attributes:
        mistake: the name of its row in the table of mistakes.
        node: the id in the report of the gate where it was made; None for none (a habit).
        gate: the gate as text.
        explanation: one sentence.
        hints: in three steps: which gate, which rule, the number.
        quantities: the names of the quantities that it explains.
        alternatives: other mistakes that would give the same numbers, a phrase each.
        faults: the mistake and its alternatives as the diagnosis knows them, to work with.
    """

    mistake: str
    node: int | None
    gate: str
    explanation: str
    hints: tuple[str, str, str]
    quantities: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    faults: tuple[Any, ...] = ()


class Tolerance(NamedTuple):
    """When a number is right: within ``atol + rtol*|true|``, or rounded to ``digits`` at least."""

    rtol: float = 1e-4
    atol: float = 1e-8
    digits: int = 2
