"""From facts to the state of every migration and of the schema."""

from collections.abc import Mapping, Sequence
from functools import partial

from ..model.clients import ClientEffect
from ..model.database import DatabaseReading
from ..model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from ..model.facts import Facts
from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.plan import Plan
from ..model.privileges import RightsComparison
from ..model.question import Answers, Question
from ..model.schema import Schema, Subject
from ..model.value import replace
from ..model.ways_back import WayBack
from ..prisma.acceptance import accepted_predictions
from .edits import edits
from .elsewhere import schemas_of_history, wrong_schema
from .failures import with_failures
from .grammars import Grammars, refused
from .live_plan import Planned, live_plan
from .migrations import migration_statuses
from .order import in_order
from .prisma_8 import holds_prisma_8, without_prisma_8
from .prisma_schema import prisma_schema
from .proof import with_proof
from .schema import Followed, follow_through
from .scripts import Scripts
from .squashes import with_squashes
from .unknown_tables import unknown_tables

_PROVIDER = "postgresql"


def diagnose(facts: Facts) -> Diagnosis | Unavailable:
    """Diagnose *facts*; unavailable without a release, or where the history is not in the watched schema."""
    try:
        release, database = known(facts.release), known(facts.database)
        history = known(database.history)
    except NotKnownError as error:
        return error.unavailable
    elsewhere = schemas_of_history(release, database, history, facts.unread)
    if elsewhere:
        return wrong_schema(database, elsewhere)
    ahead = None if isinstance(facts.ahead, Unavailable) else facts.ahead
    scripts = Scripts(Grammars.of(database, facts.answers), facts.unread)
    by_history = migration_statuses(release, ahead, database, history, facts.target.patience, scripts=scripts)
    followed = _follow(database, scripts, facts, by_history)
    schema = followed.comparison
    is_lacking = any(status.state is State.MISSING_FROM_RELEASE for status in by_history)
    if is_lacking and facts.unseen_ahead is not None and isinstance(database.catalog, Schema):
        # What the release lacks may well be in the source that did not answer.
        schema = facts.unseen_ahead
    files = [file for each in (release, ahead) if each is not None for file in (*each.migrations, *each.earlier)]
    on_unread, on_syntax = scripts.questions()
    migrations = with_proof(
        followed.migrations, scripts, facts.target.prisma, database.catalog, logs_readable=history.logs_readable
    )
    planned = live_plan(facts, database, migrations, scripts, followed)
    plan, ways_back = planned.plan, _ways_back(facts, schema, database.schema, planned)
    return Diagnosis(
        with_failures(with_squashes(migrations, followed.comparison), scripts),
        foreign_provider=None if release.provider in {None, _PROVIDER} else release.provider,
        schema=schema,
        unknown_tables=unknown_tables(facts, release, schema, database.schema),
        edits=edits(by_history, files, schema, partial(_follow, database, scripts, facts)),
        holds_prisma_8=holds_prisma_8(database.catalog),
        wrong_files=(*release.mistakes, *accepted_predictions(release.migrations).mistakes),
        on_unread=on_unread,
        on_syntax=on_syntax,
        suffered=_suffered(facts, schema, database.schema),
        plan=replace(plan, ways_back=ways_back) if isinstance(plan, Plan) else plan,
        ways_back=ways_back,
        prisma_schema=prisma_schema(facts, release, database.schema),
        rights=_rights(facts, database, by_history, migrations, schema),
    )


def _rights(
    facts: Facts,
    database: DatabaseReading,
    by_history: Sequence[MigrationStatus],
    migrations: Sequence[MigrationStatus],
    schema: Comparison | Unavailable,
) -> RightsComparison | Unavailable | None:
    if not facts.target.compare_privileges or database.rights is None:
        return None
    from .privileges import compared_rights  # noqa: PLC0415  # most targets do not ask for it

    try:
        return compared_rights(facts, database, in_order(by_history), migrations, known(schema))
    except NotKnownError as error:
        return error.unavailable


def _suffered(facts: Facts, schema: Comparison | Unavailable, name: str) -> Mapping[Subject, tuple[ClientEffect, ...]]:
    if isinstance(schema, Unavailable) or not schema.differences:
        return {}
    from .clients import client_schema  # noqa: PLC0415  # most runs find no difference
    from .impact import of_differences  # noqa: PLC0415  # as above

    client = client_schema(facts.running_schema, name)
    return of_differences(schema, None if isinstance(client, Unavailable) else client)


def _ways_back(facts: Facts, schema: Comparison | Unavailable, name: str, planned: Planned) -> tuple[WayBack, ...]:
    if not facts.past_releases and not planned.changes:
        return ()
    from .ways_back import ways_back  # noqa: PLC0415  # most runs have nothing to deploy

    return ways_back(facts, schema, name, planned)


def _follow(
    database: DatabaseReading, scripts: Scripts, facts: Facts, migrations: Sequence[MigrationStatus]
) -> Followed:
    live, elsewhere = without_prisma_8(database.catalog), facts.target.elsewhere
    return follow_through(migrations, live, database.schema, scripts, facts.answers, elsewhere=elsewhere)


def questions_of(diagnosis: Diagnosis | Unavailable) -> tuple[Question, ...]:
    """What the server's analyser could answer, and what would be known then that is in doubt now."""
    if isinstance(diagnosis, Unavailable):
        return ()
    schema = diagnosis.schema
    on_schema = () if isinstance(schema, Unavailable) else schema.expected.questions
    return tuple(dict.fromkeys((*on_schema, *diagnosis.on_unread, *diagnosis.on_syntax)))


def is_changed_by(diagnosis: Diagnosis | Unavailable, answers: Answers) -> bool:
    """Say whether a second diagnosis would differ: not where the server just takes what was understood anyway."""
    if isinstance(diagnosis, Unavailable):
        return False
    confirmed = set(diagnosis.on_syntax).difference(refused(answers))
    return any(question not in confirmed for question in answers)
