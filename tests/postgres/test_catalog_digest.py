"""The digest of a catalog: the same of migrations and of a server that ran them, and another one after a change by hand."""

from pathlib import Path

import psycopg
import pytest

from shared.model.schema import Schema
from shared.postgres.catalog_digest import catalog_digest, is_whole
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema

RICH = (Path(__file__).parent / "rich.sql").read_text()
BASE = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE users (id serial PRIMARY KEY, email varchar(80) NOT NULL, score numeric(8, 2) DEFAULT 0, moods mood[]);
CREATE TABLE posts (id bigint PRIMARY KEY, author int NOT NULL REFERENCES users (id) ON DELETE CASCADE, at timestamptz DEFAULT now());
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE VIEW names AS SELECT id, email FROM users;
"""


def made(*scripts: str) -> Schema:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    return replay.freeze()


@pytest.mark.parametrize("script", [pytest.param(BASE, id="usual"), pytest.param(RICH, id="rich")])
def test_a_server_that_ran_the_migrations_has_their_digest(script: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(script.encode())
        live = live_schema(connection)
    expected = made(script)
    assert differences(expected, live) == []
    assert catalog_digest(live) == catalog_digest(expected)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users ADD COLUMN phone text",
        "ALTER TABLE users DROP COLUMN score",
        "ALTER TABLE users ALTER COLUMN score TYPE numeric(9, 2)",
        "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
        "ALTER TYPE mood ADD VALUE 'angry'",
        "CREATE INDEX posts_at ON posts (at)",
        "DROP INDEX users_email_key",
        "ALTER TABLE posts DROP CONSTRAINT posts_author_fkey",
        "DROP VIEW names",
        "CREATE TABLE logs (id int)",
        "ALTER TABLE posts RENAME TO articles",
        "CREATE EXTENSION citext",
    ],
)
def test_a_change_by_hand_changes_it(change: str) -> None:
    assert catalog_digest(made(BASE, change)) != catalog_digest(made(BASE))


def test_the_order_of_statements_does_not() -> None:
    one, other = "CREATE TABLE a (x int, y int);", "CREATE TABLE b (z int);"
    assert catalog_digest(made(one, other)) == catalog_digest(made(other, one))


def test_what_is_not_followed_has_no_digest_to_compare_with() -> None:
    assert is_whole(made(BASE))
    assert not is_whole(made(BASE, "ALTER TABLE users ADD COLUMN shape a_type_of_nobody"))
