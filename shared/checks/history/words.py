"""What to say of a migration, by where it stands."""

from collections.abc import Callable
from datetime import datetime

from ...model.diagnosis import MigrationStanding, State
from ...model.finding import Cause, Finding, Json, Severity, Step
from ...model.progress import Progress
from ...model.recorded_error import RecordedError
from ...postgres.parse import read
from ...postgres.plan import fails_again
from ...prisma.logs import recorded_error
from ...prisma.release import LOCK_FILE
from ...remedies import migrations as remedies
from ...remedies.context import RemedyContext
from ..edited import restore
from .effects import evidence, how_far, other_script, undecided


def worded(standing: MigrationStanding, context: RemedyContext) -> Finding | None:
    """Give what is to be said of a migration; None where it is as it should be."""
    word = _WORDS.get(standing.state)
    return None if word is None else word(standing, context)


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


def squashed(standing: MigrationStanding) -> Finding:
    older = f"{len(standing.squashes)} older migrations" if len(standing.squashes) > 1 else standing.squashes[0]
    return Finding(
        "migration-squashed",
        standing.name,
        Severity.INFO,
        f"{standing.name} stands for {older} that production ran and the release no longer has.",
        evidence={"squashes": list(standing.squashes)},
    )


def _pending(standing: MigrationStanding, context: RemedyContext) -> Finding:
    return Finding(
        "migration-pending",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} is in the release and was never applied to production.{undecided(standing)}",
        expected="applied",
        actual="not applied",
        remedy=remedies.for_pending(standing, context),
        because=_blocked_by(context),
        evidence=evidence(standing),
    )


def _skipped(standing: MigrationStanding, context: RemedyContext) -> Finding:
    return Finding(
        "migration-skipped",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} was never applied, although {standing.overtaken_by}, which comes after it, was."
        f"{undecided(standing)}",
        expected=f"applied before {standing.overtaken_by}",
        actual="not applied",
        remedy=remedies.for_pending(standing, context),
        because=_blocked_by(context),
        evidence=evidence(standing),
    )


def _unrecorded(standing: MigrationStanding, context: RemedyContext) -> Finding:
    return Finding(
        "migration-unrecorded",
        standing.name,
        Severity.CRITICAL,
        f"All that {standing.name} makes is in production, but the history does not know it: "
        f"a deploy would run it {'and fail' if _fails_again(standing) else 'a second time'}.",
        expected="recorded as applied",
        actual="not recorded",
        remedy=remedies.for_unrecorded(standing, context),
        evidence=evidence(standing),
    )


def _partially_applied(standing: MigrationStanding, context: RemedyContext) -> Finding:
    word = "was rolled back by the history" if standing.row else "was never applied by the history"
    return Finding(
        "migration-partially-applied",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} {word}, yet {how_far(standing)}.{other_script(standing)}",
        expected="all of it, or nothing",
        actual=how_far(standing),
        remedy=remedies.for_partially_applied(standing, context),
        evidence=evidence(standing),
    )


def _failed(standing: MigrationStanding, context: RemedyContext) -> Finding:
    row = standing.row
    error = recorded_error(row.logs if row else None)
    started = _minute(row.started_at if row else None)
    if error is not None:
        what = f"{standing.name} failed{started}: {_sentence(error)}"
    elif context.logs_readable:
        what = f"{standing.name} was started{started}, never finished and runs no longer"
    else:
        what = f"{standing.name} was started{started} and did not finish; the monitor's role may not read its error"
    lacking = "" if standing.shipped else " The release does not have it."
    is_followed = isinstance(standing.progress, Progress) and not standing.also_finished
    got = f" So far {how_far(standing)}." if is_followed else ""
    return Finding(
        "migration-failed",
        standing.name,
        Severity.CRITICAL,
        f"{what}. It blocks every deploy (P3009).{lacking}{got}{other_script(standing)}",
        expected="applied",
        actual="failed",
        remedy=remedies.for_failed(standing, context),
        evidence=evidence(standing) | _error_evidence(error) | {"also_finished": standing.also_finished},
    )


def _rolled_back(standing: MigrationStanding, context: RemedyContext) -> Finding:
    error = recorded_error(standing.row.logs if standing.row else None)
    cause = f" It had failed: {_sentence(error)}." if error else ""
    return Finding(
        "migration-rolled-back",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} was marked as rolled back and never applied again.{cause}{undecided(standing)}",
        expected="applied",
        actual="rolled back",
        remedy=remedies.for_rolled_back(standing, context),
        because=_blocked_by(context),
        evidence=evidence(standing) | _error_evidence(error),
    )


def _renamed(standing: MigrationStanding, context: RemedyContext) -> Finding:
    return Finding(
        "migration-renamed",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} already ran in production as {standing.recorded_as}: a deploy would run it a second time.",
        expected=f"recorded as {standing.name}",
        actual=f"recorded as {standing.recorded_as}",
        remedy=remedies.for_renamed(standing, context),
        evidence={"recorded_as": standing.recorded_as},
    )


def _running(standing: MigrationStanding, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-running",
        standing.name,
        Severity.INFO,
        f"{standing.name} is being applied{_minute(standing.row.started_at if standing.row else None, ' since')}.",
        expected="applied",
        actual="running",
    )


def _edited(standing: MigrationStanding, context: RemedyContext) -> Finding:
    return Finding(
        "migration-edited",
        standing.name,
        Severity.WARNING,
        f"{standing.name} ran in production with another script than the one the release ships.",
        expected="the script that ran",
        actual="another one",
        remedy=context.framed([restore(standing), Step("Put what was changed into a new migration.")]),
        evidence={"recorded_checksum": standing.row.checksum if standing.row else None},
    )


def _missing_from_release(standing: MigrationStanding, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-missing-from-release",
        standing.name,
        Severity.WARNING,
        f"{standing.name} was applied to production, but the release does not have it.",
        expected="in the release",
        actual="only in production",
        remedy=(
            Step("Merge and release the branch that it was deployed from; or see whether the right release is read."),
        ),
    )


def _ahead(standing: MigrationStanding, _context: RemedyContext) -> Finding:
    return Finding(
        "migration-ahead",
        standing.name,
        Severity.INFO,
        f"{standing.name} is in production ahead of the release: it comes with a later one.",
        expected="in a later release",
        actual="applied",
    )


def _malformed(standing: MigrationStanding, _context: RemedyContext) -> Finding:
    return Finding(
        "release-malformed",
        standing.name,
        Severity.CRITICAL,
        f"The release's migration {standing.name} cannot be run: {standing.malformed}.",
        expected="a migration that can be run",
        actual=standing.malformed,
        remedy=(Step("Fix or remove the folder, and release again: migrate deploy stops at it."),),
    )


_WORDS: dict[State, Callable[[MigrationStanding, RemedyContext], Finding]] = {
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
    """What waits behind a failed migration is its consequence (P3009); so is what waits behind one that must fail."""
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


def _fails_again(standing: MigrationStanding) -> bool:
    statements = standing.progress.statements if isinstance(standing.progress, Progress) else ()
    return fails_again(parsed for each in statements for parsed in read(each.sql))


def _minute(moment: datetime | None, word: str = " on") -> str:
    return "" if moment is None else f"{word} {moment:%Y-%m-%d at %H:%M} UTC"
