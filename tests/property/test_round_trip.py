"""Random programs: what the printer writes reads back as the same program."""

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.graph.lower import Lowering, Problem
from gradcalc.services.values import Seed, derivative_node, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

#: Names that have a value, in several spellings; some are made of others.
VALUES = ("x", "y", "z", "W", "x_1", "α", "θ\u0302", "重さ", "_", "tau")
NAMES = (*VALUES, "x₁", "𝑥", "pi", "e", "inf", "nan", "unknown")
PRODUCTS = ("xy", "yx", "Wx", "αx", "xyz", "zα", "重さx", "2xy", "3pi")
NUMBERS = ("0", "1", "2", "10", ".5", "1.", "1_000.5", "1e-3", "1e400", "2E+5", "1e-400", "0.1")
BINARY = (*"+-*/^<>", *"−×÷⊙·⋅≤≥≠", "**", "<=", ">=", "==", "!=")


#: Shapes of compound expressions: E is an expression, B one in brackets, O an operator.
SHAPES = (
    *("EOE", "E O E", "E E", "E B", "BB", "BE", "-E", "+E", "−E", "B", "2B", "2E"),
    *("B²", "B⁻¹", "B¹⁰", "N²", "N^2", "B^-N", "N**E", "B^B", "N^E^E", "2^E"),
    *("|E|", "||E||", "‖E‖", "|E| |E|", "2|E|", "|-|E||", "B|E|"),
    *("sin(E)", "σ(E)", "ln (E)", "neg(E)", "abs(E)", "pow(E, E)", "sub(E; E)", "max(E,E,\nE)"),
)


ARRAY_SHAPES = (
    *("[E, E]", "[E,E,\nE]", "[E]", "[[E, E], [E, E]]", "[]", "2[E]", "[E E]", "[E -E]"),
    *("N[E]", "B[E]", "N[E, E]", "N[E][E]", "N[E:E]", "N[E:, :E]", "N[::E, E]", "B[E:E:E]", "N[:]"),
    *("N [E]", "B [E, E]", "|E|[E]", "[E, E][E]", "N²[E]", "N[E]²", "N[[E, E]]", "E[|E|:E]"),
    *("N'", "B'", "Bᵀ", "B′’", "N^T", "N''", "|E|'", "N'^E", "N²'", "N'B", "N^TB", "N[E]'"),
    *("E @ E", "B@B", "E·E", "N' E", "‖E‖²", "N^(T)", "B^T[E]", "T^T", "N**T"),
    *("sum(E, axis=E)", "sum(E, axis=(E, E))", "reshape(E, (E, -E))", "max((E,), E)", "sum()"),
    *("leaky_relu(E, slope=E)", "sum(E, axis=E, keepdims=E)", "softmax(E, axis = -E)"),
    *(
        "sum(E for k in range(E))",
        "[E for k in range(E, E) for j in range(k, E, E)]",
        "k(E)",
        "k E",
    ),
)


class Writer:
    """Writes random programs; which, is up to Hypothesis."""

    def __init__(self, random: Random, shapes: Sequence[str] = SHAPES) -> None:
        self.random = random
        self.names = [*NAMES]
        self.shapes = [*shapes]

    def expression(self, size: int) -> str:
        """A text of an expression. Not all are valid: a number may follow an operand."""
        choose = self.random.choice
        if size <= 0:
            return choose(choose((self.names, self.names, NUMBERS, PRODUCTS)))
        written = ""
        for letter in choose(self.shapes):
            if letter == "E":
                written += self.expression(size - choose((1, 2, 3)))
            elif letter == "B":
                written += f"({self.expression(size - choose((1, 2, 3)))})"
            elif letter == "N":
                written += choose(self.names)
            else:
                written += choose(BINARY) if letter == "O" else letter
        return written

    def program(self) -> str:
        text = ""
        for place in range(self.random.randint(1, 5)):
            text += self.statement(place)
            text += self.random.choice(("\n", "; ", " # a comment\n", "\r\n\n", "\r"))
        return text

    def statement(self, place: int) -> str:
        choose = self.random.choice
        kind = choose(("output", "definition", "constant", "function"))
        if kind == "output":
            return self.expression(choose((1, 2, 3, 4)))
        if kind == "function":
            parameters = choose((("u",), ("u", "v"), ("x", "u"), ("β", "x", "y")))
            outside, self.names = self.names, [*self.names, *2 * parameters]
            body = self.expression(choose((1, 2, 3)))
            self.names = outside
            # A letter that SHAPES do not use.
            self.shapes += 2 * [f"{'fghkm'[place]}({', '.join('E' * len(parameters))})"]
            return f"{'fghkm'[place]}({', '.join(parameters)}) = {body}"
        body = "-2/3" if kind == "constant" else self.expression(choose((1, 2, 3)))
        name = choose(("q{}", "q_{}", "γ{}", "a{}b", "λ₁{}")).format(place)
        self.names += 3 * [name]
        return f"{name} = {body}"


def read(text: str) -> tuple[Ast, Problem]:
    (ast,) = parse(source := Source(text), ops.PLACES, VALUES)
    compute = value_of_node(Seed())
    lowering = Lowering(ast, source, dict.fromkeys(VALUES, 1.0), compute, derivative_node)
    return ast, lowering.run()


def meaning(problem: Problem) -> list[Any]:
    """All that a problem says, in a form that compares NaN as equal and -0 as different from 0."""
    graphs = [problem.graph, *problem.givens.values()]
    return [
        *[(g.op, g.operands, g.names, repr(g.constants), bytes(g.varies)) for g in graphs],
        problem.inputs,
        problem.definitions,
        list(problem.givens),
        problem.outputs,
    ]


@settings(max_examples=500, deadline=2000)
@given(st.randoms(use_true_random=False).map(lambda random: Writer(random).program()))
@example("-2^2")
@example("(-2)^2")
@example("-(2)")
@example("--2")
@example("2^-1^x")
@example("(x^y)^z")
@example("x - (y - z)")
@example("x/(y z)")
@example("x/y z")
@example("-x²⁻¹")
@example("(x < y) < (y < x)")
@example("(-1)²")
@example("q = -2; x^q; -0")
@example("-1e400 x")
@example("||x| |y||")
@example("f(inf) = inf x; f(2)")
def test_printed_programs_mean_the_same(text: str) -> None:
    try:
        ast, problem = read(text)
    except GradcalcError:
        assume(False)
    printed = print_program(ast)
    again, problem_again = read(printed)
    assert meaning(problem_again) == meaning(problem)
    assert print_program(again) == printed
    # Every operator is explicit: nothing is left to be read in two ways, but chains of comparisons
    # and what the user's own names hide.
    assert {reading.kind for reading in again.readings} <= {"chain"}


class Forms:
    """Equal numbers for equal subexpressions, in any number of Asts."""

    #: Kinds that mean the same.
    SAME: ClassVar = {"juxtaposition": "·", "||": "norm"}

    def __init__(self) -> None:
        self.numbers: dict[tuple[Any, ...], int] = {}

    def of(self, ast: Ast) -> list[tuple[Any, ...]]:
        """The statements of an Ast, each with the number of its expression."""
        known: list[int] = []
        for node, kind in enumerate(ast.kind):
            operands = [known[operand] for operand in ast.operands(node)]
            if kind in ("()", "pos"):
                known.append(operands[0])
                continue
            key = (self.SAME.get(kind, kind), self.said(ast, node), *operands)
            if kind == "neg" and ast.kind[ast.left[node]] == "number":
                key = ("number", repr(-ast.numbers[ast.left[ast.left[node]]]))
            known.append(self.numbers.setdefault(key, len(self.numbers)))
        return [(s.kind, s.name, s.parameters, known[s.root]) for s in ast.statements]

    def said(self, ast: Ast, node: int) -> Any:
        """What a node says beside its kind and its operands."""
        kind, left, right = ast.kind[node], ast.left[node], ast.right[node]
        if kind == "number":
            return repr(ast.numbers[left])
        if kind in ("name", "call"):
            return ast.names[left]
        if kind == "keyword":
            return ast.names[right]
        if kind == "slice":
            return tuple(part >= 0 for part in ast.arguments[right])
        if kind == "for":
            return tuple((loop.name, len(loop.arguments)) for loop in ast.loops[node])
        return None


@settings(max_examples=500, deadline=2000)
@given(
    st.randoms(use_true_random=False).map(
        lambda random: Writer(random, SHAPES + 2 * ARRAY_SHAPES).program()
    )
)
@example("x^(T'); x^(T[0]^2); T")
@example("(x^2)'[0]; -x'; (-x)'; (2)[x]; 2[x]")
@example("f(T) = x^T; x^T")
@example("sum((x, y), axis=(0,)); [x for k in range(2) for j in range(k)]")
@example("||[1, |x|]| - |y||'")
@example("x[(1):+2:-3, ::, [y:z][0]]")
@example("index(t) = t'; transpose(t, s) = t s; index(transpose(x, y))")
def test_printed_arrays_are_the_same(text: str) -> None:
    """On the Ast: most of these programs have operands whose shapes do not fit."""
    try:
        (ast,) = parse(Source(text), ops.PLACES, VALUES)
    except GradcalcError:
        assume(False)
    printed = print_program(ast)
    (again,) = parse(Source(printed), ops.PLACES, VALUES)
    forms = Forms()
    assert forms.of(again) == forms.of(ast)
    assert print_program(again) == printed
    assert {reading.kind for reading in again.readings} <= {"chain"}
