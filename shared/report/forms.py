"""The forms a report can take: to add one, write its module and name it here."""

from collections.abc import Sequence

from ..model.finding import Json
from ..model.report import Report
from .json import as_document, dumps

FORMS = ("text", "json", "markdown", "junit")


def render(reports: Sequence[Report], form: str, *, width: int | None = None, colour: bool = False) -> str:
    """Give the reports of one run in one *form*; several become one text, one JSON array, one set of suites.

    People get a table of all besides: at the end of a text, where a terminal stops, and at the top of a page.
    """
    # A form's libraries are imported only where that form is asked for.
    match form:
        case "json":
            documents: list[Json] = [as_document(report) for report in reports]
            return dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"
        case "markdown":
            from .markdown import as_markdown, whole_reports  # noqa: PLC0415

            told = [as_markdown(report) for report in reports]
            if len(reports) > 1:
                from .fleet.markdown import as_tables as on_page  # noqa: PLC0415  # only of several

                told = whole_reports([on_page(reports), *told])
            return "\n".join(told)
        case "junit":
            from .junit import as_junit  # noqa: PLC0415

            return as_junit(reports)
        case "text":
            from .text import as_text  # noqa: PLC0415

            texts = [as_text(report, width=width, colour=colour) for report in reports]
            if len(reports) > 1:
                from .fleet.text import as_tables  # noqa: PLC0415  # only of several

                texts.append(as_tables(reports, width=width, colour=colour))
            return "\n".join(texts)
        case _:
            raise ValueError(f"no such form: {form}")
