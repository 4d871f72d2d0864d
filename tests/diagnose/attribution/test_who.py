"""Who changed something, by the statements of the log: seen, within the bracket, and of one role alone."""

from datetime import UTC, datetime, timedelta

from shared.diagnose.attribution.who import with_actor
from shared.model.attribution import Actor, Before, Changed
from shared.model.audit import LoggedStatement
from shared.model.difference import Difference
from shared.model.schema import Column, Index, IndexKey, Kind, Schema, Subject, Table
from shared.model.value import dataclass
from shared.postgres.difference import differences
from tests.tables import hold

_TABLE, _COLUMN = Subject(Kind.TABLE, ("public", "Folder")), Subject(Kind.COLUMN, ("public", "Folder", "size"))
_INDEX = Subject(Kind.INDEX, ("public", "folder_size"))
_EXPECTED = {_TABLE: Table(), _COLUMN: Column("integer"), _INDEX: Index(_TABLE, "btree", (IndexKey("size"),))}
_NOON = datetime(2025, 9, 4, 12, tzinfo=UTC)
_CHANGED = Changed(_NOON, Before("check", _NOON + timedelta(hours=1)))
_ALTER = 'alter table "Folder" alter Size type bigint'


def _difference(subject: Subject, definition: Column | None) -> Difference:
    rest = {each: what for each, what in _EXPECTED.items() if each != subject}
    actual = rest if definition is None else {**rest, subject: definition}
    (found,) = differences(Schema(_EXPECTED), Schema(actual))
    return found


def _said(minute: int, sql: str, role: str | None = "alice", undone: int | None = None) -> LoggedStatement:
    ended = None if undone is None else _NOON + timedelta(minutes=undone)
    return LoggedStatement(_NOON + timedelta(minutes=minute), role, sql, "6b0.1f", ended)


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    logged: tuple[LoggedStatement, ...]
    by: tuple[str, int, str] | None
    gone: Subject | None = None


_CASES = (
    _Case("one", (_said(5, _ALTER),), ("alice", 5, _ALTER)),
    _Case("the last of two", (_said(5, _ALTER), _said(9, _ALTER)), ("alice", 9, _ALTER)),
    _Case("two roles", (_said(5, _ALTER), _said(9, _ALTER, "bob")), None),
    _Case("another whose role is not known", (_said(5, _ALTER), _said(9, _ALTER, None)), None),
    _Case("another role about when it begins", (_said(0, _ALTER, "bob"), _said(5, _ALTER)), None),
    _Case("about when it begins, alone", (_said(0, _ALTER),), None),
    _Case("another role soon after it", (_said(5, _ALTER), _said(60, _ALTER), _said(61, _ALTER, "bob")), None),
    _Case("may have been undone", (_said(5, _ALTER, undone=7),), None),
    _Case("an error after the change was seen", (_said(5, _ALTER, undone=61),), ("alice", 5, _ALTER)),
    _Case("sent again", (_said(5, _ALTER, undone=7), _said(8, _ALTER)), ("alice", 8, _ALTER)),
    _Case("the later one may be undone", (_said(5, _ALTER), _said(8, _ALTER, undone=8)), ("alice", 5, _ALTER)),
    _Case("what another sent may have been undone", (_said(5, _ALTER, "bob", 7), _said(8, _ALTER)), None),
    _Case(
        "only within a literal", (_said(5, f"INSERT INTO notes VALUES ('; {_ALTER}; --'); CREATE TABLE n ()"),), None
    ),
    _Case("within a name", (_said(5, f'DROP TABLE "; {_ALTER.replace(chr(34), chr(34) * 2)}"'),), None),
    _Case("before the bracket", (_said(-5, _ALTER),), None),
    _Case("after it", (_said(65, _ALTER),), None),
    _Case("another table", (_said(5, "ALTER TABLE other ALTER size TYPE bigint"),), None),
    _Case("names that are folded", (_said(5, "ALTER TABLE Folder ALTER size TYPE bigint"),), None),
    _Case("only in a literal", (_said(5, "ALTER TABLE \"Folder\" ADD x text DEFAULT 'size'"),), None),
    _Case("no DDL", (_said(5, 'COMMENT ON COLUMN "Folder".size IS NULL'),), None),
    _Case("the second of one text", (_said(5, f"SELECT 1; {_ALTER}"),), ("alice", 5, f"SELECT ?; {_ALTER}")),
    _Case("a dropped index", (_said(5, "DROP INDEX folder_size"),), ("alice", 5, "DROP INDEX folder_size"), _INDEX),
)


def test_every_case() -> None:
    def holds(case: _Case) -> None:
        difference = _difference(case.gone, None) if case.gone else _difference(_COLUMN, Column("bigint"))
        found = with_actor(_CHANGED, difference, case.logged, _NOON + timedelta(hours=2))
        by = None if case.by is None else Actor(case.by[0], "log", _NOON + timedelta(minutes=case.by[1]), case.by[2])
        assert (found.by, found.after, found.before) == (by, _CHANGED.after, _CHANGED.before)

    hold(holds, _CASES, lambda case: case.name)
