"""To put a wrong rule where the engine finds it."""

from collections.abc import Iterable

import pytest

from gradcalc import ops
from gradcalc.ops.row import AnyRow
from gradcalc.services import evaluate


def use_table(monkeypatch: pytest.MonkeyPatch, rows: Iterable[AnyRow]) -> None:
    """Replace the op table. Programs that were run lately remember the rules of the other one."""
    monkeypatch.setattr(ops, "TABLE", tuple(rows))
    monkeypatch.setattr(evaluate, "_recent", {})
