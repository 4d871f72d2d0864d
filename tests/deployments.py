"""`prisma migrate deploy` over a real server, as long as a test needs it: its lock, its rows, its way to send a file."""

import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg

from shared.demo.incident import HISTORY_TABLE
from shared.gather.database.activity import PRISMA_LOCK
from shared.postgres.parse import parse
from shared.prisma.order import deploy_order
from tests.patience import SECONDS


def write_migrations(folder: Path, scripts: Mapping[str, str]) -> Path:
    for name, script in scripts.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "migration.sql").write_text(script, encoding="utf-8")
    return folder


class Deployment:
    """Runs what is pending of *scripts* in a thread: *at_once* as before 7.4, else statement by statement."""

    def __init__(self, url: str, scripts: Mapping[str, str], *, at_once: bool = False, locks: bool = True) -> None:
        self._url, self._scripts, self._at_once, self._locks = url, scripts, at_once, locks
        # The error that ended it, if one did.
        self.error: psycopg.Error | None = None
        self._connection: psycopg.Connection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Deployment":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._connection is not None:
            # The session that blocks it ends only after this.
            self._connection.cancel()
        self.wait()

    def wait(self) -> None:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with closing(psycopg.connect(self._url, autocommit=True)) as connection:
            self._connection = connection
            connection.execute(HISTORY_TABLE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").encode())
            try:
                if self._locks:
                    connection.execute("SELECT pg_advisory_lock(%s)", [PRISMA_LOCK])
                self._deploy(connection)
            except psycopg.Error as error:
                self.error = error

    def _deploy(self, connection: psycopg.Connection) -> None:
        done = {name for (name,) in connection.execute("SELECT migration_name FROM _prisma_migrations")}
        for name, script in sorted(self._scripts.items(), key=lambda each: deploy_order(each[0])):
            if name in done:
                continue
            key = str(uuid4())
            connection.execute(
                "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (%s, %s, %s)",
                [key, sha256(script.encode()).hexdigest(), name],
            )
            try:
                for part in [script] if self._at_once else [each.sql for each in parse(script)]:
                    connection.execute(part.encode())
            except psycopg.Error as error:
                logs = (
                    f"A migration failed to apply.\n\nMigration name: {name}\n\nDatabase error code: {error.sqlstate}\n\n"
                    f"Database error:\nERROR: {error.diag.message_primary}\n"
                )
                # In a transaction of the file's own, which has failed, that fails too: so does Prisma's.
                with suppress(psycopg.Error):
                    connection.execute("UPDATE _prisma_migrations SET logs = %s WHERE id = %s", [logs, key])
                raise
            connection.execute(
                "UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = %s", [key]
            )
