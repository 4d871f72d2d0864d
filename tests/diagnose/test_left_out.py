"""What belongs to something else by the settings: not compared, unless migrations make it. Pure."""

import pytest

from shared.diagnose.coverage import coverage
from shared.diagnose.diagnosis import diagnose
from shared.model.database import History
from shared.model.diagnosis import Comparison, Diagnosis, State
from shared.model.report import LeftOut
from shared.model.schema import Schema
from shared.model.settings import Elsewhere
from shared.model.value import replace
from tests.builders import NOW, facts, reading
from tests.diagnose.test_schema import live, ran, shipping

EVENTS = "CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);"
PARTITION = "CREATE TABLE events_p1 (id int NOT NULL, at date NOT NULL);"  # before it is attached
BOSS = """
CREATE SCHEMA pgboss;
CREATE TYPE pgboss.job_state AS ENUM ('created', 'active');
CREATE TABLE pgboss.job (id serial PRIMARY KEY, state pgboss.job_state);
CREATE INDEX job_state ON pgboss.job (state);
CREATE FUNCTION pgboss.fetch() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW pgboss.waiting AS SELECT id FROM pgboss.job;
"""
PUBLISHED = "CREATE PUBLICATION cdc_all FOR ALL TABLES;"
ON_DDL = """
CREATE SCHEMA pgboss;
CREATE FUNCTION pgboss.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER on_ddl ON ddl_command_end EXECUTE FUNCTION pgboss.f();
"""
CAST = (
    "CREATE CAST (pgboss.job_state AS int) WITH INOUT; CREATE CAST (text AS pgboss.job_state) WITH INOUT AS ASSIGNMENT;"
)
BY_FUNCTION = """
CREATE FUNCTION pgboss.id_of(point) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE CAST (point AS int) WITH FUNCTION pgboss.id_of(point);
"""
SUBSCRIBED = "CREATE SUBSCRIPTION from_erp CONNECTION '' PUBLICATION p WITH (connect = false);"
OF_BOTH = "CREATE TYPE mood AS ENUM ('ok'); CREATE CAST (mood AS pgboss.job_state) WITH INOUT;"
FAR = "CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE events_far (id int) SERVER far;"
HAND = "CREATE TABLE by_hand (id int); CREATE INDEX by_hand_id ON by_hand (id);"


def settings(*patterns: str) -> Elsewhere:
    """Of tables, but for those that open with what else is left out."""
    kinds: dict[str, list[str]] = {"tables": [], "schemas": [], "publications": [], "subscriptions": []}
    for each in patterns:
        kind, space, name = each.partition(" ")
        kinds[kind if space else "tables"].append(name or each)
    return Elsewhere(**{kind: tuple(names) for kind, names in kinds.items()}, because="another program")


def diagnosed(release: str, there: Schema, *patterns: str) -> Diagnosis:
    given = facts(
        shipping(("1", release)),
        reading(history=History(exists=True, rows=(ran("1", release),), schema_has_tables=True), catalog=there),
    )
    elsewhere = (settings(*patterns),) if patterns else ()
    found = diagnose(replace(given, target=replace(given.target, elsewhere=elsewhere)))
    assert isinstance(found, Diagnosis)
    return found


def drift(found: Diagnosis) -> list[str]:
    assert isinstance(found.schema, Comparison)
    return [f"{each.change} {each.subject}" for each in found.schema.differences]


@pytest.mark.parametrize(
    ("there", "patterns", "left"),
    [
        pytest.param(EVENTS + PARTITION, (), ["unexpected table public.events_p1"], id="without a pattern"),
        pytest.param(EVENTS + PARTITION, ("public.events_p*",), [], id="a table with its columns"),
        pytest.param(EVENTS + PARTITION, ("public.event",), ["unexpected table public.events_p1"], id="a pattern is the whole name"),
        pytest.param(EVENTS + PARTITION, ("public.events?p1", "public.events[_]p1", "PUBLIC.EVENTS_P1"), ["unexpected table public.events_p1"], id="only * is special, and case counts"),
        pytest.param(EVENTS + BOSS, ("pgboss.*",), [], id="a schema with all that is in it"),
        pytest.param(EVENTS + BOSS, ("pg*.*",), [], id="schemas by a pattern"),
        pytest.param(EVENTS + BOSS, ("pgboss.job",), ["unexpected schema pgboss"], id="a table leaves its schema"),
        pytest.param(EVENTS + HAND, ("public.by_*",), [], id="a table with its index"),
        pytest.param(EVENTS + BOSS, ("schemas pgboss",), [], id="a schema by its name"),
        pytest.param(EVENTS + BOSS, ("schemas pg*s",), [], id="schemas by a pattern of names"),
        pytest.param(EVENTS + BOSS, ("schemas boss", "publications *"), ["unexpected schema pgboss"], id="other names"),
        pytest.param(EVENTS + HAND, ("schemas public",), [], id="a table in a schema where migrations make something"),
        pytest.param(EVENTS + PUBLISHED, ("publications cdc_*",), [], id="a publication"),
        pytest.param(EVENTS + PUBLISHED, ("cdc_all.*", "schemas *", "publications cdc"), ["unexpected publication cdc_all"], id="a publication is no schema's"),
        pytest.param(EVENTS + ON_DDL, ("schemas pgboss",), [], id="an event trigger is its function's"),
        pytest.param(EVENTS + ON_DDL, ("pgboss.f*",), ["unexpected schema pgboss"], id="a function is no table"),
        pytest.param(EVENTS + BOSS + CAST, ("schemas pgboss",), [], id="casts of its types"),
        pytest.param(EVENTS + BOSS + BY_FUNCTION, ("pgboss.*",), [], id="a cast by its function"),
        pytest.param(EVENTS + BOSS + OF_BOTH, ("pgboss.*",), ["unexpected enum public.mood"], id="a cast from a type by hand"),
        pytest.param(EVENTS + BOSS + "CREATE CAST (point AS int) WITH INOUT;", ("pgboss.*",), ["unexpected cast point as integer"], id="a cast by hand"),
        pytest.param(EVENTS + BOSS + "CREATE EXTENSION partman SCHEMA pgboss;", ("pgboss.*",), [], id="an extension in it"),
        pytest.param(EVENTS + "CREATE EXTENSION partman;", ("public.*", "schemas public"), ["unexpected extension partman"], id="an extension by hand where migrations make something"),
        pytest.param(EVENTS + FAR, ("public.events_f*",), [], id="a foreign table"),
        pytest.param(EVENTS + HAND + BOSS, ("pgboss.*",), ["unexpected table public.by_hand"], id="nothing else"),
        pytest.param(EVENTS + HAND, ("other.*", "app.by_hand"), ["unexpected table public.by_hand"], id="other schemas"),
        pytest.param("CREATE TABLE other (id int);", ("public.*",), ["missing table public.events"], id="what migrations make is missing all the same"),
        pytest.param(EVENTS.replace("int", "bigint"), ("public.*", "*.*"), ["changed column public.events.id"], id="what migrations make is compared"),
        pytest.param(EVENTS + "CREATE INDEX by_hand ON events (at);", ("public.*",), ["unexpected index public.by_hand"], id="an index by hand on what migrations make"),
        pytest.param(EVENTS + "ALTER TABLE events ADD by_hand int; CREATE SEQUENCE s OWNED BY events.id;", ("public.*",), ["unexpected column public.events.by_hand", "unexpected sequence public.s"], id="parts by hand of what migrations make"),
        pytest.param(EVENTS + SUBSCRIBED, ("subscriptions from_*",), [], id="a subscription of theirs"),
        pytest.param(EVENTS + SUBSCRIBED, ("publications from_*", "from_*.*"), ["unexpected subscription from_erp"], id="a subscription, and other patterns"),
        pytest.param(EVENTS + "CREATE TYPE mood AS ENUM ('ok');", ("public.*",), ["unexpected enum public.mood"], id="a type by hand where migrations make something"),
    ],
)  # fmt: skip
def test_what_is_compared(there: str, patterns: tuple[str, ...], left: list[str]) -> None:
    assert drift(diagnosed(EVENTS, live(there), *patterns)) == left


def test_what_is_in_the_way_of_a_pending_migration_is_seen_all_the_same() -> None:
    given = facts(
        shipping(("1", EVENTS), ("2", HAND)),
        reading(history=History(exists=True, rows=(ran("1", EVENTS),)), catalog=live(EVENTS, HAND)),
    )
    found = diagnose(replace(given, target=replace(given.target, elsewhere=(settings("public.*"),))))
    assert isinstance(found, Diagnosis)
    assert [each.state for each in found.migrations] == [State.APPLIED, State.UNRECORDED]
    assert drift(found) == []


def test_coverage_counts_what_is_left_out_and_names_what_is_compared_all_the_same() -> None:
    patterns = "public.events*", "none.*", "schemas pg*", "publications cdc_*"
    found = diagnosed(EVENTS, live(EVENTS + PARTITION + BOSS + PUBLISHED), *patterns)
    without = diagnosed(EVENTS, live(EVENTS))
    assert isinstance(found.schema, Comparison)
    entry = (settings(*patterns),)
    covered = coverage(found, frozenset(), (), NOW.date(), entry)
    alone = coverage(without, frozenset(), (), NOW.date())
    assert covered is not None
    assert alone is not None
    assert covered.elsewhere == (
        LeftOut("public.events*", "another program", 3, ("table public.events",)),
        LeftOut("none.*", "another program", 0),
        # schema, enum, table, two columns, key, sequence, index, function, view
        LeftOut("pg*", "another program", 10, leaves="schemas"),
        LeftOut("cdc_*", "another program", 1, leaves="publications"),
    )
    assert (covered.objects, covered.kinds) == (alone.objects, alone.kinds)
