"""What earlier runs of a server say of its pace: only long ones, of large tables, with one kind of work."""

import pytest

from shared.model.plan import TableSize
from shared.postgres.parse import read
from shared.postgres.plan.durations import MEMORY
from shared.postgres.plan.pace import may_be_heavy, pace_of
from shared.postgres.plan.work import Work

# A scan in memory takes one second.
SIZES = {("public", "large"): TableSize(None, MEMORY), ("app", "large"): TableSize(None, 2 * MEMORY), ("public", "small"): TableSize(9, 8192)}  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([("CREATE INDEX ON large (a)", 30.0)], {Work.INDEX: 30.0}, id="an index"),
        pytest.param([("CREATE INDEX CONCURRENTLY ON large (a)", 30.0)], {Work.INDEX: 15.0}, id="read twice"),
        pytest.param([("CREATE INDEX ON app.large (a)", 30.0)], {Work.INDEX: 15.0}, id="of another schema"),
        pytest.param([("CREATE INDEX ON large USING gin (a)", 90.0)], {Work.OTHER_INDEX: 90.0}, id="another index"),
        pytest.param([("CREATE INDEX ON large (a); CREATE INDEX ON large (b)", 30.0)], {Work.INDEX: 15.0}, id="two of a kind"),
        pytest.param([("CREATE INDEX ON large (a)", each) for each in (10.0, 20.0, 900.0)], {Work.INDEX: 20.0}, id="the median"),
        pytest.param([("CREATE INDEX ON large (a); UPDATE large SET a = 1", 99.0)], {}, id="two kinds"),
        pytest.param([("CREATE INDEX ON small (a); UPDATE large SET a = 1", 99.0)], {Work.CHANGE: 99.0}, id="what is small does not count"),
        pytest.param([("CREATE INDEX ON large (a)", 0.5)], {}, id="short"),
        pytest.param([("CREATE INDEX ON small (a)", 30.0)], {}, id="small"),
        pytest.param([("CREATE INDEX ON gone (a)", 30.0)], {}, id="a table that is gone"),
        pytest.param([("CREATE INDEX ON large (a); DO $$ BEGIN END $$", 30.0)], {}, id="with code"),
        pytest.param([("ALTER TABLE large ALTER a TYPE bigint", 60.0)], {Work.REWRITE: 60.0}, id="a rewrite"),
        pytest.param([("ALTER TABLE large ALTER a SET NOT NULL, ADD CHECK (a > 1)", 6.0)], {Work.CHECK: 3.0}, id="checks"),
        pytest.param([("ALTER TABLE large ADD FOREIGN KEY (a) REFERENCES small (a)", 6.0)], {Work.REFERENCE: 6.0}, id="a foreign key"),
        pytest.param([("ALTER TABLE large ADD FOREIGN KEY (a) REFERENCES small (a) NOT VALID", 6.0)], {}, id="a foreign key, not valid"),
        pytest.param([("ALTER TABLE large ADD UNIQUE (a)", 6.0)], {Work.INDEX: 6.0}, id="unique"),
        pytest.param([("ALTER TABLE large ADD x int", 6.0)], {}, id="the catalog alone: it waited"),
    ],
)  # fmt: skip
def test_the_pace_of_each_kind_of_work(runs: list[tuple[str, float]], expected: dict[Work, float]) -> None:
    assert pace_of([(list(read(sql)), seconds) for sql, seconds in runs], SIZES, "public") == expected
    assert not expected or all(may_be_heavy(sql.encode()) for sql, _ in runs)


def test_a_script_without_heavy_work_is_not_parsed() -> None:
    assert not may_be_heavy(b"CREATE TABLE altered (updated_at int PRIMARY KEY); INSERT INTO altered VALUES (1);")
