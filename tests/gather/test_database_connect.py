"""Each way of not getting in has its own sentence, with place and without password."""

import os
import signal
import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.gather.attempt import GatherError
from shared.gather.database.connect import parameters
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.prisma.connection_url import parse_connection_url
from tests.cloud.postgres import NAME, TlsServer
from tests.gather.production import read, run, session, watcher
from tests.gather.servers import nobody
from tests.patience import SECONDS
from tests.throwaway import in_memory

PASSWORD = "s3cr3t-9f2"


def refusal(url: str, *, lasting: bool | None = None, **settings: Any) -> str:
    """Give the sentence with which the reading of *url* ends."""
    with pytest.raises(GatherError) as raised:
        read(url, **settings)
    password = parse_connection_url(url).password
    assert password is None or password not in "".join(traceback.format_exception(raised.value))
    assert lasting is None or raised.value.lasting is lasting
    return str(raised.value)


def test_a_url_that_is_none() -> None:
    with pytest.raises(GatherError) as raised:
        read(f"postgresql://u:{PASSWORD}/x@127.0.0.1/app")
    assert str(raised.value).startswith("no database to read: the connection URL cannot be read: it has the form ")
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


def test_unknown_host() -> None:
    assert refusal(f"postgresql://u:{PASSWORD}@nowhere.invalid/app", lasting=False) == (
        'database "app" at nowhere.invalid:5432 cannot be reached: no name server knows the host nowhere.invalid'
    )


def test_refused() -> None:
    port = nobody()
    assert refusal(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/app", lasting=False) == (
        f'database "app" at 127.0.0.1:{port} cannot be reached: the connection was refused: nothing listens there'
    )


def test_no_socket(tmp_path: Path) -> None:
    assert refusal(f"postgresql://u:{PASSWORD}@/app?host={tmp_path}") == (
        f'database "app" at {tmp_path} (port 5432) cannot be reached: no server has its socket there'
    )


def test_no_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        sentence = refusal(
            f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/app", lasting=False, within=timedelta(seconds=1)
        )
    assert sentence.endswith("no answer in time: a firewall, a wrong address, or a server that is stopped")


def test_wrong_password(postgres: PrivatePostgres) -> None:
    assert refusal(postgres.url(password=PASSWORD), lasting=True) == (
        f'database "postgres" at 127.0.0.1:{postgres.port} cannot be reached: '
        'wrong password for user "postgres", or no such user'
    )


def test_no_password(postgres: PrivatePostgres) -> None:
    sentence = refusal(f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres")
    assert sentence.endswith("the server asks for a password, and the URL holds none")


def test_no_such_database(postgres: PrivatePostgres) -> None:
    assert refusal(postgres.url("nowhere"), lasting=True).endswith("the server has no database of that name")


def test_no_right_to_connect(database: str) -> None:
    url = watcher(database)
    name = parse_connection_url(url).database
    run(database, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    sentence = refusal(url)
    grant = f'GRANT CONNECT ON DATABASE "{name}" TO "watcher of {name}"'
    assert sentence.endswith(f'user "watcher of {name}" may not connect to it: {grant}')
    run(database, grant)
    read(url)


def test_database_closed_to_connections(database: str, postgres: PrivatePostgres) -> None:
    run(postgres.url(), f"ALTER DATABASE {parse_connection_url(database).database} ALLOW_CONNECTIONS false")
    assert refusal(database).endswith("the database is closed to connections")


def test_role_that_may_not_log_in(database: str) -> None:
    url = watcher(database, "ALTER ROLE {} NOLOGIN")
    assert refusal(url, lasting=True).endswith(
        f'user "{parse_connection_url(url).user}" does not exist or may not log in'
    )


@pytest.mark.parametrize("whose", ["ROLE", "DATABASE"])
def test_too_many_connections(database: str, whose: str) -> None:
    url = watcher(database)
    name = parse_connection_url(url).database
    run(database, f'ALTER {whose} "{name if whose == "DATABASE" else f"watcher of {name}"}" CONNECTION LIMIT 0')
    assert refusal(url, lasting=False).endswith("the server has no connection left to give: too many are open")


def test_unknown_parameters_are_named(postgres: PrivatePostgres) -> None:
    assert refusal(postgres.url("nowhere") + "?sslmod=require").endswith(
        "no database of that name (unknown parameters of the URL were ignored: sslmod)"
    )


# What follows needs servers of its own: one with TLS and a strict pg_hba.conf, and some that only say one thing.


def test_remote_server_that_can_be_trusted(tls_server: TlsServer) -> None:
    assert read(tls_server.url(), ssl_root_cert=tls_server.authority).name == "postgres"
    assert read(tls_server.url(query=f"sslcert={tls_server.authority}")).name == "postgres"
    assert read(tls_server.url(query=f"sslmode=require&sslaccept=strict&sslcert={tls_server.authority}"))


def test_remote_server_of_an_unknown_authority(tls_server: TlsServer) -> None:
    assert refusal(tls_server.url(), lasting=True) == (
        f'database "postgres" at {NAME}:{tls_server.postgres.port} (hostaddr 127.0.0.1) cannot be reached: the server\'s'
        " certificate has expired, or no authority vouches for it that we know: name your own with sslrootcert in the URL or"
        " `ssl_root_cert` in the settings"
    )
    assert read(tls_server.url(query="sslmode=require")).name == "postgres"
    assert read(tls_server.url(query="sslaccept=accept_invalid_certs")).name == "postgres"


def test_remote_server_under_another_name(tls_server: TlsServer) -> None:
    sentence = refusal(tls_server.url("other.example.com"), ssl_root_cert=tls_server.authority)
    assert sentence.endswith(f'the server shows a certificate for "{NAME}", not for other.example.com')
    verify_ca = tls_server.url("other.example.com", "sslmode=verify-ca")
    assert read(verify_ca, ssl_root_cert=tls_server.authority).name == "postgres"


def test_a_file_of_authorities_that_does_not_exist(tls_server: TlsServer) -> None:
    assert refusal(tls_server.url(query="sslcert=/nowhere.pem")).endswith(
        "the certificate file /nowhere.pem does not exist or cannot be used"
    )


def test_remote_server_without_tls(postgres: PrivatePostgres) -> None:
    url = postgres.url().replace("127.0.0.1", NAME) + "?hostaddr=127.0.0.1"
    assert refusal(url).endswith("the server offers no TLS; only if that is meant, say sslmode=disable in the URL")
    assert read(url + "&sslmode=disable").name == "postgres"


def test_not_let_in(tls_server: TlsServer) -> None:
    url = tls_server.url(user="stranger", query="sslmode=require")
    assert refusal(url).endswith(
        'the server does not let user "stranger" in from 127.0.0.1 (pg_hba.conf, a firewall rule)'
    )
    url = tls_server.url(user="secure", query="sslmode=disable")
    assert refusal(url).endswith(
        'the server does not let user "secure" in from 127.0.0.1 without TLS: sslmode=require in the URL asks for it'
    )


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        pytest.param("postgresql://h.example.com/app", ("verify-full", certifi.where()), id="remote"),
        pytest.param("postgresql://10.0.0.4/app", ("verify-full", certifi.where()), id="private network"),
        pytest.param("postgresql://localhost/app", ("prefer", None), id="loopback"),
        pytest.param("postgresql:///app?host=/run/postgresql", ("prefer", None), id="socket"),
        pytest.param(
            "postgresql://localhost/app?hostaddr=203.0.113.9", ("verify-full", certifi.where()), id="another address"
        ),
        pytest.param("postgresql://localhost/app?sslmode=verify-full", ("verify-full", certifi.where()), id="as said"),
        pytest.param("postgresql://h.example.com/app?sslmode=prefer", ("prefer", None), id="as said, remote"),
        pytest.param("postgresql://h.example.com/app?sslrootcert=a", ("verify-full", "a"), id="one's own authority"),
    ],
)
def test_tls_by_default(url: str, tls: tuple[str, str | None]) -> None:
    settings = DatabaseSettings(Secret("env:DATABASE_URL", url))
    chosen = parameters(parse_connection_url(url), settings, timedelta(seconds=60))
    assert (chosen["sslmode"], chosen.get("sslrootcert")) == tls
    assert chosen["application_name"] == "migration-monitor"
    assert chosen["connect_timeout"] == "10"
    assert "options" not in chosen


def test_server_that_shuts_down() -> None:
    with private_postgres(within=in_memory()) as postgres:
        with session(postgres.url()) as last:
            (folder,) = last.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
            postmaster = int((Path(folder) / "postmaster.pid").read_text().splitlines()[0])
            os.kill(postmaster, signal.SIGTERM)  # "smart": those who are in may finish
            deadline = time.monotonic() + SECONDS
            while True:
                try:
                    read(postgres.url())
                except GatherError as error:
                    sentence = str(error)
                    break
                assert time.monotonic() < deadline
        assert sentence.endswith("the server is shutting down")


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that takes the start-up message, answers *answer* and hangs up; gives its port."""

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                (length, code) = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
                if code == 80877103:  # SSLRequest
                    client.sendall(b"N")
                    (length, code) = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
                client.recv(length - 8, socket.MSG_WAITALL)
                client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def fatal(sqlstate: str, message: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{sqlstate}\0M{message}\0\0".encode()
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            fatal("57P03", "the database system is starting up"),
            "the server is starting up or recovering: try again in a minute",
            id="starting up",
        ),
        pytest.param(
            fatal("57P03", "the database system is in recovery mode"),
            "the server is starting up or recovering: try again in a minute",
            id="recovering",
        ),
        pytest.param(
            fatal("57P03", "the database system is not yet accepting connections"),
            "the server is starting up or recovering: try again in a minute",
            id="not yet",
        ),
        pytest.param(
            fatal("53300", "sorry, too many clients already"),
            "the server has no connection left to give: too many are open",
            id="too many clients",
        ),
        pytest.param(
            fatal("53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute"),
            "the server has no connection left to give: too many are open",
            id="none left",
        ),
        pytest.param(
            fatal("08P01", "no more connections allowed (max_client_conn)"),
            "the server has no connection left to give: too many are open",
            id="PgBouncer's too many",
        ),
        pytest.param(
            fatal("58000", f"Passwort »{PASSWORD}« für Benutzer »u« falsch"),
            "Passwort »***« für Benutzer »u« falsch",
            id="another language, and careless with the password",
        ),
        pytest.param(b"", "the server closed the connection before it was open", id="nothing"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there does not use PostgreSQL's protocol", id="HTTP"),
    ],
)  # fmt: skip
def test_what_a_server_answers_first(answer: bytes, reason: str) -> None:
    with answering(answer) as port:
        sentence = refusal(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/app")
    assert sentence == f'database "app" at 127.0.0.1:{port} cannot be reached: {reason}'


@contextmanager
def in_german(port: int) -> Iterator[int]:
    """A server whose messages are German: the one at *port*, its refusals translated on the way."""

    def translated(message: bytes) -> bytes:
        if message[:1] != b"E":
            return message
        fields = [
            b"SSCHWERWIEGEND" if part[:1] == b"S" else b"Mnein, danke" if part[:1] == b"M" else part
            for part in message[5:].split(b"\0")
        ]
        body = b"\0".join(fields)
        return b"E" + struct.pack("!i", len(body) + 4) + body

    def talk(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            while asked := client.recv(65536):
                server.sendall(asked)
                if not (answer := server.recv(65536)):
                    return
                client.sendall(translated(answer))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            talk(client)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def test_a_server_with_another_language(postgres: PrivatePostgres, database: str) -> None:
    closed = watcher(database)
    name = parse_connection_url(closed).database
    run(database, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    with in_german(postgres.port) as port:

        def said(url: str, *, lasting: bool) -> str:
            return refusal(url.replace(f":{postgres.port}/", f":{port}/") + "?sslmode=disable", lasting=lasting)

        assert said(postgres.url(password=PASSWORD), lasting=True).endswith(
            'wrong password for user "postgres", or no such user'
        )
        assert said(postgres.url("nowhere"), lasting=True).endswith("the server has no database of that name")
        assert "may not connect to it: GRANT CONNECT" in said(closed, lasting=True)
