"""Whether an earlier release runs: against what the real client was seen to suffer, and in small cases."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from shared.diagnose.diagnosis import diagnose
from shared.diagnose.plan import Tools, plan_of
from shared.diagnose.ways_back import way_back
from shared.gather.database.reading import read_schema
from shared.model.clients import Operation
from shared.model.diagnosis import Diagnosis
from shared.model.release import Migration, PastRelease
from shared.model.schema import Schema
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.model.ways_back import WayBack
from shared.prisma.clients.brief import in_brief
from tests.builders import facts, reading
from tests.diagnose.test_schema import live, ran, shipping
from tests.prisma.clients.test_client import BASE, LINES, observed
from tests.tables import hold

TABLE = "CREATE TABLE t (id int PRIMARY KEY, x text);"


def running_release(*scripts: str) -> WayBack:
    """The way back to the release that has the table alone, after these pending scripts."""
    pending = [Migration(f"{number}_next", script.encode()) for number, script in enumerate(scripts, 2)]
    return plan_of([Migration("1_init", TABLE.encode())], pending, "public", Tools(17)).ways_back[0]


@pytest.mark.parametrize(
    ("scripts", "runs_after", "ended_by"),
    [
        pytest.param(["ALTER TABLE t ADD COLUMN y int;"], True, None, id="a new column"),
        pytest.param(["CREATE TABLE u (id int);", "CREATE INDEX i ON t (x);"], True, None, id="new objects"),
        pytest.param(["ALTER TABLE t ADD COLUMN y int;", "ALTER TABLE t DROP COLUMN x;"], False, "3_next", id="drop"),
        pytest.param(["ALTER TABLE t DROP COLUMN x;", "ALTER TABLE t ADD COLUMN x text;"], True, None, id="made again"),
        pytest.param(["ALTER TABLE t RENAME TO u;"], False, "2_next", id="renamed"),
        pytest.param(["ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u;"], True, None, id="with a view"),
        pytest.param(["ALTER TABLE t ADD COLUMN y int NOT NULL;"], False, "2_next", id="a value that it never writes"),
        pytest.param(["ALTER TABLE t ALTER COLUMN x TYPE varchar(5);"], None, None, id="some values are too long"),
        pytest.param(["DROP TABLE t;", "ALTER TABLE t ADD COLUMN y int;"], False, "2_next", id="gone"),
    ],
)
def test_the_running_release(scripts: list[str], runs_after: bool | None, ended_by: str | None) -> None:
    way = running_release(*scripts)
    assert (way.release, way.runs_today, way.runs_after, way.ended_by) == (None, True, runs_after, ended_by)
    assert way.assumed


def test_nothing_to_deploy() -> None:
    assert plan_of([Migration("1_init", TABLE.encode())], [], "public", Tools(17)).ways_back == ()


class TestLaw:
    """A client of the base after each of the changes that were tried with the real one."""

    def runs(self, change: str) -> bool | None:
        pending = [Migration("2_next", change.replace(" ;; ", ";\n").encode())]
        base = [Migration("1_init", f"{BASE}; CREATE SCHEMA other;".encode())]
        return plan_of(base, pending, "public", Tools(15)).ways_back[0].runs_after

    @pytest.mark.parametrize(("change", "text"), LINES, ids=[line[0] for line in LINES])
    def test_what_is_said_to_work_never_failed(self, change: str, text: str) -> None:
        failed = {name for name, what in observed(text).items() if not what.startswith("other answer")}
        assert not (failed and self.runs(change))

    def test_hardly_anything_that_works_is_said_to_fail(self) -> None:
        working = [change for change, text in LINES if text == "nothing"]
        refused = [change for change in working if self.runs(change) is False]
        assert len(working) > 25
        assert len(refused) <= len(working) / 10, refused


class TestPastReleases:
    """Releases 1, 2 and 3 added a column each; 4 drops the first of them."""

    SCRIPTS = (
        TABLE,
        "ALTER TABLE t ADD COLUMN a int;",
        "ALTER TABLE t ADD COLUMN b int;",
        "ALTER TABLE t DROP COLUMN a;",
    )

    def past(self, count: int, schema_sql: str | None = None, *, at_hand: bool = True) -> PastRelease:
        migrations = tuple(
            Migration(str(number), script.encode()) for number, script in enumerate(self.SCRIPTS[:count], 1)
        )
        return PastRelease(
            f"v{count}",
            migrations if at_hand else None,
            None if schema_sql is None else schema_sql.encode(),
        )

    def found(self, *past: PastRelease, applied: int, there: Schema) -> tuple[WayBack, ...]:
        release = shipping(*((str(number), script) for number, script in enumerate(self.SCRIPTS, 1)))
        rows = [ran(str(number), script) for number, script in enumerate(self.SCRIPTS[:applied], 1)]
        found = diagnose(replace(facts(release, reading(*rows, catalog=there)), past_releases=past))
        assert isinstance(found, Diagnosis)
        return found.ways_back

    def answers(self, ways: tuple[WayBack, ...]) -> list[tuple[str | None, bool | None, bool | None, str | None]]:
        return [(each.release, each.runs_today, each.runs_after, each.ended_by) for each in ways]

    def test_before_the_deployment(self) -> None:
        ways = self.found(self.past(3), self.past(2), self.past(1), applied=3, there=live(*self.SCRIPTS[:3]))
        assert self.answers(ways) == [("v3", True, False, "4"), ("v2", True, False, "4"), ("v1", True, True, None)]

    def test_after_it(self) -> None:
        ways = self.found(self.past(3), self.past(2), self.past(1), applied=4, there=live(*self.SCRIPTS))
        assert self.answers(ways) == [("v3", False, False, None), ("v2", False, False, None), ("v1", True, True, None)]

    def test_its_schema_sql_says_what_its_client_uses(self) -> None:
        past = self.past(3, "CREATE TABLE t (id int PRIMARY KEY, b int);")
        (way,) = self.found(past, applied=4, there=live(*self.SCRIPTS))
        assert (way.runs_today, way.assumed) == (True, False)

    def test_a_file_that_is_not_at_hand(self) -> None:
        (way,) = self.found(self.past(3, at_hand=False), applied=4, there=live(*self.SCRIPTS))
        assert (way.runs_today, way.runs_after) == (None, None)
        assert way.because == "the file of one of its migrations is not at hand"

    def test_of_a_new_table_that_refers_to_one_of_its_tables_only_deletes_are_open(self) -> None:
        joined = "CREATE TABLE joined (t_id int NOT NULL REFERENCES t);"
        way = way_back("v1", live(TABLE).objects, live(TABLE, joined).objects, {})
        assert (way.runs_today, [each.operations for each in way.effects]) == (None, [(Operation.DELETE,)])

    def test_a_change_by_hand_counts(self) -> None:
        (way,) = self.found(self.past(1), applied=4, there=live(*self.SCRIPTS, "ALTER TABLE t DROP COLUMN x;"))
        assert (way.runs_today, way.runs_after) == (False, False)

    def test_without_any_it_is_said_of_the_running_release(self) -> None:
        (way,) = self.found(applied=3, there=live(*self.SCRIPTS[:3]))
        (same,) = self.found(self.past(3), applied=3, there=live(*self.SCRIPTS[:3]))
        assert self.answers((way,)) == [(None, True, False, "4")]
        assert way.assumed
        assert in_brief(way.effects) == in_brief(same.effects) != ()

    def test_a_change_by_hand_counts_for_the_running_release(self) -> None:
        (way,) = self.found(applied=3, there=live(*self.SCRIPTS[:3], "ALTER TABLE t DROP COLUMN x;"))
        assert self.answers((way,)) == [(None, False, False, None)]


# What changes a type alone, or gives a column a domain.
OF_TYPES = [line[0] for line in LINES if line[0].startswith(("ALTER TYPE", "CREATE TYPE"))]
OF_TYPES += ['CREATE DOMAIN d AS text NOT NULL ;; ALTER TABLE "User" ALTER COLUMN name TYPE d']


def test_a_catalog_shows_the_same_as_the_migrations_that_made_it(new_database: Callable[[], str]) -> None:
    """A replay knows which type each of its columns has; of a catalog's columns that is found by the type's name."""

    def asserts(change: str) -> None:
        scripts = (f"{BASE};", change.replace(" ;; ", ";\n") + ";")
        url = new_database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(scripts[0].encode())
            for statement in change.split(" ;; "):
                connection.execute(statement.encode())
        release = shipping(("1", scripts[0]), ("2", scripts[1]))
        rows = [ran("1", scripts[0], minutes_ago=2), ran("2", scripts[1], minutes_ago=1)]
        there = read_schema(DatabaseSettings(Secret("url", url)))
        past = PastRelease("v1", (Migration("1", scripts[0].encode()),))
        found = diagnose(replace(facts(release, reading(*rows, catalog=there)), past_releases=(past,)))
        assert isinstance(found, Diagnosis)
        expected = way_back("v1", live(scripts[0]).objects, live(*scripts).objects, {}, assumed=True)
        assert found.ways_back == (expected,)
        assert expected.runs_today is not True

    assert len(OF_TYPES) > 6
    hold(asserts, OF_TYPES)
