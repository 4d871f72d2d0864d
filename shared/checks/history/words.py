"""The finding of a migration, by its state."""

from collections.abc import Callable
from datetime import datetime

from ...model.diagnosis import MigrationStatus, State
from ...model.finding import Cause, Finding, Json, Severity, Step
from ...model.progress import Progress
from ...model.recorded_error import RecordedError
from ...postgres.reading_again import read_again
from ...prisma.logs import recorded_error
from ...prisma.release import LOCK_FILE
from ...remedies import migrations as remedies
from ...remedies.context import RemedyContext
from ..edited import restore
from .effects import evidence, how_far, other_script, replaced_later, undecided


def finding_of(status: MigrationStatus, context: RemedyContext) -> Finding | None:
    """Give the finding of a migration; None where it is as it should be."""
    word = _WORDS.get(status.state)
    return None if word is None else word(status, context)


def foreign_provider(provider: str) -> Finding:
    names = f"is for {provider}, not for PostgreSQL" if provider else "does not say that it is for PostgreSQL"
    return Finding(
        "release-malformed",
        LOCK_FILE,
        Severity.CRITICAL,
        f"The release's {LOCK_FILE} {names}: Prisma stops at it (P3019).",
        expected="postgresql",
        actual=provider or "no provider",
        remedy=(Step('Restore the line provider = "postgresql", and release again.'),),
    )


def squashed(status: MigrationStatus) -> Finding:
    older = f"{len(status.squashes)} older migrations" if len(status.squashes) > 1 else status.squashes[0]
    return Finding(
        "migration-squashed",
        status.name,
        Severity.INFO,
        f"{status.name} replaces (squashes) {older} that ran in this database and that the release no longer has.",
        evidence={"squashes": list(status.squashes)},
    )


def _pending(status: MigrationStatus, context: RemedyContext) -> Finding:
    return Finding(
        "migration-pending",
        status.name,
        Severity.CRITICAL,
        f"{status.name} is in the release and was never applied.{undecided(status)}",
        expected="applied",
        actual="not applied",
        remedy=remedies.for_pending(status, context),
        because=_blocked_by(context),
        evidence=evidence(status),
    )


def _skipped(status: MigrationStatus, context: RemedyContext) -> Finding:
    return Finding(
        "migration-skipped",
        status.name,
        Severity.CRITICAL,
        f"{status.name} was never applied, although the later {status.overtaken_by} was.{undecided(status)}",
        expected=f"applied before {status.overtaken_by}",
        actual="not applied",
        remedy=remedies.for_pending(status, context),
        because=_blocked_by(context),
        evidence=evidence(status),
    )


def _unrecorded(status: MigrationStatus, context: RemedyContext) -> Finding:
    return Finding(
        "migration-unrecorded",
        status.name,
        Severity.CRITICAL,
        f"All statements of {status.name} were applied, but the history has no record of it: "
        f"a deploy would run it {'and fail' if _fails_again(status) else 'a second time'}.",
        expected="recorded as applied",
        actual="not recorded",
        remedy=remedies.for_unrecorded(status, context),
        evidence=evidence(status),
    )


def _partially_applied(status: MigrationStatus, context: RemedyContext) -> Finding:
    word = "is rolled back" if status.row else "is not applied"
    return Finding(
        "migration-partially-applied",
        status.name,
        Severity.CRITICAL,
        f"{status.name} {word} according to the history, but {how_far(status)}.{other_script(status)}",
        expected="all of its statements, or none",
        actual=how_far(status),
        remedy=remedies.for_partially_applied(status, context),
        evidence=evidence(status),
    )


def _failed(status: MigrationStatus, context: RemedyContext) -> Finding:
    row = status.row
    error = recorded_error(row.logs if row else None)
    started = _minute(row.started_at if row else None)
    if error is not None:
        what = f"{status.name} failed{started}: {_sentence(error)}"
    elif context.logs_readable:
        what = f"{status.name} was started{started}, did not finish and is no longer running"
    else:
        what = f"{status.name} was started{started} and did not finish; the monitor's role may not read its error"
    lacking = "" if status.shipped else " The release does not have it."
    is_followed = isinstance(status.progress, Progress) and not status.also_finished
    how = how_far(status)
    got = f" {how[0].upper()}{how[1:]}.{replaced_later(status, 'a later statement')}" if is_followed else ""
    return Finding(
        "migration-failed",
        status.name,
        Severity.CRITICAL,
        f"{what}. It blocks every deploy (P3009).{lacking}{got}{other_script(status)}",
        expected="applied",
        actual="failed",
        remedy=remedies.for_failed(status, context),
        evidence=evidence(status) | _error_evidence(error) | {"also_finished": status.also_finished},
    )


def _rolled_back(status: MigrationStatus, context: RemedyContext) -> Finding:
    error = recorded_error(status.row.logs if status.row else None)
    cause = f" It had failed: {_sentence(error)}." if error else ""
    return Finding(
        "migration-rolled-back",
        status.name,
        Severity.CRITICAL,
        f"{status.name} was marked as rolled back and never applied again.{cause}{undecided(status)}",
        expected="applied",
        actual="rolled back",
        remedy=remedies.for_rolled_back(status, context),
        because=_blocked_by(context),
        evidence=evidence(status) | _error_evidence(error),
    )


def _renamed(status: MigrationStatus, context: RemedyContext) -> Finding:
    return Finding(
        "migration-renamed",
        status.name,
        Severity.CRITICAL,
        f"{status.name} already ran under the name {status.recorded_as}: a deploy would run it a second time.",
        expected=f"recorded as {status.name}",
        actual=f"recorded as {status.recorded_as}",
        remedy=remedies.for_renamed(status, context),
        evidence={"recorded_as": status.recorded_as},
    )


def _running(status: MigrationStatus, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-running",
        status.name,
        Severity.INFO,
        f"{status.name} is being applied{_minute(status.row.started_at if status.row else None, ' since')}.",
        expected="applied",
        actual="running",
    )


def _edited(status: MigrationStatus, context: RemedyContext) -> Finding:
    return Finding(
        "migration-edited",
        status.name,
        Severity.WARNING,
        f"{status.name} was applied with another script than the one in the release.",
        expected="the script that ran",
        actual="another one",
        remedy=context.framed([restore(status), Step("Put the change into a new migration.")]),
        evidence={"recorded_checksum": status.row.checksum if status.row else None},
    )


def _missing_from_release(status: MigrationStatus, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-missing-from-release",
        status.name,
        Severity.WARNING,
        f"{status.name} was applied, but the release does not have it.",
        expected="in the release",
        actual="only in the database",
        remedy=(Step("Merge and release the branch that it came from; or check whether the right release is read."),),
    )


def _ahead(status: MigrationStatus, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-ahead",
        status.name,
        Severity.INFO,
        f"{status.name} was applied ahead of the release: a later release has it.",
        expected="in a later release",
        actual="applied",
    )


def _malformed(status: MigrationStatus, _context: RemedyContext) -> Finding:
    return Finding(
        "release-malformed",
        status.name,
        Severity.CRITICAL,
        f"The release's migration {status.name} cannot be run: {status.malformed}.",
        expected="a migration that can be run",
        actual=status.malformed,
        remedy=(Step("Fix or remove the folder, and release again: migrate deploy stops at it."),),
    )


_WORDS: dict[State, Callable[[MigrationStatus, RemedyContext], Finding]] = {
    State.PENDING: _pending,
    State.SKIPPED: _skipped,
    State.UNRECORDED: _unrecorded,
    State.PARTIALLY_APPLIED: _partially_applied,
    State.FAILED: _failed,
    State.ROLLED_BACK: _rolled_back,
    State.RENAMED: _renamed,
    State.RUNNING: _running,
    State.EDITED: _edited,
    State.MISSING_FROM_RELEASE: _missing_from_release,
    State.AHEAD: _ahead,
    State.MALFORMED: _malformed,
}


def _blocked_by(context: RemedyContext) -> tuple[Cause, ...]:
    """Migrations behind a failed one are its consequence (P3009); so are those behind one that certainly fails."""
    if context.failed:
        return (Cause(f"migration-failed:{context.failed[0]}", certain=True),)
    return tuple(Cause(f"deploy-will-fail:{name}", certain=True) for name in context.conflicting[:1])


def _sentence(error: RecordedError) -> str:
    return f"{error.message} (SQLSTATE {error.sqlstate})" if error.sqlstate else error.message


def _error_evidence(error: RecordedError | None) -> dict[str, Json]:
    if error is None:
        return {"error": None, "sqlstate": None}
    names: dict[str, Json] = {"table": error.table, "column": error.column, "constraint": error.constraint}
    given = {part: name for part, name in names.items() if name}
    return {"error": error.message, "sqlstate": error.sqlstate, **given}


def _fails_again(status: MigrationStatus) -> bool:
    from ...postgres.plan import fails_again  # noqa: PLC0415  # few runs find a migration of this kind

    statements = status.progress.statements if isinstance(status.progress, Progress) else ()
    return fails_again(parsed for each in statements for parsed in read_again(each))


def _minute(moment: datetime | None, word: str = " on") -> str:
    return "" if moment is None else f"{word} {moment:%Y-%m-%d at %H:%M} UTC"
