"""Findings in words: which gate, which rule, which number."""

from collections.abc import Sequence
from typing import Any

from gradcalc.services.check.diagnosis.explain import Explained
from gradcalc.services.check.diagnosis.mistake import (
    ANSWER,
    FACTOR,
    RULE,
    SUM,
    UPSTREAM,
    VALUE,
    Fault,
    Match,
)
from gradcalc.services.check.diagnosis.passes import Backward
from gradcalc.services.check.diagnosis.tape import Linear, Tape
from gradcalc.services.check.types import Answer, Finding
from gradcalc.syntax.names import is_name
from gradcalc.syntax.printer import format_number, shorten

TEXT = 60
#: Of numbers so many digits are written.
DIGITS = 6
#: So many alternatives are worked out.
MOST = 12
#: A product that contributes to a hint is written for so many operands.
MOST_OPERANDS = 3


class Words:
    """The texts of one run."""

    def __init__(self, tape: Tape, answers: Sequence[Answer]) -> None:
        self.tape, self.run = tape, tape.run
        self.names = {answer.quantity.key: answer.quantity.name for answer in answers}

    def finding(self, explained: Explained) -> Finding:
        """The finding for an explanation."""
        explanation = explained.explanation
        kind, fault = explained.kind, explanation.matches[0].fault
        others, alternatives = self._alternatives(explained)
        quantities = [
            self.names[kind, node] for node in sorted(explanation.explained, reverse=True)
        ]
        return Finding(
            mistake=fault.mistake.name,
            node=None if fault.node is None else self.run.id(fault.node),
            gate=self.gate(fault),
            explanation=self.sentence(fault, kind),
            hints=(
                self._where(fault, kind),
                _sentence(fault.mistake.rule),
                self._number(fault, explained),
            ),
            quantities=tuple(quantities),
            alternatives=tuple(alternatives),
            faults=(fault, *others),
        )

    def _alternatives(self, explained: Explained) -> tuple[list[Fault], list[str]]:
        """The faults beside the first, without those that say the same in the same words, and the
        different texts about them."""
        first, *others = explained.explanation.matches
        said = {self.sentence(first.fault, explained.kind)}
        faults: list[Fault] = []
        texts: dict[str, None] = {}
        for other in others:
            sentence = self.sentence(other.fault, explained.kind)
            if sentence not in said and len(texts) < MOST:
                said.add(sentence)
                faults.append(other.fault)
                texts[self._alternative(first, other, explained.back)] = None
        return faults, list(texts)

    # Names

    def node(self, node: int) -> str:
        """A node by its name, else by its operation."""
        return shorten(self.run.reference(node)[0], TEXT)

    def gate(self, fault: Fault) -> str:
        """Where a fault was made."""
        if fault.node is None:
            if fault.mistake.kind == SUM:
                return "every node"
            return f"every {fault.op} gate" if fault.op else "every gate"
        name = self.run.graph.names.get(fault.node)
        expression = shorten(self.run.expression(fault.node), TEXT)
        return f"{name} = {expression}" if name and name != expression else expression

    def gradient(self, node: int) -> str:
        """The gradient of a node, as answers call it."""
        name = self.node(node)
        return f"d{name}" if is_name(name) else f"d({name})"

    def answer(self, node: int, kind: str) -> str:
        """What an answer is about: a value or a gradient."""
        return self.gradient(node) if kind == "gradient" else self.node(node)

    def sentence(self, fault: Fault, kind: str) -> str:
        """What was done wrong. ``kind`` is that of the answers."""
        mistake, node = fault.mistake, fault.node
        if node is None:
            where = self.gate(fault)
            if not fault.op:
                where += " where it can be made"
            return _sentence(f"The same mistake was made at {where}: {mistake.title}")
        operands = self.run.graph.operands[node]
        touched = dict.fromkeys(operands[place] for place in fault.places)
        operand = " and ".join(map(self.node, touched)) or "the operand"
        text = mistake.explanation.format(
            gate=self.gate(fault),
            operand=operand,
            node=self.answer(node, kind) if mistake.kind == ANSWER else self.node(node),
            other="" if fault.other is None else self.node(fault.other),
        )
        return _sentence(text)

    # Hints

    def _where(self, fault: Fault, kind: str) -> str:
        if fault.node is None:
            return _sentence(f"Look at {self.gate(fault)}")
        if fault.mistake.kind == SUM:
            return _sentence(f"Look at what arrives at {self.node(fault.node)}")
        if fault.mistake.kind == ANSWER:
            return _sentence(f"Look at {self.answer(fault.node, kind)} once more")
        what = "the value of" if fault.mistake.kind == VALUE else "the gate"
        return _sentence(f"Look at {what} {self.gate(fault)}")

    def _number(self, fault: Fault, explained: Explained) -> str:
        back, node = explained.back, fault.node
        if explained.kind == "value":
            node = max(explained.explanation.explained) if node is None else node
            return _sentence(f"The value of {self.node(node)} is {self._value(node)}")
        if fault.mistake.kind == VALUE and node is not None:
            return _sentence(f"The value of {self.node(node)} is {self._value(node)}")
        if node is not None and fault.mistake.kind in (RULE, UPSTREAM, FACTOR):
            return self._products(fault, back)
        parts = []
        if node is None:
            node = max(explained.explanation.explained)
        else:
            parts = [_text(part) for _, _, part in back.parts.get(node, ())]
        arriving = back.arriving[node]
        own = self._own(arriving, self.run.gradient(node))
        if len(parts) > 1:
            return _sentence(f"{self.gradient(node)} = {_added(parts)} = {_text(arriving)}{own}")
        return _sentence(f"{self.gradient(node)} is {_text(arriving)}{own}")

    def _own(self, number: Any, true: Any) -> str:
        """A reminder that a number hangs on a wrong one before it, if it is not the true one."""
        same = not self.tape.numbers.differ(number, true)
        return "" if same else ", going by your numbers before it"

    def _value(self, node: int) -> str:
        return _text(self.run.values[node])

    def _products(self, fault: Fault, back: Backward) -> str:
        node = fault.node
        assert node is not None
        up = back.adjoint[node]
        operands = self.run.graph.operands[node]
        gate = back.linear.gate(node, up)
        places = fault.places or tuple(gate.places)
        true = Linear(self.tape, self.run.values).gate(node, self.run.gradient(node))
        own = ""
        texts = []
        for place in places[:MOST_OPERANDS]:
            local = gate.local(place)
            passed = gate.true(place)
            product = _text(passed)
            own = own or self._own(passed, true.true(place))
            name = self.node(operands[place])
            if local is None or self.tape.arrays:
                texts.append(f"{name} gets {product}")
            else:
                texts.append(f"{name} gets {_text(up)} · {_text(local)} = {product}")
        return _sentence(f"From this gate {'; '.join(texts)}{own}")

    # Alternatives

    def _alternative(self, first: Match, other: Match, back: Backward) -> str:
        mistake = other.fault.mistake
        where = self.gate(other.fault)
        if mistake.kind in (SUM, ANSWER) and other.fault.node is not None:
            where = self.node(other.fault.node)
        return f"{mistake.name} at {where}: {mistake.title} ({self._apart(first, other, back)})"

    def _apart(self, first: Match, other: Match, back: Backward) -> str:
        """What would tell two faults apart: a gradient that was not asked for, or other values."""
        one, two = (self._moved(match, back) for match in (first, other))
        if one is not None and two is not None:
            for node in reversed(self.tape.order):
                if node in back.pinned:
                    continue
                arriving = back.arriving[node]
                a, b = arriving + one.get(node, 0.0), arriving + two.get(node, 0.0)
                if self.tape.numbers.differ(a, b):
                    name = self.gradient(node)
                    return f"{name} would tell: {_text(a)} with the first one, {_text(b)} with this"
        return "the same numbers at this point"

    def _moved(self, match: Match, back: Backward) -> dict[int, Any] | None:
        """What a fault changes at each node."""
        if match.fault.mistake.kind in (VALUE, ANSWER):
            return None
        if match.fault.node is None:
            return match.changes
        return dict(back.linear.spread(match.changes, back.pinned))


def _added(parts: Sequence[str]) -> str:
    return " + ".join(f"({part})" if part.startswith("-") else part for part in parts)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _text(value: Any) -> str:
    if getattr(value, "shape", ()):
        from gradcalc.syntax.literals import format_array

        return format_array(value + 0.0, 12, DIGITS)  # no -0
    return format_number(float(value), DIGITS)
