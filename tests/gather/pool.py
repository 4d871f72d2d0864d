"""A real PgBouncer in front of a test's server; a test that needs it is skipped where it is not installed."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import unquote, urlsplit

import pytest

from shared.demo.private_postgres import free_port, temporary_folder, unprivileged_user

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
needs_pgbouncer = pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")
_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users
pool_mode = {mode}
server_tls_sslmode = disable
"""


@contextmanager
def pool(url: str, mode: Literal["session", "transaction"]) -> Iterator[str]:
    """Give *url* by way of a pool."""
    assert PGBOUNCER is not None
    given, port = urlsplit(url), free_port()
    assert given.username is not None
    assert given.password is not None
    owner = unprivileged_user()
    with temporary_folder() as folder:
        users = " ".join(f'"{unquote(each)}"' for each in (given.username, given.password))
        (folder / "users").write_text(users + "\n", encoding="utf-8")
        settings = _SETTINGS.format(server=given.port, port=port, folder=folder, mode=mode)
        (folder / "pgbouncer.ini").write_text(settings, encoding="utf-8")
        if owner is not None:
            for each in (folder, *folder.iterdir()):
                shutil.chown(each, owner.pw_uid, owner.pw_gid)
        child = subprocess.Popen(
            [PGBOUNCER, folder / "pgbouncer.ini"],
            stderr=subprocess.PIPE,
            text=True,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
        )
        with child:
            try:
                assert child.stderr is not None
                said = ""
                while "process up" not in said:
                    line = child.stderr.readline()
                    assert line, f"PgBouncer ended: {said}"
                    said += line
                yield given._replace(netloc=given.netloc.replace(f":{given.port}", f":{port}")).geturl()
            finally:
                child.kill()
