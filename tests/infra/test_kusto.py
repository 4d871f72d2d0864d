"""The queries of the alert and of the workbook: Azure's language service takes them, and the log's line has their fields."""

import json
import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.entrypoints.journal import heartbeat
from shared.gather.ddl_log import ServerLog
from shared.model.audit import AuditSettings
from shared.model.azure import Identity
from shared.model.report import MigrationDay
from tests.cloud.arm import SERVER
from tests.infra.variants import INFRA, variant
from tests.report.sample import report

QUERIES = {path.relative_to(INFRA).as_posix(): path.read_text() for path in sorted(INFRA.rglob("*.kql"))}
PROGRAM = Path(__file__).parent / "kusto/analyse.mjs"


def remarks(queries: dict[str, str]) -> list[tuple[str, str]]:
    """Give each query's name with what the language service says of it."""
    installed = Path(os.environ["KUSTO"]).absolute()
    done = subprocess.run(
        ["node", installed / PROGRAM.name],
        input=json.dumps(queries),
        env={"PATH": f"{installed}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [(each["name"], each["message"]) for each in json.loads(done.stdout)]


def _of_server_logs() -> dict[str, str]:
    """What Log Analytics is asked for who changed the schema."""
    log = ServerLog(
        SERVER, AuditSettings(), Identity(), (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
    )
    return {"statements": log.query(), "errors": log.query(["6b0.1f", "31"])}


@pytest.mark.infra
def test_the_language_service_remarks_on_no_query_and_on_what_is_wrong() -> None:
    query = QUERIES["modules/silence.kql"]
    wrong = {
        "column": query.replace("where message", "where massage"),
        "table": query.replace("traces", "tracks"),
        "type": query.replace("runs == 0", 'runs startswith "0"'),
        "syntax": query.replace("| extend", "| extent"),
    }
    assert [name for name, text in wrong.items() if text == query] == []
    found = remarks({**QUERIES, **_of_server_logs(), **wrong})
    assert {name for name, _ in found} == set(wrong)


def test_every_field_that_a_query_names_is_in_the_line_of_each_run() -> None:
    day = MigrationDay(datetime(2026, 11, 22, tzinfo=UTC), 3, timedelta(seconds=4), 1)
    line = json.loads(heartbeat(replace(report(), migration_days=(day,))))
    of_runs = {name: query for name, query in QUERIES.items() if "migration-monitor.run" in query}
    assert set(QUERIES) - set(of_runs) == {"modules/broken.kql"}
    for name, query in of_runs.items():
        roots = {"run": line, "day": line["migration_days"][0]}
        named = re.findall(r"\b(run|day)((?:\.\w+)+)", query)
        assert named, name
        for root, fields in named:
            value = roots[root]
            for field in fields.strip(".").split("."):
                assert field in value, f"{name}: {root}{fields}"
                value = value[field]


def test_the_workbook_has_every_query() -> None:
    (workbook,) = variant("nothing_given").of("Microsoft.Insights/workbooks")
    items = str(workbook["properties"]["serializedData"])
    for name, query in QUERIES.items():
        first = query.splitlines()[0]
        assert (first in items) == name.startswith("modules/workbook/"), name
