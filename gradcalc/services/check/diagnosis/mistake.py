"""What a mistake is: a row of the table of mistakes, and the gate that it is made at."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gradcalc.engine.run import fitted

#: How likely a mistake is thought to be: one that is about this gate's own rule comes before one
#: that can be made at every gate, and that before a slip of the pen.
SPECIFIC, GENERIC, SLIP = 0, 1, 2

#: Where the mistake is made: in what a gate passes to an operand, in what a node adds up, in the
#: upstream gradient that is taken, in the factor that is taken, in a value of the forward pass, in
#: writing an answer down.
RULE, SUM, UPSTREAM, FACTOR, VALUE, ANSWER = "rule", "sum", "upstream", "factor", "value", "answer"


class Gate:
    """A gate in the backward pass, as a faulty rule sees it.

    Attributes:
        m: the algebra.
        op: the name of the operation.
        up: the upstream gradient that arrives at it.
        value: its value.
        x: the values of its operands.
        places: the operands that vary.
        shape, shapes: of its value and of its operands; ``()`` for scalars.
        settings: of a structural gate.
        inner: whether it stands inside a function, so that its derivative is an inner one.
        turned: the places of the operands that are transposes.
        pull: ``pull(place, up)``, what the true rule passes to an operand for an upstream gradient.
    """

    __slots__ = (
        "inner",
        "locals",
        "m",
        "node",
        "op",
        "places",
        "pull",
        "settings",
        "shape",
        "shapes",
        "turned",
        "up",
        "value",
        "x",
    )

    m: Any
    node: int
    op: str
    up: Any
    value: Any
    x: Sequence[Any]
    places: Sequence[int]
    locals: dict[int, Any]
    shape: tuple[int, ...]
    shapes: Sequence[tuple[int, ...]]
    settings: Any
    inner: bool
    turned: Sequence[int]
    pull: Callable[[int, Any], Any]

    def local(self, place: int) -> Any:
        """The local gradient by an operand, of an elementwise gate; None of a structural one."""
        return self.locals.get(place)

    def true(self, place: int) -> Any:
        """What the operand should get."""
        return self.pull(place, self.up)

    def fit(self, place: int, x: Any) -> Any:
        """A gradient in the shape of the operand, summed where that was broadcast; None where it
        does not fit."""
        shape = self.shapes[place]
        have = self.m.shape(x) if self.shape or any(self.shapes) else ()
        if have == shape:
            return x
        lead = len(have) - len(shape)
        if lead < 0 or any(n not in (1, h) for n, h in zip(shape, have[lead:], strict=True)):
            return None
        return fitted(self.m, x, shape)


class Mistake(NamedTuple):
    """A row of the table.

    Attributes:
        name: what reports call it.
        title: a few words.
        kind: one of RULE, SUM, UPSTREAM, FACTOR, VALUE, ANSWER.
        ops: the names of the operations at whose gates it can be made; empty for all of them.
        fault: of kind RULE ``fault(gate, place)``, what the operand gets if it is made, None where
            it cannot be. Of kind VALUE ``fault(gate)``, the wrong value. Of
            kind SUM ``fault(parts)``, the wrong sums of the parts that arrive at a node, as pairs
            of the part that it is about and the sum. Of the others None: the search makes them.
        explanation: one sentence, with ``{gate}``, ``{operand}`` and ``{node}``.
        rule: what is right, in one sentence: the second hint.
        rank: SPECIFIC, GENERIC or SLIP.
        together: whether it is always made for all operands of the gate at once.
        raw: whether the wrong gradient may have another shape than its operand.
        habit: whether it may be made at every gate of a kind.
    """

    name: str
    title: str
    kind: str
    ops: tuple[str, ...]
    fault: Any
    explanation: str
    rule: str
    rank: int = SPECIFIC
    together: bool = False
    raw: bool = False
    habit: bool = True


class Fault(NamedTuple):
    """A mistake made somewhere.

    Attributes:
        mistake: its row.
        node: the gate, or of kind SUM and ANSWER the node; None for a habit.
        places: the operands whose gradients are wrong; empty for all that the mistake is about.
        op: of a habit, the operation at whose gates it is made; empty for all.
        other: of kind UPSTREAM the node whose gradient is taken, of kind FACTOR that whose value.
        which: of kind SUM, which of the wrong sums.
    """

    mistake: Mistake
    node: int | None
    places: tuple[int, ...] = ()
    op: str = ""
    other: int | None = None
    which: int = 0


class Match(NamedTuple):
    """A fault that reproduces answers.

    Attributes:
        explained: the nodes whose answers it explains.
        cost: how unlikely it is thought to be.
        changes: what arrives at nodes on account of it, less what should. Of kind VALUE the values.
        exact: whether it reproduces them as far as their digits go, not only within what is
            tolerated.
    """

    fault: Fault
    explained: frozenset[int]
    cost: float
    changes: dict[int, Any]
    exact: bool


def order_of(*matches: Match) -> tuple[bool, float]:
    """By what matches that stand together are put in order, the likeliest first: what reproduces
    the answers to their digits comes before what only comes near to them."""
    return not all(match.exact for match in matches), sum(match.cost for match in matches)


def cost_of(fault: Fault, partial: bool = False) -> float:
    """How unlikely a fault is thought to be: the order of those that fit equally well."""
    cost = 10.0 * fault.mistake.rank
    if fault.node is None:
        cost += 3.0
    if fault.mistake.kind in (VALUE, FACTOR):
        cost += 2.0
    return cost + partial
