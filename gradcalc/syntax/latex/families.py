"""Definitions for each value of an index, as ``z^{(i)} = w^T x^{(i)}``: functions of the index."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gradcalc.syntax.latex.commands import Tok
from gradcalc.syntax.latex.statements import Member
from gradcalc.syntax.names import Scope

if TYPE_CHECKING:
    from gradcalc.syntax.latex.lengths import Use
    from gradcalc.syntax.latex.names import Names
    from gradcalc.syntax.latex.running import Sums
    from gradcalc.syntax.latex.units import Units

#: An index, or what it stands at, of more tokens is not looked at; nor are more scripts at a name.
LONGEST, SCRIPTS = 40, 4
#: The name of an entry.
NUMBERED = re.compile(r"(.*?)((?:_\d+)+)")


class Family:
    """What is defined for each value of some indices.

    Attributes:
        name: that of the function.
        base: what its indices stand at: z.
        indices: the parameters.
        uses: for each parameter what it counts in the definition.
        is_defined: whether the definition has been written.
        is_listed: whether there is none, but names for some values: x_1, x_2.
        digits: of each of these names, at least: of w_12 there are two, for one index or two.
    """

    __slots__ = ("base", "digits", "indices", "is_defined", "is_listed", "name", "uses")

    def __init__(self, name: str, base: str, indices: list[str]) -> None:
        self.name, self.base, self.indices = name, base, indices
        self.is_defined = self.is_listed = False
        self.digits = 0
        self.uses: list[list[Use]] = [[] for _ in indices]

    def arity(self, items: int) -> int:
        """How many of so many indices at a name are its own."""
        own = len(self.indices)
        return self.digits if self.is_listed and own == 1 < self.digits <= items else own


class Index(NamedTuple):
    """What stands in an index, and the name that it makes with its base."""

    tokens: list[Tok]
    name: str

    @property
    def letters(self) -> list[str]:
        """The names of one letter in it."""
        return [word for kind, word, _, _ in self.tokens if kind == "name" and len(word) == 1]

    @property
    def is_simple(self) -> bool:
        """Whether there is nothing but letters and commas in it."""
        return all(kind in ("name", ",") for kind, _, _, _ in self.tokens)


def heads_with_index(names: "Names") -> tuple[set[str], set[str]]:
    """What is defined for each value of an index, as z of ``z_i = ...`` is beside ``\\sum_k z_k``,
    or h of ``h_t = w h_{t-1}`` beside h_3; and the letters of these indices."""
    tokens, partners = names.tokens, names.partners
    heads, uses = dict[str, list[Index]](), defaultdict[str, list[Index]](list)
    scripts: dict[int, int] = {}  # how many there are at a name up to each
    for place, (kind, _, _, _) in enumerate(tokens):
        if kind not in ("_", "^") or not place:
            continue
        closing = partners[place + 1]
        is_braced = tokens[place - 1][0] == "}"
        before = partners[place - 1] - 1 if is_braced else place
        scripts[place] = 1 + scripts.get(before, 0)
        # What is longer is no name, and its parts would be looked at again and again.
        if max(closing - place, place - before) > LONGEST or scripts[place] > SCRIPTS:
            continue
        after = closing + 1
        for _ in range(SCRIPTS):
            if after < len(tokens) and tokens[after][0] in ("_", "^"):
                after = partners[after + 1] + 1
        base, groups = names.indexed(place)
        ranges = [(place + 2, closing)] if kind == "_" else groups
        if kind == "^":  # so far it is part of the name
            base = base.removesuffix(names.layer(groups))
        inside = [token for lo, hi in ranges for token in tokens[lo:hi]]
        parts = [names.part_of_name(lo, hi) for lo, hi in ranges]
        index = Index(inside, "_".join([base, *(part or "" for part in parts)]))
        defines = [token[0] for token in tokens[after : after + 2] if token[0] != "&"][:1] == ["="]
        (heads.setdefault(base, []) if defines else uses[base]).append(index)
    letters = {
        letter
        for base, indices in heads.items()
        if base in names.arrays or _is_recurrence(indices, uses[base], names.scope)
        for index in indices
        for letter in index.letters
    }
    bases = {base for base, indices in heads.items() for i in indices if letters & {*i.letters}}
    return bases, letters


def listed(names: "Names", known: Collection[str], others: Collection[str]) -> Iterator[Family]:
    """What has a subscript that runs, and no value, but x_1, x_2 have.

    Args:
        known: the names with a value.
        others: names with a definition.
    """
    suffixes = defaultdict[str, list[str]](list)
    for match in map(NUMBERED.fullmatch, (*known, *others)):
        if match:
            suffixes[match[1]].append(match[2][1:])
    for base in names.arrays.intersection(suffixes):
        if base not in {*names.families, *known, *others}:
            most = max(suffix.count("_") for suffix in suffixes[base])
            family = Family(base, base, ["index"] * (1 + most))
            family.is_defined = family.is_listed = True
            family.digits = min(map(len, suffixes[base]))
            yield family


def _is_recurrence(heads: Sequence[Index], uses: Sequence[Index], scope: Scope) -> bool:
    """Whether h_t is used as h_{t-1}, and without the letter as h_3, or as h_T where T has a value.

    h_0 is where it begins, and what has a value itself is a name.
    """
    behind = elsewhere = False
    for use in uses:
        if scope.is_variable(use.name):
            if any(use.letters == head.letters for head in heads):
                return False  # --h_t_minus_1
            continue
        kinds = {kind for kind, _, _, _ in use.tokens}
        if kinds and kinds <= {"name", "number", "sign", ","}:
            same = any(use.letters == h.letters and h.is_simple for h in heads)
            behind |= same and "sign" in kinds
            ends = [t for t in use.tokens if t[0] in ("name", "number")]
            elsewhere |= not same and all(
                word.isdecimal() and word != "0" if kind == "number" else scope.is_variable(word)
                for kind, word, _, _ in ends
            )
    return behind and elsewhere


def family_of(units: "Units", members: Sequence[Member]) -> Family | None:
    """What a chain defines for each value of the indices of its head; None if it does not.

    One of the indices stands behind the "=" as well.
    """
    lo, hi = units.names.strip(*members[0].ranges[0])
    found = units.quiet_name(lo, hi)
    if found is None or not found.entry or found.after != hi:
        return None
    pieces = [piece for inner in found.entry for piece in units.items(inner)]
    ranges = [r for piece in pieces if not isinstance(piece[0], str) for r in _parts(units, *piece)]
    if any(units.tokens[lo][0] != "name" or hi - lo != 1 for lo, hi in ranges):
        return None
    indices = [units.tokens[lo][1] for lo, _ in ranges]
    behind = {units.tokens[k][1] for lo, hi in members[1].ranges for k in range(lo, hi)}
    if len({*indices}) < len(indices) or not behind.intersection(indices):
        return None
    return Family(found.joined, found.text, indices)


def _parts(units: "Units", lo: int, hi: int) -> list[tuple[int, int]]:
    """What commas separate in an index."""
    commas = [k for k in range(lo, hi) if units.tokens[k][0] == ","]
    return list(zip([lo, *(k + 1 for k in commas)], [*commas, hi], strict=True))


def check_call(sums: "Sums", family: Family, node: int) -> None:
    """Raise GradcalcError where an index has no value, or another one than is defined."""
    tree, emitter = sums.tree, sums.emitter
    _, *items = tree.kids[node]
    place, written = (tree.start[node], tree.end[node]), emitter.quoted(node)
    arguments = items[: family.arity(len(items))]
    each = ", ".join(family.indices)
    nodes = [n for item in arguments for n in range(tree.first[item], item + 1)]
    if len(arguments) < len(family.indices) or any(tree.kind[n] == "everything" for n in nodes):
        message = f"{family.base} is defined for each {each}, and {written} has fewer indices"
        raise emitter.fault(message, *place, f"write {family.base} with {each}")
    if not family.is_defined and not emitter.is_family:
        help = f"write the definition for each {each} above"
        raise emitter.fault(f"{written} is used before its definition", *place, help)
    names = [str(tree.data[n]) for n in nodes if tree.kind[n] == "name"]
    for name in names:
        if not emitter.active.get(name) and name not in emitter.known:
            message = f"{written} is another one for each {name}, and {name} does not run here"
            help = f"write it inside of a sum over {name}"
            help += ", or one formula for all at once, as in z = x w"
            raise emitter.fault(message, *place, help)
    if not family.is_listed and any(map(sums.counts_from_zero, arguments)):
        message = f"{written} counts from 0 here, and {family.base} is defined from 1 on"
        raise emitter.fault(message, *place, "write a sum that starts at 1")
