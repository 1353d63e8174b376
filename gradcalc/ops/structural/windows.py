"""The geometry of windows that move over an image: of convolution, pooling and unfold."""

from collections.abc import Sequence
from typing import Any

from gradcalc.ops.shapes import Misfit, Shape, described, size_of

#: One whole number for both axes, or one for each.
Sizes = int | tuple[int, ...]


def pair(sizes: Sizes, name: str = "", least: int = 0, count: int = 2) -> tuple[int, int]:
    """The sizes along the two axes of an image.

    Args:
        name: what to call them in an error.
        least: what each must be at least.
        count: 1 if the image is a line; it then has one row.

    Raises:
        Misfit: they are too many or too small.
    """
    given = sizes if isinstance(sizes, tuple) else (sizes,)
    if len(given) not in (1, count):
        help = "one whole number" + (" or two" if count == 2 else "")
        raise Misfit(f"{name} has {len(given)} numbers", f"{name} is {help}", setting=name)
    if min(given) < least:
        help = f"{name} is at least {least}"
        raise Misfit(f"{name} is {min(given)}", help, setting=name)
    if count == 1:
        # Along the axis that is not there: a window of 1, a step of 1, no padding.
        return least, given[0]
    return given[0], given[-1]


def padded(shape: Shape, padding: Sizes, axes: int) -> Shape:
    """The shape of images, or lines, with their padding, which is given and fits."""
    ends = pair(padding, "padding", 0, axes)[-axes:]
    sizes = (size + 2 * pad for size, pad in zip(shape[-axes:], ends, strict=True))
    return (*shape[:-axes], *sizes)


def positions(
    image: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    setting: str = "",
) -> tuple[int, int]:
    """At how many places a window of size ``kernel`` fits along each axis.

    Args:
        setting: the one that says how large the window is, if it is a setting.

    Raises:
        Misfit: it does not fit at all.
    """
    found = []
    for size, k, step, pad in zip(image, kernel, stride, padding, strict=True):
        room = size + 2 * pad - k
        if room < 0:
            padded = f" with padding {pad}" if pad else ""
            message = f"a window of {k} does not fit into {{0}}, which has {size} along "
            message += f"that axis{padded}"
            least = max((k - size + 1) // 2 for size, k in zip(image, kernel, strict=True))
            raise Misfit(message, f"padding={least} would fit", (0,), setting)
        found.append(room // step + 1)
    return found[0], found[1]


def unfolded(
    shape: Shape, kernel: Sizes, stride: Sizes, padding: Sizes
) -> tuple[Shape, tuple[int, int]]:
    """The shape of the unfolded image, and at how many places a window fits.

    Raises:
        Misfit: the image has another shape than (C, H, W) or (N, C, H, W), or is too small.
    """
    if len(shape) not in (3, 4):
        help = "its shape is (C, H, W) or (N, C, H, W)"
        raise Misfit(f"unfold takes images, and {{0}} is {described(shape)}", help, (0,))
    k = pair(kernel, "kernel", 1)
    step, pads = pair(stride, "stride", 1), pair(padding, "padding")
    fits = positions(shape[-2:], k, step, pads, "kernel")
    return (*shape[:-3], shape[-3] * k[0] * k[1], fits[0] * fits[1]), fits


def conv_work(axes: int) -> Any:
    """The windows as columns of a matrix, and the image with its padding."""

    def work(value: Shape, x: Shape, w: Shape, b: Any = None, *, padding: Sizes, **_: Any) -> Shape:
        kernels = w[0] if len(w) > axes else 1
        columns = size_of(w) * size_of(value) // max(1, kernels * kernels)
        return max((columns,), (size_of(padded(x, padding, axes)),))

    return work


def pool_work(value: Shape, x: Shape, *, size: Sizes, padding: Sizes, **_: Any) -> Shape:
    """The same of pooling."""
    return max((size_of(value) * size_of(pair(size)),), (size_of(padded(x, padding, 2)),))


def pooling_settings(
    size: Sizes, stride: Sizes | None, padding: Sizes
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """The window, the step and the padding of pooling.

    Raises:
        Misfit: they do not go together.
    """
    window = pair(size, "size", 1)
    step = window if stride is None else pair(stride, "stride", 1)
    pads = pair(padding, "padding")
    if any(2 * pad > k for k, pad in zip(window, pads, strict=True)):
        message, help = "padding is more than half of the window", f"at most {min(window) // 2}"
        raise Misfit(message, help, setting="padding")
    return window, step, pads
