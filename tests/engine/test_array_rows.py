"""Every row of the table, at its samples, through the whole of gradcalc.

What of a row's own functions is right to the last place, tests/ops tells. Here it is that programs,
graphs and passes lose nothing of it: gradients, Jacobians both ways, second order, texts.
"""

import numpy as np
import pytest
from array_checks import (
    Case,
    cases,
    check_gradients,
    check_jacobians,
    check_second_order,
    check_texts,
    upstream_of,
)

from gradcalc import backprop, ops
from gradcalc.engine import formulas
from gradcalc.ops import structural
from gradcalc.ops.row import AnyRow, Structural

#: Rows whose value is that of their formula only where the entries of p add up to 1, and whose
#: gradient is that of the formula: they are parts of gradients, and no program calls them.
OF_PROBABILITIES = ("less_mean", "less_share")
#: Rows that a program writes as another one.
WRITTEN_OTHERWISE = {"chain": "*", "over": "/"}
#: Operations that make an array of settings, and those that only choose.
WITHOUT_GRADIENT = {row.name for row in structural.ROWS if row.pattern == "blocker"}
#: Texts with a quotient that is 0/0 at a kink, where the rule has m.over, which is 0.
ZERO_BY_ZERO = ("norm", "std", "hypot")


def smooth(row: AnyRow) -> list[Case]:
    """The samples of a row where it has a derivative."""
    return [case for case in cases(row) if not case.at_kink]


EVERY_ROW = pytest.mark.parametrize(
    "row",
    [row for row in ops.TABLE if row.name not in WITHOUT_GRADIENT],
    ids=lambda row: row.name,
)


@EVERY_ROW
def test_gradients(row: AnyRow) -> None:
    if row.name in OF_PROBABILITIES:
        return
    sharp: set[str] = set()
    names: set[str] = set()
    for case in smooth(row):
        found = check_gradients(case)
        names.update(found)
        sharp.update(name for name, is_sharp in found.items() if is_sharp)
    assert names, "no operand has a gradient"
    assert names == sharp, "a gradient is compared with nothing"


@EVERY_ROW
def test_jacobians(row: AnyRow) -> None:
    has_local = [check_jacobians(case) for case in smooth(row) if case.moving]
    assert any(has_local) or row.name in (*OF_PROBABILITIES, *WRITTEN_OTHERWISE, "softmax_less")


@EVERY_ROW
def test_second_order(row: AnyRow) -> None:
    sharp = [check_second_order(case) for case in smooth(row) if case.moving]
    assert any(sharp), "second derivatives are compared with nothing"


@EVERY_ROW
def test_texts_are_programs(row: AnyRow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not shortened, the text of a local gradient is a program with the same number.

    There is one exception, at kinks: ZERO_BY_ZERO.
    """
    monkeypatch.setattr(formulas, "WIDTH", 10**6)
    count = 0
    for case in cases(row):
        if case.at_kink and row.name in ZERO_BY_ZERO:
            continue
        shape = np.shape(case.value(*case.operands))
        report = backprop(case.program, case.values, upstream=upstream_of(shape))
        count += check_texts(report)
    assert count


@pytest.mark.parametrize("row", structural.ROWS, ids=lambda row: row.name)
def test_a_call_is_written_as_it_is_read(row: Structural) -> None:
    """The text of a node is a program for it, also of rows without a gradient."""
    if row.name in ("rand", "randn"):
        return
    for case in cases(row):
        report = backprop(case.program, case.values, upstream=1.0)
        want = case.value(*case.operands)
        np.testing.assert_allclose(report.value, want, 1e-14, err_msg=case.program)
        assert backprop(report.expression, case.values).shape == np.shape(want)


@EVERY_ROW
def test_single_precision(row: AnyRow) -> None:
    """Every value and gradient is an array of single precision, or a float of it, and near to the
    one of double precision."""
    for case in cases(row):
        u = upstream_of(np.shape(case.value(*case.operands)))
        double = backprop(case.program, case.values, upstream=u)
        single = backprop(case.program, case.values, upstream=u, dtype="float32")
        assert single.shape == double.shape
        numbers = [single.value, *single.gradients.values()]
        for node in single.nodes:
            numbers += [node.value, node.upstream, *(local.value for local in node.local)]
        for number in numbers:
            if isinstance(number, float):
                assert np.isnan(number) or np.float32(number) == number, case
            elif number is not None:
                assert number.dtype == np.float32, case
        pairs = [(single.value, double.value)]
        pairs += [(single.gradients[name], double.gradients[name]) for name in double.gradients]
        for got, want in pairs:
            scale = np.max(np.abs(want), initial=1e-3)
            np.testing.assert_allclose(got, want, 2e-4, 2e-5 * scale, err_msg=repr(case))
