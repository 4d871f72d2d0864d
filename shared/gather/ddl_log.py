"""The lines of the server's log that change a schema, from Log Analytics, by the server's own id or a workspace's."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..model.audit import AuditSettings, LogLine
from ..model.azure import Identity
from ..model.moment import moment_of, written
from ..model.value import dataclass
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
# The clocks of the server and of the monitor may differ.
_LATE = timedelta(minutes=1)
_MOST = 10_000
# The table of a diagnostic setting of today, and the one of older settings; one of them is there.
_QUERY = """\
union isfuzzy=true
    (AzureDiagnostics | where Category == "PostgreSQLLogs"
        | project TimeGenerated, Server = Resource, Message = column_ifexists("Message", "")),
    (PGSQLServerLogs | project TimeGenerated, Server = LogicalServerName, Message)
| where TimeGenerated between (datetime({begin}) .. datetime({end}))
| where Server =~ "{server}"
| where {lines}
| order by TimeGenerated asc
| take {most}
| project TimeGenerated, Message
"""
_STATEMENTS = r"""Message has "connection authorized" or Message has "AUDIT"
    or (Message matches regex @"(statement|execute [^:]*): "
        and Message matches regex @"(?is)\b(create|alter|drop|import|reindex)\b|\bselect\b.+\binto\b")"""
# What else its sessions said: an application's errors are many, and most of them of sessions that change no schema.
_ERRORS = """Message matches regex @"(ERROR|FATAL|PANIC|STATEMENT): "
    or Message has "open transaction" or Message has "terminating connection\""""
_SESSION = re.compile(r"[0-9a-f.]+")
_MOST_SESSIONS = 50


@dataclass(frozen=True, slots=True)
class ServerLog:
    """The log of *server* (its resource id) *between* two moments, read by *identity*."""

    server: str
    audit: AuditSettings
    identity: Identity
    between: tuple[datetime, datetime]

    def read(self, within: timedelta, sessions: Iterable[str] | None = None) -> list[LogLine]:
        """Give the lines that begin a session or change a schema, in one request; raises `GatherError`.

        Those of *sessions* alone (ids, or numbers of processes) with the errors of these.
        """
        if sessions is None:
            return self._read(self.query(), within)
        named = sorted({each for each in sessions if _SESSION.fullmatch(each)})
        if len(named) > _MOST_SESSIONS:
            raise GatherError(f"{self._what}: more than {_MOST_SESSIONS} sessions changed what differs")
        return self._read(self.query(named), within) if named else []

    def query(self, sessions: Sequence[str] = ()) -> str:
        of_them = " or ".join(f'Message has "{each}"' for each in sessions)
        lines = f"({of_them})\n    and ({_STATEMENTS}\n    or {_ERRORS})" if sessions else _STATEMENTS
        begin, end = (written(each) for each in (self.between[0] - _SESSIONS_BEFORE, self.between[1] + _LATE))
        return _QUERY.format(begin=begin, end=end, server=self._name, lines=lines, most=_MOST)

    @property
    def _what(self) -> str:
        return f"the log of the server {self._name}"

    @property
    def _name(self) -> str:
        return self.server.rpartition("/")[2]

    def _read(self, query: str, within: timedelta) -> list[LogLine]:
        what, workspace = self._what, self.audit.workspace
        at, path = (self.server, _OF_RESOURCE) if workspace is None else (workspace, _OF_WORKSPACE)
        arm = Arm.within(self.identity, within)
        document = arm.get(f"{at}/{path}", _VERSIONS[path], what, _NEEDS[path], {"query": query})
        tables = objects_at(document, "tables")
        if not tables:
            raise GatherError(f"{what}: what Azure answered is no table")
        found = list(_lines(tables[0]))
        if len(found) >= _MOST:
            # The last ones are missing: who sent the last statement is not known.
            raise GatherError(f"{what}: {_MOST:,} lines or more, too many to read")
        return found


def _lines(table: dict[str, Any]) -> Iterator[LogLine]:
    rows = table.get("rows")
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [str(at), str(text)] if (moment := moment_of(at)) is not None:
                yield LogLine(moment, text)
