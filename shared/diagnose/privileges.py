"""In what production's owners and privileges differ from what its migrations, and the baseline, make of them."""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listed

from ..model.database import DatabaseReading
from ..model.diagnosis import Comparison, MigrationStatus, State
from ..model.facts import Facts
from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.privileges import ExpectedRights, Rights, RightsComparison
from ..model.progress import Effects, Progress
from ..model.question import Answers
from ..model.schema import RELATIONS, ROUTINES, TYPES, Kind, RowSecurity, Sequence, Subject
from ..model.settings import BaselineOfPrivileges
from ..model.value import dataclass
from ..postgres.parse import ParseError, Statement, parse
from ..postgres.replay import Replay, RightsOf
from ..postgres.rights.comparing import compare, in_doubt
from ..postgres.rights.corrective import present
from .kept import keep
from .order import HAVE_RUN, in_order, was_started
from .scripts import UnparsedScript, hashable

# What a baseline may say.
_OF_RIGHTS = frozenset(
    {"AlterDefaultPrivilegesStmt", "AlterOwnerStmt", "AlterRoleStmt", "GrantRoleStmt", "GrantStmt",
     "ReassignOwnedStmt"}
)  # fmt: skip
_WITH_RIGHTS = frozenset({*RELATIONS, *ROUTINES, *TYPES, Kind.FOREIGN_TABLE, Kind.SCHEMA, Kind.SEQUENCE})
_MOST_KEPT = 4
_kept: dict[object, ExpectedRights] = {}


@dataclass(frozen=True, slots=True)
class _Script:
    """A migration that has run; *in_doubt*: some of it may not have."""

    script: UnparsedScript
    in_doubt: bool


def compared_rights(
    facts: Facts,
    database: DatabaseReading,
    order: Listed[MigrationStatus],
    migrations: Listed[MigrationStatus],
    comparison: Comparison,
) -> RightsComparison | Unavailable:
    """Compare them; unavailable where it is not known what was granted. *order* is that in which migrations ran."""
    actual = known(database.rights)
    if actual is None:
        return Unavailable("owners and privileges were not read")
    app = facts.target.app_role or actual.deployer
    if app not in actual.roles:
        return Unavailable(f'the server has no role "{app}", which `app_role` names', lasting=True)
    scripts = tuple(_ran(order, {each.name: each for each in migrations}, facts.unread))
    expected = _expected(scripts, database.schema, facts.answers, actual, facts.target.grants)
    if expected.unsure:
        more = "what it grants or revokes is not known. Record it: migration-monitor baseline"
        return Unavailable(f"{'; '.join(expected.unsure)}: {more}", lasting=True)
    return compare(
        expected,
        actual,
        _common(comparison, expected, actual, database.schema),
        app,
        of_tables=_sequences_of_tables(comparison),
        has_row_security=any(
            isinstance(each, RowSecurity) and each.enabled for each in comparison.actual.objects.values()
        ),
    )


def present_as_baseline(
    facts: Facts, database: DatabaseReading, migrations: Listed[MigrationStatus], comparison: Comparison
) -> BaselineOfPrivileges | Unavailable:
    """Give the baseline by which production's privileges are as expected; what is in doubt is decided by it, too."""
    actual = known(database.rights)
    order = [each for each in in_order(migrations) if each.state in HAVE_RUN]
    if actual is None or not order:
        return Unavailable("production has applied no migration")
    scripts = tuple(_ran(order, {}, facts.unread))
    nothing = BaselineOfPrivileges(order[-1].name, "")
    expected = _expected(scripts, database.schema, facts.answers, actual, nothing)
    common = [*_common(comparison, expected, actual, database.schema)]
    app = facts.target.app_role or actual.deployer
    found = compare(
        expected, actual, common, app, of_tables=_sequences_of_tables(comparison), has_row_security=True, exact=True
    ).differences
    statements = present([*found, *in_doubt(expected, actual, common)], expected, actual)
    return BaselineOfPrivileges(nothing.after, "\n".join(statements))


def _ran(
    order: Listed[MigrationStatus], now: Mapping[str, MigrationStatus], unread: Mapping[str, str]
) -> Iterator[_Script]:
    """What has run, in order; what was only recorded, and what ran in part, is in doubt."""
    for status in order:
        if status.shipped is None or status.shipped.script is None:
            continue
        script = UnparsedScript(status.name, status.shipped.script, unread.get(status.name))
        if status.state in HAVE_RUN:
            yield _Script(script, in_doubt=not was_started(status))
        elif _has_effects(now.get(status.name, status)):
            yield _Script(script, in_doubt=True)


def _has_effects(status: MigrationStatus) -> bool:
    """Say whether some of it may have run: statements that leave no trace in the schema, too."""
    effects = status.progress.effects if isinstance(status.progress, Progress) else None
    return status.state in (State.FAILED, State.RUNNING) or effects in (Effects.ALL, Effects.SOME)


def _expected(
    scripts: tuple[_Script, ...],
    schema: str,
    answers: Answers,
    actual: Rights,
    baseline: BaselineOfPrivileges | None,
) -> ExpectedRights:
    """Give what *scripts* and the *baseline* make, kept from run to run."""
    owners = {each.name[0]: owned.owner for each, owned in actual.objects.items() if each.kind is Kind.SCHEMA}
    of = RightsOf(
        actual.deployer, actual.version, actual.roles, {name: owner for name, owner in owners.items() if owner}
    )
    roles, given = tuple(sorted((name, each) for name, each in of.roles.items())), tuple(sorted(of.owners.items()))
    key = scripts, schema, hashable(answers), of.deployer, of.version, repr(roles), given, baseline
    found = _kept.get(key)
    if found is None:
        found = _replayed(scripts, Replay(schema, answers, of), baseline)
    keep(_kept, key, found, _MOST_KEPT)
    return found


def _replayed(scripts: Listed[_Script], replay: Replay, baseline: BaselineOfPrivileges | None) -> ExpectedRights:
    if baseline is not None and baseline.after not in {each.script.name for each in scripts}:
        because = f"`grants` is of the time after {baseline.after}, which production has not applied"
        raise NotKnownError(Unavailable(because, lasting=True))
    for each in scripts:
        if each.in_doubt:
            replay.run_doubtfully(each.script)
        else:
            replay.run_all(each.script)
        if baseline is not None and each.script.name == baseline.after:
            replay.run_baseline(_statements(baseline))
    return replay.rights()


def _statements(baseline: BaselineOfPrivileges) -> list[Statement]:
    try:
        statements = parse(baseline.sql)
    except ParseError as error:
        raise NotKnownError(Unavailable(f"PostgreSQL cannot parse `grants.sql`: {error}", lasting=True)) from None
    for each in statements:
        if each.kind not in _OF_RIGHTS and not _changes_owner(each):
            because = f"`grants.sql` has a statement that grants nothing: {each.sql.strip().splitlines()[0]}"
            raise NotKnownError(Unavailable(because, lasting=True))
    return statements


def _changes_owner(statement: Statement) -> bool:
    commands = statement.node.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    return bool(commands) and all(each["AlterTableCmd"]["subtype"] == "AT_ChangeOwner" for each in commands)


def _common(comparison: Comparison, expected: ExpectedRights, actual: Rights, watched: str) -> Iterator[Subject]:
    """What is on both sides; the schema public is, and the watched one, although nothing is to make them."""
    ours, theirs = comparison.expected, comparison.actual
    yield from dict.fromkeys((Subject(Kind.SCHEMA, ("public",)), Subject(Kind.SCHEMA, (watched,))))
    columns = {each for objects in (expected.objects, actual.objects) for each in objects if each.kind is Kind.COLUMN}
    others = (each for each in ours.objects if each.kind in _WITH_RIGHTS)
    for subject in (*others, *columns):
        if subject in ours.objects and subject in theirs.objects and not _is_opaque(subject, comparison):
            yield subject


def _sequences_of_tables(comparison: Comparison) -> dict[Subject, Subject]:
    return {
        subject: Subject(Kind.TABLE, each.owner.name[:2])
        for subject, each in comparison.actual.objects.items()
        if isinstance(each, Sequence) and each.owner is not None
    }


def _is_opaque(subject: Subject, comparison: Comparison) -> bool:
    above = [subject, Subject(Kind.SCHEMA, subject.name[:1])]
    if subject.kind is Kind.COLUMN:
        above.append(Subject(Kind.TABLE, subject.name[:2]))
    return any(each in side.opaque for each in above for side in (comparison.expected, comparison.actual))
