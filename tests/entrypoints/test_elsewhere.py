"""What belongs to something else, on a real server: left out of the comparison, and counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.entrypoints.cli.main import main
from tests import states
from tests.entrypoints.conftest import target_table

OF_OTHERS = """
CREATE SCHEMA pgboss;
CREATE TYPE pgboss.job_state AS ENUM ('created', 'active');
CREATE TABLE pgboss.job (id serial PRIMARY KEY, state pgboss.job_state NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE pgboss.job_1 PARTITION OF pgboss.job FOR VALUES FROM (1) TO (9);
CREATE INDEX by_state ON pgboss.job (state);
CREATE FUNCTION pgboss.fetch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER on_insert BEFORE INSERT ON pgboss.job_1 FOR EACH ROW EXECUTE FUNCTION pgboss.fetch();
CREATE TABLE "Post_p1" (id int PRIMARY KEY, post int REFERENCES "Post");
"""
ELSEWHERE = """
[[target.elsewhere]]
tables = ["pgboss.*", "public.Post_p*"]
because = "queues, and partitions"
"""


@pytest.fixture
def check(
    production: Callable[[str], str],
    configure: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str], dict[str, Any]]:
    """Run *sql* where all is as released, once, and give the report of a check with *elsewhere*."""
    database = production("up_to_date")

    def made(elsewhere: str, sql: str = "") -> dict[str, Any]:
        if sql:
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(sql)
        configure(target_table("production", migrations=states.migrations("up_to_date")) + elsewhere)
        main(["check", "--format", "json"])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return made


def keys(report: dict[str, Any]) -> list[str]:
    return [each["key"] for each in report["findings"]]


def test_they_are_left_out_and_counted(
    check: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    before = check("", OF_OTHERS)
    assert keys(before) == ["schema-unexpected:schema pgboss", "schema-unexpected:table public.Post_p1"]
    after = check(ELSEWHERE)
    assert keys(after) == []
    counts = [each["objects"] for each in after["coverage"]["elsewhere"]]
    assert all(counts)
    assert after["coverage"]["objects"] + sum(counts) == before["coverage"]["objects"]
    assert main(["check"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Left out by the settings: pgboss.* (queues, and partitions: {counts[0]} objects)" in said
    by_name = check(ELSEWHERE.replace('["pgboss.*", "public.Post_p*"]', '["public.Post_p*"]\nschemas = ["pgboss"]'))
    assert keys(by_name) == []
    (partitions, queues) = by_name["coverage"]["elsewhere"]
    assert [partitions["objects"], queues["objects"]] == [counts[1], counts[0]]
    assert [queues[key] for key in ("leaves", "pattern", "tables")] == ["schemas", "pgboss", "pgboss.*"]


def test_what_migrations_make_and_what_hangs_on_it_is_compared(check: Callable[..., dict[str, Any]]) -> None:
    by_hand = 'ALTER TABLE "Post" ALTER COLUMN content TYPE varchar(40); CREATE INDEX by_hand ON "Post" (title)'
    report = check(ELSEWHERE.replace("public.Post_p*", "public.*"), OF_OTHERS + by_hand)
    assert keys(report) == ["schema-changed:column public.Post.content", "schema-unexpected:index public.by_hand"]
    assert "table public.Post" in report["coverage"]["elsewhere"][1]["compared"]


@pytest.mark.parametrize("pattern", ["users", "users.", ".users", ""])
def test_a_pattern_names_schema_and_table(
    pattern: str, configure: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(target_table("production", migrations=tmp_path) + ELSEWHERE.replace("pgboss.*", pattern))
    assert main(["check"]) == 1
    assert "elsewhere" in capsys.readouterr().err


def test_an_entry_names_something(
    configure: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(target_table("production", migrations=tmp_path) + '[[target.elsewhere]]\nbecause = "nothing"\n')
    assert main(["check"]) == 1
    assert "name `tables`, `schemas`, `publications` or `subscriptions`" in capsys.readouterr().err


def test_a_publication_of_somebody_else(check: Callable[..., dict[str, Any]]) -> None:
    by_hand = 'CREATE PUBLICATION dms_users FOR TABLE "User"'
    assert keys(check("", by_hand)) == ["schema-unexpected:publication dms_users"]
    report = check('[[target.elsewhere]]\npublications = ["dms_*"]\nbecause = "DMS"\n')
    assert keys(report) == []
    assert report["coverage"]["elsewhere"][0]["objects"] == 1
