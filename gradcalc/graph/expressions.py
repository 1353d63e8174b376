"""The lowering of expressions: from Ast nodes to nodes of the graph, with their shapes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph import complaints, members, misfits, powers, sizes
from gradcalc.graph.graph import INPUT, Graph
from gradcalc.graph.guards import guards
from gradcalc.graph.loops import Frame, Loops, Member, first_turn, spread_lists
from gradcalc.ops.row import MAX_OPERANDS, Row
from gradcalc.ops.shapes import Misfit, Shape
from gradcalc.source import Source
from gradcalc.syntax.ast import BINARY, NORMS, Ast, Statement
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import format_number

#: The operation of each kind of Ast node. The products of mathematics are all one for scalars.
OPERATIONS = {kind: ops.OPERATORS.get(kind, ops.PLACES["mul"]) for kind in BINARY}
NEG, ABS = ops.PLACES["neg"], ops.PLACES["abs"]
#: Words for settings.
WORDS = {"None": None, "True": 1.0, "False": 0.0}
#: In place of a node: what is none, such as a slice.
NO_NODE = -1
NOWHERE: Mapping[str, Sequence[int]] = {}


class Expressions:
    """Lowers the expressions of one problem.

    Args:
        values: the values from outside, by name.
        compute: ``compute(graph, leaves, node, name)`` is the value of a node, given the values of
            the inputs that it depends on: for sizes and the like, which shapes depend on. ``name``
            is the input whose value it is, if it is one.
        differentiate: ``differentiate(graph, output, by)`` appends a derivative to a graph.
        giving: whether the program is itself the value of an input, and may be random.
        itemsize: the bytes of a number in an array.
    """

    def __init__(
        self,
        ast: Ast,
        source: Source,
        values: Mapping[str, Any],
        compute: Callable[..., Any],
        differentiate: Callable[[Graph, int, int], int],
        *,
        giving: bool = False,
        itemsize: int = 8,
    ) -> None:
        self.ast = ast
        self.source = source
        self.values = values
        self.compute = compute
        self.differentiate = differentiate
        self.giving = giving
        self.itemsize = itemsize
        self.bytes = 0  # that values, and gradients of inputs, will take
        self.by_value = False  # whether a value, and not only its shape, decided anything
        self.graph = Graph()
        self.loops = Loops(ast, values) if ast.loops else None
        self.guards = guards(ast) if ast.subscripts else {}
        #: Lists of the operands of a call, as in concat([a, b]).
        self.spread = spread_lists(ast) if "array" in ast.kind or ast.loops else {}
        self.inputs: dict[str, int] = {}
        self.definitions: dict[str, int] = {}
        self.givens: dict[str, Graph] = {}
        self.functions: dict[str, Statement] = {}
        self.applied: dict[str, int] = {}  # those that are applied to the inputs of their names
        self.called: set[str] = set()
        self.missing: dict[str, Span] = {}  # where each name without a value is first used
        self.sizes: dict[str, int] = {}  # of the functions, all calls in them put in place
        self.members: dict[Member, int] = {}  # what definitions with an index came to so far
        self.inlined = 0
        self.frames: list[Frame] = []  # what is being lowered, the innermost last
        self.heads = {s.name: s for s in reversed(ast.statements) if s.name}

    def _lower(self, first: int, root: int, parameters: Mapping[str, int]) -> int:
        """The graph node of the expression ``first`` to ``root``, calls put in place."""
        around, frames = self.frames, [Frame(first, root, parameters)]
        self.frames = frames
        while True:
            frame = frames[-1]
            try:
                callee = self._advance(frame, nested=len(frames) > 1)
            except GradcalcError as error:
                misfits.explain(error, frames, self)
                raise
            if callee is not None:
                frames.append(callee)
                continue
            node = frame.nodes[-1]
            if frame.loop >= 0:
                frame.terms.append(node)
                if frame.again():
                    continue
                node = self._stack(frame.terms, frame.loop)
            frames.pop()
            if frame.member:
                members.keep(self, frame.member, node)
            if not frames:
                self.frames = around
                return node
            frames[-1].nodes.append(node)

    def _advance(self, frame: Frame, nested: bool) -> Frame | None:
        """Lower until the frame is complete (None) or a user's function is called (its frame)."""
        ast, graph, first, nodes = self.ast, self.graph, frame.first, frame.nodes
        kinds, lefts, rights = ast.kind, ast.left, ast.right
        add, place, shapes = graph.add, nodes.append, graph.shapes
        variables: dict[int, int] = {}  # by place in ast.names
        skipped = self.loops.skipped(frame.first, frame.root) if self.loops else None
        for i in range(frame.next, frame.root + 1):
            if skipped and skipped[i - first]:
                place(NO_NODE)
                continue
            kind = kinds[i]
            if kind == "name":
                which = lefts[i]
                if which not in variables:
                    variables[which] = self._name(ast.names[which], i, frame.parameters)
                place(variables[which])
            elif kind in OPERATIONS:
                operands = (nodes[lefts[i] - first], nodes[rights[i] - first])
                if kind == "^" and (special := powers.special(self, operands, i)) is not None:
                    place(special)
                elif shapes or kind == "@":
                    place(self._binary(kind, operands, i))
                else:
                    place(add(OPERATIONS[kind], operands, i))
            elif kind == "number":
                place(graph.add_constant(ast.numbers[lefts[i]], i))
            elif kind == "call":
                name = ast.names[lefts[i]]
                arguments = ast.arguments[rights[i]]
                if name in self.functions or name in ast.families:
                    frame.next = i + 1
                    given = tuple([nodes[a - first] for a in arguments])
                    if any(kinds[a] == "keyword" for a in arguments):
                        from gradcalc.graph import calls

                        given = calls.in_order(self, name, arguments, nodes, first)
                    known, member = None, None
                    if name in ast.families:
                        known, member = members.find(self, name, given, i)
                    if known is None:
                        return members.body(self, self.functions[name], given, i, nested, member)
                    place(known)
                    continue
                place(self._operation(name, arguments, nodes, first, i))
            elif kind == "for":
                frame.next = i + 1
                body = first_turn(self, i, nodes, first, frame.parameters)
                if body is not None:
                    return body
                place(self._stack([], i))
            else:
                place(self._other(kind, nodes, first, i))
        return None

    def _other(self, kind: str, nodes: list[int], first: int, i: int) -> int:
        """Signs, brackets, bars, and what only arrays have."""
        ast, graph = self.ast, self.graph
        if kind in ("array", "index") or i in ast.matrices:
            from gradcalc.graph import arrays

            return arrays.entries(self, nodes, first, i)
        if kind == "slice":
            return NO_NODE
        operand = nodes[ast.left[i] - first]
        if kind in NORMS:
            if not graph.shapes.get(operand):
                return self.apply(ABS, (operand,), i)
            if kind == "||":
                from gradcalc.graph import arrays

                arrays.note_norm(self, operand, i)
            return self.apply(ops.PLACES["norm"], (operand,), i, settings={"ord": NORMS[kind]})
        if kind == "^T":
            return powers.raised(self, (operand, nodes[ast.right[i] - first]), i)
        if kind == "transpose":
            from gradcalc.graph import arrays

            return arrays.transpose(self, operand, i)
        if kind == "derivative":
            from gradcalc.graph import differentiation

            return differentiation.derivative(self, nodes, first, i)
        if kind != "neg":  # parentheses, plus, keyword
            return operand
        if ast.kind[ast.left[i]] == "number":
            # -2 is a number; the literal under the sign was the last node.
            graph.constants[operand] *= -1.0
            graph.origin[operand] = i
            return operand
        return self.apply(NEG, (operand,), i)

    def _binary(self, kind: str, operands: tuple[int, int], i: int) -> int:
        """A binary operation where there are arrays."""
        from gradcalc.graph import arrays

        if kind in arrays.PRODUCTS:
            return arrays.product(self, kind, operands, i)
        if kind == "^":
            squared = arrays.squared_norm(self, operands, i)
            if squared is not None:
                return squared
            arrays.note_power(self, operands, i)
        return self.apply(OPERATIONS[kind], operands, i)

    def apply(
        self,
        op: int,
        operands: tuple[int, ...],
        i: int,
        places: Iterable[int] | None = None,
        settings: Mapping[str, Any] | None = None,
        settings_at: Mapping[str, Sequence[int]] = NOWHERE,
    ) -> int:
        """Append an operation.

        Args:
            places: the Ast nodes of its operands, if they are not those of ``i``.
            settings_at: the Ast nodes of its settings, by name.

        Raises:
            GradcalcError: ``shape``.
        """
        try:
            node = self.graph.apply(op, operands, settings, i)
        except Misfit as misfit:
            places = self.ast.operands(i) if places is None else tuple(places)
            shapes = [self.graph.shapes.get(operand, ()) for operand in operands]
            raise misfits.misfit(misfit, shapes, places, i, self, settings_at) from None
        sizes.check(self, node, i)
        return node

    def unknown(self, op: int, operands: tuple[int, ...], i: int) -> int:
        """Append an operation whose settings, and so its shape, depend on a missing value."""
        node = self.graph.add(op, operands, i)
        self.graph.shapes[node] = None
        return node

    def _stack(self, terms: list[int], i: int) -> int:
        """The array whose entries the turns of a loop came to."""
        from gradcalc.graph import arrays

        return arrays.listed(self, terms, i, [self.ast.left[i]] * len(terms))

    def _operation(
        self, name: str, arguments: tuple[int, ...], nodes: list[int], first: int, i: int
    ) -> int:
        op = ops.PLACES[name]
        row = ops.TABLE[op]
        if (
            self.graph.shapes
            or not row.elementwise
            or (row.variadic and len(arguments) == 1)
            or any(self.ast.kind[a] in ("keyword", "for") for a in arguments)
        ):
            from gradcalc.graph import calls

            return calls.operation(self, name, arguments, nodes, first, i)
        operands = tuple([nodes[a - first] for a in arguments])
        return self.elementwise(name, operands, i)

    def elementwise(
        self, name: str, operands: tuple[int, ...], i: int, places: Iterable[int] | None = None
    ) -> int:
        """A call of an operation that works element by element."""
        op = ops.PLACES[name]
        row = ops.TABLE[op]
        missing = len(row.parameters) - len(operands)
        if row.variadic:
            if not 2 <= len(operands) <= MAX_OPERANDS:
                raise complaints.wrong_arity(name, row.parameters, len(operands), i, self)
        elif not 0 <= missing <= len(row.defaults):
            raise complaints.wrong_arity(name, row.parameters, len(operands), i, self)
        elif missing:
            operands += tuple(
                self.graph.add_constant(value, i) for value in row.defaults[-missing:]
            )
        assert isinstance(row, Row)
        if not callable(row.partials):
            for rule, operand, parameter in zip(
                row.partials, operands, row.parameters, strict=False
            ):
                if rule is None and self.graph.varies[operand]:
                    raise complaints.must_be_constant(name, parameter, i, self)
        return self.apply(op, operands, i, places)

    def known(self, node: int) -> Any:
        """The value of a node; None if it needs one that was not given.

        Raises:
            GradcalcError: ``bad-value``, where an operation cannot take its values.
        """
        graph = self.graph
        if node in graph.constants:
            return graph.constants[node]
        leaves: dict[int, Any] = {}
        for leaf in graph.ancestors([node]):
            if graph.shapes.get(leaf, ()) is None or graph.names.get(leaf) in self.missing:
                return None
            if graph.op[leaf] == INPUT:
                name = graph.names[leaf]
                self.by_value = True
                if name in self.values:
                    leaves[leaf] = self.values[name]
                else:
                    given = self.givens[name]
                    with misfits.Placed(given, self.ast, self.source):
                        leaves[leaf] = self.compute(given, {}, len(given) - 1, name)
        with misfits.Placed(graph, self.ast, self.source):
            return self.compute(graph, leaves, node)

    def whole(self, node: int, i: int, what: str) -> int | None:
        """The value of a node that must be a whole number; None if it is not known.

        Raises:
            GradcalcError: ``bad-value``, at the Ast node ``i``.
        """
        value = self.known(node)
        if value is None:
            return None
        shape = shape_of(value)
        if shape or value - value != 0 or value != int(value):
            found = "an array" if shape else format_number(value)
            raise self.error_at("bad-value", f"{what} is a whole number, not {found}", i)
        return int(value)

    def _name(self, name: str, i: int, parameters: Mapping[str, int]) -> int:
        node = parameters.get(name)
        if node is not None:
            return node
        if name in WORDS and name not in self.values and name not in self.heads:
            return self._word(name, i)
        return self.variable(name, i)

    def _word(self, name: str, i: int) -> int:
        """``True`` and the like, the value of a setting."""
        if i + 1 >= len(self.ast) or self.ast.kind[i + 1] != "keyword":
            raise misfits.no_value(name, i, self)
        value = WORDS[name]
        return NO_NODE if value is None else self.graph.add_constant(value, i)

    def variable(self, name: str, i: int) -> int:
        """The node of a name that is no parameter: a definition, an input or a constant."""
        node = self.definitions.get(name)
        if node is not None:
            return node
        if name in self.heads:
            return self._function(name, i)
        if name not in self.values:
            if name in CONSTANTS:
                return self.graph.add_constant(CONSTANTS[name], i)
            complaints.check_is_no_function(name, i, self)
            self.missing[name] = Span(self.ast.start[i], self.ast.end[i])
        shape = shape_of(self.values[name]) if name in self.values else None
        node = self.graph.add_input(name, i, shape)
        sizes.check(self, node, i)
        self.inputs[name] = self.definitions[name] = node
        return node

    def _function(self, name: str, i: int) -> int:
        """The name of a function in place of a value: in ∂f/∂x it is the function of the inputs."""
        raise complaints.used_before_definition(name, i, self)

    def error(
        self, code: str, message: str, start: int, end: int, label: str = "", help: str = ""
    ) -> GradcalcError:
        """A diagnostic about a range of the source."""
        spans = [Span(start, end, label)]
        return GradcalcError(code, message, spans, help=help, source=self.source)

    def error_at(self, code: str, message: str, i: int, help: str = "") -> GradcalcError:
        """A diagnostic about an Ast node."""
        return self.error(code, message, self.ast.start[i], self.ast.end[i], help=help)


def shape_of(value: Any) -> Shape:
    """The shape of a number or array."""
    shape: Shape = getattr(value, "shape", ())
    return shape
