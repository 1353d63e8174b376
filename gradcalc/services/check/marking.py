"""The verdict on every answer: right, carried forward from an earlier slip, or wrong."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from gradcalc.engine.evaluation import Evaluation
from gradcalc.engine.run import Rules
from gradcalc.services.check.answers import Answers
from gradcalc.services.check.formulas import Formulas
from gradcalc.services.check.rounding import (
    half_unit,
    half_units,
    is_cut,
    is_short,
    is_short_array,
    largest,
    near,
    rule_of,
    rule_of_array,
)
from gradcalc.services.check.types import CARRIED, RIGHT, WRONG, Answer, Key, Tolerance

#: What decided, beside the tolerance and the rounding.
FORMULA, SUBGRADIENT, FOLLOWS = "formula", "subgradient", "carried"
FROM_ROUNDED = "rounded steps"
#: What an answer that is carried counts for when it is found out which derivatives were taken.
CREDIT = 0.9
#: So much of a choice at a kink may be rounding, and no more.
LOOSEST = 0.02


class Judged(NamedTuple):
    """The verdict on one answer.

    Attributes:
        expected: the right number, or the valid one at a kink that goes with the other answers.
        rule: what decided that it is right or carried; empty for a wrong one.
        cause: the first wrong answer that a carried one follows from.
        remark: what is worth saying about it; empty if nothing is.
        telling: whether that gives the right number away.
    """

    answer: Answer
    verdict: str
    expected: Any
    rule: str
    cause: Key | None = None
    remark: str = ""
    telling: bool = False


class Marking:
    """Judges the answers to one output."""

    def __init__(
        self, run: Evaluation, answers: Answers, formulas: Formulas, tolerance: Tolerance
    ) -> None:
        self.run = run
        self.tolerance = tolerance
        self._formulas = formulas
        self._nodes = answers.nodes
        self._answers = answers.readable()
        self._rules: Rules = run.forward_pass.rules
        self._true: Mapping[Key, Any] = {}  # where it is not that of the run
        self._units: dict[Key, Any] = {}

    def judge(self, remarks: bool = True) -> dict[Key, Judged]:
        """Judge every answer, with remarks or without."""
        rules = {answer.quantity.key: self.rule(answer) for answer in self._answers}
        wrong = [answer for answer in self._answers if not rules[answer.quantity.key]]
        if wrong and any(answer.quantity.kind == "gradient" for answer in wrong):
            self._fit_kinks()
            for answer in self._answers if self._true else ():
                key, rule = answer.quantity.key, self.rule(answer)
                # What goes with the usual choice only does not go with the others.
                rules[key] = SUBGRADIENT if rule and not rules[key] else rule
        open_ = [answer for answer in self._answers if not rules[answer.quantity.key]]
        follows = self._following(open_) if open_ else set()
        verdicts: dict[Key, str] = {}
        for key, rule in rules.items():
            verdicts[key] = RIGHT if rule else CARRIED if key in follows else WRONG
        blame: Mapping[Key, Key | None] = {}
        if follows:
            from gradcalc.services.check.carried import Blame

            blame = Blame(self.run, verdicts).found
        judged = {}
        for answer in self._answers:
            key = answer.quantity.key
            verdict, rule, cause = verdicts[key], rules[key], None
            if verdict == CARRIED:
                rule, cause = FOLLOWS, blame.get(key)
                if cause is None:  # only the rounding of what it was worked out from
                    verdict, rule = RIGHT, FROM_ROUNDED
            judged[key] = Judged(answer, verdict, self.expected(answer), rule, cause)
        if not wrong or not remarks:
            return judged
        from gradcalc.services.check.remarks import remarked

        return remarked(judged, self.run, self.tolerance, self._nodes, self._true)

    def true(self, key: Key) -> Any:
        """The right number of a quantity, by the convention of the op table."""
        kind, node = key
        found = self.run.values[node] if kind == "value" else self.run.gradient(node)
        return found if getattr(found, "shape", ()) else float(found)

    def expected(self, answer: Answer) -> Any:
        """The right number, at a kink the one that goes with the other answers."""
        key = answer.quantity.key
        found = self._true.get(key)
        if found is None:
            return self.true(key)
        return found if getattr(found, "shape", ()) else float(found)

    def is_clear(self, answer: Answer) -> bool:
        """Whether an answer can tell which mistake was made: it has a value, it is not just badly
        rounded, and what is right does not depend on a choice at a kink."""
        key = answer.quantity.key
        if answer.given is None:
            return False
        if answer.decimals is not None and not getattr(answer.given, "shape", ()):
            true = self.expected(answer)
            number = answer.given, answer.decimals, answer.digits, true, self.tolerance
            if not getattr(true, "shape", ()) and (is_short(*number) or is_cut(*number)):
                return bool(self.rule(answer))
        entries = answer.entries if _fits(answer, self.run) else ()
        if entries and is_short_array(answer.given, entries, self.expected(answer)):
            return bool(self.rule(answer))
        at_kink = self._true.get(key)
        return at_kink is None or _same(at_kink, self.true(key), self.tolerance)

    def rule(self, answer: Answer) -> str:
        """What makes an answer right as it stands; an empty text if it is not."""
        rule = self._compared(answer, self.expected(answer))
        node = self._nodes.get(answer.quantity.key)
        if not rule or node is None:
            return rule
        same = partial(_same, tolerance=self.tolerance)
        agrees, _ = self._formulas.agrees(answer.quantity, node, same)
        # At a kink a formula has no neighbourhood to be compared in.
        return FORMULA if agrees else ""

    def _compared(self, answer: Answer, true: Any) -> str:
        given, tolerance = answer.given, self.tolerance
        if given is None or getattr(given, "shape", ()) != getattr(true, "shape", ()):
            return ""
        if not getattr(true, "shape", ()):
            unit = half_unit(answer.decimals, answer.digits, tolerance)
            return rule_of(float(given), float(true), unit, tolerance)
        units = half_units(answer.entries, tolerance)
        return rule_of_array(given, true, units, tolerance)

    def _share(self, answer: Answer, true: Any) -> float:
        """How much of an answer is right: of an array the share of its entries."""
        if self._compared(answer, true):
            return 1.0
        if not getattr(true, "shape", ()):
            return 0.0
        flat = zip(answer.given.ravel().tolist(), true.ravel().tolist(), strict=True)
        near_ones = sum(near(given, right, self.tolerance) for given, right in flat)
        return 0.99 * near_ones / max(1, int(true.size))

    def _is_coincidence(self, answer: Answer) -> bool:
        return answer.formula is not None and bool(self._compared(answer, self.expected(answer)))

    def _numbers(self, kind: str) -> dict[int, Any]:
        """The answers of one kind that have the shape of their node, by node."""
        return {
            answer.quantity.node: answer.given
            for answer in self._answers
            if answer.quantity.kind == kind and _fits(answer, self.run)
        }

    def _fit_kinks(self) -> None:
        """Find out which derivatives the answers take at kinks, where they go with others than
        those of the op table."""
        from gradcalc.services.check.carried import follow

        rules = self._chosen({}, self.run)
        if rules is not None:
            self._rules = rules
            given = {("gradient", node): x for node, x in self._numbers("gradient").items()}
            self._true = follow(self.run, rules, {}, {}, given) or {}

    def _chosen(self, values: Mapping[int, Any], own: Evaluation) -> Rules | None:
        """The rules with the derivatives that the answers take at the kinks of a run, which is
        that of the ``values``; None if they explain no more than those of the op table."""
        from gradcalc.services.check.carried import follow
        from gradcalc.services.check.fitting import Fit
        from gradcalc.services.check.kinks import Kinks

        kinks = Kinks(own, values)
        if not kinks.choices:
            return None
        gradients = self._numbers("gradient")
        given = {("gradient", node): x for node, x in gradients.items()}
        answers = [answer for answer in self._answers if answer.quantity.key in given]

        def from_truth(rules: Rules) -> dict[Key, Any] | None:
            return follow(self.run, rules, values, {}, given)

        def from_answers(rules: Rules) -> dict[Key, Any] | None:
            return follow(self.run, rules, values, gradients, given)

        def agreeing(rules: Rules) -> tuple[int, float]:
            truth, carried = from_truth(rules), from_answers(rules)
            if truth is None or carried is None:
                return -1, -1.0
            whole, total = 0, 0.0
            for answer in answers:
                key = answer.quantity.key
                share = self._share(answer, truth[key])
                share = max(share, CREDIT * self._share(answer, carried[key]))
                whole += share in (1.0, CREDIT)
                total += share
            return whole, total

        slack = max(map(self._looseness, answers), default=0.0)
        return Fit(kinks, given, (from_truth, from_answers), agreeing, slack).best()

    def _looseness(self, answer: Answer) -> float:
        """How far the rounding of an answer, or the tolerance, reaches for its size."""
        unit = self._unit(answer)
        size = largest(answer.given)
        rounded = 0.0 if unit is None or not size else largest(unit) / size
        return min(max(self.tolerance.rtol, rounded), LOOSEST)

    def _following(self, open_: list[Answer]) -> set[Key]:
        """Those of the answers that follow from others by the true rules."""
        # A formula that is right at this point only follows from nothing.
        open_ = [
            answer
            for answer in open_
            if _fits(answer, self.run) and not self._is_coincidence(answer)
        ]
        values, gradients = self._numbers("value"), self._numbers("gradient")
        found: set[Key] = set()
        # What was taken for the value of a node, the one written down or the right one, shows in
        # the numbers only.
        for rules, taken in self._ways(values):
            left = [answer for answer in open_ if answer.quantity.key not in found]
            if not left:
                break
            found |= self._following_by(rules, taken, gradients, left)
        if values and len(found) < len(open_):
            found |= self._at_own_ties(values, gradients, open_)
        return found

    def _at_own_ties(
        self, values: Mapping[int, Any], gradients: Mapping[int, Any], open_: list[Answer]
    ) -> set[Key]:
        """Those that follow at a kink that only the numbers that were written down have. All that
        hang on what was chosen there have to go with it."""
        from gradcalc.services.check.carried import follow, own_run

        own = own_run(self.run, values)
        rules = self._chosen(values, own) if own else None
        if rules is None:
            return set()
        found = self._following_by(rules, values, gradients, open_)
        keys = [answer.quantity.key for answer in open_]
        usual, chosen = (
            follow(self.run, by, values, gradients, keys) or {} for by in (self._rules, rules)
        )
        moved = {key for key in keys if not _same(usual[key], chosen[key], self.tolerance)}
        return found if moved <= found else set()

    def _ways(self, values: Mapping[int, Any]) -> Iterator[tuple[Rules, Mapping[int, Any]]]:
        """The rules and the values that somebody may have gone by, the likeliest first."""
        from gradcalc.services.check.carried import OwnValue, follow

        if values:
            yield self._rules, values
            asked = [("value", node) for node in values]
            from_operands = follow(self.run, self._rules, values, {}, asked) or {}
            yield OwnValue(self._rules, {node: x for (_, node), x in from_operands.items()}), values
            yield OwnValue(self._rules, None), values
        yield self._rules, {}

    def _following_by(
        self,
        rules: Rules,
        values: Mapping[int, Any],
        gradients: Mapping[int, Any],
        open_: list[Answer],
    ) -> set[Key]:
        """Those of the answers that follow by these rules: from the others as they stand, or from
        what they may have been before they were rounded."""
        from gradcalc.services.check.carried import follow
        from gradcalc.services.check.shaking import FAR, reaches

        asked = [answer.quantity.key for answer in open_]
        here = follow(self.run, rules, values, gradients, asked)
        if here is None:
            return set()
        found = {
            answer.quantity.key
            for answer in open_
            if self._compared(answer, here[answer.quantity.key])
        }
        units = self._roundings()
        left = [answer for answer in open_ if answer.quantity.key not in found]
        if not units or not left:
            return found
        numbers = values, gradients
        here = {answer.quantity.key: here[answer.quantity.key] for answer in left}
        for shake, reach in enumerate(reaches(self.run, rules, numbers, units, here)):
            hopeless = set()
            for answer in left:
                key = answer.quantity.key
                if self._within(answer, here[key], reach[key]):
                    found.add(key)
                elif shake > 2 and not self._within(answer, here[key], FAR * reach[key]):
                    hopeless.add(key)
            left = [answer for answer in left if answer.quantity.key not in found | hopeless]
            if not left:
                break
        return found

    def _roundings(self) -> dict[Key, Any]:
        found = {answer.quantity.key: self._rounding(answer) for answer in self._answers}
        return {key: unit for key, unit in found.items() if unit is not None}

    def _rounding(self, answer: Answer) -> Any:
        """How far rounding may have moved an answer: no further than a right one is from the right
        number. 2.6 that is exact was not rounded."""
        unit = self._unit(answer)
        if unit is None:
            return None
        true = self.expected(answer)
        if not self._compared(answer, true):
            return unit
        distance = abs(answer.given - true)
        if not getattr(distance, "shape", ()):
            return min(unit, float(distance)) or None
        import numpy as np

        return np.minimum(unit, distance) if distance.any() else None

    def _unit(self, answer: Answer) -> Any:
        """Half a unit in the last place of what may have been rounded; None of what was not."""
        key = answer.quantity.key
        if key not in self._units:
            self._units[key] = self._last_place(answer)
        return self._units[key]

    def _last_place(self, answer: Answer) -> Any:
        if answer.entries and _fits(answer, self.run):
            import numpy as np

            halves = [
                half if (decimals or 0) > 0 or half < 0.5 else 0.0
                for (decimals, _), half in zip(
                    answer.entries, half_units(answer.entries, self.tolerance), strict=True
                )
            ]
            return np.reshape(halves, np.shape(answer.given)) if any(halves) else None
        if (answer.decimals or 0) <= 0 and answer.digits < 4:
            return None  # a whole number is taken as exact, unless it is a long one
        return half_unit(answer.decimals, answer.digits, self.tolerance) or None

    def _within(self, answer: Answer, here: Any, reach: Any) -> bool:
        """Whether an answer is as near to what follows as rounding explains, which moves that by
        ``reach``."""
        unit = self._unit(answer)
        bound = reach + (0.0 if unit is None else unit)
        bound = bound + self.tolerance.atol + self.tolerance.rtol * abs(here)
        close = abs(answer.given - here) <= bound
        return bool(close.all()) if hasattr(close, "all") else bool(close)


def _same(given: Any, true: Any, tolerance: Tolerance) -> bool:
    if getattr(given, "shape", ()) != getattr(true, "shape", ()):
        return False
    if not getattr(true, "shape", ()):
        return bool(rule_of(float(given), float(true), 0.0, tolerance))
    return bool(rule_of_array(given, true, (), tolerance))


def _fits(answer: Answer, run: Evaluation) -> bool:
    """Whether an answer has the shape of its node."""
    shape = run.graph.shape(answer.quantity.node)
    return answer.given is not None and getattr(answer.given, "shape", ()) == shape
