"""Checkers of gradients on arrays: each raises AssertionError where something does not agree.

Everything goes through the whole of gradcalc: a program is parsed, lowered, evaluated and
differentiated. What it is compared with does not: the value is that of the row's forward function,
and derivatives are differences of such values.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from gradcalc import backprop, ops
from gradcalc.engine import derivatives
from gradcalc.engine.arrays import Arrays
from gradcalc.engine.evaluation import MAX_JACOBIAN
from gradcalc.errors import DataError, GradcalcError
from gradcalc.graph.graph import Graph
from gradcalc.graph.text import node_pieces
from gradcalc.ops.row import AnyRow, Sample, Structural
from gradcalc.report import Report

NAMES = "abcdefgh"
#: Operands of operations that choose, each of which is chosen somewhere.
CHOSEN: Mapping[str, tuple[Any, ...]] = {
    "where": ([1.0, 0.0, 2.0], [[2.0], [3.0]], [5.0, -6.0, 7.0]),
    "max": ([1.0, 5.0, 2.0], [[3.0], [-2.0]], [-2.0, 1.0, 9.0]),
    "min": ([1.0, 5.0, -3.0], [[3.0], [-2.0]], [-2.5, 1.0, 9.0]),
    "clip": ([-1.0, 0.5, 3.0], [[0.0], [0.25]], [2.0, 1.0, 1.0]),
}
#: A difference whose own error is no more than this part of the size of its terms is sharp.
SHARP = 1e-6


class Case(NamedTuple):
    """A row of the table at some operands."""

    row: AnyRow
    operands: tuple[Any, ...]
    settings: Mapping[str, Any] = {}

    @property
    def names(self) -> str:
        return NAMES[: len(self.operands)]

    @property
    def constant(self) -> list[bool]:
        """Which operands have to be numbers in the program, because nothing is known of their
        gradient."""
        row = self.row
        if isinstance(row, Structural) or callable(row.partials):
            return [False] * len(self.operands)
        return [rule is None for rule in row.partials]

    @property
    def values(self) -> dict[str, Any]:
        """The values of the names in the program."""
        found = zip(self.names, self.operands, self.constant, strict=True)
        return {name: value for name, value, constant in found if not constant}

    @property
    def moving(self) -> list[str]:
        """The names that have a gradient."""
        varies = tuple(not constant for constant in self.constant)
        return [
            name
            for place, name in enumerate(self.names)
            if name in self.values and self.row.rule(place, varies) is not None
        ]

    @property
    def program(self) -> str:
        """The row's call, as gradcalc writes it."""
        graph = Graph()
        nodes = [
            graph.add_constant(float(value))
            if constant
            else graph.add_input(name, shape=np.shape(value))
            for name, value, constant in zip(self.names, self.operands, self.constant, strict=True)
        ]
        node = graph.apply(ops.PLACES[self.row.name], tuple(nodes), self.settings)
        return node_pieces(graph, 10**6)[node][0]

    def value(self, *operands: Any, dtype: str = "float64") -> Any:
        """The row's own value of other operands."""
        m = Arrays(dtype)
        settings = {s.name: s.default for s in self.row.settings} | dict(self.settings)
        with np.errstate(all="ignore"):
            return self.row.forward(m, *map(m.cast, operands), **settings)

    @property
    def at_kink(self) -> bool:
        if self.row.kink is None:
            return False
        operands = [np.asarray(x)[()] for x in self.operands]
        return bool(np.any(self.row.kink.at(*operands, **dict(self.settings))))

    def __repr__(self) -> str:
        return f"{self.program} at {self.values}"


def case(row: AnyRow, sample: Any) -> Case:
    """The case of one of a row's samples."""
    if isinstance(sample, Sample):
        settings = {s.name: s.default for s in row.settings} | dict(sample.settings)
        return Case(row, tuple(np.array(x, float) for x in sample.operands), settings)
    return Case(row, tuple(sample))


def cases(row: AnyRow) -> list[Case]:
    """A structural row's samples. Of an elementwise one arrays of numbers around its first sample,
    broadcast in all directions."""
    if isinstance(row, Structural):
        return [case(row, sample) for sample in row.samples if is_ordinary(sample)]
    first = row.samples[0]
    fixed = case(row, first).constant
    found = [case(row, first)]
    shapes: list[tuple[int, ...]] = [(3,), (2, 1), (1, 3), (), (2, 3), (0,)]
    for start in range(4 if len(first) > 1 else 1):
        operands = []
        for k, number in enumerate(first):
            shape = () if fixed[k] else shapes[(start + k) % 5]
            operands.append(number * (1 if fixed[k] else rng(k).uniform(0.9, 1.1, shape)))
        found.append(Case(row, tuple(operands)))
    found.append(Case(row, tuple(x if fixed[k] else np.zeros(0) for k, x in enumerate(first))))
    if row.name in CHOSEN:
        found.append(Case(row, tuple(np.array(x) for x in CHOSEN[row.name])))
    return found


def is_ordinary(sample: Any) -> bool:
    """Whether the numbers of a sample are of ordinary size and distance: differences of others are
    not sharp, and what happens at the limits of the range tests/ops tells."""
    operands = sample.operands if isinstance(sample, Sample) else sample
    numbers = [np.unique(np.ravel(operand)) for operand in operands]
    return all(
        np.all((x == 0.0) | ((np.abs(x) > 1e-3) & (np.abs(x) < 1e2))) and np.all(np.diff(x) > 1e-3)
        for x in numbers
    )


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def upstream_of(shape: tuple[int, ...], seed: int = 1) -> Any:
    """A random gradient to arrive at an output of that shape."""
    return rng(seed).uniform(0.5, 2.0, shape) * rng(seed + 1).choice([-1.0, 1.0], shape)


def direction_of(x: Any, seed: int = 2) -> Any:
    """A random direction, of the size of the entries of x."""
    x = np.asarray(x, float)
    size = np.where(x == 0.0, 1.0, np.abs(x))
    return rng(seed).uniform(0.25, 1.0, x.shape) * rng(seed + 1).choice([-1.0, 1.0], x.shape) * size


class Difference(NamedTuple):
    """A derivative by central differences, and how far it may be from the true one."""

    value: Any
    error: Any


def difference(f: Callable[[float], Any], scale: float = 0.0) -> Difference:
    """The derivative at 0, by central differences extrapolated to a step of 0 (Romberg).

    Of several first steps that is taken whose last two extrapolations are the closest.

    Args:
        scale: the size of the terms that a value is a sum of.
    """
    best: Difference | None = None
    for start in (0.1, 0.01, 1e-3):
        rows: list[list[Any]] = []
        for level in range(4):
            h = start / 2**level
            row = [(np.asarray(f(h)) - np.asarray(f(-h))) / (2 * h)]
            for k in range(level):
                row.append(row[k] + (row[k] - rows[-1][k]) / (4 ** (k + 1) - 1))
            rows.append(row)
        error = np.abs(rows[-1][-1] - rows[-2][-1]) + np.abs(rows[-1][-1] - rows[-1][-2])
        error = error + 1e-15 * scale / start
        if best is None:
            best = Difference(rows[-1][-1], error)
        else:
            better = error < best.error
            better |= np.isnan(best.error)
            best = Difference(
                np.where(better, rows[-1][-1], best.value), np.where(better, error, best.error)
            )
    assert best is not None
    return best


def inner(x: Any, y: Any) -> float:
    return float(np.sum(np.asarray(x) * np.asarray(y)))


def size(x: Any, y: Any) -> float:
    """The size of the terms of the inner product."""
    return float(np.sum(np.abs(np.asarray(x) * np.asarray(y))))


def check_gradients(found: Case) -> dict[str, bool]:
    """The value, and every gradient against differences along a random direction.

    Returns for each name with a gradient whether the differences were sharp.
    """
    want = found.value(*found.operands)
    u = upstream_of(np.shape(want))
    report = backprop(found.program, found.values, upstream=u)
    assert report.shape == np.shape(want), f"{found} has shape {report.shape}"
    np.testing.assert_allclose(report.value, want, 1e-14, err_msg=repr(found))
    for name, gradient in report.gradients.items():
        shape = np.shape(found.values[name])
        assert np.shape(gradient) == shape, f"the gradient by {name} of {found} has another shape"
    sharp = {}
    for name in found.moving:
        place = NAMES.index(name)
        d = direction_of(found.operands[place])

        def along(t: float, place: int = place, d: Any = d) -> float:
            moved = list(found.operands)
            moved[place] = found.operands[place] + t * d
            with np.errstate(all="ignore"):
                return inner(u, found.value(*moved) - want)

        got = report.gradients[name]
        try:
            with np.errstate(all="ignore"):
                slope = difference(along, size(u, want))
        except DataError:  # a moved label is no label
            assert not np.any(got)
            sharp[name] = False
            continue
        terms = size(got, d)
        sharp[name] = bool(20 * slope.error <= SHARP * terms)
        if sharp[name]:
            near = abs(inner(got, d) - slope.value) <= 20 * slope.error + 1e-9 * terms
            assert near, f"<gradient by {name}, d> is {inner(got, d)}, not {slope.value}: {found}"
    return sharp


def directions_of(found: Case, report: Report) -> dict[int, Any]:
    """A direction for each input that has a gradient, by node."""
    nodes = report.evaluation.problem.inputs
    return {nodes[name]: direction_of(found.values[name]) for name in found.moving}


def close(got: Any, want: Any, what: str, scale: Any = None, tolerance: float = 1e-10) -> None:
    """Equal but for rounding errors of the greatest of the terms."""
    assert np.shape(got) == np.shape(want), f"{what} has shape {np.shape(got)}"
    greatest = np.max(np.abs(want if scale is None else scale), initial=0.0)
    if not isfinite(greatest):
        greatest = 0.0
    np.testing.assert_allclose(got, want, 1e-9, tolerance * greatest, err_msg=what)


def check_jacobians(found: Case) -> bool:
    """<u, J d> is <Jᵀu, d>: forward mode, the gradient, the Jacobian, by rows and by columns, and
    the local Jacobian of the node all agree.

    Returns whether there is a local Jacobian.
    """
    want = found.value(*found.operands)
    u = upstream_of(np.shape(want))
    report = backprop(found.program, found.values, upstream=u)
    run = report.evaluation
    nodes = run.problem.inputs
    d = directions_of(found, report)
    wrt = list(d)
    by_rows = derivatives.jacobian_by_rows(run, wrt)
    by_columns = derivatives.jacobian_by_columns(run, wrt)
    whole = derivatives.jacobian(run, wrt)
    forward = derivatives.jvp(run, d)
    total = np.zeros(np.shape(want))
    parts = np.zeros(np.shape(want))
    for name in found.moving:
        node = nodes[name]
        shape = np.shape(want) + np.shape(found.values[name])
        what = f"the Jacobian by {name} of {found}"
        close(by_rows[node], by_columns[node], what)
        close(whole[node], by_rows[node], what)
        assert np.shape(whole[node]) == shape, what
        contracted = np.tensordot(u, whole[node], np.ndim(u))
        sizes = np.tensordot(np.abs(u), np.abs(whole[node]), np.ndim(u))
        close(report.gradients[name], contracted, f"the gradient by {name} of {found}", sizes)
        total = total + np.tensordot(whole[node], d[node], np.ndim(d[node]))
        parts = parts + np.tensordot(np.abs(whole[node]), np.abs(d[node]), np.ndim(d[node]))
        one = derivatives.jvp(run, {node: d[node]})
        terms = inner(sizes, np.abs(d[node]))
        assert abs(inner(u, one) - inner(report.gradients[name], d[node])) <= 1e-9 * terms, what
    close(forward, total, f"J d of {found}", parts)
    return check_local(found, report, whole)


def check_local(found: Case, report: Report, jacobians: Mapping[int, Any]) -> bool:
    """The local Jacobian of the output's node, which the inputs are operands of.

    Returns whether there is one: x·y of two vectors is a gate of another name.
    """
    node = report.nodes[-1]
    if node.op != found.row.name:
        return False
    by_id = {report.evaluation.id(n): jacobian for n, jacobian in jacobians.items()}
    for local in node.local:
        if local.operand not in by_id:
            continue
        jacobian = by_id[local.operand]
        what = f"the local gradient {local.symbol} of {found}"
        if isinstance(found.row, Structural):
            if np.size(jacobian) > MAX_JACOBIAN:
                assert local.value is None
            else:
                close(local.value, jacobian, what)
            continue
        # Element by element: what of it is on the diagonal of the Jacobian.
        x = np.asarray(report.nodes[local.operand].value)
        places = np.broadcast_to(np.arange(x.size).reshape(x.shape), node.shape)
        flat = np.reshape(jacobian, (places.size, x.size))
        wanted = flat[np.arange(flat.shape[0]), places.ravel()]
        close(np.ravel(local.value), wanted, what)
    return True


def check_second_order(found: Case) -> bool:
    """H d against differences of gradients, and the Hessian against H d, and its own transpose.

    Returns whether the differences were sharp.
    """
    want = found.value(*found.operands)
    u = upstream_of(np.shape(want))
    report = backprop(found.program, found.values, upstream=u)
    run = report.evaluation
    d = directions_of(found, report)
    wrt = list(d)
    # Directions are of the size of the operands, so that H d may be as large as the gradient.
    scale = max((np.max(np.abs(report.gradients[n]), initial=0.0) for n in found.moving), default=0)
    product = derivatives.hvp(run, d, wrt)
    hessian = derivatives.hessian(run, wrt)
    names = {node: name for name, node in run.problem.inputs.items()}
    for i in wrt:
        what = f"H d by {names[i]} of {found}"
        assert np.shape(product[i]) == run.graph.shape(i), what
        total, sizes = np.zeros(run.graph.shape(i)), np.zeros(run.graph.shape(i))
        for j in wrt:
            block = hessian[i, j]
            assert np.shape(block) == run.graph.shape(i) + run.graph.shape(j), what
            axes = range(np.ndim(block))
            turned = np.transpose(hessian[j, i], [*axes[np.ndim(d[j]) :], *axes[: np.ndim(d[j])]])
            close(block, turned, f"the Hessian of {found} is not symmetric", tolerance=1e-9)
            total = total + np.tensordot(block, d[j], np.ndim(d[j]))
            sizes = sizes + np.tensordot(np.abs(block), np.abs(d[j]), np.ndim(d[j]))
        close(product[i], total, what, sizes + scale, tolerance=1e-9)

    def gradients(t: float) -> Any:
        moved = {name: found.values[name] + t * d[n] for n, name in names.items() if n in d}
        at = backprop(found.program, {**found.values, **moved}, upstream=u, wrt=found.moving)
        return np.concatenate([np.ravel(at.gradients[names[node]]) for node in wrt])

    if not wrt:
        return False
    try:
        with np.errstate(all="ignore"):
            slope = difference(gradients, scale)
    except GradcalcError:  # a moved label is no label
        return False
    got = np.concatenate([np.ravel(product[node]) for node in wrt])
    scale = np.max(np.abs(got), initial=scale)
    sharp = got.size > 0 and bool(np.all(20 * slope.error <= 1e-5 * scale))
    if sharp:
        near = np.abs(got - slope.value) <= 20 * slope.error + 1e-7 * scale
        assert near.all(), f"H d of {found} is {got}, not {slope.value}"
    return sharp


def value_of_text(text: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression in which not all of the names need occur."""
    while True:
        try:
            return backprop(text, values).value
        except GradcalcError as error:
            if error.code != "unused-option":
                raise
            head = error.message.partition(" was given" if " was " in error.message else " were")[0]
            unused = head.replace(" and ", ", ").split(", ")
            values = {name: value for name, value in values.items() if name not in unused}


def check_texts(report: Report) -> int:
    """Every local gradient's text, read as a program with the values of what the nodes are called,
    is the downstream gradient of a structural gate, or the local one of another.

    Returns how many there were.
    """
    values = {node.name: node.value for node in report.nodes if node.name}
    count = 0
    for node in report.nodes:
        for local in node.local:
            count += 1
            if local.value is None:
                continue
            assert node.upstream is not None
            got = value_of_text(local.symbol, {**values, "upstream": node.upstream})
            what = f"{local.symbol} at {node.expression}"
            if ops.row(node.op).elementwise:
                got, want = np.broadcast_to(got, node.shape), local.value
            else:
                want = np.tensordot(node.upstream, local.value, len(node.shape))
            # The rule may keep digits that its formula loses beside the upstream gradient.
            least = 1e-6 * np.max(np.abs(node.upstream), initial=0.0)
            close(got, want, what, np.append(np.ravel(want), least))
    return count


def check_ties(program: str, name: str, values: Mapping[str, Any]) -> None:
    """At a tie of everything in one array with itself the gradient is the same for all entries,
    and along the direction in which they stay tied it is the derivative."""
    report = backprop(program, values)
    gradient = report.gradients[name]
    assert np.ptp(gradient) == 0.0, f"{program}: the tied get {gradient}"

    def along(t: float) -> float:
        return float(np.sum(backprop(program, {**values, name: values[name] + t}).value))

    slope = difference(along, abs(along(0.0)))
    assert abs(np.sum(gradient) - slope.value) < 1e-9, f"{program}: {np.sum(gradient)}"
