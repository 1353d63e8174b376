"""Every test sees the whole op table, whichever of its rows the test asks for first."""

import pytest
from planting import Plant, planter

from gradcalc import ops

ops.load()


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """To put a wrong rule into the table."""
    return planter(monkeypatch)
