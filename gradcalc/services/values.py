"""Values of inputs: numbers and arrays, constant expressions, random ones."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import index
from typing import Any

from gradcalc import ops
from gradcalc.engine.evaluation import algebra_of, compute
from gradcalc.errors import GradcalcError, Span
from gradcalc.graph import misfits
from gradcalc.graph.graph import STRUCTURAL, Graph
from gradcalc.graph.lower import Lowering
from gradcalc.ops.row import RANDOM
from gradcalc.ops.shapes import Shape
from gradcalc.shared import BIG
from gradcalc.source import Source
from gradcalc.syntax.names import canonical
from gradcalc.syntax.parser import parse

#: A float, or a NumPy array of floats or truth values.
Value = Any

#: The types of arrays that are taken as they are: float64, float32 and truth values, as NumPy's
#: ``dtype.char``.
KNOWN = "df?"
#: More axes than an array of NumPy has.
MAX_DEPTH = 65

A_VALUE = "such as -2, 1/3, 2e-5, pi/4 or [1, 2]"


class Seed:
    """Where random values come from. Each name has numbers of its own, whatever others there are.

    Attributes:
        value: the seed; drawn when it is first needed, if none is given.
        drawn: whether it was.
    """

    def __init__(self, value: int | None = None) -> None:
        with suppress(TypeError):
            value = None if value is None else index(value)
        if value is not None and not isinstance(value, int):
            message = f"a seed is a whole number, and here is {value!r:.60}"
            raise GradcalcError("bad-value", message)
        if value is not None and value < 0:
            raise GradcalcError("bad-value", f"a seed is not negative, and here is {value}")
        self.value = value
        self.drawn = False

    def generator(self, name: str) -> Any:
        """A NumPy generator for the value of a name."""
        from zlib import crc32

        import numpy as np

        if self.value is None:
            self.drawn = True
            self.value = int(np.random.SeedSequence().generate_state(1)[0])
        return np.random.default_rng([self.value, crc32(name.encode(errors="surrogatepass"))])


def program_source(program: object) -> Source:
    """What a caller from Python gave as a program.

    Raises:
        GradcalcError: ``bad-value``, it is no text.
    """
    if not isinstance(program, str):
        raise GradcalcError("bad-value", f"a program is a text, not {program!r:.60}")
    return Source(program, "program", from_python=True)


def input_name(name: object) -> str:
    """A name from Python in its one spelling.

    Raises:
        GradcalcError: ``usage``, it is no text.
    """
    if not isinstance(name, str):
        raise GradcalcError("usage", f"a name is a text, and here is {name!r:.60}")
    return canonical(name)


def value_of_node(seed: Seed) -> Callable[..., Value]:
    """A function of (graph, values of its inputs by node, node, name): the value of the node.

    The name is that of the input that the value is for: its random numbers are its own.
    """

    def value(graph: Graph, leaves: Mapping[int, Value], node: int, name: str = "") -> Value:
        algebra = algebra_of(graph, "float64")
        nodes = graph.ancestors([node])
        if any(graph.op[n] >= STRUCTURAL and ops.TABLE[graph.op[n]].name in RANDOM for n in nodes):
            algebra = algebra.with_generator(seed.generator(name))
        found = compute(graph, leaves, algebra, nodes)[node]
        return found if graph.shapes.get(node) else float(found)

    return value


def derivative_node(graph: Graph, output: int, by: int) -> int:
    """Append the derivative of one node by another to a graph; its node."""
    from gradcalc.engine.gradient import append_gradients

    return append_gradients(graph, output, [by])[by]


def given(name: str, value: Any) -> Value:
    """A value from Python: a number, or an array of them in whatever form NumPy understands.

    Raises:
        GradcalcError: ``bad-value``.
    """
    if value.__class__ is float or value.__class__ is int:
        return _float(name, value)
    if isinstance(value, str | bytes) or not (hasattr(value, "__len__") or hasattr(value, "shape")):
        return _float(name, value)
    import numpy as np

    if hasattr(value, "detach"):  # a tensor gives its numbers when it does not record gradients
        value = value.detach()
    if value.__class__ is np.ndarray:
        # What the caller does to it later is not ours.
        return real_array(name, value.copy("K") if value.size <= BIG else value)
    if isinstance(value, np.ndarray) and np.ma.is_masked(value):
        message = f"the value of {name} has masked entries, which have no value"
        help = "leave them out (x.compressed()), or give them a value (x.filled(0))"
        raise GradcalcError("bad-value", message, help=help)
    try:
        array = np.asarray(value)
        # Lists become a new array; another object may give the one that it works with.
        if array.size <= BIG and not isinstance(value, list | tuple):
            array = array.copy("K")
    except ValueError:
        wrong = "it is nested too deeply" if _is_deep(value) else "its rows differ in length"
        message = f"the value of {name} is no array: {wrong}"
        raise GradcalcError("bad-value", message) from None
    except (RuntimeError, TypeError) as error:  # such as from a tensor that records gradients
        message = f"the value of {name} does not give its numbers: {error}"
        dense = ".to_dense()" if "to_dense" in str(error) else ""  # of a sparse tensor
        help = f"give float64 or float32 numbers: of a tensor, x.detach(){dense}.float()"
        raise GradcalcError("bad-value", message, help=help) from None
    return real_array(name, array)


def _is_deep(value: Any) -> bool:
    """Whether lists are nested to more axes than NumPy has, such as a list that contains itself."""
    for _ in range(MAX_DEPTH):
        if not (isinstance(value, list | tuple) and value):
            return False
        value = value[0]
    return True


def _float(name: str, value: Any) -> float:
    message = f"the value of {name} is no number: {value!r:.60}"
    if isinstance(value, bytes):  # Python reads its digits
        raise GradcalcError("bad-value", message)
    try:
        return float(value)
    except OverflowError:
        message = f"the value of {name} is beyond the range of a float"
        raise GradcalcError("bad-value", message) from None
    except (TypeError, ValueError):
        raise GradcalcError("bad-value", message) from None


def real_array(name: str, array: Any) -> Value:
    """A NumPy array of whole numbers or floats as one of floats; one of truth values as it is.

    Raises:
        GradcalcError: ``bad-value``, for other entries.
    """
    dtype = array.dtype
    if array.shape and dtype.isnative and dtype.char in KNOWN:
        return array
    import numpy as np

    if array.dtype == object and not any(entry is None for entry in array.flat):
        truth = array.size and all(isinstance(entry, bool | np.bool) for entry in array.flat)
        with suppress(TypeError, ValueError, OverflowError):
            array = array.astype(bool if truth else np.float64)
    if array.dtype.kind not in "biuf":
        what = "complex numbers" if array.dtype.kind == "c" else f"entries of type {array.dtype}"
        message = f"the value of {name} has {what}, and only real numbers can be used"
        raise GradcalcError("bad-value", message)
    if not array.shape:
        return float(array)
    if array.dtype == bool:
        return array
    with np.errstate(over="ignore"):  # a longer float may be too large for a double
        return array.astype(np.float64)


def shape_of(value: Value) -> Shape:
    """The shape of a value."""
    shape: Shape = getattr(value, "shape", ())
    return shape


def constant(source: Source, name: str = "", seed: Seed | None = None) -> Value:
    """The value of a constant expression. Raises GradcalcError where it is none."""
    asts = parse(source, ops.PLACES)
    statements = [statement for ast in asts for statement in ast.statements]
    compute_node = value_of_node(seed or Seed())
    lowering = Lowering(asts[0], source, {}, compute_node, derivative_node, giving=True)
    if len(statements) != 1 or statements[0].kind != "output":
        raise GradcalcError(
            "bad-value",
            "a value is one constant expression",
            [Span(0, len(source.text))],
            help=A_VALUE,
            source=source,
        )
    lowering.run()
    if lowering.missing:
        missing, (start, end, _) = next(iter(lowering.missing.items()))
        message = f"a value is a constant expression, and {missing} is a name"
        raise lowering.error("bad-value", message, start, end, help=A_VALUE)
    for reading in asts[0].readings:
        span = Span(reading.start, reading.end)
        help = "write the operator, or put brackets: a value is not guessed"
        raise GradcalcError("bad-value", reading.message, [span], help=help, source=source)
    graph = lowering.graph
    with misfits.Placed(graph, lowering.ast, source):
        return compute_node(graph, {}, len(graph) - 1, name)
