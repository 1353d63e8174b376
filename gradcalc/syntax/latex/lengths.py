"""What a sum that does not say where it ends runs to: the length of what its index counts."""

from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from gradcalc.syntax.latex.builder import Running, Tree

#: So many uses of an index are looked at.
MOST = 50


class Use(NamedTuple):
    """An index where it stands: ``base[..., name + offset, ...]``; no offset if it is no sum."""

    node: int
    base: int
    axis: int
    offset: int | None


class Uses:
    """Where each name stands as an index, in the nodes ``first`` to ``root`` of a tree."""

    def __init__(self, tree: Tree, first: int, root: int) -> None:
        self.tree = tree
        self.bound: set[str] = set()
        self._found: dict[str, list[Use]] = defaultdict(list)
        for node in range(first, root + 1):
            data = tree.data[node]
            if isinstance(data, Running):
                self.bound.update(index[0] for index in data.indices)
            if tree.kind[node] != "entry" or data == "0":
                continue
            base, *items = tree.kids[node]
            for axis, item in enumerate(items):
                name, offset = offset_of(tree, item)
                if name:
                    self._found[name].append(Use(node, base, axis, offset))

    def of(self, name: str, first: int, root: int) -> list[Use]:
        """The uses of a name in a range of nodes, as many as are looked at."""
        uses = self._found.get(name, [])
        begin = bisect_left(uses, first, key=lambda use: use.node)
        return [use for use in uses[begin : begin + MOST] if use.node <= root]

    def counted(self, name: str, body: int, others: set[str]) -> Use | None:
        """What a name counts in a body, free of the names that run in it."""
        uses = [
            use for use in self.of(name, self.tree.first[body], body) if self._is_free(use, others)
        ]
        exact = [use for use in uses if use.offset == 0]
        return min(exact or uses, key=lambda use: use.axis, default=None)

    def is_moved(self, name: str, body: int) -> bool:
        """Whether x_{i+1} or the like stands in a body."""
        return any(use.offset for use in self.of(name, self.tree.first[body], body))

    def _is_free(self, use: Use, others: set[str]) -> bool:
        tree = self.tree
        first = tree.first[use.base]
        nodes = range(first, min(use.base, first + 1000) + 1)
        return not any(tree.kind[n] == "name" and tree.data[n] in others for n in nodes)


def offset_of(tree: Tree, item: int) -> tuple[str, int | None]:
    """The name and the offset of an index such as i + 1."""
    if tree.kind[item] == "name":
        return str(tree.data[item]), 0
    if tree.kind[item] in ("+", "-"):
        left, right = tree.kids[item]
        number = tree.data[right]
        if tree.kind[left] == "name" and isinstance(number, float) and number == int(number):
            return str(tree.data[left]), int(number if tree.kind[item] == "+" else -number)
    return "", None
