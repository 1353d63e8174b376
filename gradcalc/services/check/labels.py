"""Which inputs are labels or indices: nobody is asked for gradients by those."""

from gradcalc.engine.evaluation import Evaluation
from gradcalc.services.check.carried import follow
from gradcalc.services.check.rounding import is_whole


def is_label(run: Evaluation, node: int) -> bool:
    """Whether an input is a label or an index: what stands between whole numbers is none."""
    value = run.values[node]
    if not is_whole(value):
        return False
    output = ("value", run.output.node)
    return follow(run, run.forward_pass.rules, {node: value + 0.5}, {}, [output]) is None
