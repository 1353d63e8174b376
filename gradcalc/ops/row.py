"""The types of the rows of the op table.

A row says everything there is to say about one operation. Its rules are written once, against an
*algebra* ``m``: the object that knows what ``m.cos`` or ``m.where`` mean for the operands at hand
(floats, arrays, nodes of a graph). ``+``, ``-`` and ``*`` may be written as operators;
division and powers go through ``m``, because Python raises where IEEE arithmetic has an answer.

There are two types. A :class:`Row` works element by element, and has the derivative by each
operand. A :class:`Structural` row (sum, matrix product, index ...) has the product of the upstream
gradient with its Jacobian, again in operations of the table. Everything else (the product of the
Jacobian with a tangent, second derivatives, the texts) follows from these.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.ops.shapes import Shape, broadcast

#: ``rule(m, value, *operands)``: the derivative of ``value`` by one operand. Of a structural row
#: ``rule(m, upstream, value, *operands, **settings)``: the downstream gradient of one operand.
Rule = Callable[..., Any]

#: A rule of an operation with any number of operands sees them all, once for each of them. Beyond
#: this many it is refused.
MAX_OPERANDS = 1000

#: Operations whose values are random: only the value of an input may be.
RANDOM = ("randn", "rand")

#: What a gate does to the upstream gradient.
PATTERNS = {
    "distributor": "distributes",
    "router": "routes",
    "switcher": "switches",
    "scaler": "scales",
    "mover": "rearranges",
    "copier": "adds up",
    "blocker": "blocks",
}


class Domain(NamedTuple):
    """Where an operation is defined over the reals.

    The predicate takes floats, and arrays element by element: it has ``&`` and ``|`` instead of
    ``and``, ``or`` and chains of comparisons.
    """

    holds: Callable[..., Any]  #: of the operands
    text: str  #: such as ``x > 0``


#: What holds for the numbers of a group that are chosen at a kink: they add up to 1 (``share``), or
#: to 1 at most; the root of the sum of their squares is 1 at most, or the sum of their absolute
#: values; ``centred`` as ``ball``, and they add up to 0.
SHARE, REST, BALL, CROSS, CENTRED = "share", "rest", "ball", "cross", "centred"

Entry = tuple[int, ...]


class Freedom(NamedTuple):
    """A number that may be chosen at a kink of a structural gate.

    Attributes:
        parts: where it goes, as (entry of the operand, entry of the value, factor): the operand's
            entry gets that times the upstream gradient of the value's.
        low, high: the least and the greatest that is valid.
        usual: by the convention of the table.
        group: those with the same group have to go together, as ``limit`` says.
    """

    parts: tuple[tuple[Entry, Entry, float], ...]
    low: float
    high: float
    usual: float
    group: Entry | None = None
    limit: str = ""


class Kink(NamedTuple):
    """Where an operation is continuous or not, but has no derivative.

    ``interval`` gives, for the operands (and settings) at such a point, the (least, greatest)
    generalised derivative by a tied operand; None where the operation jumps, so that there is none.
    Of a structural row ``free(value, *operands, **settings)`` gives the numbers that may be chosen
    there: see :mod:`gradcalc.ops.structural.freedom`.
    """

    #: Of the operands; element by element, as in :class:`Domain`. Of a structural row of its
    #: settings too, and it says it of each entry of the value (False is of all of them).
    at: Callable[..., Any]
    text: str  #: such as ``x = 0``
    convention: str  #: what is taken there, such as ``relu'(0) = 0``
    interval: Callable[..., tuple[float, float]] | None
    free: Callable[..., Iterator[Freedom]] | None = None


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
        infinite: whether its value, though it is defined everywhere, may be infinite where the
            operands are of moderate size, or as good as that.
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
    infinite: bool = False

    @property
    def elementwise(self) -> bool:
        """Whether it is one."""
        return True

    @property
    def settings(self) -> "tuple[Setting, ...]":
        """It has none."""
        return ()

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

    def rule(self, place: int, varies: tuple[bool, ...]) -> Rule | None:
        """The rule for the operand at ``place``, where ``varies`` says which operands vary."""
        if callable(self.partials):
            return self.partials(place, varies)
        return self.partials[place]

    def shape(self, *shapes: Shape) -> Shape:
        """The shape of the value. Raises Misfit where the operands cannot be broadcast."""
        return broadcast(*shapes)


class Setting(NamedTuple):
    """A parameter that is no operand, such as an axis: a part of the node that has no gradient.

    ``kind`` is one of

    - ``axis``: None, or one whole number, or several (a tuple)
    - ``integer``: a whole number
    - ``integers``: one whole number or several; the value is a tuple
    - ``sizes``: a shape; the value is a tuple. It takes all arguments that are left.
    - ``number``: a float
    - ``flag``: a bool
    - ``key``: what stands between the brackets of an index
    """

    name: str
    kind: str
    default: Any = ...  #: ``...`` for a setting that must be given
    named: bool = False  #: whether it is given by its name only


class Sample(NamedTuple):
    """Operands (numbers, or nested tuples of them) and settings to test and to show a row at."""

    operands: tuple[Any, ...]
    settings: Mapping[str, Any] = {}


class Structural(NamedTuple):
    """One operation that is not elementwise.

    Attributes:
        name, parameters, doc, formula, pattern, aliases, symbol, domain, kink: as of a
            :class:`Row`. An operation that only makes an array (zeros) has no parameters.
        shape: ``shape(*shapes, **settings)``, the shape of the value. Raises
            :class:`gradcalc.ops.shapes.Misfit` where the operands do not fit.
        forward: ``forward(m, *operands, **settings)``, the value.
        vjps: a rule for each operand, ``rule(m, upstream, value, *operands, **settings)``: the
            downstream gradient. None for an operand that gets no gradient (labels, indices). An
            operation with any number of operands gives instead a function of the place of the
            operand that returns the rule.
        samples: operands and settings to test it at, the awkward ones included.
        settings: the parameters that are no operands, in order behind the operands.
        optional: how many of the last operands may be left out.
        scalar: the elementwise operation that it is for an operand without axes; the norm of a
            number is ``abs``.
        work: ``work(value, *shapes, **settings)``, of an operation that makes an array on its way
            that is bigger than its value and its operands: the shape of that array.
        split: of an operation that may have thousands of operands, all of which get their part:
            ``split(m, upstream, *shapes, **settings)``, all the downstream gradients at once, for
            operands of these shapes. ``vjps`` says the same of each.
        usage: how it is written, if it is not called with its parameters and settings.
    """

    name: str
    parameters: tuple[str, ...]
    doc: str
    formula: str
    pattern: str
    shape: Callable[..., Shape]
    forward: Callable[..., Any]
    vjps: tuple[Rule | None, ...] | Callable[[int], Rule | None]
    samples: tuple[Sample, ...]
    settings: tuple[Setting, ...] = ()
    aliases: tuple[str, ...] = ()
    symbol: str = ""
    optional: int = 0
    scalar: str = ""
    domain: Domain | None = None
    kink: Kink | None = None
    split: Callable[..., Sequence[Any]] | None = None
    work: Callable[..., Shape] | None = None
    usage: str = ""

    @property
    def elementwise(self) -> bool:
        """Whether it is one."""
        return False

    @property
    def defaults(self) -> tuple[float, ...]:
        """It has none: operands may be left out instead."""
        return ()

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands (one at least)."""
        return bool(self.parameters) and self.parameters[-1].endswith("...")

    @property
    def signature(self) -> str:
        """As a user would write it: ``sum(x, axis=None, keepdims=0)``."""
        if self.usage:
            return self.usage
        shown = list(self.parameters)
        for setting in self.settings:
            if setting.kind == "sizes":
                shown.append(f"{setting.name}...")
            elif setting.default is ...:
                shown.append(setting.name)
            else:
                default = setting.default
                default = int(default) if isinstance(default, bool) else default
                default = f"{default:g}" if isinstance(default, float) else default
                shown.append(f"{setting.name}={default}")
        return f"{self.name}({', '.join(shown)})"

    def rule(self, place: int, varies: tuple[bool, ...]) -> Rule | None:
        """The rule for the operand at ``place``."""
        return self.vjps(place) if callable(self.vjps) else self.vjps[place]


AnyRow = Row | Structural
