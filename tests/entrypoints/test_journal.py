"""What a run leaves in the log."""

import json
import logging
from dataclasses import replace

import pytest

from shared.entrypoints.journal import account, heartbeat, log_run
from shared.model.finding import Finding, Severity
from tests.report.sample import FAILED, HOSTILE, PENDING, report

LOGGER = logging.getLogger(__name__)
# Application Insights cuts a message there.
LONGEST_MESSAGE = 32_768


def test_a_run_without_fault_leaves_its_heartbeat_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log_run(LOGGER, report())
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert json.loads(record.getMessage()) == {
        "event": "migration-monitor.run",
        "target": "production",
        "verdict": "passed",
        "trigger": "schedule",
        "started_at": "2026-11-22T09:05:00+00:00",
        "took_ms": 412,
        "release": "v1.42.0",
        "checks": {"history": "passed", "schema": "skipped", "seeds": "passed"},
        "findings": {"critical": 0, "warning": 0, "info": 0},
        "drift": 0,
        "unreachable": False,
        "migration_days": [],
    }


@pytest.mark.parametrize(
    ("findings", "unknown", "level"),
    [
        pytest.param([FAILED], None, "ERROR", id="failed"),
        pytest.param([HOSTILE], None, "WARNING", id="warning"),
        pytest.param([], "the database cannot be reached", "WARNING", id="unknown"),
    ],
)
def test_the_level_of_the_line_is_that_of_the_verdict(
    findings: list[Finding], unknown: str | None, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    log_run(LOGGER, report(*findings, unknown=unknown))
    assert [record.levelname for record in caplog.records] == ["INFO", level]


def test_the_account_is_worst_first_and_leaves_info_out() -> None:
    remark = replace(PENDING, severity=Severity.INFO)
    hostile = "us`ers|</td><script>alert(1)</script>U+001B[31mU+202E🎉"
    assert list(account(report(HOSTILE, FAILED, remark, unknown="a lock was held")))[1:] == [
        "seeds unknown: a lock was held",
        f"critical {FAILED.key}: {FAILED.summary}",
        f"warning seed-unexpected:{hostile}: {hostile} *holds* [7](http://evil) rows; the release seeds exactly 6.",
    ]


def test_a_name_with_line_ends_forges_no_line() -> None:
    forged = replace(FAILED, subject="a\nERROR all is well\r\n", summary="b\u2028c")
    (_, line) = account(report(forged))
    assert line.splitlines() == [line]
    assert line == "critical migration-failed:a ERROR all is well : b c"


def test_ten_thousand_findings_fit_into_the_log() -> None:
    many = report(*(replace(FAILED, subject=f"{number}", summary="x" * 5000) for number in range(10_000)))
    assert json.loads(heartbeat(many))["findings"]["critical"] == 10_000
    assert len(heartbeat(many)) < LONGEST_MESSAGE
    lines = list(account(many))
    assert len("\n".join(lines)) < LONGEST_MESSAGE
    assert lines[-1] == "and 9980 more"
