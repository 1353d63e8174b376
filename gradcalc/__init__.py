"""gradcalc: gradients of expressions, with every step shown.

>>> import gradcalc
>>> report = gradcalc.backprop("(x+y)*z", x=-2, y=5, z=-4)
>>> report.value, report.gradients
(-12.0, {'x': -4.0, 'y': -4.0, 'z': 3.0})
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "GradcalcError",
    "Node",
    "Note",
    "Report",
    "__version__",
    "backprop",
    "backprop_all",
    "check",
    "explain",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "symbolic",
    "verify",
]

if TYPE_CHECKING:
    from gradcalc.errors import GradcalcError
    from gradcalc.render.explanation import explain
    from gradcalc.report import Node, Note, Report
    from gradcalc.services.check.grade import check
    from gradcalc.services.derivatives import hessian, hvp, jacobian, jvp
    from gradcalc.services.evaluate import backprop, backprop_all
    from gradcalc.services.symbolic import symbolic
    from gradcalc.services.verify import verify

_HOMES = {
    "GradcalcError": "gradcalc.errors",
    "Node": "gradcalc.report",
    "Note": "gradcalc.report",
    "Report": "gradcalc.report",
    "backprop": "gradcalc.services.evaluate",
    "backprop_all": "gradcalc.services.evaluate",
    "check": "gradcalc.services.check.grade",
    "explain": "gradcalc.render.explanation",
    "hessian": "gradcalc.services.derivatives",
    "hvp": "gradcalc.services.derivatives",
    "jacobian": "gradcalc.services.derivatives",
    "jvp": "gradcalc.services.derivatives",
    "symbolic": "gradcalc.services.symbolic",
    "verify": "gradcalc.services.verify",
}


def __getattr__(name: str) -> Any:
    """Import the public names on first use: the command line needs few of them, and soon."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
