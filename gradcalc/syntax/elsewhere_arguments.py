"""What the arguments mean that PyTorch, NumPy and TensorFlow have for functions of the language.

A meaning is a program. In it {call} is the call without the argument, {negated} the same of -x,
{value} the value of the argument, and any other word the argument of that name. Its key is the
name of the argument, or with its value, as in ``reduction=sum``. Those of one function come first.
"""

from collections.abc import Callable, Mapping

from gradcalc.syntax.operands import Operand

#: The names of the parameters here, by what other libraries call them.
NAMES: Mapping[str, tuple[str, ...]] = {
    "dim": ("axis",),
    "keepdim": ("keepdims",),
    "keep_dims": ("keepdims",),
    "dims": ("axes",),
    "perm": ("axes",),
    "correction": ("ddof",),
    "unbiased": ("ddof",),
    "p": ("ord",),
    "diagonal": ("k",),
    "num": ("n",),
    "steps": ("n",),
    "num_classes": ("n",),
    "depth": ("n",),
    "end": ("stop",),
    "kernel_size": ("size", "kernel"),
    "output_size": ("size",),
    "size": ("shape",),
    "newshape": ("shape",),
    "negative_slope": ("slope",),
    "input": ("x", "z", "p", "s", "a"),
    "other": ("y", "b"),
    "mat2": ("b",),
    "vec2": ("y",),
    "exponent": ("y",),
    "target": ("y",),
    "labels": ("y",),
    "y_true": ("y",),
    "logits": ("z",),
    "y_pred": ("p", "z", "s"),
    "condition": ("c",),
    "indices": ("i",),
    "weight": ("w", "gamma"),
    "bias": ("b", "beta"),
    "min": ("lo",),
    "max": ("hi",),
    "a_min": ("lo",),
    "a_max": ("hi",),
    "margin": ("delta",),
}
#: The same for one function.
NAMES_IN: Mapping[str, Mapping[str, str]] = {
    "where": {"x": "a", "input": "a", "y": "b", "other": "b"},
}
#: The order of the arguments, where others have some that there are not here.
ORDERS: Mapping[str, str] = {
    "argmax": "x axis keepdims",
    "argmin": "x axis keepdims",
    "argsort": "x axis descending",
    "avg_pool": "x size stride padding ceil_mode count_include_pad divisor_override",
    "conv1d": "x w b stride padding dilation groups",
    "conv2d": "x w b stride padding dilation groups",
    "diag": "x k",
    "elu": "x alpha inplace",
    "flatten": "x start_dim end_dim",
    "fold": "x size kernel dilation padding stride",
    "gelu": "x approximate",
    "hard_tanh": "x min_val max_val inplace",
    "leaky_relu": "x slope inplace",
    "max_pool": "x size stride padding dilation ceil_mode return_indices",
    "relu": "x inplace",
    "round": "x decimals",
    "softplus": "x beta threshold",
    "sort": "x axis descending",
    "unfold": "x kernel dilation padding stride",
}
LEFT_OUT = "{call}"
ENTRY_BY_ENTRY = {
    "reduction=sum": "sum({call})",
    "reduction=mean": "mean({call})",
    "reduction=none": LEFT_OUT,
}
#: Of each example its loss.
NLL = "-log_softmax({z})[arange(size({y})), {y}]"
A_FILTER = {"dilation=1": LEFT_OUT, "padding=valid": LEFT_OUT, "padding=VALID": LEFT_OUT}
KEPT_AXIS = {"keepdims=True": "stack([{call}], axis={axis})", "keepdims=False": LEFT_OUT}
FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "add": {"alpha": "{x} + {value:factor}*{y:factor}"},
    "argmax": KEPT_AXIS,
    "argmin": KEPT_AXIS,
    "argsort": {"descending=True": "{negated}"},
    "avg_pool": {"count_include_pad=True": LEFT_OUT, "divisor_override=None": LEFT_OUT},
    "bce": ENTRY_BY_ENTRY,
    "bce_with_logits": ENTRY_BY_ENTRY,
    "conv1d": A_FILTER,
    "conv2d": A_FILTER,
    "cross_entropy": {
        "ignore_index=-100": LEFT_OUT,
        "label_smoothing=0": LEFT_OUT,
        "label_smoothing=0.0": LEFT_OUT,
        "label_smoothing": "(1 - {value:factor})*{call} - {value:factor}*mean(log_softmax({z}))",
        "reduction=mean": LEFT_OUT,
        "reduction=sum": "size({z})/size({z}, -1)*{call}",
        "weight": f"sum({{value:factor}}[{{y}}]*({NLL}))/sum({{value:factor}}[{{y}}])",
    },
    "diag": {"k=0": LEFT_OUT},
    "flatten": {
        "end_dim=-1": LEFT_OUT,
        "start_dim=0": LEFT_OUT,
        "start_dim=1": "reshape({x}, size({x}, 0), -1)",
    },
    "fold": A_FILTER,
    "gelu": {
        "approximate=none": LEFT_OUT,
        "approximate=False": LEFT_OUT,
        "approximate=tanh": "gelu_tanh({x})",
        "approximate=True": "gelu_tanh({x})",
    },
    "hard_tanh": {
        "min_val": "clamp({x}, {value}, 1)",
        "max_val": "clamp({x}, {min_val}, {value})",
    },
    "linspace": {
        "endpoint=False": "linspace({start}, {stop}, {n:factor} + 1)[:-1]",
        "endpoint=True": LEFT_OUT,
    },
    "max_pool": {"dilation=1": LEFT_OUT, "return_indices=False": LEFT_OUT},
    "mse": {
        "reduction=mean": LEFT_OUT,
        "reduction=none": "({p} - {y:factor})^2",
        "reduction=sum": "sum(({p} - {y:factor})^2)",
    },
    "norm": {"ord=None": LEFT_OUT, "ord=fro": LEFT_OUT},
    "round": {"decimals": "round({x:factor}*10^{value:factor})/10^{value:factor}"},
    "softplus": {
        "beta": "softplus({value:factor}*{x:factor})/{value:factor}",
        "threshold=20": LEFT_OUT,
    },
    "sort": {"descending=True": "-{negated}"},
    "sub": {"alpha": "{x} - {value:factor}*{y:factor}"},
    "sum": {"initial": "{call} + {value}"},
    "unfold": A_FILTER,
}
#: What it means for every function.
GENERAL: Mapping[str, str] = {
    **dict.fromkeys(("device", "dtype", "requires_grad", "stable"), LEFT_OUT),
    **dict.fromkeys(("inplace=True", "inplace=False"), LEFT_OUT),
    **dict.fromkeys(("ceil_mode=False", "descending=False", "groups=1"), LEFT_OUT),
    **dict.fromkeys(("out=None", "reduce=None", "size_average=None", "weight=None"), LEFT_OUT),
    **dict.fromkeys(("mode=valid", "order=C", "order=K", "where=True"), LEFT_OUT),
}
PADDING = (
    "it is a number: padding=1 keeps the size for a filter of 3×3, (f - 1)/2 for one of f×f"
    ", f odd and stride=1"
)


def _diagonal(k: int, x: Operand) -> str:
    """What is said of ``diag(x, k)``."""
    above = f"[:, {k}:]" if k > 0 else f"[{-k}:, :]"
    part = f"[:n, {k}:]" if k > 0 else f"[{-k}:, :n]"
    size = f"n + {abs(k)}"
    return (
        f"write diag({x:factor}{above}) for a matrix"
        f", scatter(diag({x}), zeros({size}, {size}){part}) for a vector of n entries"
    )


#: What is said where no program has the same value for all shapes.
SENTENCES: Mapping[str, Mapping[str, str | Callable[[int, Operand], str]]] = {
    "conv1d": {"padding=same": PADDING.replace("3×3", "3 entries").replace("f×f", "f")},
    "conv2d": {"padding=same": PADDING},
    "cross_entropy": {
        "reduction=none": f"write {NLL} for labels"
        ", -sum({y:factor}*log_softmax({z}), axis=-1) for probabilities",
    },
    "diag": {"k": _diagonal},
    "norm": {"ord=nuc": "the singular values of a matrix have no function here"},
}
#: Other names that these libraries have for arguments: no slips for those of the language.
_KNOWN = """
affine align_corners antialias axisa axisb axisc batch_first bins casting copy cumulative decimals
dilation eps exclusive fill_value full_matrices generator hermitian ignore_index initial
interpolation keepdims kind label_smoothing layout like maxlength method minlength mode momentum
name ndmin normed offset ord order out overwrite_input padding padding_mode pos_weight prepend
append rcond reverse return_counts return_index return_inverse rounding_mode rowvar scale_factor
shift sorted start_dim end_dim subok swap_noise symmetric tol training track_running_stats
type unbiased use_input_stats weights where
"""
KNOWN = frozenset(
    (
        *_KNOWN.split(),
        *NAMES,
        *(word for order in ORDERS.values() for word in order.split()),
        *(key.partition("=")[0] for meanings in (GENERAL, *FUNCTIONS.values()) for key in meanings),
    )
)
