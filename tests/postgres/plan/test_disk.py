"""What a statement writes to the disk: on a real server new files are never larger than predicted."""

import psycopg
import pytest

from shared.gather.database import read_database
from shared.model.disk import DiskNeed, DiskUse
from shared.model.plan import Sizes, TableSize
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.postgres.parse import read
from shared.postgres.plan.disk import DiskOfRun
from shared.postgres.plan.durations import Span
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.sizes_of_run import SizesOfRun
from shared.postgres.plan.work import work_of
from tests.postgres.plan.run import steps

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE mood_new AS ENUM ('sad', 'happy', 'fine');
CREATE TABLE t (
    id int PRIMARY KEY, n int, v varchar(40) NOT NULL, s text, u text NOT NULL, moment timestamp(3), e mood NOT NULL,
    moods mood[], tags text[], f boolean, c char(3), d double precision, m numeric(10, 2)
);
CREATE INDEX t_n ON t (n); CREATE INDEX t_s ON t (left(s, 20)); CREATE UNIQUE INDEX t_u ON t (u);
CREATE INDEX t_two ON t (n, moment) WHERE tags IS NOT NULL; CREATE INDEX t_gin ON t USING gin (tags);
CREATE TABLE alone (id int, k int, other bigint);
"""
ROW = (
    "SELECT g, CASE WHEN g %% 3 > 0 THEN g %% 7 END, 'v' || g, {text}, md5(g::text), now(), 'happy', '{{sad,happy}}', ARRAY['a', md5(g::text)], "
    "g %% 2 = 0, 'abc', g / 3.0, g %% 1000 FROM generate_series({first}, {last}) AS g"
).replace("%%", "%")


def rows(text: str, first: int = 1, last: int = 1500) -> str:
    return f"INSERT INTO t {ROW.format(text=text, first=first, last=last)};"


ALONE = "INSERT INTO alone SELECT g, 7, g FROM generate_series(1, 3000) g;"
SHORT, LONG = "'short'", "repeat(md5(g::text), g % 60)"
RANDOM = "(SELECT string_agg(md5((g * x)::text), '') FROM generate_series(1, g % 400) x)"
# What they take is known only where they were counted.
BARE = "DROP INDEX t_gin; DROP INDEX t_s;"
# How the rows came there: what the server knows of them, and how densely its files are filled.
FILLED = {
    "counted": f"{rows(SHORT)} {ALONE} ANALYZE;",
    "never counted": f"{BARE} {rows(SHORT)} {ALONE}",
    "counted long ago": f"{rows(SHORT, 1, 100)} ANALYZE; {rows(SHORT, 101)} {ALONE}",
    "rows of all lengths": f"{rows(LONG)} {ALONE} ANALYZE;",
    "long values elsewhere": f"{rows(RANDOM, 1, 500)} {ALONE} ANALYZE;",
    "long values, never counted": f"{BARE} {rows(RANDOM, 1, 500)} {ALONE}",
    "five to a page": f"{rows('repeat(md5(g::text), 46)')} {ALONE} ANALYZE;",
    "pages half full": f"ALTER TABLE t SET (fillfactor = 50); {rows(SHORT)} {ALONE} ANALYZE;",
    "to be half full": f"{rows(SHORT)} ALTER TABLE t SET (fillfactor = 50); {ALONE} ANALYZE;",
    "many old rows": f"{rows(SHORT)} UPDATE t SET f = NOT f; DELETE FROM t WHERE id % 2 = 0; {ALONE} ANALYZE;",
    "empty": "",
}
STATEMENTS = (
    "ALTER TABLE t ALTER n TYPE bigint",
    "ALTER TABLE t ALTER id TYPE bigint, ALTER n TYPE bigint USING n::bigint",
    "ALTER TABLE t ALTER id TYPE text",
    "ALTER TABLE t ALTER n TYPE numeric(20, 4)",
    "ALTER TABLE t ALTER n TYPE numeric",
    "ALTER TABLE t ALTER v TYPE char(60)",
    "ALTER TABLE t ALTER v TYPE varchar(39)",
    "ALTER TABLE t ALTER u TYPE uuid USING u::uuid",
    "ALTER TABLE t ALTER moment TYPE timestamptz(6)",
    "ALTER TABLE t ALTER moment TYPE text",
    "ALTER TABLE t ALTER e TYPE mood_new USING (e::text::mood_new)",
    "ALTER TABLE t ALTER moods TYPE mood_new[] USING (moods::text::mood_new[])",
    "ALTER TABLE t ALTER f TYPE text",
    "ALTER TABLE t ALTER d TYPE text, ALTER m TYPE text",
    "ALTER TABLE t ALTER c TYPE text, ALTER n TYPE smallint",
    "ALTER TABLE t ADD x serial",
    "ALTER TABLE t ADD x bigint GENERATED ALWAYS AS IDENTITY, ADD y int",
    "ALTER TABLE t ADD x text NOT NULL DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD x uuid DEFAULT gen_random_uuid() UNIQUE",
    "ALTER TABLE t ADD x timestamptz DEFAULT clock_timestamp(), ADD y text DEFAULT 'a default of some length'",
    "ALTER TABLE t ADD x int GENERATED ALWAYS AS (n * 2) STORED",
    "ALTER TABLE t SET UNLOGGED",
    "ALTER TABLE alone ALTER id TYPE bigint, ADD PRIMARY KEY (id)",
    "CLUSTER t USING t_u",
    "REINDEX TABLE t",
    "REINDEX INDEX t_n",
    "CREATE INDEX ON t (n)",
    "CREATE INDEX ON t (moment, id, f)",
    "CREATE INDEX ON t (f, n, moment, e)",
    "CREATE INDEX ON t (u, v)",
    "CREATE INDEX ON t (v DESC) INCLUDE (u, d)",
    "CREATE INDEX ON t (e) WHERE f",
    "CREATE INDEX ON t USING hash (u)",
    "CREATE INDEX ON alone USING hash (other)",
    "CREATE INDEX ON alone (k)",
    "CREATE UNIQUE INDEX ON alone (id, other)",
    "ALTER TABLE t ADD UNIQUE (id, v)",
    "UPDATE t SET f = true",
    "UPDATE t SET n = n + 1, v = 'another value', moment = now()",
    "UPDATE alone SET k = id",
)  # fmt: skip
FILES = """
SELECT c.oid::int, pg_relation_filenode(c.oid)::int, pg_relation_size(c.oid)
FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE (SELECT min(o) FROM unnest(ARRAY['t'::regclass::oid, 'alone'::regclass::oid]) o WHERE o = c.oid OR o = i.indrelid
    OR (SELECT reltoastrelid FROM pg_class WHERE oid = o) IN (c.oid, i.indrelid)) IS NOT NULL
"""


QUICK, LONGER = ("counted", "long values elsewhere"), ("never counted", "empty")


def tier(name: str) -> tuple[()] | pytest.MarkDecorator:
    return () if name in QUICK else pytest.mark.long if name in LONGER else pytest.mark.heavy


@pytest.fixture(params=[pytest.param(each, marks=tier(each)) for each in FILLED])
def filled(request: pytest.FixtureRequest, database: str) -> tuple[str, Sizes, str]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        for each in filter(str.strip, FILLED[request.param].split(";")):
            connection.execute(each.encode())
    schema = SCHEMA + (BARE if BARE in FILLED[request.param] else "")
    return database, read_database(DatabaseSettings(Secret("url", database)), (), None).sizes, schema


def test_new_files_are_never_larger_than_predicted(filled: tuple[str, Sizes, str]) -> None:
    url, sizes, schema = filled
    for sql in STATEMENTS:
        use, grown = used(sql, sizes, schema), written(url, sql)
        assert use is not None, sql
        assert grown <= use.files, sql


def written(url: str, sql: str) -> int:
    """The bytes of new files, and by which others grew; the statement is rolled back."""
    with psycopg.connect(url) as connection:
        before = {oid: (file, size) for oid, file, size in connection.execute(FILES)}
        connection.execute(sql.encode())
        after = {oid: (file, size) for oid, file, size in connection.execute(FILES)}
        connection.rollback()
    return sum(
        size - (before[oid][1] if before.get(oid, (0, 0))[0] == file else 0) for oid, (file, size) in after.items()
    )


def used(sql: str, sizes: Sizes, schema: str = SCHEMA) -> DiskUse | None:
    step = next(steps(list(read(sql)), Circumstances(15), list(read(schema))))
    effects = step.prediction.effects
    tasks = work_of(step.statement, effects, step.before)
    return DiskOfRun(SizesOfRun(sizes)).use(step.statement, tasks, effects, step.before, step.changed)


T, ALONE_TABLE = ("public", "t"), ("public", "alone")
MIB = 2**20
KNOWN = {
    T: TableSize(1_000_000, 1000 * MIB, 300 * MIB, toast_bytes=0, counted_bytes=1000 * MIB),
    ALONE_TABLE: TableSize(0, 0),
}


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("UPDATE t SET f = true WHERE id = 1", id="so many rows as a condition finds"),
        pytest.param("UPDATE t SET s = v", id="values of any length"),
        pytest.param("DELETE FROM t WHERE f", id="a delete of some rows"),
        pytest.param("INSERT INTO alone SELECT id FROM t", id="as many as a query gives"),
        pytest.param("CREATE TABLE n AS SELECT * FROM t", id="a table of a query"),
        pytest.param("DO $$ BEGIN END $$", id="a block"),
        pytest.param("CREATE INDEX ON t USING gin (moods)", id="a GIN index"),
        pytest.param("CREATE INDEX ON t (lower(v))", id="an expression"),
        pytest.param("ALTER TABLE t ALTER s TYPE jsonb USING s::jsonb", id="another representation of any length"),
        pytest.param("ALTER TABLE t ADD x text GENERATED ALWAYS AS (v || s) STORED", id="a generated text"),
        pytest.param("ALTER TABLE t ADD x text DEFAULT repeat('x', random()::int)", id="a default of any length"),
        pytest.param("ALTER TABLE t ALTER moods TYPE mood_new[] USING (moods::text::mood_new[]), ALTER s TYPE text[] USING ARRAY[s]", id="an array of any length"),
    ],
)  # fmt: skip
def test_what_rows_or_code_decide_is_not_known(sql: str) -> None:
    assert used(sql, KNOWN) is None


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("ALTER TABLE t ADD x int DEFAULT 7", id="the catalog alone"),
        pytest.param("ALTER TABLE t ALTER n SET NOT NULL", id="a scan"),
        pytest.param("ALTER TABLE t ALTER v TYPE varchar(50)", id="a change of type that is free"),
        pytest.param("TRUNCATE t", id="what is truncated is empty"),
        pytest.param("DROP TABLE t", id="a drop"),
        pytest.param("CREATE TABLE n (id int PRIMARY KEY)", id="a new table"),
        pytest.param("SELECT count(*) FROM t", id="a query"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT t_u UNIQUE USING INDEX t_u", id="an index that there is"),
    ],
)
def test_what_writes_nothing(sql: str) -> None:
    assert used(sql, KNOWN) == DiskUse()


def test_a_rewrite_is_written_twice_and_frees_the_old_file() -> None:
    use = used("ALTER TABLE t ALTER n TYPE bigint", KNOWN)
    assert use is not None
    assert 1300 * MIB < use.files < 2000 * MIB
    assert use.wal == use.files
    assert use.freed == 1000 * MIB
    assert 0 < use.sorting < 600 * MIB


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        pytest.param([(0, 0), (1, 1), (2, 2)], 10 + 10 + 5, id="each by itself: the first has freed its old file"),
        pytest.param([(2, 2)] * 3, 10 + 20 + 5, id="one transaction keeps all old files"),
        pytest.param([(0, 2), (1, 2), (2, 2)], 10 + 20 + 5, id="not known which"),
    ],
)
def test_the_fullest_moment(spans: list[tuple[int, int]], most: int) -> None:
    run = DiskOfRun(SizesOfRun({}))
    run.end_file([DiskUse(5, 5, 0, 10), None, DiskUse(10, 10, 5)], [Span(*each) for each in spans])
    assert run.need == DiskNeed(most, unknown=1)


def test_two_rewrites_grow_what_follows() -> None:
    sizes = SizesOfRun(KNOWN)
    run, files = DiskOfRun(sizes), []
    script = (
        "ALTER TABLE t ALTER n TYPE bigint; CREATE INDEX ON t (n); ALTER TABLE t ALTER id TYPE bigint; REINDEX TABLE t"
    )
    for step in steps(list(read(script)), Circumstances(15), list(read(SCHEMA))):
        effects = step.prediction.effects
        tasks = work_of(step.statement, effects, step.before)
        use = run.use(step.statement, tasks, effects, step.before, step.changed)
        sizes.follow(step.statement, effects, step.before, step.changed)
        assert use is not None
        files.append(use.files)
    alone = [used(sql, KNOWN) for sql in ("ALTER TABLE t ALTER id TYPE bigint", "REINDEX TABLE t")]
    assert [each is not None and now > each.files + files[1] for now, each in zip(files[2:], alone, strict=True)] == [
        True
    ] * 2


def test_thousands_of_rewrites_stay_a_number() -> None:
    """Each adds what it adds to the rows: how the pages are filled does not add up."""
    step = next(steps(list(read("ALTER TABLE t ALTER n TYPE bigint")), Circumstances(15), list(read(SCHEMA))))
    effects = step.prediction.effects
    tasks = work_of(step.statement, effects, step.before)
    run = DiskOfRun(SizesOfRun(KNOWN))
    uses = [run.use(step.statement, tasks, effects, step.before, step.changed) for _ in range(3000)]
    first, last = uses[0], uses[-1]
    assert first is not None
    assert last is not None
    assert first.files < last.files < 100 * first.files
