"""Zero times infinity in arrays: where no gradient arrives, none goes on."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from gradcalc.ops.shapes import Axis


class Zeros:
    """The part of an algebra, of arrays or of nodes, that keeps zeros in sums of products."""

    def whole(self, x: Any) -> bool:
        """Whether nothing is nan, or nobody wants to know."""
        raise NotImplementedError

    def masked(
        self,
        downstream: Any,
        rule: Callable[..., Any],
        upstream: Any,
        value: Any,
        inputs: Sequence[Any],
        place: int,
        settings: Mapping[str, Any],
    ) -> Any:
        """The downstream gradient of a bilinear gate, without the nan of a zero that meets an
        infinity.

        Each of its entries is a sum of products of an upstream gradient with a factor from the
        other operand. The products that are not finite are counted by the same rule, run on zeros
        and ones: those that are inf, -inf and nan. What is left is a sum of finite products.

        Args:
            rule: for the operand at ``place``. What follows the two that are multiplied, such as a
                bias, gets sums of upstream gradients, in which no factor meets a zero.
        """
        if place > 1 or self.whole(downstream):
            return downstream
        m: Any = self
        factor = inputs[1 - place]

        def run(g: Any, x: Any) -> Any:
            operands = list(inputs)
            operands[1 - place] = x
            return rule(m, g, value, *operands, **settings)

        def counted(sign: float) -> Any:
            """The products that are infinite, with this sign."""
            return (
                run(m.gt(upstream, 0.0), m.eq(factor, sign * inf))
                + run(m.lt(upstream, 0.0), m.eq(factor, sign * -inf))
                + run(m.eq(upstream, sign * inf), m.gt(factor, 0.0))
                + run(m.eq(upstream, sign * -inf), m.lt(factor, 0.0))
            )

        unknown = (
            run(m.ne(upstream, 0.0), m.ne(factor, factor))
            + run(m.ne(upstream, upstream), m.eq(factor, factor))
            + run(m.eq(m.abs(upstream), inf), m.eq(factor, 0.0))
        )
        above, below = counted(1.0), counted(-1.0)
        rest = run(_finite(m, upstream), _finite(m, factor))
        found = m.where(above, inf, m.where(below, -inf, rest))
        # There it is nan, and so are its derivatives, which those of a number are not.
        return m.where(unknown + above * below, downstream, found)

    def silenced(self, upstream: Any, downstream: Any, axis: Axis) -> Any:
        """The downstream gradient, but 0 where nothing arrives in a whole row, column or matrix."""
        if self.whole(downstream):
            return downstream
        m: Any = self
        some = m.amax(m.ne(upstream, 0.0), axis=axis, keepdims=True)
        return m.where(some, downstream, 0.0)


def _finite(m: Any, x: Any) -> Any:
    """The entries that are finite, 0 in place of the others."""
    return m.where(m.lt(m.abs(x), inf), x, 0.0)
