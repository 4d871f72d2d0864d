"""A production whose every step is known: what was released, what really ran, and what a person would have to fix."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

from shared.postgres.parse import parse
from tests.remedies.law.corpus import Line, Script
from tests.remedies.production import Production
from tests.remedies.resident import Sent

_DATA = frozenset(
    {"CALL", "COMMENT", "DELETE", "DO", "EXECUTE", "GRANT", "INSERT", "MERGE", "REFRESH", "REVOKE", "SELECT", "TRUNCATE",
     "UPDATE", "WITH"}
)  # fmt: skip
_NO_ROWS = frozenset({"INSERT 0 0", "UPDATE 0", "DELETE 0", "MERGE 0"})
_INDEX = re.compile(r'CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?"([^"]+)"')
# What exists for a while within a script, and what ends it.
_FOR_A_WHILE = re.compile(r'(\w*[Ww]hile\d+\w*)|\b(?:DIS|EN)ABLE (TRIGGER (?:\w+|"[^"]+"))')
_ENDS = re.compile(r"\bDROP\b|\bENABLE TRIGGER")


@dataclass(frozen=True, slots=True)
class Fix:
    """SQL that removes the cause for which the migration *of* fails."""

    of: str
    sql: str

    @property
    def is_of_rows(self) -> bool:
        """Say whether it gives rows back as they were, and removes nothing else that is in the way."""
        return self.sql.startswith(("UPDATE", "DELETE"))


class UnwantedStateError(Exception):
    """The dice fell so that there is no such state: it is drawn again."""


@dataclass(slots=True)
class World:
    """*ran* says how often each statement of each migration has run, by its place; *edited*: the file that really ran.

    *fixes* is what a person does who is asked to fix a cause; *story* is how production came here, to be read.
    """

    random: Random
    production: Production
    # The database that it is a copy of, and what was deployed there.
    template: str
    base: tuple[str, ...] = ()
    scripts: dict[str, Script] = field(default_factory=dict)
    ran: dict[str, list[int]] = field(default_factory=dict)
    # Whose effect is there, though nobody ran just this statement.
    done_otherwise: set[tuple[str, int]] = field(default_factory=set)
    fixes: list[Fix] = field(default_factory=list)
    originals: dict[str, str] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)
    # What stays in the report, and is right to.
    left: set[str] = field(default_factory=set)
    # What was in the way, by the names that it has got.
    aside: set[str] = field(default_factory=set)
    # All that was ever released, as it was meant: what a clean database is deployed with.
    wanted: dict[str, str] = field(default_factory=dict)

    # What was released

    def ship(self, name: str, script: Script) -> None:
        self.release(name, script)
        self.wanted[name] = text_of(script)

    def release(self, name: str, script: Script) -> None:
        """Put into the release what a clean database needs no second time."""
        self.production.ship({name: text_of(script)})
        self.scripts[name] = script
        self.ran[name] = [0] * len(script.lines)

    # What happened

    def deploy(self, *names: str) -> None:
        """Deploy a release that has just the migrations *names*; all of it, if none is named."""
        self.story.append(f"# deployed: {', '.join(names) or 'all'}")
        hidden = [folder for folder in self.production.migrations.iterdir() if names and folder.name not in names]
        for folder in hidden:
            folder.rename(self.production.checkout / folder.name)
        answer = self.prisma("deploy")
        for folder in hidden:
            (self.production.checkout / folder.name).rename(folder)
        if not answer[0]:
            raise UnwantedStateError(answer[1])

    def spoil(self, name: str, line: Line) -> None:
        """Make *line* of *name* fail."""
        self.psql(line.spoils)
        self.fixes.append(Fix(name, line.fixes))

    def fail(self, name: str) -> None:
        """Deploy what stops at *name*."""
        self.story.append(f"# deployed; it stopped at {name}")
        ok, error = self.prisma("deploy")
        if ok or name not in error:
            raise UnwantedStateError(error or "it did not fail")

    def prisma(self, *command: str) -> tuple[bool, str]:
        here = self.production
        answer = here.engine.ask(here.url, here.migrations.parents[1], here.parts, *command)
        self.note(here.engine.sent())
        return answer.ok, answer.error

    def resolve(self, how: str, name: str) -> None:
        self.story.append(f"npx prisma migrate resolve --{how} {name}")
        ok, error = self.prisma("resolve", f"--{how}", name)
        assert ok, error

    def give_rows_back(self) -> None:
        """Rows that stood in the way of what need not run any more are as somebody left them, and in nobody's way."""
        for fix in self.fixes:
            if fix.is_of_rows:
                self.production.sql(fix.sql)

    def psql(self, script: str) -> None:
        self.story.append(script)
        self.production.sql(script)

    def try_psql(self, script: str) -> None:
        try:
            self.psql(script)
        except psycopg.Error as error:
            raise UnwantedStateError(str(error)) from None

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Somebody reads *table* for as long as this lasts, and nobody waits for long."""
        database = self.production.database
        name = sql.Identifier(database.rpartition("/")[2])
        self.story.append(f"# meanwhile: SET lock_timeout = '200ms', and a transaction that reads {table}")
        with psycopg.connect(database, autocommit=True) as admin, psycopg.connect(database) as reader:
            try:
                reader.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE".encode())
            except psycopg.Error as error:
                raise UnwantedStateError(str(error)) from None
            admin.execute(sql.SQL("ALTER DATABASE {} SET lock_timeout = '200ms'").format(name))
            try:
                yield
            finally:
                admin.execute(sql.SQL("ALTER DATABASE {} RESET lock_timeout").format(name))

    def hand(self, name: str, places: Iterable[int]) -> None:
        """Somebody ran these statements of a migration, and went on after errors as psql does."""
        lasted: list[int] = []
        open_: list[int] = []
        with psycopg.connect(self.production.database, autocommit=True) as connection:
            for at in places:
                statement = self.scripts[name].lines[at].sql
                try:
                    tag = connection.execute(statement.encode()).statusmessage
                except psycopg.Error as error:
                    self.story.append(f"-- {name}, statement {at + 1}, by hand: {str(error).splitlines()[0]}")
                    continue
                self.story.append(f"-- {name}, statement {at + 1}, by hand:\n{statement}")
                # Without the rows that an earlier one makes, it has done nothing of what it is for.
                if tag not in _NO_ROWS:
                    open_.append(at)
                # COMMIT after an error is a ROLLBACK; what is left open goes with the connection.
                if tag == "ROLLBACK":
                    open_ = []
                elif connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
                    lasted, open_ = lasted + open_, []
        for at in lasted:
            self.ran[name][at] += 1

    # What is true

    def note(self, sent: Sequence[Sent]) -> None:
        """Count what ran, by what the server said of each statement."""
        for each in sent:
            name = next((name for name in self.scripts if text_of(self.scripts[name]) == each.script), None)
            if name is not None:
                for at in _committed(each):
                    self.ran[name][at] += 1

    def has_run(self, name: str, at: int) -> bool:
        return self.ran[name][at] > 0 or (name, at) in self.done_otherwise

    def is_invalid(self, name: str, at: int) -> bool:
        index = _INDEX.match(self.scripts[name].lines[at].sql)
        return index is not None and bool(
            self.production.sql(
                f"SELECT 1 FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE relname = '{index[1]}' AND NOT indisvalid"
            )
        )

    def missing(self, name: str) -> list[int]:
        return [at for at in range(len(self.ran[name])) if not self.has_run(name, at)]


def text_of(script: Script) -> str:
    return "".join(f"{line.sql}\n" for line in script.lines)


def word_of(line: Line) -> str:
    return (
        " ".join(line.sql.removesuffix(";").split()[:2]).upper()
        if line.sql.startswith("START")
        else line.sql.removesuffix(";").split(None, 1)[0].upper()
    )


def is_data(line: Line) -> bool:
    """Say whether nothing in the catalog shows that a statement ran."""
    without_trace = line.sql.startswith("ALTER DEFAULT") or " OWNER TO " in line.sql or " RESTART WITH " in line.sql
    return word_of(line) in _DATA or without_trace


def is_bare(line: Line) -> bool:
    return line.passing or sets_transaction(line)


def sets_transaction(line: Line) -> bool:
    return word_of(line) in {"BEGIN", "COMMIT", "START TRANSACTION", "SET"}


def is_traceless(line: Line) -> bool:
    return is_data(line) or is_bare(line)


def shows_what_lacks(lines: Sequence[Line], missing: Collection[int]) -> bool:
    """Say whether the catalog shows that something of *missing* did not run.

    Of what is made for the writes between and removed again, only the end shows, where the beginning ran.
    """
    left = [at for at in missing if not is_traceless(lines[at])]
    begins = {_passing(lines[at]) for at in left if not _ENDS.search(lines[at].sql)}
    passing = ((at, _passing(lines[at])) for at in left)
    return any(of is None or (of not in begins and _ENDS.search(lines[at].sql) is not None) for at, of in passing)


def shows_what_ran(lines: Sequence[Line]) -> bool:
    """Say whether the catalog shows that some of *lines* ran, which did. Of what is made for a while, only the beginning."""
    lasting = [line for line in lines if not is_traceless(line)]
    ended = {_passing(line) for line in lasting if _ENDS.search(line.sql)}
    passing = ((line, _passing(line)) for line in lasting)
    return any(of is None or (of not in ended and not _ENDS.search(line.sql)) for line, of in passing)


def _passing(line: Line) -> str | None:
    found = _FOR_A_WHILE.search(line.sql)
    return found[found.lastindex or 0] if found is not None else None


def lines_of(script: Script) -> Mapping[int, int]:
    """The line in the file of each statement, by its place."""
    return {at: statement.line for at, statement in enumerate(parse(text_of(script)))}


def _committed(sent: Sent) -> list[int]:
    """Which statements of a script lasted. The tags are the server's; one is sent for every statement that ended."""
    lasted: list[int] = []
    open_: list[int] = []
    within = False
    at = -1
    for tags, ended_well in sent.parts:
        for tag in tags:
            at += 1
            open_.append(at)
            if tag == "BEGIN":
                within = True
            elif tag == "COMMIT":
                lasted, open_, within = lasted + open_, [], False
            elif tag == "ROLLBACK":
                open_, within = [], False
        if not ended_well:
            return lasted
        if not within:
            lasted, open_ = lasted + open_, []
    return lasted


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
