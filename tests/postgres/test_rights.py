"""What GRANT, REVOKE, OWNER TO and default privileges make of a database: the replay's lists are the server's."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.privileges import PUBLIC, ExpectedRights, Granted, Role
from shared.model.schema import Kind, Subject
from shared.postgres.parse import parse
from shared.postgres.replay import Replay, RightsOf
from tests.postgres.rights import HISTORY, differing, live_rights, replay_beside, rights_within
from tests.postgres.servers import servers, version
from tests.throwaway import create_database, drop_database

# Their names are no other test's: roles are of the whole server.
ROLES = ("client", "grp", "other", 'hos"tile; role/=')
GROUND = """
CREATE TABLE t (id serial PRIMARY KEY, a int, b text);
CREATE TABLE u (id int GENERATED ALWAYS AS IDENTITY, a int);
CREATE VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE TYPE e AS ENUM ('x'); CREATE DOMAIN d AS int; CREATE TYPE c AS (x int);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA s; CREATE TABLE s.w (x int); CREATE SEQUENCE q;
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int); CREATE AGGREGATE tally(*) (sfunc = int8inc, stype = bigint, initcond = '0');
CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER server FOREIGN DATA WRAPPER fdw; CREATE FOREIGN TABLE ft (a int) SERVER server;
"""
# What hardly any random script comes to, in an order in which each leaves something to the next.
CORNERS = """
GRANT SELECT (a, b), UPDATE ON t TO client; GRANT ALL ON ALL TABLES IN SCHEMA public TO grp WITH GRANT OPTION;
REVOKE SELECT ON t FROM client; GRANT SELECT (a) ON t TO PUBLIC; GRANT SELECT ON t TO "hos""tile; role/=";
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO client; ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO client;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO client;
ALTER DEFAULT PRIVILEGES FOR ROLE other GRANT USAGE ON TYPES TO client; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO client;
CREATE TABLE s.x (i serial); CREATE TABLE y (i serial); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA z AUTHORIZATION other CREATE TABLE zz (i serial) GRANT SELECT ON zz TO client;
ALTER TABLE y OWNER TO other; ALTER TABLE t OWNER TO grp; ALTER FUNCTION f(int) OWNER TO other; ALTER TYPE e OWNER TO client;
ALTER TYPE c OWNER TO client; ALTER DOMAIN d OWNER TO client; ALTER SCHEMA s OWNER TO other;
GRANT CREATE, USAGE ON SCHEMA public TO other; GRANT other TO grp;
SET ROLE other; CREATE TABLE mine (i serial, e int); GRANT SELECT, INSERT ON mine TO client WITH GRANT OPTION;
CREATE TYPE te AS ENUM ('q'); CREATE TYPE tc AS (x int); CREATE VIEW vv AS SELECT * FROM mine;
SET ROLE client; GRANT SELECT ON mine TO grp; RESET ROLE;
REVOKE GRANT OPTION FOR SELECT ON mine FROM client CASCADE;
REASSIGN OWNED BY other TO client; REVOKE ALL ON FUNCTION g() FROM PUBLIC; GRANT USAGE ON TYPE e, c TO grp;
GRANT USAGE ON DOMAIN d TO grp; GRANT UPDATE ON SEQUENCE q TO grp; GRANT SELECT ON q TO client;
ALTER TABLE s.w SET SCHEMA public; CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER TABLE t RENAME COLUMN a TO aa; ALTER TABLE t RENAME TO tt; ALTER TABLE tt DROP COLUMN b; ALTER TABLE tt ADD b text;
DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'client') THEN GRANT DELETE ON u TO client; END IF; END $$;
ALTER VIEW v OWNER TO client; ALTER MATERIALIZED VIEW m OWNER TO client; SET SESSION AUTHORIZATION other;
CREATE TEMPORARY TABLE gone (i int); GRANT SELECT ON gone TO client; SET SESSION AUTHORIZATION DEFAULT;
DROP SCHEMA z CASCADE; CREATE TABLE u2 (LIKE u); DROP TABLE u; CREATE TABLE u (x int);
GRANT SELECT ON u2 TO CURRENT_USER, SESSION_USER; REVOKE ALL ON u2 FROM CURRENT_USER;
"""
OBJECTS = {
    "TABLE": (("t", "u", "v", "m", "s.w", "ft"), ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES")),
    "SEQUENCE": (("q", "t_id_seq"), ("USAGE", "SELECT", "UPDATE")),
    "FUNCTION": (("f(int)", "ag(int)", "tally()"), ("EXECUTE",)),
    "PROCEDURE": (("p()",), ("EXECUTE",)),
    "TYPE": (("e", "d", "c"), ("USAGE",)),
    "SCHEMA": (("s", "public"), ("USAGE", "CREATE")),
}
ALTERED = {
    "TABLE": ("t", "u", "s.w"), "VIEW": ("v",), "MATERIALIZED VIEW": ("m",), "SEQUENCE": ("q",),
    "FUNCTION": ("f(int)",), "PROCEDURE": ("p()",), "TYPE": ("e", "c"), "DOMAIN": ("d",), "SCHEMA": ("s",), "AGGREGATE": ("ag(int)", "tally(*)"), "FOREIGN TABLE": ("ft",),
}  # fmt: skip
DEFAULTS = {
    "TABLES": "SELECT, INSERT",
    "SEQUENCES": "USAGE",
    "FUNCTIONS": "EXECUTE",
    "TYPES": "USAGE",
    "SCHEMAS": "ALL",
}


@pytest.fixture(params=servers(), ids=version)
def fresh(
    request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]
) -> Iterator[psycopg.Connection[tuple[str]]]:
    """A session on a database with the history alone, on each server; its roles are dropped with it."""
    server = start_server(request.param)
    url = create_database(server, "rights", instead=True)
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ROLES:
            connection.execute(f"CREATE ROLE {quoted(role)}".encode())
        connection.execute(HISTORY)
        yield connection
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute(f"DROP OWNED BY {', '.join(map(quoted, ROLES))} CASCADE".encode())
        connection.execute(f"DROP ROLE {', '.join(map(quoted, ROLES))}".encode())
    drop_database(server, url)


def quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'


def beside(connection: psycopg.Connection[tuple[str]], script: str) -> list[str]:
    """Run *script* on both sides, and say after which statement they differ, and in what."""
    replay, wrong = replay_beside(live_rights(connection)), list[str]()
    for statement in parse(script):
        connection.execute(statement.sql.encode())
        replay.run(statement)
        if "SET " not in statement.sql and (found := differing(replay.rights(), live_rights(connection))):
            return [*wrong, f"{statement.sql}: {found}"]
    return wrong


def test_corners(fresh: psycopg.Connection[tuple[str]]) -> None:
    fresh.execute("GRANT CREATE ON DATABASE rights TO other")
    assert beside(fresh, GROUND + CORNERS) == []


def test_what_a_role_has_that_is_gone_nobody_has(fresh: psycopg.Connection[tuple[str]]) -> None:
    """DROP ROLE refuses to leave such entries; restored catalogs and old upgrades have them all the same."""
    fresh.execute(GROUND.encode())
    fresh.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO grp; GRANT SELECT (a), UPDATE (a) ON t TO grp")
    before = live_rights(fresh)
    for catalog, name, acl, owner, privilege in (
        ("pg_class WHERE relname IN ('t', 'u', 'v', 'q')", "relname", "relacl", "relowner", "SELECT"),
        ("pg_namespace WHERE nspname IN ('public', 's')", "nspname", "nspacl", "nspowner", "USAGE"),
        ("pg_proc WHERE proname = 'f'", "proname", "proacl", "proowner", "EXECUTE"),
        ("pg_type WHERE typname = 'e'", "typname", "typacl", "typowner", "USAGE"),
        ("pg_attribute WHERE attname = 'a' AND attrelid = 't'::regclass", "attname", "attacl", "10", "SELECT"),
        ("pg_default_acl", "oid", "defaclacl", "defaclrole", "SELECT"),
    ):
        table, _, rest = catalog.partition(" ")
        gone = f"makeaclitem(987654321, {owner}, '{privilege}', false)"
        changed = fresh.execute(
            f"UPDATE {table} SET {acl} = coalesce({acl}, '{{}}') || {gone} {rest} RETURNING {name}".encode()
        )
        assert changed.rowcount
    after = live_rights(fresh)
    assert {each: owned.owner for each, owned in after.objects.items()} == {
        each: owned.owner for each, owned in before.objects.items()
    }
    assert not [
        each for owned in after.objects.values() for each in owned.acl if each.grantee not in (PUBLIC, *after.roles)
    ]
    assert after.defaults == before.defaults


@pytest.mark.parametrize(
    "seeds", [pytest.param(range(3), id="three"), pytest.param(range(3, 40), id="more", marks=pytest.mark.long)]
)
def test_random_scripts(fresh: psycopg.Connection[tuple[str]], seeds: range) -> None:
    """Each in a transaction that is undone. What a server refuses, as REVOKE without CASCADE may be, is left out."""
    before = live_rights(fresh)
    fresh.execute(GROUND)
    ran = 0
    for seed in seeds:
        replay = replay_beside(before)
        replay.run_all(parse(GROUND))
        with fresh.transaction(force_rollback=True):
            for text in random_script(Random(seed)):
                with suppress(psycopg.Error), fresh.transaction():
                    fresh.execute(text.encode())
                    replay.run(parse(text)[0])
                    ran += 1
            assert (seed, differing(replay.rights(), rights_within(fresh))) == (seed, [])
    assert ran > 25 * len(seeds)


def random_script(random: Random) -> Iterator[str]:
    for number in range(40):
        match random.randrange(10):
            case 0 | 1 | 2 | 3:
                yield granting(random)
            case 4 | 5:
                yield granting(random, "REVOKE")
            case 6:
                kind = random.choice(list(ALTERED))
                yield f"ALTER {kind} {random.choice(ALTERED[kind])} OWNER TO {quoted(random.choice(ROLES))}"
            case 7 | 8:
                yield of_defaults(random)
            case _:
                schema = random.choice(("public", "s"))
                yield random.choice(
                    (
                        f"CREATE TABLE {schema}.n{number} (i serial, j int)",
                        f"CREATE VIEW {schema}.n{number} AS SELECT 1 AS x",
                        f"CREATE FUNCTION {schema}.n{number}() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                        f"CREATE TYPE {schema}.n{number} AS ENUM ()",
                        f"CREATE SCHEMA n{number}",
                        f"REASSIGN OWNED BY {quoted(random.choice(ROLES))} TO {quoted(random.choice(ROLES))}",
                    )
                )


def granting(random: Random, verb: str = "GRANT") -> str:
    role = random.choice([*map(quoted, ROLES), "PUBLIC", "CURRENT_USER"])
    to, option = ("TO", " WITH GRANT OPTION") if verb == "GRANT" else ("FROM", "")
    ends = option if role != "PUBLIC" and random.random() < 0.2 else ""
    only = "GRANT OPTION FOR " if verb == "REVOKE" and random.random() < 0.2 else ""
    if random.random() < 0.2:
        columns = random.choice(("SELECT (a)", "UPDATE (a, id), SELECT (id)", "ALL (a)"))
        return f"{verb} {only}{columns} ON {random.choice(('t', 'u'))} {to} {role}{ends}"
    if random.random() < 0.2:
        kind = random.choice(("TABLES", "SEQUENCES", "FUNCTIONS", "PROCEDURES", "ROUTINES"))
        return f"{verb} {only}ALL ON ALL {kind} IN SCHEMA {random.choice(('public', 's'))} {to} {role}{ends}"
    kind = random.choice(list(OBJECTS))
    names, privileges = OBJECTS[kind]
    listed = (
        ", ".join(random.sample(privileges, random.randint(1, len(privileges)))) if random.random() < 0.8 else "ALL"
    )
    objects = ", ".join(random.sample(names, random.randint(1, min(2, len(names)))))
    return f"{verb} {only}{listed} ON {kind} {objects} {to} {role}{ends}"


def of_defaults(random: Random) -> str:
    objects = random.choice(list(DEFAULTS))
    for_role = random.choice(("", f" FOR ROLE {quoted(random.choice(ROLES))}"))
    in_schema = random.choice(("", " IN SCHEMA s")) if objects != "SCHEMAS" else ""
    role = random.choice([*map(quoted, ROLES), "PUBLIC"])
    action = random.choice((f"GRANT {DEFAULTS[objects]} ON {objects} TO", f"REVOKE ALL ON {objects} FROM"))
    return f"ALTER DEFAULT PRIVILEGES{for_role}{in_schema} {action} {role}"


USERS = Subject(Kind.TABLE, ("public", "users"))


def rights_after(script: str) -> ExpectedRights:
    """What *script* makes where a role deploys that is no superuser."""
    replay = Replay(rights_of=RightsOf("deployer", 160000, {"deployer": Role(), "app": Role()}, {"public": "postgres"}))
    replay.run_all(parse(f"CREATE TABLE users (id int); {script}"))
    return replay.rights()


@pytest.mark.parametrize(
    ("script", "doubtful"),
    [
        pytest.param("GRANT SELECT ON users TO app", set(), id="certain"),
        pytest.param(
            "DO $$ BEGIN IF EXISTS (SELECT FROM users) THEN GRANT SELECT ON users TO app; END IF; END $$",
            {("app", "SELECT")}, id="by rows",
        ),
        pytest.param(
            "DO $$ BEGIN IF EXISTS (SELECT FROM users) THEN GRANT SELECT ON users TO app; END IF; END $$; "
            "GRANT SELECT ON users TO app", set(), id="decided later",
        ),
        pytest.param(
            "DO $$ BEGIN GRANT SELECT ON users TO app; EXCEPTION WHEN undefined_object THEN NULL; END $$",
            {("app", "SELECT")}, id="a role that may not exist",
        ),
        pytest.param(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN GRANT SELECT ON users TO app; "
            "END IF; END $$", set(), id="the guard of a printed migration",
        ),
    ],
)  # fmt: skip
def test_what_may_have_run_is_in_doubt(script: str, doubtful: set[tuple[str, str]]) -> None:
    rights = rights_after(script)
    assert rights.doubtful.get(USERS, frozenset()) == doubtful
    assert Granted("app", "deployer", "SELECT", grantable=False) in rights.objects[USERS].acl


@pytest.mark.parametrize(
    ("script", "unsure"),
    [
        pytest.param("DO $$ BEGIN EXECUTE format('GRANT SELECT ON %I TO app', 'users'); END $$", False, id="a constant"),
        pytest.param(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT relname FROM pg_class LOOP "
            "EXECUTE format('GRANT SELECT ON %I TO app', r.relname); END LOOP; END $$", True, id="rows",
        ),
        pytest.param(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP "
            "EXECUTE format('GRANT CONNECT ON DATABASE %I TO app', current_database()); END LOOP; END $$",
            False, id="of the database",
        ),
        pytest.param("DROP OWNED BY app", True, id="what a role owns"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(script: str, unsure: bool) -> None:
    assert bool(rights_after(script).unsure) == unsure


def test_the_schema_public_has_its_owner_and_its_first_privileges() -> None:
    public = rights_after("GRANT USAGE ON SCHEMA public TO app").objects[Subject(Kind.SCHEMA, ("public",))]
    assert public.owner == "postgres"
    assert {each[:3] for each in public.acl} == {
        ("postgres", "postgres", "USAGE"), ("postgres", "postgres", "CREATE"), (PUBLIC, "postgres", "USAGE"),
        ("app", "postgres", "USAGE"),
    }  # fmt: skip
