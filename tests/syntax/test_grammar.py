"""The grammar, and the table that is made from it."""

import pytest

from gradcalc import GradcalcError, backprop
from gradcalc.syntax._latex_table import TABLE as LATEX_TABLE
from gradcalc.syntax._native_table import TABLE
from gradcalc.syntax.complaint import WORDS
from gradcalc.syntax.grammar import build_table, grammar_text, load_table, table_source
from gradcalc.syntax.latex.builder import TreeBuilder


def test_the_table_is_fresh() -> None:
    """If not: python -m gradcalc.syntax.grammar"""
    assert build_table(grammar_text()) == TABLE


def test_the_table_is_used() -> None:
    assert load_table() is TABLE


def test_the_table_of_latex_is_fresh() -> None:
    """If not: python -m gradcalc.syntax.grammar"""
    assert build_table(grammar_text("latex")) == LATEX_TABLE
    assert load_table("latex") is LATEX_TABLE
    assert all(hasattr(TreeBuilder, rule.callback) for rule in LATEX_TABLE.rules if rule.callback)


def test_a_table_is_written_as_it_is() -> None:
    names: dict[str, object] = {}
    exec(table_source(TABLE), names)
    assert names["TABLE"] == TABLE


def test_every_terminal_has_a_word() -> None:
    terminals = {name for name, _ in TABLE.terminals} - set(TABLE.ignored)
    assert terminals | {"$END"} == set(WORDS)


@pytest.mark.parametrize(
    ("text", "place", "length"),
    [
        ("x +", 2, 1),
        ("x + * 2", 2, 3),
        ("* x", 0, 1),
        ("(x", 0, 1),
        ("x)", 1, 1),
        ("()", 0, 2),
        ("sin()", 0, 5),
        ("max(x,,x)", 6, 1),
        ("x 2", 2, 1),
        ("x, x", 1, 1),
        ("|x", 0, 1),
        ("x $ x", 2, 1),
        ("foobar(x)", 0, 6),
        ("sin x", 0, 3),
        ("2 + {x}", 4, 1),
        ("[x", 0, 1),
        ("[x,, x]", 3, 1),
        ("[1 2]", 3, 1),
        ("[1, 2; 3, 4]", 5, 1),
        ("x[]", 1, 2),
        ("x[1:2:3:4]", 7, 1),
        ("x @@ x", 2, 2),
        ("x + ᵀ", 4, 1),
        ("max(x for i in x)", 15, 1),
        ("max(x, a=1, a=2)", 12, 3),
        ("max(a=1, x)", 9, 1),
        ("max(x, (1, 2)*3)", 13, 1),
        ("f(2) = x", 2, 1),
        ("f(a, a) = a", 5, 1),
        ("x^", 1, 1),
    ],
)
def test_errors_point_at_the_place(text: str, place: int, length: int) -> None:
    with pytest.raises(GradcalcError) as caught:
        backprop(text, x=1)
    span = caught.value.spans[0]
    assert (span.start, span.end - span.start) == (place, length)
