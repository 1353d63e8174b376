"""The operands in the text of a call, as far as they can be told without reading all of it."""

import re
from collections.abc import Sequence

TRANSPOSED = re.compile(r"(?<=[\w)\]])\.m?T\b")
KEYWORD = re.compile(r"([^\W\d]\w*)[ \t]*=(?!=)[ \t]*")
INTEGER = re.compile(r"[-+]?\d+")
AXES = re.compile(r"[-+]?\d+|[(\[][-+\d, ]*[)\]]")
#: A size in brackets or without, and what is no operand.
ONE_SIZE = re.compile(r"\d+|[(\[]\d+,?[)\]]")
SWITCH = re.compile(r"None|True|False")
NO_OPERAND = re.compile(r"None|True|False|[\"'*].*|[^(\[]*:.*")
NUMBER = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?")
#: What an operand that needs no brackets in a product begins with.
ATOM = re.compile(r"\d[\d.]*\Z|[^\W\d][\w.]*|(?=[(\[])")
#: A longer call is not looked through.
LONGEST_CALL = 1000


class Operand(str):
    """A text to be put into another one: as it is, as a ``factor``, or what is ``inner``."""

    def __format__(self, form: str) -> str:
        if form == "factor" and not is_factor(self):
            return f"({self})"
        if form == "inner" and _is_bracketed(self):
            return self[1:-1].rstrip(", ") or "..."
        return str(self)


def bracketed(text: str, at: int) -> tuple[list[str], int]:
    """What stands between the brackets at a place, and where they end (0: not seen)."""
    depth, start = 0, at + 1
    items: list[str] = []
    for place in range(at, min(len(text), at + LONGEST_CALL)):
        character = text[place]
        depth += (character in "([") - (character in ")]")
        if not depth or (depth == 1 and character == ","):
            item = TRANSPOSED.sub("'", " ".join(text[start:place].split()))
            items += [item] if item else []
            start = place + 1
        if not depth:
            return items, start
    return ["..."], 0


def opening(text: str, at: int) -> int:
    """Where the bracket is that a place of a text is in; -1 if that is not seen."""
    depth = 0
    for place in range(at - 1, max(-1, at - LONGEST_CALL), -1):
        depth += (text[place] in ")]") - (text[place] in "([")
        if depth < 0:
            return place
    return -1


def _is_bracketed(text: str) -> bool:
    """Whether a text begins with a bracket that is closed at its end."""
    return text.startswith(("(", "[")) and bracketed(text, 0)[1] == len(text)


def is_list(text: str) -> bool:
    """Whether a text is a list of operands: in brackets, with a comma, and not of numbers."""
    if not _is_bracketed(text):
        return False
    items, _ = bracketed(text, 0)
    return (len(items) > 1 or text[:-1].endswith(",")) and not any(map(NUMBER.fullmatch, items))


def is_factor(text: str) -> bool:
    """Whether a text needs no brackets in a product: a number, a name, a call, an index."""
    atom = ATOM.match(text)
    if not atom:
        return False
    at = atom.end()
    for bracket in ("(", "["):
        while text.startswith(bracket, at):
            _, at = bracketed(text, at)
            if not at:
                return False
            if bracket == "(":
                break
    return not text[at:].strip("'")


def parted(argument: str) -> tuple[str, str]:
    """The name of the parameter, nothing if it is not given, and the value of an argument."""
    keyword = KEYWORD.match(argument)
    return (keyword[1], argument[keyword.end() :]) if keyword else ("", argument)


def plain(arguments: Sequence[str]) -> list[str]:
    """The arguments without the names of their parameters."""
    return [parted(argument)[1] for argument in arguments]
