"""A database as a team has it on Azure, and infra/grants.sql run on it as a person runs it."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import count
from urllib.parse import quote

import psycopg
from psycopg import sql

from shared.demo.private_postgres import PrivatePostgres
from tests import states
from tests.gather.production import session
from tests.infra.variants import INFRA
from tests.throwaway import create_database

PASSWORD = "p/?#@ 's3cr3t"
_NUMBERS = count(1)


@cache
def _template(server: PrivatePostgres, state: str) -> str:
    """The name of a database in *state*, made once a server, to be copied."""
    name = f"production_in_{state}"
    states.load(state, create_database(server, name), server)
    return name


@dataclass(frozen=True)
class Answer:
    status: int
    said: str


class Production:
    """A database in one of the states, whose tables belong to the application and not to an administrator."""

    def __init__(self, server: PrivatePostgres, state: str) -> None:
        self.name = f"production_{next(_NUMBERS)}"
        self.state = state
        self.role = f"id-monitor of {self.name}"
        self.admin = server.url(self.name)
        self._server = server
        owner = sql.Identifier(self._owner)
        with session(server.url()) as admin:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'app'").format(owner))
        create_database(server, self.name, _template(server, state))
        with session(self.admin) as admin:
            tables = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                admin.execute(sql.SQL("ALTER TABLE public.{} OWNER TO {}").format(sql.Identifier(table), owner))
            admin.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(owner))

    @property
    def _owner(self) -> str:
        return f"app of {self.name}"

    def url(self, user: str, password: str) -> str:
        place = f"127.0.0.1:{self._server.port}/{self.name}"
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@{place}"

    @property
    def app(self) -> str:
        return self.url(self._owner, "app")

    @property
    def monitor(self) -> str:
        return self.url(self.role, PASSWORD)

    def grant(self, *variables: str, url: str | None = None, password: str | None = PASSWORD) -> Answer:
        """Run the script; what it says holds no password."""
        words = [word for variable in (f"role={self.role}", *variables) for word in ("-v", variable)]
        done = subprocess.run(
            [self._server.programs / "psql", "-X", "-f", INFRA / "grants.sql", *words, url or self.admin],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], **({} if password is None else {"MONITOR_PASSWORD": password})},
            check=False,
        )
        assert not any(form in done.stdout + done.stderr for form in (PASSWORD, PASSWORD.replace("'", "''")))
        assert done.stdout == ""
        return Answer(done.returncode, done.stderr)


def refusal(url: str, statement: str, *, belt: bool = True) -> type[psycopg.Error] | None:
    """Try *statement*, and give what it was refused with; without its *belt* the role asks for a writing session."""
    with session(url) as connection:
        if not belt:
            connection.execute("SET default_transaction_read_only = off")
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return type(error)
        return None
