"""Schemas as documents: they come back with every field, and a document of another shape makes nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.model.schema import Kind, OtherObject, Schema, Subject
from shared.model.schema_document import NoSchemaError, as_document, from_document
from shared.model.value import replace
from shared.postgres.parse import parse
from shared.postgres.replay import Replay

RICH = Path(__file__).parents[1] / "postgres" / "rich.sql"
# What the replay cannot follow, in part or at all, and what only the server knows.
UNKNOWN = """
CREATE TABLE a (id int PRIMARY KEY, "x y" text DEFAULT 'a''"\u2028');
CREATE TABLE asked AS SELECT id + 1 AS more FROM a;
CREATE TABLE odd (id int, at nowhere.kind);
ALTER TABLE missing ADD COLUMN c int;
DO $$ BEGIN EXECUTE 'ALTER TABLE ' || (SELECT 'a') || ' ADD COLUMN z int'; END $$;
"""


def replayed(sql: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(sql))
    return replay.freeze()


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: replayed(RICH.read_text()), id="every kind of object"),
        pytest.param(lambda: replayed(UNKNOWN), id="what is not known"),
        pytest.param(lambda: Schema({}), id="nothing"),
        pytest.param(
            lambda: Schema(
                {},
                {Subject(Kind.TABLE, ("public", "a")): "why"},
                unapplied=frozenset({Subject(Kind.TABLE, ("public", "a"))}),
                mentioned=((frozenset({"a", "b"}), "why"),),
                others=(OtherObject(("public", "r"), multirange=("public", "m")),),
            ),
            id="what a replay seldom gives",
        ),
    ],
)
def test_comes_back_whole(made: Callable[[], Schema]) -> None:
    schema = made()
    again = from_document(as_document(schema))
    assert again == schema
    # Not all fields are compared: those that are only said are in here.
    for name in ("objects", "opaque", "doubts", "questions", "mentioned", "others", "sessions"):
        assert said(getattr(again, name)) == said(getattr(schema, name)), name
    assert list(again.objects) == list(schema.objects)


def said(value: Any) -> str:
    """Give all of it. Sets have no order, and a mapping may be of either kind."""
    return "".join(sorted(repr(dict(value) if isinstance(value, Mapping) else value)))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"subject":["table","public","a"]}',
        b'{"Schema":{}}',
        b'{"Schema":{"objects":{"mapping":[[1]]}}}',
        b'{"Schema":{"objects":{"mapping":[]},"colour":1}}',
        b'{"Schema":{"objects":{"mapping":[]}},"Table":{}}',
        b'{"Schema":{"objects":{"mapping":[[{"subject":["planet","x"]},null]]}}}',
        b'{"Path":{"objects":"/etc/passwd"}}',
        b'{"eval":["1"]}',
        b'{"__import__":{"name":"os"}}',
        b"[" * 100_000,
    ],
)
def test_nothing_else_is_a_schema(document: bytes) -> None:
    with pytest.raises(NoSchemaError):
        from_document(document)


def test_what_is_kept_is_small() -> None:
    schema = replayed("".join(f"CREATE TABLE t{number} (id serial PRIMARY KEY, a text);" for number in range(100)))
    assert len(as_document(schema)) < 100 * 1000
    assert from_document(as_document(replace(schema, opaque={}))) == schema
