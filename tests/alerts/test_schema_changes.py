"""The changelog of a database's schema, from run to run against a real server: each change once, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.alerts.decide.week import week_due
from shared.alerts.notifier import notify
from shared.alerts.schema_changes import KEPT, MOST, changes_of, in_words, no_text, with_schema
from shared.demo.incident import HISTORY_TABLE
from shared.entrypoints.cli.main import main
from shared.memory import MemoryFile
from shared.model.alerts import AlertSettings
from shared.model.digest import digest
from shared.model.memory import Memory, Run
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Trigger, Verdict
from shared.model.schema import Column, Kind, Schema, Subject
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.report.html.page import Remembered, target_page
from shared.run import run
from tests.builders import NOW
from tests.report.html.states import Page

TABLES = """
CREATE TABLE users (id integer PRIMARY KEY, age integer, name text);
CREATE INDEX users_name_idx ON users (name);
CREATE TYPE role AS ENUM ('ADMIN');
"""
Check = Callable[[str], list[str]]


@pytest.fixture
def place(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path / "memory", "production")


@pytest.fixture
def check(database: str, tmp_path: Path, place: MemoryFile) -> Check:
    """Run a statement by hand, check, and give what is new in the changelog, in words."""
    folder = tmp_path / "migrations" / "1_init"
    folder.mkdir(parents=True)
    (folder / "migration.sql").write_text(TABLES, encoding="utf-8")
    with psycopg.connect(database, autocommit=True) as production:
        production.execute((HISTORY_TABLE + ";" + TABLES).encode())
        production.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) "
            "VALUES ('1', %s, now(), '1_init', now() - interval '1 minute', 1)",
            [sha256(TABLES.encode()).hexdigest()],
        )
    target = Target(
        name="production",
        releases=(ReleaseSettings("folder", str(tmp_path / "migrations")),),
        database=DatabaseSettings(Secret("env:DATABASE_URL", database)),
    )

    def checked(statement: str) -> list[str]:
        with psycopg.connect(database, autocommit=True) as production:
            production.execute(statement.encode())
        before = changes_of(place.load(), place.text)
        notify(run(target, Trigger.SCHEDULE), target, AlertSettings(weekly=False), place)
        after = changes_of(place.load(), place.text)
        return [in_words(each) for each in after[: len(after) - len(before)]]

    return checked


def test_each_change_once(check: Check) -> None:
    assert check("SELECT 1") == [], "what is seen at first is no change"
    assert check("INSERT INTO users VALUES (1, 2, 'x')") == []
    assert check("ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT ''") == [
        "column public.users.email appeared: text, not null, default ''"
    ]
    assert check("DROP INDEX users_name_idx") == [
        "index public.users_name_idx is gone; it was index on public.users USING btree (name)"
    ]
    assert check("ALTER TABLE users ALTER COLUMN age TYPE bigint; ALTER TYPE role ADD VALUE 'USER'") == [
        "column public.users.age is now bigint; it was integer",
        "enum public.role is now ('ADMIN', 'USER'); it was ('ADMIN')",
    ]
    assert check("CREATE TABLE logs (id integer PRIMARY KEY, line text)") == ["table public.logs appeared: table"]
    assert check("ANALYZE") == []


def test_it_is_listed_at_a_terminal_on_the_page_and_by_the_week(
    check: Check, place: MemoryFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check("SELECT 1")
    check("ALTER TABLE users DROP COLUMN age")
    (tmp_path / "monitor.toml").write_text(
        '[[target]]\nname = "production"\nrelease = { source = "folder", path = "migrations" }\n'
        'database = { url = "env:NO_URL" }\n'
    )
    monkeypatch.chdir(tmp_path)
    said = "column public.users.age is gone; it was integer"
    assert main(["history"]) == 0
    assert said in capsys.readouterr().out
    assert main(["history", "--format", "json", "--since", "1h"]) == 0
    (change,) = json.loads(capsys.readouterr().out)
    assert (change["subject"], change["before"], change["after"]) == ("column public.users.age", "integer", None)
    assert datetime.fromisoformat(change["since"]) < datetime.fromisoformat(change["at"])
    assert main(["history", "--since", "soon"]) == 1
    state = Remembered("production", None, place.load(), None, changes_of(place.load(), place.text))
    assert "What changed in the schema" in Page(target_page(state, datetime.fromisoformat(change["at"]))).text


def column(name: str, type_: str = "integer") -> tuple[Subject, Column]:
    return Subject(Kind.COLUMN, ("public", "t", name)), Column(type_, nullable=True)


def schema(*columns: tuple[Subject, Column]) -> Schema:
    return Schema(dict(columns))


def test_it_is_bounded_by_time_and_number() -> None:
    memory, texts = Memory("production"), dict[str, str]()
    columns, runs = 150, MOST // 150 + 2
    for number in range(runs):
        at = NOW + number * timedelta(hours=1)
        changed = [column(f"c{place:03}", f"varchar({number + 1})") for place in range(columns)]
        memory, new = with_schema(memory, schema(*changed), at, texts.get)
        texts = {name: text for name, text in (texts | dict(new)).items() if name in {*memory.documents()}}
    kept = changes_of(memory, texts.get)
    assert len(kept) == MOST
    assert len(texts) == 2
    memory, new = with_schema(memory, schema(*changed[1:], column("c000", "text")), at + KEPT, (texts | {}).get)
    (last, *_) = changes_of(memory, (texts | dict(new)).get)
    assert (last.before, last.after) == (f"varchar({runs})", "text")
    assert all(at + KEPT - each.at <= KEPT for each in changes_of(memory, (texts | dict(new)).get))


@pytest.mark.parametrize("damage", ["", "no base85 \x00", "{}", None], ids=["empty", "garbage", "other", "lost"])
def test_what_cannot_be_read_any_more_is_no_change(damage: str | None) -> None:
    memory, texts = with_schema(Memory("production"), schema(column("a")), NOW, no_text)
    kept = {} if damage is None else dict.fromkeys(texts, damage)
    after, new = with_schema(memory, schema(column("b")), NOW, kept.get)
    assert changes_of(after, dict(new).get) == ()
    assert after.schema is not None
    assert {*new} == {after.schema.document}
    assert changes_of(replace(after, schema_changes=digest("x")), lambda _: damage) == ()


def test_a_schema_that_was_not_read_changes_nothing() -> None:
    memory, _ = with_schema(Memory("production"), schema(column("a")), NOW, no_text)
    assert with_schema(memory, None, NOW, no_text) == (memory, {})


def test_a_week_without_changes_has_none() -> None:
    begun = Memory("production", runs=(Run(NOW - timedelta(days=8), Verdict.PASSED, timedelta(0)),))
    week = week_due(begun, 0, NOW)
    assert week is not None
    assert week.schema_changes == ()
