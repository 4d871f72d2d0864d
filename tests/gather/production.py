"""A database as production has it, and short ways to read it."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from shared.gather.database import read_database
from shared.model.database import DatabaseReading
from shared.model.knowledge import Unavailable
from shared.model.seed import SeedCount, SeedExpectation, Uncountable
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.patience import LONG

# As Prisma's schema engine makes it.
HISTORY = """
    CREATE TABLE _prisma_migrations (
        id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0
    );
"""
# Of what a relay looks for.
_LONGEST_WORDS = 64
WATCHER_PASSWORD = "p/?#@ 's3cr3t"


def read(url: str, *seeds: SeedExpectation, within: timedelta | None = LONG, **settings: Any) -> DatabaseReading:
    return read_database(DatabaseSettings(Secret("env:DATABASE_URL", url), **settings), seeds, within)


def count(url: str, table: str, where: str | None = None, **settings: Any) -> int | Uncountable | Unavailable:
    seed = SeedExpectation(table, min=0, where=where)
    (counted,) = read(url, seed, **settings).seeds
    assert isinstance(counted, SeedCount)
    assert counted.expectation == seed
    return counted.count


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection]:
    """A session of somebody else's, in autocommit."""
    with contextlib.closing(psycopg.connect(url, autocommit=True)) as connection:
        yield connection


def run(url: str, script: str) -> None:
    with session(url) as connection:
        connection.execute(script.encode())


def watcher(url: str, *grants: str) -> str:
    """Make a role that may connect, and give its URL. In *grants* ``{}`` is the role, ``{database}`` the database."""
    with session(url) as connection:
        name = f"watcher of {connection.info.dbname}"
        role = sql.Identifier(name)
        password = sql.Literal(WATCHER_PASSWORD)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        for grant in grants:
            connection.execute(sql.SQL(grant).format(role, database=sql.Identifier(connection.info.dbname)))
        place = f"127.0.0.1:{connection.info.port}/{connection.info.dbname}"
    return f"postgresql://{quote(name)}:{quote(WATCHER_PASSWORD, safe='')}@{place}"


class Relay:
    """Stands between a client and the server, counting how often the client sends after the server has answered.

    With *silent_after* it swallows everything after so many turns; with *cut_after* it hangs up. *meanwhile* is called
    once, before the server gets the first words with *words* in them.
    """

    def __init__(
        self,
        port: int,
        *,
        silent_after: int | None = None,
        cut_after: int | None = None,
        words: bytes = b"",
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self.turns = 0
        self._server_port = port
        self._silent_after, self._cut_after = silent_after, cut_after
        self._words, self._meanwhile = words, meanwhile
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "Relay":
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
                self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        client_sent_last, answers, said = False, _Answers(), b""
        with selectors.DefaultSelector() as readable:
            readable.register(client, selectors.EVENT_READ, server)
            readable.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in readable.select():
                    sender = key.fileobj
                    assert isinstance(sender, socket.socket)
                    try:
                        received = sender.recv(65536)
                    except OSError:
                        return
                    if not received:
                        return
                    if sender is client and not client_sent_last:
                        self.turns += 1
                    # A pipeline is answered before all of it has been sent: that is no turn of the client's.
                    if sender is client:
                        client_sent_last = True
                        said = said[-_LONGEST_WORDS:] + received
                    elif answers.end_in_waiting(received):
                        client_sent_last = False
                    if self._cut_after is not None and self.turns > self._cut_after:
                        return
                    if self._meanwhile is not None and sender is client and self._words in said:
                        self._meanwhile()
                        self._meanwhile = None
                    if self._silent_after is None or self.turns <= self._silent_after:
                        key.data.sendall(received)


class _Answers:
    """What a server says, message by message: how the network cuts it into pieces says nothing."""

    def __init__(self) -> None:
        self._rest = b""
        self._knows_who = False

    def end_in_waiting(self, piece: bytes) -> bool:
        """Take the next *piece*, and say whether the server waits for the client now: it is ready, or asks who is there."""
        waits = False
        self._rest += piece
        while self._rest:
            # The answer to a client that asks for encryption is a letter alone, before anything else.
            size = 1 if not self._knows_who and self._rest[:1] in {b"N", b"S"} else self._size()
            if len(self._rest) < size:
                return False
            kind, self._rest = self._rest[:1], self._rest[size:]
            self._knows_who = self._knows_who or kind == b"R"
            waits = kind in {b"Z", b"R"} or size == 1
        return waits

    def _size(self) -> int:
        return 1 + int.from_bytes(self._rest[1:5], "big") if len(self._rest) > 4 else 5
