"""JSON Lines: one object a report, as :meth:`gradcalc.report.Report.to_json` describes it."""

from collections.abc import Iterable, Iterator
from json import JSONEncoder

from gradcalc.render import Style
from gradcalc.report import Report, jsonable, node_json

_encode = JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def render(reports: Iterable[Report], style: Style) -> Iterator[str]:
    """The object of each report, node by node: a big one is never in memory as a whole.

    Numbers keep all their digits; ``style`` is not used.
    """
    for report in reports:
        header = report.header()
        if report.verification:
            from gradcalc.render.verification import to_json

            header["verify"] = to_json(report.verification)
        yield _encode(jsonable(header))[:-1]
        separator = ', "nodes": ['
        for node in report.nodes:
            yield separator + _encode(jsonable(node_json(node)))
            separator = ", "
        yield '], "notes": ' + _encode([note._asdict() for note in report.notes]) + "}\n"
