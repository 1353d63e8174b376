"""What is missing in a structural row of the table."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.ops import structural
from gradcalc.ops.row import PATTERNS, Sample, Setting, Structural
from gradcalc.ops.shapes import Misfit
from gradcalc.source import Source
from gradcalc.syntax.parser import parse

from .expected import AT_KINKS
from .reference import REFERENCE

KINDS = {"axis", "integer", "integers", "sizes", "number", "flag", "key"}


def missing(row: Structural) -> list[str]:
    """Everything that is wrong with a row, one phrase each; nothing for a good one."""
    return [*_texts(row), *_rules(row), *_settings(row), *_samples(row), *_expectations(row)]


def _texts(row: Structural) -> Iterator[str]:
    if not row.name:
        yield "no name"
    if not row.doc.strip() or "\n" in row.doc or row.doc.endswith("."):
        yield "doc is one line without a full stop"
    if row.pattern not in PATTERNS:
        yield f"unknown pattern {row.pattern!r}"
    try:
        asts = parse(Source(row.formula, "formula"), ops.PLACES)
    except GradcalcError as error:
        yield f"the formula is no expression: {error.message}"
    else:
        unknown = set(asts[0].names) - ops.PLACES.keys() - {"pi", "e", ""}
        unknown -= {name.removesuffix("...") for name in row.parameters}
        # A formula may call a function with settings: sum(x, axis=0).
        unknown -= {setting.name for row in structural.ROWS for setting in row.settings}
        yield from (f"the formula has {name}, which is no parameter" for name in unknown)
    for part in filter(None, (row.domain, row.kink)):
        if not all(part[1:3]):
            yield "a domain or kink without a text"
    if row.scalar and (row.scalar not in ops.PLACES or not ops.row(row.scalar).elementwise):
        yield "the operation on scalars is not one"


def _rules(row: Structural) -> Iterator[str]:
    names = [*row.parameters, *(setting.name for setting in row.settings)]
    if len(set(names)) < len(names):
        yield "parameters and settings are different names"
    if any(not name.removesuffix("...").isidentifier() for name in names):
        yield "a parameter is a name"
    if not callable(row.shape):
        yield "no shape rule"
    if not callable(row.forward):
        yield "no forward"
    if not 0 <= row.optional <= len(row.parameters):
        yield "more optional operands than operands"
    if callable(row.vjps):
        if not row.variadic:
            yield "a rule for each operand"
    elif row.variadic or len(row.vjps) != len(row.parameters):
        yield "a rule for each operand"
    elif any(rule is not None and not callable(rule) for rule in row.vjps):
        yield "a rule is a function"
    elif not any(row.vjps) and row.pattern != "blocker":
        yield "no operand is differentiated"


def _settings(row: Structural) -> Iterator[str]:
    for setting in row.settings:
        if setting.kind not in KINDS:
            yield f"{setting.name} is of no kind"
        elif setting.default is not ... and not _is_of(setting, setting.default):
            yield f"{setting.name} is not {setting.default!r}"


def _is_of(setting: Setting, value: Any) -> bool:
    if value is None:
        return setting.default is None or setting.kind == "axis"
    if setting.kind in ("sizes", "key"):
        return isinstance(value, tuple)
    if setting.kind in ("axis", "integers"):
        return isinstance(value, int) or (
            isinstance(value, tuple) and all(isinstance(axis, int) for axis in value)
        )
    kinds = {"integer": int, "number": float, "flag": bool}
    return isinstance(value, kinds.get(setting.kind, object))


def _samples(row: Structural) -> Iterator[str]:
    if not row.samples:
        yield "no samples"
    known = {setting.name: setting for setting in row.settings}
    required = {setting.name for setting in row.settings if setting.default is ...}
    for sample in row.samples:
        if not _count_fits(row, len(sample.operands)):
            yield f"{sample} does not fit the parameters"
        elif not required <= sample.settings.keys() <= known.keys():
            yield f"{sample} does not fit the settings"
        elif not callable(row.shape):
            return
        elif any(not _is_of(known[name], value) for name, value in sample.settings.items()):
            yield f"a setting of {sample} is of another kind"
        else:
            yield from _operands(row, sample)


def _count_fits(row: Structural, count: int) -> bool:
    most = len(row.parameters)
    if row.variadic:
        return count >= most - (row.name in ("index", "scatter"))
    return most - row.optional <= count <= most


def _operands(row: Structural, sample: Sample) -> Iterator[str]:
    operands = [np.asarray(operand) for operand in sample.operands]
    if any(operand.dtype != float or not np.isfinite(operand).all() for operand in operands):
        yield f"the operands of {sample} are not finite floats"
        return
    settings = {setting.name: setting.default for setting in row.settings} | dict(sample.settings)
    try:
        shape = row.shape(*(operand.shape for operand in operands), **settings)
    except Misfit as misfit:
        yield f"{sample} does not fit: {misfit.message}"
    else:
        if not isinstance(shape, tuple) or not all(type(size) is int for size in shape):
            yield f"{shape} is no shape"
    if row.domain is not None and not np.all(row.domain.holds(*operands, **settings)):
        yield f"{sample} is outside of the domain"


def _expectations(row: Structural) -> Iterator[str]:
    """What the tests need to be told of a row."""
    if row.name not in REFERENCE:
        yield "no reference"
    if (row.kink is None) != (row.name not in AT_KINKS):
        yield "expected gradients at the kink"
    for known in AT_KINKS.get(row.name, ()):
        if not all(map(isfinite, known.interval)):
            yield "an interval of numbers"
