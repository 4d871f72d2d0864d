"""The statements that are left of a migration, under the names that their tables have since later statements ran."""

from collections.abc import Mapping, Sequence

from ..diagnose.order import HAVE_RUN
from ..model.diagnosis import MigrationStatus
from ..model.progress import Progress, StatementProgress, StatementState
from ..model.value import replace
from ..postgres.parse import read, texts
from ..postgres.reading_again import read_again
from ..postgres.renamed import Renamed, relation_renamed, under_new_names


def under_present_names(statuses: Sequence[MigrationStatus]) -> Mapping[str, MigrationStatus]:
    """Those of *statuses*, in the release's order, with a statement that names a table which has another name now."""
    found: dict[str, MigrationStatus] = {}
    renamed: list[Renamed] = []
    first = next((at for at, each in enumerate(statuses) if isinstance(each.progress, Progress)), len(statuses))
    for status in reversed(statuses[first:]):
        if not isinstance(status.progress, Progress):
            renamed[:0] = _renamed_by_all_of(status)
            continue
        statements: list[StatementProgress] = []
        for each in reversed(status.progress.statements):
            is_left = renamed and each.parsed and each.state is not StatementState.PRESENT
            statements.append(_under_new_names(each, renamed) if is_left else each)
            renamed[:0] = _renamed_by(each)
        named = tuple(reversed(statements))
        if named != status.progress.statements:
            found[status.name] = replace(status, progress=replace(status.progress, statements=named))
    return found


def _under_new_names(statement: StatementProgress, renamed: Sequence[Renamed]) -> StatementProgress:
    sql, part = (under_new_names(each, renamed) for each in (statement.sql, statement.part))
    return replace(statement, sql=sql, part=part)


def _renamed_by(statement: StatementProgress) -> list[Renamed]:
    if statement.state is not StatementState.PRESENT or "RENAME" not in statement.sql.upper():
        return []
    return [found for each in read_again(statement) if (found := relation_renamed(each)) is not None]


def _renamed_by_all_of(status: MigrationStatus) -> list[Renamed]:
    """What a migration that counts as applied has renamed."""
    if status.state not in HAVE_RUN or status.shipped is None or status.shipped.script is None:
        return []
    if b"RENAME" not in status.shipped.script.upper():
        return []
    renaming = (text for _, text in texts(status.shipped.script) if "RENAME" in text.upper())
    return [found for text in renaming for each in read(text) if (found := relation_renamed(each)) is not None]
