"""The table of remedies, row by row: how production came there, what the monitor calls it, and who fixes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.model.report import Verdict
from tests.remedies.actions import (
    Action,
    by_hand,
    deployed,
    deployment_failed,
    killed,
    reached,
    renamed,
    resolved,
    sql,
    squashed,
    withdrawn,
)  # fmt: skip
from tests.remedies.production import Person

BASE, NEXT, LAST = "20250901000000_base", "20250902000000_next", "20250903000000_last"
_BASE = """\
CREATE TABLE users (id int PRIMARY KEY, email text);
INSERT INTO users VALUES (1, 'ada@example.com'), (2, 'ops@example.com');
"""
# One statement a line; the fifth fails where two users share an address.
_NEXT = """\
CREATE TABLE tags (id int PRIMARY KEY, name text);
INSERT INTO users VALUES (3, 'eve@example.com');
ALTER TABLE users ADD COLUMN age int;
UPDATE users SET age = coalesce(age, 0) + 20;
CREATE UNIQUE INDEX users_email_key ON users (email);
INSERT INTO users VALUES (4, 'bob@example.com', 40);
CREATE INDEX tags_name_idx ON tags (name);
"""
_LAST = "CREATE TABLE notes (id int PRIMARY KEY);\n"
SCRIPTS = {BASE: _BASE, NEXT: _NEXT, LAST: _LAST}


def _with(script: str) -> dict[str, str]:
    return {BASE: _BASE, NEXT: script, LAST: _LAST}


_TABLES = _with("CREATE TABLE tags (id int);\nCREATE TABLE labels (id int);\nCREATE UNIQUE INDEX k ON users (email);\n")
_FIRST_FAILS = _with("CREATE UNIQUE INDEX k ON users (email);\nCREATE TABLE tags (id int);\n")
_INSERT_FAILS = _with(
    "CREATE TABLE tags (id int);\nINSERT INTO users VALUES (3, 'x');\nCREATE TABLE labels (id int);\n"
)
_DATA_AT_THE_END = _with("CREATE TABLE tags (id int);\nINSERT INTO users VALUES (3, 'x');\n")
_CONCURRENTLY = _with("CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);\n")
_IF_NOT_EXISTS = _with("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email_key ON users (email);\n")
_SETTINGS = _with(
    "CREATE SCHEMA shop;\nSET search_path TO shop;\nCREATE TABLE first (id int);\n"
    "CREATE UNIQUE INDEX k ON public.users (email);\nCREATE TABLE second (id int);\n"
)
_BRACKETS = _with(
    "CREATE TABLE tags (id int);\nBEGIN;\nSET LOCAL lock_timeout TO '5s';\nCREATE UNIQUE INDEX k ON users (email);\n"
    "COMMIT;\nCREATE TABLE labels (id int);\n"
)
_COMMENTED = _with(
    "CREATE TABLE tags (id int);\nCREATE UNIQUE INDEX k ON users (email);\n"
    "CREATE TABLE odd (note text DEFAULT 'SQL\nSQL') -- done; \n;\nCOMMENT ON TABLE odd IS 'it''s odd';\n"
)
_ENUM = _with(
    "CREATE TYPE mood AS ENUM ('sad');\nCREATE UNIQUE INDEX k ON users (email);\n"
    "ALTER TYPE mood ADD VALUE 'ok';\nCREATE TABLE m (now mood DEFAULT 'ok');\n"
)
# Of the statements that leave no trace nothing shows whether they ran, and a file that is run as a whole fails as one.
_BACKFILL = _with(
    "ALTER TABLE users ADD COLUMN z text;\nUPDATE users SET z = 'filled';\n"
    "CREATE UNIQUE INDEX users_email_key ON users (email);\nCREATE TABLE w (id int PRIMARY KEY);\n"
)
_BATCH = _with(
    "ALTER TABLE users ADD COLUMN z text;\nUPDATE users SET z = 'filled';\nDO $$ BEGIN END $$;\n"
    "CREATE UNIQUE INDEX users_email_key ON users (email);\nCREATE TABLE w (id int PRIMARY KEY);\n"
)
_ROWS = _with(
    "INSERT INTO users (id, email) VALUES (3, 'eve@example.com');\nINSERT INTO users (id, email) VALUES (4, 'bob@example.com');\n"
    "UPDATE users SET email = email || '!' WHERE id > 2;\n"
)
_ROWS_LAST = {BASE: _BASE, NEXT: "CREATE TABLE tags (id int);\n", LAST: _ROWS[NEXT]}
_ONE_LINE = _with(
    "CREATE TABLE tags (id int); INSERT INTO users VALUES (3, 'eve'); INSERT INTO users VALUES (4, 'bob'); "
    "CREATE UNIQUE INDEX users_email_key ON users (email); CREATE TABLE labels (id int);\n"
)
# What the last one makes is in the way of seeing what the one before it did.
_MADE_AGAIN = {
    BASE: _BASE, NEXT: "CREATE UNIQUE INDEX k ON users (email);\n",
    LAST: "DROP INDEX k;\nCREATE UNIQUE INDEX k ON users (email, id);\n",
}  # fmt: skip
_KEY_AGAIN = {
    BASE: _BASE.replace(";", ";\n", 1) + "CREATE TABLE posts (id int, user_id int);\nINSERT INTO posts VALUES (1, 9);\n",
    NEXT: "ALTER TABLE posts ADD CONSTRAINT posts_fkey FOREIGN KEY (user_id) REFERENCES users (id);\n",
    LAST: (
        "ALTER TABLE posts DROP CONSTRAINT posts_fkey;\n"
        "ALTER TABLE posts ADD CONSTRAINT posts_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;\n"
    ),
}  # fmt: skip
_HIDDEN = {
    BASE: _BASE, NEXT: "CREATE UNIQUE INDEX k ON users (email);\nCREATE TABLE tags (id int);\n",
    LAST: "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 'notes' AS name LOOP EXECUTE format('CREATE TABLE %I ()', r.name); END LOOP; END $$;\n",
}  # fmt: skip
_PROGRAMS = _with(
    "CREATE TABLE tags (id int);\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n"
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n  RETURN NEW;\nEND $$;\n"
    "CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n"
)
_ON_TOP = {
    BASE: _BASE, NEXT: "CREATE TABLE zoo (id int PRIMARY KEY);\nCREATE INDEX users_email ON users (email);\n",
    LAST: "CREATE TABLE ape (id int PRIMARY KEY, zoo int REFERENCES zoo (id));\nALTER TABLE zoo ADD COLUMN name text;\n",
}  # fmt: skip
_ODD = '20250902 it\'s "odd" $HOME `x` \\'

_Z = "SELECT id, z FROM users ORDER BY id"
_FILLED = ((1, "filled"), (2, "filled"))
_PEOPLE = "SELECT id, email FROM users ORDER BY id"
_ADDED = ((1, "ada@example.com"), (2, "ops@example.com"), (3, "eve@example.com!"), (4, "bob@example.com!"))
_USERS = "SELECT id, age FROM users ORDER BY id"
_COUNT = "SELECT count(*) FROM users"
_TWINS = sql("UPDATE users SET email = 'ada@example.com' WHERE id <= 2")
_APART = "UPDATE users SET email = id || '@example.com' WHERE id <= 2"
_APART_BY_HAND = sql(_APART)
_FAILED: tuple[Action, ...] = (deployed(BASE), _TWINS, deployment_failed)
_HALF: tuple[Action, ...] = (*_FAILED, reached(NEXT, 1, 2, 3, 4))
_SPLITS = ("whole", "split")
_ALL = (*_SPLITS, "cli")

_PENDING, _FAILING = "migration-pending", "migration-failed"
_WILL_FAIL = "deploy-will-fail"
_PARTLY, _UNRECORDED = "migration-partially-applied", "migration-unrecorded"


@dataclass(frozen=True, slots=True)
class State:
    """What *happened* leads to what the monitor calls *codes*; *person* fixes it; *left* is found afterwards all the same.

    Then *query* gives *rows*: no row of the migrations is missing, and none exists twice.
    """

    happened: tuple[Action, ...]
    codes: tuple[str, ...]
    person: Person = field(default_factory=Person)
    scripts: Mapping[str, str] = field(default_factory=lambda: SCRIPTS)
    schema: str = "public"
    left: tuple[str, ...] = ()
    query: str = _USERS
    rows: tuple[tuple[object, ...], ...] = ((1, 20), (2, 20), (3, 20), (4, 40))
    ways: tuple[str, ...] = _SPLITS
    rounds: int = 1  # how often the report is read and followed: some steps are known only after others
    is_compared: bool = True  # False: text from rows named what it made, and the check stays unknown

    @property
    def verdicts(self) -> frozenset[Verdict]:
        """Those with which it may end."""
        if not self.is_compared:
            return frozenset({Verdict.UNKNOWN})
        return frozenset({Verdict.PASSED, Verdict.WARNING if self.left else Verdict.PASSED})


def _small(
    happened: tuple[Action, ...],
    codes: tuple[str, ...],
    scripts: Mapping[str, str],
    fix: str = _APART,
    *,
    users: int = 2,
    another_way: bool = False,
    left: tuple[str, ...] = (),
    ways: tuple[str, ...] = _SPLITS,
) -> State:
    """A state of another release than the usual one."""
    person = Person(fix, another_way=another_way)
    return State(happened, codes, person, scripts, left=left, query=_COUNT, rows=((users,),), ways=ways)


def _ran(*lines: int | str) -> Person:
    return Person(_APART, frozenset(lines))


_FREE_THE_ID = "DELETE FROM users WHERE id = 3"
_ID_TAKEN: tuple[Action, ...] = (
    deployed(BASE), sql("INSERT INTO users VALUES (3, 'left behind')"), deployment_failed, reached(NEXT, 1),
)  # fmt: skip
_AROUND = (*_FAILED, reached(NEXT, 1))

STATES: dict[str, State] = {
    # Nothing in the history.
    "nothing, none": State((deployed(BASE),), (_PENDING, _PENDING), ways=_ALL),
    "nothing, none, an empty database": State((), ("history-missing", _PENDING, _PENDING, _PENDING)),
    "nothing, none, older than an applied one": State((deployed(BASE, LAST),), ("migration-skipped",)),
    "nothing, all": State((deployed(BASE), by_hand(NEXT, *range(1, 8))), (_UNRECORDED, _PENDING), _ran(2, 4, 6)),
    "nothing, all, but no rows": State((deployed(BASE), by_hand(NEXT, 1, 3, 5, 7)), (_UNRECORDED, _PENDING)),
    "nothing, all, behind a pending one": State((deployed(BASE), by_hand(LAST, 1)), (_UNRECORDED, _PENDING)),
    "nothing, rows alone, run by hand": State(
        (deployed(BASE), by_hand(NEXT, 1)), (_PENDING, _PENDING), Person(another_way=True),
        _with("UPDATE users SET email = email || '.';\n"),
        query="SELECT email FROM users ORDER BY id", rows=(("ada@example.com.",), ("ops@example.com.",)),
    ),
    "nothing, some, a prefix": State((deployed(BASE), by_hand(NEXT, 1, 2, 3)), (_PARTLY, _PENDING), _ran(2)),
    "nothing, some, a gap": State((deployed(BASE), by_hand(NEXT, 1, 2, 3, 4, 6, 7)), (_PARTLY, _PENDING), _ran(2, 4, 6)),
    "nothing, some, a gap and no rows": State((deployed(BASE), by_hand(NEXT, 1, 7)), (_PARTLY, _PENDING)),
    "nothing, some, undone": _small((deployed(BASE), by_hand(NEXT, 1)), (_PARTLY, _PENDING), _TABLES, another_way=True),
    # Rolled back by the history.
    "rolled back, none": _small(
        (*_FAILED, resolved("rolled-back", NEXT), _APART_BY_HAND), ("migration-rolled-back", _PENDING), _FIRST_FAILS
    ),
    "rolled back, all": State(
        (*_HALF, resolved("rolled-back", NEXT), _APART_BY_HAND, by_hand(NEXT, 5, 6, 7)),
        (_UNRECORDED, _PENDING), _ran(2, 4, 6),
    ),
    "rolled back, some": State(
        (*_HALF, resolved("rolled-back", NEXT), _APART_BY_HAND), (_PARTLY, _PENDING), _ran(2, 4)
    ),
    "rolled back, some, and its cause is still there": State(
        (*_HALF, resolved("rolled-back", NEXT)), (_PARTLY, _PENDING), _ran(2, 4)
    ),
    "rolled back by hand, though it finished": State(
        (deployed(), sql(f"UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '{NEXT}'")),
        (_UNRECORDED,), _ran(2, 4, 6),
    ),
    # Failed.
    "failed, none": _small(_FAILED, (_FAILING, _PENDING), _FIRST_FAILS, ways=_ALL),
    "failed, none, the whole file at once": State(_FAILED, (_FAILING, _PENDING), _ran(), ways=("whole",)),
    "killed before its first statement": State(
        (deployed(BASE), sql("UPDATE _prisma_migrations SET started_at = started_at - interval '1 day'"), killed(NEXT)),
        (_FAILING, _PENDING),
    ),
    "failed, some": State(_HALF, (_FAILING, _PENDING), _ran(2, 4), ways=_ALL),
    "failed, some, at a statement without trace": _small(
        _ID_TAKEN, (_FAILING, _PENDING), _INSERT_FAILS, _FREE_THE_ID, users=3
    ),
    "failed, some, a gap": State((*_HALF, by_hand(NEXT, 7)), (_FAILING, _PENDING), _ran(2, 4)),
    "failed, some, undone": _small(
        (*_FAILED, reached(NEXT, 1, 2)), (_FAILING, _PENDING), _TABLES, another_way=True, ways=_ALL
    ),
    "failed, all": State(
        (*_HALF, _APART_BY_HAND, by_hand(NEXT, 5, 6, 7)), (_FAILING, _PENDING), _ran(2, 4, 6)
    ),
    "failed, all but rows at its end": _small(
        _ID_TAKEN, (_FAILING, _PENDING), _DATA_AT_THE_END, _FREE_THE_ID, users=3
    ),
    "failed, also finished": State((deployed(), killed(NEXT)), (_FAILING,), ways=_ALL),
    "failed, not in the release": State(
        (*_FAILED, withdrawn(NEXT)), (_FAILING, _PENDING),
        left=("schema-unexpected",), query="SELECT count(*) FROM notes", rows=((0,),), ways=("split", "cli"),
    ),
    "failed, not in the release, none": State(
        (*_FAILED, withdrawn(NEXT)), (_FAILING, _PENDING), query="SELECT count(*) FROM notes", rows=((0,),), ways=("whole",),
    ),
    "an invalid index": _small(_FAILED, (_FAILING, _PENDING), _CONCURRENTLY, ways=_ALL),
    "an invalid index, if it does not exist": _small(_FAILED, (_FAILING, _PENDING), _IF_NOT_EXISTS),
    "two failed ones, some and none": State((*_HALF, killed(LAST)), (_FAILING, _FAILING), _ran(2, 4)),
    "two failed ones, both none": _small((*_FAILED, killed(LAST)), (_FAILING, _FAILING), _FIRST_FAILS),
    "a failed one, and one by hand behind it": State(
        (*_HALF, by_hand(LAST, 1)), (_FAILING, _UNRECORDED), _ran(2, 4)
    ),
    # Failed, and what left no trace: never taken to have run, nor not to have run.
    "failed, the rest by hand without the rows": State(
        (*_FAILED, reached(NEXT, 1), _APART_BY_HAND, by_hand(NEXT, 3, 4)), (_FAILING, _PENDING),
        scripts=_BACKFILL, query=_Z, rows=_FILLED, ways=("whole",),
    ),
    "failed, the rest by hand, the rows ran": State(
        (*_FAILED, reached(NEXT, 1, 2), _APART_BY_HAND, by_hand(NEXT, 3, 4)), (_FAILING, _PENDING),
        _ran(2), _BACKFILL, query=_Z, rows=_FILLED,
    ),
    "failed, all by hand but the rows, in one batch": State(
        (*_FAILED, _APART_BY_HAND, by_hand(NEXT, 1, 4, 5)), (_FAILING, _PENDING),
        scripts=_BATCH, query=_Z, rows=_FILLED,
    ),
    "failed, half by hand without the rows, in one batch": State(
        (*_FAILED, by_hand(NEXT, 1, 5)), (_FAILING, _PENDING), scripts=_BATCH, query=_Z, rows=_FILLED, person=Person(_APART),
    ),
    "failed in one batch, nothing of it": State(
        _FAILED, (_FAILING, _PENDING), Person(_APART), _BATCH, query=_Z, rows=_FILLED,
    ),
    "killed after its last statement": State(
        (
            deployed(BASE), sql("UPDATE _prisma_migrations SET started_at = started_at - interval '1 day'"),
            by_hand(NEXT, 1, 2), _APART_BY_HAND, by_hand(NEXT, 3, 4), killed(NEXT),
        ),
        (_FAILING, _PENDING),
        _ran(2), _BACKFILL, query=_Z, rows=_FILLED,
    ),
    "rolled back, its effects removed by hand": State(
        (*_FAILED, reached(NEXT, 1, 2), sql("ALTER TABLE users DROP COLUMN z"), resolved("rolled-back", NEXT), _APART_BY_HAND),
        ("migration-rolled-back", _PENDING), scripts=_BACKFILL, query=_Z, rows=_FILLED,
    ),
    # Rows alone.
    "rows alone, failed half-way": State(
        (deployed(BASE), sql("INSERT INTO users VALUES (4, 'in the way')"), deployment_failed), (_FAILING, _PENDING),
        Person("DELETE FROM users WHERE id = 4", frozenset({1})), _ROWS, query=_PEOPLE, rows=_ADDED, ways=("split",),
    ),
    "rows alone, failed as a whole": State(
        (deployed(BASE), sql("INSERT INTO users VALUES (4, 'in the way')"), deployment_failed), (_FAILING, _PENDING),
        Person("DELETE FROM users WHERE id = 4"), _ROWS, query=_PEOPLE, rows=_ADDED, ways=("whole",),
    ),
    "rows alone, failed as a whole, the other way": State(
        (deployed(BASE), sql("INSERT INTO users VALUES (4, 'in the way')"), deployment_failed, sql("DELETE FROM users WHERE id = 4")),
        (_FAILING, _PENDING), Person(another_way=True), _ROWS, query=_PEOPLE, rows=_ADDED, ways=("whole",),
    ),
    "rows alone, skipped, by hand": State(
        (deployed(BASE, LAST), by_hand(NEXT, 1, 2, 3)), ("migration-skipped",), _ran(1, 2, 3), _ROWS, query=_PEOPLE, rows=_ADDED,
    ),
    "rows alone, skipped, half by hand": State(
        (deployed(BASE, LAST), by_hand(NEXT, 1)), ("migration-skipped",), _ran(1), _ROWS, query=_PEOPLE, rows=_ADDED,
    ),
    "rows alone, skipped and never run": State(
        (deployed(BASE, LAST),), ("migration-skipped",), Person(another_way=True), _ROWS, query=_PEOPLE, rows=_ADDED,
    ),
    "rows alone, pending": State(
        (deployed(BASE, NEXT),), (_PENDING,), scripts=_ROWS_LAST, query=_PEOPLE, rows=_ADDED,
    ),
    "rows alone, pending, by hand": State(
        (deployed(BASE, NEXT), by_hand(LAST, 1, 2, 3)), (_PENDING, "deploy-will-fail"), Person(another_way=True), _ROWS_LAST, query=_PEOPLE, rows=_ADDED,
    ),
    "rows alone, two pending, both by hand": State(
        (deployed(BASE), by_hand(NEXT, 1, 2, 3), by_hand(LAST, 1)), (_PENDING, _PENDING, "deploy-will-fail"), Person(another_way=True),
        {**_ROWS, LAST: "UPDATE users SET email = email || '?' WHERE id = 3;\n"}, query=_PEOPLE,
        rows=(*_ADDED[:2], (3, "eve@example.com!?"), _ADDED[3]),
    ),
    "rows alone, pending behind a failed one, by hand": State(
        (deployed(BASE), _TWINS, deployment_failed, by_hand(LAST, 1, 2, 3)), (_FAILING, _PENDING),
        Person(_APART, another_way=True), {**_ROWS_LAST, NEXT: _FIRST_FAILS[NEXT]}, query=_PEOPLE,
        rows=((1, "1@example.com"), (2, "2@example.com"), *_ADDED[2:]), rounds=2,
    ),
    "rows alone, behind others without history": State(
        (deployed(), sql("TRUNCATE _prisma_migrations")), (_UNRECORDED, _UNRECORDED, _PENDING),
        Person(ran=frozenset({2}), another_way=True), _ROWS_LAST, query=_PEOPLE, rows=_ADDED, rounds=2,
    ),
    "rows alone, between others without history": State(
        (by_hand(BASE, 1, 2), by_hand(NEXT, 1, 2, 3), by_hand(LAST, 1)),
        ("history-missing", _UNRECORDED, _PENDING, _UNRECORDED), _ran(1, 2, 3), _ROWS, query=_PEOPLE, rows=_ADDED,
    ),
    "several statements in a line": State(
        (*_FAILED, sql("CREATE TABLE IF NOT EXISTS tags (id int); INSERT INTO users VALUES (3, 'eve') ON CONFLICT DO NOTHING")),
        (_FAILING, _PENDING), _ran("INSERT INTO users VALUES (3"), _ONE_LINE, query=_COUNT, rows=((4,),), ways=("whole",),
    ),
    # A later one hides nothing.
    "failed, and made again by a pending one": State(
        _FAILED, (_FAILING, _PENDING), Person(_APART), _MADE_AGAIN, query=_COUNT, rows=((2,),),
    ),
    "failed, and its key made again by a pending one": State(
        (deployed(BASE), deployment_failed), (_FAILING, _PENDING), Person("DELETE FROM posts"), _KEY_AGAIN,
        query="SELECT count(*) FROM posts", rows=((0,),),
    ),
    "failed, and a pending one does what nobody can foresee": State(
        _FAILED, (_FAILING, _PENDING), Person(_APART), _HIDDEN, query="SELECT count(*) FROM notes", rows=((0,),), rounds=2,
        is_compared=False,
    ),
    # Recorded as applied, and not run as a whole.
    "recorded early, nothing": State(
        (deployed(BASE), resolved("applied", NEXT)), (_PENDING,), Person(), ways=_ALL, rounds=2,
    ),
    "recorded early, half": State(
        (deployed(BASE), by_hand(NEXT, 1, 2, 3), resolved("applied", NEXT)), (_PENDING,), _ran(2), rounds=2,
    ),
    "recorded early, a gap, and a later one deployed": State(
        (deployed(BASE), by_hand(NEXT, 1, 2, 3, 4, 7), resolved("applied", NEXT), deployed()), (), _ran(2, 4),
    ),
    "recorded early, all": State(
        (deployed(BASE), by_hand(NEXT, *range(1, 8)), resolved("applied", NEXT)), (_PENDING,),
    ),
    "recorded early after it failed": State(
        (*_HALF, resolved("applied", NEXT)), (_PENDING,), _ran(2, 4), rounds=2,
    ),
    "recorded early, in another schema": State(
        (deployed(BASE), by_hand(NEXT, 1), resolved("applied", NEXT), deployed()), (), Person(), schema="shop",
    ),
    "recorded early, functions and a NOT NULL": _small(
        (deployed(BASE), by_hand(NEXT, 1), resolved("applied", NEXT), deployed()), (), _PROGRAMS,
    ),
    "recorded early, two that build on each other": _small(
        (deployed(BASE), resolved("applied", NEXT), resolved("applied", LAST)), (), _ON_TOP,
    ),
    # In the way: another object has a name that a migration needs, and is renamed.
    "a column in the way": State(
        (deployed(BASE), sql("ALTER TABLE users ADD COLUMN age text")), (_WILL_FAIL, _PENDING, _PENDING),
        left=("schema-unexpected",), query=_COUNT, rows=((4,),),
    ),
    "a table and an index in the way": State(
        (deployed(BASE), sql("CREATE TABLE tags (id int, name text); CREATE INDEX users_email_key ON users (id)")),
        (_WILL_FAIL, _PENDING, _PENDING),
        left=("schema-unexpected",), query=_COUNT, rows=((4,),),
    ),
    "failed, since a column is in the way": State(
        (deployed(BASE), sql("ALTER TABLE users ADD COLUMN age text"), deployment_failed),
        (_WILL_FAIL, _FAILING, _PENDING), _ran(), left=("schema-unexpected",), query=_COUNT, rows=((4,),), rounds=2, ways=("whole",),
    ),
    # No history at all.
    "no history, all there": State(
        (by_hand(BASE, 1, 2), by_hand(NEXT, *range(1, 8)), by_hand(LAST, 1)),
        ("history-missing", *[_UNRECORDED] * 3), _ran(2, 4, 6),
    ),
    "no history, the first there": State(
        (by_hand(BASE, 1, 2),), ("history-missing", _UNRECORDED, _PENDING, _PENDING), _ran(2), ways=_ALL
    ),
    "no history, half of the second there": State(
        (by_hand(BASE, 1, 2), by_hand(NEXT, 1, 2, 3)),
        ("history-missing", _UNRECORDED, _PARTLY, _PENDING), _ran(2),
    ),
    "no history, somebody else's table": State(
        (sql("CREATE TABLE guest ()"),), ("history-missing", _PENDING, _PENDING, _PENDING),
        left=("schema-unexpected",), ways=_ALL,
    ),
    "an empty history, all there": State(
        (deployed(), sql("TRUNCATE _prisma_migrations")), (_UNRECORDED,) * 3, _ran(2, 4, 6)
    ),
    "an empty history, the first there": State(
        (deployed(BASE), sql("TRUNCATE _prisma_migrations")), (_UNRECORDED, _PENDING, _PENDING), _ran(2)
    ),
    "an empty history, somebody else's table": State(
        (deployed(BASE), sql("TRUNCATE _prisma_migrations; DROP TABLE users; CREATE TABLE guest ()")),
        (_PENDING, _PENDING, _PENDING), left=("schema-unexpected",),
    ),
    # Under another name.
    "renamed": State((deployed(), renamed(NEXT, f"{NEXT}_better")), ("migration-renamed",), left=("migration-squashed",)),
    "renamed, and one pending": State(
        (deployed(BASE, NEXT), renamed(NEXT, f"{NEXT}_better")), ("migration-renamed", _PENDING),
        left=("migration-squashed",),
    ),
    "an unresolved squash": State(
        (deployed(), squashed("000000000000_squashed", BASE, NEXT, LAST)),
        (_UNRECORDED, "migration-squashed"), left=("migration-squashed",),
    ),
    # Whatever it is called, and however it is written.
    "another schema": State(_HALF, (_FAILING, _PENDING), _ran(2, 4), schema="shop", ways=_ALL),
    "an odd schema": State(_HALF, (_FAILING, _PENDING), _ran(2, 4), schema='The "Shop" & co?'),
    "odd names": _small(
        (*_FAILED, reached(_ODD, 1)), (_FAILING, _PENDING),
        {BASE: _BASE, _ODD: _TABLES[NEXT], f"{LAST} (last)": _LAST}, ways=_ALL,
    ),
    "settings within the file": _small(
        _FAILED, (_FAILING, _PENDING), _SETTINGS, ways=("split",)
    ),
    "brackets within the file": _small(_AROUND, (_FAILING, _PENDING), _BRACKETS, ways=("split",)),
    "comments within the file": _small(_AROUND, (_FAILING, _PENDING), _COMMENTED),
    "an enum's new value, used at once": _small(_AROUND, (_FAILING, _PENDING), _ENUM, ways=("split",)),
}  # fmt: skip
