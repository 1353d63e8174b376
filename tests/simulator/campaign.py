"""Many students, and how well their mistakes are found out."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from . import faulty, marked, problems, sheets
from .marked import Marked, hand_in
from .paper import Paper, Slip

#: (everything is handed in, how numbers are written)
Mode = tuple[bool, int]
#: Only the inputs' gradients, or every number; in full (0), or to so many significant digits.
MODES: tuple[Mode, ...] = ((False, 0), (True, 0), (True, 4), (False, 4))

#: By operation another one, which the package has the same gate for.
KIN = {"mul": "triple", "add": "shift", "square": "cube", "div": "inverse", "sub": ""}


@dataclass
class Tally:
    """Figures of one mistake.

    Attributes:
        made: wrong submissions.
        found: in which the first finding lists the mistake at its gate, as first or among those
            that reproduce the numbers as well.
        first: in which it is the very first.
        uncarried: answers that follow from a wrong one and got no credit.
        unnoticed: submissions of all numbers of which none was called wrong.
        missed: what was found instead, for those that were not found.
    """

    made: int = 0
    found: int = 0
    first: int = 0
    uncarried: int = 0
    unnoticed: int = 0
    missed: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.made += other.made
        self.found += other.found
        self.first += other.first
        self.uncarried += other.uncarried
        self.unnoticed += other.unnoticed
        self.missed += other.missed


def worked(paper: Paper, everything: bool) -> dict[str, float] | None:
    """The answers, None where the mistake leads to nothing that can be written down."""
    try:
        answers = paper.answers(everything)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return answers if all(map(math.isfinite, answers.values())) else None


def redone(paper: Paper, slips: Sequence[Slip]) -> Paper | None:
    """The same problem, done with mistakes."""
    try:
        return Paper(paper.inputs, paper.lines, slips)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def tells(wrong: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether a mistake shows in what is handed in, after rounding too."""
    for name, number in wrong.items():
        true = right[name]
        if np.shape(number) != np.shape(true):
            return True
        if (np.abs(number - true) > 2e-3 * np.abs(true) + 1e-6).any():
            return True
    return False


def written(digits: int) -> Callable[[Any], str]:
    """How a student writes a number or an array."""
    one = marked.to_digits(digits) if digits else marked.in_full

    def write(value: Any) -> str:
        if not np.ndim(value):
            return one(float(value))
        return "[" + ", ".join(map(write, value)) + "]"

    return write


def drawn(name: str, random: Random) -> Iterator[tuple[Paper, Slip]]:
    """Problems, each with a way to make the mistake on it, without end."""
    known = problems.known()
    while True:
        paper = known.pop() if known else problems.drawn(random, faulty.operations(name))
        for slip in faulty.slips(name, paper, random):
            wrong = redone(paper, [slip])
            answers = None if wrong is None else worked(wrong, True)
            if answers and tells(answers, paper.answers(True)):
                yield paper, slip
                break


def scalars(name: str, graphs: int, modes: Sequence[Sequence[Mode]]) -> Tally:
    """Make a mistake on so many graphs; the modes take turns."""
    random, tally = Random(name), Tally()
    for turn, (paper, slip) in zip(range(graphs), drawn(name, random), strict=False):
        wrong = redone(paper, [slip])
        assert wrong is not None
        for everything, digits in modes[turn % len(modes)]:
            answers = worked(wrong, everything)
            if answers is None or not tells(answers, paper.answers(everything)):
                continue
            back = hand_in(paper, answers, written(digits))
            _count(tally, back, (slip.name, slip.at), (paper.text, paper.inputs, answers))
            if everything:
                _credited(tally, back, paper.slipped(slip))
    return tally


def _count(tally: Tally, back: Marked, truth: tuple[str, str], submission: Any) -> None:
    tally.made += 1
    found = bool(back.findings) and truth in back.findings[0]
    tally.found += found
    tally.first += found and back.findings[0][0] == truth
    if not found:
        tally.missed.append((truth, back.findings, submission))


def _credited(tally: Tally, back: Marked, slipped: Collection[str]) -> None:
    """Of a submission of all numbers with one mistake, what should be carried and is not, and
    whether a slip went through. What is not ``slipped`` follows from the student's own numbers."""
    wrong = {item.quantity for item in back.marks.items if item.verdict == "wrong"}
    tally.uncarried += len(wrong - set(slipped))
    rules = {item.rule for item in back.marks.items if item.quantity in slipped}
    tally.unnoticed += not wrong and rules != {"rounded"}  # 4.8 is right for 4.76


def arrays(name: str, kind: str, graphs: int, modes: Sequence[Sequence[Mode]]) -> Tally:
    """The same for arrays."""
    tally = Tally()
    random = np.random.default_rng(7)
    for turn, (right, wrong, place) in zip(
        range(6 * graphs), sheets.sheets(name, kind, random), strict=False
    ):
        for everything, digits in modes[turn % len(modes)]:
            answers = wrong.answers(everything)
            if not tells(answers, right.answers(everything)):
                continue
            back = hand_in(right, answers, written(digits))
            _count(tally, back, (name, place), (right.text, right.inputs, answers))
            if everything:
                _credited(tally, back, wrong.slipped())
        if tally.made >= graphs * sum(map(len, modes)) / len(modes):
            break
    return tally


def accusations(count: int) -> tuple[int, int, list[Any]]:
    """Right submissions, and how many of them met a finding, or an answer that is not right.

    Half of them are rounded, to two digits or more; half of them hand in every number.
    """
    random, accused, refused, seen = Random(231), 0, 0, []
    papers = problems.known()
    for turn in range(count):
        if turn % 4 == 0 and turn >= 4 * len(papers):
            papers[0] = problems.drawn(random)
            paper = papers[0]
        elif turn % 4 == 0:
            paper = papers[turn // 4]
        digits = random.randint(2, 6) if turn % 2 else 0
        back = hand_in(paper, paper.answers(turn % 4 < 2), written(digits))
        wrong = [i for i in back.marks.items if i.verdict != "right"]
        accused += bool(back.findings)
        refused += bool(wrong)
        if wrong or back.findings:
            seen.append((paper.text, paper.inputs, digits, wrong, back.findings))
    return accused, refused, seen


def two_at_once(count: int, everything: bool) -> tuple[int, int, int, list[Any]]:
    """Submissions with two mistakes at two gates, in how many of them both were found, and in how
    many other mistakes that give the very same numbers."""
    random, made, found, otherwise = Random(5), 0, 0, 0
    missed: list[Any] = []
    # The exchange of a product's gradients is the mistake of not switching, made at both operands.
    names = [name for name, _ in faulty.RULES if name != "mul-exchanged"]
    while made < count:
        paper = problems.drawn(random, (), random.randint(5, 10))
        ways = [slip for name in names for slip in faulty.slips(name, paper, random)]
        if len(ways) < 2:
            continue
        pair = random.sample(ways, 2)
        if pair[0].at == pair[1].at:
            continue
        both, right = redone(paper, pair), paper.answers(everything)
        answers = None if both is None else worked(both, everything)
        if answers is None or not tells(answers, right):
            continue
        # Each of the two has to show: with the other one alone the numbers are others.
        alone = [worked(one, everything) for s in pair if (one := redone(paper, [s]))]
        if len(alone) < 2 or not all(a and tells(answers, a) for a in alone):
            continue
        made += 1
        back = hand_in(paper, answers, written(0))
        named, explained = _named(back, [(slip.name, slip.at) for slip in pair])
        found += named
        otherwise += explained and not named
        if not explained:
            missed.append((paper.text, [(s.name, s.at) for s in pair], back.findings))
    return made, found, otherwise, missed


def _named(back: Marked, mistakes: Sequence[tuple[str, str]]) -> tuple[bool, bool]:
    """Whether all the mistakes are named, and whether all that is wrong is explained."""
    told = [one for finding in back.findings for one in finding]
    named = all(mistake in told for mistake in mistakes)
    explained = {name for finding in back.marks.diagnosis for name in finding.quantities}
    wrong = {item.quantity for item in back.marks.items if item.verdict == "wrong"}
    return named, named or wrong <= explained


def two_in_arrays(count: int, everything: bool) -> tuple[int, int, int, list[Any]]:
    """The same for arrays."""
    made, found, otherwise = 0, 0, 0
    missed: list[Any] = []
    for (both, *others), mistakes in sheets.with_two(np.random.default_rng(3)):
        answers = both.answers(everything)
        if not all(tells(answers, other.answers(everything)) for other in others):
            continue
        made += 1
        back = hand_in(both, answers, written(0))
        named, explained = _named(back, [(name, at) for at, name in mistakes.items()])
        found += named
        otherwise += explained and not named
        if not explained:
            missed.append((both.text, mistakes, back.findings))
        if made == count:
            break
    return made, found, otherwise, missed


def habits(count: int) -> tuple[int, int, list[Any]]:
    """Submissions of students who make a mistake at every gate of a kind, two at least, and in how
    many of them the habit, or each single mistake, was found."""
    random, made, found = Random(9), 0, 0
    lost: list[Any] = []
    rules = [(name, op) for name, op in faulty.RULES if op in KIN and name != "mul-exchanged"]
    while made < count:
        name, op = random.choice(rules)
        paper = problems.drawn(random, (op,), random.randint(4, 9))
        gates = [line.name for line in paper.lines if line.op == op]
        if len(gates) < 2 or any(line.op == KIN[op] for line in paper.lines):
            continue
        everywhere = Slip(name, passes=faulty.RULES[name, op], op=op)
        wrong = redone(paper, [everywhere])
        for everything in (False, True):
            right = paper.answers(everything)
            answers = None if wrong is None else worked(wrong, everything)
            singles = [
                redone(paper, [Slip(name, at, passes=faulty.RULES[name, op])]) for at in gates
            ]
            alone = [worked(one, everything) for one in singles if one]
            if answers is None or not tells(answers, right):
                continue
            if not all(one is None or tells(answers, one) for one in alone):
                continue
            made += 1
            back = hand_in(paper, answers, written(0))
            told = [one for finding in back.findings for one in finding]
            if (name, "") in told or all((name, gate) in told for gate in gates):
                found += 1
            else:
                lost.append((paper.text, name, everything, back.findings))
    return made, found, lost
