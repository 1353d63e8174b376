"""The options that ask for more than gradients: ``--jacobian`` and its kin."""

from collections.abc import Mapping, Sequence

from gradcalc.report import Report, Value
from gradcalc.services import derivatives


def derive(
    reports: Sequence[Report],
    jacobian: bool,
    hessian: bool,
    jvp: Mapping[str, Value],
    hvp: Mapping[str, Value],
    verify: bool,
) -> None:
    """Put what was asked for into the reports."""
    for report in reports:
        if jacobian:
            report.derived += derivatives.jacobian(report)
        if hessian:
            report.derived += derivatives.hessian(report)
        if jvp:
            report.derived += derivatives.jvp(report, jvp)
        if hvp:
            report.derived += derivatives.hvp(report, hvp)
        if verify:
            from gradcalc.services.verify import verify as check

            report.verification = check(report)
