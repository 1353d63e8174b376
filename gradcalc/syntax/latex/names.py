"""Names in LaTeX: a letter with its marks, subscript and superscript, and what these mean."""

import re
from collections.abc import Collection, Sequence
from itertools import accumulate

from gradcalc.errors import GradcalcError, Span
from gradcalc.source import Source
from gradcalc.syntax.ast import Reading
from gradcalc.syntax.latex.commands import Tok
from gradcalc.syntax.latex.raised import Raised
from gradcalc.syntax.names import Scope
from gradcalc.syntax.printer import shorten

Range = tuple[int, int]
#: What a sign in a subscript is called in a name.
SIGN_NAMES = {"+": "plus", "-": "minus"}
#: A subscript of more tokens is no name.
LONGEST = 40
LETTER = re.compile(r"[a-z]\Z")


class Name:
    """A name as it stands in the text.

    Attributes:
        text: its one spelling, with the subscript where that is part of it.
        entry: the ranges of its indices, superscripts like x^{(i)} first; empty for a plain name.
        joined: the name that it is where no index is bound; empty if it can be none.
        tail: what stands behind it: ("^", range), ("'", range), ("superscript", range).
        after: the token behind all of it.
        letters_end: where its letters end in the source, without what stands below and above.
        plain: whether nothing but the letters belongs to it.
    """

    __slots__ = ("after", "end", "entry", "joined", "letters_end", "plain", "start", "tail", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = self.joined = text
        self.start = self.end = self.letters_end = start
        self.entry: list[Range] = []
        self.tail: list[tuple[str, Range]] = []
        self.after = 0
        self.plain = True


class Names:
    """Finds names in matched tokens.

    Args:
        bound: the names that run in a sum somewhere in the text.
        families: what is defined for each value of an index.
    """

    def __init__(
        self,
        tokens: Sequence[Tok],
        partners: Sequence[int],
        source: Source,
        scope: Scope,
        bound: frozenset[str],
        readings: list[Reading],
        families: Collection[str] = (),
    ) -> None:
        self.tokens, self.partners = tokens, partners
        self.source, self.scope, self.bound = source, scope, bound
        self.readings, self.families = readings, families
        self._no_name_before = 0
        # How many bound names, and how many subscripts, stand in front of each token.
        self._bounds = [0, *accumulate(t[0] == "name" and t[1] in bound for t in tokens)]
        self._subscripts = [0, *accumulate(t[0] == "_" for t in tokens)]
        #: Names with a prime that are defined.
        self.primed = {
            f"{before[1]}{'_prime' * len(prime[1])}"
            for before, prime, behind in zip(tokens, tokens[1:], tokens[2:], strict=False)
            if prime[0] == "'" and before[0] == "name" and behind[0] in ("=", "&")
        }
        self._above = Raised(self)
        self.arrays = self._find_arrays() if bound else frozenset[str]()

    def is_bound(self, lo: int, hi: int) -> bool:
        """Whether a bound name occurs in a range."""
        return self._bounds[hi] > self._bounds[lo]

    def _find_arrays(self) -> frozenset[str]:
        """The names with a subscript in which a bound name occurs."""
        found = set()
        for place, (kind, _, _, _) in enumerate(self.tokens):
            if kind not in ("_", "^") or not place:
                continue
            if not self.is_bound(place + 2, self.partners[place + 1]):
                continue
            base, groups = self.indexed(place)
            if base and (kind == "_" or self._above.entries(groups)):
                found.add(base)
        return frozenset(found)

    def indexed(self, place: int) -> tuple[str, list[Range]]:
        """The name in front of a subscript or superscript; what is in brackets in this one."""
        tokens, partners = self.tokens, self.partners
        inner = place + 2, partners[place + 1]
        above = groups = self._above.split(inner)[0] if tokens[place][0] == "^" else []
        before = place - 1
        marks, layer = "", self._above.layer(groups)
        while tokens[before][0] == "}" and partners[before] > 0:
            opening = partners[before]
            if tokens[opening - 1][0] == "accent":
                marks += f"_{tokens[opening - 1][1]}"
            elif tokens[opening - 1][0] in ("_", "^"):
                if tokens[opening - 1][0] == "^":
                    groups, _ = self._above.split((opening + 1, before))
                    layer += self._above.layer(groups)
                before = opening - 1
            before -= 1
        is_name = tokens[before][0] == "name"
        return (tokens[before][1] + marks + layer if is_name else ""), above

    def layer(self, groups: list[Range]) -> str:
        """What indices in brackets above a name, which run nowhere, add to it."""
        return self._above.layer(groups)

    def error(self, message: str, start: int, end: int, help: str) -> GradcalcError:
        return GradcalcError("syntax", message, [Span(start, end)], help=help, source=self.source)

    def note(self, kind: str, message: str, start: int, end: int) -> None:
        self.readings.append(Reading(kind, message, start, end))

    def strip(self, lo: int, hi: int) -> Range:
        """The range without braces around all of it."""
        while lo < hi and self.tokens[lo][0] == "{" and self.partners[lo] == hi - 1:
            lo, hi = lo + 1, hi - 1
        return lo, hi

    def around(self, lo: int, hi: int) -> Range:
        """The places of the first and the last brace around a range, or of what is beside it."""
        first, last = max(0, lo - 1), min(hi, len(self.tokens) - 1)
        while self.tokens[first - 1][0] == "{" and self.partners[first - 1] == last + 1:
            first, last = first - 1, last + 1
        return first, last

    def find(self, place: int, hi: int) -> Name | None:
        """The name that begins at a token, with what belongs to it; None if there is none.

        Raises:
            GradcalcError: ``syntax``, for a mark above something that is no name, and for two
                subscripts.
        """
        tokens, partners = self.tokens, self.partners
        marks: list[str] = []
        ends: list[int] = []
        k = mark = place
        while k < hi:
            kind = tokens[k][0]
            if kind == "accent":
                mark = k if not marks else mark
                marks.append(tokens[k][1])
                ends.append(partners[k + 1])
                k += 2
            elif kind == "{" and k >= self._no_name_before:
                ends.append(partners[k])
                k += 1
            else:
                break
        if k >= hi or tokens[k][0] != "name":
            if k > place:
                self._no_name_before = max(self._no_name_before, k)
            if marks:
                raise self._no_base(mark, ends[-1])
            return None
        base = tokens[k][1]
        name = Name(base + "".join(f"_{mark}" for mark in reversed(marks)), tokens[place][2])
        name.plain = k == place
        name.end = tokens[k][3]
        k += 1
        subscript: Range | None = None
        while ends:
            if tokens[k][0] == "_" and subscript is None:
                subscript = k + 2, partners[k + 1]
                k = partners[k + 1] + 1
            elif k == ends[-1]:
                name.end = tokens[k][3]
                ends.pop()
                k += 1
            elif marks:
                raise self._no_base(mark, ends[-1])
            else:
                self._no_name_before = max(self._no_name_before, k)
                return None
        name.after, name.letters_end = k, name.end
        if k < hi or subscript:
            self._scripts(name, subscript, hi)
        return name

    def _no_base(self, place: int, end: int) -> GradcalcError:
        start, stop = self.tokens[place][2], self.tokens[end][3]
        what = self.source.text[start : self.tokens[place][3]]
        return self.error(f"{what} stands over what is no name", start, stop, f"as in {what}{{y}}")

    def _scripts(self, name: Name, subscript: Range | None, hi: int) -> None:
        """What stands below and above a name, in any order."""
        tokens, partners = self.tokens, self.partners
        k, raised = name.after, False
        layer = ""
        entries: list[Range] = []
        while k < hi:
            kind, word, start, end = tokens[k]
            if kind == "_":
                if subscript is not None:
                    raise self.error("a second subscript", start, end, "write x_{ij} or x_{i,j}")
                subscript = k + 2, partners[k + 1]
                k = partners[k + 1] + 1
            elif kind == "^":
                if raised:
                    raise self.error("a second superscript", start, end, "write x^{a^b} or (x^a)^b")
                raised = True
                inner = self.strip(k + 2, partners[k + 1])
                k = partners[k + 1] + 1
                layer += self._raised(name, inner, entries)
            elif kind == "'":
                primed = f"{name.text}{'_prime' * len(word)}"
                if primed in self.primed or self.scope.is_variable(primed):
                    name.text = primed
                else:
                    name.tail.append((kind, (k, k + 1)))
                    self._note_prime(name, word, start, end)
                k += 1
            elif kind == "superscript":
                name.tail.append((kind, (k, k + 1)))
                k += 1
            else:
                break
        name.after = k
        name.end = max(name.end, tokens[k - 1][3])
        self._note_second_index(name, subscript)
        name.text = name.joined = name.text + layer
        if subscript is not None and entries:
            name.entry = [*entries, subscript]
        elif subscript is not None:
            self._subscript(name, subscript)
        else:
            name.entry = entries
        if layer.replace("_star", ""):
            self._above.note_index(name, bool(entries))

    def _note_second_index(self, name: Name, subscript: Range | None) -> None:
        """Note of W_ij that j, which runs in a sum, is a factor: TeX takes one letter without
        braces."""
        if subscript is None or name.after >= len(self.tokens):
            return
        (_, word, start, end), (lo, hi) = self.tokens[name.after], subscript
        is_single = hi - lo == 1 and self.source.text[self.tokens[lo][2] - 1] == "_"
        if is_single and word in self.bound and start == self.tokens[lo][3]:
            first, whole = self.tokens[lo][1], self.written(name.start, end)
            message = f"{whole} is read as a product with {word}"
            message += f"; for two indices write {name.text}_{{{first}{word}}}"
            self.note("argument", message, name.start, end)

    def _note_prime(self, name: Name, word: str, start: int, end: int) -> None:
        if len(word) > 1:
            help = "write \\frac{\\partial^2 f}{\\partial x^2}, or for another name \\tilde{x}"
            written = f"{name.text}{word}"
            raise self.error(f"{written} is a derivative by what is not said", start, end, help)
        message = f"{name.text}{word} is read as the transpose of {name.text}"
        message += "; for another name write \\tilde or \\bar"
        self.note("transpose", message, name.start, end)

    def _raised(self, name: Name, inner: Range, entries: list[Range]) -> str:
        """What a superscript means; what it adds to the name."""
        tokens, (lo, hi) = self.tokens, inner
        if hi - lo == 1 and (tokens[lo][0] == "star" or tokens[lo][:2] == ("times", "*")):
            return "_star"
        groups, rest = self._above.split(inner)
        behind = self._above.behind(rest)
        if groups and behind is not None and self._above.are_indices(name, groups):
            members = self._above.members(name.text, groups)
            entries += members or self._above.entries(groups)
            layer = self._above.layer(groups[: len(groups) - len(members)])
            return layer + (self._raised(name, behind, entries) if behind[0] < behind[1] else "")
        if groups:
            self._above.note_power(name, groups, rest)
        name.tail.append(("^", inner))
        return ""

    def is_transpose(self, lo: int, hi: int) -> bool:
        """Whether a superscript is T or the like."""
        return hi - lo == 1 and (self.tokens[lo][0] == "top" or self._is_letter_t(lo))

    def may_be_power(self, place: int) -> bool:
        """Whether a transpose is the letter T, and that has a meaning of its own somewhere."""
        is_known = "T" in self.bound or self.scope.is_variable("T")
        return is_known and self._is_letter_t(place)

    def _is_letter_t(self, place: int) -> bool:
        return self.tokens[place][:2] == ("name", "T")

    def _subscript(self, name: Name, inner: Range) -> None:
        lo, hi = inner
        parts = self._part_of_name(lo, hi) if hi - lo <= LONGEST else None
        joined = f"{name.text}_{parts}" if parts else ""
        tokens, scope = self.tokens, self.scope
        end = tokens[hi][3]
        if joined and scope.is_variable(joined):
            name.text = name.joined = joined
            return
        if self.is_bound(lo, hi):
            name.entry, name.joined = [inner], joined
            return
        written = self.written(name.start, end)
        if self._subscripts[hi] > self._subscripts[lo] and self._has_letter_below(lo, hi):
            if joined:
                message = f"{written} is read as an entry of {name.text}, the first of which is 1"
                self.note("entry", message, name.start, end)
            name.entry, name.joined = [inner], ""
            return
        if name.text in self.arrays and (joined or hi - lo > 1):
            message = f"{written} is read as an entry of {name.text}"
            message += ", which has such indices elsewhere"
            if name.text not in self.families:
                self.note("entry", message, name.start, end)
            name.entry, name.joined = [inner], ""
            return
        if not joined:
            message = "this subscript is no part of a name"
            help = "a name has letters and digits below, as in x_1 or x_{ij}"
            raise self.error(message, tokens[lo][2], max(tokens[hi - 1][3], tokens[lo][3]), help)
        name.text = name.joined = joined

    def written(self, start: int, end: int) -> str:
        """A part of the source, for a message."""
        return " ".join(shorten(self.source.text[start : min(end, start + 80)], 40).split())

    def _has_letter_below(self, lo: int, hi: int) -> bool:
        tokens = self.tokens
        return any(
            tokens[k][0] == "_" and tokens[k + 2][0] == "name" and LETTER.match(tokens[k + 2][1])
            for k in range(lo, min(hi - 2, lo + LONGEST))
        )

    def part_of_name(self, lo: int, hi: int) -> str | None:
        """The text of a range as part of a name; None if it cannot be."""
        return self._part_of_name(lo, hi) if hi - lo <= LONGEST else None

    def _part_of_name(self, lo: int, hi: int) -> str | None:
        parts: list[str] = []
        for kind, word, _, _ in self.tokens[lo:hi]:
            if kind in ("name", "number", "function"):
                parts.append(word.replace(".", "_"))
            elif kind == "text":
                parts.append("_".join(re.findall(r"\w+", word)))
            elif kind == "sign":
                parts.append(f"_{SIGN_NAMES[word.replace('−', '-')]}_")
            elif kind in ("star", "times") and word in ("star", "*"):
                parts.append("_star")
            elif kind in (",", ":", "_", ";"):
                parts.append("_")
            elif kind == "accent":
                parts.append(f"_{word}_")
            elif kind not in ("{", "}", "skip", "open", "close"):
                return None
        joined = re.sub("_+", "_", "".join(parts)).strip("_")
        return joined or None
