"""Evaluating a document: a report of each formula that has all its values, notes on the rest."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from gradcalc.engine.evaluation import ForwardPass
from gradcalc.errors import GradcalcError, closest, listed_names
from gradcalc.graph.lower import Problem
from gradcalc.report import Note, Report
from gradcalc.services.claims import check_claim
from gradcalc.services.documents.extract import Extraction, Told, is_prose, lines_of
from gradcalc.services.documents.formulas import Reader, Unit, is_mention, merge
from gradcalc.services.documents.grouping import Group, Grouping
from gradcalc.services.documents.lowering import DocumentLowering, in_order, unit_at
from gradcalc.services.documents.needs import Checked, Needs
from gradcalc.services.documents.wording import between, native, needed, quote, shown, unused_values
from gradcalc.services.evaluate import refuse_readings, reports_of, run_forward
from gradcalc.services.values import Seed, Value, derivative_node, value_of_node
from gradcalc.source import Source
from gradcalc.syntax.printer import print_program, shorten

#: So many characters of a confirmed claim are shown.
WIDTH = 120
#: So many formulas of one problem may turn out not to fit before all of it is left alone.
MOST_MISFITS = 20


class Request(NamedTuple):
    """How to evaluate; see :func:`gradcalc.services.evaluate.evaluate`."""

    wrt: Collection[str] | None = None
    of: str | None = None
    upstream: Value | None = None
    dtype: str = "float64"
    strict: bool = False
    intermediates: bool = False


class Result(NamedTuple):
    """What a document comes to.

    Attributes:
        reports: of the formulas that have all their values, in the order of the document.
        told: what else there is to say, each with its line, in the order of the document.
        wrong: the claims that do not hold.
    """

    reports: list[Report]
    told: list[Told]
    wrong: list[GradcalcError]


def run_document(
    source: Source,
    extraction: Extraction,
    values: Mapping[str, Value],
    request: Request,
    random: Seed,
) -> Result:
    """Evaluate the formulas of a document.

    Args:
        values: for inputs to which the document itself gives no value.

    Raises:
        GradcalcError: none of the formulas can be read; a value or name is used by none.
    """
    document = _Document(source, values, request, random)
    grouping = document.group(extraction)
    for group in grouping.groups:
        document.evaluate(group)
    document.check_names(grouping)
    reports = sorted(document.reports, key=lambda found: found[0])
    for number, (_, report) in enumerate(reports, start=1):
        report.problem = number
    told = sorted([*extraction.skipped, *document.told], key=lambda one: one.line)
    return Result([report for _, report in reports], told, document.wrong)


def read_back(source: Source, extraction: Extraction, variables: Collection[str]) -> str:
    """The problems of a document as programs in the native notation, their lines in comments.

    Raises:
        GradcalcError: none of the formulas can be read.
    """
    values = dict.fromkeys(variables)
    document = _Document(source, values, Request(), Seed())
    problems = []
    for group in document.group(extraction).groups:
        if group.units:
            units = in_order(group, group.units, Checked(group, variables))
            numbers = sorted({document.line(unit.start) for unit in units})
            lines = listed_names([str(number) for number in numbers])
            what = "lines" if len(numbers) > 1 else "line"
            problems.append(f"# {what} {lines}\n{print_program(merge(units).ast)}\n")
    return "---\n".join(problems)


class _Document:
    def __init__(
        self, source: Source, values: Mapping[str, Value], request: Request, random: Seed
    ) -> None:
        self.source = source
        self.values = values
        self.request = request
        self.random = random
        self.reports: list[tuple[int, Report]] = []
        self.told: list[Told] = []
        self.wrong: list[GradcalcError] = []
        self.used: set[str] = set()  # of the values
        self.wanted: dict[str, None] = {}  # names that values would be for
        self.names: dict[str, None] = {}  # those of problems that were evaluated

    def tell(self, line: int, message: str, kind: str = "note") -> None:
        self.told.append(Told(line, message, kind))

    def tell_fault(self, unit: Unit, error: GradcalcError) -> None:
        self.tell(self.line(unit.start), f"{quote(self.source, unit)}: {error.message}")

    def group(self, extraction: Extraction) -> Grouping:
        """Read every formula, and put those that belong together into problems."""
        reader = Reader(self.source, set(self.values))
        grouping = Grouping()
        functions: dict[str, tuple[str, ...]] = {}
        unreadable: list[GradcalcError] = []
        read = 0
        headings = deque(extraction.headings)
        for line in lines_of(extraction.formulas):
            while headings and headings[0] < line[0].line:
                headings.popleft()
                grouping.begin_section()
            units: list[Unit] = []
            below: list[list[Unit]] = []
            for formula in line:
                if is_prose(formula):
                    self.tell(formula.line, f"{quote(self.source, formula)} is text and no formula")
                    continue
                try:
                    first, *others = reader.read(formula)
                except GradcalcError as error:
                    unreadable.append(error)
                    self.tell(
                        formula.line,
                        f"cannot read {quote(self.source, formula)}: {error.message}",
                    )
                    continue
                read += 1
                for found in (first, *others):
                    functions.update((u.name, u.parameters) for u in found if u.kind == "function")
                units.extend(unit for unit in first if not is_mention(unit, functions))
                below.extend(others)
            for found in (units, *below):
                if found:
                    grouping.add(found)
        if not read:
            raise self._nothing(unreadable)
        for value in grouping.finish():
            self.tell(self.line(value.start), f"{quote(self.source, value)} is used by no formula")
        return grouping

    def _nothing(self, unreadable: Sequence[GradcalcError]) -> GradcalcError:
        if unreadable:
            first = unreadable[0]
            if len(unreadable) > 1:
                others = len(unreadable) - 1
                first.message += f" (and none of the other {others} formulas can be read)"
            return first
        message = f"{self.source.name} has no formula that could be evaluated"
        help = "a formula stands between dollar signs, as in $f = (x + y)z$, or in a block ```math"
        return GradcalcError("empty-program", message, help=help)

    def line(self, place: int) -> int:
        return self.source.locate(place)[0]

    def evaluate(self, group: Group) -> None:
        """Evaluate and check what has all its values; say what the rest needs."""
        group.units.sort(key=lambda unit: unit.start)
        given = {
            name: None
            for unit in group.units
            for name in unit.inputs
            if name in self.values and group.lacks(name)
        }
        self.used.update(given)
        self.wanted.update((name, None) for unit in group.units for name in group.wanted(unit))
        lowered = self._lowered(group, given)
        if lowered is None:
            return
        problem, order, units = lowered
        values = {name: self.values[name] for name in given}
        if self.request.strict:
            refuse_readings(problem)
        self.names.update((name, None) for name in problem.definitions)
        try:
            forward_pass = run_forward(problem, values, self.request.dtype, self.random)
        except GradcalcError as error:
            for unit in units:
                self.tell_fault(unit, error)
            return
        claims = self._check(forward_pass, {unit.start: unit for unit in order})
        self._report(forward_pass, group, units, claims)

    def _lowered(
        self, group: Group, given: Collection[str]
    ) -> tuple[Problem, list[Unit], list[Unit]] | None:
        """The problem of what has all its values, the units in its order, and those of its outputs.

        Units that turn out not to fit are left out, one after the other.
        """
        misfits = 0
        lacking: dict[int, Needs] = {}
        while True:
            checked = Checked(group, given)
            ready, waiting = [], []
            for unit in group.units:
                needs = lacking.get(id(unit)) or checked.needs(unit)
                if needs.met:
                    ready.append(unit)
                else:
                    waiting.append((unit, needs))
            taken = set() if group.point else group.taken
            if not any(unit.name not in taken for unit in ready):
                problem = None
                break
            order = in_order(group, ready, checked)
            ast = merge(order).ast
            values = {name: self.values[name] for name in given}
            lowering = DocumentLowering(
                ast,
                self.source,
                values,
                value_of_node(self.random),
                derivative_node,
                itemsize=8 if self.request.dtype == "float64" else 4,
            )
            lowering.units, lowering.taken, lowering.of = ready, taken, self.request.of
            try:
                problem = lowering.run()
            except GradcalcError as error:
                misfits += 1
                culprit = unit_at(error.spans[0].start, ready) if error.spans else None
                if culprit is None or misfits > MOST_MISFITS:
                    for unit in ready:
                        self.tell_fault(unit, error)
                    problem = None
                    break
                self.tell_fault(culprit, error)
                _replace(group, culprit, None)
                continue
            if not lowering.missing:
                break
            for name, (start, *_) in lowering.missing.items():
                if self._drop_members(group, ready, name):
                    continue
                unit = unit_at(start, ready) or ready[0]
                lacking[id(unit)] = Needs({name: None}, {})
        self._tell_needs(waiting)
        return None if problem is None else (problem, order, lowering.reported)

    def _drop_members(self, group: Group, ready: Sequence[Unit], name: str) -> bool:
        """Leave out what names a gate that nothing defines, and say so; whether there was any."""
        found = False
        for unit in ready:
            if len(unit.statements) == 1 or name in unit.names:
                continue
            left: Unit | None = unit
            for statement in unit.statements:
                part = Unit(unit.formula, unit.ast, (statement,))
                if name in part.outputs or name in part.by:
                    text = shown(self.source, statement.start, statement.end)
                    message = f"{text} is not checked: nothing defines {name}"
                    message += ", and it is not clear which gate it is"
                    self.tell(self.line(statement.start), message)
                    left = left.without(statement) if left else None
            if left is not unit:
                found = True
                _replace(group, unit, left)
        return found

    def _tell_needs(self, waiting: Sequence[tuple[Unit, Needs]]) -> None:
        """Say what each formula needs; statements of one formula that need the same, together."""
        told: list[tuple[Unit, Unit, Needs]] = []
        for unit, needs in waiting:
            self.wanted.update(needs.values)
            if told and told[-1][1].formula is unit.formula:
                first, last, others = told[-1]
                if unit.end <= last.end:
                    continue  # a part of it that has a name
                if needs.definitions == others.definitions and (
                    needs.values == others.values or needs.definitions
                ):
                    told[-1] = (first, unit, needs)
                    continue
            told.append((unit, unit, needs))
        for first, last, needs in told:
            text = quote(self.source, first) if first is last else between(self.source, first, last)
            self.tell(self.line(first.start), f"{text} {needed(needs)}")

    def _check(self, forward_pass: ForwardPass, units: Mapping[int, Unit]) -> list[Note]:
        """Check every chain of equals; the units are by where they start."""
        notes = []
        for claim in forward_pass.problem.claims:
            start = claim.members[0].start
            unit = units.get(start)
            try:
                note = check_claim(claim, forward_pass, self.request.dtype)
            except GradcalcError as error:
                self.wrong.append(error)
                continue
            message = note.message
            if unit is not None:
                message = f"confirmed: {shorten(native(unit), WIDTH)}"
            self.tell(self.line(start), message)
            notes.append(Note("claim", None, f"line {self.line(start)}: {message}"))
        return notes

    def _report(
        self,
        forward_pass: ForwardPass,
        group: Group,
        units: Sequence[Unit],
        claims: Sequence[Note],
    ) -> None:
        request = self.request
        for reading in dict.fromkeys(forward_pass.problem.ast.readings):
            self.tell(self.line(reading.start), reading.message)
        found = reports_of(
            forward_pass,
            0,
            request.wrt,
            request.upstream,
            self.random,
            request.strict,
            request.intermediates,
        )
        kinds = {reading.kind for reading in forward_pass.problem.ast.readings}
        for unit, report in zip(units, found, strict=True):
            line = self.line(unit.start)
            report.place = f"line {line}: {quote(self.source, unit)}"
            if group.point and unit.name in group.taken:
                report.place += f", with the values of line {self.line(group.point.start)}"
            for note in report.notes:
                if note.kind not in kinds:
                    self.tell(line, note.message, _kind(note))
            report.notes += (*claims, Note("place", None, report.place))
            claims = ()
            self.reports.append((unit.start, report))

    def check_names(self, grouping: Grouping) -> None:
        """Raise GradcalcError where a name from outside is that of nothing in the document."""
        unused = [name for name in self.values if name not in self.used]
        if unused:
            raise unused_values(self.source, unused, grouping, self.wanted)
        request = self.request
        for name in (*(request.wrt or ()), *((request.of,) if request.of else ())):
            defined = any(name in group.definitions for group in grouping.groups)
            if name in self.names or (defined and name == request.of):
                continue
            known = list(self.names)
            near = closest(name, known)
            help = f"did you mean {near}?" if near else f"its names are {listed_names(known)}"
            if not known:
                help = "none of its formulas has all its values"
            raise GradcalcError("unknown-name", f"the document has no {name}", help=help)


def _replace(group: Group, unit: Unit, by: Unit | None) -> None:
    """Put another unit into the place of one, or none."""
    place = group.units.index(unit)
    group.units[place : place + 1] = [by] if by else []
    if group.definitions.get(unit.name) is unit:
        if by:
            group.definitions[unit.name] = by
        else:
            del group.definitions[unit.name]


def _kind(note: Note) -> str:
    return "warning" if note.kind == "non-finite" else "note"
