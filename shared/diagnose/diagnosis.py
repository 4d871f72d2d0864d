"""Facts in, the truth about every migration and the schema out."""

from shared.diagnose.migrations import migration_standings
from shared.diagnose.schema import compare
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.knowledge import NotKnownError, Unavailable, known

_PROVIDER = "postgresql"


def diagnose(facts: Facts) -> Diagnosis | Unavailable:
    """Say what is true; unavailable as a whole without a release or without the history."""
    try:
        release, database = known(facts.release), known(facts.database)
        history = known(database.history)
    except NotKnownError as error:
        return error.unavailable
    migrations = migration_standings(release, database, history, facts.target.patience)
    return Diagnosis(
        migrations,
        foreign_provider=None if release.provider in {None, _PROVIDER} else release.provider,
        schema=compare(migrations, database.catalog, database.schema),
    )
