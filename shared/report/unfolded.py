"""What the newest applied migrations consist of, for a page that has no release to read."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from ..model.diagnosis import MigrationStatus, State
from ..model.finding import Json
from ..model.phrases import clipped
from ..model.statement_text import shown
from ..postgres.parse import MalformedError, texts

APPLIED = {State.APPLIED, State.SQUASHED}
# As many as the page lists, and as much as leaves it small: a statement takes some space however short it is.
_NEWEST, _MOST_STATEMENTS, _LONGEST = 30, 40, 400
_SPACE, _EACH = 24_000, 120


def unfolded(statuses: Sequence[MigrationStatus]) -> Mapping[str, list[Json]]:
    """By migration, newest first as long as there is space: the line and the text of each statement of its file."""
    found: dict[str, list[Json]] = {}
    space = _SPACE
    for status in sorted((each for each in statuses if each.state in APPLIED), key=attrgetter("name"), reverse=True)[
        :_NEWEST
    ]:
        statements = _statements(status)
        space -= sum(len(sql) + _EACH for _, sql in statements)
        if space < 0:
            break
        if statements:
            found[status.name] = [{"line": line, "sql": sql} for line, sql in statements]
    return found


def _statements(status: MigrationStatus) -> list[tuple[int, str]]:
    if status.shipped is None or status.shipped.script is None:
        return []
    try:
        statements = list(texts(status.shipped.script))
    except MalformedError:  # another client than Prisma's ran it
        return []
    kept = [(line, clipped(shown(sql), _LONGEST)) for line, sql in statements]
    if len(kept) <= _MOST_STATEMENTS:
        return kept
    line = kept[_MOST_STATEMENTS][0]
    return [*kept[:_MOST_STATEMENTS], (line, f"-- and {len(kept) - _MOST_STATEMENTS} more statements")]
