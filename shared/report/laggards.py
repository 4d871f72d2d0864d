"""Which of three is behind: the database, the app, or the release."""

from collections.abc import Iterator

from ..model.codes import row_of
from ..model.diagnosis import State
from ..model.phrases import counted
from ..model.report import Report

_BEYOND = {State.AHEAD, State.MISSING_FROM_RELEASE}


def behind(report: Report) -> tuple[str, ...]:
    """Name those of ``database``, ``app`` and ``release`` that lack what another has; none where no app was checked."""
    return tuple(who for who, _ in _laggards(report))


def who_is_behind(report: Report) -> str | None:
    """What follows "Behind:", who is and how that is known; None where no app was checked, or all match."""
    if report.app is None or report.release is None:
        return None
    found = dict(_laggards(report))
    if not found:
        return None
    if report.app.is_release is not False:
        found["app"] = (
            "the app runs the release" if report.app.is_release else "which release the app runs is not known"
        )
    return "; ".join(found.values()) + "."


def _laggards(report: Report) -> Iterator[tuple[str, str]]:
    if report.app is None or report.release is None:
        return
    lacking = sum(row_of(f"migration-{each.state}").lacking for each in report.migrations)
    beyond = sum(each.state in _BEYOND for each in report.migrations)
    if lacking:
        yield "database", f"the database lacks {counted(lacking, 'migration')} of the release"
    if report.app.is_release is False:
        runs = report.app.version or report.app.image
        if report.release.stale is None:
            yield "app", f"the app runs {runs}, and the release is {report.release.version}"
        else:
            yield (
                "release",
                f"the app runs {runs}, and the newest release that could be read is {report.release.version}",
            )
    if beyond:
        yield "release", f"the release lacks {counted(beyond, 'migration')} that the database has"
