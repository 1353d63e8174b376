"""Zero times infinity in products of arrays: where no gradient arrives, none goes on."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, nan
from typing import Any


def masked(
    m: Any,
    rule: Callable[..., Any],
    upstream: Any,
    value: Any,
    inputs: Sequence[Any],
    place: int,
    settings: Mapping[str, Any],
) -> Any:
    """The downstream gradient of a bilinear gate, without the nan of a zero that meets an infinity.

    Each of its entries is a sum of products of an upstream gradient with a factor from the other
    operand. The products that are not finite are counted by the same rule, run on zeros and ones:
    those that are inf, -inf and nan. What is left is a sum of finite products.

    Args:
        m: an algebra, of arrays or of nodes.
        rule: for the operand at ``place``, one of the two ``inputs``.
    """
    factor = inputs[1 - place]

    def run(g: Any, x: Any) -> Any:
        operands = (inputs[0], x) if place == 0 else (x, inputs[1])
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
    return m.where(unknown + above * below, nan, found)


def _finite(m: Any, x: Any) -> Any:
    """The entries that are finite, 0 in place of the others."""
    return m.where(m.lt(m.abs(x), inf), x, 0.0)
