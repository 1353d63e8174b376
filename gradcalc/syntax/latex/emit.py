"""From the tree of a LaTeX text to the Ast.

What a name with a subscript means, and how far a sum runs, is known only when a whole statement
has been read. Nothing recurses: what is still to be written waits on a list of tasks.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.builder import Builder
from gradcalc.syntax.latex.families import Family
from gradcalc.syntax.latex.tree import Chain, Tree
from gradcalc.syntax.names import CONSTANTS
from gradcalc.syntax.printer import shorten

if TYPE_CHECKING:
    from gradcalc.syntax.latex.forms import Forms
    from gradcalc.syntax.latex.lengths import Use
    from gradcalc.syntax.latex.running import Sums

#: The Ast has at most so many nodes for each node of the tree: lengths and comparisons are copied.
MOST_COPIES = 20
#: The kinds that ``forms.py`` writes, and those of ``running.py``.
FORMS = frozenset(
    ("norm", "apply", "matrix", "root", "inverse", "outer", "note", "everything", "cases")
) | {"derivative", "compare"}
RUNNING = frozenset(("run", "entry"))
CALLS = ("call", "apply")


class Emitter(Builder):
    """Writes the Ast of one problem.

    Args:
        known: the names that have a value from outside.
        called: the functions of the program that it calls.
        families: what is defined for each value of an index, by name.
    """

    def __init__(
        self,
        source: Source,
        tree: Tree,
        known: Collection[str],
        called: Collection[str],
        families: Mapping[str, Family],
    ) -> None:
        super().__init__(source)
        self.families = families
        self.source = source
        self.tree = tree
        self.called = called
        self._given = {*known}
        self.known = {*known, *CONSTANTS}
        self.tasks: list[tuple[Any, ...]] = []
        self.results: list[int] = []
        #: The names that run where the writing is: whether they count from 0, innermost last.
        self.active: dict[str, list[bool]] = {}
        #: Names that are lengths, in the statement under way.
        self.lengths: dict[str, Use] = {}
        #: Whether the statement under way defines something for each value of an index.
        self.is_family = False
        self._hoisted: set[int] = set()
        self._kinds: dict[str, Callable[[int], None]] = {
            "name": self._write_name,
            "number": self._write_number,
            **dict.fromkeys(("()", "||", "neg", "pos", "transpose"), self._write_enclosed),
            "call": self._write_call,
            "array": self._write_array,
            "named": self._write_named,
            "^T": self._write_raised,
        }

    @cached_property
    def sums(self) -> "Sums":
        from gradcalc.syntax.latex.running import Sums

        return Sums(self)

    @cached_property
    def _forms(self) -> "Forms":
        from gradcalc.syntax.latex.forms import Forms

        return Forms(self)

    def emit(self, chains: list[Chain]) -> None:
        """Write all statements."""
        self.known.update(chain.head[0].split()[0] for chain in chains if chain.head is not None)
        self._runs = "run" in self.tree.kind or "named" in self.tree.kind
        for chain in chains:
            self._chain(chain)

    def _chain(self, chain: Chain) -> None:
        if chain.is_function:
            chain = self._with_used_parameters(chain)
        words = chain.head[0].split() if chain.head else []
        parameters = set(words[1:])
        known, self.known = self.known, self.known | parameters
        self.lengths = {}
        family = next((f for f in self.families.values() if f.name in words[:1]), None)
        self.is_family = family is not None
        if family:
            self.active = {index: [False] for index in family.indices}
            family.is_defined = True
            self.ast.families[family.name] = family.base
        if self._runs:
            known = known | self._hoist(
                chain, parameters if {*words[:1]} & {*self.called} else set()
            )
        for number, member in enumerate(chain.members):
            written = self._written(member)
            start = self.ast.start[written]
            if number:
                self._statement("member", ("", start, start), written)
            elif chain.head is not None:
                kind = "function" if chain.is_function else "definition"
                self._statement(kind, chain.head, written)
            else:
                kind = "claim" if len(chain.members) > 1 else "output"
                self._statement(kind, ("", start, start), written)
        self.known = known
        if family:
            self.sums.note_uses(family)
            self.active = {}

    def _with_used_parameters(self, chain: Chain) -> Chain:
        """A function that nothing calls without those parameters that nothing depends on.

        In f(x) = 3x_1 + x_2 what is meant by x are x_1 and x_2.
        """
        assert chain.head is not None
        head, start, end = chain.head
        name, *parameters = head.split()
        tree = self.tree
        nodes = range(tree.first[chain.members[0]], chain.members[-1] + 1)
        used = {tree.data[node] for node in nodes if tree.kind[node] == "name"} | self._given
        kept = [parameter for parameter in parameters if parameter in used]
        if name in self.called or len(kept) == len(parameters):
            return chain
        unused = ", ".join(parameter for parameter in parameters if parameter not in used)
        message = f"nothing in the formula of {name} depends on {unused}, which is left out"
        self.note("parameter", message, start, end)
        return Chain((" ".join((name, *kept)), start, end), bool(kept), chain.members)

    def _hoist(self, chain: Chain, parameters: set[str]) -> set[str]:
        """Write the definitions in front of a statement: its labels, and names that are lengths.

        Args:
            parameters: what labels must not depend on.

        Returns:
            The names that are known from here on.
        """
        tree, sums = self.tree, self.sums
        first, root = tree.first[chain.members[0]], chain.members[-1]
        sums.begin(first, root)
        lengths = sums.find_lengths(first, root)
        labels = [node for node in range(first, root + 1) if tree.kind[node] == "named"]
        by_node = [(node, "") for node in labels]
        by_node += [(use.base, name) for name, use in lengths.items()]
        names = set[str]()
        for node, name in sorted(by_node):
            if name and chain.is_function:
                self.lengths[name] = lengths[name]
            elif name:
                self.tasks.append((sums.write_size, lengths[name]))
                head = name, tree.start[node], tree.end[node]
                self._statement("definition", head, self._finish())
                names.add(name)
                self.known.add(name)
            elif sums.may_be_hoisted(node, parameters):
                head = str(tree.data[node]), tree.start[node], tree.start[node]
                self._statement("definition", head, self._written(tree.kids[node][0]))
                self._hoisted.add(node)
        return names

    def _written(self, node: int) -> int:
        self.tasks.append((self.write, node))
        return self._finish()

    def _finish(self) -> int:
        """Do all that is to be done; the node that was written last."""
        limit = MOST_COPIES * len(self.tree) + 10_000
        tasks = self.tasks
        while tasks:
            task, *arguments = tasks.pop()
            task(*arguments)
            if len(self.ast) > limit:
                tasks.clear()
                message = "sums inside of sums without upper limits take too much room"
                raise GradcalcError("too-large", message, help="write the limits")
        return self.results.pop()

    # What tasks are made of.

    def write(self, node: int) -> None:
        """Write a node of the tree."""
        kind = self.tree.kind[node]
        if kind in self._kinds:
            self._kinds[kind](node)
        elif kind in RUNNING:
            self.sums.write(kind, node)
        elif kind in FORMS:
            self._forms.write(kind, node)
        else:
            self.then(self.tree.kids[node], self._write_binary, kind, node)

    def then(self, kids: Collection[int], *task: Any) -> None:
        """Write the kids, then do the task."""
        self.tasks.append(task)
        self.tasks.extend((self.write, kid) for kid in reversed(tuple(kids)))

    def take(self, count: int) -> list[int]:
        """The Ast nodes that were written last, which are to be operands."""
        taken = self.results[len(self.results) - count :]
        del self.results[len(self.results) - count :]
        return taken

    def pop(self) -> int:
        """The Ast node that was written last."""
        return self.results.pop()

    def put(self, kind: str, left: int, right: int, node: int) -> None:
        """Append an Ast node with the place of a node of the tree."""
        tree = self.tree
        self.results.append(self.ast.add(kind, left, right, tree.start[node], tree.end[node]))

    def put_name(self, name: str, node: int) -> None:
        self.put("name", self._place(name), -1, node)

    def name_at(self, name: str, start: int, end: int) -> None:
        self.results.append(self.ast.add("name", self._place(name), -1, start, end))

    def put_number(self, value: float, node: int) -> None:
        self.ast.numbers.append(value)
        self.put("number", len(self.ast.numbers) - 1, -1, node)

    def put_call(self, name: str, count: int, node: int) -> None:
        self.put("call", self._place(name), self.list_of(self.take(count)), node)

    def put_pair(self, kind: str, node: int) -> None:
        left, right = self.take(2)
        self.put(kind, left, right, node)

    def put_around(self, kind: str, node: int) -> None:
        self.put(kind, self.pop(), -1, node)

    def put_array(self, count: int, node: int) -> None:
        self.put("array", -1, self.list_of(self.take(count)), node)

    def list_of(self, nodes: list[int]) -> int:
        """The place of a list of nodes in the Ast's arguments."""
        return self._arguments(nodes)

    def quoted(self, node: int) -> str:
        """The text of a node, cut to what fits into a message."""
        text = self.source.text[self.tree.start[node] : self.tree.end[node]]
        return " ".join(shorten(text, 40).split())

    def note(self, kind: str, message: str, start: int, end: int) -> None:
        self.ast.readings.append(Reading(kind, message, start, end))

    def fault(self, message: str, start: int, end: int, help: str) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=self.source)

    # One method for each kind.

    def _write_name(self, node: int) -> None:
        name = str(self.tree.data[node])
        if name in self.lengths and not self.active.get(name):
            self.sums.write_size(self.lengths[name])
            return
        if self.active and "_" in name:
            self.sums.note_own_name(name, node)
        self.put_name(name, node)

    def _write_number(self, node: int) -> None:
        value = self.tree.data[node]
        assert isinstance(value, float)
        self.put_number(value, node)

    def _write_enclosed(self, node: int) -> None:
        self.then(self.tree.kids[node], self.put_around, self.tree.kind[node], node)

    def _write_call(self, node: int) -> None:
        kids = self.tree.kids[node]
        self.then(kids, self.put_call, self.tree.data[node], len(kids), node)

    def _write_array(self, node: int) -> None:
        kids = self.tree.kids[node]
        if self.tree.data[node] != "[":
            message = f"{self.quoted(node)} is read as an array"
            self.note("array", message, self.tree.start[node], self.tree.end[node])
        self.then(kids, self.put_array, len(kids), node)

    def _write_named(self, node: int) -> None:
        if node in self._hoisted:
            self.put_name(str(self.tree.data[node]), node)
        else:
            self.tasks.append((self.write, self.tree.kids[node][0]))

    def _write_raised(self, node: int) -> None:
        """A transpose, or where T has a meaning of its own, what the lowering makes of it."""
        name = str(self.tree.data[node])
        is_known = self.active.get(name) or name in self.known
        (operand,) = self.tree.kids[node]
        if is_known:
            self.tasks += [(self.put_pair, "^T", node), (self._write_name, node)]
        else:
            self.tasks.append((self.put_around, "transpose", node))
        self.tasks.append((self.write, operand))

    def _write_binary(self, kind: str, node: int) -> None:
        left, right = self.take(2)
        tree = self.tree
        if kind == "juxtaposition":
            a, b = tree.kids[node]
            if tree.kind[a] == "/" and tree.data[a] is not None:  # a "/", not a fraction
                message = f"{self.quoted(node)} is read as ({self.quoted(a)})·{self.quoted(b)}"
                self.note("division", message, tree.start[node], tree.end[node])
        elif kind == "/" and tree.data[node] is not None:
            self._note_division(node)
        self.put(kind, left, right, node)

    def _note_division(self, node: int) -> None:
        """\\sin x/2 could be meant as \\sin(x/2)."""
        tree = self.tree
        call, divisor = tree.kids[node]
        while tree.kind[call] == "juxtaposition":
            call = tree.kids[call][1]
        if tree.kind[call] not in CALLS or tree.kind[divisor] in CALLS:
            return
        bare = tree.end[call] == tree.end[tree.kids[call][-1]]
        if bare and self.source.text[tree.end[call] - 1].isalnum():
            written = self.quoted(node)
            behind = written.removeprefix(self.quoted(tree.kids[node][0]))
            message = f"{written} is read as ({self.quoted(call)}){behind}"
            self.note("argument", message, tree.start[call], tree.end[node])
