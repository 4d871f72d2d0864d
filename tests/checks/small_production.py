"""A production of three migrations, whose history is written row by row."""

from collections.abc import Mapping
from pathlib import Path

import psycopg

from shared.model.finding import Finding
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Phase, Report, Trigger
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.prisma.checksum import accepted_checksums
from shared.run import run

INIT, ADD, LAST = "20260101000000_init", "20260102000000_add", "20260103000000_last"
SCRIPTS = {
    INIT: "CREATE TABLE t (id int PRIMARY KEY, x text, y text);",
    ADD: "ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t ADD COLUMN z text;",
    LAST: "CREATE TABLE notes (id int);",
}
_HISTORY = """
CREATE TABLE _prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0
);
"""


class Production:
    """A database with a history of nothing yet, and a release of *scripts*."""

    def __init__(self, url: str, folder: Path, scripts: Mapping[str, str] = SCRIPTS) -> None:
        self.url, self.folder, self.scripts = url, folder, scripts
        self.sql(_HISTORY)
        for name, script in scripts.items():
            (folder / name).mkdir(parents=True)
            (folder / name / "migration.sql").write_text(script)

    def sql(self, script: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(script.encode())

    def record(self, name: str, finished: str = "now()", logs: str = "NULL") -> None:
        checksum = next(iter(accepted_checksums(self.scripts[name].encode())))
        self.sql(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, logs) VALUES "
            f"('{name}', '{checksum}', '{name}', now() - interval '1 hour', {finished}, {logs})"
        )

    def look(
        self,
        trigger: Trigger = Trigger.TERMINAL,
        phase: Phase | None = None,
        *,
        policy: str = "migrate-first",
        deploying: bool | None = None,
    ) -> Report:
        target = Target(
            "production",
            (ReleaseSettings("folder", str(self.folder)),),
            DatabaseSettings(Secret("env:DATABASE_URL", self.url)),
            privileges=False,
            policy=policy,  # type: ignore[arg-type]  # one of the two
        )
        return run(target, trigger, phase=phase, deploying=deploying)


def of(report: Report, code: str) -> dict[str, Finding]:
    return {finding.subject: finding for finding in report.findings if finding.code == code}


def commands(report: Report) -> list[str]:
    return [step.command for finding in report.findings for step in finding.remedy if step.command]
