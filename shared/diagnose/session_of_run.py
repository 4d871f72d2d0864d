"""Where names lead in the sessions of the deploying role, and by which time zone they read and write times."""

import re
from collections.abc import Iterator

from ..model.plan import BySetting, Outcome, PlannedStatement
from ..model.schema import NAMED_AS_RELATIONS, NAMED_AS_TYPES, ROUTINES, Kind
from ..model.session_limits import SearchPath, SessionLimits, SetFor
from ..model.value import replace
from ..postgres.parse import UNREAD, Statement
from ..postgres.plan.known import Known
from ..postgres.plan.time_zones import by_time_zone
from ..postgres.plan.writing import quoted
from ..postgres.progress.ground import Effect
from ..postgres.replay import Replay
from .set_for import prevented, where

# Code that is not followed: where it names the time zone, it may set it.
_MAY_SET = frozenset({"SelectStmt", "DoStmt", "CallStmt", "ExecuteStmt", UNREAD})
_NAMES_ZONE = re.compile(r"time\s*zone", re.IGNORECASE)
_UTC = "UTC"
_PLACED = frozenset({*NAMED_AS_RELATIONS, *NAMED_AS_TYPES, *ROUTINES, Kind.COLUMN})


class SessionOfRun:
    """What *given* makes of a run in *replay*, which is in the state before it."""

    def __init__(self, given: SessionLimits, replay: Replay) -> None:
        self._given = given
        self._watched = replay.watched
        self._lost: SearchPath | None = None
        self._path: SearchPath | None = None
        self._zone = given.time_zone
        path = given.search_path
        # The URL of another role may name a schema, or none.
        if path is None or not given.read_as_role:
            return
        there = [each for each in path.schemas if replay.has_schema(each)]
        if self._watched in there:
            self._path = path if there != list(dict.fromkeys((self._watched, "public"))) else None
        elif path.set_for is not SetFor.SCHEMA_IN_URL:
            self._lost = path

    @property
    def path(self) -> tuple[str, ...] | None:
        """The path with which each file of the run begins; None where it is the usual one, or not known."""
        return self._path.schemas if self._path is not None else None

    def time_zone(self, changed: Effect) -> str | None:
        """The session's as the statement runs; None where that is not known."""
        return changed.time_zone or (self._zone.name if self._zone is not None else None)

    def does(self, statement: Statement, before: Known, changed: Effect) -> tuple[BySetting, ...]:
        """Say what *statement* does because of the settings. To be called once for each, in order."""
        found = (
            *(BySetting("search_path", each) for each in self._placed(statement, changed)),
            *(BySetting("TimeZone", each) for each in self._timed(statement, before, changed)),
        )
        self._follow(statement)
        return found

    def began(self, planned: list[PlannedStatement]) -> list[PlannedStatement]:
        """Give the first file of the run, which does not begin where Prisma does not find its history."""
        if self._lost is None or not planned:
            return planned
        because = (
            f"Prisma does not find its history, {self._watched}._prisma_migrations: the URL names no schema, and "
            f"{self._led(self._lost)}"
        )
        self._lost = None
        failed = replace(planned[0].prediction, outcome=Outcome.FAILS, sqlstate="42P01", because=(because,), fix=())
        return [replace(planned[0], prediction=failed), *planned[1:]]

    def _placed(self, statement: Statement, changed: Effect) -> Iterator[str]:
        """What *statement* makes or changes in another schema, without a word of that schema."""
        path = self._path
        if path is None:
            return
        if changed.refusal is not None and not changed.refusal.exists:
            yield f"names lead to {_words(path)} ({where(self._given, path.set_for)})"
        schemas = {subject.name[0] for subject in changed.objects if subject.kind in _PLACED}
        for schema in sorted(schemas - {self._watched}):
            if schema in path.schemas and not re.search(rf"\b{re.escape(schema)}\b", statement.sql):
                yield f"it works in the schema {schema}, not in {self._watched}: {self._led(path)}"

    def _led(self, path: SearchPath) -> str:
        prevents = prevented(self._given, "search_path", quoted(self._watched), path.set_for)
        return (
            f"search_path is {_words(path)} ({where(self._given, path.set_for)}); a URL with ?schema={self._watched} "
            f"prevents that, or {prevents.removesuffix(' prevents that')}"
        )

    def _timed(self, statement: Statement, before: Known, changed: Effect) -> Iterator[str]:
        zone = self._zone
        if zone is None or changed.time_zone is not None or zone.name == _UTC:
            return
        for each in dict.fromkeys(by_time_zone(statement, before, changed.objects, zone.name)):
            prevents = prevented(self._given, "TimeZone", "'UTC'", zone.set_for)
            yield f"{each}: TimeZone is {zone.name} ({where(self._given, zone.set_for)}); {prevents}"

    def _follow(self, statement: Statement) -> None:
        """All files run in one session. What one of them may have set is not known in the next."""
        node = statement.node
        if statement.kind == "DiscardStmt" or (statement.kind == "VariableSetStmt" and node["kind"] == "VAR_RESET_ALL"):
            self._zone = self._given.time_zone
        elif statement.kind in _MAY_SET and _NAMES_ZONE.search(statement.sql):
            self._zone = None
        elif statement.kind == "VariableSetStmt" and node.get("name", "").lower() == "timezone":
            self._zone = None if node["kind"] == "VAR_SET_VALUE" else self._given.time_zone


def _words(path: SearchPath) -> str:
    return ", ".join(map(quoted, path.schemas))
