"""What was recorded as applied without being run as a whole: which differences it owns, and how far it got."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from shared.model.database import HistoryRow
from shared.model.diagnosis import Comparison, State
from shared.model.progress import Progress, Ran
from shared.model.schema import Schema
from tests.diagnose.test_schema import diagnosed, drift, live, ran, resolved, shipping, state_of

BASE = "CREATE TABLE a (id int PRIMARY KEY, x text);"
INDEX, COLUMN = "CREATE INDEX b_id ON b (id);", "ALTER TABLE a ADD COLUMN z int;"
MAKE, FILL = "CREATE TABLE b (id int);", "UPDATE a SET x = 'filled';"
EARLY = "\n".join([MAKE, FILL, INDEX, COLUMN])
STRICT = "ALTER TABLE a ALTER COLUMN x SET NOT NULL;"
FUNCTION = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
LATER = "ALTER TABLE b ADD COLUMN y int;"
B, B_ID, A_Z = "table public.b", "index public.b_id", "column public.a.z"


def early(name: str, script: str, minutes_ago: float = 10) -> HistoryRow:
    return resolved(name, minutes_ago, script.encode())


def owned(found: Comparison) -> dict[str, tuple[str, ...]]:
    return {str(subject): names for subject, names in found.recorded_early.items()}


def test_what_works_on_nothing_but_what_is_missing_waits_for_it() -> None:
    checks = [
        f"ALTER TABLE a {what};"
        for name in ("c1", "c2")
        for what in (f"ADD CONSTRAINT {name} CHECK (id > 0) NOT VALID", f"VALIDATE CONSTRAINT {name}")
    ]
    script = "\n".join(checks)
    found = diagnosed(shipping(("1", BASE), ("2", script)), [ran("1", BASE), early("2", script)], live(BASE, checks[0]))
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == {"check public.a.c1": ("2",), "check public.a.c2": ("2",)}
    status = state_of(found, "2")
    assert states_of(status.progress) == "present absent absent no-trace"
    assert status.settled == frozenset()


OF_ENUM = "CREATE TYPE k AS ENUM ('A', 'B'); CREATE TABLE e (id int, t k NOT NULL DEFAULT 'A');"
SWAP = """BEGIN;
CREATE TYPE k_new AS ENUM ('A', 'C');
ALTER TABLE e ALTER COLUMN t DROP DEFAULT;
ALTER TABLE e ALTER COLUMN t TYPE k_new USING (t::text::k_new);
ALTER TYPE k RENAME TO k_old;
ALTER TYPE k_new RENAME TO k;
DROP TYPE k_old;
ALTER TABLE e ALTER COLUMN t SET DEFAULT 'A';
COMMIT;
CREATE TABLE b (id int);
INSERT INTO b SELECT id FROM e;
"""


def test_an_enum_that_was_not_changed_waits_with_the_default_that_was_to_be_dropped_for_it() -> None:
    rows = [ran("1", OF_ENUM), early("2", SWAP)]
    found = diagnosed(shipping(("1", OF_ENUM), ("2", SWAP)), rows, live(OF_ENUM, "CREATE TABLE b (id int);"))
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == {"enum public.k": ("2",)}
    status = state_of(found, "2")
    away = "no-trace absent no-trace absent absent absent absent no-trace no-trace"
    assert states_of(status.progress) == f"{away} present no-trace"
    assert status.settled == frozenset()


@pytest.mark.parametrize(
    ("script", "there", "owners", "states"),
    [
        pytest.param(EARLY, live(BASE), {A_Z: ("2",), B: ("2",)}, "absent no-trace absent absent", id="nothing of it"),
        pytest.param(EARLY, live(BASE, MAKE), {A_Z: ("2",), B_ID: ("2",)}, "present no-trace absent absent", id="half of it"),
        pytest.param(EARLY, live(BASE, MAKE, INDEX), {A_Z: ("2",)}, "present no-trace present absent", id="all but its end"),
        pytest.param(EARLY, live(BASE, MAKE, COLUMN), {B_ID: ("2",)}, "present no-trace absent present", id="a gap"),
        pytest.param(STRICT, live(BASE), {"column public.a.x": ("2",)}, "absent", id="a NOT NULL"),
        pytest.param(f"{COLUMN}\n{FUNCTION}", live(BASE, COLUMN), {"function public.f()": ("2",)}, "present absent", id="a function"),
        pytest.param(EARLY, live(BASE, EARLY), {}, None, id="all of it"),
        pytest.param(EARLY, live(BASE, EARLY, "CREATE TABLE stray ();"), {}, None, id="all of it, and what nobody made"),
        pytest.param(EARLY, live("CREATE TABLE a (id int PRIMARY KEY, x int);", EARLY), {}, None, id="all of it, and another change"),
        pytest.param("DROP TABLE a;", live(BASE), {}, None, id="nothing lacks, a table is still there"),
    ],
)  # fmt: skip
def test_what_a_migration_owns_that_was_only_recorded(
    script: str, there: Schema, owners: Mapping[str, tuple[str, ...]], states: str | None
) -> None:
    found = diagnosed(shipping(("1", BASE), ("2", script)), [ran("1", BASE), early("2", script)], there)
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == owners
    assert owners.keys() <= set(drift(found))
    status = state_of(found, "2")
    assert status.state is State.APPLIED
    assert states_of(status.progress) == states
    assert state_of(found, "1").progress is None


@pytest.mark.parametrize(
    ("has_failed", "owners"),
    [
        pytest.param(True, {"index public.a_x": ("2",)}, id="an attempt failed before it was recorded"),
        pytest.param(False, {}, id="no attempt is known: it may have been made by hand since"),
    ],
)
@pytest.mark.parametrize(
    ("base", "script"),
    [
        pytest.param(f"{BASE} CREATE INDEX a_x ON a (x);", "DROP INDEX a_x;", id="which an earlier one made"),
        pytest.param(
            BASE, "CREATE INDEX a_x ON a (x); UPDATE a SET x = 'y'; DROP INDEX a_x;", id="which it made itself"
        ),
    ],
)
def test_what_was_to_be_removed_is_still_there(
    base: str, script: str, has_failed: bool, owners: Mapping[str, tuple[str, ...]]
) -> None:
    failed = ran("2", script, finished=False, rolled_back=True, logs="x", minutes_ago=20)
    rows = [ran("1", base), *([failed] if has_failed else []), early("2", script)]
    found = diagnosed(shipping(("1", base), ("2", script)), rows, live(f"{BASE} CREATE INDEX a_x ON a (x);"))
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == owners


# What an early statement was to change, before a later one, that ran, gave it another name.
RENAMED_SINCE = {
    "a sequence": ("CREATE SEQUENCE s;", "ALTER SEQUENCE s INCREMENT BY 5;", "ALTER SEQUENCE s RENAME TO t;", "sequence public.t"),
    "a table": ("CREATE TABLE s (id int);", "ALTER TABLE s ADD COLUMN z int;", "ALTER TABLE s RENAME TO t;", "column public.t.z"),
    "a view": ("CREATE VIEW s AS SELECT 1 AS one;", "ALTER VIEW s SET (security_barrier = true);", "ALTER VIEW s RENAME TO t;", "view public.t"),
    "a column": ("CREATE TABLE s (x int);", "ALTER TABLE s ALTER COLUMN x SET DEFAULT 1;", "ALTER TABLE s RENAME COLUMN x TO y;", None),
    "an enum": ("CREATE TYPE s AS ENUM ('A');", "ALTER TYPE s ADD VALUE 'B';", "ALTER TYPE s RENAME TO t;", None),
    "a function": ("CREATE FUNCTION s() RETURNS int LANGUAGE sql AS 'SELECT 1';", "ALTER FUNCTION s() STABLE;", "ALTER FUNCTION s() RENAME TO t;", None),
    "a constraint": ("CREATE TABLE s (x int); ALTER TABLE s ADD CONSTRAINT c CHECK (x > 0) NOT VALID;", "ALTER TABLE s VALIDATE CONSTRAINT c;", "ALTER TABLE s RENAME CONSTRAINT c TO d;", None),
}  # fmt: skip


@pytest.mark.parametrize(("made", "change", "rename", "owns"), RENAMED_SINCE.values(), ids=RENAMED_SINCE)
@pytest.mark.parametrize("is_apart", [False, True], ids=["in its file", "in a later file"])
def test_what_was_renamed_since_keeps_nothing_else_from_waiting(
    made: str, change: str, rename: str, owns: str | None, is_apart: bool
) -> None:
    script, later = f"{made} {change} {MAKE}", rename
    rows = [ran("1", BASE), early("2", script if is_apart else f"{script} {later}"), ran("3", later, minutes_ago=5)]
    release = shipping(("1", BASE), ("2", script), ("3", later))
    if not is_apart:
        rows, release = rows[:2], shipping(("1", BASE), ("2", f"{script} {later}"))
    found = diagnosed(release, rows, live(BASE, made, rename))
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == {B: ("2",), **({} if owns is None else {owns: ("2",)})}
    assert set(drift(found)) >= set(owned(found.schema))


# In a table that is missing: the database shows nothing of what is made again, changed again, or there for a while.
WITHIN = {
    "a policy that is made again": "CREATE POLICY p ON b USING (true); DROP POLICY p ON b; CREATE POLICY p ON b USING (id > 0);",
    "a policy that is altered": "CREATE POLICY p ON b USING (true); ALTER POLICY p ON b USING (id > 0);",
    "row security": "ALTER TABLE b ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; ALTER TABLE b NO FORCE ROW LEVEL SECURITY;",
    "a default that is set twice": "ALTER TABLE b ALTER id SET DEFAULT 1; ALTER TABLE b ALTER id SET DEFAULT 2;",
    "a column for a while": "ALTER TABLE b ADD COLUMN w int; ALTER TABLE b DROP COLUMN w;",
    "an index for a while": "CREATE INDEX b_w ON b (id); DROP INDEX b_w;",
    "an index that is renamed": "CREATE INDEX b_w ON b (id); ALTER INDEX b_w RENAME TO b_id;",
    "a check that is made again": "ALTER TABLE b ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE b VALIDATE CONSTRAINT c; ALTER TABLE b DROP CONSTRAINT c; ALTER TABLE b ADD CONSTRAINT c CHECK (id > 1);",
}  # fmt: skip


@pytest.mark.parametrize("within", WITHIN.values(), ids=WITHIN)
def test_what_works_within_a_table_that_is_missing_waits_for_it(within: str) -> None:
    script = f"{MAKE} {within} {COLUMN}"
    found = diagnosed(shipping(("1", BASE), ("2", script)), [ran("1", BASE), early("2", script)], live(BASE, COLUMN))
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == {B: ("2",)}
    status = state_of(found, "2")
    assert status.lacking == frozenset(range(script.count(";") - 1)), "all but the column, which exists"
    assert status.settled == frozenset()


def states_of(progress: object) -> str | None:
    return " ".join(each.state for each in progress.statements) if isinstance(progress, Progress) else None


def test_nothing_is_proven_of_what_leaves_no_trace() -> None:
    found = diagnosed(shipping(("1", BASE), ("2", EARLY)), [ran("1", BASE), early("2", EARLY)], live(BASE, MAKE))
    progress = state_of(found, "2").progress
    assert isinstance(progress, Progress)
    assert [each.ran for each in progress.statements] == [Ran.RAN, Ran.OPEN, Ran.NOT_RUN, Ran.NOT_RUN]


@pytest.mark.parametrize(
    ("row_of_2", "shipped"),
    [
        pytest.param(ran("2", EARLY), EARLY, id="Prisma ran it"),
        pytest.param(replace(early("2", EARLY), checksum="0" * 64), EARLY, id="another file was recorded"),
    ],
)
def test_what_was_not_recorded_early(row_of_2: HistoryRow, shipped: str) -> None:
    found = diagnosed(shipping(("1", BASE), ("2", shipped)), [ran("1", BASE, minutes_ago=90), row_of_2], live(BASE))
    assert isinstance(found.schema, Comparison)
    assert found.schema.recorded_early == {}
    assert drift(found) == [A_Z, B]
    assert state_of(found, "2").progress is None


SECOND = f"CREATE TABLE c (id int);\n{LATER}"


@pytest.mark.parametrize(
    ("scripts", "rows", "there", "owners", "settled"),
    [
        pytest.param(
            [("1", BASE), ("2", EARLY), ("3", SECOND)], [ran("1", BASE), early("2", EARLY), early("3", SECOND, 9)],
            live(BASE, COLUMN), {B: ("2", "3"), "table public.c": ("2", "3")}, {"2": set(), "3": set()}, id="one builds on the other",
        ),
        pytest.param(
            [("1", BASE), ("2", EARLY), ("3", "CREATE TABLE c ();")], [ran("1", BASE), early("2", EARLY), early("3", "CREATE TABLE c ();", 9)],
            live(BASE, MAKE, INDEX), {A_Z: ("2",), "table public.c": ("3",)}, {"2": set(), "3": set()}, id="two, each by itself",
        ),
        pytest.param(
            [("1", EARLY.replace(FILL, BASE)), ("2", LATER)], [early("1", EARLY.replace(FILL, BASE), 60), ran("2", LATER)],
            live(BASE), {A_Z: ("1",)}, {"1": {0, 2}}, id="a baseline's table was dropped, to which a later one added",
        ),
        pytest.param(
            [("1", BASE), ("2", EARLY)], [ran("1", BASE), early("2", EARLY)],
            live(BASE, MAKE, "ALTER TABLE a ADD COLUMN z text;"), {B_ID: ("2",)}, {"2": {3}}, id="what it made was changed by hand",
        ),
        pytest.param(
            [("1", BASE), ("2", EARLY), ("3", "CREATE TABLE c ();\nCREATE TABLE d ();")],
            [ran("1", BASE), early("2", EARLY), ran("3", "CREATE TABLE c ();\nCREATE TABLE d ();", finished=False, logs="x", minutes_ago=5)],
            live(BASE, MAKE, "CREATE TABLE c ();"), {A_Z: ("2",), B_ID: ("2",)}, {"2": set()}, id="one failed behind it",
        ),
    ],
)  # fmt: skip
def test_what_several_own(
    scripts: Sequence[tuple[str, str]],
    rows: Sequence[HistoryRow],
    there: Schema,
    owners: Mapping[str, tuple[str, ...]],
    settled: Mapping[str, set[int]],
) -> None:
    found = diagnosed(shipping(*scripts), rows, there)
    assert isinstance(found.schema, Comparison)
    assert owned(found.schema) == owners
    recorded = {name for names in owners.values() for name in names}
    assert {each.name: each.settled for each in found.migrations if each.name in recorded} == settled


KEYED = "ALTER TABLE a ADD CONSTRAINT a_x_key UNIQUE (x);"
KEYED_AGAIN = "ALTER TABLE a DROP CONSTRAINT a_x_key;\nALTER TABLE a ADD CONSTRAINT a_x_key UNIQUE (x, id);"
A_X_KEY = "unique public.a.a_x_key"


@pytest.mark.parametrize(
    ("script", "has_failed", "there", "pending", "owners"),
    [
        pytest.param(KEYED, True, live(BASE), "absent absent", {A_X_KEY: ("2",)}, id="what it would make, removed by one that waits"),
        pytest.param(KEYED, True, live(BASE, KEYED), "absent absent", {}, id="all of its statements were applied"),
        pytest.param(KEYED, True, live(BASE, KEYED, KEYED_AGAIN), "present present", {}, id="the one that waits was run by hand"),
        pytest.param(
            f"{COLUMN}\n{KEYED}", True, live(BASE), "absent absent", {A_Z: ("2",), A_X_KEY: ("2",)}, id="and a column beside",
        ),
        pytest.param(
            f"{COLUMN}\n{KEYED}", False, live(BASE), "absent absent", {A_Z: ("2",), A_X_KEY: ("2",)}, id="no attempt is known, a column lacks",
        ),
        pytest.param(
            KEYED, False, live(BASE), "present absent", {}, id="no attempt is known: the one that waits shows that it was begun",
        ),
    ],
)  # fmt: skip
def test_what_waits_is_not_begun_by_what_was_only_recorded(
    script: str, has_failed: bool, there: Schema, pending: str, owners: Mapping[str, tuple[str, ...]]
) -> None:
    failed = ran("2", script, finished=False, rolled_back=True, logs="x", minutes_ago=20)
    rows = [ran("1", BASE), *([failed] if has_failed else []), early("2", script)]
    found = diagnosed(shipping(("1", BASE), ("2", script), ("3", KEYED_AGAIN)), rows, there)
    assert isinstance(found.schema, Comparison)
    assert states_of(state_of(found, "3").progress) == pending
    assert owned(found.schema) == owners
