"""Gradients as formulas in the inputs, for which no values are needed."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc import ops
from gradcalc.engine.gradient import append_gradients
from gradcalc.engine.run import depending
from gradcalc.engine.simplify import Simplifier
from gradcalc.errors import GradcalcError, listed_names
from gradcalc.graph import complaints
from gradcalc.graph.graph import INPUT, Graph
from gradcalc.graph.lower import Lowering, Output, Problem
from gradcalc.graph.parts import part
from gradcalc.graph.quotes import quoted
from gradcalc.graph.text import node_pieces
from gradcalc.ops.shapes import described, stated
from gradcalc.report import Note
from gradcalc.services.evaluate import refuse_computed, refuse_readings
from gradcalc.services.notes import readings_of
from gradcalc.services.symbols import free, numbered, taken
from gradcalc.services.values import (
    Seed,
    Value,
    derivative_node,
    given,
    program_source,
    shape_of,
    value_of_node,
)
from gradcalc.services.wanted import check_names, wanted_nodes
from gradcalc.source import Source
from gradcalc.syntax.ast import NORMS, Reading
from gradcalc.syntax.lexer import FACTOR
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import parse

#: A formula of so many nodes is written whole.
WHOLE = 60
#: In a longer one, what is used more than once gets a name if it has so many nodes, and anything if
#: it has so many: each line stays short, and the whole linear in the size of the graph.
SHARED, LONG = 3, 40
#: No text is cut.
ENDLESS = 10**9
HUGE = 10**6

#: A name of matrices, and one of vectors: one letter, and perhaps a number.
MATRIX, VECTOR = re.compile(r"[^\W\d_a-zα-ω](?:_?\d+)?"), re.compile(r"[^\W\d_A-ZΑ-Ω](?:_?\d+)?")
#: The products that are those of arrays.
PRODUCTS = ("juxtaposition", "·")

MUL, SUM = ops.PLACES["mul"], ops.PLACES["sum"]


class Symbolic(NamedTuple):
    """The gradients of one output as formulas.

    Its text is a program: the definitions, the output, and an equation for each gradient.

    Attributes:
        problem: which problem of the program it belongs to, from 1.
        expression: the output as it was written.
        output: the name of the definition or function; None for a bare expression.
        head: what is differentiated: the output's name, f for a bare expression; L for the sum of
            the entries of one that is no scalar, or for what it is weighted with.
        definitions: formulas, by name, that the others refer to; the last is that of the head.
        gradients: a formula for each input, or name of wrt.
        arrays: the number of axes of what is an array, by name.
        notes: how the text was read.
    """

    problem: int
    expression: str
    output: str | None
    head: str
    definitions: dict[str, str]
    gradients: dict[str, str]
    arrays: dict[str, int]
    notes: tuple[Note, ...]

    def equations(self) -> Iterator[tuple[str, str]]:
        """The two sides of each line."""
        yield from self.definitions.items()
        for name, text in self.gradients.items():
            yield f"∂{self.head}/∂{name}", text

    def __str__(self) -> str:
        return "\n".join(f"{left} = {right}" for left, right in self.equations())


def symbolic(
    program: str,
    values: Mapping[str, Value] | None = None,
    *,
    wrt: Collection[str] | None = None,
    of: str | None = None,
    upstream: Value | None = None,
    **inputs: Value,
) -> Symbolic:
    """The gradients of a program's output as formulas.

        >>> symbolic("(x+y)*z").gradients
        {'x': 'z', 'y': 'z', 'z': 'x + y'}

    Args:
        values: of inputs that are arrays: only their shapes matter. An input without a value is a
            scalar.
        wrt, of, upstream: as of :func:`gradcalc.backprop`. Names of ``wrt`` are known as names.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    if isinstance(wrt, str):
        wrt = wrt.split(",")
    found = derive(
        program_source(program),
        {
            canonical(name): given(name, value)
            for name, value in {**(values or {}), **inputs}.items()
        },
        wrt=None if wrt is None else [canonical(name.strip()) for name in wrt],
        of=None if of is None else canonical(of),
        upstream=None if upstream is None else given("upstream", upstream),
    )
    return found[-1]


def derive(
    source: Source,
    values: Mapping[str, Value],
    *,
    wrt: Sequence[str] | None = None,
    of: str | None = None,
    upstream: Value | None = None,
    strict: bool = False,
    seed: Seed | None = None,
    notation: str | None = None,
) -> list[Symbolic]:
    """The formulas of each output of each problem, in the order of the text.

    Raises:
        GradcalcError: the program or a value is at fault.
    """
    asts = parse(source, ops.PLACES, {*values, *(wrt or ())}, notation)
    compute = value_of_node(seed or Seed())
    lowerings = [_Scalars(ast, source, values, compute, derivative_node) for ast in asts]
    problems = [lowering.lowered(of, alone=len(asts) == 1) for lowering in lowerings]
    known = dict.fromkeys(name for problem in problems for name in problem.inputs)
    if unused := [name for name in values if name not in known]:
        refuse_computed(unused, lowerings)
        raise complaints.unused_values(unused, known, source)
    check_names(wrt, problems)
    found = []
    for number, problem in enumerate(problems, start=1):
        if strict:
            refuse_readings(problem)
        found += [
            formulas(problem, output, number=number, wrt=wrt, upstream=upstream)
            for output in problem.outputs
        ]
    return found


def formulas(
    problem: Problem,
    output: Output,
    *,
    number: int = 1,
    wrt: Collection[str] | None = None,
    upstream: Value | None = None,
) -> Symbolic:
    """The formulas of one output of a problem that is lowered already."""
    return _Formulas(problem, output, upstream).derived(number, wrt)


class _Scalars(Lowering):
    """Lowers a program whose names without a value are scalars."""

    def lowered(self, of: str | None, alone: bool) -> Problem:
        """The problem; an error that comes of an array without a value says so."""
        #: What looks like an array by its place, and is a scalar: nodes by Ast nodes.
        self.signs: dict[int, int] = {}
        try:
            problem = self.run(of, alone=alone)
        except GradcalcError as error:
            if error.code in ("shape", "arity") and self.missing:
                error.help = "\n".join(filter(None, (error.help, self._taken())))
            raise
        self._note_arrays()
        return problem

    def _taken(self) -> str:
        """What the names without a value are, and how to say that one is an array."""
        names = [name for name in self.missing if name in self.inputs]
        taken = f"{listed_names(names)} have no values, and so are numbers here"
        if len(names) == 1:
            taken = f"{names[0]} has no value, and so is a number here"
        example = next(filter(MATRIX.fullmatch, names), names[0])
        array = "numpy.zeros((3, 2))" if self.source.from_python else '"zeros(3, 2)"'
        given = complaints.assignments([example], self.source, array)
        return f"{taken}; of an array give the shape, as in {given}"

    def _other(self, kind: str, nodes: list[int], first: int, i: int) -> int:
        node = super()._other(kind, nodes, first, i)
        if (kind == "transpose" or (kind in NORMS and kind != "||")) and not self.graph.shape(node):
            self.signs.setdefault(i, node)
        return node

    def _note_arrays(self) -> None:
        """Note the first place that says by itself that names without a value are arrays."""
        ast, graph = self.ast, self.graph
        scalars = depending(graph, [self.inputs[n] for n in self.missing if n in self.inputs])
        for node, i in enumerate(graph.origin):
            if ast.kind[i] in PRODUCTS and not graph.shape(node) and self._is_of_arrays(i):
                self.signs.setdefault(i, node)
        for i, node in sorted(self.signs.items()):
            if scalars[node]:
                start, end = ast.start[i], ast.end[i]
                reading = Reading(
                    "scalar", f"{quoted(self, i)} is read with numbers: {self._taken()}", start, end
                )
                ast.readings.append(reading)
                return

    def _is_of_arrays(self, i: int) -> bool:
        """Whether a product is W x or x·y, as people write those of arrays."""
        ast = self.ast
        left, right = ast.operands(i)
        if ast.kind[left] in PRODUCTS:
            left = ast.right[left]
        if ast.kind[left] != "name" or ast.kind[right] != "name":
            return False
        if ast.kind[i] == "·":
            return True
        names = [ast.names[ast.left[k]] for k in (left, right)]
        return bool(MATRIX.fullmatch(names[0]) and VECTOR.fullmatch(names[1]))

    def variable(self, name: str, i: int) -> int:
        node = super().variable(name, i)
        if name in self.missing:
            self.graph.shapes.pop(node, None)
            start, end = self.ast.start[i], self.ast.end[i]
            # A parameter stands for itself at the place of its function's body.
            if self.source.text[start : end + 1] == f"{name}(":
                self.ast.readings.append(Reading("product", FACTOR.format(name), start, end))
        return node

    def known(self, node: int) -> Any:
        """The value of a node.

        Raises:
            GradcalcError: ``bad-value``; ``missing-value``, for one that needs a name without one.
        """
        value = super().known(node)
        if value is None:
            graph = self.graph
            names = [graph.names[n] for n in graph.ancestors([node]) if graph.op[n] == INPUT]
            name = next(name for name in names if name in self.missing)
            message = f"a size depends on {name}, which has no value"
            help = f"add {complaints.assignments([name], self.source)}"
            spans = [self.missing[name]]
            raise GradcalcError("missing-value", message, spans, help=help, source=self.source)
        return value


class _Formulas:
    """The gradients of one output."""

    def __init__(self, problem: Problem, output: Output, upstream: Value | None) -> None:
        self.problem = problem
        self.output = output
        self.used = taken(problem)
        self.name = output.name or free("fghFG", self.used)
        self.used.add(self.name)
        self.head, self.graph, self.root = self._scalar(upstream)

    def _scalar(self, upstream: Value | None) -> tuple[str, Graph, int]:
        """What is differentiated: its name, and its node in a graph with it."""
        graph, node = self.problem.graph.copy(), self.output.node
        shape = graph.shape(node)
        if upstream is None and not shape:
            return self.name, graph, node
        if upstream is not None:
            if (have := shape_of(upstream)) and have != shape:
                message = f"{stated('the upstream gradient', have)}, and "
                message += stated("the output", shape)
                help = "it has the shape of the output, or is one number for every entry"
                raise GradcalcError("shape", message, help=help)
            node = graph.apply(MUL, (graph.add_constant(upstream), node))
        if shape:
            node = graph.apply(SUM, (node,))
        return free("LJ", self.used), graph, node

    def derived(self, number: int, wrt: Collection[str] | None) -> Symbolic:
        """Differentiate, simplify, and write it down."""
        problem, graph = self.problem, self.graph
        wanted = wanted_nodes(problem, wrt)
        expression = node_pieces(problem.graph, 200)[self.output.node][0]
        before = len(graph)
        found = append_gradients(graph, self.root, list(wanted.values()))
        again = Simplifier(graph, later=before).run([self.root, *found.values()])
        root = again[self.root]
        roots = {name: again[found[node]] for name, node in wanted.items()}
        small, moved = part(graph, [root, *roots.values()])
        names = {}
        for name, node in problem.inputs.items():
            if node in moved:
                names[moved[node]] = name
        small.names = names
        known = {
            moved[again[node]]: name
            for name, node in reversed(problem.definitions.items())
            if again.get(node) in moved
        }
        defined = self._defined(small, moved[root], [moved[node] for node in roots.values()], known)
        names.update(defined)
        pieces = node_pieces(small, ENDLESS)
        definitions = {name: pieces[node][0] for node, name in sorted(defined.items())}
        if moved[root] not in defined:
            definitions[self.head] = self._reference(small, pieces, moved[root])
        shape = problem.graph.shape(self.output.node)
        notes = readings_of(problem)
        if shape and self.head != self.name:
            message = f"the output is an array ({described(shape)}): {self.head} is the sum of its"
            notes.append(Note("sum", None, f"{message} entries, weighted by --upstream if given"))
        return Symbolic(
            problem=number,
            expression=expression,
            output=self.output.name,
            head=self.head,
            definitions=definitions,
            gradients={
                name: self._reference(small, pieces, moved[node]) for name, node in roots.items()
            },
            arrays={
                name: len(shape) for node, name in names.items() if (shape := small.shape(node))
            },
            notes=tuple(notes),
        )

    @staticmethod
    def _reference(graph: Graph, pieces: Sequence[tuple[str, int]], node: int) -> str:
        return graph.names.get(node, pieces[node][0])

    def _defined(
        self, graph: Graph, root: int, gradients: Sequence[int], known: Mapping[int, str]
    ) -> dict[int, str]:
        """The nodes that get a name of their own."""
        whole: list[int] = []
        for operands in graph.operands:
            whole.append(min(HUGE, 1 + sum([whole[operand] for operand in operands])))
        if all(whole[node] <= WHOLE for node in (root, *gradients)):
            return {}
        uses = [0] * len(graph)
        for operands in (*graph.operands, tuple(gradients)):
            for operand in operands:
                uses[operand] += 1
        names = numbered("t", self.used)
        found: dict[int, str] = {}
        size: list[int] = []
        for node, operands in enumerate(graph.operands):
            size.append(1 + sum([1 if operand in found else size[operand] for operand in operands]))
            least = SHARED - (node in known)  # its name is shorter, and says more
            shared = uses[node] > 1 and size[node] >= least
            if node == root:
                if operands and (shared or uses[node]):
                    found[node] = self.head
            elif shared or (size[node] > LONG and uses[node]):
                name = known.get(node, "")
                found[node] = name if name and name not in self.used_heads else next(names)
        return found

    @property
    def used_heads(self) -> Collection[str]:
        """Names that cannot be given to a part."""
        return (self.head, self.name)
