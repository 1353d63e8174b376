"""Sums, and what depends on the names that run in them: indices, lengths, labels."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from gradcalc.errors import GradcalcError
from gradcalc.syntax.ast import Loop, Subscript
from gradcalc.syntax.builder import TokenValue
from gradcalc.syntax.latex.families import Family, check_call
from gradcalc.syntax.latex.lengths import Use, Uses, family_at, offset_of
from gradcalc.syntax.latex.tree import Running

if TYPE_CHECKING:
    from gradcalc.syntax.latex.emit import Emitter

#: The value of a term that a condition leaves out.
NEUTRAL = {"sum": 0.0, "prod": 1.0, "max": float("-inf"), "min": float("inf")}
#: So many nodes of an index are looked at.
MOST_NODES = 1000


class Sums:
    """Writes sums and indices."""

    def __init__(self, emitter: "Emitter") -> None:
        self.emitter = emitter
        self.tree = emitter.tree
        self._uses = Uses(self.tree, 0, -1, {})
        self._labels: set[str] = set()

    def begin(self, first: int, root: int) -> None:
        """Begin a statement, which is the nodes from first to root."""
        self._uses = Uses(self.tree, first, root, self.emitter.families)

    def note_uses(self, family: Family) -> None:
        """Remember what the parameters of the statement count, for the sums that call it."""
        others = self._uses.bound.union(family.indices)
        family.uses = [self._uses.left(index, others) for index in family.indices]

    def write(self, kind: str, node: int) -> None:
        """Write a node of kind ``run`` or ``entry``."""
        if kind == "run":
            self._run(node)
        else:
            self._entry(node)

    # What stands in front of a statement.

    def may_be_hoisted(self, node: int, parameters: set[str]) -> bool:
        """Whether a part with a label depends on nothing that only means something there."""
        tree = self.tree
        label = str(tree.data[node])
        if label in self._labels:
            message = f"{label} is the name of another part already, and names nothing here"
            self.emitter.note("label", message, tree.start[node], tree.end[node])
            return False
        nodes = range(tree.first[node], node + 1)
        names = {str(tree.data[n]) for n in nodes if tree.kind[n] == "name"}
        bound = names & self._uses.bound - self._bound_within(node)
        if bound or names & parameters:
            why = ", ".join(sorted(bound or names & parameters))
            message = f"{label} is no node of its own, for it depends on {why}"
            self.emitter.note("label", message, tree.start[node], tree.end[node])
            return False
        if label in names:
            return False
        self._labels.add(label)
        return True

    def _bound_within(self, node: int) -> set[str]:
        tree, bound = self.tree, set[str]()
        for n in range(tree.first[node], node + 1):
            running = tree.data[n]
            if isinstance(running, Running):
                bound.update(index[0] for index in running.indices)
        return bound

    def find_lengths(self, first: int, root: int) -> dict[str, Use]:
        """The names without a value that sums of a statement run to, and whose lengths they are."""
        tree, found = self.tree, dict[str, Use]()
        for node in range(first, root + 1):
            running = tree.data[node]
            if not isinstance(running, Running) or running.upper < 0:
                continue
            for name in self._unknown(running.upper):
                for index, _, _ in running.indices:
                    use = self._uses.counted(index, node, self._uses.bound)
                    if use is not None and name not in found:
                        found[name] = use
                        self._note_length(name, use, running.upper)
        return found

    def _unknown(self, node: int) -> list[str]:
        """The names in a limit that have no value."""
        tree, known = self.tree, self.emitter.known | self._uses.bound
        nodes = range(tree.first[node], node + 1)
        names = dict.fromkeys(str(tree.data[n]) for n in nodes if tree.kind[n] == "name")
        return [name for name in names if name not in known]

    def _note_length(self, name: str, use: Use, place: int) -> None:
        message = f"{name} is read as {self._length(use)}"
        self.emitter.note("length", message, self.tree.start[place], self.tree.end[place])

    def _length(self, use: Use) -> str:
        along = f" along axis {use.axis}" if use.axis else ""
        return f"the length of {self.emitter.quoted(use.base)}{along}"

    # Indices.

    def is_active(self, items: Collection[int]) -> bool:
        """Whether a name that runs here is in the indices."""
        tree, active = self.tree, self.emitter.active
        return any(
            tree.kind[n] == "name" and active.get(str(tree.data[n]))
            for item in items
            for n in range(tree.first[item], min(item, tree.first[item] + MOST_NODES) + 1)
        )

    def note_own_name(self, name: str, node: int) -> None:
        """Note that x_i is the same for every i, if x_i has a value, or is defined, itself."""
        running = [index for index, zeros in self.emitter.active.items() if zeros]
        found = [index for index in running if _has_index(name, index, running)]
        if found:
            message = f"{name} is a name of its own here, the same for every {found[0]}"
            message += f", and no entry of {name.partition('_')[0]}"
            self.emitter.note("own-name", message, self.tree.start[node], self.tree.end[node])

    def _entry(self, node: int) -> None:
        emitter = self.emitter
        base, *items = self.tree.kids[node]
        joined = str(self.tree.data[node])
        family = family_at(self.tree, base, emitter.families)
        if family is not None and joined != "0":
            self._call(family, node)
            return
        if joined and joined != "0" and not self.is_active(items):
            emitter.put_name(joined, node)
            return
        emitter.tasks.append((self.index_of, len(items), node))
        write = emitter.write if joined == "0" else self.write_item
        emitter.tasks.extend((write, item) for item in reversed(items))
        emitter.tasks.append((emitter.write, base))

    def _call(self, family: Family, node: int) -> None:
        """What is defined for each value of an index, for the one that stands here."""
        emitter = self.emitter
        _, *items = self.tree.kids[node]
        arity = family.arity(len(items))
        check_call(self, family, node)
        emitter.ast.families[family.name] = family.base
        arguments, others = items[:arity], items[arity:]
        if others:
            emitter.tasks.append((self.index_of, len(others), node))
            emitter.tasks.extend((self.write_item, item) for item in reversed(others))
        emitter.then(arguments, emitter.put_call, family.name, arity, node)

    def index_of(self, count: int, node: int) -> None:
        """Put an index behind what was written in front of it."""
        emitter = self.emitter
        items = emitter.take(count)
        if self.tree.data[node] != "0":
            for item, written in zip(self.tree.kids[node][-count:], items, strict=True):
                self._note_subscript(item, written)
        emitter.put("index", emitter.pop(), emitter.list_of(items), node)

    def _note_subscript(self, item: int, written: int) -> None:
        """Note in the Ast how an index counts."""
        tree = self.tree
        if tree.kind[item] != "everything":
            subscript = Subscript(
                0 if self.counts_from_zero(item) else 1, tree.start[item], tree.end[item]
            )
            self.emitter.ast.subscripts[written] = subscript

    def write_item(self, item: int) -> None:
        """An index, from 1 in mathematics, as one from 0."""
        tree, emitter = self.tree, self.emitter
        value = tree.data[item]
        if tree.kind[item] == "everything":
            emitter.write(item)
            return
        if tree.kind[item] == "number":
            assert isinstance(value, float)
            if value < 1:
                help = "in mathematics the first entry has the index 1; x[0] counts from 0"
                place = tree.start[item], tree.end[item]
                raise emitter.fault(f"there is no entry {value:g}", *place, help)
            emitter.put_number(value - 1, item)
            return
        name, offset = offset_of(tree, item)
        shift = 0 if self.counts_from_zero(item) else -1
        first = tree.first[item]
        if not name or offset is None:
            if shift:
                emitter.tasks.append((emitter.put_pair, "-", item))
                emitter.then([item], emitter.put_number, 1.0, item)
            else:
                emitter.write(item)
            return
        offset += shift
        if offset:
            emitter.tasks.append((emitter.put_pair, "+" if offset > 0 else "-", item))
            emitter.then([first], emitter.put_number, float(abs(offset)), item)
        else:
            emitter.write(first)

    def counts_from_zero(self, item: int) -> bool:
        """Whether the name that runs in an index counts from 0."""
        tree, active = self.tree, self.emitter.active
        if not any(any(zeros) for zeros in active.values()):
            return False
        for n in range(tree.first[item], min(item, tree.first[item] + MOST_NODES) + 1):
            if tree.kind[n] == "name" and (zeros := active.get(str(tree.data[n]))):
                return zeros[-1]
        return False

    # Sums.

    def _run(self, node: int) -> None:
        """A sum: a call of ``sum`` with a loop for each index."""
        running, emitter = self._running(node), self.emitter
        tasks = emitter.tasks
        body = self.tree.kids[node][-1]
        names = [index[0] for index in running.indices]
        zero = self._starts_at_zero(running, node)
        counted = [self._counted(running, index, node) for index in running.indices]
        local = self._local_lengths(running, node)
        tasks.append((self._loop, node))
        for use in reversed(counted):
            self._limits(running, use, zero, local, node)
        tasks.append((self._leave, names))
        if running.conditions:
            tasks.append((emitter.put_call, "where", 3, node))
            tasks.append((self._neutral, NEUTRAL[running.name], node))
        tasks.append((emitter.write, body))
        for number, condition in enumerate(reversed(running.conditions)):
            if number < len(running.conditions) - 1:
                tasks.append((emitter.put_pair, "*", node))
            tasks.append((emitter.write, condition))
        tasks.append((self._enter, names, zero))

    def _running(self, node: int) -> Running:
        running = self.tree.data[node]
        assert isinstance(running, Running)
        return running

    def _others(self) -> set[str]:
        """The names that run elsewhere in the statement, but not here."""
        active = self.emitter.active
        return self._uses.bound - {name for name, zeros in active.items() if zeros}

    def _counted(self, running: Running, index: TokenValue, node: int) -> Use | None:
        """What an index without a limit counts; None if it has one."""
        if running.upper >= 0:
            return None
        name, start, end = index
        use = self._uses.counted(name, node, self._others())
        if use is None or self._uses.is_moved(name, node):
            raise self._unlimited(index, running, node, use is not None)
        self.emitter.note("length", f"{name} runs from 1 to {self._length(use)}", start, end)
        return use

    def _unlimited(
        self, index: TokenValue, running: Running, node: int, moved: bool
    ) -> GradcalcError:
        (name, start, end), tree = index, self.tree
        message = f"nothing says how far {name} runs"
        if moved:
            message = f"how far {name} runs is not clear, for an index is not {name} itself"
        help = f"write \\{running.name}_{{{name}=1}}^{{n}}"
        names = {str(tree.data[n]) for n in range(tree.first[node], node) if tree.kind[n] == "name"}
        own = min((n for n in names if _has_index(n, name, self._uses.bound)), default="")
        if own:
            array = own.partition("_")[0]
            help += f"; {own} has a value of its own: for entries of {array} give {array} one"
        elif not moved:
            help += f", or have it index something, as in x_{name}"
        return self.emitter.fault(message, start, end, help)

    def _local_lengths(self, running: Running, node: int) -> dict[str, Use]:
        """Lengths that depend on names that run outside of this sum."""
        found: dict[str, Use] = {}
        for name in self._unknown(running.upper) if running.upper >= 0 else ():
            for index, _, _ in running.indices:
                use = self._uses.counted(index, node, self._others())
                if use is not None and name not in self.emitter.lengths and name not in found:
                    found[name] = use
                    self._note_length(name, use, running.upper)
        return found

    def _neutral(self, value: float, node: int) -> None:
        if abs(value) <= 1:
            self.emitter.put_number(value, node)
            return
        self.emitter.put_name("inf", node)
        if value < 0:
            self.emitter.put_around("neg", node)

    def _enter(self, names: list[str], zero: bool) -> None:
        for name in names:
            self.emitter.active.setdefault(name, []).append(zero)

    def _leave(self, names: list[str]) -> None:
        for name in names:
            self.emitter.active[name].pop()

    def _starts_at_zero(self, running: Running, node: int) -> bool:
        """Whether a sum counts entries from 0, as \\sum_{i=0}^{n-1} x_i does."""
        lower = self.tree.data[running.lower] if running.lower >= 0 else None
        if not isinstance(lower, float):
            return False
        for name, start, end in running.indices:
            uses = self._uses.of(name, node)
            offsets = [use.offset for use in uses if use.offset is not None]
            if offsets and lower + min(offsets) <= 0:
                message = f"the index {name} counts from 0 here, for the sum starts at {lower:g}"
                self.emitter.note("index", message, start, end)
                return True
        return False

    def _limits(
        self, running: Running, use: Use | None, zero: bool, local: dict[str, Use], node: int
    ) -> None:
        """The two operands of a range."""
        tree, emitter = self.tree, self.emitter
        tasks, upper = emitter.tasks, running.upper
        if use is not None:
            if not zero:
                tasks.append((emitter.put_pair, "+", node))
                tasks.append((emitter.put_number, 1.0, node))
            tasks.append((self.write_size, use))
        else:
            tasks.append((self._forget, local))
            name, offset = offset_of(tree, upper)
            value = tree.data[upper]
            if isinstance(value, float):
                tasks.append((emitter.put_number, value + 1, upper))
            elif name and offset == -1:
                tasks.append((emitter.write, tree.first[upper]))
            else:
                tasks.append((emitter.put_pair, "+", upper))
                tasks.append((emitter.put_number, 1.0, upper))
                tasks.append((emitter.write, upper))
            tasks.append((emitter.lengths.update, local))
        if running.lower >= 0:
            tasks.append((emitter.write, running.lower))
        else:
            tasks.append((emitter.put_number, 0.0 if zero else 1.0, node))

    def _forget(self, local: dict[str, Use]) -> None:
        for name in local:
            self.emitter.lengths.pop(name, None)

    def _loop(self, node: int) -> None:
        running, emitter = self._running(node), self.emitter
        operands = emitter.take(2 * len(running.indices))
        emitter.put("for", emitter.pop(), emitter.list_of(operands), node)
        emitter.ast.loops[emitter.results[-1]] = tuple(
            Loop(name, (operands[2 * k], operands[2 * k + 1]), start, end)
            for k, (name, start, end) in enumerate(running.indices)
        )
        emitter.put_call(running.name, 1, node)

    def write_size(self, use: Use) -> None:
        """The length of what an index counts."""
        self.emitter.tasks.append((self._size_of, use))
        self.emitter.tasks.append((self.emitter.write, use.base))

    def _size_of(self, use: Use) -> None:
        self.emitter.put_number(float(use.axis), use.base)
        self.emitter.put_call("size", 2, use.base)


def _has_index(name: str, index: str, running: Collection[str]) -> bool:
    """Whether a name such as x_i, or w_ij where both run, has the index."""
    parts = name.split("_")[1:]
    return index in parts or any(index in part and {*part} <= {*running} for part in parts)
