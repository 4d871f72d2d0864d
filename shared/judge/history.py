"""Is the migration history in step with the release?"""

from collections.abc import Callable, Iterator
from datetime import datetime
from shlex import quote

from shared.judge import commands
from shared.judge.awaited import severity_of_waiting
from shared.judge.rewritten import judge_rewritten
from shared.model.database import History
from shared.model.diagnosis import Diagnosis, MigrationStanding, State
from shared.model.facts import Facts
from shared.model.finding import Cause, Finding, Json, Severity, Step
from shared.model.knowledge import Unavailable, known
from shared.prisma.logs import RecordedError, recorded_error
from shared.prisma.release import LOCK_FILE


def judge_history(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding]:
    """Yield what the history and the release do not agree on, in the order of the release."""
    truth = known(diagnosis)
    database = known(facts.database)
    history = known(database.history)
    if not history.exists:
        yield _history_missing(database.schema, history)
    if truth.foreign_provider is not None:
        yield _foreign_provider(truth.foreign_provider)
    yield from judge_rewritten(facts, history, database.schema)
    advice = _Advice(facts, truth, history)
    for standing in truth.migrations:
        word = _WORDS.get(standing.state)
        if word is not None:
            yield word(standing, advice)


class _Advice:
    """What a remedy depends on beside the migration itself."""

    def __init__(self, facts: Facts, diagnosis: Diagnosis, history: History) -> None:
        self._settings = facts.target.remedy
        self._history = history
        self.schema = known(facts.database).schema
        self.logs_readable = history.logs_readable
        self.waiting = severity_of_waiting(facts)
        self.failed = next((m for m in diagnosis.migrations if m.state is State.FAILED), None)
        applied = [m.name for m in diagnosis.migrations if m.state in {State.APPLIED, State.EDITED}]
        self.newest_applied = applied[-1] if applied else None

    @property
    def because(self) -> tuple[Cause, ...]:
        """What waits behind a failed migration is its consequence: P3009 blocks every deploy."""
        return () if self.failed is None else (Cause(f"migration-failed:{self.failed.name}", certain=True),)

    def deploy(self) -> tuple[Step, ...]:
        if self.failed is not None:
            return (Step(f"First mend {self.failed.name}: Prisma deploys nothing while it stands as failed (P3009)."),)
        if not self._history.exists and self._history.schema_has_tables:
            return self.framed(
                Step(
                    f"The schema {self.schema} holds tables and no history, so Prisma refuses to deploy (P3005): "
                    "record each migration whose objects are all there already as applied.",
                    commands.resolve_applied("NAME"),
                ),
                Step("Then apply the rest.", commands.DEPLOY),
            )
        return self.framed(Step("Apply what is pending.", commands.DEPLOY))

    def framed(self, *steps: Step) -> tuple[Step, ...]:
        return commands.framed(self._settings, steps)


def _history_missing(schema: str, history: History) -> Finding:
    has_tables = "tables, but no" if history.schema_has_tables else "no tables and no"
    return Finding(
        "history-missing",
        schema,
        Severity.CRITICAL,
        f"The schema {schema} has {has_tables} _prisma_migrations: Prisma has never deployed there, "
        "or another schema is meant.",
        expected="a table _prisma_migrations",
        actual="none",
        remedy=(
            Step("If the application lives in another schema, set `schema` of the target's database (or `--schema`)."),
        ),
        evidence={"schema_has_tables": history.schema_has_tables},
    )


def _foreign_provider(provider: str) -> Finding:
    return Finding(
        "release-malformed",
        LOCK_FILE,
        Severity.CRITICAL,
        f"The release's {LOCK_FILE} is for {provider}, not for PostgreSQL: Prisma stops at it (P3019).",
        expected="postgresql",
        actual=provider,
        remedy=(Step("Restore the lock file from before the provider was changed, and release again."),),
    )


def _pending(standing: MigrationStanding, advice: _Advice) -> Finding:
    return Finding(
        "migration-pending",
        standing.name,
        advice.waiting,
        f"{standing.name} is in the release and was never applied to production.",
        expected="applied",
        actual="not applied",
        remedy=advice.deploy(),
        because=advice.because,
    )


def _skipped(standing: MigrationStanding, advice: _Advice) -> Finding:
    return Finding(
        "migration-skipped",
        standing.name,
        advice.waiting,
        f"{standing.name} was never applied, although {advice.newest_applied}, which comes after it, was.",
        expected=f"applied before {advice.newest_applied}",
        actual="not applied",
        remedy=advice.deploy(),
        because=advice.because,
    )


def _failed(standing: MigrationStanding, advice: _Advice) -> Finding:
    row = standing.row
    error = recorded_error(row.logs if row else None)
    started = _minute(row.started_at if row else None)
    if error is not None:
        what = f"{standing.name} failed{started}: {_sentence(error)}"
    elif advice.logs_readable:
        what = f"{standing.name} was started{started}, never finished and runs no longer"
    else:
        what = (
            f"{standing.name} was started{started} and did not finish; its error is not readable for the monitor's role"
        )
    lacking = "" if standing.shipped else " The release does not have it."
    return Finding(
        "migration-failed",
        standing.name,
        Severity.CRITICAL,
        f"{what}. It blocks every deploy (P3009).{lacking}",
        expected="applied",
        actual="failed",
        remedy=_failed_remedy(standing, advice),
        evidence=_error_evidence(error) | {"also_finished": standing.also_finished},
    )


def _failed_remedy(standing: MigrationStanding, advice: _Advice) -> tuple[Step, ...]:
    name = standing.name
    if standing.also_finished or standing.shipped is None:
        reason = "another run of it finished" if standing.also_finished else "the release no longer has it"
        return advice.framed(
            Step(f"Take the failed row back: {reason}, so nothing is run again.", commands.resolve_rolled_back(name))
        )
    return advice.framed(
        Step("Mend what made it fail, and look which of its statements took effect: it may have stopped half-way."),
        Step("If none did: take it back,", commands.resolve_rolled_back(name)),
        Step("and apply it again.", commands.DEPLOY),
        Step("If some did: run the remaining ones by hand, then record it as applied.", commands.resolve_applied(name)),
    )


def _rolled_back(standing: MigrationStanding, advice: _Advice) -> Finding:
    error = recorded_error(standing.row.logs if standing.row else None)
    cause = f" It had failed: {_sentence(error)}." if error else ""
    return Finding(
        "migration-rolled-back",
        standing.name,
        advice.waiting,
        f"{standing.name} was marked as rolled back and never applied again.{cause}",
        expected="applied",
        actual="rolled back",
        remedy=(Step("Mend what made it fail the first time."), *advice.deploy()) if error else advice.deploy(),
        because=advice.because,
        evidence=_error_evidence(error),
    )


def _renamed(standing: MigrationStanding, advice: _Advice) -> Finding:
    return Finding(
        "migration-renamed",
        standing.name,
        Severity.CRITICAL,
        f"{standing.name} already ran in production as {standing.recorded_as}: a deploy would run it a second time.",
        expected=f"recorded as {standing.name}",
        actual=f"recorded as {standing.recorded_as}",
        remedy=advice.framed(
            Step("Record the new name as applied, without running it.", commands.resolve_applied(standing.name))
        ),
        evidence={"recorded_as": standing.recorded_as},
    )


def _running(standing: MigrationStanding, _advice: _Advice) -> Finding:
    return Finding(
        "migration-running",
        standing.name,
        Severity.INFO,
        f"{standing.name} is being applied{_minute(standing.row.started_at if standing.row else None, ' since')}.",
        expected="applied",
        actual="running",
    )


def _edited(standing: MigrationStanding, advice: _Advice) -> Finding:
    return Finding(
        "migration-edited",
        standing.name,
        Severity.WARNING,
        f"{standing.name} ran in production with another script than the one the release ships.",
        expected="the script that ran",
        actual="another one",
        remedy=advice.framed(
            Step(
                "Restore the script as it ran, and put what was changed into a new migration.",
                f"git log --follow -p -- {quote(f'prisma/migrations/{standing.name}/migration.sql')}",
            )
        ),
        evidence={"recorded_checksum": standing.row.checksum if standing.row else None},
    )


def _missing_from_release(standing: MigrationStanding, _advice: _Advice) -> Finding:
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


def _malformed(standing: MigrationStanding, _advice: _Advice) -> Finding:
    return Finding(
        "release-malformed",
        standing.name,
        Severity.CRITICAL,
        f"The release's migration {standing.name} cannot be run: {standing.malformed}.",
        expected="a migration that can be run",
        actual=standing.malformed,
        remedy=(Step("Mend or remove the folder, and release again: `migrate deploy` stops at it."),),
    )


_WORDS: dict[State, Callable[[MigrationStanding, _Advice], Finding]] = {
    State.PENDING: _pending,
    State.SKIPPED: _skipped,
    State.FAILED: _failed,
    State.ROLLED_BACK: _rolled_back,
    State.RENAMED: _renamed,
    State.RUNNING: _running,
    State.EDITED: _edited,
    State.MISSING_FROM_RELEASE: _missing_from_release,
    State.MALFORMED: _malformed,
}


def _sentence(error: RecordedError) -> str:
    return f"{error.message} (SQLSTATE {error.sqlstate})" if error.sqlstate else error.message


def _error_evidence(error: RecordedError | None) -> dict[str, Json]:
    return {"error": error.message if error else None, "sqlstate": error.sqlstate if error else None}


def _minute(moment: datetime | None, word: str = " on") -> str:
    return "" if moment is None else f"{word} {moment:%Y-%m-%d at %H:%M} UTC"
