"""Which mistake was made at which gate: wrong answers explained by one faulty rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.engine.evaluation import Evaluation
from gradcalc.errors import DataError
from gradcalc.services.check.diagnosis.explain import explain
from gradcalc.services.check.diagnosis.tape import Tape
from gradcalc.services.check.diagnosis.words import Words
from gradcalc.services.check.types import WRONG, Answer, Finding, Key, Tolerance

DEFAULT = Tolerance()


def diagnose(
    run: Evaluation,
    answers: Sequence[Answer],
    verdicts: Mapping[Key, str],
    tolerance: Tolerance = DEFAULT,
) -> list[Finding]:
    """The mistakes that explain the wrong answers; an empty list if none does.

    Args:
        run: the problem with its true numbers.
        answers: those that could be read.
        verdicts: of marking, by the key of the quantity.
        tolerance: what marking went by.

    Returns:
        a finding for each mistake. Several are independent of each other; what would explain the
        same answers as well is an alternative of one.
    """
    if WRONG not in verdicts.values():
        return []
    tape = Tape(run)
    targets: Mapping[Key, Any] = tape.numbers.targets(answers, verdicts, tolerance)
    values = {t.node: t for (kind, _), t in targets.items() if kind == "value"}
    gradients = {
        t.node: t for (kind, node), t in targets.items() if kind != "value" and node in tape.users
    }
    try:
        found = explain(tape, values, gradients)
    except DataError:  # an operation cannot take the values that were written
        found = explain(tape, {}, gradients)
    words = Words(tape, answers)
    return [words.finding(explained) for explained in found]
