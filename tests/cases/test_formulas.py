"""Formulas of courses, homework sheets, textbooks and documentation, as they stand in their LaTeX.

A file ``formulas/SOURCE.case`` says where its formulas come from, and has for each of them the
sections ``--- formula``, ``--- reading`` (the program in the native notation), ``--- values`` and
``--- numbers``, which were computed without gradcalc, by functions written in PyTorch. Where the
formula claims something that is false there is the section ``--- wrong`` instead: the member that
is. Most of these were altered for it; scikit-learn's is published so, and so is one of Dive into
Deep Learning's, which the book goes on to correct. ``unreadable.case`` has what cannot be read, and
the construct that the error must name.

A formula may be a part of a longer one, or several of the same source that belong together.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gradcalc import GradcalcError, Report, backprop, ops
from gradcalc.services.quantities import quantity
from gradcalc.services.values import Value, constant
from gradcalc.source import Source
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import parse
from gradcalc.syntax.printer import print_program

FOLDER = Path(__file__).parent / "formulas"
HEADING = re.compile(r"^--- (formula|reading|values|numbers|wrong|source|error)\n", re.MULTILINE)


class Case(NamedTuple):
    """One formula: its sections by name, and a name for the test."""

    name: str
    sections: dict[str, str]

    def assignments(self, section: str) -> Iterator[tuple[str, Value]]:
        for line in self.sections[section].splitlines():
            name, _, text = line.partition(" = ")
            yield name, constant(Source(text))

    def values(self) -> dict[str, Value]:
        return dict(self.assignments("values"))


def cases_of(path: Path) -> Iterator[Case]:
    _, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    found: list[dict[str, str]] = []
    for section, text in zip(parts[::2], parts[1::2], strict=True):
        if section == "formula":
            found.append({})
        found[-1][section] = text
    for number, sections in enumerate(found, start=1):
        yield Case(f"{path.stem}-{number}", sections)


ALL = [case for path in sorted(FOLDER.glob("*.case")) for case in cases_of(path)]
READABLE = [case for case in ALL if "numbers" in case.sections]
WRONG = [case for case in ALL if "wrong" in case.sections]
UNREADABLE = [case for case in ALL if "error" in case.sections]


def parametrized(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def evaluated(case: Case, section: str = "formula") -> Report:
    return backprop(case.sections[section], case.values())


def check_numbers(case: Case, report: Report) -> None:
    for name, want in case.assignments("numbers"):
        got = quantity(report, name)
        assert np.shape(got) == np.shape(want), name
        # The numbers have 15 digits; a sum of several terms may have lost one of them.
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13, err_msg=name)


@parametrized(READABLE)
def test_formula(case: Case) -> None:
    report = evaluated(case)
    check_numbers(case, report)
    assert not any(note.kind == "kink" for note in report.notes)


@parametrized(READABLE)
def test_reading(case: Case) -> None:
    names = {canonical(name) for name in case.values()}

    def read(text: str, notation: str) -> str:
        return "\n---\n".join(
            print_program(ast) for ast in parse(Source(text), ops.PLACES, names, notation=notation)
        )

    reading = read(case.sections["formula"], "latex")
    assert reading == case.sections["reading"].rstrip("\n")
    assert read(reading, "native") == reading
    check_numbers(case, evaluated(case, "reading"))


@parametrized(WRONG)
def test_a_false_claim_is_found(case: Case) -> None:
    with pytest.raises(GradcalcError) as caught:
        evaluated(case)
    error = caught.value
    assert error.code == "false-claim", error
    marked = {case.sections["formula"][span.start : span.end].strip() for span in error.spans}
    assert case.sections["wrong"].strip() in marked


@parametrized(UNREADABLE)
def test_what_cannot_be_read_is_named(case: Case) -> None:
    with pytest.raises(GradcalcError) as caught:
        parse(Source(case.sections["formula"]), ops.PLACES, (), notation="latex")
    error = caught.value
    assert error.code in ("syntax", "unclosed"), error
    assert error.spans
    construct = case.sections["error"].strip()
    marked = [case.sections["formula"][span.start : span.end] for span in error.spans]
    assert construct in error.message or construct in marked, error


def test_there_are_enough() -> None:
    assert len(READABLE) >= 150
    assert len(WRONG) >= 10
    assert len(UNREADABLE) >= 15
    assert len({case.name.rpartition("-")[0] for case in READABLE}) >= 14


def test_a_wrong_number_is_noticed() -> None:
    case = READABLE[0]
    right = case.sections["numbers"]
    for line in right.splitlines():
        wrong = right.replace(line, f"{line.partition(' = ')[0]} = 0.123")
        changed = Case(case.name, {**case.sections, "numbers": wrong})
        with pytest.raises(AssertionError):
            check_numbers(changed, evaluated(case, "reading"))
