"""Documents: texts with formulas in them, of which the formulas are the program."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from gradcalc.errors import GradcalcError
from gradcalc.report import Report, Value
from gradcalc.services.documents.extract import Extraction, extract, without_comments
from gradcalc.services.quantities import quantity
from gradcalc.services.values import Seed
from gradcalc.source import Source, visible

if TYPE_CHECKING:
    from gradcalc.services.documents.run import Result

#: Kinds of files that are documents if they have formulas at all.
KINDS = (".md", ".markdown", ".mkd", ".rmd", ".qmd", ".rst", ".tex", ".ltx")
TEX = (".tex", ".ltx")


def find(source: Source, file: str | None) -> "Document | None":
    """The document that a text is; None if it is a program.

    A document has formulas between delimiters of mathematics, and words outside of them.
    """
    kind = os.path.splitext(file or "")[1].lower()
    tex = kind in TEX or r"\begin{document}" in source.text
    found = extract(source, tex)
    if not found.formulas and not (kind in KINDS and found.skipped):
        return None
    if not tex and kind not in KINDS:
        if not found.words:
            return None
        # A program may have formulas in its comments.
        if not extract(Source(without_comments(source.text))).formulas:
            return None
    return Document(source, found)


class Document:
    """A document, and what it came to."""

    def __init__(self, source: Source, extraction: Extraction) -> None:
        self.source = source
        self._extraction = extraction
        self._result: Result
        self._notes: list[int] = []

    def show(self, variables: Collection[str]) -> int:
        """Print its problems in the native notation; the exit status."""
        from gradcalc.services.documents.run import read_back

        click.echo(read_back(self.source, self._extraction, variables))
        return 0

    def evaluate(
        self, values: Mapping[str, Value], random: Seed, request: Mapping[str, Any]
    ) -> list[Report]:
        """The reports of the formulas that have all their values."""
        from gradcalc.services.documents.run import Request, run_document

        self._result = run_document(
            self.source, self._extraction, values, Request(**request), random
        )
        self._notes = [len(report.notes) for report in self._result.reports]
        return self._result.reports

    def quantities(self, texts: Sequence[str]) -> list[dict[str, Value]]:
        """Those of the quantities that a report has, of all the reports that have any.

        Raises:
            GradcalcError: there is one that none of them has.
        """
        if not self._result.reports:
            message = "none of the formulas of the document has all its values"
            raise GradcalcError("missing-value", message)
        found: list[dict[str, Value]] = [{} for _ in self._result.reports]
        for text in texts:
            failed = None
            for report, values in zip(self._result.reports, found, strict=True):
                try:
                    values[text] = quantity(report, text)
                except GradcalcError as error:
                    failed = error
            if failed and not any(text in values for values in found):
                raise failed
        return [values for values in found if values]

    def print_notes(self) -> None:
        """What there is to say of the document, on standard error, a line each."""
        told = [(note.kind, f"line {note.line}: {note.message}") for note in self._result.told]
        for report, known in zip(self._result.reports, self._notes, strict=True):
            told += [("warning", note.message) for note in report.notes[known:]]
        if not told and not self._result.reports and not self._result.wrong:
            told.append(("note", "no formula of the document has something to compute"))
        for kind, message in dict.fromkeys(told):
            click.echo(f"{kind}: {visible(message)}", err=True)

    def complain(self) -> bool:
        """Print the claims that are wrong, and return whether there are any."""
        with suppress(OSError):
            for error in self._result.wrong:
                click.echo(str(error), err=True)
        return bool(self._result.wrong)
