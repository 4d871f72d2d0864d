"""Azure Storage's own emulator: in memory, on free ports, and let in by identity only."""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.demo.private_postgres import free_port
from tests.cloud.authority import authority
from tests.cloud.cloud import Cloud
from tests.patience import SECONDS

INSTALLED = Path(__file__).parents[2] / ".azurite"
_PROGRAM = INSTALLED / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"


@dataclass(frozen=True)
class Azurite:
    """A running emulator of the storage account *account*, and the ports of its services."""

    account: str
    ports: dict[str, int]

    def host(self, service: str) -> str:
        """Give the public name of the ``blob`` or the ``queue`` service."""
        return f"{self.account}.{service}.core.windows.net"

    def url(self, service: str) -> str:
        return f"https://{self.host(service)}"

    def join(self, cloud: Cloud) -> None:
        """Be found in *cloud*; there a service can be taken away by its public name."""
        for service, port in self.ports.items():
            cloud.at(self.host(service), port)


@contextmanager
def start_azurite(account: str = "usassetstorage") -> Iterator[Azurite]:
    if not _PROGRAM.exists():
        raise RuntimeError("Azurite is not installed: make .azurite/complete")
    services = Azurite(account, {service: free_port() for service in ("blob", "queue")})
    with TemporaryDirectory(prefix="mm-azurite-") as folder, (Path(folder) / "log").open("wb") as log:
        home = Path(folder)
        certificate = authority().issue_cert(*(services.host(service) for service in services.ports))
        certificate.private_key_pem.write_to_path(home / "key.pem")
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(home / "cert.pem", append=True)
        options = [f"--{service}Port={port}" for service, port in services.ports.items()]
        command = [
            _node(), str(_PROGRAM), "--silent", "--inMemoryPersistence", "--skipApiVersionCheck",
            "--oauth", "basic", "--cert", str(home / "cert.pem"), "--key", str(home / "key.pem"),
            *options, f"--tablePort={free_port()}",
        ]  # fmt: skip
        # A random key: a client without an identity is refused.
        key = base64.b64encode(secrets.token_bytes(64)).decode()
        environment = {**os.environ, "AZURITE_ACCOUNTS": f"{account}:{key}"}
        with subprocess.Popen(
            command, env=environment, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        ) as child:
            try:
                _wait(child, services, home / "log")
                yield services
            finally:
                child.kill()


def _node() -> str:
    """Give the machine's Node, or the one that was installed along with Azurite."""
    own = INSTALLED / "node"
    return str(own) if own.exists() else shutil.which("node") or "node"


def _wait(child: "subprocess.Popen[bytes]", services: Azurite, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    for port in services.ports.values():
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Azurite did not start: {log.read_text(errors='replace')}") from None
                time.sleep(0.02)
