"""Losses, normalisation, convolution and pooling: what the tests over all rows do not cover."""

from collections.abc import Iterator
from itertools import product
from math import exp, inf, log1p, nan
from typing import Any

import numpy as np
import pytest

from gradcalc import backprop
from gradcalc.engine.arrays import arrays
from gradcalc.errors import DataError
from gradcalc.ops.shapes import Misfit

from .checks import structural

m = arrays("float64")
Windows = dict[str, Any]


@pytest.fixture(autouse=True)
def as_in_a_run() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def run(name: str, *operands: Any, g: Any = 1.0, place: int = 0, **settings: Any) -> Any:
    """The value, and the gradient of one operand."""
    row = structural(name)
    operands = tuple([np.asarray(operand, float)[()] for operand in operands])
    settings = {setting.name: setting.default for setting in row.settings} | settings
    value = row.forward(m, *operands, **settings)
    rule = row.rule(place, ())
    assert rule is not None
    return value, rule(m, np.broadcast_to(g, np.shape(value))[()], value, *operands, **settings)


def value(name: str, *operands: Any, **settings: Any) -> Any:
    row = structural(name)
    settings = {setting.name: setting.default for setting in row.settings} | settings
    return row.forward(m, *(np.asarray(operand, float)[()] for operand in operands), **settings)


def random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


# Shapes and settings


@pytest.mark.parametrize(
    ("name", "shapes", "settings", "message", "help", "places"),
    [
        ("one_hot", [(2,)], {"n": 0}, "n is 0", "at least 1", ()),
        ("cross_entropy", [(2, 3), (3,)], {}, "{1} has 3", "{1} would need 2 labels, or", ()),
        ("cross_entropy", [(3,), (2,)], {}, "{1} has 2", "{1} would be a label, from 0 to 2", ()),
        ("cross_entropy", [(1, 3), ()], {}, "{1} is a scalar", "would need 1 label, or", ()),
        ("cross_entropy", [(2, 3, 4), (2,)], {}, "scores, and {0} is 2×3×4", "(N, C)", (0,)),
        ("cross_entropy", [(), ()], {}, "scores, and {0} is a scalar", "(N, C)", (0,)),
        ("cross_entropy", [(2, 0), (2,)], {}, "at least one class, and {0} is 2×0", "", (0,)),
        ("softmax_less", [(2, 3), (3,)], {}, "{0} is 2×3 and {1} has 3", "same shape", ()),
        ("svm_loss", [(2, 3), (2, 3)], {}, "{1} is 2×3", "{1} would need 2 labels", ()),
        ("svm_loss", [(3,), (3,)], {}, "{1} has 3 entries", "a label, from 0 to 2", ()),
        ("mse", [(2, 3), (2,)], {}, "{0} is 2×3 and {1} has 2 entries", "reshape({1}", (0, 1)),
        ("layer_norm", [()], {}, "{0} is a scalar", "", (0,)),
        ("layer_norm", [(2, 3), (2,)], {}, "{1} has 2 entries", "{1} would need 3", (0, 1)),
        ("layer_norm", [(2, 3), (3,), ()], {}, "{2} is a scalar", "{2} would need 3", (0, 2)),
        ("layer_norm", [(3,)], {"eps": -1.0}, "eps is -1", "at least 0", ()),
        ("batch_norm", [(3,)], {}, "a batch, and {0} has 3 entries", "(N, C, H, W)", (0,)),
        ("batch_norm", [(5, 3, 4), (4,)], {}, "{1} has 4 entries", "{1} would need 3", (0, 1)),
        ("unfold", [(2, 3)], {"kernel": 2}, "images, and {0} is 2×3", "(N, C, H, W)", (0,)),
        ("unfold", [(1, 2, 3)], {"kernel": (2, 2, 2)}, "kernel has 3 numbers", "or two", ()),
        ("unfold", [(1, 2, 3)], {"kernel": 0}, "kernel is 0", "kernel is at least 1", ()),
        ("unfold", [(1, 2, 3)], {"kernel": 1, "stride": 0}, "stride is 0", "at least 1", ()),
        ("unfold", [(1, 2, 3)], {"kernel": 1, "padding": -1}, "padding is -1", "at least 0", ()),
        ("unfold", [(1, 2, 3)], {"kernel": 3}, "a window of 3", "padding=1 would fit", (0,)),
        ("unfold", [(1, 9, 3)], {"kernel": 7}, "a window of 7", "padding=2 would fit", (0,)),
        (
            "unfold",
            [(1, 2, 1)],
            {"kernel": 6, "padding": 1},
            "a window of 6 does not fit into {0}, which has 2 along that axis with padding 1",
            "padding=3 would fit",
            (0,),
        ),
        ("fold", [(3, 4)], {"size": 3, "kernel": 2}, "{0} is 3×4", "multiple of 4 rows", (0,)),
        ("fold", [(4, 3)], {"size": 3, "kernel": 2}, "{0} is 4×3", "and 4 columns", (0,)),
        ("fold", [(3,)], {"size": 3, "kernel": 2}, "columns, and {0}", "(C*kh*kw, L)", (0,)),
        (
            "conv2d",
            [(3, 8, 8), (4, 2, 3, 3)],
            {},
            "{0} has 3 channels and {1} takes 2",
            "the second axis of {1} would be 3",
            (0, 1),
        ),
        ("conv2d", [(8, 8), (4, 1, 3, 3)], {}, "{0} is 8×8", "(N, C, H, W) or (C, H, W)", (0, 1)),
        ("conv2d", [(3, 8, 8), (3, 3)], {}, "{1} is 3×3", "without channels", (0, 1)),
        ("conv2d", [(3, 8, 8), (4, 3, 3, 3), (3,)], {}, "{2} has 3", "{2} would need 4", (2,)),
        ("conv2d", [(8, 8), (3, 3), (2,)], {}, "{2} has 2", "{2} would need 1 entry", (2,)),
        ("conv2d", [(8, 8), (0, 3)], {}, "{1} is 0×3", "at least one entry", (1,)),
        ("conv2d", [(2, 2), (3, 3)], {}, "a window of 3", "padding=1 would fit", (0,)),
        ("conv1d", [(2, 5), (3,)], {}, "{1} has 3", "(N, C, L) or (C, L) and w of", (0, 1)),
        ("conv1d", [(5,), (3,)], {"stride": (1, 2)}, "stride has 2 numbers", "one whole", ()),
        ("max_pool", [(4,)], {"size": 2}, "images, and {0} has 4 entries", "(H, W)", (0,)),
        ("max_pool", [(2, 2)], {"size": 3}, "a window of 3", "padding=1 would fit", (0,)),
        ("avg_pool", [(4, 4)], {"size": 2, "padding": 2}, "more than half", "at most 1", ()),
    ],
)
def test_misfits(
    name: str,
    shapes: list[Any],
    settings: Windows,
    message: str,
    help: str,
    places: tuple[int, ...],
) -> None:
    row = structural(name)
    defaults = {setting.name: setting.default for setting in row.settings}
    with pytest.raises(Misfit) as caught:
        row.shape(*shapes, **defaults | settings)
    assert message in caught.value.message
    assert help in caught.value.help
    assert bool(help) == bool(caught.value.help)
    assert caught.value.places == places


@pytest.mark.parametrize("image", [(1, 2, 1), (1, 6, 3), (1, 1, 4)])
@pytest.mark.parametrize("kernel", [(7, 1), (2, 6), (5, 5)])
def test_the_padding_that_is_said_to_fit_fits(image: Any, kernel: Any) -> None:
    with pytest.raises(Misfit, match="a window") as caught:
        structural("unfold").shape(image, kernel=kernel, stride=1, padding=0)
    told = int(caught.value.help.removeprefix("padding=").removesuffix(" would fit"))
    structural("unfold").shape(image, kernel=kernel, stride=1, padding=told)
    with pytest.raises(Misfit):
        structural("unfold").shape(image, kernel=kernel, stride=1, padding=told - 1)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 3, 5], "label 1 is 3, which is no class"),
        ([0, 1, -1], "label 2 is -1, which is no class"),
        ([0.5, 1, 9], "label 0 is 0.5, which is no class"),
        ([nan, 1, 1], "label 0 is nan, which is no class"),
    ],
)
@pytest.mark.parametrize("name", ["cross_entropy", "svm_loss"])
def test_labels_that_are_no_class(name: str, y: list[float], message: str) -> None:
    with pytest.raises(DataError) as caught:
        value(name, random(3, 3), y)
    assert caught.value.message == message
    assert caught.value.help == "labels are whole numbers from 0 to 2"


def test_one_label_that_is_no_class() -> None:
    with pytest.raises(DataError, match="the label is 2"):
        value("cross_entropy", [1.0, 2.0], 2.0)
    with pytest.raises(DataError) as caught:
        value("one_hot", [0, 1], n=1)
    assert caught.value.help == "the only label is 0"


# Losses


def test_the_cost_of_a_class_that_is_all_but_certain() -> None:
    rest = exp(-40.0) + exp(-43.0)
    got, gradient = run("cross_entropy", [40.0, 0.0, -3.0], 0.0)
    assert got == pytest.approx(log1p(rest), rel=1e-15)
    np.testing.assert_allclose(gradient, [-rest, exp(-40.0), exp(-43.0)], rtol=1e-15)
    got, gradient = run("cross_entropy", [40.0, 0.0, -3.0], [1.0, 0.0, 0.0])
    assert got == pytest.approx(log1p(rest), rel=1e-15)
    np.testing.assert_allclose(gradient, [-rest, exp(-40.0), exp(-43.0)], rtol=1e-15)
    # Certain, for doubles: the gradient is below the range.
    got, gradient = run("cross_entropy", [1000.0, 0.0], 0.0)
    assert got == 0.0
    np.testing.assert_array_equal(gradient, [0.0, 0.0])


def test_a_class_that_is_impossible() -> None:
    got, gradient = run("cross_entropy", [-inf, 0.0, 0.0], 1.0)
    assert got == pytest.approx(np.log(2.0))
    np.testing.assert_array_equal(gradient, [0.0, -0.5, 0.5])
    got, gradient = run("cross_entropy", [-inf, 0.0, 0.0], [0.0, 0.5, 0.5])
    assert got == pytest.approx(np.log(2.0))
    np.testing.assert_array_equal(gradient, [0.0, 0.0, 0.0])
    assert value("cross_entropy", [-inf, 0.0], 0.0) == inf


def test_labels_get_no_gradient_and_probabilities_do() -> None:
    z = random(4, 3)
    labels = np.array([0.0, 2.0, 1.0, 1.0])
    got, gradient = run("cross_entropy", z, labels, place=1)
    np.testing.assert_array_equal(gradient, np.zeros(4))
    one_hot = value("one_hot", labels, n=3)
    again, gradient = run("cross_entropy", z, one_hot, place=1)
    assert got == again
    np.testing.assert_allclose(gradient, -value("log_softmax", z, axis=-1) / 4, rtol=1e-14)


def test_probabilities_that_do_not_add_up_to_one() -> None:
    z, p = random(3), np.array([0.5, 2.0, 1.0])
    _, gradient = run("cross_entropy", z, p)
    np.testing.assert_allclose(gradient, 3.5 * value("softmax", z, axis=-1) - p, rtol=1e-14)


def test_the_svm_loss_of_the_lecture() -> None:
    # CS231n, lecture 3: the cat, the car and the frog.
    scores = [[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]
    each = [value("svm_loss", row, label) for label, row in enumerate(scores)]
    np.testing.assert_allclose(each, [2.9, 0.0, 12.9], rtol=1e-14)
    got, gradient = run("svm_loss", scores, [0.0, 1.0, 2.0])
    assert got == pytest.approx(15.8 / 3)
    want = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, -2.0]]) / 3
    np.testing.assert_allclose(gradient, want, rtol=1e-15)


def test_the_mean_squared_error_of_operands_that_are_broadcast() -> None:
    p, y = random(4, 3), random(3)
    got, gradient = run("mse", p, y, place=1)
    assert got == pytest.approx(np.mean((p - y) ** 2))
    np.testing.assert_allclose(gradient, 2 * np.sum(y - p, axis=0) / 12, rtol=1e-13)


# Normalisation


def test_normalisation_does_not_overflow() -> None:
    x = np.array([1.0, -3.0, 0.2])
    for scale in (1e200, 1e-200):
        got, gradient = run("layer_norm", scale * x, g=random(3), eps=0.0)
        want, slope = run("layer_norm", x, g=random(3), eps=0.0)
        np.testing.assert_allclose(got, want, rtol=1e-14)
        np.testing.assert_allclose(gradient * scale, slope, rtol=1e-12)
    single = arrays("float32")
    huge = np.array([1e30, -3e30, 2e29], np.float32)
    got = structural("layer_norm").forward(single, huge, eps=1e-5)
    np.testing.assert_allclose(got, value("layer_norm", x), rtol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "far", "rtol"), [("float64", 2.0**40, 1e-13), ("float32", 1000.0, 1e-5)]
)
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm"])
def test_normalisation_is_the_same_far_from_zero(
    name: str, dtype: str, far: float, rtol: float
) -> None:
    """The mean of the entries moved there is no number of the type."""
    x = np.array([[0.25, -0.5, 1.0], [0.75, 2.0, 0.5], [-1.5, 0.25, 0.125]])
    settings = {"upstream": random(3, 3), "dtype": dtype}
    near, moved = (backprop(f"{name}(x)", x=x + by, **settings) for by in (0.0, far))
    np.testing.assert_allclose(moved.value, near.value, rtol, rtol)
    np.testing.assert_allclose(moved.gradients["x"], near.gradients["x"], rtol, rtol)


def test_normalisation_of_equal_entries() -> None:
    got, gradient = run("layer_norm", [2.0, 2.0, 2.0], [3.0, 1.0, 1.0], [0.5, 0.0, 0.0])
    np.testing.assert_array_equal(got, [0.5, 0.0, 0.0])
    got, gradient = run("layer_norm", [2.0, 2.0], g=[1.0, 3.0])
    np.testing.assert_allclose(gradient, np.array([-1.0, 1.0]) / np.sqrt(1e-5), rtol=1e-15)


def test_rows_without_upstream_gradient_get_none() -> None:
    x = np.array([[1.0, 2.0, 4.0], [inf, 2.0, nan]])
    _, gradient = run("layer_norm", x, g=[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(gradient[1], [0.0, 0.0, 0.0])
    assert np.isfinite(gradient).all()


# Windows

SETTINGS = [
    {"kernel": kernel, "stride": stride, "padding": padding}
    for kernel, stride, padding in product(
        ((1, 1), (2, 2), (3, 2), (1, 3)), (1, (2,), (1, 3)), (0, (1,), (2, 0))
    )
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fold_is_the_transpose_of_unfold(settings: Windows) -> None:
    x = random(2, 3, 6, 5)
    columns = m.unfold(x, **settings)
    assert columns.shape == structural("unfold").shape(x.shape, **settings)
    y = random(*columns.shape, seed=1)
    image = m.fold(y, size=(6, 5), **settings)
    assert image.shape == x.shape
    assert image.shape == structural("fold").shape(y.shape, size=(6, 5), **settings)
    assert np.sum(columns * y) == pytest.approx(np.sum(x * image), rel=1e-12)
    np.testing.assert_array_equal(m.unfold(x[0], **settings), columns[0])
    np.testing.assert_array_equal(m.fold(y[0], size=(6, 5), **settings), image[0])


def test_operands_are_not_changed() -> None:
    x = random(1, 2, 4, 4)
    before = x.copy()
    for padding in (0, 1):
        columns = m.unfold(x, kernel=(1, 1), padding=padding)
        image = m.fold(columns, size=(4, 4), kernel=(1, 1), padding=padding)
        image += 1.0
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("settings", [{}, {"stride": (2, 1), "padding": (1, 2)}], ids=str)
def test_convolution_without_channels_is_that_of_one(settings: Windows) -> None:
    x, w, b = random(5, 6), random(3, 2), random(1)
    plain = value("conv2d", x, w, b, **settings)
    np.testing.assert_array_equal(plain, value("conv2d", x[None], w[None, None], b, **settings)[0])
    np.testing.assert_array_equal(plain, value("conv2d", x, w, b[0], **settings))
    for place, operand in enumerate((x, w, b)):
        _, gradient = run("conv2d", x, w, b, place=place, **settings)
        assert gradient.shape == operand.shape
    assert np.shape(run("conv2d", x, w, b[0], place=2)[1]) == ()


def test_a_convolution_of_a_batch_is_that_of_each_image() -> None:
    x, w, b = random(4, 2, 6, 5), random(3, 2, 2, 3), random(3)
    whole = value("conv2d", x, w, b, stride=2, padding=1)
    for image, want in zip(x, whole, strict=True):
        got = value("conv2d", image, w, b, stride=2, padding=1)
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)
    _, gradient = run("conv2d", x, w, b, place=1, stride=2, padding=1)
    each = [run("conv2d", image, w, b, place=1, stride=2, padding=1)[1] for image in x]
    np.testing.assert_allclose(gradient, np.sum(each, axis=0), rtol=1e-12)


def test_a_line_is_an_image_of_one_row() -> None:
    x, w = random(2, 9), random(4, 2, 3)
    got = value("conv1d", x, w, stride=2, padding=1)
    want = value("conv2d", x[:, None], w[:, :, None], stride=(1, 2), padding=(0, 1))
    np.testing.assert_array_equal(got, want[:, 0])


def test_a_kernel_is_not_turned() -> None:
    np.testing.assert_array_equal(value("conv1d", [1.0, 2.0, 3.0], [10.0, 1.0]), [12.0, 23.0])


def test_padding_is_never_the_greatest() -> None:
    x = [[-1.0, -2.0], [-3.0, -4.0]]
    got, gradient = run("max_pool", x, size=2, padding=1)
    np.testing.assert_array_equal(got, x)
    np.testing.assert_array_equal(gradient, np.ones((2, 2)))
    got, gradient = run("max_pool", [[-inf, -inf], [-inf, 1.0]], size=2, stride=1, padding=1)
    assert got[0, 0] == -inf
    # Windows of nothing else than -inf: what padding is tied with gets all of the gradient.
    assert gradient.sum() == 9.0


def test_tied_entries_of_a_window_share() -> None:
    _, gradient = run("max_pool", np.ones((4, 4)), g=[[1.0, 2.0], [3.0, 4.0]], size=2)
    quarters = np.repeat(np.repeat([[0.25, 0.5], [0.75, 1.0]], 2, 0), 2, 1)
    np.testing.assert_array_equal(gradient, quarters)


def test_infinities_in_other_windows_do_no_harm() -> None:
    x = [[1.0, 2.0, inf, nan], [3.0, 4.0, 5.0, 6.0]]
    got, gradient = run("max_pool", x, g=[[inf, 0.0]], size=2)
    np.testing.assert_array_equal(got, [[4.0, nan]])
    np.testing.assert_array_equal(gradient, [[0.0, 0.0, 0.0, 0.0], [0.0, inf, 0.0, 0.0]])


def test_pooling_of_batches_is_that_of_each_image() -> None:
    x = random(2, 3, 5, 4)
    for name in ("max_pool", "avg_pool"):
        whole, slope = run(name, x, size=(3, 2), stride=(2, 1), padding=1)
        for n, c in product(range(2), range(3)):
            got, gradient = run(name, x[n, c], size=(3, 2), stride=(2, 1), padding=1)
            np.testing.assert_allclose(got, whole[n, c], rtol=1e-15)
            np.testing.assert_allclose(gradient, slope[n, c], rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "shape", "value"),
    [
        ("avg_pool(x, 2, padding=1)", (0, 3), np.zeros((1, 2))),
        ("max_pool(x, 2, padding=1)", (0, 3), np.full((1, 2), -inf)),
        ("unfold(x, 2, padding=1)", (1, 0, 3), np.zeros((4, 4))),
        ("conv2d(x, ones(1, 1, 2, 2), padding=1)", (1, 0, 3), np.zeros((1, 1, 4))),
        ("conv1d(x, [1, 1], padding=1)", (0,), np.zeros(1)),
    ],
)
def test_nothing_but_padding(call: str, shape: tuple[int, ...], value: Any) -> None:
    report = backprop(call, x=np.zeros(shape))
    np.testing.assert_array_equal(report.value, value)
    assert report.gradients["x"].shape == shape
    jacobians = [local.value for node in report.nodes for local in node.local]
    assert value.shape + shape in [np.shape(jacobian) for jacobian in jacobians]


@pytest.mark.parametrize("shape", [(0, 4), (0, 2, 4, 4), (2, 0, 4, 4)])
def test_empty_batches(shape: tuple[int, ...]) -> None:
    x = np.zeros(shape)
    if len(shape) == 4:
        for name in ("max_pool", "avg_pool"):
            got, gradient = run(name, x, size=2)
            assert got.shape == (*shape[:2], 2, 2)
            assert gradient.shape == shape
        got, gradient = run("conv2d", x, np.ones((3, shape[1], 2, 2)))
        assert got.shape == (shape[0], 3, 3, 3)
        assert gradient.shape == shape
    else:
        got, gradient = run("layer_norm", x)
        assert got.shape == gradient.shape == shape
