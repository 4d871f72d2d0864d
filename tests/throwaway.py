"""What tests make and throw away: where it is kept, and how a database is made and dropped."""

import atexit
from functools import cache
from pathlib import Path
from shutil import disk_usage

import psycopg
from psycopg import sql

from shared.demo.private_postgres import PrivatePostgres

_SPACE = 4 << 30


def in_memory() -> Path | None:
    """A folder that no disk is behind, if there is one with 4 GiB of free space: a database is made and dropped in half the time."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and disk_usage(folder).free > _SPACE else None


def create_database(postgres: PrivatePostgres, name: str, template: str = "template0", *, instead: bool = False) -> str:
    """Make a database, a copy of *template*, and give its URL; *instead* of the one of that name, if there is one."""
    admin = _admin(postgres)
    if instead:
        _drop(admin, name)
    # Copied without a journal of every page, as all versions before 15 do: in half the processor time.
    how = sql.SQL(" STRATEGY file_copy" if admin.info.server_version >= 150000 else "")
    names = sql.Identifier(name), sql.Identifier(template)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names) + how)
    return postgres.url(name)


def drop_database(postgres: PrivatePostgres, url: str) -> None:
    """Drop the database of *url*, with every connection to it, and with its subscriptions, which would be in the way."""
    of_it = "SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = %s"
    if names := _admin(postgres).execute(of_it, [url.rpartition("/")[2]]).fetchall():
        with psycopg.connect(url, autocommit=True) as connection:
            for (name,) in names:
                for how in (
                    "ALTER SUBSCRIPTION {} DISABLE",
                    "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
                    "DROP SUBSCRIPTION {}",
                ):
                    connection.execute(sql.SQL(how).format(sql.Identifier(str(name))))
    _drop(_admin(postgres), url.rpartition("/")[2])


@cache
def _admin(postgres: PrivatePostgres) -> psycopg.Connection[tuple[object, ...]]:
    """One session a server: to begin one takes as long as to drop a database."""
    admin = psycopg.connect(postgres.url(), autocommit=True)
    atexit.register(admin.close)
    return admin


def _drop(admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
