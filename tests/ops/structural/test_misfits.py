"""Shapes and settings that do not fit, and values that cannot be: what is said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcalc.engine.arrays import Arrays, arrays
from gradcalc.errors import DataError
from gradcalc.ops.shapes import Misfit, Shape

from .checks import structural

FULL = ("slice", None, None, None)


@pytest.mark.parametrize(
    ("name", "shapes", "settings", "message", "help", "places"),
    [
        (
            "reshape",
            [(2, 3)],
            {"shape": (2, 4)},
            "{0} has 6 entries, and 2×4 has 8",
            "as many entries, such as 2×3",
            (0,),
        ),
        (
            "reshape",
            [(6,)],
            {"shape": (4, 2)},
            "{0} has 6 entries, and 4×2 has 8",
            "as many entries, such as 3×2",
            (0,),
        ),
        (
            "reshape",
            [(7,)],
            {"shape": (2,)},
            "{0} has 7 entries, and a vector of 2 has 2",
            "as many entries, such as a vector of 7",
            (0,),
        ),
        (
            "reshape",
            [(7,)],
            {"shape": (2, -1)},
            "{0} has 7 entries, which 2 does not divide",
            "the product of the sizes beside -1 divides 7",
            (0,),
        ),
        ("reshape", [(7,)], {"shape": (-1, -1)}, "-1 stands twice", "only one size", (0,)),
        ("reshape", [(7,)], {"shape": (-7,)}, "-7 is no size", "0 or more", ()),
        ("reshape", [(0,)], {"shape": (0, -1)}, "0 entries, which 0 does not divide", "", (0,)),
        ("broadcast_to", [(2,)], {"shape": (2, 3)}, "{0} has 2 entries, and", "last axis", (0,)),
        ("broadcast_to", [(2, 3)], {"shape": (3,)}, "spread to a vector of 3", "", (0,)),
        ("broadcast_to", [()], {"shape": (-1,)}, "-1 is no size", "", ()),
        (
            "transpose",
            [(2, 3)],
            {"axes": (0, 0)},
            "axes 0, 0: {0} has 2 axes",
            "each of 0, 1",
            (0,),
        ),
        ("transpose", [(2, 3)], {"axes": (0, 2)}, "axes 0, 2: {0} has 2 axes", "each of", (0,)),
        (
            "index",
            [(3,)],
            {"key": (3,)},
            "there is no index 3",
            "{0} has 3 entries: the last one is {0}[2]",
            (0,),
        ),
        ("index", [(0,)], {"key": (0,)}, "there is no index 0", "{0} has no entries", (0,)),
        ("index", [(0,)], {"key": (-1,)}, "there is no index -1", "{0} has no entries", (0,)),
        (
            "index",
            [(3, 2)],
            {"key": (FULL, -3)},
            "there is no index -3",
            "axis 1 of {0} has 2 entries, 0 to 1",
            (0,),
        ),
        ("index", [(3,)], {"key": (0, 0)}, "{0} has 1 axis, and here are 2 indices", "", (0,)),
        ("index", [()], {"key": (0,)}, "{0} is a scalar, and has no entries", "", (0,)),
        ("index", [(3,)], {"key": (("slice", 0, 2, 0),)}, "no step 0", "backwards", ()),
        (
            "index",
            [(3, 3), (2,), (3,)],
            {"key": ("array", "array")},
            "{1} has 2 entries and {2} has 3 entries",
            "",
            (1, 2),
        ),
        (
            "scatter",
            [(2,)],
            {"key": (FULL,), "shape": (3,)},
            "{0} has 2 entries, and the part of 3 entries is 3 entries",
            "",
            (0,),
        ),
        ("concat", [(), ()], {"axis": 0}, "{0} is a scalar and has no axes", "stack", (0,)),
        (
            "concat",
            [(2, 3), (2, 3), (2, 4)],
            {"axis": 0},
            "{0} is 2×3 and {2} is 2×4",
            "all axes but axis 0 have the same size",
            (0, 2),
        ),
        ("concat", [(2, 3), (2,)], {"axis": 0}, "{0} is 2×3 and {1} has 2 entries", "", (0, 1)),
        (
            "stack",
            [(2,), (3,)],
            {"axis": 0},
            "{0} has 2 entries and {1} has 3",
            "one shape",
            (0, 1),
        ),
        (
            "stack",
            [(2,), (2,)],
            {"axis": 2},
            "there is no axis 2: the stack has 2 axes",
            "0 to 1",
            (0,),
        ),
        ("diag", [()], {}, "{0} is a scalar", "a vector or a matrix", (0,)),
        ("diag", [(1, 2, 3)], {}, "{0} is 1×2×3", "a vector or a matrix", (0,)),
        ("tril", [(3,)], {"k": 0}, "{0} has 3 entries", "takes a matrix", (0,)),
        ("take_along", [(2, 3), (3,)], {"axis": 0}, "{0} is 2×3 and {1} has 3", "as many", (0, 1)),
        ("put_along", [(2,), (3,)], {"axis": 0, "size": 4}, "{0} has 2", "for each entry", (0, 1)),
        ("put_along", [(2,), (2,)], {"axis": 0, "size": -4}, "-4 is no size", "", ()),
        ("sort", [(2, 2)], {"axis": (0, 1)}, "one axis is taken, and here are 2", "", (0,)),
        ("sort", [()], {"axis": -1}, "{0} is a scalar and has no axes", "[{0}], a vector", (0,)),
        ("argmax", [(0,)], {"axis": None}, "{0} has no entries to choose from", "", (0,)),
        ("cumsum", [(2,)], {"axis": 1}, "there is no axis 1: {0} has 1 axis", "", (0,)),
        ("eye", [], {"n": -1, "m": None}, "-1 is no size", "", ()),
        ("arange", [], {"start": 0.0, "stop": 1.0, "step": 0.0}, "step 0 goes nowhere", "", ()),
        ("arange", [], {"start": 0.0, "stop": float("inf"), "step": 1.0}, "finite", "", ()),
        ("arange", [], {"start": 0.0, "stop": 1e300, "step": 1e-300}, "finite", "", ()),
        ("linspace", [], {"start": 0.0, "stop": float("nan"), "n": 3}, "finite", "", ()),
        ("linspace", [], {"start": 0.0, "stop": 1.0, "n": -3}, "-3 is no size", "", ()),
        ("sum", [(2, 3)], {"axis": 2}, "there is no axis 2: {0} has 2 axes", "0 to 1", (0,)),
        ("sum", [(2, 3)], {"axis": (0, -2)}, "axis 0 is named twice", "", (0,)),
        ("centred", [(2, 3)], {"axis": 2}, "there is no axis 2", "0 to 1", (0,)),
        ("amax", [(2, 0)], {"axis": 1}, "{0} has no entries to choose from", "", (0,)),
        ("var", [(3,)], {"ddof": -1}, "ddof is 0 or more", "", ()),
        (
            "var",
            [(3,)],
            {"ddof": 3},
            "divides by n - 3, which is 0 for 3 entries",
            "less than 3",
            (0,),
        ),
        ("std", [()], {"ddof": 1}, "divides by n - 1, which is 0 for 1 entry", "ddof=0", (0,)),
        ("norm", [(3,)], {"ord": 3.0}, "there is no norm of order 3", "ord=inf", ()),
        ("norm", [(2, 3)], {"ord": 1.0}, "{0} is 2×3, and ord=1 is for vectors", "axis=0", (0,)),
        ("softmax", [()], {"axis": -1}, "{0} is a scalar and has no axes", "[{0}], a vector", (0,)),
    ],
)
def test_misfit(
    name: str,
    shapes: list[Shape],
    settings: dict[str, Any],
    message: str,
    help: str,
    places: tuple[int, ...],
) -> None:
    with pytest.raises(Misfit) as caught:
        structural(name).shape(*shapes, **settings)
    assert message in caught.value.message
    assert help in caught.value.help
    assert caught.value.places == places
    assert "." not in caught.value.message + caught.value.help


@pytest.fixture
def m() -> Arrays:
    return Arrays("float64")


VECTOR = np.array([3.0, -1.0, 2.5])


@pytest.mark.parametrize("wrong", [3.0, -4.0, 1e15])
def test_an_index_out_of_range(m: Arrays, wrong: float) -> None:
    i = np.array([0.0, wrong])
    matrix = np.ones((2, 3))
    calls: tuple[tuple[int, Callable[[], Any]], ...] = (
        (0, lambda: m.index(VECTOR, i, key=("array",))),
        (1, lambda: m.index(matrix, i, key=(FULL, "array"))),
        (1, lambda: m.index(matrix, np.zeros(2), i, key=("array", "array"))),
        (0, lambda: m.index(VECTOR, np.float64(wrong), key=("array",))),
        (0, lambda: m.scatter(i, i, key=("array",), shape=(3,))),
        (0, lambda: m.take_along(VECTOR, i, axis=0)),
        (0, lambda: m.put_along(i, i, axis=0, size=3)),
    )
    for axis, call in calls:
        with pytest.raises(DataError) as caught:
            call()
        assert caught.value.message == f"there is no index {wrong:.0f}"
        assert caught.value.help == f"axis {axis} has 3 entries, 0 to 2"


@pytest.mark.parametrize("wrong", [0.5, float("nan"), float("inf"), -1e300])
def test_an_index_that_is_not_whole(m: Arrays, wrong: float) -> None:
    with np.errstate(all="ignore"), pytest.raises(DataError) as caught:
        m.index(VECTOR, np.array([0.0, wrong]), key=("array",))
    assert caught.value.message == f"an index is a whole number, and {wrong:g} is not"


def test_indices_into_nothing(m: Arrays) -> None:
    with pytest.raises(DataError) as caught:
        m.index(np.zeros(0), np.zeros(1), key=("array",))
    assert caught.value.help == "axis 0 has 0 entries"


def test_indices_beyond_what_the_type_can_count() -> None:
    many = np.broadcast_to(np.float32(0), 2**24 + 1)
    assert arrays("float32").argmax(many[:-1]) == 0
    for call in (arrays("float32").argmax, arrays("float32").argmin):
        with pytest.raises(DataError, match="float32 has no numbers for the indices of"):
            call(many)
    assert arrays("float64").argmax(many) == 0


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_random_numbers(m: Arrays, name: str) -> None:
    with pytest.raises(DataError, match="random numbers are for the values of inputs"):
        getattr(m, name)((3,))
    m.generator = np.random.default_rng(5)
    first = getattr(m, name)((20_000,))
    again = Arrays("float32")
    again.generator = np.random.default_rng(5)
    np.testing.assert_allclose(getattr(again, name)((20_000,)), first, rtol=1e-6)
    mean, deviation = (0.5, 12**-0.5) if name == "rand" else (0.0, 1.0)
    assert first.mean() == pytest.approx(mean, abs=0.03)
    assert first.std() == pytest.approx(deviation, abs=0.03)
