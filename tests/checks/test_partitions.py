"""What is said of partitions that no migration makes: nothing, or one finding of the table that they divide."""

import pytest

from tests.checks.test_schema import outcome_of
from tests.diagnose.test_schema import live

EVENT = "CREATE TABLE event (id int NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);"
MADE = "".join(
    f"CREATE TABLE event_{year} PARTITION OF event FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01');"
    for year in range(2021, 2027)
)


@pytest.mark.parametrize(
    ("by_hand", "actual"),
    [
        pytest.param("", None, id="as their table"),
        pytest.param("ALTER TABLE event_2021 ALTER kind SET DEFAULT 'a';", None, id="a default, which no row has that comes through the table"),
        pytest.param("CREATE STATISTICS s ON id, kind FROM event_2021;", None, id="statistics, which decide on time alone"),
        pytest.param("CREATE INDEX i ON event_2021 (kind);", "public.event_2021 (index i)", id="an index"),
        pytest.param("ALTER TABLE event_2021 ALTER kind SET NOT NULL, ADD CONSTRAINT c CHECK (id > 0), ADD PRIMARY KEY (id);", "public.event_2021 (check c, nullable of column kind, primary key)", id="constraints"),
        pytest.param("".join(f"CREATE INDEX ON event_{year} (id);" for year in range(2021, 2026)), "public.event_2021 (index event_2021_id_idx), public.event_2022 (index event_2022_id_idx), public.event_2023 (index event_2023_id_idx) and 2 more", id="many partitions"),
    ],
)  # fmt: skip
def test_what_is_said(by_hand: str, actual: str | None) -> None:
    found = [
        (each.key, each.expected, each.actual)
        for each in outcome_of(live(EVENT), live(EVENT + MADE + by_hand)).findings
    ]
    table = "table, partitioned by range (at)"
    said = f"{table}, with partitions that differ from it: {actual}"
    assert found == ([("schema-changed:table public.event", table, said)] if actual else [])


def test_with_a_change_of_the_table_it_is_one_finding() -> None:
    there = live(EVENT.replace("CREATE", "CREATE UNLOGGED").replace("RANGE", "LIST"), "")
    assert [each.key for each in outcome_of(live(EVENT), there).findings] == ["schema-changed:table public.event"]
    by_list = "CREATE TABLE event_1 PARTITION OF event FOR VALUES IN ('2021-01-01'); CREATE INDEX i ON event_1 (kind);"
    there = live(EVENT.replace("RANGE", "LIST"), by_list)
    (finding,) = outcome_of(live(EVENT), there).findings
    assert finding.evidence["attributes"] == ["partition_by", "partitions"]
    assert finding.severity == "critical"
    assert str(finding.actual).endswith("by list (at), with partitions that differ from it: public.event_1 (index i)")


def test_it_is_no_reason_to_write_a_migration_by_hand() -> None:
    (finding,) = outcome_of(live(EVENT), live(EVENT + MADE + "CREATE INDEX i ON event_2021 (kind);")).findings
    assert finding.remedy[0].text.startswith("Give the table what its partitions have, by a new migration, or drop it")


_PARTS = EVENT + MADE + "CREATE INDEX whole ON ONLY event (kind);"


def test_an_index_that_not_each_partition_has_is_invalid_as_the_migrations_make_it() -> None:
    assert outcome_of(live(_PARTS), live(_PARTS)).findings == ()


def test_nor_did_create_index_concurrently_fail_where_a_partition_lacks_its_part() -> None:
    (finding,) = outcome_of(live(EVENT + MADE + "CREATE INDEX whole ON event (kind);"), live(_PARTS)).findings
    assert (finding.key, finding.severity) == ("index-invalid:index public.whole", "warning")
    assert finding.summary.startswith("index public.whole is invalid: not every partition of public.event has its part")
    assert "CONCURRENTLY" not in repr((finding.summary, [each.command for each in finding.remedy]))
