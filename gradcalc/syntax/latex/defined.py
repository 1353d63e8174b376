"""Words of several plain letters that are one name each, for a text defines them: loss = ..."""

import re

from gradcalc.syntax.names import Scope

#: Indices below and above a name, as in dZ^{[2]}; a power has no such brackets.
INDICES = (
    r"(?:[ \t]*+(?:_(?:\{[^{}\n=]*\}|[A-Za-z0-9])"
    r"|\^\{(?:\([^{}\n=]*\)|\[[^{}\n=]*\])\})){1,2}"
)
INDEXED = re.compile(INDICES)
#: What is defined by a plain word of several letters: "loss =", "relu(x) =", "dZ^{[2]} =".
HEAD = re.compile(
    r"(?:^|[\n;,$&=]|\\\\|\\q?quad|\\[\[(]|\\begin\{[a-z]+\*?\})[ \t]*+"
    r"(?:([A-Za-z]{2,})|\\(?:text|mathrm|operatorname)\{([A-Za-z]{2,})\})"
    rf"({INDICES})?+[ \t]*+"
    r"(?:[(\[][^()\[\]+*/^=\n-]*[)\]][ \t]*+)?+&?+[ \t]*+=(?!=)"
)


def defined_words(text: str, start: int, end: int, scope: Scope) -> set[str]:
    """The words that ``text[start:end]`` defines, alone or with indices."""
    return {
        head[1] or head[2]
        for head in HEAD.finditer(text, start, end)
        if not _is_product(head, scope)
        and (head[1] or not _is_known(head[2], text, start, end, scope))
    }


def is_given(word: str, text: str, end: int, scope: Scope) -> bool:
    """Whether a word that ends at ``end`` has a value, alone or with the indices behind it."""
    index = INDEXED.match(text, end) if scope.variables else None
    return scope.is_variable(word) or (
        index is not None and scope.is_variable(_indexed(word, index[0]))
    )


def _is_known(word: str, text: str, start: int, end: int, scope: Scope) -> bool:
    """Whether \\text{ReLU}(x) = ... is about relu: not where its formula has \\relu itself."""
    name = word.lower()
    letter = "|\\\\sigma" if name == "sigmoid" else ""
    used = re.compile(rf"(?:(?<![A-Za-z]){name}(?![A-Za-z]){letter})")
    return scope.is_function(name) and not used.search(text, start, end)


def _is_product(head: re.Match[str], scope: Scope) -> bool:
    """Whether letters with values, the last of which has an index, stand in front of a "="."""
    word, index, known = head[1], head[3], scope.is_variable
    return bool(word and index) and known(_indexed(word[-1], index)) and all(map(known, word[:-1]))


def _indexed(name: str, index: str) -> str:
    """A name with its indices: dZ^{[l-1]} is dZ_l_minus_1."""
    words = index.replace("-", "_minus_").replace("+", "_plus_")
    return "_".join((name, *re.findall("[A-Za-z0-9]+", words)))
