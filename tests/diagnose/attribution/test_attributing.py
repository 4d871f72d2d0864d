"""What each fact says of a change, and when it says nothing."""

import json
from datetime import UTC, datetime, timedelta

from shared.diagnose.attribution import Present, after_run, attributed, digest_of, to_keep, worth_saying
from shared.memory.codec import to_json
from shared.model.attribution import Actor, Before, Changed, OwnRuns, Position, RowVersion, SeenBefore, Written
from shared.model.database import History, HistoryRow
from shared.model.schema import Column, Kind, Schema, Subject, Table
from shared.model.schema_change import SchemaChange
from shared.model.value import dataclass, replace
from shared.model.xids import newest
from shared.postgres.difference import differences
from tests.tables import hold

_TABLE, _COLUMN = Subject(Kind.TABLE, ("public", "t")), Subject(Kind.COLUMN, ("public", "t", "a"))
_INTACT = Schema({_TABLE: Table(), _COLUMN: Column("integer")})
_CHANGED = Schema({_TABLE: Table(), _COLUMN: Column("bigint")})
_GONE = Schema({_TABLE: Table()})
_NOON = datetime(2025, 9, 4, 12, tzinfo=UTC)


def _at(hour: int) -> datetime:
    return _NOON + timedelta(hours=hour)


def _position(xid: int, *, running: int = 0, timeline: int = 1, lsn: int | None = None) -> Position:
    return Position("7", 5, timeline, xid, xid - running, xid * 100 if lsn is None else lsn)


def _runs(*runs: tuple[int, int]) -> OwnRuns:
    """The checks of these hours, each with the number of the next transaction."""
    line: OwnRuns | None = None
    for hour, xid in runs:
        line = after_run(line, _position(xid), _at(hour), ())
    assert line is not None
    return line


def _row(name: str, hour: int, xmin: int | None) -> HistoryRow:
    return HistoryRow(name, name, "", _at(hour), _at(hour), None, None, xmin)


_M = (_row("m1", -9, 100), _row("m2", 1, 200), _row("m3", 3, 300))
_CHECKS = _runs((0, 150), (4, 400))


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    expected: Changed
    rows: tuple[RowVersion, ...] = (RowVersion("column", 180),)
    history: tuple[HistoryRow, ...] = _M
    runs: OwnRuns | None = _CHECKS
    seen: SeenBefore | None = SeenBefore(_INTACT, _at(0), ())
    actual: Schema = _CHANGED


_M2, _LAST = Before("migration", _at(1), "m2"), Before("check", _at(4))
_SEEN_CHANGED = SeenBefore(
    _CHANGED, _at(2), (SchemaChange(_at(2), _at(0), "column public.t.a", "integer", "bigint", ("type",)),)
)
_CASES = (
    _Case("between a check and a migration", Changed(_at(0), _M2, xid=180)),
    _Case("after the last migration", Changed(_at(0), _LAST, xid=350), (RowVersion("column", 350),)),
    _Case("no check before", Changed(None, _M2, xid=180), runs=_runs((4, 400)), seen=None),
    _Case("no migration before: all rows were loaded", Changed(_at(0), _LAST, xid=180), history=_M[1:]),
    _Case("rows loaded at once", Changed(_at(0), _LAST, xid=180), history=tuple(replace(each, xmin=200) for each in _M)),
    _Case(
        "a row written again by hand",
        Changed(_at(0), Before("migration", _at(3), "m3"), xid=180),
        history=(_M[0], replace(_M[1], xmin=390), _M[2]),
    ),
    _Case(
        "a row written again after a check that came after its migration",
        Changed(None, Before("migration", _at(3), "m3"), xid=270),
        (RowVersion("column", 270),),
        history=(_M[0], replace(_M[1], xmin=280), _M[2]),
        runs=_runs((0, 150), (2, 260), (4, 400)),
        seen=None,
    ),
    _Case("rows that may not be read", Changed(_at(0), _LAST, xid=180), history=tuple(_row(each.name, 1, None) for each in _M)),
    _Case("a rolled back row", Changed(_at(0), Before("migration", _at(3), "m3"), xid=180), history=(_M[0], replace(_M[1], rolled_back_at=_at(1)), _M[2])),
    _Case("its transaction began before the check that saw it intact", Changed(_at(0), _LAST, xid=140), (RowVersion("column", 140),)),
    _Case("only checks, where no row holds it", Changed(_at(0), _LAST), rows=()),
    _Case("seen by a check in between", Changed(_at(0), Before("check", _at(2)), xid=250), (RowVersion("column", 250),), runs=_runs((0, 150), (2, 260), (4, 400)), seen=_SEEN_CHANGED),
    _Case("written again after a check saw it", Changed(_at(0), Before("check", _at(2)), xid=350), (RowVersion("column", 350),), history=_M[:2], runs=_runs((0, 150), (2, 260), (4, 400)), seen=_SEEN_CHANGED),
    _Case("seen by a check, and perhaps changed again after a migration", Changed(_at(0), _LAST, xid=350), (RowVersion("column", 350),), runs=_runs((0, 150), (2, 260), (4, 400)), seen=_SEEN_CHANGED),
    _Case("seen, and recorded before that", Changed(_at(0), _M2, xid=180), runs=_runs((0, 150), (2, 260), (4, 400)), seen=_SEEN_CHANGED),
    _Case("ended before a check that kept no schema", Changed(None, Before("check", _at(2)), xid=240), (RowVersion("column", 240),), runs=_runs((0, 150), (2, 260), (4, 400)), seen=None),
    _Case("commits are timed", Changed(_at(0), Before("commit", _at(1)), xid=180), (RowVersion("column", 180, _at(1)),)),
    _Case("a clock that is behind", Changed(_at(0), _M2, xid=180), (RowVersion("column", 180, _at(-1)),)),
    _Case("dropped: the last of the dropped ones", Changed(_at(0), Before("migration", _at(3), "m3"), xid=250), (RowVersion("dropped column", 250), RowVersion("dropped column", 160)), actual=_GONE),
    _Case("what was never dropped", Changed(None, Before("check", _at(0))), (), history=_M[:1], seen=SeenBefore(_GONE, _at(0), ()), actual=_GONE),
    _Case("made by a migration after a check, and dropped before the next", Changed(None, _LAST), (), seen=SeenBefore(_GONE, _at(0), ()), actual=_GONE),
    _Case("numbers used twice", Changed(_at(0), _LAST), (RowVersion("column", 2**32 + 90),), runs=_runs((0, 2**32 + 100), (4, 2**32 + 400))),
    _Case(
        "numbers used twice, but within what checks span",
        Changed(_at(0), Before("migration", _at(3), "m3"), xid=2**32 + 280),
        (RowVersion("column", 2**32 + 280),),
        history=(_row("m2", 1, 200), _row("m3", 3, 300)),
        runs=_runs((0, 2**32 + 150), (4, 2**32 + 400)),
    ),
)  # fmt: skip


def _of(case: _Case) -> Changed:
    (difference,) = differences(_INTACT, case.actual)
    position = None if case.runs is None else _position(case.runs.runs[-1].next_xid)
    present = Present(_at(4), case.actual, History(True, case.history), position, case.runs, case.seen)
    (found,) = attributed([difference], {}, {_COLUMN: Written(case.rows)}, present).values()
    return found


def test_every_case() -> None:
    def holds(case: _Case) -> None:
        assert _of(case) == case.expected

    hold(holds, _CASES, lambda case: case.name)


def test_nothing_is_known_without_a_position() -> None:
    found = _of(_Case("", Changed(), runs=None))
    assert found == Changed(None, Before("check", _at(4)))
    assert worth_saying(found, _at(4)) == Changed()


def test_what_was_found_stays() -> None:
    (difference,) = differences(_INTACT, _CHANGED)
    known = {digest_of(difference): Changed(_at(-5), _M2, xid=180)}
    present = Present(_at(4), _CHANGED, History(True, _M), _position(400), _CHECKS, None)
    assert attributed([difference], known, {}, present) == known


def test_of_one_transaction_and_who_owns_it() -> None:
    other = Subject(Kind.TABLE, ("public", "new"))
    actual = Schema({**_CHANGED.objects, other: Table()})
    written = {
        _COLUMN: Written((RowVersion("column", 180),)),
        other: Written((RowVersion("row type", 180), RowVersion("relation", 390)), "alice"),
    }
    found = differences(_INTACT, actual)
    present = Present(_at(4), actual, History(True, _M), _position(400), _CHECKS, SeenBefore(_INTACT, _at(0), ()))
    said = attributed(found, {}, written, present)
    assert {each.subject: said[digest_of(each)] for each in found} == {
        _COLUMN: Changed(_at(0), _M2, same_transaction_as=("table public.new",), xid=180),
        other: Changed(_at(0), _M2, Actor("alice", "owner"), ("column public.t.a",), 180),
    }


def test_a_line_ends_where_the_server_goes_on_from_another_point() -> None:
    line = _runs((0, 150), (1, 200))
    cases = (
        (_position(250), 3),
        (_position(200), 3),
        (_position(199), 1),
        (_position(250, lsn=10), 1),
        (_position(250, timeline=2), 1),
        (replace(_position(250), system="8"), 1),
        (replace(_position(250), database=6), 1),
    )
    for position, runs in cases:
        assert len(after_run(line, position, _at(2), ()).runs) == runs, position


def test_what_is_kept_of_many_differences_of_one_transaction_is_small() -> None:
    columns = [
        Subject(Kind.COLUMN, ("public", "t", f"a_rather_long_name_of_a_column_{number}")) for number in range(100)
    ]
    actual = Schema({**_INTACT.objects, **{each: Column("integer") for each in columns}})
    written = {each: Written((RowVersion("column", 180),), "alice") for each in columns}
    present = Present(_at(4), actual, History(True, _M), _position(400), _CHECKS, SeenBefore(_INTACT, _at(0), ()))
    found = differences(_INTACT, actual)
    first = attributed(found, {}, written, present)
    assert {len(each.same_transaction_as) for each in first.values()} == {99}
    kept = to_keep(first)
    assert len(json.dumps(to_json(kept))) < 30 * 1024
    assert attributed(found, kept, {}, present) == first


def test_of_years_of_checks_few_are_kept() -> None:
    line: OwnRuns | None = None
    for hour in range(24 * 90):
        line = after_run(line, _position(100 + hour), _at(hour), ())
    assert line is not None
    kept = [each.at for each in line.runs]
    assert (kept[0], kept[-1], len(kept)) == (_at(0), _at(24 * 90 - 1), 48)
    assert kept == sorted(kept)


def test_the_number_in_a_row_means_the_newest_that_it_can() -> None:
    assert newest(150, 200) == 150
    assert newest(199, 2**32 + 200) == 2**32 + 199
    assert newest(201, 2**32 + 200) == 201
    assert newest(2, 200) is None
    assert newest(201, 200) is None
