"""Who changed something, by the statements that the server logged within the bracket."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from ...model.attribution import Actor, Changed
from ...model.audit import LoggedStatement
from ...model.difference import Difference
from ...model.schema import ROUTINES, Index
from ...model.value import replace
from ...postgres.server_log import without_literals

_CHANGES = re.compile(r"\s*(?:ALTER|CREATE|DROP|IMPORT|REINDEX|SELECT\s.*\sINTO)\b", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(r'"((?:[^"]|"")*)"|([A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)')
# Without literals: a name may have a semicolon in it.
_STATEMENT = re.compile(r'(?:"(?:[^"]|"")*"|[^";])+')
_LONGEST = 200
# By so much at most, the server's and the log's from the monitor's; lines may have whole seconds.
_CLOCKS_DIFFER = timedelta(minutes=1)


def with_actor(changed: Changed, difference: Difference, logged: Sequence[LoggedStatement], now: datetime) -> Changed:
    """Give *changed* with the role that sent the last statement within it that names the object.

    Where several roles sent such statements, or one that is not known, it is not known which it was, and nothing is
    said. Nor where each of them may have been undone by then.
    """
    named = naming(changed, difference, logged, now)
    roles = {each.role for each in named}
    role = roles.pop() if len(roles) == 1 else None
    lasting = [each for each in named if _is_within(each.at, changed, now) and _lasts(each, changed, now)]
    if role is None or not lasting:
        return changed
    last = lasting[-1]
    return replace(changed, by=Actor(role, "log", last.at, without_literals(last.sql)[:_LONGEST]))


def naming(
    changed: Changed, difference: Difference, logged: Sequence[LoggedStatement], now: datetime
) -> Sequence[LoggedStatement]:
    """Give the statements that name the object of *difference*, of as early and as late as may be in the bracket."""
    return [each for each in logged if _may_be_within(each.at, changed, now) and _may_change(each.sql, difference)]


def _may_be_within(at: datetime, changed: Changed, now: datetime) -> bool:
    return (changed.after is None or at > changed.after - _CLOCKS_DIFFER) and at <= _end(changed, now) + _CLOCKS_DIFFER


def _is_within(at: datetime, changed: Changed, now: datetime) -> bool:
    return (changed.after is None or at > changed.after) and at <= _end(changed, now)


def _lasts(statement: LoggedStatement, changed: Changed, now: datetime) -> bool:
    return statement.may_be_undone is None or statement.may_be_undone > _end(changed, now)


def _end(changed: Changed, now: datetime) -> datetime:
    return now if changed.before is None else changed.before.at


def _may_change(sql: str, difference: Difference) -> bool:
    """Say whether *sql* is DDL that names the object and its table, as the server folds names."""
    statements = _STATEMENT.findall(without_literals(sql))
    return any(_CHANGES.match(each) and _named(difference) <= _names(each) for each in statements)


def _names(sql: str) -> frozenset[str]:
    found = _NAME.finditer(sql)
    return frozenset(each[1].replace('""', '"') if each[1] is not None else each[2].lower() for each in found)


def _named(difference: Difference) -> frozenset[str]:
    subject = difference.subject
    last = subject.name[-1].partition("(")[0] if subject.kind in ROUTINES else subject.name[-1]
    table = subject.name[1:2] if len(subject.name) > 2 else ()
    definition = difference.found or difference.wanted
    if isinstance(definition, Index) and difference.found is not None:
        table = definition.table.name[-1:]
    return frozenset((last, *table))
