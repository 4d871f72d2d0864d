"""What is said of a deployment that may fill the disk: how badly, and what is advised."""

from dataclasses import replace

import pytest

from shared.checks.fills_disk import fills_disk
from shared.diagnose.plan import verdict
from shared.model.disk import DiskNeed, DiskUse, ReplicationSlot, Storage
from shared.model.finding import Finding, Severity
from shared.model.plan import Blocks, Outcome, Plan, PlannedStatement, Prediction
from shared.model.report import Verdict
from tests.builders import NOW, reading
from tests.cloud.arm import SERVER

GIB = 2**30
# 15 GiB are left: 5 stay free.
STORAGE = Storage(20 * GIB, 37.5, NOW)
WRITES = PlannedStatement("1_a", 3, "ALTER TABLE t", Prediction(Outcome.OK), Blocks.NONE, disk=DiskUse(GIB, GIB))
LAGS = ReplicationSlot("cdc", active=True, held=6 * GIB)


def plan(need: DiskNeed | None, *statements: PlannedStatement) -> Plan:
    return Plan(("1_a",), statements or (WRITES,), disk=need)


def found(need: DiskNeed | None, severity: Severity | None = None, *statements: PlannedStatement) -> list[Finding]:
    return list(fills_disk(plan(need, *statements), reading(), SERVER, severity))


@pytest.mark.parametrize(
    ("need", "severity"),
    [
        pytest.param(DiskNeed(7 * GIB, storage=STORAGE), None, id="less than half of what is left"),
        pytest.param(DiskNeed(8 * GIB, storage=STORAGE), Severity.WARNING, id="more than half"),
        pytest.param(DiskNeed(15 * GIB, storage=STORAGE), Severity.WARNING, id="all but nothing"),
        pytest.param(DiskNeed(16 * GIB, storage=STORAGE), Severity.CRITICAL, id="more than is left"),
        pytest.param(DiskNeed(3 * GIB, LAGS, storage=STORAGE), Severity.WARNING, id="with what a slot holds back"),
        pytest.param(DiskNeed(0, replace(LAGS, held=99 * GIB), storage=STORAGE), None, id="nothing is written"),
        pytest.param(DiskNeed(1, storage=replace(STORAGE, free=4 * GIB)), Severity.CRITICAL, id="read-only already"),
        pytest.param(DiskNeed(99 * GIB), None, id="without Azure no claim"),
        pytest.param(None, None, id="no size is known"),
    ],
)
def test_how_badly(need: DiskNeed | None, severity: Severity | None) -> None:
    assert [(each.code, each.severity) for each in found(need)] == (
        [("deploy-fills-disk", severity)] if severity is not None else []
    )
    assert verdict(plan(need)) is (Verdict.PASSED if severity is None else Verdict.WARNING)


def test_what_is_said_and_advised() -> None:
    need = DiskNeed(20 * GIB, LAGS, unknown=1, storage=STORAGE)
    (finding,) = found(need, None, WRITES, replace(WRITES, line=9, disk=DiskUse(5 * GIB, 5 * GIB, GIB)))
    assert finding.summary == (
        "The deployment needs up to 26.0 GiB of the server's disk, with 6.0 GiB of WAL that the replication slot cdc "
        "holds back: only 15.0 GiB are left before the server turns read-only (95 % used, or less than 5.0 GiB free). "
        "What 1 statement is going to write is not known and comes on top."
    )
    assert [step.text for step in finding.remedy] == [
        "Let the consumer of the replication slot cdc catch up, or drop the slot if nobody needs it: its consumer lags.",
        "Enlarge the server's storage to 128 GiB before the deployment. It can never be made smaller again.",
        "Or deploy in parts, and wait between them until the WAL is gone: line 9 of 1_a writes most, up to 11.0 GiB.",
    ]
    assert "pg_replication_slots" in (finding.remedy[0].command or "")
    assert finding.remedy[1].command == f"az postgres flexible-server update --ids {SERVER} --storage-size 128"
    statements = finding.evidence["statements"]
    assert statements == [
        {"migration": "1_a", "line": 9, "files": 5 * GIB, "wal": 5 * GIB, "sort_files": GIB},
        {"migration": "1_a", "line": 3, "files": GIB, "wal": GIB, "sort_files": 0},
    ]


def test_on_a_schedule_it_is_information() -> None:
    (finding,) = found(DiskNeed(99 * GIB, storage=STORAGE), Severity.INFO)
    assert finding.severity is Severity.INFO


def test_what_the_authors_accept_of_all_that_writes_is_not_said() -> None:
    need = DiskNeed(99 * GIB, storage=STORAGE)
    accepted = replace(WRITES, accepted=frozenset({"deploy-fills-disk"}))
    assert found(need, None, accepted) == []
    assert len(found(need, None, accepted, replace(WRITES, line=9))) == 1
