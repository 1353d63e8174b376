"""All of a result, or nothing."""

from collections.abc import Iterator

import pytest

from gradcalc.cli import printing

PIECES = ["ab", "\n", "cdé\udc80", "", "fg" * 20]


def failing() -> Iterator[str]:
    yield from PIECES
    raise MemoryError


@pytest.mark.parametrize("held", [1, 3, 1000])
def test_all_of_it(
    held: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(printing, "HELD", held)
    printing.write([piece.replace("\udc80", "") for piece in PIECES])
    assert capsys.readouterr().out == "ab\ncdé" + "fg" * 20


@pytest.mark.parametrize("held", [1, 3, 1000])
def test_nothing_of_what_fails(
    held: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(printing, "HELD", held)
    with pytest.raises(MemoryError):
        printing.write(failing())
    assert capsys.readouterr().out == ""
