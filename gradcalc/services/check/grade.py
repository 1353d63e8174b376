"""Marks for a submission: what was asked, what was answered, and what is right of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gradcalc.engine.evaluation import Evaluation
from gradcalc.errors import GradcalcError
from gradcalc.report import Report, own
from gradcalc.services.check.answers import Answers, Refused, read_answers
from gradcalc.services.check.formulas import Formulas
from gradcalc.services.check.marking import SUBGRADIENT, Judged, Marking
from gradcalc.services.check.marks import ALL, GATES, RULES, VERDICTS, Item, Marks
from gradcalc.services.check.names import Names
from gradcalc.services.check.reading import Entry, read_entries
from gradcalc.services.check.scratch import Scratch
from gradcalc.services.check.types import (
    CARRIED,
    MISSING,
    RIGHT,
    UNREADABLE,
    WRONG,
    Finding,
    Key,
    Quantity,
    Tolerance,
)
from gradcalc.services.evaluate import evaluate
from gradcalc.services.values import Value, given, input_name, program_source
from gradcalc.source import Source
from gradcalc.syntax.literals import format_value
from gradcalc.syntax.printer import shorten

#: When a number is right, if nobody says otherwise.
DEFAULT = Tolerance()
#: So much of an answer is repeated.
SHOWN = 200


def check(
    program: str,
    answers: str | Mapping[str, Any],
    values: Mapping[str, Value] | None = None,
    *,
    of: str | None = None,
    upstream: Value | None = None,
    dtype: str = "float64",
    seed: int | None = None,
    tolerance: Tolerance = DEFAULT,
    points: Mapping[str, float] | None = None,
    require: Iterable[str] | None = None,
    pass_mark: float | None = None,
    hints: int = ALL,
    **inputs: Value,
) -> Marks:
    """Check answers to a problem: the values and gradients that somebody worked out by hand.

        >>> marks = check("(x+y)*z", "dx = -4; dy = 4; dz = 3", x=-2, y=5, z=-4)
        >>> [item.verdict for item in marks.items], marks.score
        (['right', 'wrong', 'right'], 2.0)

    Args:
        program, values, of, upstream, dtype, seed, inputs: the problem, as for ``backprop``.
        answers: a text (lines ``NAME = VALUE``, JSON or a table of two columns), or numbers, arrays
            and texts by name.
        tolerance: when a number is right.
        points: by quantity; 1 each for all that are required or answered if not given.
        require: the quantities that have to be answered; those of ``points``, or the gradients of
            all inputs, if not given.
        pass_mark: so many points are enough.
        hints: how much the marks give away, from 0 (only verdicts) to 3 (the right numbers).

    Raises:
        GradcalcError: the problem, or the answers as a whole, cannot be read.
    """
    source = program_source(program)
    known = {input_name(name): given(name, x) for name, x in {**(values or {}), **inputs}.items()}
    reports = evaluate(
        source,
        known,
        of=of,
        upstream=None if upstream is None else given("upstream", upstream),
        dtype=dtype,
        seed=seed,
    )
    if isinstance(answers, str):
        entries = read_entries(Source(answers, "answers"))
    elif not isinstance(answers, Mapping):
        message = f"answers are a text, or numbers by name, and here is {answers!r:.60}"
        raise GradcalcError("usage", message)
    else:
        entries = [_entry(name, answer) for name, answer in answers.items()]
    return grade(
        reports[-1],
        entries,
        tolerance=tolerance,
        points=None if points is None else dict(points),
        require=require,
        pass_mark=pass_mark,
        hints=hints,
    )


def _entry(name: str, answer: Any) -> Entry:
    """An answer from Python: a text is read, a number or array taken as it is."""
    text = answer if isinstance(answer, str) else format_value(given(name, answer))
    return Entry(input_name(name).strip(), text.strip(), Source(text, f"answer {name}"), 0, 0, 1)


def grade(
    report: Report,
    entries: Sequence[Entry],
    *,
    tolerance: Tolerance,
    points: Mapping[str, float] | None = None,
    require: Iterable[str] | None = None,
    pass_mark: float | str | None = None,
    hints: int = ALL,
    suggest: bool = False,
) -> Marks:
    """Marks for the answers to one output; see :func:`check`.

    Args:
        report: of the problem, with the gradients of all nodes at hand.
        suggest: whether to look for inputs at which the mistakes that were found would differ.
        pass_mark: in points, or in percent as a text: ``60%``.

    Raises:
        GradcalcError: ``unknown-quantity``, for a name in ``points`` or ``require``; ``usage``.
    """
    run = report.evaluation
    with run.quiet():
        return _graded(report, entries, tolerance, points, require, pass_mark, hints, suggest)


def _graded(
    report: Report,
    entries: Sequence[Entry],
    tolerance: Tolerance,
    points: Mapping[str, float] | None,
    require: Iterable[str] | None,
    pass_mark: float | str | None,
    hints: int,
    suggest: bool,
) -> Marks:
    run = report.evaluation
    scratch = Scratch(run)
    names = Names(run, scratch)
    formulas = Formulas(run, scratch, names)
    worth = None if points is None else _points(names, points)
    asked = _asked(run, names, worth, require)
    plain = Marking(run, Answers([], {}), formulas, tolerance)
    answers = read_answers(
        entries, names, formulas, run.graph.shape, lambda answer: bool(plain.rule(answer))
    )
    marking = Marking(run, answers, formulas, tolerance)
    judged = marking.judge(remarks=hints > VERDICTS)
    items = []
    for item in answers.items:
        if isinstance(item, Refused):
            items.append(_refused(item, worth, marking, hints))
        else:
            items.append(_judged(judged[item.quantity.key], judged, worth, hints))
    met = {item.quantity.key for item in answers.items if item.quantity is not None}
    for key, quantity in asked.items():
        if key not in met:
            most = _worth(quantity, worth)
            expected = _shown(marking.true(key), hints)
            items.append(Item(quantity.name, None, None, expected, MISSING, None, 0.0, most))
    # 0.1 + 0.2 points are 0.3.
    score = round(sum(item.points for item in items), 12)
    most = round(sum(item.max_points for item in items), 12)
    enough = _enough(pass_mark, most)
    findings: Sequence[Finding] = ()
    if hints > VERDICTS and any(item.verdict == WRONG for item in items):
        from gradcalc.services.check.diagnosis import diagnose

        clear = [one.answer for one in judged.values() if marking.is_clear(one.answer)]
        verdicts = {answer.quantity.key: judged[answer.quantity.key].verdict for answer in clear}
        findings = diagnose(run, clear, verdicts, tolerance)
    suggestion = None
    if suggest and findings:
        from gradcalc.services.check.diagnosis.suggest import suggestion as suggested

        suggestion = suggested(run, findings)
    right = all(item.verdict == RIGHT for item in items)
    return Marks(
        expression=report.expression,
        output=report.output,
        items=items,
        diagnosis=findings,
        score=score,
        max_score=most,
        pass_mark=enough,
        passed=right if enough is None else score >= enough,
        hints=hints,
        notes=report.notes,
        suggestion=suggestion,
    )


def _points(names: Names, points: Mapping[str, float]) -> dict[Key, tuple[Quantity, float]]:
    found: dict[Key, tuple[Quantity, float]] = {}
    for text, worth in points.items():
        quantity = names.find(text)[0]
        if not 0 <= worth < float("inf"):
            raise GradcalcError("usage", f"{text} cannot be worth {worth} points")
        if quantity.key in found:
            raise GradcalcError("usage", f"{text} is given points twice")
        found[quantity.key] = quantity, float(worth)
    return found


def _asked(
    run: Evaluation,
    names: Names,
    worth: Mapping[Key, tuple[Quantity, float]] | None,
    require: Iterable[str] | None,
) -> dict[Key, Quantity]:
    """The quantities that have to be answered."""
    if require is not None:
        quantities = [names.find(text)[0] for text in require]
    elif worth is not None:
        quantities = [quantity for quantity, _ in worth.values()]
    else:
        inputs = [node for node in run.problem.inputs.values() if not _is_label(run, node)]
        quantities = [names.gradient(node) for node in inputs]
    return {quantity.key: quantity for quantity in quantities}


def _is_label(run: Evaluation, node: int) -> bool:
    """Whether an input is a label or an index, of which no gradient is asked for."""
    gradient = run.gradient(node)
    if not run.graph.shapes or bool(gradient.any() if hasattr(gradient, "any") else gradient):
        return False
    from gradcalc.services.check.labels import is_label

    return is_label(run, node)


def _worth(quantity: Quantity | None, worth: Mapping[Key, tuple[Quantity, float]] | None) -> float:
    if quantity is None:
        return 0.0
    if worth is None:
        return 1.0
    return worth[quantity.key][1] if quantity.key in worth else 0.0


def _enough(pass_mark: float | str | None, most: float) -> float | None:
    """The pass mark in points.

    Raises:
        GradcalcError: ``usage``.
    """
    if pass_mark is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(%?)\s*", str(pass_mark))
    if match is None:
        help = "it is a number of points, or of percent: --pass-mark 60%"
        raise GradcalcError("usage", f"{pass_mark} is no pass mark", help=help)
    enough = float(match[1])
    if match[2]:
        enough = round(enough * most / 100.0, 12)
    if enough > most * (1.0 + 1e-12):
        message = f"the pass mark is {pass_mark}, and there are {most:g} points to get"
        raise GradcalcError("usage", message)
    return enough


def _shown(value: Value, hints: int) -> Value | None:
    return own(value) if hints >= ALL else None


def _refused(
    item: Refused,
    worth: Mapping[Key, tuple[Quantity, float]] | None,
    marking: Marking,
    hints: int,
) -> Item:
    quantity = item.quantity
    most, expected = 0.0, None
    if quantity is not None and item.verdict in (MISSING, UNREADABLE):
        most = _worth(quantity, worth)
        expected = _shown(marking.true(quantity.key), hints)
    return Item(
        quantity=quantity.name if quantity else item.name,
        given=item.given or None,
        value=None,
        expected=expected,
        verdict=item.verdict,
        rule=None,
        points=0.0,
        max_points=most,
        remark=item.message,
        diagnostic=item.diagnostic or None,
    )


def _judged(
    one: Judged,
    judged: Mapping[Key, Judged],
    worth: Mapping[Key, tuple[Quantity, float]] | None,
    hints: int,
) -> Item:
    answer, verdict = one.answer, one.verdict
    most = _worth(answer.quantity, worth)
    remark = one.remark if hints >= (RULES if one.telling else GATES) else ""
    cause = judged[one.cause].answer.quantity.name if one.cause else None
    if verdict == CARRIED:
        remark = f"follows from the wrong {cause}"
    elif one.rule == SUBGRADIENT:
        remark = "at a kink more than one derivative is right, and this is one"
    return Item(
        quantity=answer.quantity.name,
        given=shorten(answer.text, SHOWN),
        value=None if answer.given is None else own(answer.given),
        expected=_shown(one.expected, hints),
        verdict=verdict,
        rule=one.rule or None,
        points=most if verdict in (RIGHT, CARRIED) else 0.0,
        max_points=most,
        remark=remark or None,
        cause=cause,
    )
