"""The owner of a table that is read must not get code run with the monitor's rights."""

import pytest

from shared.model.database import History
from shared.model.knowledge import Unavailable
from shared.model.seed import SeedExpectation
from tests.gather.production import HISTORY, Relay, read, run, session, watcher

# Functions that leave a trace of having been run. They claim to be immutable, so that the planner may run them.
SPY = """
    CREATE FUNCTION spy(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
        $$ BEGIN PERFORM nextval('public.calls'); RETURN $1; END $$;
    CREATE SEQUENCE calls;
    CREATE FUNCTION spies(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'called'; END $$;
    CREATE DOMAIN odd AS text CHECK (VALUE IS NULL OR spies(length(VALUE)));
    CREATE TABLE users (id int, name text, note odd);
    INSERT INTO users VALUES (1, 'ada', NULL);
"""
_RUNS = "so code of its owner would run with the monitor's rights"


def server_version(url: str) -> int:
    with session(url) as admin:
        return admin.info.server_version // 10_000


def _seed(because: str) -> Unavailable:
    trust = "; if you trust that owner, set `view = true` for this seed"
    return Unavailable(f"users is not counted: {because}, {_RUNS}{trust}", lasting=True)


@pytest.mark.parametrize(
    ("script", "because"),
    [
        pytest.param("CREATE INDEX i ON users (id) WHERE spies(1)", "its index i calls the function public.spies", id="predicate"),
        pytest.param("CREATE INDEX i ON users (spy('a'))", "its index i calls the function public.spy", id="expression"),
        pytest.param("CREATE STATISTICS s ON spy('a'), id FROM users", "its statistics s calls the function public.spy", id="statistics"),
        pytest.param(
            "CREATE OPERATOR public.||| (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat); CREATE INDEX i ON users ((name ||| 'x'))",
            "its index i calls the operator public.|||", id="operator",
        ),
        pytest.param(
            "CREATE INDEX i ON users (id) WHERE name <> 'x'::odd",
            "its index i calls the input of the type public.odd", id="domain",
        ),
        pytest.param(
            "CREATE TABLE more () INHERITS (users); CREATE INDEX i ON more (id) WHERE spies(1)",
            "its index i calls the function public.spies", id="an inheritance child's index",
        ),
        pytest.param(
            "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;"
            "CREATE FOREIGN TABLE far () INHERITS (users) SERVER s OPTIONS (filename '/dev/null')",
            "far beneath it is a foreign table", id="a foreign child",
        ),
        pytest.param("ALTER TABLE users RENAME TO old; CREATE VIEW users AS SELECT spies(id) FROM old", "it is a view", id="a view"),
        pytest.param(
            "DROP TABLE users; CREATE TABLE users (id int, name text) PARTITION BY RANGE ((name || spy('a')))",
            "the partition key of users calls the function public.spy", id="a partition key",
        ),
        pytest.param(
            "DROP TABLE users; CREATE TABLE users (id int, name text) PARTITION BY RANGE (id);"
            "CREATE TABLE more PARTITION OF users DEFAULT PARTITION BY LIST (lower(name || spy('a')))",
            "the partition key of more calls the function public.spy", id="a partition's own key",
        ),
    ],
)  # fmt: skip
def test_what_would_run_is_not_counted(database: str, script: str, because: str) -> None:
    if "STATISTICS" in script and server_version(database) < 14:
        pytest.skip("statistics of expressions are of 14 and later")
    # Making the index runs the function as well, for its owner: it turns bad afterwards.
    run(database, SPY.replace("RAISE EXCEPTION 'called'", "RETURN true") + script)
    run(
        database,
        SPY[SPY.index("CREATE FUNCTION spies") : SPY.index("CREATE DOMAIN")].replace("CREATE", "CREATE OR REPLACE"),
    )
    reading = read(database, SeedExpectation("users", exact=1))
    assert reading.seeds[0].count == _seed(because)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            "CREATE INDEX i ON users (lower(name)) WHERE length(name) > 1", id="functions of the server's own"
        ),
        pytest.param(
            "CREATE TYPE mood AS ENUM ('a', 'b'); ALTER TABLE users ADD COLUMN mood mood;"
            "CREATE INDEX i ON users (id) WHERE mood = 'a'",
            id="an enum in a predicate",
        ),
        pytest.param("ALTER TABLE users ADD CHECK (spy(name) <> '')", id="a CHECK of the table's own"),
        pytest.param("CREATE TABLE more (CHECK (spies(id))) INHERITS (users)", id="a CHECK of an inheritance child"),
        pytest.param("CREATE INDEX i ON users (note)", id="an index of a domain's column"),
        pytest.param("CREATE INDEX i ON users (name text_pattern_ops)", id="another operator class"),
        pytest.param("CREATE TYPE mood AS ENUM ('a'); ALTER TABLE users ADD moods mood[]", id="an enum's array"),
    ],
)
def test_what_runs_nothing_is_counted(database: str, script: str) -> None:
    run(database, SPY + script)
    wheres = (
        None,
        "id < 1000",
        "lower(name) = 'ada' AND note IS DISTINCT FROM 'x'",
        "EXISTS (SELECT FROM pg_catalog.pg_views, pg_roles)",
    )
    reading = read(database, *(SeedExpectation("users", exact=1, where=where) for where in wheres))
    assert [seed.count for seed in reading.seeds] == [1] * len(wheres)
    with session(database) as admin:
        called = admin.execute("SELECT is_called FROM calls").fetchone()
    # Adding the CHECK runs it once, for the owner; reading must add none.
    assert called == ("CHECK (spy" in script,)


_CASTS = (
    "CREATE TYPE {} AS {}; CREATE FUNCTION spying({}) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT spy('a') $$;"
    "CREATE CAST ({} AS text) WITH FUNCTION spying({}) AS IMPLICIT; ALTER TABLE users ADD COLUMN kind {} DEFAULT {}"
)


@pytest.mark.parametrize(
    ("script", "where", "because"),
    [
        pytest.param("", "spy(name) = 'x'", "it may call the function public.spy", id="a function"),
        pytest.param("", "\"spy\"(name) = 'x'", "it may call the function public.spy", id="a quoted function"),
        pytest.param(
            "CREATE SCHEMA s; ALTER FUNCTION spy SET SCHEMA s", "s.spy(name) = 'x'",
            "it may call the function s.spy", id="a function of another schema",
        ),
        pytest.param(
            "CREATE FUNCTION length(varchar) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT length(spy('a')) $$;"
            "ALTER TABLE users ALTER name TYPE varchar", "length(name) > 0",
            "it may call the function public.length", id="a function for just this type",
        ),
        pytest.param(
            "CREATE FUNCTION active(users) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT spy('a') = 'a' $$",
            "users.active", "it may call the function public.active", id="a function like a column",
        ),
        pytest.param(
            "CREATE FUNCTION active(users) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT spy('a') = 'a' $$",
            "(users).active", "it may call the function public.active", id="a function like a field",
        ),
        pytest.param(
            "CREATE FUNCTION same(varchar, varchar) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT spy('a') = 'a' $$;"
            "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = same);"
            "ALTER TABLE users ALTER name TYPE varchar", "name = 'ada'",
            "it may use the operator public.=", id="an operator for just these types",
        ),
        pytest.param(
            _CASTS.format("k", "ENUM ('a')", "k", "k", "k", "k", "'a'"), "lower(kind) = 'a'",
            "a cast in it may call the function public.spying", id="a cast of an enum",
        ),
        pytest.param(
            _CASTS.format("k", "(a text)", "k", "k", "k", "k", "ROW('a')::k"), "kind LIKE 'a'",
            "a cast in it may call the function public.spying", id="a cast of a row",
        ),
        pytest.param(
            "ALTER TABLE users ADD COLUMN notes odd[]", "notes = '{x}'",
            "a literal in it may call the function public.spies", id="a literal of a domain's array",
        ),
        pytest.param("", "name::odd = 'x'", "a literal in it may call the function public.spies", id="a domain named"),
        pytest.param("", "EXISTS (SELECT FROM seen)", "of seen in its `where`, it is a view", id="a view"),
        pytest.param(
            "CREATE TABLE more (id int); CREATE INDEX i ON more (spy('a'))", "id IN (SELECT id FROM public.more)",
            "of more in its `where`, its index i calls the function public.spy", id="another table's index",
        ),
    ],
)  # fmt: skip
def test_what_a_condition_would_run_is_not_counted(database: str, script: str, where: str, because: str) -> None:
    run(database, SPY + "CREATE VIEW seen AS SELECT spy('a') AS a;" + script)
    run(database, "DROP SEQUENCE calls; CREATE SEQUENCE public.calls")  # ALTER TABLE may have run it, for the owner
    seeds = SeedExpectation("users", exact=1, where=where), SeedExpectation("users", min=0, where=where, view=True)
    refused, trusted = read(database, *seeds).seeds
    assert refused.count == _seed(because)
    assert trusted.count != refused.count


def test_a_trusted_view_is_counted(database: str) -> None:
    run(database, SPY + "CREATE VIEW admins AS SELECT * FROM users")
    (seed,) = read(database, SeedExpectation("admins", exact=1, view=True)).seeds
    assert seed.count == 1


@pytest.mark.parametrize(
    ("script", "because"),
    [
        pytest.param(
            "CREATE INDEX i ON _prisma_migrations (id) WHERE spy('x') = 'x'",
            f"public._prisma_migrations is not read: its index i calls the function public.spy, {_RUNS}",
            id="a partial index",
        ),
        pytest.param(
            "ALTER TABLE _prisma_migrations ALTER migration_name TYPE odd",
            "public._prisma_migrations is not Prisma's: migration_name is public.odd",
            id="a column of a domain",
        ),
        pytest.param(
            "CREATE TYPE named AS (name text);"
            "ALTER TABLE _prisma_migrations ALTER migration_name TYPE named USING ROW(migration_name)::named",
            "public._prisma_migrations is not Prisma's: migration_name is public.named",
            id="a column of a type with a cast of its own",
        ),
    ],
)
def test_history_that_would_run_something_is_unknown(database: str, script: str, because: str) -> None:
    run(database, HISTORY + SPY + script)
    assert read(database).history == Unavailable(because, lasting=True)


def test_policy_of_the_history_runs_nothing(database: str) -> None:
    run(
        database,
        HISTORY + SPY + "ALTER TABLE _prisma_migrations ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY p ON _prisma_migrations USING (spies(1))",
    )
    history = read(watcher(database, "GRANT SELECT ON _prisma_migrations TO {}")).history
    assert isinstance(history, Unavailable)
    assert "row-level security hides rows" in history.because


def test_plain_history_is_read(database: str) -> None:
    run(database, HISTORY + SPY + "CREATE INDEX i ON _prisma_migrations (started_at) WHERE finished_at IS NULL")
    assert isinstance(read(database).history, History)


@pytest.mark.parametrize(
    "swapped",
    [
        pytest.param("CREATE VIEW {name} AS SELECT *, spy('x') FROM was", id="a view"),
        pytest.param("CREATE VIEW {name} AS SELECT * FROM was WHERE spy('x') = 'x'", id="a view with a condition"),
        pytest.param(
            "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;"
            "CREATE FOREIGN TABLE {name} (id text) SERVER s OPTIONS (program 'exit 1')",
            id="a foreign table",
        ),
    ],
)
@pytest.mark.parametrize("name", ["_prisma_migrations", "users"])
def test_what_takes_the_place_of_a_table_meanwhile_runs_nothing(database: str, name: str, swapped: str) -> None:
    run(database, HISTORY + SPY)
    meanwhile = f"ALTER TABLE {name} RENAME TO was; {swapped.format(name=name)}"
    with session(database) as admin:
        port = admin.info.port
    with Relay(port, words=b"plain_table_only", meanwhile=lambda: run(database, meanwhile)) as relay:
        url = f"{database.replace(str(port), str(relay.port))}?sslmode=disable"
        reading = read(url, SeedExpectation("users", exact=1))
    is_history = name != "users"
    replaced = Unavailable("users was replaced by what is not a table while it was counted")
    assert reading.seeds[0].count == (1 if is_history else replaced)
    changed = Unavailable("_prisma_migrations was changed while it was read")
    assert reading.history == (changed if is_history else History(True, (), True, True))
    with session(database) as admin:
        assert admin.execute("SELECT is_called FROM calls").fetchone() == (False,)
