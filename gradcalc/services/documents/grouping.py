"""Which formulas of a document belong together: its problems.

- What stands in one line of text belongs together.
- A formula that refers to a name that an earlier one defines (in an expression, a call, or above
  the line of a derivative) joins the problem that defined it last, with its values.
- A number for a name that is defined, as in "f = -12", is a claim about it.
- A formula that defines a name anew, or gives an input another value, begins a new problem, which
  takes over the definitions that it refers to.
- A line of values belongs to the nearest problem above that lacks one of them; if there is none, to
  the next one below that needs one, up to the next heading.
- A definition belongs to the problem above if that lacks the name.

Names of inputs do not tie formulas together: x is another x in the next example.
"""

from collections.abc import Iterable, Iterator

from gradcalc.services.documents.formulas import Unit
from gradcalc.syntax.names import CONSTANTS

#: A new problem does not take over more definitions than this.
MOST_TAKEN = 1000


class Group:
    """Formulas that make one problem.

    Attributes:
        place: its place among the problems of the document.
        units: what is to be evaluated or checked.
        definitions: by name; those taken over from another problem included.
        values: the constants by name.
        taken: the definitions that are taken over: they are reported where they stand,
        point: unless this is a value that is another one here.
        called: the functions that are called.
        mentioned: the names that may be those of inputs.
    """

    def __init__(self, place: int) -> None:
        self.place = place
        self.units: list[Unit] = []
        self.definitions: dict[str, Unit] = {}
        self.values: dict[str, Unit] = {}
        self.taken: set[str] = set()
        self.point: Unit | None = None
        self.called: set[str] = set()
        self.mentioned: set[str] = set()

    def add(self, unit: Unit) -> None:
        """Add a unit that is no value."""
        self.units.append(unit)
        self.called.update(unit.calls)
        self.mentioned.update(unit.inputs)
        if unit.name:
            self.definitions[unit.name] = unit

    def conflicts(self, units: Iterable[Unit]) -> bool:
        """Whether one of them defines a name anew, or gives it another value."""
        for unit in units:
            if unit.name in self.definitions or (unit.name and unit.name in self.values):
                return True
        return False

    def lacks(self, name: str) -> bool:
        """Whether a name that is used has neither a definition nor a value."""
        return name not in self.definitions and name not in self.values

    def wanted(self, unit: Unit) -> Iterator[str]:
        """The names that a unit may need values for."""
        yield from (name for name in unit.names if name not in CONSTANTS)
        if unit.kind == "function" and unit.name not in self.called:
            yield from unit.used


class Grouping:
    """Puts the lines of a document, one after the other, into problems."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._latest: dict[str, Group] = {}  # that defines a name
        self._lacking: dict[str, list[Group]] = {}
        #: Values that no problem above lacked, each with the others of its line.
        self._waiting: dict[str, list[Unit]] = {}
        self._unused: list[Unit] = []

    def begin_section(self) -> None:
        """Values above a heading are not for what is below it."""
        self._unused += [value for line in self._waiting.values() for value in line]
        self._waiting.clear()

    def finish(self) -> list[Unit]:
        """Make problems of what was taken for a value, and is used by nothing.

        Returns:
            the plain numbers among them, which say nothing by themselves.
        """
        self.begin_section()
        unused = self._unused
        for group in self.groups:
            left = [name for name in group.values if name not in group.mentioned]
            unused.extend(group.values.pop(name) for name in left)
        unused = list(dict.fromkeys(unused))
        for unit in unused:
            if not unit.is_plain:
                self._new().add(unit)
        return [unit for unit in unused if unit.is_plain]

    def add(self, line: list[Unit]) -> None:
        """Add what stands in one line of text."""
        here = {unit.name for unit in line if unit.kind in ("definition", "function")}
        # The number that a defined name is said to be is a claim.
        line = [
            unit.as_claim()
            if (unit.kind == "value" and (unit.name in here or unit.name in self._latest))
            or (unit.kind == "function" and unit.is_number)
            else unit
            for unit in line
        ]
        values = [unit for unit in line if unit.kind == "value"]
        rest = [unit for unit in line if unit.kind != "value"]
        while rest:
            # A second definition of a name in one line begins a problem of its own.
            names: set[str] = set()
            cut = len(rest)
            for place, unit in enumerate(rest):
                if unit.name and unit.name in names:
                    cut = place
                    break
                names.add(unit.name)
            self._add(rest[:cut], values)
            rest, values = rest[cut:], []
        if values:
            self._place(values)

    def _add(self, units: list[Unit], values: list[Unit]) -> None:
        own = {unit.name for unit in (*units, *values)}
        referred = {name: None for unit in units for name in unit.references if name not in own}
        targets = {self._latest[name].place for name in referred if name in self._latest}
        group = self._joined(sorted(targets)) if targets else self._above(units)
        mentioned = {name for unit in units for name in unit.inputs}
        mentioned |= group.mentioned if group else set()
        others = [value for value in values if value.name not in mentioned]
        values = [value for value in values if value.name in mentioned]
        if group is not None and (
            group.conflicts(units) or group.conflicts(values) or self._moved(group)
        ):
            group = self._continued(group, referred, own)
        if group is None:
            group = self._new()
        for unit in units:
            group.add(unit)
            if unit.name:
                self._latest[unit.name] = group
        for value in values:
            group.values[value.name] = value
            if group.taken and group.point is None:
                group.point = value
        self._supply(group, units)
        if others:
            self._place(others)

    def _new(self) -> Group:
        group = Group(len(self.groups))
        self.groups.append(group)
        return group

    def _joined(self, places: list[int]) -> Group:
        """The last of several problems, with the others made part of it where names allow."""
        *others, joined = (self.groups[place] for place in places)
        for other in others:
            names = other.definitions.keys() | other.values.keys()
            if not names.isdisjoint(joined.definitions.keys() | joined.values.keys()):
                continue
            # The smaller one moves, so that it takes little time; the place is that of the last.
            kept, moved = joined, other
            if len(other.units) > len(joined.units):
                kept, moved = other, joined
                self.groups[other.place], self.groups[joined.place] = joined, other
                other.place, joined.place = joined.place, other.place
            self._move(moved, kept)
            joined = kept
        return joined

    def _move(self, group: Group, into: Group) -> None:
        into.units += group.units
        into.definitions.update(group.definitions)
        into.values.update(group.values)
        into.taken |= group.taken
        into.point = into.point or group.point
        into.called |= group.called
        into.mentioned |= group.mentioned
        for name in group.definitions:
            if self._latest.get(name) is group:
                self._latest[name] = into
        for unit in group.units:
            self._note_lacking(into, unit)
        group.units, group.definitions, group.values = [], {}, {}

    def _above(self, units: list[Unit]) -> Group | None:
        """The problem just above, if it lacks what is defined here."""
        group = self.groups[-1] if self.groups else None
        defined = [unit.name for unit in units if unit.name]
        if group is None or group.conflicts(units):
            return None
        used = {name for unit in group.units for name in unit.references} if defined else set()
        return group if any(name in used and group.lacks(name) for name in defined) else None

    def _moved(self, group: Group) -> bool:
        """Whether there are new values for a problem that has some: it is at another point now."""
        return any(name in group.values for name in self._waiting)

    def _continued(self, group: Group, referred: Iterable[str], own: set[str]) -> Group:
        """A new problem with the definitions of another that are referred to, and their values."""
        new = self._new()
        stack = [name for name in referred if name in group.definitions]
        while stack and len(new.definitions) < MOST_TAKEN:
            name = stack.pop()
            if name in new.definitions or name in own:
                continue
            unit = new.definitions[name] = group.definitions[name]
            new.taken.add(name)
            new.called.update(unit.calls)
            new.mentioned.update(unit.inputs)
            stack.extend(n for n in unit.references if n in group.definitions)
        for name, unit in group.definitions.items():
            if name in new.taken:
                new.units.append(unit)
                self._latest[name] = new
        new.values = {
            name: unit
            for name, unit in group.values.items()
            if name in new.mentioned and name not in own
        }
        for name in list(self._waiting):
            if name in new.mentioned and name in self._waiting:
                new.point = new.point or self._waiting[name][0]
                self._take(name, new)
        return new

    def _take(self, name: str, group: Group) -> None:
        """Give a problem the line of values that a name has one in."""
        for value in self._waiting[name]:
            if value.name not in group.definitions:
                group.values[value.name] = value
            if value in self._waiting.get(value.name, ()):
                del self._waiting[value.name]

    def _supply(self, group: Group, units: list[Unit]) -> None:
        """Give a problem the values above that it lacks; note what it still lacks."""
        for unit in units:
            for name in group.wanted(unit):
                if group.lacks(name) and name in self._waiting:
                    self._take(name, group)
            self._note_lacking(group, unit)

    def _note_lacking(self, group: Group, unit: Unit) -> None:
        for name in group.wanted(unit):
            if group.lacks(name):
                lacking = self._lacking.setdefault(name, [])
                if not lacking or lacking[-1] is not group:
                    lacking.append(group)

    def _place(self, values: list[Unit]) -> None:
        """Give a line of values to the nearest problem above that lacks one, or keep them."""
        nearest: Group | None = None
        for value in values:
            lacking = self._lacking.get(value.name, [])
            while lacking and not (lacking[-1].units and lacking[-1].lacks(value.name)):
                lacking.pop()
            if lacking and (nearest is None or lacking[-1].place > nearest.place):
                nearest = lacking[-1]
        left: list[Unit] = []
        for value in values:
            if nearest is not None and nearest in self._lacking.get(value.name, [])[-1:]:
                nearest.values[value.name] = value
            else:
                left.append(value)
                self._waiting[value.name] = left
