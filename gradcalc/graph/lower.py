"""Lowering: from what the user wrote to what it means.

Names are resolved, calls of the user's functions are put in place, products are made explicit.
Every error that is about names is found here.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph import complaints
from gradcalc.graph.graph import Graph
from gradcalc.ops.row import MAX_OPERANDS
from gradcalc.source import Source
from gradcalc.syntax.ast import BINARY, Ast, Statement
from gradcalc.syntax.names import CONSTANTS, canonical

#: Calls may multiply a small program by a lot. Beyond this many nodes it is refused beforehand.
MAX_INLINED = 5_000_000

#: The operation of each kind of Ast node. The products of mathematics are all one for scalars.
OPERATIONS = {kind: ops.OPERATORS.get(kind, ops.PLACES["mul"]) for kind in BINARY}
PARAMETER = re.compile(r"[^\s(),;=]+")
NEG, ABS, NORM = ops.PLACES["neg"], ops.PLACES["abs"], ops.PLACES["norm"]
EXP = ops.PLACES["exp"]
ENCLOSED = {"||": ABS, "norm": NORM}


class Output(NamedTuple):
    """A value to differentiate, with the name of its definition or function (or None)."""

    name: str | None
    node: int


class Problem(NamedTuple):
    """One problem, ready to be evaluated.

    Attributes:
        inputs: the node of each input, by name.
        definitions: the node of each name, inputs included.
        givens: the constant expressions that the program gives as values of inputs, by name, each
            as a graph of its own whose last node is the value.
    """

    graph: Graph
    ast: Ast
    source: Source
    inputs: dict[str, int]
    definitions: dict[str, int]
    givens: dict[str, Graph]
    outputs: tuple[Output, ...]


class _Frame:
    """A range of the Ast that is being lowered: a statement, or the body of a called function."""

    __slots__ = ("first", "next", "nodes", "parameters", "root")

    def __init__(self, first: int, root: int, parameters: Mapping[str, int]) -> None:
        self.first = first
        self.root = root
        self.next = first
        self.nodes: list[int] = []  # the graph node of each Ast node, counted from ``first``
        self.parameters = parameters


class Lowering:
    """Lowers one problem.

    Args:
        values: the names that have a value from outside.
    """

    def __init__(self, ast: Ast, source: Source, values: Collection[str]) -> None:
        self.ast = ast
        self.source = source
        self.values = values
        self.graph = Graph()
        self.inputs: dict[str, int] = {}
        self.definitions: dict[str, int] = {}
        self.givens: dict[str, Graph] = {}
        self.functions: dict[str, Statement] = {}
        self.called: set[str] = set()
        self.missing: dict[str, Span] = {}  # where each name without a value is first used
        self.sizes: dict[str, int] = {}  # of the functions, all calls in them put in place
        self.inlined = 0
        self.heads = {s.name: s for s in reversed(ast.statements) if s.name}

    def run(self, of: str | None = None) -> Problem:
        """Lower every statement.

        Raises:
            GradcalcError: for a name that is undefined, misspelt, redefined, used before its
                definition; for a wrong number of operands. Names without a value are only
                collected in ``missing``, so that all can be named at once.
        """
        bare: list[Output] = []
        for statement in self.ast.statements:
            if statement.kind == "output":
                bare.append(Output(None, self._expression(statement)))
                continue
            self._check_first_definition(statement)
            if statement.kind == "function":
                self._define_function(statement)
            else:
                self._define(statement)
        outputs = self._outputs(bare, of)
        return Problem(
            self.graph,
            self.ast,
            self.source,
            self.inputs,
            self.definitions,
            self.givens,
            tuple(outputs),
        )

    def _outputs(self, bare: list[Output], of: str | None) -> list[Output]:
        if of is not None:
            if of in self.functions:
                return [self._apply_to_inputs(self.functions[of])]
            if of not in self.definitions:
                raise complaints.no_such_definition(of, self)
            return [Output(of, self.definitions[of])]
        if bare:
            return bare
        # Values of inputs often stand below the formula; they are not what it is about.
        for statement in reversed(self.ast.statements):
            if statement.kind == "function" and statement.name not in self.called:
                return [self._apply_to_inputs(statement)]
            if statement.name in self.definitions and statement.name not in self.inputs:
                return [Output(statement.name, self.definitions[statement.name])]
        last = self.ast.statements[-1]
        return [Output(last.name, self.definitions[last.name])]

    def _apply_to_inputs(self, function: Statement) -> Output:
        """The body of a function whose parameters are the inputs of the same names."""
        parameters = {}
        for name in function.parameters:
            known = name in self.definitions
            parameters[name] = self._variable(name, function.first)
            if name in self.missing and not known:
                self.missing[name] = self._parameter_place(function, name)
        return Output(function.name, self._lower(function.first, function.root, parameters))

    def _parameter_place(self, function: Statement, name: str) -> Span:
        """Where a parameter stands in the head of its function."""
        for match in PARAMETER.finditer(self.source.text, function.start, function.head_end):
            if match.start() > function.start and canonical(match[0]) == name:
                return Span(*match.span())
        return Span(function.start, function.head_end)

    def _define(self, statement: Statement) -> None:
        name = statement.name
        if not self._is_constant(statement):
            if name in self.values:
                raise complaints.value_for_definition(statement, self)
            node = self._expression(statement)
            self.graph.names.setdefault(node, name)
            self.definitions[name] = node
            return
        # By a constant: the name is an input, and the expression its value.
        whole, self.graph = self.graph, Graph()
        self._expression(statement)
        if name not in self.values:
            self.givens[name] = self.graph
        self.graph = whole
        node = self.graph.add_input(name, statement.root)
        self.inputs[name] = self.definitions[name] = node

    def _is_constant(self, statement: Statement) -> bool:
        """Whether its expression has no variables and calls none of the user's functions."""
        ast = self.ast
        for i in range(statement.first, statement.root + 1):
            if ast.kind[i] in ("name", "call"):
                name = ast.names[ast.left[i]]
                if ast.kind[i] == "call":
                    if name in self.functions:
                        return False
                elif name not in CONSTANTS or name in self.values or name in self.heads:
                    return False
        return True

    def _define_function(self, statement: Statement) -> None:
        if statement.name in self.values:
            raise complaints.value_for_definition(statement, self)
        self.functions[statement.name] = statement
        size = statement.root - statement.first + 1
        for i in range(statement.first, statement.root + 1):
            if self.ast.kind[i] == "call":
                size += self.sizes.get(self.ast.names[self.ast.left[i]], 0)
        self.sizes[statement.name] = size

    def _check_first_definition(self, statement: Statement) -> None:
        first = self.heads[statement.name]
        if first is not statement:
            raise complaints.redefinition(first, statement, self)

    def _expression(self, statement: Statement) -> int:
        return self._lower(statement.first, statement.root, {})

    def _lower(self, first: int, root: int, parameters: Mapping[str, int]) -> int:
        """The graph node of the expression ``first`` to ``root``, calls put in place."""
        frames = [_Frame(first, root, parameters)]
        while True:
            frame = frames[-1]
            callee = self._advance(frame, nested=len(frames) > 1)
            if callee is not None:
                frames.append(callee)
                continue
            node = frame.nodes[-1]
            frames.pop()
            if not frames:
                return node
            frames[-1].nodes.append(node)

    def _advance(self, frame: _Frame, nested: bool) -> _Frame | None:
        """Lower until the frame is complete (None) or a user's function is called (its frame)."""
        ast, graph, first, nodes = self.ast, self.graph, frame.first, frame.nodes
        kinds, lefts, rights = ast.kind, ast.left, ast.right
        add, place = graph.add, nodes.append
        variables: dict[int, int] = {}  # by place in ast.names
        for i in range(frame.next, frame.root + 1):
            kind = kinds[i]
            if kind == "name":
                which = lefts[i]
                if which not in variables:
                    variables[which] = self._name(ast.names[which], i, frame.parameters)
                place(variables[which])
            elif kind in OPERATIONS:
                operands = (nodes[lefts[i] - first], nodes[rights[i] - first])
                if kind == "^" and self._is_e(lefts[i], operands[0]):
                    place(add(EXP, operands[1:], i))
                else:
                    place(add(OPERATIONS[kind], operands, i))
            elif kind == "number":
                place(graph.add_constant(ast.numbers[lefts[i]], i))
            elif kind == "call":
                name = ast.names[lefts[i]]
                arguments = tuple(nodes[a - first] for a in ast.arguments[rights[i]])
                if name in self.functions:
                    frame.next = i + 1
                    return self._call(self.functions[name], arguments, i, nested)
                place(self._operation(name, arguments, i))
            else:
                place(self._unary(kind, nodes[lefts[i] - first], i))
        return None

    def _is_e(self, i: int, node: int) -> bool:
        """Whether an operand is the constant e. Its power is exp, which is more exact than pow."""
        ast = self.ast
        while ast.kind[i] == "()":
            i = ast.left[i]
        if ast.kind[i] != "name" or ast.names[ast.left[i]] != "e":
            return False
        return node in self.graph.constants

    def _unary(self, kind: str, operand: int, i: int) -> int:
        if kind in ENCLOSED:
            return self.graph.add(ENCLOSED[kind], (operand,), i)
        if kind != "neg":  # parentheses, plus
            return operand
        if self.ast.kind[self.ast.left[i]] == "number":
            # -2 is a number; the literal under the sign was the last node.
            self.graph.constants[operand] *= -1.0
            self.graph.origin[operand] = i
            return operand
        return self.graph.add(NEG, (operand,), i)

    def _call(
        self, function: Statement, arguments: tuple[int, ...], i: int, nested: bool
    ) -> _Frame:
        if len(arguments) != len(function.parameters):
            name, parameters = function.name, function.parameters
            raise complaints.wrong_arity(name, parameters, len(arguments), i, self)
        self.called.add(function.name)
        # The size of a function has that of the calls in it.
        self.inlined += 0 if nested else self.sizes[function.name]
        if self.inlined > MAX_INLINED:
            raise complaints.too_large(function.name, self.inlined, i, self)
        bound = dict(zip(function.parameters, arguments, strict=True))
        return _Frame(function.first, function.root, bound)

    def _operation(self, name: str, arguments: tuple[int, ...], i: int) -> int:
        op = ops.PLACES[name]
        row = ops.TABLE[op]
        missing = len(row.parameters) - len(arguments)
        if row.variadic:
            if not 2 <= len(arguments) <= MAX_OPERANDS:
                raise complaints.wrong_arity(name, row.parameters, len(arguments), i, self)
        elif not 0 <= missing <= len(row.defaults):
            raise complaints.wrong_arity(name, row.parameters, len(arguments), i, self)
        elif missing:
            arguments += tuple(
                self.graph.add_constant(value, i) for value in row.defaults[-missing:]
            )
        if not callable(row.partials):
            for rule, argument, parameter in zip(
                row.partials, arguments, row.parameters, strict=False
            ):
                if rule is None and self.graph.varies[argument]:
                    raise complaints.must_be_constant(name, parameter, i, self)
        return self.graph.add(op, arguments, i)

    def _name(self, name: str, i: int, parameters: Mapping[str, int]) -> int:
        node = parameters.get(name)
        return self._variable(name, i) if node is None else node

    def _variable(self, name: str, i: int) -> int:
        """The node of a name that is no parameter: a definition, an input or a constant."""
        node = self.definitions.get(name)
        if node is not None:
            return node
        if name in self.heads:
            raise complaints.used_before_definition(name, i, self)
        if name not in self.values:
            if name in CONSTANTS:
                return self.graph.add_constant(CONSTANTS[name], i)
            complaints.check_is_no_function(name, i, self)
            self.missing[name] = Span(self.ast.start[i], self.ast.end[i])
        node = self.graph.add_input(name, i)
        self.inputs[name] = self.definitions[name] = node
        return node

    def error(
        self, code: str, message: str, start: int, end: int, label: str = "", help: str = ""
    ) -> GradcalcError:
        """A diagnostic about a range of the source."""
        spans = [Span(start, end, label)]
        return GradcalcError(code, message, spans, help=help, source=self.source)
