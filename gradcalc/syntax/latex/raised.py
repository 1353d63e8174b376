"""Superscripts in brackets, which are rather indices than powers: W^{(1)}, a^{[2](i)}."""

from functools import cached_property
from typing import TYPE_CHECKING

from gradcalc.syntax.names import CONSTANTS

if TYPE_CHECKING:
    from gradcalc.syntax.latex.names import Name, Names

Range = tuple[int, int]
BRACKETS = ("(", "[", "\\{")
#: What an index is made of.
PARTS = frozenset(("name", "number", "sign", ",", "{", "}", "text"))
#: A longer one is an expression.
LONGEST = 40


class Raised:
    """Tells indices above names from powers."""

    def __init__(self, names: "Names") -> None:
        self.names, self.tokens, self.partners = names, names.tokens, names.partners
        self.scope = names.scope
        self._defines_e = any(
            token[:2] == ("name", "e")
            and self._kind(place + 1) == "^"
            and self._kind(self.partners[place + 2] + 1) in ("=", "&")
            for place, token in enumerate(self.tokens)
        )

    def _kind(self, place: int) -> str:
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def split(self, inner: Range) -> tuple[list[Range], Range]:
        """What is in each of the brackets that a superscript begins with, and what is behind."""
        lo, hi = self.names.strip(*inner)
        groups = []
        while lo < hi and self.tokens[lo][0] == "open" and self.tokens[lo][1] in BRACKETS:
            groups.append((lo + 1, self.partners[lo]))
            lo = self.partners[lo] + 1
        return groups, (lo, hi)

    def _is_index(self, group: Range) -> bool:
        """Whether there are but letters and whole numbers with + or - in brackets, as in (t-1).

        What begins with a sign is a power: x^{(-1)}.
        """
        lo, hi = group
        return (
            0 < hi - lo <= LONGEST
            and "sign" not in (self.tokens[lo][0], self.tokens[hi - 1][0])
            and all(kind in PARTS and "." not in word for kind, word, _, _ in self.tokens[lo:hi])
        )

    def entries(self, groups: list[Range]) -> list[Range]:
        """Those indices that run in a sum."""
        return [group for group in groups if self.names.is_bound(*group) and self._is_index(group)]

    def members(self, base: str, groups: list[Range]) -> list[Range]:
        """Those that say which one is meant of what is defined for each value of an index."""
        for k in range(len(groups)):
            if base + self.layer(groups[:k]) in self.names.families:
                return groups[k:]
        return []

    def layer(self, groups: list[Range]) -> str:
        """What the other indices add to the name that they stand above."""
        return "".join(
            f"_{self.names.part_of_name(*group)}"
            for group in groups
            if self._is_index(group) and not self.names.is_bound(*group)
        )

    def behind(self, rest: Range) -> Range | None:
        """The superscript that a name has beside indices in brackets: T in W^{[1]T}, W^{[1]^T}.

        None if what stands there rather makes one exponent with them.
        """
        lo, hi = self.names.strip(*rest)
        if hi - lo <= 1:
            return lo, hi
        if self.tokens[lo][0] == "^" and self.partners[lo + 1] == hi - 1:
            inner = self.names.strip(lo + 2, hi - 1)
            return inner if self.names.is_transpose(*inner) else None
        return None

    def are_indices(self, name: "Name", groups: list[Range]) -> bool:
        """Whether what stands in brackets above a name are indices.

        A power of e has none, nor has a sum of letters of which one has a value. Where none is an
        index elsewhere it is a power, too: x^{(n-1)} is none without an x^{(n)}.
        """
        if self._is_exponential(name) or not all(map(self._is_index, groups)):
            return False
        if self.scope.is_variable(name.text + self.layer(groups)):
            return True
        return not self._valued(groups) and self._is_like_an_index(groups)

    def _is_like_an_index(self, groups: list[Range]) -> bool:
        """Whether a sum or product in round brackets, as in (n-1) or (2n), is of a letter that is
        an index elsewhere."""
        (lo, hi), *others = groups
        inner = self.tokens[lo:hi]
        kinds = {kind for kind, _, _, _ in inner}
        computes = "sign" in kinds or (kinds >= {"number", "name"} and "," not in kinds)
        if others or not computes or self.tokens[lo - 1][1] != "(" or self.names.is_bound(lo, hi):
            return True
        return any(word in self._indices for _, word, _, _ in inner)

    @cached_property
    def _indices(self) -> set[str]:
        """The letters that stand alone in brackets above something."""
        return {
            self.tokens[lo][1]
            for place, token in enumerate(self.tokens)
            if token[0] == "^" and self._kind(place + 1) == "{"
            for lo, hi in self.split((place + 2, self.partners[place + 1]))[0]
            if hi - lo == 1 and self.tokens[lo][0] == "name"
        }

    def _is_exponential(self, name: "Name") -> bool:
        return name.text == "e" and not (self._defines_e or self.scope.is_variable("e"))

    def _valued(self, groups: list[Range]) -> str:
        """A letter with a value in indices of several letters; nothing without one."""
        letters = (
            word
            for lo, hi in groups
            if hi - lo > 1 and not self.names.is_bound(lo, hi)
            for kind, word, _, _ in self.tokens[lo:hi]
            if kind == "name"
        )
        return next((w for w in letters if self.scope.is_variable(w) or w in CONSTANTS), "")

    def note_power(self, name: "Name", groups: list[Range], rest: Range) -> None:
        """Note what may be an index, but is read as a power: not x^{(a+b)/2}, which is one."""
        lo, hi = rest
        indices = all(map(self._is_index, groups))
        if self._is_exponential(name) or (lo < hi and self.tokens[lo][0] == "times"):
            return
        if not indices and not self.names.is_bound(groups[0][0], hi):
            return
        names, end = self.names, self.tokens[hi][3]
        message = f"{names.written(name.start, end)} is read as a power"
        if indices and (letter := self._valued(groups)):
            message += f", for {letter} has a value"
        begin, behind = groups[0]
        index = names.written(self.tokens[begin][2], self.tokens[behind - 1][3])
        message += f"; an index is written {names.written(name.start, name.letters_end)}"
        names.note("power", f"{message}_{{{index}}}", name.start, end)

    def note_index(self, name: "Name", is_entry: bool) -> None:
        """Note that there is no power in W^{(1)}, a^{[2](i)} or W^{[1]T}."""
        written = self.names.written(name.start, name.end)
        what = f"an entry of {name.text}" if is_entry else f"the name {name.text}"
        message = f"{written} is read as {what}, not as a power"
        if name.tail:
            message = f"the index in {written} is read as part of the name {name.text}"
        self.names.note("name", message, name.start, name.end)
