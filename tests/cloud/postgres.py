"""A PostgreSQL that takes only encrypted connections from afar, as Azure's does, under a name of its own."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from tests.cloud.authority import authority
from tests.patience import SECONDS
from tests.throwaway import in_memory

NAME = "db.example.com"
# Who comes in how: the superuser by any way, *stranger* by none, and the others with TLS. *nobody* is no role.
_HOST_BASED_ACCESS = """
host all postgres 127.0.0.1/32 scram-sha-256
hostssl all secure 127.0.0.1/32 scram-sha-256
hostssl all monitor,nobody 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A running server that shows a certificate for `NAME`; *authority* is the file of who vouches for it."""

    postgres: PrivatePostgres
    authority: str

    def url(self, host: str = NAME, query: str = "", user: str = "postgres", password: str | None = None) -> str:
        """Give the URL of a remote server, as far as the client knows."""
        place = f"{host}:{self.postgres.port}/postgres?hostaddr=127.0.0.1&{query}"
        return f"postgresql://{user}:{password or self.postgres.password}@{place}"

    def run(self, script: str) -> None:
        """Do something as the superuser."""
        with closing(psycopg.connect(self.postgres.url(), autocommit=True)) as admin:
            admin.execute(script.encode())


@contextmanager
def tls_postgres(folder: Path) -> Iterator[TlsServer]:
    """Start one; *folder* is where its authority is written."""
    trusted = folder / "authority.pem"
    authority().cert_pem.write_to_path(trusted)
    with private_postgres(within=in_memory()) as postgres:
        server = TlsServer(postgres, str(trusted))
        server.run(
            "CREATE ROLE stranger LOGIN; CREATE ROLE secure LOGIN; CREATE ROLE monitor LOGIN; CREATE TABLE folders ()"
        )
        _turn_on_tls(postgres)
        yield server


def _turn_on_tls(postgres: PrivatePostgres) -> None:
    certificate = authority().issue_cert(NAME)
    with closing(psycopg.connect(postgres.url(), autocommit=True)) as admin:
        (folder,) = admin.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
        data = Path(folder)
        owner = data.stat()
        certificate.cert_chain_pems[0].write_to_path(data / "server.crt")
        certificate.private_key_pem.write_to_path(data / "server.key")
        for file in (data / "server.crt", data / "server.key"):
            os.chown(file, owner.st_uid, owner.st_gid)
            file.chmod(0o600)
        (data / "pg_hba.conf").write_text(_HOST_BASED_ACCESS)
        admin.execute("ALTER SYSTEM SET ssl = on")
        admin.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            psycopg.connect(postgres.url() + "?sslmode=require").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
        else:
            return
