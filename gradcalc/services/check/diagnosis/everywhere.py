"""Mistakes that can be made at every gate, and slips of the pen."""

from collections.abc import Iterator, Sequence
from typing import Any

from gradcalc.services.check.diagnosis.mistake import (
    ANSWER,
    FACTOR,
    GENERIC,
    RULE,
    SLIP,
    SUM,
    UPSTREAM,
    Gate,
    Mistake,
)


def _local_only(g: Gate, place: int) -> Any:
    local = g.local(place)
    if local is not None:
        if not g.shape:
            return local
        return g.fit(place, g.m.broadcast_to(g.m.cast(local), shape=g.shape))
    return g.pull(place, g.m.cast(g.up * 0.0 + 1.0))


def _upstream_only(g: Gate, place: int) -> Any:
    return g.fit(place, g.up)


def _inner_dropped(g: Gate, place: int) -> Any:
    return g.fit(place, g.up) if g.inner else None


# Of the parts that arrive at a node used more than once; the last is the one added last.


def _last(parts: Sequence[Any], value: Any) -> Iterator[Any]:
    if len(parts) > 1:
        yield parts[-1]


def _one(parts: Sequence[Any], value: Any) -> Iterator[Any]:
    if len(parts) > 1:
        yield from parts


def _all_but_one(parts: Sequence[Any], value: Any) -> Iterator[Any]:
    if len(parts) > 2:
        total = sum(parts[1:], parts[0])
        yield from (total - part for part in parts)


def _twice(parts: Sequence[Any], value: Any) -> Iterator[Any]:
    if len(parts) > 1:
        total = sum(parts[1:], parts[0])
        yield from (total + part for part in parts)


def _value(parts: Sequence[Any], value: Any) -> Iterator[Any]:
    if parts:
        yield value


_ADDS_UP = "A node that is used more than once gets the sum of what arrives from all its uses"
_CHAIN = "What a gate passes on is upstream times local"

ROWS = (
    Mistake(
        "overwritten",
        "contributions are overwritten instead of added",
        SUM,
        (),
        _last,
        "{node} is used more than once, and the part that arrived last replaced the others instead"
        " of being added to them",
        _ADDS_UP,
    ),
    Mistake(
        "one-path-only",
        "only one path is counted",
        SUM,
        (),
        _one,
        "{node} is used more than once, and only one of the paths to it was counted",
        _ADDS_UP,
        habit=False,
    ),
    Mistake(
        "path-forgotten",
        "one of several paths is forgotten",
        SUM,
        (),
        _all_but_one,
        "{node} is used several times, and one of the paths to it was left out",
        _ADDS_UP,
        habit=False,
    ),
    Mistake(
        "path-twice",
        "a path is counted twice",
        SUM,
        (),
        _twice,
        "{node} is used more than once, and one of the paths to it was counted twice",
        _ADDS_UP,
        habit=False,
    ),
    Mistake(
        "inner-derivative-dropped",
        "the inner derivative is dropped",
        RULE,
        (),
        _inner_dropped,
        "{gate} stands inside a function, and its own derivative, the inner one, is missing in the"
        " gradient of {operand}",
        "The chain rule: outer derivative times inner derivative, at every gate on the way",
    ),
    Mistake(
        "local-only",
        "the upstream gradient is forgotten",
        RULE,
        (),
        _local_only,
        "At {gate} the local gradient was passed to {operand} without the upstream gradient",
        f"{_CHAIN}: the upstream gradient was forgotten",
        rank=GENERIC,
    ),
    Mistake(
        "upstream-only",
        "the local gradient is forgotten",
        RULE,
        (),
        _upstream_only,
        "At {gate} the upstream gradient was passed to {operand} without the local gradient",
        f"{_CHAIN}: the local gradient was forgotten",
        rank=GENERIC,
    ),
    Mistake(
        "value-as-gradient",
        "a value is given as the gradient",
        SUM,
        (),
        _value,
        "The value of {node} was given in the place of its gradient",
        "A gradient says how fast the output changes with a node; it is not the node's value",
        rank=GENERIC,
    ),
    Mistake(
        "wrong-upstream",
        "the upstream gradient of another node is used",
        UPSTREAM,
        (),
        None,
        "At {gate} the upstream gradient of {other} was used",
        "The upstream gradient of a gate is the gradient of the gate's own value",
        rank=GENERIC,
        habit=False,
    ),
    Mistake(
        "wrong-factor",
        "the value of another node is used as the factor",
        FACTOR,
        ("mul",),
        None,
        "At {gate} the gradient of {operand} is upstream times {other}, which is not the other"
        " factor",
        "A product switches: the gradient of each factor is upstream times the whole other factor",
        rank=GENERIC,
        habit=False,
    ),
    Mistake(
        "sign-slip",
        "a sign is wrong",
        RULE,
        (),
        lambda g, place: -g.true(place),
        "At {gate} the gradient of {operand} has the wrong sign",
        "Work the product out again, signs first",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "decimal-slip",
        "the decimal point is in the wrong place",
        RULE,
        (),
        lambda g, place: g.true(place) * 10.0,
        "At {gate} the gradient of {operand} is ten times too great",
        "Work the product out again, with an eye on the decimal point",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "decimal-slip-down",
        "the decimal point is in the wrong place",
        RULE,
        (),
        lambda g, place: g.true(place) * 0.1,
        "At {gate} the gradient of {operand} is ten times too small",
        "Work the product out again, with an eye on the decimal point",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "answer-sign",
        "the answer has the wrong sign",
        ANSWER,
        (),
        None,
        "{node} has the right size and the wrong sign",
        "Work the number out again, signs first",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "answer-decimal",
        "the decimal point of the answer is in the wrong place",
        ANSWER,
        (),
        None,
        "{node} has the right digits, with the decimal point in the wrong place",
        "Work the number out again, with an eye on the decimal point",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "answer-digit",
        "one digit of the answer is wrong",
        ANSWER,
        (),
        None,
        "{node} differs in one digit from what it should be",
        "Work the number out again, digit by digit",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "answer-digits-exchanged",
        "two digits of the answer are exchanged",
        ANSWER,
        (),
        None,
        "In {node} two digits that stand side by side are exchanged",
        "Work the number out again, digit by digit",
        rank=SLIP,
        habit=False,
    ),
    Mistake(
        "answer-entry",
        "one entry of the answer is wrong",
        ANSWER,
        (),
        None,
        "One entry of {node} is wrong, and all the others are right",
        "Work this entry out again",
        rank=SLIP,
        habit=False,
    ),
)
