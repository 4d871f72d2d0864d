"""The production of a soak: a real server with traffic, a release that the real engine deploys, a way to lose both."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import psycopg

from shared.demo.private_postgres import PrivatePostgres
from tests.gather.production import Relay
from tests.patience import until
from tests.postgres.servers import client_program
from tests.remedies.production import Production
from tests.remedies.resident import Engine
from tests.soak.changes import BASE, ROWS, TRAFFIC
from tests.throwaway import create_database

_CLIENTS, _TRANSACTIONS_A_SECOND = "2", "20"


@dataclass
class World:
    server: PrivatePostgres
    production: Production
    relay: Relay
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    # What a later migration removes that an earlier one made.
    leftovers: list[str] = field(default_factory=list)
    traffic: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the monitor finds it: its turns are counted on the way."""
        return self.production.database.replace(f":{self.server.port}/", f":{self.relay.port}/") + "?sslmode=disable"

    def ship(self, script: str) -> str:
        """Put a migration into the release, and give its name."""
        name = f"{20250101000000 + next(self.numbers)}_change"
        self.production.ship({name: script})
        return name

    def deploy(self) -> bool:
        return self.production.prisma("migrate deploy")

    def next_migration(self, chance: Random) -> str:
        """What a team writes: something new, or the removal of what an earlier migration made."""
        if self.leftovers and chance.random() < 0.6:
            return self.leftovers.pop(chance.randrange(len(self.leftovers)))
        number = next(self.numbers)
        made, removed = chance.choice(
            (
                (f"CREATE TABLE t_{number} (id serial PRIMARY KEY, a text UNIQUE);", f"DROP TABLE t_{number};"),
                (
                    f"ALTER TABLE posts ADD COLUMN c_{number} int DEFAULT 0;",
                    f"ALTER TABLE posts DROP COLUMN c_{number};",
                ),
                (f"CREATE INDEX i_{number} ON posts (views);", f"DROP INDEX i_{number};"),
                (f"CREATE TYPE e_{number} AS ENUM ('a', 'b');", f"DROP TYPE e_{number};"),
                (f"CREATE VIEW v_{number} AS SELECT id FROM users;", f"DROP VIEW v_{number};"),
            )
        )
        self.leftovers.append(removed)
        return made

    def crash(self) -> None:
        """Kill a server process as the kernel does that lacks memory: the server ends every session and recovers."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.production.database) as victim:
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            victim.execute("SELECT pg_sleep(1)")

    def recovered(self) -> None:
        until(self._answers)
        self.resume_traffic()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.production.database).close()
        except psycopg.OperationalError:
            return False
        return True

    def resume_traffic(self) -> None:
        """Have pgbench work; one whose sessions were lost has ended."""
        if self.traffic is not None and self.traffic.poll() is None:
            return
        script = self.production.checkout / "traffic.sql"
        script.write_text(TRAFFIC)
        command: list[str | Path] = [
            client_program("pgbench", self.server.programs),
            "--no-vacuum",
            "--file",
            script,
            "--time",
            "86400",
        ]
        command += ["--client", _CLIENTS, "--rate", _TRANSACTIONS_A_SECOND, self.production.database]
        self.traffic = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end_traffic(self) -> None:
        if self.traffic is not None:
            self.traffic.kill()
            self.traffic.wait()


@contextmanager
def soaked(server: PrivatePostgres, engine: Engine, checkout: Path) -> Iterator[World]:
    production = Production(create_database(server, "soak"), checkout, engine, splits=True, alone=True)
    production.migrations.mkdir(parents=True)
    with Relay(server.port) as relay:
        world = World(server, production, relay)
        world.ship(BASE)
        assert world.deploy()
        production.sql(ROWS)
        world.resume_traffic()
        try:
            yield world
        finally:
            world.end_traffic()
