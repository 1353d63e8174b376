"""The checkers: each raises AssertionError where a structural row does not do what it should."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mpmath import mp, mpf

from gradcalc import ops
from gradcalc.engine.arrays import Arrays
from gradcalc.ops.row import Rule, Sample, Structural

from ..measure import as_float
from .expected import AT_KINKS
from .reference import REFERENCE
from .reference_shaping import real

#: Units in the last place that a value, and a term of a gradient, may be off.
UNITS = 32
#: Of what the errors of a value are units in the last place, where it is not of each entry itself.
SIZES: dict[str, Callable[[Any], Any]] = {
    "linspace": lambda want: np.full(want.shape, max(map(abs, want), default=0), object),
    # beta may take away most of an entry.
    "batch_norm": lambda want: np.full(want.shape, max(map(abs, want.flat)), object),
}
#: Rows whose gradients are differences of terms: an entry may be off by units of the greatest.
NORMWISE = {"layer_norm", "batch_norm", "cholesky", "cofactor_derivative"}
STEP = mpf("1e-40")
DIGITS = 200


def structural(name: str) -> Structural:
    """The row of that name."""
    row = ops.row(name)
    assert isinstance(row, Structural)
    return row


def algebra(dtype: str) -> Arrays:
    """One with the random numbers of the references."""
    m = Arrays(dtype)
    m.generator = np.random.default_rng(0)
    return m


def values(sample: Sample, dtype: str) -> list[Any]:
    """The operands, in arrays that nobody can change, or NumPy's scalars."""
    operands = [np.array(operand, float).astype(dtype) for operand in sample.operands]
    for operand in operands:
        operand.flags.writeable = False
    return [operand if operand.ndim else operand[()] for operand in operands]


def in_range(sample: Sample, dtype: str) -> bool:
    """Whether the numbers of a sample are numbers of the type, none of them 0 or infinite."""
    for operand in sample.operands:
        wide = np.array(operand)
        with np.errstate(all="ignore"):
            narrow = wide.astype(dtype)
        if not np.isfinite(narrow).all() or ((narrow == 0) != (wide == 0)).any():
            return False
    return True


def settings(row: Structural, sample: Sample) -> dict[str, Any]:
    """The settings of a sample, and the defaults of the others, as a graph has them."""
    return {setting.name: setting.default for setting in row.settings} | dict(sample.settings)


def rule(row: Structural, place: int) -> Rule | None:
    """The rule for the operand at a place."""
    return row.rule(place, ()) if row.parameters else None


def at_kink(row: Structural, operands: Sequence[Any], sample: Sample) -> bool:
    """Whether the row says that there is no derivative."""
    return row.kink is not None and bool(np.any(row.kink.at(*operands, **settings(row, sample))))


def true_value(row: Structural, operands: Sequence[Any], sample: Sample) -> Any:
    """The value, as an array of mpmath's numbers."""
    with mp.workdps(DIGITS):
        return REFERENCE[row.name](*map(real, operands), **settings(row, sample))


def true_jacobian(row: Structural, operands: Sequence[Any], sample: Sample, place: int) -> Any:
    """The derivative of each entry of the value by each of one operand, by central differences.

    Its shape is that of the value and then that of the operand.
    """
    with mp.workdps(DIGITS):
        exact = [real(operand) for operand in operands]
        x = exact[place]

        def value(entry: Any, number: Any) -> Any:
            moved = x.copy()
            moved[entry] = number
            return REFERENCE[row.name](
                *exact[:place], moved, *exact[place + 1 :], **settings(row, sample)
            )

        middle = REFERENCE[row.name](*exact, **settings(row, sample))
        jacobian = np.empty(middle.shape + x.shape, object)
        scale = min([abs(number) for number in x.flat if number], default=mpf(1))
        for entry in np.ndindex(x.shape):
            step = STEP * (abs(x[entry]) or scale)
            low, high = value(entry, x[entry] - step), value(entry, x[entry] + step)
            left, right = (middle - low) / step, (high - middle) / step
            # The halves of a smooth function differ by about the step.
            slope = np.abs(left) + np.max(np.abs(middle), initial=mpf(0)) / scale + 1
            apart = np.abs(left - right) > slope * mpf("1e-20")
            assert not np.any(apart), (
                f"{row.name} has no derivative at {sample}, and tells of no kink"
            )
            jacobian[(..., *entry)] = (left + right) / 2
        return jacobian


def compare(got: Any, want: Any, sizes: Any, dtype: str, what: str, units: float = UNITS) -> None:
    """Each entry is the true one, but for units in the last place of ``sizes``."""
    limits = np.finfo(dtype)
    assert np.shape(got) == np.shape(want), f"{what} has shape {np.shape(got)}"
    with mp.workdps(DIGITS):
        for entry in np.ndindex(np.shape(want)):
            found, true = np.asarray(got)[entry], np.asarray(want, object)[entry]
            if mp.isnan(true) or not np.isfinite(found):
                good = bool(np.isnan(found)) if mp.isnan(true) else _rounded(true, dtype) == found
            else:
                size = np.asarray(sizes, object)[entry]
                bound = units * (
                    mpf(float(limits.eps)) / 2 * size + float(limits.smallest_subnormal)
                )
                good = abs(mpf(float(found)) - true) <= bound
            assert good, f"{what}{list(entry)} is {found!r}, not {as_float(true)!r}"


def _rounded(x: Any, dtype: str) -> Any:
    return np.dtype(dtype).type(as_float(x))


def check_value(row: Structural, sample: Sample, dtype: str) -> None:
    """The value, its shape and its type."""
    assert row.name in REFERENCE, f"{row.name} has no reference"
    operands, m = values(sample, dtype), algebra(dtype)
    for function in (
        getattr(m, row.name, None),
        lambda *x, **s: row.forward(algebra(dtype), *x, **s),
    ):
        if function is None:
            continue
        with np.errstate(all="ignore"):
            got = function(*operands, **settings(row, sample))
        assert got.dtype == dtype, f"{row.name} makes {got.dtype}"
        want = true_value(row, operands, sample)
        sizes = SIZES.get(row.name, np.abs)(want)
        compare(got, want, sizes, dtype, f"{row.name}{sample}")
    shape = row.shape(*map(np.shape, operands), **settings(row, sample))
    assert shape == np.shape(got), (
        f"the shape of {row.name}{sample} is {np.shape(got)}, not {shape}"
    )


def check_gradients(row: Structural, sample: Sample, dtype: str) -> int:
    """The gradient of every operand for an upstream gradient at each entry alone, and for one at
    all of them. Returns how many operands were compared."""
    operands, m = values(sample, dtype), algebra(dtype)
    compared = 0
    with np.errstate(all="ignore"):
        value = row.forward(m, *operands, **settings(row, sample))
    for place in range(len(operands)):
        found = rule(row, place)
        if found is None:
            continue
        jacobian = true_jacobian(row, operands, sample, place)
        for upstream in _upstreams(np.shape(value), dtype):
            with np.errstate(all="ignore"):
                got = found(m, upstream, value, *operands, **settings(row, sample))
            assert got.dtype == dtype, f"the gradient of {row.name} is {got.dtype}"
            with mp.workdps(DIGITS):
                axes = np.ndim(value)
                terms = real(upstream).reshape(np.shape(value) + (1,) * np.ndim(operands[place]))
                terms = np.broadcast_to(terms * jacobian, jacobian.shape)
                want = np.sum(terms, tuple(range(axes)), initial=mpf(0))
                sizes = np.sum(np.abs(terms), tuple(range(axes)), initial=mpf(0))
                if row.name in NORMWISE:
                    sizes = np.full(sizes.shape, np.max(sizes, initial=mpf(0)), object)
            compare(got, want, sizes, dtype, f"by operand {place} {row.name}{sample}")
        compared += 1
    return compared


def _upstreams(shape: tuple[int, ...], dtype: str) -> list[Any]:
    everywhere = np.random.default_rng(1).uniform(-2, 2, shape).astype(dtype)
    found = [everywhere]
    for entry in np.ndindex(shape):
        single = np.zeros(shape, dtype)
        single[entry] = 3.0
        found.append(single)
    return [upstream if shape else upstream[()] for upstream in map(np.asarray, found)]


def check_kink(row: Structural, sample: Sample, dtype: str) -> None:
    """The convention at a kink."""
    operands, m = values(sample, dtype), algebra(dtype)
    (known,) = [known for known in AT_KINKS[row.name] if known.sample == sample]
    assert row.kink is not None
    assert row.kink.interval is not None
    interval = row.kink.interval(*operands, **settings(row, sample))
    assert np.allclose(interval, known.interval, 1e-6), f"the interval of {row.name} is {interval}"
    upstream = np.array(known.upstream, dtype)[()]
    with np.errstate(all="ignore"):
        value = row.forward(m, *operands, **settings(row, sample))
        for place, want in enumerate(known.gradients):
            found = rule(row, place)
            assert found is not None
            got = found(m, upstream, value, *operands, **settings(row, sample))
            compare(got, real(want), np.abs(want), dtype, f"by operand {place} {row.name}{sample}")
