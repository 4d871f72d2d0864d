"""A standby that streams from a private server."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from shared.demo.private_postgres import PrivatePostgres, free_port, running, temporary_folder, unprivileged_user
from tests.throwaway import in_memory


@contextmanager
def standby_of(primary: PrivatePostgres, *settings: str) -> Iterator[PrivatePostgres]:
    """Copy the files of *primary* while it runs, as a base backup does, and start a standby on them, with *settings*."""
    owner = unprivileged_user()
    with temporary_folder(in_memory()) as home:
        _copy(primary, home / "data")
        with (home / "data" / "postgresql.auto.conf").open("a") as written:
            written.writelines(f"{setting}\n" for setting in settings)
        if owner is not None:
            for path in (home, *home.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        port = free_port()
        with running(primary.programs, home, port, owner):
            yield PrivatePostgres(port, primary.programs, primary.password)


def _copy(primary: PrivatePostgres, data: Path) -> None:
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        begin, end = ("pg_backup_start('standby', true)", "pg_backup_stop(false)")
        if connection.info.server_version < 150000:
            begin, end = ("pg_start_backup('standby', true, false)", "pg_stop_backup(false, false)")
        connection.execute(f"SELECT {begin}".encode())
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        shutil.copytree(folder, data, ignore=shutil.ignore_patterns("postmaster.*", "pg_stat_tmp"), symlinks=True)
        (label,) = connection.execute(f"SELECT labelfile FROM {end}".encode()).fetchone() or ("",)
    data.chmod(0o700)
    (data / "backup_label").write_text(label)
    (data / "standby.signal").touch()
    way = f"host=127.0.0.1 port={primary.port} user=postgres password={primary.password}"
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"primary_conninfo = '{way}'\nmax_standby_streaming_delay = '-1'\n")
