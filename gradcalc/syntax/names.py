"""Names: their one spelling, and which of them are known where."""

import re
import unicodedata
from collections.abc import Collection, Iterable

SUBSCRIPT_CHARACTERS = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ"
SUBSCRIPTS = dict(zip(map(ord, SUBSCRIPT_CHARACTERS), "0123456789aeoxhklmnpstijruv", strict=True))
#: Where a run of subscripts begins.
SUBSCRIPT_RUN = re.compile(f"(?<=[^_{SUBSCRIPT_CHARACTERS}])(?=[{SUBSCRIPT_CHARACTERS}])")
#: What is raised, a power or the sign of a transpose, and no part of a name.
RAISED = "²³¹⁰-ⁿᴬ-ᵡ"
UNRAISED_RUN = re.compile(f"[^{RAISED}]+")

#: Names that are numbers unless the user gives them a value.
CONSTANTS = {
    "pi": 3.141592653589793,
    "π": 3.141592653589793,
    "e": 2.718281828459045,
    "tau": 6.283185307179586,
    "τ": 6.283185307179586,
    "inf": float("inf"),
    "nan": float("nan"),
}
#: Constants that are no factor of a word: "ex" is a name, not e*x.
NO_FACTORS = frozenset(("e", "inf", "nan"))
#: Values of settings, as in sum(x, axis=None): no products of names, whatever has a value.
SETTINGS = frozenset(("None", "True", "False"))
#: A longer word is not tried as a product of names.
LONGEST_PRODUCT = 64
#: A longer word is left as it is: sorting its accents takes time quadratic in their number.
LONGEST_NORMALISED = 1000


def canonical(name: str) -> str:
    """The one spelling of a name: ``x₁`` is ``x_1``, the rest is normalised by Unicode's NFKC.

    What is raised stays: ``x²`` is no name, and not ``x2``.
    """
    if name.isascii() or len(name) > LONGEST_NORMALISED:
        return name
    name = SUBSCRIPT_RUN.sub("_", name).translate(SUBSCRIPTS)
    return UNRAISED_RUN.sub(lambda run: unicodedata.normalize("NFKC", run[0]), name)


def is_name(text: str) -> bool:
    """Whether a text is a name in its one spelling: not ``xᵀ``, which Python takes for one."""
    return text.isidentifier() and (text.isascii() or UNRAISED_RUN.fullmatch(text) is not None)


class Scope:
    """What the names mean at the point of the text that has been read so far.

    Args:
        variables: names that have a value from outside (the command line).
        functions: the functions of the language.
    """

    def __init__(self, variables: Iterable[str], functions: Collection[str]) -> None:
        self.variables = {*variables}
        self.places: dict[str, tuple[int, int]] = {}  # of the heads that define variables
        self.functions: set[str] = set()  # those of the program, and known ones of the language
        self._language = functions
        self.parameters: dict[str, None] = {}

    def is_variable(self, name: str) -> bool:
        return name in self.variables or name in self.parameters

    def is_function(self, name: str) -> bool:
        if self.is_variable(name):
            return False
        if name not in self.functions:
            if name not in self._language:
                return False
            self.functions.add(name)
        return True

    def product(self, word: str) -> list[str]:
        """The names whose product an undefined word is: the one way to split it, else nothing."""
        if len(word) > LONGEST_PRODUCT or word in SETTINGS:
            return []
        # ways[k]: in how many ways word[:k] splits; last[k]: where the last piece of one starts.
        ways = [1] + [0] * len(word)
        last = [0] * (len(word) + 1)
        for stop in range(1, len(word) + 1):
            for start in range(stop):
                if ways[start] and self._is_factor(word[start:stop]):
                    ways[stop] += ways[start]
                    last[stop] = start
        if ways[-1] != 1:
            return []
        pieces: list[str] = []
        stop = len(word)
        while stop:
            pieces.append(word[last[stop] : stop])
            stop = last[stop]
        return pieces[::-1]

    def _is_factor(self, word: str) -> bool:
        return self.is_variable(word) or (word in CONSTANTS and word not in NO_FACTORS)
