"""What a client of the running release suffers from each statement of a pending run."""

from collections.abc import Mapping, Sequence

from ..model.clients import ClientEffect, Grant
from ..model.knowledge import Unavailable
from ..model.plan import PlannedStatement
from ..model.schema import Definition, Subject
from ..model.value import replace
from ..model.ways_back import WayBack
from ..postgres.plan.durations import Span
from ..postgres.plan.known import Known
from ..postgres.progress.ground import Effect
from ..prisma.clients.following import Client
from .runs_on import RunsOn
from .schema_file import schema_of_file

KnownSchema = Mapping[Subject, Definition]


def client_schema(schema_sql: bytes | None, schema: str) -> KnownSchema | Unavailable | None:
    """The schema that a client knows, which *schema_sql* of its release makes; None without such a file.

    *schema* is what unqualified names mean. Unavailable where the file cannot be read, or something of it cannot be
    followed: what the client knows would not be all of it.
    """
    if schema_sql is None:
        return None
    made = schema_of_file(schema_sql, schema)
    return made if isinstance(made, Unavailable) else made.objects


class ClientOfRun:
    """A running client: *known* is the schema that it knows (None: every object), *before* the live schema."""

    def __init__(self, known: KnownSchema | None, before: Known) -> None:
        self._is_known = known is not None
        self._client = Client(known, before.objects)
        self._runs_on = RunsOn(self._client.suffers())
        self._begun: list[tuple[ClientEffect, ...]] = []
        self._ended: list[tuple[ClientEffect, ...]] = []
        self._commits_with: list[int] = []

    def follow(self, migration: str, changed: Effect, given: Sequence[Grant]) -> None:
        """Take in the next statement, of *migration*: what it *changed*, and the rights that it gives and takes."""
        begun, ended = self._client.follow(changed.objects, changed.opaque, given)
        self._runs_on.take_in(migration, begun, ended)
        self._begun.append(begun)
        self._ended.append(ended)

    def end_file(self, together: Sequence[Span]) -> None:
        """Say which statements of the file that was just taken in commit with which."""
        first = len(self._begun) - len(together)
        self._commits_with += [first + span.surely for span in together]

    def way_back(self) -> WayBack:
        """Whether the client runs today, and after all that was taken in."""
        return self._runs_on.way_back(None, assumed=not self._is_known)

    def at_the_end(self) -> Client:
        """The client after the run. Where it was not known what it knows, it knows all that is there then.

        Nothing can be taken in behind it.
        """
        client = self._client
        del self._client
        return client if self._is_known else client.renewed()

    def with_clients(self, planned: Sequence[PlannedStatement]) -> tuple[PlannedStatement, ...]:
        """*planned*, all of the run, with what the client suffers from each.

        An effect that a later statement ends names that statement; one that ends in the same transaction is left out.
        """
        begun = [*self._begun]
        begun_at: dict[ClientEffect, int] = {}
        ending = {effect for ended in self._ended for effect in ended}
        for place, ended in enumerate(self._ended if ending else ()):
            for effect in ended:
                start = begun_at.pop(effect, None)
                if start is None:
                    continue
                until = f"line {planned[place].line} of {planned[place].migration}"
                left = () if self._commits_with[start] >= place else (replace(effect, until=until),)
                begun[start] = tuple(one for each in begun[start] for one in (left if each == effect else (each,)))
            begun_at |= {effect: place for effect in self._begun[place] if effect in ending}
        return tuple(
            replace(each, clients=found) if found else each for each, found in zip(planned, begun, strict=True)
        )
