"""What the screen and the lines of `migration-monitor watch` say of one tick."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.model.disk import Storage
from shared.model.knowledge import Unavailable
from shared.model.watching import LiveSession, Phase, Place, Queue, Seen, Watched, Work
from shared.report.watching import as_json_line, as_screen
from shared.report.wording import UNPRINTABLE

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
MAX_BLOCK = timedelta(seconds=5)
SESSION = LiveSession(
    7, "2026-11-22 09:00:00+00", "client backend", None, "deploy", "active", "CREATE", "", timedelta(seconds=90),
    None, "IO: DataFileRead", (), True, None, Work("CREATE INDEX", "building index", ("public", "users"), 43, 100),
    frozenset(),
)  # fmt: skip
PLACE = Place("20250201_idx", 1, 2, (5, 8), None, 4, at_once=True)
RUNS = Watched(NOW, Phase.RUNS, SESSION, PLACE)


def screen(seen: Watched | Unavailable, disk: Storage | Unavailable | None = None) -> str:
    return " ".join(as_screen(Seen(seen, disk=disk), "production", MAX_BLOCK).split())


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(RUNS, "20250201_idx/migration.sql, lines 5 to 8 (one of statements 2 to 3 of 4)", id="a range"),
        pytest.param(RUNS, "CREATE INDEX of public.users: building index, 43 % of this phase", id="how far it is"),
        pytest.param(RUNS, "the file has been running for 90 s; no time was predicted", id="the time of a batch"),
        pytest.param(RUNS, "wait event IO: DataFileRead", id="a wait event"),
        pytest.param(replace(RUNS, place=None), "a statement that is in none of the release's pending migrations", id="an unknown statement"),
        pytest.param(replace(RUNS, sees_all_sessions=False), "GRANT pg_read_all_stats to it", id="a role that may not see it"),
        pytest.param(replace(RUNS, behind_prepared=True), "a prepared transaction (pg_prepared_xacts)", id="a prepared transaction"),
        pytest.param(replace(RUNS, phase=Phase.BETWEEN, session=replace(SESSION, state="idle"), place=None), "its session is idle, and began its last query 90 s ago", id="between two statements"),
        pytest.param(replace(RUNS, queued=14, queued_long=12, is_urgent=True, queues=(Queue(("public", "users"), 14, MAX_BLOCK),)), "CRITICAL session-blocking 14 sessions wait behind it, 12 of them for longer than 5 s public.users: 14, the longest for 5 s", id="a long queue"),
        pytest.param(replace(RUNS, session=replace(SESSION, application="a\x1b[2Jb")), "aU+001B[2Jb", id="a name that would clear the screen"),
        pytest.param(Watched(NOW, Phase.NONE), "production: no deployment is running, 09:05:00 UTC", id="none"),
        pytest.param(Unavailable("the server ended the connection"), "production: cannot be watched the server ended the connection. It is tried again.", id="not read"),
    ],
)  # fmt: skip
def test_the_screen(seen: Watched | Unavailable, said: str) -> None:
    assert said in screen(seen)


def test_the_disk() -> None:
    assert "DISK 20.0 GiB free (38 % used), measured at 09:05 UTC" in screen(RUNS, Storage(20 * 2**30, 37.5, NOW))
    assert "DISK not known: Azure answered 500" in screen(RUNS, Unavailable("Azure answered 500"))
    assert "DISK" not in screen(RUNS)


def test_a_line_of_json_is_one_line_whatever_is_known() -> None:
    for seen in (RUNS, Watched(NOW, Phase.NONE), Unavailable("no\nanswer")):
        line = as_json_line(Seen(seen, disk=Storage(1, 37.5, NOW)), "production")
        assert line.count("\n") == 1
        assert json.loads(line)["target"] == "production"
    found = json.loads(as_json_line(Seen(RUNS, disk=Storage(1, 37.5, NOW)), "production"))
    assert found["statement"]["lines"] == [5, 8]
    assert found["session"]["progress"]["percent"] == 43
    assert found["disk"] == {"free_bytes": 1, "percent_used": 37.5, "at": "2026-11-22T09:05:00Z"}


def test_a_line_of_json_has_nothing_that_nobody_would_see() -> None:
    name = "a\u202eb\u200b\x9b2J\U000e0041"
    line = as_json_line(Seen(replace(RUNS, session=replace(SESSION, application=name))), "production")
    assert UNPRINTABLE.search(line.removesuffix("\n")) is None
    assert json.loads(line)["session"]["application"] == name
