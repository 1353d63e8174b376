"""The table is complete: no row lacks a field, and a row that does is refused."""

import shlex
from typing import Any

import pytest

from gradcalc import ops
from gradcalc.cli.main import run
from gradcalc.ops import ELEMENTWISE
from gradcalc.ops.row import Domain, Kink, Row
from gradcalc.services.functions import describe, example

from .completeness import clashes, missing
from .points import elementwise

EVERY_ROW = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)


@EVERY_ROW
def test_complete(row: Row) -> None:
    assert missing(row) == []


def test_names_are_unique() -> None:
    assert clashes(ops.TABLE) == []
    assert len(ops.PLACES) == sum(1 + len(row.aliases) for row in ops.TABLE)


@EVERY_ROW
def test_the_example_runs(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    command = shlex.split(example(row))
    assert command[0] == "gradcalc"
    assert run([*command[1:], "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert f'"op": "{row.name}"' in out or f'"op":"{row.name}"' in out
    assert err == ""


@EVERY_ROW
def test_the_description_is_whole(row: Row) -> None:
    labels = [label for label, _ in describe(row)]
    assert {"function", "formula", "gate", "domain", "example"} <= set(labels)
    assert any(label.startswith("∂/∂") for label in labels)
    assert all(text for _, text in describe(row))


GOOD = elementwise("log")


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"name": "logarithm"},  # has no reference
        {"doc": ""},
        {"doc": "natural logarithm."},
        {"doc": "natural\nlogarithm"},
        {"formula": ""},
        {"formula": "log(x"},
        {"formula": "log(t)"},
        {"pattern": ""},
        {"pattern": "scales"},
        {"parameters": ()},
        {"parameters": ("x", "x")},
        {"parameters": ("x", "y")},
        {"forward": None},
        {"partials": ()},
        {"partials": (None,)},
        {"partials": (1.0,)},
        {"partials": (GOOD.rule(0, (True,)), GOOD.rule(0, (True,)))},
        {"samples": ()},
        {"samples": ((2.0, 3.0),)},
        {"samples": ((2,),)},
        {"samples": ((-2.0,),)},
        {"defaults": (1.0, 2.0)},
        {"domain": None},  # though points outside are expected to be refused
        {"domain": Domain(lambda x: x > 0, "")},
        {"domain": Domain(lambda x: True, "x > 0")},
        {"kink": Kink(lambda x: x == 1, "x = 1", "0", lambda x: (0.0, 1.0))},
    ],
    ids=repr,
)
def test_an_incomplete_row_is_refused(fault: dict[str, Any]) -> None:
    assert missing(GOOD) == []
    row = GOOD._replace(**fault)
    assert missing(row)


def test_a_clash_is_found() -> None:
    assert clashes([GOOD, ops.row("log2")._replace(aliases=("ln",))]) == ["ln twice"]
    assert clashes([GOOD._replace(aliases=("x₁",))])
