"""In which other schema the release's history most likely is, where the watched schema has none."""

from collections.abc import Mapping

from ..model.database import DatabaseReading, History
from ..model.knowledge import Unavailable
from ..model.release import Release
from ..model.schema import RELATIONS, Schema, Subject
from .schema import schema_of_release

# As the watched schema: what is made in it has no schema's name in the scripts, which name none like this.
_OF_NO_NAME = "-"


def schemas_of_history(
    release: Release, database: DatabaseReading, history: History, not_read: Mapping[str, str]
) -> tuple[str, ...]:
    """The schemas that hold a table ``_prisma_migrations`` and tables of the *release*.

    None where the watched schema holds a table that the release creates without naming a schema: then it is the right
    one, without a history. Where the release names the schema of each, the watched one is wrong if it holds some and
    another with a history does, too. Where the catalog or the release cannot be read, or shows nothing, each schema
    with a table ``_prisma_migrations`` may be meant. *not_read* is as in the facts.
    """
    if history.exists or not history.elsewhere:
        return ()
    expected = schema_of_release(release, _OF_NO_NAME, not_read)
    if isinstance(expected, Unavailable) or not isinstance(database.catalog, Schema):
        return history.elsewhere
    made = [subject for subject in expected.objects if subject.kind in RELATIONS]
    live = database.catalog.objects
    bare = [subject for subject in made if subject.name[0] == _OF_NO_NAME]
    if bare:
        holding = {
            schema
            for schema in (database.schema, *history.elsewhere)
            if any(Subject(each.kind, (schema, *each.name[1:])) in live for each in bare)
        }
    else:
        holding = {subject.name[0] for subject in made if subject in live}
    if bare and database.schema in holding:
        return ()
    is_known = bool(bare) or database.schema in holding
    return tuple(schema for schema in history.elsewhere if schema in holding or not is_known)


def wrong_schema(database: DatabaseReading, schemas: tuple[str, ...]) -> Unavailable:
    """Why nothing is known of migrations and schema where the history is in other *schemas*."""
    return Unavailable(
        f"_prisma_migrations is in schema {' and '.join(schemas)}, not in {database.schema}", lasting=True
    )
