"""The parser: a plain LALR loop over the tables that Lark built.

Lark's own loop does the same at a third of the speed. What makes this one quick is that a chain of
rules that only pass their one child on (a name that is an atom that is a factor that is a sum ...)
is walked once for each pair of states and then remembered.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from gradcalc.errors import GradcalcError
from gradcalc.source import Source
from gradcalc.syntax.ast import Ast
from gradcalc.syntax.builder import Builder
from gradcalc.syntax.grammar import Table, load_table
from gradcalc.syntax.lexer import Lexer, Token
from gradcalc.syntax.names import Scope

#: What makes a text LaTeX, or mathematics in Unicode that the same grammar reads. None of it has
#: another meaning, but in a comment.
LATEX = re.compile(r"\\\S|\\ |\$|[_^]\{|[∑∏]")
SIGNS = "\\${∑∏ΣΠ"
COMMENT = re.compile(r"(?<!\\)#.*")
RULE_BREAK = re.compile(r"^[ \t]*---+[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def parse(
    source: Source,
    functions: Collection[str],
    variables: Collection[str] = (),
    notation: str | None = None,
    defined: Collection[str] = (),
) -> list[Ast]:
    """Read a program: an Ast for each of its problems (the parts between lines ``---``).

    Args:
        functions: the names that are functions of the language.
        variables: the names that have a value from outside.
        notation: ``native`` or ``latex``; by the text, if not given.
        defined: functions that another part of the program defines.

    Raises:
        GradcalcError: ``syntax`` and its kin, with the place; ``empty-program``.
    """
    notation = notation or notation_of(source.text, variables)
    table = load_table(notation)
    parse_problem = _parse_latex if notation == "latex" else _parse_problem
    problems = []
    start = 0
    ends = [(match.start(), match.end()) for match in RULE_BREAK.finditer(source.text)]
    for end, after in (*ends, (len(source.text), 0)):
        scope = Scope(variables, functions)
        scope.functions.update(defined)
        problems.append(parse_problem(table, source, start, end, scope))
        problems[-1].notation = notation
        start = after
    filled = [ast for ast in problems if ast.statements]
    if not filled:
        raise GradcalcError(
            "empty-program",
            "there is no expression to differentiate",
            help='give one, as in gradcalc "(x+y)*z" --x -2 --y 5 --z -4',
        )
    return filled


def notation_of(text: str, variables: Collection[str] = ()) -> str:
    """The notation of a text: LaTeX, if it has a command, ``$``, ``^{``, ``_{``, ``∑`` or ``∏``, or
    sums such as ``Σ_i x_i``.

    Args:
        variables: the names that have a value from outside.
    """
    if not any(sign in text for sign in SIGNS):
        return "native"
    from gradcalc.syntax.sumsigns import sums

    plain = COMMENT.sub("", text)
    # LaTeX has no such comments.
    return "latex" if LATEX.search(plain) or (plain == text and sums(text, variables)) else "native"


def _parse_problem(table: Table, source: Source, start: int, end: int, scope: Scope) -> Ast:
    builder = Builder(source)
    lexer = Lexer(table, source, start, end, scope)

    def complain(*arguments: Any) -> GradcalcError:
        return _complaint(*arguments, scope)

    _run(table, source, end, iter(lexer), builder, complain)
    readings = [*builder.ast.readings, *lexer.readings]
    builder.ast.readings = sorted(readings, key=lambda reading: reading.start)
    return builder.ast


def _parse_latex(table: Table, source: Source, start: int, end: int, scope: Scope) -> Ast:
    from gradcalc.syntax.latex.builder import TreeBuilder
    from gradcalc.syntax.latex.emit import Emitter
    from gradcalc.syntax.latex.lexer import Lexer as LatexLexer

    given = frozenset(scope.variables)  # the lexer adds those that the text defines
    lexer = LatexLexer(source, start, end, scope)
    builder = TreeBuilder(source, lexer.readings)
    _run(table, source, end, iter(lexer), builder, _latex_complaint)
    emitter = Emitter(source, builder.tree, given, lexer.called, lexer.families)
    emitter.emit(builder.chains)
    readings = [*emitter.ast.readings, *lexer.readings]
    emitter.ast.readings = sorted(readings, key=lambda reading: reading.start)
    return emitter.ast


def _complaint(*arguments: Any) -> GradcalcError:
    from gradcalc.syntax.complaint import complaint

    return complaint(*arguments)


def _latex_complaint(*arguments: Any) -> GradcalcError:
    from gradcalc.syntax.latex.complaint import complaint

    return complaint(*arguments)


def _run(
    table: Table,
    source: Source,
    end: int,
    tokens: Iterator[Token],
    builder: object,
    complain: Callable[..., GradcalcError],
) -> None:
    rows = table.states
    rules = [
        (head, size, getattr(builder, callback) if callback else None)
        for head, size, callback in table.rules
    ]
    states = [0]
    values: list[object] = []
    #: (state below, state, terminal) -> the state when all passing on is done.
    jumps: dict[tuple[int, int, str], int] = {}
    ending = ("$END", ("", end, end))
    while True:
        terminal, value = next(tokens, ending)
        while True:
            action = rows[states[-1]].get(terminal)
            if action is None:
                raise complain(table, source, states, values, terminal, value)
            if action >= 0:
                if terminal == "$END":
                    return
                states.append(action)
                values.append(value)
                break
            head, size, callback = rules[~action]
            if callback is None:
                # size is 1 and the value stays: only the state on top changes.
                jump = (states[-2], states[-1], terminal)
                if jump not in jumps:
                    jumps[jump] = _pass_on(table, *jump)
                states[-1] = jumps[jump]
            elif size:
                arguments = values[-size:]
                del states[-size:], values[-size:]
                values.append(callback(*arguments))
                states.append(rows[states[-1]][head])
            else:
                values.append(callback())
                states.append(rows[states[-1]][head])


def _pass_on(table: Table, below: int, state: int, terminal: str) -> int:
    """The state on top of ``below`` after every rule that only passes its child on."""
    while True:
        action = table.states[state].get(terminal)
        if action is None or action >= 0 or table.rules[~action].callback:
            return state
        state = table.states[below][table.rules[~action].head]
