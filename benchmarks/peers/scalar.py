"""Backpropagation over Python objects, one a number, as teaching engines in the style of Andrej
Karpathy's micrograd do it: each number remembers its operands and how to hand its gradient to them,
and the order comes from a recursive walk of the graph."""

from __future__ import annotations

import math
from collections.abc import Callable

from benchmarks.peers.own import Function, Functions, Make, Run, total


class Number:
    """A number that knows where it came from."""

    def __init__(self, data: float, parents: tuple[Number, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.hand_down: Callable[[], None] = lambda: None

    def _result(self, data: float, *pairs: tuple[Number, float]) -> Number:
        """A number computed from others, given with the local gradient by each."""
        out = Number(data, tuple([parent for parent, _ in pairs]))

        def hand_down() -> None:
            for parent, local in pairs:
                parent.grad += local * out.grad

        out.hand_down = hand_down
        return out

    def __add__(self, other: Number | float) -> Number:
        other = other if isinstance(other, Number) else Number(other)
        return self._result(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other: Number | float) -> Number:
        other = other if isinstance(other, Number) else Number(other)
        return self._result(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, other: Number) -> Number:
        power = self.data**other.data
        by_base = other.data * self.data ** (other.data - 1.0)
        return self._result(power, (self, by_base), (other, power * math.log(self.data)))

    __radd__ = __add__
    __rmul__ = __mul__

    def sin(self) -> Number:
        return self._result(math.sin(self.data), (self, math.cos(self.data)))

    def tanh(self) -> Number:
        t = math.tanh(self.data)
        return self._result(t, (self, 1.0 - t * t))

    def backward(self) -> None:
        """Set ``grad`` of every number that this one was computed from."""
        order: list[Number] = []
        seen: set[Number] = set()

        def visit(number: Number) -> None:
            if number not in seen:
                seen.add(number)
                for parent in number.parents:
                    visit(parent)
                order.append(number)

        visit(self)
        self.grad = 1.0
        for number in reversed(order):
            number.hand_down()


def load() -> Make:
    """The engine behind the call of the peers."""
    functions: Functions = {"sin": Number.sin, "tanh": Number.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        def run() -> tuple[float, list[float]]:
            x = [Number(value) for value in values]
            output = function(x, functions)
            output.backward()
            return output.data, [number.grad for number in x]

        return run

    return make
