"""LALR tables from the grammars in ``grammar/``.

Lark builds the tables; building one takes as long as the rest of a small run, so they are kept as
Python literals, ``_native_table.py`` and ``_latex_table.py``, and only rebuilt when a grammar has
changed since.

    python -m gradcalc.syntax.grammar        # writes them anew
"""

import os.path
from importlib import import_module
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
#: In an installed package the grammars lie inside it, in a source tree (and so in an editable
#: install) beside it.
FOLDERS = (os.path.join(PACKAGE, "grammar"), os.path.join(os.path.dirname(PACKAGE), "grammar"))
NOTATIONS = ("native", "latex")


class Rule(NamedTuple):
    """A production: pop ``size`` values, call ``callback`` with them, go on as ``head``.

    A rule without a callback has one child and passes it on.
    """

    head: str
    size: int
    callback: str


class Table(NamedTuple):
    """An LALR(1) automaton with the terminals that feed it.

    ``states[s][symbol]`` is the next state for a shift or a goto, ``~r`` for a reduction by
    ``rules[r]``. ``terminals`` are (name, regular expression), those to be tried first in front;
    ``ignored`` names the ones that never reach the parser; ``$END`` is shifted when all is read.
    ``text`` is the grammar.
    """

    text: str
    terminals: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    rules: tuple[Rule, ...]
    states: tuple[dict[str, int], ...]


def grammar_text(name: str = "native") -> str:
    """The grammar file ``name`` as text. Raises FileNotFoundError where it was not installed."""
    for folder in FOLDERS:
        path = os.path.join(folder, f"{name}.lark")
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise FileNotFoundError(f"{name}.lark is in none of {', '.join(FOLDERS)}")


def build_table(text: str) -> Table:
    """Compile a grammar with Lark.

    States and rules are numbered in the order a walk from the start state meets them, so that equal
    grammars give equal tables (Lark's own numbers follow the hash seed).

    Raises:
        lark.exceptions.GrammarError: the grammar is not LALR(1).
    """
    from lark import Lark
    from lark.parsers.lalr_analysis import Reduce

    lark = Lark(text, parser="lalr")
    automaton = lark.parser.parser._parse_table
    numbers = {automaton.start_states["start"]: 0}
    queue = list(numbers)
    rules: dict[object, int] = {}
    rows: list[Rule] = []
    states: list[dict[str, int]] = []
    for old in queue:
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(automaton.states[old].items()):
            if action is Reduce:
                if argument not in rules:
                    rules[argument] = len(rows)
                    rows.append(_rule(argument))
                row[symbol] = ~rules[argument]
                continue
            if argument not in numbers:
                numbers[argument] = len(numbers)
                queue.append(argument)
            row[symbol] = numbers[argument]
        states.append(row)
    # Lark stops as soon as it is in the end state; here the end of the text is shifted like a
    # token.
    end = numbers[automaton.end_states["start"]]
    states[end]["$END"] = end
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, t.name))
    return Table(
        text=text,
        terminals=tuple((str(t.name), t.pattern.to_regexp()) for t in terminals),
        ignored=tuple(sorted(map(str, lark.ignore_tokens))),
        rules=tuple(rows),
        states=tuple(states),
    )


def _rule(rule: object) -> Rule:
    size = len(rule.expansion)  # type: ignore[attr-defined]
    passes_on = rule.options.expand1 and size == 1 and not rule.alias  # type: ignore[attr-defined]
    head = str(rule.origin.name)  # type: ignore[attr-defined]
    return Rule(head, size, "" if passes_on else str(rule.alias or head))  # type: ignore[attr-defined]


def load_table(name: str = "native") -> Table:
    """The table of a grammar: the one on file if it is of this grammar, else anew."""
    table: Table = import_module(f"gradcalc.syntax._{name}_table").TABLE
    text = grammar_text(name)
    return table if table.text == text else build_table(text)


def table_source(table: Table, name: str = "native") -> str:
    """The text of ``_native_table.py`` or its like."""
    lines = [
        f'"""Written by ``python -m gradcalc.syntax.grammar``; change ``grammar/{name}.lark``."""',
        "",
        "from gradcalc.syntax.grammar import Rule, Table",
        "",
        "TABLE = Table(",
    ]
    for field, value in zip(table._fields, table, strict=True):
        if isinstance(value, tuple):
            lines.append(f"    {field}=(")
            lines.extend(f"        {item!r}," for item in value)
            lines.append("    ),")
        else:
            lines.append(f"    {field}={value!r},")
    lines.append(")")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for grammar in NOTATIONS:
        with open(os.path.join(HERE, f"_{grammar}_table.py"), "w", encoding="utf-8") as target:
            target.write(table_source(build_table(grammar_text(grammar)), grammar))
