"""The lowering of a problem of a document, in which every formula is an output."""

from collections.abc import Iterable, Sequence

from gradcalc.graph.lower import MAX_NESTED, Lowering, Output
from gradcalc.services.documents.formulas import Unit
from gradcalc.services.documents.grouping import Group
from gradcalc.services.documents.needs import Checked, sinks
from gradcalc.syntax.ast import Statement


class DocumentLowering(Lowering):
    """Lowers a problem of a document, in which every formula is an output."""

    units: Sequence[Unit]
    taken: set[str]
    of: str | None
    reported: list[Unit]

    def _outputs(self, bare: list[Output], of: str | None) -> list[Output]:
        self.reported = [unit for unit in self.units if unit.name and unit.name == self.of]
        if self.of is not None:
            return super()._outputs(bare, self.of) if self.reported else []
        ends = sinks(self.units) - self.taken
        rest = iter(bare)
        outputs: list[Output] = []
        for unit in self.units:
            if unit.kind == "output":
                outputs.append(next(rest))
            elif unit.name not in ends:
                continue
            elif unit.kind == "function":
                outputs.append(self._apply_to_inputs(self.functions[unit.name]))
            else:
                outputs.append(Output(unit.name, self.definitions[unit.name]))
            self.reported.append(unit)
        return outputs

    def _apply_to_inputs(self, function: Statement) -> Output:
        for unit in self.units:
            if unit.kind == "function" and unit.name == function.name:
                function = function._replace(parameters=unit.used)
        return super()._apply_to_inputs(function)

    def _function(self, name: str, i: int) -> int:
        if name not in self.functions or self.nested == MAX_NESTED:
            return super()._function(name, i)
        # In a text, f is the value of f(x, y).
        self.nested += 1
        node = self._apply_to_inputs(self.functions[name]).node
        self.nested -= 1
        return node


def in_order(group: Group, ready: Sequence[Unit], checked: Checked) -> list[Unit]:
    """Values first, then definitions, each behind those it uses, then the rest."""
    names = {name for unit in ready for name in unit.inputs}
    values = [unit for name, unit in group.values.items() if name in names]
    present = {id(unit) for unit in ready}
    definitions = [group.definitions[name] for name in checked.order]
    rest = [unit for unit in ready if unit.kind in ("output", "claim")]
    return [*values, *(unit for unit in definitions if id(unit) in present), *rest]


def unit_at(place: int, units: Iterable[Unit]) -> Unit | None:
    """The unit at a place of the document."""
    for unit in units:
        if unit.start <= place < max(unit.end, unit.start + 1):
            return unit
    return None
