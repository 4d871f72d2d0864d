"""The lines of the server's log that change a schema, from Log Analytics, by the server's own id or a workspace's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ..model.audit import AuditSettings, LogLine
from ..model.azure import Identity
from ..model.moment import moment_of
from .arm import Arm, objects_at
from .attempt import GatherError

_OF_RESOURCE, _OF_WORKSPACE = "providers/microsoft.insights/logs", "api/query"
_VERSIONS = {_OF_RESOURCE: "2018-08-01-preview", _OF_WORKSPACE: "2017-01-01-preview"}
_NEEDS = {
    _OF_RESOURCE: "the role Reader on the server",
    _OF_WORKSPACE: "the role Log Analytics Reader on the workspace",
}
# A session that began earlier is not known by its user.
_SESSIONS_BEFORE = timedelta(days=1)
_MOST = 10_000
# The table of a diagnostic setting of today, and the one of older settings; one of them is there.
_QUERY = """\
union isfuzzy=true
    (AzureDiagnostics | where Category == "PostgreSQLLogs"
        | project TimeGenerated, Server = Resource, Message = column_ifexists("Message", "")),
    (PGSQLServerLogs | project TimeGenerated, Server = LogicalServerName, Message)
| where TimeGenerated between (datetime({begin}) .. datetime({end}))
| where Server =~ "{server}"
| where Message has "connection authorized" or Message has "AUDIT"
    or (Message matches regex @"(statement|execute [^:]*): " and Message matches regex @"(?i)\\b(create|alter|drop)\\b")
| order by TimeGenerated asc
| take {most}
| project TimeGenerated, Message
"""


def read_ddl_log(
    server: str, audit: AuditSettings, identity: Identity, between: tuple[datetime, datetime], within: timedelta
) -> list[LogLine]:
    """Give the lines of *server* (its resource id) *between* two moments, in one request; raises `GatherError`."""
    name = server.rpartition("/")[2]
    what = f"the log of the server {name}"
    at, path = (server, _OF_RESOURCE) if audit.workspace is None else (audit.workspace, _OF_WORKSPACE)
    begin, end = between
    query = _QUERY.format(begin=_written(begin - _SESSIONS_BEFORE), end=_written(end), server=name, most=_MOST)
    document = Arm.within(identity, within).get(f"{at}/{path}", _VERSIONS[path], what, _NEEDS[path], {"query": query})
    tables = objects_at(document, "tables")
    if not tables:
        raise GatherError(f"{what}: what Azure answered is no table")
    lines = list(_lines(tables[0]))
    if len(lines) >= _MOST:
        # The last ones are missing: who sent the last statement is not known.
        raise GatherError(f"{what}: {_MOST:,} lines or more, too many to read")
    return lines


def _lines(table: dict[str, Any]) -> Iterator[LogLine]:
    rows = table.get("rows")
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [str(at), str(text)] if (moment := moment_of(at)) is not None:
                yield LogLine(moment, text)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
