"""Functions of NumPy, SciPy, PyTorch, TensorFlow and Keras, by what to write for them here.

The tables are of the kind that :mod:`gradcalc.syntax.elsewhere` describes. What has no short
program is in ``KNOWN``: it is no slip for a function of the language that is called alike.
"""

from collections.abc import Mapping

#: What is written in other libraries, by what to write for it.
Formulas = Mapping[str, dict[str, str]]

TWO = "x/input/y_true/labels y/target/y_pred/other"
BCE_WITH_LOGITS = "bce_with_logits({0}, {1})"
DIFFERENCE = "({0} - {1:factor})"
SIZE_OF_DIFFERENCE = "abs({0} - {1:factor})"
HUBER = (
    f"where({SIZE_OF_DIFFERENCE} < {{2}}, {DIFFERENCE}^2/2, "
    f"{{2:factor}}*({SIZE_OF_DIFFERENCE} - {{2:factor}}/2))"
)
SMOOTH_L1 = (
    f"where({SIZE_OF_DIFFERENCE} < {{2}}, {DIFFERENCE}^2/(2*{{2:factor}}), "
    f"{SIZE_OF_DIFFERENCE} - {{2:factor}}/2)"
)
HUBER_1 = f"where({SIZE_OF_DIFFERENCE} < 1, {DIFFERENCE}^2/2, {SIZE_OF_DIFFERENCE} - 1/2)"
KL = "where({1} > 0, {1:factor}*(log({1}) - {0:factor}), 0)"
#: Of a matrix of scores or of probabilities and a label for each of its rows.
OF_LABELS = "{0:factor}[arange(size({1})), {1}]"
COSINE = "sum({0:factor}*{1:factor}, axis={2})/(norm({0}, axis={2})*norm({1}, axis={2}))"
TRUNCATED = {"x": "sign({0})*floor(abs({0}))"}
IN_RADIANS = {"x": "{0:factor}*pi/180"}
IN_DEGREES = {"x": "{0:factor}*180/pi"}
HARD_SWISH = {"x/input": "{0:factor}*clip({0} + 3, 0, 6)/6"}
BINOMIAL = {"n k": "gamma({0} + 1)/(gamma({1} + 1)*gamma({0} - {1:factor} + 1))"}
PRODUCT_AND_SUM = {"b/input x w": "{0} + {1:factor} @ {2:factor}"}


def _loss(parameters: str, of_an_entry: str) -> dict[str, str]:
    """A loss of PyTorch: the mean of those of the entries, if nothing else is asked for."""
    return {
        parameters: f"mean({of_an_entry})",
        f"{parameters} reduction=mean": f"mean({of_an_entry})",
        f"{parameters} reduction=sum": f"sum({of_an_entry})",
        f"{parameters} reduction=none": of_an_entry,
    }


LOSSES: Formulas = {
    "binary_cross_entropy": _loss("p/input y/target", "binary_cross_entropy({0}, {1})"),
    "binary_cross_entropy_with_logits": _loss("z/input y/target", BCE_WITH_LOGITS),
    "binary_crossentropy": {"y/y_true p/y_pred": "mean(bce({1}, {0}), axis=-1)"},
    "categorical_crossentropy": {"y/y_true p/y_pred": "-sum({0:factor}*log({1}), axis=-1)"},
    "cosine_similarity": {
        "a/x1 b/x2": "dot({0}, {1})/(norm({0})*norm({1}))",
        "a/x1 b/x2 dim/axis": COSINE,
    },
    "hinge_embedding_loss": _loss(TWO, "where({1} == 1, {0}, max(0, 1 - {0:factor}))"),
    "huber_loss": _loss(TWO, HUBER_1) | _loss(f"{TWO} delta=", HUBER),
    "l1_loss": _loss(TWO, SIZE_OF_DIFFERENCE),
    "log_cosh": {TWO: f"mean(log(cosh({DIFFERENCE[1:-1]})))"},
    "mae": {TWO: f"mean({SIZE_OF_DIFFERENCE})"},
    "margin_ranking_loss": _loss(
        "a/input1 b/input2 y/target", "max(0, -{2:factor}*({0} - {1:factor}))"
    )
    | _loss("a/input1 b/input2 y/target margin=", "max(0, {3} - {2:factor}*({0} - {1:factor}))"),
    "mean_absolute_error": {TWO: f"mean({SIZE_OF_DIFFERENCE})"},
    "multi_margin_loss": {"s/input y/target": "svm_loss({0}, {1})/size({0}, -1)"},
    "multilabel_soft_margin_loss": _loss("z/input y/target", BCE_WITH_LOGITS),
    "nll_loss": {
        parameters: template.format(OF_LABELS)
        for parameters, template in _loss("l/input y/target", "-{}").items()
    },
    "poisson_nll_loss": _loss("l/input y/target", "exp({0}) - {1:factor}*{0:factor}"),
    "rmse": {TWO: f"sqrt(mean({DIFFERENCE}^2))"},
    "sigmoid_cross_entropy_with_logits": {"labels= logits=": "bce_with_logits({1}, {0})"},
    "smooth_l1_loss": _loss(TWO, HUBER_1) | _loss(f"{TWO} beta=", SMOOTH_L1),
    "soft_margin_loss": _loss(TWO, "softplus(-{1:factor}*{0:factor})"),
    "softmax_cross_entropy_with_logits": {
        "labels= logits=": "-sum({0:factor}*log_softmax({1}), axis=-1)"
    },
    "sparse_categorical_crossentropy": {
        "y/y_true p/y_pred": "-log({1:factor}[arange(size({0})), {0}])"
    },
    "sparse_softmax_cross_entropy_with_logits": {
        "labels= logits=": "-log_softmax({1})[arange(size({0})), {0}]"
    },
    "squared_hinge": {"y/y_true s/y_pred": "mean(max(0, 1 - {0:factor}*{1:factor})^2)"},
}
ACTIVATIONS: Formulas = {
    "celu": {
        "x/input": "elu({0})",
        "x/input alpha": "max(0, {0}) + min(0, {1:factor}*expm1({0:factor}/{1:factor}))",
    },
    "gelu": {"x/input": "gelu({0})", "x/input approximate=tanh": "gelu_tanh({0})"},
    "hardshrink": {
        "x/input": "where(abs({0}) > 0.5, {0}, 0)",
        "x/input lambd": "where(abs({0}) > {1}, {0}, 0)",
    },
    **dict.fromkeys(("hard_silu", "hard_swish", "hardswish"), HARD_SWISH),
    "normalize": {
        "x/input": "{0:factor}/norm({0}, axis=1, keepdims=1)",
        "x/input dim/axis=": "{0:factor}/norm({0}, axis={1}, keepdims=1)",
    },
    "pairwise_distance": {"a/x1 b/x2": "norm({0} - {1:factor} + 1e-6, axis=-1)"},
    "prelu": {"x/input a/weight": "max(0, {0}) + {1:factor}*min(0, {0})"},
    "relu6": {"x/input": "clip({0}, 0, 6)"},
    "softmin": {
        "x/input": "softmax(-{0:factor})",
        "x/input dim/axis": "softmax(-{0:factor}, axis={1})",
    },
    "softshrink": {
        "x/input": "sign({0})*max(0, abs({0}) - 0.5)",
        "x/input lambd": "sign({0})*max(0, abs({0}) - {1:factor})",
    },
    "tanhshrink": {"x/input": "{0} - tanh({0})"},
    "threshold": {"x/input threshold value": "where({0} > {1}, {0}, {2})"},
}
SCIPY: Formulas = {
    "beta": {"a b": "exp(lgamma({0}) + lgamma({1}) - lgamma({0} + {1}))"},
    "betaln": {"a b": "lgamma({0}) + lgamma({1}) - lgamma({0} + {1})"},
    **dict.fromkeys(("binom", "comb"), BINOMIAL),
    "entr": {"x": "where({0} == 0, 0, -{0:factor}*log({0}))"},
    "exp10": {"x": "10^{0:factor}"},
    "exprel": {"x": "where({0} == 0, 1, expm1({0})/{0:factor})"},
    "factorial": {"n": "gamma({0} + 1)"},
    "log_expit": {"x": "log_sigmoid({0})"},
    "log_ndtr": {"x": "log(normal_cdf({0}))"},
    "logit": {"x/input": "log({0:factor}/(1 - {0:factor}))"},
    "lse": {"x": "logsumexp({0})"},
    "rel_entr": {"x y": "where({0} == 0, 0, {0:factor}*log({0:factor}/{1:factor}))"},
    "special.huber": {
        "delta r": "where(abs({1}) <= {0}, {1:factor}^2/2, {0:factor}*(abs({1}) - {0:factor}/2))"
    },
    "special.kl_div": {
        "x y": "where({0} == 0, 0, {0:factor}*log({0:factor}/{1:factor})) - {0:factor} + {1}"
    },
    "xlog1py": {"x y": "where({0} == 0, 0, {0:factor}*log1p({1}))"},
    "xlogy": {"x y": "where({0} == 0, 0, {0:factor}*log({1}))"},
}
NUMPY: Formulas = {
    **dict.fromkeys(("addmm", "addmv", "baddbmm"), PRODUCT_AND_SUM),
    "all": {"x": "amin({0:factor} != 0)", "x axis/dim": "amin({0:factor} != 0, axis={1})"},
    "around": {"x": "round({0})"},
    "any": {"x": "amax({0:factor} != 0)", "x axis/dim": "amax({0:factor} != 0, axis={1})"},
    "average": {
        "x/a": "mean({0})",
        "x/a axis": "mean({0}, axis={1})",
        "x/a weights=": "sum({0:factor}*{1:factor})/sum({1})",
    },
    "cot": {"x": "1/tan({0})"},
    "count_nonzero": {"x": "sum({0:factor} != 0)", "x axis/dim": "sum({0:factor} != 0, axis={1})"},
    "csc": {"x": "1/sin({0})"},
    **dict.fromkeys(("deg2rad", "radians"), IN_RADIANS),
    **dict.fromkeys(("degrees", "rad2deg"), IN_DEGREES),
    "diagonal": {"x": "diag({0})"},
    "fabs": {"x": "abs({0})"},
    **dict.fromkeys(("fix", "trunc"), TRUNCATED),
    "float_power": {"x y": "pow({0}, {1})"},
    "floor_divide": {"x y": "floor({0:factor}/{1:factor})"},
    "fmax": {"x y": "max({0}, {1})"},
    "fmin": {"x y": "min({0}, {1})"},
    "ger": {"a b": "outer({0}, {1})"},
    "heaviside": {"x h": "where({0} == 0, {1}, {0} > 0)"},
    "identity": {"n": "eye({0})"},
    "isfinite": {"x": "abs({0}) < inf"},
    "isinf": {"x": "abs({0}) == inf"},
    "isnan": {"x": "{0:factor} != {0:factor}"},
    "logaddexp2": {
        "x y": "logaddexp({0:factor}*log(2), {1:factor}*log(2))/log(2)",
    },
    "logical_and": {"x y": "({0:factor} != 0)*({1:factor} != 0)"},
    "logical_not": {"x": "{0:factor} == 0"},
    "logical_or": {"x y": "max({0:factor} != 0, {1:factor} != 0)"},
    "logical_xor": {"x y": "({0:factor} != 0) != ({1:factor} != 0)"},
    "logspace": {"a b": "10^linspace({0}, {1})", "a b n/num": "10^linspace({0}, {1}, {2})"},
    "ptp": {
        "x": "amax({0}) - amin({0})",
        "x axis": "amax({0}, axis={1}) - amin({0}, axis={1})",
    },
    "rint": {"x": "round({0})"},
    "sec": {"x": "1/cos({0})"},
    "sigma": {"x": "sigmoid({0})"},
    "sgn": {"x": "sign({0})"},
    "sumsq": {"x": "sum({0:factor}^2)"},
    "true_divide": {"x y": "{0:factor}/{1:factor}"},
}
#: Those that are another thing in PyTorch than where they are called so without its name.
TORCH: Formulas = {
    "cosine_similarity": {
        "a/x1 b/x2": COSINE.replace("{2}", "1"),
        "a/x1 b/x2 dim": COSINE,
    },
    "kl_div": _loss("l/input p/target", KL)
    | {"l/input p/target reduction=batchmean": f"sum({KL})/size({{0}}, 0)"},
}
#: Other functions of these libraries.
_KNOWN = """
adaptive_avg_pool2d agm alpha_dropout angle apply_along_axis argpartition argwhere array_equal
atleast_1d atleast_2d bce_loss BCELoss bdtr bei ber bincount block cdist ce_loss chndtr cond conj
conv3d conv_transpose1d conv_transpose2d convolve copysign corrcoef correlate cosdg
cosine_embedding_loss cosm1 cov ctc_loss cummax cummin cumprod dawsn diagflat diff digitize divmod
ediff1d eig eigh eigvals eigvalsh ellipe ellipk embedding erfcinv erfcx erfi erfinv exp1 expi expn
fft flip fliplr flipud fmod frac frexp gammainc gammaincc gaussian_nll_loss gcd geomspace glu
group_norm gumbel_softmax hamming hanning histogram i0 i1 imag index_select instance_norm interp
interpolate intersect1d isclose isin iv ive j0 j1 jn jv ker kron kthvalue kv l2_loss lambertw lcm
ldexp lerp lexsort log_loss logcumsumexp lp_pool2d lstsq lu matrix_exp matrix_norm matrix_power
matrix_rank max_pool1d max_pool3d median meshgrid mode modf multigammaln multilabel_margin_loss
nanargmax nanargmin nancumsum nanmax nanmean nanmedian nanmin nanprod nanquantile nanstd nansum
nanvar nbdtr ndtri nextafter nonzero pad partition pdist pdtr percentile perm pinv poch polyder
polyfit polyval qr quantile rand_like randint randn_like randperm real renorm resize rgamma roll
roots rot90 rrelu scaled_dot_product_attention scatter_add searchsorted sici signbit sindg slogdet
split stft svd svdvals take take_along_dim tandg tensorinv tensorsolve trapezoid trapz tri
triplet_margin_loss unbind union1d unique unstack upsample vander var_mean vecdot vecmat vector_norm
zeta
"""
KNOWN = frozenset(_KNOWN.split())
