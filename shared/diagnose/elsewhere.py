"""In which other schema the release's history most likely is, where the watched schema has none."""

from collections.abc import Mapping

from ..model.database import DatabaseReading, History
from ..model.knowledge import Unavailable
from ..model.release import Release
from ..model.schema import RELATIONS, Schema
from .schema import schema_of_release


def schemas_of_history(
    release: Release, database: DatabaseReading, history: History, not_read: Mapping[str, str]
) -> tuple[str, ...]:
    """The schemas that hold a table ``_prisma_migrations`` and tables of the *release*.

    None where the watched schema holds a table of the release itself: then it is the right one, without a history.
    Where the catalog or the release cannot be read, each schema with a table ``_prisma_migrations`` may be meant.
    *not_read* is as in the facts.
    """
    if history.exists or not history.elsewhere or _holds_any(release, database, database.schema, not_read) is True:
        return ()
    return tuple(schema for schema in history.elsewhere if _holds_any(release, database, schema, not_read) is not False)


def wrong_schema(database: DatabaseReading, schemas: tuple[str, ...]) -> Unavailable:
    """Why nothing is known of migrations and schema where the history is in other *schemas*."""
    return Unavailable(
        f"_prisma_migrations is in schema {' and '.join(schemas)}, not in {database.schema}", lasting=True
    )


def _holds_any(release: Release, database: DatabaseReading, schema: str, not_read: Mapping[str, str]) -> bool | None:
    """Say whether *schema* holds a table that the *release* creates where it names no schema; None if not known."""
    expected = schema_of_release(release, schema, not_read)
    if isinstance(expected, Unavailable) or not isinstance(database.catalog, Schema):
        return None
    made = {subject for subject in expected.objects if subject.kind in RELATIONS and subject.name[0] == schema}
    return not made.isdisjoint(database.catalog.objects) if made else None
