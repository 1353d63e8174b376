"""Bring the documentation up to date: ``python -m tests.docs.update``, and read the difference."""

from pathlib import Path
from tempfile import TemporaryDirectory

from .mistakes import PAGE, mistakes_page
from .pages import FUNCTIONS, PAGES, functions_page, refreshed


def main() -> None:
    """Write every page anew."""
    FUNCTIONS.write_text(functions_page(), encoding="utf-8")
    PAGE.write_text(mistakes_page(), encoding="utf-8")
    for path in PAGES:
        with TemporaryDirectory() as folder:
            text = refreshed(path.read_text(encoding="utf-8"), Path(folder))
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
