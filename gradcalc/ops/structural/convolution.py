"""Convolution and pooling, as in PyTorch: images of shape (N, C, H, W), or fewer axes.

``unfold`` copies the windows of an image into the columns of a matrix, so that a convolution is a
product of matrices; ``fold`` adds the columns up again, and each is the gradient of the other.
"""

from typing import Any

from gradcalc.ops.row import Kink, Rule, Sample, Setting, Structural
from gradcalc.ops.shapes import Misfit, Shape, counted, described, of_operand, size_of
from gradcalc.ops.structural import freedom
from gradcalc.ops.structural.linear import swapped
from gradcalc.ops.structural.rules import own
from gradcalc.ops.structural.windows import (
    Sizes,
    conv_work,
    padded,
    pair,
    pool_work,
    pooling_settings,
    positions,
    unfolded,
)

# unfold and fold


def _unfold_shape(x: Shape, *, kernel: Sizes, stride: Sizes, padding: Sizes) -> Shape:
    return unfolded(x, kernel, stride, padding)[0]


def _unfold_rule(m: Any, g: Any, v: Any, x: Any, **settings: Any) -> Any:
    return m.fold(g, size=m.shape(x)[-2:], **settings)


def _fold_shape(x: Shape, *, size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes) -> Shape:
    if len(x) not in (2, 3):
        help = "its shape is (C*kh*kw, L) or (N, C*kh*kw, L), as that of an unfolded image"
        raise Misfit(f"fold takes columns, and {{0}} is {described(x)}", help, (0,))
    kh, kw = pair(kernel, "kernel", 1)
    image = pair(size, "size")
    fits = positions(image, (kh, kw), pair(stride, "stride", 1), pair(padding, "padding"))
    if x[-2] % (kh * kw) or x[-1] != fits[0] * fits[1]:
        help = f"for these windows it has a multiple of {kh * kw} rows, and {fits[0] * fits[1]} "
        raise Misfit(of_operand(0, x), help + "columns", (0,))
    return (*x[:-2], x[-2] // (kh * kw), *image)


def _fold_rule(m: Any, g: Any, v: Any, x: Any, *, size: Sizes, **settings: Any) -> Any:
    return m.unfold(g, **settings)


# Convolution: the same along one axis, of an image of one row, and along two.


def _conv_shape(axes: int) -> Any:
    name = f"conv{axes}d"
    letters = ("L", "K") if axes == 1 else ("H, W", "KH, KW")

    def shape(
        x: Shape, w: Shape, b: Shape | None = None, *, stride: Sizes, padding: Sizes
    ) -> Shape:
        """That of the image of all kernels. Raises Misfit where they do not fit."""
        plain = len(x) == len(w) == axes
        if not plain and (len(w) != axes + 2 or len(x) not in (axes + 1, axes + 2)):
            message = f"{of_operand(0, x)} and {of_operand(1, w)}"
            help = f"{name} takes x of shape (N, C, {letters[0]}) or (C, {letters[0]}) and w of "
            help += f"shape (O, C, {letters[1]}), or both without channels"
            raise Misfit(message, help, (0, 1))
        if not plain and x[-axes - 1] != w[1]:
            message = f"{{0}} has {counted(x[-axes - 1], 'channel')} and {{1}} takes {w[1]}"
            raise Misfit(message, f"the second axis of {{1}} would be {x[-axes - 1]}", (0, 1))
        if b is not None and b != ((1,) if plain else w[:1]) and (b or not plain):
            help = f"{{2}} would need {counted(1 if plain else w[0])}, as many as {{1}} has kernels"
            raise Misfit(of_operand(2, b), help, (2,))
        if 0 in w[-axes:]:
            raise Misfit(of_operand(1, w), "the window has at least one entry", (1,))
        line = axes == 1
        fits = positions(
            (1, *x[-1:]) if line else x[-2:],
            (1, *w[-1:]) if line else w[-2:],
            pair(stride, "stride", 1, axes),
            pair(padding, "padding", 0, axes),
        )
        return (*(() if plain else (*x[: -axes - 1], w[0])), *fits[2 - axes :])

    return shape


class _Convolution:
    """A convolution as a product of matrices: the kernels are the rows of one, the windows the
    columns of the other. Of a batch, a stack of products."""

    def __init__(self, m: Any, axes: int, x: Shape, w: Shape, stride: Sizes, padding: Sizes):
        self.m = m
        if len(w) == axes:
            x, w = (1, *x), (1, 1, *w)
        line = (1,) if axes == 1 else ()
        self.batch = x[: -axes - 1]
        self.images = x[:-axes] + line + x[-axes:]
        self.size = self.images[-2:]
        self.kernels = (w[0], size_of(w[1:]))
        kernel, step = line + w[-axes:], pair(stride, count=axes, least=1)
        pads = pair(padding, count=axes)
        self.settings = _unfolding(kernel, step, pads)
        self.places = size_of(positions(self.size, kernel, step, pads))

    def columns(self, x: Any) -> Any:
        """The windows, ([N,] C * kh * kw, L)."""
        return self.m.unfold(self.m.reshape(x, shape=self.images), **self.settings)

    def rows(self, w: Any) -> Any:
        """The kernels, (O, C * kh * kw)."""
        return self.m.reshape(w, shape=self.kernels)

    def products(self, g: Any) -> Any:
        """An array of the shape of the value, as ([N,] O, L)."""
        return self.m.reshape(g, shape=(*self.batch, self.kernels[0], self.places))


def _unfolding(kernel: Shape, stride: Shape, padding: Shape) -> dict[str, Sizes]:
    """Settings of unfold, as they would be written: one number where both axes have the same."""
    settings = {"kernel": kernel, "stride": stride, "padding": padding}
    return {name: a if a == b else (a, b) for name, (a, b) in settings.items()}


def _conv_forward(axes: int) -> Any:
    shape = _conv_shape(axes)

    def forward(m: Any, x: Any, w: Any, b: Any = None, **settings: Any) -> Any:
        c = _Convolution(m, axes, m.shape(x), m.shape(w), **settings)
        v = m.matmul(c.rows(w), c.columns(x))
        if b is not None:
            v = v + m.reshape(b, shape=(c.kernels[0], 1))
        return m.reshape(v, shape=shape(m.shape(x), m.shape(w), **settings))

    return forward


def _conv_rules(axes: int) -> tuple[Rule, Rule, Rule]:
    def by_x(m: Any, g: Any, v: Any, x: Any, w: Any, b: Any = None, **settings: Any) -> Any:
        c = _Convolution(m, axes, m.shape(x), m.shape(w), **settings)
        columns = m.matmul(m.transpose(c.rows(w)), c.products(g))
        return m.reshape(m.fold(columns, size=c.size, **c.settings), shape=m.shape(x))

    def by_w(m: Any, g: Any, v: Any, x: Any, w: Any, b: Any = None, **settings: Any) -> Any:
        c = _Convolution(m, axes, m.shape(x), m.shape(w), **settings)
        found = m.matmul(c.products(g), swapped(m, c.columns(x)))
        return m.reshape(m.sum(found, axis=0) if c.batch else found, shape=m.shape(w))

    def by_b(m: Any, g: Any, v: Any, x: Any, w: Any, b: Any, **settings: Any) -> Any:
        c = _Convolution(m, axes, m.shape(x), m.shape(w), **settings)
        found = m.sum(c.products(g), axis=(0, 2) if c.batch else 1)
        return m.reshape(found, shape=m.shape(b))

    return by_x, by_w, by_b


# Pooling


class _Pooling:
    """Pooling of each channel of each image by itself, as an image of one channel."""

    def __init__(self, m: Any, shape: Shape, size: Sizes, stride: Sizes | None, padding: Sizes):
        self.m = m
        self.shape = shape
        self.window, step, pads = pooling_settings(size, stride, padding)
        self.settings = _unfolding(self.window, step, pads)
        self.fits = positions(shape[-2:], self.window, step, pads)
        self.padded = any(pads)
        self.batch = (size_of(shape[:-2]),) if shape[:-2] else ()

    def columns(self, x: Any) -> Any:
        """The windows of images, ([N * C,] kh * kw, L)."""
        images = self.m.reshape(x, shape=(*self.batch, 1, *self.shape[-2:]))
        return self.m.unfold(images, **self.settings)

    def inside(self) -> Any:
        """1 where an entry of a window is inside of the image, 0 where it is padding."""
        return self.m.unfold(self.m.ones(shape=(1, *self.shape[-2:])), **self.settings)

    def whole(self, columns: Any) -> Any:
        """Images of the shape of x, from columns."""
        images = self.m.fold(columns, size=self.shape[-2:], **self.settings)
        return self.m.reshape(images, shape=self.shape)

    def row(self, v: Any) -> Any:
        """An array of the shape of the value, as ([N * C,] 1, L)."""
        return self.m.reshape(v, shape=(*self.batch, 1, size_of(self.fits)))

    def value(self, pooled: Any) -> Any:
        """An array ([N * C,] L), in the shape of the value."""
        return self.m.reshape(pooled, shape=(*self.shape[:-2], *self.fits))


def _pool_shape(x: Shape, *, size: Sizes, stride: Sizes | None, padding: Sizes) -> Shape:
    if len(x) not in (2, 3, 4):
        help = "its shape is (H, W), (C, H, W) or (N, C, H, W)"
        raise Misfit(f"pooling is of images, and {of_operand(0, x)}", help, (0,))
    return x[:-2] + positions(x[-2:], *pooling_settings(size, stride, padding), "size")


def _max_pool(m: Any, x: Any, **settings: Any) -> Any:
    p = _Pooling(m, m.shape(x), **settings)
    columns = p.columns(x)
    if p.padded:
        columns = m.where(p.inside(), columns, float("-inf"))
    return p.value(m.amax(columns, axis=-2))


def _max_pool_rule(m: Any, g: Any, v: Any, x: Any, **settings: Any) -> Any:
    p = _Pooling(m, m.shape(x), **settings)
    tied = m.eq(p.columns(x), p.row(v))
    if p.padded:
        tied = tied * p.inside()
    share = m.over(tied, m.sum(tied, axis=-2, keepdims=True))
    return p.whole(m.chain(share, p.row(g)))


def _avg_pool(m: Any, x: Any, **settings: Any) -> Any:
    p = _Pooling(m, m.shape(x), **settings)
    return p.value(m.mean(p.columns(x), axis=-2))


def _avg_pool_rule(m: Any, g: Any, v: Any, x: Any, **settings: Any) -> Any:
    p = _Pooling(m, m.shape(x), **settings)
    entries = size_of(p.window)
    row = m.div(p.row(g), float(entries))
    return p.whole(m.broadcast_to(row, shape=(*p.batch, entries, size_of(p.fits))))


_WINDOWS = (Setting("stride", "integers", 1), Setting("padding", "integers", 0))
#: PyTorch's unfold and fold have a dilation in the place of the stride.
_NAMED_WINDOWS = tuple(setting._replace(named=True) for setting in _WINDOWS)
_POOLING = (
    Setting("size", "integers"),
    Setting("stride", "integers", None),
    Setting("padding", "integers", 0),
)

_LINE = (1.0, -2.0, 0.5, 3.0, -1.5)
_LINES = (_LINE, (2.0, 0.0, -1.0, 4.0, 0.25))
_IMAGE = ((1.0, -2.0, 0.5, 3.0), (-1.5, 2.5, 0.0, 1.25), (4.0, -3.0, 0.75, -0.5))
_IMAGES = (_IMAGE, ((0.5, 1.5, -2.5, 0.0), (3.5, -1.0, 2.0, 1.0), (-0.25, 0.5, -4.0, 2.25)))
_BATCH = (_IMAGES, _IMAGES[::-1], (_IMAGE, _IMAGE))
_COLUMNS = ((1.0, 2.0), (3.0, 4.0), (-1.0, 0.5), (2.0, 6.0))
_KERNEL = ((1.0, -0.5), (2.0, 0.25))
_KERNELS = (
    (_KERNEL, ((0.5, 1.0), (-1.0, 3.0))),
    (((-2.0, 1.5), (0.5, 0.0)), _KERNEL),
    (_KERNEL, _KERNEL),
)
_LINE_KERNELS = (((1.0, -0.5), (2.0, 0.25)), ((0.5, 1.0), (-1.0, 3.0)), ((1.0, 2.0), (0.0, -1.0)))
_STRIPES = (((1.0, -1.0, 2.0),),)
_TIED = ((1.0, 2.0, 2.0, 0.0), (2.0, 2.0, -1.0, 0.0), (3.0, 0.0, 0.0, 0.0))

ROWS = (
    Structural(
        "unfold",
        ("x",),
        "the windows of images, as columns; the upstream gradient adds up where they overlap",
        "unfold(x, kernel)",
        "distributor",
        _unfold_shape,
        own("unfold"),
        (_unfold_rule,),
        (
            Sample((_IMAGES,), {"kernel": (2,)}),
            Sample((_BATCH[:2],), {"kernel": (2, 3)}),
            Sample(((_IMAGE,),), {"kernel": (2, 2), "stride": (1, 2), "padding": (1, 0)}),
            Sample((_IMAGES,), {"kernel": (3,), "stride": (2,), "padding": (1,)}),
            Sample(((_IMAGE,),), {"kernel": (1,), "padding": (2,)}),
        ),
        settings=(Setting("kernel", "integers"), *_NAMED_WINDOWS),
        work=lambda value, x, *, padding, **_: padded(x, padding, 2),
    ),
    Structural(
        "fold",
        ("x",),
        "images from columns, the entries of overlapping windows added up",
        "fold(x, size, kernel)",
        "distributor",
        _fold_shape,
        own("fold"),
        (_fold_rule,),
        (
            Sample((_COLUMNS,), {"size": (2, 3), "kernel": (2,)}),
            Sample((_IMAGE,), {"size": (3, 4), "kernel": (3, 1)}),
            Sample((_IMAGES,), {"size": (3,), "kernel": (3, 1), "stride": (2,), "padding": (1, 0)}),
        ),
        settings=(Setting("size", "integers"), Setting("kernel", "integers"), *_NAMED_WINDOWS),
        work=lambda value, x, *, padding, **_: padded(value, padding, 2),
    ),
    *(
        Structural(
            f"conv{axes}d",
            ("x", "w", "b"),
            f"convolution of {what} x with the kernels w, as in PyTorch (w is not turned), plus b",
            f"conv{axes}d(x, w, b)",
            "switcher",
            _conv_shape(axes),
            _conv_forward(axes),
            _conv_rules(axes),
            samples,
            settings=_WINDOWS,
            optional=1,
            work=conv_work(axes),
        )
        for axes, what, samples in (
            (
                1,
                "lines",
                (
                    Sample((_LINES, _LINE_KERNELS, (0.5, -1.0, 2.0))),
                    Sample((_LINE, (1.0, -1.0, 0.5))),
                    Sample((_LINE, (1.0, -1.0, 0.5), 2.0)),
                    Sample(((_LINES, _LINES[::-1]), _LINE_KERNELS), {"stride": (2,)}),
                    Sample((_LINES, _LINE_KERNELS), {"stride": (2,), "padding": (1,)}),
                    Sample((_LINE, (1.0, -1.0, 0.5)), {"stride": (3,), "padding": (2,)}),
                ),
            ),
            (
                2,
                "images",
                (
                    Sample((_IMAGES, _KERNELS, (0.5, -1.0, 2.0))),
                    Sample((_IMAGE, _KERNEL)),
                    Sample((_IMAGE, _KERNEL, (1.5,)), {"padding": (1,)}),
                    Sample((_BATCH[:2], _KERNELS, (0.5, -1.0, 2.0)), {"stride": (2,)}),
                    Sample((_BATCH[2:], _KERNELS[:1]), {"stride": (1, 3), "padding": (2, 1)}),
                    Sample((_BATCH[:1], ((_KERNEL[:1], _KERNEL[1:]),)), {"stride": (2, 1)}),
                    Sample(((_IMAGE,), (_STRIPES,))),
                ),
            ),
        )
    ),
    Structural(
        "max_pool",
        ("x",),
        "greatest entry of each window of an image; routes the upstream gradient to it",
        "max_pool(x, size)",
        "router",
        _pool_shape,
        _max_pool,
        (_max_pool_rule,),
        (
            Sample((_IMAGE,), {"size": (2,)}),
            Sample((_IMAGES,), {"size": (2,), "stride": (1,)}),
            Sample((_BATCH[1:],), {"size": (3, 2), "stride": (2, 1), "padding": (1,)}),
            Sample((((-1.0, -2.0), (-3.0, -4.0)),), {"size": (2,), "padding": (1,)}),
            Sample((_TIED,), {"size": (2,), "stride": (1,)}),
        ),
        settings=_POOLING,
        aliases=("max_pool2d",),
        work=pool_work,
        kink=Kink(
            freedom.tied_windows,
            "a tie",
            "the tied entries of a window share its gradient evenly",
            lambda x, **settings: (0.0, 1.0),
            freedom.pooled,
        ),
    ),
    Structural(
        "avg_pool",
        ("x",),
        "mean of each window of an image, padding zeros included",
        "avg_pool(x, size)",
        "distributor",
        _pool_shape,
        _avg_pool,
        (_avg_pool_rule,),
        (
            Sample((_IMAGE,), {"size": (2,)}),
            Sample((_IMAGES,), {"size": (2,), "stride": (1,)}),
            Sample((_BATCH[1:],), {"size": (3, 2), "stride": (2, 1), "padding": (1,)}),
        ),
        settings=_POOLING,
        aliases=("avg_pool2d",),
        work=pool_work,
    ),
)
