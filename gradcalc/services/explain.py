"""Explanations: the chain rule for the numbers of a report, as the lecture writes it.

    ∂f/∂x = ∂q/∂x · ∂f/∂q = 1 · z = z = -4

Where every way from an input to the output is short, it is written out as one product. In other
graphs each node's gradient is derived once, in the order of the backward pass, and is referred to
by its name ∂f/∂q from then on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gradcalc.engine.run import depending
from gradcalc.graph.graph import INPUT
from gradcalc.ops.shapes import Shape
from gradcalc.report import Report, is_finite
from gradcalc.services.derivation import TERMS, Plan, Way
from gradcalc.services.quantities import variable
from gradcalc.services.steps import Steps, Use
from gradcalc.services.symbols import free, taken
from gradcalc.services.wanted import check_names, wanted_nodes
from gradcalc.syntax.literals import format_array
from gradcalc.syntax.printer import NUMBER, UNARY, TextPiece, compose, format_number

#: Longer formulas are not put in place of a name, nor added up; longer arrays are cut.
TEXT, ENTRIES = 60, 12


class Line(NamedTuple):
    """An equation, all of it in the language.

    Attributes:
        kind: ``input`` or ``value`` of the forward pass; of the backward pass ``gradient``, or
            ``term`` and ``sum`` of a node that is used more than once.
        of: what it is about: the name of a node, or its operation.
        left: the left side; empty for a term.
        members: what it is equal to, formulas first, numbers last.
        remark: in words.
        shapes: the shape of an array, and how it comes from those of the factors.
    """

    kind: str
    of: str
    left: str
    members: tuple[str, ...]
    remark: str = ""
    shapes: str = ""


class Explanation(NamedTuple):
    """How the gradients of a report come about.

    Attributes:
        head: the name of what is differentiated.
        forward: the values of the inputs and of what the derivation names.
        backward: the derivation.
        arrays: the number of axes of what is an array, by name.
        left_out: what is not shown, in words.
    """

    head: str
    forward: tuple[Line, ...]
    backward: tuple[Line, ...]
    arrays: dict[str, int]
    left_out: str = ""


def explain(
    report: Report,
    name: str | None = None,
    *,
    digits: int | None = None,
    exact: bool = False,
    all_nodes: bool = False,
) -> Explanation:
    """Explain the gradients of a report, or that by one name.

    Args:
        name: ``x``, or the gradient itself, such as ``df/dx``.
        digits: of numbers; 6 if not given, or all of them if ``exact``.
        all_nodes: whether to derive the gradient of every node of a big graph.

    Raises:
        GradcalcError: ``unknown-name``, ``unknown-quantity``.
    """
    names = list(report.gradients) if name is None else [variable(report, name)]
    check_names(names, [report.evaluation.problem])
    targets = wanted_nodes(report.evaluation.problem, names)

    def number(value: float) -> str:
        if exact:
            return format_number(value)
        if digits is None and value == value // 1 and abs(value) < 1e10:
            return format_number(value)
        return format_number(value, digits or 6)

    with report.evaluation.quiet():
        whole = None if exact else digits or 6
        return _Explainer(report, targets, number, whole, all_nodes).whole()


class _Explainer:
    def __init__(
        self,
        report: Report,
        targets: dict[str, int],
        number: Callable[[float], str],
        digits: int | None,
        all_nodes: bool,
    ) -> None:
        run = report.evaluation
        self.report, self.run, self.graph = report, run, run.graph
        self.number, self.digits = number, digits
        self.output = run.output.node
        self.plan = Plan(run, list(targets.values()), all_nodes)
        self.uses, self.nodes = self.plan.uses, self.plan.nodes
        names = self.plan.names()
        self.seeded = self._is_seeded()
        self.head = names[self.output]
        if self.seeded:
            self.head = free("LJ", {*taken(run.problem), *names.values()})
        self.steps = Steps(run, names, self.head)
        self.formulas: dict[tuple[int, int], int] = {}  # what each use contributes

    def _is_seeded(self) -> bool:
        """Whether something other than the number 1 arrives at the output."""
        arriving = self.run.upstream
        return bool(self.graph.shape(self.output) or getattr(arriving, "shape", ())) or (
            float(arriving) != 1.0
        )

    # Lines

    def whole(self) -> Explanation:
        """The explanation."""
        backward = [line for node in self.nodes for line in self._lines(node)]
        if self.seeded:
            backward.insert(0, self._seed())
        forward = tuple(self._forward())
        named = self.steps.names.items()
        arrays = {name: len(shape) for node, name in named if (shape := self.graph.shape(node))}
        return Explanation(self.head, forward, tuple(backward), arrays, self.plan.left_out)

    def _forward(self) -> Iterator[Line]:
        graph, names, steps = self.graph, self.steps.names, self.steps
        mentioned = {self.output, *self.nodes, *self.plan.gates()}
        for node in sorted(mentioned):
            mentioned.update(n for n in graph.operands[node] if graph.op[n] == INPUT)
        if not self.plan.left_out:
            mentioned.update(node for node in self.run.nodes if node in graph.names)
        for node in sorted(mentioned, key=lambda node: (graph.op[node] != INPUT, node)):
            value = self.run.values[node]
            kind = "input" if graph.op[node] == INPUT else "value"
            members = [self._value(value)]
            if kind == "value":
                members.insert(0, steps.pieces[node][0])
            elif node == self.output and names[node] not in self.run.problem.inputs:
                members.insert(0, graph.names[node])
            shapes = _shape(graph.shape(node))
            yield Line(kind, names[node], names[node], tuple(_different(members)), "", shapes)
        if self.seeded:
            yield self._summed()

    def _summed(self) -> Line:
        """What is differentiated, where it is not the output itself."""
        name, arriving = self.steps.names[self.output], self.run.upstream
        piece: TextPiece = name, NUMBER + 1
        if getattr(arriving, "shape", ()) or float(arriving) != 1.0:
            factor = self._value(arriving), NUMBER
            text = "".join(compose("*", [factor, piece])[0])
        else:
            text = name
        if self.graph.shape(self.output):
            text = f"sum({text})"
        return Line("value", self.head, self.head, (text,))

    def _seed(self) -> Line:
        shape = self.graph.shape(self.output)
        arriving = self.run.gradient(self.output)
        left = self.steps.by(self.head, self.output)
        remark = "what arrives at the output"
        name = self.steps.names[self.output]
        return Line("gradient", name, left, (self._value(arriving),), remark, _shape(shape))

    def _lines(self, node: int) -> Iterator[Line]:
        """The derivation of the gradient of one node."""
        steps, graph = self.steps, self.graph
        of, left = steps.name(node), steps.by(self.head, node)
        shape = _shape(graph.shape(node))
        value = self._value(self.run.gradient(node))
        uses = self.uses.get(node, [])
        if node == self.output:
            if not self.seeded:
                yield Line("gradient", of, left, ("1",))
            return
        if not uses:
            # An index and a label choose, and have no gradient.
            depends = depending(graph, [node])[self.output]
            remark = f"no gradient reaches {of}"
            if not depends:
                remark = f"{steps.names[self.output]} does not depend on {of}"
            yield Line("gradient", of, left, (value,), remark, shape)
            return
        if len(uses) == 1:
            yield self._single(node, uses[0], "gradient", value)
            return
        shown = self.plan.shown(node)
        yield from (
            self._single(node, use, "term", self._value(steps.passed_value(use))) for use in shown
        )
        members: list[str] = []
        remark = f"{of} is used {'twice' if len(uses) == 2 else f'{len(uses):,} times'}"
        if len(uses) <= TERMS:
            formulas = [self.formulas[use.gate, use.place] for use in uses]
            members.extend(self._texts_of_sum(formulas))
            numbers = [self._value(steps.passed_value(use)) for use in uses]
            if not graph.shape(node):
                members.append(_added(numbers))
        elif len(shown) < len(uses):
            remark += f", {len(uses) - len(shown):,} of which are not shown"
        yield Line("sum", of, left, tuple(_different([*members, value])), remark, shape)

    def _texts_of_sum(self, formulas: Sequence[int]) -> Iterator[str]:
        pieces = [self.steps.piece(formula) for formula in formulas]
        text = pieces[0]
        for piece in pieces[1:]:
            parts, strength = compose("+", [text, piece])
            text = "".join(parts), strength
        if len(text[0]) <= TEXT:
            yield text[0]
        short = self.steps.piece(self.steps.simplified(self.steps.sum(formulas)))[0]
        if len(short) <= TEXT:
            yield short

    def _single(self, node: int, use: Use, kind: str, value: str) -> Line:
        """The line of one use: a product of local gradients, the upstream one last."""
        steps = self.steps
        way = self.plan.way(use)
        numeric = all(map(steps.is_scalar, way.uses))
        make = self._numeric if numeric else self._of_arrays
        members, formula, shapes = make(node, way)
        self.formulas[use.gate, use.place] = formula
        left = steps.by(self.head, node) if kind == "gradient" else ""
        remarks = [self._through(node, use)] if kind == "term" else []
        remarks += self._warnings(way, value)
        remark = "; ".join(remarks)
        chain = tuple(_different([*members, value]))
        return Line(kind, steps.name(node), left, chain, remark, shapes)

    def _numeric(self, node: int, way: Way) -> tuple[list[str], int, str]:
        """Of numbers: names, formulas, what they come to, and the numbers."""
        steps, members = self.steps, list[str]()
        locals_ = [steps.local(use) for use in way.uses]
        ends = way.end == self.output and not self.seeded
        factors = locals_ if ends else [*locals_, steps.upstream(way.end)]
        if len(factors) > 1 and (names := self._named(node, way)):
            members.append(" · ".join(names))
        product = _product([steps.piece(factor) for factor in factors])
        formula = steps.simplified(steps.product(factors))
        if not ends and len(factors) == 2 and steps.is_constant(locals_[0]):
            product = ""  # 1 · ∂f/∂q says less than the number does
        if len(factors) > 1:
            members.append(product)
        numbers = [(f, steps.local_value(u)) for f, u in zip(locals_, way.uses, strict=True)]
        if ends:
            short = steps.piece(formula)[0]
            if len(factors) == 1 or (len(short) <= len(product) and short != _plain(product)):
                members.append(short)
            numbers = [(f, x) for f, x in numbers if not steps.is_constant(f) or abs(x) != 1]
        else:
            numbers.append((-1, float(self.run.gradient(way.end))))
        if len(numbers) > 1 and not (ends and steps.is_constant(formula)):
            members.append(_product([self._factor(x) for _, x in numbers]))
        return [member for member in members if member], formula, ""

    def _named(self, node: int, way: Way) -> list[str]:
        """∂q/∂x, ∂f/∂q; nothing where such a name would not say what is meant: there is another way
        from x to q."""
        steps, names = self.steps, list[str]()
        for before, use in zip([node, *(use.gate for use in way.uses)], way.uses, strict=False):
            if self.plan.has_other_way(before, use):
                return []
            names.append(steps.by(steps.name(use.gate), before))
        if way.end != self.output or self.seeded:
            names.append(steps.by(self.head, way.end))
        return names

    def _of_arrays(self, node: int, way: Way) -> tuple[list[str], int, str]:
        """With arrays: what is passed back, with the gradient behind it by its name, then as a
        formula."""
        steps = self.steps
        arriving: list[int | float] = []
        for use in way.uses:
            ends = use.gate == self.output and not self.seeded
            arriving.append(1.0 if ends else steps.upstream(use.gate))
        first = steps.simplified(steps.passed(way.uses[0], arriving[0]))
        members, formula = [steps.piece(first)[0]], first
        if len(way.uses) > 1:
            behind = arriving[-1]
            for use in reversed(way.uses):
                behind = steps.passed(use, behind)
            assert not isinstance(behind, float)
            formula = behind
        formula = steps.simplified(formula)
        text = steps.piece(formula)[0]
        if len(text) <= TEXT:
            members.append(text)
        shape = _shape(self.graph.shape(node))
        shapes = steps.shapes(first)
        return members, formula, f"{shapes} → {shape or '1'}" if shapes else shape

    # Words

    def _through(self, node: int, use: Use) -> str:
        several = self.graph.operands[use.gate].count(node) > 1
        gate = self.steps.name(use.gate)
        where = "directly" if use.gate == self.output else f"through {gate}"
        return f"{where}, as operand {use.place + 1}" if several else where

    def _warnings(self, way: Way, value: str) -> Iterator[str]:
        gates = {use.gate for use in way.uses}
        for note in self.report.notes:
            if note.kind == "kink" and note.node is not None and self.run.nodes[note.node] in gates:
                yield f"at a kink of {self.steps.name(self.run.nodes[note.node])}"
        if value == "0" and all(map(self.steps.is_scalar, way.uses)):
            local = map(self.steps.local_value, way.uses)
            if not all(map(is_finite, local)):
                yield "an upstream gradient of 0 stays 0"

    # Numbers

    def _value(self, value: Any) -> str:
        if getattr(value, "shape", ()):
            return format_array(value + 0.0, ENTRIES, self.digits)  # without a sign of 0
        return self.number(float(value) + 0.0)

    def _factor(self, value: float) -> TextPiece:
        text = self._value(value)
        return text, UNARY if text.startswith("-") else NUMBER


def _product(pieces: Iterable[TextPiece]) -> str:
    """Factors side by side, each in brackets that begins with a sign or is a product itself."""
    whole: TextPiece | None = None
    for piece in pieces:
        if whole is None:
            whole = piece
            continue
        if piece[0].startswith("-"):
            piece = f"({piece[0]})", NUMBER
        parts, strength = compose("·", [whole, piece])
        whole = "".join(parts), strength
    return whole[0] if whole else ""


def _plain(product: str) -> str:
    """A product of numbers with one sign for all."""
    return product.replace("·", "*")


def _added(numbers: Sequence[str]) -> str:
    first, *rest = numbers
    return first + "".join(f" - {n[1:]}" if n.startswith("-") else f" + {n}" for n in rest)


def _different(members: Iterable[str]) -> Iterator[str]:
    """The members without repetitions of the one before."""
    before = ""
    for member in members:
        if member != before:
            yield member
        before = member


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape))
