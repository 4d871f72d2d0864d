"""The report before the deployment of 2025-09-05, as a run makes it of what the catalog and the rows say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.demo.incident import BROKEN, MIGRATIONS
from shared.model.database import History
from shared.model.plan import Found, Probe, ProbeAnswers, TableSize
from shared.model.release import Migration, Release
from shared.model.report import Report, Trigger
from shared.model.setting_types import PrismaVersion
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.run.reporting import Server, report_on
from tests.builders import facts, reading, row

FOLDERS = ("public", "folders")
SOURCES = ("database", "endpoints", "server", "app")
ROWS = {"folders": 1204, "files": 310_000, "projects": 40, "assets": 25_000, "pipeline_rules": 4}


def before_the_deployment(at: datetime) -> Report:
    """Three migrations are pending; the first adds a column that no row of folders can have."""
    names = sorted(folder.name for folder in MIGRATIONS.iterdir() if folder.is_dir())
    shipped = [Migration(name, (MIGRATIONS / name / "migration.sql").read_bytes()) for name in names]
    ran = shipped[: names.index(BROKEN)]
    replay = Replay()
    for migration in ran:
        replay.run_all(parse((migration.script or b"").decode()))
    rows = tuple(row(each.name, content=each.script) for each in ran)
    history = History(exists=True, rows=rows, schema_has_tables=True)
    sizes = {("public", name): TableSize(rows, rows * 128) for name, rows in ROWS.items()}
    database = replace(reading(history=history, catalog=replay.freeze()), now=at, sizes=sizes)
    release = Release("v1.42.0", "github", "sha256:0", "postgresql", tuple(shipped))
    target = replace(facts(release, database).target, policy="deploy-migrates", prisma=PrismaVersion(7, 4))
    asked = replace(facts(release, database), target=target, started_at=at, phase="before")
    server = Server(lambda _questions: {}, lambda probes: _probed(probes, at))
    return report_on(asked, Trigger.VERIFY, dict.fromkeys(SOURCES, timedelta(0)), server)


def _probed(probes: Sequence[Probe], at: datetime) -> ProbeAnswers:
    return {each: Found(ROWS["folders"] if each.tables == (FOLDERS,) else 0, at) for each in probes}
