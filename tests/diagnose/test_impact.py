"""What a running client suffers now: because migrations have not run, and because the schema differs.

The cases are those of a real Prisma client, with the codes that it gave.
"""

from itertools import count
from pathlib import Path

import pytest

from shared.diagnose.clients import client_schema
from shared.diagnose.impact import client_near, of_differences
from shared.diagnose.pending_run import PendingRun, Tools
from shared.diagnose.scripts import known_statements
from shared.model.diagnosis import Comparison
from shared.model.knowledge import Unavailable
from shared.model.schema import Schema
from shared.postgres.difference import compare
from shared.postgres.parse import parse, read
from shared.postgres.plan.present import as_made
from shared.postgres.replay import Replay
from shared.prisma.clients.brief import failing_tables, in_brief
from shared.prisma.clients.following import Client

BASE = """
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
CREATE TABLE "User" (id SERIAL PRIMARY KEY, email TEXT NOT NULL, age INTEGER, role "Role" NOT NULL, code TEXT NOT NULL);
CREATE UNIQUE INDEX "User_email_key" ON "User"(email);
CREATE TABLE "Post" (id SERIAL PRIMARY KEY, slug TEXT NOT NULL, "authorId" INTEGER REFERENCES "User"(id));
"""
READS = "reads of whole User records fail: P2022 (42703)"
CREATES = "creates of User fail: P2022 (42703)"


def known(sql: str) -> dict[object, object] | None:
    found = client_schema(sql.encode(), "public")
    assert not isinstance(found, Unavailable | None)
    return dict(found)


def lacking(*scripts: str, knows: str | None = None) -> dict[str, tuple[str, ...]]:
    """What is suffered while the migrations of *scripts*, which come after `BASE`, have not run."""
    replay, numbers = Replay("public"), count(2)
    replay.run_all(known_statements("1", BASE.encode()))
    client = None if knows is None else client_schema(knows.encode(), "public")
    assert not isinstance(client, Unavailable)
    run = PendingRun(replay, as_made(replay), Tools(17, (7, 10), client=client))
    for script in scripts:
        name = str(next(numbers))
        run.plan(name, tuple(known_statements(name, script.encode())))
    return {name: in_brief(effects) for name, effects in run.lacking().items()}


@pytest.mark.parametrize(
    ("script", "suffered"),
    [
        pytest.param('ALTER TABLE "User" ADD COLUMN extra TEXT;', [READS, "creates and updates of User that write extra fail: P2022 (42703)"], id="optional column"),
        pytest.param("ALTER TABLE \"User\" ADD COLUMN extra TEXT DEFAULT 'x';", [READS, CREATES], id="column with default"),
        pytest.param('ALTER TABLE "User" ADD COLUMN extra TEXT NOT NULL;', [READS, CREATES], id="required column"),
        pytest.param('CREATE TABLE "Comment" (id SERIAL PRIMARY KEY, "userId" INTEGER REFERENCES "User"(id));', ["all operations on Comment fail: P2021 (42P01)"], id="table"),
        pytest.param("ALTER TYPE \"Role\" ADD VALUE 'GUEST';", ["filters, sorting and aggregates of User by role may fail: P2007 (22P02), where the value is GUEST", "creates and updates of User that write role may fail: P2007 (22P02), where the value is GUEST"], id="enum value"),
        pytest.param('ALTER TABLE "User" RENAME COLUMN age TO years;', [READS, "creates and updates of User that write years fail: P2022 (42703)"], id="renamed column"),
        pytest.param('ALTER TABLE "User" RENAME TO "Person";', ["all operations on Person fail: P2021 (42P01)"], id="renamed table"),
        pytest.param('ALTER TABLE "User" DROP COLUMN age;', [], id="dropped nullable column"),
        pytest.param('ALTER TABLE "User" DROP COLUMN code;', ["creates of User fail: P2011 (23502)"], id="dropped required column"),
        pytest.param('CREATE UNIQUE INDEX "Post_slug_key" ON "Post"(slug);', ["upserts of Post by slug fail: P2039 (42P10)"], id="unique key"),
        pytest.param('CREATE INDEX "Post_slug_idx" ON "Post"(slug);', [], id="index"),
        pytest.param("ALTER TABLE \"User\" ALTER COLUMN code SET DEFAULT 'x';", [], id="default"),
        pytest.param('ALTER TABLE "User" ALTER COLUMN age TYPE BIGINT;', ["filters, sorting and aggregates of User by age may fail: P2020 (22003), where a value is out of the range of integer", "creates and updates of User that write age may fail: P2020 (22003), where a value is out of the range of integer"], id="wider column"),
    ],
)  # fmt: skip
def test_a_migration_that_has_not_run(script: str, suffered: list[str]) -> None:
    assert list(lacking(script)["2"]) == suffered


def test_each_migration_says_what_its_own_lack_breaks() -> None:
    """Nothing is said of a column whose table does not exist."""
    made = 'CREATE TABLE "Tag" (id SERIAL PRIMARY KEY);'
    widened = 'ALTER TABLE "Tag" ADD COLUMN name TEXT NOT NULL;'
    assert lacking(made, widened, 'ALTER TABLE "Tag" DROP COLUMN name;') == {
        "2": ("all operations on Tag fail: P2021 (42P01)",),
        "3": (),
    }
    assert lacking(widened.replace("Tag", "User")) == {"2": (READS, CREATES)}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("INSERT INTO \"Post\" (slug) VALUES ('a');", id="rows alone"),
        pytest.param('ALTER TABLE nowhere ADD COLUMN "x" INT;', id="a statement that fails"),
        pytest.param("SELECT setval('\"User_id_seq\"', 9);", id="a program"),
    ],
)
def test_of_what_is_not_known_nothing_is_said(script: str) -> None:
    assert lacking(script) == {}


def test_a_client_of_an_earlier_release_suffers_nothing_from_what_it_does_not_know() -> None:
    assert lacking('ALTER TABLE "User" ADD COLUMN extra TEXT NOT NULL;', knows=BASE) == {"2": ()}


def schema(sql: str) -> Schema:
    replay = Replay("public")
    for statement in parse(BASE + sql):
        replay.run(statement)
    return replay.freeze()


@pytest.mark.parametrize(
    ("by_hand", "suffered", "tables"),
    [
        pytest.param('ALTER TABLE "User" DROP COLUMN age;', {"column public.User.age": (READS, "creates and updates of User that write age fail: P2022 (42703)")}, ["public.User"], id="column missing"),
        pytest.param('DROP TABLE "Post";', {"table public.Post": ("all operations on Post fail: P2021 (42P01)",)}, ["public.Post"], id="table missing"),
        pytest.param('DROP INDEX "User_email_key";', {"index public.User_email_key": ("upserts of User by email fail: P2039 (42P10)",)}, ["public.User"], id="unique key missing"),
        pytest.param('ALTER TABLE "User" ADD COLUMN extra TEXT;', {"column public.User.extra": ()}, [], id="harmless column"),
        pytest.param('ALTER TABLE "User" ADD COLUMN extra TEXT NOT NULL;', {"column public.User.extra": ("creates of User fail: P2011 (23502)",)}, ["public.User"], id="column that nobody fills"),
        pytest.param('CREATE INDEX by_hand ON "Post"(slug);', {"index public.by_hand": ()}, [], id="index"),
        pytest.param('ALTER TABLE "User" ALTER COLUMN id TYPE BIGINT;', {"column public.User.id": ("includes over Post.authorId answer differently, without an error: they turn empty: integer is never equal to bigint", "reads of whole User records may answer differently, without an error, where a row holds a value out of the range of integer")}, [], id="answers change"),
        pytest.param("", {}, [], id="no difference"),
    ],
)  # fmt: skip
def test_a_difference(by_hand: str, suffered: dict[str, tuple[str, ...]], tables: list[str]) -> None:
    expected, actual = schema(""), schema(by_hand)
    found = of_differences(Comparison(expected, actual, compare(expected, actual).differences), None)
    assert {str(subject): in_brief(effects) for subject, effects in found.items()} == suffered
    assert [table for effects in found.values() for table in failing_tables(effects)] == tables


def test_what_a_client_suffers_from_differences_is_found_beside_them() -> None:
    """Of the tables on which the differences have a bearing, and of all tables: the same."""
    for path in sorted((Path(__file__).parents[1] / "postgres" / "corpus").glob("*.sql")):
        replay, statements = Replay("public"), list(read(path.read_text(encoding="utf-8")))
        for statement in statements[: len(statements) * 2 // 3]:
            replay.run(statement)
        before = replay.freeze().objects
        for statement in statements[len(statements) * 2 // 3 :]:
            replay.run(statement)
        after = replay.freeze().objects
        for known, live in ((before, after), (after, before), (after, after)):
            pairs = {each: (known.get(each), live.get(each)) for each in (*known, *live)}
            differing = {each: (one, other) for each, (one, other) in pairs.items() if one != other}
            assert set(client_near(known, live, [], differing).suffers()) == set(Client(known, live).suffers()), (
                path.name
            )
