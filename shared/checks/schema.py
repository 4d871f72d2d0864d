"""Is the schema the one that the applied migrations make?"""

from collections.abc import Iterable, Iterator, Sequence, Set

from ..diagnose.uncompared import not_compared
from ..model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from ..model.difference import Change, Difference
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.phrases import listed
from ..model.plan import Conflict, Plan
from ..model.schema import SETTINGS, Column, Subject
from ..model.value import replace
from ..postgres.live import Live
from ..remedies import commands
from ..remedies.conflicting import not_skipping
from ..remedies.context import is_blocking
from ..remedies.present_names import under_present_names
from ..remedies.recorded_early import of_recorded_early
from .changed import with_changed
from .edited import with_edits
from .invalid_indexes import index_invalid, invalid_indexes
from .new_kinds import until_a_clean_week
from .schema_severity import severity

_NEW_MIGRATION = "Put this into a new migration (npx prisma migrate dev --create-only) and release it."


def check_schema(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield what differs, one finding a change, what the server calls invalid, and why the rest is unknown."""
    truth = known(diagnosis)
    comparison = known(truth.schema)
    yield from _of_unknown_names(comparison)
    broken, remedies = invalid_indexes(comparison), _Remedies(facts, truth, comparison)
    for subject in broken:
        finding = index_invalid(subject, comparison, known(facts.database).schema)
        yield replace(finding, remedy=commands.framed(facts.target.remedy, finding.remedy))
    said, by = _settings_said(truth.plan), _by(truth.migrations)
    differing = [
        (difference, until_a_clean_week(found, difference, facts.last_seen, facts.started_at))
        for difference in comparison.differences
        if not (difference.subject.kind in SETTINGS and difference.subject.name[-1] in said)
        and (found := _of_difference(difference, by, is_invalid=difference.subject in broken)) is not None
    ]
    keys = {found.subject: found.key for _, found in differing}
    for difference, found in differing:
        yield with_changed(remedies.of(found, difference), truth.changed.get(difference.subject), keys)
    unknown = not_compared(comparison, facts.target.accepted, facts.started_at.date())
    if unknown is not None:
        yield unknown


def _settings_said(plan: Plan | Unavailable | None) -> frozenset[str]:
    """The settings that deploy-session-setting names, with what they do to the pending migrations."""
    statements = plan.statements if isinstance(plan, Plan) else ()
    return frozenset(one.setting.lower() for each in statements for one in each.by_setting)


def _of_difference(difference: Difference, by: str, *, is_invalid: bool) -> Finding | None:
    """The finding of *difference*; None where that of the invalid index says it already."""
    attributes = set(difference.attributes) - ({"valid"} if is_invalid else set())
    if (is_invalid and difference.change is Change.UNEXPECTED) or (
        difference.change is Change.CHANGED and not attributes
    ):
        return None
    return _not_validated(difference) if _is_not_validated(difference, attributes) else _differs(difference, by)


def _is_not_validated(difference: Difference, attributes: Set[str]) -> bool:
    wanted = difference.wanted
    if isinstance(wanted, Column):
        return attributes == {"not_null_validated"} and wanted.not_null_validated
    return attributes == {"validated"} and getattr(wanted, "validated", False)


class _Remedies:
    """The first step for a difference, by what the migrations need before it."""

    def __init__(self, facts: Facts, truth: Diagnosis, comparison: Comparison) -> None:
        database = known(facts.database)
        self._remedy = facts.target.remedy
        self._truth = truth
        renamed = under_present_names(truth.migrations) if comparison.recorded_early else {}
        self._by_name = {status.name: renamed.get(status.name, status) for status in truth.migrations}
        self._recorded_early = comparison.recorded_early
        self._live = Live.of(database.catalog, database.schema, database.server_version)
        self._schema = database.schema
        self._skipping = {
            subject: (status, each) for status in truth.migrations for each in status.skips for subject in each.skipped
        }
        self._in_the_way = _in_the_way(truth.migrations)
        self._blocking = [each.name for each in truth.migrations if is_blocking(each) or each.conflicts]

    def of(self, finding: Finding, difference: Difference) -> Finding:
        recorded_early = [self._by_name[name] for name in self._recorded_early.get(difference.subject, ())]
        if not recorded_early:
            edits = self._truth.edits.get(difference.subject, ())
            finding = with_edits(finding, difference, edits, self._truth.migrations)
        blocked = next((self._in_the_way[each] for each in _objects(difference) if each in self._in_the_way), None)
        if blocked is not None:
            status, conflict = blocked
            if conflict.in_part:
                finding = replace(finding, summary=_summary_of_part(difference, status, conflict))
            # A new migration would come too late: the one that this object blocks is deployed first.
            step = Step(f"Fix deploy-will-fail of {status.name}: {difference.subject} is in its way.")
            return replace(finding, remedy=(step,))
        if (skipping := self._skipping.get(difference.subject)) is not None:
            status, conflict = skipping
            steps = not_skipping(conflict, status, self._schema)
            finding = replace(finding, summary=_summary_of_skipped(difference, status, conflict))
            return replace(finding, remedy=commands.framed(self._remedy, tuple(steps)))
        if recorded_early:
            finding = of_recorded_early(finding, recorded_early, self._live)
            return replace(finding, remedy=commands.framed(self._remedy, finding.remedy))
        if difference.corrective:
            return replace(finding, remedy=_once_deployable(finding.remedy, self._blocking))
        return finding


def _of_unknown_names(comparison: Comparison) -> Iterator[Unavailable]:
    """Missing objects that statements which cannot be parsed may make: it is unknown whether they should exist."""
    said = set(comparison.expected.opaque.values())
    for _, because in comparison.expected.mentioned:
        if because not in said:
            yield Unavailable(because, lasting=True)


def _in_the_way(migrations: Iterable[MigrationStatus]) -> dict[Subject, tuple[MigrationStatus, Conflict]]:
    """The objects that make a migration fail, each with the first such migration."""
    met = [(conflict.found_as, (status, conflict)) for status in migrations for conflict in status.conflicts]
    return dict(reversed(met))


def _objects(difference: Difference) -> Iterator[Subject]:
    yield from (each for each in (difference.subject, difference.found_as, *difference.folded) if each is not None)


def _not_validated(difference: Difference) -> Finding:
    what = "NOT NULL of " if isinstance(difference.wanted, Column) else ""
    return Finding(
        "constraint-not-valid",
        str(difference.subject),
        Severity.WARNING,
        f"{what}{difference.subject} is not validated, although the migrations validate it: older rows may violate it.",
        expected="validated",
        actual="not valid",
        remedy=_remedy(difference),
    )


def _differs(difference: Difference, by: str) -> Finding:
    return Finding(
        f"schema-{difference.change}",
        str(difference.subject),
        severity(difference),
        _summary(difference, by),
        expected=difference.expected,
        actual=difference.actual,
        remedy=_remedy(difference),
        evidence={
            "attributes": list(difference.attributes),
            "found_as": None if difference.found_as is None else str(difference.found_as),
            "folded": [str(subject) for subject in difference.folded],
        },
    )


def _by(migrations: Iterable[MigrationStatus]) -> str:
    """What the sentences are about, where other files ran than the release has: what those made may not be known."""
    ran_otherwise = (State.EDITED, State.MISSING_FROM_RELEASE, State.SQUASHED)
    return "by the release's files " if any(each.state in ran_otherwise for each in migrations) else ""


def _summary(difference: Difference, by: str) -> str:
    subject = difference.subject
    if difference.found_as is not None:
        there = "has another name" if difference.attributes == ("name",) else "is something else"
        return f"{subject} {there} in the database: {difference.found_as}."
    match difference.change:
        case Change.MISSING:
            return (
                f"{subject} is missing in the database: {by}the applied migrations create it ({difference.expected})."
            )
        case Change.UNEXPECTED:
            return f"{subject} is in the database, but {by}no applied migration creates it ({difference.actual})."
        case Change.CHANGED:
            return (
                f"{subject} is {difference.actual} in the database; {by}the applied migrations define it as "
                f"{difference.expected}."
            )


def _summary_of_skipped(difference: Difference, status: MigrationStatus, conflict: Conflict) -> str:
    """What a statement of a pending migration would make, and will not, since an object has the name."""
    subject = difference.subject
    if difference.change is Change.MISSING:
        what = f"{subject} ({difference.expected}) is not in the database"
    else:
        what = f"{subject} is {difference.found_as or difference.actual} in the database, and not {difference.expected}"
    return (
        f"{what}, as line {conflict.line} of {status.name} makes it: {conflict.found_as} exists, so a deploy would "
        "skip over that statement and change nothing."
    )


def _summary_of_part(difference: Difference, status: MigrationStatus, conflict: Conflict) -> str:
    """What a statement makes that no history calls applied: its object exists, but for *difference*."""
    subject, where = difference.subject, f"line {conflict.line} of {status.name}"
    match difference.change:
        case Change.MISSING:
            return f"{subject} is missing in the database: {where} makes it ({difference.expected})."
        case Change.UNEXPECTED:
            return f"{subject} is in the database ({difference.actual}), but {where}, which makes its table, has none."
        case Change.CHANGED:
            return f"{subject} is {difference.actual} in the database, where {where} makes {difference.expected}."


def _once_deployable(steps: Sequence[Step], blocking: Sequence[str]) -> tuple[Step, ...]:
    """Give the steps of a new migration, which no deploy reaches before the *blocking* ones are fixed."""
    if not blocking:
        return tuple(steps)
    first, *more = steps
    fixed = f"After {listed(blocking)} {'is' if len(blocking) == 1 else 'are'} fixed (a deploy would stop there)"
    return replace(first, text=f"{fixed}: {first.text[0].lower()}{first.text[1:]}"), *more


def _remedy(difference: Difference) -> tuple[Step, ...]:
    if difference.corrective:
        return (Step(_NEW_MIGRATION, "\n".join(difference.corrective)), *_concurrently(difference))
    if difference.change is Change.UNEXPECTED:
        return (
            Step(
                f"If the application needs {difference.subject}, write a migration that creates it and mark that as "
                "applied. If it is known drift, accept it in the settings "
                "(migration-monitor baseline writes the lines)."
            ),
        )
    if difference.attributes == ("partitions",):
        return (
            Step(
                "Give the table what its partitions have, by a new migration, or drop it from them. If it is known "
                "drift, accept it in the settings (migration-monitor baseline writes the lines)."
            ),
        )
    return (
        Step(f"Fix {difference.subject} by a new migration, written by hand: no SQL is known that keeps all data."),
    )


def _concurrently(difference: Difference) -> Iterator[Step]:
    if not difference.concurrently:
        return
    check, make = difference.concurrently
    yield Step(
        "Or, if the table is big (the first way blocks its writes while the index is built): put this into a new "
        "migration.",
        check,
        choice=True,
    )
    yield Step(
        "Put this alone into the next migration. Deploy both from exactly one runner. If the second fails, drop the "
        "INVALID index that it left before you deploy again.",
        make,
        choice=True,
    )
