"""What tests make and throw away: where it is kept, and how a database goes."""

from pathlib import Path
from shutil import disk_usage

import psycopg
from psycopg import sql

from demo.private_postgres import PrivatePostgres

_SPACE = 4 << 30


def in_memory() -> Path | None:
    """A folder that no disk is behind, if there is one with 4 GiB of free space: a database is made and dropped in half the time."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and disk_usage(folder).free > _SPACE else None


def drop_database(postgres: PrivatePostgres, url: str) -> None:
    """Drop the database of *url*, with every connection to it."""
    name = sql.Identifier(url.rpartition("/")[2])
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
