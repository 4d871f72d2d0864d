"""Scripts in doubt that the history does not know: they explain nothing of the others unless some of them shows."""

from collections.abc import Callable

import psycopg
import pytest

from shared.model.progress import StatementState
from shared.model.schema import Kind, Subject
from shared.postgres.parse import parse
from shared.postgres.progress import Followed, Script, follow
from tests.postgres.live import live_schema

BASE = (
    "CREATE TABLE t (id int, x text); CREATE TABLE u (id int PRIMARY KEY, y int); CREATE VIEW v AS SELECT id FROM u; "
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
    "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"
)
WRITE = "UPDATE t SET x = x || id"
VIEW_AGAIN = "DROP VIEW v; CREATE VIEW v AS SELECT id, y FROM u"
INDEX = "CREATE UNIQUE INDEX k ON t (x)"
INDEX_AGAIN = "CREATE UNIQUE INDEX k ON t (x, id)"
KEY = "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES u (id)"
COLUMN = "ALTER TABLE t ADD COLUMN z text"
BY_ROWS = (
    "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables LOOP "
    "EXECUTE format('ALTER TABLE %I ADD COLUMN z int', r.tablename); END LOOP; END $$"
)
LETTERS = {
    StatementState.PRESENT: "+", StatementState.ABSENT: "-", StatementState.NO_TRACE: ".", StatementState.UNKNOWN: "?",
}  # fmt: skip


def followed(database: str, begun: str, unbegun: str, there: str) -> Followed:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE.encode())
        connection.execute(there.encode())
        live = live_schema(connection)
    scripts = [
        Script(parse(BASE)),
        Script(parse(begun), applied=False),
        Script(parse(unbegun), applied=False, begun=False),
    ]
    return follow(scripts, live)


@pytest.mark.parametrize(
    ("begun", "unbegun", "there", "said"),
    [
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", "", ("-", "--"), id="an index made again, none is there"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", INDEX, ("+", "--"), id="an index made again, the first is there"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", INDEX_AGAIN, (".", ".+"), id="an index made again, the second is there"),
        pytest.param(KEY, f"ALTER TABLE t DROP CONSTRAINT fk; {KEY}", "", ("-", "--"), id="a key made again, none is there"),
        pytest.param(KEY, f"ALTER TABLE t DROP CONSTRAINT fk; {KEY}", KEY, ("+", "--"), id="a key made again, one is there"),
        pytest.param(COLUMN, "ALTER TABLE t RENAME z TO y", "", ("-", "-"), id="a column renamed, none is there"),
        pytest.param(COLUMN, "ALTER TABLE t RENAME z TO y", "ALTER TABLE t ADD y text", ("+", "+"), id="a column renamed, it is there"),
        pytest.param(COLUMN, "ALTER TABLE t DROP COLUMN z", "", ("-", "-"), id="a column dropped later"),
        pytest.param("CREATE TABLE w ()", "DROP TABLE w", "", ("-", "-"), id="a table dropped later"),
        pytest.param("CREATE TABLE w ()", "DROP TABLE IF EXISTS w; CREATE TABLE w (id int)", "", ("-", ".-"), id="a table made again, if it exists"),
        pytest.param(
            INDEX, f"DROP INDEX k; {INDEX_AGAIN}; CREATE TABLE w ()", "CREATE TABLE w ()", (".", ".-+"), id="it shows elsewhere",
        ),
        pytest.param("SELECT 1", VIEW_AGAIN, "", (".", "--"), id="a view made again, the first is there"),
        pytest.param("SELECT 1", VIEW_AGAIN, VIEW_AGAIN, (".", "++"), id="a view made again, the second is there"),
        pytest.param(f"{INDEX}; {COLUMN}", BY_ROWS, "", ("--", "?"), id="what cannot be foreseen, nothing is there"),
        pytest.param("SELECT 1", f"{COLUMN}; {WRITE}; ALTER TABLE t DROP COLUMN z", "", (".", "..."), id="a write while a column is there"),
        pytest.param("SELECT 1", f"{COLUMN}; ALTER TABLE t DROP COLUMN z", "", (".", "--"), id="a column made and dropped, no write"),
        pytest.param("SELECT 1", f"CREATE TABLE w AS SELECT id FROM t; {WRITE}; DROP TABLE w", "", (".", "..."), id="a write by a table that is dropped"),
        pytest.param("SELECT 1", "CREATE TABLE w (); INSERT INTO w DEFAULT VALUES; DROP TABLE w", "", (".", "-.-"), id="a write to a table that is dropped"),
        pytest.param("SELECT 1", f"DROP VIEW v; {WRITE}; CREATE VIEW v AS SELECT id FROM u", "", (".", "..."), id="a write while a view is gone"),
        pytest.param("SELECT 1", f"DROP VIEW v; {WRITE}; CREATE VIEW v AS SELECT id, y FROM u", "", (".", "-.-"), id="a write before another view"),
        pytest.param("SELECT 1", f"DROP VIEW v; {WRITE}; CREATE VIEW v AS SELECT id FROM u", "DROP VIEW v", (".", "+.-"), id="a write, and the view is still gone"),
        pytest.param("SELECT 1", f"ALTER TABLE t DISABLE TRIGGER g; {WRITE}; ALTER TABLE t ENABLE TRIGGER g", "", (".", "..."), id="a write without a trigger"),
        pytest.param("SELECT 1", f"ALTER TABLE t DISABLE TRIGGER g; {WRITE}", "", (".", "-."), id="a write, and the trigger stays off"),
        pytest.param("SELECT 1", f"ALTER TABLE t DISABLE TRIGGER g; {WRITE}; ALTER TABLE t ENABLE TRIGGER g", "ALTER TABLE t DISABLE TRIGGER g", (".", "+.-"), id="a write, and the trigger is still off"),
        pytest.param(f"{INDEX}; {COLUMN}", BY_ROWS, INDEX, ("+-", "?"), id="what cannot be foreseen, half is there"),
    ],
)  # fmt: skip
def test_what_the_history_does_not_know_has_not_run_unless_it_shows(
    begun: str, unbegun: str, there: str, said: tuple[str, str], database: str
) -> None:
    progress = followed(database, begun, unbegun, there).progress
    assert tuple("".join(LETTERS[s.state] for s in progress[place].statements) for place in (1, 2)) == said


@pytest.mark.parametrize("is_recorded", [True, False], ids=["the base is recorded", "nothing is recorded"])
@pytest.mark.parametrize(
    ("earlier", "later", "there", "said"),
    [
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}; {COLUMN}", COLUMN, (".", ".-+"), id="made again, and only dropped"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}; {COLUMN}", INDEX, ("+", "---"), id="made again, the first is there"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}; {COLUMN}", INDEX_AGAIN, (".", ".+-"), id="made again, the second is there"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}; {COLUMN}", "", ("-", "---"), id="made again, nothing is there"),
        pytest.param(KEY, f"ALTER TABLE t DROP CONSTRAINT fk; {KEY}; {COLUMN}", COLUMN, (".", ".-+"), id="a key made again"),
        pytest.param("CREATE TABLE w ()", f"DROP TABLE w; {COLUMN}", COLUMN, (".", ".+"), id="a table dropped later"),
    ],
)  # fmt: skip
def test_what_a_later_script_that_shows_may_have_removed_is_open(
    earlier: str, later: str, there: str, said: tuple[str, str], is_recorded: bool, database: str
) -> None:
    """Who ran the later one may have run the earlier one, too; and all of them may have run where the history is lost."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE.encode())
        connection.execute(there.encode())
        live = live_schema(connection)
    in_doubt = (Script(parse(each), applied=False, begun=False) for each in (earlier, later))
    scripts = [Script(parse(BASE), applied=is_recorded, begun=is_recorded), *in_doubt]
    progress = follow(scripts, live).progress
    assert tuple("".join(LETTERS[s.state] for s in progress[place].statements) for place in (1, 2)) == said


def test_what_cannot_be_foreseen_of_one_that_did_not_run_is_no_doubt_of_the_schema(database: str) -> None:
    unforeseen = "DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE ' || tablename FROM pg_tables LIMIT 1); END $$"
    expected = followed(database, INDEX, unforeseen, "").expected
    assert Subject(Kind.TABLE, ("public", "t")) in expected.objects
    assert Subject(Kind.TABLE, ("public", "t")) not in expected.opaque
    assert Subject(Kind.SCHEMA, ("public",)) not in expected.opaque


def test_one_that_shows_by_itself_explains_what_came_and_went(new_database: Callable[..., str]) -> None:
    script = "CREATE INDEX a ON t (x); DROP INDEX a; CREATE TABLE w ()"
    letters = []
    for there in ("", "CREATE TABLE w ()"):
        progress = followed(new_database(), "SELECT 1", script, there).progress[2]
        letters.append("".join(LETTERS[s.state] for s in progress.statements))
    assert letters == ["---", "..+"]


@pytest.mark.parametrize(
    ("begun", "unbegun", "there", "said"),
    [
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", INDEX_AGAIN, ([True], [True, False]), id="an index made again"),
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", INDEX, ([False], [False, False]), id="not yet"),
        pytest.param(
            "CREATE TABLE w (id int)", "DROP TABLE w; CREATE TABLE w (x text)", "CREATE TABLE w (x text)",
            ([True], [True, False]), id="a table: the rows of the older one are gone",
        ),
        pytest.param("UPDATE t SET x = 1", INDEX, INDEX, ([False], [False]), id="rows"),
        pytest.param(
            "ALTER TABLE t ALTER x SET DEFAULT 'a'; ALTER TABLE t ALTER x DROP DEFAULT; ALTER TABLE t ALTER x TYPE varchar(9); "
            "ALTER TABLE t ALTER x SET DEFAULT 'a'", "SELECT 1", "ALTER TABLE t ALTER x SET DEFAULT 'a'",
            ([False, False, False, False], [False]), id="what is missing after it needs it",
        ),
    ],
)  # fmt: skip
def test_what_later_statements_replaced_is_not_to_be_run(
    begun: str, unbegun: str, there: str, said: tuple[list[bool], list[bool]], database: str
) -> None:
    progress = followed(database, begun, unbegun, there).progress
    assert tuple([each.superseded for each in progress[place].statements] for place in (1, 2)) == said
