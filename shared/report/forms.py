"""The forms a report can take: to add one, write its module and a line in `FORMS`."""

from collections.abc import Callable, Mapping, Sequence

from ..model.finding import Json
from ..model.report import Report, Verdict
from .json import as_document, dumps, printable_pieces


def render(reports: Sequence[Report], form: str, *, width: int | None = None, colour: bool = False) -> str:
    """Give the reports of one run in one *form*; several become one text, one JSON array, one set of suites.

    People get a table of all first, then a line for each target in order, then the other reports as a whole.
    """
    return FORMS[form](reports, width, colour)


def render_pieces(
    reports: Sequence[Report], form: str, *, width: int | None = None, colour: bool = False
) -> Sequence[str]:
    """Give the same piece by piece, for who writes it: the JSON of a long plan has many megabytes."""
    if form != "json":
        return [render(reports, form, width=width, colour=colour)]
    return [*printable_pieces(_document(reports), indent=2), "\n"]


# A form's libraries are imported only where that form is asked for.
def _text(reports: Sequence[Report], width: int | None, colour: bool) -> str:
    from .text import as_line, as_text  # noqa: PLC0415

    if len(reports) == 1:
        return as_text(reports[0], width=width, colour=colour)
    from .fleet.text import as_tables  # noqa: PLC0415  # only of several

    texts = [as_tables(reports, width=width, colour=colour)]
    healthy = [as_line(report, width=width, colour=colour) for report in reports if _is_healthy(report)]
    texts += ["".join(healthy)] if healthy else []
    texts += [as_text(report, width=width, colour=colour) for report in reports if not _is_healthy(report)]
    return "\n".join(texts)


def _is_healthy(report: Report) -> bool:
    return report.verdict is Verdict.PASSED and not report.findings


def _json(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    return dumps(_document(reports), indent=2, end="\n")


def _document(reports: Sequence[Report]) -> Json:
    documents: list[Json] = [as_document(report) for report in reports]
    return documents[0] if len(documents) == 1 else documents


def _markdown(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .markdown import as_line, as_markdown, whole_reports  # noqa: PLC0415

    if len(reports) == 1:
        return as_markdown(reports[0])
    from .fleet.markdown import as_tables  # noqa: PLC0415  # only of several

    healthy = [as_line(report) for report in reports if _is_healthy(report)]
    others = [as_markdown(report) for report in reports if not _is_healthy(report)]
    return "\n".join(whole_reports([as_tables(reports), *healthy, *others]))


def _junit(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .junit import as_junit  # noqa: PLC0415

    return as_junit(reports)


def _sarif(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .sarif.reports import as_sarif  # noqa: PLC0415

    return as_sarif(reports)


def _html(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .html.page import Remembered, whole_page  # noqa: PLC0415

    states = [Remembered(report.target, as_document(report)) for report in reports]
    return whole_page(states, max(report.started_at + report.took for report in reports))


# By its name on the command line: of the reports, the width of the terminal, and whether it shows colours.
FORMS: Mapping[str, Callable[[Sequence[Report], int | None, bool], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "sarif": _sarif,
    "html": _html,
}
