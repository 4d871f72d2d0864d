"""The commands that remedies are made of, framed as the target's settings ask."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from shlex import quote

from ..model.finding import Step
from ..model.settings import RemedySettings
from ..model.statement_text import shown
from ..postgres.canonical.names import delimited
from ..postgres.scanning import ended
from ..postgres.transactions import blocks_others, needs_no_transaction, waits_for_transactions

# The first line of a file and the last one.
Lines = tuple[int, int]
# What an unquoted here-document expands.
_ESCAPED = re.compile(r"[\\$`]")
# All other sessions queue behind one that waits for an exclusive lock.
_SHORT_WAIT = "SET lock_timeout = '3s';"
# Whatever limits the role has: a CONCURRENTLY that is stopped leaves an INVALID index.
_LONG_WAIT = "SET lock_timeout = 0; SET statement_timeout = 0;"
_SHORT_AGAIN = f"{_SHORT_WAIT} RESET statement_timeout;"
_AGAIN = "-- If this ends with 55P03 (lock timeout), nothing was changed: run it again."
_AGAIN_FROM_THERE = "-- If this ends with 55P03 (lock timeout), run it again from the statement that failed."
_AGAIN_FROM_BEGIN = f"{_AGAIN_FROM_THERE[:-1]}, or from the BEGIN before it."
_BEGIN = re.compile(r"(?:BEGIN|START)\b", re.IGNORECASE)
_WAITS = (
    "-- CONCURRENTLY waits for open transactions of other sessions, and lets everybody work meanwhile.",
    "-- If it is stopped, something half-done may stay, such as an INVALID index: check again before you repeat it.",
)
# What `cancel` and `terminate` need, and what they answer otherwise.
SIGNALS = (
    "No row means that the session has ended, or that your role may not see it: connect as the session's own role, or "
    "as one with pg_read_all_stats and pg_signal_backend. A superuser's session needs a superuser."
)
DEPLOY = "npx prisma migrate deploy"
SEED = "npx prisma db seed"


def resolve_applied(name: str) -> str:
    return f"npx prisma migrate resolve --applied {quote(name)}"


def resolve_rolled_back(name: str) -> str:
    return f"npx prisma migrate resolve --rolled-back {quote(name)}"


def cancel(pid: int, since: str) -> str:
    """Give a command that cancels the query of the session that began at *since*: the pid may be reused by then."""
    return _signal("pg_cancel_backend", pid, since)


def terminate(pid: int, since: str) -> str:
    """Give a command that ends the session, as `cancel` does."""
    return _signal("pg_terminate_backend", pid, since)


def looked_up(pid: int) -> Step:
    """Give the step for a session whose beginning the monitor may not see: by its pid alone, another one may be hit."""
    columns = "pid, backend_start, usename, application_name, state"
    return Step(
        f"Look up session {pid} as a role with pg_read_all_stats: the monitor's role may not see when it began. Call "
        "pg_cancel_backend(pid), then pg_terminate_backend(pid), only while its backend_start stays the same.",
        f'psql "${{DATABASE_URL%%\\?*}}" -c "SELECT {columns} FROM pg_stat_activity WHERE pid = {pid}"',  # noqa: S608  # printed; a number
    )


def _signal(function: str, pid: int, since: str) -> str:
    which = f"pid = {pid} AND backend_start = '{since}'"
    return f'psql "${{DATABASE_URL%%\\?*}}" -c "SELECT {function}(pid) FROM pg_stat_activity WHERE {which}"'  # noqa: S608  # printed; both are the server's


def psql(statements: Sequence[str], schema: str, unread: Container[str] = ()) -> str:
    """Give a shell command that runs *statements*, all or none where PostgreSQL allows that.

    psql refuses Prisma's own URL parameters (`invalid URI query parameter: "schema"`): the URL goes
    without any, and the watched *schema* is set instead, as Prisma does whatever the role's own setting is. Those
    *unread* could not be parsed, and are not parsed again. Of a password the place is shown: psql refuses it.
    """
    at_once = not needs_no_transaction(statements, unread)
    sql = shown("\n".join(_session(statements, schema, unread, at_once=at_once)))
    delimiter = _delimiter(sql)
    return f"{_psql(at_once=at_once)} <<'{delimiter}'\n{sql}\n{delimiter}"


def psql_from(
    path: str,
    lines: Mapping[str, Sequence[Lines]],
    statements: Sequence[str],
    schema: str,
    unread: Container[str] = (),
) -> str:
    """As `psql`, but those of *statements* that have *lines* are read from the file at *path*.

    Nothing runs where that file is not found.
    """
    left = {statement: list(each) for statement, each in lines.items()}
    at_once = not needs_no_transaction(statements, unread)
    session = _session(statements, schema, unread, at_once=at_once)
    sql: list[str] = []
    parts: list[list[Lines]] = []
    for is_read, group in groupby(session, lambda each: bool(left.get(each))):
        if is_read:
            parts.append([left[each].pop(0) for each in group])
            sql.append(f"$part{len(parts)}")
        else:
            sql += [_ESCAPED.sub(r"\\\g<0>", each) for each in group]
    whole = shown("\n".join(sql))
    reading = (
        f"part{number}=\"$(sed -n '{_ranges(part)}' {quote(path)})\" &&\n" for number, part in enumerate(parts, 1)
    )
    delimiter = _delimiter(whole)
    return f"{''.join(reading)}{_psql(at_once=at_once)} <<{delimiter}\n{whole}\n{delimiter}"


def _psql(*, at_once: bool) -> str:
    return f'psql "${{DATABASE_URL%%\\?*}}" {"-1 " if at_once else ""}-v ON_ERROR_STOP=1'


def _session(statements: Sequence[str], schema: str, unread: Container[str], *, at_once: bool) -> Iterator[str]:
    # Local where possible: a pool in transaction mode gives the session to other clients afterwards.
    yield f"SET {'LOCAL ' if at_once else ''}search_path TO {delimited(schema)};"
    yield from _at_once(statements, unread) if at_once else _one_by_one(statements, unread)


def _delimiter(sql: str) -> str:
    delimiter = "SQL"
    while re.search(rf"^{delimiter}$", sql, re.MULTILINE):
        delimiter += "_"
    return delimiter


def _ranges(lines: Sequence[Lines]) -> str:
    """``20,25p;31p``: what sed prints. What follows at once is one range."""
    joined: list[Lines] = []
    for first, last in lines:
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return ";".join(f"{first}p" if first == last else f"{first},{last}p" for first, last in joined)


def _at_once(statements: Sequence[str], unread: Container[str]) -> Iterator[str]:
    """Give *statements* of one transaction, which waits only for a short time for an exclusive lock."""
    if blocks_others(statements, unread):
        yield _AGAIN
        yield _SHORT_WAIT.replace("SET", "SET LOCAL")
    yield from map(ended, statements)


def _one_by_one(statements: Sequence[str], unread: Container[str]) -> Iterator[str]:
    """As `_at_once`, but each in its own transaction. CONCURRENTLY waits as long as it takes."""
    waiting = [waits_for_transactions(statement, unread) for statement in statements]
    blocking = [blocks_others([statement], unread) for statement in statements]
    if any(blocking):
        yield _AGAIN_FROM_BEGIN if any(map(_BEGIN.match, statements)) else _AGAIN_FROM_THERE
    if any(waiting):
        yield from _WAITS
    limit = None
    for statement, waits, blocks in zip(statements, waiting, blocking, strict=True):
        wanted = _LONG_WAIT if waits else _SHORT_WAIT if blocks else limit
        if wanted != limit:
            yield _SHORT_AGAIN if limit == _LONG_WAIT and wanted == _SHORT_WAIT else str(wanted)
            limit = wanted
        yield ended(statement)


def framed(settings: RemedySettings, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Put in front what the settings say must come first: the working directory, the URL, a firewall rule."""
    preparation = [f"cd {quote(settings.folder)}"] if settings.folder else []
    preparation += settings.before
    if not preparation:
        return tuple(steps)
    return Step("In a checkout of the release, prepare the shell.", "\n".join(preparation), prepares=True), *steps
