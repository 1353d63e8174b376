"""Tables of what Python, NumPy and PyTorch write otherwise, by what to write for it here.

A form of a call is given by its parameters, with what to write for it. The parameters are words:
``size/shape`` may be given by place or by either name, ``nan=`` by its name only; ``*`` stands for
any number by place, ``+`` for sizes, none of which is -1; ``reduction=sum`` stands for that value
only, ``?`` in its place for any, even None, and ``#`` for the size of one axis. In what to write
{0} is the first argument, and so on; {rest} are those of the star. It may be a function that makes
it of the arguments. A call that has none of the forms gets its sentence, and where there is none no
suggestion but the name.
"""

from collections.abc import Callable, Mapping, Sequence

from gradcalc.syntax import elsewhere_functions as functions
from gradcalc.syntax.axes import expanded, moved, swapped
from gradcalc.syntax.loops import A_LOOP
from gradcalc.syntax.operands import Operand

Text = str | Callable[[Sequence[str]], str]
Forms = Mapping[str, Text]

A_CHOICE = "a choice is where(x > 0, a, b)"
A_FUNCTION = "a function is defined by f(x) = x^2"
#: Words of programming languages that mean nothing here, and what to write for them.
FOREIGN = {
    "if": A_CHOICE,
    "else": A_CHOICE,
    "then": A_CHOICE,
    "and": "multiply comparisons, as in (x > 0)*(y > 0)",
    "or": "add comparisons, as in (x > 0) + (y > 0) > 0",
    "not": "not x is (x == 0)",
    "lambda": A_FUNCTION,
    "def": A_FUNCTION,
    "return": A_FUNCTION,
    "for": A_LOOP,
    "in": A_LOOP,
}
#: Libraries, and their parts, whose functions are written with these names in front.
LIBRARIES = (
    *("np", "numpy", "jnp", "jax", "torch", "nn", "functional", "F", "tf", "math", "scipy"),
    *("special", "linalg", "random", "autograd", "keras", "losses", "activations"),
)
#: In those of NumPy's kind the second argument of max is an axis, whatever it is.
NUMPY = ("np", "numpy", "jnp")
TORCH = ("torch", "nn", "functional", "F")
TRANSPOSE = {"x": "{0:factor}'"}
AN_ARRAY = "an array is written [1, 2, 3]"
AN_AXIS = "an axis of size 1 is made by stack, as in stack([{0}], axis=1)"
A_CONSTANT = "a constant is an input of its own: give it a name and a value"
A_TYPE = "all values are floats: leave it out, or write floor({0}) for whole numbers"
GRADIENTS = (
    "write the formula alone: its gradients by all names are printed"
    "; as a part of a formula that of f by x is ∂f/∂x"
)
A_DERIVATIVE = {"f/outputs x/inputs": "∂/∂{1}({0})"}
REPEATED = "a sum or a product extends its operands; otherwise join copies, as in concat({0}, {0})"
A_SUM = "a product of matrices is A @ B; others are sums, as in sum(A*B, axis=0)"
VSTACK = "write concat({all}, axis=0) for matrices, stack({all}) for vectors"
LEFT_OUT = {"x/input": "{0}"}


def full_like(arguments: Sequence[str]) -> str:
    """What to write for ``full_like(x, 2)``, or by what name for a number that is missing."""
    number = arguments[1] if len(arguments) > 1 else "c"
    return (
        f"a number fits every array: write {number}"
        f"; a matrix of it is {Operand(number):factor}*ones(m, n)"
    )


ANYWHERE = {"x": "{0}", "x *": "{0}"}
EXPANDED: Forms = {"x/input/a dim/axis": expanded}
LAST_AXES = {"x =-1 =-2": "{0:factor}'", "x =-2 =-1": "{0:factor}'"}
MATRICES = {"a/input b/mat2/vec": "{0:factor} @ {1:factor}"}
SIZE = {"x i": "size({0}, {1})"}
STATISTICS = "x/input running_mean=? running_var=?"
BATCH_NORM = f"{STATISTICS} gamma/weight beta/bias"
CLIP = {
    "x min/a_min=": "max({0}, {1})",
    "x max/a_max=": "min({0}, {1})",
    "x min/a_min/lo": "max({0}, {1})",
    "x min/a_min/lo max/a_max/hi=None": "max({0}, {1})",
    "x min/a_min/lo=None max/a_max/hi": "min({0}, {2})",
    "x min/a_min/lo max/a_max/hi": "clip({0}, {1}, {2})",
}
#: Methods and attributes. One that ends in [] has an index behind it.
METHODS: dict[str, Forms] = {
    **dict.fromkeys(("T", "mT", "H", "mH", "t"), TRANSPOSE),
    **dict.fromkeys(("contiguous", "cpu", "cuda"), ANYWHERE),
    **dict.fromkeys(("item", "numpy", "tolist", "data"), LEFT_OUT),
    "expand": {"x +": "broadcast_to({0}, {rest})"},
    "shape[]": SIZE,
    "size": {"x": "size({0})", "x dim/axis": "size({0}, {1})"},
    "size()[]": SIZE,
    "view": {"x *": "reshape({0}, {rest})"},
    "where": {"x condition other/y": "where({1}, {0}, {2})"},
}
#: Functions that are methods as well. The names of the language among them are called otherwise.
FUNCTIONS: dict[str, Forms] = {
    **dict.fromkeys(("bmm", "mm", "mv"), MATRICES),
    **dict.fromkeys(("clip", "clamp"), CLIP),
    **dict.fromkeys(("clone", "copy", "float"), LEFT_OUT),
    "batch_norm": {
        f"{STATISTICS} training=True": "batch_norm({0})",
        f"{BATCH_NORM} training=True": "batch_norm({0}, {3}, {4})",
        f"{BATCH_NORM} training=True momentum": "batch_norm({0}, {3}, {4})",
        f"{BATCH_NORM} training=True momentum eps": "batch_norm({0}, {3}, {4}, eps={7})",
    },
    "fold": {"x/input size/output_size kernel/kernel_size": "fold({0}, {1}, {2})"},
    **dict.fromkeys(("expand_dims", "unsqueeze"), EXPANDED),
    "full": {"size/shape value/fill_value": "{1:factor}*ones({0:inner})"},
    "grad": A_DERIVATIVE,
    "gather": {"x/input dim index": "take_along({0}, {2}, {1})"},
    "layer_norm": {
        "x/input normalized_shape=#": "layer_norm({0})",
        "x/input normalized_shape=# gamma/weight beta/bias": "layer_norm({0}, {2}, {3})",
        "x/input normalized_shape=# gamma/weight beta/bias eps": "layer_norm({0}, {2}, {3}, {4})",
        "x/input normalized_shape=# gamma/weight=None beta/bias=None eps": (
            "layer_norm({0}, eps={4})"
        ),
        "x/input normalized_shape=# eps=": "layer_norm({0}, eps={2})",
    },
    "len": {"x": "size({0}, 0)"},
    "linalg.norm": {
        "x": "norm({0})",
        "x ord=fro": "norm({0})",
        "x axis/dim=": "norm({0}, axis={1})",
        "x ord axis/dim": "norm({0}, {1}, {2})",
    },
    "log": {"x/input": "log({0})", "x base": "log({0})/log({1})"},
    "masked_fill": {"x/input mask value": "where({1}, {2}, {0})"},
    "nan_to_num": {
        "x/input": "where({0:factor} == {0:factor}, {0}, 0)",
        "x/input nan=": "where({0:factor} == {0:factor}, {0}, {1})",
    },
    "numel": {"x/input": "size({0})"},
    "permute": {
        "x/input dims": "transpose({0}, ({1:inner}))",
        "x *": "transpose({0}, ({rest}))",
    },
    "rsqrt": {"x/input": "1/sqrt({0})"},
    "shape()[]": SIZE,
    **dict.fromkeys(("swapaxes", "swapdims"), LAST_AXES),
    "transpose": LAST_AXES
    | {
        "x/a": "transpose({0})",
        "x/a axes": "transpose({0}, ({1:inner}))",
        "x i j k": "transpose({0}, ({1}, {2}, {3}))",
        "x i j k *": "transpose({0}, ({1}, {2}, {3}, {rest}))",
    },
    "unfold": {"x/input kernel/kernel_size": "unfold({0}, {1})"},
    "vdot": {"a b": "sum({0:factor}*{1:factor})"},
    **functions.LOSSES,
    **functions.ACTIVATIONS,
    **functions.SCIPY,
    **functions.NUMPY,
    **{f"{library}.{name}": forms for name, forms in functions.TORCH.items() for library in TORCH},
}
#: Of these PyTorch gives a pair, the values and their places: the functions for both.
PAIRS = {"max": ("amax", "argmax"), "min": ("amin", "argmin"), "sort": ("sort", "argsort")}
#: How one of a pair is taken.
PARTS = {"[0]": 0, "[1]": 1, "values": 0, "indices": 1}
#: Those for which a sentence says more. {all} are the arguments, or what is in the list they are.
SENTENCES: dict[str, Text] = {
    **dict.fromkeys(("array", "asarray", "matrix", "tensor"), AN_ARRAY),
    **dict.fromkeys(("astype", "to"), A_TYPE),
    **dict.fromkeys(("backward", "grad", "gradient"), GRADIENTS),
    **dict.fromkeys(("detach", "stop_gradient"), A_CONSTANT),
    **dict.fromkeys(("expand_dims", "newaxis", "unsqueeze"), AN_AXIS),
    **dict.fromkeys(("moveaxis", "movedim"), moved),
    **dict.fromkeys(("repeat", "tile"), REPEATED),
    **dict.fromkeys(("row_stack", "vstack"), VSTACK),
    **dict.fromkeys(("swapaxes", "swapdims", "transpose"), swapped),
    **dict.fromkeys(("einsum", "multi_dot", "tensordot"), A_SUM),
    "batch_norm": "it is by the mean and the variance of the batch; by others it is"
    " gamma*(x - mean)/sqrt(var + eps) + beta",
    "column_stack": ("write concat({all}, axis=1) for matrices, stack({all}, axis=1) for vectors"),
    "dropout": "multiply by a mask, which is an input: x*mask",
    "dstack": "write stack({all}, axis=2) for matrices, stack([stack({all}, axis=1)]) for vectors",
    "full_like": full_like,
    "hstack": "write concat({all}, axis=1) for matrices, concat({all}) for vectors",
    "inner": "write dot({0}, {1}) for vectors, {0:factor} @ {1:factor}' for matrices",
    "kl_div": "of probabilities p and q it is sum(p*log(p/q)); PyTorch's kl_div(log(q), p) is that",
    "linear": "with the matrix W of PyTorch write x W' + b",
    "ones_like": "a number fits every array: write 1; a matrix of it is ones(m, n)",
    "shape": "the size of an axis is size({0}, 0), the number of all entries size({0})",
    "squeeze": "an axis of size 1 is left out by an index, as in {0:factor}[0]",
    "topk": "the greatest of a vector are -sort(-{0:factor})[:{1}], their places "
    "argsort(-{0:factor})[:{1}]",
    "zeros_like": "a number fits every array: write 0; a matrix of it is zeros(m, n)",
}
