"""The options that ask for more than gradients: ``--jacobian`` and its kin."""

from collections.abc import Mapping, Sequence

from gradcalc.errors import GradcalcError
from gradcalc.report import Note, Report, Value, is_finite
from gradcalc.services import derivatives
from gradcalc.services.notes import second_order


def derive(
    reports: Sequence[Report],
    jacobian: bool,
    hessian: bool,
    jvp: Mapping[str, Value],
    hvp: Mapping[str, Value],
    verify: bool,
    strict: bool,
) -> None:
    """Put what was asked for into the reports.

    Raises:
        GradcalcError: ``non-finite``, if ``strict`` and a derivative has an infinity or NaN.
    """
    for report in reports:
        if jacobian:
            report.derived += derivatives.jacobian(report)
        if hessian:
            report.derived += derivatives.hessian(report)
        if jvp:
            report.derived += derivatives.jvp(report, jvp)
        if hvp:
            report.derived += derivatives.hvp(report, hvp)
        if hessian or hvp:
            report.notes += tuple(second_order(report.evaluation))
        for found in report.derived:
            if not is_finite(found.value):
                message = f"{found.key} has an infinity or NaN"
                if strict:
                    raise GradcalcError("non-finite", message)
                report.notes += (Note("non-finite", None, message),)
        if verify:
            from gradcalc.services.verify import verify as check

            report.verification = check(report)
