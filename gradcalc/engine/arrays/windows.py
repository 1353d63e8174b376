"""Windows that move over images: what convolution and pooling are made of."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gradcalc.ops.structural.windows import Sizes, pair, positions


class Windows:
    """The part of the algebra on arrays that is about windows of images."""

    dtype: "np.dtype[Any]"

    def unfold(self, x: Any, kernel: Sizes, stride: Sizes = 1, padding: Sizes = 0) -> Any:
        """The windows of images of shape (..., C, H, W), as columns: (..., C * kh * kw, L)."""
        (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
        *lead, height, width = x.shape
        if ph or pw:
            padded = np.zeros((*lead, height + 2 * ph, width + 2 * pw), x.dtype)
            padded[..., ph : ph + height, pw : pw + width] = x
            x = padded
        windows = sliding_window_view(x, (kh, kw), axis=(-2, -1))[..., ::sh, ::sw, :, :]
        places = windows.shape[-4] * windows.shape[-3]
        windows = np.moveaxis(windows, (-2, -1), (-4, -3))
        return windows.reshape(*lead[:-1], lead[-1] * kh * kw, places)

    def fold(
        self, x: Any, size: Sizes, kernel: Sizes, stride: Sizes = 1, padding: Sizes = 0
    ) -> Any:
        """Images of height and width ``size`` with the sum, in each entry, of all columns that
        :meth:`unfold` copies it to."""
        (height, width), (kh, kw) = pair(size), pair(kernel)
        (sh, sw), (ph, pw) = pair(stride), pair(padding)
        rows, columns = positions((height, width), (kh, kw), (sh, sw), (ph, pw))
        lead = (*x.shape[:-2], x.shape[-2] // (kh * kw))
        windows = x.reshape(*lead, kh, kw, rows, columns)
        padded = np.zeros((*lead, height + 2 * ph, width + 2 * pw), x.dtype)
        for i in range(kh):
            for j in range(kw):
                target = padded[..., i : i + sh * rows : sh, j : j + sw * columns : sw]
                target += windows[..., i, j, :, :]
        return padded[..., ph : ph + height, pw : pw + width]
