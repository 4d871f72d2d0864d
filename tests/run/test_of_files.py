"""A plan and a schema of files alone: the same within the frame as without, and what is said where it ends."""

from collections.abc import Callable

import pytest

from shared.diagnose.pending_run import Tools
from shared.diagnose.plan import plan_of
from shared.diagnose.schema import schema_of_release
from shared.model.knowledge import Unavailable
from shared.model.plan import Plan
from shared.model.release import Migration, Release
from shared.model.schema import Schema
from shared.run import of_files, process
from shared.run.of_files import planned, released_schema
from shared.run.size import is_large
from tests.builders import release

TOOLS = Tools(17)
LONG = f"-- {'x' * 500_000}\n"
BASE = "CREATE TABLE t (id int PRIMARY KEY, a text);"
CHANGE = "ALTER TABLE t ALTER COLUMN a SET NOT NULL; CREATE TYPE e AS ENUM ('a');"


def shipping(*scripts: str) -> Release:
    return release(*(Migration(str(number), script.encode()) for number, script in enumerate(scripts, 1)))


def test_a_plan_is_the_same_within_the_frame() -> None:
    large, small = shipping(LONG + BASE, CHANGE), shipping(BASE, CHANGE)
    assert (is_large(large), is_large(small)) == (True, False)
    expected = plan_of(small.migrations[:1], small.migrations[1:], "public", TOOLS)
    for each in (large, small):
        assert planned(each, each.migrations[:1], each.migrations[1:], "public", TOOLS) == expected


def test_a_schema_is_the_same_within_the_frame() -> None:
    scripts = (BASE, "CREATE TABLE u (a", CHANGE)
    large, small = shipping(LONG + scripts[0], *scripts[1:]), shipping(*scripts)
    expected = schema_of_release(small, "public")
    assert isinstance(expected, Schema)
    for each in (large, small):
        found, unread = released_schema(each, "public")
        assert found == expected
        assert len(unread) == 1


def test_what_is_not_known_is_not_known_within_the_frame_either() -> None:
    for each in (shipping(LONG + "SELECT 'x", CHANGE), shipping("SELECT 'x", CHANGE)):
        plan = planned(each, each.migrations[:1], each.migrations[1:], "public", TOOLS)
        assert isinstance(plan, Unavailable)
        assert plan.because.startswith("PostgreSQL cannot parse 1/migration.sql, line ")


def a_plan(large: Release) -> Plan | Unavailable:
    return planned(large, large.migrations[:1], large.migrations[1:], "public", TOOLS)


def a_schema(large: Release) -> Schema | Unavailable:
    found, unread = released_schema(large, "public")
    assert unread == ()
    return found


@pytest.mark.parametrize("asked", [a_plan, a_schema])
@pytest.mark.parametrize(
    ("what", "because"),
    [
        pytest.param("bytearray(2**40)", "is too large to be checked within 90 s and 1,536 MiB", id="memory"),
        pytest.param("os.kill(os.getpid(), 11)", "could not be checked: its process ended by SIGSEGV", id="a crash"),
    ],
)  # fmt: skip
def test_what_ends_the_process_ends_nothing_else(
    asked: Callable[[Release], object], what: str, because: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = f"""
import os
from shared.postgres import library
def call(function, script, real=library.call):
    {what}
library.call = call
"""
    monkeypatch.setattr(process, "_ENTRY", patch + process._ENTRY)
    assert asked(shipping(LONG + BASE, CHANGE)) == Unavailable(f"the release {because}", lasting=True)


def test_the_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_files, "_SECONDS", 0.01)
    found = a_plan(shipping(LONG + BASE, CHANGE))
    assert found == Unavailable("the release is too large to be checked within 0 s and 1,536 MiB", lasting=True)
