"""Reading the formulas of a document: what each says, and which names it is about."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from gradcalc import ops
from gradcalc.errors import GradcalcError, Span
from gradcalc.services.documents.extract import Formula
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast, Matrix, Reading, Statement
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.parser import parse

#: What a number, or an array of numbers, is made of.
PLAIN = ("number", "neg", "pos", "array", "()")


class Unit:
    """A statement of a formula, with the further members of its chain of equals.

    Attributes:
        formula: where it stands in the document; its Ast has places in the document, too.
        statements: the statement and the members.
        kind: ``value``, ``definition``, ``function``, ``output`` or ``claim``.
        names: those that stand for a value, parameters and the names of loops left out.
        calls: the functions that it calls, other than those of the language.
        outputs, by: the names in derivatives, above and below the line.
        used: the parameters that occur in what a function is.
    """

    __slots__ = ("ast", "by", "calls", "formula", "kind", "names", "outputs", "statements", "used")

    def __init__(self, formula: Formula, ast: Ast, statements: tuple[Statement, ...]) -> None:
        self.formula = formula
        self.ast = ast
        self.statements = statements
        self.kind = statements[0].kind
        self.names: dict[str, None] = {}
        self.calls: dict[str, None] = {}
        self.outputs: dict[str, None] = {}
        self.by: dict[str, None] = {}
        self.used: tuple[str, ...] = ()
        self._find_names()
        variables = any(name not in CONSTANTS for name in self.names)
        if self.kind == "definition" and not (variables or self.calls or self.outputs):
            self.kind = "value"

    @property
    def name(self) -> str:
        """What it defines; empty if it does not."""
        return self.statements[0].name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Of a function."""
        return self.statements[0].parameters

    @property
    def start(self) -> int:
        """Where it begins in the document."""
        return self.statements[0].start

    @property
    def end(self) -> int:
        """Where it ends in the document."""
        return max(statement.end for statement in self.statements)

    @property
    def references(self) -> dict[str, None]:
        """The names that a definition elsewhere may give a meaning."""
        return self.names | self.calls | self.outputs

    def as_claim(self) -> "Unit":
        """``f = -12`` or ``f(x, y) = -12``, a claim about f and not its definition."""
        statement, *others = self.statements
        ast = Ast()
        ast.notation = self.ast.notation
        ast.names.append(statement.name)
        # Blanks and "=" stand behind the name in the head.
        ast.add("name", 0, -1, statement.start, statement.start + len(statement.name))
        head = Statement("claim", "", (), 0, 0, ast.start[0], ast.end[0], ast.start[0])
        ast.statements.append(head)
        place = _places(ast)
        for member in (statement._replace(start=self.ast.start[statement.root]), *others):
            _copy(self.ast, member, ast, place)
        members = [s._replace(kind="member", name="") for s in ast.statements[1:]]
        unit = Unit(self.formula, ast, (head, *members))
        # It is about a definition, as a derivative is.
        unit.outputs[statement.name] = unit.names.pop(statement.name)
        return unit

    @property
    def inputs(self) -> dict[str, None]:
        """The names that may be those of inputs."""
        return self.names | self.by | dict.fromkeys(self.used)

    @property
    def is_plain(self) -> bool:
        """Whether it gives a name a number, or an array of them, and claims nothing."""
        return len(self.statements) == 1 and self.is_number

    @property
    def is_number(self) -> bool:
        """Whether it begins with a number, or an array of them."""
        statement = self.statements[0]
        return all(kind in PLAIN for kind in self.ast.kind[statement.first : statement.root + 1])

    def without(self, dropped: Statement) -> "Unit | None":
        """The unit without one of its members; None if nothing is left to be said."""
        left = [statement for statement in self.statements if statement is not dropped]
        if dropped is self.statements[0]:
            return None
        if self.kind == "claim" and len(left) == 1:
            return None
        return Unit(self.formula, self.ast, tuple(left))

    def _find_names(self) -> None:
        ast = self.ast
        bound = set(self.parameters)
        occurring: set[str] = set()
        for statement in self.statements:
            for i in range(statement.first, statement.root + 1):
                bound.update(loop.name for loop in ast.loops.get(i, ()))
        for statement in self.statements:
            found = names_in(ast, statement)
            occurring.update(*found)
            kept = (self.names, self.calls, self.outputs, self.by)
            for one, other in zip(kept, found, strict=True):
                one.update((name, None) for name in other if name not in bound)
            # Of a function, what is differentiated by is often a parameter.
            self.by.update((name, None) for name in found[3])
        # In f(w, x) = w_0 x_0 the parameters only say what it is about.
        self.used = tuple(name for name in self.parameters if name in occurring)


def names_in(ast: Ast, statement: Statement) -> tuple[list[str], list[str], list[str], list[str]]:
    """The names of a statement: of values, of calls, in derivatives above and below the line."""
    values: list[str] = []
    calls: list[str] = []
    outputs: list[str] = []
    by: list[str] = []
    kinds, lefts, rights = ast.kind, ast.left, ast.right
    parts: dict[int, list[str]] = {}
    for i in range(statement.first, statement.root + 1):
        if kinds[i] == "derivative":
            parts[rights[i]] = by
            if kinds[lefts[i]] == "name":
                parts[lefts[i]] = outputs
    for i in range(statement.first, statement.root + 1):
        if kinds[i] == "name":
            parts.get(i, values).append(ast.names[lefts[i]])
        elif kinds[i] == "call" and (name := ast.names[lefts[i]]) not in ops.PLACES:
            calls.append(name)
    return values, calls, outputs, by


class Reader:
    """Reads one formula after the other: a name that one defines means the same in the next."""

    def __init__(self, source: Source, variables: set[str]) -> None:
        self.source = source
        self._functions: set[str] = set()
        self._given = variables
        #: In the native notation, words may be products of these.
        self._variables = {*variables}

    def read(self, formula: Formula) -> list[list[Unit]]:
        """The statements of a formula, those of each problem in it.

        Raises:
            GradcalcError: it cannot be read; its places are in the document.
        """
        part = Source(formula.text, self.source.name)
        notation = "native" if formula.native else "latex"
        try:
            variables = self._variables if formula.native else self._given
            asts = parse(part, ops.PLACES, variables, notation, self._functions)
        except GradcalcError as error:
            raise self.placed(error, formula) from None
        problems: list[list[Unit]] = []
        for ast in asts:
            _shift(ast, formula.start)
            problems.append([Unit(formula, ast, statements) for statements in _chains(ast)])
        for unit in chain(*problems):
            if unit.kind == "function":
                self._functions.add(unit.name)
                self._variables.discard(unit.name)
            elif unit.name:
                self._functions.discard(unit.name)
                self._variables.add(unit.name)
        return problems

    def placed(self, error: GradcalcError, formula: Formula) -> GradcalcError:
        """An error about the text of a formula as one about the document."""
        spans = [Span(s.start + formula.start, s.end + formula.start, s.label) for s in error.spans]
        return GradcalcError(error.code, error.message, spans, help=error.help, source=self.source)


def _chains(ast: Ast) -> Iterator[tuple[Statement, ...]]:
    """Each statement with the members that follow it."""
    found: list[Statement] = []
    for statement in ast.statements:
        if found and statement.kind != "member":
            yield tuple(found)
            found = []
        found.append(statement)
    if found:
        yield tuple(found)


def _shift(ast: Ast, by: int) -> None:
    """Move all places of an Ast."""
    for column in (ast.start, ast.end):
        for i, place in enumerate(column):
            column[i] = place + by
    ast.statements[:] = [
        s._replace(start=s.start + by, end=s.end + by, head_end=s.head_end + by)
        for s in ast.statements
    ]
    ast.readings[:] = [r._replace(start=r.start + by, end=r.end + by) for r in ast.readings]
    for node, loops in ast.loops.items():
        ast.loops[node] = tuple(
            loop._replace(start=loop.start + by, end=loop.end + by) for loop in loops
        )
    for item, s in ast.subscripts.items():
        ast.subscripts[item] = s._replace(start=s.start + by, end=s.end + by)


def is_mention(unit: Unit, functions: dict[str, tuple[str, ...]]) -> bool:
    """Whether a unit only mentions something: a name, a number, a function with its parameters.

    Args:
        functions: the parameters of the functions of the document, by name.
    """
    if unit.kind != "output":
        return False
    ast, statement = unit.ast, unit.statements[0]
    root = statement.root
    while ast.kind[root] in ("()", "neg", "pos"):
        root = ast.left[root]
    if ast.kind[root] in ("name", "number"):
        return True
    if ast.kind[root] == "array":
        # The pair (x, y), as it is called.
        return all(ast.kind[entry] == "name" for entry in ast.operands(root))
    if ast.kind[root] == "juxtaposition":
        # f(x), where nothing says what f is, is no product.
        left, right = ast.left[root], ast.right[root]
        kinds = ast.kind[left], ast.kind[right], ast.kind[ast.left[right]]
        return kinds == ("name", "()", "name")
    if ast.kind[root] != "call" or ast.names[ast.left[root]] not in functions:
        return False
    arguments = ast.arguments[ast.right[root]]
    given = tuple(ast.names[ast.left[a]] for a in arguments if ast.kind[a] == "name")
    return given == functions[ast.names[ast.left[root]]]


def _places(ast: Ast) -> Callable[[str], int]:
    """A function that puts a name into an Ast, if it is not there, and returns its place."""
    places = {name: place for place, name in enumerate(ast.names)}

    def place(name: str) -> int:
        if name not in places:
            places[name] = len(ast.names)
            ast.names.append(name)
        return places[name]

    return place


class Merged(NamedTuple):
    """Statements of several formulas as one problem.

    Attributes:
        units: the unit that each statement that begins a chain comes from, in the same order.
    """

    ast: Ast
    units: list[Unit]


def merge(units: list[Unit]) -> Merged:
    """One Ast of all the statements, in the order given."""
    merged = Ast()
    if any(unit.ast.notation == "latex" for unit in units):
        merged.notation = "latex"
    place = _places(merged)
    readings: dict[Reading, None] = {}
    for unit in units:
        for statement in unit.statements:
            _copy(unit.ast, statement, merged, place)
        for reading in unit.ast.readings:
            if unit.start <= reading.start < unit.end:
                readings[reading] = None
    merged.readings = list(readings)
    return Merged(merged, units)


def _copy(ast: Ast, statement: Statement, merged: Ast, place: Callable[[str], int]) -> None:
    """Append a statement of one Ast to another, ``place`` being where it has a name."""
    moved = len(merged) - statement.first
    for i in range(statement.first, statement.root + 1):
        kind, left, right = ast.kind[i], ast.left[i], ast.right[i]
        if kind == "number":
            merged.numbers.append(ast.numbers[left])
            left = len(merged.numbers) - 1
        elif kind in ("name", "call"):
            left = place(ast.names[left])
        elif left >= 0:
            left += moved
        if kind in ("call", "array", "index", "slice", "for"):
            merged.arguments.append(
                tuple(part + moved if part >= 0 else part for part in ast.arguments[right])
            )
            right = len(merged.arguments) - 1
        elif kind == "keyword":
            right = place(ast.names[right])
        elif right >= 0:
            right += moved
        node = merged.add(kind, left, right, ast.start[i], ast.end[i])
        if i in ast.loops:
            merged.loops[node] = tuple(
                loop._replace(arguments=tuple(a + moved for a in loop.arguments))
                for loop in ast.loops[i]
            )
        if i in ast.matrices:
            rows, arrays, use = ast.matrices[i]
            moved_rows = tuple(tuple(entry + moved for entry in row) for row in rows)
            merged.matrices[node] = Matrix(moved_rows, tuple(a + moved for a in arrays), use)
        if i in ast.subscripts:
            merged.subscripts[node] = ast.subscripts[i]
    first = merged.statements[-1].root + 1 if merged.statements else 0
    merged.statements.append(statement._replace(first=first, root=len(merged) - 1))
