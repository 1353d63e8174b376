"""The algebra on NumPy arrays: what rules call when values are arrays.

An :class:`Arrays` has the functions of :mod:`gradcalc.engine.floats`, under the same names and
with the same values, for arrays, NumPy scalars and Python floats, broadcast against each other.
Most are NumPy's own. Two kinds are not:

- what NumPy lacks is composed of what it has;
- special functions are those of floats, applied to one element after the other. For some there is
  a quick form (SciPy's, where that is right to a few units in the last place), which is used for
  arrays that are worth the time to import SciPy: which form it is depends on nothing but the size.

No operand is changed in place: only arrays that a function has made itself, before it returns them.
(What does says so: ``add_into``, ``add_part``, ``routed``.) A result may be an operand itself.
Warnings are not suppressed here: whole runs are in ``np.errstate(all="ignore")``.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gradcalc.engine import floats
from gradcalc.engine.arrays import special
from gradcalc.engine.arrays.labels import Labels
from gradcalc.engine.arrays.linalg import LinearAlgebra
from gradcalc.engine.arrays.memory import keep_freed_memory
from gradcalc.engine.arrays.passes import SMALL, Passes
from gradcalc.engine.arrays.structure import Structure
from gradcalc.engine.arrays.windows import Windows

Function = Callable[..., Any]

#: Arrays of at most so many elements get the function of floats ...
FEW = 1000
#: ... unless it is quick itself: to import SciPy takes 0.2 seconds, and so many elements 0.02.
MANY = {"erf": 300_000, "normal_cdf": 200_000, "lgamma": 30_000, "digamma": 50_000}
#: What NumPy raises a number to without raising it to a power, and how many numbers are worth the
#: trouble.
QUICK_EXPONENTS = (-1.0, 0.0, 1.0, 2.0)
SOME = 100


def _is_own(x: Any) -> bool:
    """Whether it is an array with memory of its own, which may be written to."""
    return isinstance(x, np.ndarray) and x.flags.owndata and x.flags.writeable


def _comparison(ufunc: np.ufunc) -> Function:
    """The comparison, with 0 and 1 for its result."""

    def function(self: "Arrays", x: Any, y: Any) -> Any:
        if not (isinstance(x, np.ndarray) or isinstance(y, np.ndarray)):
            return self.dtype.type(ufunc(x, y))
        found = np.empty(np.broadcast(x, y).shape, self.dtype)
        return ufunc(x, y, out=found)  # without an array of booleans on the way

    return function


def _numbers_stay(ufunc: np.ufunc, scalar: Function) -> Function:
    """The function, but of Python floats a Python float.

    NumPy makes of log(2.0) a float64, and that makes of a float32 array that it meets a float64
    array.
    """

    def function(*operands: Any) -> Any:
        for operand in operands:
            if type(operand) is not float:
                return ufunc(*operands)
        return scalar(*operands)

    return function


def _array_first(function: Function) -> Function:
    """The symmetric function of maximum or minimum, as NumPy is quick at it: a number comes second
    (maximum(0, x) takes 1.5 times as long), and to a big array as a row (twice as quick again)."""

    def ordered(x: Any, y: Any) -> Any:
        if type(x) is float or not x.ndim:
            x, y = y, x
        if isinstance(x, np.ndarray) and x.size > SMALL and not np.ndim(y):
            y = np.full(x.shape[-1], y, x.dtype)
        return function(x, y)

    return ordered


def _power(x: Any, y: Any) -> Any:
    """x ** y. Negative numbers take NumPy 20 times as long as positive ones."""
    if isinstance(x, np.ndarray) and x.size > SOME and not np.ndim(y):
        exponent = float(x.dtype.type(y))  # as NumPy takes it
        if exponent.is_integer() and exponent not in QUICK_EXPONENTS:
            power = np.power(np.abs(x), y)
            return np.copysign(power, x) if exponent % 2.0 else power
    return np.power(x, y)


def _in_double(function: Function) -> Function:
    """A function that is computed in double precision for either type."""

    def rounded(self: "Arrays", x: Any, *more: Any) -> Any:
        return function(np.asarray(x, np.float64), *more).astype(self.dtype, copy=False)

    return rounded


def _by_element(name: str, form: Function | None = None) -> Function:
    """The function of floats, applied to each element.

    ``form`` takes float64 arrays of one shape, and gives nan where it is not accurate.
    """
    scalar = getattr(floats, name)

    def function(self: "Arrays", *operands: Any) -> Any:
        arrays = np.broadcast_arrays(*[np.asarray(x, np.float64) for x in operands])
        shape = arrays[0].shape
        columns = [x.ravel() for x in arrays]
        size = columns[0].size
        if form is None or size <= MANY.get(name, FEW):
            result = _mapped(scalar, columns)
        else:
            result = form(*columns)
            unsure = np.isnan(result)
            if unsure.any():
                result[unsure] = _mapped(scalar, [x[unsure] for x in columns])
        return result.reshape(shape).astype(self.dtype, copy=False)

    return function


def _mapped(scalar: Function, columns: list[np.ndarray]) -> np.ndarray:
    numbers = map(scalar, *[x.tolist() for x in columns])
    return np.fromiter(numbers, np.float64, columns[0].size)


class Arrays(Passes, Structure, LinearAlgebra, Windows, Labels):
    """Functions on arrays of one floating-point type.

    Attributes:
        dtype: ``float64`` or ``float32``, the type of all results.
    """

    add = np.add
    sub = np.subtract
    mul = np.multiply
    div = np.divide
    neg = np.negative
    abs = np.abs
    sign = np.sign
    reciprocal = np.reciprocal
    square = np.square
    floor = np.floor
    ceil = np.ceil
    round = np.rint
    mod = np.remainder
    maximum: Function = np.maximum
    minimum: Function = np.minimum
    exp = np.exp
    exp2 = np.exp2
    expm1 = np.expm1
    log = np.log
    log2 = np.log2
    log10 = np.log10
    log1p = np.log1p
    sqrt = np.sqrt
    hypot = np.hypot
    sin = np.sin
    cos = np.cos
    tan = np.tan
    asin = np.arcsin
    acos = np.arccos
    atan = np.arctan
    atan2 = np.arctan2
    sinh = np.sinh
    cosh = np.cosh
    tanh = np.tanh
    asinh = np.arcsinh
    acosh = np.arccosh
    atanh = np.arctanh
    _logaddexp = np.logaddexp

    lt = _comparison(np.less)
    le = _comparison(np.less_equal)
    gt = _comparison(np.greater)
    ge = _comparison(np.greater_equal)
    eq = _comparison(np.equal)
    ne = _comparison(np.not_equal)

    sinc = _in_double(special.sinc)
    gaussian = _in_double(special.gaussian)
    gelu_tanh = _in_double(special.gelu_tanh)
    normal_pdf = _in_double(special.normal_pdf)

    sinc_derivative = _by_element("sinc_derivative", special.sinc_derivative)
    erf = _by_element("erf", special.erf)
    erfc = _by_element("erfc")
    normal_cdf = _by_element("normal_cdf", special.normal_cdf)
    gamma = _by_element("gamma")
    lgamma = _by_element("lgamma", special.lgamma)
    digamma = _by_element("digamma", special.digamma)
    polygamma = _by_element("polygamma", special.polygamma)

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.kept = {}
        if self.dtype == np.float32:
            for name, function in vars(Arrays).items():
                if isinstance(function, np.ufunc):
                    setattr(self, name, _numbers_stay(function, getattr(floats, name.lstrip("_"))))
        self.maximum = _array_first(self.maximum)
        self.minimum = _array_first(self.minimum)

    def where(self, c: Any, a: Any, b: Any) -> Any:
        """a where c is true (not zero; nan is true), else b."""
        result = np.where(c, a, b)
        return result if result.dtype == self.dtype else result.astype(self.dtype)

    def pow(self, x: Any, y: Any, shift: float = 0.0) -> Any:
        """x ** (y + shift), the rounding of y + shift put back: see floats.pow."""
        if type(x) is float and type(y) is float:
            return floats.pow(x, y, shift)
        if not shift:
            return _power(x, y)
        if type(y) is float:
            y = self.dtype.type(y)
        total = y + shift
        rest = y - (total - shift)
        power = _power(x, total)
        if not np.any(rest):
            return power
        usual = (np.abs(rest) < 1.0) & (x > 0.0) & (x < np.inf) & (power > 0.0) & (power < np.inf)
        return np.where(usual, power + power * (rest * np.log(x)), power)

    def cbrt(self, x: Any) -> Any:
        """Real cube root, exact for perfect cubes by a Newton step: NumPy's depends on the
        processor, and is a unit off for many of them on one or another, in either type."""
        root = np.cbrt(x)
        better = root - (root - x / (root * root)) / 3.0
        return self.where(better == better, better, root)

    def cathetus(self, c: Any, a: Any) -> Any:
        """sqrt(c^2 - a^2), without overflow and exact where the two are close."""
        product = (c - a) * (c + a)
        usual = (c > 0.0) & (product > np.finfo(self.dtype).tiny) & (product < np.inf)
        if np.all(usual):
            return self.sqrt(product)
        return self.where(usual, self.sqrt(product), self.sqrt(c - a) * self.sqrt(c + a))

    def sech(self, x: Any) -> Any:
        """1 / cosh(x), also where cosh(x) is beyond the range."""
        y = self.exp(-self.abs(x))
        return 2.0 * y / (1.0 + y * y)

    def sigmoid(self, x: Any, shift: Any = 0.0) -> Any:
        """1 / (1 + exp(-x - shift)), the rounding of x + shift put back: see floats.sigmoid."""
        if type(shift) is float and not shift:
            return self._sigmoid(x)
        total = x + shift
        part = total - x
        rest = (x - (total - part)) + (shift - part)
        value = self._sigmoid(total)
        return self.where(rest == rest, value + value * self._sigmoid(-total) * rest, value)

    def _sigmoid(self, x: Any) -> Any:
        # Of two exponentials neither can overflow.
        return self.exp(self.minimum(x, 0.0)) / (1.0 + self.exp(-self.abs(x)))

    def silu(self, x: Any) -> Any:
        """x * sigmoid(x), of two roots of an exponential: see floats.silu."""
        root = self.exp(0.5 * self.minimum(x, 0.0))
        return self.chain(root, x) * root / (1.0 + self.exp(-self.abs(x)))

    def mish(self, x: Any) -> Any:
        """x * tanh(softplus(x)): see floats.mish."""
        root = self.exp(0.5 * self.minimum(x, 0.0))
        z = self.exp(-self.abs(x))
        far, near = root * (2.0 + z), 1.0 + 2.0 * z
        upper = self.where(x < 0.0, far / (2.0 + z * (2.0 + z)), near / (near + 2.0 * z * z))
        return self.chain(root, x) * upper

    def softplus(self, x: Any) -> Any:
        """log(1 + exp(x)), without overflow."""
        return self._logaddexp(x, 0.0)

    def log_sigmoid(self, x: Any) -> Any:
        """log(sigmoid(x)) = -softplus(-x)."""
        return -self._logaddexp(-x, 0.0)

    def logaddexp(self, x: Any, y: Any) -> Any:
        """log(exp(x) + exp(y)), without overflow, and exact where it is near 0."""
        found = self._logaddexp(x, y)
        if type(found) is float:
            return found
        doubtful = -8.0 * np.abs(found) > np.maximum(x, y)
        if not doubtful.any():
            return found
        rows = np.stack(np.broadcast_arrays(x, y), -1)
        return special.put_logs_of_sums(np.asarray(found), doubtful, rows)[()]

    def chain(self, upstream: Any, local: Any) -> Any:
        """The product, but 0 where upstream is zero: no gradient passes an infinite local."""
        if type(local) is float:
            if local == 1.0:
                return upstream
            if local == -1.0:
                return -upstream
        product = upstream * local
        return product if self.whole(product) else self._cleared(product, upstream == 0.0)

    def routed(self, upstream: Any, local: Any, spare: bool = False) -> Any:
        """The same of a gate that routes: where it hands nothing on it is 0, and not the nan of an
        infinite upstream gradient times 0.

        Args:
            spare: whether the upstream gradient is finite, and ``local`` needed no more: the
                product may take its place.
        """
        if type(local) is float:
            return self.chain(upstream, local)
        if spare and _is_own(local) and np.shape(upstream) == local.shape:
            self._read = None
            product = np.multiply(upstream, local, out=local)
            return product if self.whole(product) else self._cleared(product, upstream == 0.0)
        product = upstream * local
        if self.whole(product):
            return product
        return self._cleared(product, (upstream == 0.0) | (local == 0.0))

    def over(self, x: Any, y: Any) -> Any:
        """x / y, but 0 where x is zero, even over zero (nan where y is nan)."""
        quotient = self.div(x, y)
        if self.whole(quotient):
            return quotient
        return self._cleared(quotient, (x == 0.0) & (y == y))

    def _cleared(self, x: Any, places: Any) -> Any:
        """0 in these places, else x, which is changed if it is an array."""
        if not isinstance(x, np.ndarray):
            return self.dtype.type(0.0) if places else x
        np.copyto(x, 0.0, where=places)
        self._read = None
        return x


@cache
def arrays(dtype: str) -> Arrays:
    """The algebra of ``float64`` or ``float32`` arrays."""
    keep_freed_memory()
    return Arrays(dtype)
