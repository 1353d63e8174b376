"""Activation functions of neural networks and losses on a scalar, named as in PyTorch.

The derivative of ``sigmoid`` is written sigmoid(x)*sigmoid(-x), which is
sigmoid(x)*(1 - sigmoid(x)) without its cancellation for large x. A factor that vanishes at an
infinity comes first in a ``chain``: it is 0 there, whatever the other factor.
"""

from typing import Any

from gradcalc.ops.row import Domain, Kink, Row

INF, NAN = float("inf"), float("nan")

_ANY = ((0.5,), (-2.0,), (1e-300,), (-1e-10,), (30.0,), (-40.0,), (700.0,), (-700.0,))
_KINKED = ((0.5,), (-2.0,), (0.0,), (1e-300,), (-1e-10,), (-30.0,))

#: Klambauer et al., "Self-Normalizing Neural Networks" (2017), equation 14.
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717
#: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).
GELU_CUBIC = 0.044715
GELU_SLOPE = 0.134145  # 3 GELU_CUBIC


def _gelu_tanh_exponent(m: Any, x: Any) -> Any:
    # (1 + tanh(u))/2 is sigmoid(2u), which does not cancel for u < 0; sqrt(8/pi) is 2 sqrt(2/pi).
    return m.sqrt(m.div(8.0, 3.141592653589793)) * (x + GELU_CUBIC * (x * x * x))


def _gelu_tanh_rule(m: Any, v: Any, x: Any) -> Any:
    u = _gelu_tanh_exponent(m, x)
    slope = m.sqrt(m.div(8.0, 3.141592653589793)) * (1.0 + GELU_SLOPE * (x * x))
    return m.sigmoid(u) + m.chain(m.chain(m.sigmoid(-u), v), slope)


def _mish_rule(m: Any, v: Any, x: Any) -> Any:
    soft = m.softplus(x)
    return m.tanh(soft) + m.chain(m.square(m.sech(soft)), m.silu(x))


def _bce(m: Any, p: Any, y: Any) -> Any:
    # Subtracted, so that no cost is 0 and not -0.
    cost = 0.0 - (m.chain(y, m.log(p)) + m.chain(1.0 - y, m.log1p(-p)))
    # A label of 0 or 1 takes one logarithm only, which may well have a value for no probability.
    return m.where(m.le(m.abs(p - 0.5), 0.5), cost, NAN)


ROWS = (
    Row(
        "relu",
        ("x",),
        "rectified linear unit; routes the upstream gradient where x is positive",
        "max(0, x)",
        "router",
        lambda m, x: m.maximum(x, 0.0),
        (lambda m, v, x: m.gt(x, 0.0),),
        _KINKED,
        kink=Kink(lambda x: x == 0, "x = 0", "relu'(0) = 0", lambda x: (0.0, 1.0)),
    ),
    Row(
        "leaky_relu",
        ("x", "slope"),
        "x where it is positive, else slope*x",
        "where(x > 0, x, slope*x)",
        "scaler",
        lambda m, x, slope: m.where(m.gt(x, 0.0), x, slope * x),
        (
            lambda m, v, x, slope: m.where(m.gt(x, 0.0), 1.0, slope),
            lambda m, v, x, slope: m.minimum(x, 0.0),
        ),
        ((-2.0, 0.01), (3.0, 0.01), (0.0, 0.01), (-1e-10, 0.2)),
        defaults=(0.01,),
        kink=Kink(
            lambda x, slope: (x == 0) & (slope != 1),
            "x = 0",
            "leaky_relu'(0) = slope, the least of the valid values for a slope from 0 to 1",
            lambda x, slope: (min(slope, 1.0), max(slope, 1.0)),
        ),
    ),
    Row(
        "elu",
        ("x", "alpha"),
        "exponential linear unit",
        "where(x > 0, x, alpha*expm1(x))",
        "scaler",
        lambda m, x, alpha: m.where(m.gt(x, 0.0), x, alpha * m.expm1(m.minimum(x, 0.0))),
        (
            lambda m, v, x, alpha: m.where(
                m.gt(x, 0.0), 1.0, m.where(m.eq(x, 0.0), m.minimum(alpha, 1.0), alpha * m.exp(x))
            ),
            lambda m, v, x, alpha: m.expm1(m.minimum(x, 0.0)),
        ),
        ((-2.0, 1.0), (3.0, 1.0), (0.0, 1.0), (-1e-10, 0.5), (-40.0, 2.0)),
        defaults=(1.0,),
        kink=Kink(
            lambda x, alpha: (x == 0) & (alpha != 1),
            "x = 0 and alpha != 1",
            "elu'(0) = min(alpha, 1)",
            lambda x, alpha: (min(alpha, 1.0), max(alpha, 1.0)),
        ),
    ),
    Row(
        "selu",
        ("x",),
        "scaled exponential linear unit (Klambauer et al. 2017)",
        f"{SELU_SCALE!r}*where(x > 0, x, {SELU_ALPHA!r}*expm1(x))",
        "scaler",
        lambda m, x: m.where(
            m.gt(x, 0.0),
            SELU_SCALE * x,
            SELU_SCALE * SELU_ALPHA * m.expm1(m.minimum(x, 0.0)),
        ),
        (lambda m, v, x: m.where(m.ge(x, 0.0), SELU_SCALE, SELU_SCALE * SELU_ALPHA * m.exp(x)),),
        _KINKED,
        kink=Kink(
            lambda x: x == 0,
            "x = 0",
            "selu'(0) = scale = 1.0507, the least of the valid values",
            lambda x: (SELU_SCALE, SELU_SCALE * SELU_ALPHA),
        ),
    ),
    Row(
        "sigmoid",
        ("x",),
        "logistic function; sigmoid(-x) is 1 - sigmoid(x)",
        "1/(1 + e^-x)",
        "scaler",
        lambda m, x: m.sigmoid(x),
        (lambda m, v, x: v * m.sigmoid(-x),),
        _ANY,
        aliases=("σ", "logistic", "expit"),
    ),
    Row(
        "log_sigmoid",
        ("x",),
        "logarithm of the logistic function",
        "-softplus(-x)",
        "scaler",
        lambda m, x: -m.softplus(-x),
        (lambda m, v, x: m.sigmoid(-x),),
        _ANY,
        aliases=("logsigmoid",),
    ),
    Row(
        "softplus",
        ("x",),
        "log(1 + e^x), a smooth relu",
        "max(x, 0) + log1p(e^-abs(x))",
        "scaler",
        lambda m, x: m.softplus(x),
        (lambda m, v, x: m.sigmoid(x),),
        _ANY,
    ),
    Row(
        "softsign",
        ("x",),
        "x/(1 + |x|)",
        "x/(1 + abs(x))",
        "scaler",
        lambda m, x: m.where(m.eq(m.abs(x), INF), m.sign(x), m.div(x, 1.0 + m.abs(x))),
        (lambda m, v, x: m.square(m.div(1.0, 1.0 + m.abs(x))),),
        _ANY,
    ),
    Row(
        "silu",
        ("x",),
        "x*sigmoid(x)",
        "x*sigmoid(x)",
        "scaler",
        lambda m, x: m.silu(x),
        (lambda m, v, x: m.sigmoid(x) + m.chain(m.sigmoid(-x), v),),
        _ANY,
        aliases=("swish",),
    ),
    Row(
        "mish",
        ("x",),
        "x*tanh(softplus(x)) (Misra 2019)",
        "x*tanh(softplus(x))",
        "scaler",
        lambda m, x: m.mish(x),
        (_mish_rule,),
        _ANY,
    ),
    Row(
        "gelu",
        ("x",),
        "x times the standard normal distribution function (Hendrycks and Gimpel 2016)",
        "x*normal_cdf(x)",
        "scaler",
        lambda m, x: m.chain(m.normal_cdf(x), x),
        (lambda m, v, x: m.normal_cdf(x) + m.chain(m.normal_pdf(x), x),),
        ((0.5,), (-2.0,), (1e-300,), (-10.0,), (-37.0,), (30.0,)),
    ),
    Row(
        "gelu_tanh",
        ("x",),
        "gelu in its tanh form",
        "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2",
        "scaler",
        lambda m, x: m.gelu_tanh(x),
        (_gelu_tanh_rule,),
        ((0.5,), (-2.0,), (1e-300,), (-5.0,), (30.0,)),
    ),
    Row(
        "hard_sigmoid",
        ("x",),
        "piecewise linear sigmoid: 0 up to -3, 1 from 3",
        "clip(x/6 + 1/2, 0, 1)",
        "scaler",
        lambda m, x: m.minimum(m.maximum(m.div(x + 3.0, 6.0), 0.0), 1.0),
        (lambda m, v, x: m.div(m.lt(m.abs(x), 3.0), 6.0),),
        ((0.5,), (-2.0,), (3.0,), (-3.0,), (10.0,), (-1e-10,)),
        aliases=("hardsigmoid",),
        kink=Kink(
            lambda x: abs(x) == 3,
            "x = -3 or x = 3",
            "hard_sigmoid'(-3) = hard_sigmoid'(3) = 0",
            lambda x: (0.0, 1.0 / 6.0),
        ),
    ),
    Row(
        "hard_tanh",
        ("x",),
        "x, but at least -1 and at most 1",
        "clip(x, -1, 1)",
        "router",
        lambda m, x: m.minimum(m.maximum(x, -1.0), 1.0),
        (lambda m, v, x: m.lt(m.abs(x), 1.0),),
        ((0.5,), (-2.0,), (1.0,), (-1.0,), (1e-300,)),
        aliases=("hardtanh",),
        kink=Kink(
            lambda x: abs(x) == 1,
            "x = -1 or x = 1",
            "hard_tanh'(-1) = hard_tanh'(1) = 0",
            lambda x: (0.0, 1.0),
        ),
    ),
    Row(
        "bce",
        ("p", "y"),
        "binary cross-entropy of the probability p for the label y",
        "-(y*log(p) + (1 - y)*log1p(-p))",
        "scaler",
        _bce,
        (
            lambda m, v, p, y: m.over(1.0 - y, 1.0 - p) - m.over(y, p),
            lambda m, v, p, y: m.log1p(-p) - m.log(p),
        ),
        ((0.8, 1.0), (0.3, 0.0), (1e-10, 1.0), (0.7, 0.25), (1.0, 1.0)),
        aliases=("binary_cross_entropy",),
        domain=Domain(lambda p, y: (p >= 0) & (p <= 1), "0 <= p <= 1"),
    ),
    Row(
        "bce_with_logits",
        ("z", "y"),
        "binary cross-entropy of sigmoid(z) for the label y",
        "(1 - y)*softplus(z) + y*softplus(-z)",
        "scaler",
        lambda m, z, y: m.chain(1.0 - y, m.softplus(z)) + m.chain(y, m.softplus(-z)),
        (
            lambda m, v, z, y: (1.0 - y) * m.sigmoid(z) - y * m.sigmoid(-z),
            lambda m, v, z, y: -z,
        ),
        ((0.8, 1.0), (-0.3, 0.0), (700.0, 1.0), (-700.0, 1.0), (3.0, 0.25)),
    ),
    Row(
        "hinge",
        ("s", "y"),
        "hinge loss of the score s for the label y = -1 or 1",
        "max(0, 1 - y*s)",
        "router",
        lambda m, s, y: m.maximum(1.0 - y * s, 0.0),
        (
            lambda m, v, s, y: -(m.gt(1.0 - y * s, 0.0) * y),
            lambda m, v, s, y: -(m.gt(1.0 - y * s, 0.0) * s),
        ),
        ((0.3, 1.0), (2.0, 1.0), (-0.5, -1.0), (0.5, -1.0), (1.0, 1.0)),
        aliases=("hinge_loss",),
        kink=Kink(
            lambda s, y: s * y == 1,
            "y*s = 1",
            "0 where the margin is met exactly",
            lambda s, y: (min(0.0, -y), max(0.0, -y)),
        ),
    ),
    Row(
        "squared_error",
        ("p", "y"),
        "squared difference of prediction and target",
        "(p - y)^2",
        "scaler",
        lambda m, p, y: m.square(p - y),
        (lambda m, v, p, y: 2.0 * (p - y), lambda m, v, p, y: -2.0 * (p - y)),
        ((3.0, 1.0), (-0.5, 0.25), (1e150, 1.0)),
    ),
)
