"""Lowering: from what the user wrote to what it means.

Names are resolved, calls of the user's functions are put in place, products are made explicit,
shapes are worked out. Every error that is about names or shapes is found here, for statements in
this module and for expressions in :mod:`gradcalc.graph.expressions`.
"""

import re
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from gradcalc.errors import Span
from gradcalc.graph import complaints, differentiation, sizes
from gradcalc.graph.expressions import WORDS, Expressions, shape_of
from gradcalc.graph.graph import Graph
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast, Statement
from gradcalc.syntax.names import CONSTANTS, canonical

#: Functions may be made of derivatives of others, which are made of derivatives in turn.
MAX_NESTED = 20
PARAMETER = re.compile(r"[^\s(),;=]+")


class Output(NamedTuple):
    """A value to differentiate, with the name of its definition or function (or None)."""

    name: str | None
    node: int


class Member(NamedTuple):
    """One side of a claim: its node, the root of its expression (-1 for a name that the
    statement defines) and its source range."""

    node: int
    root: int
    start: int
    end: int


class Claim(NamedTuple):
    """A chain of expressions that are said to be equal."""

    members: tuple[Member, ...]


class Problem(NamedTuple):
    """One problem, ready to be evaluated.

    Attributes:
        inputs: the node of each input, by name.
        definitions: the node of each name, inputs included.
        givens: the constant expressions that the program gives as values of inputs, by name, each
            as a graph of its own whose last node is the value.
        ways: what the passes over the graph have found out about it, to be used by the next ones.
    """

    graph: Graph
    ast: Ast
    source: Source
    inputs: dict[str, int]
    definitions: dict[str, int]
    givens: dict[str, Graph]
    outputs: tuple[Output, ...]
    claims: tuple[Claim, ...]
    ways: dict[Hashable, Any]


class Lowering(Expressions):
    """Lowers one problem."""

    nested = 0

    def run(self, of: str | None = None, *, alone: bool = True) -> Problem:
        """Lower every statement.

        Args:
            alone: whether there is no other problem that a value may be for. If there is one, the
                value of a name that this one computes is left out.

        Raises:
            GradcalcError: for a name that is undefined, misspelt, redefined, used before its
                definition; for a wrong number of operands. Names without a value are only
                collected in ``missing``, so that all can be named at once.
        """
        self.alone = alone
        bare: list[Output] = []
        for statement in self.ast.statements:
            if statement.kind == "output":
                bare.append(Output(None, self._expression(statement)))
            if statement.kind in ("output", "claim", "member"):
                continue
            self._check_first_definition(statement)
            if statement.kind == "function":
                self._define_function(statement)
            else:
                self._define(statement)
        # A claim may be about what is only defined below it, and takes no function from the output.
        called = {*self.called}
        claims = list(self._claims())
        self.called = called
        if claims and not bare and not any(s.name for s in self.ast.statements):
            bare.append(Output(None, claims[0].members[0].node))
        outputs = self._outputs(bare, of)
        return Problem(
            self.graph,
            self.ast,
            self.source,
            self.inputs,
            self.definitions,
            self.givens,
            tuple(outputs),
            tuple(claims),
            {},
        )

    def _claims(self) -> Iterator[Claim]:
        """The chains of equals."""
        chain: list[Statement] = []
        for statement in (*self.ast.statements, None):
            if statement is not None and statement.kind == "member":
                chain.append(statement)
                continue
            if len(chain) > 1:
                differentiation.name_gates(self, chain[0].first, chain[-1].root)
                yield Claim(tuple([self._member(member) for member in chain]))
            chain = [] if statement is None else [statement]

    def _member(self, statement: Statement) -> Member:
        if statement.kind == "function":
            node = self._apply_to_inputs(statement).node
            return Member(node, -1, statement.start, statement.end)
        if statement.kind == "definition":
            node = self.definitions[statement.name]
            return Member(node, -1, statement.start, statement.end)
        return Member(self._expression(statement), statement.root, statement.start, statement.end)

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
        last = [statement for statement in self.ast.statements if statement.name][-1]
        return [Output(last.name, self.definitions[last.name])]

    def _apply_to_inputs(self, function: Statement) -> Output:
        """The body of a function whose parameters are the inputs of the same names."""
        if function.name in self.applied:
            return Output(function.name, self.applied[function.name])
        if function.name in self.ast.families:
            self._check_indices(function)
        parameters = {}
        for name in function.parameters:
            known = name in self.definitions
            parameters[name] = self.variable(name, function.first)
            if name in self.missing and not known:
                self.missing[name] = self._parameter_place(function, name)
        node = self._lower(function.first, function.root, parameters)
        self.applied[function.name] = node
        return Output(function.name, node)

    def _check_indices(self, function: Statement) -> None:
        """Refuse a definition for each index, where no index has a value, as an output."""
        missing = [
            name
            for name in function.parameters
            if name not in self.values and name not in self.definitions
        ]
        if missing:
            each = " and ".join(missing)
            message = f"this is defined for each {each}, and no sum runs over {each} here"
            help = "write it inside of a sum, or one formula for all at once, as in z = x w"
            start, end = function.start, function.head_end
            raise self.error("missing-value", message, start, end, help=help)

    def _function(self, name: str, i: int) -> int:
        function = self.functions.get(name)
        if function is None or not differentiation.is_part(self.ast, i):
            return super()._function(name, i)
        if self.nested == MAX_NESTED:
            raise complaints.too_large(name, len(self.graph), i, self)
        self.nested += 1
        node = self._apply_to_inputs(function).node
        self.nested -= 1
        return node

    def _parameter_place(self, function: Statement, name: str) -> Span:
        """Where a parameter stands in the head of its function."""
        for match in PARAMETER.finditer(self.source.text, function.start, function.head_end):
            if match.start() > function.start and canonical(match[0]) == name:
                return Span(*match.span())
        return Span(function.start, function.head_end)

    def _define(self, statement: Statement) -> None:
        name = statement.name
        if not self._is_constant(statement):
            if name in self.values and self.alone:
                raise complaints.value_for_definition(statement, self)
            node = self._expression(statement)
            self.graph.names.setdefault(node, name)
            self.definitions[name] = node
            return
        # By a constant: the name is an input, and the expression its value.
        whole, self.graph, self.giving = self.graph, Graph(), True
        root = self._expression(statement)
        shape, is_row = self.graph.shapes.get(root, ()), root in self.graph.rows
        if name not in self.values:
            self.givens[name] = self.graph
        else:
            shape = shape_of(self.values[name])
        self.graph, self.giving = whole, False
        node = self.graph.add_input(name, statement.root, shape)
        if is_row and len(shape or ()) == 1:
            self.graph.rows.add(node)
        sizes.check(self, node, statement.root)
        self.inputs[name] = self.definitions[name] = node

    def _is_constant(self, statement: Statement) -> bool:
        """Whether its expression has no variables and calls none of the user's functions."""
        ast = self.ast
        turning: set[str] = set()
        if ast.loops:
            here = range(statement.first, statement.root + 1)
            turning = {loop.name for i in here for loop in ast.loops.get(i, ())}
        for i in range(statement.first, statement.root + 1):
            if ast.kind[i] in ("name", "call"):
                name = ast.names[ast.left[i]]
                if ast.kind[i] == "call":
                    if name in self.functions or name in ast.families:
                        return False
                elif name in turning or name in WORDS:
                    continue
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
                name = self.ast.names[self.ast.left[i]]
                if name == statement.name and name not in self.ast.families:
                    raise complaints.used_before_definition(name, i, self)
                size += self.sizes.get(name, 0)
        self.sizes[statement.name] = size

    def _check_first_definition(self, statement: Statement) -> None:
        first = self.heads[statement.name]
        if first is not statement:
            raise complaints.redefinition(first, statement, self)

    def _expression(self, statement: Statement) -> int:
        return self._lower(statement.first, statement.root, {})
