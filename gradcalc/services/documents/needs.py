"""What a formula of a problem still needs: values, or definitions of names."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from gradcalc.services.documents.formulas import Unit
from gradcalc.services.documents.grouping import Group
from gradcalc.syntax.names import CONSTANTS


class Needs(NamedTuple):
    """What is missing.

    Attributes:
        values: names without a value.
        definitions: names that only a definition can give a meaning.
        gates: names that occur in derivatives alone, in a chain with names that are defined: each
            may be a gate without a name of its own.
    """

    values: dict[str, None]
    definitions: dict[str, None]
    gates: frozenset[str] = frozenset()

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return not self.values and not self.definitions


class Checked:
    """The needs of every unit of a problem.

    Args:
        known: names with a value from outside.
    """

    def __init__(self, group: Group, known: Collection[str]) -> None:
        self._group = group
        self._known = known
        self._defined: dict[str, Needs] = {}  # of definitions: where they are used as values
        self._called: dict[str, Needs] = {}  # of functions: where they are called
        self.order = ordered(group.definitions)
        for name in self.order:
            unit = group.definitions[name]
            self._called[name] = self._needs(unit, parameters=False)
            self._defined[name] = self._called[name]
            if unit.kind == "function":
                self._defined[name] = self._needs(unit, parameters=True)

    def needs(self, unit: Unit) -> Needs:
        """What a unit needs, to be evaluated or checked."""
        if unit.name and self._group.definitions.get(unit.name) is unit:
            # A function that others call has no value of its own.
            called = unit.kind == "function" and unit.name in self._group.called
            found = (self._called if called else self._defined)[unit.name]
            if len(unit.statements) == 1:
                return found
        return self._needs(unit, parameters=unit.kind == "function")

    def _has_value(self, name: str) -> bool:
        return name in self._group.values or name in self._known

    def _needs(self, unit: Unit, parameters: bool) -> Needs:
        definitions = self._group.definitions
        values: dict[str, None] = {}
        undefined: dict[str, None] = {}

        def refer(found: Needs | None) -> None:
            if found is not None:
                values.update(found.values)
                undefined.update(found.definitions)

        for name in (*unit.names, *(unit.used if parameters else ())):
            if name in definitions and name not in unit.parameters:
                refer(self._defined.get(name))
            elif not self._has_value(name) and (name not in CONSTANTS or name in unit.parameters):
                values[name] = None
        for name in unit.calls:
            if name in definitions:
                refer(self._called.get(name))
            else:
                undefined[name] = None
        for name in unit.outputs:
            if name in definitions:
                refer(self._defined.get(name))
        gates = self._gates(unit, values)
        for name in unit.outputs:
            if name not in definitions and name not in gates:
                undefined[name] = None
        for name in unit.by:
            if name in unit.parameters or name in gates:
                continue
            if name in definitions:
                refer(self._defined.get(name))
            elif not self._has_value(name) and name not in undefined:
                values[name] = None
        return Needs(values, undefined, gates)

    def _gates(self, unit: Unit, values: Mapping[str, None]) -> frozenset[str]:
        definitions = self._group.definitions
        if len(unit.statements) == 1 or not any(name in definitions for name in unit.outputs):
            return frozenset()
        return frozenset(
            name
            for name in (*unit.outputs, *unit.by)
            if name in unit.outputs
            and name not in definitions
            and name not in values
            and name not in unit.names
            and not self._has_value(name)
        )


def ordered(definitions: Mapping[str, Unit]) -> list[str]:
    """The names, each behind those that its definition uses; circles are cut somewhere."""
    order: dict[str, None] = {}
    begun: set[str] = set()
    for root in sorted(definitions, key=lambda name: definitions[name].start):
        stack = [root]
        while stack:
            name = stack[-1]
            if name not in begun:
                begun.add(name)
                used = [n for n in definitions[name].references if n in definitions]
                stack.extend(n for n in reversed(used) if n not in begun)
            else:
                stack.pop()
                order[name] = None
    return list(order)


def sinks(units: Iterable[Unit]) -> set[str]:
    """The definitions that no other definition, and no expression, uses."""
    names: set[str] = set()
    used: set[str] = set()
    for unit in units:
        if unit.kind in ("definition", "function", "value"):
            names.add(unit.name)
        if unit.kind != "claim":
            used.update(name for name in (*unit.names, *unit.calls) if name != unit.name)
    return names - used
