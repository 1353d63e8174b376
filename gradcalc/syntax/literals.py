"""Values as the language writes them: numbers, and arrays as nested lists."""

import re
from collections.abc import Sequence
from typing import Any

from gradcalc.syntax.printer import format_number

EXPONENT = re.compile(r"e(?:\+|(-))0*")


def format_value(value: Any, digits: int | None = None) -> str:
    """A number, or an array as ``[[1, 2], [3, 4]]`` on one line, all of it.

    Read as a value, the text gives the same shape and, without ``digits``, the same numbers. (An
    empty array whose sizes lists cannot have is written as ``zeros(0, 3)``.)
    """
    if not getattr(value, "shape", ()):
        return format_number(value, digits)
    if not value.size:
        return _empty(value.shape)
    texts = _texts(_numbers(value), digits)
    for size in reversed(value.shape):
        texts = [f"[{', '.join(texts[i : i + size])}]" for i in range(0, len(texts), size)]
    return texts[0]


def _numbers(array: Any) -> list[float]:
    """The entries; truth values are 1 and 0."""
    flat = array.ravel()
    numbers: list[float] = (flat if flat.dtype.kind == "f" else flat * 1.0).tolist()
    return numbers


def _texts(numbers: Sequence[float], digits: int | None) -> list[str]:
    """Each number as :func:`format_number` writes it; of millions of them in little time."""
    if digits is not None:
        return [format_number(x, digits) for x in numbers]
    text = f"{', '.join(map(repr, numbers))},".replace(".0,", ",")[:-1]
    return (EXPONENT.sub(r"e\1", text) if "e" in text else text).split(", ")


def _empty(shape: tuple[int, ...]) -> str:
    if 0 in shape[:-1]:
        return f"zeros({', '.join(map(str, shape))})"
    text = "[]"
    for size in reversed(shape[:-1]):
        text = f"[{', '.join([text] * size)}]"
    return text


def format_array(value: Any, most: int, digits: int | None = None) -> str:
    """An array on one line; one of more than ``most`` entries by its first ones: ``[1, 2, …]``."""
    size = 1
    for n in value.shape:
        size *= n
    if size <= most:
        return format_value(value, digits)
    first = value[(0,) * (value.ndim - 1)][: max(1, most // 3)]
    inner = ", ".join(format_number(x, digits) for x in _numbers(first))
    text = f"[{inner}, …]" if first.size < value.shape[-1] else f"[{inner}]"
    for n in reversed(value.shape[:-1]):
        text = f"[{text}, …]" if n > 1 else f"[{text}]"
    return text
