"""The page of mistakes says what the table says."""

from gradcalc.services.check.diagnosis import mistakes

from .mistakes import GROUPS, PAGE, mistakes_page


def test_the_page_is_fresh() -> None:
    """If not: python -m tests.docs.update"""
    assert PAGE.read_text(encoding="utf-8") == mistakes_page()


def test_every_mistake_is_on_the_page() -> None:
    assert {row for _, rows in GROUPS for row in rows} == set(mistakes.table())
