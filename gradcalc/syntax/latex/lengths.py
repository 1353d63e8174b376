"""What a sum that does not say where it ends runs to: the length of what its index counts."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from gradcalc.syntax.latex.families import Family
from gradcalc.syntax.latex.tree import Running, Tree

#: So many uses of an index are looked at.
MOST = 50


class Use(NamedTuple):
    """An index where it stands: ``base[..., name + offset, ...]``; no offset if it is no sum."""

    node: int
    base: int
    axis: int
    offset: int | None


class Uses:
    """Where the names of sums stand as indices, in the nodes ``first`` to ``root`` of a tree.

    Args:
        families: what is defined for each value of an index counts what its definition does.
    """

    def __init__(self, tree: Tree, first: int, root: int, families: Mapping[str, Family]) -> None:
        self.tree = tree
        self.bound: set[str] = set()
        self._found: dict[tuple[int, str], list[Use]] = {}  # by sum and name
        pending: dict[str, list[Use]] = defaultdict(list)
        for node in range(first, root + 1):
            data = tree.data[node]
            if isinstance(data, Running):
                begin = tree.first[tree.kids[node][-1]]
                for name, _, _ in data.indices:
                    self.bound.add(name)
                    # What an inner sum over the same name counts has been taken already.
                    uses = pending[name]
                    inside = bisect_left(uses, begin, key=lambda use: use.node)
                    self._found[node, name] = uses[inside:]
                    del uses[inside:]
            elif tree.kind[node] == "entry" and data != "0":
                base, *items = tree.kids[node]
                family = family_at(tree, base, families)
                for axis, item in enumerate(items):
                    name, offset = offset_of(tree, item)
                    if name and family is None:
                        pending[name].append(Use(node, base, axis, offset))
                    elif name and family is not None and axis < len(family.uses):
                        pending[name] += [
                            use._replace(node=node, offset=_sum(use.offset, offset))
                            for use in family.uses[axis]
                        ]
        self._left = pending

    def left(self, name: str, others: set[str]) -> list[Use]:
        """The uses of a name outside of sums over it, of what is free of other names."""
        return [use for use in self._left[name][:MOST] if self._is_free(use, others)]

    def of(self, name: str, run: int) -> list[Use]:
        """The uses of a name that runs in a sum, as many as are looked at."""
        return self._found.get((run, name), [])[:MOST]

    def counted(self, name: str, run: int, others: set[str]) -> Use | None:
        """What a name counts in a sum, free of the names that run elsewhere."""
        uses = [use for use in self.of(name, run) if self._is_free(use, others)]
        exact = [use for use in uses if use.offset == 0]
        return min(exact or uses, key=lambda use: use.axis, default=None)

    def is_moved(self, name: str, run: int) -> bool:
        """Whether x_{i+1} or the like stands in a sum."""
        return any(use.offset for use in self.of(name, run))

    def _is_free(self, use: Use, others: set[str]) -> bool:
        tree = self.tree
        first = tree.first[use.base]
        nodes = range(first, min(use.base, first + 1000) + 1)
        return not any(tree.kind[n] == "name" and tree.data[n] in others for n in nodes)


def family_at(tree: Tree, base: int, families: Mapping[str, Family]) -> Family | None:
    """What is defined for each value of the index at a node."""
    return families.get(str(tree.data[base])) if tree.kind[base] == "name" else None


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


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
