"""The type of a row of the op table.

A row says everything there is to say about one operation. Its rules are written once, against an
*algebra* ``m``: the object that knows what ``m.cos`` or ``m.where`` mean for the operands at hand
(floats, expressions, nodes of a graph). ``+``, ``-`` and ``*`` may be written as operators;
division and powers go through ``m``, because Python raises where IEEE arithmetic has an answer.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

#: ``rule(m, value, *operands)``: the derivative of ``value`` by one operand.
Rule = Callable[..., Any]

#: A rule of an operation with any number of operands sees them all, once for each of them. Beyond
#: this many it is refused.
MAX_OPERANDS = 1000

#: What a gate does to the upstream gradient.
PATTERNS = {
    "distributor": "distributes",
    "router": "routes",
    "switcher": "switches",
    "scaler": "scales",
    "blocker": "blocks",
}


class Domain(NamedTuple):
    """Where an operation is defined over the reals."""

    holds: Callable[..., bool]  #: of the operands
    text: str  #: such as ``x > 0``


class Kink(NamedTuple):
    """Where an operation is continuous or not, but has no derivative.

    ``interval`` gives, for the operands at such a point, the (least, greatest) generalised
    derivative by a tied operand; None where the operation jumps, so that there is none.
    """

    at: Callable[..., bool]  #: of the operands
    text: str  #: such as ``x = 0``
    convention: str  #: what is taken there, such as ``relu'(0) = 0``
    interval: Callable[..., tuple[float, float]] | None


class Row(NamedTuple):
    """One elementwise operation.

    Attributes:
        name: as NumPy or PyTorch call it; ``symbol`` is its operator, if it has one.
        parameters: the names of the operands. One that ends in ``...`` repeats.
        doc: one line.
        formula: its definition in the language itself, by the parameters.
        pattern: a key of :data:`PATTERNS`.
        forward: ``forward(m, *operands)``, the value.
        partials: a rule for each operand, None for one that must be constant. An operation whose
            rule depends on which of its operands vary (ties with a constant) gives instead a
            function of (place of the operand, which operands vary) that returns the rule.
        samples: operands to test and to show it at, the awkward ones included. The first one is
            ordinary, and serves as the example.
        defaults: of the last parameters.
        domain, kink: None for an operation that is defined, or smooth, everywhere.
    """

    name: str
    parameters: tuple[str, ...]
    doc: str
    formula: str
    pattern: str
    forward: Callable[..., Any]
    partials: tuple[Rule | None, ...] | Callable[[int, tuple[bool, ...]], Rule]
    samples: tuple[tuple[float, ...], ...]
    aliases: tuple[str, ...] = ()
    symbol: str = ""
    defaults: tuple[float, ...] = ()
    domain: Domain | None = None
    kink: Kink | None = None

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands (two at least)."""
        return self.parameters[-1].endswith("...")

    @property
    def signature(self) -> str:
        """As a user would write it: ``leaky_relu(x, slope=0.01)``."""
        plain = len(self.parameters) - len(self.defaults)
        shown = [
            *self.parameters[:plain],
            *(f"{p}={d:g}" for p, d in zip(self.parameters[plain:], self.defaults, strict=True)),
        ]
        return f"{self.name}({', '.join(shown)})"

    def partial(self, place: int, varies: tuple[bool, ...]) -> Rule | None:
        """The rule for the operand at ``place``, where ``varies`` says which operands vary."""
        if callable(self.partials):
            return self.partials(place, varies)
        return self.partials[place]
