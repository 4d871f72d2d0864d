"""What a probe asks for where all rows are too many: a part of them, and only where that proves anything."""

import pytest

from shared.model.plan import Access, Probe
from shared.postgres.parse import parse
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import predictions

BASE = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, a int, b text, r int4range, p_id int);
CREATE INDEX t_a ON t (a);
CREATE TABLE half (a int);
CREATE INDEX half_a ON half (a) WHERE a > 0;
CREATE TABLE root (a int);
CREATE TABLE below () INHERITS (root);
CREATE INDEX root_a ON root (a);
CREATE TABLE parts (a int) PARTITION BY RANGE (a);
CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (1);
CREATE INDEX parts_a ON parts (a);
"""
SAMPLED = " TABLESAMPLE SYSTEM (1)"


def probes(sql: str) -> list[Probe]:
    (*_, (_, found)) = predictions(parse(sql), Circumstances(15, "UTC", is_live=True), parse(BASE))
    return [each.probe for each in found.conditions if each.probe is not None and each.probe.tables]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("ALTER TABLE t ALTER COLUMN b SET NOT NULL", id="nulls"),
        pytest.param("ALTER TABLE t ADD CHECK (a > 0)", id="check"),
        pytest.param("CREATE UNIQUE INDEX x ON t (b)", id="duplicates"),
        pytest.param("ALTER TABLE t ALTER COLUMN b TYPE int USING b::int", id="cast"),
        pytest.param("ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)", id="orphans"),
        pytest.param("UPDATE t SET b = b || 'x' WHERE a = 1", id="rows that an UPDATE leaves"),
    ],
)
def test_a_sample_is_the_same_of_some_pages(sql: str) -> None:
    for each in probes(sql):
        assert each.sample is not None
        assert (each.sample.replace(SAMPLED, ""), each.sample.count(SAMPLED)) == (each.sql, 1)


def test_extract_calls_what_every_version_has() -> None:
    (found,) = probes("ALTER TABLE t ADD COLUMN d timestamp; ALTER TABLE t ADD CHECK (EXTRACT(year FROM d) > 2000)")
    assert "EXTRACT('year' FROM " in found.sql
    assert found.routines == ("pg_catalog.date_part",)


def test_what_is_referred_to_is_read_whole() -> None:
    (found,) = probes("ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p (id)")
    assert found.whole == (("public", "p"),)


def test_of_numbered_pairs_a_sample_says_nothing() -> None:
    (found,) = probes("ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&)")
    assert (found.access, found.sample) == (Access.GROUP, None)


@pytest.mark.parametrize(
    ("sql", "access"),
    [
        pytest.param("ALTER TABLE t ALTER COLUMN a SET NOT NULL", Access.INDEX, id="indexed"),
        pytest.param("ALTER TABLE t ALTER COLUMN b SET NOT NULL", Access.SCAN, id="not indexed"),
        pytest.param("ALTER TABLE t ALTER COLUMN a TYPE bigint USING a + 1, ALTER COLUMN a SET NOT NULL", Access.SCAN, id="a new value"),
        pytest.param("UPDATE t SET id = a WHERE b = 'x'", Access.SCAN, id="rows of a condition"),
        pytest.param("ALTER TABLE half ALTER COLUMN a SET NOT NULL", Access.SCAN, id="a partial index"),
        pytest.param("ALTER TABLE root ALTER COLUMN a SET NOT NULL", Access.SCAN, id="a child without an index"),
        pytest.param("CREATE INDEX below_a ON below (a); ALTER TABLE root ALTER COLUMN a SET NOT NULL", Access.INDEX, id="a child with one"),
        pytest.param("ALTER TABLE parts ALTER COLUMN a SET NOT NULL", Access.INDEX, id="partitions"),
    ],
)  # fmt: skip
def test_an_index_serves_only_what_it_holds(sql: str, access: Access) -> None:
    found = [each for each in probes(sql) if "IS NULL" in each.sql]
    assert [each.access for each in found] == [access]
