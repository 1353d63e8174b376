"""Special functions that the math module lacks, or computes inaccurately somewhere.

Like gradcalc.engine.floats, which re-exports them, these never raise for any float.
The common cases use floats. The rare ones where floats would lose all accuracy (near
the zeros of a derivative) use fixed-point integers: ``v`` stands for v / 2**bits.
"""

import math

_PI = math.pi
_INF = math.inf
_NAN = math.nan
_SPLITTER = 134217729.0  # 2**27 + 1
_PI_BITS = 256
_BIG_PI = 0x3243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89  # pi * 2**256
_MAX_ORDER = 200.0

# Numerators and denominators of the Bernoulli numbers B(2), B(4), ... B(30).
_BERNOULLI = (
    (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510),
    (43867, 798), (-174611, 330), (854513, 138), (-236364091, 2730), (8553103, 6),
    (-23749461029, 870), (8615841276005, 14322),
)  # fmt: skip

# B(2k) / (2k) for k = 8, 7, ... 1: digamma's asymptotic series in Horner's order.
_DIGAMMA = (
    -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576,
    -0.004166666666666667, 0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
)  # fmt: skip

# Numerator and denominator of Boost's digamma between 1 and 2, in Horner's order.
_DIGAMMA_1_2 = (
    (0.0, -0.55789841321675513e-6), (-0.0020713321167745952, 0.0021284987017821144),
    (-0.045251321448739056, 0.054151797245674225), (-0.28919126444774784, 0.43593529692665969),
    (-0.65031853770896507, 1.4606242909763515), (-0.32555031186804491, 2.0767117023730469),
    (0.25479851061131551, 1.0),
)  # fmt: skip

# (-1)**k * (zeta(k) - 1) / k for k = 26, 25, ... 2.
_LGAMMA = (
    5.731367241678862e-10, -1.1921401405860912e-09, 2.4836745438024785e-09, -5.183475041970047e-09,
    1.0838659214896955e-08, -2.2711094608943164e-08, 4.7698101693639804e-08,
    -1.0043224823968099e-07, 2.1207184805554665e-07, -4.492469198764566e-07, 9.55141213040742e-07,
    -2.039215753801366e-06, 4.374866789907488e-06, -9.439488275268397e-06, 2.050721277567069e-05,
    -4.492623673813314e-05, 9.945751278180853e-05, -0.00022315475845357939, 0.0005096695247430425,
    -0.001192753911703261, 0.0028905103307415234, -0.007385551028673986, 0.020580808427784546,
    -0.0673523010531981, 0.3224670334241132,
)  # fmt: skip


#: 1/n! for n = 6, 5, ... 1, and by how much the float falls short of it.
_EXPM1 = (
    (0.001388888888888889, -5.300543954373577e-20), (0.008333333333333333, 1.1564823173178714e-19),
    (0.041666666666666664, 2.3129646346357427e-18), (0.16666666666666666, 9.25185853854297e-18),
    (0.5, 0.0), (1.0, 0.0),
)  # fmt: skip


def _product_error(x: float, y: float, p: float) -> float:
    """x * y - p exactly, where p is x * y rounded (Dekker, 1971)."""
    c = _SPLITTER * x
    x1 = c - (c - x)
    x2 = x - x1
    c = _SPLITTER * y
    y1 = c - (c - y)
    y2 = y - y1
    return ((x1 * y1 - p) + x1 * y2 + x2 * y1) + x2 * y2


def two_sum(x: float, y: float) -> tuple[float, float]:
    """x + y rounded, and what it lacks (Knuth)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def exp_parts(x: float, rest: float) -> tuple[float, float, float]:
    """Three numbers whose exact sum is exp(x + rest) to twice the digits of a float, for a small
    rest; the first one is a power of two. Of numbers or arrays."""
    k = (1.4426950408889634 * x + 0.5) // 1.0
    # What is left of x; log(2) is in three parts, the first two of so few digits that the products
    # are exact.
    r, more = two_sum(x - k * 0.6931471805592082, -k * 7.371002565161996e-13)
    r, more = r / 64.0, (more + (rest - k * 5.8029889835956905e-25)) / 64.0
    # expm1(r + more) is r + more times a power series, in Horner's order: its first terms as the
    # sums of two numbers.
    head, tail = 1.0 / 5040.0 + r * (1.0 / 40320.0 + r * (1.0 / 362880.0 + r / 3628800.0)), 0.0
    for c, lack in _EXPM1:
        head, tail = _times(head, tail, r, more)
        head, error = two_sum(c, head)
        tail += error + lack
    head, tail = _times(head, tail, r, more)
    for _ in range(6):  # expm1(2x) = 2 expm1(x) + expm1(x)^2
        p, error = _times(head, tail, head, tail)
        head, more = two_sum(2.0 * head, p)
        tail = 2.0 * tail + (error + more)
    power = 2.0**k
    return power, power * head, power * tail


def _times(x: float, x_tail: float, y: float, y_tail: float) -> tuple[float, float]:
    """The product of two sums of two numbers."""
    p = x * y
    return p, _product_error(x, y, p) + (x * y_tail + x_tail * y)


def log_of_sum(near: float, *x: float) -> float:
    """log(sum(exp(x))), which is near to this number: by what the sum lacks of exp(near). Exact
    where it is a difference that all but vanishes."""
    parts = [part for number in x for part in exp_parts(*two_sum(number, -near))]
    return near + math.log1p(math.fsum([-1.0, *parts]))


def gaussian(x: float, scale: float = 1.0) -> float:
    """exp(-scale * x**2), for a scale that is a power of 2. The exponential multiplies the
    rounding error of x**2 by x**2, so that error is computed and compensated."""
    p = x * x
    if p > 1600.0:
        return 0.0
    y = math.exp(-scale * p)
    return y - y * (scale * _product_error(x, x, p))


def normal_pdf(x: float) -> float:
    """Density of the standard normal distribution, exp(-x**2 / 2) / sqrt(2 pi)."""
    return 0.3989422804014327 * gaussian(x, 0.5)


def normal_cdf(x: float) -> float:
    """Distribution function of the standard normal, erfc(-x / sqrt(2)) / 2.

    In the lower tail erfc multiplies the rounding error of x / sqrt(2) by about x**2, so
    that is compensated to first order with erfc'(u) = -2 / sqrt(pi) exp(-u**2)."""
    u = -0.7071067811865476 * x
    if not 0.5 < u < 28.0:
        return 0.5 * math.erfc(u)
    # 4.8e-17 is by how much the constant exceeds 1 / sqrt(2).
    error = _product_error(-0.7071067811865476, x, u) + 4.833646656726457e-17 * x
    return 0.5 * (math.erfc(u) - 1.1283791670955126 * math.exp(-u * u) * error)


def gelu_exponent(x: float) -> tuple[float, float]:
    """u = sqrt(8 / pi) * (x + 0.044715 * x**3) rounded, and what it lacks: an exponential makes
    that u times larger. Of a number or an array; |x| < 1e50."""
    # The small constants are by how much the large ones fall short.
    square = x * x
    cubic = 0.044715 * square
    total, rest = two_sum(1.0, cubic)
    rest += _product_error(0.044715, square, cubic) + 2.1960211427085595e-18 * square
    rest += 0.044715 * _product_error(x, x, square)
    sum = x * total
    rest = _product_error(x, total, sum) + x * rest
    u = 1.5957691216057308 * sum
    rest = 1.5957691216057308 * rest - 9.96930880911092e-17 * sum
    return u, _product_error(1.5957691216057308, sum, u) + rest


def _sinpi(x: float) -> float:
    """sin(pi x) for finite x, from an exact reduction: exactly 0 at integers."""
    r = math.remainder(x, 2.0)
    s = min(math.fabs(r), 1.0 - math.fabs(r))
    return math.copysign(math.cos(_PI * (0.5 - s)) if s > 0.25 else math.sin(_PI * s), r)


def sinc(x: float) -> float:
    """sin(pi x) / (pi x), NumPy's sinc: 1 at 0 and exactly 0 at other integers."""
    if x - x != 0.0:
        return _NAN
    # Adding 0.0 turns -0.0 into 0.0.
    return _sinpi(x) / (_PI * x) + 0.0 if math.fabs(x) > 1e-9 else 1.0


def _quotient(a: int, b: int) -> float:
    """a / b rounded once, infinite where it overflows."""
    try:
        return a / b
    except OverflowError:
        return _INF if (a < 0) == (b < 0) else -_INF


def _fixed_sincos(x: float, bits: int) -> tuple[int, int]:
    """sin(pi x) and cos(pi x) in fixed point, from an exact reduction to a quadrant."""
    x = math.fmod(x, 2.0)
    r = math.remainder(x, 0.5)
    a, b = r.as_integer_ratio()
    t = ((_BIG_PI * a) << bits) // (b << _PI_BITS)
    parts = [0, 0]
    k, term = 0, 1 << bits
    while term:
        parts[k & 1] += -term if k & 2 else term
        k += 1
        # Truncate towards zero: a negative term would otherwise stop at -1, not at 0.
        term = (term * abs(t) >> bits) // k
    cos, sin = parts[0], parts[1] if t > 0 else -parts[1]
    return ((sin, cos), (cos, -sin), (-sin, -cos), (-cos, sin))[int(2.0 * (x - r)) % 4]


def sinc_derivative(n: float, x: float) -> float:
    """The n-th derivative of sinc; nan unless n is one of 0.0, 1.0, ... 200.0.

    With S(t) = sin(t) / t it is pi**n S^(n)(pi x). Below t = n, S^(n)(t) is the sum of
    (-1)**((n + j) / 2) t**j / (j! (n + j + 1)) over the j >= 0 for which n + j is even;
    above, t S^(n)(t) = sin(t + n pi / 2) - n S^(n-1)(t) does not amplify errors."""
    if n == 0.0:
        return sinc(x)
    if not 0.0 < n <= _MAX_ORDER or n != n // 1.0 or x - x != 0.0:
        return _NAN
    order = int(n)
    odd = order & 1
    sign = -1.0 if odd and x < 0.0 else 1.0
    x = math.fabs(x)
    a, b = x.as_integer_ratio()
    # So many that neither the terms of the series (at most e**order) nor t use them up.
    bits = 400 + 5 * order + 2 * abs(math.frexp(x)[1])
    t = ((_BIG_PI * a) << bits) // (b << _PI_BITS)
    total = 0
    if abs(t) >> bits < order:
        j, term = odd, t if odd else 1 << bits
        while term:
            total += (-term if (order + j) & 2 else term) // (order + j + 1)
            j += 2
            term = (term * t * t >> 2 * bits) // (j * (j - 1))
    else:
        sin, cos = _fixed_sincos(x, bits)
        for k in range(order + 1):
            total = (((sin, cos, -sin, -cos)[k & 3] - k * total) << bits) // t
    return sign * _quotient(total * _BIG_PI**order, 1 << bits + _PI_BITS * order)


def lgamma2p(x: float) -> float:
    """log(gamma(2 + x)) for |x| <= 1/2 (DLMF 5.7.3), a number or an array."""
    total = 0.0
    for c in _LGAMMA:
        total = total * x + c
    return x * (0.42278433509846713 + x * total)


def lgamma(x: float) -> float:
    """log(abs(gamma(x))), infinite at 0, negative integers and infinities. Near its zeros
    at negative x only the absolute error is small: a few ulps of lgamma(-x)."""
    if -0.5 <= x < 5.0 and x != 0.0:
        if x >= 2.5:
            return lgamma(x - 1.0) + math.log(x - 1.0)
        if x >= 1.5:
            return lgamma2p(x - 2.0)
        if x >= 0.5:
            return lgamma2p(x - 1.0) - math.log1p(x - 1.0)
        return lgamma2p(x) - math.log1p(x) - math.log(math.fabs(x))
    if -1e15 < x < 0.0 and x != x // 1.0:
        return math.log(_PI / math.fabs(x * _sinpi(x))) - lgamma(-x)
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):
        return _INF


def digamma(x: float) -> float:
    """The derivative of lgamma, by DLMF 5.5.2 and 5.11.2. Between 1 and 2 it is Boost's
    rational function, with the root near 1.46 as a factor in three parts."""
    if not x > 1e-300:
        if -1e15 < x < -1.0 and x != x // 1.0:
            above = digamma(1.0 - x)
            below = above - _PI * _sinpi(x + 0.5) / _sinpi(x)
            if math.fabs(below) > math.fabs(above):
                return below
        return polygamma(0.0, x)
    if x >= 10.0:
        z = 1.0 / x
        z *= z
        total = 0.0
        for c in _DIGAMMA:
            total = (total + c) * z
        return math.log(x) - (0.5 / x + total) if x < _INF else x
    total = 0.0
    while x > 2.0:
        x -= 1.0
        total += 1.0 / x
    if x < 1.0:
        total -= 1.0 / x
    else:
        x -= 1.0
    p = q = 0.0
    for c, d in _DIGAMMA_1_2:
        p = p * x + c
        q = q * x + d
    root = ((x - 0.4616321446374059) - 3.309564688275257e-10) - 9.016312093258696e-20
    return total + root * (0.99558162689208984 + p / q)


def _fixed_log(x: float, v: int, bits: int) -> int:
    """log(v), where x is about v: a Newton step of second order from math.log(x)."""
    a, b = math.log(x).as_integer_ratio()
    y = (a << bits) // b
    exp, term, k = 0, 1 << bits, 0
    while term:
        exp += term
        k += 1
        term = (term * y >> bits) // k
    d = (v << bits) // exp - (1 << bits)
    return y + d - (d * d >> bits + 1)


def _fixed_polygamma(n: int, a: int, b: int, bits: int) -> int:
    """psi^(n)(a / b), a / b > 0: the recurrence and asymptotic series DLMF 5.15.5, 5.15.8."""
    one = 1 << bits
    v = (a << bits) // b
    total = 0
    factorial = math.factorial(n)
    while v >> bits < 30 + 2 * n:
        total += factorial * _power((one << bits) // v, n + 1, bits)
        v += one
    z = (one << bits) // v
    power = _power(z, n, bits)
    total += factorial * (power * z >> bits) // 2
    total += math.factorial(n - 1) * power if n else -_fixed_log(v / one, v, bits)
    for k, (top, bottom) in enumerate(_BERNOULLI, 1):
        power = (power * z >> bits) * z >> bits
        total += top * math.factorial(2 * k + n - 1) * power // (bottom * math.factorial(2 * k))
    return total if n & 1 else -total


def _power(v: int, n: int, bits: int) -> int:
    """v**n."""
    result = 1 << bits
    for bit in f"{n:b}":
        result = result * result * (v if bit == "1" else 1 << bits) >> 2 * bits
    return result


def polygamma(n: float, x: float) -> float:
    """The n-th derivative of digamma; nan unless n is one of 0.0, 1.0, ... 200.0. At the
    poles it is infinite where both sides agree or zero has a sign, else nan.

    Negative x are reflected: psi^(n)(x) = (-1)**n psi^(n)(1 - x) - d^n/dx^n pi cot(pi x)
    (DLMF 5.15.6), where d/dx P(cot(pi x)) = -pi (1 + cot**2) P'(cot)."""
    if not 0.0 <= n <= _MAX_ORDER or n != n // 1.0 or not x > -_INF:
        return _NAN
    if n == 0.0 and x > 1e-300:
        return digamma(x)
    order = int(n)
    odd = order & 1
    if x <= 0.0 and x == x // 1.0:
        return _INF if odd else math.copysign(_INF, -x) if x == 0.0 else _NAN
    # Near 0 the value is about n! / x**(n + 1), at infinity about (n - 1)! / x**n. Where
    # floats cannot hold that, neither should integers: they would be long.
    scale = math.log(math.fabs(x))
    if math.fabs(x) < 0.25 and math.lgamma(n + 1.0) - (n + 1.0) * scale > 750.0:
        return _INF if odd or x < 0.0 else -_INF
    if x > 1.0 and math.lgamma(n) - n * scale + n < -800.0:
        return 0.0 if odd else -0.0
    a, b = float(x).as_integer_ratio()
    bits = 320 + (order + 2) * (abs(math.frexp(x)[1]) + 8 + order.bit_length())
    if x > 0.0:
        return _quotient(_fixed_polygamma(order, a, b, bits), 1 << bits)
    sin, cos = _fixed_sincos(x, bits)
    cot = (cos << bits) // sin
    polynomial = [0, 1]  # coefficients of P, from P(c) = c
    for _ in range(order):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [-p - q for p, q in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    total = 0
    for c in reversed(polynomial):
        total = (total * cot >> bits) + (c << bits)
    total = total * _BIG_PI ** (order + 1) >> _PI_BITS * (order + 1)
    value = _fixed_polygamma(order, b - a, b, bits)
    return _quotient((-value if odd else value) - total, 1 << bits)
