"""Random programs: what the printer writes reads back as the same program."""

from random import Random
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.graph.lower import Lowering, Problem
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


class Writer:
    """Writes random programs; which, is up to Hypothesis."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = [*NAMES]
        self.shapes = [*SHAPES]

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
    return ast, Lowering(ast, source, VALUES).run()


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
