"""What a corpus on one server cannot show: what is opaque, and what a script's session is."""

import pytest

from shared.model.question import Accepted, Answers, Refused
from shared.postgres.parse import parse
from shared.postgres.replay import Replay


def replayed(*scripts: str, schema: str = "public") -> Replay:
    replay = Replay(schema)
    for script in scripts:
        replay.run_all(parse(script))
    return replay


def objects(replay: Replay) -> set[str]:
    return {str(subject) for subject in replay.freeze().objects}


def opaque(replay: Replay) -> set[str]:
    """What is not known: of whole objects, and of single attributes."""
    schema = replay.freeze()
    doubts = {
        f"{subject}: {each}" for subject, doubt in schema.doubts.items() for each in str(doubt).rpartition(": ")[2:]
    }
    return {str(subject) for subject in schema.opaque} | {each.removesuffix(")") for each in doubts}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("CREATE TABLE t (id int)", set(), id="all known"),
        pytest.param(
            "CREATE TABLE t (id uuid REFERENCES auth.users (id))",
            {"foreign key public.t.t_id_fkey"},
            id="a new table refers to the platform's",
        ),
        pytest.param(
            "CREATE TABLE t (id uuid); ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES auth.users",
            {"foreign key public.t.f"},
            id="a constraint refers to the platform's",
        ),
        pytest.param(
            "CREATE TABLE t (a riddle)", {"column public.t.a: collation, type"}, id="a type that nothing makes"
        ),
        pytest.param("CREATE EXTENSION vector; CREATE TABLE t (a vector(3))", set(), id="a type of an extension"),
        pytest.param(
            "CREATE TABLE auth.t (a int)", {"schema auth: what else is in it"}, id="a schema that nothing makes"
        ),
        pytest.param(
            "ALTER TABLE nowhere ADD COLUMN a int", {"column public.nowhere.a"}, id="a table that nothing makes"
        ),
        pytest.param("CREATE INDEX i ON nowhere (a)", {"index public.i"}, id="an index on nothing"),
        pytest.param(
            "CREATE TABLE t (); ALTER PUBLICATION feed ADD TABLE t",
            {"publication feed"},
            id="the platform's publication",
        ),
        pytest.param("ALTER EVENT TRIGGER watch DISABLE", {"event trigger watch"}, id="the platform's event trigger"),
        pytest.param("CREATE STATISTICS s ON a, b FROM nowhere", {"statistics public.s"}, id="statistics of nothing"),
        pytest.param(
            "CREATE FOREIGN TABLE f (a riddle, b int) SERVER s",
            {"foreign table public.f: columns"},
            id="a foreign table with a type that nothing makes",
        ),
        pytest.param(
            "IMPORT FOREIGN SCHEMA s FROM SERVER v INTO public",
            {"schema public: which foreign table else is in it"},
            id="what another server has",
        ),
        pytest.param(
            "CREATE TABLE t AS SELECT id, frobnicate(id) AS f FROM (VALUES (1)) v (id)",
            {"column public.t.f: collation, type"},
            id="a column made of an expression",
        ),
        pytest.param(
            "CREATE TABLE t (a int); "
            "DO $$ BEGIN IF (SELECT count(*) FROM t) > 0 THEN ALTER TABLE t ADD b int; END IF; END $$",
            {"column public.t.b: whether it exists"},
            id="a block that asks for rows",
        ),
        pytest.param(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT relname FROM pg_class LOOP "
            "EXECUTE 'DROP TABLE ' || r.relname; "
            "END LOOP; END $$",
            set(),
            id="a block that drops what it finds, where there is nothing",
        ),
        pytest.param(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 AS a LOOP "
            "EXECUTE 'GRANT SELECT ON t TO x' || r.a; END LOOP; END $$",
            set(),
            id="a block that only grants",
        ),
        pytest.param(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT sql FROM scripts LOOP EXECUTE r.sql; END LOOP; END $$",
            {"schema public"},
            id="a block that executes anything",
        ),
        pytest.param(
            "CREATE TABLE t (a riddle); DROP TABLE t; CREATE TABLE t (a int)", set(), id="made again with what is known"
        ),
    ],
)
def test_only_what_cannot_be_known_is_opaque(script: str, expected: set[str]) -> None:
    assert opaque(replayed(script)) == expected


def test_a_script_leaves_no_session_behind() -> None:
    replay = replayed(
        "CREATE SCHEMA app; SET search_path TO app; CREATE TEMP TABLE t (a int); CREATE TABLE here (a int)",
        "CREATE TABLE t (b int)",
    )
    assert objects(replay) == {
        "schema app",
        "table app.here",
        "column app.here.a",
        "table public.t",
        "column public.t.b",
    }


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        pytest.param(None, "public", id="not asked yet"),
        pytest.param(Refused("42704", "no such role"), "public", id="no role has its name"),
        pytest.param(Accepted(), "app", id="a role has its name"),
    ],
)
def test_the_path_of_the_role_leads_to_a_schema_of_its_name(answered: Accepted | Refused | None, expected: str) -> None:
    script = parse('SET search_path TO "$user", public; CREATE TABLE t (a int)')
    replay = Replay("app")
    replay.run_all(script)
    (question,) = replay.freeze().questions
    assert (question.sql, question.search_path) == ("SELECT 'app'::pg_catalog.regrole", ())
    answers: Answers = {} if answered is None else {question: answered}
    again = Replay("app", answers)
    again.run_all(script)
    assert objects(again) == {"schema app", f"table {expected}.t", f"column {expected}.t.a"}


def test_unqualified_names_mean_the_watched_schema() -> None:
    replay = replayed("CREATE TABLE t (a int)", schema="app")
    assert objects(replay) == {"schema app", "table app.t", "column app.t.a"}


def test_a_refused_statement_changes_nothing() -> None:
    replay = replayed("CREATE TABLE t (a int)")
    before = replay.freeze()
    for statement in parse("CREATE TABLE t (b int); ALTER TABLE t ADD a text; CREATE TYPE t AS ENUM ()"):
        replay.run(statement)
    assert replay.freeze() == before


def test_only_a_foreign_key_can_be_altered() -> None:
    refused = "ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE; ALTER TABLE t ALTER CONSTRAINT u DEFERRABLE"
    made = "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0), b int CONSTRAINT u UNIQUE)"
    assert replayed(made, refused).freeze() == replayed(made).freeze()


@pytest.mark.parametrize(
    ("script", "numbers"),
    [
        pytest.param("", {"", "1", "2", "3"}, id="one after the other"),
        pytest.param("ALTER TABLE t DROP CONSTRAINT t_a_check1;", {"", "1", "2"}, id="one in the middle is free again"),
        pytest.param(
            "ALTER TABLE t DROP CONSTRAINT t_a_check; ALTER TABLE t DROP CONSTRAINT t_a_check2;",
            {"", "1"},
            id="the first of two that are free again",
        ),
        pytest.param("ALTER TABLE t RENAME CONSTRAINT t_a_check1 TO c;", {"", "1", "2"}, id="one is renamed"),
        pytest.param(
            "ALTER TABLE t RENAME CONSTRAINT t_a_check1 TO t_a_check3;",
            {"", "1", "2", "3"},
            id="one takes the next name",
        ),
    ],
)
def test_an_unnamed_object_takes_the_first_free_number(script: str, numbers: set[str]) -> None:
    check = "ALTER TABLE t ADD CHECK (a > 1);"
    made = replayed(f"CREATE TABLE t (a int); {check * 3} {script} {check}")
    checks = (each.removeprefix("check public.t.") for each in objects(made) if each.startswith("check"))
    assert {each.removeprefix("t_a_check") for each in checks} - {"c"} == numbers


def test_a_number_is_free_again_once_what_took_it_is_undone() -> None:
    replay = replayed("CREATE TABLE t (a int)")
    check, other = parse("ALTER TABLE t ADD CHECK (a > 1); ALTER TABLE t ADD CHECK (a > 2)")
    replay.run(check)
    mark = replay.mark()
    replay.run(check)
    replay.run(check)
    replay.undo(mark)
    replay.run(other)
    assert objects(replay) - objects(replayed("CREATE TABLE t (a int)")) == {
        "check public.t.t_a_check",
        "check public.t.t_a_check1",
    }
