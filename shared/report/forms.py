"""The forms a report can take: to add one, write its module and a line in `FORMS`."""

from collections.abc import Callable, Mapping, Sequence

from ..model.finding import Json
from ..model.report import Report
from .json import as_document, dumps


def render(reports: Sequence[Report], form: str, *, width: int | None = None, colour: bool = False) -> str:
    """Give the reports of one run in one *form*; several become one text, one JSON array, one set of suites.

    People get a table of all besides: at the end of a text, where a terminal stops, and at the top of a page.
    """
    return FORMS[form](reports, width, colour)


# A form's libraries are imported only where that form is asked for.
def _text(reports: Sequence[Report], width: int | None, colour: bool) -> str:
    from .text import as_text  # noqa: PLC0415

    texts = [as_text(report, width=width, colour=colour) for report in reports]
    if len(reports) > 1:
        from .fleet.text import as_tables  # noqa: PLC0415  # only of several

        texts.append(as_tables(reports, width=width, colour=colour))
    return "\n".join(texts)


def _json(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    documents: list[Json] = [as_document(report) for report in reports]
    return dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"


def _markdown(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .markdown import as_markdown, whole_reports  # noqa: PLC0415

    pages = [as_markdown(report) for report in reports]
    if len(reports) > 1:
        from .fleet.markdown import as_tables  # noqa: PLC0415  # only of several

        pages = whole_reports([as_tables(reports), *pages])
    return "\n".join(pages)


def _junit(reports: Sequence[Report], _width: int | None, _colour: bool) -> str:
    from .junit import as_junit  # noqa: PLC0415

    return as_junit(reports)


# By its name on the command line: of the reports, the width of the terminal, and whether it shows colours.
FORMS: Mapping[str, Callable[[Sequence[Report], int | None, bool], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
}
